"""The one tree of errors. Every floor raises from it; the door maps it to exit codes and HTTP status in one table.

CityweaveError
├── InputError        a delivered file or what a person typed
├── ContractError     a contract or the element registry
├── RuleError         a rule pack
├── ModelError        a trained model
├── StoreError        the store, the generations, the disk
├── PlanError         steps that do not fit together
├── EngineError       a step that failed while it ran
│   └── OutOfMemoryError  it had too little memory
├── DecisionError     a human's same / different / undo
└── DoorError         a question that may not be answered so
"""

from __future__ import annotations


class CityweaveError(Exception):
    """What happened, where, and what to do; each text is "中文 / English". Never carries a cell value of grade 3 or 4."""

    def __init__(self, what: str, where: str = "", todo: str = "") -> None:
        super().__init__(what, where, todo)
        self.what = what
        self.where = where
        self.todo = todo

    def __str__(self) -> str:
        """One line for each of what, where, and what to do; empty ones are left out."""
        lines = [self.what, f"位置 / where: {self.where}" if self.where else "", f"怎么办 / what to do: {self.todo}" if self.todo else ""]
        return "\n".join(line for line in lines if line)


class InputError(CityweaveError):
    """A delivered file, or what a person typed, is not what it should be."""


class ContractError(CityweaveError):
    """A contract or the element registry does not load."""


class RuleError(CityweaveError):
    """A rule pack does not load or contradicts itself."""


class ModelError(CityweaveError):
    """A trained model is absent, of another version, or made for other features."""


class StoreError(CityweaveError):
    """The store or the generations cannot be read or written: a full disk, a damaged entry, another writer."""


class PlanError(CityweaveError):
    """Steps do not fit together: a name twice, a table nobody makes, a circle, an input outside the key."""


class EngineError(CityweaveError):
    """A step failed while it ran, or its result is not what it declared."""


class OutOfMemoryError(EngineError):
    """A step had too little memory: alone it may have enough."""


class DecisionError(CityweaveError):
    """A human's decision cannot be recorded or bound."""


class DoorError(CityweaveError):
    """A question may not be answered, or not so."""
