"""The analyses: what claims allow together. Small and pure; rows and intervals in, intervals and frames out.

Nothing here averages claims, fits a line or tests a hypothesis: the totals are few, rounded, cumulative and
dependent. An interval is what wordings allow; it is no confidence interval.
"""

from calendar import isleap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from itertools import pairwise, product
from math import inf, isinf

import networkx as nx
import numpy as np
import pandas as pd
from SALib.analyze import sobol as sobol_analysis
from SALib.sample import sobol as sobol_sample
from scipy.stats import beta

from .bounds import Interval, interval
from .dates import span
from .evidence import bases, count_clusters
from .tables import Ledger

# --- Intervals together -------------------------------------------------------------------------


def jointly(intervals: Iterable[Interval]) -> Interval | None:
    """Return the numbers that every interval allows, or None when they cannot all hold.

    This is partial identification with no assumption but the wordings (Manski, law of decreasing
    credibility). None is a result: somebody is wrong, or they count different things.
    """
    found: Interval | None = Interval(-inf, inf)
    for one in intervals:
        found = found and found.meet(one)
    return found


def slack(intervals: Iterable[Interval]) -> float:
    """Return the least share by which every stated end must give way before all intervals can hold.

    Zero when they hold as they stand; 0.1 when each needs ten percent. Ends must not be negative.
    Source: the e for which max(low) * (1 - e) = min(high) * (1 + e).
    """
    ends = list(intervals)
    low, high = max(i.low for i in ends), min(i.high for i in ends)
    return 0.0 if low <= high else (low - high) / (low + high)


def stated_ends(value: Interval) -> Interval:
    """Return the ends that were said aloud: 'more than 3,000' has the one end 3,000."""
    ends = [e for e in (value.low, value.high) if e != 0 and not isinf(e)] or [value.low]
    return Interval(min(ends), max(ends))


def stated_hull(rows: pd.DataFrame) -> Interval:
    """Return the smallest interval that covers every end said aloud in some rows."""
    return reduce(Interval.hull, (stated_ends(interval(row)) for _, row in rows.iterrows()))


def reference_day(row: pd.Series) -> date:
    """Return the last day that a claim's number is about, no later than the day on which it was stated.

    Raises ValueError for a claim with neither a closed period nor a day of statement.
    """
    days = []
    for column in ("refers_to", "stated_on"):
        text = row[column]
        if not pd.isna(text) and (last := span(text)[1]):
            days.append(last)
    if not days:
        raise ValueError(f"{row['claim_id']} has no day to stand on")
    return min(days)


def envelope(claims: pd.DataFrame, voices: pd.Series) -> pd.DataFrame:
    """Follow what the voices' latest totals say from day to day.

    `voices` gives each claim its voice (a state, say), indexed as the claims. On every day with a new
    total, each voice stands by what it said last: all its totals of that last day. Returns one row a day:
    day, claims (ids that stand), stated_low and stated_high (hull of the ends said aloud), low and high
    (what all allow together; missing when nothing does), slack.
    """
    rows = claims.assign(voice=voices, day=[span(text)[0] for text in claims["stated_on"]])
    out = []
    for day in sorted(set(rows["day"])):
        past = rows[rows["day"] <= day]
        standing = past[past["day"] == past.groupby("voice")["day"].transform("max")]
        shown = [interval(row) for _, row in standing.iterrows()]
        said, held = stated_hull(standing), jointly(shown)
        out.append(
            {
                "day": day,
                "claims": " ".join(standing["claim_id"]),
                "stated_low": said.low,
                "stated_high": said.high,
                "low": held.low if held else np.nan,
                "high": held.high if held else np.nan,
                "slack": slack(shown),
            }
        )
    return pd.DataFrame(out)


