"""What a form asks, and what is done with the answers: data, so that one screen serves all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfactl.tui.widgets.fact_sheet import Section

if TYPE_CHECKING:
    from sfactl.db.session import Door

Answers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """One question."""

    key: str
    label: str
    value: str = ""
    "What stands there at first."
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    "What can be chosen, where it is not free: what is read, and what it means."


@dataclass(frozen=True, slots=True)
class Form:
    """Questions, and what is done with the answers in one transaction."""

    title: str
    fields: tuple[Field, ...]
    act: "Callable[[Door, Answers], Any]"
    "Does it, whole or not at all."
    command: Callable[[Answers], list[str]]
    "The words after `sfactl` that do the same."
    done: Callable[[Any], str]
    "What is told when it is done; nothing where that is seen."
    above: tuple[Section, ...] = ()
    "What one reads before answering."
    verb: str = ""
    "What the button says."
