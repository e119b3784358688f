"""Plans: those that were applied or wait, what each came to, and the way back."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType

from sfactl import services
from sfactl.errors import UsageFault
from sfactl.i18n import N_, _, ngettext
from sfactl.render.formats import format_integer
from sfactl.render.plans import PLAN_COLUMNS, RUN_COLUMNS, plan_sections
from sfactl.tui import sheets
from sfactl.tui.cells import Tone
from sfactl.tui.desk import Desk
from sfactl.tui.exporting import Exported
from sfactl.tui.forms import Answers, Field, Form
from sfactl.tui.screens.listing import ShortScreen
from sfactl.tui.sheets import Shown, shown
from sfactl.tui.widgets.fact_sheet import Section
from sfactl.tui.widgets.record_grid import GridRow

if TYPE_CHECKING:
    from sfactl.core.plans import Header
    from sfactl.db.session import Door, Session
    from sfactl.services.plan_runs import RunRow
    from sfactl.services.plans import Outcome

_COLUMNS = shown(
    RUN_COLUMNS,
    {"run": 0, "command": 0, "status": 0, "by": 1, "at": 2, "effective": 1, "rows": 0, "reason": 3, "undone_by": 4},
)  # fmt: skip
_HEADER = ("kind", "made_by", "effective", "lines", "reason", "undoes")


class PlansScreen(ShortScreen):
    """The latest first."""

    MODE = "plans"
    EMPTY = N_("No plan was applied yet. o opens one from a file.")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "open", _("Open file"), id="plans.open", tooltip=_("Look at a plan in a file, and apply it.")),
        Binding("u", "undo", _("Undo"), id="plans.undo", tooltip=_("Take back what the plan changed and nobody changed since.")),
        Binding("x", "cancel", _("Cancel"), id="plans.cancel", tooltip=_("Drop a plan that waits for its day.")),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._rows: dict[str, RunRow] = {}

    def columns(self) -> Shown:
        """What is shown of a run."""
        return _COLUMNS

    def exported(self, session: "Session") -> Exported:
        """The list, as the command writes it."""
        return services.plan_runs.find(session), RUN_COLUMNS

    def command(self) -> list[str]:
        """The list as a table."""
        return ["plan", "runs"]

    def reload(self) -> None:
        """Ask for the runs."""
        self.ask("runs", lambda session: services.plan_runs.find(session, limit=500), self._show)

    def _show(self, rows: "Sequence[RunRow]") -> None:
        self._rows = {row.run: row for row in rows}
        self.show([self._row(row) for row in rows])
        waiting = sum(row.status == "scheduled" for row in rows)
        locale = self.desk.locale
        self.caption(
            ngettext("{count} plan", "{count} plans", len(rows)).format(count=format_integer(len(rows), locale)),
            _("{count} wait for their day").format(count=format_integer(waiting, locale)) if waiting else "",
        )

    def _row(self, row: "RunRow") -> GridRow:
        tones = {"status": Tone.WARNING} if row.status == "scheduled" else {}
        return _COLUMNS.row(row.run, row, self.desk.locale, tones)

    def detail(self, session: "Session", key: str) -> Sequence[Section]:
        """What became of it, and what it came to for people and territories."""
        row, header = services.plan_runs.one(session, key)
        locale = self.desk.locale
        keys = ("command", "status", "by", "at", "effective", "rows", "reason", "undoes", "undone_by")
        return [sheets.facts(row.run, row, RUN_COLUMNS, keys, locale), *(sections(header, locale) if header else [])]

    def action_undo(self) -> None:
        """Take it back."""
        row = self._rows.get(self.cursor_key or "")
        if row is not None:
            self.open_form(undo(row))

    def action_cancel(self) -> None:
        """Drop one that waits."""
        row = self._rows.get(self.cursor_key or "")
        if row is not None:
            self.open_form(cancel(row))

    def action_open(self) -> None:
        """Ask for a file, show what it says, and apply it."""
        self.open_form(_file_form(), self._opened)

    def _opened(self, result: Any) -> None:
        if result is not None:
            path, header = result[0]
            self.open_form(apply(path, header, self.desk.locale))


def _file_form() -> Form:
    def act(_door: "Door", answers: Answers) -> "tuple[Path, Header]":
        if not answers["file"]:
            raise UsageFault(_("Say which file."), _("`sfactl assignment move … --plan FILE` writes one."))
        path = Path(answers["file"]).expanduser()
        with services.plan_files.opened(path) as plan:
            return path, plan.header

    return Form(
        _("Open a plan"), (Field("file", _("File"), hint="west.plan"),), act,
        lambda answers: ["plan", "show", answers["file"]], lambda _found: _("Read it, then decide."), verb=_("open it"),
    )  # fmt: skip


def sections(header: "Header", locale: str) -> list[Section]:
    """What a plan comes to."""
    found = [sheets.facts(_("The plan"), header, PLAN_COLUMNS, _known(_HEADER), locale)]
    for each in plan_sections(header):
        keys = [column.key for column in each.columns]
        found.append(sheets.table(each.title, each.rows[:20], each.columns, keys[:8], locale))
    return found


def _known(keys: Sequence[str]) -> list[str]:
    known = {column.key for column in PLAN_COLUMNS}
    return [key for key in keys if key in known]


def apply(path: Path, header: "Header", locale: str) -> Form:
    """Do exactly what a plan says."""

    def act(door: "Door", _answers: Answers) -> "Outcome":
        with services.plan_files.opened(path) as plan:
            return services.plans.apply(door, plan)

    return Form(
        _("Apply {file}?").format(file=path.name), (), act, lambda _answers: ["plan", "apply", str(path)], _told,
        above=tuple(sections(header, locale)), verb=_("apply it"),
    )  # fmt: skip


def undo(row: "RunRow") -> Form:
    """Take back what a run changed and nobody changed since."""

    def act(door: "Door", answers: Answers) -> "Outcome":
        with door.read() as session:
            found = services.plan_runs.undoable(session, row.run)
        day = services.plan_runs.undo_day(found, door.today) or door.today
        request = services.plan_runs.UndoRequest(found.key)
        order = services.plan_making.Order(
            f"plan undo {found.key}", services.plan_runs.undo_lines, request, day, answers["reason"] or None,
            undoes=found.key,
        )  # fmt: skip
        return services.plan_doing.carry_out(door, order)

    def command(answers: Answers) -> list[str]:
        return ["plan", "undo", row.run, *(["--reason", answers["reason"]] if answers["reason"] else []), "--yes"]

    return Form(
        _("Take back {run}: {command}").format(run=row.run, command=row.command), (Field("reason", _("Reason")),), act,
        command, _told, verb=_("take it back"),
    )  # fmt: skip


def cancel(row: "RunRow") -> Form:
    """Drop a plan that waits."""

    def act(door: "Door", answers: Answers) -> str:
        return door.write(services.plan_runs.cancel, row.run, reason=answers["reason"] or None)

    return Form(
        _("Drop {run}, which waits for {day}").format(run=row.run, day=row.effective), (Field("reason", _("Reason")),),
        act, lambda _answers: ["plan", "cancel", row.run], lambda run: _("{run} is dropped.").format(run=run),
        verb=_("drop it"),
    )  # fmt: skip


def _told(outcome: "Outcome") -> str:
    if outcome.status == "already":
        return _("This plan was applied before; nothing was changed.")
    if outcome.status == "scheduled":
        return _("It will hold from {day}.").format(day=outcome.effective)
    return _("Done: {count} rows; the run is {run}.").format(count=outcome.rows, run=outcome.run)
