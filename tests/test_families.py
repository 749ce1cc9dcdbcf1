import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from dupdetect.config import RecycledConfig
from dupdetect.match import families
from dupdetect.match.families import (
    STORY_FACTS,
    Group,
    RecycledFamily,
    find_families,
    group_texts,
    keepers,
    same_story,
)
from dupdetect.match.linkage import evidence_of
from dupdetect.match.null import Null, Stratum, Tail, score_table
from dupdetect.match.overlap import pairs_above
from tests import reference
from tests.wordings import renumbered, wording

# Evidence of 1 nat is found in one honest collection in a hundred, of 2 in one in ten thousand.
TAIL = Tail((0.5, 0.1, 0.01), (0.0, 0.5, 1.0), 0.2, 10_000)
NULL = Null(
    "toy", "", 0.01, (Stratum("news", 90, 60, 0.01, TAIL, {3: {2: TAIL}, 100: {2: TAIL}}),), {}
)
CONFIG = RecycledConfig()


def texts(*sizes, shared=40, subject=None):
    """Groups of texts that share so many own words of 400 tokens, each group on its own subject.

    With 40 a pair scores ln(0.105 / 0.015) - 0.137 = 1.81, with 8 it scores 0.37, with none -1.24.
    """
    own, subjects = [], []
    for number, size in enumerate(sizes):
        common = {f"g{number}w{word}" for word in range(shared)}
        own += [common | {f"only{len(own) + place}"} for place in range(size)]
        subjects += [subject or f"s{number}"] * size
    return wording(own, subjects)


def everywhere(pairs):
    return np.full(len(pairs), 9, dtype=np.int64)


def nowhere_with(*rows):
    return lambda pairs: np.where(np.isin(pairs, rows).any(axis=1), 0, 9)


def find(given, *, rows=None, witness=everywhere, config=CONFIG, null=NULL, max_partners=20):
    judged = np.arange(len(given.n_tokens)) if rows is None else np.array(rows, dtype=np.int64)
    pairs = pairs_above(given, judged, config.join, null.expected_rate)
    return find_families(pairs, given, judged, null, config, witness, max_partners)


def members(found):
    return [family.members for family in found.families]


# Families


def test_two_farms_on_two_subjects_are_two_decided_families():
    found = find(texts(3, 1, 4, 1, 1))
    assert members(found) == [(0, 1, 2), (4, 5, 6, 7)]
    assert [family.level for family in found.families] == ["decided", "decided"]
    assert [family.n_on_subject for family in found.families] == [3, 4]
    assert found.counts["recycled_groups"] == 2
    assert found.counts["recycled_pairs_joined"] == 3 + 6


def test_texts_that_share_what_is_expected_are_no_family():
    # Four shared words of 400 are the expected ones: a score of -0.14.
    found = find(texts(5, 5, shared=4))
    assert found.families == ()
    assert found.counts["recycled_groups"] == 2


def test_no_texts_and_no_pairs_are_no_family():
    for unlike in (texts(1, 1, 1), texts()):
        found = find(unlike)
        assert found.families == ()
        assert found.counts["recycled_pairs_joined"] == 0


def test_a_family_is_described_by_its_evidence_and_its_chance():
    given = texts(4, 1)
    family = find(given).families[0]
    table = score_table(np.arange(4), given, NULL.expected_rate)
    assert family.evidence == evidence_of(table)
    assert family.p == NULL.family_p(family.evidence, 4, 4) < 0.001
    assert family.p_adjusted == family.p  # the only decision of the run
    assert family.pairs.tolist() == [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]
    assert family.central == 0  # of equally central members the first


def test_the_central_member_is_most_like_the_others():
    common = [{f"w{word}" for word in range(first, first + 40)} for first in (0, 6, 12)]
    assert find(wording(common, ["s"] * 3)).families[0].central == 1


def test_only_the_texts_that_are_judged_are_paired_and_counted():
    found = find(texts(5, 3), rows=[1, 3, 4, 6])
    assert members(found) == [(1, 3, 4)]
    assert found.families[0].n_on_subject == 3


def test_texts_on_the_subject_make_a_family_less_rare():
    null = Null("toy", "", 0.01, (Stratum("news", 9, 9, 0.01, TAIL, {3: {2: TAIL}}),), {})
    alone = find(texts(3), null=null).families[0]
    # 27 texts on the same subject that share nothing with it and with each other.
    many = texts(3, *[1] * 27, subject="s")
    among = find(many, null=null).families[0]
    assert (alone.n_on_subject, among.n_on_subject) == (3, 30)
    assert among.members == alone.members == (0, 1, 2)
    assert among.p == pytest.approx(1 - (1 - alone.p) ** 10)


