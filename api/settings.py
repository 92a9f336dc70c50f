"""What a person can set, read once: cityweave.toml and the environment. Nothing else in the product reads either; everything below gets frozen dataclasses."""

from __future__ import annotations

import datetime as dt
import getpass
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from cityweave.engine.errors import CityweaveError

FILE = "cityweave.toml"
PREFIX = "CITYWEAVE_"

TEMPLATE = """\
# Cityweave workspace. Every key may be left out; these are the defaults.
[workspace]
name = "{name}"
date = "{date}"            # what "today" means in questions: "today", "last-delivery" or a date such as "2020-06-30"

[engine]
name = "duckdb"            # or "spark"
threads = {threads}                # never changes a result
memory = "4GB"             # never changes a result

[serve]
host = "127.0.0.1"
port = 8765
workers = 2                # processes that answer; about as many as cores

[graph]
store = "embedded"         # or "neo4j": a graph that cityweave graph load has put there
"""


class SettingsError(CityweaveError):
    """A setting that cannot be used."""


@dataclass(frozen=True)
class WorkspaceSettings:
    """What the workspace is called, and what "today" means in it."""

    name: str = "cityweave"
    date: str = "today"  # "today", "last-delivery" or an ISO date


@dataclass(frozen=True)
class EngineSettings:
    """Which engine runs, and how much of the machine it may use; never a result."""

    name: str = "duckdb"
    threads: int = 2
    memory: str = "4GB"


@dataclass(frozen=True)
class ServeSettings:
    """Where `serve` listens, and for which token."""

    host: str = "127.0.0.1"
    port: int = 8765
    workers: int = 2  # processes that answer
    token: str = field(default="", repr=False)  # empty: made at the first `serve` and kept in a file only its owner may read


@dataclass(frozen=True)
class GraphSettings:
    """Where graph questions are answered from."""

    store: str = "embedded"  # "embedded" or "neo4j"


@dataclass(frozen=True)
class Neo4jSettings:
    """Where the Neo4j is, who we are there, and how long we wait for an answer."""

    uri: str = "bolt://127.0.0.1:7687"  # bolt+s://… for TLS with a certificate of a public authority
    user: str = "neo4j"
    password: str = field(default="", repr=False)  # better by CITYWEAVE_NEO4J_PASSWORD or a file
    password_file: str = ""  # a file that holds the password
    database: str = "neo4j"
    ca: str = ""  # a file with the certificate that signed the server's: the line is encrypted then
    timeout: int = 30  # seconds


@dataclass(frozen=True)
class Settings:
    """All settings of one workspace."""

    workspace: WorkspaceSettings = WorkspaceSettings()
    engine: EngineSettings = EngineSettings()
    serve: ServeSettings = ServeSettings()
    graph: GraphSettings = GraphSettings()
    neo4j: Neo4jSettings = Neo4jSettings()
    caller: str = "unknown"  # who asks: CITYWEAVE_CALLER, else the login name

    def today(self, last_delivery: dt.date | None) -> dt.date:
        """The date that questions mean by "today"."""
        if self.workspace.date == "today":
            return dt.date.today()  # noqa: DTZ011 - a calendar date where the person sits
        if self.workspace.date == "last-delivery":
            return last_delivery or dt.date.today()  # noqa: DTZ011
        return dt.date.fromisoformat(self.workspace.date)


SECTIONS: Mapping[str, type] = {
    "workspace": WorkspaceSettings,
    "engine": EngineSettings,
    "serve": ServeSettings,
    "graph": GraphSettings,
    "neo4j": Neo4jSettings,
}


def load(file: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of `file` (may be absent), overridden by CITYWEAVE_<SECTION>_<KEY> in the environment; SettingsError names a key that does not exist."""
    environ = os.environ if environ is None else environ
    try:
        document = tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"设置文件读不出来 / the settings file cannot be read: {error}", str(file), "改正后再试 / mend it and try again") from error
    unknown = set(document) - set(SECTIONS)
    if unknown:
        raise SettingsError(f"没有这一节 / no such section: {sorted(unknown)}", str(file), f"可用 / use one of: {', '.join(SECTIONS)}")
    made = {name: _section(kind, document.get(name, {}), _overrides(name, kind, environ), f"{file} [{name}]") for name, kind in SECTIONS.items()}
    settings = replace(Settings(caller=environ.get(PREFIX + "CALLER") or _login()), **made)
    _check(settings, str(file))
    return settings


def template(name: str, demo: bool = False) -> str:
    """The text of a new cityweave.toml."""
    date = "last-delivery" if demo else "today"
    return TEMPLATE.format(name=name, date=date, threads=EngineSettings().threads)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _overrides(section: str, kind: type, environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in fields(kind):
        text = environ.get(f"{PREFIX}{section.upper()}_{item.name.upper()}")
        if text is not None:
            found[item.name] = text if isinstance(item.default, str) else _number(text)
    return found


def _number(text: str) -> int | float | str:
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text


def _section(kind: type, document: Any, overrides: Mapping[str, Any], where: str) -> Any:
    known = {item.name: item.default for item in fields(kind)}
    if not isinstance(document, dict):
        raise SettingsError("应当是一节 / must be a section", where, "写成 [名称] / write it as [name]")
    values = {**document, **overrides}
    for name, value in values.items():
        if name not in known:
            raise SettingsError(f"没有设置 {name} / there is no setting {name}", where, f"可用 / use one of: {', '.join(known)}")
        wanted = str if isinstance(known[name], str) else (int, float)
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise SettingsError(f"设置 {name} 类型不对 / setting {name} has the wrong type", where, f"例如 / for example: {known[name]!r}")
    return kind(**values)


def _check(settings: Settings, where: str) -> None:
    date = settings.workspace.date
    if date not in {"today", "last-delivery"}:
        try:
            dt.date.fromisoformat(date)
        except ValueError as error:
            raise SettingsError(f"日期读不懂 / date not understood: {date}", f"{where} [workspace] date", "today、last-delivery 或 2020-06-30") from error
    if settings.graph.store not in {"embedded", "neo4j"}:
        raise SettingsError(f"没有这种图库 / no such store: {settings.graph.store}", f"{where} [graph] store", "embedded 或 neo4j / embedded or neo4j")
    if settings.neo4j.timeout < 1:
        raise SettingsError("等待时间至少 1 秒 / a timeout is at least a second", f"{where} [neo4j] timeout", "改为正整数 / give a positive number")
    if settings.engine.threads < 1:
        raise SettingsError("线程数至少为 1 / threads must be at least 1", f"{where} [engine] threads", "改为正整数 / give a positive number")
    if settings.serve.workers < 1:
        raise SettingsError("进程数至少为 1 / workers must be at least 1", f"{where} [serve] workers", "改为正整数 / give a positive number")
