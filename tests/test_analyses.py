"""The analyses: worked by hand, and by property."""

from datetime import date
from math import inf, isclose

import pandas as pd
import pytest
from conftest import small_ledger
from hypothesis import given
from hypothesis import strategies as st
from ledger import Interval, span
from ledger.analyses import (
    AGREEMENT_RULES,
    CONFIDENCE,
    EVIDENCE_RULES,
    Assumption,
    assess,
    by_quarter,
    clopper_pearson,
    concentration,
    crossings,
    days_between,
    deconflate,
    dependence,
    envelope,
    heap,
    heaping,
    implied_factors,
    jointly,
    model_range,
    rates,
    reference_day,
    region_of_total,
    region_steps,
    revisions,
    rounds_shipped,
    score,
    skill_sample,
    slack,
    sobol,
    stated_ends,
    stated_hull,
    tornado,
    triangle,
    unaccounted,
    use_implied,
    window_share,
    wording_flows,
    wounded_per_killed,
)  # fmt: skip
from ledger.charts.arms_ import TOTAL, USE

numbers = st.floats(min_value=0, max_value=1e6)
intervals = st.tuples(numbers, numbers).map(lambda pair: Interval(min(pair), max(pair)))
positive = st.tuples(st.floats(1, 1e5), st.floats(1, 1e5)).map(lambda pair: Interval(min(pair), max(pair)))


def claim(claim_id, bound="about", low=None, point=None, high=None, stated="2024-10-28", about=None, **more):
    return {"claim_id": claim_id, "bound": bound, "low": low, "point": point, "high": high, "stated_on": stated, "refers_to": about, **more}  # fmt: skip


def frame(*rows):
    return pd.DataFrame(rows)


@given(st.lists(intervals, min_size=1, max_size=5))
def test_what_holds_jointly_lies_in_every_interval(shown):
    held = jointly(shown)
    if held is None:
        assert slack(shown) > 0
        assert max(i.low for i in shown) > min(i.high for i in shown)
    else:
        assert slack(shown) == 0
        assert all(i.low <= held.low and held.high <= i.high for i in shown)


@given(st.lists(positive, min_size=1, max_size=5))
def test_slack_is_the_least_that_reconciles(shown):
    e = slack(shown)
    stretched = [Interval(i.low * (1 - e) * (1 - 1e-9), i.high * (1 + e) * (1 + 1e-9)) for i in shown]
    assert jointly(stretched) is not None
    if e > 1e-6:
        assert jointly([Interval(i.low * (1 - e * 0.99), i.high * (1 + e * 0.99)) for i in shown]) is None


@given(positive, positive, st.floats(0, 1), st.floats(0, 1))
def test_division_keeps_every_quotient_and_use_is_a_division(supply, share, a, b):
    x = supply.low + a * (supply.high - supply.low)
    y = share.low + b * (share.high - share.low)
    held = use_implied(supply, share)
    assert held.low <= x / y * (1 + 1e-9)
    assert held.high >= x / y * (1 - 1e-9)


@given(intervals, st.lists(intervals, min_size=1, max_size=4))
def test_what_is_left_plus_the_parts_covers_the_total(total, parts):
    left = unaccounted(total, parts)
    low, high = sum(p.low for p in parts), sum(p.high for p in parts)
    assert left.low <= total.low - low + 1e-6
    assert left.high >= total.high - high - 1e-6
    assert isclose(left.low, total.low - high, abs_tol=1e-6)
    assert isclose(left.high, total.high - low, abs_tol=1e-6)


def test_slack_by_hand():
    # 12,000 and 3,000: 12,000 less 60 percent is 4,800, and so is 3,000 plus 60 percent.
    assert slack([Interval(12000, 12000), Interval(3000, 3000)]) == pytest.approx(0.6)
    assert slack([Interval(3000, inf), Interval(0, 12000)]) == 0


def test_the_ends_said_aloud_leave_out_zero_and_infinity():
    assert stated_ends(Interval(3000, inf)) == Interval(3000, 3000)
    assert stated_ends(Interval(0, 12000)) == Interval(12000, 12000)
    assert stated_ends(Interval(2, 9)) == Interval(2, 9)
    rows = frame(claim("a", "more_than", low=3000), claim("b", "up_to", high=12000))
    assert stated_hull(rows) == Interval(3000, 12000)


