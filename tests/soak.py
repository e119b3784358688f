"""How much a test of many random cases does: a hundredth, and all of it with SFACTL_SOAK=1 (`make soak`)."""

import os

IS_SOAK = os.environ.get("SFACTL_SOAK") == "1"


def times(count: int) -> int:
    """How many of `count` cases to try now."""
    return count if IS_SOAK else max(count // 100, 1)
