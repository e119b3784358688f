"""Teams and territories balanced: who gets what, the plan that makes it so, and what must not happen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from sfactl.core import balancing_solver
from sfactl.core.balancing import Answer, Kind, Obstacle
from tests import organisation
from tests.cli import Run
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

ACCOUNTS = [f"B-{number:02}" for number in range(1, 13)]
MORE = {
    "skill": "code,name\nes,Spanish\nlabs,Laboratories\n",
    "user-skill": "user,skill,level\nnora,es,3\neve,labs,4\n",
    "member": "territory,user,role,valid_from,valid_to\nSW,nora,account_manager,2026-01-01,\nSW,eve,account_manager,2026-01-01,\n"
    "SW,mike,manager,2025-01-01,\n",
    "team-member": "team,user,role,valid_from,valid_to\nT-WEST,nora,,2025-01-01,\nT-WEST,mike,lead,2025-01-01,\n",
    "account": "code,name,territory,owner,segment,annual_revenue,hours,owned_since\n"
    + "".join(f"{code},Store {code},SW,sam,Small,{n}00000,{10 + n},2025-01-01\n" for n, code in enumerate(ACCOUNTS, 1)),
    "opportunity": "code,name,account,seller,stage,amount,close_on,created_on\n"
    "OPP-20,Shelves,B-01,sam,propose,1000,2026-07-01,2026-05-01\n",
}  # fmt: skip


@pytest.fixture
def unequal(workspace: TestWorkspace, tmp_path: Path) -> TestWorkspace:
    """The company with twelve accounts more in SW, all of them sam's, and two who could help him."""
    organisation.fill(workspace.door(), tmp_path, MORE)
    return workspace


@pytest.fixture
def unequal_file(sqlite_workspace: TestWorkspace, tmp_path: Path) -> TestWorkspace:
    """The same in a file, where a test is about what is decided and not about how it is asked."""
    organisation.fill(sqlite_workspace.door(), tmp_path, MORE)
    return sqlite_workspace


def balanced(run: Run, workspace: TestWorkspace, *words: str, as_: str = "ana") -> dict[str, Any]:
    """What a trial says."""
    done = run("territory", "balance", "SW", "--dry-run", "-o", "json", *words, workspace=workspace, as_=as_)
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def owners(workspace: TestWorkspace, like: str = "B-%") -> dict[str, str]:
    return dict(
        system_rows(
            workspace,
            "SELECT a.code, u.login FROM account AS a JOIN app_user AS u ON u.id = a.owner_id"
            f" WHERE a.code LIKE '{like}' ORDER BY a.code",
        )
    )


