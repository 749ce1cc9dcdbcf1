import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dupdetect.match.background import ENGLISH, Background, counted
from dupdetect.text import background as english

texts = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=12), max_size=6)


def test_english_is_that_of_wordfreq():
    words = ["the", "harbour", "qwrtz", "2021"]
    assert ENGLISH.zipf(words).tolist() == english.zipf(words).tolist()
    assert ENGLISH.stop_words == english.STOP_WORDS


@given(texts)
def test_a_counted_word_has_its_share_on_the_zipf_scale(texts):
    background = counted("letters", texts)
    counts = Counter(word for words in texts for word in words)
    for word, n in counts.items():
        share = n / sum(counts.values())
        assert background.zipf([word])[0] == pytest.approx(math.log10(share * 1e9), abs=0.0051)
    assert background.zipf(["never seen"]).tolist() == [0.0]


@given(texts, st.randoms(use_true_random=False))
def test_what_is_counted_does_not_depend_on_the_order_of_texts_and_words(texts, shuffler):
    shuffled = [shuffler.sample(words, len(words)) for words in texts]
    shuffler.shuffle(shuffled)
    left, right = counted("a", texts), counted("a", shuffled)
    assert left.frequencies == right.frequencies
    assert list(left.frequencies) == list(right.frequencies)
    assert left.stop_words == right.stop_words


def test_a_word_that_is_one_in_three_hundred_is_a_stop_word():
    rare = [f"w{number}" for number in range(1000)]
    background = counted("notes", [["and"] * 4, ["but"] * 3, rare])
    # 4 in 1007 is 1 in 252, and 3 in 1007 is 1 in 336: 6.6 and 6.47 on the scale.
    assert background.stop_words == {"and"}


def test_no_texts_know_no_word():
    background = counted("nothing", [])
    assert background.zipf(["a", "b"]).tolist() == [0.0, 0.0]
    assert background.stop_words == frozenset()


def test_values_are_one_for_each_word_in_order():
    background = Background("toy", frozenset(), {"a": 3.0, "b": 5.0})
    values = background.zipf(["b", "a", "c", "b"])
    assert values.dtype == np.float64
    assert values.tolist() == [5.0, 3.0, 0.0, 5.0]
    assert background.zipf([]).shape == (0,)
