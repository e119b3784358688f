"""Manifests: TOML files that say what each file of a folder means."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sfactl.config import toml_file
from sfactl.config.places import Places
from sfactl.core.text import match_key
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.transfer.checks import problems
from sfactl.transfer.dialect import Dialect
from sfactl.transfer.faults import FileFault
from sfactl.transfer.fields import with_defaults
from sfactl.transfer.folders import Folders
from sfactl.transfer.nouns import NOUNS, Noun
from sfactl.transfer.numbers import NumberStyle
from sfactl.transfer.reading import Limits
from sfactl.transfer.records import Table
from sfactl.transfer.schema import DialectSpec, FieldSpec, ManifestSpec, SourceSpec
from sfactl.transfer.siblings import Siblings
from sfactl.transfer.source import Source
from sfactl.transfer.wording import did_you_mean, key_name, sentence

_MOST_SHOWN = 20


_GUESSED = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Manifest:
    """What a manifest says, checked."""

    spec: ManifestSpec
    named: Path | None = None
    "The one file of a manifest that was made for it."
    notes: tuple[str, ...] = ()
    nouns: Mapping[str, Noun] = field(default_factory=lambda: NOUNS)

    def sources(self, directories: Sequence[Path], *, currency: str) -> list[Source]:
        """The sources whose files lie in these directories, each noun after those it refers to.

        Args:
            currency: of amounts for which neither a file nor the manifest says one.
        """
        folders = Folders(tuple(directories), self.named)
        limits = Limits(self.spec.limits.unpacked_mib, self.spec.limits.ratio)
        siblings = Siblings(folders, lambda name: self._dialect(name), limits)
        order = list(self.nouns)
        return [
            self._source(spec, name, siblings, self.spec.currency or currency)
            for spec in sorted(self.spec.source, key=lambda spec: order.index(spec.noun))
            for name in ([self.named.name] if self.named else folders.matches(spec.file))
        ]

    def _source(self, spec: SourceSpec, name: str, siblings: Siblings, currency: str) -> Source:
        noun = self.nouns[spec.noun]
        fields = with_defaults(noun, spec.fields, currency)
        return Source(noun, name, spec, self._dialect(name, spec), siblings, currency, fields, self.notes)

    def _dialect(self, name: str, source: SourceSpec | None = None) -> Dialect:
        """How a file is written: as its source says, else `[files]`, else `[defaults]`."""
        layers: list[DialectSpec] = [self.spec.defaults]
        known = self.spec.files
        named = known.get(name) or known.get(name.removesuffix(".gz")) or (source and known.get(source.file))
        if named:
            layers.insert(0, named)
        if source:
            layers.insert(0, source)
        return merged(layers)


def merged(layers: Sequence[DialectSpec]) -> Dialect:
    """One dialect from several, the first that says something deciding."""

    def say(key: str) -> Any:
        return next((value for layer in layers if (value := getattr(layer, key)) is not None), None)

    quote = say("quote")
    return Dialect(
        encoding=say("encoding"),
        delimiter=say("delimiter") or ",",
        quote='"' if quote is None else quote or None,
        escape=say("escape") or None,
        skip=say("skip") or 0,
        columns=tuple(say("columns") or ()),
        null=frozenset(say("null") or ()),
        numbers=NumberStyle(say("decimal"), say("thousands") or None),
        dates=tuple(say("dates") or ("iso",)),
        unguard=bool(say("unguard")),
    )


def load_manifest(path: Path) -> Manifest:
    """The manifest that a TOML file says.

    Raises:
        UsageFault: it cannot be read, or is wrong; every place that is wrong, as file:line:column.
    """
    return parse_manifest(toml_file.read_text(path), path.name)


def parse_manifest(text: str, name: str) -> Manifest:
    """The manifest that a TOML text says; errors as of `load_manifest`, with `name` for the file."""
    data = _parsed(text, name)
    try:
        spec = ManifestSpec.model_validate(data)
    except ValidationError as fault:
        errors = fault.errors(include_url=False, include_input=False)
        found = ((error["loc"], sentence(error)) for error in errors)
        raise _wrong(text, name, found) from fault
    except RecursionError as fault:
        raise UsageFault(_("{name} is nested too deeply.").format(name=name)) from fault
    wrong = list(problems(spec))
    if wrong:
        raise _wrong(text, name, wrong)
    return Manifest(spec)


def manifest_for(noun: str, file: Path, *, unguard: bool = True, **dialect: Any) -> Manifest:
    """The manifest of one file whose columns are named as the fields of a noun.

    Headers count as the field whatever their case, and with a blank or hyphen for the underscore. Other columns
    are passed over, which each source's warnings say.

    Args:
        unguard: take off the apostrophes of sfactl's own exports.
        dialect: encoding, delimiter, quote, escape, skip, columns, null, decimal, thousands, dates, as in a
            manifest; None as if left out. Without a delimiter, the one that finds the most fields is taken.

    Raises:
        UsageFault: no such noun, an option that is wrong, or two columns for one field.
    """
    known = NOUNS.get(noun)
    if known is None:
        raise UsageFault(
            _("“{noun}” cannot be imported{near}").format(noun=noun, near=did_you_mean(noun, NOUNS) or "."),
            _("Choose one of {nouns}.").format(nouns=", ".join(NOUNS)),
        )
    return _manifest_of(known, file, _dialect_spec({**dialect, "unguard": unguard}))


def file_of(noun: Noun, file: Path, *, currency: str) -> Source:
    """A file that a command other than import reads, whose columns are named as the fields of a noun.

    Raises:
        UsageFault: two columns stand for one field.
    """
    manifest = _manifest_of(noun, file, _dialect_spec({"unguard": True}))
    return replace(manifest, nouns={noun.name: noun}).sources([file.parent], currency=currency)[0]


def _manifest_of(known: Noun, file: Path, spec: DialectSpec) -> Manifest:
    header, delimiter = _best_header(file, spec, known)
    fields, unknown = _fields_of(header, known)
    source = SourceSpec(
        **{**spec.model_dump(exclude_none=True), "delimiter": delimiter},
        noun=known.name,
        file="named",
        fields={key: FieldSpec(column=column) for key, column in fields.items()},
    )
    notes = (_unknown_columns(file.name, unknown, known),) if unknown else ()
    return Manifest(ManifestSpec(source=[source]), file, notes)


def _dialect_spec(options: dict[str, Any]) -> DialectSpec:
    try:
        return DialectSpec.model_validate({key: value for key, value in options.items() if value is not None})
    except ValidationError as fault:
        error = fault.errors(include_url=False, include_input=False)[0]
        raise UsageFault(f"{key_name(error['loc'])}{sentence(error)}.") from fault


def _best_header(file: Path, spec: DialectSpec, noun: Noun) -> tuple[list[str], str]:
    """The header, and the delimiter that finds the most fields in it; no header if it cannot be read."""
    if spec.columns is not None:
        return spec.columns, spec.delimiter or ","
    best: tuple[list[str], str] = [], spec.delimiter or ","
    for delimiter in [spec.delimiter] if spec.delimiter else _GUESSED:
        dialect = merged([spec.model_copy(update={"delimiter": delimiter})])
        try:
            with Table(file, dialect, Limits()) as table:
                if _known_count(table.header, noun) > _known_count(best[0], noun):
                    best = table.header, delimiter
        except FileFault:
            continue
    return best


def _known_count(header: list[str], noun: Noun) -> int:
    return sum(noun.field(_field_key(name)) is not None for name in header)


def _field_key(name: str) -> str:
    return match_key(name).replace(" ", "_").replace("-", "_")


def _fields_of(header: list[str], noun: Noun) -> tuple[dict[str, str], list[str]]:
    """The column of each field, required ones in any case, and the columns that are no field."""
    fields: dict[str, str] = {}
    unknown: list[str] = []
    for name in filter(None, header):
        key = _field_key(name)
        if noun.field(key) is None:
            unknown.append(name)
        elif key in fields:
            raise UsageFault(
                _("“{one}” and “{other}” are both {field}.").format(one=fields[key], other=name, field=key)
            )
        else:
            fields[key] = name
    required = {field.key: field.key for field in noun.fields if field.required}
    return {**required, **fields}, unknown


def _unknown_columns(name: str, unknown: list[str], noun: Noun) -> str:
    keys = [field.key for field in noun.fields]
    words = [column + did_you_mean(_field_key(column), keys).replace(": ", " – ") for column in unknown]
    return _("{name}: passed over, being no field of {noun}: {columns}.").format(
        name=name, noun=noun.name, columns=", ".join(words)
    )


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as fault:
        what, _open, place = str(fault).partition(" (at ")
        found = re.search(r"line (\d+), column (\d+)", place)
        line, column = found.groups() if found else _end(text)
        where = f"{name}:{line}:{column}"
        raise UsageFault(f"{where}: {what}.", _("It must be TOML, see docs/importing.md.")) from fault
    except (RecursionError, ValueError, ArithmeticError) as fault:
        raise UsageFault(_("{name} is nested too deeply or holds a number too long.").format(name=name)) from fault


def _end(text: str) -> tuple[int, int]:
    """Line and column where a text ends."""
    return text.count("\n") + 1, len(text) - text.rfind("\n")


def _wrong(text: str, name: str, found: Iterator[tuple[Any, str]] | list[tuple[Any, str]]) -> UsageFault:
    places = Places(text)
    lines = []
    for path, what in found:
        line, column = places.find(path)
        lines.append((line, column, f"{name}:{line}:{column}: {key_name(path)}{what}."))
    shown = [text for _line, _column, text in sorted(dict.fromkeys(lines))]
    more = len(shown) - _MOST_SHOWN
    if more > 0:
        shown = [*shown[:_MOST_SHOWN], _("… and {count} more.").format(count=more)]
    return UsageFault("\n".join(shown), _("docs/importing.md has every key with an example."))
