"""What `assignment lint` finds, each with one cause made for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import organisation
from tests.cli import Run
from tests.commands.test_assignment_rules import folder
from tests.db.company import system
from tests.workspace import TestWorkspace

pytestmark = pytest.mark.usefixtures("today")

RULES = """
[[rule]]
code = "all-food"
step = 1
territory = "SW"
when = { industry = "Food" }

[[rule]]
code = "prospects"
step = 1
territory = "NE"
owner = "eve"
when = { kind = "prospect" }

[[rule]]
code = "late-food"
step = 2
territory = "NW"
when = { industry = "Food", segment = "Small" }

[[rule]]
code = "mars"
step = 3
territory = "NW"
owner = "leo"
when = { country = "Mars" }
"""


def findings(sfactl: Run, workspace: TestWorkspace, *words: str, as_: str = "ana") -> set[tuple[str, str]]:
    result = sfactl("assignment", "lint", *words, "-o", "json", workspace=workspace, as_=as_)
    assert result.code == 0, result.err
    return {(row["finding"], row["key"]) for row in result.rows}


def test_a_company_has_accounts_that_need_a_person(workspace: TestWorkspace, sfactl: Run) -> None:
    assert findings(sfactl, workspace) == {
        ("account-without-owner", "A-NO1"), ("account-without-territory", "A-NO1"), ("owner-outside", "A-SW3"),
        ("owner-outside", "A-NE2"),
    }  # fmt: skip


def test_fail_if_any_ends_with_eight_only_when_something_is_found(workspace: TestWorkspace, sfactl: Run) -> None:
    some = sfactl("assignment", "lint", "--fail-if-any", workspace=workspace)
    none = sfactl("assignment", "lint", "--fail-if-any", "--only", "two-owners", "-o", "json", workspace=workspace)
    wrong = sfactl("assignment", "lint", "--only", "everything", workspace=workspace)

    assert (some.code, none.code, none.rows, wrong.code) == (8, 0, [], 2)
    assert "owner-outside: 2" in some.err


def test_what_people_leave_behind_is_found(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    organisation.fill(
        workspace.door(), tmp_path, {"account": "code,name,owner,owned_since\nA-SW1,Adobe Tools,nora,2026-05-01\n"}
    )
    with system(workspace) as run:
        run(f"UPDATE app_user SET active = {'0' if workspace.is_sqlite else 'false'} WHERE login IN ('eve', 'dora')")

    found = findings(sfactl, workspace)

    assert found >= {
        ("owner-left", "A-NE1"), ("owner-left", "A-SW3"), ("opportunity-of-leaver", "OPP-3"), ("opportunity-left-behind", "OPP-1"),
        ("territory-without-members", "NE"), ("territory-without-members", "EAST"), ("territory-without-manager", "EAST"),
        ("territory-without-manager", "NE"), ("territory-without-manager", "WORLD"),
    }  # fmt: skip
    assert not {key for kind, key in found if kind == "territory-without-manager"} & {"WEST", "SW", "NW"}
    assert ("opportunity-of-leaver", "OPP-4") not in found, "it is won"


def test_what_is_overdue_is_found(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    organisation.fill(
        workspace.door(), tmp_path, {"account": "code,name,owner,owned_since\nA-SW1,Adobe Tools,nora,2026-05-01\n"}
    )
    with system(workspace) as run:
        run(
            "INSERT INTO holdover (opportunity_id, held_by_id, to_id, to_territory_id, until, to_share_bp, began_on)"
            " SELECT o.id, o.credited_id, a.owner_id, a.territory_id, '2026-05-20', 0, '2026-05-01' FROM opportunity o"
            " JOIN account a ON a.id = o.account_id WHERE o.code = 'OPP-1'"
        )
        for key, day in (("late", "2026-05-19"), ("soon", "2026-05-21")):
            run(
                "INSERT INTO run (key, kind, user_id, started_at, summary, status, effective_on)"
                f" SELECT '{key}', 'plan', id, '2026-05-01T00:00:00.000000Z', '{{}}', 'scheduled', '{day}' FROM app_user WHERE login = 'ana'"
            )

    found = {each for each in findings(sfactl, workspace) if not each[0].startswith(("account", "owner"))}

    assert found == {("holdover-overdue", "OPP-1"), ("plan-overdue", "late")}


def test_rules_that_do_nothing_or_tie_are_found(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    assert sfactl("policy", "apply", folder(tmp_path / "policy", RULES), "--yes", workspace=workspace).code == 0

    kinds = ("rule-never-matches", "rule-shadowed", "rule-without-person", "rule-tie")
    found = findings(sfactl, workspace, *(word for kind in kinds for word in ("--only", kind)))

    assert found == {
        ("rule-never-matches", "mars"), ("rule-shadowed", "late-food"), ("rule-without-person", "mars"), ("rule-tie", "A-NO1"),
    }  # fmt: skip
    assert sfactl("assignment", "exclude", "A-NO1", workspace=workspace).code == 0
    assert findings(sfactl, workspace, "--only", "rule-tie") == set()


def test_each_is_told_of_what_he_sees(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    assert sfactl("policy", "apply", folder(tmp_path / "policy", RULES), "--yes", workspace=workspace).code == 0

    assert findings(sfactl, workspace, as_="mike") == {("owner-outside", "A-SW3"), ("rule-without-person", "mars")}
    assert findings(sfactl, workspace, as_="eve") == {("owner-outside", "A-NE2")}
    assert sfactl("assignment", "lint", workspace=workspace, as_="nils").code == 4
