"""The measures of benchmarks/: the exact truth, the scores, the gate, and how corpora are made."""

import doctest
import io
import json
import sys
import tarfile
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from benchmarks import corpora, gate, quality, truth
from benchmarks.corpora import Corpus, CorpusError, Fetching, Record
from dupdetect.match.banding import Banding

groupings = st.integers(1, 30).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 5), min_size=n, max_size=n),
        st.lists(st.sampled_from([*"abcd", None]), min_size=n, max_size=n),
    )
)
few_words = st.lists(st.sampled_from("a b c".split()), max_size=12).map(" ".join)


@pytest.mark.parametrize("module", [corpora, gate, quality, truth])
def test_examples_run(module):
    found = doctest.testmod(module)
    assert found.attempted
    assert not found.failed


# The exact truth


@settings(max_examples=60, deadline=None)
@given(st.lists(few_words, max_size=12), st.sampled_from([0.3, 0.5, 1.0]))
@example(["a b c a b c", "a b c a b"], 0.5)
def test_truth_is_that_of_sets_of_windows(texts, least):
    found = truth.find_truth(texts, least)
    words = [tuple(text.split()) for text in texts]
    windows = [
        {each[at : at + 5] for at in range(max(len(each) - 4, 1))} if each else set()
        for each in words
    ]
    for row, each in enumerate(words):
        assert found.first[row] == (words.index(each) if each else row)
    expected = {
        (i, j): len(windows[i] & windows[j]) / len(windows[i] | windows[j])
        for j in range(len(texts))
        for i in range(j)
        if found.first[i] == i and found.first[j] == j and windows[i] & windows[j]
    }
    expected = {pair: jaccard for pair, jaccard in expected.items() if jaccard >= least}
    assert list(map(tuple, found.pairs.tolist())) == sorted(expected)
    assert found.jaccard.tolist() == [expected[pair] for pair in sorted(expected)]


def test_truth_is_the_same_in_small_blocks(monkeypatch):
    texts = [f"a b c d e f g {word} h i" for word in "a b c d e".split()] * 2 + ["", "a b"]
    whole = truth.find_truth(texts)
    monkeypatch.setattr(truth, "_PRODUCTS_AT_ONCE", 3)
    in_blocks = truth.find_truth(texts)
    assert len(whole.pairs)
    assert whole.pairs.tolist() == in_blocks.pairs.tolist()
    assert whole.jaccard.tolist() == in_blocks.jaccard.tolist()


def test_truth_is_read_back_from_the_cache(tmp_path, monkeypatch):
    corpus = Corpus.of(
        "few", [Record("a", "a b c d e f", None), Record("b", "a b c d e f g", None)]
    )
    made = truth.truth_of(corpus, tmp_path)
    monkeypatch.setattr(truth, "find_truth", lambda texts: pytest.fail("it was kept"))
    read = truth.truth_of(corpus, tmp_path)
    assert read.pairs.tolist() == made.pairs.tolist() == [[0, 1]]
    assert read.scores(read.pairs).tolist() == [[2 / 3, 1.0, 2 / 3]]


# An answer against the truth

BASE = [f"w{number}" for number in range(60)]


def edited(*places):
    return " ".join("x" if place in places else word for place, word in enumerate(BASE))


# Rows 0 and 4 have the same words. Each edit costs 5 of 56 windows: 1 and 2 have 0.836 with 0, and
# 0.697 with each other; row 3 is alone.
TEXTS = [edited(), edited(20), edited(40), "something else altogether and alone", edited().upper()]
TRUE = truth.find_truth(TEXTS)


def answer(keeper, pairs, true=TRUE):
    counted = true.scores(np.array(pairs, dtype=np.int64).reshape(-1, 2)).T
    same = [true.first[i] == true.first[j] for i, j in pairs]
    return SimpleNamespace(
        keeper=np.array(keeper),
        pairs=np.array(pairs, dtype=np.int64).reshape(-1, 2),
        relations=tuple("exact" if each else "near-duplicate" for each in same),
        jaccard=counted[0],
        containment_a=counted[1],
        containment_b=counted[2],
    )


RIGHT = answer([0, 0, 0, 3, 0], [(0, 1), (0, 2), (0, 4)])


