"""The text of a manifest that `explain` proposes."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sfactl.core.text import match_key, safe
from sfactl.i18n import _
from sfactl.transfer.matching import words_of
from sfactl.transfer.months import needs_year
from sfactl.transfer.nouns import Kind

if TYPE_CHECKING:
    from sfactl.transfer.explain import Findings

_UNPIVOTED: Final = {"starts on": "@start", "ends on": "@end", "amount": "@value"}
_USUAL: Final = {"member": {"role": "account_manager"}, "activity": {"kind": "task"}}
_STANDING_IN: Final = {
    "code": ("external_id",),
    "external_id": ("code",),
    "login": ("email", "external_id"),
    "name": ("code", "login"),
}
_FIRST_NAMES: Final = ("first name", "given name", "nombre")
_LAST_NAMES: Final = ("last name", "surname", "family name", "apellido", "apellidos")


def quoted(text: str) -> str:
    """A text as a TOML string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def manifest_text(found: "Findings") -> str:
    """The proposal, with a comment where something was guessed or is left to do."""
    lines = [
        "# " + _("Proposed by sfactl import --explain: read it, mend it, then import with it."),
        "# " + _("Every key is explained in docs/importing.md."),
        "",
        "[[source]]",
        f"noun = {quoted(found.match.noun.name)}",
        f"file = {quoted(found.file.removesuffix('.gz'))}",
        *_dialect(found),
        *_unpivot(found),
        "",
        "[source.fields]",
        *_fields(found),
        *_unused(found),
    ]
    return "\n".join(lines) + "\n"


def lacking_fields(found: "Findings") -> list[str]:
    """Required fields that no column looks like."""
    known = _sources(found)
    return [field.key for field in found.match.noun.fields if field.required and field.key not in known]


def _dialect(found: "Findings") -> Iterator[str]:
    sniffed, style = found.sniffed, found.style
    if sniffed.encoding != "utf-8" and not sniffed.has_mark:
        yield _said("encoding", sniffed.encoding, _("guessed"))
    if sniffed.delimiter != ",":
        yield _said("delimiter", "tab" if sniffed.delimiter == "\t" else sniffed.delimiter)
    if sniffed.skip:
        yield f"skip = {sniffed.skip}  # " + _("lines before the header")
    if not found.has_header:
        yield f"columns = [{', '.join(quoted(name) for name in found.cells)}]  # " + _("the file has no header")
    if style.decimal:
        yield _said("decimal", style.decimal)
    if style.thousands:
        yield _said("thousands", style.thousands)
    if found.null:
        yield f"null = [{', '.join(quoted(word) for word in found.null)}]"
    if any(guess.kind == "date" for guess in found.guesses.values()) and found.dates != "iso":
        yield _said("dates", found.dates, _("or month-first: nothing tells") if found.has_open_dates else "")


def _said(key: str, value: str, comment: str = "") -> str:
    return f"{key} = {quoted(value)}" + (f"  # {comment}" if comment else "")


def _unpivot(found: "Findings") -> Iterator[str]:
    if not found.months:
        return
    yield ""
    yield "[source.unpivot]  # " + _("each filled cell of these columns becomes a row")
    yield f"columns = [{', '.join(quoted(name) for name in found.months)}]"
    if any(needs_year(name) for name in found.months):
        column = next((name for name in found.cells if words_of(name) in ("year", "año", "ano", "fiscal year")), None)
        yield f"year = {quoted(column)}" if column else f"year = {found.year}  # " + _("guessed: say the year")
    if all(match_key(name)[:1] in "qt" and match_key(name)[1:2].isdigit() for name in found.months):
        yield 'span = "3 months"'


def _fields(found: "Findings") -> Iterator[str]:
    sources = _sources(found)
    for field in found.match.noun.fields:
        source = sources.get(field.key)
        if source is not None:
            yield f"{field.key} = {source}" + _sample(found, field.key)
        elif field.required:
            yield f'# {field.key} = ""  # ' + _("needed: no column looks like it")


