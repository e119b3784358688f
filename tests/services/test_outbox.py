"""The outbox over a real mail server that fails in every way: nothing is lost, nothing is sent that was never written."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import trustme

from sfactl.core.outbox import LONGEST_PAUSE, lease
from sfactl.db.session import Door, Session
from sfactl.errors import Conflict, NotAllowed, NotFound, UsageFault
from sfactl.services import outbox
from sfactl.services.erasure import erase_user
from sfactl.services.outbox import Letter, Report
from tests import organisation
from tests.db.company import system
from tests.post_office import LOGIN, PASSWORD, STAGES, PostOffice, opened
from tests.workspace import TestWorkspace, system_rows

LETTER = Letter(
    "run-1 sam", "moves", "sam@x.example", "Your accounts", "Two came.\n.and one went\n", "<p>Two came.</p>"
)
QUICK = 1
"""Seconds that a server may take in tests where it never answers."""


def letters(count: int, **said: Any) -> list[Letter]:
    return [replace(LETTER, delivery_key=f"k{n}", to_address=f"u{n}@x.example", **said) for n in range(count)]


def later(workspace: TestWorkspace, pause: timedelta, login: str = "ana") -> Door:
    """The same door, after some time."""
    door = workspace.door(login)
    return Door(door.url, as_user=door.as_user, now=organisation.NOW + pause, today=organisation.TODAY)


def send(workspace: TestWorkspace, office: PostOffice, *, after: timedelta = timedelta(0), **more: Any) -> Report:
    limit = more.pop("limit", 0)
    return outbox.send(later(workspace, after), office.server(**more), limit=limit, jitter=lambda: 1.0)


def rows(workspace: TestWorkspace, columns: str = "status") -> list[Any]:
    found = system_rows(workspace, f"SELECT {columns} FROM message ORDER BY id")
    return [row[0] for row in found] if "," not in columns else found


# --- writing ---------------------------------------------------------------------------------------------------------


def test_a_second_message_of_a_key_is_not_written(workspace: TestWorkspace) -> None:
    door = workspace.door()

    assert door.write(outbox.put, LETTER)
    assert not door.write(outbox.put, replace(LETTER, subject="Again"))
    assert not workspace.door("mike").write(outbox.put, LETTER), "nor of somebody who cannot see the first"
    assert rows(workspace, "subject, status") == [("Your accounts", "queued")]


# case 71
def test_a_transaction_that_is_rolled_back_leaves_no_mail(workspace: TestWorkspace) -> None:
    def fails(session: Session) -> None:
        assert outbox.put(session, LETTER)
        raise Conflict("no")

    with pytest.raises(Conflict):
        workspace.door().write(fails)
    with opened() as office:
        assert send(workspace, office) == Report((), 0)
    assert office.seen == []
    assert rows(workspace) == []


# case 89
def test_what_would_write_a_header_of_its_own_is_refused_and_nothing_is_written(
    sqlite_workspace: TestWorkspace,
) -> None:
    door = sqlite_workspace.door()

    for bad in ({"subject": "a\nBcc: b@x.example"}, {"to_address": "a@x.example, b@x.example"}, {"text": "\0"}):
        with pytest.raises(UsageFault):
            door.write(outbox.put_all, [LETTER, replace(LETTER, delivery_key="other", **bad)])
    assert rows(sqlite_workspace) == []


def test_who_may_not_write_mail_writes_none(sqlite_workspace: TestWorkspace) -> None:
    for login in ("aldo", "nils"):
        with pytest.raises(NotAllowed):
            sqlite_workspace.door(login).write(outbox.put, LETTER)


# --- sending ---------------------------------------------------------------------------------------------------------


def test_a_message_is_sent_as_it_was_written(workspace: TestWorkspace) -> None:
    workspace.door().write(outbox.put, LETTER)

    with opened() as office:
        report = send(workspace, office)
        again = send(workspace, office)

    assert [(each.to, each.status, each.attempts) for each in report.tried] == [("sam@x.example", "sent", 1)]
    assert (report.waiting, report.fault, again) == (0, None, Report((), 0))
    [message] = office.taken
    assert message["From"] == "Sales <sales@x.example>"
    assert message["Date"] == "Wed, 20 May 2026 09:00:00 +0000"
    text, page = (part.get_payload(decode=True).decode() for part in message.get_payload())  # type: ignore[union-attr]
    assert text.splitlines() == ["Two came.", ".and one went"]
    assert page.strip() == "<p>Two came.</p>"
    assert rows(workspace, "status, message_id") == [("sent", message["Message-ID"])]
    assert [event[0] for event in system_rows(workspace, "SELECT action FROM audit_event ORDER BY seq")][-1] == "send"


# case 75
def test_many_are_sent_in_order_and_no_more_than_was_said(workspace: TestWorkspace) -> None:
    workspace.door().write(outbox.put_all, letters(1000))

    with opened() as office:
        first, second = (send(workspace, office, limit=10) for _time in range(2))

    assert [each.to for each in (*first.tried, *second.tried)] == [f"u{n}@x.example" for n in range(20)]
    assert office.recipients == [f"u{n}@x.example" for n in range(20)]
    assert (first.waiting, second.waiting) == (990, 980)


# case 75
def test_messages_about_one_thing_reach_an_address_in_order(workspace: TestWorkspace) -> None:
    def about(key: str, to: str = "sam@x.example") -> Letter:
        return replace(LETTER, delivery_key=key, to_address=to, about="Q-1", subject=key)

    workspace.door().write(outbox.put_all, [about("one"), about("two"), about("other", "eve@x.example")])
    office = PostOffice(
        lambda stage, _about: "450 greylisted" if stage == "DATA" and office.seen.count("DATA") == 1 else None
    )

    with opened(office):
        early = send(workspace, office)
        late = send(workspace, office, after=timedelta(minutes=5))

    assert [(each.subject, each.status) for each in early.tried] == [("one", "queued"), ("other", "sent")]
    assert [(each.subject, each.status) for each in late.tried] == [("one", "sent"), ("two", "sent")]


# case 75
def test_the_newest_stands_for_earlier_ones_that_still_wait(workspace: TestWorkspace) -> None:
    versions = [
        replace(LETTER, delivery_key=f"Q-1.{n}", about="Q-1", is_newest=True, subject=f"v{n}") for n in (1, 2, 3)
    ]
    for letter in versions:
        workspace.door().write(outbox.put, letter)

    with opened() as office:
        send(workspace, office)

    assert [str(message["Subject"]) for message in office.taken] == ["v3"]
    assert rows(workspace) == ["cancelled", "cancelled", "sent"]


# case 72
def test_one_bad_recipient_of_five_is_told_and_the_others_get_theirs_once(workspace: TestWorkspace) -> None:
    workspace.door().write(outbox.put_all, letters(5))
    office = PostOffice(lambda stage, about: "550 5.1.1 no such user" if stage == "RCPT" and "u2@" in about else None)

    with opened(office):
        report = send(workspace, office)
        send(workspace, office, after=timedelta(days=1))

    assert sorted(office.recipients) == [f"u{n}@x.example" for n in (0, 1, 3, 4)]
    assert [(each.status, each.reason) for each in report.tried][2] == ("failed", "550 5.1.1 no such user")
    assert report.failed == 1
    assert rows(workspace) == ["sent", "sent", "failed", "sent", "sent"]


FAULTS = [
    *((stage, "drop") for stage in STAGES), *((stage, "451 later") for stage in STAGES if stage != "EHLO"),
    *((stage, "421 bye") for stage in STAGES), ("BODY", "drop before"), ("BODY", "999 what"), ("DATA", "xyz"),
]  # fmt: skip
"""What a server may do once, and at which stage."""


# case 71
def test_a_fault_at_any_stage_loses_nothing_and_every_copy_bears_one_name(sqlite_workspace: TestWorkspace) -> None:
    workspace = sqlite_workspace
    workspace.door().write(outbox.put_all, letters(len(FAULTS)))
    names = rows(workspace, "message_id")
    done: Counter[str] = Counter()

    def does(stage: str, about: str) -> str | None:
        """Each recipient meets one fault, at his first attempt."""
        number = next((n for n in range(len(FAULTS)) if f"u{n}@" in about), None)
        if stage in ("EHLO", "MAIL"):  # before a recipient is known
            number = next((n for n, fault in enumerate(FAULTS) if fault[0] == stage and not done[str(n)]), None)
            number = number if number is not None and len(office.taken) >= number else None
        if number is None or FAULTS[number][0] != stage or done[str(number)]:
            return None
        done[str(number)] += 1
        return FAULTS[number][1]

    office = PostOffice(does)
    with opened(office):
        for hours in range(12):
            report = send(workspace, office, after=timedelta(hours=5 * hours))
            if not report.waiting:
                break

    assert rows(workspace) == ["sent"] * len(FAULTS)
    assert set(office.ids) == set(names), "all arrived, under the names that were written"
    surplus = len(office.ids) - len(FAULTS)
    assert 0 < surplus <= sum(stage == "BODY" and fault in ("drop", "999 what", "421 bye") for stage, fault in FAULTS)


@pytest.mark.parametrize(
    ("stage", "said", "status", "pause"),
    [
        ("DATA", "452 full", "queued", timedelta(minutes=1, seconds=1)), ("BODY", "drop", "queued", LONGEST_PAUSE),
        ("BODY", "552 too large", "failed", None), ("DATA", "drop", "queued", timedelta(minutes=1, seconds=1)),
    ],
)  # fmt: skip
def test_a_message_waits_as_long_as_its_fault_asks_for(
    sqlite_workspace: TestWorkspace, stage: str, said: str, status: str, pause: timedelta | None
) -> None:
    sqlite_workspace.door().write(outbox.put, LETTER)
    with opened(PostOffice(lambda at, _about: said if at == stage else None)) as office:
        [tried] = send(sqlite_workspace, office).tried

    assert tried.status == status
    assert tried.due_at == (pause and organisation.NOW + pause)


def test_no_server_no_attempt(workspace: TestWorkspace) -> None:
    workspace.door().write(outbox.put_all, letters(2))
    office = PostOffice()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        office.port = taken.getsockname()[1]

    report = send(workspace, office)

    assert report.tried == ()
    assert report.waiting == 2
    assert report.fault is not None
    assert "cannot be had: Connection refused" in report.fault.message
    assert rows(workspace, "status, attempts") == [("queued", 0)] * 2


def test_a_server_that_keeps_losing_connections_is_left_alone(sqlite_workspace: TestWorkspace) -> None:
    sqlite_workspace.door().write(outbox.put_all, letters(9))
    with opened(PostOffice(lambda stage, _about: "drop" if stage == "RCPT" else None)) as office:
        report = send(sqlite_workspace, office)

    assert len(report.tried) == 3
    assert report.waiting == 9
    assert report.fault is not None


# case 74
@pytest.mark.parametrize("stage", ["greeting", *STAGES])
def test_a_server_that_hangs_is_given_up_in_time(sqlite_workspace: TestWorkspace, stage: str) -> None:
    sqlite_workspace.door().write(outbox.put, LETTER)
    office = PostOffice(lambda at, _about: "hang" if at == stage else None)

    with silent() if stage == "greeting" else opened(office) as where:
        office.port = where.port
        began = time.monotonic()
        report = send(sqlite_workspace, office, timeout_s=QUICK)
        took = time.monotonic() - began

    assert took < 4 * QUICK
    assert report.waiting == 1
    assert rows(sqlite_workspace) == ["queued"]


# case 74
def test_a_server_that_drips_is_cut_off(sqlite_workspace: TestWorkspace) -> None:
    sqlite_workspace.door().write(outbox.put, LETTER)
    office = PostOffice()

    with silent(drips=True) as where:
        office.port = where.port
        began = time.monotonic()
        report = send(sqlite_workspace, office, timeout_s=QUICK / 10)
        took = time.monotonic() - began

    assert took < 5 * QUICK
    assert report.fault is not None


@contextmanager
def silent(*, drips: bool = False) -> Iterator[PostOffice]:
    """A server that takes connections and says nothing, or a letter now and then and never a line."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken: list[socket.socket] = []

        def take() -> None:
            try:
                while True:
                    taken.append(server.accept()[0])
                    while drips:
                        taken[-1].sendall(b"2")
                        time.sleep(0.03)
            except OSError:
                pass

        Thread(target=take, daemon=True).start()
        yield PostOffice(port=server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)
        for connection in taken:
            connection.close()


