"""How well families and pair scores tell recycled from honest texts: figures with their intervals.

In: families found and true ones; scores of recycled pairs and of independent ones; p-values. Out:
plain figures in [0, 1], each with the limits between which it lies in 95 of 100 repetitions.

- B-cubed (Bagga and Baldwin 1998): as in benchmarks.quality, one collection at a time.
- interval of a share: Wilson 1927. It speaks of other draws from these texts, not of other texts.
- PR-AUC: average precision, with recycled and independent pairs of equal weight in all, so that it
  does not depend on how many of each there are; 0.5 is chance.
- TPR at an FPR: share of recycled pairs at or above the lowest cut that lets through no more than
  this share of independent ones; none where a single independent pair is more than that share.
- bootstrap: documents are drawn anew with replacement, never pairs, for pairs that share a document
  are no independent witnesses. A pair counts as often as both its documents were drawn together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import agreement

Families = frozenset[frozenset[str]]
Floats = NDArray[np.float64]
# From true- and false-positive rates at every cut, (n_cuts, n_weights), to a figure of each column.
_Figure = Callable[[Floats, Floats], Floats]

# 97.5 % of a normal distribution lie below it.
_Z = 1.959963984540054
_LIMITS = (2.5, 97.5)
# Resamples weighed at once: bounds the tables of pairs by resamples.
_RESAMPLES_AT_ONCE = 25


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float


# Families


def bcubed_f1(found: Families, true: Families, ids: Sequence[str]) -> float:
    """B-cubed F1 of one collection; documents without a family are alone in one of their own.

    Args:
        found: families, none of which share a document.
        true: the same.
        ids: of all documents.

    Raises:
        ValueError: two families share a document, or one holds an unknown id.

    >>> bcubed_f1(frozenset({frozenset("ab")}), frozenset({frozenset("abc")}), "abcd")
    0.8
    """
    judged = agreement(_labels(found, ids), [str(label) for label in _labels(true, ids)])
    return 1.0 if judged is None else judged.bcubed_f1


def _labels(families: Families, ids: Sequence[str]) -> list[int]:
    """For each document, the row of the first of its family."""
    row_of = {id: row for row, id in enumerate(ids)}
    labels = list(range(len(ids)))
    seen: set[str] = set()
    for family in families:
        if not family <= row_of.keys() or family & seen:
            raise ValueError(
                f"family {sorted(family)} holds an id that is unknown or in another family too; "
                "families must part the documents"
            )
        seen |= family
        rows = [row_of[id] for id in family]
        for row in rows:
            labels[row] = min(rows)
    return labels


def share_of(good: int, of: int) -> Estimate:
    """A share of trials, with Wilson's interval.

    Args:
        good: trials that went well.
        of: trials in all, at least 1.

    >>> found = share_of(10, 10)
    >>> found.value, round(found.low, 3), found.high
    (1.0, 0.722, 1.0)
    """
    share = good / of
    middle = share + _Z**2 / (2 * of)
    spread = _Z * math.sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2))
    whole = 1 + _Z**2 / of
    low, high = (middle - spread) / whole, (middle + spread) / whole
    return Estimate(share, 0.0 if good == 0 else low, 1.0 if good == of else high)


def mean_of(values: Sequence[float]) -> Estimate:
    """A mean, with the interval of its normal distribution, held to [0, 1].

    >>> mean_of([1.0, 0.5]).value
    0.75
    """
    mean = float(np.mean(values))
    error = _Z * float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 1.0
    return Estimate(mean, max(0.0, mean - error), min(1.0, mean + error))


# Pairs


@dataclass(frozen=True, slots=True, eq=False)
class ScoredPairs:
    """Pairs of one kind, with what a method makes of them.

    Attributes:
        scores: higher for more alike; for p-values, lower; shape (n_pairs,).
        pairs: rows of their documents; shape (n_pairs, 2).
        n_documents: how many documents there are.
    """

    scores: Floats
    pairs: NDArray[np.int64]
    n_documents: int

    @classmethod
    def of_groups(cls, matrices: Iterable[Floats]) -> ScoredPairs:
        """All pairs inside each group of documents, from the matrix of each group.

        >>> found = ScoredPairs.of_groups([np.array([[1, 0.2], [0.2, 1]]), np.eye(2)])
        >>> found.scores.tolist(), found.pairs.tolist(), found.n_documents
        ([0.2, 0.0], [[0, 1], [2, 3]], 4)
        """
        scores, pairs, first = [np.empty(0)], [np.empty((0, 2), dtype=np.int64)], 0
        for matrix in matrices:
            upper = np.triu_indices(len(matrix), 1)
            scores.append(np.asarray(matrix, dtype=np.float64)[upper])
            pairs.append(np.column_stack(upper).astype(np.int64) + first)
            first += len(matrix)
        return cls(np.concatenate(scores), np.concatenate(pairs), first)

    def __len__(self) -> int:
        return len(self.scores)

    def weights(self, rng: np.random.Generator, n_resamples: int) -> Floats:
        """How often each pair counts in each bootstrap of the documents; (n_pairs, n_resamples)."""
        even = np.full(self.n_documents, 1 / self.n_documents)
        drawn = rng.multinomial(self.n_documents, even, size=n_resamples).T.astype(np.float64)
        counted: Floats = drawn[self.pairs[:, 0]] * drawn[self.pairs[:, 1]]
        return counted


def pair_figures(
    recycled: ScoredPairs,
    independent: ScoredPairs,
    rates: Sequence[float] = (0.01, 0.001),
    *,
    n_resamples: int = 200,
    seed: int = 1,
) -> dict[str, Estimate | None]:
    """PR-AUC, and the true-positive rate at each false-positive rate.

    Args:
        recycled: pairs that should score high.
        independent: pairs that should not.
        rates: false-positive rates.
        n_resamples: of the document bootstrap.
        seed: of the bootstrap.

    Returns:
        "pr_auc", and "tpr@0.01" and so on; None where there are too few independent pairs to tell.

    >>> apart = ScoredPairs.of_groups([np.full((3, 3), 0.9)]), ScoredPairs.of_groups([np.eye(3)])
    >>> found = pair_figures(*apart, rates=(0.5, 0.01), n_resamples=20)
    >>> found["pr_auc"].value, found["tpr@0.5"].value, found["tpr@0.01"]
    (1.0, 1.0, None)
    """
    curve = _Curve.of(recycled.scores, independent.scores)
    measured: dict[str, _Figure] = {"pr_auc": _average_precision}
    missing: dict[str, Estimate | None] = {}
    for rate in rates:
        if len(independent) * rate < 1:
            missing[f"tpr@{rate}"] = None
        else:
            measured[f"tpr@{rate}"] = partial(_tpr_at, rate=rate)
    values = _values(curve, measured, np.ones((len(recycled), 1)), np.ones((len(independent), 1)))
    rng = np.random.default_rng(seed)
    again: dict[str, list[Floats]] = {name: [] for name in measured}
    for first in range(0, n_resamples, _RESAMPLES_AT_ONCE):
        size = min(_RESAMPLES_AT_ONCE, n_resamples - first)
        part = _values(curve, measured, recycled.weights(rng, size), independent.weights(rng, size))
        for name in measured:
            again[name].append(part[name])
    estimates: dict[str, Estimate | None] = {}
    for name in measured:
        estimates[name] = Estimate(float(values[name][0]), *_limits(np.concatenate(again[name])))
    return estimates | missing


@dataclass(frozen=True, slots=True, eq=False)
class _Curve:
    """All pairs by falling score.

    Attributes:
        order: the pairs, recycled ones numbered before independent ones; shape (n_pairs,).
        is_recycled: of each in that order; shape (n_pairs,).
        ends: the last of each run of equal scores, which no cut can part; shape (n_cuts,).
    """

    order: NDArray[np.int64]
    is_recycled: NDArray[np.bool_]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, recycled: Floats, independent: Floats) -> _Curve:
        scores = np.concatenate([recycled, independent])
        order = np.argsort(-scores, kind="stable")
        ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
        return cls(order, order < len(recycled), ends)

    def rates(self, recycled: Floats, independent: Floats) -> tuple[Floats, Floats]:
        """True- and false-positive rates at every cut, strictest first; (n_cuts, n_weights)."""
        weights = np.concatenate([recycled, independent])[self.order]
        tpr = np.cumsum(np.where(self.is_recycled[:, None], weights, 0), axis=0)[self.ends]
        fpr = np.cumsum(np.where(self.is_recycled[:, None], 0, weights), axis=0)[self.ends]
        # A resample may hold no pair of a kind at all: such a column is not a number.
        with np.errstate(invalid="ignore"):
            return tpr / tpr[-1], fpr / fpr[-1]


def _values(
    curve: _Curve,
    measured: Mapping[str, _Figure],
    recycled: Floats,
    independent: Floats,
) -> dict[str, Floats]:
    tpr, fpr = curve.rates(recycled, independent)
    return {name: figure(tpr, fpr) for name, figure in measured.items()}


def _average_precision(tpr: Floats, fpr: Floats) -> Floats:
    """Mean precision over the recycled pairs, both kinds weighing the same; (n_weights,)."""
    with np.errstate(invalid="ignore"):
        precision = np.where(tpr + fpr > 0, tpr / (tpr + fpr), 0)
    gained = np.diff(tpr, axis=0, prepend=0)
    found: Floats = np.where(np.isnan(tpr[-1] + fpr[-1]), np.nan, (gained * precision).sum(axis=0))
    return found


def _tpr_at(tpr: Floats, fpr: Floats, rate: float) -> Floats:
    # The margin absorbs the rounding of a share such as 1 of 100.
    allowed = np.where(fpr <= rate + 1e-12, tpr, 0).max(axis=0)
    found: Floats = np.where(np.isnan(tpr[-1] + fpr[-1]), np.nan, allowed)
    return found


def observed_rates(
    p_values: ScoredPairs,
    nominal: Collection[float] = (0.5, 0.05, 0.01, 0.001),
    *,
    n_resamples: int = 200,
    seed: int = 1,
) -> dict[float, Estimate]:
    """Which share of independent pairs gets a p-value at or below each nominal rate.

    Args:
        p_values: of independent pairs, as scores.
        nominal: the rates that are promised.
        n_resamples: of the document bootstrap.
        seed: of the bootstrap.

    >>> even = ScoredPairs(np.linspace(0.01, 1, 100), np.array([[0, 1]] * 100), 2)
    >>> round(observed_rates(even, [0.05], n_resamples=20)[0.05].value, 2)
    0.05
    """
    weights = p_values.weights(np.random.default_rng(seed), n_resamples)
    found = {}
    for rate in nominal:
        below = p_values.scores <= rate
        with np.errstate(invalid="ignore"):
            again = weights[below].sum(axis=0) / weights.sum(axis=0)
        found[rate] = Estimate(float(below.mean()), *_limits(again))
    return found


def _limits(again: Floats) -> tuple[float, float]:
    """Between which the resampled figures lie; (0, 1) where no resample held a pair."""
    known = again[~np.isnan(again)]
    low, high = np.percentile(known, _LIMITS).tolist() if len(known) else (0.0, 1.0)
    return low, high
