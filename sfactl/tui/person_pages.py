"""A person as a sheet: who he is, how he does, and what he works on, as far as whoever looks may see it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sfactl import services
from sfactl.i18n import _
from sfactl.render.accounts import ACCOUNT_COLUMNS
from sfactl.render.activities import ACTIVITY_COLUMNS
from sfactl.render.opportunities import OPPORTUNITY_COLUMNS
from sfactl.render.quotas import attainment_columns
from sfactl.render.territories import MEMBER_COLUMNS
from sfactl.render.users import USER_COLUMNS
from sfactl.tui import sheets
from sfactl.tui.periods import period_of
from sfactl.tui.widgets.fact_sheet import Section

if TYPE_CHECKING:
    from sfactl.db.session import Session

MOST: Final = 12
"""So many rows of a list stand on the sheet."""
_FIGURES: Final = ("period", "quota", "credit", "attainment", "on_track", "gap", "projected", "trend", "open_pipeline")


def sheet(session: "Session", key: str, locale: str) -> list[Section]:
    """What may be known of somebody.

    Raises:
        NotFound: there is nobody of this login.
    """
    card = services.users.card(session, key)
    about = sheets.facts(
        f"{card.login} · {card.name}", card, USER_COLUMNS, ("login", "title", "email", "manager"), locale
    )
    return [section for section in (about, *_sections(session, card.login, locale)) if section.rows]


def _sections(session: "Session", login: str, locale: str) -> Iterator[Section]:
    may = session.actor.may
    if may("territory.read"):
        places = services.territories.members(session, user=login)
        yield sheets.table(_("Territories"), places, MEMBER_COLUMNS, ("territory", "role", "valid_from"), locale)
    if may("quota.read") and may("credit.read"):
        yield from _figures(session, login, locale)
    if may("opportunity.read"):
        wanted = services.opportunities.Filter(seller=login, status="open", limit=MOST)
        found = services.opportunities.find(session, wanted)
        yield sheets.table(
            _("Open opportunities"),
            found,
            OPPORTUNITY_COLUMNS,
            ("code", "account_name", "stage", "amount", "close_on"),
            locale,
        )
    if may("activity.read"):
        planned = services.activities.find(session, services.activities.Filter(owner=login, is_open=True, limit=MOST))
        yield sheets.table(
            _("Planned"), planned, ACTIVITY_COLUMNS, ("planned_on", "kind", "subject", "account_name"), locale
        )
    if may("account.read"):
        owned = services.accounts.find(session, services.narrowing.AccountFilter(owner=login, limit=MOST))
        yield sheets.table(
            _("Accounts"), owned, ACCOUNT_COLUMNS, ("code", "name", "territory", "last_order_on"), locale
        )


def _figures(session: "Session", login: str, locale: str) -> Iterator[Section]:
    period = period_of(session, "this-quarter")
    question = services.attainment.Question(period, user=login, has_trend=True, has_proof=False)
    columns = attainment_columns("person", has_trend=True)
    for row in services.attainment.attainment(session, question).rows:
        yield sheets.facts(_("This quarter"), row, columns, _FIGURES, locale)
