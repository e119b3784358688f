"""The pages say what the program does."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "examples").rglob("*.md"))]


def test_the_command_reference_is_current() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "reference.py"))["page"]()

    assert made == (ROOT / "docs" / "commands.md").read_text(encoding="utf-8"), "run `make reference`"


def _commands() -> set[str]:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    return {match[1] for match in re.finditer(r"^#{2,3} (sfactl .+)$", text, re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_name_commands_that_exist(page: Path) -> None:
    known = _commands()
    groups = {command for command in known if any(other.startswith(f"{command} ") for other in known)}
    for line in _typed(page):
        for words in (found.split() for found in re.findall(r"\bsfactl (?!-)([^|>#$`;]+)", line)):
            command = f"sfactl {words[0]}"
            assert command in known, line
            if command in groups:
                assert f"{command} {words[1]}" in known, line


def _typed(page: Path) -> list[str]:
    """Lines of a page that stand in a block of things to type."""
    lines: list[str] = []
    language = None
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            language = line[3:].strip() if language is None else None
        elif language in ("sh", "crontab"):
            lines.append(line)
    return lines


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_command_has_help_that_says_what_it_does() -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for section in re.split(r"^#{2,3} ", text, flags=re.MULTILINE)[1:]:
        heading, _newline, rest = section.partition("\n")
        assert len(rest.strip().splitlines()[0]) > len("Help."), heading
