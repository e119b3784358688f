"""Offers that leave the house: as documents, by mail, and as orders."""

from __future__ import annotations

import io
import sqlite3
from pathlib import Path

import pytest

from tests.cli import Run
from tests.commands.test_quotes import NEW, offer, shown
from tests.db.company import system
from tests.hostile import HOSTILE
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")


def approve(workspace: TestWorkspace) -> None:
    """As if everybody had agreed to all offers."""
    with system(workspace) as run:
        run("UPDATE quote SET status = 'approved'")


def sent(sfactl: Run, workspace: TestWorkspace, *words: str) -> None:
    """An offer that the customer has."""
    offer(sfactl, workspace, *(words or (*NEW, "--contact", "carla@adobe.example")))
    approve(workspace)
    assert sfactl("quote", "send", "Q-000001", workspace=workspace, as_="sam").code == 0


def text_of(pdf: bytes) -> str:
    """What stands on the pages of a document."""
    pdfium = pytest.importorskip("pypdfium2")
    document = pdfium.PdfDocument(io.BytesIO(pdf))
    pages = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    return pages


def written(sfactl: Run, workspace: TestWorkspace, to: Path, *words: str) -> str:
    """A document that a seller writes: PDF as its text, a page as it is."""
    form = to.suffix.removeprefix(".")
    done = sfactl("quote", form, "Q-000001", "--to", str(to), *words, workspace=workspace, as_="sam")
    assert done.code == 0, done.err
    return text_of(to.read_bytes()) if form == "pdf" else to.read_text(encoding="utf-8")


class TestDocuments:
    """What a customer reads."""

    @pytest.mark.parametrize("form", ["pdf", "html"])
    def test_it_prints_what_is_stored_and_computes_nothing(
        self, sfactl: Run, sqlite_workspace: TestWorkspace, tmp_path: Path, form: str
    ):
        offer(sfactl, sqlite_workspace, *NEW, "--total-discount", "2%")
        with sqlite3.connect(str(sqlite_workspace.url.path)) as raw:
            raw.execute(
                "UPDATE quote SET lines_minor = 987654321, net_minor = 987654321 - header_minor, discount_bp = 4242"
            )
            raw.execute("UPDATE quote_line SET net_e4 = 7654321 WHERE line = 1")

        said = written(sfactl, sqlite_workspace, tmp_path / f"q.{form}")

        for words in ("Q-000001", "Adobe Tools", "9,876,543.21", "765.4321", "42.42%", "Prices are net of tax"):
            assert words in said, words

    @pytest.mark.parametrize("form", ["pdf", "html"])
    def test_it_is_marked_until_it_is_approved(
        self, sfactl: Run, sqlite_workspace: TestWorkspace, tmp_path: Path, form: str
    ):
        offer(sfactl, sqlite_workspace)

        draft = written(sfactl, sqlite_workspace, tmp_path / f"draft.{form}")
        approve(sqlite_workspace)
        final = written(sfactl, sqlite_workspace, tmp_path / f"final.{form}")

        assert "DRAFT" in draft and "DRAFT" not in final and "no offer until" not in final

    def test_it_speaks_the_customers_language(self, sfactl: Run, sqlite_workspace: TestWorkspace, tmp_path: Path):
        offer(sfactl, sqlite_workspace, *NEW, "--locale", "es_ES")

        page = written(sfactl, sqlite_workspace, tmp_path / "q.html")

        assert '<html lang="es">' in page and "BORRADOR" in page and "2.600,00\u00a0US$" in page
        assert "Los precios no incluyen" in page and "Prices are net" not in page

    # case 85, case 98
    def test_hostile_words_stand_on_it_and_do_nothing(
        self, sfactl: Run, sqlite_workspace: TestWorkspace, tmp_path: Path
    ):
        offer(sfactl, sqlite_workspace)
        words = [
            *HOSTILE.values(),
            '#import "/etc/passwd"',
            '#read("/etc/passwd")',
            "$x$ *a* #box[b]",
            "<script>x</script>",
        ]
        words = [word for word in words if "\0" not in word and word.isprintable() is not None]
        for number, word in enumerate(words[:: 6 if len(words) > 30 else 1]):
            try:
                word.encode()
            except UnicodeEncodeError:
                continue
            with sqlite3.connect(str(sqlite_workspace.url.path)) as raw:
                raw.execute("UPDATE quote SET name = ?, terms = ?, account_name = ?", (word, word, word))
                raw.execute("UPDATE quote_line SET product_name = ?", (word,))
            page = written(sfactl, sqlite_workspace, tmp_path / f"{number}.html")
            assert "<script" not in page and "root:" not in page
            assert "root:" not in written(sfactl, sqlite_workspace, tmp_path / f"{number}.pdf")

    def test_equal_offers_give_equal_bytes(self, sfactl: Run, sqlite_workspace: TestWorkspace, tmp_path: Path):
        offer(sfactl, sqlite_workspace)
        for name in ("a", "b"):
            written(sfactl, sqlite_workspace, tmp_path / f"{name}.pdf")

        assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


