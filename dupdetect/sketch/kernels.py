"""The hot array functions: arrays in, arrays out, no policy.

In and out: NumPy arrays. Many sequences of unlike lengths travel as two arrays, their `items` one
sequence after another and `offsets`, one more than there are sequences: sequence i is
items[offsets[i] : offsets[i + 1]]. Integer arithmetic wraps around, which is the intended modulo,
and no result depends on block sizes, so that a compiled twin can give the same bits.

Methods: splitmix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators");
MinHash (Broder 1997) with the affine permutations of datasketch 2, h -> a * h + b modulo 2**32.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

UInt32s = NDArray[np.uint32]
UInt64s = NDArray[np.uint64]
Int64s = NDArray[np.int64]

#: What an empty set has in every column of its MinHash row.
EMPTY_SLOT = np.uint32(2**32 - 1)

# splitmix64: the step of its counter (2**64 over the golden ratio) and its finaliser.
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_ROUNDS = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_LAST_SHIFT = np.uint64(31)

# An odd multiplier of good spectral quality: Steele and Vigna 2021, "Computationally easy,
# spectrally good multipliers for congruential pseudorandom number generators", table 5.
_HORNER = np.uint64(0xD1342543DE82EF95)

# Fills up a sequence shorter than one window: the hash of a character that Unicode cannot have.
_BEYOND_UNICODE = 0x110000

# MinHash: 2**16 columns are 256 KiB of uint32, so that hashes and workspace share a 1 MiB cache.
# Measured on 496 shingles a document: 50 us a document at 2**9 columns, 22 at 2**14, 17 at 2**16.
_WORKSPACE = 2**16

# Intersections: shingles of partners gathered at a time, 8 MiB.
_GATHER = 2**20


def mix64(values: UInt64s) -> UInt64s:
    """Each value through the finaliser of splitmix64, a bijection in which every bit counts.

    >>> mix64(np.array([0x9E3779B97F4A7C15], dtype=np.uint64)).tolist()  # splitmix64's first output
    [16294208416658607535]
    """
    mixed = values.copy()
    for shift, multiplier in _MIX_ROUNDS:
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(multiplier)
    mixed ^= mixed >> _LAST_SHIFT
    return mixed


def ragged_positions(starts: Int64s, lengths: Int64s) -> Int64s:
    """The numbers start, start + 1, ... of many ranges, one range after another.

    >>> ragged_positions(np.array([10, 50]), np.array([3, 2])).tolist()
    [10, 11, 12, 50, 51]
    """
    ends = np.cumsum(lengths, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    positions: Int64s = np.arange(total, dtype=np.int64)
    positions += np.repeat(starts - (ends - lengths), lengths)
    return positions


def offsets_of(lengths: Int64s) -> Int64s:
    """Where each of many sequences begins, and where the last one ends.

    >>> offsets_of(np.array([3, 0, 2])).tolist()
    [0, 3, 3, 5]
    """
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def character_hashes(code_points: UInt32s) -> UInt64s:
    """A 64-bit hash of each character: the hash of the token that consists of it alone."""
    return mix64(code_points.astype(np.uint64) + _STEP)


def token_hashes(code_points: UInt32s, offsets: Int64s) -> UInt64s:
    """A 64-bit hash of each token: the sum of the mixed pairs of its characters and their places.

    Unlike pairs are never mixed from one number: no multiple of the golden step below the
    2**32nd comes within 2**21, the range of code points, of 0 modulo 2**64. The sums of unlike
    tokens agree with a chance of 2**-64.

    Args:
        code_points: the characters of all tokens.
        offsets: where each token begins in them; a token may be empty.

    Returns:
        One hash a token.
    """
    places = ragged_positions(np.ones(len(offsets) - 1, dtype=np.int64), np.diff(offsets))
    mixed = mix64(code_points + places.astype(np.uint64) * _STEP)
    sums = np.zeros(len(mixed) + 1, dtype=np.uint64)
    np.cumsum(mixed, out=sums[1:])
    return sums[offsets[1:]] - sums[offsets[:-1]]  # exact: both wrapped around modulo 2**64


def window_hashes(items: UInt64s, offsets: Int64s, size: int) -> tuple[UInt64s, Int64s]:
    """A hash of each window of `size` neighbouring items; order within the window matters.

    The window is a polynomial in its items (Horner's rule, an odd multiplier), then mixed.
    A sequence shorter than a window, but not empty, is filled up to one with an item that stands
    for no character: its hash equals that of a window of real items with a chance of 2**-64.

    Args:
        items: hashes of the items of all sequences.
        offsets: where each sequence begins in them.
        size: items in a window, at least 1.

    Returns:
        The hashes of all windows in order, and the offsets of the sequences in them.
    """
    items, offsets = _fill_short(items, offsets, size)
    n_windows = np.maximum(np.diff(offsets) - (size - 1), 0)
    n_starts = max(len(items) - size + 1, 0)
    # Windows that run over the end of a sequence are made too, and left out below: they are few,
    # and one pass over all items costs less than a loop over sequences.
    powers = items[:n_starts].copy()
    for place in range(1, size):
        powers *= _HORNER
        powers += items[place : place + n_starts]
    return mix64(powers[ragged_positions(offsets[:-1], n_windows)]), offsets_of(n_windows)


def _fill_short(items: UInt64s, offsets: Int64s, size: int) -> tuple[UInt64s, Int64s]:
    lengths = np.diff(offsets)
    is_short = (lengths > 0) & (lengths < size)
    if not is_short.any():
        return items, offsets
    filled_offsets = offsets_of(np.where(is_short, size, lengths))
    filler = character_hashes(np.array([_BEYOND_UNICODE], dtype=np.uint32))[0]
    filled = np.full(int(filled_offsets[-1]), filler, dtype=np.uint64)
    filled[ragged_positions(filled_offsets[:-1], lengths)] = items
    return filled, filled_offsets


def sort_unique(items: UInt64s, offsets: Int64s) -> tuple[UInt64s, Int64s]:
    """Each sequence sorted ascending, with every value once.

    One call of sort for each sequence: NumPy sorts 500 numbers in about 2 us.

    >>> items, offsets = np.array([7, 3, 7, 7, 1], dtype=np.uint64), np.array([0, 3, 5])
    >>> [part.tolist() for part in sort_unique(items, offsets)]
    [[3, 7, 1, 7], [0, 2, 4]]
    """
    ordered = items.copy()
    bounds = offsets.tolist()
    for start, end in pairwise(bounds):
        ordered[start:end].sort()
    is_first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    is_first[offsets[:-1][np.diff(offsets) > 0]] = True  # equal to the end of another sequence
    kept_before = offsets_of(is_first.astype(np.int64))
    return ordered[is_first], kept_before[offsets]


def minhash_rows(
    hashes: UInt64s, offsets: Int64s, multipliers: UInt32s, increments: UInt32s
) -> UInt32s:
    """The MinHash row of each set, by datasketch's scheme "affine32".

    The low 32 bits of each hash are mixed once, h; column k of a row is the least of
    multipliers[k] * h + increments[k] modulo 2**32 over the set. Cost: three passes over a
    cache-sized workspace for each hash and column.

    Args:
        hashes: the members of all sets.
        offsets: where each set begins in them.
        multipliers: one odd number a column.
        increments: one number a column.

    Returns:
        Shape (n_sets, n_columns); an empty set has EMPTY_SLOT in all columns.
    """
    rows = np.full((len(offsets) - 1, len(multipliers)), EMPTY_SLOT, dtype=np.uint32)
    is_filled = np.diff(offsets) > 0
    filled_rows = rows if is_filled.all() else rows[is_filled]
    bounds = np.append(offsets[:-1][is_filled], len(hashes))
    for start in range(0, len(hashes), _WORKSPACE):
        end = min(start + _WORKSPACE, len(hashes))
        first = int(np.searchsorted(bounds, start, side="right")) - 1
        last = int(np.searchsorted(bounds, end, side="left"))
        mixed = _fmix32(hashes[start:end].astype(np.uint32))
        set_starts = np.maximum(bounds[first:last], start) - start
        # A set that runs over the end of a block takes the least of its parts.
        block = filled_rows[first:last]
        for columns, least in _least_of_sets(mixed, set_starts, multipliers, increments):
            np.minimum(block[:, columns], least.T, out=block[:, columns])
    if filled_rows is not rows:
        rows[is_filled] = filled_rows
    return rows


def _least_of_sets(
    mixed: UInt32s, set_starts: Int64s, multipliers: UInt32s, increments: UInt32s
) -> Iterator[tuple[slice, UInt32s]]:
    """The least permuted hash of each set, for as many columns at a time as the workspace holds."""
    n_together = max(_WORKSPACE // len(mixed), 1)
    for column in range(0, len(multipliers), n_together):
        columns = slice(column, column + n_together)
        permuted = multipliers[columns, None] * mixed
        permuted += increments[columns, None]
        yield columns, np.minimum.reduceat(permuted, set_starts, axis=1)


def _fmix32(values: UInt32s) -> UInt32s:
    """The finaliser of MurmurHash3 (Appleby), which datasketch applies before it permutes."""
    mixed = values ^ (values >> np.uint32(16))
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed


def band_keys(columns: UInt32s) -> UInt64s:
    """A 64-bit key for each row of a band: equal rows have equal keys.

    The reverse holds with a chance of 2**-64 for rows that nobody chose; whoever needs certainty
    compares the rows.

    Args:
        columns: shape (n_documents, rows of the band).
    """
    keys = np.zeros(len(columns), dtype=np.uint64)
    for column in columns.T:
        keys *= _HORNER
        keys += column
    return mix64(keys)


def intersection_sizes(hashes: UInt64s, offsets: Int64s, left: Int64s, right: Int64s) -> Int64s:
    """How many members the sets left[i] and right[i] share, for each i.

    The members of all partners of one left set are looked up in it together: |right| log |left|
    steps a pair, and one Python step for each left set.

    Args:
        hashes: the members of all sets; within one set sorted ascending, unique.
        offsets: where each set begins in them.
        left: numbers of sets.
        right: numbers of sets, as many.
    """
    shared = np.zeros(len(left), dtype=np.int64)
    by_left = np.argsort(left, kind="stable")
    group_ends = np.flatnonzero(np.diff(left[by_left], append=-1)) + 1
    start = 0
    for end in group_ends.tolist():
        pairs = by_left[start:end]
        number = left[pairs[0]]
        own = hashes[offsets[number] : offsets[number + 1]]
        if len(own):
            shared[pairs] = _members_of(own, hashes, offsets, right[pairs])
        start = end
    return shared


def _members_of(own: UInt64s, hashes: UInt64s, offsets: Int64s, partners: Int64s) -> Int64s:
    """How many members of each partner are in `own`, which is sorted and not empty."""
    counts = np.empty(len(partners), dtype=np.int64)
    starts = offsets[partners]
    lengths = offsets[partners + 1] - starts
    for first, last in blocks(lengths, _GATHER):
        block_lengths = lengths[first:last]
        theirs = hashes[ragged_positions(starts[first:last], block_lengths)]
        places = np.searchsorted(own, theirs)
        places[places == len(own)] = 0
        found_before = offsets_of((own[places] == theirs).astype(np.int64))
        counts[first:last] = np.diff(found_before[offsets_of(block_lengths)])
    return counts


def blocks(costs: Int64s, limit: int) -> Iterator[tuple[int, int]]:
    """Half-open ranges of neighbours whose costs sum to at most the limit; one alone may exceed it.

    >>> list(blocks(np.array([3, 4, 9, 1]), limit=7))
    [(0, 2), (2, 3), (3, 4)]
    """
    ends = np.cumsum(costs)
    first, spent = 0, 0
    while first < len(costs):
        last = max(int(np.searchsorted(ends, spent + limit, side="right")), first + 1)
        yield first, last
        first, spent = last, int(ends[last - 1])
