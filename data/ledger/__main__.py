"""Commands of the ledger: check, verify, add, changes, execute, editions, links, translate, cut-boundaries."""

import argparse
import sys
from pathlib import Path

from .add import CLAIM_QUESTIONS, QUESTIONS, SCOPE_QUESTIONS, run
from .changes import changes, record
from .check import check_ledger, verify_articles
from .files import RunError, alone, write_atomically
from .maps import cut_boundaries
from .tables import DATA, LedgerError, load_ledger


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0 when all is well, 1 when something is not."""
    try:
        return _run(arguments)
    except (LedgerError, OSError, RunError) as error:
        print(error, file=sys.stderr)
        return 1


def _run(arguments: list[str] | None) -> int:
    parser = argparse.ArgumentParser(prog="python -m ledger", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="validate every table against datapackage.json")
    verify = commands.add_parser("verify", help="compare phrases and lines with the article texts")
    verify.add_argument("--articles", type=Path, required=True, help="folder of the article texts")
    for command in (check, verify):
        command.add_argument("--data", type=Path, default=DATA, help="folder of the tables")
    run_chapters = commands.add_parser(
        "execute", help="run every notebook; store its outputs, its figures and the hashes of the tables"
    )
    run_chapters.add_argument("chapters", nargs="*", help="only these, such as casualties")
    scaffold = commands.add_parser("add", help="add a statement that you found; asks for what no flag gives")
    for name, question, _ in (*QUESTIONS, *CLAIM_QUESTIONS, *SCOPE_QUESTIONS):
        scaffold.add_argument(f"--{name.replace('_', '-')}", dest=name, help=question)
    for name in (
        "speaker",
        "system_id",
        "place_id",
        "from_country",
        "to_country",
        "relation",
        "drift",
        "note",
    ):
        scaffold.add_argument(f"--{name.replace('_', '-')}", dest=name, help=f"{name} (see the codebook)")
    editions = commands.add_parser(
        "editions", help="make the PDF and the EPUB of the built book, and check them"
    )
    editions.add_argument("--site", type=Path, default=DATA.parent / "_build/html", help="the built book")
    editions.add_argument(
        "--out", type=Path, default=DATA.parent / "_build/editions", help="where to write them"
    )
    diff = commands.add_parser("changes", help="list row by row what changed since an older folder of tables")
    diff.add_argument("since", type=Path, help="folder of the older tables")
    diff.add_argument(
        "--record", metavar="DAY", help="write the counts into releases.csv: the version is closed"
    )
    asking = commands.add_parser("links", help="ask every address of the sources whether it still answers")
    for command in (scaffold, diff, asking):
        command.add_argument("--data", type=Path, default=DATA, help="folder of the tables")
    translate = commands.add_parser(
        "translate", help="bring the Indonesian catalogue up to the built book's words"
    )
    translate.add_argument("--site", type=Path, default=DATA.parent / "_build/html", help="the built book")
    cut = commands.add_parser("cut-boundaries", help="make boundaries.geojson from world-atlas")
    cut.add_argument("atlas", type=Path, help="countries-50m.json of the npm package world-atlas 2.0.2")
    options = parser.parse_args(arguments)
    if options.command == "cut-boundaries":
        write_atomically(DATA / "boundaries.geojson", cut_boundaries(options.atlas).encode())
        return 0
    if options.command == "translate":
        from .indonesian import CATALOGUE, update_catalogue

        counts = update_catalogue(options.site)
        print(f"{CATALOGUE}: " + ", ".join(f"{n} {state}" for state, n in counts.items()))
        return 0
    if options.command == "execute":
        from .notebooks import execute_all

        return execute_all(only=options.chapters)
    if options.command == "editions":
        from .editions import EditionError, make

        try:
            for path in make(load_ledger(), options.site, options.out):
                print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, checked")
        except EditionError as error:
            print(error, file=sys.stderr)
            return 1
        return 0
    if options.command == "add":
        given = {k: v for k, v in vars(options).items() if v is not None and k not in ("command", "data")}
        return run(options.data, given)
    if options.command == "links":
        from .links import check_links

        return check_links(options.data)
    if options.command == "changes":
        ledger = load_ledger(options.data)
        if options.record is None:
            print("\n".join(changes(options.since, ledger)))
            return 0
        with alone(options.data):
            text = record(options.since, ledger, options.record)
            write_atomically(options.data / "releases.csv", text.encode())
        return 0
    if options.command == "check":
        problems = check_ledger(options.data)
    else:
        problems = verify_articles(options.data, options.articles)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        print(f"{len(problems)} problem{'s' * (len(problems) != 1)} found", file=sys.stderr)
        return 1
    ledger = load_ledger(options.data)
    print(
        f"{options.command}: all is well: {len(ledger.claims)} claims, {len(ledger.reports)} reports, "
        f"{len(ledger.sources)} sources, {len(ledger.clusters)} clusters, ledger {ledger.version}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
