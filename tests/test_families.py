import numpy as np

from dupdetect.config import RecycledConfig
from dupdetect.match.families import Group, group_texts, is_recycled, recycled_groups


def lookup(scores):
    """Resemblance from a table of pairs; a pair that is not in it scores 0.05."""
    return lambda pairs: np.array(
        [scores.get((min(i, j), max(i, j)), 0.05) for i, j in pairs.tolist()]
    )


def test_a_pair_needs_both_resemblance_and_proof():
    config = RecycledConfig(threshold=0.2, min_passages=2)
    assert is_recycled(0.2, 2, config)
    assert not is_recycled(0.1999, 9, config)
    assert not is_recycled(0.9, 1, config)


def test_a_chain_of_weak_pairs_is_no_family():
    chain = {(row, row + 1): 0.2 for row in range(9)}
    groups = recycled_groups(chain, lookup(chain), threshold=0.18)
    assert all(len(group) == 2 for group in groups)


def test_a_family_with_one_weak_pair_holds():
    scores = {(0, 1): 0.3, (0, 2): 0.3, (1, 2): 0.12}
    assert recycled_groups([(0, 1), (0, 2)], lookup(scores), threshold=0.18) == [(0, 1, 2)]


def test_a_member_without_a_proved_pair_inside_is_left_out():
    scores = {(0, 1): 0.3, (0, 2): 0.3, (1, 2): 0.3, (2, 3): 0.2, (0, 3): 0.1, (1, 3): 0.1}
    # 3 is proved with 2 only; on average it is too far from the three.
    assert recycled_groups([(0, 1), (0, 2), (2, 3)], lookup(scores), threshold=0.18) == [(0, 1, 2)]


def test_a_score_at_the_threshold_counts():
    assert recycled_groups([(0, 1)], lookup({(0, 1): 0.18}), threshold=0.18) == [(0, 1)]


def test_nothing_proved_is_no_family():
    assert recycled_groups([], lookup({}), threshold=0.18) == []


def group(n_texts, copies=(), recycled=(), scores=None):
    return group_texts(
        n_texts,
        copies=[*copies, *(edge[::-1] for edge in copies)],
        recycled=np.array(recycled, dtype=np.int64).reshape(-1, 2),
        resemblance=lookup(scores or {}),
        threshold=0.18,
    )


def test_every_text_is_in_exactly_one_group():
    groups = group(5, copies=[(0, 1)], recycled=[(2, 3)], scores={(2, 3): 0.3})
    assert groups == [
        Group((0, 1), 0, recycled=False),
        Group((2, 3), 2, recycled=True),
        Group((4,), 4, recycled=False),
    ]


def test_copies_of_a_member_join_its_recycled_family():
    groups = group(3, copies=[(0, 1)], recycled=[(1, 2)], scores={(0, 2): 0.25})
    assert groups == [Group((0, 1, 2), 0, recycled=True)]


def test_the_keeper_of_a_recycled_family_is_its_most_central_member():
    scores = {(0, 1): 0.2, (1, 2): 0.3, (0, 2): 0.19}
    assert group(3, recycled=list(scores), scores=scores)[0].keeper == 1


def test_the_lower_row_is_the_keeper_between_equally_central_members():
    assert group(2, recycled=[(0, 1)], scores={(0, 1): 0.3})[0].keeper == 0


def test_a_group_is_parted_where_no_proved_pair_connects_it():
    everything_alike = {(i, j): 0.3 for i in range(4) for j in range(i + 1, 4)}
    # One component of proved pairs; without 1-2 the linkage would still hold all four together.
    proved = [(0, 1), (1, 2), (2, 3)]
    assert recycled_groups(proved, lookup(everything_alike), 0.18) == [(0, 1, 2, 3)]
    far = {**everything_alike, (0, 2): 0.02, (1, 2): 0.02, (2, 3): 0.02}
    assert recycled_groups(proved, lookup(far), 0.18) == [(0, 1)]
