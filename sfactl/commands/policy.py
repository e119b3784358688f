"""The `sfactl policy` commands."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.options import DryRunOption, ReasonOption, YesOption
from sfactl.commands.state import AppState
from sfactl.i18n import _
from sfactl.render.policies import DIFFERENCE_COLUMNS, VERSION_COLUMNS

if TYPE_CHECKING:
    from sfactl.config.policy import Policy

app = tree.noun(_("Roles, calendar and stages in force."))

FolderArgument = Annotated[Path, typer.Argument(metavar="FOLDER", help=_("A folder of TOML files."))]
FileArgument = Annotated[
    str | None, typer.Argument(metavar="FILE", help=_("One of its files; without it, the versions."))
]


@app.command(help=_("Show the versions that were applied, or a file of the one in force."))
def show(ctx: typer.Context, file: FileArgument = None) -> None:
    """Show the policy."""
    from sfactl.errors import NotFound

    state: AppState = ctx.obj
    with state.read() as session:
        if file is None:
            state.show(services.policies.versions(session), VERSION_COLUMNS)
            return
        files = services.policies.current_files(session)
    if file not in files:
        raise NotFound(
            _("The policy has no file {file}.").format(file=file), _("Files: {names}.").format(names=", ".join(files))
        )
    state.say(files[file])


@app.command(help=_("Show what applying a folder would change."), epilog=tree.examples("sfactl policy diff ./policy"))
def diff(ctx: typer.Context, folder: FolderArgument) -> None:
    """Compare a folder with the policy in force."""
    from sfactl.config import policy

    state: AppState = ctx.obj
    wanted = policy.load(folder)
    with state.read() as session:
        state.show(services.policies.differences(session, wanted), DIFFERENCE_COLUMNS)
    _warn(state, wanted)


def _warn(state: AppState, wanted: "Policy") -> None:
    """Tell what the author of a policy may not have meant."""
    for warning in services.price_policy.warnings(wanted.pricing):
        state.note(_("Warning: {text}").format(text=warning))


@app.command(help=_("Put a folder in force, whole or not at all."))
def apply(
    ctx: typer.Context,
    folder: FolderArgument,
    reason: ReasonOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Apply a policy."""
    from sfactl.config import policy

    state: AppState = ctx.obj
    wanted = policy.load(folder)
    with state.read() as session:
        changes = services.policies.differences(session, wanted)
        state.show(changes, DIFFERENCE_COLUMNS)
    _warn(state, wanted)
    if dry_run or not changes:
        return
    if yes or state.confirm(_("Put this in force?")):
        number = state.write(services.policies.apply_and_check, wanted, reason=reason)
        state.note(_("Policy {number} is in force.").format(number=number))
