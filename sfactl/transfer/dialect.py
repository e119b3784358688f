"""How one file is written: everything about it that is not what it means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sfactl.transfer.numbers import NumberStyle

DELIMITERS: Final[Mapping[str, str]] = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " "}
"""Delimiters by name; any single character may be written as itself."""


@dataclass(frozen=True)
class Dialect:
    """How a file is written, with every default in place."""

    encoding: str | None = None
    "None: by the file's mark, else UTF-8."
    delimiter: str = ","
    quote: str | None = '"'
    escape: str | None = None
    skip: int = 0
    "Lines before the header."
    columns: tuple[str, ...] = ()
    "Names of the columns of a file without a header."
    null: frozenset[str] = frozenset()
    numbers: NumberStyle = field(default_factory=NumberStyle)
    dates: tuple[str, ...] = ("iso",)
    unguard: bool = False
    "Take off the apostrophe that sfactl's exports put before what a spreadsheet would compute."
