"""A result as one page for a browser: it stands alone, prints well, and nothing in it acts.

Data are words between tags and never anything else; a policy in the page's head forbids scripts and every request, should
an escape ever be missing. There is one style, which the policy knows by its hash.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from html import escape
from itertools import chain, repeat
from typing import Final

from sfactl.i18n import language
from sfactl.render.cells import show
from sfactl.render.columns import NUMBERS, Column, Kind, Section, choose, without_bars
from sfactl.render.html_style import DEEPEST, STYLE
from sfactl.render.output import Output, speak_utf8

_LONGEST: Final = 2000
"""The most characters of one value that are shown."""
_WORDS: Final = {Kind.TEXT: "", Kind.CODE: "code", Kind.BOOL: ""}
"""The classes of the kinds that are no numbers; what is not named here stays in one line."""


def write_html(
    rows: Iterable[object],
    columns: Sequence[Column],
    output: Output,
    *,
    title: str | None = None,
    footer: str | None = None,
    depths: Iterable[int] = (),
) -> int:
    """Write the rows as they come and return their number; `depths` say how far in each one stands, 0 for a root."""
    with page(title or output.subject, output) as tell:
        return write_html_list(Section("", "", (), columns, footer), rows, output, tell, depths)


def write_html_record(record: object, columns: Sequence[Column], output: Output, sections: Sequence[Section]) -> None:
    """Write a record, named by its first columns, and the lists that belong to it."""
    chosen = choose(without_bars(columns), output.fields)
    speak_utf8(output.stream)
    values = [(column, show(column, output, _LONGEST)(record)) for column in chosen]
    names = [value for column, value in values[:2] if column.kind in (Kind.TEXT, Kind.CODE)]
    with page(" – ".join(names) or output.subject, output) as tell:
        tell("<div><table>\n<tbody>\n")
        for column, value in values:
            header = html_text(column.header, output)
            tell(f'<tr><th scope="row">{header}</th><td{_class_of(column, is_alone=True)}>{escape(value)}</td></tr>\n')
        tell("</tbody>\n</table></div>\n")
        _write_sections(sections, replace(output, fields=()), tell)


def write_html_lists(sections: Sequence[Section], output: Output) -> int:
    """Write several lists on one page and return the number of their rows."""
    with page(output.subject, output) as tell:
        return _write_sections(sections, output, tell)


Tell = Callable[[str], object]
Foot = Callable[[], tuple[Sequence[Column], Sequence[object]]]
"""Rows below a list, and the columns that read them."""


@contextmanager
def page(title: str, output: Output, *, style: str = STYLE, speaks: str | None = None) -> Iterator[Tell]:
    """The page around what is written inside, with its title above and no style but this one.

    Args:
        speaks: the language it is written in, where that is not the person's own.
    """
    speak_utf8(output.stream)
    tell, shown = output.stream.write, html_text(title, output)
    known = b64encode(sha256(style.encode()).digest()).decode()
    tell(f"""<!DOCTYPE html>
<html lang="{speaks or language()}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-{known}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{shown}</title>
<style>{style}</style>
</head>
<body>
<h1>{shown}</h1>
""")
    yield tell
    tell("</body>\n</html>\n")


def _write_sections(sections: Sequence[Section], output: Output, tell: Tell) -> int:
    count = 0
    for section in sections:
        tell(f"<h2>{html_text(section.title, output)}</h2>\n")
        if not section.rows and section.empty:
            tell(f"<p>{html_text(section.empty, output)}</p>\n")
            continue
        count += write_html_list(section, section.rows, output, tell, ())
    return count


def write_html_list(
    section: Section,
    rows: Iterable[object],
    output: Output,
    tell: Tell,
    depths: Iterable[int],
    foot: Foot | None = None,
) -> int:
    """Write one list into a page, and return the number of its rows.

    Args:
        foot: what stands below all rows, asked for when those have been read.
    """
    chosen = choose(without_bars(section.columns), output.fields)
    headers = "".join(
        f'<th scope="col"{_class_of(column, is_header=True)}>{html_text(column.header, output)}</th>'
        for column in chosen
    )
    tell(f"<div><table>\n<thead><tr>{headers}</tr></thead>\n<tbody>\n")
    cells = [(show(column, output, _LONGEST), _class_of(column)) for column in chosen]
    count = 0
    for row, depth in zip(rows, chain(depths, repeat(0)), strict=False):
        tell(_line(row, depth, cells))
        count += 1
    tell("</tbody>\n")
    if foot is not None:
        tell(_foot(*foot(), output))
    tell("</table></div>\n")
    for note in (section.footer or "").splitlines():
        tell(f"<p>{html_text(note, output)}</p>\n")
    return count


def _foot(columns: Sequence[Column], rows: Sequence[object], output: Output) -> str:
    cells = [(show(column, output, _LONGEST), _class_of(column)) for column in columns]
    lines = "".join(_line(row, 0, cells) for row in rows)
    return f"<tfoot>\n{lines}</tfoot>\n" if rows else ""


def _line(row: object, depth: int, cells: Sequence[tuple[Callable[[object], str], str]]) -> str:
    (first, style), *others = cells
    line = [f"<td{_deeper(style, depth)}>{escape(first(row))}</td>"]
    line += [f"<td{style}>{escape(cell(row))}</td>" for cell, style in others]
    return f"<tr>{''.join(line)}</tr>\n"


def html_text(text: str, output: Output) -> str:
    """Text as words of a page."""
    return escape(output.text(text, _LONGEST))


def _class_of(column: Column, *, is_header: bool = False, is_alone: bool = False) -> str:
    """The class of a cell: numbers at the right unless they stand alone, headers like numbers below them."""
    if column.kind in NUMBERS:
        return ' class="short"' if is_alone else ' class="number"'
    name = "" if is_header else _WORDS.get(column.kind, "short")
    return f' class="{name}"' if name else ""


def _deeper(style: str, depth: int) -> str:
    if not depth:
        return style
    place = f"d{min(depth, DEEPEST)}"
    return style.replace('="', f'="{place} ') if style else f' class="{place}"'
