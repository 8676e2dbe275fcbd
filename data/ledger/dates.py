"""Dates as the sources give them: a written subset of EDTF, and the days that it spans."""

import re
from datetime import date
from functools import cache

from edtf import parse_edtf

_DAY = r"\d{4}(?:-\d{2}(?:-\d{2})?)?"
_SUBSET = re.compile(rf"(?:{_DAY}[~?]?)|(?:{_DAY}[~?]?/(?:{_DAY}[~?]?|\.\.))|(?:\.\./{_DAY}[~?]?)")
ALLOWED = (
    "YYYY, YYYY-MM or YYYY-MM-DD, an interval a/b, an open one ../b or a/.., each end with ~ or ? if doubtful"
)
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


@cache
def span(text: str) -> tuple[date | None, date | None]:
    """Return the first and last day that an EDTF text covers; None for an open end.

    The marks ~ and ? do not widen the span: how far about reaches is not stated, so it is not
    invented. Bounds are the strict ones of the edtf package. Raises ValueError outside the
    subset, for a day that does not exist, and for an interval that ends before it begins.
    """
    if not _SUBSET.fullmatch(text):
        raise ValueError(f"{text!r} is no date of the subset; allowed: {ALLOWED}")
    ends = text.split("/")
    first = _day(ends[0], "lower_strict")
    last = _day(ends[-1], "upper_strict")
    if first and last and first > last:
        raise ValueError(f"{text!r} ends before it begins")
    return first, last


def _day(text: str, side: str) -> date | None:
    if text == "..":
        return None
    # The mark is dropped first: the package would otherwise answer for the fuzzy date.
    try:
        moment = getattr(parse_edtf(text.rstrip("~?")), side)()
        return date(*moment[:3])
    except Exception as error:  # the package raises its parser's own errors as well as ValueError
        raise ValueError(f"{text!r} is no day of the calendar ({error})") from None


def in_words(text: str) -> str:
    """Write an EDTF text as English: '2024-10-28' as '28 October 2024', '../b' as 'until b'."""
    span(text)
    first, _, last = text.partition("/")
    if not last:
        return _one(first)
    if first == "..":
        return f"until {_one(last)}"
    if last == "..":
        return f"from {_one(first)} on"
    return f"{_one(first)} to {_one(last)}"


def _one(text: str) -> str:
    bare = text.rstrip("~?")
    parts = bare.split("-")
    words = " ".join([str(int(p)) for p in parts[2:]] + [_MONTHS[int(p) - 1] for p in parts[1:2]] + parts[:1])
    mark = {"~": "about ", "?": "perhaps "}.get(text[len(bare) :], "")
    return mark + words
