"""The rules of approval and the forms of the policy: put in force, told, and compared."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select, update

from sfactl.config.approvals_policy import ApprovalRuleEntry
from sfactl.config.forms_policy import FormEntry, FormsFile
from sfactl.core.money import to_minor
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.mail.templating import require_template
from sfactl.models import tables as t
from sfactl.services import naming, policy_settings

if TYPE_CHECKING:
    from sfactl.config.policy import Policy

FORMS: Final = "forms"
_PERCENT: Final = ("discount", "line_discount", "margin")
_COLUMNS: Final = (
    "title", "measure", "lowest", "highest", "currency", "territory_id", "family", "role", "escalation", "step", "quorum",
    "hours",
)  # fmt: skip


@dataclass(frozen=True)
class RuleRow:
    """A rule of approval in force."""

    id: int
    code: str
    title: str
    measure: str
    lowest: int | None
    highest: int | None
    currency: str | None
    family: str | None
    role: str
    escalation: str | None
    step: int
    quorum: int
    hours: int


def rules(session: Session) -> dict[int, RuleRow]:
    """The rules that were ever in force, by key."""
    rule = t.approval_rule.c
    rows = session.execute(
        select(
            rule.id, rule.code, rule.title, rule.measure, rule.lowest, rule.highest, rule.currency, rule.family, rule.role,
            rule.escalation, rule.step, rule.quorum, rule.hours,
        )
    )  # fmt: skip
    return {row.id: RuleRow(*list(row)) for row in rows}


def form(session: Session, code: str) -> FormEntry:
    """A form of the policy in force.

    Raises:
        UsageFault: there is none of the name.
    """
    forms = policy_settings.held(session, FORMS, FormsFile).form
    for each in forms:
        if each.code == code:
            return each
    raise UsageFault(
        _("There is no form {name}.").format(name=code),
        _("Forms: {names}.").format(names=", ".join(each.code for each in forms) or "–"),
    )


def forms(session: Session) -> list[FormEntry]:
    """The forms of the policy in force."""
    return list(policy_settings.held(session, FORMS, FormsFile).form)


def put(session: Session, policy: "Policy") -> None:
    """Put rules and forms in force; a rule that is gone stays for what was agreed by it.

    Raises:
        NotFound: a territory that does not exist.
        UsageFault: a role that does not exist, or a template that cannot be read.
    """
    held = {row.code: row.id for row in session.execute(select(t.approval_rule.c.code, t.approval_rule.c.id))}
    for entry in policy.approvals.rule:
        _require_roles(policy, entry)
        values = _values(session, entry) | {"active": True}
        if entry.code in held:
            session.sql.execute(update(t.approval_rule).where(t.approval_rule.c.id == held[entry.code]).values(values))
        else:
            session.sql.execute(insert(t.approval_rule).values(code=entry.code, **values))
    gone = held.keys() - {entry.code for entry in policy.approvals.rule}
    session.sql.execute(update(t.approval_rule).where(t.approval_rule.c.code.in_(sorted(gone))).values(active=False))
    for each in policy.forms.form:
        _require_templates(each)
    policy_settings.put(session, FORMS, _text(policy.forms))


def _require_roles(policy: "Policy", entry: ApprovalRuleEntry) -> None:
    for role in (entry.role, entry.escalate_to):
        if role is not None and role not in policy.roles:
            raise UsageFault(
                _("approvals.toml: rule {rule}: there is no role {role}.").format(rule=entry.code, role=role),
                _("Roles: {names}.").format(names=", ".join(policy.roles)),
            )


def _require_templates(entry: FormEntry) -> None:
    for name, text in (("subject", entry.subject), ("body", entry.body), *((f.key, f.value) for f in entry.field)):
        require_template(text or "", f"forms.toml: {entry.code}: {name}")


def _values(session: Session, entry: ApprovalRuleEntry) -> dict[str, Any]:
    place = naming.find_id_or_none(session, t.territory, entry.territory)
    lowest = Decimal(1) if entry.measure in ("below_floor", "non_standard") else entry.lowest
    return {
        "title": entry.title or entry.code, "measure": entry.measure, "lowest": _bound(entry, lowest),
        "highest": _bound(entry, entry.to), "currency": entry.currency, "territory_id": place, "family": entry.family,
        "role": entry.role, "escalation": entry.escalate_to, "step": entry.step, "quorum": entry.quorum,
        "hours": entry.hours,
    }  # fmt: skip


def _bound(entry: ApprovalRuleEntry, value: Decimal | None) -> int | None:
    if value is None:
        return None
    if entry.measure == "total":
        return to_minor(value, entry.currency or "")
    return int(value * 100) if entry.measure in _PERCENT else int(value)


def differing(session: Session, policy: "Policy") -> Iterator[tuple[str, str, str | None, str | None]]:
    """What another policy would change: kind, name, now, and then."""
    places = dict(session.execute(select(t.territory.c.id, t.territory.c.code)).all())
    held = {
        row.code: _shown({name: getattr(row, name) for name in _COLUMNS}, places)
        for row in session.execute(select(t.approval_rule).where(t.approval_rule.c.active))
    }
    wanted = {entry.code: _shown(_values(session, entry), places) for entry in policy.approvals.rule}
    yield from _compared("approval", held, wanted)
    said = {each.code: _form_text(each) for each in forms(session)}
    yield from _compared("form", said, {each.code: _form_text(each) for each in policy.forms.form})


def _compared(
    kind: str, held: dict[str, str], wanted: dict[str, str]
) -> Iterator[tuple[str, str, str | None, str | None]]:
    for code in sorted(held.keys() | wanted.keys()):
        if held.get(code) != wanted.get(code):
            yield kind, code, held.get(code), wanted.get(code)


def _shown(values: dict[str, Any], places: dict[int, str]) -> str:
    named = values | {"territory_id": places.get(values["territory_id"] or 0)}
    return ", ".join(f"{name.removesuffix('_id')} {value}" for name, value in named.items() if value is not None)


def _form_text(entry: FormEntry) -> str:
    said: Any = entry.model_dump(mode="json")
    return json.dumps(said, sort_keys=True, ensure_ascii=False)


def _text(said: FormsFile) -> str:
    return json.dumps(said.model_dump(mode="json"), sort_keys=True)
