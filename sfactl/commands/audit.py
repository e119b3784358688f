"""The `sfactl audit` commands."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.options import LimitOption
from sfactl.commands.state import AppState
from sfactl.i18n import _
from sfactl.render.audit import AUDIT_COLUMNS

app = tree.noun(_("Who changed what."))

ActorOption = Annotated[str | None, typer.Option("--actor", metavar="LOGIN", help=_("Only what this person did."))]
EntityOption = Annotated[str | None, typer.Option("--noun", metavar="NOUN", help=_("Only changes of this noun."))]
KeyOption = Annotated[str | None, typer.Option("--key", metavar="CODE", help=_("Only changes of this row."))]


@app.command("list", help=_("List changes, latest first."), epilog=tree.examples("sfactl audit list --actor ana -n 20"))
def list_(
    ctx: typer.Context,
    actor: ActorOption = None,
    noun: EntityOption = None,
    key: KeyOption = None,
    limit: LimitOption = 0,
) -> None:
    """List the audit trail."""
    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.audit.find(session, actor=actor, entity=noun, key=key, limit=limit), AUDIT_COLUMNS)
