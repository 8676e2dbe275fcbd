"""Sphinx extension of the book: figures, stated numbers and the ledger's own pages, from the tables."""

import json
import os
import shutil
import subprocess
from contextlib import ExitStack
from html import escape
from pathlib import Path

import pandas as pd
import vl_convert
from docutils import nodes
from docutils.parsers.rst import Directive
from myst_nb.ext.glue.roles import PasteTextRole
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.docutils import SphinxRole

from . import access, finding, theme
from .analyses import AGREEMENT_RULES, CONFIDENCE, EVIDENCE_RULES
from .changes import releases_html
from .check import check_ledger
from .dates import in_words
from .evidence import CREDIBILITY, KINDS, RELIABILITY, STATUSES, bases, data_cutoff, grades, statuses
from .figure_pages import FOLDED, citing_html, gallery_html, pictures_html, plotted_html, write_figure_pages
from .figures import (
    BUNDLE,
    DARK,
    FILES,
    LIGHT,
    figures_folder,
    file_name,
    kinds_of,
    page_of,
    records,
    write_index,
)
from .files import DRAFTS, RunError, alone, whole_site, write_atomically
from .glossary import Defined, TermRole, depart_defined, glossary_html, visit_defined
from .indonesian import languages_html, write_indonesian
from .pages import (
    CLAIMANT_PAGE_FROM,
    Pages,
    cell_html,
    claim_link,
    claim_list,
    dataset_jsonld,
    downloads_html,
    explorer_html,
    frame_html,
    head_of,
    safe_link,
    source_link,
    table_html,
    text_of,
)
from .prose import LIKELIHOOD, MIME, number
from .registers import agreement, disagreements, drifts, linked, months_by_topic, silences
from .running import again_html, write_notebooks, write_runner
from .tables import DATA, Ledger, load_ledger, table_resources
from .web import Site, counterpart, first_sentence, up

_STATIC = Path(__file__).parent / "static"
LONG_TABLE = 100
"""Rows of a table that stands open; a longer one is folded. About ten screens of a phone."""


class LinkedNumber(PasteTextRole):
    """glue:text as myst-nb has it, linked to the row that gives the number's claims and phrases."""

    def run(self):
        """Paste the number inside a link to its row on the page that states it."""
        found, messages = super().run()
        if not found:
            return found, messages
        page, _, key = self.text.rpartition("::")
        key = key.rsplit(":", 1)[0]
        target = f"{Path(page).stem}.html#{_row_id(key)}" if page else f"#{_row_id(key)}"
        return [nodes.reference("", "", *found, refuri=target, internal=True, classes=["stated"])], messages


def _row_id(key: str) -> str:
    return f"number-{key.replace('_', '-')}"


class ClaimRole(SphinxRole):
    """{claim}`C-0001`: a short link to the claim, refused when the ledger has none of that id."""

    def run(self):
        """Return the link; an unknown id is a warning, which the build treats as an error."""
        ledger = self.config.ledger
        if self.text not in set(ledger.claims["claim_id"]):
            message = self.inliner.reporter.warning(f"no claim {self.text!r} in the ledger", line=self.lineno)
            return [], [message]
        uri = f"{_up(self.env.docname)}claims/{self.text}.html"
        link = access.ClaimReference("", self.text, refuri=uri, internal=True, classes=["claim-link"])
        return [link], []


class LedgerRole(SphinxRole):
    """{ledger}`cutoff` or {ledger}`counts`: a fact about the ledger itself, computed."""

    def run(self):
        """Return the words; an unknown name is a warning, which the build treats as an error."""
        ledger = self.config.ledger
        if self.text == "cutoff":
            words = in_words(data_cutoff(ledger).isoformat())
        elif self.text == "counts":
            tables = ("claims", "reports", "sources", "claimants", "clusters")
            words = ", ".join(f"{number(len(getattr(ledger, t)))} {t}" for t in tables)
        else:
            message = self.inliner.reporter.warning(f"no fact {self.text!r} of the ledger", line=self.lineno)
            return [], [message]
        return [nodes.inline("", words)], []


