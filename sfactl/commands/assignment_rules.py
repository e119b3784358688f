"""The `sfactl assignment rules` commands, and the accounts that rules leave alone."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.options import (
    AccountArgument,
    IndustryOption,
    OnlyOption,
    OwnerOption,
    ReasonOption,
    SearchOption,
    SegmentOption,
    TerritoryOption,
    WhereOption,
)
from sfactl.commands.planning import Planning, PlanningCommand, carry_out
from sfactl.commands.state import AppState
from sfactl.i18n import _
from sfactl.render.assignment_rules import EXCLUSION_COLUMNS, RULE_COLUMNS, WHY_COLUMNS

app = tree.noun(_("Rules of the policy that place accounts in territories and with people."))

CausesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--over", metavar="CAUSE",
        help=_("Place anew also what this placed: import, distribution, leaver or territory. May be given several times."),
    ),
]  # fmt: skip
FamiliesOption = Annotated[
    bool, typer.Option("--families", help=_("An account goes with the one at the top of its family."))
]
FromTerritoryOption = Annotated[
    str | None,
    typer.Option(
        "--territory", "-t", metavar="TERRITORY", autocompletion=complete.territories,
        help=_("Only for this territory and those below it; everywhere when it is not said."),
    ),
]  # fmt: skip


@app.command("list", help=_("List the rules in the order in which they are asked."))
def list_(ctx: typer.Context) -> None:
    """List rules."""
    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.rules.find(session), RULE_COLUMNS)


@app.command(
    help=_("Show what each rule says of an account: the one that wins, and why each of the others does not."),
    epilog=tree.examples("sfactl assignment rules why ACME"),
)
def why(ctx: typer.Context, account: AccountArgument) -> None:
    """Explain where rules put an account."""
    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.rules.why(session, account), WHY_COLUMNS)


@app.command(
    cls=PlanningCommand,
    help=_(
        "Place accounts by the rules: those that rules placed, that nobody owns, or that lie in no territory. "
        "What people placed by hand, and what is excluded, stays."
    ),
    epilog=tree.examples(
        "sfactl assignment rules run --dry-run",
        "sfactl assignment rules run --territory West --over import --plan west.plan",
    ),
)
def run(
    ctx: typer.Context,
    owner: OwnerOption = None,
    territory: TerritoryOption = None,
    only: OnlyOption = False,
    segment: SegmentOption = None,
    industry: IndustryOption = None,
    where: WhereOption = None,
    search: SearchOption = None,
    over: CausesOption = None,
    families: FamiliesOption = False,
) -> None:
    """Run the rules."""
    state: AppState = ctx.obj
    wanted = services.narrowing.AccountFilter(
        owner, territory, only, segment, search, industry=industry, where=where
    )  # fmt: skip
    request = services.rules.Request(wanted, services.rules.require_causes(over or []), families)
    asked = Planning.of(ctx)
    options = {"families": families, "over": sorted(request.replace)}
    carry_out(state, "assignment rules run", services.rules.lines, request, asked, options=options)
    tally = request.tally
    state.note(
        _("Rules: {added} placed, {removed} no longer claimed, {kept} as they were, {conflicts} in conflict.").format(
            added=tally.added, removed=tally.removed, kept=tally.kept, conflicts=tally.conflicts
        )
    )


def exclude(
    ctx: typer.Context, account: AccountArgument, territory: FromTerritoryOption = None, reason: ReasonOption = None
) -> None:
    """Exclude an account from rules."""
    state: AppState = ctx.obj
    state.write(services.rule_exclusions.add, account, territory=territory, reason=reason)
    state.note(_("Rules leave {account} alone.").format(account=account))


def include(
    ctx: typer.Context, account: AccountArgument, territory: FromTerritoryOption = None, reason: ReasonOption = None
) -> None:
    """Let rules place an account again."""
    state: AppState = ctx.obj
    state.write(services.rule_exclusions.remove, account, territory=territory, reason=reason)
    state.note(_("Rules may place {account} again.").format(account=account))


def exclusions(ctx: typer.Context) -> None:
    """List excluded accounts."""
    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.rule_exclusions.find(session), EXCLUSION_COLUMNS)


def register(to: typer.Typer) -> None:
    """Hang these commands below `sfactl assignment`."""
    to.add_typer(app, name="rules")
    to.command(
        help=_("Let rules leave an account alone, everywhere or for one territory."),
        epilog=tree.examples("sfactl assignment exclude ACME --reason 'key account'"),
    )(exclude)
    to.command(help=_("Let rules place an account again."))(include)
    to.command(help=_("List the accounts that rules leave alone."))(exclusions)
