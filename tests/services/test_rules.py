"""A run of the rules: what it places, what it takes away, and what it never touches."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfactl.core.conditions import parse
from sfactl.errors import NotAllowed
from sfactl.services import rule_exclusions, rules
from sfactl.services.narrowing import AccountFilter
from sfactl.services.rules import Request, Tally
from tests import organisation
from tests.cli import Run
from tests.commands.test_assignment_rules import folder
from tests.db.company import system
from tests.planning import apply, places, planned
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

RULES = """
[[rule]]
code = "large"
step = 1
territory = "NW"
owner = "nora"
when = { segment = "Large" }

[[rule]]
code = "south"
step = 2
territory = "SW"
when = { city = ["Phoenix", "Tucson", "Mesa"] }

[[rule]]
code = "food"
step = 3
territory = "SW"
owner = "sam"
when = { industry = "Food" }

[[rule]]
code = "prospects"
step = 3
territory = "NE"
owner = "eve"
when = { kind = "prospect" }
"""
OPEN = (
    "SELECT a.code, u.login, p.code, h.cause, h.rule FROM account a JOIN assignment h ON h.account_id = a.id AND"
    " h.valid_to IS NULL AND h.role = 'owner' JOIN territory p ON p.id = h.territory_id"
    " LEFT JOIN app_user u ON u.id = h.user_id ORDER BY a.code"
)
AGREES = (
    "SELECT count(*) FROM account a LEFT JOIN assignment h ON h.account_id = a.id AND h.role = 'owner' AND h.valid_to IS NULL"
    " AND h.territory_id = a.territory_id AND coalesce(h.user_id, 0) = coalesce(a.owner_id, 0) WHERE h.id IS NULL"
)
ALL = Request(replace=frozenset({"import"}))


@pytest.fixture
def ruled(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> TestWorkspace:
    """The company with rules in force."""
    return in_force(workspace, sfactl, tmp_path, RULES)


@pytest.fixture
def ruled_file(sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> TestWorkspace:
    """The same in a file, where a test is about what is decided and not about how it is asked."""
    return in_force(sqlite_workspace, sfactl, tmp_path, RULES)


def in_force(workspace: TestWorkspace, sfactl: Run, tmp_path: Path, text: str) -> TestWorkspace:
    done = sfactl("policy", "apply", folder(tmp_path / "policy", text), "--yes", workspace=workspace)
    assert done.code == 0, done.err
    return workspace


def set_cause(workspace: TestWorkspace, code: str, cause: str) -> None:
    with system(workspace) as run:
        run(
            f"UPDATE assignment SET cause = '{cause}' WHERE valid_to IS NULL AND account_id ="
            f" (SELECT id FROM account WHERE code = '{code}')"
        )


def test_only_what_nobody_owns_is_placed_unless_more_may_be_replaced(ruled: TestWorkspace) -> None:
    few, left = planned(ruled, rules.lines, Request())
    many, _left = planned(ruled, rules.lines, ALL)

    assert places(few) == {}
    assert [(each.key, each.reason) for each in left] == [
        ("A-NO1", "food, prospects claim it for SW, NE with the same priority")
    ]
    assert places(many) == {
        "A-NE1": ("nora", "NW"),
        "A-SW1": ("nora", "NW"),
        "A-SW3": ("sam", "SW"),
        "A-NE2": ("eve", "NE"),
    }
    assert {line.key: (line.before, line.after) for line in many}["A-NE1"] == (
        {"owner": "eve", "territory": "NE"}, {"owner": "nora", "territory": "NW", "rule": "large"}
    )  # fmt: skip
    assert {line.cause for line in many} == {"rule"}


def test_a_second_run_changes_nothing(ruled: TestWorkspace, tmp_path: Path) -> None:
    first = apply(ruled, rules.lines, ALL, tmp_path)
    tally = Tally()

    lines, _left = planned(ruled, rules.lines, Request(replace=ALL.replace, tally=tally))

    assert first.rows == 7, "four accounts, and the open sales and plans of their owners"
    assert lines == []
    assert (tally.added, tally.removed, tally.kept, tally.conflicts) == (0, 0, 6, 1)
    assert system_rows(ruled, AGREES) == [(0,)]
    assert ("A-SW3", "sam", "SW", "rule", "south") in system_rows(ruled, OPEN)


def test_the_better_priority_wins_between_territories(ruled_file: TestWorkspace) -> None:
    with system(ruled_file) as run:
        run("UPDATE territory SET priority = 5 WHERE code = 'SW'")

    assert places(planned(ruled_file, rules.lines, Request())[0]) == {"A-NO1": ("eve", "NE")}


def test_what_no_rule_claims_any_more_goes_and_a_tie_is_no_silent_pick(
    ruled_file: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    apply(ruled_file, rules.lines, ALL, tmp_path)
    in_force(
        ruled_file,
        sfactl,
        tmp_path,
        RULES.replace('segment = "Large"', 'segment = "Huge"').replace("step = 2", "step = 3"),
    )
    tally = Tally()

    lines, left = planned(ruled_file, rules.lines, Request(tally=tally))

    assert places(lines) == {"A-NE1": (None, "UNASSIGNED"), "A-SW1": ("sam", "SW")}
    assert [line.why for line in lines if line.key == "A-NE1"] == ["no rule claims it any more"]
    assert [each.key for each in left] == ["A-NO1"]
    assert (tally.added, tally.removed, tally.conflicts) == (1, 1, 1)


def test_manual_and_excluded_accounts_survive_every_run(ruled_file: TestWorkspace) -> None:
    set_cause(ruled_file, "A-NE1", "manual")
    ruled_file.door().write(rule_exclusions.add, "A-SW1")
    ruled_file.door().write(rule_exclusions.add, "A-NO1", territory="WEST")

    lines, left = planned(ruled_file, rules.lines, ALL)

    assert places(lines) == {"A-SW3": ("sam", "SW"), "A-NE2": ("eve", "NE"), "A-NO1": ("eve", "NE")}
    assert left == []


def test_a_rule_that_names_nobody_gives_to_whoever_has_least_and_can(ruled_file: TestWorkspace, sfactl: Run) -> None:
    assert sfactl("user", "capacity", "sam", "--accounts", "1", workspace=ruled_file).code == 0

    lines, _left = planned(ruled_file, rules.lines, ALL)

    changed = {line.key: line for line in lines}
    assert changed["A-SW3"].after == {"owner": None, "territory": "SW", "rule": "south"}
    assert changed["A-SW3"].why == "everybody in SW or above it who could take it is at capacity"


def test_a_family_goes_with_its_head(ruled: TestWorkspace, tmp_path: Path) -> None:
    organisation.fill(
        ruled.door(), tmp_path, {"account": "code,name,parent\nA-SW1,Adobe Tools,A-NE2\nA-SW3,Canyon Labs,A-SW1\n"}
    )

    alone, _left = planned(ruled, rules.lines, ALL)
    together, _left = planned(ruled, rules.lines, Request(replace=ALL.replace, families=True))
    apply(ruled, rules.lines, Request(replace=ALL.replace, families=True), tmp_path)

    assert places(alone)["A-SW1"] == ("nora", "NW")
    assert {key: place for key, place in places(together).items() if key in ("A-NE2", "A-SW1", "A-SW3")} == {
        "A-NE2": ("eve", "NE"), "A-SW1": ("eve", "NE"), "A-SW3": ("eve", "NE"),
    }  # fmt: skip
    assert planned(ruled, rules.lines, Request(replace=ALL.replace, families=True))[0] == []


def test_a_family_whose_head_stays_gathers_where_it_is(ruled_file: TestWorkspace, tmp_path: Path) -> None:
    organisation.fill(
        ruled_file.door(),
        tmp_path,
        {"account": "code,name,parent\nA-NO1,Gone Missing,A-SW3\nA-NE2,Fjord Shipping,A-NO1\n"},
    )
    set_cause(ruled_file, "A-SW3", "manual")

    lines, _left = planned(ruled_file, rules.lines, Request(families=True))

    assert places(lines) == {"A-NO1": ("eve", "SW")}


def test_accounts_that_are_each_others_parents_are_heads_of_their_own(ruled_file: TestWorkspace) -> None:
    with system(ruled_file) as run:
        run(
            "UPDATE account SET parent_id = (SELECT min(b.id) FROM account b WHERE b.code = 'A-NE1') WHERE code = 'A-SW1'"
        )
        run(
            "UPDATE account SET parent_id = (SELECT min(b.id) FROM account b WHERE b.code = 'A-SW1') WHERE code = 'A-NE1'"
        )

    lines, _left = planned(ruled_file, rules.lines, Request(replace=ALL.replace, families=True))

    assert places(lines)["A-NE1"] == ("nora", "NW")


def test_a_run_stays_within_its_filters(ruled_file: TestWorkspace) -> None:
    wanted = AccountFilter(territory="EAST", where="segment = Large")

    assert places(planned(ruled_file, rules.lines, Request(wanted, ALL.replace))[0]) == {"A-NE1": ("nora", "NW")}


def test_a_rule_with_somebody_who_left_places_nothing_and_says_so(ruled_file: TestWorkspace) -> None:
    with system(ruled_file) as run:
        run(
            "UPDATE app_user SET active = false WHERE login = 'nora'"
            if not ruled_file.is_sqlite
            else "UPDATE app_user SET active = 0 WHERE login = 'nora'"
        )

    lines, left = planned(ruled_file, rules.lines, ALL)

    assert "A-NE1" not in places(lines)
    assert ("A-NE1", "large names nora, who has left") in [(each.key, each.reason) for each in left]


def test_who_does_not_see_all_rules_cannot_run_them(ruled_file: TestWorkspace) -> None:
    with pytest.raises(NotAllowed):
        planned(ruled_file, rules.lines, Request(), as_="mike")
    assert places(planned(ruled_file, rules.lines, ALL, as_="olga")[0])


def test_more_than_sixty_rules_are_told_apart(sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    many = "".join(
        f'[[rule]]\ncode = "r{n}"\nstep = {n}\nterritory = "NE"\nowner = "eve"\nwhen = {{ city = "{"Mesa" if n == 130 else n}" }}\n'
        for n in range(140)
    )
    in_force(sqlite_workspace, sfactl, tmp_path, many)

    lines, _left = planned(sqlite_workspace, rules.lines, ALL)

    assert [(line.key, (line.after or {}).get("rule")) for line in lines] == [("A-SW3", "r130")]


CONDITIONS = (
    "segment = Large",
    "segment = Small",
    "industry = Food",
    "kind = prospect",
    "city is empty",
    "annual_revenue >= 2000000",
)
said = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from(["SW", "NW", "NE", "WEST"]), st.sampled_from(["sam", "nora", "eve", None]),
        st.sampled_from(CONDITIONS), st.integers(0, 1),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


def test_any_rules_run_twice_are_run_once(sqlite_workspace: TestWorkspace, tmp_path: Path) -> None:
    """Runs of random rules, one after the other: one owner at a time, manual and excluded rows as they were."""
    set_cause(sqlite_workspace, "A-NE1", "manual")
    sqlite_workspace.door().write(rule_exclusions.add, "A-SW2")
    fixed = [row for row in system_rows(sqlite_workspace, OPEN) if row[0] in ("A-NE1", "A-SW2")]

    @given(said, st.booleans())
    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    def holds(found: list[tuple[int, str, str | None, str, int]], families: bool) -> None:
        put_rules(sqlite_workspace, found)
        request = Request(replace=frozenset(rules.REPLACEABLE), families=families)
        apply(sqlite_workspace, rules.lines, request, tmp_path)

        assert planned(sqlite_workspace, rules.lines, request)[0] == []
        assert [row for row in system_rows(sqlite_workspace, OPEN) if row[0] in ("A-NE1", "A-SW2")] == fixed
        assert system_rows(sqlite_workspace, AGREES) == [(0,)]

    holds()


def put_rules(workspace: TestWorkspace, found: list[tuple[int, str, str | None, str, int]]) -> None:
    with system(workspace) as run:
        run("DELETE FROM assignment_rule")
        for n, (step, place, owner, condition, priority) in enumerate(found):
            assert parse(condition)
            run(f"UPDATE territory SET priority = {priority} WHERE code = '{place}'")
            run(
                "INSERT INTO assignment_rule (code, step, position, territory_id, user_id, condition)"
                f" SELECT 'r{n}', {step}, {n}, t.id, (SELECT id FROM app_user WHERE login = '{owner}'), '{condition}'"
                f" FROM territory t WHERE t.code = '{place}'"
            )
