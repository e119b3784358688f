"""What nobody has goes to those who may have it, can do it and have the least to do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfactl.core.plans import Line
from sfactl.services import distribution
from sfactl.services.distribution import Request
from sfactl.services.narrowing import AccountFilter
from tests import organisation
from tests.cli import Run
from tests.commands.busy_company import MORE
from tests.db.company import system
from tests.planning import apply, places, planned
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

NEW = {
    "skill": MORE["skill"],
    "member": "territory,user,role,valid_from,valid_to\nWEST,eve,account_manager,2025-01-01,\nSW,leo,account_manager,2025-01-01,\n"
    "NW,sam,account_manager,2025-01-01,2026-05-20\nNW,mike,manager,2025-01-01,\n",
    "user-skill": "user,skill,level\nsam,pumps,2\neve,es,2\nnora,labs,5\nleo,es,5\n",
    "account": "code,name,territory,segment,industry\nN-1,New one,SW,Large,Food\nN-2,New two,SW,Small,Food\nN-3,New three,NW,Small,Labs\n"
    "N-4,New four,SW,Small,Labs\nN-5,New five,NE,Small,Labs\nN-6,New six,SW,,\n",
    "account-need": "account,skill,level\nN-1,es,2\nN-4,labs,3\nN-5,es,3\n",
    "opportunity": "code,name,account,seller,stage,amount,close_on,created_on\nOPP-10,For a new one,N-1,,propose,1,2026-07-01,2026-05-01\n"
    "OPP-11,For an old one,A-SW2,,qualify,1,2026-07-01,2026-05-01\nOPP-12,For nobody,N-5,,qualify,1,2026-07-01,2026-05-01\n",
}


@pytest.fixture
def busy(workspace: TestWorkspace, tmp_path: Path) -> TestWorkspace:
    """The company with new accounts that nobody owns, and people with skills."""
    organisation.fill(workspace.door(), tmp_path, NEW)
    return workspace


@pytest.fixture
def busy_file(sqlite_workspace: TestWorkspace, tmp_path: Path) -> TestWorkspace:
    """The same in a file, where a test is about what is decided and not about how it is asked."""
    organisation.fill(sqlite_workspace.door(), tmp_path, NEW)
    return sqlite_workspace


def test_unowned_accounts_go_to_those_who_are_there_and_know_what_is_needed(busy: TestWorkspace) -> None:
    lines, left = planned(busy, distribution.lines, Request())

    assert places(lines) == {
        "N-1": ("eve", "SW"), "N-2": ("sam", "SW"), "N-3": ("nora", "NW"), "N-6": ("sam", "SW"),
    }  # fmt: skip
    assert [(each.key, each.reason) for each in left] == [
        ("A-NO1", "it lies in no territory"),
        ("N-4", "nobody in SW or above it knows labs at 3"),
        ("N-5", "nobody in NE or above it knows es at 3"),
    ]
    assert {(line.cause, (line.before or {})["owner"]) for line in lines} == {("distribution", None)}


def test_a_distribution_is_the_same_again_and_then_done(busy: TestWorkspace, tmp_path: Path) -> None:
    assert planned(busy, distribution.lines, Request()) == planned(busy, distribution.lines, Request())

    apply(busy, distribution.lines, Request(), tmp_path)

    assert planned(busy, distribution.lines, Request())[0] == []
    assert system_rows(busy, "SELECT count(*) FROM assignment WHERE cause = 'distribution'") == [(4,)]


def test_nobody_gets_more_than_he_can_do(busy_file: TestWorkspace, sfactl: Run) -> None:
    assert sfactl("user", "capacity", "sam", "--accounts", "4", workspace=busy_file).code == 0
    assert sfactl("user", "capacity", "eve", "--hours", "36", workspace=busy_file).code == 0

    lines, left = planned(busy_file, distribution.lines, Request(AccountFilter(territory="SW")))

    assert places(lines) == {"N-2": ("sam", "SW")}
    assert [(each.key, each.reason) for each in left if each.key in ("N-1", "N-6")] == [
        ("N-1", "everybody in SW or above it who could take it is at capacity"),
        ("N-6", "everybody in SW or above it who could take it is at capacity"),
    ]


def test_only_the_named_get_anything_whatever_their_role_there(busy_file: TestWorkspace) -> None:
    lines, left = planned(busy_file, distribution.lines, Request(to=("mike", "eve")))

    assert places(lines) == {"N-1": ("eve", "SW"), "N-2": ("mike", "SW"), "N-3": ("mike", "NW"), "N-6": ("mike", "SW")}
    assert {each.key for each in left} == {"A-NO1", "N-4", "N-5"}


def test_filters_and_the_day_on_which_things_came_in_narrow_it(busy_file: TestWorkspace) -> None:
    tomorrow = date.fromordinal(organisation.TODAY.toordinal() + 1)

    assert planned(busy_file, distribution.lines, Request(new_since=tomorrow)) == ([], [])
    assert len(planned(busy_file, distribution.lines, Request(new_since=organisation.TODAY))[0]) == 4
    some = AccountFilter(industry="food", where="segment = Small")
    assert [line.key for line in planned(busy_file, distribution.lines, Request(some))[0]] == ["N-2"]


def test_an_opportunity_goes_to_its_accounts_owner_even_a_new_one(busy: TestWorkspace, tmp_path: Path) -> None:
    lines, left = planned(busy, distribution.lines, Request(opportunities=True))

    sales = {line.key: (line.before, line.after) for line in lines if line.entity == "opportunity"}
    assert sales == {
        "OPP-10": ({"seller": None, "territory": "SW"}, {"seller": "eve", "territory": "SW"}),
        "OPP-11": ({"seller": None, "territory": "SW"}, {"seller": "sam", "territory": "SW"}),
    }
    assert ("OPP-12", "nobody in NE or above it knows es at 3") in [(each.key, each.reason) for each in left]
    apply(busy, distribution.lines, Request(opportunities=True), tmp_path)
    assert [
        line for line in planned(busy, distribution.lines, Request(opportunities=True))[0] if isinstance(line, Line)
    ] == []


def test_an_opportunity_of_somebody_who_left_goes_to_whoever_has_fewest(busy_file: TestWorkspace) -> None:
    with system(busy_file) as run:
        run("UPDATE app_user SET active = 0 WHERE login = 'sam'")

    lines, _left = planned(busy_file, distribution.lines, Request(opportunities=True))

    assert [(line.after or {})["seller"] for line in lines if line.key == "OPP-11"] == ["eve"]


def test_a_manager_distributes_what_lies_below_him(busy_file: TestWorkspace) -> None:
    lines, left = planned(busy_file, distribution.lines, Request(), as_="mike")

    assert {line.key for line in lines} | {each.key for each in left} == {"N-1", "N-2", "N-3", "N-4", "N-6"}


needs = st.lists(
    st.tuples(st.sampled_from(["SW", "NW", "NE"]), st.sampled_from([None, "es", "labs"]), st.integers(1, 5)),
    min_size=1,
    max_size=8,
)
limits = st.dictionaries(
    st.sampled_from(["sam", "nora", "eve"]), st.tuples(st.integers(0, 6), st.integers(0, 120)), max_size=3
)


def test_whatever_is_asked_nobody_goes_over_capacity_or_lacks_a_skill(
    sqlite_workspace: TestWorkspace, tmp_path: Path
) -> None:
    organisation.fill(
        sqlite_workspace.door(), tmp_path, {name: NEW[name] for name in ("skill", "member", "user-skill")}
    )
    count = 0

    @given(needs, limits)
    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    def holds(asked: list[tuple[str, str | None, int]], limits: dict[str, tuple[int, int]]) -> None:
        nonlocal count
        with system(sqlite_workspace) as run:
            run("DELETE FROM capacity")
            run("DELETE FROM account_need")
            for login, (accounts, hours) in limits.items():
                run(
                    f"INSERT INTO capacity (user_id, accounts, hours) SELECT id, {accounts}, {hours} FROM app_user WHERE login = '{login}'"
                )
        codes = [f"H-{count + n}" for n in range(len(asked))]
        count += len(asked)
        rows = "".join(f"{code},{code},{place}\n" for code, (place, _skill, _level) in zip(codes, asked, strict=True))
        wants = "".join(
            f"{code},{skill},{level}\n" for code, (_p, skill, level) in zip(codes, asked, strict=True) if skill
        )
        files = {"account": f"code,name,territory\n{rows}"} | (
            {"account-need": f"account,skill,level\n{wants}"} if wants else {}
        )
        organisation.fill(sqlite_workspace.door(), tmp_path, files)
        before = dict(system_rows(sqlite_workspace, COUNTS))

        lines, _left = planned(sqlite_workspace, distribution.lines, Request())
        apply(sqlite_workspace, distribution.lines, Request(), tmp_path)

        assert planned(sqlite_workspace, distribution.lines, Request())[0] == []
        assert system_rows(sqlite_workspace, UNSKILLED) == []
        for login, got in dict(system_rows(sqlite_workspace, COUNTS)).items():
            accounts, hours = limits.get(str(login), (1000, 1600))
            assert got == before.get(login) or (got <= accounts and got * 18 <= hours), (login, lines)

    holds()


COUNTS = "SELECT u.login, count(*) FROM account a JOIN app_user u ON u.id = a.owner_id GROUP BY u.login"
UNSKILLED = (
    "SELECT a.code, u.login FROM account a JOIN assignment h ON h.account_id = a.id AND h.valid_to IS NULL AND h.cause = 'distribution'"
    " JOIN app_user u ON u.id = a.owner_id JOIN account_need n ON n.account_id = a.id LEFT JOIN user_skill k ON k.user_id = u.id"
    " AND k.skill_id = n.skill_id WHERE coalesce(k.level, 0) < n.level"
)
