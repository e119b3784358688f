"""A demo workspace: an invented company, brought in through the same door as real data."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from sfactl import files
from sfactl.config import catalogue, policy
from sfactl.db.session import Door
from sfactl.db.url import DatabaseUrl
from sfactl.errors import Conflict, SfaError
from sfactl.i18n import _
from sfactl.services import demo_data, imports, policies, workspace_making
from sfactl.services.demo_world import bundle, offers
from sfactl.transfer.manifest import load_manifest

NAME = "Demo"
CURRENCY = "USD"
ADMINISTRATOR = "you"


@dataclass(frozen=True)
class Demo:
    """Where a demo workspace lies."""

    folder: Path
    settings: Path
    url: DatabaseUrl
    report: imports.Report

    def door(self, today: date) -> Door:
        """The way to its data, as its administrator."""
        return Door(self.url, now=_morning(today), today=today)


def create(folder: Path, *, today: date, replace: bool = False, progress: imports.Progress | None = None) -> Demo:
    """Write the demo's files into a folder and bring them into a database there.

    Raises:
        Conflict: the folder holds something else, or a demo that is not to be replaced.
    """
    folder = folder.absolute()
    url = DatabaseUrl("sqlite", path=folder / "sales.db")
    settings = folder / "config.toml"
    _make_room(folder, settings, replace=replace)
    data = folder / "data"
    files.make_folder(folder)
    demo_data.write_demo_data(data, today=today)
    now = _morning(today)
    workspace_making.create(url, workspace_making.Plan(NAME, CURRENCY, ADMINISTRATOR), policy.default(), now=now)
    door = Door(url, now=now, today=today)
    report = imports.run(door, load_manifest(data / "manifest.toml"), [data], reason="demo", progress=progress)
    if not report.is_done:
        raise SfaError(_("The demo data have {count} faults.").format(count=report.fault_count))
    _set_policy(door, folder / "policy")
    door.write(offers.offer)
    Door(url, as_user=offers.SELLER, now=now, today=today).write(offers.ask)
    files.write_text(settings, f"[profiles.default]\ndatabase = {json.dumps(f'sqlite:///{url.path}')}\n")
    return Demo(folder, settings, url, report)


def _set_policy(door: Door, folder: Path) -> None:
    """Write a policy that differs from the shipped one by catalogue, prices and a gate, and put it in force."""
    files.make_folder(folder)
    files.make_folder(folder / catalogue.FOLDER)
    files.write_text(folder / catalogue.FOLDER / "cold-chain.toml", bundle.CATALOGUE)
    files.write_text(folder / "pricing.toml", offers.PRICING)
    files.write_text(folder / "process.toml", offers.process())
    door.write(policies.apply_and_check, policy.load(folder), reason="demo")


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(8), UTC)


def _make_room(folder: Path, settings: Path, *, replace: bool) -> None:
    """Take an old demo away: only the files that a demo consists of, whatever else may lie beside them."""
    if not folder.exists():
        return
    own = [
        settings, *folder.glob("sales.db*"), *folder.glob("data/*.csv"), folder / "data" / "manifest.toml",
        *folder.glob(f"policy/{catalogue.FOLDER}/*.toml"), folder / "policy" / "pricing.toml",
        folder / "policy" / "process.toml",
    ]  # fmt: skip
    if not settings.exists() and any(folder.iterdir()):
        raise Conflict(
            _("{path} holds other files.").format(path=folder), _("Name an empty folder: sfactl demo FOLDER")
        )
    if settings.exists() and not replace:
        raise Conflict(_("There is a demo in {path} already.").format(path=folder), _("--replace makes it anew."))
    for path in own:
        path.unlink(missing_ok=True)
    for below in ("data", f"policy/{catalogue.FOLDER}", "policy"):
        if (folder / below).is_dir() and not any((folder / below).iterdir()):
            (folder / below).rmdir()
