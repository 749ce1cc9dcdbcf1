from collections import defaultdict
from itertools import combinations

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings

from dupdetect.match import bands
from dupdetect.match.bands import band_pairs, pair_budget, unpack


def pack(pairs, n_documents):
    """Pairs of rows as `BandPairs.packed` has them."""
    return pairs[:, 0] * n_documents + pairs[:, 1]


SMALL_KEYS = st.lists(st.integers(0, 6), max_size=30)


def no_lanes(rows):
    return np.empty((len(rows), 0), dtype=np.uint32)


def as_keys(numbers):
    return np.array(numbers, dtype=np.uint64) * np.uint64(2**60 - 1)


def buckets_of(keys, rows):
    found = defaultdict(list)
    for row in rows:
        found[keys[row]].append(row)
    return [bucket for bucket in found.values() if len(bucket) > 1]


def pairs_of(buckets):
    return sorted(pair for bucket in buckets for pair in combinations(bucket, 2))


def unpacked(found, n_documents):
    return [tuple(pair) for pair in unpack(found.packed, n_documents).tolist()]


@given(SMALL_KEYS, st.data())
def test_within_the_budget_all_pairs_of_all_buckets_are_candidates(numbers, data):
    n = len(numbers)
    rows = sorted(data.draw(st.sets(st.integers(0, n - 1)))) if n else []
    found = band_pairs(
        as_keys(numbers), np.arange(n), no_lanes, rows=np.array(rows, dtype=np.int64)
    )
    assert unpacked(found, n) == pairs_of(buckets_of(numbers, rows))
    assert (found.n_hot_buckets, found.n_hot_documents, found.n_pairs_left_out) == (0, 0, 0)


@given(SMALL_KEYS)
def test_without_row_numbers_all_documents_are_paired(numbers):
    everyone = np.arange(len(numbers))
    found = band_pairs(as_keys(numbers), everyone, no_lanes)
    asked = band_pairs(as_keys(numbers), everyone, no_lanes, rows=everyone)
    assert found.packed.dtype == np.int64
    assert found.packed.tolist() == asked.packed.tolist()


@given(SMALL_KEYS, st.integers(0, 60))
def test_buckets_of_one_size_are_all_within_the_budget_or_all_hot(numbers, budget):
    n = len(numbers)
    buckets = sorted(buckets_of(numbers, range(n)), key=len)
    cold, spent = [], 0
    for size in sorted({len(bucket) for bucket in buckets}):
        same = [bucket for bucket in buckets if len(bucket) == size]
        spent += len(pairs_of(same))
        if spent > budget:
            break
        cold += same
    hot = [bucket for bucket in buckets if bucket not in cold]
    found = band_pairs(as_keys(numbers), np.arange(n), no_lanes, budget=budget)
    pairs = unpacked(found, n)
    assert pairs == sorted(set(pairs))
    assert set(pairs_of(cold)) <= set(pairs) <= set(pairs_of(buckets))
    assert found.n_hot_buckets == len(hot)
    assert found.n_hot_documents == sum(len(bucket) for bucket in hot)
    assert found.n_pairs_left_out == len(pairs_of(buckets)) - len(pairs)


@given(
    st.lists(st.tuples(st.integers(0, 2), *[st.integers(0, 3)] * 5), max_size=40),
    st.randoms(use_true_random=False),
    st.sampled_from([0, 30, 10_000]),
)
@settings(deadline=None)
def test_the_order_of_documents_does_not_change_the_candidates(documents, random, budget):
    n = len(documents)
    table = np.array(documents, dtype=np.uint64).reshape(n, 6)
    rank = np.array(random.sample(range(n), n), dtype=np.int64)
    order = np.array(random.sample(range(n), n), dtype=np.int64)

    def candidates(table, rank):
        return band_pairs(table[:, 0], rank, lambda rows: table[rows, 1:], budget=budget)

    straight = candidates(table, rank)
    shuffled = candidates(table[order], rank[order])
    back = sorted(tuple(sorted(order[list(pair)].tolist())) for pair in unpacked(shuffled, n))
    assert back == unpacked(straight, n)
    assert shuffled.n_pairs_left_out == straight.n_pairs_left_out


