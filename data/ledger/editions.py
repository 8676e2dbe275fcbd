"""The whole book as one PDF and as EPUB, assembled from the pages of the built site.

Code cells, controls and downloads are left out. A link to the page of a claim or a document leads to
its entry in the chapter of every claim or of sources; a figure is its light SVG picture.
"""

import base64
import io
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass
from html import escape
from pathlib import Path

import font_lato
import pikepdf
from bs4 import BeautifulSoup, Tag
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from . import citing
from .book import phrase_html
from .dates import in_words
from .evidence import data_cutoff
from .files import alone, whole_site, write_atomically, zipped
from .notebooks import chapter_names
from .prose import cite
from .tables import Ledger

NAME = "north-korea-in-russias-war"
"""Name of both files, without its ending."""

SHOWN_CLAIMS = 100
"""A figure of more claims than this prints their number alone."""

WIDE_FROM = 7
"""A table of more columns than this is printed on a page that lies across."""

FLAGS = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-dev-shm-usage"
_CSS = Path(__file__).parent / "static" / "edition.css"
_FACES = {("normal", 400): "Regular", ("normal", 700): "Bold", ("italic", 400): "Italic"}


class EditionError(Exception):
    """An edition that could not be made, or is not what it should be; the message says why."""


@dataclass
class Chapter:
    """A chapter of an edition: its name in the site, its title, its sections as (id, title), and its body."""

    stem: str
    title: str
    sections: list[tuple[str, str]]
    body: Tag


def make(ledger: Ledger, site: Path, out: Path) -> list[Path]:
    """Write both editions of the built site (the folder of its HTML) into a folder, check them, return them.

    Raises EditionError when the site is not built, Chromium is missing, or an edition fails its check; RunError
    when another run is at work on one of the folders.
    """
    with alone(site.parent, out):
        if not whole_site(site).exists():
            raise EditionError(f"{site} holds no whole book: run `make book` first")
        chapters = assemble(ledger, site)
        pdf, epub = out / f"{NAME}.pdf", out / f"{NAME}.epub"
        write_atomically(pdf, make_pdf(ledger, site, chapters))
        write_atomically(epub, make_epub(ledger, site, chapters))
        if problems := [*check_pdf(pdf, chapters), *check_epub(epub)]:
            raise EditionError("\n".join(problems))
    return [pdf, epub]


def assemble(ledger: Ledger, site: Path) -> list[Chapter]:
    """Return the chapters of the book in the order of _toc.yml, made ready for paper."""
    chapters = [_chapter(ledger, site, Path(name).stem) for name in chapter_names()]
    known = set(_homes(chapters))
    for chapter in chapters:
        for link in chapter.body.find_all("a", href=True):
            if link["href"].startswith("#") and link["href"][1:] not in known:
                link.unwrap()  # a claimant without an entry, or a file of the site
    return chapters


def _homes(chapters: list[Chapter]) -> dict[str, str]:
    """Return the chapter of every id."""
    return {
        tag["id"]: c.stem for c in chapters for tag in [c.body, *c.body.find_all(id=True)] if tag.get("id")
    }


def _chapter(ledger: Ledger, site: Path, stem: str) -> Chapter:
    soup = BeautifulSoup((site / "chapters" / f"{stem}.html").read_text(encoding="utf-8"), "html.parser")
    body = soup.select_one("article.bd-article > section")
    dropped = (
        "script, button, form, svg, .definition, .headerlink, .cell_input, details.hide, .toctree-wrapper, "
        "img.only-dark, caption.sr-only"
    )
    for tag in body.select(dropped):
        tag.decompose()
    for tag in body.find_all(id=True):
        tag["id"] = f"{stem}--{tag['id']}"
    body["id"] = f"{stem}--"  # where a link to the chapter as a whole leads
    if stem == "sources":
        rows = {}
        for link in body.select("td:first-child > a[href^='../sources/']"):
            rows.setdefault(link.get_text(), link)
        for name, link in rows.items():
            link.parent.parent["id"] = name
            link.unwrap()
    if table := body.select_one("table.explorer"):
        table.replace_with(_claims(ledger, table, soup))
    for table in body.select("details.numbers"):
        _shorten_numbers(table, soup)
    for figure in body.select("figure.ledger-figure"):
        _shorten_figure(figure, soup)
    for picture in body.find_all("img"):
        picture["src"] = picture["src"].removeprefix("../")
    for table in body.find_all("table"):
        if len(table.tr.find_all(["th", "td"])) > WIDE_FROM:
            table["class"] = "wide"
    for fold in body.select("details.run-again"):
        fold.decompose()
    for fold in body.find_all("details"):
        fold.name = "div"
        fold.summary["class"], fold.summary.name = "folded", "p"
    for tag in body.find_all(True):
        for name in (
            "tabindex",
            "role",
            "aria-describedby",
            "loading",
            "decoding",
            "download",
            "aria-current",
            "width",
            "height",
        ):
            del tag[name]
        if tag.name == "div":
            del tag["aria-label"]
    for link in body.find_all("a", href=True):
        link["href"] = _address(link["href"], stem)
        if not link["href"]:
            link.unwrap()
    body.name, body["class"] = "section", "chapter"
    inner = body.find_all("section")
    return Chapter(
        stem, body.h1.get_text(), [(s["id"], s.h2.get_text()) for s in inner if s.find("h2", recursive=False)], body
    )  # fmt: skip


