"""What can be said of a balance on the command line; a team's and a territory's options are the same, each said once."""

from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass, fields
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any

import typer

from sfactl.commands import complete
from sfactl.commands.options import WhereOption
from sfactl.i18n import _


def complete_goals(incomplete: str) -> list[str]:
    """The goals there are."""
    from sfactl.core.balancing import MEASURED, Aim

    known = [f"{aim}={measure}" for aim, measures in MEASURED.items() for measure in measures]
    known += [str(aim) for aim in Aim if aim not in MEASURED]
    return [goal for goal in known if goal.startswith(incomplete)]


WholeArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="TERRITORY", help=_("Code or name; everything in sight when none is named."), show_default=False,
        autocompletion=complete.territories,
    ),
]  # fmt: skip
TeamArgument = Annotated[str, typer.Argument(metavar="TEAM", help=_("Code or name."), autocompletion=complete.teams)]
GoalOption = Annotated[
    list[str] | None,
    typer.Option(
        "--goal", metavar="GOAL",
        help=_(
            "What is to become better, the most important first: balance=workload, balance=revenue, balance=potential, "
            "balance=pipeline, balance=booked, balance=accounts, fit, disruption=accounts, disruption=revenue, disruption=pipeline, travel, odds."
        ),
        autocompletion=complete_goals,
    ),
]  # fmt: skip
BandOption = Annotated[
    str | None, typer.Option("--band", metavar="PERCENT", help=_("So far from the mean a load is balanced still: 15."))
]
HoldOption = Annotated[
    str | None,
    typer.Option(
        "--hold", metavar="PERCENT",
        help=_("So much of a goal that was reached may be given up for those after it: 0.5; with 0, nothing."),
    ),
]  # fmt: skip
MostLoadOption = Annotated[
    str | None,
    typer.Option("--most-load", metavar="PERCENT", help=_("Nobody gets more work than so much of his hours: 100.")),
]
MostAccountsOption = Annotated[
    int | None, typer.Option("--most-accounts", metavar="N", min=0, help=_("At most so many accounts change hands."))
]
MostRevenueOption = Annotated[
    str | None,
    typer.Option("--most-revenue", metavar="PERCENT", help=_("At most so much of all annual revenue changes hands.")),
]
LeastOption = Annotated[
    int | None, typer.Option("--least", metavar="N", min=0, help=_("Each person has at least so many accounts."))
]
MaximumOption = Annotated[
    int | None, typer.Option("--maximum", metavar="N", min=0, help=_("Each person has at most so many accounts."))
]
LockOption = Annotated[
    list[str] | None,
    typer.Option(
        "--lock", metavar="ACCOUNT", help=_("It stays with its owner, and with it the accounts of its family that he has. May be given several times."),
        autocompletion=complete.accounts,
    ),
]  # fmt: skip
TogetherOption = Annotated[
    bool,
    typer.Option("--together", help=_("Families of several owners are put together, where one person may have them.")),
]
WithOption = Annotated[
    list[str] | None,
    typer.Option(
        "--with", metavar="USER", help=_("This person takes part, too. May be given several times."),
        autocompletion=complete.users,
    ),
]  # fmt: skip
WithoutOption = Annotated[
    list[str] | None,
    typer.Option(
        "--without", metavar="USER", help=_("This person's accounts go to the others. May be given several times."),
        autocompletion=complete.users,
    ),
]  # fmt: skip
UnownedOption = Annotated[bool, typer.Option("--unowned", help=_("Accounts that nobody has are shared out, too."))]
AcrossOption = Annotated[
    bool,
    typer.Option(
        "--across", help=_("An account may go to somebody of another of these territories; it lies there then.")
    ),
]
PlacesOption = Annotated[
    str | None,
    typer.Option(
        "--places", metavar="FILE",
        help=_(
            "A CSV file: place,latitude,longitude; a place is an account, a person, a postal code, a city or a region."
        ),
    ),
]  # fmt: skip
SeedOption = Annotated[int, typer.Option("--seed", metavar="N", min=0, max=2**31 - 1, help=_("Another way to look."))]
WorkOption = Annotated[
    int,
    typer.Option(
        "--work", metavar="N", min=1, max=100_000,
        help=_("How long to look: about so many seconds, counted in steps, so that the answer is always the same."),
    ),
]  # fmt: skip
WhyOption = Annotated[
    str | None,
    typer.Option(
        "--why", metavar="ACCOUNT", help=_("Why it goes, or stays, where it does, and nothing else."),
        autocompletion=complete.accounts,
    ),
]  # fmt: skip
WhatIfOption = Annotated[
    list[str] | None,
    typer.Option(
        "--what-if", metavar="SCENARIO",
        help=_(
            "Only compare: with=USER, with=new:TERRITORY, without=USER, hours=USER:800, split=TERRITORY:CONDITION; several "
            "with “;” between them. May be given several times."
        ),
    ),
]  # fmt: skip
CompareOption = Annotated[
    bool,
    typer.Option(
        "--compare", help=_("Only compare with plain rules: accounts in turn, and always to the least loaded.")
    ),
]
KeepOption = Annotated[bool, typer.Option("--keep-opportunities", help=_("Open opportunities stay with their seller."))]
ReportOption = Annotated[
    Path | None,
    typer.Option(
        "--report", metavar="FILE",
        help=_("Write a report, too: .pdf, .html, .md, .xlsx, .json or .txt; .svg is the picture of the loads alone."),
    ),
]  # fmt: skip
MapOption = Annotated[
    Path | None,
    typer.Option("--map", metavar="FILE", help=_("Draw a map of accounts as points, too: a file that ends in .svg.")),
]
HireOption = Annotated[
    bool, typer.Option("--hire", help=_("Only how many people the territories need, and where one more helps most."))
]


