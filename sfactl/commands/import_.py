"""`sfactl import`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.options import DryRunOption, ReasonOption
from sfactl.commands.progress import reading
from sfactl.commands.state import AppState
from sfactl.i18n import _, ngettext
from sfactl.render.imports import FAULT_COLUMNS, SOURCE_COLUMNS

app = tree.single()

WhatArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="MANIFEST.toml | NOUN FILE", help=_("A manifest, or a noun and its file."), show_default=False
    ),
]
DirectoryOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--dir", "-d", metavar="FOLDER", help=_("Where the manifest's files are; the first that has one counts.")
    ),
]
PartialOption = Annotated[
    bool, typer.Option("--partial", help=_("Take the good rows, and write the others to files that can be mended."))
]
RejectsOption = Annotated[Path, typer.Option("--rejects", metavar="FOLDER", help=_("Where the bad rows go."))]
ExplainOption = Annotated[bool, typer.Option("--explain", help=_("Read an unknown file and propose a manifest."))]
EncodingOption = Annotated[
    str | None, typer.Option("--encoding", metavar="NAME", help=_("utf-8, utf-16, cp1252, latin-1 …"))
]
DelimiterOption = Annotated[
    str | None, typer.Option("--delimiter", metavar="CHARACTER", help=_("Between fields: , ; or tab."))
]
DecimalOption = Annotated[str | None, typer.Option("--decimal", metavar="MARK", help=_("The decimal mark: . or ,"))]
ThousandsOption = Annotated[
    str | None, typer.Option("--thousands", metavar="MARK", help=_("The mark between thousands."))
]
DatesOption = Annotated[
    str | None, typer.Option("--dates", metavar="FORM", help=_("How dates are written: iso, day-first, month-first …"))
]
NullOption = Annotated[
    list[str] | None, typer.Option("--null", metavar="WORD", help=_("A word that stands for nothing."))
]


@app.command(
    help=_("Bring data in: what a manifest describes, or one file of one noun. All rows go in, or none."),
    epilog=tree.examples(
        "sfactl import manifest.toml --dir data",
        "sfactl import account accounts.csv --dry-run",
        "sfactl import --explain unknown.csv > manifest.toml",
        "sfactl import manifest.toml --dir data --partial --rejects mend",
        "sfactl import manifest.toml --dir mend --dir data",
    ),
)
def import_(
    ctx: typer.Context,
    what: WhatArgument,
    directory: DirectoryOption = None,
    partial: PartialOption = False,
    rejects: RejectsOption = Path("rejects"),
    dry_run: DryRunOption = False,
    reason: ReasonOption = None,
    explain: ExplainOption = False,
    encoding: EncodingOption = None,
    delimiter: DelimiterOption = None,
    decimal: DecimalOption = None,
    thousands: ThousandsOption = None,
    dates: DatesOption = None,
    null: NullOption = None,
) -> None:
    """Import files."""
    state: AppState = ctx.obj
    if explain:
        _explain(state, what)
        return
    dialect = {
        "encoding": encoding, "delimiter": delimiter, "decimal": decimal, "thousands": thousands, "dates": dates,
        "null": null,
    }  # fmt: skip
    manifest, folders = _manifest(what, directory or [], {key: value for key, value in dialect.items() if value})
    with reading(state) as progress:
        report = services.imports.run(
            state.door, manifest, folders, is_partial=partial, is_trial=dry_run, reason=reason, rejects=rejects, progress=progress
        )  # fmt: skip
    _tell(state, report, rejects, is_partial=partial, is_trial=dry_run)


def _manifest(what: list[str], folders: list[Path], dialect: dict[str, Any]) -> tuple[Any, list[Path]]:
    from sfactl.errors import UsageFault
    from sfactl.transfer.manifest import load_manifest, manifest_for

    if len(what) == 1:
        path = Path(what[0])
        return load_manifest(path), folders or [path.parent]
    if len(what) != 2:
        raise UsageFault(
            _("An import takes a manifest, or a noun and a file."), _("`sfactl import --help` shows examples.")
        )
    file = Path(what[1])
    return manifest_for(what[0], file, **dialect), [file.parent]


def _explain(state: AppState, what: list[str]) -> None:
    from sfactl.errors import UsageFault
    from sfactl.transfer.explain import explain

    if len(what) != 1:
        raise UsageFault(_("--explain takes one file."), _("For example: sfactl import --explain accounts.csv"))
    found = explain(Path(what[0]))
    state.note(
        _("{file}: {encoding}, delimiter {delimiter!r}, looks like {noun}").format(
            file=found.file, encoding=found.encoding, delimiter=found.delimiter, noun=found.noun
        )
    )
    for note in found.notes:
        state.note(f"  {note}")
    state.say(found.manifest_text)


def _tell(
    state: AppState, report: "services.imports.Report", rejects: Path, *, is_partial: bool, is_trial: bool
) -> None:
    from sfactl.errors import PartlyDone, UsageFault

    for warning in report.warnings:
        state.note(_("Warning: {text}").format(text=warning))
    if report.fault_count and not is_partial:
        state.show(report.faults, FAULT_COLUMNS)
        raise UsageFault(
            ngettext(
                "{count} fault; nothing was changed.", "{count} faults; nothing was changed.", report.fault_count
            ).format(count=report.fault_count),
            _("Mend the files, or take the good rows with --partial."),
        )
    state.show(report.sources, SOURCE_COLUMNS)
    if is_trial:
        state.note(_("This was a trial; nothing was changed."))
    elif not report.changes and not report.fault_count:
        state.note(_("Nothing has changed since the last import."))
    if report.fault_count and not is_trial:
        raise PartlyDone(
            ngettext(
                "{count} fault; its row is in {folder}.",
                "{count} faults; their rows are in {folder}.",
                report.fault_count,
            ).format(count=report.fault_count, folder=rejects),
            _("Mend them there and feed them again: sfactl import … --dir {folder}").format(folder=rejects),
        )