def test_every_document_of_a_hot_bucket_meets_its_four_most_preferred():
    n = 300
    rank = np.random.default_rng(1).permutation(n)
    found = band_pairs(np.zeros(n, dtype=np.uint64), rank, no_lanes, budget=100)
    best = np.argsort(rank)[:4].tolist()
    assert unpacked(found, n) == sorted(
        {(min(one, row), max(one, row)) for one in best for row in range(n) if one != row}
    )


def test_lanes_are_asked_for_documents_of_hot_buckets_only():
    asked = []

    def lanes(rows):
        asked.extend(rows.tolist())
        return no_lanes(rows)

    keys = as_keys([1, 2, 1, 2, 2, 3, 1, 1, 2, 2])
    band_pairs(keys, np.arange(10), lanes, budget=7)
    assert sorted(asked) == [1, 3, 4, 8, 9]
    asked.clear()
    band_pairs(keys, np.arange(10), lanes)
    assert asked == []


def test_lanes_that_are_asked_for_in_blocks_give_what_they_give_at_once(monkeypatch):
    rng = np.random.default_rng(7)
    values = rng.integers(0, 3, (60, 20), dtype=np.uint32)
    keys, rank = np.repeat(as_keys([1, 2]), 30), rng.permutation(60)
    asked = []

    def lanes(rows):
        asked.append(rows)
        return values[rows]

    whole = band_pairs(keys, rank, lanes, budget=0)
    assert len(asked) == 1
    monkeypatch.setattr(bands, "_LANES_AT_ONCE", 7)
    parts = band_pairs(keys, rank, lanes, budget=0)
    assert [len(rows) for rows in asked[1:]] == [7] * 8 + [4]
    assert parts.packed.tolist() == whole.packed.tolist()


def family_lanes(rng, n_families, size, agreement, n_lanes=32):
    """Members of one family agree with its centre in a share of their lanes; no others agree."""
    own = rng.integers(0, 2**32, (n_families * size, n_lanes), dtype=np.uint32)
    centres = rng.integers(0, 2**32, (n_families, n_lanes), dtype=np.uint32).repeat(size, axis=0)
    return np.where(rng.random(own.shape) < agreement, centres, own)


def test_near_duplicates_in_a_hot_bucket_meet_the_most_preferred_of_their_group():
    rng = np.random.default_rng(2)
    for size in (2, 5, 40):
        n = 2_000 // size * size
        # Two members agree in four of five lanes.
        values = family_lanes(rng, n // size, size, 0.8**0.5)
        rank = rng.permutation(n)
        found = band_pairs(np.zeros(n, np.uint64), rank, lambda rows, v=values: v[rows], budget=0)
        best = np.argsort(rank.reshape(-1, size), axis=1)[:, 0] + np.arange(0, n, size)
        wanted = [
            (min(one, row), max(one, row))
            for one, start in zip(best.tolist(), range(0, n, size), strict=True)
            for row in range(start, start + size)
            if row != one
        ]
        met = np.isin(pack(np.array(wanted), n), found.packed).mean()
        assert met > 0.95, size
        assert len(found.packed) <= 28 * n


def test_the_candidates_of_a_hot_bucket_grow_with_its_documents_not_with_their_square():
    rng = np.random.default_rng(3)
    counts = []
    for n in (5_000, 20_000):
        values = rng.integers(0, 9, (n, 32), dtype=np.uint32)
        found = band_pairs(
            np.zeros(n, np.uint64), np.arange(n), lambda rows, v=values: v[rows], budget=n
        )
        assert found.n_pairs_left_out == n * (n - 1) // 2 - len(found.packed)
        counts.append(len(found.packed))
    assert counts[1] < 5 * counts[0]


def test_with_the_usual_budget_no_bucket_of_seventeen_is_hot():
    n = 17 * 60_000
    keys = np.arange(n, dtype=np.uint64) // np.uint64(17)
    found = band_pairs(keys, np.arange(n), no_lanes)
    assert found.n_hot_buckets == 0
    assert len(found.packed) == 60_000 * 17 * 16 // 2
    assert len(found.packed) <= pair_budget(n)


def test_packed_pairs_unpack_to_what_they_were():
    pairs = np.array([[0, 3_000_000], [2_999_999, 3_000_000]])
    assert unpack(pack(pairs, 3_000_001), 3_000_001).tolist() == pairs.tolist()
    assert unpack(np.empty(0, dtype=np.int64), 0).shape == (0, 2)
