"""The measure of the PAN text alignment task: recall, precision, granularity and plagdet.

In: the passages that are there and those that were detected. Out: a Score.
Method: Potthast, Stein, Barrón-Cedeño and Rosso 2010, "An Evaluation Framework for Plagiarism
Detection", as the task's own script counts: characters of both sides are counted alike, and a
detection counts for a passage only where they overlap in both texts. Macro: the mean of each
passage's recall, and of each detection's precision; passages of a thousand characters weigh no more
than those of a hundred. Micro: characters over characters. Published figures are macro.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Case:
    """One passage, planted or detected: half-open stretches of code points in two texts.

    Attributes:
        a: name of the first text.
        a_span: where in it.
        b: name of the second.
        b_span: where in it.
    """

    a: str
    a_span: Span
    b: str
    b_span: Span

    @property
    def n_characters(self) -> int:
        """Characters of both sides."""
        return self.a_span[1] - self.a_span[0] + self.b_span[1] - self.b_span[0]

    def overlaps(self, other: Case) -> bool:
        """Whether two passages of the same two texts overlap in both of them."""
        return (
            (self.a, self.b) == (other.a, other.b)
            and _shared(self.a_span, other.a_span) is not None
            and _shared(self.b_span, other.b_span) is not None
        )


@dataclass(frozen=True, slots=True)
class Score:
    """How well the detections agree with the cases.

    Attributes:
        recall: share of the cases' characters that were detected, in [0, 1].
        precision: share of the detections' characters that are in cases, in [0, 1].
        granularity: detections for each case that was detected at all; at least 1.
    """

    recall: float
    precision: float
    granularity: float

    @property
    def plagdet(self) -> float:
        """F1 of recall and precision over log2(1 + granularity), in [0, 1].

        >>> round(Score(0.5, 1.0, 1.0).plagdet, 3), round(Score(1.0, 1.0, 2.0).plagdet, 3)
        (0.667, 0.631)
        """
        total = self.recall + self.precision
        f1 = 2 * self.recall * self.precision / total if total else 0.0
        return f1 / math.log2(1 + self.granularity)


def macro(cases: Sequence[Case], detections: Sequence[Case]) -> Score:
    """The official score: each case and each detection weighs the same.

    >>> there = [Case("a", (0, 100), "b", (0, 100))]
    >>> macro(there, [Case("a", (50, 100), "b", (0, 100))])
    Score(recall=0.75, precision=1.0, granularity=1.0)
    """
    met, met_by = _meetings(cases, detections), _meetings(detections, cases)
    return Score(
        _mean_share(cases, met, len(detections)),
        _mean_share(detections, met_by, len(cases)),
        _granularity(met),
    )


def micro(cases: Sequence[Case], detections: Sequence[Case]) -> Score:
    """The score by characters: long cases and long detections weigh more."""
    met = _meetings(cases, detections)
    granularity = _granularity(met)
    if not cases or not detections:
        nothing = float(not cases and not detections)
        return Score(nothing, nothing, granularity)
    found = _n_characters(
        Case(
            case.a,
            _shared(case.a_span, other.a_span) or (0, 0),
            case.b,
            _shared(case.b_span, other.b_span) or (0, 0),
        )
        for case, others in zip(cases, met, strict=True)
        for other in others
    )
    return Score(found / _n_characters(cases), found / _n_characters(detections), granularity)


def _meetings(cases: Sequence[Case], others: Sequence[Case]) -> list[list[Case]]:
    """For each case, the others that overlap with it."""
    of_texts: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for other in others:
        of_texts[other.a, other.b].append(other)
    return [[o for o in of_texts.get((c.a, c.b), []) if c.overlaps(o)] for c in cases]


def _mean_share(cases: Sequence[Case], met: Sequence[Sequence[Case]], n_others: int) -> float:
    if not cases:
        return float(n_others == 0)
    return sum(_share(case, others) for case, others in zip(cases, met, strict=True)) / len(cases)


def _share(case: Case, others: Sequence[Case]) -> float:
    """The share of a case's characters that others cover, over both sides."""
    a = _length(filter(None, (_shared(case.a_span, other.a_span) for other in others)))
    b = _length(filter(None, (_shared(case.b_span, other.b_span) for other in others)))
    return (a + b) / case.n_characters


def _granularity(met: Sequence[Sequence[Case]]) -> float:
    counts = [len(others) for others in met if others]
    return sum(counts) / len(counts) if counts else 1.0


def _n_characters(cases: Iterable[Case]) -> int:
    """Characters of all texts that some case covers, each counted once a text and side."""
    spans: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for case in cases:
        spans["a", case.a].append(case.a_span)
        spans["b", case.b].append(case.b_span)
    return sum(map(_length, spans.values()))


def _shared(left: Span, right: Span) -> Span | None:
    start, end = max(left[0], right[0]), min(left[1], right[1])
    return (start, end) if start < end else None


def _length(spans: Iterable[Span]) -> int:
    """Length of the union."""
    total = reached = 0
    for start, end in sorted(spans):
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total
