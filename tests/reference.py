"""Slow and obviously right: shingles, candidates and scores by sets, loops and whole numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np

from dupdetect.sketch.kernels import offsets_of
from dupdetect.sketch.shingles import ShingleSets

_WORD = 2**64 - 1
_STEP = 0x9E3779B97F4A7C15
_HORNER = 0xD1342543DE82EF95


def mix64(value: int) -> int:
    """The finaliser of splitmix64, in whole numbers."""
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _WORD
    return value ^ (value >> 31)


def token_hash(token: str) -> int:
    """The hash of one token."""
    return code_points_hash([ord(char) for char in token])


def code_points_hash(codes: Sequence[int]) -> int:
    """A polynomial in the characters of a token, mixed after each 64 of them and at the end."""
    value = 0
    for place, code in enumerate(codes):
        if place and place % 64 == 0:
            value = mix64(value)
        value = (value + (code + 1) * pow(_HORNER, place % 64, 2**64)) & _WORD
    return mix64(value)


def digest(items: Sequence[int]) -> list[int]:
    """Two values of a sequence of item hashes."""
    once = [mix64((item + place * _STEP) & _WORD) for place, item in enumerate(items, 1)]
    twice = [(value ^ (value >> 32)) * _HORNER for value in once]
    return [sum(once) & _WORD, sum(twice) & _WORD]


def window_hash(items: Sequence[int]) -> int:
    """The hash of one window of item hashes."""
    value = 0
    for item in items:
        value = (value * _HORNER + item) & _WORD
    return mix64(value)


def windows(items: Sequence[int], size: int) -> list[int]:
    """The hashes of all windows of one sequence, in order; a short one is filled up to one."""
    if not items:
        return []
    filler = code_points_hash([0x110000])
    filled = [*items, *[filler] * (size - len(items))]
    return [window_hash(filled[at : at + size]) for at in range(len(filled) - size + 1)]


def shingles(tokens: Iterable[str], size: int) -> list[int]:
    """The sorted unique shingles of one document."""
    return sorted(set(windows([token_hash(token) for token in tokens], size)))


def shingle_sets(sets: Iterable[Iterable[int]]) -> ShingleSets:
    """Sets of numbers as ShingleSets."""
    ordered = [sorted(set(each)) for each in sets]
    return ShingleSets(
        np.array([value for each in ordered for value in each], dtype=np.uint64),
        offsets_of(np.array([len(each) for each in ordered], dtype=np.int64)),
    )


def containment(part: set[int], whole: set[int]) -> float:
    """The share of one set that another has too; 0 for an empty one."""
    return len(part & whole) / len(part) if part else 0.0


def jaccard(left: set[int], right: set[int]) -> float:
    """Shared over all; 0 for two empty sets."""
    return len(left & right) / len(left | right) if left | right else 0.0


def containing_pairs(
    sets: Sequence[set[int]], min_containment: float, min_shared: int
) -> list[list[int]]:
    """Every pair in which one set has enough of the other."""
    return [
        [i, j]
        for (i, a), (j, b) in combinations(enumerate(sets), 2)
        if len(a & b) >= min_shared and max(containment(a, b), containment(b, a)) >= min_containment
    ]


def pairs_that_share_a_band(rows: np.ndarray, bands: int, size: int) -> list[list[int]]:
    """Every pair of rows that agree in all columns of at least one band."""
    return [
        [i, j]
        for i, j in combinations(range(len(rows)), 2)
        if any(
            (rows[i, band * size : (band + 1) * size] == rows[j, band * size : (band + 1) * size])
            .all()
            .item()
            for band in range(bands)
        )
    ]
