"""A list as a table: on a terminal within its width, elsewhere as aligned text with nothing cut."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final, TypeAlias

from sfactl.i18n import _
from sfactl.render import layout
from sfactl.render.cells import show
from sfactl.render.columns import NUMBERS, Column, Kind, choose
from sfactl.render.layout import Measure
from sfactl.render.output import Output

Line: TypeAlias = list[tuple[str, str]]
"""The pieces of a line, each with its style ("" for none)."""
_ROOMY: Final = 140
"""From this width on the wide columns are shown too, if all fit."""
_LONGEST_NOTE: Final = 1000
_MINUS: Final = ("-", "−", "\u200e-", "\u061c-")


@dataclass(frozen=True, slots=True)
class _Track:
    """One column with its cells, and what it needs."""

    column: Column
    header: str
    cells: Sequence[str]
    measure: Measure


def write_table(
    rows: Iterable[object],
    columns: Sequence[Column],
    output: Output,
    *,
    title: str | None = None,
    footer: str | None = None,
    branches: Sequence[str] = (),
) -> int:
    """Write the rows and return their number; `branches` are drawn before the first column's cells."""
    records = list(rows)
    tracks, note = _without_one_currency(_tracks(records, columns, output, branches), output)
    lines = _titled(title, output)
    bands = layout.bands([t.column for t in tracks], [t.measure for t in tracks], output.width)
    for number, band in enumerate(bands):
        lines += [[("", "")]] if number else []
        lines += _band([tracks[index] for index in band], output)
    for text in (*(footer or "").splitlines(), *note):
        lines.append([(output.text(text, _LONGEST_NOTE), "")])
    draw(lines, output)
    return len(records)


def _titled(title: str | None, output: Output) -> list[Line]:
    return [[(output.text(title), "bold")], [("", "")]] if title else []


def _tracks(records: list[object], columns: Sequence[Column], output: Output, branches: Sequence[str]) -> list[_Track]:
    chosen = choose(columns, output.fields)
    if not output.fields and (output.width or 0) < _ROOMY:
        chosen = tuple(column for column in columns if not column.wide)
    tracks = [_track(records, column, output, () if number else branches) for number, column in enumerate(chosen)]
    return tracks if output.fields or _fits(tracks, output) else [t for t in tracks if not t.column.wide]


def _fits(tracks: Sequence[_Track], output: Output) -> bool:
    return output.width is None or layout.total([track.measure.least for track in tracks]) <= output.width


def _without_one_currency(tracks: list[_Track], output: Output) -> tuple[list[_Track], tuple[str, ...]]:
    """Where room is short, a currency that is the same in all rows is said once, below."""
    currency = next((track for track in tracks if track.column.key == "currency"), None)
    if currency is None or len(set(currency.cells)) != 1 or output.fields or _fits(tracks, output):
        return tracks, ()
    said = _("Amounts in {currency}.").format(currency=currency.cells[0])
    return [track for track in tracks if track is not currency], (said,)


def _track(records: list[object], column: Column, output: Output, branches: Sequence[str]) -> _Track:
    cells = list(map(show(column, output), records))
    if branches:
        cells = [branch + cell for branch, cell in zip(branches, cells, strict=True)]
    header = output.text(column.header)
    return _Track(column, header, cells, layout.measure(column, header, cells))


def _band(tracks: Sequence[_Track], output: Output) -> list[Line]:
    widths = layout.fitted([track.measure for track in tracks], output.width)
    sides = [track.column.kind in NUMBERS for track in tracks]
    dash, ellipsis = "-" if output.is_plain else "─", output.carried("…")
    lines = _header([track.header for track in tracks], widths, sides)
    lines.append(_spaced([(dash * width, "dim") for width in widths]))
    for row in zip(*(track.cells for track in tracks), strict=True):
        for cells in _folded(row, tracks, widths):
            parts = zip(cells, tracks, widths, sides, strict=True)
            lines.append(_spaced([(_fit(c, w, r, ellipsis), _style(t.column, c)) for c, t, w, r in parts]))
    return lines


def _folded(row: Sequence[str], tracks: Sequence[_Track], widths: Sequence[int]) -> Iterator[Sequence[str]]:
    """The lines of a row: one, unless text goes on below."""
    if not any(track.column.is_folded for track in tracks):
        yield row
        return
    parts = zip(row, tracks, widths, strict=True)
    folds = [layout.folded(cell, width) if track.column.is_folded else [cell] for cell, track, width in parts]
    for number in range(max(map(len, folds))):
        yield [fold[number] if number < len(fold) else "" for fold in folds]


def _header(headers: Sequence[str], widths: Sequence[int], sides: Sequence[bool]) -> list[Line]:
    folds = [layout.folded(header, width) for header, width in zip(headers, widths, strict=True)]
    height = max(map(len, folds))
    folds = [[""] * (height - len(fold)) + fold for fold in folds]
    return [
        _spaced([(layout.padded(f[n], w, right=r), "bold") for f, w, r in zip(folds, widths, sides, strict=True)])
        for n in range(height)
    ]


def _fit(cell: str, width: int, right: bool, ellipsis: str) -> str:
    return layout.padded(layout.clipped(cell, width, ellipsis), width, right=right)


def _style(column: Column, cell: str) -> str:
    if column.kind in NUMBERS and cell.startswith(_MINUS) and cell.strip("-−–"):
        return "red"
    return "cyan" if column.kind is Kind.BAR else ""


def _spaced(pieces: Line) -> Line:
    *most, (text, style) = pieces
    spaced: Line = []
    for piece in most:
        spaced += [piece, (" " * layout.GAP, "")]
    return [*spaced, (text.rstrip(), style)]


def draw(lines: Sequence[Line], output: Output) -> None:
    """Write the lines, styled if the output has colour. Their text has to be safe already."""
    if not output.color:
        output.stream.write("".join("".join(text for text, _style in line).rstrip() + "\n" for line in lines))
        return
    from rich.console import Console
    from rich.text import Text

    drawn = StringIO()
    console = Console(
        file=drawn, force_terminal=True, color_system="standard", width=output.width, height=100, legacy_windows=False
    )
    for line in lines:
        console.print(Text.assemble(*line), soft_wrap=True, highlight=False)
    output.stream.write(drawn.getvalue())
