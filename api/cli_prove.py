"""The command that proves a kinship. Names and numbers come from standard input, never the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from cityweave.api.cli_app import HERE, AsOf, Clear, Generation, Json, Known, Purpose, Where, app, ask, standard_input
from cityweave.api.model_prove import Prove, pairs


@app.command()
def prove(
    relation: Annotated[str, typer.Argument(metavar="RELATION")],
    workspace: Where = HERE,
    by: Annotated[str, typer.Option("--by", help="birth 生父母，adoption 养父母，any 不论生养 / parents by birth, by adoption, or any")] = "birth",
    as_of: AsOf = None,
    known: Known = None,
    generation: Generation = None,
    purpose: Purpose = "",
    clear: Clear = False,
    as_json: Json = False,
) -> None:
    """证明亲属关系（mother-of 等）：从标准输入读两行“全名 号码” / prove a kinship; reads two lines "full name, number" from standard input."""
    sides = pairs(standard_input())
    ask(workspace, Prove.of(relation, sides, by=by, as_of=as_of, known=known, generation=generation), as_json, purpose, clear)
