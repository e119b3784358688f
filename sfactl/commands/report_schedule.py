"""`sfactl report schedule`."""

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sfactl import files, services
from sfactl.commands import tree
from sfactl.commands.report_options import NameArgument
from sfactl.commands.report_run import output_of, require_sense, watch_of
from sfactl.commands.report_wanted import ReportCommand, Wanted
from sfactl.commands.state import AppState
from sfactl.config.secrets import has_secret
from sfactl.errors import UsageFault
from sfactl.i18n import NOBODYS, _, language

if TYPE_CHECKING:
    from sfactl.core.schedules import Schedule


class Form(StrEnum):
    """Who is to run it."""

    CRON = "cron"
    SYSTEMD = "systemd"


AtOption = Annotated[str | None, typer.Option("--at", metavar="FIELDS", help=_("When, as cron says it: '0 6 * * 1'."))]
DailyOption = Annotated[str | None, typer.Option("--daily", metavar="TIME", help=_("Every day: 06:00."))]
WeeklyOption = Annotated[
    tuple[str, str] | None, typer.Option("--weekly", metavar="DAY TIME", help=_("Every week: mon 06:00."))
]
MonthlyOption = Annotated[
    tuple[str, str] | None, typer.Option("--monthly", metavar="DAY TIME", help=_("Every month: 1 06:00."))
]
FormOption = Annotated[
    Form,
    typer.Option(
        "--format", metavar="FORM", help=_("cron or systemd: lines of a crontab, or a service and its timer.")
    ),
]
IntoOption = Annotated[
    Path | None,
    typer.Option("--into", metavar="FOLDER", help=_("Write the service and the timer as files there, for systemd.")),
]


def schedule(
    ctx: typer.Context,
    report: NameArgument,
    at: AtOption = None,
    daily: DailyOption = None,
    weekly: WeeklyOption = None,
    monthly: MonthlyOption = None,
    form: FormOption = Form.CRON,
    into: IntoOption = None,
) -> None:
    """Print what runs a report again and again."""
    state: AppState = ctx.obj
    wanted = Wanted.of(ctx, report)
    wanted = replace(wanted, to=wanted.to and wanted.to.absolute())
    when = _when(at, daily, weekly, monthly)
    title = _checked(state, wanted)
    words = [*program(), *_words(state, wanted)]
    if form is Form.CRON:
        from sfactl.core.schedule_lines import crontab

        state.say(crontab(when, words, _environment(state), _told(title, wanted)))
    else:
        _show_units(state, wanted.name, when, words, _told(title, wanted), into)


def _when(
    at: str | None, daily: str | None, weekly: tuple[str, str] | None, monthly: tuple[str, str] | None
) -> "Schedule":
    from sfactl.core import schedules

    if sum(each is not None for each in (at, daily, weekly, monthly)) != 1:
        raise UsageFault(_("Say when, once."), _("With --at, --daily, --weekly or --monthly."))
    if at is not None:
        return schedules.parse(at)
    if daily is not None:
        return schedules.daily(daily)
    return schedules.weekly(*weekly) if weekly is not None else schedules.monthly(*(monthly or ("", "")))


def _checked(state: AppState, wanted: Wanted) -> str:
    """The title of the report; refused now is what would be refused each time."""
    from sfactl.commands.report_mailing import recipients_of

    require_sense(wanted)
    _require_no_secret(state, wanted)
    with state.read() as session:
        order = services.reports.ordered(session, wanted.name, wanted.said, state.fields)
        services.reports.asked(session, order, state.settings.locale)
        watch_of(wanted, order)
        recipients_of(session, wanted)
        output_of(state, order, wanted)
    return order.title


def program() -> list[str]:
    """This program by its whole path, so that no search for it is needed."""
    for path in (Path(sys.argv[0]).absolute(), Path(sys.executable).absolute().with_name("sfactl")):
        if path.name == "sfactl" and os.access(path, os.X_OK) and path.is_file():
            return [str(path)]
    return [sys.executable, "-c", "import sys; from sfactl.cli import main; sys.exit(main())"]