def test_a_number_stands_on_its_last_day_but_never_after_it_was_said():
    row = frame(claim("a", point=1, stated="2024-10-28", about="../2024-12")).iloc[0]
    assert reference_day(row) == date(2024, 10, 28)
    row = frame(claim("a", point=1, stated="2025-09-02", about="../2025-04-30")).iloc[0]
    assert reference_day(row) == date(2025, 4, 30)
    with pytest.raises(ValueError, match="no day"):
        reference_day(frame(claim("a", point=1, stated=None)).iloc[0])


def test_the_envelope_follows_each_voice_to_its_latest_total():
    rows = frame(
        claim("a", point=3000, stated="2024-10-23"),
        claim("b", "nearly", high=12000, stated="2024-10-24"),
        claim("c", "at_least", low=11000, stated="2024-10-30"),
    )
    steps = envelope(rows, pd.Series(["KR", "UA", "KR"]))
    assert list(steps["day"]) == [date(2024, 10, 23), date(2024, 10, 24), date(2024, 10, 30)]
    assert list(steps["claims"]) == ["a", "a b", "b c"]
    assert list(steps["stated_low"]) == [3000, 3000, 11000]
    assert list(steps["stated_high"]) == [3000, 12000, 12000]
    assert (steps.iloc[2][["low", "high"]] == [11000, 12000]).all()
    month = envelope(frame(claim("a", point=1, stated="2024-10")), pd.Series(["KR"]))
    assert list(month["day"]) == [date(2024, 10, 1)]
    clash = envelope(rows, pd.Series(["KR", "UA", "US"])).iloc[2]
    assert pd.isna(clash["low"])
    assert clash["slack"] == pytest.approx(8000 / 14000)  # 3,000 and 11,000


def test_a_total_that_cannot_fall_is_bounded_from_both_sides():
    rows = frame(
        claim("a", "at_least", low=100, stated="2024-12-19"),
        claim("b", point=300, stated="2025-01-13"),
        claim("c", point=600, stated="2025-04-30"),
    )
    assert region_of_total(rows, date(2024, 12, 25)) == (100, 300)
    assert region_of_total(rows, date(2025, 2, 1)) == (300, 600)
    falling = frame(claim("a", point=1000, stated="2025-01-22"), claim("b", point=600, stated="2025-04-30"))
    floor, ceiling = region_of_total(falling, date(2025, 3, 1))
    assert floor > ceiling


def test_the_region_from_day_to_day_keeps_the_days_on_which_it_changes():
    rows = frame(
        claim("a", "at_least", low=100, stated="2024-12-19"), claim("b", point=300, stated="2025-01-13")
    )
    steps = region_steps(rows, date(2024, 12, 18), date(2025, 1, 14))
    assert list(steps["day"]) == [
        date(2024, 12, 18),
        date(2024, 12, 19),
        date(2025, 1, 13),
        date(2025, 1, 14),
    ]
    assert list(steps["floor"]) == [0, 100, 300, 300]
    assert list(steps["ceiling"]) == [300, 300, 300, inf]


def test_wounded_per_killed_by_hand():
    def one(value):
        return Interval(value, value)

    assert wounded_per_killed(killed=one(300), wounded=one(2700)) == one(9)
    assert wounded_per_killed(killed=one(600), casualties=one(4800)) == one(7)
    assert wounded_per_killed(killed_share=one(0.25)) == one(3)
    # More than 5,000 casualties of whom 1,000 were killed: at least four wounded for each.
    assert wounded_per_killed(killed=one(1000), casualties=Interval(5000, inf)) == Interval(4, inf)
    for lacking in ({"wounded": one(3)}, {"casualties": one(3)}, {"killed": one(3)}):
        with pytest.raises(ValueError, match="needs killed"):
            wounded_per_killed(**lacking)


