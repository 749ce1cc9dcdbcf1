"""The planted corpus holds what it promises, and the judges of the benchmarks judge right."""

import doctest
import json
import re
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import planted, plot, scale
from benchmarks.machine import peak_mib
from benchmarks.planted import KINDS, Corpus, Shares, document_id, plant
from benchmarks.planted_truth import judged, truth
from benchmarks.plot import Line, Panel, _spread, log_log_svg
from benchmarks.rivals import RIVALS
from benchmarks.speed import Entry, table
from dupdetect.text.tokens import tokenize

SMALL = plant(300, seed=3, shares=Shares(template=0.02))
TEXTS = SMALL.texts(range(len(SMALL)))
NO_PAIRS = np.empty((0, 2), dtype=np.int64)


def slow_shingles(text: str) -> set[tuple[str, ...]]:
    words = tokenize(text).words
    return {tuple(words[at : at + 5]) for at in range(len(words) - 4)}


def slow_jaccard(a: str, b: str) -> float:
    left, right = slow_shingles(a), slow_shingles(b)
    return len(left & right) / len(left | right)


def of_kind(corpus: Corpus, kind: str) -> np.ndarray:
    return np.flatnonzero(corpus.kind == KINDS.index(kind))


def parent_jaccard(corpus: Corpus, rows: np.ndarray) -> np.ndarray:
    return corpus.jaccard(np.stack([corpus.parent[rows], rows], axis=1))


@pytest.mark.parametrize("module", [planted, plot])
def test_examples_of_the_docstrings_hold(module):
    ran = doctest.testmod(module)
    assert ran.attempted > 0
    assert ran.failed == 0


# The corpus


@given(st.lists(st.integers(0, len(SMALL) - 1), max_size=5))
def test_a_text_is_the_same_in_whichever_batch_it_is_made(rows):
    assert SMALL.texts(rows) == [TEXTS[row] for row in rows]


def test_the_same_seed_gives_the_same_file_whatever_the_number_of_processes(tmp_path):
    corpus = plant(1100, seed=2)
    written = [corpus.write(tmp_path / f"{n}.jsonl", n_processes=n) for n in (1, 2)]
    assert written[0].sha256 == written[1].sha256
    assert written[0].sha256 == plant(1100, seed=2).write(tmp_path / "again.jsonl").sha256
    assert written[0].sha256 != plant(1100, seed=4).write(tmp_path / "other.jsonl").sha256


