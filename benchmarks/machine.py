"""What a figure was measured on: processor, cores, memory, versions; and how much memory was used.

In: nothing, or names of packages. Out: plain values that are saved beside every figure.
"""

from __future__ import annotations

import os
import platform
import resource
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dupdetect import __version__

MIB = 2**20


def processor() -> str:
    """The name of the processor, as well as this platform tells it."""
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def usable_cores() -> list[int]:
    """The numbers of the cores this process may run on, which `taskset` narrows."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def memory_mib() -> float:
    """Physical memory of the machine in MiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / MIB


def rusage_mib(max_rss: int) -> float:
    """A peak of resident memory, as the system counts it, in MiB."""
    unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2): bytes there, KiB elsewhere
    return max_rss * unit / MIB


def peak_mib(process: int | str = "self") -> float:
    """The most resident memory a process has had since its program began, in MiB.

    Read from the process file system where there is one: getrusage(2) and wait4(2) count what a
    process held before it became another program too, and so show the memory of who started it.

    Raises:
        OSError: there is no such process any more.
    """
    status = Path(f"/proc/{process}/status")
    if not Path("/proc/self/status").exists():
        return rusage_mib(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    for line in status.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(f"process {process} has ended")


def versions(packages: Iterable[str]) -> dict[str, str | None]:
    """The installed version of each package; None: it is not installed."""
    found: dict[str, str | None] = {}
    for package in packages:
        try:
            # The one that is imported, which need not be the one that is installed.
            found[package] = __version__ if package == "dupdetect" else version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def described() -> dict[str, object]:
    """The machine and its Python, for a results file."""
    return {
        "processor": processor(),
        "cores": len(usable_cores()),
        "memory_mib": round(memory_mib()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        # Of the last minute: figures taken beside other work can be told by it.
        "load_before": round(os.getloadavg()[0], 2),
    }