def _sources(found: "Findings") -> dict[str, str]:
    """For each field, what stands behind its equals sign."""
    sources: dict[str, str] = {}
    for key, column in found.match.columns.items():
        sources[key] = (
            quoted(_UNPIVOTED[column]) if column in _UNPIVOTED and found.months else _column(found, key, column)
        )
    noun = found.match.noun
    name = _name_template(found)
    if name and noun.field("name"):
        sources.setdefault("name", name)
    if "starts_on" in sources and noun.field("ends_on"):
        sources.setdefault("ends_on", _next_start(sources))
    for key, word in _USUAL.get(noun.name, {}).items():
        sources.setdefault(key, f"{{ const = {quoted(word)} }}")
    required = {field.key for field in noun.fields if field.required}
    for key, others in _STANDING_IN.items():
        other = next((each for each in others if each in sources), None)
        if key in required and other:
            sources.setdefault(key, sources[other])
    identifier = _identifier(found)
    if "code" in required and identifier:
        sources.setdefault("code", quoted(identifier))
    return sources


def _next_start(sources: dict[str, str]) -> str:
    """The end of a window whose file says only when it starts."""
    key = sources.get("user") or sources.get("territory")
    same = f", key = {key}" if key else ""
    return f'{{ next = {{ column = {sources["starts_on"]}{same}, last = "3 months" }} }}'


def _identifier(found: "Findings") -> str | None:
    """The first column that may tell one row from another."""
    taken = {*found.match.columns.values(), *found.months}
    size = len(found.sniffed.records) - found.has_header
    for name, cells in found.cells.items():
        is_free = name not in taken and "{" not in name and found.guesses[name].kind in ("integer", "text")
        if is_free and len(cells) == size and len(set(cells)) == size:
            return name
    return None


def _column(found: "Findings", key: str, column: str) -> str:
    """A column as a field's source, with its own date format where the file has several."""
    field = found.match.noun.field(key)
    dates = found.guesses[column].dates
    name = quoted(column) if "{" not in column else None
    if field and field.kind is Kind.DATE and dates and found.dates not in dates:
        return f"{{ column = {quoted(column)}, dates = {quoted(dates[0])} }}"
    if field and field.kind is Kind.CHOICE:
        words = sorted(set(found.cells[column]))[:8]
        if not set(words) <= set(field.choices):
            mapped = ", ".join(f"{quoted(word)} = {quoted(_nearest(word, field.choices))}" for word in words)
            return f"{{ column = {quoted(column)}, map = {{ {mapped} }} }}"
    return name or f"{{ column = {quoted(column)} }}"


def _nearest(word: str, choices: tuple[str, ...]) -> str:
    folded = match_key(word).replace(" ", "_").replace("-", "_")
    return next((choice for choice in choices if choice == folded), choices[0])


def _name_template(found: "Findings") -> str | None:
    words = {words_of(name): name for name in found.cells if "{" not in name}
    first = next((words[word] for word in _FIRST_NAMES if word in words), None)
    last = next((words[word] for word in _LAST_NAMES if word in words), None)
    return quoted(f"{{{first}}} {{{last}}}") if first and last else None


def _sample(found: "Findings", key: str) -> str:
    column = found.match.columns.get(key, "")
    cells = found.cells.get(column)
    return f"  # {safe(cells[0], 40)}" if cells else ""


def _unused(found: "Findings") -> Iterator[str]:
    said = " ".join(_sources(found).values())
    used = {name for name in found.cells if quoted(name) in said or f"{{{name}}}" in said}
    rest = [name for name in found.cells if name not in used and name not in found.months]
    if rest:
        yield ""
        yield "# " + _("Not used:")
        for name in rest:
            cells = ", ".join(safe(cell, 30) for cell in list(dict.fromkeys(found.cells[name]))[:3])
            yield f"# {safe(name, 60)} ({found.guesses[name].kind}): {cells}"
