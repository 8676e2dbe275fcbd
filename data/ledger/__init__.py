"""The ledger of attributed claims: load it, check it, compute on it, show it."""

from .bounds import Interval, hull_of, interval, sum_of
from .dates import in_words, span
from .evidence import bases, count_clusters, data_cutoff, grades, statuses
from .prose import Derived, Judgement, Numbers, range_words, wording
from .tables import DATA, Ledger, LedgerError, load_ledger

__all__ = [
    "DATA",
    "Derived",
    "Interval",
    "Judgement",
    "Ledger",
    "LedgerError",
    "Numbers",
    "bases",
    "count_clusters",
    "data_cutoff",
    "grades",
    "hull_of",
    "in_words",
    "interval",
    "load_ledger",
    "range_words",
    "span",
    "statuses",
    "sum_of",
    "wording",
]
