"""Change the ledger, the module and the prose in thousands of places, and show what catches each.

Run: .venv/bin/python tests/mutation [--sample] [--jobs N]      (`make mutation`; the sample is a part of `make test`)

Writes _build/mutation/mutations.csv, a row a mutation, and summary.md. The exit status is 1 when a mutation survives
that survivors.csv does not list with its reason, when none of a kind was tried, and, of the whole, when one that it
lists is caught.
"""

import argparse
import collections
import csv
import hashlib
import os
import sys
import time
from itertools import pairwise
from pathlib import Path

import module
import rows
from forks import forked
from ledger.notebooks import BOOK, PASTED, SENTENCES, fill, prose_and_numbers
from rerun import Book, facts
from suite import Suite, with_suite

HERE = Path(__file__).resolve().parent
OUT = BOOK / "_build" / "mutation"
CATCHERS = ("check", "tests", "chapters", "sentences", "hash", "")
"""What catches a mutation, in the order in which it is asked; the last is nothing at all."""
SAMPLE = {"data": 80, "module": 28, "prose": 6}
"""Of so many mutations the sample takes one, by the hash of its words: the same until they change."""
CROWD = {"stated_on": 64, "refers_to": 64, "claimant_id": 16, "quote": 64}
"""How many changes of a column are checked at once; where most are refused, one at a time."""
SECONDS = 120
"""A fork that works longer counts as caught: a mutation may loop for ever."""


def sampled(kind: str, mutations: list, sample: bool) -> list:
    """Return the mutations to try: all, or those that the hash of their words picks."""
    if not sample:
        return mutations
    return [m for m in mutations if int(hashlib.sha256(m.key.encode()).hexdigest(), 16) % SAMPLE[kind] == 0]


def try_data(book: Book, sample: bool, jobs: int) -> list[dict]:
    """Try the mutations of the ledger: by the check, by what the chapters tell of a claim, by the stored hashes."""
    check = rows.Check()
    tried = sampled("data", list(rows.changes(book.ledger, book.used, check.cells)), sample)
    caught = refused(check, tried, jobs)
    caught |= told(book, [c for c in tried if c not in caught], sample, jobs)
    for change in tried:
        if change not in caught and not check.passes_the_hash(change):
            caught[change] = "hash", f"{change.table}.csv"
    return [result("data", c.column, c.key, *caught.get(c, ("", ""))) for c in tried]


def refused(check: rows.Check, tried: list[rows.Change], jobs: int) -> dict[rows.Change, tuple[str, str]]:
    """Return the changes that `python -m ledger check` refuses."""
    crowds = [
        same[start : start + size]
        for column in dict.fromkeys(c.column for c in tried)
        for same, size in [([c for c in tried if c.column == column], CROWD.get(column, 1))]
        for start in range(0, len(same), size)
    ]
    found = {}
    for _, messages in forked(check.caught, crowds, jobs, SECONDS):
        found |= {change: ("check", message) for change, message in messages.items()}
    return found


def told(book: Book, left: list[rows.Change], sample: bool, jobs: int) -> dict[rows.Change, tuple[str, str]]:
    """Return the changes whose new value a chapter shows in a table or a citation, by the claim and the column.

    Many are tried at once, one a column and claim, for what is looked for is the value of that very cell; what else
    a change moves is not looked for, so that fewer are counted here than the stored outputs catch.
    """
    before = {fact for cells in book.reference.values() for shown in cells for fact in facts(shown)}
    direct = [c for c in left if rows.forms(book.ledger, c, c.old) & before]
    if sample:
        batches = [direct] * bool(direct)  # hardly two changes of the sample are of one claim
    else:
        by_column = [[c for c in direct if c.column == column] for column in {c.column for c in direct}]
        batches = [half for same in by_column for half in (same[::2], same[1::2]) if half]
    found = {}
    for batch, after in forked(lambda batch: book.told(book.changed(batch)), batches, jobs, SECONDS):
        for change in batch:
            if rows.forms(book.ledger, change, change.new) & ((after or set()) - before):
                found[change] = "chapters", "a table or a citation shows the new value"
    return found


def result(kind: str, what: str, mutation: str, catcher: str, how: str) -> dict[str, str]:
    """Return a row of mutations.csv."""
    return {"kind": kind, "what": what, "mutation": mutation, "catcher": catcher, "how": how}


def try_module(book: Book, suite: Suite, sample: bool, jobs: int) -> list[dict]:
    """Try the mutants of the module: by the tests, then by the chapters that reach what is changed.

    Raises RuntimeError when something is found although nothing was changed, for that would catch anything.
    """
    tried = sampled("module", [m for name in module.MODULES for m in module.mutants(name)], sample)

    def work(mutant: module.Mutant | None) -> tuple[str, str]:
        if mutant is None:
            return "", suite.catcher(suite.items) or book.difference(book.cells, book.ledger)
        constant = mutant.function if mutant.function.isupper() else ""
        functions = {(mutant.module, mutant.function)} | module.readers(mutant.module, mutant.function)
        tests = suite.choose(functions, constant)
        chapters = [chapter for chapter, reached in book.reached.items() if reached & functions]
        try:
            module.put_in_place(mutant)
        except Exception as error:
            return "tests", f"no module: {type(error).__name__}"
        if name := suite.catcher(tests):
            return "tests", name
        if place := book.difference(chapters, book.ledger):
            return "chapters", place
        return "", f"{len(tests)} tests and {len(chapters)} chapters reach it"

    results = []
    for mutant, found in forked(work, [None, *tried], jobs, SECONDS):
        if mutant:
            results.append(
                result("module", mutant.operator, mutant.key, *(found or ("tests", "crash, or no end")))
            )
        elif found != ("", ""):
            raise RuntimeError(f"caught although nothing was changed: {found}")
    return results


