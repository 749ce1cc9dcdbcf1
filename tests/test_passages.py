import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.config import EvidenceConfig
from dupdetect.evidence import passages as evidence_passages
from dupdetect.evidence import stretches
from dupdetect.evidence.passages import PassageFinder
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


def shared(a, b, **options):
    left, right = prepare(Document("a", a)), prepare(Document("b", b))
    return PassageFinder([left, right], EvidenceConfig(**options)).shared(0, 1)


def passages(a, b, **options):
    found = shared(a, b, **options).passages
    return [(a[p.a_start : p.a_end], b[p.b_start : p.b_end], p.kind) for p in found]


def runs(a, b, passage):
    return [(a[start:end], b[first:last]) for start, end, first, last in passage.runs]


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


def test_reordered_sentences_are_one_passage_whose_words_all_stayed():
    a, b = " ".join(FACTS[:3]), " ".join(FACTS[2::-1])
    (passage,) = shared(a, b).passages
    assert passages(a, b) == [(a, b, "edited")]
    assert passage.n_tokens_kept == passage.n_tokens == 29
    assert runs(a, b, passage) == [(fact[:-1], fact[:-1]) for fact in FACTS[:3]]


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
    found = PassageFinder([ready, ready], EvidenceConfig(max_sentences=20)).shared(0, 1)
    assert found.n_not_compared == 20
    assert len(found.matches) == 20


@pytest.mark.parametrize("name", ["min_cosine", "min_dice"])
def test_higher_thresholds_leave_fewer_matches(name):
    a, b = FACTS[0], "The river rose by four feet that night, and it rose fast."
    assert len(shared(a, b, **{name: 0.1}).matches) == 1
    assert shared(a, b, **{name: 0.95}).matches == ()


LONG = " ".join(FACTS)
LOOSE = "In that night the river rose by three metres, or by four, as some say it did."


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("min_passage_cosine", 0.1, 1.0), ("min_passage_tokens", 1, 18), ("close_cosine", 0.3, 1.0)],
)
def test_higher_thresholds_leave_fewer_passages_and_no_fewer_matches(name, low, high):
    a, b = f"{LONG} {FILLER}", f"{LOOSE} {FILLER.replace('June', 'May')}"
    common = {"min_passage_tokens": 18, "max_gap": 0} | {name: low}
    lower = shared(a, b, **common)
    higher = shared(a, b, **(common | {name: high}))
    assert len(lower.passages) > len(higher.passages)
    assert lower.matches == higher.matches
    assert len(lower.passages) + len(lower.sentences) == len(higher.sentences) + len(
        higher.passages
    )


def test_a_wider_gap_joins_what_unlike_sentences_part():
    unlike = "Nobody had asked the mayor about her holiday in the south."
    a, b = f"{FACTS[0]} {FACTS[1]} {unlike} {FACTS[2]} {FACTS[3]}", " ".join(FACTS[:4])
    assert len(passages(a, b, max_gap=0)) == 2
    assert passages(a, b, max_gap=1) == [(a, b, "edited")]


def test_a_passage_in_which_most_sentences_are_unlike_is_parted():
    unlike = [f"Nobody had asked person {n} about a holiday in region {n}." for n in range(3)]
    a, b = f"{FACTS[0]} {' '.join(unlike)} {FACTS[1]}", f"{FACTS[0]} {FACTS[1]}"
    assert sorted(passages(a, b)) == sorted((fact, fact, "identical") for fact in FACTS[:2])


def test_a_sentence_too_short_and_loose_for_a_passage_is_listed_by_itself():
    a, b = f"{FACTS[0]} {' '.join([FILLER] * 3)}", f"{LOOSE} {' '.join(FACTS[2:])}"
    found = shared(a, b)
    assert found.passages == ()
    (sentence,) = found.sentences
    assert (a[: sentence.a_end], b[: sentence.b_end]) == (FACTS[0], LOOSE)
    assert len(found.matches) == found.n_places == 1


def test_one_shared_paragraph_is_one_place_whatever_it_holds():
    a = f"{FILLER} {LONG}"
    assert (len(shared(a, LONG).matches), shared(a, LONG).n_places) == (5, 1)
    assert shared(a, " ".join(reversed(FACTS))).n_places == 1


def test_matches_far_apart_in_either_text_are_different_places():
    others = " ".join(f"Person {n} spoke of a holiday in region {n} at length." for n in range(9))
    a, b = f"{FACTS[0]} {others} {FACTS[1]}", f"{FACTS[0]} {FACTS[1]}"
    assert shared(a, b).n_places == shared(b, a).n_places == 2


