"""Dates, bounds, clusters and wording: worked by hand, and by property."""

from calendar import month_name
from dataclasses import asdict
from datetime import date
from math import inf

import pandas as pd
import pytest
from conftest import small_ledger
from edtf import parse_edtf
from hypothesis import given
from hypothesis import strategies as st
from ledger import (
    Derived,
    Interval,
    LedgerError,
    Numbers,
    bases,
    count_clusters,
    data_cutoff,
    grades,
    hull_of,
    in_words,
    interval,
    prose,
    range_words,
    span,
    statuses,
    sum_of,
    wording,
)  # fmt: skip
from ledger.analyses import Assessment
from ledger.prose import LIKELIHOOD, Judgement, quantity


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
        (
            "2024-10-28/2024-10-28",
            date(2024, 10, 28),
            date(2024, 10, 28),
            "28 October 2024 to 28 October 2024",
        ),
        ("2024~/2025?", date(2024, 1, 1), date(2025, 12, 31), "about 2024 to perhaps 2025"),
    ],
)
def test_dates_span_what_they_say_and_no_more(text, first, last, words):
    assert span(text) == (first, last)
    assert in_words(text) == words


def test_every_month_has_its_name():
    for month in range(1, 13):
        assert in_words(f"2025-{month:02d}-09") == f"9 {month_name[month]} 2025"


@pytest.mark.parametrize(
    "text", ["", "2024-1", "2023-02-29", "2024-10-2X", "Oct 2024", "2025/2024", "../..", "2024-10-28T10:00"]
)
def test_other_dates_are_refused(text):
    for read in (span, in_words):
        with pytest.raises(ValueError, match=r"subset|calendar|ends before"):
            read(text)


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
    assert Interval(300, inf) * Interval(0, 2) == Interval(0, 2) * Interval(300, inf) == Interval(0, inf)
    assert Interval(-inf, 1) * Interval(0, 2) == Interval(0, 2) * Interval(-inf, 1) == Interval(-inf, 2)
    assert Interval(0, 0) * Interval(0, inf) == Interval(0, inf) * Interval(0, 0) == Interval(0, 0)
    assert Interval(-2, 3) * Interval(-5, 7) == Interval(-15, 21)
    assert Interval(2, 2).meet(Interval(2, 3)) == Interval(2, 2)
    assert Interval(1, 4).meet(Interval(3, 9)) == Interval(3, 4)
    assert Interval(1, 2).meet(Interval(3, 4)) is None
    assert Interval(1, 2).hull(Interval(5, 6)) == Interval(1, 6)
    for divisor in (Interval(0, 1), Interval(-1, 0), Interval(-1, 1)):
        with pytest.raises(ZeroDivisionError, match="the divisor's interval contains zero"):
            Interval(1, 2) / divisor
    assert Interval(1, 2) / Interval(-2, -1) == Interval(-2, -0.5)
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
        (Interval(9.04, 9.04), "9"),
        (Interval(1_000_501, 1_000_501), "1.001 million"),  # four digits of 1.000501
        (Interval(300, inf), "at least 300"),
        (Interval(4.05, inf), "at least 4"),
        (Interval(0, 9), "at most 9"),
        (Interval(2e6, 3e6), "2 million to 3 million"),
        (Interval(999999, 1e6), "999,999 to 1 million"),
        (Interval(1234.5, 9876543), "1,234.5 to 9.877 million"),
        (Interval(-inf, 4.01), "at most 4.1"),
        (Interval(0, inf), "at least 0"),
        (Interval(8.99999999, 9.00000001), "9"),
        (Interval(-3, -1.25), "-3 to -1.2"),
    ],
)
def test_words_of_an_interval_never_claim_more_than_it(value, words):
    assert range_words(value) == words
    assert range_words(value, "men") == f"{words} men"


def test_the_ledger_words_numbers_as_their_claimants_did(ledger):
    said = {
        c: wording(ledger, ledger.claim(c))
        for c in ("C-0001", "C-0044", "C-0028", "C-0061", "C-0080", "C-0004")
    }
    assert list(said.values()) == [
        "about 11,000", "more than 12,000", "tens of thousands", "millions", "up to 10,000", "a large number",
    ]  # fmt: skip


def test_a_number_has_its_unit_as_english_joins_them(ledger):
    said = [quantity(ledger, ledger.claim(c)) for c in ("C-0001", "C-0028", "C-0061", "C-0004", "C-0081", "C-0703", "C-1641", "C-1660")]  # fmt: skip
    assert said == [
        "about 11,000 soldiers", "tens of thousands of soldiers", "millions of rounds", "a large number of soldiers",
        "several hundred soldiers", "most of about 65 soldiers", "1 drone", "1 ship per week",
    ]  # fmt: skip
    crew = {**ledger.claim("C-1660"), "unit": "crews of guns"}
    assert quantity(ledger, pd.Series(crew)) == "1 crew of guns"


