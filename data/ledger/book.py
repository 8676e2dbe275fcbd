"""Sphinx extension of the book: figures, stated numbers and the ledger's own pages, from the tables."""

import json
import shutil
from html import escape
from pathlib import Path
from typing import ClassVar

import pandas as pd
import vl_convert
from docutils import nodes
from docutils.parsers.rst import Directive, directives
from myst_nb.ext.glue.roles import PasteTextRole
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from .dates import in_words
from .evidence import STATUSES, bases, data_cutoff, statuses
from .figures import BUNDLE, DARK, LIGHT, figures_folder
from .files import write_atomically
from .prose import MIME, cite, number, wording
from .tables import Ledger, load_ledger, table_resources

_STATIC = Path(__file__).parent / "static"
_CLAIMS_PAGE = "chapters/claims"


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
        uri = f"{_up(self.env.docname)}{_CLAIMS_PAGE}.html#{self.text.lower()}"
        link = nodes.reference("", self.text, refuri=uri, internal=True, classes=["claim-link"])
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
        up = _up(renderer.renderer.sphinx_env.docname)
        html = figure_html(record, up) if record["kind"] == "figure" else numbers_html(record["rows"], up)
        return [nodes.raw("", html, format="html")]


def _up(docname: str) -> str:
    return "../" * docname.count("/")


def _claim_link(claim_id: str, up: str) -> str:
    return f'<a class="claim-link" href="{up}{_CLAIMS_PAGE}.html#{claim_id.lower()}">{claim_id}</a>'


def numbers_html(rows: list[dict], up: str) -> str:
    """Return the table behind the numbers of a section, one anchored row a number."""
    body = []
    for row in rows:
        basis = "".join(_citation_html(claim, up) for claim in row["claims"])
        formula = f'<p class="formula">{escape(row["formula"])}</p>' if row["formula"] else ""
        body.append(
            f'<tr id="{_row_id(row["key"])}"><th scope="row">{escape(row["text"])}</th><td>{formula}{basis}</td></tr>'
        )
    summary = f"Where the {_count(len(rows), 'number')} of this section come from"
    return (
        f'<details class="numbers"><summary>{summary}</summary><div class="table-scroll" tabindex="0"'
        f' role="region" aria-label="{summary}"><table><thead><tr><th scope="col">As printed here</th>'
        '<th scope="col">Claims, and the phrases on which they rest</th></tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div></details>"
    )


def _citation_html(claim: dict, up: str) -> str:
    stated = f", {claim['stated']}" if claim["stated"] else ""
    phrases = "".join(f"<li>{_phrase_html(p)}</li>" for p in claim["printed"])
    return f"<p>{_claim_link(claim['claim'], up)} {escape(claim['claimant'])}{stated}</p><ul>{phrases}</ul>"


def _phrase_html(printed: dict) -> str:
    english = f" ({escape(printed['en'])})" if printed["en"] else ""
    drift = f' <span class="drift">drift: {printed["drift"]}</span>' if printed["drift"] else ""
    quote = f'<q lang="{printed["lang"]}">{escape(printed["quote"])}</q>'
    return f'{quote}{english} <span class="where">{escape(printed["where"])}</span>{drift}'


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'s' * (n != 1)}"


def figure_html(record: dict, up: str) -> str:
    """Return a figure: its light and dark pictures, caption, claims, downloads, and live chart."""
    name, alt = record["name"], escape(record["alt"], quote=True)
    size = f'width="{record["width"]}" height="{record["height"]}" loading="lazy" decoding="async"'
    base = f"{up}figures/{name}"
    pictures = "".join(
        f'<img class="{kind}" src="{base}{suffix}.svg" alt="{alt}" {size}>'
        for kind, suffix in (("only-light", ""), ("only-dark", "-dark"))
    )
    live = _live_html(name, record["title"]) if record["interactive"] else ""
    links = " ".join(_claim_link(claim, up) for claim in record["claims"])
    kinds = ["svg", "png", "pdf", "csv"] + ["vl.json"] * record["interactive"]
    labels = {"vl.json": "Vega-Lite", "csv": "CSV"}
    files = " · ".join(f'<a href="{base}.{k}" download>{labels.get(k, k.upper())}</a>' for k in kinds)
    return (
        f'<figure class="ledger-figure" id="figure-{name}">{live}<div class="still">{pictures}</div>'
        f"<figcaption>{escape(record['caption'])}<details><summary>{_count(len(record['claims']), 'claim')} drawn, "
        f"and files</summary><p>{links}</p><p>Files: {files}</p></details></figcaption></figure>"
    )


