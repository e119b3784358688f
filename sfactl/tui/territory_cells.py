"""How a territory's figures look in the tree and on its sheet."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sfactl import services
from sfactl.i18n import _, ngettext
from sfactl.render import formats
from sfactl.render.bars import bar
from sfactl.render.territories import MEMBER_COLUMNS
from sfactl.tui import territory_figures
from sfactl.tui.cells import Cell, Tone, cell_of
from sfactl.tui.drawings import part_bar, signed_share, sparkline, whole_money
from sfactl.tui.territory_figures import Detail
from sfactl.tui.widgets.fact_sheet import Section
from sfactl.tui.widgets.fitting import GridColumn

if TYPE_CHECKING:
    from sfactl.db.session import Session
    from sfactl.services.territories import TerritoryRow
    from sfactl.services.territory_report import ReportRow

_WAITING: Final = "…"
_BAR: Final = 8


def tree_columns(other: str) -> tuple[GridColumn, ...]:
    """The columns of the tree; `other` names the period that stands beside the chosen one."""
    return (
        GridColumn(_("Territory"), is_text=True),
        GridColumn(_("Revenue"), is_right=True),
        GridColumn(_("Growth"), is_right=True),
        GridColumn(_("Quota reached"), is_right=True),
        GridColumn("", rank=2),
        GridColumn(_("8 quarters"), rank=1),
        GridColumn(_("Accounts"), is_right=True, rank=3),
        GridColumn(_("People"), is_right=True, rank=4),
        GridColumn(other, is_right=True, rank=5),
        GridColumn(_("Growth"), is_right=True, rank=5),
    )


def tree_cells(
    node: "TerritoryRow", now: "ReportRow | None", other: "ReportRow | None", trend: Sequence["ReportRow"], locale: str
) -> tuple[Cell, ...]:
    """A node's cells; figures that are not there yet are three dots."""
    counts = (formats.format_integer(node.accounts, locale), formats.format_integer(node.members, locale))
    return (
        Cell(node.name),
        *_revenue(now, locale),
        *_quota(now, locale),
        Cell(sparkline([row.revenue.minor for row in trend]), Tone.BAR),
        *map(Cell, counts),
        *_revenue(other, locale),
    )


def _revenue(row: "ReportRow | None", locale: str) -> tuple[Cell, Cell]:
    if row is None:
        return Cell(_WAITING, Tone.FAINT), Cell(_WAITING, Tone.FAINT)
    return Cell(whole_money(row.revenue, locale)), growth_cell(row, locale)


def _quota(row: "ReportRow | None", locale: str) -> tuple[Cell, Cell]:
    if row is None or row.attainment is None:
        return Cell(formats.NULL if row else _WAITING, Tone.FAINT), Cell()
    tone = Tone.GOOD if row.attainment >= 1 else Tone.BAR
    return Cell(formats.format_share(row.attainment, locale)), Cell(bar(row.attainment, width=_BAR), tone)


def growth_cell(row: "ReportRow", locale: str) -> Cell:
    """Against the same period a year before; its sign says what a colour would."""
    is_less = row.growth is not None and row.growth < 0
    return Cell(signed_share(row.growth, locale), Tone.WARNING if is_less else Tone.PLAIN)


def sheet(
    node: "TerritoryRow", periods: Mapping[str, "ReportRow | None"], detail: Detail | None, months: Sequence["ReportRow"],
    locale: str,
) -> list[Section]:  # fmt: skip
    """What is known of a node: its figures, its months, its people."""
    title = node.name if node.name == node.code else f"{node.name} ({node.code})"
    sections = [_figures(f"{title} · {_facts(node, locale)}", periods, locale)]
    if detail is not None:
        sections += [_months(detail, months, locale), _members(detail, locale)]
    return sections


def _facts(node: "TerritoryRow", locale: str) -> str:
    accounts = formats.format_integer(node.accounts, locale)
    facts = [
        node.kind,
        _("manager {login}").format(login=node.manager) if node.manager else None,
        ngettext("{count} account", "{count} accounts", node.accounts).format(count=accounts),
    ]
    return " · ".join(fact for fact in facts if fact)


