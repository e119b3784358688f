"""What screens with a list do alike: narrow it while one types, read the rows in sight, show the one under the cursor."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget
from textual.widgets import Static

from sfactl.errors import NotFound, SfaError, UsageFault
from sfactl.i18n import _
from sfactl.tui import keeping
from sfactl.tui.cells import Cell, Tone, line
from sfactl.tui.cycling import following
from sfactl.tui.desk import Desk
from sfactl.tui.filter_text import FilterText, parse
from sfactl.tui.screens.main import MainScreen
from sfactl.tui.sheets import Shown
from sfactl.tui.widgets.error_bar import ErrorBar
from sfactl.tui.widgets.fact_sheet import FactSheet, Section
from sfactl.tui.widgets.filter_bar import FilterBar
from sfactl.tui.widgets.paged_grid import PagedGrid
from sfactl.tui.widgets.record_grid import GridRow, RecordGrid

if TYPE_CHECKING:
    from sfactl.db.session import Session

FIRST: Final = 64
"""So many rows of a new list come before it is known how many there are: more than a screen shows."""
_PAUSE_S: Final = 0.15
"""A cursor that runs asks for the row on which it stops."""


class ListScreen(MainScreen):
    """A list, and what is known of the row under its cursor."""

    FILTERS: ClassVar[tuple[str, ...]] = ()
    "Keys that narrow the list, named as the options of the command; none for a list that is not narrowed."
    EMPTY: ClassVar[str] = ""
    "What is said where there is nothing to list."
    TOPIC: ClassVar[str] = "keys"
    "The question whose answer is the list."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "narrow", _("Filter"), id="listing.filter", tooltip=_("Type what the list shall be narrowed to.")),
        Binding("S", "keep_filter", _("Keep filter"), show=False, id="listing.keep-filter",
                tooltip=_("Keep the filter under a name; Find offers it from then on.")),
        Binding("d", "detail", _("Detail"), show=False, id="listing.detail",
                tooltip=_("Show or hide what is known of the row under the cursor.")),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._filter = FilterText()
        self._misunderstood: SfaError | None = None
        "Why the filter, as it stands there, says nothing; nothing is listed then: it would not be what was asked for."

    def body(self) -> Iterable[Widget]:
        """Filter, what is listed, list, detail."""
        if self.FILTERS:
            yield FilterBar(self.FILTERS)
        yield Static(id="caption")
        with Container(classes="split"):
            yield self.grid()
            yield FactSheet(classes="detail")

    def grid(self) -> RecordGrid:
        """The list, empty."""
        raise NotImplementedError

    def detail(self, session: "Session", key: str) -> Sequence[Section]:
        """What is known of a row; asked in a thread."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Paint first, ask then; the list has the keys."""
        super().on_mount()
        self.query_one(RecordGrid).focus()

    @property
    def awaits_rows(self) -> bool:
        """Whether the first rows are being read."""
        return self.is_mounted and not self._refused and not self.query_one(RecordGrid).has_answer

    @property
    def cursor_key(self) -> str | None:
        """What the row under the cursor is called."""
        return self.query_one(RecordGrid).cursor_key

    def caption(self, strong: str, *pieces: str) -> None:
        """Say what is listed."""
        rest = "".join(f" · {piece}" for piece in pieces if piece)
        self.query_one("#caption", Static).update(line(Cell(strong, Tone.STRONG), rest))

    @on(FilterBar.Narrowed)
    def _narrowed(self, message: FilterBar.Narrowed) -> None:
        message.stop()
        was_narrowed = bool(self._filter.flags())
        try:
            self._filter = parse(message.text, self.FILTERS)
        except SfaError as error:
            self.forget(self.TOPIC)
            self._list_nothing(error)
            return
        self._misunderstood = None
        self.query_one(ErrorBar).clear()
        is_narrowed = bool(self._filter.flags())
        self.query_one(RecordGrid).empty = _("Nothing fits the filter.") if is_narrowed else _(self.EMPTY)
        if was_narrowed and not self._filter.flags():
            self.widened()
        self.narrowed()

    def widened(self) -> None:
        """The filter was cleared."""

    def refused(self, topic: str, error: SfaError) -> None:
        """What a filter names and is not there narrows to nothing."""
        if topic == self.TOPIC and isinstance(error, NotFound | UsageFault) and self._filter.flags():
            self._list_nothing(error)

    def finished(self, topic: str) -> None:
        """The filter was understood."""
        if topic == self.TOPIC:
            self._misunderstood = None

    def _list_nothing(self, error: SfaError) -> None:
        self._misunderstood = error
        self.query_one(RecordGrid).empty = _("The filter is not understood.")
        self.show_nothing()
        self.caption(_("Nothing: the filter is not understood"))
        self._say_misunderstood()
        self._ask_detail()

    def show_nothing(self) -> None:
        """Show an empty list."""
        self.query_one(RecordGrid).show(())

    def _say_misunderstood(self) -> bool:
        error = self._misunderstood
        if error is not None:
            self.query_one(ErrorBar).show(error.message, error.hint)
        return error is not None

    def action_export(self) -> None:
        """Write the list, unless nobody knows which."""
        if not self._say_misunderstood():
            super().action_export()

    def action_copy_command(self) -> None:
        """Copy the command, unless nobody knows of what."""
        if not self._say_misunderstood():
            super().action_copy_command()

    def narrowed(self) -> None:
        """Another filter holds."""
        self.reload()

    @on(FilterBar.Left)
    def _left(self, message: FilterBar.Left) -> None:
        message.stop()
        self.query_one(RecordGrid).focus()

    def action_narrow(self) -> None:
        """Go to the filter."""
        for bar in self.query(FilterBar):
            bar.focus()

    def action_keep_filter(self) -> None:
        """Keep what the list is narrowed to."""
        bar = self.query_one(FilterBar)
        self.open_form(keeping.form(self.desk, self.MODE, bar.value, self.FILTERS), lambda _result: None)

    def set_filter(self, text: str) -> None:
        """Put a filter there that was kept."""
        for bar in self.query(FilterBar):
            bar.value = text
            bar.action_leave()

    @on(RecordGrid.Moved)
    def _moved(self) -> None:
        self._ask_detail(after_s=_PAUSE_S)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No filter where the list is not narrowed."""
        return bool(self.FILTERS) if action in ("narrow", "keep_filter") else super().check_action(action, parameters)

    def _ask_detail(self, *, after_s: float = 0) -> None:
        key = self.cursor_key
        self.set_class(not self.query_one(RecordGrid).count, "-nothing")
        if key is None:
            self.query_one(FactSheet).show([])
        elif self.query_one(FactSheet).display:
            self.ask(
                "detail", lambda session: self.detail(session, key), self.query_one(FactSheet).show, after_s=after_s
            )

    def action_detail(self) -> None:
        """Show or hide the detail; where there is no room for both, show it in place of the list."""
        self.toggle_class("-toggled")
        self.call_after_refresh(self._after_toggle)

    def _after_toggle(self) -> None:
        grid = self.query_one(RecordGrid)
        (grid if grid.display else self.query_one(FactSheet)).focus()
        self._ask_detail()


@dataclass(frozen=True, slots=True)
class _Part:
    """Keys of a list, and rows that are there already."""

    keys: Sequence[int]
    rows: Mapping[int, GridRow]
    is_whole: bool
    "Whether these are all keys."


class PagedScreen(ListScreen):
    """A list of any length."""

    SORTS: ClassVar[Mapping[str, str]] = {}
    "What the list can be sorted by, and what that is called; the first at the beginning."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "sort", _("Sort"), id="listing.sort", tooltip=_("Sort the list by the next of its columns.")),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._sort = next(iter(self.SORTS))
        self._is_new = True
        self._stay_on: int | None = None
        "The row on which the cursor shall be once the list is there that begins anew."

    def columns(self) -> Shown:
        """What is shown of a row."""
        raise NotImplementedError

    def keys(self, session: "Session", wanted: FilterText, sort: str, limit: int = 0) -> Sequence[int]:
        """The keys of all rows, or of the first ones, in order; asked in a thread."""
        raise NotImplementedError

    def rows(self, session: "Session", ids: Sequence[int]) -> Mapping[int, GridRow]:
        """The rows of these keys; asked in a thread."""
        raise NotImplementedError

    def say(self, count: int) -> None:
        """Say what is listed."""
        raise NotImplementedError

    def grid(self) -> RecordGrid:
        """The list, empty."""
        return PagedGrid(self.columns().grid, empty=_(self.EMPTY), id="list")

    def reload(self) -> None:
        """Ask for the keys, rows follow; of a list that begins anew, for the first rows before all keys."""
        wanted, sort, is_new = self._filter, self._sort, self._is_new

        def parts(session: "Session") -> Iterator[_Part]:
            if is_new:
                first = self.keys(session, wanted, sort, FIRST)
                yield _Part(first, self.rows(session, first), is_whole=len(first) < FIRST)
                if len(first) < FIRST:
                    return
            yield _Part(self.keys(session, wanted, sort), {}, is_whole=True)

        self.ask_in_parts("keys", parts, self._show)

    def narrowed(self) -> None:
        """The list starts anew."""
        self._is_new = True
        self.reload()

    def widened(self) -> None:
        """The cursor stays on what was found."""
        self._stay_on = self.query_one(PagedGrid).cursor_id

    def show_nothing(self) -> None:
        """Show an empty list; the next begins anew."""
        self._is_new = True
        self.query_one(PagedGrid).show_keys((), {}, is_new=True)

    def _show(self, part: "_Part") -> None:
        self.query_one(PagedGrid).show_keys(part.keys, part.rows, is_new=self._is_new, stay_on=self._stay_on)
        self._is_new = False
        if part.is_whole:
            self._stay_on = None
            self.say(len(part.keys))
            self._ask_detail()

    @on(PagedGrid.Wanted)
    def _wanted(self, message: PagedGrid.Wanted) -> None:
        message.stop()
        ids = message.keys
        self.ask(
            f"rows-{ids[0]}", lambda session: self.rows(session, ids),
            lambda rows: self.query_one(PagedGrid).fill(rows, ids),
        )  # fmt: skip

    def action_sort(self) -> None:
        """Sort by the next."""
        self._sort = following(self.SORTS, self._sort)
        self._is_new = True
        self.reload()


class ShortScreen(ListScreen):
    """A list that is read whole; what it leaves of the height is for what is known of a row."""

    DEFAULT_CLASSES = "as-long-as-it-is"

    def columns(self) -> Shown:
        """What is shown of a row."""
        raise NotImplementedError

    def grid(self) -> RecordGrid:
        """The list, empty."""
        return RecordGrid(self.columns().grid, empty=_(self.EMPTY), id="list")

    def show(self, rows: Sequence[GridRow]) -> None:
        """Show these rows, and what is known of the one under the cursor."""
        self.query_one(RecordGrid).show(rows, self.columns().grid)
        self._ask_detail()
