"""Finding one's way: search data, glossary, cards, feed, redirects, sitemap, with a base address and without."""

import gzip
import json
import re
import unicodedata
import uuid
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from conftest import small_ledger
from docutils import nodes
from docutils.utils import new_document
from ledger import DATA, data_cutoff, load_ledger
from ledger.__main__ import main
from ledger.book import _open_ledger
from ledger.changes import ATOM, feed, record, releases_html
from ledger.check import check_ledger
from ledger.finding import KINDS, redirect_html, search_data, search_rows, sitemap, write, wrong_address_html
from ledger.glossary import LANGUAGES, glossary_html, printed_words, term_id
from ledger.web import Site, counterpart, first_sentence

BASE = "https://book.example/"


@pytest.fixture(params=["", BASE], ids=["no base", "base"])
def place(request, ledger):
    return Site(ledger, request.param, "", "no commit")


@pytest.fixture
def site_of(ledger):
    return lambda base="", repository="", of=None: Site(of or ledger, base, repository, "no commit")


def soup(html):
    return BeautifulSoup(html, "html.parser")


def test_the_search_holds_every_claim_source_figure_claimant_and_term(ledger, site_of):
    rows = search_rows(site_of(), [("chapters/method.html", "bounds", "Bounds", "vague words")])
    ids = {kind: [r[1] or r[2] for r in rows if r[0] == kind] for kind in KINDS}
    assert ids["claim"] == list(ledger.claims["claim_id"])
    assert ids["source"] == list(ledger.sources["source_id"])
    assert ids["figure"] == list(ledger.figures["figure_id"])
    assert ids["claimant"] == list(ledger.claimants["name"])
    assert ids["term"] == list(ledger.glossary["term"])
    assert [r for r in rows if r[0] == "section"] == [
        ["section", "", "Bounds", "Method", "vague words", "chapters/method.html#bounds"]
    ]
    data = search_data(rows)
    assert json.loads(data.decode().removeprefix("window.ledgerFinds = ").removesuffix(";\n"))["rows"] == rows
    assert len(gzip.compress(data)) <= 400_000


def test_the_glossary_says_of_each_word_whether_a_quotation_prints_it(ledger):
    page = soup(glossary_html(ledger, "../"))
    ids = [term_id(term) for term in ledger.glossary["term"]]
    assert sorted(t["id"] for t in page.select("[id]")) == sorted(set(ids))
    assert len(set(ids)) == len(ids)
    printed = printed_words(ledger)
    assert {code for code, _ in printed} == {code for code, _ in LANGUAGES.values()}
    quotes = ledger.printings.groupby("claim_id")["quote"].agg(" ".join)
    for (_, printed_word), claim in printed.items():
        quote, word = (
            unicodedata.normalize("NFKC", text).casefold() for text in (quotes[claim], printed_word)
        )
        assert word in quote.replace("ё", "е"), (word, claim)
    dead = page.find(id=term_id("killed in action"))
    assert "전사자 (C-" in dead.get_text()
    assert "погибшие (our translation)" in dead.get_text()


def test_a_page_of_a_base_is_named_whole_and_one_without_is_not(place):
    head = soup(
        place.head("claims/C-0017.html", "A title", 'A "finding" & more')
        + place.canonical("claims/C-0017.html")
    )
    told = {m.get("property") or m["name"]: m["content"] for m in head.find_all("meta")}
    assert (
        told["description"] == told["og:description"] == told["twitter:description"] == 'A "finding" & more'
    )
    card = f"figures/{place.figure_of('claims/C-0017.html')['id']}-card.png"
    assert told["og:image"] == told["twitter:image"] == f"{place.base or '../'}{card}"
    assert told.get("og:url", "") == (f"{BASE}claims/C-0017.html" if place.base else "")
    canonical = head.select("link[rel=canonical]")
    assert [c["href"] for c in canonical] == ([f"{BASE}claims/C-0017.html"] if place.base else [])
    assert head.select_one("link[type='application/atom+xml']")["href"] == "../changes.xml"


def test_a_page_in_two_languages_names_both_by_whole_addresses_and_none_without_a_base(place):
    for path in ("chapters/glossary.html", "figures/F-01.html", "claims/C-0017.html"):
        found = soup(place.head(path, "A title", "A finding")).select("link[hreflang]")
        there = counterpart(path) if place.base else None
        pages = {"en": path, "id": there, "x-default": path} if there else {}
        assert {link["hreflang"]: link["href"] for link in found} == {c: BASE + p for c, p in pages.items()}


