"""A pytest plugin: the command line in this process, with its exit code and what it wrote."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sfactl.cli import main
from tests.workspace import TestWorkspace


@dataclass(frozen=True)
class Result:
    """What one command line came to."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Standard output as JSON."""
        rows: list[dict[str, Any]] = json.loads(self.out)
        return rows


Run = Callable[..., Result]


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No settings of the person who runs the tests."""
    for name in [name for name in os.environ if name.startswith(("SFACTL_", "LC_", "LANG"))]:
        if name != "SFACTL_ADVENTUREWORKS":
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    yield


@pytest.fixture
def sfactl(clean_environment: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line: `sfactl("account", "list")`; `workspace=` and `as_=` say on which data and as whom."""

    def run(*words: str, workspace: TestWorkspace | None = None, as_: str = "ana") -> Result:
        for name in ("SFACTL_DATABASE", "SFACTL_AS"):
            monkeypatch.delenv(name, raising=False)
        for name, value in (workspace.environment(as_) if workspace else {}).items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        code = main(list(words))
        said = capsys.readouterr()
        return Result(code, said.out, said.err)

    return run


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line's clock stands at the small company's day."""
    from sfactl.commands import state
    from tests.organisation import NOW

    monkeypatch.setattr(state, "_now", lambda: NOW)
