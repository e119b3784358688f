"""Roles given and taken away, taken in an emergency, and deputies: what holds, from when to when, and who is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sfactl.config import policy
from tests.cli import Run
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

EAST = "A-NE1"
"""An account that mike, who manages the west, does not see."""


def _codes(sfactl: Run, workspace: TestWorkspace, login: str, *words: str) -> set[str]:
    result = sfactl("account", "list", "-o", "json", *words, workspace=workspace, as_=login)
    return {row["code"] for row in result.rows} if result.code == 0 else set()


def _access_day(workspace: TestWorkspace) -> Any:
    """A file goes by the person's day, a server by its own."""
    return datetime(2026, 5, 20).date() if workspace.is_sqlite else datetime.now(UTC).date()


def _events(workspace: TestWorkspace, action: str) -> list[tuple[object, ...]]:
    return system_rows(
        workspace,
        f"SELECT d.key, u.login FROM audit_event AS e JOIN audit_detail AS d USING (seq) JOIN app_user AS u ON u.id = e.actor_id WHERE action = '{action}' ORDER BY seq",
    )


def test_a_role_is_given_for_some_days_and_ends_by_itself(workspace: TestWorkspace, sfactl: Run) -> None:
    day = _access_day(workspace)
    tomorrow, later = (day + timedelta(days=1)).isoformat(), (day + timedelta(days=5)).isoformat()
    assert EAST not in _codes(sfactl, workspace, "sam")

    given = sfactl(
        "access", "grant", "sam", "auditor", "--from", day.isoformat(), "--until", tomorrow, "--reason", "audit",
        workspace=workspace,
    )  # fmt: skip
    seen = _codes(sfactl, workspace, "sam")
    sfactl("access", "grant", "nora", "auditor", "--from", tomorrow, "--until", later, workspace=workspace)
    over = "2020-01-01"
    sfactl("access", "grant", "eve", "auditor", "--from", over, "--until", "2020-02-01", workspace=workspace)

    assert (given.code, given.err) == (0, f"sam has the role auditor until {tomorrow}.\n")
    assert EAST in seen
    assert "A-SW1" not in _codes(sfactl, workspace, "nora")
    assert _codes(sfactl, workspace, "eve") == {"A-SW3", "A-NE1", "A-NE2"}
    assert [row[0] for row in _events(workspace, "grant")][-3:] == ["sam", "nora", "eve"]


def test_the_list_says_who_has_what_and_why(workspace: TestWorkspace, sfactl: Run) -> None:
    sfactl("access", "grant", "sam", "auditor", "--until", "2099-01-01", "--reason", "audit", workspace=workspace)
    sfactl("access", "grant", "sam", "director", "--from", "2020-01-01", "--until", "2020-02-01", workspace=workspace)

    now = sfactl("access", "list", "sam", "-o", "json", workspace=workspace).rows
    ever = sfactl("access", "list", "sam", "--all", "-o", "json", workspace=workspace).rows
    auditors = sfactl("access", "list", "--role", "auditor", "-o", "json", workspace=workspace).rows
    his_own = sfactl("access", "list", "-o", "json", workspace=workspace, as_="nora").rows

    assert [(row["role"], row["state"]) for row in now] == [("account_manager", "current"), ("auditor", "current")]
    assert now[1]["until"] == "2099-01-01"
    assert now[1]["reason"] == "audit"
    assert {(row["role"], row["state"]) for row in ever} - {(row["role"], row["state"]) for row in now} == {
        ("director", "past")
    }
    assert {row["user"] for row in auditors} == {"aldo", "sam"}
    assert {row["user"] for row in his_own} == {"nora"}


