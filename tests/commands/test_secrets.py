"""Passwords that somebody wrote where they do not belong: refused or masked, and in no output of any command."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sfactl.cli import main
from sfactl.config.secrets import has_secret, without_secret
from sfactl.db import url
from sfactl.db.engine import engine_over
from sfactl.errors import UsageFault
from tests.cli import Run
from tests.every_command import TERMINAL, Known, commands
from tests.workspace import TestWorkspace

SECRET = "hunter2"
NOBODY = "127.0.0.1:1"
"""Where no server listens."""
URLS = (
    f"postgresql+psycopg://u:{SECRET}@{NOBODY}/d",
    f"postgresql+psycopg://u:{SECRET}%40x@{NOBODY}/d?sslmode=disable",
    f"postgresql+psycopg://:{SECRET}@{NOBODY}/d",
    f"postgresql+psycopg://u@{NOBODY}/d?password={SECRET}",
    f"postgresql+psycopg://{NOBODY}/d?user=u&password={SECRET}&application_name=x",
    f"postgresql+psycopg://u@{NOBODY}/d?sslpassword={SECRET}",
)
BROKEN = (
    f"postgresql+psycopg://u:{SECRET}/x@{NOBODY}/d",
    f"postgresql+psycopg://u:a/{SECRET}@{NOBODY}/d",
    f"postgresql+psycopg://u:{SECRET}#x@{NOBODY}/d",
    f"postgresql+psycopg://u:x#{SECRET}@{NOBODY}/d",
    f"postgresql+psycopg://u:{SECRET}?x@{NOBODY}/d",
    f"postgresql+psycopg://u:x?{SECRET}@{NOBODY}/d",
    f"postgresql+psycopg://u:{SECRET}@[::1/d",
    f"postgresql+psycopg://u:{SECRET}@h:port/d",
    f"postgresql+psycopg://u:{SECRET}%zz@{NOBODY}/d",
    f"postgresql+psycopg://u@{NOBODY}/d?pass={SECRET}&password={SECRET}",
    f"postgresql+psycopg://u@{NOBODY}/d?password={SECRET}&nonsense=1",
    f"mysql://u:{SECRET}@h/d",
    f"host=h user=u password={SECRET}",
    f"host=h password='{SECRET} x' user=u",
)
PLAIN = (
    "postgresql+psycopg://ana@db.example.com/sales?sslmode=verify-full", "postgresql+psycopg://db.example.com:5432/sales",
    "sqlite:////srv/a:b@c/sales.db", "postgresql:///d?host=/tmp&passfile=/home/ana/.pgpass", "sqlite:///sales.db",
)  # fmt: skip


@pytest.mark.parametrize("text", [*URLS, *BROKEN])
def test_a_password_is_told_and_taken_out(text: str) -> None:
    assert has_secret(text)
    assert SECRET not in without_secret(text)
    assert SECRET not in without_secret(f"--database={text}")


@pytest.mark.parametrize("text", PLAIN)
def test_what_holds_no_password_stays_as_it_is(text: str) -> None:
    assert not has_secret(text)
    assert without_secret(text) == text


@pytest.mark.parametrize("text", URLS)
def test_a_url_is_shown_and_kept_without_its_password(text: str) -> None:
    where = url.parse(text)
    plain, password = where.without_password()

    assert password in (SECRET, f"{SECRET}@x", None)
    assert SECRET not in plain + str(where) + str(where.for_login("ana")) + where.for_login("ana").conninfo
    assert url.parse(str(where)).without_password() == (plain, None)


@pytest.mark.parametrize("text", BROKEN[:5])
def test_a_url_that_could_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(UsageFault) as refusal:
        url.parse(text)

    assert SECRET not in refusal.value.message + (refusal.value.hint or "")


# case 100
@pytest.mark.parametrize("text", [*URLS, *BROKEN[:-2]])
@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_password_in_the_settings_is_refused_and_not_shown(sfactl: Run, tmp_path: Path, text: str, mode: int) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"[profiles.default]\ndatabase = '''{text}'''\n", encoding="utf-8")
    file.chmod(mode)

    result = sfactl("account", "list", "--config", str(file))

    assert result.code == 2
    assert "config.toml:2:1: `profiles.default.database`" in result.err
    assert SECRET not in result.err + result.out


# case 100
@pytest.mark.parametrize(
    "text",
    [
        f'[mail]\npassword = "{SECRET}"\n', f'password = "{SECRET}"\n', f'[profiles.default]\npassword = "{SECRET}"\n',
        f'[mail]\nport = "{SECRET}"\n', f'[profiles.default]\ncolor = "{SECRET}"\n', f'[mail]\npassword_file = "{SECRET}',
    ],
)  # fmt: skip
def test_a_refused_value_is_not_shown(sfactl: Run, tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")

    result = sfactl("whoami", "--config", str(file))

    assert result.code == 2
    assert SECRET not in result.err + result.out


# case 100
@pytest.mark.parametrize("text", [*URLS, *BROKEN])
def test_a_password_on_the_command_line_is_refused_and_not_shown(sfactl: Run, text: str) -> None:
    for words in (("account", "list"), ("init", "--yes"), ("doctor",), ("config", "show", "-o", "json")):
        result = sfactl(*words, "--database", text)

        assert result.code == 2
        assert "command line can be read by everybody" in result.err
        assert SECRET not in result.err + result.out


# case 100: the environment is for its owner alone, so there a password may stand; nothing shows it
@pytest.mark.parametrize("known", commands(), ids=lambda known: known.name)
def test_no_output_of_any_command_holds_the_password(
    clean_environment: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: Known
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = [URLS[0], URLS[3], BROKEN[6], BROKEN[8]]
    if known.name in ("demo", "db restore", *TERMINAL):
        pytest.skip("works on a file of its own, or goes on until it is ended")

    for text in texts:
        monkeypatch.setenv("SFACTL_DATABASE", text)
        assert SECRET not in _run(*known.line(tmp_path)), known.name

    assert not [path for path in tmp_path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    home = Path(os.environ["HOME"])
    assert not [path for path in home.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


def _run(*words: str) -> str:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(list(words))
    assert code in (0, 1, 2, 3, 4, 6), (words, err.getvalue())
    assert "Traceback" not in err.getvalue()
    return out.getvalue() + err.getvalue()


# case 100
@pytest.mark.parametrize("form", ["table", "json", "csv", "md", "html"])
def test_the_settings_are_shown_without_the_password(
    clean_environment: None, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setenv("SFACTL_DATABASE", URLS[0])

    out = _run("config", "show", "--origin", "-o", form)

    assert SECRET not in out
    assert "127.0.0.1" in out


BUG = """
import sys
from sfactl.services import accounts
def find(session, wanted):
    password = "hunter2-local"
    raise RuntimeError("a bug")
accounts.find = find
from sfactl.cli import main
sys.exit(main())
"""


# case 100: a bug keeps its traceback, which shows lines of the source and no values
def test_a_traceback_shows_no_values(sqlite_workspace: TestWorkspace, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(BUG, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "program.py"), "account", "list", "--search", SECRET],
        capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(url.__file__).parents[2]), "HOME": str(tmp_path),
             "PGPASSWORD": SECRET, **sqlite_workspace.environment()},
    )  # fmt: skip

    assert "RuntimeError: a bug" in done.stderr
    assert not re.search(f"{SECRET}(?!-local)", done.stdout + done.stderr)
    assert "│" not in done.stderr, "no traceback that shows locals"


# case 100
def test_a_databases_error_shows_no_values_of_a_statement() -> None:
    engine = engine_over(url.parse("sqlite:///x.db"), lambda: None, writing=False)

    assert engine.hide_parameters
