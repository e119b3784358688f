"""Text out of a record: one cell, or a template of several, trimmed, normalised and checked."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sfactl.core.text import match_key, unguard_formula
from sfactl.i18n import _
from sfactl.transfer.encodings import utf8_reading
from sfactl.transfer.faults import BadCell

Getter = Callable[[list[str]], str | None]
"""The text of a record, None when there is none; raises `BadCell`."""
Reader = Callable[[list[str]], str | int | None]
"""The value of a record's field."""
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_PLACE: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_LOST: Final = "\ufffd"
START, END, VALUE, LABEL = "@start", "@end", "@value", "@column"
"""The cells that unpivoting adds to a record; after them comes the header that the value stood under."""
ADDED: Final = (START, END, VALUE, LABEL)
MOST_MIXED: Final = 5
_LATIN, _OTHER = "[A-Za-z\u00c0-\u024f]", "[\u0370-\u03a8\u03aa-\u03bb\u03bd-\u052f]"
_MIXED: Final = re.compile(f"{_LATIN}{_OTHER}|{_OTHER}{_LATIN}")
"""A Latin letter beside a Greek or Cyrillic one; units such as kΩ and μm are no such words."""


class Said(str):
    """Text that the manifest itself says, not the file: numbers and dates in it are in sfactl's own form."""

    __slots__ = ()


@dataclass(frozen=True)
class Part:
    """A piece of a template: plain text, or the column that stands there."""

    text: str
    is_column: bool = False
    is_optional: bool = False


@dataclass
class Sheet:
    """The columns of an opened file, and how its cells become text."""

    positions: Mapping[str, int]
    encoding: str = "utf-8"
    null: frozenset[str] = frozenset()
    unguard: bool = False
    lost: list[int] = field(default_factory=lambda: [0])
    "How many texts held U+FFFD: they were damaged before they came here."
    mixed: list[str] = field(default_factory=list)
    "Texts in which a word mixes alphabets, the first few of them."

    def cell(self, column: str, null: frozenset[str] | None = None) -> Getter:
        """The text of a column; None for an empty cell and for a null word."""
        position = self.positions[column]
        if column in ADDED and column != VALUE:
            return lambda record: record[position] or None
        words = self.null if null is None else null
        mend = self._mend

        def read(record: list[str]) -> str | None:
            text = record[position].strip()
            if not text or text in words:
                return None
            if text.isascii() and text.isprintable():
                return text
            return mend(text) or None

        if not self.unguard:
            return read

        def read_unguarded(record: list[str]) -> str | None:
            text = read(record)
            return text if text is None or "'" not in text else unguard_formula(text).strip() or None

        return read_unguarded

    def plain_text(self, column: str, null: frozenset[str] | None, longest: int, otherwise: Reader) -> Reader:
        """A short cut for most cells: ASCII text that fits; `otherwise` reads all others."""
        position = self.positions[column]
        words = self.null if null is None else null
        unguard = self.unguard

        def read(record: list[str]) -> str | int | None:
            text = record[position].strip()
            if text.isprintable() and text.isascii() and len(text) <= longest:
                if not text or text in words:
                    return None
                if not unguard or "'" not in text:
                    return text
            return otherwise(record)

        return read

    def reference(self, text: str, null: frozenset[str] | None = None) -> Getter:
        """What a short form says: a template when it has braces, else the column of that name."""
        return self.template(text, null) if "{" in text else self.cell(text, null)

    def template(self, text: str, null: frozenset[str] | None = None) -> Getter:
        """The texts of several columns put together; None when one that is not optional is empty."""
        getters = [
            (self.cell(part.text, null), part.is_optional) if part.is_column else (part.text, False)
            for part in template_parts(text)
        ]

        def read(record: list[str]) -> str | None:
            pieces: list[str] = []
            has_gap = False
            for piece, is_optional in getters:
                value = piece if isinstance(piece, str) else piece(record)
                if value is None:
                    if not is_optional:
                        return None
                    has_gap, value = True, ""
                pieces.append(value)
            joined = "".join(pieces)
            return (" ".join(joined.split()) if has_gap else joined.strip()) or None

        return read

    def _mend(self, text: str) -> str:
        """Composed (NFC), with plain line ends; refuses what no text holds."""
        mended = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip("\ufeff")
        reading = None if mended.isascii() else utf8_reading(mended, self.encoding)
        if reading is not None:
            raise BadCell(
                text,
                _("reads as UTF-8 (“{reading}”), but the encoding is declared as {encoding}").format(
                    reading=reading[:40], encoding=self.encoding
                ),
            )
        if found := _CONTROL.search(mended):
            raise BadCell(text, _control_reason(found[0], self.encoding))
        self.lost[0] += _LOST in mended
        if len(self.mixed) < MOST_MIXED and _MIXED.search(mended):
            self.mixed.append(mended)
        return mended


def _control_reason(character: str, encoding: str) -> str:
    if encoding.startswith("iso8859") and "\x80" <= character <= "\x9f":
        return _("holds a control character: say encoding = “cp1252” if the file comes from Windows")
    return _("holds the control character U+{code}").format(code=f"{ord(character):04X}")


def template_parts(text: str) -> list[Part]:
    """The pieces of a template: `{Column}`, `{Column?}` for one that may be empty, `{{` and `}}` for braces.

    Raises:
        ValueError: a brace stands alone or names no column.
    """
    parts: list[Part] = []
    end = 0
    for found in _PLACE.finditer(text):
        parts.append(Part(text[end : found.start()]))
        end = found.end()
        if found[0] in ("{{", "}}"):
            parts.append(Part(found[0][0]))
        elif found[1]:
            name = found[1]
            parts.append(Part(name.removesuffix("?"), is_column=True, is_optional=name.endswith("?")))
        else:
            raise ValueError(_("“{text}” has a brace without a column: write it twice").format(text=text))
    parts.append(Part(text[end:]))
    return [part for part in parts if part.text]


def named_columns(text: str) -> Iterator[str]:
    """The columns that a short form names."""
    if "{" in text:
        yield from (part.text for part in template_parts(text) if part.is_column)
    else:
        yield text


def positions_of(header: list[str]) -> dict[str, int]:
    """Where each column stands; one without a name cannot be asked for."""
    return {name: position for position, name in enumerate(header) if name}


def find_column(name: str, positions: Mapping[str, int]) -> str | None:
    """The header that means `name`: the same, else the only one that differs in case and blanks alone."""
    if name in positions:
        return name
    alike = [header for header in positions if match_key(header) == match_key(name)]
    return alike[0] if len(alike) == 1 else None
