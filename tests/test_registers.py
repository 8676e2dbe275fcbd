"""Grades, registers, permanent pages and downloads: by rule, by hand, and against hostile rows."""

import io
import sqlite3
import zipfile

import pandas as pd
import pytest
from ledger import bases, grades, statuses
from ledger.changes import changes
from ledger.pages import DOWNLOADS, downloads
from ledger.registers import agreement, disagreements, drifts, linked, months_by_topic, silences


@pytest.fixture(scope="module")
def graded(ledger):
    return grades(ledger)


def test_every_claim_has_both_grades_and_they_are_coded_apart(ledger, graded):
    assert set(graded.index) == set(ledger.claims["claim_id"])
    assert set(graded["reliability"]) <= set("ABCDEF")
    assert set(graded["credibility"]) <= set("123456")
    table = pd.crosstab(graded["reliability"], graded["credibility"])
    assert (table > 0).sum().sum() > 15, "one scale follows the other"


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
    with sqlite3.connect(":memory:") as database:
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
