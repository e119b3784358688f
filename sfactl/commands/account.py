"""The `sfactl account` commands."""

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.levels import LevelArgument, RemoveOption, SkillArgument, WeightOption, change
from sfactl.commands.options import (
    AccountArgument,
    AccountsArgument,
    AsOfOption,
    IndustryOption,
    LimitOption,
    OnlyOption,
    OwnerOption,
    ReasonOption,
    SearchOption,
    SegmentOption,
    SinceOption,
    TerritoryOption,
    WhereOption,
)
from sfactl.commands.state import AppState, as_of_date
from sfactl.i18n import _
from sfactl.render.accounts import ACCOUNT_COLUMNS

app = tree.noun(_("Customers and prospects."))


@app.command(
    "list",
    help=_("List the accounts you may see."),
    epilog=tree.examples("sfactl account list --territory Southwest", "sfactl account list --owner ana -o csv"),
)
def list_(
    ctx: typer.Context,
    owner: OwnerOption = None,
    territory: TerritoryOption = None,
    only: OnlyOption = False,
    segment: SegmentOption = None,
    search: SearchOption = None,
    as_of: AsOfOption = None,
    industry: IndustryOption = None,
    where: WhereOption = None,
    limit: LimitOption = 0,
) -> None:
    """List accounts."""
    state: AppState = ctx.obj
    day = as_of_date(as_of, state) if as_of else None
    wanted = services.accounts.Filter(
        owner, territory, only, segment, search, day, limit, industry=industry, where=where
    )
    with state.read() as session:
        state.show(services.accounts.find(session, wanted), ACCOUNT_COLUMNS)


@app.command(
    help=_("Show an account in full, or several side by side."),
    epilog=tree.examples("sfactl account show ACME", "sfactl account show ACME GLOBEX INITECH"),
)
def show(ctx: typer.Context, accounts: AccountsArgument) -> None:
    """Show one account, or several."""
    from sfactl.render.account_page import write_pages

    state: AppState = ctx.obj
    with state.read() as session:
        pages = services.account_page.pages(session, accounts)
    write_pages(pages, state.output())


@app.command(
    help=_("Show what happened with an account, latest first: activities, sales, orders, owners, contacts."),
    epilog=tree.examples("sfactl account timeline ACME --since 2026-01-01"),
)
def timeline(ctx: typer.Context, account: AccountArgument, since: SinceOption = None, limit: LimitOption = 0) -> None:
    """Show the timeline of an account."""
    from sfactl.render.account_page import TIMELINE_COLUMNS

    state: AppState = ctx.obj
    day = as_of_date(since, state) if since else None
    with state.read() as session:
        rows = services.account_timeline.timeline(session, account, since=day, limit=limit, zone=state.zone)
    state.show(rows, TIMELINE_COLUMNS)


@app.command(
    help=_("Show which skills an account needs of its owner, or say so."),
    epilog=tree.examples(
        "sfactl account need ACME",
        "sfactl account need ACME spanish 3",
        "sfactl account need ACME french 2 --weight 3",
        "sfactl account need ACME --remove spanish",
    ),
)
def need(
    ctx: typer.Context,
    account: AccountArgument,
    skill: SkillArgument = None,
    level: LevelArgument = None,
    weight: WeightOption = None,
    remove: RemoveOption = None,
    reason: ReasonOption = None,
) -> None:
    """Show or change what an account needs."""
    from sfactl.render.skills import NEED_COLUMNS

    state: AppState = ctx.obj
    wanted = change(skill, level, remove)
    if wanted:
        rows = state.write(services.skills.put_of_account, account, *wanted, weight=weight, reason=reason)
    else:
        with state.read() as session:
            rows = services.skills.of_account(session, account)
    state.show(rows, NEED_COLUMNS)
