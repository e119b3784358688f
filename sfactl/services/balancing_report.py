"""A balance as a report: people before and after, drawn, the goals, the moves, and a map where it is known where things are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sfactl.i18n import _
from sfactl.render import balancing as columns
from sfactl.render.columns import Column, Kind
from sfactl.render.formats import format_share
from sfactl.render.report_parts import Chart, Drawing, Outline, Part, Report
from sfactl.services import balancing
from sfactl.services.balancing import Decision

MOST_ON_MAP: Final = 5000
"""So many accounts are listed and drawn on a map; of more, only those that move are."""

MOST_LEFT: Final = 200
"""So many of those that are left alone are listed; what is to be known of a balance counts them all."""


@dataclass(frozen=True)
class SpotRow:
    """An account, or a person, and where it is."""

    account: str | None
    account_name: str | None
    before: str | None
    after: str
    latitude: str
    longitude: str
    is_home: bool = False


_LOADS: Final = Chart(
    Drawing.LOADS, _("Load index afterwards, and before (the mark); the line is the mean"),
    Column("user", _("Person"), Kind.CODE), (Column("index_after", _("After"), Kind.SHARE),),
    Column("index_before", _("Load index"), Kind.SHARE),
)  # fmt: skip
_HOME: Final = Column("is_home", _("a person"), Kind.BOOL)
_MAP: Final = Chart(
    Drawing.POINTS, _("Whose each account is afterwards"), Column("after", _("To"), Kind.CODE),
    (Column("longitude", _("Longitude"), Kind.CODE), Column("latitude", _("Latitude"), Kind.CODE)), home=_HOME,
)  # fmt: skip
_SPOT_COLUMNS: Final = (
    *columns.MOVE_COLUMNS[:4],
    Column("latitude", _("Latitude"), Kind.CODE),
    Column("longitude", _("Longitude"), Kind.CODE),
    Column("is_home", _("A person"), Kind.BOOL),
)
PEOPLE: Final = Outline(
    "people", _("People"), columns.PERSON_COLUMNS,
    ("work_before", "work_after", "accounts_before", "accounts_after", "revenue_before", "revenue_after"), _LOADS,
)  # fmt: skip
GOALS: Final = Outline("goals", _("Goals, in their order"), columns.GOAL_COLUMNS)
KNOWN: Final = Outline("known", _("To be known"), columns.KNOWN_COLUMNS)
LEFT: Final = Outline("left", _("Left alone"), columns.LEFT_COLUMNS)
MOVES: Final = Outline("moves", _("Moves"), columns.MOVE_COLUMNS, ("hours", "revenue"))
SPOTS: Final = Outline("places", _("Where the accounts are"), _SPOT_COLUMNS, (), _MAP)


def report(name: str, decision: Decision, locale: str) -> Report:
    """The report of a decision about the team or territory of this name."""
    parts = [
        _part(PEOPLE, balancing.people(decision)), _part(GOALS, balancing.goals(decision)),
        _part(MOVES, balancing.moved(decision)),
    ]  # fmt: skip
    more = ((LEFT, decision.basis.left[:MOST_LEFT]), (KNOWN, balancing.known(decision)), (SPOTS, spots_of(decision)))
    parts += [_part(outline, rows) for outline, rows in more if rows]
    return Report("balance", _("Balance of {name}").format(name=name), _facts(name, decision, locale), parts)


def _part(outline: Outline, rows: Sequence[object]) -> Part:
    return Part(outline, rows, outline.columns)


def _facts(name: str, decision: Decision, locale: str) -> tuple[str, ...]:
    """What it comes to, in words."""
    told = balancing.summary(name, decision)
    return (
        _("{people} people, {accounts} accounts").format(people=told.people, accounts=told.accounts),
        _("{count} accounts move, {share} of the annual revenue").format(
            count=told.moved, share=format_share(told.revenue_moved, locale)
        ),
        _("spread {before} before, {after} after").format(
            before=format_share(told.spread_before, locale), after=format_share(told.spread_after, locale)
        ),
        told.proof,
    )  # fmt: skip


def spots_of(decision: Decision) -> list[SpotRow]:
    """The accounts of which it is known where they are, of very many those that move; then the people, where there are accounts."""
    accounts = [account for account in decision.basis.problem.accounts if account.position is not None]
    owners = decision.answer.owners
    if len(accounts) > MOST_ON_MAP:
        accounts = [account for account in accounts if account.owner != owners[account.key]]
    spots = [
        SpotRow(
            account.key, decision.basis.held[account.key].name, account.owner, owners[account.key],
            f"{account.position.latitude:.6f}", f"{account.position.longitude:.6f}",
        )
        for account in accounts
        if account.position is not None
    ]  # fmt: skip
    return [*spots, *_homes(decision)] if spots else []


def _homes(decision: Decision) -> Iterator[SpotRow]:
    """Where people are."""
    for person in decision.basis.problem.people:
        if person.position is not None:
            yield SpotRow(
                None,
                None,
                None,
                person.key,
                f"{person.position.latitude:.6f}",
                f"{person.position.longitude:.6f}",
                True,
            )
