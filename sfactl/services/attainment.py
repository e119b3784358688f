"""Who has reached quota: credit beside quota, pace and pipeline, of people, teams, territories and managers."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import func, select

from sfactl.core import quota as rules
from sfactl.core.forecast import coverage
from sfactl.core.measures import Measure
from sfactl.core.money import Money, round_half_up
from sfactl.core.periods import Period, parts
from sfactl.core.text import match_key
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.services import (
    attainment_credit,
    attainment_groups,
    attainment_pipeline,
    naming,
    quota_figures,
    quota_policy,
    quotas,
    rollups,
    workspaces,
)
from sfactl.services.attainment_credit import NOTHING, Key, Sum, Whose
from sfactl.services.attainment_groups import By, Groups
from sfactl.services.quota_figures import Due
from sfactl.services.quota_policy import QuotaPolicy

ENOUGH, SHORT, NOT_NEEDED = "enough", "short", "not needed"


@dataclass(frozen=True)
class AttainmentRow:
    """Credit against a quota, of somebody or some place, in a period or a part of one."""

    user: str | None
    name: str
    team: str | None
    territory: str | None
    "Where the person works, where the team is, or the territory itself."
    period: str
    measure: str
    quota: Money | None
    credit: Money
    attainment: Fraction | None
    "Credit over quota; None where there is no quota."
    reached: bool | None
    rank: int | None
    "Place in the league of the period; the same for equal attainment."
    orders: int
    "How many bookings, won opportunities or activities the credit comes from."
    starts_on: date
    ends_on: date
    gap: Money | None
    on_track: Money | None
    projected: Money | None
    needed_per_day: Money | None
    overlay: Money | None
    "Credit that stands beside, and is never added."
    prior_credit: Money | None
    "Of the period of the same length before; while the period runs, of as many days of it."
    trend: Fraction | None
    "Credit against that, less 1."
    open_pipeline: Money | None
    "What is open and expected to close in the period, while it runs."
    coverage: Fraction | None
    "That over what is left of the quota."
    needed_coverage: Fraction | None
    "1 over the win rate of the last twelve months."
    covered: str | None
    "Whether the one is as much as the other: enough, short, or not needed where the quota is reached."
    currency: str


@dataclass(frozen=True)
class Question:
    """Which attainment is asked for."""

    period: Period
    by_window: bool = False
    "Count each quota's credit within its own dates, not within the period."
    measure: str = "revenue"
    territory: str | None = None
    user: str | None = None
    as_of: date | None = None
    reached: bool | None = None
    by: str = "person"
    each: str | None = None
    "The unit into which the period is cut."
    has_people: bool = False
    "With `user`: those who work for him, at any distance."
    team: str | None = None
    family: str | None = None
    has_overlay: bool = False
    has_trend: bool = False
    has_proof: bool = True
    "Whether the proof is asked for: it reads all orders of the period."
    search: str | None = None
    "Words in the name or login; places are still those among all."


@dataclass(frozen=True)
class Proof:
    """That nothing was lost or counted twice: what was booked is what was credited and what nobody is credited with."""

    booked: Money
    credited: Money
    uncredited: Money
    overlay: Money | None = None
    "Beside it, and part of no sum."

    @property
    def holds(self) -> bool:
        """Whether the sums agree to the minor unit."""
        return self.booked.minor == self.credited.minor + self.uncredited.minor


@dataclass(frozen=True)
class Attainment:
    """The rows of the question, and the proof of the credit in its period."""

    rows: list[AttainmentRow]
    proof: Proof | None


_NO_DUE: Final = Due()


@dataclass(frozen=True)
class _Figures:
    """What there is of a question, by whose it is, part and currency."""

    credit: Mapping[Key, Sum]
    due: Mapping[Key, Due]
    overlay: Mapping[Key, Sum] | None = None
    prior: Mapping[Key, Sum] | None = None
    pipeline: attainment_pipeline.Pipeline | None = None
    windows: Mapping[tuple[int, str], tuple[date, date]] = field(default_factory=dict)
    "With `by_window`: the dates of each person's quotas."


@dataclass(frozen=True)
class _Asked:
    """A question, with what it names."""

    question: Question
    measure: Measure
    by: By
    parts: tuple[Period, ...]
    day: date
    "How far the time has come."
    groups: Groups
    policy: QuotaPolicy

    @property
    def whose(self) -> Whose:
        """What credit is summed by first; managers have that of their people."""
        return {By.TEAM: Whose.TEAM, By.TERRITORY: Whose.TERRITORY}.get(self.by, Whose.PERSON)

    def borders(self, periods: Sequence[Period] | None = None) -> list[date]:
        """The first days of parts and the day after the last, as far as credit was known on the day that is asked for."""
        found = quota_figures.sequence(periods or self.parts)
        last = self.question.as_of
        return found if last is None else [min(each, last + timedelta(days=1)) for each in found]


def attainment(session: Session, question: Question) -> Attainment:
    """Who has credit or a quota in the period, by attainment, best first.

    A quota that is not longer than the period belongs to the period in which it begins, a longer one with its part. Credit
    is counted within the period, or with `by_window` within the dates of the quotas that begin in it.

    Raises:
        UsageFault: the measure is not known, two things are asked for that do not go together, or the search is longer
            than a name.
        NotFound: a person, a team or a territory is not there, or not in sight.
    """
    session.actor.require("quota.read")
    session.actor.require("credit.read")
    asked = _understood(session, question)
    figures = _by_windows(session, asked) if question.by_window else _figures(session, asked)
    keys = [key for key in figures.credit.keys() | figures.due.keys() if key[0] in asked.groups.wanted]
    rows = [_row(asked, figures, key) for key in keys]
    if question.reached is not None:
        rows = [row for row in rows if row.reached is question.reached]
    league = _in_league(asked, rows)
    if question.search:
        words = naming.folded(question.search)
        league = [row for row in league if words in match_key(f"{row.name} {row.user or ''}")]
    return Attainment(league, _proof(session, asked, figures) if question.has_proof else None)


def _understood(session: Session, question: Question) -> _Asked:
    try:
        by = By(question.by)
    except ValueError:
        raise UsageFault(
            _("Attainment cannot be told by {name}.").format(name=question.by),
            _("Ways: {names}.").format(names=", ".join(By)),
        ) from None
    if question.by_window and (by is not By.PERSON or question.each or question.family or question.has_trend):
        raise UsageFault(
            _("The dates of quotas are each person's own."), _("Leave --window quota out, or ask for people alone.")
        )
    day = min(question.as_of or session.today, session.today)
    calendar = workspaces.current(session).calendar
    cut = tuple(parts(question.period, question.each, calendar)) if question.each else (question.period,)
    narrowing = attainment_groups.Narrowing(question.user, question.has_people, question.team, question.territory)
    groups = attainment_groups.load(session, by, narrowing, day, question.as_of, question.period)
    measure = quotas.measure_of(question.measure)
    return _Asked(question, measure, by, cut, day, groups, quota_policy.current(session))


def _figures(session: Session, asked: _Asked) -> _Figures:
    """Credit and quotas of every part, and what else is asked for."""
    question = asked.question
    credit = _credit(session, asked, asked.parts)
    due = quota_figures.due(
        session,
        quota_figures.Asked(asked.whose, asked.measure.value, question.family, asked.parts, asked.day, question.as_of),
        asked.policy,
    )
    overlay = _credit(session, asked, asked.parts, kind="overlay") if question.has_overlay else None
    prior = _prior(session, asked) if question.has_trend else None
    return _Figures(credit, due, overlay, prior, _pipeline(session, asked))


def _credit(session: Session, asked: _Asked, periods: Sequence[Period], kind: str = "revenue") -> Mapping[Key, Sum]:
    if kind == "overlay" and asked.whose is Whose.TERRITORY:
        raise UsageFault(_("Overlay credit is people's."), _("Leave --overlay out, or ask by person."))
    source = attainment_credit.source(asked.measure, asked.whose, asked.question.family, kind=kind)
    found = attainment_credit.sums(session, source, asked.whose, asked.borders(periods))
    return asked.groups.rolled_up(found, Sum.plus)


def _prior(session: Session, asked: _Asked) -> Mapping[Key, Sum]:
    """Credit of the period before each part; one question a part, since those periods need not touch."""
    found: dict[Key, Sum] = {}
    for n, part in enumerate(asked.parts):
        before = _credit(session, asked, [part.before(asked.day)])
        found |= {(key, n, currency): value for (key, _part, currency), value in before.items()}
    return found


def _pipeline(session: Session, asked: _Asked) -> "attainment_pipeline.Pipeline | None":
    """What is open, of money and of now: what was open on an earlier day is not kept by person."""
    is_now = asked.question.as_of is None or asked.question.as_of >= session.today
    if not (is_now and asked.measure.is_money and any(part.end > asked.day for part in asked.parts)):
        return None
    found = attainment_pipeline.load(session, asked.whose, asked.parts, asked.day, asked.question.family)
    return attainment_pipeline.Pipeline(
        asked.groups.rolled_up(found.open_minor, int.__add__), asked.groups.gathered(found.closed)
    )


def _by_windows(session: Session, asked: _Asked) -> _Figures:
    """Each person's credit within the dates of his own quotas; without quotas, within the period."""
    whole = quota_figures.Asked(asked.whose, asked.measure.value, None, asked.parts, asked.day, asked.question.as_of)
    found = quota_figures.windows(session, whole, asked.policy)
    dates = {key: (start, end) for key, (start, end, _minor) in found.items()}
    due = {(person, 0, currency): Due(minor) for (person, currency), (_start, _end, minor) in found.items()}
    credit: dict[Key, Sum] = {}
    for start, end in sorted({*dates.values()}):
        span = Period("", start, end)
        of_dates = _credit(session, asked, [span])
        credit |= {key: each for key, each in of_dates.items() if dates.get((key[0], key[2])) == (start, end)}
    return _Figures(credit, due, windows=dates)


