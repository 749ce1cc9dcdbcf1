"""Exact copies by digest: which texts have the same words in the same order.

In: a 128-bit digest of the words of each text, and the order of preference. Out: for each text its
original, the preferred one of those that have its words. Two texts of unlike words have one digest
with a chance of about 2**-64 (words are hashed to 64 bits each), unless somebody built them to.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def originals(
    digests: NDArray[np.uint64], n_tokens: NDArray[np.int64], rank: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The original of each text: of all with its words, the one with the lowest rank.

    A text without words is nobody's copy.

    Args:
        digests: shape (n, 2).
        n_tokens: words of each text; shape (n,).
        rank: a permutation of 0 to n - 1; shape (n,).

    Returns:
        Row numbers, shape (n,); an original has its own.

    >>> digests = np.array([[7, 7], [7, 7], [7, 8], [0, 0], [0, 0]], dtype=np.uint64)
    >>> originals(digests, np.array([3, 3, 3, 0, 0]), np.array([1, 0, 2, 3, 4])).tolist()
    [1, 1, 2, 3, 4]
    """
    found = np.arange(len(digests))
    rows = np.flatnonzero(n_tokens > 0)
    # Most texts have no copy: those whose first half is alone are done after one sort.
    rows = rows[np.argsort(digests[rows, 0], kind="stable")]
    rows = rows[_has_equal_neighbour(digests[rows, 0])]
    rows = rows[np.lexsort((rank[rows], digests[rows, 1], digests[rows, 0]))]
    if len(rows):
        is_first = np.ones(len(rows), dtype=np.bool_)
        is_first[1:] = (digests[rows[1:]] != digests[rows[:-1]]).any(axis=1)
        firsts = np.flatnonzero(is_first)
        found[rows] = np.repeat(rows[firsts], np.diff(firsts, append=len(rows)))
    return found


def _has_equal_neighbour(ordered: NDArray[np.uint64]) -> NDArray[np.bool_]:
    equal = np.zeros(len(ordered) + 1, dtype=np.bool_)
    np.equal(ordered[1:], ordered[:-1], out=equal[1:-1])
    found: NDArray[np.bool_] = equal[1:] | equal[:-1]
    return found
