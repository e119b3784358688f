"""The `sfactl handoff` commands."""

from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.options import LimitOption
from sfactl.commands.quote_agreeing import CommentOption, EverythingOption, MineOption, QuoteArgument
from sfactl.commands.state import AppState
from sfactl.core.replies import Verdict
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.render.agreements import FIELD_COLUMNS, HANDOFF_COLUMNS

app = tree.noun(_("Questions to other areas about an offer, and their answers."))

HandoffArgument = Annotated[
    str, typer.Argument(metavar="HANDOFF", help=_("Its code."), autocompletion=complete.handoffs)
]
FormArgument = Annotated[str, typer.Argument(metavar="FORM", help=_("Name of a form of the policy."))]
OfQuoteOption = Annotated[
    str | None,
    typer.Option("--quote", metavar="QUOTE", help=_("Only about this quote."), autocompletion=complete.quotes),
]
YesNoOption = Annotated[bool | None, typer.Option("--yes/--no", help=_("Confirm, or refuse."))]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help=_("What the form asks for; may be said several times.")),
]


@app.command(
    "list",
    help=_("List hand-offs that wait for an answer, the first that is due first."),
    epilog=tree.examples("sfactl handoff list --mine", "sfactl handoff list --quote Q-000045"),
)
def list_(
    ctx: typer.Context,
    quote: OfQuoteOption = None,
    mine: MineOption = False,
    everything: EverythingOption = False,
    limit: LimitOption = 0,
) -> None:
    """List hand-offs."""
    state: AppState = ctx.obj
    with state.read() as session:
        rows = services.handoffs.find(session, quote=quote, mine=mine, everything=everything, limit=limit)
        state.show(rows, HANDOFF_COLUMNS)


@app.command(help=_("Show a hand-off with its fields."), epilog=tree.examples("sfactl handoff show H-7K2QAF3MZT"))
def show(ctx: typer.Context, handoff: HandoffArgument) -> None:
    """Show one hand-off."""
    from sfactl.render.columns import in_full
    from sfactl.render.detail import Section, write_detail

    state: AppState = ctx.obj
    with state.read() as session:
        found, fields = services.handoffs.one(session, handoff)
    section = Section("fields", _("Fields"), fields, FIELD_COLUMNS)
    write_detail(found, in_full(HANDOFF_COLUMNS), state.output(), (section,))


@app.command(
    help=_("Ask another area about a quote, with a form of the policy."),
    epilog=tree.examples("sfactl handoff send Q-000045 finance"),
)
def send(ctx: typer.Context, quote: QuoteArgument, form: FormArgument) -> None:
    """Send a form."""
    state: AppState = ctx.obj
    codes = state.write(services.handoffs.send, quote, form)
    with state.read() as session:
        rows = [row for row in services.handoffs.find(session, quote=quote) if row.code in codes]
        state.show(rows, HANDOFF_COLUMNS)


@app.command(
    help=_("Answer a hand-off, once."),
    epilog=tree.examples(
        "sfactl handoff answer H-7K2QAF3MZT --yes --set deliverable_on=2026-12-01",
        'sfactl handoff answer H-7K2QAF3MZT --no -c "sold out"',
    ),
)
def answer(
    ctx: typer.Context,
    handoff: HandoffArgument,
    yes: YesNoOption = None,
    comment: CommentOption = None,
    values: SetOption = None,
) -> None:
    """Answer a hand-off."""
    state: AppState = ctx.obj
    if yes is None:
        raise UsageFault(_("An answer says --yes or --no."))
    said = dict(_pair(word) for word in values or ())
    verdict = Verdict.APPROVE if yes else Verdict.REJECT
    row = state.write(services.handoffs.answer, handoff, verdict, comment=comment, values=said)
    state.show([row], HANDOFF_COLUMNS)


def _pair(word: str) -> tuple[str, str]:
    key, sign, value = word.partition("=")
    if not (key and sign and value):
        raise UsageFault(
            _("{word} is no field with a value.").format(word=word),
            _("Write it as {example}.").format(example="deliverable_on=2026-12-01"),
        )
    return key, value
