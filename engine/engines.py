"""The one place that chooses an engine. Adapters are loaded by name, so none needs what another imports."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import cast

from cityweave.engine.errors import EngineError
from cityweave.engine.run import Engine

ENGINES = {"duckdb": ("cityweave.engine.duck", "DuckEngine", ""), "spark": ("cityweave.engine.spark", "SparkEngine", "pip install 'cityweave[spark]'")}


def load_engine(name: str = "duckdb", *, threads: int = 2, memory: str = "4GB", temporary: Path | None = None) -> Engine:
    """The engine of that name, ready to run; an EngineError if there is none or a part of it is not installed."""
    if name not in ENGINES:
        raise EngineError(f"没有引擎 {name} / there is no engine {name}", todo=f"可用 / there are: {', '.join(ENGINES)}")
    module, adapter, install = ENGINES[name]
    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise EngineError(f"引擎 {name} 未安装（缺 {error.name}） / engine {name} is not installed (no {error.name})", todo=install) from error
    return cast(Engine, getattr(loaded, adapter)(threads=threads, memory=memory, temporary=temporary))
