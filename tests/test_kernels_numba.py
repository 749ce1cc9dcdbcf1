import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("numba")

from dupdetect.sketch import kernels, kernels_numba
from dupdetect.sketch.shingles import token_hashes
from dupdetect.text import alphabet as table
from dupdetect.text.alphabet import alphabet
from dupdetect.text.tokens import tokenize
from tests import reference

TABLES = alphabet()
WORD = st.integers(0, 2**64 - 1)
SEQUENCES = st.lists(st.lists(WORD, max_size=20), max_size=6)
TEXT = st.text(
    alphabet=st.sampled_from("abzAZ09 _-.\néßЖ香港のกั😀\u0301\u200b\ud800" + "ﬁﷺ"), max_size=60
)
# Scripts that mix, with and without a gap, and what may end a sentence.
MIXED = st.lists(
    st.sampled_from(
        [
            *["香港", "港", "AI", "windows ", "жук ", "α", "αβ", ". ", ".", "。", "! ", "؟", ".؟ "],
            *["\n", "\n\n", "\r\n", " \n", " ", "，", "1. ", "a) ", "한국", "ไทย", "é", "Dr. "],
            *["Жук. ", "Ж. ", "7Ж. ", "ς", "Σας! ", "Пр.", "… ", "ⓐ", "Ⓐ"],
            *[".”", "।", "\u2028", "１", "عرب ", "µm ", "\u200b", "\t", "x" * 70, "the " * 300],
        ]
    ),
    max_size=25,
).map("".join)


def ragged(sequences, dtype=np.uint64):
    items = np.array([item for each in sequences for item in each], dtype=dtype)
    return items, kernels.offsets_of(np.array([len(each) for each in sequences], dtype=np.int64))


def utf8(texts):
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    return ragged(encoded, np.uint8)


def permutations(n):
    rng = np.random.default_rng(3)
    return rng.integers(0, 2**32, (2, n), dtype=np.uint32) | np.uint32(1)


def test_the_numbers_written_out_for_the_cache_are_those_of_the_other_modules():
    for name in (
        *("CODE_POINT", "CLASS_SHIFT", "OTHER", "LETTER", "SINGLE", "EXTENDER", "EXPANDS"),
        *("IS_COMPOSED", "COMPOSES", "NONSTARTER", "DOUBTFUL"),
    ):
        assert int(getattr(kernels_numba, f"_{name}")) == getattr(table, name)
    for name in ("_STEP", "_HORNER"):
        assert getattr(kernels_numba, name) == getattr(kernels, name)
    assert kernels_numba._PART == kernels_numba._WHOLE_PART == kernels.PART
    assert kernels_numba._FILLER == kernels.FILLER
    assert kernels_numba._EMPTY == kernels.EMPTY_SLOT


@given(st.lists(TEXT, max_size=6), st.integers(1, 7), st.sampled_from([1, 8, 40]))
@settings(max_examples=200, deadline=None)
def test_both_kernels_give_the_same_bits(texts, size, num_perm):
    arguments = (*utf8(texts), TABLES, size, *permutations(num_perm))
    one, other = kernels.sketch_texts(*arguments), kernels_numba.sketch_texts(*arguments)
    sure = ~(one.unsure | other.unsure)
    assert (one.rows[sure] == other.rows[sure]).all()
    assert (one.digests[sure] == other.digests[sure]).all()
    assert (one.n_tokens[sure] == other.n_tokens[sure]).all()
    assert not (other.unsure & ~one.unsure).any()


@given(st.text(alphabet="ab cd\n", max_size=40), st.integers(1, 5))
@settings(max_examples=100, deadline=None)
def test_a_text_agrees_with_whole_numbers(text, size):
    tokens = [reference.token_hash(word) for word in text.split()]
    found = kernels_numba.sketch_texts(*utf8([text]), TABLES, size, *permutations(4))
    assert found.n_tokens.tolist() == [len(tokens)]
    assert found.digests.tolist() == [reference.digest(tokens)]
    shingles, _, _ = kernels_numba.shingle_texts(*utf8([text]), TABLES, size)
    assert shingles.tolist() == reference.shingles(text.split(), size)


@pytest.mark.parametrize("length", [1, 63, 64, 65, 128, 129, 1023, 1024, 1025, 5000])
@pytest.mark.parametrize("letter", ["a", "é"])
def test_words_of_any_length_agree_wherever_a_chunk_ends(length, letter):
    texts = [f"{' ' * before}{letter * length} b" for before in (0, 1, 960, 1000, 1023, 1024)]
    found, _, unsure = kernels_numba.text_tokens(*utf8(texts), TABLES)
    expected = [reference.token_hash(letter * length), reference.token_hash("b")]
    assert found.tolist() == expected * len(texts)
    assert not unsure.any()


