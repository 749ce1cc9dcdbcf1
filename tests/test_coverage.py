import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dupdetect.evidence.coverage import COVERED_PERCENT, covering_set, family_coverage
from dupdetect.results import Cover, Document
from dupdetect.text.prepare import prepare

TABLES = st.tuples(st.integers(1, 6), st.integers(1, 12)).flatmap(
    lambda shape: arrays(np.bool_, shape)
)
# Twelve words of four characters each: word i is text[4 * i : 4 * i + 3].
TEXT = "one two six ten red sky day sea ice oak fog sun"
SPANS = st.lists(st.tuples(st.integers(0, 47), st.integers(0, 47)), max_size=4)


def members(*texts):
    return [prepare(Document(f"m{row}", text)) for row, text in enumerate(texts)]


def enough(covered, n_columns):
    return 100 * covered >= COVERED_PERCENT * n_columns


def smallest_cover(table):
    """The slow twin: all sets of rows, smallest first."""
    n_columns = int(table.any(axis=0).sum())
    for size in range(len(table) + 1):
        for rows in combinations(range(len(table)), size):
            if enough(int(table[list(rows)].any(axis=0).sum()), n_columns):
                return size
    raise AssertionError("all rows together cover every column")


@given(TABLES)
def test_each_row_of_a_covering_set_is_the_first_of_those_that_add_most(table):
    n_columns = int(table.any(axis=0).sum())
    covered = np.zeros(table.shape[1], dtype=bool)
    for row, n_covered in covering_set(table):
        assert not enough(covered.sum(), n_columns)
        gains = [int((each & ~covered).sum()) for each in table]
        assert row == gains.index(max(gains))
        covered |= table[row]
        assert n_covered == covered.sum()
    assert enough(covered.sum(), n_columns)


@given(TABLES)
def test_a_covering_set_is_never_much_larger_than_the_smallest(table):
    n_columns = int(table.any(axis=0).sum())
    if n_columns:
        assert len(covering_set(table)) <= (math.log(n_columns) + 1) * smallest_cover(table)


def test_greed_may_take_one_row_more_than_needed():
    # Rows 1 and 2 cover everything; row 0 has more than either.
    table = np.array([[0, 1, 1, 1, 1, 0], [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]], dtype=bool)
    assert (len(covering_set(table)), smallest_cover(table)) == (3, 2)


def test_ninety_percent_are_enough_and_less_is_not():
    table = np.zeros((2, 10), dtype=bool)
    table[0, :9], table[1, 9] = True, True
    assert covering_set(table) == [(0, 9)]
    table[0, 8], table[1, 8] = False, True
    assert covering_set(table) == [(0, 8), (1, 10)]


def test_nothing_shared_is_covered_by_nobody():
    assert covering_set(np.zeros((3, 5), dtype=bool)) == []
    assert covering_set(np.zeros((0, 5), dtype=bool)) == []
    (alone,) = family_coverage(members(TEXT), [0], lambda a, b: [], 20)
    assert (alone.recycled_share, alone.cover, alone.n_not_compared) == (0, (), 0)


@given(st.dictionaries(st.tuples(st.integers(0, 2), st.integers(0, 2)), SPANS))
@settings(deadline=None)
def test_recycled_shares_and_covers_agree_with_a_count_token_by_token(shared):
    def tokens_in(a, b):
        return {
            word
            for word in range(12)
            if any(s <= 4 * word and 4 * word + 3 <= e for s, e in shared.get((a, b), []))
        }

    texts = members(TEXT, TEXT, TEXT)
    for row, found in enumerate(
        family_coverage(texts, [2, 0, 1], lambda a, b: shared.get((a, b), []), 20)
    ):
        recycled = set().union(*(tokens_in(row, other) for other in range(3) if other != row))
        assert (found.id, found.recycled_share) == (f"m{row}", len(recycled) / 12)
        seen = set()
        for cover in found.cover:
            seen |= tokens_in(row, int(cover.id[1:]))
            assert cover.share == len(seen) / len(recycled)
        assert not recycled or enough(len(seen), len(recycled))


def test_an_inserted_anchor_neither_adds_to_a_text_nor_to_what_is_recycled():
    plain, anchored = members("A grey hub grew here.", "A grey 香港AI hub grew here.")
    found = family_coverage(
        [plain, anchored], [0, 1], lambda a, b: [(0, [15, 22][a])], max_partners=20
    )
    assert [each.recycled_share for each in found] == [0.8, 0.8]


def test_members_beyond_the_bound_are_counted():
    asked = []

    def spans(a, b):
        asked.append((a, b))
        return [(0, 47)]

    found = family_coverage(members(*[TEXT] * 5), range(5), spans, max_partners=2)
    assert asked == [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1), (3, 0), (3, 1), (4, 0), (4, 1)]
    assert [each.n_not_compared for each in found] == [2] * 5


def test_the_partners_named_first_are_those_compared():
    found = family_coverage(
        members(*[TEXT] * 3),
        range(3),
        lambda a, b: [(0, 47)],
        max_partners=1,
        partners={0: [2, 1], 1: [2, 0], 2: [1, 0]},
    )
    assert [each.cover for each in found] == [(Cover(id, 1.0),) for id in ("m2", "m2", "m1")]


@pytest.mark.parametrize("text", ["", "香港"])
def test_a_text_without_words_of_its_own_recycles_nothing(text):
    found = family_coverage(members(text, TEXT), [0, 1], lambda a, b: [], 20)
    assert found[0].recycled_share == 0


def test_the_answer_does_not_depend_on_the_order_of_the_members():
    texts = members(TEXT, TEXT, TEXT, TEXT)

    def spans(a, b):
        return [(0, 4 * (a + b)), (20, 20 + 4 * b)]

    answers = {family_coverage(texts, rows, spans, 2) for rows in ([0, 1, 2, 3], [3, 1, 0, 2])}
    assert len(answers) == 1
