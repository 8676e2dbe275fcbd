"""What stands behind claims: clusters, status, cut-off, and the counts that every chart prints."""

from datetime import date

import networkx as nx
import pandas as pd

from .dates import span
from .tables import Ledger

STATUSES = {
    "acknowledged": "admitted, or confirmed, by Moscow or Pyongyang",
    "superseded": "restated by the same claimant for the same subject",
    "denied": "contradicted by a denial",
    "contested": "contradicted by another claim",
    "corroborated": "confirmed by a claim of another cluster that does not derive from it",
    "single_cluster": "rests on one basis",
}
"""The statuses, in order of precedence, each with its rule in words."""

KINDS = {
    "polarity": {
        "assert": "the claimant asserts it",
        "deny": "the claimant denies it",
        "cannot_confirm": "the claimant cannot confirm it",
        "no_comment": "the claimant declines to comment",
        "withdraw": "the claimant withdraws it",
    },
    "modality": {
        "observed": "said to have happened",
        "assessed": "judged likely by the claimant",
        "planned": "intended by the actor",
        "announced": "a statement of the claimant's own position",
        "predicted": "said of the future",
    },
    "evidence_class": {
        "inspected": "evidence: inspected (object in hand)",
        "imaged": "evidence: imaged (pictures)",
        "admitted": "evidence: admitted (by the actor itself)",
        "assessed": "evidence: assessed (by a service)",
        "asserted": "evidence: asserted (no basis given)",
    },
}
"""What the codes of a claim say, column by column, in the words of the codebook."""


def data_cutoff(ledger: Ledger) -> date:
    """Return the latest day on which a claim was stated; a month alone counts from its first day."""
    return max(span(text)[0] for text in ledger.claims["stated_on"].dropna())


def bases(ledger: Ledger) -> dict[str, str]:
    """Map each cluster to the basis it stands on, clusters that derive from one another joined.

    Two clusters are joined when a link says that their claims rest on the same basis, or that a claim of
    one derives from the other and from nothing else. A cluster worked out of several bases adds none: it
    stands with the first of them, and does not join them to each other. Returns cluster id to the first
    id of its basis.
    """
    cluster_of = ledger.claims.set_index("claim_id")["cluster_id"]
    graph = nx.Graph()
    graph.add_nodes_from(ledger.clusters["cluster_id"])
    shared = ledger.links[ledger.links["relation"] == "same_basis"]
    graph.add_edges_from(
        (cluster_of[link.from_claim], cluster_of[link.to_claim]) for link in shared.itertuples()
    )
    derived = ledger.links[ledger.links["relation"] == "derives_from"]
    pairs = sorted(
        {(cluster_of[link.from_claim], cluster_of[link.to_claim]) for link in derived.itertuples()}
    )
    while True:
        basis = {node: min(part) for part in nx.connected_components(graph) for node in part}
        rests_on = {}
        for a, b in pairs:
            if basis[a] != basis[b]:
                rests_on.setdefault(basis[a], set()).add(basis[b])
        single = [(a, *of) for a, of in rests_on.items() if len(of) == 1]
        if not single:
            first = {a: min(of) for a, of in rests_on.items()}
            return {node: _end(found, first) for node, found in basis.items()}
        graph.add_edges_from(single)


def _end(start: str, follow: dict[str, str]) -> str:
    seen = set()
    while start in follow and start not in seen:
        seen.add(start)
        start = follow[start]
    return start


def count_clusters(ledger: Ledger, claims: pd.DataFrame) -> int:
    """Count the independent bases behind some claims (not the claims, nor the printings)."""
    basis = bases(ledger)
    return len({basis[c] for c in claims["cluster_id"]})


