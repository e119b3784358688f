"""`sfactl product configure`, `check` and `lint`, and catalogues of the policy that they stand on."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from sfactl.config import policy
from sfactl.services import policies
from tests.cli import Run
from tests.organisation import fill
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

PRODUCTS = {
    "product": "code,name,family,unit,active,cost\nRACK,Rack,Racks,pc,1,300.00\nD-2,Disk 2 TB,Disks,pc,1,60.00\n"
    "D-8,Disk 8 TB,Disks,pc,1,300.00\nPS-5,Power 500,Power,pc,1,30.00\nPS-9,Power 900,Power,pc,1,60.00\n"
    "OLD,Old disk,Disks,pc,0,1.00\n",
    "price": "product,unit_price,valid_from\nRACK,500.00,2025-01-01\nD-2,100.00,2025-01-01\nD-8,350.00,2025-01-01\n"
    "PS-5,50.00,2025-01-01\nPS-9,80.00,2025-01-01\nOLD,1.00,2025-01-01\n",
}
CATALOGUE = """
[attributes]
RACK = { watts = 450 }
D-2 = { tb = 2, watts = 10 }
D-8 = { tb = 8, watts = 30 }
PS-5 = { supply = 500 }
PS-9 = { supply = 900 }

[[bundle]]
product = "RACK"

[[bundle.feature]]
code = "disk"
name = "Disks"
min = 1
option = [{ product = "D-2", max = 8, default = 2, included = 1 }, { product = "D-8", max = 4 }]

[[bundle.feature]]
code = "power"
name = "Power supplies"
min = 1
max = 1
option = [{ product = "PS-5", max = 1, default = 1 }, { product = "PS-9", max = 1 }]

[[rule]]
code = "heat"
sum = "watts"
no_more_than = "supply"
message = "The power supplies must carry the load."