@given(positive, positive)
def test_both_ways_to_wounded_per_killed_agree(killed, wounded):
    low = Interval(killed.low, killed.low)
    direct = wounded_per_killed(killed=low, wounded=wounded)
    total = Interval(wounded.low + low.low, wounded.high + low.high)
    by_total = wounded_per_killed(killed=low, casualties=total)
    assert isclose(direct.low, by_total.low, rel_tol=1e-6, abs_tol=1e-6)
    assert isclose(direct.high, by_total.high, rel_tol=1e-6, abs_tol=1e-6)


def test_rates_divide_the_ends_said_aloud():
    table = rates({"UK": Interval(6000, inf)}, {"11": Interval(11000, 11000), "15": Interval(15000, 15000)})
    assert table.loc["UK", "11"].low == pytest.approx(54.545, abs=0.001)
    assert table.loc["UK", "15"] == Interval(40, 40)


def test_a_revision_is_a_second_cell_in_a_row_of_the_triangle():
    table = triangle(
        frame(
            claim("a", point=600, stated="2025-04-30"),
            claim("b", point=2000, stated="2025-09-02"),
            claim("c", "at_least", low=600, stated="2025-09-02", about="../2025-04-30"),
        )
    )
    assert table.loc["2025-04", "2025-04"] == "a"
    assert table.loc["2025-04", "2025-09"] == "c"
    assert table.loc["2025-09", "2025-04"] == ""
    twice = frame(claim("a", point=6, stated="2025-04-29"), claim("b", point=7, stated="2025-04"))
    assert triangle(twice).to_dict() == {"2025-04": {"2025-04": "a b"}}
    over_two_months = frame(claim("a", point=6, stated="2025-04-29/2025-05-02", about="2025-03"))
    assert triangle(over_two_months).to_dict() == {"2025-04": {"2025-03": "a"}}  # said from the first day on


def test_thresholds_are_crossed_by_floors_and_points_alone():
    rows = frame(
        claim("a", "more_than", low=3000, stated="2024-12-23"),
        claim("b", "up_to", high=9000, stated="2024-12-24"),
        claim("c", point=3100, stated="2025-01-13"),
    )
    found = crossings(rows, pd.Series(["UA", "US", "KR"]), [3000])
    assert list(found["voice"]) == ["UA", "KR"]
    assert list(found["lag"]) == [0, 21]
    assert found.iloc[1].drop(["voice", "lag"]).to_dict() == {
        "threshold": 3000,
        "claim_id": "c",
        "day": date(2025, 1, 13),
    }
    month = crossings(frame(claim("a", point=3, stated="2024-12")), pd.Series(["UA"]), [3, 4])
    assert month[["day", "lag"]].to_numpy().tolist() == [[date(2024, 12, 1), 0]]


@pytest.mark.parametrize(
    ("value", "step"), [(3000, 1000), (1500, 500), (1100, 100), (250, 50), (20, 10), (77, 1), (0, 1000)]
)
def test_a_figure_is_heaped_on_its_coarsest_step(value, step):
    assert heap(value) == step


def test_heaping_counts_by_kind_and_leaves_vague_words_out():
    rows = frame(
        claim("a", point=3000), claim("b", "more_than", low=1100), claim("c", "vague", low=20, high=99)
    )
    table = heaping(rows, pd.Series(["KR", "KR", "US"]))
    assert list(table["group"]) == ["KR"]
    assert table.loc[0, "n"] == 2
    assert table.loc[0, 1000] == table.loc[0, 100] == 1
    assert table.loc[0, 500] == 0


USUAL = [
    Assumption("a", "A", 1, 2, 3, "", "x"),
    Assumption("b", "B", 10, 10, 40, "", "y"),
]


def test_the_tornado_moves_one_input_at_a_time():
    table = tornado(lambda a, b: a * b, USUAL)
    assert list(table["name"]) == ["b", "a"]
    assert list(table.loc[0, ["at_low", "at_high"]]) == [20, 80]
    assert list(table.loc[1, ["at_low", "at_high"]]) == [10, 30]
    assert model_range(lambda a, b: a * b, USUAL) == Interval(10, 120)
    assert list(table["label"]) == ["B", "A"]
    assert [Assumption("a", "A", 1, middle, 3, "", "x").default for middle in (1, 3)] == [1, 3]
    for low, default, high in ((1, 4, 3), (1, 0, 3), (1, 1, 1)):
        with pytest.raises(ValueError, match="default"):
            Assumption("a", "A", low, default, high, "", "x")