class LikelihoodRole(SphinxRole):
    """{likelihood}`likely`: a word of our own judgement, with the percentages that it stands for."""

    def run(self):
        """Return the words; one that the scale lacks is a warning, which the build treats as an error."""
        if self.text not in LIKELIHOOD:
            message = self.inliner.reporter.warning(
                f"{self.text!r} is no word of the scale; allowed: {', '.join(LIKELIHOOD)}", line=self.lineno
            )
            return [], [message]
        low, high = LIKELIHOOD[self.text]
        return [nodes.inline("", f"{self.text} ({low} to {high} percent)", classes=["likelihood"])], []


class LedgerRenderer:
    """Render the ledger's own output type: tables of stated numbers, and figures."""

    mime_priority_overrides = (("*", MIME, 1), ("*", BUNDLE, 99))

    @staticmethod
    def handle_mime(renderer, data, inline):
        """Return docutils nodes for a record of this type, None for a type that is not ours."""
        if data.mime_type == BUNDLE:
            return []  # for Jupyter alone: the book draws the live chart from the record beside it
        if data.mime_type != MIME or inline:
            return None
        record = data.content if isinstance(data.content, dict) else json.loads(data.string)
        env = renderer.renderer.sphinx_env
        up = _up(env.docname)
        quoted = env.temp_data.setdefault("ledger_quoted", set())  # emptied by Sphinx before the next page
        html = {
            "figure": figure_html,
            "judgement": judgement_html,
            "numbers": lambda found, up: numbers_html(found["rows"], up, quoted),
        }[record["kind"]](record, up)
        return [nodes.raw("", html, format="html")]


def _up(docname: str) -> str:
    return "../" * docname.count("/")


def numbers_html(rows: list[dict], up: str, quoted: set[str]) -> str:
    """Return the table behind the numbers of a section, one anchored row a number.

    `quoted` holds the claims whose phrases stand further up on the page; a row leads there, and the set grows.
    """
    body = []
    for row in rows:
        basis = "".join(_citation_html(claim, up) for claim in row["claims"] if claim["claim"] not in quoted)
        again = " ".join(_quoted_link(claim["claim"]) for claim in row["claims"] if claim["claim"] in quoted)
        basis += f"<p>Quoted above: {again}</p>" if again else ""
        quoted.update(claim["claim"] for claim in row["claims"])
        formula = f'<p class="formula">{escape(row["formula"])}</p>' if row["formula"] else ""
        body.append(
            f'<tr id="{_row_id(row["key"])}"><th scope="row">{escape(row["text"])}</th><td>{formula}{basis}</td></tr>'
        )
    many = f"{number(len(rows))} numbers of this section come from"
    summary = f"Where the {'number of this section comes from' if len(rows) == 1 else many}"
    head = (
        '<tr><th scope="col">As printed here</th>'
        '<th scope="col">Claims, and the phrases on which they rest</th></tr>'
    )
    table = table_html(head, "".join(body), summary)
    return f'<details class="numbers"><summary>{summary}</summary>{table}</details>'


def _quoted_link(claim_id: str) -> str:
    return f'<a class="quoted" href="#quoted-{claim_id}">{claim_id}</a>'


def _citation_html(claim: dict, up: str) -> str:
    stated = f", {claim['stated']}" if claim["stated"] else ""
    phrases = "".join(f"<li>{phrase_html(p)}</li>" for p in claim["printed"])
    return (
        f'<p id="quoted-{claim["claim"]}">{claim_link(claim["claim"], up)} {escape(claim["claimant"])}{stated}</p>'
        f"<ul>{phrases}</ul>"
    )


def phrase_html(printed: dict) -> str:
    """Return a printed phrase, as cite() gives it: quoted, in English, with its place and its drift."""
    english = f" ({escape(printed['en'])})" if printed["en"] else ""
    drift = f' <span class="drift">drift: {escape(printed["drift"])}</span>' if printed["drift"] else ""
    quote = f'<q lang="{escape(printed["lang"], quote=True)}">{escape(printed["quote"])}</q>'
    return f'{quote}{english} <span class="where">{escape(printed["where"])}</span>{drift}'


def _count(n: int, noun: str) -> str:
    return f"{number(n)} {noun}{'s' * (n != 1)}"


