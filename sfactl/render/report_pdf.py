"""A report as a PDF: set by typst from a template of ours, with data that it takes as data."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TextIO

from sfactl.core.text import safe
from sfactl.errors import UsageFault
from sfactl.i18n import _, language
from sfactl.render.cells import show
from sfactl.render.charts import MOST_BARS
from sfactl.render.columns import NUMBERS, Column, without_bars
from sfactl.render.layout import width_of
from sfactl.render.output import Output
from sfactl.render.report_charts import draw, title_of
from sfactl.render.report_parts import Drawing, Part, Report
from sfactl.render.report_totals import Digest, Tally, total_columns

TEMPLATE: Final = Path(__file__).with_name("report.typ")
MOST_ROWS: Final = 20_000
"""A document of more pages is nobody's to read."""
_LONGEST: Final = 300
_NARROW, _WIDE = 125, 185
"""So many characters a line has room for in the usual size, upright and across."""
_MOST_NARROW: Final = 150
"""So many stand upright, in smaller letters."""
_USUAL_SIZE: Final = 9.0
_SMALLEST_SIZE: Final = 5.5


def write_pdf_report(report: Report, output: Output, tallies: Sequence[Tally], digest: Digest) -> int:
    """Write a report as a document and return the number of its rows.

    Raises:
        UsageFault: the stream is a terminal, or there are more rows than a document is good for.
    """
    if output.stream.isatty():
        raise UsageFault(
            _("A PDF is nothing to read on a terminal."), _("Send it to a file: sfactl … -o pdf > report.pdf")
        )
    pairs = zip(report.parts, tallies, strict=True)
    parts = [_part(part, tally, digest, output, f"chart{place}") for place, (part, tally) in enumerate(pairs)]
    is_wide = any(part["natural"] > _MOST_NARROW for part in parts)
    for part in parts:
        _fit(part, _WIDE if is_wide else _NARROW, is_alone=len(parts) == 1)
    data = {
        "title": _plain(report.title), "facts": _plain(" · ".join(report.facts)), "language": language(),
        "digest": digest.text, "wide": is_wide, "parts": parts, "notes": [_plain(note) for note in report.notes],
        "page": _("Page {page} of {pages}"),
    }  # fmt: skip
    _binary(output.stream).write(compiled(data))
    return sum(tally.count for tally in tallies)


def _fit(part: dict[str, Any], room: int, *, is_alone: bool) -> None:
    """Let a table have letters that fit its line, and nothing be said twice."""
    part["size"] = _size(part.pop("natural"), room)
    part["title"] = None if is_alone else part["title"]
    part["caption"] = None if part["caption"] == part["title"] else part["caption"]


def _binary(stream: TextIO) -> Any:
    stream.flush()
    return stream.buffer


def _part(part: Part, tally: Tally, digest: Digest, output: Output, name: str) -> dict[str, Any]:
    """A table with its drawing, as the template takes it."""
    columns = _printed(part)
    rows = list(_few(tally.over(digest.over(part))))
    drawing = draw(part.outline.chart, rows, output, name=name) if part.outline.chart else None
    cells = [show(column, output, _LONGEST) for column in columns]
    sums = [show(column, output, _LONGEST) for column in total_columns(columns, part.outline)]
    said = [[cell(row) for cell in cells] for row in rows]
    widths = [
        max([width_of(row[place]) for row in said] + [_longest_word(column)]) for place, column in enumerate(columns)
    ]
    natural = sum(widths) + 3 * len(widths)
    return {
        "title": _plain(part.outline.title), "chart": drawing, "rows": said, "footer": _lines(part.footer),
        "caption": _caption(part, rows),
        "description": _plain(part.outline.chart.title) if part.outline.chart else "",
        "columns": [
            {"header": _plain(column.header), "right": column.kind in NUMBERS}
            for column in columns
        ],
        "totals": [[_blank(cell(total), output) for cell in sums] for total in tally.totals],
        "natural": natural,
    }  # fmt: skip


def _caption(part: Part, rows: Sequence[object]) -> str:
    """What is drawn, and how much of it, where that is not all."""
    chart = part.outline.chart
    title = _plain(title_of(chart, rows)) if chart else ""
    count = len({chart.label.reader(row) for row in rows}) if chart else 0
    if chart is None or chart.drawing in (Drawing.LINES, Drawing.POINTS) or count <= MOST_BARS:
        return title
    return _("{title} (the first {most} of {count})").format(title=title, most=MOST_BARS, count=count)


def _printed(part: Part) -> list[Column]:
    """The columns that paper has room for: those that are shown where room is short, or all that were asked for."""
    return [column for column in without_bars(part.columns) if not column.wide]


def _few(rows: Any) -> Any:
    for number, row in enumerate(rows):
        if number >= MOST_ROWS:
            raise UsageFault(
                _("A document holds no more than {most} rows.").format(most=f"{MOST_ROWS:,}"),
                _("Take fewer with --limit or a filter, or write CSV: -o csv"),
            )
        yield row


def _longest_word(column: Column) -> int:
    return max(map(width_of, column.header.split()), default=0)


def _size(natural: int, room: int) -> float:
    """The size of letters with which the table fits its page."""
    return round(max(min(_USUAL_SIZE, _USUAL_SIZE * room / max(natural, 1)), _SMALLEST_SIZE), 1)


def _blank(text: str, output: Output) -> str:
    """What a total says of a column that has none: nothing."""
    return "" if text == output.carried("–") else text


def _lines(text: str | None) -> list[str]:
    return [_plain(line) for line in (text or "").splitlines()]


def _plain(text: str) -> str:
    return safe(text, 2000)


def compiled(data: dict[str, Any], template: Path = TEMPLATE) -> bytes:
    """The document of these data: equal data, equal bytes. No file, network or font of the machine is looked at."""
    import typst

    compile_: Any = typst.compile  # its annotations want all its paths to be of one kind
    with TemporaryDirectory(prefix="sfactl-") as empty:
        made = compile_(
            template.read_bytes(), root=empty, ignore_system_fonts=True, format="pdf", timestamp=0,
            sys_inputs={"report": json.dumps(data)}, package_path=empty, package_cache_path=empty,
        )  # fmt: skip
    return bytes(made)
