"""Validate a ledger against datapackage.json and the rules that a schema cannot say."""

import csv
import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .dates import span
from .tables import LedgerError, parse_rows, read_schema, table_resources

LONGEST = 500
"""Characters that a cell may have; the longest so far, an address, has some three hundred."""

_LONGEST_WORD = 100
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# Controls, marks of direction, what shows nothing, private use, and what is no character: after Unicode's
# Default_Ignorable_Code_Point, with the two joiners left out.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u2800\u3164\ue000-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
_JOINER = re.compile("[\u200c\u200d]")
# A spreadsheet would run a CSV cell that begins so, or a part of one where the semicolon parts cells.
_FORMULA = re.compile("(?:^|;)\\s*[=+@\uff1d\uff0b\uff20\uff0d-]")
_FILLED = {
    "exact": {"point"},
    "about": {"point"},
    "more_than": {"low"},
    "at_least": {"low"},
    "up_to": {"high"},
    "nearly": {"high"},
    "range": {"low", "high"},
}
_ENDS = ("low", "point", "high")
# Tables that only describe what others use: a row that nothing points to is an orphan.
_USED_BY = {
    "measures": ("measure", [("claims", "measure")]),
    "claimants": ("claimant_id", [("claims", "claimant_id")]),
    "clusters": ("cluster_id", [("claims", "cluster_id")]),
    "people": ("person", [("claims", "speaker")]),
    "systems": ("system_id", [("claims", "system_id")]),
    "places": ("place_id", [("claims", "place_id")]),
    "sources": (
        "source_id",
        [(table, "source_id") for table in ("reports", "base_rates", "passages", "reference_events")],
    ),
    "claims": ("claim_id", [("reports", "claim_id")]),
}
# People that statements name without being the speaker of any claim.
_NAMED_IN = {"people": [("claims", "statement")]}


@dataclass(frozen=True, order=True)
class Problem:
    """One fault: where it is, and what is wrong and what is allowed."""

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        # What a row holds must not steer the terminal, or the log, that shows the line.
        line = f"{self.file}:{self.line}: {self.column}: {self.message}"
        return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


@dataclass(frozen=True)
class _Row:
    """A row as text: blank cells are empty strings."""

    file: str
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def problem(self, column: str, message: str) -> Problem:
        return Problem(self.file, self.line, column, message)


def check_ledger(data: Path) -> list[Problem]:
    """Validate every table of a folder and return all problems, sorted by file and line.

    Nothing stops at the first fault; a rule that needs a table which cannot be read is left to
    the run after that table is mended.
    """
    try:
        schema = read_schema(data)
    except LedgerError as error:
        file, line, column, message = str(error).split(":", 3)
        return [Problem(Path(file).name, int(line), column.strip(), message.strip())]
    problems, tables = [], {}
    for resource in table_resources(schema):
        found, rows = _read(data, resource)
        problems += found
        tables[resource["name"]] = rows
    return sorted({*problems, *check_rules(schema, tables)})


def check_rules(schema: dict, tables: dict[str, list[_Row]]) -> list[Problem]:
    """Return what breaks the rules that need more than one cell: keys, and what a schema cannot say."""
    problems = []
    for resource in table_resources(schema):
        problems += _check_keys(resource, tables)
    for rule in (
        _numbers,
        _reports,
        _sources,
        _links,
        _forecasts,
        _scopes,
        _pairs,
        _visits,
        _passages,
        _clusters,
        _duplicates,
        _names,
        _tables_named,
        _glossary,
        _releases,
        _redirects,
    ):
        problems += rule(tables)
    return problems + list(_orphans(tables))