def figure_html(record: dict, up: str) -> str:
    """Return a figure: its light and dark pictures, caption, claims, downloads, and live chart with its values."""
    name, page = record["name"], up + page_of(record["id"])
    pictures = pictures_html(record, up, record["alt"])
    # The title is drawn inside the picture alone, where nobody hears it.
    label = escape(f"Figure {record['id']}: {record['title']}", quote=True)
    live = _live_html(record, up) if record["interactive"] else ""
    values = plotted_html(record, up) if record["interactive"] else ""
    links = claim_list(record["claims"], up)
    if len(record["claims"]) > FOLDED:
        links = f'<p><a href="{page}">Its page</a> lists them all.</p>'
    files = " · ".join(
        f'<a href="{up}figures/{file_name(name, kind)}" download>{FILES[kind]}</a>'
        for kind in kinds_of(record)
    )
    return (
        f'<figure class="ledger-figure" id="figure-{name}" aria-label="{label}">{live}<div class="still">{pictures}</div>'
        f'<figcaption>{escape(record["caption"])} <a class="figure-link" href="{page}">{record["id"]}: cite, embed, data</a>'
        f"<details><summary>{_count(len(record['claims']), 'claim')} drawn, "
        f"and files</summary>{links}<p>Files: {files}</p></details>{values}</figcaption></figure>"
    )


def judgement_html(record: dict, up: str) -> str:
    """Return the box of evidence against agreement, with the cell that holds marked and said in words."""
    evidence, agreement = list(EVIDENCE_RULES), list(AGREEMENT_RULES)
    head = "".join(f'<th scope="col">{e} evidence</th>' for e in evidence)
    rows = ""
    for a in agreement:
        cells = ""
        for e in evidence:
            here = (e, a) == (record["evidence"], record["agreement"])
            mark, word = (' class="here" aria-current="true"', "here: ") if here else ("", "")
            cells += f"<td{mark}>{word}{CONFIDENCE[e, a]}</td>"
        rows += f'<tr><th scope="row">{a} agreement</th>{cells}</tr>'
    counted = f"{_count(record['claims'], 'claim')} on {record['clusters']} bas{'i' if record['clusters'] == 1 else 'e'}s"
    return (
        f'<div class="judgement"><p><strong>{escape(record["about"])}</strong>: {record["evidence"]} evidence ({counted}), '
        f"{record['agreement']} agreement; confidence <strong>{record['confidence']}</strong>, "
        f'by the <a href="{up}chapters/method.html#rules-for-confidence">rules of the method page</a>. '
        f"With one basis fewer it would be {record['one_basis_fewer']}.</p>"
        f"{table_html(f'<tr><td></td>{head}</tr>', rows, 'Confidence by evidence and agreement')}</div>"
    )


def _live_html(record: dict, up: str) -> str:
    address = up + _live_file(record["name"])
    # The button serves nobody without a script; the theme hides what has this class then.
    return (
        f'<button type="button" class="live-button pst-js-only" data-chart="{address}">'
        f'<span>Explore this chart</span><span class="sr-only">: {escape(record["title"])}</span></button>'
        '<div class="live-chart" hidden></div>'
    )


def _live_file(name: str) -> str:
    return f"figures/{name}.live.js"


def live_script(name: str) -> str:
    """Return the script that hands a chart to ledger.js: its specification, and its dark colour for each light one."""
    spec = json.loads((figures_folder() / file_name(name, "vl.json")).read_text(encoding="utf-8"))
    dark = dict(zip(_colours(LIGHT), _colours(DARK), strict=True))
    # A script, for a page opened from a file may fetch nothing.
    file, chart = json.dumps(_live_file(name)), json.dumps({"spec": spec, "dark": dark})
    return f"(window.ledgerCharts ??= {{}})[{file}] = {chart};\n"


def _colours(ink) -> list[str]:
    return [ink.page, ink.text, ink.muted, ink.grid, *ink.group.values()]


class LedgerTable(Directive):
    """```{ledger} NAME```: a table of a page, made from the ledger; _PAGES lists the names."""

    required_arguments = 1

    def run(self):
        """Return the table as HTML; the page is rebuilt when a table of the ledger changes."""
        env = self.state.document.settings.env
        ledger = env.config.ledger
        for resource in table_resources(ledger.schema):
            env.note_dependency(str(ledger.data / resource["path"]))
        html = _PAGES[self.arguments[0]](ledger, _up(env.docname))
        return [nodes.raw("", html, format="html")]


