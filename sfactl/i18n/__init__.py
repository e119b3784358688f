"""The language of what a person reads: English, or Spanish from its catalogue.

`choose` runs before a command's module is imported, so that help texts made at import are already in the language.
Machine output (JSON, CSV) never passes here.
"""

import gettext
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

LANGUAGES = ("en", "es")
LOCALE_DIR = Path(__file__).parent / "locale"
DOMAIN = "sfactl"
NOBODYS = "C"
"""The locale where nothing says one: words as in English, days in figures in the one order that everybody reads alike."""

_catalogue: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def _(message: str) -> str:
    """The message in the chosen language."""
    return _catalogue.gettext(message) if message else ""


def pgettext(context: str, message: str) -> str:
    """The message in the chosen language, where one English word means several things."""
    return _catalogue.pgettext(context, message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """The message for `count` things in the chosen language."""
    return _catalogue.ngettext(singular, plural, count)


def N_(message: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark a message for the catalogue; it is translated later, where it is shown."""
    return message


def language() -> str:
    """The language in use."""
    return _language


def choose(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language asked for: `--lang`, `SFACTL_LANG`, then the locale of the environment; English otherwise."""
    wanted = _flag(arguments) or environment.get("SFACTL_LANG") or _locale(environment)
    return wanted[:2].lower() if wanted[:2].lower() in LANGUAGES else "en"


def install(language: str) -> None:
    """Use the catalogue of `language` from now on, here and in the library that parses the command line."""
    global _catalogue, _language
    _language = language
    if language == "en":
        _catalogue = gettext.NullTranslations()
        return
    _catalogue = gettext.translation(DOMAIN, LOCALE_DIR, [language], fallback=True)
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain(DOMAIN, LOCALE_DIR)
    gettext.textdomain(DOMAIN)


def _flag(arguments: Sequence[str]) -> str:
    for index, word in enumerate(arguments):
        if word == "--":
            break
        if word.startswith("--lang="):
            return word.partition("=")[2]
        if word == "--lang" and index + 1 < len(arguments):
            return arguments[index + 1]
    return ""


def _locale(environment: Mapping[str, str]) -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return environment[name]
    return ""
