import io
from collections.abc import Mapping

import pytest

from sfactl.render.output import Format, Output, output_for
from tests.render.samples import stream

XTERM = {"TERM": "xterm-256color", "COLUMNS": "100"}


def made(terminal: bool, environment: Mapping[str, str], **options: str) -> Output:
    return output_for(stream(terminal=terminal), Format.TABLE, environment=environment, **options)  # type: ignore[arg-type]


def test_a_terminal_has_colour_and_a_width() -> None:
    out = made(True, XTERM)

    assert (out.color, out.width) == (True, 100)


@pytest.mark.parametrize(
    "environment", [{**XTERM, "NO_COLOR": "1"}, {**XTERM, "TERM": "dumb"}, {"COLUMNS": "100"}], ids=str
)
def test_no_colour_where_something_speaks_against_it(environment: dict[str, str]) -> None:
    out = made(True, environment)

    assert (out.color, out.width) == (False, 100)


def test_the_flag_takes_colour_away() -> None:
    assert made(True, XTERM, color="never").color is False


def test_colour_can_be_had_away_from_a_terminal() -> None:
    out = made(False, XTERM, color="always")

    assert (out.color, out.width) == (True, None)
    assert made(False, {**XTERM, "NO_COLOR": "1"}, color="always").color is False


def test_an_empty_no_color_says_nothing() -> None:
    assert made(True, {**XTERM, "NO_COLOR": ""}).color is True


def test_what_is_no_terminal_has_neither_width_nor_colour() -> None:
    out = made(False, XTERM)

    assert (out.color, out.width) == (False, None)


@pytest.mark.parametrize("columns", ["", "x", "0", "-5"])
def test_a_terminal_of_unknown_width_has_eighty_columns(columns: str) -> None:
    assert made(True, {"TERM": "xterm", "COLUMNS": columns}).width == 80


def test_a_stream_without_an_encoding_takes_everything() -> None:
    out = Output(Format.TABLE, io.StringIO())

    assert not out.is_plain
    assert out.text("株\x1b") == "株\ufffd"
