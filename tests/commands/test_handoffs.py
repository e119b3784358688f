"""Hand-offs and answers by mail: asked together, answered once, in the name of whom we asked and of nobody else."""

from __future__ import annotations

import json
import mailbox
import re
from datetime import timedelta
from email.message import EmailMessage, Message
from pathlib import Path
from typing import Any

import pytest

from sfactl.config import policy
from sfactl.db.session import Door
from sfactl.errors import UsageFault
from sfactl.mail.mailboxes import Incoming
from sfactl.services import outbox, policies, replies
from tests.cli import Run
from tests.organisation import NOW
from tests.post_office import PostOffice, opened
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

APPROVALS = '[[rule]]\ncode = "ten"\nmeasure = "discount"\nfrom = 10\nrole = "district_manager"\n'
FORMS = """
[[form]]
code = "approval"
title = "Approval"
subject = "{{ quote.code }}: {{ quote.account }}: {{ quote.total }}"
body = "{{ quote.seller }} asks."
attach = ["pdf", "json"]

[[form]]
code = "availability"
title = "Availability"
on = "submit"
to = ["stock@x.example"]
subject = "{{ quote.code }}: can we deliver?"
stock = true
attach = ["csv", "json"]

[[form.field]]
key = "until"
label = "Offer until"
value = "{{ quote.valid_until }}"

[[form.field]]
key = "deliverable_on"
label = "Deliverable on"

[[form]]
code = "legal"
title = "Legal"
to = ["olga"]
subject = "{{ quote.code }}: please look at the terms"
"""


def ruled(workspace: TestWorkspace, forms: str = FORMS) -> None:
    """The rules and forms are in force."""
    texts = {**policy.default().files, "approvals.toml": APPROVALS, "forms.toml": forms}
    workspace.door().write(policies.apply, policy.from_texts(texts))


def offer(sfactl: Run, workspace: TestWorkspace) -> str:
    """A quote of sam's that was submitted."""
    made = sfactl(
        "quote", "new", "OPP-1", "--product", "P-1=14", "--discount", "1=15%", "-o", "json", workspace=workspace, as_="sam"
    )  # fmt: skip
    code = str(json.loads(made.out)["code"])
    done = sfactl("quote", "submit", code, workspace=workspace, as_="sam")
    assert done.code == 0, done.err
    return code


def sent(workspace: TestWorkspace) -> dict[str, Message]:
    """What cron sends, by recipient."""
    with opened() as office:
        outbox.send(workspace.door("cron"), office.server())
    return {str(message["To"]): message for message in office.taken}


def text_of(message: Message) -> str:
    part = next(part for part in message.walk() if part.get_content_type() == "text/plain")
    return str(part.get_payload(decode=True).decode())


def reply(to: Message, text: str, number: int = 1, sender: str = "mike@x.example", **headers: str) -> Incoming:
    """What a mail program makes of an answer."""
    made = EmailMessage()
    made["Message-ID"], made["From"], made["Subject"] = f"<{number}@x.example>", sender, f"Re: {to['Subject']}"
    made["References"] = f"{to['References']} {to['Message-ID']}"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    quoted = "\n".join(f"> {line}" for line in text_of(to).splitlines())
    made.set_content(f"{text}\n\nOn Wed, Sales wrote:\n{quoted}\n")
    return Incoming(made.as_bytes())


def receive(workspace: TestWorkspace, *mails: Incoming, after: timedelta = timedelta(0)) -> list[replies.ReceivedRow]:
    """What the service makes of mails."""
    cron = workspace.door("cron")

    def door_as(login: str) -> Door:
        url, as_user = (cron.url, login) if workspace.is_sqlite else (workspace.door(login).url, None)
        return Door(url, as_user=as_user, now=NOW + after, today=(NOW + after).date())

    door = Door(cron.url, as_user=cron.as_user, now=NOW + after, today=(NOW + after).date())
    return replies.receive(door, door_as, mails)


def status(workspace: TestWorkspace) -> Any:
    return system_rows(workspace, "SELECT status FROM quote")[0][0]


