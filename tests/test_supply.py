"""The supply chain: pins and their hashes, licences, the workflows, and the interpreters that are promised."""

import hashlib
import importlib.metadata
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_bytes

import pytest
import sbom
import yaml
from conftest import ROOT
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from ledger import running
from ledger.book import vega_script

PIN = re.compile(r"([a-z0-9._-]+)==([^ ;\\]+)(?: ; ([^\\]+?))?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def pins():
    """Every pin of requirements.txt: name, version, marker ('' where it holds everywhere)."""
    *lines, last = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert last == "-e ."
    found = [PIN.fullmatch(line) for line in lines]
    assert all(found), f"no exact pin: {[line for line, f in zip(lines, found, strict=True) if not f]}"
    return [(f[1], f[2], f[3] or "") for f in found]


def test_the_lock_has_the_same_pins_each_with_its_hashes():
    locked = []
    for block in re.split(r"\n(?! )", (ROOT / "requirements.lock").read_text(encoding="utf-8").strip()):
        head, *hashes = block.split(" \\\n    ")
        found = PIN.fullmatch(head)
        assert found, f"requirements.lock: {head!r} is no exact pin"
        assert hashes, f"requirements.lock: {head} has no hash"
        assert all(HASH.fullmatch(h) for h in hashes), f"requirements.lock: {head} has what is no SHA-256"
        locked.append((found[1], found[2], found[3] or ""))
    assert locked == pins(), f"{sorted(set(locked) ^ set(pins()))}: the two files differ; run `make lock`"


def test_every_direct_dependency_is_pinned_and_says_what_it_is_for():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    names = {name for name, _, _ in pins()}
    for dependency in PROJECT["dependencies"]:
        name = re.match(r"[\w.-]+", dependency)[0].lower()
        assert name in names, f"{name} is not pinned; run `make lock`"
        assert re.search(rf'^  "{re.escape(dependency)}", +# \S', text, flags=re.M), f"what is {name} for?"
    assert dict((name, version) for name, version, _ in pins())["jupyter-book"].startswith("1.")


def test_what_runs_here_is_what_is_pinned():
    version = {name: [v for n, v, _ in pins() if n == name] for name, _, _ in pins()}
    for name, _, marker in pins():
        if not marker:
            assert importlib.metadata.version(name) in version[name], f"{name}: make the environment anew"


# Licences under which code of any licence may use a package; each is allowed as it stands, alone or with others.
PERMITTED = re.compile(
    r"0BSD|MIT( License|-0|-CMU)?|(BSD|ISC)( License)?( \(ISCL\))?|BSD-[23]-Clause|Apache-2\.0|Apache 2\.0"
    r"|Apache( Software)? License(, Version 2\.0)?|Mozilla Public License 2\.0 \(MPL 2\.0\)|MPL-2\.0|Zlib|CC0-1\.0"
    r"|PSF-2\.0|Python Software Foundation License|SIL Open Font License 1\.1 \(OFL-1\.1\)|Public Domain|Artistic License"
)
# Read one by one. Of these the site ships docutils alone, for whoever runs a chapter in the browser; no other has a copy
# in the repository, the site or the editions.
REVIEWED = {
    "docutils": "in the public domain, or under BSD, ZPL and PSF licences; the one file under GPL, an editor's mode, is in no wheel",
    "krippendorff": "GPL 3 or later: a test calls it, and nothing that is published",
    "selenium-axe-python": "under the Mozilla Public License 2.0, as its licence file says; its classifier says less",
    "text-unidecode": "to be had under the Artistic License, the one chosen here",
}


@pytest.fixture(scope="module")
def shipped():
    """What readers receive beside the packages of the environment, the parts of the Vega scripts each by itself."""
    found = sbom.shipped()
    return [*found, *(part for whole in found for part in whole.get("components", []))]


@pytest.fixture(scope="module")
def packed():
    """The files of the archive that a chapter's run in the browser unpacks."""
    with zipfile.ZipFile(io.BytesIO(running.packages())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_every_licence_is_compatible_or_was_read(shipped):
    found = {part["name"]: [said["license"]["name"] for said in part["licenses"]] for part in shipped}
    for name, _, marker in pins():
        try:
            found[name] = sbom.licences(importlib.metadata.metadata(name))
        except importlib.metadata.PackageNotFoundError:
            assert marker, f"{name} is not installed"
    foreign = {name: said for name, said in found.items() if not all(PERMITTED.fullmatch(w) for w in said)}
    assert foreign.keys() == REVIEWED.keys(), {n: foreign.get(n) for n in foreign.keys() ^ REVIEWED.keys()}


def packages_in(packed):
    """The packages of the archive as {name: version}."""
    told = [message_from_bytes(c) for name, c in packed.items() if name.endswith(".dist-info/METADATA")]
    return {re.sub(r"[-_.]+", "-", about["Name"]).lower(): about["Version"] for about in told}


def test_readers_get_docutils_alone_of_what_was_read_and_nothing_under_the_gpl(shipped, packed):
    names = packages_in(packed).keys() | {part["name"] for part in shipped}
    assert names & REVIEWED.keys() == {"docutils"}
    say = {name for name, content in packed.items() if b"general public license" in content.lower()}
    assert {name.partition("/")[0].partition("-")[0] for name in say} == {"docutils"}
    assert {name.rpartition("/")[2] for name in say} == {"COPYING.txt", "METADATA"}, "code under the GPL"


def test_the_bill_of_materials_has_whatever_readers_get(shipped, packed):
    listed = {(name, version) for name, version, _ in pins()} | {(s["name"], s["version"]) for s in shipped}
    assert packages_in(packed).items() <= listed
    hashes = {one["content"] for part in shipped for one in part.get("hashes", [])}
    files = running.pyodide()
    wheels = {name: content for name, content in files.items() if name.endswith(".whl")}
    assert len(wheels) > 10
    for content in (*wheels.values(), files["pyodide.asm.wasm"], files["python_stdlib.zip"], vega_script()):
        assert hashlib.sha256(content).hexdigest() in hashes
    # Pyodide's own list and the pins, each with the hash that stands there.
    lock = json.loads(files["pyodide-lock.json"])["packages"].values()
    assert {entry["sha256"] for entry in lock} < hashes
    pinned = (ROOT / "data/ledger/browser/packages.txt").read_text(encoding="utf-8")
    for name in running.ADDED:
        (digest,) = re.findall(rf"^{name}==\S+ --hash=sha256:(\w+)", pinned, flags=re.M)
        assert digest in hashes
    version = {part["name"]: part["version"] for part in shipped}
    for name in ("vega", "vega-lite", "vega-themes"):  # Vega-Embed does not say in its code which it is
        assert f'"{version[name]}'.encode() in vega_script(), name


def test_the_bill_of_materials_is_valid_and_repeats(tmp_path):
    written = []
    for path in (tmp_path / "one.json", tmp_path / "two.json"):
        path.write_text('{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": []}')
        subprocess.run([sys.executable, ROOT / "tests" / "sbom.py", path], check=True)
        written.append(path.read_text(encoding="utf-8"))
    assert written[0] == written[1]
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written[0]) is None
    assert len(json.loads(written[0])["components"]) > 15


def steps():
    for path in WORKFLOWS:
        for name, job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items():
            for step in job.get("steps", []):
                yield f"{path.name}: {name}", step


def test_every_action_is_pinned_by_a_commit_and_names_its_release():
    count = 0
    for path in WORKFLOWS:
        for line in path.read_text(encoding="utf-8").splitlines():
            used = re.search(r"\buses: (.+)", line)
            if used and not used[1].startswith("./"):
                assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used[1]), (
                    f"{path.name}: {line.strip()} is not pinned by a commit, or does not name its release"
                )
                count += 1
    assert count == sum("uses" in step for _, step in steps())


