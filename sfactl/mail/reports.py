"""The mail that brings a report: what it is about, its first rows and its totals; the report itself goes along as a file."""

from collections.abc import Sequence
from typing import Final

from sfactl import i18n
from sfactl.core.text import safe
from sfactl.i18n import _, ngettext
from sfactl.mail.addresses import LONGEST_LINE
from sfactl.mail.templating import Body, fill
from sfactl.render import layout
from sfactl.render.formats import format_integer
from sfactl.render.report_summary import Summary

LONGEST: Final = 500
_ALIGN: Final = {True: "right", False: "left"}


def subject(summary: Summary) -> str:
    """The line by which the mail is found in a mailbox."""
    return safe(" – ".join([summary.title, *summary.facts[:1]]), LONGEST_LINE)


def body(summary: Summary) -> Body:
    """What the mail says."""
    language = i18n.language()
    rows = [[_plain(cell) for cell in row] for row in summary.rows]
    headings = [(_plain(each.text), each.is_number) for each in summary.headings]
    rest = summary.count - len(rows)
    more = ngettext("and {count} more row", "and {count} more rows", rest)
    return fill("report", {
        "language": language, "title": _plain(summary.title), "facts": _plain(" · ".join(summary.facts)),
        "headings": [{"text": text, "align": _ALIGN[is_number]} for text, is_number in headings],
        "rows": rows, "lines": _aligned(headings, rows),
        "rest": more.format(count=format_integer(rest, language)) if rest > 0 else "",
        "nothing": _("It has no rows."), "totals": [_plain(line) for line in summary.totals],
        "notes": [_plain(line) for line in summary.notes],
        "footer": _("All of it is in the file {file}.").format(file=_plain(summary.file)),
    })  # fmt: skip


def _aligned(headings: Sequence[tuple[str, bool]], rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows below their headings, in columns of a fixed pitch: numbers to the right."""
    texts = [[text for text, _is_number in headings], *rows]
    widths = [max(layout.width_of(row[place]) for row in texts) for place in range(len(headings))]
    texts.insert(1, ["-" * width for width in widths])

    def line(row: Sequence[str]) -> str:
        cells = zip(row, widths, headings, strict=True)
        return (
            (" " * layout.GAP).join(layout.padded(cell, width, right=head[1]) for cell, width, head in cells).rstrip()
        )

    return [line(row) for row in texts]


def _plain(text: str) -> str:
    """Text from data on one line, without what a reader obeys."""
    return safe(text, LONGEST)
