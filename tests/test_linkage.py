import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.match import linkage
from dupdetect.match.linkage import LARGE, Candidate, candidates, evidence_of
from tests import reference

seeds = st.integers(0, 2**32 - 1)


def random_table(n, seed):
    """Scores without ties, in the range that pairs of texts have."""
    upper = np.triu(np.random.default_rng(seed).normal(-0.5, 1.0, (n, n)), 1)
    return upper + upper.T


def table(n, scores, otherwise=-3.0):
    made = np.full((n, n), otherwise)
    for (i, j), score in scores.items():
        made[i, j] = made[j, i] = score
    return made


def block(members, score):
    return {(i, j): score for i in members for j in members if i < j}


def groups(scores, join=-0.8, spread=2.0, accept=None):
    return sorted(each.members for each in candidates(scores, join, spread, accept))


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ({(0, 1): 1.0}, 1.0 - 0.25),
        # Of three pairs the upper half is two, of six it is three.
        ({(0, 1): 1.0, (0, 2): 2.0, (1, 2): -9.0}, 1.5 - 0.25 / 3),
        (
            {(0, 1): 1.0, (0, 2): 2.0, (0, 3): 3.0, (1, 2): 0.0, (1, 3): 0.0, (2, 3): 0.0},
            2.0 - 0.25 / 6,
        ),
    ],
)
def test_evidence_is_the_mean_of_the_upper_half_less_what_one_score_scatters(pairs, expected):
    n = max(j for _, j in pairs) + 1
    assert evidence_of(table(n, pairs)) == pytest.approx(expected, abs=1e-9)


@given(st.integers(2, 9), seeds)
def test_evidence_agrees_with_its_twin_and_never_reads_the_diagonal(n, seed):
    scores = random_table(n, seed)
    expected = reference.group_evidence(scores, range(n))
    assert evidence_of(scores) == pytest.approx(expected, abs=1e-8)
    np.fill_diagonal(scores, 99.0)
    assert evidence_of(scores) == pytest.approx(expected, abs=1e-8)


def test_more_pairs_as_alike_are_more_evidence():
    found = [evidence_of(table(n, block(range(n), 1.0))) for n in (2, 3, 4, 8)]
    assert found == sorted(found)
    assert found[0] == 0.75
    assert found[-1] < 1.0


@given(st.integers(2, 14), seeds, st.floats(-2, 1), st.floats(0, 2))
@settings(deadline=None)
def test_groups_agree_with_merging_the_two_most_alike_again_and_again(n, seed, join, spread):
    scores = random_table(n, seed)
    found = list(candidates(scores, join, spread))
    expected = reference.linked_groups(scores, join, spread, LARGE, None)
    assert {each.members for each in found} == expected
    for each in found:
        assert len(each.members) > 1
        assert each.evidence == evidence_of(scores[np.ix_(each.members, each.members)])


@given(st.integers(5, 14), seeds, st.floats(-2, 0), st.integers(2, 6), st.floats(-1, 2))
@settings(max_examples=60, deadline=None)
def test_large_groups_stand_if_accepted_and_else_give_way_to_their_parts(
    n, seed, join, large, least
):
    scores = random_table(n, seed)

    def accept(members):
        return reference.group_evidence(scores, members) >= least

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linkage, "LARGE", large)
        found = groups(scores, join, 1.0, lambda group: accept(group.members))
        for_null = groups(scores, join, 1.0)
    assert set(found) == reference.linked_groups(scores, join, 1.0, large, accept)
    assert set(for_null) == reference.linked_groups(scores, join, 1.0, large, None)
    # Of accepted groups none holds another.
    rows = [row for members in found for row in members]
    assert len(rows) == len(set(rows))


@given(st.integers(2, 10), seeds)
@settings(max_examples=30, deadline=None)
def test_scores_without_ties_give_one_answer_in_every_order_of_rows(n, seed):
    scores = random_table(n, seed)
    order = np.random.default_rng(seed).permutation(n)
    shuffled = groups(scores[np.ix_(order, order)])
    assert sorted(tuple(sorted(order[list(each)].tolist())) for each in shuffled) == groups(scores)


@given(st.integers(2, 10), seeds)
@settings(max_examples=30, deadline=None)
def test_equal_scores_inside_a_group_give_one_answer_in_every_order_of_rows(n, seed):
    scores = table(n + 2, block(range(n), 1.0) | {(n, n + 1): 1.0})
    order = np.random.default_rng(seed).permutation(n + 2)
    shuffled = groups(scores[np.ix_(order, order)])
    expected = [tuple(range(n)), (n, n + 1)]
    assert sorted(tuple(sorted(order[list(each)].tolist())) for each in shuffled) == expected


