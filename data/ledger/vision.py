"""How the colours of a chart look: with two kinds of cone, in grey print, and against the page."""

from itertools import combinations

import numpy as np
import pandas as pd
from colorspacious import cspace_convert

from .figures import Ink

VISIONS = {
    "full colour": None,
    "deuteranopia": "deuteranomaly",
    "protanopia": "protanomaly",
    "tritanopia": "tritanomaly",
    "grey print": None,
}
"""Ways of seeing, and what the model of Machado, Oliveira and Fernandes (2009) calls each at full strength."""

APART = {vision: 5.0 if vision == "grey print" else 10.0 for vision in VISIONS}
"""Least distance of any two kinds of claimant, in CAM02-UCS. One is just visible on touching patches; marks
are small and far apart, hence ten. Grey print has lightness alone, and room for seven steps of five between
black and the palest grey that still reads; there the mark tells the kinds apart, and the step helps."""

CONTRAST = 4.5
"""Least contrast against the page, by the Web Content Accessibility Guidelines 2.2 for text at level AA. They
ask 3 of marks; ours keep to 4.5, because some charts write words in the colour of a kind."""

_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def seen(colours: list[str], vision: str) -> np.ndarray:
    """Return colours, given as '#rrggbb', as they are seen: one row of sRGB from 0 to 1 each."""
    found = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in colours])
    if vision == "grey print":
        light = _linear(found) @ _LUMINANCE
        grey = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
        return np.repeat(grey[:, None], 3, axis=1)
    if VISIONS[vision] is None:
        return found
    space = {"name": "sRGB1+CVD", "cvd_type": VISIONS[vision], "severity": 100}
    return np.clip(cspace_convert(found, space, "sRGB1"), 0, 1)


def distances(ink: Ink, vision: str) -> pd.Series:
    """Return the distance in CAM02-UCS of every pair of kinds of claimant, nearest first."""
    places = cspace_convert(seen(list(ink.group.values()), vision), "sRGB1", "CAM02-UCS")
    apart = {
        (a, b): float(np.linalg.norm(places[i] - places[j]))
        for (i, a), (j, b) in combinations(enumerate(ink.group), 2)
    }
    return pd.Series(apart).sort_values(kind="stable")


def contrast(colour: str, page: str) -> float:
    """Return the contrast of two colours, from 1 to 21, as the Web Content Accessibility Guidelines define it."""
    a, b = sorted(_linear(seen([colour, page], "full colour")) @ _LUMINANCE)
    return float((b + 0.05) / (a + 0.05))


def _linear(colours: np.ndarray) -> np.ndarray:
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
