import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.text.sentences import MAX_SENTENCE_CHARS, sentence_spans

NASTY = st.text(
    alphabet=st.sampled_from(list("aB1 .!?…。！\"'”)」\n\r\t-•\u2028\u00a0\u0301香ก")), max_size=200
)


def cut(text):
    return [text[start:end] for start, end in sentence_spans(text)]


def test_full_stops_question_marks_and_exclamation_marks_end_sentences():
    assert cut("It rained. Did it? It did! Then “it stopped.” So?") == [
        "It rained.",
        "Did it?",
        "It did!",
        "Then “it stopped.”",
        "So?",
    ]


def test_east_asian_terminators_need_no_space():
    assert cut("香港很大。“人很多！”真的吗？是") == ["香港很大。", "“人很多！”", "真的吗？", "是"]


def test_arabic_and_hindi_terminators_end_sentences():
    assert cut("هل تمطر؟ نعم") == ["هل تمطر؟", "نعم"]
    assert cut("बारिश हुई। मेला बंद।") == ["बारिश हुई।", "मेला बंद।"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Dr. Wu met Mr. J. Smith at 3.07 p.m. on Monday.",
        "It cost U.S. firms 2.5 per cent, e.g. in steel.",
        "He asked why... and left.",
        "The file is report.txt on example.com today.",
    ],
)
def test_abbreviations_initials_decimals_and_names_do_not_end_sentences(sentence):
    assert cut(sentence) == [sentence]


def test_headings_and_list_items_stand_alone_and_markers_belong_to_no_sentence():
    assert cut("Heading\n\n  1. First item\n  2) second item\n• third\n- fourth") == [
        "Heading",
        "First item",
        "second item",
        "third",
        "fourth",
    ]


def test_hard_wrapped_lines_are_one_sentence():
    text = (
        "This paragraph was wrapped by an editor at about\n"
        "sixty columns, as many old texts and e-mails are\n"
        "until today. It goes on."
    )
    assert [" ".join(each.split()) for each in cut(text)] == [
        "This paragraph was wrapped by an editor at about sixty columns, as many old texts and "
        "e-mails are until today.",
        "It goes on.",
    ]


def test_short_lines_are_not_joined():
    assert cut("Reading Time: 2 minutes\nWhy you can trust us") == [
        "Reading Time: 2 minutes",
        "Why you can trust us",
    ]


def test_an_empty_text_has_no_sentence():
    assert cut("") == cut(" \n\t\n") == []


@given(NASTY)
@settings(max_examples=300, deadline=None)
def test_spans_are_in_order_do_not_overlap_and_begin_and_end_with_ink(text):
    spans = sentence_spans(text)
    assert all(start < end for start, end in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    assert all(not text[start].isspace() and not text[end - 1].isspace() for start, end in spans)


@given(NASTY)
@settings(max_examples=300, deadline=None)
def test_no_letter_outside_a_list_marker_is_lost(text):
    inside = {place for start, end in sentence_spans(text) for place in range(start, end)}
    lost = [c for place, c in enumerate(text) if place not in inside and not c.isspace()]
    assert all(c in "-•.)1aB" for c in lost)


@pytest.mark.parametrize("unit", [".", ". ", ".\u201d", "a.", "1. ", "! ?", "\n", "- ", "。", "x "])
def test_hostile_repetition_is_read_in_linear_time(unit):
    def once(text):
        start = time.perf_counter()
        sentence_spans(text)
        return time.perf_counter() - start

    def seconds(n):
        # The least of three: behind thousands of tests, collecting garbage can take half a second.
        return min(once(unit * (n // len(unit))) for _ in range(3))

    seconds(1000)
    # Ten times the text: a quadratic scan would need a hundred times as long.
    assert seconds(200_000) < 40 * max(seconds(20_000), 1e-3)


def test_a_stretch_without_terminators_is_parted_at_white_space():
    parts = cut("word " * 1000)
    assert max(map(len, parts)) <= MAX_SENTENCE_CHARS
    assert " ".join(parts).split() == ["word"] * 1000


def test_a_megabyte_long_word_is_parted_too():
    parts = cut("x" * 1_000_000)
    assert max(map(len, parts)) == MAX_SENTENCE_CHARS
    assert sum(map(len, parts)) == 1_000_000