def test_what_has_no_words_is_refused_by_its_claim(ledger):
    with pytest.raises(ValueError, match="C-0000 carries no number"):
        wording(ledger, row(None))
    with pytest.raises(ValueError, match="C-0000: no vague word has its bounds"):
        wording(ledger, row("vague", low=20, high=98))


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


def linked(*links):
    return [dict(zip(("from_claim", "relation", "to_claim"), link.split(), strict=True)) for link in links]


def based(clusters, *links):
    """Return the basis of each cluster, named as the one claim on it, from links such as 'a derives_from b'."""
    rows = [{"claim_id": name, "cluster_id": name} for name in clusters]
    return bases(
        small_ledger(claims=rows, clusters=[{"cluster_id": c} for c in clusters], links=linked(*links))
    )


def test_a_basis_is_shared_by_whoever_rests_on_it_alone():
    assert based("abc") == {"a": "a", "b": "b", "c": "c"}
    assert based("abc", "b same_basis c", "a confirms b") == {"a": "a", "b": "b", "c": "b"}
    assert based("abc", "c derives_from b", "b derives_from a") == dict.fromkeys("abc", "a")
    # d is worked out of two bases: it stands with the first, and does not join them.
    assert based("abcd", "d derives_from b", "d derives_from c") == {"a": "a", "b": "b", "c": "c", "d": "b"}
    # Joined with each other, the two are one basis, and d rests on it alone.
    assert based("abcd", "d derives_from b", "d derives_from c", "b same_basis c") == {"a": "a", **dict.fromkeys("bcd", "b")}  # fmt: skip
    # Two that each rest on the other and on a third come to an end all the same.
    ring = based("abc", "a derives_from b", "a derives_from c", "b derives_from a", "b derives_from c")
    assert ring == {"a": "a", "b": "b", "c": "c"}


def ruled():
    """A ledger of the least that the rules of status and grade tell apart, the party's claims in ru, others' in us."""
    claims = {
        "admits": {"claimant_id": "ru", "evidence_class": "admitted"},
        "others_admit": {"claimant_id": "us", "evidence_class": "admitted"},
        "admits_denying": {"claimant_id": "kp", "evidence_class": "admitted", "polarity": "deny"},
        "confirmed_by_party": {"claimant_id": "us", "evidence_class": "said"},
        "party": {"claimant_id": "kp", "evidence_class": "said"},
        "old": {"claimant_id": "us", "evidence_class": "imaged"},
        "new": {"claimant_id": "us", "evidence_class": "assessed"},
        "denier": {"claimant_id": "us", "evidence_class": "said", "polarity": "deny"},
        "denied": {"claimant_id": "us", "evidence_class": "inspected"},
        "against": {"claimant_id": "us", "evidence_class": "inspected"},
        "contested": {"claimant_id": "us", "evidence_class": "inspected"},
        "first": {"claimant_id": "us", "evidence_class": "said"},
        "second": {"claimant_id": "us", "evidence_class": "said"},
        "same_a": {"claimant_id": "us", "evidence_class": "said", "cluster_id": "same"},
        "same_b": {"claimant_id": "us", "evidence_class": "said", "cluster_id": "same"},
        "shared": {"claimant_id": "us", "evidence_class": "said", "cluster_id": "shared"},
        "shared_by_party": {"claimant_id": "ru", "evidence_class": "said", "cluster_id": "shared"},
        "foreseen": {"claimant_id": "us", "evidence_class": "imaged", "modality": "predicted"},
        "held": {"claimant_id": "nobody", "evidence_class": "inspected"},
    }
    rows = [
        {"cluster_id": name, "polarity": "assert", "modality": "observed", **cells, "claim_id": name}
        for name, cells in claims.items()
    ]
    links = linked(
        "party confirms confirmed_by_party", "new revises old", "denier contradicts denied",
        "against contradicts contested", "first confirms second", "same_a confirms same_b",
        "shared_by_party confirms shared",
    )  # fmt: skip
    kinds = ("news_agency", "broadcaster", "research_report", "official_page", "news_article", "social_media", "encyclopedia")  # fmt: skip
    printed = [
        ("admits", "news_agency", "relay", "none"), ("others_admit", "broadcaster", "relay", "bound"),
        ("admits_denying", "research_report", "relay", "none"), ("confirmed_by_party", "official_page", "relay", "none"),
        ("party", "news_article", "relay", "none"), ("old", "social_media", "relay", "none"),
        ("new", "encyclopedia", "relay", "none"), ("denier", "social_media", "primary", "none"),
        ("denied", "news_agency", "relay", "attribution"), ("against", "news_agency", "relay", "transmutation"),
        ("contested", "official_page", "primary", "amplification"), ("first", "news_article", "relay", "none"),
        ("first", "news_agency", "relay", "none"), ("second", "social_media", "copy", "none"),
        ("same_a", "news_article", "copy", "none"), ("same_b", "news_agency", "misprint", "none"),
        ("shared", "news_article", "relay", "none"), ("shared_by_party", "official_page", "primary", "none"),
        ("foreseen", "news_article", "relay", "attribution"), ("held", "official_page", "primary", "none"),
    ]  # fmt: skip
    return small_ledger(
        claims=rows,
        clusters=[{"cluster_id": c} for c in dict.fromkeys(row["cluster_id"] for row in rows)],
        links=links,
        claimants=[
            {"claimant_id": who, "country": who.upper(), "body": "unattributed" if who == "nobody" else "government"}
            for who in ("ru", "kp", "us", "nobody")
        ],
        sources=[{"source_id": kind, "source_type": kind} for kind in kinds],
        reports=[dict(zip(("claim_id", "source_id", "relation", "drift"), row, strict=True)) for row in printed],
    )  # fmt: skip


