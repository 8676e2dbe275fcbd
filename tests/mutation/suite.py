"""The tests of the module as catchers: collected once, and run, as pytest runs them, in a fork a mutant."""

import inspect
import time
from itertools import pairwise
from pathlib import Path

import pytest
from module import reached_by

TESTS = Path(__file__).resolve().parent.parent
FILES = ("test_analyses.py", "test_computing.py", "test_registers.py")
SLOW = "hostile or downloads"
"""Names of tests that take seconds: they are no catchers here, although they are in `make test`."""


class Suite:
    """A pytest plugin that hands the collected tests to `then` in the place of running them in order."""

    def __init__(self, then):
        self.then, self.failed = then, []
        self.reached, self.took = {}, {}

    def pytest_configure(self, config):
        from hypothesis import settings  # not before pytest, which has to rewrite its assertions

        # The same examples for every mutant, and no deadline: a slow machine must not pass for a catcher.
        settings.register_profile("mutation", derandomize=True, database=None, deadline=None, max_examples=50)
        settings.load_profile("mutation")

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.failed.append(report)

    def pytest_runtestloop(self, session):
        self.items = session.items
        for item in self.items:  # each with its fixtures made anew, for they reach functions too
            start = time.perf_counter()
            self.reached[item] = reached_by(lambda item=item: _run(item, None))
            self.took[item] = time.perf_counter() - start
        assert not self.failed, f"a test fails before anything is changed: {self.failed[0].longreprtext}"
        self.then(self)
        return True

    def choose(self, functions: set[tuple[str, str]], constant: str) -> list[pytest.Item]:
        """Return the tests that reach some functions or name a constant, the quickest first."""
        chosen = [
            item
            for item in self.items
            if self.reached[item] & functions or (constant and constant in inspect.getsource(item.function))
        ]
        return sorted(chosen, key=self.took.get)

    def catcher(self, items: list[pytest.Item]) -> str:
        """Run tests until one fails and return its name; '' when all pass. Only ever done in a fork."""
        for item, following in pairwise([*items, None]):
            _run(item, following)
            if self.failed:
                return item.name.split("[")[0]
        return ""


def _run(item, following) -> None:
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def with_suite(then) -> None:
    """Collect the tests and call `then` with the Suite; raise RuntimeError when pytest is not content."""
    files = [str(TESTS / name) for name in FILES]
    # What the harness leaves open would count against whichever test is running: no test may fail for that.
    without = ("terminal", "cacheprovider", "unraisableexception", "threadexception")
    options = ["-o", "addopts=", "-k", f"not ({SLOW})", *(f"-pno:{plugin}" for plugin in without)]
    status = pytest.main([*options, *files], plugins=[Suite(then)])
    if status:
        raise RuntimeError(f"pytest ended with {status!r}")
