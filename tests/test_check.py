"""The ledger holds together, and whatever does not is named by file, line, column and rule."""

import csv
import hashlib
from types import SimpleNamespace

import pytest
from ledger import DATA, book
from ledger.__main__ import main
from ledger.check import check_ledger, verify_articles
from ledger.tables import hashes, read_schema, store_hashes
from sphinx.errors import SphinxError


def messages(folder):
    return [str(problem) for problem in check_ledger(folder)]


def test_the_ledger_is_well(capsys):
    assert main(["check"]) == 0
    assert capsys.readouterr().out.startswith("check: all is well: ")


@pytest.mark.filterwarnings("ignore")  # frictionless's own dependencies warn on import
def test_frictionless_agrees_with_our_schema_and_tables():
    from frictionless import Package

    package = Package(str(DATA / "datapackage.json"))
    report = package.validate()
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "message"])
    assert len(report.tasks) == len(package.resources)


def test_the_tables_are_those_whose_hashes_are_stored(spoiled):
    def changed():
        stored = {r["path"]: r.get("hash") for r in read_schema(spoiled.folder)["resources"]}
        return [path for path, found in hashes(spoiled.folder).items() if stored[path] != found]

    assert not changed(), "changed since the outputs were stored: if that is meant, run `make execute`"
    spoiled("claims.csv", ",2025-01-12,2025-01-12,", ",2025-01-13,2025-01-12,")
    assert changed() == ["claims.csv"]
    store_hashes(spoiled.folder)
    assert not changed()


