"""A disk that takes no more, or a call to the system that fails: a sentence, exit code 6, and all is as it was."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from sfactl.db.url import DatabaseUrl
from tests.cli import Run
from tests.db.company import system
from tests.faults import tracing
from tests.faults.test_kills import require_completes, require_whole
from tests.faults.world import Case, Ended, World, staged
from tests.soak import IS_SOAK
from tests.workspace import TestWorkspace

PAGE = 4096


def require_told(ended: Ended, case: Case, sfactl: Run) -> bool:
    """The exit code says what happened, in a sentence; returns whether the plan was applied."""
    was_done = require_whole(case, sfactl)
    assert ended.code == (0 if was_done else 6), ended.err
    assert "Traceback" not in ended.err
    return was_done


# case 52, case 53
def test_a_file_that_may_not_grow_is_as_it_was(in_file: World, sfactl: Run):
    with in_file.case() as case:
        whole = _size(case)
    sizes = range(PAGE, whole + 100 * PAGE, PAGE * (4 if IS_SOAK else 120))
    found = Counter[bool]()

    for size in sizes:
        with in_file.case() as case:
            ended = case.start_apply(RLIMIT_FSIZE=size).wait()
            was_done = require_told(ended, case, sfactl)
            require_completes(case, sfactl, was_done=was_done)
            found[was_done] += 1

    assert found[False]
    print(f"{len(sizes)} limits: {dict(found)}")


def _size(case: Case) -> int:
    return (case.workspace.url.path or Path()).stat().st_size


# case 53
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_disk_that_is_full_leaves_the_file_as_it_was(in_file: World, sfactl: Run, tmp_path: Path):
    found = Counter[bool]()
    for spare in range(16, 1600, 16 if IS_SOAK else 500):
        with in_file.case() as case:
            size = _size(case) // 1024 + spare
            small = tmp_path / str(spare)
            small.mkdir()
            mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(small)], check=False)
            if mounted.returncode:
                pytest.skip("a small disk cannot be mounted here")
            try:
                there = _moved(case, small)
                was_done = require_told(there.start_apply().wait(), there, sfactl)
                subprocess.run(["mount", "-o", "remount,size=100m", str(small)], check=True)
                require_completes(there, sfactl, was_done=was_done)
                found[was_done] += 1
            finally:
                subprocess.run(["umount", "--lazy", str(small)], check=True)  # a garbage collector may hold it yet

    assert found[False]
    print(f"full disks: {dict(found)}")


def _moved(case: Case, folder: Path) -> Case:
    path = Path(shutil.copy(case.workspace.url.path or Path(), folder))
    where = DatabaseUrl("sqlite", path=path)
    return replace(case, workspace=TestWorkspace(where, where, case.workspace.worker))


CALLS = {
    "pwrite64": "ENOSPC",
    "fdatasync": "EIO",
    "fsync": "EIO",
    "ftruncate": "EIO",
    "unlink": "EIO",
    "pread64": "EIO",
}
"""A call of the system, and what it fails with."""


# case 52
def test_the_nth_call_that_fails_is_told_and_nothing_is_half_done(in_file: World, sfactl: Run, tmp_path: Path):
    tracing.require()
    counts = _counted(in_file, tmp_path)
    seed = int(os.environ.get("SFACTL_SEED", random.randrange(10**9)))
    moments, found = random.Random(seed), Counter[str]()
    every = [(call, number) for call, count in counts.items() for number in range(1, count + 1)]
    chosen = every if IS_SOAK else [(call, moments.randint(1, counts[call])) for call in ("pwrite64", "fdatasync")]

    for call, number in chosen:
        with in_file.case() as case:
            spoilt = [f"--inject={call}:error={CALLS[call]}:when={number}"]
            ended = tracing.apply_under(case, ["-e", f"trace={call}", *spoilt], tmp_path / "log")
            was_done = require_whole(case, sfactl)
            assert "Traceback" not in ended.err, f"{call} {number}: {ended.err}"
            assert (ended.code == 0) <= was_done, f"{call} {number}: told but not done"
            assert ended.code in (0, 6), f"{call} {number}: {ended}"
            found[f"{call}: {'done' if was_done else 'not done'}, code {ended.code}"] += 1
            require_completes(case, sfactl, was_done=was_done)

    print(f"{len(chosen)} of {len(every)} calls failed, seed {seed}: {dict(found)}")


def _counted(world: World, folder: Path) -> Counter[str]:
    with world.case() as case:
        tracing.apply_under(case, ["-e", f"trace={','.join(CALLS)}"], folder / "log")
    return Counter(re.findall(r"^\d+ +(\w+)\(", (folder / "log").read_text(), re.MULTILINE))


TABLES = (
    "plan_stage", "run", "run_change", "account", "assignment", "opportunity", "activity", "message", "audit_event",
    "audit_detail", "idempotency_key",
)  # fmt: skip
"""What an apply writes."""


def fail_at(case: Case, table: str, code: str, first: int, last: int) -> None:
    """Let writes to a table of the server fail: from the first to the last of its statements, counted from now on."""
    with system(case.workspace) as run:
        run("CREATE SEQUENCE faults_counted")
        run(
            "CREATE FUNCTION faults_fail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
            f" IF nextval('faults_counted') BETWEEN {first} AND {last} THEN"
            f" RAISE EXCEPTION 'as planned' USING ERRCODE = '{code}'; END IF; RETURN NULL; END $$"
        )
        run(
            f"CREATE TRIGGER faults AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION faults_fail()"
        )


def heal(case: Case) -> None:
    """Let them succeed again."""
    with system(case.workspace) as run:
        run("DROP FUNCTION faults_fail CASCADE")


# case 52
def test_a_server_whose_disk_is_full_has_done_nothing(on_server: World, sfactl: Run):
    for table in TABLES if IS_SOAK else random.sample(TABLES, 3):
        with on_server.case() as case:
            fail_at(case, table, "53100", 1, 10**9)
            ended = case.start_apply().wait()
            assert not require_told(ended, case, sfactl), table
            heal(case)
            require_completes(case, sfactl, was_done=False)


# case 63
def test_a_plan_that_the_server_asks_to_run_again_is_applied_once(on_server: World, sfactl: Run):
    found = Counter[str]()
    for number in range(200 if IS_SOAK else 2):
        code, table = ("40001", "40P01")[number % 2], random.choice(TABLES[1:])
        with on_server.case() as case:
            fail_at(case, table, code, 1, 1 + number % 3)
            ended = case.start_apply().wait()
            assert ended.code == 0, f"{table}: {ended.err}"
            assert require_whole(case, sfactl)
            assert staged(case.workspace) == 0
            found[code] += 1

    print(f"run again: {dict(found)}")


def test_after_eight_tries_the_plan_waits_for_another_time(on_server: World, sfactl: Run):
    with on_server.case() as case:
        fail_at(case, "run", "40001", 1, 100)
        ended = case.start_apply().wait()

        assert "Others kept changing" in ended.err
        assert not require_told(ended, case, sfactl)
        assert staged(case.workspace) == 0
        heal(case)
        require_completes(case, sfactl, was_done=False)
