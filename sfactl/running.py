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
_ENDINGS = {signal.SIGTERM: 143, signal.SIGHUP: 129}


class Interrupted(BaseException):
    """The system asked the program to end."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def run(words: Sequence[str]) -> int:
    """Run one command line; whatever goes wrong becomes a sentence on standard error and a code."""
    _open_missing_streams()
    i18n.install(i18n.choose(words, os.environ))
    for number in _ENDINGS:
        signal.signal(number, _on_signal)
    try:
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


def _open_missing_streams() -> None:
    """A caller may have closed standard output or error; what goes there is then read by nobody."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - open to the end


def _on_signal(number: int, _frame: FrameType | None) -> None:
    raise Interrupted(_ENDINGS[signal.Signals(number)])


def _tell(message: str, hint: str | None, code: int) -> int:
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