BREAKS = [
    ("claims.csv", "C-0017,casualties", "C-0016,casualties", "claims.csv:18: claim_id: C-0016 stands in line 17 too"),
    ("claims.csv", "C-0001,deployment", "C-0001,weather", "claims.csv:2: topic: 'weather' is not in the vocabulary; allowed: deployment"),
    ("claims.csv", ",2025-01-12,2025-01-12,", ",2025-13-12,2025-01-12,", "claims.csv:16: stated_on: '2025-13-12' is no day of the calendar"),
    ("claims.csv", ",2025-01-12,2025-01-12,", ",12 January 2025,2025-01-12,", "claims.csv:16: stated_on: '12 January 2025' is no date of the subset"),
    ("claims.csv", ",2025-01-12,2025-01-12,", ",../2025-01-12,2025-01-12,", "claims.csv:16: stated_on: '../2025-01-12' has the wrong form; allowed: "),
    ("claims.csv", ",2025-01-12,2025-01-12,", ",2025-01-12/..,2025-01-12,", "claims.csv:16: stated_on: '2025-01-12/..' has the wrong form"),
    ("sources.csv", ",2025-01-13,,en,broadcaster,", ",../2025-01,,en,broadcaster,", "sources.csv:7: published: '../2025-01' has the wrong form"),
    ("corrections.csv", "E-001,2026-11-22,", "E-001,../2026-11-22,", "corrections.csv:2: corrected_on: '../2026-11-22' has the wrong form"),
    ("visits.csv", "V-001,2023-07-25,2023-07-27", "V-001,../2023-07-25,2023-07-27", "visits.csv:2: began: '../2023-07-25' has the wrong form"),
    ("visits.csv", "V-001,2023-07-25,2023-07-27", "V-001,2023-07-25,2023-07-27/..", "visits.csv:2: ended: '2023-07-27/..' has the wrong form"),
    ("forecasts.csv", ",2023-12-31,Yes if both", ",2023-12-31/..,Yes if both", "forecasts.csv:15: deadline: '2023-12-31/..' has the wrong form"),
    ("forecasts.csv", ",2024-10-28,C-0060,", ",../2024-10-28,C-0060,", "forecasts.csv:9: resolved_on: '../2024-10-28' has the wrong form"),
    ("claims.csv", ",11000,,about,", ',"11,000",,about,', "claims.csv:2: point: '11,000' is no number"),
    ("claims.csv", ",11000,,about,", ",11000,9000,about,", "claims.csv:2: low: low, point and high are [11000.0, 9000.0]"),
    ("claims.csv", ",11000,,about,", ",11000,,more_than,", "claims.csv:2: bound: more_than goes with low alone; here point"),
    ("claims.csv", ",11000,,about,soldiers", ",11000,,about,missiles", "claims.csv:2: unit: 'missiles' with troops_sent; allowed: 'soldiers'"),
    ("claims.csv", ",kr-jcs,", ",kr-nobody,", "claims.csv:2: claimant_id: 'kr-nobody' is not in claimants.csv"),
    ("claims.csv", ",K-001,", ",K-999,", "claims.csv:2: cluster_id: 'K-999' is not in clusters.csv"),
    ("claims.csv", "claim_id,topic,", "claim_id,subject,", "claims.csv:1: header: lacks topic; has unknown 'subject'"),
    ("claims.csv", "claim_id,topic,measure", "claim_id;topic;measure", "claims.csv:1: header: lacks claim_id, topic, measure"),
    ("claims.csv", "\nC-0002,deployment,", "\nC-0002,", "claims.csv:3: row: has 21 cells; allowed are 22"),
    ("claims.csv", "Choe Son Hui might be taking", "Choe Sun-hui might be taking", "statement: prints 'Choe Sun-hui'; allowed: 'Choe Son Hui'"),
    ("reports.csv", "mengirim sekitar 11.000 tentara ke konflik Ukraina", "satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas dua belas", "quote: has 13 words; allowed are 12"),
    ("reports.csv", "\nC-0002,S-0001,L1", "\nC-0002,S-0001,1", "locator: '1' has the wrong form"),
    ("reports.csv", "more_than,relay,bound", "more_than,relay,none", "drift: none, yet low, point, bound differs from C-0005"),
    ("sources.csv", "http://world.kbs", "world.kbs", "sources.csv:7: url: 'world.kbs"),
    ("sources.csv", ",core,", ",wider,", "sources.csv:2: url: is blank; a wider source needs its address"),
    ("links.csv", "contradicts,date", "contradicts,", "links.csv:2: conflict: '' with contradicts"),
    ("links.csv", "C-0059,C-0044,revises,,inferred", "C-0629,C-0581,revises,,inferred", "a later total is growth"),
    ("forecasts.csv", ",C-0060,other,", ",,other,", "forecasts.csv:9: resolved_by: is blank with occurred"),
    ("forecasts.csv", ",2024-10-28,C-0060,", ",,C-0060,", "forecasts.csv:9: resolved_on: is blank with occurred"),
    ("forecasts.csv", ',open,,,,no,arms,"No such drone', ',open,2025-01-01,,,no,arms,"No such drone', "resolved_on: '2025-01-01' with open; allowed is a blank"),
    ("scopes.csv", "C-0001,whole,first,soldiers,2024-09~,the contingent sent some four months before\n", "", "claims.csv:2: measure: C-0001 is a number of troops_sent without a row in scopes.csv"),
    ("scopes.csv", "C-0001,whole,", "C-0002,whole,", "scopes.csv:2: claim_id: C-0002 carries no number"),
    ("scopes.csv", "C-0001,whole,", "C-0001,total,", "scopes.csv:2: scope: 'total' is not in the vocabulary"),
    ("container_pairs.csv", "C-0116,C-0112", "C-0001,C-0112", "container_pairs.csv:2: containers_claim: C-0001 counts troops_sent"),
    ("container_pairs.csv", "C-0116,C-0112", "C-0116,C-0002", "container_pairs.csv:2: rounds_claim: C-0002 carries no number"),
    ("visits.csv", "V-001,2023-07-25,2023-07-27", "V-001,2023-07-25,2023-07-21", "visits.csv:2: ended: 2023-07-21 lies before 2023-07-25"),
    ("passages.csv", "T-002,C-0227,2,", "T-002,C-0227,1,", "passages.csv:3: order: '1' stands in line 2 too"),
    ("passages.csv", ",accountability,", ",own sanctions,", "passages.csv:3: point: 'own sanctions' stands in line 2 too"),
    ("exchanges.csv", ",United States,", ",America,", "side: 'America' is not in the vocabulary"),
    ("clusters.csv", "K-015,Yoon Suk Yeol's call for coordination with NATO.,single", "K-015,Yoon Suk Yeol's call for coordination with NATO.,stated", "how_known: 'stated' for 1 claims"),
    ("vague_terms.csv", "2000000", "3000000", "bound: vague with bounds that vague_terms.csv does not give"),
    ("people.csv", "Xavier Brunson,", "Xavier Brunsen,", "'Xavier Brunsen' is used by no row of claims"),
    ("uncoded.csv", "S-0001,L8,Heading: repeats the next lines.", "S-0001,L8,", "uncoded.csv:3: reason: is blank; a value is required"),
    ("claims.csv", ",kr-jcs,", ",kr-jcs ,", "claims.csv:2: claimant_id: 'kr-jcs ' has white space at an end"),
    ("claims.csv", ",KP,RU,", ",KPX,RU,", "claims.csv:2: from_country: 'KPX' has the wrong form"),
    ("claims.csv", ",11000,,about,", ",-11000,,about,", "claims.csv:2: point: -11000 is out of range"),
    ("claims.csv", "The Joint Chiefs of Staff did not say which", "The Joint Chiefs\u202e of Staff did not say which", "holds U+202E RIGHT-TO-LEFT OVERRIDE as character 17, a control, direction or invisible character"),
    ("claims.csv", "C-0001,deployment", "C-\u0660\u0660\u0660\u0661,deployment", "has the wrong form"),
    ("claims.csv", ",11000,,about,", ",\u0661\u0661000,,about,", "claims.csv:2: point: '\u0661\u0661000' is no number"),
    ("claims.csv", "The Joint Chiefs of Staff", "The\tJoint Chiefs of Staff", "holds U+0009 as character 4, a control, direction or invisible character"),
    ("claims.csv", "The Joint Chiefs of Staff", "The Joint\u200b Chiefs of Staff", "holds U+200B ZERO WIDTH SPACE as character 10"),
    ("claims.csv", "The Joint Chiefs of Staff", "The Joint\u200d Chiefs of Staff", "holds U+200D ZERO WIDTH JOINER as character 10"),
    ("claims.csv", "The Joint Chiefs of Staff", "The Joint\ue000 Chiefs of Staff", "holds U+E000 as character 10"),
    ("claims.csv", "The Joint Chiefs of Staff", "The Joint\x9b31m Chiefs of Staff", "holds U+009B as character 10"),
    ("claims.csv", "The Joint Chiefs of Staff", "=1+1 The Joint Chiefs of Staff", "with a sign that a spreadsheet takes for a formula"),
    ("claims.csv", "The Joint Chiefs of Staff", "The Joint Chiefs; \uff0b1 of Staff", "with a sign that a spreadsheet takes for a formula"),
    ("claims.csv", "The Joint Chiefs of Staff", "The Joint Chiefs of Staff" + " of Staff" * 60, "characters; allowed are 500"),
    ("claims.csv", "The Joint Chiefs of Staff", "The " + "Joint" * 30, "has a word of 150 characters; allowed are 100"),
    ("sources.csv", "http://world.kbs", "javascript://world.kbs", "sources.csv:7: url: 'javascript://world.kbs"),
    ("sources.csv", "http://world.kbs", "http://world.kbs@host.invalid/world.kbs", "is no plain address; allowed is a host with a dot and no user before it"),
    ("sources.csv", "http://world.kbs", "http://[world.kbs", "is no plain address"),
    ("claims.csv", ",2025-01-24,2024-09~/2025-01-24,", ",2025-01-24,2025-01-24/2024-09,", "claims.csv:2: refers_to: '2025-01-24/2024-09' ends before it begins"),
    ("claimants.csv", "Agence France-Presse", "Anadolu Agency", "'Anadolu Agency' stands in line"),
    ("forecasts.csv", "P-01,C-0082", "P-01,C-0059", "forecasts.csv:2: claim_id: C-0059 is observed; a forecast is predicted, planned or assessed"),
    ("places.csv", "43.12", "143.12", "latitude: 143.12 is out of range; allowed: -90 to 90"),
    ("signatories.csv", "C-0026,Australia", "C-9026,Australia", "signatories.csv:2: claim_id: 'C-9026' is not in claims.csv"),
    ("corrections.csv", "E-001,2026-11-22,claims", "E-001,2026-11-22,claim", "corrections.csv:2: table: 'claim' is no table"),
    ("imports.csv", ",kept,", ",lost,", "imports.csv:2: action: 'lost' is not in the vocabulary"),
    ("uncoded.csv", "S-0001,L14", "S-0001,L13", "locator: L13 carries C-0015"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "old", "new", "expected"), BREAKS, ids=[f"{b[0]}-{i}" for i, b in enumerate(BREAKS)]
)
def test_a_broken_row_gets_a_clear_message(spoiled, table, old, new, expected):
    found = messages(spoiled(table, old, new))
    assert any(expected in line for line in found), "\n".join(found)
    for line in found:
        file, number, column, message = line.split(":", 3)
        assert (DATA / file).exists()
        assert int(number) >= 1
        assert column.strip()
        assert len(message) > 20


