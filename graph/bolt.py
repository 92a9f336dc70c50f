"""The line to a Neo4j: the one module that imports its driver. Texts are the files of graph/cypher; every wait ends; errors are ours and carry no value."""

from __future__ import annotations

import re
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar, cast

from neo4j import Driver, GraphDatabase, ManagedTransaction, Query, TrustCustomCAs, unit_of_work
from neo4j.exceptions import AuthError, ConfigurationError, DriverError, Neo4jError, ServiceUnavailable

from cityweave.engine.errors import StoreError
from cityweave.graph.address import Address

Made = TypeVar("Made")
LONG = 600
"""Seconds that the making of an index may take."""
PATIENCE = 5
"""Seconds more than the server is given that we wait for it to say that it gave up."""
OLDEST = (5, 26)
"""Neo4j before this speaks another Cypher: labels and types were no values in it; from 2025 on its versions are years."""


@cache
def text(name: str) -> str:
    """The Cypher of that name."""
    return (Path(__file__).parent / "cypher" / f"{name}.cypher").read_text(encoding="utf-8")


class Bolt:
    """An open line. StoreError says when nobody answers, refuses the password, is too slow, or is of another version."""

    def __init__(self, address: Address) -> None:
        self.address = address
        trust: dict[str, Any] = {"encrypted": True, "trusted_certificates": TrustCustomCAs(address.ca)} if address.ca else {}
        try:
            self._driver: Driver = GraphDatabase.driver(
                address.uri,
                auth=(address.user, address.password),
                connection_timeout=min(address.timeout, 10),
                connection_write_timeout=address.timeout,
                connection_acquisition_timeout=min(address.timeout, 10),
                max_transaction_retry_time=min(address.timeout, 10),
                liveness_check_timeout=30,
                user_agent="cityweave",
                notifications_min_severity="OFF",
                **trust,
            )
        except (ConfigurationError, ValueError) as error:
            raise StoreError("Neo4j 的地址读不懂 / the address of Neo4j is not understood", address.uri, "写成 / write bolt://host:7687") from error
        self._closed = weakref.finalize(self, self._driver.close)
        self._known = False

    def close(self) -> None:
        """Let the line go; it goes by itself when nobody holds it."""
        self._closed()

    def read(self, name: str, seconds: float | None = None, /, **values: Any) -> list[dict[str, Any]]:
        """The rows that graph/cypher/<name>.cypher gives, within so many seconds (by default those of the address)."""
        query = text(name)
        return self._within(lambda: self._managed("execute_read", query, values, seconds), seconds)

    def write(self, name: str, **values: Any) -> list[dict[str, Any]]:
        """The same for a text that writes, in one transaction."""
        query = text(name)
        return self._within(lambda: self._managed("execute_write", query, values))

    def schema(self, name: str) -> None:
        """Run a text of several statements, each by itself."""
        for statement in filter(None, (part.strip() for part in text(name).split(";"))):
            self._within(partial(self._alone, statement), LONG)

    def stream(self, name: str, size: int = 10_000) -> Iterator[list[Any]]:
        """Rows in pieces, for what is too long for one answer."""
        session = self._within(self._session)
        rows = self._within(lambda: session.run(Query(cast("Any", text(name)))))
        while piece := self._within(lambda: rows.fetch(size)):
            yield piece
        session.close()

    def _alone(self, statement: str) -> None:
        with self._session() as session:
            session.run(Query(cast("Any", statement), timeout=LONG)).consume()

    def _managed(self, how: str, query: str, values: Mapping[str, Any], seconds: float | None = None) -> list[dict[str, Any]]:
        with self._session() as session:
            rows: list[dict[str, Any]] = getattr(session, how)(self._work(query, values, seconds))
        return rows

    def _session(self) -> Any:
        if not self._known:
            self._known = True
            self._check_version()
        return self._driver.session(database=self.address.database, fetch_size=10_000)

    def _check_version(self) -> None:
        agent = str(self._driver.get_server_info().agent)
        if not suits(agent):
            raise StoreError(f"不支持这一版本 {agent} / version {agent} is not supported", self.address.uri, "用 Neo4j 5.26 / use Neo4j 5.26")

    def _work(self, query: str, values: Mapping[str, Any], seconds: float | None) -> Callable[[ManagedTransaction], list[dict[str, Any]]]:
        @unit_of_work(timeout=seconds or self.address.timeout)
        def work(transaction: ManagedTransaction) -> list[dict[str, Any]]:
            return transaction.run(cast("Any", query), dict(values)).data()

        return work

    def _within(self, work: Callable[[], Made], seconds: float | None = None) -> Made:
        """What `work` returns. A server that accepts and then says nothing would hold the driver for ever, so it is waited for from another thread."""
        done: list[Made] = []
        failed: list[BaseException] = []

        def run() -> None:
            try:
                done.append(work())
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join((seconds or self.address.timeout) + PATIENCE)
        if thread.is_alive():
            raise self._slow()
        if failed:
            raise self._ours(failed[0])
        return done[0]

    def _slow(self) -> StoreError:
        return StoreError("Neo4j 没有及时应答 / Neo4j did not answer in time", self.address.uri, "稍后再试，或加大 [neo4j] timeout / try later, or raise it")

    def _ours(self, error: BaseException) -> BaseException:
        where, code = self.address.uri, str(getattr(error, "code", None) or type(error).__name__)
        if isinstance(error, AuthError):
            return StoreError("Neo4j 拒绝了用户名或密码 / Neo4j refused the user or the password", where, "设 CITYWEAVE_NEO4J_PASSWORD / set it")
        if isinstance(error, Neo4jError) and "TimedOut" in code:
            return self._slow()
        if isinstance(error, ServiceUnavailable | DriverError | OSError):
            return StoreError(f"连不上 Neo4j / Neo4j cannot be reached: {code}", where, "启动它，或检查地址 / start it (make neo4j), or look at the address")
        if isinstance(error, Neo4jError):
            return StoreError(f"Neo4j 报错 / Neo4j says: {code}", where, "见 Neo4j 的日志 / see its log")
        return error


def suits(agent: str) -> bool:
    """Whether a server of that name ("Neo4j/5.26.31") can be asked: Neo4j 5.26, or a later one that is named by its year."""
    found = re.match(r"Neo4j/(\d+)\.(\d+)", agent)
    return found is not None and ((int(found[1]), int(found[2])) == OLDEST or int(found[1]) >= 2025)
