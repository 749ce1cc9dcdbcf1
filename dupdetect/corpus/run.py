"""A run: its settings, its sources, and where its stages leave their files.

In: what `pipeline.dedupe` was given, checked. Out: what every stage asks for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from dupdetect.config import Config
from dupdetect.corpus.execution import peak_mib
from dupdetect.corpus.shards import Shards
from dupdetect.corpus.values import Source
from dupdetect.corpus.workdir import WorkDir
from dupdetect.match.banding import Banding
from dupdetect.match.keep import KeepPolicy
from dupdetect.sketch.sketcher import Sketcher

#: Told what is being done: the stage, how far it is in [0, 1], and documents done in it.
Progress = Callable[[str, float, int], None]

#: The interpreter with NumPy, SciPy and numba takes about 200 MiB before there is any document.
BASE_BYTES = 224 * 2**20

# Characters handed to a thread at a time; each may be alive as JSON, text, UTF-8 and hashes.
_BATCH_CHARS = (2**16, 2**21)
_BATCH_SHARE = 256


@dataclass(frozen=True, slots=True)
class Run:
    """What all stages need to know.

    Attributes:
        config, banding, policy: the settings.
        sources: those of the other corpus, then those to deduplicate.
        n_against: how many are of the other corpus.
        work: the working folder.
        shards: what was read of each document.
        kernels: the module that does the work.
        threads: how many run at once.
        memory: bytes the process may take.
        progress: told what is being done.
    """

    config: Config
    banding: Banding
    policy: KeepPolicy
    sources: tuple[Source, ...]
    n_against: int
    work: WorkDir
    shards: Shards
    kernels: ModuleType
    threads: int
    memory: int
    progress: Progress

    @property
    def sketcher(self) -> Sketcher:
        """A sketcher of these settings."""
        return Sketcher(self.config, self.kernels)

    @property
    def batch_chars(self) -> int:
        """Characters handed to a thread at a time."""
        least, most = _BATCH_CHARS
        return min(max(self.budget // (_BATCH_SHARE * (self.threads + 1)), least), most)

    @property
    def budget(self) -> int:
        """Bytes beyond what the interpreter takes."""
        return self.memory - BASE_BYTES

    @property
    def n_documents(self) -> int:
        """How many documents were read."""
        return len(self.shards)

    def pinned(self) -> NDArray[np.bool_]:
        """Which documents are of the other corpus; shape (n,)."""
        found: NDArray[np.bool_] = self.shards.column("sources") < self.n_against
        return found

    def firsts(self) -> NDArray[np.int64]:
        """The first row of each source, and the number of rows."""
        return np.searchsorted(self.shards.column("sources"), np.arange(len(self.sources) + 1))

    def file(self, name: str) -> Path:
        """A file of the working folder."""
        return self.work.file(name)

    def candidates_file(self, band: int) -> Path:
        """The candidates of a band."""
        return self.file(f"candidates-{band:03}.npy")

    def caps_file(self, band: int) -> Path:
        """What a band left out; written after its candidates: where it is, they are whole."""
        return self.file(f"caps-{band:03}.json")

    def stage(self, name: str, work: Callable[[Run], dict[str, int]]) -> None:
        """Do a stage, unless it was done before the run was interrupted."""
        if name in self.work.stages:
            return
        started = time.perf_counter()
        self.progress(name, 0.0, 0)
        counts = work(self)
        elapsed_s = round(time.perf_counter() - started, 3)
        report = {"elapsed_s": elapsed_s, "peak_mib": peak_mib(), "counts": counts}
        self.work.finish(name, report)
        self.progress(name, 1.0, 0)
