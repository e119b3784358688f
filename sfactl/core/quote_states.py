"""The states of a quote, and which may follow which: one table, looked at by everything that changes one."""

from collections.abc import Mapping
from enum import StrEnum

from sfactl.errors import Conflict
from sfactl.i18n import _


class State(StrEnum):
    """How far an offer has come."""

    DRAFT = "draft"
    "It may be edited freely."
    SUBMITTED = "submitted"
    "People are asked to approve it."
    APPROVED = "approved"
    REJECTED = "rejected"
    RECALLED = "recalled"
    "Whoever submitted it took it back."
    EXPIRED = "expired"
    "Its time is over."
    STALE = "stale"
    "It was changed for the worse after it was submitted or approved."
    SENT = "sent"
    "The customer has it."
    ACCEPTED = "accepted"
    DECLINED = "declined"


ALLOWED: Mapping[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.SUBMITTED, State.EXPIRED, State.DECLINED}),
    State.SUBMITTED: frozenset(
        {State.APPROVED, State.REJECTED, State.RECALLED, State.EXPIRED, State.STALE, State.DECLINED}
    ),
    State.APPROVED: frozenset({State.STALE, State.SENT, State.RECALLED, State.EXPIRED, State.DECLINED}),
    State.REJECTED: frozenset({State.DRAFT, State.EXPIRED, State.DECLINED}),
    State.RECALLED: frozenset({State.DRAFT, State.EXPIRED, State.DECLINED}),
    State.STALE: frozenset({State.SUBMITTED, State.RECALLED, State.EXPIRED, State.DECLINED}),
    State.SENT: frozenset({State.ACCEPTED, State.DECLINED, State.EXPIRED}),
    State.ACCEPTED: frozenset({State.SENT}),
    State.EXPIRED: frozenset(),
    State.DECLINED: frozenset(),
}
"""What may follow each state. An accepted quote is sent again when its order is cancelled."""

EDITABLE = frozenset({State.DRAFT, State.SUBMITTED, State.APPROVED, State.REJECTED, State.RECALLED, State.STALE})
"""States in which a quote may still be changed; afterwards there are revisions."""

AGREED = frozenset({State.APPROVED, State.SENT, State.ACCEPTED})
"""States in which an offer may leave the house; in all others its document is marked."""

OPEN = frozenset(State) - {State.ACCEPTED, State.DECLINED, State.EXPIRED}
"""States that end by themselves when the quote's time is over."""


SETTLED = frozenset(State) - {State.DRAFT, State.SUBMITTED}
"""States in which nobody is asked to agree any more."""

UNASKED = frozenset({State.RECALLED, State.DECLINED, State.EXPIRED})
"""States in which other areas need not answer what they were asked, either."""


def after_edit(state: State, *, is_worse: bool) -> State:
    """The state of a quote once it is changed.

    Args:
        is_worse: the change asks more of those who agree than what they agreed to.
    """
    if state in (State.REJECTED, State.RECALLED):
        return State.DRAFT
    if is_worse and state in (State.SUBMITTED, State.APPROVED):
        return State.STALE
    return state


def require(code: str, state: State, to: State) -> None:
    """Refuse a change of state that is not in the table."""
    if to not in ALLOWED[state]:
        hint = hint_for(code, state)
        if to is State.RECALLED and state in EDITABLE:
            hint = _("Change it with sfactl quote edit {quote}.").format(quote=code)
        raise Conflict(_("{quote} is {state}; {rule}.").format(quote=code, state=word(state), rule=_rule(to)), hint)


def _rule(to: State) -> str:
    """From where a quote comes to a state."""
    return {
        State.DRAFT: _("only a rejected or recalled quote is a draft again"),
        State.SUBMITTED: _("only a draft, or a quote that was changed, rejected or recalled, is submitted"),
        State.APPROVED: _("only a submitted quote is approved"),
        State.REJECTED: _("only a submitted quote is rejected"),
        State.RECALLED: _("only a quote that was submitted or approved is taken back"),
        State.SENT: _("only an approved quote is sent"),
        State.ACCEPTED: _("only a quote that the customer has is accepted"),
        State.STALE: _("only a submitted or approved quote is changed so"),
        State.EXPIRED: _("it is done with"), State.DECLINED: _("it is done with"),
    }[to]  # fmt: skip


def require_editable(code: str, state: State) -> None:
    """Refuse to change a quote that the customer has, or that is done with."""
    if state not in EDITABLE:
        raise Conflict(
            _("{quote} is {state} and is not changed any more.").format(quote=code, state=word(state)),
            hint_for(code, state),
        )


def hint_for(code: str, state: State) -> str | None:
    """The next command, for somebody who meets a quote in a state that does not let him go on."""
    if state in (State.DRAFT, State.STALE, State.REJECTED, State.RECALLED):
        return _("Submit it with sfactl quote submit {quote}.").format(quote=code)
    if state is State.SUBMITTED:
        return _("sfactl quote approvals {quote} tells who must agree.").format(quote=code)
    if state is State.APPROVED:
        return _("Send it with sfactl quote send {quote}.").format(quote=code)
    return _("Make a new revision with sfactl quote revise {quote}.").format(quote=code)


def word(state: State) -> str:
    """A state in the language of the person."""
    return {
        State.DRAFT: _("a draft"), State.SUBMITTED: _("submitted"), State.APPROVED: _("approved"),
        State.REJECTED: _("rejected"), State.RECALLED: _("recalled"), State.EXPIRED: _("expired"),
        State.STALE: _("changed since it was submitted"), State.SENT: _("sent"), State.ACCEPTED: _("accepted"),
        State.DECLINED: _("declined"),
    }[state]  # fmt: skip
