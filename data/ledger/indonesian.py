"""The pages in Indonesian, under id/: made from the English pages of the built book and a gettext catalogue.

A message is a sentence of an English page whose numbers, dates, ids and pasted values are placeholders: {0},
{1} ... ; marked words stand between <0> and </0>. A number of the ledger may change and the translation follows;
when the words change, the message is missing and the tests say so.
"""

import io
import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from babel.dates import get_month_names
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from babel.numbers import get_decimal_symbol, get_group_symbol
from bs4 import BeautifulSoup, Comment, NavigableString, Tag

from .figures import page_of
from .files import alone, write_atomically
from .pages import page_html
from .web import TRANSLATED, Site, counterpart, up

CATALOGUE = Path(__file__).parent / "locale/id/LC_MESSAGES/book.po"
"""The translations."""

TEMPLATE = "id/book.pot"
"""Every message of the built book, in its folder: what the catalogue must hold."""

_PARTS = {"chapters/method.html": "#the-method-in-brief"}
"""Of a page of the theme this part is translated; of any other, the whole article."""

_LEFT_OUT = ("The values plotted", "Cite this figure", "Embed it")
"""Sections of a figure's page that stand on the English page alone."""

_NOTE = (
    '<p class="note">This translation was made by a machine, and no person has read it yet. '
    'Where the two differ, <a href="{english}" hreflang="en">the English page</a> holds.{pictures}</p>'
)
_PICTURES = " The words inside the pictures are English."
_REST = (
    '<p>The values plotted, the forms of citation and the code to embed the figure are on <a href="{english}"'
    ' hreflang="en">its English page</a>.</p>'
)

_MONTHS = dict(zip(get_month_names(locale="en").values(), get_month_names(locale="id").values(), strict=True))
_DATE = re.compile(rf"(?:\b\d{{1,2}} )?\b(?:{'|'.join(_MONTHS)})\b(?: \d{{4}}\b)?")
_SCALES = {"million": "juta", "billion": "miliar"}
_NUMBER = re.compile(rf"(\d+(?:,\d{{3}})*(?:\.\d+)?)(?: ({'|'.join(_SCALES)}))?")
_SEPARATORS = str.maketrans({",": get_group_symbol("id"), ".": get_decimal_symbol("id")})
# A word with a digit in it is a number, or a name that stays: C-0017, KN-23, 0.3.0.
_VALUE = re.compile(rf"{_DATE.pattern}|\b(?:[A-Z]\w*-)?\w*\d(?:[\w.,-]*\w)?(?: (?:{'|'.join(_SCALES)})\b)?")
_PLACEHOLDER = re.compile(r"\{\d+\}|</?\d+>")

_TOKENS = range(0xE000, 0xF900)
"""Characters for private use: each stands for one placeholder while a paragraph is split into sentences."""
_PRIVATE = f"[{chr(_TOKENS[0])}-{chr(_TOKENS[-1])}]"
# A sentence ends at its mark; so does the id at the head of a title, as in "F-01: ...".
_END = re.compile(rf"(?:[.?!][”’\"]?{_PRIVATE}*|^{_PRIVATE}:) +(?=[A-Z“\"]|{_PRIVATE})")

_INLINE = ("a", "abbr", "b", "cite", "code", "em", "i", "q", "span", "strong", "sub", "sup")
_WHOLE = (".stated", ".claim-link", ".likelihood", ".word")
"""What stands in a sentence as one value: its words are a message of their own."""
_WORDED = ("alt", "aria-label", "title")
_WORDED_META = re.compile(r"(?:^|:)(?:description|title|alt|site_name)$")


def localise(value: str) -> str:
    """Write an English number or date as Indonesian does: '1,100' as '1.100', '4.2 million' as '4,2 juta'.

    A year keeps its digits, and a name with digits in it ('KN-23') stays as it is.
    """
    if _DATE.fullmatch(value):
        return " ".join(_MONTHS.get(word, word) for word in value.split())
    if found := _NUMBER.fullmatch(value):
        digits, scale = found.groups()
        return digits.translate(_SEPARATORS) + (f" {_SCALES[scale]}" if scale else "")
    # An ordinal: Indonesian puts its sign before the number.
    return re.sub(r"^(\d+)(?:st|nd|rd|th)$", r"ke-\1", value)


def placeholders(message: str) -> Counter:
    """Count the placeholders of a message or of its translation: the two must be equal."""
    return Counter(_PLACEHOLDER.findall(message))


def languages_html(page: str, here: str) -> str:
    """Return the switch between an English page and its counterpart, for the one of the two that is `here`."""
    there = counterpart(page) if here == page else page
    parts = [
        f'<span lang="{code}" aria-current="true">{name}</span>'
        if target == here
        else f'<a href="{up(here)}{there}" lang="{code}" hreflang="{code}">{name}</a>'
        for target, code, name in ((page, "en", "English"), (counterpart(page), "id", "Bahasa Indonesia"))
    ]
    return f'<nav class="languages" aria-label="English, Bahasa Indonesia">{" / ".join(parts)}</nav>'


