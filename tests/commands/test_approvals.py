"""Agreement to offers: who is asked and why, and that nobody gets round it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import psycopg
import pytest

from sfactl.config import policy
from sfactl.core.approvals import Rule, reached
from sfactl.core.replies import Verdict
from sfactl.db.session import Door, Session
from sfactl.errors import Conflict, NotAllowed
from sfactl.services import access_logins, approvals, grants, policies
from tests.cli import Result, Run
from tests.db.company import system
from tests.organisation import NOW
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

APPROVALS = """
[[rule]]
code = "ten"
title = "10 % off and more"
measure = "discount"
from = 10
to = 20
role = "district_manager"
hours = 24
escalate_to = "director"

[[rule]]
code = "twenty"
measure = "discount"
from = 20
role = "director"
step = 2

[[rule]]
code = "slow"
measure = "terms"
from = 60
role = "district_manager"

[[rule]]
code = "thin"
measure = "margin"
to = 40
role = "director"
step = 2
"""


def ruled(workspace: TestWorkspace, rules: str = APPROVALS) -> None:
    """The rules are in force."""
    texts = {**policy.default().files, "approvals.toml": rules, "forms.toml": '[[form]]\ncode = "approval"\ntitle = "Approval"\n'
             'subject = "{{ quote.code }}: {{ quote.total }}"\n'}  # fmt: skip
    workspace.door().write(policies.apply, policy.from_texts(texts))


def offer(sfactl: Run, workspace: TestWorkspace, discount: str = "15%", *more: str) -> str:
    """A quote of sam's for pumps, and its code."""
    done = sfactl(
        "quote", "new", "OPP-1", "--product", "P-1=10", "--discount", f"1={discount}", *more, "-o", "json",
        workspace=workspace, as_="sam",
    )  # fmt: skip
    assert done.code == 0, done.err
    return str(json.loads(done.out)["code"])


def status(workspace: TestWorkspace, code: str) -> Any:
    return system_rows(workspace, f"SELECT status FROM quote WHERE code = '{code}'")[0][0]


def rows(result: Result, *keys: str) -> list[tuple[Any, ...]]:
    assert result.code == 0, result.err
    return [tuple(row[key] for key in keys) for row in result.rows]


def test_a_preview_says_who_must_agree_and_why_and_asks_nobody(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace, "25%")

    seen = sfactl("quote", "submit", code, "--preview", "-o", "json", workspace=workspace, as_="sam")

    assert rows(seen, "step", "rule", "value", "bound", "approvers", "status") == [
        (1, "ten", "25 %", "10 %", "mike", "next"), (2, "twenty", "25 %", "20 %", "dora", "later"),
    ]  # fmt: skip
    assert status(workspace, code) == "draft"
    assert system_rows(workspace, "SELECT count(*) FROM approval, message") == [(0,)]


def test_lower_steps_come_first_and_the_last_word_approves(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace, "25%")

    submitted = sfactl("quote", "submit", code, workspace=workspace, as_="sam")
    early = sfactl("quote", "approve", code, workspace=workspace, as_="dora")
    first = sfactl("quote", "approve", code, "-c", "fine", workspace=workspace, as_="mike")
    twice = sfactl("quote", "approve", code, workspace=workspace, as_="mike")
    last = sfactl("quote", "approve", code, workspace=workspace, as_="dora")

    assert (submitted.code, first.code, last.code) == (0, 0, 0), (submitted.err, first.err, last.err)
    assert (early.code, twice.code) == (5, 5)
    assert "is submitted now" in first.err
    assert status(workspace, code) == "approved"
    assert system_rows(workspace, "SELECT to_address, kind FROM message ORDER BY id") == [
        ("mike@x.example", "approval"), ("dora@x.example", "approval"), ("sam@x.example", "quote"),
    ]  # fmt: skip
    listed = sfactl("quote", "approvals", code, "--all", "-o", "json", workspace=workspace, as_="sam")
    assert rows(listed, "rule", "approver", "status", "comment") == [
        ("ten", "mike", "approved", "fine"), ("twenty", "dora", "approved", None),
    ]  # fmt: skip


def test_with_nobody_to_ask_a_quote_is_approved_at_once(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace, "5%")

    done = sfactl("quote", "submit", code, workspace=workspace, as_="sam")

    assert (done.code, done.err) == (0, f"{code} is approved now.\n")


