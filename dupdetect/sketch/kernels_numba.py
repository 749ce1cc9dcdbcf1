"""The functions of kernels.py, compiled by numba: the same names, the same bits, much sooner.

In and out: as kernels.py says. A text is read once, byte by byte, into a workspace that stays in
the cache: its tokens, then some hundred windows of them at a time, and their least permuted hashes.
No step waits for a branch that depends on the letters, and the inner loops are such that LLVM turns
them into vector instructions. No function holds the GIL, and none has memory of an earlier call.

Compiled code is kept in the folder that numba chooses (NUMBA_CACHE_DIR). Where it cannot be written
or read, each process compiles anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from dupdetect.sketch import kernels
from dupdetect.sketch.kernels import (
    Bytes,
    Int32sOr64s,
    Int64s,
    TextSketches,
    UInt32s,
    UInt64s,
    offsets_of,
)
from dupdetect.text.alphabet import Alphabet

__all__ = [
    "intersection_sizes",
    "minhash_rows",
    "shingle_texts",
    "sketch_texts",
    "sort_unique",
    "text_tokens",
    "window_resemblance",
]

# The numbers of kernels.py and text/alphabet.py once more, in numba's widths: an int64 met by a
# uint64 would become a float. They are written out, and held against those by tests, because
# numba's cache looks at this file only: it would not see that an imported number changed.
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31, _S32 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(32)
_HORNER = np.uint64(0xD1342543DE82EF95)
_FILLER = np.uint64(0x6D7F366BC4249CB0)
_EMPTY = np.uint32(2**32 - 1)
_ZERO, _ONE = np.uint64(0), np.uint64(1)
_PART, _WHOLE_PART = 64, np.uint64(64)
_CODE_POINT, _CLASS_SHIFT = np.uint32(2**21 - 1), np.uint32(21)
_OTHER, _LETTER, _SINGLE, _EXTENDER = 0, 1, 2, 3
_EXPANDS, _IS_COMPOSED, _COMPOSES, _NONSTARTER, _DOUBTFUL = (
    np.uint32(1 << 23),
    np.uint32(1 << 24),
    np.uint32(1 << 25),
    np.uint32(1 << 26),
    np.uint32(1 << 27),
)
_LOOKED_AT = np.uint32(_IS_COMPOSED | _NONSTARTER | _DOUBTFUL)

# Windows of a text that are marked at once, each in a lane of 16 bits of a number. Lanes are summed
# up together: as many shingles as a lane can count.
_MARKED, _LANE = 4, 16
_LANE_MAX, _LANE_MASK = 2**16 - 1, np.uint64(2**16 - 1)

# Windows hashed and permuted together: their hashes and three rows of columns fill half of a cache
# of 32 KiB. A multiple of _UNROLLED.
_WINDOWS = 512
_UNROLLED = 8

# Items in one bucket up to which insertion sorts them soonest; the most buckets, of 512 KiB.
_CROWDED, _MOST_BUCKETS = 32, 2**16

# Bytes summed up together: their powers, the sums and the places fill most of such a cache.
_CHUNK = 1024

# For a chunk, behind a part that was begun before it.
_POWERS = kernels.powers(_CHUNK + _PART + 1)
for _each in _POWERS:
    _each.setflags(write=False)


Function = TypeVar("Function", bound=Callable[..., Any])
Scalar = Any  # numba's numbers: each has the width that it is written with
Arrays = tuple[NDArray[Any], ...]


class _Compiled:
    """A compiled function that does without its cache when that cannot be used."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._plain = numba.njit(nogil=True)(function)
        try:
            self._run = numba.njit(nogil=True, cache=True)(function)
        except RuntimeError:  # no folder to keep it in
            self._run = self._plain

    def __call__(self, *arguments: Scalar | NDArray[Any] | Arrays) -> None:
        if self._run is not self._plain:
            try:
                self._run(*arguments)
                return
            except Exception:  # a full disk, a damaged file; an error of its own is raised again
                self._run = self._plain
        self._plain(*arguments)


