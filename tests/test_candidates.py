import datasketch
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from dupdetect.errors import ConfigError
from dupdetect.match import candidates
from dupdetect.match.banding import Banding
from dupdetect.match.candidates import lsh_pairs, shared_shingle_pairs, strongest_partners
from dupdetect.sketch import kernels
from dupdetect.sketch.shingles import char_shingles
from dupdetect.sketch.signatures import sign, to_datasketch
from tests import reference

SMALL_SETS = st.lists(st.sets(st.integers(0, 20), max_size=12), max_size=9)
FRACTIONS = st.sampled_from([0.1, 0.25, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0])


@st.composite
def families(draw):
    """Sets that were made from one another by a few changes, with strangers and empty sets."""
    sets = draw(st.lists(st.sets(st.integers(0, 2**64 - 1), max_size=15), min_size=1, max_size=4))
    for _ in range(draw(st.integers(0, 8))):
        parent = draw(st.sampled_from(sets))
        kept = {value for value in sorted(parent) if draw(st.integers(0, 5))}
        sets.append(kept | draw(st.sets(st.integers(0, 2**64 - 1), max_size=2)))
    return sets


def few_at_once(monkeypatch, n_pairs):
    monkeypatch.setattr(candidates, "_PAIRS_AT_ONCE", n_pairs)


@given(families(), st.sampled_from([(16, 1), (8, 2), (5, 3), (4, 4), (2, 8)]))
@settings(max_examples=60, deadline=None)
def test_candidates_are_those_of_the_index_of_datasketch(sets, params):
    signatures = sign(reference.shingle_sets(sets), num_perm=16)
    index = datasketch.MinHashLSH(num_perm=16, params=params)
    for number, row in enumerate(signatures):
        if sets[number]:
            index.insert(number, to_datasketch(row))
    expected = [
        [number, other]
        for number, row in enumerate(signatures)
        if sets[number]
        for other in sorted(index.query(to_datasketch(row)))
        if other > number
    ]
    assert lsh_pairs(signatures, Banding(*params)).tolist() == expected


ROWS = st.lists(st.lists(st.integers(0, 2), min_size=6, max_size=6), max_size=9)


@given(ROWS, st.sampled_from([(3, 2), (2, 3), (6, 1), (1, 6), (2, 2)]), st.sampled_from([1, 5, 99]))
def test_candidates_agree_in_at_least_one_band(rows, params, at_once):
    signatures = np.array(rows, dtype=np.uint32).reshape(-1, 6)
    with pytest.MonkeyPatch.context() as patch:
        few_at_once(patch, at_once)
        found = lsh_pairs(signatures, Banding(*params))
    assert found.dtype == np.int64
    assert found.shape[1] == 2
    assert found.tolist() == reference.pairs_that_share_a_band(signatures, *params)


@given(ROWS)
def test_colliding_band_keys_add_no_candidate(rows):
    signatures = np.array(rows, dtype=np.uint32).reshape(-1, 6)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "band_keys", lambda band: band[:, 0].astype(np.uint64) % 2)
        found = lsh_pairs(signatures, Banding(2, 3))
    assert found.tolist() == reference.pairs_that_share_a_band(signatures, 2, 3)


def test_empty_documents_are_candidates_of_nothing():
    signatures = sign(char_shingles(["", "abc", "", "abc"], 2))
    assert lsh_pairs(signatures, Banding(32, 4)).tolist() == [[1, 3]]
    assert lsh_pairs(sign(char_shingles(["", ""], 2)), Banding(32, 4)).tolist() == []


def test_the_caller_may_say_which_documents_are_empty():
    signatures = np.zeros((3, 4), dtype=np.uint32)
    nonempty = np.array([True, False, True])
    assert lsh_pairs(signatures, Banding(2, 2), nonempty=nonempty).tolist() == [[0, 2]]


def test_no_documents_make_no_candidates():
    assert lsh_pairs(np.empty((0, 8), np.uint32), Banding(2, 4)).shape == (0, 2)
    empty = reference.shingle_sets([])
    found = shared_shingle_pairs(empty, min_containment=0.5, min_shared=1, max_document_frequency=9)
    assert found.pairs.shape == (0, 2)


