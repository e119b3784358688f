"""Stored credit of months that are over: the same figures as before, whatever changes afterwards, and never silently wrong."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date

import pytest
from sqlalchemy import func, select

from sfactl.core.periods import FiscalCalendar, Period, parse_period
from sfactl.db.session import Session
from sfactl.errors import NotAllowed, SfaError, UsageFault
from sfactl.models import tables as t
from sfactl.services import databases, rollups
from tests import organisation
from tests.cli import Run
from tests.db.company import system
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")
Sums = Counter[tuple[str, str]]
YEAR = (date(2025, 1, 1), date(2027, 1, 1))


def period(text: str) -> Period:
    return parse_period(text, today=organisation.TODAY, calendar=FiscalCalendar())


def told(session: Session, start: date, end: date) -> Sums:
    """Person and currency to credit and number of bookings, as the stored figures tell it."""
    credited = rollups.credited(session, "revenue", start, end).c
    rows = session.execute(
        select(t.user.c.login, credited.currency, func.sum(credited.amount_minor), func.sum(credited.bookings))
        .join(t.user, t.user.c.id == credited.user_id)
        .group_by(t.user.c.login, credited.currency)
    )
    return Counter(
        {(login, f"{unit} {part}"): int(value) for login, unit, *values in rows for part, value in enumerate(values)}
    )


def summed(session: Session, start: date, end: date) -> Sums:
    """The same, of the credits themselves."""
    credit = t.credit.c
    rows = session.execute(
        select(t.user.c.login, credit.currency, func.sum(credit.amount_minor), func.count())
        .join(t.user, t.user.c.id == credit.user_id)
        .where(credit.kind == "revenue", credit.credited_on >= start, credit.credited_on < end)
        .group_by(t.user.c.login, credit.currency)
    )
    return Counter(
        {(login, f"{unit} {part}"): int(value) for login, unit, *values in rows for part, value in enumerate(values)}
    )


def booked(session: Session, start: date, end: date) -> tuple[int, int]:
    """What was booked in dollars, and how much of it is credited to nobody."""
    order = t.order.c
    rows = session.execute(
        select(order.credited_id, order.amount_minor).where(order.booked_on >= start, order.booked_on < end)
    ).all()
    return sum(amount for _who, amount in rows), sum(amount for who, amount in rows if who is None)


def require_same(workspace: TestWorkspace, *days: date) -> None:
    start, end = days or YEAR
    for login in ("ana", "dora", "mike", "sam", "nora", "eve"):
        with workspace.door(login).read() as session:
            assert told(session, start, end) == summed(session, start, end), login
            assert rollups.booked(session, start, end, "USD") == booked(session, start, end), login


def store(workspace: TestWorkspace, text: str = "2026Q1") -> list[rollups.StoredMonth]:
    return workspace.door().write(rollups.store, period(text))


def test_stored_months_tell_everybody_the_same_as_the_credits_that_he_sees(workspace: TestWorkspace) -> None:
    stored = store(workspace)

    assert [(row.month, row.bookings, row.touched) for row in stored] == [
        ("2026-03", 3, 0),
        ("2026-02", 1, 0),
        ("2026-01", 1, 0),
    ]
    require_same(workspace)
    require_same(workspace, date(2026, 1, 1), date(2026, 2, 1))
    require_same(workspace, date(2026, 1, 10), date(2026, 3, 20))
    with system(workspace) as run:  # where they come from the stored rows, the credits need not be there
        run("UPDATE rollup SET amount_minor = amount_minor + 7")
    with workspace.door().read() as session:
        assert told(session, *YEAR) - summed(session, *YEAR)


def test_a_month_that_is_cut_by_a_part_is_summed_from_the_credits(workspace: TestWorkspace) -> None:
    store(workspace)
    with workspace.door().read() as session:
        whole = rollups.credited(session, "revenue", *YEAR).c
        cut = rollups.credited(session, "revenue", *YEAR, cuts=[date(2026, 3, 16)]).c
        days = {day for (day,) in session.execute(select(whole.day))}
        finer = {day for (day,) in session.execute(select(cut.day))}

    assert date(2026, 3, 1) in days
    assert {date(2026, 3, 10), date(2026, 3, 20), date(2026, 3, 31)} <= finer
    assert date(2026, 2, 1) in finer


CHANGES = (
    "UPDATE credit SET amount_minor = amount_minor + 100 WHERE credited_on = '2026-01-15'",
    "UPDATE credit SET user_id = (SELECT id FROM app_user WHERE login = 'nora') WHERE credited_on = '2026-02-20'",
    "UPDATE credit SET credited_on = '2026-02-01' WHERE credited_on = '2026-03-10'",
    "UPDATE credit SET credited_on = '2026-05-01' WHERE credited_on = '2026-03-31'",
    "DELETE FROM credit WHERE credited_on = '2026-03-20'",
    "UPDATE sales_order SET amount_minor = amount_minor + 100 WHERE code = 'O-1'",
    "UPDATE sales_order SET credited_id = NULL WHERE code = 'O-2'",
    "UPDATE sales_order SET booked_on = '2026-02-02' WHERE code = 'O-3'",
    "INSERT INTO credit (order_id, user_id, territory_id, kind, share_bp, amount_minor, currency, credited_on)"
    " SELECT order_id, (SELECT id FROM app_user WHERE login = 'nora'), territory_id, 'revenue', 0, 55, currency,"
    " '2026-01-20' FROM credit WHERE credited_on = '2026-01-15'",
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_in_a_stored_month_is_summed_anew(workspace: TestWorkspace, change: str) -> None:
    store(workspace)
    with system(workspace) as run:
        run(change)

    require_same(workspace)
    with workspace.door().read() as session:
        assert sum(row.touched for row in rollups.find(session)) > 0
    assert databases.check(workspace.door()) == [] or "credits do not add up" in str(databases.check(workspace.door()))

    stored = store(workspace)

    assert [row.touched for row in stored] == [0, 0, 0]
    require_same(workspace)


def test_random_changes_never_make_a_stored_figure_wrong(workspace: TestWorkspace) -> None:
    chance = random.Random(5)
    store(workspace, "2026Q1")
    for _ in range(4):
        with system(workspace) as run:
            for _ in range(3):
                run(chance.choice(CHANGES[:8]).replace("100", str(chance.randrange(1, 10**6))))
        require_same(workspace)
        if chance.random() < 0.4:
            store(workspace, chance.choice(["2026-01", "2026-02", "2026Q1"]))


def test_only_months_that_are_over_are_stored_and_only_by_who_sees_all(workspace: TestWorkspace) -> None:
    for text, said in (
        ("2026-05", "is not over"),
        ("2026Q2", "is not over"),
        ("2026-01-02..2026-03-01", "whole months"),
    ):
        with pytest.raises(UsageFault, match=said):
            store(workspace, text)
    for login in ("dora", "sam"):
        with pytest.raises(NotAllowed):
            workspace.door(login).write(rollups.store, period("2026Q1"))
    assert system_rows(workspace, "SELECT count(*) FROM rollup_month") == [(0,)]


def test_nobody_can_take_a_mark_away(workspace: TestWorkspace) -> None:
    store(workspace)
    with system(workspace) as run:
        run(CHANGES[0])
    before = system_rows(workspace, "SELECT * FROM rollup_touched")

    for statement in (t.rollup_touched.delete(), t.rollup_touched.update().values(month_id=0)):
        try:
            workspace.door().write(lambda session, each=statement: session.run(each))
        except SfaError:
            continue
    assert system_rows(workspace, "SELECT * FROM rollup_touched") == before != []


def test_the_check_names_a_stored_figure_that_the_credits_do_not_bear_out(workspace: TestWorkspace) -> None:
    store(workspace)
    assert databases.check(workspace.door()) == []
    with system(workspace) as run:
        run(
            "UPDATE rollup SET amount_minor = amount_minor + 1 WHERE user_id = (SELECT id FROM app_user WHERE login = 'nora')"
        )
        run(
            "DELETE FROM rollup WHERE user_id = (SELECT id FROM app_user WHERE login = 'sam') AND bookings = 1 AND amount_minor = 60000"
        )

    found = databases.check(workspace.door())

    assert [(each.check, each.key) for each in found] == [
        ("rollup", "2026-01 booked sam SW"), ("rollup", "2026-01 revenue sam SW"),
        ("rollup", "2026-03 booked nora NW"), ("rollup", "2026-03 revenue nora NW"),
    ]  # fmt: skip


def test_what_is_stored_can_be_taken_away(workspace: TestWorkspace) -> None:
    store(workspace)

    assert workspace.door().write(rollups.forget, period("2026-02")) == 1
    assert system_rows(workspace, "SELECT count(*) FROM rollup_month") == [(2,)]
    require_same(workspace)


def test_months_are_stored_listed_and_taken_away_by_command(workspace: TestWorkspace, sfactl: Run) -> None:
    stored = sfactl("report", "snapshot", "--period", "2026Q1", "-o", "json", workspace=workspace)
    assert [(row["month"], row["bookings"]) for row in stored.rows] == [("2026-03", 3), ("2026-02", 1), ("2026-01", 1)]
    assert sfactl("report", "snapshot", "-o", "json", workspace=workspace).rows == stored.rows
    assert sfactl("report", "snapshot", "-p", "2026-02", "-q", workspace=workspace).out == ""

    assert sfactl("report", "snapshot", "--period", "2026-02", "--forget", workspace=workspace).code == 0
    left = sfactl("report", "snapshot", "-o", "json", workspace=workspace).rows
    assert [row["month"] for row in left] == ["2026-03", "2026-01"]

    running = sfactl("report", "snapshot", "--period", "2026-05", workspace=workspace)
    assert (running.code, running.out) == (2, "") and "2026-05 is not over" in running.err
    assert sfactl("report", "snapshot", "--period", "2026Q1", workspace=workspace, as_="dora").code == 4
    assert sfactl("report", "snapshot", "--forget", workspace=workspace).code == 2
