"""Pages and files with permanent addresses: a page and a JSON file a claim, a page a source, downloads."""

import io
import json
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime, time
from html import escape
from pathlib import Path

import pandas as pd

from . import citing
from .access import claim_name, in_language, language_name, marked
from .dates import in_words
from .evidence import (
    CREDIBILITY,
    KINDS,
    RELIABILITY,
    STATUSES,
    data_cutoff,
    grades,
    statuses,
)
from .files import write_atomically, zipped
from .prose import number, quantity, wording
from .registers import RELATIONS, month_of, said
from .tables import Ledger, table_resources
from .web import BOOK, Site, up

CLAIMANT_PAGE_FROM = 10
"""A claimant with so many claims has a page of its own."""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{head}<link rel="icon" href="../_static/favicon.svg">
<link rel="stylesheet" href="../_static/pages.css">
<script src="../_static/mode.js"></script>
<script src="../_static/copy.js" defer></script>
</head>
<body>
<header><nav aria-label="The book"><a href="../chapters/index.html">North Korea in Russia's war</a> · <a href="../search.html" rel="search">search</a> · <a href="../chapters/claims.html">every claim</a>
 · <a href="../chapters/figures.html">figures</a> · <a href="../chapters/sources.html">sources</a> · <a href="../chapters/glossary.html">glossary</a> · <a href="../chapters/method.html">method</a></nav></header>