def test_assumptions_that_move_a_model_alike_keep_their_order():
    alike = [Assumption(f"a{n:02d}", "", 0, 1, 2 - n % 2, "", "") for n in range(40)]
    names = [a.name for a in alike]
    assert list(tornado(lambda **given: sum(given.values()), alike)["name"]) == [*names[::2], *names[1::2]]
    assert list(sobol(lambda **given: given["a39"], alike, base=8)["name"]) == ["a39", *names[:-1]]


def test_sobol_gives_a_linear_model_its_shares_of_variance():
    # Var(a) = 4/12, Var(b) = 900/12: the shares of a sum are the shares of its variance.
    table = sobol(lambda a, b: a + b, USUAL).set_index("name")
    assert table.loc["b", "first"] == pytest.approx(900 / 904, abs=0.02)
    assert table.loc["a", "total"] == pytest.approx(4 / 904, abs=0.02)
    assert table["label"].to_dict() == {"b": "B", "a": "A"}
    again = sobol(lambda a, b: a + b, USUAL)
    pd.testing.assert_frame_equal(table, again.set_index("name"))
    assert list(again["name"]) == ["b", "a"]  # widest first, counted from the top
    assert list(again.index) == [0, 1]


def test_sobol_never_shows_a_nought_below_zero():
    # What an input of next to no weight seems to explain in a small sample changes its sign with the weight: one of the
    # two is below zero.
    for weight in (1e-6, -1e-6):
        table = sobol(lambda a, b, weight=weight: weight * a + b, USUAL, base=8).set_index("name")
        assert f"{table.loc['a', 'first']:g}" == "0"


def test_rounds_shipped_by_hand():
    assert rounds_shipped(100, 0.5, 1, 400, 80) == 20000
    assert rounds_shipped(100, 1, 0, 400, 80) == 8000
    assert rounds_shipped(100, 1, 0.5, 400, 80) == 24000


def test_the_live_calculators_compute_what_the_module_does():
    # The arithmetic of these Vega expressions is Python's too.
    inputs = {"containers": 20000, "share": 0.75, "share_152": 0.6, "per_box_152": 367, "per_box_122": 80}
    assert eval(TOTAL, {}, inputs) == pytest.approx(rounds_shipped(**inputs) / 1e6)
    implied = use_implied(Interval(3, 3), Interval(0.4, 0.4)).low
    assert eval(USE, {}, {"supply": 3, "share_of_fire": 0.4}) == pytest.approx(implied)


def test_days_between_dates_known_to_the_month_are_an_interval():
    assert days_between("2024-10-18", "2024-10-28") == Interval(10, 10)
    assert days_between("2024-10", "2024-11-01") == Interval(1, 31)
    with pytest.raises(ValueError, match="open end"):
        days_between("../2024-10", "2024-11")


def test_quarters():
    texts = pd.Series(
        [
            "2024-01-31",
            "2024-10",
            "2024",
            "2024~",
            "2025-09-30~",
            "2024-03/2024-04",
            "2024-07?",
            "2024/2025",
            "../2024-05",
        ]
    )
    assert list(by_quarter(texts)) == ["2024-Q1", "2024-Q4", "", "", "2025-Q3", "2024-Q1", "2024-Q3", "", ""]


def test_concentration_by_hand():
    table, index = concentration(pd.Series(["a", "b", "a", None, "a"]))
    assert list(table["value"]) == ["a", "b"]
    assert list(table["n"]) == [3, 1]
    assert list(table["share"]) == [0.75, 0.25]
    assert index == pytest.approx(0.625)


FORECASTS = pd.DataFrame(
    [
        ("occurred", "other", "no"),
        ("occurred", "self", "no"),
        ("occurred", "party", "yes"),
        ("did_not_occur", None, "no"),
        ("open", None, None),
    ],
    columns=["outcome", "confirmation", "under_way"],
)