def register_html(columns: list[str], rows: list[list[str]], label: str) -> str:
    """Return rows as a table; a long one is folded under its name and length, so that it delays no page and buries no section."""
    table = frame_html(columns, rows, label)
    if len(rows) <= LONG_TABLE:
        return table
    return f"<details><summary>{escape(label)}: {_count(len(rows), 'row')}</summary>{table}</details>"


def sources_html(ledger: Ledger, up: str) -> str:
    """Return the documents read: the core in sight, the wider ones in a folded table each language."""
    core = ledger.sources[ledger.sources["corpus"] == "core"]
    parts = [_documents_html(ledger, core, up, "Core articles")]
    wider = ledger.sources[ledger.sources["corpus"] == "wider"]
    for language, rows in sorted(wider.groupby("language"), key=lambda group: (-len(group[1]), group[0])):
        label = f"Wider sources in {access.language_name(language)}: {_count(len(rows), 'document')}"
        table = _documents_html(ledger, rows, up, label)
        parts.append(f"<details><summary>{label}</summary>{table}</details>")
    return "".join(parts)


def _documents_html(ledger: Ledger, documents: pd.DataFrame, up: str, label: str) -> str:
    counts = ledger.reports["source_id"].value_counts()
    rows = []
    for s in documents.itertuples():
        when = "no date shown" if pd.isna(s.published) else in_words(s.published)
        title = "no title shown" if pd.isna(s.title) else s.title
        shown = escape(title) if pd.isna(s.url) else safe_link(s.url, title)
        rows.append(
            [
                source_link(s.source_id, up), escape(s.publisher),
                shown if pd.isna(s.title) else access.in_language(shown, s.language), when,
                text_of(s.relays).replace(";", ", "), number(counts.get(s.source_id, 0)), text_of(s.note),
            ]
        )  # fmt: skip
    columns = ["Id", "Publisher", "Title", "Published", "Repeats", "Reports", "Note"]
    return frame_html(columns, rows, label)


def _claimant_link(claimant, count: int, up: str) -> str:
    name = escape(claimant.name)
    if count < CLAIMANT_PAGE_FROM:
        return name
    return f'<a href="{up}claimants/{claimant.claimant_id}.html">{name}</a>'


def claimants_html(ledger: Ledger, up: str) -> str:
    """Return the table of claimants with their number of claims."""
    counts = ledger.claims["claimant_id"].value_counts()
    rows = [
        [
            _claimant_link(c, counts[c.claimant_id], up),
            text_of(c.country),
            text_of(c.body).replace("_", " "),
            text_of(c.role),
            number(counts[c.claimant_id]),
            text_of(c.interest),
        ]
        for c in ledger.claimants.itertuples(index=False)
    ]
    return register_html(["Claimant", "Country", "Body", "Role", "Claims", "Interest"], rows, "Claimants")


def clusters_html(ledger: Ledger, up: str) -> str:
    """Return the clusters with their claims."""
    basis = bases(ledger)
    rows = []
    for c in ledger.clusters.itertuples():
        members = ledger.claims.loc[ledger.claims["cluster_id"] == c.cluster_id, "claim_id"]
        joined = "" if basis[c.cluster_id] == c.cluster_id else f" (derives from {basis[c.cluster_id]})"
        links = claim_list(members, up)
        rows.append(
            [escape(c.cluster_id + joined), escape(c.basis), text_of(c.how_known).replace("_", " "), links]
        )
    return register_html(["Id", "Basis", "How known", "Claims"], rows, "Clusters")


