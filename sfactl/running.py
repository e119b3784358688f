"""A command line from its words to its exit code; every way to end is here."""

import errno
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from sfactl import i18n
from sfactl.errors import OutputClosed, SfaError
from sfactl.i18n import _

_OF_A_PATH = (errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.EPERM)
"""Why a path that a person named is of no use."""
_ENDINGS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
_received: list[int] = []
"""The code of each signal that asked this command to end.

A library that is interrupted in its work may turn what a signal raises into an error of its own; that error is not told then.
"""
_DEAF = frozenset({"_authorize", "_may_read", "_collection_gced", "__del__", "_remove", "_close_connection"})
"""Functions that are called where what they raise is lost: SQLite takes it for a refusal of the guard, the interpreter or a pool of
connections prints it."""
_LATER_S = 0.001
"""So much work is done before a signal that came there is looked at again: of the processor, since a busy machine gives none for long."""
_put_off: list[int] = []
"""Signals that came where nothing can be raised, and were not raised yet."""


class Interrupted(BaseException):
    """The system asked the program to end."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def run(words: Sequence[str]) -> int:
    """Run one command line; whatever goes wrong becomes a sentence on standard error and a code."""
    before = {number: signal.getsignal(number) for number in (*_ENDINGS, signal.SIGVTALRM)}
    tells_lost, sys.unraisablehook = sys.unraisablehook, _on_lost
    _received.clear()
    _put_off.clear()
    try:
        code = _run(words)
        return _ENDINGS[signal.Signals(_put_off[0])] if _put_off and not _received else code
    except Exception:
        if not _received:
            raise
        return _received[0]
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        sys.unraisablehook = tells_lost
        for number, handler in before.items():
            signal.signal(number, handler)


def _run(words: Sequence[str]) -> int:
    try:
        for number in _ENDINGS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup leaves it
                signal.signal(number, _on_signal)
        signal.signal(signal.SIGVTALRM, _on_later)
        _open_missing_streams()
        i18n.install(i18n.choose(words, os.environ))
        code = _run_tree(list(words))
        sys.stdout.flush()
        return code
    except Interrupted as ending:
        return ending.code
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except SfaError as fault:
        return _tell(fault.message, fault.hint, fault.exit_code)
    except (BrokenPipeError, OutputClosed):
        _close_quietly()
        return 0
    except OSError as fault:
        if fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS):
            return _tell(_("The disk cannot take more: {reason}.").format(reason=fault.strerror), None, 6)
        if fault.filename is not None and fault.errno in _OF_A_PATH:
            message = _("{path} cannot be used: {reason}.").format(path=fault.filename, reason=fault.strerror)
            return _tell(message, _("Check the path."), 2)
        raise


def end_quietly() -> None:
    """Nothing is left to be undone: whoever interrupts from here on ends the process, and sees no traceback."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _open_missing_streams() -> None:
    """A caller may have closed standard output or error; what goes there is then read by nobody."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - open to the end


def _on_signal(number: int, frame: FrameType | None) -> None:
    if _is_deaf(frame):
        _put_off_once(number)
        return
    code = _ENDINGS[signal.Signals(number)]
    _received.append(code)
    if number == signal.SIGINT:  # libraries know it
        raise KeyboardInterrupt
    raise Interrupted(code)


def _put_off_once(number: int) -> None:
    _put_off.append(number)
    signal.setitimer(signal.ITIMER_VIRTUAL, _LATER_S)


def _on_lost(lost: Any) -> None:
    """What a signal raised came where the interpreter can only print it: it is raised again a little later."""
    if isinstance(lost.exc_value, Interrupted | KeyboardInterrupt) and _received:
        code = _received.pop()
        _put_off_once(next(number for number, ending in _ENDINGS.items() if ending == code))
        return
    sys.__unraisablehook__(lost)


def _on_later(_alarm: int, frame: FrameType | None) -> None:
    if _put_off:
        _on_signal(_put_off.pop(0), frame)


def _is_deaf(frame: FrameType | None) -> bool:
    while frame is not None and frame.f_code.co_name not in _DEAF:
        frame = frame.f_back
    return frame is not None


def _tell(message: str, hint: str | None, code: int) -> int:
    if _received:
        return _received[0]
    from sfactl.core.text import safe

    _close_quietly(sys.stdout.flush)
    first, *rest = message.splitlines() or [""]
    print(f"sfactl: {safe(first, 2000)}", file=sys.stderr)
    for line in rest:
        print(f"        {safe(line, 2000)}", file=sys.stderr)
    if hint:
        print(f"        {safe(hint, 2000)}", file=sys.stderr)
    return code


def _close_quietly(flush: Callable[[], None] | None = None) -> None:
    """Keep the interpreter from complaining, at its end, about an output that nobody reads any more."""
    try:
        if flush:
            flush()
            return
    except OSError:
        pass
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run_tree(words: list[str]) -> int:
    import typer

    try:
        result = root().main(args=words, prog_name="sfactl", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except typer.Abort:
        print(file=sys.stderr)
        return 130
    except typer.TyperException as fault:
        return _wrong_usage(fault)


def _wrong_usage(fault: Any) -> int:
    from sfactl.commands.wording import usage_fault

    context = getattr(fault, "ctx", None)
    if context is not None and type(fault).__name__ == "NoArgsIsHelpError":
        print(context.get_help())
        return 0
    message = usage_fault(fault)
    hint = _("`{command} --help` explains it.").format(command=context.command_path) if context else None
    return _tell(message, hint, 2)


def root() -> Any:
    """The tree of commands; a noun's module is loaded when the noun is named."""
    import typer

    from sfactl.root import Root

    app = typer.Typer(
        cls=Root, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=True,
        help=_("Sales operations from a terminal: who works which account, who has reached quota, how a territory does."),
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )  # fmt: skip

    def version(show: bool) -> None:
        if show:
            from sfactl import __version__

            print(f"sfactl {__version__}")
            raise typer.Exit

    def root(
        _version: bool = typer.Option(False, "--version", callback=version, is_eager=True, help=_("Show the version.")),
    ) -> None:
        pass

    app.callback()(root)
    return typer.main.get_command(app)