def test_a_notice_above_and_below_is_one_place():
    story = " ".join(f"Person {n} spoke of a holiday in region {n} at length." for n in range(9))
    a, b = f"{FACTS[3]}\n\n{story}\n\n{FACTS[3]}", f"{FACTS[3]}\n\n{FACTS[3]}"
    assert (len(shared(a, b).matches), shared(a, b).n_places) == (2, 1)


def test_a_copy_that_stands_twice_is_found_twice():
    others = " ".join(f"Person {n} spoke of a holiday in region {n} at length." for n in range(9))
    a = f"{LONG} {others} {LONG}"
    assert passages(a, f"{FILLER} {LONG}") == [(LONG, LONG, "identical")] * 2


def test_a_paragraph_that_sums_up_a_text_is_one_passage(monkeypatch):
    # Five sentences among twenty invented ones: real stories stay with their subject.
    monkeypatch.setattr(stretches, "_SUMMARY_COSINE", 0.2)
    padding = [" ".join(f"x{n}y{k}" for k in range(6)).capitalize() + "." for n in range(20)]
    story = []
    for row, fact in enumerate(FACTS):
        story += [fact, *padding[4 * row : 4 * row + 4]]
    summary = " ".join(
        [
            "The river had risen by three metres in a night.",
            "Farmers of the eastern bank moved all cattle uphill.",
            "No one there could remember a flood like it.",
            "A council will meet on Thursday to discuss it.",
            "Two bridges stay closed to all traffic until then.",
        ]
    )
    ((a, b, kind),) = passages(summary, " ".join(story))
    assert (a, kind) == (summary, "reworded")
    assert b.startswith(FACTS[0])
    assert b.endswith(FACTS[4])


def test_the_runs_show_which_words_stayed():
    a = "The river rose by three metres in a single night, the mayor said."
    b = "The river rose by four metres in a single cold night, a farmer said."
    (passage,) = shared(a, b).passages
    expected = ["The river rose by", "metres in a single", "night", "said"]
    assert runs(a, b, passage) == [(words, words) for words in expected]
    assert (passage.n_tokens_kept, passage.n_tokens) == (10, 14)


def test_words_that_go_on_beyond_the_sentence_are_part_of_the_passage():
    a, b = f"And so it was: {FACTS[0]} So be it.", f"Very well so it was. {FACTS[0]} So be it. Ah."
    ((left, right, kind),) = passages(a, b)
    assert (left, right) == (a[:-1], b[10:-5])
    assert kind == "edited"


def test_a_run_is_parted_where_an_anchor_was_inserted():
    anchored = FACTS[0].replace("metres in", "metres 香港AI in")
    (passage,) = shared(FACTS[0], anchored).passages
    assert runs(FACTS[0], anchored, passage) == [
        (words, words) for words in ("The river rose by three metres", "in a single night")
    ]


@pytest.mark.parametrize(
    ("opening", "closing"), ['""', "“”", "«»", "„“", "「」", ("â€œ", "â€\x9d")]
)
def test_a_passage_quoted_on_both_sides_is_a_quotation(opening, closing):
    quoted = f"He said: {opening}{FACTS[0]} {FACTS[1]}{closing} Then he left the room for good."
    assert shared(quoted, quoted.replace("He", "She")).passages[0].quotation
    assert not shared(quoted, f"{FACTS[0]} {FACTS[1]}").passages[0].quotation


WORDS = st.sampled_from("rain river town flood cattle bank bridge council night Thursday".split())
SENTENCES = st.lists(WORDS, min_size=3, max_size=12).map(lambda words: " ".join(words) + ".")
TEXTS = st.lists(SENTENCES, max_size=12).map(" ".join)


