"""Quotas in the words of plans and files: whose, of what, from when to when, and how much."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import Table, select

from sfactl.core.money import Money, to_minor
from sfactl.core.plans import Line
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.territories import UNASSIGNED
from sfactl.services import plan_lines
from sfactl.services.plan_names import Names
from sfactl.services.quota_loads import in_force

WHOSE: Final = ("user", "team", "territory")
TERMS: Final = ("seasonality", "ramp", "active_from", "active_until")
DAYS: Final = ("starts_on", "ends_on", "active_from", "active_until", "counts_from")

Fields = Mapping[str, Any]


class Key(NamedTuple):
    """What tells one quota from another: of those with the same key only one is in force."""

    user: str | None
    team: str | None
    territory: str | None
    "Of a territory's own quota; nothing where it is a person's or a team's."
    measure: str
    product_family: str | None
    starts_on: str

    @property
    def name(self) -> str:
        """What plans call it."""
        return named(self._asdict(), self.starts_on)


def key_of(fields: Fields) -> Key:
    """The key of a quota from its fields."""
    user, team = fields.get("user"), fields.get("team")
    place = None if user or team else fields.get("territory")
    return Key(user, team, place, fields["measure"], fields.get("product_family"), fields["starts_on"])


def named(fields: Fields, day: str) -> str:
    """What plans call a quota, or an adjustment of one: whose, of what, from which day."""
    user, team = fields.get("user"), fields.get("team")
    whose = user or (f"team:{team}" if team else f"territory:{fields.get('territory')}")
    return " ".join(filter(None, (whose, fields["measure"], day, fields.get("product_family"))))


@dataclass(frozen=True)
class Held:
    """A quota, or an adjustment, that is in force."""

    id: int
    fields: Fields


def current(
    session: Session, starts: Collection[date] | None = None, as_of: date | int | None = None
) -> dict[Key, Held]:
    """The quotas in sight that begin on some days, or all of them: those in force, or as they were."""
    quota = t.quota.c
    columns = (
        quota.measure, quota.product_family, quota.starts_on, quota.ends_on, quota.amount_minor, quota.currency,
        *(quota[name] for name in TERMS),
    )  # fmt: skip
    statement = with_names(t.quota, *columns).where(in_force(t.quota, as_of)).order_by(quota.id)
    if starts is not None:
        statement = statement.where(quota.starts_on.in_(starts))
    found = (Held(row.id, fields_of(row._mapping)) for row in session.execute(statement))
    return {key_of(held.fields): held for held in found}


def with_names(table: Table, *columns: Any) -> Any:
    """Rows of quotas or adjustments with the names of whose they are."""
    return (
        select(
            table.c.id, t.user.c.login.label("user"), t.team.c.code.label("team"),
            t.territory.c.code.label("territory"), *columns,
        )
        .select_from(table)
        .outerjoin(t.user, t.user.c.id == table.c.user_id)
        .outerjoin(t.team, t.team.c.id == table.c.team_id)
        .outerjoin(t.territory, t.territory.c.id == table.c.territory_id)
    )  # fmt: skip


def fields_of(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row in the words of plans: amounts as decimal texts, days as ISO texts."""
    fields = {str(name): value for name, value in row.items() if name not in ("id", "amount_minor")}
    for name in DAYS:
        if name in fields:
            fields[name] = plan_lines.iso(fields[name])
    fields["amount"] = str(Money(row["amount_minor"], row["currency"]))
    return fields


@dataclass(frozen=True)
class Keys:
    """What names stand for, in the columns of quotas and adjustments."""

    names: Names
    teams: Mapping[str, int]

    @classmethod
    def load(cls, session: Session, names: Names) -> "Keys":
        """As they are now."""
        return cls(names, dict(session.execute(select(t.team.c.code, t.team.c.id)).all()))

    def columns(self, fields: Fields) -> dict[str, Any]:
        """The columns of a row that a plan says.

        Raises:
            NotFound: a person or a territory is not there, or not in sight.
        """
        said = {name: value for name, value in fields.items() if name not in (*WHOSE, "amount")}
        for name in DAYS:
            if name in said:
                said[name] = plan_lines.day(said[name])
        return {
            **said, "user_id": self.names.person(fields.get("user")), "team_id": self.teams.get(fields.get("team") or ""),
            "territory_id": self.names.place(fields.get("territory")),
            "amount_minor": to_minor(Decimal(fields["amount"]), fields["currency"]),
        }  # fmt: skip

    def missing(self, fields: Fields) -> str | None:
        """Why a row cannot be written: what it names is not there."""
        for name, known, what in (
            ("user", self.names.people, _("there is no such person")), ("team", self.teams, _("there is no such team")),
            ("territory", self.names.places, _("there is no such territory")),
        ):  # fmt: skip
            if fields.get(name) is not None and fields[name] not in known:
                return what
        return None


def changes(here: Mapping[Key, Held], wanted: Iterable[Fields], cause: str, why: str | None = None) -> Iterator[Line]:
    """The lines by which quotas become as they are wanted; those that are so already have none."""
    for fields in wanted:
        key = key_of(fields)
        held = here.get(key)
        if held is None:
            yield Line("quota", key.name, None, _said(fields), cause, why=why)
        elif differing := [name for name in fields if fields[name] != held.fields.get(name)]:
            yield Line("quota", key.name, _part(held.fields, differing), _part(fields, differing), cause, why=why)


def gone(held: Held, cause: str) -> Line:
    """The line by which a quota ends without another in its place."""
    return Line("quota", key_of(held.fields).name, _said(held.fields), None, cause)


def _said(fields: Fields) -> dict[str, Any]:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value is not None}


def _part(fields: Fields, names: Collection[str]) -> dict[str, Any]:
    """Whose it is and from when, and the fields that change."""
    kept = {**_said(key_of(fields)._asdict()), "currency": fields["currency"]}
    return kept | {name: fields.get(name) for name in names}


class Places:
    """Where people work and teams are, for quotas that do not say it."""

    def __init__(self, session: Session) -> None:
        member = t.territory_member.c
        rows = session.execute(
            select(t.user.c.login, t.territory.c.code, member.valid_from, member.valid_to)
            .select_from(t.territory_member)
            .join(t.user, t.user.c.id == member.user_id)
            .join(t.territory, t.territory.c.id == member.territory_id)
            .order_by(t.user.c.login, member.valid_from, t.territory.c.code)
        )
        self._of_people: dict[str, list[Any]] = {}
        for row in rows:
            self._of_people.setdefault(row.login, []).append(row)
        team, place = t.team.c, t.territory.c
        self._of_teams = dict(
            session.execute(select(team.code, place.code).join(t.territory, place.id == team.territory_id)).all()
        )

    def of(self, fields: Fields) -> str:
        """The territory of a quota: where the person worked when it began, first of all if he came later."""
        if fields.get("team"):
            return str(self._of_teams.get(fields["team"], UNASSIGNED))
        rows, day = self._of_people.get(fields["user"], []), date.fromisoformat(fields["starts_on"])
        then = [row.code for row in rows if row.valid_from <= day and (row.valid_to is None or row.valid_to > day)]
        return str(then[-1] if then else rows[0].code if rows else UNASSIGNED)
