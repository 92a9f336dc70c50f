"""The rules of the house that can be read from the source: one place for the environment, no pickles, no catch-all packages, everything public explained."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("engine", "cfd_rules", "resolver", "graph", "api", "fixtures")
SOURCES = [path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py"))]
CATCH_ALL = {"common", "utils", "util", "helpers", "core", "misc", "shared"}
ENVIRONMENT = {("os", "environ"), ("os", "getenv"), ("os", "putenv")}
MAY_SET = {"engine/spark.py"}  # PySpark takes the Python of its workers from a variable only
UNSAFE = {"pickle", "cloudpickle", "dill", "shelve", "marshal", "joblib"}
RANDOM = {"random", "secrets", "uuid"}
SEEDED = {"default_rng", "Generator", "SeedSequence", "PCG64", "Philox"}


def where(path: Path, node: ast.AST) -> str:
    """file:line of a node."""
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def trees() -> Iterator[tuple[Path, ast.Module]]:
    """Every source file of the product, parsed."""
    for path in SOURCES:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[tuple[str, str, ast.AST]]:
    """(module, name or "", node) of each import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "", node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name, node) for alias in node.names)


def sets_a_variable(tree: ast.Module, node: ast.Attribute) -> bool:
    """Whether this `os.environ` only has a variable set: `os.environ["NAME"] = value`."""
    return any(isinstance(one, ast.Subscript) and one.value is node and isinstance(one.ctx, ast.Store) for one in ast.walk(tree))


def test_only_settings_read_the_environment() -> None:
    found = []
    for path, tree in trees():
        place = path.relative_to(ROOT).as_posix()
        if place == "api/settings.py":
            continue
        found += [where(path, node) for module, name, node in imported(tree) if (module, name) in ENVIRONMENT]
        found += [
            where(path, node)
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and (node.value.id, node.attr) in ENVIRONMENT
            and not (place in MAY_SET and sets_a_variable(tree, node))
        ]
    assert not found


def test_no_pickles() -> None:
    found = [where(path, node) for path, tree in trees() for module, _, node in imported(tree) if module.split(".")[0] in UNSAFE]
    found += [
        where(path, keyword.value)
        for path, tree in trees()
        for keyword in ast.walk(tree)
        if isinstance(keyword, ast.keyword) and keyword.arg == "allow_pickle" and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
    ]
    assert not found


def is_numpy_random(node: ast.AST) -> bool:
    """Whether a node is the module numpy.random."""
    return isinstance(node, ast.Attribute) and ast.unparse(node) in {"np.random", "numpy.random"}


def test_no_unseeded_randomness() -> None:
    """Only api/ may ask for secrets (the token of `serve`); everything else is a seeded numpy generator."""
    found = []
    for path, tree in trees():
        allowed = {"secrets"} if path.parent.name == "api" else set()
        found += [where(path, node) for module, _, node in imported(tree) if module in RANDOM - allowed]
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and is_numpy_random(node.value) and node.attr not in SEEDED:
                found.append(where(path, node))
            if isinstance(node, ast.Call) and ast.unparse(node) in {"np.random.default_rng()", "numpy.random.default_rng()"}:
                found.append(where(path, node))
    assert not found


def test_no_catch_all_packages() -> None:
    assert not [str(path.relative_to(ROOT)) for path in SOURCES if CATCH_ALL & {path.stem, *path.relative_to(ROOT).parts}]


def public(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """The public functions and classes of a module, and the public methods of its public classes that are longer than a line."""
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    for node in tree.body:
        if isinstance(node, functions | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (inner for inner in node.body if isinstance(inner, functions) and not inner.name.startswith("_") and len(inner.body) > 1)


def test_everything_public_says_what_it_returns() -> None:
    silent = [f"{where(path, tree)} the module" for path, tree in trees() if not ast.get_docstring(tree)]
    silent += [f"{where(path, node)} {node.name}" for path, tree in trees() for node in public(tree) if not ast.get_docstring(node)]
    assert not silent


@pytest.mark.parametrize("floor", FLOORS)
def test_wheel_holds_every_package(floor: str) -> None:
    """A folder with modules that pyproject.toml does not name would be missing from the wheel."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    named = set(project["tool"]["setuptools"]["packages"])
    folders = {path.parent.relative_to(ROOT) for path in (ROOT / floor).rglob("*.py")}
    assert {".".join(("cityweave", *folder.parts)) for folder in folders} <= named


def test_readme_opens_with_commands_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test"):
        assert f"make {target}" in readme
        assert f"\n{target}:" in makefile
