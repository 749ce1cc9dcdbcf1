"""How many families of which size a page has, drawn as bars.

In: a Report. Out: the picture as geometry that a template draws as SVG, and what is seen in words.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dupdetect.report.views.scale import Scale, scale_for
from dupdetect.results import RELATIONS, Relation, Report

_MAX_SIZES = 8  # told apart one by one; more are put into ranges
_RANGES = (2, 3, 4, 5, 10, 20, 50, 100, 200, 500, 1000)
_ROW, _HEADING = 22, 30  # pixels
KINDS: dict[Relation, str] = {
    "exact": "Exact copies",
    "near-duplicate": "Near duplicates",
    "contained": "Contained in another",
    "recycled": "Recycled",
    "review": "For review",
}


@dataclass(frozen=True, slots=True)
class SizeRow:
    """The families of one kind and size.

    Attributes:
        y: of its upper edge, in pixels.
        label: the size, or a range of sizes, in documents.
        n_families: how many there are.
        width: of the bar, in percent.
    """

    y: int
    label: str
    n_families: int
    width: float


@dataclass(frozen=True, slots=True)
class SizeGroup:
    """The families of one kind.

    Attributes:
        relation: of them.
        name: of the kind, in words.
        y: of the heading's upper edge, in pixels.
        n_families: how many there are.
        n_documents: their members in all.
        rows: by size, ascending.
    """

    relation: Relation
    name: str
    y: int
    n_families: int
    n_documents: int
    rows: tuple[SizeRow, ...]


@dataclass(frozen=True, slots=True)
class SizesPicture:
    """How many families of which size there are.

    Attributes:
        scale: of the bars, in percent.
        height: of the drawing, in pixels.
        groups: by kind, strongest relation first.
        description: the picture in words.
    """

    scale: Scale
    height: int
    groups: tuple[SizeGroup, ...]
    description: str


def sizes(report: Report) -> SizesPicture | None:
    """The sizes of the families and groups of a report; None where it has fewer than two.

    >>> from dupdetect.results import Family
    >>> family = Family("family-1", "exact", ("a", "b"), "a", 1.0)
    >>> sizes(Report((), (), (family, family), (), {}, {})).description
    'Exact copies: 2 of 2 documents.'
    """
    groups = [*report.families, *report.reviews]
    if len(groups) < 2:
        return None
    buckets = _buckets({len(each.members) for each in groups})
    counts = Counter((each.relation, _bucket(len(each.members), buckets)) for each in groups)
    scale = scale_for(list(counts.values()), [], 100)
    made = []
    y = 0
    for relation in RELATIONS:
        starts = sorted(bucket for kind, bucket in counts if kind == relation)
        if not starts:
            continue
        top, y = y, y + _HEADING
        members = [len(each.members) for each in groups if each.relation == relation]
        rows = []
        for start in starts:
            n = counts[relation, start]
            rows.append(SizeRow(y, _bucket_words(start, buckets), n, scale.of(n)))
            y += _ROW
        name = KINDS.get(relation, relation)
        made.append(SizeGroup(relation, name, top, len(members), sum(members), tuple(rows)))
    return SizesPicture(scale, y, tuple(made), _sizes_words(made))


def _buckets(sizes: Iterable[int]) -> tuple[int, ...]:
    """Where ranges of sizes begin, ascending; empty: each size stands for itself.

    >>> _buckets([2, 3]), _buckets(range(2, 30))[:4]
    ((), (2, 3, 4, 5))
    """
    return () if len(set(sizes)) <= _MAX_SIZES else _RANGES


def _bucket(size: int, buckets: Sequence[int]) -> int:
    return max((each for each in buckets if each <= size), default=size)


def _bucket_words(start: int, buckets: Sequence[int]) -> str:
    """A size, or a range of them.

    >>> _bucket_words(5, _RANGES), _bucket_words(3, _RANGES), _bucket_words(1000, _RANGES)
    ('5 to 9', '3', '1,000 or more')
    """
    if start not in buckets:
        return f"{start:,}"
    place = bisect_right(buckets, start)
    if place == len(buckets):
        return f"{start:,} or more"
    end = buckets[place] - 1
    return f"{start:,}" if end == start else f"{start:,} to {end:,}"


def _sizes_words(groups: Iterable[SizeGroup]) -> str:
    parts = []
    for group in groups:
        rows = ", ".join(f"{row.n_families:,} of {row.label}" for row in group.rows)
        parts.append(f"{group.name}: {rows} documents.")
    return " ".join(parts)
