"""Change the ledger, the module and the prose in thousands of places, and show what catches each.

Run: .venv/bin/python tests/mutation [--sample] [--jobs N]      (`make mutation`; the sample is a part of `make test`)

Writes _build/mutation/mutations.csv, a row a mutation, and summary.md. The exit status is 1 when a mutation survives
that survivors.csv does not list with its reason, and, of the whole, when one that it lists is caught.
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
"""How many changes of a column are checked at once, where the check lets nearly all of them pass."""
SECONDS = 300
"""A fork that works longer counts as caught: a mutation may loop for ever."""


def sampled(kind: str, mutations: list, sample: bool) -> list:
    """Return the mutations to try: all, or those that the hash of their words picks."""
    if not sample:
        return mutations
    return [m for m in mutations if int(hashlib.sha256(m.key.encode()).hexdigest(), 16) % SAMPLE[kind] == 0]


def try_data(book: Book, sample: bool, jobs: int) -> list[dict]:
    """Try the mutations of the ledger: by the check, by what the chapters show, by the stored hashes."""
    check = rows.Check()
    tried = sampled("data", list(rows.changes(book.ledger, book.used, check.cells)), sample)
    by_column = collections.defaultdict(list)
    for change in tried:
        by_column[change.column].append(change)
    crowds = [
        same[start : start + size]
        for column, same in by_column.items()
        for size in [CROWD.get(column, 8)]
        for start in range(0, len(same), size)
    ]
    each_alone = lambda crowd: {c: m for c in crowd if (m := check.message([c]))}  # noqa: E731
    caught = {}
    work = lambda crowd: check.caught(crowd) if crowd[0].column in CROWD else each_alone(crowd)  # noqa: E731
    for _, refused in forked(work, crowds, jobs, SECONDS):
        caught.update({change: ("check", message) for change, message in refused.items()})
    # What the chapters tell of a claim in as many words is looked for in runs with many changes, one a claim.
    left = [c for c in tried if c not in caught]
    told = {fact for cells in book.reference.values() for shown in cells for fact in facts(shown)}
    direct = [c for c in left if rows.forms(book.ledger, c, c.old) & told]
    batches = [
        batch
        for column in by_column
        for same in [[c for c in direct if c.column == column]]
        for step in [1 if sample else 2]
        for first in range(step)
        if (batch := same[first::step])
    ]
    if sample:  # one run for all columns: hardly two changes of the sample are of one claim
        batches = [[c for batch in batches for c in batch]] if batches else []
    for batch, found in forked(lambda batch: book.told(book.changed(batch)), batches, jobs, SECONDS):
        for change in batch:
            new = rows.forms(book.ledger, change, change.new)
            if found and new & found and not new & told:
                caught[change] = ("chapters", "a table or a citation shows the new value")
    results = []
    for change in tried:
        catcher, how = caught.get(change, ("", ""))
        if not catcher and not check.passes_the_hash(change):
            catcher, how = "hash", f"{change.table}.csv"
        results.append(
            {"kind": "data", "what": change.column, "mutation": change.key, "catcher": catcher, "how": how}
        )
    return results


def try_module(book: Book, suite: Suite, sample: bool, jobs: int) -> list[dict]:
    """Try the mutants of the module: by the tests, then by the chapters that reach what is changed."""
    tried = sampled("module", [m for name in module.MODULES for m in module.mutants(name)], sample)

    def work(mutant: module.Mutant | None) -> tuple[str, str]:
        if (
            not mutant
        ):  # nothing is changed, and nothing may be found: whatever catches this would catch anything
            return "", suite.catcher(suite.items) or book.difference(
                {f for c in book.reached.values() for f in set().union(*c)}
            )
        constant = mutant.function if mutant.function.isupper() else ""
        functions = {(mutant.module, mutant.function)} | module.readers(mutant.module, mutant.function)
        tests = suite.choose(functions, constant)
        cells = sum(bool(found & functions) for reached in book.reached.values() for found in reached)
        try:
            module.put_in_place(mutant)
        except Exception as error:
            return "tests", f"no module: {type(error).__name__}"
        if name := suite.catcher(tests):
            return "tests", name
        if place := book.difference(functions):
            return "chapters", place
        return "", f"{len(tests)} tests and {cells} cells reach it"

    results = []
    for mutant, found in forked(work, [None, *tried], jobs, SECONDS):
        if not mutant:
            if found != ("", ""):
                raise RuntimeError(f"caught although nothing was changed: {found}")
            continue
        catcher, how = found or ("tests", "crash, or no end")
        results.append(
            {
                "kind": "module",
                "what": mutant.operator,
                "mutation": mutant.key,
                "catcher": catcher,
                "how": how,
            }
        )
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
        results.append(
            {
                "kind": "prose",
                "what": "pasted key",
                "mutation": swap.key,
                "catcher": "sentences" if seen else "",
                "how": str(SENTENCES) if seen else "",
            }
        )
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
    return 1 if new or stale else 0


if __name__ == "__main__":
    sys.exit(main())
