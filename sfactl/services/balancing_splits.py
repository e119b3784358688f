"""What if a territory were two: which accounts would be in each part, and who would work there."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import conditions, territories
from sfactl.services.balancing_request import Split


def parts(session: Session, rows: Sequence[Any], logins: Mapping[int, str], split: Split) -> dict[int, frozenset[str]]:
    """For the accounts of a territory that is split, the logins of those who would work in their part.

    Each person works in the part in which most of what his accounts ask for lies now, so that fewest change hands.

    Raises:
        UsageFault: one of the parts would have nobody.
    """
    places = set(session.execute(territories.subtree(session, split.territory)).scalars())
    here = [row for row in rows if row.territory_id in places]
    condition = conditions.parse(session, split.condition)
    chosen = set(
        session.execute(select(t.account.c.id).where(t.account.c.territory_id.in_(places), condition)).scalars()
    )
    inside, outside = Counter[str](), Counter[str]()
    for row in here:
        if row.owner_id in logins:
            (inside if row.id in chosen else outside)[logins[row.owner_id]] += int(row.work)
    those = frozenset(login for login in inside if inside[login] > outside[login])
    others = frozenset(logins.values()) - those
    if not those or not others & outside.keys():
        raise UsageFault(
            _("Split so, a part of {territory} would have nobody.").format(territory=split.territory),
            _("Say another condition: split=SW:region = AZ"),
        )
    return {row.id: those if row.id in chosen else others for row in here}
