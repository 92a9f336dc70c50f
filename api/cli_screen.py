"""Commands of the supervisor: which bidders may belong together, and on what evidence."""

from __future__ import annotations

from cityweave.api.cli_app import HERE, AsOf, Clear, Generation, Json, Known, Limit, Purpose, Where, app, ask
from cityweave.api.model_screen import Ring, Rings


@app.command()
def rings(
    workspace: Where = HERE,
    as_of: AsOf = None,
    known: Known = None,
    limit: Limit = 20,
    generation: Generation = None,
    purpose: Purpose = "",
    clear: Clear = False,
    as_json: Json = False,
) -> None:
    """哪些投标人可能是一伙：线索，非认定 / which bidders may belong together: leads, not findings."""
    ask(workspace, Rings(as_of=as_of, known=known, limit=limit, generation=generation), as_json, purpose, clear)


@app.command()
def ring(
    id: str,
    workspace: Where = HERE,
    as_of: AsOf = None,
    known: Known = None,
    generation: Generation = None,
    purpose: Purpose = "",
    clear: Clear = False,
    as_json: Json = False,
) -> None:
    """一个线索：成员、证据、试过的无辜解释、缺的证据 / one lead: members, evidence, innocent explanations tried, evidence missing."""
    ask(workspace, Ring(id=id, as_of=as_of, known=known, generation=generation), as_json, purpose, clear)
