"""What readers receive that no environment holds: Python in the browser with its wheels, and the Vega scripts.

Run: .venv/bin/python tests/sbom.py FILE      (`make sbom`: adds it to the CycloneDX list of the environment)
"""

import hashlib
import io
import json
import re
import sys
import zipfile
from email import message_from_bytes
from email.message import Message
from importlib.metadata import version as distribution_version
from pathlib import Path

import vl_convert
from ledger import running
from ledger.book import vega_script


def licences(about: Message) -> list[str]:
    """Return the licences of a package as it states them: an SPDX expression, classifiers, or a field of its own."""
    classified = [c.split(" :: ")[-1] for c in about.get_all("Classifier", []) if c.startswith("License ::")]
    field = (about.get("License") or "").strip().split("\n")[0]
    stated = re.split(r" AND | OR ", about.get("License-Expression") or "")
    return [word for word in stated if word] or classified or [field]


def component(place: str, name: str, version: str, stated: list[str], content: bytes = b"", **more) -> dict:
    """Return a component as CycloneDX has it; `place` is where in the site it lies, `content` what its hash is of."""
    hashes = [{"alg": "SHA-256", "content": hashlib.sha256(content).hexdigest()}] if content else []
    return {
        "type": "library",
        "bom-ref": f"{place}#{name}",
        "name": name,
        "version": version,
        "licenses": [{"license": {"name": words}} for words in stated],
        **({"hashes": hashes} if hashes else {}),
        **more,
    }


def _of_wheel(place: str, content: bytes) -> dict:
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        (path,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        about = message_from_bytes(wheel.read(path))
    name, version = about["Name"], about["Version"]
    return component(place, name, version, licences(about), content, purl=f"pkg:pypi/{name}@{version}")


def _of_vega(name: str, version: str) -> dict:
    # Nothing in the bundle states it; it is that of each of the four on npm.
    return component("_static/vega.js", name, version, ["BSD-3-Clause"], purl=f"pkg:npm/{name}@{version}")


def shipped() -> list[dict]:
    """Return the components, each with version, licences and the hash of what is shipped of it.

    What is compiled into Python's WebAssembly, and what Vega itself is built on, nobody names, and so neither does
    this list.
    """
    files = running.pyodide()
    pyodide, lock = (json.loads(files[name]) for name in ("package.json", "pyodide-lock.json"))
    version = pyodide["version"]
    core = [
        component("run/pyodide.asm.wasm", "pyodide", version, [pyodide["license"]], files["pyodide.asm.wasm"], purl=f"pkg:npm/pyodide@{version}"),
        component("run/python_stdlib.zip", "cpython", lock["info"]["python"], ["PSF-2.0"], files["python_stdlib.zip"]),
    ]  # fmt: skip
    wheels = [_of_wheel(f"run/{name}", files[name]) for name in sorted(files) if name.endswith(".whl")]
    added = [_of_wheel("run/packages.zip", running.supply(name).read_bytes()) for name in running.ADDED]
    vega = [
        _of_vega("vega", vl_convert.get_vega_version()),
        _of_vega("vega-lite", vl_convert.get_vegalite_versions()[-1]),
        _of_vega("vega-embed", vl_convert.get_vega_embed_version()),
        _of_vega("vega-themes", vl_convert.get_vega_themes_version()),
    ]
    bundle = component(
        "_static/vega.js",
        "vega.js",
        distribution_version("vl-convert-python"),
        ["BSD-3-Clause"],
        vega_script(),
    )
    return [*core, *wheels, *added, {**bundle, "type": "file", "components": vega}]


if __name__ == "__main__":
    path = Path(sys.argv[1])
    listed = json.loads(path.read_text(encoding="utf-8"))
    listed["components"] += shipped()
    path.write_text(json.dumps(listed, indent=2, sort_keys=True) + "\n", encoding="utf-8")
