"""What all files of the policy have in common: nothing in them goes unread."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A table of TOML whose keys are all known."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    "Most commands read none of it: how to is worked out when the first file is read."
