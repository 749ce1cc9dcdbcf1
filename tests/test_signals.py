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
def test_a_foreign_name_set_apart_or_a_symbol_is_no_anchor(text):
    assert found(text, "inserted-anchor") == []


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


MARKUP = ["**", "_", "***", "~~", "`", "</p>", "</em></p>", "<br />", "**[3]\u200b ☀"]
FOOTNOTES = [
    "¹²",
    "[1]",
    "[1][12]",
    " †",
    "®",
    "™",
    " ©",
    " ↑",
    " →",
    " ■",
    "\u200b",
    "\ufeff\u00ad",
]
EMOJI = [" ❤\ufe0f", " 👍🏽", " 👩\u200d🚀", " 🇫🇷", " 1\ufe0f\u20e3"]


@pytest.mark.parametrize("dressing", [*MARKUP, *FOOTNOTES, *EMOJI])
def test_markup_marks_and_symbols_neither_end_a_text_nor_hide_its_end(dressing):
    assert found(PROSE + dressing, "truncated-end") == []
    assert found(PROSE[:-1] + dressing, "truncated-end") == [(PROSE[:-1] + dressing).rstrip()]


@pytest.mark.parametrize(
    "text",
    [
        "Քաղաքային խորհուրդը հավաքվեց և երկար խոսեց հին կամրջի շատ վերանորոգումների մասին\u0589",
        "ምክር ቤቱ ሰኞ ዕለት ስለ ድልድዩ እና ስለ ብዙ ጥገናዎቹ ለመነጋገር በከተማው አዳራሽ ተሰበሰበ።",
        "གྲོང་ཁྱེར་གྱི་ཚོགས་འདུ་དེ་གཟའ་ཟླ་བར་ཟམ་པའི་སྐོར་ལ་གོ་བསྡུར་བྱས།",
        "ក្រុមប្រឹក្សាបានជួបប្រជុំនៅថ្ងៃចន្ទដើម្បីនិយាយអំពីស្ពាន។",
        "ကောင်စီသည် တနင်္လာနေ့တွင် တံတားအကြောင်း ပြောဆိုရန် တွေ့ဆုံခဲ့သည်။",
        "परिषद सोमवार को पुल और उसकी कई मरम्मतों के बारे में बात करने के लिए मिली।",
        "کونسل نے پیر کو پل اور اس کی بہت سی مرمتوں کے بارے میں بات کرنے کے لیے ملاقات کی۔",
        "สภาเมืองประชุมเมื่อวันจันทร์เพื่อพูดคุยเกี่ยวกับสะพานและการซ่อมแซมหลายครั้ง",
        "ສະພາເມືອງໄດ້ປະຊຸມໃນວັນຈັນເພື່ອສົນທະນາກ່ຽວກັບຂົວແລະການສ້ອມແປງຫຼາຍຄັ້ງ",
        f"{PROSE[:-1]} at https://example.org/bridge/repairs",
        f"{PROSE[:-1]} at <www.example.org/bridge>",
        f"{PROSE[:-1]} at example.org",
        f"{PROSE[:-1]}; write to press@council.example",
    ],
)
def test_a_text_that_ends_as_its_script_does_or_with_an_address_is_not_truncated(text):
    assert found(text, "truncated-end") == []


def test_a_word_after_a_foreign_name_or_an_address_is_no_end():
    for ending in (" to meet กรุงเทพ people", " by press@council.example and", " on bridge/road"):
        assert found(PROSE[:-1] + ending, "truncated-end") == [PROSE[:-1] + ending]


def test_a_truncated_end_says_what_is_missing_and_no_more():
    (signal,) = signals(PROSE[:-1])
    assert signal.reason == "the text ends without a full stop"


def test_the_end_of_a_long_line_is_judged_in_linear_time():
    for unit in ("*", "[1]", "[", "1]", "x@", "www.", "a.com", "://", "</p>"):
        signals(PROSE + unit * 20_000 + " x")
        signals(PROSE + " x" + unit * 20_000)


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


def tags(word):
    return "".join(chr(0xE0000 + ord(character)) for character in word) + "\U000e007f"


