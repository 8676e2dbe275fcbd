"""Prose, charts and data in step: stored outputs are fresh, numbers pasted, figures current."""

import ast
import importlib
import re

import nbformat
import pytest
from conftest import ROOT, write_differences
from ledger.figures import file_name, kinds_of
from ledger.notebooks import SENTENCES, fill, normalise, notebook_paths, sentences
from ledger.tables import LedgerError

NOTEBOOKS = notebook_paths()
PAGES = sorted((ROOT / "chapters").glob("*.md"))
GLUE = re.compile(r"\{glue:text\}`(?:(?P<page>[\w-]+)\.ipynb::)?(?P<key>\w+)(?P<format>:s)?`")
CLAIM = re.compile(r"\{claim\}`([^`]*)`")
# Names that contain digits, and may be typed: articles, weapons, calibres, days, scales of maps.
NAMES = re.compile(
    r"\bRiau24\b|\bline \d+(?:(?:,| and) \d+)*|\bKN-\d+|\b\d+ mm\b|\b[CSK]-\d{3,4}\b|\bSHA-256\b|\bISO \d+|\bICD \d+|\bC4ADS\b"
    r"|\b(?:\d{1,2} )?(?:January|February|March|April|May|June|July|August|September|October|November|December)(?: \d{4})?"
    r"|\b1 to 50 million\b|\b(?:19|20)\d{2}\b"
)
COUNTED = r"soldiers|troops|officers|men|killed|wounded|dead|casualties|percent|per cent|states|rounds|shells|missiles|guns|drones|days|weeks|claims|clusters|reports|times|million|thousand"
WORDS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|hundreds|thousand|thousands|million|millions|dozens"
TYPED = [
    re.compile(r"\d"),
    re.compile(rf"\b(?:about|more than|over|some|nearly|at least|up to) (?:an? )?(?:{WORDS})\b", re.I),
    re.compile(rf"\b(?:{WORDS}|tens of thousands) (?:of )?(?:\w+ )?(?:soldiers|troops|officers|killed|wounded|dead|casualties|percent|rounds|shells|missiles|guns|drones)\b", re.I),
]  # fmt: skip


def cells(path, kind):
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == kind]


def prose_of(text):
    """Drop what is no prose: code, links' targets, roles, directives' options, table rules."""
    text = re.sub(r"```.*?```", "", text, flags=re.S)
    text = re.sub(r"^:::.*$|^:[\w-]+:.*$", "", text, flags=re.M)
    text = re.sub(r"\{[\w:]+\}`[^`]*`|`[^`]*`", "", text)
    text = re.sub(r"\]\([^)]*\)|\]\{[^}]*\}", "]", text)
    return re.sub(r"^\d+\. ", "", text, flags=re.M)


def shown_strings(path):
    """Every string that a chapter hands to a figure or a form: titles, captions, alt texts, labels."""
    for cell in cells(path, "code"):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Call):
                for argument in [
                    *node.args,
                    *(k.value for k in node.keywords if k.arg in ("title", "caption", "alt", "xlabel")),
                ]:
                    for part in ast.walk(argument):
                        if (
                            isinstance(part, ast.Constant)
                            and isinstance(part.value, str)
                            and " " in part.value
                        ):
                            yield part.value


def typed_quantity(text):
    bare = NAMES.sub("", re.sub(r"\{\w+\}", "", text))
    return next((m.group() for pattern in TYPED if (m := pattern.search(bare))), None)


@pytest.mark.parametrize("path", [*NOTEBOOKS, *PAGES], ids=lambda p: p.name)
def test_no_quantity_is_typed(path):
    texts = (
        [c.source for c in cells(path, "markdown")]
        if path.suffix == ".ipynb"
        else [path.read_text(encoding="utf-8")]
    )
    for text in texts:
        for line in prose_of(text).splitlines():
            assert not typed_quantity(line), (
                f"{path.name}: {typed_quantity(line)!r} is typed in {line!r}; state it and paste it"
            )
    if path.suffix == ".ipynb":
        for text in shown_strings(path):
            assert not typed_quantity(text), (
                f"{path.name}: {typed_quantity(text)!r} is typed in {text!r}; fill it from a stated key"
            )


