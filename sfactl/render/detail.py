"""One record in full: what every `show` command ends in."""

from collections.abc import Sequence
from dataclasses import replace

from sfactl.i18n import _, ngettext
from sfactl.render import layout
from sfactl.render.cells import show
from sfactl.render.columns import Column, Kind, Section, choose, without_bars
from sfactl.render.html import write_html_record
from sfactl.render.machine import json_text, plain_rows, write_csv
from sfactl.render.markdown import escaped, table_line, write_markdown
from sfactl.render.output import Format, Output, speak_utf8
from sfactl.render.table import Line, draw, write_table
from sfactl.render.xlsx import write_xlsx_record

__all__ = ["Section", "write_detail", "write_objects"]

_LONGEST = 2000
"""The most characters of one value that are shown."""


def write_detail(record: object, columns: Sequence[Column], output: Output, sections: Sequence[Section] = ()) -> None:
    """Write the record with all its columns, or those asked for, and then the sections.

    JSON is one object that holds the sections as arrays; CSV is the record's row alone.
    """
    if output.format is Format.TABLE:
        _write_card(record, choose(columns, output.fields), output, sections)
    elif output.format is Format.MD:
        _write_page(record, choose(without_bars(columns), output.fields), output, sections)
    elif output.format is Format.HTML:
        write_html_record(record, columns, output, sections)
    elif output.format is Format.XLSX:
        write_xlsx_record(record, columns, output, sections)
    elif output.format is Format.CSV:
        write_csv([record], choose(without_bars(columns), output.fields), output.stream)
    else:
        _write_object(record, columns, output, sections)


def _write_card(record: object, columns: Sequence[Column], output: Output, sections: Sequence[Section]) -> None:
    headers = [output.text(column.header) for column in columns]
    labels = max(map(layout.width_of, headers), default=0) + layout.GAP
    lines: list[Line] = []
    for column, header in zip(columns, headers, strict=True):
        value = show(column, output, _LONGEST)(record)
        label = layout.padded(header, labels)
        for piece in _in_lines(value, column, labels, output.width):
            lines.append([(label, "bold"), (piece, "")])
            label = " " * labels
    draw(lines, output)
    for section in sections:
        draw([[("", "")]], output)
        _write_some(section, replace(output, fields=()))


def _write_some(section: Section, output: Output) -> None:
    """As many rows of a section as a terminal shows, and how many there are besides."""
    rows, notes = section.rows, [section.footer] if section.footer else []
    if not rows and section.empty:
        draw([[(output.text(section.title), "bold")], [("", "")], [(output.text(section.empty, _LONGEST), "")]], output)
        return
    if section.most is not None and len(rows) > section.most:
        left = len(rows) - section.most
        rows = rows[: section.most]
        told = ngettext("{count} more: {command}", "{count} more: {command}", left)
        notes.append(told.format(count=left, command=section.others))
    write_table(rows, section.columns, output, title=section.title, footer="\n".join(notes) or None)


def _in_lines(value: str, column: Column, labels: int, width: int | None) -> list[str]:
    if column.kind is not Kind.TEXT or width is None or labels + layout.width_of(value) <= width:
        return [value]
    return layout.folded(value, width - labels)


def _write_page(record: object, columns: Sequence[Column], output: Output, sections: Sequence[Section]) -> None:
    speak_utf8(output.stream)
    pairs = [(column.header, show(column, output, _LONGEST)(record)) for column in columns]
    output.stream.write(table_line([_("Field"), _("Value")]) + table_line(["---", "---"]))
    output.stream.write("".join(table_line([escaped(header), escaped(value)]) for header, value in pairs))
    for section in sections:
        output.stream.write("\n")
        if not section.rows and section.empty:
            output.stream.write(f"### {escaped(section.title)}\n\n{escaped(section.empty)}\n")
            continue
        write_markdown(
            section.rows, section.columns, replace(output, fields=()), title=section.title, footer=section.footer
        )


def write_objects(
    records: Sequence[tuple[object, Sequence[Section]]], columns: Sequence[Column], output: Output
) -> None:
    """Write several records with their sections as JSON: an array, or an object a line."""
    objects = [_object(record, columns, output, sections) for record, sections in records]
    speak_utf8(output.stream)
    if output.format is Format.JSON:
        output.stream.write(json_text(objects, 2) + "\n")
    else:
        output.stream.writelines(json_text(each) + "\n" for each in objects)


def _write_object(record: object, columns: Sequence[Column], output: Output, sections: Sequence[Section]) -> None:
    whole = _object(record, columns, output, sections)
    speak_utf8(output.stream)
    output.stream.write(json_text(whole, 2 if output.format is Format.JSON else None) + "\n")


def _object(
    record: object, columns: Sequence[Column], output: Output, sections: Sequence[Section]
) -> dict[str, object]:
    whole: dict[str, object] = dict(next(plain_rows([record], choose(without_bars(columns), output.fields))))
    for section in sections:
        whole[section.key] = list(plain_rows(section.rows, without_bars(section.columns)))
    return whole
