"""Registers made from the tables: contradictions, revisions, drift, denials, gaps, agreement."""

from collections import Counter

import pandas as pd

from .dates import in_words
from .prose import quantity
from .tables import Ledger

RELATIONS = {
    "revises": ("revises", "is revised by"),
    "derives_from": ("derives from", "is drawn on by"),
    "contradicts": ("contradicts", "is contradicted by"),
    "confirms": ("confirms", "is confirmed by"),
    "same_basis": ("rests on the same basis as", "rests on the same basis as"),
}
"""What a claim does to the one that it is linked to, and what that one then is; each a part of a sentence."""

SILENT = ("deny", "cannot_confirm", "no_comment", "withdraw")
CODED = ("measure", "bound", "polarity", "modality", "evidence_class")


def said(ledger: Ledger, row: pd.Series) -> str:
    """Word a claim in brief: claimant, day, and its number or its statement."""
    name = ledger.claimants.set_index("claimant_id").loc[row["claimant_id"], "label"]
    what = row["statement"] if pd.isna(row["bound"]) else quantity(ledger, row)
    day = "" if pd.isna(row["stated_on"]) else f", {in_words(row['stated_on'])}"
    return f"{name}{day}: {what}"


def linked(ledger: Ledger, relation: str) -> pd.DataFrame:
    """Return the pairs of claims joined by a relation, both sides in words.

    Columns: from_claim, from_said, to_claim, to_said, conflict, how_known, note.
    """
    claims = ledger.claims.set_index("claim_id", drop=False)
    pairs = ledger.links[ledger.links["relation"] == relation]
    return pd.DataFrame(
        {
            "from_claim": pairs["from_claim"],
            "from_said": [said(ledger, claims.loc[c]) for c in pairs["from_claim"]],
            "to_claim": pairs["to_claim"],
            "to_said": [said(ledger, claims.loc[c]) for c in pairs["to_claim"]],
            "conflict": pairs["conflict"],
            "how_known": pairs["how_known"],
            "note": pairs["note"],
        }
    )


def drifts(ledger: Ledger) -> pd.DataFrame:
    """Return every printing that departs from its claim, with what the claim says."""
    claims = ledger.claims.set_index("claim_id", drop=False)
    rows = ledger.printings[ledger.printings["drift"] != "none"].copy()
    rows["claim_says"] = [said(ledger, claims.loc[c]) for c in rows["claim_id"]]
    return rows[
        ["claim_id", "claim_says", "quote", "quote_en", "language", "publisher", "source_id", "drift", "note"]
    ]


def silences(ledger: Ledger) -> pd.DataFrame:
    """Return the claims that deny, cannot confirm, decline to comment or withdraw."""
    rows = ledger.claims[ledger.claims["polarity"].isin(SILENT)]
    return rows[["claim_id", "polarity", "claimant_id", "speaker", "stated_on", "statement"]]


def month_of(text) -> str:
    """Return the month of a date of the ledger as YYYY-MM, or '' when it has none."""
    if pd.isna(text):
        return ""
    first, _, last = text.partition("/")
    stated = last if first == ".." else first
    return stated[:7] if stated[4:5] == "-" else ""


def months_by_topic(ledger: Ledger) -> pd.DataFrame:
    """Count the claims stated in each month by topic, months without any included.

    Index: YYYY-MM from the first month with a claim of the deployment to the last; columns: topics.
    """
    months = ledger.claims["stated_on"].map(month_of)
    table = pd.crosstab(months, ledger.claims["topic"])
    full = pd.period_range("2022-09", table.index.max(), freq="M").astype(str)
    return table.reindex(full, fill_value=0)


