"""What an import says about a cell, a row or a file it cannot take."""

from dataclasses import dataclass
from typing import NamedTuple

_SHOWN = 100


class Row(NamedTuple):
    """A clean row: the line it starts on, and its values in the order of the source's `mapped` fields."""

    line: int
    values: tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell, a row (no column) or a file (line 0) cannot be taken."""

    file: str
    line: int
    column: str
    value: str
    reason: str
    is_final: bool = False
    "The rest of the file was not read: none of it should be taken."


class BadCell(ValueError):
    """A value that its field cannot take; `reason` goes on after the value, without a full stop."""

    def __init__(self, value: str, reason: str) -> None:
        super().__init__(reason)
        self.value = value
        self.reason = reason


class FileFault(Exception):
    """A file that cannot be read, or not beyond some line."""

    def __init__(self, reason: str, *, line: int = 0, column: str = "", file: str = "", value: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column
        self.file = file
        self.value = value

    def fault(self, file: str) -> Fault:
        """The fault to report; of `file` when nothing nearer is known."""
        return Fault(self.file or file, self.line, self.column, shown(self.value), self.reason, is_final=True)


def shown(value: str) -> str:
    """The value as a fault carries it: its beginning."""
    return value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
