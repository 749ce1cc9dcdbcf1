import importlib.util

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect import Config, ConfigError, compare, dedupe_texts
from dupdetect.config import NearDuplicateConfig, RepairConfig
from dupdetect.corpus import memory
from dupdetect.results import Document
from dupdetect.text.prepare import prepare
from tests import dedupe_twin as twin
from tests.dedupe_twin import CONFIG, SENTENCES

KERNELS = ["numpy", *(["numba"] if importlib.util.find_spec("numba") else [])]
STORY = " ".join(SENTENCES[:5])


def near(found):
    """The near-duplicate pairs, with their scores."""
    rows = [row for row, relation in enumerate(found.relations) if relation == "near-duplicate"]
    scores = zip(found.jaccard, found.containment_a, found.containment_b, strict=True)
    everything = list(zip(map(tuple, found.pairs.tolist()), scores, strict=True))
    return dict(everything[row] for row in rows)


@given(twin.collections)
@settings(deadline=None, max_examples=80)
def test_pairs_are_those_of_exact_comparison_with_its_scores_to_the_bit(texts):
    found = dedupe_texts(texts, CONFIG, threads=1)
    exact = twin.exact_scores(texts, CONFIG)
    original = twin.originals(texts, range(len(texts)), CONFIG)
    least = CONFIG.near_duplicate.threshold
    pairs = near(found)
    for pair, scores in pairs.items():
        assert scores == exact[pair]
        assert scores[0] >= least
    for (i, j), (jaccard, _, _) in exact.items():
        if original[i] == i and original[j] == j and jaccard >= twin.SURE:
            assert (i, j) in pairs


@given(twin.collections)
@settings(deadline=None, max_examples=80)
def test_who_is_kept_is_decided_one_by_one_on_the_pairs_found(texts):
    found = dedupe_texts(texts, CONFIG, threads=1)
    order = range(len(texts))
    original = twin.originals(texts, order, CONFIG)
    matches = {pair: scores[0] for pair, scores in near(found).items()}
    assert found.keeper.tolist() == twin.keepers(order, original, matches)
    exact = [
        pair
        for pair, relation in zip(found.pairs.tolist(), found.relations, strict=True)
        if relation == "exact"
    ]
    assert sorted(exact) == sorted(
        [first, row] for row, first in enumerate(original) if first < row
    )


@given(twin.collections, st.sampled_from(["longest", "cleanest"]))
@settings(deadline=None, max_examples=80)
def test_policies_prefer_by_what_they_say_and_then_by_place(texts, keep):
    def cost(row):
        if keep == "longest":
            return -len(texts[row])
        return len(prepare(Document("a", texts[row])).repaired.repairs)

    found = dedupe_texts(texts, CONFIG, keep=keep, threads=1)
    order = sorted(range(len(texts)), key=lambda row: (cost(row), row))
    matches = {pair: scores[0] for pair, scores in near(found).items()}
    original = twin.originals(texts, order, CONFIG)
    assert found.keeper.tolist() == twin.keepers(order, original, matches)


@given(twin.collections)
@settings(deadline=None, max_examples=40)
def test_every_pair_is_what_compare_says_of_the_two(texts):
    found = dedupe_texts(texts, CONFIG, threads=1)
    for (i, j), relation, *scores in zip(
        found.pairs.tolist(),
        found.relations,
        found.jaccard.tolist(),
        found.containment_a.tolist(),
        found.containment_b.tolist(),
        strict=True,
    ):
        pair = compare(texts[i], texts[j], CONFIG)
        assert (pair.relation, pair.jaccard, pair.containment_a, pair.containment_b) == (
            relation,
            *scores,
        )


@given(twin.collections, st.integers(1, 200))
@settings(deadline=None, max_examples=40)
def test_neither_threads_nor_batches_nor_kernel_change_anything(texts, batch_chars):
    whole = dedupe_texts(texts, CONFIG, threads=1, kernel="numpy")
    for kernel in KERNELS:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(memory, "_BATCH_CHARS", batch_chars)
            parts = dedupe_texts(texts, CONFIG, threads=3, kernel=kernel)
        assert parts.kernel == kernel
        assert parts.counts == whole.counts
        assert parts.relations == whole.relations
        for name in ("keeper", "pairs", "jaccard", "containment_a", "containment_b"):
            assert getattr(parts, name).tobytes() == getattr(whole, name).tobytes()


def test_texts_without_words_are_copies_of_nothing():
    found = dedupe_texts(["", "", " ", "!?", "!?", STORY])
    assert found.kept.tolist() == [0, 1, 2, 3, 4, 5]
    assert len(found.pairs) == 0