def agreement(ledger: Ledger) -> pd.DataFrame:
    """Compute Krippendorff's alpha (nominal) of the second, blind coding, field by field.

    The cluster is compared by pairs: whether two claims of the sample share a basis. Returns a
    frame with columns field, n, agreed (share), alpha, commonest (share of the commonest value).
    Source: Krippendorff, Content Analysis.
    """
    second = ledger.second_coding.set_index("claim_id")
    first = ledger.claims.set_index("claim_id").loc[second.index]
    rows = []
    for field in CODED:
        pair = [first[field].fillna("none"), second[field].fillna("none")]
        rows.append(_alpha(field, list(pair[0]), list(pair[1])))
    a, b = list(first["cluster_id"]), list(second["cluster"])
    places = [(i, j) for i in range(len(a)) for j in range(i)]
    rows.append(
        _alpha("cluster (pairs)", [a[i] == a[j] for i, j in places], [b[i] == b[j] for i, j in places])
    )
    return pd.DataFrame(rows)


def drift_codings(ledger: Ledger) -> pd.DataFrame:
    """Return the sample of printings whose drift was coded twice: claim_id, source_id, locator, first, second,
    strength_claim and strength_phrase (1 hedged, 2 assessed, 3 flat; by the second coder)."""
    key = ["claim_id", "source_id", "locator"]
    first = ledger.reports[[*key, "drift"]].fillna({"locator": ""})
    second = ledger.drift_coding.fillna({"locator": ""})
    both = second.merge(first, on=key, suffixes=("_second", "_first"), validate="one_to_one")
    both = both.rename(columns={"drift_first": "first", "drift_second": "second"})
    return both[[*key, "first", "second", "strength_claim", "strength_phrase"]]


def drift_agreement(ledger: Ledger) -> pd.DataFrame:
    """Compute Krippendorff's alpha (nominal) of the two codings of drift: whether any, and of which kind.

    Columns as those of agreement(). The sample is drawn to be rich in drift, so that alpha is one of the
    sample and not of all printings.
    """
    both = drift_codings(ledger)
    first, second = list(both["first"]), list(both["second"])
    any_drift = _alpha("any drift", [d != "none" for d in first], [d != "none" for d in second])
    return pd.DataFrame([any_drift, _alpha("kind of drift", first, second)])


def nominal_alpha(*codings: list) -> float:
    """Return Krippendorff's alpha (nominal) of codings of the same units, side by side; None is a unit not coded.

    It is 1 where one value alone was given. Raises ZeroDivisionError when no unit was coded twice.
    """
    units = [Counter(v for v in unit if v is not None) for unit in zip(*codings, strict=True)]
    units = [unit for unit in units if unit.total() > 1]
    # Ordered pairs of unequal values: within the units, and of all the values thrown together.
    observed = sum(_unequal_pairs(unit) / (unit.total() - 1) for unit in units)
    together = sum(units, Counter())
    expected = _unequal_pairs(together) / (together.total() - 1)
    return 1 - observed / expected if len(together) != 1 else 1.0


def _unequal_pairs(values: Counter) -> int:
    return values.total() ** 2 - sum(n * n for n in values.values())


def _alpha(field: str, first: list, second: list) -> dict:
    same = sum(x == y for x, y in zip(first, second, strict=True))
    commonest = max(first.count(v) for v in set(first)) / len(first)
    return {
        "field": field,
        "n": len(first),
        "agreed": same / len(first),
        "alpha": nominal_alpha(first, second),
        "commonest": commonest,
    }


def disagreements(ledger: Ledger) -> pd.DataFrame:
    """List every field on which the two codings of the sample differ."""
    first = ledger.claims.set_index("claim_id")
    rows = [
        {"claim_id": row.claim_id, "field": field, "first": a, "second": b}
        for row in ledger.second_coding.itertuples()
        for field in CODED
        if (a := _or_none(first.loc[row.claim_id, field])) != (b := _or_none(getattr(row, field)))
    ]
    return pd.DataFrame(rows, columns=["claim_id", "field", "first", "second"])


def _or_none(value) -> str:
    return "none" if pd.isna(value) else value
