"""One list, each form: what every command that lists something ends in."""

from collections.abc import Iterable, Sequence

from sfactl.render.columns import Column, choose, without_bars
from sfactl.render.machine import write_csv, write_json, write_jsonl
from sfactl.render.markdown import write_markdown
from sfactl.render.output import Format, Output, output_for
from sfactl.render.table import write_table

__all__ = ["Format", "Output", "output_for", "write"]


def write(
    rows: Iterable[object],
    columns: Sequence[Column],
    output: Output,
    *,
    title: str | None = None,
    footer: str | None = None,
) -> int:
    """Write the rows in the output's form and return their number.

    Title and footer (totals, notes) are for tables and Markdown only. JSON, JSON lines, CSV and Markdown take one row
    after the other, whatever their number.
    """
    if output.format is Format.TABLE:
        return write_table(rows, columns, output, title=title, footer=footer)
    if output.format is Format.MD:
        return write_markdown(rows, columns, output, title=title, footer=footer)
    write_rows = {Format.JSON: write_json, Format.JSONL: write_jsonl, Format.CSV: write_csv}[output.format]
    return write_rows(rows, choose(without_bars(columns), output.fields), output.stream)
