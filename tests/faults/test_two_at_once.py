"""Several commands at the same time: one wins, the others are told, and nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli import Run
from tests.faults.holding import held
from tests.faults.test_kills import require_whole
from tests.faults.world import Case, World, staged
from tests.soak import IS_SOAK
from tests.workspace import system_rows

ROUNDS = 20 if IS_SOAK else 1
WRITERS = 8


def test_the_same_plan_at_once_is_applied_once_and_each_is_told(world: World, sfactl: Run):
    for _round in range(ROUNDS):
        with world.case() as case:
            both = [case.start_apply(), case.start_apply()]
            ended = [running.wait() for running in both]

            said = sorted(json.loads(each.out)["status"] for each in ended if each.code == 0)
            assert said in (["already", "applied"], ["applied"]), ended
            assert all(each.code in (0, 6) for each in ended), ended
            assert require_whole(case, sfactl)
            assert staged(case.workspace) == 0


def test_of_two_plans_for_the_same_rows_one_wins_and_the_other_is_told(world: World, sfactl: Run, tmp_path: Path):
    other = tmp_path / "other.plan"
    with world.case() as case:
        move = ("assignment", "move", "--from", "sam", "--to", "eve", "--plan", str(other))
        assert sfactl(*move, workspace=case.workspace).code == 0
    for _round in range(ROUNDS):
        with world.case() as case:
            both = [case.start_apply(), case.start("plan", "apply", str(other), "-o", "json")]
            ended = [running.wait() for running in both]

            assert sorted(each.code for each in ended) in ([0, 5], [0, 6]), ended
            assert not any("Traceback" in each.err for each in ended)
            winner = ("nora", "eve")[[each.code for each in ended].index(0)]
            assert _owners(case) == {winner}
            assert sfactl("db", "check", workspace=case.workspace).code == 0
            assert staged(case.workspace) == 0


def _owners(case: Case) -> set[object]:
    question = "SELECT DISTINCT u.login FROM account a JOIN app_user u ON u.id = a.owner_id WHERE a.code LIKE 'F-%'"
    return {row[0] for row in system_rows(case.workspace, question)}


# case 55
def test_small_changes_beside_a_plan_are_all_made(world: World, sfactl: Run):
    with world.case() as case:
        for number in range(50 if IS_SOAK else 1):
            rounds = [case.start("user", "add", f"w{number}x{n}", "--name", f"W {n}") for n in range(WRITERS)]
            rounds += [case.start_apply()] if number == 0 else []
            for running in rounds:
                ended = running.wait()
                assert ended.code == 0, ended.err

        assert system_rows(case.workspace, "SELECT count(*) FROM app_user WHERE login LIKE 'w%x%'") == [
            (WRITERS * (50 if IS_SOAK else 1),)
        ]
        assert _owners(case) == {"nora"}
        for words in (("db", "check"), ("audit", "verify")):
            assert sfactl(*words, workspace=case.workspace).code == 0


# case 56
def test_a_plan_that_waits_in_vain_for_a_file_says_who_has_it(in_file: World, sfactl: Run):
    with in_file.case() as case:
        with held(case.workspace.url.path or Path()) as holder:
            ended = case.start_apply(patience=0.2).wait()

        assert ended.code == 6
        if Path("/proc/locks").exists():
            assert f"(process {holder})" in ended.err
        assert not require_whole(case, sfactl)
        assert staged(case.workspace) == 0
