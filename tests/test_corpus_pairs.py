import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from dupdetect.corpus import pairs as corpus_pairs
from dupdetect.corpus.pairs import ShingleSpool, merged, spooling, verify, write_run
from dupdetect.errors import InputError
from dupdetect.match.verify import verify_pairs
from tests import reference

RUNS = st.lists(st.sets(st.integers(0, 60), max_size=25), max_size=5)
SETS = st.lists(st.sets(st.integers(0, 25), max_size=12), min_size=1, max_size=9)
FIELDS = ("shared", "jaccard", "containment_a", "containment_b")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pairs")


def written_runs(folder, runs):
    paths = [folder / f"run-{number}.npy" for number in range(len(runs))]
    for path, run in zip(paths, runs, strict=True):
        write_run(path, np.array(sorted(run), dtype=np.int64))
    return paths


def written_spool(path, rows, sets, n_together=2):
    shingles = reference.shingle_sets(sets)
    with spooling(path) as writer:
        for start in range(0, len(rows), n_together):
            some = np.arange(start, min(start + n_together, len(rows)))
            writer.append(np.array(rows, dtype=np.int64)[some], shingles.take(some))
    return ShingleSpool.open(path)


@given(RUNS, st.integers(1, 9))
@settings(deadline=None)
def test_merging_gives_each_pair_once_and_in_order(folder, runs, window):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus_pairs, "_LEAST_WINDOW", window)
        chunks = [chunk.tolist() for chunk in merged(written_runs(folder, runs), 0)]
    assert all(chunks)
    assert all(len(chunk) <= window * len(runs) for chunk in chunks)
    assert [pair for chunk in chunks for pair in chunk] == sorted(set().union(*runs))


def test_the_memory_decides_how_many_pairs_come_at_once(folder):
    paths = written_runs(folder, [range(0, 40_000, 2), range(0, 40_000, 3)])
    few, many = list(merged(paths, 2**16)), list(merged(paths, 2**26))
    assert len(few) > 10
    assert len(many) == 1
    assert np.concatenate(few).tolist() == many[0].tolist()


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[:-8], lambda data: data[:40], lambda data: b"", lambda data: data + b"0"],
)
def test_a_run_that_is_not_whole_is_refused(tmp_path, damage):
    (path,) = written_runs(tmp_path, [range(10)])
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match=r"run-0\.npy: not a run of candidate pairs, or not whole"):
        list(merged([path], 2**20))


def test_a_run_of_something_else_is_refused(tmp_path):
    path = tmp_path / "run.npy"
    np.save(path, np.zeros(4))
    with pytest.raises(InputError, match="not a run"):
        list(merged([path], 2**20))


@given(SETS, st.data())
@settings(deadline=None)
def test_a_spool_gives_back_the_sets_of_any_documents(folder, sets, data):
    rows = sorted(data.draw(st.sets(st.integers(0, 99), min_size=len(sets), max_size=len(sets))))
    spool = written_spool(folder / "spool", rows, sets, data.draw(st.integers(1, 4)))
    assert spool.rows.tolist() == rows
    assert len(spool) == len(rows)
    places = sorted(data.draw(st.sets(st.integers(0, len(sets) - 1))))
    found = spool.read(np.array(places, dtype=np.int64))
    assert [part.tolist() for part in found] == [sorted(sets[place]) for place in places]
    assert found.hashes.dtype == np.uint64


def test_hashes_keep_all_their_bits(tmp_path):
    spool = written_spool(tmp_path / "spool", [5], [{0, 2**64 - 1, 2**63, 258}])
    assert spool.read(np.array([0])).hashes.tolist() == [0, 258, 2**63, 2**64 - 1]


def test_an_empty_spool_has_no_documents(tmp_path):
    spool = written_spool(tmp_path / "spool", [], [])
    assert len(spool) == 0
    assert len(spool.read(np.empty(0, dtype=np.int64))) == 0
    assert len(verify(np.empty((0, 2), dtype=np.int64), spool, memory=2**20)) == 0


def fill_and_fail(path):
    with spooling(path) as writer:
        writer.append(np.array([0]), reference.shingle_sets([{1, 2}]))
        raise KeyboardInterrupt