def _row(asked: _Asked, figures: _Figures, key: Key) -> AttainmentRow:
    group, part, currency = asked.groups.wanted[key[0]], asked.parts[key[1]], key[2]
    start, end = figures.windows.get((key[0], currency), (part.start, part.end))
    credit, due = figures.credit.get(key, NOTHING), figures.due.get(key)
    quota = due.minor if due else None
    pace = _pace(asked, credit, due, start, end)

    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, currency)

    row = AttainmentRow(
        user=group.user, name=group.name, team=group.team, territory=group.territory, period=part.label,
        measure=asked.measure.value, quota=money(quota), credit=Money(round_half_up(credit.amount), currency),
        attainment=rules.attainment(credit.amount, quota), reached=rules.is_reached(credit.amount, quota), rank=None,
        orders=credit.sales, starts_on=start, ends_on=end,
        gap=money(pace.gap if pace else None), on_track=money(pace.on_track if pace else None),
        projected=money(pace.projected if pace else None), needed_per_day=money(pace.needed_per_day if pace else None),
        overlay=None, prior_credit=None, trend=None, open_pipeline=None, coverage=None, needed_coverage=None,
        covered=None, currency=currency,
    )  # fmt: skip
    return _covered(_compared(row, figures, key, credit), figures, key, is_running=part.end > asked.day)