def test_a_right_answer_has_full_scores():
    scores = quality.score(RIGHT, TRUE, 0.8)
    assert (scores.exact_copies, scores.true_pairs, scores.removed) == (1, 2, 3)
    assert scores.kept == scores.kept_by_truth == 2
    assert scores.recall == scores.precision == scores.f1 == scores.exact_recall == 1.0
    assert scores.backed_removals == 1.0
    assert scores.doubles_left == scores.misstated_pairs == 0


def test_a_missed_pair_costs_recall_and_leaves_a_double():
    scores = quality.score(answer([0, 0, 2, 3, 0], [(0, 1), (0, 4)]), TRUE, 0.8)
    assert (scores.recall, scores.precision, scores.doubles_left) == (0.5, 1.0, 1)
    assert scores.backed_removals == 1.0


def test_a_missed_exact_copy_costs_exact_recall():
    scores = quality.score(answer([0, 0, 0, 3, 4], [(0, 1), (0, 2)]), TRUE, 0.8)
    assert (scores.exact_recall, scores.recall, scores.doubles_left) == (0.0, 1.0, 1)


def test_a_pair_below_the_threshold_costs_precision():
    scores = quality.score(answer([0, 0, 0, 3, 0], [(0, 1), (0, 2), (0, 4), (1, 2)]), TRUE, 0.8)
    assert (scores.false_pairs, scores.precision) == (1, 0.75)


def test_unlike_words_called_exact_cost_precision():
    wrong = answer([0, 0, 0, 3, 0], [(0, 1), (0, 2), (0, 4)])
    wrong.relations = ("exact", "near-duplicate", "exact")
    scores = quality.score(wrong, TRUE, 0.8)
    assert (scores.false_pairs, scores.recall) == (1, 0.5)


@pytest.mark.parametrize("name", ["jaccard", "containment_a", "containment_b"])
def test_a_score_that_is_not_so_is_counted(name):
    wrong = answer(RIGHT.keeper, RIGHT.pairs.tolist())
    getattr(wrong, name)[0] += 0.01
    assert quality.score(wrong, TRUE, 0.8).misstated_pairs == 1


@pytest.mark.parametrize(
    "keeper",
    [
        [0, 0, 1, 3, 0],  # the keeper of 2 is removed itself, and no match
        [0, 1, 1, 3, 0],  # the keeper of 2 is no match
        [0, 0, 0, 0, 0],  # the keeper of 3 was never reported
    ],
)
def test_a_removal_without_a_direct_match_is_not_backed(keeper):
    scores = quality.score(answer(keeper, RIGHT.pairs.tolist()), TRUE, 0.8)
    assert scores.backed == scores.removed - 1


def test_a_true_match_that_was_not_reported_backs_nothing():
    scores = quality.score(answer([0, 0, 0, 3, 0], [(0, 1), (0, 4)]), TRUE, 0.8)
    assert scores.backed == scores.removed - 1


def test_a_copy_of_a_removed_text_is_backed_by_its_words():
    chain = truth.find_truth([edited(), edited(20), edited(20).upper()])
    found = answer([0, 0, 0], [(0, 1), (1, 2)], chain)
    assert quality.score(found, chain, 0.8).backed_removals == 1.0


def test_a_match_with_a_removed_text_backs_nothing():
    chain = truth.find_truth([edited(20), edited(), edited(40)])
    found = answer([0, 0, 1], [(0, 1), (1, 2)], chain)
    assert quality.score(found, chain, 0.8).backed_removals == 0.5


def test_a_chain_is_kept_at_both_ends_by_truth():
    texts = [edited(20), edited(), edited(40)]
    chain = truth.find_truth(texts)
    assert quality.kept_by_truth(chain, 0.8).tolist() == [True, False, True]


def test_deduplication_of_made_texts_is_right_in_every_script():
    made = corpora.made_scripts()
    chosen = {f"{script}-{number}" for script in corpora._ALPHABETS for number in range(1)}
    few = Corpus.of(
        "scripts", [each for each in made.records if each.label in chosen or "short" in each.label]
    )
    run = quality.measure(few, truth.find_truth(few.texts), 0.8, seed=1, kernel="numpy")
    assert run.agreement.ari == run.agreement.bcubed_f1 == 1.0
    assert not quality.faults("scripts", run)


