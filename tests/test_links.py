"""The link check, against a server of our own: what answers, moves, is missing, is silent or is refused."""

import csv
import http.server
import threading
import time

import pytest
from ledger import links, load_ledger
from ledger.__main__ import main
from ledger.check import check_ledger
from ledger.pages import Pages
from ledger.tables import hashes, read_schema
from ledger.web import Site

PAUSE = 0.2
TIMEOUT = 5.0  # long enough for a busy machine; only the silent address waits for it


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.server.asked.append((self.command, self.path))
        if self.path == "/silent":
            self.server.over.wait(60)
            return
        targets = {
            "/moved": "/there",
            "/circle": "/circle",
            "/hostile": "javascript:alert(1)",
            "/user": f"http://user@127.0.0.1:{self.server.server_port}/there",
            "/formula": "/there;-1",
        }
        statuses = {"/gone": 404, "/no-head": 405, "/refused": 999} | dict.fromkeys(targets, 302)
        status = statuses.get(self.path, 200)
        if self.path == "/no-head" and self.command == "GET":
            status = 200
        self.send_response(status)
        if self.path in targets:
            self.send_header("Location", targets[self.path])
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    httpd.asked, httpd.over = [], threading.Event()
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    httpd.root = f"http://127.0.0.1:{httpd.server_port}"
    yield httpd
    httpd.over.set()
    httpd.shutdown()
    httpd.server_close()


@pytest.fixture
def refused():
    """An address at which nobody listens."""
    with http.server.HTTPServer(("127.0.0.1", 0), _Answers) as httpd:
        return f"http://127.0.0.1:{httpd.server_port}/"


def test_each_answer_is_told_from_the_others(server, refused):
    root = server.root
    paths = ("/here", "/moved", "/gone", "/silent", "/no-head", "/circle", "/hostile")
    found = links.ask_all([*(root + p for p in paths), refused], pause=0, timeout=TIMEOUT)
    assert found == {
        f"{root}/here": ("200", ""),
        f"{root}/moved": ("200", f"{root}/there"),
        f"{root}/gone": ("404", ""),
        f"{root}/silent": ("timeout", ""),
        f"{root}/no-head": ("200", ""),
        f"{root}/circle": ("302", ""),
        f"{root}/hostile": ("unreachable", ""),
        refused: ("unreachable", ""),
    }


def test_a_host_is_asked_once_in_each_pause_and_get_only_where_head_fails(server):
    begun = time.monotonic()
    links.ask_all([f"{server.root}/{n}" for n in range(6)] + [f"{server.root}/gone"], pause=PAUSE)
    assert len(server.asked) == 8
    # A busy machine makes it longer, nothing makes it shorter.
    assert time.monotonic() - begun >= 7 * PAUSE
    assert [path for command, path in server.asked if command == "GET"] == ["/gone"]


def with_addresses(folder, *urls):
    """Give the tables of a folder these addresses and no others, from the first document that has one."""
    path = folder / "sources.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    left = iter(urls)
    for row in rows:
        row["url"] = next(left, "") if row["url"] else ""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_the_table_says_what_came_back_and_the_page_shows_it(spoiled, server):
    with_addresses(spoiled.folder, *(server.root + p for p in ("/here", "/gone", "/moved")))
    addresses = spoiled.folder / "addresses.csv"
    old = f"{server.root}/gone,2020-01-01,200,2020-01-01,,https://example.org/copy"
    addresses.write_text(f"{addresses.read_text(encoding='utf-8')}{old}\n", encoding="utf-8")
    assert main(["links", "--data", str(spoiled.folder)]) == 0
    ledger = load_ledger(spoiled.folder)
    rows = ledger.addresses.fillna("").set_index("url").to_dict("index")
    gone, moved = rows[f"{server.root}/gone"], rows[f"{server.root}/moved"]
    today = rows[f"{server.root}/here"]["checked_on"]
    assert rows.keys() == {f"{server.root}{p}" for p in ("/here", "/gone", "/moved")}
    assert gone == {
        "checked_on": today, "status": "404", "answered_on": "2020-01-01", "moved_to": "",
        "archive_url": "https://example.org/copy",
    }  # fmt: skip
    assert moved["moved_to"] == f"{server.root}/there"
    assert not [p for p in check_ledger(spoiled.folder) if p.file == "addresses.csv"]
    by_url = ledger.sources.set_index("url")["source_id"]
    page = Pages(Site(ledger, "", "", "")).source_page(by_url[f"{server.root}/gone"])
    assert "(404); it last answered on 1 January 2020" in page
    assert 'href="https://example.org/copy"' in page
    page = Pages(Site(ledger, "", "", "")).source_page(by_url[f"{server.root}/moved"])
    assert f'href="{server.root}/there"' in page
    assert "Archive copy" not in page


def test_what_a_foreign_server_sends_is_stored_only_as_the_check_allows_it(spoiled, server):
    root = server.root
    with_addresses(spoiled.folder, *(root + p for p in ("/user", "/formula", "/refused")))
    assert links.check_links(spoiled.folder, pause=0, timeout=TIMEOUT) == 0
    rows = load_ledger(spoiled.folder).addresses.fillna("").set_index("url")
    assert dict(zip(rows.index, zip(rows["status"], rows["moved_to"], strict=True), strict=True)) == {
        f"{root}/formula": ("200", ""),
        f"{root}/refused": ("999", ""),
        f"{root}/user": ("200", ""),
    }
    assert not [p for p in check_ledger(spoiled.folder) if p.file == "addresses.csv"]


def test_the_hash_of_the_table_is_stored_with_it_and_no_other(spoiled, server):
    with_addresses(spoiled.folder, f"{server.root}/here")
    assert links.check_links(spoiled.folder, pause=0, timeout=TIMEOUT) == 0
    stored = {r["path"]: r["hash"] for r in read_schema(spoiled.folder)["resources"]}
    # The sources were changed here, and no chapter was run on them.
    assert [path for path, found in hashes(spoiled.folder).items() if stored[path] != found] == [
        "sources.csv"
    ]


def test_without_a_network_nothing_is_written_and_the_pages_say_nothing(spoiled, ledger, refused, capsys):
    with_addresses(spoiled.folder, refused)
    before = (spoiled.folder / "addresses.csv").read_bytes()
    assert links.check_links(spoiled.folder, pause=0, timeout=TIMEOUT) == 1
    assert "is there a network?" in capsys.readouterr().out
    assert (spoiled.folder / "addresses.csv").read_bytes() == before
    assert "Last seen" not in Pages(Site(ledger, "", "", "")).source_page("S-0006")


def test_an_address_that_no_source_has_is_refused(spoiled):
    path = spoiled.folder / "addresses.csv"
    path.write_text(
        path.read_text(encoding="utf-8") + "https://example.org/none,2026-01-01,200,2026-01-01,,\n",
        encoding="utf-8",
    )
    assert [str(p) for p in check_ledger(spoiled.folder)] == [
        "addresses.csv:2: url: 'https://example.org/none' is not in sources.csv; allowed is a url that is"
    ]
