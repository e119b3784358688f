"""`sfactl sql`."""

import sys
from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.state import AppState
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.render.questions import TABLE_COLUMNS, columns_of

app = tree.single()

StatementArgument = Annotated[
    str | None,
    typer.Argument(metavar="STATEMENT | -", help=_("One SELECT; - reads it from standard input."), show_default=False),
]
TablesOption = Annotated[bool, typer.Option("--tables", help=_("List tables and columns; of one table, when named."))]


@app.command(
    help=_("Ask the database in SQL: one statement that reads, in your own scope, as tables or for other programs."),
    epilog=tree.examples(
        "sfactl sql 'SELECT kind, count(*) FROM account GROUP BY kind'",
        "sfactl sql - -o csv < question.sql",
        "sfactl sql --tables account",
    ),
)
def sql(ctx: typer.Context, statement: StatementArgument = None, tables: TablesOption = False) -> None:
    """Ask in SQL."""
    state: AppState = ctx.obj
    with state.door.read(sealed=True) as session:
        if tables:
            state.show(services.questions.columns(session, statement), TABLE_COLUMNS)
            return
        if statement is None:
            raise UsageFault(_("What is the question?"), _("`sfactl sql --help` shows examples."))
        answer = services.questions.ask(session, sys.stdin.read() if statement == "-" else statement)
        columns, rows = columns_of(answer.columns, answer.rows)
        state.show(rows, columns)
