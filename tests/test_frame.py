"""The frame: one schema, one version, one way to import."""

import hashlib
import json
import re
import tomllib

from conftest import ROOT
from ledger import DATA


def test_the_ledger_and_the_package_have_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    schema = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert schema["version"] == project["version"]
    assert f"\nversion: {schema['version']}\n" in citation


def test_the_readme_gives_the_two_commands_and_no_target_or_command_that_is_not_there():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, flags=re.M))
    named = set(re.findall(r"\bmake ([a-z]+)\b", text)) - {"sure"}
    assert {"book", "test"} <= named <= targets
    parser = (DATA / "ledger" / "__main__.py").read_text(encoding="utf-8")
    for command in re.findall(r"-m ledger ([a-z-]+)", text):
        assert f'"{command}"' in parser
    for path in re.findall(r"\]\(([^)]+)\)", text):
        assert (ROOT / path).exists(), path


def test_paths_are_never_forced():
    for path in [
        *ROOT.glob("data/**/*.py"),
        *ROOT.glob("chapters/*.ipynb"),
        ROOT / "Makefile",
        ROOT / "pyproject.toml",
    ]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"sys\.path|PYTHONPATH|pythonpath|from \w+ import \*", text), path


def test_boundaries_are_the_recorded_file():
    schema = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    (recorded,) = [r["hash"] for r in schema["resources"] if r["name"] == "boundaries"]
    assert recorded == "sha256:" + hashlib.sha256((DATA / "boundaries.geojson").read_bytes()).hexdigest()


def test_nothing_depends_on_the_workshop():
    for path in [
        *ROOT.glob("data/**/*.py"),
        *ROOT.glob("tests/*.py"),
        *ROOT.glob("chapters/*"),
        ROOT / "Makefile",
        *ROOT.glob(".ci/*"),
    ]:
        if path.name != "test_frame.py":
            assert "../" + "shared" not in path.read_text(encoding="utf-8"), path


def test_every_column_is_used_by_the_one_schema_alone():
    schema = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    tables = {r["path"] for r in schema["resources"]}
    assert {p.name for p in DATA.glob("*.csv")} == {t for t in tables if t.endswith(".csv")}
    for resource in schema["resources"]:
        for field in resource.get("schema", {}).get("fields", []):
            assert field["description"], f"{resource['name']}.{field['name']} has no description"
