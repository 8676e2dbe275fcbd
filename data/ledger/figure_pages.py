"""A page, a bare page to embed and a card for each figure; the gallery of all, and how to cite the book."""

import csv
import io
import re
from functools import partial
from html import escape
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from . import citing
from .dates import in_words
from .figures import FILES, FONTS, LIGHT, figures_folder, file_name, kinds_of, page_of, records, wrap
from .files import write_atomically
from .indonesian import languages_html
from .notebooks import chapter_titles
from .pages import cell_html, claim_list, frame_html, head_of, page_html
from .prose import number
from .tables import Ledger
from .web import CARD, Site

ROWS = 200
"""So many rows of the plotted values stand on the page of a figure; the file has all."""

FEW = 40
"""So many of them stand under an interactive chart of a chapter."""

FOLDED = 60
"""A list of more claims than these is folded, and stands on the page of its figure alone."""

_EMBED = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="../_static/favicon.svg">
<link rel="stylesheet" href="../_static/pages.css">
</head>
<body class="embed">
<main>
<h1 class="sr-only">{title}</h1>
{picture}
<p class="sr-only">{source}</p>
<p><a href="{figure_id}.html" target="_top">Figure {figure_id}: data, citation, report a mistake</a></p>
<footer><p>{stamp}</p></footer>
</main>
</body>
</html>
"""


def write_figure_pages(site: Site, out: Path) -> None:
    """Write F-01.html, F-01-embed.html and F-01-card.png of every figure into figures/ of the built site."""
    folder = out / "figures"
    for record in site.figures:
        figure_id = record["id"]
        write_atomically(folder / f"{figure_id}.html", figure_page(site, record).encode())
        write_atomically(folder / f"{figure_id}-embed.html", embed_page(site, record).encode())
        write_atomically(folder / f"{figure_id}-card.png", card(site.ledger, record))


def pictures_html(record: dict, up: str, alt: str) -> str:
    """Return the light and dark pictures of a figure, of which the theme of the book shows one."""
    alt = escape(alt, quote=True)
    size = f'width="{record["width"]}" height="{record["height"]}" loading="lazy" decoding="async"'
    return "".join(
        f'<img class="{look}" src="{up}figures/{file_name(record["name"], kind)}" alt="{alt}" {size}>'
        for look, kind in (("only-light", "svg"), ("only-dark", "dark.svg"))
    )


def _picture(record: dict) -> str:
    # Pages outside the theme follow the reader's system.
    name, alt = record["name"], escape(record["alt"], quote=True)
    return (
        f'<picture><source media="(prefers-color-scheme: dark)" srcset="{file_name(name, "dark.svg")}">'
        f'<img src="{file_name(name, "svg")}" alt="{alt}" width="{record["width"]}" height="{record["height"]}">'
        "</picture>"
    )


def figure_page(site: Site, record: dict) -> str:
    """Return the page of a figure, from its record in figures/."""
    ledger = site.ledger
    name, figure_id, title = record["name"], record["id"], record["title"]
    analyses = [row for row in ledger.analyses.itertuples() if name in row.figures.split()]
    know = "".join(f"<p>{escape(words)}</p>" for words in (record["caption"], *(a.caveat for a in analyses)))
    method = "".join(
        f"<p>{escape(a.question)} Computed by "
        + ", ".join(f"<code>ledger.{escape(function)}</code>" for function in a.functions.split())
        + f", tested by <code>{escape(a.tests)}</code>.</p>"
        for a in analyses
    )
    method = method or "<p>It shows rows of the ledger as they stand; no analysis is behind it.</p>"
    chapter = chapter_titles()[record["chapter"]]
    values = _values(name, "../", ROWS, "The values plotted")
    claims = claim_list(record["claims"], "../")
    if len(record["claims"]) > FOLDED:
        claims = f"<details><summary>All {number(len(record['claims']))} claims</summary>{claims}</details>"
    files = "".join(
        f'<li><a href="{file_name(name, kind)}" download>{FILES[kind]}</a></li>' for kind in kinds_of(record)
    )
    work = citing.of_book(ledger, "figure", title, page_of(figure_id), number=figure_id)
    page = page_of(figure_id)
    body = (
        f'{languages_html(page, page)}<h1><span class="id">Figure {figure_id}</span> {escape(title)}</h1>'
        f"<figure>{_picture(record)}</figure>"
        f'<p>From the chapter <a href="../chapters/{record["chapter"]}.html#figure-{name}">{escape(chapter)}</a>'
        f"{', where the chart is interactive' * record['interactive']}.</p>"
        f"<h2>What you should know</h2>{know}"
        f"<h2>Method</h2>{method}"
        f'<p><a href="../chapters/method.html">The rules of the ledger</a></p>'
        f"<h2>Source</h2><p>{_source_html(record['source'])}</p>"
        f"<dl><dt>Data to</dt><dd>{in_words(record['data_cutoff'])}</dd>"
        f"<dt>Ledger</dt><dd>{escape(record['ledger_version'])}</dd><dt>Rights</dt><dd translate='no'>{escape(record['rights'])}</dd></dl>"
        f"<h2>The values plotted</h2>{values}"
        f"<h2>Claims behind it</h2>{claims}"
        f'<h2>Files</h2><ul class="files">{files}</ul>'
        f'<h2 id="cite">Cite this figure</h2>{citing.forms_html(work)}'
        f'<h2>Embed it</h2><p>Put the address of this book before <code>figures/</code>.</p><pre class="copy">{escape(embed_snippet(record))}</pre>'
    )
    among = [other["id"] for other in site.figures]
    return page_html(site, page_of(figure_id), f"{figure_id}: {title}", record["alt"], body, among)


def _source_html(line: str) -> str:
    # The names of publishers are the same in every language.
    return re.sub(
        r"^Source: (.+?)(?= and [\d,]+ more\. |\. [\d,]+ claims?, )",
        r'Source: <span translate="no">\1</span>',
        escape(line),
    )


def plotted_html(record: dict, up: str) -> str:
    """Return the values behind a live chart as a folded table, for whoever cannot point at its marks."""
    more = f' <a href="{up}{page_of(record["id"])}">The page of the figure</a> shows more of them.'
    table = _values(record["name"], up, FEW, f"The values of figure {record['id']}", more)
    return f'<details class="plotted"><summary>Show the numbers</summary>{table}</details>'


def _values(name: str, up: str, most: int, label: str, more: str = "") -> str:
    text = (figures_folder() / file_name(name, "csv")).read_text(encoding="utf-8")
    columns, *rows = csv.reader(io.StringIO(text, newline=""))
    shown = [[cell_html(value, up) for value in row] for row in rows[:most]]
    table = frame_html([escape(head_of(c)) for c in columns], shown, label)
    cut = len(rows) > most
    rest = f"The first {most} of {number(len(rows))} rows; all are" if cut else f"All {number(len(rows))} are"
    file = f'<a href="{up}figures/{file_name(name, "csv")}" download>the CSV file</a>'
    return f"{table}<p>{rest} in {file}.{more if cut else ''}</p>"


def embed_snippet(record: dict) -> str:
    """Return the HTML that puts a figure into a page elsewhere; its address is relative to the book."""
    # Below the picture stand up to four lines: the link, and the site's stamp.
    height = record["height"] + 120
    return (
        f'<iframe src="figures/{record["id"]}-embed.html" title="{escape(record["title"], quote=True)}" '
        f'width="{record["width"]}" height="{height}" style="border: 0; max-width: 100%" loading="lazy"></iframe>'
    )


def embed_page(site: Site, record: dict) -> str:
    """Return the bare page of a figure: its picture, for who listens the source line drawn in it, the site's stamp, and a link."""
    return _EMBED.format(
        title=escape(record["title"]),
        picture=_picture(record),
        source=escape(record["source"]),
        figure_id=record["id"],
        stamp=site.stamp,
    )


