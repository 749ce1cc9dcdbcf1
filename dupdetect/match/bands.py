"""The candidate pairs of one band, linear in the documents even where a bucket is hot.

In: the key of each document in one band, an order of preference, and further sketch values for the
documents that need them. Out: candidate pairs, packed, and what was left out.

Methods: LSH banding (Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, section 3.4), done
by sorting keys. Documents with one key are a bucket; k of them make k * (k - 1) / 2 pairs, and one
paragraph that a whole corpus shares makes a bucket of all. Buckets that are too large for a budget
get a star to a few anchors and a sorted neighbourhood instead (Hernández and Stolfo 1995, "The
merge/purge problem for large databases"), sorted by further columns of the sketches, as an LSH
forest does (Bawa, Condie and Ganesan 2005): near-duplicates agree in many of them and stand
together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dupdetect.sketch import kernels

#: Further sketch values of the documents asked for: row numbers in, shape (n_rows, n_lanes) out.
Lanes: TypeAlias = Callable[[NDArray[np.int64]], NDArray[np.unsignedinteger[Any]]]

# With eight pairs a document no bucket of 17 or fewer is ever hot: n / 17 of them make 8 * n pairs.
# With 2**20 pairs nothing is hot among 1,448 documents or fewer. Measured on simulated sketches of
# 50,000 documents that share 70 % of their text, 17 bands of 7 columns: of pairs with a Jaccard of
# 0.8, 99.4 % agree in a band and 99.2 % become candidates, of 42 a document; a budget of 2**22
# made 327 a document and lost as many.
_PAIRS_PER_DOCUMENT = 8
_LEAST_BUDGET = 2**20

# A document of a hot bucket gets at most 4 + 8 * (2 + 1) pairs with others before it. Measured on
# simulated sketches of 24,000 documents that share half of their text, all in one bucket, 32 lanes:
# of documents with near-duplicates (Jaccard 0.8), 96 to 99 % meet the most preferred one of their
# group, in groups of 2, of 5 and of 30. One order with 8 neighbours finds 64 % in groups of 2;
# without the anchor of those that agree in half a prefix, 43 % are found in groups of 30.
_N_ANCHORS = 4
_N_ORDERS = 8
_N_NEIGHBOURS = 2

# Lanes that an order looks at, and those in which documents agree that have an anchor.
_PREFIX = 8
_HALF = np.uint64(32)

# Spreads the values of a lane over its upper bits: 2**64 over the golden ratio.
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)

# Documents whose lanes are looked at together: 64 MiB of 128 lanes and of a copy of them.
_LANES_AT_ONCE = 2**16

# Pairs written out at a time: five arrays of 8 MiB.
_PAIRS_AT_ONCE = 2**20


@dataclass(frozen=True, slots=True, eq=False)
class BandPairs:
    """Candidate pairs of one band, and what it left out; compared by identity.

    Attributes:
        packed: i * n_documents + j for each pair of rows i < j; sorted, unique.
        n_hot_buckets: buckets too large for the budget.
        n_hot_documents: documents in them.
        n_pairs_left_out: pairs of these buckets that are not candidates here; another band may
            still have them.
    """

    packed: NDArray[np.int64]
    n_hot_buckets: int
    n_hot_documents: int
    n_pairs_left_out: int


def pair_budget(n_documents: int) -> int:
    """How many pairs one band may make in full, for so many documents.

    >>> pair_budget(10), pair_budget(1_000_000)
    (1048576, 8000000)
    """
    return max(_LEAST_BUDGET, _PAIRS_PER_DOCUMENT * n_documents)


def unpack(packed: NDArray[np.int64], n_documents: int) -> NDArray[np.int64]:
    """Packed pairs as rows, shape (n_pairs, 2).

    >>> unpack(np.array([1, 5]), 3).tolist()
    [[0, 1], [1, 2]]
    """
    pairs = np.empty((len(packed), 2), dtype=np.int64)
    np.divmod(packed, max(n_documents, 1), out=(pairs[:, 0], pairs[:, 1]))
    return pairs


def band_pairs(
    keys: NDArray[np.uint64],
    rank: NDArray[np.int64],
    lanes: Lanes,
    *,
    rows: NDArray[np.int64] | None = None,
    budget: int | None = None,
) -> BandPairs:
    """The pairs of documents that have one key in this band.

    Buckets in ascending size make all their pairs while these are within the budget, which is
    decided for all buckets of one size at once. The documents of larger buckets are hot. They are
    paired with the 4 most preferred of their bucket, and in each of 8 orders, by lanes of their
    own, with the next 2 and with the most preferred of those that agree in the first 4 lanes.
    Two documents of a hot bucket that are no candidates there may be so in another band.

    Cost: one sort of the keys and one of the pairs; for hot documents 8 more sorts, and about 450
    bytes each, for their lanes are looked at 65,536 documents at a time.

    Args:
        keys: of each document in this band; shape (n_documents,).
        rank: of each document, 0 the most preferred as a keeper; a permutation. It settles ties,
            so that the order of the documents does not matter.
        lanes: called with the documents of hot buckets, ascending, some at a time, if there are
            any; may give none, as long as it does so for all. Best are 32 or more columns of the
            sketches, all outside this band. Band keys do worse: a pair with a Jaccard of 0.8 agrees
            in four of five columns, and in one of five keys.
        rows: the documents to pair, ascending and unique; None: all. Leave out those without
            shingles, which are like nothing, and exact copies of others.
        budget: pairs to make in full; None: `pair_budget` of the documents to pair.

    >>> keys = np.array([7, 9, 7, 7], dtype=np.uint64)
    >>> no_lanes = lambda rows: np.empty((len(rows), 0), dtype=np.uint32)
    >>> found = band_pairs(keys, np.arange(4), no_lanes)
    >>> unpack(found.packed, 4).tolist(), found.n_hot_buckets
    ([[0, 2], [0, 3], [2, 3]], 0)
    """
    chosen = keys if rows is None else keys[rows]
    members, sizes = _buckets(chosen)
    if rows is not None:
        members = rows[members]
    largest = _largest_cold_size(sizes, pair_budget(len(chosen)) if budget is None else budget)
    is_hot = sizes > largest
    in_hot = np.repeat(is_hot, sizes)
    cold = _all_pairs(members[~in_hot], sizes[~is_hot], len(keys))
    hot_sizes = sizes[is_hot]
    hot = _some_pairs(members[in_hot], hot_sizes, rank, lanes, len(keys))
    packed = np.concatenate([cold, hot]) if len(cold) and len(hot) else (cold if len(cold) else hot)
    packed.sort()  # in place, for it may be the largest array of a run
    return BandPairs(
        packed=packed,
        n_hot_buckets=len(hot_sizes),
        n_hot_documents=int(hot_sizes.sum()),
        n_pairs_left_out=int(_n_pairs(hot_sizes).sum()) - len(hot),
    )


def _buckets(keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The members of all buckets of two or more, bucket after bucket, and the sizes of these."""
    order = np.argsort(keys)  # not stable, four times as fast: nothing below asks for an order
    ordered = keys[order]
    differs = np.ones(len(keys) + 1, dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=differs[1:-1])
    differs[len(keys) :] = True
    is_shared = ~(differs[:-1] & differs[1:])
    starts = np.flatnonzero(differs[:-1][is_shared])
    members = order[is_shared]
    return members, np.diff(starts, append=len(members))


