"""Funnel, forecast and aging, as people see them on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from sfactl.core.periods import Period
from sfactl.db.session import Door, Session
from sfactl.models import tables as t
from sfactl.services import pipeline_stays
from tests import organisation
from tests.cli import Run
from tests.db.company import system
from tests.organisation import TODAY
from tests.workspace import TestWorkspace


def enters(session: Session, code: str, stage: str, **values: Any) -> int:
    opportunity = t.opportunity.c
    key = select(t.stage.c.id).where(t.stage.c.code == stage).scalar_subquery()
    times = {"updated_at": session.now, "version": opportunity.version + 1}
    return session.run(update(t.opportunity).where(opportunity.code == code).values(stage_id=key, **times, **values))


def play(workspace: TestWorkspace) -> None:
    """OPP-2 goes from qualify to discover and propose; OPP-1 from propose to won; OPP-3 is lost."""

    def on(day: int) -> Door:
        return Door(workspace.url, now=organisation.NOW + timedelta(day), today=TODAY + timedelta(day))

    on(2).write(enters, "OPP-2", "discover")
    on(6).write(enters, "OPP-2", "propose")
    on(7).write(enters, "OPP-1", "won", status="won", closed_on=date(2026, 5, 27))
    on(8).write(enters, "OPP-3", "lost", status="lost", closed_on=date(2026, 5, 28))


@pytest.fixture
def june(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line's clock stands twenty days later."""
    from sfactl.commands import state

    monkeypatch.setattr(state, "_now", lambda: organisation.NOW + timedelta(20))


@pytest.mark.usefixtures("june")
def test_the_funnel_tells_who_entered_who_went_on_and_how_long_they_stayed(
    workspace: TestWorkspace, sfactl: Run
) -> None:
    play(workspace)

    rows = sfactl("pipeline", "funnel", "--period", "2026Q2", "-o", "json", workspace=workspace).rows
    nora = sfactl(
        "pipeline", "funnel", "--period", "2026Q2", "--seller", "nora", "-o", "json", workspace=workspace
    ).rows

    told = {
        row["stage"]: [row[key] for key in ("count", "entered", "went_on", "conversion", "average_days")]
        for row in rows
    }
    assert told == {
        "qualify": [0, 0, 0, None, "82"],
        "discover": [0, 1, 1, "1.0000", "4"],
        "propose": [1, 2, 1, "0.5000", "56"],
        "negotiate": [0, 0, 0, None, "116"],
    }
    assert {row["entered"] for row in nora} == {0}
    table = sfactl("pipeline", "funnel", "--period", "2026Q2", workspace=workspace).out
    assert table.endswith("Entered in 2026Q2, and of those went on; – where none of them has left the stage yet.\n")


def test_nothing_is_said_of_conversion_while_all_are_where_they_entered(
    sqlite_workspace: TestWorkspace, sfactl: Run
) -> None:
    rows = sfactl("pipeline", "funnel", "--period", "2026Q1", "-o", "json", workspace=sqlite_workspace).rows

    assert {(row["conversion"], row["went_on"]) for row in rows} == {(None, 0)}
    assert any(row["entered"] for row in rows)


def test_a_stay_that_was_not_over_on_a_day_is_not_over_as_of_that_day(workspace: TestWorkspace) -> None:
    play(workspace)
    door = Door(workspace.url, now=organisation.NOW + timedelta(20), today=TODAY + timedelta(20))

    with door.read() as session:
        stay = pipeline_stays.stays(session, TODAY + timedelta(3)).c
        sale = select(t.opportunity.c.id).where(t.opportunity.c.code == "OPP-2").scalar_subquery()
        rows = session.execute(
            select(t.stage.c.code, stay.left_at).join(t.stage, t.stage.c.id == stay.stage_id)
            .where(stay.opportunity_id == sale).order_by(stay.entered_at)
        ).all()  # fmt: skip
    assert [(code, left and left.date()) for code, left in rows] == [("qualify", date(2026, 5, 22)), ("discover", None)]


@pytest.mark.usefixtures("today")
def test_a_forecast_tells_each_category_the_quota_and_whether_it_is_covered(
    workspace: TestWorkspace, sfactl: Run
) -> None:
    words = ("pipeline", "forecast", "--period", "2026Q2", "-o", "json")
    with system(workspace) as run:
        run(
            "INSERT INTO quota (territory_id, measure, starts_on, ends_on, amount_minor, currency, created_at, updated_at,"
            " version, load_id, loaded_on) SELECT id, 'revenue', '2026-04-01', '2026-07-01', 1000000, 'USD',"
            " '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z', 1, 1, '2000-01-01' FROM territory"
            " WHERE code = 'WORLD'"
        )

    (whole,) = sfactl(*words, workspace=workspace).rows
    (southwest,) = sfactl(*words, "--territory", "Southwest", workspace=workspace).rows
    sellers = sfactl(*words, "--by", "seller", workspace=workspace).rows
    by_territory = sfactl(*words, "--by", "territory", workspace=workspace).rows

    keys = (
        "closed",
        "commit",
        "best_case",
        "pipeline",
        "commit_forecast",
        "best_case_forecast",
        "open_pipeline",
        "weighted",
    )
    assert [whole[key] for key in keys] == [
        "0.00", "9000.00", "5000.00", "800.00", "9000.00", "14000.00", "14800.00", "9330.00",
    ]  # fmt: skip
    assert (whole["quota"], whole["coverage"], whole["win_rate"], whole["needed_coverage"], whole["cover"]) == (
        "10000.00", "1.4800", "0.5000", "2.0000", "short",
    )  # fmt: skip
    assert (southwest["territory"], southwest["open_pipeline"], southwest["quota"], southwest["cover"]) == (
        "SW", "5800.00", None, None,
    )  # fmt: skip
    assert [(row["seller"], row["open_pipeline"], row["quota"]) for row in sellers] == [
        ("eve", "9000.00", None), ("nora", "0.00", None), ("sam", "5800.00", "4000.00"),
    ]  # fmt: skip
    assert {row["territory"]: row["open_pipeline"] for row in by_territory} == {
        "WORLD": "14800.00", "EAST": "9000.00", "NE": "9000.00", "WEST": "5800.00", "NW": "0.00", "SW": "5800.00",
    }  # fmt: skip


