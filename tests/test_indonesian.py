"""The Indonesian catalogue, and how sentences are taken from a page and put back."""

import json

import pytest
from babel.messages.catalog import Catalog
from bs4 import BeautifulSoup
from conftest import ROOT
from ledger.indonesian import Translator, localise, placeholders, read_catalogue


@pytest.fixture(scope="module")
def catalogue():
    return read_catalogue()


def translator(words):
    """A translator of the given words, with one message more that is fuzzy."""
    catalogue = Catalog(locale="id")
    for english, indonesian in words.items():
        catalogue.add(english, indonesian)
    catalogue.add("A doubtful word.", "Kata yang meragukan.", flags=["fuzzy"])
    return Translator(catalogue)


@pytest.mark.parametrize(
    ("english", "indonesian"),
    [
        ("1,100", "1.100"),
        ("4.5", "4,5"),
        ("12,345.6", "12.345,6"),
        ("4.2 million", "4,2 juta"),
        ("7 billion", "7 miliar"),
        ("11th", "ke-11"),
        ("2024", "2024"),
        ("003", "003"),
        ("0.3.0", "0.3.0"),
        ("C-0017", "C-0017"),
        ("KN-23", "KN-23"),
        ("11 January 2025", "11 Januari 2025"),
        ("May 2025", "Mei 2025"),
        ("30 October", "30 Oktober"),
        ("August", "Agustus"),
    ],
)
def test_numbers_and_dates_are_written_as_in_indonesian(english, indonesian):
    assert localise(english) == indonesian


def test_a_number_may_change_and_the_translation_follows_in_its_own_order():
    words = {"{0} holds {1} claims, {2} of them of {3}.": "Dari {1} klaim pada {0}, {3}: {2}."}
    book = translator(words)
    assert book.text("October 2024 holds 1,246 claims, 2.5 million of them of KN-23.") == (
        "Dari 1.246 klaim pada Oktober 2024, KN-23: 2,5 juta."
    )
    assert book.text("May holds 7 claims, 1 of them of C-0001.") == "Dari 7 klaim pada Mei, C-0001: 1."


def test_sentences_are_translated_apart_and_one_without_a_translation_stays_english():
    book = translator({"It is so.": "Begitulah.", "Is it {0}?": "Benarkah {0}?"})
    assert book.text("It is so. A doubtful word. Is it 4.5? It is so.") == (
        "Begitulah. A doubtful word. Benarkah 4,5? Begitulah."
    )
    assert book.text("F-01: It is so.") == "F-01: Begitulah."
    assert [m.id for m in book.template if m.id] == ["It is so.", "A doubtful word.", "Is it {0}?"]


def test_marked_words_links_and_pasted_values_come_back_in_their_places():
    page = BeautifulSoup(
        '<html lang="en"><head><title>T</title></head><body><p><strong>Dead.</strong> Of <a class="stated" href="#n">about 1,100</a>'
        ' <em>killed &amp; hurt</em>, see <a href="m.html">rules</a>, <q lang="ko">말</q> and <code>x 1</code>.</p>'
        '<p>So <em>it was. It</em> is.</p><img alt="No 4.5"><p lang="ko">말</p></body></html>',
        "html.parser",
    )
    words = {
        "<0>Dead.</0>": "<0>Tewas.</0>",
        "about {0}": "sekitar {0}",
        "Of {0} <1>killed & hurt</1>, see <2>rules</2>, {3} and {4}.": "Lihat <2>aturan</2> & {0} <1>tewas</1>, {4}, {3}.",
        "So <0>it was. It</0> is.": "<0>Dahulu. Kini</0> begitu.",
        "No {0}": "Nomor {0}",
    }
    translator(words).soup(page)
    assert page.html["lang"] == "id"
    assert str(page.body) == (
        '<body><p><strong>Tewas.</strong> Lihat <a href="m.html">aturan</a> &amp; <a class="stated" href="#n">sekitar 1.100</a>'
        ' <em>tewas</em>, <code>x 1</code>, <q lang="ko">말</q>.</p><p><em>Dahulu. Kini</em> begitu.</p><img alt="Nomor 4,5"/><p lang="ko">말</p></body>'
    )


def test_the_catalogue_is_whole(catalogue):
    assert catalogue.locale.language == "id"
    assert "no person has read" in catalogue.header_comment.lower()
    assert not catalogue.obsolete, "messages that no page holds any more: delete them"
    messages = [m for m in catalogue if m.id]
    assert messages
    for message in messages:
        assert message.string, f"no translation: {message.id}"
        assert not message.fuzzy, f"the English changed, go over the translation: {message.id}"
        assert placeholders(message.id) == placeholders(message.string), message.id


def test_every_title_caption_and_alternative_text_has_its_translation(catalogue):
    book = Translator(catalogue)
    records = json.loads((ROOT / "figures" / "index.json").read_text(encoding="utf-8"))
    for record in records:
        for field in ("title", "caption", "alt"):
            book.text(record[field])
    missing = [m.id for m in book.template if m.id and m.id not in book.messages]
    assert records
    assert not missing, "build the book, run 'python -m ledger translate', and translate: " + "\n".join(
        missing
    )
