"""The one exit for figures: every chart leaves here, with its source line, files and data."""

import base64
import io
import json
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import altair as alt
import font_lato
import matplotlib
import numpy as np
import pandas as pd
from fontTools import subset
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, SubFigure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Bbox
from PIL import Image

from . import citing, provenance
from .dates import in_words
from .evidence import count_clusters, data_cutoff
from .files import write_atomically
from .outlines import lighter
from .prose import MIME, number
from .tables import DATA, Ledger, LedgerError

IN_BROWSER = sys.platform == "emscripten"
"""Whether a chapter runs inside a web page: what cannot be had there draws Altair's charts and makes PDF files."""

if not IN_BROWSER:
    import vl_convert

FONTS = Path(font_lato.__file__).parent / "files"
"""Folder of the faces of Lato."""

for _face in ("Regular", "Bold", "Italic"):
    fontManager.addfont(FONTS / f"Lato-{_face}.ttf")
if not IN_BROWSER:
    vl_convert.register_font_directory(str(FONTS))

WIDTH = 5.0
"""Width of every static figure in inches: one that a phone shows at nearly its natural size."""

FILES = {
    "svg": "SVG",
    "dark.svg": "SVG, dark",
    "png": "PNG",
    "@2x.png": "PNG, double size",
    "pdf": "PDF",
    "csv": "CSV",
    "json": "JSON",
    "vl.json": "Vega-Lite",
}
"""Kinds of files of a figure, with their names for readers; only interactive figures have the last."""

RIGHTS = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"

BUNDLE = "application/vnd.vegalite.v5+json"
"""Type of interactive charts in the notebooks: the newest that nbformat accepts."""


@dataclass(frozen=True)
class Ink:
    """Colours of one appearance. `group` holds one colour a kind of claimant."""

    page: str
    text: str
    muted: str
    grid: str
    land: str
    group: dict[str, str]


GROUPS = {
    "South Korea": "o",
    "Ukraine": "s",
    "United States, NATO and partners": "^",
    "North Korea and Russia": "D",
    "Press, or no claimant named": "X",
    "Monitors and researchers": "P",
    "Other states and persons": "v",
}
"""Kinds of claimant, with the mark of each, so that no chart depends on colour alone."""

# Found by a search around seven plain hues for colours that pass tests/test_palette.py.
_LIGHT = ("#2d77c6", "#864d11", "#205940", "#760207", "#696766", "#58003c", "#573279")
_DARK = ("#c9eaff", "#f6b949", "#2defac", "#f68662", "#b7b4b3", "#bf6e89", "#9e8dce")
LIGHT = Ink("#ffffff", "#1c1c1c", "#5a5a5a", "#dedede", "#eeebe4", dict(zip(GROUPS, _LIGHT, strict=True)))
DARK = Ink("#121417", "#f2f2f2", "#b4b8bd", "#34383d", "#2a2e33", dict(zip(GROUPS, _DARK, strict=True)))

# What is drawn in each appearance; a web page shows one picture and keeps no files.
_PICTURES = (
    ((LIGHT, ("png",)),) if IN_BROWSER else ((LIGHT, ("svg", "png", "@2x.png", "pdf")), (DARK, ("dark.svg",)))
)


def group_of(ledger: Ledger, claims: pd.DataFrame) -> pd.Series:
    """Return the kind of claimant of each claim, one of GROUPS, indexed as the claims."""
    who = ledger.claimants.set_index("claimant_id")

    def one(claimant: str) -> str:
        country, role, body = who.loc[claimant, ["country", "role", "body"]]
        if role == "press" or body in ("press", "unattributed"):
            return "Press, or no claimant named"
        if role == "monitor" or body == "research":
            return "Monitors and researchers"
        known = {
            "KR": "South Korea",
            "UA": "Ukraine",
            **dict.fromkeys(("KP", "RU"), "North Korea and Russia"),
        }
        if not pd.isna(country) and country in known:
            return known[country]
        if role == "belligerent":  # a text of both parties has no one country
            return "North Korea and Russia"
        return "United States, NATO and partners" if role == "ally" else "Other states and persons"

    return claims["claimant_id"].map(one).rename("group")


