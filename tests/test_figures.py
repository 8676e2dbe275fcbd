"""Figures that are cited: permanent ids, provenance in every file, the index, the forms of citation."""

import base64
import io
import json
import re
import subprocess
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pandas as pd
import pikepdf
import pytest
import vl_convert
import yaml
from conftest import ROOT, write_differences
from fontTools.ttLib import TTFont
from ledger import LedgerError, citing, data_cutoff, figures, provenance
from ledger.notebooks import notebook_paths
from ledger.outlines import lighter
from ledger.pages import document
from matplotlib.figure import Figure
from PIL import Image, ImageChops
from test_chapters import figure_records

FIGURES = ROOT / "figures"
LETTERS = "A & B: 5 % of #1_{x} ~ ^ \\ “ö”"


@pytest.fixture
def drawn(ledger, tmp_path, monkeypatch):
    """A small chart under the name of the first figure, written to a folder of its own."""
    monkeypatch.setenv("LEDGER_FIGURES", str(tmp_path))

    def draw(body, ink):
        body.subplots().plot([0, 1], color=ink.text)

    name = ledger.figures["name"].iloc[0]
    words = {"title": "One < two & “ö”", "caption": "A line.", "alt": "A line that rises."}
    figures.publish(ledger, name, draw, ledger.claims.head(2), **words)
    return tmp_path, name


def test_every_row_of_the_table_is_drawn_and_every_figure_drawn_has_a_row(ledger):
    drawn = [(r["name"], path.stem) for path in notebook_paths() for r in figure_records(path)]
    rows = list(zip(ledger.figures["name"], ledger.figures["chapter"], strict=True))
    assert len(drawn) == len(set(drawn))
    assert set(rows) == set(drawn), f"figures.csv and the chapters differ in {sorted(set(rows) ^ set(drawn))}"
    assert ledger.figures["figure_id"].is_unique
    assert ledger.figures["name"].is_unique


def test_a_figure_without_a_row_is_refused_by_name(ledger, tmp_path, monkeypatch):
    monkeypatch.setenv("LEDGER_FIGURES", str(tmp_path))
    with pytest.raises(LedgerError, match=r"figures\.csv: name: has no figure 'no-such-figure'"):
        figures.publish(
            ledger,
            "no-such-figure",
            lambda body, ink: None,
            ledger.claims.head(1),
            title="t",
            caption="c",
            alt="a",
        )
    assert not list(tmp_path.iterdir())


def terms_of(path):
    """Read the terms of a file back with a reader that did not write them."""
    if path.suffix == ".svg":
        root = ElementTree.parse(path).getroot()
        dublin = "{http://purl.org/dc/elements/1.1/}"
        found = {e.tag.removeprefix(dublin): e.text for e in root.iter() if e.tag.startswith(dublin)}
        assert len(root.findall("{http://www.w3.org/2000/svg}metadata")) == 1
        return found
    if path.suffix == ".png":
        with Image.open(path) as picture:
            picture.load()
            return {k.lower(): v for k, v in picture.text.items()}
    with pikepdf.open(path) as pdf:
        info = {str(k): str(v) for k, v in pdf.docinfo.items()}
    return {term: info[provenance.pdf_name(term)] for term in provenance.FIELDS}


def check_terms(folder, record, ledger):
    wanted = {
        "title": record["title"],
        "identifier": record["id"],
        "description": record["alt"],
        "source": record["source"],
        "date": data_cutoff(ledger).isoformat(),
        "publisher": f"{citing.TITLE}, version {ledger.version}",
        "rights": figures.RIGHTS,
        "relation": f"figures/{record['id']}.html",
    }
    stamped = [f for f in record["files"] if f.endswith((".svg", ".png", ".pdf"))]
    assert len(stamped) == 5
    for file in stamped:
        assert terms_of(folder / file) == wanted, file


def test_the_files_of_every_figure_carry_its_provenance(ledger):
    found = figures.records(ledger)
    assert len(found) == len(ledger.figures)
    for record in found:
        check_terms(FIGURES, record, ledger)


def test_provenance_survives_signs_that_markup_uses(ledger, drawn):
    folder, name = drawn
    record = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    assert record["title"] == "One < two & “ö”"
    check_terms(folder, record, ledger)
    assert {p.name for p in folder.iterdir()} == set(record["files"])


def test_the_bytes_of_a_figure_repeat(ledger, drawn, tmp_path_factory, monkeypatch):
    folder, name = drawn
    again = tmp_path_factory.mktemp("again")
    monkeypatch.setenv("LEDGER_FIGURES", str(again))
    words = {"title": "One < two & “ö”", "caption": "A line.", "alt": "A line that rises."}
    figures.publish(
        ledger,
        name,
        lambda body, ink: body.subplots().plot([0, 1], color=ink.text),
        ledger.claims.head(2),
        **words,
    )
    for path in folder.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name


