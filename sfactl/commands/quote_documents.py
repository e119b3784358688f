"""`sfactl quote pdf` and `html`: an offer as the customer reads it."""

import io
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from sfactl import files, services
from sfactl.commands import tree
from sfactl.commands.quote_options import LocaleOption, QuoteArgument
from sfactl.commands.state import AppState
from sfactl.errors import UsageFault
from sfactl.i18n import _

ToOption = Annotated[
    Path | None,
    typer.Option(
        "--to", metavar="FILE", help=_("Write it to a file, whole or not at all, in place of one that is there.")
    ),
]


def pdf(ctx: typer.Context, quote: QuoteArgument, to: ToOption = None, locale: LocaleOption = None) -> None:
    """Write an offer as PDF."""
    from sfactl.render.quote_document import pdf_of

    state: AppState = ctx.obj
    if to is None and sys.stdout.isatty():
        raise UsageFault(
            _("A PDF is nothing to read on a terminal."),
            _("Write it to a file: sfactl quote pdf {quote} --to quote.pdf").format(quote=quote),
        )
    _write(state, pdf_of(_document(state, quote, locale)), to)


def html(ctx: typer.Context, quote: QuoteArgument, to: ToOption = None, locale: LocaleOption = None) -> None:
    """Write an offer as a page."""
    from dataclasses import replace

    from sfactl.render.quote_document import write_html

    state: AppState = ctx.obj
    offer = _document(state, quote, locale)
    text = io.StringIO()
    write_html(offer, replace(state.output(), stream=text))
    _write(state, text.getvalue().encode(), to)


def _document(state: AppState, quote: str, locale: str | None) -> Any:
    from sfactl.render.formats import require_locale

    with state.read() as session:
        return services.quote_documents.document(session, quote, locale=require_locale(locale))


def _write(state: AppState, content: bytes, to: Path | None) -> None:
    if to is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        return
    files.sweep(to)
    with files.new_file(to, replace=True) as file:
        file.write(content)
    state.note(_("Written to {path}.").format(path=to))


def register(to: typer.Typer) -> None:
    """Hang these commands below `sfactl quote`."""
    to.command(
        "pdf",
        help=_("Write an offer as the customer reads it, as PDF; until it is approved, it is marked as a draft."),
        epilog=tree.examples(
            "sfactl quote pdf Q-000001 --to quote.pdf", "sfactl quote pdf Q-000001 --locale es_ES > q.pdf"
        ),
    )(pdf)
    to.command(
        "html",
        help=_("Write an offer as the customer reads it, as a page for a browser."),
        epilog=tree.examples("sfactl quote html Q-000001 --to quote.html"),
    )(html)
