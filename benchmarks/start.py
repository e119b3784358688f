"""How long it takes until sfactl says something: version, help, and the completion of a word."""

from benchmarks.measure import PYTHON, SFACTL, Side, in_turn
from benchmarks.plan import Plan
from benchmarks.results import Line, show
from benchmarks.world import small

GOALS = {
    "sfactl --version": "≤ 1.5",
    "sfactl --help": "≤ 8",
    "sfactl account --help": "≤ 8",
    "completion of a noun": "≤ 8",
    "completion of a verb": "≤ 8",
    "completion of an account from the database": "≤ 25",
}
FLOOR = "python -c pass"


def run(plan: Plan) -> None:
    """Measure the start."""
    database = {"SFACTL_DATABASE": f"sqlite:///{small(plan)}"}
    sides = [
        Side(FLOOR, [PYTHON, "-c", "pass"]),
        Side("sfactl --version", [SFACTL, "--version"]),
        Side("sfactl --help", [SFACTL, "--help"]),
        Side("sfactl account --help", [SFACTL, "account", "--help"]),
        _completion("completion of a noun", "sfactl acc", 1),
        _completion("completion of a verb", "sfactl account sh", 2),
        _completion("completion of an account from the database", "sfactl account show A00", 3, database),
    ]
    taken = in_turn(sides, rounds=plan.rounds or 25)
    lines = [Line(FLOOR, taken[FLOOR], taken[FLOOR])]
    lines += [Line(name, taken[name], taken[FLOOR], goal=goal) for name, goal in GOALS.items()]
    show("Start", lines)


def _completion(name: str, words: str, at: int, environment: dict[str, str] | None = None) -> Side:
    asked = {"_SFACTL_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(at)}
    return Side(name, [SFACTL], asked | (environment or {}))
