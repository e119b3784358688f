"""A small sales organisation whose figures a person can add up in his head."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from sfactl.config import policy
from sfactl.core.text import match_key
from sfactl.db import url
from sfactl.db.session import Door, Session
from sfactl.models import tables as t
from sfactl.services import quota_loads, territory_tree, workspace_making
from tests.hostile import HOSTILE

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
TODAY = NOW.date()

TERRITORIES = (
    ("AMER", "Americas", None),
    ("West", "West", "AMER"),
    ("Southwest", "Southwest", "West"),
    ("Northwest", "Northwest", "West"),
    ("East", "East", "AMER"),
    ("EMEA", "Europe", None),
)
PEOPLE = (
    ("bea", "Bea Ortiz", "Southwest", "manager"),
    ("carl", "Carl Ng", "Southwest", "account_manager"),
    ("dora", "Dora Diaz", "Northwest", "account_manager"),
    ("eve", "Eve Long", "East", "account_manager"),
)
ACCOUNTS = (
    ("A-1", "Adobe Canyon Bikes", "Southwest", "carl"),
    ("A-2", "Blue Mesa Outfitters", "Southwest", "carl"),
    ("A-3", "Cascade Rentals", "Northwest", "dora"),
    ("A-4", "Harbor Street Cycles", "East", "eve"),
)


def build(path: Path) -> Door:
    """A workspace in a new file, whose administrator is the person who runs the tests."""
    where = url.parse(f"sqlite:///{path}")
    workspace_making.create(where, workspace_making.Plan("Mesa Trading", "USD", "ana"), policy.default(), now=NOW)
    door = Door(where, now=NOW, today=TODAY)
    door.write(_fill)
    return door


def door_to(path: Path, **options: Any) -> Door:
    """The way to a file that `build` made."""
    return Door(url.parse(f"sqlite:///{path}"), now=NOW, today=TODAY, **options)


def _fill(session: Session) -> None:
    places = _territories(session)
    people = _people(session, places)
    accounts = _accounts(session, places, people)
    _opportunities(session, accounts, people)
    _orders(session, accounts, people)
    _quotas(session, places)


def _kept(session: Session) -> dict[str, Any]:
    return {"created_at": session.now, "updated_at": session.now, "version": 1}


def _named(name: str) -> dict[str, str]:
    return {"name": name, "name_key": match_key(name)}


def _add(session: Session, table: Any, **values: Any) -> int:
    return int(session.sql.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())


def _territories(session: Session) -> dict[str, int]:
    places: dict[str, int] = {}
    for code, name, parent in TERRITORIES:
        places[code] = _add(
            session, t.territory, code=code, parent_id=places.get(parent or ""), priority=0, tree_left=1,
            tree_right=2, depth=0, **_named(name), **_kept(session),
        )  # fmt: skip
    territory_tree.replant(session)
    return places


def _people(session: Session, places: dict[str, int]) -> dict[str, int]:
    people = {}
    role = session.execute(select(t.role.c.id).where(t.role.c.code == "account_manager")).scalar_one()
    for login, name, place, works_as in PEOPLE:
        key = people[login] = _add(session, t.user, login=login, active=True, **_named(name), **_kept(session))
        _add(
            session, t.territory_member, territory_id=places[place], user_id=key, role=works_as,
            valid_from=date(2024, 1, 1),
        )  # fmt: skip
        _add(
            session, t.role_grant, user_id=key, role_id=role, valid_from=date(2024, 1, 1), granted_at=session.now,
            reason="test",
        )  # fmt: skip
    return people


@dataclass(frozen=True)
class _Account:
    key: int
    name: str
    place: int
    owner: int


def _accounts(session: Session, places: dict[str, int], people: dict[str, int]) -> dict[str, _Account]:
    found = {}
    for code, name, place, owner in ACCOUNTS:
        key = _add(
            session, t.account, code=code, territory_id=places[place], owner_id=people[owner],
            kind="customer", currency="USD", **_named(name), **_kept(session),
        )  # fmt: skip
        _add(
            session, t.assignment, account_id=key, user_id=people[owner], territory_id=places[place], role="owner",
            valid_from=date(2024, 1, 1), cause="import", created_at=session.now,
        )  # fmt: skip
        found[code] = _Account(key, name, places[place], people[owner])
    return found


OPPORTUNITIES = (
    # number, account, stage, dollars, days until it closes, days since it was opened
    (1, "A-1", "qualify", 12_000, 90, 10),
    (2, "A-2", "qualify", 8_000, 20, 40),
    (3, "A-3", "discover", 45_000, 25, 60),
    (4, "A-1", "discover", 30_000, -12, 120),
    (5, "A-4", "propose", 150_000, 40, 75),
    (6, "A-2", "propose", 50_000, 30, 33),
    (7, "A-1", "propose", 99_999, 75, 5),
)
"""Stage `negotiate` has none; OPP-000004 should have closed twelve days ago."""


def _opportunities(session: Session, accounts: dict[str, _Account], people: dict[str, int]) -> None:
    stages = {row.code: row.id for row in session.execute(select(t.stage.c.code, t.stage.c.id))}
    for number, account, stage, dollars, closes_in, age in OPPORTUNITIES:
        of = accounts[account]
        key = _add(
            session, t.opportunity, code=f"OPP-{number:06}", account_id=of.key, account_name=of.name,
            territory_id=of.place, owner_id=of.owner, credited_territory_id=of.place, credited_id=of.owner,
            stage_id=stages[stage], status="open", amount_minor=dollars * 100, currency="USD",
            close_on=TODAY + timedelta(closes_in), opened_on=TODAY - timedelta(age),
            next_step="Call the buyer", **_named(f"Fleet {number}"), **_kept(session),
        )  # fmt: skip
        for passed in _passed(stages, stage):
            _add(
                session, t.stage_change, opportunity_id=key, stage_id=passed, entered_at=NOW - timedelta(age),
                user_id=of.owner,
            )  # fmt: skip


def _passed(stages: dict[str, int], last: str) -> Iterable[int]:
    order = ("qualify", "discover", "propose", "negotiate")
    return [stages[code] for code in order[: order.index(last) + 1]]


def _orders(session: Session, accounts: dict[str, _Account], people: dict[str, int]) -> None:
    """One order a quarter and account since 2024: 1,000 dollars the first, 1,000 more each quarter for A-1."""
    number = 0
    for index, (code, of) in enumerate(accounts.items()):
        for quarter in range(12):
            number += 1
            dollars = 1000 * (quarter + 1) if code == "A-1" else 2000 + 100 * index
            booked = date(2024 + quarter // 4, 3 * (quarter % 4) + 2, 5)
            _add(
                session, t.order, code=f"SO-{number:04}", account_id=of.key, account_name=of.name,
                territory_id=of.place, owner_id=of.owner, credited_territory_id=of.place, credited_id=of.owner,
                booked_on=booked, channel="direct", status="shipped", amount_minor=dollars * 100, tax_minor=0,
                freight_minor=0, total_minor=dollars * 100, currency="USD", **_kept(session),
            )  # fmt: skip


def _quotas(session: Session, places: dict[str, int]) -> None:
    load = quota_loads.begin(session, "import")
    for code, dollars in (("Southwest", 16_000), ("AMER", 10_000)):
        _add(
            session, t.quota, territory_id=places[code], measure="revenue", starts_on=date(2026, 10, 1),
            ends_on=date(2027, 1, 1), amount_minor=dollars * 100, currency="USD", **load.fresh,
            **_kept(session),
        )  # fmt: skip


def add_hostile(session: Session, texts: Iterable[str]) -> None:
    """For each text a territory, a person there, an account and an opportunity that bear it wherever text is free."""
    stage = session.execute(select(t.stage.c.id).where(t.stage.c.code == "qualify")).scalar_one()
    for number, text in enumerate(texts):
        named = {"name": text, "name_key": match_key(text)}
        place = _add(
            session, t.territory, code=f"{text}{number}", kind=text, priority=0, tree_left=1, tree_right=2, depth=0,
            **named, **_kept(session),
        )  # fmt: skip
        person = _add(session, t.user, login=f"{text}{number}", active=True, **named, **_kept(session))
        _add(
            session, t.territory_member, territory_id=place, user_id=person, role="manager",
            valid_from=date(2024, 1, 1),
        )  # fmt: skip
        account = _add(
            session, t.account, code=f"{text}{number}", territory_id=place, owner_id=person, kind="customer",
            currency="USD", **named, **_kept(session),
        )  # fmt: skip
        _add(
            session, t.assignment, account_id=account, user_id=person, territory_id=place, role="owner",
            valid_from=date(2024, 1, 1), cause="import", created_at=session.now,
        )  # fmt: skip
        opportunity = _add(
            session, t.opportunity, code=f"{text}{number}", account_id=account, account_name=text, territory_id=place,
            owner_id=person, credited_territory_id=place, credited_id=person, stage_id=stage, status="open",
            amount_minor=1, currency="USD", close_on=TODAY, opened_on=TODAY, next_step=text, **named, **_kept(session),
        )  # fmt: skip
        _add(
            session, t.stage_change, opportunity_id=opportunity, stage_id=stage, entered_at=NOW, user_id=person
        )  # fmt: skip
    session.sql.execute(update(t.stage).where(t.stage.c.code == "propose").values(name=HOSTILE["action markup"]))
    territory_tree.replant(session)
