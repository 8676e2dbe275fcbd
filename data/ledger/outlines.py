"""SVG pictures of matplotlib in fewer bytes: the letters are outlines, and those come in more digits than eyes."""

import re

GLYPH = 32
"""Outlines of letters keep to a grid of so many of matplotlib's units: at most a fiftieth of a pixel off."""

_POINTS = {b"M": 2, b"L": 2, b"Q": 4, b"C": 6}


def lighter(svg: bytes) -> bytes:
    """Return an SVG picture of matplotlib with outlines to a hundredth of a pixel, letters coarser, in short form.

    Nothing in it moves by more than that; ids, styles and order of the drawing stay. Raises KeyError for a
    path of commands that matplotlib does not write.
    """
    # The outline of a space is empty: nothing is drawn where it stands.
    for name in re.findall(rb'<path id="(Lato-[^"]*)" transform="[^"]*"/>', svg):
        svg = re.sub(rb'<path id="%s" [^>]*/>|<use xlink:href="#%s"[^>]*/>' % (name, name), b"", svg)
    glyph = rb'<path id="Lato-(\w+)-([^"]*)" d="([^"]*)" transform="scale\(0\.015625\)"/>'
    scale = b"%.10g" % (0.015625 * GLYPH)
    svg = re.sub(
        glyph,
        lambda m: (
            b'<path id="%s%s" d="%s" transform="scale(%s)"/>'
            % (m[1][:1], m[2], _short(m[3], GLYPH, b"%d"), scale)
        ),
        svg,
    )
    svg = re.sub(rb'#Lato-(\w)\w*-(?=[^"]*")', rb"#\1", svg)
    svg = re.sub(rb'<path([^>]*?) d="(M [^"]*)"([^>]*)>', _path, svg)
    # A scale multiplies what it rounds off, so it stays.
    svg = re.sub(
        rb"scale\([^)]*\)|-?\d+\.\d{3,}",
        lambda m: m[0] if m[0].startswith(b"s") else _number(float(m[0]), b"%.2f"),
        svg,
    )
    # The text beside an outline is for whoever reads the file; the page has the words as words.
    svg = re.sub(rb"<!--.*?-->", b"", svg, flags=re.S)
    return re.sub(rb">\s+<", b"><", svg)


def _path(found: re.Match) -> bytes:
    before, points, after = found.groups()
    # The editions read where a hatched shape lies (editions._draw_hatching).
    if b"fill: url(" not in after:
        points = _short(points, 0.01, b"%.2f")
    return b'<path%s d="%s"%s>' % (before, points, after)


def _short(path: bytes, grid: float, form: bytes) -> bytes:
    """Return path data on a grid, each point relative to the last; the grid is exact, so no error adds up."""
    unit = 1 if form == b"%d" else grid
    at = start = (0, 0)
    found, before = [], b""
    tokens = iter(re.findall(rb"[A-Za-z]|-?[\d.]+(?:e-?\d+)?", path))
    for command in tokens:
        if command in b"Zz":
            at, before = start, b"z"
            found.append(b"z")
            continue
        points = [round(float(next(tokens)) / grid) for _ in range(_POINTS[command])]
        numbers = b"".join(
            _after(_number((v - at[i % 2]) * unit, form), i == 0) for i, v in enumerate(points)
        )
        at = tuple(points[-2:])
        start = at if command == b"M" else start
        letter = command.lower()
        # A command like the last one need not be said again; after a move it would mean a line.
        repeated = letter == before and letter != b"m"
        found.append(_after(numbers, False) if repeated else letter + numbers)
        before = letter
    return b"".join(found)


def _number(value: float, form: bytes) -> bytes:
    text = form % value
    if b"." in text:
        text = text.rstrip(b"0").rstrip(b".")
    return b"0" if text in (b"-0", b"") else text


def _after(number: bytes, first: bool) -> bytes:
    return number if first or number.startswith(b"-") else b" " + number