def _read(data: Path, resource: dict) -> tuple[list[Problem], list[_Row]]:
    file = resource["path"]
    fields = resource["schema"]["fields"]
    names = [f["name"] for f in fields]

    def stop(line: int, message: str, column: str = "file"):
        return [Problem(file, line, column, message)], []

    try:
        raw = (data / file).read_bytes()
    except OSError as error:
        return stop(1, f"cannot be read ({error.strerror}); datapackage.json lists it")
    for mark, what in (
        (b"\xef\xbb\xbf", "a byte order mark"),
        (b"\x00", "a NUL byte"),
        (b"\r", "a carriage return"),
    ):
        if mark in raw:
            line = raw[: raw.index(mark)].count(b"\n") + 1
            return stop(line, f"holds {what}; allowed is UTF-8 without one and line feeds alone")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return stop(line, f"holds byte 0x{raw[error.start]:02x}, which is not UTF-8")
    if not text.endswith("\n"):
        return stop(text.count("\n") + 1, "does not end with a line feed; the last row may be cut")
    try:
        (_, header), *body = parse_rows(text)
    except csv.Error as error:
        line, message = str(error).split(":", 1)
        return stop(int(line), f"has broken quoting ({message.strip()})")
    if header != names:
        return stop(1, _header_message(header, names), "header")
    problems, rows = [], []
    for line, cells in body:
        if len(cells) != len(names):
            problems.append(Problem(file, line, "row", f"has {len(cells)} cells; allowed are {len(names)}"))
            continue
        row = _Row(file, line, dict(zip(names, cells, strict=True)))
        problems += [p for field in fields for p in _check_cell(row, field)]
        rows.append(row)
    return problems, rows


def _header_message(header: list[str], names: list[str]) -> str:
    if len(header) == 1 and len(names) > 1:
        return f"is one cell, {header[0][:40]!r}; allowed is the comma as delimiter"
    missing, unknown = [n for n in names if n not in header], [h for h in header if h not in names]
    if missing or unknown:
        parts = [f"lacks {', '.join(missing)}"] * bool(missing)
        parts += [f"has unknown {', '.join(map(repr, unknown))}"] * bool(unknown)
        return "; ".join(parts) + f"; allowed: {', '.join(names)}"
    return f"has its columns in another order or twice; allowed: {', '.join(names)}"


def _check_cell(row: _Row, field: dict) -> Iterator[Problem]:
    name, value, rule = field["name"], row[field["name"]], field.get("constraints", {})
    if value == "":
        if rule.get("required"):
            yield row.problem(name, "is blank; a value is required")
        return
    if value != value.strip():
        yield row.problem(name, f"{value!r} has white space at an end; allowed is none")
    yield from _check_text(row, name)
    if field["type"] == "number":
        if not _NUMBER.fullmatch(value):
            yield row.problem(
                name, f"{value!r} is no number; allowed are digits with a decimal point, no separators"
            )
            return
        if float(value) < rule.get("minimum", float(value)) or float(value) > rule.get(
            "maximum", float(value)
        ):
            ends = f"{rule.get('minimum', 'any')} to {rule.get('maximum', 'any')}"
            yield row.problem(name, f"{value} is out of range; allowed: {ends}")
    if "enum" in rule and value not in rule["enum"]:
        yield row.problem(name, f"{value!r} is not in the vocabulary; allowed: {', '.join(rule['enum'])}")
    if "pattern" in rule and not re.fullmatch(rule["pattern"], value, flags=re.ASCII):
        yield row.problem(name, f"{value!r} has the wrong form; allowed: {rule['pattern']}")
    if field.get("dateSyntax") == "edtf":
        try:
            span(value)
        except ValueError as error:
            yield row.problem(name, str(error))
    if "maxWords" in field and len(value.split()) > field["maxWords"]:
        yield row.problem(name, f"has {len(value.split())} words; allowed are {field['maxWords']}")


def cell_faults(resource: dict, column: str, value: str) -> list[str]:
    """Return what the check would say of a value in a column of a table, before anything is written."""
    (field,) = (f for f in resource["schema"]["fields"] if f["name"] == column)
    return [p.message for p in _check_cell(_Row(resource["path"], 1, {column: value}), field)]


def _check_text(row: _Row, name: str) -> Iterator[Problem]:
    """Return what no honest row holds: a spreadsheet, a terminal or a reader's eye would be misled by it."""
    value = row[name]
    unseen = _UNSEEN.search(value) or next(
        (j for j in _JOINER.finditer(value) if not _joins(value, j.start())), None
    )
    if unseen:
        yield row.problem(
            name,
            f"{value[:60]!r} holds {_name_of(unseen[0])} as character {unseen.start() + 1}, a control, direction or "
            "invisible character; allowed is plain text on one line",
        )
    if len(value) > LONGEST:
        yield row.problem(name, f"has {len(value)} characters; allowed are {LONGEST}")
    address = value.startswith(("http://", "https://"))
    word = max(map(len, value.split()), default=0)
    if word > _LONGEST_WORD and not address:
        yield row.problem(name, f"has a word of {word} characters; allowed are {_LONGEST_WORD}")
    if _FORMULA.search(value) and not _NUMBER.fullmatch(value):
        yield row.problem(
            name,
            f"{value[:60]!r} begins, or goes on after a semicolon, with a sign that a spreadsheet takes for a formula; "
            "allowed is any sign but =, +, - and @ there",
        )
    if address and not _plain_address(value):
        yield row.problem(
            name, f"{value[:100]!r} is no plain address; allowed is a host with a dot and no user before it"
        )


