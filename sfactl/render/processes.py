"""A process drawn: as text for a terminal, as SVG for a page, as Mermaid for a document."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from typing import Final, Protocol

from sfactl.core.text import safe
from sfactl.i18n import _
from sfactl.render.columns import Column, Kind
from sfactl.render.layout import clipped, padded

MOST: Final = 6
"""So many opportunities are named in a stage; the others are counted."""
_WIDE, _HIGH, _GAP, _LINE = 150, 118, 34, 15
_LETTERS: Final = 20

STAGE_COLUMNS: Final = (
    Column("process", _("Process"), Kind.CODE),
    Column("stage", _("Stage"), Kind.CODE),
    Column("name", _("Name")),
    Column("status", _("Status")),
    Column("requires", _("Asks for")),
    Column("automatic", _("By itself")),
    Column("guidance", _("Guidance")),
    Column("opportunities", _("Opportunities")),
)
MISSING_COLUMNS: Final = (
    Column("gate", _("Gate"), Kind.CODE),
    Column("what", _("What is missing")),
    Column("remedy", _("Remedy")),
    Column("name", _("Name"), Kind.CODE, wide=True),
    Column("count", _("How many"), Kind.INTEGER, wide=True),
)
DONE_COLUMNS: Final = (
    Column("step", _("Step"), Kind.CODE),
    Column("what", _("What"), Kind.CODE),
    Column("detail", _("Detail")),
)
ENTERED_COLUMNS: Final = (
    Column("opportunity", _("Opportunity"), Kind.CODE),
    Column("before", _("Was in"), Kind.CODE),
    Column("stage", _("Stage"), Kind.CODE),
    Column("entered", _("Entered"), Kind.BOOL),
    Column("guidance", _("Guidance")),
)
NEED_COLUMNS: Final = (
    Column("bundle", _("Bundle"), Kind.CODE),
    Column("kind", _("Kind"), Kind.CODE),
    Column("name", _("Name"), Kind.CODE),
    Column("amount", _("Amount"), Kind.QUANTITY),
)


class Stage(Protocol):
    """What is drawn of a stage."""

    @property
    def stage(self) -> str:
        """Its code."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def status(self) -> str:
        """open, won or lost."""

    @property
    def probability(self) -> int:
        """Basis points."""

    @property
    def requires(self) -> tuple[str, ...]:
        """What it asks for."""

    @property
    def automatic(self) -> tuple[str, ...]:
        """What it does by itself."""

    @property
    def opportunities(self) -> tuple[str, ...]:
        """Who is there."""


def _facts(stage: Stage) -> list[str]:
    """What is written below the name of a stage."""
    facts = [_("asks for: {what}").format(what=", ".join(stage.requires))] if stage.requires else []
    facts += [_("by itself: {what}").format(what=", ".join(stage.automatic))] if stage.automatic else []
    return facts


def _here(stage: Stage, most: int = MOST) -> str:
    left = len(stage.opportunities) - most
    more = [_("{count} more").format(count=left)] if left > 0 else []
    return ", ".join([*(safe(code) for code in stage.opportunities[:most]), *more])


def as_text(name: str, stages: Sequence[Stage]) -> str:
    """A box a stage, one below the other, with an arrow between; those that end a sale stand last."""
    lines = [safe(name), ""]
    inner = max(len(line) for stage in stages for line in _lines(stage)) if stages else 0
    inner = min(max(inner, 24), 72)
    for number, stage in enumerate(stages):
        if number and stage.status == "open":
            lines += ["      │", "      ▼"]
        elif number:
            lines.append("")
        lines.append(f"┌{'─' * (inner + 2)}┐")
        lines += [f"│ {padded(clipped(line, inner, '…'), inner)} │" for line in _lines(stage)]
        lines.append(f"└{'─' * (inner + 2)}┘")
    return "\n".join(lines) + "\n"


