"""Forms about an opportunity: what is kept of it by hand, and a new quote for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sfactl import services
from sfactl.core import quote_words
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.tui import bundle_orders
from sfactl.tui.activity_forms import amount_of, day_of
from sfactl.tui.bundle_orders import Order
from sfactl.tui.forms import Answers, Field, Form, Kind

if TYPE_CHECKING:
    from sfactl.db.session import Door, Session
    from sfactl.services.opportunities import OpportunityRow
    from sfactl.services.opportunity_editing import Edit
    from sfactl.services.quote_making import WantedLine
    from sfactl.services.quotes import QuotePage, QuoteRow


LONGEST_STEP = 200
"""As `services.opportunity_editing.LONGEST_STEP`, without loading it."""


def new(account: str) -> Form:
    """A new opportunity of an account."""

    def act(door: "Door", answers: Answers) -> str:
        closes = day_of(answers["close"])
        if closes is None:
            raise UsageFault(
                _("Say the day on which it is expected to close."), _("For example: {example}").format(example="+30d")
            )
        wanted = services.opportunity_making.Wanted(
            account, answers["name"], closes, amount_of(answers["amount"]), next_step=answers["step"]
        )
        return door.write(services.opportunity_making.new, wanted)

    def command(answers: Answers) -> list[str]:
        words = ["opportunity", "create", account, answers["name"], "--close-on", answers["close"]]
        for flag, key in (("--amount", "amount"), ("--next-step", "step")):
            words += [flag, answers[key]] if answers[key] else []
        return words

    return Form(
        _("New opportunity of {account}").format(account=account),
        (
            Field("name", _("Name"), hint=_("what it is about, in a few words")),
            Field("close", _("Closes"), kind=Kind.DAY, option="--close-on"),
            Field("amount", _("Amount"), kind=Kind.NUMBER, option="--amount"),
            Field("step", _("Next step"), hint=_("what is to be done next"), longest=LONGEST_STEP, option="--next-step"),
        ),
        act, command, lambda code: _("{code} is open now.").format(code=code), verb=_("make it"),
        right="opportunity.create",
    )  # fmt: skip


def which(account: str, rows: "Sequence[OpportunityRow]") -> Form:
    """Which of the open opportunities of an account to go to."""
    choices = tuple((f"{row.code} · {row.name} · {row.stage}", row.code) for row in rows)
    return Form(
        _("Open opportunities of {account}").format(account=account),
        (Field("opportunity", _("Opportunity"), choices=choices),),
        lambda _door, answers: answers["opportunity"],
        lambda answers: ["opportunity", "show", answers["opportunity"]], lambda _code: "", verb=_("open it"),
    )  # fmt: skip


def edit(row: "OpportunityRow") -> Form:
    """Change next step, close date and amount."""
    before = {"step": row.next_step or "", "close": row.close_on.isoformat(), "amount": str(row.amount.decimal)}

    def changed(answers: Answers) -> dict[str, str]:
        return {key: answers[key] for key, value in before.items() if answers[key] != value}

    def act(door: "Door", answers: Answers) -> str:
        said = changed(answers)
        if not said:
            raise UsageFault(_("Nothing is changed yet."), _("Change one of the fields."))
        seen = {key: value for key, value in before.items() if key in said}
        return door.write(services.opportunity_editing.edit, row.code, _edit(said), seen=_edit(seen))

    def command(answers: Answers) -> list[str]:
        flags = {"step": "--next-step", "close": "--close-on", "amount": "--amount"}
        said = changed(answers)
        return ["opportunity", "edit", row.code, *(word for key in said for word in (flags[key], said[key]))]

    return Form(
        _("Change {code}").format(code=row.code),
        (
            Field("step", _("Next step"), before["step"], hint=_("what is to be done next"), longest=LONGEST_STEP, option="--next-step"),
            Field("close", _("Closes"), before["close"], kind=Kind.DAY, option="--close-on"),
            Field("amount", _("Amount"), before["amount"], kind=Kind.NUMBER, option="--amount"),
        ),
        act, command, lambda code: _("{code} is changed.").format(code=code), verb=_("change it"),
        right="opportunity.edit",
    )  # fmt: skip


def _edit(said: Mapping[str, str]) -> "Edit":
    return services.opportunity_editing.Edit(
        said.get("step"), day_of(said.get("close", "")), amount_of(said.get("amount", ""))
    )


def bundles(session: "Session") -> list[tuple[str, str]]:
    """The bundles that can be configured: code and name."""
    if not session.actor.may("product.read"):
        return []
    return [(row.code, row.name) for row in services.products.find(session, only_bundles=True)]


@dataclass(frozen=True)
class Choices:
    """What can be configured for an opportunity, and the drafts on which it can be put."""

    orders: "tuple[Order, ...]"
    "One for each bundle, with what is kept of the opportunity's needs."
    names: tuple[str, ...]
    quotes: "tuple[QuoteRow, ...]"


def choices(session: "Session", opportunity: str) -> Choices:
    """The bundles and the drafts."""
    found = bundles(session)
    drafts = [
        row
        for row in services.quotes.find(session, services.quotes.Filter(opportunity=opportunity))
        if row.status == "draft"
    ]
    orders = tuple(bundle_orders.needed_for(session, opportunity, code) for code, _name in found)
    return Choices(orders, tuple(name for _code, name in found), tuple(drafts))


def choose(opportunity: str, found: Choices) -> Form:
    """Which bundle, and on which quote."""
    quotes = ((_("a new quote"), ""), *((f"{row.code} · {row.name}", row.code) for row in found.quotes))
    first = found.quotes[0].code if found.quotes else ""
    targets = {row.code: bundle_orders.Target(opportunity, row.code, row.version) for row in found.quotes}
    field = Field("quote", _("Put it on"), first, choices=quotes)
    return _choosing(_("Configure for {code}").format(code=opportunity), found, targets, field)


def choose_for(page: "QuotePage", found: Choices) -> Form:
    """Which bundle, for a quote that is there."""
    targets = {"": bundle_orders.Target(page.opportunity or "", page.code, page.version)}
    return _choosing(_("Configure for {code}").format(code=page.code), found, targets)


def _choosing(title: str, found: Choices, targets: "Mapping[str, bundle_orders.Target]", *more: Field) -> Form:
    offered = tuple(
        (f"{order.bundle} · {name}", order.bundle) for order, name in zip(found.orders, found.names, strict=True)
    )

    def act(_door: "Door", answers: Answers) -> Order:
        order = next(each for each in found.orders if each.bundle == answers["bundle"])
        return replace(order, target=targets.get(answers.get("quote", ""), order.target))

    return Form(
        title, (Field("bundle", _("Bundle to configure"), choices=offered), *more), act,
        lambda answers: ["product", "show", answers["bundle"]], lambda _order: "", verb=_("go on"),
    )  # fmt: skip


def quote(opportunity: str, found: Sequence[tuple[str, str]]) -> Form:
    """A new quote: of products, and of a bundle that is configured for what is needed."""
    none = [(_("none"), "")]
    choices = (*none, *((f"{code} · {name}", code) for code, name in found))

    def act(door: "Door", answers: Answers) -> str:
        return door.write(_make, opportunity, answers)

    def command(answers: Answers) -> list[str]:
        words = ["quote", "new", opportunity]
        words += [word for each in answers["products"].split() for word in ("--product", each)]
        if answers.get("bundle"):
            words += ["--bundle", answers["bundle"]]
            words += [word for each in answers.get("needs", "").split() for word in ("--need", each)]
        return [*words, *(["--total-discount", answers["discount"]] if answers["discount"] else [])]

    fields = [Field("products", _("Products"), hint="P-1=200 P-2=5")]
    if found:
        fields += [
            Field("bundle", _("Bundle to configure"), choices=choices),
            Field("needs", _("What is needed of it"), hint="seats=200 storage_tb=5"),
        ]
    fields.append(Field("discount", _("Discount on all of it"), kind=Kind.SHARE, option="--total-discount"))
    return Form(
        _("New quote for {code}").format(code=opportunity), tuple(fields), act, command,
        lambda code: _("{code} is a draft now.").format(code=code), verb=_("make it"),
        right="quote.create",
    )  # fmt: skip


def _make(session: "Session", opportunity: str, answers: Answers) -> str:
    lines = _configured(session, answers.get("bundle", ""), answers.get("needs", ""))
    lines += products_of(answers["products"])
    if not lines:
        raise UsageFault(_("Say products, or what is needed of a bundle."), _("For example: P-1=200"))
    share = quote_words.share_bp(answers["discount"]) if answers["discount"] else None
    return services.quote_making.new(session, services.quote_making.Wanted(opportunity, lines, header_bp=share))


def products_of(text: str) -> "list[WantedLine]":
    """Products with their quantities, as they were typed: `P-1=200 P-2=5`.

    Raises:
        UsageFault: a word is not a product with a quantity.
    """
    return [
        services.quote_making.WantedLine(code, quote_words.milli(quantity))
        for code, quantity in quote_words.pairs(text.replace(",", " ").split(), "P-1=200")
    ]


def _configured(session: "Session", bundle: str, needs: str) -> list[Any]:
    if not bundle:
        return []
    pairs = quote_words.pairs(needs.replace(",", " ").split(), "seats=200")
    wishes = services.configuring.Wishes({name: quote_words.milli(amount) for name, amount in pairs}, {}, ())
    return services.quote_making.bundle_lines(services.configuring.configure(session, bundle, wishes))