def _inner(function: Function) -> Function:
    """A function that is compiled into those that call it."""
    return cast(Function, numba.njit(nogil=True)(function))


@_inner
def _mix64(value: Scalar) -> Scalar:
    value = (value ^ (value >> _S30)) * _MIX_1
    value = (value ^ (value >> _S27)) * _MIX_2
    return value ^ (value >> _S31)


@_inner
def _decode(data: Bytes, at: int, end: int) -> tuple[Scalar, Scalar]:
    """The code point at a place, and how many bytes it takes; 0 bytes: it is no UTF-8."""
    lead = np.uint32(data[at])
    if lead < 0xC2 or lead > 0xF4:
        return np.uint32(0), 0
    length = 2 + (lead >= 0xE0) + (lead >= 0xF0)
    if at + length > end:
        return np.uint32(0), 0
    code = lead & np.uint32(0x7F >> length)
    for place in range(at + 1, at + length):
        byte = np.uint32(data[place])
        if byte & np.uint32(0xC0) != 0x80:
            return np.uint32(0), 0
        code = (code << np.uint32(6)) | (byte & np.uint32(0x3F))
    if code > 0x10FFFF or (length == 3 and code < 0x800) or (length == 4 and code < 0x10000):
        return np.uint32(0), 0
    return code, length


@_inner
def _tokens(
    data: Bytes,
    start: int,
    end: int,
    tables: Arrays,
    powers: Arrays,
    edges: Arrays,
    hashes: UInt64s,
) -> tuple[Scalar, Scalar]:
    """Writes the hashes of a text's tokens; how many they are, and whether the text is unsure."""
    n = _ascii_tokens(data, start, end, tables[0], powers, edges, hashes)
    unsure = False
    if n < 0:
        n, unsure = _any_tokens(data, start, end, tables, powers[0], hashes)
    for number in range(n):
        hashes[number] = _mix64(hashes[number])
    return n, unsure


@_inner
def _ascii_tokens(
    data: Bytes,
    start: int,
    end: int,
    ascii_values: Bytes,
    powers: Arrays,
    edges: Arrays,
    hashes: UInt64s,
) -> Scalar:
    """Writes the values of the tokens of an ASCII text, to be mixed; how many they are, or -1.

    -1: a byte is beyond ASCII, or a token longer than a part. A running sum of all characters times
    powers is written down wherever a word begins or ends, and no branch depends on what a byte is.
    """
    direct, inverse = powers
    sums, places = edges
    n: Scalar = 0
    opened: Scalar = 0
    total: Scalar = _ZERO
    for first in range(start, end, _CHUNK):
        count = min(_CHUNK, end - first)
        # A word that was open at the end of the chunk before goes on: it began at the power 0.
        sums[0], places[0] = _ZERO, 0
        edge = before = np.uint64(opened > 0)
        bits = np.uint8(0)
        chunk, weights = data[first : first + count], direct[opened : opened + count]
        for at in range(count):  # a loop of its own, for the sake of vector instructions
            bits |= chunk[at]
        for at in range(count):
            value = np.uint64(ascii_values[chunk[at]])
            inside = np.uint64(value != _ZERO)
            sums[edge], places[edge] = total, opened + at
            edge += before ^ inside
            before = inside
            total += value * weights[at]
        n_edges = np.int64(edge)
        sums[n_edges], places[n_edges] = total, opened + count
        longest = 0
        for pair in range((n_edges + 1) >> 1):
            begin, end_of = places[2 * pair], places[2 * pair + 1]
            longest = max(longest, end_of - begin)
            hashes[n + pair] = (sums[2 * pair + 1] - sums[2 * pair]) * inverse[begin]
        if bits >= 128 or longest > _PART:
            return -1
        n += n_edges >> 1
        opened, total = 0, _ZERO
        if n_edges & 1:
            opened, total = places[n_edges] - places[n_edges - 1], hashes[n]
    return n + (opened > 0)


