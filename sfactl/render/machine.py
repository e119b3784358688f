"""JSON, JSON lines and CSV: a contract with scripts. No locale, no colour, one row after the other.

Money and shares are decimal strings, dates ISO, moments ISO in UTC, absent values null (empty in CSV). After the first
rows, values are made ready column by column for some hundred rows at a time: what many of them have in common is looked
at once.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import islice
from json.encoder import encode_basestring
from typing import Any, Final, TextIO, TypeAlias

from sfactl.core.money import Money, minor_digits, round_half_up
from sfactl.core.text import guard_formula
from sfactl.render.cells import words
from sfactl.render.columns import Column, Kind
from sfactl.render.output import speak_utf8

Plain: TypeAlias = str | int | bool | None
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)
_NEEDS_QUOTES: Final = re.compile('[",\r\n]|^\\s|\\s$')
_NOT_QUOTED: Final = re.compile("\r|\n\\s|\\s\n")
"""What the library's writer would not quote, though it has to be; in cells with line ends before and after."""
_ODD: Final = (*(f"\n{sign}" for sign in "\n '=+-@|%"), " \n")
"""How a line may start that is a formula or looks guarded, and how one may end that needs quotes."""
_FIRST: Final = 16
_TOGETHER: Final = 1000


def plain_rows(rows: Iterable[object], columns: Sequence[Column]) -> Iterator[dict[str, Plain]]:
    """Each row as a flat object of the columns' keys."""
    return map(plain_reader(columns), rows)


def plain_reader(columns: Sequence[Column]) -> Callable[[object], dict[str, Plain]]:
    """What turns a row into a flat object of the columns' keys."""
    fields = [(column.key, column.reader, _FORMS[column.kind]) for column in columns]

    def read_row(row: object) -> dict[str, Plain]:
        values = [(key, read(row), form) for key, read, form in fields]
        return {key: None if value is None else form(value) for key, value, form in values}

    return read_row


def write_json(rows: Iterable[object], columns: Sequence[Column], stream: TextIO) -> int:
    """An array with one object a line; returns the number of rows."""
    speak_utf8(stream)
    count = 0
    for lines in _json_lines(rows, columns):
        stream.write(("[\n" if count == 0 else ",\n") + ",\n".join(lines))
        count += len(lines)
    stream.write("\n]\n" if count else "[]\n")
    return count


def write_jsonl(rows: Iterable[object], columns: Sequence[Column], stream: TextIO) -> int:
    """One object a line; returns the number of rows."""
    speak_utf8(stream)
    count = 0
    for lines in _json_lines(rows, columns):
        stream.write("\n".join(lines) + "\n")
        count += len(lines)
    return count


def write_csv(rows: Iterable[object], columns: Sequence[Column], stream: TextIO) -> int:
    """A header and one line a row; returns the number of rows.

    Text is guarded against being computed by a spreadsheet (`core.text.guard_formula`); on a terminal, what it would
    obey is replaced.
    """
    speak_utf8(stream)
    clean = _visible if stream.isatty() else _encodable
    write_quickly = csv.writer(stream, lineterminator="\n").writerows
    stream.write(_csv_line([column.key for column in columns]))
    count = 0
    for batch in _batches(rows):
        made = [_csv_cells(values, column.kind, clean) for column, values in _by_column(batch, columns)]
        lines = zip(*(cells for cells, _is_odd in made), strict=True)
        if any(is_odd for _cells, is_odd in made):
            stream.writelines(map(_csv_line, lines))
        else:
            write_quickly(lines)
        count += len(batch)
    return count


def _batches(rows: Iterable[object]) -> Iterator[list[object]]:
    """The first rows one by one, so that whoever waits sees them at once; then many together."""
    iterator = iter(rows)
    yield from ([row] for row in islice(iterator, _FIRST))
    while batch := list(islice(iterator, _TOGETHER)):
        yield batch


def _by_column(batch: Sequence[object], columns: Sequence[Column]) -> Iterator[tuple[Column, list[Plain]]]:
    for column in columns:
        values, form = list(map(column.reader, batch)), _FORMS[column.kind]
        if form is not words or not _TEXTS.issuperset(map(type, values)):
            values = [None if value is None else form(value) for value in values]
        yield column, values


def _json_lines(rows: Iterable[object], columns: Sequence[Column]) -> Iterator[list[str]]:
    """The rows as objects, some at a time."""
    pairs = ", ".join(f"{_ENCODER.encode(column.key).replace('%', '%%')}: %s" for column in columns)
    template = f"{{{pairs}}}"
    for batch in _batches(rows):
        cells = [_json_cells(values) for _column, values in _by_column(batch, columns)]
        lines = [template % row for row in zip(*cells, strict=True)]
        yield lines if "".join(lines).isprintable() else list(map(_shown, lines))


def _json_cells(values: Sequence[Plain]) -> Iterable[str]:
    kinds = set(map(type, values))
    if len(kinds) == 1:
        return map(_JSON[kinds.pop()], values)
    return [_JSON[type(value)](value) for value in values]


_TEXTS: Final = {str, type(None)}
_JSON: Final[dict[type, Callable[[Any], str]]] = {
    str: encode_basestring,
    int: str,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _value: "null",
}


def json_text(value: object, indent: int | None = None) -> str:
    """JSON in which everything that is no visible character is escaped, and all else is itself."""
    text = json.dumps(value, ensure_ascii=False, indent=indent) if indent else _ENCODER.encode(value)
    return "\n".join(map(_shown, text.split("\n")))


def _shown(line: str) -> str:
    return line if line.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line)


def _csv_cells(values: list[Plain], kind: Kind, clean: Callable[[str], str]) -> tuple[list[Plain], bool]:
    """The cells of a column, and whether one needs quotes that the library's writer would not give it."""
    if kind is Kind.BOOL:
        return [value if value is None else _JSON[bool](value) for value in values], False
    if kind not in (Kind.TEXT, Kind.CODE) or _are_harmless(values):
        return values, False
    cells = [_csv_text(str(value), clean) if value else None for value in values]
    return [*cells], _NOT_QUOTED.search(_one_a_line(cells)) is not None


def _one_a_line(cells: Iterable[Plain]) -> str:
    said: list[Any] = list(filter(None, cells))
    return "\n" + "\n".join(said) + "\n" if said else ""


def _are_harmless(texts: Sequence[Plain]) -> bool:
    """Whether all of them are visible ASCII, and none looks like a formula or ends in a blank."""
    joined = _one_a_line(texts)
    return joined.isascii() and joined.replace("\n", "").isprintable() and not any(odd in joined for odd in _ODD)


def _csv_text(text: str, clean: Callable[[str], str]) -> str:
    if text.isprintable():  # one line, and nothing in it to clean
        return text if text[0].isalnum() else guard_formula(text)
    return clean(guard_formula(text))


def _csv_line(cells: Sequence[Plain]) -> str:
    if len(cells) == 1 and cells[0] in (None, ""):
        return '""\n'  # else the row would look like a blank line
    return ",".join("" if cell is None else _quoted(str(cell)) for cell in cells) + "\n"


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


def _money(money: Money) -> str:
    places = minor_digits(money.currency)
    return _decimal(money.minor, places, places) if places else str(money.minor)


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
    Kind.MONEY: _money,
    Kind.UNIT_PRICE: lambda units: _decimal(units, 4, 2),
    Kind.SHARE: _share,
    Kind.DISCOUNT: _share,
    Kind.DATE: date.isoformat,
    Kind.DATETIME: _moment,
    Kind.BOOL: bool,
}