def _live_html(name: str, title: str) -> str:
    spec = (figures_folder() / f"{name}.vl.json").read_text(encoding="utf-8")
    dark = dict(zip(_colours(LIGHT), _colours(DARK), strict=True))
    # "</" would end the script element that holds the text.
    block = json.dumps({"spec": json.loads(spec), "dark": dark}).replace("</", "<\\/")
    return (
        f'<script type="application/json" class="live-spec">{block}</script>'
        f'<button type="button" class="live-button">Explore this chart<span class="sr-only">: {escape(title)}</span></button>'
        '<div class="live-chart" hidden></div>'
    )


def _colours(ink) -> list[str]:
    return [ink.page, ink.text, ink.muted, ink.grid, *ink.group.values()]


class LedgerTable(Directive):
    """```{ledger} claims|sources|claimants|clusters|vague|corrections|uncoded```: a page's table from the ledger."""

    required_arguments = 1
    option_spec: ClassVar = {"topic": directives.unchanged}

    def run(self):
        """Return the table as HTML; the page is rebuilt when a table of the ledger changes."""
        env = self.state.document.settings.env
        ledger = env.config.ledger
        for resource in table_resources(ledger.schema):
            env.note_dependency(str(ledger.data / resource["path"]))
        html = _PAGES[self.arguments[0]](ledger, _up(env.docname), **self.options)
        return [nodes.raw("", html, format="html")]


def claims_html(ledger: Ledger, up: str, topic: str) -> str:
    """Return the claims of a topic, one anchored article each, with every printing."""
    status = statuses(ledger)
    names = ledger.claimants.set_index("claimant_id")["name"]
    measures = ledger.measures.set_index("measure")["label"]
    basis_of = ledger.clusters.set_index("cluster_id")["basis"]
    sources = ledger.sources.set_index("source_id")["url"]
    parts = []
    for _, row in ledger.claims[ledger.claims["topic"] == topic].iterrows():
        said = f": {wording(ledger, row)} {row['unit']}" if not pd.isna(row["bound"]) else ""
        facts = [
            (
                "Claimant",
                names[row["claimant_id"]] + ("" if pd.isna(row["speaker"]) else f" ({row['speaker']})"),
            ),
            ("Stated", "not given" if pd.isna(row["stated_on"]) else in_words(row["stated_on"])),
            ("About", "not given" if pd.isna(row["refers_to"]) else in_words(row["refers_to"])),
            ("Measure", measures[row["measure"]] + said),
            (
                "Kind",
                f"{row['polarity'].replace('_', ' ')}, {row['modality']}; evidence: {row['evidence_class']}",
            ),
            ("Status", status[row["claim_id"]].replace("_", " ")),
            ("Rests on", f"{row['cluster_id']}: {basis_of[row['cluster_id']]}"),
        ]
        listed = "".join(f"<dt>{k}</dt><dd>{escape(str(v))}</dd>" for k, v in facts)
        printed = ledger.printings[ledger.printings["claim_id"] == row["claim_id"]]
        lines = []
        for report, cited in zip(printed.itertuples(), cite(ledger, row["claim_id"])["printed"], strict=True):
            page = (
                ""
                if pd.isna(sources[report.source_id])
                else f' <a href="{escape(sources[report.source_id])}">page</a>'
            )
            note = "" if pd.isna(report.note) else f" {escape(report.note)}"
            lines.append(f"<li>{_phrase_html(cited)}, {report.relation}.{page}{note}</li>")
        note = "" if pd.isna(row["note"]) else f'<p class="note">{escape(row["note"])}</p>'
        parts.append(
            f'<article class="claim" id="{row["claim_id"].lower()}"><h3><a href="#{row["claim_id"].lower()}">{row["claim_id"]}</a></h3>'
            f"<p>{escape(row['statement'])}</p><dl>{listed}</dl><ul>{''.join(lines)}</ul>{note}</article>"
        )
    return "".join(parts)


def _frame_html(columns: list[str], rows: list[list[str]], label: str) -> str:
    head = "".join(f'<th scope="col">{c}</th>' for c in columns)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="{label}"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _text(value) -> str:
    return "" if pd.isna(value) else escape(str(value))


