import json
import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.errors import ConfigError
from dupdetect.match.linkage import candidates, evidence_of
from dupdetect.match.null import (
    DRAWS,
    MEMBERS,
    SIZES,
    TAILS,
    Null,
    Stratum,
    Tail,
    fit,
    from_json,
    hashed,
    score_table,
    shipped,
    tail_of,
)
from dupdetect.match.overlap import overlaps
from tests.wordings import renumbered, wording

TAIL = Tail((0.5, 0.1, 0.01), (0.0, 1.0, 2.0), 0.5, 10_000)
LENIENT = Tail((0.9, 0.2), (1.0, 2.0), 0.5, 10_000)


@st.composite
def tails(draw):
    n = draw(st.integers(0, 6))
    probabilities = draw(st.lists(st.floats(1e-4, 1.0), min_size=n, max_size=n, unique=True))
    values = draw(st.lists(st.floats(-5, 5), min_size=n, max_size=n, unique=True))
    scale = draw(st.floats(0.05, 2))
    return Tail(tuple(sorted(probabilities, reverse=True)), tuple(sorted(values)), scale, 10_000)


def stratum(name="news", pairs=TAIL, groups=None):
    return Stratum(name, 90, 60, 0.008, pairs, groups or {3: {2: TAIL}, 6: {2: TAIL}})


def null(*strata):
    return Null("toy", "", 0.009, strata or (stratum(),), {})


def honest(n_subjects, n_texts, seed=1):
    """Texts that share words by chance: each draws 40 of 400; and the rows of each subject."""
    rng = random.Random(seed)
    own = [
        {f"w{number}" for number in rng.sample(range(400), 40)} for _ in range(n_subjects * n_texts)
    ]
    subjects = [f"s{row // n_texts}" for row in range(len(own))]
    rows = [list(range(first, first + n_texts)) for first in range(0, len(own), n_texts)]
    return wording(own, subjects), rows


def fitted(strata, given, seed=1):
    sources = {"toy.jsonl": "0" * 64}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dupdetect.match.null.DRAWS", 80)  # 400 take seconds
        return fit("toy", strata, given, sources, join=-0.8, spread=2.0, seed=seed)


# One value and its chance


@given(tails(), st.floats(-50, 50), st.floats(0, 20))
def test_more_is_never_more_likely_and_nothing_is_impossible(tail, value, more):
    assert 0 < tail.p(value + more) <= tail.p(value) <= 1


@given(tails())
def test_a_quantile_has_its_own_tail(tail):
    for p, value in zip(tail.tails, tail.values, strict=True):
        assert tail.p(value) == pytest.approx(p)


def test_between_two_quantiles_the_logarithm_is_drawn_straight():
    assert TAIL.p(1.5) == pytest.approx(math.sqrt(0.1 * 0.01))
    assert TAIL.p(0.25) == pytest.approx(0.5 * 0.2**0.25)


def test_beyond_the_last_quantile_the_tail_falls_by_its_scale():
    assert TAIL.p(2.5) == pytest.approx(0.01 / math.e)
    assert TAIL.p(3.0) == pytest.approx(0.01 / math.e**2)
    # Never less than a thousandth of what 10,000 values resolve.
    assert TAIL.p(1e9) == 1e-7


def test_below_the_first_quantile_nothing_more_is_said_than_it_says():
    assert Tail((TAILS[0], 0.1), (0.0, 1.0), 0.5, 10_000).p(-1e-9) == 1.0
    # Here no more than 35 in 100 collections had any group.
    assert Tail((0.35, 0.1), (0.0, 1.0), 0.5, 10_000).p(-1e-9) == 0.35


# Tails of samples


