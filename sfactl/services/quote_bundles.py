"""Bundles on a quote: whether what stands below each is still a configuration that the catalogue allows."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import func, select, update

from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import configuring

_line: Final = t.quote_line.c
_ONE: Final = 1000


def judge(session: Session, quote_id: int) -> None:
    """Say of each bundle on a quote whether it is a standard configuration, after its parts were changed by hand.

    A bundle that is not stays on the quote: its line says so, and the policy says who must agree to it.
    """
    for number, bundle, quantity_milli in _bundles(session, quote_id):
        parts = _parts(session, quote_id, number)
        is_standard = all(each * _ONE % quantity_milli == 0 for each in parts.values()) and configuring.is_valid(
            session, bundle, {key: each * _ONE // quantity_milli for key, each in parts.items()}
        )
        here = (_line.quote_id == quote_id, _line.line == number)
        session.sql.execute(update(t.quote_line).where(*here).values(is_standard=is_standard))


def _bundles(session: Session, quote_id: int) -> list[tuple[int, str, int]]:
    """The lines with parts below them: their numbers, products and quantities in thousandths."""
    of_bundle = t.quote_line.alias("part").c
    has_parts = select(of_bundle.parent_line).where(of_bundle.quote_id == quote_id, of_bundle.parent_line.is_not(None))
    rows = session.execute(
        select(_line.line, t.product.c.code, _line.quantity_milli)
        .join(t.product, t.product.c.id == _line.product_id)
        .where(_line.quote_id == quote_id, _line.line.in_(has_parts))
        .order_by(_line.line)
    )
    return [(number, code, int(quantity)) for number, code, quantity in rows]


def _parts(session: Session, quote_id: int, number: int) -> Mapping[str, int]:
    """What stands below a line, in thousandths, by feature and product."""
    rows = session.execute(
        select(_line.feature, t.product.c.code, func.sum(_line.quantity_milli))
        .join(t.product, t.product.c.id == _line.product_id)
        .where(_line.quote_id == quote_id, _line.parent_line == number)
        .group_by(_line.feature, t.product.c.code)
    )
    return {f"{feature}:{code}": int(quantity) for feature, code, quantity in rows}
