"""Sums along the tree are those of a plain look at every order, and phases counted as SQL are those of the rule."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from sfactl.core.periods import Period
from sfactl.core.phases import Booking, Bookings
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import activity_phases, territory_report
from sfactl.services.territory_report import Question
from sfactl.services.territory_sums import Forest
from tests.cli import Run
from tests.organisation import NOW
from tests.workspace import TestWorkspace, system_rows

YEAR = Period("2026", date(2026, 1, 1), date(2027, 1, 1))
ABOVE = {
    "SW": ("WEST", "WORLD"),
    "NW": ("WEST", "WORLD"),
    "NE": ("EAST", "WORLD"),
    "WEST": ("WORLD",),
    "EAST": ("WORLD",),
}


def book(session: Session, rnd: random.Random, count: int) -> None:
    """Orders of any account credited to any territory, so that many accounts are in several."""
    places = dict(session.execute(select(t.territory.c.code, t.territory.c.id)).all())
    accounts = session.execute(select(t.account.c.id, t.account.c.name, t.account.c.territory_id)).all()
    rows = []
    for number in range(count):
        key, name, home = rnd.choice(accounts)
        minor = rnd.randint(1, 10**6)
        rows.append({
            "code": f"R-{number}", "account_id": key, "account_name": name, "territory_id": home,
            "credited_territory_id": places[rnd.choice(("SW", "NW", "NE", "WEST", "EAST"))],
            "booked_on": date(2026, 1, 1) + timedelta(rnd.randrange(140)), "amount_minor": minor, "tax_minor": 0,
            "completed_on": rnd.choice((None, date(2026, 3, 1), date(2026, 1, 1) + timedelta(rnd.randrange(200)))),
            "freight_minor": 0, "total_minor": minor + 1, "currency": rnd.choice(("USD", "USD", "EUR")),
            "channel": rnd.choice((None, "web", "direct")), "created_at": NOW, "updated_at": NOW, "version": 1,
        })  # fmt: skip
    session.sql.execute(insert(t.order), rows)


def expected(workspace: TestWorkspace, channels: bool) -> dict[tuple[Any, ...], tuple[int, int, int, int]]:
    rows = system_rows(
        workspace,
        "SELECT p.code, o.currency, o.channel, o.account_id, o.amount_minor, o.total_minor FROM sales_order AS o"
        " JOIN territory AS p ON p.id = o.credited_territory_id WHERE o.booked_on >= '2026-01-01'",
    )
    found: dict[tuple[Any, ...], list[Any]] = {}
    for place, unit, channel, account, minor, total in rows:
        for node in (str(place), *ABOVE.get(str(place), ())):
            found.setdefault((node, channel if channels else None, unit), []).append((account, minor, total))
    return {
        key: (len(each), sum(r[1] for r in each), sum(r[2] for r in each), len({r[0] for r in each}))
        for key, each in found.items()
    }


@pytest.mark.parametrize("channels", [False, True])
def test_every_territory_has_the_sums_of_a_plain_look(workspace: TestWorkspace, channels: bool) -> None:
    workspace.door().write(book, random.Random(5), 60)
    wanted = expected(workspace, channels)

    with workspace.door().read() as session:
        all_ = territory_report.report(session, Question((), (YEAR,), channels))
        one = [row for code in ("WORLD", "WEST", "SW") for row in territory_report.report(session, Question((code,), (YEAR,), channels))]  # fmt: skip
        several = territory_report.report(session, Question(("WEST", "NE", "SW"), (YEAR,), channels))

    def told(rows: list[territory_report.ReportRow]) -> dict[tuple[Any, ...], tuple[int, int, int, int]]:
        return {
            (row.territory, row.channel, row.currency): (
                row.orders,
                row.revenue.minor,
                row.total_due.minor,
                row.accounts,
            )
            for row in rows
            if row.orders
        }

    shown = {key: value for key, value in wanted.items() if key[0] != "UNASSIGNED"}
    assert told(all_) == shown
    assert told(one) == {key: value for key, value in shown.items() if key[0] in ("WORLD", "WEST", "SW")}
    assert told(several) == {key: value for key, value in shown.items() if key[0] in ("WEST", "NE", "SW")}


def test_a_territory_alone_has_what_is_its_own(workspace: TestWorkspace) -> None:
    with workspace.door().read() as session:
        rows = territory_report.report(session, Question((), (YEAR,), only=True))
        (west,) = territory_report.report(session, Question(("WEST",), (YEAR,), only=True))

    assert {row.territory: row.orders for row in rows if row.orders} == {"SW": 3, "NW": 1, "NE": 2}
    assert west.orders == 0


def test_what_several_share_is_counted_once_above_them() -> None:
    forest = Forest({1: (1,), 2: (2, 1), 3: (3, 1), 4: (4, 3, 1)})

    assert forest.counted_twice([(2, "x", 7), (3, "x", 7), (4, "x", 7), (2, "x", 8)]) == {(1, "x"): 2, (3, "x"): 1}
    assert forest.rolled_up([(2, "x", [1]), (4, "x", [2]), (9, "x", [5])])[1, "x"] == [3]


def test_phases_counted_as_sql_are_those_of_the_rule(workspace: TestWorkspace) -> None:
    rnd = random.Random(11)
    workspace.door().write(book, rnd, 25)

    def act(session: Session) -> None:
        sales = session.execute(select(t.opportunity.c.id, t.opportunity.c.account_id)).all()
        accounts = session.execute(select(t.account.c.id, t.account.c.territory_id)).all()
        me = session.actor.user_id
        for _number in range(120):
            key, place = rnd.choice(accounts)
            of = [sale for sale, account in sales if account == key and rnd.random() < 0.4]
            session.sql.execute(insert(t.activity).values(
                kind="call", subject="x", account_id=key, account_name="x", territory_id=place, owner_id=me,
                opportunity_id=of[0] if of else None, created_at=NOW, updated_at=NOW, version=1,
                done_on=date(2025, 12, 1) + timedelta(rnd.randrange(260)),
            ))  # fmt: skip

    workspace.door().write(act)
    with workspace.door().read() as session:
        phased = activity_phases.phased(session).c
        found = dict(session.execute(select(phased.id, phased.phase)).all())
        rows = session.execute(
            select(t.activity, t.opportunity.c.closed_on, t.opportunity.c.status)
            .outerjoin(t.opportunity, t.opportunity.c.id == t.activity.c.opportunity_id)
            .where(t.activity.c.done_on.is_not(None))
        ).all()
        booked: dict[int, list[Booking]] = {}
        for order in session.execute(select(t.order)).all():
            booked.setdefault(order.account_id, []).append(Booking(order.code, order.booked_on, order.completed_on))

    def phase(row: Any) -> str | None:
        orders = Bookings(booked.get(row.account_id, []))
        if row.opportunity_id is None:
            return orders.phase(row.done_on)[0]
        return orders.phase_in_sale(row.done_on, row.closed_on, is_won=row.status == "won")[0]

    assert found == {row.id: phase(row) for row in rows}
    assert len(found) > 100 and len(set(found.values())) == 4


def test_a_report_in_full_tells_sales_activities_people_and_load(
    workspace: TestWorkspace, sfactl: Run, today: None
) -> None:
    rows = sfactl("territory", "report", "-p", "2026", "-o", "json", workspace=workspace).rows
    found = {row["territory"]: row for row in rows}

    keys = ("won_amount", "average_sale", "sales_cycle", "people", "load")
    assert [found["NW"][key] for key in keys] == ["2500.00", "2500.00", "64", 1, "0.0113"]
    assert [found["WORLD"][key] for key in keys] == ["2500.00", "2500.00", "64", 5, "0.0225"]
    assert [found["SW"][key] for key in ("average_sale", "sales_cycle", "activities_before", "activities_after")] == [
        None, None, 1, 0,
    ]  # fmt: skip
