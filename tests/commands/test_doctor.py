"""The doctor: old servers, files that others can read, and disks that are not of this machine."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from sfactl.db import connect, file_systems, migrate
from sfactl.db.url import DatabaseUrl
from sfactl.services import databases, doctor
from tests.cli import Run
from tests.workspace import TestWorkspace

SOMEBODY_ELSE = 65534


def found(sfactl: Run, workspace: TestWorkspace, *words: str, code: int = 0) -> set[tuple[str, str, str]]:
    """What, state and detail of all that was looked at."""
    result = sfactl("doctor", "-o", "json", *words, workspace=workspace)
    assert result.code == code, result.out + result.err
    return {(row["what"], row["state"], row["detail"]) for row in result.rows}


# case 34
@pytest.mark.parametrize("number, is_repaired", [
    (90624, False), (120022, False), (130021, False), (130022, True), (140018, False), (140019, True), (150013, False),
    (150014, True), (160009, False), (160010, True), (160014, True), (170005, False), (170006, True), (180000, True),
    (190001, True),
])  # fmt: skip
def test_a_server_is_to_be_of_a_release_that_hides_what_is_hidden(number: int, is_repaired: bool):
    assert doctor.is_repaired(number) is is_repaired


# case 34
@pytest.mark.parametrize("number, said, code", [(160009, "16.9", 1), (160010, "16.10", 0), (130099, "13.99", 0)])
def test_an_old_server_is_wrong(
    postgres_workspace: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch, number: int, said: str, code: int
):
    monkeypatch.setattr(doctor, "_server_version", lambda session: (number, said))

    looked_at = {what: (state, detail) for what, state, detail in found(sfactl, postgres_workspace, code=code)}

    wanted = ("wrong", f"{said} can show hidden rows through planner statistics") if code else ("ok", said)
    assert looked_at["PostgreSQL"] == wanted


# case 46
def test_a_database_that_everybody_can_read_is_a_warning(sqlite_workspace: TestWorkspace, sfactl: Run):
    path = sqlite_workspace.url.path
    assert path is not None
    journal = path.with_name(f"{path.name}-journal")
    journal.touch(mode=0o600)
    assert not {entry for entry in found(sfactl, sqlite_workspace) if entry[0] == "file"}

    path.chmod(0o644)
    journal.chmod(0o604)

    assert {entry for entry in found(sfactl, sqlite_workspace) if entry[0] == "file"} == {
        ("file", "warning", f"{path} can be read by everybody"),
        ("file", "warning", f"{journal} can be read by everybody"),
    }


# case 46
def test_a_folder_in_which_everybody_can_replace_the_file_is_a_warning(sqlite_workspace: TestWorkspace, sfactl: Run):
    folder = (sqlite_workspace.url.path or Path()).parent
    said = ("file", "warning", f"{folder} can be written by everybody: the file in it can be replaced")
    before = folder.stat().st_mode
    try:
        folder.chmod(0o777)
        assert said in found(sfactl, sqlite_workspace)
        folder.chmod(0o1777)
        assert said not in found(sfactl, sqlite_workspace)
    finally:
        folder.chmod(before)


# case 46
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_files_of_somebody_elses_are_named(sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path):
    settings = tmp_path / "config.toml"
    settings.touch(mode=0o600)
    for path in (settings, sqlite_workspace.url.path or Path()):
        os.chown(path, SOMEBODY_ELSE, -1)

    looked_at = found(sfactl, sqlite_workspace, "--config", str(settings), code=1)

    assert ("settings", "wrong", f"{settings} belongs to somebody else") in looked_at
    assert ("file", "warning", f"{sqlite_workspace.url.path} belongs to somebody else") in looked_at


# case 46
@pytest.mark.parametrize("mode, said", [(0o644, "can be read by everybody"), (0o660, "can be written by a group")])
def test_settings_that_others_can_read_or_write_are_a_warning(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path, mode: int, said: str
):
    settings = tmp_path / "config.toml"
    settings.touch()
    settings.chmod(mode)

    assert ("settings", "warning", f"{settings} {said}") in found(sfactl, sqlite_workspace, "--config", str(settings))


# case 46
def test_a_link_in_the_files_place_is_wrong(sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path):
    link = tmp_path / "link.db"
    link.symlink_to(sqlite_workspace.url.path or Path())

    looked_at = found(sfactl, sqlite_workspace, "--database", f"sqlite:///{link}", code=1)

    assert ("database", "wrong", f"{link} is a link; sfactl opens only the file itself.") in looked_at


MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
25 22 0:23 / /proc rw,nosuid - proc proc rw
31 22 0:40 / /data rw shared:3 master:2 - nfs4 filer:/data rw,vers=4.2
32 31 254:1 / /data/local rw - ext4 /dev/vdb rw
33 22 0:41 / /My\\040Share rw - cifs //server/share rw
34 22 0:42 / /home/ana/mnt rw - fuse.sshfs ana@host: rw
35 22 0:43 / /over rw - ext4 /dev/vdc rw
36 22 0:44 / /over rw - 9p host rw
37 22 a line that is none
"""


