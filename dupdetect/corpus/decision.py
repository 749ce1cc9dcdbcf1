"""The decision on every document, in order of preference, in bounded memory.

In: candidates sorted by their less preferred document, and what verifies them. Out: for each
document the row that stands for it, and the scores of the match behind that.
Method: that of `match.keep.decide`, run after run of documents. A document is kept or removed by
matches with documents that are preferred to it, so what came before is settled; and a candidate
whose preferred document is removed already can remove nobody, and is not even verified. So of ten
thousand copies of one text not every pair is verified, but about one for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dupdetect.match.bands import unpack
from dupdetect.match.keep import decide
from dupdetect.match.verify import PairScores

# Pairs in the first run of documents; each next one may have twice as many. The sooner anything is
# settled, the less is verified.
_FIRST_PAIRS = 2**12

# Pairs put in order of preference at a time: ten arrays of 2 MiB.
_PAIRS_AT_ONCE = 2**18


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """Who stands for whom, and why: arrays of one length; compared by identity.

    Attributes:
        keeper: the row that stands for each document, its own if it is kept.
        jaccard: of each document with its keeper, in [0, 1].
        containment_removed: share of its shingles that its keeper has, in [0, 1].
        containment_kept: share of its keeper's shingles that it has, in [0, 1].
    """

    keeper: NDArray[np.int64]
    jaccard: NDArray[np.float64]
    containment_removed: NDArray[np.float64]
    containment_kept: NDArray[np.float64]

    @classmethod
    def all_kept(cls, n: int) -> Decision:
        """The decision on n documents before any match is known."""
        return cls(np.arange(n), np.ones(n), np.ones(n), np.ones(n))

    def of_copies(self, original: NDArray[np.int64]) -> Decision:
        """The decision when each document goes with its original.

        Args:
            original: the row of which each document is an exact copy, its own if of none.
        """
        return Decision(
            self.keeper[original],
            self.jaccard[original],
            self.containment_removed[original],
            self.containment_kept[original],
        )


def by_preference(
    packed: NDArray[np.int64], rank: NDArray[np.int64], n_settled: int = 0
) -> NDArray[np.int64]:
    """Candidates in the order in which they are decided.

    Args:
        packed: pairs of rows, as `match.bands` packs them.
        rank: preference as a keeper, 0 the most preferred; shape (n,).
        n_settled: how many of the most preferred are kept in any case: pairs of two of them are
            left out.

    Returns:
        Pairs of ranks, the less preferred first, packed and sorted.

    >>> by_preference(np.array([1, 5]), np.array([2, 0, 1])).tolist()  # rows (0, 1) and (1, 2)
    [3, 6]
    """
    found = np.empty_like(packed)
    n_found = 0
    for start in range(0, len(packed), _PAIRS_AT_ONCE):
        ranks = rank[unpack(packed[start : start + _PAIRS_AT_ONCE], len(rank))]
        worse, better = ranks.max(axis=1), ranks.min(axis=1)
        some = (worse * len(rank) + better)[worse >= n_settled]
        found[n_found : n_found + len(some)] = some
        n_found += len(some)
    found = found[:n_found]
    found.sort()
    return found


def decide_in_order(
    candidates: Iterable[NDArray[np.int64]],
    verify: Callable[[NDArray[np.int64]], PairScores],
    rank: NDArray[np.int64],
    *,
    least: float,
    most_pairs: int,
    progress: Callable[[int], None] = lambda _: None,
) -> tuple[Decision, int]:
    """Verify what has to be verified, and decide on every document.

    The decision does not depend on how the candidates are cut.

    Args:
        candidates: of `by_preference`, ascending and unique, in chunks.
        verify: the scores of pairs of rows, shape (n_pairs, 2).
        rank: preference as a keeper; a permutation.
        least: the Jaccard from which two documents match.
        most_pairs: pairs to hold at a time, but all of one document together.
        progress: told how many candidates are behind.

    Returns:
        The decision, and how many matches remove a document: those whose preferred one is kept.
    """
    order = np.argsort(rank)
    is_kept = np.ones(len(rank), dtype=np.bool_)  # by rank, as far as it is settled
    decision = Decision.all_kept(len(rank))
    n_behind = n_matches = 0
    for packed in _by_document(candidates, len(rank), most_pairs):
        n_behind += len(packed)
        ranks = unpack(packed, len(rank))
        ranks = ranks[is_kept[ranks[:, 1]]]
        scores = verify(order[ranks])
        holds = scores.jaccard >= least
        keeper = _keepers(ranks[holds], scores.jaccard[holds])
        kept = keeper == ranks[holds]
        is_kept[ranks[holds][~kept[:, 0], 0]] = False
        n_matches += int(kept[:, 1].sum())
        behind = np.flatnonzero(holds)[keeper[:, 0] == ranks[holds][:, 1]]
        removed, by = order[ranks[behind]].T
        decision.keeper[removed] = by
        decision.jaccard[removed] = scores.jaccard[behind]
        decision.containment_removed[removed] = scores.containment_a[behind]
        decision.containment_kept[removed] = scores.containment_b[behind]
        progress(n_behind)
    return decision, n_matches


def _keepers(matches: NDArray[np.int64], jaccard: NDArray[np.float64]) -> NDArray[np.int64]:
    """The rank that stands for each document of these matches, given as ranks."""
    ranks, local = np.unique(matches, return_inverse=True)
    local = local.reshape(-1, 2)  # flat in some releases of NumPy
    nobody = np.zeros(len(ranks), dtype=np.bool_)
    found: NDArray[np.int64] = ranks[decide(local, jaccard, np.arange(len(ranks)), pinned=nobody)][
        local
    ]
    return found


def _by_document(
    chunks: Iterable[NDArray[np.int64]], n_documents: int, most_pairs: int
) -> Iterator[NDArray[np.int64]]:
    """The pairs in runs that double up to a limit; all pairs of one document are in one run."""
    wanted = min(_FIRST_PAIRS, most_pairs)
    pending = np.empty(0, dtype=np.int64)
    waiting: list[NDArray[np.int64]] = []
    for chunk in chunks:
        waiting.append(chunk)
        if len(pending) + sum(map(len, waiting)) < wanted:
            continue
        pending = np.concatenate([pending, *waiting])
        waiting = []
        # The pairs of the last document may go on in the next chunk.
        ready = int(np.searchsorted(pending, pending[-1] // n_documents * n_documents))
        done = 0
        while ready - done >= wanted:
            next_document = (pending[done + wanted - 1] // n_documents + 1) * n_documents
            end = int(np.searchsorted(pending, next_document))
            yield pending[done:end]
            done, wanted = end, min(2 * wanted, most_pairs)
        pending = pending[done:]
    pending = np.concatenate([pending, *waiting])
    if len(pending):
        yield pending
