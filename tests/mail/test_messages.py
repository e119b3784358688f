"""A mail as it goes over the wire, and what is refused before it does."""

from __future__ import annotations

import email
from dataclasses import replace
from datetime import UTC, date, datetime
from email import policy
from pathlib import Path

import pytest

from sfactl.config.settings import MailServer
from sfactl.core.money import Money
from sfactl.errors import UsageFault
from sfactl.mail import moves, server, templating
from sfactl.mail.addresses import Mailbox, is_address, one_address, one_mailbox
from sfactl.mail.messages import Content, build
from sfactl.mail.moves import Moved, Moves, Part
from tests.hostile import HOSTILE, WEB

CONTENT = Content(
    "<1@x.example>",
    "sam@x.example",
    "Grüße",
    "Two lines\n.with a dot\n",
    "<p>ü</p>",
    datetime(2026, 5, 20, 9, tzinfo=UTC),
)
SENDER = Mailbox("sales@x.example", "Sales, West")


def test_a_mail_is_the_same_bytes_each_time() -> None:
    one, other = build(CONTENT, SENDER).as_bytes(), build(CONTENT, SENDER).as_bytes()

    assert one == other
    assert one.endswith(b"\r\n")
    read = email.message_from_bytes(one, policy=policy.default)
    assert (read["Message-ID"], read["To"], read["From"]) == (
        "<1@x.example>", "sam@x.example", '"Sales, West" <sales@x.example>',
    )  # fmt: skip
    assert read["Subject"] == "Grüße"
    assert read["Date"].datetime == CONTENT.written_at
    plain, page = read.get_body(("plain",)), read.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert plain.get_content().splitlines() == CONTENT.text.splitlines()
    assert page.get_content().strip() == "<p>ü</p>"


# case 89
@pytest.mark.parametrize(
    "text",
    [
        "", " ", "sam", "@x.example", "sam@", "a@b, evil@x", "a@b.example; evil@x.example", "a@b.example evil@x.example",
        "Sam <sam@x.example>", "sam@x.example\r\nBcc: evil@x.example", "sam@x.example\nX: y", "sam@x.example\0",
        "sam@x.example\t", " sam@x.example", "sam@x.example\u2028Bcc: evil@x", "group: a@b.example, c@d.example;",
        '"a b"@x.example', "<sam@x.example>", "sam@x.example(comment)", "s\u00e1m@x.example", "sam\u200b@x.example",
        "a@b@c.example", f"{'a' * 250}@x.example", "undisclosed-recipients:;", "=?utf-8?q?sam=40x=2Eexample?=",
    ],
)  # fmt: skip
def test_exactly_one_plain_address_is_taken(text: str) -> None:
    assert not is_address(text)
    with pytest.raises(UsageFault):
        one_address(text)
    with pytest.raises(UsageFault):
        build(replace(CONTENT, to_address=text), SENDER)


def test_a_plain_address_is_taken_as_it_is() -> None:
    for text in ("sam@x.example", "sam.o'neil+sfa@mail.x.example", "a@localhost"):
        assert one_address(text) == text
    assert one_mailbox("Sales, West <sales@x.example>"[7:]) == Mailbox("sales@x.example", "West")
    assert one_mailbox('"Sales, West" <sales@x.example>') == SENDER


# case 89
@pytest.mark.parametrize(
    "subject", ["", " ", "a\r\nBcc: evil@x.example", "a\nb", "a\rb", "a\0b", "a\u2028b", "a\x85b", "x" * 201]
)
def test_a_subject_is_one_line(subject: str) -> None:
    with pytest.raises(UsageFault):
        build(replace(CONTENT, subject=subject), SENDER)


# case 89
def test_nul_is_refused_in_a_body() -> None:
    for content in (replace(CONTENT, text="a\0"), replace(CONTENT, html="a\0")):
        with pytest.raises(UsageFault):
            build(content, SENDER)


