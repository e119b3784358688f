"""Stock: what is free, what is held, and that no piece is promised twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import psycopg
import pytest

from sfactl.config import policy
from sfactl.db.session import Door, Session
from sfactl.errors import Conflict
from sfactl.services import policies, quote_making, reservations
from sfactl.services.availability import Wish
from sfactl.services.reservations import Terms
from tests import organisation
from tests.cli import Result, Run
from tests.organisation import NOW
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

MORE = {
    "product": "code,name,family,unit\nP-3,Better pump,Pumps,each\nSV-1,Service,Services,h\n",
    "stock": "product,warehouse,quantity,counted_on\nP-1,NORTH,4,2026-05-19\nP-3,MAIN,50,2026-05-19\n",
    "arrival": "product,warehouse,reference,quantity,expected_on,received_on\n"
    "P-1,MAIN,PO-1,10,2026-06-01,\nP-1,MAIN,PO-0,99,2026-05-10,\nP-1,MAIN,PO-2,7,2026-05-01,2026-05-02\n",
}
STOCK_POLICY = '[[alternative]]\nproduct = "P-1"\nuse = ["P-2", "P-3"]\n'


def stocked(workspace: TestWorkspace, folder: Path) -> None:
    """12 pumps counted on 1 May, 4 in the north, 10 to come in June; 99 that are late."""
    organisation.fill(workspace.door(), folder, MORE)
    texts = {**policy.default().files, "stock.toml": STOCK_POLICY}
    workspace.door().write(policies.apply, policy.from_texts(texts))


def offered(workspace: TestWorkspace, milli: int) -> str:
    """The code of an offer of so many pumps."""
    wanted = quote_making.Wanted("OPP-1", [quote_making.WantedLine("P-1", milli)])
    return workspace.door("sam").write(quote_making.new, wanted)


def rows(result: Result, *keys: str) -> list[tuple[Any, ...]]:
    assert result.code == 0, result.err
    return [tuple(row[key] for key in keys) for row in result.rows]


def test_an_answer_says_how_much_now_when_the_rest_and_what_may_stand_in(
    workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    stocked(workspace, tmp_path)

    parts = sfactl("stock", "check", "P-1=30", "P-2=1", "-o", "json", workspace=workspace, as_="sam")
    soon = sfactl("stock", "check", "P-1=30", "--by", "2026-05-31", "--fail-if-short", workspace=workspace, as_="sam")

    assert rows(parts, "product", "quantity", "status", "warehouse", "on", "age_days", "alternative") == [
        ("P-1", "12", "now", "MAIN", "2026-05-20", 19, None), ("P-1", "4", "now", "NORTH", "2026-05-20", 1, None),
        ("P-1", "10", "later", "MAIN", "2026-06-01", 19, "P-3"), ("P-1", "4", "missing", None, None, None, "P-3"),
        ("P-2", "1", "now", "MAIN", "2026-05-20", 19, None),
    ]  # fmt: skip
    assert soon.code == 8
    assert "missing" in soon.out


def test_what_is_held_is_promised_to_nobody_else_until_it_is_let_go(
    workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    stocked(workspace, tmp_path)
    assert offered(workspace, 14_000) == "Q-000001"

    made = sfactl("stock", "reserve", "P-1=14", "--quote", "Q-000001", "-o", "json", workspace=workspace, as_="sam")
    refused = sfactl("stock", "reserve", "P-1=3", workspace=workspace, as_="eve")
    partial = sfactl("stock", "reserve", "P-1=3", "--partial", "-o", "json", workspace=workspace, as_="eve")
    listed = sfactl("stock", "list", "--product", "P-1", "-o", "json", workspace=workspace, as_="eve")
    not_hers = sfactl("stock", "release", made.rows[0]["code"], workspace=workspace, as_="eve")
    released = sfactl("stock", "release", "--quote", "Q-000001", "--reason", "lost", workspace=workspace, as_="sam")
    again = sfactl("stock", "reserve", "P-1=14", "-o", "json", workspace=workspace, as_="eve")

    assert rows(made, "quantity", "warehouse", "quote", "user", "expires_at") == [
        ("12", "MAIN", "Q-000001", "sam", "2026-05-23T09:00:00Z"),
        ("2", "NORTH", "Q-000001", "sam", "2026-05-23T09:00:00Z"),
    ]  # fmt: skip
    assert refused.code == 5
    assert "not enough of P-1: 2 now, 1 until 2026-06-01, 0 unknown" in refused.err
    assert rows(partial, "quantity", "warehouse") == [("2", "NORTH")]
    assert rows(listed, "warehouse", "quantity", "reserved", "free", "expected", "expected_on") == [
        ("MAIN", "12", "12", "0", "10", "2026-06-01"), ("NORTH", "4", "4", "0", "0", None),
    ]  # fmt: skip
    assert not_hers.code == 3
    assert (released.code, released.err) == (0, "2 reservations are released.\n")
    assert sum(float(row["quantity"]) for row in again.rows) == 14


def test_what_is_not_kept_in_stock_is_not_missing(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    stocked(workspace, tmp_path)

    said = sfactl("stock", "check", "SV-1=2", "--fail-if-short", "-o", "json", workspace=workspace, as_="sam")
    elsewhere = sfactl(
        "stock", "check", "P-3=1", "--warehouse", "NORTH", "-o", "json", workspace=workspace, as_="sam"
    )  # fmt: skip
    held = sfactl("stock", "reserve", "SV-1=2", workspace=workspace, as_="sam")

    assert rows(said, "product", "quantity", "status", "on") == [("SV-1", "2", "unstocked", None)]
    assert rows(elsewhere, "status") == [("missing",)]
    assert held.code == 5 and "SV-1 is not kept in stock." in held.err


def test_no_more_is_held_for_a_quote_than_is_on_it(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    stocked(workspace, tmp_path)
    words = ("quote", "new", "OPP-1", "--product", "P-1=3", "--product", "P-1=2")
    assert sfactl(*words, workspace=workspace, as_="sam").code == 0

    def held(*wishes: str, quote: str = "Q-000001") -> Result:
        return sfactl("stock", "reserve", *wishes, "--quote", quote, workspace=workspace, as_="sam")

    assert held("P-1=4").code == 0
    more, twice, other = held("P-1=2"), held("P-1=1", "P-1=1"), held("P-1=1", "P-2=1")
    unknown, rest = held("P-1=1", quote="Q-000009"), held("P-1=1")

    assert (more.code, twice.code, other.code, unknown.code, rest.code) == (2, 2, 2, 3, 0)
    assert "Q-000001 has 5 of P-1, and 4 are held for it already." in more.err
    assert "P-2 is not on Q-000001." in other.err
    [(total,)] = system_rows(workspace, "SELECT sum(quantity_milli) FROM reservation WHERE quote_code = 'Q-000001'")
    assert int(total) == 5000


def test_what_is_sold_by_the_piece_is_never_divided(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    stocked(workspace, tmp_path)
    assert sfactl("quote", "new", "OPP-1", "--product", "P-1=3.5", workspace=workspace, as_="sam").code == 0
    arrival = tmp_path / "arrival.csv"
    arrival.write_text("product,warehouse,reference,quantity,expected_on\nP-3,MAIN,PO-7,1.5,2026-06-01\n")

    for words in (
        ("stock", "reserve", "P-3=1.5"), ("stock", "check", "P-3=1.5"),
        ("quote", "new", "OPP-1", "--product", "P-3=1.5"), ("quote", "edit", "Q-000001", "--add", "P-3=0.5"),
    ):  # fmt: skip
        refused = sfactl(*words, workspace=workspace, as_="sam")
        assert refused.code == 2 and "P-3 is sold by the piece." in refused.err, refused.err
    imported = sfactl("import", "arrival", str(arrival), workspace=workspace)
    assert imported.code == 2 and "1.5" in imported.err + imported.out, imported.err
    assert "it is sold by the piece" in imported.err + imported.out


@pytest.mark.parametrize("amount", ["1000000001", "9" * 400, "1e9"])
def test_an_absurd_quantity_is_refused_wherever_one_is_said(
    amount: str, sqlite_workspace: TestWorkspace, sfactl: Run
) -> None:
    wish = f"P-1={amount}"
    for words in (("stock", "reserve", wish), ("stock", "check", wish), ("quote", "new", "OPP-1", "--product", wish)):
        refused = sfactl(*words, workspace=sqlite_workspace, as_="sam")
        assert refused.code == 2 and "quantity" in refused.err, (words, refused.err)


def test_an_absurd_quantity_is_not_imported(sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    file = tmp_path / "stock.csv"
    file.write_text("product,warehouse,quantity\nP-1,MAIN,1000000001\n")

    refused = sfactl("import", "stock", str(file), workspace=sqlite_workspace)

    assert refused.code == 2 and "is more than any quantity is" in refused.out


def test_what_comes_later_is_held_for_a_later_day_and_not_taken_from_those_before(
    workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    stocked(workspace, tmp_path)

    later = sfactl("stock", "reserve", "P-1=20", "--by", "2026-06-15", "-o", "json", workspace=workspace, as_="sam")
    more = sfactl("stock", "reserve", "P-1=6", "--by", "2026-06-15", "-o", "json", workspace=workspace, as_="eve")
    none = sfactl("stock", "reserve", "P-1=1", "--by", "2026-06-15", workspace=workspace, as_="eve")

    assert rows(later, "quantity", "warehouse", "needed_on") == [
        ("12", "MAIN", "2026-05-20"), ("4", "NORTH", "2026-05-20"), ("4", "MAIN", "2026-06-01"),
    ]  # fmt: skip
    assert rows(more, "quantity", "needed_on") == [("6", "2026-06-01")]
    assert none.code == 5


def later(workspace: TestWorkspace, hours: int, login: str = "ana") -> Door:
    """The way to the data some hours later."""
    door = workspace.door(login)
    moment = NOW + timedelta(hours=hours)
    return Door(door.url, as_user=door.as_user, now=moment, today=moment.date())


def test_a_reservation_ends_by_itself_and_cron_writes_it_down(workspace: TestWorkspace, sfactl: Run) -> None:
    workspace.door("sam").write(reservations.reserve, [Wish("P-1", 12_000)], Terms(hours=2))

    with pytest.raises(Conflict):
        later(workspace, 1, "eve").write(reservations.reserve, [Wish("P-1", 1_000)], Terms())
    taken = later(workspace, 2, "eve").write(reservations.reserve, [Wish("P-1", 12_000)], Terms(hours=100))
    count = later(workspace, 3, "cron").write(reservations.expire)
    nothing = sfactl("stock", "expire", workspace=workspace, as_="cron")

    assert [row.quantity for row in taken] == [12_000]
    assert count == 1
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "")
    assert system_rows(workspace, "SELECT status FROM reservation ORDER BY id") == [("expired",), ("held",)]


def test_what_was_sold_stays_held_until_the_warehouse_is_counted_again(
    workspace: TestWorkspace, tmp_path: Path
) -> None:
    sam, eve = workspace.door("sam"), workspace.door("eve")
    code = offered(workspace, 12_000)
    sam.write(reservations.reserve, [Wish("P-1", 12_000)], Terms(code))
    count = sam.write(reservations.consume, code)

    with pytest.raises(Conflict):
        later(workspace, 1000, "eve").write(reservations.reserve, [Wish("P-1", 1_000)], Terms())
    counted = {"stock": "product,warehouse,quantity,counted_on\nP-1,MAIN,3,2026-05-21\n"}
    organisation.fill(workspace.door(), tmp_path, counted)
    made = eve.write(reservations.reserve, [Wish("P-1", 3_000)], Terms())

    assert (count, [row.quantity for row in made]) == (1, [3_000])


def test_two_at_once_never_hold_one_piece(workspace: TestWorkspace) -> None:
    start = Barrier(4)

    def hold(login: str) -> int:
        def reserve(session: Session) -> int:
            rows = reservations.reserve(session, [Wish("P-1", 4_000)], Terms())
            return len(rows)

        start.wait(timeout=30)
        try:
            return workspace.door(login).write(reserve)
        except Conflict:
            return 0

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(hold, ("sam", "eve", "nora", "mike")))

    held = system_rows(workspace, "SELECT CAST(sum(quantity_milli) AS INTEGER) FROM reservation")
    assert sorted(made) == [0, 1, 1, 1]
    assert held == [(12_000,)]


def test_a_statement_of_ones_own_does_not_hold_what_is_held_on_a_server(postgres_workspace: TestWorkspace) -> None:
    workspace = postgres_workspace
    workspace.door("sam").write(reservations.reserve, [Wish("P-1", 12_000)], Terms())
    values = (
        "SELECT 'R-X', p.id, w.id, 1000, date '2026-05-20', u.id, now(), '2099-01-01', 'held'"
        " FROM product AS p, warehouse AS w, app_user AS u WHERE p.code = 'P-1' AND u.login = 'eve'"
    )
    make = (
        "INSERT INTO reservation (code, product_id, warehouse_id, quantity_milli, needed_on, user_id, made_at, expires_at,"
        f" status) {values}"
    )

    def told(statement: str, *before: str) -> str:
        with psycopg.connect(workspace.door("eve").url.conninfo) as connection:
            for each in before:
                connection.execute(each)  # type: ignore[call-overload]
            with pytest.raises(psycopg.Error) as said:
                connection.execute(statement)  # type: ignore[call-overload]
            return str(said.value)

    forged = make.replace("now(), '2099", "'2000-01-01', '2099")
    repeatable = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"

    assert "not enough stock" in told(forged)
    assert "transaction that sees the present" in told(make, repeatable)
    with psycopg.connect(workspace.door("eve").url.conninfo) as connection:
        done = connection.execute("UPDATE reservation SET status = 'released'")
        assert done.rowcount == 0, "it is not hers"


@pytest.mark.parametrize(
    "change", ["quantity_milli = 13000", "expires_at = '2099-01-01T00:00:00.000000Z'", "status = 'held'"]
)
def test_what_is_held_grows_by_no_statement_and_what_ended_is_never_held_again(
    workspace: TestWorkspace, change: str
) -> None:
    sam = workspace.door("sam")
    [row] = sam.write(reservations.reserve, [Wish("P-1", 12_000)], Terms())
    if change == "status = 'held'":
        sam.write(reservations.release, [row.code])

    def run(session: Session) -> None:
        session.sql.exec_driver_sql(f"UPDATE reservation SET {change}")

    with pytest.raises(Conflict):
        sam.write(run)


def test_too_long_too_late_and_the_unknown_are_refused(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    def code(*words: str) -> int:
        return sfactl("stock", *words, workspace=sqlite_workspace, as_="sam").code

    assert code("reserve", "P-1=1", "--hours", "721") == 2
    assert code("check", "P-1=1", "--by", "2026-05-19") == 2
    assert code("check", "P-1") == 2
    assert code("check", "P-1=0") == 2
    assert code("check", "P-9=1") == 3
    assert code("release", "R-NONE") == 3
    assert code("release") == 2
    assert code("release", "R-NONE", "--reason", " ") == 2
    assert code("check", "=1") == 2
    assert code("release", "--quote", "Q-9") == 3
    assert code("list", "--quote", "Q-9") == 2
    assert sfactl("stock", "expire", workspace=sqlite_workspace, as_="aldo").code == 4


def test_arrivals_come_in_by_file_and_go_out_again(workspace: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    stocked(workspace, tmp_path)

    shown = sfactl("stock", "arrivals", "-o", "json", workspace=workspace, as_="sam")
    exported = sfactl("export", "arrival", "-o", "csv", workspace=workspace)

    assert rows(shown, "reference", "expected_on", "overdue") == [
        ("PO-0", "2026-05-10", True), ("PO-1", "2026-06-01", False),
    ]  # fmt: skip
    assert "P-1,MAIN,PO-2,7,2026-05-01,2026-05-02" in exported.out


def test_who_holds_stock_leaves_a_trace(workspace: TestWorkspace, sfactl: Run) -> None:
    terms = Terms(offered(workspace, 1_000))
    [row] = workspace.door("sam").write(reservations.reserve, [Wish("P-1", 1_000)], terms)
    workspace.door("sam").write(reservations.release, [row.code], reason="lost")

    trail = sfactl("audit", "list", "-o", "json", workspace=workspace, as_="sam")

    assert [(event["action"], event["key"]) for event in trail.rows][:2] == [("released", row.code), ("reserve", "P-1")]