def _n_pairs(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return sizes * (sizes - 1) // 2


def _largest_cold_size(sizes: NDArray[np.int64], budget: int) -> int:
    """The largest size of bucket up to which the pairs of all buckets are within the budget."""
    distinct, counts = np.unique(sizes, return_counts=True)
    spent = np.cumsum(_n_pairs(distinct) * counts)
    n_within = int(np.searchsorted(spent, budget, side="right"))
    return int(distinct[n_within - 1]) if n_within else 0


def _all_pairs(
    members: NDArray[np.int64], sizes: NDArray[np.int64], n_documents: int
) -> NDArray[np.int64]:
    """All pairs within each bucket, packed and sorted; no document is in two buckets."""
    ends = np.repeat(np.cumsum(sizes), sizes)
    n_later = ends - np.arange(len(members)) - 1
    packed = np.empty(int(n_later.sum()), dtype=np.int64)
    filled = 0
    for first, last in kernels.blocks(n_later, _PAIRS_AT_ONCE):
        places = np.arange(first, last)
        later = kernels.ragged_positions(places + 1, n_later[first:last])
        earlier = np.repeat(places, n_later[first:last])
        packed[filled : filled + len(later)] = _packed(members, earlier, later, n_documents)
        filled += len(later)
    packed.sort()
    return packed


def _some_pairs(
    members: NDArray[np.int64],
    sizes: NDArray[np.int64],
    rank: NDArray[np.int64],
    lanes: Lanes,
    n_documents: int,
) -> NDArray[np.int64]:
    """Anchor and neighbourhood pairs within each bucket, packed, sorted and unique."""
    if len(members) == 0:
        return np.empty(0, dtype=np.int64)
    buckets = np.repeat(np.arange(len(sizes)), sizes)
    members = members[np.lexsort((rank[members], buckets))]  # `buckets` is ascending and stays so
    firsts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    found = [_packed(members, *places, n_documents) for places in _stars(firsts)]
    for prefixes in _prefixes(members, lanes):
        # Stable: equal ones stay in order of rank.
        order = np.lexsort((prefixes, buckets))
        near = _neighbours(order, prefixes[order] >> _HALF, buckets)
        found += [_packed(members, *places, n_documents) for places in near]
    packed = np.concatenate(found)
    found.clear()
    return unique(packed)


_Places: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]


