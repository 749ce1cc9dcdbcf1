"""The judges of families: what is drawn, how it is damaged, who is beside us, and the figures."""

import argparse
import doctest
import gzip
import hashlib
import json
import random
import re
import sys
from collections import Counter
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import average_precision_score

from benchmarks import families, family_draws, family_rivals, hostile, metrics
from benchmarks.corpora import CorpusError
from benchmarks.family_draws import HOSTILE, KINDS, MiniCorpus, draw_corpora, load_labelled, nulls
from benchmarks.family_rivals import Method
from benchmarks.metrics import Estimate, ScoredPairs
from dupdetect import Config, Document, compare, detect
from dupdetect.errors import ConfigError
from dupdetect.match.null import shipped
from dupdetect.results import Family
from dupdetect.text.prepare import prepare
from dupdetect.text.sentences import sentence_spans

VOCABULARY = [f"{a}{b}" for a in "ba de fi go lu ma ne pi".split() for b in "ra sti tun vo".split()]


def prose(rng, n_words):
    words = rng.choices(VOCABULARY, k=n_words)
    return " ".join(
        f"{word.capitalize()}" if at % 9 == 0 else f"{word}." if at % 9 == 8 else word
        for at, word in enumerate(words)
    )


def rows_of(groups, size, n_words, rng, name):
    return [
        {"id": f"{name}-{group}-{at}", "group": f"{name}{group:03}", "text": prose(rng, n_words)}
        for group in range(groups)
        for at in range(size)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder as the labelled one, of made-up words; one story is a copy of another."""
    rng = random.Random(5)
    collections = {
        "human_news": rows_of(3, 101, 40, rng, "n"),
        "human_essays": rows_of(6, 34, 30, rng, "q"),
        "human_formal": rows_of(1, 40, 30, rng, "f"),
        "same_event_news": rows_of(12, 3, 30, rng, "e"),
        "machine_essays": rows_of(13, 7, 60, rng, "m"),
    }
    collections["human_news"][7]["text"] = collections["human_news"][3]["text"].upper()
    path = tmp_path_factory.mktemp("labelled")
    for name, rows in collections.items():
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (path / f"{name}.jsonl.gz").write_bytes(gzip.compress(lines.encode(), mtime=0))
    return path


@pytest.fixture(scope="module")
def sha256(folder):
    return {
        name: hashlib.sha256((folder / f"{name}.jsonl.gz").read_bytes()).hexdigest()
        for name in family_draws.SHA256
    }


@pytest.fixture(scope="module")
def texts(folder, sha256):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(family_draws, "SHA256", sha256)
        return load_labelled(folder)


def corpus(*families, others=""):
    ids = ["".join(sorted(family)) for family in families]
    documents = tuple(Document(id, f"text {id}") for id in "".join([*ids, others]))
    return MiniCorpus("news", documents, frozenset(map(frozenset, families)))


@pytest.mark.parametrize("module", [families, family_rivals, hostile, metrics])
def test_examples_run(module):
    found = doctest.testmod(module)
    assert found.attempted
    assert not found.failed


# Figures

groupings = st.integers(1, 9).flatmap(
    lambda n: st.tuples(*(st.lists(st.integers(0, 4), min_size=n, max_size=n) for _ in range(2)))
)


def grouped(labels):
    """The families of a labelling: groups of two or more."""
    groups = {}
    for at, label in enumerate(labels):
        groups.setdefault(label, set()).add(str(at))
    return frozenset(frozenset(group) for group in groups.values() if len(group) > 1)


@settings(deadline=None)
@given(groupings)
def test_bcubed_is_the_mean_over_documents_of_shared_neighbours(labels):
    found, true = labels
    ids = [str(at) for at in range(len(found))]
    precision, recall = [], []
    for at in range(len(found)):
        mine = {other for other, label in enumerate(found) if label == found[at]}
        right = {other for other, label in enumerate(true) if label == true[at]}
        precision.append(len(mine & right) / len(mine))
        recall.append(len(mine & right) / len(right))
    p, r = np.mean(precision), np.mean(recall)
    assert metrics.bcubed_f1(grouped(found), grouped(true), ids) == pytest.approx(
        2 * p * r / (p + r)
    )


@pytest.mark.parametrize("wrong", [["ab", "bc"], ["ax"]])
def test_families_that_do_not_part_the_documents_are_refused(wrong):
    with pytest.raises(ValueError, match="must part the documents"):
        metrics.bcubed_f1(frozenset(map(frozenset, wrong)), frozenset(), "abc")


@settings(deadline=None)
@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_has_the_interval_of_wilson(trials):
    found = metrics.share_of(*trials)
    low, high = binomtest(*trials).proportion_ci(method="wilson")
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert found.low <= found.value <= found.high


scores = st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4, 0.5]), min_size=1, max_size=15)


def lone_pairs(values):
    """Pairs that share no document."""
    at = np.arange(2 * len(values)).reshape(-1, 2)
    return ScoredPairs(np.array(values), at, 2 * len(values))


def slow_tpr(recycled, independent, rate):
    allowed = [
        c
        for c in {*recycled, *independent}
        if np.mean([s >= c for s in independent]) <= rate + 1e-12
    ]
    return max([np.mean([s >= c for s in recycled]) for c in allowed], default=0.0)


@settings(deadline=None)
@given(scores, scores, st.sampled_from([0.1, 0.25, 0.5]))
def test_pair_figures_are_those_of_a_walk_over_all_cuts(recycled, independent, rate):
    found = metrics.pair_figures(
        lone_pairs(recycled), lone_pairs(independent), [rate], n_resamples=2
    )
    truth = [1] * len(recycled) + [0] * len(independent)
    weights = [1 / len(recycled)] * len(recycled) + [1 / len(independent)] * len(independent)
    expected = average_precision_score(truth, recycled + independent, sample_weight=weights)
    assert found["pr_auc"].value == pytest.approx(expected)
    if len(independent) * rate < 1:
        assert found[f"tpr@{rate}"] is None
    else:
        assert found[f"tpr@{rate}"].value == pytest.approx(slow_tpr(recycled, independent, rate))


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), min_size=4, max_size=4).filter(lambda drawn: sum(drawn) == 4))
def test_a_pair_counts_as_often_as_both_documents_are_drawn(drawn):
    pairs = ScoredPairs.of_groups([np.arange(16.0).reshape(4, 4)])

    class Drawing:
        def multinomial(self, n, shares, size):
            assert n == 4
            assert np.allclose(shares, 0.25)
            return np.array([drawn] * size)

    weights = pairs.weights(Drawing(), 1)[:, 0]
    resample = [row for row, times in enumerate(drawn) for _ in range(times)]
    counted = Counter(
        (min(a, b), max(a, b)) for i, a in enumerate(resample) for b in resample[i + 1 :] if a != b
    )
    assert weights.tolist() == [counted[a, b] for a, b in pairs.pairs.tolist()]


def test_the_interval_of_a_clear_case_is_narrow_and_of_a_small_one_wide():
    rng = np.random.default_rng(2)

    def matrix(n, centre):
        noise = rng.normal(centre, 0.1, (n, n))
        return (noise + noise.T) / 2

    wide, narrow = (
        metrics.pair_figures(
            ScoredPairs.of_groups([matrix(n, 0.2)]), ScoredPairs.of_groups([matrix(n, 0.0)]), [0.1]
        )["tpr@0.1"]
        for n in (6, 60)
    )
    for each in (wide, narrow):
        assert 0 <= each.low <= each.value <= each.high <= 1
    assert narrow.high - narrow.low < wide.high - wide.low


def test_resamples_without_a_pair_tell_nothing():
    assert metrics._limits(np.array([np.nan, np.nan])) == (0.0, 1.0)
    assert metrics._limits(np.array([np.nan, 0.5])) == (0.5, 0.5)


def test_even_p_values_keep_their_promise_and_small_ones_break_it():
    rng = np.random.default_rng(1)
    even = ScoredPairs.of_groups([rng.random((60, 60))])
    small = ScoredPairs(even.scores / 4, even.pairs, even.n_documents)
    kept, broken = metrics.observed_rates(even, [0.05]), metrics.observed_rates(small, [0.05])
    assert kept[0.05].low <= 0.05 <= kept[0.05].high
    assert broken[0.05].low > 0.1


# Damage

PARAGRAPHS = "\n".join(
    f'The mayor\'s plan number {at} shows "many important changes". People say so!'
    for at in range(10)
)


def damages():
    return {
        "anchors": lambda rng: hostile.insert_anchors(PARAGRAPHS, 5, rng),
        "mojibake": lambda rng: hostile.mojibake(PARAGRAPHS, 0.3, rng),
        "shuffle": lambda rng: hostile.shuffle_sentences(PARAGRAPHS, rng),
        "synonyms": lambda rng: hostile.swap_synonyms(PARAGRAPHS, 0.2, rng),
        "spin": lambda rng: hostile.spin(PARAGRAPHS, PARAGRAPHS[::2], rng),
    }


@pytest.mark.parametrize("name", damages())
def test_damage_follows_its_seed(name):
    damage = damages()[name]
    assert damage(random.Random(1)) == damage(random.Random(1))
    assert len({damage(random.Random(seed)) for seed in range(5)}) > 1


@settings(deadline=None)
@given(st.integers(0, 10), st.randoms(use_true_random=False))
def test_anchors_stand_between_words_and_move_none(count, rng):
    damaged = hostile.insert_anchors(PARAGRAPHS, count, rng)
    anchor = "|".join(f" {each}" for each in hostile.ANCHORS)
    assert len(re.findall(anchor, damaged)) == count
    assert re.sub(anchor, "", damaged) == PARAGRAPHS


@settings(deadline=None)
@given(st.sampled_from([0.0, 0.1, 0.3, 1.0]), st.randoms(use_true_random=False))
def test_mojibake_hits_this_share_of_lines_and_can_be_repaired(share, rng):
    damaged = hostile.mojibake(PARAGRAPHS, share, rng)
    changed = [a != b for a, b in zip(PARAGRAPHS.split("\n"), damaged.split("\n"), strict=True)]
    assert sum(changed) == round(share * 10)
    words = [prepare(Document("a", text)).tokens.words for text in (PARAGRAPHS, damaged)]
    assert words[0] == words[1]


@settings(deadline=None)
@given(st.floats(0, 1), st.randoms(use_true_random=False))
def test_synonyms_replace_no_more_than_asked_and_only_words_of_a_set(share, rng):
    damaged = hostile.swap_synonyms(PARAGRAPHS, share, rng)
    words, others = (re.findall(r"[^\W\d_]+", text.lower()) for text in (PARAGRAPHS, damaged))
    swapped = [(a, b) for a, b in zip(words, others, strict=True) if a != b]
    assert all(b in hostile.SYNONYMS[a] for a, b in swapped)
    known = sum(word in hostile.SYNONYMS for word in words)
    assert len(swapped) == min(known, round(share * len(words)))
    assert hostile.share_swapped(PARAGRAPHS, damaged) == pytest.approx(len(swapped) / len(words))


def test_each_word_is_in_one_set_of_synonyms_and_they_are_mutual():
    words = hostile._SYNONYMS.split()
    assert len(words) == len(set(words))
    assert all(
        word in hostile.SYNONYMS[other] for word in words for other in hostile.SYNONYMS[word]
    )


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_shuffling_keeps_every_sentence(rng):
    def sentences(text):
        return Counter(text[a:b] for a, b in sentence_spans(text))

    shuffled = hostile.shuffle_sentences(PARAGRAPHS, rng)
    assert sentences(shuffled) == sentences(PARAGRAPHS)


@settings(deadline=None)
@given(st.integers(1, 300))
def test_a_text_of_a_length_is_a_beginning_of_all_that_was_given(n_words):
    donors = ["one more text. " * 10, PARAGRAPHS]
    given_words = " ".join([PARAGRAPHS, *donors]).split()
    assert hostile.set_length(PARAGRAPHS, n_words, donors).split() == given_words[:n_words]


def test_a_spun_text_mixes_two_and_is_neither():
    rng = random.Random(3)
    one, other = (
        " ".join(f"The {name} {at} is told at some length." for at in range(20))
        for name in ("fish", "bird")
    )
    spun = hostile.spin(one, other, rng)
    assert min(spun.count("fish"), spun.count("bird")) > 5
    numbers = [int(number) for number in re.findall(r"\d+", spun)]
    assert numbers != sorted(numbers)
    assert hostile.truncate(one, 0.25) == one[: round(len(one) * 0.75)]


# Draws


@pytest.mark.parametrize("name", [*KINDS, *HOSTILE])
def test_a_draw_follows_its_seed_and_number_alone(texts, name):
    few, many = draw_corpora(name, texts, 1, 3), draw_corpora(name, texts, 60, 3)
    assert few == many[: len(few)]
    assert draw_corpora(name, texts, 1, 4) != few or KINDS.get(name, HOSTILE.get(name)).most


@pytest.mark.parametrize("name", [*KINDS, *HOSTILE])
def test_families_are_parts_of_the_documents_and_nulls_have_none(texts, name):
    for each in draw_corpora(name, texts, 20, 1):
        ids = [document.id for document in each.documents]
        assert len(ids) == len(set(ids))
        assert all(family < set(ids) for family in each.families)
        assert bool(each.families) == (
            "family" in name
            or name in ("seeds", "same_prompt")
            or (name in HOSTILE and "null" not in name)
        )
        if name in KINDS and name != "seeds":
            assert 3 <= len(ids) <= 12
        for family in each.families:
            assert len({id.split("-")[1] for id in family if id.startswith("m-")}) <= 1


def test_kinds_say_which_human_collections_they_draw_from(texts):
    begins = {"n": "human_news", "q": "human_essays", "f": "human_formal", "e": "same_event_news"}
    for name, kind in {**KINDS, **HOSTILE}.items():
        drawn = {
            begins[document.id[0]]
            for each in draw_corpora(name, texts, 20, 1)
            for document in each.documents
            if document.id[:2] in ("n-", "q-", "f-", "e-")
        }
        assert drawn <= kind.sources, name


def test_damage_is_done_to_the_same_collections(texts):
    plain, shuffled, cut = (
        draw_corpora(name, texts, 8, 1) for name in ("undamaged", "shuffled", "truncated 60%")
    )
    for each, other, short in zip(plain, shuffled, cut, strict=True):
        length = {document.id: len(document.text) for document in each.documents}
        assert each.families == other.families == short.families
        assert {d.id: round(length[d.id] * 0.4) for d in short.documents} == {
            d.id: len(d.text) for d in short.documents
        }
        assert {d.id for d in each.documents} == {d.id for d in other.documents}
        assert each.documents != other.documents


def test_every_event_is_drawn_once_at_the_most(texts):
    drawn = draw_corpora("same_event", texts, 12, 1)
    assert len({frozenset(d.id for d in each.documents) for each in drawn}) == 12


def test_cut_families_are_as_long_as_people_write(texts, monkeypatch):
    monkeypatch.setattr(family_draws, "_LEAST_WORDS", 10)
    whole, cut = (
        draw_corpora(name, texts, 20, 1)[0] for name in ("family_news", "family_news_cut")
    )
    assert whole.families == cut.families
    (family,) = cut.families
    lengths = {d.id: len(d.text.split()) for d in cut.documents}
    assert {lengths[id] for id in family} <= {30, 40}
    assert {len(d.text.split()) for d in whole.documents if d.id in family} == {60}


def test_copies_are_left_out_and_counted(texts):
    assert texts.n_copies == {
        "human_news": 1,
        "human_essays": 0,
        "human_formal": 0,
        "same_event_news": 0,
    }
    ids = {document.id for document in texts.news}
    assert len(ids & {"n-0-3", "n-0-7"}) == 1


def test_another_version_of_the_data_is_refused(folder):
    with pytest.raises(CorpusError, match=r"human_news\.jsonl\.gz: its sha256 is .* figures are"):
        load_labelled(folder)


def test_missing_data_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"human_news\.jsonl\.gz: no such file; give the folder"):
        load_labelled(tmp_path)


def test_pairs_of_nulls_are_independent(texts):
    drawn = {null.name: null for null in nulls(texts, 1, 60)}
    question = {d.id: name for name, group in texts.questions.items() for d in group}
    for group in drawn["other questions"].groups:
        assert len({question[d.id] for d in group}) == len(group)
    for group in drawn["same question"].groups:
        assert len({question[d.id] for d in group}) == 1 < len(group)
    (prompts,) = drawn["other prompts"].groups
    assert len({d.id.split("-")[1] for d in prompts}) == len(prompts) == len(texts.families)
    assert nulls(texts, 1, 60) == nulls(texts, 1, 60) != nulls(texts, 2, 60)


# Rivals

short_texts = st.lists(
    st.lists(st.sampled_from("a bb ccc d".split()), max_size=30).map(" ".join),
    min_size=2,
    max_size=5,
)


def documents_of(some):
    return [Document(str(at), text) for at, text in enumerate(some)]


def slow_jaccard(a, b):
    return len(a & b) / len(a | b) if a | b else 0.0


def slow_windows(text):
    words = re.findall(r"\w+", text.lower())
    starts = [s for s in range(0, len(words), 100) if s == 0 or s + 200 <= len(words)]
    if starts[-1:] and starts[-1] + 200 < len(words):
        starts.append(len(words) - 200)
    for start in starts or [0]:
        joined = " ".join(words[start : start + 200])
        if joined:
            yield {joined[at : at + 5] for at in range(max(1, len(joined) - 4))}
        else:
            yield set()


@cache
def long_texts():
    rng = random.Random(1)
    return [prose(rng, n) for n in (0, 3, 199, 200, 201, 300, 450)]


def test_prototype_a_is_the_mean_median_best_window():
    some = documents_of(long_texts())
    found = family_rivals.window_scores(some)
    windows = [list(slow_windows(each.text)) for each in some]
    for i, left in enumerate(windows):
        for j, right in enumerate(windows):
            forth = np.median([max(slow_jaccard(a, b) for b in right) for a in left])
            back = np.median([max(slow_jaccard(a, b) for a in left) for b in right])
            assert found[i, j] == pytest.approx((forth + back) / 2)


@settings(deadline=None)
@given(short_texts)
def test_the_jaccard_rule_joins_what_shares_five_words(some):
    def shingles(text):
        words = text.split()
        return (
            {tuple(words[at : at + 5]) for at in range(max(1, len(words) - 4))} if words else set()
        )

    sets = [shingles(text) for text in some]
    found = family_rivals.jaccard_of_words(documents_of(some))
    expected = [[slow_jaccard(a, b) for b in sets] for a in sets]
    assert found == pytest.approx(np.array(expected))


def test_average_linkage_joins_at_the_cut_and_not_below():
    alike = np.array([[1, 0.5, 0.1], [0.5, 1, 0.1], [0.1, 0.1, 1]])
    assert family_rivals.linked("abc", alike, 0.5) == {frozenset("ab")}
    assert family_rivals.linked("abc", alike, 0.51) == frozenset()
    assert family_rivals.linked("abc", alike, 0.1) == {frozenset("abc")}
    assert family_rivals.linked("a", np.eye(1), 0.1) == frozenset()


def test_facts_are_quotations_names_inside_sentences_and_numbers():
    text = 'The vote was won by Ada Byron in 1843. Then she said "we are done" and left. “Ends.'
    opening = family_rivals._opening(text)
    plain = "the vote was won by in then she said and left ends"
    n_words = len(re.findall(r"\w+", text))
    assert opening.fact_share == pytest.approx(1 - len(plain.split()) / n_words)
    expected = family_rivals.char_shingles([plain], 5)
    assert np.array_equal(opening.plain.hashes, expected.hashes)


def test_prototype_b_cuts_where_its_worst_null_reaches_one_pair_in_twenty(texts, monkeypatch):
    monkeypatch.setattr(family_rivals, "_FIT_DOCUMENTS", 36)
    fitted = family_rivals.fit_b(texts)
    above = []
    for null in nulls(texts, family_rivals._FIT_SEED, 36):
        found = families.scored(null.groups, fitted.score).scores
        above.append(np.mean(found >= fitted.cut))
    assert max(above) <= 0.05 + 1 / 18
    assert max(above) > 0
    away = family_rivals.fit_b(texts, without=["human_news"])
    assert away.cut != fitted.cut


def test_text_dedup_is_run_alone_only_where_it_could_find_something(monkeypatch):
    asked = []

    def clusters(collections, python):
        asked.append([len(texts) for texts in collections])
        found = []
        for texts in collections:
            groups = {}
            for row, text in enumerate(texts):
                groups.setdefault(text[:1], []).append(row)
            found.append([rows for rows in groups.values() if len(rows) > 1])
        return found

    monkeypatch.setattr(family_rivals, "_text_dedup_clusters", clusters)
    drawn = [
        MiniCorpus("news", tuple(Document(text, text) for text in texts), frozenset())
        for texts in (["a1", "b1"], ["a1", "a2", "c1"], ["c2", "d1"])
    ]
    found = family_rivals._text_dedup_families(drawn, "python")
    assert found == [frozenset(), {frozenset(["a1", "a2"])}, frozenset()]
    assert asked == [[6], [3]]


@pytest.mark.parametrize("python", ["/no/such/interpreter", sys.executable])
def test_a_missing_text_dedup_is_said(python):
    method = family_rivals.text_dedup_rule(python)
    assert method.missing
    judged = families.judge("news", [corpus("ab")], [method])
    assert judged.exact == {}


def test_datasketch_and_near_dupes_find_copies_and_no_strangers(texts):
    copied = texts.news[0].text
    documents = (Document("a", copied), Document("b", copied + " more"), texts.news[1])
    drawn = [MiniCorpus("news", documents, frozenset())]
    methods = [
        family_rivals.datasketch_rule(0.5),
        family_rivals.near_dupes_rule(None),
        family_rivals.jaccard_rule(0.5),
    ]
    for method in methods:
        if method.missing is None:
            assert method.find(drawn) == [{frozenset("ab")}], method.name
            assert method.score(documents)[0, 1] > 0.8 > method.score(documents)[0, 2]


def test_only_recycled_families_are_ours():
    report = detect([Document("a", "One and the same."), Document("b", "One and the same.")])
    assert len(report.families) == 1
    assert family_rivals.recycled_families(report) == frozenset()
    recycled = Family("family-1", "recycled", ("a", "b"), "a", 0.3)
    shown = type("Shown", (), {"families": (*report.families, recycled)})
    assert family_rivals.recycled_families(shown) == {frozenset("ab")}


def test_our_scores_are_those_of_the_detector():
    rng = random.Random(4)
    stock = prose(rng, 120).split()
    # No sentence is shared whole: the detector would leave it out as boilerplate.
    some = [Document(str(at), " ".join(rng.sample(stock, 110))) for at in range(3)]
    found = family_rivals.our_pair_scores(some, Config(), shipped())
    for a, b in combinations(range(3), 2):
        assert found[a, b] == found[b, a] == compare(some[a], some[b]).overlap.score


def test_the_settings_judged_are_the_defaults_unless_others_are_given():
    assert family_rivals.config_for() == Config()
    with pytest.raises(ConfigError, match=r"recycled\.min_tokens is 0; allowed"):
        family_rivals.config_for({"recycled.min_tokens": 0})


# The tables


def told(*answers):
    return Method("told", lambda corpora: list(answers))


def test_a_collection_is_right_when_all_families_and_no_other_are_found():
    drawn = [corpus("abc", others="de")] * 4
    answers = [["abc"], ["ab"], ["abc", "de"], []]
    method = told(*(frozenset(map(frozenset, each)) for each in answers))
    judged = families.judge("news", drawn, [method])
    assert judged.exact["told"].value == 0.25
    assert judged.n_draws == 4
    assert 0.5 < judged.bcubed["told"].value < 1


def test_the_worst_of_the_nulls_from_elsewhere_is_shown():
    figures = {"a": Estimate(0.9, 0, 1), "b": Estimate(0.2, 0, 1), "c": Estimate(0.5, 0, 1)}
    judged = families.Judged("news", "", 3, dict(figures), dict(figures))
    worst = families.with_worst(judged, "bc")
    assert worst.exact == {"a": figures["a"], families.ELSEWHERE: figures["b"]}
    assert families.with_worst(judged, []) == judged


def test_a_null_is_not_judged_at_home():
    null = families._other_null("human_news+human_formal=nulls.json")
    setup = families.Setup("away", Config(), null.sources)
    who = families.Contestants((), (setup,), ())
    assert who.not_at_home(frozenset({"human_news"})) == []
    assert who.not_at_home(frozenset({"human_essays"})) == [setup]


@pytest.mark.parametrize("wrong", ["nulls.json", "bbc=nulls.json"])
def test_a_null_without_a_known_source_is_refused(wrong):
    with pytest.raises(argparse.ArgumentTypeError, match="is not SOURCE=FILE"):
        families._other_null(wrong)


def test_a_setting_without_a_value_is_refused():
    assert families._setting("seed=7") == ("seed", 7)
    with pytest.raises(argparse.ArgumentTypeError, match="'seed' is not NAME=VALUE"):
        families._setting("seed")


def test_an_aim_is_held_against_the_worst_kind_of_its_group():
    rows = [
        families.Judged(kind, "", 9, {"dupdetect": Estimate(value, 0, 1)}, {})
        for kind, value in (("news", 1.0), ("formal", 0.4), ("same_event", 0.7))
    ]
    assert families.aims_table(rows).splitlines()[2:] == [
        "| news, articles, formal prose: none | 0.97 | 0.40 |",
        "| same event: none | 0.80 | 0.70 |",
    ]


def test_every_kind_is_in_one_aim():
    kinds = [kind for _, group, _ in families.AIMS for kind in group]
    assert sorted(kinds) == sorted(KINDS)


def test_calibration_holds_each_promise_against_the_p_values(texts, monkeypatch):
    null = nulls(texts, 1, 60)[0]

    def always_low(documents, config, table):
        return np.full((len(documents), len(documents)), 0.01)

    monkeypatch.setattr(families, "our_pair_p_values", always_low)
    found = families.calibrate(null, families.Setup("x", Config()), 1)
    assert {rate: each.value for rate, each in found.observed.items()} == {
        0.5: 1.0,
        0.05: 1.0,
        0.01: 1.0,
        0.001: 0.0,
    }
    assert found.n_pairs == 60 * 59 // 2


def test_two_runs_print_and_write_the_same(folder, sha256, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(family_draws, "SHA256", sha256)
    written = []
    for name in ("one", "two"):
        path = tmp_path / name
        arguments = f"--data {folder} --draws 2 --only ours --parts families pairs --json {path}"
        kinds = "--kinds family_news news same_event --set recycled.min_tokens=20"
        monkeypatch.setattr(sys, "argv", ["families", *arguments.split(), *kinds.split()])
        families.main()
        written.append((path.read_bytes(), capsys.readouterr().out))
    assert written[0] == written[1]
    figures = json.loads(written[0][0])
    assert [row["kind"] for row in figures["families"]] == ["family_news", "news", "same_event"]
    assert {row["method"] for row in figures["pairs"]} == {"dupdetect"}
    assert figures["settings"]["set"] == {"recycled.min_tokens": 20}
    assert figures["settings"]["copies left out"]["human_news"] == 1
    assert "| same event: none | 0.80 |" in written[0][1]