def source_line(ledger: Ledger, claims: pd.DataFrame, plotted: pd.DataFrame | None = None) -> str:
    """Compute the source line of a chart from the claims that it draws.

    It names the publishers (of the documents alone that `plotted` names, if it has a source_id), then
    n claims, k clusters, and the data cut-off.
    """
    prints = ledger.printings[ledger.printings["claim_id"].isin(claims["claim_id"])]
    if plotted is not None and "source_id" in plotted:
        prints = prints[prints["source_id"].isin(plotted["source_id"])]
    names = list(dict.fromkeys(prints.sort_values("source_id")["publisher"]))
    shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    n, k = len(claims["claim_id"].unique()), count_clusters(ledger, claims)
    counted = f"{number(n)} claim{'s' * (n != 1)}, {number(k)} cluster{'s' * (k != 1)}"
    cutoff = in_words(data_cutoff(ledger).isoformat())
    return f"Source: {shown}. {counted}, as of {cutoff}. Ledger {ledger.version}."


def publish(
    ledger: Ledger,
    name: str,
    draw: Callable[[SubFigure, Ink], None],
    claims: pd.DataFrame,
    *,
    title: str,
    caption: str,
    alt: str,
    height: float = 3.0,
    plotted: pd.DataFrame | None = None,
) -> "Published":
    """Draw a static chart and write its files: NAME.svg, NAME-dark.svg, NAME.png (200 pixels an inch),
    NAME@2x.png (400), NAME.pdf, NAME.csv and NAME.json.

    `draw(body, ink)` fills a matplotlib SubFigure of `height` inches below the title, which says
    the finding; `claims` are the ledger rows drawn; `plotted` is the table to save when it is not
    those rows. The source line is computed and set inside the picture. Bytes repeat from run to
    run. Returns an object that Jupyter and the book show. Raises LedgerError when figures.csv has no
    row of that name.
    """
    line = source_line(ledger, claims, plotted)
    pictures = {}
    for ink, kinds in _PICTURES:
        with matplotlib.rc_context(_style(ink)):
            figure = _compose(draw, ink, title, line, height)
            for kind in kinds:
                pictures[kind] = _render(figure, kind)
    pictures["csv"] = _csv(claims if plotted is None else plotted)
    return _release(ledger, name, pictures, claims, title, caption, alt, line)


def publish_interactive(
    ledger: Ledger,
    name: str,
    chart: alt.TopLevelMixin,
    claims: pd.DataFrame,
    *,
    title: str,
    caption: str,
    alt: str,
    plotted: pd.DataFrame | None = None,
) -> "Published":
    """Write an Altair chart as static files like publish(), and as NAME.vl.json, its specification.

    The book shows the static picture and swaps the live chart in on request. Errors and returns
    are those of publish().
    """
    line = source_line(ledger, claims, plotted)
    pictures, spec = {}, {}
    for ink, kinds in _PICTURES:
        spec[ink.page] = _vega_lite(chart, title, line, ink)
        text = json.dumps(spec[ink.page])
        makers = {
            "svg": lambda text=text: _still(vl_convert.vegalite_to_svg(text)),
            "png": lambda text=text: vl_convert.vegalite_to_png(text, ppi=144),
            "@2x.png": lambda text=text: vl_convert.vegalite_to_png(text, ppi=288),
            "pdf": lambda text=text: vl_convert.vegalite_to_pdf(text),
        }
        if not IN_BROWSER:  # which draws the chart from its specification
            pictures |= {kind: makers[kind.removeprefix("dark.")]() for kind in kinds}
    pictures["vl.json"] = (json.dumps(spec[LIGHT.page], indent=1, ensure_ascii=False) + "\n").encode()
    pictures["csv"] = _csv(claims if plotted is None else plotted)
    return _release(ledger, name, pictures, claims, title, caption, alt, line, spec[LIGHT.page])


