"""What the book gives to readers who listen, use a keyboard or enlarge: the theme's faults mended, links named."""

import re
from html import escape

from babel import Locale
from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx

# The first that is met decides: kana before the signs that Chinese shares, Ukrainian letters before the rest.
_SCRIPTS = {
    "ko": "[\uac00-\ud7a3]",
    "ja": "[\u3040-\u30ff]",
    "zh": "[\u4e00-\u9fff]",
    "uk": "[іїєґІЇЄҐ]",
    "ru": "[\u0400-\u04ff]",
    "el": "[\u0370-\u03ff]",
    "ar": "[\u0600-\u06ff]",
}
_LETTERS = "[\u0370-\u04ff\u0600-\u06ff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]"
_FOREIGN = re.compile(f"{_LETTERS}+(?:[ \\d.,·-]+{_LETTERS}+)*")


class ClaimReference(nodes.reference):
    """A link to a claim, whose name says what the bare id does not."""


def _visit_claim(self, node: ClaimReference) -> None:
    name = {"aria-label": claim_name(node.astext())}
    self.body.append(self.starttag(node, "a", "", href=node["refuri"], **name))


def _depart_claim(self, node: ClaimReference) -> None:
    self.body.append("</a>")


def claim_name(claim_id: str) -> str:
    """Return what a link to a claim is called where its id alone is shown."""
    return f"Claim {claim_id}"


def in_language(html: str, language: str) -> str:
    """Return HTML marked as being in a language; English, the book's own, needs no mark."""
    return html if language == "en" else f'<span lang="{escape(language, quote=True)}">{html}</span>'


def marked(text: str) -> str:
    """Return text as HTML in which words in a script that is not ours carry the language that it tells."""
    return _FOREIGN.sub(lambda run: in_language(run[0], _script_language(run[0])), escape(text))


def _script_language(run: str) -> str:
    return next(language for language, letters in _SCRIPTS.items() if re.search(letters, run))


def language_name(code: str) -> str:
    """Return the English name of a language from its code as HTML: 'Korean' for 'ko'; an unknown code stays."""
    return escape(Locale("en").languages.get(code, code))


def _visit_code(self, node: HideCodeCellNode) -> None:
    # MyST-NB calls every one of these "Toggle hidden content", which is not what they show.
    labels = (("collapsed", node["prompt_show"]), ("expanded", node["prompt_hide"]))
    lines = "".join(f'<p class="{state} admonition-title">{escape(words)}</p>' for state, words in labels)
    self.body.append(
        f'<details class="admonition hide {" ".join(node["classes"])}"><summary>{lines}</summary>'
    )


def _depart_code(self, node: HideCodeCellNode) -> None:
    self.body.append("</details>")


def setup(app: Sphinx) -> None:
    """Add a sheet and a script, and render two nodes otherwise."""
    app.add_css_file("access.css")
    app.add_js_file("access.js", loading_method="defer")
    app.add_node(ClaimReference, html=(_visit_claim, _depart_claim))
    app.add_node(HideCodeCellNode, override=True, html=(_visit_code, _depart_code))
