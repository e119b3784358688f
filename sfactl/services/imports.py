"""Bringing files in: every row is read and staged first, then all go in together, or none."""

import csv
import io
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from uuid import uuid4

from sqlalchemy import func, insert, select, update

from sfactl import files
from sfactl.core.text import guard_formula, safe
from sfactl.db import upkeep
from sfactl.db.session import Door, Session
from sfactl.errors import SfaError
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import (
    import_catalogue,
    import_offering,
    import_people,
    import_pricing,
    import_selling,
    import_stage,
    processes,
    run_changes,
    workspaces,
)
from sfactl.services.import_stage import Staged, stage, staged
from sfactl.services.import_target import Batch, Outcome
from sfactl.transfer.faults import Fault, Row
from sfactl.transfer.fields import column_labels
from sfactl.transfer.manifest import Manifest
from sfactl.transfer.source import Source

MOST_FAULTS = 100_000
"""So many faults are kept; beyond, they are only counted."""
STALE_AFTER = timedelta(days=1)
LONGEST_SHOWN = 2000
"""So much of a bad value stands beside its reason."""
CHUNK = 20_000
"""So many rows are staged in one transaction."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, and how much there is."""

_NOUN_PERMISSION = {
    "member": "territory", "team-member": "team", "user-skill": "skill", "account-need": "account", "price": "product",
    "order-line": "order", "arrival": "stock", "feature": "product", "feature-option": "product", "product-attribute": "product",
    "configuration-rule": "product", "rule-product": "product", "contract-price": "product", "promotion": "product",
    "exchange-rate": "product",
}  # fmt: skip
_LOOKED_UP_IN = {
    "territory": (t.territory, ("external_id", "code")),
    "user": (t.user, ("external_id", "login")),
    "team": (t.team, ("external_id", "code")),
    "skill": (t.skill, ("external_id", "code")),
    "account": (t.account, ("external_id", "code")),
    "product": (t.product, ("external_id", "code")),
    "configuration-rule": (t.configuration_rule, ("code",)),
    "opportunity": (t.opportunity, ("external_id", "code")),
    "order": (t.order, ("external_id", "code")),
}
_PUT: dict[str, Callable[[Session, Staged, Batch], Outcome]] = {
    "territory": import_people.put_territories,
    "user": import_people.put_users,
    "team": import_people.put_teams,
    "team-member": import_people.put_team_members,
    "member": import_people.put_members,
    "skill": import_people.put_skills,
    "user-skill": import_people.put_user_skills,
    "account": import_selling.put_accounts,
    "account-need": import_selling.put_account_needs,
    "contact": import_selling.put_contacts,
    "product": import_offering.put_products,
    "price": import_offering.put_prices,
    "feature": import_catalogue.put_features,
    "feature-option": import_catalogue.put_options,
    "product-attribute": import_catalogue.put_attributes,
    "configuration-rule": import_catalogue.put_rules,
    "rule-product": import_catalogue.put_rule_products,
    "stock": import_offering.put_stock,
    "arrival": import_offering.put_arrivals,
    "contract-price": import_pricing.put_contract_prices,
    "promotion": import_pricing.put_promotions,
    "exchange-rate": import_pricing.put_exchange_rates,
    "quota": import_selling.put_quotas,
    "opportunity": import_selling.put_opportunities,
    "activity": import_selling.put_activities,
    "order": import_selling.put_orders,
    "order-line": import_selling.put_order_lines,
}
_SELF_REFERENCES = {("territory", "parent"), ("user", "manager"), ("account", "parent")}
"""Settled once all rows of the noun are in."""


@dataclass(frozen=True)
class SourceReport:
    """What became of one file's rows."""

    file: str
    noun: str
    rows: int
    added: int
    changed: int
    rejected: int

    @property
    def unchanged(self) -> int:
        """Rows that said what was there already."""
        return self.rows - self.added - self.changed - self.rejected


@dataclass(frozen=True)
class Report:
    """What an import did, or would do."""

    sources: tuple[SourceReport, ...]
    faults: tuple[Fault, ...]
    fault_count: int
    warnings: tuple[str, ...]
    is_done: bool
    "False when faults, or a trial run, kept everything out."
    run: str | None = None

    @property
    def changes(self) -> int:
        """Rows added or changed."""
        return sum(source.added + source.changed for source in self.sources)


@dataclass
class _Reading:
    """What was found while reading the files."""

    faults: list[Fault] = field(default_factory=list)
    count: int = 0
    bad_lines: dict[int, set[int]] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)
    broken: set[int] = field(default_factory=set)
    "Files that broke off: nothing of them is taken."

    def add(self, number: int, fault: Fault) -> None:
        self.count += 1
        if fault.is_final:
            self.broken.add(number)
        self.bad_lines.setdefault(number, set()).add(fault.line)
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault)


