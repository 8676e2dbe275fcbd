"""A stranger's statement becomes rows that hold together, or nothing is written."""

import re

import pytest
from ledger.__main__ import main
from ledger.add import add_claim
from ledger.check import check_ledger
from ledger.tables import LedgerError

GIVEN = {
    "url": "https://example.org/news/1",
    "publisher": "Example News",
    "language": "en",
    "source_type": "news_article",
    "quote": "about 500 soldiers returned",
    "quote_en": "about 500 soldiers returned",
    "topic": "deployment",
    "claimant_id": "nis",
    "measure": "troops_returned",
    "statement": "South Korea's National Intelligence Service said that about 500 soldiers had returned.",
    "stated_on": "2026-01-05",
    "bound": "about",
    "point": "500",
    "polarity": "assert",
    "modality": "assessed",
    "evidence_class": "assessed",
    "basis": "A briefing invented for this test.",
    "scope": "whole",
    "counts": "soldiers",
}


def test_a_new_statement_becomes_five_rows(spoiled, capsys):
    flags = [f"--{k.replace('_', '-')}={v}" for k, v in GIVEN.items()]
    assert main(["add", "--data", str(spoiled.folder), *flags]) == 0
    said = capsys.readouterr().out
    assert all(
        table in said for table in ("claims.csv", "clusters.csv", "sources.csv", "reports.csv", "scopes.csv")
    )
    assert check_ledger(spoiled.folder) == []
    assert main(["check", "--data", str(spoiled.folder)]) == 0


def test_a_second_printing_joins_the_claim_and_the_known_page(spoiled):
    add_claim(spoiled.folder, GIVEN)
    claim = next(
        line
        for line in (spoiled.folder / "claims.csv").read_text(encoding="utf-8").splitlines()
        if "about 500" in line
    )[:6]
    again = {
        k: GIVEN[k] for k in ("publisher", "language", "source_type", "quote", "quote_en", "bound", "point")
    }
    said = add_claim(spoiled.folder, {**again, "url": "https://example.org/news/2", "claim": claim})
    assert [s.split(":")[0] for s in said] == ["sources.csv", "reports.csv"]
    assert check_ledger(spoiled.folder) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"claimant_id": "nobody"}, "claimant_id: 'nobody' is not in claimants.csv"),
        ({"bound": "more_than"}, "more_than goes with low alone"),
        ({"url": "example.org"}, "url: 'example.org' has the wrong form"),
        ({"quote": "a b c d e f g h i j k l m"}, "has 13 words; allowed are 12"),
        ({"statement": None}, "statement: is missing"),
        ({"scope": None}, "scope: is missing"),
        ({"scope": "everything"}, "scope: 'everything' is not in the vocabulary"),
        ({"claim": "C-9999"}, "claims.csv has no claim 'C-9999'"),
    ],
)
def test_a_bad_statement_changes_nothing(spoiled, change, expected):
    before = {p.name: p.read_bytes() for p in spoiled.folder.iterdir()}
    given = {k: v for k, v in {**GIVEN, **change}.items() if v is not None}
    with pytest.raises(LedgerError, match=re.escape(expected)):
        add_claim(spoiled.folder, given)
    assert {p.name: p.read_bytes() for p in spoiled.folder.iterdir()} == before
