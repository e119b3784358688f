"""What every command that changes many rows shares: its options, and the way from a plan to its application."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.main

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.options import DryRunOption, ReasonOption, YesOption
from sfactl.commands.progress import reading
from sfactl.commands.state import AppState, as_of_date
from sfactl.i18n import _, ngettext

if TYPE_CHECKING:
    from sfactl.core.plans import Header, Left, Line
    from sfactl.db.session import Session
    from sfactl.render.columns import Section
    from sfactl.services.plan_making import Order

PlanOption = Annotated[
    Path | None, typer.Option("--plan", metavar="FILE", help=_("Write the plan to a file, and change nothing."))
]
ReplaceOption = Annotated[bool, typer.Option("--replace", help=_("Write over a plan that is there."))]
EffectiveOption = Annotated[
    str | None,
    typer.Option("--effective", metavar="DATE", help=_("From which day it holds; today when it is not said.")),
]

MOST_YEARS_AHEAD = 10
_SAID = "sfactl.planning"
"""Where the values of the options are kept while the command line is read."""
_OPTIONS = "sfactl.planning.options"
"""Where the options are kept for all commands of one command line."""


@dataclass(frozen=True)
class Planning:
    """What was said about how a plan is carried out."""

    plan: Path | None = None
    effective: str | None = None
    reason: str | None = None
    is_agreed: bool = False
    "`--yes`: nobody is asked."
    is_trial: bool = False
    "`--dry-run`: the summary, and nothing else."
    is_replacing: bool = False

    @classmethod
    def of(cls, ctx: typer.Context) -> "Planning":
        """What the options of a planning command say."""
        said = ctx.meta.get(_SAID, {})
        return cls(
            said.get("plan"), said.get("effective"), said.get("reason"), said.get("yes", False),
            said.get("dry_run", False), said.get("replace", False),
        )  # fmt: skip


class PlanningCommand(tree.Command):
    """A command that makes a plan: it takes the options of `Planning` too, but for those that it has itself."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its own options, those of every plan, and the common ones."""
        params = super().get_params(ctx)
        if _OPTIONS not in ctx.meta:
            ctx.meta[_OPTIONS] = _planning_options()
        taken = {word for param in params for word in param.opts}
        added = [option for option in ctx.meta[_OPTIONS] if not taken & set(option.opts)]
        own = [param for param in params if not getattr(param, "is_common", False) and "--help" not in param.opts]
        common = params[len(own) :]
        return [*own, *added, *common]


def _keep(ctx: typer.Context, param: Any, value: Any) -> Any:
    if value:
        ctx.meta.setdefault(_SAID, {})[param.name] = value
    return value


def _planning_options() -> list[Any]:
    def options(
        plan: PlanOption = None,
        replace: ReplaceOption = False,
        effective: EffectiveOption = None,
        yes: YesOption = False,
        dry_run: DryRunOption = False,
        reason: ReasonOption = None,
    ) -> None:
        pass

    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    app.command()(options)
    made: list[Any] = [option for option in typer.main.get_command(app).params if option.name != "help"]
    for option in made:
        option.expose_value, option.callback = False, _keep
    return made


