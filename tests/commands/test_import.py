"""Bringing files in through the command line: all or nothing, every fault named, and mended files fed again."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path

import pytest

from sfactl.services import imports
from tests.cli import Run
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

HEADER = "code,name,territory,owner,segment,kind,annual_revenue,owned_since\n"
GOOD = "N-{n},New {n},SW,sam,Small,customer,1000.50,2026-02-01\n"
FAULTS = 40
BAD = (
    "N-{n},Bad {n},SW,sam,Small,friend,1000.50,2026-02-01\n",  # no such kind
    "N-{n},Bad {n},SW,sam,Small,customer,ten,2026-02-01\n",  # no number
    "N-{n},Bad {n},SW,sam,Small,customer,10,2026-02-31\n",  # no such day
    "N-{n},,SW,sam,Small,customer,10,2026-02-01\n",  # no name
    "N-{n},Bad {n},MOON,sam,Small,customer,10,2026-02-01\n",  # no such territory
    "N-{n},Bad {n},SW,nobody,Small,customer,10,2026-02-01\n",  # no such user
    "N-{n},Bad {n},SW,sam,Small\n",  # too short
    "N-{n},Bad {n},SW,sam,Small,customer,1.234,2026-02-01\n",  # ambiguous
)


def _file(folder: Path, good: int, bad: int) -> Path:
    lines = [GOOD.format(n=f"G{n}") for n in range(good)]
    for n in range(bad):
        lines.insert(3 * n + 1, BAD[n % len(BAD)].format(n=f"B{n}"))
    path = folder / "accounts.csv"
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path


def _new_accounts(workspace: TestWorkspace) -> int:
    return int(str(system_rows(workspace, "SELECT count(*) FROM account WHERE code LIKE 'N-%'")[0][0]))


def test_forty_faults_are_reported_each_with_its_place_and_nothing_changes(
    workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    path = _file(tmp_path, 80, FAULTS)
    before = system_rows(workspace, "SELECT seq FROM audit_event")

    result = sfactl("import", "account", str(path), "-o", "json", workspace=workspace)

    assert result.code == 2
    assert len(result.rows) == FAULTS
    lines = path.read_text(encoding="utf-8").splitlines()
    for fault in result.rows:
        assert fault["file"] == "accounts.csv"
        assert fault["reason"]
        assert lines[fault["line"] - 1].startswith("N-B")
        if fault["column"]:
            assert fault["value"] in lines[fault["line"] - 1]
    assert {fault["value"] for fault in result.rows} >= {"friend", "ten", "2026-02-31", "MOON", "nobody", "1.234"}
    assert _new_accounts(workspace) == 0
    assert system_rows(workspace, "SELECT seq FROM audit_event") == before
    assert system_rows(workspace, "SELECT count(*) FROM import_stage") == [(0,)]


def test_the_good_rows_go_in_and_the_mended_ones_follow(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    path = _file(tmp_path, 80, FAULTS)
    mend = tmp_path / "mend"

    first = sfactl("import", "account", str(path), "--partial", "--rejects", str(mend), workspace=workspace)
    rejected = (mend / "accounts.csv").read_text(encoding="utf-8").splitlines()
    reasons = list(csv.DictReader((mend / "reasons.csv").read_text(encoding="utf-8").splitlines()))
    good = [GOOD.format(n=line.split(",")[0][2:]) for line in rejected[1:]]
    (mend / "accounts.csv").write_text(HEADER + "".join(good), encoding="utf-8")
    counted = _new_accounts(workspace)
    second = sfactl("import", "account", str(mend / "accounts.csv"), workspace=workspace)

    assert first.code == 7
    assert counted == 80
    assert rejected[0] == HEADER.strip()
    assert len(rejected) == FAULTS + 1
    assert len(reasons) == FAULTS
    assert second.code == 0
    assert _new_accounts(workspace) == 80 + FAULTS
    assert sfactl("db", "check", workspace=workspace).code == 0


def test_importing_twice_changes_nothing_and_says_so(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    path = _file(tmp_path, 10, 0)
    sfactl("import", "account", str(path), workspace=workspace)
    events = system_rows(workspace, "SELECT seq FROM audit_event")

    again = sfactl("import", "account", str(path), "-o", "json", workspace=workspace)

    assert again.code == 0
    assert [(row["rows"], row["added"], row["changed"], row["unchanged"]) for row in again.rows] == [(10, 0, 0, 10)]
    assert "Nothing has changed" in again.err
    assert system_rows(workspace, "SELECT seq FROM audit_event") == events


def test_a_trial_finds_faults_and_counts_and_leaves_nothing(
    workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    path = _file(tmp_path, 10, 0)

    result = sfactl("import", "account", str(path), "--dry-run", "-o", "json", workspace=workspace)

    assert (result.code, result.rows[0]["added"]) == (0, 10)
    assert _new_accounts(workspace) == 0


def test_a_new_owner_closes_the_old_assignment(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text("code,name,territory,owner\nA-SW1,Adobe Tools,NW,nora\n", encoding="utf-8")

    result = sfactl("import", "account", str(path), "--reason", "territory cut", workspace=workspace)
    history = sfactl("assignment", "history", "A-SW1", "-o", "json", workspace=workspace).rows
    yesterday = sfactl(
        "assignment", "list", "-s", "adobe", "--as-of", "2026-05-19", "-o", "json", workspace=workspace
    ).rows

    assert result.code == 0
    assert [(row["owner"], row["territory"], row["since"], row["until"]) for row in history] == [
        ("nora", "NW", "2026-05-20", None), ("sam", "SW", "2025-01-01", "2026-05-20"),
    ]  # fmt: skip
    assert [(row["owner"], row["territory"]) for row in yesterday] == [("sam", "SW")]
    children = system_rows(
        workspace,
        "SELECT DISTINCT t.code FROM contact c JOIN account a ON a.id = c.account_id"
        " JOIN territory t ON t.id = c.territory_id WHERE a.code = 'A-SW1'",
    )
    assert children == [("NW",)]
    credited = system_rows(
        workspace, "SELECT DISTINCT t.code FROM sales_order o JOIN territory t ON t.id = o.credited_territory_id"
        " WHERE o.code IN ('O-1', 'O-8')"
    )  # fmt: skip
    assert credited == [("SW",)], "closed figures stay where they were"
    assert sfactl("db", "check", workspace=workspace).code == 0


def test_a_column_that_is_not_supplied_stays_as_it_was(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text("code,name\nA-SW1,Adobe Toolworks\n", encoding="utf-8")

    sfactl("import", "account", str(path), workspace=workspace)

    row = json.loads(sfactl("account", "show", "A-SW1", "-o", "json", workspace=workspace).out)
    assert (row["name"], row["owner"], row["segment"]) == ("Adobe Toolworks", "sam", "Large")


def test_somebody_without_the_right_imports_nothing(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    result = sfactl("import", "account", str(_file(tmp_path, 3, 0)), workspace=workspace, as_="sam")

    assert result.code == 4
    assert _new_accounts(workspace) == 0


def test_every_row_goes_in_whatever_the_size_of_a_chunk(
    workspace: TestWorkspace, sfactl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 7)

    result = sfactl("import", "account", str(_file(tmp_path, 50, 0)), workspace=workspace)

    assert result.code == 0
    assert _new_accounts(workspace) == 50


@pytest.mark.parametrize("noun", ["territory", "user", "account", "contact", "order", "order-line", "quota", "opportunity",
                                  "activity", "product", "price", "stock", "member", "team", "team-member"])  # fmt: skip
def test_an_export_comes_in_again_unchanged(workspace: TestWorkspace, sfactl: Run, tmp_path: Path, noun: str) -> None:
    path = tmp_path / f"{noun}.csv"

    written = sfactl("export", noun, "--to", str(path), workspace=workspace)
    again = sfactl("import", noun, str(path), "-o", "json", workspace=workspace)

    assert written.code == 0
    assert again.code == 0, again.out
    assert again.rows[0]["rows"] > 0
    assert (again.rows[0]["added"], again.rows[0]["changed"]) == (0, 0)


def test_a_territory_below_itself_is_a_fault(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    path = tmp_path / "territories.csv"
    path.write_text("code,name,parent\nX1,One,X2\nX2,Two,X1\n", encoding="utf-8")

    result = sfactl("import", "territory", str(path), "-o", "json", workspace=workspace)

    assert result.code == 2
    assert {row["column"] for row in result.rows} == {"parent"}
    assert system_rows(workspace, "SELECT count(*) FROM territory WHERE code LIKE 'X%'") == [(0,)]


def test_an_unknown_file_gets_a_manifest_that_works(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    path = tmp_path / "kunden.csv"
    path.write_bytes("Code;Name;Territory;Owner;Annual Revenue\nK-1;Müller & Söhne;SW;sam;1.234,50\n".encode("cp1252"))

    explained = sfactl("import", "--explain", str(path), workspace=workspace)
    manifest = tmp_path / "manifest.toml"
    manifest.write_text(explained.out, encoding="utf-8")
    result = sfactl("import", str(manifest), workspace=workspace)

    assert explained.code == 0
    assert result.code == 0, (explained.out, result.err, result.out)
    row = json.loads(sfactl("account", "show", "K-1", "-o", "json", workspace=workspace).out)
    assert (row["name"], row["annual_revenue"]) == ("Müller & Söhne", "1234.50")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("nowhere.toml",), 2), (("account", "nowhere.csv"), 2), (("planet", "x.csv"), 2),
        (("a", "b", "c"), 2), (("--explain", "nowhere.csv"), 2),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_in_a_sentence(
    sqlite_workspace: TestWorkspace, sfactl: Run, words: tuple[str, ...], code: int
) -> None:
    result = sfactl("import", *words, workspace=sqlite_workspace)

    assert result.code == code
    assert result.err.startswith("sfactl: ") or result.out


def test_bad_rows_are_never_written_over_a_file(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    path = _file(tmp_path, 5, 3)
    before = path.read_bytes()

    result = sfactl("import", "account", str(path), "--partial", "--rejects", str(tmp_path), workspace=workspace)

    assert result.code == 5
    assert path.read_bytes() == before
    assert _new_accounts(workspace) == 0


def test_what_a_killed_import_left_is_taken_away_by_the_next(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    gone = f"20260520T080000-0badf00d-{imports._here()}-{2**22 + 1}"
    with sqlite3.connect(str(sqlite_workspace.url.path)) as raw:
        raw.execute(
            "INSERT INTO import_stage (user_id, run_key, n, source, line, bad) VALUES (1, ?, 1, 0, 1, 0)", (gone,)
        )

    sfactl("import", "account", str(_file(tmp_path, 2, 0)), workspace=sqlite_workspace)

    assert system_rows(sqlite_workspace, "SELECT count(*) FROM import_stage") == [(0,)]