def test_one_word_is_a_copy_of_itself_alone():
    assert dedupe_texts(["one", "One.", "two"]).keeper.tolist() == [0, 0, 2]


def test_a_chain_does_not_remove_what_matches_no_kept_text():
    words = [f"w{number}" for number in range(60)]
    chain = [" ".join(words[first : first + 30]) for first in (0, 5, 10)]
    config = Config(near_duplicate=NearDuplicateConfig(threshold=0.6, shingle_words=1))
    found = dedupe_texts(chain, config)
    assert found.pairs.tolist() == [[0, 1], [1, 2]]
    assert found.keeper.tolist() == [0, 0, 2]


def test_repairs_are_made_before_texts_are_compared():
    clean, damaged = "Bread & butter cost more.", "Bread &amp; butter cost more."
    assert dedupe_texts([clean, damaged]).kept.tolist() == [0]
    assert dedupe_texts([damaged, clean], keep="cleanest").kept.tolist() == [1]
    as_they_are = Config(repair=RepairConfig(html_entities=False))
    assert dedupe_texts([clean, damaged], as_they_are).kept.tolist() == [0, 1]


def test_nothing_gives_nothing():
    found = dedupe_texts([])
    assert len(found.keeper) == len(found.pairs) == len(found.kept) == 0
    assert found.counts["documents"] == 0


def test_counts_agree_with_the_pairs():
    found = dedupe_texts([STORY, STORY, f"{STORY} And more.", SENTENCES[7]])
    assert found.counts["documents"] == 4
    assert found.counts["exact_copies"] == found.relations.count("exact") == 1
    assert found.counts["near_duplicate_pairs"] == found.relations.count("near-duplicate") == 1


def test_the_threshold_without_a_configuration_is_that_of_dedupe():
    words = [f"w{number}" for number in range(40)]
    other = [*words[:20], "changed", *words[21:]]  # 31 of 41 shingles: 0.76
    found = dedupe_texts([" ".join(words), " ".join(other)])
    assert found.kept.tolist() == [0, 1]
    assert dedupe_texts([" ".join(words), " ".join(other)], Config()).kept.tolist() == [0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"keep": "best"}, "keep is 'best'"),
        ({"keep": "newest date"}, "texts have no fields"),
        ({"threads": 0}, "threads is 0"),
        ({"kernel": "cuda"}, "kernel is 'cuda'"),
    ],
)
def test_settings_out_of_range_are_refused(arguments, message):
    with pytest.raises(ConfigError, match=message):
        dedupe_texts([STORY], **arguments)


def test_a_threshold_that_is_given_wins():
    words = [f"w{number}" for number in range(40)]
    other = [*words[:20], "changed", *words[21:]]  # 31 of 41 shingles: 0.76
    texts = [" ".join(words), " ".join(other)]
    assert dedupe_texts(texts, threshold=0.7).kept.tolist() == [0]
    assert dedupe_texts(texts, Config(), threshold=0.8).kept.tolist() == [0, 1]


@pytest.mark.parametrize("arguments", [{"keep": None}, {"threads": 1.0}])
def test_arguments_of_the_wrong_type_are_refused(arguments):
    with pytest.raises(TypeError, match=next(iter(arguments))):
        dedupe_texts([STORY], **arguments)


@pytest.mark.parametrize("texts", ["one string", [b"bytes"], [None]])
def test_what_is_no_text_is_refused(texts):
    with pytest.raises(TypeError):
        dedupe_texts(texts)


def test_a_configuration_must_be_one():
    with pytest.raises(TypeError, match="not a Config"):
        dedupe_texts([STORY], {"seed": 1})


def test_kept_rows_are_those_that_stand_for_themselves():
    found = dedupe_texts([STORY, STORY, SENTENCES[8]])
    assert found.kept.tolist() == [0, 2]
    assert np.array_equal(found.keeper[found.kept], found.kept)


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_name_in_another_script_tells_texts_apart_like_any_other_words(kernel):
    names = ["Иван Петров", "Мария Сидорова"]
    short = [f"He posts under the name {name} on our forum." for name in names]
    found = dedupe_texts(short, kernel=kernel)
    assert found.keeper.tolist() == [0, 1]
    assert len(found.pairs) == 0
    long = [f"{STORY} {STORY[::-1]} {text}" for text in short]
    found = dedupe_texts(long, kernel=kernel)
    assert found.relations == ("near-duplicate",)
    assert 0.8 <= found.jaccard.item() == compare(*long).jaccard < 1