<main>
{body}
</main>
{around}<footer>{foot}</footer>
</body>
</html>
"""


def safe_link(url: str, text: str) -> str:
    """Link to an address on the web; anything but http and https is shown as text."""
    if not url.startswith(("http://", "https://")):
        return escape(text)
    return f'<a rel="noopener noreferrer" href="{escape(url, quote=True)}">{escape(text)}</a>'


def blank(value) -> bool:
    """Tell whether a cell is empty."""
    return bool(pd.isna(value))


def page_html(site: Site, path: str, title: str, description: str, body: str, among: list[str] = ()) -> str:
    """Return a whole page in the style of the pages of claims; the body is HTML already.

    `path` is its address in the site, `among` the ids of all such pages, in whose order it has neighbours.
    """
    return _PAGE.format(
        title=escape(f"{title} · {BOOK}"),
        head=site.head(path, title, description) + site.canonical(path),
        body=body,
        around=_neighbours(Path(path).stem, among),
        foot=site.foot(
            up(path), f"{path}#cite" if 'id="cite"' in body else "chapters/citing.html#cite-whole"
        ),
    )


def _neighbours(own: str, among: list[str]) -> str:
    if own not in among:
        return ""
    place = among.index(own)
    links = [
        f'<a rel="{rel}" href="{among[other]}.html">{word}: {among[other]}</a>'
        for rel, word, other in (("prev", "Previous", place - 1), ("next", "Next", place + 1))
        if 0 <= other < len(among)
    ]
    return f'<nav class="neighbours" aria-label="Neighbours">{" · ".join(links)}</nav>\n'


def claim_link(claim_id: str, up: str) -> str:
    """Link to the page of a claim from a page so many folders down as `up` says."""
    name = claim_name(claim_id)
    return f'<a class="claim-link" href="{up}claims/{claim_id}.html" aria-label="{name}">{claim_id}</a>'


def source_link(source_id: str, up: str) -> str:
    """Link to the page of a document."""
    return f'<a href="{up}sources/{source_id}.html" aria-label="Source {source_id}">{source_id}</a>'


def claim_list(claim_ids: Iterable[str], up: str) -> str:
    """Return links to claims as a list, so that a reader who listens hears how many there are."""
    items = "".join(f"<li>{claim_link(claim_id, up)}</li>" for claim_id in claim_ids)
    return f'<ul class="claim-list">{items}</ul>'


def text_of(value) -> str:
    """Return a cell as HTML text, '' when it is empty."""
    return "" if pd.isna(value) else marked(str(value))


def cell_html(value, up: str) -> str:
    """Return a cell as text, '' when it is empty; the ids of claims and sources in it lead to their pages."""
    link = {"C": claim_link, "S": source_link}
    return re.sub(r"\b([CS])-\d{4}\b", lambda found: link[found[1]](found[0], up), text_of(value))


def head_of(column: str) -> str:
    """Return the name of a column of data as the head of a table: 'Claim' for 'claim_id', 'Number' for 'n'."""
    if re.fullmatch(r"\d{4}-\d{2}", column):
        return in_words(column)
    words = {"n": "number"}.get(column, column).removesuffix("_id").replace("_", " ")
    return words[:1].upper() + words[1:]


def frame_html(columns: list[str], rows: list[list[str]], label: str) -> str:
    """Return a table that scrolls in a region of its own; columns and cells are HTML already."""
    head = "".join(f'<th scope="col">{c}</th>' for c in columns)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return table_html(f"<tr>{head}</tr>", body, label)


def table_html(head: str, body: str, label: str) -> str:
    """Return rows of HTML as a table with a caption for whoever listens, in a part that the keyboard can scroll."""
    # A group, for a region would be a landmark, and a page would have dozens of them.
    return (
        f'<div class="table-scroll" tabindex="0" role="group" aria-label="{escape(label, quote=True)}"><table>'
        f'<caption class="sr-only">{escape(label)}</caption><thead>{head}</thead><tbody>{body}</tbody></table></div>'
    )


class Pages:
    """Everything that is written beside the book's own pages, from one ledger."""

    def __init__(self, site: Site):
        self.site, self.ledger = site, site.ledger
        ledger = self.ledger
        self.claims = ledger.claims.set_index("claim_id", drop=False)
        self.names = ledger.claimants.set_index("claimant_id")["name"]
        self.labels = ledger.measures.set_index("measure")["label"]
        self.places = ledger.places.set_index("place_id")["name"]
        self.systems = ledger.systems.set_index("system_id")["name"]
        self.basis = ledger.clusters.set_index("cluster_id")
        self.sources = ledger.sources.set_index("source_id", drop=False)
        self.addresses = ledger.addresses.set_index("url")
        self.status, self.grades = statuses(ledger), grades(ledger)
        self.reports = dict(list(ledger.printings.groupby("claim_id")))
        self.members = {k: list(v) for k, v in ledger.claims.groupby("cluster_id")["claim_id"]}
        self.links = {}
        for link in ledger.links.itertuples():
            self.links.setdefault(link.from_claim, []).append((link, link.to_claim))
            self.links.setdefault(link.to_claim, []).append((link, link.from_claim))

    def write(self, out: Path) -> None:
        """Write all pages, JSON files and downloads below the folder of the built site."""
        for claim_id in self.claims.index:
            write_atomically(out / "claims" / f"{claim_id}.html", self.claim_page(claim_id).encode())
            record = json.dumps(self.claim_record(claim_id), ensure_ascii=False, indent=1)
            write_atomically(out / "claims" / f"{claim_id}.json", f"{record}\n".encode())
        for source_id in self.sources.index:
            write_atomically(out / "sources" / f"{source_id}.html", self.source_page(source_id).encode())
        counts = self.ledger.claims["claimant_id"].value_counts()
        for claimant_id in counts.index[counts >= CLAIMANT_PAGE_FROM]:
            write_atomically(
                out / "claimants" / f"{claimant_id}.html", self.claimant_page(claimant_id).encode()
            )
        for name, content in downloads(self.ledger).items():
            write_atomically(out / "downloads" / name, content)

    def facts(self, claim_id: str) -> list[tuple[str, str]]:
        """Return the fields of a claim as (name, words)."""
        row = self.claims.loc[claim_id]
        grade = self.grades.loc[claim_id]
        facts = [
            (
                "Claimant",
                self.names[row["claimant_id"]] + ("" if blank(row["speaker"]) else f" ({row['speaker']})"),
            ),
            ("Stated", "not given" if blank(row["stated_on"]) else in_words(row["stated_on"])),
            ("About", "not given" if blank(row["refers_to"]) else in_words(row["refers_to"])),
            ("Measure", self.labels[row["measure"]]),
        ]
        if not blank(row["bound"]):
            facts.append(("As claimed", quantity(self.ledger, row)))
        if not blank(row["system_id"]):
            facts.append(("Weapon", self.systems[row["system_id"]]))
        if not blank(row["place_id"]):
            facts.append(("Place", self.places[row["place_id"]]))
        status = self.status[claim_id]
        return [
            *facts,
            ("Kind", "; ".join(words.get(row[column], row[column]) for column, words in KINDS.items())),
            ("Status", f"{status.replace('_', ' ')}: {STATUSES[status]}"),
            ("Reliability", f"{grade['reliability']}: {RELIABILITY[grade['reliability']]}"),
            ("Credibility", f"{grade['credibility']}: {CREDIBILITY[grade['credibility']]}"),
        ]

    def claim_page(self, claim_id: str) -> str:
        """Return the page of a claim: facts, printings, basis, relations, and how to cite it."""
        row = self.claims.loc[claim_id]
        listed = "".join(f"<dt>{k}</dt><dd>{escape(v)}</dd>" for k, v in self.facts(claim_id))
        printed = "".join(self._printing(r) for r in self.reports[claim_id].itertuples())
        cluster = self.basis.loc[row["cluster_id"]]
        others = [c for c in self.members[row["cluster_id"]] if c != claim_id]
        shared = claim_list(others, "../") if others else "<p>No other claim.</p>"
        note = "" if blank(row["note"]) else f"<p>{cell_html(row['note'], '../')}</p>"
        related = "".join(
            self._relation(link, other, claim_id) for link, other in self.links.get(claim_id, [])
        )
        related = f"<h2>Relations</h2><ul>{related}</ul>" if related else ""
        work = citing.of_book(
            self.ledger, "claim", row["statement"], f"claims/{claim_id}.html", number=claim_id
        )
        body = (
            f'<h1><span class="id">{claim_id}</span> {escape(row["statement"])}</h1><dl>{listed}</dl>{note}'
            f"<h2>Where it was printed</h2><ul>{printed}</ul>"
            f"<h2>What it rests on</h2><p>{escape(row['cluster_id'])}: {escape(cluster['basis'])} Known how: {escape(cluster['how_known'].replace('_', ' '))}."
            f" Shared by:</p>{shared}{related}"
            f'<h2 id="cite">Cite this claim</h2>{citing.forms_html(work)}<p><a href="{claim_id}.json">The same as JSON</a></p>'
        )
        title = f"{claim_id}: {self.names[row['claimant_id']]}"
        return page_html(
            self.site, f"claims/{claim_id}.html", title, row["statement"], body, list(self.claims.index)
        )

    def _printing(self, report) -> str:
        english = "" if report.quote == report.quote_en else f" ({escape(report.quote_en)})"
        number = (
            ""
            if blank(report.bound)
            else f" Printed here: {escape(wording(self.ledger, pd.Series(report._asdict())))}."
        )
        drift = "" if report.drift == "none" else f" <strong>Drift: {escape(report.drift)}.</strong>"
        place = "" if blank(report.locator) else f", {escape(report.locator)}"
        when = "" if blank(report.published) else f", {in_words(report.published)}"
        note = "" if blank(report.note) else f" {cell_html(report.note, '../')}"
        page = "" if blank(report.url) else f" {safe_link(report.url, 'Its page on the web')}"
        return (
            f'<li><q lang="{escape(report.language, quote=True)}">{escape(report.quote)}</q>{english}<br>'
            f'<a href="../sources/{report.source_id}.html">{escape(report.publisher)}{place}</a>{when}, {escape(report.relation)}.{number}{drift}{note}{page}</li>'
        )

    def _relation(self, link, other: str, claim_id: str) -> str:
        way = escape(
            RELATIONS.get(link.relation, (link.relation, link.relation))[link.from_claim != claim_id]
        )
        conflict = "" if blank(link.conflict) else f", in {escape(link.conflict)}"
        note = (
            ""
            if blank(link.note)
            else f" {cell_html(_stopped(link.note[:1].upper() + link.note[1:]), '../')}"
        )
        words = escape(_stopped(said(self.ledger, self.claims.loc[other])))
        known = escape(link.how_known.replace("_", " "))
        return f"<li>This claim {way} {claim_link(other, '../')}{conflict}. {words} Known how: {known}.{note}</li>"

    def claim_record(self, claim_id: str) -> dict:
        """Return a claim with everything computed of it, for the JSON file."""
        row = {k: (None if blank(v) else v) for k, v in self.claims.loc[claim_id].items()}
        reports = [
            {k: (None if blank(v) else v) for k, v in r._asdict().items() if k != "Index"}
            for r in self.reports[claim_id].itertuples()
        ]
        grade = self.grades.loc[claim_id]
        return {
            **row,
            "status": self.status[claim_id],
            "reliability": grade["reliability"],
            "credibility": grade["credibility"],
            "ledger_version": self.ledger.version,
            "licence": "CC-BY-4.0; quotations remain their authors'",
            "reports": reports,
        }

    def source_page(self, source_id: str) -> str:
        """Return the page of a document: what it is, the claims that it prints, BibTeX and RIS."""
        row = self.sources.loc[source_id]
        title = row["publisher"] if blank(row["title"]) else row["title"]
        heading = in_language(escape(title), "en" if blank(row["title"]) else row["language"])
        facts = [
            ("Publisher", escape(row["publisher"])),
            ("Published", "no date shown" if blank(row["published"]) else in_words(row["published"])),
            ("Language", language_name(row["language"])),
            ("Kind", escape(row["source_type"].replace("_", " "))),
            ("Repeats", "nobody named" if blank(row["relays"]) else escape(row["relays"].replace(";", ", "))),
            ("Address", "not known" if blank(row["url"]) else safe_link(row["url"], row["url"])),
            *self._seen(row["url"]),
        ]
        listed = "".join(f"<dt>{k}</dt><dd>{v}</dd>" for k, v in facts)
        reports = self.ledger.reports
        # A document may print a claim in several lines.
        prints = reports.loc[reports["source_id"] == source_id, "claim_id"].unique()
        lines = "".join(
            f"<li>{claim_link(claim, '../')} {escape(self.claims.loc[claim, 'statement'])}</li>"
            for claim in prints
        )
        note = "" if blank(row["note"]) else f"<p>{cell_html(row['note'], '../')}</p>"
        body = (
            f'<h1><span class="id">{source_id}</span> {heading}</h1><dl>{listed}</dl>{note}<h2>Claims that it prints</h2><ul>{lines}</ul>'
            f'<h2 id="cite">Cite this document</h2>{citing.forms_html(document(row))}'
        )
        return page_html(
            self.site,
            f"sources/{source_id}.html",
            f"{source_id}: {row['publisher']}",
            f"{': '.join(dict.fromkeys([row['publisher'], title]))}. Claims that it prints: {number(len(prints))}.",
            body,
        )

    def _seen(self, url) -> list[tuple[str, str]]:
        """Return when an address last answered and its archive copy, each only where it is recorded."""
        if blank(url) or url not in self.addresses.index:
            return []
        row, facts = self.addresses.loc[url], []
        if not blank(row["checked_on"]):
            day = in_words(row["checked_on"])
            if row["status"].startswith("2"):
                words = f"the address answered on {day}"
            else:
                words = f"the address gave no page on {day} ({row['status']})"
                if not blank(row["answered_on"]):
                    words += f"; it last answered on {in_words(row['answered_on'])}"
            moved = (
                "" if blank(row["moved_to"]) else f", now at {safe_link(row['moved_to'], row['moved_to'])}"
            )
            facts.append(("Last seen", escape(words) + moved))
        if not blank(row["archive_url"]):
            facts.append(("Archive copy", safe_link(row["archive_url"], row["archive_url"])))
        return facts

    def claimant_page(self, claimant_id: str) -> str:
        """Return the page of a claimant: who it is, and its claims by date."""
        who = self.ledger.claimants.set_index("claimant_id").loc[claimant_id]
        rows = self.ledger.claims[self.ledger.claims["claimant_id"] == claimant_id].sort_values("stated_on")
        lines = "".join(
            f"<li>{'' if blank(r.stated_on) else escape(in_words(r.stated_on)) + ': '}{escape(r.statement)} {claim_link(r.claim_id, '../')}</li>"
            for r in rows.itertuples()
        )
        body = (
            f"<h1>{escape(who['name'])}</h1><p>{escape(who['body'].replace('_', ' ').capitalize())}; {escape(who['role'])}. {escape(who['interest'])}</p>"
            f"<h2>{number(len(rows))} claims</h2><ul>{lines}</ul>"
        )
        return page_html(
            self.site, f"claimants/{claimant_id}.html", who["name"], f"Claims of {who['name']}", body
        )


