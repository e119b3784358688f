"""Agreement by mail, killed at any moment: asked whole or not at all, answered whole or not at all, and no mail is lost."""

from __future__ import annotations

import json
import mailbox
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path

import pytest

from sfactl.config import policy
from sfactl.db.session import Door
from sfactl.services import outbox, policies
from tests.cli import Run
from tests.commands.test_handoffs import APPROVALS, FORMS, reply
from tests.faults.world import Launcher, wait_for_servers
from tests.post_office import PostOffice, opened
from tests.soak import IS_SOAK
from tests.workspace import TestWorkspace, system_rows

KILLS = 100 if IS_SOAK else 3
_SIGHT = (
    "SELECT q.status, (SELECT count(*) FROM approval AS a WHERE a.quote_id = q.id),"
    " (SELECT count(*) FROM handoff AS h WHERE h.quote_id = q.id),"
    " (SELECT count(*) FROM message AS m WHERE m.about = q.code), (SELECT count(*) FROM received_mail AS r"
    " WHERE r.about = q.code) FROM quote AS q WHERE q.code = '{}'"
)
BEFORE = {"submit": ("draft", 0, 0, 0, 0), "send": ("submitted", 1, 1, 2, 0), "receive": ("submitted", 1, 1, 2, 0)}
AFTER = {"submit": ("submitted", 1, 1, 2, 0), "send": ("submitted", 1, 1, 2, 0), "receive": ("approved", 1, 1, 3, 1)}
"""A quote's state, and how many approvals, hand-offs, mails and answers there are of it."""
PHASES = tuple(BEFORE)


@dataclass
class Desk:
    """Where offers are made, agreed to and mailed, by commands that may be killed."""

    workspace: TestWorkspace
    launcher: Launcher
    office: PostOffice
    sfactl: Run
    folder: Path

    def command(self, phase: str, code: str) -> tuple[tuple[str, ...], str]:
        """The words of a phase, and whose they are."""
        if phase == "submit":
            return ("quote", "submit", code, "-q"), "sam"
        if phase == "send":
            return ("outbox", "send", "-q"), "cron"
        return ("outbox", "receive", str(self.folder / code), "-q"), "cron"

    def do(self, phase: str, code: str) -> None:
        """Do a phase as it should be."""
        words, login = self.command(phase, code)
        done = self.sfactl(*words, workspace=self.workspace, as_=login)
        assert done.code == 0, done.err

    def offer(self) -> str:
        """A new offer, which needs agreement."""
        words = ("quote", "new", "OPP-1", "--product", "P-1=1", "--discount", "1=15%", "-o", "json")
        return str(json.loads(self.sfactl(*words, workspace=self.workspace, as_="sam").out)["code"])

    def answer(self, code: str) -> None:
        """The approver's reply to the question, in a mailbox of its own."""
        self.send_later()
        box = mailbox.mbox(self.folder / code)
        box.add(reply(self.question(code), "APPROVE\nfine", int(code[2:])).raw)
        box.close()

    def question(self, code: str) -> Message:
        """The mail that asks for agreement to an offer, as it arrived."""
        return next(mail for mail in self.office.taken if str(mail["Subject"]).startswith(f"{code}: Adobe"))

    def kill(self, phase: str, code: str, after_s: float) -> None:
        """Begin a phase, and end it with a signal that nobody hears."""
        words, login = self.command(phase, code)
        running = self.launcher.start(words, self.environment(login))
        time.sleep(after_s)
        running.send(signal.SIGKILL)
        running.wait()
        wait_for_servers(self.workspace)

    def took(self) -> dict[str, float]:
        """How long each phase takes just now when nobody kills it."""
        code, found = self.offer(), {}
        for phase in PHASES:
            if phase == "receive":
                self.answer(code)
            words, login = self.command(phase, code)
            started = time.monotonic()
            ended = self.launcher.start(words, self.environment(login)).wait()
            assert ended.code == 0, ended.err
            found[phase] = time.monotonic() - started
        return found

    def environment(self, login: str) -> dict[str, str]:
        """What a command of its own needs."""
        return {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8",
            "SFACTL_CONFIG": str(self.folder / "config.toml"), **self.workspace.environment(login),
        }  # fmt: skip

    def sight(self, code: str) -> tuple[object, ...]:
        """What is there of an offer."""
        return system_rows(self.workspace, _SIGHT.format(code))[0]

    def send_later(self) -> None:
        """Send what waits, also what a dead sender had, once his time is over."""
        cron, later = self.workspace.door("cron"), datetime.now(UTC) + timedelta(days=1)
        outbox.send(Door(cron.url, as_user=cron.as_user, now=later, today=later.date()), self.office.server())


@pytest.fixture
def desk(
    workspace: TestWorkspace, launcher: Launcher, sfactl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """The small company with rules and forms; its mail server is opened by the test."""
    texts = {
        **policy.default().files,
        "approvals.toml": APPROVALS,
        "forms.toml": FORMS.replace('["pdf", "json"]', '["json"]'),
    }
    workspace.door().write(policies.apply, policy.from_texts(texts))
    monkeypatch.setenv("SFACTL_CONFIG", str(tmp_path / "config.toml"))
    return Desk(workspace, launcher, PostOffice(), sfactl, tmp_path)


# case 71
def test_killed_while_asking_sending_and_answering_no_mail_is_lost(desk: Desk, request: pytest.FixtureRequest) -> None:
    seed = int(os.environ.get("SFACTL_SEED", random.randrange(10**9)))
    moments, found = random.Random(seed), Counter[str]()
    with opened(desk.office) as office:
        settings = f'[mail]\nhost = "127.0.0.1"\nport = {office.port}\nsender = "sales@x.example"\n'
        (desk.folder / "config.toml").write_text(settings, encoding="utf-8")
        whole, code = desk.took(), ""
        for number in range(KILLS):
            phase = PHASES[number % len(PHASES)]
            if phase == "submit":
                code = desk.offer()
            elif phase == "receive":
                desk.answer(code)
            desk.kill(phase, code, moments.uniform(0, 1.05 * whole[phase]))

            seen = desk.sight(code)
            assert seen in (BEFORE[phase], AFTER[phase]), f"kill {number}, seed {seed}"
            found[f"{phase}: {'done' if seen == AFTER[phase] else 'nothing'}"] += 1
            if phase != "send" and seen == BEFORE[phase]:
                desk.do(phase, code)
            assert desk.sight(code) == AFTER[phase], f"kill {number}, seed {seed}"
        desk.send_later()
        kills_while_sending = sum(PHASES[number % len(PHASES)] == "send" for number in range(KILLS))
        require_no_loss(desk, kills_while_sending, f"seed {seed}")
    copies = sum(Counter(office.ids).values()) - len(set(office.ids))
    print(f"{request.node.name}: seed {seed}, {KILLS} kills: {dict(found)}, {copies} mails came twice")


def require_no_loss(desk: Desk, kills: int, about: str) -> None:
    """Every mail arrived under its Message-ID, none that nobody wrote, and one twice only where a sender was killed."""
    rows = system_rows(desk.workspace, "SELECT message_id, status FROM message")
    assert {status for _id, status in rows} == {"sent"}, about
    assert {message_id for message_id, _status in rows} == set(desk.office.ids), about
    assert len(desk.office.ids) - len(rows) <= kills, about
