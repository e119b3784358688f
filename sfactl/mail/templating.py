"""The bodies of mails from templates: nothing in a template or in data can act, and what is missing is an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sfactl.errors import UsageFault
from sfactl.i18n import _

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


LONGEST_FILLED = 100_000
"""What a template of the policy comes to, at most."""


def require_template(text: str, where: str) -> None:
    """Refuse a template of the policy that cannot be read.

    Raises:
        UsageFault: with the line and what is wrong.
    """
    from jinja2 import TemplateSyntaxError

    try:
        _environment().parse(text)
    except TemplateSyntaxError as fault:
        raise UsageFault(
            _("{where}, line {line}: {reason}.").format(
                where=where, line=fault.lineno, reason=(fault.message or "").rstrip(".")
            )
        ) from None


def fill_text(text: str, values: Mapping[str, Any], where: str) -> str:
    """Fill a template of the policy; what it says stays plain text.

    Args:
        values: as of `fill`.

    Raises:
        UsageFault: it names something that is not there, does what no template may, or comes to too much.
    """
    from jinja2 import TemplateError

    made: list[str] = []
    size = 0
    try:
        for piece in _environment().from_string(text).generate(values):
            size += len(piece)
            if size > LONGEST_FILLED:
                raise UsageFault(_("{where}: the template comes to too much text.").format(where=where))
            made.append(piece)
    except (TemplateError, ArithmeticError, TypeError, ValueError, LookupError, AttributeError) as fault:
        raise UsageFault(
            _("{where}: the template cannot be filled: {reason}.").format(where=where, reason=str(fault).rstrip("."))
        ) from None
    return "".join(made)


@cache
def _environment() -> "ImmutableSandboxedEnvironment":
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(FOLDER), autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
