"""`/docs`: the questions that HTTP answers, as one plain page made of the OpenAPI document. Nothing is fetched, no script runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

_STYLE = (
    "body{font:15px/1.5 'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "td{padding:.1em 1em .1em 0;vertical-align:top}code,pre{background:#f4f4f4}pre{padding:.5em;white-space:pre-wrap;overflow-wrap:anywhere}"
)


def page(document: Mapping[str, Any]) -> str:
    """The page."""
    schemas = document["components"]["schemas"]
    asked = "".join(_question(path, item["post"], schemas) for path, item in sorted(document["paths"].items()))
    return f"""<!DOCTYPE html>
<html lang="zh"><head><meta charset="utf-8"><title>{escape(document["info"]["title"])}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><style>{_STYLE}</style></head><body>
<h1>{escape(document["info"]["title"])}</h1><p>{escape(document["info"]["description"])}</p>
<p>每个问题：POST，JSON，首部 <code>Authorization: Bearer 令牌</code> / each question: POST, JSON, with the header <code>Authorization: Bearer TOKEN</code>.
机器可读 / for machines: <a href="/openapi.json">/openapi.json</a></p>{asked}</body></html>
"""


def _question(path: str, post: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    schema = schemas[post["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]]
    needed = set(schema.get("required", ()))
    fields: Mapping[str, Mapping[str, Any]] = schema["properties"]
    cells = (
        (f"<code>{escape(name)}</code>{' *' * (name in needed)}", escape(_type(field)), escape(field.get("description", ""))) for name, field in fields.items()
    )
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in cells)
    example = {name: field["examples"][0] for name, field in fields.items() if name in needed and field.get("examples")}
    shown = escape(json.dumps(example, ensure_ascii=False))
    return f"<h2><code>{escape(path)}</code></h2><p>{escape(post['summary'])}</p><table>{rows}</table><pre>{shown}</pre>"


def _type(field: Mapping[str, Any]) -> str:
    """What a field holds, as JSON names it."""
    kinds = field.get("anyOf", [field])
    return " | ".join(str(kind.get("type", "")) for kind in kinds)
