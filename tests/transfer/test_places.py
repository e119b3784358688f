import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.config.places import Places

TEXT = '''# a comment with a = 1
top = "x"   # [not.a.table]
"quoted key" = """
a = 2
"""
[defaults]
encoding = 'utf-8'
[files."a.b.csv"]
skip = 1
[[source]]
noun = "account"
dotted.name = "n"
[source.fields]
code = { column = "c", map = { "a=b" = "{", c = '}' } }
[[source.where]]
column = "x"
[[source]]
noun = "user"
list = [
  "a", # one
  { file = "f", key = "k" },
]
[source.fields.role]
column = "r"
'''


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("top",), (2, 1)),
        (("quoted key",), (3, 1)),
        (("defaults",), (6, 2)),
        (("defaults", "encoding"), (7, 1)),
        (("files", "a.b.csv", "skip"), (9, 1)),
        (("source", 0), (10, 3)),
        (("source", 0, "noun"), (11, 1)),
        (("source", 0, "dotted", "name"), (12, 8)),
        (("source", 0, "fields", "code", "column"), (14, 10)),
        (("source", 0, "fields", "code", "map", "a=b"), (14, 32)),
        (("source", 0, "where", 0, "column"), (16, 1)),
        (("source", 1, "noun"), (18, 1)),
        (("source", 1, "list", 1, "key"), (21, 17)),
        (("source", 1, "fields", "role", "column"), (24, 1)),
        (("source", 1, "missing"), (17, 3)),
        (("source", 0, "fields", "code", 0, "column"), (14, 10)),
        ((), (1, 1)),
        (("nowhere",), (1, 1)),
    ],
)
def test_a_key_is_found_where_it_is_written(path: tuple[str | int, ...], place: tuple[int, int]) -> None:
    tomllib.loads(TEXT)

    assert Places(TEXT).find(path) == place


VALUES = st.recursive(
    st.sampled_from(['"a # b"', "'c ] }'", "1", "true", "2026-01-02", '"""x\n= "" y"""', "'''z'''", '"\\"]"']),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]"),
        st.dictionaries(st.sampled_from(["a", '"b.c"', "d-e"]), inner, max_size=2).map(
            lambda table: "{" + ", ".join(f"{key} = {value}" for key, value in table.items()) + "}"
        ),
    ),
    max_leaves=6,
)


def paths(data: Any, base: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [base, *(path for key, value in items for path in paths(value, (*base, key)))]


@given(st.lists(VALUES, min_size=1, max_size=5))
def test_every_key_of_any_text_is_found(values: list[str]) -> None:
    text = "\n".join(f"key-{index} = {value}" for index, value in enumerate(values))
    known = Places(text)._offsets

    assert {path for path in paths(tomllib.loads(text)) if path} <= set(known)
