"""Writes docs/reference.md from the code, so that it cannot drift: commands, questions, settings, errors, data elements, rules, tables and steps.

    python docs/generate.py            writes docs/reference.md
    python docs/generate.py --check    exit code 1 when it is out of date (tests/project/test_reference.py)
"""

from __future__ import annotations

import inspect
import re
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import typer

from cityweave.api import cli, errors, pipeline, settings
from cityweave.api.model import Question
from cityweave.api.questions import QUESTIONS
from cityweave.api.sentence_forms import FORMS
from cityweave.api.workspace import Workspace
from cityweave.cfd_rules import pack, registry
from cityweave.cfd_rules.contract_words import words
from cityweave.engine.model import Column, Step
from cityweave.fixtures import CONTRACTS, generate

PAGE = Path(__file__).parent / "reference.md"
HEAD = """# Reference

Made from the code by `make docs`; a test fails when it is out of date.

[Commands](#commands) · [Questions](#questions) · [Sentences](#sentences) ·
[Settings](#settings) · [Errors](#errors) · [Contracts](#contracts) · [Data elements](#data-elements) ·
[Code lists](#code-lists) · [Rules](#rules) · [Tables and steps](#tables-and-steps)
"""


def reference() -> str:
    """The whole page."""
    parts = (HEAD.rstrip(), commands(), questions(), sentences(), settings_file(), outcomes(), contracts(), elements(), code_lists(), rules(), steps())
    return "\n\n".join(parts) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; bars and line ends in cells are kept harmless."""
    cells = [[re.sub(r"\s*\n\s*", " ", str(cell)).replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join(("| " + " | ".join(heads) + " |", "|" + "---|" * len(heads), *("| " + " | ".join(row) + " |" for row in cells)))


def commands() -> str:
    """Every command with its arguments and options, as the command line declares them."""
    parts = [
        "## Commands",
        "The workspace is the current folder or `-w FOLDER`. Every command knows `--json`. Errors go to standard error, with an exit code other than 0.",
    ]
    group: Any = typer.main.get_command(cli.app)
    for name, command in sorted(group.commands.items()):
        arguments = "".join(f" {metavar(one)}" for one in command.params if one.param_type_name == "argument")
        parts.append(f"### cityweave {name}\n\n{command.help or ''}\n\n`cityweave {name}{arguments} [OPTIONS]`")
        rows = [parameter(one) for one in command.params if one.name not in EVERYWHERE]
        if rows:
            parts.append(table(("", "", "default"), rows))
    return "\n\n".join(parts)


EVERYWHERE = {"workspace", "as_json"}


def metavar(one: Any) -> str:
    """What stands for an argument in a usage line."""
    return str(one.metavar or one.name.upper())


def parameter(one: Any) -> tuple[str, str, str]:
    """(name, help, default) of a parameter that a person may give."""
    names = f"`{metavar(one)}`" if one.param_type_name == "argument" else ", ".join(f"`{name}`" for name in one.opts)
    plain = isinstance(one.default, str | int | Path) and one.default not in (False, "")
    return names + (" (must be given)" if one.required and one.param_type_name != "argument" else ""), one.help or "", f"`{one.default}`" if plain else ""


def questions() -> str:
    """Every question that the door answers, with its fields."""
    parts = [
        "## Questions",
        "What the door answers, alike on the command line, as `--json` and over HTTP (`POST /ask/<question>`, except those that name files of this machine).",
    ]
    for name, kind in QUESTIONS.items():
        rows = [(f"`{item.name}`", item.metadata.get("says", ""), example(item.metadata.get("example"))) for item in fields(kind)]
        where = "" if kind.remote else " Not over HTTP."
        parts.append(f"### {name}\n\n{first_line(kind)}.{where}\n\n" + table(("field", "", "example"), rows))
    return "\n\n".join(parts)


def sentences() -> str:
    """The sentences that `ask` understands."""
    first = (
        "What `cityweave ask` understands, in this order; names of people and firms, ids, numbers and months vary. "
        "`在2020年6月30日`, `as of 2020-06-30` say the day, "
        "`按2020年6月30日所知`, `as known on 2020-06-30` the day of knowledge. What fits none is refused with the nearest examples."
    )
    rows = [(f"`{form.question}`", form.zh, form.en) for form in FORMS]
    return "## Sentences\n\n" + first + "\n\n" + table(("question", "中文", "English"), rows)


def example(value: object) -> str:
    """An example in a cell."""
    return "" if value in (None, "", (), False) else f"`{value}`"


def first_line(thing: type[Question]) -> str:
    """The first line of a docstring without its full stop."""
    return (inspect.getdoc(thing) or "").splitlines()[0].rstrip(".")


def settings_file() -> str:
    """The settings file as a new workspace gets it, and how the environment overrides it."""
    template = re.sub(r"\{(\w+)\}", r"…", settings.TEMPLATE)
    first = f"`cityweave.toml` of a workspace; `{settings.PREFIX}<SECTION>_<KEY>` in the environment comes first."
    return f"## Settings\n\n{first}\n\n```toml\n{template.strip()}\n```"


def outcomes() -> str:
    """Errors with their exit code and HTTP status."""
    rows = [(f"`{kind.__name__}`", first_line_of(kind), code, status) for kind, code, status in errors.OUTCOMES]
    return "## Errors\n\n" + table(("error", "", "exit code", "HTTP status"), rows)


def first_line_of(kind: type[BaseException]) -> str:
    """The first line of an error's docstring."""
    return (inspect.getdoc(kind) or "").splitlines()[0]


