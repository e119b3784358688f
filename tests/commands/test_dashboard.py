"""The overview printed once, and the server of the screens behind its token."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli import Run
from tests.served import served
from tests.workspace import TestWorkspace

pytestmark = pytest.mark.usefixtures("today")


def test_the_overview_is_one_object_of_what_is_in_sight(workspace: TestWorkspace, sfactl: Run):
    whole = sfactl("dashboard", "--once", "-o", "json", workspace=workspace, as_="dora")
    own = sfactl("dashboard", "--once", "-o", "json", workspace=workspace, as_="sam")

    everything, mine = json.loads(whole.out), json.loads(own.out)
    assert whole.code == own.code == 0 and not own.err
    assert (mine["login"], mine["period"]) == ("sam", "2026Q2")
    assert sum(row["count"] for row in mine["pipeline"]) < sum(row["count"] for row in everything["pipeline"])
    assert {row["user"] for row in mine["league"]} <= {"sam"}
    assert everything["league"] and everything["changes"]


def test_the_overview_of_somebody_without_rights_is_empty(sqlite_workspace: TestWorkspace, sfactl: Run):
    done = sfactl("dashboard", "--once", "-o", "json", workspace=sqlite_workspace, as_="nils")

    assert done.code == 0
    assert json.loads(done.out).get("pipeline", []) == []


def test_the_overview_of_a_territory_sums_what_was_booked_there_and_below(workspace: TestWorkspace, sfactl: Run):
    def booked(*words: str) -> tuple[str, str | None]:
        done = sfactl(
            "dashboard", "--once", "--period", "2026Q1", *words, "-o", "json", workspace=workspace, as_="dora"
        )
        found = json.loads(done.out)
        return found["booked"], found["territory"]

    assert booked() == ("3499.99", None)
    assert booked("--territory", "SW") == ("1250.50", "SW")
    assert booked("--territory", "West") == ("3250.49", "West")


def test_the_overview_of_a_territory_out_of_sight_is_not_found(sqlite_workspace: TestWorkspace, sfactl: Run):
    done = sfactl("dashboard", "--once", "--territory", "NE", workspace=sqlite_workspace, as_="sam")

    assert (done.code, "There is no territory NE" in done.err) == (3, True)


REFUSED = {
    "elsewhere": (("--host", "0.0.0.0"), "can be reached from other machines"),
    "without users": (("--host", "0.0.0.0", "--allow-remote"), "everybody would work as you"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_not_served_to_other_machines_by_accident(name: str, sqlite_workspace: TestWorkspace, sfactl: Run):
    words, sentence = REFUSED[name]

    done = sfactl("serve", *words, workspace=sqlite_workspace)

    assert (done.code, sentence in done.err) == (4, True)


def test_tokens_that_others_can_read_or_guess_are_refused(sqlite_workspace: TestWorkspace, tmp_path: Path, sfactl: Run):
    tokens = tmp_path / "tokens"
    tokens.write_text("short sam\n", encoding="utf-8")
    tokens.chmod(0o644)
    readable = sfactl("serve", "--tokens", str(tokens), workspace=sqlite_workspace)
    tokens.chmod(0o600)
    short = sfactl("serve", "--tokens", str(tokens), workspace=sqlite_workspace)

    assert (readable.code, "can be read by others" in readable.err) == (4, True)
    assert (short.code, "line 1: this is no token with a login" in short.err) == (2, True)


@pytest.fixture
def address(sqlite_workspace: TestWorkspace, tmp_path: Path) -> Iterator[str]:
    """Of the screens, with its token."""
    with served(sqlite_workspace, "ana", tmp_path) as found:
        yield found


def status(address: str, **headers: str) -> tuple[int, str]:
    """The status of a request, and whatever cookie it sets."""
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(urllib.request.Request(address, headers=headers), timeout=20) as answer:
            return answer.status, answer.headers.get("Set-Cookie") or ""
    except urllib.error.HTTPError as fault:
        return fault.code, fault.headers.get("Set-Cookie") or ""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object) -> None:
        return None


def test_the_screens_are_served_to_whoever_has_the_token_and_to_nobody_else(address: str):
    root, token = address.split("?token=")
    first = status(address)
    cookie = re.match(r"sfactl=[^;]+", first[1])

    assert cookie is not None and "HttpOnly" in first[1] and "SameSite=Strict" in first[1]
    assert first[0] == 302 and token not in root
    assert status(root)[0] == 403
    assert status(f"{root}?token=wrong")[0] == 403
    assert status(f"{root}static/js/textual.js")[0] == 403
    assert status(f"{root}ws")[0] == 403
    assert status(root, Cookie=cookie.group())[0] == 200
    assert status(root, Cookie=cookie.group(), Origin="http://evil.example")[0] == 403
    assert status(root, Cookie=cookie.group(), Host="evil.example")[0] == 403