def test_approval_and_availability_are_asked_together_and_answered_by_mail(
    sfactl: Run, workspace: TestWorkspace
) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace)
    mails = sent(workspace)

    rows = receive(
        workspace,
        reply(mails["mike@x.example"], "Aprobado\nadelante", 1),
        reply(mails["stock@x.example"], "CONFIRM\nfrom 1 June", 2),
    )
    listed = sfactl("handoff", "list", "--quote", code, "-o", "json", workspace=workspace, as_="sam").rows

    assert [(row.about, row.outcome, row.verdict) for row in rows] == [
        (code, "answered", "approve"), (code, "answered", "approve"),
    ], rows  # fmt: skip
    assert status(workspace) == "approved"
    assert [(row["form"], row["status"], row["via"], row["comment"]) for row in listed] == [
        ("availability", "confirmed", "mail", "from 1 June")
    ]
    assert system_rows(workspace, "SELECT via, comment FROM approval") == [("mail", "adelante")]
    asked = text_of(mails["stock@x.example"])
    assert "Deliverable on" in asked and "12 in MAIN" in asked and "2 missing" in asked
    files = {str(part.get_filename()): part.get_payload(decode=True) for part in mails["mike@x.example"].walk()}
    assert files[f"{code}.pdf"].startswith(b"%PDF-")
    assert json.loads(files[f"{code}.json"])["lines"][0]["amount"] == "1190.00"
    names = [part.get_filename() for part in mails["stock@x.example"].walk() if part.get_filename()]
    assert names == [f"{code}.csv", f"{code}.json"]


# case 76
def test_a_token_works_once_and_the_second_is_told_why(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace)
    offer(sfactl, workspace)
    mail = sent(workspace)["mike@x.example"]

    first = receive(workspace, reply(mail, "REJECT\nno", 1))
    second = receive(workspace, reply(mail, "APPROVE", 2))
    again = receive(workspace, reply(mail, "REJECT\nno", 1))

    assert [row.outcome for row in (*first, *second, *again)] == ["answered", "refused"]
    assert status(workspace) == "rejected"
    told = system_rows(workspace, "SELECT to_address, text FROM message WHERE kind = 'reply'")
    assert [to for to, _text in told] == ["mike@x.example"]
    assert "works once" in str(told[0][1])


# case 76
@pytest.mark.parametrize("change", ["expired", "changed", "guessed", "no verdict", "recalled"])
def test_a_token_is_refused_that_is_old_or_of_something_else(
    sfactl: Run, workspace: TestWorkspace, change: str
) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace)
    mail = sent(workspace)["mike@x.example"]
    text = "APPROVE"
    if change == "changed":
        edited = sfactl("quote", "edit", code, "--discount", "1=50%", workspace=workspace, as_="sam")
        again = sfactl("quote", "submit", code, workspace=workspace, as_="sam")
        assert (edited.code, again.code) == (0, 0), (edited.err, again.err)
    if change == "recalled":
        sfactl("quote", "recall", code, workspace=workspace, as_="sam")
    if change == "guessed":
        mail.replace_header("References", "<sfa-" + "a" * 52 + "@sfa>")
    if change == "no verdict":
        text = "sounds good"

    rows = receive(workspace, reply(mail, text), after=timedelta(days=90) if change == "expired" else timedelta(0))

    assert [row.outcome for row in rows] == ["ignored" if change == "guessed" else "refused"]
    assert system_rows(workspace, "SELECT count(*) FROM approval WHERE status = 'approved'") == [(0,)]
    assert system_rows(workspace, "SELECT count(*) FROM message WHERE kind = 'reply'") == [
        (0 if change == "guessed" else 1,)
    ]


# case 77
def test_who_a_mail_is_from_does_not_matter(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace)
    offer(sfactl, workspace)
    mail = sent(workspace)["mike@x.example"]
    forged = EmailMessage()
    forged["From"], forged["Message-ID"], forged["In-Reply-To"] = "mike@x.example", "<f@x>", str(mail["Message-ID"])
    forged.set_content("APPROVE")

    without = receive(workspace, Incoming(forged.as_bytes()))
    status_then = status(workspace)
    with_token = receive(workspace, reply(mail, "APPROVE", 2, sender="stranger@evil.example"))

    assert ([row.outcome for row in without], status_then) == (["ignored"], "submitted")
    assert [(row.outcome, row.user) for row in with_token] == [("answered", "mike")]


