"""Answers as a person reads them in a terminal of 100 columns. JSON goes another way: nothing here changes what is said, only how it looks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from rich.text import Text

from cityweave.api import render_ask, render_graph, render_lists, render_screen, words
from cityweave.api.model import Answer
from cityweave.api.render_scores import scores
from cityweave.api.render_table import Rendered, table


def json_text(document: Any) -> str:
    """The one JSON form of what writing commands did."""
    return json.dumps(document, ensure_ascii=False, indent=1)


def answer(given: Answer) -> Rendered:
    """An answer, ending with the line that says what it was made from."""
    body = _body(given.question, given.data)
    seen = "未遮盖 in clear" if given.clear else "已遮盖 masked"
    if "note_id" in given.data:
        body = [Text(f"{given.data['asked']}: {given.data['note_id']}", style="yellow"), *body]
    return [*body, Text(f"第 {given.generation} 代 generation · 日期 date {given.date} · {seen}", style="dim")]


def _body(question: str, data: dict[str, Any]) -> Rendered:
    """The answer itself; of a sentence first how it was understood."""
    if question != "ask":
        return RENDERERS[question](data)
    return render_ask.which(data, line) if "which" in data else [*render_ask.understood(data), *_body(data["understood"]["question"], data["answer"])]


def bits(weight: int) -> str:
    """Millionths of a bit as bits with two places."""
    return f"{weight / 1_000_000:+.2f}"


def status(data: dict[str, Any]) -> Rendered:
    """Batches, kinds, findings, decisions."""
    batches = table(
        "交付 deliveries",
        ("批 batch", "来源 source", "文件 file", "日期 delivered", "字节 bytes"),
        ((b["batch"], words.source(b["source"]), b["file"], b["delivered"], b["bytes"]) for b in data["batches"]),
        right=("批 batch", "字节 bytes"),
    )
    kinds = table(
        "实体 entities",
        ("类 kind", "记录 records", "实体 entities"),
        ((words.KINDS[k["kind"]], k["records"], k["entities"]) for k in data["kinds"]),
        right=("记录 records", "实体 entities"),
    )
    named = {
        "quarantine": "隔离 quarantined",
        "violation": "问题 violations",
        "repair": "修复 repairs",
        "possible": "待人判断 for review",
        "fact": "事实 facts",
        "edge": "关系 edges",
    }
    findings = Text(" · ".join(f"{named[name]} {number:,}" for name, number in data["findings"].items()))
    made: Rendered = [batches, kinds, findings]
    if data["decisions"]:
        rows = (
            (d["number"], {"same": "相同 same", "different": "不同 different"}[d["verb"]], d["left"], d["right"], d["who"], d["because"])
            for d in data["decisions"]
        )
        made.append(table("决定 decisions", ("号 no.", "判断 says", "一边 left", "另一边 right", "谁 who", "为什么 why"), rows))
    if data["unbound"]:
        made.append(Text(f"已无对应记录的决定 decisions that no longer bind: {data['unbound']}", style="yellow"))
    return made


def quality(data: dict[str, Any]) -> Rendered:
    """Counts, and places when asked for."""
    says = data["rules"]
    violations = table(
        "问题 violations",
        ("来源 source", "数据元 element", "规则 rule", "行 rows"),
        ((words.source(v["source"]), words.element(v["element"]), says.get(v["rule"], v["rule"]), v["rows"]) for v in data["violations"]),
        right=("行 rows",),
    )
    repairs = table(
        "修复 repairs",
        ("来源 source", "数据元 element", "规则 rule", "把握 strength", "行 rows"),
        (
            (
                words.source(r["source"]),
                words.element(r["element"]),
                says.get(r["rule"], r["rule"]),
                words.STRENGTHS.get(r["strength"], r["strength"]),
                r["rows"],
            )
            for r in data["repairs"]
        ),
        right=("行 rows",),
    )
    unread = table(
        "隔离 quarantined",
        ("来源 source", "原因 reason", "行 rows"),
        ((words.source(q["source"]), q["problem"], q["rows"]) for q in data["quarantined"]),
        right=("行 rows",),
    )
    written = table(
        "已规范的写法 written otherwise, and brought into form",
        ("来源 source", "列 column", "写法 form", "单元格 cells"),
        ((words.source(n["source"]), n["heading"], words.WRITTEN.get(n["form"], n["form"]), n["rows"]) for n in data["normalised"]),
        right=("单元格 cells",),
    )
    made: Rendered = [violations, repairs, written, unread]
    if "rows" in data:
        places = ((r["file"], r["row"], r["column"] or r["element"], says.get(r["rule"], r["rule"])) for r in data["rows"])
        made.append(table("逐行 row by row", ("文件 file", "行 row", "列 column", "规则 rule"), places, right=("行 row",)))
        made.append(
            table(
                "读不了的行 rows that cannot be read",
                ("文件 file", "行 row", "原因 reason"),
                ((r["file"], r["row"], r["problem"]) for r in data["unread"]),
                right=("行 row",),
            )
        )
        if data["cut"]:
            made.append(Text(f"另有 {data['cut']} 行未列出 / {data['cut']} more not listed: --limit", style="yellow"))
    return made


def line(item: Mapping[str, Any]) -> str:
    """An entity's shown elements in one line."""
    skip = {"entity", "kind", "records", "sources", "on"}
    return " · ".join(words.code(name, value) for name, value in item.items() if name not in skip and value)


