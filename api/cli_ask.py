"""Commands that ask in a sentence, and say what can be asked."""

from __future__ import annotations

from typing import Annotated

import typer

from cityweave.api import cli_app
from cityweave.api.cli_app import HERE, AsOf, Clear, Generation, Json, Known, Purpose, Where, app
from cityweave.api.model_ask import Ask, Can
from cityweave.api.sentences import secret
from cityweave.engine.errors import InputError


@app.command()
def ask(
    sentence: Annotated[str | None, typer.Argument(metavar="[SENTENCE]")] = None,
    workspace: Where = HERE,
    as_of: AsOf = None,
    known: Known = None,
    generation: Generation = None,
    purpose: Purpose = "",
    clear: Clear = False,
    as_json: Json = False,
) -> None:
    """用一句话问，中文或英文；号码、地址只从标准输入读 / ask in a sentence; with numbers or addresses it is read from standard input only."""
    if sentence is not None and secret(sentence):
        raise InputError(
            "号码和地址不写在命令行上 / numbers and addresses do not stand on the command line",
            "SENTENCE",
            "从标准输入给出这句话 / give the sentence on standard input",
        )
    text = cli_app.standard_input() if sentence is None else sentence
    cli_app.ask(workspace, Ask(text=text, as_of=as_of, known=known, generation=generation), as_json, purpose, clear)


@app.command()
def can(workspace: Where = HERE, generation: Generation = None, as_json: Json = False) -> None:
    """已装载的来源能回答什么，缺什么 / what the loaded sources allow to ask, and which gaps there are."""
    cli_app.ask(workspace, Can(generation=generation), as_json)
