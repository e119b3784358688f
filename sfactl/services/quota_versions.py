"""The versions of quotas: the loads that made them, and what differs between two."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all

from sfactl.core.money import Money, to_minor
from sfactl.db.session import Session
from sfactl.errors import NotFound, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import quota_words
from sfactl.services.quota_words import Held, Key

Version = int | date | None
"""The number of a load, or a day at whose end; nothing stands for now."""


@dataclass(frozen=True)
class LoadRow:
    """A load, and how many rows in sight came and went with it."""

    load: int
    loaded_on: date
    "From which day it counts as known."
    loaded_at: datetime | None
    user: str | None
    kind: str | None
    "Who made it and why is told to whoever made it, and to those who see all quotas."
    added: int
    ended: int
    adjustments: int
    reason: str | None
    run: str | None


@dataclass(frozen=True)
class DiffRow:
    """A quota that is in one version and not, or otherwise, in another."""

    change: str
    "added, removed or changed."
    user: str | None
    team: str | None
    territory: str | None
    measure: str
    product_family: str | None
    starts_on: date
    before: Money | None
    after: Money | None
    difference: Money
    what: str | None
    "What else differs than the amount."
    currency: str


@dataclass(frozen=True)
class SumRow:
    """What the quotas of a territory's rows come to in two versions."""

    territory: str | None
    measure: str
    added: int
    removed: int
    changed: int
    before: Money
    after: Money
    difference: Money
    currency: str


def loads(session: Session, *, limit: int = 0) -> list[LoadRow]:
    """The loads of the quotas in sight, the latest first."""
    session.actor.require("quota.read")
    counted = _counted().subquery()
    load, rows = t.quota_load.c, counted.c
    statement = (
        select(
            rows.load, func.max(rows.day), func.max(load.loaded_at), func.max(t.user.c.login), func.max(load.kind),
            func.sum(rows.added), func.sum(rows.ended), func.sum(rows.adjusted), func.max(load.reason), func.max(load.run_key),
        )
        .select_from(counted)
        .outerjoin(t.quota_load, load.id == rows.load)
        .outerjoin(t.user, t.user.c.id == load.user_id)
        .group_by(rows.load)
        .order_by(rows.load.desc())
    )  # fmt: skip
    if limit:
        statement = statement.limit(limit)
    return [
        LoadRow(number, day, at, user, kind, int(added), int(ended), int(adjusted), reason, run)
        for number, day, at, user, kind, added, ended, adjusted, reason, run in session.execute(statement)
    ]


def _counted() -> Any:
    """A row for each quota and adjustment that came or went, under the load that did it."""

    def part(number: Any, day: Any, added: int, ended: int, adjusted: int) -> Select[Any]:
        counts = (literal(added).label("added"), literal(ended).label("ended"), literal(adjusted).label("adjusted"))
        return select(number.label("load"), day.label("day"), *counts)

    quota, adjustment = t.quota.c, t.quota_adjustment.c
    return union_all(
        part(quota.load_id, quota.loaded_on, 1, 0, 0),
        part(quota.replaced_by, quota.replaced_on, 0, 1, 0).where(quota.replaced_by.is_not(None)),
        part(adjustment.load_id, adjustment.loaded_on, 0, 0, 1),
        part(adjustment.replaced_by, adjustment.replaced_on, 0, 0, 1).where(adjustment.replaced_by.is_not(None)),
    )


def version(session: Session, text: str) -> Version:
    """The version that a person means: the number of a load, or a day.

    Raises:
        UsageFault: it is neither.
        NotFound: there is no load of the number.
    """
    if text.isascii() and text.isdigit() and len(text) < 10:
        last = max((row.load for row in loads(session, limit=1)), default=0)
        if not 0 < int(text) <= last:
            raise NotFound(_("There is no load {number}.").format(number=text), _("`sfactl quota loads` lists them."))
        return int(text)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageFault(
            _("{text} is no version.").format(text=text), _("Name the number of a load, or a day: 3, 2026-03-31.")
        ) from None


def diff(session: Session, before: Version, after: Version) -> list[DiffRow]:
    """The quotas in sight that differ between two versions, by whose they are and when they begin."""
    session.actor.require("quota.read")
    was, now = quota_words.current(session, as_of=before), quota_words.current(session, as_of=after)
    return list(_differing(was, now))


def _differing(was: Mapping[Key, Held], now: Mapping[Key, Held]) -> Iterator[DiffRow]:
    for key in sorted(was.keys() | now.keys(), key=lambda each: tuple(part or "" for part in each)):
        before, after = was.get(key), now.get(key)
        if before is None or after is None or before.fields != after.fields:
            yield _diff_row(key, before, after)


def _diff_row(key: Key, before: Held | None, after: Held | None) -> DiffRow:
    one, other = before.fields if before else None, after.fields if after else None
    said = other or one or {}
    currency = said["currency"]
    amounts = [None if each is None else _money(each) for each in (one, other)]
    left, right = (each or Money(0, currency) for each in amounts)
    change = "added" if one is None else "removed" if other is None else "changed"
    same = left.currency == right.currency
    return DiffRow(
        change, key.user, key.team, said["territory"], key.measure, key.product_family,
        date.fromisoformat(key.starts_on), amounts[0], amounts[1], right - left if same else right, _others(one, other),
        currency,
    )  # fmt: skip


def _money(fields: Mapping[str, Any]) -> Money:
    return Money(to_minor(Decimal(fields["amount"]), fields["currency"]), fields["currency"])


def _others(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> str | None:
    """The fields but for the amount that differ, before and after."""
    if one is None or other is None:
        return None
    names = [name for name in one if name != "amount" and one[name] != other.get(name)]
    return "; ".join(f"{name}: {one[name] or '–'} → {other.get(name) or '–'}" for name in names) or None


def summed(rows: Iterable[DiffRow]) -> list[SumRow]:
    """What differs, by territory and measure; quotas of people, teams and territories together."""
    found: dict[tuple[str, str, str], list[DiffRow]] = {}
    for row in rows:
        found.setdefault((row.territory or "", row.measure, row.currency), []).append(row)
    return [_sum_row(*key, found[key]) for key in sorted(found)]


def _sum_row(territory: str, measure: str, currency: str, rows: list[DiffRow]) -> SumRow:
    counts = Counter(row.change for row in rows)
    before = sum(row.before.minor for row in rows if row.before)
    after = sum(row.after.minor for row in rows if row.after)
    sums = [Money(minor, currency) for minor in (before, after, after - before)]
    return SumRow(
        territory or None, measure, counts["added"], counts["removed"], counts["changed"], sums[0], sums[1], sums[2],
        currency,
    )  # fmt: skip
