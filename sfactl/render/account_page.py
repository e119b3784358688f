"""Accounts in full: the columns of the card and of each section, and the forms of one account and of several."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any, Final

from sfactl.i18n import _
from sfactl.render.accounts import CONTACT_COLUMNS
from sfactl.render.assignments import OWNER_HISTORY_COLUMNS
from sfactl.render.columns import Column, Kind
from sfactl.render.detail import Section, write_detail, write_objects
from sfactl.render.layout import folded
from sfactl.render.opportunities import OPPORTUNITY_COLUMNS
from sfactl.render.orders import ORDER_COLUMNS
from sfactl.render.output import Format, Output
from sfactl.render.skills import NEED_COLUMNS
from sfactl.render.table import draw
from sfactl.render.writers import write

_MOST: Final = 20
"""So many orders, closed opportunities and activities stand on a terminal."""

_FIGURES: Final = (
    Column("open_opportunities", _("Open opportunities"), Kind.INTEGER),
    Column("open_amount", _("Open amount"), Kind.MONEY),
    Column("won_count", _("Won this fiscal year"), Kind.INTEGER),
    Column("won_amount", _("Amount won"), Kind.MONEY),
    Column("lost_count", _("Lost this fiscal year"), Kind.INTEGER),
    Column("lost_amount", _("Amount lost"), Kind.MONEY),
    Column("orders_12_months", _("Orders in 12 months"), Kind.INTEGER),
    Column("revenue_12_months", _("Revenue in 12 months"), Kind.MONEY),
)
_CURRENCY: Final = Column("currency", _("Currency"), Kind.CODE)


def _of(part: str, *columns: Column) -> tuple[Column, ...]:
    """Columns that read from a part of the row."""
    return tuple(replace(column, value=attrgetter(f"{part}.{column.key}")) for column in columns)


CARD_COLUMNS: Final = (
    *_of(
        "account",
        Column("code", _("Code"), Kind.CODE),
        Column("name", _("Name")),
        Column("owner", _("Owner"), Kind.CODE),
        Column("owner_name", _("Owner's name")),
        Column("territory", _("Territory"), Kind.CODE),
        Column("segment", _("Segment")),
        Column("industry", _("Industry")),
        Column("kind", _("Kind")),
        Column("city", _("City")),
        Column("country", _("Country")),
    ),
    *_of("sums", _CURRENCY, *_FIGURES),
    Column("annual_revenue", _("Annual revenue"), Kind.MONEY, value=lambda card: _own_revenue(card)),
    *_of("account", Column("last_order_on", _("Last order"), Kind.DATE)),
    Column("last_activity_on", _("Last activity"), Kind.DATE),
    Column("next_activity_on", _("Next activity"), Kind.DATE),
    Column("contact_count", _("Contacts"), Kind.INTEGER),
    Column("skills_needed", _("Skills needed")),
)


def _own_revenue(card: Any) -> object:
    """What the account earns itself, beside sums of the same currency."""
    return card.account.annual_revenue if card.sums.currency == card.account.currency else None


PERSON_COLUMNS: Final = (
    Column("role", _("Role")),
    Column("user", _("User"), Kind.CODE),
    Column("name", _("Name")),
    Column("place", _("Territory or team"), Kind.CODE),
    Column("since", _("Since"), Kind.DATE),
)

YEAR_COLUMNS: Final = (
    Column("year", _("Fiscal year"), Kind.CODE),
    Column("orders", _("Orders"), Kind.INTEGER),
    Column("revenue", _("Revenue"), Kind.MONEY),
    _CURRENCY,
)

PHASE_COLUMNS: Final = (
    Column("on", _("On"), Kind.DATE),
    *_of(
        "activity",
        Column("kind", _("Kind")),
        Column("subject", _("Subject")),
        Column("owner", _("Owner"), Kind.CODE),
    ),
    Column("is_done", _("Done"), Kind.BOOL, value=lambda row: row.activity.done_on is not None),
    Column("phase", _("Phase")),
    Column("order", _("Order"), Kind.CODE),
    *_of(
        "activity",
        Column("opportunity", _("Opportunity"), Kind.CODE, wide=True),
        Column("planned_on", _("Planned"), Kind.DATE, wide=True),
        Column("done_on", _("Done on"), Kind.DATE, wide=True),
    ),
)

TIMELINE_COLUMNS: Final = (
    Column("on", _("On"), Kind.DATE),
    Column("kind", _("Kind")),
    Column("what", _("What")),
    Column("who", _("Who"), Kind.CODE),
    Column("amount", _("Amount"), Kind.MONEY),
    Column("currency", _("Currency"), Kind.CODE),
    Column("is_planned", _("Planned"), Kind.BOOL, wide=True),
    Column("at", _("At"), Kind.DATETIME, wide=True),
)


def _but(columns: Sequence[Column], *keys: str) -> tuple[Column, ...]:
    """The columns as a page shows them: some only where there is room, since they say the same in each row."""
    return tuple(replace(column, wide=column.key in keys) for column in columns)


_SALES: Final = (*OPPORTUNITY_COLUMNS[:-1], Column("closed_on", _("Closed"), Kind.DATE), OPPORTUNITY_COLUMNS[-1])
_OPEN: Final = _but(_SALES, "territory", "status", "probability", "weighted", "age_days", "next_step", "closed_on")
_PAST: Final = _but(_SALES, "territory", "stage", "probability", "weighted", "age_days", "next_step", "close_on")
_ORDERS: Final = _but(ORDER_COLUMNS, "territory", "channel", "tax", "freight", "total")


def write_pages(pages: Sequence[Any], output: Output) -> None:
    """Write one account with all its sections, or several side by side."""
    if output.format in (Format.JSON, Format.JSONL) and len(pages) > 1:
        write_objects([(page.card, sections_of(page)) for page in pages], CARD_COLUMNS, output)
    elif len(pages) == 1 and output.format is not Format.CSV:
        _write_page(pages[0], output)
    elif output.format is Format.TABLE:
        from sfactl.render.compare import write_compared

        write_compared([card for page in pages for card in page.cards], CARD_COLUMNS, output)
    else:
        write([card for page in pages for card in page.cards], CARD_COLUMNS, output)


def _write_page(page: Any, output: Output) -> None:
    """One account; for people without the sections that hold nothing, which a line names."""
    sections = sections_of(page)
    if output.format in (Format.JSON, Format.JSONL):
        write_detail(page.card, CARD_COLUMNS, output, sections)
        return
    filled = [_for_people(section, page.card.sums.currency) for section in sections if section.rows]
    write_detail(page.card, CARD_COLUMNS, output, filled)
    empty = [section.title for section in sections if not section.rows and section.key != "other_currencies"]
    if empty and output.format is Format.TABLE:
        told = _("Nothing under: {sections}.").format(sections=", ".join(empty))
        draw([[("", "")], *([(line, "dim")] for line in folded(output.text(told, 500), output.width or 500))], output)


def _for_people(section: Section, currency: str) -> Section:
    """The section without what the page's head says already."""
    said = {"account", "account_name"}
    if all(getattr(row, "currency", currency) == currency for row in section.rows):
        said.add("currency")
    return replace(section, columns=[column for column in section.columns if column.key not in said])


