"""Load, check and compute on a ledger copied many times over, and print how the time grows.

Run: .venv/bin/python tests/benchmark/growth.py [COPIES ...]   (default 1 10 100)
A ratio near 1.0 a claim means linear growth.
"""

import csv
import io
import shutil
import sys
import tempfile
import time
from pathlib import Path

from ledger import DATA, load_ledger
from ledger.check import check_ledger
from ledger.evidence import statuses

COPIED = {"claims": ("claim_id",), "reports": ("claim_id",)}


def enlarge(folder: Path, copies: int) -> None:
    """Write the tables to a folder, claims and reports so many times over under new ids."""
    for path in DATA.glob("*.*"):
        shutil.copy(path, folder)
    for table, columns in COPIED.items():
        rows = list(csv.DictReader(io.StringIO((DATA / f"{table}.csv").read_text(encoding="utf-8"))))
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        grown = [
            {**row, **{c: f"C-{int(row[c][2:]) + 10_000 * copy:08d}" if copy else row[c] for c in columns}}
            | ({"statement": f"{row['statement']} {copy}"} if table == "claims" and copy else {})
            for copy in range(copies)
            for row in rows
        ]
        writer.writerows(sorted(grown, key=lambda row: tuple(row.values())[:3]))
        (folder / f"{table}.csv").write_text(out.getvalue(), encoding="utf-8", newline="")


def main(sizes: list[int]) -> None:
    """Print seconds and the growth a claim, against the smallest size."""
    base = None
    print("copies   claims   check s   load and status s   growth a claim")
    for copies in sizes:
        with tempfile.TemporaryDirectory() as name:
            enlarge(Path(name), copies)
            check_ledger(DATA)  # warm: dates are parsed once a run
            start = time.perf_counter()
            check_ledger(Path(name))
            checked = time.perf_counter()
            ledger = load_ledger(Path(name))
            statuses(ledger)
            done = time.perf_counter()
        each = (done - start) / len(ledger.claims)
        base = base or each
        print(
            f"{copies:6d} {len(ledger.claims):8d} {checked - start:9.2f} {done - checked:19.2f} {each / base:16.2f}"
        )


if __name__ == "__main__":
    main([int(a) for a in sys.argv[1:]] or [1, 10, 100])
