"""The power fails at any moment of an apply: the file is whole, and the plan was applied, or was not. case 50"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from tests.faults import power, tracing
from tests.faults.power import Call, Disk, Fate, Kind
from tests.faults.world import Case, World
from tests.soak import IS_SOAK

STATES = 3000 if IS_SOAK else 40


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_after_a_power_cut_the_plan_is_applied_or_not(in_file: World, tmp_path: Path, journal: str):
    tracing.require()
    seed = int(os.environ.get("SFACTL_SEED", random.randrange(10**9)))
    chance, found = random.Random(seed), Counter[str]()
    before, calls, database = _record(in_file, journal, tmp_path)

    for files, is_told, moment in power.states(before, calls, STATES, chance):
        is_done = _is_done(files, tmp_path / "after", database)
        assert is_done is not None, f"{moment}, seed {seed}: corrupt, or half done"
        assert is_done or not is_told, f"{moment}, seed {seed}: told, and lost"
        found["everything" if is_done else "nothing"] += 1

    assert len(found) == 2
    print(f"{journal}: {STATES} states of {len(calls)} calls, seed {seed}: {dict(found)}")


def _record(world: World, journal: str, folder: Path) -> tuple[dict[str, bytes], list[Call], str]:
    """The file before an apply, what the apply asks of the system, and the file's name."""
    with world.case() as case:
        path = case.workspace.url.path or Path()
        raw = sqlite3.connect(path)
        assert raw.execute(f"PRAGMA journal_mode={journal}").fetchone() == (journal,)
        raw.close()
        before = {path.name: path.read_bytes()}
        running = case.start_apply(stopped=True)
        options = ["-y", "-xx", "-s", "100000", "-e", f"trace={power.CALLS}"]
        with tracing.attached(running.process, options, folder / "log"):
            running.send(signal.SIGCONT)
            ended = running.wait()
        assert ended.code == 0, ended.err
        calls = power.recorded(folder / "log", path, running.out)
        assert calls[-1].kind is Kind.TOLD or any(call.kind is Kind.TOLD for call in calls)
        _require_same(before, calls, path, case)
        return before, calls, path.name


def _require_same(before: dict[str, bytes], calls: list[Call], path: Path, case: Case) -> None:
    """What was recorded, done again, is what was done: nothing is missing from the record."""
    disk = Disk(before)
    for call in calls:
        disk.run(call)
    assert disk.after_cut(Fate.THERE, random.Random(0)) == {path.name: path.read_bytes()}
    assert case.is_done()


def _is_done(files: dict[str, bytes], folder: Path, name: str) -> bool | None:
    """Whether the plan was applied in a state; None when the file is not whole, or the plan is half applied."""
    folder.mkdir(exist_ok=True)
    for left in folder.iterdir():
        left.unlink()
    for file, content in files.items():
        (folder / file).write_bytes(content)
    raw = sqlite3.connect(folder / name)
    try:
        if raw.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            return None
        said = {bool(raw.execute(question).fetchone()[0]) for question in _SIGNS}
        halves = [raw.execute(question).fetchone()[0] for question in _HALVES]
    except sqlite3.Error:
        return None
    finally:
        raw.close()
    return said.pop() if len(said) == 1 and not any(halves) else None


_OWNED = "SELECT count(*) FROM account a JOIN app_user u ON u.id = a.owner_id WHERE a.code LIKE 'F-%' AND u.login = "
_SIGNS = (
    f"{_OWNED}'nora'",
    f"SELECT NOT EXISTS ({_OWNED.replace('count(*)', '1')}'sam')",
    "SELECT count(*) FROM run WHERE kind = 'plan' AND status = 'applied'",
    "SELECT count(*) FROM run_change WHERE entity = 'account'",
    "SELECT count(*) FROM message",
    "SELECT count(*) FROM audit_event e JOIN run r ON e.run_key = r.key WHERE e.action = 'apply'",
)
"""Each is none before the plan is applied, and something after."""
_HALVES = (
    "SELECT count(*) FROM account a WHERE NOT EXISTS (SELECT 1 FROM assignment h WHERE h.account_id = a.id"
    " AND h.role = 'owner' AND h.valid_to IS NULL AND h.user_id IS a.owner_id AND h.territory_id = a.territory_id)",
    "SELECT count(*) FROM opportunity o JOIN account a ON a.id = o.account_id WHERE o.code LIKE 'FO-%'"
    " AND o.credited_id IS NOT a.owner_id",
    "SELECT count(*) FROM activity v JOIN account a ON a.id = v.account_id WHERE v.external_id LIKE 'FV-%'"
    " AND v.owner_id IS NOT a.owner_id",
)
"""Each is none always."""