def sections_of(page: Any) -> tuple[Section, ...]:
    """What hangs on an account, in the order in which it is read."""
    code = shlex.quote(page.card.account.code)
    return (
        Section("other_currencies", _("In other currencies"), page.other_currencies, (_CURRENCY, *_FIGURES)),
        Section("contacts", _("Contacts"), page.contacts, CONTACT_COLUMNS),
        Section("needs", _("Skills needed"), page.needs, NEED_COLUMNS),
        Section("team", _("Responsible"), page.team, PERSON_COLUMNS),
        Section("owners", _("Owners over time"), page.owners, _but(OWNER_HISTORY_COLUMNS, "run")),
        Section("pipeline", _("Open opportunities"), page.pipeline, _OPEN),
        Section(
            "past_opportunities", _("Past opportunities"), page.past_opportunities, _PAST,
            most=_MOST, others=f"sfactl opportunity list --status all --account {code}",
        ),
        Section(
            "orders", _("Orders"), page.orders, _ORDERS, most=_MOST, others=f"sfactl order list --account {code}"
        ),
        Section("orders_per_year", _("Orders per fiscal year"), page.orders_per_year, YEAR_COLUMNS),
        Section(
            "activities", _("Activities before, during and after orders"), page.activities, PHASE_COLUMNS,
            most=_MOST, others=f"sfactl activity list --account {code}",
        ),
    )  # fmt: skip
