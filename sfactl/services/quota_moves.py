"""The quota that goes along with accounts: off it for whom they leave, on top for whom they go to, from the day of the move."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import case, func, select

from sfactl.core import quota as rules
from sfactl.core.money import Money
from sfactl.core.periods import Period, Unit
from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import plan_names, plan_quota_adjustments, quota_figures, quota_words, workspaces
from sfactl.services.plan_making import Planner

BATCH: Final = 2000
CAUSE: Final = "move"
_account = t.account.c


class _Way(NamedTuple):
    """From whom accounts go, to whom, and from which day."""

    was: str
    to: str | None
    day: date


def taking_quota(planner: Planner) -> Planner:
    """The same planner, with the quota that goes along with its accounts at the end."""

    def lines(session: Session, request: Any, effective: date) -> Iterator[Line | Left]:
        session.actor.require("quota.edit")
        taken = _Taken(session, effective)
        yield from taken.passing(planner(session, request, effective))
        yield from taken.lines()

    return lines


class _Taken:
    """Gathers, line by line, the yearly revenue that goes from one person to another."""

    def __init__(self, session: Session, effective: date) -> None:
        self._session, self._effective = session, effective
        workspace = workspaces.current(session)
        self._currency, self._calendar = workspace.currency, workspace.calendar
        self._waiting: dict[str, _Way] = {}
        self._moved: Counter[_Way] = Counter()

    def passing(self, found: Iterable[Line | Left]) -> Iterator[Line | Left]:
        """Each line as it is; those of accounts are counted."""
        for each in found:
            if isinstance(each, Line) and each.entity == "account":
                self._see(each)
            yield each

    def _see(self, line: Line) -> None:
        was, to = (line.before or {}).get("owner"), (line.after or {}).get("owner")
        if was is not None and was != to:
            self._waiting[line.key] = _Way(was, to, line.since or self._effective)
            if len(self._waiting) == BATCH:
                self._count()

    def _count(self) -> None:
        codes = self._session.among(_account.code, self._waiting)
        for code, revenue in self._session.execute(select(_account.code, self._revenue()).where(codes)):
            self._moved[self._waiting[code]] += int(revenue)
        self._waiting.clear()

    def _revenue(self) -> Any:
        return case((_account.currency == self._currency, func.coalesce(_account.annual_revenue_minor, 0)), else_=0)

    def lines(self) -> Iterator[Line]:
        """Two lines for each pair of people, or one where the accounts go to nobody."""
        self._count()
        names, places = plan_names.load(self._session), quota_words.Places(self._session)
        totals = self._totals([names.people[way.was] for way in self._moved])
        quotas = _Quotas(self._session, self._currency)
        for way, revenue in sorted(self._moved.items(), key=lambda item: (item[0].was, item[0].to or "", item[0].day)):
            year, key = self._calendar.containing(way.day, Unit.YEAR), names.people[way.was]
            left = rules.months_left(way.day, year.end)
            share = rules.moving_along(quotas.of(key, year), revenue, totals.get(key, 0), months_left=left)
            if share:
                yield from self._adjusted(way, year, share, places)

    def _totals(self, people: list[int]) -> Mapping[int, int]:
        """The yearly revenue of all that each person has."""
        is_his = _account.owner_id.in_(people)
        statement = select(_account.owner_id, func.sum(self._revenue())).where(is_his).group_by(_account.owner_id)
        return {key: int(revenue or 0) for key, revenue in self._session.execute(statement)}

    def _adjusted(self, way: _Way, year: Period, share: int, places: quota_words.Places) -> Iterator[Line]:
        for user, other, minor in ((way.was, way.to, -share), (way.to, way.was, share)):
            if user is None:
                continue
            said = _("accounts go to {user}") if minor < 0 else _("accounts come from {user}")
            fields = {
                "user": user, "team": None, "measure": "revenue", "product_family": None,
                "counts_from": way.day.isoformat(), "ends_on": year.end.isoformat(),
                "amount": str(Money(minor, self._currency)), "currency": self._currency,
                "reason": said.format(user=other or "–"),
            }  # fmt: skip
            fields["territory"] = places.of({**fields, "starts_on": fields["counts_from"]})
            yield plan_quota_adjustments.line(fields, CAUSE)


class _Quotas:
    """The quotas of fiscal years, each year asked for once."""

    def __init__(self, session: Session, currency: str) -> None:
        self._session, self._currency = session, currency
        self._found: dict[str, Mapping[Any, Any]] = {}

    def of(self, user_id: int, year: Period) -> int:
        """What somebody must reach in a year, with all adjustments until now."""
        if year.label not in self._found:
            self._found[year.label] = quota_figures.of_year(self._session, year)
        due = self._found[year.label].get((user_id, 0, self._currency))
        return max(due.minor, 0) if due else 0
