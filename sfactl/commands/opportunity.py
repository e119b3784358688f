"""The `sfactl opportunity` commands."""

from enum import StrEnum
from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, opportunity_stages, tree
from sfactl.commands.options import (
    AccountArgument,
    ClosingOption,
    LimitOption,
    OfAccountOption,
    OnlyOption,
    ReasonOption,
    SearchOption,
    SellerOption,
    TerritoryOption,
)
from sfactl.commands.pipeline_judge import AmountOption, CloseOnOption, amount_of
from sfactl.commands.state import AppState, as_of_date
from sfactl.i18n import _
from sfactl.render.columns import in_full
from sfactl.render.detail import Section, write_detail
from sfactl.render.opportunities import JUDGEMENT_COLUMNS, OPPORTUNITY_COLUMNS, SPLIT_COLUMNS, STAGE_HISTORY_COLUMNS
from sfactl.render.processes import NEED_COLUMNS

app = tree.noun(_("Possible sales."))


class Status(StrEnum):
    """What became of an opportunity."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    ALL = "all"


StageOption = Annotated[str | None, typer.Option("--stage", metavar="STAGE", help=_("Only in this stage."))]
StatusOption = Annotated[Status, typer.Option("--status", help=_("open, won, lost or all."))]
OpportunityArgument = Annotated[
    str, typer.Argument(metavar="OPPORTUNITY", help=_("Its code."), autocompletion=complete.opportunities)
]

NextStepOption = Annotated[
    str | None, typer.Option("--next-step", metavar="TEXT", help=_("What is to be done next; empty for nothing."))
]


@app.command(
    "list",
    help=_("List opportunities, the next to close first."),
    epilog=tree.examples("sfactl opportunity list --territory Southwest --closing this-quarter"),
)
def list_(
    ctx: typer.Context,
    stage: StageOption = None,
    status: StatusOption = Status.OPEN,
    seller: SellerOption = None,
    account: OfAccountOption = None,
    territory: TerritoryOption = None,
    only: OnlyOption = False,
    closing: ClosingOption = None,
    search: SearchOption = None,
    limit: LimitOption = 0,
) -> None:
    """List opportunities."""
    state: AppState = ctx.obj
    chosen = None if status is Status.ALL or stage else str(status)
    with state.read() as session:
        within = state.period(session, closing) if closing else None
        wanted = services.opportunities.Filter(stage, chosen, seller, account, territory, only, within, search, limit)
        state.show(services.opportunities.find(session, wanted), OPPORTUNITY_COLUMNS)


@app.command(help=_("Show an opportunity, the stages it went through, and what its people say of it."))
def show(ctx: typer.Context, opportunity: OpportunityArgument) -> None:
    """Show one opportunity."""
    state: AppState = ctx.obj
    with state.read() as session:
        found, stages = services.opportunities.one(session, opportunity)
        said = services.judgements.of_opportunity(session, found.code)
        needs = services.opportunity_needs.of_code(session, found.code)
        splits = services.opportunity_splits.of_code(session, found.code)
    sections = [Section("stages", _("Stages"), stages, STAGE_HISTORY_COLUMNS)]
    if splits:
        sections.append(Section("splits", _("Credit"), splits, SPLIT_COLUMNS))
    if needs:
        sections.append(Section("needs", _("What is needed"), needs, NEED_COLUMNS))
    if said:
        sections.append(Section("judgements", _("Judgements"), said, JUDGEMENT_COLUMNS))
    write_detail(found, in_full(OPPORTUNITY_COLUMNS), state.output(), sections)


NameArgument = Annotated[str, typer.Argument(metavar="NAME", help=_("What it is about, in a few words."))]
ClosesOption = Annotated[
    str, typer.Option("--close-on", metavar="DATE", help=_("When it is expected to close."), show_default=False)
]
CurrencyOption = Annotated[
    str | None, typer.Option("--currency", metavar="CODE", help=_("Instead of the account's own.")),
]  # fmt: skip


@app.command(
    help=_("Make an opportunity: in the first stage, for whoever owns the account."),
    epilog=tree.examples(
        "sfactl opportunity create ACC-0008 'Cold storage, second site' --close-on 2027-02-26",
        "sfactl opportunity create ACC-0008 'Six display cases' --close-on 2027-02-26 --amount 48000 --next-step 'Visit the site'",
    ),
)
def create(
    ctx: typer.Context,
    account: AccountArgument,
    name: NameArgument,
    close_on: ClosesOption,
    amount: AmountOption = None,
    currency: CurrencyOption = None,
    next_step: NextStepOption = None,
) -> None:
    """Create an opportunity."""
    state: AppState = ctx.obj
    day = as_of_date(close_on, state)
    wanted = services.opportunity_making.Wanted(account, name, day, amount_of(amount), currency, next_step)
    code = state.write(services.opportunity_making.new, wanted)
    with state.read() as session:
        found, _stages = services.opportunities.one(session, code)
    write_detail(found, in_full(OPPORTUNITY_COLUMNS), state.output(), [])


@app.command(
    help=_("Change what is kept of an open opportunity by hand: the next step, and what is expected."),
    epilog=tree.examples(
        "sfactl opportunity edit OPP-000123 --next-step 'Send the offer' --close-on 2026-12-18",
        "sfactl opportunity edit OPP-000123 --amount 48000 --reason 'Two more sites'",
    ),
)
def edit(
    ctx: typer.Context,
    opportunity: OpportunityArgument,
    next_step: NextStepOption = None,
    close_on: CloseOnOption = None,
    amount: AmountOption = None,
    reason: ReasonOption = None,
) -> None:
    """Change an opportunity."""
    state: AppState = ctx.obj
    day = as_of_date(close_on, state) if close_on else None
    wanted = services.opportunity_editing.Edit(next_step, day, amount_of(amount))
    code = state.write(services.opportunity_editing.edit, opportunity, wanted, reason=reason)
    with state.read() as session:
        found, _stages = services.opportunities.one(session, code)
    write_detail(found, in_full(OPPORTUNITY_COLUMNS), state.output(), [])


opportunity_stages.register(app)
