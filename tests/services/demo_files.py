"""The demo company's files as tests read them."""

from __future__ import annotations

import csv
import tomllib
from datetime import date
from pathlib import Path

TODAY = date(2026, 3, 17)

Tables = dict[str, list[dict[str, str]]]


def read_file(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_files(folder: Path) -> Tables:
    """The rows of each noun, from the files that the manifest names."""
    manifest = tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))
    return {entry["noun"]: read_file(folder / entry["file"]) for entry in manifest["source"]}
