"""The report of a balance, its picture and its map, as files."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfactl import files, services
from sfactl.commands.state import AppState
from sfactl.errors import UsageFault
from sfactl.i18n import _

if TYPE_CHECKING:
    from sfactl.render.report_parts import Part
    from sfactl.services.balancing import Decision

FORMS: Final = {
    ".pdf": "pdf", ".html": "html", ".md": "md", ".xlsx": "xlsx", ".json": "json", ".txt": "table", ".svg": "svg",
}  # fmt: skip
"""Ending to the form of a report."""


def require_sense(report: Path | None, map_: Path | None, *, is_replacing: bool) -> None:
    """Refuse files that could not be written, before anything is looked for.

    Raises:
        UsageFault: the ending of a file says nothing.
        Conflict: it is there already.
    """
    if report is not None and map_ is not None and report.absolute() == map_.absolute():
        raise UsageFault(_("Report and map would be one file."), _("Give each a name of its own."))
    for path, known in ((report, tuple(FORMS)), (map_, (".svg",))):
        if path is None:
            continue
        if path.suffix.lower() not in known:
            raise UsageFault(
                _("The ending of {path} says no form.").format(path=path),
                _("Endings: {names}.").format(names=", ".join(known)),
            )
        files.require_free(path, replace=is_replacing, hint=_("--replace writes over it."))


def write(
    state: AppState, name: str, decision: "Decision", report: Path | None, map_: Path | None, *, is_replacing: bool
) -> None:
    """Write the files that are asked for."""
    found = services.balancing_report
    if report is not None and report.suffix.lower() == ".svg":
        _draw(state, found.report(name, decision, state.settings.locale).parts[0], report, is_replacing=is_replacing)
    elif report is not None:
        _write(state, name, decision, report, is_replacing=is_replacing)
    if map_ is not None:
        part = next(
            (
                each
                for each in found.report(name, decision, state.settings.locale).parts
                if each.outline.key == "places"
            ),
            None,
        )
        if part is None:
            state.note(_("It is not known where any account is; there is no map."))
        else:
            _draw(state, part, map_, is_replacing=is_replacing)


def _write(state: AppState, name: str, decision: "Decision", path: Path, *, is_replacing: bool) -> None:
    from sfactl.render.output import Format
    from sfactl.render.reports import made

    report = services.balancing_report.report(name, decision, state.settings.locale)
    form = Format(FORMS[path.suffix.lower()])
    output = replace(state.output(is_report=True), format=form, subject=report.title, fields=())
    with made(report, output) as file, files.new_file(path, replace=is_replacing) as target:
        file.file.seek(0)
        shutil.copyfileobj(file.file, target)
    state.note(_("The report is in {path}.").format(path=path))


def _draw(state: AppState, part: "Part", path: Path, *, is_replacing: bool) -> None:
    from sfactl.render.report_charts import draw

    chart, rows = part.outline.chart, list(part.rows)
    drawing = draw(chart, rows, state.output(), name="balance") if chart else None
    if drawing is not None:
        files.write_text(path, drawing, replace=is_replacing)
        state.note(_("The picture is in {path}.").format(path=path))
