"""The command that keeps a copy of the graph in a Neo4j."""

from __future__ import annotations

from typing import Annotated

import typer

from cityweave.api import graph_copy
from cityweave.api.cli_app import HERE, Json, Where, app, at, note, say
from cityweave.engine.errors import InputError


@app.command()
def graph(
    action: Annotated[str, typer.Argument(metavar="load|check|drop")],
    workspace: Where = HERE,
    rows: Annotated[bool, typer.Option("--rows", help="check：逐行读回比较 / check: read every row back")] = False,
    offline: Annotated[
        str, typer.Option("--offline", help="load：服务器停着时用 neo4j-admin 装入，这里写它的命令 / load: by neo4j-admin, the server stopped; its command")
    ] = "",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="--offline：替换已有的库 / --offline: replace the database that is there")] = False,
    other: Annotated[bool, typer.Option("--other", help="drop：即使是另一个工作区的图 / drop: even another workspace's graph")] = False,
    as_json: Json = False,
) -> None:
    """把图装入 Neo4j、核对、撤出 / put the graph into a Neo4j, compare it, take it out. Password: CITYWEAVE_NEO4J_PASSWORD or [neo4j] password_file."""
    opened = at(workspace)
    if action == "load" and offline:
        done = graph_copy.offline(opened, offline, overwrite)
        say(as_json, done, f"已装入 {done['written']:,} 行 / rows imported", "启动服务器，再运行 / start the server, then run: cityweave graph load")
    elif action == "load":
        done = graph_copy.load(opened, lambda phase, row: note.print(f"{phase} {row:,}", highlight=False))
        began = {"there": "已在 was there already", "resumed": "接着上次 went on where it broke", "former": "从前一代 from a former generation"}
        said = f"第 {done['generation']} 代 generation：写 written {done['written']:,}，删 removed {done['removed']:,}"
        say(as_json, done, f"{said}，{began.get(done['began'], '核对一致 counts and sums agree')}")
    elif action == "check":
        done = graph_copy.check(opened, rows)
        counts = " · ".join(f"{name} {number:,}" for name, number in done["counts"].items())
        say(as_json, done, f"一致 / agrees with generation {done['generation']}: {counts}", *([f"digest {done['digest']}"] if done["digest"] else []))
    elif action == "drop":
        done = graph_copy.drop(opened, other)
        say(as_json, done, f"已撤出 {done['removed']:,} 个节点 / nodes removed")
    else:
        raise InputError(f"看不懂 {action} / {action} is not understood", "graph", "load、check 或 drop / load, check or drop")
