"""A file as clean rows of one noun, in constant memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sfactl.i18n import _, ngettext
from sfactl.transfer.compiled import Compiled, compile_source
from sfactl.transfer.dialect import Dialect
from sfactl.transfer.faults import BadCell, Fault, FileFault, Row, shown
from sfactl.transfer.fields import column_labels
from sfactl.transfer.headers import MissingColumns, width_reason
from sfactl.transfer.nouns import Noun
from sfactl.transfer.reading import Progress
from sfactl.transfer.records import Table, Unreadable
from sfactl.transfer.rejects import write_rejects
from sfactl.transfer.rules import Complaint
from sfactl.transfer.schema import FieldSpec, SourceSpec
from sfactl.transfer.siblings import Siblings


@dataclass
class Source:
    """A file that supplies rows of a noun."""

    noun: Noun
    name: str
    "The file as faults call it."
    spec: SourceSpec
    dialect: Dialect
    siblings: Siblings
    currency: str
    fields: dict[str, FieldSpec]
    notes: tuple[str, ...] = ()
    "Warnings known before the file is read."
    warnings: list[str] = field(default_factory=list)
    "What a person should know of the last reading."

    @property
    def mapped(self) -> tuple[str, ...]:
        """The fields that rows supply, in the order of their values; an import leaves all others alone."""
        return tuple(self.fields)

    @property
    def size_bytes(self) -> int:
        """The size of the file on disk, which progress counts to; 0 when it is not there."""
        try:
            return self._path.stat().st_size
        except (FileFault, OSError):
            return 0

    @property
    def _path(self) -> Path:
        return self.siblings.folders.find(self.name)

    def rows(self, progress: Progress | None = None) -> Iterator[Row | Fault]:
        """The file's rows and faults in its order; a bad row gives a fault for each bad cell and no row.

        A fault that ends the reading comes last. `progress` is told how many bytes of the file were read.
        """
        self.warnings = list(self.notes)
        self._headers_again = 0
        try:
            yield from self._read(progress)
        except FileFault as fault:
            yield fault.fault(self.name)
        except MissingColumns as missing:
            yield from missing.faults
        if self._headers_again:
            self.warnings.append(_headers_again(self.name, self._headers_again))

    def write_rejects(self, path: Path, lines: set[int]) -> int:
        """Write the header and the raw records that start on these lines, to be mended and fed again.

        Same encoding and dialect as the file, compressed if the path ends in .gz. Answers how many.
        """
        return write_rejects(self._path, path, self.dialect, self.siblings.limits, lines)

    def _read(self, progress: Progress | None) -> Iterator[Row | Fault]:
        with Table(self._path, self.dialect, self.siblings.limits, progress) as table:
            compiled = compile_source(self, table)
            width, header = len(table.header), table.raw_header
            items = self._several if compiled.is_expanding else self._one
            for line, record in table:
                if len(record) == width and record != header:
                    yield from items(line, record, compiled)
                else:
                    yield from self._odd(line, record, width)
            if compiled.sheet.lost[0]:
                self.warnings.append(_lost(self.name, compiled.sheet.lost[0]))
            if compiled.sheet.mixed:
                self.warnings.append(_mixed(self.name, compiled.sheet.mixed))

    def _one(self, line: int, record: list[str], compiled: Compiled) -> Sequence[Row | Fault]:
        """The row of a record, or its faults."""
        try:
            values = tuple([read(record) for read in compiled.readers])
        except BadCell:
            return self._bad_cells(line, record, compiled)
        complaints = compiled.rules.check(values, line)
        if complaints is None:
            return (Row(line, values),)
        return [] if _is_blank(record) else [self._fault(line, each) for each in complaints]

    def _several(self, line: int, record: list[str], compiled: Compiled) -> Sequence[Row | Fault]:
        """The rows and faults of a record that a filter may drop or unpivoting may multiply."""
        try:
            records = compiled.expand(record)
        except BadCell as bad:
            return [Fault(self.name, line, "", shown(bad.value), bad.reason)]
        return [item for each in records for item in self._one(line, each, compiled)]

    def _odd(self, line: int, record: list[str], width: int) -> Iterator[Fault]:
        """A record that is no row: unreadable, blank, the header again, or of another width."""
        if isinstance(record, Unreadable):
            yield Fault(self.name, line, "", "", record.reason)
        elif len(record) == width:
            self._headers_again += 1
        elif not _is_blank(record):
            value = shown(self.dialect.delimiter.join(record))
            yield Fault(self.name, line, "", value, width_reason(len(record), width))

    def _bad_cells(self, line: int, record: list[str], compiled: Compiled) -> list[Row | Fault]:
        """A fault for each field that cannot be read, and for each required one that is empty."""
        faults: list[Row | Fault] = []
        for (key, spec), read in zip(self.fields.items(), compiled.readers, strict=True):
            try:
                if read(record) is None and compiled.rules.is_required(key):
                    faults.append(self._fault(line, compiled.rules.empty(key)))
            except BadCell as bad:
                label = compiled.label(record, spec, key)
                value = bad.value or compiled.cell(record, spec)
                faults.append(Fault(self.name, line, label, shown(value), bad.reason))
        return faults

    def _fault(self, line: int, complaint: Complaint) -> Fault:
        columns = [column_labels(self.fields[key], key) for key in complaint.keys if key in self.fields]
        return Fault(self.name, line, ", ".join(columns), shown(complaint.value), complaint.reason)


def _is_blank(record: list[str]) -> bool:
    return not any(text.strip() for text in record)


def _headers_again(name: str, count: int) -> str:
    return ngettext(
        "{name}: the header stands {count} more time among the rows; it was passed over.",
        "{name}: the header stands {count} more times among the rows; it was passed over.",
        count,
    ).format(name=name, count=count)


def _lost(name: str, count: int) -> str:
    return ngettext(
        "{name}: {count} text holds U+FFFD: letters were lost before the file came here.",
        "{name}: {count} texts hold U+FFFD: letters were lost before the file came here.",
        count,
    ).format(name=name, count=count)


def _mixed(name: str, texts: Sequence[str]) -> str:
    return _("{name}: words that mix alphabets look like others and are not the same: {texts}").format(
        name=name, texts=", ".join(f"“{shown(text)}”" for text in texts)
    )
