import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.sketch import kernels
from dupdetect.sketch.shingles import token_hashes
from dupdetect.text import alphabet as table
from dupdetect.text.alphabet import alphabet
from dupdetect.text.tokens import tokenize

TABLES = alphabet()


def utf8(texts):
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    lengths = np.array([len(each) for each in encoded], dtype=np.int64)
    return np.frombuffer(b"".join(encoded), dtype=np.uint8), kernels.offsets_of(lengths)


def unsure_texts(texts):
    """The texts that the tables leave to `tokenize`, once all others are found to agree with it."""
    found, found_offsets, unsure = kernels.text_tokens(*utf8(texts), TABLES)
    hashes, offsets = token_hashes([tokenize(text).words for text in texts])
    for row, text in enumerate(texts):
        if not unsure[row]:
            own = found[found_offsets[row] : found_offsets[row + 1]].tolist()
            assert own == hashes[offsets[row] : offsets[row + 1]].tolist(), text
    return [text for text, is_unsure in zip(texts, unsure.tolist(), strict=True) if is_unsure]


def test_characters_of_every_block_are_cut_and_folded_as_by_the_patterns():
    codes = [*range(0x80, 0x3400), *range(0xA000, 0xAC40), *range(0xF900, 0x10000)]
    codes += range(0x3400, 0x110000, 997)
    texts = [f"7{chr(code)}1 {chr(code)} {chr(code)}{chr(code)}" for code in codes]
    # Those that one of their own kind may be composed with, or change places with: few, and none
    # of them a letter that texts are full of.
    assert len(unsure_texts(texts)) < 0.02 * len(texts)


@pytest.mark.parametrize(
    "text",
    [
        "Straße, naïve façade, Tiếng Việt có dấu: Đặng Thị Ngọc",
        "Система работает на 100 %, «не так ли»?",
        "Η Ελλάδα είναι χώρα",
        "السلام عليكم وَرَحْمَةُ",
        "שלום עולם שָׁלוֹם",
        "香港特别行政区，人口七百万。",
        "これはカタカナと漢字です。",
        "한국어 텍스트입니다.",
        "ภาษาไทยที่นี่",
        "हिन्दी भाषा क़लम",
        "বাংলা ভাষা",
        "“Curly” quotes — dashes… and ½ ﬁne ＦＵＬＬ width №",
        "It is 5 µm thick; café au lait № 5",
        "Hong 香港AI Kong, under the name Иван Петров. Ελλάδα!\x0bไทย\u2028한국어",
    ],
)
def test_common_text_needs_no_python(text):
    assert unsure_texts([text]) == []


@pytest.mark.parametrize(
    "text",
    [
        "cafe\u0301",  # composed
        "a\u05b0\u0301\u0323",  # put in order
        "\u1100\u1161",  # jamo
        "か\u3099",
        "ᾳ\u0345",
    ],
)
def test_what_folding_may_join_is_left_to_python(text):
    assert unsure_texts([text]) == [text]


@given(
    st.lists(
        st.text(
            alphabet=st.one_of(
                st.characters(categories=["Mn", "Mc", "Lo", "Ll"]),
                st.sampled_from("aeoAἀᾳßſ\u0301\u0323\u0345\u093c\u0915\u0928가\u1161\u11a8\u200d"),
                st.sampled_from("\u05b0\u05b4\u064b\u0651\u0653ا\u0e38\u0e48ก\u0f71\u0f72ཀ"),
            ),
            max_size=8,
        ),
        max_size=6,
    )
)
@settings(max_examples=300, deadline=None)
def test_marks_in_any_order_are_folded_right_or_left_to_python(texts):
    unsure_texts(texts)


def test_only_pairs_that_unicode_composes_are_marked_as_such():
    for code in range(0xC0, 0x3100):
        parts = unicodedata.normalize("NFD", chr(code))
        composed = len(parts) == 2 and unicodedata.normalize("NFC", parts) == chr(code)
        if composed and parts[0].isalnum():
            assert TABLES.entries[ord(parts[0])] & table.COMPOSES, hex(code)
            assert TABLES.entries[ord(parts[1])] & table.IS_COMPOSED, hex(code)


def test_the_tables_are_shared_and_cannot_be_written_to():
    assert alphabet() is alphabet()
    with pytest.raises(ValueError, match="read-only"):
        TABLES.ascii[0] = 1
