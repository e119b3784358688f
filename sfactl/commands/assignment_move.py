"""`sfactl assignment move` and `sfactl assignment holdover`."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfactl import files, services
from sfactl.commands import complete, tree
from sfactl.commands.options import (
    IndustryOption,
    OnlyOption,
    SegmentOption,
    TerritoryOption,
    WhereOption,
)
from sfactl.commands.planning import Planning, PlanningCommand, carry_out
from sfactl.commands.state import AppState, as_of_date
from sfactl.i18n import _

if TYPE_CHECKING:
    from sfactl.services.moving_along import Along
    from sfactl.services.plan_making import Planner
    from sfactl.transfer.nouns import Noun
    from sfactl.transfer.source import Source

FileArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="FILE",
        help=_("A CSV file: account,new_owner[,territory][,effective]; - is standard input."),
        show_default=False,
    ),
]
FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="USER", help=_("Only what this person owns."), autocompletion=complete.users),
]
ToOption = Annotated[
    str | None,
    typer.Option("--to", metavar="USER", help=_("To whom the accounts go."), autocompletion=complete.users),
]
ToTerritoryOption = Annotated[
    str | None,
    typer.Option(
        "--to-territory", metavar="TERRITORY", help=_("Where the accounts are to lie."),
        autocompletion=complete.territories,
    ),
]  # fmt: skip
LeaverOption = Annotated[
    str | None,
    typer.Option(
        "--leaver", metavar="USER",
        help=_(
            "All that this person has: accounts, open opportunities and activities, what he is asked to agree to, memberships."
        ),
        autocompletion=complete.users,
    ),
]  # fmt: skip
ToManagerOption = Annotated[bool, typer.Option("--to-manager", help=_("To the leaver's manager."))]
DistributeOption = Annotated[
    bool, typer.Option("--distribute", help=_("To those in each territory who can take it and have the least to do."))
]
UnownedOption = Annotated[bool, typer.Option("--unowned", help=_("Only accounts that nobody owns."))]
FamiliesOption = Annotated[
    bool, typer.Option("--families", help=_("With each account its whole family: those above and below it."))
]
HoldoverOption = Annotated[
    str,
    typer.Option(
        "--holdover", metavar="POLICY",
        help=_("Open opportunities: now (they go along), exempt (they stay), eligible (they stay until a day)."),
    ),
]  # fmt: skip
UntilOption = Annotated[
    str | None,
    typer.Option("--until", metavar="DATE", help=_("With --holdover eligible: the day on which they go.")),
]
ShareOption = Annotated[
    str,
    typer.Option(
        "--share", metavar="SHARE",
        help=_("With --holdover eligible: how much of a sale won meanwhile counts for the new owner: 0.4"),
    ),
]  # fmt: skip
KeepActivitiesOption = Annotated[
    bool, typer.Option("--keep-activities", help=_("Planned activities stay with whoever planned them."))
]
CreditOption = Annotated[
    bool,
    typer.Option(
        "--credit",
        help=_("Orders booked since --effective that were credited to the owner until now go to the new one."),
    ),
]
QuotaOption = Annotated[
    bool,
    typer.Option(
        "--quota",
        help=_(
            "The accounts' part of their owner's quota goes along, for the months of the fiscal year that are left."
        ),
    ),
]
OverdueOption = Annotated[bool, typer.Option("--overdue", help=_("Only those whose time is over."))]

holdover_app = tree.noun(_("Open opportunities that stay with their seller for a time."))


def move(
    ctx: typer.Context,
    file: FileArgument = None,
    from_: FromOption = None,
    to: ToOption = None,
    to_territory: ToTerritoryOption = None,
    leaver: LeaverOption = None,
    to_manager: ToManagerOption = False,
    distribute: DistributeOption = False,
    territory: TerritoryOption = None,
    only: OnlyOption = False,
    segment: SegmentOption = None,
    industry: IndustryOption = None,
    where: WhereOption = None,
    unowned: UnownedOption = False,
    families: FamiliesOption = False,
    holdover: HoldoverOption = "now",
    until: UntilOption = None,
    share: ShareOption = "0",
    keep_activities: KeepActivitiesOption = False,
    credit: CreditOption = False,
    quota: QuotaOption = False,
) -> None:
    """Move accounts."""
    state: AppState = ctx.obj
    asked = Planning.of(ctx)
    along = _along(state, holdover, until, share, keep_activities, credit)
    wanted = services.narrowing.AccountFilter(
        owner=from_, territory=territory, only=only, segment=segment, is_unowned=unowned, industry=industry,
        where=where,
    )  # fmt: skip
    _require_one_way(file, leaver, wanted)
    if file is not None and (to or to_territory):
        from sfactl.errors import UsageFault

        raise UsageFault(
            _("The file says to whom and where each account goes."), _("Leave --to and --to-territory out.")
        )
    options = _said(ctx)
    if file is not None:
        _from_file(state, file, along, asked, options, has_quota=quota)
    elif leaver is not None:
        request: Any = services.leavers.Request(leaver, to, to_manager, distribute, along)
        carry_out(state, "assignment move", _planner(services.leavers.lines, quota), request, asked, options=options)
    else:
        request = services.moves.Request(wanted, to, to_territory, families, along)
        carry_out(state, "assignment move", _planner(services.moves.lines, quota), request, asked, options=options)


def _along(
    state: AppState, holdover: str, until: str | None, share: str, keep_activities: bool, credit: bool
) -> "Along":
    from sfactl.errors import UsageFault
    from sfactl.services.moving_along import Along, Holdover

    try:
        policy = Holdover(holdover)
    except ValueError:
        raise UsageFault(
            _("There is no holdover policy {name}.").format(name=holdover),
            _("Policies: {names}.").format(names=", ".join(Holdover)),
        ) from None
    day = as_of_date(until, state) if until else None
    if day is not None and day <= state.today:
        raise UsageFault(
            _("--until {day} is over already.").format(day=day), _("Name a day to come, or take --holdover now.")
        )
    if (policy is Holdover.ELIGIBLE) != (day is not None):
        raise UsageFault(
            _("--holdover eligible and --until DATE belong together."),
            _("For example: --holdover eligible --until {day} --share 0.4").format(
                day=state.today.replace(year=state.today.year + 1, day=1)
            ),
        )
    share_bp = _share(share)
    if share_bp and policy is not Holdover.ELIGIBLE:
        raise UsageFault(_("--share is for --holdover eligible."), _("Leave one of them out, or add the other."))
    return Along(policy, day, share_bp, not keep_activities, credit)


def _share(text: str) -> int:
    from sfactl.errors import UsageFault

    try:
        share = Decimal(text) * 10_000 if text.isascii() else Decimal(-1)
    except InvalidOperation:
        share = Decimal(-1)
    if not share.is_finite() or not 0 <= share <= 10_000 or share != int(share):
        raise UsageFault(_("{text} is no share.").format(text=text), _("A share lies between 0 and 1: 0.4"))
    return int(share)


def _require_one_way(file: str | None, leaver: str | None, wanted: Any) -> None:
    """Refuse what cannot be meant: a file and filters, a leaver and filters, everything there is."""
    from sfactl.errors import UsageFault

    is_filtered = any(
        (wanted.owner, wanted.territory, wanted.segment, wanted.industry, wanted.where, wanted.is_unowned)
    )
    if sum((file is not None, leaver is not None, is_filtered)) > 1:
        raise UsageFault(
            _("Accounts come from a file, from a leaver or from filters, not from several of these."),
            _("`sfactl assignment move --help` shows examples."),
        )
    if not (file or leaver or is_filtered):
        raise UsageFault(
            _("It is not said which accounts are to move."),
            _(
                "Add filters, for example --from USER, or name a file; all accounts are --territory and the top of the tree."
            ),
        )


def _said(ctx: typer.Context) -> dict[str, Any]:
    """The options that were given, for whoever reads the plan."""
    kept = ("plan", "replace", "yes", "dry_run", "reason", "effective")
    return {name.rstrip("_"): str(value) for name, value in ctx.params.items() if value and name not in kept}


def _planner(planner: "Planner", has_quota: bool) -> "Planner":
    """The planner, or the same with the quota that goes along."""
    return services.quota_moves.taking_quota(planner) if has_quota else planner


def _from_file(
    state: AppState, file: str, along: "Along", asked: Planning, options: dict[str, Any], *, has_quota: bool
) -> None:
    from sfactl.render.imports import FAULT_COLUMNS
    from sfactl.services.move_files import FileRequest
    from sfactl.services.plan_rows import BadFile
    from sfactl.transfer.nouns import REASSIGNMENT

    with source_of(state, file, REASSIGNMENT) as source:
        try:
            request = FileRequest(source, along)
            planner = _planner(services.move_files.lines, has_quota)
            carry_out(state, "assignment move", planner, request, asked, options=options)
        except BadFile as bad:
            state.show(bad.faults, FAULT_COLUMNS)
            raise
        for warning in source.warnings:
            state.note(_("Warning: {text}").format(text=warning))


@contextmanager
def source_of(state: AppState, file: str, noun: "Noun") -> "Iterator[Source]":
    """The file of rows of a noun that is named, or a copy of standard input, which can be read from its beginning."""
    from sfactl.transfer.manifest import file_of

    with state.read() as session:
        currency = services.workspaces.current(session).currency
    if file != "-":
        yield file_of(noun, Path(file), currency=currency)
        return
    with tempfile.TemporaryDirectory(prefix="sfactl-") as folder:
        copy = Path(folder) / "stdin"
        with files.new_file(copy) as target:
            shutil.copyfileobj(sys.stdin.buffer, target)
        yield file_of(noun, copy, currency=currency)


@holdover_app.command(
    "list",
    help=_("List opportunities that stay with their seller for a time, the next to go first."),
    epilog=tree.examples("sfactl assignment holdover list --overdue"),
)
def list_(ctx: typer.Context, overdue: OverdueOption = False) -> None:
    """List holdovers."""
    from sfactl.render.assignments import HOLDOVER_COLUMNS

    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.holdovers.find(session, is_overdue=overdue), HOLDOVER_COLUMNS)


@holdover_app.command(
    cls=PlanningCommand,
    help=_("Let the opportunities go whose time is over: to the owner of their account. For cron, every night."),
    epilog=tree.examples("sfactl assignment holdover expire --yes -q"),
)
def expire(
    ctx: typer.Context,
) -> None:
    """End holdovers."""
    state: AppState = ctx.obj
    asked = Planning.of(ctx)
    request = services.holdovers.ExpireRequest()
    carry_out(state, "assignment holdover expire", services.holdovers.expire_lines, request, asked)
