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


def data_cutoff(ledger: Ledger) -> date:
    """Return the latest day on which a claim was stated; a month alone counts from its first day."""
    return max(span(text)[0] for text in ledger.claims["stated_on"].dropna())


def bases(ledger: Ledger) -> dict[str, str]:
    """Map each cluster to the basis it stands on, clusters that derive from one another joined.

    Two clusters are joined when a link says that a claim of one derives from, or rests on the same
    basis as, a claim of the other. Returns cluster id to the first id of its connected component.
    """
    cluster_of = ledger.claims.set_index("claim_id")["cluster_id"]
    graph = nx.Graph()
    graph.add_nodes_from(ledger.clusters["cluster_id"])
    joins = ledger.links[ledger.links["relation"].isin(["derives_from", "same_basis"])]
    graph.add_edges_from(
        (cluster_of[a], cluster_of[b]) for a, b in zip(joins["from_claim"], joins["to_claim"], strict=True)
    )
    return {node: min(part) for part in nx.connected_components(graph) for node in part}


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
        name="status",
    )
