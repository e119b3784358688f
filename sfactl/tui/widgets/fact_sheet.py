"""Facts and short lists, one below the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from sfactl.render.layout import folded
from sfactl.tui.cells import Cell, Tone, line, lines

_GAP: Final = 2


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
    widths = [max(row[index].width for row in rows) for index in range(len(rows[0]))]
    return [*title, *(piece for row in rows for piece in _row(row, widths, section.right, width))]


def _row(row: Sequence[Cell], widths: Sequence[int], right: frozenset[int], width: int) -> list[Content]:
    """The row in one line, or in several when its last text is too long."""
    *first, last = [cell.content(cell.fitted(widths[index], right=index in right)) for index, cell in enumerate(row)]
    blank = Content(" " * _GAP)
    start = sum(widths[:-1]) + _GAP * (len(widths) - 1)
    room = width - start
    if len(row) - 1 in right or room < 1 or row[-1].width <= room:
        return [blank.join([*first, last]).rstrip()]
    pieces = [row[-1].content(piece) for piece in folded(row[-1].text, room)]
    return [blank.join([*first, pieces[0]]), *(Content(" " * start).append(piece) for piece in pieces[1:])]
