"""A forked child cannot use its parent's connection, and its end changes nothing for the parent."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workspace import TestWorkspace

# The parent changes a row, forks, and commits when its child has come to its ordinary end.
SCRIPT = """
import json, os, sys
from sqlalchemy import text
from sfactl.db.session import Door
from sfactl.db.url import parse

door = Door(parse(sys.argv[1]), as_user=sys.argv[2] or None)
said = {}

def attempt(name, function):
    try:
        said[name] = repr(function())
    except Exception as fault:
        said[name] = type(fault).__name__

def work(session):
    session.execute(text("UPDATE account SET name = 'Parent' WHERE code = 'A-SW1'"))
    raw = session.sql.connection.dbapi_connection
    there, back = os.pipe()
    child = os.fork()
    if child == 0:
        attempt("a session", lambda: session.execute(text("SELECT name FROM account")).all())
        attempt("a connection", lambda: raw.execute("SELECT name FROM account").fetchall())
        attempt("a change", lambda: raw.cursor().execute("UPDATE account SET name = 'Child'"))
        attempt("a commit", raw.commit)
        attempt("one of its own", lambda: own(door))
        os.write(back, json.dumps(said).encode())
        sys.exit()  # through all that would roll back and close
    os.close(back)
    with os.fdopen(there) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return told

def own(door):
    with Door(door.url, as_user=door.as_user).read() as session:
        return session.execute(text("SELECT name FROM account WHERE code = 'A-SW1'")).scalar()

print(door.write(work))
with door.read() as session:
    print(session.execute(text("SELECT name FROM account WHERE code = 'A-SW1'")).scalar())
"""


def run_script(script: str, *arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


# case 40
def test_a_child_cannot_use_the_connection_of_its_parent(workspace: TestWorkspace):
    told, name = run_script(SCRIPT, str(workspace.url), "")

    said = json.loads(told)
    assert said.pop("one of its own") == "'Adobe Tools'", "what the parent had not committed"
    assert set(said) == {"a session", "a connection", "a change", "a commit"}
    assert set(said.values()) <= {"ProgrammingError", "OperationalError"}
    assert name == "Parent"


LARGE = """
import os, sys
from pathlib import Path
from sfactl.db.connect import open_file

raw = open_file(Path(sys.argv[1]))
raw.execute("PRAGMA cache_size=4")  # so that the file is written to before the commit
raw.execute("BEGIN IMMEDIATE")
raw.execute("UPDATE much SET text = 'after' || n")
child = os.fork()
if child == 0:
    try:
        raw.rollback()
        raw.close()
    finally:
        sys.exit()
os.waitpid(child, 0)
journal = Path(sys.argv[1] + "-journal")
print(journal.exists() and journal.stat().st_size > 0)
raw.execute(sys.argv[2])
"""


# case 40
@pytest.mark.parametrize("ending", ["COMMIT", "ROLLBACK"])
def test_the_end_of_a_child_undoes_nothing_in_a_file(tmp_path: Path, ending: str):
    path = tmp_path / "much.db"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE much (n INTEGER PRIMARY KEY, text TEXT, fill TEXT)")
        raw.executemany("INSERT INTO much VALUES (?, 'before' || ?, ?)", [(n, n, "x" * 500) for n in range(2000)])

    assert run_script(LARGE, str(path), ending) == ["True"], "the journal that would save the file is still there"

    word = "after" if ending == "COMMIT" else "before"
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert raw.execute("SELECT count(*) FROM much WHERE text = ? || n", (word,)).fetchone() == (2000,)