def sources_html(ledger: Ledger, up: str) -> str:
    """Return the table of documents read."""
    counts = ledger.reports["source_id"].value_counts()
    rows = []
    for s in ledger.sources.itertuples():
        name = _text(s.title) or "no title shown"
        link = name if pd.isna(s.url) else f'<a href="{escape(s.url)}">{name}</a>'
        when = "no date shown" if pd.isna(s.published) else in_words(s.published)
        rows.append(
            [
                f'<span id="{s.source_id.lower()}">{s.source_id}</span>', escape(s.publisher), link, when, s.language,
                _text(s.relays).replace(";", ", "), str(counts[s.source_id]), _text(s.note),
            ]
        )  # fmt: skip
    columns = ["Id", "Publisher", "Title", "Published", "Language", "Repeats", "Reports", "Note"]
    return _frame_html(columns, rows, "Sources")


def claimants_html(ledger: Ledger, up: str) -> str:
    """Return the table of claimants with their number of claims."""
    counts = ledger.claims["claimant_id"].value_counts()
    rows = [
        [
            escape(c.name),
            _text(c.country),
            c.body.replace("_", " "),
            c.role,
            str(counts[c.claimant_id]),
            _text(c.interest),
        ]
        for c in ledger.claimants.itertuples(index=False)
    ]
    return _frame_html(["Claimant", "Country", "Body", "Role", "Claims", "Interest"], rows, "Claimants")


def clusters_html(ledger: Ledger, up: str) -> str:
    """Return the clusters with their claims."""
    basis = bases(ledger)
    rows = []
    for c in ledger.clusters.itertuples():
        members = ledger.claims.loc[ledger.claims["cluster_id"] == c.cluster_id, "claim_id"]
        joined = "" if basis[c.cluster_id] == c.cluster_id else f" (derives from {basis[c.cluster_id]})"
        links = " ".join(_claim_link(claim, up) for claim in members)
        rows.append([c.cluster_id + joined, escape(c.basis), c.how_known.replace("_", " "), links])
    return _frame_html(["Id", "Basis", "How known", "Claims"], rows, "Clusters")


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
        table = _frame_html(["Column", "Type", "Required", "Allowed", "Meaning"], fields, resource["title"])
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
        rows = [[_text(cell) for cell in row] for row in frame.itertuples(index=False)]
        return _frame_html(
            [c.replace("_", " ") for c in frame.columns], rows, ledger.resource(table)["title"]
        )

    return html


def statuses_html(ledger: Ledger, up: str) -> str:
    """Return the statuses, their rules and how many claims have each."""
    counts = statuses(ledger).value_counts()
    rows = [[s.replace("_", " "), escape(rule), str(counts.get(s, 0))] for s, rule in STATUSES.items()]
    return _frame_html(["Status", "Rule", "Claims"], rows, "Statuses")


_PAGES = {
    "claims": claims_html,
    "claimants": claimants_html,
    "clusters": clusters_html,
    "codebook": codebook_html,
    "sources": sources_html,
    "statuses": statuses_html,
    **{table: plain_html(table) for table in ("vague_terms", "corrections", "uncoded", "people", "measures")},
}


def _open_ledger(app: Sphinx, config) -> None:
    config.ledger = load_ledger()
    config.html_static_path.append(str(_STATIC))


def _stamp(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    # sphinx-thebe declares its address twice, which is a script error, and would load code from afar.
    context["script_files"] = [s for s in context["script_files"] if "thebe" not in f"{s}{vars(s)}".lower()]
    context["css_files"] = [s for s in context["css_files"] if "thebe" not in str(s)]
    ledger = app.config.ledger
    cutoff = in_words(data_cutoff(ledger).isoformat())
    context["theme_extra_footer"] = f"<p>Data to {cutoff}. Ledger {escape(ledger.version)}.</p>"


def _ship(app: Sphinx, error: Exception | None) -> None:
    """Put the figures and the Vega scripts into the built site."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    shutil.copytree(figures_folder(), out / "figures", dirs_exist_ok=True)
    # The bundle is a module; in a function of its own it loads as a plain script, from file:// too.
    bundle = f"(() => {{{vl_convert.javascript_bundle()}}})();\n"
    write_atomically(out / "_static" / "vega.js", bundle.encode())


def setup(app: Sphinx) -> dict:
    """Register the extension with Sphinx."""
    app.connect("config-inited", _open_ledger, priority=400)
    app.connect("html-page-context", _stamp)
    app.connect("build-finished", _ship)
    app.add_role_to_domain("glue", "text", LinkedNumber(), override=True)
    app.add_role("claim", ClaimRole())
    app.add_role("ledger", LedgerRole())
    app.add_directive("ledger", LedgerTable)
    app.add_css_file("ledger.css")
    app.add_js_file("ledger.js", loading_method="defer")
    return {"parallel_read_safe": False, "version": "1"}
