"""Assignment rules in the policy: put in force, compared, listed and explained; accounts that they leave alone; capacities."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import organisation
from tests.cli import Result, Run
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

RULES = """
[capacity]
hours = 1600

[[rule]]
code = "arizona-large"
step = 1
territory = "Southwest"
owner = "sam"
when = { city = ["Phoenix", "Tucson"], segment = "large" }

[[rule]]
code = "food"
step = 2
territory = "NW"
where = "industry = Food or name contains drizzle"

[[rule]]
code = "small"
step = 2
territory = "NE"
owner = "eve"
when = { segment = "Small", annual_revenue = { to = 3000000 } }
"""


def folder(path: Path, rules: str = RULES) -> str:
    """A policy that says nothing but these rules."""
    path.mkdir(exist_ok=True)
    (path / "rules.toml").write_text(rules, encoding="utf-8")
    return str(path)


@pytest.fixture
def apply(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> Run:
    """Put rules in force."""

    def run(rules: str = RULES) -> Result:
        return sfactl("policy", "apply", folder(tmp_path / "policy", rules), "--yes", workspace=workspace)

    return run


def test_a_policy_brings_its_rules(workspace: TestWorkspace, sfactl: Run, apply: Run) -> None:
    done = apply()

    assert done.code == 0, done.err
    rows = sfactl("assignment", "rules", "list", "-o", "json", workspace=workspace).rows
    assert [(row["step"], row["code"], row["territory"], row["owner"], row["condition"]) for row in rows] == [
        (1, "arizona-large", "SW", "sam", "city in Phoenix, Tucson and segment = large"),
        (2, "food", "NW", None, "industry = Food or name contains drizzle"),
        (2, "small", "NE", "eve", "segment = Small and annual_revenue < 3000000"),
    ]
    assert apply().out == apply().out
    assert system_rows(workspace, "SELECT count(*) FROM assignment_rule") == [(3,)]


def test_diff_shows_rules_mail_work_and_capacity(
    workspace: TestWorkspace, sfactl: Run, apply: Run, tmp_path: Path
) -> None:
    assert apply().code == 0
    changed = (
        RULES.replace("hours = 1600", "hours = 1200\naccounts = 80")
        .replace('owner = "sam"', 'owner = "nora"')
        .replace('code = "small"', 'code = "tiny"')
        + "[notify]\nmoves = true\n[workload.segment.Large]\ncalls = 24\n"
    )

    rows = sfactl("policy", "diff", folder(tmp_path / "new", changed), "-o", "json", workspace=workspace).rows

    assert {(row["what"], row["name"]): (row["now"], row["then"]) for row in rows} == {
        ("rule", "arizona-large"): (
            "1: SW sam: city in Phoenix, Tucson and segment = large", "1: SW nora: city in Phoenix, Tucson and segment = large"
        ),
        ("rule", "small"): ("2: NE eve: segment = Small and annual_revenue < 3000000", None),
        ("rule", "tiny"): (None, "2: NE eve: segment = Small and annual_revenue < 3000000"),
        ("capacity", "hours"): ("1600", "1200"),
        ("capacity", "accounts"): (None, "80"),
        ("notify", "moves"): ("false", "true"),
        ("workload", "segment.Large.calls"): (None, "24"),
        ("workload", "segment.Large.duration"): (None, "1"),
        ("workload", "segment.Large.travel"): (None, "0.5"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "place", "what"),
    [
        ('"Southwest"', '"Nowhere"', "rules.toml:8:1", "There is no territory Nowhere."),
        ('owner = "sam"', 'owner = "zoe"', "rules.toml:9:1", "There is no user zoe."),
        ("city = [", "town = [", "rules.toml:10:10", "there is no field town"),
        ("city = [", "owner = [", "rules.toml:10:10", "A rule cannot look at owner"),
        (
            "industry = Food or",
            "industry = Food oder",
            "rules.toml:16:1",
            "character 17: expected `and`, `or` or the end",
        ),
        ("{ to = 3000000 }", "{ upto = 3000000 }", "rules.toml:23:29", "annual_revenue"),
        ("{ to = 3000000 }", '"much"', "rules.toml:23:29", "a number"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_place(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path, old: str, new: str, place: str, what: str
) -> None:
    path = folder(tmp_path / "policy", RULES.replace(old, new, 1))

    result = sfactl("policy", "apply", path, "--yes", workspace=sqlite_workspace)

    assert result.code == 2
    assert place in result.err
    assert what in result.err
    assert system_rows(sqlite_workspace, "SELECT count(*) FROM assignment_rule") == [(0,)]


def test_why_shows_the_rule_that_won_and_those_that_lost(workspace: TestWorkspace, sfactl: Run, apply: Run) -> None:
    assert apply().code == 0

    large = sfactl("assignment", "rules", "why", "A-SW1", "-o", "json", workspace=workspace).rows
    food = sfactl("assignment", "rules", "why", "A-SW2", "-o", "json", workspace=workspace).rows

    assert [(row["rule"], row["outcome"], row["reason"]) for row in large] == [
        ("arizona-large", "won", "the first that matches"),
        ("food", "no match", "not so: industry = Food or name contains drizzle"),
        ("small", "no match", "not so: segment = Small"),
    ]
    assert [(row["rule"], row["outcome"], row["reason"]) for row in food] == [
        ("arizona-large", "no match", "not so: segment = large"),
        ("food", "tied", "claimed with the same priority by small"),
        ("small", "tied", "claimed with the same priority by food"),
    ]


def test_an_excluded_account_is_listed_explained_and_taken_in_again(
    workspace: TestWorkspace, sfactl: Run, apply: Run
) -> None:
    assert apply().code == 0
    for words in (("A-SW2", "--territory", "WEST", "--reason", "key account"), ("A-SW1",), ("A-SW1",)):
        assert sfactl("assignment", "exclude", *words, workspace=workspace).code == 0

    rows = sfactl("assignment", "exclusions", "-o", "json", workspace=workspace).rows
    why = sfactl("assignment", "rules", "why", "A-SW2", "-o", "json", workspace=workspace).rows

    assert [(row["account"], row["territory"], row["reason"]) for row in rows] == [
        ("A-SW1", None, None), ("A-SW2", "WEST", "key account"),
    ]  # fmt: skip
    assert [row["outcome"] for row in why] == ["no match", "excluded", "won"]
    trail = sfactl("audit", "list", "-o", "json", workspace=workspace).rows
    assert [row["key"] for row in trail if row["action"] == "exclude"] == ["A-SW1", "A-SW2"]
    assert sfactl("assignment", "include", "A-SW2", workspace=workspace).code == 0
    assert sfactl("assignment", "include", "A-SW2", workspace=workspace).code == 3
    assert sfactl("assignment", "exclude", "A-SW1", workspace=workspace, as_="sam").code == 4
    assert sfactl("assignment", "exclude", "A-NE1", workspace=workspace, as_="mike").code == 3


def test_a_person_has_the_policys_capacity_until_his_own_is_said(workspace: TestWorkspace, sfactl: Run) -> None:
    before = sfactl("user", "capacity", "sam", "-o", "json", workspace=workspace).rows[0]
    own = sfactl(
        "user", "capacity", "sam", "--accounts", "40", "--hours", "108", "-o", "json", workspace=workspace
    ).rows[0]
    more = sfactl("user", "capacity", "sam", "--hours", "54", "-o", "json", workspace=workspace).rows[0]
    shown = sfactl("user", "show", "sam", "-o", "json", workspace=workspace)
    after = sfactl("user", "capacity", "sam", "--default", "-o", "json", workspace=workspace).rows[0]

    assert before == {
        "login": "sam", "accounts": 3, "most_accounts": None, "work": "54", "hours": 1600, "load": "0.0338", "own": False,
    }  # fmt: skip
    assert (own["most_accounts"], own["load"], own["own"]) == (40, "0.5000", True)
    assert (more["most_accounts"], more["load"]) == (40, "1.0000")
    assert '"capacity"' in shown.out
    assert after == before
    assert sfactl("user", "capacity", "sam", "--default", "--hours", "5", workspace=workspace).code == 2
    assert sfactl("user", "capacity", "sam", "--hours", "5", workspace=workspace, as_="mike").code == 4
    assert system_rows(workspace, "SELECT count(*) FROM capacity") == [(0,)]


def test_a_run_is_shown_first_then_made_and_can_be_taken_back(
    workspace: TestWorkspace, sfactl: Run, apply: Run, tmp_path: Path
) -> None:
    assert apply().code == 0
    before = system_rows(workspace, PLACES)
    words = ("assignment", "rules", "run", "--over", "import", "--where", "not code = A-SW2", "-o", "json")

    trial = sfactl(*words, "--dry-run", workspace=workspace)
    planned = sfactl(*words, "--plan", str(tmp_path / "rules.plan"), workspace=workspace)
    assert (trial.code, planned.code) == (0, 0), trial.err + planned.err
    assert system_rows(workspace, PLACES) == before
    done = sfactl(*words, "--yes", "--reason", "new year", workspace=workspace)
    late = sfactl("plan", "apply", str(tmp_path / "rules.plan"), workspace=workspace)

    assert done.code == 0, done.err
    assert "Rules: 1 placed, 0 no longer claimed, 2 as they were, 0 in conflict." in done.err
    assert late.code == 5
    placed = {row[0]: row[1:] for row in system_rows(workspace, PLACES)}
    assert placed["A-NO1"] == ("nora", "NW", "food")
    run = json.loads(done.out)["run"]
    assert sfactl("plan", "undo", run, "--yes", workspace=workspace).code == 0
    assert system_rows(workspace, PLACES) == before


def test_only_rules_and_imports_are_replaced(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    result = sfactl("assignment", "rules", "run", "--over", "manual", "--yes", workspace=sqlite_workspace)

    assert result.code == 2
    assert "import, distribution, leaver, territory" in result.err


def test_accounts_are_distributed_by_command(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    organisation.fill(workspace.door(), tmp_path, {"account": "code,name,territory\nN-1,New one,SW\n"})

    result = sfactl("assignment", "distribute", "--to", "sam", "--yes", "-o", "json", workspace=workspace)

    assert result.code == 0, result.err
    assert ("N-1", "sam", "SW", None) in system_rows(workspace, PLACES)
    assert sfactl("assignment", "distribute", "--yes", workspace=workspace, as_="sam").code == 4


PLACES = (
    "SELECT a.code, u.login, t.code, h.rule FROM account a JOIN territory t ON t.id = a.territory_id LEFT JOIN app_user u"
    " ON u.id = a.owner_id LEFT JOIN assignment h ON h.account_id = a.id AND h.valid_to IS NULL ORDER BY a.code"
)


def test_an_account_that_is_excluded_after_the_plan_keeps_it_from_being_applied(
    workspace: TestWorkspace, sfactl: Run, apply: Run, tmp_path: Path
) -> None:
    assert apply().code == 0
    file = tmp_path / "rules.plan"
    made = sfactl("assignment", "rules", "run", "--over", "import", "--plan", str(file), workspace=workspace)
    assert made.code == 0, made.err
    first = next(line for line in file.read_text().splitlines()[1:] if '"entity":"account"' in line)
    code = first.split('"key":"')[1].split('"')[0]
    assert sfactl("assignment", "exclude", code, workspace=workspace).code == 0

    result = sfactl("plan", "apply", str(file), "-o", "json", workspace=workspace)

    assert result.code == 5
    assert [row["key"] for row in result.rows] == [code]
