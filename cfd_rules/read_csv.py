"""CSV and TSV in any encoding. The bytes are decoded by Python's codecs (DuckDB and Arrow know no GB18030) and parsed by Arrow."""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv

from cityweave.cfd_rules.contract import Format
from cityweave.cfd_rules.errors import InputError
from cityweave.cfd_rules.read_table import IGNORED, Cells, distinct_headings, joined_headings

_UNDECODED = "\ufffd\uf8fe"
"""Stands where a byte could not be decoded, so that the row can be found again."""


@dataclass
class _Broken:
    """The rows that cannot be read, by data row: why, and whether the parser left them out."""

    form: Format
    why: dict[int, str] = field(default_factory=dict)
    left_out: list[int] = field(default_factory=list)

    def refuse(self, row: pacsv.InvalidRow) -> Literal["skip", "error"]:
        """Called by Arrow for a row with too many or too few fields."""
        assert row.number is not None  # Arrow numbers rows where it reads with one thread
        fields = f"应有 {row.expected_columns} 栏，实有 {row.actual_columns} 栏 / {row.actual_columns} fields instead of {row.expected_columns}"
        first = next((cell.strip() for cell in (row.text or "").split(self.form.separator) if cell.strip()), "").strip(self.form.quote or None)
        footnote = not first or any(re.search(pattern, first) for pattern in self.form.ignore)
        self.why.setdefault(row.number, IGNORED if footnote else fields)
        self.left_out.append(row.number)
        return "skip"


def read_csv(path: Path, form: Format) -> Cells:
    """The rows of a CSV or TSV file. Too many or too few fields, an unclosed quote, undecodable bytes: the row's problem, never a lost row."""
    text = decoded(path, form.encoding)
    separator = form.separator
    form, text = _one_character(form, text)
    for _ in range(form.skip):
        text = text.partition("\n")[2]
    if not text.strip():
        raise InputError("文件是空的 / the file is empty", path.name, "请部门重新交付 / ask the department to deliver it again")
    lines, body = _head(text, form, path)
    headings = distinct_headings(joined_headings(lines) if form.header else [None] * len(lines[0]))
    if not headings:
        where = f"{path.name}, 行 / line {form.skip + 1}"
        raise InputError("表头行是空的 / the line of the headings is empty", where, "在合同中写 format.skip 跳过空行 / skip empty lines by format.skip")
    broken = _Broken(form)
    if form.quote and body.count(form.quote) % 2:
        body = _without_open_quotes(body, form.quote, broken)
    table = _parsed(body, form, headings, broken)
    if form.separator == _UNIT and form.quote in text:
        table = _with_separators(table, separator)
    return _whole(table, broken, _UNDECODED in text)


_UNIT = "\x1f"


def _one_character(form: Format, text: str) -> tuple[Format, str]:
    """A separator of several characters, or of one that is not ASCII, is read as one that no text holds."""
    if len(form.separator) == 1 and form.separator.isascii():
        return form, text
    return replace(form, separator=_UNIT), text.replace(_UNIT, "").replace(form.separator, _UNIT)


def _with_separators(table: pa.Table, separator: str) -> pa.Table:
    """Within quotes the separator is a part of the cell."""
    frame = pl.DataFrame(pl.from_arrow(table)).with_columns(pl.all().str.replace_all(_UNIT, separator, literal=True))
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())


def _head(text: str, form: Format, path: Path) -> tuple[list[list[str]], str]:
    """The lines of headings (without headings: the first line), and the text of the data rows."""
    lines, end = [], 0
    for _ in range(max(form.header, 1)):
        start, end = end, _end_of_record(text, end, form.quote)
        try:
            reader = csv.reader(io.StringIO(text[start:end]), delimiter=form.separator, quotechar=form.quote or None, quoting=_quoting(form))
            lines.append(next(reader, []))
        except csv.Error as error:
            where = f"{path.name}, 行 / line {form.skip + len(lines) + 1}"
            raise InputError(f"表头读不了 / the headings cannot be read: {error}", where, "看合同的 format / look at format in the contract") from None
    return lines, text[end:] if form.header else text


def _quoting(form: Format) -> Literal[0, 3]:
    return csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE


def decoded(path: Path, encoding: str) -> str:
    """The text of a file, lines ended by \\n; what cannot be decoded is marked. InputError when the encoding must be another."""
    raw = path.read_bytes()
    refuse_other_encoding(raw, encoding, path)
    try:
        text = raw.decode(encoding)
    except UnicodeError:
        text = _decoded_in_part(raw, encoding, path)
    text = text.removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


_PACKED = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
"""How zip (so xlsx), xls, gzip, rar and 7z begin."""


def _decoded_in_part(raw: bytes, encoding: str, path: Path) -> str:
    text = raw.decode(encoding, errors="replace").replace("\ufffd", _UNDECODED)
    failures, lines = text.count(_UNDECODED), text.count("\n") + 1
    if raw.startswith(_PACKED):
        what = "这不是文本文件，是 Excel 或压缩包 / this is no text but an Excel file or an archive"
        raise InputError(what, path.name, "解压，或在合同中写 kind: xlsx / unpack it, or say kind: xlsx")
    if failures * 10 > lines + 20:
        raise _other_encoding(encoding, likely_encoding(raw), path)
    return text


def refuse_other_encoding(raw: bytes, encoding: str, path: Path) -> None:
    """InputError when the text reads in another encoding than the contract's: UTF-8 read as GB18030 is some text, too, and its headings would seem missing."""
    head = raw[:_LOOKED_AT]
    beyond = sum(1 for byte in head if byte > 0x7F)
    likely = likely_encoding(head) if beyond >= _BEYOND else encoding
    utf8 = (_decodes(head, "utf-8") is not None, _is_utf8(encoding))
    if likely.startswith("utf-16") or utf8[0] == utf8[1] or head.startswith(_PACKED):
        return
    if utf8[0] or _everyday(_decodes(head, likely) or "") >= _EVERYDAY_ENOUGH > _everyday(head.decode(encoding, errors="replace")):
        raise _other_encoding(encoding, likely, path)


