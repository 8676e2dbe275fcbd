"""Grades, registers, permanent pages and downloads: by rule, by hand, and against hostile rows."""

import io
import re
import sqlite3
import zipfile
from contextlib import closing

import krippendorff
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from conftest import small_ledger
from hypothesis import given
from hypothesis import strategies as st
from ledger import bases, grades, statuses
from ledger.book import _PAGES, numbers_html, sources_html
from ledger.changes import changes
from ledger.evidence import CREDIBILITY, KINDS, RELIABILITY, STATUSES
from ledger.figures import source_line
from ledger.pages import DOWNLOADS, Pages, downloads, explorer_html, head_of
from ledger.registers import (
    CODED,
    RELATIONS,
    agreement,
    disagreements,
    drift_agreement,
    drift_codings,
    drifts,
    linked,
    month_of,
    months_by_topic,
    nominal_alpha,
    silences,
)  # fmt: skip
from ledger.tables import table_resources
from ledger.web import Site


@pytest.fixture(scope="module")
def graded(ledger):
    return grades(ledger)


def test_every_claim_has_both_grades_and_they_are_coded_apart(ledger, graded):
    assert set(graded.index) == set(ledger.claims["claim_id"])
    assert set(graded["reliability"]) <= set("ABCDEF") == set(RELIABILITY)
    assert set(graded["credibility"]) <= set("123456") == set(CREDIBILITY)
    assert set(statuses(ledger)) <= set(STATUSES)
    table = pd.crosstab(graded["reliability"], graded["credibility"])
    assert (table > 0).sum().sum() > 15, "one scale follows the other"


def test_the_glossary_says_of_a_status_what_its_rule_says(ledger):
    meant = ledger.glossary.set_index("term")["definition"]
    explained = meant.index.intersection(list(STATUSES))
    assert len(explained)
    for status in explained:
        assert meant[status].split(".")[0] == STATUSES[status].capitalize()


def test_credibility_1_and_corroboration_need_two_clusters(ledger, graded):
    basis, cluster = bases(ledger), ledger.claims.set_index("claim_id")["cluster_id"]
    confirms = ledger.links[ledger.links["relation"] == "confirms"]
    partners = {}
    for a, b in zip(confirms["from_claim"], confirms["to_claim"], strict=True):
        partners.setdefault(a, set()).add(b)
        partners.setdefault(b, set()).add(a)
    status = statuses(ledger)
    chosen = set(graded.index[graded["credibility"] == "1"]) | set(status.index[status == "corroborated"])
    assert chosen
    for claim in chosen:
        assert any(basis[cluster[claim]] != basis[cluster[p]] for p in partners[claim]), claim


def test_grades_by_hand(graded):
    assert graded.loc["C-0017"].to_dict() == {"reliability": "B", "credibility": "4"}
    assert graded.loc["C-0075", "reliability"] == "F"
    assert graded.loc["C-0044", "credibility"] in "46"
    assert graded.loc["C-0082", "credibility"] == "6"


def test_registers_hold_what_they_say(ledger):
    contradictions = linked(ledger, "contradicts")
    assert len(contradictions) > 50
    assert contradictions["conflict"].notna().all()
    assert linked(ledger, "revises")["conflict"].isna().all()
    assert (drifts(ledger)["drift"] != "none").all()
    assert set(silences(ledger)["polarity"]) <= {"deny", "cannot_confirm", "no_comment", "withdraw"}


