"""A plan: changes of many rows, written down before they are made.

A plan is a file of JSON lines. The first line is its header; each other line is a change of one row, with what the row
is now and what it becomes. Rows, people and territories stand under the names that people use.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import uuid4

import orjson

from sfactl.errors import UsageFault
from sfactl.i18n import _

FORMAT: Final = 1
"""The version of the file's form."""
LONGEST_LINE: Final = 1_000_000
"""A line of a plan has at most so many bytes; a header at most a hundred times as many."""

Fields = Mapping[str, Any]


class Line(NamedTuple):
    """A change of one row."""

    entity: str
    "What kind of row: account, opportunity, activity, member, territory and so on."
    key: str
    "What people call the row."
    before: Fields | None
    "The fields that change, as they are; None for a row that is not there yet."
    after: Fields | None
    "The same fields as they become; None for a row that goes."
    cause: str
    since: date | None = None
    "From which day it holds; the plan's own day when it is not said."
    why: str | None = None
    "For a person to read."

    def encoded(self) -> bytes:
        """The line as it stands in a file, without its end."""
        said: dict[str, Any] = {
            "entity": self.entity, "key": self.key, "before": self.before, "after": self.after, "cause": self.cause,
        }  # fmt: skip
        if self.since is not None:
            said["since"] = self.since.isoformat()
        if self.why is not None:
            said["why"] = self.why
        return orjson.dumps(said)

    def text(self) -> str:
        """The same as text."""
        return self.encoded().decode()


@dataclass(frozen=True)
class Left:
    """A row that a plan leaves as it is, and why."""

    entity: str
    key: str
    reason: str


@dataclass(frozen=True)
class Load:
    """What a person or a territory has, before a plan and after it."""

    name: str
    "Login or code; empty for what nobody owns."
    accounts: tuple[int, int]
    revenue_minor: tuple[int, int]
    "Yearly revenue of the accounts, in the workspace's currency."
    pipeline_minor: tuple[int, int]
    "Open opportunities that the person is credited with, or the territory."
    hours: tuple[int, int]
    "Work that the accounts ask for in a year, in thousandths of an hour."
    quota_minor: tuple[int, int]
    "What must be reached in the fiscal year: before, and with the share that goes along with the accounts."
    currency: str


@dataclass(frozen=True)
class Header:
    """What a plan says of itself."""

    key: str
    kind: str
    "The command that made it, without its options: `assignment move`."
    made_at: str
    made_by: str
    as_of: str
    effective: str
    "From which day the changes hold."
    lines: int = 0
    reason: str | None = None
    undoes: str | None = None
    "Key of the run that it takes back."
    counts: Mapping[str, int] = field(default_factory=dict)
    "Entity to how many rows change."
    people: tuple[Load, ...] = ()
    territories: tuple[Load, ...] = ()
    left: tuple[Left, ...] = ()
    "Rows that were asked for and are left alone; the first of them, where there are very many."
    left_count: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    "What else was said, for whoever reads the plan."

    @property
    def effective_on(self) -> date:
        """The day from which the changes hold."""
        return date.fromisoformat(self.effective)

    def encoded(self, body_digest: str) -> bytes:
        """The first line of the file, without its end; its digest covers itself and the body."""
        said = {"sfactl_plan": FORMAT, **asdict(self)}
        return orjson.dumps({**said, "digest": _digest(said, body_digest)})

    def text(self) -> str:
        """All of it as JSON, without a digest; `header_of` reads it."""
        return orjson.dumps(asdict(self)).decode()


def new_key(now: datetime) -> str:
    """A name for a plan; names sort by time."""
    return f"{now:%Y%m%dT%H%M%S}-{uuid4().hex[:8]}"


def _digest(header: Mapping[str, Any], body_digest: str) -> str:
    return hashlib.sha256(orjson.dumps(header) + body_digest.encode()).hexdigest()


def read_header(line: bytes, name: str) -> tuple[Header, str, Mapping[str, Any]]:
    """The header, its digest, and what `digest_holds` needs.

    Raises:
        UsageFault: this is no plan, or one of a newer form.
    """
    try:
        said = orjson.loads(line)
        version = said.pop("sfactl_plan")
        digest = said.pop("digest")
        if version != FORMAT:
            raise UsageFault(
                _("{file} is a plan of another form ({version}).").format(file=name, version=version),
                _("Make it again with this sfactl."),
            )
        raw = {"sfactl_plan": version, **said}
        header = _header(said)
        date.fromisoformat(header.effective)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageFault(
            _("{file} is no plan.").format(file=name),
            _("Plans are written with --plan FILE, for example by `sfactl assignment move`."),
        ) from None
    return header, str(digest), raw


def header_of(text: str) -> Header:
    """The header that `Header.text` wrote."""
    return _header(orjson.loads(text))


def _header(said: dict[str, Any]) -> Header:
    loads: dict[str, Any] = {name: tuple(_load(each) for each in said.pop(name)) for name in ("people", "territories")}
    left = tuple(Left(**each) for each in said.pop("left"))
    return Header(**said, **loads, left=left)


def _load(said: Mapping[str, Any]) -> Load:
    pairs: dict[str, Any] = {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
    return replace(Load(**dict(said)), **pairs)


def digest_holds(raw: Mapping[str, Any], digest: str, body_digest: str) -> bool:
    """Whether neither the header nor a line was changed since the plan was made."""
    return _digest(raw, body_digest) == digest


def read_line(line: bytes, number: int, name: str) -> Line:
    """A line of the body.

    Raises:
        UsageFault: it is no line of a plan; its number is named.
    """
    try:
        said = orjson.loads(line)
        since = said.get("since")
        return Line(
            said["entity"], said["key"], said["before"], said["after"], said["cause"],
            date.fromisoformat(since) if since else None, said.get("why"),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageFault(
            _("{file}:{line}: this is no line of a plan.").format(file=name, line=number),
            _("Make the plan again; it is not meant to be edited."),
        ) from None


def read_lines(lines: Iterator[bytes], name: str) -> Iterator[Line]:
    """The lines of a body, which begins at line 2."""
    for number, line in enumerate(lines, 2):
        yield read_line(line, number, name)
