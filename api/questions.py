"""Every question there is, by name; the CLI, `--json` and HTTP offer exactly these."""

from __future__ import annotations

from cityweave.api import model, model_ask, model_graph, model_lists, model_prove, model_screen
from cityweave.api.model import Question

QUESTIONS: dict[str, type[Question]] = {
    kind.name: kind
    for kind in (
        *(model.Status, model.Quality, model.Find, model.Entity, model.Timeline, model.Why, model.WhyNot, model.How),
        *(model_graph.Neighbours, model_graph.Draw),
        *(model_graph.Path, model_graph.Paths, model_graph.Control, model_graph.FirmsOf, model_graph.Household, model_graph.Occupants),
        *(model_graph.Relatives, model_graph.Penalties),
        *(model_ask.Ask, model_ask.Can, model_lists.ServiceList, model_prove.Prove, model_screen.Rings, model_screen.Ring),
        *(model.Turning, model.Export, model.Evaluate, model.Digest, model.Diff, model.Possible),
    )
}