@pytest.mark.parametrize(
    "text",
    [
        "About 3,000 men went.",
        "a quarter, 25 percent",
        "It lost three hundred soldiers.",
        "dozens of officers",
        "rise from about a thousand",
        "11.000 tentara",
        "Article 004 is our own name",
    ],
)
def test_a_typed_quantity_is_caught(text):
    assert typed_quantity(text)


@pytest.mark.parametrize(
    "text", ["KN-23 missiles", "on 23 December 2024", "Riau24.com (S-0002) and 170 mm guns", "in {days} days"]
)
def test_a_name_is_no_quantity(text):
    assert not typed_quantity(text)


def stated_keys(path):
    keys = []
    for cell in cells(path, "code"):
        for node in ast.walk(ast.parse(cell.source)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "state"
            ):
                keys += [k.arg for k in node.keywords]
    return keys


def test_every_key_used_is_stated_and_every_key_stated_is_used():
    stated = {path.stem: stated_keys(path) for path in NOTEBOOKS}
    used = {path.stem: set() for path in NOTEBOOKS}
    for path in [*NOTEBOOKS, *PAGES]:
        text = (
            "\n".join(c.source for c in cells(path, "markdown"))
            if path.suffix == ".ipynb"
            else path.read_text(encoding="utf-8")
        )
        for found in GLUE.finditer(text):
            page = found["page"] or path.stem
            assert found["key"] in stated[page], (
                f"{path.name} pastes {found['key']!r}, which {page} does not state"
            )
            used[page].add(found["key"])
    for path in NOTEBOOKS:
        for text in shown_strings(path):
            used[path.stem] |= set(re.findall(r"\{(\w+)\}", text))
        source = "\n".join(c.source for c in cells(path, "code"))
        used[path.stem] |= set(re.findall(r"numbers\.stated\[['\"](\w+)", source))
        assert len(stated[path.stem]) == len(set(stated[path.stem]))
        unused = set(stated[path.stem]) - used[path.stem]
        assert not unused, f"{path.name} states {sorted(unused)} and pastes none of them"


def test_every_sentence_with_a_number_reads_as_stored():
    stored = (ROOT / SENTENCES).read_text(encoding="utf-8").splitlines()
    now = sentences(ROOT).splitlines()
    differ = [f"stored: {a}\nnow:    {b}" for a, b in zip(stored, now, strict=False) if a != b]
    assert stored == now, "\n".join(
        ["if these words are meant, run `make execute`:", *differ[:3], f"{len(stored)} and {len(now)} lines"]
    )


@pytest.mark.parametrize("paste", ["toll", "casualties.ipynb::toll", "none.ipynb::toll"])
def test_a_paste_of_what_nothing_states_is_named_by_page_line_and_key(paste):
    texts = {"casualties": f"# A title\n\nIt said {{glue:text}}`force` and {{glue:text}}`{paste}`."}
    chapter = paste.split(".")[0] if "." in paste else "casualties"
    with pytest.raises(LedgerError) as raised:
        fill(texts, {"casualties": {"force": "about 11,000"}})
    assert str(raised.value) == (
        f"casualties:3: toll: is pasted, and no stored output of {chapter} states it; allowed is a key that one does"
    )


def test_every_claim_cited_in_prose_exists(ledger):
    known = set(ledger.claims["claim_id"])
    cited = set()
    for path in [*NOTEBOOKS, *PAGES]:
        text = (
            "\n".join(c.source for c in cells(path, "markdown"))
            if path.suffix == ".ipynb"
            else path.read_text(encoding="utf-8")
        )
        cited |= set(CLAIM.findall(text))
    assert cited
    assert cited <= known


def test_no_notebook_is_left_out():
    assert {p.name for p in (ROOT / "chapters").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts} == {
        p.name for p in NOTEBOOKS
    }
    assert len(NOTEBOOKS) >= 4
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"pytest --nbval --nbval-current-env chapters$", makefile, flags=re.M)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_no_notebook_is_cleared_and_no_cell_hides_from_nbval(path):
    code = cells(path, "code")
    assert [c.execution_count for c in code] == list(range(1, len(code) + 1)), (
        f"{path.name}: run `make execute`"
    )
    assert sum(len(c.outputs) for c in code) >= 3
    for cell in code:
        assert not re.search(r"nbval|NBVAL", cell.source + str(cell.metadata))
        assert not [o for o in cell.outputs if o.output_type in ("stream", "error")]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_stored_notebooks_are_what_execution_stores(path, executed):
    fresh = (executed / "chapters" / path.name).read_text(encoding="utf-8")
    assert path.read_text(encoding="utf-8") == fresh, f"{path.name} is stale: run `make execute`"
    assert normalise(nbformat.read(path, as_version=4)) == fresh


