"""What a mail tells of a report."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """What stands above a column."""

    text: str
    is_number: bool


@dataclass(frozen=True)
class Summary:
    """What the mail tells of a report."""

    title: str
    facts: Sequence[str]
    headings: Sequence[Heading]
    rows: Sequence[Sequence[str]]
    "The first ones, a text for each heading."
    count: int
    "How many there are."
    totals: Sequence[str]
    notes: Sequence[str]
    file: str
    "The name of the file that goes along."