def test_the_picture_of_double_size_is_twice_the_other(ledger):
    for name in ledger.figures["name"]:
        with (
            Image.open(FIGURES / f"{name}.png") as one,
            Image.open(FIGURES / f"{name}@2x.png") as two,
        ):
            assert abs(two.width - 2 * one.width) <= 2, name
            assert abs(two.height - 2 * one.height) <= 2, name


def test_the_index_is_current():
    index = json.loads((FIGURES / "index.json").read_text(encoding="utf-8"))
    singles = [p for p in FIGURES.glob("*.json") if not p.name.endswith(".vl.json") and p.stem != "index"]
    assert {r["name"] for r in index} == {p.stem for p in singles}
    for record in index:
        assert record == json.loads((FIGURES / f"{record['name']}.json").read_text(encoding="utf-8")), (
            "figures/index.json is stale: run `make execute`"
        )
    assert [r["id"] for r in index] == sorted((r["id"] for r in index), key=lambda i: int(i[2:]))


def test_no_picture_carries_a_time_of_its_own():
    for path in FIGURES.glob("*.pdf"):
        content = path.read_bytes()
        assert b"/CreationDate" not in content
        assert b"/ModDate" not in content
    for path in FIGURES.glob("*.svg"):
        assert path.read_text(encoding="utf-8").count("<dc:date>") == 1


# Charts that move.


def live_charts():
    return {
        p.name.removesuffix(".vl.json"): json.loads(p.read_text("utf-8")) for p in FIGURES.glob("*.vl.json")
    }


def parts(spec):
    """Return every part of a specification that has marks of its own."""
    inner = [part for kind in ("vconcat", "layer") for part in spec.get(kind, [])]
    return [spec] * (not inner) + [one for part in inner for one in parts(part)]


def rows_of(spec):
    """Return every row of data in a specification."""
    data = [spec.get("data", {}).get("values", [])]
    data += [rows for rows in spec.get("datasets", {}).values()]
    inner = [part for kind in ("vconcat", "layer") for part in spec.get(kind, [])]
    return [row for rows in data for row in rows] + [row for part in inner for row in rows_of(part)]


NO_CLAIM_A_MARK = {"evidence-census", "deployment-accounting-explorer"}


def test_a_mark_that_is_a_claim_shows_its_phrase_and_leads_to_it(ledger):
    known = set(ledger.claims["claim_id"])
    charts = live_charts()
    assert charts.keys() > NO_CLAIM_A_MARK
    for name in charts.keys() - NO_CLAIM_A_MARK:
        spec = charts[name]
        linked = [row for row in rows_of(spec) if "page" in row]
        assert linked, name
        for row in linked:
            found = re.fullmatch(r"\.\./claims/(C-\d{4})\.html", row["page"])
            assert found and found[1] in known and row["printed"], (name, row)
        for part in parts(spec):
            encoding = part["encoding"]
            hover = [one["field"] for one in encoding.get("tooltip", [])]
            if hover:
                assert encoding["href"]["field"] == "page", name
                assert "printed" in hover, name
    for name in (n for n in charts if n.endswith("-numbers-over-time")):
        menus = {
            p["name"]: p["bind"]["options"] for p in charts[name]["params"] if "input" in p.get("bind", {})
        }
        assert menus.keys() == {"claimant", "definition"}, name
        assert all(options[0] == "all" and len(options) > 2 for options in menus.values()), name


def test_the_picture_of_a_live_chart_has_its_letters_and_no_link():
    for name in live_charts():
        for look in ("", "-dark"):
            svg = (FIGURES / f"{name}{look}.svg").read_text(encoding="utf-8")
            assert "<a " not in svg, name
            for weight in (400, 700):
                found = re.search(rf"font-weight:{weight};src:url\(\"data:font/ttf;base64,([^\"]+)", svg)
                letters = TTFont(io.BytesIO(base64.b64decode(found[1]))).getBestCmap()
                texts = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
                missing = {c for text in texts for c in text.text or ""} - {chr(c) for c in letters}
                assert not missing, (name, missing)


# Forms of citation, written by hand after the manuals.

WORK = citing.Work(
    "figure",
    key="nk-ledger-F-01",
    title="A finding",
    url="figures/F-01.html",
    date="2026",
    number="F-01",
    within=citing.TITLE,
    version="0.3.0",
    note="Data to 13 May 2026",
)


