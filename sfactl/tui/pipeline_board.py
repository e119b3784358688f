"""What the pipeline screen asks: stages and the opportunities of one of them, in one snapshot."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING

from sfactl import services
from sfactl.core.money import Money
from sfactl.core.periods import Period
from sfactl.i18n import N_, _, ngettext
from sfactl.render.formats import format_about, format_integer
from sfactl.render.opportunities import OPPORTUNITY_COLUMNS
from sfactl.tui.cells import Cell, Tone, cell_of, is_number
from sfactl.tui.drawings import whole_money
from sfactl.tui.periods import period_of
from sfactl.tui.widgets.card_board import Card, Lane
from sfactl.tui.widgets.fitting import GridColumn
from sfactl.tui.widgets.record_grid import GridRow
from sfactl.tui.widgets.stage_strip import StageFigures

if TYPE_CHECKING:
    from sfactl.db.session import Session
    from sfactl.services.opportunities import OpportunityRow
    from sfactl.services.pipeline import StageRow

MOST_ROWS = 500
"""The most opportunities of a stage that are listed, the next to close first."""

MOST_CARDS = 60
"""So many cards of a stage are read, the next to close first; and so many more each time somebody goes beyond the last."""

CLOSINGS = {None: N_("any time"), "this-quarter": N_("this quarter"), "next-quarter": N_("next quarter")}
"""Which opportunities count, by when they are expected to close."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person wants to see."""

    stage: str | None = None
    "None for the first that holds something."
    closing: str | None = None
    has_cards: bool = False
    "Cards of all stages, in place of the rows of one."
    cards: Mapping[str, int] = field(default_factory=dict)
    "How many cards of a stage are wanted, where it is more than the first ones."

    def further(self, stage: str) -> "Wanted":
        """So many more cards of a stage."""
        return replace(self, cards={**self.cards, stage: self.cards.get(stage, MOST_CARDS) + MOST_CARDS})


@dataclass(frozen=True, slots=True)
class Board:
    """The stages, and the opportunities of the chosen one, ready to be shown."""

    stages: tuple[StageFigures, ...]
    chosen: str | None
    totals: tuple[Money, ...]
    count: int
    rows: tuple[GridRow, ...]
    columns: tuple[GridColumn, ...]
    closing: Period | None
    lanes: tuple[Lane, ...] = ()


def ask(session: "Session", wanted: Wanted, locale: str) -> Board:
    """The board as the person wants it."""
    closing = closing_of(session, wanted.closing)
    found = services.pipeline.by_stage(session, services.pipeline.Filter(closing=closing))
    chosen = _chosen(found, wanted.stage)
    currencies = list(dict.fromkeys(row.currency for row in found if row.count)) or [_usual(session)]
    asked = services.opportunities.Filter(stage=chosen, status="open", closing=closing, limit=MOST_ROWS)
    rows = services.opportunities.find(session, asked) if chosen and not wanted.has_cards else ()
    columns = _columns(is_mixed=len(currencies) > 1)
    return Board(
        stages=tuple(_stages(found, locale)),
        chosen=chosen,
        totals=tuple(_total(found, currency) for currency in currencies),
        count=sum(row.count for row in found),
        rows=tuple(_row(session, row, columns, locale) for row in rows),
        columns=tuple(column for _key, column in columns),
        closing=closing,
        lanes=tuple(_lanes(session, found, closing, wanted, locale)) if wanted.has_cards else (),
    )


def _lanes(
    session: "Session", found: list["StageRow"], closing: Period | None, wanted: Wanted, locale: str
) -> Iterable[Lane]:
    asked = services.opportunities.Filter(status="open", closing=closing)
    near = services.opportunities.first_of_stages(session, asked, MOST_CARDS)
    for stage, most in wanted.cards.items():
        near[stage] = list(services.opportunities.find(session, replace(asked, stage=stage, limit=most)))
    usual = _usual(session)
    for code, group in groupby(found, key=lambda row: row.stage):
        cards = [_card(session, row, usual, locale) for row in near.get(code, ())]
        left = sum(row.count for row in group) - len(cards)
        more = ngettext("{count} more: ↓ goes on", "{count} more: ↓ goes on", left) if left > 0 else ""
        yield Lane(code, tuple(cards), more.format(count=format_integer(left, locale)))


