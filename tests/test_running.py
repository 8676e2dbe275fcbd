"""Running a chapter again, each way that its page names: on one's machine, on Binder, inside the browser."""

import contextlib
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from conftest import ROOT, foreign_requests
from jupyter_client import BlockingKernelClient
from ledger.notebooks import notebook_paths
from ledger.prose import MIME
from ledger.running import SUPPLIES
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

NOTEBOOKS = notebook_paths()


def code_cells(path):
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]


@pytest.fixture
def jupyter(tmp_path):
    """The server that `make notebooks` starts, in this environment, on a free port: its address and a way to ask it."""
    runtime = tmp_path / "runtime"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    token = secrets.token_hex()
    server = {"open_browser": False, "ip": "127.0.0.1", "port": port, "port_retries": 0, "allow_root": True}
    (tmp_path / "jupyter_server_config.json").write_text(
        json.dumps({"ServerApp": server, "IdentityProvider": {"token": token}})
    )
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(tmp_path),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "LEDGER_FIGURES": str(tmp_path / "figures"),
    }
    # The environment that runs the tests stands in for .venv: nothing is set up here.
    command = ["make", "notebooks", f"BIN={Path(sys.executable).parent}", "READY="]
    with (tmp_path / "log").open("wb") as log:
        # A group of its own, so that what `make` has started ends with it.
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )

    def ask(path, body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {token}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or "null")

    try:
        for _ in range(1200):
            with contextlib.suppress(urllib.error.URLError):
                ask("api/status")
                break
            assert process.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.1)
        yield ask, runtime
        ask("api/shutdown", {})
        assert process.wait(60) == 0, (tmp_path / "log").read_text()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_make_notebooks_opens_the_chapters_and_one_runs_in_this_environment(jupyter):
    ask, runtime = jupyter
    names = {entry["name"] for entry in ask("api/contents")["content"]}
    assert {path.name for path in NOTEBOOKS} <= names
    path = ROOT / "chapters" / "self-check.ipynb"
    session = ask(
        "api/sessions",
        {"path": path.name, "name": path.name, "type": "notebook", "kernel": {"name": "python3"}},
    )
    client = BlockingKernelClient(connection_file=str(runtime / f"kernel-{session['kernel']['id']}.json"))
    client.load_connection_file()
    client.start_channels()
    try:
        for _ in range(60):
            # One that is still starting counts as dead.
            with contextlib.suppress(RuntimeError):
                client.wait_for_ready(timeout=60)
                break
        heard = []

        def run(source):
            heard.clear()
            reply = client.execute_interactive(source, output_hook=heard.append, timeout=120)
            assert reply["content"]["status"] == "ok", reply["content"]
            return [message["content"] for message in heard if message["msg_type"] != "status"]

        assert run("import sys; print(sys.prefix)")[-1]["text"].strip() == sys.prefix
        for cell in code_cells(path):
            records = [o["data"][MIME] for o in run(cell.source) if MIME in o.get("data", {})]
            assert records == [o.data[MIME] for o in cell.outputs if MIME in o.get("data", {})]
    finally:
        client.stop_channels()