MOVES = Moves(
    "sam", "Sam Person",
    Part(21, (Money(300_000_000, "USD"), Money(5, "EUR")), (Moved("A-1", "Adobe", None, Money(100, "USD")),)),
    Part(1, (), (Moved("A-2", "Basin", "Eve Person", None),)),
    date(2026, 6, 1), "Olga Person", "20260520T090000-abc", "new districts",
)  # fmt: skip


def test_a_person_reads_what_comes_and_what_goes() -> None:
    written = moves.body(MOVES)

    assert moves.subject(MOVES) == "Your accounts from Jun 1, 2026: 21 come, 1 go"
    for said in (
        "Hello Sam Person,", "Olga Person has changed who works which account from Jun 1, 2026 on", "Why: new districts",
        "21 accounts come to you", "1 account goes to somebody else", "$3,000,000.00 + €0.05", "Comes from: nobody · $1.00",
        "Goes to: Eve Person · –", "and 20 more", "sfactl assignment list --owner sam", "sfactl plan show 20260520T090000-abc",
    ):  # fmt: skip
        assert said in written.text
    assert "<h2" in written.html
    assert "sfactl assignment list --owner sam" in written.html


# case 85
@pytest.mark.parametrize("name", [*HOSTILE.values(), *WEB.values()])
def test_a_hostile_name_is_inert_in_a_mail(name: str) -> None:
    moved = Moved("A-1", name, name, None)
    hostile = replace(MOVES, name=name, made_by=name, reason=name, coming=Part(1, (), (moved,)))

    written = moves.body(hostile)
    sent = build(replace(CONTENT, subject=moves.subject(hostile), text=written.text, html=written.html), SENDER)

    assert not any(ord(c) < 32 and c != "\n" for c in written.text + written.html)
    assert "<script" not in written.html.lower()
    assert "<img" not in written.html.lower()
    assert len(sent["To"].addresses) == 1


# case 88
@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ rows.append(1) }}",
        "{{ rows.clear() }}",
        "{{ absent }}",
        "{{ rows.pop }}{{ cycler.__init__.__globals__ }}",
    ],
)
def test_a_template_reaches_nothing_but_its_values(source: str) -> None:
    from jinja2 import TemplateError

    rows = [1]
    with pytest.raises(TemplateError):
        templating._environment().from_string(source).render(rows=rows)
    assert rows == [1]


def test_the_settings_say_how_the_way_is_protected() -> None:
    assert MailServer(host="mail.x.example").protection == "starttls"
    assert MailServer(host="127.0.0.1").protection == "none"
    assert MailServer(host="localhost", security="tls").protection == "tls"
    assert MailServer(host="mail.x.example", security="none").protection == "none"
    with pytest.raises(ValueError, match="never sent in clear"):
        MailServer(host="mail.x.example", security="none", user="u")


def test_a_password_comes_from_the_environment_or_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("hunter2\n", encoding="utf-8")
    settings = MailServer(host="h", sender="a@b.example", user="u", password_file=str(file))

    file.chmod(0o640)
    with pytest.raises(UsageFault, match="can be read by others"):
        server.named(settings, {})
    file.chmod(0o600)

    assert server.named(settings, {}).password == "hunter2"
    assert server.named(settings, {server.PASSWORD_VARIABLE: "other"}).password == "other"
    assert "hunter2" not in repr(server.named(settings, {}))


@pytest.mark.parametrize(
    "settings",
    [
        MailServer(), MailServer(host="h"), MailServer(host="h", sender="a@b, c@d"),
        MailServer(host="h", sender="a@b.example", user="u"),
        MailServer(host="h", sender="a@b.example", user="u", password_file="/nonexistent"),
    ],
)  # fmt: skip
def test_settings_that_lead_nowhere_are_refused(settings: MailServer) -> None:
    with pytest.raises(UsageFault):
        server.named(settings, {})