[[rule]]
code = "big-disks"
bundle = "RACK"
when = "D-8"
requires = "PS-9"
"""


def apply(workspace: TestWorkspace, folder: Path, text: str = CATALOGUE, name: str = "rack.toml") -> None:
    """Put a catalogue in force."""
    (folder / "policy" / "catalog").mkdir(parents=True, exist_ok=True)
    (folder / "policy" / "catalog" / name).write_text(text, encoding="utf-8")
    workspace.door().write(policies.apply_and_check, policy.load(folder / "policy"))


@pytest.fixture
def racks(workspace: TestWorkspace, tmp_path: Path) -> TestWorkspace:
    """The small company, selling racks."""
    fill(workspace.door(), tmp_path, PRODUCTS)
    apply(workspace, tmp_path)
    return workspace


@pytest.fixture
def rack_file(sqlite_workspace: TestWorkspace, tmp_path: Path) -> TestWorkspace:
    """The same in a file."""
    fill(sqlite_workspace.door(), tmp_path, PRODUCTS)
    apply(sqlite_workspace, tmp_path)
    return sqlite_workspace


def chosen(said: dict[str, object]) -> dict[str, str]:
    """Product and quantity of each choice, with a plus for what is included."""
    rows: list[dict[str, object]] = said["choices"]  # type: ignore[assignment]
    return {f"{row['product']}{'+' if row['is_included'] else ''}": str(row["quantity"]) for row in rows}


def test_needs_become_the_cheapest_configuration(racks: TestWorkspace, sfactl: Run) -> None:
    said = sfactl("product", "configure", "RACK", "--need", "tb=6", "-o", "json", workspace=racks, as_="sam")

    found = json.loads(said.out)
    assert said.code == 0, said.err
    assert chosen(found) == {"D-2+": "1", "D-2": "2", "PS-5": "1"}
    assert found["list_price"] == "750.00" and found["bundle_price"] == "500.00" and found["is_proven"]
    assert "margin" not in found, "an account manager may not see costs"
    assert {"attribute": "tb", "needed": "6", "amount": "6"} in found["attributes"]


def test_what_is_wanted_and_not_wanted_is_kept(racks: TestWorkspace, sfactl: Run) -> None:
    words = ("product", "configure", "rack", "--with", "D-8=1", "--without", "D-2", "--prefer", "fewest", "-o", "json")

    found = json.loads(sfactl(*words, workspace=racks).out)

    assert chosen(found) == {"D-8": "1", "PS-9": "1"}
    assert found["margin"] == "0.2903", "who may see costs sees the margin: (930 - 660) / 930"


def test_the_best_margin_is_for_those_who_may_see_costs(racks: TestWorkspace, sfactl: Run) -> None:
    words = ("product", "configure", "RACK", "--need", "tb=8", "--prefer", "margin", "-o", "json")

    refused, found = sfactl(*words, workspace=racks, as_="sam"), sfactl(*words, workspace=racks, as_="dora")

    assert refused.code == 4 and not refused.out
    assert chosen(json.loads(found.out)) == {"D-2+": "1", "D-2": "3", "PS-5": "1"}


def test_what_cannot_be_met_is_told_with_the_fewest_reasons(rack_file: TestWorkspace, sfactl: Run) -> None:
    said = sfactl("product", "configure", "RACK", "--with", "D-8", "--without", "PS-9", workspace=rack_file)

    assert said.code == 1 and not said.out
    assert "Disk 8 TB needs Power 900." in said.err
    assert "Disk 8 TB is wanted." in said.err and "Power 900 is not wanted." in said.err
    assert "Disks" not in said.err


def test_what_cannot_be_met_is_told_with_how_much_is_possible(rack_file: TestWorkspace, sfactl: Run) -> None:
    words = ("product", "configure", "RACK", "--need", "tb=900000", "--need", "watts=1")

    told, plain = sfactl(*words, workspace=rack_file), sfactl(*words, "-o", "json", workspace=rack_file)

    assert told.code == plain.code == 1
    assert "900000 tb are needed." in told.err and "At most 48 tb are possible." in told.err
    found = json.loads(plain.out)
    assert {each["kind"] for each in found["reasons"]} >= {"need"}
    assert found["needs"] == [
        {"attribute": "tb", "needed": "900000", "possible": "48"},
        {"attribute": "watts", "needed": "1", "possible": "650"},
    ]


def test_choices_are_a_row_each_where_rows_are_asked_for(rack_file: TestWorkspace, sfactl: Run) -> None:
    words = ("product", "configure", "RACK", "--need", "tb=6", "--fields", "feature,product,quantity,amount", "-o")

    assert sfactl(*words, "csv", workspace=rack_file).out == (
        "feature,product,quantity,amount\ndisk,D-2,1,0.00\ndisk,D-2,2,200.00\npower,PS-5,1,50.00\n"
    )
    assert sfactl(*words, "jsonl", workspace=rack_file).out.count("\n") == 3


def test_a_valid_choice_is_told_in_sentences_and_no_bare_headers(rack_file: TestWorkspace, sfactl: Run) -> None:
    for form in ("table", "md", "html"):
        said = sfactl("product", "check", "RACK", "--choose", "D-2=2", "-o", form, workspace=rack_file)

        assert said.code == 0 and "It keeps every rule." in said.out and "It needs no change." in said.out
        assert "Chosen against it" not in said.out and "Why nothing mends it" not in said.out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"needs": {"tb": 1},\n "with" {}}', "line 2, column 9"),
        ('{"needs": {"tb": 1, "tb": 2}}', "`tb` is said twice"),
        ('{"needs": {"tb": NaN}}', "`needs.tb` is no quantity"),
        ('{"sets": {}}', "no key `sets`"),
        ('{"prefer": "gold"}', "`prefer` is cost, margin or fewest"),
        ('{"without": "D-2"}', "`without` is a list"),
        ("[1]", "it is no object"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_faults_of_json_are_told_in_our_own_words(
    text: str, told: str, rack_file: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))

    said = sfactl("product", "configure", "RACK", "--from", "-", workspace=rack_file)

    assert said.code == 2 and told in said.err, said.err


def test_json_on_standard_input_says_what_is_wanted(
    rack_file: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(text: str, *words: str) -> object:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        return sfactl("product", *words, "RACK", "--from", "-", "-o", "json", workspace=rack_file)

    found = said('{"needs": {"tb": 6}, "with": {"D-8": null}, "prefer": "fewest"}', "configure")
    assert chosen(json.loads(found.out)) == {"D-8": "1", "PS-9": "1"}  # type: ignore[attr-defined]
    found = said('{"choices": {"D-2": 8}}', "check")
    assert json.loads(found.out)["conflicts"][0]["code"] == "heat"  # type: ignore[attr-defined]
    wrong = said('{"needs": {"tb": "many"}}', "configure")
    assert wrong.code == 2 and "needs.tb" in wrong.err  # type: ignore[attr-defined]
    assert said("[", "configure").code == 2  # type: ignore[attr-defined]


def test_a_person_is_asked_feature_by_feature(
    rack_file: TestWorkspace, sfactl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["", "6", "", "D-8, -D-2", ""])
    monkeypatch.setattr("sfactl.commands.product_configure._is_somebody_there", lambda: True)
    monkeypatch.setattr("typer.prompt", lambda *_args, **_more: next(answers))

    said = sfactl("product", "configure", "RACK", "-o", "json", workspace=rack_file)

    assert chosen(json.loads(said.out)) == {"D-8": "1", "PS-9": "1"}
    assert "Disks:" in said.err and "D-8  Disk 8 TB" in said.err


def test_a_choice_by_hand_is_told_what_it_is_against(racks: TestWorkspace, sfactl: Run) -> None:
    said = sfactl("product", "check", "RACK", "--choose", "D-8=1", "-o", "json", workspace=racks, as_="sam")

    found = json.loads(said.out)
    assert said.code == 1
    assert [(row["code"], row["message"], row["choices"]) for row in found["conflicts"]] == [
        ("big-disks", "Disk 8 TB needs Power 900.", "D-8"),
    ]
    assert [(row["product"], row["before"], row["after"]) for row in found["changes"]] == [
        ("D-2", "0", "1"),
        ("D-8", "1", "0"),
    ]


def test_a_valid_choice_is_said_to_be_valid(racks: TestWorkspace, sfactl: Run) -> None:
    words = ("--choose", "disk:D-8=2", "--choose", "PS-9=1")

    said = sfactl("product", "check", "RACK", *words, "-o", "json", workspace=racks)

    found = json.loads(said.out)
    assert said.code == 0 and found["is_valid"] and not found["conflicts"]
    assert found["list_price"] == "1280.00"
    assert sfactl("product", "check", "RACK", workspace=racks).code == 0, "the defaults are valid"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("configure", "P-1"), "P-1 is no bundle"),
        (("configure", "RACK", "--need", "seats=3"), "no attribute seats|Nothing in RACK has an attribute seats"),
        (("configure", "RACK", "--need", "tb"), "tb has no quantity"),
        (("configure", "RACK", "--need", "tb=-1"), "-1 is no quantity"),
        (("configure", "RACK", "--with", "P-1"), "RACK has no option P-1"),
        (("configure", "RACK", "--with", "D-2", "--without", "d-2"), "D-2 is wanted, and not wanted"),
        (("check", "RACK", "--choose", "power:D-2=1"), "option of several features, or not of this one"),
    ],
)
def test_what_the_bundle_does_not_have_is_refused(
    rack_file: TestWorkspace, sfactl: Run, words: tuple[str, ...], told: str
) -> None:
    said = sfactl("product", *words, workspace=rack_file)

    assert said.code == 2
    assert any(each in said.err for each in told.split("|"))


def test_a_bundle_is_shown_with_its_options_and_rules(rack_file: TestWorkspace, sfactl: Run) -> None:
    found = json.loads(sfactl("product", "show", "RACK", "-o", "json", workspace=rack_file, as_="sam").out)
    only = sfactl("product", "list", "--bundles", "-o", "json", workspace=rack_file, as_="sam").rows

    assert [(row["feature"], row["product"], row["most"]) for row in found["options"]][:2] == [
        ("disk", "D-2", "8"), ("disk", "D-8", "4"),
    ]  # fmt: skip
    assert ("heat", "The power supplies must carry the load.") in [(row["code"], row["rule"]) for row in found["rules"]]
    assert [row["code"] for row in only] == ["RACK"]


def test_a_catalogue_is_applied_as_a_difference_and_versioned(
    racks: TestWorkspace, tmp_path: Path, sfactl: Run
) -> None:
    before = system_rows(racks, "SELECT count(*) FROM feature_option")
    apply(racks, tmp_path, CATALOGUE.replace("max = 4 }", "max = 6 }").replace('code = "heat"', 'code = "load"'))

    told = sfactl("policy", "diff", str(tmp_path / "policy"), "-o", "json", workspace=racks)
    file = sfactl("policy", "show", "catalog/rack.toml", workspace=racks)
    apply(racks, tmp_path, "")

    assert told.rows == []
    assert "max = 6" in file.out
    assert before == [(4,)]
    for table in ("feature", "feature_option", "product_attribute", "configuration_rule", "rule_product"):
        assert system_rows(racks, f"SELECT count(*) FROM {table}") == [(0,)]
    assert system_rows(racks, "SELECT max(number) FROM policy_version") == [(4,)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[bundle]]\nproduct = "NONE"\nfeature = [{ code = "a", name = "A", option = [{ product = "D-2" }] }]\n', "x.toml:2:1"),
        ('[attributes]\nNONE = { tb = 1 }\n', "x.toml:2:1"),
        ('[[rule]]\ncode = "r"\nexcludes = ["D-2", "NONE"]\n', "x.toml:3:20"),
        ('[[rule]]\ncode = "r"\nexcludes = ["D-2"]\nrequires = ["D-8"]\n', "x.toml:1:3"),
        ('[[rule]]\ncode = "heat"\nexcludes = ["D-2", "D-8"]\n', "x.toml:2:1"),
        ('[[rule]]\ncode = "r"\nexcludes = ["D-2"]\nsize = 1\n', "x.toml:4:1"),
    ],
)  # fmt: skip
def test_a_wrong_catalogue_is_refused_with_file_line_and_key(
    rack_file: TestWorkspace, tmp_path: Path, sfactl: Run, text: str, told: str
) -> None:
    (tmp_path / "policy" / "catalog" / "x.toml").write_text(text, encoding="utf-8")

    said = sfactl("policy", "apply", str(tmp_path / "policy"), "--yes", workspace=rack_file)

    assert said.code == 2
    assert told in said.err
    assert system_rows(rack_file, "SELECT count(*) FROM configuration_rule") == [(2,)]


def test_lint_finds_what_needs_a_person(rack_file: TestWorkspace, tmp_path: Path, sfactl: Run) -> None:
    apply(rack_file, tmp_path, CATALOGUE.replace("max = 4 }", "max = 4 }, { product = 'OLD' }, { product = 'P-2' }") + """
