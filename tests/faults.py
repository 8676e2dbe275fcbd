"""Kill the build, starve it, lock it out, move it and double it, and table what came of each.

Run: .venv/bin/python tests/faults.py [KILLS]      (`make faults`; an hour or more)

Works in a clone of what is committed. Every fault must end in a right result, or in a status other than 0 with a
message, and must leave nothing half-written that a later run takes for whole; the exit status is 1 where one does
not. A full disk, a read-only mount and another user need root, a clock that jumps needs faketime: what cannot be
tried is tabled so. Sites are built from the outputs that are stored; the chapter that is executed draws figures.
"""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from reproduce import NOBODY, ROOT, may_start

BIN = Path(sys.executable).parent
CHAPTER = "self-check"
KEPT = ("figures", "chapters", "data")
EXECUTE = [sys.executable, "-m", "ledger", "execute", CHAPTER]
EDITIONS = [sys.executable, "-m", "ledger", "editions"]


def start(book: Path, *command: str, **options) -> subprocess.Popen:
    """Start a command in a book, in a group of its own; a variable that is None is unset."""
    environment = {**os.environ, "PYTHONPATH": str(book / "data"), **options.pop("environment", {})}
    return subprocess.Popen(
        list(command),
        cwd=book,
        env={k: v for k, v in environment.items() if v is not None},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        **options,
    )


def ended(process: subprocess.Popen) -> tuple[int, str]:
    """Return the status of a command and the last line that says something."""
    text = re.sub(r"\x1b\[[\d;]*m", "", process.communicate()[0])
    lines = [
        line.strip() for line in text.splitlines() if re.search(r"\w", line) and "IPKernelApp" not in line
    ]
    telling = [line for line in lines if re.search(r"cannot be|another run|Errno|No space", line)]
    return process.returncode, (telling or lines or [""])[-1][:160]


