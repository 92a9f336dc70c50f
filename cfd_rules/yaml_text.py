"""YAML by libyaml where it is there: parsing the registry and the packs otherwise takes longer than many steps."""

from __future__ import annotations

import re
from typing import Any

import yaml

_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_FAST):  # type: ignore[misc]  # the base depends on whether libyaml is there
    """Only true and false are truth, as in YAML 1.2: a column may be called no, on or y. A date is a text. A key stands once (sec. 3.2.1.3)."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        """As usual; a ConstructorError for a key that stands twice, of which one would be lost without a word."""
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(None, None, f"键 {twice} 写了两次 / the key {twice} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


_BOOL, _DATE = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"
_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag not in (_BOOL, _DATE)] for letter, resolvers in _FAST.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))


def from_yaml(text: str) -> Any:
    """What a YAML text means: dicts, lists, texts, numbers, truth."""
    return yaml.load(text, Loader=_Loader)  # a safe loader
