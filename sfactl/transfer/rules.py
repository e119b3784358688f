"""What must hold between the values of a row, and between the rows of a file."""

from dataclasses import dataclass

from sfactl.core.text import match_key
from sfactl.i18n import _
from sfactl.transfer.cleaning import Value
from sfactl.transfer.duplicates import Seen
from sfactl.transfer.nouns import Noun

Values = tuple[Value | None, ...]


@dataclass(frozen=True)
class Complaint:
    """What is wrong with a row: the fields it is about, and why."""

    keys: tuple[str, ...]
    reason: str
    value: str = ""


class RowRules:
    """The rules for the rows of one reading of a file."""

    def __init__(self, noun: Noun, mapped: tuple[str, ...], *, distinct: bool) -> None:
        self._noun = noun
        self._position = {key: index for index, key in enumerate(mapped)}
        self._distinct = distinct
        self._required = [self._position[f.key] for f in noun.fields if f.required and f.key in self._position]
        self._any_of = [self._position[key] for key in noun.any_of if key in self._position]
        self._span = noun.span if noun.span and all(key in self._position for key in noun.span) else None
        self._keys = tuple(key for key in noun.key_fields(mapped) if key in self._position)
        self._by_name = [self._position[key] for key in noun.keys if key in self._position]
        self._seen = Seen(with_rows=distinct)

    def check(self, values: Values, line: int) -> list[Complaint] | None:
        """None for a row to take; else the complaints, none for one that `distinct` passes over."""
        for index in self._required:
            if values[index] is None:
                return self._complaints(values)
        if (self._any_of or self._span) and (found := self._complaints(values)):
            return found
        key = self._key(values)
        if key is None:
            return None
        first = self._seen.first(key, line, values)
        if first is None:
            return None
        return [] if first[1] else [self._repeated(values, first[0])]

    def is_required(self, key: str) -> bool:
        """Whether every row needs the field."""
        return self._position[key] in self._required

    def empty(self, key: str) -> Complaint:
        """What is said of a required field that is empty."""
        return Complaint((key,), _("is empty, but every {noun} needs it").format(noun=self._noun.name))

    def _complaints(self, values: Values) -> list[Complaint]:
        found = [self.empty(key) for key, index in self._position.items() if self._lacks(values, index)]
        if self._any_of and all(values[index] is None for index in self._any_of):
            found.append(Complaint(self._noun.any_of, _("is empty: at least one of these is needed")))
        if self._span and (complaint := self._span_complaint(values, *self._span)):
            found.append(complaint)
        return found

    def _lacks(self, values: Values, index: int) -> bool:
        return index in self._required and values[index] is None

    def _span_complaint(self, values: Values, first: str, last: str) -> Complaint | None:
        start, end = values[self._position[first]], values[self._position[last]]
        if not isinstance(start, str) or not isinstance(end, str) or end > start:
            return None
        reason = _("is not after {first}, {start}: say inclusive = true if the file means the last day itself")
        return Complaint((last,), reason.format(first=first, start=start), end)

    def _key(self, values: Values) -> object:
        """What tells the row: an external id as it is written, a code or login whatever its case and blanks."""
        if len(self._keys) > 1:
            return tuple([values[self._position[key]] for key in self._keys])
        if not self._keys:
            return None
        value = values[self._position[self._keys[0]]]
        if self._keys[0] == "external_id":
            return value or tuple([values[index] for index in self._by_name])
        return match_key(value) if isinstance(value, str) else value

    def _repeated(self, values: Values, first: int) -> Complaint:
        text = ", ".join(str(values[self._position[key]] or "") for key in self._keys)
        if self._distinct:
            reason = _("is the key of line {line} too, which has other values")
        else:
            reason = _("is the key of line {line} already")
        return Complaint(self._keys, reason.format(line=first), text)
