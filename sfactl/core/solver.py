"""CP-SAT, loaded without pandas, which takes longer than all the rest of it.

OR-Tools asks pandas for two classes, to offer variables by the column; nobody here uses that. While it is loaded, two empty
classes stand for them; a program that loaded pandas before, or loads it later, has the real one.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


def _load() -> Any:
    is_absent = "pandas" not in sys.modules
    if is_absent:
        stand_in: Any = ModuleType("pandas")
        stand_in.Index, stand_in.Series = type("Index", (), {}), type("Series", (), {})
        sys.modules["pandas"] = stand_in
    try:
        from ortools.sat.python import cp_model
    finally:
        if is_absent:
            del sys.modules["pandas"]
    return cp_model


if not TYPE_CHECKING:
    cp_model = _load()

__all__ = ["cp_model"]
