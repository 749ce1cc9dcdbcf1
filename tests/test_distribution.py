"""What pairs score, over what honest pairs would, and the table of those that score most."""

import random
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from dupdetect import Config, Document, detect, read_documents
from dupdetect.assembly import overlap_values
from dupdetect.match import distribution as module
from dupdetect.match import overlap
from dupdetect.match.copies import Related
from dupdetect.match.distribution import (
    EDGES,
    MAX_HEAT,
    binned,
    distribution,
    expected_shares,
    threshold_of,
)
from dupdetect.match.families import SUBJECT_CLOSENESS, RecycledFamily
from dupdetect.match.null import Null, Stratum, Tail, shipped, tail_of
from dupdetect.match.overlap import overlaps, scores_on_subject
from dupdetect.match.recycled import Recycled
from tests.test_seeds import FARM, NEWS, SEEDS
from tests.wordings import renumbered, wording


def null(*tails):
    return Null("toy", "", 0.01, tuple(Stratum("s", 9, 9, 0.01, tail, {}) for tail in tails), {})


NULL = null(
    Tail((0.9, 0.5, 0.1, 0.01), (-1.0, 0.0, 0.5, 1.0), 0.2, 10_000),
    Tail((0.9, 0.1, 0.05), (-0.5, 0.3, 0.9), 0.4, 120),
)
LEVEL = 0.05


def family(level, *members):
    return RecycledFamily(members, 1.0, 0.01, 0.01, 9, level, np.empty((0, 2)), members[0])


def found(given, *families, rows=None, candidates=None, null=NULL):
    rows = range(len(given.n_tokens)) if rows is None else rows
    return Recycled(
        related=Related.nothing(),
        families=families,
        wording=given,
        null=null,
        not_judged=tuple("" if row in rows else "too short" for row in range(len(given.n_tokens))),
        rows=np.array(rows, dtype=np.int64),
        candidates=None if candidates is None else np.array(candidates).reshape(-1, 2),
    )


def histogram(recycled, level=LEVEL):
    return distribution(recycled, level).histogram


# The histogram


@st.composite
def collections(draw):
    """Texts of few own words on few subjects, some judged, some in a decided family."""
    n = draw(st.integers(2, 9))
    own = draw(st.lists(st.sets(st.sampled_from("abcdefgh")), min_size=n, max_size=n))
    # Two texts of five terms that share one are as close as the least that counts.
    terms = st.sets(st.sampled_from("abcdefghi"), min_size=1, max_size=5)
    subjects = draw(st.lists(terms, min_size=n, max_size=n))
    plain = wording(own, ["one"] * n)
    directions = np.array(
        [[float(word in subject) for word in "abcdefghi"] for subject in subjects]
    )
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    lengths = draw(st.lists(st.integers(5, 600), min_size=n, max_size=n))
    given = replace(
        plain, subject=csr_array(directions), n_tokens=np.array(lengths, dtype=np.float64)
    )
    rows = draw(st.sets(st.sampled_from(range(n)), min_size=2).map(sorted))
    parts = draw(st.lists(st.sampled_from([0, 1, 2]), min_size=len(rows), max_size=len(rows)))
    families = [
        family(level, *members)
        for level, part in (("decided", 1), ("review", 2))
        for members in [[row for row, each in zip(rows, parts, strict=True) if each == part]]
        if len(members) > 1
    ]
    return given, rows, families


def twin(recycled, pairs):
    """Pair by pair: the counts of each bin, those inside a family, and the scores."""
    counts, inside, scores = [0] * (len(EDGES) - 1), [0] * (len(EDGES) - 1), []
    for i, j in pairs:
        [measured] = overlap_values(np.array([[i, j]]), recycled)
        if measured.closeness < SUBJECT_CLOSENESS:
            continue
        place = sum(measured.score >= edge for edge in EDGES[1:-1])
        counts[place] += 1
        inside[place] += any({i, j} <= set(each.members) for each in recycled.decided)
        scores.append(measured.score)
    return tuple(counts), tuple(inside), scores


