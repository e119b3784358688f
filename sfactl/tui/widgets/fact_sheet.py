"""Facts and short lists, one below the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from sfactl.render.layout import GAP, Measure, fitted, folded, total
from sfactl.tui.cells import Cell, Tone, line, lines

_LEAST: Final = 40
"""A sheet that is copied is at least so wide."""


@dataclass(frozen=True, slots=True)
class Section:
    """A title and rows below it; the cells of a column stand below each other."""

    title: str
    rows: tuple[tuple[Cell, ...], ...]
    header: tuple[str, ...] = ()
    right: frozenset[int] = frozenset()
    "The columns that stand at the right."
    empty: str = ""
    "What is said when there are no rows."


class _Body(Static):
    def __init__(self) -> None:
        super().__init__()
        self.sections: Sequence[Section] = ()
        self._drawn: tuple[int, list[Content]] = 0, []
        "The lines, for a width."

    def render(self) -> Content:
        return lines(self._lines())

    def show(self, sections: Sequence[Section]) -> None:
        """Show these; what is around moves only where there are more lines now, or fewer."""
        self.sections = sections
        self._drawn = 0, []
        self.refresh(layout=len(self._lines()) != self.size.height)

    def _lines(self) -> list[Content]:
        width = self.size.width
        if self._drawn[0] != width:
            self._drawn = width, drawn(self.sections, width)
        return self._drawn[1]


class FactSheet(VerticalScroll):
    """Sections that scroll."""

    def compose(self) -> ComposeResult:
        """One text, drawn anew for each width."""
        yield _Body()

    def show(self, sections: Sequence[Section]) -> None:
        """Show these, from the top unless they are about the same as before."""
        body = self.query_one(_Body)
        is_new = [section.title for section in sections[:1]] != [section.title for section in body.sections[:1]]
        body.show(sections)
        if is_new:
            self.scroll_home(animate=False)

    @property
    def copied(self) -> str:
        """All of it as text."""
        body = self.query_one(_Body)
        return "\n".join(each.plain.rstrip() for each in drawn(body.sections, max(self.size.width, _LEAST)))

    @property
    def copied_code(self) -> str:
        """It has no rows."""
        return ""

    def on_resize(self) -> None:
        """Fold the lines for the new width."""
        self.query_one(_Body).refresh(layout=True)


def drawn(sections: Sequence[Section], width: int) -> list[Content]:
    """The lines of the sections, with an empty one between two."""
    found: list[Content] = []
    for section in sections:
        if found:
            found.append(line())
        found += _drawn(section, width)
    return found


def _drawn(section: Section, width: int) -> list[Content]:
    title = [line(Cell(section.title, Tone.STRONG))] if section.title else []
    if not section.rows:
        return [*title, line(Cell(section.empty, Tone.FAINT))] if section.empty else title
    header = tuple(Cell(text, Tone.FAINT) for text in section.header)
    rows = [header, *section.rows] if header else list(section.rows)
    measures = [_measured([row[index] for row in rows], index in section.right) for index in range(len(rows[0]))]
    found = title
    for place, part in enumerate(_parts(measures, width) if header else [list(range(len(measures)))]):
        widths = fitted([measures[index] for index in part], width)
        found += [line()] if place else []
        found += [piece for row in rows for piece in _row([row[index] for index in part], widths, part, section.right)]
    return found


def _measured(cells: Sequence[Cell], is_right: bool) -> Measure:
    """What a column needs: numbers stand whole, text and headers are folded between their words."""
    natural = max(cell.width for cell in cells)
    whole = cells[1:] if is_right else ()
    words = (Cell(word).width for cell in cells for word in cell.text.split())
    least = min(max([*words, *(cell.width for cell in whole)], default=0), natural)
    return Measure(natural, natural, least)


def _parts(measures: Sequence[Measure], width: int) -> list[list[int]]:
    """The columns that stand together: where there is no room for all, others follow below, beside the first one again."""
    found = [[0]]
    for index in range(1, len(measures)):
        if len(found[-1]) > 1 and total([measures[each].least for each in (*found[-1], index)]) > width:
            found.append([0])
        found[-1].append(index)
    return found


def _row(row: Sequence[Cell], widths: Sequence[int], part: Sequence[int], right: frozenset[int]) -> list[Content]:
    """The row in one line, or in several where a text is too long for its column."""
    texts = [
        [cell.text] if cell.width <= room else folded(cell.text, room) for cell, room in zip(row, widths, strict=True)
    ]
    blank = Content(" " * GAP)
    lines_of_row = []
    for pieces in zip_longest(*texts, fillvalue=""):
        cells = [
            cell.content(Cell(piece).fitted(room, right=index in right))
            for cell, piece, room, index in zip(row, pieces, widths, part, strict=True)
        ]
        lines_of_row.append(blank.join(cells).rstrip())
    return lines_of_row