def statuses(ledger: Ledger) -> pd.Series:
    """Compute the status of every claim from links, clusters and evidence classes.

    Returns strings indexed by claim_id; STATUSES gives the rules, the first that holds wins.
    """
    claims = ledger.claims.set_index("claim_id")
    country = ledger.claimants.set_index("claimant_id")["country"]
    basis = bases(ledger)
    own = claims["claimant_id"].map(country).isin(["RU", "KP"])
    found = {status: set() for status in STATUSES}
    admitted = claims["evidence_class"].eq("admitted") & claims["polarity"].eq("assert")
    found["acknowledged"] = set(claims.index[own & admitted])
    for link in ledger.links.itertuples():
        a, b = link.from_claim, link.to_claim
        if link.relation == "revises":
            found["superseded"].add(b)
        elif link.relation == "contradicts":
            found["denied" if claims.loc[a, "polarity"] == "deny" else "contested"].update([b])
            found["contested"].update([a, b])
        elif link.relation == "confirms":
            if own[a]:
                found["acknowledged"].add(b)
            if basis[claims.loc[a, "cluster_id"]] != basis[claims.loc[b, "cluster_id"]]:
                found["corroborated"].update([a, b])
    return pd.Series(
        {claim: next((s for s in STATUSES if claim in found[s]), "single_cluster") for claim in claims.index},
        dtype="string",
    )


RELIABILITY = {
    "A": "printed by the claimant itself, or by its own agency",
    "B": "told by a news agency, a broadcaster or a research body that names the claimant",
    "C": "told by another news page that names the claimant",
    "D": "known from copies, or from misprints alone",
    "E": "known from social media or an encyclopedia alone",
    "F": "cannot be judged: the claimant is not named",
}
"""Reliability of the best printing of a claim, after the Admiralty letters: the first that holds."""

CREDIBILITY = {
    "1": STATUSES["corroborated"],
    "2": "admitted by the actor itself, or resting on an object in hand, and not contradicted",
    "3": "resting on pictures or on the assessment of a service, and not contradicted",
    "4": STATUSES["contested"],
    "5": "denied by the party that it is about",
    "6": "cannot be judged: no basis given, said of the future, or not asserted at all",
}
"""Credibility of a claim, after the Admiralty numbers: 5, 4 and 1 are tried first, then 2, 3, 6."""


def grades(ledger: Ledger) -> pd.DataFrame:
    """Grade every claim by the mechanical rules of RELIABILITY and CREDIBILITY.

    Returns a frame indexed by claim_id with string columns `reliability` (A to F, of the best
    printing) and `credibility` (1 to 6, of the claim). The two are coded apart and never joined
    into one scale. A `1` needs two clusters.
    """
    claims = ledger.claims.set_index("claim_id")
    body = ledger.claimants.set_index("claimant_id")["body"]
    kinds = ledger.sources.set_index("source_id")["source_type"]
    letters = pd.Series("D", index=ledger.reports.index)
    source = ledger.reports["source_id"].map(kinds)
    clear = ~ledger.reports["drift"].isin(["attribution", "transmutation", "amplification"])
    told = ledger.reports["relation"].eq("relay") & clear
    letters[source.isin(["social_media", "encyclopedia"])] = "E"
    letters[told & ~source.isin(["social_media", "encyclopedia"])] = "C"
    letters[told & source.isin(["news_agency", "broadcaster", "research_report", "official_page"])] = "B"
    letters[ledger.reports["relation"].eq("primary") & clear] = "A"
    best = letters.groupby(ledger.reports["claim_id"]).min()
    unnamed = claims.index[claims["claimant_id"].map(body).eq("unattributed")]
    reliability = best.reindex(claims.index)
    reliability[unnamed] = "F"

    status = statuses(ledger)
    links, basis = ledger.links, bases(ledger)
    denied, contested, confirmed = set(), set(), set()
    for link in links.itertuples():
        a, b = claims.loc[link.from_claim], claims.loc[link.to_claim]
        if link.relation == "contradicts":
            (denied if a["polarity"] == "deny" else contested).add(link.to_claim)
            contested.add(link.from_claim)
        elif link.relation == "confirms" and basis[a["cluster_id"]] != basis[b["cluster_id"]]:
            confirmed.update([link.from_claim, link.to_claim])

    def credibility(claim_id: str) -> str:
        row = claims.loc[claim_id]
        asserted = row["polarity"] == "assert" and row["modality"] != "predicted"
        if claim_id in denied:
            return "5"
        if claim_id in contested:
            return "4"
        if not asserted:
            return "6"
        if claim_id in confirmed:
            return "1"
        if status[claim_id] == "acknowledged" or row["evidence_class"] in ("admitted", "inspected"):
            return "2"
        return "3" if row["evidence_class"] in ("imaged", "assessed") else "6"

    frame = pd.DataFrame({"reliability": reliability, "credibility": [credibility(c) for c in claims.index]})
    return frame.astype("string")
