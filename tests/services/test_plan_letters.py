"""Who is touched by a plan gets one mail about what comes to him and what goes, and about nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from sfactl.config.policy import RulesFile
from sfactl.core.plans import Header
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import assignment_policy, outbox, plan_letters, plan_names
from sfactl.services.plan_entities import Batch
from tests import organisation
from tests.post_office import opened
from tests.workspace import TestWorkspace, system_rows

RUN = "20260520T090000-0a1b2c3d"
STAGE = 7
HEADER = Header(
    RUN, "assignment move", organisation.NOW.isoformat(), "olga", "2026-05-20", "2026-06-01", reason="new districts"
)
MOVES = {
    "A-SW1": ("sam", "nora"),
    "A-SW2": ("sam", "nora"),
    "A-SW3": ("eve", "leo"),
    "A-NW1": ("nora", "nora"),
    "A-NO1": (None, "sam"),
}
"""Account to whose it was and whose it becomes; leo has left, and nora's own only changes its place."""


def stage(session: Session, moves: dict[str, tuple[str | None, str | None]], *, notifies: bool = True) -> Batch:
    assignment_policy.put(session, RulesFile.model_validate({"notify": {"moves": notifies}}))
    names = plan_names.load(session)
    accounts: dict[str, int] = dict(session.execute(select(t.account.c.code, t.account.c.id)).all())
    lines: list[dict[str, Any]] = [
        {
            "stage_id": STAGE, "n": n, "user_id": session.actor.user_id, "entity": "account", "key": code, "cause": "manual",
            "row_id": accounts[code], "was_person": names.person(was), "to_person": names.person(becomes),
        }
        for n, (code, (was, becomes)) in enumerate(moves.items(), 1)
    ]  # fmt: skip
    session.sql.execute(insert(t.plan_stage), lines)
    return Batch(RUN, 1, HEADER.effective_on, names, STAGE, len(moves))


def write(session: Session, **said: Any) -> int:
    return plan_letters.write(session, stage(session, MOVES, **said), HEADER)


def test_each_person_touched_gets_one_mail_and_each_sees_his_own(workspace: TestWorkspace) -> None:
    count = workspace.door("ana").write(write)

    found = system_rows(
        workspace,
        "SELECT u.login, m.to_address, m.subject, m.text, m.html FROM message m"
        " JOIN app_user u ON u.id = m.recipient_id ORDER BY u.login",
    )
    assert count == 3
    told = {
        str(login): (str(address), str(subject), str(text), str(html)) for login, address, subject, text, html in found
    }
    assert set(told) == {"eve", "nora", "sam"}
    assert [told[login][:2] for login in ("eve", "nora", "sam")] == [
        ("eve@x.example", "Your accounts from Jun 1, 2026: 0 come, 1 go"),
        ("nora@x.example", "Your accounts from Jun 1, 2026: 2 come, 0 go"),
        ("sam@x.example", "Your accounts from Jun 1, 2026: 1 come, 2 go"),
    ]
    sam, nora, eve = (told[login][2] for login in ("sam", "nora", "eve"))
    for said in (
        "Hello Sam Person,", "Ana Admin has changed", "Why: new districts", "1 account comes to you",
        "A-NO1  Gone Missing", "Comes from: nobody", "2 accounts go to somebody else", "A-SW1  Adobe Tools",
        "Goes to: Nora Person · $1,000,000.00", "Annual revenue: $3,000,000.00", "sfactl assignment list --owner sam",
        f"sfactl plan show {RUN}",
    ):  # fmt: skip
        assert said in sam
    assert "Annual revenue: $3,000,000.00" in nora
    assert "goes" not in nora
    assert "Leo Leaver" in eve
    for text, hidden in ((sam, ("Canyon", "Drizzle")), (nora, ("Canyon", "Gone", "Drizzle")), (eve, ("Adobe", "Gone"))):
        assert not [name for name in hidden if name in text]
    assert all(told[login][3].count("<tr>") == len([1 for pair in MOVES.values() if login in pair and pair[0] != pair[1]])
               + told[login][3].count("<table") for login in told)  # fmt: skip


def test_nobody_is_told_where_the_policy_does_not_say_so(workspace: TestWorkspace) -> None:
    assert workspace.door().write(write, notifies=False) == 0
    assert system_rows(workspace, "SELECT count(*) FROM message") == [(0,)]


def test_a_plan_that_is_applied_again_tells_nobody_twice(sqlite_workspace: TestWorkspace) -> None:
    def twice(session: Session) -> tuple[int, int]:
        batch = stage(session, MOVES)
        return plan_letters.write(session, batch, HEADER), plan_letters.write(session, batch, HEADER)

    assert sqlite_workspace.door().write(twice) == (3, 0)


@pytest.mark.parametrize("address", [None, "nobody", "a@x.example, b@x.example"])
def test_who_has_no_address_that_mail_can_go_to_gets_none(sqlite_workspace: TestWorkspace, address: str | None) -> None:
    def without(session: Session) -> int:
        session.sql.execute(update(t.user).where(t.user.c.login == "sam").values(email=address))
        return write(session)

    assert sqlite_workspace.door().write(without) == 2


def test_of_many_accounts_the_first_are_named_and_all_are_counted(workspace: TestWorkspace) -> None:
    def many(session: Session) -> int:
        sample = session.execute(select(t.account).where(t.account.c.code == "A-SW1")).one()._asdict()
        del sample["id"]
        rows = [
            {
                **sample,
                "code": f"B-{n:03}",
                "currency": "EUR" if n == 1 else "USD",
                "annual_revenue_minor": n * 100,
                "external_id": None,
            }
            for n in range(1, 31)
        ]
        session.sql.execute(insert(t.account), rows)
        return plan_letters.write(session, stage(session, {row["code"]: ("sam", "nora") for row in rows}), HEADER)

    assert workspace.door().write(many) == 2
    [(text,)] = system_rows(workspace, "SELECT text FROM message WHERE to_address = 'nora@x.example'")
    assert "30 accounts come to you" in str(text)
    assert "Annual revenue: €1.00 + $464.00" in str(text)
    assert "B-020" in str(text)
    assert "B-021" not in str(text)
    assert "and 10 more" in str(text)


def test_a_mail_about_a_plan_is_sent(sqlite_workspace: TestWorkspace) -> None:
    door = sqlite_workspace.door()
    door.write(write)
    with opened() as office:
        report = outbox.send(door, office.server())

    assert [each.status for each in report.tried] == ["sent"] * 3
    assert sorted(office.recipients) == ["eve@x.example", "nora@x.example", "sam@x.example"]
    assert not [message for message in office.taken if not message.is_multipart()]


def test_a_reason_that_would_act_is_words(sqlite_workspace: TestWorkspace) -> None:
    def hostile(session: Session) -> int:
        header = replace(HEADER, reason="<b>now</b>\r\nBcc: evil@x.example {{ 7 * 7 }}")
        return plan_letters.write(session, stage(session, MOVES), header)

    sqlite_workspace.door().write(hostile)

    [(text, html)] = system_rows(sqlite_workspace, "SELECT text, html FROM message WHERE to_address = 'sam@x.example'")
    assert "<b>now</b> Bcc: evil@x.example {{ 7 * 7 }}" in str(text)
    assert "&lt;b&gt;now&lt;/b&gt;" in str(html)