def test_a_margin_that_the_seller_does_not_see_decides_all_the_same(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace, APPROVALS.split("[[rule]]\ncode = \"ten\"")[0] + '[[rule]]\ncode = "thin"\nmeasure = "margin"\nto = 40\n'
          'role = "director"\n')  # fmt: skip
    good, thin = offer(sfactl, workspace, "5%"), offer(sfactl, workspace, "35%")

    seen = [
        sfactl("quote", "submit", code, "--preview", "-o", "json", workspace=workspace, as_="sam")
        for code in (good, thin)
    ]

    assert [rows(each, "rule", "value", "approvers") for each in seen] == [[], [("thin", None, "dora")]]


@pytest.mark.parametrize("login", ["sam", "nora", "eve", "ana"])
def test_nobody_agrees_who_is_not_asked(sfactl: Run, workspace: TestWorkspace, login: str) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace)
    sfactl("quote", "submit", code, workspace=workspace, as_="sam")

    done = sfactl("quote", "approve", code, workspace=workspace, as_=login)

    assert done.code in (3, 4, 5)
    assert status(workspace, code) == "submitted"


# case 78
def test_nobody_agrees_to_his_own_not_even_where_his_role_could(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace)
    made = sfactl(
        "quote", "new", "OPP-1", "--product", "P-1=10", "--discount", "1=15%", "-o", "json", workspace=workspace, as_="mike"
    )  # fmt: skip
    code = json.loads(made.out)["code"]

    seen = sfactl("quote", "submit", code, "--preview", "-o", "json", workspace=workspace, as_="mike")
    submitted = sfactl("quote", "submit", code, workspace=workspace, as_="mike")

    assert rows(seen, "approvers", "status") == [("", "nobody")]
    assert submitted.code == 5
    assert "Nobody can agree" in submitted.err


# case 78
def test_a_seller_who_may_act_for_the_manager_does_not_agree_in_his_name(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace)
    sfactl("quote", "submit", code, workspace=workspace, as_="sam")
    door = deputy(workspace, "mike", "sam")

    with pytest.raises(NotAllowed) as refused:
        door.write(approvals.decide, code, Verdict.APPROVE)
    with pytest.raises(Conflict):
        door.write(_forge)

    assert "own offer" in str(refused.value)
    assert status(workspace, code) == "submitted"


def at_keyboard(workspace: TestWorkspace, login: str) -> None:
    """Whose the account of the operating system is from now on; on a server, everybody has his own."""
    if workspace.is_sqlite:
        with system(workspace) as run:
            run("UPDATE user_identity SET user_id = (SELECT id FROM app_user WHERE login = '" + login + "')")


def deputy(workspace: TestWorkspace, boss: str, login: str) -> Door:
    """The way to the data for somebody who acts for his boss: he is at the keyboard."""
    until = date.today() + timedelta(days=30)  # a server goes by its own day
    workspace.door().write(grants.name_deputy, boss, login, since=date(2026, 1, 1), until=until)
    own = workspace.door(login).url
    at_keyboard(workspace, login)
    if not workspace.is_sqlite:
        access_logins.sync(workspace.system_url)
    return Door(own, as_user=boss, now=NOW, today=NOW.date())


def _forge(session: Session) -> None:
    session.sql.exec_driver_sql(
        "UPDATE approval SET status = 'approved', decided_at = asked_at, decided_by_id = approver_id, value = 1500,"
        " composition = 'USD//'"
    )


def test_a_deputy_agrees_in_the_managers_name_and_both_are_kept(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace)
    sfactl("quote", "submit", code, workspace=workspace, as_="sam")

    deputy(workspace, "mike", "nora").write(approvals.decide, code, Verdict.APPROVE, comment="for mike")

    assert status(workspace, code) == "approved"
    assert system_rows(
        workspace,
        "SELECT a.login, d.login FROM approval JOIN app_user AS a ON a.id = approver_id"
        " JOIN app_user AS d ON d.id = decided_by_id",
    ) == [("mike", "nora")]


