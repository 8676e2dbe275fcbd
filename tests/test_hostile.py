"""Whatever a row holds stays words: the book built from hostile tables, read file by file and opened in a browser."""

import csv
import io
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
import zlib
from contextlib import closing
from html.parser import HTMLParser
from itertools import accumulate
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from conftest import ROOT, foreign_requests, small_ledger
from ledger import citing, editions, load_ledger
from ledger.changes import releases_html
from ledger.dates import span
from ledger.notebooks import chapter_titles, notebook_paths
from ledger.pages import document
from ledger.prose import wording
from ledger.tables import read_schema, table_resources
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

MARKUP = (
    "<script>window.hacked = 'script'</script>",
    """ "'><img src=x onerror="window.hacked = 'attribute'">""",
    "<svg onload=\"window.hacked = 'svg'\"><a href='javascript:window.hacked=1'>x</a></svg>",
    "<iframe src=//host.invalid></iframe><base href=//host.invalid><meta http-equiv=refresh content='0; url=//host.invalid'>",
    "</script></style></title></textarea></pre>]]>--><!--<script>",
)
TEMPLATES = (
    "{glue:text}`x` {ledger}`cutoff` **bold** [x](javascript:window.hacked=1) <javascript:window.hacked=1>",
    "{0} {title} %s %(title)s {{ 7*7 }} {% if x %} ${7*7}",
    "' + window.open() + ' \" + window.open() + \" \\",
    'href="#C-0001" src="x"',
    "Content-Security-Policy",
)
TYPESET = ("$\\frac{a}{b}$ $\\nonsense$ \\input{x} & % # _ ^ ~ }} , {{",)
LINES = ("\nER  - \n\nTY  - GEN\nTI  - forged\n", "\u202edesrever\u202c \u200b\u2066 \u200f\ttab")
HOSTILE = " ".join([*MARKUP, *TEMPLATES, *TYPESET, *LINES])
STARTS = ('=HYPERLINK("http://host.invalid")', "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "")
ADDRESSES = (
    "javascript:window.hacked='address'",
    "JaVaScRiPt:window.hacked='address'",
    "data:text/html,<script>window.hacked='address'</script>",
    "vbscript:window.hacked='address'",
    'https://host.invalid/" onfocus="window.hacked=1" autofocus="',
    "https://host.invalid/}, note = {forged}",
    "https://host.invalid/\nER  - \n\nTY  - GEN",
)
LONG = "x" * 100_000


def hostile(value: str) -> str:
    """Return what stands for a cell in the hostile tables: one value has one such text, so that keys still meet."""
    return f"{STARTS[zlib.crc32(value.encode()) % len(STARTS)]}{value} {HOSTILE}" if value else ""


FILES = {
    ("claims", "claim_id"),
    ("sources", "source_id"),
    ("claimants", "claimant_id"),
    ("figures", "figure_id"),
    ("figures", "name"),
    ("figures", "chapter"),
    ("redirects", "old"),
    ("redirects", "new"),
}
"""The columns that name a file of the site."""


def keys(schema: dict) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """The columns by which other tables find a row, each with the columns that point to it."""
    found = {}
    for resource in table_resources(schema):
        for key in resource["schema"].get("foreignKeys", []):
            to = (key["reference"]["resource"], *key["reference"]["fields"])
            found.setdefault(to, []).append((resource["name"], *key["fields"]))
    return found


def kept(schema: dict) -> dict[tuple[str, str], str]:
    """The columns of words that no book could be built without, each with the reason."""
    found = {
        (r["name"], f["name"]): "a day is computed from it"
        for r in table_resources(schema)
        for f in r["schema"]["fields"]
        if f.get("dateSyntax")
    }
    pointing = keys(schema)
    found |= {c: "it names a file" for file in FILES for c in (file, *pointing.get(file, []))}
    found |= {(table, "bound"): "the words of a number follow from it" for table in ("claims", "reports")}
    return found | {("releases", "version"): "versions are sorted by their numbers"}


def hostile_columns(schema: dict) -> dict[tuple[str, str], float]:
    """The columns that are poisoned, and what share of their rows is.

    Free words and keys are in every row, so that keys still meet. A vocabulary or a form is in half of the rows,
    for the pages show some rows by what the others say.
    """
    linked = {c for key, pointing in keys(schema).items() for c in (key, *pointing)}
    formed = {"enum", "pattern"}
    return {
        (r["name"], f["name"]): 0.5
        if formed & f.get("constraints", {}).keys() and (r["name"], f["name"]) not in linked
        else 1
        for r in table_resources(schema)
        for f in r["schema"]["fields"]
        if f["type"] == "string" and (r["name"], f["name"]) not in kept(schema)
    }


def read_tables(data: Path) -> dict[str, list[dict[str, str]]]:
    tables = {}
    for resource in table_resources(read_schema(data)):
        with (data / resource["path"]).open(encoding="utf-8", newline="") as file:
            tables[resource["name"]] = list(csv.DictReader(file))
    return tables


def fewer(schema: dict, tables: dict[str, list[dict[str, str]]]) -> None:
    """Leave out most claims and documents, and every row that points to one of them: the thousands are alike."""
    claims = {r["claim_id"] for r in [*tables["claims"][:60], *tables["second_coding"]]}
    claims |= {r["claim_id"] for r in tables["claims"] if r["bound"] == "vague"}
    documents = {r["source_id"] for r in tables["reports"] if r["claim_id"] in claims}
    documents |= {r["source_id"] for r in [*tables["base_rates"], *tables["reference_events"]]}
    tables["claims"] = [r for r in tables["claims"] if r["claim_id"] in claims]
    tables["sources"] = [r for r in tables["sources"] if r["source_id"] in documents]
    pointing = [(r["name"], k) for r in table_resources(schema) for k in r["schema"].get("foreignKeys", [])]
    before = None
    while before != (before := sum(map(len, tables.values()))):
        for name, key in pointing:
            (column,), (other,) = key["fields"], key["reference"]["fields"]
            known = {r[other] for r in tables[key["reference"]["resource"]]} | {""}
            tables[name] = [r for r in tables[name] if r[column] in known]
    stating = {r["claimant_id"] for r in tables["claims"]}
    tables["claimants"] = [r for r in tables["claimants"] if r["claimant_id"] in stating]


def make_hostile(data: Path) -> None:
    """Poison the tables of a folder; set some addresses; and put a word of 100,000 letters into two cells."""
    schema = read_schema(data)
    tables = read_tables(data)
    fewer(schema, tables)
    checked = {"checked_on": "2026-01-02", "status": "404", "answered_on": "2026-01-01"}
    for row, moved in zip(
        [r for r in tables["sources"] if r["url"]][-len(ADDRESSES) :], ADDRESSES, strict=True
    ):
        tables["addresses"].append({"url": row["url"], **checked, "moved_to": moved, "archive_url": moved})
    for (name, column), share in hostile_columns(schema).items():
        chance = random.Random(column)  # other rows in each column, and the same in each run
        for row in tables[name]:
            spared = name == "releases" and row["table"] == "claims"  # whose count the page words
            if chance.random() < share and not spared:
                row[column] = hostile(row[column])
    for row, address in zip([r for r in tables["sources"] if r["url"]], ADDRESSES, strict=False):
        row["url"] = address
    tables["sources"][-1]["title"] = tables["claims"][-1]["statement"] = LONG
    for resource in table_resources(schema):
        with (data / resource["path"]).open("w", encoding="utf-8", newline="") as file:
            header = [f["name"] for f in resource["schema"]["fields"]]
            writer = csv.DictWriter(file, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(tables[resource["name"]])


BUILD = """
from jupyter_book.cli.main import main
from ledger import book

book.check_ledger = lambda data: []  # it would refuse nearly every row: this is what stands when it has overlooked one
main()
"""

CHAPTER = """
from ledger import Derived, Numbers, load_ledger
from ledger.charts.common import asserted_numbers, claim_rows, numbers_over_time, wording_ladder
from ledger.figures import publish, publish_interactive

ledger = load_ledger()
words = ledger.glossary["definition"].iloc[0]
names = list(ledger.figures.loc[ledger.figures["chapter"] == "evidence", "name"])
told = {"title": words, "caption": words, "alt": words}
vague = ledger.claims.loc[ledger.claims["bound"].eq("vague"), "claim_id"].iloc[0]
numbers = Numbers(ledger)
numbers.state(vague=vague, worked=Derived(words, ("C-0001", "C-0003"), words))
---
# A mark follows from the polarity: of no other word is there one.
claims = ledger.claims[ledger.claims["bound"].notna() & ledger.claims["polarity"].eq("assert")].head(3)
publish(ledger, names[0], claim_rows(ledger, claims, words), claims, height=4, **told)
---
steps = [(r.publisher, r.quote, r.quote_en, r.drift) for r in ledger.printings.head(3).itertuples()]
publish(ledger, names[1], wording_ladder(steps), claims, height=4, plotted=ledger.printings.head(3), **told)
---
counted = asserted_numbers(ledger.claims).head(8)
publish_interactive(ledger, names[3], numbers_over_time(ledger, counted), counted, **told)
"""


def write_chapters(book: Path) -> None:
    """Put notebooks into the book that state, paste and draw hostile words in one chapter, and nothing in the others."""
    for path in notebook_paths():
        cells = [nbformat.v4.new_markdown_cell(f"# {chapter_titles()[path.stem]}\n\nAnswer. None.")]
        if path.stem == "evidence":
            cells += [nbformat.v4.new_code_cell(code.strip()) for code in CHAPTER.split("---")]
            cells.append(nbformat.v4.new_markdown_cell("Pasted: {glue:text}`vague` and {glue:text}`worked`."))
        nbformat.write(nbformat.v4.new_notebook(cells=cells), book / "chapters" / path.name)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A copy of the book with hostile tables, built as every book is, but for the check of the tables; its folder."""
    book = tmp_path_factory.mktemp("hostile")
    shutil.copytree(ROOT / "data", book / "data", ignore=shutil.ignore_patterns("__pycache__"))
    make_hostile(book / "data")
    (book / "chapters").mkdir()
    for path in (ROOT / "chapters").glob("*.md"):
        shutil.copy(path, book / "chapters")
    shutil.copy(ROOT / "_toc.yml", book)
    write_chapters(book)
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["html"]["baseurl"] = "https://book.invalid"
    # The other chapters are empty, and the typeface has not every sign: only what stops the build counts.
    config["execute"]["stderr_output"] = "remove"
    (book / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-c", BUILD, "build", "--all", "--keep-going", str(book)],
        env={**os.environ, "PYTHONPATH": str(book / "data"), "LEDGER_FIGURES": str(book / "figures")},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-4000:]
    return book


@pytest.fixture(scope="module")
def site(book):
    """The built site: the server of conftest.py serves what stands here."""
    return book / "_build" / "html"


@pytest.fixture(scope="module")
def tables(book):
    return load_ledger(book / "data")


def shown(site: Path) -> list[str]:
    """Every page but most of the claims and sources, of which those with the addresses and the long words are.

    Two are none of them: the page of a wrong address, whose links begin at the base and not at the test's
    server, and the first page, which leads on by itself.
    """
    found = [
        p
        for p in site.rglob("*.html")
        if p.parent.name not in ("claims", "sources")
        and "_static" not in p.parts
        and p not in (site / "404.html", site / "index.html")
    ]
    for folder in ("claims", "sources"):
        pages = sorted((site / folder).glob("*.html"))
        found += [*pages[:15], pages[-1]]
    return sorted(p.relative_to(site).as_posix() for p in found)


class Reader(HTMLParser):
    """Collect what is active in a page: its tags with their attributes, and the words inside scripts."""

    def __init__(self, html: str):
        super().__init__()
        self.tags, self.scripts = [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        if self.cdata_elem == "script" and self.tags[-1][1].get("type", "") != "application/ld+json":
            self.scripts.append(data)


def active(tags) -> list[str]:
    """List the tags that run, load or lead to what a row said."""
    found = []
    for tag, attributes in tags:
        addresses = [
            attributes.get(a) or ""
            for a in ("src", "href", "xlink:href", "action", "formaction", "srcset", "data")
        ]
        schemes = [re.match(r"\s*([a-zA-Z][\w+.-]*):", a) for a in addresses]
        if (
            tag in ("iframe", "base", "object", "embed", "foreignobject")
            or any(name.startswith("on") for name in attributes)
            or any(s and s[1].lower() not in ("http", "https") for s in schemes)
            or (tag != "a" and any("host.invalid" in a for a in addresses))
            or (
                attributes.get("http-equiv", "").lower() == "refresh"
                and re.search("//|:", attributes["content"])
            )
        ):
            found.append(f"{tag} {attributes}"[:300])
    return found


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    "tag",
    [
        *MARKUP[1:3],
        "<a href='javascript:x()'>",
        "<iframe>",
        "<base href=x>",
        "<img src=//host.invalid>",
        "<meta http-equiv=refresh content='0; url=//host.invalid'>",
        "<meta http-equiv=Refresh content='0; url=javascript:x()'>",
        "<button formaction='javascript:x()'>",
        "<form action=//host.invalid>",
        "<input formaction=//host.invalid>",
    ],
)
def test_what_is_active_is_seen(tag):
    assert active(Reader(tag).tags)


def test_what_is_not_active_is_left_alone():
    page = "<meta http-equiv=refresh content='0; url=a/b.html'><a href='https://host.invalid'><img src=a.svg>"
    assert not active(Reader(page).tags)


def test_every_column_of_words_is_hostile(book):
    data = book / "data"
    schema, tables = read_schema(data), read_tables(data)
    plain = {
        (table, column)
        for table, column in hostile_columns(schema)
        if not any(MARKUP[0] in row[column] for row in tables[table])
    }
    # These tables hold no row of the claims that the hostile book is left with.
    assert {table for table, _ in plain} == {"container_pairs", "redirects"}


def test_what_is_kept_could_not_be_built_from_hostile_words(ledger):
    row = ledger.claim("C-0001").copy()
    row["bound"] = hostile(row["bound"])
    with pytest.raises(KeyError):
        wording(ledger, row)
    with pytest.raises(ValueError):
        span(hostile("2025-01"))
    with pytest.raises(OSError):
        Path(hostile("C-0001")).write_bytes(b"")
    version = {"version": hostile("0.1.0"), "table": "claims", "closed_on": "2025-01-01", "rows": 1}
    with pytest.raises(ValueError):
        releases_html(small_ledger(releases=[version]), "")


def test_no_page_holds_anything_active(site):
    counted, found = 0, {}
    for path in site.rglob("*.html"):
        page, html = path.relative_to(site).as_posix(), path.read_text(encoding="utf-8")
        read = Reader(html)
        counted += "hacked" in html
        found[page] = active(read.tags) + [s[:300] for s in read.scripts if "hacked" in s]
        ruled = [
            tag for tag, a in read.tags if tag == "script" or a.get("http-equiv") == "Content-Security-Policy"
        ]
        found[page] += ["no policy before its scripts"] * (
            "_static" not in path.parts and (ruled[:1] != ["meta"] or ruled.count("meta") != 1)
        )
    assert counted > 40, "the tables are not hostile: the test would see nothing"
    assert not {page: problems for page, problems in found.items() if problems}


def test_a_browser_shows_the_words_and_runs_none(site, server, browser, tables):
    for page in shown(site):
        browser.get_log("browser")
        browser.get(server + page)
        WebDriverWait(browser, 60).until(
            lambda d: d.execute_script("return document.readyState") == "complete"
        )
        # A script that the policy of the page stopped would be an error here: there is none to stop.
        errors = [
            e["message"]
            for e in browser.get_log("browser")
            if e["level"] == "SEVERE" and "/favicon.ico" not in e["message"]
        ]
        assert not errors, f"{page}: {errors}"
        assert browser.execute_script("return [window.hacked ?? null, location.href, frames.length]") == [
            None,
            server + page,
            0,
        ]
        assert len(browser.window_handles) == 1
        assert not list(foreign_requests(browser, server)), page
    words = "return document.querySelector('h1').textContent"
    for table, column in (("claims", "statement"), ("sources", "title")):
        for row in getattr(tables, table).head(2).to_dict("records"):
            (key,) = (row[f"{table[:-1]}_id"],)
            browser.get(f"{server}{table}/{key}.html")
            told = row[column] if isinstance(row[column], str) else row["publisher"]
            assert one_line(browser.execute_script(words)) == one_line(f"{key} {told}")
    for address, row in zip(
        ADDRESSES, tables.sources[tables.sources["url"].isin(ADDRESSES)].itertuples(), strict=True
    ):
        browser.get(f"{server}sources/{row.source_id}.html")
        text = browser.execute_script("return document.querySelector('main').textContent")
        assert one_line(address) in one_line(text)
        links = browser.execute_script("return [...document.querySelectorAll('main a')].map(a => a.protocol)")
        assert set(links) <= {"http:", "https:"}


def test_the_search_finds_and_shows_the_words(site, server, browser, tables):
    browser.get(f"{server}search.html?q=reverse desrever")
    WebDriverWait(browser, 60).until(lambda d: d.find_elements(By.CSS_SELECTOR, "#find .find-said")[0].text)
    browser.get(f"{server}search.html?q=desrever")
    WebDriverWait(browser, 60).until(lambda d: d.find_elements(By.CSS_SELECTOR, "#find [role=option]"))
    titles = browser.execute_script(
        "return [...document.querySelectorAll('#find .find-title')].map(e => e.textContent)"
    )
    assert any(MARKUP[0] in t for t in titles)
    rows = browser.execute_script(
        "return window.ledgerFinds.rows.filter(r => r[0] === 'claim').map(r => r[2])"
    )
    assert rows == list(tables.claims["statement"])
    assert browser.execute_script(
        "return [window.hacked ?? null, document.querySelectorAll('#find :is(img, script, iframe, svg)').length]"
    ) == [None, 0]


def test_a_live_chart_draws_the_words_and_runs_none(site, server, browser, tables):
    browser.get(f"{server}chapters/evidence.html")
    browser.get_log("browser")
    buttons = browser.find_elements(By.CSS_SELECTOR, ".live-button")
    assert len(buttons) == 1
    for button in buttons:
        browser.execute_script("arguments[0].click()", button)
    drawn = "figure[data-live] .live-chart svg"
    WebDriverWait(browser, 60).until(lambda d: len(d.find_elements(By.CSS_SELECTOR, drawn)) == len(buttons))
    # The arrow of a bound is four pixels wide, and a pointer at a whole pixel can miss it.
    mark = max(
        browser.find_elements(By.CSS_SELECTOR, f"{drawn} .mark-symbol.role-mark path"),
        key=lambda path: path.size["width"] * path.size["height"],
    )
    browser.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", mark)

    # What loads above can push the mark from under a pointer at rest, so each look begins with a move.
    def words_at_the_mark(driver):
        ActionChains(driver).move_to_element_with_offset(mark, 0, -60).move_to_element(mark).perform()
        return driver.find_element(By.CSS_SELECTOR, "#vg-tooltip-element.visible").get_attribute(
            "textContent"
        )

    text = WebDriverWait(browser, 60).until(words_at_the_mark)
    assert MARKUP[0] in text
    inside = (
        "return [...document.querySelectorAll('#vg-tooltip-element *, .live-chart *')].map(e => e.localName)"
    )
    assert not {"script", "img", "iframe", "foreignObject", "image"} & set(browser.execute_script(inside))
    assert browser.execute_script("return window.hacked ?? null") is None
    assert not [e for e in browser.get_log("browser") if e["level"] == "SEVERE"]
    assert not list(foreign_requests(browser, server))


def test_a_pasted_number_is_the_words_themselves(site, book, tables):
    pasted = BeautifulSoup(
        (site / "chapters/evidence.html").read_text(encoding="utf-8"), "html.parser"
    ).select("a.stated")
    # myst-nb pastes a text as Python writes it, with its quotes and breaks escaped.
    assert "<iframe src=//host.invalid>" in pasted[1].text
    assert [tag.name for tag in pasted[1].find_all(True)] == ["span"]


def test_figures_hold_the_words_as_words(book, site, tables):
    words = tables.glossary["definition"].iloc[0]
    records = [
        json.loads(p.read_text(encoding="utf-8"))
        for p in (book / "figures").glob("*.json")
        if not p.name.endswith(("vl.json", "index.json"))
    ]
    assert len(records) == 3
    for record in records:
        assert record["title"] == words
        for look in (f"{record['name']}.svg", f"{record['name']}-dark.svg"):
            root = ElementTree.parse(book / "figures" / look).getroot()
            names = [
                (e.tag.rpartition("}")[2].lower(), {k.rpartition("}")[2]: v for k, v in e.attrib.items()})
                for e in root.iter()
            ]
            assert not active([n for n in names if n[0] != "rdf"]), look
            assert not {"script", "style", "a"} & {n for n, _ in names} - {"style"}, look
            assert one_line(root.find(".//{http://purl.org/dc/elements/1.1/}title").text) == one_line(words)
        soup = BeautifulSoup(
            (site / "figures" / f"{record['id']}.html").read_text(encoding="utf-8"), "html.parser"
        )
        assert one_line(soup.img["alt"]) == one_line(words)
        with_card = site / "figures" / f"{record['id']}-card.png"
        assert with_card.read_bytes()[:4] == b"\x89PNG"


def test_no_download_runs_or_breaks(site, tables):
    folder = site / "downloads"
    with zipfile.ZipFile(folder / "ledger.xlsx") as workbook:
        sheets = [workbook.read(n) for n in workbook.namelist() if n.startswith("xl/worksheets/sheet")]
        strings = ElementTree.fromstring(workbook.read("xl/sharedStrings.xml"))
        assert not any("externalLink" in n or "vba" in n.lower() for n in workbook.namelist())
    assert len(sheets) == len(table_resources(tables.schema))
    assert not any(b"<f>" in sheet or b"<hyperlink" in sheet for sheet in sheets)
    texts = ["".join(t.text or "" for t in s.iter() if t.tag.endswith("}t")) for s in strings]
    assert sum(t.startswith("'=HYPERLINK") for t in texts) > 10
    assert not [t[:40] for t in texts if t[:1] in "=+-@\t\r"]
    with zipfile.ZipFile(folder / "ledger-csv.zip") as archive:
        # The tables as they are: what is refused is refused by the check, and the page says so.
        assert archive.read("claims.csv") == (tables.data / "claims.csv").read_bytes()
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize((folder / "ledger.sqlite").read_bytes())
        assert [s for (s,) in database.execute("select statement from claims")] == list(
            tables.claims["statement"]
        )
        kinds = {k for (k,) in database.execute("select type from sqlite_master")}
        assert kinds == {"table"}
    record = json.loads((site / "claims/C-0001.json").read_text(encoding="utf-8"))
    assert record["statement"] == tables.claims["statement"].iloc[0]


def test_no_citation_is_forged(site, tables):
    bib = (site / "downloads/sources.bib").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=@)", bib)
    assert len(entries) == len(tables.sources)
    for entry in entries:
        bare = re.sub(r"\\[{}&%$#_]|\\text\w+\{\}", "", entry)
        depths = list(accumulate((s == "{") - (s == "}") for s in bare.strip().removeprefix("@misc")))
        assert (min(depths[:-1]), depths[-1]) == (1, 0), entry[:300]
        assert not re.search(r"\\(?:input|frac|nonsense)", entry)
    ris = (site / "downloads/sources.ris").read_text(encoding="utf-8")
    records = ris.split("\n\n")
    assert len(records) == len(tables.sources) == ris.count("ER  - \n")
    assert all(
        re.fullmatch(r"(?:TY|ID|AU|TI|PY|DA|UR|N1|ER)  - .*", line) for line in ris.splitlines() if line
    )
    work = document(tables.sources.dropna(subset="title").iloc[0])
    assert json.loads(citing.csl_json(work))[0]["title"] == work.title


def test_the_feed_and_the_sitemap_hold_the_words_as_words(site, tables):
    feed = ElementTree.fromstring((site / "changes.xml").read_bytes())
    atom = "{http://www.w3.org/2005/Atom}"
    entries = feed.findall(f"{atom}entry")
    assert len(entries) == len(tables.corrections) + tables.releases["version"].nunique()
    assert {e.tag for e in feed.iter()} <= {
        atom + n
        for n in ("feed", "id", "title", "updated", "author", "name", "rights", "link", "entry", "content")
    }
    assert all(link.get("href").startswith("https://book.invalid/") for link in feed.iter(f"{atom}link"))
    assert any(MARKUP[0] in e.find(f"{atom}content").text for e in entries)
    places = ElementTree.fromstring((site / "sitemap.xml").read_bytes())
    assert all(
        loc.text.startswith("https://book.invalid/") for loc in places.iter() if loc.tag.endswith("loc")
    )


def test_the_description_for_machines_holds_the_words(site, server, browser, tables):
    browser.get(f"{server}chapters/claims.html")
    told = browser.execute_script(
        "return JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').textContent)"
    )
    assert told["variableMeasured"] == sorted(tables.measures["label"])
    assert browser.execute_script(
        "return document.querySelectorAll('table.explorer tr[data-topic]').length"
    ) == len(tables.claims)


def test_the_editions_hold_the_words_as_words(site, tables, browser, tmp_path):
    chapters = editions.assemble(tables, site)
    with zipfile.ZipFile(io.BytesIO(editions.make_epub(tables, site, chapters))) as epub:
        for name in epub.namelist():
            if name.endswith((".xhtml", ".svg", ".opf")):
                root = ElementTree.fromstring(epub.read(name))  # refuses what is not well formed
                tags = [(e.tag.rpartition("}")[2].lower(), e.attrib) for e in root.iter()]
                assert "script" not in dict(tags), name
                assert not active(tags), name
    ids = {i: 0 for c in chapters for i in (c.body["id"], *(s for s, _ in c.sections))}
    page = tmp_path / "book.html"
    page.write_text(editions._print_html(tables, chapters, ids), encoding="utf-8")
    browser.get(page.as_uri())
    assert browser.execute_script(
        "return [window.hacked ?? null, document.scripts.length, frames.length]"
    ) == [None, 0, 0]
