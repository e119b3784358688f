"""A small company for tests: three levels of territories, a person for each role, and something of everything to sell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from sfactl.config import policy
from sfactl.db.session import Door
from sfactl.db.url import DatabaseUrl
from sfactl.services import imports, workspace_making
from sfactl.transfer.manifest import parse_manifest

TODAY = date(2026, 5, 20)
NOW = datetime(2026, 5, 20, 9, 0, tzinfo=UTC)
BORN = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
"""When the workspace was made."""

ROLES = {
    "ana": "admin", "olga": "sales_ops", "dora": "director", "mike": "district_manager", "sam": "account_manager",
    "nora": "account_manager", "eve": "account_manager", "aldo": "auditor", "cron": "service", "nils": "",
}  # fmt: skip
"""Login and role; nils has none."""

FILES = {
    "territory": """
code,name,parent,kind
WORLD,World,,company
WEST,West,WORLD,region
EAST,East,WORLD,region
SW,Southwest,WEST,territory
NW,Northwest,WEST,territory
NE,Northeast,EAST,territory
""",
    "user": "login,name,email,title,manager,role,active\nana,Ana Admin,ana@x.example,Administrator,,admin,1\n"
    + "".join(
        f"{login},{login.title()} Person,{login}@x.example,Seller,{'dora' if login != 'dora' else ''},{role},1\n"
        for login, role in ROLES.items()
        if login != "ana"
    )
    + "leo,Leo Leaver,leo@x.example,Seller,mike,account_manager,0\n",
    "team": "code,name,territory,lead\nT-WEST,Western team,WEST,mike\nT-EAST,Eastern team,EAST,\n",
    "team-member": "team,user,role,valid_from,valid_to\nT-WEST,sam,closer,2025-01-01,\nT-EAST,eve,,2025-01-01,\n",
    "member": """
territory,user,role,valid_from,valid_to
WORLD,dora,manager,2025-01-01,
WEST,mike,manager,2025-01-01,
SW,sam,account_manager,2025-01-01,
NW,nora,account_manager,2025-01-01,
NE,eve,account_manager,2025-01-01,
SW,nora,account_manager,2025-01-01,2025-06-01
""",
    "account": """
code,name,territory,owner,segment,industry,kind,city,annual_revenue,owned_since
A-SW1,Adobe Tools,SW,sam,Large,Tools,customer,Phoenix,1000000,2025-01-01
A-SW2,Basin Foods,SW,sam,Small,Food,customer,Tucson,2000000,2025-01-01
A-SW3,Canyon Labs,SW,eve,Small,Labs,customer,Mesa,,2025-01-01
A-NW1,Drizzle Coffee,NW,nora,Large,Food,customer,Seattle,5000000,2025-01-01
A-NE1,Elm Hospital,NE,eve,Large,Health,customer,Boston,7000000,2025-01-01
A-NE2,Fjord Shipping,NE,sam,Small,Transport,prospect,Portland,,2025-01-01
A-NO1,Gone Missing,,,Small,Food,prospect,,,2025-01-01
""",
    "contact": """
external_id,account,name,title,email,phone
C-1,A-SW1,Carla Core,Buyer,carla@adobe.example,+1 602 555 0100
C-2,A-NE1,Dieter Door,Chief,dieter@elm.example,
C-3,A-NE2,Edda Elk,Buyer,,
""",
    "product": "code,name,family,unit,active,cost\nP-1,Pump,Pumps,pc,1,40.00\nP-2,Valve,Valves,pc,1,2.50\n",
    "price": "product,price_book,unit_price,valid_from,valid_to\nP-1,standard,100.00,2025-01-01,\nP-2,standard,7.2550,2025-01-01,2026-01-01\nP-2,standard,8.00,2026-01-01,\n",
    "stock": "product,warehouse,quantity,reorder_point,bin,counted_on\nP-1,MAIN,12,5,A1,2026-05-01\nP-2,MAIN,2.5,10,A2,2026-05-01\n",
    "quota": """
