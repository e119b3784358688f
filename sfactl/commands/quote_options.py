"""Options and arguments of the commands about quotes."""

from enum import StrEnum
from typing import Annotated

import typer

from sfactl.commands import complete
from sfactl.i18n import _


class Status(StrEnum):
    """How far a quote has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    RECALLED = "recalled"
    EXPIRED = "expired"
    STALE = "stale"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"


QuoteArgument = Annotated[str, typer.Argument(metavar="QUOTE", help=_("Its code."), autocompletion=complete.quotes)]
OtherArgument = Annotated[
    str, typer.Argument(metavar="OTHER", help=_("Another quote, or revision."), autocompletion=complete.quotes)
]
LineArgument = Annotated[int | None, typer.Argument(metavar="LINE", min=1, help=_("Only this line."))]
OpportunityArgument = Annotated[
    str,
    typer.Argument(
        metavar="OPPORTUNITY", help=_("The opportunity's code."), autocompletion=complete.opportunities
    ),
]  # fmt: skip
OfOpportunityOption = Annotated[
    str | None,
    typer.Option(
        "--opportunity", metavar="OPPORTUNITY", help=_("Only of this opportunity."),
        autocompletion=complete.opportunities,
    ),
]  # fmt: skip
ForOpportunityOption = Annotated[
    str | None,
    typer.Option(
        "--opportunity", metavar="OPPORTUNITY", help=_("For this opportunity instead."),
        autocompletion=complete.opportunities,
    ),
]  # fmt: skip
StatusOption = Annotated[Status | None, typer.Option("--status", help=_("Only in this state."))]
PrimaryOnlyOption = Annotated[
    bool, typer.Option("--primary", help=_("Only those that decide their opportunity's amount."))
]
PrimaryOption = Annotated[
    bool | None,
    typer.Option(
        "--primary/--no-primary", help=_("Whether it decides the opportunity's amount; the first one does."),
        show_default=False,
    ),
]  # fmt: skip
ProductOption = Annotated[
    list[str] | None,
    typer.Option(
        "--product", metavar="CODE=QUANTITY", help=_("A product and how much of it; several times for several."),
        autocompletion=complete.products,
    ),
]  # fmt: skip
BundleOption = Annotated[
    str | None,
    typer.Option(
        "--bundle", metavar="CODE", help=_("A bundle, configured for what is needed."), autocompletion=complete.bundles
    ),
]
NameOption = Annotated[str | None, typer.Option("--name", metavar="TEXT", help=_("What the offer is called."))]
CurrencyOption = Annotated[
    str | None, typer.Option("--currency", metavar="CODE", help=_("The opportunity's, unless another is said."))
]
BookOption = Annotated[
    str | None, typer.Option("--price-book", metavar="NAME", help=_("Another price book than the policy's."))
]
HeaderOption = Annotated[
    str | None,
    typer.Option("--total-discount", metavar="DISCOUNT", help=_("Off all of it: a share, 5%, or an amount, 250.00")),
]
UntilOption = Annotated[
    str | None, typer.Option("--valid-until", metavar="DATE", help=_("The first day on which it no longer holds."))
]
PaymentOption = Annotated[
    int | None, typer.Option("--payment-days", metavar="DAYS", min=0, max=3650, help=_("In how many days it is paid."))
]
TermsOption = Annotated[
    str | None, typer.Option("--terms", metavar="TEXT", help=_("What is agreed for this offer alone."))
]
LocaleOption = Annotated[
    str | None,
    typer.Option("--locale", metavar="LOCALE", help=_("In which language and form the customer reads it: es_ES")),
]
ContactOption = Annotated[
    str | None, typer.Option("--contact", metavar="NAME", help=_("To whom it goes: e-mail address or name."))
]
AddOption = Annotated[
    list[str] | None,
    typer.Option(
        "--add", metavar="CODE=QUANTITY", help=_("One more product."), autocompletion=complete.products
    ),
]  # fmt: skip
RemoveOption = Annotated[list[int] | None, typer.Option("--remove", metavar="LINE", min=1, help=_("Take a line out."))]
QuantityOption = Annotated[
    list[str] | None, typer.Option("--quantity", metavar="LINE=QUANTITY", help=_("Another quantity: 1=20"))
]
DiscountOption = Annotated[
    list[str] | None, typer.Option("--discount", metavar="LINE=SHARE", help=_("What you take off a line: 1=5%"))
]
PriceOption = Annotated[
    list[str] | None, typer.Option("--price", metavar="LINE=PRICE", help=_("A price of a piece set by hand: 1=99.50"))
]
ByRuleOption = Annotated[
    list[int] | None, typer.Option("--by-rule", metavar="LINE", min=1, help=_("The rules' price again."))
]
VersionOption = Annotated[
    int | None,
    typer.Option(
        "--version", metavar="N", min=1,
        help=_("The version you saw; if somebody changed it since, you are told what, and nothing is done."),
    ),
]  # fmt: skip
