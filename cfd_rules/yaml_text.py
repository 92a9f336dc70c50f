"""YAML as contracts and packs are written in: plain values only, read by libyaml where it is installed, which is ten times as quick."""

from __future__ import annotations

from typing import Any

import yaml

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def from_yaml(text: str) -> Any:
    """What the text says, as plain Python values. Errors: yaml.YAMLError where it is not YAML."""
    return yaml.load(text, Loader=LOADER)