def test_registers_by_hand():
    ledger = small_ledger(
        claims=[
            {"claim_id": "C-0", "claimant_id": "nis", "stated_on": "2025-01-13", "bound": "about", "point": 300, "unit": "soldiers", "polarity": "assert", "topic": "casualties", "statement": "It counted."},
            {"claim_id": "C-1", "claimant_id": "kremlin", "polarity": "deny", "topic": "deployment", "statement": "It denied."},
            {"claim_id": "C-2", "claimant_id": "kremlin", "stated_on": "2025-02", "polarity": "no_comment", "topic": "deployment", "speaker": "S", "statement": "It said nothing."},
            {"claim_id": "C-3", "claimant_id": "kremlin", "stated_on": "2025-02-03/2025-03-01", "polarity": "withdraw", "topic": "deployment", "statement": "It withdrew."},
            {"claim_id": "C-4", "claimant_id": "kremlin", "stated_on": "../2025-04-30", "polarity": "cannot_confirm", "topic": "casualties", "statement": "It could not say."},
        ],
        claimants=[{"claimant_id": "nis", "label": "Seoul's NIS"}, {"claimant_id": "kremlin", "label": "Kremlin"}],
        links=[
            {"from_claim": "C-1", "to_claim": "C-0", "relation": "contradicts", "conflict": "number", "how_known": "stated", "note": "n"},
            {"from_claim": "C-2", "to_claim": "C-0", "relation": "confirms", "how_known": "inferred"},
        ],
        sources=[{"source_id": "S-0", "publisher": "P", "language": "ko"}],
        reports=[
            {"claim_id": "C-0", "source_id": "S-0", "quote": "q", "quote_en": "e", "drift": "bound", "note": "m"},
            {"claim_id": "C-1", "source_id": "S-0", "quote": "r", "quote_en": "f", "drift": "none"},
        ],
    )  # fmt: skip
    assert linked(ledger, "contradicts").to_dict("records") == [
        {
            "from_claim": "C-1",
            "from_said": "Kremlin: It denied.",
            "to_claim": "C-0",
            "to_said": "Seoul's NIS, 13 January 2025: about 300 soldiers",
            "conflict": "number",
            "how_known": "stated",
            "note": "n",
        }
    ]
    assert drifts(ledger).to_dict("records") == [
        {
            "claim_id": "C-0",
            "claim_says": "Seoul's NIS, 13 January 2025: about 300 soldiers",
            "quote": "q",
            "quote_en": "e",
            "language": "ko",
            "publisher": "P",
            "source_id": "S-0",
            "drift": "bound",
            "note": "m",
        }
    ]
    silent = silences(ledger)
    columns = ["claim_id", "polarity", "claimant_id", "speaker", "stated_on", "statement"]
    assert list(silent.columns) == columns
    assert list(silent["claim_id"]) == ["C-1", "C-2", "C-3", "C-4"]
    table = months_by_topic(ledger)
    assert table.index[0] == "2022-09"
    assert table.index[-1] == "2025-04"
    assert table.to_numpy().sum() == 4  # C-1 has no month
    assert table.loc["2025-01"].to_dict() == {"casualties": 1, "deployment": 0}
    assert table.loc["2025-02"].to_dict() == {"casualties": 0, "deployment": 2}
    assert table.loc["2025-03"].sum() == 0
    assert table.loc["2025-04", "casualties"] == 1


def test_every_code_of_a_claim_and_of_a_link_has_its_words(ledger):
    codes = {f["name"]: f for t in ("claims", "links") for f in ledger.resource(t)["schema"]["fields"]}
    for column, words in KINDS.items():
        assert list(words) == codes[column]["constraints"]["enum"]
    assert RELATIONS.keys() == set(codes["relation"]["constraints"]["enum"])
    for column in ("polarity", "modality"):
        for code, words in KINDS[column].items():
            assert f"{code}: {words}" in codes[column]["description"]
    for code, ways in RELATIONS.items():
        assert f"{code} ({', '.join(ways)})" in codes["relation"]["description"]
    for words in KINDS["evidence_class"].values():
        assert words.removeprefix("evidence: ") in codes["evidence_class"]["description"]


@pytest.fixture(scope="module")
def book(ledger):
    return Pages(Site(ledger, "", "", "no commit"))


def test_the_kind_of_a_claim_is_told_in_words(book):
    facts = dict(book.facts("C-0001"))
    assert (
        facts["Kind"]
        == "the claimant asserts it; judged likely by the claimant; evidence: assessed (by a service)"
    )


def test_a_relation_is_one_sentence_seen_from_either_claim(book, ledger):
    page = BeautifulSoup(book.claim_page("C-0001"), "html.parser")
    lines = [li.text for li in page.find("h2", string="Relations").find_next_sibling("ul").find_all("li")]
    link = ledger.links.iloc[0]
    assert (link["from_claim"], link["to_claim"], link["conflict"]) == ("C-0001", "C-0029", "date")
    assert lines[0].startswith("This claim contradicts C-0029, in date. South Korea, 18 October 2024: ")
    back = BeautifulSoup(book.claim_page("C-0029"), "html.parser").get_text()
    assert "This claim is contradicted by C-0001, in date. " in back
    for claim in ledger.links["from_claim"].unique()[:200]:
        for link, other in book.links[claim]:
            text = BeautifulSoup(book._relation(link, other, claim), "html.parser").text
            assert text.endswith(".") and not text.endswith(".."), text
            assert ".. " not in text and ". . " not in text, text
            assert not re.search(r"\d{4}-\d{2}", text.partition("Known how")[0]), text
            assert not re.search(r"Known how: [a-z ]+\. [a-z]", text), text


