"""The text of a field made its value: one function for each kind, or a reason why not."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sfactl.core import quantities
from sfactl.core.money import minor_digits
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.transfer.cells import Said
from sfactl.transfer.dates import date_reader, day_after
from sfactl.transfer.faults import BadCell
from sfactl.transfer.nouns import Field, Kind
from sfactl.transfer.numbers import CANONICAL, Number, NumberStyle, in_units, number_reader, without_currency

Value = str | int
Clean = Callable[[str, list[str]], Value]
"""The value of a text that is there; the record says the row's currency. Raises `BadCell`."""
CurrencyOf = Callable[[list[str]], str]

LONGEST_TEXT: Final = 10_000
LONGEST_CODE: Final = 64
_PRICE_PLACES: Final = 4
_QUANTITY_PLACES: Final = 3
_RATE_PLACES: Final = 9
_SHARE_PLACES: Final = 4
_DEGREE_PLACES: Final = 6
_WHOLE: Final = 10_000
YES: Final = frozenset({"1", "true", "t", "yes", "y", "on", "si", "sí", "s", "verdadero", "x"})
NO: Final = frozenset({"0", "false", "f", "no", "n", "off", "falso"})
EMAIL: Final = re.compile(r"[^@\s,;:<>()\[\]\\\"]+@[^@\s,;:<>()\[\]\\\"]+")


@dataclass(frozen=True)
class Form:
    """How a file writes the values of one field."""

    numbers: NumberStyle = CANONICAL
    dates: tuple[str, ...] = ("iso",)
    scale: Number | None = None
    inclusive: bool = False


def said_cleaner(field: Field, form: Form, currency_of: CurrencyOf) -> Clean:
    """As `cleaner`, but what the manifest says itself is read in sfactl's own form."""
    clean = cleaner(field, form, currency_of)
    said = cleaner(field, Form(inclusive=form.inclusive), currency_of)

    def either(text: str, record: list[str]) -> Value:
        return said(text, record) if type(text) is Said else clean(text, record)

    return either


def cleaner(field: Field, form: Form, currency_of: CurrencyOf) -> Clean:
    """How the texts of a field are read."""
    match field.kind:
        case Kind.TEXT:
            return _text
        case Kind.CODE:
            return _code
        case Kind.DATE:
            return _date(form)
        case Kind.BOOL:
            return _bool
        case Kind.CHOICE:
            return _choice(field.choices)
        case Kind.EMAIL:
            return _email
        case Kind.CURRENCY:
            return _currency
        case _:
            return _number(field, form, currency_of)


def _number(field: Field, form: Form, currency_of: CurrencyOf) -> Clean:
    read, scale = number_reader(form.numbers), form.scale
    match field.kind:
        case Kind.MONEY:
            return _money(read, scale, currency_of)
        case Kind.UNIT_PRICE:
            return _unit_price(read, scale, currency_of)
        case Kind.SHARE:
            return _share(read, scale)
        case Kind.RATE:
            return lambda text, _record: in_units(read(text), _RATE_PLACES, scale)
        case Kind.QUANTITY:
            return _quantity(read, scale)
        case Kind.DEGREES:
            return _degrees(read, scale, field.between or (-180, 180))
        case _:
            return _integer(read, scale, field.between)


def _quantity(read: Callable[[str], Number], scale: Number | None) -> Clean:
    def clean(text: str, _record: list[str]) -> Value:
        units = in_units(read(text), _QUANTITY_PLACES, scale)
        if abs(units) > quantities.LARGEST * 10**_QUANTITY_PLACES:
            raise BadCell(text, _("is more than any quantity is"))
        return units

    return clean


def _degrees(read: Callable[[str], Number], scale: Number | None, between: tuple[int, int]) -> Clean:
    def clean(text: str, _record: list[str]) -> Value:
        units = in_units(read(text), _DEGREE_PLACES, scale)
        least, most = between
        if not least * 10**_DEGREE_PLACES <= units <= most * 10**_DEGREE_PLACES:
            raise BadCell(text, _("is not between {least} and {most}").format(least=least, most=most))
        return units

    return clean