def codebook_html(ledger: Ledger, up: str) -> str:
    """Return the codebook, from datapackage.json alone."""
    parts = []
    for resource in table_resources(ledger.schema):
        fields = []
        for f in resource["schema"]["fields"]:
            rule = f.get("constraints", {})
            allowed = (
                ", ".join(rule.get("enum", []))
                or rule.get("pattern", "")
                or ("EDTF" if f.get("dateSyntax") else "")
            )
            fields.append(
                [
                    f["name"],
                    f["type"],
                    "yes" if rule.get("required") else "",
                    escape(allowed),
                    escape(f["description"]),
                ]
            )
        label = f"Columns of {resource['path']}"
        table = frame_html(["Column", "Type", "Required", "Allowed", "Meaning"], fields, label)
        parts.append(
            f"<details><summary>{resource['path']}: {escape(resource['title'])}</summary>"
            f"<p>{escape(resource['description'])}</p>{table}</details>"
        )
    return "".join(parts)


def plain_html(table: str):
    """Return a function that shows one table of the ledger as it stands."""

    def html(ledger: Ledger, up: str) -> str:
        frame = getattr(ledger, table)
        if frame.empty:
            return "<p>The table has no rows yet.</p>"
        resource = ledger.resource(table)
        dates = {f["name"] for f in resource["schema"]["fields"] if f.get("dateSyntax")}
        rows = [
            [
                in_words(cell) if column in dates and not pd.isna(cell) else cell_html(cell, up)
                for column, cell in zip(frame.columns, row, strict=True)
            ]
            for row in frame.itertuples(index=False)
        ]
        return register_html([head_of(c) for c in frame.columns], rows, resource["title"])

    return html


def vague_terms_html(ledger: Ledger, up: str) -> str:
    """Return the vague words with their formal bounds, each word in its own language."""
    rows = []
    for term in ledger.vague_terms.itertuples(index=False):
        words = [word.partition(":") for word in term.words.split(";")]
        shown = ", ".join(
            f"{access.in_language(escape(word), code)} ({access.language_name(code)})"
            for code, _, word in words
        )
        rows.append([text_of(term.term), shown, text_of(term.low), text_of(term.high), text_of(term.reason)])
    columns = [head_of(c) for c in ledger.vague_terms.columns]
    return frame_html(columns, rows, ledger.resource("vague_terms")["title"])


def scale_html(scale: dict[str, str], column: str):
    """Return a function that shows one of the two grading scales, with its rules and counts."""

    def html(ledger: Ledger, up: str) -> str:
        counts = grades(ledger)[column].value_counts()
        rows = [[grade, escape(rule), number(counts.get(grade, 0))] for grade, rule in scale.items()]
        return frame_html([column.capitalize(), "Rule", "Claims"], rows, column.capitalize())

    return html


def grade_table_html(ledger: Ledger, up: str) -> str:
    """Return the two grades crossed: how many claims have each pair."""
    table = pd.crosstab(*(grades(ledger)[c] for c in ("reliability", "credibility")))
    rows = [[letter, *map(number, counts)] for letter, counts in zip(table.index, table.values, strict=True)]
    return frame_html(["Reliability", *(f"Credibility {c}" for c in table.columns)], rows, "Both grades")


def pairs_html(relation: str, label: str):
    """Return a function that shows the pairs of claims joined by one relation, side by side."""

    def html(ledger: Ledger, up: str) -> str:
        rows = [
            [
                f"{claim_link(p.from_claim, up)} {escape(p.from_said)}",
                f"{claim_link(p.to_claim, up)} {escape(p.to_said)}",
                text_of(p.conflict) or text_of(p.how_known).replace("_", " "),
                text_of(p.note),
            ]
            for p in linked(ledger, relation).itertuples()
        ]
        third = "Kind" if relation == "contradicts" else "Known how"
        return register_html(["This claim", "The other claim", third, "Grounds"], rows, label)

    return html


def drifts_html(ledger: Ledger, up: str) -> str:
    """Return the register of printings that depart from their claim."""
    rows = [
        [
            f"{claim_link(d.claim_id, up)} {escape(d.claim_says)}",
            f'<q lang="{escape(d.language, quote=True)}">{escape(d.quote)}</q>'
            + ("" if d.quote == d.quote_en else f" ({escape(d.quote_en)})"),
            f'<a href="{up}sources/{d.source_id}.html">{escape(d.publisher)}</a>',
            text_of(d.drift),
            text_of(d.note),
        ]
        for d in drifts(ledger).itertuples()
    ]
    return register_html(["The claim", "Printed as", "By", "Drift", "Note"], rows, "Drift")


