"""Read this book and the stock template book side by side, as a phone does, and print the table.

    python tests/benchmark/reading.py [--runs 3] [--site _build/html]

Builds the book that `jupyter-book create` makes, its theme untouched, serves both on loopback with gzip, and runs
Lighthouse (mobile) on pages of each. Needs the network once, for npm to put Lighthouse into _build/; Chromium from
CHROME_PATH. Scores move with the machine: only the ratios of one run mean something.
"""

import argparse
import functools
import gzip
import http.server
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "_build" / "benchmark"
CHROMIUM = os.environ.get("CHROME_PATH") or shutil.which("chromium") or "/usr/bin/chromium"
CATEGORIES = {"performance": "perf.", "accessibility": "access.", "best-practices": "practices", "seo": "SEO"}
OURS = (
    "chapters/index.html",
    "chapters/casualties.html",
    "chapters/forecasts.html",
    "chapters/claims.html",
    "chapters/sources.html",
    "figures/F-02.html",
    "claims/C-0017.html",
)
TEMPLATE = ("intro.html", "markdown.html", "notebooks.html")
PACKED = {".html", ".css", ".js", ".svg", ".json", ".txt", ".xml"}


class Packed(http.server.SimpleHTTPRequestHandler):
    """A quiet server that sends text in gzip, as a web host does."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Say nothing."""

    def do_GET(self):
        """Send a file, packed if it is text."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        if path.suffix in PACKED:
            content = gzip.compress(content)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "max-age=3600")
        self.end_headers()
        self.wfile.write(content)


def serve(folder: Path) -> str:
    """Serve a folder until the end of the run; return its address."""
    httpd = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Packed, directory=str(folder))
    )
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{httpd.server_port}/"


def template_book() -> Path:
    """Build the stock template book; return the folder of its HTML."""
    book = WORK / "template"
    command = Path(sys.executable).parent / "jupyter-book"
    if not book.exists():
        subprocess.run([command, "create", book], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([command, "build", "--all", book], check=True, stdout=subprocess.DEVNULL)
    return book / "_build" / "html"


def lighthouse() -> Path:
    """Install Lighthouse into _build/ unless it is there; return its command."""
    command = WORK / "node_modules" / ".bin" / "lighthouse"
    if not command.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["npm", "install", "--no-save", "--no-audit", "--prefix", WORK, "lighthouse@13.5.0"], check=True
        )
    return command


def measure(command: Path, address: str, runs: int) -> dict[str, float]:
    """Return the medians of some runs of Lighthouse on a page: KB, foreign requests, scores, LCP, CLS."""
    found = []
    for _ in range(runs):
        run = subprocess.run(
            [
                command, address, "--quiet", "--output=json", "--max-wait-for-load=60000",
                f"--only-categories={','.join(CATEGORIES)}", "--chrome-flags=--headless --no-sandbox --disable-gpu",
            ],
            env={**os.environ, "CHROME_PATH": CHROMIUM}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        report = json.loads(run.stdout)
        audits = report["audits"]
        requests = audits["network-requests"]["details"]["items"]
        origin = "/".join(address.split("/")[:3])
        found.append(
            {
                "KB": sum(r.get("transferSize", 0) for r in requests) / 1000,
                "foreign": sum(not r["url"].startswith((origin, "data:", "blob:")) for r in requests),
                **{short: 100 * (report["categories"][c]["score"] or 0) for c, short in CATEGORIES.items()},
                "LCP s": audits["largest-contentful-paint"]["numericValue"] / 1000,
                "CLS": audits["cumulative-layout-shift"]["numericValue"],
            }
        )
        lacking = [
            a["id"]
            for c in ("accessibility", "best-practices", "seo")
            for ref in report["categories"][c]["auditRefs"]
            if ref["weight"] and (a := audits[ref["id"]])["score"] not in (1, None)
        ]
    return {name: statistics.median(f[name] for f in found) for name in found[0]} | {"lacking": lacking}


def main() -> None:
    """Measure, and print the table and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--runs", type=int, default=3, help="runs of Lighthouse a page, of which the median counts"
    )
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html", help="this book, built")
    parser.add_argument("--pages", nargs="*", default=OURS, help="pages of this book")
    options = parser.parse_args()
    command = lighthouse()
    books = {"template": (template_book(), TEMPLATE), "this book": (options.site, options.pages)}
    medians = {}
    for book, (folder, pages) in books.items():
        address = serve(folder)
        rows = []
        for page in pages:
            row = measure(command, address + page, options.runs)
            lacking = row.pop("lacking")
            if not rows and not medians:
                print(f"{'book':10} {'page':28}" + "".join(f"{name:>10}" for name in row))
            shown = "".join(
                f"{value:10.{2 if name in ('LCP s', 'CLS') else 0}f}" for name, value in row.items()
            )
            print(f"{book:10} {page:28}{shown}  {' '.join(lacking)}", flush=True)
            rows.append(row)
        medians[book] = {name: statistics.median(r[name] for r in rows) for name in rows[0]}
    ours, theirs = medians["this book"], medians["template"]
    for name in ("KB", "LCP s"):
        print(
            f"median {name}: {ours[name]:.2f} to {theirs[name]:.2f}, a ratio of {ours[name] / theirs[name]:.2f}"
        )


if __name__ == "__main__":
    main()
