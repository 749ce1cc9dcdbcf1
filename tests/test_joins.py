from collections import defaultdict
from fractions import Fraction
from itertools import combinations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from scipy.sparse import csr_array

from dupdetect.errors import ConfigError
from dupdetect.match import joins
from dupdetect.match.joins import TermRows, join_candidates, term_matrix, word_weights
from dupdetect.text.background import zipf

N_TERMS = 9
TEXTS = st.lists(st.sets(st.integers(0, N_TERMS - 1)), max_size=12)
WEIGHTS = st.lists(
    st.sampled_from([0.0, 0.0004, 0.5, 1.0, 2.0, 4.0]), min_size=N_TERMS, max_size=N_TERMS
)


def matrix(texts, n_terms=N_TERMS):
    rows = [row for row, text in enumerate(texts) for _ in text]
    columns = [term for text in texts for term in sorted(text)]
    ones = np.ones(len(rows), dtype=np.int8)
    return csr_array((ones, (rows, columns)), shape=(len(texts), n_terms))


def df_cap_of(texts, units, budget):
    """The cap by trying each, from the highest down."""
    carried = [sum(term in text for text in texts) for term in range(len(units))]
    followable = [df for df, unit in zip(carried, units, strict=True) if unit and df]
    for cap in sorted(set(followable), reverse=True):
        if sum(df * df for df in followable if df <= cap) <= budget:
            return cap
    return 0


def slow_join(texts, weights, max_partners, budget):
    """Pairs, cap, depth and what was cut, by sets, loops and fractions."""
    units = [round(weight * 1000) for weight in weights]
    cap = df_cap_of(texts, units, budget)
    carried = [sum(term in text for text in texts) for term in range(len(units))]
    followed = {t for t, unit in enumerate(units) if unit and carried[t] <= cap}
    alike = defaultdict(dict)
    for i, j in combinations(range(len(texts)), 2):
        shared = sum(units[term] for term in texts[i] & texts[j] & followed)
        if shared:
            norms = [sum(units[term] for term in texts[row]) for row in (i, j)]
            alike[i][j] = alike[j][i] = Fraction(shared**2, norms[0] * norms[1])
    ranked = {i: sorted(row, key=lambda j, row=row: (-row[j], j)) for i, row in alike.items()}
    for depth in range(max_partners, -1, -1):
        pairs = {tuple(sorted((i, j))) for i, row in ranked.items() for j in row[:depth]}
        if 2 * len(pairs) <= max_partners * len(texts):
            break
    n_sharing = sum(map(len, alike.values())) // 2
    n_capped = sum(1 for t, unit in enumerate(units) if unit and carried[t] > cap)
    return sorted(pairs), cap, n_capped, depth, n_sharing - len(pairs)


def joined(texts, weights, max_partners, budget):
    found = join_candidates(
        matrix(texts), np.array(weights), max_partners=max_partners, budget=budget
    )
    pairs = list(map(tuple, found.pairs.tolist()))
    return pairs, found.df_cap, found.n_terms_capped, found.depth, found.n_partners_cut


@given(TEXTS, WEIGHTS, st.integers(2, 6), st.integers(1, 300))
@settings(max_examples=200, deadline=None)
def test_the_join_is_what_sets_and_fractions_find(texts, weights, max_partners, budget):
    assert joined(texts, weights, max_partners, budget) == slow_join(
        texts, weights, max_partners, budget
    )


