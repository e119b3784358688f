"""The first words of a command line; a noun's module is loaded when the noun is named."""

from enum import StrEnum
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.main

from sfactl.commands.state import AppState
from sfactl.commands.tree import Group, examples, no_command, single
from sfactl.i18n import N_, _, language

SHORT_HELP = {
    "demo": N_("A demo workspace, and the answers to three questions."),
    "init": N_("Set up a workspace."),
    "doctor": N_("Look at settings, database, clock, mail and terminal."),
    "whoami": N_("Who you are here, and what you may do."),
    "config": N_("The settings in force, and where each comes from."),
    "import": N_("Bring data in from files."),
    "export": N_("Write data out in the form that import reads."),
    "account": N_("Customers and prospects."),
    "contact": N_("People at accounts."),
    "assignment": N_("Who works which account."),
    "plan": N_("Changes in bulk: look, apply, take back."),
    "territory": N_("The tree of territories and how each is doing."),
    "team": N_("People who sell together."),
    "user": N_("The people of the workspace."),
    "skill": N_("What people know and accounts need."),
    "quota": N_("What must be reached, and who has reached it."),
    "order": N_("Bookings."),
    "opportunity": N_("Possible sales."),
    "pipeline": N_("The open pipeline: by stage, what it promises, and how it changed."),
    "activity": N_("Calls, visits, meetings, e-mails and tasks."),
    "product": N_("What is sold, and at which price."),
    "quote": N_("Offers: configured, priced, agreed and sent."),
    "stock": N_("What lies in which warehouse."),
    "handoff": N_("Questions to other areas about an offer, and their answers."),
    "policy": N_("Roles, calendar and stages in force."),
    "access": N_("Who may do what."),
    "audit": N_("Who changed what."),
    "report": N_("Reports by name: shown, written to files, for cron."),
    "outbox": N_("Mail that waits to be sent, and what became of it."),
    "sql": N_("Ask the database in SQL, in your own scope."),
    "db": N_("The database: upgrade, check, backup."),
    "dashboard": N_("The overview, printed once."),
    "tui": N_("Screens that stay open: pipeline, accounts, territories, quotas, inbox."),
    "serve": N_("The screens in a browser."),
}

NOUNS = tuple(SHORT_HELP)
"""The first words, in the order in which help shows them; each has a module of its name in `commands`."""


class Screen(StrEnum):
    """Screens that one can begin with."""

    PIPELINE = "pipeline"
    OPPORTUNITIES = "opportunities"
    ACCOUNTS = "accounts"
    TERRITORIES = "territories"
    QUOTAS = "quotas"
    ACTIVITIES = "activities"
    INBOX = "inbox"
    PLANS = "plans"


ScreenArgument = Annotated[Screen, typer.Argument(metavar="SCREEN", help=_("With which screen to begin."))]
HostOption = Annotated[str, typer.Option("--host", metavar="ADDRESS", help=_("Where to listen."))]
PortOption = Annotated[int, typer.Option("--port", metavar="N", min=1, max=65535, help=_("On which port."))]
TokensOption = Annotated[
    Path | None,
    typer.Option(
        "--tokens", metavar="FILE", exists=True, dir_okay=False,
        help=_("A file of mode 0600: on each line a token, a blank, and the login as whom its bearer works."),
    ),
]  # fmt: skip
RemoteOption = Annotated[bool, typer.Option("--allow-remote", help=_("Let other machines reach it."))]

_MODULES = {"import": "import_"}
"""Where the module is not named as the word is."""


def _module_of(word: str) -> Any:
    return import_module(f"sfactl.commands.{_MODULES.get(word, word)}")


def screens() -> typer.Typer:
    """`sfactl tui`: here, because commands and screens do not know each other."""
    app = single()

    @app.command(
        help=_("Open the screens: pipeline, accounts, territories, quotas, activities, inbox and plans."),
        epilog=examples("sfactl tui", "sfactl tui accounts", "sfactl tui --as rvega"),
    )
    def tui(ctx: typer.Context, screen: ScreenArgument = Screen.PIPELINE) -> None:
        from sfactl.tui import memory

        memory.hold()
        from sfactl.tui.app import SalesApp

        state: AppState = ctx.obj
        state.require_terminal()
        no_color = not state.has_color(is_terminal=True)
        settings = state.settings
        app = SalesApp(
            state.living_door, locale=settings.locale, no_color=no_color, opening=screen.value, likes=settings.screens,
            settings_path=settings.path, on_shown=memory.settle,
        )  # fmt: skip
        app.run()
        raise typer.Exit(app.return_code or 0)

    return app


def server() -> typer.Typer:
    """`sfactl serve`: the same screens in a browser."""
    app = single()

    @app.command(
        help=_("Serve the screens to a browser on this machine, behind a token."),
        epilog=examples(
            "sfactl serve", "sfactl serve --port 8443 --tokens tokens.txt",
            "sfactl serve --host 0.0.0.0 --allow-remote --tokens tokens.txt",
        ),
    )  # fmt: skip
    def serve(
        ctx: typer.Context,
        host: HostOption = "127.0.0.1",
        port: PortOption = 8087,
        tokens: TokensOption = None,
        allow_remote: RemoteOption = False,
    ) -> None:
        from sfactl.tui import serving

        state: AppState = ctx.obj
        _url = state.database
        serving.require_safe_place(host, is_remote_allowed=allow_remote, has_users=tokens is not None)
        serving.serve(
            state.said_again(), host=host, port=port, tokens=tokens, tell=lambda where: print(where, flush=True)
        )

    return app


_OWN = {"tui": screens, "serve": server}


@cache
def _command(word: str, _language: str) -> Any:
    """The command of a first word, which is asked for more than once on the way; its help is in one language."""
    app = _OWN[word]() if word in _OWN else _module_of(word).app
    command = typer.main.get_command(app)
    command.name = word
    return command


class Root(Group):
    """The command `sfactl` itself."""

    def list_commands(self, _ctx: Any) -> list[str]:
        """All first words."""
        return list(NOUNS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a first word, from its module."""
        if cmd_name not in NOUNS:
            if not ctx.resilient_parsing and not cmd_name.startswith("-"):
                ctx.fail(no_command(cmd_name, NOUNS))
            return None
        return _command(cmd_name, language())

    def summary(self, _ctx: Any, name: str, _limit: int) -> str:
        """What a first word is for, without loading its module."""
        return _(SHORT_HELP[name])

    def _is_hidden(self, _ctx: Any, _name: str) -> bool:
        return False

    def shell_complete(self, _ctx: Any, incomplete: str) -> list[Any]:
        """First words that begin so."""
        from typer._click.shell_completion import CompletionItem

        return [CompletionItem(name, help=_(SHORT_HELP[name])) for name in NOUNS if name.startswith(incomplete)]