def test_what_must_not_be_is_named():
    run = quality.measure(
        Corpus.of("few", [Record(str(row), text, None) for row, text in enumerate(TEXTS)]),
        TRUE,
        0.8,
        seed=1,
        kernel="numpy",
    )
    assert quality.faults("few", run) == []
    scores = replace(run.scores, found_pairs=1, false_pairs=2, backed=0)
    assert quality.faults("few", replace(run, scores=scores)) == [
        "few, seed 1: recall is 0.5000, below 0.98",
        "few, seed 1: 2 reported pairs are false",
        "few, seed 1: 3 removals have no direct match with a kept one",
    ]


# Against gold groups


@given(groupings)
def test_agreement_is_that_of_the_definitions(grouping):
    clusters, labels = grouping
    found = quality.agreement(clusters, labels)
    judged = [row for row, label in enumerate(labels) if label is not None]
    if not judged:
        assert found is None
        return
    with_cluster = {i: {j for j in judged if clusters[j] == clusters[i]} for i in judged}
    with_group = {i: {j for j in judged if labels[j] == labels[i]} for i in judged}
    precision = np.mean(
        [len(with_cluster[i] & with_group[i]) / len(with_cluster[i]) for i in judged]
    )
    recall = np.mean([len(with_cluster[i] & with_group[i]) / len(with_group[i]) for i in judged])
    assert found.bcubed_precision == pytest.approx(precision)
    assert found.bcubed_recall == pytest.approx(recall)
    pairs = [(i, j) for i in judged for j in judged if i < j]
    ours = {(i, j) for i, j in pairs if j in with_cluster[i]}
    gold = {(i, j) for i, j in pairs if j in with_group[i]}
    assert found.pair_precision == pytest.approx(len(ours & gold) / len(ours) if ours else 1.0)
    assert found.pair_recall == pytest.approx(len(ours & gold) / len(gold) if gold else 1.0)
    expected = adjusted_rand_score([labels[i] for i in judged], [clusters[i] for i in judged])
    assert found.ari == pytest.approx(expected)


# Recall by similarity


def test_the_curve_counts_each_pair_in_its_range():
    true = replace(
        TRUE,
        pairs=np.array([[0, 1], [0, 2], [0, 3], [1, 2]]),
        jaccard=np.array([0.3, 0.8, 0.849, 1.0]),
    )
    banding = Banding(bands=17, rows=7)
    seeds = [np.array([False, True, True, True]), np.array([True, True, False, True])]
    curve = quality.recall_curve(
        true, banding, 0.8, seeds, [each & (true.jaccard >= 0.8) for each in seeds]
    )
    by_low = {each.low: each for each in curve}
    assert sum(each.pairs for each in curve) == 4
    assert (by_low[0.3].pairs, by_low[0.3].proposed, by_low[0.3].verified) == (1, 0.5, None)
    assert (by_low[0.8].pairs, by_low[0.8].proposed, by_low[0.8].verified) == (2, 0.75, 0.75)
    assert (by_low[0.95].pairs, by_low[0.95].promised, by_low[0.95].verified) == (1, 1.0, 1.0)
    assert by_low[0.3].promised == pytest.approx(1 - (1 - 0.3**7) ** 17)
    assert by_low[0.5].promised is None


def test_rows_propose_what_has_the_same_shingles():
    texts = [edited(), edited().upper(), edited() + " tail", "another text that shares no words"]
    corpus = Corpus.of("few", [Record(str(row), text, None) for row, text in enumerate(texts)])
    found = truth.find_truth(texts)
    assert found.pairs.tolist() == [[0, 2]]
    assert quality.proposed(corpus, found, 0.8, seed=1, kernel="numpy").tolist() == [True]


# The gate


def test_a_floor_fails_below_it_and_holds_at_it():
    entry = gate.Entry("5e", {"recall": 0.98, "ari": 0.5})
    assert gate.failures("mails", entry, "5e", {"recall": 0.98, "ari": 0.5}) == []
    assert gate.failures("mails", entry, "5e", {"recall": 0.979999, "ari": 0.5}) == [
        "mails: recall is 0.979999, below its floor 0.98"
    ]


@pytest.mark.parametrize("figures", [{}, {"recall": float("nan")}])
def test_a_floor_without_a_figure_fails(figures):
    assert gate.failures("mails", gate.Entry("5e", {"recall": 0.98}), "5e", figures)


