"""Accounts in full: every section is what its files say, for each person as far as he sees."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from sfactl.db.url import DatabaseUrl
from sfactl.render.account_page import write_pages
from sfactl.services import account_page
from tests.cli import Run
from tests.commands import busy_company
from tests.commands.busy_company import PHASES, Sight, added
from tests.postgres import PostgresServer
from tests.render.samples import output, written
from tests.workspace import TestWorkspace, copy_on_server, system_rows

pytestmark = pytest.mark.usefixtures("today")

GOLDEN = Path(__file__).parents[1] / "golden" / "accounts"
CODES = ("A-SW1", "A-SW2", "A-SW3", "A-NW1", "A-NE1", "A-NE2", "A-NO1")
PEOPLE = ("ana", "aldo", "mike", "sam", "nora", "eve")
KEYS = [
    "code", "name", "owner", "owner_name", "territory", "segment", "industry", "kind", "city", "country", "currency",
    "open_opportunities", "open_amount", "won_count", "won_amount", "lost_count", "lost_amount", "orders_12_months",
    "revenue_12_months", "annual_revenue", "last_order_on", "last_activity_on", "next_activity_on", "contact_count",
    "skills_needed", "other_currencies", "contacts", "needs", "team", "owners", "pipeline", "past_opportunities",
    "orders", "orders_per_year", "activities",
]  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def company(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker: str
) -> Iterator[TestWorkspace]:
    """The company with more in it, on each database in turn, for tests that leave it as it is."""
    folder = tmp_path_factory.mktemp("busy")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "sales.db")
        where = DatabaseUrl("sqlite", path=folder / "sales.db")
        busy = TestWorkspace(where, where, worker)
        busy_company.fill(busy, folder)
        yield busy
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with copy_on_server(server, request.getfixturevalue("postgres_template"), worker) as busy:
        busy_company.fill(busy, folder)
        yield busy


Pages = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def pages(company: TestWorkspace, sfactl: Run) -> Pages:
    """What `account show` says as JSON, always as a list."""

    def show(*codes: str, as_: str = "ana") -> list[dict[str, Any]]:
        result = sfactl("account", "show", *codes, "-o", "json", workspace=company, as_=as_)
        assert result.code == 0, result.err
        found = json.loads(result.out)
        return found if isinstance(found, list) else [found]

    return show


def _seen(login: str) -> list[Sight]:
    return [sight for code in CODES if (sight := Sight(login, code)).is_seen]


# cases 3 and 7
@pytest.mark.parametrize("login", PEOPLE)
def test_every_section_is_what_the_files_say_as_far_as_one_sees(pages: Pages, login: str) -> None:
    sights = _seen(login)

    found = pages(*(sight.code for sight in sights), as_=login)

    assert [page["code"] for page in found] == [sight.code for sight in sights]
    for page, sight in zip(found, sights, strict=True):
        _is_true(page, sight)


def _is_true(page: dict[str, Any], sight: Sight) -> None:
    assert list(page) == KEYS
    assert page["owner"] == (sight.account["owner"] or None)
    assert [row["name"] for row in page["contacts"]] == [row["name"] for row in sight.contacts]
    assert page["contact_count"] == len(sight.contacts)
    assert page["needs"] == sight.needs()
    assert page["skills_needed"] == (", ".join(f"{row['skill']} {row['level']}" for row in sight.needs()) or None)
    is_open = [row for row in sight.sales if row["stage"] not in ("won", "lost")]
    closed = [row for row in sight.sales if row["stage"] in ("won", "lost")]
    assert _told(page["pipeline"], "code") == [
        row["code"] for row in sorted(is_open, key=lambda row: (row["close_on"], row["code"]))
    ]
    assert _told(page["past_opportunities"], "code", "status", "closed_on") == [
        (row["code"], row["stage"], row["closed_on"])
        for row in sorted(closed, key=lambda row: (row["closed_on"], row["code"]), reverse=True)
    ]
    assert _told(page["orders"], "code", "booked_on", "completed_on", "amount", "status", "currency") == [
        (row["code"], row["booked_on"], row.get("completed_on") or None, row["amount"], row.get("status") or None,
         row.get("currency") or "USD")
        for row in sight.orders
    ]  # fmt: skip
    assert page["orders_per_year"] == sight.years()
    assert {row["subject"] for row in page["activities"]} == {row["subject"] for row in sight.activities}
    days = [row["on"] for row in page["activities"]]
    assert days == sorted(days, reverse=True)
    _sums_are_true(page, sight)


def _told(rows: list[dict[str, Any]], *keys: str) -> list[Any]:
    found = [tuple(row[key] for key in keys) for row in rows]
    return [each[0] for each in found] if len(keys) == 1 else found


def _sums_are_true(page: dict[str, Any], sight: Sight) -> None:
    sums = sight.sums("USD")
    assert {key: page[key] for key in sums} == sums
    others = sight.sums("EUR")
    is_any = bool(
        others["open_opportunities"] or others["won_count"] or others["lost_count"] or others["orders_12_months"]
    )
    assert page["other_currencies"] == ([others] if is_any else [])
    done = [row["done_on"] for row in sight.activities if row["done_on"]]
    planned = [
        row["planned_on"] for row in sight.activities if not row["done_on"] and row["planned_on"] >= "2026-05-20"
    ]
    assert page["last_activity_on"] == max(done, default=None)
    assert page["next_activity_on"] == min(planned, default=None)
    assert page["last_order_on"] == max((row["booked_on"] for row in sight.orders), default=None)


def test_money_is_never_added_across_currencies(pages: Pages) -> None:
    page = pages("A-SW1")[0]

    assert (page["open_opportunities"], page["open_amount"], page["currency"]) == (1, "5000.00", "USD")
    assert [(row["currency"], row["open_amount"]) for row in page["other_currencies"]] == [("EUR", "700.00")]
    assert {(row["year"], row["currency"]) for row in page["orders_per_year"]} == {
        ("FY2026", "USD"), ("FY2026", "EUR"), ("FY2025", "USD"), ("FY2024", "USD"),
    }  # fmt: skip


def test_an_activity_stands_before_during_or_after_an_order(pages: Pages) -> None:
    found = {row["subject"]: (row["phase"], row["order"]) for row in pages("A-SW1")[0]["activities"]}

    assert found == PHASES


def test_a_hidden_order_makes_no_phase(pages: Pages) -> None:
    """Of A-NE2 eve and sam see one activity each besides what both see."""
    assert [row["subject"] for row in pages("A-NE2", as_="sam")[0]["activities"]] == ["At home"]
    assert {row["subject"] for row in pages("A-NE2", as_="eve")[0]["activities"]} == {"From afar", "At home"}


def test_owners_over_time_say_who_brought_them_about(pages: Pages, company: TestWorkspace) -> None:
    mine, hers = pages("A-SW2")[0]["owners"], pages("A-SW2", as_="nora")[0]["owners"]
    runs = [key for (key,) in system_rows(company, "SELECT key FROM run ORDER BY id")]

    assert [(row["owner"], row["since"], row["until"], row["cause"], row["by"], row["run"]) for row in mine] == [
        ("nora", "2026-05-01", None, "import", "ana", runs[1]),
        ("sam", "2025-01-01", "2026-05-01", "import", "ana", runs[0]),
    ]
    assert [(row["owner"], row["by"], row["run"]) for row in hers] == [("nora", None, None)]


def test_who_is_responsible_is_told_as_far_as_one_sees(pages: Pages) -> None:
    def told(login: str) -> list[tuple[str, str, str | None]]:
        return [(row["role"], row["user"], row["place"]) for row in pages("A-SW1", as_=login)[0]["team"]]

    assert told("ana") == told("aldo") == [
        ("owner", "sam", "SW"), ("manager", "mike", "WEST"), ("manager", "dora", "WORLD"), ("team_lead", "mike", "T-WEST"),
    ]  # fmt: skip
    assert told("mike") == [
        ("owner", "sam", "SW"), ("manager", "mike", "WEST"), ("reports_to", "dora", None), ("team_lead", "mike", "T-WEST"),
    ]  # fmt: skip
    assert told("sam") == [("owner", "sam", "SW"), ("reports_to", "dora", None)]


# case 15
@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "md", "html"])
def test_a_hidden_account_among_several_shows_nothing_of_any(company: TestWorkspace, sfactl: Run, form: str) -> None:
    """Also one of whose sales one has a share."""
    shared = sfactl("opportunity", "show", "OPP-3", "-o", "json", workspace=company, as_="sam")
    hidden = sfactl("account", "show", "A-SW1", "A-NE1", "A-SW2", "-o", form, workspace=company, as_="sam")
    absent = sfactl("account", "show", "A-SW1", "A-XX1", "A-SW2", "-o", form, workspace=company, as_="sam")

    assert shared.code == 0
    assert hidden.code == absent.code == 3
    assert hidden.out == absent.out == ""
    assert hidden.err.replace("A-NE1", "?") == absent.err.replace("A-XX1", "?")
    assert "There is no account A-NE1." in hidden.err


@pytest.mark.parametrize("login", PEOPLE)
def test_one_sees_the_pages_of_the_accounts_in_his_list_and_no_others(
    company: TestWorkspace, sfactl: Run, login: str
) -> None:
    codes = {code: sfactl("account", "show", code, "-o", "csv", workspace=company, as_=login).code for code in CODES}

    assert codes == {code: 0 if Sight(login, code).is_seen else 3 for code in CODES}


def test_accounts_are_shown_in_the_order_asked_each_once(pages: Pages) -> None:
    found = pages("Drizzle Coffee", "A-SW1", "a-nw1", "A-SW1", "A-NW1")

    assert [page["code"] for page in found] == ["A-NW1", "A-SW1"]
    assert found[1] == pages("A-SW1")[0], "the same as alone"


def test_a_name_of_several_accounts_lists_them(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text("code,name,territory\nB-1,Adobe Tools,NE\n", encoding="utf-8")
    assert sfactl("import", "account", str(path), workspace=workspace).code == 0

    several = sfactl("account", "show", "adobe tools", workspace=workspace)
    only = sfactl("account", "show", "adobe tools", "-o", "json", workspace=workspace, as_="sam")

    assert several.code == 2
    assert "A-SW1, B-1" in several.err
    assert json.loads(only.out)["code"] == "A-SW1"


def test_csv_and_markdown_have_a_row_an_account(company: TestWorkspace, sfactl: Run) -> None:
    def rows(*codes: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(sfactl("account", "show", *codes, "-o", "csv", workspace=company).out)))

    several = rows("A-NE1", "A-SW1")
    markdown = sfactl("account", "show", "A-NE1", "A-NW1", "-o", "md", workspace=company).out

    assert [(row["code"], row["currency"], row["open_amount"]) for row in several] == [
        ("A-NE1", "USD", "9000.00"), ("A-SW1", "USD", "5000.00"), ("A-SW1", "EUR", "700.00"),
    ]  # fmt: skip
    assert several[1]["annual_revenue"] == "1000000.00"
    assert several[2]["annual_revenue"] == ""
    assert list(several[0]) == KEYS[:25]
    assert rows("A-SW1") == several[1:]
    assert len(markdown.splitlines()) == 4


def test_a_line_of_json_an_account(company: TestWorkspace, sfactl: Run, pages: Pages) -> None:
    result = sfactl("account", "show", "A-NE1", "A-SW1", "-o", "jsonl", workspace=company)

    assert [json.loads(line) for line in result.out.splitlines()] == pages("A-NE1", "A-SW1")


def test_fields_choose_lines_and_columns(company: TestWorkspace, sfactl: Run) -> None:
    beside = sfactl("account", "show", "A-NE1", "A-NW1", "--fields", "code,owner", workspace=company)
    rows = sfactl("account", "show", "A-NE1", "A-NW1", "--fields", "code,owner", "-o", "csv", workspace=company)

    assert [line.split() for line in beside.out.splitlines()][::2] == [
        ["Code", "A-NE1", "A-NW1"],
        ["Owner", "eve", "nora"],
    ]
    assert rows.out == "code,owner\nA-NE1,eve\nA-NW1,nora\n"
    assert sfactl("account", "show", "A-NE1", "--fields", "nothing", workspace=company).code == 2


@pytest.mark.parametrize("codes", [("A-SW1",), ("A-NW1",), CODES])
def test_a_page_of_eighty_cells_looks_as_before(company: TestWorkspace, codes: tuple[str, ...]) -> None:
    with company.door().read() as session:
        found = account_page.pages(session, codes)
    out = replace(output(), width=80)

    write_pages(found, out)

    text = re.sub("[0-9]{8}T[0-9]{6}-[-0-9a-f]+", "RUN", written(out))
    assert max(map(len, text.splitlines())) <= 80
    _same_as_golden(f"{codes[0] if len(codes) == 1 else 'several'}.txt", text)


def _same_as_golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("SFACTL_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    assert text == path.read_text(encoding="utf-8")


def test_a_terminal_shows_the_newest_twenty_orders_and_says_where_the_others_are(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    path = tmp_path / "orders.csv"
    rows = "".join(f"X-{number:02},A-NW1,nora,2026-04-{number:02},5\n" for number in range(1, 31))
    path.write_text(f"code,account,seller,booked_on,amount\n{rows}", encoding="utf-8")
    assert sfactl("import", "order", str(path), workspace=sqlite_workspace).code == 0

    table = sfactl("account", "show", "A-NW1", workspace=sqlite_workspace).out
    whole = json.loads(sfactl("account", "show", "A-NW1", "-o", "json", workspace=sqlite_workspace).out)

    assert re.findall(r"^X-[0-9]+", table, re.MULTILINE) == [f"X-{number:02}" for number in range(30, 10, -1)]
    assert "11 more: sfactl order list --account A-NW1" in table.splitlines()
    assert len(whole["orders"]) == 31


def test_as_many_questions_for_several_accounts_as_for_one(company: TestWorkspace) -> None:
    asked: list[str] = []

    def note(*said: Any) -> None:
        asked.append(said[2])

    counts = []
    event.listen(Engine, "before_cursor_execute", note)
    try:
        for codes in (["A-SW1"], list(CODES)):
            asked.clear()
            with company.door().read() as session:
                account_page.pages(session, codes)
            counts.append(len(asked))
    finally:
        event.remove(Engine, "before_cursor_execute", note)

    assert counts[0] == counts[1] <= 12


def test_a_role_that_may_read_accounts_alone_sees_a_page_with_nothing_else(
    workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    from sfactl.config import policy

    for name in policy.FILES:
        text = (policy.DEFAULT_FOLDER / name).read_text(encoding="utf-8")
        role = '[roles.account_manager.may]\nworkspace = ["read"]\naccount = ["read"]\n\n[roles.auditor]'
        text = re.sub(r"\[roles\.account_manager\.may\].*?\[roles\.auditor\]", role, text, flags=re.DOTALL)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert sfactl("policy", "apply", str(tmp_path), "--yes", workspace=workspace).code == 0

    result = sfactl("account", "show", "A-SW1", "-o", "json", workspace=workspace, as_="sam")

    page = json.loads(result.out)
    assert (page["code"], page["owner"]) == ("A-SW1", "sam")
    assert {key for key, value in page.items() if isinstance(value, list) and value} <= {"team"}
    assert [row["role"] for row in page["team"]] == ["reports_to"]


def test_a_timeline_is_one_stream_latest_first(company: TestWorkspace, sfactl: Run) -> None:
    rows = sfactl("account", "timeline", "A-SW1", "-o", "json", workspace=company).rows
    told = [(row["on"], row["kind"], row["what"], row["who"], row["amount"]) for row in rows]
    sight = Sight("ana", "A-SW1")

    assert [row[0] for row in told] == sorted((row[0] for row in told), reverse=True)
    expected = [
        (row["done_on"] or row["planned_on"], row["kind"], row["subject"], row["owner"], None)
        for row in sight.activities
    ]
    for row in sight.sales:
        amount = str(added([row]).quantize(added([])))
        expected.append((row["created_on"], "opened", f"{row['code']} {row['name']}", row["seller"], amount))
        if row["closed_on"]:
            expected.append((row["closed_on"], row["stage"], f"{row['code']} {row['name']}", row["seller"], amount))
        else:
            stage = {"propose": "Propose", "qualify": "Qualify"}[row["stage"]]
            expected.append(("2026-05-20", "stage", f"{row['code']} {stage}", "ana", amount))
    expected += [
        (row["booked_on"], "order", f"{row['code']} ({row['channel']})", row["seller"], row["amount"])
        for row in sight.orders
    ]
    expected.append(("2025-01-01", "owner", "Sam Person, SW, import", "ana", None))
    expected += [
        ("2026-05-20", "contact", ", ".join(filter(None, (row["name"], row["title"]))), None, None)
        for row in sight.contacts
    ]
    assert sorted(told, key=repr) == sorted(expected, key=repr)


def test_a_timeline_is_cut_by_day_and_number(company: TestWorkspace, sfactl: Run) -> None:
    def rows(*words: str, as_: str = "ana") -> list[dict[str, Any]]:
        return sfactl("account", "timeline", "A-SW1", *words, "-o", "json", workspace=company, as_=as_).rows

    whole = rows()

    assert rows("--limit", "3") == whole[:3]
    assert rows("--since", "2026-04-10") == [row for row in whole if row["on"] >= "2026-04-10"]
    assert rows("--since", "2026-04-10", "-n", "2") == whole[:2]
    assert rows("--since", "2030-01-01") == []
    assert [row["is_planned"] for row in rows("-n", "2")] == [True, False]
    assert {row["who"] for row in rows(as_="sam") if row["kind"] == "owner"} == {None}, "whose run it was is hidden"
    assert sfactl("account", "timeline", "A-SW1", "--since", "May", workspace=company).code == 2


def test_a_timeline_holds_what_one_sees_of_it(company: TestWorkspace, sfactl: Run) -> None:
    def whats(code: str, login: str) -> set[str]:
        rows = sfactl("account", "timeline", code, "-o", "json", workspace=company, as_=login).rows
        return {row["what"] for row in rows}

    assert "From afar" in whats("A-NE2", "eve")
    assert "From afar" not in whats("A-NE2", "sam")
    hidden = sfactl("account", "timeline", "A-NE1", workspace=company, as_="sam")
    absent = sfactl("account", "timeline", "A-XX1", workspace=company, as_="sam")
    assert hidden.code == absent.code == 3
    assert hidden.err.replace("A-NE1", "?") == absent.err.replace("A-XX1", "?")


def test_a_moment_has_the_day_of_whoever_looks(
    sqlite_workspace: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def day(zone: str) -> str:
        monkeypatch.setenv("SFACTL_TIME_ZONE", zone)
        rows = sfactl("account", "timeline", "A-SW1", "-o", "json", workspace=sqlite_workspace).rows
        return next(str(row["on"]) for row in rows if row["kind"] == "contact")

    assert (day("Pacific/Kiritimati"), day("Pacific/Pago_Pago")) == ("2026-05-20", "2026-05-19")