def _joins(text: str, at: int) -> bool:
    # Persian and its kin part and join letters with these two, and Indic scripts after a virama.
    before = text[at - 1 : at] or " "
    return unicodedata.bidirectional(before) == "AL" or unicodedata.combining(before) == 9


def _name_of(sign: str) -> str:
    return f"U+{ord(sign):04X} {unicodedata.name(sign, '')}".strip()


def _plain_address(address: str) -> bool:
    try:
        host = urlsplit(address)
        return "@" not in host.netloc and "." in (host.hostname or "") and "\\" not in address
    except ValueError:
        return False


def _check_keys(resource: dict, tables: dict[str, list[_Row]]) -> Iterator[Problem]:
    schema, rows = resource["schema"], tables[resource["name"]]
    key = schema["primaryKey"]
    seen, last = {}, None
    for row in rows:
        value = tuple(row[k] for k in key)
        if value in seen:
            yield row.problem(
                "+".join(key), f"{' '.join(value)} stands in line {seen[value]} too; allowed once"
            )
        elif last is not None and value < last:
            yield row.problem(
                "+".join(key), f"{' '.join(value)} comes after {' '.join(last)}; allowed is sorted by key"
            )
        seen.setdefault(value, row.line)
        last = value
    unique = [f["name"] for f in schema["fields"] if f.get("constraints", {}).get("unique")]
    for column in unique:
        first = {}
        for row in rows:
            if first.setdefault(row[column], row.line) != row.line:
                yield row.problem(
                    column, f"{row[column]!r} stands in line {first[row[column]]} too; allowed once"
                )
    for foreign in schema.get("foreignKeys", []):
        (column,), target = foreign["fields"], foreign["reference"]
        (other,) = target["fields"]
        known = {r[other] for r in tables[target["resource"]]}
        for row in rows:
            if row[column] and row[column] not in known and tables[target["resource"]]:
                yield row.problem(
                    column,
                    f"{row[column]!r} is not in {target['resource']}.csv; allowed is a {other} that is",
                )


def _numbers(tables: dict[str, list[_Row]]) -> Iterator[Problem]:
    vague = {(r["low"], r["high"]) for r in tables["vague_terms"]}
    units = {r["measure"]: r["unit"] for r in tables["measures"]}
    for row in tables["claims"] + tables["reports"] + tables["base_rates"]:
        filled = {end for end in _ENDS if row[end]}
        if not row["bound"]:
            if filled:
                yield row.problem(
                    "bound", f"is blank beside {', '.join(sorted(filled))}; a number needs a bound"
                )
            continue
        if row["bound"] == "vague":
            if (row["low"], row["high"]) not in vague or row["point"]:
                yield row.problem(
                    "bound",
                    "vague with bounds that vague_terms.csv does not give; allowed are its pairs and no point",
                )
        elif row["bound"] in _FILLED and filled != _FILLED[row["bound"]]:
            want = " and ".join(sorted(_FILLED[row["bound"]]))
            yield row.problem(
                "bound",
                f"{row['bound']} goes with {want} alone; here {', '.join(sorted(filled)) or 'nothing'}",
            )
        values = [float(row[end]) for end in _ENDS if _NUMBER.fullmatch(row[end])]
        if values != sorted(values):
            yield row.problem("low", f"low, point and high are {values}; allowed is low <= point <= high")
    for row in tables["claims"]:
        want = units.get(row["measure"])
        if want is None:
            continue
        if want == "" and row["bound"]:
            yield row.problem("measure", f"{row['measure']} carries no number; here a {row['bound']} one")
        if (row["bound"] and row["unit"] != want) or (not row["bound"] and row["unit"]):
            yield row.problem(
                "unit", f"{row['unit']!r} with {row['measure']}; allowed: {want if row['bound'] else ''!r}"
            )
        if want and not row["bound"]:
            yield row.problem(
                "bound", f"{row['measure']} needs a number; without one the measure is event or statement"
            )


