"""The floors install under one name, so nothing called `graph` or `api` lands in a user's site-packages."""

from __future__ import annotations

import importlib
import importlib.util

import pytest

FLOORS = ("engine", "cfd_rules", "resolver", "graph", "api", "fixtures")


@pytest.mark.parametrize("floor", FLOORS)
def test_floor_imports_under_the_distribution(floor: str) -> None:
    module = importlib.import_module(f"cityweave.{floor}")
    assert module.__doc__, f"cityweave.{floor} does not say what it is"
