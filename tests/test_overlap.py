import hashlib
import math
import os
import random
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dupdetect.match import overlap
from dupdetect.match.background import ENGLISH, Background
from dupdetect.match.overlap import (
    ONE_SUBJECT,
    Subjects,
    measure,
    overlaps,
    pairs_above,
    story_pairs,
)
from dupdetect.results import Document
from dupdetect.text.prepare import prepare
from tests import reference

RATE = 0.009
# Common and uncommon words, names, numbers, marks, and scripts without spaces.
PIECES = [
    *["the", "of", "was", "people", "town", "harbour", "roofs", "tiles", "brisk", "winds", "tore"],
    *["qwrtz", "Riga", "Ozols", "I", "40", "b2", "don't", '"', "“", "”", ". ", ". ", ", ", "\n\n"],
    *["香港", "東", "の", "カタカナ", "ทดสอบ", "Москва", "дом", "香港AI"],
]
text = st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join)
# Few words, so that texts share much; at most 120 tokens, some of them of every sort.
TOY = Background(
    "toy",
    frozenset({"the", "of", "was"}),
    {"people": 5.5, "town": 5.3, "harbour": 5.29, "roofs": 7.5, "tiles": 7.49, "香港": 4.0},
)
backgrounds = st.sampled_from([ENGLISH, TOY])

WEATHER = (
    "Brisk winds tore tiles from roofs along the quay. Nobody in Riga, the mayor said, was hurt, "
    'but "forty sheds are gone" and a ferry drifted ashore. Gardeners swept branches into heaps.'
)
SPUN = (
    "Along the quay brisk winds tore tiles loose. Gardeners swept heaps of branches, and a ferry "
    "drifted. It was Riga's worst night, Ozols recalled."
)
# Words at the bounds of the toy background, once and often, and function words among facts.
TOWN = (
    "people of a town saw tiles fall on roofs and on tiles in every harbour of that town, harbour "
    'after harbour after harbour. "The roofs of the town," said Ozols, "was where 40 slept."'
)


def prepared(*texts):
    return [prepare(Document(str(row), text)) for row, text in enumerate(texts)]


def all_pairs(n):
    return np.column_stack(np.triu_indices(n, 1))


def no_masks(texts):
    return [np.zeros(len(each.tokens), dtype=np.bool_) for each in texts]


def bits(found):
    return [getattr(found, name).tobytes() for name in type(found).__slots__]


def own_words(wording, row):
    return {wording.words[column] for column in wording.own[[row]].indices.tolist()}


@given(st.lists(text, min_size=1, max_size=4), backgrounds, st.randoms(use_true_random=False))
@example([TOWN, TOWN + SPUN, WEATHER, 2 * WEATHER + SPUN], TOY, random.Random(1))
@example([TOWN, SPUN, WEATHER, WEATHER + SPUN], ENGLISH, random.Random(2))
@settings(max_examples=60, deadline=None)
def test_what_texts_share_agrees_with_sets_and_loops(contents, background, shuffler):
    texts = prepared(*contents)
    masks = no_masks(texts)
    for mask in masks:
        mask[:] = [shuffler.random() < 0.2 for _ in mask]
    wording = measure(texts, background, masks)
    twins = [
        reference.text_parts(each, background, mask.tolist())
        for each, mask in zip(texts, masks, strict=True)
    ]
    for row, twin in enumerate(twins):
        assert own_words(wording, row) == twin.own
        assert wording.n_tokens[row] == pytest.approx(twin.n_tokens)
    pairs = all_pairs(len(texts))
    found = overlaps(pairs, wording, RATE)
    for place, (i, j) in enumerate(pairs.tolist()):
        a, b = twins[i], twins[j]
        assert found.shared_words[place] == len(a.own & b.own)
        assert found.shared_facts[place] == len(a.facts & b.facts)
        assert found.closeness[place] == pytest.approx(reference.closeness(a, b), abs=1e-8)
        assert found.scores[place] == pytest.approx(reference.overlap_score(a, b, RATE), abs=1e-6)


@given(st.lists(text, min_size=2, max_size=4))
@settings(max_examples=30, deadline=None)
def test_a_pair_is_the_same_from_both_sides_and_its_parts_add_up(contents):
    wording = measure(prepared(*contents), TOY)
    pairs = all_pairs(len(contents))
    found = overlaps(pairs, wording, RATE)
    assert bits(found) == bits(overlaps(pairs[:, ::-1], wording, RATE))
    sums = found.surplus + found.distance + found.brevity
    assert found.scores == pytest.approx(sums, abs=1e-9)
    assert (found.distance <= 0).all()
    assert (found.brevity < 0).all()
    assert ((found.closeness >= 0) & (found.closeness <= 1)).all()
    assert np.isfinite(found.scores).all()


