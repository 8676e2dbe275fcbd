"""A sample of mutations of the ledger, the module and the prose is caught; the whole is `make mutation`."""

import csv
import subprocess
import sys

from conftest import ROOT

HARNESS = ROOT / "tests" / "mutation"


def test_whatever_a_sample_of_mutations_breaks_is_caught():
    run = subprocess.run([sys.executable, HARNESS, "--sample"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_survivor_that_is_listed_has_a_reason():
    with (HARNESS / "survivors.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert len({row["mutation"] for row in listed}) == len(listed)
    for row in listed:
        assert len(row["reason"].split()) >= 4, row["mutation"]
