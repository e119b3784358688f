"""`forms.toml`: what other areas are asked about an offer, and how the mail reads."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sfactl.config.strict import Strict


class FieldEntry(Strict):
    """A line of a form: something that is told, or something that is asked."""

    key: str = Field(min_length=1, max_length=64, pattern="^[a-z][a-z0-9_]*$")
    label: str = Field(min_length=1, max_length=200)
    value: str | None = Field(default=None, max_length=2000)
    "A template over the quote; a line without one is asked."
    required: bool = False
    "Nobody says yes without an answer to it."
    kind: Literal["text", "date", "number", "choice"] = "text"
    "What may be answered: `core/form_values.Kind`."
    choices: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(default_factory=list, max_length=50)
    "What can be chosen."

    @model_validator(mode="after")
    def _is_asked(self) -> "FieldEntry":
        if self.required and self.value is not None:
            raise ValueError(f"field {self.key} is told, not asked: it cannot be required")
        if self.kind != "text" and self.value is not None:
            raise ValueError(f"field {self.key} is told, not asked: it has no kind")
        return self

    @model_validator(mode="after")
    def _has_choices(self) -> "FieldEntry":
        if bool(self.choices) != (self.kind == "choice"):
            raise ValueError(f'field {self.key}: kind = "choice" and choices go together')
        if len({each.casefold() for each in self.choices}) != len(self.choices):
            raise ValueError(f"field {self.key} has one of its choices twice")
        return self


class FormEntry(Strict):
    """A question to an area about an offer."""

    code: str = Field(pattern="^[a-z][a-z0-9-]{0,62}$")
    title: str = Field(min_length=1, max_length=200)
    on: Literal["submit", "demand"] = "demand"
    "Sent when a quote is submitted, or when somebody asks for it."
    to: list[str] = Field(default_factory=list, max_length=20)
    "Addresses, logins, or `role:CODE` for those of the quote's territory or the next above."
    answers: Literal["first", "each"] = "first"
    "Whether the first answer is that of all who were asked, or each of them answers."
    subject: str = Field(min_length=1, max_length=400)
    body: str = Field(default="", max_length=20_000)
    field: list[FieldEntry] = Field(default_factory=list, max_length=50)
    attach: list[Literal["json", "csv", "pdf"]] = Field(default_factory=list)
    hours: int = Field(default=48, ge=1, le=10_000)
    lines: bool = True
    "Whether the mail shows the lines of the quote."
    stock: bool = False
    "Whether it shows what is there of each product."

    @model_validator(mode="after")
    def _names_somebody(self) -> "FormEntry":
        keys = [each.key for each in self.field]
        if len(set(keys)) != len(keys):
            raise ValueError(f"form {self.code} has two fields of one key")
        if not self.to and self.code != APPROVAL:
            raise ValueError(f"form {self.code} names nobody under `to`")
        return self


APPROVAL = "approval"
"""The form of the mail that asks for agreement: to whom it goes, the rules say."""


class FormsFile(Strict):
    """`forms.toml`."""

    form: list[FormEntry] = Field(default_factory=list)

    @model_validator(mode="after")
    def _each_once(self) -> "FormsFile":
        codes = [form.code for form in self.form]
        for code in codes:
            if codes.count(code) > 1:
                raise ValueError(f"two forms are called {code}")
        return self