class Swap(collections.namedtuple("Swap", "page first second text")):
    """Two pasted keys that follow each other on a page, each in the place of the other; `text` is the page then."""

    @property
    def key(self) -> str:
        """The swap in words."""
        return f"{self.page}: {self.first} and {self.second} change places"


def swaps(texts: dict[str, str]) -> list[Swap]:
    """Return every swap of two neighbours among the pasted keys of a page."""
    found = []
    for page, text in texts.items():
        pasted = list(PASTED.finditer(text))
        for one, two in pairwise(pasted):
            if one.group() != two.group():
                between = text[one.end() : two.start()]
                swapped = text[: one.start()] + two.group() + between + one.group() + text[two.end() :]
                found.append(Swap(page, f"{one['key']} at {one.start()}", two["key"], swapped))
    return found


def try_prose(sample: bool) -> list[dict]:
    """Try the swaps of pasted keys, by the stored sentences."""
    texts, stated = prose_and_numbers()
    kept = (BOOK / SENTENCES).read_text(encoding="utf-8")
    results = []
    for swap in sampled("prose", swaps(texts), sample):
        seen = fill({**texts, swap.page: swap.text}, stated) != kept
        caught = ("sentences", str(SENTENCES)) if seen else ("", "")
        results.append(result("prose", "pasted key", swap.key, *caught))
    return results


def summary(results: list[dict], seconds: float) -> str:
    """Return the table of what caught how many, as Markdown."""
    groups = collections.defaultdict(collections.Counter)
    for result in results:
        for what in (result["what"], "all"):
            groups[result["kind"], what][result["catcher"]] += 1
    lines = [
        f"| of | changed | mutations | {' | '.join(CATCHERS[:-1])} | nothing | caught |",
        "|---|---|--:|" + "--:|" * (len(CATCHERS) + 1),
    ]
    for (kind, what), counts in sorted(groups.items(), key=lambda g: (g[0][0], g[0][1] == "all", g[0][1])):
        n = sum(counts.values())
        shown = " | ".join(str(counts[c] or "") for c in CATCHERS)
        lines.append(f"| {kind} | {what} | {n} | {shown} | {100 * (1 - counts[''] / n):.1f} % |")
    return "\n".join([*lines, "", f"In {seconds:.0f} seconds."])


def main() -> int:
    """Try the mutations and write the tables; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", action="store_true", help="a small part, the same from run to run")
    parser.add_argument("--only", choices=["data", "module", "prose"], help="one kind alone")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="forks at a time")
    options = parser.parse_args()
    start, results = time.monotonic(), []

    def all_kinds(suite: Suite | None) -> None:
        book = Book()
        if options.only in (None, "data"):
            results.extend(try_data(book, options.sample, options.jobs))
        if suite:
            results.extend(try_module(book, suite, options.sample, options.jobs))

    if options.only in (None, "prose"):
        results += try_prose(options.sample)
    if options.only in (None, "module"):
        with_suite(all_kinds)
    elif options.only == "data":
        all_kinds(None)
    OUT.mkdir(parents=True, exist_ok=True)
    with (OUT / "mutations.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["kind", "what", "mutation", "catcher", "how"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(results, key=lambda r: (r["kind"], r["mutation"])))
    text = summary(results, time.monotonic() - start)
    (OUT / "summary.md").write_text(f"{text}\n", encoding="utf-8")
    print(text)
    with (HERE / "survivors.csv").open(encoding="utf-8", newline="") as file:
        listed = {row["mutation"] for row in csv.DictReader(file)}
    asked = {options.only} if options.only else SAMPLE.keys()
    untried = sorted(asked - {r["kind"] for r in results})
    survived = {r["mutation"] for r in results if not r["catcher"]}
    tried = {r["mutation"] for r in results}
    new = sorted(survived - listed)
    stale = sorted(
        m
        for m in listed
        if m in tried - survived or (not options.sample and not options.only and m not in tried)
    )
    for mutation in new:
        print(f"survives, and survivors.csv gives no reason: {mutation}", file=sys.stderr)
    for mutation in stale:
        print(f"is caught or gone, and survivors.csv lists it: {mutation}", file=sys.stderr)
    for kind in untried:
        print(f"not one mutation of the {kind} was tried", file=sys.stderr)
    return 1 if new or stale or untried else 0


if __name__ == "__main__":
    sys.exit(main())
