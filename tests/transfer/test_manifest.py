"""What a manifest says, and what is said of a wrong one (case 99)."""

from pathlib import Path

import pytest

from sfactl.errors import UsageFault
from sfactl.transfer.manifest import load_manifest, parse_manifest
from tests.transfer.files import manifest_of, read, take, write

GOOD = manifest_of()


def fault(text: str) -> str:
    with pytest.raises(UsageFault) as found:
        parse_manifest(text, "m.toml")
    return found.value.message


def with_line(text: str, after: str, line: str) -> str:
    return text.replace(after, f"{after}\n{line}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = ", "m.toml:1:5: Invalid value."),
        ("[[source]]\nnoun = 'account'\nnoun = 'user'\n", "m.toml:3:"),
        (GOOD.replace('noun = "account"', "noun = 3"), "m.toml:3:1: source.1.noun: must be text in quotes."),
        (GOOD.replace("noun =", "nuon ="), "m.toml:3:1: source.1.nuon: is not a known key: did you mean noun?."),
        (GOOD.replace('"account"', '"acount"'), "m.toml:3:1: source.1.noun: “acount” is none of territory"),
        (GOOD.replace('code = "code"', 'cod = "code"'), "did you mean code?"),
        (GOOD.replace('code = "code"', ""), "m.toml:6:2: source.1.fields: every account needs code."),
        (GOOD.replace('"code"', '{ colunm = "c" }'), "source.1.fields.code.colunm: is not a known key"),
        (GOOD.replace('"code"', "{ }"), "say exactly one of column, const, template, lookup, first, next"),
        (GOOD.replace('"code"', '{ column = "a", const = "b" }'), "say exactly one of"),
        (GOOD.replace('"data.csv"', '"../data.csv"'), "never outside it"),
        (GOOD.replace('"data.csv"', '"/etc/passwd"'), "never outside it"),
        (GOOD.replace('"data.csv"', "'a\\..\\b'"), "never outside it"),
        (GOOD.replace('"data.csv"', '"a/../../b"'), "never outside it"),
        (manifest_of(options='encoding = "utf-7"'), "“utf-7” is not an encoding known here"),
        (manifest_of(options='encoding = "rot13"'), "not an encoding"),
        (manifest_of(options='delimiter = "ab"'), "a delimiter is one character"),
        (manifest_of(options='decimal = ";"'), "must be one of '.', ','"),
        (manifest_of(options='decimal = ","\nthousands = ","'), "cannot be the same"),
        (manifest_of(options='dates = "dd/mm/yyyy"'), "needs %Y and %m"),
        (manifest_of(options="skip = -1"), "m.toml:5:1: source.1.skip: "),
        (manifest_of(options='skip = "1"'), "must be a whole number"),
        (manifest_of(options='unguard = "yes"'), "must be true or false"),
        (manifest_of(options='where = { column = "a" }'), "say one of equals"),
        (manifest_of(options='where = { column = "a", matches = "(" }'), "is not a regular expression"),
        (manifest_of(options="distinct = 1"), "must be true or false"),
        (manifest_of(top='currency = "EURO"'), "is not a currency code"),
        (manifest_of(top="[limits]\nratio = 0"), "limits.ratio"),
        (manifest_of(top='[files."dada.csv"]\nskip = 1'), "a file that no source reads: did you mean data.csv?"),
        (manifest_of(top="[defaults]\nnoun = 'x'"), "m.toml:2:1: defaults.noun: is not a known key"),
        (manifest_of(fields={"code": '"{a"', "name": '"n"'}), "has a brace without a column"),
        (manifest_of(fields={"code": '"a"', "name": '{ column = "n", scale = 2 }'}), "scale: does not apply to name"),
        (
            manifest_of(fields={"code": '"a"', "name": '{ column = "n", inclusive = true }'}),
            "inclusive: does not apply",
        ),
        (manifest_of(fields={"code": '"a"', "name": '"n"', "employees": '{ column = "e", scale = 0 }'}), "not zero"),
        (manifest_of(fields={"code": '"a"', "name": '"n"', "employees": '{ column = "e", scale = inf }'}), "scale"),
        (
            manifest_of(fields={"code": '"a"', "name": '"n"', "employees": '{ const = "many" }'}),
            "“many” is not a number",
        ),
        (
            manifest_of(fields={"code": '"a"', "name": '"n"', "kind": '{ column = "k", map = { a = "client" } }'}),
            "“client” is none of",
        ),
        (
            manifest_of(fields={"code": '"a"', "name": '"n"', "owned_since": '{ column = "d", default = "soon" }'}),
            "“soon” is not a date",
        ),
        (manifest_of("quota", {"starts_on": '"s"', "ends_on": '"e"', "amount": '"a"'}), "needs one of user, territory"),
        ("currency = 'EUR'\n", "m.toml:1:1: source: is missing."),
        ("source = []\n", "source: must not be empty"),
        ("source = 1\n", "source: must be a list"),
        (manifest_of(top="x = " + "9" * 5000), "holds a number too long"),
        ("a = " + "[" * 5000, "nested too deeply"),
    ],
)
def test_a_wrong_manifest_is_told_by_place_and_key(text: str, message: str) -> None:
    assert message in fault(text)


