"""The records of a delimited file, each with the line it starts on."""

import csv
import unicodedata
from collections import Counter, deque
from collections.abc import Generator, Iterator
from io import StringIO
from itertools import chain, islice
from pathlib import Path
from typing import Final

from sfactl.i18n import _
from sfactl.transfer.dialect import Dialect
from sfactl.transfer.encodings import utf8_reading
from sfactl.transfer.faults import FileFault
from sfactl.transfer.reading import Limits, Progress, TextFile

_LONGEST_FIELD: Final = 1 << 20
_MOST_RESTARTS: Final = 50

Record = tuple[int, list[str]]
"""The line it starts on, and its cells; none for a blank line."""


class Unreadable(list[str]):
    """Stands for a record that breaks the rules of its format; empty, so that its width is always wrong."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class Table:
    """A file's header and, on iteration, the records after it.

    Opening it raises `FileFault` for a file or a header that cannot be used, iterating for one that breaks off.
    `tap`, if given, receives the raw lines of each record; whoever iterates clears it.
    """

    def __init__(
        self,
        path: Path,
        dialect: Dialect,
        limits: Limits,
        progress: Progress | None = None,
        tap: list[str] | None = None,
    ) -> None:
        self._path, self._limits, self._progress = path, limits, progress
        self._dialect = dialect
        self._tap = tap
        self._records = self._numbered()
        self.encoding, self.mark = "", b""
        self.preamble: list[str] = []
        "The raw lines before the header, when there is a tap."
        self.raw_header: list[str] = []
        self.header: list[str] = list(dialect.columns)
        self.header_line = 0
        if not self.header:
            try:
                self._read_header()
            except BaseException:
                self._records.close()
                raise

    def __enter__(self) -> "Table":
        return self

    def __exit__(self, *_: object) -> None:
        self._records.close()

    def __iter__(self) -> Iterator[Record]:
        return self._records

    def _read_header(self) -> None:
        for line, record in self._records:
            if isinstance(record, Unreadable):
                raise FileFault(record.reason, line=line)
            if any(name.strip() for name in record):
                self.header_line, self.raw_header = line, record
                self.header = [_column_name(name, line, self.encoding) for name in record]
                self._refuse_duplicates()
                return
        raise FileFault(_("is empty"))

    def _refuse_duplicates(self) -> None:
        twice = next((name for name, count in Counter(self.header).items() if count > 1 and name), "")
        if twice:
            raise FileFault(
                _("stands twice in the header: say columns = […] and skip = {line} to name the columns").format(
                    line=self.header_line
                ),
                line=self.header_line,
                column=twice,
            )

    def _numbered(self) -> Generator[Record, None, None]:
        """Every record after the skipped lines.

        One that swallows lines because of a stray quote is reported, and reading goes on after its first line.
        """
        csv.field_size_limit(_LONGEST_FIELD)
        start = self._dialect.skip
        for _attempt in range(_MOST_RESTARTS):
            with TextFile(self._path, self._dialect.encoding, self._limits, self._progress) as text:
                self.encoding, self.mark = text.encoding, text.mark
                again = yield from self._from(text, start)
            if again is None:
                return
            start = again
        raise FileFault(_("has too many stray quotes: the rest of the file was not read"), line=start + 1)

    def _from(self, text: TextFile, start: int) -> Generator[Record, None, int | None]:
        """The records after `start` lines; answers after which line to begin again, if so."""
        lines: Iterator[str] = chain.from_iterable(StringIO(block, newline="") for block in text)
        skipped = islice(lines, start)
        if self._tap is None:
            deque(skipped, 0)
        else:
            self.preamble = list(skipped)[: self._dialect.skip]
            lines = _tapped(lines, self._tap)
        reader = csv.reader(
            lines,
            delimiter=self._dialect.delimiter,
            quotechar=self._dialect.quote,
            quoting=csv.QUOTE_MINIMAL if self._dialect.quote else csv.QUOTE_NONE,
            escapechar=self._dialect.escape,
            strict=True,
        )
        last = start
        while True:
            try:
                for record in reader:
                    yield last + 1, record
                    last = start + reader.line_num
                return None
            except csv.Error as fault:
                first, last = last + 1, start + reader.line_num
                if self._tap is not None:
                    del self._tap[1:]
                yield first, Unreadable(_reason(str(fault)))
                if last > first:
                    return first


def _tapped(lines: Iterator[str], tap: list[str]) -> Iterator[str]:
    for line in lines:
        tap.append(line)
        yield line


def _reason(fault: str) -> str:
    """What the format's own error says, in words for the person who mends the file."""
    if "field larger" in fault:
        return _("has a field of more than a million characters: is a quote left open?")
    if "unexpected end" in fault:
        return _("has a quote that is never closed")
    if "expected after" in fault:
        return _("has a quote inside a quoted field: it must be doubled, or the file read with quote = “”")
    return _("breaks the rules of CSV")


def _column_name(raw: str, line: int, encoding: str) -> str:
    name = unicodedata.normalize("NFC", raw.strip().strip("\ufeff"))
    if not name.isascii() and utf8_reading(name, encoding) is not None:
        raise FileFault(
            _("is a header that reads as UTF-8, but the encoding is declared as {encoding}").format(encoding=encoding),
            line=line,
            column=name,
        )
    return name