def _address(href: str, stem: str) -> str:
    # Inside an edition every id is CHAPTER--ID, or the id of a claim or a document itself.
    if re.match(r"https?:", href):
        return href
    if found := re.fullmatch(r"\.\./(?:claims|sources)/([CS]-\d+)\.html", href):
        return f"#{found[1]}"
    if found := re.fullmatch(r"(?:([\w-]+)\.html)?(?:#(.+))?", href.removeprefix("../chapters/")):
        return f"#{found[1] or stem}--{found[2] or ''}"
    return ""


def _claims(ledger: Ledger, table: Tag, soup: BeautifulSoup) -> Tag:
    """Return the table of every claim as a list by month, each claim with the phrases printed."""
    whole = soup.new_tag("div")
    for row in table.select("tbody > tr"):
        if "month" in row.get("class", ()):
            heading = soup.new_tag("p", attrs={"class": "folded"})
            heading.string = row.get_text()
            whole.append(heading)
            continue
        _, who, what = row.find_all("td")
        claim = row.a.get_text()
        found = cite(ledger, claim)
        phrases = "; ".join(phrase_html(p) for p in found["printed"])
        stated = f", {found['stated']}" if found["stated"] else ""
        html = (
            f'<div class="claim" id="{claim}"><p><strong>{claim}</strong> {escape(who.get_text())}{stated}: {what.decode_contents()}</p>'
            f'<p class="small">{phrases}</p></div>'
        )
        whole.append(BeautifulSoup(html, "html.parser"))
    return whole


def _shorten_numbers(details: Tag, soup: BeautifulSoup) -> None:
    # The phrases stand once in the chapter of every claim; here the claims alone.
    for cell in details.select("tbody td"):
        formula = cell.select_one(".formula")
        links = [a.extract() for a in cell.select("a.claim-link")]
        cell.clear()
        if formula:
            cell.append(formula)
        _list_claims(cell, links, soup)


def _shorten_figure(figure: Tag, soup: BeautifulSoup) -> None:
    details = figure.details
    links = [a.extract() for a in details.select("a.claim-link")]
    line = soup.new_tag("p", attrs={"class": "small"})
    line.append(f"{len(links)} claim{'s' * (len(links) != 1)} drawn")
    if len(links) <= SHOWN_CLAIMS:
        line.append(": ")
        _list_claims(line, links, soup)
    details.replace_with(line)
    picture = figure.img.extract()
    figure.select_one(".still").replace_with(picture)
    picture["class"] = "drawn"


def _list_claims(into: Tag, links: list[Tag], soup: BeautifulSoup) -> None:
    for link in links:
        into.append(link)
        into.append(" ")


def _font_face(url) -> str:
    return "".join(
        f'@font-face {{ font-family: Lato; font-style: {style}; font-weight: {weight}; src: url("{url(name)}") format("truetype"); }}\n'
        for (style, weight), name in _FACES.items()
    )


def _font(name: str) -> bytes:
    return (Path(font_lato.__file__).parent / "files" / f"Lato-{name}.ttf").read_bytes()


def _inline_font(name: str) -> str:
    return f"data:font/ttf;base64,{base64.b64encode(_font(name)).decode()}"


def _picture(site: Path, name: str) -> bytes:
    """Return a figure as EPUB allows it and as Chromium prints it in vectors alone."""
    svg = (site / name).read_text(encoding="utf-8")
    svg = re.sub(r"<!DOCTYPE[^>]*>", "", svg)
    # matplotlib writes an empty outline without its d, which the format requires.
    svg = re.sub(r"<path(?![^>]*\sd=)", '<path d="M 0 0"', svg)
    svg = _draw_hatching(svg)
    return svg.encode()