class TestSending:
    """The offer goes to the customer."""

    def test_it_waits_in_the_outbox_with_its_document(self, sfactl: Run, workspace: TestWorkspace):
        sent(sfactl, workspace)

        rows = system_rows(
            workspace,
            "SELECT to_address, subject, name, media_type, content FROM message"
            " JOIN message_attachment AS a ON a.message_id = message.id",
        )
        assert [row[:4] for row in rows] == [
            ("carla@adobe.example", "Our offer Q-000001: Pumps for Adobe", "Q-000001.pdf", "application/pdf")
        ]
        said = text_of(bytes(rows[0][4]))  # type: ignore[arg-type]
        assert "$2,600.00" in said and "DRAFT" not in said
        assert shown(sfactl, workspace)["status"] == "sent"

    def test_nothing_leaves_that_was_not_approved(self, sfactl: Run, workspace: TestWorkspace):
        offer(sfactl, workspace, *NEW, "--contact", "carla@adobe.example")

        done = sfactl("quote", "send", "Q-000001", workspace=workspace, as_="sam")

        assert done.code == 5 and "quote submit" in done.err
        assert system_rows(workspace, "SELECT count(*) FROM message") == [(0,)]

    def test_somebody_has_to_be_named(self, sfactl: Run, sqlite_workspace: TestWorkspace):
        offer(sfactl, sqlite_workspace)
        approve(sqlite_workspace)

        assert sfactl("quote", "send", "Q-000001", workspace=sqlite_workspace, as_="sam").code == 2
        assert (
            sfactl(
                "quote", "send", "Q-000001", "--to", "a@x.example, b@x.example", workspace=sqlite_workspace, as_="sam"
            ).code
            == 2
        )
        assert (
            sfactl("quote", "send", "Q-000001", "--to", "a@x.example", workspace=sqlite_workspace, as_="sam").code == 0
        )

    def test_a_revision_that_is_sent_ends_the_one_before(self, sfactl: Run, sqlite_workspace: TestWorkspace):
        sent(sfactl, sqlite_workspace)
        offer(sfactl, sqlite_workspace, "quote", "revise", "Q-000001")
        with system(sqlite_workspace) as run:
            run("UPDATE quote SET status = 'approved' WHERE code = 'Q-000001-2'")

        assert sfactl("quote", "send", "Q-000001-2", workspace=sqlite_workspace, as_="sam").code == 0

        first = shown(sfactl, sqlite_workspace)
        assert (first["status"], first["closing_reason"]) == ("declined", "Q-000001-2 replaces it.")