# case 48
@pytest.mark.parametrize("path, kind, is_shared", [
    ("/sales.db", "ext4", False), ("/data/sales.db", "nfs4", True), ("/data/local/sales.db", "ext4", False),
    ("/database/sales.db", "ext4", False), ("/My Share/sales.db", "cifs", True),
    ("/home/ana/mnt/x/sales.db", "fuse.sshfs", True), ("/over/sales.db", "9p", True),
])  # fmt: skip
def test_the_file_system_is_that_of_the_nearest_mount(path: str, kind: str, is_shared: bool):
    assert file_systems.kind_among(MOUNTS.splitlines(), Path(path)) == kind
    assert file_systems.is_shared(kind) is is_shared


# case 47, case 48
@pytest.mark.parametrize("kind, is_safe, journal", [
    ("ext4", True, "WAL"), ("", True, "WAL"), ("tmpfs", True, "WAL"), ("ext4", False, "DELETE"), ("nfs4", True, "DELETE"),
    ("smb3", True, "DELETE"), ("lustre", True, "DELETE"), ("nfs", False, "DELETE"),
])  # fmt: skip
def test_a_write_ahead_log_is_kept_on_a_disk_of_this_machine_only(kind: str, is_safe: bool, journal: str):
    assert file_systems.journal_for(kind, is_safe=is_safe) == journal


@pytest.fixture
def repaired(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if this SQLite were one that may keep a write-ahead log."""
    monkeypatch.setattr(connect, "wal_is_safe", lambda: True)
    monkeypatch.setattr(file_systems, "wal_is_safe", lambda: True)


# case 48
@pytest.mark.usefixtures("repaired")
def test_on_a_network_a_database_is_made_without_a_log_and_the_doctor_warns(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = sqlite_workspace.url.path
    assert path is not None
    migrate.upgrade(sqlite_workspace.url)
    assert file_systems.has_log(path)

    monkeypatch.setattr(file_systems, "kind_of", lambda path: "nfs4")
    looked_at = found(sfactl, sqlite_workspace, code=1)
    warned = ("file", "warning", f"{path} lies on a network file system (nfs4)")
    wrong = ("SQLite", "wrong", f"{sqlite3.sqlite_version}, write-ahead log: it can corrupt the file here")
    assert {warned, wrong} <= looked_at

    made, copy = tmp_path / "made.db", tmp_path / "copy.db"
    migrate.upgrade(DatabaseUrl("sqlite", path=made))
    databases.restore(DatabaseUrl("sqlite", path=copy), path)
    migrate.upgrade(sqlite_workspace.url)
    assert [file_systems.has_log(file) for file in (made, copy, path)] == [False, False, False]
    assert warned in found(sfactl, sqlite_workspace)
