"""Stretches: where sentences of one text and of another that are alike stand close together.

In: the comparable sentences of two texts and pairs of them that are alike (seeds). Out: stretches
of both texts, best first.
Method: after Sanchez-Perez, Sidorov and Gelbukh (PAN 2014): any sentence may be alike to several;
seeds near one another in both texts are one stretch, which must be alike as a whole, or else the
gap is made smaller; of stretches that overlap the better stays. Two are near when at most `gap`
sentences lie between them in both texts, which makes stretches the connected parts of a graph: the
same from either side, in bounded time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from dupdetect.config import EvidenceConfig
from dupdetect.evidence.sentences import Sentences, Weights

# A seed is left out that is less than half as alike as the best seed of either of its sentences:
# whoever copied a sentence did not also reword it beside the copy. It lifted plagdet on every
# second pair of PAN 2013 from 0.856 to 0.863, and in each class.
_MIN_SHARE_OF_BEST = 0.5
# Of a sentence that comes many times in both texts: pairs of its places that become seeds.
_MAX_PLACE_PAIRS = 64
# A stretch is one in which most sentences are alike to some of the other side.
_MIN_DENSITY = 0.5
# One text may sum up the other: a paragraph of at least four sentences, of which four in five are
# alike to sentences of a part three times as long, those at most 24 sentences apart (the gap that
# Sanchez-Perez et al. use for summaries). Looser rules cost more on reworded passages than they
# gain on summaries (benchmarks/passages.py).
_SUMMARY_SENTENCES = 4
_SUMMARY_DENSITY = 0.8
_SUMMARY_RATIO = 3
_SUMMARY_GAP = 24
_SUMMARY_COSINE = 0.45
# A summary that is already covered to this share by stretches of its own is not one.
_SUMMARY_COVERED = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Seeds:
    """Pairs of sentences that are alike; one sentence may be in several.

    Attributes:
        a: the sentence of text a; shape (n,).
        b: the sentence of text b; shape (n,).
        cosines: how alike they are; shape (n,).
        n_left_out: pairs beyond the strongest of each sentence, or beyond the places of a
            sentence that comes many times.
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    cosines: NDArray[np.float64]
    n_left_out: int


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """A stretch of both texts, as half-open ranges of comparable sentences.

    Attributes:
        a: the sentences of text a.
        b: the sentences of text b.
        cosine: TF-IDF cosine of the two stretches, in [0, 1].
        alike: the pairs of sentences it is made of, the best first.
    """

    a: tuple[int, int]
    b: tuple[int, int]
    cosine: float
    alike: Sequence[tuple[int, int]]


def seeds_of(
    alike: Sequence[tuple[int, int, float]], left: Sentences, right: Sentences, n_left_out: int
) -> Seeds:
    """The seeds of pairs of different sentences that are alike.

    Args:
        alike: different sentences of text a and of text b, and their cosine.
        left: text a.
        right: text b.
        n_left_out: pairs that were left out before.
    """
    best = [0.0] * len(left.places), [0.0] * len(right.places)
    for u, v, cosine in alike:
        best[0][u], best[1][v] = max(best[0][u], cosine), max(best[1][v], cosine)
    pairs: list[tuple[int, int]] = []
    cosines: list[float] = []
    for u, v, cosine in alike:
        if cosine < _MIN_SHARE_OF_BEST * max(best[0][u], best[1][v]):
            continue
        a_places, b_places = left.places[u], right.places[v]
        n_pairs = len(a_places) * len(b_places)
        # In a table or a list of refrains, equal places belong together.
        in_order = n_pairs > _MAX_PLACE_PAIRS
        found = (
            list(zip(a_places, b_places, strict=False))
            if in_order
            else [(a, b) for a in a_places for b in b_places]
        )
        n_left_out += n_pairs - len(found)
        pairs += found
        cosines += [cosine] * len(found)
    places = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return Seeds(places[:, 0], places[:, 1], np.array(cosines), n_left_out)


