"""A plan as it is written down and read again."""

from __future__ import annotations

import hashlib
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.core import plans
from sfactl.core.plans import Header, Left, Line, Load
from sfactl.errors import UsageFault

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
FIELDS = st.none() | st.dictionaries(TEXT, st.none() | TEXT | st.integers(-(2**50), 2**50), max_size=4)
DAYS = st.dates(date(1900, 1, 1), date(9999, 12, 31))
LINES = st.builds(Line, TEXT, TEXT, FIELDS, FIELDS, TEXT, st.none() | DAYS, st.none() | TEXT)
PAIRS = st.tuples(st.integers(0, 2**53), st.integers(-(2**53), 2**53))
LOADS = st.builds(Load, TEXT, PAIRS, PAIRS, PAIRS, PAIRS, PAIRS, TEXT)
HEADERS = st.builds(
    Header, TEXT, TEXT, TEXT, TEXT, DAYS.map(str), DAYS.map(str), st.integers(0, 2**50), st.none() | TEXT,
    st.none() | TEXT, st.dictionaries(TEXT, st.integers(0, 2**50), max_size=3),
    st.lists(LOADS, max_size=3).map(tuple), st.lists(LOADS, max_size=3).map(tuple),
    st.lists(st.builds(Left, TEXT, TEXT, TEXT), max_size=3).map(tuple), st.integers(0, 2**50),
    st.dictionaries(TEXT, TEXT, max_size=3),
)  # fmt: skip


@given(LINES)
def test_a_line_is_read_as_it_was_written(line: Line):
    written = line.encoded()

    assert b"\n" not in written
    assert plans.read_line(written, 2, "x.plan") == line


@given(HEADERS, st.binary(max_size=30))
def test_a_header_is_read_as_it_was_written(header: Header, body: bytes):
    digest = hashlib.sha256(body).hexdigest()
    written = header.encoded(digest)

    read, own, raw = plans.read_header(written, "x.plan")

    assert b"\n" not in written
    assert read == header
    assert plans.digest_holds(raw, own, digest)
    assert not plans.digest_holds(raw, own, hashlib.sha256(body + b"x").hexdigest())


@given(HEADERS, st.sampled_from(["effective", "made_by", "kind", "key"]))
def test_a_header_that_was_changed_is_noticed(header: Header, name: str):
    said = json.loads(header.encoded("0"))
    said[name] = {"effective": "2030-01-01"}.get(name, said[name] + "x")

    _read, own, raw = plans.read_header(json.dumps(said).encode(), "x.plan")

    assert said == json.loads(header.encoded("0")) or not plans.digest_holds(raw, own, "0")


@pytest.mark.parametrize(
    "line",
    [b"", b"{", b"[]", b"null", b'"x"', b"{}", b'{"sfactl_plan": 1}', b'{"sfactl_plan": 2, "digest": ""}', b"\xff"],
)
def test_what_is_no_plan_is_said_to_be_none(line: bytes):
    with pytest.raises(UsageFault):
        plans.read_header(line, "x.plan")


@pytest.mark.parametrize(
    "line", [b"", b"{", b"[]", b"null", b"{}", b'{"entity": "account"}', b"\xff", b'{"entity":1,"key":2,"since":"x"}']
)
def test_a_line_that_is_none_is_named_by_its_number(line: bytes):
    with pytest.raises(UsageFault, match=r"x\.plan:17"):
        plans.read_line(line, 17, "x.plan")