@given(TEXTS, TEXTS)
@settings(max_examples=150, deadline=None)
def test_passages_are_the_same_from_either_side_and_hold_together(a, b):
    there, back = shared(a, b), shared(b, a)
    for name in ("passages", "sentences"):
        turned = [
            (p.b_start, p.b_end, p.a_start, p.a_end, p.kind, p.quotation, p.n_tokens_kept)
            for p in getattr(back, name)
        ]
        assert turned == [
            (p.a_start, p.a_end, p.b_start, p.b_end, p.kind, p.quotation, p.n_tokens_kept)
            for p in getattr(there, name)
        ]
    assert there.n_places == back.n_places <= len(there.matches) == len(back.matches)
    assert len({match.a for match in there.matches}) == len(there.matches)
    assert len({match.b for match in there.matches}) == len(there.matches)
    for passage in (*there.passages, *there.sentences):
        kept = 0
        for start, end, first, last in passage.runs:
            assert passage.a_start <= start < end <= passage.a_end
            assert passage.b_start <= first < last <= passage.b_end
            assert words(a[start:end]) == words(b[first:last])
            kept += len(words(a[start:end]))
        assert kept == passage.n_tokens_kept <= passage.n_tokens
        assert disjoint([run[:2] for run in passage.runs])
        assert disjoint([run[2:] for run in passage.runs])
        assert (passage.kind == "identical") == (
            words(a[passage.a_start : passage.a_end]) == words(b[passage.b_start : passage.b_end])
        )


def words(text):
    return text.lower().replace(".", "").split()


def disjoint(spans):
    return all(left[1] <= right[0] for left, right in itertools.pairwise(sorted(spans)))


def test_a_pair_has_the_same_passages_whatever_stands_beside_it():
    texts = [f"{LONG} {FILLER}", f"{LOOSE} {LONG}", " ".join([FILLER] * 3 + list(FACTS))]
    ready = [prepare(Document(str(row), text)) for row, text in enumerate(texts)]
    alone = PassageFinder(ready[:2]).shared(0, 1)
    among = PassageFinder(ready[::-1]).shared(2, 1)
    assert alone.passages == among.passages
    assert alone.sentences == among.sentences


def test_seeds_beyond_the_cap_are_counted():
    text = " ".join([FACTS[0]] * 20)
    assert shared(text, text).n_seeds_left_out == 20 * 20 - 20
    assert shared(LONG, LONG).n_seeds_left_out == 0


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
    found = PassageFinder([ready, prepare(Document("b", a))]).shared(0, 1)
    assert [(match.a, match.b) for match in found.matches] == [(row, row) for row in range(300)]


def test_unlike_short_sentences_part_a_passage():
    a = f"{FACTS[0]} Nobody slept. {FACTS[1]}"
    b = f"{FACTS[0]} {'Buy cheap pills. ' * 16}{FACTS[1]}"
    assert sorted(passages(a, b)) == sorted(
        [(FACTS[0], FACTS[0], "identical"), (FACTS[1], FACTS[1], "identical")]
    )


def test_finders_that_share_sentences_find_what_each_finds_alone():
    config, loose = EvidenceConfig(), EvidenceConfig(min_cosine=0.1, min_dice=0.1, max_gap=0)
    copied = f"{FACTS[0]} {FACTS[1].replace('eastern', 'western')} “{FACTS[2]}” {FACTS[4]}"
    texts = [
        prepare(Document(id, text))
        for id, text in (("a", f"{' '.join(FACTS)} {FILLER}"), ("b", f"{FILLER} {copied}"))
    ]
    strict = PassageFinder(texts, config)
    together = strict.sharing(loose, merge=False)
    for finder, alone in (
        (together, PassageFinder(texts, loose, merge=False)),
        (strict, PassageFinder(texts, config)),
    ):
        for edge in ((0, 1), (1, 0)):
            found, expected = finder.shared(*edge), alone.shared(*edge)
            assert found.matches == expected.matches != ()
            assert found.passages == expected.passages
            assert found.sentences == expected.sentences
            assert found.n_places == expected.n_places
    kinds = [each.kind for each in together.shared(0, 1).sentences]
    assert sorted(kinds) == ["edited", *["identical"] * 4]


@pytest.mark.parametrize("other", [{"min_tokens": 7}, {"max_sentences": 10}])
def test_finders_that_compare_other_sentences_share_none(other):
    with pytest.raises(ValueError, match="share no sentences"):
        PassageFinder([]).sharing(EvidenceConfig(**other), merge=True)


def test_a_sentence_shown_by_itself_is_aligned_as_one_that_was_searched(monkeypatch):
    pair = [prepare(Document(id, f"{FACTS[0]} {FACTS[3]}")) for id in "ab"]
    found = PassageFinder(pair, merge=False).shared(0, 1).sentences
    monkeypatch.setattr(evidence_passages, "_is_same", lambda *_: False)
    aligned = PassageFinder(pair, merge=False).shared(0, 1).sentences
    assert [each.runs for each in found] == [each.runs for each in aligned]
