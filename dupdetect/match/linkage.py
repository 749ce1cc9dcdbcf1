"""Groups whose members are alike on average, and how strong the evidence of a group is.

In: the table of scores of some texts, all with all. Out: candidate groups, each with its evidence.

Average linkage (UPGMA), never connected components: a text joins a group when it is like its
members on average, so one stray pair joins nothing. Joining asks little, because a text is held
against several others at once; whether there is a group at all is asked of its evidence, the mean
over the upper half of its pairs. Four weak pairs among four texts are strong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import ClusterNode, linkage, to_tree
from scipy.spatial.distance import squareform

#: Groups of more members are looked into: a family may hide among many texts on its subject.
LARGE = 12
# One score scatters more than the mean of several: what a group of n pairs owes is this over n.
_PAIR_PENALTY = 0.25

# Two farms may share a trade's words: parts are two groups when the evidence of each is so much
# above the mean score between them.
_TWO_GROUPS = 1.2

Scores = NDArray[np.float64]
Accept = Callable[["Candidate"], bool]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A group that may be a family.

    Attributes:
        members: rows of the table, ascending; two or more.
        evidence: see `evidence_of`, in nats.
    """

    members: tuple[int, ...]
    evidence: float


def evidence_of(scores: Scores) -> float:
    """The evidence of a group: the mean over the upper half of its pairs, less a penalty.

    Args:
        scores: of its members, all with all; shape (n, n), n at least 2.

    >>> evidence_of(np.array([[0.0, 1.5], [1.5, 0.0]]))
    1.25
    """
    pairs = np.sort(scores[np.triu_indices(len(scores), 1)])
    return round(float(pairs[len(pairs) // 2 :].mean()) - _PAIR_PENALTY / len(pairs), 9)


def candidates(
    scores: Scores, join: float, spread: float, accept: Accept | None = None
) -> Iterator[Candidate]:
    """The groups of some texts that average linkage gives at a threshold.

    Args:
        scores: all with all, symmetrical; shape (n, n). The diagonal is not read.
        join: least mean score between two parts of one group.
        spread: a member whose mean score with the others is so much below the evidence is no
            member; the least alike goes first.
        accept: whether a group of more than LARGE members stands; else its two parts are looked at
            in its place. None: none stands, and the parts are given beside the group.
    """
    if len(scores) < 2:
        return
    nearest = float(scores[~np.eye(len(scores), dtype=bool)].max())
    distances = nearest - scores
    np.fill_diagonal(distances, 0.0)
    nodes = [to_tree(linkage(squareform(distances, checks=False), method="average"))]
    while nodes:
        node = nodes.pop()
        if node.is_leaf():
            continue
        # A merge exactly at the threshold counts; the margin absorbs the rounding of nearest - s.
        if nearest - node.dist >= join - 1e-8 and not _is_two(node, nearest, scores):
            found = _without_strays(_leaves(node), scores, spread)
            large = node.count > LARGE
            stands = large and accept is not None and accept(found)
            if accept is None or stands or not large:
                yield found
            if stands or not large:
                continue
        nodes += [part for part in (node.get_left(), node.get_right()) if part is not None]


def _is_two(node: ClusterNode, nearest: float, scores: Scores) -> bool:
    """Whether a merge put two groups together that have much more evidence each by itself."""
    parts = [part for part in (node.get_left(), node.get_right()) if part is not None]
    if any(part.count < 2 for part in parts):
        return False
    between = nearest - node.dist
    inside = (evidence_of(scores[np.ix_(rows, rows)]) for rows in map(_leaves, parts))
    return all(evidence > between + _TWO_GROUPS for evidence in inside)


def _leaves(node: ClusterNode) -> list[int]:
    # scipy's own walk: a chain of merges is deeper than Python's recursion allows.
    leaves: list[int] = node.pre_order()
    return sorted(leaves)


def _without_strays(members: list[int], scores: Scores, spread: float) -> Candidate:
    """The members that are nearly as alike as the group is; of two, both are."""
    while True:
        inside = scores[np.ix_(members, members)]
        np.fill_diagonal(inside, 0.0)
        evidence = evidence_of(inside)
        means = inside.sum(axis=1) / (len(members) - 1)
        weakest = int(np.argmin(np.round(means, 9)))
        if means[weakest] >= evidence - spread:
            return Candidate(tuple(members), evidence)
        members = [*members[:weakest], *members[weakest + 1 :]]