def test_the_places_are_those_of_the_text() -> None:
    text = GOOD.replace('code = "code"', 'code = { column = "c", maps = { a = "b" } }')

    line = next(number for number, each in enumerate(text.splitlines(), start=1) if "maps" in each)
    column = text.splitlines()[line - 1].index("maps") + 1
    assert fault(text).startswith(f"m.toml:{line}:{column}: source.1.fields.code.maps: ")


def test_all_mistakes_are_told_at_once() -> None:
    text = GOOD.replace("noun =", "nuon =").replace('"name"', "7")

    assert len(fault(text).splitlines()) == 3


def test_a_mistake_in_the_second_source_points_there() -> None:
    text = GOOD + GOOD.replace('name = "name"', "name = 5").lstrip()

    assert "source.2.fields.name" in fault(text)
    assert fault(text).startswith(f"m.toml:{text.splitlines().index('name = 5') + 1}:1:")


def test_a_manifest_with_a_mark_is_read_and_one_that_is_too_large_is_not(tmp_path: Path) -> None:
    assert load_manifest(write(tmp_path, "a.toml", b"\xef\xbb\xbf" + GOOD.encode())).spec.source[0].noun == "account"
    with pytest.raises(UsageFault, match="1 MB"):
        load_manifest(write(tmp_path, "b.toml", "# " + "x" * 1_000_001))
    with pytest.raises(UsageFault, match="UTF-8"):
        load_manifest(write(tmp_path, "c.toml", "# ñ".encode("latin-1")))
    with pytest.raises(UsageFault, match="cannot be read"):
        load_manifest(tmp_path / "none.toml")


def test_what_a_source_does_not_say_comes_from_the_files_then_the_defaults(tmp_path: Path) -> None:
    top = """
[defaults]
delimiter = "|"
null = ["none"]
decimal = ","
[files."data.csv"]
null = ["-"]
delimiter = "tab"
"""
    (source,) = parse_manifest(manifest_of(top=top, options='delimiter = ";"'), "m").sources([tmp_path], currency="EUR")

    assert source.dialect.delimiter == ";"
    assert source.dialect.null == {"-"}
    assert source.dialect.numbers.decimal == ","


def test_sources_come_after_those_they_refer_to(tmp_path: Path) -> None:
    account = manifest_of()
    first = manifest_of("territory")
    second = manifest_of("territory").replace("data.csv", "more.csv")

    sources = parse_manifest(account + first + second, "m").sources([tmp_path], currency="EUR")

    assert [(source.noun.name, source.name) for source in sources] == [
        ("territory", "data.csv"),
        ("territory", "more.csv"),
        ("account", "data.csv"),
    ]


def test_files_are_looked_for_in_every_directory_in_order(tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    first.mkdir(), second.mkdir()
    write(second, "data.csv", "code,name\nA,second\n")
    (source,) = parse_manifest(GOOD, "m").sources([first, second], currency="EUR")

    assert take(source).column("name") == ["second"]

    write(first, "data.csv", "code,name\nA,first\n")
    assert take(source).column("name") == ["first"]


def test_a_name_with_a_star_stands_for_several_files_in_order(tmp_path: Path) -> None:
    for name in ("orders-02.csv", "orders-01.csv.gz", "other.csv"):
        write(tmp_path, name, "code,name\n")

    sources = parse_manifest(GOOD.replace("data.csv", "orders-*.csv"), "m").sources([tmp_path], currency="EUR")

    assert [source.name for source in sources] == ["orders-01.csv.gz", "orders-02.csv"]


def test_a_star_that_stands_for_nothing_is_a_fault(tmp_path: Path) -> None:
    (source,) = parse_manifest(GOOD.replace("data.csv", "no-*.csv"), "m").sources([tmp_path], currency="EUR")

    assert "is not there" in take(source).faults[0].reason


def test_a_folder_inside_is_fine_and_a_link_out_of_it_is_not(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    (inside / "sub").mkdir(parents=True), outside.mkdir()
    write(inside / "sub", "data.csv", "code,name\nA,b\n")
    write(outside, "secret.csv", "code,name\nS,t\n")
    (inside / "data.csv").symlink_to(outside / "secret.csv")
    (inside / "alias.csv").symlink_to(inside / "sub" / "data.csv")

    def taken(name: str):  # type: ignore[no-untyped-def]
        (source,) = parse_manifest(GOOD.replace("data.csv", name), "m").sources([inside], currency="EUR")
        return take(source)

    assert taken("sub/data.csv").values == taken("alias.csv").values == [("A", "b")]
    assert taken("data.csv").reasons == ["is a link that leads out of the directory"]


def test_toml_numbers_and_dates_may_stand_where_text_is_wanted(tmp_path: Path) -> None:
    fields = {"code": '"code"', "name": "{ const = 7 }", "owned_since": "{ const = 2026-01-02 }"}

    found = read(tmp_path, "code\nA\n", fields=fields)

    assert found.values == [("A", "7", "2026-01-02")]
