"""When the interpreter looks for what nobody needs any more.

To look through everything takes a twentieth of a second and more, in which no key is answered. So the first picture comes before
the first look, and what is there by then, libraries and screens, is never looked at again.
"""

import gc
from typing import Final

_YOUNG: Final = 5_000
"""After so many new objects the young ones are looked at: a few milliseconds."""
_ROUNDS: Final = 20
"""So many looks at the young ones make one at the older ones, and so many of those one at all that are not settled."""


def hold() -> None:
    """Do not look while the program starts."""
    gc.disable()


def settle() -> None:
    """What is there stays; look after what comes from now on."""
    gc.freeze()
    gc.set_threshold(_YOUNG, _ROUNDS, _ROUNDS)
    gc.enable()
