"""What a plan comes to for each person and territory: accounts, revenue, pipeline, work and quota, before and after."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, func, select

from sfactl.core import quota as rules
from sfactl.core.money import to_minor
from sfactl.core.periods import Unit
from sfactl.core.plans import Line, Load
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import assignment_policy, quota_figures, workspaces
from sfactl.services.plan_names import Names

BATCH: Final = 2000

_account, _opportunity = t.account.c, t.opportunity.c


@dataclass
class Sums:
    """What somebody or some place has: accounts, their revenue and work, and open opportunities."""

    accounts: int = 0
    revenue_minor: int = 0
    hours: int = 0
    pipeline_minor: int = 0

    def add(self, other: "Sums", sign: int = 1) -> None:
        """Count the other in, or out."""
        self.accounts += sign * other.accounts
        self.revenue_minor += sign * other.revenue_minor
        self.hours += sign * other.hours
        self.pipeline_minor += sign * other.pipeline_minor


Changes = dict[str | None, Sums]


@dataclass
class Effects:
    """Gathers, line by line, what comes and what goes; amounts in other currencies than the workspace's are left out."""

    session: Session
    names: Names
    effective: date
    _waiting: list[Line] = field(default_factory=list)
    _people: Changes = field(default_factory=lambda: defaultdict(Sums))
    _places: Changes = field(default_factory=lambda: defaultdict(Sums))
    _gone: Counter[str] = field(default_factory=Counter)
    "Revenue that leaves a person, by login."
    _quota: Counter[str | None] = field(default_factory=Counter)
    "Quota that comes or goes by lines of its own, by login."
    _taken: Counter[tuple[str, str]] = field(default_factory=Counter)
    "Revenue that goes from one person to another."

    def __post_init__(self) -> None:
        workspace = workspaces.current(self.session)
        self._currency, self._calendar = workspace.currency, workspace.calendar
        self._policy = assignment_policy.current(self.session)

    def add(self, line: Line) -> None:
        """Count a line, if it is about an account, an opportunity or a quota."""
        if line.entity in ("quota", "quota_adjustment"):
            self._count_quota(line)
        if line.entity in ("account", "opportunity"):
            self._waiting.append(line)
            if len(self._waiting) == BATCH:
                self._count()

    def _count_quota(self, line: Line) -> None:
        """What a person must reach more or less in the fiscal year of the plan's day."""
        before, after = line.before or {}, line.after or {}
        said = after or before
        starts = date.fromisoformat(said.get("starts_on") or said["counts_from"])
        year = self._calendar.containing(self.effective, Unit.YEAR)
        is_told = said["measure"] == "revenue" and not said.get("product_family") and year.contains(starts)
        if is_told and said.get("user") in self.names.people and said["currency"] == self._currency:
            amounts = [to_minor(Decimal(each.get("amount") or "0"), self._currency) for each in (before, after)]
            self._quota[said["user"]] += amounts[1] - amounts[0]
            self._people[said["user"]].add(Sums())

    def _count(self) -> None:
        of_accounts = {line.key: line for line in self._waiting if line.entity == "account"}
        of_sales = {line.key: line for line in self._waiting if line.entity == "opportunity"}
        self._waiting.clear()
        for code, revenue, hours in self.session.execute(self._weights(of_accounts)) if of_accounts else ():
            self._shift(of_accounts[code], Sums(1, revenue, hours), "owner")
        for code, amount in self.session.execute(self._amounts(of_sales)) if of_sales else ():
            self._shift(of_sales[code], Sums(pipeline_minor=amount), "seller")

    def _weights(self, codes: Iterable[str]) -> Select[Any]:
        return select(_account.code, self._revenue(), self._policy.work()).where(
            self.session.among(_account.code, codes)
        )

    def _amounts(self, codes: Iterable[str]) -> Select[Any]:
        amount = case((_opportunity.currency == self._currency, _opportunity.amount_minor), else_=0)
        return select(_opportunity.code, amount).where(self.session.among(_opportunity.code, codes))

    def _revenue(self) -> ColumnElement[int]:
        return case((_account.currency == self._currency, func.coalesce(_account.annual_revenue_minor, 0)), else_=0)

    def _shift(self, line: Line, weight: Sums, person: str) -> None:
        before, after = line.before or {}, line.after or {}
        was, to = before.get(person), after.get(person)
        if was != to:
            self._people[was].add(weight, -1)
            self._people[to].add(weight)
            if was is not None and to is not None:
                self._taken[was, to] += weight.revenue_minor
        if before.get("territory") != after.get("territory"):
            self._places[before.get("territory")].add(weight, -1)
            self._places[after.get("territory")].add(weight)

    def people(self) -> tuple[Load, ...]:
        """Each person to or from whom something goes, by login; first what nobody owns."""
        self._count_rest()
        keys = [self.names.people[login] for login in self._people if login is not None]
        held = self._held(_account.owner_id, _opportunity.credited_id, keys, self._people)
        quotas = self._quotas(keys)
        moved = self._moved_quotas(held, quotas)
        return tuple(
            self._load(login, held.get(self.names.people.get(login or "")), change, (quotas.get(login, 0), moved.get(login, 0)))
            for login, change in sorted(self._people.items(), key=lambda item: item[0] or "")
        )  # fmt: skip

    def territories(self) -> tuple[Load, ...]:
        """Each territory into or out of which something goes, by code; without what lies below it."""
        self._count_rest()
        keys = [key for code in self._places if (key := self.names.places.get(code or "")) is not None]
        held = self._held(_account.territory_id, _opportunity.credited_territory_id, keys, self._places)
        return tuple(
            self._load(code, held.get(self.names.places.get(code or "")), change, (0, 0))
            for code, change in sorted(self._places.items(), key=lambda item: item[0] or "")
            if code is not None
        )

    def _count_rest(self) -> None:
        if self._waiting:
            self._count()

    def _held(self, of_account: Any, of_sale: Any, keys: Sequence[int], changes: Changes) -> Mapping[int | None, Sums]:
        """What each has now; None stands for nobody."""
        held: dict[int | None, Sums] = defaultdict(Sums)
        condition = of_account.in_(keys)
        if None in changes:
            condition = condition | of_account.is_(None)
        sums = select(of_account, func.count(), func.sum(self._revenue()), func.sum(self._policy.work()))
        for key, accounts, revenue, hours in self.session.execute(sums.where(condition).group_by(of_account)):
            held[key].add(Sums(accounts, int(revenue or 0), int(hours or 0)))
        is_open = (_opportunity.status == "open") & (_opportunity.currency == self._currency)
        amounts = select(of_sale, func.sum(_opportunity.amount_minor)).where(is_open, of_sale.in_(keys))
        for key, amount in self.session.execute(amounts.group_by(of_sale)):
            held[key].add(Sums(pipeline_minor=int(amount or 0)))
        return held

    def _quotas(self, keys: Sequence[int]) -> dict[str | None, int]:
        """The revenue quota of each person for the fiscal year of the plan's day."""
        found = quota_figures.of_year(self.session, self._calendar.containing(self.effective, Unit.YEAR))
        mine = {key: found[key, 0, self._currency].minor for key in keys if (key, 0, self._currency) in found}
        return {self.names.logins[key]: minor for key, minor in mine.items()}

    def _moved_quotas(
        self, held: Mapping[int | None, Sums], quotas: Mapping[str | None, int]
    ) -> Mapping[str | None, int]:
        """How much quota comes and goes: what the plan says or, where it says nothing of quotas, what would go along.

        That is the accounts' part of their owner's, for the months that are left.
        """
        if self._quota:
            return self._quota
        year = self._calendar.containing(self.effective, Unit.YEAR)
        moved: Counter[str | None] = Counter()
        for (was, to), revenue in sorted(self._taken.items()):
            total = held[self.names.people[was]].revenue_minor
            share = rules.moving_along(
                quotas.get(was, 0), revenue, total, months_left=rules.months_left(self.effective, year.end)
            )
            moved[was] -= share
            moved[to] += share
        return moved

    def _load(self, name: str | None, held: Sums | None, change: Sums, quota: tuple[int, int]) -> Load:
        before = held or Sums()
        return Load(
            name or "", (before.accounts, before.accounts + change.accounts),
            (before.revenue_minor, before.revenue_minor + change.revenue_minor),
            (before.pipeline_minor, before.pipeline_minor + change.pipeline_minor),
            (before.hours, before.hours + change.hours), (quota[0], quota[0] + quota[1]), self._currency,
        )  # fmt: skip
