"""Where the files of a test run lie: in memory where there is room, since thousands of databases are made and dropped."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Final

MEMORY: Final = "/dev/shm"
ROOM: Final = 4 << 30
"""So many bytes have to be free; a container often has less."""


def choose() -> str | None:
    """The folder for a run, which its temporary files share; None for the system's own choice.

    The path is short: that of a socket may have about a hundred characters, and TMPDIR is long on some systems.
    """
    if os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ["TMPDIR"] = MEMORY
        tempfile.tempdir = None
        return MEMORY
    return "/tmp" if os.access("/tmp", os.W_OK) else None