def _text(text: str, _record: list[str]) -> Value:
    if len(text) > LONGEST_TEXT:
        raise BadCell(text, _too_long(text, LONGEST_TEXT))
    return text


def _code(text: str, _record: list[str]) -> Value:
    if len(text) > LONGEST_CODE:
        raise BadCell(text, _too_long(text, LONGEST_CODE))
    if "\n" in text or "\t" in text:
        raise BadCell(text, _("has a line end or a tab inside"))
    return text


def _too_long(text: str, most: int) -> str:
    return _("has {length} characters, and at most {most} fit").format(length=len(text), most=most)


def _date(form: Form) -> Clean:
    read = date_reader(form.dates)
    if form.inclusive:
        return lambda text, _record: day_after(read(text))
    return lambda text, _record: read(text)


def _bool(text: str, _record: list[str]) -> Value:
    word = text.casefold()
    if word in YES:
        return 1
    if word in NO:
        return 0
    raise BadCell(text, _("is neither yes nor no: say with map what it means"))


def _choice(choices: tuple[str, ...]) -> Clean:
    known = {choice: choice for choice in choices}

    def read(text: str, _record: list[str]) -> Value:
        found = known.get(text) or known.get(re.sub(r"[\s-]+", "_", text.casefold()))
        if found is None:
            raise BadCell(text, _("is none of {choices}").format(choices=", ".join(choices)))
        return found

    return read


def _email(text: str, _record: list[str]) -> Value:
    if len(text) > 254 or not EMAIL.fullmatch(text):
        raise BadCell(text, _("is not one e-mail address"))
    return text


def _currency(text: str, _record: list[str]) -> Value:
    code = text.upper()
    try:
        minor_digits(code)
    except UsageFault:
        raise BadCell(text, _("is not a currency code of ISO 4217")) from None
    return code


def _amount(read: Callable[[str], Number], text: str, currency: str) -> Number:
    try:
        return read(text)
    except BadCell:
        bare = without_currency(text, currency)
        if bare == text:
            raise
        return read(bare)


def _money(read: Callable[[str], Number], scale: Number | None, currency_of: CurrencyOf) -> Clean:
    def money(text: str, record: list[str]) -> Value:
        currency = currency_of(record)
        return in_units(_amount(read, text, currency), minor_digits(currency), scale)

    return money


def _unit_price(read: Callable[[str], Number], scale: Number | None, currency_of: CurrencyOf) -> Clean:
    def unit_price(text: str, record: list[str]) -> Value:
        return in_units(_amount(read, text, currency_of(record)), _PRICE_PLACES, scale)

    return unit_price


def _share(read: Callable[[str], Number], scale: Number | None) -> Clean:
    def share(text: str, _record: list[str]) -> Value:
        if text.endswith("%"):
            value, decimals = read(text[:-1].rstrip())
            points = in_units((value, decimals + 2), _SHARE_PLACES)
        else:
            points = in_units(read(text), _SHARE_PLACES, scale)
        if points > _WHOLE:
            raise BadCell(text, _("is more than 100 %: say scale = 0.01 if the file means percent"))
        if points < 0:
            raise BadCell(text, _("is less than 0 %"))
        return points

    return share


def _integer(read: Callable[[str], Number], scale: Number | None, between: tuple[int, int] | None) -> Clean:
    def integer(text: str, _record: list[str]) -> Value:
        value, decimals = read(text)
        if scale is not None:
            value, decimals = value * scale[0], decimals + scale[1]
        whole, rest = divmod(value, 10**decimals)
        if rest:
            raise BadCell(text, _("is not a whole number"))
        if between and not between[0] <= whole <= between[1]:
            raise BadCell(text, _("is not between {least} and {most}").format(least=between[0], most=between[1]))
        return in_units((whole, 0), 0)

    return integer
