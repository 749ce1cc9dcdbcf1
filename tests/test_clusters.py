from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.match.clusters import star_groups


def both_ways(edges):
    return [*edges, *(edge[::-1] for edge in edges)]


EDGES = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda edge: edge[0] != edge[1]),
    max_size=30,
)


@given(EDGES)
@settings(max_examples=200)
def test_every_member_matches_the_centre_directly(edges):
    joined = {frozenset(edge) for edge in edges}
    for centre, members in star_groups(both_ways(edges)):
        assert all(frozenset((centre, row)) in joined for row in members if row != centre)


@given(EDGES)
@settings(max_examples=200)
def test_no_text_is_in_two_groups_and_no_group_has_one_member(edges):
    rows = [row for _, members in star_groups(both_ways(edges)) for row in members]
    assert len(rows) == len(set(rows))
    assert all(len(members) > 1 for _, members in star_groups(both_ways(edges)))


@given(EDGES, st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_the_order_of_the_pairs_changes_nothing(edges, random):
    shuffled = [random.choice([edge, edge[::-1]]) for edge in random.sample(edges, len(edges))]
    assert star_groups(both_ways(edges)) == star_groups(both_ways(shuffled))


def test_a_chain_is_parted():
    chain = [(row, row + 1) for row in range(9)]
    groups = star_groups(both_ways(chain))
    assert max(len(members) for _, members in groups) == 3


def test_the_lower_row_is_the_centre_between_equals():
    assert star_groups([(1, 0), (0, 1)]) == [(0, (0, 1))]


def test_a_part_stands_for_no_whole():
    # Six articles quote one release: each may stand for it, and it for none of them.
    groups = star_groups([(row, 6) for row in range(6)])
    assert groups == [(0, (0, 6))]
