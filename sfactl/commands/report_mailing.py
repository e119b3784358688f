"""Reports by mail: a copy for each reader, in his own scope, put into the outbox together and sent."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sfactl import services
from sfactl.commands.state import AppState
from sfactl.errors import Findings, NotAllowed
from sfactl.i18n import _, ngettext

if TYPE_CHECKING:
    from sfactl.commands.report_wanted import Wanted
    from sfactl.db.session import Door, Session
    from sfactl.services.outbox import Letter
    from sfactl.services.report_conditions import Watch
    from sfactl.services.report_mail import Recipient
    from sfactl.services.reports import Order


def recipients_of(session: "Session", wanted: "Wanted") -> "list[Recipient]":
    """Who gets it by mail."""
    if wanted.is_split:
        return services.report_mail.managers(session)
    return services.report_mail.named(session, wanted.mail_to) if wanted.mail_to else []


def mail(
    state: AppState, reader: "Door", wanted: "Wanted", order: "Order", recipients: "Sequence[Recipient]"
) -> "list[Watch]":
    """Make a copy for each of them, mail what is new, and send what waits of it; returns what was watched for.

    Raises:
        NotAllowed: one of them is somebody for whom whoever runs it may not act; nobody gets anything then.
        Unavailable: the mail server is not to be had; what waits is sent by the next run, or by `outbox send`.
        Findings: the server refused some for good.
    """
    from sfactl.commands.report_run import tell, watch_of

    letters, watches = [], []
    for recipient in recipients:
        watch = watch_of(wanted, order)
        letter = _copy(state, reader, wanted, order, recipient, watch)
        letters += [letter] if letter else []
        watches += [watch] if watch else []
    if empty := len(recipients) - len(letters):
        left = ngettext("{count} reader has no rows.", "{count} readers have no rows.", empty)
        tell(state, left.format(count=empty))
    written = state.write(_put, letters, only_if_changed=wanted.only_if_changed)
    tell(state, ngettext("{count} new mail.", "{count} new mails.", written).format(count=written))
    _send(state, [services.report_mail.about(order, recipient) for recipient in recipients])
    return watches


def _copy(
    state: AppState, reader: "Door", wanted: "Wanted", order: "Order", recipient: "Recipient", watch: "Watch | None"
) -> "Letter | None":
    """The mail to one reader; none where there are no rows and that is asked for."""
    door = state.door_as(recipient.login, reader) if recipient.login else reader
    try:
        with door.read() as session:
            return _letter(state, session, wanted, order, recipient, watch)
    except NotAllowed as refusal:
        if recipient.login is None or recipient.login in refusal.message:
            raise
        said = _("{user}: {what}").format(user=recipient.login, what=refusal.message)
        raise NotAllowed(said, refusal.hint) from refusal


def _letter(
    state: AppState, session: Any, wanted: "Wanted", order: "Order", recipient: "Recipient", watch: "Watch | None"
) -> "Letter | None":
    from sfactl.commands.report_run import output_of
    from sfactl.mail.messages import Attachment
    from sfactl.render.report_mail import MEDIA_TYPES, file_name, summary_of
    from sfactl.render.reports import made

    output = output_of(state, order, wanted)
    report = services.reports.run(session, order, state.settings.locale)
    asked = services.reports.asked(session, order, state.settings.locale)
    with made(watch.over(report) if watch else report, output) as file:
        if wanted.only_if_rows and not file.rows:
            return None
        name = file_name(order.name, asked.period.label if asked.period else None, file.format)
        attachment = Attachment(name, MEDIA_TYPES[file.format], file.content, file.identity)
        again = uuid4().hex if wanted.is_again else ""
        return services.report_mail.letter(
            order, asked, recipient, summary_of(file, name, output), attachment, again=again
        )


def _put(session: "Session", letters: "Sequence[Letter]", *, only_if_changed: bool) -> int:
    if only_if_changed:
        letters = [each for each in letters if not services.report_mail.was_mailed(session, each)]
    return services.report_mail.put(session, letters)


def _send(state: AppState, about: Sequence[str]) -> None:
    """Send what waits of this report, where the settings name a mail server."""
    from sfactl.commands.report_run import tell
    from sfactl.mail import server

    if not state.settings.mail.host:
        tell(state, _("It waits in the outbox: sfactl outbox send"))
        return
    named = server.named(state.settings.mail, os.environ)
    report = services.outbox.send(state.living_door(), named, about=about)
    if report.fault:
        raise report.fault
    if report.failed:
        failed = ngettext(
            "{count} message was refused for good.", "{count} messages were refused for good.", report.failed
        )
        raise Findings(
            failed.format(count=report.failed),
            _("`sfactl outbox list --status failed` shows why; `retry` sends them again."),
        )