_TARGETS = ("team", "territory")
_HIRING = (*_TARGETS, "hire", "where", "with_", "without", "unowned", "least", "most_load")
"""What counts for how many people are needed."""


@dataclass(frozen=True)
class Asked:
    """What was said on the command line: what is balanced, and an option a field."""

    team: str | None = None
    territory: str | None = None
    goal: GoalOption = None
    band: BandOption = None
    hold: HoldOption = None
    most_load: MostLoadOption = None
    most_accounts: MostAccountsOption = None
    most_revenue: MostRevenueOption = None
    least: LeastOption = None
    maximum: MaximumOption = None
    lock: LockOption = None
    together: TogetherOption = False
    with_: WithOption = None
    without: WithoutOption = None
    where: WhereOption = None
    unowned: UnownedOption = False
    across: AcrossOption = False
    places: PlacesOption = None
    seed: SeedOption = 1
    work: WorkOption = 60
    why: WhyOption = None
    what_if: WhatIfOption = None
    compare: CompareOption = False
    keep_opportunities: KeepOption = False
    report: ReportOption = None
    map: MapOption = None
    hire: HireOption = False

    @property
    def of(self) -> str:
        """The team or the territory, as it was said."""
        return self.team or self.territory or _("all")

    @property
    def kind(self) -> str:
        """The command."""
        return "team balance" if self.team else "territory balance"

    @property
    def looking(self) -> list[str]:
        """The options that only show something, of those that were said."""
        said = {"--hire": self.hire, "--what-if": self.what_if, "--why": self.why, "--compare": self.compare}
        return [option for option, value in said.items() if value]

    @property
    def beside_hiring(self) -> list[str]:
        """The options that were said and do not count for how many people are needed."""
        return [
            f"--{field.name.replace('_', '-')}"
            for field in fields(self)
            if field.name not in _HIRING and getattr(self, field.name) not in (None, [], field.default)
        ]


def command(run: Callable[[typer.Context, Asked], None], target: Parameter, *, without: Sequence[str] = ()) -> Any:
    """A function as Typer reads one: what is balanced comes first, then an option for each field of `Asked`.

    Args:
        target: the argument, called as its field is.
        without: options that this command does not have.
    """

    def said(ctx: typer.Context, **values: Any) -> None:
        run(ctx, Asked(**values))

    kind = Parameter.POSITIONAL_OR_KEYWORD
    options = [
        Parameter(field.name, kind, default=None if field.default is MISSING else field.default, annotation=field.type)
        for field in fields(Asked)
        if field.name not in (*_TARGETS, *without)
    ]
    made: Any = said
    made.__signature__ = Signature([Parameter("ctx", kind, annotation=typer.Context), target, *options])
    return made


def argument(name: str, annotation: Any, default: Any = Parameter.empty) -> Parameter:
    """What is balanced."""
    return Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=annotation)