def test_another_corpus_fails_with_that_reason():
    (reason,) = gate.failures("mails", gate.Entry("5e", {"recall": 0.98}), "77", {"recall": 1.0})
    assert "mails: the corpus has the sha256 77, and its floors are from 5e" in reason


shares = st.dictionaries(st.sampled_from("recall ari f1".split()), st.floats(-1, 1), min_size=1)


@given(shares, shares, st.sets(st.sampled_from("recall ari f1".split())))
def test_raising_lowers_no_floor_and_goes_over_no_figure(floors, figures, chosen):
    raised = gate.raised(gate.Entry("5e", floors), figures, chosen).floors
    assert set(floors) <= set(raised)
    for figure, floor in raised.items():
        assert floor >= floors.get(figure, -1)
        if figure not in floors and figures[figure] >= 0:
            assert floor <= figures[figure]
        if chosen and figure not in chosen:
            assert floor == floors[figure]


def few_copies():
    texts = [edited(), edited(20), edited(20, 40), edited().upper()]
    return Corpus.of("mails", [Record(str(row), text, "a") for row, text in enumerate(texts)])


def run_gate(monkeypatch, tmp_path, *arguments, entry=None, corpus=None):
    floors = tmp_path / "gate.json"
    if not floors.exists():
        entries = {} if entry is None else {"mails": entry}
        floors.write_text(gate.Floors(0.8, (1, 2), entries).written())
    monkeypatch.setattr(gate, "load", lambda name, fetching: corpus or few_copies())
    monkeypatch.setattr(gate, "truth_of", lambda each, cache: truth.find_truth(each.texts))
    monkeypatch.setattr(
        sys, "argv", ["gate", "--floors", str(floors), "--kernel", "numpy", *arguments]
    )
    gate.main()
    return gate.Floors.read(floors)


def test_the_gate_raises_passes_and_then_shuts(monkeypatch, tmp_path, capsys):
    raised = run_gate(monkeypatch, tmp_path, "--raise", "--corpora", "mails")
    assert raised.corpora["mails"].floors["recall"] == 1.0
    assert run_gate(monkeypatch, tmp_path) == raised
    assert "mails     recall           1.000000  floor 1.0" in capsys.readouterr().out
    path = tmp_path / "gate.json"
    path.write_text(path.read_text().replace('"gold_ari": 0.0', '"gold_ari": 0.75'))
    before = path.read_text()
    with pytest.raises(SystemExit, match=r"mails: gold_ari is 0\.\d+, below its floor 0\.75"):
        run_gate(monkeypatch, tmp_path, "--raise")
    assert path.read_text() == before


def test_the_gate_is_shut_by_another_corpus(monkeypatch, tmp_path):
    with pytest.raises(SystemExit, match="mails: the corpus has the sha256"):
        run_gate(monkeypatch, tmp_path, entry=gate.Entry("5e", {"recall": 0.98}))


@pytest.mark.parametrize("optional", [False, True])
def test_the_gate_is_shut_by_a_missing_corpus_unless_it_is_optional(
    monkeypatch, tmp_path, optional, capsys
):
    def missing(name, fetching):
        raise CorpusError("npm is not installed")

    floors = tmp_path / "gate.json"
    entry = gate.Entry("5e", {"recall": 0.98}, optional)
    floors.write_text(gate.Floors(0.8, (1,), {"mails": entry}).written())
    monkeypatch.setattr(gate, "load", missing)
    monkeypatch.setattr(sys, "argv", ["gate", "--floors", str(floors)])
    if optional:
        gate.main()
    else:
        with pytest.raises(SystemExit, match="mails: not checked: npm is not installed"):
            gate.main()
    assert "mails: not checked: npm is not installed" in capsys.readouterr().err


def test_the_floors_in_the_tree_hold_what_is_demanded():
    floors = gate.Floors.read(gate.FLOORS)
    assert set(floors.corpora) == set(corpora.NAMES)
    assert floors.written() == gate.FLOORS.read_text(encoding="utf-8")
    for entry in floors.corpora.values():
        assert entry.floors["recall"] >= quality.LEAST_RECALL
        for figure in ("precision", "exact_recall", "backed_removals", "stated_scores"):
            assert entry.floors[figure] == 1.0


# Corpora