class TestAccepting:
    """The customer takes it."""

    def test_order_credit_and_opportunity_come_together(self, sfactl: Run, workspace: TestWorkspace):
        sent(sfactl, workspace)
        with system(workspace) as run:
            for login, kind, share in (("sam", "revenue", 6667), ("nora", "revenue", 3333), ("mike", "overlay", 5000)):
                run(
                    "INSERT INTO opportunity_split (opportunity_id, user_id, kind, share_bp)"
                    f" SELECT o.id, u.id, '{kind}', {share} FROM opportunity AS o JOIN app_user AS u ON u.login = '{login}'"
                    " WHERE o.code = 'OPP-1'"
                )

        done = sfactl("quote", "accept", "Q-000001", "--purchase-order", "PO-7", workspace=workspace, as_="sam")

        assert done.code == 0, done.err
        assert system_rows(
            workspace, "SELECT amount_minor, purchase_order, total_minor FROM sales_order WHERE code = 'ORD-000001'"
        ) == [(260000, "PO-7", 260000)]
        booked = "SELECT login, kind, c.amount_minor FROM credit AS c JOIN app_user AS u ON u.id = user_id JOIN sales_order AS o ON o.id = order_id WHERE o.code = 'ORD-000001' ORDER BY c.id"
        assert system_rows(workspace, booked) == [
            ("sam", "revenue", 173342), ("nora", "revenue", 86658), ("mike", "overlay", 130000),
        ]  # fmt: skip
        lines = "SELECT line, quantity_milli, l.amount_minor FROM sales_order_line AS l JOIN sales_order AS o ON o.id = order_id WHERE o.code = 'ORD-000001' ORDER BY line"
        assert system_rows(workspace, lines) == [(1, 10000, 100000), (2, 200000, 160000)]
        assert system_rows(workspace, "SELECT status, amount_minor FROM opportunity WHERE code = 'OPP-1'") == [
            ("won", 260000)
        ]
        page = shown(sfactl, workspace)
        assert (page["status"], page["order"]) == ("accepted", "ORD-000001")
        assert sfactl("quote", "accept", "Q-000001", workspace=workspace, as_="sam").code == 5

    @pytest.mark.parametrize("state", ["draft", "submitted", "approved", "stale", "rejected", "declined", "expired"])
    def test_only_what_was_sent_can_be_taken(self, sfactl: Run, sqlite_workspace: TestWorkspace, state: str):
        offer(sfactl, sqlite_workspace)
        with system(sqlite_workspace) as run:
            run(f"UPDATE quote SET status = '{state}'")

        assert sfactl("quote", "accept", "Q-000001", workspace=sqlite_workspace, as_="sam").code == 5
        assert system_rows(sqlite_workspace, "SELECT count(*) FROM sales_order WHERE channel = 'quote'") == [(0,)]

    def test_what_is_over_cannot_be_taken_today(self, sfactl: Run, sqlite_workspace: TestWorkspace):
        sent(sfactl, sqlite_workspace)
        with system(sqlite_workspace) as run:
            run("UPDATE quote SET status = 'draft', priced_on = '2026-01-01', valid_until = '2026-02-01'")
            run("UPDATE quote SET status = 'sent'")

        done = sfactl("quote", "accept", "Q-000001", workspace=sqlite_workspace, as_="sam")

        assert done.code == 5 and "quote revise" in done.err
        assert (
            sfactl("quote", "accept", "Q-000001", "--on", "2026-01-31", workspace=sqlite_workspace, as_="sam").code == 0
        )

    def test_who_may_not_book_leaves_nothing_half_done(self, sfactl: Run, workspace: TestWorkspace):
        sent(sfactl, workspace)

        assert sfactl("quote", "accept", "Q-000001", workspace=workspace, as_="aldo").code == 4
        assert sfactl("quote", "accept", "Q-000001", workspace=workspace, as_="nora").code == 3
        assert system_rows(workspace, "SELECT status FROM quote") == [("sent",)]

    def test_an_order_is_taken_back_without_a_change_of_closed_periods(self, sfactl: Run, workspace: TestWorkspace):
        sent(sfactl, workspace)
        assert sfactl("quote", "accept", "Q-000001", workspace=workspace, as_="sam").code == 0

        done = sfactl("order", "cancel", "ORD-000001", "--reason", "withdrawn", workspace=workspace, as_="sam")

        assert done.code == 0, done.err
        assert system_rows(workspace, "SELECT sum(amount_minor) FROM sales_order WHERE channel = 'quote'") == [(0,)]
        assert system_rows(
            workspace,
            "SELECT sum(c.amount_minor), count(*) FROM credit AS c JOIN sales_order AS o ON o.id = c.order_id WHERE o.channel = 'quote'",
        ) == [(0, 2)]
        assert system_rows(workspace, "SELECT status FROM opportunity WHERE code = 'OPP-1'") == [("open",)]
        assert shown(sfactl, workspace)["status"] == "sent"
        assert sfactl("order", "cancel", "ORD-000001", "--reason", "again", workspace=workspace, as_="sam").code == 5
        assert sfactl("order", "cancel", "O-1", "--reason", "old", workspace=workspace, as_="sam").code == 5
        assert sfactl("quote", "accept", "Q-000001", workspace=workspace, as_="sam").code == 0
        assert shown(sfactl, workspace)["order"] == "ORD-000001.2", "the second order of this quote"
        assert sfactl("db", "check", workspace=workspace).code == 0

    def test_what_was_held_for_it_is_sold_and_free_again_when_it_is_taken_back(
        self, sfactl: Run, workspace: TestWorkspace
    ):
        sent(sfactl, workspace)
        held = sfactl("stock", "reserve", "P-1=2", "--quote", "Q-000001", workspace=workspace, as_="olga")
        assert held.code == 0, held.err
        status = "SELECT status FROM reservation"

        assert sfactl("quote", "accept", "Q-000001", workspace=workspace, as_="olga").code == 0
        assert system_rows(workspace, status) == [("consumed",)]
        assert sfactl("order", "cancel", "ORD-000001", "--reason", "no", workspace=workspace, as_="olga").code == 0
        assert system_rows(workspace, status) == [("released",)]