def test_one_action_has_one_pin():
    used = {step["uses"].split("@")[0]: set() for _, step in steps() if "uses" in step}
    for _, step in steps():
        if "uses" in step:
            used[step["uses"].split("@")[0]].add(step["uses"])
    assert not [pins for pins in used.values() if len(pins) > 1]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.name)
def test_a_workflow_may_only_read_and_its_jobs_end(path):
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        if "steps" in job:
            assert 1 <= job["timeout-minutes"] <= 90, name
            # No token on the disk, which a step could use unseen.
            for step in job["steps"]:
                if step.get("uses", "").startswith("actions/checkout@"):
                    assert step["with"]["persist-credentials"] is False, name


# Who may do more than read, and what; everything else is a mistake.
GRANTED = {
    ("links.yml", "offer"): {"contents": "write", "pull-requests": "write"},
    ("publish.yml", "deploy"): {"pages": "write", "id-token": "write"},
    ("release.yml", "release"): {"contents": "write", "id-token": "write", "attestations": "write"},
}


def test_more_than_reading_is_granted_to_three_jobs_alone():
    found = {}
    for path in WORKFLOWS:
        for name, job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items():
            if "permissions" in job:
                found[path.name, name] = job["permissions"]
    assert found == GRANTED


@pytest.mark.parametrize("name", ["publish.yml", "release.yml"])
def test_nothing_is_published_that_was_not_tested(name):
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))["jobs"]
    assert jobs["test"] == {"uses": "./.github/workflows/test.yml"}
    for job, content in jobs.items():
        needed, left = set(), [job]
        while left:
            needs = jobs[left.pop()].get("needs", [])
            left += [n for n in ([needs] if isinstance(needs, str) else needs) if n not in needed]
            needed |= set(left)
        assert job == "test" or "test" in needed, f"{name}: {job} runs without the tests"
        assert "if" not in content, f"{name}: {job} may run though the tests failed"