@pytest.mark.parametrize("join", [-0.8, 0.3, 1 / 3])
def test_a_likeness_exactly_at_the_threshold_joins(join):
    assert groups(table(2, {(0, 1): join}), join) == [(0, 1)]
    assert groups(table(2, {(0, 1): join - 1e-6}), join) == []
    on_average = table(3, {(0, 1): 2.0, (0, 2): join - 0.5, (1, 2): join + 0.5})
    assert groups(on_average, join, spread=9.0) == [(0, 1, 2)]


def test_one_stray_pair_joins_nothing():
    scores = table(6, block((0, 1, 2), 1.0) | block((3, 4, 5), 1.0) | {(2, 3): 1.5})
    scores[2, 3] = scores[3, 2] = 0.9
    assert groups(scores) == [(0, 1, 2), (3, 4, 5)]


def test_a_text_that_is_much_less_alike_goes_the_least_alike_first():
    scores = table(5, block((0, 1, 2), 2.0), otherwise=-0.5)
    scores[3, :3] = scores[:3, 3] = 0.4
    # The evidence of all five is about 1.1. Text 4 is 1.6 below it: it goes, and the evidence of
    # the rest rises to 2 - 1/24; text 3, at 0.4, is now 1.56 below.
    assert groups(scores, spread=3.0) == [(0, 1, 2, 3, 4)]
    assert groups(scores, spread=1.57) == [(0, 1, 2, 3)]
    assert groups(scores, spread=1.5) == [(0, 1, 2)]


@given(st.integers(2, 12), seeds, st.floats(0, 1))
@settings(deadline=None)
def test_no_member_is_below_the_evidence_by_more_than_the_spread(n, seed, spread):
    scores = random_table(n, seed)
    for each in candidates(scores, -1.0, spread):
        inside = scores[np.ix_(each.members, each.members)]
        means = (inside.sum(axis=1) - inside.diagonal()) / (len(inside) - 1)
        assert means.min() >= each.evidence - spread - 1e-8


def test_two_farms_that_share_a_trade_are_two_groups():
    farms = block((0, 1, 2), 2.0) | block((3, 4, 5), 2.0)
    # The evidence of each farm is 2 - 1/12; 1.2 nats below it the two become one.
    apart, together = 2.0 - 1 / 12 - 1.21, 2.0 - 1 / 12 - 1.19
    assert groups(table(6, farms, otherwise=apart)) == [(0, 1, 2), (3, 4, 5)]
    assert groups(table(6, farms, otherwise=together)) == [(0, 1, 2, 3, 4, 5)]


def test_one_text_that_is_less_alike_is_no_group_of_its_own():
    assert groups(table(4, block((0, 1, 2), 2.0), otherwise=0.5)) == [(0, 1, 2, 3)]


def test_a_small_family_is_found_among_many_that_are_alike():
    n = LARGE + 8
    family, others = (0, 1, 2), tuple(range(3, n))
    scores = table(n, block(family, 2.0) | block(others, 0.0), otherwise=-0.9)
    # All are one group at -1, though not a likely one; its parts are looked at in its place.
    assert groups(scores, join=-1.0, accept=lambda _: True) == [tuple(range(n))]
    asked = []
    assert family in groups(scores, join=-1.0, accept=lambda group: asked.append(group))
    assert min(len(group.members) for group in asked) > LARGE
    # A null asks for the strongest group that there is, and sees all of them.
    assert {tuple(range(n)), family} <= set(groups(scores, join=-1.0))


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_texts_are_in_no_group(n):
    assert list(candidates(np.zeros((n, n)), -9.0, 2.0)) == []


def test_nothing_alike_is_no_group():
    assert groups(table(5, {}, otherwise=-0.9)) == []


def test_the_diagonal_is_not_read_and_the_table_is_left_as_it_was():
    scores = random_table(8, 1)
    marked = scores.copy()
    np.fill_diagonal(marked, np.nan)
    before = marked.copy()
    assert groups(marked) == groups(scores)
    assert np.array_equal(marked, before, equal_nan=True)


def test_a_chain_of_merges_deeper_than_recursion_allows_is_walked():
    n = 2000
    places = np.arange(n) / n
    # Each text is less like all before it than the last one was: every merge adds one text.
    scores = 1.0 - np.maximum.outer(places, places)
    whole = list(candidates(scores, -1.0, 2.0, lambda _: True))
    assert whole == [Candidate(tuple(range(n)), evidence_of(scores))]
    assert groups(scores, join=1.0 - 5.5 / n, accept=lambda _: False) == [tuple(range(6))]
