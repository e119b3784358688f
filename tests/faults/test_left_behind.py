"""What a killed command left staged is taken away by the next one, and nothing else is."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from sfactl.db.session import Session
from sfactl.services import plan_stage, plans
from tests.cli import Run
from tests.db.company import system
from tests.faults.test_kills import require_completes
from tests.faults.world import MOVE, Case, World
from tests.workspace import system_rows

NOW = datetime.now(UTC)


def _number(process: int, age: timedelta = timedelta()) -> int:
    with plan_stage.new_number(NOW - age) as number:
        return number - os.getpid() + process


def _gone() -> int:
    child = subprocess.Popen(["/bin/true"])
    child.wait()
    return child.pid


def _put(case: Case, stage_id: int) -> None:
    with system(case.workspace) as run:
        run(
            "INSERT INTO plan_stage (stage_id, n, user_id, entity, key, cause)"
            f" SELECT {stage_id}, 1, id, 'account', 'F-0001', 'manual' FROM app_user WHERE login = 'ana'"
        )


def test_what_killed_and_old_commands_left_is_swept_and_what_waits_or_runs_stays(world: World, sfactl: Run):
    with world.case() as case:
        day = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
        assert sfactl(*MOVE, "--effective", day, "--yes", workspace=case.workspace).code == 0
        waiting = system_rows(case.workspace, "SELECT stage_id, count(*) FROM plan_stage GROUP BY stage_id")
        killed, old, runs = _number(_gone()), _number(1, timedelta(days=2)), _number(os.getppid())
        for number in (killed, old, runs):
            _put(case, number)

        assert sfactl("plan", "apply", str(case.plan), workspace=case.workspace).code == 0

        left = system_rows(case.workspace, "SELECT stage_id, count(*) FROM plan_stage GROUP BY stage_id")
        assert sorted(left) == sorted([*waiting, (runs, 1)])


def test_what_another_thread_of_the_same_program_stages_stays_until_it_is_let_go(in_file: World, sfactl: Run):
    with in_file.case() as case, case.workspace.door().read() as session:
        with plan_stage.new_number(NOW) as mine, plan_stage.new_number(NOW) as other:
            assert mine != other
            _put(case, mine)
            assert plan_stage.left_behind(session) == []

        assert plan_stage.left_behind(session) == [mine]


def test_a_nightly_run_sweeps_too(in_file: World, sfactl: Run):
    with in_file.case() as case:
        _put(case, _number(_gone()))

        assert sfactl("plan", "due", workspace=case.workspace).code == 0

        assert system_rows(case.workspace, "SELECT count(*) FROM plan_stage") == [(0,)]


def test_a_plan_whose_lines_are_taken_away_meanwhile_is_not_applied(
    world: World, sfactl: Run, monkeypatch: pytest.MonkeyPatch
):
    whole = plans._carry_out

    def carried_out(session: Session, *rest: object) -> object:
        outcome = whole(session, *rest)  # type: ignore[arg-type]
        session.execute(plan_stage.delete(plan_stage.stage).where(plan_stage.stage.c.n == 7))
        return outcome

    with world.case() as case:
        with monkeypatch.context() as patch:
            patch.setattr(plans, "_carry_out", carried_out)
            refused = sfactl("plan", "apply", str(case.plan), workspace=case.workspace)

        assert refused.code == 6
        assert "taken away meanwhile" in refused.err
        assert not case.is_done()
        require_completes(case, sfactl, was_done=False)
