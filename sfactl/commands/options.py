"""Options and arguments that several commands share, each said once."""

from typing import Annotated

import typer

from sfactl.commands import complete
from sfactl.i18n import _

LimitOption = Annotated[
    int,
    typer.Option(
        "--limit", "-n", metavar="N", min=0, max=2**31, show_default=False, help=_("At most so many rows; 0 shows all.")
    ),
]
SearchOption = Annotated[
    str | None, typer.Option("--search", "-s", metavar="TEXT", help=_("Words in the name or code."))
]
OwnerOption = Annotated[
    str | None,
    typer.Option("--owner", metavar="USER", help=_("Only those of this person."), autocompletion=complete.users),
]
TerritoryOption = Annotated[
    str | None,
    typer.Option(
        "--territory", "-t", metavar="TERRITORY", help=_("Only this territory and those below it."),
        autocompletion=complete.territories,
    ),
]  # fmt: skip
OnlyOption = Annotated[bool, typer.Option("--only", help=_("The territory itself, without those below it."))]
SegmentOption = Annotated[str | None, typer.Option("--segment", metavar="NAME", help=_("Only this segment."))]
IndustryOption = Annotated[str | None, typer.Option("--industry", metavar="NAME", help=_("Only this industry."))]
WhereOption = Annotated[
    str | None,
    typer.Option(
        "--where", metavar="CONDITION",
        help=_("Only accounts for which it holds: 'region in AZ, NM and employees >= 50 and not segment = Small'."),
    ),
]  # fmt: skip
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help=_("As things stood at the end of this day."))
]
SinceOption = Annotated[str | None, typer.Option("--since", metavar="DATE", help=_("From this day on."))]
PeriodOption = Annotated[
    str,
    typer.Option(
        "--period", "-p", metavar="PERIOD",
        help=_("2026Q4, FY2026, 2026-10, 2026-10-01..2027-01-01, this-quarter, last-month, ytd, last-12-months …"),
    ),
]  # fmt: skip
YesOption = Annotated[bool, typer.Option("--yes", "-y", help=_("Do not ask."))]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help=_("Say what would be done, and do nothing."))]
ReasonOption = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help=_("Why; kept in the audit trail."))]
AccountArgument = Annotated[
    str, typer.Argument(metavar="ACCOUNT", help=_("Code or name."), autocompletion=complete.accounts)
]
AccountsArgument = Annotated[
    list[str],
    typer.Argument(metavar="ACCOUNT", help=_("Code or name; one or several."), autocompletion=complete.accounts),
]
UserArgument = Annotated[str, typer.Argument(metavar="USER", help=_("Login or name."), autocompletion=complete.users)]
TerritoryArgument = Annotated[
    str, typer.Argument(metavar="TERRITORY", help=_("Code or name."), autocompletion=complete.territories)
]
OfAccountOption = Annotated[
    str | None,
    typer.Option("--account", metavar="ACCOUNT", help=_("Only of this account."), autocompletion=complete.accounts),
]
SellerOption = Annotated[
    str | None,
    typer.Option("--seller", metavar="USER", help=_("Only of this seller."), autocompletion=complete.users),
]
ClosingOption = Annotated[
    str | None, typer.Option("--closing", metavar="PERIOD", help=_("Only expected to close in this period."))
]