@pytest.mark.parametrize("own", ["", "own"])
@pytest.mark.parametrize("outside", ["", "outside"])
def test_the_configuration_names_the_addresses_before_the_environment_does(monkeypatch, own, outside):
    for name in ("LEDGER_ADDRESS", "LEDGER_REPOSITORY"):
        monkeypatch.setenv(name, outside and f"https://{outside}.example/")
    config = SimpleNamespace(
        html_baseurl=own and f"https://{own}.example",
        html_theme_options={"repository_url": own and f"https://{own}.example"},
        html_static_path=[],
    )
    _open_ledger(None, config)
    named = own or outside
    assert config.site.base == (f"https://{named}.example/" if named else "")
    assert config.site.repository == (f"https://{named}.example" if named else "")


def test_the_picture_of_a_page_is_its_own_its_first_or_the_books(site_of, ledger):
    site = site_of()
    assert site.figure_of("figures/F-26.html")["id"] == "F-26"
    first = ledger.figures[ledger.figures["chapter"] == "casualties"]["figure_id"].iloc[0]
    assert site.figure_of("chapters/casualties.html")["id"] == first
    assert "C-0017" in site.figure_of("claims/C-0017.html")["claims"]
    assert site.figure_of("chapters/method.html")["id"] == "F-01"


def test_the_foot_leads_to_citing_and_to_the_repository_if_one_is_set(site_of):
    def links(site):
        return {a.text: a["href"] for a in soup(site.foot("../", "chapters/citing.html#cite-method")).find_all("a")}  # fmt: skip

    assert links(site_of())["How to cite this page"] == "../chapters/citing.html#cite-method"
    assert links(site_of())["Report a mistake"] == "../chapters/changes.html#report-a-mistake"
    assert links(site_of(repository="https://code.example/book"))["Report a mistake"] == "https://code.example/book/issues"  # fmt: skip


def test_the_page_of_a_wrong_address_has_the_foot_of_its_siblings_from_any_depth(place):
    foot = soup(wrong_address_html(place)).find("footer")
    links = [a["href"].removeprefix(place.base or "/") for a in foot.find_all("a")]
    own = soup(place.foot("", "chapters/citing.html#cite-whole")).find_all("a")
    assert links == [a["href"] for a in own]
    assert not any(a["href"] in links for a in foot.find_all("a")), "relative links fail in a folder"


def test_the_feed_is_atom_and_takes_its_dates_from_the_rows(place):
    ledger = place.ledger
    text = feed(ledger, place.base)
    assert text == feed(load_ledger(), place.base)
    root = ElementTree.fromstring(text)
    assert root.tag == f"{{{ATOM}}}feed"
    entries = root.findall(f"{{{ATOM}}}entry")
    assert len(entries) == len(ledger.corrections) + ledger.releases["version"].nunique()
    for element in [root, *entries]:
        held = {child.tag.removeprefix(f"{{{ATOM}}}"): child for child in element}
        assert held["title"].text
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}T00:00:00Z", held["updated"].text)
        assert uuid.UUID(held["id"].text).version == 5
        (page,) = (e for e in element.findall(f"{{{ATOM}}}link") if e.get("rel") == "alternate")
        assert page.get("href").startswith(f"{place.base}chapters/changes.html")
    assert root.find(f"{{{ATOM}}}author/{{{ATOM}}}name").text
    assert all(e.find(f"{{{ATOM}}}content").text for e in entries)
    ids = [e.find(f"{{{ATOM}}}id").text for e in [root, *entries]]
    assert len(set(ids)) == len(ids)
    days = [e.find(f"{{{ATOM}}}updated").text for e in entries]
    assert days == sorted(days, reverse=True)
    assert root.find(f"{{{ATOM}}}updated").text == days[0]
    assert {d[:10] for d in days} <= {*ledger.corrections["corrected_on"], *ledger.releases["closed_on"]}
    own = [e.get("href") for e in root.findall(f"{{{ATOM}}}link") if e.get("rel") == "self"]
    assert own == ([f"{BASE}changes.xml"] if place.base else [])


