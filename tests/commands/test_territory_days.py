"""A day that is over is answered with the tree, the members and the owners of that day, to the byte, whatever came later."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests import organisation
from tests.cli import Run
from tests.workspace import TestWorkspace

pytestmark = pytest.mark.usefixtures("today")

QUESTIONS = (
    "territory tree",
    "territory tree WEST -o json",
    "territory list -o csv",
    "territory member list WEST -o json",
    "account list -o csv",
    "account list -t WEST -o json",
    "account list -t SW --only -o csv",
    "assignment list -o json",
    "assignment list -t WEST -o csv",
    "quota attainment -p 2026Q1 -o json",
    "quota attainment -p 2026Q1 -t WEST -o csv",
    "territory report -p 2026 --by quarter -o json",
    "territory report WEST SW -p 2026Q1 --by-channel -o csv",
)
DAYS = ("2025-03-01", "2026-02-28", "2026-05-19")


def _answers(sfactl: Run, workspace: TestWorkspace, as_: str = "ana") -> Mapping[str, str]:
    found = {}
    for question in QUESTIONS:
        for day in DAYS:
            result = sfactl(*question.split(), "--as-of", day, workspace=workspace, as_=as_)
            assert result.code == 0, result.err
            found[f"{question} {day}"] = result.out
    return found


def test_days_that_are_over_are_answered_the_same_whatever_comes_later(
    workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    before = _answers(sfactl, workspace)
    (tmp_path / "parts.csv").write_text("account,territory\nA-SW1,PHX\n", encoding="utf-8")

    for line in (
        "assignment move --from sam --to eve",
        "territory move SW --under EAST",
        "territory split SW --part PHX=Phoenix --accounts {}".format(tmp_path / "parts.csv"),
        "territory merge SW NW --into NE",
        "territory member end NE sam",
        "territory merge WEST --into EAST",
    ):
        done = sfactl(*line.split(), "--yes", workspace=workspace)
        assert done.code == 0, done.err
    after = _answers(sfactl, workspace)

    assert after == before
    assert sfactl("territory", "tree", workspace=workspace).out != before["territory tree 2026-05-19"]
    assert sfactl("db", "check", workspace=workspace).code == 0


def test_the_tree_of_a_day_decides_what_lies_below_a_territory(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    assert sfactl("territory", "move", "SW", "--under", "EAST", "--yes", workspace=sqlite_workspace).code == 0

    def codes(*words: str) -> set[str]:
        rows = sfactl("account", "list", "-t", "EAST", "-o", "json", *words, workspace=sqlite_workspace).rows
        return {row["code"] for row in rows}

    assert codes("--as-of", "2026-05-19") == {"A-NE1", "A-NE2"}
    assert codes() == codes("--as-of", "2026-05-20") == {"A-NE1", "A-NE2", "A-SW1", "A-SW2", "A-SW3"}


def test_a_person_is_shown_where_he_worked_then(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    def territory(*words: str) -> str:
        rows = sfactl("quota", "attainment", "-p", "2026Q1", "-o", "json", *words, workspace=sqlite_workspace).rows
        return next(str(row["territory"]) for row in rows if row["user"] == "nora")

    assert territory("--as-of", "2025-03-01") in ("NW", "SW")
    assert sfactl("territory", "merge", "NW", "--into", "NE", "--yes", workspace=sqlite_workspace).code == 0
    assert territory("--as-of", "2026-05-19") == "NW"
    assert territory() == "NE"


def test_a_report_as_of_a_day_counts_what_was_booked_by_then(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    line = ("territory", "report", "SW", "-p", "2026Q1", "-o", "json")

    (whole,) = sfactl(*line, workspace=sqlite_workspace).rows
    (part,) = sfactl(*line, "--as-of", "2026-02-20", workspace=sqlite_workspace).rows

    assert (whole["orders"], whole["revenue"]) == (3, "1250.50")
    assert (part["orders"], part["revenue"]) == (2, "1000.00")
    assert (part["open_pipeline"], part["people"], part["load"], part["activities_before"]) == ("0.00", 1, None, None)


def test_a_territory_out_of_use_is_in_reports_of_the_time_before(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    line = ("territory", "report", "-p", "2026", "--by", "quarter", "-o", "json")
    before = {
        (row["territory"], row["period"]): row["revenue"] for row in sfactl(*line, workspace=sqlite_workspace).rows
    }

    assert sfactl("territory", "merge", "SW", "--into", "NE", "--yes", workspace=sqlite_workspace).code == 0
    after = {
        (row["territory"], row["period"]): row["revenue"] for row in sfactl(*line, workspace=sqlite_workspace).rows
    }

    assert {key: revenue for key, revenue in before.items() if key not in after} == {
        ("SW", "2026Q3"): "0.00", ("SW", "2026Q4"): "0.00",
    }  # fmt: skip
    assert {key: before[key] for key in after} == after


def test_an_import_that_moves_a_territory_holds_from_today(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    files = {"territory": "code,name,parent\nSW,Southwest,EAST\nNEW,Newland,SW\n"}
    organisation.fill(sqlite_workspace.door(), tmp_path, files)

    def parents(*words: str) -> dict[str, str]:
        rows = sfactl("territory", "list", "-o", "json", *words, workspace=sqlite_workspace).rows
        return {row["code"]: row["parent"] for row in rows}

    assert parents()["SW"] == "EAST"
    assert parents("--as-of", "2026-05-19")["SW"] == "WEST"
    assert parents("--as-of", "2026-05-19")["NEW"] == "SW"
    assert sfactl("db", "check", workspace=sqlite_workspace).code == 0
