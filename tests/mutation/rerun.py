"""Run the chapters in this process and record what each cell hands to the reader, without drawing.

What is recorded (titles, captions, alt texts, source lines, plotted tables, stated numbers, judgements) is a part of
what `make test` compares with the stored outputs: where the record of a cell differs, its stored output does.
"""

import ast
import csv
import io
from collections.abc import Iterable, Iterator

import ledger as package
import nbformat
from ledger import Ledger, figures, prose
from ledger.notebooks import notebook_paths
from ledger.tables import table_resources
from module import reached_by

_SHOWN: list = []
"""What the cell that runs has shown so far."""


def _record(ledger, name, drawing, claims, *, title, caption, alt, height=3.0, plotted=None):
    table = figures._csv(claims if plotted is None else plotted)
    line = figures.source_line(ledger, claims, plotted)
    _SHOWN.append(("figure", name, title, caption, alt, line, tuple(claims["claim_id"]), table))


def _compile(source: str, name: str):
    """Compile a cell; what its last expression gives is shown, as Jupyter does."""
    tree = ast.parse(source)
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        show = ast.Name("_show_", ast.Load())
        tree.body[-1].value = ast.Call(show, [tree.body[-1].value], [])
    return compile(ast.fix_missing_locations(tree), name, "exec")


def _show(value) -> None:
    if hasattr(value, "_ipython_display_"):
        value._ipython_display_()
    elif value is not None:
        _SHOWN.append(("shown", repr(value)))


class Book:
    """The chapters as functions of a ledger; `reference` is what they show of the tables as they are."""

    def __init__(self):
        prose.glue = lambda key, text, display: _SHOWN.append(("glue", key, text))
        prose.display = lambda bundle, raw: _SHOWN.append(("shown", bundle))
        figures.publish = figures.publish_interactive = _record
        self.cells = {
            path.stem: [
                _compile(cell.source, f"{path.stem}, cell {place}")
                for place, cell in enumerate(nbformat.read(path, as_version=4).cells, start=1)
                if cell.cell_type == "code"
            ]
            for path in notebook_paths()
        }
        self.ledger = package.load_ledger()
        for resource in table_resources(self.ledger.schema):
            getattr(self.ledger, resource["name"])
        self.reference, self.reached = {}, {}
        for chapter in self.cells:
            self.reached[chapter] = reached_by(lambda chapter=chapter: self._refer(chapter))

    def _refer(self, chapter: str) -> None:
        self.reference[chapter] = list(self.run(chapter, self.ledger))

    @property
    def used(self) -> set[str]:
        """The claims that a figure draws or that a stated number rests on."""
        found = set()
        for kind, *rest in (one for cells in self.reference.values() for shown in cells for one in shown):
            if kind == "figure":
                found |= set(rest[5])
            elif kind == "shown" and isinstance(rest[0], dict):
                rows = rest[0].get(prose.MIME, {}).get("rows", [])
                found |= {claim["claim"] for row in rows for claim in row["claims"]}
        return found

    def changed(self, changes: Iterable) -> Ledger:
        """Return the ledger with some cells of it changed; each change has table, row, column and new."""
        copy = Ledger(self.ledger.data, self.ledger.schema)
        tables = {r["name"] for r in table_resources(self.ledger.schema)}
        copy.__dict__.update({name: self.ledger.__dict__[name] for name in tables})
        for change in changes:
            frame = copy.__dict__[change.table]
            if frame is self.ledger.__dict__[change.table]:
                frame = copy.__dict__[change.table] = frame.copy()
            number = change.column in ("low", "point", "high")
            for column in change.columns:
                frame.loc[change.row, column] = float(change.new) if number else change.new
        return copy

    def run(self, chapter: str, ledger: Ledger) -> Iterator[list | Exception]:
        """Run one chapter on a ledger; yield, cell by cell, what it shows, or how it fails."""
        package.load_ledger = lambda: ledger
        space = {"__name__": "__main__", "_show_": _show}
        for code in self.cells[chapter]:
            _SHOWN.clear()
            try:
                exec(code, space)
                yield list(_SHOWN)
            except Exception as error:
                yield error

    def difference(self, chapters: Iterable[str], ledger: Ledger) -> str:
        """Name the first cell that shows something else than it does now, or fails; '' when none does."""
        for chapter in chapters:
            for place, shown in enumerate(self.run(chapter, ledger)):
                if isinstance(shown, Exception):
                    return f"{chapter}, code cell {place + 1}: {type(shown).__name__}"
                if shown != self.reference[chapter][place]:
                    return f"{chapter}, code cell {place + 1}"
        return ""

    def told(self, ledger: Ledger) -> set[tuple[str, str, str]]:
        """Return what all chapters show of single claims: (claim, column, value), from tables and citations."""
        cells = (shown for chapter in self.cells for shown in self.run(chapter, ledger))
        # A crowd of changes may break a cell; what the others show still counts.
        return {fact for shown in cells if not isinstance(shown, Exception) for fact in facts(shown)}


def facts(shown: list) -> set[tuple[str, str, str]]:
    """Return what a cell shows of single claims, as (claim, column of the ledger, value)."""
    found = set()
    for kind, *rest in shown:
        if kind == "figure":
            for row in csv.DictReader(io.StringIO(rest[-1].decode())):
                if "claim_id" in row:
                    found |= {(row["claim_id"], column, value) for column, value in row.items()}
        elif kind == "shown" and isinstance(rest[0], dict):
            rows = rest[0].get(prose.MIME, {}).get("rows", [])
            for claim in (c for row in rows for c in row["claims"]):
                found.add((claim["claim"], "claimant_id", claim["claimant"]))
                found.add((claim["claim"], "stated_on", claim["stated"]))
                found |= {(claim["claim"], "quote", p["quote"]) for p in claim["printed"]}
    return found
