"""Running the stages: threads that keep the order, and the memory a process has used.

In: work for each item. Out: its results, in the order of the items, whatever finished first.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int
) -> Iterator[tuple[Item, Result]]:
    """Each item with what `work` makes of it, in the order of the items.

    At most threads + 1 items are held at a time, so that memory does not grow with their number.
    Items are drawn in the calling thread.

    Args:
        work: called in other threads; with one thread, in this one.
        items: drawn as they are needed.
        threads: how many run at once, at least 1.

    >>> list(in_order(abs, [-2, 1], threads=2))
    [(-2, 2), (1, 1)]
    """
    if threads == 1:
        for item in items:
            yield item, work(item)
        return
    pending: deque[tuple[Item, Future[Result]]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="dupdetect")
    try:
        for item in items:
            pending.append((item, pool.submit(work, item)))
            if len(pending) > threads:
                first, future = pending.popleft()
                yield first, future.result()
        while pending:
            first, future = pending.popleft()
            yield first, future.result()
    finally:  # also when the caller stops, or was interrupted
        pool.shutdown(cancel_futures=True)


def usable_cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def peak_mib() -> float | None:
    """The most memory this process has held so far, in MiB; None where no one tells.

    Resident set size, from getrusage(2): in KiB on Linux, in bytes on macOS.
    """
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1))