def nearby(a: NDArray[np.int64], b: NDArray[np.int64], gaps: tuple[int, int]) -> NDArray[np.int64]:
    """Which points belong together: those with few steps between them in both directions.

    Args:
        a: place of each point in text a; shape (n,). No two points are the same.
        b: place in text b, not negative; shape (n,).
        gaps: steps that may lie between two neighbours, in text a and in text b.

    Returns:
        The number of the part that each point belongs to; shape (n,).

    >>> nearby(np.array([0, 1, 9]), np.array([5, 4, 5]), (2, 2)).tolist()
    [0, 0, 1]
    """
    if gaps[0] > gaps[1]:
        return nearby(b, a, (gaps[1], gaps[0]))
    if len(a) < 2:
        return np.zeros(len(a), dtype=np.int64)
    order = np.lexsort((b, a))
    a, b = a[order], b[order]
    width = int(b.max()) + 1
    keys = a * width + b
    points = np.arange(len(a))
    edges = []
    for step in range(gaps[0] + 2):
        # In a row of one place of text a, the nearest point on either side is enough: those
        # further off are neighbours of it, or out of reach.
        behind = np.searchsorted(keys, keys + step * width, side="right")
        for other in (behind, behind - 1) if step else (behind,):
            inside = (other >= 0) & (other < len(a))
            there = np.where(inside, other, 0)
            near = inside & (a[there] == a + step) & (np.abs(b[there] - b) <= gaps[1] + 1)
            edges.append(np.stack((points[near], there[near])))
    rows, columns = np.concatenate(edges, axis=1)
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(len(a),) * 2)
    labels = np.empty(len(a), dtype=np.int64)
    labels[order] = connected_components(graph, directed=False)[1]
    return labels


def find_stretches(
    left: Sentences, right: Sentences, seeds: Seeds, weights: Weights, config: EvidenceConfig
) -> list[Stretch]:
    """The stretches that two texts share, best first.

    Args:
        left: text a.
        right: text b.
        seeds: the sentences of both that are alike.
        weights: of both.
        config: what makes a stretch.
    """
    search = _Search(left, right, seeds, weights, config)
    return search.with_summaries(search.best(search.alike_as_a_whole()))