def card(ledger: Ledger, record: dict) -> bytes:
    """Return the PNG card of a figure: the finding in large type beside the whole picture, on white."""
    width, height = CARD
    pad, column = 36, 400
    image = Image.new("RGB", CARD, LIGHT.page)
    draw = ImageDraw.Draw(image)
    draw.text((pad, pad), f"Figure {record['id']}", font=_font("Regular", 24), fill=LIGHT.muted)
    foot = f"{citing.TITLE}, version {ledger.version}. Data to {in_words(record['data_cutoff'])}."
    small = _font("Regular", 20)
    below = "\n".join(wrap(foot, small.getlength, column))
    _, top, _, bottom = draw.multiline_textbbox((0, 0), below, font=small, spacing=6)
    draw.multiline_text((pad, height - pad - bottom), below, font=small, fill=LIGHT.muted, spacing=6)
    room = height - 3 * pad - 40 - (bottom - top)
    for size in range(44, 18, -2):
        bold = _font("Bold", size)
        words = "\n".join(wrap(record["title"], bold.getlength, column))
        if draw.multiline_textbbox((0, 0), words, font=bold, spacing=8)[3] <= room:
            break
    draw.multiline_text((pad, pad + 44), words, font=bold, fill=LIGHT.text, spacing=8)
    with Image.open(figures_folder() / file_name(record["name"], "@2x.png")) as picture:
        picture = picture.convert("RGB")
    box = (width - column - 3 * pad, height - 2 * pad)
    share = min(box[0] / picture.width, box[1] / picture.height)
    picture = picture.resize((round(picture.width * share), round(picture.height * share)), Image.LANCZOS)
    left = column + 2 * pad + (box[0] - picture.width) // 2
    image.paste(picture, (left, pad + (box[1] - picture.height) // 2))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _font(face: str, size: int) -> ImageFont.FreeTypeFont:
    # The basic layout is the one that every build of Pillow has.
    return ImageFont.truetype(FONTS / f"Lato-{face}.ttf", size, layout_engine=ImageFont.Layout.BASIC)


def gallery_html(ledger: Ledger, up: str) -> str:
    """Return every figure as a small picture with its id, its finding and its chapter, linked to its page."""
    titles = chapter_titles()
    # The finding beside a picture names the link; the whole description is on the figure's page.
    items = "".join(
        f'<li id="{r["id"]}"><a href="{up}{page_of(r["id"])}">{pictures_html(r, up, alt="")}<span><strong class="id">{r["id"]}</strong> {escape(r["title"])}</span></a>'
        f'<a class="chapter" href="{up}chapters/{r["chapter"]}.html#figure-{r["name"]}">{escape(titles[r["chapter"]])}</a></li>'
        for r in records(ledger)
    )
    return f'<ul class="gallery">{items}</ul>'


def citing_html(ledger: Ledger, up: str) -> str:
    """Return how to cite the whole, each chapter, and as examples the first figure and the first claim."""
    book = partial(citing.of_book, ledger)
    figure, claim = records(ledger)[0], ledger.claims.iloc[0]
    whole = citing.forms_html(book("whole", citing.TITLE, "index.html"))
    parts = [f'<h2>The whole book</h2><div id="cite-whole">{whole}</div>']
    parts.append("<h2>A chapter</h2>")
    for name, title in chapter_titles().items():
        forms = citing.forms_html(book("chapter", title, f"chapters/{name}.html"))
        parts.append(
            f'<details><summary>{escape(title)}</summary><div id="cite-{name}">{forms}</div></details>'
        )
    for head, link, work in (
        ("figure", f"{up}chapters/figures.html", book("figure", figure["title"], page_of(figure["id"]), number=figure["id"])),
        ("claim", f"{up}chapters/claims.html", book("claim", claim["statement"], f"claims/{claim['claim_id']}.html", number=claim["claim_id"])),
    ):  # fmt: skip
        parts.append(
            f'<h2>A {head}</h2><p>Each <a href="{link}">{head}</a> has its own forms on its page; these are those of {work.number}.</p>{citing.forms_html(work)}'
        )
    return "".join(parts)