# --- protection ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.mark.parametrize("protection", ["starttls", "tls"])
def test_mail_goes_over_a_protected_way_with_a_password(
    sqlite_workspace: TestWorkspace, authority: trustme.CA, trusted: str, protection: str
) -> None:
    sqlite_workspace.door().write(outbox.put_all, letters(2))
    with opened(certificate=authority.issue_cert("127.0.0.1"), is_tls=protection == "tls", password=PASSWORD) as office:
        report = send(sqlite_workspace, office, protection=protection, ca_file=trusted, user=LOGIN, password=PASSWORD)

    assert [each.status for each in report.tried] == ["sent", "sent"]
    assert office.secret_seen


# case 73
@pytest.mark.parametrize("fault", ["no TLS", "no TLS at all", "another name", "nobody vouches"])
def test_nothing_goes_out_in_clear_where_protection_is_asked_for(
    sqlite_workspace: TestWorkspace, authority: trustme.CA, trusted: str, fault: str
) -> None:
    sqlite_workspace.door().write(outbox.put, LETTER)
    certificate = {
        "another name": authority.issue_cert("mail.x.example"), "nobody vouches": trustme.CA().issue_cert("127.0.0.1"),
    }.get(fault)  # fmt: skip
    protection = "tls" if fault == "no TLS at all" else "starttls"
    with opened(certificate=certificate, password=PASSWORD) as office:
        report = send(
            sqlite_workspace,
            office,
            protection=protection,
            ca_file=trusted,
            user=LOGIN,
            password=PASSWORD,
            timeout_s=QUICK,
        )

    assert report.fault is not None
    assert report.waiting == 1
    assert PASSWORD not in report.fault.message + str(report.fault.hint)
    assert not office.secret_seen
    assert not {"MAIL", "RCPT", "DATA"} & set(office.seen)


