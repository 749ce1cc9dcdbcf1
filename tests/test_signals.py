import pytest

from dupdetect.evidence.signals import MAX_LISTED, count_over_family, find_signals
from dupdetect.results import Document
from dupdetect.text.prepare import prepare

PROSE = "The council met on Monday to speak about the bridge and about its many repairs."


def signals(text, **fields):
    return find_signals(prepare(Document("a", text, **fields)))


def found(text, name, **fields):
    return [each.text for each in signals(text, **fields) if each.name == name]


def test_a_foreign_run_between_two_words_is_an_inserted_anchor():
    assert found("Leading firms in Hong 香港AI Kong grow.", "inserted-anchor") == ["香港AI"]
    assert found("Мы знаем 香港AI рынок.", "inserted-anchor") == ["香港AI"]


@pytest.mark.parametrize(
    "text",
    [
        "Hong Kong (香港) is a city.",
        "The sign said “香港” in red.",
        "In Hong Kong, 香港, people speak Cantonese.",
        "香港 is its name.",
        "Its name is 香港.",
        "我们使用AI技术发展香港。",
        "The α particle is small.",
    ],
)
def test_a_foreign_name_set_apart_or_a_symbol_is_no_anchor_that_the_reader_must_doubt(text):
    expected = ["α"] if "α" in text else []  # a lone foreign letter is shown: never a verdict
    assert found(text, "inserted-anchor") == expected


def test_a_last_line_of_prose_without_an_end_is_truncated():
    assert found(
        f"{PROSE}\n\nAs the city continues to grow, the ten new bridges", "truncated-end"
    ) == ["As the city continues to grow, the ten new bridges"]
    assert found(f"{PROSE} As the city", "truncated-end") == ["As the city"]


@pytest.mark.parametrize(
    "ending",
    ["", "\n\nAdvertisement", "\n\nPhoto: Reuters", "\n\nRead more about this here »", "\n\n"],
)
def test_a_finished_text_is_not_truncated_and_neither_is_a_short_last_line(ending):
    assert found(PROSE + ending, "truncated-end") == []


def test_a_quotation_or_a_chinese_full_stop_ends_a_text():
    assert found("“" + PROSE + "”", "truncated-end") == []
    assert found("香港政府今天公布了新的科技发展计划。", "truncated-end") == []


def test_repaired_mojibake_is_encoding_damage_with_its_place():
    text = "The cityâ€™s plan"
    assert found(text, "encoding-damage") == ["â€™"]


def test_lost_characters_and_the_decoders_note_are_encoding_damage():
    both = signals("A caf\ufffd here", decoding_note="1 byte could not be decoded")
    assert [(each.text, each.reason) for each in both] == [
        ("", "1 byte could not be decoded"),
        ("\ufffd", "characters lost when the text was decoded"),
    ]


def test_characters_that_nobody_sees_are_named():
    (signal,) = signals("inno\u200b\u2060vation.")
    assert (signal.name, signal.start, signal.end) == ("hidden-characters", 4, 6)
    assert "U+200B U+2060" in signal.reason


@pytest.mark.parametrize(
    "text",
    ["👩\u200d🚀 in space", "می\u200cخواهم", "क्\u200dष", "❤\ufe0f", "שלום \u200fabc\u200e"],
)
def test_spelling_that_needs_joiners_marks_or_directions_hides_nothing(text):
    assert found(text, "hidden-characters") == []


def test_many_signals_of_one_kind_are_counted_in_the_last_one_listed():
    listed = signals("a\u200bb " * 50 + ".")
    assert len(listed) == MAX_LISTED
    assert listed[-1].reason.endswith("and 30 more like it")


def test_anchors_are_counted_over_a_family():
    texts = {"a": "In Hong 香港AI Kong.", "b": "The 香港AI boom.", "c": "None here."}
    found_in = {id: signals(text) for id, text in texts.items()}
    counted = count_over_family(found_in, list(texts), "family-1")
    assert counted["a"][0].reason.endswith("in 2 of 3 members of family-1")
    assert counted["c"] == ()


def test_a_clean_text_gives_no_signal():
    assert signals(PROSE) == ()
    assert signals("") == ()
