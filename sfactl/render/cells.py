"""One value of a list as a person reads it: the cells of tables and Markdown."""

from collections.abc import Callable
from typing import Any, Final

from sfactl.i18n import _
from sfactl.render import bars, formats
from sfactl.render.columns import Column, Kind
from sfactl.render.output import Output

_SHOW: Final[dict[Kind, Callable[[Any, Output], str]]] = {
    Kind.TEXT: lambda value, _output: words(value),
    Kind.CODE: lambda value, _output: words(value),
    Kind.INTEGER: lambda value, output: formats.format_integer(value, output.locale),
    Kind.QUANTITY: lambda value, output: formats.format_quantity(value, output.locale),
    Kind.MONEY: lambda value, output: formats.format_money(value, output.locale),
    Kind.UNIT_PRICE: lambda value, output: formats.format_unit_price(value, output.locale),
    Kind.SHARE: lambda value, output: formats.format_share(value, output.locale),
    Kind.DISCOUNT: lambda value, output: formats.format_discount(value, output.locale),
    Kind.DATE: lambda value, output: formats.format_date(value, output.locale),
    Kind.DATETIME: lambda value, output: formats.format_datetime(value, output.locale, output.zone),
    Kind.BOOL: lambda value, _output: _("yes") if value else _("no"),
    Kind.BAR: lambda value, output: bars.bar(value, plain=output.is_plain),
}


def words(value: object) -> str:
    """Text as it is; several texts with a comma between them."""
    if isinstance(value, tuple | list | set | frozenset):
        return ", ".join(map(str, sorted(value) if isinstance(value, set | frozenset) else value))
    return str(value)


def show(column: Column, output: Output, limit: int = 200) -> Callable[[object], str]:
    """What turns a row into the column's cell: text harmless for a terminal, in characters the stream can carry."""
    read, form = column.reader, _SHOW[column.kind]
    absent = "" if column.kind is Kind.BAR else output.carried(formats.NULL)

    def cell(row: object) -> str:
        value = read(row)
        return absent if value is None else output.text(form(value, output), limit)

    return cell