def _still(svg: str) -> bytes:
    """Return a picture that Vega drew without its links, and with the letters of Lato that it sets.

    The picture travels without the pages that marks lead to, and few readers have Lato: in another typeface
    words would run past the edge.
    """
    svg = re.sub(r"</?a\b[^>]*>", "", svg)
    letters = unescape("".join(re.findall(r"<text[^>]*>([^<]*)", svg)))
    faces = "".join(
        f'@font-face{{font-family:Lato;font-weight:{weight};src:url("data:font/ttf;base64,{_letters(face, letters)}")}}'
        for face, weight in (("Regular", 400), ("Bold", 700))
    )
    at = svg.index(">", svg.index("<svg")) + 1
    return f"{svg[:at]}<style>{faces}</style>{svg[at:]}".encode()


def _letters(face: str, letters: str) -> str:
    options = subset.Options(hinting=False, recalc_timestamp=False, layout_features=["kern"])
    font = subset.load_font(str(FONTS / f"Lato-{face}.ttf"), options)
    cutter = subset.Subsetter(options)
    cutter.populate(text=letters)
    cutter.subset(font)
    buffer = io.BytesIO()
    font.save(buffer)
    return base64.b64encode(buffer.getvalue()).decode()


class Published:
    """A figure whose files are written: its picture and what the book needs to show it."""

    def __init__(self, record: dict, png: bytes | None, spec: dict | None):
        self.record, self.png, self.spec = record, png, spec

    def _ipython_display_(self):
        bundle = {
            MIME: self.record,
            "text/plain": f"{self.record['title']}\n{self.record['alt']}\n{self.record['source']}",
        }
        if self.png:
            bundle["image/png"] = base64.b64encode(self.png).decode()
        if self.spec:
            bundle[BUNDLE] = self.spec
        display(bundle, raw=True)


def figures_folder() -> Path:
    """Return the folder that figures are written to: figures/, or LEDGER_FIGURES for a check."""
    return Path(os.environ.get("LEDGER_FIGURES") or DATA.parent / "figures")


def file_name(name: str, kind: str) -> str:
    """Return the name of one file of a figure, its kind one of FILES: NAME.svg, NAME-dark.svg, NAME@2x.png."""
    return f"{name}{'-' if kind.startswith('dark') else '' if kind.startswith('@') else '.'}{kind}"


def kinds_of(record: dict) -> list[str]:
    """Return the kinds of files, of FILES, that the figure of a record has."""
    return [kind for kind in FILES if kind != "vl.json" or record["interactive"]]


def page_of(figure_id: str) -> str:
    """Return the address of a figure's page, relative to the book."""
    return f"figures/{figure_id}.html"


def records(ledger: Ledger) -> list[dict]:
    """Read the records of the figures drawn, in the order of figures.csv: the content of NAME.json."""
    paths = [figures_folder() / file_name(name, "json") for name in ledger.figures["name"]]
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.exists()]


def write_index(ledger: Ledger) -> None:
    """Write figures/index.json: the records of all figures as one array."""
    text = json.dumps(records(ledger), indent=1, ensure_ascii=False)
    write_atomically(figures_folder() / "index.json", f"{text}\n".encode())


def _row_of(ledger: Ledger, name: str):
    for row in ledger.figures.itertuples():
        if row.name == name:
            return row
    raise LedgerError(
        f"{ledger.data / 'figures.csv'}: name: has no figure {name!r}; give it a row with the next free id"
    )