# Witnesses


def test_a_member_without_a_witness_is_no_member():
    found = find(texts(4), witness=nowhere_with(2))
    assert members(found) == [(0, 1, 3)]
    assert found.families[0].pairs.tolist() == [[0, 1], [0, 3], [1, 3]]
    assert found.counts["recycled_without_witness"] == 1


def test_without_any_witness_there_is_no_family():
    found = find(texts(4), witness=nowhere_with(0, 1, 2, 3))
    assert found.families == ()
    assert found.counts["recycled_without_witness"] == 4


def test_a_group_is_parted_where_no_witness_connects_it():
    def witness(pairs):
        return np.where((pairs < 2).sum(axis=1) == 1, 0, 9)

    found = find(texts(5), witness=witness)
    assert members(found) == [(0, 1), (2, 3, 4)]
    assert found.counts["recycled_without_witness"] == 0


@pytest.mark.parametrize(("places", "expected"), [(1, []), (2, [(0, 1, 2)])])
def test_so_many_places_are_a_witness_as_the_setting_says(places, expected):
    assert members(find(texts(3), witness=lambda pairs: np.full(len(pairs), places))) == expected


def test_a_witness_is_sought_with_the_most_alike_partners_only():
    asked = []

    def witness(pairs):
        asked.extend(map(tuple, pairs.tolist()))
        return everywhere(pairs)

    find(texts(12), witness=witness, max_partners=2)
    assert len(asked) == len(set(asked)) <= 12 * 2
    assert {row for pair in asked for row in pair} == set(range(12))


def test_no_witness_is_sought_for_what_could_be_chance():
    def witness(pairs):
        raise AssertionError("asked")

    assert find(texts(5, shared=4), witness=witness).families == ()


# Levels


def test_what_comes_near_is_put_to_review():
    # Seven shared words: a score of 0.27, and 0.25 less for a pair.
    null_at = {3: {2: Tail((0.5, 0.12, 0.01), (-1.0, -0.1, 1.0), 0.2, 10_000)}}
    null = Null("toy", "", 0.01, (Stratum("news", 9, 9, 0.01, TAIL, null_at),), {})
    family = find(texts(2, shared=7), null=null).families[0]
    assert family.level == "review"
    assert CONFIG.level < family.p_adjusted <= CONFIG.review_level
    strict = RecycledConfig(review_level=0.06)
    assert find(texts(2, shared=7), null=null, config=strict).families == ()


def test_the_more_groups_a_run_decides_on_the_stronger_each_must_be():
    # One pair with evidence of 0.81 has p = 0.024; forty weak groups stand beside it.
    one = find(texts(2, shared=15))
    assert [family.level for family in one.families] == ["decided"]
    own = [{f"strong{word}" for word in range(15)}] * 2
    for number in range(40):
        own += [{f"weak{number}-{word}" for word in range(4)}] * 2
    given = wording(own, ["strong"] * 2 + [f"s{number // 2}" for number in range(80)])
    many = find(given)
    assert many.counts["recycled_groups"] == 41
    assert many.families == ()


@given(st.lists(st.floats(1e-6, 1), max_size=12), st.integers(0, 5))
def test_adjusted_p_values_agree_with_their_twin(p_values, more):
    n = len(p_values) + more
    found = families._benjamini_hochberg(p_values, n)
    assert found == pytest.approx(reference.adjusted_p(p_values, n))
    assert all(p <= q + 1e-12 and q <= 1 for p, q in zip(p_values, found, strict=True))


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=12))
def test_adjusted_p_values_agree_with_scipy(p_values):
    found = families._benjamini_hochberg(p_values, len(p_values))
    assert found == pytest.approx(false_discovery_control(p_values).tolist())


# Order and size


