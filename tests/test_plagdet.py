import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.plagdet import Case, Score, macro, micro


@st.composite
def cases(draw):
    def span():
        start = draw(st.integers(0, 20))
        return start, start + draw(st.integers(1, 12))

    name = st.sampled_from("xy")
    return [Case(draw(name), span(), draw(name), span()) for _ in range(draw(st.integers(0, 5)))]


def characters(case):
    """The slow twin of spans: a set with each character of both sides."""
    a = {("a", case.a, place) for place in range(*case.a_span)}
    return a, {("b", case.b, place) for place in range(*case.b_span)}


def meet(case, other):
    (a, b), (c, d) = characters(case), characters(other)
    return (case.a, case.b) == (other.a, other.b) and bool(a & c) and bool(b & d)


def covered(case, others):
    own = set().union(*characters(case))
    return own & set().union(*(part for o in others if meet(case, o) for part in characters(o)))


def mean_share(some, others):
    if not some:
        return float(not others)
    return sum(
        len(covered(case, others)) / len(set().union(*characters(case))) for case in some
    ) / len(some)


def micro_shares(there, found):
    if not there or not found:
        return (float(not there and not found),) * 2
    right = set()
    for case in there:
        for other in found:
            if meet(case, other):
                (a, b), (c, d) = characters(case), characters(other)
                right |= (a & c) | (b & d)

    def size(some):
        return len(set().union(*(part for case in some for part in characters(case))))

    return len(right) / size(there), len(right) / size(found)


@given(cases(), cases())
def test_the_measure_agrees_with_sets_of_characters(there, found):
    counts = [sum(meet(case, other) for other in found) for case in there]
    detected = [count for count in counts if count]
    granularity = sum(detected) / len(detected) if detected else 1.0
    score = macro(there, found)
    assert score.recall == pytest.approx(mean_share(there, found))
    assert score.precision == pytest.approx(mean_share(found, there))
    assert score.granularity == micro(there, found).granularity == pytest.approx(granularity)
    shares = micro_shares(there, found)
    assert (micro(there, found).recall, micro(there, found).precision) == pytest.approx(shares)


@given(cases())
def test_what_was_planted_has_full_recall_and_precision(there):
    for measure in (macro, micro):
        score = measure(there, there)
        assert (score.recall, score.precision) == (1.0, 1.0)


# Two passages. The first is found in two parts, of which the second reaches 20 characters too far
# in b; the other is missed; and there is one false alarm. Macro: recall (160/160 + 0/40) / 2,
# precision (80/80 + 80/100 + 0/20) / 3, two detections for the one that was found. Micro: of
# 160 + 40 characters 160 are found, and of 80 + 100 + 20 detected ones 160 are right.
THERE = [Case("s", (0, 80), "t", (100, 180)), Case("s", (200, 220), "t", (0, 20))]
FOUND = [
    Case("s", (0, 40), "t", (100, 140)),
    Case("s", (40, 80), "t", (140, 200)),
    Case("s", (300, 310), "t", (300, 310)),
]


def test_the_score_worked_out_by_hand():
    assert macro(THERE, FOUND) == Score(0.5, pytest.approx(1.8 / 3), 2.0)
    assert micro(THERE, FOUND) == Score(160 / 200, 160 / 200, 2.0)
    assert macro(THERE, FOUND).plagdet == pytest.approx((2 * 0.5 * 0.6 / 1.1) / 1.5849625007211562)


def test_passages_that_meet_in_one_text_alone_are_not_found():
    there, found = Case("s", (0, 10), "t", (0, 10)), Case("s", (0, 10), "t", (10, 20))
    assert macro([there], [found]) == Score(0.0, 0.0, 1.0)
    assert macro([there], [found]).plagdet == 0.0


def test_nothing_planted_and_nothing_found_is_right():
    assert macro([], []).plagdet == micro([], []).plagdet == 1.0
    assert macro([], FOUND).plagdet == micro(THERE, []).plagdet == 0.0