def _reports(tables: dict[str, list[_Row]]) -> Iterator[Problem]:
    claims = {r["claim_id"]: r for r in tables["claims"]}
    sources = {r["source_id"]: r for r in tables["sources"]}
    for row in tables["reports"]:
        source, claim = sources.get(row["source_id"]), claims.get(row["claim_id"])
        if source and source["corpus"] == "core" and not row["locator"].startswith("L"):
            yield row.problem("locator", f"{row['locator']!r} for a core article; allowed is its line, L7")
        if source and source["language"] == "en" and row["quote"] != row["quote_en"]:
            yield row.problem(
                "quote_en", "differs from the quote of an English source; allowed are the same words"
            )
        if not claim or not row["bound"] or row["drift"] != "none":
            continue
        differ = [c for c in (*_ENDS, "bound") if row[c] != claim[c]]
        if differ:
            yield row.problem(
                "drift",
                f"none, yet {', '.join(differ)} differs from {row['claim_id']}; allowed is a drift that says how",
            )


def _sources(tables: dict[str, list[_Row]]) -> Iterator[Problem]:
    coded = defaultdict(set)
    for row in tables["reports"]:
        coded[row["source_id"], row["locator"]].add(row["claim_id"])
    for row in tables["sources"]:
        if row["corpus"] == "core" and (row["url"] or not row["sha256"]):
            yield row.problem("sha256", "a core article needs its SHA-256 and has no url, none being known")
        if row["corpus"] == "wider" and not row["url"]:
            yield row.problem("url", "is blank; a wider source needs its address")
    addresses = {}
    for row in tables["sources"]:
        if row["url"] and addresses.setdefault(row["url"], row.line) != row.line:
            yield row.problem("url", f"stands in line {addresses[row['url']]} too; one document is one row")
    for row in tables["uncoded"]:
        if coded[row["source_id"], row["locator"]]:
            yield row.problem(
                "locator",
                f"{row['locator']} carries {', '.join(sorted(coded[row['source_id'], row['locator']]))}; allowed are lines without a claim",
            )


def _links(tables: dict[str, list[_Row]]) -> Iterator[Problem]:
    claims = {r["claim_id"]: r for r in tables["claims"]}
    for row in tables["links"]:
        ends = [claims.get(row["from_claim"]), claims.get(row["to_claim"])]
        if row["relation"] == "revises" and row["how_known"] != "stated" and all(ends):
            counted = all(e["bound"] for e in ends) and ends[0]["measure"] == ends[1]["measure"]
            months = {e["refers_to"].split("/")[-1].rstrip("~?")[:7] for e in ends}
            if counted and len(months) > 1:
                yield row.problem(
                    "relation",
                    f"revises between totals to {' and '.join(sorted(months))}; a later total is growth, "
                    "allowed is the same period, or a revision that the claimant stated",
                )
        if row["from_claim"] == row["to_claim"]:
            yield row.problem("to_claim", "is the claim itself; allowed is another")
        if (row["relation"] == "contradicts") != bool(row["conflict"]):
            yield row.problem(
                "conflict",
                f"{row['conflict']!r} with {row['relation']}; a contradiction needs its kind, nothing else has one",
            )


def _forecasts(tables: dict[str, list[_Row]]) -> Iterator[Problem]:
    claims = {r["claim_id"]: r for r in tables["claims"]}
    for row in tables["forecasts"]:
        decided = row["outcome"] in ("occurred", "did_not_occur")
        if row["outcome"] == "occurred" and not row["resolved_by"]:
            yield row.problem("resolved_by", "is blank with occurred; needed is the claim that shows it")
        for column in ("resolved_on", "resolved_by", "confirmation"):
            if row[column] and not decided:
                yield row.problem(column, f"{row[column]!r} with {row['outcome']}; allowed is a blank")
        if decided and not row["resolved_on"]:
            yield row.problem("resolved_on", f"is blank with {row['outcome']}; needed is a day")
        claim = claims.get(row["claim_id"])
        if claim and claim["modality"] not in ("predicted", "planned", "assessed"):
            yield row.problem(
                "claim_id",
                f"{row['claim_id']} is {claim['modality']}; a forecast is predicted, planned or assessed",
            )


