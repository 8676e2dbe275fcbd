"""Run a function on each of many tasks, each in a fork of this process that dies with what it changed."""

import os
import pickle
import selectors
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence


def forked(work: Callable, tasks: Sequence, jobs: int, seconds: int) -> Iterator[tuple]:
    """Yield (task, result) as the forks end; the result is None for one that is killed, as it is after `seconds` of work.

    Raises RuntimeError with the traceback when the work itself fails. Tells of its progress once a minute.
    """
    waiting, total, tasks = selectors.DefaultSelector(), len(tasks), iter(tasks)
    ended, told = 0, time.monotonic()

    def start() -> None:
        for task in tasks:
            read, write = os.pipe()
            child = os.fork()
            if not child:
                signal.setitimer(signal.ITIMER_PROF, seconds)  # of processor time: others may be busy too
                os.close(read)
                try:
                    answer = True, work(task)
                except BaseException:
                    answer = False, traceback.format_exc()
                with os.fdopen(write, "wb") as pipe:
                    pickle.dump(answer, pipe)
                os._exit(0)
            os.close(write)
            waiting.register(read, selectors.EVENT_READ, (task, child, os.fdopen(read, "rb")))
            return

    for _ in range(jobs):
        start()
    while waiting.get_map():
        for key, _ in waiting.select():
            task, child, pipe = key.data
            waiting.unregister(key.fileobj)
            with pipe:
                content = pipe.read()
            os.waitpid(child, 0)
            ended += 1
            if time.monotonic() > told + 60:
                told = time.monotonic()
                print(f"{ended} of {total}", file=sys.stderr, flush=True)
            start()
            well, result = pickle.loads(content) if content else (True, None)
            if not well:
                raise RuntimeError(f"{task}: {result}")
            yield task, result