def test_a_document_lists_each_claim_once_and_is_headed_by_its_publisher_where_it_shows_no_title(
    book, ledger
):
    page = BeautifulSoup(book.source_page("S-0001"), "html.parser")
    assert page.h1.text == "S-0001 Riau24.com"
    listed = [a.text for a in page.select("main > ul .claim-link")]
    prints = ledger.reports.loc[ledger.reports["source_id"] == "S-0001", "claim_id"]
    assert len(listed) == prints.nunique() < len(prints)
    assert set(listed) == set(prints)
    told = page.find("meta", attrs={"name": "description"})["content"]
    assert told == f"Riau24.com. Claims that it prints: {len(listed)}."


def test_no_table_of_a_page_shows_a_date_as_digits_or_a_head_as_a_name_of_data(ledger):
    dates = re.compile(r"\d{4}-\d{2}(?:-\d{2})?[~?]?(?:/.*)?")
    for name in ("visits", "scopes", "forecasts", "base_rates", "silences", "drifts", "contradictions", "agreement", "vague_terms", "analyses"):  # fmt: skip
        page = BeautifulSoup(_PAGES[name](ledger, "../"), "html.parser")
        heads = [th.text for th in page.select("thead th")]
        assert all(h == h[0].upper() + h[1:] and "_" not in h and not h.endswith(" id") for h in heads), heads
        assert "N" not in heads
        found = [td.text for td in page.select("td") if dates.fullmatch(td.text)]
        assert not found, (name, found)
    days = [
        td.text for td in BeautifulSoup(explorer_html(ledger, ""), "html.parser").select("td:first-child")
    ]
    assert any(day.endswith("about January 2025") for day in days)
    assert not any(re.search(r"\d{4}-\d{2}", day) for day in days)


def test_counts_are_written_as_english_writes_them(ledger):
    row = {"key": "a_key", "text": "3", "formula": "counted", "claims": []}
    heads = [BeautifulSoup(numbers_html([row] * n, "", set()), "html.parser").summary.text for n in (1, 2)]
    assert heads == [
        "Where the number of this section comes from",
        "Where the 2 numbers of this section come from",
    ]
    wide = ledger.sources[(ledger.sources["corpus"] == "wider") & (ledger.sources["language"] == "en")]
    folded = BeautifulSoup(sources_html(ledger, ""), "html.parser").summary.text
    assert folded == f"Wider sources in English: {len(wide):,} documents"
    assert len(wide) > 999
    assert f"{len(ledger.claims):,} claims, " in source_line(ledger, ledger.claims)


def test_the_head_of_a_column_is_a_readers_word():
    heads = {"n": "Number", "claim_id": "Claim", "stated_on": "Stated on", "2024-12": "December 2024"}
    assert {column: head_of(column) for column in heads} == heads


def test_the_two_scales_have_heads_of_their_own(ledger):
    heads = [BeautifulSoup(_PAGES[name](ledger, ""), "html.parser").th.text for name in ("reliability", "credibility")]  # fmt: skip
    assert heads == ["Reliability", "Credibility"]


def test_a_register_names_the_claim_that_it_cannot_word():
    ledger = small_ledger(
        claims=[{"claim_id": "C-0", "claimant_id": "nis", "bound": "vague", "low": 1, "high": 2}],
        links=[{"from_claim": "C-0", "to_claim": "C-0", "relation": "confirms"}],
        reports=[{"claim_id": "C-0", "source_id": "S-0001", "drift": "bound"}],
    )
    for register in (lambda: linked(ledger, "confirms"), lambda: drifts(ledger)):
        with pytest.raises(ValueError, match="C-0: no vague word has its bounds"):
            register()