def test_a_change_for_the_worse_ends_it_and_one_for_the_better_keeps_it(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace)
    sfactl("quote", "submit", code, workspace=workspace, as_="sam")
    sfactl("quote", "approve", code, workspace=workspace, as_="mike")

    better = sfactl("quote", "edit", code, "--discount", "1=12%", workspace=workspace, as_="sam")
    after_better = status(workspace, code)
    worse = sfactl("quote", "edit", code, "--discount", "1=16%", workspace=workspace, as_="sam")

    assert (better.code, after_better) == (0, "approved"), better.err
    assert (worse.code, status(workspace, code)) == (0, "stale"), worse.err
    again = sfactl("quote", "submit", code, "-o", "json", workspace=workspace, as_="sam")
    assert rows(again, "rule", "status") == [("ten", "asked")]


def test_a_change_reopens_only_the_steps_that_it_touches(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace)
    sfactl("quote", "submit", code, workspace=workspace, as_="sam")
    sfactl("quote", "approve", code, workspace=workspace, as_="mike")

    sfactl("quote", "edit", code, "--payment-days", "90", workspace=workspace, as_="sam")
    again = sfactl("quote", "submit", code, "-o", "json", workspace=workspace, as_="sam")

    assert rows(again, "rule", "status") == [("slow", "asked"), ("ten", "agreed")]


def test_a_copy_and_a_revision_start_without_agreement(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace)
    sfactl("quote", "submit", code, workspace=workspace, as_="sam")
    sfactl("quote", "approve", code, workspace=workspace, as_="mike")

    made = [
        json.loads(sfactl("quote", verb, code, "-o", "json", workspace=workspace, as_="sam").out)["code"]
        for verb in ("copy", "revise")
    ]
    seen = [
        rows(sfactl("quote", "submit", each, "--preview", "-o", "json", workspace=workspace, as_="sam"), "agreed")
        for each in made
    ]

    assert [status(workspace, each) for each in made] == ["draft", "draft"]
    assert seen == [[(0,)], [(0,)]]


ATTACKS = {
    "approved at once": "UPDATE quote SET status = 'approved'",
    "accepted at once": "UPDATE quote SET status = 'accepted'",
    "a line after submitting": "UPDATE quote_line SET net_minor = 1, amount_minor = 1, net_e4 = 1",
    "a line less": "DELETE FROM quote_line",
    "a header after submitting": "UPDATE quote SET payment_days = 365",
    "an approval of one's own making": "INSERT INTO approval (quote_id, rule_id, territory_id, approver_id, asked_by_id, asked_at,"
    " due_at, status, digest) SELECT quote_id, rule_id, territory_id, approver_id, asked_by_id, asked_at, due_at, 'approved',"
    " digest FROM approval",
    "an approval decided for another": "UPDATE approval SET status = 'approved', decided_at = due_at,"
    " decided_by_id = approver_id, composition = '', value = 0",
    "an approval moved": "UPDATE approval SET approver_id = asked_by_id",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_statement_gets_round_agreement(sfactl: Run, workspace: TestWorkspace, attack: str) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace)
    sfactl("quote", "submit", code, workspace=workspace, as_="sam")
    before = (
        system_rows(workspace, "SELECT status, digest FROM quote"),
        system_rows(workspace, "SELECT * FROM approval"),
    )

    def run(session: Session) -> None:
        session.sql.exec_driver_sql(ATTACKS[attack])

    with pytest.raises(Conflict):
        workspace.door("sam").write(run)

    after = system_rows(workspace, "SELECT status, digest FROM quote"), system_rows(workspace, "SELECT * FROM approval")
    assert after == before


def test_a_quote_changed_past_the_program_is_not_agreed_to(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace)

    def cheat(session: Session) -> None:
        session.sql.exec_driver_sql("UPDATE quote_line SET discount_bp = 0")

    workspace.door("sam").write(cheat)
    submitted = sfactl("quote", "submit", code, workspace=workspace, as_="sam")

    assert submitted.code == 5
    assert "wrote past the program" in submitted.err


