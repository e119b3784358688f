"""Addresses, and whatever else stands in the header of a mail: one thing each, and no second line."""

from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address, HeaderRegistry
from typing import Any, Final

from sfactl.errors import UsageFault
from sfactl.i18n import _

LONGEST_ADDRESS: Final = 254
LONGEST_LINE: Final = 200


@dataclass(frozen=True)
class Mailbox:
    """One address, and the name before it."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """What stands after the sign."""
        return self.address.rpartition("@")[2]

    @property
    def header(self) -> Address:
        """As it stands in a header."""
        return Address(self.name, addr_spec=self.address)


def one_address(text: str) -> str:
    """A plain address, if the text is exactly one.

    Raises:
        UsageFault: it is none, several, or more than an address.
    """
    found = one_mailbox(text)
    if found.address != text:
        raise _no_address(text)
    return text


def is_address(text: str) -> bool:
    """Whether a text is exactly one plain address."""
    try:
        one_address(text)
    except UsageFault:
        return False
    return True


def one_mailbox(text: str) -> Mailbox:
    """An address with or without a name, if the text is exactly one.

    Raises:
        UsageFault: it is none, or several.
    """
    if not is_one_line(text):
        raise _no_address(text)
    try:
        header: Any = HeaderRegistry()("To", text)
        [found] = header.addresses
        mailbox = Mailbox(found.addr_spec, found.display_name)
        is_plain = not header.defects and found.username and found.domain and mailbox.address.isascii()
        if not is_plain or len(mailbox.address) > LONGEST_ADDRESS or any(c in mailbox.address for c in ' <>,;:"()[]\\'):
            raise _no_address(text)
        return Mailbox(mailbox.header.addr_spec, mailbox.name)
    except (ValueError, IndexError, AttributeError, MessageError):
        raise _no_address(text) from None


def is_one_line(text: str) -> bool:
    """Whether a text may stand in a header: nothing in it ends a line, or is unseen."""
    return text.isprintable() and bool(text.strip())


def _no_address(text: str) -> UsageFault:
    return UsageFault(
        _("{address} is not one e-mail address.").format(address=ascii(text[:LONGEST_ADDRESS])),
        _("Exactly one address, in plain letters: name@example.com"),
    )
