import importlib.util

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.config import Config, NearDuplicateConfig
from dupdetect.results import Document
from dupdetect.sketch import engine, kernels
from dupdetect.sketch.shingles import word_shingles
from dupdetect.sketch.signatures import sign
from dupdetect.sketch.sketcher import Sketcher
from dupdetect.text.alphabet import alphabet
from dupdetect.text.prepare import prepare

CONFIG = Config(near_duplicate=NearDuplicateConfig(shingle_words=3, num_perm=16))
KERNELS = ["numpy", *(["numba"] if importlib.util.find_spec("numba") else [])]

PIECES = [
    *"abZ é\u0301ß ﬁＡ１2_-'’.\n",
    *"香港の한ไทย\u0e31ລາວខ្មែမြန်ΩµЖعربيَُّनीक़\u093c",
    *"\u200b\u00ad\u200d\ufeff\u3164😀\ud800\udc00 \t。，！؟\u2028",
    *"e\u0323\u0301\u0345ᾳ가\u1100\u1161\u11a8\u0f71\u0f74\u09c7\u09be\u3099か½㎏ªⅣ\u0b47\u0b3e",
    *["the ", "Rain fell. ", "система ", "香港特别行政区", "&amp;", "â€™", "x" * 300, "Я" * 300],
    *["ỹ", "שָׁלוֹם ", "हिन्दी ", "한국어 ", "ไทย", "Ελλάδα ", "a\n\nb", "\r\n"],
]
TEXTS = st.lists(
    st.one_of(
        st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
        st.text(max_size=20),
        st.text(alphabet=st.characters(categories=["L", "M", "N", "Cs", "Cf"]), max_size=8),
    ),
    max_size=5,
)


@pytest.fixture(params=KERNELS)
def sketcher(request):
    return Sketcher(CONFIG, engine.load(request.param, 0))


def slow(texts):
    """The way through prepare, word_shingles and sign, one text after another."""
    prepared = [prepare(Document("a", text), CONFIG.repair) for text in texts]
    sets = word_shingles([each.native_words for each in prepared], 3)
    return prepared, sets, sign(sets, 16, CONFIG.seed)


def agrees_with_the_slow_way(sketcher, texts):
    prepared, sets, rows = slow(texts)
    sketches = sketcher.sketch(texts)
    assert sketches.rows.tolist() == rows.tolist()
    assert sketches.n_tokens.tolist() == [len(each.tokens) for each in prepared]
    assert sketches.n_repairs.tolist() == [len(each.repaired.repairs) for each in prepared]
    digests = list(map(tuple, sketches.digests.tolist()))
    for i, left in enumerate(prepared):
        for j, right in enumerate(prepared):
            assert (digests[i] == digests[j]) == (left.tokens.words == right.tokens.words)
    found = sketcher.shingles(texts)
    assert found.hashes.tolist() == sets.hashes.tolist()
    assert found.offsets.tolist() == sets.offsets.tolist()


def utf8(texts):
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    offsets = kernels.offsets_of(np.array([len(each) for each in encoded], dtype=np.int64))
    return np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets


@pytest.mark.parametrize("kernel", KERNELS)
@given(texts=TEXTS)
@settings(max_examples=300, deadline=None)
def test_every_text_gets_what_the_slow_way_gives(kernel, texts):
    agrees_with_the_slow_way(Sketcher(CONFIG, engine.load(kernel, 0)), texts)


@given(texts=TEXTS, at_once=st.sampled_from([1, 7, 40]))
@settings(max_examples=150, deadline=None)
def test_a_text_read_in_pieces_gets_the_same(texts, at_once):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "_BYTES_AT_ONCE", at_once)
        agrees_with_the_slow_way(Sketcher(CONFIG, kernels), texts)


def test_scripts_are_mixed_though_each_piece_has_one(monkeypatch):
    monkeypatch.setattr(kernels, "_BYTES_AT_ONCE", 40)
    agrees_with_the_slow_way(Sketcher(CONFIG, kernels), ["ab " * 14 + "香港"])


