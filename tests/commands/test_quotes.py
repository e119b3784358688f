"""Quotes: offered, explained, changed by two, copied and revised; what each price is made of stands in `core`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli import Run
from tests.db.company import system
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

NEW = ("quote", "new", "OPP-1", "--product", "P-1=10", "--product", "P-2=200")


def shown(sfactl: Run, workspace: TestWorkspace, code: str = "Q-000001", as_: str = "sam") -> dict[str, Any]:
    """A quote as JSON."""
    page: dict[str, Any] = json.loads(sfactl("quote", "show", code, "-o", "json", workspace=workspace, as_=as_).out)
    return page


def offer(sfactl: Run, workspace: TestWorkspace, *words: str, as_: str = "sam") -> dict[str, Any]:
    """Make a quote and return it."""
    done = sfactl(*(words or NEW), "-o", "json", workspace=workspace, as_=as_)
    assert done.code == 0, done.err
    page: dict[str, Any] = json.loads(done.out)
    return page


def test_a_seller_offers_and_the_opportunity_is_worth_it(sfactl: Run, workspace: TestWorkspace):
    page = offer(sfactl, workspace, *NEW, "--discount", "1=5%")

    assert {name: page[name] for name in ("code", "status", "list_amount", "amount", "is_primary", "seller")} == {
        "code": "Q-000001", "status": "draft", "list_amount": "2600.00", "amount": "2550.00", "is_primary": True,
        "seller": "sam",
    }  # fmt: skip
    assert [(line["product"], line["net_price"], line["amount"]) for line in page["lines"]] == [
        ("P-1", "95.00", "950.00"), ("P-2", "8.00", "1600.00"),
    ]  # fmt: skip
    assert system_rows(workspace, "SELECT amount_minor FROM opportunity WHERE code = 'OPP-1'") == [(255000,)]
    assert system_rows(workspace, "SELECT action, entity FROM audit_event ORDER BY seq DESC LIMIT 1") == [
        ("create", "quote")
    ]


def test_what_things_cost_is_kept_and_shown_to_nobody_who_may_not_know(sfactl: Run, workspace: TestWorkspace):
    page = offer(sfactl, workspace)
    seen = shown(sfactl, workspace, as_="ana")

    assert "cost" not in page["lines"][0]
    assert [(line["cost"], line["margin"]) for line in seen["lines"]] == [("40.00", "0.6000"), ("2.50", "0.6875")]
    assert sfactl(
        "sql", "SELECT count(*) AS n FROM quote_line_cost", "-o", "csv", workspace=workspace, as_="sam"
    ).out == ("n\n0\n")


def test_who_does_not_see_the_opportunity_sees_and_makes_no_quote_of_it(sfactl: Run, workspace: TestWorkspace):
    offer(sfactl, workspace)

    assert sfactl("quote", "list", "-o", "json", workspace=workspace, as_="nora").rows == []
    hidden = sfactl("quote", "show", "Q-000001", workspace=workspace, as_="nora")
    absent = sfactl("quote", "show", "Q-000009", workspace=workspace, as_="nora")
    assert (hidden.code, hidden.err) == (absent.code, absent.err.replace("Q-000009", "Q-000001")) == (3, hidden.err)
    assert sfactl("quote", "new", "OPP-1", "--product", "P-1=1", workspace=workspace, as_="nora").code == 3
    assert sfactl("quote", "new", "OPP-1", "--product", "P-1=1", workspace=workspace, as_="aldo").code == 4


def test_a_trial_shows_the_quote_and_leaves_nothing(sfactl: Run, sqlite_workspace: TestWorkspace):
    done = sfactl(*NEW, "--dry-run", "-o", "json", workspace=sqlite_workspace, as_="sam")

    assert json.loads(done.out)["amount"] == "2600.00" and "trial" in done.err
    assert system_rows(sqlite_workspace, "SELECT count(*) FROM quote, quote_version") == [(0,)]


# case 65
def test_the_second_of_two_is_told_what_the_first_changed(sfactl: Run, workspace: TestWorkspace):
    offer(sfactl, workspace)
    assert sfactl("quote", "edit", "Q-000001", "--quantity", "1=12", workspace=workspace, as_="mike").code == 0

    late = sfactl("quote", "edit", "Q-000001", "--discount", "2=5%", "--version", "1", workspace=workspace, as_="sam")
    assert late.code == 5
    assert "changed by mike since version 1" in late.err and "line 1 P-1, quantity: 10 → 12" in late.err
    assert shown(sfactl, workspace)["amount"] == "2800.00"

    again = sfactl("quote", "edit", "Q-000001", "--discount", "2=5%", workspace=workspace, as_="sam")
    assert again.code == 0 and "Just before, mike changed: " in again.err
    page = shown(sfactl, workspace)
    assert (page["amount"], page["version"]) == ("2720.00", 3)


def test_every_version_can_be_compared(sfactl: Run, sqlite_workspace: TestWorkspace):
    offer(sfactl, sqlite_workspace)
    sfactl("quote", "edit", "Q-000001", "--quantity", "1=12", workspace=sqlite_workspace, as_="sam")

    rows = sfactl(
        "quote", "compare", "Q-000001@1", "Q-000001", "-o", "json", workspace=sqlite_workspace, as_="sam"
    ).rows

    assert [(row["line"], row["field"], row["before"], row["after"]) for row in rows] == [
        (None, "net_minor", "2600.00", "2800.00"), (1, "quantity_milli", "10", "12"),
        (1, "net_minor", "1000.00", "1200.00"),
    ]  # fmt: skip
    assert sfactl("quote", "compare", "Q-000001@7", "Q-000001", workspace=sqlite_workspace, as_="sam").code == 3


def test_a_change_of_name_is_told_and_one_of_nothing_says_so(sfactl: Run, sqlite_workspace: TestWorkspace):
    def edited(*words: str) -> str:
        done = sfactl("quote", "edit", "Q-000001", *words, workspace=sqlite_workspace, as_="sam")
        assert done.code == 0, done.err
        return done.err

    offer(sfactl, sqlite_workspace, *NEW, "--name", "Pumps")
    digest = "SELECT digest, version FROM quote"
    before = system_rows(sqlite_workspace, digest)

    assert "name: Pumps → Pumps and valves" in edited("--name", "Pumps and valves")
    assert edited("--name", "Pumps and valves", "--quantity", "1=10") == "Nothing is different now.\n"
    assert system_rows(sqlite_workspace, digest) == before, "nobody agrees to a name"
    edits = "SELECT count(*) FROM audit_event WHERE action = 'edit' AND entity = 'quote'"
    assert system_rows(sqlite_workspace, edits) == [(1,)]
    rows = sfactl(
        "quote", "compare", "Q-000001@1", "Q-000001", "-o", "json", workspace=sqlite_workspace, as_="sam"
    ).rows
    assert [(row["field"], row["before"], row["after"]) for row in rows] == [("name", "Pumps", "Pumps and valves")]
    for words in (("edit", "Q-000001", "--name", " "), ("new", "OPP-1", "--product", "P-1=1", "--name", "")):
        refused = sfactl("quote", *words, workspace=sqlite_workspace, as_="sam")
        assert refused.code == 2 and "The name of a quote says nothing." in refused.err


def test_a_price_set_by_hand_keeps_author_and_reason_and_is_flagged_when_its_base_changes(
    sfactl: Run, workspace: TestWorkspace
):
    offer(sfactl, workspace)
    by_hand = ("quote", "edit", "Q-000001", "--price", "1=89.5")
    assert sfactl(*by_hand, workspace=workspace, as_="sam").code == 2
    assert sfactl(*by_hand, "--reason", "as Acme", workspace=workspace, as_="sam").code == 0
    with system(workspace) as run:
        run("UPDATE price SET unit_price_e4 = 1100000 WHERE unit_price_e4 = 1000000")

    assert sfactl("quote", "price", "Q-000001", workspace=workspace, as_="mike").code == 0

    line = shown(sfactl, workspace)["lines"][0]
    assert (line["net_price"], line["list_price"]) == ("89.50", "110.00")
    assert "as Acme" in line["note"] and "another price since" in line["note"]
    kept = "SELECT manual_e4, manual_reason, login, manual_base_e4 FROM quote_line JOIN app_user AS u ON u.id = manual_by_id"
    assert system_rows(workspace, kept) == [(895000, "as Acme", "sam", 1000000)]
    assert sfactl("quote", "edit", "Q-000001", "--by-rule", "1", workspace=workspace, as_="sam").code == 0
    assert shown(sfactl, workspace)["lines"][0]["net_price"] == "110.00"


def test_every_step_and_every_loser_is_told(sfactl: Run, sqlite_workspace: TestWorkspace):
    kept = "'2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z', 1"
    with system(sqlite_workspace) as run:
        for code, family, share in (("WIDE", "NULL", 2000), ("NARROW", "'Pumps'", 1000)):
            run(
                "INSERT INTO price_rule (code, name, step, family, min_quantity_milli, method, discount_bp, valid_from, origin,"
                f" created_at, updated_at, version) VALUES ('{code}', '{code}', 'promotion', {family}, 0, 'percent', {share},"
                f" '2026-01-01', 'import', {kept})"
            )
    offer(sfactl, sqlite_workspace, "quote", "new", "OPP-1", "--product", "P-1=10")

    rows = sfactl("quote", "why", "Q-000001", "1", "-o", "json", workspace=sqlite_workspace, as_="sam").rows

    assert [(row["step"], row["rule"], row["before"], row["after"], row["lost_by"]) for row in rows] == [
        ("list", "standard", None, "100.00", None), ("promotion", "NARROW", "100.00", "90.00", None),
        ("promotion", "WIDE", None, None, "what"), ("quantity", None, "90.00", "900.00", None),
    ]  # fmt: skip
    assert sfactl("quote", "why", "Q-000001", "2", workspace=sqlite_workspace, as_="sam").code == 3


def test_the_way_of_a_price_goes_on_to_what_its_line_comes_to(sfactl: Run, workspace: TestWorkspace):
    offer(sfactl, workspace, "quote", "new", "OPP-1", "--product", "P-1=1.333", "--product", "P-2=2")
    words = ("quote", "edit", "Q-000001", "--price", "1=99.9", "--reason", "as Acme", "--total-discount")

    for discount in ("7%", "33.33"):
        assert sfactl(*words, discount, workspace=workspace, as_="sam").code == 0
        rows = sfactl("quote", "why", "Q-000001", "-o", "json", workspace=workspace, as_="sam").rows
        lines = shown(sfactl, workspace)["lines"]

        for line in lines:
            own = [row for row in rows if row["line"] == line["line"]]
            assert own[-1]["step"] == "total_discount" and discount in own[-1]["title"]
            assert own[-1]["after"] == line["amount"]
        assert [row["step"] for row in rows if row["line"] == 1] == [
            "list", "manual", "quantity", "rounding", "total_discount",
        ]  # fmt: skip


def test_a_promise_to_another_account_does_nothing_and_is_not_seen(sfactl: Run, workspace: TestWorkspace):
    kept = "'2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z', 1"
    with system(workspace) as run:
        for code, value in (("A-SW1", 800000), ("A-NE1", 100000)):
            run(
                "INSERT INTO contract_price (code, account_id, kind, min_quantity_milli, currency, method, value_e4, valid_from,"
                f" created_at, updated_at, version) SELECT 'K-' || code, id, 'contract', 0, 'USD', 'price', {value},"
                f" '2026-01-01', {kept} FROM account WHERE code = '{code}'"
            )

    page = offer(sfactl, workspace, "quote", "new", "OPP-1", "--product", "P-1=1")

    assert page["amount"] == "80.00"
    seen = sfactl("sql", "SELECT code FROM contract_price", "-o", "csv", workspace=workspace, as_="sam").out
    assert seen == "code\nK-A-SW1\n"


def test_a_price_in_another_currency_is_converted_by_the_rate_of_the_day(sfactl: Run, workspace: TestWorkspace):
    words = ("quote", "new", "OPP-1", "--product", "P-1=1", "--currency", "EUR")
    refused = sfactl(*words, workspace=workspace, as_="sam")
    assert refused.code == 2 and "P-1 has no price" in refused.err
    with system(workspace) as run:
        for day, rate in (("2026-01-01", 900_000_000), ("2099-01-01", 1)):
            run(
                "INSERT INTO exchange_rate (from_currency, to_currency, rated_on, rate_e9)"
                f" VALUES ('USD', 'EUR', '{day}', {rate})"
            )

    page = offer(sfactl, workspace, *words)

    assert (page["amount"], page["currency"]) == ("90.00", "EUR")


def test_a_revision_and_a_copy_start_as_drafts_and_the_last_decides(sfactl: Run, workspace: TestWorkspace):
    offer(sfactl, workspace)
    with system(workspace) as run:
        run("UPDATE quote SET status = 'sent'")
    refused = sfactl("quote", "edit", "Q-000001", "--quantity", "1=1", workspace=workspace, as_="sam")
    assert refused.code == 5 and "quote revise" in refused.err

    revised = offer(sfactl, workspace, "quote", "revise", "Q-000001")
    copied = offer(sfactl, workspace, "quote", "copy", "Q-000001", "--opportunity", "OPP-2")

    assert (revised["code"], revised["revision"], revised["status"]) == ("Q-000001-2", 2, "draft")
    assert (copied["code"], copied["opportunity"], copied["status"]) == ("Q-000003", "OPP-2", "draft")
    rows = system_rows(workspace, "SELECT code, primary_of_id IS NOT NULL FROM quote ORDER BY id")
    assert [(code, bool(is_primary)) for code, is_primary in rows] == [
        ("Q-000001", False), ("Q-000001-2", True), ("Q-000003", True),
    ]  # fmt: skip
    assert sfactl("quote", "primary", "Q-000001", workspace=workspace, as_="sam").code == 0
    assert shown(sfactl, workspace)["is_primary"]


def test_offers_end_by_themselves_and_by_the_customers_word(sfactl: Run, workspace: TestWorkspace):
    offer(sfactl, workspace)
    offer(sfactl, workspace)
    with system(workspace) as run:
        run("UPDATE quote SET priced_on = '2026-01-01', valid_until = '2026-02-01' WHERE code = 'Q-000001'")

    over = sfactl("quote", "expire", workspace=workspace, as_="cron")
    declined = sfactl("quote", "decline", "Q-000002", "--reason", "too dear", workspace=workspace, as_="sam")

    assert (over.code, declined.code) == (0, 0) and "Q-000001" in over.err
    assert system_rows(workspace, "SELECT code, status FROM quote ORDER BY id") == [
        ("Q-000001", "expired"), ("Q-000002", "declined"),
    ]  # fmt: skip
    assert sfactl("quote", "decline", "Q-000001", "--reason", "x", workspace=workspace, as_="sam").code == 5
    assert sfactl("quote", "expire", workspace=workspace, as_="cron").err == ""


def test_a_quote_goes_where_its_opportunity_goes(sfactl: Run, workspace: TestWorkspace):
    offer(sfactl, workspace)

    moved = sfactl("assignment", "move", "--from", "sam", "--to", "nora", "--yes", workspace=workspace, as_="mike")

    assert moved.code == 0, moved.err
    whose = "SELECT o.login, c.login FROM quote JOIN app_user AS o ON o.id = owner_id JOIN app_user AS c ON c.id = credited_id"
    assert system_rows(workspace, whose) == [("nora", "nora")]
    assert sfactl("quote", "show", "Q-000001", workspace=workspace, as_="nora").code == 0


@pytest.mark.parametrize(
    "words",
    [("--product", "P-1"), ("--product", "P-1=0"), ("--product", "P-1=1e3"), ("--product", "P-1=1.2345"),
     ("--product", "P-1=1", "--discount", "1=101%"), ("--product", "P-1=1", "--discount", "2=1%"),
     ("--product", "P-1=1", "--discount", "x=1%"), ("--product", "P-1=1", "--valid-until", "2026-01-01"),
     ("--product", "P-1=1", "--currency", "XYZ"), ("--product", "P-1=1", "--locale", "klingon"),
     ("--product", "P-1=1000000000000", "--total-discount", "5"), ()],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_a_remedy(sfactl: Run, sqlite_workspace: TestWorkspace, words):
    done = sfactl("quote", "new", "OPP-1", *words, workspace=sqlite_workspace, as_="sam")

    assert done.code == 2 and done.err.count("\n") >= 2, done.err
    assert system_rows(sqlite_workspace, "SELECT count(*) FROM quote") == [(0,)]


def test_lines_come_and_go_and_an_amount_is_taken_off_all_of_it(
    sfactl: Run, sqlite_workspace: TestWorkspace, tmp_path: Path
):
    offer(sfactl, sqlite_workspace)

    done = sfactl(
        "quote", "edit", "Q-000001", "--remove", "1", "--add", "P-1=3", "--total-discount", "250",
        workspace=sqlite_workspace, as_="sam",
    )  # fmt: skip

    assert done.code == 0, done.err
    page = shown(sfactl, sqlite_workspace)
    assert [(line["line"], line["product"], line["amount"]) for line in page["lines"]] == [
        (2, "P-2", "1389.47"), (3, "P-1", "260.53"),
    ]  # fmt: skip
    assert (page["amount"], page["header_discount"]) == ("1650.00", "250.00")
    paper = tmp_path / "quote.html"
    assert sfactl("quote", "html", "Q-000001", "--to", str(paper), workspace=sqlite_workspace, as_="sam").code == 0
    numbers = re.findall(r'<tr><td class="number">(\d+)</td>', paper.read_text(encoding="utf-8"))
    assert numbers == ["1", "2"], "on paper, lines are counted as they stand there"
    gone = sfactl("quote", "edit", "Q-000001", "--remove", "2", "--remove", "3", workspace=sqlite_workspace, as_="sam")
    assert gone.code == 2 and "quote decline" in gone.err
