"""What `user skill` and `account need` share: a skill and its level, said or taken away."""

from typing import Annotated

import typer

from sfactl.commands import complete
from sfactl.errors import UsageFault
from sfactl.i18n import _

SkillArgument = Annotated[
    str | None,
    typer.Argument(metavar="SKILL", help=_("Code or name of a skill to set."), autocompletion=complete.skills),
]
LevelArgument = Annotated[int | None, typer.Argument(metavar="LEVEL", help=_("From 1 to 5."), min=1, max=5)]
WeightOption = Annotated[
    int | None,
    typer.Option(
        "--weight", metavar="N", min=1, max=1000,
        help=_("It would be good to have, and weighs so much; it is required otherwise."),
    ),
]  # fmt: skip
RemoveOption = Annotated[
    str | None,
    typer.Option("--remove", metavar="SKILL", help=_("Take this skill away."), autocompletion=complete.skills),
]


def change(skill: str | None, level: int | None, remove: str | None) -> tuple[str, int | None] | None:
    """The skill and its new level, without one when it is to be taken away; None when nothing is to change.

    Raises:
        UsageFault: a skill without a level, or two wishes at once.
    """
    if remove is not None and skill is not None:
        raise UsageFault(_("A skill is set or taken away, not both at once."), _("Leave one of them out."))
    if remove is not None:
        return remove, None
    if skill is not None and level is None:
        raise UsageFault(_("The level of {skill} is missing.").format(skill=skill), _("Say it, from 1 to 5, after it."))
    return None if skill is None else (skill, level)
