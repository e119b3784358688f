"""The commands of the outbox, over a real mail server."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sfactl.services import outbox
from tests.cli import Result, Run
from tests.post_office import LOGIN, PASSWORD, PostOffice, opened
from tests.services.test_outbox import LETTER, letters, rows
from tests.workspace import TestWorkspace

pytestmark = pytest.mark.usefixtures("today")

Command = Callable[..., Result]


@pytest.fixture
def with_server(sfactl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """A command with settings that name a mail server."""

    def run(*words: str, office: PostOffice | None, more: str = "", **said: object) -> Result:
        file = tmp_path / "config.toml"
        port = office.port if office else 1
        file.write_text(
            f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsender = "sales@x.example"\n{more}', encoding="utf-8"
        )
        monkeypatch.setenv("SFACTL_CONFIG", str(file))
        return sfactl(*words, **said)  # type: ignore[arg-type]

    return run


def test_what_waits_is_listed_shown_sent_and_listed_again(workspace: TestWorkspace, with_server: Command) -> None:
    workspace.door().write(outbox.put_all, letters(2))
    with opened(
        PostOffice(lambda stage, about: "550 no such user" if stage == "RCPT" and "u1@" in about else None)
    ) as office:
        before = with_server("outbox", "list", "-o", "json", office=office, workspace=workspace).rows
        sent = with_server("outbox", "send", "-o", "json", office=office, workspace=workspace)
        nothing = with_server("outbox", "send", office=office, workspace=workspace)
    failed = with_server("outbox", "list", "--status", "failed", "-o", "json", office=None, workspace=workspace).rows
    shown = with_server("outbox", "show", before[1]["code"], office=None, workspace=workspace)
    told = json.loads(
        with_server("outbox", "show", before[1]["code"], "-o", "json", office=None, workspace=workspace).out
    )

    assert [(row["to"], row["status"], row["attempts"]) for row in before] == [
        ("u1@x.example", "queued", 0), ("u0@x.example", "queued", 0),
    ]  # fmt: skip
    assert [(row["to"], row["status"], row["reason"]) for row in sent.rows] == [
        ("u0@x.example", "sent", None), ("u1@x.example", "failed", "550 no such user"),
    ]  # fmt: skip
    assert sent.code == 1
    assert "1 message was refused for good." in sent.err
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "")
    assert [row["last_error"] for row in failed] == ["550 no such user"]
    assert "Two came." in shown.out
    assert (told["status"], told["text"][0]["line"]) == ("sent", "Two came.")
    assert [
        row["to"]
        for row in with_server("outbox", "list", "--to", "U0@", "-o", "json", office=None, workspace=workspace).rows
    ] == ["u0@x.example"]


def test_all_is_well_ends_in_0_and_says_nothing_on_standard_error(
    sqlite_workspace: TestWorkspace, with_server: Command
) -> None:
    sqlite_workspace.door().write(outbox.put_all, letters(3))
    with opened() as office:
        first = with_server("outbox", "send", "--limit", "2", office=office, workspace=sqlite_workspace)

    assert (first.code, first.err) == (0, "")
    assert "u1@x.example" in first.out
    assert "u2@x.example" not in first.out
    assert rows(sqlite_workspace) == ["sent", "sent", "queued"]


def test_a_server_that_is_not_there_ends_in_6_and_everything_waits(
    workspace: TestWorkspace, with_server: Command
) -> None:
    workspace.door().write(outbox.put_all, letters(2))

    result = with_server("outbox", "send", office=None, workspace=workspace)

    assert (result.code, result.out) == (6, "")
    assert "2 messages wait." in result.err
    assert "127.0.0.1:1 cannot be had" in result.err
    assert rows(workspace) == ["queued", "queued"]


def test_without_a_server_in_the_settings_nothing_can_be_sent(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    result = sfactl("outbox", "send", workspace=sqlite_workspace)

    assert result.code == 2
    assert "[mail]" in result.err


def test_messages_are_put_back_and_cancelled_by_their_codes(workspace: TestWorkspace, with_server: Command) -> None:
    workspace.door().write(outbox.put_all, letters(2))
    with opened(PostOffice(lambda stage, _about: "550 no" if stage == "RCPT" else None)) as office:
        with_server("outbox", "send", "--limit", "1", office=office, workspace=workspace)
    one, other = rows(workspace, "code")

    back = with_server("outbox", "retry", "--all", office=None, workspace=workspace)
    gone = with_server("outbox", "cancel", one, other.lower(), office=None, workspace=workspace)
    again = with_server("outbox", "cancel", one, office=None, workspace=workspace)
    trail = with_server("audit", "list", "--noun", "message", "-o", "json", office=None, workspace=workspace).rows

    assert (back.code, back.err) == (0, "1 message is in the queue again.\n")
    assert (gone.code, gone.err) == (0, "2 messages are cancelled.\n")
    assert again.code == 5
    assert [(row["action"], row["key"]) for row in trail] == [
        ("cancel", other), ("cancel", one), ("retry", one), ("send", one),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("retry",), 2), (("retry", "MSG-X", "--all"), 2), (("list", "--status", "lost"), 2), (("retry", "MSG-X"), 3),
        (("cancel", "MSG-X"), 3), (("show", "MSG-X"), 3), (("send", "--limit", "-1"), 2),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(
    sqlite_workspace: TestWorkspace, with_server: Command, words: tuple[str, ...], code: int
) -> None:
    result = with_server("outbox", *words, office=None, workspace=sqlite_workspace)

    assert (result.code, result.out) == (code, "")
    assert result.err


def test_another_persons_message_is_not_found(workspace: TestWorkspace, with_server: Command) -> None:
    workspace.door("mike").write(outbox.put, LETTER)
    [code] = rows(workspace, "code")

    for verb in ("show", "retry", "cancel"):
        hidden = with_server("outbox", verb, code, office=None, workspace=workspace, as_="sam")
        absent = with_server("outbox", verb, "MSG-ABSENT", office=None, workspace=workspace, as_="sam")

        assert hidden.code == absent.code == 3
        assert hidden.err.replace(code, "?") == absent.err.replace("MSG-ABSENT", "?")
    assert rows(workspace) == ["queued"]


# case 39, 73
@pytest.mark.parametrize("is_right", [True, False])
def test_the_password_of_the_mail_server_is_in_no_output(
    sqlite_workspace: TestWorkspace, with_server: Command, tmp_path: Path, is_right: bool
) -> None:
    sqlite_workspace.door().write(outbox.put, LETTER)
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD, encoding="utf-8")
    secret.chmod(stat.S_IRUSR)
    more = f'user = "{LOGIN}"\npassword_file = "{secret}"\n'

    with opened(password=PASSWORD if is_right else "another") as office:
        results = [
            with_server(*words, office=office, more=more, workspace=sqlite_workspace)
            for words in (
                ("doctor",),
                ("config", "show", "-o", "json"),
                ("outbox", "send"),
                ("outbox", "list", "-o", "json"),
            )
        ]

    assert [result.code for result in results[1:]] == [0, 0 if is_right else 6, 0]
    assert not [result for result in results if PASSWORD in result.out + result.err]
    assert rows(sqlite_workspace) == ["sent" if is_right else "queued"]


def test_the_doctor_signs_in_at_the_mail_server(sqlite_workspace: TestWorkspace, with_server: Command) -> None:
    with opened() as office:
        good = with_server("doctor", "-o", "json", office=office, workspace=sqlite_workspace).rows
        bad = with_server(
            "doctor", "-o", "json", office=office, more='security = "starttls"\n', workspace=sqlite_workspace
        ).rows

    assert [row["state"] for row in good if row["what"] == "mail"] == ["ok"]
    [wrong] = [row for row in bad if row["what"] == "mail"]
    assert wrong["state"] == "wrong"
    assert "no TLS" in wrong["detail"]


def test_text_that_a_server_or_a_letter_brings_is_inert(sqlite_workspace: TestWorkspace, with_server: Command) -> None:
    evil = "\x1b]0;pwn\x07[red]x[/red]"
    sqlite_workspace.door().write(outbox.put, replace(LETTER, text=evil))
    with opened(PostOffice(lambda stage, _about: f"550 {evil}" if stage == "RCPT" else None)) as office:
        sent = with_server("outbox", "send", office=office, workspace=sqlite_workspace)
    [code] = rows(sqlite_workspace, "code")
    shown = with_server("outbox", "show", code, office=None, workspace=sqlite_workspace)

    assert sent.code == 1
    assert "\x1b" not in sent.out + sent.err + shown.out + shown.err
    assert "\x07" not in sent.out + sent.err + shown.out + shown.err