@given(TEXTS, WEIGHTS, st.integers(2, 6), st.sampled_from([1, 2, 3]))
@settings(max_examples=100, deadline=None)
def test_looking_at_the_best_of_each_group_changes_nothing(texts, weights, max_partners, group):
    before = joined(texts, weights, max_partners, 10_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(joins, "_GROUP", group)
        assert joined(texts, weights, max_partners, 10_000) == before


@given(TEXTS, WEIGHTS, st.integers(1, 300), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_numbering_of_terms_does_not_matter(texts, weights, budget, rng):
    places = list(range(N_TERMS))
    rng.shuffle(places)
    renamed = [{places[term] for term in text} for text in texts]
    moved = [weights[places.index(place)] for place in range(N_TERMS)]
    assert joined(renamed, moved, 4, budget) == joined(texts, weights, 4, budget)


@given(st.lists(st.sets(st.integers(0, 30)), min_size=1, max_size=60), st.integers(2, 8))
@settings(max_examples=50, deadline=None)
def test_a_text_has_no_more_candidates_in_the_mean_than_asked_for(texts, max_partners):
    terms = matrix(texts, 31)
    found = join_candidates(terms, np.ones(31), max_partners=max_partners, budget=10**6)
    assert found.mean_partners <= max_partners
    assert found.depth >= max_partners // 2
    assert found.n_texts == len(texts)


def test_many_texts_of_random_words_are_joined_as_by_a_dense_product():
    rng = np.random.default_rng(5)
    n_texts, n_terms, limit = 4_000, 300, 10
    dense = rng.random((n_texts, n_terms)) < rng.uniform(0.005, 0.1, n_terms)
    weights = rng.integers(1, 8, n_terms).astype(float)
    found = join_candidates(csr_array(dense), weights, max_partners=limit, budget=10**12)
    shared = (dense * weights) @ dense.T
    scores = shared**2 / np.maximum(dense @ weights, 1e-9)
    np.fill_diagonal(scores, 0.0)
    order = np.argsort(-scores, axis=1, kind="stable")[:, : found.depth]
    rows = np.repeat(np.arange(n_texts), found.depth)
    kept = scores[rows, order.ravel()] > 0
    rows, others = rows[kept], order.ravel()[kept]
    expected = np.unique(np.sort(np.stack([rows, others], axis=1), axis=1), axis=0)
    assert found.pairs.tolist() == expected.tolist()
    assert limit // 2 <= found.depth < limit


def test_equal_partners_are_kept_by_row():
    texts = [{0}, {0}, {0}, {0}, {0}, {0}]
    assert joined(texts, [1.0] * N_TERMS, 2, 100)[0] == [(0, 1), (0, 2), (0, 3), (0, 4), (0, 5)]


def test_ratios_that_are_equal_only_before_rounding_are_ties():
    # 1000 / sqrt(1000) is 3000 / sqrt(9000), and the two differ when they are computed.
    weights = [1.0, 2.0, 3.0, 6.0, *[0.0] * (N_TERMS - 4)]
    texts = [{0, 2}, {2, 3}, {0}]
    index = joins._index(matrix(texts), np.array(weights), budget=100)
    one, other = joins._scores(index, 0)[1:].tolist()
    assert one == other > 0


def test_common_words_are_worth_nothing_and_rare_ones_most():
    the, bank, newsroom, made_up = word_weights(
        zipf(["the", "bank", "newsroom", "qzqzqx"])
    ).tolist()
    assert 0 == the < bank < newsroom < made_up == 7.5


def test_what_is_beyond_the_budget_is_counted():
    texts = [{0, 1}, {0, 1}, {0}, {0}]
    found = join_candidates(matrix(texts), np.ones(N_TERMS), budget=19)
    assert (found.df_cap, found.n_terms_capped, found.pairs.tolist()) == (2, 1, [[0, 1]])
    found = join_candidates(matrix(texts), np.ones(N_TERMS), budget=20)
    assert (found.df_cap, found.n_terms_capped, len(found.pairs)) == (4, 0, 6)


def test_terms_above_the_cap_still_count_in_the_length_of_a_text():
    texts = [{0, 5}, {0, 5}, {0, 1, 5}, {5}]
    pairs, cap, *_ = slow_join(texts, [1.0] * N_TERMS, 2, 12)
    found = join_candidates(matrix(texts), np.ones(N_TERMS), max_partners=2, budget=12)
    assert found.df_cap == cap == 3
    assert found.pairs.tolist() == [list(pair) for pair in pairs]


def test_a_weight_of_nothing_and_an_entry_of_nothing_join_nothing():
    terms = csr_array(np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]]))
    assert len(join_candidates(terms, np.array([0.0, 0.0, 1.0]), budget=100).pairs) == 0
    terms = csr_array((np.array([1, 0, 1]), np.array([0, 1, 1]), np.array([0, 2, 3])), (2, 2))
    assert len(join_candidates(terms, np.ones(2), budget=100).pairs) == 0


def test_an_entry_given_twice_counts_once():
    once = join_candidates(matrix([{0, 1}, {0, 1}, {0}]), np.ones(N_TERMS), budget=100)
    columns = np.array([0, 0, 1, 1, 0, 0])
    terms = csr_array((np.ones(6), columns, np.array([0, 3, 5, 6])), shape=(3, N_TERMS))
    twice = join_candidates(terms, np.ones(N_TERMS), budget=100)
    assert (twice.pairs.tolist(), twice.df_cap) == (once.pairs.tolist(), once.df_cap)


def test_no_texts_and_no_terms_give_no_pairs():
    for shape in ((0, 0), (0, 3), (3, 0)):
        found = join_candidates(csr_array(shape, dtype=np.int8), np.ones(shape[1]), budget=1)
        assert found.pairs.shape == (0, 2)
        assert found.mean_partners == 0.0


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"weights": np.ones(2)}, "weights has the shape (2,); allowed: (9,)"),
        ({"weights": np.full(N_TERMS, -1.0)}, "below 0"),
        ({"weights": np.full(N_TERMS, np.nan)}, "below 0 or none"),
        ({"max_partners": 1}, "max_partners is 1"),
        ({"budget": 0}, "budget is 0"),
    ],
)
def test_arguments_out_of_range_are_refused(changed, message):
    arguments = {"weights": np.ones(N_TERMS), "max_partners": 2, "budget": 5, **changed}
    with pytest.raises(ConfigError) as refused:
        join_candidates(matrix([{0}]), **arguments)
    assert message in str(refused.value)


ROWS = st.lists(st.dictionaries(st.sampled_from(["a", "b", "ß", "a b", "香"]), st.floats(0.5, 9)))


@given(ROWS)
@settings(deadline=None)
def test_a_row_holds_the_values_of_its_text_in_the_order_of_terms(texts):
    rows = TermRows()
    for text in texts:
        rows.add(text)
    made = rows.finish()
    assert list(made.vocabulary) == sorted({term for text in texts for term in text})
    assert made.matrix.shape == (len(texts), len(made.vocabulary))
    for row, text in enumerate(texts):
        own = slice(made.matrix.indptr[row], made.matrix.indptr[row + 1])
        terms = [made.vocabulary[column] for column in made.matrix.indices[own]]
        assert list(zip(terms, made.matrix.data[own], strict=True)) == sorted(text.items())


def test_a_word_that_a_text_repeats_is_one_term():
    once = term_matrix(iter([["b", "a"], ["b"]])).matrix
    assert (term_matrix([["b", "a", "b"], ["b", "b"]]).matrix != once).nnz == 0
