"""Every command that lists rows, for every person: the rows are those that the rules, said in plain Python, let him see."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sfactl.db.connect import os_login
from sfactl.db.url import DatabaseUrl
from sfactl.transfer.nouns import NOUNS
from tests.cli import Run
from tests.db.company import Row, World, enrich, system, world_of
from tests.db.random_worlds import in_insert_order, random_world
from tests.db.who_sees_what import Person, person, visible
from tests.every_command import reading
from tests.organisation import TODAY
from tests.soak import times
from tests.workspace import TestWorkspace

pytestmark = pytest.mark.usefixtures("today")

PEOPLE = ("ana", "olga", "dora", "mike", "sam", "nora", "eve", "aldo", "cron")
DAY = TODAY.isoformat()


def every(_row: Row) -> bool:
    return True


def holds(row: Row) -> bool:
    return bool(row["valid_from"] <= DAY and (row["valid_to"] is None or row["valid_to"] > DAY))


@dataclass(frozen=True)
class Shows:
    """Which rows a command lists, and what tells them apart in its output and in the table."""

    table: str
    key: str
    column: str
    needs: str
    """The permission without which it is refused."""
    where: Callable[[Row], bool] = every


LISTS = {
    "quote approvals": Shows("approval", "comment", "comment", "approval.read", lambda row: row["status"] == "pending"),
    "handoff list": Shows("handoff", "code", "code", "handoff.read", lambda row: row["status"] == "sent"),
    "account list": Shows("account", "code", "code", "account.read"),
    "contact list": Shows("contact", "name", "name", "contact.read"),
    "territory list": Shows("territory", "code", "code", "territory.read"),
    "territory tree": Shows("territory", "code", "code", "territory.read"),
    "territory member list": Shows("territory_member", "valid_from", "valid_from", "territory.read", holds),
    "territory plan list": Shows("territory_plan", "code", "code", "territory_plan.read"),
    "team list": Shows("team", "code", "code", "team.read"),
    "user list": Shows("app_user", "login", "login", "user.read", lambda row: bool(row["active"])),
    "quota list": Shows("quota", "starts_on", "starts_on", "quota.read"),
    "order list": Shows("sales_order", "code", "code", "order.read"),
    "opportunity list": Shows("opportunity", "code", "code", "opportunity.read", lambda row: row["status"] == "open"),
    "pipeline aging": Shows(
        "opportunity", "opportunity", "code", "opportunity.read", lambda row: row["status"] == "open"
    ),
    "pipeline judgements": Shows("judgement", "note", "note", "judgement.read"),
    "activity list": Shows("activity", "subject", "subject", "activity.read"),
    "product list": Shows("product", "code", "code", "product.read"),
    "quote list": Shows("quote", "code", "code", "quote.read"),
    "skill list": Shows("skill", "code", "code", "skill.read"),
    "plan runs": Shows("run", "run", "key", "run.read", lambda row: row["kind"] in ("plan", "undo")),
    "outbox list": Shows("message", "code", "code", "outbox.read"),
    "audit list": Shows("audit_event", "seq", "seq", "audit.read"),
    "policy show": Shows("policy_version", "digest", "digest", "policy.read"),
}
ELSEWHERE = {
    "dashboard": "figures of what is seen, tested with it",
    "assignment list": "the open owner of each account that is seen, which `_assignments` says",
    "assignment holdover list": "holdovers of the opportunities that are seen, which `_holdovers` says",
    "assignment rules list": "rules of the policy, tested with them",
    "assignment exclusions": "exclusions of accounts in sight, tested with rules",
    "assignment lint": "findings, tested each by itself",
    "product lint": "findings, tested each by itself",
    "stock list": "public rows, with the product's code",
    "stock arrivals": "public rows, with the product's code",
    "access matrix": "public rows, one for each role and noun",
    "access list": "roles as they were granted, tested with them",
    "territory report": "sums, which other tests add up",
    "quota attainment": "sums, which other tests add up",
    "report list": "reports by name; tested with them",
    "report snapshot": "months, tested with them",
    "quota rollup": "sums, which other tests add up",
    "quota loads": "how many quotas came and went, tested with them",
    "opportunity process": "stages of the policy, tested with them",
    "pipeline show": "sums, which other tests add up",
    "pipeline changes": "sums, which other tests add up",
    "pipeline funnel": "sums, tested with it",
    "pipeline forecast": "sums, tested with it",
    "whoami": "one person", "config show": "no data", "config path": "no data", "doctor": "no data",
    "db info": "one row", "db check": "findings", "access sync": "a server's logins", "audit verify": "findings",
    "sql": "what is asked for; tested with it",
}  # fmt: skip
"""Commands that can be called without naming anything, and list no rows of one table; each with its reason."""
EXPORTS = {
    "territory": "territory", "account": "account", "contact": "contact", "team": "team", "product": "product",
    "opportunity": "opportunity", "activity": "activity", "order": "sales_order", "quota": "quota",
    "order-line": "sales_order_line", "team-member": "team_member", "member": "territory_member", "price": "price",
    "stock": "stock", "arrival": "arrival", "user": "app_user", "skill": "skill", "user-skill": "user_skill", "account-need": "account_need",
    "feature": "feature", "feature-option": "feature_option", "product-attribute": "product_attribute",
    "configuration-rule": "configuration_rule", "rule-product": "rule_product", "contract-price": "contract_price",
    "promotion": "price_rule", "exchange-rate": "exchange_rate",
}  # fmt: skip
FORMS = ("json", "jsonl", "csv", "md", "html")


def test_every_list_is_here_or_says_why_not() -> None:
    callable_ = {known.name for known in reading() if not any(argument.required for argument in known.arguments)}

    assert callable_ <= LISTS.keys() | ELSEWHERE.keys(), "say which rows the new command lists"
    assert set(NOUNS) <= EXPORTS.keys(), "say which table the new noun is exported from"


@pytest.fixture(scope="module")
def company(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, worker: str
) -> tuple[TestWorkspace, World]:
    """The small company with something in every table; no test changes it."""
    path = tmp_path_factory.mktemp("every_list") / "sales.db"
    shutil.copy(sqlite_template, path)
    where = DatabaseUrl("sqlite", path=path)
    workspace = TestWorkspace(where, where, worker)
    enrich(workspace)
    return workspace, world_of(workspace)


def may(who: Person, permission: str) -> bool:
    return who.scopes.get(permission, "none") != "none"


def told(shows: Shows, rows: list[dict[str, Any]]) -> Counter[str]:
    return Counter(str(row[shows.key]) for row in rows)


def seen(shows: Shows, world: World, who: Person) -> Counter[str]:
    return Counter(str(row[shows.column]) for row in visible(world, who)[shows.table] if shows.where(row))


# case 3
@pytest.mark.parametrize("login", PEOPLE)
@pytest.mark.parametrize("name", LISTS)
def test_a_list_shows_each_person_his_rows(
    company: tuple[TestWorkspace, World], sfactl: Run, name: str, login: str
) -> None:
    workspace, world = company
    shows = LISTS[name]
    words = next((known.words for known in reading() if known.name == name), None)
    if words is None:
        pytest.skip("there is no such command")
    who = person(world, login, TODAY)

    result = sfactl(*words, "-o", "json", "--limit", "0", workspace=workspace, as_=login)
    if result.code == 2 and "--limit" in result.err:
        result = sfactl(*words, "-o", "json", workspace=workspace, as_=login)

    if not may(who, shows.needs):
        assert (result.code, result.out) == (4, "")
        return
    assert result.code == 0, result.err
    assert told(shows, result.rows) == seen(shows, world, who)


# case 3
@pytest.mark.parametrize("login", PEOPLE)
def test_assignments_are_those_of_the_accounts_that_are_seen(
    company: tuple[TestWorkspace, World], sfactl: Run, login: str
) -> None:
    workspace, world = company
    mine = visible(world, person(world, login, TODAY))
    codes = {row["id"]: row["code"] for row in mine["account"]}
    open_now = [row for row in mine["assignment"] if row["role"] == "owner" and row["user_id"] and holds(row)]

    rows = sfactl("assignment", "list", "-o", "json", workspace=workspace, as_=login).rows

    assert {row["account"] for row in rows} == {
        codes[row["account_id"]] for row in open_now if row["account_id"] in codes
    }


# case 3
@pytest.mark.parametrize("login", PEOPLE)
def test_holdovers_are_those_of_the_opportunities_that_are_seen(
    company: tuple[TestWorkspace, World], sfactl: Run, login: str
) -> None:
    workspace, world = company
    who = person(world, login, TODAY)
    mine = visible(world, who)
    codes = {row["id"]: row["code"] for row in mine["opportunity"]}

    result = sfactl("assignment", "holdover", "list", "-o", "json", workspace=workspace, as_=login)

    if not may(who, "opportunity.read"):
        assert (result.code, result.out) == (4, "")
        return
    assert Counter(row["opportunity"] for row in result.rows) == Counter(
        codes[row["opportunity_id"]] for row in mine["holdover"] if row["opportunity_id"] in codes
    )


# case 3, case 5
@pytest.mark.parametrize("login", PEOPLE)
@pytest.mark.parametrize("noun", EXPORTS)
def test_an_export_holds_each_persons_rows(
    company: tuple[TestWorkspace, World], sfactl: Run, noun: str, login: str
) -> None:
    workspace, world = company
    who = person(world, login, TODAY)

    result = sfactl("export", noun, "-o", "json", workspace=workspace, as_=login)

    if result.code == 2:
        pytest.skip("there is no such noun")
    if result.code == 4:
        assert not all(may(who, permission) for permission in (f"{noun}.export", f"{noun}.read"))
        return
    assert result.code == 0, result.err
    mine = visible(world, who)
    teams = {row["id"] for row in mine["team"]}  # whose members are told with its code
    expected = [
        row
        for row in mine[EXPORTS[noun]]
        if row.get("code") != "UNASSIGNED" and (noun != "team-member" or row["team_id"] in teams)
    ]
    assert len(result.rows) == len(expected)


class Random:
    """Random organisations in a file, one after the other; whoever runs the tests is one of their people."""

    def __init__(self, template: Path, folder: Path, worker: str) -> None:
        self._template, self._folder, self._worker = template, folder, worker

    def __call__(self, seed: int) -> tuple[TestWorkspace, World]:
        where = DatabaseUrl("sqlite", path=self._folder / "world.db")
        shutil.copy(self._template, self._folder / "world.db")
        workspace = TestWorkspace(where, where, self._worker)
        with system(workspace) as run:
            run("PRAGMA foreign_keys = OFF")
            for statement in _emptied(run):
                run(statement)
            for table, rows in in_insert_order(random_world(random.Random(seed), ("os", os_login()), TODAY)):
                for row in rows:
                    names = ", ".join(f'"{name}"' for name in row)
                    run(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
        return workspace, world_of(workspace)


def _emptied(run: Any) -> Iterator[str]:
    """Statements that take the small company out of a copy of its file, and leave the workspace itself."""
    for (name,) in run("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        yield f'DROP TRIGGER "{name}"'
    for (name,) in run("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        if name not in ("workspace", "alembic_version", "audit_head") and not name.startswith("sqlite_"):
            yield f'DELETE FROM "{name}"'


# case 3
def test_in_random_organisations_too_a_list_shows_what_is_seen(
    sqlite_template: Path, tmp_path: Path, worker: str, sfactl: Run
) -> None:
    make = Random(sqlite_template, tmp_path, worker)
    compared = 0
    for seed in range(times(1000)):
        workspace, world = make(seed)
        who = person(world, "u1", TODAY)
        for known in reading():
            shows = LISTS.get(known.name)
            if shows is None or shows.table == "audit_event":  # under a role of an emergency each look adds one
                continue
            form = FORMS[(seed + compared) % 2]
            result = sfactl(*known.words, "-o", form, workspace=workspace)
            if not may(who, shows.needs):
                assert (result.code, result.out) == (4, ""), (seed, known.name)
                continue
            assert result.code == 0, (seed, known.name, result.err)
            rows = result.rows if form == "json" else [_json(line) for line in result.out.splitlines()]
            assert told(shows, rows) == seen(shows, world, who), (seed, known.name)
            compared += 1
    assert compared >= times(1000) * 4


def _json(line: str) -> dict[str, Any]:
    import json

    found: dict[str, Any] = json.loads(line)
    return found
