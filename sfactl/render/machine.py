"""JSON, JSON lines and CSV: a contract with scripts. No locale, no colour, one row after the other.

Money and shares are decimal strings, dates ISO, moments ISO in UTC, absent values null (empty in CSV).
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any, Final, TextIO, TypeAlias

from sfactl.core.money import round_half_up
from sfactl.core.text import guard_formula
from sfactl.render.cells import words
from sfactl.render.columns import Column, Kind
from sfactl.render.output import speak_utf8

Plain: TypeAlias = str | int | bool | None
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)
_NEEDS_QUOTES: Final = re.compile('[",\r\n]|^\\s|\\s$')


def plain_rows(rows: Iterable[object], columns: Sequence[Column]) -> Iterator[dict[str, Plain]]:
    """Each row as a flat object of the columns' keys."""
    fields = [(column.key, column.reader, _FORMS[column.kind]) for column in columns]
    for row in rows:
        values = [(key, read(row), form) for key, read, form in fields]
        yield {key: None if value is None else form(value) for key, value, form in values}


def write_json(rows: Iterable[object], columns: Sequence[Column], stream: TextIO) -> int:
    """An array with one object a line; returns the number of rows."""
    speak_utf8(stream)
    count = 0
    for record in plain_rows(rows, columns):
        stream.write(("[\n" if count == 0 else ",\n") + json_text(record))
        count += 1
    stream.write("\n]\n" if count else "[]\n")
    return count


def write_jsonl(rows: Iterable[object], columns: Sequence[Column], stream: TextIO) -> int:
    """One object a line; returns the number of rows."""
    speak_utf8(stream)
    count = 0
    for record in plain_rows(rows, columns):
        stream.write(json_text(record) + "\n")
        count += 1
    return count


def write_csv(rows: Iterable[object], columns: Sequence[Column], stream: TextIO) -> int:
    """A header and one line a row; returns the number of rows.

    Text is guarded against being computed by a spreadsheet (`core.text.guard_formula`); on a terminal, what it would
    obey is replaced.
    """
    speak_utf8(stream)
    texts = {column.key for column in columns if column.kind in (Kind.TEXT, Kind.CODE)}
    clean = _visible if stream.isatty() else _encodable
    stream.write(_csv_line([column.key for column in columns]))
    count = 0
    for record in plain_rows(rows, columns):
        stream.write(_csv_line([_csv_cell(value, key in texts, clean) for key, value in record.items()]))
        count += 1
    return count


def json_text(value: object, indent: int | None = None) -> str:
    """JSON in which everything that is no visible character is escaped, and all else is itself."""
    text = json.dumps(value, ensure_ascii=False, indent=indent) if indent else _ENCODER.encode(value)
    return "\n".join(line if line.isprintable() else _escaped(line) for line in text.split("\n"))


def _escaped(line: str) -> str:
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line)


def _csv_cell(value: Plain, is_text: bool, clean: Callable[[str], str]) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return clean(guard_formula(value)) if is_text and isinstance(value, str) else str(value)


def _csv_line(cells: Sequence[str]) -> str:
    if list(cells) == [""]:
        return '""\n'  # else the row would look like a blank line
    return ",".join(map(_quoted, cells)) + "\n"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _NEEDS_QUOTES.search(cell) else cell


def _encodable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() or c in "\n\u00a0" else "\ufffd" for c in text)


def _decimal(units: int, places: int, least: int) -> str:
    sign, digits = "-" if units < 0 else "", f"{abs(units):0{places + 1}}"
    whole, fraction = digits[:-places], digits[-places:].rstrip("0").ljust(least, "0")
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def _share(share: Fraction) -> str:
    return _decimal(round_half_up(Fraction(share) * 10_000), 4, 4)


def _moment(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


_FORMS: Final[dict[Kind, Callable[[Any], Plain]]] = {
    Kind.TEXT: words,
    Kind.CODE: words,
    Kind.INTEGER: int,
    Kind.QUANTITY: lambda thousandths: _decimal(thousandths, 3, 0),
    Kind.MONEY: str,
    Kind.UNIT_PRICE: lambda units: _decimal(units, 4, 2),
    Kind.SHARE: _share,
    Kind.DATE: date.isoformat,
    Kind.DATETIME: _moment,
    Kind.BOOL: bool,
}
