"""The `sfactl contact` commands."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.erasing import tell_of_erasure
from sfactl.commands.options import LimitOption, OfAccountOption, ReasonOption, SearchOption, YesOption
from sfactl.commands.state import AppState
from sfactl.i18n import _
from sfactl.render.accounts import CONTACT_COLUMNS

app = tree.noun(_("People at accounts."))

ContactArgument = Annotated[str, typer.Argument(metavar="CONTACT", help=_("Name, or key of the other system."))]
TheirAccountOption = Annotated[
    str, typer.Option("--account", metavar="ACCOUNT", help=_("Where they work."), autocompletion=complete.accounts)
]


@app.command("list", help=_("List contacts."), epilog=tree.examples("sfactl contact list --account ACME"))
def list_(
    ctx: typer.Context, account: OfAccountOption = None, search: SearchOption = None, limit: LimitOption = 0
) -> None:
    """List contacts."""
    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.accounts.contacts(session, account=account, search=search, limit=limit), CONTACT_COLUMNS)


@app.command(
    help=_("Erase a contact: the row, and whatever the trail tells of them; the trail still proves to be whole."),
    epilog=tree.examples("sfactl contact erase 'Carla Core' --account ACME --reason 'asked on 1 May'"),
)
def erase(
    ctx: typer.Context,
    contact: ContactArgument,
    account: TheirAccountOption,
    reason: ReasonOption = None,
    yes: YesOption = False,
) -> None:
    """Erase a contact."""
    state: AppState = ctx.obj
    if yes or state.confirm(_("Erase {name}? This cannot be taken back.").format(name=contact)):
        tell_of_erasure(state, state.write(services.erasure.erase_contact, contact, account, reason=reason))