def _figures(title: str, periods: Mapping[str, "ReportRow | None"], locale: str) -> Section:
    """A column a period, a line a figure."""
    rows = {name: row for name, row in periods.items() if row is not None}
    lines = {
        _("Revenue"): [Cell(whole_money(row.revenue, locale)) for row in rows.values()],
        _("Growth"): [growth_cell(row, locale) for row in rows.values()],
        _("Orders"): [Cell(formats.format_integer(row.orders, locale)) for row in rows.values()],
        _("Buying accounts"): [Cell(formats.format_integer(row.accounts, locale)) for row in rows.values()],
        _("Average order"): [Cell(whole_money(row.average_order, locale)) for row in rows.values()],
        _("Won / lost"): [Cell(f"{row.won or 0} / {row.lost or 0}") for row in rows.values()],
        _("Open pipeline"): [Cell(whole_money(row.open_pipeline, locale)) for row in rows.values()],
        _("Quota"): [Cell(whole_money(row.quota, locale)) for row in rows.values()],
        _("Quota reached"): [Cell(formats.format_share(row.attainment, locale)) for row in rows.values()],
    }
    if not rows:
        return Section(title, ())
    return Section(
        title, tuple((Cell(label, Tone.FAINT), *cells) for label, cells in lines.items()), header=("", *rows),
        right=frozenset(range(1, len(rows) + 1)),
    )  # fmt: skip


def _months(detail: Detail, months: Sequence["ReportRow"], locale: str) -> Section:
    most = max((row.revenue.minor for row in months), default=0)
    rows = tuple(
        (
            Cell(detail.months[row.period]), Cell(whole_money(row.revenue, locale)), growth_cell(row, locale),
            Cell(formats.format_integer(row.orders, locale)), Cell(part_bar(row.revenue.minor, most, _BAR), Tone.BAR),
        )
        for row in months
    )  # fmt: skip
    header = (_("Month"), _("Revenue"), _("Growth"), _("Orders"), "")
    return Section(_("By month"), rows, header=header, right=frozenset({1, 2, 3}), empty=_("No month has begun."))


def _members(detail: Detail, locale: str) -> Section:
    shown = [column for column in MEMBER_COLUMNS if column.key in ("name", "role", "territory")]
    order = ("name", "role", "territory")
    shown.sort(key=lambda column: order.index(column.key))
    roles = {"manager": _("manager"), "account_manager": _("account manager"), "specialist": _("specialist")}
    rows = tuple(
        tuple(
            Cell(roles.get(member.role, member.role)) if column.key == "role" else cell_of(column, member, locale)
            for column in shown
        )
        for member in detail.members
    )
    return Section(_("People"), rows, empty=_("Nobody works here."))


def compare(session: "Session", codes: Sequence[str], name: str, locale: str) -> list[Section]:
    """Nodes side by side: a column a node, a line a figure of a period."""
    found = territory_figures.rows_of(session, codes, name)
    currency = territory_figures.currency_of(session)
    nodes = {code: next(iter(territory_figures.in_currency(rows, currency)), None) for code, rows in found.items()}
    return [_figures(_("Side by side"), nodes, locale)]


def page(session: "Session", key: str, locale: str) -> list[Section]:
    """A territory as a sheet, with this quarter beside the last.

    Raises:
        NotFound: there is none of this code, or it is not the person's to see.
    """
    node, currency = services.territories.one(session, key), territory_figures.currency_of(session)
    names = ("this-quarter", "last-quarter")
    rows = {name: territory_figures.rows_of(session, [node.code], name)[node.code] for name in names}
    periods = {
        _(territory_figures.PERIODS[name]).capitalize(): next(
            iter(territory_figures.in_currency(found, currency)), None
        )
        for name, found in rows.items()
    }
    detail = territory_figures.detail(session, node.code, names[0])
    return sheet(node, periods, detail, territory_figures.in_currency(detail.rows, currency), locale)
