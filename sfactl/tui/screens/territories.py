"""The territories: the tree with its figures, and one of them in detail."""

import shlex
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget
from textual.widgets import Static

from sfactl.i18n import _
from sfactl.render.formats import format_date
from sfactl.tui import territory_cells, territory_figures
from sfactl.tui.cells import Cell, Tone, line
from sfactl.tui.cycling import following
from sfactl.tui.desk import Desk
from sfactl.tui.screens.listing import ListScreen
from sfactl.tui.screens.main import MainScreen
from sfactl.tui.screens.sheet import SheetScreen
from sfactl.tui.territory_figures import PERIODS, TREND, Detail, NodeFigures, Tree, in_currency
from sfactl.tui.widgets.fact_sheet import FactSheet
from sfactl.tui.widgets.fitting import GridColumn
from sfactl.tui.widgets.record_grid import RecordGrid
from sfactl.tui.widgets.tree_grid import Branch, TreeGrid

if TYPE_CHECKING:
    from sfactl.services.territories import TerritoryRow
    from sfactl.services.territory_report import ReportRow

_PAUSE_S: Final = 0.1
"""A cursor that runs asks for the node on which it stops."""
_MANY: Final = 40
"""A tree of more nodes starts with its lower branches closed."""


class TerritoriesScreen(MainScreen):
    """The tree at the left or above, the chosen node beside or below."""

    MODE = "territories"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "period", _("Period"), id="territories.period",
                tooltip=_("Show this quarter, last quarter, the year to date or the last 12 months.")),
        Binding("d", "detail", _("Detail"), id="territories.detail", tooltip=_("Show or hide the chosen territory in detail.")),
        Binding("o", "accounts", _("Accounts"), id="territories.accounts", tooltip=_("Go to the accounts of the territory.")),
        Binding("u", "people", _("People"), id="territories.people", tooltip=_("Go to the quotas of the people of the territory.")),
        Binding("m", "mark", _("Mark"), show=False, id="territories.mark", tooltip=_("Mark the territory, to see several side by side.")),
        Binding("c", "compare", _("Compare"), id="territories.compare", tooltip=_("Show the marked territories side by side.")),
        Binding("enter", "into_detail", _("Scroll detail"), show=False, id="territories.into-detail",
                tooltip=_("Go into the detail to scroll it; tab goes back.")),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._period = next(iter(PERIODS))
        self._tree: Tree | None = None
        self._figures: dict[tuple[str, str], list[ReportRow]] = {}
        self._asked: set[tuple[str, str]] = set()
        "What came in since everything was read last."
        self._cells: dict[str, tuple[Cell, ...]] = {}
        "Each node's cells, until one of its figures changes."
        self._detail: Detail | None = None
        self._marked: list[str] = []

    def body(self) -> Iterable[Widget]:
        """Period, tree, detail."""
        yield Static(id="caption")
        with Container(id="territories"):
            yield TreeGrid(self._columns(), empty=_("There is no territory that you may see."), id="tree")
            yield FactSheet(id="detail")

    def reload(self) -> None:
        """Ask for the tree; figures follow."""
        self.forget("figures")
        self._asked.clear()
        self.ask("tree", territory_figures.tree, self._show_tree)

    def command(self) -> list[str]:
        """The report on the chosen node."""
        key = self.query_one(TreeGrid).cursor_key
        return ["territory", "report", *([key] if key else []), "--period", self._period]

    @property
    def cursor_key(self) -> str | None:
        """The node under the cursor."""
        return self.query_one(TreeGrid).cursor_key

    @property
    def _other(self) -> str:
        """The period that stands beside the chosen one."""
        return "this-quarter" if self._period == "last-quarter" else "last-quarter"

    def _columns(self) -> Sequence[GridColumn]:
        return territory_cells.tree_columns(_(PERIODS[self._other]).capitalize())

    def _show_tree(self, tree: Tree) -> None:
        is_first, self._tree = self._tree is None, tree
        self._cells.clear()
        self._draw()
        if is_first and len(tree.nodes) > _MANY:
            self.query_one(TreeGrid).fold_below(1)
        self._say_caption(tree)
        self._ask_figures()
        self._ask_detail()

    def _draw(self) -> None:
        if self._tree is None:
            return
        branches = [Branch(node.code, node.depth, self._cells_of(node)) for node in self._tree.nodes]
        self.query_one(TreeGrid).show_tree(branches, self._columns())
        self._draw_sheet()

    def _cells_of(self, node: "TerritoryRow") -> tuple[Cell, ...]:
        if node.code not in self._cells:
            now, other = self._row(node.code, self._period), self._row(node.code, self._other)
            trend = self._figures.get((node.code, TREND), [])
            self._cells[node.code] = territory_cells.tree_cells(node, now, other, trend, self.desk.locale)
        return self._cells[node.code]

    def _row(self, code: str, period: str) -> "ReportRow | None":
        rows = self._figures.get((code, period))
        return rows[0] if rows else None

    def _ask_figures(self) -> None:
        tree = self.query_one(TreeGrid)
        in_sight = dict.fromkeys([*tree.keys_on_page, *tree.keys_in_sight])
        wanted = [(code, name) for name in (self._period, self._other, TREND) for code in in_sight]
        missing = [pair for pair in wanted if pair not in self._asked]
        if missing:
            self.ask_in_parts(
                "figures", lambda session: territory_figures.figures(session, missing), self._take_figures
            )

    def _take_figures(self, found: list[NodeFigures]) -> None:
        if self._tree is None:
            return
        for figures in found:
            self._asked.add((figures.code, figures.period))
            self._cells.pop(figures.code, None)
            self._figures[figures.code, figures.period] = in_currency(figures.rows, self._tree.currency)
        self._draw()

    def _ask_detail(self, *, after_s: float = 0) -> None:
        code, period = self.query_one(TreeGrid).cursor_key, self._period
        if code is not None:
            self.ask(
                "detail", lambda session: territory_figures.detail(session, code, period), self._take_detail,
                after_s=after_s,
            )  # fmt: skip

    def _take_detail(self, detail: Detail) -> None:
        self._detail = detail
        self._draw_sheet()

    def _draw_sheet(self) -> None:
        code = self.query_one(TreeGrid).cursor_key
        node = next((node for node in self._tree.nodes if node.code == code), None) if self._tree else None
        if node is None or self._tree is None:
            return
        names = (self._period, self._other)
        periods = {_(PERIODS[name]).capitalize(): self._row(node.code, name) for name in names}
        detail = self._detail if self._detail and self._detail.code == code else None
        months = in_currency(detail.rows, self._tree.currency) if detail else []
        sheet = territory_cells.sheet(node, periods, detail, months, self.desk.locale)
        self.query_one(FactSheet).show(sheet)

    def _say_caption(self, tree: Tree) -> None:
        period, locale = tree.periods[self._period], self.desk.locale
        last = period.end.fromordinal(period.end.toordinal() - 1)
        dates = f"{format_date(period.start, locale)} – {format_date(last, locale)}"
        name = Cell(_(PERIODS[self._period]).capitalize(), Tone.STRONG)
        growth = _("growth on a year before")
        self.query_one("#caption", Static).update(line(name, f" · {dates} · {tree.currency} · {growth}"))

    @on(TreeGrid.Unfolded)
    def _unfolded(self) -> None:
        self._ask_figures()

    @on(RecordGrid.Moved, "#tree")
    def _moved(self) -> None:
        self._draw_sheet()
        self._ask_detail(after_s=_PAUSE_S)

    async def action_accounts(self) -> None:
        """Go to the accounts of the node."""
        await self._go_with("accounts")

    async def action_people(self) -> None:
        """Go to the league of the node's people."""
        await self._go_with("quotas")

    async def _go_with(self, mode: str) -> None:
        """Go to another screen, narrowed to the node."""
        key = self.cursor_key
        if key is None:
            self.with_row(lambda _key: None)
            return
        await self.app.switch_mode(mode)
        screen = self.app.screen
        if isinstance(screen, ListScreen):
            screen.set_filter(f"territory:{shlex.quote(key)}")

    def action_mark(self) -> None:
        """Mark the node, or take the mark back."""
        self.with_row(self._mark)

    def _mark(self, key: str) -> None:
        self._marked = [each for each in self._marked if each != key] + ([] if key in self._marked else [key])
        self.notify(_("Marked: {codes}").format(codes=", ".join(self._marked) or "–"), markup=False)

    def action_compare(self) -> None:
        """Show the marked nodes side by side, in figures of the chosen period."""
        codes = tuple(self._marked)
        if len(codes) < 2:
            self.notify(_("Mark two territories or more with m first."), markup=False)
            return
        question = partial(territory_cells.compare, codes=codes, name=self._period, locale=self.desk.locale)
        words = ["territory", "compare", *codes, "--period", self._period]
        self.app.push_screen(SheetScreen(self.desk, question, words))

    def action_period(self) -> None:
        """Show the next of the periods one can choose."""
        self._period = following(PERIODS, self._period)
        self._cells.clear()
        if self._tree is None:
            return
        self._draw()
        self._say_caption(self._tree)
        self._ask_figures()
        self._ask_detail()

    def action_detail(self) -> None:
        """Show or hide the detail; where there is no room for both, show it in place of the tree."""
        self.toggle_class("-toggled")
        self.call_after_refresh(self._focus_what_is_shown)

    def _focus_what_is_shown(self) -> None:
        tree = self.query_one(TreeGrid)
        (tree if tree.display else self.query_one(FactSheet)).focus()

    def action_into_detail(self) -> None:
        """Let the arrow keys scroll the detail."""
        sheet = self.query_one(FactSheet)
        if sheet.display:
            sheet.focus()
        else:
            self.action_detail()
