"""Several records side by side on a terminal: a column a record, a line a field."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sfactl.i18n import _
from sfactl.render import layout
from sfactl.render.cells import show
from sfactl.render.columns import NUMBERS, Column, Kind, choose
from sfactl.render.output import Output
from sfactl.render.table import Line, draw

_LONGEST: Final = 500
_LEAST: Final = 16
"""So many cells a column has at least, for text to fold in."""
_SAME: Final = "="


@dataclass(frozen=True, slots=True)
class _Field:
    """A line: what it is called, and its cell for each record."""

    header: str
    cells: Sequence[str]
    is_number: bool
    folds: bool
    """Whether its cells may stand in several lines."""

    @property
    def is_same(self) -> bool:
        """Whether it tells no record from another."""
        return len(self.cells) > 1 and len(set(self.cells)) == 1


def write_compared(records: Sequence[object], columns: Sequence[Column], output: Output) -> None:
    """Write the records side by side, as many in a block as the terminal has room for; nothing is cut off.

    The first field names each column and stands above it. A field that is the same in all records has a mark before it.
    """
    fields = [_field(records, column, output) for column in choose(columns, output.fields)]
    labels = max(layout.width_of(field.header) for field in fields) + len(_SAME) + 1
    naturals = [max(layout.width_of(field.cells[place]) for field in fields) for place in range(len(records))]
    leasts = [min(natural, _least(fields, place)) for place, natural in enumerate(naturals)]
    lines: list[Line] = []
    for block in _blocks(leasts, labels, output.width):
        lines += [[("", "")]] if lines else []
        lines += _block(fields, block, labels, _widths(block, naturals, leasts, labels, output.width), output)
    if any(field.is_same for field in fields):
        lines += [[("", "")], [(output.text(_("{mark} the same everywhere").format(mark=_SAME)), "dim")]]
    draw(lines, output)


def _field(records: Sequence[object], column: Column, output: Output) -> _Field:
    cell = show(column, output, _LONGEST)
    return _Field(
        output.text(column.header),
        [cell(record) for record in records],
        column.kind in NUMBERS,
        column.kind is Kind.TEXT,
    )


def _least(fields: Sequence[_Field], place: int) -> int:
    """What a record's column needs at least: text folds, all else stands whole."""
    whole = (layout.width_of(field.cells[place]) for field in fields if not field.folds)
    return max(_LEAST, *whole)


def _blocks(leasts: Sequence[int], labels: int, width: int | None) -> list[list[int]]:
    """The records that stand beside each other: as many as have room, at least one, about as many in each block."""
    if width is None:
        return [list(range(len(leasts)))]
    most = 1
    while most < len(leasts) and labels + sum(sorted(leasts)[-most - 1 :]) + layout.GAP * (most + 1) <= width:
        most += 1
    count = -(-len(leasts) // most)
    size = -(-len(leasts) // count)
    return [list(range(start, min(start + size, len(leasts)))) for start in range(0, len(leasts), size)]


def _widths(
    block: Sequence[int], naturals: Sequence[int], leasts: Sequence[int], labels: int, width: int | None
) -> list[int]:
    """How wide each record of a block may be: the widest give first."""
    widths = [naturals[place] for place in block]
    excess = 0 if width is None else labels + sum(widths) + layout.GAP * len(widths) - width
    for _cell in range(max(excess, 0)):
        spare = [index for index, place in enumerate(block) if widths[index] > leasts[place]]
        if not spare:
            break
        widths[max(spare, key=lambda index: widths[index])] -= 1
    return widths


def _block(
    fields: Sequence[_Field], block: Sequence[int], labels: int, widths: Sequence[int], output: Output
) -> list[Line]:
    dash = "-" if output.is_plain else "─"
    lines: list[Line] = []
    for number, field in enumerate(fields):
        cells = [_in_lines(field.cells[place], width) for place, width in zip(block, widths, strict=True)]
        mark = f"{_SAME if field.is_same else ' '} "
        style = "bold" if number == 0 else "dim" if field.is_same else ""
        for row in range(max(map(len, cells))):
            label = layout.padded(f"{mark}{field.header}" if row == 0 else "", labels)
            pieces = [
                layout.padded(cell[row] if row < len(cell) else "", w, right=field.is_number)
                for cell, w in zip(cells, widths, strict=True)
            ]
            lines.append([(label, "bold"), *((" " * layout.GAP + piece, style) for piece in pieces)])
        if number == 0:
            lines.append([(dash * labels, "dim"), *((" " * layout.GAP + dash * width, "dim") for width in widths)])
    return lines


def _in_lines(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` cells; a word that is longer is broken."""
    lines: list[str] = []
    for line in layout.folded(text, width):
        while layout.width_of(line) > width:
            piece = layout.clipped(line, width, "")
            lines.append(piece)
            line = line[len(piece) :]
        lines.append(line)
    return lines