def _draw_hatching(svg: str) -> str:
    """Draw hatching as lines cut to their shape: a printed pattern would become pixels."""
    pattern = r'<pattern id="(\w+)"[^>]*>\s*<rect[^>]*/>\s*(<path[^>]*/>)\s*</pattern>'
    tiles = dict(re.findall(pattern, svg))
    shape = r'<path d="([^"]*)"([^>]*?) style="fill: url\(#(\w+)\)([^"]*)"/>'
    clips = iter(range(svg.count("fill: url(#")))

    def drawn(found: re.Match) -> str:
        d, rest, tile, style = found.groups()
        points = [float(n) for n in re.findall(r"-?[\d.]+", d)]
        left, right, top, bottom = min(points[::2]), max(points[::2]), min(points[1::2]), max(points[1::2])
        clip = f"hatch-{next(clips)}"
        lines = "".join(
            f'<g transform="translate({x * 72} {y * 72})">{tiles[tile]}</g>'
            for x in range(int(left // 72), int(right // 72) + 1)
            for y in range(int(top // 72), int(bottom // 72) + 1)
        )
        return (
            f'<g{rest}><clipPath id="{clip}"><path d="{d}"/></clipPath><g clip-path="url(#{clip})">{lines}</g>'
            f'<path d="{d}" style="fill: none{style}"/></g>'
        )

    return re.sub(pattern, "", re.sub(shape, drawn, svg))


def _title_page(ledger: Ledger) -> str:
    cutoff = in_words(data_cutoff(ledger).isoformat())
    title, _, subtitle = citing.TITLE.partition(": ")
    return (
        f'<section class="title-page" id="title-page"><h1>{escape(title)}</h1><p>{escape(subtitle.capitalize())}</p><p>{escape(citing.AUTHOR)}</p>'
        f"<p>Ledger {escape(ledger.version)}, data to {cutoff}.</p>"
        "<p>Text and tables: Creative Commons Attribution 4.0. Quotations remain their authors’.</p></section>"
    )


def _contents(chapters: list[Chapter], address, line) -> str:
    """Return nested lists of the chapters and their sections, each linked by `address` and worded by `line`."""
    items = ""
    for chapter in chapters:
        inner = "".join(
            f'<li><a href="{address(chapter, i)}">{line(i, t)}</a></li>' for i, t in chapter.sections
        )
        inner = f"<ol>{inner}</ol>" if inner else ""
        own = chapter.body["id"]
        items += f'<li><a href="{address(chapter, own)}">{line(own, chapter.title)}</a>{inner}</li>'
    return f"<ol>{items}</ol>"


def make_pdf(ledger: Ledger, site: Path, chapters: list[Chapter]) -> bytes:
    """Return the book as PDF: printed once to learn the pages of its headings, and again with them."""
    ids = [i for c in chapters for i in (c.body["id"], *(s for s, _ in c.sections))]
    pages = dict.fromkeys(ids, 0)
    with tempfile.TemporaryDirectory() as folder:
        pictures = {
            img["src"]: _picture(site, img["src"]) for c in chapters for img in c.body.find_all("img")
        }
        for name, content in pictures.items():
            write_atomically(Path(folder) / name, content)
        page = Path(folder) / "book.html"
        for _ in range(2):
            html = re.sub(
                r'<img [^>]*?src="([^"]+)"[^>]*/>',
                lambda found: _inline(found, pictures[found[1]].decode()),
                _print_html(ledger, chapters, pages),
            )
            write_atomically(page, html.encode())
            printed = _print(page)
            with pikepdf.open(io.BytesIO(printed)) as pdf:
                pages = _pages_of(pdf, ids)
    return _settle(printed, ledger)


def _inline(found: re.Match, svg: str) -> str:
    """Return a picture that sets words as a part of the page, with which it shares the typeface; others as they are.

    Chromium opens a typeface of a picture once or twice, as it likes, and the bytes would differ.
    """
    if "<text" not in svg:
        return found[0]
    svg = re.sub(r"<\?xml[^>]*>|<style>.*?</style>", "", svg, flags=re.S)
    prefix = re.sub(r"\W", "-", found[1])
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}-", svg)
    # In whichever quotes it stands.
    alt = re.search(r"""alt=("[^"]*"|'[^']*')""", found[0])[1]
    return svg.replace("<svg ", f'<svg role="img" aria-label={alt} ', 1)


def _print_html(ledger: Ledger, chapters: list[Chapter], pages: dict[str, int]) -> str:
    contents = _contents(
        chapters,
        lambda chapter, i: f"#{i}",
        lambda i, t: f'<span class="line"><span>{escape(t)}</span><span>{pages[i]}</span></span>',
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(citing.TITLE)}</title>'
        f"<style>{_font_face(_inline_font)}{_CSS.read_text(encoding='utf-8')}</style></head><body>{_title_page(ledger)}"
        f'<nav class="contents"><h1>Contents</h1>{contents}</nav>{"".join(str(c.body) for c in chapters)}</body></html>'
    )


def _print(page: Path) -> bytes:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not (chromium and driver):
        raise EditionError("the PDF needs Chromium and ChromeDriver: `apt install chromium chromium-driver`")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in FLAGS.split():
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=Service(driver))
    browser.command_executor.client_config.timeout = 600
    try:
        browser.get(page.as_uri())
        browser.execute_async_script("document.fonts.ready.then(arguments[0])")
        number = (
            '<div style="font-size:8px;width:100%;text-align:center"><span class="pageNumber"></span></div>'
        )
        given = {
            "preferCSSPageSize": True,
            "printBackground": True,
            "generateTaggedPDF": True,
            "generateDocumentOutline": True,
            "displayHeaderFooter": True,
            "headerTemplate": "<span></span>",
            "footerTemplate": number,
        }
        return base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", given)["data"])
    finally:
        browser.quit()


def _pages_of(pdf: pikepdf.Pdf, ids: list[str]) -> dict[str, int]:
    """Return the page, from 1, of each id that a link of the PDF leads to."""
    number = {page.obj.objgen: place for place, page in enumerate(pdf.pages, start=1)}
    names = pdf.Root.get("/Dests", {})
    if missing := [i for i in ids if f"/{i}" not in names]:
        raise EditionError(f"the PDF has no destination {missing[0]!r}, and {len(missing)} are missing")
    return {i: number[names[f"/{i}"][0].objgen] for i in ids}


def _settle(printed: bytes, ledger: Ledger) -> bytes:
    """Give the PDF its metadata, and take out what differs from run to run."""
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        pdf.docinfo = pdf.make_indirect(pikepdf.Dictionary())
        pdf.docinfo["/Title"] = citing.TITLE
        pdf.docinfo["/Author"] = citing.AUTHOR
        pdf.docinfo["/Subject"] = f"Ledger {ledger.version}, data to {data_cutoff(ledger)}"
        pdf.Root.Lang = pikepdf.String("en-GB")
        plain = io.BytesIO()
        pdf.save(plain, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    # Chromium numbers the elements of its tree from another start each time; keep their order, in as many digits.
    node = rb"\(node\d{8}\)"
    found = sorted(set(re.findall(node, plain.getvalue())))
    rank = {old: b"(node%08d)" % place for place, old in enumerate(found, start=1)}
    with pikepdf.open(io.BytesIO(re.sub(node, lambda m: rank[m[0]], plain.getvalue()))) as pdf:
        del pdf.trailer["/ID"]  # made anew from the content
        buffer = io.BytesIO()
        pdf.save(buffer, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return buffer.getvalue()


def make_epub(ledger: Ledger, site: Path, chapters: list[Chapter]) -> bytes:
    """Return the book as EPUB 3: a file a chapter, its pictures, its typeface, and the contents."""
    files = {"style.css": _font_face(lambda name: f"Lato-{name}.ttf") + _CSS.read_text(encoding="utf-8")}
    files |= {f"Lato-{name}.ttf": _font(name) for name in _FACES.values()}
    home = _homes(chapters)
    files["title.xhtml"] = _xhtml(citing.TITLE, _title_page(ledger))
    contents = _contents(chapters, lambda chapter, i: f"{chapter.stem}.xhtml#{i}", lambda i, t: escape(t))
    files["nav.xhtml"] = _xhtml(
        "Contents", f'<nav epub:type="toc" class="contents"><h1>Contents</h1>{contents}</nav>'
    )
    for chapter in chapters:
        html = re.sub(
            r'(<a [^>]*?)href="#([^"]+)"',
            lambda m: f'{m[1]}href="{home[m[2]]}.xhtml#{m[2]}"',
            str(chapter.body),
        )
        files[f"{chapter.stem}.xhtml"] = _xhtml(chapter.title, html)
        for img in chapter.body.find_all("img"):
            files[img["src"]] = _picture(site, img["src"])
    spine = ["title", "nav", *(c.stem for c in chapters)]
    package = _package(ledger, files, spine)
    container = (
        '<?xml version="1.0" encoding="utf-8"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="EPUB/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    content = {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": container.encode(),
        "EPUB/book.opf": package.encode(),
        **{f"EPUB/{n}": c if isinstance(c, bytes) else c.encode() for n, c in sorted(files.items())},
    }
    return zipped(content, stored="mimetype")


def _xhtml(title: str, body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" '
        'xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en"><head><meta charset="utf-8"/>'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="style.css"/></head><body>{body}</body></html>\n'
    )


def _item(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "-", f"i-{name}")


def _package(ledger: Ledger, files: dict, spine: list[str]) -> str:
    kinds = {"xhtml": "application/xhtml+xml", "css": "text/css", "svg": "image/svg+xml", "ttf": "font/ttf"}
    manifest = ""
    for name in sorted(files):
        kind = kinds[name.rsplit(".", 1)[1]]
        nav = ' properties="nav"' * (name == "nav.xhtml")
        manifest += f'<item id="{_item(name)}" href="{name}" media-type="{kind}"{nav}/>'
    order = "".join(f'<itemref idref="{_item(f"{stem}.xhtml")}"/>' for stem in spine)
    access = {
        "accessMode": ("textual", "visual"),
        "accessModeSufficient": ("textual",),
        "accessibilityFeature": ("alternativeText", "structuralNavigation", "tableOfContents"),
        "accessibilityHazard": ("none",),
        "accessibilitySummary": (
            "Every figure has a text that describes it, and its claims are listed as text.",
        ),
    }
    metas = "".join(f'<meta property="schema:{k}">{v}</meta>' for k, values in access.items() for v in values)
    day = data_cutoff(ledger)  # an edition is dated by its data, so that its bytes repeat
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        'unique-identifier="id" xml:lang="en"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:ledger:{NAME}:{ledger.version}:{day}</dc:identifier><dc:title>{escape(citing.TITLE)}</dc:title>'
        f"<dc:language>en-GB</dc:language><dc:creator>{escape(citing.AUTHOR)}</dc:creator><dc:date>{day}</dc:date>"
        f'<dc:rights>CC BY 4.0; quotations remain their authors’</dc:rights><meta property="dcterms:modified">{day}T00:00:00Z</meta>{metas}</metadata>'
        f"<manifest>{manifest}</manifest><spine>{order}</spine></package>\n"
    )


def check_pdf(path: Path, chapters: list[Chapter]) -> list[str]:
    """Return what is wrong with the PDF: outline, number of pages, fonts, links inside, vector figures."""
    problems = []
    with pikepdf.open(path) as pdf:
        titles = []
        with pdf.open_outline() as outline:
            for top in outline.root:
                titles += [top.title, *(child.title for child in top.children)]
        lost = [c.title for c in chapters if c.title not in titles]
        if lost:
            problems.append(f"{path.name}: the outline lacks {lost}")
        if len(pdf.pages) <= 50:
            problems.append(f"{path.name}: {len(pdf.pages)} pages, fewer than a whole book has")
        names = pdf.Root.get("/Dests", {})
        links = [a for page in pdf.pages for a in page.get("/Annots", ()) if a.get("/Subtype") == "/Link"]
        inside = [str(a.Dest) for a in links if "/Dest" in a]
        if len(inside) < 1000 or not set(inside) <= set(names.keys()):
            problems.append(f"{path.name}: of {len(inside)} links inside, some lead nowhere")
        outside = [str(a.A.get("/URI", "")) for a in links if "/A" in a]
        if bad := [u for u in outside if not re.match(r"https?://", u)]:
            problems.append(f"{path.name}: {bad[0]!r} is no address on the web")
        for item in pdf.objects:
            if not isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
                continue
            # A font of type 3 is drawn inside the file; any other needs its program.
            held = item.get("/FontDescriptor") if item.get("/Subtype") != "/Type3" else None
            if held is not None and not {"/FontFile", "/FontFile2", "/FontFile3"} & set(held.keys()):
                problems.append(f"{path.name}: {item.get('/BaseFont')} is not embedded")
            if item.get("/Subtype") == "/Image":
                problems.append(f"{path.name}: a picture is pixels, not vectors")
    return problems


def check_epub(path: Path) -> list[str]:
    """Return what EPUBCheck finds wrong with the EPUB; without it, an error in CI and nothing elsewhere."""
    program = shutil.which("epubcheck")
    if not program:
        if os.environ.get("CI"):
            return ["EPUBCheck is not installed: `apt install epubcheck`"]
        print("EPUBCheck is not installed, so the EPUB goes unchecked: `apt install epubcheck`")
        return []
    # Debian installs the archive of the program itself, which not every kernel can start.
    start = ["java", "-jar", program] if zipfile.is_zipfile(program) else [program]
    run = subprocess.run([*start, "--failonwarnings", str(path)], capture_output=True, text=True)
    return (run.stdout + run.stderr).splitlines()[:40] if run.returncode else []