@given(st.integers(0, 3000), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_the_tail_of_a_sample_agrees_with_numpy(n, seed):
    sample = np.random.default_rng(seed).normal(0, 100, n)
    tail = tail_of(sample.tolist())
    assert list(tail.tails) == [each for each in TAILS if each * n >= 4]
    for p, value in zip(tail.tails, tail.values, strict=True):
        assert np.mean(sample >= value - 1e-4) == pytest.approx(p, abs=1.001 / n)
        assert np.mean(sample > value + 1e-4) < p
    if n >= 4:
        upper = np.sort(sample)[-max(1, n // 10) :]
        assert tail.scale == pytest.approx(max(0.05, np.mean(upper - upper[0])), abs=1e-4)


@given(st.lists(st.integers(-3, 3), min_size=4, max_size=60), st.integers(1, 30))
def test_many_equal_values_make_none_of_them_rare(values, times):
    sample = np.array([float(value) for value in values] * times)
    tail = tail_of(sample.tolist())
    for p, value in zip(tail.tails, tail.values, strict=True):
        n_reached = int(np.sum(sample >= value))
        beyond = {each: int(each * len(sample) + 1e-9) for each in TAILS}
        assert p == max(each for each in TAILS if 4 <= beyond[each] <= n_reached)
        assert tail.p(value) == pytest.approx(p)


def test_a_value_that_every_draw_gives_is_no_rare_one():
    assert tail_of([0.7] * DRAWS).values == (0.7,)
    assert tail_of([0.7] * DRAWS).p(0.7) == TAILS[0]


def test_quantiles_have_four_decimals_and_a_sample_too_small_has_none():
    assert tail_of([0.123456] * 100).values == (0.1235,)
    assert tail_of([1.0, 2.0, 3.0, 4.0]).values == ()
    assert tail_of([]).values == ()


def test_draws_without_a_group_count_in_the_sample_but_give_no_quantile():
    tail = tail_of([-math.inf] * 60 + [float(value) for value in range(40)])
    assert tail.values[0] >= 0
    assert tail.tails[0] <= 0.4
    assert tail_of([-math.inf] * 100).values == ()
    assert math.isfinite(tail.scale)


def test_the_tail_of_a_sample_does_not_depend_on_its_order():
    sample = [math.sin(each) for each in range(500)]
    assert tail_of(sample) == tail_of(sample[::-1])


# Families


@given(st.floats(-2, 6), st.floats(0, 3), st.integers(2, 20), st.integers(1, 300))
def test_more_evidence_is_never_more_likely(evidence, more, n_members, n):
    for judge in (shipped(), null()):
        p = judge.family_p(evidence, n_members, n)
        assert 0 < judge.family_p(evidence + more, n_members, n) <= p <= 1


@given(st.floats(-1, 3), st.integers(2, 20), st.integers(1, 300), st.integers(0, 300))
def test_for_a_kind_of_writing_a_group_is_never_rarer_among_more_texts(evidence, k, n, more):
    scattered = stratum(groups={3: {2: LENIENT}, 6: {2: TAIL}})
    for judge in (*shipped().strata, scattered):
        assert judge.family_p(evidence, k, n) <= judge.family_p(evidence, k, n + more) + 1e-12


def test_the_kind_of_writing_that_explains_a_score_best_counts():
    lenient = Tail((0.9, 0.3), (0.0, 2.0), 0.5, 10_000)
    letters = stratum("letters", lenient, {3: {2: lenient}})
    judge = null(stratum(groups={3: {2: TAIL}}), letters)
    assert judge.pair_p(2.0) == pytest.approx(0.3)
    assert judge.family_p(2.0, 2, 3) == pytest.approx(0.3)
    turned = null(*judge.strata[::-1])
    assert turned.family_p(2.0, 2, 3) == judge.family_p(2.0, 2, 3)


def test_small_collections_say_nothing_of_families_larger_than_they_are():
    small = stratum("letters", groups={3: {2: LENIENT}})
    judge = null(stratum(groups={3: {2: TAIL}, 100: {2: TAIL}}), small)
    assert judge.family_p(2.0, 3, 3) == pytest.approx(0.2)
    assert judge.family_p(2.0, 3, 6) == pytest.approx(1 - 0.8**2)
    assert judge.family_p(2.0, 4, 6) == pytest.approx(0.01)
    # The kind with the largest collections always speaks.
    assert null(small).family_p(2.0, 4, 300) == pytest.approx(1 - 0.8**100)


@given(st.floats(0, 4), st.integers(2, 30), st.integers(2, 400))
def test_no_family_is_rarer_among_more_texts_nor_commoner_for_a_member_more(evidence, members, n):
    judge = shipped()
    p = judge.family_p(evidence, members, n)
    assert judge.family_p(evidence, members, n + 1) >= p
    assert judge.family_p(evidence, members + 1, n) <= p


def test_between_two_sizes_the_larger_counts():
    judge = stratum(groups={3: {2: TAIL}, 12: {2: LENIENT}})
    found = [judge.family_p(2.0, 2, n) for n in (1, 3, 4, 12)]
    assert found == pytest.approx([0.01, 0.01, 0.2, 0.2])


def test_a_group_is_held_against_groups_of_no_more_members():
    rare = Tail((0.1, 0.001), (0.0, 1.0), 0.5, 10_000)
    judge = stratum(groups={6: {2: LENIENT, 4: rare}})
    found = [judge.family_p(2.0, n_members, 6) for n_members in (2, 3, 4, 9)]
    assert found == pytest.approx([0.2, 0.2, 0.001 / math.e**2, 0.001 / math.e**2])


@given(st.floats(0, 4), st.integers(6, 10_000))
def test_beyond_the_largest_size_a_collection_counts_as_several(evidence, n):
    judge = stratum()
    alone = TAIL.p(evidence)
    found = judge.family_p(evidence, 2, n)
    assert found == pytest.approx(1 - (1 - alone) ** (n / 6), abs=1e-9)
    assert alone - 1e-12 <= found <= judge.family_p(evidence, 2, n + 1) <= 1


def test_a_chance_of_one_stays_one_in_large_collections():
    whole = Tail((TAILS[0], 0.01), (0.0, 2.0), 0.5, 10_000)
    assert stratum(groups={3: {2: whole}}).family_p(-9.0, 2, 10**6) == pytest.approx(1.0)


# The table


def test_a_null_is_the_same_after_writing_and_reading():
    given, rows = honest(5, 8)
    made = fitted({"news": rows, "letters": rows[:3]}, given)
    read = from_json(json.dumps(made.to_dict()), "toy.json")
    assert read == made
    assert read.sha256 == hashed(made.to_dict())
    assert [each.groups for each in read.strata] == [each.groups for each in made.strata]


def test_white_space_and_the_order_of_keys_do_not_change_the_hash():
    table = null().to_dict()
    turned = dict(reversed(table.items()))
    assert list(turned) != list(table)
    assert from_json(json.dumps(turned, indent=4), "a").sha256 == hashed(table)
    assert hashed({**table, "expected_rate": 0.01}) != hashed(table)


def test_the_shipped_null_is_read_once_and_named_by_its_table():
    assert shipped() is shipped()
    assert shipped().sha256 == hashed(shipped().to_dict())
    assert from_json(json.dumps(shipped().to_dict()), "copy").sha256 == shipped().sha256
    assert shipped().is_english
    assert shipped().script == "LATIN"


def test_the_shipped_null_has_what_it_needs():
    for each in shipped().strata:
        assert set(each.groups) <= set(SIZES)
        assert min(each.groups) == SIZES[0]
        assert each.pairs.values
        assert all(min(tails) == MEMBERS[0] for tails in each.groups.values())
        assert all(tails[MEMBERS[0]].values for tails in each.groups.values())
        assert each.n_documents >= 50
    assert 0 < shipped().expected_rate < 0.05
    assert all(len(digest) == 64 for digest in shipped().sources.values())


def plain(*tails, values=None, scale=0.5):
    return {"tails": tails, "values": values or list(range(len(tails))), "scale": scale}


def broken(change):
    table = json.loads(json.dumps(null().to_dict()))
    change(table)
    return json.dumps(table)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        "{}",
        broken(lambda table: table.pop("strata")),
        broken(lambda table: table.update(strata=[])),
        broken(lambda table: table.update(version=1)),
        broken(lambda table: table.update(background="another")),
        broken(lambda table: table.update(sources=3)),
        broken(lambda table: table.update(expected_rate="much")),
        broken(lambda table: table["strata"][0].pop("pairs")),
        broken(lambda table: table["strata"][0].update(n_pairs=math.inf)),
        broken(lambda table: table["strata"][0].update(groups={})),
        broken(lambda table: table["strata"][0].update(groups={"few": {}})),
        broken(lambda table: table["strata"][0].update(groups={"3": {}})),
        broken(lambda table: table["strata"][0]["groups"].update({"0": {"2": plain(0.5)}})),
        broken(lambda table: table["strata"][0].update(pairs=[[0.5, 1.0]])),
        broken(lambda table: table["strata"][0].update(pairs=plain(0.5, 0.1, values=[2, 1]))),
        broken(lambda table: table["strata"][0].update(pairs=plain(0.1, 0.5))),
        broken(lambda table: table["strata"][0].update(pairs=plain(0.1, values=[1, 2]))),
        broken(lambda table: table["strata"][0].update(pairs=plain(0.0))),
        broken(lambda table: table["strata"][0].update(pairs=plain(1.5))),
        broken(lambda table: table["strata"][0].update(pairs=plain(0.5, values=[math.nan]))),
        broken(lambda table: table["strata"][0].update(pairs=plain(0.5, scale=0.0))),
        broken(lambda table: table["strata"][0].update(pairs=plain(0.5, scale=math.inf))),
    ],
)
def test_a_broken_table_is_named_with_its_place_and_what_to_do(text):
    with pytest.raises(ConfigError) as error:
        from_json(text, "archive/null.json")
    assert str(error.value).startswith("archive/null.json is no null table of version 2")
    assert "benchmarks.calibrate" in str(error.value)


# Fitting


def test_a_null_of_independent_texts_expects_what_they_share():
    given, rows = honest(10, 8)
    made = fitted({"news": rows}, given)
    news = made.strata[0]
    # 40 of 400 words each: 4 shared, in 400 tokens.
    assert made.expected_rate == pytest.approx(0.01, abs=0.002)
    assert (news.n_documents, news.n_pairs) == (80, 10 * 28)
    assert set(news.groups) == {3, 6}
    scores = np.concatenate(
        [score_table(np.array(each), given, made.expected_rate)[np.triu_indices(8, 1)]
         for each in rows]
    )  # fmt: skip
    assert news.pairs == tail_of(scores.tolist())


def test_planted_families_are_rare_in_a_null_and_honest_groups_are_not():
    given, rows = honest(12, 12)
    made = fitted({"news": rows}, given)
    farm = np.full((4, 4), 2.0)
    assert made.family_p(evidence_of(farm), 4, 12) < 0.02
    strongest = [
        max(each.evidence for each in candidates(table, -0.8, 2.0))
        for subject in rows
        for table in [score_table(np.array(subject), given, made.expected_rate)]
    ]
    assert np.median([made.family_p(each, 2, 12) for each in strongest]) > 0.2


def test_the_same_seed_gives_the_same_null_and_another_seed_nearly_the_same():
    given, rows = honest(6, 14)
    first, again, other = (fitted({"news": rows}, given, seed) for seed in (1, 1, 2))
    assert first == again
    assert first.sha256 == again.sha256 != other.sha256
    assert first.strata[0].pairs == other.strata[0].pairs


def test_a_null_does_not_depend_on_the_order_of_subjects_rows_and_kinds():
    given, rows = honest(6, 8)
    strata = {"news": rows[:4], "letters": rows[4:]}
    turned = {kind: [each[::-1] for each in strata[kind][::-1]] for kind in reversed(strata)}
    made, other = fitted(strata, given), fitted(turned, given)
    assert other.expected_rate == made.expected_rate
    assert {each.name: each for each in other.strata} == {each.name: each for each in made.strata}
    # To rows of other numbers belong other draws, of the same texts.
    order = list(range(len(given.n_tokens)))[::-1]
    moved = {kind: [[order.index(row) for row in each] for each in strata[kind]] for kind in strata}
    renamed = fitted(moved, renumbered(given, order))
    assert [each.pairs for each in renamed.strata] == [each.pairs for each in made.strata]
    assert renamed.expected_rate == made.expected_rate


def test_a_pair_in_two_subjects_counts_once():
    given, rows = honest(1, 5)
    made = fitted({"web": [rows[0], rows[0][:4]]}, given)
    assert (made.strata[0].n_documents, made.strata[0].n_pairs) == (5, 10)


@pytest.mark.parametrize("strata", [{}, {"news": []}, {"news": [[0, 1]]}])
def test_texts_too_few_for_groups_are_an_error_that_names_the_kind(strata):
    given, _ = honest(1, 3)
    with pytest.raises(ConfigError, match=r"^(news: |strata is empty)"):
        fitted(strata, given)


@given(st.integers(1, 12), st.integers(1, 60), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_the_table_of_scores_is_the_same_in_blocks_of_any_size(n, cells, seed):
    given, _ = honest(1, n, seed)
    i, j = np.triu_indices(n, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dupdetect.match.overlap._CELLS_AT_ONCE", cells)
        table = score_table(np.arange(n), given, 0.01)
    assert table[i, j].tolist() == overlaps(np.column_stack((i, j)), given, 0.01).scores.tolist()


def test_the_table_of_scores_is_symmetrical_and_holds_the_score_of_each_pair():
    given, rows = honest(1, 6)
    table = score_table(np.array([5, 1, 3]), given, 0.01)
    assert table.tolist() == table.T.tolist()
    assert table.diagonal().tolist() == [0.0] * 3
    pairs = np.array([[5, 1], [5, 3], [1, 3]])
    assert table[[0, 0, 1], [1, 2, 2]].tolist() == overlaps(pairs, given, 0.01).scores.tolist()
    assert score_table(np.array([rows[0][2]]), given, 0.01).tolist() == [[0.0]]
