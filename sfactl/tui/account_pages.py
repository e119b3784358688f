"""An account as a sheet: its card, and what hangs on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sfactl import services
from sfactl.i18n import _
from sfactl.render.account_page import CARD_COLUMNS, TIMELINE_COLUMNS, sections_of
from sfactl.tui import sheets
from sfactl.tui.cells import Cell, Tone, cell_of
from sfactl.tui.widgets.fact_sheet import Section

if TYPE_CHECKING:
    from sfactl.db.session import Session
    from sfactl.services.account_page import AccountPage
    from sfactl.services.opportunities import OpportunityRow

MOST: Final = 12
"""So many rows of a section stand on a sheet."""
_CARD: Final = tuple(column.key for column in CARD_COLUMNS if column.key not in ("code", "name", "currency"))
_SHOWN: Final = {
    "contacts": ("name", "title", "email", "phone"),
    "needs": (),
    "team": ("role", "user", "name", "since"),
    "owners": ("owner", "since", "until", "cause", "by", "reason"),
    "pipeline": ("code", "name", "stage", "amount", "close_on"),
    "past_opportunities": ("code", "name", "status", "amount", "closed_on"),
    "orders": ("code", "ordered_on", "seller", "amount"),
    "orders_per_year": ("year", "orders", "revenue"),
    "activities": ("on", "kind", "subject", "owner", "phase"),
}
"""The columns of each section that stand on a sheet, as far as the section has them; all of them where none is named."""


@dataclass(frozen=True)
class Account:
    """All of an account that its screen shows and works with."""

    sections: list[Section]
    owner: str | None
    sales: "tuple[OpportunityRow, ...]"
    "The open ones."


def read(session: "Session", key: str, locale: str) -> Account:
    """The whole of an account.

    Raises:
        NotFound: there is none, or it is not the person's to see.
    """
    page = services.account_page.pages(session, [key])[0]
    return Account(of_page(page, locale), page.card.account.owner, tuple(page.pipeline))


def sheet(session: "Session", key: str, locale: str) -> list[Section]:
    """The same as a sheet alone."""
    return read(session, key, locale).sections


def of_page(page: "AccountPage", locale: str) -> list[Section]:
    """The card, then every list that holds something."""
    title = f"{page.card.account.code} · {page.card.account.name}"
    found = [sheets.facts(title, page.card, CARD_COLUMNS, _CARD, locale)]
    for section in sections_of(page):
        if section.rows and section.key in _SHOWN:
            found.append(_list(section, locale))
    return found


def _list(section: Any, locale: str) -> Section:
    known = [column.key for column in section.columns]
    keys = [key for key in _SHOWN[section.key] if key in known] or known
    rows, more = section.rows[:MOST], len(section.rows) - MOST
    title = section.title if more <= 0 else _("{title} (the first {count})").format(title=section.title, count=MOST)
    return sheets.table(title, rows, section.columns, keys, locale)


def side_by_side(session: "Session", keys: Sequence[str], locale: str) -> list[Section]:
    """Several accounts in columns."""
    pages = services.account_page.pages(session, keys)
    header = ("", *(page.card.account.name for page in pages))
    rows = []
    for column in CARD_COLUMNS:
        cells = [cell_of(column, page.card, locale) for page in pages]
        if column.key != "name" and any(cell.text not in ("", "–") for cell in cells):
            rows.append((Cell(column.header, Tone.FAINT), *cells))
    return [Section(_("Side by side"), tuple(rows), header=header)]


def history(session: "Session", key: str, locale: str) -> list[Section]:
    """What happened with an account, the latest first."""
    rows = services.account_timeline.timeline(session, key, limit=200)
    keys = ("on", "kind", "what", "who", "amount")
    return [sheets.table(_("What happened with {code}").format(code=key), rows, TIMELINE_COLUMNS, keys, locale)]
