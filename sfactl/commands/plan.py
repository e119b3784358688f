"""The `sfactl plan` commands."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.options import LimitOption, ReasonOption
from sfactl.commands.planning import Planning, PlanningCommand, apply_file, carry_out
from sfactl.commands.state import AppState
from sfactl.i18n import _

app = tree.noun(_("Changes in bulk: look at them, apply them, take them back."))

FileOrRunArgument = Annotated[
    str,
    typer.Argument(
        metavar="FILE|RUN", help=_("A plan, as --plan wrote it, or the key of a run."), autocompletion=complete.runs
    ),
]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help=_("A plan, as --plan wrote it."))]
RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help=_("The run's key, or the beginning of it."), autocompletion=complete.runs)
]
LinesOption = Annotated[
    int,
    typer.Option("--lines", metavar="N", min=0, max=2**31, help=_("Show so many of its lines too; 0 shows none.")),
]
SkipOption = Annotated[
    bool, typer.Option("--skip-changed", help=_("Leave rows alone that changed meanwhile, instead of the whole plan."))
]
_MOST_TOLD = 20


class Status(StrEnum):
    """What became of a plan."""

    APPLIED = "applied"
    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"
    UNDONE = "undone"


StatusOption = Annotated[Status | None, typer.Option("--status", help=_("Only runs of this status."))]


@app.command(
    help=_("Show what a plan would do: how many rows, and what each person and territory has before and after."),
    epilog=tree.examples(
        "sfactl plan show move.plan", "sfactl plan show move.plan --lines 50 -o json",
        "sfactl plan show 20260520T0900 --lines 20",
    ),
)  # fmt: skip
def show(ctx: typer.Context, plan: FileOrRunArgument, lines: LinesOption = 0) -> None:
    """Show a plan, or what became of one."""
    file = Path(plan)
    if file.exists() or file.suffix or file.name != plan:
        _show_file(ctx.obj, file, lines)
    else:
        _show_run(ctx.obj, plan, lines)


def _show_file(state: AppState, file: Path, lines: int) -> None:
    from itertools import islice

    from sfactl.render.columns import Section
    from sfactl.render.detail import write_detail
    from sfactl.render.plans import LINE_COLUMNS, PLAN_COLUMNS, plan_sections, reason_section

    with services.plan_files.opened(file) as plan:
        reasons = reason_section(plan.lines())
        sections = (*plan_sections(plan.header), *((reasons,) if reasons else ()))
        if lines:
            first = list(islice(plan.lines(), lines))
            sections += (Section("changes_in_full", _("Lines"), first, LINE_COLUMNS),)
        write_detail(plan.header, PLAN_COLUMNS, state.output(), sections)


def _show_run(state: AppState, key: str, lines: int) -> None:
    from sfactl.render.audit import CHANGE_COLUMNS
    from sfactl.render.columns import Section, in_full
    from sfactl.render.detail import write_detail
    from sfactl.render.plans import RUN_COLUMNS, plan_sections

    with state.read() as session:
        found, header = services.plan_runs.one(session, key)
        rows = services.run_changes.find(session, found.run, limit=lines) if lines else []
    sections = plan_sections(header) if header else ()
    if lines:
        sections += (Section("changes_in_full", _("Rows that were changed"), rows, CHANGE_COLUMNS),)
    write_detail(found, in_full(RUN_COLUMNS), state.output(), sections)


@app.command(
    help=_(
        "Apply a plan: exactly what it says, in one transaction, or nothing where a row changed meanwhile. "
        "Applying it again changes nothing."
    ),
    epilog=tree.examples("sfactl plan apply move.plan"),
)
def apply(ctx: typer.Context, file: FileArgument) -> None:
    """Apply a plan."""
    apply_file(ctx.obj, file)


@app.command(
    help=_("List the plans that were applied, or wait for their day, latest first."),
    epilog=tree.examples("sfactl plan runs -n 10", "sfactl plan runs --status scheduled"),
)
def runs(ctx: typer.Context, status: StatusOption = None, limit: LimitOption = 0) -> None:
    """List runs."""
    from sfactl.render.plans import RUN_COLUMNS

    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.plan_runs.find(session, limit=limit, status=status), RUN_COLUMNS)


@app.command(
    cls=PlanningCommand,
    help=_("Take back what a run changed, except rows that somebody changed since; those are listed."),
    epilog=tree.examples(
        "sfactl plan undo 20260520T0900 --plan undo.plan", "sfactl plan undo 20260520T0900 --yes --reason mistake"
    ),
)
def undo(
    ctx: typer.Context,
    run: RunArgument,
) -> None:
    """Undo a run."""
    state: AppState = ctx.obj
    with state.read() as session:
        found = services.plan_runs.undoable(session, run)
    asked = Planning.of(ctx)
    if asked.effective is None:
        asked = replace(asked, effective=services.plan_runs.undo_day(found, state.today).isoformat())
    request = services.plan_runs.UndoRequest(found.key)
    carry_out(state, f"plan undo {found.key}", services.plan_runs.undo_lines, request, asked, undoes=found.key)


@app.command(
    help=_("Carry out your own plans whose day has come; for cron, every night."),
    epilog=tree.examples("sfactl plan due -q", "sfactl plan due --skip-changed"),
)
def due(ctx: typer.Context, skip_changed: SkipOption = False) -> None:
    """Carry out what is due."""
    from sfactl.errors import Conflict
    from sfactl.render.plans import OUTCOME_COLUMNS

    state: AppState = ctx.obj
    found = list(services.plans.due(state.door, skips_changed=skip_changed))
    if state.tells:
        state.show([outcome for outcome, _rows in found], OUTCOME_COLUMNS)
    waiting = [outcome.run for outcome, _rows in found if outcome.status == "scheduled"]
    for outcome, rows in found:
        for left in rows[:_MOST_TOLD]:
            state.note(f"{outcome.run}: {left.entity} {left.key} {left.reason}")
    if waiting:
        raise Conflict(
            _("Rows changed meanwhile; these plans wait on: {runs}.").format(runs=", ".join(waiting)),
            _("--skip-changed leaves those rows alone; `sfactl plan cancel RUN` drops a plan."),
        )


@app.command(
    help=_("Drop a plan that waits for its day."),
    epilog=tree.examples("sfactl plan cancel 20260520T0900 --reason 'not this year'"),
)
def cancel(ctx: typer.Context, run: RunArgument, reason: ReasonOption = None) -> None:
    """Cancel a scheduled plan."""
    state: AppState = ctx.obj
    key = state.write(services.plan_runs.cancel, run, reason=reason)
    state.note(_("{run} was cancelled.").format(run=key))