def test_binder_is_given_the_pins_of_the_book_and_the_python_that_they_were_made_for():
    folder = ROOT / ".binder"
    assert {p.name for p in folder.iterdir()} == {"requirements.txt", "runtime.txt"}
    (line,) = (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert (folder / line.removeprefix("-r ")).resolve() == ROOT / "requirements.txt"
    version = (folder / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">={version}"
    assert f"--python-version {version} " in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_what_runs_inside_the_browser_is_pinned_with_its_hash_and_was_fetched():
    lines = (ROOT / "data/ledger/browser/packages.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    found = [re.fullmatch(r"([a-z-]+)==([\w.]+) --hash=sha256:[0-9a-f]{64}", pin) for pin in pins]
    assert all(found), pins
    fetched = {path.name.partition("-py3")[0] for path in SUPPLIES.glob("*.whl")}
    assert fetched == {f"{pin[1].replace('-', '_')}-{pin[2]}" for pin in found}


def test_each_chapter_says_how_to_run_it_in_three_ways_and_gives_its_notebook(site):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for path in NOTEBOOKS:
        page = BeautifulSoup(
            (site / "chapters" / f"{path.stem}.html").read_text(encoding="utf-8"), "html.parser"
        )
        (fold,) = page.select("article details.run-again")
        assert fold.summary.text == "Run this chapter again"
        first, *_ = links = [a["href"] for a in fold.select("a[href]")]
        assert links == [path.name, f"../run/index.html#{path.stem}"]
        assert (site / "chapters" / first).read_bytes() == path.read_bytes()
        codes = [code.text for code in fold.select("code")]
        assert codes == [
            "make notebooks",
            path.name,
            f".venv/bin/python -m ledger execute {path.stem}",
            ".binder",
            f"chapters/{path.name}",
        ]
        assert "\nnotebooks:" in makefile
        assert (ROOT / codes[3]).is_dir()
        assert (ROOT / codes[4]).is_file()
    others = {p.stem for p in (site / "chapters").glob("*.html")} - {p.stem for p in NOTEBOOKS}
    assert others
    for name in others:
        assert "run-again" not in (site / "chapters" / f"{name}.html").read_text(encoding="utf-8")


def run_every_cell(browser):
    browser.find_element(By.ID, "run").click()
    button = browser.find_element(By.ID, "run")
    WebDriverWait(browser, 600, poll_frequency=1).until(lambda _: button.is_enabled())
    verdicts = [v.text for v in browser.find_elements(By.CLASS_NAME, "verdict")]
    return browser.find_element(By.ID, "said").text, verdicts


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_chapter_runs_to_its_end_inside_the_browser_and_gives_what_is_printed(site, server, browser, path):
    browser.get("about:blank")  # another hash alone would not load the page anew
    browser.get_log("browser")
    browser.get(f"{server}run/index.html#{path.stem}")
    cells = code_cells(path)
    WebDriverWait(browser, 20).until(
        lambda d: (
            len(d.find_elements(By.CLASS_NAME, "verdict")) == len(cells)
            and d.find_element(By.ID, "run").is_enabled()
        )
    )
    said, verdicts = run_every_cell(browser)
    text = browser.find_element(By.ID, "cells").text
    assert said == f"All {len(cells)} cells ran; {len(cells)} gave what is printed.", text[-2000:]
    assert verdicts == ["As printed."] * len(cells)
    drawn = "return [...document.querySelectorAll('#cells img')].map(i => i.alt && i.naturalWidth)"
    records = [o.data[MIME] for c in cells for o in c.outputs if MIME in o.get("data", {})]
    still = [r for r in records if r["kind"] == "figure" and not r["interactive"]]
    assert [width > 900 for width in browser.execute_script(drawn)] == [True] * len(still)
    assert not [e["message"] for e in browser.get_log("browser") if e["level"] in ("SEVERE", "WARNING")]
    assert not list(foreign_requests(browser, server))


def test_the_page_says_so_when_a_cell_gives_something_else_or_fails(site, server, browser):
    browser.get("about:blank")
    browser.get(f"{server}run/index.html#self-check")
    WebDriverWait(browser, 20).until(lambda d: d.find_element(By.ID, "run").is_enabled())
    change = "document.querySelectorAll('textarea')[arguments[0]].value = arguments[1]"
    first, second, *_ = code_cells(ROOT / "chapters" / "self-check.ipynb")
    browser.execute_script(change, 0, f"{first.source}\nprint(6 * 7)")
    browser.execute_script(change, 1, second.source.replace("C-0843", "C-0844", 1))
    browser.execute_script(change, 2, "1 / 0")
    said, verdicts = run_every_cell(browser)
    assert said == "Cell 3 of 3 failed; the cells after it did not run."
    assert verdicts == ["As printed.", "Not as printed.", "This cell failed."]
    printed = [p.text for p in browser.find_elements(By.CSS_SELECTOR, "#cells pre")]
    assert printed[0] == "42"
    assert "ZeroDivisionError" in printed[-1]
