"""Coverage: how much of each member of a family is recycled, and from which other members.

In: the members of one family, and the spans that two of them share. Out: for each member its
recycled share and its covering set.

A covering set is found greedily: the member that has most of the recycled tokens not yet covered is
taken next, until 90% are covered (Fetterly, Manasse, Najork 2005, who so showed that half of the
pages of a spam site are patched together from others). The smallest set is NP-hard to find; the
greedy one is at most 1 + ln n times as large, for n recycled tokens (Slavík 1997).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dupdetect.results import Cover, Coverage
from dupdetect.text.prepare import PreparedText

#: What of the recycled tokens a covering set covers, in percent.
COVERED_PERCENT = 90


def family_coverage(
    texts: Sequence[PreparedText],
    rows: Sequence[int],
    spans: Callable[[int, int], Iterable[tuple[int, int]]],
    max_partners: int,
    partners: Mapping[int, Sequence[int]] | None = None,
) -> tuple[Coverage, ...]:
    """The recycled share and the covering set of each member, by id.

    Args:
        texts: texts, of which the members are some.
        rows: the rows of the members in `texts`, in any order.
        spans: spans(a, b) gives what row a shares with row b: half-open spans of code points of
            text a as read, in any order; they may overlap.
        max_partners: how many others each member is compared with; at least 1. The rest is counted.
        partners: the others of each member, those to compare with first; without it, by id.

    >>> from dupdetect.results import Document
    >>> from dupdetect.text.prepare import prepare
    >>> texts = [prepare(Document(id, "One two. Three four. Five.")) for id in "abc"]
    >>> shared = {(0, 1): [(0, 8)], (0, 2): [(0, 20)]}
    >>> family_coverage(texts, [0, 1, 2], lambda a, b: shared.get((a, b), []), 20)[0]
    Coverage(id='a', recycled_share=0.8, cover=(Cover(id='c', share=1.0),), n_not_compared=0)
    """
    ordered = sorted(rows, key=lambda row: texts[row].document.id)
    found = []
    for row in ordered:
        by_id = [other for other in ordered if other != row]
        others = by_id if partners is None else partners[row]
        compared = sorted(others[:max_partners], key=lambda other: texts[other].document.id)
        n_native = int((~texts[row].tokens.foreign).sum())
        covered = np.zeros((len(compared), n_native), dtype=np.bool_)
        for number, other in enumerate(compared):
            covered[number] = _covered_tokens(texts[row], spans(row, other))
        found.append(
            _coverage(
                texts[row].document.id,
                covered,
                [texts[other].document.id for other in compared],
                n_not_compared=len(ordered) - 1 - len(compared),
            )
        )
    return tuple(found)


def _covered_tokens(text: PreparedText, spans: Iterable[tuple[int, int]]) -> NDArray[np.bool_]:
    """Which tokens lie inside the spans, foreign-script runs left out; shape (n_native,)."""
    covered = np.zeros(len(text.tokens), dtype=np.bool_)
    for start, end in spans:
        first = np.searchsorted(text.spans[:, 0], start, side="left")
        last = np.searchsorted(text.spans[:, 1], end, side="right")
        covered[first:last] = True
    return covered[~text.tokens.foreign]


def _coverage(
    id: str, covered: NDArray[np.bool_], ids: Sequence[str], n_not_compared: int
) -> Coverage:
    """One member's coverage.

    Args:
        id: the member.
        covered: which of its tokens each other member has; shape (n_others, n_native).
        ids: ids of the others, sorted.
        n_not_compared: members beyond them.
    """
    n_recycled = int(covered.any(axis=0).sum())
    return Coverage(
        id=id,
        recycled_share=n_recycled / covered.shape[1] if n_recycled else 0.0,
        cover=tuple(
            Cover(ids[other], n_covered / n_recycled) for other, n_covered in covering_set(covered)
        ),
        n_not_compared=n_not_compared,
    )


def covering_set(covered: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """A small set of rows that covers COVERED_PERCENT of the columns that any row covers.

    Of rows that add as many columns, the first is taken.

    Args:
        covered: which columns each row covers; shape (n_rows, n_columns).

    Returns:
        The rows as they were taken, each with the number of columns covered by then.

    >>> covering_set(np.array([[1, 1, 0, 0], [0, 1, 1, 1], [1, 0, 0, 0]], dtype=bool))
    [(1, 3), (0, 4)]
    """
    if not covered.any():
        return []
    left = covered[:, covered.any(axis=0)]
    n_columns = n_left = left.shape[1]
    taken = []
    while 100 * (n_columns - n_left) < COVERED_PERCENT * n_columns:
        best = int(left.sum(axis=1).argmax())
        left = left[:, ~left[best]]
        n_left = left.shape[1]
        taken.append((best, n_columns - n_left))
    return taken