def carry_out(
    state: AppState,
    kind: str,
    planner: "Callable[[Session, Any, date], Iterator[Line | Left]]",
    request: Any,
    asked: Planning,
    *,
    options: dict[str, Any] | None = None,
    undoes: str | None = None,
    show: Callable[[], None] | None = None,
) -> None:
    """Make a plan and write it to its file, or show what it comes to, ask, and apply it.

    Args:
        kind: the command, as the plan names it: `assignment move`.
        request: what the planner is asked for.
        options: what else was said, for whoever reads the plan.
        undoes: key of the run that the plan takes back.
        show: shows what the plan comes to, in place of its own summary.
    """
    from sfactl.services.plan_making import Order

    def shown(header: "Header", path: Path) -> None:
        show() if show else _show_plan(state, header, path)

    effective = as_of_date(asked.effective, state)
    if effective.year > state.today.year + MOST_YEARS_AHEAD:
        from sfactl.errors import UsageFault

        raise UsageFault(
            _("{day} is too far away.").format(day=effective),
            _("A plan can wait for {years} years.").format(years=MOST_YEARS_AHEAD),
        )
    order = Order(kind, planner, request, effective, asked.reason, undoes, options or {})
    if asked.plan is not None and not asked.is_trial:
        header = _made(state, order, asked.plan, replace=asked.is_replacing)
        if state.tells:
            shown(header, asked.plan)
        state.note(
            _("The plan is in {file}; nothing was changed. Next: sfactl plan apply {file}").format(file=asked.plan)
        )
        return
    with tempfile.TemporaryDirectory(prefix="sfactl-") as folder:
        path = Path(folder) / "plan"
        header = _made(state, order, path)
        if asked.is_trial:
            shown(header, path)
            state.note(_("This was a trial; nothing was changed."))
        elif not header.lines:
            if state.tells:
                shown(header, path)
            state.note(_("There is nothing to change."))
        elif _is_agreed(state, asked, header, partial(shown, header, path)):
            apply_file(state, path, is_shown=not asked.is_agreed)


def _made(state: AppState, order: "Order", path: Path, *, replace: bool = False) -> "Header":
    with reading(state) as progress:
        return services.plan_making.make(state.door, order, path, replace=replace, progress=progress)


def _show_plan(state: AppState, header: "Header", path: Path) -> None:
    """What a plan comes to; of one that moves no account, which has no sums, its first lines."""
    from sfactl.render.detail import write_detail
    from sfactl.render.plans import PLAN_COLUMNS, line_section, plan_sections

    sections = plan_sections(header)
    if header.lines and not (header.people or header.territories):
        with services.plan_files.opened(path) as plan:
            sections += (line_section(plan.lines()),)
    write_detail(header, PLAN_COLUMNS, state.output(), sections)


def _is_agreed(state: AppState, asked: Planning, header: "Header", show: Callable[[], None]) -> bool:
    if asked.is_agreed:
        return True
    state.require_somebody_to_ask()
    show()
    question = ngettext("Make this {count} change?", "Make these {count} changes?", header.lines)
    if state.confirm(question.format(count=header.lines)):
        return True
    state.note(_("Nothing was changed."))
    return False


def apply_file(state: AppState, path: Path, *, is_shown: bool = False) -> None:
    """Apply a plan from its file, and say what became of it.

    Args:
        is_shown: what it comes to stands on the terminal already.

    Raises:
        Stale: rows are no longer as the plan says; they stand on standard output.
    """
    from sfactl.render.plans import plan_sections

    with services.plan_files.opened(path) as plan:
        try:
            with reading(state) as progress:
                outcome = services.plans.apply(state.door, plan, progress=progress)
        except services.plans.Stale as stale:
            show_stale(state, stale.rows)
            raise
        _show_outcome(state, outcome, () if is_shown else plan_sections(plan.header))


def show_stale(state: AppState, rows: "list[Left]") -> None:
    """The rows that keep a plan from being applied."""
    from sfactl.render.plans import STALE_COLUMNS

    state.show(rows, STALE_COLUMNS)


def _show_outcome(state: AppState, outcome: "services.plans.Outcome", sections: "Sequence[Section]") -> None:
    from sfactl.render.detail import write_detail
    from sfactl.render.plans import OUTCOME_COLUMNS

    if state.tells:
        write_detail(outcome, OUTCOME_COLUMNS, state.output(), sections)
    if outcome.status == "already":
        state.note(_("This plan was applied before; nothing was changed."))
    elif outcome.status == "scheduled":
        state.note(_("It will hold from {day}: let `sfactl plan due` run every night.").format(day=outcome.effective))
    else:
        state.note(_("Take it back with: sfactl plan undo {run}").format(run=outcome.run))