def test_a_role_that_is_taken_away_is_gone_at_once(workspace: TestWorkspace, sfactl: Run) -> None:
    taken = sfactl("access", "revoke", "sam", "account_manager", "--reason", "moved", workspace=workspace)
    again = sfactl("access", "revoke", "sam", "account_manager", workspace=workspace)
    blind = sfactl("account", "list", workspace=workspace, as_="sam")
    back = sfactl("access", "grant", "sam", "account_manager", workspace=workspace)

    assert taken.code == 0
    assert again.code == 3
    assert again.err.startswith("sfactl: sam does not have the role account_manager.")
    assert blind.code == 4
    assert back.code == 0
    assert "A-SW1" in _codes(sfactl, workspace, "sam")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("grant", "sam", "king"), 2, "There is no role king."),
        (("grant", "nobody", "auditor"), 3, "There is no"),
        (("grant", "sam", "emergency"), 2, "it is taken in an emergency"),
        (("grant", "sam", "auditor", "--until", "2020-01-01"), 2, "before it begins"),
        (("grant", "sam", "auditor", "--until", "soon"), 2, "soon is no date."),
        (("revoke", "ana", "admin"), 5, "Nobody would be left"),
        (("grant", "ana", "admin", "--from", "2026-01-01", "--until", "2026-01-02"), 5, "Nobody would be left"),
        (("grant", "ana", "admin", "--until", "2099-01-01"), 5, "Nobody would be left"),
        (("deputy", "sam", "sam", "--until", "2099-01-01"), 2, "Nobody is his own deputy."),
        (("deputy", "sam", "nora"), 2, "Until when?"),
        (("deputy", "sam", "nora", "--end"), 3, "is not a deputy"),
        (("break-glass", "admin", "--reason", "x", "--yes"), 2, "cannot be taken"),
        (("break-glass", "emergency", "--yes"), 2, "Say why"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    workspace: TestWorkspace, sfactl: Run, words: tuple[str, ...], code: int, says: str
) -> None:
    before = system_rows(workspace, "SELECT count(*) FROM audit_event")

    result = sfactl("access", *words, workspace=workspace)

    assert result.code == code
    assert says in result.err
    assert system_rows(workspace, "SELECT count(*) FROM audit_event") == before


@pytest.mark.parametrize(("login", "code"), [("olga", 4), ("dora", 4), ("mike", 4), ("sam", 4), ("cron", 4)])
def test_only_administrators_give_roles(workspace: TestWorkspace, sfactl: Run, login: str, code: int) -> None:
    for verb in ("grant", "revoke"):
        result = sfactl("access", verb, login, "admin", workspace=workspace, as_=login)
        assert result.code == code


# Break-glass


def test_a_role_taken_in_an_emergency_holds_today_and_is_loud(workspace: TestWorkspace, sfactl: Run) -> None:
    if not workspace.is_sqlite:
        pytest.skip("the clock of this command line is not the server's; see the next test")
    _as_himself(workspace, "mike")
    assert EAST not in _codes(sfactl, workspace, "ana")

    taken = sfactl("access", "break-glass", "emergency", "--reason", "fire", "--yes", workspace=workspace)
    looked = sfactl("account", "list", "-o", "json", "--quiet", workspace=workspace)
    whoami = sfactl("whoami", "-o", "json", workspace=workspace)

    assert taken.code == 0
    assert EAST in {row["code"] for row in looked.rows}
    assert looked.err.startswith("Break-glass: you have taken emergency for today")
    assert "emergency" in str(whoami.out)
    assert _events(workspace, "break-glass") == [("mike", "mike"), (None, "mike"), (None, "mike")]
    again = sfactl("access", "break-glass", "emergency", "--reason", "fire", "--yes", workspace=workspace)
    assert again.code == 5


def _as_himself(workspace: TestWorkspace, login: str) -> None:
    """The account of this machine stands for somebody else from now on."""
    import sqlite3

    with sqlite3.connect(str(workspace.url.path)) as raw:
        raw.execute(
            "UPDATE user_identity SET user_id = (SELECT id FROM app_user WHERE login = ?) WHERE kind = 'os'", (login,)
        )