@given(collections(), st.sampled_from([0.2, 0.05, 0.001]), st.integers(1, 60), st.data())
@settings(max_examples=60, deadline=None)
def test_it_agrees_with_measuring_pair_by_pair(collection, level, cells, data):
    given, rows, families = collection
    pairs = list(combinations(rows, 2))
    candidates = data.draw(st.none() | st.sets(st.sampled_from(pairs)).map(sorted))
    recycled = found(given, *families, rows=rows, candidates=candidates)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlap, "_CELLS_AT_ONCE", cells)
        patch.setattr(module, "_AT_ONCE", 1 + cells % 4)
        drawn = histogram(recycled, level)
    counts, inside, scores = twin(recycled, pairs if candidates is None else candidates)
    assert (drawn.counts, drawn.recycled) == (counts, inside)
    assert sum(drawn.counts) == drawn.n_pairs == len(scores)
    assert drawn.n_pairs + drawn.n_other_pairs == len(pairs)
    # The threshold is given to four decimals: what scores so little below it may go either way.
    unclear = [score for score in scores if drawn.threshold - 1e-4 < score < drawn.threshold]
    rare = sum(NULL.pair_p(score) <= level for score in scores)
    assert rare - len(unclear) <= drawn.n_above <= rare
    assert drawn.expected_above == pytest.approx(level * len(scores))
    assert drawn.expected == pytest.approx([len(scores) * x for x in expected_shares(NULL)])
    assert all(part <= whole for part, whole in zip(drawn.recycled, drawn.counts, strict=True))


@given(collections(), st.floats(0.05, 1.0), st.integers(1, 60))
@example((wording([{"a"}, {"a"}], ["x", "x"]), [0, 1], []), 1.0, 1)
@settings(max_examples=60, deadline=None)
def test_pairs_so_close_in_subject_are_those_that_all_pairs_measured_give(
    collection, closeness, cells
):
    given, rows, _ = collection
    pairs = np.array(list(combinations(rows, 2)))
    each = overlaps(pairs, given, 0.01)
    near = each.closeness >= closeness
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlap, "_CELLS_AT_ONCE", cells)
        blocks = list(scores_on_subject(given, np.array(rows), closeness, 0.01))
    scored = {
        tuple(pair): score
        for found, scores in blocks
        for pair, score in zip(found.tolist(), scores.tolist(), strict=True)
    }
    assert sum(len(found) for found, _ in blocks) == len(scored)
    assert scored == dict(
        zip(map(tuple, pairs[near].tolist()), each.scores[near].tolist(), strict=True)
    )


