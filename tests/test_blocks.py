import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from dupdetect.match.blocks import blocks_of

ABSENT = -1.0


@st.composite
def listed_pairs(draw):
    """Some pairs of a few texts; random scores, so that no two means are the same."""
    n_texts = draw(st.integers(2, 9))
    every = [(i, j) for i in range(n_texts) for j in range(i + 1, n_texts)]
    pairs = draw(st.lists(st.sampled_from(every), unique=True))
    scores = np.random.default_rng(draw(st.integers(0, 2**32))).uniform(-0.9, 3.0, len(pairs))
    return n_texts, np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2), scores


def by_full_table(n_texts, pairs, scores, join):
    """The slow twin: every pair has a score, and scipy links them."""
    distances = np.full((n_texts, n_texts), 9.0 - ABSENT)
    for (i, j), score in zip(pairs, scores, strict=True):
        distances[i, j] = distances[j, i] = 9.0 - score
    np.fill_diagonal(distances, 0.0)
    labels = fcluster(linkage(squareform(distances), "average"), 9.0 - join + 1e-8, "distance")
    groups = [np.flatnonzero(labels == label).tolist() for label in set(labels)]
    return sorted(group for group in groups if len(group) > 1)


@given(listed_pairs(), st.floats(-0.9, 2.0))
@settings(max_examples=200, deadline=None)
def test_blocks_are_those_of_average_linkage_with_the_other_pairs_at_one_low_score(given, join):
    n_texts, pairs, scores = given
    found = blocks_of(pairs, scores, join, ABSENT)
    assert [block.tolist() for block in found] == by_full_table(n_texts, pairs, scores, join)


def test_a_chain_of_strong_pairs_is_no_block():
    chain = np.array([(i, i + 1) for i in range(99)])
    found = blocks_of(chain, np.linspace(1.0, 2.0, 99), join=0.0, absent=-1.0)
    assert max(map(len, found)) <= 3


def test_a_family_with_a_few_missing_pairs_is_one_block():
    pairs = np.array([(i, j) for i in range(6) for j in range(i + 1, 6) if j - i != 3])
    found = blocks_of(pairs, np.linspace(0.5, 1.5, len(pairs)), join=-0.8, absent=-1.1)
    assert [block.tolist() for block in found] == [[0, 1, 2, 3, 4, 5]]


def test_a_mean_at_the_threshold_counts():
    # The second merge has the mean (0.2 + 0.1) / 2, which is 0.15000000000000002.
    pairs = np.array([(0, 1), (0, 2), (1, 2)])
    scores = np.array([1.0, 0.1, 0.2])
    assert [len(block) for block in blocks_of(pairs, scores, 0.15, -1.0)] == [3]
    assert [len(block) for block in blocks_of(pairs, scores, 0.151, -1.0)] == [2]


def test_no_pairs_make_no_block():
    assert blocks_of(np.empty((0, 2), dtype=np.int64), np.empty(0), 0.0, -1.0) == []


@pytest.mark.parametrize("n_texts", [30, 200])
def test_equal_scores_are_one_block_whatever_merges_first(n_texts):
    pairs = np.column_stack(np.triu_indices(n_texts, 1))
    found = blocks_of(pairs, np.ones(len(pairs)), 0.5, -1.1)
    assert [len(block) for block in found] == [n_texts]