def test_a_closed_version_is_counted_against_the_tables_before_it(spoiled, ledger):
    old = spoiled("claims.csv", ",11000,,about,", ",12000,,about,")
    spoiled("corrections.csv", "E-001,", "E-000,")
    lines = record(old, ledger, "2026-12-01").splitlines()
    counted = {tuple(line.split(",")[:2]): line.split(",")[2:] for line in lines[1:]}
    version = ledger.version
    assert counted[version, "claims"] == ["2026-12-01", str(len(ledger.claims)), "0", "1", "0"]
    assert counted[version, "corrections"] == ["2026-12-01", str(len(ledger.corrections)), "1", "0", "1"]
    assert (version, "releases") not in counted, "it would count what is being written"
    assert lines[1:] == sorted(lines[1:])


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("yesterday", "'yesterday' has the wrong form"),
        ("2024", "'2024' has the wrong form; allowed: \\d{4}-\\d{2}-\\d{2}"),
        ("2024-02-30", "is no day of the calendar"),
        ("", "is blank; a value is required"),
    ],
)
def test_a_version_is_closed_only_on_a_day_that_the_check_allows(spoiled, capsys, day, expected):
    before = (spoiled.folder / "releases.csv").read_bytes()
    assert main(["changes", str(DATA), "--data", str(spoiled.folder), "--record", day]) == 1
    told = capsys.readouterr().err
    assert told.startswith("releases.csv: closed_on: ")
    assert expected in told
    assert (spoiled.folder / "releases.csv").read_bytes() == before


def test_a_version_is_recorded_in_the_tables_that_were_named(spoiled):
    releases = DATA / "releases.csv"
    before = releases.read_bytes()
    spoiled("datapackage.json", '"version": "', '"version": "9')
    assert main(["changes", str(DATA), "--data", str(spoiled.folder), "--record", "2026-12-01"]) == 0
    assert releases.read_bytes() == before
    assert "\n9" in (spoiled.folder / "releases.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("table", "spoil", "expected"),
    [
        ("datapackage.json", None, "datapackage.json:1: file: is missing"),
        (
            "claims.csv",
            b"claim_id,topic\nC-0001,a\nC-0002\n",
            "claims.csv:3: row: has 1 cells; allowed are 2",
        ),
        ("claims.csv", b'claim_id,topic\nC-0001,"a\n', "claims.csv:2: file: has broken quoting"),
        ("claims.csv", b"claim_id,topic\nC-0001,\xe9\n", "claims.csv:1: file: is not UTF-8"),
        ("claims.csv", b"", "claims.csv:1: header: is missing"),
    ],
)
def test_older_tables_that_cannot_be_read_are_named(spoiled, capsys, table, spoil, expected):
    path = spoiled.folder / table
    path.unlink() if spoil is None else path.write_bytes(spoil)
    assert main(["changes", str(spoiled.folder)]) == 1
    told = capsys.readouterr()
    assert told.err.startswith(f"{spoiled.folder}/{expected}")
    assert not told.out


def with_releases(*versions):
    """The ledger with closed versions of two claims each, by version and day."""
    counts = {"rows": 2, "added": 0, "changed": 0, "removed": 0}
    return small_ledger(
        releases=[{"version": v, "table": "claims", "closed_on": day, **counts} for v, day in versions]
    )


def test_the_tenth_version_comes_after_the_ninth():
    tenth = with_releases(("0.10.0", "2026-11-24"), ("0.9.0", "2026-11-24"))
    heads = [s.text for s in soup(releases_html(tenth, "../")).find_all("summary")]
    assert "than version 0.10.0 held" in heads[0]
    assert [h.split(",")[0] for h in heads[1:]] == ["Version 0.10.0", "Version 0.9.0"]
    entries = ElementTree.fromstring(feed(tenth, "")).findall(f"{{{ATOM}}}entry/{{{ATOM}}}title")
    assert [e.text for e in entries if e.text.startswith("Version")] == ["Version 0.10.0", "Version 0.9.0"]


def test_the_page_of_changes_tells_the_open_version_apart_from_the_closed(ledger):
    page = soup(releases_html(ledger, "../"))
    heads = [s.text for s in page.find_all("summary")]
    closed = sorted(
        ledger.releases["version"].unique(), key=lambda v: [int(n) for n in v.split(".")], reverse=True
    )
    assert [re.match(r"Version ([\d.]+)", h)[1] for h in heads][-len(closed) :] == closed
    assert ("not closed" in heads[0]) == (ledger.version not in closed)
    assert all(d.find(id=True)["id"].startswith("version-") for d in page.find_all("details"))


BREAKS = [
    ("releases.csv", "0.2.0,claims,2026-11-22,1653,", "0.2.0,claims,2026-11-22,1654,", "rows: 1654 does not follow"),
    ("releases.csv", "0.2.0,vague_terms,", "0.2.0,vague_words,", "table: 'vague_words' is no table; allowed: "),
    ("releases.csv", "0.1.0,claims,2026-11-22,91,91,0,0\n", "", "releases.csv:2: table: version 0.1.0 has no row of claims"),
    ("glossary.csv", "casualties;killed or wounded", "casualties;wounded", "'wounded' stands under"),
    ("glossary.csv", ",method#bounds", ",Method.html", "see: 'Method.html' has the wrong form"),
    ("redirects.csv", "old,new,since\n", "old,new,since\na.html,b.html,0.3.0\nb.html,c.html,0.3.0\n", "'b.html' has moved itself"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "old", "new", "expected"), BREAKS, ids=[b[3] for b in BREAKS])
