"""What the quarter promises, against its quota, and how opportunities go from stage to stage: two lines over the pipeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from textual.content import Content

from sfactl import services
from sfactl.i18n import _
from sfactl.render import formats
from sfactl.tui.cells import Cell, Tone, line
from sfactl.tui.drawings import whole_money
from sfactl.tui.periods import period_of

if TYPE_CHECKING:
    from sfactl.core.money import Money
    from sfactl.db.session import Session
    from sfactl.services.pipeline_forecast import ForecastRow
    from sfactl.services.pipeline_funnel import FunnelRow

_SIGNS: Final = "█▓▒"
"""Won, commit and best case; what is left of the quota is a dot."""
_LEAST_BAR: Final = 8
_MOST_BAR: Final = 30
_FUNNEL_LINES_FROM: Final = 30
_FUNNEL_WIDTH_FROM: Final = 100
"""Where there is less room, the forecast alone has a line."""


@dataclass(frozen=True, slots=True)
class Strip:
    """Both, ready to be drawn at any width."""

    period: str
    forecast: "ForecastRow | None"
    stages: "tuple[FunnelRow, ...]"


def ask(session: "Session") -> Strip:
    """Forecast and funnel of this quarter, as far as the person sees them."""
    period, wanted = period_of(session, "this-quarter"), services.pipeline.Filter()
    funnel = services.pipeline_funnel.funnel(session, wanted, period)
    rows: Sequence[ForecastRow] = ()
    if session.actor.may("quota.read"):
        question = services.pipeline_forecast.Question(wanted, period)
        rows = services.pipeline_forecast.forecast(session, question)
    currency = services.workspaces.current(session).currency
    own = [row for row in rows if row.currency == currency] or list(rows)
    stages = tuple(row for row in funnel if row.currency == (own[0].currency if own else currency))
    return Strip(period.label, own[0] if own else None, stages)


def height(width: int, height: int) -> int:
    """How many lines there is room for."""
    return 2 if width >= _FUNNEL_WIDTH_FROM and height >= _FUNNEL_LINES_FROM else 1


def drawn(strip: Strip, width: int, lines: int, locale: str) -> Content:
    """The lines."""
    found = [_forecast(strip.period, strip.forecast, width, locale)] if strip.forecast else []
    found += [_funnel(strip, width, locale)] if strip.stages and (lines > 1 or not found) else []
    return Content("\n").join(found[:lines])


def _forecast(period: str, row: "ForecastRow", width: int, locale: str) -> Content:
    """A bar against the quota, and how much of it each is; amounts where there is no quota."""
    parts = [
        (_("won"), row.closed, _SIGNS[0]), (_("commit"), row.commit_forecast, _SIGNS[1]),
        (_("best"), row.best_case_forecast, _SIGNS[2]),
    ]  # fmt: skip
    quota = row.quota if row.quota and row.quota.minor > 0 else None
    said = " ".join(f"{sign} {name} {_measured(amount, quota, locale)}" for name, amount, sign in parts)
    if quota:
        said += " " + _("of {quota}").format(quota=whole_money(quota, locale, with_currency=True))
    else:
        said += f" {row.currency} " + _("(no quota)")
    said += f" · {_cover(row)}" if row.cover else ""
    head = f"{period} "
    room = min(width - Cell(head).width - Cell(said).width - 1, _MOST_BAR)
    if quota and room >= _LEAST_BAR:
        bar = _bar([amount.minor for _name, amount, _sign in parts], quota.minor, room)
        return line(Cell(head, Tone.STRONG), Cell(bar, Tone.BAR), " ", said)
    return line(Cell(head, Tone.STRONG), said)


def _cover(row: "ForecastRow") -> str:
    told = {"enough": _("enough open"), "short": _("! short"), "not needed": _("reached")}
    return told.get(row.cover or "", row.cover or "")


def _measured(amount: "Money", quota: "Money | None", locale: str) -> str:
    if quota is None:
        return whole_money(amount, locale)
    return formats.format_share(Fraction(amount.minor, quota.minor), locale, 0)


def _bar(amounts: Sequence[int], quota: int, width: int) -> str:
    """Each amount from where the one before it ends; all of the bar is the quota."""
    drawn = ""
    for amount, sign in zip(amounts, _SIGNS, strict=True):
        drawn += sign * (min(max(amount, 0) * width // quota, width) - len(drawn))
    return drawn.ljust(width, "·")


def _funnel(strip: Strip, width: int, locale: str) -> Content:
    """Each stage with how many are in it, and what part of those that entered it went on."""
    pieces: list[str] = []
    for stage in strip.stages:
        arrow = "" if stage.conversion is None else f" ─{formats.format_share(stage.conversion, locale, 0)}→"
        pieces.append(f"{stage.name} {formats.format_integer(stage.count, locale)}{arrow}")
    head = Cell(_("Funnel {period} ").format(period=strip.period), Tone.STRONG)
    return line(head, Cell(Cell("  ".join(pieces)).fitted(max(width - head.width, 0)).rstrip()))