@given(st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_the_order_of_rows_changes_no_family(shuffler):
    given = texts(3, 1, 4, 2, 5)
    order = shuffler.sample(range(15), 15)
    found = find(renumbered(given, order))
    back = sorted(tuple(sorted(order[row] for row in each)) for each in members(found))
    plain = find(given)
    assert back == members(plain)
    assert sorted(each.p_adjusted for each in found.families) == sorted(
        each.p_adjusted for each in plain.families
    )


def test_the_order_of_pairs_changes_nothing():
    given = texts(3, 4)
    pairs = pairs_above(given, np.arange(7), CONFIG.join, NULL.expected_rate)
    found = [
        find_families(each, given, np.arange(7), NULL, CONFIG, everywhere, 20)
        for each in (pairs, pairs[::-1])
    ]
    assert found[0].families == found[1].families
    assert found[0].counts == found[1].counts


def linked_farms():
    """Two farms of four on one subject, and a weak pair between them.

    It scores ln(0.01 / 0.015) - 0.137 = -0.54, and joins at -0.8 and at -0.55, not at -0.3.
    """
    own = [{f"a{word}" for word in range(40)} | {f"x{row}"} for row in range(4)]
    own += [{f"b{word}" for word in range(40)} | {f"y{row}"} for row in range(4)]
    bridge = {"bridge1", "bridge2"}
    return wording([own[0] | bridge, *own[1:4], own[4] | bridge, *own[5:]], ["s"] * 8)


@pytest.mark.parametrize(("max_linked", "n_split"), [(8, 0), (4, 1)])
def test_too_large_components_are_linked_in_blocks(monkeypatch, max_linked, n_split):
    monkeypatch.setattr(families, "_MAX_LINKED", max_linked)
    found = find(linked_farms())
    assert members(found) == [(0, 1, 2, 3), (4, 5, 6, 7)]
    assert found.counts["components_split"] == n_split


def test_a_component_that_falls_apart_is_counted(monkeypatch):
    monkeypatch.setattr(families, "_MAX_LINKED", 3)
    # All pairs score 1.81, so that it is too large at -0.8, -0.55, ..., 1.7, and gone at 1.95.
    assert find(texts(4)).counts["components_split"] == 11


# One story


def facts(n, start=0):
    return {f"Name{number}" for number in range(start, start + n)}


@pytest.mark.parametrize(
    ("own", "shared_facts", "subjects", "is_story"),
    [
        (0, STORY_FACTS, "ss", True),
        (0, STORY_FACTS - 1, "ss", False),
        (STORY_FACTS, STORY_FACTS, "ss", True),  # half of what they share
        (STORY_FACTS + 1, STORY_FACTS, "ss", False),
        (0, 50, "st", False),
    ],
)
def test_what_two_texts_on_one_subject_share_is_mostly_facts(own, shared_facts, subjects, is_story):
    words = {f"w{number}" for number in range(own)}
    given = wording([words, words], list(subjects), [facts(shared_facts)] * 2)
    pair = np.array([[0, 1]])
    assert same_story(pair, given, NULL).tolist() == ([[0, 1]] if is_story else [])


def test_pairs_of_one_story_keep_their_order():
    given = wording([set()] * 3, list("sss"), [facts(STORY_FACTS)] * 2 + [facts(STORY_FACTS, 100)])
    pairs = np.array([[1, 2], [0, 1], [0, 2]])
    assert same_story(pairs, given, NULL).tolist() == [[0, 1]]
    assert same_story(pairs[:0], given, NULL).shape == (0, 2)


# Groups


def family_of(*rows, central=None):
    pairs = np.empty((0, 2), dtype=np.int64)
    return RecycledFamily(rows, 1.0, 0.01, 0.01, len(rows), "decided", pairs, central or rows[0])


def both_ways(*edges):
    return [*edges, *(edge[::-1] for edge in edges)]


def test_every_text_is_in_exactly_one_group():
    family = family_of(2, 3)
    assert group_texts(5, copies=both_ways((0, 1)), families=[family]) == [
        Group((0, 1), 0),
        Group((2, 3), 2, family),
        Group((4,), 4),
    ]


def test_copies_of_a_member_join_its_family_and_its_central_member_is_kept():
    family = family_of(0, 3, central=3)
    groups = group_texts(4, copies=both_ways((0, 1), (0, 2)), families=[family])
    assert groups == [Group((0, 1, 2, 3), 3, family)]


def test_no_texts_are_no_groups():
    assert group_texts(0, copies=[], families=[]) == []


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda two: two[0] != two[1])),
    st.lists(st.lists(st.integers(0, 9), max_size=10, unique=True), max_size=1),
)
def test_groups_are_a_partition_and_keepers_stand_for_themselves(copies, chosen):
    standing = keepers(10, copies).tolist()
    members_of = [sorted(set(rows) & set(standing)) for rows in chosen]
    found = [family_of(*rows) for rows in members_of if len(rows) > 1]
    groups = group_texts(10, copies=copies, families=found)
    assert sorted(row for group in groups for row in group.members) == list(range(10))
    assert all(group.keeper in group.members for group in groups)
    assert all(group.keeper in standing for group in groups)
    assert [group.members for group in groups] == sorted(group.members for group in groups)
    for family in found:
        assert any(set(family.members) <= set(group.members) for group in groups)


def test_of_a_star_its_centre_stands_and_of_a_contained_part_the_whole():
    assert keepers(5, both_ways((1, 0), (1, 2))).tolist() == [1, 3, 4]
    assert keepers(2, [(1, 0)]).tolist() == [1]
    assert keepers(0, []).tolist() == []