def test_on_a_server_an_approver_signs_for_himself_alone(sfactl: Run, postgres_workspace: TestWorkspace) -> None:
    workspace = postgres_workspace
    ruled(workspace)
    code = offer(sfactl, workspace)
    sfactl("quote", "submit", code, workspace=workspace, as_="sam")
    forged = (
        "UPDATE approval SET status = 'approved', decided_at = now(), decided_by_id = (SELECT id FROM app_user WHERE"
        " login = '{}'), composition = 'USD//', value = 1500"
    )

    for login in ("mike", "sam"):
        with psycopg.connect(workspace.door("mike").url.conninfo) as connection, pytest.raises(psycopg.Error) as said:
            connection.execute(forged.format(login))  # type: ignore[call-overload]
        assert "not agreed" in str(said.value)
    assert status(workspace, code) == "submitted"


def test_two_must_agree_where_the_policy_says_so(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace, '[[rule]]\ncode = "two"\nmeasure = "discount"\nfrom = 10\nrole = "account_manager"\nquorum = 2\n')
    made = sfactl(
        "quote", "new", "OPP-1", "--product", "P-1=10", "--discount", "1=15%", "-o", "json", workspace=workspace, as_="mike"
    )  # fmt: skip
    code = json.loads(made.out)["code"]

    seen = sfactl("quote", "submit", code, "--preview", "-o", "json", workspace=workspace, as_="mike")

    assert rows(seen, "quorum", "status") == [(2, "nobody")], "the seller is one of the two"


def test_a_no_ends_it_and_a_recall_takes_it_back(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace)
    sfactl("quote", "submit", code, workspace=workspace, as_="sam")
    no = sfactl("quote", "reject", code, "-c", "too low", workspace=workspace, as_="mike")
    rejected = status(workspace, code)
    sfactl("quote", "submit", code, workspace=workspace, as_="sam")
    back = sfactl("quote", "recall", code, workspace=workspace, as_="sam")
    late = sfactl("quote", "approve", code, workspace=workspace, as_="mike")

    assert (no.code, rejected, back.code, status(workspace, code)) == (0, "rejected", 0, "recalled"), (no.err, back.err)
    assert late.code == 5
    assert system_rows(workspace, "SELECT kind, status FROM message ORDER BY id") == [
        ("approval", "cancelled"), ("quote", "queued"), ("approval", "cancelled"),
    ], "questions that did not leave are withdrawn, and nobody is told that he need not answer them"  # fmt: skip


def test_cron_asks_further_up_when_nobody_answers(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace)
    sfactl("quote", "submit", code, workspace=workspace, as_="sam")
    cron = workspace.door("cron")

    early = cron.write(approvals.escalate)
    later = Door(cron.url, as_user=cron.as_user, now=NOW + timedelta(hours=25), today=NOW.date() + timedelta(days=1))
    late = later.write(approvals.escalate)
    again = later.write(approvals.escalate)
    done = sfactl("quote", "approve", code, workspace=workspace, as_="dora")

    assert (early, [row.approver for row in late], again) == ([], ["mike"], [])
    assert done.code == 0, done.err
    assert status(workspace, code) == "approved"


@pytest.mark.parametrize("discount", ["0%", "9.99%", "10%", "20%", "45%", "70%"])
@pytest.mark.parametrize("days", ["30", "60"])
def test_the_database_and_the_rules_as_values_say_the_same(
    sfactl: Run, sqlite_workspace: TestWorkspace, discount: str, days: str
) -> None:
    workspace = sqlite_workspace
    ruled(workspace)
    code = offer(sfactl, workspace, discount, "--payment-days", days)
    off = Fraction(discount.rstrip("%"))
    measures = {"discount": off, "terms": Fraction(days), "margin": 100 - Fraction(4000) / (100 - off)}
    table = [
        Rule("ten", "discount", Fraction(10)), Rule("twenty", "discount", Fraction(20), step=2),
        Rule("slow", "terms", Fraction(60)), Rule("thin", "margin", highest=Fraction(40), step=2),
    ]  # fmt: skip

    seen = sfactl("quote", "submit", code, "--preview", "-o", "json", workspace=workspace, as_="sam").rows

    assert [row["rule"] for row in seen] == [rule.code for rule in reached(table, measures)]


def rounded_offer(sfactl: Run, workspace: TestWorkspace) -> str:
    """A quote of sam's of 25.01 by the list, 2.50 off the whole: 9.996 %, which is shown as 10.00 %."""
    done = sfactl(
        "quote", "new", "OPP-1", "--product", "P-1=0.25", "--product", "P-2=0.001", "-o", "json", workspace=workspace,
        as_="sam",
    )  # fmt: skip
    code = str(json.loads(done.out)["code"])
    assert sfactl("quote", "edit", code, "--total-discount", "10%", workspace=workspace, as_="sam").code == 0
    return code