def test_no_workflow_pastes_what_a_stranger_wrote_into_a_shell():
    for where, step in steps():
        assert "${{" not in step.get("run", ""), f"{where}: hand it over in env"


def test_a_token_is_handed_only_to_a_step_that_runs_github_s_own_program():
    count = 0
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        for owner in (workflow, *workflow["jobs"].values()):
            assert "token" not in str(owner.get("env", "")), f"{path.name}: a token in every step"
    for where, step in steps():
        if "token" in str(step.get("env", "")):
            assert re.search(r"^ *gh ", step["run"], flags=re.M), where
            assert not re.search(r"\b(?:make|python)\b", step["run"]), where
            count += 1
    assert count == 2


@pytest.fixture
def offering(tmp_path):
    """Run the step of links.yml that offers the table, in a clone; return its result and what was pushed."""
    (step,) = (
        s for where, s in steps() if where == "links.yml: offer" and s.get("name") == "Offer the table"
    )
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "HOME": str(tmp_path),
    }
    (tmp_path / "gh").write_text('#!/bin/sh\n[ "$2" != list ] || echo 1\n', encoding="utf-8")
    (tmp_path / "gh").chmod(0o755)

    def git(*arguments, folder=tmp_path / "book"):
        command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments]
        run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
        return run.stdout.split()

    git("init", "--quiet", "--bare", "origin", folder=tmp_path)
    git("clone", "--quiet", "origin", "book", folder=tmp_path)
    (tmp_path / "book" / "data").mkdir()
    for name in ("addresses.csv", "datapackage.json", "claims.csv"):
        (tmp_path / "book" / "data" / name).write_text("old\n", encoding="utf-8")
    git("add", ".")
    git("commit", "--quiet", "--message", "before")

    def offer(*changed):
        for name in changed:
            (tmp_path / "book" / "data" / name).write_text("new\n", encoding="utf-8")
        run = subprocess.run(  # as GitHub runs it
            ["bash", "-e", "-c", step["run"]],
            cwd=tmp_path / "book",
            env=environment,
            capture_output=True,
            text=True,
        )
        pushed = git("branch", "--list", "--format=%(refname:short)", folder=tmp_path / "origin")
        return run, git("diff", "--name-only", "HEAD~", "HEAD") if pushed else []

    return offer


def test_the_link_check_offers_the_table_with_its_hash_and_nothing_else(offering):
    run, pushed = offering("addresses.csv", "datapackage.json", "claims.csv")
    assert (run.returncode, pushed) == (0, ["data/addresses.csv", "data/datapackage.json"]), run.stderr


def test_the_link_check_offers_nothing_when_nothing_changed(offering):
    run, pushed = offering()
    assert (run.returncode, pushed) == (0, []), run.stdout