class Translator:
    """Words from a catalogue, and a template of every message that was asked for."""

    def __init__(self, catalogue: Catalog):
        self.messages = {m.id: m.string for m in catalogue if m.id and m.string and not m.fuzzy}
        # What Babel would put at its head of itself is the year of the clock, and names to be filled in.
        self.template = Catalog(
            project=catalogue.project,
            version=catalogue.version,
            creation_date=catalogue.creation_date,
            header_comment="# English words of the pages that are in Indonesian too. CC BY 4.0.",
        )
        self.page = ""

    def text(self, english: str) -> str:
        """Translate plain text sentence by sentence; a sentence without a translation stays English."""
        tokens = []
        return self._render(_coded(english, tokens, str), tokens, str)

    def soup(self, soup: BeautifulSoup) -> None:
        """Translate a whole page in place: its title, its descriptions, its text and the words of attributes."""
        soup.html["lang"] = "id"
        soup.title.string = " · ".join(map(self.text, soup.title.text.split(" · ")))
        for meta in soup.find_all("meta", content=True):
            if _WORDED_META.search(meta.get("name") or meta.get("property") or ""):
                meta["content"] = self.text(meta["content"])
        self._children(soup.body)

    def _children(self, parent: Tag) -> None:
        run = []
        for node in [*parent.children, None]:
            if node is not None and _is_inline(node):
                run.append(node)
                continue
            self._run(run)
            run = []
            if isinstance(node, Tag):
                self._element(node)

    def _element(self, tag: Tag) -> None:
        self._attributes(tag)
        if not _is_kept(tag):
            self._children(tag)

    def _attributes(self, tag: Tag) -> None:
        for name in _WORDED:
            if tag.get(name):
                tag[name] = self.text(tag[name])

    def _run(self, run: list) -> None:
        worded = [node for node in run if isinstance(node, Tag) or node.strip()]
        if len(worded) == 1 and isinstance(worded[0], Tag):
            self._element(worded[0])
        elif worded:
            tokens = []
            coded = "".join(self._code(node, tokens) for node in run)
            html = self._render(coded, tokens, _escaped)
            before, after = (" " * coded[at].isspace() for at in (0, -1))
            worded[0].insert_before(BeautifulSoup(before + html + after, "html.parser"))
            for node in run:
                node.extract()

    def _code(self, node, tokens: list) -> str:
        if not isinstance(node, Tag):
            return _coded(node, tokens, _escaped)
        if _is_kept(node) or node.css.match(", ".join(_WHOLE)):
            self._element(node)
            return _token(tokens, "{%d}", str(node))
        self._attributes(node)
        # The tag is written without its content, which is coded in its turn.
        inner = [child.extract() for child in [*node.children]]
        opening, closing = str(node).split("><")
        at = len(tokens)
        start = _token(tokens, "<%d>", f"{opening}>")
        inside = "".join(self._code(child, tokens) for child in inner)
        return start + inside + _token(tokens, "</%d>", f"<{closing}", at)

    def _render(self, coded: str, tokens: list, write) -> str:
        return " ".join(
            self._sentence(part, tokens, write) for part in _sentences(" ".join(coded.split()), tokens)
        )

    def _sentence(self, coded: str, tokens: list, write) -> str:
        numbers, found = {}, {}

        def sign(match: re.Match) -> str:
            form, content, partner = tokens[ord(match[0]) - _TOKENS[0]]
            name = form % numbers.setdefault(partner, len(numbers))
            found[name] = content
            return name

        message = re.sub(_PRIVATE, sign, coded)
        words = message
        if re.search(r"[^\W\d_]", _PLACEHOLDER.sub("", message)):
            self.template.add(message, locations=[] if message in self.template else [(self.page, None)])
            words = self.messages.get(message, message)
        parts = re.split(f"({_PLACEHOLDER.pattern})", words)
        return "".join(found[part] if i % 2 else write(part) for i, part in enumerate(parts))


def _escaped(text: str) -> str:
    return escape(text, quote=False)


def _is_kept(tag: Tag) -> bool:
    return (
        tag.name in ("code", "pre", "script", "style")
        or tag.get("translate") == "no"
        or tag.get("lang", "en") != "en"
    )


def _is_inline(node) -> bool:
    if not isinstance(node, Tag):
        return isinstance(node, NavigableString) and not isinstance(node, Comment)
    return node.name in _INLINE and "id" not in node.get("class", []) and all(map(_is_inline, node.children))


def _token(tokens: list, form: str, content: str, partner: int | None = None) -> str:
    tokens.append((form, content, len(tokens) if partner is None else partner))
    return chr(_TOKENS[len(tokens) - 1])


def _coded(text: str, tokens: list, write) -> str:
    return _VALUE.sub(lambda match: _token(tokens, "{%d}", write(localise(match[0]))), text)