# case 76
def test_no_token_is_kept_anywhere_but_as_a_hash(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace)
    offer(sfactl, workspace)
    mail = sent(workspace)["mike@x.example"]
    found = re.search(r"sfa-([a-z2-7]{52})", str(mail["References"]))
    assert found and found[0] in text_of(mail)

    receive(workspace, reply(mail, "APPROVE"))
    tables = [
        "message",
        "approval",
        "approval_token",
        "reply_request",
        "audit_event",
        "audit_detail",
        "received_mail",
        "handoff",
    ]
    everything = str([system_rows(workspace, f"SELECT * FROM {table}") for table in tables])

    assert found[1] not in everything


# case 71
def test_a_mail_whose_connection_is_lost_comes_again_under_its_name_and_one_answer_counts(
    sfactl: Run, sqlite_workspace: TestWorkspace
) -> None:
    workspace, lost = sqlite_workspace, ["drop"]
    ruled(workspace)
    offer(sfactl, workspace)

    def does(stage: str, about: str) -> str | None:
        return lost.pop() if stage == "BODY" and "mike@" in about and lost else None

    with opened(PostOffice(does)) as office:
        cron = workspace.door("cron")
        outbox.send(cron, office.server())
        later = Door(cron.url, as_user=cron.as_user, now=NOW + timedelta(hours=5), today=NOW.date())
        outbox.send(later, office.server())
    copies = [message for message in office.taken if message["To"] == "mike@x.example"]

    first = receive(workspace, reply(copies[0], "APPROVE", 1))
    second = receive(workspace, reply(copies[1], "REJECT", 2))

    assert len(copies) == 2
    assert copies[0]["Message-ID"] == copies[1]["Message-ID"]
    assert copies[0]["References"] != copies[1]["References"]
    assert [row.outcome for row in (*first, *second)] == ["answered", "refused"]
    assert status(workspace) == "approved"


# case 71
@pytest.mark.parametrize("fault", ["450 later", "550 never", "drop", "hang"])
def test_a_server_that_fails_loses_no_question(sfactl: Run, sqlite_workspace: TestWorkspace, fault: str) -> None:
    workspace, faults = sqlite_workspace, [fault]
    ruled(workspace)
    offer(sfactl, workspace)

    def does(stage: str, about: str) -> str | None:
        return faults.pop() if stage == "DATA" and "mike@" in about and faults else None

    with opened(PostOffice(does)) as office:
        cron = workspace.door("cron")
        outbox.send(cron, office.server(timeout_s=1))
        later = Door(cron.url, as_user=cron.as_user, now=NOW + timedelta(hours=5), today=NOW.date())
        later.write(lambda session: outbox.retry(session, is_all=True))
        outbox.send(later, office.server(timeout_s=1))
    mail = next(message for message in office.taken if message["To"] == "mike@x.example")

    assert [row.outcome for row in receive(workspace, reply(mail, "APPROVE"))] == ["answered"]
    assert system_rows(workspace, "SELECT count(*) FROM message WHERE status <> 'sent'") == [(1,)], "the result waits"


def test_a_notice_of_absence_is_answered_by_nobody(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace)
    offer(sfactl, workspace)
    mail = sent(workspace)["mike@x.example"]

    rows = receive(workspace, reply(mail, "I am away", Auto_Submitted="auto-replied"))

    assert [row.outcome for row in rows] == ["ignored"]
    assert system_rows(workspace, "SELECT count(*) FROM message WHERE kind = 'reply'") == [(0,)]