def _lines(stage: Stage) -> list[str]:
    head = f"{safe(stage.name)}  {stage.probability / 100:.0f} %"
    return [head, *(safe(fact) for fact in _facts(stage)), *([f"● {_here(stage)}"] if stage.opportunities else [])]


def as_mermaid(stages: Sequence[Stage]) -> str:
    """A flowchart; words are quoted, and what Mermaid or a page would act on is written as its number."""
    open_ones = [n for n, stage in enumerate(stages) if stage.status == "open"]
    lines = ["flowchart LR"]
    lines += [f'    s{n}["{_node(stage)}"]' for n, stage in enumerate(stages)]
    lines += [f"    s{one} --> s{other}" for one, other in pairwise(open_ones)]
    if open_ones:
        lines += [f"    s{open_ones[-1]} --> s{n}" for n, stage in enumerate(stages) if stage.status == "won"]
        lines += [f"    s{open_ones[-1]} -.-> s{n}" for n, stage in enumerate(stages) if stage.status == "lost"]
    lines += ["    classDef here stroke-width:3px"]
    lines += [f"    class s{n} here" for n, stage in enumerate(stages) if stage.opportunities]
    return "\n".join(lines) + "\n"


def _node(stage: Stage) -> str:
    parts = [f"{stage.name} {stage.probability // 100} %", *_facts(stage), _here(stage)]
    return "<br/>".join(_quoted(safe(part)) for part in parts if part)


def _quoted(text: str) -> str:
    return "".join(c if c.isalnum() or c in " .,:-%_/" else f"#{ord(c)};" for c in text)


def as_svg(name: str, stages: Sequence[Stage]) -> str:
    """Boxes from left to right with arrows between; what ends a sale stands below each other at the end."""
    flow = [stage for stage in stages if stage.status == "open"]
    ends = [stage for stage in stages if stage.status != "open"]
    width = (len(flow) + bool(ends)) * (_WIDE + _GAP)
    height = max(1, len(ends)) * (_HIGH + _GAP) + 30
    shapes = [_svg_box(stage, number * (_WIDE + _GAP), 30) for number, stage in enumerate(flow)]
    shapes += [_arrow(number * (_WIDE + _GAP) - _GAP, 30 + _HIGH // 2) for number in range(1, len(flow) + bool(ends))]
    shapes += [
        _svg_box(stage, len(flow) * (_WIDE + _GAP), 30 + number * (_HIGH + _GAP)) for number, stage in enumerate(ends)
    ]
    title = escape(safe(name))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 0 {width} {height}" role="img" font-family="sans-serif"'
        f' font-size="11"><title>{title}</title><text x="0" y="16" font-weight="bold">{title}</text>'
        f"{''.join(shapes)}</svg>\n"
    )


def _svg_box(stage: Stage, x: int, y: int) -> str:
    stroke = 3 if stage.opportunities else 1
    texts = [f"{stage.name} {stage.probability // 100} %", *_facts(stage), *(stage.opportunities[: MOST - 2])]
    left = len(stage.opportunities) - (MOST - 2)
    texts += [_("{count} more").format(count=left)] if left > 0 else []
    lines = "".join(_svg_text(text, x + 8, y + 18 + number * _LINE, not number) for number, text in enumerate(texts))
    return (
        f'<rect x="{x}" y="{y}" width="{_WIDE}" height="{_HIGH}" rx="6" fill="#f4f6f8" stroke="#1b1f24"'
        f' stroke-width="{stroke}"/>{lines}'
    )


def _svg_text(text: str, x: int, y: int, is_bold: bool) -> str:
    weight = ' font-weight="bold"' if is_bold else ""
    return f'<text x="{x}" y="{y}"{weight}>{escape(clipped(safe(text), _LETTERS, "…"))}</text>'


def _arrow(x: int, y: int) -> str:
    return (
        f'<path d="M{x + 2} {y}h{_GAP - 8}" stroke="#1b1f24" fill="none"/>'
        f'<path d="M{x + _GAP - 8} {y - 4}l7 4l-7 4z" fill="#1b1f24"/>'
    )
