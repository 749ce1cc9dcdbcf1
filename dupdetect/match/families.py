"""Which texts recycle each other: recycled families from pairs that are too alike.

In: pairs of texts with their resemblance, and which of them passages prove. Out: groups of rows.
Every decision of the recycled lens is made here and in `RecycledConfig`.

Average linkage (UPGMA), never connected components: a text joins a family when it resembles its
members on average, so one stray pair joins nothing. And no member without a proved pair inside the
family: weak pairs support it, they never found it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from dupdetect.config import RecycledConfig
from dupdetect.match.clusters import star_groups

Edge = tuple[int, int]
Resemblance = Callable[[NDArray[np.int64]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Group:
    """Texts that belong together.

    Attributes:
        members: rows, sorted; one row alone when nothing belongs to it.
        keeper: the row to keep if only one may stay.
        recycled: whether resemblance joined it, and not copies alone.
    """

    members: tuple[int, ...]
    keeper: int
    recycled: bool


def is_recycled(resemblance: float, n_matched_sentences: int, config: RecycledConfig) -> bool:
    """Whether one pair is recycled: alike beyond the threshold, and proved by passages.

    Args:
        resemblance: length-matched window resemblance, in [0, 1].
        n_matched_sentences: sentences of one text matched with different sentences of the other.
        config: the threshold, and the least number of passages.

    >>> is_recycled(0.25, 1, RecycledConfig(threshold=0.18, min_passages=2))
    False
    """
    return resemblance >= config.threshold and n_matched_sentences >= config.min_passages


def group_texts(
    n_texts: int,
    *,
    copies: Iterable[Edge],
    recycled: NDArray[np.int64],
    resemblance: Resemblance,
    threshold: float,
) -> list[Group]:
    """Every text in one group: stars of copies first, then recycled families of such stars.

    A star of copies stands in the recycled family by its keeper, so that ten copies of one page
    have one voice.

    Args:
        n_texts: rows to group.
        copies: directed links (a, b): a may stand for b, of which it is a copy or the whole.
        recycled: pairs of rows for which `is_recycled` holds, shape (n, 2).
        resemblance: gives the exact resemblance of any pairs of rows.
        threshold: least mean resemblance between two parts of one family.

    Returns:
        Groups by first member; a text that belongs to nothing is alone in its own.
    """
    stars = dict(star_groups(copies))
    keeper_of = {row: centre for centre, members in stars.items() for row in members}
    edges = [(keeper_of.get(i, i), keeper_of.get(j, j)) for i, j in recycled.tolist()]
    between = {(min(edge), max(edge)) for edge in edges if edge[0] != edge[1]}
    families = recycled_groups(between, resemblance, threshold)
    joined = {keeper for keepers in families for keeper in keepers}
    left = [
        (row,) for row in range(n_texts) if row not in joined and keeper_of.get(row, row) == row
    ]
    groups = [
        Group(
            members=tuple(
                sorted(row for keeper in keepers for row in stars.get(keeper, (keeper,)))
            ),
            keeper=_most_central(keepers, resemblance),
            recycled=len(keepers) > 1,
        )
        for keepers in [*families, *left]
    ]
    return sorted(groups, key=lambda group: group.members)


def _most_central(keepers: Sequence[int], resemblance: Resemblance) -> int:
    """The one that resembles the others most; the lower row between equals."""
    if len(keepers) == 1:
        return keepers[0]
    i, j, scores = _all_pairs(keepers, resemblance)
    totals = np.bincount(i, scores, len(keepers)) + np.bincount(j, scores, len(keepers))
    return keepers[int(np.argmax(np.round(totals, 9)))]


def _all_pairs(
    rows: Sequence[int], resemblance: Resemblance
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Places i < j in `rows`, and their resemblance; rounded, so that rounding breaks no tie."""
    table = np.array(rows, dtype=np.int64)
    i, j = np.triu_indices(len(table), 1)
    return i, j, np.round(resemblance(np.column_stack((table[i], table[j]))), 9)


def recycled_groups(
    proved: Collection[Edge], resemblance: Resemblance, threshold: float
) -> list[tuple[int, ...]]:
    """Families by average linkage, cut at the threshold.

    Args:
        proved: pairs of rows for which `is_recycled` holds.
        resemblance: gives the exact resemblance of any pairs of rows.
        threshold: least mean resemblance between two parts of one family.

    Returns:
        Groups of two or more rows, each sorted; largest first, then by first member.

    >>> alike = {(0, 1): 0.3, (0, 2): 0.25, (1, 2): 0.2, (2, 3): 0.2, (0, 3): 0.05, (1, 3): 0.05}
    >>> look_up = lambda pairs: np.array([alike[tuple(pair)] for pair in pairs.tolist()])
    >>> recycled_groups([(0, 1), (0, 2), (2, 3)], look_up, threshold=0.18)
    [(0, 1, 2)]
    """
    groups: list[tuple[int, ...]] = []
    # Components of proved pairs only bound the work: a pair that reaches the threshold unproved
    # founds no family, and average linkage decides within each.
    for component in _components(sorted(set(proved))):
        inside = set(component)
        edges = [edge for edge in proved if inside.issuperset(edge)]
        for group in _average_linkage(component, resemblance, threshold):
            groups.extend(_held_together(group, edges))
    return sorted(groups, key=lambda group: (-len(group), group))


def _average_linkage(
    rows: Sequence[int], resemblance: Resemblance, threshold: float
) -> list[list[int]]:
    i, j, scores = _all_pairs(rows, resemblance)
    distances = np.zeros((len(rows), len(rows)))
    distances[i, j] = distances[j, i] = 1 - scores
    tree = linkage(squareform(distances), method="average")
    # A merge exactly at the threshold counts; the margin absorbs the rounding of 1 - r.
    labels = fcluster(tree, t=1 - threshold + 1e-8, criterion="distance")
    groups: dict[int, list[int]] = defaultdict(list)
    for row, label in zip(rows, labels.tolist(), strict=True):
        groups[label].append(row)
    return [group for group in groups.values() if len(group) > 1]


def _held_together(group: Sequence[int], edges: Iterable[Edge]) -> list[tuple[int, ...]]:
    """The parts of a group that proved pairs connect: usually the group itself."""
    members = set(group)
    inside = [edge for edge in edges if members.issuperset(edge)]
    return [tuple(part) for part in _components(inside)]


def _components(edges: Iterable[Edge]) -> list[list[int]]:
    """Connected components, each sorted, in the order of their first members."""
    root: dict[int, int] = {}

    def find(row: int) -> int:
        while root.setdefault(row, row) != row:
            root[row] = root[root[row]]
            row = root[row]
        return row

    for left, right in edges:
        low, high = sorted((find(left), find(right)))
        root[high] = low
    components: dict[int, list[int]] = defaultdict(list)
    for row in sorted(root):
        components[find(row)].append(row)
    return list(components.values())
