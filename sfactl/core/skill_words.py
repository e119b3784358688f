"""Skills with their levels, in words."""

from collections.abc import Iterable

from sfactl.i18n import _


def listed(skills: Iterable[tuple[str, int]]) -> str:
    """Skills and the levels that are wanted: `es at 3 and labs at 5`."""
    return _(" and ").join(_("{skill} at {level}").format(skill=skill, level=level) for skill, level in skills)


def not_known(person: str, missing: tuple[str, int]) -> str:
    """That somebody does not know a skill at a level."""
    return _("{person} does not know {skill} at {level}").format(person=person, skill=missing[0], level=missing[1])
