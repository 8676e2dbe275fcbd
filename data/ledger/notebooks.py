"""Run the chapters and store their outputs, with nothing in them that changes from run to run."""

from pathlib import Path

import nbformat
import yaml
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from .files import write_atomically
from .tables import DATA

BOOK = DATA.parent


def notebook_paths(book: Path = BOOK) -> list[Path]:
    """Return the notebooks that _toc.yml names, in its order."""
    toc = yaml.safe_load((book / "_toc.yml").read_text(encoding="utf-8"))
    names = [toc["root"]] + [c["file"] for part in toc["parts"] for c in part["chapters"]]
    return [path for name in names if (path := book / f"{name}.ipynb").exists()]


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


def execute_all(book: Path = BOOK) -> int:
    """Execute every notebook of the book in place; return 1 at the first that fails, else 0."""
    for path in notebook_paths(book):
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
    return 0