@pytest.mark.parametrize(
    "word", ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u062f", "\u0915\u094d\u200d\u0937"]
)
def test_a_joiner_is_allowed_where_a_script_needs_it(spoiled, word):
    folder = spoiled("claims.csv", "The Joint Chiefs of Staff", f"{word} The Joint Chiefs of Staff")
    assert not [line for line in messages(folder) if "holds U+" in line]


def test_a_message_cannot_steer_a_terminal(spoiled):
    found = messages(spoiled("claims.csv", "C-0001,deployment", "C-0001\x1b[31m\u202e,deployment"))
    assert found
    assert all(line.isprintable() for line in found)
    assert any(r"C-0001\x1b[31m\u202e" in line for line in found)


BYTES = [
    (lambda raw: b"\xef\xbb\xbf" + raw, "claims.csv:1: file: holds a byte order mark"),
    (lambda raw: raw.replace(b"\n", b"\r\n", 3), "claims.csv:1: file: holds a carriage return"),
    (lambda raw: raw.replace(b"Zelensky", b"Zelensk\xe9", 1), "is not UTF-8"),
    (lambda raw: raw.replace(b"Zelensky", b"Zel\x00nsky", 1), "holds a NUL byte"),
    (lambda raw: raw[:-1], "does not end with a line feed"),
    (lambda raw: raw.replace(b"\nC-0002,", b'\nC-0002,"', 1), "has broken quoting"),
    (lambda raw: raw.replace(b",", b";"), "claims.csv:1: header: is one cell"),
    (lambda raw: b"", "claims.csv:1: file: does not end with a line feed"),
]


