"""A share drawn as a small bar, legible without colour."""

from fractions import Fraction
from typing import Final

_BLOCKS: Final = ("█", "░", "│")
_ASCII: Final = ("#", ".", "|")


def bar(share: Fraction, *, pace: Fraction | None = None, width: int = 10, plain: bool = False) -> str:
    """The share as `width` blocks and one place more, which holds "+" when it is above 1: "████░░░░░░ ".

    Only a whole block counts, so that the bar is full when 1 is reached and not before. With `pace` a mark shows how
    far it should be by now. `plain` draws in ASCII.
    """
    full, empty, mark = _ASCII if plain else _BLOCKS
    filled = _place(share, width)
    blocks = [full] * filled + [empty] * (width - filled)
    if pace is not None:
        blocks[min(_place(pace, width), width - 1)] = mark
    return "".join(blocks) + ("+" if share > 1 else " ")


def _place(share: Fraction, width: int) -> int:
    return min(max(int(share * width), 0), width)
