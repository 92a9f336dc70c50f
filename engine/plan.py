"""A plan is steps that fit together. It knows the order to run them in and the key each result is stored under."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from cityweave.engine.code import code_digest
from cityweave.engine.errors import PlanError
from cityweave.engine.functions import MACROS, PYTHON_BACKED
from cityweave.engine.model import Step

_PYTHON_CALL = re.compile(rf"\b(?:{'|'.join(PYTHON_BACKED)})\s*\(", re.IGNORECASE)
_MACRO_CALL = re.compile(rf"\b({'|'.join(MACROS)})\s*\(", re.IGNORECASE)


class Named(Protocol):
    """Whatever has the name and version of an engine: they enter every key."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...


class Plan:
    """Steps that fit together: every name once, every table read is made, no circle, nothing that decides a result outside its key."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self.steps: dict[str, Step] = {}
        for step in steps:
            if step.name in self.steps:
                raise PlanError(f"两个步骤写同一张表 {step.name} / two steps write table {step.name}", todo="给其中一个改名 / rename one of them")
            _check(step)
            self.steps[step.name] = step
        for step in self.steps.values():
            missing = sorted(set(step.reads) - set(self.steps))
            if missing:
                raise PlanError(f"没有步骤生成 {', '.join(missing)} / no step makes {', '.join(missing)}", f"步骤 / step {step.name}")
        self._sorted = _topological(self.steps)

    def order(self, targets: Iterable[str]) -> list[str]:
        """The steps that `targets` need, each after what it reads, in an order that depends on nothing but the plan."""
        needed: set[str] = set()
        todo = list(targets)
        while todo:
            name = todo.pop()
            if name not in self.steps:
                raise PlanError(f"计划里没有表 {name} / the plan has no table {name}")
            if name not in needed:
                needed.add(name)
                todo.extend(self.steps[name].reads)
        return [name for name in self._sorted if name in needed]

    def keys(self, engine: Named) -> dict[str, str]:
        """Table -> the key its result is stored under by this engine: 32 hex digits. Threads, memory and paths never enter."""
        keys: dict[str, str] = {}
        for name in self._sorted:
            step = self.steps[name]
            keys[name] = _hash(_identity(step, {read: keys[read] for read in step.reads}, engine))
        return keys


def calls_python(step: Step) -> bool:
    """Whether the step's result depends on our own Python: it is a Python step, or its SQL calls a Python-backed function."""
    return step.python is not None or bool(_PYTHON_CALL.search(step.sql))


def _identity(step: Step, inputs: Mapping[str, str], engine: Named) -> dict[str, Any]:
    table = step.writes
    identity: dict[str, Any] = {
        "sql": [step.sql, *(MACROS[name].sql for name in sorted({call.lower() for call in _MACRO_CALL.findall(step.sql)}))],
        "table": [table.name, [[column.name, column.type] for column in table.columns], table.key, table.nullable, table.served, table.also],
        "inputs": inputs,
        "arguments": step.arguments,
        "uses": step.uses,
        "engine": [engine.name, engine.version],
    }
    if step.python is not None:
        identity["python"] = [_function(step), code_digest(step.python.__module__)]
    elif calls_python(step):
        identity["python"] = ["", code_digest("cityweave.engine.functions")]
    return identity


def _hash(identity: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(identity, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        where = f"步骤 / step {identity['table'][0]}"
        raise PlanError(
            f"步骤的参数不是 JSON / the arguments of a step are not JSON: {error}", where, "只用字符串、整数、列表、字典 / use strings, integers, lists, maps"
        ) from error
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _function(step: Step) -> str:
    function = step.python
    return str(getattr(function, "__qualname__", type(function).__qualname__))


def _check(step: Step) -> None:
    where = f"步骤 / step {step.name}"
    names = step.writes.names
    if bool(step.sql) == (step.python is not None):
        raise PlanError("步骤须恰有 SQL 或 Python 之一 / a step has either SQL or Python", where)
    if len(set(names)) != len(names):
        raise PlanError("列名重复 / a column name occurs twice", where)
    stray = [name for name in (*step.writes.key, *step.writes.nullable) if name not in names]
    if stray or not step.writes.key:
        raise PlanError(f"键列不在表中 / the key is not among the columns: {', '.join(stray) or '-'}", where)
    if step.apart and step.apart not in step.reads:
        raise PlanError(f"步骤不读表 {step.apart} / the step does not read {step.apart}", where)
    if len(set(step.reads)) != len(step.reads):
        raise PlanError("读入的表重复 / a table is read twice", where)
    hidden = [name for name in ("__closure__", "__defaults__", "__kwdefaults__", "keywords") if getattr(step.python, name, None)]
    if hidden:
        raise PlanError(
            f"Python 步骤带有键以外的输入 ({hidden[0]}) / a Python step holds inputs outside its key ({hidden[0]})",
            where,
            "用模块级函数，把输入放进 arguments / use a module-level function and put the inputs into `arguments`",
        )


def _topological(steps: Mapping[str, Step]) -> Sequence[str]:
    done: dict[str, None] = {}
    for start in steps:
        stack: list[tuple[str, bool]] = [(start, False)]
        open_: set[str] = set()
        while stack:
            name, leaving = stack.pop()
            if leaving:
                open_.discard(name)
                done[name] = None
            elif name in open_:
                raise PlanError(f"步骤互相等待 / steps wait for each other in a circle: {', '.join(sorted(open_))}")
            elif name not in done:
                open_.add(name)
                stack.append((name, True))
                stack.extend((read, False) for read in reversed(steps[name].reads) if read not in done)
    return list(done)
