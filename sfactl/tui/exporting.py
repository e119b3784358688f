"""The list on a screen, written to a file in the forms of the commands."""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sfactl import files
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.render.columns import Column
from sfactl.render.output import Format, Output
from sfactl.tui.forms import Answers, Field, Form

if TYPE_CHECKING:
    from sfactl.db.session import Door
    from sfactl.tui.screens.base import BaseScreen

Exported = tuple[Iterable[object], Sequence[Column]]
"""Rows, and the columns in which they are written."""
FORMS = (Format.CSV, Format.XLSX, Format.JSON, Format.JSONL, Format.MD, Format.HTML)


def form(screen: "BaseScreen[Any]") -> Form:
    """Ask for a file and a form; a file that is there is left alone."""

    def act(door: "Door", answers: Answers) -> tuple[Path, int]:
        if not answers["file"]:
            raise UsageFault(_("Say the name of a file."), _("For example: accounts.csv"))
        path = Path(answers["file"]).expanduser()
        return path, _write(door, screen, path, Format(answers["form"]))

    def command(answers: Answers) -> list[str]:
        return [*screen.command(), "-o", answers["form"]]

    return Form(
        _("Write the list to a file"),
        (
            Field("file", _("File"), hint=f"{getattr(screen, 'MODE', 'list')}.csv"),
            Field("form", _("Form"), Format.CSV, choices=tuple((each.upper(), each.value) for each in FORMS)),
        ),
        act, command, lambda done: _("{count} rows are in {file}.").format(count=done[1], file=done[0]),
        verb=_("write it"), file="file",
    )  # fmt: skip


def _write(door: "Door", screen: "BaseScreen[Any]", path: Path, chosen: Format) -> int:
    from sfactl.render.writers import write

    with files.new_file(path, hint=_("Name another file.")) as file:
        stream = io.TextIOWrapper(file, encoding="utf-8", newline="")
        with door.read() as session:
            found = screen.exported(session)
            rows, columns = found or ((), ())
            count = write(rows, columns, Output(chosen, stream, screen.desk.locale))
        stream.flush()
        stream.detach()
    return count
