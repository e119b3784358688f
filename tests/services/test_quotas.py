"""Who has reached quota, in the small company."""

from __future__ import annotations

from sfactl.core.periods import FiscalCalendar, parse_period
from sfactl.services import attainment
from tests.organisation import TODAY
from tests.workspace import TestWorkspace


def test_credit_of_a_quarter_is_compared_with_the_quotas_that_begin_in_it(workspace: TestWorkspace) -> None:
    period = parse_period("2026Q1", today=TODAY, calendar=FiscalCalendar())

    with workspace.door().read() as session:
        found = attainment.attainment(session, attainment.Question(period))

    assert [(row.user, str(row.credit), row.reached) for row in found.rows] == [
        ("sam", "1000.00", True),
        ("eve", "500.00", True),
        ("nora", "1999.99", False),
    ]
    assert found.proof is not None
    assert found.proof.holds
