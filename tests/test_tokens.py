import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.text.tokens import fold, join_words, tokenize

SCRIPTS = st.text(
    alphabet=st.sampled_from(
        list(
            "abZé\u0301ß ﬁＡ１2_-'’.\n香港の한ไทย\u0e31ລາວខ្មែမြန်"
            "ΩЖعربי\u200b\u00ad\u200d\ufeffनी😀\ud800"
        )
    ),
    max_size=80,
)


def words(text):
    return list(tokenize(text).words)


def is_unspaced(character):
    name = unicodedata.name(character, "")
    return name.startswith(
        ("CJK UNIFIED", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
    )


def reference_tokens(text):
    """The slow twin: one character at a time, no pattern, no table."""
    tokens, current = [], None
    for place, character in enumerate(text):
        is_letter = character.isalnum()
        extends = (
            unicodedata.category(character)[0] == "M" or character in "\u200b\u00ad\u200d\ufeff"
        )
        if is_letter and is_unspaced(character):
            current = [place, place + 1, "character"]
            tokens.append(current)
        elif is_letter:
            if current is None or current[2] == "character":
                current = [place, place + 1, "word"]
                tokens.append(current)
            else:
                current[1] = place + 1
        elif extends and current is not None:
            current[1] = place + 1
        else:
            current = None
    return [(start, end) for start, end, _ in tokens]


@given(SCRIPTS)
@settings(max_examples=400, deadline=None)
def test_tokens_agree_with_a_scan_of_single_characters(text):
    tokens = tokenize(text)
    assert list(zip(tokens.starts, tokens.ends, strict=True)) == reference_tokens(text)


@given(SCRIPTS)
@settings(max_examples=200, deadline=None)
def test_each_word_is_the_folding_of_its_own_span(text):
    tokens = tokenize(text)
    for word, start, end in zip(tokens.words, tokens.starts, tokens.ends, strict=True):
        assert word == fold(text[start:end])
        assert word


@given(SCRIPTS)
@settings(max_examples=200, deadline=None)
def test_folding_twice_changes_nothing(text):
    assert [fold(word) for word in tokenize(text).words] == words(text)


def test_spaced_scripts_give_words_and_unspaced_ones_give_characters():
    assert words("Rain fell, 3.5 mm") == ["rain", "fell", "3", "5", "mm"]
    assert words("香港のAI市") == ["香", "港", "の", "ai", "市"]
    assert words("ไทย") == ["ไ", "ท", "ย"]
    assert words("한국어 텍스트") == ["한국어", "텍스트"]


def test_marks_stay_with_their_letter():
    assert words("हिन्दी भाषा") == ["हिन्दी", "भाषा"]
    assert words("cafe\u0301 au") == ["café", "au"]
    assert words("ที่นี่") == ["ที่", "นี่"]


def test_apostrophes_part_words_alike_in_every_form():
    assert words("the city’s") == words("the city's") == words("the cityʹs".replace("ʹ", "\ufffd"))


@pytest.mark.parametrize(
    "hidden", ["\u3164", "\u115f", "\u200b", "\u00ad", "\u2060", "\ufeff", "\u202e", "\U000e0041"]
)
def test_hidden_characters_neither_part_nor_change_a_word(hidden):
    assert words(f"in{hidden}nova{hidden}tion") == ["innovation"]


def test_width_case_and_ligatures_are_folded():
    assert words("ＨＯＮＧ Kong ﬁnance Straße") == ["hong", "kong", "finance", "strasse"]


def test_an_empty_text_has_no_tokens():
    tokens = tokenize(" \n—!?")
    assert len(tokens) == 0
    assert tokens.sentence_rows.shape == (0, 2)


def test_a_foreign_run_in_a_latin_sentence_is_marked_with_what_clings_to_it():
    tokens = tokenize("Hong 香港AI Kong is a hub. 香港很大。")
    marked = [word for word, foreign in zip(tokens.words, tokens.foreign, strict=True) if foreign]
    assert marked == ["香", "港", "ai"]


def test_latin_words_are_foreign_to_no_script():
    for text in ("我们使用AI技术发展香港", "Мы используем AI в работе", "نستخدم AI في العمل"):
        assert not tokenize(text).foreign.any()


def test_the_scripts_of_japanese_and_korean_prose_are_not_foreign_to_each_other():
    assert not tokenize("これはカタカナと漢字です。韓国語 한국어 문장").foreign.any()


def test_a_sentence_wholly_in_another_script_is_not_foreign():
    assert not tokenize("This is English. Это по-русски.").foreign.any()


def test_sentence_rows_cover_their_tokens_in_order():
    tokens = tokenize("One two. Three four five. 1. Item here")
    rows = tokens.sentence_rows
    assert [[tokens.words[i] for i in range(a, b)] for a, b in rows] == [
        ["one", "two"],
        ["three", "four", "five"],
        ["1"],
        ["item", "here"],
    ]
    assert np.all(rows[:, 0] < rows[:, 1])


def test_a_single_foreign_letter_is_a_symbol_and_no_foreign_run():
    for text in (
        "It is 5 µm thick.",
        "The α particle.",
        "A χ² test of 20 Ω.",
        "At ʻIolani Palace.",
    ):
        assert not tokenize(text).foreign.any()


def test_unspaced_characters_join_without_spaces_and_words_with():
    assert join_words(["in", "香", "港", "ai", "の", "市", "now"]) == "in 香港 ai の市 now"
    assert join_words(list(tokenize("ที่นี่ดี and more").words)) == "ที่นี่ดี and more"


def test_hangul_fillers_alone_are_no_word():
    assert words("\u3164 a \uffa0") == ["a"]
    assert words("\u1160") == []


@pytest.mark.parametrize("n", [3, 30, 300, 3000])
def test_three_unspaced_characters_are_exactly_one_word(n):
    assert tokenize("香" * n).n_native_words == n / 3
    assert tokenize("香" * n + "。And two.").n_native_words == n / 3 + 2
