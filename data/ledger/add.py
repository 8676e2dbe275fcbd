"""Scaffold the rows of a statement that somebody found: a source, a claim, its report, its cluster."""

import csv
import io
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from .check import check_ledger
from .files import alone, write_atomically
from .tables import LedgerError, read_rows, read_schema, table_resources

# What is asked, in this order: name, question, whether an answer is needed.
QUESTIONS = (
    ("url", "Address of the page", True),
    ("publisher", "Publisher", True),
    ("language", "Language of the page (two letters)", True),
    ("source_type", "Kind of document", True),
    ("title", "Title of the page, if it shows one", False),
    ("published", "Date of publication (EDTF), if the page shows one", False),
    ("quote", "Shortest phrase that bears the claim, 12 words at most", True),
    ("quote_en", "The phrase in English", True),
    ("claim", "Id of the claim, if the ledger has it already", False),
)
CLAIM_QUESTIONS = (
    ("topic", "Topic", True),
    ("claimant_id", "Claimant (an id of claimants.csv)", True),
    ("measure", "Measure (an id of measures.csv; event or statement without a number)", True),
    ("statement", "The claim in your own words, with the claimant's degree of certainty", True),
    ("stated_on", "When it was said (EDTF)", False),
    ("refers_to", "The period that it is about (EDTF)", False),
    ("bound", "Bound of the number, if there is one", False),
    ("low", "Low", False),
    ("point", "Point", False),
    ("high", "High", False),
    ("polarity", "Polarity", True),
    ("modality", "Modality", True),
    ("evidence_class", "Evidence class", True),
    ("basis", "What it rests on: the briefing, statement or report", True),
)
SCOPE_QUESTIONS = (
    ("scope", "Of which whole the number is", True),
    ("counts", "What exactly is counted", True),
    ("phase", "Contingent of the deployment, if it is one", False),
    ("since", "First day of the count (EDTF), if it is said", False),
)
NUMBER = ("low", "point", "high", "bound")


def add_claim(data: Path, given: dict[str, str], ask: Callable[[str], str] | None = None) -> list[str]:
    """Add the rows of one printing to the tables of a folder and say what was added.

    `given` holds answers by name; `ask` is called for those that are missing, or None refuses.
    The tables are written only if they hold together afterwards; otherwise LedgerError lists the
    problems and nothing is changed. Before anything is asked it does so when they hold no longer. Raises
    RunError when another run is at work on them.
    """
    schema = read_schema(data)
    with alone(data):
        if problems := check_ledger(data):
            raise LedgerError(
                "nothing is added to tables that do not hold:\n" + "\n".join(map(str, problems))
            )
        return _add_claim(data, schema, given, ask)


