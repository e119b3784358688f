"""A list with a cursor. Only the rows in view are drawn, so its length costs nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from sfactl.i18n import _
from sfactl.tui.cells import Cell, Tone
from sfactl.tui.widgets.fitting import GAP, GridColumn, fit_to, widest

_CURSOR: Final = "▸ "
_NO_CURSOR: Final = "  "


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row with a cell for each column."""

    key: str
    cells: tuple[Cell, ...]
    is_heading: bool = False
    "Whether its one cell stands across all columns, above rows that belong together."


class RecordGrid(ScrollView, can_focus=True, inherit_bindings=False):
    """A list with a header that stays, and a cursor that goes from row to row."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(-1)", _("Row above"), show=False, id="list.up", tooltip=_("Go to the row above.")),
        Binding("down", "step(1)", _("Row below"), show=False, id="list.down", tooltip=_("Go to the row below.")),
        Binding("pageup", "page(-1)", _("Page up"), show=False, id="list.page-up", tooltip=_("Go a page up.")),
        Binding("pagedown", "page(1)", _("Page down"), show=False, id="list.page-down", tooltip=_("Go a page down.")),
        Binding("home", "edge(False)", _("First row"), show=False, id="list.first", tooltip=_("Go to the first row.")),
        Binding("end", "edge(True)", _("Last row"), show=False, id="list.last", tooltip=_("Go to the last row.")),
        Binding(
            "shift+left", "sideways(-1)", _("Columns left"), show=False, id="list.left",
            tooltip=_("Show the columns further left."),
        ),
        Binding(
            "shift+right", "sideways(1)", _("Columns right"), show=False, id="list.right",
            tooltip=_("Show the columns further right."),
        ),
    ]  # fmt: skip
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "grid--header", "grid--cursor", *(f"grid--{tone}" for tone in Tone),
    }  # fmt: skip

    cursor: reactive[int] = reactive(0, repaint=False)

    class Moved(Message):
        """The cursor came to another row."""

        def __init__(self, grid: "RecordGrid", key: str | None) -> None:
            super().__init__()
            self.grid = grid
            self.key = key

        @property
        def control(self) -> "RecordGrid":
            """The grid."""
            return self.grid

    class Chosen(Moved):
        """The row under the cursor was clicked."""

    def __init__(self, columns: Sequence[GridColumn], *, empty: str, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._rows: Sequence[GridRow] = ()
        self.empty = empty
        "What is said when there are no rows."
        self._fitted: list[tuple[int, int]] = []
        self._widest: list[int] = [0] * len(self._columns)
        "The cells that the widest of each column takes."
        self._strips: dict[tuple[int, bool], Strip] = {}
        self._styles: dict[str, Style] = {}
        "Colours by the name of what they are for: to work one out costs more than to draw a row."
        self.has_answer = False
        "Whether rows were shown already; before, an empty list says nothing."

    @property
    def rows(self) -> Sequence[GridRow]:
        """What is shown."""
        return self._rows

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def row_at(self, index: int) -> GridRow:
        """The row in this place."""
        return self._rows[index]

    @property
    def cursor_key(self) -> str | None:
        """The key of the row under the cursor."""
        return self._rows[self.cursor].key if self.cursor < len(self._rows) else None

    def show(
        self, rows: Sequence[GridRow], columns: Sequence[GridColumn] | None = None, *, is_new: bool = False
    ) -> None:
        """Show these rows; the cursor stays on the row it was on, if that is still there, unless the list is new."""
        before, index = self.cursor_key, 0 if is_new else self.cursor
        self._rows = rows
        self._columns = tuple(columns or self._columns)
        self._forget_widths()
        self._measure(rows)
        self.has_answer = True
        keys = [row.key for row in rows]
        index = keys.index(before) if before in keys and not is_new else min(index, max(len(rows) - 1, 0))
        self.set_reactive(RecordGrid.cursor, index)
        self._refit()
        self._follow_cursor()
        if self.cursor_key != before:
            self.post_message(self.Moved(self, self.cursor_key))

    @property
    def copied(self) -> str:
        """The row under the cursor as text, with a tab between its values; those that are not in sight for want of room, too."""
        return "\t".join(cell.text for cell in self.row_at(self.cursor).cells) if self.cursor < self.count else ""

    @property
    def copied_code(self) -> str:
        """What the row under the cursor is called."""
        return self.cursor_key or ""

    @property
    def keys_on_page(self) -> list[str]:
        """The keys of the rows that are drawn."""
        top = self.scroll_offset.y
        return [self.row_at(index).key for index in range(top, min(top + max(self._page, 1), self.count))]

    def go_to(self, key: str) -> None:
        """Put the cursor on the row of this key."""
        for index, row in enumerate(self._rows):
            if row.key == key:
                self.cursor = index

    def action_step(self, rows: int) -> None:
        """Go so many rows down, or up when negative."""
        self.cursor = max(min(self.cursor + rows, self.count - 1), 0)

    def action_page(self, pages: int) -> None:
        """Go so many pages down, or up when negative."""
        self.action_step(pages * max(self._page, 1))

    def action_edge(self, is_last: bool) -> None:
        """Go to the first row or the last."""
        self.action_step(self.count if is_last else -self.count)

    def action_sideways(self, direction: int) -> None:
        """Show the columns further left or right, where not all fit."""
        self.scroll_relative(x=direction * 10, animate=False)

    def watch_cursor(self, before: int, now: int) -> None:
        """Draw the cursor where it is now, and not where it was, and tell."""
        self._follow_cursor()
        for index in (before, now):
            self.refresh_line(index + 1)
        self.post_message(self.Moved(self, self.cursor_key))

    def on_resize(self) -> None:
        """Fit the columns into the new width."""
        self._refit()
        self._follow_cursor()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the row; a click on the row under it chooses the row."""
        index = event.y - 1 + self.scroll_offset.y
        if event.y < 1 or index >= self.count:
            return
        if index == self.cursor:
            self.post_message(self.Chosen(self, self.cursor_key))
        self.cursor = index

    def notify_style_update(self) -> None:
        """Draw anew in the new colours."""
        super().notify_style_update()
        self._strips.clear()
        self._styles.clear()

    def render_line(self, y: int) -> Strip:
        """The header in the first line, then rows."""
        index = y - 1 + self.scroll_offset.y
        if y == 0:
            strip = self._header()
        elif index < self.count:
            strip = self._row(index)
        elif y == 1 and not self.count and self.has_answer:
            strip = Strip([Segment(Cell(_NO_CURSOR + self.empty).text, self._tone(Tone.FAINT))])
        else:
            strip = Strip([])
        left = self.scroll_offset.x
        return strip.crop_extend(left, left + self.size.width, self._style())

    @property
    def _page(self) -> int:
        return self.scrollable_content_region.height - 1

    def _refit(self) -> None:
        room = self.scrollable_content_region.width - len(_CURSOR)
        self._fitted = fit_to(self._columns, self._widest, room)
        self._strips.clear()
        width = len(_CURSOR) + sum(width for _index, width in self._fitted) + GAP * max(len(self._fitted) - 1, 0)
        self.virtual_size = Size(width, self.count + 1)
        self.refresh()

    def _forget_widths(self) -> None:
        self._widest = [0] * len(self._columns)

    def _measure(self, rows: Iterable[GridRow]) -> bool:
        """Let the columns be wide enough for these rows too; whether one had to grow."""
        before, cells = self._widest, [row.cells for row in rows if not row.is_heading]
        self._widest = [max(pair) for pair in zip(before, widest(self._columns, cells), strict=True)]
        return self._widest != before

    def _follow_cursor(self) -> None:
        top, page = self.scroll_offset.y, max(self._page, 1)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + page:
            self.scroll_to(y=self.cursor - page + 1, animate=False)

    def _header(self) -> Strip:
        style = self._style("grid--header")
        segments = [Segment(_NO_CURSOR, style)]
        for index, width in self._fitted:
            column = self._columns[index]
            segments += [Segment(Cell(column.header).fitted(width, right=column.is_right), style), _gap(style)]
        return Strip(segments).extend_cell_length(self.size.width, style)

    def _row(self, index: int) -> Strip:
        is_cursor = index == self.cursor
        if (index, is_cursor) not in self._strips:
            self._strips[index, is_cursor] = self._drawn(self.row_at(index), is_cursor=is_cursor)
        return self._strips[index, is_cursor]

    def _drawn(self, row: GridRow, *, is_cursor: bool) -> Strip:
        base = self._style("grid--cursor") if is_cursor else self._style()
        segments = [Segment(_CURSOR if is_cursor else _NO_CURSOR, base)]
        if row.is_heading:
            width = max(self.size.width - len(_CURSOR), 0)
            segments.append(Segment(row.cells[0].fitted(width), base if is_cursor else self._tone(row.cells[0].tone)))
            return Strip(segments)
        for index, width in self._fitted:
            cell = row.cells[index]
            style = base if is_cursor else self._tone(cell.tone)
            segments += [Segment(cell.fitted(width, right=self._columns[index].is_right), style), _gap(base)]
        return Strip(segments).extend_cell_length(self.size.width, base).simplify()

    def _tone(self, tone: Tone) -> Style:
        name = f"grid--{tone}"
        if name not in self._styles:
            self._styles[name] = self._style() + self.get_component_rich_style(name, partial=True)
        return self._styles[name]

    def _style(self, part: str = "") -> Style:
        """The colours of a part of the list; of the list itself without one."""
        if part not in self._styles:
            self._styles[part] = self.get_component_rich_style(part) if part else self.rich_style
        return self._styles[part]


def _gap(style: Style) -> Segment:
    return Segment(" " * GAP, style)
