"""The `sfactl contact` commands."""

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.options import LimitOption, OfAccountOption, SearchOption
from sfactl.commands.state import AppState
from sfactl.i18n import _
from sfactl.render.accounts import CONTACT_COLUMNS

app = tree.noun(_("People at accounts."))


@app.command("list", help=_("List contacts."), epilog=tree.examples("sfactl contact list --account ACME"))
def list_(
    ctx: typer.Context, account: OfAccountOption = None, search: SearchOption = None, limit: LimitOption = 0
) -> None:
    """List contacts."""
    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.accounts.contacts(session, account=account, search=search, limit=limit), CONTACT_COLUMNS)
