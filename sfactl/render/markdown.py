"""A list as a Markdown table, for documents: the same words as in the terminal, and no markup from data."""

import re
from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from typing import Final

from sfactl.render.cells import show
from sfactl.render.columns import NUMBERS, Column, choose, without_bars
from sfactl.render.output import Output, speak_utf8

_MARKUP: Final = re.compile(r"([\\`*_\[\]|~!#$])")
_LINK: Final = re.compile(r"(?i)//|(?<=\bwww)\.|(?<=\S)@(?=\S)")
"""What an address is told by, with a scheme, without one, or of a mailbox."""


def write_markdown(
    rows: Iterable[object],
    columns: Sequence[Column],
    output: Output,
    *,
    title: str | None = None,
    footer: str | None = None,
    branches: Sequence[str] = (),
) -> int:
    """Write the rows and return their number; `branches` are drawn before the first column's cells."""
    speak_utf8(output.stream)
    shown = choose(without_bars(columns), output.fields)
    write = output.stream.write
    write(f"### {escaped(output.text(title))}\n\n" if title else "")
    write(table_line([escaped(column.header) for column in shown]))
    write(table_line(["---:" if column.kind in NUMBERS else "---" for column in shown]))
    cells = [show(column, output) for column in shown]
    count = 0
    for row, branch in zip(rows, chain(branches, repeat("")), strict=False):
        first, *others = (escaped(cell(row)) for cell in cells)
        write(table_line([branch.replace(" ", "\u00a0") + first, *others]))
        count += 1
    for line in (footer or "").splitlines():
        write(f"\n{escaped(output.text(line, 1000))}\n")
    return count


def escaped(text: str) -> str:
    """The text so that Markdown shows it as it is: no markup, no HTML, no link made of an address."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LINK.sub(r"\\\g<0>", _MARKUP.sub(r"\\\1", plain))


def table_line(cells: Sequence[str]) -> str:
    """One line of a table, of cells that are escaped."""
    return "| " + " | ".join(cells) + " |\n"
