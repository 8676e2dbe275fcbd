"""What the theme costs a reader: scripts that a page uses, one sheet of styles that the book uses, one policy."""

import base64
import hashlib
import re
from fnmatch import fnmatch
from pathlib import Path

import tinycss2
from sphinx.application import Sphinx

from .files import write_atomically

TEMPLATES = Path(__file__).parent / "templates"
"""Templates that stand in for the theme's of the same name."""

STYLES = (
    "styles/theme.css",
    "basic.css",  # the next one imports it
    "styles/pydata-sphinx-theme.css",
    "pygments.css",
    "styles/sphinx-book-theme.css",
    "copybutton.css",
    "mystnb.*.css",
    "sphinx-design.min.css",
    "ledger.css",
    "access.css",
    "finding.css",
    "icons.css",
)
"""The sheets that become book.css, in the order of their cascade; a page links any other sheet itself."""

UNUSED = ("thebe", "toggle")
"""Scripts and sheets with one of these in their name or text serve nothing that the book has."""

NEEDS = {
    "clipboard": '<div class="highlight',
    "copybutton": '<div class="highlight',
    "design-tabs": "sd-tab-set",
    "copy.js": '<pre class="copy"',
    "explorer.js": 'id="explorer"',
    "ledger.js": 'class="live-button',
    "terms.js": 'class="term"',
}
"""A script is for those pages alone in whose text these words stand."""

POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",  # the icons are masks inside book.css: a mask from a file:// address would be refused
    "object-src": "'none'",
    "base-uri": "'none'",  # no page names a base
    "form-action": "'self'",
}
"""The Content-Security-Policy of every page; the theme's inline scripts and styles are added by their hashes."""

THEMES_OWN = "search.html"
"""A page of the theme without a word of the ledger: what stands inline there is the theme's, all else is refused."""

_PAGE_NAME = re.compile(r"(?<=DOCUMENTATION_OPTIONS\.pagename = ')[\w/-]+(?=';)")
_THEBE = re.compile(
    r'<script type="text/x-thebe-config">.*?</script>|<script>kernelName = [^<]*</script>', re.S
)
"""What sphinx-thebe leaves in the body of a notebook's page."""


def setup(app: Sphinx) -> None:
    """Connect the two steps: each page's scripts as it is written, the sheet and the policies at the end."""
    app.connect("config-inited", lambda _, config: config.templates_path.insert(0, str(TEMPLATES)))
    # Late: the extensions add theirs while the page is made.
    app.connect("html-page-context", trim, priority=950)
    # Last: when every page is there.
    app.connect("build-finished", _settle, priority=990)