@given(st.lists(MIXED, min_size=1, max_size=8))
@settings(max_examples=400, deadline=None)
def test_texts_of_mixed_scripts_are_sure_and_cut_right(texts):
    hashes, offsets = token_hashes([tokenize(text).words for text in texts])
    for module in (kernels, kernels_numba):
        found, found_offsets, unsure = module.text_tokens(*utf8(texts), TABLES)
        assert not unsure.any()
        assert found.tolist() == hashes.tolist()
        assert found_offsets.tolist() == offsets.tolist()


@given(st.lists(st.binary(max_size=10), max_size=5))
@settings(max_examples=200, deadline=None)
def test_bytes_that_are_no_utf8_are_unsure(columns):
    def is_utf8(column):
        try:
            column.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return False
        return True

    data, offsets = ragged(columns, np.uint8)
    for module in (kernels, kernels_numba):
        unsure = module.text_tokens(data, offsets, TABLES)[2]
        assert all(map(is_utf8, [c for c, u in zip(columns, unsure, strict=True) if not u]))


@given(SEQUENCES, st.sampled_from([1, 9, 128]))
@settings(max_examples=100, deadline=None)
def test_rows_of_ready_sets_are_the_same(sequences, num_perm):
    arguments = (*ragged(sequences), *permutations(num_perm))
    one, other = kernels.minhash_rows(*arguments), kernels_numba.minhash_rows(*arguments)
    assert one.tolist() == other.tolist()


@given(
    st.lists(st.sets(st.integers(0, 40), max_size=20), min_size=1, max_size=6),
    st.data(),
)
@settings(max_examples=100, deadline=None)
def test_intersection_sizes_are_the_same(sets, data):
    row = st.integers(0, len(sets) - 1)
    pairs = data.draw(st.lists(st.tuples(row, row), max_size=12))
    left, right = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    found = kernels_numba.intersection_sizes(*ragged([sorted(each) for each in sets]), left, right)
    assert found.tolist() == [len(sets[i] & sets[j]) for i, j in pairs]


@given(
    st.lists(st.lists(st.integers(0, 300) | WORD, max_size=150), max_size=4),
    st.sampled_from([0, 32, 57]),
)
@settings(max_examples=200, deadline=None)
def test_sorted_sets_are_the_same_however_crowded_their_upper_bits(sequences, shift):
    items, offsets = ragged(sequences)
    items >>= np.uint64(shift)
    before = items.copy()
    found, found_offsets = kernels_numba.sort_unique(items, offsets)
    expected, expected_offsets = kernels.sort_unique(items, offsets)
    assert found.tolist() == expected.tolist()
    assert found_offsets.tolist() == expected_offsets.tolist()
    assert (items == before).all()


@pytest.mark.parametrize("n", [31, 33, 34, 500, 2**16 + 1])
@pytest.mark.parametrize("shift", [0, 40])
def test_long_sets_are_sorted_the_same(n, shift):
    items = kernels.mix64(np.arange(n, dtype=np.uint64) // np.uint64(2)) >> np.uint64(shift)
    offsets = np.array([0, 3, 3, n])
    for one, other in zip(
        kernels_numba.sort_unique(items, offsets), kernels.sort_unique(items, offsets), strict=True
    ):
        assert np.array_equal(one, other)


@given(st.integers(0, 400), st.integers(0, 400), st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_long_sets_share_the_same(n, m, seed):
    rng = np.random.default_rng(seed)
    one, other = (np.unique(rng.integers(0, 500, size)).astype(np.uint64) for size in (n, m))
    arguments = (*ragged([one.tolist(), other.tolist()]), *np.array([[0], [1]]))
    found = kernels_numba.intersection_sizes(*arguments)
    assert found.tolist() == [len(np.intersect1d(one, other))]


_RUN = """
import numpy as np
from dupdetect.sketch import kernels_numba
offsets = np.array([0, 2, 4])
hashes = np.array([1, 2, 2, 3], dtype=np.uint64)
print(kernels_numba.intersection_sizes(hashes, offsets, np.array([0]), np.array([1])))
"""


def run_with_cache_in(folder):
    done = subprocess.run(
        [sys.executable, "-c", _RUN],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
        env={"NUMBA_CACHE_DIR": str(folder), "PATH": ""},
    )
    return done.stdout.strip()


def test_a_damaged_cache_costs_time_only(tmp_path):
    assert run_with_cache_in(tmp_path) == "[1]"
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        path.write_bytes(path.read_bytes()[:20])
    assert run_with_cache_in(tmp_path) == "[1]"


def test_a_cache_that_cannot_be_written_costs_time_only(monkeypatch):
    calls = []

    def full(*arguments):
        calls.append(arguments)
        raise OSError(28, "No space left on device")

    compiled = kernels_numba._Compiled(kernels_numba._intersection_sizes._plain.py_func)
    monkeypatch.setattr(compiled, "_run", full)
    shared = np.zeros(1, dtype=np.int64)
    numbers = np.array([1, 2], dtype=np.uint64)
    place = np.zeros(1, dtype=np.int64)
    for _ in range(2):
        compiled(numbers, np.array([0, 2]), place, place, shared)
        assert shared.tolist() == [2]
    assert len(calls) == 1
