"""A manifest as it may be written: the keys, their types, and what each must look like."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic import Field as Setting

from sfactl.core.money import minor_digits
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.transfer import dates, encodings, patterns
from sfactl.transfer.cells import named_columns, template_parts
from sfactl.transfer.dialect import DELIMITERS


def _listed(value: object) -> object:
    """One thing may stand where a list of them may."""
    return value if isinstance(value, list) else [value]


def _worded(value: object) -> object:
    """Numbers, dates and booleans may be written without quotes where text is wanted."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | Decimal | date):
        return str(value)
    return value


def _worded_table(value: object) -> object:
    return {key: _worded(word) for key, word in value.items()} if isinstance(value, dict) else value


def _worded_list(value: object) -> object:
    return [_worded(word) for word in value] if isinstance(value, list) else [_worded(value)]


def _encoding(value: str) -> str:
    found = encodings.canonical_encoding(value)
    if found is None:
        raise ValueError(_("“{value}” is not an encoding known here").format(value=value))
    return found


def _delimiter(value: str) -> str:
    delimiter = DELIMITERS.get(value, value)
    if len(delimiter) != 1 or delimiter in '\r\n"\0':
        raise ValueError(_("a delimiter is one character, or comma, semicolon, tab, pipe, space"))
    return delimiter


def _one_or_none(value: str) -> str:
    if len(value) > 1 or value in ("\r", "\n", "\0"):
        raise ValueError(_("this is one character, or empty for none"))
    return value


def _thousands(value: str) -> str:
    if value not in ("", ".", ",", " ", "'"):
        raise ValueError(_("a thousands mark is one of . , ' or a blank, or empty for none"))
    return value


def _date_formats(value: list[str]) -> list[str]:
    if not value:
        raise ValueError(_("name at least one date format"))
    for form in value:
        dates.check_format(form)
    return value


def _inner_path(value: str) -> str:
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or not path.name or "\0" in value or "\\" in value:
        raise ValueError(_("a file is named relative to the directory, and never outside it"))
    return value


def _template(value: str) -> str:
    template_parts(value)
    return value


def _reference(value: str) -> str:
    if not value:
        raise ValueError(_("a column has a name"))
    if "{" in value:
        template_parts(value)
    return value


def _capture(value: str) -> str:
    patterns.compile_pattern(value, groups=1)
    return value


def _condition_pattern(value: str) -> str:
    patterns.compile_pattern(value)
    return value


def _span(value: str) -> str:
    if value:
        dates.add_span("2000-01-01", value)
    return value


def _currency(value: str) -> str:
    try:
        minor_digits(value)
    except UsageFault as fault:
        raise ValueError(fault.message.removesuffix(".")) from None
    return value


def _factor(value: object) -> object:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite() or value == 0 or abs(value.adjusted()) > 12:
        raise ValueError(_("a scale is a number such as 1000 or 0.01, and not zero"))
    return value


def _labelled(value: object) -> object:
    """A list of columns stands for itself; a table says what each column means."""
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return {name: name for name in value}
    return _worded_table(value)


Word = Annotated[str, BeforeValidator(_worded)]
Words = Annotated[list[str], BeforeValidator(_worded_list)]
WordMap = Annotated[dict[str, str], BeforeValidator(_worded_table)]
File = Annotated[str, AfterValidator(_inner_path)]
Reference = Annotated[str, AfterValidator(_reference)]
Capture = Annotated[str, AfterValidator(_capture)]
Dates = Annotated[list[str], BeforeValidator(_listed), AfterValidator(_date_formats)]
Decimals = Literal[".", ","]
Thousands = Annotated[str, AfterValidator(_thousands)]
Currency = Annotated[str, AfterValidator(_currency)]
Scale = Annotated[Decimal, BeforeValidator(_factor), AfterValidator(_finite)]
Character = Annotated[str, AfterValidator(_one_or_none)]


class Strict(BaseModel):
    """A table that refuses keys it does not know and values of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class DialectSpec(Strict):
    """How a file is written; what is left out comes from `[files]`, then `[defaults]`."""

    encoding: Annotated[str, AfterValidator(_encoding)] | None = None
    delimiter: Annotated[str, AfterValidator(_delimiter)] | None = None
    quote: Character | None = None
    escape: Character | None = None
    skip: Annotated[int, Setting(ge=0, le=1000)] | None = None
    columns: list[str] | None = None
    null: Words | None = None
    decimal: Decimals | None = None
    thousands: Thousands | None = None
    dates: Dates | None = None
    unguard: bool | None = None

    @model_validator(mode="after")
    def _marks_differ(self) -> "DialectSpec":
        if self.decimal and self.decimal == self.thousands:
            raise ValueError(_("decimal and thousands mark cannot be the same"))
        return self


class ConditionSpec(Strict):
    """What a row must fulfil to be taken; all that is named must hold."""

    column: Reference
    equals: Word | None = None
    in_: Words | None = Setting(None, alias="in")
    not_: Words | None = Setting(None, alias="not")
    matches: Annotated[str, AfterValidator(_condition_pattern)] | None = None
    empty: bool | None = None
    exists: "SiblingSpec | None" = None
    missing: "SiblingSpec | None" = None

    @model_validator(mode="after")
    def _says_something(self) -> "ConditionSpec":
        if len(self.model_fields_set) < 2:
            raise ValueError(_("say one of equals, in, not, matches, empty, exists, missing"))
        return self


Conditions = Annotated[list[ConditionSpec], BeforeValidator(_listed)]


class SiblingSpec(Strict):
    """Rows of another file: those whose key is the text asked for."""

    file: File
    key: Reference
    where: Conditions = []


ConditionSpec.model_rebuild()


class LookupSpec(Strict):
    """A text taken from another file's row."""

    file: File
    from_: Reference | None = Setting(None, alias="from")
    key: Reference
    take: Reference
    where: Conditions = []
    pattern: Capture | None = None
    pick: Literal["only", "first", "last"] = "only"


