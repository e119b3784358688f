"""A list of any length: all its keys are there, and its rows come when they come into sight."""

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Final

from textual.message import Message

from sfactl.tui.cells import Cell, Tone
from sfactl.tui.widgets.fitting import GridColumn
from sfactl.tui.widgets.record_grid import GridRow, RecordGrid

_AROUND: Final = 1
"""So many pages above and below the one in sight are asked for with it, once less than half of one is known there."""
_KEPT: Final = 5000
"""So many rows are kept; those that came first go first."""


class PagedGrid(RecordGrid):
    """A grid that knows only the keys of its rows until they are looked at."""

    class Wanted(Message):
        """Rows of these keys are looked at, and not there or no longer sure."""

        def __init__(self, grid: "PagedGrid", keys: Sequence[int]) -> None:
            super().__init__()
            self.grid = grid
            self.keys = keys

        @property
        def control(self) -> "PagedGrid":
            """The grid."""
            return self.grid

    def __init__(self, columns: Sequence[GridColumn], *, empty: str, id: str | None = None) -> None:  # noqa: A002
        super().__init__(columns, empty=empty, id=id)
        self._keys: Sequence[int] = ()
        self._known: dict[int, GridRow] = {}
        self._headings: Mapping[int, GridRow] = {}
        "What stands among the keys and is no row: it is known from the beginning."
        self._fresh: set[int] = set()
        "Keys whose rows were read since the list was, or are being read."

    @property
    def keys(self) -> Sequence[int]:
        """All keys, in order."""
        return self._keys

    @property
    def cursor_id(self) -> int | None:
        """The key of the row under the cursor, whether it was read or not."""
        return self._keys[self.cursor] if self.cursor < len(self._keys) else None

    def show_keys(
        self,
        keys: Sequence[int],
        rows: Mapping[int, GridRow],
        *,
        is_new: bool = False,
        headings: Mapping[int, GridRow] | None = None,
        stay_on: int | None = None,
    ) -> None:
        """Show this list, and the rows that came with it; those that were read before stay in sight until they are read again.

        The cursor stays on its row if that is still there, unless the list is new.

        Args:
            headings: by the keys with which they stand in the list.
            stay_on: the row on which the cursor shall be, if it is in the list.
        """
        before, index = self.cursor_id, 0 if is_new else self.cursor
        wanted = before if stay_on is None and not is_new else stay_on
        self._keys, self._headings = keys, headings or {}
        self._fresh = {*rows, *self._headings}
        self._known.update(rows)
        self._measure(rows.values())
        self.has_answer = True
        if wanted is not None and wanted in keys:
            index = keys.index(wanted)
        self.set_reactive(RecordGrid.cursor, min(index, max(len(keys) - 1, 0)))
        self._refit()
        self._follow_cursor()
        self.call_after_refresh(self._want)
        if self.cursor_id != before:
            self.post_message(self.Moved(self, self.cursor_key))

    def fill(self, rows: Mapping[int, GridRow], asked: Iterable[int]) -> None:
        """Take rows that were asked for; those that did not come are gone."""
        before = self.cursor_key
        for key in asked:
            self._known.pop(key, None)
        self._known.update(rows)
        while len(self._known) > _KEPT:
            oldest = next(iter(self._known))
            del self._known[oldest]
            self._fresh.discard(oldest)
        if self._measure(rows.values()):
            self._refit()
        else:
            self._redraw(set(asked))
        if self.cursor_key != before:
            self.post_message(self.Moved(self, self.cursor_key))

    def _redraw(self, keys: Set[int]) -> None:
        """Draw those of these rows that are in sight."""
        self._strips.clear()
        top = self.scroll_offset.y
        for index, key in enumerate(self._keys[top : top + max(self._page, 1)], top):
            if key in keys:
                self.refresh_line(index + 1)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for what came into sight."""
        super().watch_scroll_y(old_value, new_value)
        self._want()

    def on_resize(self) -> None:
        """More rows may be in sight now."""
        super().on_resize()
        self._want()

    def _want(self) -> None:
        page = max(self._page, 1)
        if all(key in self._fresh for key in self._around(page // 2)):
            return
        wanted = [key for key in self._around(_AROUND * page) if key not in self._fresh]
        self._fresh.update(wanted)
        self.post_message(self.Wanted(self, wanted))

    def _around(self, rows: int) -> Sequence[int]:
        """The keys in sight, and of so many rows above and below."""
        top = self.scroll_offset.y
        return self._keys[max(top - rows, 0) : top + max(self._page, 1) + rows]

    def wants_again(self, keys: Iterable[int]) -> None:
        """These were not read after all."""
        self._fresh.difference_update(keys)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self._keys)

    def row_at(self, index: int) -> GridRow:
        """The row in this place; one of dots as long as it is not read."""
        key = self._keys[index]
        row = self._known.get(key) or self._headings.get(key)
        return row or GridRow("", (Cell("…", Tone.FAINT),) * len(self._columns))

    @property
    def cursor_key(self) -> str | None:
        """The code of the row under the cursor, once it was read."""
        row = self.row_at(self.cursor) if self.cursor < len(self._keys) else None
        return row.key or None if row else None
