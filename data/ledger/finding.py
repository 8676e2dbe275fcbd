"""Finding one's way: the data of the search, redirects, the page for a wrong address, sitemap and robots."""

import json
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.environment import BuildEnvironment

from .changes import feed
from .dates import in_words
from .evidence import data_cutoff
from .files import write_atomically
from .glossary import LANGUAGES, folded, term_id
from .notebooks import chapter_names, chapter_titles
from .pages import CLAIMANT_PAGE_FROM, blank
from .prose import number, quantity
from .web import BOOK, Site, up

KINDS = {
    "term": "Glossary",
    "section": "Chapters",
    "figure": "Figures",
    "claimant": "Claimants",
    "claim": "Claims",
    "source": "Sources",
}
"""The kinds of results with their headings, in the order that decides between equals."""

_SKIPPED = (nodes.raw, nodes.literal_block, nodes.math, nodes.math_block, nodes.comment)
_UNSAID = frozenset(
    ["the", "and", "for", "that", "with", "this", "are", "was", "not", "from", "its", "which", "have"]
)


def sections(env: BuildEnvironment) -> list[tuple[str, str, str, str]]:
    """Return (page, anchor, title, words) of every section of the chapters; the first of a page has no anchor.

    `words` are the different words of the section, each once: enough to find it by.
    """
    found = []
    for name in chapter_names():
        for section in env.get_doctree(name).findall(nodes.section):
            title = section.next_node(nodes.title).astext()
            anchor = "" if isinstance(section.parent, nodes.document) else section["ids"][0]
            words = dict.fromkeys(w for w in re.findall(r"\w[\w-]*", _own_text(section)) if len(w) > 2)
            seen = set(re.findall(r"\w+", folded(title))) | _UNSAID
            found.append((f"{name}.html", anchor, title, " ".join(w for w in words if folded(w) not in seen)))
    return found


def _own_text(node: nodes.Node) -> str:
    """Return the text below a node without that of inner sections, and without what a reader does not read."""
    if isinstance(node, nodes.Text):
        return node.astext()
    inner = (c for c in node.children if not isinstance(c, (*_SKIPPED, nodes.section, nodes.title)))
    return " ".join(filter(None, map(_own_text, inner))) if node.children else ""


def search_rows(site: Site, book: Iterable[tuple[str, str, str, str]]) -> list[list[str]]:
    """Return the rows of the search as [kind, id, title, note, words, address]; `book` as from sections().

    Ids are shown and found; the note is shown and found; the words are found alone. The address is left
    blank where it follows from kind and id.
    """
    ledger, titles = site.ledger, chapter_titles()
    rows = []
    for term in ledger.glossary.itertuples():
        others = [getattr(term, c) for c in ("aliases", *LANGUAGES)]
        words = " ".join(w.replace(";", " ") for w in others if not blank(w))
        address = f"chapters/glossary.html#{term_id(term.term)}"
        rows.append(["term", "", term.term, term.definition, words, address])
    for page, anchor, title, words in book:
        chapter = titles[Path(page).stem]
        rows.append(
            ["section", "", title, chapter if anchor else "", words, f"{page}{'#' * bool(anchor)}{anchor}"]
        )
    for record in site.figures:
        rows.append(["figure", record["id"], record["title"], titles[record["chapter"]], record["alt"], ""])
    counts = ledger.claims["claimant_id"].value_counts()
    for who in ledger.claimants.itertuples():
        page = counts[who.claimant_id] >= CLAIMANT_PAGE_FROM
        address = f"claimants/{who.claimant_id}.html" if page else "chapters/sources.html#claimants"
        note = f"{number(counts[who.claimant_id])} claim{'s' * (counts[who.claimant_id] != 1)}"
        rows.append(["claimant", "", who.name, note, who.label, address])
    names = ledger.claimants.set_index("claimant_id")["label"]
    for _, claim in ledger.claims.iterrows():
        size = "" if blank(claim["bound"]) else quantity(ledger, claim)
        said = "" if blank(claim["stated_on"]) else in_words(claim["stated_on"])
        note = ", ".join(filter(None, [names[claim["claimant_id"]], said, size]))
        rows.append(["claim", claim["claim_id"], claim["statement"], note, "" if blank(claim["speaker"]) else claim["speaker"], ""])  # fmt: skip
    for source in ledger.sources.itertuples():
        title = "No title shown" if blank(source.title) else source.title
        rows.append(["source", source.source_id, title, source.publisher, "", ""])
    return rows


def search_data(rows: list[list[str]]) -> bytes:
    """Return the script that holds the rows of the search: a script can be read from file:// too."""
    held = json.dumps({"kinds": KINDS, "rows": rows}, ensure_ascii=False, separators=(",", ":"))
    return f"window.ledgerFinds = {held};\n".encode()


