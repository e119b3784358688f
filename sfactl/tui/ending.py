"""The system's wish that the program ends, heard between two events.

A signal that raises in the middle of the loop would end it with threads still at work, and wait for them for ever.
"""

import asyncio
import select
import signal
import sys
import threading
from collections.abc import Callable
from typing import Final

_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
HUNG_UP: Final = _CODES[signal.SIGHUP]
LOOK_S: Final = 5.0
"""How often the terminal is looked at."""


def hear(end: Callable[[int], None]) -> Callable[[], None]:
    """Let signals end the program that the running loop is for, and return what makes all as it was.

    Args:
        end: told the exit code; a signal that the caller has ignored, as nohup does, is none.
    """
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in _CODES}
    heard = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in heard:
        loop.add_signal_handler(number, end, _CODES[number])

    def forget() -> None:
        for number in heard:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])

    return forget


def is_hung_up() -> bool:
    """Whether the terminal is gone. Where the signal that says so is ignored, nothing would be read from it for ever."""
    poll = select.poll()
    poll.register(sys.stdin.fileno(), 0)
    return any(said & select.POLLHUP for _terminal, said in poll.poll(0))