def kill(process: subprocess.Popen) -> None:
    """Kill a command with all that it has started, as a power cut would."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def contents(book: Path) -> dict[str, bytes]:
    """Return the files that runs write, by path, without what a killed run leaves and the next clears."""
    found = [p for folder in KEPT for p in (book / folder).rglob("*") if p.is_file()]
    return {str(p.relative_to(book)): p.read_bytes() for p in found if not p.name.startswith(".")}


class Table:
    """What was seen, row by row."""

    def __init__(self):
        self.bad = 0

    def row(self, fault: str, right: bool, seen: str) -> None:
        """Print one fault: whether it ended as it should, and what was seen."""
        self.bad += not right
        print(f"| {'as it should' if right else 'WRONG'} | {fault} | {seen} |", flush=True)


def main(kills: int, scratch: Path) -> int:
    """Try every fault; return 1 when one did not end as it should."""
    table, book = Table(), scratch / "a book, книга"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(book)], check=True)
    config = scratch / "config.yml"
    text = (book / "_config.yml").read_text(encoding="utf-8")
    config.write_text(text.replace("execute_notebooks: force", 'execute_notebooks: "off"'), encoding="utf-8")
    build = [str(BIN / "jupyter-book"), "build", "--config", str(config), "--all", "-W", "-n", "."]
    root, before = os.geteuid() == 0, contents(book)

    began = time.monotonic()
    status, seen = ended(start(book, *EXECUTE))
    seconds, right = time.monotonic() - began, contents(book)
    table.row("blanks and letters other than ASCII in the path", status == 0, f"status {status}: {seen}")

    def whole() -> bool:
        return all(c in (right.get(n), before.get(n)) for n, c in contents(book).items())

    def result(fault: str, process: subprocess.Popen, fails: str = "") -> None:
        status, seen = ended(process)
        good = contents(book) == right if not fails else status != 0 and fails in seen and whole()
        table.row(fault, good and bool(status) == bool(fails), f"status {status}: {seen}")

    drafts, spoiled = 0, 0
    for _ in range(kills):
        process = start(book, *EXECUTE)
        time.sleep(random.uniform(0, seconds))
        kill(process)
        spoiled += not whole()
        drafts += len([p for p in (book / "figures").glob(".*") if p.is_file()])
    table.row(f"{kills} kills of `execute`", not spoiled, f"{spoiled} left half a file, {drafts} drafts left")
    result("`execute` after the kills", start(book, *EXECUTE))
    left = [p for p in (book / "figures").glob(".*") if p.is_file()]
    table.row("drafts after that run", not left, f"{len(left)}")

    first = start(book, *EXECUTE)
    first.stdout.readline()  # 'executing'
    result("a second `execute` beside the first", start(book, *EXECUTE), "another run is at work here")
    result("the first of the two", first)
    result("HOME unset", start(book, *EXECUTE, environment={"HOME": None}))

    if shutil.which("faketime"):
        clock = scratch / "clock"
        clock.write_text("+0d", encoding="utf-8")
        library = next(Path("/usr/lib").rglob("libfaketimeMT.so.1"))
        jumping = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_NO_CACHE": "1",
        }
        process = start(book, *EXECUTE, environment=jumping)
        for shift in ("+400d", "-400d"):
            time.sleep(seconds / 3)
            clock.write_text(shift, encoding="utf-8")
        # The kernel's messages may be lost in the jump: then it must say so, and have spoiled nothing.
        status, seen = ended(process)
        good = contents(book) == right if not status else whole()
        table.row("the clock jumps on by 400 days and back by 800", good, f"status {status}: {seen}")
    else:
        print("| not tried: no faketime | the clock jumps | |")

    if root:
        small = scratch / "small"
        small.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(small)], check=True)
        try:
            figures = {"LEDGER_FIGURES": str(small / "figures")}
            status, seen = ended(start(book, *EXECUTE, environment=figures))
            torn = [
                p.name
                for p in (small / "figures").iterdir()
                if p.read_bytes() != right.get(f"figures/{p.name}")
            ]
            table.row("the disk fills while figures are drawn", status != 0 and "No space" in seen and not torn, f"status {status}: {seen}; torn: {torn}")  # fmt: skip
            status, seen = ended(start(book, *build, "--path-output", str(small)))
            stands = (small / "_build" / "html.whole").exists()
            table.row(
                "the disk fills while the site is built",
                status != 0 and not stands,
                f"status {status}: {seen}",
            )
        finally:
            subprocess.run(["umount", str(small)], check=True)
        elsewhere = scratch / "elsewhere"
        elsewhere.mkdir()
        out = [*build, "--path-output", str(elsewhere)]
        subprocess.run(["mount", "--bind", "-o", "ro", str(book), str(book)], check=True)
        try:
            result("a read-only checkout: `execute`", start(book, *EXECUTE), "cannot be written")
            result("a read-only checkout: the build", start(book, *build), "Read-only file system")
            result("the same, told to write elsewhere, figures not", start(book, *out), "cannot be written")
        finally:
            subprocess.run(["umount", str(book)], check=True)
    else:
        print("| not tried: not root | full disk; read-only mount | |")
    if root and may_start(NOBODY):
        homeless = {"user": NOBODY, "group": NOBODY, "extra_groups": [], "environment": {"HOME": None}}
        result("another user's checkout: `execute`", start(book, *EXECUTE, **homeless), "cannot be written")
        result("another user's checkout: the build", start(book, *build, **homeless), "Permission denied")
    else:
        print("| not tried: no other user that may start Python | another user's checkout | |")

    sites(table, book, build, kills)
    return bool(table.bad)


def sites(table: Table, book: Path, build: list[str], kills: int) -> None:
    """Build the site with HOME unset, kill the build at random moments and at three chosen ones, begin a second beside it, and build once more."""
    site = book / "_build" / "html"
    make = ["make", f"BIN={BIN}", "READY=", "-q", "_build/html.whole"]

    def pages() -> dict[str, bytes]:
        return {str(p.relative_to(site)): p.read_bytes() for p in site.rglob("*") if p.is_file()}

    def taken_for_whole() -> bool:
        return not subprocess.run(make, cwd=book, capture_output=True).returncode

    began = time.monotonic()
    status, seen = ended(start(book, *build, environment={"HOME": None}))
    seconds, right = time.monotonic() - began, pages()
    table.row("HOME unset: the build", status == 0 and taken_for_whole(), f"status {status}: {seen}")

    there, halves, taken = 0, 0, 0
    for _ in range(kills):
        process = start(book, *build)
        time.sleep(random.uniform(0, seconds))
        there += process.poll() is None
        kill(process)
        halves += pages() != right
        taken += taken_for_whole() and pages() != right
    table.row(f"{kills} kills of the build", not taken, f"{there} came in its middle, {halves} left half a site, make took {taken} of them for whole")  # fmt: skip

    for moment in ("chapters/index.html", "claims/C-0300.html", "run/index.html"):
        # What an earlier build left would stop this one before it began.
        (site / moment).unlink(missing_ok=True)
        process = start(book, *build)
        while process.poll() is None and not (site / moment).exists():
            time.sleep(0.01)
        if moment == "claims/C-0300.html":
            os.killpg(process.pid, signal.SIGSTOP)  # or it would end before the other is refused
            status, seen = ended(start(book, *build))
            table.row(
                "a second build beside the first",
                status != 0 and "another run" in seen,
                f"status {status}: {seen}",
            )
        there = process.poll() is None
        kill(process)
        stale = not taken_for_whole()
        refused, seen = ended(start(book, *EDITIONS))
        table.row(f"the build is killed when it writes {moment}", there and stale and refused == 1, f"make builds again: {stale}; editions: {seen}")  # fmt: skip
    (site / "half.html").write_text("<h1>Ha", encoding="utf-8")
    status, seen = ended(start(book, *build))
    same = pages() == right
    table.row("the build after the kills", status == 0 and same, f"status {status}; the same bytes: {same}")
    table.row("make after that build", taken_for_whole(), "takes it for whole")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the other user must get through
        sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 20, Path(folder)))