def test_made_texts_are_copies_within_their_label_only():
    made = corpora.made_scripts()
    assert made == corpora.made_scripts()
    some = [each for each in made.records if each.label.endswith("-0") or "short" in each.label]
    found = truth.find_truth([each.text for each in some])
    groups = {}
    for row, each in enumerate(some):
        groups.setdefault(each.label, set()).add(int(found.first[row]))
    true = {tuple(pair) for pair in found.pairs[found.jaccard >= 0.8].tolist()}
    within = {(i, j) for rows in groups.values() for i in rows for j in rows if i < j}
    assert true == within


def packed_texts(name, tmp_path, files):
    path = tmp_path / name
    if name.endswith(".whl"):
        with zipfile.ZipFile(path, "w") as archive:
            for place, text in files.items():
                archive.writestr(place, text)
    else:
        with tarfile.open(path, "w:gz") as archive:
            for place, text in files.items():
                member = tarfile.TarInfo(place)
                member.size = len(text.encode())
                archive.addfile(member, io.BytesIO(text.encode()))
    return path


def test_licence_texts_are_long_and_labelled(tmp_path):
    words = "word " * 60
    rule = "---\nlicense_expression: mit OR zlib\nis_license_text: yes\n---\n\n"
    path = packed_texts(
        "licences.whl",
        tmp_path,
        {
            "licensedcode/data/rules/a.RULE": rule + words,
            "licensedcode/data/rules/short.RULE": rule + "word " * 49,
            "licensedcode/data/rules/notice.RULE": rule.replace("text", "notice") + words,
            "licensedcode/data/licenses/b.LICENSE": "---\nkey: b\nname: B\n---\n" + words,
            "licensedcode/data/licenses/empty.LICENSE": "---\nkey: empty\n---",
            "licensedcode/data/inactive/rules/c.RULE": rule + words,
            "licensedcode/data/cc-by-4.0.LICENSE": words,
        },
    )
    found = {each.id: each for each in corpora._licence_texts([path])}
    assert {name: each.label for name, each in found.items()} == {
        "rules/a.RULE": "mit OR zlib",
        "licenses/b.LICENSE": "b",
    }
    assert found["licenses/b.LICENSE"].text == words


def test_mails_are_their_bodies(tmp_path):
    mail = json.dumps({"id": "1", "text": "From: a\nSubject: b\n\nBody, first.\n\nSecond.\n"})
    path = packed_texts(
        "mails.tgz", tmp_path, {"package/data/spam-1/1.json": mail, "package/package.json": "{}"}
    )
    (found,) = corpora._mails([path])
    assert (found.id, found.text) == ("spam-1/1", "Body, first.\n\nSecond.\n")


def test_navigation_is_no_text_of_a_guide():
    page = (
        '<head><title>T</title></head><body><div class="navheader"><div>Prev</div>Next</div>'
        '<div class="sect1"><h2><a name="x"></a>Title</h2><p>One <em>t</em>wo.</p></div>'
        '<div class="navfooter"><table><tr><td>Up</td></tr></table></div>after</body>'
    )
    assert corpora.html_text(page) == "Title\nOne two.\nafter"


def test_a_file_with_another_sha256_is_refused(tmp_path):
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    (downloads / corpora._MAILS).write_bytes(b"not the one")
    with pytest.raises(CorpusError, match=r"has the sha256 [0-9a-f]{64}, not 8d15982711"):
        corpora.load("mails", Fetching(tmp_path))


def test_another_debian_version_is_named(tmp_path, monkeypatch):
    def client(command, folder, *, check=True):
        policy = "pkg:\n  Installed: (none)\n  Candidate: 20990101\n"
        return SimpleNamespace(returncode=100, stdout=policy, stderr="E: not found")

    monkeypatch.setattr(corpora, "_client", client)
    with pytest.raises(CorpusError, match=r"apt has installation-guide-amd64 20990101, and the"):
        corpora.load("guides", Fetching(tmp_path))


def test_a_missing_client_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(corpora.shutil, "which", lambda name: None)
    with pytest.raises(CorpusError, match="npm is not installed"):
        corpora.load("mails", Fetching(tmp_path))


def test_an_unfinished_file_does_not_stay(tmp_path):
    with pytest.raises(TypeError):
        corpora.write_whole(tmp_path / "whole", "not bytes")
    assert list(tmp_path.iterdir()) == []