_LOOKED_AT = 1 << 16
_BEYOND, _EVERYDAY_ENOUGH = 12, 100
"""Bytes beyond ASCII, and everyday Han in a thousand, from which on a text tells its encoding."""


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")


def _other_encoding(encoding: str, likely: str, path: Path) -> InputError:
    return InputError(
        f"文件不是合同所说的编码 {encoding}，用 {likely} 能读 / the file does not read in the encoding of the contract, {encoding}; {likely} reads it",
        path.name,
        f"在合同中写 format.encoding: {likely}，或请部门按 {encoding} 交付 / say format.encoding: {likely} in the contract, or ask for {encoding}",
    )


def likely_encoding(raw: bytes) -> str:
    """The encoding that bytes most likely have: by their mark, by zero bytes, else UTF-8, else of GB18030 and Big5 the one that gives more everyday Han."""
    if raw.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    start = raw[:4096]
    if start.count(0) * 8 > len(start):
        return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"
    texts = {encoding: text for encoding in ("utf-8", "gb18030", "big5") if (text := _decodes(raw, encoding)) is not None}
    if "utf-8" in texts or not texts:
        return "utf-8" if texts else "latin-1"
    return max(texts, key=lambda encoding: (_everyday(texts[encoding]), encoding == "gb18030"))


def _decodes(raw: bytes, encoding: str) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(raw)
    except UnicodeDecodeError:
        return None


_EVERYDAY = frozenset(
    "的一是在有人这中大为上国年月日号编姓名性别男女汉族出生址电话地市区县街道路镇村社单位公司企业登记住房楼层室户籍王李张刘陈杨黄赵吴周小明文华"
    "這為國號編別漢電話區縣鎮單業記樓層戶張劉陳楊黃趙吳華"
)


def _everyday(text: str) -> int:
    """How many of the characters beyond ASCII are everyday Han, in per mille."""
    beyond = [character for character in text[:20_000] if character > "\x7f"]
    return sum(1 for character in beyond if character in _EVERYDAY) * 1000 // max(len(beyond), 1)


def _end_of_record(text: str, start: int, quote: str) -> int:
    end = text.find("\n", start)
    while quote and end != -1 and text.count(quote, start, end) % 2:
        end = text.find("\n", end + 1)
    return len(text) if end == -1 else end + 1


def _without_open_quotes(body: str, quote: str, broken: _Broken) -> str:
    """An odd number of quotes would swallow rows: then a line is a row, and the lines that are odd themselves are put aside."""
    lines = pl.DataFrame({"line": body.split("\n")}).filter(pl.col("line") != "")
    odd = lines.select(pl.col("line").str.count_matches(re.escape(quote)) % 2 == 1).to_series()
    broken.why.update(dict.fromkeys((odd.arg_true() + 1).to_list(), "引号未闭合 / a quote is not closed"))
    return "\n".join(lines.select(pl.when(odd).then(pl.lit(quote * 2)).otherwise(pl.col("line"))).to_series().to_list()) + "\n"


def _parsed(body: str, form: Format, headings: list[str], broken: _Broken) -> pa.Table:
    """The rows that have the right number of fields; the others are noted in `broken`, which needs a single thread."""
    if not body.strip("\n"):
        return pa.table({name: pa.array([], pa.string()) for name in headings})
    data = body.encode()
    try:
        return _parse(data, form, headings, None)
    except pa.ArrowInvalid:
        return _parse(data, form, headings, broken)


def _parse(data: bytes, form: Format, headings: list[str], broken: _Broken | None) -> pa.Table:
    return pacsv.read_csv(
        io.BytesIO(data),
        pacsv.ReadOptions(column_names=headings, use_threads=broken is None, block_size=1 << 24),
        pacsv.ParseOptions(
            delimiter=form.separator,
            quote_char=form.quote or False,
            newlines_in_values=bool(form.quote) and form.quote.encode() in data,
            invalid_row_handler=broken.refuse if broken else None,
        ),
        pacsv.ConvertOptions(column_types=dict.fromkeys(headings, pa.string()), strings_can_be_null=True, null_values=[""]),
    )


def _whole(table: pa.Table, broken: _Broken, undecoded: bool) -> Cells:
    """The file as it was delivered: the rows that the parser left out stand in their places again, empty, with the reason."""
    rows = len(table) + len(broken.left_out)
    why = np.full(rows, None, dtype=object)
    why[np.fromiter(broken.why, np.int64, len(broken.why)) - 1] = list(broken.why.values())
    if broken.left_out:
        kept = np.ones(rows, dtype=bool)
        kept[np.array(broken.left_out) - 1] = False
        table = table.take(pa.array(np.cumsum(kept) - 1, pa.int64(), mask=~kept))
    problem = pl.Series("problem", why.tolist(), dtype=pl.String)
    if undecoded:
        cells = pl.DataFrame(pl.from_arrow(table))
        marked = cells.select(pl.any_horizontal(pl.all().str.contains(_UNDECODED, literal=True).fill_null(False))).to_series()
        bytes_ = pl.lit("有无法解码的字节 / holds bytes that cannot be decoded")
        problem = pl.DataFrame([problem, marked.alias("marked")]).select(
            pl.when(pl.col("marked") & pl.col("problem").is_null()).then(bytes_).otherwise("problem").alias("problem")
        )["problem"]
    return Cells(table, problem)