def _release(ledger, name, pictures, claims, title, caption, alt, line, spec=None) -> Published:
    row = _row_of(ledger, name)
    width, height = _size(pictures["png"]) if "png" in pictures else (1, 0)  # what is not drawn has none
    record = {
        "kind": "figure",
        "id": row.figure_id,
        "name": name,
        "title": title,
        "caption": caption,
        "alt": alt,
        "source": line,
        "claims": list(dict.fromkeys(claims["claim_id"])),
        "width": 600,
        "height": round(600 * height / width),
        "interactive": spec is not None,
    }
    terms = {
        "title": title,
        "identifier": row.figure_id,
        "description": alt,
        "source": line,
        "date": data_cutoff(ledger).isoformat(),
        "publisher": f"{citing.TITLE}, version {ledger.version}",
        "rights": RIGHTS,
        "relation": page_of(row.figure_id),
    }
    for kind in pictures.keys() & {"png", "@2x.png"}:
        pictures[kind] = _lighter(pictures[kind])
    for kind in pictures.keys() & {"svg", "dark.svg", "png", "@2x.png", "pdf"}:
        pictures[kind] = provenance.stamp(pictures[kind], kind.rpartition(".")[2], terms)
    full = {
        **record,
        "chapter": row.chapter,
        "data_cutoff": terms["date"],
        "ledger_version": ledger.version,
        "rights": RIGHTS,
        "page": terms["relation"],
        "files": [file_name(name, kind) for kind in kinds_of(record)],
    }
    pictures["json"] = (json.dumps(full, indent=1, ensure_ascii=False) + "\n").encode()
    for kind, content in pictures.items():
        write_atomically(figures_folder() / file_name(name, kind), content)
    return Published(record, pictures.get("png"), spec)


def _lighter(png: bytes) -> bytes:
    """Return a PNG in its 256 commonest colours: no pixel moves by more than a few levels, and the file is a third."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(out, "PNG", optimize=True, dpi=picture.info["dpi"])
    return out.getvalue()


def _size(png: bytes) -> tuple[int, int]:
    # Width and height stand in the header of a PNG file, at bytes 16 and 20.
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


def _style(ink: Ink) -> dict:
    return {
        "font.family": "Lato",
        "font.size": 9.5,
        "text.parse_math": False,  # two dollars in a quotation are money
        "text.color": ink.text,
        "axes.labelcolor": ink.muted,
        "axes.edgecolor": ink.grid,
        "axes.facecolor": "none",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.axisbelow": True,
        "figure.facecolor": ink.page,
        "xtick.color": ink.muted,
        "ytick.color": ink.muted,
        "ytick.left": False,
        "grid.color": ink.grid,
        "grid.linewidth": 0.8,
        "hatch.linewidth": 0.6,
        "svg.hashsalt": "ledger",
        "svg.fonttype": "path",
        "pdf.fonttype": 42,
        "pdf.compression": 0,  # deflate differs between builds of zlib; the bytes must not
    }


def _compose(draw, ink: Ink, title: str, line: str, height: float) -> Figure:
    bold = FontProperties(family="Lato", weight="bold", size=12)
    small = FontProperties(family="Lato", size=7.5)
    head, foot = wrap(title, _inches(bold), WIDTH - 0.16), wrap(line, _inches(small), WIDTH - 0.16)
    tall = [0.23 * len(head) + 0.12, height, 0.145 * len(foot) + 0.14]
    figure = Figure(figsize=(WIDTH, sum(tall)), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.06)  # nearly as far from the edge as the title
    FigureCanvasAgg(figure)
    top, body, bottom = figure.subfigures(3, 1, height_ratios=tall)
    for part in (top, bottom):
        part.set_facecolor("none")
    body.set_facecolor("none")
    left = 0.08 / WIDTH
    top.text(left, 1 - 0.09 / tall[0], "\n".join(head), fontproperties=bold, va="top", linespacing=1.25)
    bottom.text(
        left,
        0.08 / tall[2],
        "\n".join(foot),
        fontproperties=small,
        va="bottom",
        color=ink.muted,
        linespacing=1.35,
    )
    draw(body, ink)
    _settle(figure)
    return figure


def _settle(figure: Figure) -> None:
    """Lay the figure out once, and round: the solver's last digits differ from run to run."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for part in figure.subfigs:
        part.bbox_relative.set_points(np.round(part.bbox_relative.get_points(), 4) + 0.0)
        for axes in part.axes:
            axes.set_position(Bbox(np.round(axes.get_position().get_points(), 4) + 0.0))