def test_the_tally_keeps_nowcasts_and_self_confirmation_apart():
    table = score(FORECASTS).set_index("outcome")
    assert list(table.index) == ["occurred", "did_not_occur", "open", "unresolvable"]
    assert list(table["n"]) == [3, 1, 1, 0]
    assert table.loc["occurred", "under_way"] == 1
    assert table.loc["occurred", "self_confirmed"] == 1
    assert list(skill_sample(FORECASTS).index) == [0, 3]
    assert list(skill_sample(FORECASTS.astype("string")).index) == [
        0,
        3,
    ]  # a missing confirmation is none by itself


def test_the_interval_of_a_share_by_hand():
    # No hit in ten: the upper end is where ten misses have a chance of 2.5 percent, 1 - 0.025 ** 0.1.
    assert clopper_pearson(0, 10).low == 0
    assert clopper_pearson(0, 10).high == pytest.approx(1 - 0.025**0.1)
    both = clopper_pearson(8, 12)
    assert (both.low, both.high) == (pytest.approx(0.349, abs=5e-4), pytest.approx(0.901, abs=5e-4))
    assert clopper_pearson(10, 10).high == 1
    mirrored = clopper_pearson(4, 12)
    assert mirrored.low == pytest.approx(1 - both.high)
    for hits, n in ((-1, 3), (4, 3), (0, 0)):
        with pytest.raises(ValueError, match="hits"):
            clopper_pearson(hits, n)


def test_the_share_of_windows_with_an_event_by_hand():
    # One visit in the 365 days of 2023: a window of 73 days catches it from 73 of 365 starting days.
    one = pd.DataFrame({"year": ["2023"], "count_low": [1.0], "count_high": [1.0], "months": ["2023-09"]})
    assert window_share(one, 73) == Interval(0.2, 0.2)
    none = one.assign(count_low=0.0, count_high=0.0)
    assert window_share(none, 73) == Interval(0, 0)
    undated = one.assign(months=None)
    assert window_share(undated, 73) == Interval(0, 0.2)
    # Visits in April and in June: at the least 31 days lie between the two, the days of May and one, so that a
    # window of 20 days catches either from 20 days of its own, and one of 73 days from 73 and 32 of 365.
    two = one.assign(count_low=2.0, count_high=3.0, months="2023-04;2023-06")
    assert window_share(two, 20) == Interval(40 / 365, 60 / 365)
    assert window_share(two, 73) == Interval(105 / 365, 219 / 365)
    assert window_share(two, 365) == Interval(1, 1)
    leap = one.assign(year="2024")
    assert window_share(leap, 183) == Interval(0.5, 0.5)
    with pytest.raises(ValueError, match="year"):
        window_share(one.iloc[:0], 73)


def test_every_pair_of_evidence_and_agreement_has_a_confidence_that_never_falls_with_either():
    order = ["very low", "low", "medium", "high", "very high"]
    assert set(CONFIDENCE) == {(e, a) for e in EVIDENCE_RULES for a in AGREEMENT_RULES}
    by_rank = {
        (i, j): order.index(CONFIDENCE[e, a])
        for i, e in enumerate(EVIDENCE_RULES)
        for j, a in enumerate(reversed(AGREEMENT_RULES))
    }
    for (i, j), rank in by_rank.items():
        assert rank <= by_rank.get((i + 1, j), 9)
        assert rank <= by_rank.get((i, j + 1), 9)


def apart(rows, links=()):
    """Return a ledger of some claims, each on a cluster of its own, and of links (from, to, relation)."""
    return small_ledger(
        claims=[{**row, "cluster_id": row["claim_id"]} for row in rows],
        clusters=[{"cluster_id": row["claim_id"]} for row in rows],
        links=[
            dict(zip(("from_claim", "to_claim", "relation", "how_known"), link, strict=False))
            for link in links
        ],
    )


