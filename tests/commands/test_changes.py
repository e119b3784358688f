"""Commands that change something: what they write, what they refuse, and the trail they leave."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfactl.config import policy
from tests.cli import Run
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")


def _trail(workspace: TestWorkspace) -> list[tuple[object, ...]]:
    return system_rows(
        workspace, "SELECT action, entity, key FROM audit_event JOIN audit_detail USING (seq) ORDER BY seq"
    )


def test_setting_a_quota_replaces_the_one_that_begins_that_day(workspace: TestWorkspace, sfactl: Run) -> None:
    before = len(_trail(workspace))

    first = sfactl("quota", "set", "-u", "sam", "-p", "2026Q3", "--amount", "5000", "-o", "json", workspace=workspace)
    second = sfactl(
        "quota", "set", "-u", "sam", "-p", "2026Q3", "--amount", "6000.50", "-o", "json", workspace=workspace
    )

    assert first.rows[0]["amount"] == "5000.00"
    assert second.rows[0]["amount"] == "6000.50"
    rows = system_rows(
        workspace, "SELECT amount_minor FROM quota WHERE starts_on = '2026-07-01' AND replaced_by IS NULL"
    )
    assert [row[0] for row in rows] == [600050]
    assert _trail(workspace)[before:] == [("set", "quota", "sam"), ("set", "quota", "sam")]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("-u", "sam", "--amount", "NaN"), 2), (("-u", "sam", "--amount", "1_000"), 2),
        (("-u", "sam", "--amount", "-5"), 2), (("--amount", "5"), 2),
        (("-u", "sam", "-t", "SW", "--amount", "5"), 2), (("-u", "nobody", "--amount", "5"), 3),
    ],
)  # fmt: skip
def test_a_quota_that_makes_no_sense_is_refused(
    workspace: TestWorkspace, sfactl: Run, words: tuple[str, ...], code: int
) -> None:
    before = _trail(workspace)

    result = sfactl("quota", "set", "-p", "2026Q3", *words, workspace=workspace)

    assert result.code == code
    assert result.err.startswith("sfactl: ")
    assert _trail(workspace) == before


def test_an_account_manager_may_not_set_quotas(workspace: TestWorkspace, sfactl: Run) -> None:
    result = sfactl("quota", "set", "-u", "sam", "-p", "2026Q3", "--amount", "1", workspace=workspace, as_="sam")

    assert result.code == 4
    assert system_rows(workspace, "SELECT count(*) FROM quota WHERE starts_on = '2026-07-01'") == [(0,)]


def test_a_manager_sets_quotas_below_him_only(workspace: TestWorkspace, sfactl: Run) -> None:
    own = sfactl("quota", "set", "-u", "sam", "-p", "2026Q3", "--amount", "1", workspace=workspace, as_="mike")
    other = sfactl("quota", "set", "-u", "eve", "-p", "2026Q3", "--amount", "1", workspace=workspace, as_="mike")

    assert own.code == 0
    assert other.code == 3
    rows = system_rows(
        workspace, "SELECT u.login FROM quota q JOIN app_user u ON u.id = q.user_id WHERE q.starts_on = '2026-07-01'"
    )
    assert rows == [("sam",)]


def test_a_person_is_added_mapped_and_deactivated(workspace: TestWorkspace, sfactl: Run) -> None:
    added = sfactl("user", "add", "zoe", "--name", "Zoë Zimmer", "--role", "auditor", workspace=workspace)
    mapped = sfactl("user", "map", "zoe", "zz", workspace=workspace)
    row = sfactl("user", "show", "zoe", "-o", "json", workspace=workspace)
    gone = sfactl("user", "deactivate", "zoe", "--yes", workspace=workspace)

    assert (added.code, mapped.code, gone.code) == (0, 0, 0)
    assert '"roles": "auditor"' in row.out or '"auditor"' in row.out
    kind = "os" if workspace.is_sqlite else "postgresql"
    assert system_rows(workspace, "SELECT kind FROM user_identity WHERE name = 'zz'") == [(kind,)]
    logins = {row["login"] for row in sfactl("user", "list", "-o", "json", workspace=workspace).rows}
    assert "zoe" not in logins
    assert _trail(workspace)[-4:] == [
        ("create", "user", "zoe"), ("grant", "user", "zoe"), ("map", "user", "zoe"), ("deactivate", "user", "zoe"),
    ]  # fmt: skip


def test_a_login_that_is_taken_is_refused(workspace: TestWorkspace, sfactl: Run) -> None:
    result = sfactl("user", "add", "sam", "--name", "Another Sam", workspace=workspace)

    assert result.code == 5
    assert system_rows(workspace, "SELECT count(*) FROM app_user WHERE login = 'sam'") == [(1,)]


def test_an_unknown_role_is_refused_and_nobody_is_added(workspace: TestWorkspace, sfactl: Run) -> None:
    result = sfactl("user", "add", "zoe", "--name", "Zoe", "--role", "king", workspace=workspace)

    assert result.code == 2
    assert "account_manager" in result.err
    assert system_rows(workspace, "SELECT count(*) FROM app_user WHERE login = 'zoe'") == [(0,)]


def test_the_last_administrator_stays(workspace: TestWorkspace, sfactl: Run) -> None:
    result = sfactl("user", "deactivate", "ana", "--yes", workspace=workspace)

    assert result.code == 5
    assert sfactl("whoami", workspace=workspace).code == 0


def test_nobody_is_asked_where_nobody_can_answer(workspace: TestWorkspace, sfactl: Run) -> None:
    result = sfactl("user", "deactivate", "sam", workspace=workspace)

    assert result.code == 2
    assert "--yes" in result.err


def _policy_folder(folder: Path, old: str, new: str) -> Path:
    target = folder / "policy"
    target.mkdir()
    for name in policy.FILES:
        text = (policy.DEFAULT_FOLDER / name).read_text(encoding="utf-8")
        (target / name).write_text(text.replace(old, new), encoding="utf-8")
    return target


def test_a_policy_says_what_it_would_change_and_then_holds(
    workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    folder = _policy_folder(tmp_path, 'quota = ["read:own"]', 'quota = ["read:territory"]')

    diff = sfactl("policy", "diff", str(folder), "-o", "json", workspace=workspace)
    trial = sfactl("policy", "apply", str(folder), "--dry-run", workspace=workspace)
    before = sfactl("quota", "list", "-o", "json", workspace=workspace, as_="sam").rows
    applied = sfactl("policy", "apply", str(folder), "--yes", "--reason", "open quotas", workspace=workspace)
    after = sfactl("quota", "list", "-o", "json", workspace=workspace, as_="sam").rows

    assert diff.rows == [
        {"what": "permission", "name": "account_manager quota.read", "now": "own", "then": "territory"}
    ]
    assert (trial.code, applied.code) == (0, 0)
    assert {row["user"] for row in before} == {"sam"}
    assert {row["user"] for row in after} == {"sam", None}, "the quota of his territory as a whole"
    versions = sfactl("policy", "show", "-o", "json", workspace=workspace).rows
    assert [(row["number"], row["reason"]) for row in versions] == [(2, "open quotas"), (1, "init")]


def test_a_policy_without_an_administrator_is_refused(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    folder = _policy_folder(tmp_path, 'may = { "*" = ["*"] }', 'may = { account = ["read"] }')

    result = sfactl("policy", "apply", str(folder), "--yes", workspace=workspace)

    assert result.code == 5
    assert sfactl("policy", "show", "-o", "json", workspace=workspace).rows[0]["number"] == 1


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("scope = \"territory\"", "scope = \"galaxy\"", "roles.toml:"),
        ("title = \"Account manager\"", "titel = \"Account manager\"", "roles.toml:"),
        ("fiscal_first_month = 1", "fiscal_first_month = 13", "calendar.toml:2:1:"),
        ("probability = 10\n", "probability = 101\n", "process.toml:"),
        ("[roles.admin]", "[roles.admin", "roles.toml:"),
        ("quota = [\"read:own\"]", "quota = [\"fly\"]", "roles.toml:"),
    ],
)  # fmt: skip
def test_a_wrong_policy_names_the_place(
    workspace: TestWorkspace, sfactl: Run, tmp_path: Path, old: str, new: str, place: str
) -> None:
    folder = _policy_folder(tmp_path, old, new)

    result = sfactl("policy", "apply", str(folder), "--yes", workspace=workspace)

    assert result.code == 2
    assert place in result.err
    assert len(sfactl("policy", "show", "-o", "json", workspace=workspace).rows) == 1


def test_a_fiscal_year_moves_the_quarters(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    folder = _policy_folder(tmp_path, "fiscal_first_month = 1", "fiscal_first_month = 4")
    sfactl("policy", "apply", str(folder), "--yes", workspace=workspace)

    rows = sfactl("order", "list", "-p", "2027Q1", "-o", "json", workspace=workspace).rows

    assert {row["code"] for row in rows} == {"O-6", "O-7"}, "the fiscal year 2027 begins in April 2026"


def test_decisions_are_explained(workspace: TestWorkspace, sfactl: Run) -> None:
    allowed = sfactl("access", "check", "sam", "account", "A-SW1", "-o", "json", workspace=workspace).rows
    refused = sfactl("access", "check", "nora", "account", "A-SW1", "-o", "json", workspace=workspace).rows

    assert next(row for row in allowed if row["permission"] == "account.read")["allowed"] is True
    assert next(row for row in refused if row["permission"] == "account.read")["allowed"] is False


def test_the_trail_is_listed_in_scope(workspace: TestWorkspace, sfactl: Run) -> None:
    sfactl("quota", "set", "-u", "sam", "-p", "2026Q3", "--amount", "1", workspace=workspace, as_="mike")

    everything = sfactl("audit", "list", "-o", "json", workspace=workspace).rows
    own = sfactl("audit", "list", "-o", "json", workspace=workspace, as_="mike").rows

    assert len(own) == 1
    assert own[0]["action"] == "set"
    assert everything[0]["seq"] == own[0]["seq"]
    if workspace.is_sqlite:
        assert (own[0]["actor"], own[0]["on_behalf_of"]) == ("ana", "mike")
    else:
        assert (own[0]["actor"], own[0]["on_behalf_of"]) == ("mike", None)


def test_the_database_agrees_with_itself(workspace: TestWorkspace, sfactl: Run) -> None:
    result = sfactl("db", "check", "-o", "json", workspace=workspace)

    assert (result.code, result.rows) == (0, [])


@pytest.mark.parametrize(
    ("login", "name", "email"),
    [("", "Zoe", None), ("a b", "Zoe", None), ("z" * 65, "Zoe", None), ("zoe", " ", None), ("zoe", "Zoe\x1b[2J", None),
     ("zoe", "Zoe", "nope"), ("zoe", "Zoe", "a@b.c, d@e.f")],
)  # fmt: skip
def test_a_person_needs_a_login_and_a_name_that_people_can_use(
    sqlite_workspace: TestWorkspace, sfactl: Run, login: str, name: str, email: str | None
) -> None:
    words = ("--email", email) if email else ()

    result = sfactl("user", "add", login, "--name", name, *words, workspace=sqlite_workspace)

    assert result.code == 2
    assert system_rows(sqlite_workspace, "SELECT count(*) FROM app_user WHERE login IN ('', 'a b', 'zoe')") == [(0,)]


def test_logins_that_differ_in_case_are_one(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    assert sfactl("user", "add", "SAM", "--name", "Sam", workspace=sqlite_workspace).code == 5


def test_an_administrator_who_cannot_sign_in_does_not_count(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    sfactl("user", "add", "zoe", "--name", "Zoe", "--role", "admin", workspace=sqlite_workspace)

    assert sfactl("user", "deactivate", "ana", "--yes", workspace=sqlite_workspace).code == 5


@pytest.mark.parametrize("words", [("--as", ""), ("--fields", ""), ("--output", "")])
def test_an_empty_option_is_refused_and_never_taken_for_none(
    sqlite_workspace: TestWorkspace, sfactl: Run, words: tuple[str, str]
) -> None:
    result = sfactl("account", "list", *words, workspace=sqlite_workspace)

    assert (result.code, result.out) == (2, "")


def test_somebody_asks_for_his_own_rights_only(workspace: TestWorkspace, sfactl: Run) -> None:
    own = sfactl("access", "check", "sam", "account", workspace=workspace, as_="sam")
    other = sfactl("access", "check", "ana", "account", workspace=workspace, as_="sam")

    assert own.code == 0
    assert (other.code, other.out) == (4, "")


def test_a_quota_for_a_family_is_shown_as_it_was_set(workspace: TestWorkspace, sfactl: Run) -> None:
    command = ("quota", "set", "-u", "sam", "-p", "2026Q1", "-o", "json")

    family = sfactl(*command, "--family", "Pumps", "--amount", "70", workspace=workspace)
    exact = sfactl(*command, "--amount", "10.005", workspace=workspace)

    assert [(row["product_family"], row["amount"]) for row in family.rows] == [("Pumps", "70.00")]
    assert exact.code == 2


def test_a_limit_beyond_all_numbers_and_an_unknown_stage_are_wrong_usage(
    sqlite_workspace: TestWorkspace, sfactl: Run
) -> None:
    assert sfactl("account", "list", "-n", "9" * 20, workspace=sqlite_workspace).code == 2
    assert sfactl("opportunity", "list", "--stage", "nope", workspace=sqlite_workspace).code == 2
    assert sfactl("account", "lst", workspace=sqlite_workspace).code == 2
    assert sfactl("account", "list", "--lang", "xx", workspace=sqlite_workspace).code == 2
