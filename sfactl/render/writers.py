"""One list, each form: what every command that lists something ends in."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from sfactl.render.columns import Column, Section, choose, without_bars
from sfactl.render.html import write_html, write_html_lists
from sfactl.render.machine import write_csv, write_json, write_jsonl
from sfactl.render.markdown import write_markdown
from sfactl.render.output import Format, Output, output_for
from sfactl.render.table import write_table
from sfactl.render.xlsx import write_xlsx, write_xlsx_lists

__all__ = ["Format", "Output", "output_for", "write", "write_lists"]

_FOR_PEOPLE: Final[dict[Format, Callable[..., int]]] = {
    Format.TABLE: write_table, Format.MD: write_markdown, Format.HTML: write_html, Format.XLSX: write_xlsx,
}  # fmt: skip
_FOR_MACHINES: Final = {Format.JSON: write_json, Format.JSONL: write_jsonl, Format.CSV: write_csv}


def write(
    rows: Iterable[object],
    columns: Sequence[Column],
    output: Output,
    *,
    title: str | None = None,
    footer: str | None = None,
) -> int:
    """Write the rows in the output's form and return their number.

    Title and footer (totals, notes) are for people only. All forms but tables take one row after the other, whatever
    their number.
    """
    if output.format in _FOR_PEOPLE:
        return _FOR_PEOPLE[output.format](rows, columns, output, title=title, footer=footer)
    return _FOR_MACHINES[output.format](rows, choose(without_bars(columns), output.fields), output.stream)


def write_lists(sections: Sequence[Section], output: Output) -> int:
    """Write several lists, on one page or in one workbook where the form knows such, and return the number of rows."""
    if output.format is Format.HTML:
        return write_html_lists(sections, output)
    if output.format is Format.XLSX:
        return write_xlsx_lists(sections, output)
    return sum(write(each.rows, each.columns, output, title=each.title, footer=each.footer) for each in sections)
