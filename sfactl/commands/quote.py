"""The `sfactl quote` commands."""

from typing import Any

import typer

from sfactl import services
from sfactl.commands import quote_agreeing, quote_changes, quote_closing, quote_documents, quote_options, tree
from sfactl.commands.options import (
    LimitOption,
    OfAccountOption,
    OnlyOption,
    SearchOption,
    SellerOption,
    TerritoryOption,
)
from sfactl.commands.quote_options import LineArgument, OtherArgument, QuoteArgument
from sfactl.commands.state import AppState
from sfactl.i18n import _

app = tree.noun(_("Offers: configured, priced, agreed and sent."))


@app.command(
    "list",
    help=_("List quotes, the newest first."),
    epilog=tree.examples("sfactl quote list --status sent --territory Southwest"),
)
def list_(
    ctx: typer.Context,
    status: quote_options.StatusOption = None,
    opportunity: quote_options.OfOpportunityOption = None,
    account: OfAccountOption = None,
    seller: SellerOption = None,
    territory: TerritoryOption = None,
    only: OnlyOption = False,
    primary: quote_options.PrimaryOnlyOption = False,
    search: SearchOption = None,
    limit: LimitOption = 0,
) -> None:
    """List quotes."""
    from sfactl.core.quote_states import State
    from sfactl.render.quotes import QUOTE_COLUMNS

    state: AppState = ctx.obj
    chosen = State(status.value) if status else None
    wanted = services.quotes.Filter(opportunity, account, seller, territory, only, chosen, primary, search, limit)
    with state.read() as session:
        state.show(services.quotes.find(session, wanted), QUOTE_COLUMNS)


@app.command(
    help=_(
        "Show a quote with its lines, who was asked to agree to it, what other areas answered, and what is held for it."
    ),
    epilog=tree.examples("sfactl quote show Q-000001", "sfactl quote show Q-000001 -o json"),
)
def show(ctx: typer.Context, quote: QuoteArgument) -> None:
    """Show one quote."""
    state: AppState = ctx.obj
    with state.read() as session:
        show_quote(state, session, quote)


def show_quote(state: AppState, session: Any, code: str) -> None:
    """Write a quote's page."""
    from sfactl.render.columns import in_full, telling
    from sfactl.render.detail import Section, write_detail
    from sfactl.render.quotes import PAGE_COLUMNS, line_columns

    page, lines = services.quotes.one(session, code)
    output, columns = state.output(), line_columns(with_cost=session.actor.may("cost.read"))
    about = in_full(PAGE_COLUMNS)
    if output.has_notes and not output.fields:
        about = telling(about, page)
    sections = quote_agreeing.sections(state, session, page.code)
    write_detail(page, about, output, (Section("lines", _("Lines"), lines, columns), *sections))


@app.command(
    help=_(
        "Show how each price came about: every step from the list price to what the line comes to, with its rule, and the "
        "rules that lost."
    ),
    epilog=tree.examples("sfactl quote why Q-000001", "sfactl quote why Q-000001 2"),
)
def why(ctx: typer.Context, quote: QuoteArgument, line: LineArgument = None) -> None:
    """Explain prices."""
    from sfactl.render.quotes import STEP_COLUMNS

    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.quotes.why(session, quote, line), STEP_COLUMNS)


@app.command(
    help=_("Show what differs between two quotes, two revisions, or two versions of one: Q-000001@3."),
    epilog=tree.examples(
        "sfactl quote compare Q-000001 Q-000001-2", "sfactl quote compare Q-000001@1 Q-000001"
    ),
)  # fmt: skip
def compare(ctx: typer.Context, quote: QuoteArgument, other: OtherArgument) -> None:
    """Compare two quotes."""
    from sfactl.render.quotes import CHANGE_COLUMNS

    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.quotes.compare(session, quote, other), CHANGE_COLUMNS)


quote_changes.register(app)
quote_documents.register(app)
quote_closing.register(app)
quote_agreeing.register(app)
