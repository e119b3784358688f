"""What the command-line library finds wrong, in our words and the person's language."""

from typing import Any

from sfactl.i18n import _


def usage_fault(fault: Any) -> str:
    """One sentence that names what is wrong on the command line."""
    kind = type(fault).__name__
    if kind == "NoSuchOption":
        near = ", ".join(sorted(fault.possibilities or ()))
        text = _("There is no option {name}.").format(name=fault.option_name)
        guess = _("Did you mean {near}?").format(near=near)
        return f"{text} {guess}" if near else text
    if kind == "MissingParameter" and fault.param is not None:
        return _("{name} is missing.").format(name=_name_of(fault.param))
    if kind == "BadParameter" and fault.param is not None:
        return _bad_value(_name_of(fault.param), fault.param, str(fault.message))
    return str(fault.format_message())


def _bad_value(name: str, parameter: Any, message: str) -> str:
    """The library's reasons are English and long; the usual ones are said shortly."""
    if " is not one of " in message:
        choices = message.partition(" is not one of ")[2].replace("'", "").rstrip(".")
        return _("{name} is one of {choices}.").format(name=name, choices=choices)
    if message.startswith("Input should be"):
        return _out_of_range(name, getattr(parameter, "min", None), getattr(parameter, "max", None))
    return _("{name}: {reason}").format(name=name, reason=message)


def _out_of_range(name: str, least: int | None, most: int | None) -> str:
    """What a number has to be, where it has bounds."""
    if least is None:
        return _("{name} does not take this value.").format(name=name)
    if most is None:
        return _("{name} is a whole number, {least} or more.").format(name=name, least=least)
    return _("{name} is a whole number from {least} to {most}.").format(name=name, least=least, most=most)


def _name_of(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    return str(max(parameter.opts, key=len))