@_inner
def _any_tokens(
    data: Bytes, start: int, end: int, tables: Arrays, powers: UInt64s, hashes: UInt64s
) -> tuple[Scalar, Scalar]:
    """The same for any text; how many they are, and whether the text is unsure."""
    ascii_values, entries, expansions, leading, trailing = tables
    n, total, place = _ZERO, _ZERO, _ZERO
    single = False
    previous: Scalar = np.uint32(0)
    tail: Scalar = np.uint32(0)
    at = start
    while at < end:
        byte = data[at]
        if byte < 128:
            if single:
                hashes[n] = total
                n, total, place, single = n + _ONE, _ZERO, _ZERO, False
            before = _ZERO - np.uint64(place != _ZERO)
            # As above: in a word, or behind one, or neither, and no branch on which it is.
            while at < end and data[at] < 128:
                byte = data[at]
                value = np.uint64(ascii_values[byte])
                inside = _ZERO - np.uint64(value != _ZERO)
                if place == _WHOLE_PART:  # rarely
                    place &= ~inside
                    total = total if place else _mix64(total)
                hashes[n] = total
                n += before & ~inside & _ONE
                before = inside
                total = (total + value * powers[place]) & inside
                place = (place + _ONE) & inside
                at += 1
            previous, tail = np.uint32(byte), np.uint32(0)
            continue
        code, length = _decode(data, at, end)
        if length == 0:
            return np.int64(n), True
        at += length
        entry = entries[code]
        kind = (entry >> _CLASS_SHIFT) & np.uint32(3)
        if kind == _EXTENDER:
            if place == _ZERO:
                continue
        else:
            if place != _ZERO and (kind != _LETTER or single):
                hashes[n] = total
                n, total, place = n + _ONE, _ZERO, _ZERO
            single = kind == _SINGLE
            if kind == _OTHER:
                continue
        folded = np.int64(entry & _CODE_POINT)
        count: Scalar = 1
        if entry & _EXPANDS:
            count = np.int64(expansions[folded])
            if count == 0:
                continue
        if entry & _LOOKED_AT:
            if entry & _DOUBTFUL:
                return np.int64(n), True
            if place != _ZERO:
                if entry & _NONSTARTER and trailing[previous] > leading[code]:
                    return np.int64(n), True
                if entry & _IS_COMPOSED and (tail | entries[previous]) & _COMPOSES:
                    return np.int64(n), True
        # The flags of all characters from the last starter on.
        tail = entry | (tail | entries[previous] if entry & _NONSTARTER else np.uint32(0))
        previous = code
        for number in range(count):
            value = np.uint64(expansions[folded + 1 + number] if entry & _EXPANDS else folded)
            if place == _WHOLE_PART:
                total, place = _mix64(total), _ZERO
            total += (value + _ONE) * powers[place]
            place += _ONE
    if place != _ZERO:
        hashes[n] = total
        n += _ONE
    return np.int64(n), False


@_inner
def _fill_short(hashes: UInt64s, n: int, size: int) -> int:
    """Fills a text shorter than a window up to one; how many items there are then."""
    if 0 < n < size:
        hashes[n:size] = _FILLER
        return size
    return n


@_inner
def _windows(hashes: UInt64s, first: int, count: int, size: int, out: UInt64s) -> None:
    """Writes the hashes of so many windows, from one of them on."""
    for row in range(count):
        out[row] = hashes[first + row]
    for place in range(1, size):
        for row in range(count):
            out[row] = out[row] * _HORNER + hashes[first + place + row]
    for row in range(count):
        out[row] = _mix64(out[row])


