"""Whether a file holds the report that was just made: the same bytes, or the mark of the same data."""

import io
import os
import stat
import zipfile
from pathlib import Path
from typing import Final

from sfactl.render.output import Format
from sfactl.render.reports import Made

_PROPERTIES: Final = "docProps/custom.xml"
_LARGEST: Final = 1_000_000


def holds_already(path: Path, made: Made) -> bool:
    """Whether the file says what the report says; one that is not there, or is no plain file, does not."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or (made.digest is None and found.st_size != made.size):
            return False
        content = file.read()
    if made.digest is None:
        return content == made.content
    return made.digest.encode() in (_properties(content) if made.format is Format.XLSX else content)


def _properties(content: bytes) -> bytes:
    """What a workbook says of itself."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            if book.getinfo(_PROPERTIES).file_size > _LARGEST:
                return b""
            return book.read(_PROPERTIES)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError):
        return b""
