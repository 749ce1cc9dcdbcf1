"""Candidate pairs larger than memory: runs on disk, merged, and verified tile by tile.

In: the packed candidate pairs of each band, and shingle sets. Out: each pair once, in order, and
its exact scores.

Methods: external merge of sorted runs (Knuth, The Art of Computer Programming 3, section 5.4).
For verification, documents are put in the order of the connected components of the candidate graph
and cut into blocks; the pairs of two blocks are a tile, whose shingles are read and compared
together. The components are a schedule and nothing else: they decide about no document.

A file is whole or absent: it takes its name when all of it is on disk.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from dupdetect.corpus.execution import in_order
from dupdetect.corpus.workdir import replacing, write_array
from dupdetect.errors import InputError
from dupdetect.match.bands import unique
from dupdetect.match.verify import Kernels, PairScores, verify_pairs
from dupdetect.sketch import kernels as numpy_kernels
from dupdetect.sketch.shingles import ShingleSets

# On disk all numbers have eight bytes, the lowest first.
_DISK_INT = np.dtype("<i8")
_DISK_HASH = np.dtype("<u8")

# A spool ends with this mark, the number of its documents and that of their shingles.
_SPOOL_MARK = int.from_bytes(b"shingle1", "little")
_FOOTER = 3

# Merging holds each pair of the windows about four times: read, joined, sorted, made unique.
_COPIES_WHEN_MERGED = 4
_LEAST_WINDOW = 512

# Blocks for each thread if memory is no limit, and pairs of one tile: with small tiles no thread
# waits long for the last one.
_BLOCKS_PER_THREAD = 4
_PAIRS_OF_A_TILE = 2**17


def write_run(path: Path, packed: NDArray[np.int64]) -> None:
    """The candidates of one band in a file, in NumPy's format.

    Args:
        path: replaced when all is on disk.
        packed: sorted, unique.
    """
    write_array(path, packed.astype(_DISK_INT, copy=False))


def merged(paths: Sequence[Path], memory: int) -> Iterator[NDArray[np.int64]]:
    """All pairs of all runs, each once, in ascending order, chunk by chunk.

    Args:
        paths: files of `write_run`.
        memory: bytes to use; but a window of 512 pairs of each run is always held.

    Yields:
        Packed pairs; no chunk is empty, and how they are cut depends on the memory alone.

    Raises:
        InputError: a file is not a whole run.
    """
    n_together = max(memory // (8 * _COPIES_WHEN_MERGED * max(len(paths), 1)), _LEAST_WINDOW)
    runs = [_Run(path) for path in paths]
    windows = [np.empty(0, dtype=np.int64) for _ in runs]
    while True:
        for number, run in enumerate(runs):
            if len(windows[number]) < n_together and run.n_left:
                more = run.read(n_together - len(windows[number]))
                windows[number] = np.concatenate([windows[number], more])
        # Whatever is still on disk is above the last pair in the window of its run.
        bounds = [window[-1] for window, run in zip(windows, runs, strict=True) if run.n_left]
        limit = min(bounds, default=None)
        ready = [_up_to(window, limit) for window in windows]
        windows = [window[len(done) :] for window, done in zip(windows, ready, strict=True)]
        chunk = unique(np.concatenate([*ready, np.empty(0, dtype=np.int64)]))
        if len(chunk):
            yield chunk
        if limit is None:
            return


class _Run:
    """A run that is read from its start to its end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            try:
                np.lib.format.read_magic(file)
                shape, _, dtype = np.lib.format.read_array_header_1_0(file)
            except ValueError:
                raise _damaged(path, "a run of candidate pairs") from None
            self._at = file.tell()
        self.n_left = shape[0] if len(shape) == 1 else 0
        if dtype != _DISK_INT or path.stat().st_size != self._at + 8 * self.n_left:
            raise _damaged(path, "a run of candidate pairs")

    def read(self, n_pairs: int) -> NDArray[np.int64]:
        """The next pairs, as many as are left at most."""
        n_pairs = min(n_pairs, self.n_left)
        found = np.fromfile(self._path, dtype=_DISK_INT, count=n_pairs, offset=self._at)
        if len(found) < n_pairs:
            raise _damaged(self._path, "a run of candidate pairs")
        self._at += 8 * n_pairs
        self.n_left -= n_pairs
        return found.astype(np.int64, copy=False)


def _up_to(window: NDArray[np.int64], limit: np.int64 | None) -> NDArray[np.int64]:
    if limit is None:
        return window
    return window[: int(np.searchsorted(window, limit, side="right"))]


def _damaged(path: Path, what: str) -> InputError:
    message = f"not {what}, or not whole; delete the working folder and run again"
    return InputError(message, source=str(path))