def test_json_lines_hold_the_ids_and_the_texts(tmp_path):
    SMALL.write(tmp_path / "corpus.jsonl")
    lines = (tmp_path / "corpus.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    records = [json.loads(line) for line in lines]
    assert [record["text"] for record in records] == TEXTS
    assert [record["id"] for record in records] == [document_id(row) for row in range(len(SMALL))]


def test_documents_have_509_words_on_average():
    sizes = [len(re.findall(r"\w+", text)) for text in TEXTS]
    assert 490 < np.mean(sizes) < 530
    assert 3000 < np.mean([len(text) for text in TEXTS]) < 3300


def test_jaccard_is_that_of_the_words_the_detector_sees():
    pairs = SMALL.related_pairs()[:60]
    expected = [slow_jaccard(TEXTS[a], TEXTS[b]) for a, b in pairs.tolist()]
    assert SMALL.jaccard(pairs).tolist() == expected


def test_pairs_outside_the_groups_are_unlike_but_in_the_template_family():
    documents = defaultdict(list)
    for row, text in enumerate(TEXTS):
        for shingle in slow_shingles(text):
            documents[shingle].append(row)
    n_shared = Counter(pair for rows in documents.values() for pair in combinations(rows, 2))
    related = set(map(tuple, SMALL.related_pairs().tolist()))
    family = of_kind(SMALL, "template").tolist()
    assert all(pair in n_shared for pair in combinations(family, 2))
    for a, b in n_shared.keys() - related:
        low, high = (0.3, 0.6) if {a, b} <= set(family) else (0.0, 0.01)
        assert low <= slow_jaccard(TEXTS[a], TEXTS[b]) <= high


def test_exact_copies_have_the_words_of_their_source_and_half_of_them_its_bytes():
    corpus = plant(3000, seed=1)
    copies = of_kind(corpus, "exact")
    texts, sources = corpus.texts(copies), corpus.texts(corpus.parent[copies])
    for copy, source in zip(texts, sources, strict=True):
        assert tokenize(copy).words == tokenize(source).words
    same_bytes = np.mean([a == b for a, b in zip(texts, sources, strict=True)])
    assert 0.35 < same_bytes < 0.65


def test_near_copies_are_spread_over_the_similarities_asked_for():
    corpus = plant(10_000, seed=1)
    found = parent_jaccard(corpus, of_kind(corpus, "near"))
    counts, _ = np.histogram(found, bins=[0.25, 0.45, 0.65, 0.85, 1.01])
    assert counts.sum() == len(found)
    assert counts.min() > len(found) / 8


def test_the_ends_of_a_chain_are_less_alike_than_its_links():
    corpus = plant(10_000, seed=1)
    last = of_kind(corpus, "chain")
    last = last[corpus.parent[corpus.parent[last]] >= 0]
    ends = np.stack([corpus.root[last], last], axis=1)
    assert np.median(corpus.jaccard(ends)) < 0.8 < np.median(parent_jaccard(corpus, last))


def test_clusters_have_2_to_20_documents_made_from_one():
    corpus = plant(10_000, seed=1)
    members = of_kind(corpus, "cluster")
    sizes = 1 + np.unique(corpus.group[members], return_counts=True)[1]
    assert (sizes.min(), sizes.max()) == (2, 20)
    assert (corpus.parent[members] == corpus.root[members]).all()
    assert (corpus.parent[members] < members).all()


def test_accents_and_dashes_change_no_similarity():
    accented = replace(SMALL, non_ascii=1.0)
    texts = accented.texts(range(len(SMALL)))
    assert not any(text.isascii() for text in texts)
    assert all(text.isascii() for text in TEXTS)
    pairs = SMALL.related_pairs()[:20]
    expected = [slow_jaccard(texts[a], texts[b]) for a, b in pairs.tolist()]
    assert SMALL.jaccard(pairs).tolist() == expected


def test_originals_are_the_first_texts_with_the_same_words():
    first: dict[tuple[str, ...], int] = {}
    expected = [first.setdefault(tuple(tokenize(t).words), row) for row, t in enumerate(TEXTS)]
    assert SMALL.original.tolist() == expected


def test_shares_above_one_are_refused():
    with pytest.raises(ValueError, match="at most 1 together"):
        Shares(exact=0.7, near=0.7)


# The judges


def test_all_true_pairs_are_judged_complete_and_right():
    true = truth(SMALL, 0.8)
    copies = np.stack([SMALL.original[true.copies], true.copies], axis=1)
    found = judged(true, np.concatenate([true.near, copies]))
    assert (found.recall, found.precision, found.n_found) == (1.0, 1.0, found.n_true)
    assert found.n_true == len(true.near) + len(true.copies) > 20


def test_a_pair_counts_once_whichever_way_round_and_however_often():
    true = truth(SMALL, 0.8)
    both_ways = np.concatenate([true.near[:, ::-1], true.near])
    assert judged(true, both_ways) == judged(true, true.near)


def test_a_pair_of_copies_stands_for_the_pair_of_their_originals():
    corpus = plant(400, seed=3)
    original = corpus.original.copy()
    true = truth(corpus, 0.8)
    a, b = true.near[0].tolist()
    twin = int(np.flatnonzero(corpus.group < 0)[-1])
    original[twin] = a
    corpus.__dict__["original"] = original  # as if the last lone document were a copy of a
    found = judged(true, np.array([[b, twin]]))
    assert found.near_recall == pytest.approx(1 / len(true.near))
    assert found.precision == 1.0


def test_a_wrong_pair_costs_precision_and_a_missing_one_recall():
    true = truth(SMALL, 0.8)
    lone = np.flatnonzero(SMALL.group < 0)[:2]
    found = judged(true, np.concatenate([true.near[1:], lone[None, :]]))
    assert found.precision == pytest.approx(1 - 1 / len(true.near))
    assert found.near_recall == pytest.approx(1 - 1 / len(true.near))
    assert found.exact_recall == 0.0


def test_finding_nothing_is_precise_and_useless():
    found = judged(truth(SMALL, 0.8), NO_PAIRS)
    assert (found.precision, found.recall) == (1.0, 0.0)


def write_run(folder, removed, corpus):
    """What dedupe would leave: removed.jsonl and kept.jsonl."""
    gone = {row for row, _, _ in removed}
    with (folder / "removed.jsonl").open("w", encoding="utf-8") as file:
        for row, kept, jaccard in removed:
            record = {"id": document_id(row), "kept_id": document_id(kept), "jaccard": jaccard}
            file.write(json.dumps(record) + "\n")
    kept_lines = [
        f'{{"id": "{document_id(row)}", "text": ""}}\n'
        for row in range(len(corpus))
        if row not in gone
    ]
    (folder / "kept.jsonl").write_text("".join(kept_lines), encoding="utf-8")


def test_an_outcome_with_a_wrong_removal_a_wrong_score_and_a_loss_is_seen(tmp_path):
    related = SMALL.related_pairs()
    jaccard = SMALL.jaccard(related)
    a, b = related[jaccard >= 0.8][0].tolist()
    exact = float(jaccard[jaccard >= 0.8][0])
    lone = np.flatnonzero(SMALL.group < 0)[:2].tolist()
    n_true = int((jaccard >= 0.8).sum())

    write_run(tmp_path, [(b, a, exact)], SMALL)
    good = scale.checked(SMALL, tmp_path, 0.8)
    assert (good.n_wrong, good.n_wrong_scores, good.n_bad_keepers, good.n_lost) == (0, 0, 0, 0)
    assert good.n_true_pairs == n_true
    assert 0 < good.n_missed_pairs < n_true

    write_run(tmp_path, [(b, a, exact - 0.01), (lone[1], lone[0], 0.9)], SMALL)
    (tmp_path / "kept.jsonl").write_text("", encoding="utf-8")
    bad = scale.checked(SMALL, tmp_path, 0.8)
    assert (bad.n_wrong, bad.n_wrong_scores, bad.n_lost) == (1, 2, len(SMALL) - 2)
    assert bad.precision == 0.5


def test_a_run_that_removes_nothing_has_no_recall(tmp_path):
    write_run(tmp_path, [], SMALL)
    assert scale.checked(SMALL, tmp_path, 0.8).recall == 0.0


def test_time_that_grows_with_the_square_of_the_documents_has_exponent_2():
    runs = [{"documents": n, "elapsed_s": n * n / 1e6} for n in (1000, 50_000)]
    assert scale.exponent(*runs) == pytest.approx(2.0)


def test_a_corpus_is_used_again_only_if_it_is_whole_and_of_this_seed(tmp_path):
    first = scale.made_corpus(SMALL, tmp_path, "c", 1)
    made_ns = first.path.stat().st_mtime_ns
    assert scale.made_corpus(SMALL, tmp_path, "c", 1) == first
    assert first.path.stat().st_mtime_ns == made_ns
    with first.path.open("ab") as file:
        file.write(b"more\n")
    assert scale.made_corpus(SMALL, tmp_path, "c", 1) == first
    other = scale.made_corpus(plant(400, seed=9), tmp_path, "c", 1)
    assert other.sha256 != first.sha256


def test_a_missing_rival_is_said_to_be_missing():
    entries = [Entry(name, rival) for name, rival in RIVALS.items()][:2]
    entries[0].runs = [{"elapsed_s": 2.0, "peak_mib": 100.0}]
    entries[0].judgement = judged(truth(SMALL, 0.8), NO_PAIRS)
    entries[1].fault = "missing: No module named 'gaoya'"
    lines = table(entries, 1000, 3_000_000).splitlines()
    assert "| 500 | 1.5 | 1.0 | 100 |" in lines[2]
    assert "missing: No module named 'gaoya'" in lines[3]
    assert len({line.count("|") for line in lines}) == 1


def test_the_memory_of_this_process_is_known():
    assert 10 < peak_mib() < 100_000


# The plot


def made_plot() -> str:
    lines = (Line("a <b>", ((10.0, 0.5), (1000.0, 20.0))), Line("whole", ((10.0, 0.6),), True))
    return log_log_svg("Time & memory", "What is seen", "documents", [Panel("seconds", lines)])


def test_a_plot_is_well_formed_and_says_what_it_shows():
    root = ElementTree.fromstring(made_plot())
    namespace = {"svg": "http://www.w3.org/2000/svg"}
    assert root.findtext("svg:title", namespaces=namespace) == "Time & memory"
    assert root.findtext("svg:desc", namespaces=namespace) == "What is seen"
    texts = [each.text for each in root.findall("svg:text", namespace)]
    assert {"a <b>", "whole", "seconds", "documents", "1,000", "0.1"} <= set(texts)


def test_ten_times_as_much_is_equally_far_at_every_place_of_a_plot():
    points = ((1.0, 1.0), (10.0, 10.0), (100.0, 100.0))
    drawn = log_log_svg("t", "d", "x", [Panel("y", (Line("l", points),))])
    path = re.search(r'polyline points="([^"]+)"', drawn).group(1)
    places = np.array([[float(value) for value in point.split(",")] for point in path.split()])
    steps = np.diff(places, axis=0)
    assert np.allclose(steps[0], steps[1], atol=0.11)
    assert steps[0][0] > 0 > steps[0][1]  # to the right and up


def test_a_plot_of_nothing_or_of_zero_is_refused():
    for points in ((), ((1.0, 0.0),)):
        with pytest.raises(ValueError, match="above 0"):
            log_log_svg("t", "d", "x", [Panel("y", (Line("l", points),))])


@given(st.lists(st.floats(0, 500), max_size=12))
def test_names_of_lines_never_overlap_and_keep_their_order(tops):
    spread = _spread(tops)
    assert all(b - a >= 13.99 for a, b in zip(sorted(spread), sorted(spread)[1:], strict=False))
    order = sorted(range(len(tops)), key=lambda at: tops[at])
    assert [spread[at] for at in order] == sorted(spread)
