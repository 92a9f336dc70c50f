"""Commands that ask the graph: who is related to whom, who controls what, who lives where."""

from __future__ import annotations

from typing import Annotated

import typer

from cityweave.api.cli_app import HERE, AsOf, Clear, Generation, Json, Limit, Purpose, Where, app, ask
from cityweave.api.model_graph import Neighbours
from cityweave.api.model_graph import Path as PathQuestion


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
