"""Print what a screen reader is given of a page, in its order: python tests/heard.py _build/html/chapters/casualties.html."""

import sys
import tempfile
from pathlib import Path

from conftest import chromium

SILENT = {"generic", "none", "RootWebArea", "LineBreak", "ListMarker"}
NAMED_BY_CONTENT = {
    "link",
    "button",
    "heading",
    "image",
    "DisclosureTriangle",
    "rowheader",
    "columnheader",
}
STATES = ("level", "expanded", "modal")


def heard(page: Path):
    """Yield the lines of Chromium's accessibility tree of a built page, indented by depth."""
    with tempfile.TemporaryDirectory() as profile:
        driver = chromium(Path(profile))
        driver.set_window_size(1280, 900)  # with both side bars
        driver.get(page.resolve().as_uri())
        nodes = driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        driver.quit()
    found = {node["nodeId"]: node for node in nodes}

    def walk(node, depth):
        role, name = (str(node.get(key, {}).get("value", "")).strip() for key in ("role", "name"))
        children = [found[child] for child in node.get("childIds", []) if child in found]
        if role == "InlineTextBox":
            return
        if role == "StaticText":
            if name:
                yield f"{'  ' * depth}{name}"
            return
        if not node.get("ignored") and role not in SILENT:
            states = {p["name"]: p["value"].get("value") for p in node.get("properties", [])}
            said = "".join(f", {state} {states[state]}" for state in STATES if state in states)
            own = node.get("name", {}).get("value") and role not in (
                "paragraph",
                "listitem",
                "cell",
                "Figcaption",
            )
            yield f"{'  ' * depth}[{role}{said}]{f' {name}' if own else ''}"
            depth += 1
            if role in NAMED_BY_CONTENT:
                return
        for child in children:
            yield from walk(child, depth)

    yield from walk(nodes[0], 0)


if __name__ == "__main__":
    print("\n".join(heard(Path(sys.argv[1]))))
