"""What changed in the pipeline since a day adds up to the cent, whatever happened."""

from __future__ import annotations

import json
import random
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfactl.core.periods import Period
from sfactl.db.session import Door
from sfactl.db.url import DatabaseUrl
from sfactl.services import databases, pipeline_changes
from sfactl.services.pipeline_changes import Question
from tests import organisation
from tests.cli import Run
from tests.db.company import system
from tests.organisation import TODAY
from tests.workspace import TestWorkspace

CODES = ("OPP-1", "OPP-2", "OPP-3", "OPP-4", "OPP-5")
JUNE = Period("2026-06", date(2026, 6, 1), date(2026, 7, 1))
WAYS = {
    "amount": lambda n: f"amount_minor = {n * 10_000}",
    "date": lambda n: f"close_on = '2026-0{5 + n % 3}-1{n % 10}'",
    "seller": lambda n: f"credited_id = (SELECT id FROM app_user WHERE login = '{('sam', 'eve', 'nora')[n % 3]}')",
    "nobody": lambda n: "credited_id = NULL",
    "territory": lambda n: (
        f"credited_territory_id = (SELECT id FROM territory WHERE code = '{('SW', 'NW', 'NE')[n % 3]}')"
    ),
    "currency": lambda n: f"currency = '{('USD', 'EUR')[n % 2]}'",
    "won": lambda n: "status = 'won', closed_on = '{day}'",
    "lost": lambda n: "status = 'lost', closed_on = '{day}'",
    "open": lambda n: "status = 'open', closed_on = NULL",
}

Step = tuple[str, str, int]
"""Opportunity, way and a number."""
steps = st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from(sorted(WAYS)), st.integers(0, 99)), max_size=12)


def play(workspace: TestWorkspace, story: list[Step]) -> date:
    """Change opportunities one after the other, one each day; returns the last day."""
    day = TODAY
    with system(workspace) as run:
        for code, way, number in story:
            day += timedelta(1)
            said = WAYS[way](number).replace("{day}", day.isoformat())
            at = f"'{day.isoformat()}T12:00:00.000000Z'"
            run(f"UPDATE opportunity SET {said}, updated_at = {at}, version = version + 1 WHERE code = '{code}'")
    return day


def on(workspace: TestWorkspace, day: date) -> Door:
    return Door(workspace.url, now=organisation.NOW + (day - TODAY), today=day)


def assert_adds_up(door: Door, since: date, until: date, **asked: Any) -> None:
    with door.read() as session:
        found = pipeline_changes.since(session, Question(since, until, **asked))
        before = pipeline_changes.since(session, Question(since - timedelta(20), since - timedelta(1), **asked))
        told = list(pipeline_changes.details(session, Question(since, until, **asked)))
    assert all(proof.holds for proof in found.proofs), found
    amounts = {(row.currency, row.figure): row.amount.minor for row in found.rows}
    for row in before.rows:
        if row.figure == "now" and row.amount.minor:
            assert amounts[row.currency, "start"] == row.amount.minor
    for row in found.rows:
        if row.figure not in ("start", "now"):
            mine = [each for each in told if (each.figure, each.currency) == (row.figure, row.currency)]
            assert (len(mine), sum(each.amount.minor for each in mine)) == (row.count, row.amount.minor)


FILTERS: tuple[dict[str, Any], ...] = (
    {}, {"territory": "WEST"}, {"seller": "sam"}, {"closing": JUNE}, {"territory": "SW", "seller": "sam", "closing": JUNE},
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=steps, first=st.integers(0, 12), length=st.integers(0, 12), asked=st.sampled_from(FILTERS))
def test_any_history_adds_up(
    sqlite_template: Path,
    tmp_path: Path,
    worker: str,
    story: list[Step],
    first: int,
    length: int,
    asked: dict[str, Any],
) -> None:
    shutil.copy(sqlite_template, tmp_path / "sales.db")
    where = DatabaseUrl("sqlite", path=tmp_path / "sales.db")
    workspace = TestWorkspace(where, where, worker)
    last = play(workspace, story)
    since = min(TODAY + timedelta(first), last)

    assert_adds_up(on(workspace, last), since, min(since + timedelta(length), last), **asked)


def test_a_long_history_adds_up_on_both_databases_and_agrees_with_itself(workspace: TestWorkspace) -> None:
    rnd = random.Random(7)
    story = [(rnd.choice(CODES), rnd.choice(sorted(WAYS)), rnd.randrange(100)) for _step in range(40)]
    last = play(workspace, story)
    door = on(workspace, last)

    for number, asked in enumerate(FILTERS):
        assert_adds_up(door, TODAY + timedelta(5 + number), last - timedelta(number), **asked)
    assert databases.check(door) == []