@dataclass(frozen=True, slots=True, eq=False)
class ShingleSpool:
    """Shingle sets of some documents in a file, of which any can be read; compared by identity.

    The file holds the shingles of all documents, then their row numbers, then how many shingles
    each has, then a mark and the two totals. It is read with plain reads, not mapped: mapped pages
    count as memory of the process. It may be read by several threads.

    Attributes:
        path: the file.
        rows: the documents, ascending.
        offsets: where each begins, in shingles; one entry more than there are documents.
    """

    path: Path
    rows: NDArray[np.int64]
    offsets: NDArray[np.int64]

    @classmethod
    def open(cls, path: Path) -> ShingleSpool:
        """A spool that `spooling` has written.

        Raises:
            InputError: the file is not a whole spool.
        """
        size = path.stat().st_size
        with path.open("rb") as file:
            file.seek(max(size - 8 * _FOOTER, 0))
            footer = np.fromfile(file, dtype=_DISK_INT)
            if len(footer) != _FOOTER or footer[0] != _SPOOL_MARK:
                raise _damaged(path, "a spool of shingles")
            n_documents, n_shingles = int(footer[1]), int(footer[2])
            if size != 8 * (n_shingles + 2 * n_documents + _FOOTER):
                raise _damaged(path, "a spool of shingles")
            file.seek(8 * n_shingles)
            rows, sizes = np.fromfile(file, dtype=_DISK_INT, count=2 * n_documents).reshape(2, -1)
        return cls(path, rows.astype(np.int64), numpy_kernels.offsets_of(sizes))

    def __len__(self) -> int:
        return len(self.rows)

    def read(self, places: NDArray[np.int64]) -> ShingleSets:
        """The shingle sets of the documents at these places of `rows`.

        Args:
            places: ascending, unique. Neighbours are read together.
        """
        lengths = self.offsets[places + 1] - self.offsets[places]
        offsets = numpy_kernels.offsets_of(lengths)
        hashes = np.empty(int(offsets[-1]), dtype=_DISK_HASH)
        view = hashes.view(np.uint8).data
        firsts = np.flatnonzero(np.diff(places, prepend=-2) != 1)
        ends = np.flatnonzero(np.diff(places, append=-1) != 1) + 1
        with self.path.open("rb", buffering=0) as file:
            for source, start, end in zip(
                (8 * self.offsets[places[firsts]]).tolist(),
                (8 * offsets[firsts]).tolist(),
                (8 * offsets[ends]).tolist(),
                strict=True,
            ):
                file.seek(source)
                self._fill(file, view[start:end])
        return ShingleSets(hashes.astype(np.uint64, copy=False), offsets)

    def _fill(self, file: IO[bytes], view: memoryview) -> None:
        while len(view):  # one read ends after 2 GiB
            n_read = file.readinto(view)  # type: ignore[attr-defined]
            if not n_read:
                raise _damaged(self.path, "a spool of shingles")
            view = view[n_read:]


