"""At the customer's table: needs, configuration, price, agreement by mail, order; also while the network is down."""

from __future__ import annotations

import json
import mailbox
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from sfactl.config import policy
from sfactl.services import policies
from tests.cli import Result, Run
from tests.commands.test_configure import CATALOGUE, PRODUCTS
from tests.commands.test_handoffs import APPROVALS, FORMS, reply, text_of
from tests.commands.test_outbox import Command, with_server  # noqa: F401 - a fixture
from tests.organisation import fill
from tests.post_office import PostOffice, opened
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

QUOTE, ORDER = "Q-000001", "ORD-000001"
Said = Callable[..., Result]


@pytest.fixture
def racks(workspace: TestWorkspace, tmp_path: Path) -> TestWorkspace:
    """The small company sells racks, and has rules and forms for offers."""
    fill(workspace.door(), tmp_path, PRODUCTS)
    texts = {**policy.default().files, "approvals.toml": APPROVALS, "forms.toml": FORMS, "catalog/rack.toml": CATALOGUE}
    workspace.door().write(policies.apply_and_check, policy.from_texts(texts))
    return workspace


@pytest.fixture
def said(sfactl: Run, racks: TestWorkspace) -> Said:
    """What a command says that goes well."""

    def run(*words: str, as_: str = "sam") -> Result:
        done = sfactl(*words, workspace=racks, as_=as_)
        assert done.code == 0, done.err
        return done

    return run


def offered(said: Said) -> dict[str, Any]:
    """What the account manager does while he sits there."""
    best = json.loads(said("product", "configure", "RACK", "--need", "tb=6", "-o", "json").out)
    assert best["is_proven"] and best["list_price"] == "750.00"
    said(
        "quote", "new", "OPP-1", "--bundle", "RACK", "--need", "tb=6", "--product", "P-1=2", "--total-discount", "12%",
        "--contact", "carla@adobe.example",
    )  # fmt: skip
    asked = said("quote", "submit", QUOTE, "--preview", "-o", "json").rows
    assert [(row["rule"], row["approvers"]) for row in asked] == [("ten", "mike")]
    said("stock", "reserve", "P-1=2", "--quote", QUOTE)
    said("quote", "submit", QUOTE)
    return dict(json.loads(said("quote", "show", QUOTE, "-o", "json").out))


def posted(with_server: Command, office: PostOffice, workspace: TestWorkspace) -> dict[str, Message]:  # noqa: F811
    """What lies in the mailboxes once the outbox was sent."""
    done = with_server("outbox", "send", office=office, workspace=workspace)
    assert done.code == 0, done.err
    return {str(message["To"]): message for message in office.taken}


def answered(said: Said, folder: Path, mails: dict[str, Message]) -> None:
    """The manager agrees and inventory confirms, each by replying."""
    box = mailbox.mbox(folder / "answers")
    box.add(reply(mails["mike@x.example"], "APPROVE\nGo ahead.", 1).raw)
    box.add(reply(mails["stock@x.example"], "CONFIRM\nAll of it on 2026-05-22.", 2).raw)
    box.close()
    said("outbox", "receive", str(folder / "answers"), as_="ana")


def files_of(message: Message) -> list[str]:
    return sorted(str(part.get_filename()) for part in message.walk() if part.get_filename())


def test_from_needs_to_an_order_with_two_mails_and_two_replies(
    said: Said,
    racks: TestWorkspace,
    with_server: Command,  # noqa: F811
    tmp_path: Path,
) -> None:
    quote = offered(said)
    with opened() as office:
        mails = posted(with_server, office, racks)

        assert quote["status"] == "submitted" and quote["amount"] == "836.00"
        assert set(mails) == {"mike@x.example", "stock@x.example"}
        assert files_of(mails["mike@x.example"]) == [f"{QUOTE}.json", f"{QUOTE}.pdf"]
        assert files_of(mails["stock@x.example"]) == [f"{QUOTE}.csv", f"{QUOTE}.json"]
        assert "836.00" in text_of(mails["mike@x.example"]) and "12" in text_of(mails["mike@x.example"])
        assert "not kept in stock" in text_of(mails["stock@x.example"]), "racks are made to order"

        answered(said, tmp_path, mails)
        said("quote", "send", QUOTE)
        offer = posted(with_server, office, racks)["carla@adobe.example"]
    assert files_of(offer) == [f"{QUOTE}.pdf"]
    said("quote", "accept", QUOTE, "--purchase-order", "PO-4711", as_="olga")

    assert json.loads(said("order", "show", ORDER, "-o", "json", as_="ana").out)["amount"] == "836.00"
    assert system_rows(racks, "SELECT purchase_order FROM sales_order WHERE code = 'ORD-000001'") == [("PO-4711",)]
    assert system_rows(racks, f"SELECT sum(c.amount_minor) FROM credit c JOIN sales_order o ON o.id = c.order_id WHERE o.code = '{ORDER}' AND c.kind = 'revenue'") == [(83600,)]  # fmt: skip
    assert system_rows(racks, "SELECT status, amount_minor FROM opportunity WHERE code = 'OPP-1'") == [("won", 83600)]
    assert system_rows(racks, "SELECT status, quantity_milli FROM reservation") == [("consumed", 2000)]
    assert [row["comment"] for row in said("handoff", "list", "--quote", QUOTE, "--all", "-o", "json").rows] == [
        "All of it on 2026-05-22."
    ]


def test_without_a_network_the_same_is_done_and_delivered_later(
    said: Said,
    racks: TestWorkspace,
    with_server: Command,  # noqa: F811
    tmp_path: Path,
) -> None:
    offered(said)
    down = with_server("outbox", "send", office=None, workspace=racks)
    waiting = said("outbox", "list", "-o", "json", as_="ana").rows

    assert down.code == 6
    assert {(row["to"], row["status"]) for row in waiting} == {
        ("mike@x.example", "queued"),
        ("stock@x.example", "queued"),
    }
    with opened() as office:
        answered(said, tmp_path, posted(with_server, office, racks))
    assert len(office.taken) == 2
    assert json.loads(said("quote", "show", QUOTE, "-o", "json").out)["status"] == "approved"