def region_of_total(claims: pd.DataFrame, day: date) -> tuple[float, float]:
    """Bound a total that cannot fall, on one day, by every claim about it.

    A floor for an earlier day is a floor now; a ceiling for a later day is a ceiling now. Returns (floor,
    ceiling); the region is empty when the floor is the greater, which says that the claims cannot all hold.
    """
    floor, ceiling = 0.0, inf
    for _, row in claims.iterrows():
        held = interval(row)
        about = reference_day(row)
        if about <= day:
            floor = max(floor, held.low)
        if about >= day:
            ceiling = min(ceiling, held.high)
    return floor, ceiling


def region_steps(claims: pd.DataFrame, first: date, last: date) -> pd.DataFrame:
    """Follow region_of_total from day to day, both ends included, and keep the days on which it changes.

    Returns columns day, floor, ceiling; each row holds until the next. The floor is the greater where the
    region is empty.
    """
    rows = []
    for day in pd.date_range(first, last):
        region = region_of_total(claims, day.date())
        if not rows or rows[-1][1:] != region:
            rows.append((day.date(), *region))
    return pd.DataFrame(rows, columns=["day", "floor", "ceiling"])


# --- Who rests on whom ---------------------------------------------------------------------------


def deconflate(ledger: Ledger, claims: pd.DataFrame) -> pd.DataFrame:
    """Sort claims into the bases on which they rest: weakly connected components over stated dependence.

    Returns columns claim_id, basis (the first cluster of the component), size (claims of the set on that
    basis), in the order of the claims.
    """
    basis = bases(ledger)
    frame = pd.DataFrame(
        {"claim_id": claims["claim_id"], "basis": [basis[c] for c in claims["cluster_id"]]},
        index=claims.index,
    )
    return frame.assign(size=frame.groupby("basis")["claim_id"].transform("size"))


def dependence(ledger: Ledger, claims: pd.DataFrame) -> nx.DiGraph:
    """Return the graph of who rests on whom among some claims: an edge runs from a claim to its basis.

    Every claim is a node; an edge has the relation and how it is known.
    """
    graph = nx.DiGraph()
    graph.add_nodes_from(claims["claim_id"])
    for link in ledger.links.itertuples():
        if link.relation in ("derives_from", "same_basis") and {link.from_claim, link.to_claim} <= set(graph):
            graph.add_edge(link.from_claim, link.to_claim, relation=link.relation, how_known=link.how_known)
    return graph


def concentration(values: pd.Series) -> tuple[pd.DataFrame, float]:
    """Count who or what claims pass through: counts and shares, and the sum of squared shares.

    Returns a frame (value, n, share), most first, and the Herfindahl-Hirschman index from 0 to 1.
    """
    counts = values.dropna().value_counts().sort_index().sort_values(ascending=False, kind="stable")
    shares = counts / counts.sum()
    frame = pd.DataFrame({"value": counts.index, "n": counts.to_numpy(), "share": shares.to_numpy()})
    return frame, float((shares**2).sum())


def wording_flows(ledger: Ledger, compared: bool = False) -> pd.DataFrame:
    """Count how the bound of a claim comes out in print: one row a pair (claimed, printed, n).

    Over all printings that are not the claimant's own and that have a number on both sides. With
    `compared`, only over claims for which two printings or more give a number: where one is all that is
    known of a claim, the claim was coded from it and the two can hardly differ.
    """
    prints = ledger.reports[ledger.reports["relation"] != "primary"]
    if compared:
        numbered = ledger.reports.dropna(subset="bound")["claim_id"].value_counts()
        prints = prints[prints["claim_id"].isin(numbered.index[numbered >= 2])]
    pairs = prints[["claim_id", "bound"]].merge(
        ledger.claims[["claim_id", "bound"]], on="claim_id", suffixes=("_printed", "_claimed")
    )
    pairs = pairs.dropna()
    flows = pairs.groupby(["bound_claimed", "bound_printed"]).size().rename("n").reset_index()
    return flows.rename(columns={"bound_claimed": "claimed", "bound_printed": "printed"})


# --- Rules for confidence ------------------------------------------------------------------------

