import json

from sfactl.render.tree import branches, write_tree
from tests.render.samples import TREE, TREE_COLUMNS, Row, output, written


def test_each_row_hangs_below_its_parent() -> None:
    assert branches([0, 1, 2, 2, 1, 0]) == ["", "├─ ", "│  ├─ ", "│  └─ ", "└─ ", ""]


def test_the_shallowest_rows_are_the_roots() -> None:
    assert branches([2, 3, 2]) == ["", "└─ ", ""]


def test_a_row_below_a_hidden_one_keeps_its_depth() -> None:
    assert branches([0, 2, 1]) == ["", "│  └─ ", "└─ "]


def test_a_tree_can_be_drawn_in_ascii() -> None:
    assert branches([0, 1, 2, 1], plain=True) == ["", "|- ", "|  `- ", "`- "]


def test_a_tree_without_rows_is_empty() -> None:
    assert branches([]) == []
    assert write_tree([], TREE_COLUMNS, output()) == 0


def test_fifty_levels_are_drawn() -> None:
    out = output(width=80)

    write_tree([Row(code=f"T{depth}", depth=depth) for depth in range(50)], TREE_COLUMNS, out)

    assert "T49" in written(out) or "…" in written(out)


def test_machine_output_has_the_names_alone() -> None:
    out = output("json")

    write_tree(TREE, TREE_COLUMNS, out)

    assert [row["code"] for row in json.loads(written(out))] == [row.code for row in TREE]
