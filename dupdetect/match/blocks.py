"""Blocks: the parts of a large component that average linkage may hold together.

In: pairs of texts that score high, and their scores. Out: blocks of rows, small enough to be looked
at with all their pairs.

Among 100,000 texts nearly all hang together by chains of pairs; the chains end where only higher
scores count, but there members of families are lost too. Average linkage makes no chains, and it
can be had from the listed pairs alone if every other pair counts as one low score: a pair that is
not listed scored below the threshold, or shares too little to be a candidate. So this is UPGMA
(Sokal and Michener 1958) on a sparse graph, by a heap.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

# A merge exactly at the threshold counts; the margin absorbs the rounding of a mean.
_MARGIN = 1e-8


def blocks_of(
    pairs: NDArray[np.int64], scores: NDArray[np.float64], join: float, absent: float
) -> list[NDArray[np.int64]]:
    """Texts that average linkage joins, by the listed pairs.

    Cost: each pair is moved at most log2(n) times, for n texts; 150 bytes a pair.

    Args:
        pairs: rows of texts, unique, i < j, sorted; shape (n_pairs, 2).
        scores: of each pair; all above `absent`.
        join: least mean score between two parts of one block; above `absent`.
        absent: the score of a pair that is not among the pairs.

    Returns:
        The blocks of two texts or more, each ascending, by their first texts.

    >>> pairs = np.array([[0, 1], [1, 2], [2, 3]])
    >>> found = blocks_of(pairs, np.array([2.0, 0.1, 1.0]), join=0.0, absent=-1.0)
    >>> [block.tolist() for block in found]
    [[0, 1], [2, 3]]
    """
    near: dict[int, dict[int, float]] = {}
    heap = []
    for (i, j), excess in zip(pairs.tolist(), (scores - absent).tolist(), strict=True):
        near.setdefault(i, {})[j] = near.setdefault(j, {})[i] = excess
        heap.append((-excess, i, j))
    heapify(heap)
    members = {row: [row] for row in near}
    least = join - absent - _MARGIN
    while heap and -heap[0][0] >= least:
        negative, i, j = heappop(heap)
        if j not in near.get(i, ()):
            continue  # one of the two is part of another block by now
        mean = near[i][j] / (len(members[i]) * len(members[j]))
        if mean == -negative:
            _merge(i, j, near, members, heap)
        elif mean < -negative:  # one of the two has grown since
            heappush(heap, (-mean, i, j))
    found = [np.array(sorted(rows), dtype=np.int64) for rows in members.values() if len(rows) > 1]
    return sorted(found, key=lambda rows: int(rows[0]))


def _merge(
    i: int,
    j: int,
    near: dict[int, dict[int, float]],
    members: dict[int, list[int]],
    heap: list[tuple[float, int, int]],
) -> None:
    """Puts the block with fewer neighbours into the other, and lists the means that are new.

    Means with neighbours that only the other one has fall: they are seen to when they come up.
    """
    kept, gone = (i, j) if (len(near[i]), -i) >= (len(near[j]), -j) else (j, i)
    members[kept] += members.pop(gone)
    moved = near.pop(gone)
    del moved[kept], near[kept][gone]
    for other, excess in moved.items():
        del near[other][gone]
        total = near[kept].get(other, 0.0) + excess
        near[kept][other] = near[other][kept] = total
        mean = total / (len(members[kept]) * len(members[other]))
        heappush(heap, (-mean, min(kept, other), max(kept, other)))
