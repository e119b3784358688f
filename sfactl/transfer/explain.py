"""An unknown file explained: how it is written, what its columns hold, and a manifest to start from."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sfactl.core.text import safe
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.transfer import guessing, proposal
from sfactl.transfer.faults import FileFault
from sfactl.transfer.guessing import NULL_WORDS, Guess
from sfactl.transfer.matching import Match, best_noun
from sfactl.transfer.months import first_day, needs_year
from sfactl.transfer.numbers import NumberStyle
from sfactl.transfer.sniffing import Sniffed, sniff

_SAMPLES: Final = 3
_FEWEST_MONTHS: Final = 3
VALUE_NAME: Final = "amount"
"""What the cells of month columns are taken for, when the noun is looked for."""


@dataclass(frozen=True)
class Column:
    """What was found out about a column."""

    name: str
    kind: str
    samples: tuple[str, ...]
    field: str | None
    "The field of the likely noun that it may be."


@dataclass(frozen=True)
class Explanation:
    """What was found out about a file."""

    file: str
    encoding: str
    delimiter: str
    has_header: bool
    noun: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...]
    "What could not be told for certain, a sentence each."
    manifest_text: str
    "A manifest to start from; what was guessed says so."


@dataclass(frozen=True)
class Findings:
    """Everything a proposal is written from."""

    file: str
    sniffed: Sniffed
    style: NumberStyle
    has_header: bool
    cells: dict[str, list[str]]
    guesses: dict[str, Guess]
    null: tuple[str, ...]
    months: tuple[str, ...]
    match: Match
    year: int

    @property
    def dates(self) -> str:
        """The format that most date columns are read by."""
        forms = Counter(form for guess in self.guesses.values() for form in guess.dates)
        order = (*guessing.DATE_FORMS, "excel")
        return max(forms, key=lambda form: (forms[form], -order.index(form)), default="iso")

    @property
    def has_open_dates(self) -> bool:
        """Whether the day and the month of every date might be exchanged."""
        both = {"day-first", "month-first"}
        found = [set(guess.dates) for guess in self.guesses.values() if both & set(guess.dates)]
        return bool(found) and all(both <= forms for forms in found)


def explain(path: Path) -> Explanation:
    """What an unknown file holds, told from its first megabyte.

    Raises:
        UsageFault: it cannot be read, or holds nothing.
    """
    try:
        sniffed = sniff(path)
    except FileFault as fault:
        raise UsageFault(f"{path.name} {fault.reason}.") from fault
    if not sniffed.records:
        raise UsageFault(_("{name} is empty.").format(name=path.name))
    year = datetime.fromtimestamp(path.stat().st_mtime, UTC).year
    found = _findings(path.name, sniffed, year)
    return Explanation(
        path.name,
        sniffed.encoding,
        sniffed.delimiter,
        found.has_header,
        found.match.noun.name,
        tuple(_columns(found)),
        tuple(_notes(found)),
        proposal.manifest_text(found),
    )


def _findings(name: str, sniffed: Sniffed, year: int) -> Findings:
    raw = [list(column) for column in zip(*sniffed.records, strict=True)]
    body = [guessing.present(column[1:]) for column in raw]
    style = guessing.number_style(body)
    with_header = guessing.has_header(sniffed.records, style)
    cells = _named_cells(raw, with_header)
    guesses = {key: guessing.guess_column(key, column, style) for key, column in cells.items()}
    months = _month_columns(guesses) if with_header else ()
    narrow = {key: guess for key, guess in guesses.items() if key not in months}
    if months:
        narrow |= {"starts on": Guess("date"), "ends on": Guess("date"), VALUE_NAME: Guess("number")}
    null = sorted({cell.strip() for column in raw for cell in column} & NULL_WORDS)
    return Findings(
        name, sniffed, style, with_header, cells, guesses, tuple(null), months, best_noun(name, narrow), year
    )


def _named_cells(raw: Sequence[list[str]], with_header: bool) -> dict[str, list[str]]:
    """The cells of each column under its name, which is a letter-like one where there is no header."""
    named: dict[str, list[str]] = {}
    for position, column in enumerate(raw, start=1):
        name = column[0].strip().strip("\ufeff") if with_header else ""
        if not name or name in named:
            name = f"column {position}"
        named[name] = guessing.present(column[1:] if with_header else column)
    return named


def _month_columns(guesses: dict[str, Guess]) -> tuple[str, ...]:
    """The columns whose headers say a month and whose cells are numbers, if there are several."""
    months = [
        name
        for name, guess in guesses.items()
        if guess.kind in ("integer", "number", "empty") and first_day(name, 2000) and not _is_plain_number(name)
    ]
    return tuple(months) if len(months) >= _FEWEST_MONTHS else ()


def _is_plain_number(name: str) -> bool:
    return name.isdigit() and len(name) <= 2


def _columns(found: Findings) -> Iterable[Column]:
    fields = {column: key for key, column in found.match.columns.items()}
    for name, guess in found.guesses.items():
        samples = tuple(safe(cell, 40) for cell in dict.fromkeys(found.cells[name]))[:_SAMPLES]
        field = VALUE_NAME if name in found.months else fields.get(name)
        yield Column(safe(name, 60), guess.kind, samples, field)


def _notes(found: Findings) -> Iterable[str]:
    if found.sniffed.ragged:
        yield _("{count} rows have more or fewer fields than the others.").format(count=found.sniffed.ragged)
    if found.sniffed.encoding not in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        yield _("The encoding is a guess: look at the letters outside English.")
    if found.has_open_dates:
        yield _("Nothing tells whether dates have the day or the month first.")
    if any(_is_open(cell) for cells in found.cells.values() for cell in cells) and not found.style.is_declared:
        yield _("Nothing tells whether 1.234 or 1,234 is a thousand or a little more than one.")
    if "NA" in {cell for cells in found.cells.values() for cell in cells}:
        yield _("“NA” is taken as a value; add it to null if it means that there is none.")
    if any(needs_year(name) for name in found.months):
        yield _("The month columns name no year.")
    lacking = proposal.lacking_fields(found)
    if lacking:
        yield _("No column looks like {fields}.").format(fields=", ".join(lacking))


def _is_open(cell: str) -> bool:
    whole, mark, decimals = cell.lstrip("-").replace(",", ".").partition(".")
    return bool(mark) and len(decimals) == 3 and (whole + decimals).isdigit() and 0 < len(whole) <= 3
