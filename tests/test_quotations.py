import re
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dupdetect.text.quotations import covered_share, quotation_spans

PAIRS = ['""', "“”", "‘’", "””", "„“", "„”", "«»", "»«", "‹›", "「」", "『』", "｢｣", "﹁﹂", "〝〟"]
WORDS = st.lists(
    st.sampled_from(["rain", "don't", "the boys'", "Ja,", 'its 5" nail,', "o’clock", "雨が降る"]),
    min_size=1,
    max_size=6,
).map(" ".join)
# Inch marks would close a straight quotation, a plural's apostrophe a curly single one.
QUOTED = st.lists(
    st.sampled_from(["we", "will", "don't", "o’clock", "雨が降る"]), min_size=1, max_size=6
).map(" ".join)


def quotations(text):
    return [text[start:end] for start, end in quotation_spans(text)]


@given(st.lists(st.tuples(WORDS, st.sampled_from(PAIRS), QUOTED), max_size=6), WORDS)
def test_planted_quotations_are_found_and_nothing_else(planted, rest):
    quoted = [f"{marks[0]}{inside}.{marks[1]}" for _, marks, inside in planted]
    outside = [words for words, _, _ in planted]
    text = "".join(f"{a} {b} " for a, b in zip(outside, quoted, strict=True)) + rest
    assert quotations(text) == quoted


@given(st.text(alphabet="ab .,\n'’\"“”„«»「」‘\u2029 5", max_size=80))
def test_spans_are_ascending_disjoint_inside_the_text_and_begin_with_a_mark(text):
    spans = quotation_spans(text)
    assert spans.dtype == np.int64
    assert spans.shape == (len(spans), 2)
    flat = spans.ravel().tolist()
    assert flat == sorted(flat)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(text[start] in "\"'`“”„‘«»「" for start, _ in spans)
    assert all(not text[end - 1].isspace() for _, end in spans)


@given(
    st.text(alphabet="ab .\n'’\"“”„«»「」‘", max_size=60),
    st.text(alphabet="ab .\n'’\"“”„«»「」‘", max_size=60),
)
def test_a_paragraph_has_the_same_quotations_whatever_stands_before_it(before, after):
    joined = f"{before}\n\n{after}"
    shift = len(before) + 2
    expected = quotation_spans(before).tolist() + (quotation_spans(after) + shift).tolist()
    assert quotation_spans(joined).tolist() == expected


@given(st.text(alphabet="ab'’ ,.sn5", max_size=60))
def test_apostrophes_are_no_quotations(text):
    # Two straight ones in a row are the closing mark of TeX.
    assert quotations(re.sub("'+", "'", text)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('He said: "Go.', ['"Go.']),
        ('"One.\n\n"Two." End.', ['"One.', '"Two."']),
        (f"“{'Long line. ' * 12}\nNo quotation here.", [f"“{'Long line. ' * 12}".rstrip()]),
        ("“Wrapped by\nhand.” End.", ["“Wrapped by\nhand.”"]),
        ("“One.\r\n\r\nTwo.", ["“One."]),
        ("‘Tis the season of ‘90s songs", []),
        ('“mixed" and "mixed”', ['“mixed"', '"mixed”']),
        ("〈“outer ‘inner’ outer”〉", ["“outer ‘inner’ outer”"]),
        ('他说"你好"，走了。', ['"你好"']),
        ('He wrote " so be it " and left', ['" so be it "']),
        ("``so be it'' he wrote", ["``so be it''"]),
        ('A 5" by 7" card', []),
        ("", []),
    ],
)
def test_quotations_of(text, expected):
    assert quotations(text) == expected


@pytest.mark.parametrize("unit", ['"', "“", "‘", "''", '" a', "«x»", "\n", "\r ", '"\n\n', "„ \n"])
def test_time_is_linear_on_hostile_texts(unit):
    text = unit * (200_000 // len(unit))
    started = time.perf_counter()
    quotation_spans(text)
    assert time.perf_counter() - started < 2.0  # quadratic would be minutes


@given(
    st.sets(st.integers(0, 40), max_size=12).map(sorted),
    st.integers(0, 40),
    st.integers(0, 40),
)
def test_the_covered_share_agrees_with_counting(bounds, start, end):
    spans = np.array(bounds[: len(bounds) // 2 * 2], dtype=np.int64).reshape(-1, 2)
    inside = {place for first, last in spans.tolist() for place in range(first, last)}
    stretch = range(start, end)
    expected = len(inside & set(stretch)) / len(stretch) if stretch else 0.0
    assert covered_share(spans, start, end) == pytest.approx(expected)
