"""Every error a person can meet, with the exit code it ends in.

SfaError 1
├── UsageFault 2          wrong usage, bad input file, bad settings
├── NotFound 3            absent, or not yours to see: the same words for both
├── NotAllowed 4          not signed in, or the role does not allow it
├── Conflict 5            changed meanwhile, duplicate, not allowed at this stage
├── Unavailable 6         database, disk or lock not to be had in time: try again
├── PartlyDone 7          the good rows went in, the others are in a file
├── ConditionHolds 8      what `--fail-if` asks about is so
└── Findings 1            a check found something
"""


class SfaError(Exception):
    """An error that is a sentence for a person, and a hint that names what to do next."""

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageFault(SfaError):
    """Wrong usage, a bad input file or bad settings."""

    exit_code = 2


class NotFound(SfaError):
    """There is no such row, or it is not this person's to see."""

    exit_code = 3


class NotAllowed(SfaError):
    """Nobody is signed in, or the role does not allow the action."""

    exit_code = 4


class Conflict(SfaError):
    """Somebody changed the row meanwhile, or it exists already."""

    exit_code = 5


class Unavailable(SfaError):
    """The database, the disk or a lock could not be had in time."""

    exit_code = 6


class PartlyDone(SfaError):
    """Some rows went in; the others are in a file, each with its reason."""

    exit_code = 7


class ConditionHolds(SfaError):
    """What somebody asked to be told by the exit code is so."""

    exit_code = 8


class Findings(SfaError):
    """A check found something that needs a person."""


class OutputClosed(BaseException):
    """Nobody reads the output any more: no error, and not an `Exception`, so that no library takes it for one."""
