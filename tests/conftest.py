"""Shared: the ledger, a folder that a test may spoil, the book built once a session, and a browser."""

import functools
import http.server
import io
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest
import vl_convert
from ledger import DATA, Ledger, load_ledger
from PIL import Image, ImageChops
from reproduce import worlds
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

ROOT = Path(__file__).resolve().parent.parent

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
)


def write_differences(old: dict[str, bytes], new: dict[str, bytes], folder: Path) -> list[Path]:
    """Write a PNG a picture that differs: old, new, and the difference of the two, from left to right.

    `old` and `new` are files by name; of those, PNG and SVG files are pictures. Returns the paths written.
    """
    written = []
    for name in sorted(old.keys() & new.keys()):
        if old[name] == new[name] or not name.endswith((".png", ".svg")):
            continue
        pair = [_picture(name, files[name]) for files in (old, new)]
        size = max(p.width for p in pair), max(p.height for p in pair)
        pair = [p.crop((0, 0, *size)) for p in pair]  # what lies outside a picture is black
        sheet = Image.new("RGB", (3 * size[0], size[1]))
        for place, picture in enumerate([*pair, ImageChops.difference(*pair)]):
            sheet.paste(picture, (place * size[0], 0))
        folder.mkdir(parents=True, exist_ok=True)
        written.append(folder / (name if name.endswith(".png") else f"{name}.png"))
        sheet.save(written[-1])
    return written


def _picture(name: str, content: bytes) -> Image.Image:
    if name.endswith(".svg"):
        content = vl_convert.svg_to_png(content.decode())
    return Image.open(io.BytesIO(content)).convert("RGB")


def small_ledger(**tables: list[dict]) -> Ledger:
    """A ledger whose named tables hold a few rows, each with the cells that matter; the others are the book's."""
    ledger = load_ledger()
    for name, rows in tables.items():
        fields = {f["name"]: f["type"] for f in ledger.resource(name)["schema"]["fields"]}
        types = {field: "string" if kind == "string" else "Float64" for field, kind in fields.items()}
        ledger.__dict__[name] = pd.DataFrame(rows, columns=list(fields)).astype(types)
    return ledger


@pytest.fixture(scope="session")
def ledger():
    return load_ledger()


@pytest.fixture
def spoiled(tmp_path):
    """A copy of the tables, and a function that replaces text in one of them."""
    for path in DATA.glob("*.*"):
        shutil.copy(path, tmp_path)

    def spoil(table: str, old: str, new: str) -> Path:
        path = tmp_path / table
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{old!r} is not in {table}: the test would change nothing"
        path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")
        return tmp_path

    spoil.folder = tmp_path
    return spoil


@pytest.fixture(scope="session")
def executed(tmp_path_factory):
    """The chapters executed afresh by the command that stores them, in a copy of the book and in another world."""
    book = tmp_path_factory.mktemp("executed два")
    for name in ("chapters", "data", "figures"):
        shutil.copytree(ROOT / name, book / name, ignore=shutil.ignore_patterns("ledger"))
    shutil.copy(ROOT / "_toc.yml", book)
    code = "import sys; from pathlib import Path; from ledger.notebooks import execute_all; sys.exit(execute_all(Path(sys.argv[1])))"
    fresh = book / "fresh-figures"
    world = worlds()[1]
    environment = {k: v for k, v in os.environ.items() if k != "HOME"}
    run = subprocess.run(
        [sys.executable, "-c", code, str(book)],
        env={**environment, **world.environment, "LEDGER_FIGURES": str(fresh)},
        umask=world.umask,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return book


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The whole book built with warnings as errors; the folder of its HTML."""
    out = tmp_path_factory.mktemp("site")
    command = Path(sys.executable).parent / "jupyter-book"
    run = subprocess.run(
        [command, "build", "--all", "-W", "-n", "--keep-going", "--path-output", str(out), str(ROOT)],
        env={**os.environ, "LEDGER_FIGURES": str(out / "figures")},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-4000:]
    return out / "_build" / "html"


@pytest.fixture(scope="module")
def server(site):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}/"
    httpd.shutdown()
    httpd.server_close()


def chromium(profile: Path) -> webdriver.Chrome:
    """Start Chromium without a window and without a network of its own."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in [*FLAGS.split(), f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service(DRIVER))


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if not (CHROMIUM and DRIVER) and not os.environ.get("CI"):
        pytest.skip("Chromium and ChromeDriver are not installed; CI always has them")
    driver = chromium(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


def pages(site):
    """Every page of the book itself, and a few of the thousands of claims, sources, claimants and figures.

    The page of a wrong address is none of them: it has no address of its own.
    """
    found = sorted(
        str(p.relative_to(site))
        for p in site.rglob("*.html")
        if p.parent.name not in ("claims", "sources", "claimants", "figures")
        and "_static" not in p.parts
        and p.name != "404.html"
    )
    assert len(found) > 20, "the pages of the book are not there"
    found += [
        "figures/F-01.html",
        "figures/F-02.html",
        "figures/F-02-embed.html",
        "id/figures/F-01.html",
        "id/figures/F-47.html",
        "claims/C-0017.html",
        "claims/C-0500.html",
        "sources/S-0001.html",
        "sources/S-0500.html",
        "claimants/nis.html",
    ]
    return found


def foreign_requests(driver, server):
    """The addresses asked for outside the site since this was last asked."""
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            if not url.startswith((server, "data:", "blob:", "chrome:")):
                yield url


if __name__ == "__main__":
    # `make upgrade` names the folders of the old figures, of the new ones, and of the pictures to write.
    old, new = ({p.name: p.read_bytes() for p in Path(folder).iterdir()} for folder in sys.argv[1:3])
    print(*write_differences(old, new, Path(sys.argv[3])) or ["none"], sep="\n")
