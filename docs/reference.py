"""Write docs/commands.md from the program itself: `make reference`; a test keeps the page current."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("commands.md")
HEADING = """# Commands

Made from the program by `make reference`. Every command also takes the common options, before or after its name.
"""


KEYS = """## Keys of the screens

By the names that `[screens.keys]` in the settings file gives other keys to, as in `"app.accounts" = "f3"`.
"""


def page() -> str:
    """The whole page."""
    from sfactl import running

    root: Any = running.root()
    context = root.make_context("sfactl", ["doctor"], resilient_parsing=True)
    text = io.StringIO()
    text.write(HEADING)
    text.write(f"\n## Common options\n\n{_table(_common(root, context))}")
    for word in root.list_commands(context):
        _write(text, root.get_command(context, word), context, f"sfactl {word}")
    text.write(f"\n{KEYS}\n{_keys()}")
    return text.getvalue()


def _keys() -> str:
    """The actions of the screens by name."""
    from sfactl.tui import keys
    from sfactl.tui.app import SalesApp  # noqa: F401 - it has keys of its own

    rows = [(each.id or "", ", ".join(map(keys.said, each.key.split(","))), each.tooltip) for each in keys.actions()]
    lines = ["| action | key | what it does |", "| --- | --- | --- |"]
    lines += [f"| `{name}` | `{key}` | {text} |" for name, key, text in rows]
    return "\n".join(lines) + "\n"


def _write(text: io.StringIO, command: Any, parent: Any, path: str) -> None:
    context = type(parent)(command, info_name=path.rpartition(" ")[2], parent=parent)
    if hasattr(command, "commands"):
        text.write(f"\n## {path}\n\n{command.help}\n")
        for name in command.list_commands(context):
            _write(text, command.get_command(context, name), context, f"{path} {name}")
        return
    level = "##" if path.count(" ") == 1 else "###"
    own = [option for option in command.get_params(context) if not getattr(option, "is_common", False)]
    usage = " ".join(command.collect_usage_pieces(context))
    text.write(f"\n{level} {path}\n\n{command.help}\n\n```\n{path} {usage}\n```\n")
    records = [option.get_help_record(context) for option in own if "--help" not in option.opts]
    rows = [record for record in records if record]
    if rows:
        text.write(f"\n{_table(rows)}")
    if command.epilog:
        lines = command.epilog.replace("\b", "").strip().splitlines()
        shown = "\n".join(line.strip() for line in lines[1:])
        text.write(f"\n{lines[0]}\n\n```sh\n{shown}\n```\n")


def _common(root: Any, context: Any) -> list[tuple[str, str]]:
    return [
        option.get_help_record(context) for option in root.get_params(context) if getattr(option, "is_common", False)
    ]


def _table(rows: list[tuple[str, str]]) -> str:
    lines = ["| option | meaning |", "| --- | --- |"]
    lines += [f"| `{name}` | {text} |" for name, text in ((n, t.replace("|", "\\|")) for n, t in rows)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(f"{PAGE.name}: {PAGE.write_text(page(), encoding='utf-8')} characters\n")
