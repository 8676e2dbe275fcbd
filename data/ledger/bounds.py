"""Bounds: what a claim's wording allows, and arithmetic on intervals. Nothing is averaged."""

from dataclasses import dataclass
from functools import reduce
from math import inf, isinf

import pandas as pd


@dataclass(frozen=True, order=True)
class Interval:
    """A closed range of numbers, either end of which may be infinite. It is no confidence interval."""

    low: float
    high: float

    def __post_init__(self):
        if not self.low <= self.high:
            raise ValueError(f"an interval cannot run from {self.low} to {self.high}")

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: "Interval") -> "Interval":
        return Interval(self.low - other.high, self.high - other.low)

    def __mul__(self, other: "Interval") -> "Interval":
        products = [_times(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(products), max(products))

    def __truediv__(self, other: "Interval") -> "Interval":
        if other.low <= 0 <= other.high:
            raise ZeroDivisionError("the divisor's interval contains zero")
        return self * Interval(1 / other.high, 1 / other.low)

    def hull(self, other: "Interval") -> "Interval":
        """Return the smallest interval that covers both."""
        return Interval(min(self.low, other.low), max(self.high, other.high))

    def meet(self, other: "Interval") -> "Interval | None":
        """Return the numbers that lie in both, or None when there are none."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Interval(low, high) if low <= high else None


def _times(a: float, b: float) -> float:
    # An end of zero times an infinite end is zero here: the end is reached, infinity is not.
    return 0.0 if a == 0 or b == 0 else a * b


def interval(row: pd.Series) -> Interval:
    """Return the numbers that a claim or report allows by its wording.

    `exact` and `about` give the point alone (how far about reaches is not stated); `more_than`
    and `at_least` run from low to infinity; `up_to` and `nearly` from zero to high; `range` from
    low to high; `vague` as far as its formal bounds go. Raises ValueError for a row without a
    number.
    """
    if pd.isna(row["bound"]):
        raise ValueError(f"{row.get('claim_id')} carries no number")
    if not pd.isna(row["point"]):
        return Interval(float(row["point"]), float(row["point"]))
    low = 0.0 if pd.isna(row["low"]) else float(row["low"])
    high = inf if pd.isna(row["high"]) else float(row["high"])
    return Interval(low, high)


def hull_of(rows: pd.DataFrame) -> Interval:
    """Return the smallest interval that covers the numbers of all rows: the range of what is claimed."""
    return reduce(Interval.hull, (interval(row) for _, row in rows.iterrows()))


def sum_of(rows: pd.DataFrame) -> Interval:
    """Add the numbers of rows end by end; the caller answers for their being of one kind and day."""
    return reduce(Interval.__add__, (interval(row) for _, row in rows.iterrows()))


def is_open(value: float) -> bool:
    """Tell whether an end of an interval is infinite."""
    return isinf(value)