def _stopped(words: str) -> str:
    """Return words that end as a sentence does, with one mark."""
    return words if words.endswith((".", "?", "!")) else f"{words}."


def document(row: pd.Series) -> citing.Work:
    """Return a source as a work to cite; what the document does not show is left out."""
    shown = row.fillna("")
    return citing.Work(
        shown["source_type"],
        key=shown["source_id"],
        title=shown["title"] or shown["publisher"],
        url=shown["url"],
        author=shown["publisher"],
        date=shown["published"],
        note=f"[{shown['source_id']}]",
    )


def _no_formula(value):
    # A spreadsheet would run a cell that begins so; an apostrophe makes it text.
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" else value


def downloads(ledger: Ledger) -> dict[str, bytes]:
    """Return the ledger in other forms: file name to content.

    ledger-csv.zip (the tables with datapackage.json, a Data Package), ledger.xlsx, ledger.sqlite,
    claims.parquet, reports.parquet, sources.bib and sources.ris.
    """
    resources = table_resources(ledger.schema)
    frames = {r["name"]: getattr(ledger, r["name"]) for r in resources}
    names = ["datapackage.json", "boundaries.geojson", *(r["path"] for r in resources)]
    files = {"ledger-csv.zip": zipped({name: (ledger.data / name).read_bytes() for name in names})}
    for name in ("claims", "reports", "sources"):
        buffer = io.BytesIO()
        frames[name].to_parquet(buffer, index=False)
        files[f"{name}.parquet"] = buffer.getvalue()
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with pd.ExcelWriter(buffer, engine="xlsxwriter", engine_kwargs={"options": options}) as book:
        # Unless told, it is the moment of the build.
        book.book.set_properties({"created": datetime.combine(data_cutoff(ledger), time())})
        for name, frame in frames.items():
            frame.map(_no_formula).to_excel(book, sheet_name=name, index=False)
    files["ledger.xlsx"] = buffer.getvalue()
    with closing(sqlite3.connect(":memory:")) as database:
        for name, frame in frames.items():
            frame.astype(object).where(frame.notna(), None).to_sql(name, database, index=False)
        files["ledger.sqlite"] = database.serialize()
    works = [document(row) for _, row in ledger.sources.iterrows()]
    files["sources.bib"] = "\n".join(citing.bibtex(work) for work in works).encode()
    files["sources.ris"] = "\n".join(citing.ris(work) for work in works).encode()
    return files


