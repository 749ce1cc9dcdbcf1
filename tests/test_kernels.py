import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from dupdetect.sketch import kernels
from tests import reference

VALUES = st.integers(0, 2**64 - 1)
FEW_VALUES = st.integers(0, 12)
SEQUENCES = st.lists(st.lists(VALUES | FEW_VALUES, max_size=12), max_size=8)


def ragged(sequences, dtype=np.uint64):
    items = np.array([item for sequence in sequences for item in sequence], dtype=dtype)
    return items, kernels.offsets_of(np.array([len(each) for each in sequences], dtype=np.int64))


def lists(items, offsets):
    return [part.tolist() for part in np.split(items, offsets[1:-1])] if len(offsets) > 1 else []


@given(st.lists(VALUES, max_size=20))
def test_mixing_agrees_with_whole_numbers(values):
    array = np.array(values, dtype=np.uint64)
    assert kernels.mix64(array).tolist() == [reference.mix64(value) for value in values]
    assert array.tolist() == values  # the input is left alone


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 9)), max_size=9))
def test_ranges_follow_each_other(ranges):
    starts = np.array([start for start, _ in ranges], dtype=np.int64)
    lengths = np.array([length for _, length in ranges], dtype=np.int64)
    expected = [start + step for start, length in ranges for step in range(length)]
    assert kernels.ragged_positions(starts, lengths).tolist() == expected


@given(st.lists(st.text(max_size=8), max_size=8))
def test_token_hashes_agree_with_whole_numbers(tokens):
    hashes = kernels.token_hashes(*ragged([list(map(ord, token)) for token in tokens], np.uint32))
    assert hashes.tolist() == [reference.token_hash(token) for token in tokens]


def test_a_character_is_hashed_like_the_token_of_it_alone():
    code_points = np.arange(0x110000, step=101, dtype=np.uint32)
    offsets = np.arange(len(code_points) + 1)
    assert (
        kernels.character_hashes(code_points) == kernels.token_hashes(code_points, offsets)
    ).all()


def test_long_tokens_agree_with_whole_numbers():
    tokens = ["é" * n for n in (63, 64, 65, 127, 128, 129, 200_000)]
    hashes = kernels.token_hashes(*ragged([list(map(ord, token)) for token in tokens], np.uint32))
    assert hashes.tolist() == [reference.token_hash(token) for token in tokens]


@given(SEQUENCES)
def test_digests_agree_with_whole_numbers(sequences):
    found = kernels.digests(*ragged(sequences))
    assert found.tolist() == [reference.digest(each) for each in sequences]


def test_tokens_that_polynomials_of_any_multiplier_take_for_equal_are_told_apart():
    bits = [bin(place).count("1") % 2 for place in range(2**12)]
    tokens = [[97 + (bit ^ flip) * far for bit in bits] for far in (1, 2**16) for flip in (0, 1)]
    parts = [token[:64] for token in tokens]
    hashes = kernels.token_hashes(*ragged([*tokens, *parts], np.uint32))
    assert len(set(hashes.tolist())) == 8


@given(SEQUENCES, st.integers(1, 7))
def test_windows_agree_with_whole_numbers(sequences, size):
    hashes, offsets = kernels.window_hashes(*ragged(sequences), size)
    assert lists(hashes, offsets) == [reference.windows(each, size) for each in sequences]


@given(SEQUENCES)
def test_sorting_keeps_each_value_once(sequences):
    items, offsets = kernels.sort_unique(*ragged(sequences))
    assert lists(items, offsets) == [sorted(set(each)) for each in sequences]


@given(SEQUENCES, st.sampled_from([1, 3, 8, 64]))
@settings(max_examples=60)
def test_rows_do_not_depend_on_the_block_size(sequences, workspace):
    rng = np.random.default_rng(5)
    multipliers, increments = rng.integers(0, 2**32, (2, 9), dtype=np.uint32) | np.uint32(1)
    expected = kernels.minhash_rows(*ragged(sequences), multipliers, increments)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "_WORKSPACE", workspace)  # sets are split over blocks
        rows = kernels.minhash_rows(*ragged(sequences), multipliers, increments)
    assert rows.dtype == np.uint32
    assert rows.tolist() == expected.tolist()


@given(
    st.lists(st.sets(st.integers(0, 30), max_size=12), min_size=1, max_size=6),
    st.data(),
    st.sampled_from([1, 20, 2**20]),
)
@settings(max_examples=80)
def test_intersection_sizes_agree_with_sets(sets, data, gathered):
    row = st.integers(0, len(sets) - 1)
    pairs = data.draw(st.lists(st.tuples(row, row), max_size=12))
    left, right = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "_GATHER", gathered)
        found = kernels.intersection_sizes(*ragged([sorted(each) for each in sets]), left, right)
    assert found.tolist() == [len(sets[i] & sets[j]) for i, j in pairs]


@given(st.lists(st.integers(0, 20), max_size=12), st.integers(1, 30))
def test_blocks_are_neighbours_within_the_limit(costs, limit):
    blocks = list(kernels.blocks(np.array(costs, dtype=np.int64), limit))
    covered = [row for first, last in blocks for row in range(first, last)]
    assert covered == list(range(len(costs)))
    assert all(last - first == 1 or sum(costs[first:last]) <= limit for first, last in blocks)


def test_equal_rows_have_equal_band_keys_and_order_matters():
    rows = np.array([[1, 2], [2, 1], [1, 2], [0, 0]], dtype=np.uint32)
    keys = kernels.band_keys(rows).tolist()
    assert keys[0] == keys[2]
    assert len(set(keys)) == 3
