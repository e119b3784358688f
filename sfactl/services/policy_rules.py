"""The assignment rules that a policy says: checked against the workspace, compared with those in force, and put there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select

from sfactl.config.places import Places
from sfactl.config.policy import Policy, RuleEntry
from sfactl.core import assignment_rules, conditions
from sfactl.db.session import Session
from sfactl.errors import NotFound, SfaError, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.territories import UNASSIGNED
from sfactl.services import conditions as conditions_in_sql
from sfactl.services import naming

FILE = "rules.toml"

_Part = tuple[tuple[str | int, ...], Mapping[str, Any], str | None]
"""Where a part of a condition stands, and what it asks for as `when` and as `where`."""


@dataclass(frozen=True)
class RuleValues:
    """A rule as it will stand in the database."""

    code: str
    step: int
    position: int
    territory_id: int
    territory: str
    user_id: int | None
    owner: str | None
    condition: str

    @property
    def said(self) -> str:
        """What the rule does, in a line."""
        return said(self.step, self.territory, self.owner, self.condition)


def said(step: int, territory: str | None, owner: str | None, condition: str) -> str:
    """What a rule does, in a line."""
    return f"{step}: {territory or '?'}{f' {owner}' if owner else ''}: {condition or '*'}"


def resolve(session: Session, policy: Policy) -> list[RuleValues]:
    """The rules of a policy, with what they name.

    Raises:
        UsageFault: a field, a value, a territory or a person that is not there; its place in the file is named.
    """
    places = Places(policy.files[FILE]) if policy.rules.rule else Places("")
    return [_resolve(session, entry, n, places) for n, entry in enumerate(policy.rules.rule)]


def _resolve(session: Session, entry: RuleEntry, n: int, places: Places) -> RuleValues:
    condition = _condition(session, entry, n, places)
    territory_id, territory = _named(session, entry.territory, ("rule", n, "territory"), places)
    user_id, owner = _person(session, entry.owner, ("rule", n, "owner"), places)
    return RuleValues(entry.code, entry.step, n, territory_id, territory, user_id, owner, condition)


def _condition(session: Session, entry: RuleEntry, n: int, places: Places) -> str:
    """The whole condition, after each part of it, so that a fault is found where it stands."""
    parts: list[_Part] = [(("rule", n, "when", name), {name: wanted}, None) for name, wanted in entry.when.items()]
    if entry.where is not None:
        parts.append((("rule", n, "where"), {}, entry.where))
    whole = ""
    for path, when, where in [*parts, (("rule", n), entry.when, entry.where)]:
        try:
            whole = assignment_rules.condition_of(when, where)
            if whole:
                conditions_in_sql.to_sql(session, conditions.parse(whole))
        except (UsageFault, NotFound) as fault:
            raise _at(places, path, fault) from fault
    return whole


def _named(session: Session, name: str, path: Sequence[str | int], places: Places) -> tuple[int, str]:
    try:
        key = naming.find_id(session, t.territory, name)
        code = session.execute(select(t.territory.c.code).where(t.territory.c.id == key)).scalar_one()
        if code == UNASSIGNED:
            raise UsageFault(_("{territory} is for what no rule claims.").format(territory=UNASSIGNED))
    except (UsageFault, NotFound) as fault:
        raise _at(places, path, fault) from fault
    return key, str(code)


def _person(
    session: Session, name: str | None, path: Sequence[str | int], places: Places
) -> tuple[int | None, str | None]:
    if name is None:
        return None, None
    try:
        key = naming.find_id(session, t.user, name, code="login")
    except (UsageFault, NotFound) as fault:
        raise _at(places, path, fault) from fault
    return key, str(session.execute(select(t.user.c.login).where(t.user.c.id == key)).scalar_one())


def _at(places: Places, path: Sequence[str | int], fault: SfaError) -> UsageFault:
    line, column = places.find(path)
    return UsageFault(
        _("{where}: {what}").format(where=f"{FILE}:{line}:{column}", what=fault.message), fault.hint
    )  # fmt: skip


def put(session: Session, policy: Policy) -> None:
    """Put the rules of a policy in force; errors as of `resolve`."""
    wanted = resolve(session, policy)
    session.sql.execute(delete(t.assignment_rule))
    for rule in wanted:
        session.sql.execute(
            insert(t.assignment_rule).values(
                code=rule.code, step=rule.step, position=rule.position, territory_id=rule.territory_id,
                user_id=rule.user_id, condition=rule.condition,
            )
        )  # fmt: skip


def differing(session: Session, policy: Policy) -> Iterator[tuple[str, str | None, str | None]]:
    """Code of each rule that a policy would change, with what it says now and then; errors as of `resolve`."""
    held = _held(session)
    wanted = {rule.code: (rule.position, rule.said) for rule in resolve(session, policy)}
    for code in sorted(held.keys() | wanted.keys()):
        now, then = held.get(code), wanted.get(code)
        if now != then:
            yield code, *_told(now, then)


def _told(now: tuple[int, str] | None, then: tuple[int, str] | None) -> tuple[str | None, str | None]:
    """Both sides as text; the place in the policy only where nothing else differs."""
    if now and then and now[1] == then[1]:
        return f"{now[1]} (#{now[0] + 1})", f"{then[1]} (#{then[0] + 1})"
    return now[1] if now else None, then[1] if then else None


def _held(session: Session) -> Mapping[str, tuple[int, str]]:
    rule = t.assignment_rule.c
    rows = session.execute(
        select(
            rule.code, rule.position, rule.step, t.territory.c.code.label("territory"), t.user.c.login, rule.condition
        )
        .select_from(t.assignment_rule)
        .outerjoin(t.territory, t.territory.c.id == rule.territory_id)
        .outerjoin(t.user, t.user.c.id == rule.user_id)
    )
    return {
        row.code: (row.position, said(row.step, row.territory, row.login, row.condition)) for row in rows
    }  # fmt: skip
