"""The command line: reads it, runs a command, and turns what happened into an exit code."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words == ["--version"]:
        from sfactl import __version__

        print(f"sfactl {__version__}")
        return 0
    if arguments is None:
        import gc

        # Libraries make many objects that stay: to look through them again and again is a tenth of a short command.
        gc.set_threshold(50_000, 20, 20)
    from sfactl import running

    code = running.run(words)
    if arguments is None:
        running.end_quietly()
    return code