def coded_twice():
    """A ledger of four claims and four printings, coded a second time with some differences."""
    names = ["C-0", "C-1", "C-2", "C-3"]
    both = {"measure": "killed", "bound": "about", "polarity": "assert", "modality": "observed", "evidence_class": "said"}  # fmt: skip
    first = [{**both, "claim_id": c, "cluster_id": k} for c, k in zip(names, "AABC", strict=True)]
    second = [{**both, "claim_id": c, "cluster": k} for c, k in zip(names, "xxyy", strict=True)]
    first[0]["measure"] = first[1]["measure"] = "wounded"
    second[0]["measure"] = "wounded"
    second[3]["bound"] = None
    keys = [{"claim_id": c, "source_id": "S-0", "locator": at} for c, at in zip(names, ("L1", "L2", None, "L4"), strict=True)]  # fmt: skip
    drift = [("none", "none"), ("bound", "none"), ("bound", "date"), ("none", "none")]
    strengths = {"strength_claim": 1, "strength_phrase": 2}
    return small_ledger(
        claims=first,
        second_coding=second,
        reports=[{**key, "drift": one} for key, (one, _) in zip(keys, drift, strict=True)],
        drift_coding=[{**key, "drift": two, **strengths} for key, (_, two) in zip(keys, drift, strict=True)],
    )


def test_the_agreement_of_two_codings_by_hand():
    # Nominal alpha is 1 - (n - 1) * (differing ordered pairs of units) / (differing ordered pairs of values).
    table = agreement(coded_twice()).set_index("field")
    assert list(table.index) == [*CODED, "cluster (pairs)"]
    assert table.loc["polarity"].to_dict() == {"n": 4, "agreed": 1, "alpha": 1, "commonest": 1}
    # Killed five times and wounded three; one unit of four differs: 1 - 7 * 2 / (2 * 5 * 3).
    assert table.loc["measure"].to_dict() == {"n": 4, "agreed": 0.75, "alpha": pytest.approx(16 / 30), "commonest": 0.5}  # fmt: skip
    # Seven say about and one nothing: 1 - 7 * 2 / (2 * 7 * 1).
    assert table.loc["bound"].to_dict() == {"n": 4, "agreed": 0.75, "alpha": pytest.approx(0), "commonest": 1}
    # Six pairs: the first coder joins one, the second two; one of them differs: 1 - 11 * 2 / (2 * 3 * 9).
    assert table.loc["cluster (pairs)"].to_dict() == {"n": 6, "agreed": pytest.approx(5 / 6), "alpha": pytest.approx(32 / 54), "commonest": pytest.approx(5 / 6)}  # fmt: skip
    assert disagreements(coded_twice()).to_dict("records") == [
        {"claim_id": "C-1", "field": "measure", "first": "wounded", "second": "killed"},
        {"claim_id": "C-3", "field": "bound", "first": "about", "second": "none"},
    ]


UNITS = st.lists(st.tuples(*[st.sampled_from([None, 0, 1, 2])] * 3), max_size=12)


@given(UNITS)
def test_alpha_is_that_of_the_package_of_its_name_with_values_missing_too(units):
    codings = [[unit[coder] for unit in units] for coder in range(3)]
    compared = [v for unit in units if unit.count(None) < 2 for v in unit if v is not None]
    if not compared:
        with pytest.raises(ZeroDivisionError):
            nominal_alpha(*codings)
    elif len(set(compared)) == 1:
        assert nominal_alpha(*codings) == 1
    else:
        numbers = [[float("nan") if v is None else v for v in coding] for coding in codings]
        expected = krippendorff.alpha(reliability_data=numbers, level_of_measurement="nominal")
        assert nominal_alpha(*codings) == pytest.approx(expected)


def test_codings_of_unlike_length_are_of_no_same_units():
    with pytest.raises(ValueError, match="shorter"):
        nominal_alpha([0, 1, 0], [0, 1])


def test_the_agreement_on_drift_by_hand():
    codings = drift_codings(coded_twice())
    assert codings.to_dict("records")[2] == {"claim_id": "C-2", "source_id": "S-0", "locator": "", "first": "bound", "second": "date", "strength_claim": 1, "strength_phrase": 2}  # fmt: skip
    table = drift_agreement(coded_twice()).set_index("field")
    assert list(table.index) == ["any drift", "kind of drift"]
    # Any: three of eight say yes, one unit differs. Kind: none five times, bound twice, date once; two differ.
    assert table.loc["any drift"].to_dict() == {"n": 4, "agreed": 0.75, "alpha": pytest.approx(1 - 14 / 30), "commonest": 0.5}  # fmt: skip
    assert table.loc["kind of drift"].to_dict() == {"n": 4, "agreed": 0.5, "alpha": pytest.approx(1 - 28 / 34), "commonest": 0.5}  # fmt: skip


