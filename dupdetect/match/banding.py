"""Banding: how many bands of how many rows make a pair of a given similarity a candidate.

In: a similarity threshold and the recall asked for. Out: a Banding, with its recall at any
similarity. Method: Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, section 3.4; the
choice keeps a recall floor, because every candidate is verified: a false one costs time, a missed
pair is lost.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from dupdetect.errors import ConfigError

# Simpson's rule: against adaptive quadrature its error is below 1e-5 up to 64 rows a band, where
# the areas to choose from differ by more than 1e-4; both choose the same banding.
_N_INTERVALS = 200

# datasketch.MinHashLSH takes no fewer.
_MIN_BANDS = 2


@dataclass(frozen=True, slots=True)
class Banding:
    """The first bands * rows columns of a MinHash row, cut into bands of `rows` columns each.

    Two documents are candidates if they agree in all columns of at least one band.

    Attributes:
        bands: more: finds weaker pairs, makes more candidates.
        rows: columns in one band; more: fewer false candidates, misses weaker pairs.

    Raises:
        ConfigError: bands or rows is below 1.

    >>> round(Banding(bands=16, rows=8).expected_recall(0.8), 3)
    0.947
    """

    bands: int
    rows: int

    def __post_init__(self) -> None:
        faults = [
            f"{name} is {value!r}; allowed: a whole number of 1 or more"
            for name, value in (("bands", self.bands), ("rows", self.rows))
            if value < 1
        ]
        if faults:
            raise ConfigError(faults)

    def expected_recall(self, similarity: float) -> float:
        """Chance, in [0, 1], that a pair of this Jaccard similarity becomes a candidate."""
        return expected_recall(similarity, self.bands, self.rows)


def expected_recall(similarity: float, bands: int, rows: int) -> float:
    """Chance, in [0, 1], that banding makes a pair of this Jaccard similarity a candidate.

    It is 1 - (1 - similarity**rows) ** bands.

    Raises:
        ConfigError: similarity lies outside [0, 1], or bands or rows is below 1.

    >>> [round(expected_recall(s, bands=9, rows=13), 3) for s in (0.7, 0.8, 0.9)]
    [0.084, 0.399, 0.929]
    """
    Banding(bands, rows)  # checks both
    if not 0.0 <= similarity <= 1.0:
        raise ConfigError([f"similarity is {similarity!r}; allowed: a number from 0 to 1"])
    return _recall(similarity, bands, rows)


def choose_banding(threshold: float, recall: float = 0.98, num_perm: int = 128) -> Banding:
    """The banding with the fewest false candidates among those that keep the recall.

    Kept: bands * rows <= num_perm, and a recall at the threshold of at least `recall`. Recall only
    grows with similarity, so that it holds above the threshold too. Of these, the one with the
    least area under the recall curve below the threshold,

        integral from 0 to threshold of 1 - (1 - s**rows) ** bands ds,

    which is the mean number of false candidates if dissimilar pairs were spread evenly. For each
    number of rows that is the least number of bands that keeps the recall, so that no more columns
    are used than needed. There are at least 2 bands, as datasketch.MinHashLSH asks.

    Args:
        threshold: the Jaccard similarity that must be found, in (0, 1].
        recall: least chance to find a pair at the threshold, in (0, 1).
        num_perm: columns of a MinHash row.

    Raises:
        ConfigError: an argument is out of range, or no banding reaches the recall; the message
            names the recall that can be reached, and what to change.

    >>> choose_banding(0.8)
    Banding(bands=17, rows=7)
    >>> round(choose_banding(0.8).expected_recall(0.8), 3)
    0.982
    """
    _check(threshold, recall, num_perm)
    possible = [
        Banding(bands, rows)
        for rows in range(1, num_perm // _MIN_BANDS + 1)
        if (bands := _least_bands(threshold, recall, rows, num_perm)) is not None
    ]
    if not possible:
        raise ConfigError([_out_of_reach(threshold, recall, num_perm)])
    return min(possible, key=lambda each: _false_candidate_area(threshold, each))


def _recall(similarity: float, bands: int, rows: int) -> float:
    agree: float = similarity**rows
    # log1p and expm1: 1 - (1 - x) ** bands loses all digits for x below 1e-16.
    return 1.0 if agree == 1.0 else -math.expm1(bands * math.log1p(-agree))


def _least_bands(threshold: float, recall: float, rows: int, num_perm: int) -> int | None:
    """The least number of bands of so many rows that keeps the recall; None: there is none."""
    low, high = _MIN_BANDS, num_perm // rows
    if high < low or _recall(threshold, high, rows) < recall:
        return None
    while low < high:
        middle = (low + high) // 2
        if _recall(threshold, middle, rows) >= recall:
            high = middle
        else:
            low = middle + 1
    return low


def _false_candidate_area(threshold: float, banding: Banding) -> float:
    width = threshold / _N_INTERVALS
    heights = [_recall(place * width, banding.bands, banding.rows) for place in range(_N_INTERVALS)]
    last = _recall(threshold, banding.bands, banding.rows)
    return width / 3 * (heights[0] + 4 * sum(heights[1::2]) + 2 * sum(heights[2::2]) + last)


def _check(threshold: float, recall: float, num_perm: int) -> None:
    faults = []
    if not 0.0 < threshold <= 1.0:
        faults.append(f"threshold is {threshold!r}; allowed: a number above 0, up to 1")
    if not 0.0 < recall < 1.0:
        faults.append(f"recall is {recall!r}; allowed: a number between 0 and 1, both excluded")
    if num_perm < _MIN_BANDS:
        faults.append(f"num_perm is {num_perm!r}; allowed: a whole number of {_MIN_BANDS} or more")
    if faults:
        raise ConfigError(faults)


def _out_of_reach(threshold: float, recall: float, num_perm: int) -> str:
    """Bands of one row reach furthest; how far, and how many of them would do."""
    reachable = _recall(threshold, num_perm, 1)
    enough = math.ceil(math.log1p(-recall) / math.log1p(-threshold))
    return (
        f"num_perm is {num_perm}, and a recall of {recall:g} at the threshold {threshold:g} is out "
        f"of reach: at most {reachable:.4f}, with {num_perm} bands of one row; raise num_perm to "
        f"{enough}, lower the recall, or raise the threshold"
    )
