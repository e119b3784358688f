"""Assignment rules: which there are, what a run of them changes, and why an account is where they put it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, func, literal, or_, select, true
from sqlalchemy.sql import FromClause

from sfactl.core import assignment_rules as ladder
from sfactl.core import conditions
from sfactl.core.assignment_rules import Decision, Outcome, Rule
from sfactl.core.plans import Left, Line
from sfactl.core.roles import Scope
from sfactl.db.session import Session
from sfactl.errors import NotAllowed, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import (
    assignment_policy,
    distribution,
    moving_along,
    naming,
    plan_names,
    rule_exclusions,
    territories,
)
from sfactl.services import conditions as conditions_in_sql
from sfactl.services.assignment_policy import AssignmentPolicy
from sfactl.services.moving_along import Along, Move
from sfactl.services.narrowing import AccountFilter, narrow

REPLACEABLE: Final = ("import", "distribution", "leaver", "territory")
"""Causes of assignments that a run replaces when it is told to; what rules placed it always does, what people placed never."""
BITS: Final = 60
"""So many rules are answered by one column."""
MOST_KEPT: Final = 100_000
"""Decisions that are remembered."""


@dataclass(frozen=True)
class RuleRow:
    """A rule in a list."""

    code: str
    step: int
    territory: str | None
    priority: int | None
    owner: str | None
    condition: str
    accounts: int
    "Accounts in sight that it placed."


@dataclass(frozen=True)
class WhyRow:
    """What became of one rule, for one account."""

    rule: str
    step: int
    territory: str
    owner: str | None
    outcome: Outcome
    reason: str


@dataclass
class Tally:
    """What a run came to; counted while its lines are read."""

    added: int = 0
    "Accounts that rules place anew, or elsewhere."
    removed: int = 0
    "Accounts that rules had placed and no rule claims any more."
    kept: int = 0
    conflicts: int = 0
    "Accounts that several territories claim with one priority."


@dataclass(frozen=True)
class Request:
    """Which accounts a run looks at."""

    wanted: AccountFilter = field(default_factory=AccountFilter)
    replace: frozenset[str] = frozenset()
    "Causes of assignments that the run may replace, besides those that rules placed."
    families: bool = False
    "An account goes with the one at the top of its family."
    tally: Tally = field(default_factory=Tally, compare=False)


def load(session: Session) -> list[Rule]:
    """The rules in sight, in order."""
    rule, place = t.assignment_rule.c, t.territory.c
    rows = session.execute(
        select(
            rule.code, rule.step, rule.position, rule.territory_id, place.code, place.priority, rule.user_id,
            t.user.c.login, rule.condition,
        )
        .select_from(t.assignment_rule)
        .join(t.territory, place.id == rule.territory_id)
        .outerjoin(t.user, t.user.c.id == rule.user_id)
    )  # fmt: skip
    return ladder.in_order(Rule(*row) for row in rows)


def find(session: Session) -> list[RuleRow]:
    """The rules in sight, in the order in which they are asked, with how many accounts each has placed."""
    session.actor.require("rule.read")
    holds = t.assignment.c
    rows = session.execute(
        select(holds.rule, func.count())
        .where(holds.role == "owner", holds.valid_to.is_(None), holds.cause == "rule")
        .group_by(holds.rule)
    )
    placed: dict[str | None, int] = {row[0]: row[1] for row in rows}
    return [
        RuleRow(
            rule.code, rule.step, rule.territory, rule.priority, rule.owner, rule.condition, placed.get(rule.code, 0)
        )
        for rule in load(session)
    ]  # fmt: skip


def why(session: Session, key: str) -> list[WhyRow]:
    """What each rule in sight says of an account: the one that wins, and why each of the others does not."""
    session.actor.require("rule.read")
    session.actor.require("account.read")
    account_id = naming.find_id(session, t.account, key)
    rules = load(session)
    failed = {rule.code: _failed(session, rule, account_id) for rule in rules}
    matching = sum(1 << n for n, rule in enumerate(rules) if not failed[rule.code])
    barred = rule_exclusions.load(session, account_id).get(account_id, frozenset())
    found = ladder.verdicts(rules, matching, rule_exclusions.without_everywhere(barred, rules), failed)
    return [
        WhyRow(each.rule.code, each.rule.step, each.rule.territory, each.rule.owner, each.outcome, each.reason)
        for each in found
    ]


def _failed(session: Session, rule: Rule, account_id: int) -> str:
    """The conditions of a rule that do not hold for an account, as text; nothing when all do."""
    if rule.tree is None:
        return ""
    parts = conditions.parts(rule.tree)
    columns = [case((conditions_in_sql.to_sql(session, part), 1), else_=0) for part in parts]
    answers = session.execute(select(*columns).where(t.account.c.id == account_id)).one()
    missing = [part for part, holds in zip(parts, answers, strict=True) if not holds]
    return " and ".join(conditions.said(part) for part in missing)


def require_causes(causes: Sequence[str]) -> frozenset[str]:
    """Causes that a run may be told to replace.

    Raises:
        UsageFault: one is none, or is never replaced.
    """
    wrong = sorted(set(causes) - set(REPLACEABLE))
    if wrong:
        raise UsageFault(
            _("A run does not replace what {cause} placed.").format(cause=wrong[0]),
            _("It may be told to replace {causes}.").format(causes=", ".join(REPLACEABLE)),
        )
    return frozenset(causes)


def lines(session: Session, request: Request, effective: date) -> Iterator[Line | Left]:
    """What a run of the rules changes, by account code, or family by family.

    It looks at accounts that rules placed, that have no owner or that lie in UNASSIGNED, and at those of the causes
    that may be replaced; what people placed by hand and what is excluded stays.

    Raises:
        NotAllowed: the person does not see all rules; a part of them would decide otherwise than the whole.
    """
    session.actor.require("account.reassign")
    if session.actor.scope("rule.read") is not Scope.ALL:
        raise NotAllowed(
            _("Rules are run by somebody who sees them all."), _("Ask sales operations, or use `assignment move`.")
        )
    yield from _Run(session, request, effective).lines()


@dataclass(frozen=True)
class _Stays:
    """An account that stays where it is, although a rule claims it."""

    reason: str


@dataclass(frozen=True)
class _Place:
    """Where an account belongs, and whose it is there."""

    owner_id: int | None
    territory_id: int
    rule: str | None = None
    why: str | None = None
    is_conflict: bool = False


class _Run:
    """One run of the rules, while it goes through the accounts."""

    def __init__(self, session: Session, request: Request, effective: date) -> None:
        self._session = session
        self._request = request
        self._tally = request.tally
        self._day = effective
        self._names = plan_names.load(session)
        self._unassigned = territories.unassigned_id(session)
        self._rules = load(session)
        self._barred = rule_exclusions.load(session)
        self._policy = assignment_policy.current(session)
        self._here = set(session.execute(select(t.user.c.id).where(t.user.c.active)).scalars())
        self._archived = _archived(session, effective)
        self._choosing = frozenset(rule.code for rule in self._rules if rule.owner_id is None)
        self._pool = distribution.pool(session, effective) if self._choosing else None
        self._decisions: dict[tuple[int, frozenset[int]], Decision] = {}
        self._head = 0
        self._place: _Place | _Stays | None = None
        "Where the head of the present family belongs."

    def lines(self) -> Iterator[Line | Left]:
        statement = _statement(self._session, self._rules, self._request, self._unassigned, self._policy)
        for part in self._session.execute(statement).partitions(distribution.TOGETHER):
            heads = [row.head_id for row in part] if self._pool else []
            needs = distribution.needs_of(self._session, heads)
            moved: list[Move] = []
            for row in part:
                line = self._line(row, needs.get(row.head_id, {}))
                if line is not None:
                    yield line
                if isinstance(line, Line) and line.after and line.after["owner"] is not None:
                    moved.append(self._move(row, line.after))
            yield from moving_along.others(self._session, moved, Along(), self._day, self._names)

    def _move(self, row: Any, after: Mapping[str, Any]) -> Move:
        """What its open opportunities and planned activities follow."""
        owner, place = self._names.person(after["owner"]), self._names.place(after["territory"])
        return Move(row.id, row.code, row.owner_id, owner, row.territory_id, place or row.territory_id, None, "rule")

    def _line(self, row: Any, needs: Mapping[str, int]) -> Line | Left | None:
        barred = self._barred.get(row.id, frozenset())
        if rule_exclusions.EVERYWHERE in barred:
            return None
        if row.head_id != self._head:
            self._head, self._place = row.head_id, self._place_of_head(row, needs)
        place = self._place
        if isinstance(place, _Stays):
            return Left("account", row.code, place.reason)
        if place is None:
            return self._unclaimed(row)
        if place.territory_id in barred:
            return Left("account", row.code, _("its family goes to a territory from which it is excluded"))
        return self._placed(row, place)

    def _unclaimed(self, row: Any) -> Line | None:
        """An account that no rule claims: taken away from where a rule put it, left where something else did."""
        if row.cause != "rule" or (row.owner_id is None and row.territory_id == self._unassigned):
            return None
        self._tally.removed += 1
        return self._change(row, _Place(None, self._unassigned, why=_("no rule claims it any more")))

    def _placed(self, row: Any, place: _Place) -> Line | Left | None:
        is_there = (row.owner_id, row.territory_id) == (place.owner_id, place.territory_id)
        if place.is_conflict:
            self._tally.conflicts += 1
            return Left("account", row.code, place.why or "") if is_there else self._change(row, place)
        if is_there:
            self._tally.kept += 1
            return Left("account", row.code, place.why) if place.why and place.owner_id is None else None
        self._tally.added += 1
        return self._change(row, place)

    def _change(self, row: Any, place: _Place) -> Line:
        is_counted = row.id == row.head_id and place.rule in self._choosing
        if self._pool and not is_counted:
            self._pool.moved(row.owner_id, place.owner_id, row.work, self._day.toordinal())
        before = {"owner": self._names.login(row.owner_id), "territory": self._names.code(row.territory_id)}
        after = {
            "owner": self._names.login(place.owner_id), "territory": self._names.code(place.territory_id),
            "rule": place.rule,
        }  # fmt: skip
        return Line("account", row.code, before, after, "rule", why=place.why)

    def _place_of_head(self, row: Any, needs: Mapping[str, int]) -> _Place | _Stays | None:
        barred = self._barred.get(row.head_id, frozenset())
        if not row.is_head_free or rule_exclusions.EVERYWHERE in barred:
            return _Place(row.head_owner_id, row.head_territory_id, why=_("with the head of its family"))
        decision = self._decide(mask_of(row, len(self._rules)), barred)
        if decision.tied:
            return self._tied(decision.tied)
        return self._won(row, decision.winner, needs) if decision.winner else None

    def _decide(self, mask: int, barred: frozenset[int]) -> Decision:
        known = self._decisions.get((mask, barred))
        if known is None:
            if len(self._decisions) >= MOST_KEPT:
                self._decisions.clear()
            known = self._decisions[mask, barred] = ladder.decide(self._rules, mask, barred)
        return known

    def _tied(self, rules: Sequence[Rule]) -> _Place:
        said = _("{rules} claim it for {territories} with the same priority").format(
            rules=", ".join(rule.code for rule in rules), territories=", ".join(rule.territory for rule in rules)
        )
        return _Place(None, self._unassigned, why=said, is_conflict=True)

    def _won(self, row: Any, rule: Rule, needs: Mapping[str, int]) -> _Place | _Stays:
        if rule.territory_id in self._archived:
            return _Stays(
                _("{rule} names {territory}, which is archived").format(rule=rule.code, territory=rule.territory)
            )
        if rule.owner_id is not None:
            if rule.owner_id not in self._here:
                return _Stays(_("{rule} names {person}, who has left").format(rule=rule.code, person=rule.owner))
            return _Place(rule.owner_id, rule.territory_id, rule.code)
        return self._least_loaded(row, rule, needs)

    def _least_loaded(self, row: Any, rule: Rule, needs: Mapping[str, int]) -> _Place:
        """Whoever has the account in that territory and may have it keeps it; else the one with the least to do gets it."""
        assert self._pool is not None  # noqa: S101 - there is one as soon as a rule names nobody
        owner = row.head_owner_id
        if owner and row.head_territory_id == rule.territory_id and self._pool.serves(owner, rule.territory_id):
            return _Place(owner, rule.territory_id, rule.code)
        self._pool.moved(owner, None, row.head_work)
        chosen = self._pool.place(
            rule.territory_id, needs, row.head_work, self._day.toordinal()
        )  # fmt: skip
        return _Place(chosen.seller.key if chosen.seller else None, rule.territory_id, rule.code, chosen.reason or None)


def mask_of(row: Any, count: int) -> int:
    """Which rules match, from the columns that answer sixty of them each."""
    return sum((row[-1 - n] or 0) << (BITS * n) for n in range((count + BITS - 1) // BITS))


def masks(session: Session, rules: Sequence[Rule], account: FromClause) -> list[ColumnElement[Any]]:
    """A column for each sixty rules, the last first: bit n is set where the condition of the n-th holds."""
    columns: list[ColumnElement[Any]] = []
    for start in range(0, len(rules), BITS):
        bits = [
            case((_holds(session, rule, account), literal(1 << n, BigInteger)), else_=literal(0, BigInteger))
            for n, rule in enumerate(rules[start : start + BITS])
        ]
        total: ColumnElement[Any] = bits[0]
        for bit in bits[1:]:
            total = total + bit
        columns.insert(0, total.label(f"mask_{start}"))
    return columns


def _holds(session: Session, rule: Rule, account: FromClause) -> ColumnElement[bool]:
    tree = rule.tree
    return true() if tree is None else conditions_in_sql.to_sql(session, tree, account)


def _archived(session: Session, day: date) -> set[int]:
    place = t.territory.c
    return set(session.execute(select(place.id).where(place.archived_on <= day)).scalars())


def _statement(
    session: Session, rules: Sequence[Rule], request: Request, unassigned: int, policy: AssignmentPolicy
) -> Select[Any]:
    """The accounts that a run may place, each with the head of its family, and which rules match that."""
    account, holds = t.account, t.assignment.alias("holds")
    head, source, head_holds = _heads(account, holds) if request.families else (account, account, holds)
    is_free = _is_free(account, holds, request, unassigned)
    is_head_free = _is_free(head, head_holds, request, unassigned)
    statement = (
        select(
            account.c.id, account.c.code, account.c.owner_id, account.c.territory_id, holds.c.cause,
            head.c.id.label("head_id"), head.c.owner_id.label("head_owner_id"),             policy.work(account).label("work"), policy.work(head).label("head_work"),
            head.c.territory_id.label("head_territory_id"), case((is_head_free, 1), else_=0).label("is_head_free"),
            *masks(session, rules, head),
        )
        .select_from(source)
        .where(is_free)
    )  # fmt: skip
    if not request.families:
        statement = statement.join(holds, _is_open(account, holds))
    narrowed = narrow(
        session, statement, request.wanted, owner=account.c.owner_id, territory=account.c.territory_id
    )  # fmt: skip
    if request.families:
        narrowed = narrowed.order_by(head.c.code, account.c.id != head.c.id)
    return narrowed.order_by(account.c.code).execution_options(yield_per=distribution.TOGETHER)


def _heads(account: FromClause, holds: FromClause) -> tuple[FromClause, FromClause, FromClause]:
    """The head of each account's family and its open assignment, joined to the account and its own.

    The head is the highest account above it in sight; an account that lies below itself is its own.
    """
    top, parent, child = t.account.alias("top"), t.account.alias("parent"), t.account.alias("child")
    has_parent = select(parent.c.id).where(parent.c.id == top.c.parent_id).exists()
    family = (
        select(top.c.id.label("id"), top.c.id.label("head_id")).where(~has_parent).cte("family", recursive=True)
    )  # fmt: skip
    family = family.union_all(select(child.c.id, family.c.head_id).join(family, child.c.parent_id == family.c.id))
    head, head_holds = t.account.alias("head"), t.assignment.alias("head_holds")
    source = (
        account.join(holds, _is_open(account, holds))
        .outerjoin(family, family.c.id == account.c.id)
        .join(head, head.c.id == func.coalesce(family.c.head_id, account.c.id))
        .join(head_holds, _is_open(head, head_holds))
    )
    return head, source, head_holds


def _is_open(account: FromClause, holds: FromClause) -> ColumnElement[bool]:
    return and_(holds.c.account_id == account.c.id, holds.c.role == "owner", holds.c.valid_to.is_(None))


def _is_free(account: FromClause, holds: FromClause, request: Request, unassigned: int) -> ColumnElement[bool]:
    """Whether rules may place an account."""
    nobodys = or_(account.c.owner_id.is_(None), account.c.territory_id == unassigned)
    return or_(holds.c.cause.in_(sorted({"rule", *request.replace})), and_(holds.c.cause != "manual", nobodys))
