"""One table from errors to exit codes and HTTP status, and the one place that says an error to a person."""

from __future__ import annotations

import traceback
from pathlib import Path

from cityweave.engine.errors import (
    CityweaveError,
    ContractError,
    DecisionError,
    DoorError,
    EngineError,
    InputError,
    ModelError,
    PlanError,
    RuleError,
    StoreError,
)

OUTCOMES: tuple[tuple[type[CityweaveError], int, int], ...] = (
    # error, exit code, HTTP status: the first that fits
    (InputError, 2, 422),
    (DecisionError, 2, 422),
    (ContractError, 3, 409),
    (RuleError, 3, 409),
    (ModelError, 4, 409),
    (DoorError, 5, 403),
    (StoreError, 6, 503),
    (PlanError, 7, 500),
    (EngineError, 7, 500),
    (CityweaveError, 1, 500),
)
INTERRUPTED = 130  # as shells have it: 128 + SIGINT
TAMPERED = 8  # `audit --verify` found a changed or missing row


def exit_code(error: CityweaveError) -> int:
    """The exit code of an error, never 0."""
    return next(code for kind, code, _ in OUTCOMES if isinstance(error, kind))


def http_status(error: CityweaveError) -> int:
    """The HTTP status of an error."""
    return next(status for kind, _, status in OUTCOMES if isinstance(error, kind))


def document(error: CityweaveError) -> dict[str, str]:
    """An error as JSON: what happened, where, what to do. Errors carry coordinates, never values."""
    return {"error": type(error).__name__, "what": error.what, "where": error.where, "todo": error.todo}


def of_system(error: OSError) -> CityweaveError:
    """What the machine refused, as one of ours; the file's name only, never its content."""
    name = Path(str(error.filename)).name if error.filename else ""
    what = f"系统拒绝 / the system refused: {error.strerror or type(error).__name__}"
    return StoreError(what, name, "检查文件、权限和磁盘空间；原有结果未动 / look at the file, permissions and space; former results are untouched")


def unforeseen(error: Exception) -> CityweaveError:
    """What the machine refused, or else an error of ours."""
    return of_system(error) if isinstance(error, OSError) else of_ourselves(error)


def of_ourselves(error: Exception) -> CityweaveError:
    """An error that we did not foresee: its kind and place in our code, no text of its own, as that may hold values."""
    frames = traceback.extract_tb(error.__traceback__)
    place = next(
        (f"{Path(item.filename).parent.name}/{Path(item.filename).name}:{item.lineno}" for item in reversed(frames) if "site-packages" not in item.filename), ""
    )
    return CityweaveError(
        f"程序内部错误 / an error of ours: {type(error).__name__}", place, "请报告这一行；原有结果未动 / please report this line; former results are untouched"
    )
