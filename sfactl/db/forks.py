"""A connection belongs to the process that opened it.

A forked child has the same socket or file: what it sends, rolls back or closes would happen to its parent. So in the
child no connection of the parent's can be used, and letting go of one does nothing.
"""

import os
from typing import Any
from weakref import WeakSet

_open: WeakSet[Any] = WeakSet()


def belongs_here(raw: Any) -> Any:
    """The connection, of no use to children that this process may have."""
    _open.add(raw)
    return raw


def _leave_to_parent() -> None:
    for raw in list(_open):
        if hasattr(raw, "pgconn"):
            _unplug(raw)
        else:
            _abandon(raw)
    _open.clear()


def _unplug(raw: Any) -> None:
    """Close a connection to a server, which is not told so."""
    if not raw.closed:
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, raw.pgconn.socket)
        os.close(nowhere)
        raw.close()


def _abandon(raw: Any) -> None:
    """Leave a file alone for ever: to close it, even at the end of the process, would undo the parent's transaction."""
    import ctypes

    raw.leave_to_parent()
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(raw))


os.register_at_fork(after_in_child=_leave_to_parent)
