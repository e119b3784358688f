"""Regular expressions from a manifest: few enough repetitions that no value can make them run for long."""

import re
from typing import Final

from sfactl.i18n import _
from sfactl.transfer.faults import BadCell

LONGEST_VALUE: Final = 250
_MOST_REPEATS: Final = 3
_TOKEN: Final = re.compile(
    r"\\(?P<back>[1-9])|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<named>\(\?P=)|(?P<open>\()|(?P<close>\))|(?P<or>\|)"
    r"|(?P<repeat>[*+]|\{\d*,\d*\})[?+]?|(?P<count>\{\d+\})|(?P<maybe>\?)|.",
    re.DOTALL,
)


def compile_pattern(text: str, *, groups: int | None = None) -> re.Pattern[str]:
    """The compiled pattern.

    Args:
        groups: how many capture groups it must have.

    Raises:
        ValueError: it is no pattern, or one that may take too long: a repetition or an alternative inside a
            repeated group, a back reference, more than three repetitions without end.
    """
    _refuse_slow(text)
    try:
        pattern = re.compile(text)
    except (re.error, RecursionError, OverflowError) as fault:
        raise ValueError(
            _("“{pattern}” is not a regular expression: {fault}").format(pattern=text, fault=fault)
        ) from None
    if groups is not None and pattern.groups != groups:
        raise ValueError(_("“{pattern}” needs exactly one group in brackets").format(pattern=text))
    return pattern


def search(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The first place where the pattern fits; a long value is refused, for the time it could take."""
    if len(text) > LONGEST_VALUE:
        raise BadCell(text, _("is too long for a pattern, {most} characters").format(most=LONGEST_VALUE))
    return pattern.search(text)


def _refuse_slow(text: str) -> None:
    holds_choice = [False]
    was_choice = False
    repeats = 0
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind in ("back", "named"):
            raise ValueError(_("“{pattern}” refers back to a group: that may take too long").format(pattern=text))
        if kind == "open":
            holds_choice.append(False)
        elif kind == "close" and len(holds_choice) > 1:
            was_choice = holds_choice.pop()
            holds_choice[-1] |= was_choice
            continue
        elif kind in ("or", "maybe") and not _is_group_mark(text, token):
            holds_choice[-1] = True
        elif kind == "repeat":
            repeats += 1
            if was_choice:
                raise ValueError(
                    _("“{pattern}” repeats what repeats or varies: that may take too long").format(pattern=text)
                )
            holds_choice[-1] = True
        elif kind == "count" and was_choice:
            repeats += 1
        was_choice = False
    if repeats > _MOST_REPEATS:
        raise ValueError(
            _("“{pattern}” has more than {most} repetitions: that may take too long").format(
                pattern=text, most=_MOST_REPEATS
            )
        )


def _is_group_mark(text: str, token: re.Match[str]) -> bool:
    """Whether a question mark begins `(?:` or the like."""
    return token["maybe"] is not None and text[token.start() - 1 : token.start()] == "("