def silences_html(ledger: Ledger, up: str) -> str:
    """Return the register of denials and silences."""
    names = ledger.claimants.set_index("claimant_id")["label"]
    rows = [
        [claim_link(s.claim_id, up), "" if pd.isna(s.stated_on) else in_words(s.stated_on), escape(names[s.claimant_id]), text_of(KINDS["polarity"].get(s.polarity, s.polarity)), escape(s.statement)]
        for s in silences(ledger).sort_values("stated_on").itertuples()
    ]  # fmt: skip
    return register_html(
        ["Claim", "Stated", "Claimant", "Kind", "What was said"], rows, "Denials and silences"
    )


def months_html(ledger: Ledger, up: str) -> str:
    """Return the number of claims by month and topic, empty months included."""
    table = months_by_topic(ledger)
    rows = [
        [in_words(month), *(number(n) if n else "–" for n in row)]
        for month, row in zip(table.index, table.values, strict=True)
    ]
    return frame_html(["Month", *map(text_of, table.columns)], rows, "Claims by month and topic")


def agreement_html(ledger: Ledger, up: str) -> str:
    """Return Krippendorff's alpha for each field of the second coding."""
    rows = [
        [
            a.field.replace("_", " "),
            number(a.n),
            f"{100 * a.agreed:.0f} %",
            f"{a.alpha:.2f}",
            f"{100 * a.commonest:.0f} %",
        ]
        for a in agreement(ledger).itertuples()
    ]
    return frame_html(
        ["Field", "Number", "Agreed", "Alpha", "Commonest value"], rows, "Agreement of two codings"
    )


def disagreements_html(ledger: Ledger, up: str) -> str:
    """Return every field on which the two codings differ."""
    rows = [
        [claim_link(d.claim_id, up), d.field.replace("_", " "), text_of(d.first), text_of(d.second)]
        for d in disagreements(ledger).itertuples()
    ]
    return frame_html(["Claim", "Field", "First coder", "Second coder"], rows, "Disagreements")


def imports_html(ledger: Ledger, up: str) -> str:
    """Return what became of the gathered rows: the counts, and every row not simply kept."""
    counts = ledger.imports["action"].value_counts()
    total = frame_html(
        ["What was done", "Rows"], [[text_of(a), number(n)] for a, n in counts.items()], "Counts"
    )
    rows = [
        [text_of(i.row), escape(i.evidence_key), text_of(i.action), "" if pd.isna(i.claim_id) else claim_link(i.claim_id, up), text_of(i.why)]
        for i in ledger.imports[ledger.imports["action"] != "kept"].itertuples()
    ]  # fmt: skip
    columns = ["Row", "Gathered as", "What was done", "Claim", "Why"]
    return total + register_html(columns, rows, "Merged, split or dropped")


def corrections_html(ledger: Ledger, up: str) -> str:
    """Return what was wrong and was mended, each row with its id as anchor."""
    rows = [
        [
            f'<span id="{escape(c.correction_id, quote=True)}">{escape(c.correction_id)}</span><br>{in_words(c.corrected_on)}',
            f"{cell_html(c.row, up)}<br>{escape(c.table)}, {escape(c.column)}",
            escape(c.was),
            escape(c.now),
            f"{escape(c.why)} Found by: {escape(c.found_by)}.",
        ]
        for c in ledger.corrections.itertuples()
    ]
    return frame_html(
        ["Correction", "Row", "Was", "Is", "Why"], rows, ledger.resource("corrections")["title"]
    )


def statuses_html(ledger: Ledger, up: str) -> str:
    """Return the statuses, their rules and how many claims have each."""
    counts = statuses(ledger).value_counts()
    rows = [[s.replace("_", " "), escape(rule), number(counts.get(s, 0))] for s, rule in STATUSES.items()]
    return frame_html(["Status", "Rule", "Claims"], rows, "Statuses")


def rules_html(rules: dict[str, str], head: str):
    """Return a function that shows a scale of words and the rule of each."""

    def html(ledger: Ledger, up: str) -> str:
        return frame_html([head, "Rule"], [[w, escape(str(r))] for w, r in rules.items()], head)

    return html


