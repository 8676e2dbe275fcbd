"""The palette, by simulation: kinds of claimant stay apart for every eye and in grey, on both pages."""

import re
from itertools import combinations
from types import SimpleNamespace

import nbformat
import pytest
from ledger import DATA
from ledger.charts.common import SHADES, SHAPES
from ledger.figures import DARK, GROUPS, LIGHT
from ledger.notebooks import notebook_paths
from ledger.vision import APART, CONTRAST, VISIONS, contrast, distances, seen

INKS = pytest.mark.parametrize("ink", [LIGHT, DARK], ids=["light", "dark"])


@INKS
@pytest.mark.parametrize("vision", VISIONS)
def test_every_pair_of_kinds_is_apart(ink, vision):
    found = distances(ink, vision)
    assert len(found) == 21
    assert found.iloc[0] >= APART[vision], f"{found.index[0]} lie {found.iloc[0]:.1f} apart in {vision}"


def test_every_kind_has_a_mark_of_its_own():
    assert len(set(GROUPS.values())) == len(GROUPS) == len(set(SHAPES.values()))


@INKS
def test_text_and_marks_stand_out_from_the_page(ink):
    words = {"text": ink.text, "muted": ink.muted, **ink.group}
    for name, colour in words.items():
        assert contrast(colour, ink.page) >= CONTRAST, name


@INKS
def test_a_number_stands_out_from_the_strongest_shade_of_a_table(ink):
    page, shade = (bytes.fromhex(colour[1:]) for colour in (ink.page, ink.group["South Korea"]))
    mixed = bytes(round(p + (s - p) * SHADES[1]) for p, s in zip(page, shade, strict=True))
    assert contrast(ink.text, f"#{mixed.hex()}") >= CONTRAST


def test_no_colour_of_one_appearance_is_also_of_the_other():
    assert not set(LIGHT.group.values()) & set(DARK.group.values()), "swapping them would swap twice"


def test_the_simulation_knows_what_is_known():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert seen(["#ffffff"], "deuteranopia") == pytest.approx(1, abs=0.01)
    red, green = seen(["#ff0000", "#00ff00"], "grey print")[:, 0]
    assert (red, green) == (pytest.approx(0.498, abs=0.01), pytest.approx(0.862, abs=0.01))


def test_no_chart_has_a_colour_of_its_own():
    # A colour typed elsewhere would have no dark variant and would escape the tests above.
    texts = [p.read_text(encoding="utf-8") for p in (DATA / "ledger" / "charts").glob("*.py")]
    for path in notebook_paths():
        notebook = nbformat.read(path, as_version=4)
        texts += [c.source for c in notebook.cells if c.cell_type == "code"]
    assert len(texts) > 50
    for text in texts:
        assert not re.search(r"#[0-9a-fA-F]{6}\b", text)


def test_pairs_as_near_as_each_other_keep_their_order():
    ink = SimpleNamespace(group=dict(zip("abcdefgh", ["#336699", "#996633"] * 4, strict=True)))
    pairs = list(combinations("abcdefgh", 2))
    alike = [(a, b) for a, b in pairs if ink.group[a] == ink.group[b]]
    assert list(distances(ink, "full colour").index) == [*alike, *(p for p in pairs if p not in alike)]
