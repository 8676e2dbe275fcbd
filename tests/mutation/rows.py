"""Mutations of the ledger: one cell of one row, changed as a slip of the hand would."""

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
from ledger import DATA, Ledger, in_words
from ledger.check import _check_cell, _read, _Row, check_rules
from ledger.tables import read_schema, table_resources

SIBLING = {
    "exact": "about",
    "about": "exact",
    "more_than": "at_least",
    "at_least": "more_than",
    "up_to": "nearly",
    "nearly": "up_to",
    "range": "vague",
    "vague": "range",
}
"""The bound nearest to each, which goes with the same ends where there is one."""


@dataclass(frozen=True)
class Change:
    """One cell of one row changed; a phrase of an English source changes in both its columns."""

    table: str
    row: int
    claim: str
    column: str
    old: str
    new: str
    columns: tuple[str, ...]

    @property
    def key(self) -> str:
        """The change in words, the same from run to run."""
        return f"{self.table} {self.claim} row {self.row} {self.column}: {self.old!r} to {self.new!r}"


def other_number(text: str) -> str:
    """Change the last digit that is not zero by one: 11000 to 12000, 9.4 to 9.5, 2900 to 2800."""
    for place in range(len(text) - 1, -1, -1):
        if text[place] in "123456789":
            other = str(int(text[place]) + 1) if text[place] != "9" else "8"
            return text[:place] + other + text[place + 1 :]
    return "1"


def other_date(text: str) -> str:
    """Move the last end of a date by one day, month or year, back rather than beyond a month or year."""
    head, slash, last = text.rpartition("/")
    if last == "..":
        return f"{other_date(head)}/.."
    bare = last.rstrip("~?")
    parts = [int(p) for p in bare.split("-")]
    if len(parts) == 3:
        new = date(*parts) + timedelta(days=1)
        new = new if new.month == parts[1] else date(*parts) - timedelta(days=1)
        moved = new.isoformat()
    elif len(parts) == 2:
        moved = f"{parts[0]}-{parts[1] + 1 if parts[1] < 12 else 11:02d}"
    else:
        moved = f"{parts[0] + 1}"
    return head + slash + moved + last[len(bare) :]


def other_phrase(text: str) -> str:
    """Change the last digit of a phrase, or drop its last word where it has none."""
    changed = other_number(text)
    if any(c in "123456789" for c in text):
        return changed
    return text.rsplit(maxsplit=1)[0] if " " in text else f"{text}{text[-1]}"


def changes(ledger: Ledger, used: set[str], cells: dict[str, list[_Row]]) -> Iterator[Change]:
    """Yield every mutation of the claims used in a chapter, and of their printed phrases."""
    claimants, clusters = list(ledger.claimants["claimant_id"]), list(ledger.clusters["cluster_id"])
    after = {
        "claimant_id": dict(zip(claimants, claimants[1:] + claimants[:1], strict=True)),
        "cluster_id": dict(zip(clusters, clusters[1:] + clusters[:1], strict=True)),
        "bound": SIBLING,
    }
    other = {c: other_number for c in ("low", "point", "high")}
    other |= {c: other_date for c in ("stated_on", "refers_to")}
    other |= {column: table.__getitem__ for column, table in after.items()}
    for place, row in enumerate(cells["claims"]):
        if row["claim_id"] in used:
            for column, change in other.items():
                if row[column]:
                    yield Change(
                        "claims", place, row["claim_id"], column, row[column], change(row[column]), (column,)
                    )
    for place, row in enumerate(cells["reports"]):
        if row["claim_id"] in used:
            columns = ("quote", "quote_en") if row["quote"] == row["quote_en"] else ("quote",)
            yield Change(
                "reports", place, row["claim_id"], "quote", row["quote"], other_phrase(row["quote"]), columns
            )


class Check:
    """The rules of `python -m ledger check`, on tables in memory, so that ten thousand changes can be tried."""

    def __init__(self):
        self.schema = read_schema()
        self.resources = {r["name"]: r for r in table_resources(self.schema)}
        self.cells = {name: _read(DATA, resource)[1] for name, resource in self.resources.items()}

    def message(self, changes: list[Change]) -> str:
        """Return the first problem that some changes make, or '' when the check is content with them."""
        cells = {**self.cells, **{c.table: list(self.cells[c.table]) for c in changes}}
        for change in changes:
            old = cells[change.table][change.row]
            new = _Row(old.file, old.line, {**old.cells, **dict.fromkeys(change.columns, change.new)})
            cells[change.table][change.row] = new
            for field in self.resources[change.table]["schema"]["fields"]:
                for problem in _check_cell(new, field):
                    return str(problem)
        problems = check_rules(self.schema, cells)
        return str(min(problems)) if problems else ""

    def caught(self, changes: list[Change]) -> dict[Change, str]:
        """Return the changes that the check refuses, each with its message.

        A crowd with which the check is content is let pass whole; else it is halved, down to single changes.
        """
        message = self.message(changes)
        if not message or len(changes) == 1:
            return {changes[0]: message} if message else {}
        half = len(changes) // 2
        return self.caught(changes[:half]) | self.caught(changes[half:])

    def passes_the_hash(self, change: Change) -> bool:
        """Tell whether the file of a changed table still has the hash that datapackage.json holds."""
        rows = [list(row.cells.values()) for row in self.cells[change.table]]
        names = list(self.cells[change.table][0].cells)
        for column in change.columns:
            rows[change.row][names.index(column)] = change.new
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([names, *rows])
        found = f"sha256:{hashlib.sha256(out.getvalue().encode()).hexdigest()}"
        return self.resources[change.table].get("hash", found) == found


def forms(ledger: Ledger, change: Change, value: str) -> set[tuple[str, str, str]]:
    """Return the ways in which a chapter may show the value of a cell, in the form of rerun.facts()."""
    names = ledger.claimants.set_index("claimant_id")["name"]
    words = {value}
    if change.column in ("low", "point", "high"):
        words = {str(float(value))}
    elif change.column == "claimant_id":
        words.add(names[value])
    elif change.column == "stated_on":
        words.add(in_words(value))
    return {(change.claim, change.column, word) for word in words if not pd.isna(word)}