def _add_claim(
    data: Path, schema: dict, given: dict[str, str], ask: Callable[[str], str] | None
) -> list[str]:
    tables = {r["name"]: read_rows(data / r["path"]) for r in table_resources(schema)}
    fields = {r["name"]: [f["name"] for f in r["schema"]["fields"]] for r in table_resources(schema)}
    keys = {r["name"]: r["schema"]["primaryKey"] for r in table_resources(schema)}
    known = next((s for s in tables["sources"] if s["url"] == given.get("url")), None)
    if known:
        given = {**known, **given}
    answers = _answer(QUESTIONS, given, ask, schema)
    said = []
    if not answers["claim"]:
        answers |= _answer(CLAIM_QUESTIONS, given, ask, schema)
        answers["claim"] = _next(tables["claims"], "claim_id", "C-", 4)
        cluster = _next(tables["clusters"], "cluster_id", "K-", 3)
        tables["clusters"].append({"cluster_id": cluster, "basis": answers["basis"], "how_known": "single"})
        units = {m["measure"]: m["unit"] for m in tables["measures"]}
        unit = units.get(answers["measure"], "") if answers["bound"] else ""
        tables["claims"].append(
            {**answers, "claim_id": answers["claim"], "cluster_id": cluster, "unit": unit}
        )
        said += [f"claims.csv: {answers['claim']}", f"clusters.csv: {cluster}"]
        if answers["bound"] and answers["measure"] in _scoped(tables):
            scope = _answer(SCOPE_QUESTIONS, given, ask, schema)
            tables["scopes"].append({**scope, "claim_id": answers["claim"]})
            said.append(f"scopes.csv: {answers['claim']}")
    elif answers["claim"] not in {c["claim_id"] for c in tables["claims"]}:
        raise LedgerError(f"claims.csv has no claim {answers['claim']!r}")
    number = {c: answers.get(c) or given.get(c, "") for c in NUMBER}
    source = known["source_id"] if known else _next(tables["sources"], "source_id", "S-", 4)
    if not known:
        tables["sources"].append({**answers, "source_id": source, "corpus": "wider"})
        said.append(f"sources.csv: {source}")
    report = {**answers, **number, "claim_id": answers["claim"], "source_id": source}
    tables["reports"].append({"relation": "relay", "drift": "none", **report, "note": given.get("note", "")})
    said.append(f"reports.csv: {answers['claim']} in {source}")
    # Of a run that is killed in between, the check finds the half: a source or a claim without a report, a claim
    # without its cluster, a number without its scope.
    _store(data, schema, tables, fields, keys, ("sources", "claims", "clusters", "reports", "scopes"))
    return said


def _scoped(tables: dict) -> set[str]:
    measures = {c["claim_id"]: c["measure"] for c in tables["claims"]}
    return {measures[s["claim_id"]] for s in tables["scopes"]}


def _answer(questions, given: dict[str, str], ask, schema: dict) -> dict[str, str]:
    enums = {
        f["name"]: f["constraints"]["enum"]
        for r in table_resources(schema)
        for f in r["schema"]["fields"]
        if "enum" in f.get("constraints", {})
    }
    answers = {}
    for name, question, needed in questions:
        value = given.get(name)
        if value is None and ask:
            allowed = f" ({', '.join(enums[name])})" if name in enums else ""
            value = ask(f"{question}{allowed}: ").strip()
        if needed and not value:
            raise LedgerError(f"{name}: is missing; {question.lower()} is needed")
        answers[name] = value or ""
    return answers


def _next(rows: list[dict], column: str, prefix: str, width: int) -> str:
    last = max((int(re.sub(r"\D", "", r[column])) for r in rows), default=0)
    return f"{prefix}{last + 1:0{width}d}"


def _store(
    data: Path, schema: dict, tables: dict, fields: dict, keys: dict, touched: tuple[str, ...]
) -> None:
    texts = {}
    for name in touched:
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, fields[name], restval="", extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(tables[name], key=lambda row, k=keys[name]: [row.get(c, "") for c in k]))
        texts[name] = buffer.getvalue().encode()
    with tempfile.TemporaryDirectory() as trial:
        for resource in schema["resources"]:
            shutil.copy(data / resource["path"], trial)
        shutil.copy(data / "datapackage.json", trial)
        for name, text in texts.items():
            (Path(trial) / f"{name}.csv").write_bytes(text)
        problems = check_ledger(Path(trial))
    if problems:
        raise LedgerError("nothing was written:\n" + "\n".join(str(p) for p in problems))
    for name, text in texts.items():
        write_atomically(data / f"{name}.csv", text)


def run(data: Path, given: dict[str, str]) -> int:
    """Run the command: ask on a terminal for what the flags do not give; return the exit status."""
    ask = input if sys.stdin.isatty() else None
    try:
        said = add_claim(data, given, ask)
    except LedgerError as error:
        print(error, file=sys.stderr)
        return 1
    print("Added:", *said, sep="\n  ")
    print(
        "Now: see whether links.csv needs a row (confirms, contradicts, revises), then `make execute` and `make test`."
    )
    return 0
