"""Running a chapter again: what its page says of it, and the page that does it inside the browser."""

import json
import shutil
import sys
import zipfile
from html import escape
from importlib.metadata import distribution
from pathlib import Path

from .files import write_atomically, zipped
from .notebooks import BOOK, chapter_titles, notebook_paths
from .pages import page_html
from .tables import DATA
from .web import Site

SUPPLIES = Path(sys.prefix) / "browser"
"""Where the set-up puts what browser/packages.txt names; without it the book is built without the page."""

_SOURCES = Path(__file__).parent / "browser"
_PYODIDE = "open_webui/frontend/pyodide/"
_CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "package.json")
"""What Python needs before any package; the last names Pyodide's version and its licence."""

_BUILT = ("matplotlib", "pandas", "pillow", "scipy", "typing-extensions")
"""Packages from Pyodide, in whose list stands what each needs."""

_PLAIN = (
    "altair", "asttokens", "attrs", "colorspacious", "dill", "docutils", "executing", "fastjsonschema", "font-lato",
    "ipython", "ipython-pygments-lexers", "jinja2", "jupyter-core", "markupsafe", "matplotlib-inline",
    "multiprocess", "myst-nb", "narwhals", "nbformat", "networkx", "platformdirs", "pure-eval", "pygments", "SALib",
    "stack-data", "traitlets",
)  # fmt: skip
"""Packages of this environment that the chapters import and that are Python, or work with their Python alone."""

ADDED = ("jsonschema", "pyrsistent")
"""Packages that the chapters need in another version than this environment's."""

_OF_THE_MACHINE = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
"""Files that an installer leaves with a package: they tell where and how it was installed."""


def supply(name: str) -> Path:
    """Return the wheel of a package of browser/packages.txt."""
    (path,) = SUPPLIES.glob(f"{name}-*.whl")
    return path


def packages() -> bytes:
    """Return the archive of the packages that are Python alone."""
    files = {}
    for name in _PLAIN:
        found = distribution(name)
        for file in found.files:
            path = str(file).replace("\\", "/")
            left_out = path.endswith((".so", ".pyd", ".pyc", *_OF_THE_MACHINE))
            if not left_out and "/tests/" not in path and not path.startswith(".."):
                files[path] = found.locate_file(file).read_bytes()
    for name in ADDED:
        with zipfile.ZipFile(supply(name)) as wheel:
            files |= {member: wheel.read(member) for member in wheel.namelist()}
    return zipped(dict(sorted(files.items())))


def _book() -> bytes:
    paths = sorted([*DATA.glob("[!.]*.*"), *(DATA / "ledger").rglob("*.py")])
    return zipped({f"data/{p.relative_to(DATA).as_posix()}": p.read_bytes() for p in paths if p.is_file()})


def _needed(packages: dict[str, dict]) -> dict[str, dict]:
    """Return the entries of Pyodide's list that are loaded: _BUILT, and what they depend on."""
    found, left = {}, list(_BUILT)
    while left:
        name = left.pop()
        if name not in found:
            found[name] = packages[name]
            left += packages[name]["depends"]
    return found


def pyodide() -> dict[str, bytes]:
    """Return Python in the browser, by name: Pyodide's core, its list cut to what is loaded, and the wheels of that list."""
    with zipfile.ZipFile(supply("open_webui")) as wheel:
        lock = json.loads(wheel.read(f"{_PYODIDE}pyodide-lock.json"))
        lock["packages"] = _needed(lock["packages"])
        names = [*_CORE, *(entry["file_name"] for entry in lock["packages"].values())]
        files = {name: wheel.read(f"{_PYODIDE}{name}") for name in names}
    return {**files, "pyodide-lock.json": json.dumps(lock).encode()}


def write_runner(site: Site, out: Path) -> None:
    """Write run/ into the site: the page, Python, its packages, the module and the tables; nothing without SUPPLIES."""
    if not SUPPLIES.is_dir():
        return
    folder = out / "run"
    files = {**pyodide(), "packages.zip": packages(), "book.zip": _book()}
    for name, content in files.items():
        write_atomically(folder / name, content)
    for name in ("run.js", "worker.js", "run.css"):
        shutil.copy(_SOURCES / name, folder / name)
    size = sum(map(len, files.values()))
    page = page_html(
        site,
        "run/index.html",
        "Run a chapter in this browser",
        "Execute a chapter's code in Python inside this page, and compare what it gives with what is printed",
        _page_body(size),
    )
    write_atomically(folder / "index.html", page.encode())


def _page_body(size: int) -> str:
    titles = chapter_titles()
    options = '<option value="">Choose one</option>' + "".join(
        f'<option id="{p.stem}" value="{p.stem}">{escape(titles[p.stem])}</option>' for p in notebook_paths()
    )
    return (
        '<link rel="stylesheet" href="run.css">\n<h1>Run a chapter in this browser</h1>\n'
        f"<p>The code below is that of the chapter. The button fetches Python, its packages and the ledger from this site alone ({_megabytes(size)}), "
        "runs every cell in this page, and says of each whether it gave what is printed. You may change the code first. Nothing is sent anywhere.</p>\n"
        f'<p><label for="chapter">Chapter</label> <select id="chapter">{options}</select> '
        '<button type="button" id="run" disabled>Run every cell</button></p>\n'
        '<output id="said" for="chapter">This page needs JavaScript.</output>\n<div id="cells"></div>\n'
        "<p>Python here is Pyodide, under the Mozilla Public License 2.0; each package carries its own licence.</p>\n"
        '<script src="run.js" defer></script>'
    )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size < 1e7 else f"{size / 1e6:.0f} MB"


def write_notebooks(out: Path) -> None:
    """Put the notebooks beside their pages, with the outputs that are stored in them."""
    for path in notebook_paths():
        write_atomically(out / path.relative_to(BOOK), path.read_bytes())


def again_html(page: str) -> str:
    """Return what a chapter's page says of running it again; nothing for a page that is no notebook."""
    path = BOOK / f"{page}.ipynb"
    if path not in notebook_paths():
        return ""
    name = path.name
    ways = [
        "<strong>On your machine</strong>: in a copy of the book's repository, <code>make notebooks</code> opens JupyterLab on the chapters; "
        f"open <code>{name}</code> and run all cells. Without a window, <code>.venv/bin/python -m ledger execute {path.stem}</code> does it and "
        "stores what comes out.",
        f"<strong>On Binder</strong>: give Binder the address of your copy of the repository, whose <code>.binder</code> folder tells it what to set up, and open <code>{page}.ipynb</code>.",
    ]
    if SUPPLIES.is_dir():
        ways.append(
            f'<strong>Here, with nothing to install</strong>: <a href="../run/index.html#{path.stem}">run it inside this browser</a>.'
        )
    listed = "".join(f"<li>{way}</li>" for way in ways)
    return (
        '<details class="run-again"><summary>Run this chapter again</summary>'
        f'<p><a href="{name}" download>{name}</a> ({_megabytes(path.stat().st_size)}) is the notebook of this page, with its outputs.</p>'
        f"<ul>{listed}</ul></details>"
    )
