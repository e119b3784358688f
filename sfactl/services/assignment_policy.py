"""What the policy in force says about assignment, for whoever moves accounts: workload, capacity, mail."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, FromClause, case, func, literal

from sfactl.config.policy import BalanceEntry, RulesFile
from sfactl.core.workload import hours_e3
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import policy_settings

NAME = "assignment"


@dataclass(frozen=True)
class AssignmentPolicy:
    """Hours are thousandths of an hour in a year."""

    notifies: bool
    "Whether people are told of accounts that come or go."
    work_e3: int
    "Hours that an account asks for whose segment has no number of its own."
    segments: Mapping[str, int]
    "Segment, in lower case, to the hours of one of its accounts."
    capacity_hours: int
    capacity_accounts: int | None
    ramp: tuple[Fraction, ...]
    "How much of his hours somebody new can do in each of his first months, when accounts are balanced."
    calls: int
    "Visits in a year to an account whose segment has no number of its own."
    segment_calls: Mapping[str, int]
    balance: BalanceEntry

    def calls_of(self, segment: str | None) -> int:
        """Visits in a year to an account of a segment."""
        return self.segment_calls.get((segment or "").lower(), self.calls)

    def work(self, account: FromClause = t.account) -> ColumnElement[int]:
        """Hours that an account asks for, as SQL over a row of `account`: its own, else those of its segment."""
        segment = func.lower(account.c.segment)
        usual: ColumnElement[int] = literal(self.work_e3)
        if self.segments:
            usual = case(*((segment == name, e3) for name, e3 in sorted(self.segments.items())), else_=self.work_e3)
        return func.coalesce(account.c.work_e3, usual)


def current(session: Session) -> AssignmentPolicy:
    """The policy in force; the shipped one's where the database has none yet."""
    return _of(_held(session))


def _held(session: Session) -> RulesFile:
    return policy_settings.held(session, NAME, RulesFile)


def said(session: Session) -> dict[str, str]:
    """What the policy in force says, by dotted name."""
    return saying(_held(session))


def saying(rules: RulesFile) -> dict[str, str]:
    """What a policy says beside its rules, by dotted name; what it leaves open is left out."""
    return policy_settings.by_dotted_name(_text(rules))


def _of(rules: RulesFile) -> AssignmentPolicy:
    work = rules.workload
    segments = {name.lower(): hours_e3(each.calls, each.travel, each.duration) for name, each in work.segment.items()}
    return AssignmentPolicy(
        rules.notify.moves, hours_e3(work.calls, work.travel, work.duration), segments,
        rules.capacity.hours, rules.capacity.accounts, tuple(Fraction(each) / 100 for each in rules.capacity.ramp),
        work.calls, {name.lower(): each.calls for name, each in work.segment.items()}, rules.balance,
    )  # fmt: skip


def put(session: Session, rules: RulesFile) -> None:
    """Keep what everybody may need to know; who gets which accounts stands in `assignment_rule`."""
    policy_settings.put(session, NAME, _text(rules))


def _text(rules: RulesFile) -> str:
    said: Any = rules.model_dump(mode="json", exclude={"rule"})
    return json.dumps(said, sort_keys=True)
