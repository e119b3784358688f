"""What the policy in force says of quotas: curves, ramps, and the days that count."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import select

from sfactl.config.policy import Policy, QuotasFile
from sfactl.core.business_days import Days
from sfactl.core.quota_shares import Terms, curve_of
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import policy_settings, workspaces
from sfactl.services.quota_loads import in_force

NAME = "quotas"
FILE = "quotas.toml"


@dataclass(frozen=True)
class QuotaPolicy:
    """How quotas are spread over their time, and what days count."""

    days: Days
    by_days: bool
    "Whether a month in which somebody comes or goes counts by its days."
    curves: Mapping[str, tuple[Fraction, ...]]
    ramps: Mapping[str, tuple[Fraction, ...]]
    first_month: int

    def terms(
        self, seasonality: str | None, ramp: str | None, active_from: date | None, active_until: date | None
    ) -> Terms:
        """What a quota that says this is cut by; a name that the policy does not know counts as none."""
        return Terms(
            self.curves.get(seasonality or ""), self.ramps.get(ramp or "", ()), active_from, active_until,
            self.first_month, self.by_days,
        )  # fmt: skip

    def require(self, seasonality: str | None, ramp: str | None) -> None:
        """Refuse names that the policy does not know.

        Raises:
            UsageFault: with the names that there are.
        """
        for name, known, what in (
            (seasonality, self.curves, _("There is no seasonality {name} in the policy.")),
            (ramp, self.ramps, _("There is no ramp {name} in the policy.")),
        ):
            if name is not None and name not in known:
                raise UsageFault(what.format(name=name), _("There are: {names}.").format(names=_listed(known)))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "–"


def current(session: Session) -> QuotaPolicy:
    """The policy in force; the shipped one's where the database has none yet."""
    said = policy_settings.held(session, NAME, QuotasFile)
    curves = {name: curve_of([Fraction(each) for each in entry.weights]) for name, entry in said.seasonality.items()}
    ramps = {name: tuple(Fraction(each) / 100 for each in entry.months) for name, entry in said.ramp.items()}
    days = Days.of(said.pace.weekend, said.pace.holidays) if said.pace.days == "business" else Days()
    calendar = workspaces.current(session).calendar
    return QuotaPolicy(days, said.active.share == "days", curves, ramps, calendar.first_month)


def said(session: Session) -> dict[str, str]:
    """What the policy in force says, by dotted name."""
    return policy_settings.by_dotted_name(_text(policy_settings.held(session, NAME, QuotasFile)))


def saying(quotas: QuotasFile) -> dict[str, str]:
    """What a policy says, by dotted name."""
    return policy_settings.by_dotted_name(_text(quotas))


def put(session: Session, policy: Policy) -> None:
    """Put what a policy says of quotas in force.

    Raises:
        UsageFault: quotas that hold name a curve or a ramp that it does not have.
    """
    quota = t.quota.c
    for column, known in ((quota.seasonality, policy.quotas.seasonality), (quota.ramp, policy.quotas.ramp)):
        named = session.execute(select(column).where(column.is_not(None), in_force(t.quota)).distinct()).scalars()
        if missing := sorted(set(named) - known.keys()):
            raise UsageFault(
                _("{file}: there is no {what} {name}, which quotas name.").format(
                    file=FILE, what=column.name, name=missing[0]
                ),
                _("Leave it in the policy, or change those quotas first."),
            )
    policy_settings.put(session, NAME, _text(policy.quotas))


def _text(quotas: QuotasFile) -> str:
    said: Any = quotas.model_dump(mode="json")
    return json.dumps(said, sort_keys=True)
