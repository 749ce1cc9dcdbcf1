"""What the texts of a collection score with one another: a histogram over the null, a heat map.

In: what the recycled lens found, on rows. Out: how many pairs score how much, beside what as many
pairs of honest texts would; and the scores of few texts, all with all, those alike side by side.
Nothing is decided here: the pictures show what the decisions were made on.

Only pairs on one subject are put in bins, because the null is of such pairs. Where a collection is
too large for all its pairs to be scored, they are those among the candidates that were.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from dupdetect.match.families import SUBJECT_CLOSENESS, RecycledFamily
from dupdetect.match.null import Null, score_table
from dupdetect.match.overlap import overlaps, scores_on_subject
from dupdetect.match.recycled import Recycled
from dupdetect.results import ScoreHistogram

#: Bins of 0.2 nats. Of 22,122 pairs on one subject among 5,000 public texts all lie from -1.8 to
#: 2.6, those of recycled families included.
EDGES = tuple(round(-2.0 + 0.2 * place, 1) for place in range(27))
#: Texts in a heat map: more make cells that nobody can tell apart on a page.
MAX_HEAT = 48

# Scores at which a threshold is looked for, in ten-thousandths of a nat. None is higher than
# ln((1 + 0.005) / 0.005) = 5.3: two texts all of whose tokens are shared, where none are expected.
_PLACES = 10_000
_LOOKED_AT = range(-10 * _PLACES, 6 * _PLACES + 1)
# Pairs whose overlap is measured together: each holds 20 numbers.
_AT_ONCE = 2**18
_DECIMALS = 6

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Heat:
    """The scores of some texts, those that are alike beside one another.

    Attributes:
        rows: the texts, in the order of the leaves of their dendrogram.
        scores: scores[i][j] is that of rows[i] with rows[j], in nats, for j < i.
    """

    rows: tuple[int, ...]
    scores: tuple[tuple[float, ...], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Distribution:
    """What the texts of a collection score with one another.

    Attributes:
        histogram: of pairs on one subject; n_pairs and n_other_pairs together are all pairs of the
            texts that were compared. None: no score there can be is as rare in the null as the
            level asks.
        heat: of the texts in families and reviews first, MAX_HEAT of them at most.
    """

    histogram: ScoreHistogram | None
    heat: Heat


def distribution(recycled: Recycled, level: float) -> Distribution | None:
    """What the texts that the recycled lens compared score with one another.

    Cost: two sparse products of the upper half of the table; 2 to 3% of a run of 1,328 and of 5,000
    texts. Memory is that of `overlap.score_blocks`.

    Args:
        recycled: what the lens found.
        level: the p-value that the threshold stands for.

    Returns:
        None where fewer than two texts were compared.
    """
    if len(recycled.rows) < 2:
        return None
    threshold = threshold_of(recycled.null, level)
    tally = _tally(recycled, np.inf if threshold is None else threshold)
    heat = _heat(_shown(recycled, tally.highest), recycled)
    if threshold is None:
        return Distribution(None, heat)
    n_pairs, n_texts = int(tally.counts.sum()), len(recycled.rows)
    histogram = ScoreHistogram(
        edges=EDGES,
        counts=tuple(tally.counts.tolist()),
        recycled=tuple(tally.recycled.tolist()),
        expected=tuple(n_pairs * share for share in expected_shares(recycled.null)),
        n_pairs=n_pairs,
        n_other_pairs=n_texts * (n_texts - 1) // 2 - n_pairs,
        level=level,
        threshold=threshold,
        n_above=tally.n_above,
        expected_above=level * n_pairs,
    )
    return Distribution(histogram, heat)


def binned(scores: Scores) -> NDArray[np.int64]:
    """How many scores are in each bin; those beyond the bins are in the first or the last.

    >>> binned(np.array([-7.0, -1.8, 0.19, 0.2, 9.9]))[[0, 1, 10, 11, -1]].tolist()
    [1, 1, 1, 1, 1]
    """
    bins = np.searchsorted(EDGES[1:-1], scores, side="right")
    return np.bincount(bins, minlength=len(EDGES) - 1)


def threshold_of(null: Null, level: float) -> float | None:
    """The lowest score with this p-value or less, to four decimals; None: no score has.

    It is -10 at the least, below which no two texts score.

    >>> from dupdetect.match.null import shipped
    >>> threshold_of(shipped(), 0.05), shipped().pair_p(0.6255) <= 0.05 < shipped().pair_p(0.6254)
    (0.6255, True)
    """
    place = bisect_left(_LOOKED_AT, True, key=lambda each: null.pair_p(each / _PLACES) <= level)
    return _LOOKED_AT[place] / _PLACES if place < len(_LOOKED_AT) else None


def expected_shares(null: Null) -> tuple[float, ...]:
    """The share of honest pairs on one subject in each bin.

    The first bin has all below it, and the last all above. Below its first quantile a null says
    only that all pairs are above: what lies there, a tenth, is in no bin.

    >>> from dupdetect.match.null import shipped
    >>> shares = expected_shares(shipped())
    >>> round(sum(shares), 9), [round(share, 3) for share in shares[4:8]]
    (0.9, [0.0, 0.011, 0.118, 0.179])
    """
    reached = _reached(null)
    at_least = [reached, *(min(null.pair_p(edge), reached) for edge in EDGES[1:-1]), 0.0]
    return tuple(lower - upper for lower, upper in pairwise(at_least))


def _reached(null: Null) -> float:
    """The largest p-value below 1."""
    lowest = threshold_of(null, float(np.nextafter(1.0, 0.0)))
    return 0.0 if lowest is None else null.pair_p(lowest)


@dataclass(frozen=True, slots=True, eq=False)
class _Tally:
    """What was counted of the pairs on one subject.

    Attributes:
        counts: pairs in each bin.
        recycled: of these, pairs inside one decided family.
        n_above: pairs at or above the threshold.
        highest: of each text the highest score; -inf where none is on its subject.
    """

    counts: NDArray[np.int64]
    recycled: NDArray[np.int64]
    n_above: int
    highest: Scores


def _tally(recycled: Recycled, threshold: float) -> _Tally:
    family_of = _families_by_row(recycled)
    counts, in_families = np.zeros((2, len(EDGES) - 1), dtype=np.int64)
    n_above = 0
    highest = np.full(len(family_of), -np.inf)
    for pairs, scores in _scored_pairs(recycled):
        left, right = family_of[pairs].T
        counts += binned(scores)
        in_families += binned(scores[(left == right) & (left >= 0)])
        n_above += int((scores >= threshold).sum())
        for ends in pairs.T:
            np.maximum.at(highest, ends, scores)
    return _Tally(counts, in_families, n_above, highest)


def _families_by_row(recycled: Recycled) -> NDArray[np.int64]:
    """The decided family of each text; -1: none."""
    found = np.full(len(recycled.not_judged), -1, dtype=np.int64)
    for number, family in enumerate(recycled.decided):
        found[list(family.members)] = number
    return found


def _scored_pairs(recycled: Recycled) -> Iterator[tuple[NDArray[np.int64], Scores]]:
    """The pairs on one subject that were scored, and their scores, in blocks of bounded size."""
    wording, rate = recycled.wording, recycled.null.expected_rate
    if recycled.candidates is None:
        yield from scores_on_subject(wording, recycled.rows, SUBJECT_CLOSENESS, rate)
        return
    for first in range(0, len(recycled.candidates), _AT_ONCE):
        pairs = recycled.candidates[first : first + _AT_ONCE]
        found = overlaps(pairs, wording, rate)
        near = found.closeness >= SUBJECT_CLOSENESS
        yield pairs[near], found.scores[near]


def _shown(recycled: Recycled, highest: Scores) -> NDArray[np.int64]:
    """The texts that a heat map shows, ascending.

    Those of decided families come first, then of reviews, the larger before the smaller, then the
    others by the highest score with a text on their subject.
    """
    others = recycled.rows[np.lexsort((recycled.rows, -highest[recycled.rows]))]
    grouped = [
        row
        for families in (recycled.decided, recycled.reviews)
        for family in _largest_first(families)
        for row in family.members
    ]
    chosen = list(dict.fromkeys([*grouped, *others.tolist()]))[:MAX_HEAT]
    return np.array(sorted(chosen), dtype=np.int64)


def _largest_first(families: Sequence[RecycledFamily]) -> list[RecycledFamily]:
    return sorted(families, key=lambda family: (-len(family.members), family.members))


def _heat(rows: NDArray[np.int64], recycled: Recycled) -> Heat:
    """The texts by average linkage, the leaves so turned that neighbours are alike."""
    table = score_table(rows, recycled.wording, recycled.null.expected_rate)
    alike = squareform(table, checks=False)
    tree = linkage(alike.max() - alike, method="average", optimal_ordering=True)
    leaves = leaves_list(tree)
    # Both directions are as good: the end with the better keeper comes first.
    order = leaves if leaves[0] < leaves[-1] else leaves[::-1]
    ordered = np.round(table[np.ix_(order, order)], _DECIMALS).tolist()
    return Heat(
        rows=tuple(rows[order].tolist()),
        scores=tuple(tuple(scores[:place]) for place, scores in enumerate(ordered)),
    )