def test_ascii_alone_needs_no_tables_of_unicode(sketcher):
    alphabet.cache_clear()
    sketcher.sketch(["Rain fell.", "x" * 300])
    assert alphabet.cache_info().currsize == 0


@pytest.mark.parametrize("kernel", KERNELS)
@given(texts=TEXTS)
@settings(max_examples=60, deadline=None)
def test_a_column_of_utf8_gets_the_same_with_offsets_of_any_width(kernel, texts):
    sketcher = Sketcher(CONFIG, engine.load(kernel, 0))
    data, offsets = utf8(texts)
    expected = sketcher.sketch(texts)
    for width in (np.int32, np.int64):
        found = sketcher.sketch_utf8(data, offsets.astype(width))
        assert found.rows.tolist() == expected.rows.tolist()
        assert found.digests.tolist() == expected.digests.tolist()
        assert found.n_tokens.tolist() == expected.n_tokens.tolist()
        assert found.n_repairs.tolist() == expected.n_repairs.tolist()


def test_each_code_point_alone_and_between_letters_agrees(sketcher):
    agrees_with_the_slow_way(sketcher, [f"{chr(c)} a{chr(c)}b" for c in range(0x80, 0x3100, 61)])


def test_a_slice_of_a_column_is_read_from_its_first_offset(sketcher):
    data, offsets = utf8(["first of all", "Zweite Straße", "third"])
    part = sketcher.sketch_utf8(data, offsets[1:3])
    assert part.digests.tolist() == sketcher.sketch(["Zweite Straße"]).digests.tolist()


@given(st.lists(st.binary(max_size=12), max_size=6))
@settings(max_examples=150, deadline=None)
@pytest.mark.parametrize("kernel", KERNELS)
def test_what_is_no_utf8_is_read_as_the_replacement_character(kernel, columns):
    sketcher = Sketcher(CONFIG, engine.load(kernel, 0))
    offsets = kernels.offsets_of(np.array([len(each) for each in columns], dtype=np.int64))
    found = sketcher.sketch_utf8(np.frombuffer(b"".join(columns), dtype=np.uint8), offsets)
    texts = []
    for column in columns:
        try:
            texts.append(column.decode("utf-8", "surrogatepass"))
        except UnicodeDecodeError:
            texts.append(column.decode("utf-8", "replace"))
    expected = sketcher.sketch(texts)
    assert found.rows.tolist() == expected.rows.tolist()
    assert found.digests.tolist() == expected.digests.tolist()
    assert found.n_tokens.tolist() == expected.n_tokens.tolist()


def test_a_text_with_foreign_runs_leaves_them_out_of_its_shingles_only(sketcher):
    texts = [
        "Hong 香港AI Kong is a hub of trade. 香港很大。",
        "Hong 澳門AI Kong is a hub of trade. 香港很大。",
    ]
    sketches = sketcher.sketch(texts)
    assert sketches.rows[0].tolist() == sketches.rows[1].tolist()
    assert sketches.digests[0].tolist() != sketches.digests[1].tolist()


def test_a_long_text_is_the_same_in_pieces(sketcher):
    text = "Ünder the bridge — rain, " * 30_000
    agrees_with_the_slow_way(sketcher, [text, text.replace("Ü", "u").replace("—", "-")])


def test_sequences_of_thue_and_morse_are_told_apart(sketcher):
    # Polynomials modulo 2**64 agree on them, whatever the multiplier.
    bits = [bin(place).count("1") % 2 for place in range(4096)]
    one, other = (" ".join("ab"[bit ^ flip] for bit in bits) for flip in (0, 1))
    sketches = sketcher.sketch([one, other, one.replace(" ", ""), other.replace(" ", "")])
    assert len(set(map(tuple, sketches.digests.tolist()))) == 4
    assert len(set(sketches.digests[:, 0].tolist())) == 4
    assert len(set(sketches.digests[:, 1].tolist())) == 4


def test_no_texts_have_no_sketches(sketcher):
    assert sketcher.sketch([]).rows.shape == (0, 16)
    assert len(sketcher.shingles([])) == 0
    assert len(sketcher.sketch_utf8(np.zeros(0, np.uint8), np.zeros(1, np.int64))) == 0
