"""Dates, bounds, clusters and wording: worked by hand, and by property."""

from datetime import date
from math import inf

import pandas as pd
import pytest
from edtf import parse_edtf
from hypothesis import given
from hypothesis import strategies as st
from ledger import (
    Derived,
    Interval,
    LedgerError,
    Numbers,
    count_clusters,
    data_cutoff,
    hull_of,
    in_words,
    interval,
    range_words,
    span,
    statuses,
    sum_of,
    wording,
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "first", "last", "words"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31), "2024"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "February 2024"),
        ("2024-10-28", date(2024, 10, 28), date(2024, 10, 28), "28 October 2024"),
        ("2024-10-28~", date(2024, 10, 28), date(2024, 10, 28), "about 28 October 2024"),
        ("2024-10?", date(2024, 10, 1), date(2024, 10, 31), "perhaps October 2024"),
        ("2024-10/2024-12-03", date(2024, 10, 1), date(2024, 12, 3), "October 2024 to 3 December 2024"),
        ("../2025-01-13", None, date(2025, 1, 13), "until 13 January 2025"),
        ("2025-01-23/..", date(2025, 1, 23), None, "from 23 January 2025 on"),
    ],
)
def test_dates_span_what_they_say_and_no_more(text, first, last, words):
    assert span(text) == (first, last)
    assert in_words(text) == words


@pytest.mark.parametrize(
    "text", ["", "2024-1", "2023-02-29", "2024-10-2X", "Oct 2024", "2025/2024", "../..", "2024-10-28T10:00"]
)
def test_other_dates_are_refused(text):
    with pytest.raises(ValueError, match=r"subset|calendar|ends before"):
        span(text)


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2060, 12, 31)), st.sampled_from([4, 7, 10]))
def test_spans_are_the_strict_bounds_of_the_edtf_package(day, length):
    text = day.isoformat()[:length]
    parsed = parse_edtf(text)
    assert span(text) == (date(*parsed.lower_strict()[:3]), date(*parsed.upper_strict()[:3]))


def row(bound, low=None, point=None, high=None):
    return pd.Series({"claim_id": "C-0000", "bound": bound, "low": low, "point": point, "high": high})


@pytest.mark.parametrize(
    ("claim", "ends"),
    [
        (row("exact", point=5), (5, 5)),
        (row("about", point=5), (5, 5)),
        (row("more_than", low=5), (5, inf)),
        (row("at_least", low=5), (5, inf)),
        (row("up_to", high=5), (0, 5)),
        (row("nearly", high=5), (0, 5)),
        (row("range", low=5, high=7), (5, 7)),
        (row("vague", low=20, high=99), (20, 99)),
        (row("vague"), (0, inf)),
    ],
)
def test_a_bound_allows_what_its_word_says(claim, ends):
    assert interval(claim) == Interval(*ends)


def test_a_row_without_a_number_has_no_interval():
    with pytest.raises(ValueError, match="carries no number"):
        interval(row(None))


def test_interval_arithmetic_by_hand():
    toll, force = Interval(3000, 3000), Interval(10000, 12000)
    assert toll / force == Interval(0.25, 0.3)
    assert Interval(1, 2) + Interval(10, 20) == Interval(11, 22)
    assert Interval(10, 20) - Interval(1, 2) == Interval(8, 19)
    assert Interval(300, inf) * Interval(0, 2) == Interval(0, inf)
    assert Interval(1, 4).meet(Interval(3, 9)) == Interval(3, 4)
    assert Interval(1, 2).meet(Interval(3, 4)) is None
    assert Interval(1, 2).hull(Interval(5, 6)) == Interval(1, 6)
    with pytest.raises(ZeroDivisionError):
        Interval(1, 2) / Interval(0, 1)
    with pytest.raises(ValueError, match="cannot run"):
        Interval(2, 1)


ends = st.floats(min_value=-1e6, max_value=1e6)
intervals = st.tuples(ends, ends).map(lambda pair: Interval(min(pair), max(pair)))
inside = st.floats(min_value=0, max_value=1)