def changed(workspace: TestWorkspace) -> None:
    """Something of each figure, two days after the company was brought in."""
    play(workspace, [
        ("OPP-1", "amount", 70), ("OPP-3", "territory", 0), ("OPP-2", "lost", 0), ("OPP-4", "open", 0),
    ])  # fmt: skip


@pytest.fixture
def on_the_30th(monkeypatch: pytest.MonkeyPatch) -> None:
    from sfactl.commands import state

    monkeypatch.setattr(state, "_now", lambda: organisation.NOW + timedelta(10))


def figures(text: str) -> dict[str, tuple[int, str]]:
    return {row["figure"]: (row["count"], row["amount"]) for row in json.loads(text)}


@pytest.mark.usefixtures("on_the_30th")
def test_the_pipeline_of_a_territory_is_told_from_start_to_now(workspace: TestWorkspace, sfactl: Run) -> None:
    changed(workspace)
    words = ("pipeline", "changes", "--since", "2026-05-21")

    all_ = sfactl(*words, "-o", "json", workspace=workspace)
    southwest = sfactl(*words, "--territory", "Southwest", workspace=workspace)
    northeast = sfactl(*words, "--territory", "NE", "-o", "json", workspace=workspace)
    told = sfactl(*words, "--detail", "-o", "json", workspace=workspace)

    assert figures(all_.out) == {
        "start": (3, "14800.00"), "new": (1, "2500.00"), "pulled_in": (0, "0.00"), "increased": (1, "2000.00"),
        "decreased": (0, "0.00"), "pushed_out": (0, "0.00"), "won": (0, "0.00"), "lost": (1, "-800.00"),
        "transferred_in": (0, "0.00"), "transferred_out": (0, "0.00"), "now": (3, "18500.00"),
    }  # fmt: skip
    assert southwest.out.splitlines()[-1] == (
        "USD: 5,800.00 + increased 2,000.00 − lost 800.00 + transferred in 9,000.00 = 16,000.00"
    )
    assert figures(northeast.out)["transferred_out"] == (1, "-9000.00")
    assert [(row["figure"], row["opportunity"], row["amount"]) for row in told.rows] == [
        ("new", "OPP-4", "2500.00"), ("increased", "OPP-1", "2000.00"), ("lost", "OPP-2", "-800.00"),
    ]  # fmt: skip


@pytest.mark.usefixtures("on_the_30th")
def test_close_dates_that_move_into_a_period_and_out_of_it_are_told(workspace: TestWorkspace, sfactl: Run) -> None:
    play(workspace, [("OPP-1", "date", 2), ("OPP-2", "date", 1)])
    words = ("pipeline", "changes", "--since", "2026-05-21", "-o", "json", "--closing", "2026-06")

    found = figures(sfactl(*words, workspace=workspace).out)

    assert (found["start"], found["pulled_in"], found["pushed_out"], found["now"]) == (
        (2, "14000.00"), (1, "800.00"), (1, "-5000.00"), (2, "9800.00"),
    )  # fmt: skip


@pytest.mark.usefixtures("on_the_30th")
def test_the_pipeline_of_a_day_that_is_over_is_what_it_was(workspace: TestWorkspace, sfactl: Run) -> None:
    def shown(day: str) -> dict[str | None, tuple[int, str]]:
        rows = sfactl("pipeline", "show", "--as-of", day, "-o", "json", workspace=workspace).rows
        return {row["stage"]: (row["count"], row["amount"]) for row in rows if row["count"]}

    before = shown("2026-05-21")
    changed(workspace)

    assert shown("2026-05-20") == before == {
        "qualify": (1, "800.00"), "propose": (1, "5000.00"), "negotiate": (1, "9000.00")
    }  # fmt: skip
    assert shown("2026-02-28")[None] == (1, "2500.00"), "of one that was brought in closed, the stage is not known"
    assert shown("2026-05-30")["propose"] == (1, "7000.00")


def test_days_the_wrong_way_round_are_refused(workspace: TestWorkspace, sfactl: Run, today: None) -> None:
    result = sfactl("pipeline", "changes", "--since", "2026-05-22", workspace=workspace)

    assert result.code == 2
    assert "There are no days from 2026-05-22 to 2026-05-20." in result.err
