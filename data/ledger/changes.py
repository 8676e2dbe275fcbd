"""What changed in the ledger: row by row against older tables, by version, and as a feed."""

import csv
import io
import uuid
from collections import Counter
from html import escape
from pathlib import Path
from xml.etree import ElementTree

from . import citing
from .check import cell_faults
from .dates import in_words, span
from .prose import number
from .tables import Ledger, LedgerError, read_rows, read_schema, table_resources

ATOM = "http://www.w3.org/2005/Atom"
"""Namespace of the feed."""

PAGE = "chapters/changes.html"
"""Address of the page that tells the changes, in the site."""


def differences(old: Path, ledger: Ledger) -> list[tuple[str, str, str, str]]:
    """List what differs between the tables of an older folder and the ledger's.

    Returns (table, key, kind, words) with kind added, removed or changed; a row that changed in two
    columns is there twice. Raises LedgerError when the older folder holds no tables, or one that cannot be read.
    """
    read_schema(old)  # a folder without one is not of a ledger: every row would seem new
    found = []
    for resource in table_resources(ledger.schema):
        table, key = resource["name"], resource["schema"]["primaryKey"]
        before, after = (_rows(folder / resource["path"], key) for folder in (old, ledger.data))
        found += [(table, " ".join(k), "added", "") for k in after.keys() - before.keys()]
        found += [(table, " ".join(k), "removed", "") for k in before.keys() - after.keys()]
        for k in before.keys() & after.keys():
            found += [
                (table, " ".join(k), "changed", f"{c} was {before[k].get(c, '')!r}, is {v!r}")
                for c, v in after[k].items()
                if before[k].get(c, "") != v
            ]
    return sorted(found)


def _rows(path: Path, key: list[str]) -> dict[tuple[str, ...], dict[str, str]]:
    rows = read_rows(path) if path.exists() else []  # an older ledger has fewer tables
    return {tuple(row.get(k, "") for k in key): row for row in rows}


def changes(old: Path, ledger: Ledger) -> list[str]:
    """List the differences from the tables of an older folder as lines of text."""
    return [
        f"{table}: {key}: {words}" if kind == "changed" else f"{table}: {kind} {key}"
        for table, key, kind, words in differences(old, ledger)
    ]


def record(old: Path, ledger: Ledger, closed_on: str) -> str:
    """Return the ledger's releases.csv with the rows of its version, counted against an older folder.

    Rows of the same version there are replaced. Raises LedgerError for a day that the check would refuse.
    """
    releases = ledger.resource("releases")
    if faults := cell_faults(releases, "closed_on", closed_on):
        raise LedgerError(f"{releases['path']}: closed_on: {'; '.join(faults)}")
    counts = Counter((table, kind) for table, _, kind in {d[:3] for d in differences(old, ledger)})
    rows = [
        list(row.values())
        for row in read_rows(ledger.data / releases["path"])
        if row["version"] != ledger.version
    ]
    for resource in table_resources(ledger.schema):
        table, path = resource["name"], ledger.data / resource["path"]
        if table == "releases":
            continue  # it would count what this very call writes
        held = len(_rows(path, resource["schema"]["primaryKey"]))
        tally = [counts[table, kind] for kind in ("added", "changed", "removed")]
        if held or any(tally):
            rows.append([ledger.version, table, closed_on, held, *tally])
    buffer = io.StringIO()
    header = [f["name"] for f in releases["schema"]["fields"]]
    csv.writer(buffer, lineterminator="\n").writerows([header, *sorted(rows, key=lambda row: row[:2])])
    return buffer.getvalue()


