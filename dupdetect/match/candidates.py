"""Candidates: which pairs of documents are worth an exact comparison.

In: MinHash rows, or shingle sets. Out: pairs of row numbers, (i, j) with i < j, sorted and unique,
independent of the order in which documents were grouped.
Methods: LSH banding (Mining of Massive Datasets, section 3.4), done by sorting band keys; and an
exact join through an inverted index, with the count bound of Sarawagi and Kirpal 2004, "Efficient
set joins on similarity predicates".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dupdetect.errors import ConfigError
from dupdetect.match.banding import Banding
from dupdetect.sketch import kernels
from dupdetect.sketch.shingles import ShingleSets

# Pairs written out at a time: 2**22 of them take 32 MiB an array, and about five arrays are alive.
_PAIRS_AT_ONCE = 2**22


@dataclass(frozen=True, slots=True, eq=False)
class SharedPairs:
    """Pairs that may contain each other, and what could not be looked at; compared by identity.

    Attributes:
        pairs: shape (n_pairs, 2), i < j, sorted, unique.
        n_hot_shingles: shingles carried by so many documents that they were not followed.
        n_uncovered_documents: documents with so many hot shingles that a pair in which one of
            them is the smaller side could be missed.
    """

    pairs: NDArray[np.int64]
    n_hot_shingles: int
    n_uncovered_documents: int


def lsh_pairs(
    signatures: NDArray[np.uint32],
    banding: Banding,
    *,
    nonempty: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """All pairs of documents that agree in all rows of at least one band.

    The same pairs as from `datasketch.MinHashLSH(params=(bands, rows))`, without its dictionaries:
    each band is sorted by a 64-bit key, and neighbours are compared on the rows themselves.

    Cost: a sort of the documents for each band, and the pairs themselves. k documents that agree
    make k * (k - 1) / 2 pairs: fold exact copies first.

    Args:
        signatures: shape (n_documents, num_perm).
        banding: bands and rows.
        nonempty: which documents have shingles; None: those whose row is not the empty one.
            An empty document is in no pair.

    Returns:
        Shape (n_pairs, 2), i < j, sorted, unique.

    Raises:
        ConfigError: the banding needs more columns than the signatures have.

    >>> rows = np.array([[1, 2, 3, 4], [1, 2, 9, 9], [7, 2, 9, 9]], dtype=np.uint32)
    >>> lsh_pairs(rows, Banding(bands=2, rows=2)).tolist()
    [[0, 1], [1, 2]]
    """
    _check_columns(signatures, banding)
    if nonempty is None:
        nonempty = (signatures != kernels.EMPTY_SLOT).any(axis=1)
    rows = np.flatnonzero(nonempty)
    found = _PairSet(len(signatures))
    for start in range(0, banding.bands * banding.rows, banding.rows):
        columns = signatures[rows, start : start + banding.rows]
        order, n_later = _equal_rows(columns)
        for first, last in kernels.blocks(n_later, _PAIRS_AT_ONCE):
            places = np.arange(first, last)
            later = kernels.ragged_positions(places + 1, n_later[first:last])
            earlier = np.repeat(places, n_later[first:last])
            found.add(rows[order[earlier]], rows[order[later]])
    return found.pairs()


def shared_shingle_pairs(
    sets: ShingleSets, *, min_containment: float, min_shared: int, max_document_frequency: int
) -> SharedPairs:
    """All pairs in which one document may contain the other: an exact join.

    A pair is wanted if it shares at least `needed` shingles: min_shared, and min_containment of the
    smaller document. Shingles in more than max_document_frequency documents are hot and not
    followed. At most min(hot of a, hot of b) of the shared ones are hot, so that a pair is kept if

        cold shingles shared + min(hot of a, hot of b) >= needed,

    which loses no wanted pair that shares a cold shingle, and is exact if nothing is hot. A wanted
    pair that shares none has a smaller document with `needed` hot shingles or more; documents of
    which that is true are counted as uncovered.

    Cost: one sort of all shingles, about 65 bytes for each; then one step for each two documents at
    each cold shingle, at most n_shingles * max_document_frequency / 2. Steps are taken in blocks of
    whole documents, 2**22 steps at a time or those of one document if it has more, about 40 bytes
    for each; the counts of a block are complete, so that only wanted pairs are kept.

    Args:
        sets: the shingles of the documents.
        min_containment: share of the smaller document that the larger has too, in (0, 1].
        min_shared: shingles shared, at least 1.
        max_document_frequency: a shingle in more documents is hot; at least 1. Higher: more of
            them are followed, at a quadratic cost.

    Raises:
        ConfigError: an argument is out of range.

    >>> from dupdetect.sketch.shingles import word_shingles
    >>> sets = word_shingles(["a b c d".split(), "b c d".split(), "x a b".split()], size=2)
    >>> found = shared_shingle_pairs(
    ...     sets, min_containment=0.8, min_shared=2, max_document_frequency=100
    ... )
    >>> found.pairs.tolist(), found.n_hot_shingles, found.n_uncovered_documents
    ([[0, 1]], 0, 0)
    """
    _check_join(min_containment, min_shared, max_document_frequency)
    index = _index(sets, max_document_frequency)
    needed = np.maximum(_least_shared(sets.sizes, min_containment), min_shared)
    steps_before = kernels.offsets_of(index.n_later)[sets.offsets]
    found = [
        _pairs_of(sets, index, needed, first, last)
        for first, last in kernels.blocks(np.diff(steps_before), _PAIRS_AT_ONCE)
    ]
    return SharedPairs(
        pairs=_unpack(np.concatenate([*found, np.empty(0, dtype=np.int64)]), len(sets)),
        n_hot_shingles=index.n_hot_shingles,
        n_uncovered_documents=int((index.n_hot >= needed).sum()),
    )


def strongest_partners(
    pairs: NDArray[np.int64], scores: NDArray[np.float64], limit: int
) -> NDArray[np.bool_]:
    """Which pairs are among the strongest of one of their two documents.

    A thousand copies make half a million pairs; with a limit of 20 at most 20,000 are left, and no
    document is without its best.

    Args:
        pairs: row numbers, shape (n_pairs, 2).
        scores: of each pair; the higher is the stronger.
        limit: pairs for each document; of equal ones those with lower row numbers.

    >>> pairs = np.array([[0, 1], [0, 2], [1, 2]])
    >>> strongest_partners(pairs, np.array([0.9, 0.8, 0.1]), limit=1).tolist()
    [True, True, False]
    """
    documents = pairs.T.ravel()
    partners = pairs[:, ::-1].T.ravel()
    order = np.lexsort((partners, -np.tile(scores, 2), documents))
    firsts = np.flatnonzero(np.diff(documents[order], prepend=-1))
    run_lengths = np.diff(firsts, append=len(order))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - np.repeat(firsts, run_lengths)
    return (rank[: len(pairs)] < limit) | (rank[len(pairs) :] < limit)


@dataclass(frozen=True, slots=True, eq=False)
class _Index:
    """Documents by shingle: the inverted index, and the way into it from each shingle of a set.

    Attributes:
        documents: the documents of each shingle, ascending, one shingle after another.
        place: for each shingle of each set, in the order of the sets, where it is in `documents`.
        n_later: for the same, how many documents follow there that carry the same shingle; 0 for a
            hot one.
        n_hot: hot shingles of each document.
        n_hot_shingles: hot shingles in all.
    """

    documents: NDArray[np.int64]
    place: NDArray[np.int64]
    n_later: NDArray[np.int64]
    n_hot: NDArray[np.int64]
    n_hot_shingles: int


def _index(sets: ShingleSets, max_document_frequency: int) -> _Index:
    order = np.argsort(sets.hashes, kind="stable")  # stable: documents stay ascending
    documents = np.repeat(np.arange(len(sets)), sets.sizes)[order]
    hashes = sets.hashes[order]
    n_later = _n_later_equal(hashes[1:] == hashes[:-1], len(hashes))
    is_first = np.ones(len(order), dtype=np.bool_)
    is_first[1:] = n_later[:-1] == 0
    frequencies = n_later[is_first] + 1
    is_hot = np.repeat(frequencies > max_document_frequency, frequencies)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return _Index(
        documents=documents,
        place=place,
        n_later=np.where(is_hot, 0, n_later)[place],
        n_hot=np.bincount(documents[is_hot], minlength=len(sets)),
        n_hot_shingles=int((frequencies > max_document_frequency).sum()),
    )


def _pairs_of(
    sets: ShingleSets, index: _Index, needed: NDArray[np.int64], first: int, last: int
) -> NDArray[np.int64]:
    """The packed pairs, ascending, whose first document is one of a range of neighbours."""
    shingles = slice(int(sets.offsets[first]), int(sets.offsets[last]))
    n_later = index.n_later[shingles]
    right = index.documents[kernels.ragged_positions(index.place[shingles] + 1, n_later)]
    left = np.repeat(np.repeat(np.arange(first, last), sets.sizes[first:last]), n_later)
    packed, n_shared = np.unique(left * len(sets) + right, return_counts=True)
    left, right = packed // len(sets), packed % len(sets)
    n_hot_at_most = np.minimum(index.n_hot[left], index.n_hot[right])
    wanted: NDArray[np.int64] = packed[
        n_shared + n_hot_at_most >= np.minimum(needed[left], needed[right])
    ]
    return wanted


def _least_shared(sizes: NDArray[np.int64], containment: float) -> NDArray[np.int64]:
    """The least count with count / size >= containment, as verification will divide."""
    least: NDArray[np.int64] = np.ceil(sizes * containment).astype(np.int64)
    divisors = np.maximum(sizes, 1)
    # The product is rounded: 0.1 * 30 is above 3. One step back or forth is enough.
    least -= (least - 1) / divisors >= containment
    least += least / divisors < containment
    return least


def _equal_rows(columns: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """An order in which equal rows are neighbours, and how many equal ones follow each.

    Equal rows keep their order. Two unlike rows with one key may interleave with their equals; then
    the band is sorted by its columns, which is slower and certain.
    """
    keys = kernels.band_keys(columns)
    order = np.argsort(keys, kind="stable")
    same_key = keys[order[1:]] == keys[order[:-1]]
    if (columns[order[1:]][same_key] != columns[order[:-1]][same_key]).any():
        order = np.lexsort(columns.T)
        same_key = (columns[order[1:]] == columns[order[:-1]]).all(axis=1)
    return order, _n_later_equal(same_key, len(order))


def _n_later_equal(equals_next: NDArray[np.bool_], n: int) -> NDArray[np.int64]:
    """In a sorted array of n values, how many equal ones follow each.

    Args:
        equals_next: for each value but the last, whether the next one equals it.
        n: values in all.

    >>> _n_later_equal(np.array([True, True, False]), 4).tolist()
    [2, 1, 0, 0]
    """
    is_last = np.ones(n, dtype=np.bool_)
    np.logical_not(equals_next, out=is_last[:-1])
    ends = np.flatnonzero(is_last)
    n_later: NDArray[np.int64] = np.repeat(ends, np.diff(ends, prepend=-1))
    n_later -= np.arange(n)
    return n_later


class _PairSet:
    """Pairs, each kept once; duplicates are removed whenever as many are new as were known."""

    def __init__(self, n_documents: int) -> None:
        self._n_documents = n_documents
        self._known = np.empty(0, dtype=np.int64)
        self._new: list[NDArray[np.int64]] = []
        self._n_new = 0

    def add(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> None:
        self._new.append(left * self._n_documents + right)  # below 2**63 up to 3e9 documents
        self._n_new += len(left)
        if self._n_new > max(_PAIRS_AT_ONCE, len(self._known)):
            self._merge()

    def pairs(self) -> NDArray[np.int64]:
        self._merge()
        return _unpack(self._known, self._n_documents)

    def _merge(self) -> None:
        # Not np.unique: its hash table made 2,000 equal rows take 25 s here, and sorting 4 s.
        merged = np.sort(np.concatenate([self._known, *self._new]))
        self._known = merged[np.diff(merged, prepend=-1) > 0]
        self._new, self._n_new = [], 0


def _unpack(packed: NDArray[np.int64], n_documents: int) -> NDArray[np.int64]:
    return np.stack(np.divmod(packed, max(n_documents, 1)), axis=1)


def _check_columns(signatures: NDArray[np.uint32], banding: Banding) -> None:
    n_used, n_columns = banding.bands * banding.rows, signatures.shape[1]
    if n_used > n_columns:
        raise ConfigError(
            [
                f"bands * rows is {banding.bands} * {banding.rows} = {n_used}, but the signatures "
                f"have {n_columns} columns; lower one of the two, or sign with a higher num_perm"
            ]
        )


def _check_join(min_containment: float, min_shared: int, max_document_frequency: int) -> None:
    faults = []
    if not 0.0 < min_containment <= 1.0:
        faults.append(f"min_containment is {min_containment!r}; allowed: above 0, up to 1")
    if min_shared < 1:
        faults.append(f"min_shared is {min_shared!r}; allowed: a whole number of 1 or more")
    if max_document_frequency < 1:
        faults.append(
            f"max_document_frequency is {max_document_frequency!r}; "
            "allowed: a whole number of 1 or more"
        )
    if faults:
        raise ConfigError(faults)
