"""The built book for readers who see, hear or move otherwise: WCAG 2.2 AA, with axe-core and with the keyboard."""

import functools
import itertools
import json
import re

import pytest
from bs4 import BeautifulSoup
from conftest import pages
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from selenium_axe_python import Axe

WIDTHS = (390, 1280)
CHAPTER = "chapters/casualties.html"
DRAWN = "figure[data-live] .live-chart:not([hidden]) svg"
TOO_WIDE = "return [...document.querySelectorAll('.live-chart')].filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent.slice(0, 80))"
COLOURS = ["color-contrast", "link-in-text-block"]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {name: {"enabled": False} for name in COLOURS} | {"label-content-name-mismatch": {"enabled": True}}

# Whether text can be read depends on its colour, size and weight and on what lies behind it. Of each such
# combination two elements are enough, and the long tables' other rows are put aside: axe needs minutes for all.
SAMPLE = """
const behind = new Map([[null, ""]]), seen = new Map();
const ground = (e) => {
  if (!behind.has(e)) {
    const s = getComputedStyle(e);
    behind.set(e, [ground(e.parentElement), s.backgroundColor, s.backgroundImage, s.opacity, s.filter].join());
  }
  return behind.get(e);
};
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const e = texts.currentNode.parentElement, s = getComputedStyle(e);
  if (!texts.currentNode.data.trim() || !e.checkVisibility()) continue;
  const look = [e.closest("a") && "link", s.color, s.fontSize, s.fontWeight, s.textDecorationLine, ground(e)].join();
  seen.set(look, (seen.get(look) ?? 0) + 1);
  if (seen.get(look) < 3) e.dataset.sample = "";
}
"""
ASIDE = """
for (const e of document.querySelectorAll("tr, li, p, pre, dt, dd, figure"))
  if (!e.matches("[data-sample]") && !e.querySelector("[data-sample]")) e.dataset.aside = "";
const style = document.createElement("style");
style.id = "aside";
style.textContent = "[data-aside] { display: none !important }";
document.head.append(style);
"""
BACK = """
document.getElementById("aside").remove();
for (const e of document.querySelectorAll("[data-sample], [data-aside]"))
  for (const name of ["sample", "aside"]) delete e.dataset[name];
"""


def screen(browser, width, theme="light", height=900):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    features = {"prefers-color-scheme": theme, "prefers-reduced-motion": "reduce"}
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": name, "value": value} for name, value in features.items()]},
    )


def violations(browser, options, context="document"):
    options = {"resultTypes": ["violations"], "preload": False, **options}
    found = Axe(browser).run(context, json.dumps(options))["violations"]
    return {f"{v['id']}: {n['html'][:150]}" for v in found for n in v["nodes"]}


def colour_violations(browser, width):
    for theme in ("light", "dark"):
        screen(browser, width, theme)
        browser.execute_script(SAMPLE)
    browser.execute_script(ASIDE)
    found = set()
    for theme in ("dark", "light"):
        screen(browser, width, theme)
        only = {"runOnly": {"type": "rule", "values": COLOURS}}
        found |= {f"{theme}: {v}" for v in violations(browser, only, "{include: ['[data-sample]']}")}
    browser.execute_script(BACK)
    return found


@pytest.fixture(scope="module")
def patient(browser):
    browser.set_script_timeout(100)
    return browser


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_on_any_page_light_or_dark_folded_or_unfolded(site, server, patient, width):
    found = {}
    for page in pages(site):
        screen(patient, width)
        patient.get(server + page)
        Axe(patient).inject()
        for state in ("folded", "unfolded"):
            if state == "unfolded":
                patient.execute_script("for (const e of document.querySelectorAll('details')) e.open = true")
            wrong = violations(patient, {"runOnly": {"type": "tag", "values": TAGS}, "rules": RULES})
            wrong |= colour_violations(patient, width)
            if wrong:
                found[f"{page}, {state}"] = sorted(wrong)
    assert not found, json.dumps(found, indent=1)


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_in_charts_once_drawn_nor_in_the_search_once_open(site, server, patient, width):
    found, drawn = {}, 0

    def look(state):
        Axe(patient).inject()
        wrong = violations(patient, {"runOnly": {"type": "tag", "values": TAGS}, "rules": RULES})
        wrong |= colour_violations(patient, width)
        if wrong:
            found[state] = sorted(wrong)

    for page, soup in soups(site):
        charts = len(soup.select(".live-button"))
        if not charts:
            continue
        screen(patient, width)
        patient.get(server + page)
        patient.execute_script("document.querySelectorAll('.live-button').forEach((b) => b.click())")
        WebDriverWait(patient, 60).until(
            lambda d, n=charts: len(d.find_elements(By.CSS_SELECTOR, DRAWN)) == n
        )
        look(f"{page}, drawn")
        assert not patient.execute_script(TOO_WIDE), f"{page}: a live chart is wider than its page"
        drawn += charts
    assert drawn > 10
    screen(patient, width)
    patient.get(server + CHAPTER)
    patient.find_element(By.TAG_NAME, "body").send_keys(Keys.CONTROL, "k")
    patient.switch_to.active_element.send_keys("cluster")
    WebDriverWait(patient, 30).until(
        lambda d: d.find_elements(By.CSS_SELECTOR, "dialog.find[open] [role=option]")
    )
    look("the search")
    assert not found, json.dumps(found, indent=1)