class NextSpec(Strict):
    """The date of the following row of the same key, in the order of dates."""

    column: Reference
    key: Annotated[list[Reference], BeforeValidator(_listed)] = []
    last: Annotated[str, AfterValidator(_span)] = ""


class OriginSpec(Strict):
    """Where a text comes from (exactly one origin), and what is done to it."""

    column: str | None = None
    const: Word | None = None
    template: Annotated[str, AfterValidator(_template)] | None = None
    lookup: Annotated[list[LookupSpec], BeforeValidator(_listed), Setting(min_length=1)] | None = None
    first: "list[Origin] | None" = None
    next: NextSpec | None = None

    null: Words | None = None
    pattern: Capture | None = None
    map: WordMap | None = None
    map_else: Literal["fault", "keep", "null"] = "fault"
    filled: Word | None = None
    default: Word | None = None
    optional: bool = False

    @model_validator(mode="after")
    def _has_one_origin(self) -> "OriginSpec":
        names = ("column", "const", "template", "lookup", "first", "next")
        if sum(getattr(self, name) is not None for name in names) != 1:
            raise ValueError(_("say exactly one of {names}").format(names=", ".join(names)))
        return self


def _shorthand(value: object) -> object:
    """A plain string is a column, or a template when it has braces."""
    if isinstance(value, str):
        return {"template" if "{" in value else "column": value}
    return value


Origin = Annotated[OriginSpec, BeforeValidator(_shorthand)]
OriginSpec.model_rebuild()


class FieldSpec(OriginSpec):
    """How a field of the noun is filled."""

    decimal: Decimals | None = None
    thousands: Thousands | None = None
    dates: Dates | None = None
    scale: Scale | None = None
    inclusive: bool = False


class UnpivotSpec(Strict):
    """Columns of a wide file turned into rows, one for each filled cell."""

    columns: Annotated[dict[str, str], BeforeValidator(_labelled), Setting(min_length=1)]
    year: Word | None = None
    dates: Dates | None = None
    span: Annotated[str, AfterValidator(_span), Setting(min_length=1)] = "1 month"


class SourceSpec(DialectSpec):
    """One file, or several alike, as rows of one noun."""

    noun: str
    file: File
    fields: dict[str, Annotated[FieldSpec, BeforeValidator(_shorthand)]]
    where: Conditions = []
    distinct: bool = False
    unpivot: UnpivotSpec | None = None


class LimitsSpec(Strict):
    """How much a compressed file may hold."""

    unpacked_mib: Annotated[int, Setting(ge=1)] = 8192
    ratio: Annotated[int, Setting(ge=1)] = 200


class ManifestSpec(Strict):
    """A whole manifest."""

    currency: Currency | None = None
    defaults: DialectSpec = DialectSpec()
    files: dict[str, DialectSpec] = {}
    limits: LimitsSpec = LimitsSpec()
    source: Annotated[list[SourceSpec], Setting(min_length=1)]


def columns_of_conditions(conditions: Sequence[ConditionSpec]) -> Iterator[str]:
    """The columns of a file that its row filter looks at."""
    for condition in conditions:
        yield from named_columns(condition.column)


def columns_of_origin(origin: OriginSpec) -> Iterator[str]:
    """The columns of a file that a field's text comes from."""
    if origin.column is not None:
        yield origin.column
    elif origin.template is not None:
        yield from named_columns(origin.template)
    elif origin.lookup is not None:
        yield from named_columns(origin.lookup[0].from_ or origin.lookup[0].key)
    elif origin.first is not None:
        for each in origin.first:
            yield from columns_of_origin(each)
    elif origin.next is not None:
        for text in (origin.next.column, *origin.next.key):
            yield from named_columns(text)


def files_of_source(source: SourceSpec) -> Iterator[str]:
    """The files that a source reads: its own, and those it looks things up in."""
    yield source.file
    yield from _files_of_conditions(source.where)
    for field in source.fields.values():
        yield from _files_of_origin(field)


def _files_of_origin(origin: OriginSpec) -> Iterator[str]:
    for step in origin.lookup or ():
        yield step.file
        yield from _files_of_conditions(step.where)
    for each in origin.first or ():
        yield from _files_of_origin(each)


def _files_of_conditions(conditions: Sequence[ConditionSpec]) -> Iterator[str]:
    for condition in conditions:
        for sibling in (condition.exists, condition.missing):
            if sibling is not None:
                yield sibling.file
                yield from _files_of_conditions(sibling.where)