def test_a_figure_is_cited_in_five_forms():
    assert citing.apa(WORK) == (
        "The ledger's contributors. (2026). A finding [Figure F-01]. In North Korea in Russia's war: "
        "a ledger of attributed claims (Version 0.3.0). figures/F-01.html"
    )
    assert citing.chicago(WORK) == (
        "The ledger's contributors. “A finding.” Figure F-01 in North Korea in Russia's war: a ledger of "
        "attributed claims, version 0.3.0, 2026. Data to 13 May 2026. figures/F-01.html."
    )
    assert citing.bibtex(WORK).splitlines() == [
        "@misc{nk-ledger-F-01,",
        "  author = {{The ledger's contributors}},",
        "  title = {{A finding}},",
        "  howpublished = {Figure F-01 in North Korea in Russia's war: a ledger of attributed claims, version 0.3.0},",
        "  year = {2026},",
        "  url = {figures/F-01.html},",
        "  note = {Data to 13 May 2026}",
        "}",
    ]
    tags = [line.split("  - ") for line in citing.ris(WORK).splitlines()]
    assert tags[0] == ["TY", "FIGURE"]
    assert tags[-1] == ["ER", ""]
    assert ["T2", citing.TITLE] in tags
    (item,) = json.loads(citing.csl_json(WORK))
    assert item["type"] == "figure"
    assert item["issued"] == {"date-parts": [[2026]]}
    assert item["author"] == [{"literal": "The ledger's contributors"}]


def test_what_a_document_does_not_show_is_left_out(ledger):
    row = ledger.sources[ledger.sources["title"].isna() | ledger.sources["published"].isna()].iloc[0].copy()
    row["title"] = row["published"] = row["url"] = pd.NA
    work = document(row)
    assert citing.apa(work) == f"{row['publisher']}. (n.d.). [{row['source_id']}]."
    assert citing.chicago(work) == f"{row['publisher']}. [{row['source_id']}]."
    assert f"TI  - {row['publisher']}\n" in citing.ris(work)
    for form in citing.FORMS.values():
        assert "nan" not in form(work).lower().replace(row["publisher"].lower(), "")
        assert "<NA>" not in form(work)
        assert "None" not in form(work)


def dated(published, kind="news_article"):
    cells = {"source_id": "S-0500", "publisher": "The Paper", "title": "A headline.", "url": "https://a.b/c", "source_type": kind}  # fmt: skip
    return document(pd.Series({**cells, "published": published}))


@pytest.mark.parametrize(
    ("published", "apa", "chicago", "ris", "parts"),
    [
        ("2024-10-09", "2024, October 9", "October 9, 2024", "2024/10/09/", [2024, 10, 9]),
        ("2024-10", "2024, October", "October 2024", "2024/10//", [2024, 10]),
        ("2024", "2024", "2024", None, [2024]),
        ("2024-10-09~", "ca. 2024, October 9", "ca. October 9, 2024", "2024/10/09/", [2024, 10, 9]),
        ("2024-10-09/2024-10-11", "2024, October", "October 2024", "2024/10//", [2024, 10]),
        ("2024-12-31/2025-01-02", "2024", "2024", None, [2024]),
    ],
)
def test_a_document_is_cited_with_its_whole_date(published, apa, chicago, ris, parts):
    work = dated(published)
    assert citing.apa(work) == f"The Paper. ({apa}). A headline. https://a.b/c"
    assert citing.chicago(work) == f"The Paper. “A headline.” {chicago}. [S-0500]. https://a.b/c."
    tags = dict(line.split("  - ") for line in citing.ris(work).splitlines())
    assert (tags["TY"], tags["PY"], tags.get("DA")) == ("NEWS", "2024", ris)
    (item,) = json.loads(citing.csl_json(work))
    assert item["issued"]["date-parts"] == [parts]
    assert item["issued"].get("circa", False) == ("~" in published)
    entry = citing.bibtex(work)
    assert "  year = {2024},\n" in entry
    assert ("  month = oct,\n" in entry) == (len(parts) > 1)
    assert ("  day = {9},\n" in entry) == (len(parts) > 2)


def test_every_kind_of_source_is_some_kind_of_work_and_another_is_a_document(ledger):
    (field,) = [f for f in ledger.resource("sources")["schema"]["fields"] if f["name"] == "source_type"]
    kinds = {k: (citing.ris(dated("2024", k))[6:10].strip(), json.loads(citing.csl_json(dated("2024", k)))[0]["type"]) for k in [*field["constraints"]["enum"], "<b>"]}  # fmt: skip
    assert kinds["official_page"] == kinds["broadcaster"] == ("ELEC", "webpage")
    assert kinds["research_report"] == ("RPRT", "report")
    assert [k for k, kind in kinds.items() if kind == ("GEN", "document")] == ["other", "<b>"]


