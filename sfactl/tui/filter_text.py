"""What is typed to narrow a list: words to look for, and `key:value` pairs that are the options of the command."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from sfactl.errors import UsageFault
from sfactl.i18n import _


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
    """The filter that a text says; a value with blanks stands in double quotes, which need not be closed at the end.

    Raises:
        UsageFault: a key is not among `names`.
    """
    words, values = [], {}
    for piece in _pieces(text):
        name, colon, value = piece.partition(":")
        if not colon or not name or " " in name:
            words.append(piece)
        elif name not in names:
            raise UsageFault(
                _("There is no filter {name}.").format(name=name),
                _("Filters: {names}.").format(names=", ".join(f"{each}:" for each in names)),
            )
        elif value:
            values[name] = value
    return FilterText(" ".join(words), values)


def _pieces(text: str) -> list[str]:
    """The text at its blanks; an apostrophe is a letter like others."""
    lexer = shlex.shlex(text + '"' * (text.count('"') % 2), posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.quotes, lexer.commenters, lexer.escape = True, '"', "", ""
    return list(lexer)
