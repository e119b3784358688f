"""What the columns of an unknown file hold, told from a sample of their cells."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sfactl.core.money import minor_digits
from sfactl.errors import UsageFault
from sfactl.transfer.cleaning import EMAIL, NO, YES
from sfactl.transfer.dates import date_reader
from sfactl.transfer.faults import BadCell
from sfactl.transfer.numbers import NumberStyle, number_reader, without_currency

NULL_WORDS: Final = frozenset({"NULL", "null", "\\N", "N/A", "n/a", "#N/A", "-", "--", "None", "none", "nan", "NaN"})
"""Words that mean "no value" wherever they turn up; not "NA", which may be Namibia or North America."""
DATE_FORMS: Final = (
    "iso",
    "iso-zoned",
    "day-first",
    "month-first",
    "%Y/%m/%d",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d.%m.%y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%Y%m%d",
)
_DATE_WORDS: Final = re.compile(r"date|fecha|day|since|until|from|_on\b|_at\b|start|end", re.IGNORECASE)
_POINT: Final = re.compile(r"\D*\d+\.(?:\d{1,2}|\d{4,})\D*|\D*\d{1,3}(?:[, '\xa0\u202f]\d{3})+\.\d+\D*")
_COMMA: Final = re.compile(r"\D*\d+,(?:\d{1,2}|\d{4,})\D*|\D*\d{1,3}(?:[. '\xa0\u202f]\d{3})+,\d+\D*")
_GROUPED: Final = re.compile(r"\D*\d{1,3}([., '\xa0\u202f])\d{3}(?:\1\d{3}|[.,]\d{1,2}(?!\d))+.*")


@dataclass(frozen=True)
class Guess:
    """What a column seems to hold."""

    kind: str
    "text, integer, number, percent, date, bool, currency, email or empty."
    dates: tuple[str, ...] = ()
    "The formats that read every cell of it."


def present(cells: Iterable[str], null: frozenset[str] = NULL_WORDS) -> list[str]:
    """The cells that hold something."""
    return [text for cell in cells if (text := cell.strip()) and text not in null]


def number_style(columns: Sequence[Sequence[str]]) -> NumberStyle:
    """The marks of a file's numbers; nothing declared where no cell tells."""
    cells = [cell for column in columns for cell in column if re.search(r"\d", cell)]
    points = sum(bool(_POINT.fullmatch(cell)) for cell in cells)
    commas = sum(bool(_COMMA.fullmatch(cell)) for cell in cells)
    marks = Counter(found[1] for cell in cells if (found := _GROUPED.fullmatch(cell)))
    thousands = next((mark for mark, _count in marks.most_common()), None)
    thousands = " " if thousands in ("\xa0", "\u202f") else thousands
    decimal = "," if commas > points else "." if points else None
    if thousands == decimal:
        thousands = None
    if thousands in (".", ",") and decimal is None:
        decimal = "," if thousands == "." else "."
    return NumberStyle(decimal, thousands)


def guess_column(name: str, cells: Sequence[str], style: NumberStyle) -> Guess:
    """What the cells of a column hold, all of them."""
    if not cells:
        return Guess("empty")
    dates = tuple(form for form in DATE_FORMS if _reads(date_reader([form]), cells))
    if dates and (dates != ("%Y%m%d",) or _DATE_WORDS.search(name)):
        return Guess("date", dates)
    read = number_reader(style)
    if all(re.fullmatch(r"-?\d+", cell) and cell.isascii() for cell in cells):
        return _whole_numbers(name, cells)
    if all(cell.endswith("%") for cell in cells) and _reads(read, [cell[:-1].rstrip() for cell in cells]):
        return Guess("percent")
    if _reads(lambda text: read(_bare(text)), cells):
        return Guess("number")
    return Guess(_word_kind(cells))


def _whole_numbers(name: str, cells: Sequence[str]) -> Guess:
    is_serial = all(len(cell) == 5 and 20_000 <= int(cell) <= 60_000 for cell in cells)
    return Guess("date", ("excel",)) if is_serial and _DATE_WORDS.search(name) else Guess("integer")


def _word_kind(cells: Sequence[str]) -> str:
    if all(cell.casefold() in YES | NO for cell in cells):
        return "bool"
    if all(EMAIL.fullmatch(cell) and "." in cell for cell in cells):
        return "email"
    if all(re.fullmatch("[A-Z]{3}", cell) and _is_currency(cell) for cell in set(cells)):
        return "currency"
    return "text"


def _is_currency(code: str) -> bool:
    try:
        minor_digits(code)
    except UsageFault:
        return False
    return True


def _bare(text: str) -> str:
    """A number without its currency, whatever that is."""
    found = re.search("[A-Z]{3}", text)
    return without_currency(text, found[0] if found else "")


def _reads(read: Callable[[str], object], cells: Sequence[str]) -> bool:
    try:
        for cell in cells:
            read(cell)
    except BadCell:
        return False
    return True


def has_header(records: Sequence[Sequence[str]], style: NumberStyle) -> bool:
    """Whether the first record names the columns: where those below hold numbers or dates, it does not."""
    if len(records) < 2:
        return True
    first = [cell.strip() for cell in records[0]]
    if len(set(filter(None, first))) < len([*filter(None, first)]):
        return False
    for_it = against = 0
    for position, cell in enumerate(first):
        below = present(record[position] for record in records[1:])
        kind = guess_column("date", below, style).kind
        if kind in ("text", "empty"):
            against += cell in below and len(set(below)) > 1
        elif cell:
            fits = guess_column("date", [cell], style).kind in (kind, "integer" if kind == "number" else kind)
            for_it, against = for_it + (not fits), against + fits
    return for_it >= against
