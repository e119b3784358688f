"""`sfactl opportunity stage`, `need` and `process`: how a sale goes on, and what it takes."""

from enum import StrEnum
from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.needs import NeedOption, WithOption, WithoutOption, needs_of
from sfactl.commands.options import DryRunOption, ReasonOption, TerritoryOption
from sfactl.commands.state import AppState
from sfactl.core.quantities import parse_quantity
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.render.detail import Section, write_detail
from sfactl.render.processes import (
    DONE_COLUMNS,
    ENTERED_COLUMNS,
    MISSING_COLUMNS,
    NEED_COLUMNS,
    STAGE_COLUMNS,
    as_mermaid,
    as_svg,
    as_text,
)


class Drawing(StrEnum):
    """How a process is drawn."""

    TEXT = "text"
    SVG = "svg"
    MERMAID = "mermaid"


OpportunityArgument = Annotated[
    str, typer.Argument(metavar="OPPORTUNITY", help=_("Its code."), autocompletion=complete.opportunities)
]
OpportunitiesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="OPPORTUNITY", help=_("Only these; all open ones in sight when none is named."),
        autocompletion=complete.opportunities, show_default=False,
    ),
]  # fmt: skip
StageArgument = Annotated[
    str, typer.Argument(metavar="STAGE", help=_("Code or name of the stage."), autocompletion=complete.stages)
]
StepsOption = Annotated[
    bool, typer.Option("--no-steps", help=_("Leave out what the stage does by itself."), show_default=False)
]
BundleOption = Annotated[
    str, typer.Option("--bundle", metavar="BUNDLE", help=_("What is needed."), autocompletion=complete.bundles)
]
QuantityOption = Annotated[
    str, typer.Option("--quantity", metavar="N", help=_("How many of the bundle; 0 takes it away."))
]
DrawOption = Annotated[Drawing | None, typer.Option("--draw", help=_("text, svg or mermaid."), show_default="text")]
ProcessOption = Annotated[str | None, typer.Option("--process", metavar="CODE", help=_("Which process."))]


def stage(
    ctx: typer.Context,
    opportunity: OpportunityArgument,
    stage: StageArgument,
    no_steps: StepsOption = False,
    reason: ReasonOption = None,
    dry_run: DryRunOption = False,
) -> None:
    """Let an opportunity enter a stage."""
    state: AppState = ctx.obj
    if dry_run:
        with state.read() as session:
            found = services.opportunity_stages.enter(session, opportunity, stage, is_trial=True)
    else:
        found = state.write(
            services.opportunity_stages.enter, opportunity, stage, reason=reason, with_steps=not no_steps
        )
    undone = _("A trial does nothing.") if dry_run else _("The stage does nothing by itself.")
    sections = (
        Section("missing", _("Missing"), found.missing, MISSING_COLUMNS, empty=_("Nothing is missing.")),
        Section("done", _("Done by itself"), found.done, DONE_COLUMNS, empty=undone),
    )
    write_detail(found, ENTERED_COLUMNS, state.output(), sections)


def need(
    ctx: typer.Context,
    opportunity: OpportunityArgument,
    bundle: BundleOption,
    need: NeedOption = None,
    with_: WithOption = None,
    without: WithoutOption = None,
    quantity: QuantityOption = "1",
) -> None:
    """Say what is needed."""
    state: AppState = ctx.obj
    wishes = needs_of(need, with_, without)
    rows = state.write(services.opportunity_needs.put, opportunity, bundle, parse_quantity(quantity), wishes)
    state.show(rows, NEED_COLUMNS)


def process(
    ctx: typer.Context,
    opportunity: OpportunitiesArgument = None,
    process: ProcessOption = None,
    territory: TerritoryOption = None,
    draw: DrawOption = None,
) -> None:
    """Draw a process."""
    state: AppState = ctx.obj
    with state.read() as session:
        found = services.process_map.draw(
            session, process=process, opportunities=opportunity or (), territory=territory
        )
    if draw is None and state.settings.output != "table":
        state.show(found.stages, STAGE_COLUMNS)
        return
    if draw is not None and state.settings.origins["output"] == "flag":
        raise UsageFault(_("A drawing has one form only."), _("Leave out --draw or --output."))
    if draw is Drawing.SVG:
        state.say(as_svg(found.name, found.stages))
    elif draw is Drawing.MERMAID:
        state.say(as_mermaid(found.stages))
    else:
        state.say(as_text(found.name, found.stages))


def register(to: typer.Typer) -> None:
    """Hang these commands below `sfactl opportunity`."""
    to.command(
        help=_("Let an opportunity enter a stage: what is missing is said, and what the stage does by itself is done."),
        epilog=tree.examples(
            "sfactl opportunity stage OPP-000123 propose", "sfactl opportunity stage OPP-000123 propose --dry-run"
        ),
    )(stage)
    to.command(
        help=_("Say what the customer needs of a bundle, in place of what was said of it before."),
        epilog=tree.examples(
            "sfactl opportunity need OPP-000123 --bundle COLD-CHAIN --need litres=900 --need sensors=12"
        ),
    )(need)
    to.command(
        help=_(
            "Draw the process with each opportunity's place on it: as text, SVG or Mermaid; or list its stages with -o."
        ),
        epilog=tree.examples(
            "sfactl opportunity process", "sfactl opportunity process OPP-000123 --draw svg > process.svg"
        ),
    )(process)
