"""`sfactl export`."""

from pathlib import Path
from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.state import AppState
from sfactl.i18n import _

app = tree.single()

NounArgument = Annotated[str, typer.Argument(metavar="NOUN", help=_("account, order, quota … as for an import."))]
ToOption = Annotated[
    Path | None,
    typer.Option("--to", metavar="FILE", help=_("A file, written whole or not at all; its ending says the form.")),
]
ReplaceOption = Annotated[bool, typer.Option("--replace", help=_("In place of the file that is there."))]


@app.command(
    help=_(
        "Write every row of a noun that you may see, in the columns that an import reads; CSV unless said otherwise."
    ),
    epilog=tree.examples("sfactl export account > accounts.csv", "sfactl export order -o jsonl --to orders.jsonl"),
)
def export(ctx: typer.Context, noun: NounArgument, to: ToOption = None, replace: ReplaceOption = False) -> None:
    """Export a noun."""
    from sfactl.render.exports import columns_of, write_export

    state: AppState = ctx.obj
    columns = columns_of((field.key, str(field.kind)) for field in services.exports.noun_named(noun).fields)
    with state.read() as session:
        rows = services.exports.rows(session, noun)
        count = write_export(rows, columns, state.output(fallback=_form_of(to)), to=to, replace_it=replace)
    if to is not None:
        state.note(_("{count} rows written to {path}.").format(count=count, path=to))


def _form_of(file: Path | None) -> str:
    """The form that a file's name asks for; CSV when it asks for none that an export has."""
    from sfactl.render.output import Format

    named = file.suffix.removeprefix(".").lower() if file else ""
    return named if named in set(Format) - {Format.TABLE} else Format.CSV
