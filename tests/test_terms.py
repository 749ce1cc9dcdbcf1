import pytest
from hypothesis import given
from hypothesis import strategies as st

from dupdetect.text.terms import terms_of
from tests import reference

words = st.sampled_from(
    ["in", "x2", "é", "香", "港", "𠀀", "の", "カ", "々", "ก", "ข้", "ລ", "한국"]
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], []),
        (["rain", "fell"], ["rain", "fell"]),
        (["déjà", "한국"], ["déjà", "한국"]),
        # Han in pairs; letters of Thai and Kana in threes; a run with one Han character in pairs.
        (["香", "港", "市"], ["香港", "港市"]),
        (["カ", "タ", "カ", "ナ"], ["カタカ", "タカナ"]),
        (["日", "の", "出"], ["日の", "の出"]),
        (["𠀀", "𠀁", "𠀂"], ["𠀀𠀁", "𠀁𠀂"]),
        # What is shorter than a term stands as it is, and no run crosses a word.
        (["香"], ["香"]),
        (["ก", "ข"], ["กข"]),
        (["香", "ai", "港"], ["香", "ai", "港"]),
    ],
)
def test_terms(words, expected):
    assert terms_of(words) == expected


@given(st.lists(words, max_size=12))
def test_terms_agree_with_cutting_each_run(sequence):
    assert terms_of(sequence) == reference.terms(sequence)


@given(st.lists(words, max_size=12))
def test_every_character_is_in_a_term_and_order_is_kept(sequence):
    assert set("".join(terms_of(sequence))) == set("".join(sequence))
    assert len(terms_of(sequence)) <= len(sequence)