def _page(head: str, body: str) -> str:
    """Return a page that stands in no folder of the light pages, with its head and its body."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{head}</head>
<body>
{body}
</body>
</html>
"""


def wrong_address_html(site: Site) -> str:
    """Return the page for an address that is none.

    A server shows it at any depth, so its links begin at the base of the site, or at the root of the
    server while the base is not known.
    """
    root = site.base or "/"
    titles = chapter_titles()
    items = "".join(
        f'<li><a href="{escape(root, quote=True)}{name}.html">{escape(titles[Path(name).stem])}</a></li>'
        for name in chapter_names()
    )
    return _page(
        f"""<meta name="description" content="There is no page at this address.">
<title>No such page · {BOOK}</title>
<link rel="icon" href="{root}_static/favicon.svg">
<link rel="stylesheet" href="{root}_static/pages.css">
""",
        f"""<main>
<h1>There is no page at this address</h1>
<p>Ids of claims (C-0017), sources (S-0001) and figures (F-01) never change: their pages are <code>claims/C-0017.html</code>, <code>sources/S-0001.html</code> and <code>figures/F-01.html</code>.</p>
<p><a href="{root}search.html" rel="search">Search the book and the ledger</a>, or go to a chapter:</p>
<ul>{items}</ul>
</main>
<footer>{site.foot(root, "chapters/citing.html#cite-whole")}</footer>""",
    )


def root_html(site: Site, answer: str) -> str:
    """Return the page at the root of the site: it leads on to the first chapter, and is the card of the whole book."""
    first, path = "chapters/index.html", "index.html"
    return _page(
        f"""<meta http-equiv="refresh" content="0; url={first}">
<title>{BOOK}</title>
{site.head(path, BOOK, answer)}{site.canonical(first)}<link rel="icon" href="_static/favicon.svg">
<link rel="stylesheet" href="_static/pages.css">
""",
        f"""<main>
<h1>{BOOK}</h1>
<p><a href="{first}">Read the book</a>, or <a href="search.html" rel="search">search it</a>.</p>
</main>
<footer>{site.foot("", "chapters/citing.html#cite-whole")}</footer>""",
    )


def redirect_html(site: Site, old: str, new: str) -> str:
    """Return the page at an old address: it leads on by itself, and has a link for whoever stays."""
    target = escape(up(old) + new, quote=True)
    return _page(
        f"""<meta http-equiv="refresh" content="0; url={target}">
<meta name="robots" content="noindex">
<title>Moved · {BOOK}</title>
{site.canonical(new.partition("#")[0])}""",
        f'<p>This page has moved: <a href="{target}">{escape(new)}</a>.</p>',
    )


def sitemap(site: Site, pages: Iterable[str]) -> str:
    """Return the sitemap of some pages; each was last changed by the latest claim. Needs a base."""
    day = data_cutoff(site.ledger).isoformat()
    items = "".join(
        f"<url><loc>{escape(site.base + page)}</loc><lastmod>{day}</lastmod></url>\n" for page in pages
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{items}</urlset>\n"
    )


def write(site: Site, out: Path, book: Iterable[tuple[str, str, str, str]], answer: str) -> None:
    """Write the data of the search, the feed, redirects, the root and 404.html into the built site.

    `answer` is what the book says in a sentence. With a base also sitemap.xml and robots.txt. To be called when
    all other pages are written, over the bare redirect that the table of contents leaves at the root. Raises
    ValueError for a redirect from a page that is there, or to one that is not.
    """
    write_atomically(out / "_static" / "find-data.js", search_data(search_rows(site, book)))
    write_atomically(out / "changes.xml", feed(site.ledger, site.base))
    write_atomically(out / "404.html", wrong_address_html(site).encode())
    write_atomically(out / "index.html", root_html(site, answer).encode())
    moved = site.ledger.redirects
    if site.base:
        hidden = {"404.html", "index.html", "search.html", *moved["old"]}
        found = (str(p.relative_to(out).as_posix()) for p in out.rglob("*.html") if "_static" not in p.parts)
        pages = sorted(p for p in found if p not in hidden and not p.endswith("-embed.html"))
        write_atomically(out / "sitemap.xml", sitemap(site, pages).encode())
        robots = f"User-agent: *\nAllow: /\nSitemap: {site.base}sitemap.xml\n"
        write_atomically(out / "robots.txt", robots.encode())
    for row in moved.itertuples():
        page = redirect_html(site, row.old, row.new).encode()
        old = out / row.old
        if not (out / row.new.partition("#")[0]).is_file():
            raise ValueError(f"redirects.csv: {row.old} leads to {row.new}, which is not in the site")
        if old.is_file() and old.read_bytes() != page:
            raise ValueError(
                f"redirects.csv: {row.old} is a page of the site; only what is gone can have moved"
            )
        write_atomically(old, page)
