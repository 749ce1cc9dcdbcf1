import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from dupdetect.errors import ConfigError
from dupdetect.sketch.shingles import char_shingles, word_shingles
from tests import reference

# Lone surrogates and astral characters included.
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=12)
TOKENS = st.lists(
    st.sampled_from(["a", "b", "ab", "", "𝒳", "香港", "\ud800"]) | ANY_TEXT, max_size=9
)


@given(st.lists(TOKENS, max_size=5), st.integers(1, 6))
def test_word_shingles_are_the_hashed_windows_of_each_document(documents, size):
    sets = word_shingles(documents, size)
    assert [each.tolist() for each in sets] == [
        reference.shingles(each, size) for each in documents
    ]


@given(st.lists(ANY_TEXT, max_size=5), st.integers(1, 6))
def test_character_shingles_are_word_shingles_of_the_text_spelled_out(texts, size):
    spelled_out = word_shingles([list(text) for text in texts], size)
    sets = char_shingles(texts, size)
    assert sets.hashes.tolist() == spelled_out.hashes.tolist()
    assert sets.offsets.tolist() == spelled_out.offsets.tolist()


@given(st.lists(TOKENS, min_size=1, max_size=5), st.data())
@settings(max_examples=50)
def test_a_document_has_the_same_shingles_alone_and_in_any_batch(documents, data):
    row = data.draw(st.integers(0, len(documents) - 1))
    alone, in_batch = word_shingles([documents[row]], 3), word_shingles(documents, 3)
    assert in_batch[row].tolist() == alone[0].tolist()


def test_shingles_are_the_same_in_every_process_and_release():
    # Known answers: whoever changes them makes every stored index useless.
    words = word_shingles(["hong kong ai startups".split(), ["香港"]], size=3)
    assert [each.tolist() for each in words] == [
        [2225188399552757701, 13008249927384183255],
        [9696131397440047207],
    ]
    assert char_shingles(["Aé𝒳"], size=2)[0].tolist() == [
        15955806053395945302,
        17807629909354698337,
    ]


def test_order_within_a_window_matters():
    one, other = word_shingles([["a", "b", "c"], ["a", "c", "b"]], size=3)
    assert one.tolist() != other.tolist()


def test_a_boundary_between_tokens_matters():
    one, other = word_shingles([["ab", "c"], ["a", "bc"]], size=2)
    assert one.tolist() != other.tolist()


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=4))
def test_a_text_shorter_than_a_window_is_one_shingle_of_its_own(tokens):
    short, longer = word_shingles([tokens, [*tokens, "a", "b", "c", "a", "b"]], size=5)
    assert len(short) == 1
    assert short[0] not in longer


def test_an_empty_text_has_no_shingles():
    assert word_shingles([[], ["a"]], size=2).sizes.tolist() == [0, 1]
    assert char_shingles(["", "a", ""], size=2).sizes.tolist() == [0, 1, 0]
    assert len(word_shingles([], size=2)) == len(char_shingles([], size=2)) == 0


def test_a_repeated_window_counts_once():
    assert char_shingles(["aaaaaaaa"], size=3).sizes.tolist() == [1]


@given(st.lists(ANY_TEXT, min_size=1, max_size=5), st.data())
@settings(max_examples=50)
def test_taken_sets_are_those_of_the_rows(texts, data):
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=6))
    sets = char_shingles(texts, 2)
    assert [each.tolist() for each in sets.take(rows)] == [sets[row].tolist() for row in rows]


def test_a_row_that_is_not_there_is_an_error():
    sets = char_shingles(["ab", "c"], size=1)
    assert sets[-1].tolist() == sets[1].tolist()
    with pytest.raises(IndexError):
        sets[2]
    with pytest.raises(IndexError):
        sets.take([0, 2])


def test_shingles_of_a_large_vocabulary_are_all_different():
    numbers = [str(number) for number in range(20_000)]
    assert word_shingles([numbers], size=1).sizes.tolist() == [20_000]
    assert word_shingles([numbers], size=4).sizes.tolist() == [19_997]


def test_the_bits_of_shingles_are_even():
    (hashes,) = word_shingles([[str(number) for number in range(20_000)]], size=2)
    bits = np.unpackbits(hashes.astype("<u8").view(np.uint8)).reshape(len(hashes), 64)
    # Each share of ones has a standard error of 0.0035; five of them leave room for 64 bits.
    assert np.abs(bits.mean(axis=0) - 0.5).max() < 0.018


@pytest.mark.parametrize("shingles", [word_shingles, char_shingles])
def test_a_window_of_nothing_is_refused(shingles):
    with pytest.raises(ConfigError, match="shingle size is 0"):
        shingles(["a"], 0)