EVIDENCE_RULES = {
    "limited": "fewer than three bases",
    "medium": "three bases or more",
    "robust": "six bases or more, one of them an object inspected, a picture or an admission",
}
AGREEMENT_RULES = {
    "high": "all can hold once every stated end gives way by a tenth",
    "medium": "all can hold once every stated end gives way by a third",
    "low": "more than a third is needed",
}
CONFIDENCE = {
    ("limited", "low"): "very low",
    ("limited", "medium"): "low",
    ("limited", "high"): "medium",
    ("medium", "low"): "low",
    ("medium", "medium"): "medium",
    ("medium", "high"): "high",
    ("robust", "low"): "medium",
    ("robust", "medium"): "high",
    ("robust", "high"): "very high",
}
"""What follows from evidence and agreement, after Mastrandrea and others 2010; our rule, not theirs."""


@dataclass(frozen=True)
class Assessment:
    """Evidence, agreement and the confidence that follows, with the counts that they rest on."""

    evidence: str
    agreement: str
    confidence: str
    claims: int
    clusters: int
    measure: float
    """The slack of the numbers, or the share of the claims that another claim contradicts."""
    one_basis_fewer: str
    """The confidence that would follow from one basis fewer: what a single wrong join would change."""


def assess(ledger: Ledger, claims: pd.DataFrame) -> Assessment:
    """Judge evidence and agreement of some claims by the rules of EVIDENCE_RULES and AGREEMENT_RULES.

    Agreement is measured by the slack of the numbers; for claims without numbers, by the share that a
    denial or a contradiction within the set meets, read on the same scale.
    """
    clusters = count_clusters(ledger, claims)
    grounded = claims["evidence_class"].isin(["inspected", "imaged", "admitted"]).any()
    evidence, fewer = (
        "robust" if k >= 6 and grounded else "medium" if k >= 3 else "limited"
        for k in (clusters, clusters - 1)
    )
    if claims["bound"].notna().all():
        measure = slack(interval(row) for _, row in claims.iterrows())
    else:
        inside = set(claims["claim_id"])
        clash = ledger.links[ledger.links["relation"] == "contradicts"]
        pairs = ({link.from_claim, link.to_claim} for link in clash.itertuples())
        met = {claim for pair in pairs if pair <= inside for claim in pair}
        measure = len(met) / len(inside)
    agreement = "high" if measure <= 0.1 else "medium" if measure <= 1 / 3 else "low"
    return Assessment(
        evidence=evidence,
        agreement=agreement,
        confidence=CONFIDENCE[evidence, agreement],
        claims=len(claims),
        clusters=clusters,
        measure=float(measure),
        one_basis_fewer=CONFIDENCE[fewer, agreement],
    )


# --- Troops --------------------------------------------------------------------------------------


def unaccounted(total: Interval, parts: Iterable[Interval]) -> Interval:
    """Return what is left of a total when parts are taken from it: the accounting identity of troops.

    sent = present + returned + dead + captured + missing; an interval below zero says that the parts
    exceed the total.
    """
    return total - reduce(Interval.__add__, parts)


# --- Casualties ----------------------------------------------------------------------------------


def wounded_per_killed(
    killed: Interval | None = None,
    wounded: Interval | None = None,
    casualties: Interval | None = None,
    killed_share: Interval | None = None,
) -> Interval:
    """Return wounded for each soldier killed, from whichever two figures, or share, a claim gives.

    A share is a fraction of one. Casualties divided by killed, less one, is used rather than the
    difference over killed, which would count the same uncertainty twice. Raises ValueError otherwise.
    """
    one = Interval(1, 1)
    if killed_share:
        return one / killed_share - one
    if killed and wounded:
        return wounded / killed
    if killed and casualties:
        return casualties / killed - one
    raise ValueError("wounded per killed needs killed with wounded, killed with casualties, or a share")