@pytest.mark.parametrize(
    ("bases", "evidence_class", "evidence", "one_fewer"),
    [
        (1, "admitted", "limited", "limited"), (2, "imaged", "limited", "limited"), (3, "assessed", "medium", "limited"),
        (4, "assessed", "medium", "medium"), (5, "inspected", "medium", "medium"), (6, "assessed", "medium", "medium"),
        (6, "inspected", "robust", "medium"), (6, "imaged", "robust", "medium"), (7, "admitted", "robust", "robust"),
    ],
)  # fmt: skip
def test_evidence_follows_its_rule_at_every_edge(bases, evidence_class, evidence, one_fewer):
    ledger = apart([claim(f"C-{n}", point=5, evidence_class=evidence_class) for n in range(bases)])
    box = assess(ledger, ledger.claims)
    assert (box.evidence, box.clusters, box.claims) == (evidence, bases, bases)
    assert box.agreement == "high"
    assert box.one_basis_fewer == CONFIDENCE[one_fewer, "high"]


@pytest.mark.parametrize(
    ("low", "high", "agreement"),
    [(9, 9, "high"), (9, 11, "high"), (8.9, 11, "medium"), (1, 2, "medium"), (0.99, 2, "low")],
)
def test_agreement_follows_its_rule_at_every_edge(low, high, agreement):
    # 9 and 11 meet at a tenth, 9.9; 1 and 2 at a third, 4/3.
    ledger = apart([claim("C-1", point=low, evidence_class="assessed"), claim("C-2", point=high, evidence_class="assessed")])  # fmt: skip
    assert assess(ledger, ledger.claims).agreement == agreement


def test_agreement_of_words_is_the_share_that_another_claim_contradicts():
    words = [claim(f"C-{n}", bound=None, evidence_class="assessed") for n in range(7)]
    links = [("C-0", "C-1", "contradicts"), ("C-2", "C-3", "confirms"), ("C-4", "C-6", "contradicts")]
    ledger = apart(words, links)
    box = assess(ledger, ledger.claims.head(6))
    assert box.measure == pytest.approx(2 / 6)  # C-6 lies outside the set
    assert (box.agreement, box.confidence, box.one_basis_fewer) == ("medium", "medium", "medium")
    pair = assess(ledger, ledger.claims.head(2))
    assert (pair.measure, pair.agreement) == (1, "low")


def test_dependence_has_the_edges_between_the_claims_alone():
    rows = [claim(f"C-{n}", point=1) for n in range(4)]
    links = [("C-0", "C-1", "derives_from", "stated"), ("C-1", "C-2", "same_basis", "inferred"), ("C-2", "C-3", "derives_from", "stated"), ("C-0", "C-2", "confirms", "stated")]  # fmt: skip
    ledger = apart(rows, links)
    graph = dependence(ledger, ledger.claims.head(3))
    assert list(graph.nodes) == ["C-0", "C-1", "C-2"]
    assert list(graph.edges(data=True)) == [
        ("C-0", "C-1", {"relation": "derives_from", "how_known": "stated"}),
        ("C-1", "C-2", {"relation": "same_basis", "how_known": "inferred"}),
    ]
    table = deconflate(ledger, ledger.claims)
    assert table.to_dict("list") == {
        "claim_id": ["C-0", "C-1", "C-2", "C-3"],
        "basis": ["C-0"] * 4,  # C-0 derives from C-1 alone, C-2 from C-3 alone: all stand together
        "size": [4] * 4,
    }


def test_revisions_and_flows_by_hand():
    rows = [
        claim("C-0", point=3000, stated="2025-01", measure="killed", claimant_id="nis"),
        claim("C-1", "range", low=600, high=900, stated="2025-02", measure="killed", claimant_id="nis"),
        claim("C-2", "more_than", low=10, stated="2025-02-04", measure="wounded", claimant_id="nis"),
        claim("C-3", None, stated="2025-02-05", measure="killed", claimant_id="nis"),
    ]
    links = [("C-1", "C-0", "revises"), ("C-2", "C-0", "revises"), ("C-3", "C-0", "revises"), ("C-1", "C-3", "revises"), ("C-0", "C-1", "confirms")]  # fmt: skip
    ledger = apart(rows, links)
    (row,) = revisions(ledger).to_dict("records")
    factor = row.pop("factor")
    # From the first of January to the first of February.
    assert row == {"earlier": "C-0", "later": "C-1", "claimant_id": "nis", "measure": "killed", "days": 31}
    assert (factor.low, factor.high) == (pytest.approx(0.2), pytest.approx(0.3))
    prints = [("C-0", "exact", "relay"), ("C-0", "about", "primary"), ("C-1", "range", "relay"), ("C-1", None, "relay"), ("C-3", "exact", "relay")]  # fmt: skip
    ledger.__dict__["reports"] = pd.DataFrame(prints, columns=["claim_id", "bound", "relation"])
    assert wording_flows(ledger).to_numpy().tolist() == [["about", "exact", 1], ["range", "range", 1]]  # fmt: skip
    flows = wording_flows(ledger, compared=True)  # C-1 has one printing with a number
    assert list(flows.columns) == ["claimed", "printed", "n"]
    assert flows.to_numpy().tolist() == [["about", "exact", 1]]


