"""Runs that are killed, starved, locked out or moved elsewhere: what is on the disk is whole, and repeats."""

import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
import reproduce
from conftest import ROOT
from ledger import DATA, editions, figures, indonesian
from ledger.__main__ import main
from ledger.book import _begin, _end
from ledger.files import RunError, alone, whole_site, write_atomically, zipped
from ledger.notebooks import execute_all
from sphinx.errors import SphinxError

FILES = ROOT / "data" / "ledger" / "files.py"


# Writes one of two contents over the other for ever; `files` is loaded alone, so that it starts at once.
WRITER = f"""
import runpy, sys
from pathlib import Path
write = runpy.run_path({str(FILES)!r})["write_atomically"]
while True:
    for letter in (b"a", b"b"):
        for name in ("one", "two"):
            write(Path(sys.argv[1]) / name, letter * 3_000_000)
        print("written", flush=True)
"""

HOLDER = f"""
import runpy, sys, time
from pathlib import Path
held = runpy.run_path({str(FILES)!r})["alone"](Path(sys.argv[1]))
held.__enter__()
print("written", flush=True)
time.sleep(60)
"""


def killed(code, *arguments, after, environment=None):
    """Start a program, wait for its first word, and kill it so many seconds later."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"written\n"
    time.sleep(after)
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_writer_killed_at_any_moment_leaves_whole_files(tmp_path):
    chance = random.Random(7)
    left = 0
    for _ in range(20):
        killed(WRITER, tmp_path, after=chance.uniform(0, 0.02))
        found = {p.name: p.read_bytes() for p in tmp_path.glob("[!.]*")}
        assert found.keys() == {"one", "two"}
        assert {len(c) for c in found.values()} == {3_000_000}
        assert all(len(set(c)) == 1 for c in found.values()), "half of one content, half of the other"
        left += len(list(tmp_path.glob(".*")))
        with alone(tmp_path):
            assert not list(tmp_path.glob(".*")), "what a killed run left is still there"
    assert left, "no kill came in the middle: the test would see nothing"


def test_a_figure_is_exported_by_that_writer_alone(ledger, tmp_path, monkeypatch):
    written = {}
    monkeypatch.setenv("LEDGER_FIGURES", str(tmp_path))
    monkeypatch.setattr(figures, "write_atomically", lambda path, content: written.update({path: content}))
    name, claims = ledger.figures["name"].iloc[0], ledger.claims.head(2)
    draw = lambda body, ink: body.subplots().plot([0, 1], color=ink.text)  # noqa: E731
    figures.publish(ledger, name, draw, claims, title="A title", caption="c", alt="a")
    record = json.loads(written[tmp_path / f"{name}.json"])
    assert {path.name for path in written} == {*record["files"], f"{name}.json"}
    assert not list(tmp_path.iterdir()), "written by another way, which a kill may cut"


def test_a_full_disk_keeps_the_old_file_and_names_it(tmp_path):
    path = tmp_path / "page.html"
    path.write_bytes(b"old")
    code = (
        f"import resource, runpy, sys; from pathlib import Path; run = runpy.run_path({str(FILES)!r});"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
        "run['write_atomically'](Path(sys.argv[1]), bytes(5000))"
    )
    run = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert run.returncode == 1
    assert f"OSError: [Errno 27] File too large: '{path}'" in run.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]
    assert path.read_bytes() == b"old"


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"file/page\.html"):
        write_atomically(tmp_path / "file" / "page.html", b"")
    with pytest.raises(RunError, match="file/figures cannot be made"):
        alone(tmp_path / "file" / "figures").__enter__()
    with monkeypatch.context() as patched:
        patched.setattr(os, "access", lambda *_: False)  # root may write everywhere
        with pytest.raises(RunError, match=f"{tmp_path} cannot be written"):
            alone(tmp_path).__enter__()
    monkeypatch.setenv("LEDGER_FIGURES", str(tmp_path / "file"))
    assert main(["execute", "style"]) == 1
    assert f"{tmp_path / 'file'} cannot be made" in capsys.readouterr().err


def test_a_second_run_is_refused_until_the_first_has_ended(tmp_path):
    command = [sys.executable, FILES, tmp_path, sys.executable, "-c", "print('ran')"]
    with alone(tmp_path):
        run = subprocess.run(command, capture_output=True, text=True)
        assert (run.returncode, run.stdout) == (1, "")
        assert run.stderr == f"{tmp_path}: another run is at work here; begin again when it has ended\n"
    run = subprocess.run(command, capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, "ran\n")
    killed(HOLDER, tmp_path, after=0)
    with alone(tmp_path):
        pass


COMMANDS = {
    "add": ["add", "--url=https://example.org/"],
    "links": ["links"],
    "changes": ["changes", str(DATA), "--record", "2026-12-01"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_no_two_commands_write_the_same_tables(spoiled, capsys, command):
    before = {p.name: p.read_bytes() for p in spoiled.folder.iterdir()}
    with alone(spoiled.folder):
        assert main([*COMMANDS[command], "--data", str(spoiled.folder)]) == 1
    assert capsys.readouterr().err == (
        f"{spoiled.folder}: another run is at work here; begin again when it has ended\n"
    )
    assert {p.name: p.read_bytes() for p in spoiled.folder.iterdir()} == before


def test_no_two_runs_write_the_catalogue(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(indonesian, "CATALOGUE", tmp_path / "book.po")
    with alone(tmp_path):
        assert main(["translate", "--site", str(tmp_path)]) == 1
    assert f"{tmp_path}: another run is at work here" in capsys.readouterr().err


def test_the_hashes_are_stored_by_the_run_that_holds_the_tables(spoiled, tmp_path_factory, monkeypatch):
    monkeypatch.setenv("LEDGER_FIGURES", str(tmp_path_factory.mktemp("figures")))
    book = tmp_path_factory.mktemp("book")
    shutil.copy(ROOT / "_toc.yml", book)
    (book / "chapters").mkdir()
    data = Path(shutil.move(spoiled("claims.csv", ",2025-01-12,", ",2025-01-13,"), book / "data"))
    before = (data / "datapackage.json").read_bytes()
    with alone(data), pytest.raises(RunError, match=f"{data}: another run is at work"):
        execute_all(book)
    assert execute_all(book, ["no-chapter"]) == 1
    assert (data / "datapackage.json").read_bytes() == before


def test_a_site_is_whole_only_after_a_build_that_ended_well(tmp_path, monkeypatch):
    monkeypatch.setenv("LEDGER_FIGURES", str(tmp_path / "figures"))
    out = tmp_path / "_build" / "html"
    out.mkdir(parents=True)
    (out / "mine.txt").touch()
    app = SimpleNamespace(outdir=str(out), _warncount=0)

    def begin():
        _begin(app, None)

    begin()
    assert (out / "mine.txt").exists(), "a folder that no build of the book has made is not cleared"
    assert not whole_site(out).exists()
    with pytest.raises(SphinxError, match="another run is at work"):
        _begin(SimpleNamespace(outdir=str(out)), None)
    (out / "half.html").touch()
    app.ledger_folders.close()  # as the system does when a run is killed
    begin()
    assert not list(out.iterdir()), "a page that a killed build left is taken for one of this"
    for error, warnings in ((ValueError(), 0), (None, 1)):
        app._warncount = warnings
        _end(app, error)
        assert not whole_site(out).exists()
        begin()
    app._warncount = 0
    os.utime(out.with_name("html.begun"), (5, 5))
    _end(app, None)
    assert whole_site(out).stat().st_mtime == 5, "what was changed during a build is not in it"
    begin()
    assert not whole_site(out).exists()
    app.ledger_folders.close()


def test_make_takes_no_site_for_the_book_that_is_not_whole(site, tmp_path):
    assert whole_site(site).exists()

    def builds():
        command = ["make", f"BIN={Path(sys.executable).parent}", "READY=", "INPUTS=", "--dry-run", "book"]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
        run = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        assert "The book is at" in run.stdout
        return "jupyter-book build" in run.stdout

    (tmp_path / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    (tmp_path / "_build" / "html").mkdir(parents=True)
    assert builds(), "a site without the file that says it is whole is taken for one"
    whole_site(tmp_path / "_build" / "html").touch()
    assert not builds()


def test_a_clone_in_another_world_builds_this_site_and_these_figures_byte_by_byte(site):
    world = reproduce.worlds()[1]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        out.chmod(0o755)  # the world's user must get through
        process = reproduce.start(world, out, editions=False)
        assert not (wrong := reproduce.failure(world, out, process)), wrong
        there = reproduce.files_of(out / world.folder / "book")
    here = {f"_build/html/{p.relative_to(site)}": p.read_bytes() for p in site.rglob("*") if p.is_file()}
    here |= {f"figures/{p.name}": p.read_bytes() for p in (ROOT / "figures").iterdir()}
    found = reproduce.differences(here, there)
    assert not found, f"{len(found)} files differ: {found[0]}"


def test_an_archive_has_no_date_of_its_own_and_anyone_may_read_what_is_in_it():
    with zipfile.ZipFile(
        io.BytesIO(zipped({"mimetype": b"m" * 99, "a": b"a" * 99}, stored="mimetype"))
    ) as archive:
        first, second = archive.infolist()
        assert archive.read("a") == b"a" * 99
    assert (first.filename, first.compress_size) == ("mimetype", 99)
    assert second.compress_size < 99
    for entry in (first, second):
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.external_attr >> 16 == 0o644


def test_a_difference_is_shown_with_its_path_and_place():
    one = {"a": b"same", "b": b"0123x5", "c": b"1"}
    two = {"a": b"same", "b": b"0123y5!", "d": b"1"}
    assert reproduce.differences(one, two) == [
        "b: byte 4 of 6 and 7: b'0123x5' and b'0123y5!'",
        "c: only in the first",
        "d: only in the second",
    ]
    assert (
        reproduce.checksum(one) == reproduce.checksum(dict(reversed(one.items()))) != reproduce.checksum(two)
    )


def test_a_site_is_found_whole_or_not_only_while_its_folder_is_taken(ledger, tmp_path):
    with alone(tmp_path / "_build"), pytest.raises(RunError, match="another run is at work"):
        editions.make(ledger, tmp_path / "_build" / "html", tmp_path / "editions")
    with pytest.raises(editions.EditionError, match="holds no whole book"):
        editions.make(ledger, tmp_path / "_build" / "html", tmp_path / "editions")