def _scopes(tables: dict[str, list[_Row]]) -> Iterator[Problem]:
    # One scope in a measure binds the measure: a number left out would drop from every analysis in silence.
    claims = {r["claim_id"]: r for r in tables["claims"]}
    scoped = {row["claim_id"] for row in tables["scopes"]}
    measures = {claims[c]["measure"] for c in scoped if c in claims}
    for row in tables["scopes"]:
        if row["claim_id"] in claims and not claims[row["claim_id"]]["bound"]:
            yield row.problem("claim_id", f"{row['claim_id']} carries no number; only numbers have a scope")
    for row in tables["claims"]:
        if row["bound"] and row["measure"] in measures and row["claim_id"] not in scoped:
            yield row.problem(
                "measure", f"{row['claim_id']} is a number of {row['measure']} without a row in scopes.csv"
            )


def _pairs(tables: dict[str, list[_Row]]) -> Iterator[Problem]:
    claims = {r["claim_id"]: r for r in tables["claims"]}
    for row in tables["container_pairs"]:
        claim = claims.get(row["containers_claim"])
        if claim and claim["measure"] != "containers":
            yield row.problem(
                "containers_claim", f"{claim['claim_id']} counts {claim['measure']}; allowed are containers"
            )
        for column in ("containers_claim", "rounds_claim"):
            if row[column] in claims and not claims[row[column]]["bound"]:
                yield row.problem(column, f"{row[column]} carries no number; a pair divides two numbers")


def _visits(tables: dict[str, list[_Row]]) -> Iterator[Problem]:
    for row in tables["visits"]:
        try:
            first, last = span(row["began"])[0], span(row["ended"] or row["began"])[1]
        except ValueError:
            continue  # the form of a date is told where dates are read
        if first and last and last < first:
            yield row.problem(
                "ended", f"{row['ended']} lies before {row['began']}; a visit ends after it begins"
            )


def _passages(tables: dict[str, list[_Row]]) -> Iterator[Problem]:
    for column in ("order", "point"):
        seen = {}
        for row in tables["passages"]:
            place = (row["claim_id"], row[column])
            if seen.setdefault(place, row.line) != row.line:
                yield row.problem(
                    column, f"{row[column]!r} stands in line {seen[place]} too; allowed once a statement"
                )


def _clusters(tables: dict[str, list[_Row]]) -> Iterator[Problem]:
    size = Counter(r["cluster_id"] for r in tables["claims"])
    for row in tables["clusters"]:
        if size[row["cluster_id"]] > 0 and (row["how_known"] == "single") != (size[row["cluster_id"]] == 1):
            yield row.problem(
                "how_known",
                f"{row['how_known']!r} for {size[row['cluster_id']]} claims; single is for one claim alone",
            )


def _duplicates(tables: dict[str, list[_Row]]) -> Iterator[Problem]:
    same = (
        "measure",
        "claimant_id",
        "stated_on",
        "refers_to",
        *_ENDS,
        "bound",
        "system_id",
        "place_id",
        "polarity",
    )
    seen, said = {}, {}
    for row in tables["claims"]:
        number = tuple(row[c] for c in same)
        if row["bound"] and seen.setdefault(number, row["claim_id"]) != row["claim_id"]:
            yield row.problem(
                "claim_id", f"{row['claim_id']} says what {seen[number]} says; one assertion is one claim"
            )
        if said.setdefault(row["statement"], row["claim_id"]) != row["claim_id"]:
            yield row.problem("statement", f"is that of {said[row['statement']]}; allowed once")


def _names(tables: dict[str, list[_Row]]) -> Iterator[Problem]:
    variants = {v: p["person"] for p in tables["people"] for v in p["variants"].split(";") if v and " " in v}
    if not variants:
        return
    any_of = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(variants, key=len, reverse=True)))})\b")
    for table, column in (("claims", "statement"), ("claimants", "name"), ("clusters", "basis")):
        for row in tables[table]:
            for variant in any_of.findall(row[column]):
                yield row.problem(
                    column, f"prints {variant!r}; allowed: {variants[variant]!r}, as in people.csv"
                )


def _tables_named(tables: dict[str, list[_Row]]) -> Iterator[Problem]:
    for row in tables["corrections"] + tables["releases"]:
        if row["table"] not in tables:
            yield row.problem("table", f"{row['table']!r} is no table; allowed: {', '.join(tables)}")


