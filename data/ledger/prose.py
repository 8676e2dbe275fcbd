"""Numbers in prose: worded from the ledger, stated once under a key, pasted with glue."""

import re
from dataclasses import asdict, dataclass, field
from html import escape

import pandas as pd
from IPython.display import display
from myst_nb import glue

from .bounds import Interval, is_open
from .dates import in_words
from .tables import Ledger

MIME = "application/vnd.ledger+json"
"""Type under which tables of numbers and figures reach the book; see ledger.book."""

_WORDING = {
    "exact": "{point}",
    "about": "about {point}",
    "more_than": "more than {low}",
    "at_least": "at least {low}",
    "up_to": "up to {high}",
    "nearly": "nearly {high}",
    "range": "{low} to {high}",
}


LIKELIHOOD = {
    "almost no chance": (1, 5),
    "very unlikely": (5, 20),
    "unlikely": (20, 45),
    "roughly even": (45, 55),
    "likely": (55, 80),
    "very likely": (80, 95),
    "almost certain": (95, 99),
}
"""Words for our own judgements and their percentages, after ICD 203; a claimant's words stay theirs."""


def number(value: float) -> str:
    """Write a number in British style: 11000 as '11,000', 2000000 as '2 million', 9.17 as '9.2'."""
    if value >= 1e6:
        return f"{value / 1e6:.4g} million"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.1f}"


def wording(ledger: Ledger, row: pd.Series) -> str:
    """Word the number of a claim or report as its claimant did: 'about 11,000', 'tens of thousands'.

    Raises ValueError for a row without a number and for vague bounds that the table of vague
    words does not give.
    """
    if pd.isna(row["bound"]):
        raise ValueError(f"{row.get('claim_id')} carries no number")
    if row["bound"] != "vague":
        ends = {end: number(row[end]) for end in ("low", "point", "high") if not pd.isna(row[end])}
        return _WORDING[row["bound"]].format(**ends)
    for term in ledger.vague_terms.itertuples():
        if _same(term.low, row["low"]) and _same(term.high, row["high"]):
            return term.term
    raise ValueError(f"{row.get('claim_id')}: no vague word has its bounds")


def quantity(ledger: Ledger, row: pd.Series) -> str:
    """Word the number of a claim with its unit: 'about 11,000 soldiers', 'thousands of rounds', '1 drone'.

    Raises ValueError as wording() does.
    """
    words, unit = wording(ledger, row), row["unit"]
    if row["bound"] == "vague" and re.search(r"(s|number)$", words):
        words += " of"
    elif words == "1":
        unit = re.sub(r"\b([a-z]+)s\b", r"\1", unit, count=1)
    return f"{words} {unit}"


def _same(a: float, b: float) -> bool:
    return (pd.isna(a) and pd.isna(b)) or (not pd.isna(a) and not pd.isna(b) and a == b)


def range_words(value: Interval, unit: str = "") -> str:
    """Word an interval: '9.2 to 11', 'at least 300', 'at most 9'; the unit follows each form.

    Two ends are rounded to one decimal outwards, so that the words never claim more than the bounds; a
    single value is rounded to the nearest, for one number is no range.
    """
    if value.low == value.high:
        return f"{number(round(value.low, 1))} {unit}".strip()
    if is_open(value.high):
        words = f"at least {number(_outwards(value.low, down=True))}"
    elif value.low == 0 or is_open(value.low):
        words = f"at most {number(_outwards(value.high, down=False))}"
    else:
        low, high = _outwards(value.low, down=True), _outwards(value.high, down=False)
        words = number(low) if low == high else f"{number(low)} to {number(high)}"
    return f"{words} {unit}".strip()


