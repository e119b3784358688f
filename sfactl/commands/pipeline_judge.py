"""The `sfactl pipeline` commands about what people say of the pipeline."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete
from sfactl.commands.options import LimitOption, SellerOption, TerritoryOption
from sfactl.commands.state import AppState, as_of_date
from sfactl.core.money import parse_amount
from sfactl.i18n import _
from sfactl.render.opportunities import JUDGEMENT_COLUMNS


class Category(StrEnum):
    """Where a forecast is to count an opportunity."""

    COMMIT = "commit"
    BEST_CASE = "best_case"
    PIPELINE = "pipeline"
    OMITTED = "omitted"


JudgedArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="OPPORTUNITY", help=_("Its code; or name a period instead."), autocompletion=complete.opportunities
    ),
]
CategoryOption = Annotated[Category | None, typer.Option("--category", help=_("Where the forecast is to count it."))]
AmountOption = Annotated[
    str | None, typer.Option("--amount", metavar="AMOUNT", help=_("With a point for decimals: 300000.00"))
]
CloseOnOption = Annotated[str | None, typer.Option("--close-on", metavar="DATE", help=_("When it will close."))]
OfTerritoryOption = Annotated[
    str | None,
    typer.Option(
        "--territory", "-t", metavar="TERRITORY", help=_("What this territory will bring."),
        autocompletion=complete.territories,
    ),
]  # fmt: skip
OfSellerOption = Annotated[
    str | None,
    typer.Option("--seller", metavar="USER", help=_("What this seller will bring."), autocompletion=complete.users),
]
OfPeriodOption = Annotated[str | None, typer.Option("--period", "-p", metavar="PERIOD", help=_("In this period."))]
NoteOption = Annotated[str | None, typer.Option("--note", metavar="TEXT", help=_("Why."))]
OfOpportunityOption = Annotated[
    str | None,
    typer.Option(
        "--opportunity",
        metavar="OPPORTUNITY",
        help=_("Only of this opportunity."),
        autocompletion=complete.opportunities,
    ),
]


def judge(
    ctx: typer.Context,
    opportunity: JudgedArgument = None,
    category: CategoryOption = None,
    amount: AmountOption = None,
    close_on: CloseOnOption = None,
    territory: OfTerritoryOption = None,
    seller: OfSellerOption = None,
    period: OfPeriodOption = None,
    note: NoteOption = None,
) -> None:
    """Say what something will bring."""
    state: AppState = ctx.obj
    within = None
    if period is not None:
        with state.read() as session:
            within = state.period(session, period)
    new = services.judgements.NewJudgement(
        opportunity, territory, seller, within, category, amount_of(amount),
        as_of_date(close_on, state) if close_on else None, note,
    )  # fmt: skip
    state.show([state.write(services.judgements.put, new)], JUDGEMENT_COLUMNS)


def judgements(
    ctx: typer.Context,
    opportunity: OfOpportunityOption = None,
    territory: TerritoryOption = None,
    seller: SellerOption = None,
    limit: LimitOption = 0,
) -> None:
    """List what was said."""
    state: AppState = ctx.obj
    with state.read() as session:
        wanted = services.judgements.Filter(opportunity, territory, seller, limit)
        state.show(services.judgements.find(session, wanted), JUDGEMENT_COLUMNS)


def amount_of(text: str | None) -> Decimal | None:
    """The amount that a person wrote, where one is said; errors as of `parse_amount`."""
    return None if text is None else parse_amount(text)
