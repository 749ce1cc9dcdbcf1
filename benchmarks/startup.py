"""How long a person waits: `--help`, and the main job on the five seeds.

python -m benchmarks.startup [--runs N]

Each figure is the wall time of a fresh process, the median of several runs after one warm-up.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMMANDS = {
    "dupdetect --help": ["--help"],
    "dupdetect report seeds/": ["report", "seeds/"],
}
AIMS_S = {"dupdetect --help": 0.3, "dupdetect report seeds/": 3.0}


def seconds(arguments: list[str]) -> float:
    """Wall time of one run, in seconds."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "dupdetect", *arguments], cwd=ROOT, capture_output=True, check=True
    )
    return time.perf_counter() - started


def main() -> None:
    """Print one line a command."""
    parser = argparse.ArgumentParser(description="Times --help and report seeds/.")
    parser.add_argument("--runs", type=int, default=7, help="counted runs (default: 7)")
    runs = parser.parse_args().runs
    print(f"Python {platform.python_version()}, {platform.machine()}, median of {runs} runs")
    for name, arguments in COMMANDS.items():
        seconds(arguments)
        times = sorted(seconds(arguments) for _ in range(runs))
        print(
            f"{name:<26}{statistics.median(times):6.2f} s "
            f"({times[0]:.2f} to {times[-1]:.2f}; aim {AIMS_S[name]} s)"
        )


if __name__ == "__main__":
    main()
