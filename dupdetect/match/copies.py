"""The near-duplicate lens: which texts are copies, edits or parts of one another.

In: the words of each text. Out: related pairs, every one verified on all its shingles.

Two ways lead to a pair, and neither is trusted: MinHash-LSH, for pairs at or above the threshold,
and an exact join over shingles that few documents carry, for texts contained in longer ones (a
tenth of a text has a Jaccard of 0.1 with the whole, which no banding for copies proposes).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from dupdetect.config import NearDuplicateConfig
from dupdetect.match.banding import choose_banding
from dupdetect.match.candidates import lsh_pairs, shared_shingle_pairs
from dupdetect.match.verify import PairScores, verify_pairs
from dupdetect.results import Relation
from dupdetect.sketch import kernels as numpy_kernels
from dupdetect.sketch.shingles import ShingleSets
from dupdetect.sketch.signatures import sign

# A shingle in more documents is boilerplate as far as the exact join is concerned: following it
# would cost the square of its documents. What that leaves out is counted and reported.
_MAX_DOCUMENT_FREQUENCY = 100


@dataclass(frozen=True, slots=True, eq=False)
class Related:
    """Pairs that a lens found to be related.

    Attributes:
        pairs: rows (i, j), i < j, sorted; shape (n_pairs, 2).
        relations: the relation of each pair.
        scores: the score that decided: Jaccard of near-duplicates, the larger containment of a
            contained text, both in [0, 1]; of the recycled lens the score of own words, in nats;
            shape (n_pairs,).
        counts: what each stage of the lens did.
        links: directed pairs (a, b): a may stand for b, of which it is a copy or the whole.
    """

    pairs: NDArray[np.int64]
    relations: tuple[Relation, ...]
    scores: NDArray[np.float64]
    counts: dict[str, int] = field(default_factory=dict)
    links: tuple[tuple[int, int], ...] = ()

    @classmethod
    def nothing(cls) -> Related:
        """What a lens finds that is not asked."""
        return cls(np.empty((0, 2), dtype=np.int64), (), np.empty(0))

    def edges(self) -> list[tuple[int, int]]:
        """The pairs as tuples."""
        return edges_of(self.pairs)


def edges_of(pairs: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Pairs of rows, shape (n_pairs, 2), as tuples."""
    return [(i, j) for i, j in pairs.tolist()]


def exact_groups(words: Sequence[Sequence[str]]) -> list[tuple[int, ...]]:
    """Rows of texts with the same words in the same order; a text without words equals none.

    Returns:
        One group for each different text, singletons included, in the order of first members.

    >>> exact_groups([["a", "b"], [], ["a", "b"], []])
    [(0, 2), (1,), (3,)]
    """
    groups: dict[tuple[str, ...] | int, list[int]] = defaultdict(list)
    for row, text in enumerate(words):
        groups[tuple(text) or row].append(row)
    return [tuple(group) for group in groups.values()]


def find_copies(
    sets: ShingleSets,
    config: NearDuplicateConfig,
    seed: int,
    kernels: ModuleType = numpy_kernels,
) -> Related:
    """Near-duplicates and contained texts among different texts.

    Args:
        sets: word shingles of each text; exact copies folded before.
        config: thresholds.
        seed: of the MinHash permutations.
        kernels: the module that does the work; it changes nothing but the time.

    Returns:
        The pairs; counts of what was verified and what held, of shingles in too many documents to
        be followed by the exact join ("hot"), and of documents that consist of such shingles to
        the point where a pair could be missed.
    """
    banding = choose_banding(config.threshold, config.recall, config.num_perm)
    similar = lsh_pairs(sign(sets, config.num_perm, seed), banding, nonempty=sets.sizes > 0)
    # A pair at Jaccard t shares at least 2t / (1 + t) of its smaller text's shingles, so the join
    # finds near-duplicates too, whatever the sketches missed.
    least_containment = min(config.containment, 2 * config.threshold / (1 + config.threshold))
    joined = shared_shingle_pairs(
        sets,
        min_containment=least_containment,
        min_shared=1,
        max_document_frequency=_MAX_DOCUMENT_FREQUENCY,
    )
    candidates = np.unique(np.concatenate((similar, joined.pairs)), axis=0)
    scores = verify_pairs(candidates, sets, kernels)
    relations = copy_relations(scores, config)
    related = [row for row, relation in enumerate(relations) if relation != "distinct"]
    near = np.array([relation == "near-duplicate" for relation in relations], dtype=np.bool_)
    deciding = np.where(near, scores.jaccard, scores.containment)
    return Related(
        pairs=candidates[related],
        relations=tuple(relations[row] for row in related),
        scores=deciding[related],
        counts={
            "near_candidates": len(candidates),
            "near_verified": len(related),
            "hot_shingles": joined.n_hot_shingles,
            "documents_of_hot_shingles": joined.n_uncovered_documents,
        },
        links=tuple(_links(candidates[related], near[related], scores.a_is_part[related])),
    )


def _links(
    pairs: NDArray[np.int64], near: NDArray[np.bool_], a_is_part: NDArray[np.bool_]
) -> Iterator[tuple[int, int]]:
    """Near-duplicates may stand for each other, the whole for its part."""
    for (i, j), is_near, i_is_part in zip(
        pairs.tolist(), near.tolist(), a_is_part.tolist(), strict=True
    ):
        if is_near or not i_is_part:
            yield i, j
        if is_near or i_is_part:
            yield j, i


def copy_relations(scores: PairScores, config: NearDuplicateConfig) -> list[Relation]:
    """The relation of each verified pair: "near-duplicate", "contained" or "distinct"."""
    near = scores.jaccard >= config.threshold
    contained = scores.containment >= config.containment
    contained &= scores.shared >= config.min_shared_shingles
    names: list[Relation] = ["distinct", "contained", "near-duplicate"]
    return [names[kind] for kind in np.where(near, 2, contained).tolist()]