def test_every_month_of_the_deployment_has_claims_or_a_search(ledger):
    table = months_by_topic(ledger).sum(axis=1)
    looked = " ".join(ledger.searches["subject"])
    for month in pd.period_range("2024-10", "2026-02", freq="M").astype(str):
        assert table.get(month, 0) > 0 or month in looked, month


def test_agreement_is_computed_from_a_sample_large_enough(ledger):
    table = agreement(ledger).set_index("field")
    assert (table.drop("cluster (pairs)")["n"] >= 120).all()
    assert table["alpha"].between(-1, 1).all()
    listed = disagreements(ledger)["field"].value_counts()
    for field in ("measure", "bound", "polarity", "modality", "evidence_class"):
        row = table.loc[field]
        assert round(row["n"] * (1 - row["agreed"])) == listed.get(field, 0)


def test_no_gathered_row_is_lost(ledger):
    rows = ledger.imports
    kept = rows[rows["action"] != "dropped"]
    assert kept["source_id"].notna().all()
    assert rows.loc[rows["action"] != "kept", "why"].notna().all()
    printed = set(zip(ledger.reports["claim_id"], ledger.reports["source_id"], strict=True))
    named = kept[kept["claim_id"].notna()]
    assert set(zip(named["claim_id"], named["source_id"], strict=True)) <= printed


def test_no_cell_points_to_a_key_of_the_gathered_rows(ledger):
    keys = set(ledger.imports["evidence_key"])
    for resource in table_resources(ledger.schema):
        if resource["name"] not in ("imports", "second_coding"):  # the second has a coder's names of clusters
            for column, cells in getattr(ledger, resource["name"]).items():
                words = set(" ".join(map(str, cells)).replace("(", " ").replace(")", " ").split())
                found = {word.strip(".,:;") for word in words} & keys
                assert not found, (resource["name"], column, found)


def test_the_ledger_is_as_wide_as_it_says(ledger):
    assert len(ledger.claims) >= 1200
    assert len(ledger.reports) >= 1500
    wider = ledger.printings[ledger.printings["corpus"] == "wider"]
    assert wider["url"].notna().all()
    core = ledger.printings[ledger.printings["corpus"] == "core"]
    assert core["locator"].str.fullmatch(r"L\d+").all()


def test_downloads_hold_the_tables(ledger):
    files = downloads(ledger)
    assert files.keys() == DOWNLOADS.keys()
    archive = zipfile.ZipFile(io.BytesIO(files["ledger-csv.zip"]))
    assert archive.read("claims.csv") == (ledger.data / "claims.csv").read_bytes()
    assert len(pd.read_parquet(io.BytesIO(files["claims.parquet"]))) == len(ledger.claims)
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(files["ledger.sqlite"])
        (count,) = database.execute("select count(*) from reports").fetchone()
        (missing,) = database.execute("select count(*) from claims where speaker is null").fetchone()
    assert count == len(ledger.reports)
    assert missing == ledger.claims["speaker"].isna().sum()
    assert (
        files["sources.bib"].count(b"@misc{") == len(ledger.sources) == files["sources.ris"].count(b"ER  - ")
    )


def test_changes_are_listed_row_by_row(spoiled, ledger):
    folder = spoiled("claims.csv", ",11000,,about,", ",12000,,about,")
    assert changes(folder, ledger) == ["claims: C-0001: point was '12000', is '11000'"]
    assert changes(ledger.data, ledger) == []


def test_a_bare_year_has_no_month():
    dates = [
        "2024-03-05",
        "2024-03",
        "2024-03~",
        "2024-03-05/2024-04-01",
        "../2025-02-01",
        "2024",
        "2024~",
        "2024/2025",
        None,
    ]
    assert [month_of(date) for date in dates] == ["2024-03"] * 4 + ["2025-02", "", "", "", ""]