def find(data: dict[str, Any]) -> Rendered:
    """The entities found."""
    if not data["entities"]:
        return [Text("没有找到 / nothing found")]
    rows = ((e["entity"], words.KINDS[e["kind"]], line(e), e["records"], "、".join(map(words.source, e["sources"]))) for e in data["entities"])
    made: Rendered = [table(f"找到 found: {data['total']}", ("编号 id", "类 kind", "是谁 who", "记录 rec.", "来源 sources"), rows, right=("记录 rec.",))]
    if data["cut"]:
        made.append(Text(f"另有 {data['cut']} 个未列出 / {data['cut']} more not listed: --limit", style="yellow"))
    return made


def entity(data: dict[str, Any]) -> Rendered:
    """Golden values and records."""
    title = f"{data['entity']}  {words.KINDS[data['kind']]}{words.bare(data['possible'])}"
    if "asked" in data:
        title += f"（{data['asked']} 已并入 / now resolves here）"
    values = table(
        title,
        ("数据元 element", "值 value", "来源 source", "为什么选它 why"),
        (
            (words.element(v["element"]), words.code(v["element"], v["value"]), words.source(v["source"] or ""), words.RULES.get(v["rule"], v["rule"]))
            for v in data["values"]
        ),
    )
    records = table(
        "记录 records",
        ("记录 record", "文件 file", "行 row", "登记 recorded"),
        ((r["name"], r["file"], r["row"], r["recorded"]) for r in data["records"]),
        right=("行 row",),
    )
    return [values, records]


def timeline(data: dict[str, Any]) -> Rendered:
    """A life, a line a fact."""
    rows = []
    for fact in data["facts"]:
        what = words.FACTS.get((fact["type"], fact["role"]), fact["type"])
        others = "，".join(f"{words.ROLES.get(p['role'], p['role']).split(' ')[0]} {p['label'] or p['node']}" for p in fact["with"])
        since = f"≤ {fact['from']}" if fact["bounded"] and fact["from"] else fact["from"] or "—"
        rows.append((since, fact["to"] or "", what, others, "、".join(map(words.source, fact["sources"]))))
    who = data["entity"]
    below = f"{who['entity']} · {who['records']} 条记录 records · {'、'.join(map(words.source, who['sources']))}"
    title = Text.assemble((f"{line(who)}\n", "bold"), (below, "bold dim"))
    made: Rendered = [table(title, ("起 from", "止 to", "事 what", "与 with", "来源 sources"), rows)]
    if data["states"]:
        said = " · ".join(f"{words.STATES.get(item['state'], item['state'])} {item['from'] or '—'}" for item in data["states"])
        made.append(Text(f"登记所示 as registers have it: {said}", style="dim"))
    made += [Text(f"矛盾 conflict: {item['says']}", style="yellow") for item in data["conflicts"]]
    return made


