"""A result as a workbook: numbers are numbers, dates are dates, and text is text, whatever it starts with.

Rows go to the disk as they come, and the workbook to its stream when it is whole. The same rows give the same bytes.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from itertools import chain, repeat
from tempfile import TemporaryDirectory, TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TextIO

from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.render.columns import Column, Kind, Section, choose, without_bars
from sfactl.render.output import Output
from sfactl.render.report_parts import Report
from sfactl.render.report_totals import Digest, Tally, total_columns
from sfactl.render.xlsx_cells import TEXT, Cell, cell_of, clean

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS: Final = 1_048_576
"""What a sheet holds, with its header."""
_WIDEST, _NARROWEST = 60, 6
_DEEPEST: Final = 15
_SHEET_NAME: Final = 31
_NOT_IN_NAMES: Final = str.maketrans("[]:*?/\\", "       ")
_MADE: Final = datetime(2000, 1, 1)
"""Said to be the day each workbook was made on, so that its bytes depend on nothing but the rows."""
_SAFE: Final = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
}  # fmt: skip


def write_xlsx(
    rows: Iterable[object],
    columns: Sequence[Column],
    output: Output,
    *,
    title: str | None = None,
    footer: str | None = None,
    depths: Iterable[int] = (),
) -> int:
    """Write the rows on one sheet, notes on a second, and return the number of rows.

    Raises:
        UsageFault: the stream is a terminal, or the rows are more than a sheet holds.
    """
    name = title or output.subject
    with _book(name, output) as book:
        return book.add_list(Section("", name, (), columns, footer), rows, depths)


def write_xlsx_record(record: object, columns: Sequence[Column], output: Output, sections: Sequence[Section]) -> None:
    """Write a record on one sheet, and each list that belongs to it on another; refuses as `write_xlsx` does."""
    with _book(output.subject, output) as book:
        book.add_record(output.subject, record, choose(without_bars(columns), output.fields))
        _add_sections(book, sections, replace(output, fields=()))


def write_xlsx_lists(sections: Sequence[Section], output: Output) -> int:
    """Write each list on a sheet and return the number of all rows; refuses as `write_xlsx` does."""
    with _book(output.subject, output) as book:
        return _add_sections(book, sections, output)


def write_xlsx_report(report: Report, output: Output, tallies: Sequence[Tally], digest: Digest) -> int:
    """Write each table of a report on a sheet, what they add up to as formulas below, and what is said of it on the last one."""
    count = 0
    with _book(report.title, output) as book:
        for part, tally in zip(report.parts, tallies, strict=True):
            section = Section(part.outline.key, part.outline.title, (), part.columns, part.footer)
            count += book.add_list(section, tally.over(digest.over(part)), (), (), tally)
        book.add_words([report.title, *report.facts, *report.notes])
        book.mark(digest.text)
    return count


def _add_sections(book: "_Book", sections: Sequence[Section], output: Output) -> int:
    return sum(book.add_list(section, section.rows, (), output.fields) for section in sections)


@contextmanager
def _book(title: str, output: Output) -> Iterator["_Book"]:
    """A new workbook, which goes to the stream if all goes well."""
    to = _binary(output.stream)
    from xlsxwriter import Workbook

    with TemporaryDirectory(prefix="sfactl-") as folder, TemporaryFile(dir=folder) as whole:
        workbook = Workbook(whole, _SAFE | {"tmpdir": folder})
        workbook.set_properties({"title": clean(title), "created": _MADE})
        book = _Book(workbook, output)
        try:
            yield book
        except BaseException:
            for sheet in workbook.worksheets():
                sheet.row_data_fh.close()  # the library itself closes it only when the workbook is whole
            raise
        book.add_notes()
        workbook.close()
        whole.seek(0)
        shutil.copyfileobj(whole, to)


def _binary(stream: TextIO) -> BinaryIO:
    if stream.isatty():
        raise UsageFault(
            _("A workbook is nothing to read on a terminal."), _("Send it to a file: sfactl … -o xlsx > list.xlsx")
        )
    stream.flush()
    return stream.buffer


class _Book:
    """A workbook in the making: one sheet after the other, each row by row."""

    def __init__(self, workbook: "Workbook", output: Output) -> None:
        self._workbook = workbook
        self._output = output
        self._names = {"history"}  # which spreadsheets keep for themselves
        self._notes: list[str] = []
        self._header = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self._format = cache(
            lambda form, depth=0, is_total=False: workbook.add_format(
                {"num_format": form, "indent": depth} | ({"bold": True, "top": 1} if is_total else {})
            )
        )

    def add_list(
        self,
        section: Section,
        rows: Iterable[object],
        depths: Iterable[int],
        fields: Sequence[str] | None = None,
        tally: Tally | None = None,
    ) -> int:
        """A sheet with a header that stays in sight and filters; returns the number of rows."""
        chosen = choose(without_bars(section.columns), self._output.fields if fields is None else fields)
        sheet = _Sheet(self._add_sheet(section.title), self._format)
        for place, column in enumerate(chosen):
            sheet.write_header(place, self._titled(column), self._header)
        forms = [(column.reader, cell_of(column, self._output)) for column in chosen]
        count = 0
        for row, depth in zip(rows, chain(depths, repeat(0)), strict=False):
            count += 1
            sheet.require_room(count)
            for place, (read, form) in enumerate(forms):
                value = read(row)
                if value is not None:
                    sheet.write(count, place, form(value), 0 if place else min(depth, _DEEPEST))
        sheet.sheet.freeze_panes(1, 0)
        sheet.sheet.autofilter(0, 0, count, len(chosen) - 1)
        if tally is not None:
            self._add_totals(sheet, chosen, tally)
        sheet.finish()
        self._notes += (section.footer or "").splitlines()
        return count

    def _add_totals(self, sheet: "_Sheet", columns: Sequence[Column], tally: Tally) -> None:
        """What the columns add up to: formulas, a row for each currency, with what they come to."""
        keys = [column.key for column in columns]
        totals = tally.totals
        if len(totals) > 1 and "currency" not in keys:
            return
        for number, total in enumerate(totals, start=tally.count + 1):
            sheet.require_room(number)
            for place, column in enumerate(total_columns(columns, tally.outline)):
                value = column.reader(total)
                if value is None:
                    continue
                cell = cell_of(column, self._output)(value)
                if column.key not in tally.outline.sums or isinstance(cell[0], str):
                    sheet.write(number, place, cell, 0, is_total=True)
                else:
                    among = (keys.index("currency"), total.currency) if len(totals) > 1 else None
                    sheet.write_sum(number, place, tally.count, cell, among)

    def add_words(self, lines: Sequence[str]) -> None:
        """What is said of the whole, before the notes of its tables."""
        self._notes = [*lines, *self._notes]

    def mark(self, digest: str) -> None:
        """Let the workbook tell by which data it was made."""
        self._workbook.set_custom_property("sfactl", digest)

    def add_record(self, title: str, record: object, columns: Sequence[Column]) -> None:
        """A sheet with a line for each column."""
        sheet = _Sheet(self._add_sheet(title), self._format)
        sheet.write_header(0, _("Field"), self._header)
        sheet.write_header(1, _("Value"), self._header)
        for line, column in enumerate(columns, start=1):
            value = column.reader(record)
            sheet.write(line, 0, (self._titled(column), TEXT), 0)
            if value is not None:
                sheet.write(line, 1, cell_of(column, self._output)(value), 0)
        sheet.sheet.freeze_panes(1, 0)
        sheet.finish()

    def add_notes(self) -> None:
        """What was said below the lists, on a sheet of its own, if anything was."""
        if not self._notes:
            return
        sheet = _Sheet(self._add_sheet(_("Notes")), self._format)
        for line, note in enumerate(self._notes):
            sheet.write(line, 0, (note, TEXT), 0)
        sheet.finish()

    def _add_sheet(self, title: str) -> "Worksheet":
        """A sheet of that name, or what a sheet's name can hold of it, told from others by a number."""
        plain = " ".join(clean(title).translate(_NOT_IN_NAMES).split()).strip("' ") or "-"
        name, number = plain[:_SHEET_NAME], 1
        while name.casefold() in self._names:
            number += 1
            name = f"{plain[: _SHEET_NAME - len(str(number)) - 1]} {number}"
        self._names.add(name.casefold())
        sheet = self._workbook.add_worksheet(name)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)
        return sheet

    def _titled(self, column: Column) -> str:
        return f"{column.header} ({self._output.zone})" if column.kind is Kind.DATETIME else column.header


