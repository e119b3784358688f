"""Parties to new owners through Tryton's own API, as a user whose access rules are on; with its own history.

`make FILE COUNT` makes a database of parties, `write FILE COUNT` moves so many of them, and prints what did it.
"""

import sys
from pathlib import Path

from trytond import __version__, config

action, path, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
config.set("database", "uri", "sqlite://")
config.set("database", "path", str(path.parent))

from trytond import backend  # noqa: E402 - it reads the configuration when it is imported
from trytond.model import fields  # noqa: E402
from trytond.modules.party import party  # noqa: E402
from trytond.pool import Pool  # noqa: E402
from trytond.transaction import Transaction  # noqa: E402

party.Party.owner = fields.Many2One("res.user", "Owner")
party.Party._history = True
NAME, ADMIN, PEOPLE = path.stem, 1, 10


def make() -> None:
    """A database with parties, people to own them, and a rule about who writes which."""
    with Transaction().start(None, 0, autocommit=True) as transaction:
        transaction.database.create(transaction.connection, NAME)
    with Transaction().start(NAME, 0) as transaction:
        backend.Database(NAME).init()
        transaction.commit()
    Pool(NAME).init(update=["res", "ir"], lang=["en"])
    _activate("party")
    Pool(NAME).init(update=["party"], lang=["en"])
    with Transaction().start(NAME, ADMIN) as transaction:
        _fill()
        transaction.commit()


def _activate(module: str) -> None:
    with Transaction().start(NAME, ADMIN) as transaction:
        modules = Pool().get("ir.module").search([("name", "=", module)])
        Pool().get("ir.module").activate(modules)
        transaction.commit()


def _fill() -> None:
    pool = Pool()
    people = pool.get("res.user").create([{"name": f"s{n}", "login": f"s{n}"} for n in range(PEOPLE)])
    rows = [{"name": f"Party {n}", "owner": people[n % PEOPLE].id, "addresses": None} for n in range(count)]
    pool.get("party.party").create(rows)
    pool.get("ir.rule.group").create([{
        "name": "Parties that have an owner", "model": "party.party", "global_p": True, "perm_write": True,
        "rules": [("create", [{"domain": '[["owner", "!=", null]]'}])],
    }])  # fmt: skip


def write() -> None:
    """Each party to the next person, in one transaction; one call for each new owner."""
    Pool(NAME).init()
    with Transaction().start(NAME, 0):
        people = Pool().get("res.user").search([("login", "like", "s%")], order=[("id", "ASC")])
        writer = people[0].id
    with Transaction().start(NAME, writer, context={"_check_access": True}) as transaction:
        model = Pool().get("party.party")
        keys = [person.id for person in people]
        calls = []
        for place, key in enumerate(keys):
            parties = model.search([("owner", "=", key)], limit=count // PEOPLE) if count else []
            if parties:
                calls += [parties, {"owner": keys[(place + 1) % PEOPLE]}]
        if calls:
            model.write(*calls)
        transaction.commit()
    print(f"Tryton,{__version__},{sum(len(each) for each in calls[::2])}")


{"make": make, "write": write}[action]()
