"""How to cite a figure, a chapter, a claim, a document or the whole: BibTeX, RIS, CSL-JSON, APA, Chicago."""

import json
import string
from dataclasses import dataclass
from html import escape
from itertools import takewhile
from urllib.parse import quote

from .dates import MONTHS, in_words
from .evidence import data_cutoff
from .tables import Ledger

AUTHOR = "The ledger's contributors"
TITLE = "North Korea in Russia's war: a ledger of attributed claims"

_KINDS = {
    "whole": ("DATA", "dataset", "Data set"),
    "chapter": ("CHAP", "chapter", "Chapter"),
    "figure": ("FIGURE", "figure", "Figure"),
    "claim": ("GEN", "entry", "Claim"),
    "news_article": ("NEWS", "article-newspaper", ""),
    "news_agency": ("NEWS", "article-newspaper", ""),
    "state_media": ("NEWS", "article-newspaper", ""),
    "broadcaster": ("ELEC", "webpage", ""),
    "official_page": ("ELEC", "webpage", ""),
    "research_report": ("RPRT", "report", ""),
    "social_media": ("ELEC", "post", ""),
    "encyclopedia": ("ENCYC", "entry-encyclopedia", ""),
}
"""What each kind of work is in RIS, in CSL and in words."""
_OTHER = ("GEN", "document", "")
_TEX = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"}
    | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}
)


@dataclass(frozen=True)
class Work:
    """Something to cite; what is blank is left out.

    `kind` is one of whole, chapter, figure and claim, or the type of a source; `number` the id that a reader
    knows it by; `within` the title of the work that holds it; `url` an address, relative to the book for its
    own; `date` that of publication, as the ledger writes dates. A document without a title has its author's
    name for one.
    """

    kind: str
    key: str
    title: str
    url: str
    author: str = AUTHOR
    date: str = ""
    number: str = ""
    within: str = ""
    version: str = ""
    note: str = ""

    @property
    def part(self) -> str:
        """Return what it is, in words: 'Figure F-01', 'Chapter', 'Data set', or '' for a document."""
        return f"{_kind(self)[2]} {self.number}".strip()

    @property
    def own_title(self) -> str:
        """Return the title without its full stop, '' where the name of the author stands for one."""
        return "" if self.title == self.author else self.title.rstrip(".")

    @property
    def day(self) -> list[int]:
        """Return the date as far as it is known: year, month and day; of a period, what its ends share."""
        ends = [[int(n) for n in end.rstrip("~?").split("-")] for end in self.date.split("/") if end]
        if not ends:
            return []
        shared = takewhile(lambda pair: pair[0] == pair[1], zip(ends[0], ends[-1], strict=False))
        return [part for part, _ in shared] or ends[0][:1]

    @property
    def about(self) -> str:
        """Return 'ca. ' before a date that is marked as doubtful."""
        return "ca. " if {"~", "?"} & set(self.date) else ""


def _kind(work: Work) -> tuple[str, str, str]:
    return _KINDS.get(work.kind, _OTHER)


def of_book(ledger: Ledger, kind: str, title: str, url: str, number: str = "") -> Work:
    """Return a part of the book (or the whole) as a work to cite, in the version of the ledger.

    The year is that of the data's cut-off, so that a citation does not depend on the day of a build.
    """
    cutoff = data_cutoff(ledger)
    return Work(
        kind,
        key=f"nk-ledger-{number or url.rpartition('/')[2].removesuffix('.html')}",
        title=title,
        url=url,
        date=str(cutoff.year),
        number=number,
        within="" if kind == "whole" else TITLE,
        version=ledger.version,
        note=f"Data to {in_words(cutoff.isoformat())}",
    )


def bibtex(work: Work) -> str:
    """Return a BibTeX entry, its words escaped for LaTeX."""
    held = [f"{work.part} in {work.within}" if work.within else work.part]
    held += [f"version {work.version}"] if work.version else []
    year, month, day = _three(work)
    fields = {
        "author": _braced(work.author),
        "title": _braced(work.title),
        "howpublished": ", ".join(held).translate(_TEX),
        "year": year,
        "month": month and MONTHS[int(month) - 1][:3].lower(),
        "day": day,
        "url": _in_braces(work.url),
        "note": work.note.translate(_TEX),
    }
    # The months are words of BibTeX itself, which each style prints in its own way.
    lines = ",\n".join(f"  {k} = {v if k == 'month' else f'{{{v}}}'}" for k, v in fields.items() if v)
    return f"@misc{{{work.key},\n{lines}\n}}\n"