def test_a_territory_is_balanced_by_a_plan_that_is_applied_and_taken_back(
    unequal: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    plan = tmp_path / "sw.plan"
    before = owners(unequal, "%")

    made = sfactl("territory", "balance", "SW", "--plan", str(plan), "-o", "json", workspace=unequal)
    shown = json.loads(made.out)
    applied = sfactl("plan", "apply", str(plan), "-o", "json", workspace=unequal)
    after = owners(unequal, "%")
    run = json.loads(applied.out)["run"]
    undone = sfactl("plan", "undo", run, "--yes", workspace=unequal)
    again = sfactl("plan", "apply", str(plan), workspace=unequal)

    assert (made.code, applied.code, undone.code) == (0, 0, 0), (made.err, applied.err, undone.err)
    assert again.code == 5
    assert f"{run} was taken back already" in again.err and "puts it in force again" in again.err
    assert (shown["outside_before"], shown["outside_after"], shown["is_proven"]) == (3, 0, True)
    assert all(0.85 <= float(row["index_after"]) <= 1.15 for row in shown["people"])
    assert {row["account"]: row["after"] for row in shown["moves"]} == {
        code: owner for code, owner in after.items() if before[code] != owner
    }
    assert owners(unequal, "%") == before


def test_open_opportunities_go_along_unless_they_are_kept(unequal_file: TestWorkspace, sfactl: Run) -> None:
    sfactl("account", "need", "B-01", "es", "3", workspace=unequal_file)
    seller = "SELECT u.login FROM opportunity AS o JOIN app_user AS u ON u.id = o.credited_id WHERE o.code = 'OPP-20'"

    kept = sfactl("territory", "balance", "SW", "--yes", "--keep-opportunities", "-o", "json", workspace=unequal_file)
    stayed = system_rows(unequal_file, seller)
    sfactl("plan", "undo", json.loads(kept.out)["run"], "--yes", workspace=unequal_file)
    sfactl("territory", "balance", "SW", "--yes", workspace=unequal_file)

    assert (stayed, system_rows(unequal_file, seller)) == ([("sam",)], [("nora",)])


def test_a_team_is_its_sellers_and_what_they_own(unequal: TestWorkspace, sfactl: Run) -> None:
    done = sfactl("team", "balance", "T-WEST", "--dry-run", "-o", "json", workspace=unequal, as_="mike")
    shown = json.loads(done.out)

    assert done.code == 0, done.err
    assert [row["user"] for row in shown["people"]] == ["nora", "sam"]
    assert {row["after"] for row in shown["moves"]} == {"nora"}
    assert {row["territory"] for row in shown["moves"]} <= {"SW", "NW"}


def test_what_is_locked_held_or_excluded_stays(unequal_file: TestWorkspace, sfactl: Run) -> None:
    sfactl("assignment", "exclude", "B-02", workspace=unequal_file)
    free = balanced(sfactl, unequal_file)
    bound = balanced(sfactl, unequal_file, "--lock", "B-01", "--lock", "B-03")

    assert "B-02" not in {row["account"] for row in free["moves"]}
    assert not {"B-01", "B-02", "B-03"} & {row["account"] for row in bound["moves"]}


def test_no_more_moves_than_may(unequal_file: TestWorkspace, sfactl: Run) -> None:
    few = balanced(sfactl, unequal_file, "--most-accounts", "2")
    little = balanced(sfactl, unequal_file, "--most-revenue", "5%")

    assert few["moved"] == 2
    assert 0 < float(little["revenue_moved"]) <= 0.05
    assert float(few["spread_after"]) < float(few["spread_before"])


def test_whoever_is_required_to_know_something_does_and_what_nobody_knows_stays(
    unequal_file: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    for account, skill, level in (("B-01", "es", "3"), ("B-02", "labs", "4"), ("B-12", "labs", "5")):
        sfactl("account", "need", account, skill, level, workspace=unequal_file)
    told = {"entity": "account", "key": "B-12", "reason": "nobody who may have it knows labs at 5"}

    shown = balanced(sfactl, unequal_file)
    gone = balanced(sfactl, unequal_file, "--without", "sam")
    sfactl("territory", "balance", "SW", "--plan", str(tmp_path / "sw.plan"), workspace=unequal_file)
    plan = json.loads(sfactl("plan", "show", str(tmp_path / "sw.plan"), "-o", "json", workspace=unequal_file).out)

    gets = {row["account"]: (row["after"], row["gains"]) for row in shown["moves"]}
    assert (gets["B-01"][0], gets["B-02"][0]) == ("nora", "eve")
    assert gets["B-01"][1].startswith("sam does not know es at 3")
    assert "B-12" not in gets
    assert told in shown["left"] and told in plan["left"]
    assert plan["left_count"] == shown["left_count"] == len(shown["left"])
    without = {row["account"]: row["gains"] for row in gone["moves"]}
    assert without["B-12"].startswith(f"sam leaves; {told['reason']}")
    assert told not in gone["left"]
    assert f"Accounts that go to somebody all the same: {told['reason']}" in {row["what"] for row in gone["known"]}


def test_whoever_leaves_is_shown_with_what_he_had(unequal_file: TestWorkspace, sfactl: Run) -> None:
    shown = balanced(sfactl, unequal_file, "--without", "sam")

    sam = next(row for row in shown["people"] if row["user"] == "sam")
    assert (sam["leaves"], sam["accounts_before"], sam["accounts_after"]) == (True, 14, 0)
    assert float(sam["index_before"]) > 1 and float(sam["index_after"]) == 0
    assert [row["user"] for row in shown["people"]] == ["eve", "nora", "sam"]
    assert {row["gains"] for row in shown["moves"]} == {"sam leaves"}


def test_why_an_account_of_whoever_leaves_goes_is_that_he_does(unequal_file: TestWorkspace, sfactl: Run) -> None:
    words = ("territory", "balance", "SW", "--without", "sam", "--why", "B-01", "-o", "json")

    done = sfactl(*words, workspace=unequal_file)

    assert (done.rows[0]["decision"], done.rows[0]["why"]) == ("gets it", "sam leaves")


@pytest.mark.parametrize(
    ("asked", "limit", "remedy"),
    [
        ("--without sam", "--most-accounts 2", "--most-accounts 14"),
        ("--without sam", "--most-revenue 2.5", "--most-revenue 100"),
        ("", "--least 9", "--least 5"),
        ("", "--maximum 3", "--maximum 5"),
        ("", "--most-load 1", "--most-load 6"),
    ],
)
def test_where_a_limit_cannot_be_kept_the_nearest_that_can_is_said(
    unequal_file: TestWorkspace, sfactl: Run, asked: str, limit: str, remedy: str
) -> None:
    words = ["territory", "balance", "SW", "--dry-run", *asked.split()]

    done = sfactl(*words, *limit.split(), workspace=unequal_file)
    met = sfactl(*words, *remedy.split(), workspace=unequal_file)

    assert (done.code, met.code) == (1, 0), met.err
    assert f"This can be met: {remedy}." in done.err


def test_a_number_out_of_its_range_is_refused_with_the_range(unequal_file: TestWorkspace, sfactl: Run) -> None:
    done = sfactl("territory", "balance", "SW", "--work", "0", workspace=unequal_file)

    assert done.code == 2
    assert "--work is a whole number from 1 to 100000." in done.err


def test_every_move_says_why_the_next_best_is_not_the_one_in_the_plan_too(
    unequal_file: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    plan = tmp_path / "sw.plan"

    made = sfactl("territory", "balance", "SW", "--plan", str(plan), "-o", "json", workspace=unequal_file)
    moves = {row["account"]: row for row in json.loads(made.out)["moves"]}
    lines = json.loads(sfactl("plan", "show", str(plan), "-o", "json", workspace=unequal_file).out)["reasons"]
    shown = sfactl("plan", "show", str(plan), workspace=unequal_file)

    assert moves and all(row["against"].startswith("not ") for row in moves.values())
    assert {line["key"]: line["why"] for line in lines} == {
        code: "; ".join(filter(None, (row["gains"], row["against"]))) for code, row in moves.items()
    }
    assert "balance of work better by" in shown.out and "not " in shown.out


def test_the_plan_says_how_much_of_a_goal_might_be_given_up(
    unequal_file: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    said = []
    for name, words in (("usual", []), ("strict", ["--hold", "0"]), ("loose", ["--hold", "2.5%"])):
        plan = tmp_path / name
        sfactl("territory", "balance", "SW", "--plan", str(plan), *words, workspace=unequal_file)
        said.append(json.loads(plan.read_text(encoding="utf-8").splitlines()[0])["options"].get("hold"))

    assert said == ["0.5%", None, "2.5%"]


def test_a_balance_is_compared_with_plain_rules_that_move_no_less(unequal_file: TestWorkspace, sfactl: Run) -> None:
    done = sfactl("territory", "balance", "SW", "--compare", "-o", "json", workspace=unequal_file)

    assert done.code == 0, done.err
    assert [row["way"] for row in done.rows] == [
        "as it is", "this balance", "in turn, in each territory", "balanced with no more moves",
        "always to the least loaded", "balanced with no more moves",
    ]  # fmt: skip
    assert [row["moved"] for row in done.rows[2::2]] >= [row["moved"] for row in done.rows[3::2]]
    for plain, own in ((done.rows[2], done.rows[3]), (done.rows[4], done.rows[5])):
        is_wider = float(own["spread"]) > float(plain["spread"])
        assert own["worse_in"] == ("spread" if is_wider else "")
        assert ("spread" in own["better_in"]) == (float(own["spread"]) < float(plain["spread"]))
    assert any(row["worse_in"] for row in done.rows)


def test_what_cannot_be_is_said_with_its_reason(unequal_file: TestWorkspace, sfactl: Run) -> None:
    sfactl("user", "capacity", "sam", "--hours", "50", workspace=unequal_file)
    sfactl("user", "capacity", "nora", "--hours", "50", workspace=unequal_file)
    sfactl("user", "capacity", "eve", "--hours", "50", workspace=unequal_file)

    full = sfactl("territory", "balance", "SW", "--dry-run", workspace=unequal_file)
    many = sfactl(
        "territory", "balance", "SW", "--dry-run", "--least", "9", "--most-load", "900", workspace=unequal_file
    )
    more = sfactl("territory", "balance", "SW", "--dry-run", "--most-load", "900", workspace=unequal_file)

    assert (full.code, many.code, more.code) == (1, 1, 0)
    assert "There is no such balance" in full.err and "--most-load" in full.err
    assert "accounts" in many.err


def test_why_an_account_is_with_whom_it_is(unequal_file: TestWorkspace, sfactl: Run) -> None:
    sfactl("account", "need", "B-01", "es", "3", workspace=unequal_file)
    done = sfactl("territory", "balance", "SW", "--why", "B-01", "-o", "json", workspace=unequal_file)
    hidden = sfactl("territory", "balance", "SW", "--why", "A-NE1", workspace=unequal_file, as_="mike")
    absent = sfactl("territory", "balance", "SW", "--why", "A-XX1", workspace=unequal_file, as_="mike")

    assert [(row["user"], row["decision"]) for row in done.rows] == [
        ("nora", "gets it"), ("eve", "may not"), ("sam", "may not"),
    ]  # fmt: skip
    assert done.rows[1]["why"] == "eve does not know es at 3"
    for account, said in (("A-NW1", "it lies in NW, which is not balanced"), ("A-NO1", "nobody has it; --unowned")):
        told = sfactl("territory", "balance", "SW", "--why", account, "-o", "json", workspace=unequal_file)
        assert (told.rows[0]["decision"], said in told.rows[0]["why"]) == ("takes no part", True), told.rows
    assert hidden.code == absent.code == 3
    assert hidden.err == absent.err.replace("A-XX1", "A-NE1")


def test_scenarios_stand_side_by_side_and_change_nothing(unequal_file: TestWorkspace, sfactl: Run) -> None:
    asked = ("with=new:SW", "without=eve", "hours=nora:400", "split=SW:code starts with B", "with=mike; without=sam")
    words = [word for text in asked for word in ("--what-if", text)]
    before = owners(unequal_file)

    done = sfactl("territory", "balance", "SW", *words, "-o", "json", workspace=unequal_file)

    assert done.code == 0, done.err
    assert [(row["scenario"], row["people"]) for row in done.rows] == [
        (None, 3), ("with=new:SW", 4), ("without=eve", 2), ("hours=nora:400", 3), ("split=SW:code starts with B", 3),
        ("with=mike; without=sam", 2),
    ]  # fmt: skip
    assert done.rows[1]["load"] < done.rows[0]["load"] < done.rows[2]["load"]
    assert owners(unequal_file) == before


def test_a_scenario_says_what_it_costs(unequal_file: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("[balance]\ncost_of_person = 100000\n", encoding="utf-8")
    assert sfactl("policy", "apply", str(tmp_path), "--yes", workspace=unequal_file).code == 0
    words = [word for text in ("with=new:SW", "without=eve", "hours=nora:800") for word in ("--what-if", text)]

    done = sfactl("territory", "balance", "SW", *words, "-o", "json", workspace=unequal_file)

    assert [row["cost"] for row in done.rows] == ["0.00", "100000.00", "-100000.00", "-50000.00"]
    assert all(row["moved"] and float(row["hours_moved"]) > 0 and float(row["revenue"]) > 0 for row in done.rows)


def test_what_cannot_be_meant_is_refused(unequal_file: TestWorkspace, sfactl: Run) -> None:
    refused = {
        "--goal luck": "There is no goal luck",
        "--goal fit --goal fit": "A goal is said twice",
        "--band x": "is no percentage",
        "--most-revenue 101": "is no percentage",
        "--what-if luck=1": "is no scenario",
        "--what-if hours=sam:x": "is no scenario",
        "--what-if hours=mike:100": "mike takes no part",
        "--with new:SW": "Nobody gets accounts who is not there yet",
        "--why B-01 --yes": "it makes no plan and no file",
        "--what-if with=mike --report x.pdf": "it makes no plan and no file",
        "--hire --plan x.plan": "it makes no plan and no file",
        "--hire --goal fit": "--hire does not look at --goal",
        "--hire --most-accounts 0 --lock B-01": "--hire does not look at --most-accounts, --lock",
        "--hire --most-load 0": "Nobody could work at no load at all",
        "--what-if hours=sam:0": "leaves somebody with accounts and no hours",
        "--what-if ;": "is no scenario",
        "--with eve --without eve": "eve cannot take part and leave",
        "--report x.svg --map x.svg": "would be one file",
        "--compare --why B-01": "show different things",
        "--compare --plan x.plan": "it makes no plan and no file",
    }

    for words, said in refused.items():
        done = sfactl("territory", "balance", "SW", *words.split(), workspace=unequal_file)

        assert (done.code, said in done.err) == (2, True), (words, done.err)


def test_nobody_balances_what_he_may_not(unequal: TestWorkspace, sfactl: Run) -> None:
    seller = sfactl("territory", "balance", "SW", "--yes", workspace=unequal, as_="sam")
    elsewhere = sfactl("territory", "balance", "NE", "--yes", workspace=unequal, as_="mike")
    absent = sfactl("territory", "balance", "XX", "--yes", workspace=unequal, as_="mike")
    auditor = sfactl("team", "balance", "T-WEST", "--dry-run", workspace=unequal, as_="aldo")

    assert (seller.code, elsewhere.code, absent.code, auditor.code) == (4, 3, 3, 4)
    assert elsewhere.err == absent.err.replace("XX", "NE")


def test_a_district_manager_shares_out_only_what_he_sees(unequal: TestWorkspace, sfactl: Run) -> None:
    shown = balanced(sfactl, unequal, as_="mike")

    stranger = balanced(sfactl, unequal, "--with", "dora", as_="mike")

    assert {row["account"] for row in shown["moves"]} <= {*ACCOUNTS, "A-SW1", "A-SW2", "A-SW3"}
    assert "dora" not in {row["user"] for row in stranger["people"]}
    assert {"dora"} <= {row["key"] for row in stranger["left"]}
    assert "A-NE" not in json.dumps(shown)


def test_places_of_a_file_count_as_travel(unequal_file: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    lines = [f"{code},33.4,-112.0" for code in ACCOUNTS] + ["sam,33.4,-112.0", "nora,47.6,-122.3", "eve,33.5,-112.1"]
    file.write_text("place,latitude,longitude\n" + "\n".join(lines) + "\n", encoding="utf-8")
    bad = tmp_path / "bad.csv"
    bad.write_text("place,latitude,longitude\nsam,133.4,-112.0\n", encoding="utf-8")

    near = balanced(sfactl, unequal_file, "--places", str(file), "--goal", "travel")
    wrong = sfactl("territory", "balance", "SW", "--dry-run", "--places", str(bad), workspace=unequal_file)

    assert {row["user"]: row["travel_after"] for row in near["people"]}["nora"] == 0
    assert wrong.code == 2
    assert "is not between -90 and 90" in wrong.out


def test_where_people_are_needed(unequal_file: TestWorkspace, sfactl: Run) -> None:
    done = sfactl("territory", "balance", "WEST", "--hire", "--least", "4", "-o", "json", workspace=unequal_file)
    rows = {row["territory"]: row for row in done.rows}

    assert done.code == 0, done.err
    assert (rows["SW"]["people"], rows["NW"]["people"], rows["WEST"]["people"]) == (3, 1, 3)
    assert rows["SW"]["accounts"] == 15
    assert (rows["SW"]["needed"], rows["SW"]["missing"], rows["SW"]["most"]) == (1, -2, 3)
    assert [row["relief"] for row in done.rows] == sorted((row["relief"] for row in done.rows), reverse=True)


def test_whoever_is_needed_is_told_of_the_accounts_and_people_of_the_balance(
    unequal_file: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    organisation.fill(
        unequal_file.door(), tmp_path, {"account": "code,name,territory,segment\nU-1,Nobody's,SW,Small\n"}
    )
    asked: tuple[tuple[str, ...], ...] = ((), ("--without", "nora"), ("--with", "mike", "--unowned"))
    for words in asked:
        hire = sfactl("territory", "balance", "SW", "--hire", "-o", "json", *words, workspace=unequal_file)
        shown = balanced(sfactl, unequal_file, *words)

        top = next(row for row in hire.rows if row["territory"] == "SW")
        assert (top["people"], top["accounts"]) == (_taking_part(shown), shown["accounts"]), words


def _taking_part(shown: dict[str, Any]) -> int:
    return sum(not row["leaves"] for row in shown["people"])


def test_the_same_seed_makes_the_same_plan_whatever_the_hash_seed(unequal_file: TestWorkspace, tmp_path: Path) -> None:
    bodies = []
    for seed in ("0", "1"):
        plan = tmp_path / f"{seed}.plan"
        environment = {**os.environ, **unequal_file.environment(), "PYTHONHASHSEED": seed, "HOME": str(tmp_path)}
        words = ["territory", "balance", "SW", "--effective", "2026-12-01", "--plan", str(plan), "-q"]
        program = "import sys; from sfactl.cli import main; sys.exit(main())"
        subprocess.run([sys.executable, "-c", program, *words], env=environment, check=True, cwd=tmp_path)
        bodies.append(plan.read_bytes().partition(b"\n")[2])

    assert bodies[0] == bodies[1]
    assert bodies[0].count(b"\n") > 3


def test_odds_are_a_goal_only_where_past_sales_carry_them(
    unequal_file: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    few = sfactl("territory", "balance", "SW", "--goal", "odds", "--dry-run", workspace=unequal_file)
    rows = [
        f"OPP-{n},Sale {n},{'B-01' if n % 2 else 'B-02'},{'nora' if n % 3 else 'eve'},"
        f"{'won' if (n % 2 and n % 3) or n % 7 == 0 else 'lost'},10,2025-{n // 28 % 12 + 1:02}-{n % 28 + 1:02},2025-01-01,"
        f"2025-{n // 28 % 12 + 1:02}-{n % 28 + 1:02}"
        for n in range(100, 430)
    ]
    head = "code,name,account,seller,stage,amount,close_on,created_on,closed_on\n"
    organisation.fill(unequal_file.door(), tmp_path, {"opportunity": head + "\n".join(rows) + "\n"})
    for account in ("B-01", "B-02"):
        sfactl("account", "need", account, "es", "3", "--weight", "1", workspace=unequal_file)

    shown = balanced(sfactl, unequal_file, "--goal", "odds")

    assert few.code == 1
    assert "too few closed opportunities" in few.err
    assert shown["odds"][0]["sales"] == 332
    assert float(shown["odds"][0]["brier"]) < float(shown["odds"][0]["brier_of_base"])
    assert {row["account"]: row["after"] for row in shown["moves"]}["B-01"] == "nora"


def test_a_report_a_picture_and_a_map_are_written_beside_the_plan(
    unequal_file: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    file = tmp_path / "places.csv"
    file.write_text(
        "place,latitude,longitude\n" + "".join(f"{code},33.{n},-112.{n}\n" for n, code in enumerate(ACCOUNTS, 10)),
        encoding="utf-8",
    )
    paths = {name: tmp_path / name for name in ("loads.svg", "map.svg", "sw.md", "sw.html", "sw.odd")}
    words = ["territory", "balance", "SW", "--dry-run", "--places", str(file), "-q"]

    drawn = sfactl(*words, "--report", str(paths["loads.svg"]), "--map", str(paths["map.svg"]), workspace=unequal_file)
    written = sfactl(*words, "--report", str(paths["sw.md"]), workspace=unequal_file)
    page = sfactl(*words, "--report", str(paths["sw.html"]), workspace=unequal_file)
    again = sfactl(*words, "--report", str(paths["sw.md"]), workspace=unequal_file)
    odd = sfactl(*words, "--report", str(paths["sw.odd"]), workspace=unequal_file)

    assert [each.code for each in (drawn, written, page, again, odd)] == [0, 0, 0, 5, 2]
    loads, places = (ElementTree.parse(paths[name]).getroot() for name in ("loads.svg", "map.svg"))
    texts = [each.text for each in loads.iter("{http://www.w3.org/2000/svg}text")]
    assert {"eve", "nora", "sam"} <= set(texts)
    assert len(list(places.iter("{http://www.w3.org/2000/svg}path"))) == len(ACCOUNTS) + 3
    told = paths["sw.md"].read_text(encoding="utf-8")
    assert "B-01" in told
    assert "To be known" in told and "People without a place: no travel counts for them" in told
    assert (
        "Total: Hours a year 252, After 252," in told
    )  # eleven to 22 of the twelve, and 18 of each of the three others
    assert paths["sw.html"].read_text(encoding="utf-8").count("<svg") == 2


def test_an_interrupted_search_says_the_best_so_far_and_applies_nothing(
    unequal_file: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sfactl.services import balancing

    decide = balancing.decide

    def interrupted(*given: Any, is_cancelled: Callable[[], bool], **others: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        assert is_cancelled()
        return decide(*given, is_cancelled=lambda: False, **others)

    monkeypatch.setattr(balancing, "decide", interrupted)
    before, ignored = owners(unequal_file), signal.signal(signal.SIGINT, signal.default_int_handler)

    tried = sfactl("territory", "balance", "SW", "--dry-run", workspace=unequal_file)
    agreed = sfactl("territory", "balance", "SW", "--yes", workspace=unequal_file)
    signal.signal(signal.SIGINT, ignored)

    assert (tried.code, agreed.code) == (0, 130)
    assert "this is the best so far" in tried.err
    assert "Stopped: nothing was changed." in agreed.err
    assert owners(unequal_file) == before


def test_a_search_that_is_interrupted_before_it_found_anything_says_nothing_about_what_can_be(
    unequal_file: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = Answer({}, obstacles=(Obstacle(Kind.NOT_FOUND, "nothing was found"),), was_cancelled=True)
    monkeypatch.setattr(balancing_solver, "solve", lambda *_given, **_options: nothing)

    done = sfactl("territory", "balance", "SW", "--dry-run", workspace=unequal_file)

    said = "Stopped before anything was found; nothing was changed."
    assert (done.code, done.out, done.err.strip()) == (130, "", said)


def test_what_changed_hands_meanwhile_is_left_alone(
    unequal_file: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sfactl.services import balancing

    decide = balancing.decide

    def overtaken(*given: Any, **others: Any) -> Any:
        found = decide(*given, **others)
        moved.append(next(move.account for move in found.answer.moves if move.after == "nora"))
        with monkeypatch.context() as patch:
            patch.setattr(balancing, "decide", decide)
            sfactl(
                "assignment", "move", "--to", "eve", "--where", f"code = {moved[0]}", "--yes", workspace=unequal_file
            )
        return found

    moved: list[str] = []
    monkeypatch.setattr(balancing, "decide", overtaken)
    done = sfactl("territory", "balance", "SW", "--lock", "A-SW3", "--yes", workspace=unequal_file)

    assert done.code == 0, done.err
    assert owners(unequal_file, "%")[moved[0]] == "eve"


def test_the_policy_says_goals_band_and_ramp_and_the_command_line_goes_before_it(
    unequal_file: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    (tmp_path / "rules.toml").write_text(
        '[capacity]\nhours = 1000\nramp = [50]\n[balance]\ngoals = ["balance=accounts"]\nband = 30\nleast_accounts = 3\n',
        encoding="utf-8",
    )
    (tmp_path / "users.csv").write_text("login,name,hired_on\nnora,Nora Person,2026-05-04\n", encoding="utf-8")
    assert sfactl("policy", "apply", str(tmp_path), "--yes", workspace=unequal_file).code == 0
    assert sfactl("import", "user", str(tmp_path / "users.csv"), workspace=unequal_file).code == 0

    shown = balanced(sfactl, unequal_file)
    said = balanced(sfactl, unequal_file, "--goal", "balance=revenue", "--band", "7.5")

    assert (shown["measure"], shown["band"], said["measure"], said["band"]) == (
        "accounts",
        "0.3000",
        "revenue",
        "0.0750",
    )
    hours = {row["user"]: row["hours"] for row in shown["people"]}
    assert float(hours["nora"]) < float(hours["eve"]) / 1.9
    assert min(row["accounts_after"] for row in shown["people"]) >= 3


def related(workspace: TestWorkspace, folder: Path) -> None:
    """Make the first four accounts a family."""
    rows = "".join(f"{code},Store {code},B-01\n" for code in ACCOUNTS[1:4])
    organisation.fill(workspace.door(), folder, {"account": "code,name,parent\n" + rows})


def test_a_family_stays_together_and_its_needs_are_those_of_each(
    unequal_file: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    related(unequal_file, tmp_path)
    sfactl("account", "need", "B-03", "es", "3", workspace=unequal_file)

    shown = balanced(sfactl, unequal_file)
    why = sfactl("territory", "balance", "SW", "--why", "B-02", "-o", "json", workspace=unequal_file)

    gets = {row["account"]: (row["after"], row["gains"]) for row in shown["moves"]}
    assert {gets[code][0] for code in ACCOUNTS[:4]} == {"nora"}
    assert gets["B-02"][1].startswith("B-03 of its family: sam does not know es at 3")
    assert {row["why"] for row in why.rows[1:]} == {
        "B-03 of its family: eve does not know es at 3", "B-03 of its family: sam does not know es at 3",
    }  # fmt: skip


def test_whoever_locks_one_of_a_family_locks_all_of_it_and_is_told(
    unequal_file: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    related(unequal_file, tmp_path)

    shown = balanced(sfactl, unequal_file, "--lock", "B-02")
    why = sfactl("territory", "balance", "SW", "--lock", "B-02", "--why", "B-04", "-o", "json", workspace=unequal_file)

    assert not {*ACCOUNTS[:4]} & {row["account"] for row in shown["moves"]}
    known = {row["what"]: (row["count"], row["names"]) for row in shown["known"]}
    assert known["Accounts that stay: it is locked"] == (1, "B-02")
    assert known["Accounts that stay: B-02 of its family stays: it is locked"] == (3, "B-01, B-03, B-04")
    assert why.rows[0]["why"] == "B-02 of its family stays: it is locked"


def test_a_lock_holds_also_a_family_that_nobody_may_have_as_a_whole(
    unequal_file: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    related(unequal_file, tmp_path)
    for account, skill in (("B-03", "es"), ("B-04", "labs")):
        sfactl("account", "need", account, skill, "3", workspace=unequal_file)

    free = balanced(sfactl, unequal_file)
    held = balanced(sfactl, unequal_file, "--lock", "B-02")

    gets = {row["account"]: row["after"] for row in free["moves"]}
    assert (gets["B-03"], gets["B-04"]) == ("nora", "eve")
    assert not {*ACCOUNTS[:4]} & {row["account"] for row in held["moves"]}
    assert {"B-02 of its family stays: it is locked", "it is locked"} <= {
        row["what"].removeprefix("Accounts that stay: ") for row in held["known"]
    }


def test_accounts_that_take_no_part_are_counted_by_the_reason(unequal_file: TestWorkspace, sfactl: Run) -> None:
    sfactl("assignment", "move", "--to", "mike", "--where", "code in B-01, B-02", "--yes", workspace=unequal_file)

    shown = balanced(sfactl, unequal_file)
    few = balanced(sfactl, unequal_file, "--where", "code = B-01 or code = B-03")
    all_ = json.loads(sfactl("territory", "balance", "--dry-run", "-o", "json", workspace=unequal_file).out)

    told = {"what": "Accounts left alone: mike has it, who takes no part", "count": 2, "names": "B-01, B-02"}
    assert told in shown["known"]
    assert [row["key"] for row in shown["left"]] == ["B-01", "B-02"]
    assert shown["left_count"] == 2
    assert [row["key"] for row in few["left"]] == ["B-01"]
    nobodys = {"entity": "account", "key": "A-NO1", "reason": "nobody has it; --unowned shares such accounts out, too"}
    assert nobodys in all_["left"]
    assert all_["accounts"] + sum(row["entity"] == "account" for row in all_["left"]) == 19


def test_what_was_given_up_is_said_where_the_best_is_proven(unequal_file: TestWorkspace, sfactl: Run) -> None:
    for account, skill in (("B-01", "es"), ("B-02", "es")):
        sfactl("account", "need", account, skill, "3", "--weight", "1", workspace=unequal_file)

    shown = balanced(sfactl, unequal_file, "--goal", "fit", "--goal", "disruption", "--hold", "50")
    whole = balanced(sfactl, unequal_file, "--goal", "fit", "--goal", "disruption", "--hold", "0")

    fit = shown["goals"][0]
    assert (fit["after"], fit["bound"], fit["given"], fit["gap"]) == ("0.5000", "1.0000", "0.5000", "0.0000")
    assert (shown["is_proven"], shown["given_up"], shown["gap"]) == (True, "0.5000", "0.0000")
    assert shown["proof"] == "best is proven but for 50.00 percent given up for later goals"
    assert (whole["given_up"], whole["proof"]) == ("0.0000", "best is proven")


def test_what_nobody_knows_is_why_an_account_is_with_nobody_else(unequal_file: TestWorkspace, sfactl: Run) -> None:
    sfactl("account", "need", "B-12", "labs", "5", workspace=unequal_file)

    done = sfactl("territory", "balance", "SW", "--why", "B-12", "-o", "json", workspace=unequal_file)
    locked = sfactl(
        "territory", "balance", "SW", "--lock", "B-01", "--why", "B-01", "-o", "json", workspace=unequal_file
    )

    reason = "nobody who may have it knows labs at 5"
    assert [row["why"] for row in done.rows] == [reason, f"B-12 stays: {reason}", f"B-12 stays: {reason}"]
    assert [row["why"] for row in locked.rows] == ["it is locked", *["B-01 stays: it is locked"] * 2]


def test_revenue_is_said_to_be_the_customers_annual_revenue(unequal_file: TestWorkspace, sfactl: Run) -> None:
    words = ("--goal", "balance=revenue", "--goal", "disruption=revenue", "--dry-run")

    shown = sfactl("territory", "balance", "SW", *words, workspace=unequal_file)

    assert "Share of annual revenue that moves" in shown.out
    assert "balance of annual revenue" in shown.out and "annual revenue that moves" in shown.out
    assert "balance of revenue" not in shown.out and "\nRevenue that moves" not in shown.out


def test_what_was_booked_in_twelve_months_is_balanced_when_that_is_asked_for(
    unequal_file: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    rows = "".join(
        f"O-9{n},{code},sam,SW,{day},direct,{amount}.00,0.00,0.00\n"
        for n, (code, day, amount) in enumerate(
            [("B-01", "2026-05-01", 900), ("B-02", "2026-02-01", 900), ("B-03", "2026-03-01", 900), ("B-04", "2024-01-01", 9999)]
        )
    )  # fmt: skip
    head = organisation.FILES["order"].strip().splitlines()[0]
    organisation.fill(unequal_file.door(), tmp_path, {"order": f"{head}\n{rows}"})

    shown = balanced(sfactl, unequal_file, "--goal", "balance=booked")

    after = dict.fromkeys(ACCOUNTS, "sam") | {row["account"]: row["after"] for row in shown["moves"]}
    goal = shown["goals"][0]
    assert (shown["measure"], goal["name"]) == ("booked", "balance of revenue booked in 12 months")
    assert {after[code] for code in ACCOUNTS[:3]} == {"eve", "nora", "sam"}
    assert float(goal["before"]) > float(goal["after"])


def test_an_account_is_not_locked_with_somebody_who_leaves(unequal_file: TestWorkspace, sfactl: Run) -> None:
    words = ("--dry-run", "--lock", "B-02", "--without", "sam")

    done = sfactl("territory", "balance", "SW", *words, workspace=unequal_file)

    assert (done.code, done.out) == (2, "")
    assert "B-02 cannot stay with sam, who leaves." in done.err
    assert "Leave out --lock B-02, or --without sam." in done.err


def test_a_divided_family_is_put_together_when_that_is_asked_for(
    unequal_file: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    related(unequal_file, tmp_path)
    sfactl("assignment", "move", "--to", "eve", "--where", "code = B-02", "--yes", workspace=unequal_file)
    before = owners(unequal_file)

    apart = balanced(sfactl, unequal_file, "--most-accounts", "0")
    whole = balanced(sfactl, unequal_file, "--together")

    told = [row for row in apart["known"] if "--together puts them together" in row["what"]]
    assert [row["count"] for row in told] == [1]
    after = before | {row["account"]: row["after"] for row in whole["moves"]}
    assert len({after[code] for code in ACCOUNTS[:4]}) == 1