class _Search:
    """The steps from seeds to stretches, over the same two texts."""

    def __init__(
        self,
        left: Sentences,
        right: Sentences,
        seeds: Seeds,
        weights: Weights,
        config: EvidenceConfig,
    ) -> None:
        self._left, self._right = left, right
        self._seeds, self._weights, self._config = seeds, weights, config
        self._all = np.arange(len(seeds.a))

    def _parts(self, rows: NDArray[np.int64], gaps: tuple[int, int]) -> Iterator[NDArray[np.int64]]:
        """Seeds near one another in both texts."""
        labels = nearby(
            self._left.positions[self._seeds.a[rows]],
            self._right.positions[self._seeds.b[rows]],
            gaps,
        )
        order = np.argsort(labels, kind="stable")
        yield from np.split(rows[order], np.flatnonzero(np.diff(labels[order])) + 1)

    def _stretch(self, rows: NDArray[np.int64]) -> Stretch:
        a, b, cosines = self._seeds.a[rows], self._seeds.b[rows], self._seeds.cosines[rows]
        a_range, b_range = (int(a.min()), int(a.max()) + 1), (int(b.min()), int(b.max()) + 1)
        cosine = float(cosines[0])
        if len(rows) > 1:
            cosine = self._weights.cosine(a_range, b_range)
        # Equal cosines prefer equal places in the stretch: a refrain is aligned with itself.
        shift = np.abs((a - a_range[0]) - (b - b_range[0]))
        best_first = np.lexsort((b, a, shift, -cosines))
        alike = list(zip(a[best_first].tolist(), b[best_first].tolist(), strict=True))
        return Stretch(a_range, b_range, cosine, alike)

    def alike_as_a_whole(self) -> Iterator[Stretch]:
        """Stretches that are dense and alike enough, with a gap made smaller where they are not."""
        if not len(self._all):
            return
        gap = self._config.max_gap
        waiting = [(part, gap) for part in self._parts(self._all, (gap, gap))]
        while waiting:
            rows, gap = waiting.pop()
            stretch = self._stretch(rows)
            alike = stretch.cosine >= self._config.min_passage_cosine
            if alike and min(_densities(stretch)) >= _MIN_DENSITY:
                yield stretch
            elif gap and len(rows) > 1:
                waiting += [(part, gap - 1) for part in self._parts(rows, (gap - 1, gap - 1))]

    def _is_proof(self, stretch: Stretch) -> bool:
        """Whether a stretch is long enough, or so close that a sentence is enough."""
        if stretch.cosine >= self._config.close_cosine:
            return True
        # Texts of a few sentences: half of the shorter is enough.
        half = min(float(text.n_words_before[-1]) for text in (self._left, self._right)) / 2
        n_words = min(self._left.n_words(*stretch.a), self._right.n_words(*stretch.b))
        return n_words >= min(self._config.min_passage_tokens, half)

    def best(self, stretches: Iterator[Stretch]) -> list[Stretch]:
        """Those that prove something, best first; of those that overlap, the better.

        One that is close stays when it overlaps in one text alone: it is a second copy.
        """
        taken = (np.zeros(len(self._left), np.bool_), np.zeros(len(self._right), np.bool_))
        kept = []
        for stretch in sorted(filter(self._is_proof, stretches), key=_rank):
            overlaps = [
                bool(side[slice(*span)].any())
                for side, span in zip(taken, (stretch.a, stretch.b), strict=True)
            ]
            second_copy = stretch.cosine >= self._config.close_cosine and not all(overlaps)
            if not any(overlaps) or second_copy:
                kept.append(stretch)
                taken[0][slice(*stretch.a)] = taken[1][slice(*stretch.b)] = True
        return kept

    def with_summaries(self, stretches: list[Stretch]) -> list[Stretch]:
        """The stretches, where one text sums up the other replaced by that whole."""
        if len(self._all) < _SUMMARY_SENTENCES:
            return stretches
        gap = self._config.max_gap
        for side, gaps in enumerate(((gap, _SUMMARY_GAP), (_SUMMARY_GAP, gap))):
            parts = self._parts(self._all, gaps)
            found = [self._stretch(rows) for rows in parts if len(rows) >= _SUMMARY_SENTENCES]
            for summary in sorted((s for s in found if self._is_summary(s, side)), key=_rank):
                inside = [
                    s for s in stretches if _overlap(s.a, summary.a) and _overlap(s.b, summary.b)
                ]
                covered = _covered(_side(summary, side), [_side(each, side) for each in inside])
                if covered <= _SUMMARY_COVERED:
                    stretches = [s for s in stretches if s not in inside] + [summary]
        return sorted(stretches, key=_rank)

    def _is_summary(self, stretch: Stretch, side: int) -> bool:
        """Whether the stretch of one side sums up the other."""
        n_alike = min(len({a for a, _ in stretch.alike}), len({b for _, b in stretch.alike}))
        lengths = self._left.n_words(*stretch.a), self._right.n_words(*stretch.b)
        return (
            n_alike >= _SUMMARY_SENTENCES
            and stretch.cosine >= _SUMMARY_COSINE
            and _densities(stretch)[side] >= _SUMMARY_DENSITY
            and lengths[1 - side] >= _SUMMARY_RATIO * lengths[side]
        )


def _side(stretch: Stretch, side: int) -> tuple[int, int]:
    return stretch.b if side else stretch.a


def _covered(stretch: tuple[int, int], parts: Sequence[tuple[int, int]]) -> float:
    """The share of a stretch's sentences that lie in some others, in [0, 1]."""
    first, last = stretch
    covered = np.zeros(last - first, dtype=np.bool_)
    for start, end in parts:
        covered[max(start - first, 0) : max(end - first, 0)] = True
    return float(covered.mean())


def _densities(stretch: Stretch) -> tuple[float, float]:
    """On either side, the share of sentences that are alike to one of the other side."""
    a, b = {pair[0] for pair in stretch.alike}, {pair[1] for pair in stretch.alike}
    return len(a) / (stretch.a[1] - stretch.a[0]), len(b) / (stretch.b[1] - stretch.b[0])


def _rank(stretch: Stretch) -> tuple[float, int, tuple[int, int], tuple[int, int]]:
    """Best first: by cosine, then the longer, then the earlier."""
    length = stretch.a[1] - stretch.a[0] + stretch.b[1] - stretch.b[0]
    return -stretch.cosine, -length, stretch.a, stretch.b


def _overlap(left: tuple[int, int], right: tuple[int, int]) -> bool:
    return left[0] < right[1] and right[0] < left[1]