def _three(work: Work) -> list[str]:
    """Return year, month and day as digits, '' for what is not known."""
    return [*map(str, work.day), "", "", ""][:3]


def _in_braces(url: str) -> str:
    # An address is not escaped for LaTeX; a brace of its own would end the field.
    return quote(url, safe="".join(set(string.punctuation) - set("{}\\")))


def _braced(words: str) -> str:
    # A second pair of braces keeps the name whole and the capitals as they are.
    return f"{{{words.translate(_TEX)}}}" if words else ""


def ris(work: Work) -> str:
    """Return a RIS record."""
    year, month, day = _three(work)
    tags = {
        "TY": _kind(work)[0],
        "ID": work.key,
        "AU": work.author,
        "TI": work.title,
        "T2": work.within,
        "PY": year,
        "DA": month and f"{year}/{month:>02}/{day and f'{day:>02}'}/",
        "ET": work.version,
        "UR": work.url,
        "N1": work.note,
    }
    # A line break inside a value would begin another field.
    return "\n".join([f"{k}  - {' '.join(v.split())}" for k, v in tags.items() if v] + ["ER  - "]) + "\n"


def csl_json(work: Work) -> str:
    """Return a CSL-JSON array of one item, indented by a space."""
    item = {
        "id": work.key,
        "type": _kind(work)[1],
        "author": [{"literal": work.author}],
        "title": work.title,
        "container-title": work.within,
        "number": work.number,
        "version": work.version,
        "issued": {"date-parts": [work.day], **({"circa": True} if work.about else {})} if work.day else None,
        "URL": work.url,
        "note": work.note,
    }
    return json.dumps([{k: v for k, v in item.items() if v}], indent=1, ensure_ascii=False) + "\n"


def apa(work: Work) -> str:
    """Return a reference in the manner of the American Psychological Association, in one line."""
    version = f" (Version {work.version})" if work.version else ""
    part = f" [{work.part}]" if work.part else ""
    held = f"{part}. In {work.within}{version}" if work.within else f"{version}{part}"
    year, month, day = _worded(work)
    when = ", ".join(filter(None, [work.about + year, f"{month} {day}".strip()])) or "n.d."
    said = _joined(f"{work.author}. ({when})", f"{work.own_title}{held}" or work.note)
    return f"{said} {work.url}".strip()  # no full stop after an address


def chicago(work: Work) -> str:
    """Return an entry of a bibliography in the manner of the Chicago Manual of Style, in one line."""
    year, month, day = _worded(work)
    when = work.about + " ".join(filter(None, [month, day and f"{day},", year]))
    held = ", ".join(
        words
        for words in (
            f"{work.part} in {work.within}" if work.within else work.part,
            f"version {work.version}" if work.version else "",
            when,
        )
        if words
    )
    title = f"“{work.own_title}.”" if work.own_title else ""
    return " ".join(p for p in (f"{work.author}.", title, _joined(held, work.note, work.url)) if p)


def _worded(work: Work) -> list[str]:
    year, month, day = _three(work)
    return [year, month and MONTHS[int(month) - 1], day]


def _joined(*parts: str) -> str:
    return "".join(f"{part}. " for part in parts if part).strip()


FORMS = {"APA": apa, "Chicago": chicago, "BibTeX": bibtex, "RIS": ris, "CSL-JSON": csl_json}
"""The forms of a citation, with the name of each."""


def forms_html(work: Work) -> str:
    """Return every form of citing a work as text that a script gives a button to copy it."""
    return (
        '<dl class="cite">'
        + "".join(
            f'<dt>{name}</dt><dd><pre class="copy">{escape(form(work))}</pre></dd>'
            for name, form in FORMS.items()
        )
        + "</dl>"
    )