@pytest.mark.usefixtures("june")
def test_a_quota_that_is_reached_needs_no_coverage_and_what_is_omitted_is_left_out(
    workspace: TestWorkspace, sfactl: Run
) -> None:
    play(workspace)
    with system(workspace) as run:
        run("UPDATE stage SET category = 'omitted' WHERE code = 'propose'")

    (row,) = sfactl(
        "pipeline", "forecast", "--period", "2026Q2", "--seller", "sam", "-o", "json", workspace=workspace
    ).rows
    (then,) = sfactl(
        "pipeline", "forecast", "--period", "2026Q2", "--seller", "sam", "--as-of", "2026-05-25", "-o", "json",
        workspace=workspace,
    ).rows  # fmt: skip

    assert (row["closed"], row["quota"], row["coverage"], row["cover"]) == ("5000.00", "4000.00", None, "not needed")
    assert row["open_pipeline"] == "0.00"
    assert (then["closed"], then["open_pipeline"]) == ("0.00", "800.00")


@pytest.mark.usefixtures("june")
def test_aging_tells_time_in_stage_against_the_usual_and_why_one_is_stuck(
    workspace: TestWorkspace, sfactl: Run
) -> None:
    play(workspace)

    (row,) = sfactl("pipeline", "aging", "-o", "json", workspace=workspace).rows
    stuck = sfactl("pipeline", "aging", "--stuck", "--idle-days", "400", "-o", "json", workspace=workspace)
    then = sfactl("pipeline", "aging", "--stuck", "--as-of", "2026-05-21", "-o", "json", workspace=workspace).rows

    assert (row["opportunity"], row["stage"], row["days_open"], row["days_in_stage"], row["usual_days"]) == (
        "OPP-2", "propose", 100, 14, "56",
    )  # fmt: skip
    assert (row["idle_days"], row["why"]) == (100, "idle, overdue")
    assert [each["why"] for each in stuck.rows] == ["overdue"]
    assert {each["opportunity"]: each["why"] for each in then} == {
        "OPP-1": "stage", "OPP-2": "stage, idle, overdue", "OPP-3": "stage, idle",
    }  # fmt: skip


def test_the_policy_says_after_how_many_days_a_stage_holds_one_too_long(
    sqlite_workspace: TestWorkspace, sfactl: Run, today: None, tmp_path: Any
) -> None:
    from sfactl.config.policy import DEFAULT_FOLDER

    text = (DEFAULT_FOLDER / "process.toml").read_text()
    (tmp_path / "process.toml").write_text(text.replace('code = "propose"', 'code = "propose"\nstuck_after = 60', 1))

    difference = sfactl("policy", "diff", str(tmp_path), "-o", "json", workspace=sqlite_workspace).rows
    applied = sfactl("policy", "apply", str(tmp_path), "--yes", workspace=sqlite_workspace)
    again = sfactl("policy", "diff", str(tmp_path), "-o", "json", workspace=sqlite_workspace).rows
    rows = sfactl("pipeline", "aging", "--stuck", "--idle-days", "99", "-o", "json", workspace=sqlite_workspace).rows

    assert [row["name"] for row in difference] == ["standard propose"]
    assert (applied.code, again) == (0, [])
    assert "OPP-1" not in {row["opportunity"] for row in rows}


def test_a_period_is_half_open_in_the_funnel_too(workspace: TestWorkspace) -> None:
    from sfactl.services import pipeline, pipeline_funnel

    play(workspace)
    door = Door(workspace.url, now=organisation.NOW + timedelta(20), today=TODAY + timedelta(20))
    before = Period("p", date(2026, 5, 1), date(2026, 5, 22))
    after = Period("p", date(2026, 5, 22), date(2026, 5, 23))

    with door.read() as session:
        entered = [
            {row.stage: row.entered for row in pipeline_funnel.funnel(session, pipeline.Filter(), period)}["discover"]
            for period in (before, after)
        ]
    assert entered == [0, 1]


def test_what_was_lost_at_once_did_not_go_on(workspace: TestWorkspace) -> None:
    from sfactl.services import pipeline, pipeline_funnel

    later = Door(workspace.url, now=organisation.NOW + timedelta(3), today=TODAY + timedelta(3))
    later.write(enters, "OPP-2", "lost", status="lost", closed_on=date(2026, 5, 23))
    later.write(enters, "OPP-1", "negotiate")
    with later.read() as session:
        rows = pipeline_funnel.funnel(session, pipeline.Filter(), Period("p", date(2026, 1, 1), date(2027, 1, 1)))
    found = {row.stage: (row.entered, row.went_on) for row in rows}

    assert (found["qualify"], found["propose"]) == ((1, 0), (1, 1))
