"""Boundaries for the maps: Natural Earth 1:50m, public domain, shipped in data/boundaries.geojson."""

import json
from pathlib import Path

from .tables import DATA

_WINDOWS = ((118, 32, 142, 56), (28, 46, 44, 57))
_COUNTRIES = {
    "112": "BY", "156": "CN", "392": "JP", "408": "KP", "410": "KR", "496": "MN", "643": "RU", "804": "UA",
}  # fmt: skip


def read_boundaries(data: Path = DATA) -> dict[str, list[list[tuple[float, float]]]]:
    """Read the outer rings of each country: ISO code to rings of (longitude, latitude) in degrees."""
    collection = json.loads((data / "boundaries.geojson").read_text(encoding="utf-8"))
    return {
        feature["properties"]["country"]: [rings[0] for rings in feature["geometry"]["coordinates"]]
        for feature in collection["features"]
    }


def cut_boundaries(atlas: Path) -> str:
    """Cut the windows of our maps from countries-50m.json of the npm package world-atlas 2.0.2.

    Decodes TopoJSON (quantised, delta-coded arcs; a negative index is an arc reversed) and returns
    GeoJSON text, one feature a line. Every polygon that reaches into a window is kept whole.
    """
    topology = json.loads(atlas.read_text(encoding="utf-8"))
    scale, shift = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for deltas in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in deltas:
            x, y = x + dx, y + dy
            points.append((round(x * scale[0] + shift[0], 3), round(y * scale[1] + shift[1], 3)))
        arcs.append(points)

    def ring(indices: list[int]) -> list[tuple[float, float]]:
        parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices]
        return [parts[0][0]] + [point for part in parts for point in part[1:]]

    features = []
    for shape in topology["objects"]["countries"]["geometries"]:
        if shape.get("id") in _COUNTRIES:
            polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
            rings = [[ring(indices) for indices in polygon] for polygon in polygons]
            features.append(
                {
                    "type": "Feature",
                    "properties": {"country": _COUNTRIES[shape["id"]]},
                    "geometry": {"type": "MultiPolygon", "coordinates": [p for p in rings if _seen(p[0])]},
                }
            )
    features.sort(key=lambda feature: feature["properties"]["country"])
    lines = ",\n".join(json.dumps(feature, separators=(",", ":")) for feature in features)
    return f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'


def _seen(ring: list[tuple[float, float]]) -> bool:
    east, north = [p[0] for p in ring], [p[1] for p in ring]
    return any(
        max(east) >= w and min(east) <= e and max(north) >= s and min(north) <= n for w, s, e, n in _WINDOWS
    )
