"""The `sfactl account` commands."""

from dataclasses import replace

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.options import (
    AccountArgument,
    AsOfOption,
    LimitOption,
    OnlyOption,
    OwnerOption,
    SearchOption,
    SegmentOption,
    TerritoryOption,
)
from sfactl.commands.state import AppState, as_of_date
from sfactl.i18n import _
from sfactl.render.accounts import ACCOUNT_COLUMNS, CONTACT_COLUMNS
from sfactl.render.assignments import OWNER_HISTORY_COLUMNS
from sfactl.render.detail import Section, write_detail

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
    limit: LimitOption = 0,
) -> None:
    """List accounts."""
    state: AppState = ctx.obj
    day = as_of_date(as_of, state) if as_of else None
    wanted = services.accounts.Filter(owner, territory, only, segment, search, day, limit)
    with state.read() as session:
        state.show(services.accounts.find(session, wanted), ACCOUNT_COLUMNS)


@app.command(help=_("Show an account in full: people there and owners over time."))
def show(ctx: typer.Context, account: AccountArgument) -> None:
    """Show one account."""
    state: AppState = ctx.obj
    with state.read() as session:
        found = services.accounts.one(session, account)
    sections = (
        Section("contacts", _("Contacts"), found.contacts, CONTACT_COLUMNS),
        Section("owners", _("Owners over time"), found.owners, OWNER_HISTORY_COLUMNS),
    )
    columns = [replace(column, wide=False) for column in ACCOUNT_COLUMNS]
    write_detail(found.account, columns, state.output(), sections)
