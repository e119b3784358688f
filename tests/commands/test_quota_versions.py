"""Quotas over time: no version is written over, and each can be looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfactl.config import policy
from tests.cli import Run
from tests.db.company import system
from tests.organisation import fill
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

RULES = "[seasonality.year-end]\nweights = [20, 20, 20, 40]\n[ramp.new]\nmonths = [50, 50, 75, 75]\n"


def apply_policy(workspace: TestWorkspace, folder: Path, quotas: str = RULES) -> None:
    """Put a policy in force that differs from the shipped one in what it says of quotas."""
    texts = dict(policy.default().files) | {"quotas.toml": quotas}
    from sfactl.services import policies

    workspace.door().write(policies.apply, policy.from_texts(texts))


def quotas_of(sfactl: Run, workspace: TestWorkspace, *words: str, as_: str = "ana") -> list[tuple[str, str]]:
    rows = sfactl("quota", "list", "-u", "sam", "-o", "json", *words, workspace=workspace, as_=as_).rows
    return [(row["starts_on"], row["amount"]) for row in rows]


def test_each_change_is_a_version_and_none_is_written_over(workspace: TestWorkspace, sfactl: Run) -> None:
    before = quotas_of(sfactl, workspace)
    set_ = ("quota", "set", "-u", "sam", "-p", "2026Q2", "--amount", "5000", "-o", "json")

    first = sfactl(*set_, "--reason", "grown", workspace=workspace).rows[0]
    again = sfactl(*set_, workspace=workspace).rows[0]

    assert first["load"] == again["load"], "what is so already is no new version"
    assert quotas_of(sfactl, workspace) == [("2026-04-01", "5000.00"), ("2026-01-01", "1000.00")]
    assert quotas_of(sfactl, workspace, "--version", "1") == before
    assert quotas_of(sfactl, workspace, "--as-of", "2026-05-19") == before
    assert quotas_of(sfactl, workspace, "--as-of", "2026-05-20", as_="sam")[0] == ("2026-04-01", "5000.00")
    rows = system_rows(workspace, "SELECT kind, reason FROM quota_load ORDER BY id")
    assert rows == [("import", None), ("set", "grown")]


def test_the_quotas_of_the_first_load_were_known_from_the_beginning(workspace: TestWorkspace, sfactl: Run) -> None:
    assert quotas_of(sfactl, workspace, "--as-of", "2020-01-01") == quotas_of(sfactl, workspace)
    assert sfactl("quota", "list", "--as-of", "2020-01-01", "--version", "1", workspace=workspace).code == 2


def test_a_file_ends_what_it_changes_and_leaves_the_rest(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    text = "user,territory,measure,starts_on,ends_on,amount\nsam,SW,revenue,2026-04-01,2026-07-01,4500\n" + (
        "nora,NW,revenue,2026-01-01,2026-04-01,2000\nnora,NW,units,2026-01-01,2026-04-01,12\n"
    )

    fill(workspace.door(), tmp_path, {"quota": text})

    rows = system_rows(
        workspace,
        "SELECT u.login, q.measure, q.amount_minor, q.currency, q.load_id, q.replaced_by FROM quota AS q"
        " JOIN app_user AS u ON u.id = q.user_id WHERE q.load_id = 2 OR q.replaced_by = 2 ORDER BY q.id",
    )
    assert rows == [
        ("sam", "revenue", 400000, "USD", 1, 2), ("sam", "revenue", 450000, "USD", 2, None),
        ("nora", "units", 12, "XXX", 2, None),
    ]  # fmt: skip
    exported = sfactl("export", "quota", "-o", "csv", workspace=workspace).out
    assert exported.count("\n") == 7
    again = tmp_path / "again"
    again.mkdir()
    fill(workspace.door(), again, {"quota": exported})
    assert system_rows(workspace, "SELECT count(*) FROM quota_load") == [(2,)], "an export comes in again unchanged"


def test_a_team_has_a_quota_of_its_own(workspace: TestWorkspace, sfactl: Run) -> None:
    team = ("quota", "set", "--team", "T-WEST", "-p", "2026Q2", "-o", "json")

    row = sfactl(*team, "--amount", "7000", workspace=workspace).rows[0]

    assert (row["team"], row["name"], row["user"], row["territory"]) == ("T-WEST", "Western team", None, "WEST")
    assert sfactl(*team, "-u", "sam", "--amount", "1", workspace=workspace).code == 2
    listed = sfactl("quota", "list", "--team", "T-WEST", "-o", "json", workspace=workspace).rows
    assert [found["amount"] for found in listed] == ["7000.00"]


def test_what_is_counted_has_no_currency(workspace: TestWorkspace, sfactl: Run) -> None:
    words = ("quota", "set", "-u", "sam", "-p", "2026Q2", "--measure", "won_count", "-o", "json")

    row = sfactl(*words, "--amount", "12", workspace=workspace).rows[0]

    assert (row["amount"], row["currency"]) == ("12", "XXX")
    assert sfactl(*words, "--amount", "1.5", workspace=workspace).code == 2
    assert sfactl(*words[:-3], "wins", "--amount", "1", workspace=workspace).code == 2


def test_a_quota_names_the_curve_and_the_ramp_of_the_policy(
    workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    words = ("quota", "set", "-u", "sam", "-p", "FY2027", "--amount", "100", "--seasonality", "year-end", "-o", "json")
    unknown = sfactl(*words, workspace=workspace)
    apply_policy(workspace, tmp_path)

    row = sfactl(*words, "--ramp", "new", "--active-from", "2027-03-01", workspace=workspace).rows[0]

    assert (unknown.code, unknown.out) == (2, "")
    assert (row["seasonality"], row["ramp"], row["active_from"]) == ("year-end", "new", "2027-03-01")
    kept = tmp_path / "policy"
    kept.mkdir()
    refused = sfactl("policy", "apply", str(kept), "--yes", workspace=workspace)
    assert refused.code == 2
    assert "year-end" in refused.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[seasonality.x]\nweights = [20, 20, 20, 41]\n", "come to 100"),
        ("[seasonality.x]\nweights = [50, 25, 25]\n", "2, 4 or 12"),
        ("[ramp.x]\nmonths = [50, 120]\n", "quotas.toml:2:"),
        ("[pace]\ndays = \"all\"\n", "quotas.toml:2:"),
        ("[pace]\nweekend = [\"monday\", \"tuesday\", \"wednesday\", \"thursday\", \"friday\", \"saturday\", \"sunday\"]\n", "no weekend"),
    ],
)  # fmt: skip
def test_a_wrong_policy_of_quotas_is_refused_with_its_place(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "quotas.toml").write_text(text)

    refused = sfactl("policy", "diff", str(tmp_path), workspace=sqlite_workspace)

    assert refused.code == 2
    assert said in refused.err


def test_a_policy_of_quotas_is_compared_by_what_it_says(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    (tmp_path / "quotas.toml").write_text('[pace]\ndays = "business"\nholidays = [2026-12-25]\n')

    rows = sfactl("policy", "diff", str(tmp_path), "-o", "json", workspace=sqlite_workspace).rows

    assert [(row["what"], row["name"], row["now"], row["then"]) for row in rows] == [
        ("pace", "days", "calendar", "business"), ("pace", "holidays", "[]", '["2026-12-25"]'),
    ]  # fmt: skip


def test_a_quota_of_another_day_than_its_load_is_found(workspace: TestWorkspace, sfactl: Run) -> None:
    sfactl("quota", "set", "-u", "sam", "-p", "2026Q2", "--amount", "5000", workspace=workspace)
    assert sfactl("db", "check", workspace=workspace).code == 0

    with system(workspace) as run:
        run("UPDATE quota SET replaced_on = '2026-01-01' WHERE replaced_by = 2")
        run("UPDATE quota SET loaded_on = '2026-01-01' WHERE load_id = 2")

    found = sfactl("db", "check", "-o", "json", workspace=workspace)
    assert found.code == 1
    assert [row["check"] for row in found.rows] == ["quota", "quota"]
