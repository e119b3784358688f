"""The plan by which somebody's quota becomes more, or less, from a day on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Table, select

from sfactl.core.measures import NO_CURRENCY
from sfactl.core.money import Money, to_minor
from sfactl.core.periods import Period, Unit
from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import (
    naming,
    plan_quota_adjustments,
    quota_figures,
    quota_policy,
    quota_words,
    quotas,
    workspaces,
)
from sfactl.services.attainment_credit import Whose


@dataclass(frozen=True)
class Request:
    """An adjustment: whose, how much, from which day and why."""

    amount: Decimal
    "Below zero it comes off."
    counts_from: date
    reason: str
    ends_on: date | None = None
    "The first day after the time that it is spread over; without one it counts whole on its day."
    user: str | None = None
    team: str | None = None
    territory: str | None = None
    measure: str = "revenue"
    product_family: str | None = None


def lines(session: Session, request: Request, _effective: date) -> Iterator[Line | Left]:
    """The one line of an adjustment.

    Raises:
        UsageFault: it is nobody's, or nothing, or has more decimals than there are.
        NotFound: there is no such person, team or territory.
    """
    session.actor.require("quota.edit")
    if sum(each is not None for each in (request.user, request.team, request.territory)) != 1:
        raise UsageFault(
            _("A quota is a person's, a team's or a territory's."), _("Name one of --user, --team and --territory.")
        )
    fields: dict[str, Any] = {
        "user": _name(session, t.user, request.user, "login"), "team": _name(session, t.team, request.team, "code"),
        "territory": _name(session, t.territory, request.territory, "code"),
        "measure": quotas.measure_of(request.measure).value, "product_family": request.product_family,
        "counts_from": request.counts_from.isoformat(),
        "ends_on": request.ends_on.isoformat() if request.ends_on else None, "reason": request.reason,
    }  # fmt: skip
    fields |= _amount(session, request)
    fields["territory"] = fields["territory"] or quota_words.Places(session).of(
        {**fields, "starts_on": fields["counts_from"]}
    )
    _require_something_left(session, request, fields)
    yield plan_quota_adjustments.line(fields, "adjust")


def _require_something_left(session: Session, request: Request, fields: Mapping[str, Any]) -> None:
    """Refuse to take more off than there is: in the time that it is spread over, or in the fiscal year of its day."""
    money = Money(to_minor(request.amount, fields["currency"]), fields["currency"])
    if money.minor > 0:
        return
    whose, table, name = next(
        (whose, table, fields[name]) for whose, table, name in _TARGETS if fields[name] and getattr(request, name)
    )
    row_id = naming.find_id(session, table, name, code="login" if table is t.user else "code")
    year = workspaces.current(session).calendar.containing(request.counts_from, Unit.YEAR)
    part = Period(year.label, request.counts_from, request.ends_on) if request.ends_on else year
    asked = quota_figures.Asked(whose, fields["measure"], request.product_family, (part,), session.today)
    due = quota_figures.due(session, asked, quota_policy.current(session)).get((row_id, 0, money.currency))
    there = due.minor if due else 0
    if there + money.minor < 0:
        raise UsageFault(
            _("{name} has a quota of {quota} there; {amount} is more than can come off.").format(
                name=name, quota=Money(there, money.currency), amount=-money.decimal
            ),
            _("Name the day or the period in which the quota lies, or a smaller amount."),
        )


_TARGETS: Final = (
    (Whose.PERSON, t.user, "user"),
    (Whose.TEAM, t.team, "team"),
    (Whose.TERRITORY, t.territory, "territory"),
)


def _amount(session: Session, request: Request) -> dict[str, str]:
    is_money = quotas.measure_of(request.measure).is_money
    currency = workspaces.current(session).currency if is_money else NO_CURRENCY
    money = Money(to_minor(request.amount, currency), currency)
    if money.decimal != request.amount:
        raise UsageFault(
            _("{amount} has more decimals than {currency} has.").format(amount=request.amount, currency=currency)
        )
    if not money.minor:
        raise UsageFault(_("An adjustment by nothing changes nothing."))
    return {"amount": str(money), "currency": currency}


def _name(session: Session, table: Table, key: str | None, code: str) -> str | None:
    if key is None:
        return None
    row_id = naming.find_id(session, table, key, code=code)
    return str(session.execute(select(table.c[code]).where(table.c.id == row_id)).scalar_one())
