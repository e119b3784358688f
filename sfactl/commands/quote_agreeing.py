"""The `sfactl quote` commands by which people agree to an offer."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.options import LimitOption, ReasonOption
from sfactl.commands.state import AppState
from sfactl.core.replies import Verdict
from sfactl.i18n import _, ngettext

if TYPE_CHECKING:
    from sfactl.render.columns import Section

QuoteArgument = Annotated[str, typer.Argument(metavar="QUOTE", help=_("Its code."), autocompletion=complete.quotes)]
MaybeQuoteArgument = Annotated[
    str | None, typer.Argument(metavar="QUOTE", help=_("Only this quote."), autocompletion=complete.quotes)
]
PreviewOption = Annotated[bool, typer.Option("--preview", help=_("Say who must agree and why, and ask nobody."))]
CommentOption = Annotated[
    str | None, typer.Option("--comment", "-c", metavar="TEXT", help=_("What is said with it; kept with the answer."))
]
MustCommentOption = Annotated[
    str, typer.Option("--comment", "-c", metavar="TEXT", help=_("Why not; kept with the answer."))
]
MineOption = Annotated[bool, typer.Option("--mine", help=_("Only what you are asked."))]
EverythingOption = Annotated[bool, typer.Option("--all", help=_("Also what is decided."))]


def register(app: typer.Typer) -> None:
    """Add the commands to their noun."""
    app.command(
        help=_(
            "Ask those who must agree to a quote, and the areas that the policy names. With nobody to ask, it is approved."
        ),
        epilog=tree.examples("sfactl quote submit Q-000045 --preview", "sfactl quote submit Q-000045"),
    )(submit)
    app.command(
        help=_("Agree to a quote as it is, where you are asked. A deputy says --as."),
        epilog=tree.examples("sfactl quote approve Q-000045", 'sfactl quote approve Q-000045 --as mike -c "fine"'),
    )(approve)
    app.command(
        help=_("Say no to a quote, where you are asked."),
        epilog=tree.examples('sfactl quote reject Q-000045 -c "too low"'),
    )(reject)
    app.command(
        help=_("Take a submitted or approved quote back."),
        epilog=tree.examples('sfactl quote recall Q-000045 --reason "the customer wants more"'),
    )(recall)
    app.command(
        help=_("List who is asked to agree to what, the first that is due first."),
        epilog=tree.examples("sfactl quote approvals --mine", "sfactl quote approvals Q-000045 --all"),
    )(approvals)
    app.command(
        help=_(
            "Ask further up where nobody answered in time, and remind where nobody is further up. Run it from cron; when all "
            "is well, it says nothing."
        ),
        epilog=tree.examples("sfactl quote escalate"),
    )(escalate)


def sections(state: AppState, session: Any, code: str) -> "list[Section]":
    """Who was asked about a quote and said what, and what is held for it; a terminal shows only what there is."""
    from sfactl.render.agreements import APPROVALS_OF_QUOTE, HANDOFFS_OF_QUOTE
    from sfactl.render.columns import Section
    from sfactl.render.stock import RESERVATIONS_OF_QUOTE

    may = session.actor.may
    asked = services.approvals.find(session, quote=code, everything=True) if may("approval.read") else []
    sent = services.handoffs.find(session, quote=code, everything=True) if may("handoff.read") else []
    held = list(services.reservations.find(session, quote=code, everything=True)) if may("reservation.read") else []
    found = [
        Section("approvals", _("Approvals"), asked, APPROVALS_OF_QUOTE),
        Section("handoffs", _("Hand-offs"), sent, HANDOFFS_OF_QUOTE),
        Section("reservations", _("Held in stock"), held, RESERVATIONS_OF_QUOTE),
    ]
    return [each for each in found if each.rows or state.settings.output != "table"]


def submit(
    ctx: typer.Context, quote: QuoteArgument, preview: PreviewOption = False, reason: ReasonOption = None
) -> None:
    """Submit a quote."""
    from sfactl.render.agreements import NEED_COLUMNS

    state: AppState = ctx.obj
    if preview:
        with state.read() as session:
            state.show(services.approvals.preview(session, quote), NEED_COLUMNS)
        return
    done = state.write(services.approvals.submit, quote, reason=reason)
    if done.needs:
        state.show(done.needs, NEED_COLUMNS)
    _tell(state, done)


def _tell(state: AppState, done: "services.approvals.Submitted") -> None:
    state.note(_("{quote} is {status} now.").format(quote=done.quote, status=done.status))
    for form in done.unsent:
        state.note(_("The form {form} goes to nobody: nobody who is meant has an address.").format(form=form))
    if done.handoffs:
        said = ngettext("{count} hand-off went out.", "{count} hand-offs went out.", len(done.handoffs))
        state.note(said.format(count=len(done.handoffs)))


def approve(ctx: typer.Context, quote: QuoteArgument, comment: CommentOption = None) -> None:
    """Agree to a quote."""
    state: AppState = ctx.obj
    _tell(state, state.write(services.approvals.decide, quote, Verdict.APPROVE, comment=comment))


def reject(ctx: typer.Context, quote: QuoteArgument, comment: MustCommentOption) -> None:
    """Say no to a quote."""
    state: AppState = ctx.obj
    _tell(state, state.write(services.approvals.decide, quote, Verdict.REJECT, comment=comment))


def recall(ctx: typer.Context, quote: QuoteArgument, reason: ReasonOption = None) -> None:
    """Take a quote back."""
    state: AppState = ctx.obj
    _tell(state, state.write(services.approvals.recall, quote, reason=reason))


def approvals(
    ctx: typer.Context,
    quote: MaybeQuoteArgument = None,
    mine: MineOption = False,
    everything: EverythingOption = False,
    limit: LimitOption = 0,
) -> None:
    """List approvals."""
    from sfactl.render.agreements import APPROVAL_COLUMNS

    state: AppState = ctx.obj
    with state.read() as session:
        rows = services.approvals.find(session, quote=quote, mine=mine, everything=everything, limit=limit)
        state.show(rows, APPROVAL_COLUMNS)


def escalate(ctx: typer.Context) -> None:
    """Ask further up."""
    from sfactl.render.agreements import APPROVAL_COLUMNS

    state: AppState = ctx.obj
    late = state.write(services.approvals.escalate)
    if late or state.settings.output != "table":
        state.show(late, APPROVAL_COLUMNS)
