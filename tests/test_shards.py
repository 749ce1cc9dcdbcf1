import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect import InputError
from dupdetect.corpus import shards
from dupdetect.corpus.shards import Draft, Shards
from dupdetect.sketch.sketcher import Sketches

N_PERMUTATIONS = 4


def sketches(n, first=0):
    rows = np.arange(first * N_PERMUTATIONS, (first + n) * N_PERMUTATIONS, dtype=np.uint32)
    return Sketches(
        rows=rows.reshape(n, N_PERMUTATIONS),
        digests=np.arange(2 * first, 2 * (first + n), dtype=np.uint64).reshape(n, 2),
        n_tokens=np.arange(first, first + n),
        n_repairs=np.arange(first, first + n, dtype=np.int32),
    )


@given(st.lists(st.lists(st.text(max_size=5), max_size=4), max_size=5), st.data())
@settings(deadline=None, max_examples=40)
def test_what_is_in_shards_comes_out_as_if_it_were_in_one(parts, data):
    with tempfile.TemporaryDirectory() as name:
        written = Shards(Path(name))
        n_before = 0
        for number, ids in enumerate(parts):
            draft = Draft()
            draft.add(sketches(len(ids), n_before), ids, lines=np.arange(len(ids)) + n_before)
            draft.skipped += [(f"{number}:{line}", "no reason") for line in range(number)]
            written.append(draft, {"after": number})
            n_before += len(ids)
        found = Shards(Path(name))
        everything = [id for ids in parts for id in ids]
        assert len(found) == len(everything)
        if not parts:
            assert found.position() is None
            return
        whole = sketches(len(everything))
        assert found.position() == {"after": len(parts) - 1}
        assert found.column("lines").tolist() == list(range(len(everything)))
        assert np.array_equal(found.column("digests"), whole.digests)
        assert [found.ids()[row] for row in range(len(everything))] == everything
        assert [place for place, _ in found.skipped()] == [
            f"{number}:{line}" for number in range(len(parts)) for line in range(number)
        ]
        first = data.draw(st.integers(0, N_PERMUTATIONS - 1))
        last = data.draw(st.integers(first, N_PERMUTATIONS))
        assert np.array_equal(found.minhash_columns(first, last), whole.rows[:, first:last])
        if everything:
            rows = data.draw(st.lists(st.integers(0, len(everything) - 1)))
            asked = np.array(rows, dtype=np.int64)
            assert np.array_equal(found.minhash_rows(asked).reshape(-1), whole.rows[asked].ravel())


def test_a_shard_without_its_last_file_is_none(tmp_path):
    draft = Draft()
    draft.add(sketches(2), ["a", "b"])
    written = Shards(tmp_path)
    written.append(draft, {"after": 0})
    written.append(draft, {"after": 1})
    (tmp_path / "documents-000001.npz").unlink()
    found = Shards(tmp_path)
    assert (len(found), found.position()) == (2, {"after": 0})
    found.append(draft, {"after": 2})
    assert Shards(tmp_path).position() == {"after": 2}


def test_a_draft_is_full_of_documents_or_of_what_was_skipped(monkeypatch):
    monkeypatch.setattr(shards, "SHARD_DOCUMENTS", 3)
    draft = Draft()
    draft.add(sketches(2), ["a", "b"])
    assert (len(draft), draft.is_full) == (2, False)
    draft.skipped.append(("here", "why"))
    assert draft.is_full


def test_a_shard_of_many_permutations_has_fewer_documents(monkeypatch):
    monkeypatch.setattr(shards, "_SHARD_BYTES", 3 * 4 * N_PERMUTATIONS)
    draft = Draft()
    assert not draft.is_full
    draft.add(sketches(2), ["a", "b"])
    assert not draft.is_full
    draft.add(sketches(1), ["c"])
    assert draft.is_full


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files by /proc")
def test_one_shard_is_open_at_a_time(tmp_path, monkeypatch):
    written = Shards(tmp_path)
    for number in range(20):
        draft = Draft()
        draft.add(sketches(2, 2 * number), ["a", "b"])
        written.append(draft, {})
    n_open = []

    def counting(path, mapped=np.load, **more):
        found = mapped(path, **more)
        n_open.append(len(list(Path("/proc/self/fd").iterdir())))
        return found

    monkeypatch.setattr(np, "load", counting)
    written.minhash_columns(0, 2)
    written.minhash_rows(np.arange(40))
    assert len(n_open) == 40
    assert max(n_open) - min(n_open) <= 1


def test_equal_ids_have_equal_digests_and_others_others(tmp_path):
    draft = Draft()
    draft.add(sketches(4), ["a", "b", "a", "\ud800"])
    written = Shards(tmp_path)
    written.append(draft, {})
    digests = list(map(tuple, written.column("id_digests").tolist()))
    assert digests[0] == digests[2]
    assert len(set(digests)) == 3
    assert written.ids()[3] == "\ud800"
    assert written.ids().encoded(0) == b"a"


def test_a_damaged_shard_is_told(tmp_path):
    draft = Draft()
    draft.add(sketches(2), ["a", "b"])
    Shards(tmp_path).append(draft, {})
    (tmp_path / "rows-000000.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(InputError, match=r"rows-000000\.npy: damaged"):
        Shards(tmp_path).minhash_columns(0, 1)
    (tmp_path / "documents-000000.npz").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"documents-000000\.npz: damaged"):
        Shards(tmp_path)


def test_files_are_read_without_pickle(tmp_path):
    draft = Draft()
    draft.add(sketches(1), ["a"])
    Shards(tmp_path).append(draft, {"after": 0})
    with np.load(tmp_path / "documents-000000.npz", allow_pickle=False) as arrays:
        assert json.loads(arrays["notes"].tobytes()) == {"position": {"after": 0}, "skipped": []}
        assert all(arrays[name].dtype != object for name in arrays.files)
