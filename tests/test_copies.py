import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.config import NearDuplicateConfig
from dupdetect.match.copies import copy_relations, exact_groups, find_copies
from dupdetect.match.verify import PairScores
from dupdetect.sketch.shingles import word_shingles

CONFIG = NearDuplicateConfig()


def scores(jaccard, containment_a, containment_b, shared=100):
    values = (np.array([float(each)]) for each in (jaccard, containment_a, containment_b))
    return PairScores(np.array([shared]), *values)


def test_relations_follow_the_thresholds():
    assert copy_relations(scores(0.55, 0.7, 0.7), CONFIG) == ["near-duplicate"]
    assert copy_relations(scores(0.54, 0.7, 0.7), CONFIG) == ["distinct"]
    assert copy_relations(scores(0.1, 0.1, 0.8), CONFIG) == ["contained"]
    assert copy_relations(scores(0.1, 0.1, 0.9, shared=9), CONFIG) == ["distinct"]


def test_exact_groups_hold_equal_texts_and_an_empty_text_equals_none():
    groups = exact_groups([["a"], ["b"], ["a"], [], []])
    assert groups == [(0, 2), (1,), (3,), (4,)]


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=40), max_size=8))
@settings(max_examples=100, deadline=None)
def test_every_pair_above_the_thresholds_is_found_and_no_other(texts):
    """The slow twin compares every pair of sets."""
    config = NearDuplicateConfig(shingle_words=3, min_shared_shingles=3)
    different = [texts[group[0]] for group in exact_groups(texts)]
    found = find_copies(word_shingles(different, 3), config, seed=1)
    expected = {}
    sets = [
        {tuple(text[i : i + 3]) for i in range(max(1, len(text) - 2))} if text else set()
        for text in different
    ]
    for i, a in enumerate(sets):
        for j, b in enumerate(sets[i + 1 :], start=i + 1):
            if a & b:
                contained = len(a & b) / min(len(a), len(b)) >= 0.8 and len(a & b) >= 3
                near = len(a & b) / len(a | b) >= 0.55
                if near or contained:
                    expected[i, j] = "near-duplicate" if near else "contained"
    assert dict(zip(found.edges(), found.relations, strict=True)) == expected


def test_hot_shingles_are_counted_not_silently_dropped():
    notice = "please read the terms and conditions of this web site before use".split()
    texts = [[*notice, f"page{row}"] for row in range(150)]
    found = find_copies(word_shingles(texts, 5), CONFIG, seed=1)
    assert found.counts["hot_shingles"] > 0
    assert found.counts["documents_of_hot_shingles"] == 150
    # MinHash-LSH still proposes them: each differs by one word of thirteen.
    assert found.counts["near_verified"] == 150 * 149 // 2