def rates(numerators: Mapping[str, Interval], denominators: Mapping[str, Interval]) -> pd.DataFrame:
    """Divide every numerator by every denominator, in percent, as intervals of the ends said aloud.

    Returns a frame of Intervals, one row a numerator, one column a denominator.
    """
    hundred = Interval(100, 100)
    return pd.DataFrame(
        {
            below: [stated_ends(above) * hundred / stated_ends(bottom) for above in numerators.values()]
            for below, bottom in denominators.items()
        },
        index=list(numerators),
    )


def triangle(claims: pd.DataFrame) -> pd.DataFrame:
    """Lay one claimant's totals out as a revision triangle: reference month by month of statement.

    Cells hold the ids of the claims, joined by spaces. A revision is a second cell in a row; a larger
    number in a later row is accumulation.
    """
    rows = [
        (f"{reference_day(row):%Y-%m}", f"{span(row['stated_on'])[0]:%Y-%m}", row["claim_id"])
        for _, row in claims.iterrows()
    ]
    frame = pd.DataFrame(rows, columns=["about", "stated", "claim_id"])
    return frame.pivot_table(
        index="about", columns="stated", values="claim_id", aggfunc=" ".join, fill_value=""
    )


def revisions(ledger: Ledger) -> pd.DataFrame:
    """Return every restatement of one number by its own claimant, with the factor between the two.

    Columns: earlier, later (claim ids), claimant_id, measure, days, factor (Interval). Only links that
    the check has let through as revisions: the same quantity for the same reference.
    """
    claims = ledger.claims.set_index("claim_id", drop=False)
    rows = []
    for link in ledger.links[ledger.links["relation"] == "revises"].itertuples():
        new, old = claims.loc[link.from_claim], claims.loc[link.to_claim]
        if pd.isna(new["bound"]) or pd.isna(old["bound"]) or new["measure"] != old["measure"]:
            continue
        gap = (span(new["stated_on"])[0] - span(old["stated_on"])[0]).days
        factor = stated_ends(interval(new)) / stated_ends(interval(old))
        rows.append((old["claim_id"], new["claim_id"], new["claimant_id"], new["measure"], gap, factor))
    return pd.DataFrame(rows, columns=["earlier", "later", "claimant_id", "measure", "days", "factor"])


def crossings(claims: pd.DataFrame, voices: pd.Series, thresholds: Sequence[float]) -> pd.DataFrame:
    """Find the first day on which each voice's total reaches each threshold, and its lag behind the first.

    A claim reaches a threshold when no number that it allows lies below it. Columns: threshold, voice,
    claim_id, day, lag (days).
    """
    rows = []
    for threshold in thresholds:
        reached = [
            (span(row["stated_on"])[0], voices[index], row["claim_id"])
            for index, row in claims.iterrows()
            if interval(row).low >= threshold
        ]
        firsts = {}
        for day, voice, claim in sorted(reached):
            firsts.setdefault(voice, (day, claim))
        start = min((day for day, _ in firsts.values()), default=None)
        rows += [(threshold, voice, claim, day, (day - start).days) for voice, (day, claim) in firsts.items()]
    return pd.DataFrame(rows, columns=["threshold", "voice", "claim_id", "day", "lag"])


STEPS = (1000, 500, 100, 50, 10, 1)
"""Steps to which a figure may be rounded, coarsest first."""


def heap(value: float) -> int:
    """Return the coarsest step of STEPS that divides a whole number: 3,000 is 1000, 1,100 is 100."""
    return next(step for step in STEPS if value % step == 0)