def why(data: dict[str, Any]) -> Rendered:
    """Two records side by side, what each comparison weighs, and the sum."""
    return [*_sum(data), *_chain(data), _verdict(data)]


def why_not(data: dict[str, Any]) -> Rendered:
    """The same, with what kept them apart."""
    made = _sum(data)
    if not data["candidate"] and data["blocks"]:
        reason = (
            "双方各有自己的有效号码，不作候选 / each has an accepted number of its own"
            if data["numbers"]
            else "没有一条线索把两者放到一起 / no lead brought the two together"
        )
        made.append(Text(f"没有被比较：{reason}；上面是若比较的打分 / not compared; the sum above is what it would have been", style="yellow"))
    made += [
        Text(f"放弃的连接 refused: {link['left']} — {link['right']} ({bits(link['weight'])}): {link['sentence']}", style="yellow") for link in data["refused"]
    ]
    return [*made, _verdict(data)]


def _sum(data: dict[str, Any]) -> Rendered:
    left, right = data["left"], data["right"]
    if data["weight"] is None:
        return [table("", ("记录 record", "谁 who", "实体 entity"), ((side["name"], side["label"], side["entity"]) for side in (left, right)))]
    said = [item for item in data["evidence"] if item["level"]]
    rows = [(bits(data["prior"]), "起点 start", "", "", "随便两条是同一个的可能 any two at random")]
    for item in said:
        sides = (words.code(item["element"], item["left"]), words.code(item["element"], item["right"]))
        rows.append((bits(item["part"]), words.chinese(item["says"]), *sides, item["level_says"]))
    rows.append((bits(data["weight"]), "合计 total", "", "", f"{bits(data['merge'])} 起合并 merged from there"))
    heads = ("比特 bits", "比较 what", *(f"{words.source(side['source'])}\n{side['name']}" for side in (left, right)), "怎样 how")
    silent = "、".join(words.chinese(item["says"]) for item in data["evidence"] if not item["level"])
    made: Rendered = [table("", heads, rows, right=("比特 bits",))]
    return [*made, Text(f"至少一方没有而不计 not counted, as a side does not say: {silent}", style="dim")] if silent else made


def _chain(data: dict[str, Any]) -> Rendered:
    if data["identifier"]:
        return [Text("同一个号码、编码或全名已使两者为一，不必打分 / one identifier, code or whole name joins the two: no score needed", style="green")]
    if len(data["chain"]) < 2:
        return []
    return [
        table(
            "经由其他记录相连 joined through other records",
            ("一边 left", "另一边 right", "凭什么 by"),
            ((link["left"], link["right"], _by(link)) for link in data["chain"]),
        )
    ]


def _by(link: dict[str, Any]) -> str:
    named = {"decision": f"人的判断 a person's word, no. {link['decision']}", "identifier": "同一号码、编码或全名 one identifier, or one whole name"}
    return named.get(link["by"]) or f"打分 score {bits(link['weight'])}"


def _verdict(data: dict[str, Any]) -> Text:
    said = f"（人的决定第 {data['decision']} 号 / a person's decision no. {data['decision']}）" if data["decision"] else ""
    if data["together"]:
        return Text(f"→ 同一实体 one entity: {data['left']['entity']}{said}", style="bold green")
    return Text(f"→ 不是同一实体 not one entity: {data['left']['entity']} ≠ {data['right']['entity']}{said}", style="bold magenta")