def _words(state: AppState, wanted: Wanted) -> list[str]:
    """The command line of `report run` that asks for the same."""
    words = ["report", "run", *_settings(state)]
    for name, text in wanted.said.items():
        words += _option(name, text)
    for name, said in (("to", wanted.to), ("fail-if", wanted.fail_if)):
        words += [f"--{name}", str(said)] if said else []
    words += [f"--{name}" for name, is_said in (
        ("only-if-rows", wanted.only_if_rows), ("only-if-changed", wanted.only_if_changed),
    ) if is_said]  # fmt: skip
    words += ["--max-lag", str(wanted.max_lag)] if wanted.max_lag is not None else []
    words += ["--split-by", "manager"] if wanted.is_split else []
    for each in wanted.mail_to:
        words += ["--mail-to", each]
    return [*words, "--", wanted.name]


def _option(name: str, text: str) -> list[str]:
    if name == "reached":
        return ["--reached" if text == "yes" else "--missed"]
    if name == "only":
        return ["--only"]
    return [f"--{name.replace('_', '-')}={text}"]


def _settings(state: AppState) -> list[str]:
    """What was said of the settings, or stands in the environment, where cron would not find it."""
    settings, origins = state.settings, state.settings.origins
    words = ["-q", "--lang", language()]
    if settings.path.exists():
        words += ["--config", str(settings.path.absolute()), "--profile", settings.profile]
    if origins["database"] in ("flag", "SFACTL_DATABASE"):
        words += ["--database", str(state.door.url)]
    if state.as_user:
        words += ["--as", state.as_user]
    if origins["output"] in ("flag", "SFACTL_OUTPUT"):
        words += ["-o", settings.output]
    return words + (["--fields", ",".join(state.fields)] if state.fields else [])


def _environment(state: AppState) -> Mapping[str, str]:
    """Settings that no option says, where they do not stand in a file."""
    told = {}
    for key, usual in (("locale", NOBODYS), ("time_zone", "UTC"), ("read_url", None), ("max_lag", "60")):
        value, origin = getattr(state.settings, key), state.settings.origins[key]
        if origin in ("default", f"SFACTL_{key.upper()}") and value != usual:
            told[f"SFACTL_{key.upper()}"] = str(value)
    return told


def _require_no_secret(state: AppState, wanted: Wanted) -> None:
    """Refuse what would put a password into a crontab, or what would miss one there.

    Raises:
        UsageFault: a URL of the environment holds one, or the mail server's stands in the environment alone.
    """
    if has_secret(state.database) or has_secret(state.settings.read_url or ""):
        raise UsageFault(
            _("A password does not belong in a crontab."), _("Put it in ~/.pgpass, and name the database without it.")
        )
    mail = state.settings.mail
    if wanted.is_mailed and mail.user and not mail.password_file:
        raise UsageFault(
            _("Cron would not find the password of the mail server."),
            _("Name a file of mode 0600 as `password_file` in [mail]."),
        )


def _told(title: str, wanted: Wanted) -> str:
    """What it does, in a line."""
    where = [said for _key, said in wanted.destinations] or [_("standard output")]
    return _("{title}: to {where}").format(title=title, where=", ".join(where))


def _show_units(
    state: AppState, name: str, when: "Schedule", words: list[str], comment: str, into: Path | None
) -> None:
    from sfactl.core.schedule_lines import service, timer

    units = {
        f"sfactl-{name}.service": service(words, _environment(state), comment),
        f"sfactl-{name}.timer": timer(when, comment),
    }
    for unit, text in units.items():
        if into is None:
            state.say(f"# {unit}\n{text}\n")
        else:
            files.write_text(into / unit, text, replace=True)


def register(to: typer.Typer) -> None:
    """Hang this command below `sfactl report`."""
    to.command(
        "schedule",
        cls=ReportCommand,
        help=_(
            "Print what makes cron or systemd run a report: lines of a crontab that work as they are, or a service and its "
            "timer. It takes the options of `report run`, and refuses what that would refuse."
        ),
        epilog=tree.examples(
            "sfactl report schedule quota-last-quarter --monthly 1 06:00 --mail-to director@example.com",
            "sfactl report schedule attainment --weekly mon 06:00 -o csv --to /srv/reports/attainment.csv",
            "sfactl report schedule overview --at '0 6 * * 1-5' --to /srv/reports/overview.html --format systemd",
        ),
    )(schedule)
