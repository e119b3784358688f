"""Names that somebody may have typed, or planted: each output shows them inert."""

import random
from collections.abc import Iterator

HOSTILE = {
    "markup": "[red]x[/red]",
    "unclosed tag": "[/nope] x",
    "open tag": "[bold",
    "link markup": "[link=https://evil.example]click[/link]",
    "action markup": "[@click=app.quit]Acme[/]",
    "escaped markup": "\\[red]x",
    "emoji code": ":smile: Corp",
    "csi colour": "\x1b[31mred",
    "clear screen": "\x1b[2J\x1b[H",
    "cursor up": "Acme\x1b[1A\x1b[2K",
    "title": "\x1b]0;pwn\x07",
    "osc 8 link": "\x1b]8;;https://evil.example\x1b\\Acme\x1b]8;;\x1b\\",
    "osc 52 clipboard": "\x1b]52;c;cm0gLXJm\x07",
    "device control": "\x1bP+q544e\x1b\\",
    "private message": "\x1b^hidden\x1b\\",
    "status query": "\x1b[6n",
    "shift out": "\x0eAcme",
    "c1 csi": "\x9b31mx",
    "c1 osc": "\x9d0;pwn\x9c",
    "next line": "Acme\x85EVIL",
    "carriage return": "Acme\rEVIL",
    "line end": "Acme\nTotal: 0",
    "dos line end": "Acme\r\nTotal: 0",
    "tab": "Acme\tEVIL",
    "vertical tab": "Acme\x0bEVIL",
    "form feed": "Acme\x0cEVIL",
    "line separator": "Acme\u2028EVIL",
    "paragraph separator": "Acme\u2029EVIL",
    "backspace": "Acme\b\b\b\bEvil",
    "bell": "Acme\x07",
    "delete": "Acme\x7f",
    "nul": "Acme\x00x",
    "bidi override": "Acme \u202etxt.exe",
    "bidi isolate": "Acme \u2066txt\u2069",
    "arabic letter mark": "Acme\u061c",
    "zero width space": "Ac\u200bme",
    "zero width joiner": "Ac\u200dme",
    "word joiner": "Ac\u2060me",
    "byte order mark": "\ufeffAcme",
    "soft hyphen": "Ac\u00adme",
    "tag characters": "Acme\U000e0041",
    "variation selector": "Acme\ufe0f",
    "hangul filler": "\u3164",
    "combining flood": "A" + "\u0301" * 500,
    "enclosing flood": "A" + "\u20dd" * 50,
    "leading mark": "\u0301Acme",
    "lone surrogate": "Ac\udce9me",
    "private use": "Acme\ue000",
    "unassigned": "Acme\U000e0fff",
    "noncharacter": "Acme\uffff",
    "wide": "株式会社" * 20,
    "long word": "x" * 5000,
    "formula": "=1+1",
    "dde formula": "=cmd|' /C calc'!A0",
    "full-width formula": "＝1+1",
    "guarded formula": "'=1+1",
    "quote and comma": 'Acme "Best", S.L.',
    "pipe": "Acme | Best \\| x",
    "html": "<script>alert(1)</script>&amp;",
    "markdown": "![x](https://evil.example) `code` **b**",
    "sql": "'; DROP TABLE account; --",
    "only blanks": "   ",
    "empty": "",
}

_POOL = [
    *map(chr, range(0x180)),
    *"\u0301\u0316\u20dd\u200b\u2028\u202a\u202e\u2066\ufe0f\ufeff\ud800\udce9\ue000\U000e0041\U0001f600株ﾊ",
    *"[]/=:\\|" * 8,
]


def random_texts(count: int) -> Iterator[str]:
    """Random texts full of what terminals, markup and spreadsheets obey; the same ones each time."""
    source = random.Random(4)
    for _number in range(count):
        yield "".join(source.choices(_POOL, k=source.randint(1, 40)))
