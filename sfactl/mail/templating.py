"""The bodies of mails from templates: nothing in a template or in data can act, and what is missing is an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

FOLDER: Final = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class Body:
    """What a mail says, as text and as a page."""

    text: str
    html: str


def fill(name: str, values: Mapping[str, Any]) -> Body:
    """Fill both templates of a name.

    Args:
        values: texts, numbers, and lists and dictionaries of them; never an object.
    """
    environment = _environment()
    text = environment.get_template(f"{name}.txt").render(values)
    return Body(text, environment.get_template(f"{name}.html").render(values))


@cache
def _environment() -> "ImmutableSandboxedEnvironment":
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(FOLDER), autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
