"""The quotas that a pipeline is compared with."""

from datetime import date

from sqlalchemy import func, select

from sfactl.core.periods import Period
from sfactl.db.session import Session
from sfactl.models import tables as t


def of_territories(session: Session, period: Period, _as_of: date | None = None) -> dict[tuple[int, str], int]:
    """Revenue quotas of territories as a whole whose windows lie in a period, added, by territory and currency."""
    quota = t.quota.c
    rows = session.execute(
        select(quota.territory_id, quota.currency, func.sum(quota.amount_minor))
        .where(quota.user_id.is_(None), quota.measure == "revenue", quota.product_family.is_(None))
        .where(quota.starts_on >= period.start, quota.ends_on <= period.end)
        .group_by(quota.territory_id, quota.currency)
    )
    return {(territory_id, unit): int(minor) for territory_id, unit, minor in rows}


def of_people(session: Session, period: Period, _as_of: date | None = None) -> dict[tuple[int, str], int]:
    """Revenue quotas of people that begin in a period, added, by person and currency."""
    quota = t.quota.c
    rows = session.execute(
        select(quota.user_id, quota.currency, func.sum(quota.amount_minor))
        .where(quota.user_id.is_not(None), quota.measure == "revenue", quota.product_family.is_(None))
        .where(quota.starts_on >= period.start, quota.starts_on < period.end)
        .group_by(quota.user_id, quota.currency)
    )
    return {(user_id, unit): int(minor) for user_id, unit, minor in rows}
