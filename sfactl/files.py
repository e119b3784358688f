"""Every file that sfactl writes: whole or not there, its owner's alone, and never through a link.

A file is written beside its place under a name that nobody can guess, and takes its own name when it is whole.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final
from uuid import uuid4

from sfactl.errors import Conflict, Unavailable
from sfactl.i18n import N_, _

_BEGINNING: Final = 40
"""So much of its name stands in that of a file in the making."""
NAME_ANOTHER: Final = N_("Name another file.")
_PART: Final = ".part"
_RANDOM: Final = 32 + len(_PART)
_HEX: Final = frozenset("0123456789abcdef")
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def require_free(path: Path, *, replace: bool = False, hint: str | None = None) -> None:
    """Refuse to write where something is that is not to be replaced: only a plain file ever is.

    Raises:
        Conflict: there is a file and `replace` was not said, or a link, a folder, a device or a pipe.
        Unavailable: nobody can tell.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    except OSError as fault:
        raise _unwritable(path, fault) from fault
    if stat.S_ISLNK(found.st_mode):
        raise Conflict(
            _("{path} is a link; nothing is written through one.").format(path=path), hint or _(NAME_ANOTHER)
        )
    if not (replace and stat.S_ISREG(found.st_mode)):
        raise _taken(path, hint)


@contextmanager
def new_file(path: Path, *, replace: bool = False, hint: str | None = None) -> Iterator[BinaryIO]:
    """What is written inside is the file `path` afterwards; if anything goes wrong, all is as it was.

    Args:
        replace: in place of a file that is there.
        hint: what to do when there is one that stays.

    Raises:
        Conflict: as of `require_free`, also when the file came into being meanwhile.
        Unavailable: the file cannot be written.
    """
    with _part_of(path, replace=replace, hint=hint) as (_part, file):
        yield file


@contextmanager
def new_path(path: Path, *, replace: bool = False, hint: str | None = None) -> Iterator[Path]:
    """The same for what opens its file itself: the path, given inside, of an empty file that becomes `path`."""
    with _part_of(path, replace=replace, hint=hint) as (part, _file):
        yield part


def sweep(path: Path) -> None:
    """Take away what killed processes left of a file in the making; for whoever alone writes this file just now.

    A name so long that another file's may begin alike is left alone.
    """
    if len(path.name) > _BEGINNING:
        return
    with suppress(OSError):
        for part in path.parent.iterdir():
            beginning, name = part.name[:-_RANDOM], part.name[-_RANDOM:]
            if beginning == f".{path.name}." and name.endswith(_PART) and set(name.removesuffix(_PART)) <= _HEX:
                part.unlink()


def write_text(path: Path, text: str, *, replace: bool = False) -> None:
    """Write a file of UTF-8, as `new_file` does; what UTF-8 cannot hold becomes a question mark."""
    with new_file(path, replace=replace) as file:
        file.write(text.encode("utf-8", "replace"))


def make_folder(path: Path, *, may_be_link: bool = False) -> None:
    """Make a folder and those above it, if they are not there; a new one is its owner's alone.

    Args:
        may_be_link: for folders that people arrange for themselves, such as that of their settings.

    Raises:
        Conflict: a link or a file is in its place.
        Unavailable: it cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    except FileExistsError:
        raise _taken(path, _("Name another folder.")) from None
    except OSError as fault:
        raise _unwritable(path, fault) from fault
    if path.is_symlink() and not may_be_link:
        raise _taken(path, _("Name another folder."))


def make_empty(path: Path) -> None:
    """Make an empty file where none is; what is there stays, unless it is a link.

    Raises:
        Conflict: a link is in its place.
        Unavailable: it cannot be made.
    """
    try:
        os.close(os.open(path, _NEW, 0o600))
    except FileExistsError:
        if path.is_symlink():
            raise _taken(path, None) from None
    except OSError as fault:
        raise _unwritable(path, fault) from fault


@contextmanager
def _part_of(path: Path, *, replace: bool, hint: str | None) -> Iterator[tuple[Path, BinaryIO]]:
    require_free(path, replace=replace, hint=hint)
    part = path.with_name(f".{path.name[:_BEGINNING]}.{uuid4().hex}{_PART}")
    try:
        with os.fdopen(os.open(part, _NEW, 0o600), "r+b") as file:
            yield part, file
            file.flush()
            os.fsync(file.fileno())
        _put(part, path, replace=replace)
        _sync_folder(path.parent)
    except FileExistsError as fault:
        raise _taken(path, hint) from fault
    except OSError as fault:
        raise _unwritable(path, fault) from fault
    finally:
        with suppress(OSError):
            part.unlink()


def _put(part: Path, path: Path, *, replace: bool) -> None:
    """Give the file its name; without `replace` a name that was taken meanwhile is an error (`FileExistsError`)."""
    if not replace:
        try:
            os.link(part, path)
            return
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if os.path.lexists(path):
                raise FileExistsError(path) from None
    part.replace(path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # a file system that cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _taken(path: Path, hint: str | None) -> Conflict:
    return Conflict(_("{path} is there already.").format(path=path), hint or _(NAME_ANOTHER))


def _unwritable(path: Path, fault: OSError) -> Unavailable:
    return Unavailable(_("{path} cannot be written: {reason}.").format(path=path, reason=fault.strerror))
