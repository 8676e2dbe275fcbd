"""Dates as the sources give them: a written subset of EDTF, and the days that it spans."""

import re
from calendar import monthrange
from datetime import date
from functools import cache

_DAY = r"\d{4}(?:-\d{2}(?:-\d{2})?)?"
_SUBSET = re.compile(rf"(?:{_DAY}[~?]?)|(?:{_DAY}[~?]?/(?:{_DAY}[~?]?|\.\.))|(?:\.\./{_DAY}[~?]?)")
MONTHS = [
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
    invented. The ends are the strict bounds of EDTF; the tests hold them against the edtf
    package, which is too slow to parse every row in every run. Raises ValueError outside the
    subset, for a day that does not exist, and for an interval that ends before it begins.
    """
    if not _SUBSET.fullmatch(text):
        raise ValueError(
            f"{text!r} is no date of the subset; allowed: YYYY, YYYY-MM or YYYY-MM-DD, an interval a/b, "
            "an open one ../b or a/.., each end with ~ or ? if doubtful"
        )
    ends = text.split("/")
    first = _day(ends[0], 0)
    last = _day(ends[-1], 1)
    if first and last and first > last:
        raise ValueError(f"{text!r} ends before it begins")
    return first, last


def _day(text: str, side: int) -> date | None:
    """Return the first (side 0) or last (side 1) day of a year, month or day; None for an open end."""
    if text == "..":
        return None
    parts = [int(part) for part in re.findall(r"\d+", text)]
    year, month, day = parts + [None] * (3 - len(parts))
    try:
        month = month or (1, 12)[side]
        return date(year, month, day or (1, monthrange(year, month)[1])[side])
    except ValueError as error:
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
    parts = re.findall(r"\d+", text)
    words = " ".join([str(int(p)) for p in parts[2:]] + [MONTHS[int(p) - 1] for p in parts[1:2]] + parts[:1])
    mark = {"~": "about ", "?": "perhaps "}.get(text[-1], "")
    return mark + words
