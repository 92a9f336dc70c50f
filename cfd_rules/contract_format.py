"""How a file is written, as a contract says it."""

from __future__ import annotations

import codecs
from typing import cast

from cityweave.cfd_rules.contract import FILE_KINDS, FileKind, Format
from cityweave.cfd_rules.contract_cell import check_pattern
from cityweave.cfd_rules.contract_node import Node
from cityweave.cfd_rules.contract_words import known
from cityweave.cfd_rules.errors import suggestion

_TEXT = ("csv", "tsv")
_WORDS = {
    # word -> the kinds of file it is for
    "encoding": (*_TEXT, "jsonl", "json"),
    "separator": _TEXT,
    "quote": _TEXT,
    "skip": (*_TEXT, "xlsx"),
    "header": (*_TEXT, "xlsx"),
    "sheet": ("xlsx",),
    "sheets": ("xlsx",),
    "sheet_column": ("xlsx",),
    "rows": ("json",),
    "ignore": FILE_KINDS,
    "fill_down": FILE_KINDS,
}


_NO_ENCODINGS = ("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape")
"""What Python calls encodings of text, and no department does."""


def format_of(node: Node) -> Format:
    """The format under `format`. A word that the kind of file does not know is refused, so that nobody believes it had worked."""
    node.only(known("format"))
    kind = cast(FileKind, node.choice("kind", FILE_KINDS))
    for word, kinds in _WORDS.items():
        if node.has(word) and kind not in kinds:
            node.fail(word, f"{kind} 没有 {word} / {word} means nothing for {kind}", f"删去它；用于 / delete it; it is for {', '.join(kinds)}")
    return Format(
        kind=kind,
        encoding=_encoding(node),
        separator=_separator(node, kind),
        quote=_quote(node),
        skip=node.number("skip"),
        header=_header(node),
        sheets=_sheets(node),
        sheet_column=node.text("sheet_column", ""),
        ignore=_patterns(node, "ignore"),
        fill_down=node.texts("fill_down"),
        rows=node.text("rows", ""),
    )


def _encoding(node: Node) -> str:
    encoding = node.text("encoding", "utf-8")
    try:
        text = codecs.lookup(encoding).name not in _NO_ENCODINGS and bool("A".encode(encoding))  # base64 and zip are codecs, but of no text
    except LookupError:
        text = False
    if not text:
        what = f"不是文字编码 {encoding} / {encoding} is no encoding of text"
        node.fail("encoding", what, suggestion(encoding, ("utf-8", "gb18030", "gbk", "big5", "utf-16")))
    return encoding


def _separator(node: Node, kind: str) -> str:
    separator = node.text("separator", "\t" if kind == "tsv" else ",")
    if not 1 <= len(separator) <= 8 or set(separator) & set('\n\r"'):
        todo = '制表符写作 "\\t" / a tab is written "\\t"'
        node.fail("separator", "分隔符须为一到八个字符，不含引号和换行 / the separator is one to eight characters, no quote and no line end", todo)
    return separator


def _quote(node: Node) -> str:
    quote = node.text("quote", '"')
    if len(quote) > 1 or not quote.isascii():
        node.fail("quote", "引号须为一个 ASCII 字符或空 / the quote is one ASCII character, or empty")
    return quote


def _header(node: Node) -> int:
    raw = node.raw.get("header", True)
    if isinstance(raw, bool):
        return int(raw)
    if not isinstance(raw, int) or not 0 <= raw <= 9:
        node.fail("header", "表头须为 true、false 或行数 / header is true, false or the number of its lines")
    return raw


def _sheets(node: Node) -> tuple[str, ...]:
    if node.has("sheet") and node.has("sheets"):
        node.fail("sheets", "sheet 与 sheets 只能写一个 / say either sheet or sheets")
    if node.has("sheet"):
        return (node.text("sheet"),)
    return ("*",) if node.raw.get("sheets") == "all" else node.texts("sheets")


def _patterns(node: Node, name: str) -> tuple[str, ...]:
    patterns = node.texts(name)
    for pattern in patterns:
        check_pattern(node, name, pattern)
    return patterns