def test_figures_are_current_and_complete(executed):
    fresh = {p.name: p.read_bytes() for p in (executed / "fresh-figures").iterdir()}
    kept = {p.name: p.read_bytes() for p in (ROOT / "figures").iterdir()}
    assert fresh.keys() == kept.keys(), (
        f"figures/ and the chapters differ in {sorted(fresh.keys() ^ kept.keys())}: run `make execute`"
    )
    stale = sorted(name for name in fresh if fresh[name] != kept[name])
    shown = write_differences(kept, fresh, ROOT / "_build" / "figure-differences") if stale else []
    assert not stale, (
        f"{stale} are not what the chapters draw: run `make execute`; "
        f"old, new and difference: {[str(p.relative_to(ROOT)) for p in shown]}"
    )


def figure_records(path):
    for cell in cells(path, "code"):
        for output in cell.outputs:
            record = output.get("data", {}).get("application/vnd.ledger+json")
            if record and record["kind"] == "figure":
                yield record


def test_every_figure_has_its_files_its_words_and_its_source(ledger):
    records = [r for path in NOTEBOOKS for r in figure_records(path)]
    for path in [p for p in NOTEBOOKS if p.stem in set(ledger.analyses["chapter"])]:
        kinds = [r["interactive"] for r in figure_records(path)]
        assert kinds.count(False) >= 2, f"{path.name} has fewer than two static charts"
        assert kinds.count(True) >= 1, f"{path.name} has no interactive chart"
    for field in ("name", "title", "caption", "alt"):
        values = [r[field] for r in records]
        assert len(values) == len(set(values)), f"two figures share a {field}"
    for record in records:
        for kind in kinds_of(record):
            assert (ROOT / "figures" / file_name(record["name"], kind)).stat().st_size > 100
        assert re.fullmatch(
            r"Source: .+\. [\d,]+ claims?, [\d,]+ clusters?, as of .+\. Ledger [\d.]+\.", record["source"]
        )
        assert len(record["alt"].split()) >= 15
        assert len(record["caption"].split()) >= 10


def test_every_analysis_has_its_functions_its_test_its_figures_and_its_section(ledger):
    tests = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests").glob("test_*.py"))
    drawn = {path.stem: {r["name"] for r in figure_records(path)} for path in NOTEBOOKS}
    assert len(ledger.analyses) == 25
    for row in ledger.analyses.itertuples():
        headings = re.findall(
            r"^#+ (.+)$",
            "\n".join(c.source for c in cells(ROOT / "chapters" / f"{row.chapter}.ipynb", "markdown")),
            flags=re.M,
        )
        assert row.section in headings, f"{row.analysis_id}: {row.chapter} has no section {row.section!r}"
        for name in row.functions.split():
            module, _, function = name.partition(".")
            found = importlib.import_module(f"ledger.{module}")
            assert callable(getattr(found, function)), f"{row.analysis_id}: {name}"
        for name in row.tests.split():
            assert f"def {name}(" in tests, f"{row.analysis_id}: no test {name}"
        assert set(row.figures.split()) <= drawn[row.chapter], f"{row.analysis_id}: {row.figures}"
    listed = {name for figures in ledger.analyses["figures"] for name in figures.split()}
    others = set().union(*drawn.values()) - listed
    assert others <= OUTSIDE, f"drawn for no analysis: {sorted(others - OUTSIDE)}"


# Figures of what the five articles say, of places, of the self-check and of the visual language: they show the ledger, not an analysis.
OUTSIDE = {
    "arms-drones-drift",
    "arms-guns-and-launchers",
    "arms-what-is-claimed",
    "casualties-wording-drift",
    "deployment-first-combat",
    "deployment-places",
    "deployment-size-claims",
    "deployment-stages-kursk",
    "diplomacy-confirmation-ladder",
    "diplomacy-denials-over-time",
    "self-check-published-sums",
    "style-kinds",
    "style-missing",
    "style-type",
    "style-wording",
}