@dataclass(frozen=True)
class _Wanted:
    """How the staged rows are to be put in place."""

    is_partial: bool
    is_trial: bool
    reason: str | None
    progress: Progress | None


class _Stopped(Exception):
    """Carries the report out of a transaction that is rolled back."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


def run(
    door: Door,
    manifest: Manifest,
    directories: Sequence[Path],
    *,
    is_partial: bool = False,
    is_trial: bool = False,
    reason: str | None = None,
    rejects: Path | None = None,
    progress: Progress | None = None,
) -> Report:
    """Import what a manifest describes: all rows, or, when one has a fault, none.

    Args:
        is_partial: let the good rows in, and write the others to files in `rejects`.
        is_trial: find every fault and count every change, and leave everything as it was.

    Raises:
        NotAllowed: the role may not import one of the nouns.
        UsageFault: the manifest does not fit its files.
    """
    with door.read() as session:
        currency = workspaces.current(session).currency
        sources = manifest.sources(directories, currency=currency)
        for source in sources:
            session.actor.require(f"{_NOUN_PERMISSION.get(source.noun.name, source.noun.name)}.import")
    if is_partial and not is_trial and rejects is not None:
        _require_free(sources, rejects)
    key = _run_key(door.now)
    reading = _Reading()
    door.write(import_stage.drop_stale, _run_key(door.now - STALE_AFTER), _is_over)
    try:
        layouts = _read_all(door, sources, key, reading, progress)
        batch = Batch(key, 0, currency)
        wanted = _Wanted(is_partial, is_trial, reason, progress)
        report = _put_all(door, layouts, batch, reading, wanted)
        warnings = [warning for source in sources for warning in source.warnings]
    except BaseException:
        with suppress(SfaError):  # what ended the import is what the person must hear
            door.abandon()
            door.write(import_stage.clear, key)
        raise
    door.write(import_stage.clear, key)
    if report.is_done and report.changes >= upkeep.MANY:
        upkeep.refresh_statistics(door.url)
    if is_partial and not is_trial and rejects is not None:
        _write_rejects(sources, reading, report.faults, rejects)
    return replace(report, warnings=(*warnings, *report.warnings))


def _run_key(now: datetime) -> str:
    """Sorts by time, and ends in the machine and the process that runs it."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%S}-{uuid4().hex[:8]}-{_here()}-{os.getpid()}"


def _here() -> str:
    return f"{processes.machine():08x}"


def _is_over(run_key: str) -> bool:
    """Whether the process of a run is known to be gone: one of this machine that no longer exists."""
    _time, _number, machine, process = [*run_key.split("-"), "", "", ""][:4]
    return machine == _here() and process.isdigit() and processes.is_gone(int(process))


def _require_free(sources: Sequence[Source], folder: Path) -> None:
    """Refuse before anything is done when bad rows would be written over a file: it may be the only one there is."""
    for name in ("reasons.csv", *(source.name for source in sources)):
        files.require_free(folder / name, hint=_("Name another folder for the bad rows: --rejects FOLDER"))


def _read_all(
    door: Door, sources: Sequence[Source], key: str, reading: _Reading, progress: Progress | None
) -> list[Staged]:
    layouts, count = [], 0
    for number, source in enumerate(sources):
        labels = {name: column_labels(spec, name) for name, spec in source.fields.items()}
        layout = staged(key, number, source.name, source.noun, source.mapped, labels)
        rows = _good_rows(source, number, reading, progress)
        while chunk := list(islice(rows, CHUNK)):
            door.write(import_stage.load, layout, chunk, count)
            count += len(chunk)
            reading.rows[number] = reading.rows.get(number, 0) + len(chunk)
        if number in reading.broken:
            door.write(import_stage.clear, key, number)
            reading.rows[number] = 0
        layouts.append(layout)
    return layouts


def _good_rows(source: Source, number: int, reading: _Reading, progress: Progress | None) -> Iterator[Row]:
    def tell(done: int) -> None:
        if progress is not None:
            progress(source.name, done, source.size_bytes)

    for found in source.rows(tell):
        if isinstance(found, Fault):
            reading.add(number, found)
        else:
            yield found


def _put_all(door: Door, layouts: Sequence[Staged], batch: Batch, reading: _Reading, wanted: _Wanted) -> Report:
    try:
        return door.write(_put_in_one, layouts, batch, reading, wanted)
    except _Stopped as stop:
        return stop.report


