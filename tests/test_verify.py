import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from dupdetect.match.verify import verify_pairs
from dupdetect.sketch.shingles import word_shingles
from tests import reference


@given(st.lists(st.sets(st.integers(0, 25), max_size=15), min_size=1, max_size=7), st.data())
def test_scores_are_those_of_sets(sets, data):
    row = st.integers(0, len(sets) - 1)
    pairs = data.draw(st.lists(st.tuples(row, row), max_size=12))
    scores = verify_pairs(
        np.array(pairs, dtype=np.int64).reshape(-1, 2), reference.shingle_sets(sets)
    )
    chosen = [(sets[i], sets[j]) for i, j in pairs]
    assert len(scores) == len(pairs)
    assert scores.shared.tolist() == [len(a & b) for a, b in chosen]
    assert scores.jaccard.tolist() == [reference.jaccard(a, b) for a, b in chosen]
    assert scores.containment_a.tolist() == [reference.containment(a, b) for a, b in chosen]
    assert scores.containment_b.tolist() == [reference.containment(b, a) for a, b in chosen]


@given(st.lists(st.sets(st.integers(0, 25), max_size=15), min_size=2, max_size=2))
def test_the_scores_of_a_pair_turned_round_are_turned_round(sets):
    scores = verify_pairs(np.array([[0, 1], [1, 0]]), reference.shingle_sets(sets))
    assert scores.shared[0] == scores.shared[1]
    assert scores.jaccard[0] == scores.jaccard[1]
    assert scores.containment_a[0] == scores.containment_b[1]


def test_an_empty_side_scores_nothing():
    sets = word_shingles([[], ["a", "b"], []], size=2)
    scores = verify_pairs(np.array([[0, 1], [1, 0], [0, 2], [0, 0]]), sets)
    for values in (scores.shared, scores.jaccard, scores.containment_a, scores.containment_b):
        assert values.tolist() == [0, 0, 0, 0]


def test_one_word_in_twenty_changed_leaves_a_jaccard_of_three_fifths():
    words = [f"w{number}" for number in range(1000)]
    changed = ["x" if number % 20 == 10 else word for number, word in enumerate(words)]
    scores = verify_pairs(np.array([[0, 1]]), word_shingles([words, changed], size=5))
    # Each change spoils 5 of 20 shingles: 0.75 / 1.25.
    assert abs(scores.jaccard.item() - 0.6) < 0.01


def test_the_first_half_of_a_text_is_contained_in_it():
    words = [f"w{number}" for number in range(1000)]
    scores = verify_pairs(np.array([[0, 1]]), word_shingles([words[:500], words], size=5))
    assert scores.containment_a.item() == 1.0
    assert abs(scores.containment_b.item() - 0.5) < 0.01


def test_no_pairs_have_no_scores():
    scores = verify_pairs(np.empty((0, 2), dtype=np.int64), word_shingles([["a"]], size=1))
    assert len(scores) == 0
