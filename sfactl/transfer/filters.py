"""Which rows are taken: the conditions of a manifest as one function of a record."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sfactl.transfer.cells import Sheet
from sfactl.transfer.patterns import compile_pattern, search
from sfactl.transfer.schema import ConditionSpec

if TYPE_CHECKING:
    from sfactl.transfer.siblings import Siblings

Keep = Callable[[list[str]], bool]
_Test = Callable[[str | None], bool]


def compile_filter(conditions: Sequence[ConditionSpec], sheet: Sheet, siblings: "Siblings") -> Keep | None:
    """Whether a record fulfils all conditions; None when there are none."""
    parts = [(sheet.reference(each.column), _tests(each, siblings)) for each in conditions]
    if not parts:
        return None

    def keep(record: list[str]) -> bool:
        for get, tests in parts:
            text = get(record)
            for test in tests:
                if not test(text):
                    return False
        return True

    return keep


def _tests(condition: ConditionSpec, siblings: "Siblings") -> list[_Test]:
    tests: list[_Test] = []
    if condition.equals is not None:
        tests.append(_among([condition.equals]))
    if condition.in_ is not None:
        tests.append(_among(condition.in_))
    if condition.not_ is not None:
        tests.append(_not(_among(condition.not_)))
    if condition.empty is not None:
        tests.append(_empty if condition.empty else _not(_empty))
    if condition.exists is not None:
        tests.append(siblings.keys(condition.exists).__contains__)
    if condition.missing is not None:
        tests.append(_not(siblings.keys(condition.missing).__contains__))
    if condition.matches is not None:
        tests.append(_matching(condition.matches))
    return tests


def _among(words: Sequence[str]) -> _Test:
    wanted = frozenset(words)
    return lambda text: (text or "") in wanted


def _not(test: _Test) -> _Test:
    return lambda text: not test(text)


def _empty(text: str | None) -> bool:
    return text is None


def _matching(pattern: str) -> _Test:
    compiled = compile_pattern(pattern)
    return lambda text: text is not None and search(compiled, text) is not None
