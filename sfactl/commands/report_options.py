"""The options of a report, each said once: what it is about, where it goes, and when it counts."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sfactl.commands import complete
from sfactl.core.periods import Unit
from sfactl.i18n import _

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help=_("A name of `sfactl report list`."), autocompletion=complete.reports)
]
PeriodOption = Annotated[
    str | None,
    typer.Option(
        "--period", "-p", metavar="PERIOD",
        help=_("2026Q4, FY2026, 2026-10, 2026-10-01..2027-01-01, this-quarter, last-month, ytd, last-12-months …"),
    ),
]  # fmt: skip
ByOption = Annotated[
    Unit | None, typer.Option("--by", metavar="UNIT", help=_("A row a month, quarter, half, week, day or year."))
]
UserOption = Annotated[
    str | None, typer.Option("--user", "-u", metavar="USER", help=_("Only this person."), autocompletion=complete.users)
]
TeamOption = Annotated[
    str | None, typer.Option("--team", metavar="TEAM", help=_("Only this team."), autocompletion=complete.teams)
]
MeasureOption = Annotated[
    str | None, typer.Option("--measure", metavar="NAME", help=_("revenue, won_amount and others."))
]
ReachedOption = Annotated[
    bool | None, typer.Option("--reached/--missed", help=_("Only those who have reached it, or have not."))
]
WhereOption = Annotated[
    str | None, typer.Option("--where", metavar="CONDITION", help=_("Only accounts for which it holds."))
]
StatusOption = Annotated[str | None, typer.Option("--status", metavar="STATUS", help=_("open, won or lost."))]
DaysOption = Annotated[
    int | None, typer.Option("--days", metavar="N", min=0, max=2**31, help=_("After so many days."), show_default=False)
]
MostOption = Annotated[
    int | None,
    typer.Option("--limit", "-n", metavar="N", min=0, max=2**31, show_default=False, help=_("At most so many rows.")),
]
ToOption = Annotated[
    Path | None,
    typer.Option(
        "--to", metavar="FILE",
        help=_("Write it to a file, whole or not at all, in place of one that is there; its ending says the form."),
    ),
]  # fmt: skip
FailOption = Annotated[
    str | None,
    typer.Option(
        "--fail-if", metavar="CONDITION",
        help=_("End with exit code 8 when it holds for a row: 'attainment < 80% and territory = SW'."),
    ),
]  # fmt: skip
OnlyRowsOption = Annotated[bool, typer.Option("--only-if-rows", help=_("Write and mail nothing when it has no rows."))]
OnlyChangedOption = Annotated[
    bool,
    typer.Option("--only-if-changed", help=_("Write and mail nothing when it says what was written or mailed last.")),
]


class Split(StrEnum):
    """For whom a copy each is made."""

    MANAGER = "manager"


MailOption = Annotated[
    list[str] | None,
    typer.Option(
        "--mail-to", metavar="WHO",
        help=_("Mail it to an address, as you see it, or to a login, as that person sees it. May be given several times."),
        autocompletion=complete.users,
    ),
]  # fmt: skip
AgainOption = Annotated[bool, typer.Option("--again", help=_("Mail it once more, though it was mailed today."))]
SplitOption = Annotated[
    Split | None,
    typer.Option(
        "--split-by", metavar="WHOM", help=_("manager: one mail to each manager in sight, with only his own rows.")
    ),
]
LagOption = Annotated[
    int | None,
    typer.Option(
        "--max-lag", metavar="SECONDS", min=0, max=86_400, show_default=False,
        help=_("Read the replica of the settings if it is no further behind; 60 when nothing is said."),
    ),
]  # fmt: skip