def releases_html(ledger: Ledger, up: str) -> str:
    """Return the versions, the open one first: rows of each table, and what differed from the one before."""
    closed = _closed(ledger)
    # Before a version is closed, only what its tables hold is known; the rows that differ are not.
    parts = []
    if ledger.version not in dict(closed):
        held = [(r["name"], len(getattr(ledger, r["name"]))) for r in table_resources(ledger.schema)]
        last = dict(zip(closed[-1][1]["table"], closed[-1][1]["rows"], strict=True))
        rows = "".join(
            f'<tr><th scope="row">{table.replace("_", " ")}</th><td>{number(n)}</td><td>{n - last.get(table, 0):+,.0f}</td></tr>'
            for table, n in held
            if n or table in last
        )
        head = f"Version {ledger.version}, not closed yet: rows, and how many more than version {closed[-1][0]} held"
        parts.append(_version_html(ledger.version, head, ["Rows", "More"], rows))
    for version, tables in reversed(closed):
        rows = "".join(
            f'<tr><th scope="row">{escape(t.table.replace("_", " "))}</th><td>{number(t.rows)}</td><td>{number(t.added)}</td>'
            f"<td>{number(t.changed)}</td><td>{number(t.removed)}</td></tr>"
            for t in tables.itertuples()
        )
        head = f"Version {version}, closed on {in_words(tables['closed_on'].iloc[0])}: {_said(tables)}"
        parts.append(_version_html(version, head, ["Rows", "Added", "Changed", "Removed"], rows))
    return "".join(parts)


def _closed(ledger: Ledger) -> list[tuple]:
    """Return every closed version with its rows, the oldest first: 0.9.0 before 0.10.0."""
    return sorted(
        ledger.releases.groupby("version"), key=lambda pair: [int(part) for part in pair[0].split(".")]
    )


def _said(tables) -> str:
    claims = tables[tables["table"] == "claims"].iloc[0]
    return f"{number(claims['rows'])} claims, {number(claims['added'])} of them new, {number(claims['changed'])} changed, {number(claims['removed'])} removed"


def _version_html(version: str, head: str, columns: list[str], rows: str) -> str:
    titles = "".join(f'<th scope="col">{c}</th>' for c in ["Table", *columns])
    label = f"Version {escape(version)}"
    return (
        f'<details><summary>{escape(head)}</summary><div id="{release_id(version)}" class="table-scroll" tabindex="0" role="group" '
        f'aria-label="{label}"><table><caption class="sr-only">{label}</caption><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table></div></details>'
    )


def release_id(version: str) -> str:
    """Return the anchor of a version on the page of changes."""
    return f"version-{version.replace('.', '-')}"


def feed(ledger: Ledger, base: str) -> bytes:
    """Return the changes of the ledger as an Atom feed: corrections and closed versions, newest first.

    Every date is a row's own, so that a build repeats. `base` is the address of the site, or '' for
    links relative to the feed. Ids are name-based UUIDs and need no domain.
    """
    entries = [
        (c.corrected_on, c.correction_id, f"Correction {c.correction_id}: {c.table} {c.row}, {c.column}", f"{c.column} was {c.was!r}, is {c.now!r}. {c.why} Found by: {c.found_by}.", c.correction_id)
        for c in ledger.corrections[::-1].itertuples()
    ]  # fmt: skip
    for version, tables in reversed(_closed(ledger)):
        entries.append(
            (tables["closed_on"].iloc[0], version, f"Version {version}", f"{_said(tables)}.", release_id(version))
        )  # fmt: skip
    entries.sort(key=lambda e: span(e[0])[0], reverse=True)  # of one day, they keep their order
    root = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
    _add(root, "id", _urn("feed"))
    _add(root, "title", f"Changes: {citing.TITLE}")
    _add(root, "updated", _moment(entries[0][0]))
    _add(_add(root, "author"), "name", citing.AUTHOR)
    _add(root, "rights", ledger.schema["licenses"][0]["title"])
    _add(root, "link", rel="alternate", type="text/html", href=f"{base}{PAGE}")
    if base:
        _add(root, "link", rel="self", type="application/atom+xml", href=f"{base}changes.xml")
    for day, name, title, words, anchor in entries:
        entry = _add(root, "entry")
        _add(entry, "id", _urn(name))
        _add(entry, "title", title)
        _add(entry, "updated", _moment(day))
        _add(entry, "link", rel="alternate", type="text/html", href=f"{base}{PAGE}#{anchor}")
        _add(entry, "content", words, type="text")
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name, attributes)
    element.text = text or None
    return element


def _urn(name: str) -> str:
    # The null namespace: any other would be a domain or an address that this book has not.
    return uuid.uuid5(uuid.UUID(int=0), f"north-korea-in-russias-war/{name}").urn


def _moment(day: str) -> str:
    return f"{span(day)[0].isoformat()}T00:00:00Z"
