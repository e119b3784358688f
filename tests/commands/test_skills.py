"""Skills: what people know and accounts need, said by command or by file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from sfactl.models import tables as t
from sfactl.services import distribution
from tests import organisation
from tests.cli import Run
from tests.commands.busy_company import MORE
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

SKILLS = {noun: MORE[noun] for noun in ("skill", "user-skill", "account-need")}


@pytest.fixture
def skilled(workspace: TestWorkspace, tmp_path: Path) -> TestWorkspace:
    """The company with skills, fresh."""
    organisation.fill(workspace.door(), tmp_path, SKILLS)
    return workspace


Event = tuple[str, str, str, Any, Any, str | None]
"""Action, noun, key, before, after, reason."""


@pytest.fixture
def events(skilled: TestWorkspace, sfactl: Run) -> Callable[..., list[Event]]:
    """What the trail says since the skills came in, as somebody sees it."""

    def read(as_: str = "ana") -> list[Event]:
        rows = sfactl("audit", "list", "-o", "json", workspace=skilled, as_=as_).rows
        found = [(*(row[key] for key in ("action", "entity", "key", "before", "after", "reason")),) for row in rows]
        return [
            (action, noun, key, before and json.loads(before), after and json.loads(after), reason)
            for action, noun, key, before, after, reason in reversed(found)
            if noun in ("skill", "user", "account") and action not in ("grant", "map")
        ]

    return read


def test_skills_are_added_and_listed_with_whom_they_concern(
    skilled: TestWorkspace, sfactl: Run, events: Callable[..., list[Event]]
) -> None:
    added = sfactl("skill", "add", "fr", "French", workspace=skilled)
    rows = sfactl("skill", "list", "-o", "json", workspace=skilled).rows
    mikes = sfactl("skill", "list", "-o", "json", workspace=skilled, as_="mike").rows

    assert added.code == 0
    assert [(row["code"], row["people"], row["accounts"]) for row in rows] == [
        ("es", 2, 2), ("fr", 0, 0), ("labs", 1, 2), ("pumps", 1, 1),
    ]  # fmt: skip
    assert [(row["code"], row["people"], row["accounts"]) for row in mikes if row["accounts"]] == [
        ("labs", 1, 2), ("pumps", 1, 1),
    ]  # fmt: skip
    assert events() == [("create", "skill", "fr", None, {"name": "French"}, None)]


def test_a_skill_that_is_there_or_cannot_be_typed_is_refused(skilled: TestWorkspace, sfactl: Run) -> None:
    taken = [("es", "Español"), ("ES", "Español")]
    for words in (*taken, ("a b", "Blank"), ("x", " "), ("x" * 65, "Long")):
        result = sfactl("skill", "add", *words, workspace=skilled)

        assert result.code == (5 if words in taken else 2)
        assert result.err.startswith("sfactl: ")
    assert system_rows(skilled, "SELECT count(*) FROM skill") == [(3,)]


def test_a_persons_skill_is_set_changed_and_taken_away(
    skilled: TestWorkspace, sfactl: Run, events: Callable[..., list[Event]]
) -> None:
    def levels(*words: str) -> dict[str, int]:
        result = sfactl("user", "skill", *words, "-o", "json", workspace=skilled)
        assert result.code == 0, result.err
        return {row["skill"]: row["level"] for row in result.rows}

    assert levels("sam") == {"es": 4, "pumps": 2}
    assert levels("sam", "Laboratories", "1", "--reason", "course") == {"es": 4, "labs": 1, "pumps": 2}
    assert levels("Sam Person", "pumps", "5") == {"es": 4, "labs": 1, "pumps": 5}
    assert levels("sam", "pumps", "5") == {"es": 4, "labs": 1, "pumps": 5}, "as it was: no event"
    assert levels("sam", "--remove", "es") == {"labs": 1, "pumps": 5}
    assert levels("sam") == {"labs": 1, "pumps": 5}
    assert events() == [
        ("skill", "user", "sam", {}, {"labs": 1}, "course"),
        ("skill", "user", "sam", {"pumps": 2}, {"pumps": 5}, None),
        ("skill", "user", "sam", {"es": 4}, {}, None),
    ]
    shown = json.loads(sfactl("user", "show", "sam", "-o", "json", workspace=skilled).out)
    assert [row["skill"] for row in shown["skills"]] == ["labs", "pumps"]


def test_an_accounts_need_is_set_changed_and_taken_away(
    skilled: TestWorkspace, sfactl: Run, events: Callable[..., list[Event]]
) -> None:
    def needs(*words: str, as_: str = "sam") -> list[tuple[Any, ...]]:
        result = sfactl("account", "need", *words, "-o", "json", workspace=skilled, as_=as_)
        assert result.code == 0, result.err
        return [(row["skill"], row["level"], row["owner"], row["owner_level"]) for row in result.rows]

    assert needs("A-SW1") == [("labs", 2, "sam", None), ("pumps", 3, "sam", 2)]
    assert needs("Adobe Tools", "es", "5") == [("es", 5, "sam", 4), ("labs", 2, "sam", None), ("pumps", 3, "sam", 2)]
    assert needs("A-SW1", "es", "3") == [("es", 3, "sam", 4), ("labs", 2, "sam", None), ("pumps", 3, "sam", 2)]
    assert needs("A-SW1", "--remove", "pumps") == [("es", 3, "sam", 4), ("labs", 2, "sam", None)]
    assert events() == [
        ("need", "account", "A-SW1", {}, {"es": 5}, None),
        ("need", "account", "A-SW1", {"es": 5}, {"es": 3}, None),
        ("need", "account", "A-SW1", {"pumps": 3}, {}, None),
    ]
    assert [event[0] for event in events("mike")] == ["need"] * 3, "he sees what happens in his territories"
    assert events("nora") == []
    assert needs("A-NO1", as_="ana") == [("es", 2, None, None)]


REFUSED = [
    (("account", "need", "A-SW1", "es"), "sam", 2),
    (("account", "need", "A-SW1", "es", "6"), "sam", 2),
    (("account", "need", "A-SW1", "es", "0"), "sam", 2),
    (("account", "need", "A-SW1", "es", "3", "--remove", "labs"), "sam", 2),
    (("account", "need", "A-SW1", "--remove", "es"), "sam", 3),  # which it does not need
    (("account", "need", "A-SW1", "welding", "3"), "sam", 3),
    (("account", "need", "A-NE1", "labs", "3"), "sam", 3),  # hidden
    (("account", "need", "A-XX1", "labs", "3"), "sam", 3),
    (("account", "need", "A-SW1", "es", "3"), "aldo", 4),
    (("account", "need", "A-SW1", "es", "3"), "nils", 4),
    (("user", "skill", "sam", "es"), "ana", 2),
    (("user", "skill", "sam", "labs", "9"), "ana", 2),
    (("user", "skill", "sam", "--remove", "labs"), "ana", 3),
    (("user", "skill", "nobody", "es", "3"), "ana", 3),
    (("user", "skill", "sam", "es", "5"), "sam", 4),
    (("user", "skill", "sam", "es", "5"), "mike", 4),
    (("skill", "add", "x", "X"), "mike", 4),
]


def test_what_makes_no_sense_or_is_not_ones_to_change_is_refused(
    skilled: TestWorkspace, sfactl: Run, events: Callable[..., list[Event]]
) -> None:
    for words, as_, code in REFUSED:
        result = sfactl(*words, workspace=skilled, as_=as_)

        assert (words, as_, result.code, result.out) == (words, as_, code, "")
        assert result.err

    assert events() == []


def test_a_need_is_seen_with_its_account(skilled: TestWorkspace, sfactl: Run) -> None:
    rows = sfactl("export", "account-need", "-o", "json", workspace=skilled, as_="sam").rows
    hidden = sfactl("account", "need", "A-NE1", workspace=skilled, as_="sam")
    absent = sfactl("account", "need", "A-XX1", workspace=skilled, as_="sam")

    assert {row["account"] for row in rows} == {"A-SW1", "A-SW2"}
    assert hidden.code == absent.code == 3
    assert hidden.err.replace("A-NE1", "?") == absent.err.replace("A-XX1", "?")


def test_an_export_of_skills_comes_in_again_unchanged(skilled: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    for noun, text in SKILLS.items():
        path = tmp_path / f"again-{noun}.csv"

        written = sfactl("export", noun, "--to", str(path), workspace=skilled)
        again = sfactl("import", noun, str(path), "-o", "json", workspace=skilled)

        assert written.code == 0
        assert again.code == 0, again.out
        assert again.rows[0]["rows"] == len(text.strip().splitlines()) - 1
        assert (again.rows[0]["added"], again.rows[0]["changed"]) == (0, 0)


def test_a_file_changes_levels_and_its_faults_are_told(skilled: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("user,skill,level\nsam,es,5\nsam,labs,1\n", encoding="utf-8")
    bad.write_text("account,skill,level\nA-SW1,es,6\nA-SW1,welding,2\nA-XX1,es,2\nA-SW1,labs,2.5\n", encoding="utf-8")

    done = sfactl("import", "user-skill", str(good), "-o", "json", workspace=skilled)
    faults = sfactl("import", "account-need", str(bad), "-o", "json", workspace=skilled)

    assert (done.rows[0]["added"], done.rows[0]["changed"]) == (1, 1)
    assert faults.code == 2
    assert sorted((row["line"], row["column"], row["value"]) for row in faults.rows) == [
        (2, "level", "6"), (3, "skill", "welding"), (4, "account", "A-XX1"), (5, "level", "2.5"),
    ]  # fmt: skip
    assert "between 1 and 5" in faults.out


def test_who_may_not_import_accounts_imports_no_needs(skilled: TestWorkspace, sfactl: Run, tmp_path: Path) -> None:
    path = tmp_path / "needs.csv"
    path.write_text("account,skill,level\nA-SW1,es,2\n", encoding="utf-8")

    assert sfactl("import", "account-need", str(path), workspace=skilled, as_="sam").code == 4
    assert sfactl("import", "user-skill", str(path), workspace=skilled, as_="mike").code == 4
    assert sfactl("export", "user-skill", workspace=skilled, as_="sam").code == 4


def test_a_need_with_a_weight_is_a_wish_and_bars_nobody(
    skilled: TestWorkspace, sfactl: Run, events: Callable[..., list[Event]]
) -> None:
    required = sfactl("account", "need", "A-NO1", "labs", "5", workspace=skilled)
    wished = sfactl("account", "need", "A-NO1", "labs", "5", "--weight", "3", "-o", "json", workspace=skilled)

    assert required.code == wished.code == 0
    assert {row["skill"]: row["weight"] for row in wished.rows}["labs"] == 3
    assert events()[-1] == ("need", "account", "A-NO1", {"labs weight": None}, {"labs weight": 3}, None)
    with skilled.door().read() as session:
        key = session.execute(select(t.account.c.id).where(t.account.c.code == "A-NO1")).scalar_one()
        assert distribution.needs_of(session, [key]) == {key: {"es": 2}}


def test_hours_and_places_of_accounts_come_in_by_file_and_go_out_as_they_came(
    workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text(
        "code,name,potential,hours,latitude,longitude\nA-SW1,Adobe Tools,2500000,40.5,33.448377,-112.074037\n",
        encoding="utf-8",
    )

    done = sfactl("import", "account", str(file), workspace=workspace)
    out = sfactl("export", "account", workspace=workspace).out.splitlines()
    capacity = sfactl("user", "capacity", "sam", "-o", "json", workspace=workspace)

    assert done.code == 0
    said = dict(zip(out[0].split(","), next(line for line in out if line.startswith("A-SW1")).split(","), strict=True))
    assert (said["potential"], said["hours"], said["latitude"], said["longitude"]) == (
        "2500000.00", "40.5", "33.448377", "-112.074037",
    )  # fmt: skip
    assert "76.5" in capacity.out
