"""The built book in headless Chromium: nothing missing, nothing foreign, every chart drawn."""

import csv
import functools
import json
import re
import subprocess
from collections import Counter
from urllib.parse import unquote, urldefrag, urlencode, urlparse

import pytest
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup
from conftest import ROOT, foreign_requests, pages
from ledger import data_cutoff, in_words
from ledger.book import LONG_TABLE
from ledger.indonesian import Translator, read_catalogue
from ledger.pages import head_of
from ledger.prose import number
from ledger.web import TRANSLATED, counterpart
from PIL import Image
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait


def test_every_page_loads_without_error_or_foreign_request(site, server, browser):
    for page in pages(site):
        browser.get_log("browser")
        browser.get(server + page)
        WebDriverWait(browser, 20).until(
            lambda d: d.execute_script("return document.readyState") == "complete"
        )
        errors = [e["message"] for e in browser.get_log("browser") if e["level"] in ("SEVERE", "WARNING")]
        assert not errors, f"{page}: {errors}"
        assert not list(foreign_requests(browser, server)), page
        assert any(h.text for h in browser.find_elements(By.TAG_NAME, "h1")), page


def test_every_picture_loads(site, server, browser):
    for page in pages(site):
        browser.get(server + page)
        browser.execute_script("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
        script = "return [...document.images].every(i => i.complete)"
        WebDriverWait(browser, 20).until(lambda d, s=script: d.execute_script(s))
        broken = browser.execute_script(
            "return [...document.images].filter(i => !i.naturalWidth).map(i => i.src)"
        )
        assert not broken, f"{page}: {broken}"


def test_no_link_inside_the_book_is_broken(site):
    soups = {
        page: BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser") for page in pages(site)
    }
    ids = {page: {tag["id"] for tag in soup.find_all(id=True)} for page, soup in soups.items()}
    count = 0
    for page, soup in soups.items():
        for tag in soup.find_all(href=True):
            address, anchor = urldefrag(tag["href"])
            if urlparse(address).scheme or not (address or anchor):
                continue
            target = (
                (site / page).parent.joinpath(unquote(urlparse(address).path)).resolve()
                if address
                else (site / page).resolve()
            )
            assert target.is_file(), f"{page}: {tag['href']} leads nowhere"
            name = str(target.relative_to(site.resolve()))
            if anchor and name in ids:
                assert unquote(anchor) in ids[name], f"{page}: {tag['href']} has no such anchor"
            count += 1
    assert count > 300


def test_every_pasted_number_leads_to_its_claims_and_phrases(site):
    @functools.cache
    def parsed(path):
        return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")

    count, indonesian = 0, Translator(read_catalogue())
    for page in pages(site):
        soup = parsed(site / page)
        rows = {}
        for link in soup.select("a.stated"):
            address, anchor = urldefrag(link["href"])
            target = (site / page).parent / address if address else site / page
            target = target.resolve()
            if target not in rows:
                found = parsed(target).select("tr[id], p[id^='quoted-']")
                rows[target] = {tag["id"]: tag for tag in found}
            row = rows[target][anchor]
            stated = row.find("th").text
            assert link.text == (indonesian.text(stated) if page.startswith("id/") else stated)
            if "none" not in link.text:
                # A count over the whole ledger, or a base rate, has no claim of its own: its formula says what it is.
                claims = [a.find_parent("p") for a in row.select("a.claim-link")]
                # A claim's phrases stand once a page; another row leads to the place.
                for again in row.select("a.quoted"):
                    claims.append(rows[target][again["href"].removeprefix("#")])
                    assert claims[-1].select_one("a.claim-link").text == again.text
                assert claims or row.select(".formula"), (
                    f"{page}: {link.text!r} has neither claim nor formula"
                )
                for claim in claims:
                    assert claim.find_next_sibling().select("q"), f"{page}: {link.text!r} has no phrase"
            count += 1
        assert not soup.select(".pasted-text") or len(soup.select("a.stated .pasted-text")) == len(
            soup.select(".pasted-text")
        )
    assert count > 30


def test_every_live_chart_is_drawn_on_request(site, server, browser):
    drawn = 0
    for page in pages(site):
        browser.get(server + page)
        buttons = browser.find_elements(By.CSS_SELECTOR, ".live-button")
        figures = browser.find_elements(By.CSS_SELECTOR, "figure.ledger-figure")
        for figure in figures:
            assert figure.find_elements(By.CSS_SELECTOR, "img[alt]")
        for button in buttons:
            browser.execute_script("arguments[0].click()", button)
        WebDriverWait(browser, 30).until(
            lambda d, wanted=buttons: (
                len(d.find_elements(By.CSS_SELECTOR, "figure[data-live] .live-chart svg")) == len(wanted)
            )
        )
        marks = "return [...document.querySelectorAll('figure[data-live] svg')].map(s => s.querySelectorAll('path').length)"
        assert all(n > 5 for n in browser.execute_script(marks)), page
        errors = [e["message"] for e in browser.get_log("browser") if e["level"] == "SEVERE"]
        assert not errors, f"{page}: {errors}"
        assert not list(foreign_requests(browser, server)), page
        drawn += len(buttons)
    assert drawn >= 4


@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_scrolls_sideways(site, server, browser, width):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    for page in pages(site):
        browser.get(server + page)
        wide = browser.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width, f"{page}: {wide} px wide on a screen of {width} px"


def test_every_claim_and_source_has_its_page(site, ledger):
    assert {p.stem for p in (site / "claims").glob("*.html")} == set(ledger.claims["claim_id"])
    assert {p.stem for p in (site / "claims").glob("*.json")} == set(ledger.claims["claim_id"])
    assert {p.stem for p in (site / "sources").glob("*.html")} == set(ledger.sources["source_id"])
    counts = ledger.claims["claimant_id"].value_counts()
    assert {p.stem for p in (site / "claimants").glob("*.html")} == set(counts.index[counts >= 10])


def test_the_explorer_filters_sorts_and_shares_its_address(site, server, browser, ledger):
    browser.get(server + "chapters/claims.html#topic=casualties&sort=largest")
    browser.refresh()
    shown = "return [...document.querySelectorAll('table.explorer tr[data-topic]')].filter(r => r.checkVisibility()).map(r => ({...r.dataset}))"
    rows = browser.execute_script(shown)
    assert rows
    assert {r["topic"] for r in rows} == {"casualties"}
    months = "return [...document.forms.explorer.elements.month.options].map(o => [o.value, o.text])"
    assert ["2024-10", "October 2024"] in browser.execute_script(months)
    sizes = [float(r["size"] or -1) for r in rows]
    assert sizes == sorted(sizes, reverse=True)
    said = browser.find_element(By.CSS_SELECTOR, "#explorer output").text
    assert (
        said
        == f"{number((ledger.claims['topic'] == 'casualties').sum())} of {number(len(ledger.claims))} claims"
    )
    search = browser.find_element(By.CSS_SELECTOR, "#explorer input[name=q]")
    search.send_keys("british medals nobody gave")
    assert browser.execute_script(shown) == []
    assert "q=british" in browser.current_url
    browser.find_element(By.CSS_SELECTOR, "#explorer button[type=reset]").click()
    WebDriverWait(browser, 10).until(lambda d: len(d.execute_script(shown)) == 100)
    assert "#" not in browser.current_url
    browser.find_element(By.CSS_SELECTOR, "table.explorer + .more-button").click()
    assert len(browser.execute_script(shown)) == len(ledger.claims)


def test_without_javascript_every_claim_stands_in_the_table(site, ledger):
    soup = BeautifulSoup((site / "chapters" / "claims.html").read_text(encoding="utf-8"), "html.parser")
    rows = soup.select("table.explorer tr[data-topic]")
    assert len(rows) == len(ledger.claims)
    assert not [r for r in rows if r.has_attr("hidden")]
    assert "pst-js-only" in soup.find(id="explorer")["class"]
    assert soup.find("script", type="application/ld+json")


def soup_of(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def test_a_long_table_is_folded_under_its_length(site):
    folded = 0
    for path in sorted((site / "chapters").glob("*.html")):
        for table in soup_of(path).select("table:not(.explorer)"):
            rows = len(table.select("tbody tr"))
            if rows > LONG_TABLE:
                fold = table.find_parent("details")
                assert fold and f" {number(rows)} " in fold.summary.text, (path.name, rows)
                folded += 1
    assert folded


def test_every_figure_has_its_page_its_card_and_a_page_to_embed(site, ledger):
    for row in ledger.figures.itertuples():
        page = soup_of(site / "figures" / f"{row.figure_id}.html")
        record = json.loads((site / "figures" / f"{row.name}.json").read_text(encoding="utf-8"))
        assert page.h1.text == f"Figure {row.figure_id} {record['title']}"
        heads = [h.text for h in page.find_all("h2")]
        assert heads == [
            "What you should know", "Method", "Source", "The values plotted", "Claims behind it", "Files",
            "Cite this figure", "Embed it",
        ]  # fmt: skip
        text = page.get_text()
        for analysis in ledger.analyses.itertuples():
            if row.name in analysis.figures.split():
                assert analysis.question in text, row.figure_id
                assert analysis.caveat in text, row.figure_id
        assert record["caption"] in text
        assert record["source"] in text
        assert [a["href"] for a in page.select(".files a")] == record["files"]
        assert len(page.select(".files a")) == 7 + record["interactive"]
        claims = page.find("h2", string="Claims behind it").find_next_sibling()
        assert [a.text for a in claims.select(".claim-link")] == record["claims"]
        with (site / "figures" / f"{row.name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        cells = [[c.text for c in line.find_all(["th", "td"])] for line in page.select(".table-scroll tr")]
        assert cells == [[head_of(column) for column in rows[0]], *rows[1:201]]
        assert page.select_one(".table-scroll[tabindex='0'][role=group][aria-label]")
        assert [t.text for t in page.select("dl.cite dt")] == ["APA", "Chicago", "BibTeX", "RIS", "CSL-JSON"]
        assert all(f"figures/{row.figure_id}.html" in form.text for form in page.select("dl.cite pre"))
        for tag in page.select("a[href], source[srcset], img[src]"):
            address, anchor = urldefrag(tag.get("href") or tag.get("srcset") or tag.get("src"))
            assert (site / "figures" / address).is_file(), f"{row.figure_id}: {address}"
            if anchor:
                assert f'id="{anchor}"' in chapter_text(site / "figures" / address), (
                    f"{row.figure_id}: {anchor}"
                )
        with Image.open(site / "figures" / f"{row.figure_id}-card.png") as card:
            assert card.size == (1200, 630)
        assert page.find("meta", property="og:image")["content"] == f"../figures/{row.figure_id}-card.png"
        assert page.find("meta", attrs={"name": "twitter:card"})["content"] == "summary_large_image"
        frame = BeautifulSoup(page.select("pre.copy")[-1].text, "html.parser").iframe
        bare = soup_of(site / frame["src"])
        assert bare.img["alt"] == record["alt"]
        assert bare.select_one("p.sr-only").text == record["source"], "the picture shows it"
        assert bare.select_one(f'a[href="{row.figure_id}.html"]')


def test_a_figure_to_embed_fits_the_frame_that_its_page_offers(site, server, browser):
    for figure_id in ("F-01", "F-02", "F-52"):
        code = soup_of(site / "figures" / f"{figure_id}.html").select("pre.copy")[-1].text
        frame = BeautifulSoup(code, "html.parser").iframe
        size = {"width": int(frame["width"]), "height": 100, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        browser.get(server + frame["src"])
        needed = browser.execute_script("return document.documentElement.scrollHeight")
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        assert int(frame["height"]) - 100 < needed <= int(frame["height"]), figure_id


@functools.cache
def chapter_text(path):
    return path.read_text(encoding="utf-8")


def test_the_gallery_shows_every_figure_and_every_chapter_links_its_own(site, ledger):
    items = soup_of(site / "chapters" / "figures.html").select(".gallery li")
    assert [i["id"] for i in items] == list(ledger.figures["figure_id"])
    for item, row in zip(items, ledger.figures.itertuples(), strict=True):
        assert item.a["href"] == f"../figures/{row.figure_id}.html"
        assert {i["loading"] for i in item.find_all("img")} == {"lazy"}
    for chapter, rows in ledger.figures.groupby("chapter"):
        page = soup_of(site / "chapters" / f"{chapter}.html")
        links = [a["href"] for a in page.select("figcaption .figure-link")]
        assert links == [f"../figures/{i}.html" for i in rows["figure_id"]]


def test_how_to_cite_gives_every_form_of_the_whole_each_chapter_a_figure_and_a_claim(site):
    page = soup_of(site / "chapters" / "citing.html")
    chapters = [p for p in (site / "chapters").glob("*.html")]
    assert len(page.select("dl.cite")) == 3 + len(chapters)
    assert all(len(d.select("pre")) == 5 for d in page.select("dl.cite"))
    text = page.get_text()
    for path in chapters:
        assert f"chapters/{path.name}" in text
    assert not page.find(string=lambda t: t and "example.org" in t)


def test_a_citation_is_copied_by_its_button_and_stands_without_it(site, server, browser):
    source = soup_of(site / "figures" / "F-01.html")
    assert not source.find("button"), "the button is made by the script that serves it"
    browser.get(server + "figures/F-01.html")
    browser.execute_cdp_cmd(
        "Browser.grantPermissions",
        {"origin": server.rstrip("/"), "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
    )
    buttons = browser.find_elements(By.CSS_SELECTOR, ".copy-button")
    assert [b.text for b in buttons] == [
        "Copy APA", "Copy Chicago", "Copy BibTeX", "Copy RIS", "Copy CSL-JSON", "Copy",
    ]  # fmt: skip
    for button, form in zip(buttons, source.select("pre.copy"), strict=True):
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
        button.click()
        WebDriverWait(browser, 10).until(lambda d, b=button: b.text == "Copied")
        copied = browser.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
        assert copied == form.text


def test_every_page_says_of_which_ledger_data_and_commit_it_is(site, ledger):
    run = subprocess.run(
        ["git", "-C", ROOT, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True
    )
    commit = f"commit {run.stdout.strip()}" if (ROOT / ".git").exists() else "not in a repository"
    cutoff = f"Data to {in_words(data_cutoff(ledger).isoformat())}."
    indonesian = Translator(read_catalogue())
    for page in pages(site):
        first, ledger_word = (
            (indonesian.text(cutoff), "Buku besar") if page.startswith("id/") else (cutoff, "Ledger")
        )
        words = f"{first} {ledger_word} {ledger.version}, {commit}."
        assert words in soup_of(site / page).get_text(), page


def test_every_page_says_what_it_is_how_to_cite_it_and_how_to_mend_it(site):
    ways = {
        "en": {"How to cite this page", "Report a mistake", "What changed"},
        "id": {"Cara mengutip halaman ini", "Laporkan kesalahan", "Apa yang berubah"},
    }
    seen, indonesian = set(), Translator(read_catalogue())
    for page in pages(site):
        if page.endswith("-embed.html"):
            continue
        soup = soup_of(site / page)
        words = indonesian.text if page.startswith("id/") else str
        assert soup.html["lang"] == ("id" if page.startswith("id/") else "en"), page
        assert words("North Korea in Russia's war") in soup.title.text, page
        assert not {"—", "’"} & set(soup.title.text), page
        assert soup.title.text not in seen, page
        seen.add(soup.title.text)
        told = {m.get("property") or m.get("name"): m.get("content") for m in soup.find_all("meta")}
        assert len(soup.find_all("meta", attrs={"name": "description"})) == 1, page
        assert len(told["description"]) > 15, page
        assert "C-" not in told["description"], page
        assert told["og:description"] == told["twitter:description"] == told["description"], page
        assert (site / page).parent.joinpath(told["og:image"]).resolve().is_file(), page
        assert not soup.select("link[rel=canonical], meta[property='og:url']"), f"{page}: no address is set"
        feed = soup.select_one("link[rel=alternate][type='application/atom+xml']")["href"]
        assert (site / page).parent.joinpath(feed).resolve() == (site / "changes.xml").resolve()
        foot = {a.text: a["href"] for a in soup.select("footer a")}
        assert ways[soup.html["lang"]] <= foot.keys(), page
        assert soup.select_one("a[rel=search]"), page
    assert not (site / "sitemap.xml").exists()


def test_every_chapter_has_its_outline_and_its_neighbours_and_so_have_claims_and_figures(site, ledger):
    chapters = sorted((site / "chapters").glob("*.html"))
    ends = 0
    for path in chapters:
        soup = soup_of(path)
        heads = [h for h in soup.select("article.bd-article h2") if h.find(class_="headerlink")]
        if heads:
            assert len(soup.select(".bd-sidebar-secondary .page-toc a")) >= len(heads), path.name
        links = len(soup.select(".prev-next-area a"))
        ends += links == 1
        assert links in (1, 2), path.name
    assert ends == 2
    for folder, ids in (("claims", ledger.claims["claim_id"]), ("figures", ledger.figures["figure_id"])):
        ids = list(ids)
        for place, (before, after) in {0: (None, ids[1]), 5: (ids[4], ids[6]), -1: (ids[-2], None)}.items():
            nav = soup_of(site / folder / f"{ids[place]}.html").select_one("nav.neighbours")
            wanted = {rel: f"{i}.html" for rel, i in (("prev", before), ("next", after)) if i}
            assert {a["rel"][0]: a["href"] for a in nav.find_all("a")} == wanted


def results(browser):
    said = browser.find_element(By.CSS_SELECTOR, ".find-said")
    WebDriverWait(browser, 20).until(lambda d: said.text)
    return [
        (o.find_element(By.XPATH, "..").find_element(By.CSS_SELECTOR, ".find-kind").text.partition(":")[0], o.get_attribute("href"))
        for o in browser.find_elements(By.CSS_SELECTOR, "[role=option]")
    ]  # fmt: skip


@pytest.mark.parametrize("way", ["http", "file"])
@pytest.mark.parametrize(
    ("question", "kind", "target"),
    [
        ("C-0017", "Claims", "claims/C-0017.html"),
        ("f-26", "Figures", "figures/F-26.html"),
        ("S-0500", "Sources", "sources/S-0500.html"),
        ("KN23", "Glossary", "chapters/glossary.html#term-kn-23"),
        ("tewas", "Glossary", "chapters/glossary.html#term-killed-in-action"),
        ("전사자", "Glossary", "chapters/glossary.html#term-killed-in-action"),
        ("Сапёров", "Glossary", "chapters/glossary.html#term-sappers"),
        ("South Korea National Intelligence Service", "Claimants", "claimants/nis.html"),
        ("physical floor", "Chapters", "chapters/casualties.html#what-is-the-physical-floor-of-the-dead"),
    ],
)
def test_the_search_finds_ids_words_of_sources_and_sections(
    site, server, browser, way, question, kind, target
):
    browser.get(
        (server if way == "http" else f"{site.as_uri()}/") + f"search.html?{urlencode({'q': question})}"
    )
    firsts = {}
    for found, address in results(browser):
        firsts.setdefault(found, address)
    assert firsts[kind].endswith(f"/{target}")
    assert (site / target.partition("#")[0]).is_file()


def test_the_search_is_loaded_when_it_is_used_and_obeys_the_keyboard(server, browser):
    browser.get(server + "chapters/method.html")
    loaded = "return performance.getEntriesByType('resource').some(e => e.name.endsWith('find-data.js'))"
    assert not browser.execute_script(loaded)
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.CONTROL, "k")
    box = browser.switch_to.active_element
    assert box.get_attribute("role") == "combobox"
    WebDriverWait(browser, 20).until(lambda d: d.execute_script(loaded))
    box.send_keys("cluster")
    options = [address for _, address in results(browser)]
    assert box.get_attribute("aria-expanded") == "true"
    box.send_keys(Keys.ARROW_UP)
    chosen = "return document.querySelector('[aria-selected=true]')?.href"
    assert browser.execute_script(chosen) == options[-1]
    box.send_keys(Keys.ARROW_DOWN)
    assert box.get_attribute("aria-activedescendant") is None
    box.send_keys(Keys.ARROW_DOWN)
    active = box.get_attribute("aria-activedescendant")
    assert (
        browser.find_element(By.ID, active).get_attribute("href")
        == browser.execute_script(chosen)
        == options[0]
    )
    box.send_keys(Keys.ESCAPE)
    assert box.get_attribute("value") == ""
    assert box.get_attribute("aria-expanded") == "false"
    box.send_keys(Keys.ESCAPE)
    assert not browser.find_element(By.CSS_SELECTOR, "dialog.find").is_displayed()
    browser.find_element(By.CSS_SELECTOR, "a.find-icon").click()
    box.send_keys("cluster")
    results(browser)
    box.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    WebDriverWait(browser, 20).until(lambda d: d.current_url == options[0])


def test_without_javascript_the_search_page_leads_to_the_lists_and_a_term_to_the_glossary(site):
    page = soup_of(site / "search.html")
    assert "needs JavaScript" in page.select_one("article noscript").text
    links = {a["href"] for a in page.select("article a")}
    assert {f"chapters/{name}.html" for name in ("claims", "figures", "glossary", "sources")} <= links
    assert not page.select("article script, article form")
    index = soup_of(site / "chapters" / "index.html")
    terms = index.select("a.term")
    assert len(terms) > 3
    glossary = {t["id"] for t in soup_of(site / "chapters" / "glossary.html").select("dl.glossary > [id]")}
    for term in terms:
        assert term["href"].partition("#")[2] in glossary
        note = index.find(id=term["aria-describedby"])
        assert note["role"] == "tooltip"
        assert note.has_attr("hidden")


def test_a_definition_is_shown_on_hover_focus_and_touch_and_goes_with_escape(server, browser):
    browser.get(server + "chapters/index.html")
    term = browser.find_element(By.CSS_SELECTOR, "a.term")
    note = browser.find_element(By.ID, term.get_attribute("aria-describedby"))
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", term)
    shown = lambda d: note.is_displayed()  # noqa: E731
    gone = lambda d: not note.is_displayed()  # noqa: E731
    wait = WebDriverWait(browser, 10)
    assert gone(browser)
    ActionChains(browser).move_to_element(term).perform()
    wait.until(shown)
    ActionChains(browser).move_to_element(note).perform()
    assert shown(browser), "the pointer may move onto the definition"
    ActionChains(browser).send_keys(Keys.ESCAPE).perform()
    wait.until(gone)
    heading = browser.find_element(By.CSS_SELECTOR, "article h1")
    ActionChains(browser).move_to_element(heading).perform()
    ActionChains(browser).move_to_element(term).perform()
    wait.until(shown)
    ActionChains(browser).move_to_element(heading).perform()
    wait.until(gone)
    browser.execute_script("arguments[0].focus({preventScroll: true})", term)
    wait.until(shown)
    browser.execute_script("arguments[0].blur()", term)
    wait.until(gone)
    here = browser.current_url
    for first in (True, False):
        box = browser.execute_script("const b = arguments[0].getClientRects()[0]; return [b.x + b.width / 2, b.y + b.height / 2]", term)  # fmt: skip
        touch = [{"x": box[0], "y": box[1]}]
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": touch})
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        if first:
            wait.until(shown)
            assert browser.current_url == here
    wait.until(lambda d: "glossary.html#term-" in d.current_url)


def test_the_page_of_a_wrong_address_leads_back_into_the_book(site):
    page = soup_of(site / "404.html")
    links = [a["href"] for a in page.select("a")]
    assert len(links) > 15
    for link in links:
        assert (site / urldefrag(link)[0].removeprefix("/")).is_file(), link
    sibling = soup_of(site / "claims" / "C-0017.html")
    assert [a.text for a in page.select("footer a")] == [a.text for a in sibling.select("footer a")]


MONTHS = {
    "January": "Januari", "February": "Februari", "March": "Maret", "April": "April", "May": "Mei", "June": "Juni",
    "July": "Juli", "August": "Agustus", "September": "September", "October": "Oktober", "November": "November",
    "December": "Desember",
}  # fmt: skip


def translated_pages(site):
    """Every English page that has a counterpart, with that counterpart."""
    english = [*TRANSLATED, *(f"figures/{path.name}" for path in (site / "figures").glob("F-*.html"))]
    return [(page, counterpart(page)) for page in sorted(english) if counterpart(page)]


def test_every_figure_and_every_page_of_the_list_is_there_in_indonesian(site, ledger):
    pairs = translated_pages(site)
    assert len(pairs) == len(TRANSLATED) + len(ledger.figures)
    assert {str(p.relative_to(site)) for p in (site / "id").rglob("*.html")} == {there for _, there in pairs}


def test_no_string_of_the_indonesian_pages_is_missing_and_none_is_idle(site):
    with (site / "id" / "book.pot").open("rb") as file:
        asked = {m.id for m in read_po(file) if m.id}
    held = {m.id for m in read_catalogue() if m.id}
    assert len(asked) > 500
    assert not asked - held, f"run 'python -m ledger translate --site {site}' and translate"
    assert not held - asked, "messages that no page holds any more: run 'python -m ledger translate'"


def test_both_languages_name_each_other_and_the_translation_says_that_a_machine_made_it(site):
    for page, there in translated_pages(site):
        for here, lang in ((page, "en"), (there, "id")):
            soup = soup_of(site / here)
            assert soup.html["lang"] == lang, here

            def led_to(tag, here=here):
                return str((site / here).parent.joinpath(tag["href"]).resolve().relative_to(site.resolve()))

            switch = soup.select_one("nav.languages")
            assert led_to(switch.a) == (there if lang == "en" else page), here
            assert switch.a["hreflang"] == switch.a["lang"] != lang
            assert switch.select_one("[aria-current=true]")["lang"] == lang
        note = soup.select_one("main .note")
        assert "dibuat oleh mesin" in note.text, there
        assert led_to(note.a) == page


def values(html, language, version):
    """Count the numbers and months in the words and descriptions of a part of a page, however they are written."""
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.select(
        ".note, .languages, .headerlink, .caption-number, .definition, .also, [translate=no], img.only-dark"
    ):
        tag.decompose()
    text = " ".join([soup.get_text(" "), *(img["alt"] for img in soup.find_all("img"))]).replace(version, "")
    found = Counter()
    for digits, scale in re.findall(r"(\d(?:[\d.,]*\d)?)(?: (million|juta|billion|miliar)\b)?", text):
        plain = digits.replace(",", "") if language == "en" else digits.replace(".", "").replace(",", ".")
        found[plain, {"juta": "million", "miliar": "billion"}.get(scale, scale)] += 1
    for english, indonesian in MONTHS.items():
        found[english] = len(re.findall(rf"\b{english if language == 'en' else indonesian}\b", text))
    return found


def test_the_translation_has_the_numbers_and_dates_of_the_english_page(site, ledger):
    count = 0
    for page, there in translated_pages(site):
        english, indonesian = soup_of(site / page), soup_of(site / there)
        if page in TRANSLATED:
            part = "#the-method-in-brief" if "method" in page else "article.bd-article > section"
            both = str(english.select_one(part)), str(indonesian.main)
        else:
            top, _, rest = str(english.main).partition("<h2>The values plotted</h2>")
            claims = rest.partition("<h2>Claims behind it</h2>")[2].partition("<h2>Files</h2>")[0]
            assert claims
            both = f"{top}<h2>{claims}", str(indonesian.main)
        found = values(both[0], "en", ledger.version)
        assert found == values(both[1], "id", ledger.version), there
        count += sum(found.values())
    assert count > 5000


def test_the_switch_leads_to_the_other_language_and_back(server, browser):
    for page in ("chapters/index.html", "figures/F-01.html"):
        browser.get(server + page)
        for lang, address in (("id", counterpart(page)), ("en", page)):
            browser.find_element(By.CSS_SELECTOR, f"nav.languages a[hreflang={lang}]").click()
            WebDriverWait(browser, 10).until(lambda d, a=address: d.current_url == server + a)
            assert browser.execute_script("return document.documentElement.lang") == lang
