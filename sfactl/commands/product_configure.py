"""`sfactl product configure` and `check`: a bundle put together for what is needed, or by hand."""

import sys
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.needs import NeedOption, WithOption, WithoutOption, amounts, needs_of
from sfactl.commands.options import AsOfOption
from sfactl.commands.state import AppState, as_of_date
from sfactl.errors import Findings, UsageFault
from sfactl.i18n import _
from sfactl.render.columns import Column
from sfactl.render.configurations import (
    ATTRIBUTE_COLUMNS,
    CHANGE_COLUMNS,
    CHOICE_COLUMNS,
    CONFLICT_COLUMNS,
    IMPOSSIBLE_COLUMNS,
    POSSIBLE_COLUMNS,
    REASON_COLUMNS,
    VERDICT_COLUMNS,
    configuration_columns,
)
from sfactl.render.detail import Section, write_detail
from sfactl.render.formats import format_discount
from sfactl.render.output import Format


class Prefer(StrEnum):
    """What makes one configuration better than another."""

    COST = "cost"
    MARGIN = "margin"
    FEWEST = "fewest"


BundleArgument = Annotated[
    str, typer.Argument(metavar="BUNDLE", help=_("Code or name of a bundle."), autocompletion=complete.bundles)
]
PreferOption = Annotated[
    Prefer | None,
    typer.Option("--prefer", help=_("The lowest price, the best margin, or the fewest pieces."), show_default="cost"),
]
SecondsOption = Annotated[
    int | None,
    typer.Option(
        "--at-most-seconds", metavar="N", min=1, max=3600,
        help=_("Then the best found so far is shown, and said not to be proven; solver_seconds of the settings."),
    ),
]  # fmt: skip
FromOption = Annotated[
    str | None, typer.Option("--from", metavar="-", help=_("Read what is wanted from standard input, as JSON."))
]
ChooseOption = Annotated[
    list[str] | None,
    typer.Option(
        "--choose", metavar="OPTION=N", help=_("So many of an option; FEATURE:OPTION=N where several features have it."),
        autocompletion=complete.products,
    ),
]  # fmt: skip


