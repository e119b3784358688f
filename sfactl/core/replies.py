"""What somebody says who answers a mail: a verdict on the first line of his own, a comment on the second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sfactl.core.text import safe

LONGEST_COMMENT: Final = 1000
MOST_SAID: Final = 60
"""So many lines after the first are looked at for what a form asks."""


class Verdict(StrEnum):
    """What an answer says."""

    APPROVE = "approve"
    REJECT = "reject"


_WORDS: Final = {
    Verdict.APPROVE: (
        "approve", "approved", "aprobar", "aprobado", "aprobada", "apruebo", "confirm", "confirmed", "confirmar",
        "confirmado", "confirmada",
    ),
    Verdict.REJECT: ("reject", "rejected", "rechazar", "rechazado", "rechazada", "rechazo"),
}  # fmt: skip
VERDICTS: Final = {word: verdict for verdict, words in _WORDS.items() for word in words}
"""Words in English and in Spanish; nothing else is a verdict."""
_AROUND: Final = " \t*_.,;:!¡\"'`()[]“”«»"
"""What mail programs and people put round a word."""
_ENDS: Final = ("-----originalmessage-----", "-----mensajeoriginal-----", "--")
_WROTE: Final = ("wrote:", "escribió:", "wrote :", "escribio:")
_MOST_LINES: Final = 2000
_MOST_OF_AN_OPENING: Final = 4


@dataclass(frozen=True)
class Answer:
    """A verdict, if there is one, and what is said with it."""

    verdict: Verdict | None
    comment: str
    said: str
    "The line that should have been a verdict."
    more: tuple[str, ...] = ()
    "All that follows it: the comment, and what a form asks for."


def answer(text: str) -> Answer:
    """What the text of a reply says.

    The first line of the sender's own is the verdict and nothing else: "approve only if …" is none. Quoted lines, the
    line that says who wrote them, and all that follows a signature or an original message, are not his.
    """
    lines = own_lines(text)
    first = lines[0] if lines else ""
    comment = safe(lines[1], LONGEST_COMMENT) if len(lines) > 1 else ""
    more = tuple(safe(line, LONGEST_COMMENT) for line in lines[1 : 1 + MOST_SAID])
    return Answer(VERDICTS.get(first.strip(_AROUND).casefold()), comment, safe(first, 80), more)


def answers(more: Sequence[str], asked: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """What lines like `deliverable_on: 2026-12-01` say to a form, and the first other line, which is the comment.

    Args:
        asked: what the form asks for: key to label; either may stand before the colon.
    """
    names = {_folded(word): key for key, label in asked.items() for word in (label, key)}
    found: dict[str, str] = {}
    comments = []
    for line in more:
        name, colon, value = line.strip(" \t*-•").partition(":")
        key = names.get(_folded(name))
        if colon and key and value.strip(" \t*"):
            found.setdefault(key, value.strip(" \t*"))
        elif not key:
            comments.append(line)
    return found, comments[0] if comments else ""


def _folded(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())


def own_lines(text: str) -> list[str]:
    """The lines that the sender wrote himself, without empty ones."""
    found: list[str] = []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:_MOST_LINES]
    skipped = 0
    for number, line in enumerate(lines):
        plain = line.replace("\u00a0", " ").strip().strip("\u200b\ufeff")
        if _ends(line, plain, lines[number + 1 : number + 3]):
            break
        skipped = max(skipped - 1, 0) or _opening(lines[number : number + _MOST_OF_AN_OPENING])
        if skipped or not plain or plain.startswith((">", "|")):
            continue
        found.append(plain)
    return found


def _ends(line: str, plain: str, following: list[str]) -> bool:
    """Whether what follows is a signature, or the mail that is answered."""
    folded = plain.casefold()
    if line.rstrip("\r") == "-- " or folded.replace(" ", "") in _ENDS or folded.startswith("________"):
        return True
    is_head = folded.startswith(("from:", "de:"))
    return is_head and any(
        each.strip().casefold().startswith(("sent:", "to:", "enviado:", "para:")) for each in following
    )


def _opening(lines: list[str]) -> int:
    """How many lines from here on say who wrote what is quoted; 0 where these do not."""
    first = lines[0].strip().casefold()
    if not first.startswith(("on ", "el ", "am ", "le ")) and not first.endswith(_WROTE):
        return 0
    return next((n + 1 for n, line in enumerate(lines) if line.strip().casefold().endswith(_WROTE)), 0)
