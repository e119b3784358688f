"""Rows that have a `depth`, drawn as a tree in their first column."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sfactl.render import writers
from sfactl.render.columns import Column
from sfactl.render.html import write_html
from sfactl.render.markdown import write_markdown
from sfactl.render.output import Format, Output
from sfactl.render.table import write_table
from sfactl.render.xlsx import write_xlsx

_INDENTED: Final = {Format.HTML: write_html, Format.XLSX: write_xlsx}
_LINES: Final = ("├─ ", "└─ ", "│  ")
_ASCII: Final = ("|- ", "`- ", "|  ")


def write_tree(
    rows: Iterable[Any],
    columns: Sequence[Column],
    output: Output,
    *,
    title: str | None = None,
    footer: str | None = None,
) -> int:
    """Write the rows, each after its parent, and return their number.

    Tables and Markdown draw the tree, pages and workbooks indent it; machine output has the same columns without it.
    """
    if output.format in (Format.JSON, Format.JSONL, Format.CSV):
        return writers.write(rows, columns, output)
    records = list(rows)
    if output.format in _INDENTED:
        root = min((record.depth for record in records), default=0)
        depths = [record.depth - root for record in records]
        return _INDENTED[output.format](records, columns, output, title=title, footer=footer, depths=depths)
    drawn = branches([record.depth for record in records], plain=output.is_plain)
    write_rows = write_table if output.format is Format.TABLE else write_markdown
    return write_rows(records, columns, output, title=title, footer=footer, branches=drawn)


def branches(depths: Sequence[int], *, plain: bool = False) -> list[str]:
    """What stands before each row of these depths; the shallowest rows are roots and have nothing."""
    next_, last, through = _ASCII if plain else _LINES
    root = min(depths, default=0)
    drawn: list[str] = []
    open_levels: set[int] = set()  # levels that have another row further down
    for depth in reversed(depths):
        above = "".join(through if level in open_levels else "   " for level in range(root + 1, depth))
        own = "" if depth == root else next_ if depth in open_levels else last
        drawn.append(above + own)
        open_levels = {level for level in open_levels if level < depth} | {depth}
    return drawn[::-1]
