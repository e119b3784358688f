"""What the policy in force asks of an opportunity that enters a stage, and what is then done by itself."""

import json
from collections.abc import Mapping

from pydantic import BaseModel, Field

from sfactl.config.policy import GateEntry, Policy
from sfactl.db.session import Session
from sfactl.services import policy_settings

NAME = "process"


class StageTerms(BaseModel):
    """What one stage asks for, and what it does by itself."""

    requires: GateEntry = Field(default_factory=GateEntry)
    automatic: list[str] = Field(default_factory=list)


class Terms(BaseModel):
    """The same of all stages, by process and stage; what asks for nothing is left out."""

    stages: dict[str, dict[str, StageTerms]] = Field(default_factory=dict)

    def of(self, process: str, stage: str) -> StageTerms:
        """What a stage asks for and does."""
        return self.stages.get(process, {}).get(stage, StageTerms())


def current(session: Session) -> Terms:
    """What is in force."""
    return policy_settings.held(session, NAME, Terms)


def said(session: Session) -> Mapping[str, str]:
    """What the policy in force says, by dotted name."""
    return policy_settings.by_dotted_name(_text(current(session)))


def saying(policy: Policy) -> Mapping[str, str]:
    """What a policy says, by dotted name."""
    return policy_settings.by_dotted_name(_text(_terms(policy)))


def put(session: Session, policy: Policy) -> None:
    """Put what a policy says in force."""
    policy_settings.put(session, NAME, _text(_terms(policy)))


def _terms(policy: Policy) -> Terms:
    stages = {
        process.code: {
            stage.code: StageTerms(requires=stage.requires, automatic=list(stage.automatic))
            for stage in process.stage
            if stage.automatic or stage.requires != GateEntry()
        }
        for process in policy.processes
    }
    return Terms(stages={code: terms for code, terms in stages.items() if terms})


def _text(terms: Terms) -> str:
    return json.dumps(terms.model_dump(mode="json", exclude_defaults=True), sort_keys=True)
