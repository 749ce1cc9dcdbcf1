import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.evidence import alignment
from dupdetect.evidence.alignment import (
    Run,
    common_runs,
    without_islands,
)

WORDS = st.lists(st.sampled_from("abcd"), max_size=90)


def longest_common_subsequence(left, right):
    """The slow twin: the table of Wagner and Fischer."""
    row = [0] * (len(right) + 1)
    for a in left:
        diagonal = 0
        for j, b in enumerate(right, start=1):
            diagonal, row[j] = row[j], diagonal + 1 if a == b else max(row[j], row[j - 1])
    return row[-1]


@given(WORDS, WORDS)
@settings(max_examples=200, deadline=None)
def test_runs_are_a_longest_common_subsequence_in_order(left, right):
    runs = common_runs(left, right)
    assert sum(run.n for run in runs) == longest_common_subsequence(left, right)
    a_reached = b_reached = 0
    for run in runs:
        assert left[run.a : run.a + run.n] == right[run.b : run.b + run.n]
        assert run.a >= a_reached
        assert run.b >= b_reached
        a_reached, b_reached = run.a + run.n, run.b + run.n


@given(WORDS, WORDS)
def test_no_two_runs_could_be_one(left, right):
    runs = common_runs(left, right)
    for first, second in itertools.pairwise(runs):
        assert (first.a + first.n, first.b + first.n) != (second.a, second.b)


def test_equal_lists_are_one_run():
    words = "rain fell on the town all day and rain fell on the town".split()
    assert common_runs(words, words) == [Run(0, 0, len(words))]


def test_lists_too_long_for_a_table_are_aligned_at_both_ends(monkeypatch):
    monkeypatch.setattr(alignment, "_MAX_CELLS", 8)
    left, right = list("abXcYdef"), list("abcZZdef")
    assert common_runs(left, right) == [Run(0, 0, 2), Run(5, 5, 3)]


def test_a_lone_word_far_from_the_others_is_no_run():
    far, near = Run(20, 22, 1), Run(4, 5, 1)
    assert without_islands([Run(0, 0, 3), near, far]) == [Run(0, 0, 3), near]
    assert without_islands([far]) == [far]
    assert without_islands([]) == []