@given(intervals, intervals, inside, inside)
def test_what_lies_in_two_intervals_lies_in_their_sum_and_product(a, b, s, t):
    x, y = a.low + s * (a.high - a.low), b.low + t * (b.high - b.low)
    slack = 1e-6 * (1 + abs(x) + abs(y)) ** 2
    for whole, part in ((a + b, x + y), (a - b, x - y), (a * b, x * y)):
        assert whole.low - slack <= part <= whole.high + slack


@given(intervals, intervals)
def test_hull_covers_and_meet_is_covered(a, b):
    hull, meet = a.hull(b), a.meet(b)
    assert hull.low <= min(a.low, b.low)
    assert hull.high >= max(a.high, b.high)
    assert (meet is None) == (a.high < b.low or b.high < a.low)
    if meet:
        assert a.low <= meet.low <= meet.high <= b.high or b.low <= meet.low <= meet.high <= a.high


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Interval(10000, 12000), "10,000 to 12,000"),
        (Interval(9.1667, 11), "9.1 to 11"),
        (Interval(0.25, 0.31), "0.2 to 0.4"),
        (Interval(9, 9), "9"),
        (Interval(54.545, 54.545), "54.5"),
        (Interval(300, inf), "at least 300"),
        (Interval(0, 9), "at most 9"),
        (Interval(2e6, 3e6), "2 million to 3 million"),
    ],
)
def test_words_of_an_interval_never_claim_more_than_it(value, words):
    assert range_words(value) == words


def test_the_ledger_words_numbers_as_their_claimants_did(ledger):
    said = {
        c: wording(ledger, ledger.claim(c))
        for c in ("C-0001", "C-0044", "C-0028", "C-0061", "C-0080", "C-0004")
    }
    assert list(said.values()) == [
        "about 11,000", "more than 12,000", "tens of thousands", "millions", "up to 10,000", "a large number",
    ]  # fmt: skip


def test_force_and_toll_as_the_chapters_use_them(ledger):
    assert hull_of(ledger.select("C-0056", "C-0075", "C-0001")) == Interval(10000, 12000)
    assert sum_of(ledger.select("C-0005", "C-0006")) == Interval(3000, 3000)


def test_claims_of_one_briefing_count_as_one_cluster(ledger):
    assert count_clusters(ledger, ledger.select("C-0017", "C-0019", "C-0082")) == 1
    assert count_clusters(ledger, ledger.select("C-0017", "C-0056")) == 2


def test_nothing_is_corroborated_by_its_own_cluster(ledger):
    status = statuses(ledger)
    cluster = ledger.claims.set_index("claim_id")["cluster_id"]
    links = ledger.links[ledger.links["relation"] == "confirms"]
    corroborated = set(status.index[status == "corroborated"])
    assert corroborated
    for claim in corroborated:
        partners = {
            b if a == claim else a
            for a, b in zip(links["from_claim"], links["to_claim"], strict=True)
            if claim in (a, b)
        }
        assert any(cluster[p] != cluster[claim] for p in partners)


def test_status_by_hand(ledger):
    status = statuses(ledger)
    assert status["C-0029"] == "contested"
    assert status["C-0030"] == "corroborated"
    assert status["C-0044"] == "superseded"
    assert status["C-0054"] == "acknowledged"
    assert status["C-0055"] == "single_cluster"


def test_cutoff_is_the_last_day_stated(ledger):
    latest = max(span(text)[0] for text in ledger.claims["stated_on"].dropna())
    assert data_cutoff(ledger) == latest
    assert data_cutoff(ledger) >= date(2026, 2, 1)


def test_an_unknown_claim_is_refused(ledger):
    with pytest.raises(LedgerError, match="no claim 'C-9999'"):
        ledger.claim("C-9999")


def test_a_number_is_stated_once(ledger, capsys):
    numbers = Numbers(ledger)
    numbers.state(force="C-0001")
    assert numbers.fill("It said {force}.") == "It said about 11,000."
    with pytest.raises(ValueError, match="'force' is stated twice"):
        numbers.state(force=Derived("12", ("C-0001",), "sum"))
