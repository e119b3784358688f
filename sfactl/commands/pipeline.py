"""The `sfactl pipeline` commands."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from sfactl import services
from sfactl.commands import pipeline_judge, tree
from sfactl.commands.options import (
    AsOfOption,
    ClosingOption,
    LimitOption,
    OnlyOption,
    PeriodOption,
    SellerOption,
    TerritoryOption,
)
from sfactl.commands.state import AppState, as_of_date
from sfactl.i18n import _
from sfactl.render.opportunities import (
    AGING_COLUMNS,
    CHANGE_COLUMNS,
    CHANGE_DETAIL_COLUMNS,
    FUNNEL_COLUMNS,
    PIPELINE_COLUMNS,
    forecast_columns,
)

if TYPE_CHECKING:
    from sfactl.core.periods import Period
    from sfactl.services.pipeline import Filter
    from sfactl.services.pipeline_changes import Proof

app = tree.noun(_("The open pipeline: by stage, what it promises, and how it changed."))

SinceDayOption = Annotated[str, typer.Option("--since", metavar="DATE", help=_("The first day whose changes count."))]
IdleDaysOption = Annotated[
    int,
    typer.Option(
        "--idle-days", metavar="N", min=0, max=100_000, help=_("So many days without an activity are too many.")
    ),
]
StuckOption = Annotated[bool, typer.Option("--stuck", help=_("Only those that are stuck."))]


class Division(StrEnum):
    """What a forecast is divided by."""

    TERRITORY = "territory"
    SELLER = "seller"


DivisionOption = Annotated[Division | None, typer.Option("--by", help=_("A row a territory, or a row a seller."))]
DetailOption = Annotated[bool, typer.Option("--detail", help=_("The opportunities of each figure."))]


@app.command(
    help=_("Show count, sum and weighted sum of each open stage."),
    epilog=tree.examples(
        "sfactl pipeline show --territory Southwest --closing this-quarter", "sfactl pipeline show --as-of 2026-03-31"
    ),
)
def show(
    ctx: typer.Context,
    territory: TerritoryOption = None,
    only: OnlyOption = False,
    seller: SellerOption = None,
    closing: ClosingOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Show the pipeline."""
    state: AppState = ctx.obj
    with state.reading() as session:
        within = state.period(session, closing) if closing else None
        day = as_of_date(as_of, state) if as_of else None
        rows = services.pipeline.by_stage(session, services.pipeline.Filter(territory, only, seller, within, day))
    state.show(rows, PIPELINE_COLUMNS)