@_inner
def _permuted_hashes(windows: UInt64s, count: int, out: UInt32s) -> int:
    """The 32 bits that datasketch permutes, of each window, filled up with the last one."""
    for row in range(count):
        value = np.uint32(windows[row])
        value = np.uint32((value ^ (value >> np.uint32(16))) * np.uint32(0x85EBCA6B))
        value = np.uint32((value ^ (value >> np.uint32(13))) * np.uint32(0xC2B2AE35))
        out[row] = value ^ (value >> np.uint32(16))
    padded = -(-count // _UNROLLED) * _UNROLLED
    for row in range(count, padded):
        out[row] = out[count - 1]
    return padded


@_inner
def _lower(
    mixed: UInt32s, count: int, multipliers: UInt32s, increments: UInt32s, row: UInt32s
) -> None:
    """Lowers each column of a row to the least permuted hash; eight hashes at a time.

    Eight: each column's multiplier, increment and least value are then loaded once for all.
    """
    for at in range(0, count, _UNROLLED):
        h0, h1, h2, h3 = mixed[at], mixed[at + 1], mixed[at + 2], mixed[at + 3]
        h4, h5, h6, h7 = mixed[at + 4], mixed[at + 5], mixed[at + 6], mixed[at + 7]
        for column in range(len(row)):
            a, b = multipliers[column], increments[column]
            least = min(row[column], np.uint32(a * h0 + b))
            other = min(np.uint32(a * h1 + b), np.uint32(a * h2 + b))
            least = min(least, np.uint32(a * h3 + b))
            other = min(other, np.uint32(a * h4 + b))
            least = min(least, np.uint32(a * h5 + b))
            other = min(other, np.uint32(a * h6 + b))
            least = min(least, np.uint32(a * h7 + b))
            row[column] = min(least, other)


@_inner
def _digest(hashes: UInt64s, n: int, out: UInt64s) -> None:
    first, second, step = _ZERO, _ZERO, _STEP
    for row in range(n):
        once = _mix64(hashes[row] + step)
        step += _STEP
        first += once
        second += (once ^ (once >> _S32)) * _HORNER
    out[0], out[1] = first, second


@_Compiled
def _read_texts(
    data: Bytes,
    bounds: Int64s,
    tables: Arrays,
    powers: Arrays,
    size: int,
    multipliers: UInt32s,
    increments: UInt32s,
    sketches: Arrays,
    hashes: UInt64s,
    counts: Int64s,
    unsure: NDArray[np.bool_],
) -> None:
    """What is done with texts, in one function, because it takes seconds to compile.

    With room in `hashes`, the windows of all texts are written there, or their tokens if the size
    is 0, and how many each text has; otherwise the sketches are written, and the number of tokens.
    """
    rows, digests = sketches
    longest = 0
    for text in range(len(bounds) - 1):
        longest = max(longest, bounds[text + 1] - bounds[text])
    # A token takes two bytes at the least: a letter and what parts it, or one beyond ASCII.
    own = np.empty(longest // 2 + 2 + size, np.uint64)
    edges = np.empty(_CHUNK + 2, np.uint64), np.empty(_CHUNK + 2, np.int64)
    windows = np.empty(_WINDOWS, np.uint64)
    mixed = np.empty(_WINDOWS, np.uint32)
    written = 0
    for text in range(len(bounds) - 1):
        n, unsure[text] = _tokens(data, bounds[text], bounds[text + 1], tables, powers, edges, own)
        n_windows = max(_fill_short(own, n, size) - size + 1, 0)
        if len(hashes) == 0:
            counts[text] = n
            _digest(own, n, digests[text])
            rows[text] = _EMPTY
            for first in range(0, n_windows, _WINDOWS):
                count = min(_WINDOWS, n_windows - first)
                _windows(own, first, count, size, windows)
                padded = _permuted_hashes(windows, count, mixed)
                _lower(mixed, padded, multipliers, increments, rows[text])
        else:
            counts[text] = n_windows if size else n
            if size:
                _windows(own, 0, n_windows, size, hashes[written : written + n_windows])
            else:
                hashes[written : written + n] = own[:n]
            written += counts[text]


@_Compiled
def _minhash_rows(
    hashes: UInt64s, offsets: Int64s, multipliers: UInt32s, increments: UInt32s, rows: UInt32s
) -> None:
    mixed = np.empty(_WINDOWS, np.uint32)
    for number in range(len(offsets) - 1):
        rows[number] = _EMPTY
        for first in range(offsets[number], offsets[number + 1], _WINDOWS):
            count = min(_WINDOWS, offsets[number + 1] - first)
            padded = _permuted_hashes(hashes[first : first + count], count, mixed)
            _lower(mixed, padded, multipliers, increments, rows[number])


@_inner
def _shell_sort(items: UInt64s, n: int, gap: int) -> None:
    """Sorts the first n items in place (Shell 1959); gaps are 1, 4, 13, ..., and 1 is insertion."""
    while gap > 0:
        for place in range(gap, n):
            item, at = items[place], place
            while at >= gap and items[at - gap] > item:
                items[at] = items[at - gap]
                at -= gap
            items[at] = item
        gap //= 3


@_Compiled
def _sort_unique(items: UInt64s, offsets: Int64s, counts: Int64s) -> None:
    """Sorts each sequence, drops repeated items, and moves all to the front; how many are left.

    Items go to about two buckets each by their upper bits, which leaves few out of order as hashes
    are spread evenly. Others, and those of a text that repeats itself, may crowd in one bucket.
    """
    longest = 0
    for number in range(len(counts)):
        longest = max(longest, offsets[number + 1] - offsets[number])
    work = np.empty(longest, np.uint64)
    ends = np.empty(_MOST_BUCKETS, np.int64)
    written = 0
    for number in range(len(counts)):
        own = items[offsets[number] : offsets[number + 1]]
        n = len(own)
        bits, n_buckets = _ONE, 2
        while n_buckets < 2 * n and n_buckets < _MOST_BUCKETS:
            bits, n_buckets = bits + _ONE, 2 * n_buckets
        shift = np.uint64(64) - bits
        ends[:n_buckets] = 0
        for item in own:
            ends[item >> shift] += 1
        fullest = before = 0
        for bucket in range(n_buckets):
            size = ends[bucket]
            fullest = max(fullest, size)
            ends[bucket] = before
            before += size
        for item in own:
            work[ends[item >> shift]] = item
            ends[item >> shift] += 1
        gap = 1
        while fullest > _CROWDED and gap < n // 3:
            gap = 3 * gap + 1
        _shell_sort(work, n, gap)
        first = written
        for place in range(n):  # no sequence is read any more where this one is written to
            items[written] = work[place]
            written += place + 1 == n or work[place + 1] != work[place]
        counts[number] = written - first


@_inner
def _merged(hashes: UInt64s, a: int, a_end: int, b: int, b_end: int) -> Scalar:
    """How many members two sorted sets share; no branch depends on which has the lesser one."""
    n = 0
    while a < a_end and b < b_end:
        x, y = hashes[a], hashes[b]
        n += x == y
        a += x <= y
        b += y <= x
    return n


@_Compiled
def _intersection_sizes(
    hashes: UInt64s, offsets: Int64s, left: Int64s, right: Int64s, shared: Int64s
) -> None:
    for pair in range(len(left)):
        a, a_end = offsets[left[pair]], offsets[left[pair] + 1]
        b, b_end = offsets[right[pair]], offsets[right[pair] + 1]
        # The members below the middle one of the left set, and the others, are merged side by side:
        # a step waits for the one before it in its own half only.
        c = a_middle = (a + a_end) >> 1
        d = b_end
        if a < a_end:
            d = b + np.searchsorted(hashes[b:b_end], hashes[a_middle])
        b_middle = d
        n, m = 0, 0
        while a < a_middle and b < b_middle and c < a_end and d < b_end:
            x, y, z, w = hashes[a], hashes[b], hashes[c], hashes[d]
            n += x == y
            a += x <= y
            b += y <= x
            m += z == w
            c += z <= w
            d += w <= z
        n += _merged(hashes, a, a_middle, b, b_middle)
        shared[pair] = n + m + _merged(hashes, c, a_end, d, b_end)


@_Compiled
def _window_resemblance(
    columns: Int32sOr64s,
    offsets: Int32sOr64s,
    firsts: Int64s,
    n_columns: int,
    pairs: Int64s,
    order: Int64s,
    scores: NDArray[np.float64],
) -> None:
    widest = 0
    for text in range(len(firsts) - 1):
        widest = max(widest, firsts[text + 1] - firsts[text])
    marks = np.zeros(n_columns, np.uint64)  # a 1 in lane k: a column of window first_marked + k
    first_marked, last_marked = 0, 0
    counts = np.zeros(_MARKED, np.int64)
    best_left, best_right = np.empty(widest), np.empty(widest)
    for pair in order:
        left, left_end = firsts[pairs[pair, 0]], firsts[pairs[pair, 0] + 1]
        right, right_end = firsts[pairs[pair, 1]], firsts[pairs[pair, 1] + 1]
        best_left[:] = 0.0
        best_right[:] = 0.0
        for first in range(left, left_end, _MARKED):
            last = min(first + _MARKED, left_end)
            if first != first_marked or last != last_marked:
                for place in range(offsets[first_marked], offsets[last_marked]):
                    marks[columns[place]] = _ZERO
                for window in range(first, last):
                    for place in range(offsets[window], offsets[window + 1]):
                        marks[columns[place]] |= _ONE << np.uint64(_LANE * (window - first))
                first_marked, last_marked = first, last
            for window in range(right, right_end):
                size = offsets[window + 1] - offsets[window]
                counts[:] = 0
                for begin in range(offsets[window], offsets[window + 1], _LANE_MAX):
                    lanes = _ZERO
                    for place in range(begin, min(begin + _LANE_MAX, offsets[window + 1])):
                        lanes += marks[columns[place]]
                    for lane in range(_MARKED):
                        counts[lane] += np.int64((lanes >> np.uint64(_LANE * lane)) & _LANE_MASK)
                for other in range(first, last):
                    shared = counts[other - first]
                    union = size + offsets[other + 1] - offsets[other] - shared
                    jaccard = shared / max(union, 1)
                    best_left[other - left] = max(best_left[other - left], jaccard)
                    best_right[window - right] = max(best_right[window - right], jaccard)
        forth = _median(best_left, left_end - left)
        scores[pair] = (forth + _median(best_right, right_end - right)) / 2


@_inner
def _median(values: NDArray[np.float64], n: int) -> Scalar:
    """The median of the first n values, which are sorted on the way."""
    for place in range(1, n):
        value, at = values[place], place
        while at > 0 and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value
    return (values[(n - 1) // 2] + values[n // 2]) / 2


def sketch_texts(
    data: Bytes,
    offsets: Int64s,
    alphabet: Alphabet,
    size: int,
    multipliers: UInt32s,
    increments: UInt32s,
) -> TextSketches:
    """See `kernels.sketch_texts`."""
    n_texts = len(offsets) - 1
    sketches = TextSketches(
        rows=np.empty((n_texts, len(multipliers)), dtype=np.uint32),
        digests=np.empty((n_texts, 2), dtype=np.uint64),
        n_tokens=np.empty(n_texts, dtype=np.int64),
        unsure=np.empty(n_texts, dtype=np.bool_),
    )
    _read_texts(
        _read_only(data),
        _read_only(offsets),
        _tables(alphabet),
        _POWERS,
        size,
        _read_only(multipliers),
        _read_only(increments),
        (sketches.rows, sketches.digests),
        np.empty(0, dtype=np.uint64),
        sketches.n_tokens,
        sketches.unsure,
    )
    return sketches


def shingle_texts(
    data: Bytes, offsets: Int64s, alphabet: Alphabet, size: int
) -> tuple[UInt64s, Int64s, NDArray[np.bool_]]:
    """See `kernels.shingle_texts`."""
    hashes, window_offsets, unsure = _tokens_or_windows(data, offsets, alphabet, size)
    return *_sorted_in_place(hashes, window_offsets), unsure


def text_tokens(
    data: Bytes, offsets: Int64s, alphabet: Alphabet
) -> tuple[UInt64s, Int64s, NDArray[np.bool_]]:
    """See `kernels.text_tokens`."""
    return _tokens_or_windows(data, offsets, alphabet, 0)


def _tokens_or_windows(
    data: Bytes, offsets: Int64s, alphabet: Alphabet, size: int
) -> tuple[UInt64s, Int64s, NDArray[np.bool_]]:
    n_texts = len(offsets) - 1
    counts = np.empty(n_texts, dtype=np.int64)
    unsure = np.empty(n_texts, dtype=np.bool_)
    # As many as there can be; pages that are not written to take no memory.
    hashes = np.empty(int(offsets[-1] - offsets[0]) // 2 + 2 * n_texts + 1, dtype=np.uint64)
    unused = _read_only(np.empty(0, dtype=np.uint32))
    no_sketches = np.empty((0, 0), dtype=np.uint32), np.empty((0, 0), dtype=np.uint64)
    _read_texts(
        _read_only(data),
        _read_only(offsets),
        _tables(alphabet),
        _POWERS,
        size,
        unused,
        unused,
        no_sketches,
        hashes,
        counts,
        unsure,
    )
    item_offsets = offsets_of(counts)
    return hashes[: item_offsets[-1]], item_offsets, unsure


def sort_unique(items: UInt64s, offsets: Int64s) -> tuple[UInt64s, Int64s]:
    """See `kernels.sort_unique`."""
    return _sorted_in_place(items.copy(), offsets)


def _sorted_in_place(items: UInt64s, offsets: Int64s) -> tuple[UInt64s, Int64s]:
    counts = np.empty(len(offsets) - 1, dtype=np.int64)
    _sort_unique(items, _read_only(offsets), counts)
    set_offsets = offsets_of(counts)
    return items[: set_offsets[-1]], set_offsets


def minhash_rows(
    hashes: UInt64s, offsets: Int64s, multipliers: UInt32s, increments: UInt32s
) -> UInt32s:
    """See `kernels.minhash_rows`."""
    rows = np.empty((len(offsets) - 1, len(multipliers)), dtype=np.uint32)
    _minhash_rows(
        _read_only(hashes),
        _read_only(offsets),
        _read_only(multipliers),
        _read_only(increments),
        rows,
    )
    return rows


def intersection_sizes(hashes: UInt64s, offsets: Int64s, left: Int64s, right: Int64s) -> Int64s:
    """See `kernels.intersection_sizes`; here the two sets of a pair are merged."""
    shared = np.empty(len(left), dtype=np.int64)
    _intersection_sizes(
        _read_only(hashes), _read_only(offsets), _read_only(left), _read_only(right), shared
    )
    return shared


def window_resemblance(
    columns: Int32sOr64s, offsets: Int32sOr64s, firsts: Int64s, n_columns: int, pairs: Int64s
) -> NDArray[np.float64]:
    """The resemblance of each pair of texts, as match/resemblance.py defines it.

    Four windows of a left text at a time are marked at the columns of their shingles; then each
    shingle of a right text is looked up once for all four, in about a nanosecond.

    Args:
        columns: the number of each shingle of each window, one window after another.
        offsets: where each window begins in them.
        firsts: where each text's windows begin; every text has one at least.
        n_columns: one more than the highest number.
        pairs: rows of texts, shape (n_pairs, 2).
    """
    scores = np.empty(len(pairs))
    _window_resemblance(
        _read_only(columns),
        _read_only(offsets),
        _read_only(firsts),
        n_columns,
        _read_only(pairs),
        _read_only(np.lexsort((pairs[:, 1], pairs[:, 0]))),
        scores,
    )
    return scores


def _tables(alphabet: Alphabet) -> tuple[NDArray[Any], ...]:
    return (
        alphabet.ascii,
        alphabet.entries,
        alphabet.expansions,
        alphabet.leading,
        alphabet.trailing,
    )


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    """The same memory, not to be written to: numba compiles for one kind of array, not for two."""
    view = np.ascontiguousarray(array)[:]
    view.setflags(write=False)
    return view
