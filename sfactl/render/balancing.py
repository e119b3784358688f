"""The columns of a balance: what it comes to, people before and after, goals, moves, scenarios, and who is needed."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from sfactl.core.balancing import WHOLE
from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

BALANCE_COLUMNS: Final = (
    Column("of", _("Of"), Kind.CODE),
    Column("measure", _("Loads are of")),
    Column("people", _("People"), Kind.INTEGER),
    Column("accounts", _("Accounts"), Kind.INTEGER),
    Column("moved", _("Accounts that move"), Kind.INTEGER),
    Column("given", _("Accounts of nobody that are given"), Kind.INTEGER),
    Column("left_count", _("Left alone"), Kind.INTEGER),
    Column("revenue_moved", _("Share of annual revenue that moves"), Kind.SHARE),
    Column("pipeline_moved", _("Open pipeline that moves"), Kind.SHARE),
    Column("band", _("Band"), Kind.SHARE),
    Column("outside_before", _("Outside of the band"), Kind.INTEGER),
    Column("outside_after", _("Outside afterwards"), Kind.INTEGER),
    Column("spread_before", _("Spread of loads"), Kind.SHARE),
    Column("spread_after", _("Spread afterwards"), Kind.SHARE),
    Column("variation_before", _("Coefficient of variation"), Kind.SHARE),
    Column("variation_after", _("Variation afterwards"), Kind.SHARE),
    Column("lowest", _("Lowest afterwards"), Kind.CODE),
    Column("highest", _("Highest afterwards"), Kind.CODE),
    Column("proof", _("How good it is")),
    Column("is_proven", _("Proven best"), Kind.BOOL),
    Column("given_up", _("Given up for later goals"), Kind.DISCOUNT),
    Column("gap", _("Unproven, at most"), Kind.DISCOUNT),
)
_NARROW: Final = (
    Column("user", _("Person"), Kind.CODE),
    Column("hours", _("Hours"), Kind.QUANTITY, wide=True),
    Column("work_before", _("Hours a year"), Kind.QUANTITY),
    Column("work_after", _("After"), Kind.QUANTITY),
    Column("index_before", _("Load index"), Kind.SHARE),
    Column("index_after", _("After"), Kind.SHARE),
    Column("bar_before", _("Before"), Kind.BAR, lambda row: row.index_before / 2),
    Column("bar_after", _("After, of twice the mean"), Kind.BAR, lambda row: row.index_after / 2),
    Column("accounts_before", _("Accounts"), Kind.INTEGER),
    Column("accounts_after", _("After"), Kind.INTEGER),
)
PERSON_COLUMNS: Final = (
    *_NARROW,
    Column("revenue_before", _("Annual revenue"), Kind.MONEY),
    Column("revenue_after", _("After"), Kind.MONEY),
    Column("fit_before", _("Fit"), Kind.SHARE, wide=True),
    Column("fit_after", _("Fit after"), Kind.SHARE, wide=True),
    Column("travel_before", _("Travel, km"), Kind.INTEGER, wide=True),
    Column("travel_after", _("Travel after"), Kind.INTEGER, wide=True),
    Column("leaves", _("Leaves"), Kind.BOOL, wide=True),
    Column("currency", _("Currency"), wide=True),
)
GOAL_COLUMNS: Final = (
    Column("name", _("Goal")),
    Column("before", _("Before"), Kind.CODE),
    Column("after", _("After"), Kind.CODE),
    Column("bound", _("At best"), Kind.CODE),
    Column("unit_name", _("Unit")),
    Column("given", _("Given up for later goals"), Kind.DISCOUNT),
    Column("gap", _("Unproven, at most"), Kind.DISCOUNT),
    Column("is_proven", _("Proven best"), Kind.BOOL),
    Column("goal", _("Written"), Kind.CODE, wide=True),
    Column("unit", _("Written unit"), Kind.CODE, wide=True),
)


def _plain(name: str) -> Callable[[Any], str]:
    """A figure with four decimals, that is no part of anything."""
    return lambda row: f"{float(getattr(row, name)):.4f}"


def _share(name: str) -> Callable[[Any], Fraction]:
    """A share that is no exact number, to the basis point."""
    return lambda row: Fraction(round(getattr(row, name) * WHOLE), WHOLE)


ODDS_COLUMNS: Final = (
    Column("sales", _("Closed opportunities"), Kind.INTEGER),
    Column("tried", _("Tried on"), Kind.INTEGER),
    Column("base", _("Share of wins"), Kind.DISCOUNT, _share("base")),
    Column("brier", _("Brier"), Kind.CODE, _plain("brier")),
    Column("brier_of_base", _("Of the share alone"), Kind.CODE, _plain("brier_of_base")),
    Column("log_loss", _("Log loss"), Kind.CODE, _plain("log_loss")),
    Column("log_loss_of_base", _("Of the share alone"), Kind.CODE, _plain("log_loss_of_base")),
    Column("predicted", _("Foretold"), Kind.DISCOUNT, _share("predicted")),
    Column("won", _("Won"), Kind.DISCOUNT, _share("won")),
)
MOVE_COLUMNS: Final = (
    Column("account", _("Account"), Kind.CODE),
    Column("account_name", _("Account's name"), wide=True),
    Column("before", _("From"), Kind.CODE),
    Column("after", _("To"), Kind.CODE),
    Column("territory", _("Territory"), Kind.CODE, wide=True),
    Column("hours", _("Hours a year"), Kind.QUANTITY, wide=True),
    Column("revenue", _("Annual revenue"), Kind.MONEY, wide=True),
    Column("gains", _("What it gains"), is_folded=True),
    Column("against", _("Why not the next best"), is_folded=True),
    Column("currency", _("Currency"), wide=True),
)
WHY_COLUMNS: Final = (
    Column("user", _("Person"), Kind.CODE),
    Column("decision", _("Decision")),
    Column("why", _("Why"), is_folded=True),
)
SCENARIO_COLUMNS: Final = (
    Column("scenario", _("Scenario"), value=lambda row: row.scenario or None),
    Column("people", _("People"), Kind.INTEGER),
    Column("accounts", _("Accounts"), Kind.INTEGER),
    Column("load", _("Load"), Kind.SHARE),
    Column("spread_before", _("Spread"), Kind.SHARE),
    Column("spread_after", _("After"), Kind.SHARE),
    Column("outside", _("Outside"), Kind.INTEGER),
    Column("moved", _("Moves"), Kind.INTEGER),
    Column("given", _("Accounts of nobody that are given"), Kind.INTEGER, wide=True),
    Column("hours_moved", _("Hours of work that move"), Kind.QUANTITY),
    Column("revenue_moved", _("Share of annual revenue that moves"), Kind.SHARE),
    Column("revenue", _("Annual revenue that moves"), Kind.MONEY),
    Column("fit", _("Fit"), Kind.SHARE),
    Column("travel", _("Travel, km"), Kind.INTEGER),
    Column("cost", _("Cost a year, more or less"), Kind.MONEY),
    Column("currency", _("Currency"), wide=True),
    Column("is_proven", _("Proven best"), Kind.BOOL, wide=True),
    Column("said", _("Why there is none"), is_folded=True),
)
STAFFING_COLUMNS: Final = (
    Column("territory", _("Territory"), Kind.CODE),
    Column("name", _("Name"), wide=True),
    Column("people", _("People"), Kind.INTEGER),
    Column("accounts", _("Accounts"), Kind.INTEGER),
    Column("work", _("Hours asked for"), Kind.QUANTITY),
    Column("hours", _("Hours there"), Kind.QUANTITY),
    Column("load", _("Load"), Kind.SHARE),
    Column("needed", _("Needed"), Kind.INTEGER),
    Column("missing", _("Missing"), Kind.INTEGER),
    Column("most", _("At most"), Kind.INTEGER),
    Column("load_with_one_more", _("With one more"), Kind.SHARE),
    Column("relief", _("Relief"), Kind.SHARE),
    Column("revenue", _("Annual revenue"), Kind.MONEY, wide=True),
    Column("currency", _("Currency"), wide=True),
)
LEFT_COLUMNS: Final = (
    Column("entity", _("What")),
    Column("key", _("Name"), Kind.CODE),
    Column("reason", _("What is to be known of it")),
)
KNOWN_COLUMNS: Final = (
    Column("what", _("What is to be known"), is_folded=True),
    Column("count", _("How many"), Kind.INTEGER),
    Column("names", _("Of which"), is_folded=True),
)
COMPARISON_COLUMNS: Final = (
    Column("way", _("How accounts are shared out"), is_folded=True),
    Column("moved", _("Moves"), Kind.INTEGER),
    Column("revenue_moved", _("Share of annual revenue that moves"), Kind.SHARE),
    Column("spread", _("Spread of loads"), Kind.SHARE),
    Column("variation", _("Coefficient of variation"), Kind.SHARE),
    Column("outside", _("Outside of the band"), Kind.INTEGER),
    Column("fit", _("Fit"), Kind.SHARE),
    Column("travel", _("Travel, km"), Kind.INTEGER),
    Column("odds", _("Wins to expect"), Kind.CODE),
    Column("better_in", _("Better in")),
    Column("worse_in", _("Worse in")),
)
