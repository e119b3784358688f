"""What is typed to narrow a list: words to look for, and `key:value` pairs that are the options of the command."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sfactl.errors import UsageFault
from sfactl.i18n import _

_PIECE: Final = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_LEAST: Final = 2
"""A single letter before a colon is no key."""


@dataclass(frozen=True, slots=True)
class FilterText:
    """A filter that was typed."""

    words: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def flags(self) -> list[str]:
        """The same as options of a command."""
        found = [word for name, value in self.values.items() for word in (f"--{name}", value)]
        return [*found, "--search", self.words] if self.words else found


def parse(text: str, names: tuple[str, ...]) -> FilterText:
    """The filter that a text says; what stands in double quotes belongs together, and begins no key.

    Raises:
        UsageFault: a key is not among `names`, or stands there twice.
    """
    words, values = [], {}
    for piece in _PIECE.findall(text):
        name, colon, value = piece.partition(":")
        if not colon or not name.isalpha() or len(name) < _LEAST:
            words.append(piece.replace('"', ""))
        elif name not in names:
            raise UsageFault(
                _("There is no filter {name}.").format(name=name),
                _("Filters: {names}.").format(names=", ".join(f"{each}:" for each in names)),
            )
        elif name in values:
            raise UsageFault(
                _("The filter {name} stands there twice.").format(name=name), _("Leave one of them out.")
            )  # fmt: skip
        elif value.strip('"'):
            values[name] = value.replace('"', "")
    return FilterText(" ".join(words), values)
