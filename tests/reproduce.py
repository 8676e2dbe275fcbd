"""Build the book twice, from two clones in two unlike worlds, and hold the two byte by byte.

Run: .venv/bin/python tests/reproduce.py [FOLDER]      (`make reproduce`)

The worlds differ in folder, locale, time zone, umask, hash seed, home and SOURCE_DATE_EPOCH; in the clock, where the
program faketime is installed; and in the user, where this runs as root. What stands here is built, committed or not.
Both run on the interpreter of this script and its packages, which requirements.lock fixes. Compared are the site, the
figures that the build draws and both editions; the exit status is 1 at any difference, and the first is printed.
`make test` builds the site of the second world and holds it against its own.
"""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPARED = ("_build/html", "_build/editions", "figures")
NOBODY = 65534


@dataclass
class World:
    """What surrounds one build; `clock` is a shift for faketime, '' the true clock; no `user` is this one."""

    folder: str
    environment: dict[str, str]
    umask: int
    clock: str = ""
    user: int | None = None


def worlds() -> list[World]:
    """Return the two worlds, as unlike as this machine allows; print in what they are alike after all."""
    listed = subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout.split()
    foreign = [name for name in listed if not name.startswith(("C", "POSIX", "en_"))]
    clock, other_user = shutil.which("faketime"), os.geteuid() == 0 and may_start(NOBODY)
    for there, what in ((foreign, "locale"), (clock, "clock"), (other_user, "user")):
        if not there:
            print(f"no other {what} is to be had: in this the two worlds are alike")
    plain = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": "0"}
    other = {
        "LC_ALL": foreign[0] if foreign else "POSIX",
        "TZ": "Pacific/Kiritimati",
        "PYTHONHASHSEED": "4711",
        "SOURCE_DATE_EPOCH": "2000000000",
    }
    return [
        World("one", plain, 0o022),
        World("two два", other, 0o077, "+400d" if clock else "", NOBODY if other_user else None),
    ]


def may_start(user: int) -> bool:
    """Tell whether a user gets at this interpreter: root's own folder is closed to all others."""
    try:
        return not subprocess.run(
            [sys.executable, "-c", ""], user=user, group=user, extra_groups=[]
        ).returncode
    except PermissionError:
        return False


def start(world: World, out: Path, editions: bool = True) -> subprocess.Popen:
    """Clone the repository into a world and start to build there; the output goes to log.txt beside the clone."""
    clone, home = out / world.folder / "book", out / world.folder / "home"
    home.mkdir(parents=True)
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True, umask=world.umask)
    listed = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, check=True, capture_output=True).stdout.decode().split("\0")[:-1]:
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).exists():
            shutil.copyfile(ROOT / name, clone / name)
        else:
            (clone / name).unlink()
    if world.user is not None:
        subprocess.run(["chown", "-R", f"{world.user}:{world.user}", str(out / world.folder)], check=True)
    python = [sys.executable, "-c", "import ledger, pathlib; pathlib.Path(ledger.__file__).relative_to(pathlib.Path().resolve())"]  # fmt: skip
    book = [
        str(Path(sys.executable).parent / "jupyter-book"),
        "build",
        "--all",
        "-W",
        "-n",
        "--keep-going",
        ".",
    ]
    if world.clock:
        book = ["faketime", "-m", "-f", world.clock, *book]
    commands = [python, book] + [[sys.executable, "-m", "ledger", "editions"]] * editions
    with (out / world.folder / "log.txt").open("wb") as log:
        return subprocess.Popen(
            ["sh", "-c", " && ".join(map(shlex.join, commands))],
            cwd=clone,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "TMPDIR": str(home),
                "PYTHONPATH": str(clone / "data"),
                "PYTHONDONTWRITEBYTECODE": "1",
                **world.environment,
            },
            umask=world.umask,
            user=world.user,
            group=world.user,
            extra_groups=None if world.user is None else [],
            stdout=log,
            stderr=log,
        )


def failure(world: World, out: Path, process: subprocess.Popen) -> str:
    """Wait for a build to end; return how it failed with the end of its log, '' when it did not."""
    if not process.wait():
        return ""
    log = (out / world.folder / "log.txt").read_text(encoding="utf-8", errors="replace")
    return f"{world.folder}: the build ended with status {process.returncode}:\n{log[-4000:]}"


def files_of(clone: Path) -> dict[str, bytes]:
    """Return what is compared, by path."""
    found = [p for folder in COMPARED for p in (clone / folder).rglob("*") if p.is_file()]
    return {p.relative_to(clone).as_posix(): p.read_bytes() for p in sorted(found)}


def checksum(files: dict[str, bytes]) -> str:
    """Return one SHA-256 over the paths and the contents of some files."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n".encode())
    return digest.hexdigest()


def differences(one: dict[str, bytes], two: dict[str, bytes]) -> list[str]:
    """Return a line a file that differs: its path, and the first byte that does with what stands around it."""
    lines = []
    for name in sorted(one.keys() | two.keys()):
        if name not in one or name not in two:
            lines.append(f"{name}: only in the {'first' if name in one else 'second'}")
        elif one[name] != two[name]:
            a, b = one[name], two[name]
            at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
            near = slice(max(0, at - 40), at + 40)
            lines.append(f"{name}: byte {at} of {len(a)} and {len(b)}: {a[near]!r} and {b[near]!r}")
    return lines


def main(out: Path) -> int:
    """Build in both worlds below a folder, print the checksums, return 0 when they are the same."""
    both = worlds()
    started = [start(world, out) for world in both]
    failures = [failure(world, out, process) for world, process in zip(both, started, strict=True)]
    if any(failures):
        print(*filter(None, failures), sep="\n")
        return 1
    one, two = (files_of(out / world.folder / "book") for world in both)
    for world, files in zip(both, (one, two), strict=True):
        print(f"{checksum(files)}  {len(files)} files of {world.folder!r}")
    found = differences(one, two)
    print(*(found[:1] or ["the same, byte by byte"]), sep="\n")
    if found[1:]:
        print(f"and {len(found) - 1} more files:", *(line.partition(": ")[0] for line in found[1:]), sep="\n")
    return bool(found)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(Path(sys.argv[1]).resolve()))
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch).chmod(0o755)  # the other user must get through
        sys.exit(main(Path(scratch)))
