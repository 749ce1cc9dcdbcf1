"""What a deduplication does, whether its texts are in memory or on disk.

In: sketches of the documents, and who is preferred. Out: candidate pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dupdetect.config import DEDUPE_THRESHOLD, Config, NearDuplicateConfig
from dupdetect.corpus.execution import in_order
from dupdetect.errors import ConfigError
from dupdetect.match.banding import Banding, choose_banding
from dupdetect.match.bands import BandPairs, Lanes, band_pairs
from dupdetect.sketch import kernels

DEFAULT_CONFIG = Config(near_duplicate=NearDuplicateConfig(threshold=DEDUPE_THRESHOLD))

#: MinHash columns first to last of all documents: shape (n_documents, last - first).
Columns = Callable[[int, int], NDArray[np.uint32]]


def checked(config: Config | None, threshold: float | None = None) -> tuple[Config, Banding]:
    """The settings of a deduplication and their banding.

    Args:
        config: None: those of a deduplication.
        threshold: wins over that of the config.

    Raises:
        ConfigError: the threshold is out of range, or the recall out of reach.
        TypeError: it is no Config.
    """
    if config is not None and not isinstance(config, Config):
        raise TypeError(f"config is a {type(config).__name__}, not a Config")
    chosen = config or DEFAULT_CONFIG
    if threshold is not None:
        near = replace(chosen.near_duplicate, threshold=threshold)
        chosen = replace(chosen, near_duplicate=near)
    near = chosen.near_duplicate
    return chosen, choose_banding(near.threshold, near.recall, near.num_perm)


def checked_threads(threads: int) -> int:
    """A number of threads.

    Raises:
        ConfigError: it is below 1.
        TypeError: it is no whole number.
    """
    if isinstance(threads, bool) or not isinstance(threads, int):
        message = f"threads is {threads!r}; give a whole number of 1 or more, or None"
        raise TypeError(message)
    if threads < 1:
        raise ConfigError([f"threads is {threads}; allowed: a whole number of 1 or more"])
    return threads


def candidate_bands(
    banding: Banding,
    columns: Columns,
    lanes: Lanes,
    rank: NDArray[np.int64],
    rows: NDArray[np.int64],
    bands: Iterable[int],
    threads: int = 1,
) -> Iterator[tuple[int, BandPairs]]:
    """The candidates of some bands, in their order.

    Args:
        banding: bands and rows.
        columns: the MinHash columns of all documents.
        lanes: whole MinHash rows of some documents, for buckets that are hot.
        rank: preference as a keeper.
        rows: the documents to pair.
        bands: which bands.
        threads: bands at once; each takes about 200 bytes a document.
    """

    def propose(band: int) -> BandPairs:
        own = slice(band * banding.rows, (band + 1) * banding.rows)
        keys = kernels.band_keys(columns(own.start, own.stop))
        return band_pairs(keys, rank, lambda asked: np.delete(lanes(asked), own, axis=1), rows=rows)

    return in_order(propose, bands, threads)


#: What hot buckets left out, over all bands; see BandPairs.
CAPS = ("hot_buckets", "documents_in_hot_buckets", "pairs_left_out_of_hot_buckets")


def caps_of(found: BandPairs) -> dict[str, int]:
    """What the hot buckets of one band left out."""
    values = (found.n_hot_buckets, found.n_hot_documents, found.n_pairs_left_out)
    return dict(zip(CAPS, values, strict=True))
