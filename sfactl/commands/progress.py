"""Progress of long work, on standard error, when somebody is looking."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from sfactl.commands.state import AppState

Progress = Callable[[str, int, int], None]


@contextmanager
def reading(state: AppState) -> Iterator[Progress | None]:
    """A bar that follows files as they are read; nothing where nobody looks or `--quiet` was said."""
    if state.is_quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    from sfactl.core.text import safe

    console = Console(stderr=True, no_color=not state.has_color(is_terminal=True))
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(Text(safe(what, 30)).plain, total=total or None)
            bar.update(tasks[what], completed=done)

        yield tell


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was hit meanwhile, for work that ends with the best it has; hit again, it ends the program."""
    told: list[int] = []
    before = signal.getsignal(signal.SIGINT)

    def hear(number: int, frame: FrameType | None) -> None:
        if told and callable(before):
            before(number, frame)
        told.append(number)

    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield lambda: False
        return
    signal.signal(signal.SIGINT, hear)
    try:
        yield lambda: bool(told)
    finally:
        signal.signal(signal.SIGINT, before)