def test_a_row_that_cannot_hold_is_named(spoiled, table, old, new, expected):
    found = [str(p) for p in check_ledger(spoiled(table, old, new))]
    assert any(expected in line for line in found), found


@pytest.fixture
def built(tmp_path):
    for name in ("index.html", "chapters/method.html", "claims/C-0001.html", "figures/F-01-embed.html"):
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("<!doctype html>", encoding="utf-8")
    return tmp_path / "site"


def test_a_sitemap_and_robots_are_there_with_a_base_alone(built, place):
    write(place, built, [], "An answer.")
    assert (built / "sitemap.xml").exists() == (built / "robots.txt").exists() == bool(place.base)
    assert (built / "changes.xml").exists()
    assert (built / "_static" / "find-data.js").exists()
    if place.base:
        urls = ElementTree.parse(built / "sitemap.xml").getroot()
        found = [[child.text for child in url] for url in urls]
        day = data_cutoff(place.ledger).isoformat()
        assert found == [[f"{BASE}{p}", day] for p in ("chapters/method.html", "claims/C-0001.html")]
        assert f"\nSitemap: {BASE}sitemap.xml\n" in (built / "robots.txt").read_text()
        assert sitemap(place, ["a&b.html"]).count("a&amp;b.html") == 1


def test_what_has_moved_leads_on_and_what_is_there_is_never_overwritten(built, site_of, spoiled):
    def moved(row):
        (spoiled.folder / "redirects.csv").write_text(f"old,new,since\n{row}\n", encoding="utf-8")
        return site_of(BASE, of=load_ledger(spoiled.folder))

    site = moved("old/way.html,chapters/method.html#bounds,0.3.0")
    for _ in range(2):  # a second build finds its own page there
        write(site, built, [], "An answer.")
    page = soup((built / "old" / "way.html").read_text(encoding="utf-8"))
    assert (
        page.find("meta", attrs={"http-equiv": "refresh"})["content"]
        == "0; url=../chapters/method.html#bounds"
    )
    assert page.a["href"] == "../chapters/method.html#bounds"
    assert page.find("link", rel="canonical")["href"] == f"{BASE}chapters/method.html"
    assert "old/way.html" not in (built / "sitemap.xml").read_text()
    assert "canonical" not in redirect_html(site_of(), "a.html", "b.html")
    with pytest.raises(ValueError, match="not in the site"):
        write(moved("old/other.html,chapters/none.html,0.3.0"), built, [], "An answer.")
    with pytest.raises(ValueError, match="only what is gone"):
        write(moved("claims/C-0001.html,chapters/method.html,0.3.0"), built, [], "An answer.")


def test_the_root_leads_on_and_shows_the_card_of_the_book_to_whom_the_address_is_sent(built, place):
    write(place, built, [], "An answer.")
    page = soup((built / "index.html").read_text(encoding="utf-8"))
    assert page.find("meta", attrs={"http-equiv": "refresh"})["content"] == "0; url=chapters/index.html"
    told = {m.get("property") or m.get("name"): m.get("content") for m in page.find_all("meta")}
    assert told["og:title"] == page.title.text == page.h1.text == "North Korea in Russia's war"
    assert told["og:description"] == "An answer."
    assert told["og:image"] == f"{place.base}figures/F-01-card.png"
    assert "robots" not in told
    canonical = [c["href"] for c in page.select("link[rel=canonical]")]
    assert canonical == ([f"{BASE}chapters/index.html"] if place.base else [])


def test_the_page_of_a_wrong_address_works_at_any_depth(place):
    page = soup(wrong_address_html(place))
    links = [t.get("href") for t in page.find_all(href=True)]
    assert len(links) > 15
    assert all(link.startswith(place.base or "/") for link in links)
    assert any(link.endswith("/search.html") for link in links)
    assert not page.find_all(["script", "style"])


@pytest.mark.parametrize(
    ("paragraphs", "said"),
    [
        (["Question. Who?", "Answer. Nobody C-0001 C-0002. More."], "Nobody."),
        (["A first sentence of 9.2 parts. A second."], "A first sentence of 9.2 parts."),
        (["One sentence"], "One sentence"),
    ],
)
def test_the_finding_of_a_chapter_is_the_first_sentence_of_its_answer(paragraphs, said):
    document = new_document("")
    document += [nodes.paragraph("", text) for text in paragraphs]
    assert first_sentence(document) == said
