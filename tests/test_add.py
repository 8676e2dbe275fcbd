"""A stranger's statement becomes rows that hold together, or nothing is written."""

import re

import pytest
from ledger import add, load_ledger
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
    ("table", "old", "new", "expected"),
    [
        ("claims.csv", "\nC-0002,", '\nC-0002,"', "claims.csv:3: file: has broken quoting"),
        ("sources.csv", "\nS-0002,", "\nS-0002,,", "sources.csv:3: row: has"),
        ("links.csv", "contradicts,date", "contradicts,", "links.csv:2: conflict: '' with contradicts"),
    ],
)
def test_nothing_is_added_to_tables_that_the_check_refuses(spoiled, capsys, table, old, new, expected):
    folder = spoiled(table, old, new)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    # Before anything is asked: whoever has answered twenty questions would lose the answers.
    assert main(["add", "--data", str(folder)]) == 1
    assert expected in capsys.readouterr().err
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_a_folder_that_is_not_there_is_not_made(tmp_path, capsys):
    assert main(["add", "--data", str(tmp_path / "none")]) == 1
    assert "datapackage.json:1: file: is missing" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(("kind", "files"), [("new", 5), ("of a known page", 4), ("printed again", 2)])
def test_a_statement_of_which_half_was_written_is_found_by_the_check(spoiled, monkeypatch, kind, files):
    given = GIVEN
    if kind == "of a known page":
        given = {**GIVEN, "url": load_ledger().sources["url"].dropna().iloc[0], "language": "en"}
    if kind == "printed again":
        (said,) = (s for s in add_claim(spoiled.folder, GIVEN) if s.startswith("claims.csv"))
        given = {**GIVEN, "url": "https://example.org/news/2", "claim": said[-6:]}
    before = {p.name: p.read_bytes() for p in spoiled.folder.iterdir()}
    add_claim(spoiled.folder, given)
    whole = {p.name: p.read_bytes() for p in spoiled.folder.iterdir()}
    assert len([name for name in whole if whole[name] != before[name]]) == files
    write, halves = add.write_atomically, 0
    for killed_after in range(5):
        for name, content in before.items():
            (spoiled.folder / name).write_bytes(content)
        left = iter(range(killed_after))

        def killed(path, content, left=left):
            if next(left, None) is None:
                raise KeyboardInterrupt
            write(path, content)

        monkeypatch.setattr(add, "write_atomically", killed)
        with pytest.raises(KeyboardInterrupt):
            add_claim(spoiled.folder, given)
        if {p.name: p.read_bytes() for p in spoiled.folder.iterdir()} not in (before, whole):
            assert check_ledger(spoiled.folder), f"killed after {killed_after} files, the half is not found"
            halves += 1
    assert halves


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
