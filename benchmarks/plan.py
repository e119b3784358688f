"""What a run of the benchmarks was asked for."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Plan:
    """Sizes, rounds, and the folder for generated data."""

    folder: Path
    accounts: int
    orders: int
    rounds: int | None = None
    "So many rounds of everything; each measurement has its own number when none is said."
    peer_python: str | None = None
    "An interpreter that has the peers to compare with; without one they are left out."