def test_every_rule_of_status_by_hand():
    expected = dict.fromkeys(ruled().claims["claim_id"], "single_cluster") | {
        "admits": "acknowledged",
        "confirmed_by_party": "acknowledged",
        "party": "corroborated",
        "old": "superseded",
        "denied": "denied",
        "denier": "contested",
        "against": "contested",
        "contested": "contested",
        "first": "corroborated",
        "second": "corroborated",
        "shared": "acknowledged",
    }
    assert statuses(ruled()).to_dict() == expected


def test_every_rule_of_grading_by_hand():
    found = {claim: row["reliability"] + row["credibility"] for claim, row in grades(ruled()).iterrows()}
    assert found == {
        "admits": "B2",
        "others_admit": "B2",
        "admits_denying": "B6",
        "confirmed_by_party": "B1",
        "party": "C1",
        "old": "E3",
        "new": "E3",
        "denier": "A4",
        "denied": "D5",
        "against": "D4",
        "contested": "D4",
        "first": "B1",
        "second": "E1",
        "same_a": "D6",
        "same_b": "D6",
        "shared": "C2",  # confirmed on its own basis alone, but by the party
        "shared_by_party": "A6",
        "foreseen": "D6",
        "held": "F2",
    }


def test_the_words_of_likelihood_have_the_bounds_of_icd_203():
    assert LIKELIHOOD == {
        "almost no chance": (1, 5),
        "very unlikely": (5, 20),
        "unlikely": (20, 45),
        "roughly even": (45, 55),
        "likely": (55, 80),
        "very likely": (80, 95),
        "almost certain": (95, 99),
    }


def test_a_month_counts_from_its_first_day_for_the_cutoff():
    ledger = small_ledger(
        claims=[{"stated_on": day} for day in ("2025-01-31", "2025-02", "2025-01-01", None)]
    )
    assert data_cutoff(ledger) == date(2025, 2, 1)


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


def test_stated_numbers_and_judgements_are_shown_once_as_data_and_as_words(ledger, monkeypatch):
    shown = []
    monkeypatch.setattr(prose, "glue", lambda key, text, display=True: display and shown.append(text))
    # Raw, what is handed over is the bundle of forms; else it is an object, of which a reader sees the source.
    monkeypatch.setattr(
        prose, "display", lambda bundle, raw=False: shown.append(bundle if raw else repr(bundle))
    )
    table = Numbers(ledger).state(force="C-0001")
    assert shown == []  # what is pasted later is not shown now
    table._ipython_display_()
    box = Assessment(
        "limited", "low", "very low", claims=2, clusters=2, measure=0.5, one_basis_fewer="very low"
    )
    Judgement("The toll & more", box)._ipython_display_()
    numbers, judged = shown
    assert numbers[prose.MIME] == {"kind": "numbers", "rows": table.rows}
    assert numbers["text/plain"] == "force = about 11,000  [C-0001]"
    assert numbers["text/html"] == table.html()
    words = "limited evidence (2 claims on 2 bases), low agreement, very low confidence; with one basis fewer very low"
    assert judged["text/plain"] == f"The toll & more: {words}"
    assert judged["text/html"] == f"<p>The toll &amp; more: {words}</p>"
    assert judged[prose.MIME] == {"kind": "judgement", "about": "The toll & more", **asdict(box)}
