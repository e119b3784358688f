"""What must be reached in a period: the quotas that count in it, cut by their curves and ramps, with adjustments."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, not_, or_, select

from sfactl.core.periods import Period
from sfactl.core.quota_shares import Piece, Terms, counts_whole, of_period, pieces
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import quota_policy
from sfactl.services.attainment_credit import Key, Whose
from sfactl.services.quota_loads import in_force
from sfactl.services.quota_policy import QuotaPolicy

_quota, _adjustment = t.quota.c, t.quota_adjustment.c


@dataclass(frozen=True)
class Asked:
    """Which quotas are asked for."""

    whose: Whose
    measure: str
    family: str | None
    parts: tuple[Period, ...]
    day: date
    "How far the time has come."
    as_of: date | None = None


@dataclass
class Due:
    """What must be reached, in minor units."""

    minor: int = 0
    curved: int = 0
    "The part of it that follows a curve of the seasons."
    curved_by_now: int = 0
    "How much of that the curve asks for until the day."

    def on_track(self, elapsed: Fraction) -> Fraction:
        """What should be there by the day: by the curve where there is one, else by the share of the days."""
        return (self.minor - self.curved) * elapsed + self.curved_by_now


class _Row(NamedTuple):
    """A quota, or an adjustment that is spread over a time."""

    whose: int
    currency: str
    starts_on: date
    ends_on: date
    minor: int
    terms: Terms

    def cut(self) -> tuple[Piece, ...]:
        """Its months."""
        return pieces(self.minor, self.starts_on, self.ends_on, self.terms)


@dataclass
class _Sums:
    asked: Asked
    found: dict[Key, Due] = field(default_factory=dict)

    def add(self, key: Key, minor: int, curved: int = 0, by_now: int = 0) -> None:
        due = self.found.setdefault(key, Due())
        due.minor += minor
        due.curved += curved
        due.curved_by_now += by_now


def due(session: Session, asked: Asked, policy: QuotaPolicy) -> Mapping[Key, Due]:
    """What each must reach in each part, by whose it is, part and currency.

    A quota that is not longer than the part counts whole in the part in which it begins; of a longer one, the part has its
    months and days.
    """
    sums, plain = _Sums(asked), None
    if len(asked.parts) == 1:
        plain = _is_plain(asked.parts[0])
        _add_plain(session, sums, plain)
    for row in _rows(session, asked, policy, plain):
        _add(sums, row)
    _add_adjustments(session, sums)
    return sums.found


def _whose(rows: Any, whose: Whose) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
    """The column that says whose a quota is, and which rows are of that kind."""
    if whose is Whose.PERSON:
        return rows.user_id, rows.user_id.is_not(None)
    if whose is Whose.PLACE:
        return rows.territory_id, rows.user_id.is_not(None)
    if whose is Whose.TEAM:
        return rows.team_id, rows.team_id.is_not(None)
    return rows.territory_id, and_(rows.user_id.is_(None), rows.team_id.is_(None))


def _is_asked(rows: Any, asked: Asked) -> ColumnElement[bool]:
    return and_(
        _whose(rows, asked.whose)[1],
        rows.measure == asked.measure,
        rows.product_family.is_(None) if asked.family is None else rows.product_family == asked.family,
    )


def _is_plain(part: Period) -> ColumnElement[bool]:
    """Quotas of which it is seen at once that they count whole in the one part: they lie in it, and nothing bends them."""
    bent = (_quota.seasonality, _quota.ramp, _quota.active_from, _quota.active_until)
    return and_(
        _quota.starts_on >= part.start,
        _quota.starts_on < part.end,
        _quota.ends_on <= part.end,
        *(column.is_(None) for column in bent),
    )


def _add_plain(session: Session, sums: _Sums, plain: ColumnElement[bool]) -> None:
    asked = sums.asked
    whose = _whose(_quota, asked.whose)[0]
    rows = session.execute(
        select(whose, _quota.currency, func.sum(_quota.amount_minor))
        .where(_is_asked(_quota, asked), in_force(t.quota, asked.as_of), plain)
        .group_by(whose, _quota.currency)
    )
    for key, currency, minor in rows:
        sums.add((key, 0, currency), int(minor))


def _rows(session: Session, asked: Asked, policy: QuotaPolicy, plain: ColumnElement[bool] | None) -> Iterator[_Row]:
    """The other quotas that lie in the period or overlap it."""
    start, end = asked.parts[0].start, asked.parts[-1].end
    statement = select(
        _whose(_quota, asked.whose)[0], _quota.currency, _quota.starts_on, _quota.ends_on, _quota.amount_minor,
        _quota.seasonality, _quota.ramp, _quota.active_from, _quota.active_until,
    ).where(_is_asked(_quota, asked), in_force(t.quota, asked.as_of), _quota.starts_on < end, _quota.ends_on > start)  # fmt: skip
    if plain is not None:
        statement = statement.where(not_(plain))
    for *said, seasonality, ramp, since, until in session.execute(statement.order_by(_quota.id)):
        yield _Row(*[*said, policy.terms(seasonality, ramp, since, until)])


def _add(sums: _Sums, row: _Row) -> None:
    cut: tuple[Piece, ...] = ()
    for n, part in enumerate(sums.asked.parts):
        if row.starts_on >= part.end or row.ends_on <= part.start:
            continue
        start, end = part.start, part.end
        if counts_whole(row.starts_on, row.ends_on, part):
            if row.starts_on < part.start:
                continue
            start, end = row.starts_on, row.ends_on
        cut = cut or row.cut()
        minor = of_period(cut, start, end)
        curve = (minor, of_period(cut, start, min(sums.asked.day + timedelta(days=1), end))) if row.terms.curve else ()
        sums.add((row.whose, n, row.currency), minor, *curve)


def _add_adjustments(session: Session, sums: _Sums) -> None:
    asked = sums.asked
    start, end = asked.parts[0].start, asked.parts[-1].end
    falls_here = or_(
        and_(_adjustment.ends_on.is_(None), _adjustment.counts_from >= start, _adjustment.counts_from < end),
        and_(_adjustment.counts_from < end, _adjustment.ends_on > start),
    )
    rows = session.execute(
        select(
            _whose(_adjustment, asked.whose)[0], _adjustment.currency, _adjustment.counts_from, _adjustment.ends_on,
            _adjustment.amount_minor,
        )
        .where(_is_asked(_adjustment, asked), in_force(t.quota_adjustment, asked.as_of), falls_here)
        .order_by(_adjustment.id)
    )  # fmt: skip
    for whose, currency, day, until, minor in rows:
        if until is not None:
            _add(sums, _Row(whose, currency, day, until, minor, Terms()))
        else:
            part = next(n for n, each in enumerate(asked.parts) if each.contains(day))
            sums.add((whose, part, currency), minor)


def windows(session: Session, asked: Asked, policy: QuotaPolicy) -> Mapping[tuple[int, str], tuple[date, date, int]]:
    """For each, the dates from the first to the last quota that begins in the period, and what they come to whole."""
    period = asked.parts[0]
    found: dict[tuple[int, str], tuple[date, date, int]] = {}
    for row in _beginning(session, asked, policy, period):
        amount = sum(piece.amount for piece in row.cut())
        start, end, minor = found.get((row.whose, row.currency), (row.starts_on, row.ends_on, 0))
        found[row.whose, row.currency] = (min(start, row.starts_on), max(end, row.ends_on), minor + amount)
    return found


def _beginning(session: Session, asked: Asked, policy: QuotaPolicy, period: Period) -> Iterable[_Row]:
    return [row for row in _rows(session, asked, policy, None) if period.contains(row.starts_on)]


def sequence(parts: Sequence[Period]) -> list[date]:
    """The first day of each part, and the day after the last."""
    return [*(part.start for part in parts), parts[-1].end]


def of_year(session: Session, year: Period) -> Mapping[Key, Due]:
    """What people must reach in a year, in revenue, as it is in force."""
    asked = Asked(Whose.PERSON, "revenue", None, (year,), session.today)
    return due(session, asked, quota_policy.current(session))