@given(st.lists(text, min_size=2, max_size=5), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_a_pair_is_the_same_to_the_last_bit_whatever_texts_stand_beside_it(contents, shuffler):
    texts = prepared(*contents)
    alone = overlaps(np.array([[0, 1]]), measure(texts[:2], ENGLISH), RATE)
    order = shuffler.sample(range(len(texts)), len(texts))
    among = measure([texts[row] for row in order], ENGLISH)
    pair = np.array([[order.index(0), order.index(1)]])
    assert bits(overlaps(pair, among, RATE)) == bits(alone)


def test_scores_do_not_depend_on_the_seed_of_hashes():
    code = (
        "import numpy as np, hashlib\n"
        "from tests.test_overlap import *\n"
        "wording = measure(prepared(WEATHER, SPUN, '香港市场 brisk winds'), ENGLISH)\n"
        "found = overlaps(all_pairs(3), wording, RATE)\n"
        "whole = [*bits(found), repr(wording.words).encode(), wording.subject.data.tobytes()]\n"
        "print(hashlib.sha256(b''.join(whole)).hexdigest())\n"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    ]
    assert len(runs[0].strip()) == hashlib.sha256().digest_size * 2
    assert runs[0] == runs[1]


def test_own_words_are_uncommon_and_stand_apart_from_facts():
    wording = measure(prepared(WEATHER), ENGLISH)
    own = own_words(wording, 0)
    assert {"brisk", "tiles", "quay", "gardeners"} <= own - {"gardeners"} | {"gardeners"}
    assert {"brisk", "winds", "tiles", "quay"} <= own
    assert not own & {"the", "from"}  # function words
    assert not own & {"sheds", "forty"}  # quoted
    assert not own & {"riga", "mayor", "nobody"}  # a name and what stands at most two from it
    assert "hurt" not in own  # two before a quotation
    assert {"gardeners", "branches"} <= own


def test_words_from_200_in_a_million_on_are_everybodys():
    assert TOY.zipf(["town", "harbour"]).tolist() == [5.3, 5.29]
    assert own_words(measure(prepared("a town by some harbour"), TOY), 0) >= {"harbour"}
    assert "town" not in own_words(measure(prepared("a town by some harbour"), TOY), 0)


def test_what_a_text_says_three_times_is_its_subject_and_no_own_word():
    twice = measure(prepared("the harbour sleeps. harbour lights."), ENGLISH)
    thrice = measure(prepared("the harbour sleeps. harbour lights. a harbour."), ENGLISH)
    assert "harbour" in own_words(twice, 0)
    assert "harbour" not in own_words(thrice, 0)
    assert "harbour" in thrice.subject_words


def test_masked_tokens_are_as_if_they_were_not_there():
    notice = "subscribe to our brisk newsletter now. "
    texts = prepared(notice + "winds tore tiles from roofs.", "winds tore tiles from roofs.")
    masks = no_masks(texts)
    masks[0][:6] = True
    wording = measure(texts, ENGLISH, masks)
    assert own_words(wording, 0) == own_words(wording, 1)
    assert wording.n_tokens.tolist() == [5.0, 5.0]
    assert wording.subject[[0]].toarray().tolist() == wording.subject[[1]].toarray().tolist()


def test_an_inserted_foreign_run_is_stepped_over():
    plain, anchored = prepared("winds tore old tiles", "winds 香港市 tore old tiles")
    wording = measure([plain, anchored], ENGLISH)
    assert own_words(wording, 0) == own_words(wording, 1)


def test_scripts_without_spaces_are_compared_by_short_runs_of_characters():
    wording = measure(prepared("市议会今年修复旧桥。", "旧桥今年修复。"), TOY)
    found = overlaps(np.array([[0, 1]]), wording, RATE)
    assert found.shared_words.tolist() == [4]  # 今年, 年修, 修复, 旧桥
    assert wording.n_tokens.tolist() == [3.0, 2.0]  # nine and six characters, three a word


@pytest.mark.parametrize(
    "contents", [("", ""), ("", "brisk winds"), ("brisk", "brisk"), ("a", ".")]
)
def test_empty_texts_and_texts_of_one_word_have_finite_scores(contents):
    wording = measure(prepared(*contents), ENGLISH)
    found = overlaps(np.array([[0, 1]]), wording, RATE)
    assert np.isfinite(found.scores).all()
    # One word says nothing: brevity alone takes 2.7 nats.
    assert found.brevity[0] == pytest.approx(-0.5 * math.sqrt(30))
    assert (wording.n_tokens >= 1).all()


def test_no_texts_and_no_pairs_are_no_error():
    empty = np.empty((0, 2), dtype=np.int64)
    wording = measure([], ENGLISH)
    assert overlaps(empty, wording, RATE).scores.shape == (0,)
    assert pairs_above(wording, np.arange(0), 0.0, RATE).shape == (0, 2)
    assert story_pairs(wording, np.arange(0), 1).shape == (0, 2)


def test_masks_must_be_as_many_as_texts():
    with pytest.raises(ValueError, match="zip"):
        measure(prepared("a", "b"), ENGLISH, [np.zeros(1, dtype=np.bool_)])


def test_more_own_words_shared_score_higher():
    texts = prepared(WEATHER, SPUN, "Gardeners queued for seeds at the county fair this morning.")
    scores = overlaps(np.array([[0, 1], [0, 2]]), measure(texts, ENGLISH), RATE).scores
    assert scores[0] > 1.0 > scores[1]


def test_the_surplus_is_nought_where_as_much_is_shared_as_expected():
    texts = prepared(WEATHER, SPUN)
    wording = measure(texts, ENGLISH)
    pair = np.array([[0, 1]])
    shared = overlaps(pair, wording, RATE).shared_words[0]
    rate = shared / math.sqrt(wording.n_tokens[0] * wording.n_tokens[1])
    found = overlaps(pair, wording, rate)
    assert found.surplus[0] == pytest.approx(0.0, abs=1e-12)
    assert found.expected_words[0] == pytest.approx(shared)


def test_texts_on_one_subject_owe_nothing_for_distance():
    wording = measure(prepared(WEATHER, WEATHER, "Zebras graze."), ENGLISH)
    found = overlaps(np.array([[0, 1], [0, 2]]), wording, RATE)
    assert found.closeness.tolist() == [1.0, 0.0]
    assert found.distance[0] == 0
    assert found.distance[1] == pytest.approx(2 * math.log(0.05 / (ONE_SUBJECT + 0.05)))


@st.composite
def collections(draw):
    contents = draw(st.lists(text, max_size=8))
    rows = draw(st.lists(st.sampled_from(range(8)), unique=True).map(sorted))
    return contents, np.array([row for row in rows if row < len(contents)], dtype=np.int64)


@given(collections(), st.floats(-8, 2), st.integers(1, 40))
@example(([WEATHER, SPUN, WEATHER], np.array([0, 1, 2])), 1.0, 1)
@settings(max_examples=50, deadline=None)
def test_pairs_above_a_threshold_agree_with_scoring_each(collection, threshold, cells):
    contents, rows = collection
    wording = measure(prepared(*contents), TOY)
    pairs = rows[all_pairs(len(rows))]
    scores = overlaps(pairs, wording, RATE).scores
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlap, "_CELLS_AT_ONCE", cells)
        found = pairs_above(wording, rows, threshold, RATE)
        at_a_score = [pairs_above(wording, rows, score, RATE).tolist() for score in scores[:3]]
    assert found.tolist() == pairs[scores >= threshold].tolist()
    # A pair exactly at the threshold counts: both ways of scoring agree to the last digit.
    expected = [pairs[scores >= score].tolist() for score in scores[:3].tolist()]
    assert at_a_score == expected


