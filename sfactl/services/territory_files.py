"""Files about territories: which account goes where, the nodes of a tree, and who works in them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Table, select

from sfactl.db.session import Session
from sfactl.errors import SfaError
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import naming
from sfactl.transfer import columns
from sfactl.transfer.cleaning import LONGEST_CODE
from sfactl.transfer.columns import Record
from sfactl.transfer.faults import Fault, shown

_CHUNK: Final = 5000
ROLES: Final = ("manager", "account_manager", "specialist")


@dataclass(frozen=True)
class Placement:
    """An account that a file puts into a territory, and whose it is to be, by code and login."""

    account: str
    territory: str
    owner: str | None


@dataclass(frozen=True)
class NodeLine:
    """A territory as a file describes it; with `into`, one that is given up."""

    code: str
    name: str
    parent: str | None
    kind: str | None
    priority: int
    into: str | None


@dataclass(frozen=True)
class MemberLine:
    """Somebody in a territory, as a file says."""

    territory: str
    user: str
    role: str


def placements(session: Session, path: Path, territories: Collection[str] | None = None) -> list[Placement]:
    """Which account goes where: columns account and territory, and perhaps owner.

    Args:
        territories: codes among which the file may choose; any where none are named.

    Raises:
        UsageFault: a fault in the file, an account or a person that is not there or not in sight, or one that is named
            twice; each with file, line and column.
    """
    rows = columns.read(path, ("account", "territory"), ("owner",))
    accounts = _resolved(session, t.account, "code", {row.text("account") for row in rows})
    owners = _resolved(session, t.user, "login", {row.text("owner") for row in rows} - {""})
    faults: list[Fault] = []
    found: dict[str, Placement] = {}
    for row in rows:
        complaints = list(_complaints(row, accounts, owners, territories, found))
        faults += [Fault(path.name, row.line, column, shown(row.text(column)), why) for column, why in complaints]
        if not complaints:
            code = accounts[row.text("account")]
            found[code] = Placement(code, row.text("territory"), owners.get(row.text("owner")))
    columns.require_none(faults)
    return list(found.values())


def _complaints(
    row: Record,
    accounts: Mapping[str, str],
    owners: Mapping[str, str],
    territories: Collection[str] | None,
    found: Mapping[str, Placement],
) -> Iterator[tuple[str, str]]:
    account, owner = row.text("account"), row.text("owner")
    if account not in accounts:
        yield "account", _("there is no such account")
    elif accounts[account] in found:
        yield "account", _("stands there twice")
    if territories is not None and row.text("territory") not in territories:
        yield "territory", _("is none of {codes}").format(codes=", ".join(territories))
    if owner and owner not in owners:
        yield "owner", _("there is no such user")


def _resolved(session: Session, table: Table, code: str, keys: set[str]) -> dict[str, str]:
    """The codes of rows that a file names by code, or by what else people call them; without those not in sight."""
    found: dict[str, str] = {}
    ordered = sorted(keys)
    for first in range(0, len(ordered), _CHUNK):
        part = ordered[first : first + _CHUNK]
        codes = session.execute(select(table.c[code]).where(table.c[code].in_(part))).scalars()
        found |= {each: each for each in codes}
    for key in [each for each in ordered if each not in found]:
        try:
            row_id = naming.find_id(session, table, key, code=code)
        except SfaError:
            continue
        found[key] = session.execute(select(table.c[code]).where(table.c.id == row_id)).scalar_one()
    return found


def tree(path: Path) -> list[NodeLine]:
    """Territories: columns territory and name, and perhaps parent, kind, priority and into.

    Raises:
        UsageFault: a fault in the file, with file, line and column.
    """
    rows = columns.read(path, ("territory",), ("name", "parent", "kind", "priority", "into"))
    faults: list[Fault] = []
    seen: set[str] = set()
    for row in rows:
        code, priority = row.text("territory"), row.text("priority")
        if code in seen:
            faults.append(Fault(path.name, row.line, "territory", shown(code), _("stands there twice")))
        if len(code) > LONGEST_CODE:
            faults.append(Fault(path.name, row.line, "territory", shown(code), _("is too long for a code")))
        if priority and not (priority.isascii() and priority.isdigit() and len(priority) < 10):
            faults.append(Fault(path.name, row.line, "priority", shown(priority), _("is not a whole number")))
        seen.add(code)
    columns.require_none(faults)
    return [_node(row) for row in rows]


def _node(row: Record) -> NodeLine:
    cells = row.cells
    name, priority = cells["name"] or row.text("territory"), int(cells["priority"] or 0)
    return NodeLine(row.text("territory"), name, cells["parent"], cells["kind"], priority, cells["into"])


def members(session: Session, path: Path) -> list[MemberLine]:
    """Who works in which territory: columns territory and user, and perhaps role.

    Raises:
        UsageFault: a fault in the file, with file, line and column.
    """
    rows = columns.read(path, ("territory", "user"), ("role",))
    people = _resolved(session, t.user, "login", {row.text("user") for row in rows})
    faults = list(_member_faults(path.name, rows, people))
    columns.require_none(faults)
    return [
        MemberLine(row.text("territory"), people[row.text("user")], row.cells["role"] or "account_manager")
        for row in rows
    ]


def _member_faults(name: str, rows: Sequence[Record], people: Mapping[str, str]) -> Iterator[Fault]:
    for row in rows:
        if row.text("user") not in people:
            yield Fault(name, row.line, "user", shown(row.text("user")), _("there is no such user"))
        role = row.cells["role"]
        if role is not None and role not in ROLES:
            yield Fault(name, row.line, "role", shown(role), _("is none of {roles}").format(roles=", ".join(ROLES)))
