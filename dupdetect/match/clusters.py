"""Copies that belong together: groups in which every member matches the keeper directly.

In: verified pairs. Out: groups. Connected components would chain: a text that matches B, which
matches C, which matches D, would stand in for D, which it does not match. Here a group is a star
(star clustering: Aslam, Pelekhov and Rus 2004): the best-connected text becomes the centre, the
texts that it may stand for join it, and the rest is taken in turn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable


def star_groups(links: Iterable[tuple[int, int]]) -> list[tuple[int, tuple[int, ...]]]:
    """Groups of texts around their best-connected members.

    Args:
        links: directed pairs of rows (a, b): a may stand for b. Near-duplicates may stand for each
            other; the whole for its part, but never the part for the whole. Of two equally
            connected texts the lower row is the centre.

    Returns:
        For each group its centre and its members, sorted, the centre included; texts that are left
        without a partner are in none.

    >>> star_groups([(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (1, 4)])
    [(1, (0, 1, 2, 4))]
    """
    stands_for: dict[int, set[int]] = defaultdict(set)
    for keeper, member in links:
        stands_for[keeper].add(member)
    groups = []
    # Degrees are those of the whole graph: one sort, and no answer that hangs on removal order.
    taken: set[int] = set()
    for centre in sorted(stands_for, key=lambda row: (-len(stands_for[row]), row)):
        if centre in taken:
            continue
        members = {centre, *stands_for[centre]} - taken
        if len(members) > 1:
            taken |= members
            groups.append((centre, tuple(sorted(members))))
    return groups
