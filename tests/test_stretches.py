import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dupdetect.evidence.stretches import nearby

POINTS = st.sets(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40).map(sorted)
GAPS = st.tuples(st.integers(0, 6), st.integers(0, 6))


def parts(points, gaps):
    """The slow twin: walk from point to point."""
    left, found = set(points), []
    while left:
        waiting = [min(left)]
        part = set()
        while waiting:
            a, b = waiting.pop()
            if (a, b) in left:
                left.remove((a, b))
                part.add((a, b))
                waiting += [
                    (c, d)
                    for c, d in left
                    if abs(c - a) <= gaps[0] + 1 and abs(d - b) <= gaps[1] + 1
                ]
        found.append(part)
    return sorted(map(sorted, found))


@given(POINTS, GAPS, st.randoms(use_true_random=False))
def test_points_near_one_another_are_together_and_no_others(points, gaps, rng):
    rng.shuffle(points)
    a, b = np.array(points, dtype=np.int64).reshape(-1, 2).T
    labels = nearby(a, b, gaps).tolist()
    grouped = {}
    for point, label in zip(points, labels, strict=True):
        grouped.setdefault(label, []).append(point)
    assert sorted(map(sorted, grouped.values())) == parts(points, gaps)


@given(POINTS, GAPS)
def test_points_are_together_from_either_side(points, gaps):
    a, b = np.array(points, dtype=np.int64).reshape(-1, 2).T
    here, there = nearby(a, b, gaps), nearby(b, a, gaps[::-1])
    assert np.array_equal(here[:, None] == here, there[:, None] == there)