def _glossary(tables: dict[str, list[_Row]]) -> Iterator[Problem]:
    # A word under two entries could not be linked to either.
    seen = {}
    for row in tables["glossary"]:
        for column in ("term", "aliases"):
            for word in row[column].split(";"):
                other = seen.setdefault(word.casefold(), row["term"])
                if word and other != row["term"]:
                    yield row.problem(column, f"{word!r} stands under {other!r} too; allowed once")


def _releases(tables: dict[str, list[_Row]]) -> Iterator[Problem]:
    held = {}
    for row in sorted(tables["releases"], key=lambda r: [int(n) for n in re.findall(r"\d+", r["version"])]):
        numbers = [row[c] for c in ("rows", "added", "removed")]
        if not all(_NUMBER.fullmatch(n) for n in numbers):
            continue  # told where cells are read
        rows, added, removed = (int(float(n)) for n in numbers)
        want = held.get(row["table"], 0) + added - removed
        if rows != want:
            yield row.problem("rows", f"{rows} does not follow from the version before; allowed: {want}")
        held[row["table"]] = rows
    claims = {row["version"] for row in tables["releases"] if row["table"] == "claims"}
    told = set()
    for row in tables["releases"]:
        if row["version"] not in claims | told:
            told.add(row["version"])
            yield row.problem("table", f"version {row['version']} has no row of claims; needed is one")


def _redirects(tables: dict[str, list[_Row]]) -> Iterator[Problem]:
    old = {row["old"] for row in tables["redirects"]}
    for row in tables["redirects"]:
        if row["new"].split("#")[0] in old:
            yield row.problem("new", f"{row['new']!r} has moved itself; allowed is where a reader arrives")


def _orphans(tables: dict[str, list[_Row]]) -> Iterator[Problem]:
    for table, (key, users) in _USED_BY.items():
        used = {r[column] for user, column in users for r in tables[user]}
        said = " ".join(r[column] for user, column in _NAMED_IN.get(table, []) for r in tables[user])
        for row in tables[table]:
            if row[key] not in used and not (said and row[key] in said):
                yield row.problem(
                    key,
                    f"{row[key]!r} is used by no row of {' or '.join(u for u, _ in users)}; allowed is what is used",
                )


def verify_articles(data: Path, articles: Path) -> list[Problem]:
    """Compare every locator and phrase of the core with the article texts in a folder.

    A file is known by its SHA-256. A problem is reported for each article that is missing, each
    phrase that is not in its line, and each line that neither a report nor uncoded.csv accounts
    for. Returns all problems, sorted; those of the check alone when it has any.
    """
    # Of a table that cannot be read no row would be compared, and all would seem well.
    if problems := check_ledger(data):
        return problems
    tables = {r["name"]: _read(data, r)[1] for r in table_resources(read_schema(data))}
    if not articles.is_dir():
        return [
            Problem(str(articles), 1, "folder", "is no folder; allowed is one that holds the article texts")
        ]
    texts = {hashlib.sha256(p.read_bytes()).hexdigest(): p for p in sorted(articles.iterdir()) if p.is_file()}
    if not texts:
        return [
            Problem(str(articles), 1, "folder", "holds no file; allowed is a folder of the article texts")
        ]
    problems, lines = [], {}
    for row in tables["sources"]:
        if row["corpus"] != "core":
            continue
        if row["sha256"] not in texts:
            problems.append(
                row.problem("sha256", f"no file in {articles} has it; {row['source_id']} cannot be verified")
            )
            continue
        lines[row["source_id"]] = texts[row["sha256"]].read_text(encoding="utf-8").splitlines()
    accounted = defaultdict(set)
    for row in tables["reports"] + tables["uncoded"]:
        text = lines.get(row["source_id"])
        if text is None:
            continue
        number = int(row["locator"][1:])
        accounted[row["source_id"]].add(number)
        if not 1 <= number <= len(text):
            problems.append(
                row.problem(
                    "locator", f"{row['locator']} is none of the {len(text)} lines of {row['source_id']}"
                )
            )
        elif row["quote"] not in text[number - 1]:
            problems.append(
                row.problem("quote", f"{row['quote']!r} is not in line {number} of {row['source_id']}")
            )
    for row in tables["sources"]:
        missing = set(range(1, len(lines.get(row["source_id"], [])) + 1)) - accounted[row["source_id"]]
        for number in sorted(missing):
            problems.append(
                row.problem(
                    "source_id",
                    f"line {number} of {row['source_id']} has neither a report nor a row in uncoded.csv",
                )
            )
    return sorted(problems)