def _outwards(value: float, down: bool) -> float:
    scaled = round(value * 10, 6)  # six places: the dust of binary fractions is not a bound
    return ((scaled // 1) if down else -(-scaled // 1)) / 10


@dataclass(frozen=True)
class Derived:
    """A number that no claimant printed: its words, the claims it comes from, and its formula."""

    text: str
    claims: tuple[str, ...]
    formula: str


@dataclass
class Numbers:
    """The numbers that one chapter states, each under a key that is a full phrase."""

    ledger: Ledger
    stated: dict[str, dict] = field(default_factory=dict)

    def state(self, **values: str | Derived) -> "Statement":
        """State numbers: a claim id for a claim's own number, or a Derived one.

        Each is glued for the prose under its key and shown in the returned table with claims,
        claimants, printed phrases and sources. Raises ValueError when a key is stated twice.
        """
        rows = []
        for key, value in values.items():
            if key in self.stated:
                raise ValueError(f"the key {key!r} is stated twice")
            if isinstance(value, str):
                row = self.ledger.claim(value)
                value = Derived(wording(self.ledger, row), (value,), "")
            record = {"key": key, "text": value.text, "formula": value.formula}
            record["claims"] = [cite(self.ledger, claim) for claim in value.claims]
            glue(key, value.text, display=False)
            self.stated[key] = record
            rows.append(record)
        return Statement(rows)

    def fill(self, template: str) -> str:
        """Fill {key} in a title, caption or alt text with the stated words."""
        return template.format(**{key: record["text"] for key, record in self.stated.items()})


def cite(ledger: Ledger, claim_id: str) -> dict:
    """Gather what a reader needs to check a claim: who, when, the printed phrases and where.

    Returns a dictionary of plain strings, and under `printed` one dictionary a report.
    """
    row = ledger.claim(claim_id)
    names = ledger.claimants.set_index("claimant_id")["name"]
    printings = ledger.printings[ledger.printings["claim_id"] == claim_id]
    return {
        "claim": claim_id,
        "claimant": names[row["claimant_id"]],
        "stated": "" if pd.isna(row["stated_on"]) else in_words(row["stated_on"]),
        "printed": [
            {
                "quote": report.quote,
                "lang": report.language,
                "en": "" if report.quote == report.quote_en else report.quote_en,
                "where": place_of(report),
                "drift": "" if report.drift == "none" else report.drift,
            }
            for report in printings.itertuples()
        ],
    }


def place_of(report) -> str:
    """Name the place of a printing: 'Riau24.com (S-0001, L4)'."""
    locator = "" if pd.isna(report.locator) else f", {report.locator}"
    return f"{report.publisher} ({report.source_id}{locator})"


class Judgement:
    """The box of a chapter: evidence against agreement, and the confidence that follows, by rule.

    `assessment` comes from analyses.assess(); `about` says in a phrase what is judged.
    """

    def __init__(self, about: str, assessment):
        found = asdict(assessment)
        self.record = {"kind": "judgement", "about": about, **found}

    def _ipython_display_(self):
        r = self.record
        counted = f"{r['claims']} claims on {r['clusters']} bases"
        text = (
            f"{r['about']}: {r['evidence']} evidence ({counted}), {r['agreement']} agreement, "
            f"{r['confidence']} confidence; with one basis fewer {r['one_basis_fewer']}"
        )
        display({MIME: r, "text/html": f"<p>{escape(text)}</p>", "text/plain": text}, raw=True)


class Statement:
    """A table of stated numbers, shown as HTML in Jupyter and as linked rows in the book."""

    def __init__(self, rows: list[dict]):
        self.rows = rows

    def _ipython_display_(self):
        text = "\n".join(
            f"{r['key']} = {r['text']}  [{', '.join(c['claim'] for c in r['claims'])}]" for r in self.rows
        )
        bundle = {
            MIME: {"kind": "numbers", "rows": self.rows},
            "text/html": self.html(),
            "text/plain": text,
        }
        display(bundle, raw=True)

    def html(self) -> str:
        """Return the table for whoever reads the raw notebook."""
        body = "".join(
            f"<tr><td><code>{escape(r['key'])}</code></td><td>{escape(r['text'])}</td>"
            f"<td>{_claims_html(r)}</td></tr>"
            for r in self.rows
        )
        head = "<tr><th>key</th><th>text</th><th>claims, and the phrases printed</th></tr>"
        return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"


def _claims_html(record: dict) -> str:
    lines = [f"<em>{escape(record['formula'])}</em>"] if record["formula"] else []
    for claim in record["claims"]:
        phrases = "; ".join(
            f"“{escape(p['quote'])}”"
            + (f" ({escape(p['en'])})" if p["en"] else "")
            + f" {escape(p['where'])}"
            for p in claim["printed"]
        )
        lines.append(f"{claim['claim']} {escape(claim['claimant'])}: {phrases}")
    return "<br>".join(lines)
