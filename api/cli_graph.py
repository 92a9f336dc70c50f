"""Commands that ask the graph: who is related to whom, who controls what, who lives where."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cityweave.api import picture_svg, render
from cityweave.api.cli_app import HERE, AsOf, Clear, Generation, Json, Limit, Purpose, Where, app, ask, at, say
from cityweave.api.door import Door
from cityweave.api.model_graph import Control, Draw, FirmsOf, Household, Neighbours, Occupants, Paths, Penalties, Relatives
from cityweave.api.model_graph import Path as PathQuestion
from cityweave.api.workspace import suffix_of, write_text


@app.command()
def neighbours(
    id: str,
    workspace: Where = HERE,
    depth: Annotated[int, typer.Option("--depth", help="几步之内 / within how many steps")] = 1,
    types: Annotated[list[str] | None, typer.Option("--type", help="只看哪些关系，可重复 / which relations only, may be repeated")] = None,
    as_of: AsOf = None,
    limit: Limit = 50,
    generation: Generation = None,
    purpose: Purpose = "",
    clear: Clear = False,
    as_json: Json = False,
) -> None:
    """一个实体的关系 / what an entity is related to."""
    ask(workspace, Neighbours(id=id, depth=depth, types=tuple(types or ()), as_of=as_of, limit=limit, generation=generation), as_json, purpose, clear)


@app.command()
def draw(
    id: str,
    file: Annotated[Path, typer.Option("-o", "--output", help="svg 或 html 文件 / an svg or html file")],
    workspace: Where = HERE,
    depth: Annotated[int, typer.Option("--depth", help="几步之内 / within how many steps")] = 2,
    types: Annotated[list[str] | None, typer.Option("--type", help="只看哪些关系，可重复 / which relations only, may be repeated")] = None,
    as_of: AsOf = None,
    limit: Limit = 2000,
    generation: Generation = None,
    purpose: Purpose = "",
    clear: Clear = False,
    as_json: Json = False,
) -> None:
    """把一个实体的关系画成一张图 / a picture of what an entity is related to."""
    suffix = suffix_of(file, (".svg", ".html"))
    question = Draw(id=id, depth=depth, types=tuple(types or ()), as_of=as_of, limit=limit, generation=generation)
    answer = Door(at(workspace)).ask(question, purpose, clear=clear)
    write_text(picture_svg.page(answer) if suffix == ".html" else picture_svg.svg(answer), file)
    say(as_json, {**answer.document(), "file": str(file)}, *map(str, render.answer(answer)), f"已画入 / drawn: {file}")


@app.command()
def path(
    left: str,
    right: str,
    workspace: Where = HERE,
    types: Annotated[list[str] | None, typer.Option("--type", help="只走哪些关系，可重复 / which relations only, may be repeated")] = None,
    as_of: AsOf = None,
    limit: Annotated[int, typer.Option("--limit", help="最多几步 / how many steps at most")] = 6,
    generation: Generation = None,
    purpose: Purpose = "",
    clear: Clear = False,
    as_json: Json = False,
) -> None:
    """两个实体之间最短的关系链 / the shortest chain of relations between two entities."""
    ask(workspace, PathQuestion(left=left, right=right, types=tuple(types or ()), as_of=as_of, limit=limit, generation=generation), as_json, purpose, clear)


@app.command()
def paths(
    left: str,
    right: str,
    workspace: Where = HERE,
    types: Annotated[list[str] | None, typer.Option("--type", help="只走哪些关系，可重复 / which relations only, may be repeated")] = None,
    as_of: AsOf = None,
    best: Annotated[int, typer.Option("--best", help="几条 / how many chains")] = 3,
    limit: Annotated[int, typer.Option("--limit", help="最多代价：每步 1，经过中转多的节点另加 / what a chain may cost: 1 a step, more through a hub")] = 10,
    generation: Generation = None,
    purpose: Purpose = "",
    clear: Clear = False,
    as_json: Json = False,
) -> None:
    """两个实体之间最好的几条关系链，少走中转多的节点 / the best chains between two entities, going round hubs."""
    question = Paths(left=left, right=right, types=tuple(types or ()), as_of=as_of, best=best, limit=limit, generation=generation)
    ask(workspace, question, as_json, purpose, clear)


@app.command()
def control(
    id: str,
    workspace: Where = HERE,
    as_of: AsOf = None,
    limit: Limit = 20,
    generation: Generation = None,
    purpose: Purpose = "",
    clear: Clear = False,
    as_json: Json = False,
) -> None:
    """谁控制一家企业：股东逐级向上，份额、起止、来源 / who owns a firm: shareholders upward, with share, interval and source."""
    ask(workspace, Control(id=id, as_of=as_of, limit=limit, generation=generation), as_json, purpose, clear)


@app.command("firms-of")
def firms_of(
    id: str,
    workspace: Where = HERE,
    relatives: Annotated[bool, typer.Option("--relatives", help="连同近亲属 / close relatives too")] = False,
    as_of: AsOf = None,
    limit: Limit = 100,
    generation: Generation = None,
    purpose: Purpose = "",
    clear: Clear = False,
    as_json: Json = False,
) -> None:
    """一个人的企业：法定代表人、股东、间接持股 / the firms of a person: representative, shareholder, indirectly."""
    ask(workspace, FirmsOf(id=id, relatives=relatives, as_of=as_of, limit=limit, generation=generation), as_json, purpose, clear)


@app.command()
def relatives(
    id: str,
    workspace: Where = HERE,
    relation: Annotated[str | None, typer.Option("--relation", help="只看哪一种，如 grandparent / which only, such as sibling")] = None,
    as_of: AsOf = None,
    limit: Limit = 100,
    generation: Generation = None,
    purpose: Purpose = "",
    clear: Clear = False,
    as_json: Json = False,
) -> None:
    """一个人的近亲属：配偶、父母、子女、兄弟姐妹、祖父母、孙子女 / close relatives of a person, grandparents and siblings among them."""
    ask(workspace, Relatives(id=id, relation=relation, as_of=as_of, limit=limit, generation=generation), as_json, purpose, clear)


@app.command()
def penalties(
    workspace: Where = HERE,
    year: Annotated[str, typer.Option("--year", help="last（去年）、this（今年）或 2020 / last, this or 2020")] = "last",
    as_of: AsOf = None,
    limit: Limit = 1000,
    generation: Generation = None,
    purpose: Purpose = "",
    clear: Clear = False,
    as_json: Json = False,
) -> None:
    """哪些企业某一年受过处罚 / which firms were penalised in a year."""
    ask(workspace, Penalties(year=year, as_of=as_of, limit=limit, generation=generation), as_json, purpose, clear)


@app.command()
def household(
    id: str, workspace: Where = HERE, as_of: AsOf = None, generation: Generation = None, purpose: Purpose = "", clear: Clear = False, as_json: Json = False
) -> None:
    """某一天的同户人员 / with whom a person was in one household on a date."""
    ask(workspace, Household(id=id, as_of=as_of, generation=generation), as_json, purpose, clear)


@app.command()
def occupants(
    id: str,
    workspace: Where = HERE,
    as_of: AsOf = None,
    limit: Limit = 200,
    generation: Generation = None,
    purpose: Purpose = "",
    clear: Clear = False,
    as_json: Json = False,
) -> None:
    """一间房或一栋楼的居民和产权人：现在和过去 / residents and owners of a room or a building, then and now."""
    ask(workspace, Occupants(id=id, as_of=as_of, limit=limit, generation=generation), as_json, purpose, clear)
