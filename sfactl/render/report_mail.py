"""A report as the file of a mail, and what the mail tells of it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sfactl.render.cells import show
from sfactl.render.columns import NUMBERS, Column, Kind, without_bars
from sfactl.render.output import Format, Output
from sfactl.render.report_summary import Heading, Summary
from sfactl.render.report_totals import totals_in_words
from sfactl.render.reports import Made

MEDIA_TYPES: Final = {
    Format.TABLE: "text/plain", Format.JSON: "application/json", Format.JSONL: "application/x-ndjson",
    Format.CSV: "text/csv", Format.MD: "text/markdown", Format.HTML: "text/html",
    Format.PDF: "application/pdf", Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
_ENDINGS: Final = {Format.TABLE: "txt"}
_COLUMNS_AT_MOST: Final = 6


def file_name(name: str, period: str | None, format: Format) -> str:  # noqa: A002 - the field's own name
    """What the file is called: by the report and its period."""
    label = re.sub("[^A-Za-z0-9]+", "-", period or "").strip("-")
    return f"{'-'.join(filter(None, [name, label]))}.{_ENDINGS.get(format, format)}"


def summary_of(made: Made, file: str, output: Output) -> Summary:
    """What the mail tells of a report: its first rows, what they add up to, and what is said of it."""
    report, plain = made.report, replace(output, color=False, width=None)
    first = made.tallies[0].first
    said = [
        each for each in without_bars(report.parts[0].columns) if any(each.reader(row) is not None for row in first)
    ]
    columns = _telling(said)
    cells = [show(column, plain) for column in columns]
    return Summary(
        report.title, report.facts, [Heading(column.header, column.kind in NUMBERS) for column in columns],
        [[cell(row) for cell in cells] for row in first], made.tallies[0].count,
        _totals(made, output.locale), report.notes, file,
    )  # fmt: skip


def _telling(columns: Sequence[Column]) -> list[Column]:
    """The columns that a narrow page has room for: the names, then numbers, then what else there is."""
    names = [column for column in columns[:3] if column.kind in (Kind.TEXT, Kind.CODE)]
    numbers = [column for column in columns if column.kind in NUMBERS and not column.wide]
    others = [column for column in columns if not column.wide and column not in names and column not in numbers]
    chosen = [*names, *numbers, *others][:_COLUMNS_AT_MOST]
    return [column for column in columns if column in chosen]


def _totals(made: Made, locale: str) -> list[str]:
    """What the tables add up to, in words, and what is said below them."""
    lines = []
    for part, tally in zip(made.report.parts, made.tallies, strict=True):
        lines += [*totals_in_words(tally, part.columns, locale), *(part.footer or "").splitlines()]
    return lines