# --- On the ledger -------------------------------------------------------------------------------


def test_one_state_never_counts_twice_where_its_claims_share_a_basis(ledger):
    shared = ledger.select("C-0141", "C-0139")
    assert len(set(deconflate(ledger, shared)["basis"])) == 1
    assert list(dependence(ledger, shared).edges) == [("C-0141", "C-0139")]


def test_assess_counts_bases_and_measures_slack(ledger):
    box = assess(ledger, ledger.select("C-0017", "C-0581"))
    assert (box.claims, box.evidence, box.agreement) == (2, "limited", "low")  # 1,100 against over 3,000
    assert box.measure == pytest.approx(1900 / 4100)
    assert (box.confidence, box.one_basis_fewer) == ("very low", "very low")
    words = assess(ledger, ledger.select("C-0032", "C-0045", "C-0060"))
    assert (words.confidence, words.one_basis_fewer) == ("low", "very low")  # three bases, then two
    assert words.agreement == "low"  # two of three contradict each other
    assert words.measure == pytest.approx(2 / 3)


def test_revisions_hold_one_quantity_and_the_known_one_of_the_dead(ledger):
    table = revisions(ledger).set_index("later")
    assert table.loc["C-0933", "factor"].low == pytest.approx(2000 / 600)
    claims = ledger.claims.set_index("claim_id")
    for later, row in table.iterrows():
        assert claims.loc[later, "measure"] == claims.loc[row["earlier"], "measure"]


def test_wording_flows_count_every_relayed_number_once(ledger):
    flows = wording_flows(ledger)
    prints = ledger.reports[ledger.reports["relation"] != "primary"].dropna(subset=["bound"])
    assert flows["n"].sum() == len(prints)
    assert flows.query("claimed == printed")["n"].sum() > flows["n"].sum() / 2


def test_the_factor_behind_a_statement_is_recovered(ledger):
    # About 9.4 million rounds in more than 20,000 containers: 470 at the numbers said, and no more than that.
    pairs = pd.DataFrame(
        {"containers_claim": ["C-0337"], "rounds_claim": ["C-0338"], "kind": ["152 mm shells"]}
    )
    row = implied_factors(ledger, pairs).iloc[0]
    assert row["nominal_low"] == row["nominal_high"] == pytest.approx(470)
    assert row["high"] == pytest.approx(470)
    assert row["low"] == 0
    assert (row["kind"], row["claimant_id"]) == ("152 mm shells", ledger.claim("C-0338")["claimant_id"])
    later_first = pd.DataFrame(
        {"containers_claim": ["C-0758", "C-0337"], "rounds_claim": ["C-0759", "C-0338"], "kind": ["", ""]}
    )
    table = implied_factors(ledger, later_first)
    assert list(table.index) == [0, 1]
    assert list(table["rounds_claim"]) == ["C-0338", "C-0759"]
    assert list(table["containers_claim"]) == ["C-0337", "C-0758"]
    assert list(table["stated"]) == sorted(
        span(ledger.claim(c)["stated_on"])[0] for c in table["rounds_claim"]
    )


def test_every_point_of_a_statement_is_told_once(ledger):
    points = ledger.passages.groupby("claim_id")["point"]
    assert points.size().min() > 5
    assert (points.size() == points.nunique()).all()
    assert ledger.passages["point"].value_counts().max() == len(
        points
    )  # some point stands in every statement