def _card(session: "Session", row: "OpportunityRow", usual: str, locale: str) -> Card:
    """Whose, how much and how old; when it closes, with a mark when that has passed; what comes next.

    Args:
        usual: the currency that needs no mention.
    """
    is_late = row.close_on < session.today
    closes = format_about(row.close_on, session.today, locale)
    step = Cell(row.next_step, Tone.FAINT) if row.next_step else Cell(_("! no next step"), Tone.WARNING)
    return Card(
        row.code,
        (
            (Cell(row.account_name, Tone.STRONG), Cell(_("{days} d").format(days=row.age_days), Tone.FAINT)),
            (
                Cell(whole_money(row.amount, locale, with_currency=row.currency != usual)),
                Cell(f"! {closes}" if is_late else closes, Tone.WARNING if is_late else Tone.PLAIN),
            ),
            (step, Cell()),
        ),
    )


def closing_of(session: "Session", name: str | None) -> Period | None:
    """The period of one of the closings; None for any time."""
    if name is None:
        return None
    return period_of(session, name)


def _usual(session: "Session") -> str:
    return services.workspaces.current(session).currency


def _chosen(found: list["StageRow"], stage: str | None) -> str | None:
    codes = [row.stage for row in found]
    if stage in codes:
        return stage
    return next((row.stage for row in found if row.count), codes[0] if codes else None)


def _total(found: list["StageRow"], currency: str) -> Money:
    return Money(sum(row.amount.minor for row in found if row.currency == currency), currency)


def _stages(found: list["StageRow"], locale: str) -> Iterable[StageFigures]:
    most: dict[str, int] = {}
    for row in found:
        most[row.currency] = max(most.get(row.currency, 0), row.amount.minor)
    for code, group in groupby(found, key=lambda row: row.stage):
        rows = list(group)
        yield StageFigures(
            code=code,
            name=rows[0].name,
            count=format_integer(sum(row.count for row in rows), locale),
            sums=tuple(pair for row in rows for pair in _sums(row, locale)),
            share=max(Fraction(row.amount.minor, most[row.currency] or 1) for row in rows),
        )


def _sums(row: "StageRow", locale: str) -> Iterable[tuple[str, str]]:
    yield row.currency, whole_money(row.amount, locale)
    yield _("weighted"), whole_money(row.weighted, locale)


_RANKS = {
    "code": 0, "account_name": 0, "name": 2, "seller": 0, "territory": 3, "amount": 0, "currency": 0,
    "probability": 3, "weighted": 4, "close_on": 0, "age_days": 0, "next_step": 5,
}  # fmt: skip
"""The columns in their order, and which give way first."""
_TEXTS = ("account_name", "name", "seller", "territory", "next_step")


def _columns(*, is_mixed: bool) -> tuple[tuple[str, GridColumn], ...]:
    headers = {"account_name": _("Account"), "age_days": _("Age"), "probability": _("Chance")}
    known = {column.key: column for column in OPPORTUNITY_COLUMNS}
    return tuple(
        (
            key,
            GridColumn(
                headers.get(key, known[key].header), is_number(known[key]) or key == "close_on", key in _TEXTS, rank
            ),
        )
        for key, rank in _RANKS.items()
        if is_mixed or key != "currency"
    )


def _row(session: "Session", row: "OpportunityRow", columns: Iterable[tuple[str, GridColumn]], locale: str) -> GridRow:
    known = {column.key: column for column in OPPORTUNITY_COLUMNS}
    cells = {key: cell_of(known[key], row, locale) for key, _column in columns}
    cells["age_days"] = Cell(_("{days} d").format(days=cells["age_days"].text))
    if row.close_on < session.today:
        cells["close_on"] = overdue(cells["close_on"])
    return GridRow(row.code, tuple(cells.values()))


def overdue(date: Cell) -> Cell:
    """The cell of a close date that has passed."""
    return Cell(f"! {date.text}", Tone.WARNING)