def how(data: dict[str, Any]) -> Rendered:
    """Records, then the joins in their order."""
    records = ((side["name"], side["label"]) for side in data["records"])
    joins = ((number, join["left"], join["right"], f"{join['sizes'][0]} + {join['sizes'][1]}", _by(join)) for number, join in enumerate(data["joins"], start=1))
    made: Rendered = [
        table(f"{data['entity']}: {len(data['records'])} 条记录 records", ("记录 record", "谁 who"), records),
        table("怎样合成 how they were joined", ("步 step", "一边 left", "另一边 right", "合并 joins", "凭什么 by"), joins, right=("步 step",)),
    ]
    return [
        *made,
        *(
            Text(f"放弃的连接 refused: {link['left']} — {link['right']} ({bits(link['weight'])}): {link['sentence']}", style="yellow")
            for link in data["refused"]
        ),
    ]


def turning(data: dict[str, Any]) -> Rendered:
    """The people, by birthday."""
    rows = (
        (p["on"], p["name"], words.code("sex", p.get("sex")), p.get("birth"), p.get("id_no"), p.get("phone"), p.get("address"), p["entity"])
        for p in data["people"]
    )
    columns = ("生日 on", "姓名 name", "性别", "出生 birth", "证件 id no.", "电话 phone", "住址 address", "编号 id")
    made: Rendered = [table(f"{data['month']} 满 {data['age']} 岁 turn {data['age']}: {data['total']}", columns, rows)]
    if data["cut"]:
        made.append(Text(f"另有 {data['cut']} 人未列出 / {data['cut']} more not listed: --limit", style="yellow"))
    if data["passed"]:
        made.append(Text(f"其中已去世而不列 / left out because they have died: {len(data['passed'])}", style="dim"))
    if data["unknown_day"]:
        made.append(Text(f"出生日不详而可能也在其中 / may be among them, day of birth unknown: {len(data['unknown_day'])}", style="dim"))
    return made


def digest(data: dict[str, Any]) -> Rendered:
    """A line a table."""
    return [table("", ("表 table", "指纹 digest"), data["tables"].items())]


def diff(data: dict[str, Any]) -> Rendered:
    """Counts and the first of each."""
    named = {"merged": "合并 merged", "split": "拆分 split", "new": "新增 new", "gone": "消失 gone", "kept": "不变 kept"}
    made: Rendered = [Text(f"第 {data['old']} 代 → 第 {data['new']} 代: " + " · ".join(f"{named[name]} {number:,}" for name, number in data["counts"].items()))]
    if data["merged"]:
        made.append(table("合并 merged", ("成为 into", "原来 from"), ((m["into"], " + ".join(m["from"])) for m in data["merged"])))
    if data["split"]:
        made.append(table("拆分 split", ("原来 from", "成为 into"), ((m["from"], " + ".join(m["into"])) for m in data["split"])))
    return made


def possible(data: dict[str, Any]) -> Rendered:
    """The review list."""
    rows = (
        (words.KINDS[p["kind"]], p["left"]["label"], p["left"]["record"], p["right"]["label"], p["right"]["record"], bits(p["weight"])) for p in data["pairs"]
    )
    made: Rendered = [
        table(
            f"待人判断 for review: {data['total']}",
            ("类 kind", "一边 left", "记录 record", "另一边 right", "记录 record", "证据 bits"),
            ((*r[:2], str(r[2]), r[3], str(r[4]), r[5]) for r in rows),
        )
    ]
    made.append(Text("判断 / decide: cityweave decide same|different 记录 记录 --by 谁 --because 为什么", style="dim"))
    return made


def plain(data: dict[str, Any]) -> Rendered:
    """Whatever has no form of its own."""
    return [Text(json_text(data))]


RENDERERS: dict[str, Callable[[dict[str, Any]], Rendered]] = {
    "status": status,
    "quality": quality,
    "find": find,
    "entity": entity,
    "timeline": timeline,
    "why": why,
    "why_not": why_not,
    "how": how,
    **render_graph.RENDERERS,
    **render_lists.RENDERERS,
    "can": render_ask.can,
    **render_screen.RENDERERS,
    "turning": turning,
    "export": plain,
    "evaluate": scores,
    "digest": digest,
    "diff": diff,
    "possible": possible,
}
