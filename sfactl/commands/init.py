"""`sfactl init`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from sfactl import files, services
from sfactl.commands import tree
from sfactl.commands.options import YesOption
from sfactl.commands.state import AppState
from sfactl.i18n import _

app = tree.single()

NameOption = Annotated[str, typer.Option("--name", metavar="NAME", help=_("What the workspace is called."))]
CurrencyOption = Annotated[
    str, typer.Option("--currency", metavar="CODE", help=_("The currency of amounts that name none."))
]
AdministratorOption = Annotated[
    str | None, typer.Option("--admin", metavar="LOGIN", help=_("The first administrator; without it, you."))
]
PolicyOption = Annotated[
    Path | None, typer.Option("--policy", metavar="FOLDER", help=_("A policy instead of the shipped one."))
]


@app.command(
    help=_("Set up a workspace: the database, the policy, you as its administrator, and your settings."),
    epilog=tree.examples(
        "sfactl init --yes",
        "sfactl init --database sqlite:///sales.db --currency EUR --yes",
        "sfactl init --database postgresql+psycopg://postgres@HOST/NAME --admin ana",
    ),
)
def init(
    ctx: typer.Context,
    name: NameOption = "Sales",
    currency: CurrencyOption = "USD",
    admin: AdministratorOption = None,
    policy: PolicyOption = None,
    yes: YesOption = False,
) -> None:
    """Set up a workspace."""
    from sfactl.config import paths, settings_file
    from sfactl.config import policy as policies
    from sfactl.db import connect, url

    state: AppState = ctx.obj
    default = f"sqlite:///{paths.data_folder(os.environ) / 'sales.db'}"
    asked = state.settings.database if state.settings.origins["database"] in ("flag", "SFACTL_DATABASE") else None
    where = url.parse(asked or default)
    login = admin or connect.os_login()
    if not yes and not state.confirm(
        _("Set up a workspace in {url} with {login} as administrator?").format(url=where, login=login)
    ):
        return
    if where.path is not None:
        files.make_folder(where.path.parent, may_be_link=True)
    plan = services.workspace_making.Plan(name, currency.upper(), login)
    chosen = policies.load(policy) if policy else policies.default()
    services.workspace_making.create(where, plan, chosen, now=state.now)
    if not where.is_sqlite:
        services.access_logins.sync(where)
    mine = where.for_login(login)
    replaced = settings_file.point_to(state.settings.path, state.settings.profile, str(mine))
    state.note(_("The workspace is in {url}; {login} is its administrator.").format(url=mine, login=login))
    if replaced:
        state.note(_("Profile {profile} pointed to {url} before.").format(profile=state.settings.profile, url=replaced))
    state.note(_("Next: sfactl import MANIFEST.toml --dir FOLDER, or sfactl user add LOGIN --name NAME"))
