"""Who has reached quota: the league, with pace and projection, and the sales behind a figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType

from sfactl import services
from sfactl.core.money import Money
from sfactl.core.periods import Period
from sfactl.i18n import N_, _, ngettext
from sfactl.render.bars import bar
from sfactl.render.formats import format_integer, format_money, format_share
from sfactl.render.opportunities import OPPORTUNITY_COLUMNS
from sfactl.render.quota_proof import proof_line
from sfactl.render.quotas import SALE_COLUMNS, attainment_columns
from sfactl.tui import sheets
from sfactl.tui.cells import Cell, Tone
from sfactl.tui.cycling import following
from sfactl.tui.desk import Desk
from sfactl.tui.drawings import signed_share, whole_money
from sfactl.tui.exporting import Exported
from sfactl.tui.periods import period_of
from sfactl.tui.screens.listing import ShortScreen
from sfactl.tui.screens.sheet import SheetScreen
from sfactl.tui.sheets import Shown
from sfactl.tui.widgets.fact_sheet import Section
from sfactl.tui.widgets.fitting import GridColumn
from sfactl.tui.widgets.record_grid import GridRow, RecordGrid

if TYPE_CHECKING:
    from sfactl.db.session import Session
    from sfactl.services.attainment import Attainment, AttainmentRow

PERIODS: Final = {
    "this-quarter": N_("this quarter"), "last-quarter": N_("last quarter"), "this-month": N_("this month"),
    "ytd": N_("this year to date"),
}  # fmt: skip
BYS: Final = {
    "person": N_("people"), "team": N_("teams"), "territory": N_("territories"), "manager": N_("managers"),
}  # fmt: skip
_BAR: Final = 12
_MOST: Final = 40
"""So many sales behind a figure are listed."""
_BESIDE_SALES: Final = ("period", "quota", "credit", "attainment", "projected", "trend")
_FACTS: Final = (
    "period", "quota", "credit", "attainment", "reached", "rank", "orders", "on_track", "gap", "projected",
    "needed_per_day", "prior_credit", "trend", "open_pipeline", "coverage", "needed_coverage", "covered",
)  # fmt: skip


@dataclass(frozen=True)
class League:
    """What the screen shows."""

    period: Period
    found: "Attainment"
    top: str | None = None
    "Code of the territory that all territories of a narrowed list lie in."


def pace_bar(row: "AttainmentRow", width: int = _BAR) -> str:
    """The part of the quota that is reached, with a mark where it should be by today."""
    if row.attainment is None or row.quota is None or not row.quota.minor:
        return ""
    drawn = bar(min(row.attainment, Fraction(1)), width=width).rstrip(" +").ljust(width)[:width]
    if row.on_track is None:
        return drawn + ("+" if row.attainment > 1 else "")
    place = min(int(Fraction(row.on_track.minor, row.quota.minor) * width), width - 1)
    return drawn[:place] + "┃" + drawn[place + 1 :] + ("+" if row.attainment > 1 else "")


def narrowed_line(rows: "Sequence[AttainmentRow]", by: str, top: str | None, locale: str) -> str:
    """What the rows that a filter leaves come to, a currency after the other.

    Credit of teams, territories and managers holds that of others among them: only a territory that holds all rows has a sum.
    """
    whole = [row for row in rows if by == "person" or (by == "territory" and row.territory == top)]
    return "; ".join(
        _("listed: credit {credit}, quota {quota}").format(
            credit=whole_money(_sum([row.credit for row in of]), locale, with_currency=True),
            quota=whole_money(_sum([row.quota for row in of if row.quota is not None]), locale),
        )
        for of in ([row for row in whole if row.currency == each] for each in dict.fromkeys(row.currency for row in whole))
    )  # fmt: skip


def _sum(amounts: Sequence[Money]) -> Money | None:
    """All together; None of none."""
    return Money(sum(each.minor for each in amounts), amounts[0].currency) if amounts else None


class QuotasScreen(ShortScreen):
    """The league, the best first."""

    MODE = "quotas"
    FILTERS = ("territory", "user", "team", "family")
    TOPIC = "league"
    EMPTY = N_("Nobody in sight has a quota or credit in this period.")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "period", _("Period"), id="quotas.period", tooltip=_("Show this quarter, last quarter, this month or the year to date.")),
        Binding("b", "by", _("By"), id="quotas.by", tooltip=_("Show people, teams, territories or managers.")),
        Binding("enter", "sales", _("Sales"), id="quotas.sales", tooltip=_("Show the sales behind the figure.")),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._period = next(iter(PERIODS))
        self._by = self._shown_by = next(iter(BYS))
        self._rows: dict[str, AttainmentRow] = {}
        self._within: Period | None = None

    def columns(self) -> Shown:
        """What is shown of whoever has a quota."""
        header = {"person": _("Person"), "team": _("Team"), "territory": _("Territory"), "manager": _("Manager")}
        grid = (
            GridColumn(_("Rank"), is_right=True), GridColumn(header[self._by], is_text=True),
            GridColumn(_("Quota"), is_right=True, rank=1), GridColumn(_("Credit"), is_right=True),
            GridColumn(_("Reached"), is_right=True), GridColumn(_("┃ pace"), rank=0),
            GridColumn(_("± pace"), is_right=True, rank=2), GridColumn(_("Trend"), is_right=True, rank=3),
            GridColumn(_("Projected"), is_right=True, rank=4), GridColumn(_("Coverage"), is_right=True, rank=5),
        )  # fmt: skip
        return Shown((), grid)

    def exported(self, _session: "Session") -> Exported:
        """The list, as the command writes it."""
        return list(self._rows.values()), attainment_columns(self._by, has_trend=True)

    def command(self) -> list[str]:
        """The league as a table."""
        by = [] if self._by == "person" else ["--by", self._by]
        return ["quota", "attainment", "--period", self._period, *by, "--trend", *self._filter.flags()]

    def reload(self) -> None:
        """Ask for the league."""
        name, by, wanted = self._period, self._by, self._filter

        def league(session: "Session") -> League:
            period = period_of(session, name)
            values: Mapping[str, str] = wanted.values
            question = services.attainment.Question(
                period, by=by, has_trend=True, territory=values.get("territory"), user=values.get("user"),
                team=values.get("team"), family=values.get("family"), has_proof=not (wanted.values or wanted.words),
                search=wanted.words,
            )  # fmt: skip
            top = services.territories.one(session, values["territory"]).code if "territory" in values else None
            return League(period, services.attainment.attainment(session, question), top)

        self.ask("league", league, self._show)

    def _show(self, league: League) -> None:
        rows = league.found.rows
        self._rows = {self._key_of(row): row for row in rows}
        self._within, self._shown_by = league.period, self._by
        self.show([self._row(row) for row in rows])
        proof, locale = league.found.proof, self.desk.locale
        said = proof_line(proof.booked, proof.credited, proof.uncredited, locale) if proof else ""
        if self._filter.values or self._filter.words:
            said = narrowed_line(rows, self._by, league.top, locale)
        self.caption(_(PERIODS[self._period]).capitalize(), league.period.label, _(BYS[self._by]), said or "")

    def _key_of(self, row: "AttainmentRow") -> str:
        return "/".join(
            filter(None, (row.user, row.team, row.territory if self._by == "territory" else "", row.currency))
        )

    def _row(self, row: "AttainmentRow") -> GridRow:
        locale = self.desk.locale
        is_behind = row.gap is not None and row.gap.minor < 0
        share = format_share(row.attainment, locale)
        reached = Cell(f"✓ {share}", Tone.GOOD) if row.reached else Cell(share)
        return GridRow(
            self._key_of(row),
            (
                Cell("" if row.rank is None else str(row.rank)), Cell(row.name, Tone.STRONG if row.reached else Tone.PLAIN),
                Cell(whole_money(row.quota, locale)), Cell(whole_money(row.credit, locale)), reached,
                Cell(pace_bar(row), Tone.GOOD if row.reached else Tone.BAR),
                Cell(whole_money(row.gap, locale), Tone.WARNING if is_behind else Tone.PLAIN),
                Cell(signed_share(row.trend, locale)), Cell(whole_money(row.projected, locale)),
                Cell(format_share(row.coverage, locale)),
            ),
        )  # fmt: skip

    def detail(self, session: "Session", key: str) -> Sequence[Section]:
        """All figures of whoever is under the cursor, and his latest sales."""
        row = self._rows.get(key)
        if row is None:
            return []
        columns = attainment_columns(self._shown_by, has_trend=True)
        return [sheets.facts(row.name, row, columns, _FACTS, self.desk.locale), *self._sales(session, row, 8)]

    def _sales(self, session: "Session", row: "AttainmentRow", most: int) -> list[Section]:
        """The bookings that the credit comes from, and what is open and may still come."""
        may, locale, within = session.actor.may, self.desk.locale, self._within
        if within is None or not (may("order.read") and may("credit.read")):
            return []
        key, family = self._name_of(row), self._filter.values.get("family")
        question = services.attainment_sales.Question(self._shown_by, key, within, row.currency, family)
        sales = services.attainment_sales.behind(session, question, limit=most)
        title = ngettext("{count} sale, {amount} in all", "{count} sales, {amount} in all", sales.count).format(
            count=format_integer(sales.count, locale), amount=format_money(sales.total, locale, with_currency=True)
        )
        keys = ("order", "booked_on", "account_name", "user", "share", "amount")
        found = sheets.table(title, sales.rows, SALE_COLUMNS, keys, locale, empty=_("None in this period."))
        return [found, *self._open(session, row, most)]

    def _open(self, session: "Session", row: "AttainmentRow", most: int) -> list[Section]:
        """What is open and expected to close in the period, of a person or a territory."""
        if not session.actor.may("opportunity.read") or self._shown_by not in ("person", "territory"):
            return []
        place = row.territory if self._shown_by == "territory" else None
        wanted = services.opportunities.Filter(
            seller=row.user, territory=place, status="open", closing=self._within, limit=most
        )
        keys = ("code", "account_name", "stage", "amount", "close_on")
        found = services.opportunities.find(session, wanted)
        title = _("Open, closing in the period")
        return [
            sheets.table(title, found, OPPORTUNITY_COLUMNS, keys, self.desk.locale, empty=_("None in this period."))
        ]

    def _name_of(self, row: "AttainmentRow") -> str:
        """Login or code of what the row is about."""
        return (
            row.team if self._shown_by == "team" else row.territory if self._shown_by == "territory" else row.user
        ) or ""

    def action_period(self) -> None:
        """Show the next of the periods."""
        self._period = following(PERIODS, self._period)
        self.reload()

    def action_by(self) -> None:
        """Show the next of those who may have quotas."""
        self._by = following(BYS, self._by)
        self.reload()

    def code_under_cursor(self) -> str:
        """The person, team or territory."""
        row = self._rows.get(self.cursor_key or "")
        return (row.user or row.team or row.territory or "") if row else ""

    @on(RecordGrid.Chosen)
    def action_sales(self) -> None:
        """Show the sales behind the figure."""
        self.with_row(lambda key: self._show_sales(self._rows[key]))

    def _show_sales(self, row: "AttainmentRow") -> None:
        words = self._sales_command(row)
        self.app.push_screen(SheetScreen(self.desk, lambda session: self._all_of(session, row), words))

    def _all_of(self, session: "Session", row: "AttainmentRow") -> list[Section]:
        columns = attainment_columns(self._shown_by, has_trend=True)
        figures = sheets.facts(row.name, row, columns, _BESIDE_SALES, self.desk.locale)
        return [figures, *self._sales(session, row, _MOST)]

    def _sales_command(self, row: "AttainmentRow") -> list[str]:
        """The orders of a person or territory; the credit of each member of a team, or of those who work for a manager."""
        period, name = ["--period", self._period], self._name_of(row)
        if self._shown_by in ("person", "territory"):
            return ["order", "list", *period, "--seller" if self._shown_by == "person" else "--territory", name]
        whose = ["--team", name] if self._shown_by == "team" else ["--user", name, "--people"]
        return ["quota", "attainment", *period, *whose]
