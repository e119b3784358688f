"""Days that a person types of a quote."""

from datetime import date

from sfactl.commands.state import AppState, as_of_date


def day_of(text: str | None, state: AppState) -> date | None:
    """A day, where one is said."""
    return as_of_date(text, state) if text else None
