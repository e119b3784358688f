"""Where the text of a field comes from: each origin of a manifest as a function of a record."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sfactl.i18n import _
from sfactl.transfer.cells import Getter, Said, Sheet
from sfactl.transfer.dates import add_span
from sfactl.transfer.faults import BadCell
from sfactl.transfer.patterns import compile_pattern, search
from sfactl.transfer.schema import LookupSpec, NextSpec, OriginSpec
from sfactl.transfer.siblings import LookupTable, Siblings

_Key = tuple[str | None, ...]


@dataclass
class Following:
    """The dates of each key in order, and what comes after one of them."""

    spec: NextSpec
    sheet: Sheet
    read_date: Callable[[str], str]
    days: dict[_Key, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._day = self.sheet.reference(self.spec.column)
        self._keys = [self.sheet.reference(text) for text in self.spec.key]

    def collect(self, record: list[str]) -> None:
        """Note a record's date; one that cannot be read has no place in the order."""
        try:
            text = self._day(record)
            if text is not None:
                self.days.setdefault(self._key(record), []).append(self.read_date(text))
        except BadCell:
            return

    def sort(self) -> None:
        """Put the dates in order once all are there."""
        for days in self.days.values():
            days.sort()

    def after(self, record: list[str]) -> str | None:
        """The next later date of the same key, or what the manifest says of the last."""
        text = self._day(record)
        if text is None:
            return None
        day = self.read_date(text)
        days = self.days.get(self._key(record), [])
        position = bisect_right(days, day)
        if position < len(days):
            return Said(days[position])
        return self._after_last(day)

    def _after_last(self, day: str) -> str | None:
        if not self.spec.last:
            return None
        try:
            return Said(add_span(day, self.spec.last))
        except ValueError as fault:
            raise BadCell(day, str(fault)) from None

    def _key(self, record: list[str]) -> _Key:
        return tuple([get(record) for get in self._keys])


@dataclass
class Bench:
    """What the origins of one opened file need."""

    sheet: Sheet
    siblings: Siblings
    following: Callable[[NextSpec], Following]


def origin_getter(spec: OriginSpec, bench: Bench) -> Getter:
    """The text that an origin gives for a record, after pattern, map, filled and default."""
    get = _plain_getter(spec, bench)
    if spec.pattern is not None:
        get = _captured(get, compile_pattern(spec.pattern, groups=1), is_optional=spec.optional)
    if spec.map is not None:
        get = _mapped(get, {key: Said(text) for key, text in spec.map.items()}, spec.map_else)
    if spec.filled is not None:
        get = _filled(get, Said(spec.filled))
    if spec.default is not None:
        get = _defaulted(get, Said(spec.default))
    return get


def _plain_getter(spec: OriginSpec, bench: Bench) -> Getter:
    null = None if spec.null is None else frozenset(spec.null)
    if spec.column is not None:
        return bench.sheet.cell(spec.column, null)
    if spec.template is not None:
        return bench.sheet.template(spec.template, null)
    if spec.const is not None:
        said = Said(spec.const) if spec.const else None
        return lambda _record: said
    if spec.lookup is not None:
        return _looked_up(spec.lookup, bench, null, may_miss=spec.optional or spec.default is not None)
    if spec.next is not None:
        return bench.following(spec.next).after
    return _first([origin_getter(each, bench) for each in spec.first or ()])


def _first(getters: Sequence[Getter]) -> Getter:
    def read(record: list[str]) -> str | None:
        for get in getters:
            text = get(record)
            if text is not None:
                return text
        return None

    return read


def _looked_up(steps: Sequence[LookupSpec], bench: Bench, null: frozenset[str] | None, *, may_miss: bool) -> Getter:
    first = steps[0]
    get = bench.sheet.reference(first.from_ or first.key, null)
    for step in steps:
        if step.pattern is not None:
            get = _captured(get, compile_pattern(step.pattern, groups=1), is_optional=may_miss)
        get = _step(get, step, bench.siblings.table(step), may_miss=may_miss)
    return get


def _step(get: Getter, step: LookupSpec, table: LookupTable, *, may_miss: bool) -> Getter:
    values, several = table.values, table.several

    def read(record: list[str]) -> str | None:
        key = get(record)
        if key is None:
            return None
        if key in several:
            raise BadCell(
                key,
                _("stands for several rows in {file}, by {key}: narrow them with where, or say pick").format(
                    file=step.file, key=step.key
                ),
            )
        if key not in values and not may_miss:
            raise BadCell(
                key,
                _("is not in {file}, by {key}: say optional = true if it need not be").format(
                    file=step.file, key=step.key
                ),
            )
        return values.get(key)

    return read


def _captured(get: Getter, pattern: re.Pattern[str], *, is_optional: bool) -> Getter:
    def read(record: list[str]) -> str | None:
        text = get(record)
        if text is None:
            return None
        found = search(pattern, text)
        if found is None and not is_optional:
            raise BadCell(text, _("does not fit the pattern “{pattern}”").format(pattern=pattern.pattern))
        return (found[1] or "").strip() or None if found else None

    return read


def _mapped(get: Getter, words: dict[str, Said], otherwise: str) -> Getter:
    def read(record: list[str]) -> str | None:
        text = get(record)
        if text is None:
            return None
        said = words.get(text)
        if said is not None:
            return said or None
        if otherwise == "fault":
            raise BadCell(text, _("is not in the map: add it, or say map_else = “keep” or “null”"))
        return text if otherwise == "keep" else None

    return read


def _filled(get: Getter, said: Said) -> Getter:
    return lambda record: None if get(record) is None else said


def _defaulted(get: Getter, said: Said) -> Getter:
    def read(record: list[str]) -> str | None:
        text = get(record)
        return said if text is None else text

    return read