@pytest.mark.parametrize("region", ["gbeng", "gbwls", "ustx"])
def test_a_flag_made_of_tags_hides_nothing(region):
    assert found(f"Up went 🏴{tags(region)} at dawn.", "hidden-characters") == []


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (f"A🏳{tags('gbeng')}", tags("gbeng")),
        (f"A{tags('gbeng')}", tags("gbeng")),
        (f"🏴{tags('gbeng')[:-1]}", tags("gbeng")[:-1]),
        (f"🏴{tags('ignorewhatisaid')}", tags("ignorewhatisaid")),
        (f"🏴{tags('gbeng')}{tags('secret')}", tags("secret")),
        (f"🏴{tags('gbeng')}\u2060", "\u2060"),
    ],
)
def test_tags_elsewhere_or_beyond_a_region_are_hidden(text, hidden):
    assert found(text, "hidden-characters") == [hidden]


@pytest.mark.parametrize(
    "text",
    [
        "ภาษา\u200bไทย",
        "ພາສາ\u200bລາວ",
        "ភាសា\u200bខ្មែរ",
        "မြန်မာ\u200bစာ",
        "香港\u200b政府",
        "ひら\u200bがな",
    ],
)
def test_a_word_end_in_a_script_without_spaces_is_spelling(text):
    assert found(text, "hidden-characters") == []


@pytest.mark.parametrize(
    "text", ["ไทย\u200b", "\u200b香港", "香港\u200bAI", "inno\u200bvation", "ไทย\u200b ไทย"]
)
def test_a_word_end_elsewhere_is_hidden(text):
    assert found(text, "hidden-characters") == ["\u200b"]


def test_of_a_mixed_run_only_what_is_no_spelling_is_named():
    (signal,) = signals("香港\u200b\u2060政府。")
    assert signal.reason == "1 character that nobody sees: U+2060"


def test_many_signals_of_one_kind_are_counted_in_the_last_one_listed():
    listed = signals("a\u200bb " * 50 + ".")
    assert len(listed) == MAX_LISTED
    assert [each.start for each in listed if "more" in each.reason] == [listed[-1].start]
    assert listed[-1].reason.endswith("; and 30 more signals of this kind in this text")


def test_the_first_ones_are_listed_whatever_found_them():
    damaged = "A caf\ufffd. " + "The cityâ€™s plan. " * MAX_LISTED
    listed = signals(damaged)
    assert listed[0].text == "\ufffd"
    assert listed[-1].reason.endswith("; and 1 more signal of this kind in this text")


def test_anchors_are_counted_over_a_family():
    texts = {"a": "In Hong 香港AI Kong.", "b": "The 香港AI boom.", "c": "None here."}
    found_in = {id: signals(text) for id, text in texts.items()}
    counted = count_over_family(found_in, list(texts), "family-1")
    assert counted["a"][0].reason.endswith("in 2 of 3 members of family-1")
    assert counted["c"] == ()


def test_the_count_over_a_family_comes_before_the_number_of_the_others():
    found_in = {"a": signals("In Hong 香港AI Kong. " * 50), "b": signals("The 香港AI boom.")}
    counted = count_over_family(found_in, ["a", "b"], "family-1")["a"]
    breaks = "a foreign-script run breaks the sentence; in 2 of 2 members of family-1"
    assert {each.reason for each in counted[:-1]} == {breaks}
    assert counted[-1].reason == f"{breaks}; and 30 more signals of this kind in this text"


def test_a_count_that_unlisted_anchors_may_add_to_is_the_least():
    found_in = {
        "a": signals("In Hong 香港AI Kong. " * 50 + "The 漢字 boom."),
        "b": signals("The 漢字 boom."),
        "c": signals("In 香港AI too."),
    }
    counted = count_over_family(found_in, list(found_in), "family-1")
    assert counted["b"][0].reason.endswith("; in at least 1 of 3 members of family-1")
    assert counted["c"][0].reason.endswith("; in 2 of 3 members of family-1")


def test_a_clean_text_gives_no_signal():
    assert signals(PROSE) == ()
    assert signals("") == ()


def test_an_address_made_to_be_tried_in_many_ways_is_judged_at_once():
    hostile = f"{PROSE} One more and " + "x@" + ".a" * 200_000 + "@"
    assert found(hostile, "truncated-end")


def test_a_short_last_line_of_chinese_is_no_truncated_end():
    assert (
        found("香港政府今天公布了新的科技发展计划。\n\n责任编辑王小明记者李四", "truncated-end")
        == []
    )