@app.command(
    help=_(
        "Show the way through the stages: what is in each, how many entered it in the period, how many of them went on to a "
        "later one, and how long those stayed that left."
    ),
    epilog=tree.examples("sfactl pipeline funnel --period this-quarter --territory Southwest"),
)
def funnel(
    ctx: typer.Context,
    period: PeriodOption = "this-quarter",
    territory: TerritoryOption = None,
    only: OnlyOption = False,
    seller: SellerOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Show the funnel."""
    state: AppState = ctx.obj
    with state.reading() as session:
        wanted = _filter(state, territory, only, seller, as_of)
        asked = state.period(session, period)
        rows = services.pipeline_funnel.funnel(session, wanted, asked)
    basis = _("Entered in {period}, and of those went on; – where none of them has left the stage yet.")
    state.show(rows, FUNNEL_COLUMNS, footer=basis.format(period=asked.label))


@app.command(
    help=_(
        "Show what a period will bring: closed, then with commit, then with best case; the open pipeline, and whether it covers "
        "what is left of the quota."
    ),
    epilog=tree.examples(
        "sfactl pipeline forecast --period this-quarter --by territory",
        "sfactl pipeline forecast --period 2026Q4 --territory Southwest --by seller -o csv",
    ),
)
def forecast(
    ctx: typer.Context,
    period: PeriodOption = "this-quarter",
    territory: TerritoryOption = None,
    only: OnlyOption = False,
    seller: SellerOption = None,
    by: DivisionOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Show the forecast."""
    state: AppState = ctx.obj
    with state.reading() as session:
        wanted = _filter(state, territory, only, seller, as_of)
        divided = services.pipeline_forecast.By(by) if by else None
        question = services.pipeline_forecast.Question(wanted, state.period(session, period), divided)
        rows = services.pipeline_forecast.forecast(session, question)
    shown = by or ("seller" if seller else "territory" if territory else "")
    basis = _(
        "Closed and open are sums of opportunities; the quota is one of revenue. Coverage needed is 1 / win rate."
    )
    state.show(rows, forecast_columns(shown, is_judged=any(row.is_judged for row in rows)), footer=basis)


@app.command(
    help=_(
        "List open opportunities by the time in their stage, against what is usual there. Stuck are those that are in it longer "
        "than the policy says (stage), without an activity (idle), or should have closed (overdue)."
    ),
    epilog=tree.examples(
        "sfactl pipeline aging --stuck --territory Southwest", "sfactl pipeline aging --idle-days 14 --limit 20"
    ),
)
def aging(
    ctx: typer.Context,
    territory: TerritoryOption = None,
    only: OnlyOption = False,
    seller: SellerOption = None,
    closing: ClosingOption = None,
    stuck: StuckOption = False,
    idle_days: IdleDaysOption = 30,
    as_of: AsOfOption = None,
    limit: LimitOption = 0,
) -> None:
    """List open opportunities by their time."""
    state: AppState = ctx.obj
    with state.reading() as session:
        wanted = _filter(state, territory, only, seller, as_of, state.period(session, closing) if closing else None)
        question = services.pipeline_aging.Question(wanted, idle_days, stuck, limit)
        state.show(services.pipeline_aging.aging(session, question), AGING_COLUMNS)


def _filter(
    state: AppState, territory: str | None, only: bool, seller: str | None, as_of: str | None,
    closing: "Period | None" = None,
) -> "Filter":  # fmt: skip
    day = as_of_date(as_of, state) if as_of else None
    return services.pipeline.Filter(territory, only, seller, closing, day)


@app.command(
    help=_(
        "Show how the open pipeline became what it is since a day: what came in, grew, shrank, closed or left, to the cent. "
        "With a closing period, also what moved into it and out of it."
    ),
    epilog=tree.examples(
        "sfactl pipeline changes --since 2026-10-01",
        "sfactl pipeline changes --since 2026-10-01 --territory Southwest --closing this-quarter --detail",
        "sfactl pipeline changes --since 2026-07-01 --as-of 2026-09-30 -o csv",
    ),
)
def changes(
    ctx: typer.Context,
    since: SinceDayOption,
    as_of: AsOfOption = None,
    territory: TerritoryOption = None,
    only: OnlyOption = False,
    seller: SellerOption = None,
    closing: ClosingOption = None,
    detail: DetailOption = False,
) -> None:
    """Show what changed."""
    state: AppState = ctx.obj
    with state.reading() as session:
        within = state.period(session, closing) if closing else None
        last = as_of_date(as_of, state) if as_of else None
        question = services.pipeline_changes.Question(
            as_of_date(since, state), last, territory, only, seller, within
        )  # fmt: skip
        if detail:
            state.show(services.pipeline_changes.details(session, question), CHANGE_DETAIL_COLUMNS)
            return
        found = services.pipeline_changes.since(session, question)
    state.show(found.rows, CHANGE_COLUMNS, footer="\n".join(_sum(state, proof) for proof in found.proofs))


def _sum(state: AppState, proof: "Proof") -> str:
    """The sum of a currency as a line that can be added up by hand; what is nothing is left out."""
    from sfactl.render.formats import format_money

    names = {
        "new": _("new"), "pulled_in": _("pulled in"), "increased": _("increased"), "decreased": _("decreased"),
        "pushed_out": _("pushed out"), "won": _("won"), "lost": _("lost"), "transferred_in": _("transferred in"),
        "transferred_out": _("transferred out"),
    }  # fmt: skip
    start, now = (format_money(proof.amounts[figure], state.settings.locale) for figure in ("start", "now"))
    if not proof.holds:
        said = _(
            "{currency}: what changed does not lead from {start} to {now}; `sfactl db check` looks for the reason."
        )
        return said.format(currency=proof.currency, start=start, now=now)
    parts = [
        f"{'−' if amount.minor < 0 else '+'} {names[figure]} {format_money(amount if amount.minor > 0 else -amount, state.settings.locale)}"
        for figure, amount in proof.amounts.items()
        if figure in names and amount.minor
    ]
    return f"{proof.currency}: " + " ".join([start, *parts, "=", now])


app.command(
    "judge",
    help=_(
        "Say what an opportunity, or the period of a territory or seller, will bring. The data stay as they are; the forecast "
        "shows both. Who is credited speaks as the owner, others as managers."
    ),
    epilog=tree.examples(
        "sfactl pipeline judge OPP-002751 --category commit --amount 30000 --note 'order is being signed'",
        "sfactl pipeline judge --territory Southwest --period this-quarter --amount 1200000",
    ),
)(pipeline_judge.judge)
app.command("judgements", help=_("List what was said of opportunities and periods, the latest first."))(
    pipeline_judge.judgements
)
