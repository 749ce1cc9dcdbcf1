import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dupdetect.text.facts import fact_tokens, widened
from dupdetect.text.tokens import tokenize
from tests import reference

# Pieces of which texts are made that meet every rule: names, numbers, quotations, sentence ends.
PIECES = [
    *["the", "town", "Riga", "riga", "I", "ÉTÉ", "40", "b2", "½", "東京", "ก", "ʻokina", "don't"],
    *['"', "“", "”", "«", "»", ". ", "! ", "\n\n", "- ", ", ", " ", "\u200b", "3. "],
]
texts = st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join) | st.text(max_size=40)


def facts(text):
    tokens = tokenize(text)
    marks = fact_tokens(text, tokens)
    return [word for word, fact in zip(tokens.words, marks.tolist(), strict=True) if fact]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The town of Riga slept.", ["riga"]),
        # At the start of a sentence: a name if the text has it inside one too, and never small.
        ("Riga slept. We love Riga.", ["riga", "riga"]),
        ("Riga slept. We slept too.", []),
        ("Hope springs. Old Hope and old hope.", ["hope"]),
        ("Then I slept, and I woke.", []),
        ("It cost 40 euros on the 3rd day, not 1,000.", ["40", "3rd", "1", "000"]),
        ('The mayor said "we will rebuild" and left.', ["we", "will", "rebuild"]),
        ("He said: «so be it».", ["so", "be", "it"]),
        ("The boys' 5\" nail was theirs.", ["5"]),
        ("市长说：“我们会重建。”然后走了。", ["我", "们", "会", "重", "建"]),
        ("我们使用AI技术修复旧桥。", ["ai"]),
        ("ทดสอบ ประโยค", []),
        # Where most words have capitals, capitals tell no name from a word.
        ("RAIN FELL ON THE OLD TOWN ALL DAY AND NIGHT.", []),
        ("RAIN FELL ON 3 OLD TOWNS ALL DAY AND NIGHT.", ["3"]),
        ("How Riga City Council Repaired Its Very Old Bridge Despite All the Rain", []),
        # A short one may be a string of names.
        ("RAIN FELL ON THE TOWN.", ["fell", "on", "the", "town"]),
        ("Riga, Bauska, Cesis", ["bauska", "cesis"]),
        ("Der Rat der Stadt schlief.", ["rat", "stadt"]),
        ("nothing capital here at all.", []),
        ("", []),
        (" \n.", []),
    ],
)
def test_facts_of(text, expected):
    assert facts(text) == expected


@given(texts)
def test_facts_agree_with_reading_one_token_at_a_time(text):
    tokens = tokenize(text)
    marks = fact_tokens(text, tokens)
    sentences = tokens.sentence_rows.tolist()
    expected = reference.fact_rows(text, tokens.words, tokens.starts.tolist(), sentences)
    assert marks.dtype == np.bool_
    assert marks.shape == (len(tokens),)
    assert set(np.flatnonzero(marks).tolist()) == expected


@given(st.lists(st.booleans(), max_size=30), st.integers(0, 35))
def test_widened_agrees_with_looking_around_each_place(marked, reach):
    found = widened(np.array(marked, dtype=np.bool_), reach)
    assert found.tolist() == reference.widened(marked, reach)


@pytest.mark.parametrize("unit", ["Riga slept. ", '"Riga" 40 ', "Riga", "東", '"', "A. ", "a\n\n"])
def test_time_is_linear_on_long_texts(unit):
    text = unit * (100_000 // len(unit))
    tokens = tokenize(text)
    started = time.perf_counter()
    fact_tokens(text, tokens)
    assert time.perf_counter() - started < 2.0  # quadratic would be minutes
