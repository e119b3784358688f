"""`sfactl product lint`."""

from collections import Counter
from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.state import AppState
from sfactl.errors import ConditionHolds
from sfactl.i18n import _, ngettext
from sfactl.render.configurations import FINDING_COLUMNS

KindsOption = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="FINDING", help=_("Only this kind of finding. May be given several times.")),
]
FailOption = Annotated[bool, typer.Option("--fail-if-any", help=_("End with exit code 8 when something is found."))]


def lint(ctx: typer.Context, only: KindsOption = None, fail_if_any: FailOption = False) -> None:
    """Look for what is wrong."""
    state: AppState = ctx.obj
    with state.read() as session:
        rows = list(services.catalogue_lint.check(session, only or ()))
    state.show(rows, FINDING_COLUMNS)
    counts = Counter(row.finding for row in rows)
    if counts:
        state.note(", ".join(f"{kind}: {count}" for kind, count in counts.items()))
    if fail_if_any and counts:
        total = counts.total()
        raise ConditionHolds(ngettext("{count} finding.", "{count} findings.", total).format(count=total))


def register(to: typer.Typer) -> None:
    """Hang this command below `sfactl product`."""
    to.command(
        help=_(
            "Find what needs a person: bundles without a valid configuration, options that nobody can choose, that are not "
            "sold or have no price, defaults against the rules, rules that say nothing."
        ),
        epilog=tree.examples("sfactl product lint --fail-if-any", "sfactl product lint --only option-never -o json"),
    )(lint)