@pytest.mark.parametrize(("spoil", "expected"), BYTES)
def test_a_stray_encoding_gets_a_clear_message(spoiled, spoil, expected):
    path = spoiled.folder / "claims.csv"
    path.write_bytes(spoil(path.read_bytes()))
    found = messages(spoiled.folder)
    assert any(expected in line for line in found), "\n".join(found[:5])


def test_a_missing_table_is_named(spoiled):
    (spoiled.folder / "links.csv").unlink()
    assert any(line.startswith("links.csv:1: file: cannot be read") for line in messages(spoiled.folder))


def test_a_broken_schema_is_named(spoiled):
    assert messages(spoiled("datapackage.json", '"name"', '"name'))[0].startswith(
        "datapackage.json:3: file: is not JSON"
    )


def test_rows_out_of_order_are_named(spoiled):
    path = spoiled.folder / "claims.csv"
    header, first, second, *rest = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([header, second, first, *rest]), encoding="utf-8", newline="")
    assert any(
        "C-0001 comes after C-0002; allowed is sorted by key" in line for line in messages(spoiled.folder)
    )


def test_no_book_is_built_from_a_ledger_that_the_check_refuses(spoiled, monkeypatch):
    spoiled("claims.csv", ",2025-01-12,2025-01-12,", ",../2025-01-12,2025-01-12,")
    spoiled("claimants.csv", ",press,press,", ",press,<b>,")
    monkeypatch.setattr(book, "DATA", spoiled.folder)
    with pytest.raises(SphinxError) as refused:
        book._open_ledger(None, SimpleNamespace())
    lines = str(refused.value).split("\n")
    assert lines == messages(spoiled.folder) and len(lines) == 2