def test_the_command_reads_a_file_of_mails_and_shows_what_came_of_them(
    sfactl: Run, sqlite_workspace: TestWorkspace, tmp_path: Path
) -> None:
    workspace = sqlite_workspace
    ruled(workspace)
    code = offer(sfactl, workspace)
    box = mailbox.mbox(tmp_path / "box")
    box.add(reply(sent(workspace)["mike@x.example"], "APPROVE").raw)
    box.close()

    first = sfactl("outbox", "receive", str(tmp_path / "box"), "-o", "json", workspace=workspace)
    second = sfactl("outbox", "receive", str(tmp_path / "box"), workspace=workspace)
    refused = sfactl("outbox", "receive", str(tmp_path / "box"), workspace=workspace, as_="sam")

    assert [(row["about"], row["outcome"], row["user"]) for row in first.rows] == [(code, "answered", "mike")], (
        first.err
    )
    assert (second.code, second.out, second.err) == (0, "", "")
    assert refused.code == 4
    assert status(workspace) == "approved"


def test_an_offer_is_submitted_where_nobody_looks_after_stock_and_that_is_said(
    sfactl: Run, sqlite_workspace: TestWorkspace
) -> None:
    made = sfactl("quote", "new", "OPP-1", "--product", "P-1=1", "-o", "json", workspace=sqlite_workspace, as_="sam")

    done = sfactl("quote", "submit", json.loads(made.out)["code"], workspace=sqlite_workspace, as_="sam")

    assert done.code == 0, done.err
    assert "The form availability goes to nobody" in done.err


def test_a_further_form_goes_out_by_definition_and_is_answered_by_command(
    sfactl: Run, workspace: TestWorkspace
) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace)

    made = sfactl("handoff", "send", code, "legal", "-o", "json", workspace=workspace, as_="sam")
    twice = sfactl("handoff", "send", code, "legal", workspace=workspace, as_="sam")
    name = made.rows[0]["code"]
    wrong = sfactl("handoff", "answer", name, "--yes", "--set", "x=1", workspace=workspace, as_="olga")
    done = sfactl(
        "handoff", "answer", name, "--no", "-c", "30 days only", "-o", "json", workspace=workspace, as_="olga"
    )
    late = sfactl("handoff", "answer", name, "--yes", workspace=workspace, as_="olga")
    shown = sfactl("handoff", "show", name, workspace=workspace, as_="sam")

    assert (twice.code, wrong.code, late.code, shown.code) == (5, 2, 5, 0)
    assert [(row["status"], row["comment"]) for row in done.rows] == [("refused", "30 days only")]
    assert sfactl("handoff", "send", code, "approval", workspace=workspace, as_="sam").code == 2
    assert sfactl("handoff", "send", code, "none", workspace=workspace, as_="sam").code == 2


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{{ quote.nothing }}", "nothing"),
        ("{{ quote.__class__ }}", "unsafe"),
        ("{{ quote.code.format.__globals__ }}", "unsafe"),
        ("{% for a in range(99999) %}xxxxxxxxxx{% endfor %}", "too much text"),
    ],
)
def test_a_template_does_what_a_template_may_and_no_more(
    sfactl: Run, sqlite_workspace: TestWorkspace, template: str, says: str
) -> None:
    ruled(sqlite_workspace, FORMS.replace('body = "{{ quote.seller }} asks."', f"body = {json.dumps(template)}"))
    made = sfactl(
        "quote", "new", "OPP-1", "--product", "P-1=1", "--discount", "1=15%", "-o", "json", workspace=sqlite_workspace,
        as_="sam",
    )  # fmt: skip

    done = sfactl("quote", "submit", json.loads(made.out)["code"], workspace=sqlite_workspace, as_="sam")

    assert done.code == 2
    assert says in done.err
    assert system_rows(sqlite_workspace, "SELECT status FROM quote") == [("draft",)]


def test_a_template_that_cannot_be_read_is_refused_with_its_line(sqlite_workspace: TestWorkspace) -> None:
    with pytest.raises(UsageFault) as said:
        ruled(sqlite_workspace, FORMS.replace("{{ quote.seller }} asks.", "{% if %}"))

    assert "approval: body, line 1" in said.value.message


KINDS = FORMS.replace(
    'label = "Deliverable on"',
    """label = "Deliverable on"
kind = "date"

[[form.field]]
key = "pieces"
label = "How many"
kind = "number"

[[form.field]]
key = "how_much"
label = "How much of it"
kind = "choice"
choices = ["All of it", "A part"]

[[form.field]]
key = "carrier"
label = "Carrier"
""",
)