def test_a_spool_that_was_not_finished_is_not_there(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        fill_and_fail(tmp_path / "spool")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-8],
        lambda data: data[8:],
        lambda data: data[:-24] + bytes(24),
        lambda data: data[:11],
    ],
)
def test_a_spool_that_is_not_whole_is_refused(tmp_path, damage):
    path = tmp_path / "spool"
    written_spool(path, [1, 4], [{1, 2}, {3}])
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match="spool: not a spool of shingles, or not whole"):
        ShingleSpool.open(path)


def test_a_spool_cut_off_while_in_use_is_refused(tmp_path):
    spool = written_spool(tmp_path / "spool", [1, 4], [{1, 2}, {3}])
    spool.path.write_bytes(b"")
    with pytest.raises(InputError, match="not a spool of shingles"):
        spool.read(np.array([0]))


@pytest.mark.parametrize("rows", [[3, 3], [4, 3], [-1, 3], [2]])
def test_rows_out_of_order_are_refused(tmp_path, rows):
    with spooling(tmp_path / "spool") as writer:
        writer.append(np.array([2]), reference.shingle_sets([set()]))
        with pytest.raises(ValueError, match=r"must ascend|rows, but"):
            writer.append(np.array(rows), reference.shingle_sets([{1}, {2}]))


@given(SETS, st.data())
@settings(deadline=None)
def test_verification_does_not_depend_on_memory_threads_or_tiles(folder, sets, data):
    place = st.integers(0, len(sets) - 1)
    places = np.array(data.draw(st.lists(st.tuples(place, place), max_size=25)), dtype=np.int64)
    places = places.reshape(-1, 2)
    rows = np.arange(len(sets)) * 3 + 2
    spool = written_spool(folder / "spool", rows, sets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus_pairs, "_PAIRS_OF_A_TILE", data.draw(st.sampled_from([1, 2, 99])))
        found = verify(
            rows[places],
            spool,
            memory=data.draw(st.sampled_from([0, 100, 300, 2**20])),
            threads=data.draw(st.sampled_from([1, 3])),
        )
    expected = verify_pairs(places, reference.shingle_sets(sets))
    for name in FIELDS:
        assert getattr(found, name).tolist() == getattr(expected, name).tolist()
        assert getattr(found, name).dtype == getattr(expected, name).dtype


@pytest.mark.parametrize("threads", [1, 2])
def test_shingles_are_held_within_the_memory(tmp_path, monkeypatch, threads):
    rng = np.random.default_rng(4)
    sets = [set(rng.integers(0, 2**40, 50).tolist()) for _ in range(400)]
    spool = written_spool(tmp_path / "spool", range(400), sets, 100)
    pairs = np.sort(rng.integers(0, 400, (3_000, 2)), axis=1)
    held = []
    read = ShingleSpool.read

    def watched(self, places):
        found = read(self, places)
        held.append(found.hashes.nbytes)
        return found

    monkeypatch.setattr(ShingleSpool, "read", watched)
    verify(pairs, spool, memory=40_000, threads=threads)
    assert max(held) <= 40_000 / threads
    assert max(held) > 20_000 / threads


def test_documents_that_belong_together_are_read_once(tmp_path, monkeypatch):
    # Groups of four neighbours, a hundred rows apart: no cut by row number keeps them together.
    sets = [{row % 100, 1_000 + row} for row in range(400)]
    spool = written_spool(tmp_path / "spool", range(400), sets, 100)
    pairs = np.array([[row, row + step] for row in range(100) for step in (100, 200, 300)])
    read_places = []
    read = ShingleSpool.read

    def watched(self, places):
        read_places.extend(places.tolist())
        return read(self, places)

    monkeypatch.setattr(ShingleSpool, "read", watched)
    assert verify(pairs, spool, memory=2_000).shared.tolist() == [1] * 300
    assert sorted(read_places) == list(range(400))


def test_a_document_that_was_not_spooled_is_named(tmp_path):
    spool = written_spool(tmp_path / "spool", [1, 4], [{1, 2}, {3}])
    for missing in (0, 3, 5, 10**9):
        with pytest.raises(ValueError, match=f"lacks document {missing} "):
            verify(np.array([[1, missing]]), spool, memory=2**20)