def test_all_problems_come_in_one_run_with_exit_status_1(spoiled, capsys):
    spoiled("claims.csv", "C-0001,deployment", "C-0001,weather")
    folder = spoiled("links.csv", "contradicts,date", "contradicts,")
    assert main(["check", "--data", str(folder)]) == 1
    error = capsys.readouterr().err
    assert "claims.csv:2: topic" in error
    assert "links.csv:2: conflict" in error


@pytest.fixture
def articles(spoiled):
    """Articles of our own making, of the phrases that the core's reports print, with their hashes in the tables."""
    folder = spoiled.folder / "articles"
    folder.mkdir()
    tables = {}
    for name in ("sources", "reports", "uncoded"):
        with (spoiled.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            tables[name] = list(csv.DictReader(file))

    def write(source, spoil=lambda lines: lines):
        lines = {}
        for row in tables["reports"] + tables["uncoded"]:
            if row["source_id"] == source["source_id"]:
                lines.setdefault(int(row["locator"][1:]), []).append(row.get("quote", "A heading."))
        assert sorted(lines) == list(range(1, len(lines) + 1))
        text = "\n".join(spoil([f"So: {' / '.join(lines[n])}." for n in sorted(lines)]))
        (folder / source["source_id"]).write_text(text, encoding="utf-8")
        old, source["sha256"] = source["sha256"], hashlib.sha256(text.encode()).hexdigest()
        spoiled("sources.csv", old, source["sha256"])

    core = [s for s in tables["sources"] if s["corpus"] == "core"]
    for source in core:
        write(source)
    return lambda spoil: write(core[0], spoil)


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda lines: lines, None),
        (lambda lines: [lines[0].upper(), *lines[1:]], "is not in line 1 of S-0001"),
        (lambda lines: lines[:-1], "L14 is none of the 13 lines of S-0001"),
        (lambda lines: [*lines, "One more."], "line 15 of S-0001 has neither a report nor a row in uncoded.csv"),
    ],
)  # fmt: skip
def test_verify_compares_every_phrase_and_accounts_for_every_line(spoiled, articles, spoil, expected):
    articles(spoil)
    found = [str(p) for p in verify_articles(spoiled.folder, spoiled.folder / "articles")]
    assert bool(found) == bool(expected)
    assert all(expected in line for line in found), found


def verified(folder, capsys):
    status = main(["verify", "--data", str(folder), "--articles", str(folder / "articles")])
    told = capsys.readouterr()
    assert (status, "all is well" in told.out) == (1 if told.err else 0, not told.err)
    return told.err


def test_verify_refuses_tables_that_the_check_refuses(spoiled, articles, capsys):
    assert verified(spoiled.folder, capsys) == ""
    path = spoiled.folder / "sources.csv"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert "does not end with a line feed" in verified(spoiled.folder, capsys)
    path.write_bytes(whole)
    spoiled("reports.csv", "C-0002,S-0001,L1", "C-0002,S-0001,")
    assert "locator: '' for a core article; allowed is its line, L7" in verified(spoiled.folder, capsys)


def test_verify_knows_no_line_before_the_first(spoiled, articles, capsys):
    spoiled("uncoded.csv", "S-0001,L14", "S-0001,L0")
    assert "uncoded.csv:2: locator: L0 is none of the 14 lines of S-0001" in verified(spoiled.folder, capsys)


def test_verify_says_which_article_is_missing(spoiled, articles):
    (spoiled.folder / "articles" / "S-0002").unlink()
    (found,) = map(str, verify_articles(spoiled.folder, spoiled.folder / "articles"))
    assert "no file in" in found
    assert "S-0002 cannot be verified" in found


def test_verify_refuses_a_folder_without_articles(spoiled, articles, capsys):
    folder = spoiled.folder / "articles"
    (folder / "within").mkdir()
    for path in folder.glob("S-*"):
        path.unlink()
    assert f"{folder}:1: folder: holds no file; allowed is a folder of the article texts" in verified(
        spoiled.folder, capsys
    )
    (folder / "within").rmdir()
    folder.rmdir()
    assert f"{folder}:1: folder: is no folder" in verified(spoiled.folder, capsys)
