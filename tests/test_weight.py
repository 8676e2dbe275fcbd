"""What a page costs its reader, and what it may do: bytes, shifts, policy; the live charts; the sheet of styles."""

import csv
import functools
import gzip
import json
import re
import statistics
import time
from urllib.parse import unquote, urlparse

import pytest
from bs4 import BeautifulSoup
from conftest import pages
from ledger import theme
from ledger.pages import head_of
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

MEDIAN, MOST = 150_000, 250_000
"""Budgets in bytes, gzip: the median chapter, and any page, before an interactive chart is asked for."""

SCREENS = {"phone": (390, 844), "desktop": (1280, 900)}

WATCH = """
window.violations = [];
window.moved = [];
addEventListener("securitypolicyviolation", (e) => violations.push(`${e.violatedDirective}: ${e.blockedURI || e.sourceFile} ${e.sample}`));
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const parts = entry.sources.map(({ node }) => (node?.outerHTML ?? node?.textContent ?? "gone").slice(0, 90));
    if (!entry.hadRecentInput) moved.push([entry.value, Math.round(entry.startTime), ...parts]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(scope="module")
def watched(browser):
    """The browser, noting in each page what its policy refuses and how far its layout moves by itself."""
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    return browser


def set_screen(browser, name):
    width, height = SCREENS[name]
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
    )


def events(browser):
    return [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]


def shift(moved):
    """The layout shift as it is told everywhere, to two places: a line of letters may come a fraction of a pixel later."""
    return round(sum(value for value, *_ in moved), 2)


def settle(browser):
    """Wait until the page is loaded and asks for nothing more."""
    WebDriverWait(browser, 30).until(lambda d: d.execute_script("return document.readyState") == "complete")
    count = "return performance.getEntriesByType('resource').length"
    before = -1
    while before != (now := browser.execute_script(count)):
        before = now
        time.sleep(0.25)


def asked_for(found):
    return [e["params"]["request"]["url"] for e in found if e["method"] == "Network.requestWillBeSent"]


def refused(found):
    return [
        e["params"]
        for e in found
        if e["method"] == "Network.loadingFailed" and e["params"].get("blockedReason")
    ]


def test_no_page_needs_more_than_its_policy_allows(site, server, watched):
    for page in pages(site):
        events(watched)
        watched.get(server + page)
        settle(watched)
        for details in watched.find_elements(By.CSS_SELECTOR, "details"):
            watched.execute_script("arguments[0].open = true", details)
        for button in watched.find_elements(By.CSS_SELECTOR, ".live-button, .theme-switch-button"):
            watched.execute_script("arguments[0].click()", button)
        settle(watched)
        found = events(watched)
        assert server + page in asked_for(found), f"{page}: the log does not hold even the page"
        assert watched.execute_script("return violations") == [], page
        assert refused(found) == [], page
        foreign = [url for url in asked_for(found) if not url.startswith((server, "data:", "blob:"))]
        assert foreign == [], page


def test_every_page_has_the_policy_and_none_allows_inline_code(site):
    count = 0
    for path in site.rglob("*.html"):
        if "_static" in path.relative_to(site).parts:
            continue
        metas = re.findall(
            r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', path.read_text(encoding="utf-8")
        )
        assert len(metas) == 1, path
        rules = dict(rule.split(" ", 1) for rule in metas[0].split("; "))
        assert rules["default-src"] == "'self'", path
        assert rules["object-src"] == "'none'", path
        assert rules["base-uri"] == "'none'", path
        assert rules["form-action"] == "'self'", path
        assert "unsafe" not in metas[0], path
        assert "http:" not in metas[0] and "https:" not in metas[0] and "*" not in metas[0], path
        count += 1
    assert count > 1000


@functools.cache
def compressed(site, url):
    name = unquote(urlparse(url).path).lstrip("/")
    path = site / name
    if path.is_dir():
        path /= "index.html"
    content = path.read_bytes()
    return min(len(content), len(gzip.compress(content, 6)))


@pytest.fixture(scope="module")
def cold_loads(site, server, watched):
    """What a first visit to each page transfers on each screen, (page, screen) to {address: bytes}; and what moves in it."""
    loads, moves = {}, {}
    for screen in SCREENS:
        set_screen(watched, screen)
        for page in pages(site):
            events(watched)
            watched.get(server + page)
            settle(watched)
            addresses = {url for url in asked_for(events(watched)) if url.startswith(server)}
            assert server + page in addresses, f"{page}: the log does not hold even the page"
            loads[page, screen] = {url.removeprefix(server): compressed(site, url) for url in addresses}
            moves[page, screen] = watched.execute_script("return moved")
            # What a page does to its reader it does each time; what a busy machine does once is gone the next.
            for _ in range(2):
                if shift(moves[page, screen]):
                    watched.get(server + page)
                    settle(watched)
                    moves[page, screen] = watched.execute_script("return moved")
    return loads, moves


def table(loads):
    lines = []
    for (page, screen), parts in sorted(loads.items(), key=lambda item: -sum(item[1].values())):
        heaviest = sorted(parts.items(), key=lambda part: -part[1])[:4]
        named = ", ".join(f"{url.partition('?')[0]} {size / 1000:.0f}" for url, size in heaviest)
        lines.append(
            f"{sum(parts.values()) / 1000:7.1f} KB  {len(parts):3d} requests  {page} ({screen}): {named}"
        )
    return "\n".join(lines)


def test_pages_keep_to_their_budgets(cold_loads):
    loads, _ = cold_loads
    for screen in SCREENS:
        sizes = [
            sum(p.values()) for (page, s), p in loads.items() if s == screen and page.startswith("chapters/")
        ]
        assert statistics.median(sizes) <= MEDIAN, "\n" + table(loads)
    assert max(sum(parts.values()) for parts in loads.values()) <= MOST, "\n" + table(loads)
    assert not [url for parts in loads.values() for url in parts if url.endswith(("vega.js", ".live.js"))]


def test_nothing_moves_while_a_page_loads(cold_loads):
    _, moves = cold_loads
    assert {where: moved for where, moved in moves.items() if shift(moved)} == {}


LIVE = "chapters/casualties.html"


def shown_live(browser):
    return len(browser.find_elements(By.CSS_SELECTOR, "figure[data-live] .live-chart:not([hidden]) svg"))


def vega_asked_for(browser):
    return [url for url in asked_for(events(browser)) if "vega.js" in url]


def test_a_live_chart_comes_when_the_reader_comes_near_and_moves_nothing(server, watched):
    set_screen(watched, "phone")
    events(watched)
    watched.get(server + LIVE)
    settle(watched)
    assert not vega_asked_for(watched)
    # The chart of the chapter stands in its last third; a reader goes down to it by steps.
    for _ in range(400):
        watched.execute_script("scrollBy({ top: 700, behavior: 'instant' })")
        top = watched.execute_script(
            "return document.querySelector('.live-button').getBoundingClientRect().top"
        )
        if top < 2000:
            break
    WebDriverWait(watched, 20).until(lambda d: shown_live(d) >= 1)
    assert vega_asked_for(watched)
    assert watched.execute_script("return moved") == []
    button = watched.find_element(By.CSS_SELECTOR, "figure[data-live] .live-button")
    assert button.text.startswith("Show the picture")
    watched.execute_script("arguments[0].click()", button)
    assert button.find_element(By.XPATH, "..").find_element(By.CSS_SELECTOR, ".still").is_displayed()


def test_a_reader_who_saves_data_gets_a_live_chart_only_on_request(server, watched):
    events(watched)
    saving = "Object.defineProperty(Navigator.prototype, 'connection', { get: () => ({ saveData: true }) })"
    added = watched.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": saving})
    try:
        watched.get(server + LIVE)
        watched.execute_script(
            "document.querySelector('.live-button').scrollIntoView({ behavior: 'instant' })"
        )
        settle(watched)
        assert not vega_asked_for(watched)
        watched.execute_script("document.querySelector('.live-button').click()")
        WebDriverWait(watched, 20).until(lambda d: shown_live(d) == 1)
    finally:
        watched.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


def test_a_page_opened_as_a_file_has_its_styles_scripts_and_live_charts(site, watched):
    watched.get((site / LIVE).as_uri())
    settle(watched)
    assert (
        watched.execute_script("return getComputedStyle(document.querySelector('.bd-main')).display")
        == "flex"
    )
    watched.execute_script("document.querySelector('.live-button').click()")
    WebDriverWait(watched, 20).until(lambda d: shown_live(d) == 1)
    broken = "return [...document.images].filter(i => i.complete && i.src && i.checkVisibility() && !i.naturalWidth && i.loading !== 'lazy').length"
    assert watched.execute_script(broken) == 0
    assert watched.execute_script("return violations") == []


def test_under_every_live_chart_stand_its_values(site, ledger):
    count = 0
    for path in sorted((site / "chapters").glob("*.html")):
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for button in soup.select(".live-button"):
            details = button.find_parent("figure").select_one("details.plotted")
            name = button.find_parent("figure")["id"].removeprefix("figure-")
            with (site / "figures" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                rows = list(csv.reader(file))
            cells = [[c.text for c in line.find_all(["th", "td"])] for line in details.select("tr")]
            assert cells == [[head_of(head) for head in rows[0]], *rows[1:41]], name
            assert details.select_one(f'a[href$="figures/{name}.csv"]')
            count += 1
    assert count >= 4


MEETS = """
const [source, done] = arguments;
const sheet = new CSSStyleSheet();
sheet.replaceSync(source);
const found = [];
const bare = (s) => s.replace(/::?(?!(?:not|is|where|has|root|first|last|nth|only|empty)\\b)[a-z-]+(\\([^)]*\\))?/g, "");
const look = (rules) => {
  for (const rule of rules) {
    if (rule.cssRules && !rule.selectorText) look(rule.cssRules);
    else if (rule.selectorText && rule.style.length) {
      for (const selector of rule.selectorText.split(/,(?![^(]*\\))/)) {
        let hit = true;
        try { hit = document.querySelector(bare(selector).replace(/[>+~ ]+$/, "$& *") || "*"); } catch { continue; }
        if (hit) found.push(selector.trim());
      }
    }
  }
};
look(sheet.cssRules);
done(found);
"""

SELECTORS = """
const [source, done] = arguments;
const sheet = new CSSStyleSheet();
sheet.replaceSync(source);
const found = [];
const look = (rules) => {
  for (const rule of rules) {
    if (rule.selectorText) found.push(...rule.selectorText.split(/,(?![^(]*\\))/).map((s) => s.trim()));
    else if (rule.cssRules) look(rule.cssRules);
  }
};
look(sheet.cssRules);
done(found);
"""


def test_no_rule_of_style_that_a_page_meets_is_dropped(site, server, watched):
    static = site / "_static"
    kept = set(watched.execute_async_script(SELECTORS, (static / "book.css").read_text(encoding="utf-8")))
    assert len(kept) > 300
    sheets = [next(static.glob(name)).read_text(encoding="utf-8") for name in theme.STYLES]
    for page in pages(site):
        if not page.startswith("chapters/"):
            continue
        watched.get(server + page)
        settle(watched)
        for name, sheet in zip(theme.STYLES, sheets, strict=True):
            met = set(watched.execute_async_script(MEETS, sheet))
            icons = {s for s in met if ".fa" in s}
            assert met - icons - kept == set(), f"{page}: {name}"


def test_the_sheet_is_a_fraction_of_what_the_theme_ships(site):
    static = site / "_static"
    whole = sum(next(static.glob(name)).stat().st_size for name in theme.STYLES)
    assert (static / "book.css").stat().st_size < whole / 4


def test_only_what_cannot_match_is_dropped(tmp_path):
    (tmp_path / "_static").mkdir()
    for name in theme.STYLES:
        path = tmp_path / "_static" / name.replace("*", "x")
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    (tmp_path / "_static" / "ledger.css").write_text(
        ":root { --used: 1px; --idle: 2px; }\n.here, .gone { margin: var(--used) ; }\n.here .gone { margin: 0 }\n"
        "@media (width < 9px) { .gone { color: red } #top:hover::after { content: 'a  b' } }\n"
        ".made-by-script { color: red !important } td:not(.gone) { color: blue } @font-face { src: url(x.woff) }\n"
        "@keyframes idle { from { top: 0 } } [data-open] { top: 0 } a[data-closed] { top: 0 }"
    )
    (tmp_path / "_static" / "a.js").write_text('x.classList.add("made-by-script")')
    (tmp_path / "page.html").write_text(
        '<link href="_static/book.css"><script src="_static/a.js"></script><b id="top" class="here" data-open><td>'
    )
    assert theme.book_css(tmp_path) == (
        ':root{--used:1px;}.here{margin:var(--used)}@media (width < 9px){#top:hover::after{content:"a  b"}}'
        ".made-by-script{color:red!important}td:not(.gone){color:blue}[data-open]{top:0}"
    )
    (tmp_path / "_static" / "ledger.css").write_text(".here { background: url(https://example.org/a.png) }")
    with pytest.raises(ValueError, match="would fetch"):
        theme.book_css(tmp_path)


def test_the_policy_names_the_themes_inline_code_by_its_hash_and_lets_no_other_in():
    html = '<head><meta charset="utf-8"><script>go()</script><script type="application/ld+json">{}</script><style>a{}</style>'
    inline = theme.inline_of(html)
    assert inline == {"go()", "a{}"}
    page = theme.with_policy(html + "<script>hacked()</script>", inline)
    # The hash is that of: printf 'go()' | openssl dgst -sha256 -binary | base64
    assert "script-src 'self' 'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw=';" in page
    assert page.count("sha256-") == 2
    assert page.index("Content-Security-Policy") < page.index("<script>")
    # A row that names the policy does not switch it off.
    assert '<meta http-equiv="Content-Security-Policy"' in theme.with_policy(
        f"{html}Content-Security-Policy", inline
    )
    assert "base-uri 'none';" in page
    named = "<script>DOCUMENTATION_OPTIONS.pagename = '%s';</script>"
    assert theme.inline_of(named % "search") == theme.inline_of(named % "chapters/index")
    assert "sha256-" in theme.with_policy(named % "chapters/index", theme.inline_of(named % "search"))
