"""The `sfactl audit` commands."""

from datetime import date
from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.options import LimitOption, SinceOption
from sfactl.commands.state import AppState, as_of_date
from sfactl.i18n import _
from sfactl.render.audit import AUDIT_COLUMNS, BREAK_COLUMNS, CHANGE_COLUMNS, VERIFICATION_COLUMNS

app = tree.noun(_("Who changed what."))

EventArgument = Annotated[int, typer.Argument(metavar="NUMBER", help=_("The event's number."), min=1, max=2**63 - 1)]
ActorOption = Annotated[
    str | None,
    typer.Option("--actor", metavar="LOGIN", help=_("Only what this person did."), autocompletion=complete.users),
]
ForOption = Annotated[
    str | None, typer.Option("--for", metavar="LOGIN", help=_("Only what was done on behalf of them."))
]
ActionOption = Annotated[
    str | None, typer.Option("--action", metavar="ACTION", help=_("Only this: create, edit, grant, break-glass …"))
]
EntityOption = Annotated[str | None, typer.Option("--noun", metavar="NOUN", help=_("Only changes of this noun."))]
KeyOption = Annotated[str | None, typer.Option("--key", metavar="CODE", help=_("Only changes of this row."))]
RunOption = Annotated[str | None, typer.Option("--run", metavar="KEY", help=_("Only what this run did."))]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help=_("Up to this day, which is not included."))
]
HeadOption = Annotated[
    str | None,
    typer.Option(
        "--head", metavar="NUMBER:HASH", help=_("What was the last event once; the trail must still hold it.")
    ),
]


@app.command(
    "list",
    help=_("List the changes you may see, latest first."),
    epilog=tree.examples(
        "sfactl audit list --actor ana -n 20", "sfactl audit list --action break-glass --since 2026-01-01"
    ),
)
def list_(
    ctx: typer.Context,
    actor: ActorOption = None,
    on_behalf_of: ForOption = None,
    action: ActionOption = None,
    noun: EntityOption = None,
    key: KeyOption = None,
    run: RunOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: LimitOption = 0,
) -> None:
    """List the audit trail."""
    state: AppState = ctx.obj
    wanted = services.audit.Filter(
        actor, on_behalf_of, action, noun, key, run, _day(since, state), _day(until, state), limit
    )
    with state.read() as session:
        state.show(services.audit.find(session, wanted, zone=state.zone), AUDIT_COLUMNS)


@app.command(
    help=_("Show one change in full: before, after, who, why, and with which command."),
    epilog=tree.examples("sfactl audit show 17"),
)
def show(ctx: typer.Context, number: EventArgument, limit: LimitOption = 20) -> None:
    """Show one event."""
    from sfactl.render.columns import in_full
    from sfactl.render.detail import Section, write_detail

    state: AppState = ctx.obj
    with state.read() as session:
        found = services.audit.one(session, number)
        rows = services.run_changes.find(session, found.run, limit=limit) if found.run else []
    changed = Section("rows", _("Rows that were changed"), rows, CHANGE_COLUMNS)
    write_detail(found, in_full(AUDIT_COLUMNS), state.output(), (changed,) if found.run else ())


@app.command(
    help=_(
        "Recompute the whole trail: find any event that was edited, removed, inserted or moved, and a tail that was cut."
    ),
    epilog=tree.examples("sfactl audit verify", "sfactl audit verify --head 1200:9f86d081…"),
)
def verify(ctx: typer.Context, head: HeadOption = None) -> None:
    """Verify the trail."""
    from sfactl.errors import Findings
    from sfactl.i18n import ngettext
    from sfactl.render.detail import Section, write_detail

    state: AppState = ctx.obj
    with state.read() as session:
        found = services.audit.verify(session, head=head)
    breaks = Section("breaks", _("Breaks"), found.breaks, BREAK_COLUMNS)
    write_detail(found, VERIFICATION_COLUMNS, state.output(), (breaks,))
    if found.breaks:
        count = len(found.breaks)
        raise Findings(
            ngettext("The trail is broken in {count} place.", "The trail is broken in {count} places.", count).format(
                count=count
            ),
            _("Compare with a backup, and ask who could write the database itself."),
        )


def _day(text: str | None, state: AppState) -> date | None:
    return as_of_date(text, state) if text else None