def test_on_a_server_the_emergency_ends_with_the_servers_day(
    workspace: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    if workspace.is_sqlite:
        pytest.skip("a file goes by the person's day; see the test before")
    from sfactl.commands import state

    monkeypatch.setattr(state, "_now", lambda: datetime.now(UTC))

    taken = sfactl("access", "break-glass", "emergency", "--reason", "fire", "--yes", workspace=workspace, as_="mike")
    seen = _codes(sfactl, workspace, "mike")
    with _system(workspace) as run:
        run("UPDATE emergency_grant SET day = day - 1")

    assert taken.code == 0
    assert EAST in seen
    assert EAST not in _codes(sfactl, workspace, "mike")
    assert len(_events(workspace, "break-glass")) == 2


def _system(workspace: TestWorkspace) -> Any:
    from tests.db.company import system

    return system(workspace)


@pytest.mark.parametrize("login", ["sam", "aldo", "cron", "nils"])
def test_not_everybody_breaks_the_glass(workspace: TestWorkspace, sfactl: Run, login: str) -> None:
    result = sfactl("access", "break-glass", "emergency", "--reason", "x", "--yes", workspace=workspace, as_=login)

    assert result.code == 4
    assert system_rows(workspace, "SELECT count(*) FROM emergency_grant") == [(0,)]


def test_nobody_breaks_the_glass_for_another(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    result = sfactl(
        "access", "break-glass", "emergency", "--reason", "x", "--yes", workspace=sqlite_workspace, as_="mike"
    )

    assert result.code == 4
    assert "not by those who act for them" in result.err


# Deputies. case 30


def test_a_deputy_acts_until_the_day_and_both_names_are_kept(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    workspace = sqlite_workspace
    refused = [_for_nora(workspace, sfactl, "nora").code]
    _as_himself(workspace, "ana")
    sfactl("access", "deputy", "nora", "sam", "--until", "2026-05-21", "--reason", "holiday", workspace=workspace)

    acting = _for_nora(workspace, sfactl, "nora")
    _as_himself(workspace, "ana")
    sfactl("access", "deputy", "nora", "sam", "--until", "2026-06-01", "--from", "2026-05-21", workspace=workspace)
    sfactl("access", "deputy", "nora", "sam", "--end", workspace=workspace)
    refused.append(_for_nora(workspace, sfactl, "nora").code)

    assert refused == [4, 4]
    assert acting.code == 0
    assert [row["code"] for row in acting.rows] == ["A-NW1"]


def _for_nora(workspace: TestWorkspace, sfactl: Run, login: str) -> Any:
    _as_himself(workspace, "sam")
    return sfactl("account", "list", "--as", login, "-o", "json", workspace=workspace)


def test_a_deputy_of_a_deputy_is_none(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    workspace = sqlite_workspace
    for user, deputy in (("dora", "mike"), ("mike", "sam")):
        sfactl("access", "deputy", user, deputy, "--until", "2026-06-01", workspace=workspace)
    _as_himself(workspace, "sam")

    assert sfactl("account", "list", "--as", "mike", workspace=workspace).code == 0
    assert sfactl("account", "list", "--as", "dora", workspace=workspace).code == 4


@pytest.mark.parametrize(("login", "own"), [("mike", 0), ("olga", 0), ("sam", 4)])
def test_people_name_their_own_deputies_and_nobody_elses(
    workspace: TestWorkspace, sfactl: Run, login: str, own: int
) -> None:
    """Else whoever names himself deputy of an administrator would be one."""
    if workspace.is_sqlite:
        _as_himself(workspace, login)
    as_ = "ana" if workspace.is_sqlite else login

    his = sfactl("access", "deputy", login, "nora", "--until", "2099-01-01", workspace=workspace, as_=as_)
    others = [
        sfactl("access", "deputy", other, login, "--until", "2099-01-01", workspace=workspace, as_=as_).code
        for other in ("ana", "dora")
    ]

    assert his.code == own
    assert others == [4, 4]
    assert system_rows(workspace, "SELECT count(*) FROM deputy") == [(1 if own == 0 else 0,)]


def test_who_acts_for_another_changes_no_rights(workspace: TestWorkspace, sfactl: Run) -> None:
    """It would outlast him."""
    if not workspace.is_sqlite:
        pytest.skip("the administrator acts for others in a file; see the next test")
    for words in (
        ("grant", "sam", "auditor"), ("revoke", "sam", "account_manager"), ("deputy", "olga", "sam", "--until", "2099-01-01"),
        ("deputy", "olga", "sam", "--end"), ("break-glass", "emergency", "--reason", "x", "--yes"),
    ):  # fmt: skip
        assert sfactl("access", *words, workspace=workspace, as_="olga").code == 4


def test_on_a_server_neither_does_psql(postgres_workspace: TestWorkspace) -> None:
    import psycopg

    from tests.workspace import role_of

    worker = postgres_workspace.worker
    cron = postgres_workspace.system_url.for_login(role_of(worker, "cron")).conninfo
    with psycopg.connect(cron, autocommit=True) as connection:
        connection.execute(f"SET ROLE {role_of(worker, 'mike')}")
        for day in ("current_date", "current_date + 1"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(_TAKEN.format(day=day))
    with psycopg.connect(
        postgres_workspace.system_url.for_login(role_of(worker, "mike")).conninfo, autocommit=True
    ) as his:
        for day in ("current_date + 1", "current_date - 1", "'2099-01-01'"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                his.execute(_TAKEN.format(day=day))
        his.execute("SET TIME ZONE 'UTC'")
        his.execute(_TAKEN.format(day="current_date"))
        assert his.execute("SELECT count(*) FROM account").fetchone() == (7,)
    with psycopg.connect(cron, autocommit=True) as connection:
        connection.execute(f"SET ROLE {role_of(worker, 'mike')}")
        seen = connection.execute("SELECT count(*) FROM account").fetchone()
    assert seen is not None
    assert seen[0] < 7, "what mike took in an emergency is his alone"


_TAKEN = (
    "INSERT INTO emergency_grant (user_id, role_id, day, granted_at, reason)"
    " SELECT sfa_sec.user_of(current_user), id, {day}, now(), 'x' FROM role WHERE code = 'emergency'"
)


def test_an_administrator_takes_a_broken_glass_away(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    _as_himself(sqlite_workspace, "mike")
    sfactl("access", "break-glass", "emergency", "--reason", "fire", "--yes", workspace=sqlite_workspace)
    seen = _codes(sfactl, sqlite_workspace, "ana")
    _as_himself(sqlite_workspace, "ana")

    done = sfactl("access", "revoke", "mike", "emergency", workspace=sqlite_workspace)
    _as_himself(sqlite_workspace, "mike")

    assert done.code == 0
    assert EAST in seen
    assert EAST not in _codes(sfactl, sqlite_workspace, "ana")


def test_nobody_but_an_administrator_switches_one_off(workspace: TestWorkspace, sfactl: Run) -> None:
    sfactl("access", "grant", "nora", "admin", workspace=workspace)

    assert sfactl("user", "deactivate", "nora", "--yes", workspace=workspace, as_="olga").code == 4
    assert sfactl("user", "deactivate", "eve", "--yes", workspace=workspace, as_="olga").code == 0


# Policy


def test_a_policy_that_lets_people_give_themselves_roles_is_refused(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Any
) -> None:
    roles = (policy.DEFAULT_FOLDER / "roles.toml").read_text(encoding="utf-8")
    (tmp_path / "roles.toml").write_text(
        roles.replace('access = ["read:own"]', 'access = ["read:own", "create:own"]', 1)
    )

    result = sfactl("policy", "apply", str(tmp_path), "--yes", workspace=sqlite_workspace)

    assert result.code == 2
    assert "access.create reaches everything or nothing" in result.err