def test_what_is_compared_is_what_is_shown(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace)
    code = rounded_offer(sfactl, workspace)

    shown = sfactl("quote", "show", code, "-o", "json", workspace=workspace, as_="sam")
    seen = sfactl("quote", "submit", code, "--preview", "-o", "json", workspace=workspace, as_="sam")
    with pytest.raises(Conflict):
        workspace.door("sam").write(_approve_past_the_program)
    submitted = sfactl("quote", "submit", code, workspace=workspace, as_="sam")
    done = sfactl("quote", "approve", code, workspace=workspace, as_="mike")

    assert (json.loads(shown.out)["list_amount"], json.loads(shown.out)["amount"]) == ("25.01", "22.51")
    assert json.loads(shown.out)["discount"] == "0.1000"
    assert rows(seen, "rule", "value") == [("ten", "10 %")]
    assert (submitted.code, done.code) == (0, 0), (submitted.err, done.err)
    assert system_rows(workspace, "SELECT value FROM approval") == [(1000,)]


def _approve_past_the_program(session: Session) -> None:
    for state in ("submitted", "approved"):
        session.sql.exec_driver_sql(f"UPDATE quote SET status = '{state}'")


TWO = '[[rule]]\ncode = "two"\nmeasure = "discount"\nfrom = 10\nrole = "director"\nquorum = 2\n'


def three_directors(workspace: TestWorkspace) -> None:
    """Two of three must agree: mike, who is the nearest, and dora and olga at the top."""
    ruled(workspace, TWO)
    door = workspace.door()
    for login in ("mike", "olga"):
        door.write(grants.grant, login, "director", since=date(2026, 1, 1))
    with system(workspace) as run:
        run(
            "INSERT INTO territory_member (territory_id, user_id, role, valid_from) SELECT t.id, u.id, 'manager',"
            " '2026-01-01' FROM territory AS t, app_user AS u WHERE t.code = 'WORLD' AND u.login = 'olga'"
        )


def said(workspace: TestWorkspace) -> dict[object, object]:
    query = "SELECT u.login, a.status FROM approval AS a JOIN app_user AS u ON u.id = a.approver_id"
    return dict(system_rows(workspace, query))  # type: ignore[arg-type]


def test_two_of_three_agree_and_the_same_one_twice_counts_once(sfactl: Run, workspace: TestWorkspace) -> None:
    three_directors(workspace)
    code = offer(sfactl, workspace)
    sfactl("quote", "submit", code, workspace=workspace, as_="sam")
    asked = said(workspace)

    first = sfactl("quote", "approve", code, workspace=workspace, as_="mike")
    twice = sfactl("quote", "approve", code, workspace=workspace, as_="mike")
    between = status(workspace, code)
    second = sfactl("quote", "approve", code, workspace=workspace, as_="olga")
    late = sfactl("quote", "approve", code, workspace=workspace, as_="dora")
    listed = sfactl("quote", "approvals", code, "--all", "-o", "json", workspace=workspace, as_="sam")

    assert asked == {"mike": "pending", "dora": "pending", "olga": "pending"}
    assert (first.code, twice.code, between, second.code, late.code) == (0, 5, "submitted", 0, 5), first.err
    assert status(workspace, code) == "approved"
    assert {row["approver"]: row["status"] for row in listed.rows} == {
        "mike": "approved", "olga": "approved", "dora": "void",
    }  # fmt: skip


def test_one_no_of_three_ends_it(sfactl: Run, workspace: TestWorkspace) -> None:
    three_directors(workspace)
    code = offer(sfactl, workspace)
    sfactl("quote", "submit", code, workspace=workspace, as_="sam")

    sfactl("quote", "approve", code, workspace=workspace, as_="mike")
    no = sfactl("quote", "reject", code, "-c", "too low", workspace=workspace, as_="dora")
    late = sfactl("quote", "approve", code, workspace=workspace, as_="olga")
    mine = sfactl("quote", "approvals", "--mine", "-o", "json", workspace=workspace, as_="olga")

    assert (no.code, late.code, mine.rows) == (0, 5, []), no.err
    assert status(workspace, code) == "rejected"


