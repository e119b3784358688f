"""The `sfactl quote` commands that make and change offers."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar

import typer

from sfactl import services
from sfactl.commands import quote_options as options
from sfactl.commands import tree
from sfactl.commands.needs import NeedOption, WithOption, WithoutOption, needs_of
from sfactl.commands.options import DryRunOption, ReasonOption
from sfactl.commands.quote_options import QuoteArgument
from sfactl.commands.quote_words import day_of
from sfactl.commands.state import AppState
from sfactl.core import quote_words as words
from sfactl.errors import UsageFault
from sfactl.i18n import _, ngettext

P = ParamSpec("P")
R = TypeVar("R")
MustReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help=_("Why; kept with the quote."))]


class _Tried(Exception):
    """Ends a transaction that was only a trial."""


def written(
    state: AppState, dry_run: bool, function: Callable[Concatenate[Any, P], R], *args: P.args, **kwargs: P.kwargs
) -> R:
    """Run a function in one transaction, and show the quote that it leaves; a trial is taken back.

    The function returns a code, or something that has one.
    """
    from sfactl.commands.quote import show_quote

    found: list[R] = []

    def run(session: Any) -> R:
        found[:] = [function(session, *args, **kwargs)]
        if dry_run:
            show_quote(state, session, code_of(found[0]))
            raise _Tried
        return found[0]

    try:
        state.write(run)
    except _Tried:
        state.note(_("This was a trial: nothing was done."))
        return found[0]
    if state.tells:
        with state.read() as session:
            show_quote(state, session, code_of(found[0]))
    return found[0]


def code_of(done: Any) -> str:
    """The code of what was done."""
    return str(getattr(done, "code", done))


def new(
    ctx: typer.Context,
    opportunity: options.OpportunityArgument,
    product: options.ProductOption = None,
    bundle: options.BundleOption = None,
    need: NeedOption = None,
    with_: WithOption = None,
    without: WithoutOption = None,
    discount: options.DiscountOption = None,
    name: options.NameOption = None,
    currency: options.CurrencyOption = None,
    price_book: options.BookOption = None,
    total_discount: options.HeaderOption = None,
    valid_until: options.UntilOption = None,
    payment_days: options.PaymentOption = None,
    terms: options.TermsOption = None,
    locale: options.LocaleOption = None,
    contact: options.ContactOption = None,
    primary: options.PrimaryOption = None,
    dry_run: DryRunOption = False,
) -> None:
    """Make a quote."""
    from sfactl.render.formats import require_locale

    state: AppState = ctx.obj
    configured = _configured(state, bundle, need or [], with_ or [], without or [])
    wanted = services.quote_making.Wanted(
        opportunity, lines_of(product or [], discount or [], configured), name, currency, price_book, _share(total_discount),
        day_of(valid_until, state), payment_days, terms, require_locale(locale), contact, primary,
    )  # fmt: skip
    written(state, dry_run, services.quote_making.new, wanted)


def _configured(
    state: AppState, bundle: str | None, needs: list[str], including: list[str], excluding: list[str]
) -> list[Any]:
    """The lines of a bundle that is configured for what is needed."""
    if bundle is None:
        if needs or including or excluding:
            raise UsageFault(_("It is not said which bundle is meant."), _("Add --bundle CODE."))
        return []
    wishes = needs_of(needs, including, excluding)
    with state.read() as session:
        found = services.configuring.configure(session, bundle, wishes)
    if not found.is_proven:
        from sfactl.render.formats import format_discount

        told = _("A better configuration may exist, by {gap} at most: the time was over before that was known.")
        state.note(told.format(gap=format_discount(found.gap, state.output().locale)))
    return services.quote_making.bundle_lines(found)


def lines_of(products: list[str], discounts: list[str], first: Sequence[Any] = ()) -> list[Any]:
    """Lines as they were typed, below those of a bundle, with the discounts on some of them."""
    from dataclasses import replace

    shares = {line: words.share_bp(share) for line, share in words.lines(discounts, "1=5%")}
    lines = [
        *first,
        *(
            services.quote_making.WantedLine(code, words.milli(quantity))
            for code, quantity in words.pairs(products, "P-1=200")
        ),
    ]
    lines = [replace(line, discount_bp=shares.pop(number, 0)) for number, line in enumerate(lines, 1)]
    if shares:
        raise UsageFault(
            _("There is no line {line} to take something off.").format(line=min(shares)),
            _("Lines count from 1: the bundle and its parts first, then the products."),
        )
    return lines


def _share(text: str | None) -> int | None:
    if text is not None and not text.endswith("%"):
        raise UsageFault(
            _("A new quote takes a share off: {example}").format(example="--total-discount 5%"),
            _("Take an amount off with sfactl quote edit, once its sum is known."),
        )
    return None if text is None else words.share_bp(text)


def edit(
    ctx: typer.Context,
    quote: QuoteArgument,
    quantity: options.QuantityOption = None,
    discount: options.DiscountOption = None,
    price: options.PriceOption = None,
    by_rule: options.ByRuleOption = None,
    add: options.AddOption = None,
    bundle: options.BundleOption = None,
    need: NeedOption = None,
    with_: WithOption = None,
    without: WithoutOption = None,
    remove: options.RemoveOption = None,
    total_discount: options.HeaderOption = None,
    valid_until: options.UntilOption = None,
    payment_days: options.PaymentOption = None,
    terms: options.TermsOption = None,
    name: options.NameOption = None,
    version: options.VersionOption = None,
    reason: ReasonOption = None,
    dry_run: DryRunOption = False,
) -> None:
    """Change a quote."""
    state: AppState = ctx.obj
    header_bp, header_minor = _header(state, quote, total_discount)
    configured = _configured(state, bundle, need or [], with_ or [], without or [])
    change = services.quote_editing.Change(
        lines_of(add or [], [], configured), remove or (),
        {line: words.milli(said) for line, said in words.lines(quantity or [], "1=20")},
        {line: words.share_bp(said) for line, said in words.lines(discount or [], "1=5%")},
        {line: words.price_e4(said) for line, said in words.lines(price or [], "1=99.50")},
        by_rule or (), reason, header_bp, header_minor, day_of(valid_until, state), payment_days, terms, name,
        version,
    )  # fmt: skip
    _edit(state, quote, change, dry_run)


def _header(state: AppState, quote: str, text: str | None) -> tuple[int | None, int | None]:
    """A discount on all of it: a share, or an amount in the quote's currency."""
    if text is None:
        return None, None
    if text.endswith("%"):
        return words.share_bp(text), None
    from sfactl.core.money import to_minor

    with state.read() as session:
        page, _lines = services.quotes.one(session, quote)
    return None, to_minor(words.decimal_of(text, 4), page.currency)