@given(collections(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_a_histogram_does_not_depend_on_the_order_of_texts(collection, shuffler):
    given, rows, families = collection
    n = len(given.n_tokens)
    order = shuffler.sample(range(n), n)
    moved = [
        replace(each, members=tuple(sorted(map(order.index, each.members)))) for each in families
    ]
    other = found(renumbered(given, order), *moved, rows=sorted(order.index(row) for row in rows))
    assert histogram(other) == histogram(found(given, *families, rows=rows))


def test_a_score_at_an_edge_is_in_the_bin_above_it_and_those_beyond_in_the_outer_bins():
    assert binned(np.array(EDGES)).tolist() == [1] * (len(EDGES) - 2) + [2]
    assert binned(np.array([-9.0, 9.0]))[[0, -1]].tolist() == [1, 1]
    assert binned(np.array([0.6 - 1e-9]))[EDGES.index(0.6) - 1] == 1


def test_the_bins_are_a_fifth_of_a_nat_and_their_edges_exact_decimals():
    assert [str(edge) for edge in (EDGES[0], EDGES[7], EDGES[13], EDGES[-1])] == [
        "-2.0", "-0.6", "0.6", "3.2",
    ]  # fmt: skip
    assert np.diff(EDGES) == pytest.approx(0.2)


def test_texts_on_other_subjects_are_in_no_bin_however_much_they_share():
    own = [set("abcdefgh")] * 4
    drawn = histogram(found(wording(own, ["one", "one", "one", "other"])))
    assert (drawn.n_pairs, drawn.n_other_pairs) == (3, 3)


def test_of_pairs_that_were_not_looked_into_only_the_number_is_known():
    given = wording([set("abcdefgh")] * 5, ["one"] * 4 + ["other"])
    drawn = histogram(found(given, family("decided", 0, 1), candidates=[(0, 1), (1, 2), (3, 4)]))
    assert (drawn.n_pairs, drawn.n_other_pairs, sum(drawn.recycled)) == (2, 8, 1)


# The null


@given(st.floats(1e-6, 0.5))
def test_the_threshold_is_the_lowest_score_that_is_so_rare(level):
    threshold = threshold_of(shipped(), level)
    if threshold is None:
        assert shipped().pair_p(20.0) > level
    else:
        assert threshold == round(threshold, 4)
        assert shipped().pair_p(threshold) <= level < shipped().pair_p(threshold - 1e-4)


def test_a_pair_is_above_the_threshold_as_soon_as_its_p_value_is_at_most_the_level():
    given = wording([set("abcdef")] * 2, ["one"] * 2)
    [score] = overlaps(np.array([[0, 1]]), given, 0.01).scores.tolist()
    for rare_from, n_above in ((score - 0.0002, 1), (score + 0.0002, 0)):
        tail = Tail((0.9, LEVEL), (score - 1, rare_from), 0.2, 10_000)
        assert histogram(found(given, null=null(tail))).n_above == n_above
        assert (null(tail).pair_p(score) <= LEVEL) == bool(n_above)


def test_where_no_score_is_so_rare_there_is_a_heat_map_and_no_histogram():
    drawn = distribution(found(wording([set("ab")] * 3, ["one"] * 3)), 1e-6)
    assert drawn.histogram is None
    assert drawn.heat.rows == (0, 1, 2)


def test_as_many_are_expected_in_each_bin_as_the_null_was_measured_on():
    measured = np.random.default_rng(5).normal(0.1, 0.6, 20_000)
    tail = tail_of(measured.tolist())
    shares = np.array(expected_shares(null(tail)))
    seen = binned(measured) / len(measured)
    # Between the kept quantiles a tail is a straight line of the logarithm, and below the first
    # there is nothing.
    first = int(np.searchsorted(EDGES, tail.values[0]))
    assert shares[first:] == pytest.approx(seen[first:], abs=0.035)
    assert shares[: first - 1].tolist() == [0.0] * (first - 1)
    assert shares.sum() == pytest.approx(0.9)


def test_what_is_expected_from_an_edge_on_is_its_p_value():
    shares = expected_shares(shipped())
    assert min(shares) >= 0
    for place, edge in enumerate(EDGES[:-1]):
        expected = min(shipped().pair_p(edge), 0.9)
        assert sum(shares[place:]) == pytest.approx(expected)


def test_a_null_whose_first_quantile_is_beyond_all_bins_expects_its_pairs_in_the_last():
    shares = expected_shares(null(Tail((0.9, 0.1), (4.0, 5.0), 0.2, 100)))
    assert shares == pytest.approx([0.0] * (len(EDGES) - 2) + [0.9])
    below = expected_shares(null(Tail((0.9, 0.1), (-9.0, -8.0), 0.2, 100)))
    assert below[0] == pytest.approx(0.9, abs=0.001)


# The heat map


def group(name, n, shared):
    """Texts on one subject that share so many own words of 400."""
    return [
        ({f"{name}{word}" for word in range(shared)} | {f"{name}-{each}"}, name)
        for each in range(n)
    ]


def texts(*groups):
    own, subjects = zip(*(each for group in groups for each in group), strict=True)
    return wording(list(own), list(subjects))


def test_texts_that_are_alike_are_beside_one_another():
    given = texts(group("a", 4, 30), group("b", 3, 30), group("c", 1, 0))
    order = [0, 4, 1, 7, 5, 2, 6, 3]
    heat = distribution(found(renumbered(given, order)), LEVEL).heat
    names = "".join(
        given.subject_words[given.subject[[order[row]]].indices[0]] for row in heat.rows
    )
    assert sorted(heat.rows) == list(range(8))
    assert "aaaa" in names
    assert "bbb" in names


def test_its_scores_are_those_of_the_pairs():
    given = texts(group("a", 3, 30), group("b", 2, 12))
    heat = distribution(found(given), LEVEL).heat
    assert [len(row) for row in heat.scores] == [0, 1, 2, 3, 4]
    for i, scores in enumerate(heat.scores):
        for j, score in enumerate(scores):
            [exact] = overlaps(np.array([[heat.rows[i], heat.rows[j]]]), given, 0.01).scores
            assert score == pytest.approx(exact, abs=1e-6)


def test_families_are_shown_first_then_reviews_then_those_that_score_most():
    sizes = {"lonely": 3, "near": 6, "far": MAX_HEAT, "review": 5, "small": 3, "large": 4}
    shared = {"lonely": 0, "near": 20, "far": 2, "review": 10, "small": 30, "large": 30}
    given = texts(*(group(name, n, shared[name]) for name, n in sizes.items()))
    starts = dict(zip(sizes, np.cumsum([0, *sizes.values()]).tolist(), strict=False))
    rows_of = {name: set(range(starts[name], starts[name] + n)) for name, n in sizes.items()}
    families = [
        family(level, *sorted(rows_of[name]))
        for level, name in (("decided", "small"), ("review", "review"), ("decided", "large"))
    ]
    shown = set(distribution(found(given, *families), LEVEL).heat.rows)
    assert len(shown) == MAX_HEAT
    for name in ("large", "small", "review", "near"):
        assert rows_of[name] <= shown
    assert not rows_of["lonely"] & shown
    # What is left goes to those of the next highest scores: of equals to the better keepers.
    rest = MAX_HEAT - 4 - 3 - 5 - 6
    assert shown & rows_of["far"] == set(sorted(rows_of["far"])[:rest])


def test_of_families_that_are_too_many_the_larger_is_shown_whole():
    given = texts(group("small", 3, 30), group("large", MAX_HEAT - 1, 30))
    large = tuple(range(3, MAX_HEAT + 2))
    families = family("decided", 0, 1, 2), family("decided", *large)
    heat = distribution(found(given, *families), LEVEL).heat
    assert sorted(heat.rows) == [0, *large]


def test_a_decided_family_is_shown_before_a_larger_one_for_review():
    given = texts(group("small", 3, 30), group("large", MAX_HEAT, 30))
    review = family("review", *range(3, MAX_HEAT + 3))
    heat = distribution(found(given, family("decided", 0, 1, 2), review), LEVEL).heat
    assert sorted(heat.rows) == list(range(MAX_HEAT))


def test_two_texts_make_a_heat_map_and_one_makes_none():
    given = texts(group("a", 2, 30))
    assert distribution(found(given), LEVEL).heat.rows == (0, 1)
    assert distribution(found(given, rows=[1]), LEVEL) is None
    assert distribution(found(given, rows=[]), LEVEL) is None


# In a report


@pytest.fixture(scope="module")
def documents():
    return tuple(read_documents(SEEDS))


@pytest.fixture(scope="module")
def report(documents):
    return detect(documents)


def test_the_pairs_of_the_seeds_are_drawn_over_the_null(report):
    drawn = report.histogram
    assert (drawn.n_pairs, drawn.n_other_pairs, drawn.level) == (10, 0, 0.05)
    assert (drawn.n_above, sum(drawn.recycled), drawn.expected_above) == (6, 6, 0.5)
    assert drawn.threshold == pytest.approx(0.6255)
    above = EDGES.index(0.8)
    assert sum(drawn.counts[above:]) == 6
    assert sum(drawn.expected[above:]) < 0.25


def test_the_heat_map_of_the_seeds_has_the_farm_side_by_side(report):
    heat = report.heat_map
    assert heat.n_left_out == 0
    assert NEWS in (heat.ids[0], heat.ids[-1])
    assert set(heat.ids) == {*FARM, NEWS}
    score_of = {
        frozenset((id, heat.ids[j])): score
        for id, scores in zip(heat.ids, heat.scores, strict=True)
        for j, score in enumerate(scores)
    }
    assert len(score_of) == 10
    for pair in report.pairs:
        assert score_of[frozenset((pair.a, pair.b))] == pytest.approx(pair.overlap.score, abs=1e-6)


def test_copies_stand_once_and_documents_that_are_not_shown_are_counted(documents, report):
    more = [
        Document("copy", documents[0].text),
        Document("near", documents[1].text + " It ends here, with these few words."),
        Document("short", "Rain again."),
    ]
    fuller = detect([*documents, *more])
    assert fuller.histogram.n_pairs == report.histogram.n_pairs == 10
    assert len(fuller.heat_map.ids) == 5
    assert fuller.heat_map.n_left_out == 3


def test_a_report_is_the_same_whatever_the_order_of_documents(documents, report):
    shuffled = random.Random(3).sample(documents, len(documents))
    again = detect(shuffled)
    assert (again.histogram, again.heat_map) == (report.histogram, report.heat_map)


def test_without_the_recycled_lens_nothing_is_drawn(documents):
    copies = detect(documents, Config(lens="near-duplicate"))
    assert copies.histogram is None
    assert copies.heat_map is None


def test_of_one_judged_text_nothing_is_drawn(documents):
    for few in ([], documents[:1], [documents[0], Document("copy", documents[0].text)]):
        alone = detect(few)
        assert alone.histogram is None
        assert alone.heat_map is None


def test_where_not_all_pairs_are_scored_the_candidates_are_drawn(documents):
    few = detect(documents, Config.from_dict({"recycled": {"max_all_pairs": 2}}))
    assert few.counts["recycled_candidates"] >= few.histogram.n_pairs > 0
    assert few.histogram.n_pairs + few.histogram.n_other_pairs == 10
    assert sum(few.histogram.recycled) == 6