def answers(workspace: TestWorkspace) -> dict[object, object]:
    return dict(system_rows(workspace, "SELECT key, value FROM handoff_line WHERE is_asked"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "message", "remedy"),
    [
        (
            "deliverable_on=soon",
            "deliverable_on (Deliverable on) asks for a date, and “soon” is none.",
            "Write it as 20",
        ),
        ("deliverable_on=2026-02-30", "asks for a date, and “2026-02-30” is none.", "Write it as 20"),
        ("pieces=a few", "pieces (How many) asks for a number, and “a few” is none.", "1200.5"),
        ("how_much=most", "how_much (How much of it) has no choice “most”.", "Choose one of these: All of it, A part."),
        ("carrier=  ", "Nothing is said for carrier (Carrier).", "leave it out"),
    ],
)
def test_what_is_not_of_the_kind_that_a_field_asks_for_is_refused_and_nothing_is_kept(
    sfactl: Run, sqlite_workspace: TestWorkspace, said: str, message: str, remedy: str
) -> None:
    ruled(sqlite_workspace, KINDS)
    offer(sfactl, sqlite_workspace)
    [(name,)] = system_rows(sqlite_workspace, "SELECT code FROM handoff")

    refused = sfactl("handoff", "answer", str(name), "--yes", "--set", said, workspace=sqlite_workspace)

    assert refused.code == 2
    assert message in refused.err and remedy in refused.err
    assert set(answers(sqlite_workspace).values()) == {None}
    assert system_rows(sqlite_workspace, "SELECT status FROM handoff") == [("sent",)]


def test_dates_numbers_and_choices_are_kept_as_everybody_reads_them(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace, KINDS)
    offer(sfactl, workspace)
    mail = sent(workspace)["stock@x.example"]
    [(name,)] = system_rows(workspace, "SELECT code FROM handoff")
    wrong = sfactl("handoff", "answer", str(name), "--yes", "--set", "pieces=1,200", workspace=workspace)

    done = receive(
        workspace,
        reply(mail, "CONFIRM\nDeliverable on: soon", 1),
        reply(mail, "CONFIRM\nDeliverable on: +7d\nHow many: 1200.5\nHow much of it: a part\nCarrier: Ours", 2),
    )
    shown = json.loads(sfactl("handoff", "show", str(name), "-o", "json", workspace=workspace, as_="sam").out)

    assert wrong.code == 2
    assert [row.outcome for row in done] == ["refused", "answered"], done
    day = (NOW.date() + timedelta(days=7)).isoformat()
    assert answers(workspace) == {
        "deliverable_on": day, "pieces": "1200.5", "how_much": "A part", "carrier": "Ours",
    }  # fmt: skip
    assert [(row["kind"], row["choices"]) for row in shown["fields"] if row["is_asked"]] == [
        ("date", None), ("number", None), ("choice", "All of it, A part"), ("text", None),
    ]  # fmt: skip
    asked = text_of(mail)
    assert "deliverable_on: … (Deliverable on, a date: 20" in asked and "one of: All of it, A part" in asked
    told = str(system_rows(workspace, "SELECT text FROM message WHERE kind = 'reply'"))
    assert "asks for a date, and “soon” is none." in told


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ('kind = "choice"', "go together"),
        ('choices = ["a"]', "go together"),
        ('kind = "choice"\nchoices = ["a", "A"]', "twice"),
        ('kind = "colour"', "kind"),
        ('kind = "date"\nvalue = "x"', "told, not asked"),
    ],
)
def test_a_form_whose_fields_make_no_sense_is_refused(field: str, says: str) -> None:
    text = FORMS.replace('label = "Deliverable on"', f'label = "Deliverable on"\n{field}')

    with pytest.raises(UsageFault) as said:
        policy.from_texts({**policy.default().files, "approvals.toml": APPROVALS, "forms.toml": text})

    assert says in said.value.message + str(said.value.hint)


TWO = FORMS.replace('to = ["stock@x.example"]', 'to = ["eve", "nora"]')


