"""What a period will bring: what is won in it, and what is open and expected to close in it, by category."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, case, func, null, select

from sfactl.core import forecast as rules
from sfactl.core.money import Money, round_half_up
from sfactl.core.periods import Period
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.models.territories import UNASSIGNED
from sfactl.services import judgements, naming, pipeline, pipeline_history, pipeline_quotas, territory_tree, workspaces
from sfactl.services.pipeline import Filter


class By(StrEnum):
    """What a forecast is divided by."""

    TERRITORY = "territory"
    SELLER = "seller"


@dataclass(frozen=True)
class ForecastRow:
    """What a period will bring to a territory, a seller, or all that is asked for."""

    territory: str | None
    seller: str | None
    period: str
    closed: Money
    commit: Money
    best_case: Money
    pipeline: Money
    commit_forecast: Money
    "Closed and commit."
    best_case_forecast: Money
    "The commit forecast and best case."
    open_pipeline: Money
    "All categories but closed."
    weighted: Money
    quota: Money | None
    coverage: Fraction | None
    "Open pipeline over what is left of the quota."
    needed_coverage: Fraction | None
    "One over the win rate of the year that ends on the day."
    cover: str | None
    "enough, short or, where the quota is reached, not needed."
    win_rate: Fraction | None
    owner_forecast: Money
    "The commit forecast, each opportunity as its owner says, where he says something."
    manager_forecast: Money
    "The same as a manager says; else as its owner does."
    owner_says: Money | None
    "What the seller says that the period will bring him."
    manager_says: Money | None
    "What a manager says that it will bring the seller, or the territory."
    currency: str

    @property
    def is_judged(self) -> bool:
        """Whether somebody says something else than the data."""
        words = (self.owner_forecast, self.manager_forecast, self.owner_says, self.manager_says)
        return any(word not in (None, self.commit_forecast) for word in words)


@dataclass(frozen=True)
class Question:
    """Which forecast is asked for."""

    wanted: Filter
    "Whose, and as of which day; the period stands beside it."
    period: Period
    by: By | None = None


@dataclass(frozen=True)
class _Sums:
    """What is counted for one key and currency; sums of several are those of all together."""

    minor: Mapping[str, int]
    "By category."
    weighted_e4: int = 0
    won: int = 0
    lost: int = 0
    owner_minor: int = 0
    "What the owners' words add to the commit forecast, or take from it."
    manager_minor: int = 0

    def __add__(self, other: "_Sums") -> "_Sums":
        minor = {name: self.minor.get(name, 0) + other.minor.get(name, 0) for name in {*self.minor, *other.minor}}
        return _Sums(
            minor, self.weighted_e4 + other.weighted_e4, self.won + other.won, self.lost + other.lost,
            self.owner_minor + other.owner_minor, self.manager_minor + other.manager_minor,
        )  # fmt: skip


_NOTHING = _Sums({})
_Key = tuple[int | None, str]
"""A territory, a person or nothing; and a currency."""


def forecast(session: Session, question: Question) -> list[ForecastRow]:
    """The forecast of a period, a row for each territory or seller where it is so divided, and each currency.

    A territory's figures hold those of all below it. What is omitted by its category counts nowhere.

    Raises:
        NotFound: the territory or seller does not exist, or is not the person's to see.
    """
    session.actor.require("opportunity.read")
    sums = _sums(session, question)
    if question.by is By.SELLER:
        return list(_by_seller(session, question, sums))
    if question.by is By.TERRITORY:
        return list(_by_territory(session, question, sums))
    return list(_whole(session, question, sums))


def _sums(session: Session, question: Question) -> dict[_Key, _Sums]:
    found: dict[_Key, _Sums] = {}
    for key, unit, sums in (
        *_open(session, question), *_closed(session, question), *_outcomes(session, question), *_judged(session, question),
    ):  # fmt: skip
        found[key, unit] = found.get((key, unit), _NOTHING) + sums
    return found


def _key(question: Question, state: Any) -> tuple[ColumnElement[Any], list[ColumnElement[Any]]]:
    """What the figures are divided by, as a column and as what to group by; nothing where they are not."""
    if question.by is None:
        return null(), []
    key: ColumnElement[Any] = state.credited_id if question.by is By.SELLER else state.credited_territory_id
    return key, [key]


def _open(session: Session, question: Question) -> Iterator[tuple[int | None, str, _Sums]]:
    """What is open and expected to close in the period."""
    state = pipeline_history.states(session, question.wanted.as_of)
    c, stage, period = state.c, t.stage.c, question.period
    category = func.coalesce(stage.category, "pipeline")
    probability = func.coalesce(c.probability_bp, stage.probability_bp, 0)
    key, divided = _key(question, c)
    rows = session.execute(
        select(key, c.currency, category, func.sum(c.amount_minor), func.sum(c.amount_minor * probability))
        .join_from(state, t.stage, stage.id == c.stage_id, isouter=True)
        .where(c.status == "open", c.close_on >= period.start, c.close_on < period.end, category != "omitted")
        .where(*pipeline.narrowed(session, question.wanted, c))
        .group_by(*divided, c.currency, stage.category)
    )
    for found, unit, name, minor, weighted in rows:
        yield found, unit, _Sums({name: int(minor)}, int(weighted))


def _closed(session: Session, question: Question) -> Iterator[tuple[int | None, str, _Sums]]:
    """What was won in the period."""
    state = pipeline_history.states(session, question.wanted.as_of)
    c, period = state.c, question.period
    key, divided = _key(question, c)
    rows = session.execute(
        select(key, c.currency, func.sum(c.amount_minor))
        .where(c.status == "won", c.closed_on >= period.start, c.closed_on < period.end)
        .where(*pipeline.narrowed(session, question.wanted, c))
        .group_by(*divided, c.currency)
    )
    for found, unit, minor in rows:
        yield found, unit, _Sums({"closed": int(minor)})


def _outcomes(session: Session, question: Question) -> Iterator[tuple[int | None, str, _Sums]]:
    """How many were won and lost in the year that ends on the day."""
    day = min(question.wanted.as_of or session.today, session.today)
    year = Period("", day, day + timedelta(1)).year_before()
    c = pipeline_history.states(session, question.wanted.as_of).c
    key, divided = _key(question, c)
    rows = session.execute(
        select(
            key,
            c.currency,
            func.count(case((c.status == "won", 1))),
            func.count(case((c.status == "lost", 1))),
        )
        .where(c.status != "open", c.closed_on >= year.end, c.closed_on <= day)
        .where(*pipeline.narrowed(session, question.wanted, c))
        .group_by(*divided, c.currency)
    )
    for found, unit, won, lost in rows:
        yield found, unit, _Sums({}, won=won, lost=lost)


def _judged(session: Session, question: Question) -> Iterator[tuple[int | None, str, _Sums]]:
    """What the words about opportunities change in the commit forecast."""
    said = judgements.of_open_opportunities(session, question.wanted)
    for sale in said:
        data = rules.committed(sale.data, None, question.period)
        owner = rules.committed(sale.data, sale.owner, question.period)
        manager = rules.committed(sale.data, sale.manager or sale.owner, question.period)
        keys = {By.SELLER: sale.credited_id, By.TERRITORY: sale.credited_territory_id, None: None}
        yield keys[question.by], sale.currency, _Sums({}, owner_minor=owner - data, manager_minor=manager - data)


def _whole(session: Session, question: Question, sums: Mapping[_Key, _Sums]) -> Iterator[ForecastRow]:
    wanted = question.wanted
    names: tuple[str | None, str | None] = (None, None)
    quotas: Mapping[_Key, int] = {}
    if wanted.territory is not None and wanted.seller is None:
        key = naming.find_id(session, t.territory, wanted.territory)
        names = (_code(session, t.territory.c.code, t.territory.c.id == key), None)
        quotas = _only_of(key, pipeline_quotas.of_territories(session, question.period, wanted.as_of))
    elif wanted.seller is not None:
        key = naming.find_id(session, t.user, wanted.seller, code="login")
        names = (None, _code(session, t.user.c.login, t.user.c.id == key))
        if wanted.territory is None:
            quotas = _only_of(key, pipeline_quotas.of_people(session, question.period, wanted.as_of))
    else:
        tops = [node.id for node, depth in _walked(session, question) if depth == 0]
        of_all = pipeline_quotas.of_territories(session, question.period, wanted.as_of)
        quotas = _together(minor for minor in of_all.items() if minor[0][0] in tops)
    said = judgements.of_period(session, question.period, wanted.as_of)
    for unit in _units(session, {unit for _key, unit in (*sums, *quotas)}):
        counted = sums.get((None, unit), _NOTHING)
        yield _row(question, names, counted, quotas.get((None, unit)), unit, said.get((*names, unit)))


def _code(session: Session, column: ColumnElement[str], where: ColumnElement[bool]) -> str:
    return session.execute(select(column).where(where)).scalar_one()


def _only_of(key: int, quotas: Mapping[tuple[int, str], int]) -> dict[_Key, int]:
    return {(None, unit): minor for (of, unit), minor in quotas.items() if of == key}


def _together(quotas: Iterable[tuple[tuple[int, str], int]]) -> dict[_Key, int]:
    found: dict[_Key, int] = {}
    for (_of, unit), minor in quotas:
        found[None, unit] = found.get((None, unit), 0) + minor
    return found


def _units(session: Session, found: set[str]) -> list[str]:
    return sorted(found) or [workspaces.current(session).currency]


def _by_seller(session: Session, question: Question, sums: Mapping[_Key, _Sums]) -> Iterator[ForecastRow]:
    """Sellers of whom anything is known in the period, by login; what nobody is credited with last."""
    quotas = pipeline_quotas.of_people(session, question.period, question.wanted.as_of)
    if question.wanted.territory is not None or question.wanted.seller is not None:
        quotas = {key: minor for key, minor in quotas.items() if key in sums}
    said = judgements.of_period(session, question.period, question.wanted.as_of)
    logins: dict[int | None, str] = dict(session.execute(select(t.user.c.id, t.user.c.login)).all())
    for key, unit in sorted({*sums, *quotas}, key=lambda each: (each[0] is None, logins.get(each[0], ""), each[1])):
        if key is None or key in logins:
            quota = None if key is None else quotas.get((key, unit))
            names = (None, logins.get(key))
            yield _row(question, names, sums.get((key, unit), _NOTHING), quota, unit, said.get((*names, unit)))


def _walked(session: Session, question: Question) -> list[tuple[territory_tree.Node, int]]:
    return list(territory_tree.walk(territory_tree.nodes(session, question.wanted.as_of or session.today)))


def _by_territory(session: Session, question: Question, sums: Mapping[_Key, _Sums]) -> Iterator[ForecastRow]:
    """Territories in the order of the tree; those out of use, and the one for what has none, where they have figures."""
    walked, wanted = _walked(session, question), question.wanted
    quotas = pipeline_quotas.of_territories(session, question.period, wanted.as_of)
    rolled: dict[_Key, _Sums] = dict(sums)
    for node, _depth in reversed(walked) if not wanted.only else ():
        for key, unit in [each for each in rolled if each[0] == node.id and node.parent_id is not None]:
            rolled[node.parent_id, unit] = rolled.get((node.parent_id, unit), _NOTHING) + rolled[key, unit]
    asked = None
    if wanted.territory is not None:
        asked = set(session.execute(pipeline.below(session, wanted)).scalars())
    said = judgements.of_period(session, question.period, wanted.as_of)
    usual = workspaces.current(session).currency
    for node, _depth in walked:
        if asked is not None and node.id not in asked:
            continue
        units = sorted({unit for key, unit in (*rolled, *quotas) if key == node.id})
        if not units and (node.is_archived or node.code == UNASSIGNED):
            continue
        for unit in units or [usual]:
            counted = rolled.get((node.id, unit), _NOTHING)
            quota = quotas.get((node.id, unit))
            yield _row(question, (node.code, None), counted, quota, unit, said.get((node.code, None, unit)))


def _row(
    question: Question, names: tuple[str | None, str | None], sums: _Sums, quota: int | None, unit: str,
    said: judgements.Said | None,
) -> ForecastRow:  # fmt: skip
    figures = rules.Forecast(*(sums.minor.get(name, 0) for name in rules.CATEGORIES))
    ended = sums.won + sums.lost
    win_rate = Fraction(sums.won, ended) if ended else None
    covered = rules.coverage(figures.open_pipeline, quota, figures.closed)
    needed = rules.needed_coverage(win_rate)

    def money(minor: int) -> Money:
        return Money(minor, unit)

    return ForecastRow(
        *names, question.period.label, money(figures.closed), money(figures.commit), money(figures.best_case),
        money(figures.pipeline), money(figures.commit_forecast), money(figures.best_case_forecast),
        money(figures.open_pipeline), money(round_half_up(Fraction(sums.weighted_e4, 10000))),
        None if quota is None else money(quota), covered, needed, _cover(quota, figures.closed, covered, needed),
        win_rate, money(figures.commit_forecast + sums.owner_minor), money(figures.commit_forecast + sums.manager_minor),
        said.owner if said else None, said.manager if said else None, unit,
    )  # fmt: skip


def _cover(quota: int | None, closed: int, covered: Fraction | None, needed: Fraction | None) -> str | None:
    if quota is not None and closed >= quota:
        return "not needed"
    said = rules.is_covered(covered, needed)
    return None if said is None else "enough" if said else "short"
