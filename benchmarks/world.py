"""The data of a run: generated once in its folder, by processes of their own, and found there again."""

import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import PYTHON, SFACTL, clean_environment
from benchmarks.plan import Plan

SMALL = 2000
"""So many accounts are enough where only the start is measured."""


def base(plan: Plan) -> Path:
    """A workspace with territories and a thousand people, and nothing else."""
    return _once(plan, "base.db", _make_base)


def small(plan: Plan) -> Path:
    """The same with a few accounts."""
    return _with_accounts(plan, SMALL)


def full(plan: Plan) -> Path:
    """The same with all the accounts of the run."""
    return _with_accounts(plan, plan.accounts)


def listed(plan: Plan) -> Path:
    """The same with a hundred thousand accounts that one manager sees; he sees a fifth."""
    return _with_accounts(plan, min(plan.accounts, 500_000))


def ordered(plan: Plan) -> Path:
    """A tenth as many accounts as orders, up to a hundred thousand, and the orders."""
    accounts = _with_accounts(plan, min(plan.orders // 10, 100_000))

    def make(path: Path) -> None:
        shutil.copy(accounts, path)
        _generate("orders", path, plan.orders)

    return _once(plan, f"orders-{plan.orders}.db", make)


def stored(plan: Plan, period: str) -> Path:
    """The same with the months of a period stored."""
    orders = ordered(plan)

    def make(path: Path) -> None:
        shutil.copy(orders, path)
        sfactl(path, "report", "snapshot", "--period", period)

    return _once(plan, f"stored-{plan.orders}.db", make)


def selling(plan: Plan) -> Path:
    """All the accounts of the run, a tenth of them with an open opportunity and a planned visit."""
    accounts = full(plan)

    def make(path: Path) -> None:
        shutil.copy(accounts, path)
        _generate("sales", path, plan.accounts)

    return _once(plan, f"selling-{plan.accounts}.db", make)


def moves_file(plan: Plan, count: int) -> Path:
    """So many accounts, each with a new owner, as CSV."""
    return _once(plan, f"moves-{count}.csv", lambda path: _generate("moves", path, count))


def accounts_file(plan: Plan, count: int) -> Path:
    """So many accounts as CSV."""
    return _once(plan, f"accounts-{count}.csv", lambda path: _generate("accounts", path, count))


def _with_accounts(plan: Plan, count: int) -> Path:
    def make(path: Path) -> None:
        shutil.copy(base(plan), path)
        sfactl(path, "import", "account", accounts_file(plan, count))

    return _once(plan, f"accounts-{count}.db", make)


def _make_base(path: Path) -> None:
    folder = path.parent
    _generate("organisation", folder)
    sfactl(path, "init", "--yes")
    for noun in ("territory", "user", "member"):
        sfactl(path, "import", noun, folder / f"{noun}.csv")


def _once(plan: Plan, name: str, make: object) -> Path:
    path = plan.folder / name
    if not path.exists():
        print(f"making {name} …", file=sys.stderr, flush=True)
        part = plan.folder / f"part-{name}"
        part.unlink(missing_ok=True)
        assert callable(make)
        make(part)
        part.rename(path)
    return path


def _generate(*words: object) -> None:
    subprocess.run([PYTHON, "-m", "benchmarks.generate", *map(str, words)], check=True)


def sfactl(database: Path, *words: object) -> None:
    """Run a command on a database, in silence."""
    environment = clean_environment() | {"SFACTL_DATABASE": f"sqlite:///{database}"}
    subprocess.run([SFACTL, *map(str, words), "-q"], check=True, env=environment, stdout=subprocess.DEVNULL)
