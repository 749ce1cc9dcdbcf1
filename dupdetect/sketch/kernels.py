"""The hot array functions: arrays in, arrays out, no policy.

In and out: NumPy arrays. Many sequences of unlike lengths travel as two arrays, their `items` one
sequence after another and `offsets`, one more than there are sequences: sequence i is
items[offsets[i] : offsets[i + 1]]. Integer arithmetic wraps around, which is the intended modulo,
and no result depends on block sizes, so that a compiled twin can give the same bits.

Methods: splitmix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators");
MinHash (Broder 1997) with the affine permutations of datasketch 2, h -> a * h + b modulo 2**32.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dupdetect.text import alphabet as table
from dupdetect.text.alphabet import Alphabet

Bytes = NDArray[np.uint8]
UInt32s = NDArray[np.uint32]
UInt64s = NDArray[np.uint64]
Int64s = NDArray[np.int64]
Int32sOr64s = NDArray[np.int32] | NDArray[np.int64]

#: What an empty set has in every column of its MinHash row.
EMPTY_SLOT = np.uint32(2**32 - 1)

# splitmix64: the step of its counter (2**64 over the golden ratio) and its finaliser.
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_ROUNDS = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_LAST_SHIFT = np.uint64(31)

# An odd multiplier of good spectral quality: Steele and Vigna 2021, "Computationally easy,
# spectrally good multipliers for congruential pseudorandom number generators", table 5.
_HORNER = np.uint64(0xD1342543DE82EF95)

# What no token crosses: ASCII but for letters and digits; the ideographic full stop and comma.
_PARTS_WORDS = re.compile(rb"[^0-9A-Za-z\x80-\xff]|\xe3\x80\x82|\xef\xbc\x8c")

#: Characters of a token that are terms of one polynomial; a longer token is cut into parts.
PART = 64

# Tokens: characters summed up together; two tables of powers are as long.
_CHARACTERS_AT_ONCE = 2**17

# MinHash: 2**16 columns are 256 KiB of uint32, so that hashes and workspace share a 1 MiB cache.
# Measured on 496 shingles a document: 50 us a document at 2**9 columns, 22 at 2**14, 17 at 2**16.
_WORKSPACE = 2**16

# Texts: bytes tokenized at a time, with up to 20 bytes of workspace for each.
_BYTES_AT_ONCE = 2**17 - 2**10

# Intersections: shingles of partners gathered at a time, 8 MiB.
_GATHER = 2**20


@dataclass(frozen=True, slots=True, eq=False)
class TextSketches:
    """What one pass over many texts gives; arrays of one length, compared by identity.

    Attributes:
        rows: MinHash row of each text; shape (n_texts, n_columns).
        digests: two values that are equal for texts of the same tokens; shape (n_texts, 2).
        n_tokens: how many tokens each text has.
        unsure: texts whose tokens the tables cannot tell for certain, or that are no UTF-8: their
            other values mean nothing. Only speed depends on which ones they are.
    """

    rows: UInt32s
    digests: UInt64s
    n_tokens: Int64s
    unsure: NDArray[np.bool_]


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


def powers(n: int) -> tuple[UInt64s, UInt64s]:
    """The powers 0 to n - 1 of the multiplier of tokens, and of its inverse modulo 2**64.

    >>> direct, inverse = powers(3)
    >>> (direct * inverse).tolist()
    [1, 1, 1]
    """
    tables = np.empty((2, n), dtype=np.uint64)
    for table_of, base in zip(tables, (int(_HORNER), pow(int(_HORNER), -1, 2**64)), strict=True):
        table_of[:1] = 1
        table_of[1:] = base
        np.multiply.accumulate(table_of, out=table_of)
    return tables[0], tables[1]


_powers = lru_cache(maxsize=1)(powers)  # of one block; a longer one is made for the occasion


def character_hashes(code_points: UInt32s) -> UInt64s:
    """A 64-bit hash of each character: the hash of the token that consists of it alone."""
    return mix64(code_points.astype(np.uint64) + np.uint64(1))


#: Fills up a sequence shorter than one window: the hash of a character that Unicode cannot have.
FILLER = character_hashes(np.array([0x110000], dtype=np.uint32))[0]


def token_hashes(code_points: UInt32s, offsets: Int64s) -> UInt64s:
    """A 64-bit hash of each token: a polynomial in its characters, mixed.

    It is c[0] + 1 + (c[1] + 1) * k + (c[2] + 1) * k**2 + ... modulo 2**64. As k is odd, it has an
    inverse, so that the tokens of a whole text need one running sum: what was added between two
    places, times a power of the inverse. A token of more than PART characters is cut into parts of
    as many, and the value so far is mixed before a part is added: polynomials of 2**10 terms and
    more agree on sequences that are easy to write (Thue-Morse), those of 2**6 do not.

    Args:
        code_points: the characters of all tokens.
        offsets: where each token begins in them; a token may be empty.

    Returns:
        One hash a token.
    """
    hashes = np.empty(len(offsets) - 1, dtype=np.uint64)
    for first, last in blocks(np.diff(offsets), _CHARACTERS_AT_ONCE):
        bounds = offsets[first : last + 1]
        values = code_points[bounds[0] : bounds[-1]].astype(np.uint64) + np.uint64(1)
        bounds = bounds - bounds[0]
        hashes[first:last] = _span_hashes(values, bounds[:-1], bounds[1:])
    return hashes


def _span_hashes(values: UInt64s, starts: Int64s, ends: Int64s) -> UInt64s:
    """The hash of each token: of the values, one more than each character, from start to end."""
    cached = len(values) <= _CHARACTERS_AT_ONCE
    direct, inverse = _powers(_CHARACTERS_AT_ONCE) if cached else powers(len(values))
    sums = np.zeros(len(values) + 1, dtype=np.uint64)
    np.cumsum(values * direct[: len(values)], out=sums[1:])
    totals = sums[ends] - sums[starts]  # exact: both wrapped around modulo 2**64
    totals *= inverse[np.minimum(starts, len(inverse) - 1)]  # an empty token may start at the end
    for number in np.flatnonzero(ends - starts > PART).tolist():
        totals[number] = _long_sum(values[starts[number] : ends[number]])
    return mix64(totals)


def _long_sum(values: UInt64s) -> int:
    """The value of a token of several parts, before it is mixed for the last time."""
    total = np.zeros(1, dtype=np.uint64)
    direct, _ = _powers(_CHARACTERS_AT_ONCE)
    for start in range(0, len(values), PART):
        part = values[start : start + PART]
        total = mix64(total) if start else total
        total += (part * direct[: len(part)]).sum(dtype=np.uint64)
    return int(total[0])


def _sums(values: UInt64s, offsets: Int64s) -> UInt64s:
    """The sum of each sequence modulo 2**64."""
    sums = np.zeros(len(values) + 1, dtype=np.uint64)
    np.cumsum(values, out=sums[1:])
    return sums[offsets[1:]] - sums[offsets[:-1]]  # exact: both wrapped around modulo 2**64


def digests(items: UInt64s, offsets: Int64s) -> UInt64s:
    """Two independent 64-bit values of each sequence, equal only if it has the same items in order.

    Unlike sequences agree in both with a chance of 2**-128. The sums are of items mixed with their
    places, once and twice, and not polynomials: those agree on sequences that are easy to write.

    Returns:
        Shape (n_sequences, 2).
    """
    places = ragged_positions(np.ones(len(offsets) - 1, dtype=np.int64), np.diff(offsets))
    once = mix64(items + places.astype(np.uint64) * _STEP)
    twice = once ^ (once >> np.uint64(32))
    twice *= _HORNER
    return np.column_stack([_sums(once, offsets), _sums(twice, offsets)])


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
    filled = np.full(int(filled_offsets[-1]), FILLER, dtype=np.uint64)
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


# --- From UTF-8 to tokens -----------------------------------------------------------------------


def sketch_texts(
    data: Bytes,
    offsets: Int64s,
    alphabet: Alphabet,
    size: int,
    multipliers: UInt32s,
    increments: UInt32s,
) -> TextSketches:
    """The MinHash row, the digest and the number of tokens of each text, in one pass.

    The same as from `tokenize`, `token_hashes`, `window_hashes`, `minhash_rows` and `digests`, for
    every text that is not returned as unsure.

    Args:
        data: the UTF-8 of all texts; lone surrogates as the three bytes that "surrogatepass" gives.
        offsets: where each text begins in it.
        alphabet: the tables.
        size: tokens in a shingle, at least 1.
        multipliers: one odd number a column.
        increments: one number a column.
    """
    n_texts = len(offsets) - 1
    sketches = TextSketches(
        rows=np.empty((n_texts, len(multipliers)), dtype=np.uint32),
        digests=np.empty((n_texts, 2), dtype=np.uint64),
        n_tokens=np.empty(n_texts, dtype=np.int64),
        unsure=np.empty(n_texts, dtype=np.bool_),
    )
    for first, last in blocks(np.diff(offsets) + 1, _BYTES_AT_ONCE):
        part = slice(first, last)
        tokens, token_offsets, sketches.unsure[part] = text_tokens(
            data, offsets[first : last + 1], alphabet
        )
        shingles = window_hashes(tokens, token_offsets, size)
        sketches.rows[part] = minhash_rows(*shingles, multipliers, increments)
        sketches.digests[part] = digests(tokens, token_offsets)
        sketches.n_tokens[part] = np.diff(token_offsets)
    return sketches


def shingle_texts(
    data: Bytes, offsets: Int64s, alphabet: Alphabet, size: int
) -> tuple[UInt64s, Int64s, NDArray[np.bool_]]:
    """The sorted unique shingles of each text, where those of each begin, and which are unsure.

    Args:
        data: the UTF-8 of all texts.
        offsets: where each text begins in it.
        alphabet: the tables.
        size: tokens in a shingle, at least 1.
    """
    hashes: list[UInt64s] = []
    n_shingles = np.zeros(len(offsets) - 1, dtype=np.int64)
    unsure = np.zeros(len(offsets) - 1, dtype=np.bool_)
    for first, last in blocks(np.diff(offsets) + 1, _BYTES_AT_ONCE):
        part = slice(first, last)
        tokens, token_offsets, unsure[part] = text_tokens(data, offsets[first : last + 1], alphabet)
        sets, set_offsets = sort_unique(*window_hashes(tokens, token_offsets, size))
        hashes.append(sets)
        n_shingles[part] = np.diff(set_offsets)
    empty = np.zeros(0, dtype=np.uint64)
    return np.concatenate([empty, *hashes]), offsets_of(n_shingles), unsure


def text_tokens(
    data: Bytes, offsets: Int64s, alphabet: Alphabet
) -> tuple[UInt64s, Int64s, NDArray[np.bool_]]:
    """The hash of each token of each text, where those of each text begin, and which are unsure.

    A long text is read in pieces that end where no token goes on.
    """
    n_texts = len(offsets) - 1
    n_tokens = np.zeros(n_texts, dtype=np.int64)
    unsure = np.zeros(n_texts, dtype=np.bool_)
    hashes: list[UInt64s] = []
    for numbers, pieces in _in_pieces(np.ascontiguousarray(data).data, offsets):
        found, counts, doubtful = _piece_tokens(pieces, alphabet)
        hashes.append(found)
        np.add.at(n_tokens, numbers, counts)
        unsure[numbers[doubtful]] = True
    return np.concatenate([np.zeros(0, dtype=np.uint64), *hashes]), offsets_of(n_tokens), unsure


def _in_pieces(data: memoryview, offsets: Int64s) -> Iterator[tuple[Int64s, list[bytes]]]:
    """Some texts, or pieces of a long one, at a time: their numbers, and their bytes."""
    bounds = offsets.tolist()
    for first, last in blocks(np.diff(offsets) + 1, _BYTES_AT_ONCE):
        if bounds[last] - bounds[first] <= _BYTES_AT_ONCE:
            texts = [bytes(data[a:b]) for a, b in pairwise(bounds[first : last + 1])]
            yield np.arange(first, last), texts
        else:  # one text alone
            for piece in _pieces(bytes(data[bounds[first] : bounds[last]])):
                yield np.array([first]), [piece]


def _lengths(pieces: list[bytes]) -> Int64s:
    return np.fromiter(map(len, pieces), np.int64, len(pieces))


def _pieces(text: bytes) -> Iterator[bytes]:
    """A text cut between words, about every _BYTES_AT_ONCE bytes."""
    start = 0
    while start < len(text):
        found = _PARTS_WORDS.search(text, start + _BYTES_AT_ONCE)
        end = found.end() if found else len(text)
        yield text[start:end]
        start = end


def _piece_tokens(
    pieces: list[bytes], alphabet: Alphabet
) -> tuple[UInt64s, Int64s, NDArray[np.bool_]]:
    """The hash of each token; of each piece, how many it has, and whether it is unsure."""
    parted = b"\n".join([b"", *pieces, b""])  # so that no token runs over the end of a piece
    if parted.isascii():
        doubtful = np.zeros(len(pieces), dtype=np.bool_)
        piece_ends = np.cumsum(_lengths(pieces) + 1)
        values = alphabet.ascii[np.frombuffer(parted, dtype=np.uint8)]
        is_word = values != 0
        edges = np.flatnonzero(is_word[1:] != is_word[:-1]) + 1
        starts = edges[::2]
        hashes = _span_hashes(values.astype(np.uint64), starts, edges[1::2])
    else:
        texts, doubtful = _decoded(pieces)
        characters, offsets, starts, places = _words("\n".join(["", *texts, ""]), alphabet)
        piece_ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1)
        doubtful[np.searchsorted(piece_ends, places)] = True
        hashes = token_hashes(characters, offsets)
    before = np.searchsorted(starts, np.concatenate(([0], piece_ends)))
    return hashes, np.diff(before), doubtful


def _decoded(pieces: list[bytes]) -> tuple[list[str], NDArray[np.bool_]]:
    """Each piece as text, and which are no UTF-8: those are empty."""
    texts = []
    malformed = np.zeros(len(pieces), dtype=np.bool_)
    for number, piece in enumerate(pieces):
        try:
            texts.append(piece.decode("utf-8", "surrogatepass"))
        except UnicodeDecodeError:
            texts.append("")
            malformed[number] = True
    return texts, malformed


def _words(text: str, alphabet: Alphabet) -> tuple[UInt32s, Int64s, Int64s, Int64s]:
    """Folded characters of words; where words begin in them and in the text; doubts.

    The last are the places of characters whose folding depends on their neighbours. The text
    begins with white space.
    """
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    entries = alphabet.entries[codes]
    classes = (entries >> np.uint32(table.CLASS_SHIFT)) & np.uint32(3)
    # What a character that extends belongs to is told by the last one before it that does not.
    cores = np.flatnonzero(classes != table.EXTENDER)
    core_classes = classes[cores]
    after_letter = np.zeros(len(cores), dtype=np.bool_)
    after_letter[1:] = core_classes[:-1] == table.LETTER
    begins = (core_classes == table.SINGLE) | ((core_classes == table.LETTER) & ~after_letter)
    starts = cores[begins]
    in_word = np.repeat(core_classes != table.OTHER, np.diff(cores, append=len(codes)))
    places = np.flatnonzero(in_word)
    words = np.searchsorted(starts, places, side="right")  # counted from 1
    entries = entries[places]
    lengths = np.ones(len(places), dtype=np.int64)
    expands = (entries & np.uint32(table.EXPANDS)) != 0
    folded = entries & np.uint32(table.CODE_POINT)
    lengths[expands] = alphabet.expansions[folded[expands]]
    doubtful = _doubtful(codes[places], entries, words, lengths > 0, alphabet)
    characters = np.repeat(folded, lengths)
    if expands.any():
        expanded = np.repeat(expands, lengths)
        inside = ragged_positions(np.ones(len(lengths), dtype=np.int64), lengths)[expanded]
        characters[expanded] = alphabet.expansions[characters[expanded] + inside]
    counts = np.bincount(np.repeat(words, lengths), minlength=len(starts) + 1)[1:]
    return characters, offsets_of(counts), starts, places[doubtful]


def _doubtful(
    codes: UInt32s, entries: UInt32s, words: Int64s, visible: NDArray[np.bool_], alphabet: Alphabet
) -> Int64s:
    """Which characters may be composed with, or change places with, one before them in the word."""
    looked_at = np.uint32(table.DOUBTFUL | table.NONSTARTER | table.IS_COMPOSED)
    if not ((entries & looked_at) != 0).any():
        return np.zeros(0, dtype=np.int64)
    shown = np.flatnonzero(visible)
    flags, codes, words = entries[shown], codes[shown], words[shown]
    nonstarter = (flags & np.uint32(table.NONSTARTER)) != 0
    previous = np.maximum(np.arange(len(shown)) - 1, 0)
    follows = words == words[previous]
    follows[:1] = False
    out_of_order = nonstarter & (alphabet.trailing[codes[previous]] > alphabet.leading[codes])
    # From the last starter on, any of the characters may be what this one is composed with.
    composes = offsets_of(((flags & np.uint32(table.COMPOSES)) != 0).astype(np.int64))
    starter = np.maximum.accumulate(np.where(nonstarter, 0, np.arange(len(shown))))[previous]
    composed = (flags & np.uint32(table.IS_COMPOSED)) != 0
    composed &= composes[np.arange(len(shown))] > composes[starter]
    doubtful = follows & (out_of_order | composed)
    doubtful |= (flags & np.uint32(table.DOUBTFUL)) != 0
    found: Int64s = shown[doubtful]
    return found
