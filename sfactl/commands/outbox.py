"""The `sfactl outbox` commands."""

import os
from typing import Annotated

import typer

from sfactl import services
from sfactl.commands import complete, tree
from sfactl.commands.options import LimitOption
from sfactl.commands.state import AppState
from sfactl.core.outbox import Status
from sfactl.errors import Findings, UsageFault
from sfactl.i18n import _, ngettext
from sfactl.render.agreements import RECEIVED_COLUMNS
from sfactl.render.outbox import ATTACHMENT_COLUMNS, LINE_COLUMNS, MESSAGE_COLUMNS, TRIED_COLUMNS

app = tree.noun(_("Mail that waits to be sent, and what became of it."))


def _statuses(incomplete: str) -> list[str]:
    return [status for status in Status if status.startswith(incomplete)]


StatusOption = Annotated[
    str | None,
    typer.Option(
        "--status", metavar="STATUS", help=_("queued, sending, sent, failed or cancelled."), autocompletion=_statuses
    ),
]
ToOption = Annotated[
    str | None,
    typer.Option(
        "--to", metavar="TEXT", help=_("Words in the address, or the recipient's login."),
        autocompletion=complete.users,
    ),
]  # fmt: skip
MessageArgument = Annotated[
    str, typer.Argument(metavar="MESSAGE", help=_("The message's code."), autocompletion=complete.messages)
]
MessagesArgument = Annotated[
    list[str],
    typer.Argument(metavar="MESSAGE", help=_("Code of a message; one or several."), autocompletion=complete.messages),
]
SomeMessagesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="MESSAGE", help=_("Code of a message; one or several."), autocompletion=complete.messages),
]
MostOption = Annotated[
    int,
    typer.Option(
        "--limit", "-n", metavar="N", min=0, max=2**31, show_default=False, help=_("Send at most so many; 0 sends all.")
    ),
]
MailboxArgument = Annotated[str, typer.Argument(metavar="MAILBOX", help=_("A path, or imaps://USER@HOST/FOLDER."))]
AllOption = Annotated[bool, typer.Option("--all", help=_("Every message that failed."))]


@app.command(
    "list",
    help=_("List messages, latest first."),
    epilog=tree.examples("sfactl outbox list --status failed", "sfactl outbox list --to lena -n 20 -o json"),
)
def list_(ctx: typer.Context, status: StatusOption = None, to: ToOption = None, limit: LimitOption = 0) -> None:
    """List the outbox."""
    state: AppState = ctx.obj
    with state.read() as session:
        state.show(services.outbox.find(session, status=status, to=to, limit=limit), MESSAGE_COLUMNS)


@app.command(help=_("Show one message with its text."), epilog=tree.examples("sfactl outbox show MSG-7K2QAF3MZT"))
def show(ctx: typer.Context, message: MessageArgument) -> None:
    """Show one message."""
    from sfactl.render.columns import in_full
    from sfactl.render.detail import Section, write_detail

    state: AppState = ctx.obj
    with state.read() as session:
        found = services.outbox.show(session, message)
        files = services.outbox.attachments(session, message)
    attached = Section("attachments", _("Files"), files, ATTACHMENT_COLUMNS)
    text = Section("text", _("Text"), found.text.splitlines(), LINE_COLUMNS)
    write_detail(found, in_full(MESSAGE_COLUMNS), state.output(), (text, *([attached] if files else [])))


@app.command(
    help=_(
        "Send what waits, oldest first: yours, or everybody's where your role says so. Run it from cron; when all is well "
        "and nothing waits, it says nothing."
    ),
    epilog=tree.examples("sfactl outbox send", "sfactl outbox send --limit 200 -o json"),
)
def send(ctx: typer.Context, limit: MostOption = 0) -> None:
    """Send what waits."""
    from sfactl.mail import server

    state: AppState = ctx.obj
    named = server.named(state.settings.mail, os.environ)
    report = services.outbox.send(state.living_door(), named, limit=limit)
    if (report.tried and state.tells) or state.settings.output != "table":
        state.show(report.tried, TRIED_COLUMNS)
    if report.fault:
        waits = ngettext("{count} message waits.", "{count} messages wait.", report.waiting)
        state.note(waits.format(count=report.waiting))
        raise report.fault
    if report.failed:
        failed = ngettext(
            "{count} message was refused for good.", "{count} messages were refused for good.", report.failed
        )
        raise Findings(
            failed.format(count=report.failed),
            _("`sfactl outbox list --status failed` shows why; `retry` sends them again."),
        )


@app.command(
    help=_(
        "Take the answers to our questions out of a mailbox: a file of mails (mbox), a Maildir, or a mailbox on an IMAP server. "
        "Each mail works once; whoever errs is told why by mail."
    ),
    epilog=tree.examples(
        "sfactl outbox receive /var/mail/sales", "sfactl outbox receive imaps://sales@mail.example.com/INBOX"
    ),
)
def receive(ctx: typer.Context, mailbox: MailboxArgument) -> None:
    """Receive answers."""
    from sfactl.mail import mailboxes

    state: AppState = ctx.obj
    door = state.door
    with mailboxes.opened(mailbox, os.environ) as mails:
        rows = services.replies.receive(door, lambda login: state.door_as(login, door), mails)
    if rows or state.settings.output != "table":
        state.show(rows, RECEIVED_COLUMNS)


@app.command(
    help=_("Put messages that failed back in the queue, or let those that wait be tried now."),
    epilog=tree.examples("sfactl outbox retry MSG-7K2QAF3MZT", "sfactl outbox retry --all"),
)
def retry(ctx: typer.Context, messages: SomeMessagesArgument = None, every: AllOption = False) -> None:
    """Put messages back in the queue."""
    state: AppState = ctx.obj
    if bool(messages) == every:
        raise UsageFault(_("Name messages, or say --all."), _("`sfactl outbox list --status failed` shows them."))
    turned = state.write(services.outbox.retry, messages or (), is_all=every)
    said = ngettext("{count} message is in the queue again.", "{count} messages are in the queue again.", len(turned))
    state.note(said.format(count=len(turned)))


@app.command(
    help=_("Send messages never: those that wait, and those that failed."),
    epilog=tree.examples("sfactl outbox cancel MSG-7K2QAF3MZT"),
)
def cancel(ctx: typer.Context, messages: MessagesArgument) -> None:
    """Cancel messages."""
    state: AppState = ctx.obj
    turned = state.write(services.outbox.cancel, messages)
    said = ngettext("{count} message is cancelled.", "{count} messages are cancelled.", len(turned))
    state.note(said.format(count=len(turned)))
