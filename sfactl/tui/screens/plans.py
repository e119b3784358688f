"""Plans: those that were applied or wait, what each came to, and the way back."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from sfactl import services
from sfactl.errors import SfaError, UsageFault
from sfactl.i18n import N_, _, ngettext
from sfactl.render.formats import format_integer
from sfactl.render.plans import PLAN_COLUMNS, RUN_COLUMNS, plan_sections
from sfactl.tui import sheets
from sfactl.tui.cells import Cell, Tone
from sfactl.tui.desk import Desk
from sfactl.tui.exporting import Exported
from sfactl.tui.forms import Answers, Field, Form
from sfactl.tui.screens.form import FormScreen
from sfactl.tui.screens.listing import ShortScreen
from sfactl.tui.sheets import Shown, shown
from sfactl.tui.widgets.fact_sheet import Section
from sfactl.tui.widgets.progress_line import ProgressLine
from sfactl.tui.widgets.record_grid import GridRow

if TYPE_CHECKING:
    from sfactl.core.plans import Header
    from sfactl.db.session import Door, Session
    from sfactl.services.plan_runs import RunRow
    from sfactl.services.plans import Outcome, Progress

_COLUMNS = shown(
    RUN_COLUMNS,
    {"run": 0, "command": 0, "status": 0, "by": 1, "at": 2, "effective": 1, "rows": 0, "reason": 3, "undone_by": 4},
)  # fmt: skip
_TOLD_EVERY_S: Final = 0.1
_HEADER = ("kind", "made_by", "effective", "lines", "reason", "undoes")


@dataclass(frozen=True)
class Job:
    """A plan to be applied or taken back."""

    title: str
    work: "Callable[[Door, Progress], Outcome]"
    run_key: str = ""
    reason: str = ""


class PlansScreen(ShortScreen):
    """The latest first."""

    MODE = "plans"
    EMPTY = N_("No plan was applied yet. o opens one from a file.")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "open", _("Open file"), id="plans.open", tooltip=_("Look at a plan in a file, and apply it.")),
        Binding("u", "undo", _("Undo"), id="plans.undo", tooltip=_("Take back what the plan changed and nobody changed since.")),
        Binding("x", "cancel", _("Cancel"), id="plans.cancel", tooltip=_("Drop a plan that waits for its day.")),
    ]  # fmt: skip

    class Progressed(Message):
        """So much of a plan is done."""

        def __init__(self, what: str, done: int, total: int) -> None:
            super().__init__()
            self.what, self.done, self.total = what, done, total

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._rows: dict[str, RunRow] = {}
        self._reasons: dict[str, str] = {}
        "What was typed for a plan that failed: it stands there again when somebody tries again."
        self._sheet: PlanSheet | None = None
        "The sheet that a plan was begun from, as long as it is open."

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

    def body(self) -> Iterable[Widget]:
        """How far a plan is that is being applied or taken back, and the list."""
        yield ProgressLine()
        yield from super().body()

    def action_undo(self) -> None:
        """Take it back."""
        if self.may("run.create") and not self._is_at_work():
            self.with_row(self._undo)

    def _undo(self, key: str) -> None:
        row = self._rows[key]
        if row.undone_by:
            told = _("{run} is taken back already, by {other}.")
            self.notify(told.format(run=row.run, other=row.undone_by), markup=False)
        elif row.status != "applied":
            self._say_status(row, _("Only what was applied can be taken back."))
        else:
            self._open_sheet(undo(row, self._reasons.get(row.run, "")))

    def _say_status(self, row: "RunRow", why: str) -> None:
        told = _("{run} is {status}.").format(run=row.run, status=row.status)
        self.notify(f"{told} {why}", markup=False)

    def _open_sheet(self, form: Form) -> None:
        self._sheet = PlanSheet(self.desk, form, self._begin)
        self.app.push_screen(self._sheet, self._sheet_left)

    def _sheet_left(self, _result: Any) -> None:
        self._sheet = None

    def _is_at_work(self) -> bool:
        if self.is_doing("plan"):
            self.notify(_("Wait for the plan that is under way."), markup=False)
        return self.is_doing("plan")

    def _begin(self, job: "Job") -> None:
        """Work in a thread; the screens are used meanwhile, and each step is told here and in the sheet, if it is open."""
        if self._is_at_work():
            return
        door, told_at = self.desk.door, [0.0]
        self._reasons[job.run_key] = job.reason
        for each in self._lines():
            each.begin(job.title)

        def progress(what: str, done: int, total: int) -> None:
            if done == total or time.monotonic() - told_at[0] > _TOLD_EVERY_S:
                told_at[0] = time.monotonic()
                self.post_message(self.Progressed(what, done, total))

        self.do("plan", lambda: job.work(door, progress), self._finished, again=partial(self._begin, job))

    def _lines(self) -> list[ProgressLine]:
        return [line for screen in (self, self._sheet) if screen for line in screen.query(ProgressLine)]

    @on(Progressed)
    def _tell_progress(self, message: Progressed) -> None:
        message.stop()
        if self.is_doing("plan"):
            done, total = (format_integer(each, self.desk.locale) for each in (message.done, message.total))
            count = _("{done} of {total}").format(done=done, total=total) if message.total else done
            share = Fraction(message.done, message.total) if message.total else None
            for each in self._lines():
                each.tell(message.what, count, share)

    def _finished(self, outcome: "Outcome") -> None:
        self._reasons.clear()
        for each in self._lines():
            each.end()
        if self._sheet is not None:
            self._sheet.finish()
        self.app.notify(_told(outcome), markup=False)
        self.reload()

    def refused(self, topic: str, error: SfaError) -> None:
        """What failed is told wherever the person is now."""
        if topic == "plan":
            for each in self._lines():
                each.end()
            if self._sheet is not None:
                self._sheet.fail(error)
            elif self.app.screen is not self:
                self.app.notify(_("Not done: {why}").format(why=error.message), severity="error", markup=False)

    def action_cancel(self) -> None:
        """Drop one that waits."""
        self.with_row(self._cancel)

    def _cancel(self, key: str) -> None:
        row = self._rows[key]
        if row.status == "scheduled":
            self.open_form(cancel(row))
        else:
            self._say_status(row, _("Only what waits for its day can be dropped."))

    def action_open(self) -> None:
        """Ask for a file, show what it says, and apply it."""
        if not self._is_at_work():
            self.open_form(_file_form(), self._opened)

    def _opened(self, result: Any) -> None:
        if result is not None:
            path, header = result[0]
            self._open_sheet(apply(path, header, self.desk.locale))


class PlanSheet(FormScreen):
    """A plan to be applied or taken back: it stays until that is done, unless somebody goes on with something else."""

    def __init__(self, desk: Desk, form: Form, begin: "Callable[[Job], None]") -> None:
        super().__init__(desk, form)
        self._begin = begin
        self._is_working = self._is_over = False

    def below(self) -> Iterable[Widget]:
        """How far it is."""
        yield ProgressLine()

    def on_done(self, result: "Job") -> None:
        """Begin, and stay."""
        self._is_working = True
        self._begin(result)
        self._tell_command()

    def finish(self) -> None:
        """It is done: close, at the latest when what stands above is gone."""
        self._is_over = True
        if self.is_current:
            self.dismiss(None)

    def on_screen_resume(self) -> None:
        """Close, if it was done meanwhile."""
        if self._is_over:
            self.dismiss(None)

    def fail(self, error: SfaError) -> None:
        """Say why it could not be done; the same key tries it again."""
        self._is_working = False
        self._tell_command()
        self.tell_refused("plan", error)

    def hint(self) -> Cell:
        """While it is at work, one may leave."""
        if self._is_working:
            return Cell(_("It is under way · {leave}: go on with something else").format(**self.key_names()))
        return super().hint()

    def action_submit(self) -> None:
        """Do it, once."""
        if not self._is_working:
            super().action_submit()

    def action_cancel(self) -> None:
        """Leave; what is under way goes on."""
        if self._is_working:
            self.dismiss(None)
        else:
            super().action_cancel()


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

    def work(door: "Door", progress: "Progress") -> "Outcome":
        with services.plan_files.opened(path) as plan:
            return services.plans.apply(door, plan, progress=progress)

    return Form(
        _("Apply {file}?").format(file=path.name), (), lambda _door, _answers: Job(path.name, work),
        lambda _answers: ["plan", "apply", str(path)], lambda _job: "", above=tuple(sections(header, locale)),
        verb=_("apply it"),
    )  # fmt: skip


def undo(row: "RunRow", reason: str = "") -> Form:
    """Take back what a run changed and nobody changed since."""

    def job(_door: "Door", answers: Answers) -> Job:
        said = answers["reason"]
        return Job(row.run, lambda door, progress: _undone(door, row.run, said or None, progress), row.run, said)

    def command(answers: Answers) -> list[str]:
        return ["plan", "undo", row.run, *(["--reason", answers["reason"]] if answers["reason"] else []), "--yes"]

    return Form(
        _("Take back {run}: {command}").format(run=row.run, command=row.command),
        (Field("reason", _("Reason"), reason, option="--reason"),), job, command, lambda _job: "", verb=_("take it back"),
    )  # fmt: skip


def _undone(door: "Door", run: str, reason: str | None, progress: "Progress") -> "Outcome":
    with door.read() as session:
        found = services.plan_runs.undoable(session, run)
    day = services.plan_runs.undo_day(found, door.today) or door.today
    request = services.plan_runs.UndoRequest(found.key)
    order = services.plan_making.Order(
        f"plan undo {found.key}", services.plan_runs.undo_lines, request, day, reason, undoes=found.key
    )  # fmt: skip
    return services.plan_doing.carry_out(door, order, progress=progress)


def cancel(row: "RunRow") -> Form:
    """Drop a plan that waits."""

    def act(door: "Door", answers: Answers) -> str:
        return door.write(services.plan_runs.cancel, row.run, reason=answers["reason"] or None)

    def command(answers: Answers) -> list[str]:
        return ["plan", "cancel", row.run, *(["--reason", answers["reason"]] if answers["reason"] else [])]

    return Form(
        _("Drop {run}, which waits for {day}").format(run=row.run, day=row.effective),
        (Field("reason", _("Reason"), option="--reason"),),
        act, command, lambda run: _("{run} is dropped.").format(run=run),
        verb=_("drop it"), right="run.edit",
    )  # fmt: skip


def _told(outcome: "Outcome") -> str:
    if outcome.status == "already":
        return _("This plan was applied before; nothing was changed.")
    if outcome.status == "scheduled":
        return _("It will hold from {day}.").format(day=outcome.effective)
    told = ngettext("Done: {count} row; the run is {run}.", "Done: {count} rows; the run is {run}.", outcome.rows)
    return told.format(count=outcome.rows, run=outcome.run)