# case 73
def test_a_refused_login_sends_nothing_and_shows_no_password(sqlite_workspace: TestWorkspace) -> None:
    sqlite_workspace.door().write(outbox.put, LETTER)
    with opened(password="another") as office:
        report = send(sqlite_workspace, office, user=LOGIN, password=PASSWORD)

    assert report.fault is not None
    assert f"refuses the login of {LOGIN} (535)" in report.fault.message
    assert PASSWORD not in report.fault.message
    assert not {"MAIL", "RCPT", "DATA"} & set(office.seen)
    assert rows(sqlite_workspace, "status, attempts") == [("queued", 0)]


# --- several senders -------------------------------------------------------------------------------------------------


# case 71
def test_two_senders_at_once_send_each_message_once(workspace: TestWorkspace) -> None:
    workspace.door().write(outbox.put_all, letters(16))
    with opened(PostOffice(lambda stage, _about: time.sleep(0.03) if stage == "RCPT" else None)) as office:
        reports: list[Report] = []
        threads = [Thread(target=lambda: reports.append(send(workspace, office))) for _sender in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(office.recipients) == sorted(f"u{n}@x.example" for n in range(16))
    assert sum(len(report.tried) for report in reports) == 16
    assert all(report.tried for report in reports), "both had a part in it"


# case 74
def test_what_one_sender_has_claimed_nobody_else_takes_until_his_time_is_over(workspace: TestWorkspace) -> None:
    workspace.door().write(outbox.put, LETTER)
    with opened() as office:
        period = lease(office.server().most_s)
        first = workspace.door().write(outbox.claim, "first", period, organisation.NOW)
        early = send(workspace, office, after=period - timedelta(seconds=1))
        late = send(workspace, office, after=period)

    assert first is not None
    assert (early.tried, early.waiting) == ((), 1)
    assert [(each.status, each.attempts) for each in late.tried] == [("sent", 2)]


def test_who_lost_his_claim_writes_nothing_down(workspace: TestWorkspace) -> None:
    workspace.door().write(outbox.put, LETTER)
    slow = workspace.door().write(outbox.claim, "slow", timedelta(seconds=1), organisation.NOW)
    assert slow is not None
    with opened() as office:
        send(workspace, office, after=timedelta(seconds=2))

    failed = outbox.Outcome(outbox.Result.FAILED, "late")
    workspace.door().write(outbox.record, "slow", slow, failed, 1.0)

    assert rows(workspace, "status, last_error") == [("sent", None)]


PROGRAM = """
import sys
from datetime import datetime
from sfactl.db import url
from sfactl.db.session import Door
from sfactl.mail.addresses import Mailbox
from sfactl.mail.server import Server
from sfactl.services import outbox
now = datetime.fromisoformat(sys.argv[3])
server = Server("127.0.0.1", int(sys.argv[2]), Mailbox("sales@x.example"), "none", None, None, None, 30)
outbox.send(Door(url.parse(sys.argv[1]), now=now, today=now.date()), server)
"""


# case 71
@pytest.mark.parametrize("stage", ["RCPT", "BODY"])
def test_a_killed_senders_message_is_sent_once_his_time_is_over(workspace: TestWorkspace, stage: str) -> None:
    workspace.door().write(outbox.put, LETTER)
    [name] = rows(workspace, "message_id")
    office = PostOffice(lambda at, _about: "hang" if at == stage and office.seen.count(stage) == 1 else None)

    with opened(office):
        environment = {**os.environ, "PYTHONPATH": str(Path(outbox.__file__).parents[2])}
        words = [str(workspace.url), str(office.port), organisation.NOW.isoformat()]
        sender = subprocess.Popen([sys.executable, "-c", PROGRAM, *words], env=environment)
        until = time.monotonic() + 30
        while stage not in office.seen and time.monotonic() < until:
            time.sleep(0.02)
        sender.send_signal(signal.SIGKILL)
        sender.wait()
        status_then = rows(workspace)
        early = send(workspace, office, after=timedelta(minutes=1))
        late = send(workspace, office, after=timedelta(hours=1))

    assert status_then == ["sending"]
    assert early.tried == ()
    assert [each.status for each in late.tried] == ["sent"]
    assert office.ids == [name] * (2 if stage == "BODY" else 1), "a copy only where nobody can know"


def test_an_interrupted_sender_puts_its_message_back(
    sqlite_workspace: TestWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_workspace.door().write(outbox.put, LETTER)

    def interrupted(*_said: object) -> None:
        raise KeyboardInterrupt

    with opened() as office:
        monkeypatch.setattr(outbox.Post, "_hand_over", interrupted)
        with pytest.raises(KeyboardInterrupt):
            send(sqlite_workspace, office)
        monkeypatch.undo()
        again = send(sqlite_workspace, office, after=timedelta(seconds=2))

    assert [each.status for each in again.tried] == ["sent"]


# --- whose messages --------------------------------------------------------------------------------------------------


def test_one_sends_ones_own_and_the_service_sends_everybodys(workspace: TestWorkspace) -> None:
    for login in ("sam", "mike"):
        workspace.door(login).write(outbox.put, replace(LETTER, delivery_key=login, to_address=f"{login}@x.example"))

    with opened() as office:
        own = outbox.send(workspace.door("sam"), office.server())
        others = outbox.send(workspace.door("cron"), office.server())
        with pytest.raises(NotAllowed):
            outbox.send(workspace.door("aldo"), office.server())

    assert ([each.to for each in own.tried], own.waiting) == (["sam@x.example"], 0)
    assert [each.to for each in others.tried] == ["mike@x.example"]


def test_who_reads_all_messages_but_edits_his_own_sends_his_own(workspace: TestWorkspace) -> None:
    with system(workspace) as run:
        for action in ("create", "edit"):
            run(
                "INSERT INTO role_permission (role_id, noun, action, scope)"
                f" SELECT id, 'outbox', '{action}', 'own' FROM role WHERE code = 'auditor'"
            )
    for login in ("mike", "aldo"):
        workspace.door(login).write(outbox.put, replace(LETTER, delivery_key=login, to_address=f"{login}@x.example"))

    with opened() as office:
        report = outbox.send(workspace.door("aldo"), office.server())

    assert ([each.to for each in report.tried], report.waiting) == (["aldo@x.example"], 0)
    assert rows(workspace) == ["queued", "sent"]


def test_messages_are_seen_by_whoever_wrote_them(workspace: TestWorkspace) -> None:
    workspace.door("sam").write(outbox.put, LETTER)
    [code] = rows(workspace, "code")

    def codes(login: str) -> list[str]:
        with workspace.door(login).read() as session:
            return [row.code for row in outbox.find(session)]

    assert codes("sam") == codes("aldo") == codes("cron") == [code]
    assert codes("nora") == []
    with pytest.raises(NotFound), workspace.door("nora").read() as session:
        outbox.show(session, code)
    with pytest.raises(NotFound):
        workspace.door("nora").write(outbox.cancel, [code])


def test_what_was_written_to_somebody_who_is_erased_is_gone(workspace: TestWorkspace) -> None:
    [(leo,)] = system_rows(workspace, "SELECT id FROM app_user WHERE login = 'leo'")
    assert isinstance(leo, int)
    workspace.door().write(outbox.put, replace(LETTER, to_address="leo@x.example", recipient_id=leo))

    erasure = workspace.door().write(erase_user, "leo", reason="asked")

    assert rows(workspace, "to_address, subject, text, html, status") == [
        (f"erased-{leo}", f"erased-{leo}", "", None, "cancelled")
    ]
    assert not [trace for trace in erasure.traces if trace.table == "message"]


def test_what_failed_is_put_back_and_what_waits_is_cancelled(workspace: TestWorkspace) -> None:
    workspace.door().write(outbox.put_all, letters(3))
    office = PostOffice(lambda stage, about: "550 no" if stage == "RCPT" and "u1@" not in about else None)
    with opened(office):
        send(workspace, office, limit=2)
        office.does = lambda _stage, _about: None
        codes = rows(workspace, "code")
        door = workspace.door()

        assert door.write(outbox.retry, is_all=True) == [codes[0]]
        assert door.write(outbox.cancel, [codes[2]]) == [codes[2]]
        with pytest.raises(Conflict):
            door.write(outbox.retry, [codes[1]])
        with pytest.raises(Conflict):
            door.write(outbox.cancel, [codes[0], codes[1]])
        assert rows(workspace) == ["queued", "sent", "cancelled"]
        send(workspace, office)

    assert rows(workspace) == ["sent", "sent", "cancelled"]
    assert office.recipients == ["u1@x.example", "u0@x.example"]
