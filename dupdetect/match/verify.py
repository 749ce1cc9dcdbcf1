"""Verification: candidates compared exactly, on all their shingles.

In: pairs of row numbers, and the shingle sets they point into. Out: PairScores, aligned with them.
Method: resemblance and containment, Broder 1997. Nothing is estimated here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dupdetect.sketch import kernels as numpy_kernels
from dupdetect.sketch.shingles import ShingleSets


@dataclass(frozen=True, slots=True, eq=False)
class PairScores:
    """What two documents share, for many pairs: arrays of one length; compared by identity.

    Attributes:
        shared: shingles that both have.
        jaccard: shared over all shingles of the two, in [0, 1].
        containment_a: share of the first document's shingles that the second has, in [0, 1].
        containment_b: share of the second document's shingles that the first has, in [0, 1].
    """

    shared: NDArray[np.int64]
    jaccard: NDArray[np.float64]
    containment_a: NDArray[np.float64]
    containment_b: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.shared)

    @classmethod
    def concatenate(cls, parts: Sequence[PairScores]) -> PairScores:
        """The scores of several lists of pairs, one list after another; at least one."""
        return cls(
            np.concatenate([part.shared for part in parts]),
            np.concatenate([part.jaccard for part in parts]),
            np.concatenate([part.containment_a for part in parts]),
            np.concatenate([part.containment_b for part in parts]),
        )

    @property
    def containment(self) -> NDArray[np.float64]:
        """The larger of the two containments, in [0, 1]."""
        return np.maximum(self.containment_a, self.containment_b)

    @property
    def a_is_part(self) -> NDArray[np.bool_]:
        """Whether the first document is rather a part of the second than the reverse."""
        return self.containment_a > self.containment_b


class Kernels(Protocol):
    """What a module of kernels has for verification."""

    def intersection_sizes(
        self,
        hashes: NDArray[np.uint64],
        offsets: NDArray[np.int64],
        left: NDArray[np.int64],
        right: NDArray[np.int64],
    ) -> NDArray[np.int64]:
        """See `kernels.intersection_sizes`."""


def verify_pairs(
    pairs: NDArray[np.int64], sets: ShingleSets, kernels: Kernels = numpy_kernels
) -> PairScores:
    """The exact scores of each pair; a document without shingles scores 0 with every other.

    Args:
        pairs: row numbers, shape (n_pairs, 2), in any order.
        sets: the shingles of the documents.
        kernels: the module that counts what they share; it changes nothing but the time.

    >>> from dupdetect.sketch.shingles import word_shingles
    >>> sets = word_shingles(["a b c d".split(), "b c d".split()], size=2)
    >>> scores = verify_pairs(np.array([[0, 1]]), sets)
    >>> [round(each.item(), 2) for each in (scores.jaccard, scores.containment_a)]
    [0.67, 0.67]
    >>> scores.shared.item(), scores.containment_b.item()
    (2, 1.0)
    """
    left, right = pairs[:, 0], pairs[:, 1]
    shared = kernels.intersection_sizes(sets.hashes, sets.offsets, left, right)
    sizes_a, sizes_b = sets.sizes[left], sets.sizes[right]
    return PairScores(
        shared=shared,
        jaccard=_share(shared, sizes_a + sizes_b - shared),
        containment_a=_share(shared, sizes_a),
        containment_b=_share(shared, sizes_b),
    )


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    return part / np.maximum(whole, 1)  # nothing of nothing is 0
