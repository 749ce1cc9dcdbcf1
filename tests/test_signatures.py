import datasketch
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from dupdetect.errors import ConfigError
from dupdetect.sketch.shingles import char_shingles, word_shingles
from dupdetect.sketch.signatures import estimate_jaccard, shingle_hash32, sign, to_datasketch
from tests import reference

SETS = st.lists(st.sets(st.integers(0, 2**64 - 1), max_size=40), max_size=6)


def datasketch_row(shingles, num_perm, seed):
    minhash = datasketch.MinHash(num_perm, seed=seed, scheme="affine32", hashfunc=shingle_hash32)
    for shingle in shingles:
        minhash.update(shingle.to_bytes(8, "little"))
    return minhash.hashvalues


@given(SETS, st.sampled_from([1, 16, 128, 130]), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_rows_are_those_of_datasketch_bit_for_bit(sets, num_perm, seed):
    rows = sign(reference.shingle_sets(sets), num_perm, seed)
    assert rows.dtype == np.uint32
    assert rows.shape == (len(sets), num_perm)
    for row, shingles in zip(rows, sets, strict=True):
        assert row.tolist() == datasketch_row(shingles, num_perm, seed).tolist()


def test_a_long_document_has_the_row_of_datasketch_too():
    # Longer than a block of the kernel, and between two short ones.
    long = [str(number) for number in range(70_000)]
    sets = word_shingles([["a"], long, ["b"]], size=2)
    minhash = datasketch.MinHash(32, scheme="affine32", hashfunc=shingle_hash32)
    minhash.update_batch(shingle.to_bytes(8, "little") for shingle in sets[1].tolist())
    assert sign(sets, num_perm=32)[1].tolist() == minhash.hashvalues.tolist()


@given(st.lists(st.text("abc ", max_size=30), min_size=1, max_size=6), st.data())
@settings(max_examples=50)
def test_a_document_has_the_same_row_alone_and_in_any_batch(texts, data):
    row = data.draw(st.integers(0, len(texts) - 1))
    together, alone = sign(char_shingles(texts, 3)), sign(char_shingles([texts[row]], 3))
    assert together[row].tolist() == alone[0].tolist()


def test_an_empty_set_has_the_row_of_an_empty_minhash():
    (row,) = sign(char_shingles([""], 3), num_perm=16)
    assert row.tolist() == datasketch.MinHash(16, scheme="affine32").hashvalues.tolist()
    assert to_datasketch(row).is_empty()


def test_no_documents_have_no_rows():
    assert sign(char_shingles([], 3)).shape == (0, 128)


def test_rows_can_be_put_into_the_index_of_datasketch_and_queried():
    texts = [
        "the harbour was quiet at dawn and the boats lay still",
        "the harbour was quiet at dawn and the boats lay moored",
        "parliament adjourned without a vote on the new budget",
    ]
    rows = sign(char_shingles(texts, 5), seed=7)
    index = datasketch.MinHashLSH(num_perm=128, params=(32, 4))
    for number, row in enumerate(rows):
        index.insert(number, to_datasketch(row, seed=7))
    assert sorted(index.query(to_datasketch(rows[0], seed=7))) == [0, 1]
    assert sorted(index.query(to_datasketch(rows[2], seed=7))) == [2]


def test_a_row_in_datasketch_can_be_updated_with_further_shingles():
    part, whole = word_shingles([["a", "b", "c"], ["a", "b", "c", "d"]], size=2)
    signed = sign(word_shingles([["a", "b", "c"], ["a", "b", "c", "d"]], size=2), seed=3)
    minhash = to_datasketch(signed[0], seed=3)
    for shingle in set(whole.tolist()) - set(part.tolist()):
        minhash.update(shingle.to_bytes(8, "little"))
    assert minhash.hashvalues.tolist() == signed[1].tolist()
    assert signed[0].tolist() != signed[1].tolist()  # the row itself is left alone


def test_estimates_are_those_of_datasketch():
    left, right = sign(char_shingles(["recycled pages of one farm", "recycled page of a farm"], 3))
    estimate = estimate_jaccard(left, right)
    assert estimate == to_datasketch(left).jaccard(to_datasketch(right))
    assert 0.0 < estimate < 1.0


def test_estimates_of_jaccard_have_the_error_that_theory_gives():
    rng = np.random.default_rng(11)
    errors = []
    for shared in range(0, 200, 4):
        values = rng.integers(0, 2**64, 400 - shared, dtype=np.uint64).tolist()
        sets = reference.shingle_sets([values[:200], values[200 - shared :]])
        left, right = sign(sets, seed=shared)
        true = reference.jaccard(set(values[:200]), set(values[200 - shared :]))
        errors.append(
            (estimate_jaccard(left, right) - true) / max(np.sqrt(true * (1 - true)), 0.05)
        )
    assert abs(np.mean(errors)) < 4 / np.sqrt(128 * len(errors))
    assert np.abs(errors).max() < 4 / np.sqrt(128)


def test_an_empty_document_resembles_nothing():
    empty, also_empty, other = sign(char_shingles(["", "", "abc"], 2))
    assert estimate_jaccard(empty, also_empty) == 0.0
    assert estimate_jaccard(empty, other) == estimate_jaccard(other, empty) == 0.0


def test_rows_of_unlike_length_cannot_be_compared():
    sets = char_shingles(["abc"], 2)
    with pytest.raises(ConfigError, match="128 in one row and 64 in the other"):
        estimate_jaccard(sign(sets)[0], sign(sets, num_perm=64)[0])


def test_settings_out_of_range_are_refused_together():
    with pytest.raises(ConfigError) as caught:
        sign(char_shingles(["abc"], 2), num_perm=0, seed=2**32)
    assert len(caught.value.faults) == 2
    with pytest.raises(ConfigError, match="seed is -1"):
        to_datasketch(sign(char_shingles(["abc"], 2))[0], seed=-1)
