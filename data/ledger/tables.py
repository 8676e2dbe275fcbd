"""Read the ledger: its schema (datapackage.json) and its tables as typed pandas frames."""

import csv
import hashlib
import io
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from .files import write_atomically

DATA = Path(__file__).resolve().parent.parent
"""Folder of the tables that ship with the book."""

_DTYPES = {"string": "string", "number": "Float64"}


class LedgerError(Exception):
    """The ledger cannot be read or does not hold together; the message is for the reader."""


def read_schema(data: Path = DATA) -> dict:
    """Read datapackage.json, the one schema of the ledger.

    Returns the descriptor as a dictionary. Raises LedgerError, naming file and line, when the
    file is missing or is not JSON.
    """
    path = Path(data) / "datapackage.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LedgerError(f"{path}:1: file: is missing; the ledger needs its schema") from None
    except UnicodeDecodeError as error:
        raise LedgerError(f"{path}:1: file: is not UTF-8 ({error.reason})") from None
    except json.JSONDecodeError as error:
        raise LedgerError(f"{path}:{error.lineno}: file: is not JSON ({error.msg})") from None


def hashes(data: Path = DATA) -> dict[str, str]:
    """Return the SHA-256 of every file that datapackage.json describes, as it writes them: 'sha256:...'."""
    return {
        resource["path"]: f"sha256:{hashlib.sha256((Path(data) / resource['path']).read_bytes()).hexdigest()}"
        for resource in read_schema(data)["resources"]
    }


def store_hashes(data: Path = DATA, only: str = "") -> None:
    """Write the hashes of the files, or of one alone, into datapackage.json, where readers of a Data Package look.

    A hash also says on which tables the chapters were run, so that whoever writes one table stores only that.
    """
    schema, found = read_schema(data), hashes(data)
    for resource in schema["resources"]:
        if only not in ("", resource["path"]):
            continue
        fields = {"schema": resource.pop("schema")} if "schema" in resource else {}
        resource.update({"hash": found[resource["path"]], **fields})
    text = json.dumps(schema, indent=2, ensure_ascii=False)
    write_atomically(Path(data) / "datapackage.json", f"{text}\n".encode())


def table_resources(schema: dict) -> list[dict]:
    """Return the descriptors of the tables, leaving out other files such as the boundaries."""
    return [resource for resource in schema["resources"] if resource.get("type") == "table"]


def parse_rows(text: str) -> list[tuple[int, list[str]]]:
    """Split CSV text into (line number, cells) pairs, the header first.

    The number is that of the line on which the row begins, as an editor shows it. Raises
    csv.Error with the line in its message when the quoting is broken.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, start = [], 1
    try:
        for cells in reader:
            rows.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raise csv.Error(f"{start}: {error}") from None
    return rows


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file as text, each under its header. Raises LedgerError, naming file and line."""
    try:
        (_, header), *rows = parse_rows(path.read_text(encoding="utf-8")) or [(1, [])]
    except UnicodeDecodeError as error:
        raise LedgerError(f"{path}:1: file: is not UTF-8 ({error.reason})") from None
    except csv.Error as error:
        line, message = str(error).split(":", 1)
        raise LedgerError(f"{path}:{line}: file: has broken quoting ({message.strip()})") from None
    if not header:
        raise LedgerError(f"{path}:1: header: is missing")
    for line, cells in rows:
        if len(cells) != len(header):
            raise LedgerError(f"{path}:{line}: row: has {len(cells)} cells; allowed are {len(header)}")
    return [dict(zip(header, cells, strict=True)) for _, cells in rows]


@dataclass(frozen=True)
class Ledger:
    """The tables of one data folder.

    Attributes are pandas frames, one a table, in the order of the file, with string columns as
    pandas strings and numbers as nullable floats; a blank cell is a missing value.
    """

    data: Path
    schema: dict

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_") or name not in {r["name"] for r in table_resources(self.schema)}:
            raise AttributeError(f"the ledger has no table named {name!r}")
        frame = _read_table(self.data, self.resource(name))
        self.__dict__[name] = frame
        return frame

    def resource(self, name: str) -> dict:
        """Return the descriptor of one table. Raises LedgerError for an unknown name."""
        for resource in table_resources(self.schema):
            if resource["name"] == name:
                return resource
        raise LedgerError(f"datapackage.json has no table named {name!r}")

    @property
    def version(self) -> str:
        """Return the version of the ledger, as the schema states it."""
        return self.schema["version"]

    @cached_property
    def printings(self) -> pd.DataFrame:
        """Return the reports, each with the publisher, address and language of its source.

        One row a report, in the order of reports.csv.
        """
        columns = ["source_id", "publisher", "title", "url", "language", "corpus", "published"]
        return self.reports.merge(self.sources[columns], on="source_id", validate="many_to_one")

    def printed_in(self, corpus: str) -> pd.DataFrame:
        """Return the claims that some source of a corpus, core or wider, prints."""
        printed = self.printings.loc[self.printings["corpus"] == corpus, "claim_id"]
        return self.claims[self.claims["claim_id"].isin(printed)]

    def claim(self, claim_id: str) -> pd.Series:
        """Return one claim as a row. Raises LedgerError for an unknown id."""
        rows = self.claims[self.claims["claim_id"] == claim_id]
        if rows.empty:
            raise LedgerError(f"claims.csv has no claim {claim_id!r}")
        return rows.iloc[0]

    def select(self, *claim_ids: str) -> pd.DataFrame:
        """Return the named claims, in the order given. Raises LedgerError for an unknown id."""
        return pd.DataFrame([self.claim(claim_id) for claim_id in claim_ids])


def _read_table(data: Path, resource: dict) -> pd.DataFrame:
    fields = resource["schema"]["fields"]
    frame = pd.read_csv(
        data / resource["path"],
        dtype={f["name"]: _DTYPES[f["type"]] for f in fields},
        keep_default_na=False,
        na_values=resource["schema"]["missingValues"],
        encoding="utf-8",
    )
    return frame[[f["name"] for f in fields]]


def load_ledger(data: Path = DATA) -> Ledger:
    """Open the ledger in a folder; tables are read when first used.

    Raises LedgerError when the schema cannot be read. Run `python -m ledger check` to validate
    the tables themselves.
    """
    return Ledger(Path(data), read_schema(data))
