"""Another process that holds a SQLite file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PROGRAM = (
    "import sqlite3, sys; raw = sqlite3.connect(sys.argv[1], isolation_level=None);"
    " raw.execute(sys.argv[2]); raw.execute('SELECT count(*) FROM account').fetchall();"
    " print('held', flush=True); sys.stdin.read()"
)


@contextmanager
def held(path: Path, begin: str = "BEGIN IMMEDIATE", *words: str) -> Iterator[int]:
    """Until the end of the block another process writes to the file, or reads it; gives its number.

    Args:
        begin: BEGIN for a reader.
        words: more words of its command line.
    """
    holder = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(path), begin, *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    try:
        yield holder.pid
    finally:
        holder.communicate()