@pytest.fixture
def machine(tmp_path):
    """Run .ci/run where nothing but what is named is there; return what it asked of apt."""
    (tmp_path / "bash").symlink_to(shutil.which("bash"))
    (tmp_path / "dirname").symlink_to(shutil.which("dirname"))

    def run(**programs):
        stubs = {"make": "exit 0", "apt-get": f'echo "$@" >> {tmp_path}/asked', "id": "echo 0", **programs}
        for name, body in stubs.items():
            (tmp_path / name).write_text(f"#!{tmp_path}/bash\n{body}\n", encoding="utf-8")
            (tmp_path / name).chmod(0o755)
        done = subprocess.run(
            [tmp_path / "bash", ROOT / ".ci" / "run"],
            env={"PATH": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        asked = tmp_path / "asked"
        return asked.read_text(encoding="utf-8") if asked.exists() else ""

    return run


BROWSER = {"chromium": "exit 0", "chromedriver": "exit 0"}
# Longer than a pipe holds, so that whoever stops reading at the first line kills the program.
FONTS = "for n in {1..9000}; do echo '/fonts/NotoSansCJK.ttc: Noto Sans CJK KR:style=Regular'; done"


def test_ci_installs_nothing_that_is_there_and_the_fonts_where_they_are_not(machine):
    assert machine(**BROWSER, **{"fc-list": FONTS}) == ""
    wanted = "--no-install-recommends fontconfig fonts-noto-core fonts-noto-cjk\n"
    assert machine(**BROWSER, **{"fc-list": "echo '/fonts/Lato.ttf: Lato:style=Regular'"}).endswith(wanted)


def test_ci_installs_the_fonts_and_the_program_that_lists_them_where_there_is_none(machine):
    assert machine(**BROWSER).endswith("--no-install-recommends fontconfig fonts-noto-core fonts-noto-cjk\n")


def test_the_promised_pythons_are_those_that_are_tested():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
    oldest, newest = (matrix := workflow["jobs"]["test"]["strategy"]["matrix"]["python"])[0], matrix[-1]
    makefile, readme = ((ROOT / name).read_text(encoding="utf-8") for name in ("Makefile", "README.md"))
    assert PROJECT["requires-python"] == f">={oldest}"
    assert f"--python-version {oldest} " in makefile
    assert f"Python {oldest} or later is needed" in makefile
    assert f"<= ({newest.replace('.', ', ')}) or print" in makefile
    assert f"{newest} is the newest that was" in makefile
    assert f"Python {oldest} or later" in readme
    assert f"The checks run under {' and '.join(matrix)}; under a newer one" in readme


def make(*arguments):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)


def an_interpreter(path, version):
    """A Python that says it is of another version, and has no venv module."""
    path.write_text(
        f'#!/bin/sh\ncase "$2" in "import venv"*) exit 1;; esac\n'
        f'exec "{sys.executable}" -c "import sys; sys.version_info = {version}; $2"\n',
        encoding="utf-8",
    )
    path.chmod(0o755)
    return path


def test_another_python_is_told_so_before_anything_is_made(tmp_path):
    lacks = "Python lacks its venv module"
    for python, message, goes_on in (
        (an_interpreter(tmp_path / "old", (3, 10, 13)), "Python 3.11 or later is needed; this is 3.10. Name another with make PYTHON=...", False),
        (an_interpreter(tmp_path / "tried", (3, 13, 9)), "", True),
        (an_interpreter(tmp_path / "new", (3, 15, 0)), "Python 3.15 was not tried, 3.13 is the newest that was", True),
        (tmp_path / "none", f"No '{tmp_path / 'none'}' found: install Python 3.11 or later, or name one", False),
    ):  # fmt: skip
        run = make(f"PYTHON={python}", f"VENV={tmp_path / 'venv'}", f"{tmp_path / 'venv'}/.ready")
        assert run.returncode != 0
        assert message in run.stderr + run.stdout
        assert ("was not tried" in run.stdout) == ("was not tried" in message)
        assert (lacks in run.stderr) == goes_on
        assert not (tmp_path / "venv").exists()


def test_what_may_write_runs_nothing_of_ours_and_no_package():
    for file, name in GRANTED:
        job = yaml.safe_load((ROOT / ".github" / "workflows" / file).read_text(encoding="utf-8"))["jobs"][
            name
        ]
        run = " ".join(step.get("run", "") for step in job["steps"])
        assert not re.search(r"\b(make|pip|npm|npx|python3?)\b|\./", run), f"{file}: {name}"


def test_a_release_tells_the_newest_section_of_the_history_alone(tmp_path):
    (command,) = (s["run"] for _, s in steps() if "CHANGELOG" in s.get("run", ""))
    (tmp_path / "_build").mkdir()
    (tmp_path / "CHANGELOG.md").write_bytes((ROOT / "CHANGELOG.md").read_bytes())
    subprocess.run(["sh", "-e", "-c", command], cwd=tmp_path, check=True)
    notes = (tmp_path / "_build" / "notes.md").read_text(encoding="utf-8")
    _before, newest, *_ = re.split(
        r"^(?=## )", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.M
    )
    assert notes == newest
    assert len(notes.splitlines()) > 2


def test_dependabot_watches_all_that_is_pinned_here():
    config = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8"))
    pinned = {"github-actions" for _, step in steps() if "uses" in step} | {"pip" for _ in pins()}
    assert {u["package-ecosystem"] for u in config["updates"]} == pinned
    lies = {"github-actions": ".github/workflows", "pip": "requirements.txt"}
    for update in config["updates"]:
        assert (ROOT / update["directory"].strip("/") / lies[update["package-ecosystem"]]).exists()
