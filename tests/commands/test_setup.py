"""Setting up: init, demo, settings, doctor, and the database's own commands."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from pathlib import Path

import psycopg
import pytest

from tests.cli import Run
from tests.postgres import PostgresServer
from tests.workspace import TestWorkspace, role_of

DEMO_DAY = "2026-03-17"


def _home() -> Path:
    return Path(os.environ["HOME"])


def test_init_makes_a_workspace_that_the_next_command_finds(sfactl: Run, tmp_path: Path) -> None:
    path = tmp_path / "new" / "sales.db"

    made = sfactl("init", "--database", f"sqlite:///{path}", "--currency", "eur", "--yes")
    who = sfactl("whoami", "-o", "json")
    info = sfactl("db", "info", "-o", "json")

    assert (made.code, made.out) == (0, "")
    assert json.loads(who.out)["roles"] in (["admin"], "admin")
    assert json.loads(info.out)["database"] == f"sqlite:///{path}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((_home() / ".config/sfactl/config.toml").stat().st_mode) == 0o600
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT currency FROM workspace").fetchone() == ("EUR",)


def test_init_without_a_name_uses_the_data_folder(sfactl: Run) -> None:
    assert sfactl("init", "--yes").code == 0
    assert (_home() / ".local/share/sfactl/sales.db").exists()


def test_init_twice_is_refused_and_keeps_what_is_there(sfactl: Run, tmp_path: Path) -> None:
    place = f"sqlite:///{tmp_path}/sales.db"
    sfactl("init", "--database", place, "--yes")
    sfactl("user", "add", "zoe", "--name", "Zoe")

    again = sfactl("init", "--database", place, "--yes")

    assert again.code == 5
    assert {row["login"] for row in sfactl("user", "list", "-o", "json").rows} >= {"zoe"}


@pytest.mark.parametrize(
    "words",
    [
        ("--database", "mysql://x/y"), ("--database", "sqlite:///"), ("--currency", "BITCOIN"),
        ("--policy", "/nowhere"), ("--database", "postgresql+psycopg://u:secret@h/d"),
    ],
)  # fmt: skip
def test_init_refuses_what_cannot_be(sfactl: Run, words: tuple[str, ...], tmp_path: Path) -> None:
    result = sfactl("init", *words, "--yes")

    assert result.code in (2, 6)
    assert result.err.startswith("sfactl: ")
    assert "secret" not in result.err + result.out
    assert not (_home() / ".config/sfactl/config.toml").exists()


def test_init_keeps_the_comments_of_settings_that_are_there(sfactl: Run, tmp_path: Path) -> None:
    settings = _home() / ".config/sfactl/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('# mine\n[profiles.default]\noutput = "json" # I like it\n', encoding="utf-8")

    sfactl("init", "--database", f"sqlite:///{tmp_path}/sales.db", "--yes")

    text = settings.read_text(encoding="utf-8")
    assert "# mine" in text
    assert "# I like it" in text
    assert "sales.db" in text


def test_init_on_postgresql_makes_a_login_that_works(sfactl: Run, postgres_server: PostgresServer, worker: str) -> None:
    name, login = f"init_{worker}", role_of(worker, "initiator")
    postgres_server.create_database(name)
    try:
        made = sfactl("init", "--database", postgres_server.url(name), "--admin", login, "--yes")
        who = sfactl("whoami", "-o", "json")
        above = sfactl("whoami", "--database", postgres_server.url(name))
    finally:
        postgres_server.drop_database(name)
        with psycopg.connect(postgres_server.dsn("postgres"), autocommit=True) as raw:
            raw.execute(f"DROP ROLE IF EXISTS {login}")

    assert made.code == 0, made.err
    assert json.loads(who.out)["login"] == login
    assert above.code == 4
    assert "stands above all rules" in above.err


def test_settings_come_from_flag_environment_profile_and_default(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        f'[profiles.default]\ndatabase = "{sqlite_workspace.url}"\noutput = "csv"\nlocale = "de_DE"\n', encoding="utf-8"
    )
    monkeypatch.setenv("SFACTL_CONFIG", str(file))
    monkeypatch.setenv("SFACTL_LOCALE", "es_ES")

    rows = {row["key"]: row for row in sfactl("config", "show", "--origin", "-o", "json").rows}

    assert (rows["output"]["value"], rows["output"]["origin"]) == ("json", "flag")
    assert (rows["locale"]["value"], rows["locale"]["origin"]) == ("es_ES", "SFACTL_LOCALE")
    assert (rows["database"]["value"], rows["database"]["origin"]) == (str(sqlite_workspace.url), str(file))
    assert rows["color"]["origin"] == "default"
    assert sfactl("config", "path").out.strip() == str(file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[profiles.default]\nouput = 'csv'\n", "config.toml:2:1"),
        ("[profiles.default]\noutput = 'xml'\n", "config.toml:2:1"),
        ("[profiles.default\n", "config.toml:1"),
        ("[profiles.default]\ndatabase = 'postgresql://u:hunter2@h/d'\n", "config.toml:2:1"),
        ("profile = 'there'\n", "config.toml"),
    ],
)
def test_wrong_settings_name_file_line_and_key(sfactl: Run, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")

    profile = ("--profile", "other") if "there" in text else ()

    result = sfactl("account", "list", "--config", str(file), *profile)

    assert result.code == 2
    assert said in result.err
    assert "hunter2" not in result.err


def test_settings_that_others_can_write_are_refused(sfactl: Run, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("", encoding="utf-8")
    file.chmod(0o666)

    assert sfactl("whoami", "--config", str(file)).code == 2


def test_without_a_workspace_the_way_to_one_is_named(sfactl: Run) -> None:
    result = sfactl("account", "list")

    assert result.code == 2
    assert "sfactl init" in result.err
    assert "sfactl demo" in result.err


def test_the_demo_answers_the_three_questions(sfactl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "demo"

    made = sfactl("demo", str(folder), "--as-of", DEMO_DAY)
    monkeypatch.setenv("SFACTL_CONFIG", str(folder / "config.toml"))
    counts = json.loads(sfactl("db", "info", "-o", "json").out)
    checked = sfactl("db", "check")

    assert made.code == 0
    for said in ("assigned to which accounts?", "reached quota already?", "How is the Southwest territory doing?"):
        assert said in made.out
    assert f"SFACTL_CONFIG={folder}/config.toml" in made.out
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}  # case 101
    assert (counts["accounts"], counts["opportunities"]) == (600, 3000)
    assert checked.code == 0


def test_the_demo_is_the_same_for_the_same_day(sfactl: Run, tmp_path: Path) -> None:
    first = sfactl("demo", str(tmp_path / "one"), "--as-of", DEMO_DAY)
    second = sfactl("demo", str(tmp_path / "two"), "--as-of", DEMO_DAY)

    assert first.out.replace("/one/", "/two/") == second.out


def test_a_demo_never_takes_other_files_away(sfactl: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("all of it", encoding="utf-8")

    refused = sfactl("demo", str(tmp_path))
    made = sfactl("demo", str(tmp_path / "demo"), "--as-of", DEMO_DAY)
    (tmp_path / "demo" / "notes.txt").write_text("mine", encoding="utf-8")
    again = sfactl("demo", str(tmp_path / "demo"), "--as-of", DEMO_DAY)
    anew = sfactl("demo", str(tmp_path / "demo"), "--as-of", DEMO_DAY, "--replace")

    assert (refused.code, made.code, again.code, anew.code) == (5, 0, 5, 0)
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "all of it"
    assert (tmp_path / "demo" / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_the_doctor_looks_at_everything(workspace: TestWorkspace, sfactl: Run) -> None:
    result = sfactl("doctor", "-o", "json", workspace=workspace)

    assert result.code == 0, result.out
    seen = {row["what"]: row["state"] for row in result.rows}
    assert set(seen) >= {"settings", "database", "you", "clock", "mail", "terminal"}
    assert "wrong" not in seen.values()


def test_the_doctor_says_what_is_wrong_and_how_to_mend_it(sfactl: Run, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[mail]\nhost = "127.0.0.1"\nport = 9\n', encoding="utf-8")

    result = sfactl("doctor", "--config", str(file), "-o", "json")

    assert result.code == 1
    wrong = {row["what"]: row["hint"] for row in result.rows if row["state"] == "wrong"}
    assert set(wrong) == {"database", "mail"}
    assert all(wrong.values())


def test_a_backup_is_whole_and_comes_back(sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"

    saved = sfactl("db", "backup", str(copy), workspace=sqlite_workspace)
    refused = sfactl("db", "backup", str(copy), workspace=sqlite_workspace)
    sfactl("user", "add", "zoe", "--name", "Zoe", workspace=sqlite_workspace)
    kept = sfactl("db", "restore", str(copy), workspace=sqlite_workspace)
    restored = sfactl("db", "restore", str(copy), "--replace", workspace=sqlite_workspace)
    logins = {row["login"] for row in sfactl("user", "list", "-o", "json", workspace=sqlite_workspace).rows}

    assert (saved.code, refused.code, kept.code, restored.code) == (0, 5, 5, 0)
    assert "zoe" not in logins
    assert "sam" in logins
    assert list(tmp_path.glob(".*.part")) == []
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_a_backup_needs_sight_of_everything(sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    result = sfactl("db", "backup", str(tmp_path / "copy.db"), workspace=sqlite_workspace, as_="mike")

    assert result.code == 4
    assert not (tmp_path / "copy.db").exists()


def test_the_check_finds_what_does_not_agree(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    with sqlite3.connect(str(sqlite_workspace.url.path)) as raw:
        raw.execute("UPDATE account SET owner_id = NULL WHERE code = 'A-SW1'")
        raw.execute("UPDATE credit SET amount_minor = amount_minor + 1 WHERE order_id = 1")
        raw.execute("DROP TRIGGER guard_audit_update")
        raw.execute("UPDATE audit_event SET action = 'nothing to see' WHERE seq = 2")

    result = sfactl("db", "check", "-o", "json", workspace=sqlite_workspace)

    assert result.code == 1
    assert {row["check"] for row in result.rows} == {"owner", "credit", "audit"}


def test_an_upgrade_changes_nothing_when_the_tables_are_current(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    result = sfactl("db", "upgrade", workspace=sqlite_workspace)

    assert result.code == 0
    assert not Path(f"{sqlite_workspace.url.path}.before-0001").exists()
    assert sfactl("db", "check", workspace=sqlite_workspace).code == 0


def test_a_damaged_file_is_said_to_be_damaged(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    path = sqlite_workspace.url.path
    assert path is not None
    path.write_bytes(b"not a database at all" * 100)

    result = sfactl("account", "list", workspace=sqlite_workspace)

    assert result.code in (1, 6)
    assert "Traceback" not in result.err
    assert result.err.startswith("sfactl: ")