class SpoolWriter:
    """Takes the shingle sets of documents, in ascending order of their rows."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._rows: list[NDArray[np.int64]] = []
        self._sizes: list[NDArray[np.int64]] = []
        self._last_row = -1

    def append(self, rows: NDArray[np.int64], sets: ShingleSets) -> None:
        """More documents.

        Args:
            rows: ascending, unique, and above all before.
            sets: one set a row.

        Raises:
            ValueError: the rows are not in order, or not as many as the sets.
        """
        if len(rows) != len(sets):
            raise ValueError(f"{len(rows)} rows, but {len(sets)} sets")
        if (np.diff(rows, prepend=self._last_row) <= 0).any():
            raise ValueError(f"rows must ascend; they follow row {self._last_row}")
        used = sets.hashes[sets.offsets[0] : sets.offsets[-1]]
        self._file.write(np.ascontiguousarray(used, dtype=_DISK_HASH).data)
        self._rows.append(rows.astype(_DISK_INT))
        self._sizes.append(sets.sizes.astype(_DISK_INT))
        self._last_row = int(rows[-1]) if len(rows) else self._last_row

    def finish(self) -> None:
        """Write what finds the documents again."""
        rows = np.concatenate([np.empty(0, dtype=_DISK_INT), *self._rows])
        sizes = np.concatenate([np.empty(0, dtype=_DISK_INT), *self._sizes])
        footer = np.array([_SPOOL_MARK, len(rows), sizes.sum()], dtype=_DISK_INT)
        for part in (rows, sizes, footer):
            self._file.write(part.data)


@contextlib.contextmanager
def spooling(path: Path) -> Iterator[SpoolWriter]:
    """A writer of a spool, which is at its path when the block ends, and not if it fails."""
    with replacing(path) as file:
        writer = SpoolWriter(file)
        yield writer
        writer.finish()


def verify(
    pairs: NDArray[np.int64],
    spool: ShingleSpool,
    *,
    memory: int,
    threads: int = 1,
    kernels: Kernels = numpy_kernels,
) -> PairScores:
    """The exact scores of each pair, whatever the memory and the threads.

    Cost: the shingles of a document are read about once, if the documents that candidates link to
    it, directly or not, fit into a block; else once for each block in which it has a candidate.
    Beside the shingles there are about 130 bytes for each pair, and 40 for each document: if pairs
    are too many for that, verify them in several parts.

    Args:
        pairs: row numbers, shape (n_pairs, 2), in any order.
        spool: has the shingles of all of them.
        memory: bytes of shingles to hold at a time; only two documents that are larger together
            than a thread's share are more.
        threads: tiles compared at once, at least 1.
        kernels: the module that counts shared shingles; it changes nothing but the time.

    Raises:
        InputError: the file of the spool is damaged.
        ValueError: the spool lacks a document of the pairs.
    """

    def compare(tile: NDArray[np.int64]) -> PairScores:
        documents, local = np.unique(places[tile], return_inverse=True)
        return verify_pairs(local.reshape(-1, 2), spool.read(documents), kernels)

    places = _places(pairs, spool)
    scores = PairScores(np.empty(len(pairs), np.int64), *np.empty((3, len(pairs))))
    for tile, found in in_order(compare, _tiles(places, spool, memory, threads), threads):
        for name in ("shared", "jaccard", "containment_a", "containment_b"):
            getattr(scores, name)[tile] = getattr(found, name)
    return scores


def _places(pairs: NDArray[np.int64], spool: ShingleSpool) -> NDArray[np.int64]:
    """The pairs as places in the spool."""
    n_rows = int(spool.rows[-1]) + 1 if len(spool) else 0
    place_of = np.full(n_rows + 1, -1, dtype=np.int64)  # the last one stands for rows beyond
    place_of[spool.rows] = np.arange(len(spool))
    places: NDArray[np.int64] = place_of[np.minimum(pairs, n_rows)]
    if (places < 0).any():
        raise ValueError(f"the spool {spool.path} lacks document {pairs[places < 0][0]} of a pair")
    return places


def _tiles(
    places: NDArray[np.int64], spool: ShingleSpool, memory: int, threads: int
) -> Iterator[NDArray[np.int64]]:
    """Which pairs to verify together: their numbers, each in one tile.

    All pairs of a tile lie within one block of documents or between the same two.
    """
    blocks = _blocks(places, spool, memory, threads)[places]
    tiles = blocks.min(axis=1) * (int(blocks.max(initial=0)) + 1) + blocks.max(axis=1)
    order = np.argsort(tiles, kind="stable")
    ends = np.flatnonzero(np.diff(tiles[order], append=-1)) + 1
    for start, end in pairwise([0, *ends.tolist()]):
        for some in range(start, end, _PAIRS_OF_A_TILE):
            yield order[some : min(some + _PAIRS_OF_A_TILE, end)]


def _blocks(
    places: NDArray[np.int64], spool: ShingleSpool, memory: int, threads: int
) -> NDArray[np.int64]:
    """The block of each document that is in a pair; two blocks fit into a thread's share.

    Components stay whole as long as they fit into a block.
    """
    is_paired = np.zeros(len(spool), dtype=np.bool_)
    is_paired[places.ravel()] = True
    components = _components(places, len(spool))
    documents = np.flatnonzero(is_paired)
    documents = documents[np.argsort(components[documents], kind="stable")]
    n_bytes = 8 * np.diff(spool.offsets)[documents]
    largest = memory // (2 * threads)
    even = int(n_bytes.sum()) // (_BLOCKS_PER_THREAD * threads)
    of_component = np.bincount(components[documents], n_bytes, minlength=1)
    starts_piece = np.ones(len(documents), dtype=np.bool_)
    starts_piece[1:] = np.diff(components[documents]) != 0
    starts_piece |= of_component[components[documents]] > largest
    piece_starts = np.flatnonzero(starts_piece)
    costs = np.add.reduceat(n_bytes, piece_starts) if len(documents) else n_bytes
    blocks = np.zeros(len(spool), dtype=np.int64)
    piece_of = np.cumsum(starts_piece) - 1
    block_of_piece = np.zeros(len(costs), dtype=np.int64)
    for block, (first, last) in enumerate(numpy_kernels.blocks(costs, min(largest, even))):
        block_of_piece[first:last] = block
    blocks[documents] = block_of_piece[piece_of]
    return blocks


def _components(places: NDArray[np.int64], n_documents: int) -> NDArray[np.int64]:
    """The component of the candidate graph that each document is in."""
    edges = coo_array(
        (np.ones(len(places)), (places[:, 0], places[:, 1])),
        shape=(n_documents, n_documents),
    )
    labels: NDArray[np.int64] = connected_components(edges, directed=False)[1].astype(np.int64)
    return labels
