"""What a program found in a planted corpus, held against what is there.

In: a planted corpus, a similarity threshold, and pairs of rows that a program calls
duplicates. Out: recall and precision of these pairs.

Documents with the same words in the same order are folded into the first of them, because some
programs pair up only one of each set of equal texts, and others all of them. What counts is then:

- a copy is found if it hangs together with its original by found pairs among their equals;
- a near pair is two unlike originals; it is found if any of the documents folded into them are
  paired; it is right if its exact Jaccard similarity is at least the threshold.

Documents made from unlike sources are never truly similar (random words), and every found pair is
verified exactly, so that recall and precision are exact and not estimates.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.planted import Corpus

_BIN_EDGES = (0.8, 0.85, 0.9, 0.95, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The duplicates that a corpus holds.

    Attributes:
        threshold: least Jaccard similarity of a near pair.
        near: pairs of originals that reach it; shape (n_near, 2), i < j.
        jaccard: their similarities; shape (n_near,).
        copies: documents that equal an earlier one; shape (n_copies,).
    """

    corpus: Corpus
    threshold: float
    near: NDArray[np.int64]
    jaccard: NDArray[np.float64]
    copies: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Judgement:
    """How far found pairs agree with the truth; shares are fractions, 1.0 where there is nothing.

    Attributes:
        recall: copies and near pairs found, of all there are.
        precision: found pairs that are right, of all found; copies count as right.
        exact_recall: copies found.
        near_recall: near pairs found.
        n_true: copies and near pairs there are.
        n_found: copies and near pairs found, right or not.
        recall_by_similarity: near recall from each lower edge to the next one.
    """

    recall: float
    precision: float
    exact_recall: float
    near_recall: float
    n_true: int
    n_found: int
    recall_by_similarity: dict[str, float] = field(default_factory=dict)


def truth(corpus: Corpus, threshold: float) -> Truth:
    """All copies and all near pairs of a corpus."""
    near = _folded(corpus, corpus.related_pairs())
    jaccard = corpus.jaccard(near)
    enough = jaccard >= threshold
    return Truth(
        corpus=corpus,
        threshold=threshold,
        near=near[enough],
        jaccard=jaccard[enough],
        copies=np.flatnonzero(corpus.original != np.arange(len(corpus))),
    )


def judged(true: Truth, pairs: NDArray[np.int64]) -> Judgement:
    """Recall and precision of found pairs, in any order, each once or more often.

    Args:
        true: of the same corpus.
        pairs: rows of documents, shape (n_pairs, 2).
    """
    corpus = true.corpus
    found = _folded(corpus, pairs)
    is_right = corpus.jaccard(found) >= true.threshold
    n_copies = _linked_copies(corpus, pairs)
    was_found = np.isin(_packed(corpus, true.near), _packed(corpus, found))
    n_near = int(was_found.sum())
    return Judgement(
        recall=_share(n_copies + n_near, len(true.copies) + len(true.near)),
        precision=_share(n_copies + int(is_right.sum()), n_copies + len(found)),
        exact_recall=_share(n_copies, len(true.copies)),
        near_recall=_share(n_near, len(true.near)),
        n_true=len(true.copies) + len(true.near),
        n_found=n_copies + len(found),
        recall_by_similarity=_by_similarity(true, was_found),
    )


def _folded(corpus: Corpus, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """The unlike originals of the pairs, i < j, sorted, unique."""
    folded = np.sort(corpus.original[pairs.reshape(-1, 2)], axis=1)
    packed = np.unique(_packed(corpus, folded[folded[:, 0] != folded[:, 1]]))
    return np.stack(np.divmod(packed, len(corpus)), axis=1)


def _packed(corpus: Corpus, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    return pairs[:, 0] * len(corpus) + pairs[:, 1]


def _linked_copies(corpus: Corpus, pairs: NDArray[np.int64]) -> int:
    """Copies that hang together with an equal text: each link that joins two parts is one."""
    parent: dict[int, int] = {}

    def top(row: int) -> int:
        while (above := parent.get(row, row)) != row:
            row = above
        return row

    equal = pairs.reshape(-1, 2)
    equal = equal[corpus.original[equal[:, 0]] == corpus.original[equal[:, 1]]]
    n_linked = 0
    for a, b in equal.tolist():
        high, low = top(a), top(b)
        if high != low:
            parent[max(high, low)] = min(high, low)
            n_linked += 1
    return n_linked


def _by_similarity(true: Truth, was_found: NDArray[np.bool_]) -> dict[str, float]:
    edges = [true.threshold, *(edge for edge in _BIN_EDGES if edge > true.threshold)]
    shares = {}
    for low, high in zip(edges, [*edges[1:], np.inf], strict=True):
        here = (true.jaccard >= low) & (true.jaccard < high)
        if here.any():
            shares[f"{low:g}"] = float(was_found[here].mean())
    return shares


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
