"""The quotas that a pipeline and a territory are compared with."""

from datetime import date

from sfactl.core.periods import Period
from sfactl.db.session import Session
from sfactl.services import quota_figures, quota_policy
from sfactl.services.attainment_credit import Whose
from sfactl.services.quota_figures import Asked


def of_territories(session: Session, period: Period, as_of: date | None = None) -> dict[tuple[int, str], int]:
    """What territories as a whole must reach in revenue in a period, by territory and currency."""
    return _due(session, Whose.TERRITORY, period, as_of)


def of_people(session: Session, period: Period, as_of: date | None = None) -> dict[tuple[int, str], int]:
    """What people must reach in revenue in a period, by person and currency."""
    return _due(session, Whose.PERSON, period, as_of)


def _due(session: Session, whose: Whose, period: Period, as_of: date | None) -> dict[tuple[int, str], int]:
    asked = Asked(whose, "revenue", None, (period,), session.today, as_of)
    found = quota_figures.due(session, asked, quota_policy.current(session))
    return {(key, currency): each.minor for (key, _part, currency), each in found.items()}