class _Sheet:
    """A sheet, and how wide its columns have to be."""

    def __init__(self, sheet: "Worksheet", format: "Callable[..., Format]") -> None:  # noqa: A002 - the library's word
        self.sheet = sheet
        self._format = format
        self._widths: dict[int, int] = {}

    def write_header(self, place: int, text: str, form: "Format") -> None:
        self.sheet.write_string(0, place, clean(text), form)
        self._grow(place, max(map(len, text.split()), default=0) + 3)

    def write_sum(self, line: int, place: int, count: int, cell: Cell, among: tuple[int, str] | None) -> None:
        """The sum of the first rows of a column as a formula; of those of one currency, where there are several."""
        from xlsxwriter.utility import xl_range_abs

        value, form = cell
        column = xl_range_abs(1, place, count, place)
        formula = f"=SUM({column})"
        if among is not None:
            formula = f'=SUMIF({xl_range_abs(1, among[0], count, among[0])},"{among[1]}",{column})'
        self.sheet.write_formula(line, place, formula, self._format(form, 0, True), value)
        self._grow(place, _drawn(value, form))

    def write(self, line: int, place: int, cell: Cell, depth: int, *, is_total: bool = False) -> None:
        value, form = cell
        made = self._format(form, depth, is_total) if depth or is_total else self._format(form)
        if isinstance(value, bool):
            self.sheet.write_boolean(line, place, value, made)
            self._grow(place, 7)
        elif isinstance(value, str):
            text = clean(value)
            self.sheet.write_string(line, place, text, made)
            self._grow(place, max(map(len, text[:1000].split("\n"))) + 2 * depth + 1)
        elif isinstance(value, date):
            self.sheet.write_datetime(line, place, value, made)
            self._grow(place, len(form) + 1)
        else:
            self.sheet.write_number(line, place, value, made)
            self._grow(place, _drawn(value, form))

    def require_room(self, line: int) -> None:
        """Refuse the row that a sheet does not hold any more."""
        if line >= MOST_ROWS:
            raise UsageFault(
                _("A sheet holds no more than {most} rows.").format(most=f"{MOST_ROWS - 1:,}"),
                _("Take fewer with --limit or a filter, or write CSV: -o csv"),
            )

    def _grow(self, place: int, width: int) -> None:
        if width > self._widths.get(place, _NARROWEST):
            self._widths[place] = min(width, _WIDEST)

    def finish(self) -> None:
        """Give each column its width."""
        for place, width in sorted(self._widths.items()):
            self.sheet.set_column(place, place, width)


def _drawn(value: Any, form: str) -> int:
    """About how many characters the number takes in its format."""
    whole, places = f"{abs(int(value))}", form.partition(".")[2].partition("]")[0]
    return len(whole) + len(whole) // 3 + len(places) + 3
