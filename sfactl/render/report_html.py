"""A report as a page for a browser: what it is about, each table below its drawing, notes, and the digest of its data."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape
from typing import Final

from sfactl.render.columns import Section, without_bars
from sfactl.render.html import Tell, html_text, page, write_html_list
from sfactl.render.html_style import STYLE
from sfactl.render.output import Output
from sfactl.render.report_charts import draw, title_of
from sfactl.render.report_parts import Part, Report
from sfactl.render.report_totals import Digest, Tally, total_columns

REPORT_STYLE: Final = (
    STYLE
    + """
:root { --bar: #3b6ea5; --done: #2f7d5b; --track: #e6eaef; --second: #8a929c; }
@media (prefers-color-scheme: dark) {
  :root { --bar: #6fa3dc; --done: #5cb78d; --track: #2a3139; --second: #78828d; }
}
p.facts { margin: 0 0 1rem; }
figure { margin: 0 0 1.25rem; }
figcaption { margin: 0 0 0.5rem; color: var(--quiet); }
svg { display: block; width: 100%; max-width: 40rem; height: auto; font-family: inherit; }
.ink { fill: var(--text); }
.quiet { fill: var(--quiet); }
.bar, .dot { fill: var(--bar); }
.done { fill: var(--done); }
.track { fill: var(--track); }
.rule { stroke: var(--line); }
.mark { stroke: var(--text); }
.first { stroke: var(--bar); }
.second { stroke: var(--second); }
tfoot td { font-weight: 600; border-top: 2px solid var(--line); border-bottom: 0; }
@media (max-width: 40rem) {
  body { margin: 1rem; font-size: 0.875rem; }
  th, td { padding: 0.3rem 0.5rem; }
}
@media print { figure { break-inside: avoid; } }
"""
)


def write_html_report(report: Report, output: Output, tallies: Sequence[Tally], digest: Digest) -> int:
    """Write a report as one page and return the number of its rows."""
    count = 0
    with page(report.title, output, style=REPORT_STYLE) as tell:
        tell(f'<p class="facts">{html_text(" · ".join(report.facts), output)}</p>\n')
        for place, (part, tally) in enumerate(zip(report.parts, tallies, strict=True)):
            if len(report.parts) > 1:
                tell(f"<h2>{html_text(part.outline.title, output)}</h2>\n")
            rows = _drawn(part, output, f"chart{place}", tell)
            count += _write_table(replace(part, rows=rows), tally, digest, output, tell)
        for note in report.notes:
            tell(f"<p>{html_text(note, output)}</p>\n")
        tell(f'<data value="{escape(digest.text)}"></data>\n')
    return count


def _drawn(part: Part, output: Output, name: str, tell: Tell) -> Iterable[object]:
    """The rows of a table, below their drawing if they have one; only then they are all in memory."""
    chart = part.outline.chart
    if chart is None:
        return part.rows
    rows = list(part.rows)
    drawing = draw(chart, rows, output, name=name)
    if drawing is not None:
        tell(f"<figure>\n<figcaption>{html_text(title_of(chart, rows), output)}</figcaption>\n{drawing}</figure>\n")
    return rows


def _write_table(part: Part, tally: Tally, digest: Digest, output: Output, tell: Tell) -> int:
    columns = without_bars(part.columns)
    section = Section(part.outline.key, "", (), columns, part.footer)
    rows = tally.over(digest.over(replace(part, columns=columns)))
    return write_html_list(
        section, rows, output, tell, (), lambda: (total_columns(columns, part.outline), tally.totals)
    )  # fmt: skip