def asked(workspace: TestWorkspace) -> dict[str, str]:
    """By login, the hand-off that somebody was sent."""
    rows = system_rows(
        workspace, "SELECT u.login, h.code FROM handoff AS h JOIN app_user AS u ON u.id = h.recipient_id ORDER BY h.id"
    )
    return {str(login): str(code) for login, code in rows}


def test_one_answer_is_that_of_all_who_were_asked_whether_they_see_each_other_or_not(
    sfactl: Run, workspace: TestWorkspace
) -> None:
    ruled(workspace, TWO)
    code = offer(sfactl, workspace)
    codes = asked(workspace)
    before = sfactl("handoff", "list", "--mine", "-o", "json", workspace=workspace, as_="nora").rows

    done = sfactl("handoff", "answer", codes["eve"], "--yes", workspace=workspace, as_="eve")
    late = sfactl("handoff", "answer", codes["nora"], "--no", workspace=workspace, as_="nora")
    waiting = sfactl("handoff", "list", "--mine", "-o", "json", workspace=workspace, as_="nora").rows
    listed = sfactl("handoff", "list", "--quote", code, "-o", "json", workspace=workspace, as_="sam").rows

    assert done.code == 0, done.err
    assert [row["status"] for row in before] == ["sent"] and waiting == []
    assert late.code == 5 and f"{codes['nora']} needs no answer any more" in late.err
    assert {row["recipient"]: row["status"] for row in listed} == {"eve": "confirmed", "nora": "void"}
    assert "nora@x.example" not in sent(workspace), "a question that was answered does not leave any more"


def test_where_the_policy_says_so_each_of_those_who_were_asked_answers(
    sfactl: Run, sqlite_workspace: TestWorkspace
) -> None:
    ruled(sqlite_workspace, TWO.replace('on = "submit"', 'on = "submit"\nanswers = "each"'))
    offer(sfactl, sqlite_workspace)
    codes = asked(sqlite_workspace)

    first = sfactl("handoff", "answer", codes["eve"], "--yes", workspace=sqlite_workspace, as_="eve")
    second = sfactl("handoff", "answer", codes["nora"], "--no", workspace=sqlite_workspace, as_="nora")

    assert (first.code, second.code) == (0, 0), second.err
    assert system_rows(sqlite_workspace, "SELECT status FROM handoff ORDER BY id") == [("confirmed",), ("refused",)]


REQUIRED = FORMS.replace('label = "Deliverable on"', 'label = "Deliverable on"\nrequired = true')


def kinds(workspace: TestWorkspace) -> list[tuple[object, ...]]:
    return system_rows(workspace, "SELECT kind, to_address, subject FROM message ORDER BY id")


def test_what_a_form_asks_is_said_in_the_mail_and_a_yes_that_leaves_it_open_is_refused(
    sfactl: Run, workspace: TestWorkspace
) -> None:
    ruled(workspace, REQUIRED)
    code = offer(sfactl, workspace)
    mail = sent(workspace)["stock@x.example"]

    open_ = receive(workspace, reply(mail, "APPROVE\nall there", 1))
    told = system_rows(workspace, "SELECT text FROM message WHERE kind = 'reply'")
    assert [row.outcome for row in open_] == ["refused"]
    assert "deliverable_on (Deliverable on)" in str(open_[0].reason)
    [(name,)] = system_rows(workspace, "SELECT code FROM handoff")
    assert f"sfactl handoff answer {name} --yes" in str(told[0][0])

    done = receive(workspace, reply(mail, "APPROVE\nDeliverable on: 2026-06-01\nall there", 2))
    shown = sfactl("handoff", "show", str(name), "-o", "json", workspace=workspace, as_="sam")

    assert [row.outcome for row in done] == ["answered"], done
    said = json.loads(shown.out)
    assert (said["status"], said["comment"], said["age_days"]) == ("confirmed", "all there", 0)
    assert [(row["key"], row["value"], row["is_required"]) for row in said["fields"]] == [
        ("until", "Jun 19, 2026", False), ("deliverable_on", "2026-06-01", True),
    ]  # fmt: skip
    assert ("handoff", "sam@x.example") not in kinds(workspace)
    assert kinds(workspace)[-1][1:] == (
        "sam@x.example", f"Availability is confirmed for {code}: Adobe Tools, $1,190.00",
    )  # fmt: skip
    assert "deliverable_on: … (Deliverable on; needed for a yes)" in text_of(mail)
    assert "CONFIRM (APPROVE says the same) or REJECT" in text_of(mail)