def contracts() -> str:
    """Every word of the contract language with its example."""
    first = "Every word that a contract may use, by its place, with an example that a test loads. What they mean together: [contracts.md](contracts.md)."
    parts = ["## Contracts", first]
    for place, own in words().items():
        parts.append(f"### {PLACES[place]}\n\n" + table(("word", "", "example"), [(f"`{word.name}`", word.says, f"`{word.example}`") for word in own]))
    return "\n\n".join(parts)


PLACES = {
    "contract": "At the top",
    "format": "In `format`",
    "op": "In `op`",
    "record": "In an entry of `records`",
    "joined": "In an entry of `joined`",
    "each": "In `each` of a record",
    "cell": "In an element, a time or a detail",
    "code": "In an entry of `codes` that does not always hold",
    "when": "In `when`",
    "event": "In an entry of `events`",
    "participant": "In a participant that is a thing",
}


def elements() -> str:
    """The registry of data elements."""
    parts = [
        "## Data elements",
        "Grade: 1 public, 2 names and births, 3 numbers, phones and full addresses, 4 sensitive in itself. "
        "Clear values of grade 3 and 4 need a purpose and a grant.",
    ]
    for kind, own in registry.load().elements.items():
        rows = [(f"`{one.name}`", one.zh, one.en, one.cls, one.grade, one.share, one.mask, one.standard) for one in own.values()]
        parts.append(f"### {kind}\n\n" + table(("element", "", "", "class", "grade", "share", "mask", "standard"), rows))
    return "\n\n".join(parts)


def code_lists() -> str:
    """The code lists that contracts and rules name as @list."""
    lists = sorted(registry.load().codes.items())
    rows = [(f"`@{name}`", len(list_.titles), "、".join(f"{code} {zh}" for code, (zh, _) in list(list_.titles.items())[:4])) for name, list_ in lists]
    return "## Code lists\n\n" + table(("list", "codes", "the first"), rows)


def rules() -> str:
    """The rule packs that ship, and the functions that rules may call."""
    parts = ["## Rules", "A file in `rules/` of a workspace takes the place of the pack of its kind. `repair` says how sure a repair by the rule is."]
    for made in pack.shipped(registry.load()):
        rows = [(f"`{one.id}`", f"{one.zh} / {one.en}", one.category, one.repair, f"`{one.text}`") for one in made.rules]
        parts.append(f"### Rules for {made.kind}\n\n" + table(("rule", "", "category", "repair", "text"), rows))
    return "\n\n".join(parts)


def steps() -> str:
    """Every table that a run on the synthetic city makes: what it says, what it is made of, its columns. The key's columns are bold."""
    parts = [
        "## Tables and steps",
        "One step makes one table, in this order; `<source>` and `<batch>` stand for each source and delivery, `<n>` for a number. "
        "Columns of the key are bold. A step is SQL that both engines run, unless it says Python.",
    ]
    for name, step in city_steps():
        reads = ", ".join(f"`{one}`" for one in dict.fromkeys(general(one) for one in step.reads)) or "the log"
        columns = "\n".join(column_line(column, column.name in step.writes.key) for column in step.writes.columns)
        made = "Python, from" if step.python else "from"
        parts.append(f"### {name}\n\n{step.writes.says}. {made[0].upper()}{made[1:]} {reads}.\n\n{columns}")
    return "\n\n".join(parts)


def column_line(column: Column, of_key: bool) -> str:
    """A column as a line of a list."""
    name = f"**{column.name}**" if of_key else column.name
    return f"- {name} {column.type}" + (f": {column.says}" if column.says else "")


SOURCES: list[str] = []


def general(name: str) -> str:
    """The name of a table with source, batch and number left open."""
    for source in SOURCES:
        name = re.sub(rf"^([a-z]+)_{source}(_\d+)?$", lambda found: f"{found[1]}_<source>" + ("_<batch>" if found[2] else ""), name)
    return re.sub("^(met_(?:person|legal_entity))_[0-9]+$", r"\1_<n>", name)


def city_steps() -> list[tuple[str, Step]]:
    """The steps of a run on the smallest city, each kind of step once, in the order of the plan."""
    with tempfile.TemporaryDirectory() as folder:
        city, root = Path(folder) / "city", Path(folder) / "workspace"
        generate(city, "XS", 1)
        workspace = Workspace.create(root, demo=True)
        workspace.take_city(city, CONTRACTS, first_only=True)
        pipeline.train(workspace)
        plan = pipeline.plan_of(workspace)
        SOURCES[:] = sorted({batch.source for batch in workspace.batches()}, key=len, reverse=True)
        found: dict[str, Step] = {}
        for name in plan.plan.order(plan.targets):
            found.setdefault(general(name), plan.plan.steps[name])
        return list(found.items())


def main(arguments: list[str]) -> int:
    """Writes the page, or with --check compares it."""
    text = reference()
    if "--check" in arguments:
        return int(not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text)
    PAGE.write_text(text, encoding="utf-8")
    print(f"{PAGE.name}: {len(text.splitlines())} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