def test_bibtex_escapes_what_latex_would_obey():
    entry = citing.bibtex(citing.Work("document", key="S-0001", title=LETTERS, url="https://a.b/c_d?e=1&f"))
    assert (
        r"{{A \& B: 5 \% of \#1\_\{x\} \textasciitilde{} \textasciicircum{} \textbackslash{} “ö”}}" in entry
    )
    assert "url = {https://a.b/c_d?e=1&f}" in entry


def test_every_source_has_a_key_of_its_own_in_balanced_bibtex(ledger):
    keys = []
    for _, row in ledger.sources.iterrows():
        entry = citing.bibtex(document(row))
        bare = re.sub(r"\\[{}]", "", entry)
        assert bare.count("{") == bare.count("}"), row["source_id"]
        keys.append(re.match(r"@misc\{([^,\s]+),\n", entry)[1])
    assert len(keys) == len(set(keys))


def test_the_title_and_author_are_those_of_the_citation_file():
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cff["title"] == citing.TITLE
    assert [a["name"] for a in cff["authors"]] == [citing.AUTHOR]


def test_the_make_target_validates_the_citation_file_away_from_the_books_environment():
    recipe = subprocess.run(
        ["make", "--dry-run", "citation"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert "cffconvert --validate" in recipe
    assert ".venv/bin/python -m pip" not in recipe


def test_a_stale_picture_is_shown_beside_the_fresh_one(tmp_path):
    def png(shade):
        buffer = io.BytesIO()
        Image.new("RGB", (40, 30), shade).save(buffer, "PNG")
        return buffer.getvalue()

    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="40" height="30" fill="{}"/></svg>'
    old = {"a.png": png("#ff0000"), "b.svg": svg.format("#00ff00").encode(), "c.csv": b"1", "d.png": png("#ffffff")}  # fmt: skip
    new = {"a.png": png("#0000ff"), "b.svg": svg.format("#00ff00").encode(), "c.csv": b"2", "d.png": png("#ffffff")}  # fmt: skip
    new["b.svg"] += b"\n"
    written = write_differences(old, new, tmp_path / "out")
    assert [p.name for p in written] == ["a.png", "b.svg.png"]
    with Image.open(written[0]) as picture:
        shades = [picture.getpixel((picture.width * k // 6, picture.height // 2)) for k in (1, 3, 5)]
    assert shades == [(255, 0, 0), (0, 0, 255), (255, 0, 255)]
    with Image.open(written[1]) as picture:
        third = np.asarray(picture)[:, picture.width * 2 // 3 + 4 :]
    assert not third.any(), "two pictures that look alike differ in no pixel"


def test_every_part_that_a_picture_points_to_is_in_it():
    # A browser overlooks a part that is missing; an e-reader may refuse the picture.
    pointed = 0
    for path in sorted((ROOT / "figures").glob("*.svg")):
        svg = path.read_text(encoding="utf-8")
        wanted = set(re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', svg))
        wanted = {name for pair in wanted for name in pair if name}
        assert wanted <= set(re.findall(r'\bid="([^"]*)"', svg)), path.name
        pointed += len(wanted)
    assert pointed > 1000


def test_a_lighter_svg_is_the_same_picture_in_far_fewer_bytes():
    buffer = io.BytesIO()
    with matplotlib.rc_context({"font.family": "Lato", "svg.fonttype": "path"}):
        figure = Figure(figsize=(3, 2))
        axes = figure.add_subplot()
        axes.plot([0.123456789, 2, 3], [1, 4.987654321, 2])
        axes.fill_between([0, 1, 3], [0, 2, 1], hatch="///", facecolor="none", edgecolor="grey")
        axes.set_title("About 1,100 of quite a few rounds")
        axes.text(1, 3, "small words, set askew", fontsize=5.7, rotation=33)
        figure.savefig(buffer, format="svg")
    heavy, light = buffer.getvalue(), lighter(buffer.getvalue())
    assert len(light) < 0.65 * len(heavy)
    pictures = [
        Image.open(io.BytesIO(vl_convert.svg_to_png(svg.decode(), scale=4))).convert("L")
        for svg in (heavy, light)
    ]
    moved = np.asarray(ImageChops.difference(*pictures))
    assert pictures[0].size == pictures[1].size
    assert np.asarray(pictures[0]).min() < 60
    assert (moved > 128).mean() < 0.0001
    with pytest.raises(KeyError):
        lighter(b'<svg><path d="M 0 0 A 1 1 0 0 1 2 2"/></svg>')
