"""Territories side by side."""

from collections.abc import Sequence

from sfactl.render.columns import in_full
from sfactl.render.compare import write_compared
from sfactl.render.output import Format, Output
from sfactl.render.territories import territory_report_columns
from sfactl.render.writers import write


def write_side_by_side(rows: Sequence[object], output: Output) -> None:
    """Write the rows of a report for people side by side, a column a territory; for programs, a row a territory."""
    columns = territory_report_columns(False, False)
    if output.format is Format.TABLE:
        write_compared(rows, in_full(columns), output)
    else:
        write(rows, columns, output)
