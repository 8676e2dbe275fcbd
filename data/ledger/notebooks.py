"""Run the chapters and store their outputs, with nothing in them that changes from run to run."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import nbformat
import yaml
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from .figures import figures_folder, write_index
from .files import alone, write_atomically
from .prose import MIME
from .tables import DATA, LedgerError, load_ledger, store_hashes

BOOK = DATA.parent
SENTENCES = Path("chapters/sentences.txt")
"""The prose that pastes numbers, as it reads: made with the outputs, so that a change of either is seen."""
PASTED = re.compile(r"\{glue:text\}`(?:(?P<page>[\w-]+)\.ipynb::)?(?P<key>\w+)(?::s)?`")
"""A number pasted into prose."""


def chapter_names(book: Path = BOOK) -> list[str]:
    """Return the files that _toc.yml names, without ending, in its order: 'chapters/index'."""
    toc = yaml.safe_load((book / "_toc.yml").read_text(encoding="utf-8"))
    return [toc["root"]] + [c["file"] for part in toc["parts"] for c in part["chapters"]]


def notebook_paths(book: Path = BOOK) -> list[Path]:
    """Return the notebooks that _toc.yml names, in its order."""
    return [path for name in chapter_names(book) if (path := book / f"{name}.ipynb").exists()]


@cache
def chapter_titles(book: Path = BOOK) -> dict[str, str]:
    """Return the title of each chapter under its file's name without folder and ending."""
    titles = {}
    for name in chapter_names(book):
        path = book / f"{name}.ipynb"
        if path.exists():
            text = nbformat.read(path, as_version=4).cells[0].source
        else:
            text = (book / f"{name}.md").read_text(encoding="utf-8")
        titles[path.stem] = re.search(r"^# (.+)$", text, flags=re.M)[1]
    return titles


def normalise(notebook: nbformat.NotebookNode) -> str:
    """Return the text of a notebook without kernel versions, timings or random cell ids."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for place, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{place:02d}"
        cell.metadata.pop("execution", None)
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=4) + "\n"


def sentences(book: Path = BOOK) -> str:
    """Return every line of prose that pastes a number, with the key and its stored words in the place of the paste.

    What a key says stands in the stored outputs; which sentence pastes which key stands here alone. Raises
    LedgerError, naming page, line and key, for a key that no stored output has.
    """
    return fill(*prose_and_numbers(book))


def prose_and_numbers(book: Path = BOOK) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Return the prose of every page, and the words of every key that a notebook states, both by page."""
    texts, stated = {}, {}
    for name in chapter_names(book):
        path = book / f"{name}.ipynb"
        if not path.exists():
            texts[path.stem] = path.with_suffix(".md").read_text(encoding="utf-8")
            continue
        cells = nbformat.read(path, as_version=4).cells
        texts[path.stem] = "\n".join(c.source for c in cells if c.cell_type == "markdown")
        shown = [o["data"].get(MIME, {}) for c in cells for o in c.get("outputs", []) if "data" in o]
        stated[path.stem] = {r["key"]: r["text"] for record in shown for r in record.get("rows", [])}
    return texts, stated


def fill(texts: dict[str, str], stated: dict[str, dict[str, str]]) -> str:
    """Return what sentences() does, of some prose and some numbers; a line of a notebook is one of its prose."""
    lines = []
    for page, text in texts.items():
        for at, line in enumerate(text.splitlines(), start=1):

            def words(found: re.Match, page: str = page, at: int = at) -> str:
                chapter, key = found["page"] or page, found["key"]
                if key not in stated.get(chapter, {}):
                    raise LedgerError(
                        f"{page}:{at}: {key}: is pasted, and no stored output of {chapter} states it; "
                        "allowed is a key that one does"
                    )
                return f"[{key}: {stated[chapter][key]}]"

            if PASTED.search(line):
                lines.append(f"{page}: {PASTED.sub(words, line)}")
    return "\n".join(lines) + "\n"


def execute_all(book: Path = BOOK, only: Sequence[str] = ()) -> int:
    """Store the hashes of the tables and execute every notebook of the book in place, or those named (without
    .ipynb) alone; then write the index of the figures and the sentences.

    Returns 1 at the first that fails, or when a name is none of the book's, else 0. Raises RunError when another
    run is at work on the tables, the chapters or the figures, or when one cannot be written.
    """
    paths = notebook_paths(book)
    if unknown := set(only) - {p.stem for p in paths}:
        print(f"{', '.join(sorted(unknown))}: no chapter; allowed: {', '.join(p.stem for p in paths)}")
        return 1
    data = book / DATA.name
    with alone(data, book / "chapters", figures_folder()):
        store_hashes(data)
        for path in [p for p in paths if not only or p.stem in only]:
            print(f"executing {path.relative_to(book)}", flush=True)
            notebook = nbformat.read(path, as_version=4)
            try:
                NotebookClient(
                    notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}}
                ).execute()
            except CellExecutionError as error:
                print(f"{path.name}: {error}")
                return 1
            write_atomically(path, normalise(notebook).encode())
        write_index(load_ledger())
        write_atomically(book / SENTENCES, sentences(book).encode())
    return 0
