"""The glossary: a page with an anchor a term, and the role {term} that gives a definition where a word stands."""

import re
import unicodedata
from html import escape

from docutils import nodes
from sphinx.util.docutils import ReferenceRole

from .pages import blank, claim_link
from .tables import Ledger

LANGUAGES = {"indonesian": ("id", "Indonesian"), "korean": ("ko", "Korean"), "russian": ("ru", "Russian")}
"""The columns of words in another language: the code and the name of the language."""


def folded(text: str) -> str:
    """Return a text for comparing words: small letters, without accents, marks apart."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def term_id(term: str) -> str:
    """Return the anchor of a term on the page of the glossary."""
    return f"term-{re.sub(r'[^a-z0-9]+', '-', folded(term)).strip('-')}"


def printed_words(ledger: Ledger) -> dict[tuple[str, str], str]:
    """Map (code of the language, word) to the first claim whose quotation in that language prints the word.

    A word counts where it begins a word of the quotation, for Korean and Russian change the ends.
    Words that no quotation prints are left out: they are this book's translations.
    """
    found = {}
    for column, (code, _) in LANGUAGES.items():
        rows = ledger.printings[ledger.printings["language"] == code]
        quotes = [
            (folded(quote), claim) for quote, claim in zip(rows["quote"], rows["claim_id"], strict=True)
        ]
        for word in sorted({w for cell in ledger.glossary[column].dropna() for w in cell.split(";")}):
            begins = re.compile(rf"(?<!\w){re.escape(folded(word))}")
            first = next((claim for quote, claim in quotes if begins.search(quote)), None)
            if first:
                found[code, word] = first
    return found


def glossary_html(ledger: Ledger, up: str) -> str:
    """Return the terms with their definitions and the words behind them, one anchor a term."""
    printed = printed_words(ledger)
    parts = []
    for row in sorted(ledger.glossary.itertuples(), key=lambda row: folded(row.term)):
        also = (
            ""
            if blank(row.aliases)
            else f'<dd class="also">Also: {escape(row.aliases.replace(";", ", "))}</dd>'
        )
        taken = "" if blank(row.source) else f" {escape(row.source)}"
        page, _, anchor = row.see.partition("#")
        address = f"{up}chapters/{page}.html{'#' * bool(anchor)}{anchor}"
        more = f'<a href="{escape(address, quote=True)}">Where the book explains it</a>'
        words = ""
        for column, (code, language) in LANGUAGES.items():
            if not blank(getattr(row, column)):
                listed = ", ".join(_word_html(w, code, printed, up) for w in getattr(row, column).split(";"))
                words += f'<dd class="words">{language}: {listed}</dd>'
        parts.append(
            f'<div id="{term_id(row.term)}"><dt>{escape(row.term)}</dt><dd>{escape(row.definition)}{taken} {more}</dd>{also}{words}</div>'
        )
    return f'<dl class="glossary">{"".join(parts)}</dl>'


def _word_html(word: str, code: str, printed: dict[tuple[str, str], str], up: str) -> str:
    said = f'<span lang="{code}">{escape(word)}</span>'
    claim = printed.get((code, word))
    where = f"({claim_link(claim, up)})" if claim else "(our translation)"
    return f'<span class="word">{said} {where}</span>'


class Defined(nodes.Inline, nodes.TextElement):
    """A word with its definition: a link to the glossary, and the definition as hidden text beside it."""


class TermRole(ReferenceRole):
    """{term}`cluster` or {term}`words <cluster>`: a word with its definition, refused when none stands there."""

    def run(self):
        """Return the node; an unknown word is a warning, which the build treats as an error."""
        glossary = self.config.ledger.glossary
        known = {
            word.casefold(): row
            for row in glossary.itertuples()
            for word in (row.term, *("" if blank(row.aliases) else row.aliases).split(";"))
        }
        row = known.get(self.target.casefold())
        if row is None:
            message = self.inliner.reporter.warning(
                f"no term {self.target!r} in the glossary", line=self.lineno
            )
            return [], [message]
        up = "../" * self.env.docname.count("/")
        name = f"definition-{self.env.new_serialno('term') + 1}"
        node = Defined("", self.title, definition=row.definition, name=name)
        node["uri"] = f"{up}chapters/glossary.html#{term_id(row.term)}"
        return [node], []


def visit_defined(translator, node: Defined) -> None:
    """Open the link."""
    translator.body.append(f'<a class="term" href="{node["uri"]}" aria-describedby="{node["name"]}">')


def depart_defined(translator, node: Defined) -> None:
    """Close the link, and put the definition beside it for the script and for readers of the screen."""
    translator.body.append(
        f'</a><span class="definition" role="tooltip" id="{node["name"]}" hidden>{escape(node["definition"])}</span>'
    )
