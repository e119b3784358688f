"""Mails that come in, however they are made: what they say is read, what is hostile ends nothing."""

from __future__ import annotations

import mailbox
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfactl.core.replies import Verdict
from sfactl.errors import Unavailable, UsageFault
from sfactl.mail import mailboxes
from sfactl.mail.receiving import hashed, read, token_text
from tests.imap_server import LOGIN, PASSWORD, Postbox, opened

TOKEN = "ab" * 26
MARK = token_text(TOKEN)


def mail(text: str = "APPROVE\nfine", *, html: str | None = None, charset: str = "utf-8", **headers: str) -> bytes:
    """A reply as a mail program writes it."""
    message = EmailMessage()
    usual = {"Message-ID": "<r1@x.example>", "From": "mike@x.example", "Subject": "Re: x"}
    said = usual | {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in said.items():
        message[name] = value
    if html is None:
        message.set_content(text, charset=charset)
    else:
        message.set_content(html, subtype="html", charset=charset)
    return message.as_bytes()


def test_a_token_is_found_in_headers_text_and_subject() -> None:
    assert read(mail(References=f"<a@b> <{MARK}@sfa>")).token == TOKEN
    assert read(mail(f"APPROVE\n\n> {MARK.upper()}")).token == TOKEN
    assert read(mail(Subject=f"Re: {MARK}")).token == TOKEN
    assert read(mail(f"APPROVE\nsfa-{TOKEN}a")).token is None
    assert read(mail()).token is None


def test_headers_go_before_what_is_quoted() -> None:
    other = token_text("cd" * 26)

    assert read(mail(f"APPROVE\n> {other}", References=f"<{MARK}@sfa>")).token == TOKEN


@pytest.mark.parametrize(
    "page",
    [
        "<p>Aprobado</p><p>de acuerdo</p><blockquote><p>REJECT</p></blockquote>",
        "<html><head><title>REJECT</title><style>REJECT{}</style></head><body><div>APPROVE</div><div>de acuerdo</div>"
        '<div class="gmail_quote">On Tue Sales wrote:<br>REJECT<div>REJECT</div></div></body></html>',
        "APPROVE<br>de acuerdo<br><script>REJECT</script>",
        "<b>APPROVE</b><br/>de&nbsp;acuerdo",
    ],
)
def test_a_page_is_read_as_a_person_reads_it(page: str) -> None:
    said = read(mail(html=page)).answer

    assert (said.verdict, said.comment.replace("\u00a0", " ")) == (Verdict.APPROVE, "de acuerdo")


def test_any_encoding_is_read_and_an_unknown_one_ends_nothing() -> None:
    assert read(mail("RECHAZADO\nmás tarde", charset="iso-8859-1")).answer.comment == "más tarde"
    odd = mail("APPROVE\nok").replace(b'charset="utf-8"', b'charset="x-nobody"')
    assert read(odd).answer.verdict is Verdict.APPROVE
    soft = b"Message-ID: <a@b>\nContent-Transfer-Encoding: quoted-printable\n\nAPPRO=\nVE\nm=C3=A1s\n"
    assert (read(soft).answer.verdict, read(soft).answer.comment) == (Verdict.APPROVE, "más")


def test_what_is_forwarded_or_attached_says_nothing() -> None:
    message = EmailMessage()
    message["Message-ID"] = "<m@x>"
    message.set_content("see below")
    message.add_attachment("APPROVE", subtype="plain", filename="a.txt")
    inner = EmailMessage()
    inner.set_content("APPROVE")
    message.add_attachment(inner)

    assert read(message.as_bytes()).answer.verdict is None


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"X_Autoreply": "yes"}],
)
def test_an_automatic_notice_is_known(headers: dict[str, str]) -> None:
    assert read(mail(**headers)).is_automatic
    assert not read(mail(Auto_Submitted="no")).is_automatic


def test_a_mail_without_a_name_gets_one_from_its_bytes() -> None:
    one, other = read(b"\n\nAPPROVE"), read(b"\n\nREJECT")

    assert one.message_id != other.message_id
    assert one.message_id == read(b"\n\nAPPROVE").message_id


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.booleans())
def test_no_bytes_make_reading_fail(junk: bytes, is_nested: bool) -> None:
    head = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" if is_nested else b""

    read(head + junk)


def test_a_mail_nested_without_end_is_left_unread() -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000))

    assert read(deep + b"\n\nAPPROVE").answer.verdict is None


def test_only_the_hash_of_a_token_is_kept() -> None:
    assert TOKEN not in hashed(TOKEN)
    assert hashed(TOKEN.upper()) == hashed(TOKEN)


class TestMailboxes:
    def test_a_file_of_mails_and_a_maildir_are_read_and_left_as_they_are(self, tmp_path: Path) -> None:
        box, folder = mailbox.mbox(tmp_path / "box"), mailbox.Maildir(tmp_path / "dir")
        for place in (box, folder):
            for number in (1, 2):
                place.add(mail(Message_ID=f"<{number}@x>"))
            place.flush()
            place.close()
        before = (tmp_path / "box").read_bytes()

        found = []
        for name in ("box", "dir"):
            with mailboxes.opened(str(tmp_path / name), {}) as mails:
                found.append(sorted(read(each.raw).message_id for each in mails))

        assert found == [["<1@x>", "<2@x>"]] * 2
        assert (tmp_path / "box").read_bytes() == before

    def test_what_is_no_mailbox_is_refused(self, tmp_path: Path) -> None:
        for name in (str(tmp_path), str(tmp_path / "none"), "imaps://x.example", "imaps://a:b@x.example/INBOX"):
            with pytest.raises(UsageFault), mailboxes.opened(name, {"SFACTL_IMAP_PASSWORD": "x"}):
                pass

    def test_an_imap_mailbox_gives_what_is_unread_and_marks_what_is_done(self) -> None:
        with opened(Postbox([mail(Message_ID=f"<{n}@x>") for n in (1, 2)], {1})) as box:
            where = f"imap://{LOGIN}@127.0.0.1:{box.port}/INBOX"
            with mailboxes.opened(where, {"SFACTL_IMAP_PASSWORD": PASSWORD}) as mails:
                for each in mails:
                    assert read(each.raw).message_id == "<2@x>"
                    assert box.seen == {1}
                    each.done()

        assert box.seen == {1, 2}

    @pytest.mark.parametrize("change", ["password", "folder", "drop"])
    def test_a_server_that_is_not_to_be_had_is_said_so_without_the_password(self, change: str) -> None:
        with opened(Postbox([mail()], drops_at="UID FETCH" if change == "drop" else "")) as box:
            where = f"imap://{LOGIN}@127.0.0.1:{box.port}/" + ("Other" if change == "folder" else "INBOX")
            secret = "not-the-one" if change == "password" else PASSWORD
            with (
                pytest.raises((Unavailable, UsageFault)) as said,
                mailboxes.opened(where, {"SFACTL_IMAP_PASSWORD": secret}) as mails,
            ):
                list(mails)

        assert secret not in f"{said.value.message} {said.value.hint}"

    def test_nobody_answers_is_said_too(self) -> None:
        with (
            pytest.raises(Unavailable),
            mailboxes.opened(f"imap://{LOGIN}@127.0.0.1:1/INBOX", {"SFACTL_IMAP_PASSWORD": "x"}),
        ):
            pass
