"""The built book in headless Chromium: nothing missing, nothing foreign, every chart drawn."""

import functools
import http.server
import os
import shutil
import threading
from urllib.parse import unquote, urldefrag, urlparse

import pytest
from bs4 import BeautifulSoup
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
)

if not (CHROMIUM and DRIVER) and not os.environ.get("CI"):
    pytest.skip("Chromium and ChromeDriver are not installed; CI always has them", allow_module_level=True)


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


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in [*FLAGS.split(), f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


def pages(site):
    """Every page of the book itself, and a few of the thousands of claims, sources and claimants."""
    found = sorted(
        str(p.relative_to(site))
        for p in site.rglob("*.html")
        if p.parent.name not in ("claims", "sources", "claimants") and "_static" not in p.parts
    )
    found += [
        "claims/C-0017.html",
        "claims/C-0500.html",
        "sources/S-0001.html",
        "sources/S-0500.html",
        "claimants/nis.html",
    ]
    assert len(found) >= 9
    return found


def foreign_requests(driver, server):
    import json

    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            if not url.startswith((server, "data:", "blob:", "chrome:")):
                yield url


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
        if page != "index.html":
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
    count = 0
    for page in pages(site):
        soup = BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser")
        for link in soup.select("a.stated"):
            address, anchor = urldefrag(link["href"])
            target = (site / page).parent / address if address else site / page
            row = BeautifulSoup(target.read_text(encoding="utf-8"), "html.parser").find(id=anchor)
            assert row.find("th").text == link.text
            if "none" not in link.text:
                assert row.select("a.claim-link"), f"{page}: {link.text!r} has no claim"
                assert row.select("q"), f"{page}: {link.text!r} has no phrase"
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


@pytest.mark.parametrize("width", [360, 1280])
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
    sizes = [float(r["size"] or -1) for r in rows]
    assert sizes == sorted(sizes, reverse=True)
    said = browser.find_element(By.CSS_SELECTOR, "#explorer output").text
    assert said == f"{(ledger.claims['topic'] == 'casualties').sum()} of {len(ledger.claims)} claims"
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
    assert soup.find(id="explorer").has_attr("hidden")
    assert soup.find("script", type="application/ld+json")