def _sentences(coded: str, tokens: list) -> Iterator[str]:
    start = 0
    for end in _END.finditer(coded):
        forms = Counter(
            tokens[ord(sign) - _TOKENS[0]][0] for sign in re.findall(_PRIVATE, coded[start : end.end()])
        )
        if forms["<%d>"] == forms["</%d>"]:
            yield coded[start : end.end()].strip()
            start = end.end()
    if coded[start:]:
        yield coded[start:]


def read_catalogue() -> Catalog:
    """Read the translations."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="id")


def write_indonesian(site: Site, out: Path) -> None:
    """Write the Indonesian pages into the built site, and the template of their messages."""
    translator = Translator(read_catalogue())
    for page, html in _english(site, out):
        translator.page, here = page, counterpart(page)
        soup = BeautifulSoup(html, "html.parser")
        _dress(soup, page)
        translator.soup(soup)
        _move(soup, page, here)
        for tag in soup.select("link[rel=canonical], meta[property='og:url']"):
            tag["href" if tag.name == "link" else "content"] = f"{site.base}{here}"
        soup.main.insert(0, BeautifulSoup(languages_html(page, here), "html.parser"))
        write_atomically(out / here, str(soup).encode())
    write_atomically(out / TEMPLATE, _po(translator.template))


def update_catalogue(site: Path) -> Counter:
    """Bring the catalogue up to the messages of a built site, as gettext does; count what needs a translator.

    A changed sentence keeps its old translation, marked as fuzzy and not used until somebody has been over it.
    Raises RunError when another run is at work on the catalogue.
    """
    with alone(CATALOGUE.parent):
        catalogue = read_catalogue()
        with (site / TEMPLATE).open("rb") as file:
            catalogue.update(read_po(file), update_creation_date=False)
        write_atomically(CATALOGUE, _po(catalogue))
    states = Counter("fuzzy" if m.fuzzy else "missing" if not m.string else "done" for m in catalogue if m.id)
    return states + Counter(obsolete=len(catalogue.obsolete))


def _po(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=0)
    return buffer.getvalue()


def _english(site: Site, out: Path) -> Iterator[tuple[str, str]]:
    """Give each English page that has a counterpart, as a light page."""
    for record in site.figures:
        page = page_of(record["id"])
        yield page, (out / page).read_text(encoding="utf-8")
    for page in TRANSLATED:
        whole = BeautifulSoup((out / page).read_text(encoding="utf-8"), "html.parser")
        soup = whole.select_one(_PARTS.get(page, "article.bd-article > section"))
        for tag in soup.select(".headerlink, .toctree-wrapper, .caption-number, .definition, .also, script"):
            tag.decompose()
        for dark in soup.select("img.only-dark"):
            # A light page follows the reader's system, as a picture element does.
            picture = dark.find_previous_sibling("img").wrap(Tag(name="picture"))
            source = {"media": "(prefers-color-scheme: dark)", "srcset": dark["src"]}
            picture.insert(0, Tag(name="source", attrs=source))
            dark.decompose()
        for tag in soup.select(".pasted-text, .std, .term, span:not([class], [lang])"):
            tag.unwrap()
        head = soup.find(["h1", "h2"])
        head.name = "h1"
        description = whole.find("meta", attrs={"name": "description"})["content"]
        yield page, page_html(site, page, head.text, description, str(soup))


def _dress(soup: BeautifulSoup, page: str) -> None:
    """Take off what stands on the English page alone, and say what this page is."""
    for tag in soup.select("nav.languages"):
        tag.decompose()
    for head in soup.find_all("h2", string=_LEFT_OUT):
        for tag in [*head.next_siblings]:
            if getattr(tag, "name", "") == "h2":
                break
            tag.extract()
        head.decompose()
    english = posixpath.basename(page)
    note = _NOTE.format(english=english, pictures=_PICTURES * bool(soup.img))
    soup.main.insert(0, BeautifulSoup(note, "html.parser"))
    if page not in TRANSLATED:
        soup.main.append(BeautifulSoup(_REST.format(english=english), "html.parser"))


def _move(soup: BeautifulSoup, page: str, here: str) -> None:
    """Mend the relative addresses of a page for its new place, and lead to Indonesian pages where there are any."""
    for name in ("href", "src", "srcset", "content"):
        for tag in soup.find_all(attrs={name: True}):
            if tag.name == "meta" and not (tag.get("property") or tag.get("name") or "").endswith(":image"):
                continue
            parts = urlsplit(tag[name])
            if parts.scheme or not parts.path:
                continue
            target = posixpath.normpath(posixpath.join(posixpath.dirname(page), parts.path))
            if tag.name == "a" and not parts.fragment and tag.get("hreflang") != "en":
                target = counterpart(target) or target
            moved = posixpath.relpath(target, posixpath.dirname(here))
            tag[name] = parts._replace(path=moved).geturl()
            if tag.name == "a" and target.endswith(".html") and not target.startswith("id/"):
                tag["hreflang"] = "en"