def likelihood_html(ledger: Ledger, up: str) -> str:
    """Return the words of likelihood with their percentages."""
    rows = [[word, f"{low} to {high}"] for word, (low, high) in LIKELIHOOD.items()]
    return frame_html(["Word", "Percent"], rows, "Words of likelihood")


_PAGES = {
    "agreement_rules": rules_html(AGREEMENT_RULES, "Agreement"),
    "evidence_rules": rules_html(EVIDENCE_RULES, "Evidence"),
    "likelihood": likelihood_html,
    "agreement": agreement_html,
    "citing": citing_html,
    "gallery": gallery_html,
    "glossary": glossary_html,
    "releases": releases_html,
    "corrections": corrections_html,
    "contradictions": pairs_html("contradicts", "Contradictions"),
    "credibility": scale_html(CREDIBILITY, "credibility"),
    "disagreements": disagreements_html,
    "downloads": downloads_html,
    "drifts": drifts_html,
    "explorer": explorer_html,
    "grades": grade_table_html,
    "imports": imports_html,
    "months": months_html,
    "reliability": scale_html(RELIABILITY, "reliability"),
    "revisions": pairs_html("revises", "Revisions"),
    "silences": silences_html,
    "claimants": claimants_html,
    "clusters": clusters_html,
    "codebook": codebook_html,
    "sources": sources_html,
    "statuses": statuses_html,
    "vague_terms": vague_terms_html,
    **{
        table: plain_html(table)
        for table in (
            "acknowledgements",
            "analyses",
            "audits",
            "base_rates",
            "forecasts",
            "measures",
            "passages",
            "people",
            "ratings",
            "scopes",
            "searches",
            "uncoded",
            "visits",
        )
    },
}


def _open_ledger(app: Sphinx, config) -> None:
    # The pages take for granted what the check holds.
    if problems := check_ledger(DATA):
        raise SphinxError("\n".join(map(str, problems)))
    config.ledger = load_ledger()
    # Whoever publishes a copy can name its addresses from outside, and keep the file as it is.
    config.html_baseurl = config.html_baseurl or os.environ.get("LEDGER_ADDRESS", "")
    base = config.html_baseurl.rstrip("/")
    repository = config.html_theme_options.get("repository_url") or os.environ.get("LEDGER_REPOSITORY", "")
    repository = repository.rstrip("/")
    config.site = Site(config.ledger, f"{base}/" if base else "", repository, _commit())
    config.html_static_path.append(str(_STATIC))


def _begin(app: Sphinx, config) -> None:
    """Take the folders that this build writes, and clear the site that an older one left, whole or not."""
    out = Path(app.outdir)
    app.ledger_folders = ExitStack()
    try:
        app.ledger_folders.enter_context(alone(out.parent, figures_folder()))
    except RunError as error:
        raise SphinxError(str(error)) from None
    if whole_site(out).exists():
        whole_site(out).replace(_begun(out))
    if _begun(out).exists():  # else the folder is none of ours
        shutil.rmtree(out)
        out.mkdir()
    _begun(out).touch()


def _begun(out: Path) -> Path:
    return out.with_name(f"{out.name}.begun")


def _year(app: Sphinx, config) -> None:
    """Date the copyright by the data: Sphinx writes the year of SOURCE_DATE_EPOCH into one of the configuration."""
    config.copyright = str(data_cutoff(config.ledger).year)


def _end(app: Sphinx, error: Exception | None) -> None:
    """Say that the site is whole, in a file as old as the start of the build: what was changed since is not in it."""
    # Its hash holds the folder of the build, and the next build starts from nothing.
    (Path(app.outdir) / ".buildinfo").unlink(missing_ok=True)
    # Warnings are what the build of `make` fails for, after this; Sphinx shows their number nowhere else.
    if not error and not app._warncount:
        _begun(Path(app.outdir)).replace(whole_site(Path(app.outdir)))
    app.ledger_folders.close()