@given(families(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_documents_does_not_change_the_candidates(sets, random):
    order = random.sample(range(len(sets)), len(sets))
    banding = Banding(8, 2)
    signatures = sign(reference.shingle_sets(sets), num_perm=16)
    shuffled = lsh_pairs(signatures[order], banding)
    back = sorted(sorted([order[i], order[j]]) for i, j in shuffled.tolist())
    assert back == lsh_pairs(signatures, banding).tolist()


def test_a_banding_wider_than_the_signatures_is_refused():
    with pytest.raises(ConfigError, match="4 \\* 5 = 20, but the signatures have 16 columns"):
        lsh_pairs(np.zeros((2, 16), dtype=np.uint32), Banding(4, 5))


@given(SMALL_SETS, FRACTIONS, st.integers(1, 4), st.sampled_from([1, 6, 2**22]))
@settings(deadline=None)
def test_the_join_is_brute_force_when_nothing_is_hot(sets, containment, shared, at_once):
    with pytest.MonkeyPatch.context() as patch:
        few_at_once(patch, at_once)
        found = shared_shingle_pairs(
            reference.shingle_sets(sets),
            min_containment=containment,
            min_shared=shared,
            max_document_frequency=len(sets) + 1,
        )
    assert found.pairs.dtype == np.int64
    assert found.pairs.tolist() == reference.containing_pairs(sets, containment, shared)
    assert (found.n_hot_shingles, found.n_uncovered_documents) == (0, 0)


@given(SMALL_SETS, FRACTIONS, st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=200, deadline=None)
def test_hot_shingles_lose_no_pair_of_a_covered_document(sets, containment, shared, frequency):
    found = shared_shingle_pairs(
        reference.shingle_sets(sets),
        min_containment=containment,
        min_shared=shared,
        max_document_frequency=frequency,
    )
    everything = {value for each in sets for value in each}
    hot = {value for value in everything if sum(value in each for each in sets) > frequency}
    assert found.n_hot_shingles == len(hot)
    missed = [
        pair
        for pair in reference.containing_pairs(sets, containment, shared)
        if pair not in found.pairs.tolist()
    ]
    # A lost pair shares no cold shingle, and its smaller side is counted as uncovered.
    assert all(not (sets[i] & sets[j]) - hot for i, j in missed)
    assert found.n_uncovered_documents >= len(
        {min(pair, key=lambda d: len(sets[d])) for pair in missed}
    )
    assert not missed or found.n_uncovered_documents
    if not hot:
        assert not missed


def test_documents_made_of_a_template_are_counted_as_uncovered():
    template = set(range(8))
    sets = [template | {100}, template | {101}, template | {102}, {200, 201}, {200, 201}]
    found = shared_shingle_pairs(
        reference.shingle_sets(sets), min_containment=0.8, min_shared=2, max_document_frequency=2
    )
    assert found.pairs.tolist() == [[3, 4]]
    assert (found.n_hot_shingles, found.n_uncovered_documents) == (8, 3)


def test_a_contained_part_is_found_although_its_notice_is_hot():
    notice = set(range(4))
    part, whole = set(range(100, 110)), set(range(100, 200))
    sets = [part | notice, whole | notice, {300} | notice, {301} | notice]
    found = shared_shingle_pairs(
        reference.shingle_sets(sets), min_containment=0.9, min_shared=5, max_document_frequency=2
    )
    assert found.pairs.tolist() == [[0, 1]]
    assert found.n_hot_shingles == 4
    # {300} | notice needs 5 shared shingles and has 4 hot ones: nothing of it can be missed.
    assert found.n_uncovered_documents == 0


@pytest.mark.parametrize("containment", [0.1, 0.3, 0.55, 0.7, 0.8, 0.9, 1 / 3, 1.0])
def test_the_least_count_is_the_first_that_divides_to_the_containment(containment):
    sizes = np.arange(1, 400)
    least = candidates._least_shared(sizes, containment)
    assert (least / sizes >= containment).all()
    assert ((least - 1) / sizes < containment).all()


def test_arguments_of_the_join_out_of_range_are_refused_together():
    with pytest.raises(ConfigError) as caught:
        shared_shingle_pairs(
            reference.shingle_sets([]), min_containment=0.0, min_shared=0, max_document_frequency=0
        )
    assert len(caught.value.faults) == 3


@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 3)).filter(
            lambda pair: pair[0] < pair[1]
        ),
        unique_by=lambda pair: pair[:2],
    ),
    st.integers(1, 3),
)
def test_the_strongest_partners_agree_with_sorting_each_documents_own(pairs, limit):
    table = np.array([pair[:2] for pair in pairs], dtype=np.int64).reshape(-1, 2)
    scores = np.array([pair[2] for pair in pairs], dtype=np.float64)
    kept = set()
    for document in range(7):
        own = [(-s, i + j - document, (i, j)) for i, j, s in pairs if document in (i, j)]
        kept |= {edge for _, _, edge in sorted(own)[:limit]}
    mask = strongest_partners(table, scores, limit)
    assert {tuple(edge) for edge in table[mask].tolist()} == kept
