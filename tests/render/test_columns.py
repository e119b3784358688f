import importlib
import pkgutil

import pytest

import sfactl.render
from sfactl.render.assignments import ASSIGNMENT_COLUMNS
from sfactl.render.columns import Column, Kind
from sfactl.render.quotas import ATTAINMENT_COLUMNS
from sfactl.render.territories import TERRITORY_REPORT_COLUMNS, territory_report_columns

LISTS = {
    f"{module.name}.{name}": value
    for module in pkgutil.iter_modules(sfactl.render.__path__)
    for name, value in vars(importlib.import_module(f"sfactl.render.{module.name}")).items()
    if name.endswith("_COLUMNS")
}


def keys(columns: tuple[Column, ...]) -> list[str]:
    return [column.key for column in columns]


@pytest.mark.parametrize("columns", LISTS.values(), ids=LISTS)
def test_keys_are_unique_and_headers_stand_above_each_column(columns: tuple[Column, ...]) -> None:
    assert len(set(keys(columns))) == len(columns)
    assert all(column.header for column in columns)
    assert not columns[0].wide


@pytest.mark.parametrize("columns", LISTS.values(), ids=LISTS)
def test_a_list_with_money_has_its_currency_beside_it(columns: tuple[Column, ...]) -> None:
    if columns is not LISTS["orders.ORDER_LINE_COLUMNS"] and Kind.MONEY in {c.kind for c in columns}:
        assert "currency" in keys(columns)


def test_the_keys_that_scripts_rely_on_are_there() -> None:
    attainment = "user name territory period measure quota credit attainment reached currency"
    assignment = "account account_name owner owner_name territory role since cause"
    report = "territory period orders revenue accounts average_order growth won lost win_rate open_pipeline weighted"

    assert set(attainment.split()) <= set(keys(ATTAINMENT_COLUMNS))
    assert set(assignment.split()) <= set(keys(ASSIGNMENT_COLUMNS))
    for by_channel in (True, False):
        shown = set(keys(territory_report_columns(by_channel, by_family=False)))
        assert {*report.split(), "quota", "attainment", "currency"} <= shown


def test_a_report_shows_channel_and_family_only_when_broken_down_by_them() -> None:
    assert territory_report_columns(True, True) == TERRITORY_REPORT_COLUMNS
    assert "channel" not in keys(territory_report_columns(False, True))
    assert "family" in keys(territory_report_columns(False, True))
    assert "family" not in keys(territory_report_columns(True, False))
