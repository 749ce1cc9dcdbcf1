import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from dupdetect.errors import ConfigError
from dupdetect.match import keep
from dupdetect.match.keep import KeepPolicy, Standing, clusters, decide, preference, reason


@st.composite
def matches(draw):
    """Pairs with scores, ranks and pins of a few documents."""
    n = draw(st.integers(1, 10))
    every = [(i, j) for i in range(n) for j in range(i + 1, n)]
    pairs = draw(st.lists(st.sampled_from(every), unique=True)) if every else []
    scores = [draw(st.sampled_from([0.8, 0.9, 1.0])) for _ in pairs]
    rank = draw(st.permutations(range(n)))
    pinned = [draw(st.booleans()) and draw(st.booleans()) for _ in range(n)]
    return pairs, scores, rank, pinned


def decided(pairs, scores, rank, pinned):
    return decide(
        np.array(pairs, dtype=np.int64).reshape(-1, 2),
        np.array(scores, dtype=np.float64),
        np.array(rank, dtype=np.int64),
        pinned=np.array(pinned, dtype=np.bool_),
    ).tolist()


def slowly(pairs, scores, rank, pinned):
    """The rule, one document after another."""
    score = {}
    for (i, j), value in zip(pairs, scores, strict=True):
        score[i, j] = score[j, i] = value
    keeper, kept = {}, []
    for row in sorted(range(len(rank)), key=lambda row: (not pinned[row], rank[row])):
        direct = [other for other in kept if (row, other) in score]
        if pinned[row] or not direct:
            kept.append(row)
            keeper[row] = row
        else:  # `max` takes the first of equals, and `kept` is in order of preference
            keeper[row] = max(direct, key=lambda other, row=row: score[row, other])
    return [keeper[row] for row in range(len(rank))]


@given(matches(), st.sampled_from([1, 2, 2**18]))
def test_decisions_are_those_of_the_rule_taken_one_by_one(case, at_once):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keep, "_PAIRS_AT_ONCE", at_once)
        assert decided(*case) == slowly(*case)


@given(matches())
def test_who_is_removed_matches_a_kept_and_preferred_document_directly(case):
    pairs, _, rank, pinned = case
    keeper = decided(*case)
    for row, other in enumerate(keeper):
        if row != other:
            assert keeper[other] == other
            assert (min(row, other), max(row, other)) in pairs
            assert not pinned[row]
            assert pinned[other] or rank[other] < rank[row]


@given(matches())
def test_no_two_kept_documents_match_unless_both_are_pinned(case):
    pairs, _, _, pinned = case
    keeper = decided(*case)
    for i, j in pairs:
        if keeper[i] == i and keeper[j] == j:
            assert pinned[i]
            assert pinned[j]


@given(matches(), st.randoms(use_true_random=False))
def test_neither_the_order_of_pairs_nor_that_of_documents_matters(case, random):
    pairs, scores, rank, pinned = case
    n = len(rank)
    new = random.sample(range(n), n)  # where each document goes
    old = sorted(range(n), key=new.__getitem__)
    shuffled = random.sample(range(len(pairs)), len(pairs))
    moved = decided(
        [sorted([new[i], new[j]]) for i, j in (pairs[at] for at in shuffled)],
        [scores[at] for at in shuffled],
        [rank[row] for row in old],
        [pinned[row] for row in old],
    )
    assert [old[moved[new[row]]] for row in range(n)] == decided(*case)


def test_a_chain_removes_only_direct_matches():
    n = 50
    chain = [(row, row + 1) for row in range(n - 1)]
    keeper = decided(chain, [0.9] * (n - 1), range(n), [False] * n)
    assert keeper == [row - row % 2 for row in range(n)]


def test_a_document_of_another_corpus_wins_over_a_better_ranked_one():
    assert decided([(0, 1), (0, 2)], [1.0, 0.8], [0, 1, 2], [False, False, True]) == [2, 1, 2]


def test_no_pairs_remove_nothing():
    assert decided([], [], [1, 0], [False, False]) == [0, 1]
    assert decided([], [], [], []) == []