def _put_in_one(session: Session, layouts: Sequence[Staged], batch: Batch, read: _Reading, wanted: _Wanted) -> Report:
    found = _Reading(list(read.faults), read.count, {number: set(lines) for number, lines in read.bad_lines.items()})
    run_id = _begin_run(session, batch, wanted.reason)
    reports: list[SourceReport] = []
    for layout in layouts:
        if wanted.progress is not None:
            wanted.progress(_("putting in place"), len(reports), len(layouts))
        outcome = _put(session, layout, replace(batch, run_id=run_id))
        for fault in outcome.faults:
            found.add(layout.source, fault)
        rejected = len(found.bad_lines.get(layout.source, ()))
        count = read.rows.get(layout.source, 0) + len(read.bad_lines.get(layout.source, ()))
        reports.append(SourceReport(layout.file, layout.noun.name, count, outcome.added, outcome.changed, rejected))
    warnings = _lines_that_differ(session, layouts)
    read.bad_lines = found.bad_lines
    is_done = not wanted.is_trial and (wanted.is_partial or not found.count)
    report = Report(tuple(reports), tuple(found.faults), found.count, tuple(warnings), is_done)
    if not is_done or not report.changes:
        raise _Stopped(report)
    return _end_run(session, report, run_id, batch, wanted.reason)


def _begin_run(session: Session, batch: Batch, reason: str | None) -> int:
    statement = insert(t.run).values(
        key=batch.run_key, kind="import", user_id=session.actor.user_id, started_at=session.now, reason=reason, summary="{}"
    )  # fmt: skip
    return int(session.sql.execute(statement.returning(t.run.c.id)).scalar_one())


def _end_run(session: Session, report: Report, run_id: int, batch: Batch, reason: str | None) -> Report:
    counts = [
        {"file": source.file, "noun": source.noun, "added": source.added, "changed": source.changed, "rejected": source.rejected}
        for source in report.sources
    ]  # fmt: skip
    session.sql.execute(update(t.run).where(t.run.c.id == run_id).values(summary=json.dumps(counts)))
    changed = run_changes.summary(session, run_id)
    after = {"files": counts, "changes": changed.count, "digest": changed.digest}
    session.record("import", "run", batch.run_key, run_key=batch.run_key, reason=reason, after=after)
    return replace(report, run=batch.run_key)


def _put(session: Session, layout: Staged, batch: Batch) -> Outcome:
    references = [
        (each, *_LOOKED_UP_IN[each.refers_to])
        for each in layout.noun.fields
        if each.refers_to and layout.has(each.key) and (layout.noun.name, each.key) not in _SELF_REFERENCES
    ]
    import_stage.resolve_all(session, layout, references)
    faults: list[Fault] = []
    for each, _table, _columns in references:
        faults += import_stage.unresolved(session, layout, each)
    outcome = _PUT[layout.noun.name](session, layout, batch)
    outcome.faults = faults + outcome.faults
    return outcome


def _lines_that_differ(session: Session, layouts: Sequence[Staged]) -> list[str]:
    """Orders of this import whose lines do not add up to them; half a minor unit a line is rounding."""
    if not any(layout.noun.name == "order-line" for layout in layouts):
        return []
    line, order = t.order_line.c, t.order.c
    total = func.coalesce(func.sum(line.amount_minor), 0)
    codes: set[str] = set()
    for layout in layouts:
        if layout.noun.name not in ("order", "order-line"):
            continue
        key = stage.c.row_id if layout.noun.name == "order" else layout.reference("order")
        here = select(key).where(layout.good)
        codes |= set(
            session.execute(
                select(order.code)
                .outerjoin(t.order_line, line.order_id == order.id)
                .where(order.id.in_(here))
                .group_by(order.id, order.code, order.amount_minor)
                .having(2 * func.abs(order.amount_minor - total) > func.count(line.id) + 1)
            ).scalars()
        )
    if not codes:
        return []
    return [
        _("{count} orders whose lines do not add up to them were accepted: {codes}").format(
            count=len(codes), codes=", ".join(sorted(codes))
        )
    ]


def _write_rejects(sources: Sequence[Source], reading: _Reading, faults: Sequence[Fault], folder: Path) -> None:
    if not faults:
        return
    files.make_folder(folder)
    bad: dict[str, tuple[Source, set[int]]] = {}
    for number, source in enumerate(sources):
        if reading.bad_lines.get(number) and number not in reading.broken:
            bad.setdefault(source.name, (source, set()))[1].update(reading.bad_lines[number])
    for name, (source, lines) in bad.items():
        files.make_folder((folder / name).parent)
        source.write_rejects(folder / name, lines)
    _write_reasons(folder / "reasons.csv", faults)


def _write_reasons(path: Path, faults: Sequence[Fault]) -> None:
    text = io.StringIO()
    # only so are lone carriage returns quoted too
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(["file", "line", "column", "value", "reason"])
    for fault in faults:
        writer.writerow(
            [guard_formula(fault.file), fault.line, guard_formula(fault.column), guard_formula(safe(fault.value, LONGEST_SHOWN)), guard_formula(fault.reason)]
        )  # fmt: skip
    files.write_text(path, text.getvalue())