def test_a_deputy_of_two_is_one_person(sfactl: Run, workspace: TestWorkspace) -> None:
    three_directors(workspace)
    code = offer(sfactl, workspace)
    sfactl("quote", "submit", code, workspace=workspace, as_="sam")
    deputy(workspace, "mike", "nora").write(approvals.decide, code, Verdict.APPROVE)

    at_keyboard(workspace, "ana")
    second = deputy(workspace, "dora", "nora")
    with pytest.raises(Conflict) as refused:
        second.write(approvals.decide, code, Verdict.APPROVE)
    between = status(workspace, code)
    at_keyboard(workspace, "ana")
    done = sfactl("quote", "approve", code, workspace=workspace, as_="olga")

    assert "one person counts once" in str(refused.value)
    assert (between, done.code, status(workspace, code)) == ("submitted", 0, "approved"), done.err


def leaves(sfactl: Run, workspace: TestWorkspace, to: str) -> str:
    """Mike leaves; returns the run."""
    words = ("assignment", "move", "--leaver", "mike", "--to", to, "--yes", "-o", "json")
    done = sfactl(*words, workspace=workspace, as_="olga")
    assert done.code == 0, done.err
    return str(json.loads(done.out)["run"])


def test_what_a_leaver_is_asked_is_asked_of_another_and_can_be_taken_back(
    sfactl: Run, workspace: TestWorkspace
) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace)
    sfactl("quote", "submit", code, workspace=workspace, as_="sam")

    words = ("assignment", "move", "--leaver", "mike", "--to", "dora", "--dry-run")
    seen = sfactl(*words, workspace=workspace, as_="olga")
    run = leaves(sfactl, workspace, "dora")
    between = said(workspace)
    late = sfactl("quote", "approve", code, workspace=workspace, as_="mike")
    undone = sfactl("plan", "undo", run, "--yes", workspace=workspace, as_="olga")

    assert between == {"mike": "void", "dora": "pending"}
    assert "1 approval" in seen.out + seen.err
    assert (late.code, undone.code) == (3, 0), undone.err
    open_ = sfactl("quote", "approvals", code, "-o", "json", workspace=workspace, as_="sam")
    assert rows(open_, "approver", "status", "asked_by") == [("mike", "pending", "sam")]
    mails = system_rows(workspace, "SELECT to_address, status FROM message WHERE kind = 'approval' ORDER BY id")
    assert [to for to, _status in mails] == ["mike@x.example", "dora@x.example", "mike@x.example"]
    listed = sfactl("outbox", "list", "-o", "json", workspace=workspace)
    assert [row["status"] for row in reversed(listed.rows) if row["kind"] == "approval"] == [
        "cancelled", "cancelled", "queued",
    ]  # fmt: skip


def test_whose_offer_it_is_is_never_asked_instead_and_what_was_answered_stays(
    sfactl: Run, workspace: TestWorkspace
) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace)
    sfactl("quote", "submit", code, workspace=workspace, as_="sam")

    run = leaves(sfactl, workspace, "sam")
    done = sfactl("quote", "approve", code, workspace=workspace, as_="dora")
    undone = sfactl("plan", "undo", run, "--yes", "-o", "json", workspace=workspace, as_="olga")

    assert said(workspace) == {"mike": "void", "dora": "approved"}
    assert (done.code, undone.code) == (0, 0), (done.err, undone.err)
    assert status(workspace, code) == "approved"


def test_what_was_changed_for_the_worse_is_taken_back_and_a_state_says_what_to_do_next(
    sfactl: Run, workspace: TestWorkspace
) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace)
    early = sfactl("quote", "recall", code, workspace=workspace, as_="sam")
    sfactl("quote", "submit", code, workspace=workspace, as_="sam")
    sfactl("quote", "edit", code, "--discount", "1=18%", workspace=workspace, as_="sam")
    stale = status(workspace, code)
    back = sfactl("quote", "recall", code, workspace=workspace, as_="sam")

    assert (stale, back.code, status(workspace, code)) == ("stale", 0, "recalled"), back.err
    assert early.code == 5
    assert "only a quote that was submitted or approved is taken back" in early.err
    assert f"sfactl quote edit {code}" in early.err