@given(matches())
def test_clusters_hold_each_removed_document_once(case):
    keeper = decided(*case)
    groups = list(clusters(np.array(keeper)))
    assert groups == sorted(groups)
    assert {row: kept for kept, members in groups for row in members if row != kept} == {
        row: kept for row, kept in enumerate(keeper) if row != kept
    }
    for kept, members in groups:
        assert len(members) > 1
        assert kept in members
        assert members == tuple(sorted(set(members)))


POLICIES = [
    KeepPolicy("first"),
    KeepPolicy("longest"),
    KeepPolicy("newest", "date"),
    KeepPolicy("priority", "weight"),
    KeepPolicy("cleanest"),
]
VALUES = st.sampled_from([float("nan"), float("-inf"), -1.0, -0.0, 0.0, 2.0, float("inf")])
NAMES = st.sampled_from(["", "a", "b", "ab", "é", "\ud800", "\uffff", "😀", "中"])


@given(st.sampled_from(POLICIES), st.lists(st.tuples(VALUES, NAMES, st.booleans())), st.data())
@settings(deadline=None)
def test_rank_follows_pins_then_value_then_id_then_row(policy, documents, data):
    def sort_key(row):
        value, name, is_pinned = documents[row]
        if policy.name == "first":
            return (not is_pinned, row)
        cost = value if policy.name == "cleanest" else -value
        missing = value != value
        return (not is_pinned, missing, 0 if missing else cost, as_utf8(name), row)

    def as_utf8(name):
        return name.encode("utf-8", "surrogatepass")

    def ids(rows):
        assert rows.tolist() == sorted(rows.tolist())
        return [documents[row][1] for row in rows.tolist()]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keep, "_IDS_AT_ONCE", data.draw(st.sampled_from([1, 3, 2**18])))
        rank = preference(
            policy,
            np.array([value for value, _, _ in documents], dtype=np.float64),
            ids,
            pinned=np.array([is_pinned for _, _, is_pinned in documents], dtype=np.bool_),
        )
    order = sorted(range(len(documents)), key=sort_key)
    assert rank.tolist() == [order.index(row) for row in range(len(documents))]


def test_ids_are_asked_for_documents_that_tie_only():
    asked = []

    def ids(rows):
        asked.extend(rows.tolist())
        return [str(row) for row in rows]

    values = np.array([3.0, 1.0, 3.0, np.nan, 2.0])
    nobody = np.zeros(5, dtype=np.bool_)
    preference(KeepPolicy("longest"), values, ids, pinned=nobody)
    assert asked == [0, 2]
    preference(KeepPolicy("first"), values, ids, pinned=nobody)
    assert asked == [0, 2]


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_a_policy_reads_back_what_it_writes(policy):
    assert KeepPolicy.parse(str(policy)) == policy


@pytest.mark.parametrize("text", ["", "shortest", "newest", "priority ", "first date", "longest x"])
def test_an_unknown_policy_names_those_there_are(text):
    with pytest.raises(
        ConfigError, match='allowed: first, longest, "newest FIELD", "priority FIELD", cleanest'
    ):
        KeepPolicy.parse(text)


@pytest.mark.parametrize(
    ("policy", "kept", "removed", "expected"),
    [
        ("first", Standing("a", 1), Standing("b", 2), "first: comes before it"),
        (
            "longest",
            Standing("b", 5012),
            Standing("a", 4800),
            "longest: 5,012 characters against 4,800",
        ),
        ("longest", Standing("a", 7), Standing("b", 7), "longest: 7 characters each; tie by id"),
        ("longest", Standing("a", 7), Standing("a", 7), "longest: 7 characters each; tie by place"),
        ("cleanest", Standing("b", 1), Standing("a", 2), "cleanest: 1 repair against 2"),
        (
            "newest published",
            Standing("b", 20.0, "2026-01-02"),
            Standing("a", 10.0, "2025-12-31"),
            "newest published: 2026-01-02 against 2025-12-31",
        ),
        (
            "newest published",
            Standing("a", np.nan, "soon"),
            Standing("b", np.nan),
            "newest published: none each; tie by id",
        ),
        ("priority p", Standing("b", 0.5), Standing("a", np.nan), "priority p: 0.5 against none"),
        (
            "longest",
            Standing("z", 3, pinned=True),
            Standing("a", 9),
            "against: it is in the other corpus",
        ),
    ],
)
def test_the_reason_names_both_values(policy, kept, removed, expected):
    assert reason(KeepPolicy.parse(policy), kept, removed) == expected