def test_a_refusal_by_another_area_is_told_to_whose_offer_it_is_and_stands_on_the_quote(
    sfactl: Run, workspace: TestWorkspace
) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace)
    sfactl("stock", "reserve", "P-1=2", "--quote", code, workspace=workspace, as_="sam")

    receive(workspace, reply(sent(workspace)["stock@x.example"], "REJECT\nsold out", 2))
    shown = json.loads(sfactl("quote", "show", code, "-o", "json", workspace=workspace, as_="sam").out)
    card = sfactl("quote", "show", code, workspace=workspace, as_="sam").out

    assert kinds(workspace)[-1][1:] == (
        "sam@x.example", f"Availability is refused for {code}: Adobe Tools, $1,190.00",
    )  # fmt: skip
    [(text,)] = system_rows(workspace, "SELECT text FROM message WHERE to_address = 'sam@x.example'")
    assert "stock@x.example says no: sold out" in str(text)
    assert [(row["rule"], row["step"], row["approver"], row["status"]) for row in shown["approvals"]] == [
        ("ten", 1, "mike", "pending")
    ]
    assert shown["approvals"][0]["due_at"]
    assert [(row["form"], row["to"], row["status"], row["comment"], row["age_days"]) for row in shown["handoffs"]] == [
        ("availability", "stock@x.example", "refused", "sold out", 0)
    ]
    assert [(row["product"], row["warehouse"], row["quantity"], row["age_days"]) for row in shown["reservations"]] == [
        ("P-1", "MAIN", "2", 0)
    ]
    assert all(title in card for title in ("Approvals", "Hand-offs", "Held in stock", "sold out"))


def test_what_is_not_an_answer_leaves_a_line_that_says_why(sfactl: Run, sqlite_workspace: TestWorkspace) -> None:
    workspace = sqlite_workspace
    ruled(workspace)
    offer(sfactl, workspace)
    mail = sent(workspace)["mike@x.example"]
    strange, bounce = EmailMessage(), EmailMessage()
    strange["Message-ID"], bounce["Message-ID"] = "<s@x>", "<b@x>"
    strange.set_content("Hello")
    bounce["Content-Type"] = "multipart/report"

    rows = receive(
        workspace, Incoming(strange.as_bytes()), Incoming(bounce.as_bytes()), reply(mail, "away", 3, Auto_Submitted="auto-replied")
    )  # fmt: skip

    assert [row.outcome for row in rows] == ["ignored"] * 3
    assert ["no token" in str(rows[0].reason), "not be delivered" in str(rows[1].reason)] == [True, True]
    assert "automatic answer" in str(rows[2].reason)
    assert rows[2].about is not None
    assert [row.reason for row in rows] == [
        reason for (reason,) in system_rows(workspace, "SELECT reason FROM received_mail ORDER BY id")
    ]


def statuses(sfactl: Run, workspace: TestWorkspace) -> dict[str, str]:
    """Of the messages that sam wrote, in his own list, by recipient."""
    listed = sfactl("outbox", "list", "-o", "json", workspace=workspace, as_="sam")
    return {row["to"]: row["status"] for row in reversed(listed.rows)}


