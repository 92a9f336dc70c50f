"""Imports go down the floors only. The few exceptions stand here by name, each with its reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("engine", "cfd_rules", "resolver", "graph", "api")
BELOW = {floor: frozenset(FLOORS[: number + 1]) for number, floor in enumerate(FLOORS)} | {"fixtures": frozenset({"engine", "cfd_rules", "fixtures"})}

# Imports inside a function: (module, what it imports) -> why it may not stand at the top.
LATE: dict[tuple[str, str], str] = {}
# Modules that load others by name, for optional parts.
BY_NAME = {
    "cityweave.engine.engines": "the table of engines: Spark is an optional extra, and a machine with Spark alone needs no DuckDB",
    "cityweave.graph.address": "the driver of Neo4j takes long to load, and only those who keep their graph there need it",
    "cityweave.api.cli": "FastAPI and the synthetic city take long to load, and only `serve`, `generate`, `init --city` and `demo` need them",
    "cityweave.graph.screen.community": "Leiden stands in a compiled library that only `rings` needs",
    "cityweave.resolver.names": "the table of sounds takes a fifth of a second to load, and only a run that works out names needs it",
    "cityweave.cfd_rules.propose": "the table of sounds again: only a contract proposed for a file with a Chinese name needs it",
    "cityweave.api.pipeline": "training brings in Splink, which takes seconds and which no other command needs",
}
# What every module may import from any floor above it: the words of the error tree.
WORDS = frozenset({"cityweave.engine.errors"})
# The only modules of api/ that may reach lower floors, DuckDB or PySpark: the door with what it keeps open and asks below, the workspace, the pipeline.
REACH_DOWN = frozenset(f"cityweave.api.{name}" for name in ("door", "shelf", "screens", "services", "proofs", "floors", "graph_copy", "workspace", "pipeline"))
ENGINES = frozenset({"duckdb", "pyspark"})
# Who may import the engines at all: floors' engine modules and training.
MAY_IMPORT = {
    "duckdb": frozenset({"cityweave.engine.duck", "cityweave.resolver.train", "cityweave.resolver.frequency", "cityweave.resolver.bare_splink"}) | REACH_DOWN,
    "pyspark": frozenset({"cityweave.engine.spark"}),
    "neo4j": frozenset({"cityweave.graph.bolt"}),
    "splink": frozenset({"cityweave.resolver.train", "cityweave.resolver.bare_splink"}),
}


@dataclass(frozen=True)
class Import:
    """One import: who imports what, at which line, and whether inside a function."""

    module: str
    target: str
    line: int
    late: bool

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def modules() -> dict[str, Path]:
    """Every module of the product by its installed name."""
    return {name_of(path): path for floor in (*FLOORS, "fixtures") for path in sorted((ROOT / floor).rglob("*.py"))}


def name_of(path: Path) -> str:
    """The installed name of a file: graph/csr.py is cityweave.graph.csr."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(("cityweave", *parts[: -1 if parts[-1] == "__init__" else None]))


def imports_of(module: str, path: Path, known: frozenset[str]) -> Iterator[Import]:
    """The imports of a module; `from a.b import c` is an import of a.b.c where that is a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, alias.name, node.lineno, id(node) in inside)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno} imports relatively: import absolutely, as users do"
            base = node.module or ""
            submodules = {f"{base}.{alias.name}" for alias in node.names} & known
            for target in sorted(submodules) or [base]:
                yield Import(module, target, node.lineno, id(node) in inside)


@pytest.fixture(scope="module")
def imports() -> list[Import]:
    """All imports of the product."""
    files = modules()
    known = frozenset(files)
    return [found for module, path in files.items() for found in imports_of(module, path, known)]


def floor_of(module: str) -> str:
    """The floor of an installed module name."""
    return module.split(".")[1]


def ours(imports: list[Import]) -> list[Import]:
    """The imports between modules of the product."""
    return [found for found in imports if found.target.startswith("cityweave.")]


def root_of(target: str) -> str:
    """The distribution's top name of an import."""
    return target.split(".")[0]


def test_imports_go_down(imports: list[Import]) -> None:
    upward = [
        str(found)
        for found in ours(imports)
        if floor_of(found.target) not in BELOW[floor_of(found.module)] and not (found.module == "cityweave.api.cli" and floor_of(found.target) == "fixtures")
    ]
    assert not upward


def test_no_cycle_between_modules(imports: list[Import]) -> None:
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for found in ours(imports):
        if found.module != found.target:
            sorter.add(found.module, found.target)
    try:
        sorter.prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_no_import_hides_in_a_function(imports: list[Import]) -> None:
    hidden = [str(found) for found in imports if found.late and (found.module, root_of(found.target)) not in LATE and (found.module, found.target) not in LATE]
    assert not hidden


def test_every_late_import_is_still_used(imports: list[Import]) -> None:
    late = {(found.module, name) for found in imports if found.late for name in (found.target, root_of(found.target))}
    assert not [key for key in LATE if key not in late], "strike them from LATE"


def test_modules_are_loaded_by_name_in_one_place() -> None:
    loading = {
        module
        for module, path in modules().items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr == "import_module") or (isinstance(node, ast.Name) and node.id in {"import_module", "__import__"})
    }
    assert loading == set(BY_NAME)


def test_inside_api_only_door_workspace_and_pipeline_reach_down(imports: list[Import]) -> None:
    reaching = [
        str(found)
        for found in imports
        if floor_of(found.module) == "api"
        and found.module not in REACH_DOWN
        and found.target not in WORDS
        and (root_of(found.target) in ENGINES or (found.target.startswith("cityweave.") and floor_of(found.target) not in {"api", "fixtures"}))
    ]
    assert not reaching


@pytest.mark.parametrize("library", sorted(MAY_IMPORT))
def test_engines_have_one_place(imports: list[Import], library: str) -> None:
    assert not [str(found) for found in imports if root_of(found.target) == library and found.module not in MAY_IMPORT[library]]
