import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.config import EvidenceConfig
from dupdetect.evidence.passages import common_subsequence_length, shared_passages
from dupdetect.results import Document
from dupdetect.text.prepare import prepare

FACTS = (
    "The river rose by three metres in a single night.",
    "Farmers along the eastern bank moved their cattle uphill.",
    "No one in the town could remember such a flood.",
    "The council will meet again on Thursday to discuss repairs.",
    "Two bridges remain closed to all traffic until further notice.",
)
FILLER = "Elsewhere the weather was as dry as in any other June we know."


def passages(a, b, **options):
    left, right = prepare(Document("a", a)), prepare(Document("b", b))
    found = shared_passages(left, right, EvidenceConfig(**options))
    return [(a[p.a_start : p.a_end], b[p.b_start : p.b_end], p.kind) for p in found.passages]


def longest_common_subsequence(left, right):
    """The slow twin: the table of Wagner and Fischer."""
    row = [0] * (len(right) + 1)
    for a in left:
        diagonal = 0
        for j, b in enumerate(right, start=1):
            diagonal, row[j] = row[j], diagonal + 1 if a == b else max(row[j], row[j - 1])
    return row[-1]


@given(
    st.lists(st.sampled_from("abcd"), max_size=90), st.lists(st.sampled_from("abcd"), max_size=90)
)
@settings(max_examples=200, deadline=None)
def test_the_common_subsequence_agrees_with_the_full_table(left, right):
    assert common_subsequence_length(left, right) == longest_common_subsequence(left, right)


def test_a_copied_sentence_is_an_identical_passage():
    assert passages(f"{FILLER} {FACTS[0]}", f"{FACTS[0]} {FACTS[3]}") == [
        (FACTS[0], FACTS[0], "identical")
    ]


def test_case_and_punctuation_do_not_unmake_an_identical_passage():
    shouted = FACTS[0].upper().replace(".", " !")
    assert passages(f"{FILLER} {FACTS[0]}", shouted) == [(FACTS[0], shouted, "identical")]


def test_an_edited_sentence_is_edited_and_a_turned_one_is_reworded():
    edited = "The river rose by four metres in a single day."
    turned = "In a single night the river had risen: it rose by three metres."
    assert passages(FACTS[0], edited)[0][2] == "edited"
    assert passages(FACTS[0], turned)[0][2] == "reworded"


def test_adjacent_matches_are_one_passage():
    copied = " ".join(FACTS)
    assert passages(f"{copied} {FILLER}", copied) == [(copied, copied, "identical")]


def test_reordered_sentences_are_passages_of_their_own():
    found = passages(" ".join(FACTS[:3]), " ".join(FACTS[2::-1]))
    assert sorted(a for a, _, _ in found) == sorted(FACTS[:3])


def test_short_sentences_are_no_passages_and_do_not_part_the_ones_around_them():
    text = f"{FACTS[0]} Nobody slept. {FACTS[1]}"
    assert passages(text, text) == [(text, text, "identical")]
    assert passages("Nobody slept.", "Nobody slept.") == []


def test_a_sentence_that_comes_twice_is_matched_twice():
    text = f"{FACTS[0]}\n\n{FACTS[0]}"
    assert passages(text, text) == [(text, text, "identical")]


def test_an_inserted_anchor_does_not_hide_a_copied_sentence():
    anchored = FACTS[0].replace("metres in", "metres 香港AI in")
    assert passages(FACTS[0], anchored) == [(FACTS[0], anchored, "identical")]


def test_passages_point_into_the_text_as_read():
    damaged = FACTS[1].replace("cattle", "cattleâ€™s calves")
    clean = FACTS[1].replace("cattle", "cattle’s calves")
    assert passages(damaged, clean) == [(damaged, clean, "identical")]


def test_texts_on_other_matters_share_no_passage():
    other = "Shares in the bank fell after it warned of lower profits this year. Analysts shrugged."
    assert passages(" ".join(FACTS), other) == []


def test_empty_texts_share_nothing():
    assert passages("", FACTS[0]) == passages("", "") == []


def test_a_pair_has_the_same_passages_in_both_directions():
    a, b = f"{FACTS[2]} {FACTS[0]} {FACTS[4]}", f"{FACTS[4]} {FILLER} {FACTS[2]}"
    assert sorted(passages(a, b)) == sorted((a_, b_, kind) for b_, a_, kind in passages(b, a))


def test_sentences_beyond_the_cap_are_counted():
    text = " ".join(f"Sentence number {row} speaks of a thing {row}." for row in range(30))
    ready = prepare(Document("a", text))
    found = shared_passages(ready, ready, EvidenceConfig(max_sentences=20))
    assert found.n_not_compared == 20
    assert len(found.matches) == 20


@pytest.mark.parametrize("name", ["min_cosine", "min_dice"])
def test_higher_thresholds_leave_fewer_passages(name):
    a, b = FACTS[0], "The river rose by four feet that night, and it rose fast."
    assert len(passages(a, b, **{name: 0.1})) == 1
    assert passages(a, b, **{name: 0.95}) == []


def test_single_letters_of_an_unspaced_script_are_no_evidence():
    green_curry = "แกงเขียวหวานเป็นอาหารไทยที่มีรสเผ็ดและหวานจากกะทิ"
    astronomy = "ดาวเคราะห์โคจรรอบดวงอาทิตย์ตามกฎของแรงโน้มถ่วง"
    assert passages(green_curry, astronomy) == []
    assert passages(green_curry, green_curry)[0][2] == "identical"


def test_an_edited_sentence_of_chinese_is_a_passage():
    a, b = (
        "消防部门表示九支队伍奋战了六个小时才把火扑灭。",
        "消防部门表示七支队伍奋战了五个小时才把火扑灭。",
    )
    assert passages(a, b) == [(a, b, "edited")]


def test_a_text_of_one_sentence_many_times_is_matched_place_by_place():
    sentence = "The quick brown fox jumps over the lazy dog."
    a, b = " ".join([sentence] * 2000), " ".join([sentence] * 1500)
    assert passages(a, b) == [(a[: len(b)], b, "identical")]


def test_many_variations_of_one_sentence_are_still_paired_best_first():
    a = " ".join(f"Sentence number {row} speaks of a thing {row}." for row in range(300))
    ready = prepare(Document("a", a))
    found = shared_passages(ready, prepare(Document("b", a)))
    assert [(match.a, match.b) for match in found.matches] == [(row, row) for row in range(300)]


def test_unlike_short_sentences_part_a_passage():
    a = f"{FACTS[0]} Nobody slept. {FACTS[1]}"
    b = f"{FACTS[0]} {'Buy cheap pills. ' * 9}{FACTS[1]}"
    assert sorted(passages(a, b)) == sorted(
        [(FACTS[0], FACTS[0], "identical"), (FACTS[1], FACTS[1], "identical")]
    )
