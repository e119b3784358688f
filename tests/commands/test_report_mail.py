"""Reports by mail: to whom, in whose scope, once, and what is left when the server is down."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from tests.cli import Result, Run
from tests.commands.test_outbox import Command, with_server  # noqa: F401 - a fixture
from tests.db.company import system
from tests.post_office import PostOffice, opened
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

Mailed = Callable[..., Result]
ATTAINMENT = ("attainment", "--period", "2026Q1", "-o", "csv")


@pytest.fixture
def mailed(workspace: TestWorkspace, with_server: Command) -> Mailed:  # noqa: F811
    """`sfactl report run`, with settings that name a mail server."""

    def run(*words: str, office: PostOffice | None, **how: Any) -> Result:
        return with_server("report", "run", *words, office=office, workspace=workspace, **how)

    return run


def file_of(message: Message) -> tuple[str, str]:
    """The file that came along, and its text."""
    _body, file = message.get_payload()
    return str(file.get_filename()), file.get_payload(decode=True).decode()


def text_of(message: Message) -> str:
    body, _file = message.get_payload()
    return str(body.get_payload()[0].get_payload(decode=True).decode()).replace("\r\n", "\n")


def users_in(message: Message) -> list[str]:
    return [row["user"] for row in csv.DictReader(io.StringIO(file_of(message)[1]))]


def test_a_report_goes_to_an_address_once_a_day_with_its_first_rows_and_totals(mailed: Mailed) -> None:
    with opened() as office:
        first = mailed(*ATTAINMENT, "--mail-to", "boss@y.example", office=office)
        second = mailed(*ATTAINMENT, "--mail-to", "boss@y.example", office=office)
        other = mailed(*ATTAINMENT, "--mail-to", "boss@y.example", "--territory", "SW", office=office)
        again = mailed(*ATTAINMENT, "--mail-to", "boss@y.example", "--again", office=office)

    for result in (first, second, other, again):
        assert (result.code, result.out, result.err) == (0, "", "")
    assert office.recipients == ["boss@y.example"] * 3
    message = office.taken[0]
    assert str(make_header(decode_header(message["Subject"]))) == "Attainment – 2026Q1: Jan 1, 2026 to Mar 31, 2026"
    assert file_of(message)[0] == "attainment-2026Q1.csv"
    assert users_in(message) == ["sam", "eve", "nora"]
    assert re.search(r"^User +Name +Territory +Quota +Credit +Attainment$", text_of(message), re.MULTILINE)
    assert re.search(r"^eve +Eve Person +NE +500.00 +500.00 +100.0%$", text_of(message), re.MULTILINE)
    assert "Total: Quota $3,500.00, Credit $3,499.99" in text_of(message)
    assert "as of May 20, 2026" in text_of(message)
    assert len({str(each["Message-ID"]) for each in office.taken}) == 3


def test_a_person_gets_the_report_that_he_would_see(mailed: Mailed, workspace: TestWorkspace) -> None:  # case 10
    with opened() as office:
        result = mailed(*ATTAINMENT, "--mail-to", "mike", "--mail-to", "nora@x.example", office=office, as_="cron")

    assert (result.code, result.err) == (0, "")
    assert {str(each["To"]): users_in(each) for each in office.taken} == {
        "mike@x.example": ["sam", "nora", "eve"], "nora@x.example": ["sam", "eve", "nora"],
    }  # fmt: skip
    told = system_rows(workspace, "SELECT u.login FROM message m JOIN app_user u ON u.id = m.user_id")
    assert told == [("cron",), ("cron",)]


def test_a_server_that_is_down_ends_in_6_and_the_next_run_delivers_once(
    mailed: Mailed, workspace: TestWorkspace
) -> None:
    down = mailed(*ATTAINMENT, "--mail-to", "boss@y.example", office=None)
    waiting = system_rows(workspace, "SELECT status, attempts FROM message")
    with opened() as office:
        up = mailed(*ATTAINMENT, "--mail-to", "boss@y.example", office=office)
        later = mailed(*ATTAINMENT, "--mail-to", "boss@y.example", office=office)

    assert (down.code, down.out) == (6, "")
    assert "127.0.0.1:1 cannot be had" in down.err
    assert waiting == [("queued", 0)]
    assert (up.code, later.code) == (0, 0)
    assert office.recipients == ["boss@y.example"]


def test_without_a_server_it_waits_in_the_outbox_with_its_file(sfactl: Run, workspace: TestWorkspace) -> None:
    result = sfactl("report", "run", *ATTAINMENT, "--mail-to", "boss@y.example", workspace=workspace)

    assert (result.code, result.out, result.err) == (0, "", "")
    [(code,)] = system_rows(workspace, "SELECT code FROM message WHERE status = 'queued'")
    shown = sfactl("outbox", "show", str(code), workspace=workspace)
    assert "attainment-2026Q1.csv" in shown.out
    assert "text/csv" in shown.out


def test_only_what_changed_is_mailed(mailed: Mailed, workspace: TestWorkspace) -> None:
    words = ("orders", "--period", "2026Q1", "--fields", "code,amount", "--mail-to", "boss@y.example")
    with opened() as office:
        for _run in range(2):
            assert mailed(*words, "--only-if-changed", "--again", office=office).code == 0
        with system(workspace) as run:
            run("UPDATE sales_order SET amount_minor = amount_minor + 1 WHERE code = 'O-1'")
        assert mailed(*words, "--only-if-changed", "--again", office=office).code == 0
        assert mailed("orders", "--period", "2020", "--only-if-rows", *words[3:], office=office).code == 0

    assert [name for name, _text in map(_named, office.taken)] == ["orders-2026Q1.pdf"] * 2


def _named(message: Message) -> tuple[str, int]:
    _body, file = message.get_payload()
    return str(file.get_filename()), len(file.get_payload(decode=True))


def test_each_manager_gets_his_own_rows_and_nothing_where_there_are_none(mailed: Mailed) -> None:
    words = ("orders", "--period", "2026-05", "--fields", "code", "-o", "csv", "--split-by", "manager")
    with opened() as office:
        result = mailed(*words, "--only-if-rows", office=office, as_="cron")

    assert (result.code, result.err) == (0, "")
    assert {str(each["To"]): file_of(each)[1] for each in office.taken} == {"dora@x.example": "code\nO-6\n"}
    with opened() as office:
        assert mailed(*words, office=office, as_="cron").code == 0
    assert {str(each["To"]): file_of(each)[1] for each in office.taken} == {"mike@x.example": "code\n"}


def test_whoever_may_not_act_for_a_reader_mails_nothing(sfactl: Run, postgres_workspace: TestWorkspace) -> None:
    words = ("report", "run", *ATTAINMENT)
    refused = sfactl(*words, "--split-by", "manager", workspace=postgres_workspace, as_="mike")
    boss = sfactl(*words, "--mail-to", "mike", "--mail-to", "dora", workspace=postgres_workspace, as_="mike")

    for result in (refused, boss):
        assert (result.code, result.out) == (4, "")
        assert "You may not act as dora" in result.err
    assert system_rows(postgres_workspace, "SELECT count(*) FROM message") == [(0,)]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--mail-to", "zoe"], 3, "There is no user zoe."),
        (["--mail-to", "leo"], 3, "There is no user leo."),
        (["--mail-to", "a@b.example, c@d.example"], 2, "is not one e-mail address"),
        (["--mail-to", "a@b.example\nBcc: x@y.example"], 2, "is not one e-mail address"),  # case 89
        (["--mail-to", "mike", "--split-by", "manager"], 2, "--split-by says who gets it"),
        (["--split-by", "team"], 2, "manager"),
        (["--again"], 2, "--again is about mail"),
    ],
)
def test_a_reader_that_cannot_be_is_refused(
    sfactl: Run, sqlite_workspace: TestWorkspace, words: list[str], code: int, said: str
) -> None:
    refused = sfactl("report", "run", *ATTAINMENT, *words, workspace=sqlite_workspace)

    assert (refused.code, refused.out) == (code, "")
    assert said in refused.err


def test_somebody_without_an_address_is_named_before_anything_is_mailed(
    sfactl: Run, sqlite_workspace: TestWorkspace
) -> None:
    with system(sqlite_workspace) as run:
        run("UPDATE app_user SET email = NULL WHERE login = 'mike'")

    refused = sfactl("report", "run", *ATTAINMENT, "--split-by", "manager", workspace=sqlite_workspace)

    assert refused.code == 2
    assert "mike has no e-mail address." in refused.err
    assert system_rows(sqlite_workspace, "SELECT count(*) FROM message") == [(0,)]


def test_a_condition_is_asked_of_each_copy_and_the_mail_goes_all_the_same(mailed: Mailed, tmp_path: Path) -> None:
    words = (*ATTAINMENT, "--fail-if", "attainment < 1", "--mail-to", "mike", "--to", str(tmp_path / "a.csv"))
    with opened() as office:
        result = mailed(*words, office=office)

    assert (result.code, result.err) == (8, "sfactl: 1 row with attainment < 1: nora\n")
    assert office.recipients == ["mike@x.example"]
    assert (tmp_path / "a.csv").exists()


def test_an_erased_reader_takes_the_files_along(sfactl: Run, workspace: TestWorkspace) -> None:
    sfactl("report", "run", *ATTAINMENT, "--mail-to", "mike", workspace=workspace)
    assert system_rows(workspace, "SELECT count(*) FROM message_attachment") == [(1,)]

    sfactl("user", "deactivate", "mike", "--yes", workspace=workspace)
    erased = sfactl("user", "erase", "mike", "--reason", "asked", "--yes", workspace=workspace)

    assert erased.code == 0, erased.err
    assert system_rows(workspace, "SELECT count(*) FROM message_attachment") == [(0,)]
