"""A bundle that is configured for what is needed, and offered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli import Run
from tests.commands.test_configure import PRODUCTS, apply
from tests.commands.test_quotes import offer
from tests.organisation import fill
from tests.workspace import TestWorkspace

pytestmark = pytest.mark.usefixtures("today")


def test_a_bundle_is_offered_with_its_parts_below_it(sfactl: Run, workspace: TestWorkspace, tmp_path: Path):
    fill(workspace.door(), tmp_path, PRODUCTS)
    apply(workspace, tmp_path)

    page = offer(
        sfactl, workspace, "quote", "new", "OPP-1", "--bundle", "RACK", "--need", "tb=6", "--product", "P-1=1",
        "--discount", "1=10%",
    )  # fmt: skip

    rows = [(line["product"], line["parent_line"], line["quantity"], line["amount"]) for line in page["lines"]]
    assert rows == [
        ("RACK", None, "1", "450.00"), ("D-2", 1, "1", "0.00"), ("D-2", 1, "2", "200.00"), ("PS-5", 1, "1", "50.00"),
        ("P-1", None, "1", "100.00"),
    ]  # fmt: skip
    assert page["amount"] == "800.00"
    [way] = sfactl("quote", "why", "Q-000001", "2", "-o", "json", workspace=workspace, as_="sam").rows
    assert (way["step"], way["title"], way["after"]) == ("included", "included in RACK", "0.00")
    gone = sfactl("quote", "edit", "Q-000001", "--remove", "1", workspace=workspace, as_="sam")
    assert gone.code == 2 and "belongs to line 1" in gone.err


def test_a_bundle_is_added_to_a_quote_in_place_of_lines_that_are_there(
    sfactl: Run, sqlite_workspace: TestWorkspace, tmp_path: Path
):
    fill(sqlite_workspace.door(), tmp_path, PRODUCTS)
    apply(sqlite_workspace, tmp_path)
    offer(sfactl, sqlite_workspace, "quote", "new", "OPP-1", "--product", "P-1=1")

    page = offer(
        sfactl, sqlite_workspace, "quote", "edit", "Q-000001", "--remove", "1", "--bundle", "RACK", "--need", "tb=6",
        "--without", "D-8",
    )  # fmt: skip

    assert [(line["product"], line["parent_line"]) for line in page["lines"]] == [
        ("RACK", None), ("D-2", 2), ("D-2", 2), ("PS-5", 2),
    ]  # fmt: skip


def test_what_cannot_be_configured_is_not_offered(sfactl: Run, sqlite_workspace: TestWorkspace, tmp_path: Path):
    fill(sqlite_workspace.door(), tmp_path, PRODUCTS)
    apply(sqlite_workspace, tmp_path)

    impossible = sfactl(
        "quote", "new", "OPP-1", "--bundle", "RACK", "--need", "tb=600", workspace=sqlite_workspace, as_="sam"
    )
    nothing = sfactl("quote", "new", "OPP-1", "--need", "tb=6", workspace=sqlite_workspace, as_="sam")

    assert (impossible.code, nothing.code) == (1, 2) and "--bundle" in nothing.err


def test_a_bundle_that_is_changed_against_its_rules_says_so_and_asks_for_agreement(
    sfactl: Run, workspace: TestWorkspace, tmp_path: Path
):
    fill(workspace.door(), tmp_path, PRODUCTS)
    apply(workspace, tmp_path)
    offer(sfactl, workspace, "quote", "new", "OPP-1", "--bundle", "RACK", "--need", "tb=6")

    def edited(*words: str) -> list[str | None]:
        done = sfactl("quote", "edit", "Q-000001", *words, "-o", "json", workspace=workspace, as_="sam")
        assert done.code == 0, done.err
        return [line["note"] for line in json.loads(done.out)["lines"]]

    assert edited("--remove", "4")[0] == "not a standard configuration", "a rack needs one power supply"
    asked = sfactl("quote", "submit", "Q-000001", "--preview", "-o", "json", workspace=workspace, as_="sam").rows
    assert [row["rule"] for row in asked] == ["non-standard"]
    assert edited("--quantity", "3=99")[0] == "not a standard configuration", "a rack takes eight disks"


def test_a_bundle_that_is_changed_within_its_rules_stays_what_it_is(
    sfactl: Run, sqlite_workspace: TestWorkspace, tmp_path: Path
):
    fill(sqlite_workspace.door(), tmp_path, PRODUCTS)
    apply(sqlite_workspace, tmp_path)
    offer(sfactl, sqlite_workspace, "quote", "new", "OPP-1", "--bundle", "RACK", "--need", "tb=6")
    done = sfactl("quote", "edit", "Q-000001", "--quantity", "3=3", "-o", "json", workspace=sqlite_workspace, as_="sam")

    assert [line["note"] for line in json.loads(done.out)["lines"]] == [None] * 4
