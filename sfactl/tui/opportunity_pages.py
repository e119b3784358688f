"""An opportunity as a sheet: its way through the process, its facts, its quotes, and what happened."""

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING, Final

from sfactl import services
from sfactl.i18n import _
from sfactl.render import formats
from sfactl.render.activities import ACTIVITY_COLUMNS
from sfactl.render.columns import Kind
from sfactl.render.opportunities import JUDGEMENT_COLUMNS, OPPORTUNITY_COLUMNS, SPLIT_COLUMNS, STAGE_HISTORY_COLUMNS
from sfactl.render.processes import NEED_COLUMNS
from sfactl.render.quotes import QUOTE_COLUMNS
from sfactl.tui import sheets
from sfactl.tui.cells import Cell, Tone, cell_of
from sfactl.tui.widgets.fact_sheet import Section

if TYPE_CHECKING:
    from sfactl.db.session import Session
    from sfactl.services.opportunities import OpportunityRow, StageChangeRow
    from sfactl.services.process_map import StageOnMap

_IN_THE_TITLE = ("code", "name")
_IN_THE_AMOUNTS = ("currency",)
MOST_ACTIVITIES: Final = 30
_DONE, _HERE, _AHEAD = "●", "▶", "○"
"""Signs of the stages that are behind, the one it is in, and those that are ahead."""


def sheet(session: "Session", code: str, locale: str) -> list[Section]:
    """The whole of an opportunity.

    Raises:
        NotFound: there is none, or it is not the person's to see.
    """
    row, history = services.opportunities.one(session, code)
    is_late = row.status == "open" and row.close_on < session.today
    way, process = _process(session, row, {step.stage for step in history})
    sections = [
        way, _facts(row, locale, is_late=is_late), *_splits(session, row, locale), process, *_quotes(session, row, locale),
        *_happened(session, row, locale), _stages(history, locale), *_said(session, row, locale),
    ]  # fmt: skip
    return [section for section in sections if section.rows or section.empty]


def _facts(row: "OpportunityRow", locale: str, *, is_late: bool) -> Section:
    facts: list[tuple[Cell, ...]] = []
    for column in OPPORTUNITY_COLUMNS:
        if column.key in (*_IN_THE_TITLE, *_IN_THE_AMOUNTS):
            continue
        value = cell_of(column, row, locale)
        if column.kind is Kind.MONEY:
            value = Cell(formats.format_money(column.reader(row), locale, with_currency=True))
        if column.key == "close_on" and is_late:
            value = Cell(_("! {date}, which has passed").format(date=value.text), Tone.WARNING)
        facts.append((Cell(column.header, Tone.FAINT), value))
    return Section("", tuple(facts))


def _process(session: "Session", row: "OpportunityRow", been: Set[str]) -> tuple[Section, Section]:
    """The way in one line with what the next stage lacks, and the stages in order with what each asks for.

    Args:
        been: names of the stages that it entered as far as is on record; before the first of them, it is taken to have been.
    """
    drawn = services.process_map.draw(session, opportunities=[row.code])
    open_ones = [stage for stage in drawn.stages if stage.status == "open" or row.code in stage.opportunities]
    places = [stage.stage for stage in open_ones]
    here = places.index(row.stage) if row.stage in places else -1
    on_record = [place for place, stage in enumerate(open_ones) if stage.name in been]
    lacks = _lacks(session, row, open_ones, here)
    lines: list[tuple[Cell, ...]] = []
    for place, stage in enumerate(open_ones):
        was_there = place < here and (place in on_record or place < min(on_record, default=here))
        sign = _HERE if place == here else _DONE if was_there else _AHEAD
        tone = Tone.STRONG if place == here else Tone.PLAIN if was_there else Tone.FAINT
        lines.append((Cell(f"{sign} {stage.name}", tone), Cell(_asks(stage), Tone.FAINT)))
        lines += [(Cell(), Cell(f"! {what}", Tone.WARNING)) for what in lacks] if place == here + 1 else []
    way = Cell(" ─ ".join(line[0].text for line in lines if line[0].text), Tone.STRONG)
    missing = tuple((Cell(f"! {what}", Tone.WARNING),) for what in lacks)
    head = Section(f"{row.code} · {row.name}", ((way,), *missing))
    return head, Section(_("Process: {name}").format(name=drawn.name), tuple(lines))


def _asks(stage: "StageOnMap") -> str:
    asks = [_("asks for: {what}").format(what=", ".join(stage.requires))] if stage.requires else []
    does = [_("by itself: {what}").format(what=", ".join(stage.automatic))] if stage.automatic else []
    return " · ".join([*asks, *does, *([stage.guidance] if stage.guidance else [])])


def _lacks(session: "Session", row: "OpportunityRow", stages: Sequence["StageOnMap"], here: int) -> list[str]:
    """What is missing for the next stage, for whoever may move it there."""
    if row.status != "open" or here + 1 >= len(stages) or not session.actor.may("opportunity.edit"):
        return []
    trial = services.opportunity_stages.enter(session, row.code, stages[here + 1].stage, is_trial=True)
    return [each.what for each in trial.missing]


def _splits(session: "Session", row: "OpportunityRow", locale: str) -> list[Section]:
    """Who shares the credit; nothing where one person has all of it."""
    found = services.opportunity_splits.of_code(session, row.code)
    return [sheets.table(_("Credit"), found, SPLIT_COLUMNS, ("name", "kind", "share", "amount"), locale)]


def _quotes(session: "Session", row: "OpportunityRow", locale: str) -> list[Section]:
    if not session.actor.may("quote.read"):
        return []
    found = services.quotes.find(session, services.quotes.Filter(opportunity=row.code))
    keys = ("code", "name", "status", "is_primary", "amount", "discount", "valid_until")
    return [sheets.table(_("Quotes"), found, QUOTE_COLUMNS, keys, locale)]


def _happened(session: "Session", row: "OpportunityRow", locale: str) -> list[Section]:
    if not session.actor.may("activity.read"):
        return []
    wanted = services.activities.Filter(opportunity=row.code, limit=MOST_ACTIVITIES)
    keys = ("done_on", "planned_on", "kind", "subject", "owner")
    found = services.activities.find(session, wanted)
    return [sheets.table(_("Activities"), found, ACTIVITY_COLUMNS, keys, locale)]


def _stages(history: Sequence["StageChangeRow"], locale: str) -> Section:
    return Section(
        _("Stages"),
        tuple(tuple(cell_of(column, step, locale) for column in STAGE_HISTORY_COLUMNS) for step in history),
        header=tuple(column.header for column in STAGE_HISTORY_COLUMNS),
        empty=_("No change of stage is on record."),
    )


def _said(session: "Session", row: "OpportunityRow", locale: str) -> list[Section]:
    needs = services.opportunity_needs.of_code(session, row.code)
    said = services.judgements.of_opportunity(session, row.code)
    return [
        sheets.table(_("What is needed"), needs, NEED_COLUMNS, ("bundle", "kind", "name", "amount"), locale),
        sheets.table(_("Judgements"), said, JUDGEMENT_COLUMNS, ("level", "category", "amount", "close_on", "by", "note"), locale),
    ]  # fmt: skip