def _pace(asked: _Asked, credit: Sum, due: Due | None, start: date, end: date) -> rules.Pace | None:
    days = asked.policy.days
    total, elapsed = days.between(start, end), days.elapsed(start, end, asked.day)
    if due is None or not total:
        return None
    on_track = due.on_track(Fraction(elapsed, total)) if due.curved else None
    return rules.pace(credit.amount, due.minor, days_elapsed=elapsed, days_total=total, on_track=on_track)


def _compared(row: AttainmentRow, figures: _Figures, key: Key, credit: Sum) -> AttainmentRow:
    """The row with what stands beside its credit, and what was before."""
    if figures.overlay is not None:
        beside = figures.overlay.get(key, NOTHING)
        row = replace(row, overlay=Money(round_half_up(beside.amount), row.currency))
    if figures.prior is not None:
        before = figures.prior.get(key, NOTHING).amount
        trend = (credit.amount - before) / before if before > 0 else None
        row = replace(row, prior_credit=Money(round_half_up(before), row.currency), trend=trend)
    return row


def _covered(row: AttainmentRow, figures: _Figures, key: Key, *, is_running: bool) -> AttainmentRow:
    """The row with what is open, and whether that is enough; of a part that is over, nothing is."""
    if figures.pipeline is None or not is_running:
        return row
    open_minor = figures.pipeline.open_minor.get(key, 0)
    row = replace(row, open_pipeline=Money(open_minor, row.currency))
    if row.quota is None or row.attainment is None:
        return row
    needed = rules.coverage_needed(*figures.pipeline.closed.get(key[0], (0, 0)))
    if row.reached:
        return replace(row, needed_coverage=needed, covered=NOT_NEEDED)
    share = coverage(open_minor, row.quota.minor, row.credit.minor)
    is_enough = None if needed is None or share is None else share >= needed
    said = None if is_enough is None else ENOUGH if is_enough else SHORT
    return replace(row, coverage=share, needed_coverage=needed, covered=said)


def _in_league(asked: _Asked, rows: Iterable[AttainmentRow]) -> list[AttainmentRow]:
    """The rows part by part, best first, with their places."""
    order = {part.label: n for n, part in enumerate(asked.parts)}

    def place(row: AttainmentRow) -> Any:
        names = (row.user or "", row.team or "", row.territory or "", row.currency)
        return order[row.period], row.attainment is None, -(row.attainment or 0), -row.credit.minor, names

    counts: Counter[str] = Counter()
    found: list[AttainmentRow] = []
    for row in sorted(rows, key=place):
        counts[row.period] += 1
        above = found[-1] if found and found[-1].period == row.period else None
        is_same = above is not None and above.attainment == row.attainment
        rank = above.rank if above is not None and is_same else counts[row.period]
        found.append(replace(row, rank=None if row.attainment is None else rank))
    return found


def _proof(session: Session, asked: _Asked, figures: _Figures) -> Proof | None:
    """The sums of the period in the workspace's currency; only revenue is booked."""
    question = asked.question
    if asked.measure is not Measure.REVENUE or question.by_window or question.family is not None:
        return None
    currency = workspaces.current(session).currency
    start, end = asked.borders([question.period])
    booked, alone = rollups.booked(session, start, end, currency)
    if asked.by is By.PERSON:  # that of everybody has been summed: only its rows are narrowed
        credited = int(sum(found.amount for (_key, _part, unit), found in figures.credit.items() if unit == currency))
    else:
        credited = _credited(session, start, end, currency, "revenue")
    sums = [Money(minor, currency) for minor in (booked, credited, alone)]
    beside = Money(_credited(session, start, end, currency, "overlay"), currency) if question.has_overlay else None
    return Proof(sums[0], sums[1], sums[2], beside)


def _credited(session: Session, start: date, end: date, currency: str, kind: str) -> int:
    credit = rollups.credited(session, kind, start, end, by_day=False).c
    return int(session.execute(select(func.sum(credit.amount_minor)).where(credit.currency == currency)).scalar() or 0)
