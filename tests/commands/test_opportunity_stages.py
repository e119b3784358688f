"""Opportunities enter stages: gates say exactly what is missing, steps are done by themselves, and the process is drawn."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sfactl.config import policy
from sfactl.services import policies
from tests.cli import Run
from tests.commands.test_configure import CATALOGUE, PRODUCTS
from tests.organisation import fill
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

GATE = 'requires = { fields = ["amount", "next_step", "needs"], activities = { call = 1, visit = 2 }, quote = "approved" }\n'
DEFAULT = (policy.DEFAULT_FOLDER / "process.toml").read_text(encoding="utf-8")


def apply(workspace: TestWorkspace, folder: Path, gate: str) -> None:
    """Put a policy in force that sells racks, and asks for something before it is negotiated."""
    (folder / "policy" / "catalog").mkdir(parents=True, exist_ok=True)
    (folder / "policy" / "catalog" / "rack.toml").write_text(CATALOGUE, encoding="utf-8")
    text = DEFAULT.replace('category = "commit"\n', f'category = "commit"\n{gate}automatic = ["configure", "quote"]\n')
    (folder / "policy" / "process.toml").write_text(text, encoding="utf-8")
    workspace.door().write(policies.apply_and_check, policy.load(folder / "policy"))


@pytest.fixture
def gated(workspace: TestWorkspace, tmp_path: Path) -> TestWorkspace:
    """The small company with a gate before negotiation."""
    fill(workspace.door(), tmp_path, PRODUCTS)
    apply(workspace, tmp_path, GATE)
    return workspace


def stage_of(workspace: TestWorkspace, code: str) -> object:
    found = system_rows(
        workspace,
        f"SELECT s.code FROM opportunity AS o JOIN stage AS s ON s.id = o.stage_id WHERE o.code = '{code}'",
    )
    return found[0][0]


def test_a_gate_says_exactly_what_is_missing(gated: TestWorkspace, sfactl: Run) -> None:
    looked = sfactl("opportunity", "stage", "OPP-1", "negotiate", "--dry-run", "-o", "json", workspace=gated, as_="sam")
    refused = sfactl("opportunity", "stage", "OPP-1", "Negotiate", workspace=gated, as_="sam")

    missing = json.loads(looked.out)["missing"]
    assert [(row["gate"], row["what"]) for row in missing] == [
        ("field", "It has no next step."),
        ("field", "Nobody said what the customer needs."),
        ("activity", "0 of 2 are done: visit."),
        ("quote", "There is no primary quote that is at least: approved."),
    ]
    assert looked.code == 0 and refused.code == 5 and not refused.out
    assert "OPP-1 cannot enter Negotiate yet" in refused.err and "0 of 2 are done: visit." in refused.err
    assert stage_of(gated, "OPP-1") == "propose"


def test_an_open_gate_lets_in_and_the_stage_does_what_it_does_by_itself(
    gated: TestWorkspace, tmp_path: Path, sfactl: Run
) -> None:
    apply(gated, tmp_path, 'requires = { fields = ["needs"] }\n')
    needs = (
        "opportunity",
        "need",
        "OPP-1",
        "--bundle",
        "RACK",
        "--need",
        "tb=6",
        "--without",
        "D-8",
        "--quantity",
        "2",
    )

    said = sfactl(*needs, "-o", "json", workspace=gated, as_="sam")
    entered = json.loads(
        sfactl("opportunity", "stage", "OPP-1", "negotiate", "-o", "json", workspace=gated, as_="sam").out
    )
    shown = json.loads(sfactl("opportunity", "show", "OPP-1", "-o", "json", workspace=gated, as_="sam").out)

    assert [(row["kind"], row["name"], row["amount"]) for row in said.rows] == [
        ("bundle", "", "2"), ("need", "tb", "6"), ("without", "D-8", None),
    ]  # fmt: skip
    assert entered["entered"] and entered["before"] == "propose"
    assert [(row["step"], row["what"], row["detail"]) for row in entered["done"]] == [
        ("configure", "RACK", "750.00 USD: 1 D-2, 2 D-2, 1 PS-5"), ("quote", "Q-000001", "A draft of 4 lines."),
    ]  # fmt: skip
    assert system_rows(gated, "SELECT code, status, net_minor FROM quote") == [("Q-000001", "draft", 150_000)]
    assert shown["amount"] == "1500.00", "the primary quote says what the opportunity comes to"
    assert stage_of(gated, "OPP-1") == "negotiate" and shown["stage"] == "negotiate"
    assert shown["stages"][-1]["by"] == "sam" and len(shown["needs"]) == 3
    events = system_rows(gated, "SELECT action FROM audit_event WHERE entity = 'opportunity' ORDER BY seq")
    assert [action for (action,) in events][-2:] == ["need", "stage"]


def test_a_quote_that_is_there_is_left_as_it_is(gated: TestWorkspace, tmp_path: Path, sfactl: Run) -> None:
    apply(gated, tmp_path, "")
    assert sfactl("quote", "new", "OPP-1", "--product", "D-2=1", workspace=gated, as_="sam").code == 0
    assert sfactl("opportunity", "need", "OPP-1", "--bundle", "RACK", workspace=gated, as_="sam").code == 0

    entered = json.loads(
        sfactl("opportunity", "stage", "OPP-1", "negotiate", "-o", "json", workspace=gated, as_="sam").out
    )

    assert ("quote", "Q-000001") in [(row["step"], row["what"]) for row in entered["done"]]
    assert system_rows(gated, "SELECT count(*) FROM quote") == [(1,)]


def test_needs_that_nothing_can_meet_leave_the_opportunity_where_it_is(
    gated: TestWorkspace, tmp_path: Path, sfactl: Run
) -> None:
    apply(gated, tmp_path, "")
    words = ("opportunity", "need", "OPP-1", "--bundle", "RACK", "--need", "tb=900")
    assert sfactl(*words, workspace=gated, as_="sam").code == 0

    refused = sfactl("opportunity", "stage", "OPP-1", "negotiate", workspace=gated, as_="sam")
    without = sfactl("opportunity", "stage", "OPP-1", "negotiate", "--no-steps", workspace=gated, as_="sam")

    assert refused.code == 1 and "900 tb are needed." in refused.err
    assert without.code == 0
    assert stage_of(gated, "OPP-1") == "negotiate"


def test_nobody_moves_or_needs_for_what_is_not_his_or_over(gated: TestWorkspace, sfactl: Run) -> None:
    hidden = sfactl("opportunity", "stage", "OPP-4", "qualify", workspace=gated, as_="sam")
    over = sfactl("opportunity", "stage", "OPP-4", "qualify", workspace=gated, as_="nora")
    reader = sfactl("opportunity", "stage", "OPP-1", "qualify", workspace=gated, as_="aldo")
    needs = sfactl("opportunity", "need", "OPP-4", "--bundle", "RACK", workspace=gated, as_="sam")

    assert (hidden.code, over.code, reader.code, needs.code) == (3, 5, 4, 3)
    assert system_rows(gated, "SELECT count(*) FROM opportunity_need") == [(0,)]


def test_a_stage_that_ends_a_sale_closes_it_today(gated: TestWorkspace, sfactl: Run) -> None:
    lost = sfactl("opportunity", "stage", "OPP-2", "lost", "--reason", "budget", workspace=gated, as_="sam")

    assert lost.code == 0, lost.err
    rows = system_rows(gated, "SELECT status, closed_on FROM opportunity WHERE code = 'OPP-2'")
    assert [tuple(map(str, row)) for row in rows] == [("lost", "2026-05-20")]
    assert sfactl("opportunity", "stage", "OPP-2", "qualify", workspace=gated, as_="sam").code == 5


def test_the_process_is_drawn_with_each_opportunitys_place(gated: TestWorkspace, sfactl: Run) -> None:
    def drawn(*words: str) -> str:
        said = sfactl("opportunity", "process", *words, workspace=gated, as_="sam")
        assert said.code == 0, said.err
        return said.out

    text, svg, mermaid = drawn(), drawn("--draw", "svg"), drawn("--draw", "mermaid", "OPP-1")
    stages = sfactl("opportunity", "process", "-o", "json", workspace=gated, as_="sam").rows

    assert "● OPP-1" in text and "asks for: amount, next_step, needs, 1 call, 2 visit, quote approved" in text
    assert "OPP-1" in "".join(ElementTree.fromstring(svg).itertext())
    assert "OPP-1" in mermaid and "OPP-2" not in mermaid and mermaid.startswith("flowchart LR\n")
    assert {row["stage"]: row["opportunities"] for row in stages}["propose"] == "OPP-1"
    assert "OPP-3" not in text, "what is out of sight is not on the map"
    assert sfactl("opportunity", "process", "--draw", "svg", "-o", "json", workspace=gated).code == 2


def test_the_policys_gates_are_a_difference_like_any_other(gated: TestWorkspace, tmp_path: Path, sfactl: Run) -> None:
    text = (tmp_path / "policy" / "process.toml").read_text(encoding="utf-8")
    (tmp_path / "policy" / "process.toml").write_text(text.replace("visit = 2", "visit = 3"), encoding="utf-8")
    rows = sfactl("policy", "diff", str(tmp_path / "policy"), "-o", "json", workspace=gated).rows
    (tmp_path / "policy" / "process.toml").write_text(text.replace("visit = 2", "dance = 3"), encoding="utf-8")
    wrong = sfactl("policy", "diff", str(tmp_path / "policy"), workspace=gated)

    assert [(row["name"].rpartition(".")[2], row["now"], row["then"]) for row in rows] == [("visit", "2", "3")]
    assert wrong.code == 2 and "process.toml:" in wrong.err