def _own_search(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.builder.search = False  # Sphinx's index and page; the page is ours, see _pages


def _pages(app: Sphinx):
    yield "search", {}, "search.html"


def _stamp(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    if page == "chapters/claims":
        context["metatags"] = context.get("metatags", "") + dataset_jsonld(app.config.ledger)
    path, site = f"{page}.html", app.config.site
    if doctree is None:
        title, description, cite = (
            "Search",
            "Search the book and the ledger, without a network.",
            "cite-whole",
        )
    else:
        title, description, cite = (
            doctree.next_node(nodes.title).astext(),
            first_sentence(doctree),
            f"cite-{Path(page).name}",
        )
    context["metatags"] = context.get("metatags", "") + site.head(path, title, description)
    context["theme_extra_footer"] = site.foot(up(path), f"chapters/citing.html#{cite}")
    if counterpart(path):
        context["body"] = languages_html(path, path) + context["body"]
    if again := again_html(page):
        context["body"] += again


def _commit() -> str:
    """Return the commit that the book is built from, as 'commit 537cde0f13a4', or that there is none."""
    root = DATA.parent
    # A folder further up may be somebody else's repository.
    if not (root / ".git").exists():
        return "not in a repository"
    try:
        run = subprocess.run(
            ["git", "-C", str(root), "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True
        )
    except OSError:  # no git here
        return "commit not known"
    return "commit not known" if run.returncode else f"commit {run.stdout.strip()}"


def _figures_last(app: Sphinx, env, docnames: list[str]) -> None:
    # These two pages show figures that the other chapters draw while they are read.
    docnames.sort(key=lambda name: name in ("chapters/citing", "chapters/figures"))


def _ship(app: Sphinx, error: Exception | None) -> None:
    """Put the figures, the pages of claims and sources, the downloads and the Vega scripts into the site."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    write_index(app.config.ledger)
    Pages(app.config.site).write(out)
    write_figure_pages(app.config.site, out)
    write_indonesian(app.config.site, out)
    shutil.copytree(
        figures_folder(), out / "figures", dirs_exist_ok=True, ignore=shutil.ignore_patterns(DRAFTS)
    )
    for record in records(app.config.ledger):
        if record["interactive"]:
            write_atomically(out / _live_file(record["name"]), live_script(record["name"]).encode())
    write_notebooks(out)
    write_runner(app.config.site, out)
    write_atomically(out / "_static" / "vega.js", vega_script())


def vega_script() -> bytes:
    """Return Vega, Vega-Lite and Vega-Embed as one script."""
    # The bundle is a module; in a function of its own it loads as a plain script, from file:// too.
    return f"(() => {{{vl_convert.javascript_bundle()}}})();\n".encode()


def _lead(app: Sphinx, error: Exception | None) -> None:
    """Put the data of the search, the feed, redirects and sitemap into the site, when all pages are there."""
    if not error and app.builder.format == "html":
        answer = first_sentence(app.env.get_doctree("chapters/index"))
        finding.write(app.config.site, Path(app.outdir), finding.sections(app.env), answer)


def setup(app: Sphinx) -> dict:
    """Register the extension with Sphinx."""
    app.connect("config-inited", _begin, priority=100)
    app.connect("config-inited", _open_ledger, priority=400)
    app.connect("config-inited", _year, priority=900)
    app.connect("env-before-read-docs", _figures_last)
    app.connect("html-page-context", _stamp)
    app.connect("builder-inited", _own_search)
    app.connect("html-collect-pages", _pages)
    app.connect("build-finished", _ship)
    app.connect("build-finished", _lead, priority=900)
    app.connect("build-finished", _end, priority=999)
    app.add_role_to_domain("glue", "text", LinkedNumber(), override=True)
    app.add_role("claim", ClaimRole())
    app.add_role("ledger", LedgerRole())
    app.add_role("likelihood", LikelihoodRole())
    app.add_node(Defined, html=(visit_defined, depart_defined))
    app.add_role_to_domain("std", "term", TermRole(), override=True)
    app.add_directive("ledger", LedgerTable)
    theme.setup(app)
    app.add_css_file("ledger.css")
    access.setup(app)
    app.add_css_file("finding.css")
    app.add_js_file("ledger.js", loading_method="defer")
    app.add_js_file("explorer.js", loading_method="defer")
    app.add_js_file("copy.js", loading_method="defer")
    app.add_js_file("find.js", loading_method="defer")
    app.add_js_file("terms.js", loading_method="defer")
    return {"parallel_read_safe": False, "version": "1"}