@given(collections(), st.integers(1, 3), st.integers(1, 40))
@settings(max_examples=50, deadline=None)
def test_pairs_that_share_facts_agree_with_counting_each_and_are_sorted(collection, least, cells):
    contents, rows = collection
    wording = measure(prepared(*contents), TOY)
    pairs = rows[all_pairs(len(rows))]
    shared = overlaps(pairs, wording, RATE).shared_facts
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlap, "_CELLS_AT_ONCE", cells)
        assert story_pairs(wording, rows, least).tolist() == pairs[shared >= least].tolist()


def test_pairs_that_share_facts_are_sorted_among_many_texts():
    words = [f"Name{number}" for number in range(30)]
    rng = np.random.default_rng(1)
    contents = ["so " + " ".join(rng.choice(words, 12)) for _ in range(40)]
    pairs = story_pairs(measure(prepared(*contents), TOY), np.arange(40), 4)
    assert len(pairs) > 100
    assert pairs.tolist() == sorted(pairs.tolist())


@given(collections(), st.floats(0.01, 0.99), st.data())
@settings(max_examples=40, deadline=None)
def test_texts_near_in_subject_agree_with_comparing_each(collection, closeness, data):
    contents, rows = collection
    if not len(rows):
        return
    of = data.draw(st.lists(st.sampled_from(rows.tolist()), min_size=1, unique=True))
    wording = measure(prepared(*contents), TOY)
    expected = {
        row
        for row in rows.tolist()
        for other in of
        if row == other
        or overlaps(np.array([[row, other]]), wording, RATE).closeness[0] >= closeness
    }
    assert Subjects(wording, rows).near(of, closeness).tolist() == sorted(expected)