DOWNLOADS = {
    "ledger-csv.zip": "CSV with its schema (Data Package)",
    "ledger.xlsx": "XLSX",
    "ledger.sqlite": "SQLite",
    "claims.parquet": "Parquet: claims",
    "reports.parquet": "reports",
    "sources.parquet": "sources",
    "sources.bib": "BibTeX of the sources",
    "sources.ris": "RIS",
}
"""The downloads, with the words under which the book links them."""


def downloads_html(ledger: Ledger, up: str) -> str:
    """Return the links to the downloads."""
    links = ", ".join(
        f'<a href="{up}downloads/{name}" download>{words}</a>' for name, words in DOWNLOADS.items()
    )
    return (
        f"<p>The whole ledger: {links}.</p><p>The CSV files hold the words as they are. A spreadsheet may run words that begin "
        "with =, +, - or @ as a formula: the check of the ledger refuses such a cell, and in the XLSX file every word is text.</p>"
    )


def dataset_jsonld(ledger: Ledger) -> str:
    """Return the schema.org description of the ledger, as a script element for the head of a page."""
    schema = ledger.schema
    record = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": schema["title"],
        "description": schema["description"],
        "version": ledger.version,
        "license": schema["licenses"][0]["path"],
        "isAccessibleForFree": True,
        "variableMeasured": sorted(ledger.measures["label"]),
        "distribution": [
            {"@type": "DataDownload", "name": words, "contentUrl": f"../downloads/{name}"}
            for name, words in DOWNLOADS.items()
        ],
    }
    # No "<" at all: a comment that words opened would swallow the end of the script.
    text = json.dumps(record, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{text}</script>'


def explorer_html(ledger: Ledger, up: str) -> str:
    """Return every claim as one table by month, with the controls that a script brings to life."""
    names = ledger.claimants.set_index("claimant_id")["label"]
    labels = ledger.measures.set_index("measure")["label"]
    status = statuses(ledger)
    claims = ledger.claims.assign(month=ledger.claims["stated_on"].map(month_of))
    claims["sort"] = claims["stated_on"].fillna("9999")
    parts = []
    for month, rows in (
        claims.assign(last=claims["month"].eq(""))
        .sort_values(["last", "month", "sort", "claim_id"])
        .groupby("month", sort=False)
    ):
        name = in_words(month) if month else "Month not known"
        parts.append(
            f'<tbody id="month-{month or "unknown"}"><tr class="month"><th colspan="3" scope="rowgroup">{name}</th></tr>'
        )
        for r in rows.itertuples():
            claimed = "" if blank(r.bound) else quantity(ledger, ledger.claims.loc[r.Index])
            strong = claimed and f" <strong>{escape(claimed)}</strong>"
            day = "" if blank(r.stated_on) else in_words(r.stated_on)
            size = next((f"{v:g}" for v in (r.point, r.low, r.high) if not blank(v)), "")
            parts.append(
                f'<tr data-topic="{escape(r.topic, quote=True)}" data-claimant="{escape(names[r.claimant_id])}" data-measure="{escape(labels[r.measure])}" data-month="{month}"'
                f' data-status="{status[r.claim_id].replace("_", " ")}" data-evidence="{escape(r.evidence_class, quote=True)}" data-size="{size}">'
                f"<td>{claim_link(r.claim_id, up)}<br>{day}</td><td>{escape(names[r.claimant_id])}</td>"
                f'<td>{escape(r.statement)}{strong} <span class="state">{status[r.claim_id].replace("_", " ")}</span></td></tr>'
            )
        parts.append("</tbody>")
    fields = ("topic", "claimant", "measure", "month", "status", "evidence")
    selects = "".join(
        f'<label>{f.capitalize()} <select name="{f}"><option value="">any</option></select></label>'
        for f in fields
    )
    sorts = "".join(
        f'<option value="{v}">{t}</option>'
        for v, t in (
            ("", "oldest first"),
            ("newest", "newest first"),
            ("largest", "largest number first"),
            ("claimant", "claimant"),
        )
    )
    return (
        f'<form id="explorer" class="pst-js-only"><label class="wide">Search <input type="search" name="q" autocomplete="off" placeholder="words of a claim, a name, a number"></label>'
        f'{selects}<label>Sort <select name="sort">{sorts}</select></label><p><output></output> <button type="reset">Clear</button></p></form>'
        '<table class="explorer"><caption class="sr-only">Claims by month</caption><thead><tr><th scope="col">Claim</th><th scope="col">Claimant</th><th scope="col">What is claimed</th></tr></thead>'
        f"{''.join(parts)}</table>"
    )
