"""The mail that tells somebody which accounts come to him and which go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sfactl import i18n
from sfactl.core.money import Money
from sfactl.core.text import safe
from sfactl.i18n import _, ngettext
from sfactl.mail.templating import Body, fill
from sfactl.render.formats import NULL, format_date, format_integer, format_money


@dataclass(frozen=True)
class Moved:
    """One account."""

    code: str
    name: str
    other: str | None
    "From whom it comes, or to whom it goes; nobody when it is empty."
    revenue: Money | None


@dataclass(frozen=True)
class Part:
    """The accounts that come, or those that go."""

    count: int = 0
    revenue: tuple[Money, ...] = ()
    "Yearly, a sum for each currency."
    first: tuple[Moved, ...] = ()


@dataclass(frozen=True)
class Moves:
    """What one person is told."""

    login: str
    name: str
    coming: Part
    going: Part
    effective: date
    made_by: str
    run_key: str
    reason: str | None


def subject(moves: Moves) -> str:
    """The line by which the mail is found in a mailbox."""
    locale = i18n.language()
    return _("Your accounts from {day}: {coming} come, {going} go").format(
        day=format_date(moves.effective, locale), coming=format_integer(moves.coming.count, locale),
        going=format_integer(moves.going.count, locale),
    )  # fmt: skip


def body(moves: Moves) -> Body:
    """What the mail says."""
    locale = i18n.language()
    coming, going = moves.coming, moves.going
    comes = ngettext("{count} account comes to you", "{count} accounts come to you", coming.count)
    goes = ngettext("{count} account goes to somebody else", "{count} accounts go to somebody else", going.count)
    parts = [
        _part(part, title, heading, locale)
        for part, title, heading in ((coming, comes, _("Comes from")), (going, goes, _("Goes to")))
        if part.count
    ]
    intro = _("{person} has changed who works which account from {day} on.").format(
        day=format_date(moves.effective, locale), person=_plain(moves.made_by)
    )
    return fill("moves", {
        "language": locale, "greeting": _("Hello {name},").format(name=_plain(moves.name)), "intro": intro,
        "reason": _("Why: {reason}").format(reason=_plain(moves.reason)) if moves.reason else "", "parts": parts,
        "headings": [_("Account"), _("Name"), _("Annual revenue")],
        "commands": [
            {"what": _("All your accounts:"), "command": f"sfactl assignment list --owner {_plain(moves.login)}"},
            {"what": _("The whole change, for those who may see it:"), "command": f"sfactl plan show {moves.run_key}"},
        ],
        "footer": _("This mail only tells you. Nothing is agreed to by answering it."),
    })  # fmt: skip


def _part(part: Part, title: str, heading: str, locale: str) -> dict[str, Any]:
    rest = part.count - len(part.first)
    others = ngettext("and {count} more", "and {count} more", rest)
    return {
        "title": title.format(count=format_integer(part.count, locale)),
        "revenue": _("Annual revenue: {revenue}").format(revenue=_sums(part.revenue, locale)) if part.revenue else "",
        "other": heading,
        "rows": [
            {
                "code": _plain(each.code), "name": _plain(each.name), "other": _plain(each.other or _("nobody")),
                "revenue": format_money(each.revenue, locale, with_currency=True) if each.revenue else NULL,
            }
            for each in part.first
        ],
        "rest": others.format(count=format_integer(rest, locale)) if rest else "",
    }  # fmt: skip


def _sums(revenue: Sequence[Money], locale: str) -> str:
    return " + ".join(format_money(each, locale, with_currency=True) for each in revenue)


def _plain(text: str) -> str:
    """Text from data on one line, without what a reader obeys."""
    return safe(text, 500)
