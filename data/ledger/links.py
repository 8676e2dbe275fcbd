"""Ask every address of the sources whether it still answers, and store in addresses.csv what came back.

The one part of the module that uses the network; nothing of the book or its tests calls it.
"""

import csv
import io
import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests

from .check import cell_faults
from .files import alone, write_atomically
from .tables import Ledger, load_ledger, store_hashes

PAUSE = 1.0
"""Seconds from one request to a host to the next."""

_AT_ONCE = 8
_TIMEOUT = 20.0
_HOPS = 5
_AGENT = {"User-Agent": "link check of the ledger of attributed claims on North Korea's part in Russia's war"}


class _Turns:
    """One request to a host in each pause, whichever thread asks."""

    def __init__(self, pause: float):
        self._pause, self._lock, self._free = pause, threading.Lock(), {}

    def wait(self, host: str) -> None:
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._free.get(host, now))
            self._free[host] = turn + self._pause
        time.sleep(turn - now)


def ask_all(
    urls: Iterable[str], pause: float = PAUSE, timeout: float = _TIMEOUT
) -> dict[str, tuple[str, str]]:
    """Ask every address; return under each its status and where it led, '' when that is itself.

    A status is the code of HTTP after redirects, 'timeout' or 'unreachable'; nothing is raised for an address.
    """
    turns, seen = _Turns(pause), Counter()
    # A host's second address comes after every other host's first, so that no thread waits without need.
    ordered = []
    for url in urls:
        host = urlsplit(url).netloc
        ordered.append((seen[host], url))
        seen[host] += 1
    ordered = [url for _, url in sorted(ordered)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(ordered, pool.map(lambda url: _ask(url, turns, timeout), ordered), strict=True))


def _ask(url: str, turns: _Turns, timeout: float) -> tuple[str, str]:
    here = url
    try:
        for _ in range(_HOPS):
            answer = _request("HEAD", here, turns, timeout)
            if answer.status_code >= 400:  # many a server refuses HEAD alone
                answer = _request("GET", here, turns, timeout)
            if not answer.is_redirect:
                break
            here = urljoin(here, answer.headers["location"])
    except requests.Timeout:
        return "timeout", ""
    except (requests.RequestException, ValueError):  # ValueError: a redirect to what is no address
        return "unreachable", ""
    return str(answer.status_code), "" if here == url else here


def _request(method: str, url: str, turns: _Turns, timeout: float) -> requests.Response:
    turns.wait(urlsplit(url).netloc)
    # The status is enough: the body is not read.
    with requests.request(
        method, url, headers=_AGENT, timeout=timeout, allow_redirects=False, stream=True
    ) as answer:
        return answer


def check_links(data: Path, pause: float = PAUSE, timeout: float = _TIMEOUT) -> int:
    """Ask every address of a folder's sources and write its addresses.csv and the hash of it anew; archive copies
    are kept.

    Returns 0, dead addresses or not; 1, with nothing written, when no address at all could be reached. Raises
    RunError when another run is at work on the tables.
    """
    ledger = load_ledger(data)
    with alone(data):
        return _check_links(ledger, pause, timeout)


def _check_links(ledger: Ledger, pause: float, timeout: float) -> int:
    resource = ledger.resource("addresses")
    columns = [f["name"] for f in resource["schema"]["fields"]]
    before = ledger.addresses.fillna("").set_index("url", drop=False).to_dict("index")
    answers = ask_all(ledger.sources["url"].dropna(), pause, timeout)
    if all(status in ("timeout", "unreachable") for status, _ in answers.values()):
        print("No address could be reached: is there a network? Nothing was written.")
        return 1
    today = datetime.now(UTC).date().isoformat()
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    for url, (status, moved_to) in sorted(answers.items()):
        old = before.get(url, {})
        writer.writerow(
            {
                "url": url,
                "checked_on": today,
                "status": status,
                "answered_on": today if status.startswith("2") else old.get("answered_on", ""),
                # What a foreign server sends goes into the table only as the check allows it.
                "moved_to": "" if cell_faults(resource, "moved_to", moved_to) else moved_to,
                "archive_url": old.get("archive_url", ""),
            }
        )
    write_atomically(ledger.data / resource["path"], buffer.getvalue().encode())
    store_hashes(ledger.data, resource["path"])
    for status, count in sorted(Counter(status for status, _ in answers.values()).items()):
        print(f"{status}: {count}")
    return 0
