"""Files that sfactl writes: whole or not there, for their owner alone, never through a link."""

from __future__ import annotations

import ast
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import sfactl
from sfactl import files
from sfactl.errors import Conflict, SfaError, Unavailable
from tests.cli import Run
from tests.workspace import TestWorkspace

SOURCE = Path(sfactl.__file__).parent


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def precious(tmp_path: Path) -> Path:
    """Something outside that a link leads to."""
    path = tmp_path / "precious"
    path.write_text("keep", encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "folder"
    path.mkdir()
    return path


def test_a_new_file_is_whole_and_its_owners_alone(folder: Path) -> None:
    before = os.umask(0)
    try:
        files.write_text(folder / "a", "ñ\udce9")
    finally:
        os.umask(before)

    assert (folder / "a").read_bytes() == "ñ?".encode()
    assert mode(folder / "a") == 0o600
    assert names(folder) == ["a"]


def test_what_goes_wrong_leaves_all_as_it_was(folder: Path) -> None:
    (folder / "a").write_text("old", encoding="utf-8")

    with pytest.raises(KeyboardInterrupt), files.new_file(folder / "a", replace=True) as file:
        file.write(b"half")
        raise KeyboardInterrupt

    assert (folder / "a").read_text(encoding="utf-8") == "old"
    assert names(folder) == ["a"]


# case 101
@pytest.mark.parametrize("replace", [False, True])
def test_a_link_is_never_written_through(folder: Path, precious: Path, replace: bool) -> None:
    (folder / "a").symlink_to(precious)
    (folder / "dangling").symlink_to(folder / "nowhere")

    for name in ("a", "dangling"):
        with pytest.raises(Conflict):
            files.write_text(folder / name, "new", replace=replace)

    assert precious.read_text(encoding="utf-8") == "keep"
    assert not (folder / "nowhere").exists()


# case 101
@pytest.mark.parametrize("kind", ["link", "file"])
def test_what_comes_into_being_while_a_file_is_written_stays(folder: Path, precious: Path, kind: str) -> None:
    """Between the look and the end somebody plants a link, or another process is faster."""
    with pytest.raises(Conflict), files.new_file(folder / "a") as file:
        file.write(b"new")
        if kind == "link":
            (folder / "a").symlink_to(precious)
        else:
            (folder / "a").write_text("theirs", encoding="utf-8")

    assert precious.read_text(encoding="utf-8") == "keep"
    assert (folder / "a").read_text(encoding="utf-8") == ("keep" if kind == "link" else "theirs")
    assert names(folder) == ["a"]


# case 101
def test_a_link_that_is_planted_while_a_file_is_replaced_is_replaced_itself(folder: Path, precious: Path) -> None:
    with files.new_file(folder / "a", replace=True) as file:
        file.write(b"new")
        (folder / "a").symlink_to(precious)

    assert precious.read_text(encoding="utf-8") == "keep"
    assert (folder / "a").read_bytes() == b"new"
    assert not (folder / "a").is_symlink()


# case 101
def test_a_name_beside_it_that_somebody_took_is_never_opened(
    folder: Path, precious: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if the name could be guessed."""

    class Guessed:
        hex = "guessed"

    monkeypatch.setattr(files, "uuid4", Guessed)
    (folder / ".a.guessed.part").symlink_to(precious)

    with pytest.raises(SfaError):
        files.write_text(folder / "a", "new")

    assert precious.read_text(encoding="utf-8") == "keep"


# case 101: the race itself
def test_a_link_planted_again_and_again_gets_nothing(folder: Path, precious: Path) -> None:
    path, done = folder / "a", threading.Event()

    def plant() -> None:
        while not done.is_set():
            try:
                path.symlink_to(precious)
                path.unlink()
            except OSError:
                path.unlink(missing_ok=True)

    racer = threading.Thread(target=plant)
    racer.start()
    try:
        for _attempt in range(300):
            try:
                files.write_text(path, "new", replace=True)
            except Conflict:
                continue
    finally:
        done.set()
        racer.join()

    assert precious.read_text(encoding="utf-8") == "keep"
    assert [name for name in names(folder) if name.endswith(".part")] == []


# case 101
def test_a_folder_that_is_made_is_its_owners_alone_and_no_link(folder: Path, tmp_path: Path) -> None:
    (folder / "link").symlink_to(tmp_path)

    files.make_folder(folder / "new" / "inner")
    files.make_folder(folder)
    files.make_folder(folder / "link", may_be_link=True)
    with pytest.raises(Conflict):
        files.make_folder(folder / "link")

    assert mode(folder / "new" / "inner") == 0o700


def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for path in (tmp_path / "none" / "a", tmp_path / "file" / "a", tmp_path / ("x" * 300)):
        with pytest.raises(Unavailable):
            files.write_text(path, "new")
    with pytest.raises(SfaError):
        files.make_folder(tmp_path / "file" / "a")
    with pytest.raises(Conflict):
        files.make_folder(tmp_path / "file")
    with pytest.raises(Conflict):
        files.write_text(tmp_path, "new")


def _empty(path: Path) -> None:
    files.make_empty(path)


# case 46, case 101
def test_an_empty_file_is_made_but_no_link_followed(folder: Path, precious: Path) -> None:
    (folder / "a").symlink_to(folder / "nowhere")

    _empty(folder / "b")
    _empty(precious)
    with pytest.raises(Conflict):
        _empty(folder / "a")

    assert mode(folder / "b") == 0o600
    assert precious.read_text(encoding="utf-8") == "keep"
    assert not (folder / "nowhere").exists()


Plant = Callable[[Path], object]


# case 101: every command that writes a file
@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("export", "account", "--to", "out.csv"), "out.csv"),
        (("export", "account", "--to", "out.csv", "--replace"), "out.csv"),
        (("export", "account", "-o", "xlsx", "--to", "out.csv", "--replace"), "out.csv"),
        (("db", "backup", "copy.db"), "copy.db"),
        (("db", "backup", "copy.db", "--replace"), "copy.db"),
        (("import", "account", "bad.csv", "--partial"), "rejects/reasons.csv"),
        (("import", "account", "bad.csv", "--partial"), "rejects/bad.csv"),
        (("import", "account", "bad.csv", "--partial"), "rejects"),
        (("init", "--yes", "--database", "sqlite:///new.db"), "new.db"),
        (("init", "--yes", "--database", "sqlite:///new.db"), "home/config.toml"),
        (("demo", "demo"), "demo"),
    ],
)
def test_no_command_writes_through_a_link(
    sqlite_workspace: TestWorkspace,
    sfactl: Run,
    tmp_path: Path,
    precious: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    name: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SFACTL_CONFIG", str(tmp_path / "home" / "config.toml"))
    (tmp_path / "bad.csv").write_text("code,name\nN-1,New\nN-2,\n", encoding="utf-8")
    target = precious if "." in name else tmp_path / "elsewhere"
    if target is not precious:
        target.mkdir()
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).symlink_to(target)

    result = sfactl(*words, workspace=None if words[0] in ("init", "demo") else sqlite_workspace)

    assert result.code in (1, 2, 5), result
    assert "Traceback" not in result.err
    assert precious.read_text(encoding="utf-8") == "keep"
    assert target is precious or names(target) == []


# case 101, case 46: what they write when nothing is in the way
def test_all_that_commands_write_is_their_owners_alone(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SFACTL_CONFIG", str(tmp_path / "home" / "config.toml"))
    (tmp_path / "bad.csv").write_text("code,name\nN-1,New\nN-2,\n", encoding="utf-8")
    (tmp_path / "bad.csv").chmod(0o600)
    before = os.umask(0)
    try:
        for words in (
            ("export", "account", "--to", "out.csv"), ("export", "account", "--to", "out.xlsx"),
            ("db", "backup", "copy.db"), ("import", "account", "bad.csv", "--partial"),
        ):  # fmt: skip
            assert sfactl(*words, workspace=sqlite_workspace).code in (0, 7), words
        assert sfactl("init", "--yes", "--database", "sqlite:///data/new.db").code == 0
    finally:
        os.umask(before)

    written = [path for path in tmp_path.rglob("*") if path != sqlite_workspace.url.path]
    assert len(written) > 8
    assert {path.name: oct(mode(path)) for path in written if path.is_file() and mode(path) != 0o600} == {}
    assert {path.name: oct(mode(path)) for path in written if path.is_dir() and mode(path) != 0o700} == {}


# case 81: bad rows of a file in a folder, and of two nouns in one file
def test_bad_rows_of_a_file_in_a_folder_are_kept_and_of_two_sources_together(
    sqlite_workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "both.csv").write_text("code,name,city\nN-1,New,x\nN-2,,x\n,Nobody,x\n", encoding="utf-8")
    (tmp_path / "m.toml").write_text(
        '[[source]]\nnoun = "account"\nfile = "in/both.csv"\n[source.fields]\ncode = "code"\nname = "name"\n'
        '[[source]]\nnoun = "product"\nfile = "in/both.csv"\n[source.fields]\ncode = "code"\nname = "city"\n',
        encoding="utf-8",
    )

    result = sfactl(
        "import", str(tmp_path / "m.toml"), "--partial", "--rejects", str(tmp_path / "mend"), workspace=sqlite_workspace
    )

    assert result.code == 7, result
    assert (tmp_path / "mend" / "in" / "both.csv").read_text(encoding="utf-8") == "code,name,city\nN-2,,x\n,Nobody,x\n"


# case 101: nowhere else is a file opened to be written
def test_files_are_written_in_one_place() -> None:
    allowed = {
        ("files.py", "open"), ("files.py", "replace"), ("files.py", "mkdir"), ("files.py", "link"), ("files.py", "unlink"),
        ("running.py", "open"),  # what nobody reads: /dev/null
        ("reading.py", "open"),  # read-only
        ("plan_files.py", "open"),  # read-only
        ("toml_file.py", "open"),  # read-only
        ("report_marks.py", "open"),  # read-only
        ("locks.py", "open"),  # a lock that is there, never through a link
        ("forks.py", "open"),  # /dev/null again
        ("terminal.py", "open"),  # and again
        ("demo.py", "unlink"),  # an old demo's own files
    }  # fmt: skip
    found = {
        (path.name, name)
        for path in SOURCE.rglob("*.py")
        for name in _writing_calls(ast.parse(path.read_text(encoding="utf-8")))
    }

    assert found <= allowed, found - allowed


_OF_PATHS = {
    "write_text",
    "write_bytes",
    "mkdir",
    "touch",
    "link",
    "symlink",
    "rename",
    "hardlink_to",
    "symlink_to",
    "unlink",
}
_OF_MODULES = {"mkstemp", "mkdtemp", "mktemp", "NamedTemporaryFile", "copy", "copyfile", "copy2", "copytree", "move"}


def _writing_calls(tree: ast.Module) -> set[str]:
    found = set()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Name) and call.func.id == "open":
            found.add("open")
        if not isinstance(call.func, ast.Attribute):
            continue
        name, owner = call.func.attr, call.func.value
        is_module = isinstance(owner, ast.Name) and owner.id in ("os", "shutil", "tempfile")
        if name == "open" and not (isinstance(owner, ast.Name) and owner.id in ("gzip", "webbrowser")):
            reads = [a for a in (*call.args, *(k.value for k in call.keywords)) if isinstance(a, ast.Constant)]
            if is_module or any(
                isinstance(a.value, str) and set(a.value) & set("wax+") and len(a.value) < 4 for a in reads
            ):
                found.add("open")
        elif name == "replace" and len(call.args) == 1 and not call.keywords:
            found.add("replace")
        elif (name in _OF_PATHS and not (isinstance(owner, ast.Name) and owner.id == "files")) or (
            is_module and name in _OF_MODULES
        ):
            found.add(name)
    return found


# case 80
@pytest.mark.parametrize("kind", ["device", "pipe", "folder", "link"])
def test_only_a_plain_file_is_ever_replaced(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "there"
    if kind == "device":
        try:
            os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
        except PermissionError:
            pytest.skip("only the machine's administrator makes a device")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "elsewhere")
    before = path.lstat()

    with pytest.raises(Conflict):
        files.write_text(path, "x", replace=True)

    assert path.lstat() == before
    assert not (tmp_path / "elsewhere").exists()
