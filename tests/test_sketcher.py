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
    *[
        "\x0b",
        "\x0c",
        "\x1c",
        "\x85",
        "\u2029",
        "香港AI",
        "the name Иван Петров on ",
        "AIไทยЖ",
        "αβ. ",
    ],
]
TEXTS = st.lists(
    st.one_of(
        st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
        st.text(max_size=20),
        st.text(alphabet=st.characters(categories=["L", "M", "N", "Cs", "Cf"]), max_size=8),
    ),
    max_size=5,
)

NAMES = ["Иван Петров", "Мария Сидорова"]


@pytest.fixture(params=KERNELS)
def sketcher(request):
    return Sketcher(CONFIG, engine.load(request.param, 0))


def slow(texts):
    """The way through prepare, word_shingles and sign, one text after another."""
    prepared = [prepare(Document("a", text), CONFIG.repair) for text in texts]
    sets = word_shingles([each.tokens.words for each in prepared], 3)
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


def test_ascii_alone_needs_no_tables_of_unicode(sketcher):
    alphabet.cache_clear()
    sketcher.sketch(["Rain fell.", "x" * 300])
    assert alphabet.cache_info().currsize == 0


def test_each_code_point_alone_and_between_letters_agrees(sketcher):
    agrees_with_the_slow_way(sketcher, [f"{chr(c)} a{chr(c)}b" for c in range(0x80, 0x3100, 61)])


def test_a_name_in_another_script_counts_like_any_other_words(sketcher):
    texts = [f"He posts under the name {name} on our forum." for name in NAMES]
    sets = sketcher.shingles(texts)
    shared = len(np.intersect1d(sets[0], sets[1]))
    assert shared == 4  # of 8 windows of three words each, those without a word of the name
    assert sets.sizes.tolist() == [8, 8]
    sketches = sketcher.sketch(texts)
    assert sketches.rows[0].tolist() != sketches.rows[1].tolist()
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
