"""The fields of a source: how the text of each record becomes its value."""

from collections.abc import Callable

from sfactl.transfer.cells import ADDED, Getter, Reader
from sfactl.transfer.cleaning import (
    LONGEST_CODE,
    LONGEST_TEXT,
    Clean,
    CurrencyOf,
    Form,
    Value,
    cleaner,
    said_cleaner,
)
from sfactl.transfer.dialect import Dialect
from sfactl.transfer.faults import BadCell
from sfactl.transfer.nouns import Field, Kind, Noun
from sfactl.transfer.numbers import NumberStyle, scale_of
from sfactl.transfer.origins import Bench, origin_getter
from sfactl.transfer.schema import FieldSpec, columns_of_origin

AMOUNTS = (Kind.MONEY, Kind.UNIT_PRICE)


def with_defaults(noun: Noun, fields: dict[str, FieldSpec], currency: str) -> dict[str, FieldSpec]:
    """The fields that a source supplies: those it maps, and those that the row's meaning or key needs.

    Amounts need a currency; a field with a default of its own is part of a key.
    """
    supplied = dict(fields)
    has_amounts = any(field.kind in AMOUNTS for field in noun.fields if field.key in fields)
    for field in noun.fields:
        default = currency if field.kind is Kind.CURRENCY and has_amounts else field.default
        if default is None:
            continue
        spec = supplied.get(field.key)
        if spec is None:
            supplied[field.key] = FieldSpec(const=default)
        elif spec.default is None:
            supplied[field.key] = spec.model_copy(update={"default": default})
    return {field.key: supplied[field.key] for field in noun.fields if field.key in supplied}


def form_of(spec: FieldSpec, dialect: Dialect) -> Form:
    """How a field's texts are written: as it says itself, else as its file does."""
    numbers = dialect.numbers
    if spec.decimal is not None or spec.thousands is not None:
        thousands = numbers.thousands if spec.thousands is None else spec.thousands
        numbers = NumberStyle(spec.decimal or numbers.decimal, thousands or None)
    return Form(
        numbers,
        dialect.dates if spec.dates is None else tuple(spec.dates),
        None if spec.scale is None else scale_of(spec.scale),
        spec.inclusive,
    )


def field_reader(field: Field, spec: FieldSpec, form: Form, bench: Bench, currency_of: CurrencyOf) -> Reader:
    """The function that gives a field's value for a record; it raises `BadCell`."""
    get = origin_getter(spec, bench)
    if not _is_plain(spec):
        read = _read(get, said_cleaner(field, form, currency_of))
        return _constant(read) if spec.const and field.kind not in AMOUNTS else read
    read = _read(get, cleaner(field, form, currency_of))
    longest = {Kind.TEXT: LONGEST_TEXT, Kind.CODE: LONGEST_CODE}.get(field.kind)
    if longest is None or spec.column is None:
        return read
    null = None if spec.null is None else frozenset(spec.null)
    return bench.sheet.plain_text(spec.column, null, longest, read)


def _is_plain(spec: FieldSpec) -> bool:
    """Whether a field is one column of the file, as it is."""
    changes = (spec.pattern, spec.map, spec.filled, spec.default)
    return spec.column is not None and spec.column not in ADDED and all(each is None for each in changes)


def _read(get: Getter, clean: Clean) -> Reader:
    def read(record: list[str]) -> Value | None:
        text = get(record)
        return None if text is None else clean(text, record)

    return read


def _constant(read: Reader) -> Reader:
    """What a field reads that looks at no record."""
    value = read([])
    return lambda _record: value


def currency_reader(noun: Noun, fields: dict[str, FieldSpec], bench: Bench, default: str) -> CurrencyOf:
    """The currency of a record; the default where its own cannot be read, which is then that cell's fault."""
    field = next((field for field in noun.fields if field.kind is Kind.CURRENCY), None)
    spec = fields.get(field.key) if field else None
    if field is None or spec is None or spec.const == default:
        return lambda _record: default
    clean = cleaner(field, Form(), lambda _record: default)
    return _currency_of(origin_getter(spec, bench), lambda text: str(clean(text, [])), default)


def _currency_of(get: Getter, clean: Callable[[str], str], default: str) -> CurrencyOf:
    known: dict[str, str] = {}

    def currency_of(record: list[str]) -> str:
        try:
            text = get(record) or default
            if text not in known:
                known[text] = clean(text)
        except BadCell:
            return default
        return known[text]

    return currency_of


def column_labels(spec: FieldSpec, key: str) -> str:
    """What faults call the column of a field: its headers, else the field itself."""
    return ", ".join(dict.fromkeys(columns_of_origin(spec))) or key