def wrap(text: str, measure: Callable[[str], float], width: float) -> list[str]:
    """Break text into lines whose measure, in the unit of the width, is no more than the width."""
    lines, current = [], ""
    for word in text.split():
        trial = f"{current} {word}".strip()
        if current and measure(trial) > width:
            lines.append(current)
            trial = word
        current = trial
    return [*lines, current]


def _inches(font: FontProperties) -> Callable[[str], float]:
    """Return a function that measures a text set in the font, in inches."""
    return lambda text: text_to_path.get_text_width_height_descent(text, font, ismath=False)[0] / 72


def _render(figure: Figure, kind: str) -> bytes:
    form = kind.rpartition(".")[2]
    metadata = {
        "svg": {"Date": None, "Creator": None},
        "png": {"Software": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }[form]
    buffer = io.BytesIO()
    figure.savefig(buffer, format=form, dpi={"png": 200, "@2x.png": 400}.get(kind, 72), metadata=metadata)
    return lighter(_number_clips(buffer.getvalue())) if form == "svg" else buffer.getvalue()


def _number_clips(svg: bytes) -> bytes:
    """Number the clip paths of an SVG in order: matplotlib names them after addresses in memory."""
    names = dict.fromkeys(re.findall(rb'<clipPath id="(\w+)"', svg))
    for place, name in enumerate(names):
        svg = svg.replace(name, b"clip-%d" % place)
    return svg


def _vega_lite(chart, title: str, line: str, ink: Ink) -> dict:
    bold = FontProperties(family="Lato", weight="bold", size=15)
    small = FontProperties(family="Lato", size=10.5)
    spec = chart.properties(
        title=alt.TitleParams(wrap(title, _inches(bold), 5.75), subtitle=wrap(line, _inches(small), 5.75)),
        background=ink.page,
        padding=8,
        autosize=alt.AutoSizeParams(type="pad", contains="padding"),
    ).configure(
        font="Lato, sans-serif",
        view=alt.ViewConfig(stroke=None),
        title=alt.TitleConfig(
            anchor="start",
            frame="bounds",
            fontSize=15,
            color=ink.text,
            subtitleColor=ink.muted,
            subtitleFontSize=10.5,
            offset=10,
        ),
        axis=alt.AxisConfig(
            labelColor=ink.text,
            titleColor=ink.muted,
            gridColor=ink.grid,
            domainColor=ink.grid,
            tickColor=ink.grid,
            labelFontSize=11,
            titleFontSize=11,
            titleFontWeight="normal",
        ),
        legend=alt.LegendConfig(
            labelColor=ink.text,
            titleColor=ink.muted,
            orient="bottom",
            direction="horizontal",
            columns=2,
            labelLimit=320,
            labelFontSize=11,
            title=None,
        ),
        header=alt.HeaderConfig(labelColor=ink.text, titleColor=ink.muted),
        text=alt.MarkConfig(color=ink.text),
    )
    found = spec.to_dict()
    text = json.dumps(found)
    for name in ("page", "text", "muted"):
        text = text.replace(f"ink:{name}", getattr(ink, name))
    colours = dict(zip(_LIGHT, ink.group.values(), strict=True))
    for light, shade in colours.items():
        text = text.replace(light, shade)
    return json.loads(text, object_hook=_in_utc)


def _in_utc(part: dict) -> dict:
    """Put an axis of days into UTC: it would differ with the time zone of whoever draws or reads the chart."""
    if part.get("type") == "temporal":
        part["scale"] = {**part.get("scale", {}), "type": "utc"}
    return part


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode()
