"""Signatures: MinHash rows, bit for bit those of datasketch; the only door to that package.

In: ShingleSets. Out: a row of uint32 for each document, in which two documents agree in a column
with a chance equal to their Jaccard similarity.
Method: Broder 1997; datasketch 2, scheme "affine32", whose permutations are taken from datasketch
itself. Any row can be given to `MinHashLSH` and the other indexes there, by `to_datasketch`.
"""

from __future__ import annotations

from functools import lru_cache

import datasketch
import numpy as np
from numpy.typing import NDArray

from dupdetect.errors import ConfigError
from dupdetect.sketch import kernels
from dupdetect.sketch.shingles import ShingleSets

_SCHEME = "affine32"


def sign(sets: ShingleSets, num_perm: int = 128, seed: int = 1) -> NDArray[np.uint32]:
    """The MinHash row of each document.

    Equal, bit for bit, to `datasketch.MinHash(num_perm, seed, scheme="affine32",
    hashfunc=shingle_hash32)` after an update with the 8 little-endian bytes of each shingle.

    Args:
        sets: the shingles of the documents.
        num_perm: columns; more of them estimate more sharply, with a standard error of at most
            0.5 / sqrt(num_perm). Rows of unlike num_perm have no column in common.
        seed: of the permutations, in [0, 2**32).

    Returns:
        Shape (n_documents, num_perm); a document without shingles has 2**32 - 1 throughout.

    Raises:
        ConfigError: num_perm or seed is out of range.

    >>> from dupdetect.sketch.shingles import char_shingles
    >>> rows = sign(char_shingles(["one text", "one text", "two texts"], size=3))
    >>> rows.shape, bool((rows[0] == rows[1]).all()), bool((rows[0] == rows[2]).all())
    ((3, 128), True, False)
    """
    _check(num_perm, seed)
    multipliers, increments = permutations(num_perm, seed)
    return kernels.minhash_rows(sets.hashes, sets.offsets, multipliers, increments)


def shingle_hash32(data: bytes) -> int:
    """The hash function to give to datasketch, for the 8 little-endian bytes of a shingle.

    Its low 32 bits: shingles are mixed already, so that any 32 bits of them are as good.

    >>> shingle_hash32((2**40 + 7).to_bytes(8, "little"))
    7
    """
    return int.from_bytes(data[:4], "little")


def to_datasketch(row: NDArray[np.uint32], seed: int = 1) -> datasketch.MinHash:
    """A row as datasketch's MinHash: to be queried, inserted, merged, or updated with shingles.

    Args:
        row: one row that `sign` gave.
        seed: the seed that `sign` was given.

    Raises:
        ConfigError: the seed is out of range.

    >>> from dupdetect.sketch.shingles import char_shingles
    >>> left, right = sign(char_shingles(["one text", "one test"], size=2))
    >>> to_datasketch(left).jaccard(to_datasketch(right)) == estimate_jaccard(left, right)
    True
    """
    _check(len(row), seed)
    return datasketch.MinHash(
        seed=seed,
        hashfunc=shingle_hash32,
        hashvalues=row,
        permutations=permutations(len(row), seed),
        scheme=_SCHEME,
    )


def estimate_jaccard(left: NDArray[np.uint32], right: NDArray[np.uint32]) -> float:
    """The share of columns in which two rows agree, in [0, 1]: an estimate of their Jaccard.

    A document without shingles resembles nothing, not even another one.

    Raises:
        ConfigError: the rows were made with unlike num_perm.

    >>> estimate_jaccard(np.array([1, 2, 3, 4], np.uint32), np.array([1, 2, 3, 5], np.uint32))
    0.75
    """
    if len(left) != len(right):
        raise ConfigError(
            [
                f"num_perm is {len(left)} in one row and {len(right)} in the other; "
                "sign both with one num_perm"
            ]
        )
    if any(bool((row == kernels.EMPTY_SLOT).all()) for row in (left, right)):
        return 0.0
    return float((left == right).mean())


def _check(num_perm: int, seed: int) -> None:
    faults = []
    if num_perm < 1:
        faults.append(f"num_perm is {num_perm}; allowed: a whole number of 1 or more")
    if not 0 <= seed < 2**32:
        faults.append(f"seed is {seed}; allowed: a whole number from 0 to {2**32 - 1}")
    if faults:
        raise ConfigError(faults)


@lru_cache(maxsize=16)
def permutations(num_perm: int, seed: int) -> NDArray[np.uint32]:
    """Multipliers and increments, shape (2, num_perm), as datasketch draws them; read-only."""
    drawn: NDArray[np.uint32] = datasketch.MinHash(num_perm, seed=seed, scheme=_SCHEME).permutations
    drawn.setflags(write=False)  # shared by every caller of the cache
    return drawn