@functools.cache
def soup_of(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def soups(site):
    for page in pages(site):
        yield page, soup_of(site / page)


def press(browser, *keys):
    ActionChains(browser).send_keys(*keys).perform()


# What has the focus: its place among all that could have it at first, -2 in a live chart that came since, and whether a ring is there and not all covered.
FOCUS = """
const e = document.activeElement, s = getComputedStyle(e);
const boxes = [...e.getClientRects()];
const shown = boxes.some((b) => {
  const on = document.elementFromPoint((b.left + b.right) / 2, (b.top + b.bottom) / 2);
  return on && (e.contains(on) || on.contains(e));
});
return [e.closest(".live-chart") ? -2 : window.stops.indexOf(e), s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2, shown, e.outerHTML.slice(0, 120)];
"""
STOPS = """
window.stops = [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
  .filter((e) => e.checkVisibility({ visibilityProperty: true }) && e.tabIndex >= 0 && !e.disabled);
return [window.stops.indexOf(document.activeElement) + 1, window.stops.length];
"""


@pytest.mark.parametrize(
    ("page", "width", "theme"),
    [
        (CHAPTER, 1280, "light"),
        ("chapters/claims.html", 390, "dark"),
        ("search.html", 1280, "dark"),
        ("figures/F-01.html", 390, "light"),
    ],
)
def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(
    site, server, browser, page, width, theme
):
    screen(browser, width, theme)
    browser.get(server + page)
    start, count = browser.execute_script(STOPS)  # the search begins in its box
    assert count > 10
    met = []
    while len([place for place in met if place != -2]) < count - start and len(met) < 2 * count:
        press(browser, Keys.TAB)
        place, ringed, shown, html = browser.execute_script(FOCUS)
        assert ringed, f"{page}: no ring around {html}"
        assert shown, f"{page}: {html} is covered"
        met.append(place)
    assert [place for place in met if place != -2] == list(range(start, count)), (
        f"{page}: the keyboard leaves the order of the page"
    )
    press(browser, Keys.TAB)
    assert browser.execute_script("return document.activeElement === document.body"), (
        "the keyboard is trapped"
    )


def test_the_first_key_leads_past_the_navigation(site, server, browser):
    screen(browser, 1280)
    browser.get(server + CHAPTER)
    press(browser, Keys.TAB)
    link = browser.switch_to.active_element
    assert link.text == "Skip to main content"
    assert link.rect["y"] >= 0
    press(browser, Keys.ENTER, Keys.TAB)
    inside = "return document.querySelector('main').contains(document.activeElement)"
    assert browser.execute_script(inside)


@pytest.mark.parametrize("side", ["primary", "secondary"])
def test_the_side_bars_of_a_phone_open_and_close_with_the_keyboard(site, server, browser, side):
    screen(browser, 390)
    browser.get(server + CHAPTER)
    button = browser.find_element(By.CSS_SELECTOR, f"button.{side}-toggle")
    browser.execute_script("arguments[0].focus()", button)
    press(browser, Keys.ENTER)
    opened = browser.find_element(By.CSS_SELECTOR, f"#pst-{side}-sidebar-modal")
    assert opened.get_attribute("open")
    assert opened.find_elements(By.CSS_SELECTOR, "nav a")
    inside = "return arguments[0].contains(document.activeElement)"
    assert browser.execute_script(inside, opened)
    press(browser, Keys.ESCAPE)
    assert not opened.get_attribute("open")
    assert browser.switch_to.active_element == button


def test_every_page_has_one_main_part_named_parts_and_headings_in_order(site):
    for page, soup in soups(site):
        if page.endswith("-embed.html"):
            continue
        assert soup.html["lang"] == ("id" if page.startswith("id/") else "en"), page
        assert len(soup.select("main, [role=main]")) == 1, page
        unnamed = [
            n for n in soup.select("nav, aside") if not (n.get("aria-label") or n.get("aria-labelledby"))
        ]
        assert not unnamed, f"{page}: {unnamed[0]}"
        levels = [
            int(h.name[1])
            for h in soup.main.select("h1, h2, h3, h4, h5, h6")
            if not h.find_parent(class_="onlyprint")
        ]
        assert levels[0] == 1 and levels.count(1) == 1, page
        steps = itertools.pairwise(levels)
        assert all(low - high <= 1 for high, low in steps), f"{page}: {levels}"


def test_every_table_has_a_caption_and_every_figure_words_and_a_table(site):
    figures = 0
    for page, soup in soups(site):
        for table in soup.find_all("table"):
            assert table.caption and table.caption.text.strip(), f"{page}: {table.text[:80]}"
        for image in soup.find_all("img"):
            assert image.has_attr("alt") and not re.search(r"\.(svg|png)|/", image["alt"]), f"{page}: {image}"
        for figure in soup.select("figure.ledger-figure"):
            figures += 1
            assert figure["aria-label"].startswith("Figure F-")
            assert all(len(image["alt"]) > 60 for image in figure.find_all("img"))
            address = (site / page).parent / figure.select_one("a.figure-link")["href"]
            own = soup_of(address)
            assert own.find("caption", string="The values plotted"), address
    assert figures > 30


FOREIGN = re.compile("[\u0370-\u04ff\u0600-\u06ff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]{2}")


def spoken(tag):
    """The language in which a text is read aloud."""
    return tag.find_parent(lang=True)["lang"]


def test_words_of_another_language_say_so(site, ledger):
    sources = ledger.sources[ledger.sources["language"].ne("en") & ledger.sources["title"].notna()]
    page = soup_of(site / "chapters/sources.html")
    said = {(span.text, span["lang"]) for span in page.select("span[lang]")}
    missing = [s.source_id for s in sources.itertuples() if (s.title, s.language) not in said]
    assert not missing
    some = [f"sources/{s}.html" for s in sources.groupby("language")["source_id"].first()]
    assert len(some) > 5
    for name in some:
        soup = soup_of(site / name)
        source = ledger.sources.set_index("source_id").loc[soup.h1.find(class_="id").text]
        assert soup.h1.find("span", lang=source["language"]).text == source["title"]
    met = 0
    # Forms of citation are copied whole, and scripts are not read.
    unheard = ["pre", "script", "style", "title"]
    for page, soup in soups(site):
        for text in soup.find_all(string=FOREIGN):
            if not text.find_parent(unheard):
                assert spoken(text) != "en", f"{page}: {text}"
                met += 1
        for quote in soup.find_all("q"):
            assert quote.has_attr("lang"), f"{page}: {quote}"
    assert met > 100
    words = soup_of(site / "chapters/method.html")
    assert spoken(words.find(string="otonom")) == "id"
    assert spoken(words.find(string="puluhan ribu")) == "id"


# What WCAG 1.4.12 asks a page to bear.
SPACING = """
const style = document.createElement("style");
style.textContent = "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }";
document.head.append(style);
"""
CUT = """
const wide = document.documentElement.scrollWidth;
const cut = [...document.querySelectorAll("main *, aside *")].filter((e) => {
  const s = getComputedStyle(e);
  return e.checkVisibility() && !e.closest(".sr-only") && [s.overflowX, s.overflowY].some((o) => o === "hidden" || o === "clip")
    && e.textContent.trim() && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1);
});
return [wide, cut.map((e) => e.outerHTML.slice(0, 120))];
"""


def test_enlarged_four_times_with_wider_letters_nothing_is_cut_or_scrolls_sideways(site, server, browser):
    screen(browser, 320, height=640)
    for page in pages(site):
        browser.get(server + page)
        for spacing in ("", SPACING):
            browser.execute_script(spacing)
            wide, cut = browser.execute_script(CUT)
            assert wide <= 320, f"{page}: {wide} px wide on a screen of 320 px"
            assert not cut, f"{page}: {cut}"


def test_a_phone_shows_the_confidence_that_holds_without_scrolling(site, server, browser):
    screen(browser, 390)
    boxes = 0
    for page, soup in soups(site):
        if soup.select(".judgement"):
            browser.get(server + page)
            for cell in browser.find_elements(By.CSS_SELECTOR, ".judgement td.here"):
                assert cell.rect["x"] >= 0 and cell.rect["x"] + cell.rect["width"] <= 390, page
                boxes += 1
    assert boxes > 5


@pytest.mark.parametrize(
    "page", ["claims/C-0017.html", "figures/F-02.html", "id/gambar.html", "sources/S-0001.html"]
)
def test_a_choice_of_light_or_dark_holds_on_the_pages_without_a_switch(server, browser, page):
    seen = {}
    for system in ("light", "dark"):
        screen(browser, 1280, system)
        for mode in ("light", "dark", "auto"):
            browser.get(server + page)
            browser.execute_script("localStorage.setItem('mode', arguments[0])", mode)
            browser.refresh()
            picture = "return document.querySelector('picture img')?.currentSrc.includes('-dark') ?? null"
            ground = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
            seen[system, mode] = ground, browser.execute_script(picture)
    browser.execute_script("localStorage.clear()")
    light, dark = seen["light", "auto"], seen["dark", "auto"]
    assert light[0] != dark[0]
    assert seen["dark", "light"] == seen["light", "light"] == light
    assert seen["light", "dark"] == seen["dark", "dark"] == dark


def test_nothing_moves_for_readers_who_ask_for_stillness(site, server, browser):
    moving = """
return [...document.querySelectorAll("*")].filter((e) => {
  const s = getComputedStyle(e);
  return parseFloat(s.transitionDuration) || s.animationName !== "none" || s.scrollBehavior === "smooth";
}).map((e) => e.outerHTML.slice(0, 120));
"""
    screen(browser, 1280)
    for page in (CHAPTER, "search.html", "claims/C-0017.html"):
        browser.get(server + page)
        assert not browser.execute_script(moving), page
