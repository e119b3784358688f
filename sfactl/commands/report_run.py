"""`sfactl report run`."""

import os
import shutil
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from sfactl import files, services
from sfactl.commands import tree
from sfactl.commands.report_options import AgainOption, NameArgument
from sfactl.commands.report_wanted import ReportCommand, Wanted
from sfactl.commands.state import AppState
from sfactl.errors import ConditionHolds, UsageFault
from sfactl.i18n import _

if TYPE_CHECKING:
    from sfactl.render.output import Output
    from sfactl.render.reports import Made
    from sfactl.services.report_conditions import Watch
    from sfactl.services.reports import Order


def run(ctx: typer.Context, report: NameArgument, again: AgainOption = False) -> None:
    """Make a report."""
    make(ctx.obj, replace(Wanted.of(ctx, report), is_again=again))


def make(state: AppState, wanted: Wanted) -> None:
    """Make the report, and tell by the exit code what was asked about it.

    Raises:
        ConditionHolds: the condition of `--fail-if` does, for the rows that are named.
        Unavailable: another run of it is at work, or the mail server is not to be had.
    """
    from sfactl.config.paths import state_folder
    from sfactl.db.locks import only_one

    require_sense(wanted)
    folder = state_folder(os.environ) / "locks"
    with ExitStack() as turns:
        for key, what in wanted.destinations:
            turns.enter_context(only_one(state.door.url, key, said=what, folder=folder, today=state.today))
        watches = _make(state, wanted)
    said = list(dict.fromkeys(watch.said for watch in watches if watch.count))
    if said:
        raise ConditionHolds("; ".join(said))


def require_sense(wanted: Wanted) -> None:
    """Refuse options that contradict each other, and a place where no file can be written.

    Raises:
        UsageFault: they do.
        Conflict: something stands there that is no plain file.
    """
    if wanted.only_if_changed and wanted.to is None and not wanted.is_mailed:
        raise UsageFault(
            _("--only-if-changed compares with what was written before."), _("Say where with --to or --mail-to.")
        )
    if wanted.is_split and wanted.mail_to:
        raise UsageFault(_("--split-by says who gets it; --mail-to does, too."), _("Leave one of them out."))
    if wanted.is_again and not wanted.is_mailed:
        raise UsageFault(_("--again is about mail."), _("Say to whom with --mail-to."))
    if wanted.to is not None:
        files.require_free(wanted.to, replace=True)


def _make(state: AppState, wanted: Wanted) -> "list[Watch]":
    from sfactl.commands.report_mailing import mail, recipients_of

    reader = state.reader(wanted.max_lag)
    with reader.read() as session:
        order = services.reports.ordered(session, wanted.name, wanted.said, state.fields)
        watch = watch_of(wanted, order)
        recipients = recipients_of(session, wanted)
        is_own = wanted.to is not None or not wanted.is_mailed
        if is_own:
            _make_own(state, session, wanted, order, watch)
    watches = mail(state, reader, wanted, order, recipients) if wanted.is_mailed else []
    return [*([watch] if watch and is_own else []), *watches]


def watch_of(wanted: Wanted, order: "Order") -> "Watch | None":
    """The condition of `--fail-if`."""
    if wanted.fail_if is None:
        return None
    return services.report_conditions.read(wanted.fail_if, order.definition.tables)


def _make_own(state: AppState, session: Any, wanted: Wanted, order: "Order", watch: "Watch | None") -> None:
    """Show it, or write it to its file, as whoever runs it sees it."""
    from sfactl.render.reports import made, write_report

    report = services.reports.run(session, order, state.settings.locale)
    report = watch.over(report) if watch else report
    output = output_of(state, order, wanted)
    if wanted.to is None and not wanted.only_if_rows:
        write_report(report, output)
        return
    with made(report, output) as file:
        if wanted.only_if_rows and not file.rows:
            tell(state, _("It has no rows; nothing was written."))
        elif wanted.to is not None:
            _put(state, file, wanted.to, only_if_changed=wanted.only_if_changed)
        else:
            _print(file)


def _put(state: AppState, made: "Made", to: Path, *, only_if_changed: bool) -> None:
    from sfactl.render.report_marks import holds_already

    if only_if_changed and holds_already(to, made):
        tell(state, _("{path} says the same already; nothing was written.").format(path=to))
        return
    made.file.seek(0)
    files.sweep(to)
    with files.new_file(to, replace=True) as file:
        shutil.copyfileobj(made.file, file)
    tell(state, _("{count} rows written to {path}.").format(count=made.rows, path=to))


def _print(made: "Made") -> None:
    sys.stdout.flush()
    made.file.seek(0)
    shutil.copyfileobj(made.file, sys.stdout.buffer)


def output_of(state: AppState, order: "Order", wanted: Wanted) -> "Output":
    """The form that was said, else that of the file's ending, else that of the saved report, and the usual one otherwise.

    Raises:
        UsageFault: the file's ending says nothing, or something else; or the report has more tables than the form holds.
    """
    from sfactl.render.output import Format

    output: Output = replace(state.output(is_report=True), subject=order.title)
    ending = _form_of(wanted.to) if wanted.to else None
    if state.settings.origins["output"] == "flag":
        _require_same(wanted.to, ending, output.format)
    else:
        usual = Format.PDF if wanted.is_mailed and wanted.to is None else output.format
        named = ending or order.format or (None if wanted.to else usual)
        if named is None:
            raise UsageFault(
                _("The ending of {path} says no form.").format(path=wanted.to),
                _("Endings: {names}; or say the form with -o.").format(names=", ".join(_ENDINGS)),
            )
        output = replace(output, format=Format(named))
    if output.format in (Format.CSV, Format.JSONL) and len(order.definition.tables) > 1:
        raise UsageFault(
            _("{name} has several tables, and a file of CSV or JSON lines holds one.").format(name=wanted.name),
            _("Say another form with -o: json, xlsx, md, html or pdf."),
        )
    return output


_ENDINGS: Final = ("csv", "json", "jsonl", "xlsx", "md", "html", "pdf", "txt")


def _form_of(path: Path) -> str | None:
    """The form that a file's ending says."""
    ending = path.suffix.removeprefix(".").lower()
    return {"txt": "table"}.get(ending, ending) if ending in _ENDINGS else None


def _require_same(path: Path | None, ending: str | None, form: str) -> None:
    """Refuse a form that is not what the file's ending says."""
    if ending is not None and ending != form:
        raise UsageFault(
            _("The ending of {path} says {ending}, and -o says {form}.").format(path=path, ending=ending, form=form),
            _("Leave -o out, or give the file another ending."),
        )


def tell(state: AppState, text: str) -> None:
    """Say what was done to whoever looks: cron hears nothing when all is well."""
    if sys.stderr.isatty():
        state.note(text)


def register(to: typer.Typer) -> None:
    """Hang this command below `sfactl report`."""
    to.command(
        "run",
        cls=ReportCommand,
        help=_(
            "Show a report, write it to a file, or mail it. When all is well it says nothing; what is wrong is one line on "
            "standard error and an exit code."
        ),
        epilog=tree.examples(
            "sfactl report run attainment --period last-quarter",
            "sfactl report run territories --period 2026 --by quarter --to territories.xlsx",
            "sfactl report run attainment -o csv --to /srv/reports/attainment.csv --fail-if 'attainment < 80%'",
            "sfactl report run quota-last-quarter --mail-to director@example.com --only-if-changed",
            "sfactl report run attainment --period this-quarter -o xlsx --split-by manager --only-if-rows",
        ),
    )(run)
