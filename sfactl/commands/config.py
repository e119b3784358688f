"""The `sfactl config` commands."""

from dataclasses import dataclass
from typing import Annotated

import typer

from sfactl.commands import tree
from sfactl.commands.state import AppState
from sfactl.config.secrets import without_secret
from sfactl.i18n import _
from sfactl.render.settings import ORIGIN_COLUMNS, SETTING_COLUMNS

app = tree.noun(_("The settings in force, and where each comes from."))

OriginOption = Annotated[bool, typer.Option("--origin", help=_("Say where each value comes from."))]


@dataclass(frozen=True)
class SettingRow:
    """A setting in force."""

    key: str
    value: str | None
    origin: str


@app.command(help=_("Show the settings in force."))
def show(ctx: typer.Context, origin: OriginOption = False) -> None:
    """Show the settings."""
    state: AppState = ctx.obj
    settings = state.settings
    rows = [SettingRow("profile", settings.profile, str(settings.path))]
    values = {key: without_secret(getattr(settings, key) or "") or None for key in settings.origins}
    rows += [SettingRow(key, values[key], where) for key, where in settings.origins.items()]
    state.show(rows, ORIGIN_COLUMNS if origin else SETTING_COLUMNS)


@app.command(help=_("Print the path of the settings file."))
def path(ctx: typer.Context) -> None:
    """Print the path."""
    state: AppState = ctx.obj
    state.say(f"{state.settings.path}\n")