@pytest.mark.parametrize(
    "words",
    [
        ("recall", "--reason", "wait"), ("edit", "--discount", "1=50%"), ("decline", "--reason", "no"),
    ],
    ids=["recalled", "edited", "declined"],
)  # fmt: skip
def test_a_question_that_is_overtaken_before_it_was_sent_never_leaves(
    sfactl: Run, workspace: TestWorkspace, words: tuple[str, ...]
) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace)
    before = statuses(sfactl, workspace)
    done = sfactl("quote", words[0], code, *words[1:], workspace=workspace, as_="sam")

    after = statuses(sfactl, workspace)
    pending = sfactl("quote", "approvals", "--mine", "-o", "json", workspace=workspace, as_="mike")
    waiting = sfactl("handoff", "list", "-o", "json", workspace=workspace, as_="sam")
    mails = sent(workspace)

    assert done.code == 0, done.err
    assert before == {"mike@x.example": "queued", "stock@x.example": "queued"}
    assert after == {"mike@x.example": "cancelled", "stock@x.example": "cancelled"}
    assert (mails, pending.rows, waiting.rows) == ({}, [], [])
    assert system_rows(workspace, "SELECT DISTINCT status, last_error FROM message") == [("cancelled", "withdrawn")]
    assert "Withdrawn" in sfactl("outbox", "list", workspace=workspace, as_="sam").out


def test_a_question_of_somebody_else_is_withdrawn_too_and_what_is_under_way_is_not(
    sfactl: Run, workspace: TestWorkspace
) -> None:
    ruled(workspace)
    offer(sfactl, workspace)
    with opened() as office:
        outbox.send(workspace.door("cron"), office.server(), limit=1)
    [code] = [row[0] for row in system_rows(workspace, "SELECT code FROM quote")]

    sfactl("quote", "recall", str(code), workspace=workspace, as_="ana")

    found = dict(system_rows(workspace, "SELECT kind, status FROM message WHERE kind <> 'quote'"))  # type: ignore[arg-type]
    assert found["approval"] == "sent"
    assert sent(workspace).keys() == {"mike@x.example"}, "he had the question, and is told that it is over"


def test_an_offer_that_is_taken_back_and_submitted_as_it_was_asks_again(sfactl: Run, workspace: TestWorkspace) -> None:
    ruled(workspace)
    code = offer(sfactl, workspace)
    sfactl("quote", "recall", code, workspace=workspace, as_="sam")
    outbox_before = sent(workspace)

    again = sfactl("quote", "submit", code, workspace=workspace, as_="sam")

    assert (outbox_before, again.code) == ({}, 0)
    assert sent(workspace).keys() == {"mike@x.example", "stock@x.example"}


def test_a_change_for_the_better_asks_other_areas_about_the_offer_as_it_is(
    sfactl: Run, sqlite_workspace: TestWorkspace
) -> None:
    workspace = sqlite_workspace
    ruled(workspace)
    code = offer(sfactl, workspace)
    [(old,)] = system_rows(workspace, "SELECT code FROM handoff")
    sfactl("quote", "edit", code, "--discount", "1=12%", workspace=workspace, as_="sam")

    late = sfactl("handoff", "answer", str(old), "--yes", workspace=workspace)
    newer = str(system_rows(workspace, "SELECT code FROM handoff ORDER BY id DESC LIMIT 1")[0][0])
    listed = sfactl("handoff", "list", "--quote", code, "-o", "json", workspace=workspace, as_="sam").rows

    assert late.code == 5
    assert f"sfactl handoff answer {newer}" in late.err
    assert {row["code"]: row["status"] for row in listed} == {str(old): "void", newer: "sent"}


def test_a_command_says_what_a_form_asks_too(sfactl: Run, sqlite_workspace: TestWorkspace) -> None:
    workspace = sqlite_workspace
    ruled(workspace, REQUIRED)
    offer(sfactl, workspace)
    [(name,)] = system_rows(workspace, "SELECT code FROM handoff")
    words = ("handoff", "answer", str(name), "--yes")

    open_ = sfactl(*words, workspace=workspace)
    wrong = sfactl(*words, "--set", "day=1", workspace=workspace)
    done = sfactl(*words, "--set", "deliverable_on=2026-06-01", workspace=workspace)

    assert (open_.code, wrong.code, done.code) == (2, 2, 0), done.err
    assert f"A yes to {name} needs deliverable_on (Deliverable on)." in open_.err
    assert "It asks for: deliverable_on." in wrong.err
    told = REQUIRED.replace('label = "Offer until"', 'label = "Offer until"\nrequired = true')
    with pytest.raises(UsageFault) as said:
        ruled(workspace, told)
    assert "cannot be required" in said.value.message + str(said.value.hint)
