"""Reports: what there is, what each shows, how it comes into a file, and what the exit code tells."""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sfactl.config import policy
from sfactl.core import reports as names
from sfactl.services import policies
from sfactl.services.report_catalogue import BUILT_IN
from sfactl.services.report_options import NAMES
from tests.cli import Result, Run
from tests.workbooks import rows_of
from tests.workspace import TestWorkspace

pytestmark = pytest.mark.usefixtures("today")

Report = Callable[..., Result]


@pytest.fixture
def report(sfactl: Run, workspace: TestWorkspace) -> Report:
    """`sfactl report run` on each database in turn."""
    return lambda *words, **how: sfactl("report", "run", *words, workspace=workspace, **how)


@pytest.fixture
def in_file(sfactl: Run, sqlite_workspace: TestWorkspace) -> Report:
    """The same on a file alone, for what no database decides."""
    return lambda *words, **how: sfactl("report", "run", *words, workspace=sqlite_workspace, **how)


def saved_in(workspace: TestWorkspace, text: str) -> None:
    """Put saved reports in force."""
    wanted = policy.from_texts({**policy.default().files, "reports.toml": text})
    workspace.door().write(policies.apply, wanted)


# What there is


def test_the_catalogue_has_the_names_that_completion_knows_and_options_that_there_are() -> None:
    assert tuple(BUILT_IN) == names.BUILT_IN
    for definition in BUILT_IN.values():
        assert set(definition.takes) <= set(NAMES)
        assert set(definition.defaults) <= set(definition.takes)
        for table in definition.tables:
            assert set(table.sums) <= {column.key for column in table.columns}
            assert len({each.key for each in definition.tables}) == len(definition.tables)


def test_reports_and_saved_ones_are_listed_with_their_options(sfactl: Run, workspace: TestWorkspace) -> None:
    rows = sfactl("report", "list", "-o", "json", workspace=workspace, as_="sam").rows
    saved = sfactl("report", "list", "--saved", "-o", "json", workspace=workspace).rows

    assert [row["name"] for row in rows][: len(BUILT_IN)] == list(BUILT_IN)
    assert {key: saved[2][key] for key in ("name", "report", "format", "options")} == {
        "name": "quota-last-quarter",
        "report": "attainment",
        "format": "pdf",
        "options": "period=last-quarter",
    }
    assert all(row["is_saved"] for row in saved)


def test_every_report_runs_for_whoever_may_read_what_it_consists_of(report: Report) -> None:
    for name in BUILT_IN:
        found = report(name, "-o", "json")
        assert found.code == 0, (name, found.err)
        assert json.loads(found.out) or name in ("activities", "at-risk"), name
    assert report("people", as_="sam").code == 4


def test_a_report_says_what_the_command_of_its_noun_says(report: Report, sfactl: Run, workspace: TestWorkspace) -> None:
    for as_ in ("ana", "sam"):
        quarter = sfactl("quota", "attainment", "--period", "2026Q1", "-o", "json", workspace=workspace, as_=as_)
        made = report("attainment", "--period", "last-quarter", "-o", "json", as_=as_)
        assert made.rows == quarter.rows
        assert made.rows
    one = report("orders", "--period", "2026Q1", "--territory", "SW", "--user", "sam", "-o", "csv")
    assert [row["code"] for row in csv.DictReader(io.StringIO(one.out))] == ["O-2", "O-1"]


def test_a_report_of_several_tables_is_an_object_in_json_and_no_csv(report: Report, tmp_path: Path) -> None:
    whole = json.loads(report("overview", "--period", "2026Q1", "--territory", "WEST", "-o", "json").out)
    refused = [
        report("overview", "--period", "2026Q1", "-o", "csv"), report("overview", "-o", "jsonl"),
        report("overview", "--to", str(tmp_path / "o.csv")),
    ]  # fmt: skip

    assert {(each.code, each.out) for each in refused} == {(2, "")}
    assert all("overview has several tables" in each.err for each in refused)
    assert not list(tmp_path.glob("o.*"))
    assert list(whole) == ["months", "attainment", "pipeline", "territories"]
    assert [row["period"] for row in whole["months"]] == ["2026-01", "2026-02", "2026-03"]


def test_relative_periods_count_from_the_day_that_is_asked_for(report: Report) -> None:
    rows = report("territories", "--period", "last-quarter", "--as-of", "2026-01-20", "-o", "json").rows

    assert {row["period"] for row in rows} == {"2025Q4"}


