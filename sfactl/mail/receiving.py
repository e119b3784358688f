"""A mail that came in: which of our questions it answers, and what it says. Nothing in it is trusted but its token.

Who sent it does not matter and is not looked at: whoever has the token was told it by us. Whatever the mail holds, reading it
ends, and takes no more than so many parts and bytes.
"""

import hashlib
import re
import secrets
from base64 import b32encode
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from html.parser import HTMLParser
from typing import Final

from sfactl.core.replies import Answer, answer

LARGEST_BYTES: Final = 5_000_000
"""Of one mail; a reply with a larger attachment is not read."""
_MOST_PARTS: Final = 200
_DEEPEST: Final = 20
_LONGEST_TEXT: Final = 200_000
TOKEN_BYTES: Final = 32
_TOKEN: Final = re.compile(r"sfa-([a-z2-7]{52})(?![a-z0-9])", re.IGNORECASE)
_BLOCKS: Final = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol", "hr"})
_EMPTY: Final = frozenset({"br", "hr", "img", "meta", "link", "input", "wbr", "col", "area", "base", "source"})
_UNREAD: Final = frozenset({"script", "style", "head", "title", "template"})


@dataclass(frozen=True)
class Reply:
    """What a mail says."""

    message_id: str
    "Its own, or one made from its bytes where it has none."
    token: str | None
    "The one of ours that it bears."
    answer: Answer
    is_automatic: bool
    "A notice of absence or of non-delivery: nobody reads an answer to it."
    is_bounce: bool = False
    "One of non-delivery."


def new_token() -> str:
    """A token that nobody can guess, in letters and figures that no mail program changes: short enough for a header's line."""
    return b32encode(secrets.token_bytes(TOKEN_BYTES)).decode("ascii").rstrip("=").lower()


def token_text(token: str) -> str:
    """A token as it stands in a mail."""
    return f"sfa-{token}"


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.lower().encode("ascii")).hexdigest()


def read(raw: bytes) -> Reply:
    """What a mail says, whatever it is made of."""
    whole = raw[:LARGEST_BYTES]
    fallback = f"<{hashlib.sha256(raw).hexdigest()}@no-message-id>"
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(whole)
        text = _text_of(message)
        message_id = _header(message, "Message-ID").strip()[:500] or fallback
        token = _token_in(_header(message, "References"), _header(message, "In-Reply-To"), last=True) or _token_in(
            text, _header(message, "Subject")
        )
        return Reply(message_id, token, answer(text), _is_automatic(message), _is_bounce(message))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError):
        return Reply(fallback, None, answer(""), is_automatic=False)


def _header(message: Message, name: str) -> str:
    said = str(message.get(name, "")).replace("\r", "").replace("\n", " ")
    try:
        return str(make_header(decode_header(said)))
    except (ValueError, LookupError, HeaderParseError):
        return said


def _token_in(*texts: str, last: bool = False) -> str | None:
    """The first token in the texts, or the last one of the first text that has any."""
    for text in texts:
        found = _TOKEN.findall(text)
        if found:
            return str(found[-1 if last else 0]).lower()
    return None


def _is_automatic(message: Message) -> bool:
    said = _header(message, "Auto-Submitted").strip().casefold()
    precedence = _header(message, "Precedence").strip().casefold()
    return (
        said not in ("", "no")
        or precedence in ("bulk", "junk", "list", "auto_reply")
        or message.get("X-Autoreply") is not None
        or _is_bounce(message)
    )


def _is_bounce(message: Message) -> bool:
    return message.get_content_type() == "multipart/report"


def _text_of(message: Message) -> str:
    """The text of the mail itself; of its page where it has only that."""
    page = None
    for part in _parts(message):
        kind = part.get_content_type()
        if part.get_content_disposition() == "attachment" or kind not in ("text/plain", "text/html"):
            continue
        text = _decoded(part)
        if kind == "text/plain" and text.strip():
            return text
        page = page or text
    return _text_of_page(page) if page else ""


def _parts(message: Message) -> Iterator[Message]:
    """The parts of a mail, not those of mails that it brings along."""
    left, count = [(message, 0)], 0
    while left and count < _MOST_PARTS:
        part, depth = left.pop(0)
        count += 1
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            if depth < _DEEPEST:
                left = [(each, depth + 1) for each in payload[:_MOST_PARTS] if isinstance(each, Message)] + left
        else:
            yield part


def _decoded(part: Message) -> str:
    raw = part.get_payload(decode=True)
    content = raw[:_LONGEST_TEXT] if isinstance(raw, bytes) else b""
    charset = str(part.get_content_charset() or "utf-8")
    try:
        return content.decode(charset, "replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")


class _Page(HTMLParser):
    """A page as lines; what it quotes begins with `>`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self._unread = 0
        self._quoted: list[str] = []
        "The elements that are open since a quotation began."

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a line; a quotation begins."""
        if tag in _UNREAD:
            self._unread += 1
        classes = dict(attrs).get("class") or ""
        begins = tag == "blockquote" or "gmail_quote" in classes
        if (begins or self._quoted) and tag not in _EMPTY:
            self._quoted.append(tag)
        if tag in _BLOCKS or tag == "blockquote":
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        """A block ends its line; a quotation ends with the element that began it."""
        if tag in _UNREAD:
            self._unread = max(0, self._unread - 1)
        if tag in self._quoted:
            while self._quoted.pop() != tag:
                pass
        if tag in _BLOCKS or tag == "blockquote":
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        """Text that a person sees."""
        if not self._unread:
            text = " ".join(data.split())
            if text:
                start = "> " if self._quoted and not self.lines[-1] else " " if self.lines[-1] else ""
                self.lines[-1] += start + text


def _text_of_page(page: str) -> str:
    reader = _Page()
    reader.feed(page)
    reader.close()
    return "\n".join(line.strip() for line in reader.lines)