def configure(
    ctx: typer.Context,
    bundle: BundleArgument,
    need: NeedOption = None,
    with_: WithOption = None,
    without: WithoutOption = None,
    prefer: PreferOption = None,
    at_most_seconds: SecondsOption = None,
    from_: FromOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Configure a bundle."""
    state: AppState = ctx.obj
    day = as_of_date(as_of, state)
    chosen = str(prefer) if prefer else None
    if from_ is not None:
        wanted, asked = _wishes_read(from_, need, with_, without)
        chosen = chosen or asked
    elif need or with_ or without or not _is_somebody_there():
        wanted = needs_of(need, with_, without)
    else:
        wanted = _ask(state, bundle)
    with state.read() as session:
        try:
            found = services.configuring.configure(
                session, bundle, wanted, prefer=chosen or "cost", prices=services.catalogue.Prices(day=day),
                seconds=_seconds(state, at_most_seconds),
            )  # fmt: skip
        except services.configuring.Impossible as fault:
            _show_impossible(state, fault)
            raise
        columns = configuration_columns(with_cost=session.actor.may("cost.read"))
    _show(state, found, columns)
    if not found.is_proven:
        told = _("The time was not enough to prove that nothing is better: {gap} may be, at most. More of it: {flag}")
        state.note(told.format(gap=format_discount(found.gap, state.output().locale), flag="--at-most-seconds 60"))


def _show(state: AppState, found: Any, columns: Sequence[Column]) -> None:
    """A configuration with all about it; where a row a line is asked for, its choices."""
    output = state.output()
    if output.format in (Format.CSV, Format.JSONL):
        state.show(found.choices, CHOICE_COLUMNS)
        return
    sections = (
        Section("choices", _("Choices"), found.choices, CHOICE_COLUMNS),
        Section("attributes", _("Adds up to"), found.attributes, ATTRIBUTE_COLUMNS),
    )
    if found.is_proven and output.has_notes and not output.fields:
        columns = [column for column in columns if column.key != "gap"]
    write_detail(found, columns, output, sections)


def _show_impossible(state: AppState, fault: Any) -> None:
    """Why there is none, for a program; a person reads it in the error."""
    output = state.output()
    if output.format is Format.JSON:
        sections = (
            Section("reasons", _("Why"), fault.reasons, REASON_COLUMNS),
            Section("needs", _("How much is possible"), fault.needs, POSSIBLE_COLUMNS),
        )
        write_detail(fault, IMPOSSIBLE_COLUMNS, output, sections)


def check(
    ctx: typer.Context,
    bundle: BundleArgument,
    choose: ChooseOption = None,
    need: NeedOption = None,
    at_most_seconds: SecondsOption = None,
    from_: FromOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Check a configuration that was made by hand."""
    state: AppState = ctx.obj
    needs, choices = amounts(need, "--need"), amounts(choose, "--choose")
    if from_ is not None:
        said = _read_wishes(from_)
        needs, choices = _milli(said.needs) | needs, _milli(said.choices) | choices
    prices = services.catalogue.Prices(day=as_of_date(as_of, state))
    with state.read() as session:
        found = services.configuring.check(
            session, bundle, choices, needs=needs, prices=prices, seconds=_seconds(state, at_most_seconds)
        )
    output = state.output()
    is_told = found.reasons or not output.has_notes
    write_detail(found, VERDICT_COLUMNS if is_told else VERDICT_COLUMNS[:-1], output, _about(found))
    if not found.is_valid:
        told = "\n".join(f"- {each.message} ({', '.join(each.choices)})" for each in found.conflicts)
        raise Findings(
            _("This is no valid configuration of {bundle}:\n{reasons}").format(bundle=found.bundle, reasons=told),
            _("The change above mends it.") if found.changes else _("No change of quantities mends it."),
        )


def _about(found: Any) -> tuple[Section, ...]:
    """What is to be said of a configuration made by hand."""
    unneeded = _("It needs no change.") if found.is_valid else _("No change of quantities mends it.")
    return (
        Section(
            "conflicts", _("What it is against"), found.conflicts, CONFLICT_COLUMNS, empty=_("It keeps every rule.")
        ),
        Section("changes", _("The smallest change that mends it"), found.changes, CHANGE_COLUMNS, empty=unneeded),
        Section("choices", _("Choices"), found.choices, CHOICE_COLUMNS, empty=_("Nothing is chosen.")),
    )


def _seconds(state: AppState, said: int | None) -> float:
    text = state.settings.solver_seconds
    if said is None and not (text.isascii() and text.isdigit() and 0 < len(text) < 5):
        raise UsageFault(
            _("{text} is no number of seconds.").format(text=text),
            _("For example: {example}").format(example="solver_seconds = 10"),
        )
    return float(said or int(text))


def _is_somebody_there() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _read_wishes(source: str) -> Any:
    """What standard input says.

    Raises:
        UsageFault: something else than standard input is named, or it is no such JSON.
    """
    from sfactl.config import wishes as said

    if source != "-":
        raise UsageFault(
            _("{source} is not read.").format(source=source), _("Write --from - and send the JSON to standard input.")
        )
    return said.parse(sys.stdin.read(said.MOST_CHARACTERS + 1))


def _milli(amounts: dict[str, Decimal]) -> dict[str, int]:
    return {name: int(amount * 1000) for name, amount in amounts.items()}


def _wishes_read(
    source: str, need: list[str] | None, with_: list[str] | None, without: list[str] | None
) -> tuple[Any, str | None]:
    """What standard input says, and the flags above it."""
    said, flags = _read_wishes(source), needs_of(need, with_, without)
    including = {name: None if each is None else int(each * 1000) for name, each in said.including.items()}
    merged = services.configuring.Wishes(
        _milli(said.needs) | dict(flags.needs), including | dict(flags.including), (*said.without, *flags.excluding)
    )
    return merged, said.prefer


def _ask(state: AppState, bundle: str) -> Any:
    """Ask a person what is needed, and then feature by feature which options are wanted; an empty answer leaves it open."""
    with state.read() as session:
        found = services.catalogue.read(session, services.catalogue.bundle_id(session, bundle))
    needs: list[str] = []
    for name in sorted({name for each in found.attributes.values() for name in each}):
        answer = _answer(_("How much {name} is needed? (Enter: it does not matter)").format(name=name))
        needs += [f"{name}={answer}"] if answer else []
    wanted: list[str] = []
    unwanted: list[str] = []
    for feature in found.features:
        state.note("")
        state.note(f"{feature.name}:")
        for option in feature.options:
            state.note(f"  {option.product}  {option.name}")
        answer = _answer(_("Which? OPTION or OPTION=3, with -OPTION for never (Enter: the best fit)"))
        for word in answer.replace(",", " ").split():
            (unwanted if word.startswith("-") else wanted).append(word.removeprefix("-"))
    return needs_of(needs, wanted, unwanted)


def _answer(question: str) -> str:
    return str(typer.prompt(question, default="", show_default=False, err=True)).strip()


def register(to: typer.Typer) -> None:
    """Hang these commands below `sfactl product`."""
    to.command(
        help=_("Put a bundle together for what is needed: the best valid configuration, always the same one."),
        epilog=tree.examples(
            "sfactl product configure COLD-CHAIN --need sensors=40 --with SV-PLS",
            "sfactl product configure COLD-CHAIN --need litres=2000 --prefer fewest -o json",
        ),
    )(configure)
    to.command(
        help=_("Check a configuration made by hand: what it is against, and the smallest change that mends it."),
        epilog=tree.examples("sfactl product check COLD-CHAIN --choose MR-220=2 --choose TS-20=4"),
    )(check)
