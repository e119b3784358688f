"""What if a territory were two: which accounts would be in each part, and who would work there."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from sqlalchemy import select

from sfactl.core.money import round_half_up
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import conditions, territories
from sfactl.services.balancing_request import Split


def parts(session: Session, rows: Sequence[Any], logins: Mapping[int, str], split: Split) -> dict[int, frozenset[str]]:
    """For the accounts of a territory that is split, the logins of those who would work in their part.

    Each part gets so many of the people who work there as it has of the work; those go into the part of the condition most of
    whose work lies there now, so that little changes hands.

    Raises:
        UsageFault: one of the parts would have no account, or nobody.
    """
    places = set(session.execute(territories.subtree(session, split.territory)).scalars())
    here = [row for row in rows if row.territory_id in places]
    condition = conditions.parse(session, split.condition)
    account = t.account.c
    chosen = set(session.execute(select(account.id).where(account.territory_id.in_(places), condition)).scalars())
    own = {login: [0, 0] for login in sorted({logins[row.owner_id] for row in here if row.owner_id in logins})}
    works = [0, 0]
    for row in here:
        works[row.id in chosen] += int(row.work)
        if row.owner_id in logins:
            own[logins[row.owner_id]][row.id in chosen] += int(row.work)
    if len(own) < 2 or not all(works):
        raise UsageFault(
            _("Split so, a part of {territory} would have no account, or nobody.").format(territory=split.territory),
            _("Say another condition: split=SW:region = AZ"),
        )
    count = min(max(round_half_up(Fraction(len(own) * works[1], sum(works))), 1), len(own) - 1)
    ranked = sorted(own, key=lambda login: (-Fraction(own[login][1], sum(own[login]) or 1), login))
    inside, outside = frozenset(ranked[:count]), frozenset(ranked[count:])
    return {row.id: inside if row.id in chosen else outside for row in here}
