"""`sfactl assignment lint`."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer

from sfactl import services
from sfactl.commands import tree
from sfactl.commands.state import AppState
from sfactl.errors import ConditionHolds
from sfactl.i18n import _, ngettext
from sfactl.render.lint import FINDING_COLUMNS

KindsOption = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="FINDING", help=_("Only this kind of finding. May be given several times.")),
]
FailOption = Annotated[bool, typer.Option("--fail-if-any", help=_("End with exit code 8 when something is found."))]


def lint(ctx: typer.Context, only: KindsOption = None, fail_if_any: FailOption = False) -> None:
    """Look for what is wrong."""
    state: AppState = ctx.obj
    counts: Counter[str] = Counter()
    with state.read() as session:
        state.show(_counted(services.lint.check(session, only or ()), counts), FINDING_COLUMNS)
    if counts:
        state.note(", ".join(f"{kind}: {count}" for kind, count in counts.items()))
    if fail_if_any and counts:
        total = counts.total()
        raise ConditionHolds(ngettext("{count} finding.", "{count} findings.", total).format(count=total))


def _counted(rows: Iterable[Any], counts: Counter[str]) -> Iterator[Any]:
    for row in rows:
        counts[row.finding] += 1
        yield row


def register(to: typer.Typer) -> None:
    """Hang this command below `sfactl assignment`."""
    to.command(
        help=_(
            "Find what needs a person: accounts without owner or territory, owners who left or work elsewhere, territories "
            "without manager or members, opportunities left behind, rules that do nothing or tie, what is overdue."
        ),
        epilog=tree.examples(
            "sfactl assignment lint --fail-if-any", "sfactl assignment lint --only owner-left --only rule-tie -o json"
        ),
    )(lint)
