"""What every command that makes a report shares: its options, and what they say together."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import typer
import typer.main

from sfactl.commands import report_options as options
from sfactl.commands import tree
from sfactl.commands.options import AsOfOption, OnlyOption, TerritoryOption
from sfactl.i18n import _

_SAID: Final = "sfactl.report"
"""Where the values of the options are kept while the command line is read."""
_OPTIONS: Final = "sfactl.report.options"
"""Where the options are kept for all commands of one command line."""
_HOW: Final = ("to", "fail_if", "only_if_rows", "only_if_changed", "mail_to", "split_by", "max_lag")
"""Options that say where a report goes and when; all others are the report's own."""


@dataclass(frozen=True)
class Wanted:
    """What was said on the command line."""

    name: str
    said: dict[str, str]
    "Options of the report itself."
    to: Path | None = None
    fail_if: str | None = None
    only_if_rows: bool = False
    only_if_changed: bool = False
    mail_to: tuple[str, ...] = ()
    is_again: bool = False
    is_split: bool = False
    max_lag: int | None = None

    @classmethod
    def of(cls, ctx: typer.Context, name: str) -> "Wanted":
        """What the options of a command that is a `ReportCommand` say of a report."""
        said = dict(ctx.meta.get(_SAID, {}))
        how = {key: said.pop(key, None) for key in _HOW}
        return cls(
            name, said_of(**said | {"only": said.get("only") or None}), how["to"], how["fail_if"], bool(how["only_if_rows"]),
            bool(how["only_if_changed"]), tuple(how["mail_to"] or ()), False, how["split_by"] is not None, how["max_lag"],
        )  # fmt: skip

    @property
    def is_mailed(self) -> bool:
        """Whether somebody gets it by mail."""
        return bool(self.mail_to) or self.is_split

    @property
    def destinations(self) -> list[tuple[str, str]]:
        """Where it goes, in any language and as people say it; one run at a time goes there.

        What is only shown needs no turn.
        """
        found = []
        if self.to is not None:
            path = str(self.to.parent.resolve() / self.to.name)
            found.append((path, path))
        if self.is_mailed:
            readers = ", ".join(self.mail_to) or _("managers")
            key = f"mail {self.name} {' '.join(sorted(self.mail_to))}"
            found.append((key, _("{name} to {readers}").format(name=self.name, readers=readers)))
        return found


class ReportCommand(tree.Command):
    """A command that takes the options of a report too."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its own options, those of every report, and the common ones."""
        params = super().get_params(ctx)
        if _OPTIONS not in ctx.meta:
            ctx.meta[_OPTIONS] = _report_options()
        own = [param for param in params if not getattr(param, "is_common", False) and "--help" not in param.opts]
        return [*own, *ctx.meta[_OPTIONS], *params[len(own) :]]


def _keep(ctx: typer.Context, param: Any, value: Any) -> Any:
    if value is not None:
        ctx.meta.setdefault(_SAID, {})[param.name] = value
    return value


def _report_options() -> list[Any]:
    def said(
        period: options.PeriodOption = None,
        by: options.ByOption = None,
        territory: TerritoryOption = None,
        only: OnlyOption = False,
        user: options.UserOption = None,
        team: options.TeamOption = None,
        measure: options.MeasureOption = None,
        reached: options.ReachedOption = None,
        where: options.WhereOption = None,
        status: options.StatusOption = None,
        days: options.DaysOption = None,
        as_of: AsOfOption = None,
        limit: options.MostOption = None,
        to: options.ToOption = None,
        fail_if: options.FailOption = None,
        only_if_rows: options.OnlyRowsOption = False,
        only_if_changed: options.OnlyChangedOption = False,
        mail_to: options.MailOption = None,
        split_by: options.SplitOption = None,
        max_lag: options.LagOption = None,
    ) -> None:
        pass

    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    app.command()(said)
    made: list[Any] = [option for option in typer.main.get_command(app).params if option.name != "help"]
    for option in made:
        option.expose_value, option.callback = False, _keep
    return made


def said_of(**values: Any) -> dict[str, str]:
    """The options that were said, as text."""
    from sfactl.services.report_options import as_text

    return {name: as_text(value) for name, value in values.items() if value is not None}
