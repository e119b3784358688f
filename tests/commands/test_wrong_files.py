"""Settings, policies and manifests with a mistake in them: file, line and column are named, and what was in force stays (case 99)."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from sfactl.config import policy
from tests.cli import Run
from tests.workspace import TestWorkspace, system_rows

SETTINGS = {
    "syntax": ("[profiles.default]\noutput = \n", ":2:10:"),
    "no end of a table's name": ("[profiles.default\n", ":1:18:"),
    "no end of a text": ('[profiles.default]\noutput = "json\n', ":2:15:"),
    "wrong type": ("[mail]\nport = 'many'\n", ":2:1:"),
    "out of bounds": ("[mail]\nport = 70000\n", ":2:1:"),
    "wrong word": ("[profiles.default]\n\noutput = 'xml'\n", ":3:1:"),
    "unknown key": ("[profiles.default]\nlocale = 'es'\nouput = 'json'\n", ":3:1:"),
    "unknown table": ("[profile]\nx = 1\n", "config.toml:1:"),
    "a table where a value stands": ("profile = 'a'\n[profile.b]\n", ":2:11:"),
    "key twice": ("[mail]\nhost = 'a'\nhost = 'b'\n", ":3:11:"),
    "table twice": ("[mail]\nhost = 'a'\n[mail]\n", ":3:6:"),
    "not UTF-8": (b"[mail]\nhost = '\xff'\n", "not UTF-8 at byte 15"),
    "UTF-16": ("[mail]\n".encode("utf-16"), "not UTF-8 at byte 0"),
    "control character": ("[mail]\nhost = 'a\x1bb'\n", ":2:10:"),
    "10 MB": ("#" * 10_000_000, "larger than 1 MB"),
    "nested without end": ("a = " + "[" * 100_000, "nested too deeply"),
    "a number without end": ("a = " + "1" * 100_000, "too long"),
    "no such day": ("a = 2026-02-31\n", ":1:"),
}


# case 99
@pytest.mark.parametrize("name", SETTINGS)
def test_wrong_settings_name_their_place(sfactl: Run, tmp_path: Path, name: str) -> None:
    text, place = SETTINGS[name]
    file = tmp_path / "config.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())

    result = sfactl("account", "list", "--config", str(file))

    assert (result.code, result.out) == (2, "")
    assert place in result.err, result.err
    assert "Traceback" not in result.err
    assert len(result.err) < 3000


def test_a_byte_order_mark_is_no_mistake(sfactl: Run, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("\ufeff[profiles.default]\noutput = 'json'\n", encoding="utf-8")

    result = sfactl("config", "show", "--config", str(tmp_path / "config.toml"))

    assert result.code == 0, result.err


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
def test_what_is_no_regular_file_is_not_read(sfactl: Run, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "config.toml"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path = Path("/dev/zero")

    for words in (("account", "list", "--config", str(path)), ("import", str(path))):
        assert sfactl(*words).code == 2


ROLES = {
    "unknown scope": ('[roles.clerk]\ntitle = "Clerk"\nscope = "everything"\n', "roles.toml:3:1"),
    "unknown noun": ('[roles.clerk]\ntitle = "Clerk"\nscope = "own"\nmay = { planet = ["read"] }\n', "roles.toml:4:"),
    "unknown action": ('[roles.clerk]\ntitle = "Clerk"\nscope = "own"\nmay = { account = ["fly"] }\n', "roles.toml:4:"),
    "unknown key": ('[roles.clerk]\ntitel = "Clerk"\n', "roles.toml:"),
    "role twice": ('[roles.clerk]\ntitle = "A"\nscope = "own"\n[roles.clerk]\n', "roles.toml:4:"),
    "wrong type": ("roles = 3\n", "roles.toml:1:1"),
    "syntax": ("[roles.clerk\n", "roles.toml:1:"),
}
OTHERS = {
    "month 13": ("calendar.toml", "fiscal_first_month = 13\n", "calendar.toml:1:1"),
    "no won stage": (
        "process.toml",
        '[[process]]\ncode = "p"\nname = "P"\n[[process.stage]]\ncode = "a"\nname = "A"\nprobability = 1\ncategory = "pipeline"\n',
        "process.toml:1:",
    ),
    "probability": (
        "process.toml",
        '[[process]]\ncode = "p"\nname = "P"\n[[process.stage]]\ncode = "a"\nname = "A"\nprobability = 101\ncategory = "pipeline"\n',
        "process.toml:7:1",
    ),
    "unknown file": ("rolls.toml", "", "rolls.toml"),
}
WRONG = {name: ("roles.toml", text, place) for name, (text, place) in ROLES.items()} | OTHERS


# case 99
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_policy_names_its_place_and_the_one_in_force_stays(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path, name: str
) -> None:
    file, text, place = WRONG[name]
    default = policy.default().files
    (tmp_path / file).write_text(
        (default["roles.toml"] if name in ROLES and "twice" not in name else "") + text, encoding="utf-8"
    )
    if name in ROLES and "twice" not in name:
        shift = default["roles.toml"].count("\n")
        place = (
            re.sub(r":(\d+):", lambda match: f":{int(match[1]) + shift}:", place)
            if name != "wrong type"
            else "roles.toml:"
        )
    before = system_rows(sqlite_workspace, "SELECT * FROM role_permission")

    applied = sfactl("policy", "apply", str(tmp_path), "--yes", workspace=sqlite_workspace)
    compared = sfactl("policy", "diff", str(tmp_path), workspace=sqlite_workspace)

    assert (applied.code, compared.code) == (2, 2), applied
    assert place in applied.err, applied.err
    assert system_rows(sqlite_workspace, "SELECT * FROM role_permission") == before
    assert system_rows(sqlite_workspace, "SELECT count(*) FROM policy_version") == [(1,)]


MANIFESTS = {
    "unknown noun": ('[[source]]\nnoun = "planet"\nfile = "a.csv"\n[source.fields]\ncode = "x"\n', "m.toml:2:1"),
    "unknown key": ('[[source]]\nnoun = "account"\nfile = "a.csv"\nflie = "b"\n', "m.toml:4:1"),
    "key twice": ('[[source]]\nnoun = "account"\nnoun = "account"\n', "m.toml:3:"),
    "unknown field": ('[[source]]\nnoun = "account"\nfile = "a.csv"\n[source.fields]\nplanet = "x"\n', "m.toml:5:1"),
    "file outside": ('[[source]]\nnoun = "account"\nfile = "../a.csv"\n[source.fields]\ncode = "x"\n', "m.toml:3:1"),
    "file by its full path": (
        '[[source]]\nnoun = "account"\nfile = "/etc/passwd"\n[source.fields]\ncode = "x"\n',
        "m.toml:3:1",
    ),
    "nested without end": ("a = " + "[" * 100_000, "m.toml"),
}


# case 99
@pytest.mark.parametrize("name", MANIFESTS)
def test_a_wrong_manifest_names_its_place_and_nothing_is_imported(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path, name: str
) -> None:
    text, place = MANIFESTS[name]
    (tmp_path / "m.toml").write_text(text, encoding="utf-8")
    path = sqlite_workspace.url.path
    assert path is not None
    before = path.read_bytes()

    result = sfactl("import", str(tmp_path / "m.toml"), workspace=sqlite_workspace)

    assert (result.code, result.out) == (2, "")
    assert place in result.err, result.err
    assert path.read_bytes() == before


# case 99: rows that name what is not there
def test_a_row_that_names_an_unknown_territory_or_role_is_a_fault_with_its_place(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    (tmp_path / "accounts.csv").write_text("code,name,territory\nN-1,New,MOON\n", encoding="utf-8")
    (tmp_path / "users.csv").write_text("login,name,role\nzoe,Zoe,emperor\n", encoding="utf-8")

    for noun, file, value in (("account", "accounts.csv", "MOON"), ("user", "users.csv", "emperor")):
        result = sfactl("import", noun, str(tmp_path / file), "-o", "json", workspace=sqlite_workspace)
        (fault,) = result.rows
        assert (result.code, fault["file"], fault["line"], fault["value"]) == (2, file, 2, value)
