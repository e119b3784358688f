"""Plans from a file of quotas: whose, of which period, how much."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, Final

from sqlalchemy import Table, select

from sfactl.core.measures import NO_CURRENCY, Measure
from sfactl.core.money import Money, minor_digits
from sfactl.core.periods import parse_period
from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.errors import SfaError
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import quota_policy, quota_words, workspaces
from sfactl.services.plan_rows import BadFile, PlanRows
from sfactl.services.quota_words import Key, key_of
from sfactl.transfer.faults import Fault, Row
from sfactl.transfer.source import Source

PART: Final = 2000


@dataclass(frozen=True)
class FileRequest:
    """A file of quotas."""

    source: Source


def lines(session: Session, request: FileRequest, _effective: date) -> Iterator[Line | Left]:
    """The quotas of a file that are new or other than what is in force.

    Raises:
        BadFile: lines cannot be read, or name what is not there; each is named, with its line and column.
    """
    session.actor.require("quota.edit")
    session.actor.require("quota.import")
    reading = _Reading(session, request.source)
    while part := list(islice(reading.rows, PART)):
        wanted = [fields for row in part if (fields := reading.fields(row)) is not None]
        if not reading.faults:
            starts = {date.fromisoformat(fields["starts_on"]) for fields in wanted}
            yield from quota_words.changes(quota_words.current(session, starts), wanted, "import")
    if reading.faults:
        raise BadFile(sorted(reading.faults, key=lambda fault: fault.line))


class _Wrong(Exception):
    """Why a cell cannot be followed."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


class _Reading(PlanRows):
    """A file on its way to quotas: what its rows mean, and what is wrong with them."""

    def __init__(self, session: Session, source: Source) -> None:
        super().__init__(source)
        self._today = session.today
        workspace = workspaces.current(session)
        self._currency, self._calendar = workspace.currency, workspace.calendar
        self._known = {
            "user": _names(session, t.user, "login"), "team": _names(session, t.team, "code"),
            "territory": _names(session, t.territory, "code"),
        }  # fmt: skip
        self._places, self._policy = quota_words.Places(session), quota_policy.current(session)
        self._seen: dict[Key, int] = {}

    def fields(self, row: Row) -> dict[str, Any] | None:
        """A row in the words of plans; None where something is wrong with it, which is kept."""
        said = {name: row.values[index] for name, index in self._place.items()}
        try:
            found = self._fields(said)
            self._require_once(found, row.line)
        except _Wrong as wrong:
            value = str(said.get(wrong.column) or "")
            self._tell(Fault(self._source.name, row.line, wrong.column, value, wrong.reason))
            return None
        return found

    def _fields(self, said: Mapping[str, Any]) -> dict[str, Any]:
        fields: dict[str, Any] = {name: self._named(said, name) for name in quota_words.WHOSE}
        if fields["user"] and fields["team"]:
            raise _Wrong("team", _("a quota is a person's or a team's, not both"))
        fields["measure"] = said.get("measure") or Measure.REVENUE.value
        fields["product_family"] = said.get("product_family")
        fields["starts_on"], fields["ends_on"] = self._window(said)
        fields |= self._amount(said, Measure(fields["measure"]))
        fields |= self._terms(said)
        fields["territory"] = fields["territory"] or self._places.of(fields)
        return fields

    def _named(self, said: Mapping[str, Any], name: str) -> str | None:
        text = said.get(name)
        if text is not None and text not in self._known[name]:
            raise _Wrong(name, _("there is no such {noun}").format(noun=name))
        return None if text is None else self._known[name][text]

    def _window(self, said: Mapping[str, Any]) -> tuple[str, str]:
        start, end, period = said.get("starts_on"), said.get("ends_on"), said.get("period")
        if period is not None and (start or end):
            raise _Wrong("period", _("say a period or its days, not both"))
        if period is None:
            if not (start and end):
                raise _Wrong("period", _("a period is missing, or starts_on and ends_on"))
            return str(start), str(end)
        try:
            found = parse_period(str(period), today=self._today, calendar=self._calendar)
        except SfaError:
            raise _Wrong("period", _("is no period")) from None
        return found.start.isoformat(), found.end.isoformat()

    def _amount(self, said: Mapping[str, Any], measure: Measure) -> dict[str, Any]:
        currency, minor = str(said.get("currency") or self._currency), int(said["amount"])
        if minor < 0:
            raise _Wrong("amount", _("a quota is not negative"))
        if not measure.is_money:
            whole, rest = divmod(minor, 10 ** minor_digits(currency))
            if rest:
                raise _Wrong("amount", _("{measure} are whole").format(measure=measure.value))
            minor, currency = whole, NO_CURRENCY
        return {"amount": str(Money(minor, currency)), "currency": currency}

    def _terms(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """What the file says of curve, ramp and time; what it has no column for stays as it is."""
        for name, known in (("seasonality", self._policy.curves), ("ramp", self._policy.ramps)):
            if said.get(name) is not None and said[name] not in known:
                raise _Wrong(name, _("the policy has none of this name"))
        since, until = said.get("active_from"), said.get("active_until")
        if since and until and until <= since:
            raise _Wrong("active_until", _("it is not after active_from"))
        return {name: said[name] for name in quota_words.TERMS if name in said}

    def _require_once(self, fields: Mapping[str, Any], line: int) -> None:
        first = self._seen.setdefault(key_of(fields), line)
        if first != line:
            raise _Wrong("period", _("the same quota stands in line {line} already").format(line=first))


def _names(session: Session, table: Table, code: str) -> dict[str, str]:
    """Codes or logins by themselves, and by what another system calls the row; a code counts before an external key."""
    rows: Sequence[Any] = session.execute(select(table.c[code], table.c.external_id)).all()
    return {**{row[1]: row[0] for row in rows if row[1] is not None}, **{row[0]: row[0] for row in rows}}
