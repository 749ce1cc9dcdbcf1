"""Copies that belong together: groups in which every member matches the keeper directly.

In: verified pairs. Out: groups. Connected components would chain: a text that matches B, which
matches C, which matches D, would stand in for D, which it does not match. Here a group is a star
(star clustering: Aslam, Pelekhov and Rus 2004): the best-connected text becomes the centre, the
texts that match it directly join it, and the rest is taken in turn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable


def star_groups(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, tuple[int, ...]]]:
    """Groups of texts around their best-connected members.

    Args:
        pairs: verified pairs of rows; of two equally connected texts the lower row is the centre.

    Returns:
        For each group its centre and its members, sorted, the centre included; texts that are left
        without a partner are in none.

    >>> star_groups([(0, 1), (1, 2), (2, 3), (1, 4)])
    [(1, (0, 1, 2, 4))]
    """
    neighbours: dict[int, set[int]] = defaultdict(set)
    for left, right in pairs:
        neighbours[left].add(right)
        neighbours[right].add(left)
    groups = []
    # Degrees are those of the whole graph: one sort, and no answer that hangs on removal order.
    taken: set[int] = set()
    for centre in sorted(neighbours, key=lambda row: (-len(neighbours[row]), row)):
        if centre in taken:
            continue
        members = {centre, *neighbours[centre]} - taken
        if len(members) > 1:
            taken |= members
            groups.append((centre, tuple(sorted(members))))
    return groups
