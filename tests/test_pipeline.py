"""Deduplication of files: that it is right, and that nothing but the input decides."""

import gzip
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect import Config, ConfigError, InputError, compare, dedupe, dedupe_texts
from dupdetect.config import ReadingConfig
from dupdetect.corpus import decision, ingest, pipeline, run, shards
from dupdetect.corpus.sources import find_sources
from dupdetect.match.verify import PairScores
from tests import dedupe_twin as twin
from tests.dedupe_twin import CONFIG, SENTENCES

ROOT = Path(__file__).parent.parent
STORY = " ".join(SENTENCES[:5])
RESULTS = ["kept.jsonl", "removed.jsonl", "clusters.jsonl", "skipped.jsonl"]


@pytest.fixture(autouse=True, scope="module")
def _quick_disk():
    """Files are not forced to disk: no power is cut here, and there are thousands of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


def as_lines(records):
    return b"".join(json.dumps(each).encode() + b"\n" for each in records)


def write(path, records):
    path.write_bytes(as_lines(records))
    return path


def documents(texts, prefix="d"):
    return [{"id": f"{prefix}{row:02}", "text": text} for row, text in enumerate(texts)]


def lines(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def results(folder, names=RESULTS):
    return {name: (folder / name).read_bytes() for name in names}


def keeper_by_id(folder):
    """Of each removed id the kept one, as both files of results have it."""
    removed = {each["id"]: each["kept_id"] for each in lines(folder / "removed.jsonl")}
    from_clusters = {
        id: each["kept_id"]
        for each in lines(folder / "clusters.jsonl")
        for id in each["removed_ids"]
    }
    assert from_clusters == removed
    return removed


def readable(texts):
    """Those that a file gives as documents: not only white space, no lone surrogates."""
    return [text for text in texts if text.strip() and "\ud800" not in text]


# Right


@given(twin.collections)
@settings(deadline=None, max_examples=25)
def test_files_give_what_the_same_texts_give_in_memory(texts):
    texts = readable(texts)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "in.jsonl", documents(["x", *texts]))
        summary = dedupe(folder / "in.jsonl", folder / "out", CONFIG, threads=1)
        found = dedupe_texts(["x", *texts], CONFIG, threads=1)
        keeper = keeper_by_id(folder / "out")
        records = lines(folder / "out" / "removed.jsonl")
    expected = {f"d{row:02}": f"d{k:02}" for row, k in enumerate(found.keeper) if k != row}
    assert keeper == expected
    n_found = len(found.keeper)
    assert summary.counts["kept"] + summary.counts["removed"] == n_found
    assert summary.counts["exact_copies"] == found.counts["exact_copies"]
    kept = set(found.kept.tolist())
    near = [
        tuple(pair)
        for pair, relation in zip(found.pairs.tolist(), found.relations, strict=True)
        if relation == "near-duplicate"
    ]
    assert summary.counts["matches_that_remove"] == sum(pair[0] in kept for pair in near)
    for record in records:  # as two texts on the command line would be compared
        pair = compare(*(texts_of(["x", *texts], record[end]) for end in ("id", "kept_id")), CONFIG)
        assert record["relation"] == pair.relation
        assert record["jaccard"] == pair.jaccard
        assert record["containment_removed"] == pair.containment_a
        assert record["containment_kept"] == pair.containment_b
        assert record["reason"] == "first: comes before it"


def texts_of(texts, id):
    return texts[int(id[1:])]


@given(twin.collections, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=20)
def test_kept_lines_are_the_bytes_of_the_input_in_its_order(texts, shuffle):
    spellings = [
        lambda each: json.dumps(each, ensure_ascii=False).encode("utf-8", "backslashreplace"),
        lambda each: b"  " + json.dumps(each, indent=None, separators=(" , ", " : ")).encode(),
        lambda each: json.dumps({**each, "more": [1, {"x": None}]}).encode() + b"\r",
        lambda each: json.dumps(each).encode() + b" ",
    ]
    rows = [shuffle.choice(spellings)(each) for each in documents(["x", *texts])]
    rows += [b"", b"   ", b"not JSON", b'{"id": "no text"}']
    shuffle.shuffle(rows)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in.jsonl").write_bytes(b"\n".join(rows) + b"\n")
        summary = dedupe(folder / "in.jsonl", folder / "out", CONFIG, threads=1)
        removed = keeper_by_id(folder / "out")
        skipped = {each["source"] for each in lines(folder / "out" / "skipped.jsonl")}
        kept = (folder / "out" / "kept.jsonl").read_bytes()
    expected, n_blank = [], 0
    for number, row in enumerate(rows, 1):
        if not row.strip():
            n_blank += 1
        elif f"{folder}/in.jsonl:{number}" not in skipped and json.loads(row)["id"] not in removed:
            expected.append(row)
    assert kept == b"".join(row + b"\n" for row in expected)
    n_records = len(expected) + summary.counts["removed"] + summary.counts["skipped"]
    assert n_records + n_blank == len(rows)


def test_no_two_kept_documents_match(tmp_path):
    chooser = random.Random(1)
    texts = [" ".join(chooser.choices(SENTENCES[:8], k=4)) for _ in range(60)]
    write(tmp_path / "in.jsonl", documents(texts))
    dedupe(tmp_path / "in.jsonl", tmp_path / "out", CONFIG)
    kept = [each["text"] for each in lines(tmp_path / "out" / "kept.jsonl")]
    scores = [jaccard for jaccard, _, _ in twin.exact_scores(kept, CONFIG).values()]
    assert 1 < len(kept) < len(set(texts))
    assert max(scores) < CONFIG.near_duplicate.threshold


def test_every_removed_record_names_a_kept_one_and_its_place(tmp_path):
    path = write(tmp_path / "in.jsonl", documents([STORY, SENTENCES[8], STORY, f"{STORY} More."]))
    dedupe(path, tmp_path / "out")
    first, second = lines(tmp_path / "out" / "removed.jsonl")
    assert first == {
        "id": "d02",
        "kept_id": "d00",
        "relation": "exact",
        "jaccard": 1.0,
        "containment_removed": 1.0,
        "containment_kept": 1.0,
        "reason": "first: comes before it",
        "source": f"{path}:3",
        "kept_source": f"{path}:1",
    }
    assert second["relation"] == "near-duplicate"
    assert 0.8 <= second["jaccard"] == second["containment_removed"] < 1.0
    assert second["containment_kept"] == 1.0
    assert lines(tmp_path / "out" / "clusters.jsonl") == [
        {"kept_id": "d00", "size": 3, "removed_ids": ["d02", "d03"]}
    ]


def test_short_and_foreign_texts_are_neither_dropped_nor_merged(tmp_path):
    texts = ["one", "Two words", "!?", "…", "😀", "香港特别行政区政府", "香港特别行政区议会"]
    texts += ["ราคาทองคำวันนี้", "ราคาน้ำมันวันนี้", "أعلنت الحكومة اليوم", "أعلنت الشركة اليوم"]
    write(tmp_path / "in.jsonl", documents(texts))
    summary = dedupe(tmp_path / "in.jsonl", tmp_path / "out")
    assert summary.counts["kept"] == len(texts)
    assert summary.counts["without_words"] == 3


# Whatever the machine


@given(twin.collections, st.data())
@settings(deadline=None, max_examples=12)
def test_shards_batches_tiles_and_threads_change_nothing(texts, data):
    texts = [STORY, *readable(texts), SENTENCES[0]]
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        write(folder / "in.jsonl", documents(texts))
        whole = dedupe(folder / "in.jsonl", folder / "whole", CONFIG, threads=1)
        patch.setattr(shards, "SHARD_DOCUMENTS", data.draw(st.integers(1, 4)))
        patch.setattr(ingest, "_BATCH_RECORDS", data.draw(st.integers(1, 3)))
        patch.setattr(run, "_BATCH_CHARS", (1, data.draw(st.integers(1, 300))))
        patch.setattr(decision, "_FIRST_PAIRS", data.draw(st.integers(1, 3)))
        patch.setattr(pipeline, "_BYTES_PER_PAIR", data.draw(st.sampled_from([2**8, 2**28])))
        parts = dedupe(
            folder / "in.jsonl",
            folder / "parts",
            CONFIG,
            threads=data.draw(st.integers(1, 3)),
            memory=data.draw(st.sampled_from([2**28, 2**32])),
        )
        assert results(folder / "parts") == results(folder / "whole")
    assert parts.counts == whole.counts
    assert parts.caps == whole.caps


@pytest.fixture
def mixed(tmp_path):
    """Two hundred documents with copies of all kinds in them."""
    chooser = random.Random(2)
    texts = [" ".join(chooser.sample(SENTENCES, k=chooser.randint(1, 5))) for _ in range(200)]
    return write(tmp_path / "in.jsonl", documents([f"{text} {text}" for text in texts]))


def test_the_kernel_changes_nothing(mixed, tmp_path):
    pytest.importorskip("numba")
    one = dedupe(mixed, tmp_path / "numpy", CONFIG, kernel="numpy", threads=2)
    other = dedupe(mixed, tmp_path / "numba", CONFIG, kernel="numba", threads=2)
    assert (one.settings["kernel"], other.settings["kernel"]) == ("numpy", "numba")
    assert results(tmp_path / "numpy") == results(tmp_path / "numba")
    assert (one.counts, one.caps) == (other.counts, other.caps)


def test_the_order_of_hashes_changes_nothing(mixed, tmp_path):
    seeds = {"0", "1"} - {os.environ.get("PYTHONHASHSEED")}
    code = "import sys; from dupdetect import dedupe; dedupe(sys.argv[1], sys.argv[2])"
    subprocess.run(
        [sys.executable, "-c", code, mixed, tmp_path / "there"],
        env={**os.environ, "PYTHONHASHSEED": seeds.pop(), "PYTHONPATH": str(ROOT)},
        check=True,
        timeout=60,
    )
    dedupe(mixed, tmp_path / "here")
    assert results(tmp_path / "there") == results(tmp_path / "here")


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_a_collection_in_several_files_gives_what_it_gives_in_one(mixed, tmp_path, suffix):
    rows = mixed.read_bytes().splitlines(keepends=True)
    folder = tmp_path / "parts"
    folder.mkdir()
    opener = gzip.open if suffix.endswith(".gz") else open
    for number in range(5):
        with opener(folder / f"{number}{suffix}", "wb") as file:
            file.write(b"".join(rows[40 * number : 40 * number + 40]))
    one = dedupe(mixed, tmp_path / "one", CONFIG)
    several = dedupe(folder, tmp_path / "several", CONFIG)
    assert several.counts == one.counts
    assert keeper_by_id(tmp_path / "several") == keeper_by_id(tmp_path / "one")
    with opener(tmp_path / "several" / f"kept{suffix}", "rb") as file:
        assert file.read() == (tmp_path / "one" / "kept.jsonl").read_bytes()


@pytest.mark.parametrize("keep", ["longest", "cleanest", "newest date", "priority rank"])
def test_the_order_of_the_input_matters_to_first_alone(mixed, tmp_path, keep):
    chooser = random.Random(3)
    records = [
        {**each, "date": f"2026-01-{chooser.randint(1, 28):02}", "rank": chooser.randint(1, 5)}
        for each in lines(mixed)
    ]
    keeper = []
    for number in range(2):
        path = write(tmp_path / f"{number}.jsonl", records)
        dedupe(path, tmp_path / f"out{number}", CONFIG, keep=keep)
        keeper.append(keeper_by_id(tmp_path / f"out{number}"))
        chooser.shuffle(records)
    assert len(keeper[0]) > 20
    assert keeper[0] == keeper[1]


# Who is kept, and why


def reasons(folder):
    return {
        each["id"]: (each["kept_id"], each["reason"]) for each in lines(folder / "removed.jsonl")
    }


def test_the_newest_is_kept_whatever_its_date_is_written_like(tmp_path):
    dates = ["2026-01-02", "2026-01-02T00:00:01Z", 86400, "yesterday", None, "2026-01-01T23:59:59"]
    records = [{"id": f"d{row}", "text": STORY, "date": date} for row, date in enumerate(dates)]
    del records[4]["date"]
    write(tmp_path / "in.jsonl", records)
    summary = dedupe(tmp_path / "in.jsonl", tmp_path / "out", keep="newest date")
    newest = "newest date: 2026-01-02T00:00:01Z against"
    assert reasons(tmp_path / "out") == {
        "d0": ("d1", f"{newest} 2026-01-02T00:00:00Z"),
        "d2": ("d1", f"{newest} 1970-01-02T00:00:00Z"),
        "d3": ("d1", f"{newest} none"),
        "d4": ("d1", f"{newest} none"),
        "d5": ("d1", f"{newest} 2026-01-01T23:59:59Z"),
    }
    assert summary.counts["without_keep_value"] == 2


def test_the_newest_row_of_a_parquet_file_is_kept(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    dates = pyarrow.array([0, 1_790_000_000_123_456_789, None], pyarrow.timestamp("ns", "UTC"))
    table = pyarrow.table({"id": [1, 2, 3], "text": [STORY] * 3, "date": dates})
    parquet.write_table(table, tmp_path / "in.parquet")
    dedupe(tmp_path / "in.parquet", tmp_path / "out", keep="newest date")
    assert parquet.read_table(tmp_path / "out" / "kept.parquet").equals(table.slice(1, 1))
    newest = "newest date: 2026-09-21T14:13:20.123456Z against"
    assert reasons(tmp_path / "out") == {
        "1": ("2", f"{newest} 1970-01-01T00:00:00Z"),
        "3": ("2", f"{newest} none"),
    }


def test_the_greater_priority_is_kept_and_ties_go_by_id(tmp_path):
    records = [
        {"id": "c", "text": STORY, "meta": {"rank": 2}},
        {"id": "b", "text": STORY, "meta": {"rank": "2.0"}},
        {"id": "a", "text": STORY, "meta": {"rank": 1}},
        {"id": "d", "text": STORY, "meta": {"rank": True}},
    ]
    write(tmp_path / "in.jsonl", records)
    dedupe(tmp_path / "in.jsonl", tmp_path / "out", keep="priority meta.rank")
    assert reasons(tmp_path / "out") == {
        "c": ("b", "priority meta.rank: 2 each; tie by id"),
        "a": ("b", "priority meta.rank: 2 against 1"),
        "d": ("b", "priority meta.rank: 2 against none"),
    }


def test_the_longest_and_the_cleanest_are_kept(tmp_path):
    records = [
        {"id": "long", "text": f"{STORY}\n&amp;\n{STORY}"},
        {"id": "clean", "text": f"{STORY}\n&\n{STORY}"},
    ]
    write(tmp_path / "in.jsonl", records)
    dedupe(tmp_path / "in.jsonl", tmp_path / "longest", keep="longest")
    dedupe(tmp_path / "in.jsonl", tmp_path / "cleanest", keep="cleanest")
    n = len(records[0]["text"])
    assert reasons(tmp_path / "longest") == {
        "clean": ("long", f"longest: {n} characters against {n - 4}")
    }
    assert reasons(tmp_path / "cleanest") == {"long": ("clean", "cleanest: 0 repairs against 1")}


# Against another corpus


@given(twin.collections, twin.collections)
@settings(deadline=None, max_examples=15)
def test_what_another_corpus_has_is_removed_and_nothing_else_of_it_happens(own, other):
    own, other = ["x", *readable(own)], readable(other)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "own.jsonl", documents(own))
        write(folder / "other.jsonl", documents([SENTENCES[4], *other]))
        before = (folder / "other.jsonl").read_bytes()
        summary = dedupe(
            folder / "own.jsonl",
            folder / "out",
            CONFIG,
            against=[folder / "other.jsonl"],
            threads=1,
        )
        removed = lines(folder / "out" / "removed.jsonl")
        kept = [int(each["id"][1:]) for each in lines(folder / "out" / "kept.jsonl")]
        groups = lines(folder / "out" / "clusters.jsonl")
        assert (folder / "other.jsonl").read_bytes() == before
    other = [SENTENCES[4], *other]
    assert summary.counts["documents_against"] == len(other)
    assert [row for row in range(len(own)) if row not in kept] == [
        int(each["id"][1:]) for each in removed
    ]
    for each in removed:
        has = other if each.get("against") else own
        pair = compare(texts_of(own, each["id"]), texts_of(has, each["kept_id"]), CONFIG)
        assert pair.relation == each["relation"]
        assert pair.jaccard == each["jaccard"]
        if each.get("against"):
            assert each["reason"] == "against: it is in the other corpus"
            assert each["kept_source"].startswith(f"{folder}/other.jsonl:")
        else:
            assert int(each["kept_id"][1:]) in kept
    scores = twin.exact_scores([*other, *(own[row] for row in kept)], CONFIG)
    for (i, j), (jaccard, _, _) in scores.items():
        assert j < len(other) or jaccard < twin.SURE, (i, j)
    assert sum(len(group["removed_ids"]) for group in groups) == len(removed)
    assert {group["kept_id"] for group in groups if "against" in group} == {
        each["kept_id"] for each in removed if "against" in each
    }


def test_ids_may_be_the_same_in_both_corpora_and_twice_in_the_other(tmp_path):
    own = write(tmp_path / "own.jsonl", [{"id": "a", "text": STORY}, {"id": "b", "text": "New."}])
    rows = [{"id": "a", "text": "Old."}, {"id": "a", "text": STORY}, {"id": "b", "text": STORY}]
    other = write(tmp_path / "other.jsonl", rows)
    summary = dedupe(own, tmp_path / "out", against=str(other), keep="longest")
    (record,) = lines(tmp_path / "out" / "removed.jsonl")
    assert (record["id"], record["kept_id"], record["against"]) == ("a", "a", True)
    assert record["kept_source"] == f"{other}:2"
    assert summary.counts["removed"] == summary.counts["removed_exact"] == 1


def test_another_corpus_alone_is_nothing_to_deduplicate(tmp_path):
    own = tmp_path / "own.jsonl"
    own.write_text("not JSON\n")
    other = write(tmp_path / "other.jsonl", documents([STORY]))
    with pytest.raises(InputError, match="there is no document to deduplicate; 1 skipped"):
        dedupe(own, tmp_path / "out", against=[other])


def test_a_file_is_not_deduplicated_against_itself(mixed, tmp_path):
    with pytest.raises(InputError, match="against itself"):
        dedupe(mixed, tmp_path / "out", against=[tmp_path / "." / mixed.name])


# In linear time


def test_documents_that_share_a_paragraph_make_linearly_many_candidates(tmp_path, monkeypatch):
    monkeypatch.setattr("dupdetect.match.bands._LEAST_BUDGET", 0)
    per_document = []
    for n in (300, 600):
        path = write(tmp_path / f"{n}.jsonl", boilerplate(n))
        summary = dedupe(path, tmp_path / f"out{n}", threads=1)
        assert summary.counts["kept"] == n
        assert summary.caps["hot_buckets"] > 0
        assert summary.caps["pairs_left_out_of_hot_buckets"] > n
        per_document.append(summary.counts["candidates"] / n)
    assert per_document[1] < 1.3 * per_document[0]


def boilerplate(n):
    """Texts that share a long paragraph; no two are near-duplicates."""
    chooser = random.Random(4)
    shared = " ".join(f"shared{number}" for number in range(80))
    return [
        {
            "id": str(row),
            "text": f"{shared} " + " ".join(f"own{chooser.random()}" for _ in range(14)),
        }
        for row in range(n)
    ]


def test_of_copies_of_one_text_not_every_pair_is_verified(tmp_path, monkeypatch):
    n_verified = []
    whole = pipeline.verify
    monkeypatch.setattr(
        pipeline,
        "verify",
        lambda pairs, *a, **k: n_verified.append(len(pairs)) or whole(pairs, *a, **k),
    )
    monkeypatch.setattr(decision, "_FIRST_PAIRS", 64)
    words = [f"w{number}" for number in range(100)]
    texts = [" ".join([*words[:row], "changed", *words[row:]]) for row in range(100)]
    write(tmp_path / "in.jsonl", documents(texts))
    summary = dedupe(tmp_path / "in.jsonl", tmp_path / "out")
    assert summary.counts["kept"] == 1
    assert summary.counts["matches_that_remove"] == 99
    assert summary.counts["candidates"] > 4000
    assert sum(n_verified) < 1000


@given(st.data())
@settings(deadline=None, max_examples=80)
def test_a_decision_in_runs_is_that_on_all_pairs_at_once(data):
    n = data.draw(st.integers(1, 12))
    every = [(i, j) for i in range(n) for j in range(i + 1, n)]
    pairs = sorted(data.draw(st.lists(st.sampled_from(every), unique=True))) if every else []
    jaccard = {pair: data.draw(st.sampled_from([0.2, 0.5, 0.8, 1.0])) for pair in pairs}
    rank = np.array(data.draw(st.permutations(range(n))), dtype=np.int64)
    packed = np.array([i * n + j for i, j in pairs], dtype=np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decision, "_PAIRS_AT_ONCE", data.draw(st.integers(1, 5)))
        ordered = decision.by_preference(packed, rank)
        n_settled = data.draw(st.integers(0, n))
        unsettled = decision.by_preference(packed, rank, n_settled)
    assert unsettled.tolist() == [pair for pair in ordered.tolist() if pair // n >= n_settled]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(pairs)), max_size=4)))

    def verify(asked):
        values = np.array([jaccard[min(i, j), max(i, j)] for i, j in asked.tolist()], dtype=float)
        return PairScores(values, values, asked[:, 0] / n, asked[:, 1] / n)

    behind = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decision, "_FIRST_PAIRS", data.draw(st.integers(1, 3)))
        found, n_matches = decision.decide_in_order(
            np.split(ordered, cuts),
            verify,
            rank,
            least=0.5,
            most_pairs=data.draw(st.integers(1, 5)),
            progress=behind.append,
        )
    matches = {pair: value for pair, value in jaccard.items() if value >= 0.5}
    keeper = twin.keepers(np.argsort(rank).tolist(), list(range(n)), matches)
    assert found.keeper.tolist() == keeper
    better = [min(pair, key=rank.__getitem__) for pair in matches]
    assert n_matches == sum(keeper[row] == row for row in better)
    assert behind == sorted(behind)
    assert (behind or [0])[-1] == len(pairs)
    for row, kept in enumerate(keeper):
        if row == kept:
            assert found.jaccard[row] == 1.0
        else:
            assert found.jaccard[row] == matches[min(row, kept), max(row, kept)]
            assert found.containment_removed[row] == row / n
            assert found.containment_kept[row] == kept / n


# Around a run


def test_progress_reaches_one_in_each_stage_and_never_goes_back(mixed, tmp_path, monkeypatch):
    monkeypatch.setattr(ingest, "_BATCH_RECORDS", 7)
    told = []
    pyarrow = pytest.importorskip("pyarrow")
    rows = [{**each, "id": f"p{each['id']}"} for each in lines(mixed)]
    pytest.importorskip("pyarrow.parquet").write_table(
        pyarrow.Table.from_pylist(rows), tmp_path / "more.parquet"
    )
    with gzip.open(tmp_path / "more.jsonl.gz", "wb") as file:
        file.write(as_lines([{**each, "id": f"g{each['id']}"} for each in rows]))
    (tmp_path / "pages").mkdir()
    for number in range(20):
        (tmp_path / "pages" / f"{number:02}.txt").write_text(f"Page {number}. {STORY}", "utf-8")
    inputs = [mixed, tmp_path / "more.parquet", tmp_path / "more.jsonl.gz", tmp_path / "pages"]
    summary = dedupe(inputs, tmp_path / "out", CONFIG, progress=lambda *each: told.append(each))
    stages = list(dict.fromkeys(name for name, _, _ in told))
    assert stages == [stage.name for stage in summary.stages]
    assert len(told) > 60
    for stage in stages:
        shares = [share for name, share, _ in told if name == stage]
        assert shares == sorted(shares)
        assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_a_dry_run_says_what_would_be_and_writes_nothing(mixed, tmp_path, monkeypatch):
    passing = tmp_path / "passing"
    passing.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(passing))
    real = dedupe(mixed, tmp_path / "real", CONFIG)
    before = sorted(tmp_path.rglob("*"))
    dry = dedupe(mixed, tmp_path / "dry", CONFIG, dry_run=True)
    assert sorted(tmp_path.rglob("*")) == before
    without_files = {name: n for name, n in real.counts.items() if name != "files"}
    assert dry.counts == without_files
    assert dry.run == real.run
    assert dry.files == ()
    assert dedupe(mixed, None, CONFIG, dry_run=True).counts == dry.counts


def test_the_summary_file_says_what_the_value_says(mixed, tmp_path):
    summary = dedupe(mixed, tmp_path / "out", CONFIG)
    written = json.loads((tmp_path / "out" / "summary.json").read_bytes())
    assert written["counts"] == summary.counts
    assert written["run"] == summary.run
    assert [stage["name"] for stage in written["stages"]] == [each.name for each in summary.stages]
    assert tuple(written["files"]) == summary.files
    assert sorted(summary.files) == sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written["settings"]["digest"] == CONFIG.digest()


def test_records_from_standard_input_are_kept_too(mixed, tmp_path):
    dedupe(mixed, tmp_path / "file", CONFIG)
    dedupe("-", tmp_path / "stream", CONFIG, stdin=io.BytesIO(mixed.read_bytes()))
    assert keeper_by_id(tmp_path / "stream") == keeper_by_id(tmp_path / "file")
    kept = (tmp_path / "file" / "kept.jsonl").read_bytes()
    assert (tmp_path / "stream" / "kept.jsonl").read_bytes() == kept


# Nothing lost


def test_results_are_never_written_over(mixed, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    own = mixed.rename(folder / "kept.jsonl")
    before = own.read_bytes()
    with pytest.raises(InputError, match=r"out: holds kept\.jsonl already"):
        dedupe(own, folder)
    with pytest.raises(InputError, match=r"out: holds kept\.jsonl already"):
        dedupe(own, folder, resume=True)
    assert own.read_bytes() == before
    assert [path.name for path in folder.iterdir()] == ["kept.jsonl"]


def test_files_of_other_names_may_be_in_the_output_folder(mixed, tmp_path):
    before = mixed.read_bytes()
    dedupe(mixed, tmp_path, CONFIG)
    assert mixed.read_bytes() == before
    assert (tmp_path / "kept.jsonl").exists()


def test_the_output_folder_may_not_lie_in_what_is_read(mixed, tmp_path):
    with pytest.raises(InputError, match="lies in"):
        dedupe(tmp_path, tmp_path / "deep" / "out")
    with pytest.raises(InputError, match="lies in"):
        dedupe(mixed, tmp_path / "out", against=[tmp_path])
    assert [path.name for path in tmp_path.iterdir()] == [mixed.name]


def test_a_file_is_no_output_folder(mixed, tmp_path):
    before = mixed.read_bytes()
    with pytest.raises(InputError, match=r"in\.jsonl: cannot be written: .*; name a folder"):
        dedupe(mixed, mixed)
    with pytest.raises(InputError, match="cannot be written"):
        dedupe(mixed, mixed / "out")
    assert mixed.read_bytes() == before


def test_an_output_folder_is_made_with_those_above_it(mixed, tmp_path):
    dedupe(mixed, tmp_path / "a" / "b" / "c", CONFIG)
    assert (tmp_path / "a" / "b" / "c" / "kept.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"memory": 2**20}, r"memory is 1,048,576 bytes; allowed: 256 MiB \(268,435,456 bytes\)"),
        ({"threads": 0}, "threads is 0"),
        ({"kernel": "cuda"}, "kernel is 'cuda'"),
        ({"keep": "best"}, "keep is 'best'"),
        ({"keep": "newest"}, "keep is 'newest'"),
        ({"dry_run": True, "resume": True}, "nothing to go on with"),
    ],
)
def test_settings_out_of_range_are_refused_before_anything_is_made(
    mixed, tmp_path, arguments, message
):
    with pytest.raises(ConfigError, match=message):
        dedupe(mixed, tmp_path / "out", **arguments)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"memory": "2GiB"},
            r"memory is '2GiB'; give bytes as a whole number, such as 2 \* 2\*\*30",
        ),
        ({"memory": 2e9}, r"memory is 2000000000\.0; give bytes"),
        ({"threads": "2"}, "threads is '2'; give a whole number of 1 or more, or None"),
        ({"threads": True}, "threads is True"),
        ({"keep": 3}, "keep is 3; give a policy as text"),
        ({"against": [3]}, "a path is 3; give a str or an os.PathLike"),
        ({"against": b"a"}, "a path is b'a'"),
    ],
)
def test_arguments_of_the_wrong_type_are_told(mixed, tmp_path, arguments, message):
    with pytest.raises(TypeError, match=message):
        dedupe(mixed, tmp_path / "out", **arguments)
    assert not (tmp_path / "out").exists()


def test_a_path_may_be_anything_that_is_like_one(mixed, tmp_path):
    class Like:
        def __init__(self, path):
            self.path = path

        def __fspath__(self):
            return str(self.path)

    found = dedupe(Like(mixed), Like(tmp_path / "out"), CONFIG)
    assert found.counts["documents"] == 200
    with pytest.raises(InputError, match="a path is empty: is a variable unset"):
        dedupe("", tmp_path / "out")


def test_a_threshold_that_is_given_wins_over_that_of_the_configuration(tmp_path):
    words = [f"w{number}" for number in range(40)]
    other = [*words[:20], "changed", *words[21:]]  # 31 of 41 shingles: 0.76
    path = write(tmp_path / "in.jsonl", documents([" ".join(words), " ".join(other)]))

    def kept(*config, **more):
        return dedupe(path, None, *config, dry_run=True, **more).counts["kept"]

    assert (kept(), kept(Config())) == (2, 1)
    assert (kept(threshold=0.7), kept(Config(), threshold=0.8)) == (1, 2)
    with pytest.raises(ConfigError, match=r"near_duplicate\.threshold is 2"):
        kept(threshold=2.0)


def test_the_summary_lists_what_was_read_and_is_shown_in_one_line(mixed, tmp_path):
    pages = tmp_path / "pages"
    pages.mkdir()
    for name in ("a.txt", "b.txt"):
        (pages / name).write_text(STORY, "utf-8")
    other = write(tmp_path / "other.jsonl", documents([SENTENCES[9]]))
    summary = dedupe([mixed, pages], tmp_path / "out", CONFIG, against=other)
    written = json.loads((tmp_path / "out" / "summary.json").read_bytes())
    size = 2 * (pages / "a.txt").stat().st_size
    assert written["inputs"][0] == {
        "source": str(mixed),
        "bytes": mixed.stat().st_size,
        "files": 1,
    }
    assert (written["inputs"][1]["bytes"], written["inputs"][1]["files"]) == (size, 2)
    assert written["against"] == [{"source": str(other), "bytes": other.stat().st_size, "files": 1}]
    again = dedupe([mixed, pages], tmp_path / "out", CONFIG, against=other, resume=True)
    assert again == summary
    shown = repr(summary)
    assert shown.startswith("DedupeSummary(202 documents, ")
    assert "\n" not in shown
    assert len(shown) < 100


def test_a_compressed_input_counts_as_the_text_in_it(mixed, tmp_path):
    packed = tmp_path / "in.jsonl.gz"
    packed.write_bytes(gzip.compress(mixed.read_bytes()))
    (tmp_path / "a.txt").write_text(STORY, "utf-8")
    paths = [mixed, packed, tmp_path / "a.txt"]
    found = find_sources(paths, ReadingConfig(), spool=tmp_path / "spool").sources
    sizes = [path.stat().st_size for path in paths]
    assert ingest.text_bytes(found) == sizes[0] + 3 * sizes[1] + sizes[2]


def test_results_are_not_overwritten_whatever_the_case_of_their_names(mixed, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "Kept.JSONL").write_bytes(b"mine")
    (tmp_path / "out" / "SUMMARY.json").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"holds Kept\.JSONL, SUMMARY\.json already"):
        dedupe(mixed, tmp_path / "out", CONFIG)


def test_files_of_another_corpus_may_have_one_name(mixed, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "same.txt").write_text(f"{STORY} {name}", "utf-8")
    others = [tmp_path / name / "same.txt" for name in ("a", "b")]
    summary = dedupe(mixed, tmp_path / "out", CONFIG, against=others)
    assert summary.counts["documents_against"] == 2


def test_ids_that_come_twice_are_refused_with_both_places(tmp_path):
    records = documents([STORY, "Another."])
    path = write(tmp_path / "in.jsonl", [*records, {"id": "d00", "text": "Third."}])
    with pytest.raises(InputError) as error:
        dedupe(path, tmp_path / "out")
    assert str(error.value) == (
        f"1 record has the id of an earlier one; the first: 'd00', at {path}:1 and again at "
        f"{path}:3; choose another field with --id-field, or name records by file and line with "
        '--id-field ""'
    )
    assert list((tmp_path / "out").iterdir()) == []
    by_place = Config(reading=ReadingConfig(id_field=""))
    assert dedupe(path, tmp_path / "out", by_place).counts["kept"] == 3


def test_a_collection_too_large_for_the_memory_goes_on_with_more(mixed, tmp_path, monkeypatch):
    monkeypatch.setattr(ingest, "_BYTES_PER_DOCUMENT", 2**20)
    with pytest.raises(ConfigError, match=r"256 MiB, too little for 200 documents; allowed: 424"):
        dedupe(mixed, tmp_path / "out", CONFIG, memory=2**28)
    read = []
    monkeypatch.setattr(pipeline, "read", lambda _: read.append(1))
    assert dedupe(mixed, tmp_path / "out", CONFIG, memory=2**29, resume=True).counts["kept"] > 0
    assert not read


def test_long_ids_count_as_memory(tmp_path):
    rows = [{"id": f"{row}" + "x" * 2**22, "text": f"{row} {STORY}"} for row in range(5)]
    path = write(tmp_path / "in.jsonl", rows)
    with pytest.raises(ConfigError, match="256 MiB, too little for 5 documents; allowed: 265 MiB"):
        dedupe(path, tmp_path / "out", memory=2**28)
    assert dedupe(path, tmp_path / "out", memory=265 * 2**20, resume=True).counts["kept"] == 1


@pytest.mark.parametrize("content", [b"", b"\n \n", b"not JSON\n", b'{"id": "a"}\n', b"[1]\n"])
def test_an_input_without_documents_is_told_with_its_reason(tmp_path, content):
    (tmp_path / "in.jsonl").write_bytes(content)
    with pytest.raises(InputError, match=r"there is no document .*; 1 skipped, the first: .*in"):
        dedupe(tmp_path / "in.jsonl", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_of_unknown_files_is_no_input(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "picture.png").write_bytes(b"\x89PNG")
    with pytest.raises(InputError, match=r"no document to deduplicate; 1 skipped, .*png: the suff"):
        dedupe(tmp_path / "in", tmp_path / "out")


def test_ids_may_be_anything_text_can_be(tmp_path):
    ids = ["a\nb", "c\x00d", "e" * 100_000, "\ud800", "7", "/x:1", "", "  ", "ü", "u\u0308"]
    path = write(tmp_path / "in.jsonl", [{"id": id, "text": STORY} for id in ids])
    summary = dedupe(path, tmp_path / "out")
    skipped = lines(tmp_path / "out" / "skipped.jsonl")
    removed = [each["id"] for each in lines(tmp_path / "out" / "removed.jsonl")]
    assert summary.counts["removed"] == len(removed) == len(set(removed))
    assert summary.counts["kept"] == 1
    assert len(removed) + 1 + len(skipped) == len(ids)
    assert "c\x00d" in removed
    assert "e" * 100_000 in removed


def test_numbers_are_ids_and_records_without_one_go_by_their_line(tmp_path):
    rows = [{"id": 7, "text": STORY}, {"text": STORY}, {"id": "7.5", "text": STORY}]
    path = write(tmp_path / "in.jsonl", rows)
    dedupe(path, tmp_path / "out")
    assert keeper_by_id(tmp_path / "out") == {"in.jsonl:2": "7", "7.5": "7"}


def test_more_malformed_lines_than_a_shard_has_are_all_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "SHARD_DOCUMENTS", 5)
    monkeypatch.setattr(ingest, "_BATCH_RECORDS", 3)
    (tmp_path / "in.jsonl").write_bytes(b"nothing\n" * 40 + as_lines(documents([STORY])))
    summary = dedupe(tmp_path / "in.jsonl", tmp_path / "out")
    assert [each.source for each in summary.skipped] == [
        f"{tmp_path}/in.jsonl:{line}" for line in range(1, 41)
    ]
    assert len(lines(tmp_path / "out" / "skipped.jsonl")) == 40
    assert (summary.counts["kept"], summary.counts["skipped"]) == (1, 40)


def test_a_file_that_ends_too_early_gives_what_stands_before(tmp_path):
    chooser = random.Random(5)
    rows = [{"id": str(row), "text": str(chooser.random())} for row in range(3000)]
    whole = gzip.compress(as_lines(rows))
    (tmp_path / "in.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    summary = dedupe(tmp_path / "in.jsonl.gz", tmp_path / "out", CONFIG)
    assert 100 < summary.counts["documents"] < 3000
    (skip,) = summary.skipped
    assert "ends too early; what stands before the fault was read" in skip.reason
    with gzip.open(tmp_path / "out" / "kept.jsonl.gz") as file:
        assert file.readline() == as_lines(rows[:1])


@pytest.mark.parametrize("name", ["in.parquet", "in.jsonl.gz", "in.jsonl.zst"])
def test_files_that_are_not_what_they_say_are_listed_beside_good_ones(mixed, tmp_path, name):
    for module, suffix in (("pyarrow", ".parquet"), ("backports.zstd", ".zst")):
        if name.endswith(suffix):
            pytest.importorskip(module)
    (tmp_path / name).write_bytes(b"PAR1 this is nothing of the kind, in no line of it \xff")
    summary = dedupe([mixed, tmp_path / name], tmp_path / "out", CONFIG)
    assert summary.counts["documents"] == 200
    assert [each.source for each in summary.skipped] == [f"{tmp_path}/{name}"]


def test_a_missing_column_is_listed_with_its_name(mixed, tmp_path):
    (tmp_path / "other.csv").write_text("id,body\n1,Words.\n", "utf-8")
    summary = dedupe([mixed, tmp_path / "other.csv"], tmp_path / "out", CONFIG)
    (skip,) = summary.skipped
    assert "text" in skip.reason


def test_an_input_that_is_written_to_during_the_run_stops_it(mixed, tmp_path, monkeypatch):
    def fold_late(this, fold=pipeline._fold):
        mixed.write_bytes(mixed.read_bytes() * 2)
        return fold(this)

    monkeypatch.setattr(pipeline, "_fold", fold_late)
    with pytest.raises(InputError, match=r"in\.jsonl: the input changed during the run"):
        dedupe(mixed, tmp_path / "out", CONFIG)
    assert not [
        each.name for each in (tmp_path / "out").iterdir() if each.name != ".dupdetect-work"
    ]


@pytest.mark.skipif(not hasattr(os, "symlink") or sys.platform == "win32", reason="needs links")
def test_a_link_that_is_given_is_followed(mixed, tmp_path):
    (tmp_path / "link.jsonl").symlink_to(mixed)
    dedupe(mixed, tmp_path / "file", CONFIG)
    dedupe(tmp_path / "link.jsonl", tmp_path / "link", CONFIG)
    kept = (tmp_path / "file" / "kept.jsonl").read_bytes()
    assert (tmp_path / "link" / "kept.jsonl").read_bytes() == kept


def test_text_files_are_copied_under_their_paths(tmp_path):
    pages = tmp_path / "pages"
    (pages / "deep").mkdir(parents=True)
    (pages / "a.txt").write_text(STORY, "utf-8")
    (pages / "b.md").write_text(f"{STORY}\n", "utf-8")
    (pages / "deep" / "c.html").write_text("<p>Another text.</p>", "utf-8")
    dedupe(pages, tmp_path / "out")
    kept = tmp_path / "out" / "kept"
    assert sorted(str(path.relative_to(kept)) for path in kept.rglob("*.*")) == [
        "a.txt",
        "deep/c.html",
    ]
    assert keeper_by_id(tmp_path / "out") == {"b.md": "a.txt"}


@pytest.mark.slow
def test_fifty_thousand_documents_that_share_a_paragraph_take_linear_time(tmp_path):
    seconds = []
    for n in (12_500, 25_000, 50_000):
        path = write(tmp_path / f"{n}.jsonl", boilerplate(n))
        started = time.process_time()
        summary = dedupe(path, tmp_path / f"out{n}", threads=1)
        seconds.append(time.process_time() - started)
        assert summary.counts["kept"] == n
        assert summary.caps["hot_buckets"] > 0
        assert summary.counts["candidates"] < 400 * n
    # Twice as many take at most about twice as long; a quadratic step would take four times.
    assert seconds[2] < 3 * seconds[1]
    assert seconds[1] < 3 * seconds[0]
