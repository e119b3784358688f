"""What a manifest that is well formed may still get wrong: nouns, fields, values that cannot be what they should."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.transfer.cells import ADDED, END, START
from sfactl.transfer.cleaning import Form, cleaner
from sfactl.transfer.faults import BadCell
from sfactl.transfer.nouns import NOUNS, Field, Kind, Noun
from sfactl.transfer.schema import FieldSpec, ManifestSpec, OriginSpec, SourceSpec, columns_of_origin, files_of_source
from sfactl.transfer.unpivot import label_start
from sfactl.transfer.wording import did_you_mean

Problem = tuple[tuple[str | int, ...], str]
_NUMBERS = (Kind.INTEGER, Kind.MONEY, Kind.UNIT_PRICE, Kind.SHARE, Kind.QUANTITY, Kind.DEGREES, Kind.RATE)


def problems(spec: ManifestSpec) -> Iterator[Problem]:
    """Where a manifest cannot mean what it says, and why."""
    for index, source in enumerate(spec.source):
        at = ("source", index)
        noun = NOUNS.get(source.noun)
        if noun is None:
            nouns = _("is none of {nouns}").format(nouns=", ".join(NOUNS))
            yield (*at, "noun"), f"“{source.noun}” " + nouns
        else:
            for path, what in _source_problems(source, noun, spec.currency or "EUR"):
                yield (*at, *path), what
    named = {name for source in spec.source for name in files_of_source(source)}
    for name in spec.files:
        if not any(fnmatchcase(name, each) for each in named):
            yield ("files", name), _("is a file that no source reads") + did_you_mean(name, named)


def _source_problems(source: SourceSpec, noun: Noun, currency: str) -> Iterator[Problem]:
    lacking = [field.key for field in noun.fields if field.required and field.key not in source.fields]
    if lacking:
        yield ("fields",), _("every {noun} needs {fields}").format(noun=noun.name, fields=", ".join(lacking))
    if noun.any_of and not any(key in source.fields for key in noun.any_of):
        yield ("fields",), _("every {noun} needs one of {fields}").format(noun=noun.name, fields=", ".join(noun.any_of))
    for key, spec in source.fields.items():
        field = noun.field(key)
        if field is None:
            known = [field.key for field in noun.fields]
            fields = _("is not a field of {noun}, which has {fields}").format(noun=noun.name, fields=", ".join(known))
            yield ("fields", key), fields + did_you_mean(key, known)
        else:
            for path, what in (*_misfits(field, spec), *_bad_words(field, spec, currency)):
                yield ("fields", key, path), what
    yield from _unpivot_problems(source)


def _misfits(field: Field, spec: FieldSpec) -> Iterator[tuple[str, str]]:
    """Keys that mean nothing for the kind of a field."""
    only = {
        "decimal": _NUMBERS,
        "thousands": _NUMBERS,
        "scale": _NUMBERS,
        "dates": (Kind.DATE,),
        "inclusive": (Kind.DATE,),
        "next": (Kind.DATE,),
    }
    for key, kinds in only.items():
        if getattr(spec, key) and field.kind not in kinds:
            yield key, _("does not apply to {field}, which holds {kind}").format(field=field.key, kind=field.kind)


def _bad_words(field: Field, spec: FieldSpec, currency: str) -> Iterator[tuple[str, str]]:
    """What the manifest says itself and the field cannot hold."""
    clean = cleaner(field, Form(), lambda _record: currency)
    for key, word in _said(spec):
        try:
            clean(word, [])
        except (BadCell, UsageFault) as fault:
            reason = fault.reason if isinstance(fault, BadCell) else fault.message
            yield key, f"“{word}” {reason}"


def _said(spec: OriginSpec) -> Iterator[tuple[str, str]]:
    if spec.const and spec.map is None and spec.pattern is None:
        yield "const", spec.const
    for key, word in (("default", spec.default), ("filled", spec.filled)):
        if word:
            yield key, word
    if spec.filled is None:
        for word in (spec.map or {}).values():
            if word:
                yield "map", word


def _unpivot_problems(source: SourceSpec) -> Iterator[Problem]:
    named = {column for spec in source.fields.values() for column in columns_of_origin(spec)}
    unpivot = source.unpivot
    if unpivot is None:
        for column in sorted(named.intersection(ADDED)):
            yield ("fields",), _("{column} exists only with unpivot").format(column=column)
        return
    if named.intersection((START, END)):
        year = None if unpivot.year is None else int(unpivot.year) if unpivot.year.isdigit() else 2000
        for column, label in unpivot.columns.items():
            if label_start(unpivot, label, year) is None:
                yield (
                    ("unpivot", "columns", column),
                    _("“{label}” does not say when it begins: say year, or the date itself").format(label=label),
                )