def _stars(firsts: NDArray[np.int64]) -> Iterator[_Places]:
    """Each of the first few places of a bucket with all that follow it there."""
    for anchor in range(_N_ANCHORS):
        followers = np.flatnonzero(np.arange(len(firsts)) > firsts + anchor)
        yield firsts[followers] + anchor, followers


def _prefixes(members: NDArray[np.int64], lanes: Lanes) -> NDArray[np.uint64]:
    """What each order sorts by; shape (n_orders, n_members). Lanes are asked for in blocks."""
    by_row = np.argsort(members)
    prefixes = np.empty((_N_ORDERS, len(members)), dtype=np.uint64)
    n_orders = 0
    for start in range(0, len(members), _LANES_AT_ONCE):
        places = by_row[start : start + _LANES_AT_ONCE]
        n_orders = 0
        for n_orders, found in enumerate(_orders(lanes(members[places])), 1):
            prefixes[n_orders - 1, places] = found
    return prefixes[:n_orders]


def _orders(lanes: NDArray[np.unsignedinteger[Any]]) -> Iterator[NDArray[np.uint64]]:
    """For each order the next eight lanes of each document, eight bits of each, first lane first.

    Eight bits do: strangers that agree in one lane by chance alone are one in 256.
    """
    n_lanes = lanes.shape[1]
    for turn in range(_N_ORDERS if n_lanes else 0):
        prefixes = np.zeros(len(lanes), dtype=np.uint64)
        for step in range(min(_PREFIX, n_lanes)):
            lane = lanes[:, (n_lanes * turn // _N_ORDERS + step) % n_lanes].astype(np.uint64)
            lane *= _MULTIPLIER
            prefixes |= (lane >> np.uint64(64 - 8)) << np.uint64(64 - 8 - 8 * step)
        yield prefixes


def _neighbours(
    order: NDArray[np.int64], half_prefixes: NDArray[np.uint64], buckets: NDArray[np.int64]
) -> Iterator[_Places]:
    """Each place with the next few of its bucket, and with the first that has its half prefix.

    Args:
        order: the places of the members, bucket after bucket, each bucket in order of its prefixes.
        half_prefixes: in that order.
        buckets: in that order.
    """
    for step in range(1, _N_NEIGHBOURS + 1):
        earlier = np.flatnonzero(buckets[step:] == buckets[:-step])
        yield order[earlier], order[earlier + step]
    differs = (half_prefixes[1:] != half_prefixes[:-1]) | (buckets[1:] != buckets[:-1])
    starts = np.concatenate([[0], np.flatnonzero(differs) + 1])
    # Places follow the rank within a bucket: the least one is the most preferred document.
    anchors = np.repeat(np.minimum.reduceat(order, starts), np.diff(starts, append=len(order)))
    followers = np.flatnonzero(order != anchors)
    yield anchors[followers], order[followers]


def _packed(
    members: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    n_documents: int,
) -> NDArray[np.int64]:
    """The pairs of the members at these places, the lower row first."""
    one, other = members[left], members[right]
    packed = np.minimum(one, other)
    packed *= n_documents  # below 2**63 up to 3e9 documents
    packed += np.maximum(one, other)
    return packed


def unique(packed: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each packed pair once, ascending; what is given is sorted in place.

    >>> unique(np.array([5, 1, 5])).tolist()
    [1, 5]
    """
    # Not np.unique: it may use a hash table, six times slower here than sorting.
    packed.sort()
    is_first = np.ones(len(packed), dtype=np.bool_)
    np.not_equal(packed[1:], packed[:-1], out=is_first[1:])
    return packed[is_first]
