"""The reports there are: what each is called, what may be asked of it, its tables, and what reads their rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, Final

from sfactl import services
from sfactl.core.periods import Unit, parts
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models.territories import UNASSIGNED
from sfactl.render.accounts import ACCOUNT_COLUMNS
from sfactl.render.activities import ACTIVITY_COLUMNS
from sfactl.render.assignments import ASSIGNMENT_COLUMNS
from sfactl.render.columns import Column, Kind
from sfactl.render.lint import FINDING_COLUMNS
from sfactl.render.opportunities import (
    AGING_COLUMNS,
    CHANGE_COLUMNS,
    FUNNEL_COLUMNS,
    OPPORTUNITY_COLUMNS,
    PIPELINE_COLUMNS,
    forecast_columns,
)
from sfactl.render.orders import ORDER_COLUMNS
from sfactl.render.quota_proof import proof_line
from sfactl.render.quotas import QUOTA_COLUMNS, ROLLUP_COLUMNS, attainment_columns
from sfactl.render.report_parts import Chart, Drawing, Outline
from sfactl.render.territories import (
    MIX_COLUMNS,
    PEOPLE_COLUMNS,
    RISK_COLUMNS,
    TOP_ACCOUNT_COLUMNS,
    territory_report_columns,
)
from sfactl.render.users import USER_COLUMNS
from sfactl.services.report_options import Asked

if TYPE_CHECKING:
    from sfactl.services.accounts import Filter
    from sfactl.services.attainment import AttainmentRow, Proof, Question
    from sfactl.services.pipeline import Filter as PipelineFilter


MOST_ACCOUNTS: Final = 20
"""So many accounts are the top ones, where nobody says how many."""


@dataclass(frozen=True)
class Rows:
    """The rows of one table."""

    rows: Iterable[object]
    footer: str | None = None


@dataclass(frozen=True)
class Definition:
    """A report."""

    name: str
    title: str
    summary: str
    takes: tuple[str, ...]
    "The options that it understands."
    tables: tuple[Outline, ...]
    read: Callable[[Session, Asked], Sequence[Rows]]
    "The rows of each table, in their order."
    defaults: Mapping[str, str] = field(default_factory=dict)


def _attainment(by: str) -> Callable[[Session, Asked], list[Rows]]:
    def read(session: Session, asked: Asked) -> list[Rows]:
        found = services.attainment.attainment(session, _attainment_asked(asked, by))
        return [Rows(_first(found.rows, asked.limit), _proof(found.proof, asked.locale))]

    return read


def _attainment_asked(asked: Asked, by: str) -> "Question":
    return services.attainment.Question(
        asked.whole, measure=asked.measure, territory=asked.territory, user=asked.user, team=asked.team,
        as_of=asked.as_of, reached=asked.reached, by=by, each=asked.by, has_trend=by != "person",
    )  # fmt: skip


def _proof(proof: "Proof | None", locale: str) -> str | None:
    return None if proof is None else proof_line(proof.booked, proof.credited, proof.uncredited, locale)


def _first(rows: Sequence[object], limit: int) -> Sequence[object]:
    return rows[:limit] if limit else rows


def _territories(session: Session, asked: Asked) -> list[Rows]:
    named = (asked.territory,) if asked.territory else ()
    question = services.territory_report.Question(named, asked.periods, only=asked.only, as_of=asked.as_of)
    return [Rows(services.territory_report.report(session, question))]


def _pipeline(session: Session, asked: Asked) -> list[Rows]:
    return [Rows(services.pipeline.by_stage(session, _of_pipeline(asked)))]


def _of_pipeline(asked: Asked) -> "PipelineFilter":
    return services.pipeline.Filter(asked.territory, asked.only, asked.user, asked.period, asked.as_of)


def _open_of(asked: Asked) -> "PipelineFilter":
    """The whole open pipeline, whenever it is expected to close."""
    return services.pipeline.Filter(asked.territory, asked.only, asked.user, None, asked.as_of)


def _mix(session: Session, asked: Asked) -> list[Rows]:
    mix = services.territory_mix
    found = (mix.mix(session, mix.of_territory(name, asked.whole, only=asked.only)) for name in _named(session, asked))
    return [Rows(chain.from_iterable(found))]


def _top_accounts(session: Session, asked: Asked) -> list[Rows]:
    most, top = asked.limit or MOST_ACCOUNTS, services.territory_accounts.top
    found = (top(session, name, asked.whole, number=most, only=asked.only) for name in _named(session, asked))
    return [Rows(chain.from_iterable(found))]


def _at_risk(session: Session, asked: Asked) -> list[Rows]:
    accounts = services.territory_accounts
    risk = accounts.Risk() if asked.days is None else accounts.Risk(idle_days=asked.days)
    found = (accounts.at_risk(session, name, asked.whole, risk, only=asked.only) for name in _named(session, asked))
    return [Rows(chain.from_iterable(found))]


def _territory_people(session: Session, asked: Asked) -> list[Rows]:
    people = services.territory_people.people
    return [Rows(chain.from_iterable(people(session, name, asked.whole) for name in _named(session, asked)))]


def _named(session: Session, asked: Asked) -> tuple[str, ...]:
    """The territory that was asked for, or those at the top of what is seen."""
    return (asked.territory,) if asked.territory else _tops(session, asked)


def _funnel(session: Session, asked: Asked) -> list[Rows]:
    return [Rows(services.pipeline_funnel.funnel(session, _open_of(asked), asked.whole))]


def _forecast(by: str | None) -> Callable[[Session, Asked], list[Rows]]:
    def read(session: Session, asked: Asked) -> list[Rows]:
        forecasts = services.pipeline_forecast
        divided = forecasts.By(by) if by else None
        return [Rows(forecasts.forecast(session, forecasts.Question(_open_of(asked), asked.whole, divided)))]

    return read


def _changes(session: Session, asked: Asked) -> list[Rows]:
    """What changed since the period began, until its last day or the day that is asked for."""
    last = min(asked.whole.end - timedelta(days=1), asked.day)
    changes = services.pipeline_changes
    question = changes.Question(asked.whole.start, last, asked.territory, asked.only, asked.user)
    return [Rows(changes.since(session, question).rows)]


def _aging(*, is_stuck: bool) -> Callable[[Session, Asked], list[Rows]]:
    def read(session: Session, asked: Asked) -> list[Rows]:
        aging = services.pipeline_aging
        most = aging.IDLE_DAYS if asked.days is None else asked.days
        return [Rows(aging.aging(session, aging.Question(_of_pipeline(asked), most, is_stuck, asked.limit)))]

    return read


def _accounts(session: Session, asked: Asked) -> list[Rows]:
    return [Rows(services.accounts.find(session, _of_accounts(asked)))]


def _assignments(session: Session, asked: Asked) -> list[Rows]:
    return [Rows(services.assignments.find(session, _of_accounts(asked)))]


def _of_accounts(asked: Asked) -> "Filter":
    return services.accounts.Filter(
        owner=asked.user, territory=asked.territory, only=asked.only, as_of=asked.as_of, where=asked.where,
        limit=asked.limit,
    )  # fmt: skip


def _opportunities(session: Session, asked: Asked) -> list[Rows]:
    wanted = services.opportunities.Filter(
        status=asked.status, seller=asked.user, territory=asked.territory, only=asked.only, closing=asked.period,
        limit=asked.limit,
    )  # fmt: skip
    return [Rows(services.opportunities.find(session, wanted))]


def _activities(session: Session, asked: Asked) -> list[Rows]:
    wanted = services.activities.Filter(owner=asked.user, territory=asked.territory, limit=asked.limit)
    return [Rows(services.activities.find(session, wanted))]


def _orders(session: Session, asked: Asked) -> list[Rows]:
    wanted = services.orders.Filter(
        seller=asked.user, territory=asked.territory, only=asked.only, period=asked.period, limit=asked.limit
    )
    return [Rows(services.orders.find(session, wanted))]


def _quotas(session: Session, asked: Asked) -> list[Rows]:
    wanted = services.quotas.Filter(user=asked.user, territory=asked.territory, period=asked.period, limit=asked.limit)
    return [Rows(services.quotas.find(session, wanted))]


def _rollup(session: Session, asked: Asked) -> list[Rows]:
    rollup = services.quota_rollup
    return [
        Rows(rollup.rollup(session, rollup.Question(asked.whole, asked.territory, asked.measure, None, asked.as_of)))
    ]


def _people(session: Session, asked: Asked) -> list[Rows]:
    return [Rows(services.users.find(session, limit=asked.limit))]


def _lint(session: Session, _asked: Asked) -> list[Rows]:
    return [Rows(services.lint.check(session))]


def _overview(session: Session, asked: Asked) -> list[Rows]:
    """The months of the territory, or of each one at the top of what is seen, and what stands behind them."""
    tops = _named(session, asked)
    months = tuple(parts(asked.whole, Unit.MONTH, asked.calendar))
    question = services.territory_report.Question(tops, months, only=asked.only, as_of=asked.as_of)
    trend = services.territory_report.report(session, question) if tops else []
    return [
        Rows(trend),
        *_attainment("person")(session, asked),
        *_all_open(session, asked),
        *_territories(session, asked),
    ]


def _all_open(session: Session, asked: Asked) -> list[Rows]:
    return [Rows(services.pipeline.by_stage(session, _open_of(asked)))]


def _tops(session: Session, asked: Asked) -> tuple[str, ...]:
    rows = services.territories.tree(session, as_of=asked.as_of)
    return tuple(row.code for row in rows if row.depth == 0 and row.code != UNASSIGNED)


def _pace(row: "AttainmentRow") -> Fraction | None:
    """Where attainment should be by now."""
    return Fraction(row.on_track.minor, row.quota.minor) if row.on_track and row.quota and row.quota.minor else None


_BARS: Final = Chart(
    Drawing.BARS, _("Attainment, and where it should be by now"), Column("name", _("Name")),
    (Column("attainment", _("Attainment"), Kind.SHARE),), Column("pace", _("Pace"), Kind.SHARE, value=_pace),
    _("Attainment over time"),
)  # fmt: skip
_FUNNEL: Final = Chart(
    Drawing.FUNNEL, _("Open pipeline by stage"), Column("name", _("Stage")),
    (Column("amount", _("Amount"), Kind.MONEY),),
)  # fmt: skip
_TREND: Final = Chart(
    Drawing.LINES, _("Revenue by month, and the year before"), Column("period", _("Period"), Kind.CODE, value=lambda row: row.period.partition("..")[0][:7]),
    (Column("revenue", _("Revenue"), Kind.MONEY), Column("prior_revenue", _("Year before"), Kind.MONEY)),
)  # fmt: skip
_PLACES: Final = Chart(
    Drawing.AMOUNTS, _("Revenue by territory"), Column("territory", _("Territory"), Kind.CODE),
    (Column("revenue", _("Revenue"), Kind.MONEY),), over_time=_("Revenue of territories over time"),
)  # fmt: skip

_MIXED: Final = Chart(
    Drawing.AMOUNTS, _("Revenue by product family"), Column("family", _("Family")),
    (Column("revenue", _("Revenue"), Kind.MONEY),),
)  # fmt: skip
_TOP: Final = Chart(
    Drawing.AMOUNTS, _("Revenue by account"), Column("account_name", _("Account's name")),
    (Column("revenue", _("Revenue"), Kind.MONEY),),
)  # fmt: skip
_PROMISED: Final = Chart(
    Drawing.AMOUNTS, _("Closed, with commit and best case"), Column("territory", _("Territory"), Kind.CODE),
    (Column("best_case_forecast", _("With best case"), Kind.MONEY),),
)  # fmt: skip
_PROMISES: Final = (
    "closed", "commit", "best_case", "pipeline", "commit_forecast", "best_case_forecast", "open_pipeline", "weighted", "quota",
)  # fmt: skip

_OF_TERRITORIES: Final = territory_report_columns(False, False)
_OF_MONTHS: Final = tuple(
    column
    for column in _OF_TERRITORIES
    if column.key in ("territory", "period", "orders", "revenue", "prior_revenue", "growth", "currency")
)
_OF_ATTAINMENT: Final = ("quota", "credit", "orders", "gap")
_ATTAINMENT: Final = Outline("attainment", _("Attainment"), attainment_columns("person"), _OF_ATTAINMENT, _BARS)
_TAKEN: Final = ("period", "by", "territory", "user", "team", "measure", "reached", "as_of", "limit")
_PIPELINE: Final = Outline(
    "pipeline", _("Open pipeline by stage"), PIPELINE_COLUMNS, ("count", "amount", "weighted"), _FUNNEL
)  # fmt: skip
_PLACED: Final = ("territory", "only")
_SOLD: Final = (*_PLACED, "user")

BUILT_IN: Final[Mapping[str, Definition]] = {
    each.name: each
    for each in (
        Definition(
            "overview", _("Sales overview"), _("Revenue by month, attainment, pipeline and territories on one page."),
            ("period", *_SOLD, "measure", "as_of"),
            (
                Outline("months", _("Month by month"), _OF_MONTHS, chart=_TREND), _ATTAINMENT, _PIPELINE,
                Outline("territories", _("Territories"), _OF_TERRITORIES, chart=_PLACES),
            ),
            _overview, {"period": "ytd"},
        ),
        Definition(
            "attainment", _("Attainment"), _("Who has reached quota, best first."), _TAKEN, (_ATTAINMENT,),
            _attainment("person"), {"period": "this-quarter"},
        ),
        Definition(
            "attainment-by-team", _("Attainment of teams"), _("Which teams have reached quota."), _TAKEN,
            (Outline("attainment", _("Attainment"), attainment_columns("team", has_trend=True), (), _BARS),),
            _attainment("team"), {"period": "this-quarter"},
        ),
        Definition(
            "attainment-by-territory", _("Attainment of territories"),
            _("Which territories, with all below them, have reached quota."), _TAKEN,
            (Outline("attainment", _("Attainment"), attainment_columns("territory", has_trend=True), (), _BARS),),
            _attainment("territory"), {"period": "this-quarter"},
        ),
        Definition(
            "attainment-by-manager", _("Attainment of managers"), _("Managers, with all who work for them."), _TAKEN,
            (Outline("attainment", _("Attainment"), attainment_columns("manager", has_trend=True), (), _BARS),),
            _attainment("manager"), {"period": "this-quarter"},
        ),
        Definition(
            "quota-rollup", _("Quotas level by level"), _("Each territory's own quota beside those below it."),
            ("period", "territory", "measure", "as_of"),
            (Outline("rollup", _("Quotas level by level"), ROLLUP_COLUMNS),), _rollup, {"period": "this-quarter"},
        ),
        Definition(
            "territories", _("Territories"), _("Bookings, growth, wins, pipeline and quota of each territory."),
            ("period", "by", *_PLACED, "as_of"),
            (Outline("territories", _("Territories"), _OF_TERRITORIES, chart=_PLACES),), _territories,
            {"period": "this-quarter"},
        ),
        Definition(
            "territory-mix", _("What a territory sells"), _("Revenue by product family, against the year before."),
            ("period", *_PLACED),
            (Outline("mix", _("What a territory sells"), MIX_COLUMNS, ("revenue",), _MIXED),), _mix,
            {"period": "this-quarter"},
        ),
        Definition(
            "top-accounts", _("Top accounts"), _("The accounts that brought most in the period."),
            ("period", *_PLACED, "limit"),
            (Outline("accounts", _("Top accounts"), TOP_ACCOUNT_COLUMNS, ("orders", "revenue"), _TOP),), _top_accounts,
            {"period": "this-quarter"},
        ),
        Definition(
            "at-risk", _("Accounts at risk"), _("Accounts without an activity for days, or whose orders fall."),
            ("period", *_PLACED, "days"), (Outline("accounts", _("Accounts at risk"), RISK_COLUMNS),), _at_risk,
            {"period": "last-12-months"},
        ),
        Definition(
            "territory-people", _("People of territories"), _("Who works where, with load, pipeline and attainment."),
            ("period", "territory"),
            (Outline("people", _("People of territories"), PEOPLE_COLUMNS),), _territory_people,
            {"period": "this-quarter"},
        ),
        Definition(
            "pipeline", _("Pipeline"), _("The open pipeline by stage."), ("period", *_SOLD, "as_of"), (_PIPELINE,), _pipeline,
        ),
        Definition(
            "funnel", _("Funnel"), _("What is in each stage, and how many went on from it in the period."),
            ("period", *_SOLD, "as_of"),
            (Outline("funnel", _("Funnel"), FUNNEL_COLUMNS, ("count", "amount", "weighted"), _FUNNEL),), _funnel,
            {"period": "this-quarter"},
        ),
        Definition(
            "forecast", _("Forecast"), _("What a period will bring: closed, with commit, with best case; coverage."),
            ("period", *_SOLD, "as_of"), (Outline("forecast", _("Forecast"), forecast_columns("", is_judged=True)),), _forecast(None),
            {"period": "this-quarter"},
        ),
        Definition(
            "forecast-by-territory", _("Forecast by territory"), _("The forecast, a row a territory."),
            ("period", *_SOLD, "as_of"),
            (Outline("forecast", _("Forecast"), forecast_columns("territory", is_judged=True), (), _PROMISED),),
            _forecast("territory"), {"period": "this-quarter"},
        ),
        Definition(
            "forecast-by-seller", _("Forecast by seller"), _("The forecast, a row a seller."),
            ("period", *_SOLD, "as_of"),
            (Outline("forecast", _("Forecast"), forecast_columns("seller", is_judged=True), _PROMISES),), _forecast("seller"),
            {"period": "this-quarter"},
        ),
        Definition(
            "pipeline-changes", _("Changes of the pipeline"),
            _("What came in, grew, shrank, closed or left since the period began, to the cent."),
            ("period", *_SOLD, "as_of"), (Outline("changes", _("Changes"), CHANGE_COLUMNS),), _changes,
            {"period": "this-month"},
        ),
        Definition(
            "pipeline-aging", _("Age of the pipeline"), _("Open opportunities by the time in their stage."),
            ("period", *_SOLD, "days", "as_of", "limit"),
            (Outline("aging", _("Open opportunities"), AGING_COLUMNS, ("amount",)),), _aging(is_stuck=False),
        ),
        Definition(
            "stuck", _("Stuck opportunities"), _("Open opportunities that are too long in their stage, idle or overdue."),
            ("period", *_SOLD, "days", "as_of", "limit"),
            (Outline("aging", _("Stuck opportunities"), AGING_COLUMNS, ("amount",)),), _aging(is_stuck=True),
        ),
        Definition(
            "accounts", _("Accounts"), _("Accounts with owner and territory."),
            (*_SOLD, "where", "as_of", "limit"), (Outline("accounts", _("Accounts"), ACCOUNT_COLUMNS),), _accounts,
        ),
        Definition(
            "assignments", _("Assignments"), _("Who works which account."), (*_SOLD, "where", "as_of", "limit"),
            (Outline("assignments", _("Assignments"), ASSIGNMENT_COLUMNS),), _assignments,
        ),
        Definition(
            "opportunities", _("Opportunities"), _("Opportunities, the next to close first."),
            ("period", *_SOLD, "status", "limit"),
            (Outline("opportunities", _("Opportunities"), OPPORTUNITY_COLUMNS, ("amount", "weighted")),),
            _opportunities, {"status": "open"},
        ),
        Definition(
            "activities", _("Activities"), _("Activities, latest first."), ("territory", "user", "limit"),
            (Outline("activities", _("Activities"), ACTIVITY_COLUMNS),), _activities,
        ),
        Definition(
            "orders", _("Orders"), _("Bookings of a period, latest first."), ("period", *_SOLD, "limit"),
            (Outline("orders", _("Orders"), ORDER_COLUMNS, ("amount", "tax", "freight", "total")),), _orders,
            {"period": "this-month"},
        ),
        Definition(
            "quotas", _("Quotas"), _("Quotas that begin in a period."), ("period", "territory", "user", "limit"),
            (Outline("quotas", _("Quotas"), QUOTA_COLUMNS),), _quotas,
        ),
        Definition(
            "people", _("People"), _("People with their roles, territories and managers."), ("limit",),
            (Outline("people", _("People"), USER_COLUMNS),), _people,
        ),
        Definition(
            "assignment-lint", _("What needs a person"), _("What is wrong with accounts, owners, territories and rules."),
            (), (Outline("findings", _("Findings"), FINDING_COLUMNS),), _lint,
        ),
    )
}  # fmt: skip
"""By name."""
