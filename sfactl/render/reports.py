"""The columns of reports, and a report in each form."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from io import TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import Any, Final, cast

from sfactl.i18n import _, language
from sfactl.render.columns import Column, Kind, without_bars
from sfactl.render.machine import json_text, plain_rows, write_csv, write_json, write_jsonl
from sfactl.render.markdown import escaped
from sfactl.render.output import Format, Output, speak_utf8
from sfactl.render.report_html import write_html_report
from sfactl.render.report_parts import Report
from sfactl.render.report_pdf import write_pdf_report
from sfactl.render.report_totals import Digest, Tally, totals_in_words
from sfactl.render.writers import write
from sfactl.render.xlsx import write_xlsx_report

REPORT_COLUMNS: Final = (
    Column("name", _("Name"), Kind.CODE),
    Column("title", _("Title")),
    Column("report", _("Report"), Kind.CODE),
    Column("options", _("Options")),
    Column("format", _("Format"), Kind.CODE),
    Column("is_saved", _("Saved"), Kind.BOOL),
    Column("summary", _("What it shows"), wide=True),
)
_IN_MEMORY: Final = 8_000_000
"""Up to so many bytes a report in the making stays off the disk."""


def write_report(report: Report, output: Output) -> int:
    """Write a report and return its number of rows.

    JSON is an array of the rows, or of a report of several tables an object with an array for each; CSV and JSON lines hold
    the first table, since they know no second one.
    """
    return _write(report, output, _digest(report, output), [Tally(part.outline) for part in report.parts])


def _digest(report: Report, output: Output) -> Digest:
    """Of all that the file says but the day."""
    return Digest([output.format, language(), output.locale, report.title, *report.facts[:-1], *report.notes])


def _write(report: Report, output: Output, digest: Digest, tallies: Sequence[Tally]) -> int:
    if output.format in _MACHINES:
        first = report.parts[0]
        return _MACHINES[output.format](tallies[0].over(first.rows), without_bars(first.columns), output.stream)
    if output.format is Format.JSON:
        return _write_json(report, output, tallies)
    plain = replace(output, fields=())
    if output.format in _PAGES:
        return _PAGES[output.format](report, plain, tallies, digest)
    return _write_texts(report, plain, tallies)


_MACHINES: Final[dict[Format, Callable[..., int]]] = {Format.CSV: write_csv, Format.JSONL: write_jsonl}


_PAGES: Final[dict[Format, Callable[..., int]]] = {
    Format.HTML: write_html_report, Format.XLSX: write_xlsx_report, Format.PDF: write_pdf_report,
}  # fmt: skip


def _write_texts(report: Report, output: Output, tallies: Sequence[Tally]) -> int:
    """Tables one below the other, as on a terminal or in Markdown; the day is not told, since the figures may be the same."""
    count = 0
    for place, (part, tally) in enumerate(zip(report.parts, tallies, strict=True)):
        if place:
            output.stream.write("\n")
        title = part.outline.title if len(report.parts) > 1 else None
        heading = " – ".join([report.title, *report.facts[:-1]]) if not place else ""
        count += write(tally.over(part.rows), part.columns, output, title=": ".join(filter(None, [heading, title])))
        lines = [*totals_in_words(tally, part.columns, output.locale), *(part.footer or "").splitlines()]
        output.stream.write("".join(_in_text(line, output) for line in lines))
    output.stream.write("".join(_in_text(line, output) for line in report.notes))
    return count


def _in_text(line: str, output: Output) -> str:
    text = output.text(line, 1000)
    return f"\n{escaped(text)}\n" if output.format is Format.MD else f"{text}\n"


def _write_json(report: Report, output: Output, tallies: Sequence[Tally]) -> int:
    pairs = list(zip(report.parts, tallies, strict=True))
    if len(pairs) == 1:
        part, tally = pairs[0]
        return write_json(tally.over(part.rows), without_bars(part.columns), output.stream)
    whole = {
        part.outline.key: list(plain_rows(tally.over(part.rows), without_bars(part.columns))) for part, tally in pairs
    }
    speak_utf8(output.stream)
    output.stream.write(json_text(whole, 2) + "\n")
    return sum(map(len, whole.values()))


@dataclass(frozen=True)
class Made:
    """A report as a file that has no name yet."""

    file: "SpooledTemporaryFile[bytes]"
    format: Format
    rows: int
    digest: str | None
    "Of its data, where the bytes also tell the day."
    report: Report
    tallies: Sequence[Tally]

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.file.seek(0, os.SEEK_END)

    @property
    def content(self) -> bytes:
        """All of its bytes."""
        self.file.seek(0)
        return self.file.read()

    @property
    def identity(self) -> str:
        """What is the same for the same data."""
        return self.digest or f"sha256-{sha256(self.content).hexdigest()}"


@contextmanager
def made(report: Report, output: Output) -> Iterator[Made]:
    """The report in the output's form, for as long as the block lasts; the output's stream stays as it is."""
    digest, tallies = _digest(report, output), [Tally(part.outline) for part in report.parts]
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        stream = TextIOWrapper(cast(Any, file), encoding="utf-8", newline="\n")
        rows = _write(report, replace(output, stream=stream, color=False, width=None), digest, tallies)
        stream.flush()
        stream.detach()
        yield Made(file, output.format, rows, digest.text if output.format in _PAGES else None, report, tallies)