user,territory,measure,starts_on,ends_on,amount
sam,SW,revenue,2026-01-01,2026-04-01,1000
nora,NW,revenue,2026-01-01,2026-04-01,2000
eve,NE,revenue,2026-01-01,2026-04-01,500
sam,SW,revenue,2026-04-01,2026-07-01,4000
,SW,revenue,2026-01-01,2026-04-01,1500
""",
    "opportunity": """
code,name,account,seller,stage,amount,close_on,created_on,closed_on
OPP-1,Pumps for Adobe,A-SW1,sam,propose,5000,2026-06-10,2026-04-01,
OPP-2,Valves for Basin,A-SW2,sam,qualify,800,2026-05-01,2026-03-01,
OPP-3,Elm wing,A-NE1,eve,negotiate,9000,2026-06-30,2026-02-01,
OPP-4,Drizzle line,A-NW1,nora,won,2500,2026-03-15,2026-01-10,2026-03-15
OPP-5,Fjord try,A-NE2,sam,lost,400,2026-02-15,2026-01-10,2026-02-15
""",
    "activity": """
external_id,kind,subject,account,opportunity,owner,planned_on,done_on
V-1,call,First call,A-SW1,OPP-1,sam,2026-05-18,2026-05-18
V-2,visit,Visit Elm,A-NE1,OPP-3,eve,2026-05-25,
V-3,task,Clean up,,,nora,2026-05-21,
""",
    "order": """
code,account,seller,territory,booked_on,channel,amount,tax,freight
O-1,A-SW1,sam,SW,2026-01-15,direct,600.00,60.00,5.00
O-2,A-SW2,sam,SW,2026-02-20,direct,400.00,40.00,
O-3,A-SW3,eve,SW,2026-03-10,web,250.50,25.05,
O-4,A-NE1,eve,NE,2026-03-31,direct,249.50,,
O-5,A-NW1,nora,NW,2026-03-20,direct,1999.99,,
O-6,A-NE2,sam,NE,2026-05-05,direct,700.00,,
O-7,A-NO1,,,2026-04-02,web,33.33,,
O-8,A-SW1,sam,SW,2025-02-01,direct,500.00,,
""",
    "order-line": """
order,line,product,quantity,unit_price,discount,amount
O-1,1,P-1,6,100.00,0,600.00
O-2,1,P-1,4,100.00,0,400.00
O-3,1,P-2,34.53,7.2550,0,250.50
O-4,1,P-1,2.495,100.00,0,249.50
O-5,1,P-1,20,100.00,0,1999.99
O-6,1,P-1,7,100.00,0,700.00
O-7,1,P-2,4.1663,8.00,0,33.33
O-8,1,P-1,5,100.00,0,500.00
""",
}


def write_files(folder: Path, files: Mapping[str, str] = FILES) -> str:
    """Write the company's files, or others, and return the manifest that describes them."""
    parts = ['[defaults]\ndecimal = "."\n']
    for noun, text in files.items():
        (folder / f"{noun}.csv").write_text(text.lstrip("\n"), encoding="utf-8")
        header = text.lstrip("\n").splitlines()[0].split(",")
        fields = "\n".join(f'{key} = "{key}"' for key in header)
        parts.append(f'[[source]]\nnoun = "{noun}"\nfile = "{noun}.csv"\n[source.fields]\n{fields}\n')
    return "\n".join(parts)


def create(url: DatabaseUrl, identity: str | None = None) -> None:
    """Make an empty workspace whose administrator is ana."""
    workspace_making.create(url, workspace_making.Plan("Test", "USD", "ana", identity), policy.default(), now=BORN)


def fill(door: Door, folder: Path, files: Mapping[str, str] = FILES) -> None:
    """Bring the company in, or more of it, as its administrator."""
    manifest = parse_manifest(write_files(folder, files), "organisation.toml")
    report = imports.run(door, manifest, [folder])
    assert report.is_done, report.faults