[[rule]]
code = "never"
bundle = "RACK"
when = "P-2"
excludes = ["PS-5", "PS-9"]

[[rule]]
code = "elsewhere"
bundle = "RACK"
when = "P-1"
requires = ["D-2"]

[[bundle]]
product = "P-1"
feature = [{ code = "v", name = "Valves", min = 2, option = [{ product = "P-2", max = 2 }] }]
""")  # fmt: skip

    said = sfactl("product", "lint", "-o", "json", workspace=rack_file)
    failing = sfactl("product", "lint", "--fail-if-any", "--only", "rule-idle", workspace=rack_file)

    assert {(row["finding"], row["bundle"], row["key"]) for row in said.rows} == {
        ("bundle-impossible", "P-1", "P-1"), ("option-never", "RACK", "P-2"), ("option-not-sold", "RACK", "OLD"),
        ("rule-unknown-product", "RACK", "elsewhere"), ("rule-idle", "RACK", "elsewhere"),
    }  # fmt: skip
    assert failing.code == 8
    assert sfactl("product", "lint", "--only", "nothing", workspace=rack_file).code == 2


IMPORTED = {
    **PRODUCTS,
    "feature": "bundle,code,name,min,max\nRACK,disk,Disks,1,\nRACK,power,Power supplies,1,1\n",
    "feature-option": "bundle,feature,product,max,included,required\nRACK,disk,D-2,8,1,0\nRACK,disk,D-8,4,,\n"
    "RACK,power,PS-5,1,,\nRACK,power,PS-9,1,,\n",
    "product-attribute": "product,attribute,amount\nRACK,watts,450\nD-2,tb,2\nD-2,watts,10\nD-8,tb,8\nD-8,watts,30\n"
    "PS-5,supply,500\nPS-9,supply,900\n",
    "configuration-rule": "code,bundle,kind,attribute,against,message\n"
    "heat,,sum,watts,supply,The power supplies must carry the load.\nbig-disks,RACK,requires,,,\n",
    "rule-product": "rule,part,product\nbig-disks,when,D-8\nbig-disks,what,PS-9\n",
}


def test_a_large_catalogue_comes_in_from_files_and_goes_out_the_same(
    workspace: TestWorkspace, tmp_path: Path, sfactl: Run
) -> None:
    fill(workspace.door(), tmp_path, IMPORTED)

    found = json.loads(sfactl("product", "configure", "RACK", "--need", "tb=14", "-o", "json", workspace=workspace).out)
    options = sfactl("export", "feature-option", "-o", "json", workspace=workspace).rows
    (tmp_path / "again.csv").write_text(sfactl("export", "configuration-rule", "-o", "csv", workspace=workspace).out)
    again = sfactl("import", "configuration-rule", str(tmp_path / "again.csv"), workspace=workspace)

    assert chosen(found) == {"D-2+": "1", "D-2": "2", "D-8": "1", "PS-9": "1"}
    assert [(row["product"], row["max"], row["included"]) for row in options][:2] == [
        ("D-2", "8", "1"),
        ("D-8", "4", "0"),
    ]
    assert again.code == 0, again.err
    assert system_rows(workspace, "SELECT count(*) FROM configuration_rule") == [(2,)]


def test_an_import_leaves_the_policys_catalogue_alone_and_says_what_is_wrong(
    rack_file: TestWorkspace, tmp_path: Path, sfactl: Run
) -> None:
    def faults(noun: str, text: str) -> str:
        (tmp_path / "file.csv").write_text(text, encoding="utf-8")
        said = sfactl("import", noun, str(tmp_path / "file.csv"), workspace=rack_file)
        assert said.code == 2, said
        return said.out + said.err

    assert "the policy keeps it" in faults("feature", "bundle,code,name\nRACK,new,New\n")
    assert "the policy keeps it" in faults("configuration-rule", "code,kind,at_most\nheat,at_most,3\n")
    assert "no such feature" in faults("feature-option", "bundle,feature,product\nP-1,none,P-2\n")
    assert "it is below `min`" in faults("feature", "bundle,code,name,min,max\nP-1,a,A,2,1\n")
    assert "a sum has one" in faults("configuration-rule", "code,kind\nx,sum\n")
    assert system_rows(rack_file, "SELECT count(*) FROM feature") == [(2,)]
