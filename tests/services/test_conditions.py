"""A condition in SQL answers what it says in plain words, on both databases."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from sfactl.core.conditions import All, Comparison, Either, Kind, Not, Op, Tree, said
from sfactl.core.money import minor_digits
from sfactl.core.text import match_key
from sfactl.errors import NotFound
from sfactl.models import tables as t
from sfactl.services import conditions
from tests import organisation
from tests.cli import Run
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

ODD = """
code,name,territory,owner,segment,industry,kind,city,region,country,postal_code,employees,annual_revenue,currency,parent
B-1,100%_sure,SW,sam,LARGE,Food,customer,Málaga,AZ,US,85001,10,1000000,JPY,A-SW1
B-2,Straße 9,NW,,large,,prospect,"O'Neil ""x"" y",az,US,85002,,0.005,BHD,
B-3,ＦＵＬＬ width,WEST,leo,,Food,partner,x;DROP,,MX,9,0,12.34,USD,A-SW1
B-4,back\\slash,,nora,Small,Tools,customer,MÁLAGA,NM,,85002,250,1000000,EUR,B-1
B-5,Émile,NE,eve,é,É,customer,_,%,US,\\,10,,USD,
"""

Row = Mapping[str, Any]
ORDER: Mapping[Op, Callable[[Any, Any], bool]] = {
    Op.LESS: operator.lt, Op.AT_MOST: operator.le, Op.MORE: operator.gt, Op.AT_LEAST: operator.ge,
}  # fmt: skip
ABOVE = {
    "SW": ("SW", "WEST", "WORLD"),
    "NW": ("NW", "WEST", "WORLD"),
    "NE": ("NE", "EAST", "WORLD"),
    "WEST": ("WEST", "WORLD"),
}


@pytest.fixture
def odd(workspace: TestWorkspace, tmp_path: Path) -> TestWorkspace:
    """The company with accounts that are hard to compare."""
    organisation.fill(workspace.door(), tmp_path, {"account": ODD})
    return workspace


def rows(workspace: TestWorkspace) -> list[Row]:
    names = (
        "code", "name", "territory", "owner", "kind", "segment", "industry", "city", "region", "country", "postal_code",
        "employees", "annual_revenue", "currency", "parent",
    )  # fmt: skip
    found = system_rows(
        workspace,
        "SELECT a.code, a.name, p.code, u.login, a.kind, a.segment, a.industry, a.city, a.region, a.country, a.postal_code,"
        " a.employees, a.annual_revenue_minor, a.currency, b.code FROM account a JOIN territory p ON p.id = a.territory_id"
        " LEFT JOIN app_user u ON u.id = a.owner_id LEFT JOIN account b ON b.id = a.parent_id",
    )
    return [dict(zip(names, row, strict=True)) for row in found]


def holds(tree: Tree, row: Row) -> bool:
    """The condition, by the words of the manual."""
    if isinstance(tree, Not):
        return not holds(tree.item, row)
    if isinstance(tree, All):
        return all(holds(item, row) for item in tree.items)
    if isinstance(tree, Either):
        return any(holds(item, row) for item in tree.items)
    return compares(tree, row)


def lower(text: str) -> str:
    return "".join(c.lower() if c.isascii() else c for c in text)


def compares(one: Comparison, row: Row) -> bool:
    value = row[one.field]
    if one.op is Op.UNEQUAL:
        return not compares(Comparison(one.field, Op.EQUAL, one.values), row)
    if one.op is Op.EMPTY:
        return value in (None, "") if one.field != "territory" else value == "UNASSIGNED"
    if value is None:
        return False
    if one.kind is Kind.REFERENCE:
        return any(
            said in (ABOVE.get(value, (value,)) if one.field == "territory" else (value,)) for said in one.values
        )
    if one.kind is Kind.TEXT:
        fold = match_key if one.field == "name" else lower
        return text(one.op, fold(str(value)), [fold(said) for said in one.values])
    exact = Decimal(value) if one.kind is Kind.NUMBER else Decimal(value).scaleb(-minor_digits(row["currency"]))
    if one.op in ORDER:
        return ORDER[one.op](exact, one.numbers[0])
    return exact in one.numbers


def text(op: Op, value: str, wanted: list[str]) -> bool:
    if op is Op.STARTS:
        return value.startswith(wanted[0])
    if op is Op.CONTAINS:
        return wanted[0] in value
    return ORDER[op](value, wanted[0]) if op in ORDER else value in wanted


def trees() -> st.SearchStrategy[Tree]:
    word = st.sampled_from([
        "Large", "large", "Food", "Málaga", "MÁLAGA", "AZ", "az", "%", "_", "\\", "O'Neil \"x\" y", "85001", "8500", "9", "é",
        "100%_sure", "strasse", "full", "x;DROP", "'; DROP TABLE account; --", "A-SW1", "US", "USD", "customer", "É",
    ])  # fmt: skip
    number = st.sampled_from(
        ["0", "10", "9.5", "10.5", "250", "-1", "1000000", "0.005", "12.34", "12.3", "5000000", "12.345"]
    )
    texts = st.sampled_from(
        ["code", "name", "kind", "segment", "industry", "city", "region", "country", "postal_code", "currency"]
    )
    numbers, places = (
        st.sampled_from(["employees", "annual_revenue"]),
        st.sampled_from(["SW", "WEST", "WORLD", "NE", "UNASSIGNED"]),
    )
    of_text = st.sampled_from([*ORDER, Op.EQUAL, Op.UNEQUAL, Op.STARTS, Op.CONTAINS])
    one = st.one_of(
        st.builds(lambda f, op, v: Comparison(f, op, (v,)), texts, of_text, word),
        st.builds(lambda f, v: Comparison(f, Op.IN, tuple(v)), texts, st.lists(word, min_size=1, max_size=3)),
        st.builds(lambda f, op, v: Comparison(f, op, (v,)), numbers, st.sampled_from([*ORDER, Op.EQUAL, Op.UNEQUAL]), number),
        st.builds(lambda f, v: Comparison(f, Op.IN, tuple(v)), numbers, st.lists(number, min_size=1, max_size=3)),
        st.builds(lambda v: Comparison("territory", Op.IN, tuple(v)), st.lists(places, min_size=1, max_size=2)),
        st.builds(lambda op, v: Comparison("owner", op, (v,)), st.sampled_from([Op.EQUAL, Op.UNEQUAL]), st.sampled_from(["sam", "leo", "eve"])),
        st.builds(lambda v: Comparison("parent", Op.EQUAL, (v,)), st.sampled_from(["A-SW1", "B-1", "B-2"])),
        st.builds(lambda f: Comparison(f, Op.EMPTY), st.sampled_from(["owner", "parent", "territory", "segment", "employees", "annual_revenue", "region"])),
    )  # fmt: skip
    both = st.lists
    return st.recursive(
        one,
        lambda inner: st.one_of(
            st.builds(Not, inner), st.builds(lambda i: All(tuple(i)), both(inner, min_size=2, max_size=3)),
            st.builds(lambda i: Either(tuple(i)), both(inner, min_size=2, max_size=3)),
        ),
        max_leaves=5,
    )  # fmt: skip


# case 90
def test_sql_says_what_the_condition_says_in_plain_python(odd: TestWorkspace) -> None:
    all_rows = rows(odd)

    with odd.door().read() as session:

        @given(trees())
        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
        def agrees(tree: Tree) -> None:
            condition = conditions.parse(session, said(tree))
            found = session.execute(select(t.account.c.code).where(condition)).scalars().all()
            assert sorted(found) == sorted(row["code"] for row in all_rows if holds(tree, row)), said(tree)

        agrees()


# case 90
def test_sql_in_a_value_is_a_value(odd: TestWorkspace, sfactl: Run) -> None:
    before = system_rows(odd, "SELECT count(*) FROM account")
    fields = ("code", "name", "segment", "owner", "territory", "employees")
    hostile = (
        '"\'; DROP TABLE account; --"',
        "x' OR '1'='1",
        '"a" OR 1=1',
        '"a\' UNION SELECT login FROM app_user --"',
    )
    for field, text in itertools.product(fields, hostile):
        result = sfactl("account", "list", "--where", f"{field} = {text}", "-o", "json", workspace=odd)

        assert result.code in (0, 2, 3), result.err
        assert result.code or result.rows == []
    assert system_rows(odd, "SELECT count(*) FROM account") == before


def test_a_territory_out_of_sight_is_not_found_in_a_condition(workspace: TestWorkspace) -> None:
    with workspace.door("sam").read() as session, pytest.raises(NotFound):
        conditions.parse(session, "territory = NE")


def test_a_condition_narrows_lists_of_accounts_and_assignments(workspace: TestWorkspace, sfactl: Run) -> None:
    where = ("--where", "territory = WEST and not segment = Large", "-o", "json")

    accounts = sfactl("account", "list", *where, workspace=workspace)
    assignments = sfactl("assignment", "list", *where, "--industry", "food", workspace=workspace)

    assert [row["code"] for row in accounts.rows] == ["A-SW2", "A-SW3"]
    assert [row["account"] for row in assignments.rows] == ["A-SW2"]