def test_what_people_read_names_period_and_totals(in_file: Report) -> None:
    made = in_file("orders", "--period", "2026Q1", "--territory", "SW", "-o", "md")

    assert made.out.startswith("### Orders – 2026Q1: Jan 1, 2026 to Mar 31, 2026 – Territory: SW\n")
    assert "Total: Amount \\$1,250.50, Tax \\$125.05, Freight \\$5.00" in made.out


@pytest.mark.parametrize(
    ("words", "code", "said", "hint"),
    [
        (["nonsense"], 2, "There is no report nonsense.", "`sfactl report list`"),
        (["atainment"], 2, "There is no report atainment.", "Did you mean attainment"),
        (["accounts", "--period", "ytd"], 2, "This report has no option period.", "territory, only, user"),
        (["attainment", "--period", "soon"], 2, "“soon” is not a period.", "FY2026"),
        (["attainment", "--as-of", "soon"], 2, "soon is no date.", "2026-05-20"),
        (["attainment", "--fields", "user,colour"], 2, "There is no column “colour”.", "user, name"),
        (["attainment", "--territory", "NOWHERE"], 3, "There is no territory NOWHERE.", "territory list"),
        (["attainment", "--fail-if", "colour = red"], 2, "there is no field colour", "attainment, reached"),
        (["attainment", "--fail-if", "attainment < much"], 2, "such as 0.8 or 80%", "attainment < 80%"),
        (["attainment", "--fail-if", "starts_on > soon"], 2, "a date such as", "attainment < 80%"),
        (["attainment", "--fail-if", "reached = perhaps"], 2, "yes or no for reached", "attainment < 80%"),
        (["attainment", "--only-if-changed"], 2, "--only-if-changed", "--to"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(
    in_file: Report, words: list[str], code: int, said: str, hint: str
) -> None:
    refused = in_file(*words)

    assert (refused.code, refused.out) == (code, "")
    assert said in refused.err
    assert hint in refused.err


# Saved reports


SAVED = """
[report.west]
report = "orders"
title = "Orders of the West"
options = { period = "last-quarter", territory = "WEST", limit = 2 }
fields = ["code", "amount"]
format = "csv"
notes = "Booked, not billed."

[report.quarter]
report = "orders"
title = "The quarter"
options = { period = "last-quarter" }
fields = ["code"]
format = "csv"
"""


def test_a_saved_report_is_what_it_says_unless_the_command_line_says_otherwise(
    workspace: TestWorkspace, report: Report
) -> None:
    saved_in(workspace, SAVED)

    assert report("west").out == "code,amount\nO-5,1999.99\nO-3,250.50\n"
    assert report("west", "--limit", "1", "--fields", "code").out == "code\nO-5\n"
    assert report("west", "-o", "json", "--territory", "SW").rows == [
        {"code": "O-3", "amount": "250.50"}, {"code": "O-2", "amount": "400.00"},
    ]  # fmt: skip
    assert "Booked, not billed." in report("west", "-o", "html").out
    assert "Booked, not billed." in report("west", "-o", "table").out
    assert report("west", as_="eve").code == 3  # case 9: what the West is, she does not see
    assert report("quarter", as_="nora").out == "code\nO-5\n"
    assert report("quota-last-quarter").code == 2


@pytest.mark.parametrize(
    ("now", "then", "place", "said"),
    [
        ('"orders"', '"sales"', "reports.toml:3:1", "There is no report sales."),
        ("report.west", "report.orders", "reports.toml:2:2", "orders is a report that there is already."),
        ("limit = 2", "colour = 2", "reports.toml:5:58", "This report has no option colour."),
        ("limit = 2", "limit = true", "reports.toml:5:58", "yes is no number"),
        ("last-quarter", "last-century", "reports.toml:5:13", "not a period"),
        ('"amount"', '"margin"', "reports.toml:6:1", "There is no column “margin”."),
        ('"csv"', '"doc"', "reports.toml:7:1", "format"),
        ("notes", "note", "reports.toml:8:1", "unknown key"),
        ("report.west", 'report."West side"', "reports.toml:2:2", "small letters"),
    ],
)
def test_a_saved_report_that_could_not_run_is_refused_with_its_place(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path, now: str, then: str, place: str, said: str
) -> None:
    (tmp_path / "reports.toml").write_text(SAVED.replace(now, then), encoding="utf-8")

    for words in (("policy", "diff", str(tmp_path)), ("policy", "apply", str(tmp_path), "--yes")):
        refused = sfactl(*words, workspace=sqlite_workspace)
        assert refused.code == 2
        assert place in refused.err
        assert said in refused.err


def test_what_a_policy_changes_in_saved_reports_is_told(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    saved_in(sqlite_workspace, SAVED)
    (tmp_path / "reports.toml").write_text(SAVED.replace("limit = 2", "limit = 3"), encoding="utf-8")

    rows = sfactl("policy", "diff", str(tmp_path), "-o", "json", workspace=sqlite_workspace).rows

    assert [(row["what"], row["name"]) for row in rows] == [("report", "west")]
    assert "limit=2 code,amount csv" in rows[0]["now"]
    assert "limit=3" in rows[0]["then"]


# Files


def test_a_report_is_written_to_its_file_in_the_form_of_its_ending(report: Report, tmp_path: Path) -> None:
    for ending, start in {"csv": b"user,", "json": b"[", "html": b"<!DOCTYPE", "md": b"###", "xlsx": b"PK"}.items():
        made = report("attainment", "--period", "2026Q1", "--to", str(tmp_path / f"a.{ending}"))
        assert (made.code, made.out, made.err) == (0, "", "")
        assert (tmp_path / f"a.{ending}").read_bytes().startswith(start)
    contrary = report("attainment", "-o", "json", "--to", str(tmp_path / "a.csv"))
    assert contrary.code == 2 and "says csv, and -o says json" in contrary.err
    unknown = report("attainment", "--to", str(tmp_path / "a.xyz"))
    assert unknown.code == 2 and "a.xyz says no form" in unknown.err
    assert report("attainment", "-o", "json", "--to", str(tmp_path / "a.xyz")).code == 0
    (tmp_path / "a.xyz").unlink()
    assert len(list(tmp_path.glob("a.*"))) == 5


@pytest.mark.parametrize("form", ["table", "csv", "json", "jsonl", "md", "html", "xlsx"])
def test_the_same_data_and_day_give_the_same_bytes(in_file: Report, tmp_path: Path, form: str) -> None:
    for name in ("one", "other"):
        made = in_file("attainment", "--as-of", "2026-04-30", "-o", form, "--to", str(tmp_path / name))
        assert made.code == 0, made.err

    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


# case 80
def test_only_a_plain_file_is_replaced(in_file: Report, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("keep", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(tmp_path / "precious")
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")

    for name in ("link.csv", "folder.csv", "pipe.csv"):
        assert in_file("accounts", "--to", str(tmp_path / name)).code == 5
    assert in_file("accounts", "--to", str(tmp_path / "nowhere" / "a.csv")).code == 6
    assert in_file("accounts", "--to", "/dev/full").code == 5
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "keep"


def test_what_goes_wrong_leaves_the_old_file(in_file: Report, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("old", encoding="utf-8")

    refused = in_file("people", "--to", str(tmp_path / "a.csv"), as_="sam")

    assert refused.code == 4
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".db"] == ["a.csv"]


# Cron's conditions


def test_a_condition_ends_in_8_and_names_its_rows_in_one_line(report: Report, tmp_path: Path) -> None:
    words = ("attainment", "--period", "2026Q1", "--to", str(tmp_path / "a.csv"))

    holds = report(*words, "--fail-if", "attainment < 100% and not territory = SW")
    again = report(*words, "--fail-if", "attainment < 0.5 or credit >= 5000 or starts_on > 2026-01-01 or reached = yes")
    not_so = report(*words, "--fail-if", "quota is empty or name contains zoe")

    assert (holds.code, holds.out) == (8, "")
    assert holds.err == "sfactl: 1 row with attainment < 100% and not territory = SW: nora\n"
    assert again.err.startswith("sfactl: 2 rows with attainment < 0.5 or")
    assert again.err.endswith(": sam, eve\n")
    assert (not_so.code, not_so.err) == (0, "")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").count("\n") == 4


def test_a_condition_looks_at_each_table_that_has_its_columns(in_file: Report) -> None:
    found = in_file("overview", "--period", "2026Q2", "-o", "json", "--fail-if", "weighted > 7000000")
    several = in_file("orders", "--period", "2026", "--fail-if", "amount > 0")

    assert found.code == 0
    assert several.err == "sfactl: 7 rows with amount > 0: O-6, O-7, O-4, O-5, O-3, O-2, O-1\n"


def test_without_rows_nothing_is_written_where_that_is_asked_for(report: Report, tmp_path: Path) -> None:
    words = ("orders", "--period", "2020", "--only-if-rows")
    (tmp_path / "old.csv").write_text("old", encoding="utf-8")

    shown = report(*words)
    for name in ("old.csv", "new.csv"):
        assert (report(*words, "--to", str(tmp_path / name)).code, shown.code) == (0, 0)
    some = report("orders", "--period", "2026", "--only-if-rows", "-o", "csv")

    assert (shown.out, shown.err) == ("", "")
    assert (tmp_path / "old.csv").read_text(encoding="utf-8") == "old"
    assert not (tmp_path / "new.csv").exists()
    assert some.out.count("\n") == 8


@pytest.mark.parametrize("form", ["csv", "md", "html", "xlsx"])
def test_a_file_that_says_the_same_stays(in_file: Report, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"a.{form}"
    words = ("orders", "--period", "2026Q1", "--only-if-changed", "--to", str(path))

    def is_new(*more: str) -> bool:
        os.utime(path, (1, 1)) if path.exists() else None
        assert in_file(*words, *more).code == 0
        return path.stat().st_mtime != 1

    assert is_new()
    assert not is_new()
    assert is_new("--lang", "es") is (form != "csv")
    assert is_new("--territory", "SW")
    assert in_file("orders", "--period", "2026Q1", "--as-of", "2026-05-19").code == 2  # orders know no such day


def test_a_page_of_another_day_with_the_same_figures_stays(in_file: Report, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    for day in ("2026-04-10", "2026-04-11"):
        words = ("territories", "--period", "2025Q4", "--as-of", day, "--only-if-changed", "--to", str(path))
        assert in_file(*words).code == 0

    assert "as of Apr 10, 2026" in path.read_text(encoding="utf-8")


# case 79
def test_one_run_at_a_time_for_each_file(report: Report, workspace: TestWorkspace, tmp_path: Path) -> None:
    from sfactl.db.locks import only_one

    path, folder = tmp_path / "a.csv", Path(os.environ["HOME"]) / ".local/state/sfactl/locks"

    with only_one(workspace.door().url, str(path), said="x", folder=folder, today=workspace.door().today):
        taken = report("accounts", "--to", str(path))
        other = report("accounts", "--to", str(tmp_path / "b.csv"))
    later = report("accounts", "--to", str(path))

    assert (taken.code, taken.out) == (6, "")
    assert taken.err.startswith(f"sfactl: Another run of {path} is at work")
    assert taken.err.count("\n") == 1
    assert (other.code, later.code) == (0, 0)


def test_a_lock_is_the_processs_own_and_never_followed_through_a_link(tmp_path: Path) -> None:
    from sfactl.db.locks import only_one
    from sfactl.db.url import DatabaseUrl
    from sfactl.errors import SfaError
    from tests.organisation import TODAY

    where = DatabaseUrl("sqlite", path=tmp_path / "x.db")
    with only_one(where, "a", said="a", folder=tmp_path / "locks", today=TODAY):
        (lock,) = (tmp_path / "locks").iterdir()
        assert lock.read_text(encoding="ascii") == f"{os.getpid()}\n"
        assert lock.stat().st_mode & 0o777 == 0o600
        with lock.open("rb") as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    lock.unlink()
    lock.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SfaError), only_one(where, "a", said="a", folder=tmp_path / "locks", today=TODAY):
        pass
    assert not (tmp_path / "elsewhere").exists()


# case 119
def test_an_account_without_a_home_makes_its_reports(
    in_file: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))

    made = in_file("accounts", "--to", str(tmp_path / "a.csv"))

    assert (made.code, made.err) == (0, "")
    assert (tmp_path / "temporary" / f"sfactl-locks-{os.getuid()}").stat().st_mode & 0o777 == 0o700


# Workbooks


def test_totals_of_a_workbook_are_formulas_over_its_own_columns(in_file: Report, tmp_path: Path) -> None:
    import openpyxl

    path = tmp_path / "a.xlsx"
    assert in_file("attainment", "--period", "2026Q1", "--to", str(path)).code == 0

    formulas, values = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    sheet, header = formulas.worksheets[0], rows_of(formulas)[0]
    total = dict(zip(header, rows_of(formulas)[-1], strict=True))
    known = dict(zip(header, rows_of(values)[-1], strict=True))
    quota, last = (openpyxl.utils.get_column_letter(place) for place in (header.index("Quota") + 1, len(header)))
    assert (total["User"], total["Attainment"]) == ("Total", None)
    assert total["Quota"] == f"=SUM(${quota}$2:${quota}$4)"
    assert (known["Quota"], known["Credit"], known["Orders"]) == (3500, 3499.99, 5)
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:{last}4"
    assert rows_of(formulas, 1)[0] == ["Attainment"]
