"""A process drawn: as text for a terminal, as SVG for a page, as Mermaid for a document."""

from collections.abc import Sequence
from dataclasses import dataclass
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
_TOP: Final = 30
_LETTERS: Final = 20
_INNER: Final = 72
"""So wide is a box of text inside at most."""
_STEM: Final = "      │    "

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


@dataclass(frozen=True)
class Arrow:
    """A way from one stage to another, by their places."""

    start: int
    end: int
    is_lost: bool = False


def arrows(stages: Sequence[Stage]) -> list[Arrow]:
    """All ways of a process: from each open stage to the next, and from the last one to each that ends a sale."""
    flow = [n for n, stage in enumerate(stages) if stage.status == "open"]
    ends = [n for n, stage in enumerate(stages) if stage.status != "open"]
    between = [Arrow(one, other) for one, other in pairwise(flow)]
    return between + [Arrow(start, n, stages[n].status == "lost") for start in flow[-1:] for n in ends]


def as_text(name: str, stages: Sequence[Stage]) -> str:
    """A box a stage, one below the other with an arrow between; what ends a sale branches off at the end."""
    lines = [safe(name), ""]
    into = {arrow.end: arrow for arrow in arrows(stages)}
    ends = [n for n, stage in enumerate(stages) if stage.status != "open"]
    inner, narrow = _width(stages, _INNER), _width([stages[n] for n in ends], _INNER - len(_STEM))
    for n, stage in enumerate(stages):
        if n in ends:
            lines += _branched(_box(stage, narrow), into.get(n), is_last=n == ends[-1])
        else:
            lines += (["      │", "      ▼"] if n in into else []) + _box(stage, inner)
    return "\n".join(lines) + "\n"


def _width(stages: Sequence[Stage], most: int) -> int:
    """How wide boxes are inside."""
    return min(max((len(line) for stage in stages for line in _lines(stage, most)), default=24), most)


def _box(stage: Stage, inner: int) -> list[str]:
    inside = [f"│ {padded(clipped(line, inner, '…'), inner)} │" for line in _lines(stage, inner)]
    return [f"┌{'─' * (inner + 2)}┐", *inside, f"└{'─' * (inner + 2)}┘"]


def _branched(box: Sequence[str], arrow: Arrow | None, *, is_last: bool) -> list[str]:
    """A box to the right of the line that comes from the last open stage; dotted, where the sale is lost."""
    if arrow is None:
        return ["", *box]
    point = f"      {'└' if is_last else '├'}{'┄┄' if arrow.is_lost else '──'}▶ "
    after = " " * len(_STEM) if is_last else _STEM
    return [_STEM.rstrip(), *((_STEM if n == 0 else point if n == 1 else after) + line for n, line in enumerate(box))]


def _lines(stage: Stage, most: int) -> list[str]:
    head = f"{safe(stage.name)}  {stage.probability / 100:.0f} %"
    return [
        head,
        *(safe(fact) for fact in _facts(stage)),
        *([f"● {_fitting(stage, most - 2)}"] if stage.opportunities else []),
    ]


def _fitting(stage: Stage, width: int) -> str:
    """As many opportunities as fit on a line, and how many there are besides."""
    told = (_here(stage, count) for count in range(MOST, 1, -1))
    return next((text for text in told if len(text) <= width), _here(stage, 1))


def as_mermaid(stages: Sequence[Stage]) -> str:
    """A flowchart; words are quoted, and what Mermaid or a page would act on is written as its number."""
    lines = ["flowchart LR"]
    lines += [f'    s{n}["{_node(stage)}"]' for n, stage in enumerate(stages)]
    lines += [f"    s{each.start} {'-.->' if each.is_lost else '-->'} s{each.end}" for each in arrows(stages)]
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
    corners = _corners(stages)
    width = max((x for x, _y in corners), default=0) + _WIDE + _GAP
    height = max((y for _x, y in corners), default=_TOP) + _HIGH + _GAP
    shapes = [_svg_box(stage, *corner) for stage, corner in zip(stages, corners, strict=True)]
    shapes += [
        _svg_arrow(each, corners, f"{stages[each.start].name} → {stages[each.end].name}") for each in arrows(stages)
    ]
    title = escape(safe(name))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 0 {width} {height}" role="img" font-family="sans-serif"'
        f' font-size="11"><title>{title}</title><text x="0" y="16" font-weight="bold">{title}</text>'
        f"{''.join(shapes)}</svg>\n"
    )


def _corners(stages: Sequence[Stage]) -> list[tuple[int, int]]:
    """Where the box of each stage begins."""
    flow = [stage for stage in stages if stage.status == "open"]
    ends = [stage for stage in stages if stage.status != "open"]
    return [
        (flow.index(stage) * (_WIDE + _GAP), _TOP) if stage.status == "open"
        else (len(flow) * (_WIDE + _GAP), _TOP + ends.index(stage) * (_HIGH + _GAP))
        for stage in stages
    ]  # fmt: skip


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


def _svg_arrow(arrow: Arrow, corners: Sequence[tuple[int, int]], title: str) -> str:
    """From the right side of one box to the left side of another; dotted, where the sale is lost."""
    (start, above), (end, below) = corners[arrow.start], corners[arrow.end]
    x, y, last = start + _WIDE + 2, above + _HIGH // 2, below + _HIGH // 2
    dots = ' stroke-dasharray="4 3"' if arrow.is_lost else ""
    return (
        f'<g><title>{escape(safe(title))}</title><path d="M{x} {y}h{_GAP // 2}V{last}H{end - 8}" stroke="#1b1f24"'
        f' fill="none"{dots}/><path d="M{end - 8} {last - 4}l7 4l-7 4z" fill="#1b1f24"/></g>'
    )
