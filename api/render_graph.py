"""Answers of the graph as a person reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.text import Text

from cityweave.api import words
from cityweave.api.render_table import Rendered, table


def neighbours(data: dict[str, Any]) -> Rendered:
    """Who was reached, and by which relations."""
    rows = []
    for item in data["found"]:
        for edge in item["edges"]:
            arrow = "→" if edge["to"] == item["node"] else "←"
            node = item["node"] if item["kind"] != "thing" else ""
            until = f"{edge['valid_from'] or '—'} … {edge['valid_to'] or ''}"
            rows.append(
                (
                    item["distance"],
                    f"{arrow} {words.edge(edge)}",
                    f"{item['label'] or ''}{words.bare(item['possible'])}",
                    node,
                    until,
                    "、".join(map(words.source, edge["sources"])),
                )
            )
    columns = ("步 step", "关系 relation", "谁 who", "编号 id", "起止 held", "来源 sources")
    made: Rendered = [table(f"{data['label'] or ''} {data['entity']}", columns, rows, right=("步 step",))]
    if data["cut"]:
        made.append(Text(f"另有 {data['cut']} 个未列出 / {data['cut']} more not listed: --limit", style="yellow"))
    return made


def draw(data: dict[str, Any]) -> Rendered:
    """How much the picture shows."""
    shown = f"{len(data['nodes'])} 个 nodes，{len(data['edges'])} 条关系 relations"
    made: Rendered = [Text(f"{data['label'] or data['entity']} · {data['depth']} 步 steps · {data['as_of']}：{shown}")]
    return [*made, Text(f"另有 {data['cut']} 个未画 / {data['cut']} more not drawn: --limit", style="yellow")] if data["cut"] else made


def path(data: dict[str, Any]) -> Rendered:
    """The chain, a line a step."""
    if not data["nodes"]:
        return [Text("在此步数内没有关系链 / no chain within that many steps")]
    labels = {node["node"]: node["label"] or node["node"] for node in data["nodes"]}
    rows = []
    for before, after, edge in zip(data["nodes"], data["nodes"][1:], data["edges"], strict=False):
        arrow = "→" if edge["to"] == after["node"] else "←"
        rows.append(
            (
                labels[before["node"]],
                f"{arrow} {words.edge(edge)}",
                labels[after["node"]],
                "、".join(map(words.source, edge["sources"])),
            )
        )
    return [table(f"{len(rows)} 步 steps", ("从 from", "关系 relation", "到 to", "来源 sources"), rows)]

def paths(data: dict[str, Any]) -> Rendered:
    """Each chain on a line of its own, then its cost."""
    if not data["paths"]:
        return [Text("在此代价内没有关系链 / no chain at that cost")]
    rows = [(one["cost"], _chain(one)) for one in data["paths"]]
    made: Rendered = [table("", ("代价 cost", "关系链 chain"), rows, right=("代价 cost",))]
    return [*made, Text("还有代价相近的 / there are more that cost about as much: --best", style="yellow")] if data["more"] else made


def _chain(one: dict[str, Any]) -> str:
    text = str(one["nodes"][0]["label"] or one["nodes"][0]["node"])
    for edge, node in zip(one["edges"], one["nodes"][1:], strict=True):
        line = words.edge(edge).split(" ")[0]
        text += f" —{line}→ " if edge["to"] == node["node"] else f" ←{line}— "
        text += node["label"] or node["node"]
    return text


def per_cent(share: int | None) -> str:
    """Millionths as per cent; 不明 where nobody tells it."""
    return "不明 not told" if share is None else f"{share / 10_000:.4f}".rstrip("0").rstrip(".") + "%"


def between(least: int, most: int) -> str:
    """A share, or from least to most."""
    return per_cent(least) if least == most else f"{per_cent(least)} – {per_cent(most)}"


REACHED = {"yes": "是 yes", "no": "否 no", "unknown": "不明 unknown"}


def control(data: dict[str, Any]) -> Rendered:
    """Owners, hops, chains, circles."""
    title = f"{data['label'] or ''} {data['firm']} · {data['as_of']}"
    gone = [Text(_gone(data), style="bold yellow")] if data["gone"] else []
    if not data["known"]:
        return [Text(title, style="bold"), *gone, Text(f"不知道它的股东 none known: {data['note']}")]
    owners = table(
        title,
        ("谁 who", "编号 id", "份额 share", "≥25%", "≥50%", "最终 ultimate"),
        (
            (
                *(f"{o['label'] or ''}{words.bare(o['possible'])}", o["entity"], between(o["least"], o["most"])),
                *(REACHED[o["reached"]["25"]], REACHED[o["reached"]["50"]], "✓" if o["ultimate"] else ""),
            )
            for o in data["owners"]
        ),
    )
    stakes = table(
        "逐级 hop by hop",
        ("股东 holder", "企业 firm", "份额 share", "起 from", "止 to", "来源 sources"),
        (
            (
                f"{s['label'] or s['holder']}{'（已终止 ended ' + s['ended'] + '）' if s['ended'] else ''}",
                s["firm_label"] or s["firm"],
                per_cent(s["share"]),
                s["valid_from"] or "—",
                s["valid_to"] or "",
                "、".join(map(words.source, s["sources"])),
            )
            for s in data["stakes"]
        ),
    )
    chains = table(
        "链 chains", ("乘积 product", "链 chain"), ((per_cent(c["share"]), " ← ".join(n["label"] or n["node"] for n in c["nodes"])) for c in data["chains"])
    )
    return [*gone, owners, stakes, chains, *_remarks(data)]


def _gone(data: dict[str, Any]) -> str:
    """That the firm is cancelled or revoked, and what day the answer speaks of."""
    state, on = data["gone"]["state"], data["gone"]["on"]
    chinese, _, english = words.STATES[state].partition(" ")
    said = f"已{chinese}{f'（{on}）' if on else ''} {english}"
    then = f"以下是 {data['as_of']} 的情形 as of that day" if state == "cancelled" else "尚未注销，股东仍在 not cancelled, its owners remain"
    return f"{said}：{then}"


def _remarks(data: dict[str, Any]) -> Rendered:
    def names(nodes: list[dict[str, Any]]) -> str:
        return "、".join(node["label"] or node["node"] for node in nodes)

    made: Rendered = []
    if len(data["majority"]) > 1:
        made.append(Text("逐级过半 more than half at each hop: " + " ← ".join(n["label"] or n["node"] for n in data["majority"]), style="bold"))
    made += [Text(f"循环持股 shares in a circle: {names(ring)}", style="yellow") for ring in data["loops"]]
    if data["self_held"]:
        made.append(Text(f"经循环持有自身 held by itself through a circle: {per_cent(data['self_held'])}", style="yellow"))
    if data["over"]:
        made.append(Text(f"份额合计超过 100% shares add up to more than the whole: {names(data['over'])}", style="yellow"))
    if data["untold"]:
        made.append(Text(f"没有来源说到的份额 not told by any source: {per_cent(data['untold'])}", style="yellow"))
    if data["cut"] or data["stakes_cut"] or data["more_chains"]:
        more = "，还有更多链 and more chains" if data["more_chains"] else ""
        made.append(Text(f"未列出 not listed: {data['cut']} 股东 owners, {data['stakes_cut']} 步 hops{more}: --limit", style="yellow"))
    if not data["complete"]:
        made.append(Text("没有走到尽头，份额是下限 / not followed to the end: shares are what was found at least", style="bold yellow"))
    return made


RELATIONS = {
    "self": "本人 self",
    "spouse": "配偶 spouse",
    "parent": "父母 parent",
    "child": "子女 child",
    "sibling": "兄弟姐妹 sibling",
    "grandparent": "祖父母 grandparent",
    "grandchild": "孙子女 grandchild",
    "kin": "同户亲属 kin",
}
POSITIONS = {"legal_representative": "法定代表人 legal rep.", "shareholder": "股东 shareholder", "indirect": "间接持股 through firms"}


def firms_of(data: dict[str, Any]) -> Rendered:
    """A line a firm and role."""
    title = f"{data['label'] or ''} {data['person']} · {data['as_of']}"
    named = "、".join(f"{r['label']}（{RELATIONS[r['relation']].split(' ')[0]}）" for r in data["relatives"])
    kin: Rendered = [Text(f"近亲属 relatives: {named}")] if named else []
    if not data["firms"]:
        return [Text(title, style="bold"), *kin, Text("没有已知的企业 / no firm is known")]
    rows = (
        (
            f"{f['label']} {RELATIONS[f['relation']]}",
            f"{f['firm_label'] or f['firm']}{'（已注销 cancelled ' + f['ended'] + '）' if f['ended'] else ''}",
            f["firm"],
            POSITIONS[f["role"]],
            between(f["least"], f["most"]) if f["least"] is not None else "",
            f["valid_from"] or "—",
            "、".join(map(words.source, f["sources"])),
        )
        for f in data["firms"]
    )
    made: Rendered = [*kin, table(title, ("谁 who", "企业 firm", "编号 id", "身份 role", "份额 share", "起 from", "来源 sources"), rows)]
    return [*made, Text(f"另有 {data['cut']} 条未列出 / {data['cut']} more not listed: --limit", style="yellow")] if data["cut"] else made


def relatives(data: dict[str, Any]) -> Rendered:
    """A line a relative, with what says so."""
    title = f"{data['label'] or ''} {data['person']} · {data['as_of']}"
    if not data["relatives"]:
        return [Text(title, style="bold"), Text("没有已知的这种亲属 / no such relative is known")]
    rows = (
        (
            *(RELATIONS[r["relation"]], r["label"], r["entity"], "、".join(dict.fromkeys(words.edge(edge).split(" ")[0] for edge in r["edges"]))),
            "、".join(dict.fromkeys(words.source(source) for edge in r["edges"] for source in edge["sources"])),
        )
        for r in data["relatives"]
    )
    made: Rendered = [table(title, ("关系 relation", "谁 who", "编号 id", "凭 by", "来源 sources"), rows)]
    return [*made, Text(f"另有 {data['cut']} 个未列出 / {data['cut']} more not listed: --limit", style="yellow")] if data["cut"] else made


def penalties(data: dict[str, Any]) -> Rendered:
    """A line a penalty."""
    title = f"{data['year']} 年受处罚 penalised: {data['firms']} 家 firms, {data['total']} 次 penalties"
    undated = [Text(f"日期不明而不列 / left out, as the day is not told: {data['undated']}", style="yellow")] if data["undated"] else []
    if not data["penalties"]:
        return [Text(title, style="bold"), *undated]
    rows = ((p["on"], p["label"] or p["firm"], p["firm"], p["what"], "、".join(map(words.source, p["sources"]))) for p in data["penalties"])
    made: Rendered = [table(title, ("日 on", "企业 firm", "编号 id", "事由 what for", "来源 sources"), rows), *undated]
    return [*made, Text(f"另有 {data['cut']} 条未列出 / {data['cut']} more not listed: --limit", style="yellow")] if data["cut"] else made


def household(data: dict[str, Any]) -> Rendered:
    """A line a member."""
    title = f"{data['label'] or ''} {data['person']} · {data['as_of']}"
    if not data["known"]:
        return [Text(title, style="bold"), Text("不知道那一天的户 / no household of that day is known")]
    everybody = [*((m, "") for m in data["members"]), *((m, "已去世 died") for m in data["passed"])]
    rows = (
        (m["label"], m["entity"], m["means"] or m["relation"], m["valid_from"] or "—", m["valid_to"] or "", note, "、".join(map(words.source, m["sources"])))
        for m, note in everybody
    )
    return [table(title, ("谁 who", "编号 id", "与户主 to the head", "起 from", "止 to", "", "来源 sources"), rows)]


TIMES = {"now": "现 now", "later": "将 later", "before": "曾 before"}


def occupants(data: dict[str, Any]) -> Rendered:
    """A line a resident or owner."""
    title = f"{data['label'] or ''} {data['place']} · {data['as_of']}"
    if not data["found"]:
        return [Text(title, style="bold"), Text("没有已知的居民或产权人 / no resident or owner is known")]
    roles = {"lives_in": "居住 lives", "owns": "产权 owns"}
    rows = (
        (
            *(TIMES[o["time"]], roles[o["role"]], o["label"], o["entity"], o["place_label"], o["valid_from"] or "—", o["valid_to"] or ""),
            "、".join(map(words.source, o["sources"])),
        )
        for o in data["found"]
    )
    made: Rendered = [table(title, ("时 time", "怎样 how", "谁 who", "编号 id", "房屋 room", "起 from", "止 to", "来源 sources"), rows)]
    return [*made, Text(f"另有 {data['cut']} 个未列出 / {data['cut']} more not listed: --limit", style="yellow")] if data["cut"] else made


RENDERERS: dict[str, Callable[[dict[str, Any]], Rendered]] = {
    "neighbours": neighbours,
    "draw": draw,
    "path": path,
    "paths": paths,
    "control": control,
    "firms_of": firms_of,
    "relatives": relatives,
    "penalties": penalties,
    "household": household,
    "occupants": occupants,
}
