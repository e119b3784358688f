"""A real bill of materials as a catalogue: every assembly is a bundle, and is configured to just what it is made of."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sfactl.config import policy
from sfactl.db import url
from sfactl.db.session import Door
from sfactl.services import catalogue_lint, configuring, imports, workspace_making
from sfactl.services.configuring import Wishes
from sfactl.transfer.manifest import parse_manifest

pytestmark = pytest.mark.adventureworks
Parts = dict[str, dict[str, int]]
"""Assembly to component to thousandths, by product number."""
ASSEMBLIES, COMPONENTS = 238, 2383


@pytest.fixture(scope="module")
def data() -> Path:
    """The folder of the data; without it these tests are skipped by name."""
    folder = os.environ.get("SFACTL_ADVENTUREWORKS")
    if not folder:
        pytest.skip("SFACTL_ADVENTUREWORKS names no folder")
    return Path(folder)


@pytest.fixture(scope="module")
def parts(data: Path) -> Parts:
    """What each assembly is made of today."""
    numbers = {row["ProductID"]: row["ProductNumber"] for row in _rows(data / "Product.csv")}
    found: Parts = defaultdict(dict)
    for row in _rows(data / "BillOfMaterials.csv"):
        if row["ProductAssemblyID"] and not row["EndDate"]:
            quantity = round(float(row["PerAssemblyQty"]) * 1000)
            found[numbers[row["ProductAssemblyID"]]][numbers[row["ComponentID"]]] = quantity
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def door(data: Path, parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> Door:
    """A workspace with the products, and the bill of materials as features and options."""
    folder = tmp_path_factory.mktemp("bundles")
    files = {
        "product.csv": ["code,name", *(f'{row["ProductNumber"]},"{row["Name"]}"' for row in _rows(data / "Product.csv"))],
        "feature.csv": ["bundle,code,name,min", *(f"{code},parts,Parts,{len(made)}" for code, made in parts.items())],
        "feature-option.csv": ["bundle,feature,product,min,max,included,required", *(
            f"{code},parts,{each},{q / 1000},{q / 1000},{q / 1000},1" for code, made in parts.items() for each, q in made.items()
        )],
    }  # fmt: skip
    manifest = ['[defaults]\ndecimal = "."\n']
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        fields = "\n".join(f'{key} = "{key}"' for key in lines[0].split(","))
        manifest.append(f'[[source]]\nnoun = "{name[:-4]}"\nfile = "{name}"\n[source.fields]\n{fields}\n')
    where = url.parse(f"sqlite:///{folder}/aw.db")
    workspace_making.create(
        where, workspace_making.Plan("AdventureWorks", "USD", "ana"), policy.default(), now=datetime.now(UTC)
    )
    report = imports.run(Door(where), parse_manifest("\n".join(manifest), "bundles.toml"), [folder])
    assert report.is_done, report.faults[:3]
    return Door(where)


def test_all_of_it_is_a_catalogue_in_which_nothing_is_wrong(door: Door, parts: Parts) -> None:
    assert (len(parts), sum(map(len, parts.values()))) == (ASSEMBLIES, COMPONENTS)
    with door.read() as session:
        found = list(catalogue_lint.check(session, ("bundle-impossible", "option-never", "rule-idle")))

    assert found == []


def test_every_assembly_is_configured_to_what_it_is_made_of(door: Door, parts: Parts) -> None:
    with door.read() as session:
        for code, made in parts.items():
            found = configuring.configure(session, code, Wishes({}, {}), prefer="fewest")

            assert found.is_proven
            assert {each.product: each.quantity for each in found.choices} == made
            assert all(each.is_included for each in found.choices)


def test_a_bicycle_without_its_wheel_is_told_so(door: Door, parts: Parts) -> None:
    bicycle, wheel = next((code, each) for code, made in parts.items() for each in made if each.startswith("FW-"))
    with door.read() as session:
        verdict = configuring.check(session, bicycle, {wheel: 0})

    assert {row.code for row in verdict.conflicts} >= {wheel}
    assert [(row.product, row.before, row.after) for row in verdict.changes] == [(wheel, 0, 1000)]
