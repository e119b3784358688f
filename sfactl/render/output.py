"""Where a result goes and in which form."""

import io
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import StrEnum
from typing import Final, TextIO

from sfactl.core.text import safe

_PLAIN: Final = str.maketrans({"–": "-", "—": "-", "…": "...", "’": "'", "‘": "'", "“": '"', "”": '"', "−": "-"})
_USUAL_WIDTH: Final = 80


class Format(StrEnum):
    """The forms of a list."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    MD = "md"
    HTML = "html"
    XLSX = "xlsx"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class Output:
    """The form, the stream, and what a person at its other end reads best."""

    format: Format
    stream: TextIO
    locale: str = "en"
    """For numbers and dates in tables, Markdown and pages, never for JSON and CSV."""
    color: bool = False
    width: int | None = None
    """The terminal's cells a line; None when the stream is no terminal: then nothing is cut."""
    fields: tuple[str, ...] = ()
    """The columns asked for, in their order; empty for the list's own choice."""
    zone: tzinfo = UTC
    """For moments, in every form that people read."""
    subject: str = "sfactl"
    """What a page or workbook is called that has no title of its own."""

    @property
    def encoding(self) -> str:
        """How the stream turns text into bytes."""
        return getattr(self.stream, "encoding", None) or "utf-8"

    @property
    def has_notes(self) -> bool:
        """Whether what is said below a list is written at all: machines get rows alone."""
        return self.format not in (Format.JSON, Format.JSONL, Format.CSV)

    @property
    def is_plain(self) -> bool:
        """Whether lines and blocks have to be drawn in ASCII."""
        return not self.encoding.lower().replace("-", "").startswith("utf")

    def text(self, text: str, limit: int = 200) -> str:
        """The text made safe for a terminal, in characters that the stream can carry."""
        return self.carried(safe(text, limit))

    def carried(self, text: str) -> str:
        """The text in characters that the stream can carry: accents go first, then "?" stands for the rest."""
        if not self.is_plain:
            return text
        return "".join(_carried(character, self.encoding) for character in text.translate(_PLAIN))


def _carried(character: str, encoding: str) -> str:
    for form in (character, unicodedata.normalize("NFKD", character)):
        plain = form if form == character else "".join(c for c in form if not unicodedata.combining(c))
        try:
            plain.encode(encoding)
        except UnicodeEncodeError:
            continue
        return plain
    return "?"


def output_for(
    stream: TextIO,
    format: Format,  # noqa: A002 - the field's own name
    *,
    environment: Mapping[str, str],
    locale: str = "en",
    color: str = "auto",
    fields: tuple[str, ...] = (),
    zone: tzinfo = UTC,
    subject: str = "sfactl",
) -> Output:
    """The output on a stream as it is, with its width if it is a terminal (`COLUMNS` overrides it).

    `color` is `auto` (on a terminal), `always` or `never`; `NO_COLOR` and `TERM=dumb` mean never.
    """
    width = terminal_width(stream, environment)
    is_colored = color == "always" or (color == "auto" and width is not None and bool(environment.get("TERM")))
    is_colored = is_colored and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    return Output(format, stream, locale, is_colored, width, fields, zone, subject)


def terminal_width(stream: TextIO, environment: Mapping[str, str]) -> int | None:
    """The cells of a line, or None when the stream is no terminal."""
    if not stream.isatty():
        return None
    if environment.get("COLUMNS", "").isdecimal():
        return int(environment["COLUMNS"]) or _USUAL_WIDTH
    try:
        return os.get_terminal_size(stream.fileno()).columns or _USUAL_WIDTH
    except OSError:
        return _USUAL_WIDTH


def speak_utf8(stream: TextIO) -> None:
    """Make the stream write UTF-8 and plain line ends from here on: JSON and CSV are so everywhere."""
    if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() not in ("utf-8", "utf8"):
        stream.reconfigure(encoding="utf-8", newline="\n")
