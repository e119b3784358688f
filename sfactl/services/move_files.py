"""Plans from a file that says, account by account, to whom or where it goes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import Table, select

from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import moves, plan_names
from sfactl.services.moves import Now
from sfactl.services.moving_along import Along, Move
from sfactl.services.plan_rows import BadFile, PlanRows
from sfactl.transfer.faults import Fault, Row
from sfactl.transfer.source import Source


@dataclass(frozen=True)
class FileRequest:
    """A file of accounts, each with its new owner or territory."""

    source: Source
    along: Along = field(default_factory=Along)


def lines(session: Session, request: FileRequest, effective: date) -> Iterator[Line | Left]:
    """The accounts of a file, each to whom and where it says, with what goes along.

    Raises:
        BadFile: lines cannot be read, or name what is not there or not in sight; each is named.
    """
    session.actor.require("account.reassign")
    reading = _Reading(session, request.source, max(effective, session.today))
    names = plan_names.load(session)
    while batch := list(islice(reading.rows, moves.BATCH)):
        pairs = list(reading.pairs(batch))
        if not reading.faults:
            yield from moves.planned(session, pairs, request.along, effective, names)
    if reading.faults:
        raise BadFile(reading.faults)


class _Reading(PlanRows):
    """A file on its way to moves: what its rows mean, and what is wrong with them."""

    def __init__(self, session: Session, source: Source, latest: date) -> None:
        super().__init__(source)
        self._session, self._latest = session, latest
        self._people = _keys(session, t.user, "login", is_active=True)
        self._territories = _keys(session, t.territory, "code")

    def _value(self, row: Row, name: str) -> Any:
        index = self._place.get(name)
        return None if index is None else row.values[index]

    def pairs(self, batch: Sequence[Row]) -> Iterator[tuple[Now, Move]]:
        """Each account as it is, and its move."""
        accounts = _accounts(self._session, [self._value(row, "account") for row in batch])
        for row in batch:
            now = accounts.get(self._value(row, "account"))
            if now is None:
                self._missing(row, "account", "account")
                continue
            owner = self._key(row, "new_owner", "user", self._people, now.owner)
            place = self._key(row, "territory", "territory", self._territories, now.place)
            since = self._value(row, "effective")
            day = date.fromisoformat(since) if since else None
            if day is not None and day > self._latest:
                reason = _("the day is still to come: move it by a file of its own, with --effective")
                self._tell(Fault(self._source.name, row.line, "effective", since, reason))
            elif place is not None:
                yield now, Move(now.account_id, now.code, now.owner, owner, now.place, place, day, "manual")

    def _key(self, row: Row, name: str, noun: str, known: Mapping[str, int], otherwise: int | None) -> int | None:
        """The key that a cell means; the one that is there already where it is empty."""
        text = self._value(row, name)
        if text is None:
            return otherwise
        if text not in known:
            self._missing(row, name, noun)
        return known.get(text)

    def _missing(self, row: Row, name: str, noun: str) -> None:
        reason = _("there is no such {noun}").format(noun=noun)
        self._tell(Fault(self._source.name, row.line, name, str(self._value(row, name)), reason))


def _keys(session: Session, table: Table, code: str, *, is_active: bool = False) -> dict[str, int]:
    """Rows by code or login, and by what another system calls them; a code counts before an external key."""
    statement = select(table.c.id, table.c[code], table.c.external_id)
    if is_active:
        statement = statement.where(table.c.active)
    rows = session.execute(statement).all()
    found = {row.external_id: row.id for row in rows if row.external_id is not None}
    return {**found, **{row[1]: row.id for row in rows}}


def _accounts(session: Session, keys: Iterable[str]) -> dict[str, Now]:
    """Accounts by code, and by what another system calls them."""
    wanted = set(keys)
    account = t.account.c
    by_code = session.execute(moves.select_now().where(session.among(account.code, wanted)))
    found = {now.code: now for now in map(Now._make, by_code)}
    if rest := wanted - found.keys():
        statement = moves.select_now().add_columns(account.external_id)
        rows = session.execute(statement.where(session.among(account.external_id, rest)))
        found |= {external_id: Now(*row) for *row, external_id in rows}
    return found
