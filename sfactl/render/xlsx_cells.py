"""One value of a list as a cell of a workbook: what a spreadsheet keeps of it, and the format that shows it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, TypeAlias

from sfactl.core.money import Money, minor_digits, round_half_up
from sfactl.core.text import safe
from sfactl.render.cells import words
from sfactl.render.columns import Column, Kind
from sfactl.render.output import Output

Cell: TypeAlias = tuple[Any, str]
"""A value, and the number format that shows it; text has the format of text."""
TEXT: Final = "@"
_MOMENT: Final = "yyyy-mm-dd hh:mm:ss"
_LONGEST: Final = 32_767
"""What a cell holds, in units of UTF-16."""
_DIGITS: Final = 15
"""What a spreadsheet keeps of a number; one of more figures is written as text, so that none gets lost."""
_FIRST_MONTH: Final = (1900, 3)


def cell_of(column: Column, output: Output) -> Callable[[Any], Cell]:
    """What turns a value of the column, which is there, into its cell; moments are in the person's time zone."""
    if column.kind is Kind.DATETIME:
        return lambda moment: _day(moment.astimezone(output.zone).replace(tzinfo=None), _MOMENT)
    return _FORMS[column.kind]


def clean(text: str) -> str:
    """The text without what no cell can hold, or what would be drawn but not seen; its line ends stay."""
    if text.isascii() and text.isprintable() and len(text) <= _LONGEST:
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    return _cut("\n".join(safe(line, _LONGEST) for line in lines))


def _cut(text: str) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= 2 * _LONGEST:
        return text
    return units[: 2 * (_LONGEST - 1)].decode("utf-16-le", "ignore") + "…"


def _number(amount: Decimal, form: str) -> Cell:
    figures = "".join(map(str, amount.as_tuple().digits)).rstrip("0")
    return (amount, form) if len(figures) <= _DIGITS else (f"{amount:f}", TEXT)


def _money(money: Money) -> Cell:
    places = minor_digits(money.currency)
    return _number(money.decimal, f"#,##0{'.' if places else ''}{'0' * places} [${money.currency}]")


def _share(share: Fraction, form: str = "0.0%") -> Cell:
    return _number(Decimal(round_half_up(Fraction(share) * 10_000)).scaleb(-4), form)


def _day(day: date, form: str = "yyyy-mm-dd") -> Cell:
    """The day; spreadsheets know none before 1900 and count its first two months wrongly, so those are text."""
    return (day, form) if (day.year, day.month) >= _FIRST_MONTH else (str(day), TEXT)


_FORMS: Final[dict[Kind, Callable[[Any], Cell]]] = {
    Kind.TEXT: lambda value: (words(value), TEXT),
    Kind.CODE: lambda value: (words(value), TEXT),
    Kind.INTEGER: lambda value: _number(Decimal(value), "#,##0"),
    Kind.QUANTITY: lambda thousandths: _number(Decimal(thousandths).scaleb(-3), "General"),
    Kind.MONEY: _money,
    Kind.UNIT_PRICE: lambda units: _number(Decimal(units).scaleb(-4), "#,##0.00##"),
    Kind.SHARE: _share,
    Kind.DISCOUNT: lambda share: _share(share, "0.0#%"),
    Kind.DATE: _day,
    Kind.BOOL: lambda value: (bool(value), "General"),
}
