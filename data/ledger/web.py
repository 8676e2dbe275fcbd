"""What every page of the site says of itself: its address, its card, its links for citing and for mistakes."""

import re
from dataclasses import dataclass
from functools import cached_property
from html import escape

from docutils import nodes

from . import citing
from .changes import PAGE as CHANGES
from .dates import in_words
from .evidence import data_cutoff
from .figures import records
from .tables import Ledger

BOOK = "North Korea in Russia's war"
"""The name of the book, in titles."""

TRANSLATED = {
    "chapters/index.html": "id/index.html",
    "chapters/figures.html": "id/gambar.html",
    "chapters/glossary.html": "id/glosarium.html",
    "chapters/method.html": "id/metode.html",
}
"""English pages of the theme that have an Indonesian one; so has every figure's page, see counterpart()."""

CARD = (1200, 630)
"""Width and height in pixels of the cards that social media show for a link."""


@dataclass(frozen=True)
class Site:
    """The site as a whole: `base` is its address with a slash at the end, '' while it is not known.

    `repository` is the address of the repository, '' for none; `commit` says from which commit it is built.
    """

    ledger: Ledger
    base: str
    repository: str
    commit: str

    @cached_property
    def figures(self) -> list[dict]:
        """Return the records of the figures, read when the first page asks."""
        return records(self.ledger)

    def figure_of(self, path: str) -> dict:
        """Return the record of the figure that stands for a page: its own, its first, or the book's first."""
        folder, _, name = path.removesuffix(".html").rpartition("/")
        own = {
            "figures": lambda record: record["id"] == name,
            "chapters": lambda record: record["chapter"] == name,
            "claims": lambda record: name in record["claims"],
        }.get(folder, lambda record: False)
        # Of the figures that draw a claim, the one that draws the fewest says most of it.
        found = filter(own, self.figures)
        return min(
            found, key=lambda r: len(r["claims"]) if folder == "claims" else 0, default=self.figures[0]
        )

    def link(self, path: str, page: str) -> str:
        """Return the address of a file of the site for the head of a page: whole when the base is set."""
        return f"{self.base}{path}" if self.base else up(page) + path

    def head(self, path: str, title: str, description: str) -> str:
        """Return the description, the cards, the languages and the feed for the head of a page, as HTML."""
        figure = self.figure_of(path)
        card = self.link(f"figures/{figure['id']}-card.png", path)
        tags = {
            "description": description,
            "og:type": "article",
            "og:site_name": citing.TITLE,
            "og:title": title,
            "og:description": description,
            **({"og:url": f"{self.base}{path}"} if self.base else {}),
            "og:image": card,
            "og:image:width": str(CARD[0]),
            "og:image:height": str(CARD[1]),
            "og:image:alt": figure["alt"],
            "twitter:card": "summary_large_image",
            "twitter:title": title,
            "twitter:description": description,
            "twitter:image": card,
            "twitter:image:alt": figure["alt"],
        }
        lines = [
            f'<meta {"property" if key.startswith("og:") else "name"}="{key}" content="{escape(words, quote=True)}">\n'
            for key, words in tags.items()
        ]
        feed = f'<link rel="alternate" type="application/atom+xml" title="Changes of the ledger" href="{up(path)}changes.xml">\n'
        # Search engines take the languages of a page from whole addresses alone.
        pages = (("en", path), ("id", counterpart(path)), ("x-default", path)) if counterpart(path) else ()
        lines += [
            f'<link rel="alternate" hreflang="{code}" href="{self.base}{page}">\n'
            for code, page in pages
            if self.base
        ]
        return "".join([*lines, feed])

    def canonical(self, path: str) -> str:
        """Return the canonical link of a page that Sphinx does not write, '' while the base is not known."""
        return f'<link rel="canonical" href="{escape(self.base + path, quote=True)}">\n' if self.base else ""

    @cached_property
    def stamp(self) -> str:
        """Of which data, ledger and commit the site is."""
        cutoff = in_words(data_cutoff(self.ledger).isoformat())
        return f"Data to {cutoff}. Ledger {escape(self.ledger.version)}, <span translate='no'>{self.commit}</span>."

    def foot(self, root: str, cite: str) -> str:
        """Return the foot of a page; `root` leads to the root of the site, `cite` to how the page is cited."""
        mistake = f"{self.repository}/issues" if self.repository else f"{root}{CHANGES}#report-a-mistake"
        links = {
            "How to cite this page": root + cite,
            "Report a mistake": mistake,
            "What changed": root + CHANGES,
            "Feed of changes": f"{root}changes.xml",
        }
        listed = " · ".join(
            f'<a href="{escape(href, quote=True)}">{words}</a>' for words, href in links.items()
        )
        return f"<p>{self.stamp}</p><p>{listed}</p>"


def up(path: str) -> str:
    """Return the way from a page of the site to its root."""
    return "../" * path.count("/")


def counterpart(path: str) -> str | None:
    """Return the Indonesian page of an English one, None where there is none."""
    return f"id/{path}" if re.fullmatch(r"figures/F-\d+\.html", path) else TRANSLATED.get(path)


def first_sentence(doctree: nodes.document) -> str:
    """Return the finding of a chapter: the first sentence of its answer, else of the chapter."""
    paragraphs = [" ".join(p.astext().split()) for p in doctree.findall(nodes.paragraph)]
    text = next((p for p in paragraphs if p.startswith("Answer.")), paragraphs[0]).removeprefix("Answer. ")
    text = re.sub(r"( C-\d{4})+(?=[.,:;) ]|$)", "", text)  # the ids of claims are links, and say nothing here
    end = text.find(". ")
    return text if end < 0 else text[: end + 1]