def trim(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Keep of a page's scripts and sheets what it uses."""
    body = context.get("body", "")
    context["script_files"] = [s for s in context["script_files"] if _used(s, body)]
    context["css_files"] = [
        s
        for s in context["css_files"]
        if _used(s, body) and not any(fnmatch(str(s.filename), f"_static/{name}") for name in STYLES)
    ]
    context["body"] = _THEBE.sub("", _plain_code(body))


def _used(asset, body: str) -> bool:
    name = f"{asset.filename} {asset.attributes.get('body', '')}"
    return not any(word in name for word in UNUSED) and all(
        mark in body for word, mark in NEEDS.items() if word in name
    )


def _plain_code(html: str) -> str:
    # Names, brackets and blanks have the colour of plain text; they are half of the marks in highlighted code.
    return re.sub(r'<span class="(?:n|p|w)">([^<]*)</span>', r"\1", html)


def _settle(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    settle(Path(app.outdir))


def settle(out: Path) -> None:
    """Write book.css into a built site, and its policy into every page."""
    write_atomically(out / "_static" / "book.css", book_css(out).encode())
    inline = inline_of((out / THEMES_OWN).read_text(encoding="utf-8"))
    for path in out.rglob("*.html"):
        if "_static" not in path.relative_to(out).parts:
            html = path.read_text(encoding="utf-8")
            write_atomically(path, with_policy(html, inline).encode())


def with_policy(html: str, inline: set[str]) -> str:
    """Return a page with its Content-Security-Policy, before everything that the policy rules.

    Of the scripts and styles inside the page it lets in those that `inline` holds, so that one which a row of the
    ledger brought along would not run.
    """
    directives = dict(POLICY)
    for directive, element in (("script-src", "script"), ("style-src", "style")):
        if hashes := [_hash(text) for text in _inside(html, element) if _PAGE_NAME.sub("", text) in inline]:
            directives[directive] = " ".join(["'self'", *hashes])
    policy = "; ".join(f"{name} {value}" for name, value in directives.items())
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    # The charset must stand in the first kilobyte of a page, so it goes first.
    place = re.search(r"<meta charset=[^>]*>", html)
    at = place.end() if place else 0
    return f"{html[:at]}{meta}{html[at:]}"


def inline_of(html: str) -> set[str]:
    """Return what stands inside the scripts and styles of a page, without the name of the page."""
    return {_PAGE_NAME.sub("", text) for element in ("script", "style") for text in _inside(html, element)}


def _inside(html: str, element: str) -> list[str]:
    """Return each text once that stands inside elements of that name and is run or applied."""
    found = {}
    for attributes, text in re.findall(rf"<{element}\b([^>]*)>(.*?)</{element}>", html, flags=re.S):
        kind = re.search(r'\btype="([^"]*)"', attributes)
        if not re.search(r"\bsrc=", attributes) and (not kind or "json" not in kind[1]):
            found[text] = None
    return list(found)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def book_css(out: Path) -> str:
    """Return the rules of STYLES that some page of the built site can meet, in the order of their cascade."""
    static = out / "_static"
    pages = (path.read_text(encoding="utf-8") for path in out.rglob("*.html"))
    html = "".join(page for page in pages if "/book.css" in page)
    # What scripts put into a page they name.
    names = sorted(set(re.findall(r'<script[^>]* src="[^"]*_static/([^"?]+)', html)))
    scripts = "".join((static / name).read_text(encoding="utf-8") for name in names)
    met = words_of(html) | set(re.findall(r"[A-Za-z_][\w-]*", scripts))
    css = ""
    for name in STYLES:
        (path,) = static.glob(name)
        sheet = path.read_text(encoding="utf-8")
        # The theme's rules for icons name letters of a typeface that does not come along.
        known = met if name == "icons.css" else {word for word in met if not re.match("fa-|fa$", word)}
        for rule in tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True):
            css += _kept(rule, known)
    css = _without_idle(css, scripts)
    fetched = re.findall(r"url\(\"?(?!\"?data:)([^)\"]*)", css) + re.findall(r"@import[^;]*", css)
    if strays := sorted(name for name in fetched if not (static / name).is_file()):
        raise ValueError(f"book.css would fetch {', '.join(strays)}")
    return css


def words_of(html: str) -> set[str]:
    """Return the names of tags and attributes, the classes and the ids that stand in some HTML."""
    found = set()
    for tag, attributes in set(re.findall(r"<([a-zA-Z][\w-]*)((?:\s[^<>]*)?)>", html)):
        found.add(tag.lower())
        for name, value in re.findall(r'([\w:-]+)(?:="([^"]*)")?', attributes):
            found.add(name)
            if name in ("class", "id"):
                found.update(value.split())
    return found


def _kept(rule, met: set[str]) -> str:
    """Return a rule as text without what no page meets, '' when nothing is left."""
    if rule.type == "qualified-rule":
        selectors = [s for s in _split(rule.prelude) if _needs(s) <= met]
        body = _declarations(rule.content)
        return f"{','.join(_text(s) for s in selectors)}{{{body}}}" if selectors and body else ""
    if rule.type != "at-rule" or rule.lower_at_keyword == "charset":
        return ""
    if rule.lower_at_keyword == "import" and _text(rule.prelude).strip('"').removeprefix("../") in STYLES:
        return ""
    prelude = _text(rule.prelude)
    head = f"@{rule.lower_at_keyword} {prelude}" if prelude else f"@{rule.lower_at_keyword}"
    if rule.content is None:
        return f"{head};"
    if rule.lower_at_keyword == "font-face":
        return ""  # the only typefaces that come with the theme are icons
    if rule.lower_at_keyword in ("media", "supports"):
        inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        body = "".join(_kept(r, met) for r in inner)
    else:
        body = _text(rule.content)
    return f"{head}{{{body}}}" if body else ""


def _split(tokens: list) -> list[list]:
    parts = [[]]
    for token in tokens:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _needs(selector: list) -> set[str]:
    """Return the tags, classes, ids and attributes without which nothing matches a selector."""
    needed = set()
    before = None
    for token in selector:
        if token.type == "hash":
            needed.add(token.value)
        elif token.type == "[] block":
            needed.add(next(t.value for t in token.content if t.type == "ident"))
        elif token.type == "ident" and before != ":":  # a tag or, after a dot, a class
            needed.add(token.value if before == "." else token.lower_value)
        # Functions such as :not() and :is() need nothing here: rather a rule too many.
        before = token.value if token.type == "literal" else None
    return needed


def _declarations(content: list) -> str:
    found = tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)
    parts = []
    for item in found:
        if item.type == "declaration":
            important = "!important" if item.important else ""
            parts.append(f"{item.name}:{_text(item.value) or ' '}{important};")
        elif item.type in ("qualified-rule", "at-rule"):
            parts.append(item.serialize())
    return "".join(parts).removesuffix(";")


def _text(tokens: list) -> str:
    text = tinycss2.serialize([t for t in tokens if t.type != "comment"]).strip()
    # Blanks inside quotes count.
    pieces = re.split(r"(\"[^\"]*\"|'[^']*')", text)
    return "".join(p if i % 2 else re.sub(r"\s+", " ", p) for i, p in enumerate(pieces))


def _without_idle(css: str, scripts: str) -> str:
    """Drop custom properties that no rule and no script reads, and animations that no rule plays."""
    while True:
        read = set(re.findall(r"var\((--[\w-]+)", css)) | set(re.findall(r"--[\w-]+", scripts))
        fewer = re.sub(
            r"(?<=[{;])(--[\w-]+):(?:\"[^\"]*\"|'[^']*'|[^;{}\"'])*(?:;|(?=\}))",
            lambda found, read=read: found[0] if found[1] in read else "",
            css,
        )
        if fewer == css:
            break
        css = re.sub(r"[^{};]+\{\}", "", fewer)
    played = " ".join(re.findall(r"animation(?:-name)?:([^;}]*)", css))
    for whole, name in re.findall(r"(@keyframes ([\w-]+)\{(?:[^{}]*\{[^{}]*\})*\})", css):
        if name not in played.split():
            css = css.replace(whole, "")
    return css
