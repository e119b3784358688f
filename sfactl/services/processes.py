"""Which process of which machine left something in the database, and whether it is gone."""

import os
from zlib import crc32


def machine() -> int:
    """A number of 32 bits for this machine."""
    return crc32(os.uname().nodename.encode())


def is_gone(process: int) -> bool:
    """Whether a process of this machine is known not to exist any more."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