def price(ctx: typer.Context, quote: QuoteArgument, dry_run: DryRunOption = False) -> None:
    """Price a quote anew."""
    _edit(ctx.obj, quote, services.quote_editing.Change(reprices=True), dry_run)


def _edit(state: AppState, quote: str, change: Any, dry_run: bool) -> None:
    done = written(state, dry_run, services.quote_editing.edit, quote, change)
    if done.before is not None:
        told = "; ".join(services.quote_differences.said(each) for each in done.before.differences[:8])
        state.note(_("Just before, {person} changed: {changes}").format(person=done.before.login, changes=told or "–"))
    for each in done.differences:
        state.note(services.quote_differences.said(each))
    if not done.differences:
        state.note(_("Nothing is different now."))
    if done.state is not done.was:
        state.note(_("It was {was}, and is {state} now.").format(was=done.was, state=done.state))


def copy(
    ctx: typer.Context,
    quote: QuoteArgument,
    opportunity: options.ForOpportunityOption = None,
    dry_run: DryRunOption = False,
) -> None:
    """Copy a quote."""
    written(ctx.obj, dry_run, services.quote_making.copy, quote, opportunity=opportunity)


def revise(ctx: typer.Context, quote: QuoteArgument, dry_run: DryRunOption = False) -> None:
    """Make the next revision."""
    written(ctx.obj, dry_run, services.quote_making.revise, quote)


def primary(ctx: typer.Context, quote: QuoteArgument) -> None:
    """Let a quote decide its opportunity's amount."""
    state: AppState = ctx.obj
    code, opportunity = state.write(services.quote_editing.choose, quote)
    state.note(_("{quote} decides the amount of {opportunity}.").format(quote=code, opportunity=opportunity))


def decline(ctx: typer.Context, quote: QuoteArgument, reason: MustReasonOption) -> None:
    """The customer does not want it."""
    state: AppState = ctx.obj
    if not reason.strip():
        raise UsageFault(_("It needs a reason."), _("Say it with --reason TEXT."))
    state.note(
        _("{quote} is declined.").format(quote=state.write(services.quote_editing.decline, quote, reason=reason))
    )


def expire(ctx: typer.Context) -> None:
    """End offers whose time is over."""
    state: AppState = ctx.obj
    codes = state.write(services.quote_editing.expire)
    told = ngettext("{count} quote is over: {codes}", "{count} quotes are over: {codes}", len(codes))
    if codes:
        state.note(told.format(count=len(codes), codes=", ".join(codes)))


def register(to: typer.Typer) -> None:
    """Hang these commands below `sfactl quote`."""
    to.command(
        "new",
        help=_("Offer products for an opportunity: priced by the price books and rules of today."),
        epilog=tree.examples(
            "sfactl quote new OPP-1 --product P-1=10 --product P-2=200",
            "sfactl quote new OPP-1 --bundle SRV --need seats=200 --with RAID",
            "sfactl quote new OPP-1 --product P-1=10 --discount 1=5% --total-discount 2% --dry-run",
        ),
    )(new)
    to.command(
        "edit",
        help=_("Change lines, discounts, prices or terms; every price is computed anew, those set by hand stay."),
        epilog=tree.examples(
            "sfactl quote edit Q-000001 --quantity 1=20 --discount 2=5%",
            "sfactl quote edit Q-000001 --bundle COLD-CHAIN --need sensors=40",
            "sfactl quote edit Q-000001 --price 1=89.50 --reason 'matches a competitor' --version 3",
        ),
    )(edit)
    to.command(
        "price",
        help=_(
            "Price a quote anew by the price books, rates and rules of today; prices set by hand stay, and are flagged."
        ),
        epilog=tree.examples("sfactl quote price Q-000001 --dry-run"),
    )(price)
    to.command(
        "copy",
        help=_("Make a new quote of the same lines, for the same or another opportunity; it starts as a draft."),
        epilog=tree.examples("sfactl quote copy Q-000001 --opportunity OPP-2"),
    )(copy)
    to.command(
        "revise",
        help=_("Make the next revision of a quote, at today's prices; it starts as a draft."),
        epilog=tree.examples("sfactl quote revise Q-000001"),
    )(revise)
    to.command(
        "primary",
        help=_("Let a quote decide its opportunity's amount."),
        epilog=tree.examples("sfactl quote primary Q-000002"),
    )(primary)
    to.command(
        "decline",
        help=_("The customer does not want it, or you take it back."),
        epilog=tree.examples("sfactl quote decline Q-000001 --reason 'too dear'"),
    )(decline)
    to.command(
        "expire",
        help=_("End all offers whose time is over; for cron."),
        epilog=tree.examples("sfactl quote expire"),
    )(expire)
