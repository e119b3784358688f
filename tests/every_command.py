"""Every command there is, found by walking the tree, so that a new one is tested from its first day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sfactl import running

CHANGES = frozenset({
    "demo", "init", "import", "account need", "user add", "user map", "user deactivate", "user skill", "skill add",
    "opportunity stage", "opportunity need", "opportunity edit", "opportunity create", "activity log", "activity done", "quota set", "quota import", "quota adjust", "quota allocate", "pipeline judge", "contact erase", "user erase",
    "policy apply", "access grant", "access revoke", "access break-glass", "access deputy", "access sync",
    "stock reserve", "stock release", "stock expire",
    "quote new", "quote edit", "quote price", "quote copy", "quote revise", "quote primary", "quote decline",
    "quote expire", "quote send", "quote accept", "order cancel",
    "quote submit", "quote approve", "quote reject", "quote recall", "quote escalate", "handoff send", "handoff answer",
    "outbox receive",
    "db upgrade", "db restore", "outbox send", "outbox retry", "outbox cancel",
    "user capacity", "assignment exclude", "assignment include", "assignment distribute", "assignment rules run",
    "territory move", "territory edit", "territory merge", "territory split", "team balance", "territory balance",
    "territory member add", "territory member end", "territory plan new", "territory plan edit", "territory plan load",
    "territory plan activate", "territory plan archive",
    "assignment move", "assignment holdover expire", "plan apply", "plan undo", "plan due", "plan cancel",
})  # fmt: skip
"""Commands that change data or make a place for them; all others leave the database as it is, and a test holds them to it."""
TERMINAL = frozenset({"tui", "serve"})
"""Commands that go on until a person ends them."""

EXAMPLES = {
    "account": "A-SW1", "accounts": "A-SW1", "territory": "SW", "territories": "SW", "team": "T-WEST", "user": "sam",
    "deputy": "mike", "order": "O-1", "opportunity": "OPP-1", "product": "P-1", "noun": "account", "number": "1",
    "role": "account_manager", "code": "bikes", "login": "zoe", "name": "Zoe", "what": "account", "row": "A-SW1",
    "amount": "100", "since": "2026-05-01", "period": "2026Q1", "skill": "bikes", "level": "2", "before": "1", "reason": "why",
    "handoff": "H-1", "form": "availability", "comment": "no", "mailbox": "box",
    "quote": "Q-1", "other": "Q-2",
    "wishes": "P-1=1",
    "kind": "call", "subject": "Talk",
    "report": "accounts", "bundle": "P-1", "stage": "negotiate", "statement": "SELECT code FROM account",
}  # fmt: skip
"""For a parameter of that name, something that the small company has."""


@dataclass(frozen=True)
class Known:
    """A command, and what may be said with it."""

    words: tuple[str, ...]
    command: Any

    @property
    def name(self) -> str:
        return " ".join(self.words)

    @property
    def is_changing(self) -> bool:
        return self.name in CHANGES

    @property
    def parameters(self) -> list[Any]:
        """Its own parameters, without the common ones."""
        return [p for p in self.command.params if not getattr(p, "is_common", False) and p.name != "help"]

    @property
    def arguments(self) -> list[Any]:
        return [p for p in self.parameters if p.param_type_name == "argument"]

    @property
    def options(self) -> list[Any]:
        return [p for p in self.parameters if p.param_type_name == "option"]

    def line(self, folder: Path, **said: str) -> list[str]:
        """A command line with all that is required, and the parameters of these names as said."""
        words = [*self.words]
        for parameter in self.options:
            if parameter.name in said or parameter.required:
                words += [max(parameter.opts, key=len), said.get(parameter.name) or example(parameter, folder)]
        words.append("--")
        last = max((n for n, p in enumerate(self.arguments) if p.name in said), default=-1)
        for number, parameter in enumerate(self.arguments):
            if parameter.name in said:
                words.append(said[parameter.name])
            elif parameter.required or number < last:
                words.append(example(parameter, folder))
        return words


def takes_text(parameter: Any) -> bool:
    """Whether a parameter takes words of a person's own: no flag, number or choice."""
    kind = parameter.type_descriptor.annotation
    return kind in (str, list[str])


def example(parameter: Any, folder: Path) -> str:
    """Something that fits a parameter."""
    if parameter.type_descriptor.annotation in (Path, list[Path]):
        return str(folder / parameter.name)
    return EXAMPLES.get(parameter.name, "x")


@cache
def commands() -> tuple[Known, ...]:
    """Every command, in the order of help."""
    root = running.root()
    context = root.make_context("sfactl", ["doctor"], resilient_parsing=True)
    found: list[Known] = []
    for word in root.list_commands(context):
        _walk(root.get_command(context, word), context, (word,), found)
    return tuple(found)


def _walk(command: Any, parent: Any, words: tuple[str, ...], found: list[Known]) -> None:
    context = type(parent)(command, info_name=words[-1], parent=parent)
    if not hasattr(command, "commands"):
        found.append(Known(words, command))
        return
    for name in command.list_commands(context):
        _walk(command.get_command(context, name), context, (*words, name), found)


def reading() -> list[Known]:
    """Commands that only look."""
    return [known for known in commands() if not known.is_changing and known.name not in TERMINAL]