def heaping(claims: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Count, by kind of claimant, to which step the stated ends are rounded. Vague words are left out.

    Columns: group, n, and one column a step with the number of claims whose coarsest step it is.
    """
    rows = []
    for index, row in claims.iterrows():
        if row["bound"] != "vague" and not pd.isna(row["bound"]):
            rows.append((groups[index], heap(stated_ends(interval(row)).low)))
    frame = pd.DataFrame(rows, columns=["group", "step"])
    table = pd.crosstab(frame["group"], frame["step"]).reindex(columns=list(STEPS), fill_value=0)
    table.insert(0, "n", table.sum(axis=1))
    return table.rename_axis(columns=None).reset_index()


# --- Arms ----------------------------------------------------------------------------------------


def implied_factors(ledger: Ledger, pairs: pd.DataFrame) -> pd.DataFrame:
    """Recover the rounds per container that each statement assumes.

    `pairs` has the columns containers_claim and rounds_claim. Returns stated (date), claimant_id,
    nominal (ratio of the ends said aloud; a range has two), low and high (what the wordings allow).
    """
    rows = []
    for pair in pairs.itertuples():
        boxes, rounds = ledger.claim(pair.containers_claim), ledger.claim(pair.rounds_claim)
        allowed = interval(rounds) / interval(boxes)
        said = stated_ends(interval(rounds)) / stated_ends(interval(boxes))
        rows.append(
            {
                "containers_claim": pair.containers_claim,
                "rounds_claim": pair.rounds_claim,
                "kind": pair.kind,
                "claimant_id": rounds["claimant_id"],
                "stated": span(rounds["stated_on"])[0],
                "nominal_low": said.low,
                "nominal_high": said.high,
                "low": allowed.low,
                "high": allowed.high,
            }
        )
    return pd.DataFrame(rows).sort_values(["stated", "rounds_claim"], ignore_index=True)


@dataclass(frozen=True)
class Assumption:
    """One input that a reader can move: its ends, where it starts, and on what the ends rest."""

    name: str
    label: str
    low: float
    default: float
    high: float
    unit: str
    basis: str

    def __post_init__(self):
        if not self.low <= self.default <= self.high or self.low == self.high:
            raise ValueError(f"{self.name}: the default must lie between two different ends")


Model = Callable[..., float]


def tornado(model: Model, assumptions: Sequence[Assumption]) -> pd.DataFrame:
    """Move one assumption at a time from end to end, the others at their defaults.

    Returns columns name, label, at_low, at_high, swing, widest first.
    """
    usual = {a.name: a.default for a in assumptions}
    rows = []
    for a in assumptions:
        low, high = (model(**{**usual, a.name: value}) for value in (a.low, a.high))
        rows.append((a.name, a.label, low, high, abs(high - low)))
    frame = pd.DataFrame(rows, columns=["name", "label", "at_low", "at_high", "swing"])
    return frame.sort_values("swing", ascending=False, kind="stable", ignore_index=True)


def sobol(model: Model, assumptions: Sequence[Assumption], base: int = 1024) -> pd.DataFrame:
    """Return Sobol's first-order and total indices of a model over the declared ranges.

    The ranges are judgements, each point of them taken as likely as another for the sum alone; the indices
    rank the assumptions and are no probabilities of the result. Source: SALib, with its seed fixed.
    """
    problem = {
        "num_vars": len(assumptions),
        "names": [a.name for a in assumptions],
        "bounds": [[a.low, a.high] for a in assumptions],
    }
    inputs = sobol_sample.sample(problem, base, calc_second_order=False, seed=0)
    outputs = np.array([model(**dict(zip(problem["names"], row, strict=True))) for row in inputs])
    found = sobol_analysis.analyze(problem, outputs, calc_second_order=False)
    frame = pd.DataFrame(
        {
            "name": problem["names"],
            "label": [a.label for a in assumptions],
            # Two places: the rest is the noise of the sample, by which a first index can come out as -0.
            "first": np.round(found["S1"], 2) + 0.0,
            "total": np.round(found["ST"], 2),
        }
    )
    return frame.sort_values("total", ascending=False, kind="stable", ignore_index=True)


def model_range(model: Model, assumptions: Sequence[Assumption]) -> Interval:
    """Return the least and greatest result over all corners of the assumptions.

    Exact for a model that moves one way in each input, as products and quotients of positive numbers do.
    """
    corners = product(*([(a.name, a.low), (a.name, a.high)] for a in assumptions))
    results = [model(**dict(corner)) for corner in corners]
    return Interval(float(min(results)), float(max(results)))


def rounds_shipped(
    containers: float, share: float, share_152: float, per_box_152: float, per_box_122: float
) -> float:
    """Return rounds in so many containers: some carry ammunition, of these some 152 mm shells, the rest rockets."""
    return containers * share * (share_152 * per_box_152 + (1 - share_152) * per_box_122)


def use_implied(supply: Interval, share: Interval) -> Interval:
    """Return the yearly use that a supply and its share of use imply: use = supply / share (a fraction)."""
    return supply / share


# --- Diplomacy -----------------------------------------------------------------------------------


def days_between(earlier: str, later: str) -> Interval:
    """Return the least and the greatest number of days between two dates of the ledger.

    A month has many days, so the answer is an interval. Raises ValueError for an open end.
    """
    first, last = span(earlier), span(later)
    if None in (*first, *last):
        raise ValueError(f"{earlier!r} or {later!r} has an open end")
    return Interval((last[0] - first[1]).days, (last[1] - first[0]).days)


def by_quarter(texts: pd.Series) -> pd.Series:
    """Return the quarter of each date, such as 2024-Q4, by its first day; a year alone gives ''."""

    def one(text: str) -> str:
        first = span(text)[0]
        return f"{first.year}-Q{(first.month + 2) // 3}" if text[4:5] == "-" else ""

    return texts.map(one)


# --- Forecasts -----------------------------------------------------------------------------------


def score(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Tally outcomes by who confirmed them: one row an outcome, with n and, of these, how many were already
    under way when forecast and how many only the forecaster confirms."""
    order = ["occurred", "did_not_occur", "open", "unresolvable"]
    grouped = forecasts.groupby("outcome")
    table = pd.DataFrame(
        {
            "n": grouped.size(),
            "under_way": grouped["under_way"].agg(lambda c: int(c.eq("yes").sum())),
            "self_confirmed": grouped["confirmation"].agg(lambda c: int(c.eq("self").sum())),
        }
    )
    return table.reindex(order, fill_value=0).reset_index()


def skill_sample(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Return the forecasts that could show foresight: decided, not under way, not confirmed by the forecaster alone."""
    decided = forecasts["outcome"].isin(["occurred", "did_not_occur"])
    return forecasts[
        decided & forecasts["under_way"].eq("no") & forecasts["confirmation"].ne("self").fillna(True)
    ]


def clopper_pearson(hits: int, n: int, level: float = 0.95) -> Interval:
    """Return the exact confidence interval of a share, as fractions of one, from hits among n draws.

    It holds for independent draws alone. Source: Clopper and Pearson 1934, by quantiles of the beta
    distribution. Raises ValueError unless 0 <= hits <= n and n is positive.
    """
    if not 0 <= hits <= n or n == 0:
        raise ValueError(f"{hits} hits among {n} draws are no share")
    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else float(beta.ppf(tail, hits, n - hits + 1))
    high = 1.0 if hits == n else float(beta.ppf(1 - tail, hits + 1, n - hits))
    return Interval(low, high)


def window_share(reference: pd.DataFrame, days: int) -> Interval:
    """Bound the share of starting days from which a window of so many days would have caught an event.

    `reference` has one row a kind and year: year, count_low, count_high, months (joined by semicolons, or
    missing). An event is caught from the `days` days before it; two events share what overlaps. The low
    end has one event a named month, as close to its neighbours as the months allow; the high end has every
    event counted, and none overlaps. A fraction of one. Raises ValueError without a year.
    """
    years = sorted({int(year) for year in reference["year"]})
    if not years:
        raise ValueError("a share of windows needs a year to look at")
    starts = sum(366 if isleap(year) else 365 for year in years)
    certain = reference.loc[reference["count_low"] > 0, "months"].dropna()
    months = [span(month) for month in sorted({m for text in certain for m in text.split(";")})]
    apart = [min(days, (later[0] - earlier[1]).days) for earlier, later in pairwise(months)]
    least = days + sum(apart) if months else 0
    return Interval(min(1.0, least / starts), min(1.0, days * float(reference["count_high"].sum()) / starts))
