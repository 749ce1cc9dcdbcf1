from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.config import RecycledConfig
from dupdetect.match import resemblance
from dupdetect.match.resemblance import (
    cut_windows,
    window_resemblance,
    window_starts,
)
from dupdetect.results import Document
from dupdetect.sketch import engine
from dupdetect.text.prepare import prepare

SMALL = RecycledConfig(window_tokens=20, stride_tokens=10, min_tokens=1)
WORDS = [f"{a}{b}{c}" for a in "bdkt" for b in "aeo" for c in "nrsx"]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=70).map(tuple), min_size=2, max_size=6)


def reference_resemblance(left, right, config):
    """The slow twin: sets of strings, and the formula of the module word for word."""

    def windows(words):
        starts = window_starts(len(words), config.window_tokens, config.stride_tokens)
        texts = [" ".join(words[start : start + config.window_tokens]) for start in starts]
        size = config.shingle_chars
        return [
            {text[i : i + size] for i in range(max(1, len(text) - size + 1))} if text else set()
            for text in texts
        ]

    def jaccard(a, b):
        return len(a & b) / len(a | b) if a | b else 0.0

    def one_way(these, those):
        return float(np.median([max(jaccard(a, b) for b in those) for a in these]))

    a, b = windows(left), windows(right)
    return (one_way(a, b) + one_way(b, a)) / 2


@given(TEXTS)
@settings(max_examples=60, deadline=None)
def test_resemblance_agrees_with_sets_of_strings(texts):
    pairs = np.array([(i, j) for i in range(len(texts)) for j in range(i, len(texts))])
    scores = window_resemblance(pairs, cut_windows(texts, SMALL))
    expected = [reference_resemblance(texts[i], texts[j], SMALL) for i, j in pairs]
    assert scores.tolist() == pytest.approx(expected, abs=1e-12)


@given(TEXTS, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_a_pair_scores_the_same_in_any_company_order_and_direction(texts, random):
    alone = window_resemblance(np.array([[0, 1]]), cut_windows(texts[:2], SMALL))[0]
    order = list(range(len(texts)))
    random.shuffle(order)
    shuffled = cut_windows([texts[row] for row in order], SMALL)
    pair = np.array([[order.index(1), order.index(0)]])
    assert window_resemblance(pair, shuffled)[0] == alone


@given(TEXTS, st.sampled_from([0, 1]))
@settings(max_examples=60, deadline=None)
def test_both_kernels_give_the_same_bits(texts, n_long):
    pytest.importorskip("numba")
    compiled = engine.load("numba", 0)
    texts = [*texts, *[tuple(WORDS * 4)] * n_long]  # of more windows than are looked up together
    windows = cut_windows(texts, SMALL)
    pairs = np.array([(i, j) for i in range(len(texts)) for j in range(len(texts))])
    scores = window_resemblance(pairs, windows)
    assert window_resemblance(pairs, windows, compiled).tolist() == scores.tolist()


def test_many_texts_are_scored_in_blocks_without_a_seam():
    random = np.random.default_rng(5)
    texts = [tuple(random.choice(WORDS, size=30)) for _ in range(150)]
    pairs = np.column_stack(np.triu_indices(150, 1))
    scores = window_resemblance(pairs, cut_windows(texts, SMALL))
    for row in random.choice(len(pairs), size=40, replace=False):
        i, j = pairs[row]
        assert scores[row] == pytest.approx(reference_resemblance(texts[i], texts[j], SMALL))


@given(TEXTS, st.data())
@settings(max_examples=30, deadline=None)
def test_resemblance_does_not_depend_on_how_many_pairs_are_taken_together(texts, data):
    ready = [prepare(Document(str(row), " ".join(words))) for row, words in enumerate(texts)]
    rows = st.integers(0, len(texts) - 1)
    pairs = np.array(data.draw(st.lists(st.tuples(rows, rows), max_size=9)), dtype=np.int64)
    pairs = pairs.reshape(-1, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resemblance, "_PAIRS_AT_ONCE", data.draw(st.integers(1, 4)))
        found = resemblance.resemblance_of(pairs, ready, SMALL)
    assert found.tolist() == window_resemblance(pairs, cut_windows(texts, SMALL)).tolist()


def test_an_empty_text_resembles_nothing_not_even_another():
    windows = cut_windows([(), (), ("rain",)], SMALL)
    assert window_resemblance(np.array([[0, 1], [0, 2]]), windows).tolist() == [0.0, 0.0]


def test_windows_reach_the_end_of_every_text():
    for n_tokens in range(1, 130):
        starts = window_starts(n_tokens, 20, 10)
        assert starts[0] == 0
        assert n_tokens - 20 <= starts[-1] <= max(0, n_tokens - 20)
        assert all(0 < right - left <= 10 for left, right in pairwise(starts))
