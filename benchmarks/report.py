"""What `cityweave evaluate` found, as plain text: tables of matching and cleaning, the largest mistakes, and each goal with what was reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.measure import Measured

Goal = tuple[str, str, str]
BASELINES = ("keys", "splink")
SILENT = ("neither says", "does not say", "they differ")
"""How the sentence of a blocking rule ends that did not bring the two together."""


def table(data: Mapping[str, Any]) -> str:
    """By kind: ours beside the baselines, of all pairs and of those where a side lacks a usable identifier; then by source and class of error."""
    lines = [f"{'kind':<14}{'records':>9}{'no id':>9}{'true':>9}{'got':>9}   {'system':<10}{'P':>8}{'R':>8}{'F1':>8}{'B3 F1':>8}{'F1 no id':>10}"]
    for kind in data["kinds"]:
        head = f"{kind['kind']:<14}{kind['records']:>9,}{kind['without_identifier']:>9,}{kind['true_entities']:>9,}{kind['entities']:>9,}"
        for name in ("cityweave", *BASELINES):
            if name in kind:
                pair, scores = kind[name]["pairwise"], kind[name]
                note = f"  threshold {scores['threshold']} bits, {scores['pairs']:,} pairs" if "threshold" in scores else ""
                said = f"{_prf(pair)}{scores['b_cubed']['f1']:>8.4f}{scores['without_identifier']['f1']:>10.4f}"
                lines.append(f"{head:<50}   {name:<10}{said}{note}")
                head = ""
    for kind in data["kinds"]:
        for groups, title in (("sources", "source"), ("classes", "class of error")):
            lost = [group for group in kind[groups] if group["f1"] < 1]
            if lost:
                lines += ["", f"{kind['kind']} by {title}, pairs that touch it{'':<8}{'records':>9}{'no id':>9}{'P':>8}{'R':>8}{'F1':>8}"]
                lines += [f"  {group['group']:<42}{group['records']:>9,}{group['without_identifier']:>9,}{_prf(group)}" for group in lost]
    return "\n".join(lines)


def facts_of(data: Mapping[str, Any]) -> str:
    """Cells by class of error, and facts by type."""
    lines = []
    if data["cleaning"]:
        lines += [f"{'class of error':<24}{'cells':>9}{'detected':>10}{'repaired':>10}"]
        lines += [f"{item['kind']:<24}{item['cells']:>9,}{item['detected']:>10,}{item['repaired']:>10,}" for item in data["cleaning"]["kinds"]]
    if data["facts"]:
        lines += ["", f"{'fact':<24}{'told':>9}{'found':>9}{'dated':>9}{'bounded':>9}"]
        lines += [f"{item['type'] or 'all':<24}" + "".join(f"{item[name]:>9,}" for name in ("told", "found", "dated", "bounded")) for item in _facts(data)]
    return "\n".join(lines)


def mistakes(data: Mapping[str, Any]) -> str:
    """The largest mistakes, with the words of `why` or `why-not`; they hold no values."""
    lines = ["the largest mistakes:"]
    for item in data["mistakes"]:
        lines.append(f"{item['kind']} {item['wrong']}, {item['pairs']} pairs: records {item['left']} and {item['right']}")
        lines += [f"    {sentence}" for sentence in item["sentences"] if not sentence.endswith(SILENT)]
    return "\n".join(lines)


def goals(data: Mapping[str, Any], taken: Mapping[str, Measured]) -> list[Goal]:
    """Each goal, its target and what was reached."""
    kinds = {kind["kind"]: kind for kind in data["kinds"]}
    return [*_validity(data, kinds["person"]), *_matching(data, kinds), *_cleaning(data), *_cost(taken)]


def _validity(data: Mapping[str, Any], person: Mapping[str, Any]) -> list[Goal]:
    alike = data["lookalikes"]
    rows = [(f"valid city: people, {name}, pairwise F1", f"<= {most}", f"{_f1(person, name):.4f}") for name, most in (("keys", ".95"), ("splink", ".975"))]
    rows.append(("valid city: person records without usable identifier", ">= 30 %", _percent(person["without_identifier"], person["records"])))
    return [*rows, ("valid city: people with a look-alike", ">= 2 %", _percent(alike["people"], alike["of_people"]))] if alike else rows


def _matching(data: Mapping[str, Any], kinds: Mapping[str, Mapping[str, Any]]) -> list[Goal]:
    person = kinds["person"]
    ours, better = 1 - _f1(person, "cityweave"), 1 - max(_f1(person, name) for name in BASELINES)
    rows = [
        ("people: error against the better baseline's", "<= .6 x", f"{ours / better:.3f}" if better else "-"),
        ("people: pairwise F1", "hoped >= .985", f"{1 - ours:.4f}"),
        ("people: pairs where a side lacks a usable identifier, F1", ">= .95", f"{person['cityweave']['without_identifier']['f1']:.4f}"),
    ]
    if alike := data["lookalikes"]:
        rows.append(("people: look-alikes wrongly merged", "<= 1 %", f"{alike['merged']}/{alike['pairs']} = {_percent(alike['merged'], alike['pairs'])}"))
    return rows + [(f"{kind}: pairwise F1", ">= .98", f"{_f1(kinds[kind], 'cityweave'):.4f}") for kind in ("legal_entity", "building", "room") if kind in kinds]


def _cleaning(data: Mapping[str, Any]) -> list[Goal]:
    rows: list[Goal] = []
    if cleaning := data["cleaning"]:
        total, repairs = cleaning["total"], cleaning["repairs"]
        rows = [
            ("wrong cells detected", ">= 75 %", _percent(total["detected"], total["cells"])),
            ("wrong cells repaired rightly", ">= 40 %", _percent(total["repaired"], total["cells"])),
            ("precision of repairs", ">= .98", _percent(repairs["rightly"], repairs["cells"])),
            ("right cells changed, per million", "<= 100", f"{cleaning['changed_per_million']}"),
            ("false findings", "<= 5 %", f"{cleaning['false_share'] / 10_000:.2f} %"),
        ]
    if data["facts"]:
        total = data["facts"]["total"]
        rows.append(("facts rightly dated", ">= 97 %", _percent(total["dated"] + total["bounded"], total["told"])))
    return rows


def _cost(taken: Mapping[str, Measured]) -> list[Goal]:
    said = {"train": "<= 60 s", "cold": "<= 30 s, 4,096 MB", "month": "<= 20 s", "unchanged": "<= 2 s"}
    return [(f"seconds and memory on M: {name}", target, f"{taken[name].seconds:.1f} s, {taken[name].peak_mb:,} MB") for name, target in said.items()]


def _prf(score: Mapping[str, Any]) -> str:
    return f"{score['precision']:>8.4f}{score['recall']:>8.4f}{score['f1']:>8.4f}"


def _facts(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [*data["facts"]["types"], data["facts"]["total"]]


def _f1(kind: Mapping[str, Any], name: str) -> float:
    return float(kind[name]["pairwise"]["f1"])


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "-"
