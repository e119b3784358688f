"""What accounts were promised, promotions and exchange rates from files, and out again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli import Run
from tests.commands.test_quotes import offer
from tests.organisation import fill, write_files
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

FILES = {
    "contract-price": """
code,account,product,family,min_quantity,unit_price,discount,amount_off,valid_from,valid_to
K-1,A-SW1,P-1,,10,80.00,,,2026-01-01,
K-2,A-SW1,,Valves,,,25 %,,2026-01-01,2026-06-01
K-3,A-NE1,,,,,50 %,,2026-01-01,
""",
    "promotion": """
code,name,product,discount,amount_off,min_quantity,max_quantity,valid_from
SPRING,Spring,P-1,,5.00,1,20,2026-05-01
""",
    "exchange-rate": "from_currency,to_currency,rated_on,rate\nUSD,EUR,2026-05-01,0.912345678\nUSD,EUR,2026-05-19,0.9\n",
}  # fmt: skip


def test_they_decide_prices(sfactl: Run, workspace: TestWorkspace, tmp_path: Path):
    fill(workspace.door(), tmp_path, FILES)
    lines = ("--product", "P-1=10", "--product", "P-2=4")

    dollars = offer(sfactl, workspace, "quote", "new", "OPP-1", *lines)
    euros = offer(sfactl, workspace, "quote", "new", "OPP-1", *lines, "--currency", "EUR")

    assert [line["net_price"] for line in dollars["lines"]] == ["75.00", "6.00"]
    # a file with amounts speaks of the workspace's currency where it names none
    assert [line["net_price"] for line in euros["lines"]] == ["90.00", "7.20"]
    again = sfactl("import", str(_manifest(tmp_path)), "--dir", str(tmp_path), "-o", "json", workspace=workspace)
    assert again.code == 0 and {(row["added"], row["changed"]) for row in again.rows} == {(0, 0)}, again.err


def _manifest(folder: Path) -> Path:
    path = folder / "prices.toml"
    path.write_text(write_files(folder, FILES), encoding="utf-8")
    return path


def test_they_come_out_as_they_came_in(sfactl: Run, sqlite_workspace: TestWorkspace, tmp_path: Path):
    fill(sqlite_workspace.door(), tmp_path, FILES)
    before = system_rows(
        sqlite_workspace, "SELECT code, value_e4, discount_bp, method, currency FROM contract_price ORDER BY id"
    )

    for noun in FILES:
        out = sfactl("export", noun, "-o", "csv", workspace=sqlite_workspace)
        assert out.code == 0, out.err
        (tmp_path / f"{noun}.csv").write_text(out.out, encoding="utf-8")
        done = sfactl("import", noun, str(tmp_path / f"{noun}.csv"), "-o", "json", workspace=sqlite_workspace)
        assert done.code == 0, done.err
        assert (done.rows[0]["added"], done.rows[0]["changed"]) == (0, 0), noun

    after = system_rows(
        sqlite_workspace, "SELECT code, value_e4, discount_bp, method, currency FROM contract_price ORDER BY id"
    )
    assert after == before


@pytest.mark.parametrize(
    ("noun", "line", "told"),
    [
        ("contract-price", "K-9,A-SW1,P-1,,,1.00,5 %,,2026-01-01,", "says two of"),
        ("contract-price", "K-9,A-SW1,P-1,Pumps,,1.00,,,2026-01-01,", "not both"),
        ("contract-price", "K-9,A-SW1,P-1,,,,,,2026-01-01,", "unit_price"),
        ("promotion", "X,X,P-1,,5.00,20,20,2026-05-01", "not above min_quantity"),
        ("exchange-rate", "EUR,EUR,2026-05-01,1", "the same currency"),
        ("exchange-rate", "EUR,USD,2026-05-01,0", "not above zero"),
    ],
)
def test_what_contradicts_itself_is_named(
    sfactl: Run, sqlite_workspace: TestWorkspace, tmp_path: Path, noun: str, line: str, told: str
):
    header = FILES[noun].lstrip("\n").splitlines()[0]
    (tmp_path / "x.csv").write_text(f"{header}\n{line}\n", encoding="utf-8")

    done = sfactl("import", noun, str(tmp_path / "x.csv"), workspace=sqlite_workspace)

    assert done.code == 2 and told in done.out + done.err, done.out + done.err
