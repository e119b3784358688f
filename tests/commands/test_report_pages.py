"""Pages and documents that somebody forwards: valid, still, readable, and nothing in them acts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import html5lib
import pypdfium2
import pytest

from sfactl.core.text import safe
from tests.cli import Result, Run
from tests.commands.test_hostile import MARK, Planted, planted  # noqa: F401 - a fixture
from tests.workspace import TestWorkspace

pytestmark = pytest.mark.usefixtures("today")

Report = Callable[..., Result]
OVERVIEW = ("overview", "--period", "2026Q1", "--as-of", "2026-03-31")


@pytest.fixture
def report(sfactl: Run, sqlite_workspace: TestWorkspace) -> Report:
    return lambda *words, **how: sfactl("report", "run", *words, workspace=sqlite_workspace, **how)


def pages_of(path: Path) -> list[str]:
    """The text of each page of a document."""
    document = pypdfium2.PdfDocument(path)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def strict(text: str) -> Any:
    """The page as a browser reads it, refused where a browser would have to guess."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def test_a_page_is_valid_and_shows_each_drawing_beside_its_table(report: Report) -> None:
    made = report(*OVERVIEW, "-o", "html").out

    page = strict(made)
    assert len(page.findall(".//figure")) == 4
    assert len(page.findall(".//table")) == 4
    assert [each.text for each in page.findall(".//h2")] == [
        "Month by month", "Attainment", "Open pipeline by stage", "Territories",
    ]  # fmt: skip
    assert [each.text for each in page.findall(".//tfoot//td")][:2] == ["Total", "–"]
    assert "2026Q1: Jan 1, 2026 to Mar 31, 2026 · as of Mar 31, 2026" in made


# case 87, case 98
def test_a_page_holds_no_script_no_style_but_its_own_and_asks_for_nothing(report: Report) -> None:
    made = report(*OVERVIEW, "-o", "html").out

    page = strict(made)
    outside = re.sub("http://www.w3.org/2000/svg", "", made)
    assert not re.search(r"<script|\son\w+=|\sstyle=|\ssrc=|href|url\(|@import|https?:", outside)
    policy = page.find(".//meta[@http-equiv='Content-Security-Policy']").attrib["content"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert page.find(".//meta[@name='viewport']") is not None


@pytest.mark.parametrize(("lang", "words"), [("en", ["Attainment", "50.0%"]), ("es", ["1.000,00"])])
def test_a_document_has_pages_tables_and_the_readers_numbers(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, words: list[str]
) -> None:
    path = tmp_path / "a.pdf"
    assert report(*OVERVIEW, "--lang", lang, "--to", str(path)).code == 0

    pages = pages_of(path)
    assert all(word in "".join(pages) for word in words)
    for number, text in enumerate(pages, start=1):
        assert re.search(rf"\b{number}\b\D+\b{len(pages)}\b", text)


def test_a_table_that_goes_on_has_its_header_on_each_page(report: Report, tmp_path: Path) -> None:
    from sfactl.render.columns import Column, Kind
    from sfactl.render.output import Format, Output
    from sfactl.render.report_parts import Outline, Part
    from sfactl.render.report_parts import Report as Shown
    from sfactl.render.reports import made

    columns = (Column("code", "Particular", Kind.CODE, value=str),)
    part = Part(Outline("x", "X", columns), range(200), columns)
    output = Output(Format.PDF, (tmp_path / "x").open("w", encoding="utf-8"))
    with made(Shown("x", "X", ("today",), [part], ("Note.",)), output) as file:
        (tmp_path / "a.pdf").write_bytes(file.content)
    output.stream.close()

    pages = pages_of(tmp_path / "a.pdf")
    assert len(pages) > 2
    assert all("Particular" in page for page in pages)
    assert "Note." in pages[-1]


def test_equal_data_give_equal_bytes_whatever_the_day_of_the_clock(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one.pdf", "other.pdf"):
        assert report(*OVERVIEW, "--to", str(tmp_path / name)).code == 0
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")

    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "other.pdf").read_bytes()


def test_a_document_that_says_the_same_stays(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    words = ("territories", "--period", "2025Q4", "--only-if-changed", "--to", str(path))
    assert report(*words, "--as-of", "2026-04-10").code == 0
    first = path.read_bytes()

    assert report(*words, "--as-of", "2026-04-11").code == 0
    assert path.read_bytes() == first
    assert report(*words, "--territory", "SW").code == 0
    assert path.read_bytes() != first


def test_a_document_is_not_for_a_terminal_and_other_lists_have_none(
    sfactl: Run, sqlite_workspace: TestWorkspace
) -> None:
    refused = sfactl("account", "list", "-o", "pdf", workspace=sqlite_workspace)

    assert (refused.code, refused.out) == (2, "")
    assert "sfactl report run" in refused.err


# case 85, case 98
def test_planted_names_are_only_words_in_pages_and_documents(
    sfactl: Run,
    planted: Planted,  # noqa: F811
    tmp_path: Path,
) -> None:
    for name in ("accounts", "overview"):
        page = sfactl("report", "run", name, "-o", "html", workspace=planted.workspace)
        assert page.code == 0, page.err
        strict(page.out)
        document = sfactl("report", "run", name, "--to", str(tmp_path / f"{name}.pdf"), workspace=planted.workspace)
        assert document.code == 0, document.err
    text = "".join(pages_of(tmp_path / "accounts.pdf"))
    assert MARK in safe(text, 10**9)
