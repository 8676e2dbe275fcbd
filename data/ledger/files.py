"""Writing files so that nobody ever reads half of one, and no two runs write the same.

Also a program, for `make`: python files.py FOLDER COMMAND... runs the command while the folder is taken.
"""

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

DRAFTS = ".*.[0-9]*.draft"
"""What files are called until they are whole; a run that is killed leaves one behind."""


class RunError(Exception):
    """This run cannot begin; the message says why, for the reader."""


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: a killed run leaves the old one in place. Raises OSError that names the file."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        # Of a full disk the error itself names no file.
        raise OSError(error.errno, error.strerror, str(path)) from None


def zipped(files: dict[str, bytes], stored: str = "") -> bytes:
    """Return files as a ZIP archive in the order given, whose bytes repeat; the one named in `stored` is not packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)  # of the day with which the format's years begin
            entry.external_attr = 0o644 << 16  # unless told, its owner alone may read what is unpacked
            method = zipfile.ZIP_STORED if name == stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compress_type=method)
    return out.getvalue()


def whole_site(out: Path) -> Path:
    """Return the file that says that the site in a folder is whole: _build/html.whole beside _build/html."""
    return out.with_name(f"{out.name}.whole")


@contextmanager
def alone(*folders: Path) -> Iterator[None]:
    """Take folders for this run, and clear them of what killed runs left half-written.

    Raises RunError when another run has taken one, or when one cannot be written. The system lets go of them when
    the run ends, however it ends. Where it cannot lock a folder (Windows) none is refused for another run.
    """
    with ExitStack() as held:
        for folder in dict.fromkeys(f.resolve() for f in folders):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise RunError(f"{folder} cannot be made: {error.strerror}") from None
            if not os.access(folder, os.W_OK):
                raise RunError(f"{folder} cannot be written: is it read-only, or another user's?")
            held.enter_context(_taken(folder))
            for draft in folder.glob(DRAFTS):
                draft.unlink()
        yield


@contextmanager
def _taken(folder: Path) -> Iterator[None]:
    try:
        import fcntl  # neither on Windows nor inside a web page
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RunError(f"{folder}: another run is at work here; begin again when it has ended") from None
    else:
        yield
    finally:
        os.close(handle)


if __name__ == "__main__":
    try:
        with alone(Path(sys.argv[1])):
            sys.exit(subprocess.run(sys.argv[2:]).returncode)
    except RunError as reason:
        sys.exit(str(reason))
