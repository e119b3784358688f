"""TOML files a person wrote, read so that every error names file, line and key."""

import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from sfactl.config.places import Places
from sfactl.errors import UsageFault
from sfactl.i18n import _

LARGEST_BYTES = 1_000_000

Model = TypeVar("Model", bound=BaseModel)


def read_text(path: Path) -> str:
    """The text of a TOML file, with or without a byte order mark.

    Raises:
        UsageFault: it is missing, unreadable, no regular file, larger than 1 MB or not UTF-8.
    """
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):  # a pipe or device would never end
                raise UsageFault(_("{path} is not a regular file.").format(path=path), _("Check the path."))
            data = file.read(LARGEST_BYTES + 1)
        if len(data) > LARGEST_BYTES:
            raise UsageFault(_("{path} is larger than 1 MB.").format(path=path))
        return data.decode("utf-8-sig")
    except OSError as fault:
        raise UsageFault(
            _("{path} cannot be read: {reason}.").format(path=path, reason=fault.strerror),
            _("Check the path."),
        ) from fault
    except UnicodeDecodeError as fault:
        raise UsageFault(
            _("{path} is not UTF-8 at byte {byte}.").format(path=path, byte=fault.start),
            _("Save the file as UTF-8."),
        ) from fault


def parse(text: str, model: type[Model], *, name: str) -> Model:
    """The model that a TOML text says.

    Args:
        name: what errors call the file.

    Raises:
        UsageFault: with `name:line:` in front, for the first fault of syntax or the first wrong value.
    """
    try:
        return model.model_validate(_values(text, name))
    except tomllib.TOMLDecodeError as fault:
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(fault))
        where = f"{name}:{place[1]}:{place[2]}" if place else name
        what = re.sub(r"\s*\(at .*\)$", "", str(fault))
        raise UsageFault(_("{where}: {what}.").format(where=where, what=what)) from fault
    except ValidationError as fault:
        raise UsageFault(_first_fault(text, name, fault)) from fault


def _values(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except (RecursionError, ValueError) as fault:  # brackets without end, a number of thousands of figures
        raise UsageFault(
            _("{name}: it is nested too deeply, or holds a number that is too long.").format(name=name)
        ) from fault


def load(path: Path, model: type[Model]) -> Model:
    """The model that a TOML file says; errors as of `read_text` and `parse`."""
    return parse(read_text(path), model, name=str(path))


def _first_fault(text: str, name: str, fault: ValidationError) -> str:
    first = fault.errors(include_url=False, include_input=False)[0]
    keys = [part for part in first["loc"] if part != "__root__"]
    line, column = Places(text).find(keys)
    dotted = ".".join(str(key) for key in keys)
    if first["type"] == "extra_forbidden":
        message = _("unknown key `{key}`").format(key=dotted)
    else:
        message = _("`{key}`: {what}").format(key=dotted, what=first["msg"].removeprefix("Value error, "))
    return f"{name}:{line}:{column}: {message}"
