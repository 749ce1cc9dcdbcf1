"""The terminal report: the answer first, at home in 80 columns, complete without colour."""

import re
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from dupdetect.report import outline, quoting, render, reuse
from dupdetect.report.safe_text import prose
from dupdetect.report.terminal import render_pair
from dupdetect.results import (
    Cover,
    Coverage,
    Document,
    Family,
    Occurrence,
    Overlap,
    Pair,
    Passage,
    Phrase,
    Repair,
    Report,
    Reuse,
    Signal,
    Skipped,
)
from tests.example_report import (
    BRIDGE,
    BRIDGE_2,
    BRIDGE_3,
    COPY,
    COUNCIL,
    FERRY,
    FLOOD_3,
    FLOOD_4,
    GOLDEN,
    HOSTILE,
    HOSTILE_CHARACTERS,
    ONE,
    REPORTS,
    SETTINGS,
    SHORT,
    STORIES,
    TEXTS,
    THREE,
    TWO,
    document,
    example,
    hostile,
    overlap,
    undecided,
)

ANSI = re.compile(r"\x1b\[[0-9;]*m")
NOTHING = Report((), (), (), (), {"documents": 0}, {})


def recycled_family(n: int, n_phrases: int = 0) -> Report:
    ids = [f"page-{i:03}.txt" for i in range(n)]
    phrases = tuple(Phrase(f"phrase {i}", tuple(ids[:2])) for i in range(n_phrases))
    passages = (Passage(0, 69, 0, 69, 0.9, "identical"), Passage(70, 168, 70, 168, 0.8, "edited"))
    pairs = [
        Pair(a, b, "recycled", 0.05, 0.1, 0.1, 0.3, passages)
        for i, a in enumerate(ids)
        for b in ids[i + 1 :]
    ]
    members = tuple(replace(document(ONE, "recycled", "family-1"), id=id) for id in ids)
    family = Family("family-1", "recycled", tuple(ids), ids[0], 0.3, phrases, n_phrases)
    return Report(members, tuple(pairs), (family,), (), {}, {})


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("name", list(REPORTS))
def test_the_golden_report_is_unchanged(name):
    assert render(REPORTS[name]()) == (GOLDEN / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("width", [40, 44, 59, 60, 72, 80, 100, 120])
def test_no_line_is_wider_than_the_page(width):
    for report in (example(), undecided(), hostile(), recycled_family(12, 30)):
        for color in (False, True):
            shown = ANSI.sub("", render(report, width=width, color=color))
            assert max(map(cell_len, shown.splitlines())) <= width


def test_pages_have_least_and_greatest_widths():
    assert render(example(), width=1) == render(example(), width=40)
    assert render(example(), width=10**9) == render(example(), width=120)


def test_colour_repeats_what_the_words_say():
    plain, coloured = render(example()), render(example(), color=True)
    without = "\n".join(line.rstrip() for line in ANSI.sub("", coloured).splitlines()) + "\n"
    assert without == plain
    assert "\x1b" in coloured


def test_neither_environment_nor_terminal_is_asked(monkeypatch):
    before = render(example()), render(example(), color=True)
    for name, value in {
        "COLUMNS": "33", "NO_COLOR": "1", "FORCE_COLOR": "1", "TERM": "dumb", "TTY_COMPATIBLE": "1"
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    assert (render(example()), render(example(), color=True)) == before


@pytest.mark.parametrize(
    ("report", "answer"),
    [
        (NOTHING, "nothing to compare: no document was read"),
        (
            replace(NOTHING, documents=(document(ONE),), skipped=(Skipped("x", "empty"),)),
            "nothing to compare: only 1 document was read, 1 input skipped",
        ),
        (
            replace(NOTHING, documents=tuple(document(id) for id in TEXTS)),
            "none found: all 7 pages are distinct",
        ),
        (
            replace(recycled_family(4), documents=(*recycled_family(4).documents, document(FERRY))),
            "1 family of 4 recycled pages, 1 distinct page",
        ),
        (
            example(),
            "1 family of 2 exact copies, 1 family of 3 recycled pages, 1 pair outside the "
            "families, 1 distinct page, 2 inputs skipped",
        ),
        (
            Report(
                tuple(document(id, "exact", f) for id, f in ((COPY, "f1"), (COUNCIL, "f1"))),
                (),
                (
                    Family("family-1", "exact", (COPY, COUNCIL), COPY, 1.0),
                    Family("family-2", "exact", (ONE, TWO, THREE), ONE, 1.0),
                ),
                (),
                {},
                {},
            ),
            "2 families of exact copies (5 in all)",
        ),
        (
            Report(
                (document(COUNCIL, "contained"), document(SHORT, "contained")),
                (Pair(COUNCIL, SHORT, "contained", 0.6, 0.6, 1.0, 0.7),),
                (),
                (),
                {},
                {},
            ),
            "1 pair outside any family",
        ),
    ],
)
def test_the_first_line_is_the_answer(report, answer):
    assert outline.headline(report) == answer
    assert squeezed(render(report)).startswith(answer)


def test_none_found_comes_with_the_counts_of_each_stage():
    report = replace(
        NOTHING,
        documents=(document(ONE), document(FERRY)),
        counts={"documents": 2, "near_candidates": 0, "recycled_pairs_proved": 1234},
    )
    shown = squeezed(render(report))
    assert shown.startswith("none found")
    assert "documents 2 · near candidates 0 · recycled pairs proved 1,234" in shown


def test_a_family_shows_members_keeper_cohesion_and_every_score():
    shown = squeezed(render(example()))
    assert "family-1 · recycled · 3 members" in shown
    assert "cohesion 0.305 (mean resemblance of its pairs) · keep [1]" in shown
    assert "[1] farm/harbour-1.txt keeper [2] farm/harbour-2.txt [3] farm/harbour-3.txt" in shown
    assert "[1] [2] recycled 0.412 0.084 2" in shown


def test_containment_stands_beside_pairs_it_explains():
    shown = squeezed(render(example()))
    assert "Passages a in b b in a [1] [2] contained 0.700 0.600 1 0.600 1.000" in shown
    assert "Passages a in b b in a [1] [2] recycled" not in shown


def test_passages_stand_side_by_side_with_their_offsets():
    lines = render(example()).splitlines()
    place = next(i for i, line in enumerate(lines) if "[1] at 0:69" in line)
    assert "[2] at 0:55" in lines[place]
    assert lines[place - 1].strip() == "edited, cosine 0.87, 9 of 12 tokens stayed"
    left, right = lines[place + 1].split("│")
    assert left.strip() == right.strip() == "The harbour has been quick to welcome"


def test_on_a_narrow_page_passages_stand_one_above_the_other():
    shown = squeezed(render(example(), width=50))
    assert "│" not in shown
    assert "[1] at 0:69 The harbour has been quick" in shown


def test_of_pairs_in_no_group_the_best_passage_of_each_comes_before_the_second_of_any():
    pairs = recycled_family(3).pairs
    shown = outline.passages_of_pairs(pairs, 5)
    assert [quote.pair for quote in shown.items[:3]] == list(pairs)
    assert [quote.passage.cosine for quote in shown.items] == [0.9, 0.9, 0.9, 0.8, 0.8]
    assert shown.n_hidden == 1


def likeness(cosine: float, n_tokens_kept: int, words: str, text: str) -> Passage:
    at = text.index(words)
    run = (at, at + len(words), 0, 1)
    return Passage(
        0, 9, 0, 9, cosine, "edited", n_tokens_kept=n_tokens_kept, n_tokens=30, runs=(run,)
    )


def test_the_best_passages_of_a_group_are_those_most_alike_whichever_their_pair():
    text = "Hong Kong 1997 and a vibrant hub for boats"
    facts = likeness(0.99, 9, "Hong Kong 1997 and", text)
    good, better, few = (
        likeness(cosine, n, "vibrant hub", text) for cosine, n in ((0.6, 9), (0.7, 5), (0.8, 3))
    )
    pairs = [
        Pair("a", "b", "recycled", 0, 0, 0, 0, (facts, good)),
        Pair("a", "c", "recycled", 0, 0, 0, 0, (few, better)),
        Pair("b", "c", "review", 0, 0, 0, 0, sentences=(replace(better, cosine=0.9),)),
    ]
    texts = dict.fromkeys("abc", text)
    shown = outline.passages_of_group(pairs, texts, 9)
    assert [quote.passage.cosine for quote in shown.items] == [0.7, 0.6, 0.8, 0.9]
    assert [quote.loose for quote in shown.items] == [False, False, False, True]
    assert shown.n_hidden == 1  # nothing but names and figures
    alone = outline.passages_of_group([replace(pairs[0], passages=(facts,))], texts, 9)
    assert [quote.passage for quote in alone.items] == [facts]


def test_phrases_show_who_carries_them():
    shown = render(example())
    assert "Phrases several members carry: 3 of 5" in shown
    assert "1 2 . quick to welcome electric ferries" in shown
    assert "1 . 3 the quays" in shown


def test_a_family_too_large_for_dots_has_counts():
    assert "2 of 60" in render(recycled_family(60, 1))


def test_phrases_that_were_only_counted_are_owned_up_to():
    assert "evidence.max_phrases sets how many are listed" in render(example())


def test_every_cut_is_owned_up_to():
    shown = squeezed(render(recycled_family(60, 30)))
    everything = "--format json lists all of them"
    assert f"and 20 more members: {everything}" in shown
    assert f"and 1,755 more pairs: {everything}" in shown
    assert "Phrases several members carry: 12 of 30" in shown
    assert "--format json lists 30" in shown
    assert f"Best {outline.MAX_PASSAGES} of 3,540 passages" in shown
    alike = tuple(Skipped(f"{i}.txt", "empty") for i in range(90))
    assert f"and 30 more inputs: {everything}" in squeezed(
        render(replace(example(), skipped=alike))
    )
    unlike = tuple(Skipped(f"{i}.txt", f"line {i}") for i in range(50))
    assert f"and 30 more inputs: {everything}" in squeezed(
        render(replace(example(), skipped=unlike))
    )


def test_a_long_passage_is_cut_in_the_middle():
    long = "word " * 50_000 + "end."
    pair = Pair("a", "b", "recycled", 0.1, 0.1, 0.1, 0.2, (
        Passage(0, len(long), 0, len(long), 0.9, "identical"),
    ))  # fmt: skip
    shown = render_pair(pair, Document("a", long), Document("b", long), settings={})
    assert shown.count("[…]") == 2
    assert shown.count("end.") == 2
    assert len(shown.splitlines()) < 40


def edited_pair(a: str, b: str, **how) -> str:
    passage = Passage(0, len(a), 0, len(b), 0.9, "edited")
    pair = Pair("a", "b", "near-duplicate", 0.9, 0.9, 0.9, 0.9, (passage,))
    return render_pair(pair, Document("a", a), Document("b", b), settings={}, **how)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_long_edited_passage_is_cut_around_the_first_words_that_differ(width):
    before, behind = "one two three four " * 5_000, " million people" + " came and went" * 5_000
    shown = squeezed(edited_pair(f"{before}14{behind}", f"{before}41{behind}", width=width))
    assert "{14}" in shown
    assert "{41}" in shown
    assert shown.count("[…]") == 4
    assert shown.count("{…} marks words that differ") == 1


def test_words_that_differ_are_marked_without_colour():
    marked = quoting.quotations("edited", "The old, red town HALL.", "The new town hall burnt.", 80)
    assert marked == ("The {old, red} town HALL.", "The {new} town hall {burnt}.")


def test_a_difference_too_long_to_show_is_cut_within_its_braces():
    a, b = "Rain fell. " + "One more word. " * 500 + "End.", "Rain fell. End."
    left, right = quoting.quotations("edited", a, b, 80)
    assert left.startswith("Rain fell. {One more word. ")
    assert left.endswith("} […]")
    assert left.count("[…]") == 2
    assert len(left) <= 80
    assert right == "Rain fell. {End}"


def test_han_is_marked_by_the_character():
    marked = quoting.quotations("edited", "新渡輪將於下月投入。", "新渡輪將於本月投入。", 80)
    assert marked == ("新渡輪將於{下}月投入。", "新渡輪將於{本}月投入。")


def test_braces_of_a_text_are_not_taken_for_marks():
    marked = quoting.quotations("edited", "{see} a", "{see} b", 80)
    assert marked == ("⟨U+007B⟩see⟨U+007D⟩ {a}", "⟨U+007B⟩see⟨U+007D⟩ {b}")


@pytest.mark.parametrize("kind", ["identical", "reworded"])
def test_only_edited_passages_are_marked(kind):
    assert quoting.quotations(kind, "a {b} c", "a {b} d", 80) == ("a {b} c", "a {b} d")


def test_edited_texts_whose_words_agree_are_cut_as_others_are():
    a, b = "same words, " * 50, "Same  words " * 50
    assert quoting.quotations("edited", a, b, 80) == (
        quoting.excerpt(a, 80),
        quoting.excerpt(b, 80),
    )


WORDS = st.lists(st.sampled_from(["a", "bb", "漢字", "x" * 90, "{", ".", "\u200b", "é"])).map(
    " ".join
)


@given(WORDS, WORDS, st.integers(24, 120))
@settings(max_examples=150)
def test_an_excerpt_has_the_first_difference_of_both_texts_and_keeps_its_limit(a, b, limit):
    left, right = quoting.quotations("edited", a, b, limit, cell_len)
    whole = quoting.quotations("edited", a, b, 10**6, cell_len)
    assert ("{" in left + right) == ("{" in whole[0] + whole[1])
    for shown, text, marked in ((left, a, whole[0]), (right, b, whole[1])):
        assert shown.count("{") == shown.count("}")
        if cell_len(prose(a)) > limit or cell_len(prose(b)) > limit:
            assert cell_len(shown) <= limit
        plain = marked.replace("{", "").replace("}", "")
        own = text.replace("{", "⟨U+007B⟩")
        assert plain == prose(own)


@pytest.mark.parametrize("limit", [8, 20, 33, 80])
def test_a_cut_text_keeps_its_limit_in_cells_and_its_ends(limit):
    for text in ("漢字" * 100, "one two three " * 30, "x" * 500, "ab " + "y" * 300):
        cut = quoting.shorten(text, limit, cell_len)
        assert cell_len(cut) <= limit
        start, end = cut.split(f" {quoting.SKIP_MARK} ")
        assert text.startswith(start)
        assert text.endswith(end) or text.strip().endswith(end)


def test_a_text_within_its_limit_is_not_cut():
    assert quoting.excerpt("漢字", 4, cell_len) == "漢字"


def test_repairs_are_shown_with_their_words_and_hidden_characters():
    shown = squeezed(render(example()))
    assert "mojibake: “hereĀ⟨U+00A0⟩and” → “here and” at 16:25" in shown


def test_neighbouring_repairs_are_shown_as_one_and_equal_ones_are_counted():
    text = "HongĀ\xa0KongĀ\xa0AI grows. Now HongĀ\xa0KongĀ\xa0AI rests."
    steps = tuple(
        Repair("mojibake", at, at + 2, "Ā\xa0", " ")
        for at, character in enumerate(text)
        if character == "Ā"
    )
    repaired = replace(document(FERRY), text=text, repairs=steps)
    [(_, [mended])] = outline.repairs(replace(NOTHING, documents=(repaired,)))
    assert (mended.before, mended.after) == ("HongĀ\xa0KongĀ\xa0AI", "Hong Kong AI")
    assert (mended.start, mended.end, mended.n) == (0, 14, 2)


def test_signals_are_grouped_and_their_reason_is_said_once():
    shown = render(example())
    assert "inserted-anchor: 2 in 2 pages" in shown
    assert shown.count("a foreign-script run breaks the sentence") == 1


def test_skipped_inputs_have_their_reasons():
    assert "  seeds/empty.txt: no text: the file is empty\n" in render(example())


def test_a_reason_many_inputs_share_is_said_once_before_all_of_them():
    names = [f"folder/picture-{i}.png" for i in range(12)]
    alike = tuple(Skipped(name, "not text") for name in names)
    shown = render(replace(example(), skipped=(*example().skipped, *alike)))
    assert "  seeds/empty.txt: no text: the file is empty\n" in shown
    assert shown.count("not text") == 1
    assert f"not text: 12 inputs {names[0]} · {names[1]}" in squeezed(shown)
    assert all(name in shown for name in names)
    few = render(replace(example(), skipped=alike[:3]))
    assert few.count("not text") == 3


def test_settings_are_named():
    shown = squeezed(render(example()))
    assert "settings 0123456789ab · lens all · near-duplicate at Jaccard 0.55" in shown


def test_hostile_text_is_harmless():
    plain = render(hostile())
    assert not set(plain) & HOSTILE_CHARACTERS
    coloured = ANSI.sub("", render(hostile(), color=True))
    assert not set(coloured) & HOSTILE_CHARACTERS
    assert "[link=" in plain
    assert "[bold]x[/]" in squeezed(plain)


def test_only_our_own_colours_reach_the_terminal():
    escapes = set(re.findall(r"\x1b.{0,6}?m|\x1b.", render(hostile(), color=True)))
    ours = render(example(), color=True) + render(undecided(), color=True)
    assert escapes <= set(re.findall(r"\x1b.{0,6}?m", ours))


@pytest.mark.parametrize(
    ("pair", "answer"),
    [
        (
            Pair("a", "b", "exact", 1, 1, 1, 1),
            "exact: [1] and [2] have the same words in the same order",
        ),
        (
            Pair("a", "b", "near-duplicate", 0.63, 0.9, 0.9, 0.9),
            "near-duplicate: most of the wording of [1] and [2] is the same: Jaccard 0.630",
        ),
        (
            Pair("a", "b", "near-duplicate", 0.3, 0.5, 0.5, 0.5),
            "near-duplicate: much of the wording of [1] and [2] is the same: Jaccard 0.300",
        ),
        (Pair("a", "b", "contained", 0.5, 0.5, 1, 0.5), "contained: 100% of [2] is in [1]"),
        (Pair("a", "b", "contained", 0.5, 0.996, 0.5, 0.5), "contained: 99% of [1] is in [2]"),
        (Pair("a", "b", "contained", 0.5, 0.5, 0.29, 0.5), "contained: 50% of [1] is in [2]"),
        (
            Pair("a", "b", "recycled", 0.1, 0.1, 0.1, 0.287, (Passage(0, 1, 0, 1, 0.9, "edited"),)),
            "recycled: [1] and [2] resemble each other at 0.287 and share 1 passage",
        ),
        (Pair("a", "b", "distinct", 0, 0, 0, 0), "distinct: no relation of [1] and [2] is proved"),
    ],
)
def test_a_comparison_begins_with_its_answer(pair, answer):
    shown = render_pair(pair, Document("a", "x"), Document("b", "y"), settings={})
    assert squeezed(shown).startswith(answer)


def test_a_comparison_names_the_threshold_it_was_held_against():
    pair = Pair("a", "b", "near-duplicate", 0.63, 0.9, 0.9, 0.9)
    shown = render_pair(pair, Document("a", "x"), Document("b", "y"), settings=example().settings)
    assert "Jaccard 0.630 (threshold 0.55)" in squeezed(shown)


FOUND = Overlap(31, 4.8, 2, 0.5, 1.86, 0.0, -0.11, 1.75, 0.0021)
WHERE = "where independent articles of their length on one subject share about 5"


@pytest.mark.parametrize(
    ("pair", "answer"),
    [
        (
            Pair("a", "b", "recycled", 0.1, 0.1, 0.1, 0.287, overlap=FOUND),
            f"recycled: [1] and [2] share 31 of their own words {WHERE} (p < 0.005), "
            "and 0 passages; judged as a group of two, which is stricter than p alone p: how often "
            "honest writing on one subject shows a group or pair this strong",
        ),
        (
            Pair("a", "b", "review", 0.1, 0.1, 0.1, 0.287, overlap=replace(FOUND, p=0.1)),
            f"review: [1] and [2] share 31 of their own words {WHERE} (p = 0.1), and 0 passages; "
            "judged as a group of two, which is stricter than p alone; 10% of [1] is in [2] word "
            "for word; a person should look",
        ),
        (
            Pair("a", "b", "same-story", 0.1, 0.1, 0.1, 0.287, overlap=replace(FOUND, p=0.5)),
            "same-story: [1] and [2] tell one story, independently as far as can be told: they "
            f"share 2 words of names, figures and quotations, and 31 own words {WHERE} (p = 0.5)",
        ),
        (
            Pair("a", "b", "distinct", 0.1, 0.1, 0.1, 0.287, overlap=replace(FOUND, p=0.6)),
            "distinct: no relation of [1] and [2] is proved: they share 31 of their own words "
            f"{WHERE} (p = 0.6); judged as a group of two",
        ),
        (
            Pair("a", "b", "distinct", 0, 0, 0, 0, overlap=replace(FOUND, distance=-0.7, p=0.6)),
            "distinct: no relation of [1] and [2] is proved: they share 31 of their own words "
            f"{WHERE} (p = 0.6), and they are not on one subject; judged as a group of two",
        ),
        (
            Pair("a", "b", "distinct", 0.1, 0.1, 0.1, 0.287, overlap=replace(FOUND, p=None)),
            "distinct: no relation of [1] and [2] is proved; whether they recycle each other was "
            "not judged",
        ),
    ],
)
def test_a_comparison_says_what_was_found_against_what_is_expected(pair, answer):
    shown = squeezed(render_pair(pair, Document("a", "x"), Document("b", "y"), settings=SETTINGS))
    assert shown.startswith(answer)
    assert reuse.parts_line(pair.overlap) in shown
    assert "own words: 31 shared, 4.8 expected" in shown


# --- recycled families ---------------------------------------------------------------------------


def test_a_recycled_family_leads_with_what_is_shared_against_what_is_expected():
    lines = render(example()).splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith("family-1 · recycled"))
    said = squeezed(" ".join(lines[place + 1 : place + 7]))
    assert said.startswith(
        "These 3 documents share 12 of their own words a pair where independent articles of their "
        "length on one subject share about 0.8 (p < 0.005). decided: p is at most 0.05"
    )
    assert "p counts all groups of this run" in said
    assert "this one alone" not in said  # both are smaller than what is shown
    assert "weakest member [3]: mean score +0.91" in said


def test_two_documents_are_one_pair():
    evidence = Reuse(0.00002, 0.00002, 1.6, 5, 31.2, 4.8, "b", 0.9)
    family = Family("family-1", "recycled", ("a", "b"), "a", 0.3, reuse=evidence)
    assert reuse.reuse_sentence(family) == (
        f"These 2 documents share 31 of their own words {WHERE} (p < 0.005)."
    )


def test_the_parts_of_each_pair_stand_beside_what_was_expected():
    shown = squeezed(render(example()))
    assert "a b Shared Expected Surplus Distance Brevity Score p" in shown
    assert "[1] [2] 14 1.1 +1.86 0.00 -0.12 +1.74 <0.005" in shown
    assert "[1] [3] 12 0.8 +1.44 0.00 -0.14 +1.30 <0.005" in shown


PARTS = st.floats(-9, 9).map(lambda value: value + 0.0)


@given(PARTS, PARTS, PARTS)
def test_parts_add_up_as_they_are_shown_and_none_is_off_by_a_hundredth(surplus, distance, brevity):
    found = overlap(1, 1.0, 1, 0.5, (surplus, distance, brevity), 0.5)
    *shown, score = map(float, reuse.shown_parts(found))
    assert round(100 * sum(shown)) == round(100 * score)
    for part, exact in zip(shown, (surplus, distance, brevity), strict=True):
        assert abs(part - exact) < 0.0101
    assert abs(score - found.score) < 0.0051


@given(st.floats(1e-6, 1.0))
def test_a_p_value_is_never_shown_smaller_than_it_is(p):
    shown = reuse.p_value(p)
    assert "e" not in shown
    if p < reuse.LEAST_P:
        assert shown == "p < 0.005"
    else:
        assert p <= float(shown.removeprefix("p = ")) <= 1.1 * p


@given(st.lists(st.floats(reuse.LEAST_P, 1.0), min_size=2, max_size=2).map(sorted))
def test_p_values_keep_their_order_as_they_are_shown(pair):
    low, high = (float(reuse.p_value(p).removeprefix("p = ")) for p in pair)
    assert low <= high


def test_phrases_show_how_rare_they_are_and_of_what_kind():
    shown = render(example())
    assert "quick to welcome electric ferries  phrasing, 31 bits" in shown
    assert "1 . 3 the quays  phrasing\n" in shown
    assert "1 2 3 outlines a  facts, 9 bits" in shown
    assert reuse.BITS_NOTE in squeezed(shown)


def test_covering_sets_say_how_much_of_each_member_is_in_which_others():
    shown = squeezed(render(example()))
    assert "[1] 62% shared words; 100% of those are in [2] and [3]" in shown
    assert "[2] 34% shared words; 91% of those are in [1]" in shown
    said = "[3] at least 46% shared words; 99% of those are in [1] (1 member not compared)"
    assert said in shown


def test_a_long_covering_set_is_cut_and_says_so():
    cover = tuple(Cover(str(n), n / 20) for n in range(1, 20))
    alias = {str(n): f"[{n}]" for n in range(20)}
    said = reuse.covered(Coverage("0", 1.0, cover), alias)
    assert said.endswith("95% of those are in [1], [2], [3], [4], [5], [6] and 13 more")


def test_anchors_are_aligned_over_the_members_that_carry_them_and_those_that_do_not():
    shown = squeezed(render(example()))
    assert (
        "1 2 . “香港AI” in 2 of 3 members, 2 places; the words around that of [1] stand in 1 "
        "other member [1] at 242:246 strategy to {香港AI} renew the quays." in shown
    )
    assert "[3] at 97:115 to renew the quays around the anchor of [1]" in shown


def test_offsets_of_the_words_around_an_anchor_are_those_of_the_words_shown():
    report = example()
    family, documents = report.families[0], {each.id: each for each in report.documents}
    [anchor] = reuse.aligned_anchors(family, documents)
    text = documents[THREE].text.replace("to renew the quays", "(to renew the quays")
    documents[THREE] = replace(documents[THREE], text=text)
    at = text.index("launched")
    anchor = replace(anchor, slots=(Occurrence(THREE, at, text.index("(to renew") + 3),))
    *_, (place, words, around) = reuse.alignment(anchor, documents, {ONE: "[1]"}, 80)
    assert (
        text[place.start : place.end] == words == "launched in 2017, outlines a comprehensive "
        "approach"
    )
    assert around == "around the anchor of [1]"


def test_an_anchor_of_one_member_alone_has_nothing_to_be_aligned_with():
    place = Occurrence(ONE, 242, 246)
    alone = Signal("inserted-anchor", 242, 246, "香港AI", "why", (place,), 1, 1)
    report = recycled_family(2)
    marked = tuple(replace(each, signals=(alone,)) for each in report.documents)
    assert reuse.ANCHORS_TITLE not in render(replace(report, documents=marked))


def test_copies_have_no_table_of_own_words():
    pairs = tuple(
        replace(pair, relation=relation, overlap=FOUND)
        for pair, relation in zip(
            recycled_family(3).pairs, ["exact", "recycled", "exact"], strict=True
        )
    )
    rows = reuse.overlap_rows(
        pairs, {pair: pair for pair in ("page-000.txt", "page-001.txt", "page-002.txt")}
    )
    assert [row[:2] for row in rows[1:]] == [["page-000.txt", "page-002.txt"]]


# --- what runs say of an edited passage ----------------------------------------------------------


def test_runs_tell_that_a_word_stayed_that_was_misread():
    a, b = "the harbourĀ Plan", "the harbour Plan b"
    unknown = quoting.quotations("edited", a, b, 80)
    known = quoting.quotations("edited", a, b, 80, runs=[(0, len(a), 0, len("the harbour Plan"))])
    assert unknown == ("the {harbourĀ} Plan", "the {harbour} Plan {b}")
    assert known == ("the harbourĀ Plan", "the harbour Plan {b}")


def test_a_run_with_more_words_on_one_side_shows_which_they_are():
    a, b = "strategy to 香港AI renew the quays", "strategy to renew the quays now"
    runs = [(0, len(a), 0, len("strategy to renew the quays"))]
    assert quoting.quotations("edited", a, b, 80, runs=runs) == (
        "strategy to {香港AI} renew the quays",
        "strategy to renew the quays {now}",
    )


def test_a_word_that_is_in_no_run_has_not_stayed_there():
    marked = quoting.quotations("edited", "red town", "red town", 80, runs=[(4, 8, 4, 8)])
    assert marked == ("{red} town", "{red} town")


TOKENS = st.lists(st.sampled_from(["aa", "bb", "cc", "{", "}"]), max_size=12)


@given(TOKENS, TOKENS, TOKENS.filter(bool), TOKENS)
def test_words_of_a_run_are_bare_and_all_others_in_braces(before_a, before_b, stayed, behind):
    a = " ".join([*before_a, *stayed, *behind])
    b = " ".join([*before_b, *stayed])
    start_a, start_b = len(" ".join([*before_a, ""])), len(" ".join([*before_b, ""]))
    length = len(" ".join(stayed))
    runs = [(start_a, start_a + length, start_b, start_b + length)]
    left, right = quoting.quotations("edited", a, b, 10**6, runs=runs)
    for shown, own in ((left, [*before_a, *behind]), (right, before_b)):
        marked = " ".join(re.findall(r"{([^}]*)}", shown))
        words = [word for word in own if word.isalpha()]
        assert [word for word in marked.split() if word.isalpha()] == words
    assert "{" not in quoting.quotations("edited", " ".join(stayed), " ".join(stayed), 99)[0]


# --- no family -----------------------------------------------------------------------------------


def test_that_no_family_was_found_is_said_first_with_counts_and_the_nearest_pairs():
    shown = squeezed(render(undecided()))
    assert shown.startswith(
        "no family found, 1 group of 3 pages and 1 listed pair for review, 2 listed pairs "
    )
    title = outline.NEAREST_TITLE
    assert f"9 pages read, 7 judged for recycled text {title} [1] news/flood-c" in shown
    assert "a b Score [1] [2] +0.69 [3] [4] +0.65 [4] [5] +0.30" in shown


def test_a_recycled_family_is_no_place_to_say_that_none_was_found():
    assert outline.none_found(example()) is None
    assert outline.nearest(example()) == []


def test_the_nearest_pairs_are_those_of_the_heat_map_or_without_one_of_the_listed():
    report = undecided()
    drawn = outline.nearest(report)
    assert len(drawn) == 21
    assert [(each.a, each.b, each.score) for each in drawn[:3]] == [
        (FLOOD_3, FLOOD_4, 0.69),
        (BRIDGE, BRIDGE_2, 0.65),
        (BRIDGE_2, BRIDGE_3, 0.3),
    ]
    assert {each.pointer.split("/")[1] for each in drawn} == {"heat_map"}
    listed = outline.nearest(replace(report, heat_map=None))
    assert [each.pointer for each in listed[:2]] == [
        "/pairs/1/overlap/score",
        "/pairs/0/overlap/score",
    ]


def test_the_nearest_pairs_are_in_no_family_together_and_no_copies():
    report = undecided()
    bridges = (BRIDGE, BRIDGE_2)
    in_one = replace(
        report,
        families=(Family("family-1", "near-duplicate", bridges, BRIDGE, 0.9),),
        documents=tuple(
            replace(each, family="family-1" if each.id in bridges else None)
            for each in report.documents
        ),
    )
    found = [{each.a, each.b} for each in outline.nearest(in_one)]
    assert set(bridges) not in found
    assert {BRIDGE_2, BRIDGE_3} in found
    (flood,) = [pair for pair in report.pairs if {pair.a, pair.b} == {FLOOD_3, FLOOD_4}]
    contained = replace(flood, relation="contained")
    as_part = replace(
        report, pairs=tuple(contained if each is flood else each for each in report.pairs)
    )
    assert {FLOOD_3, FLOOD_4} not in [{each.a, each.b} for each in outline.nearest(as_part)]


def test_copies_alone_are_no_recycled_family_but_only_where_one_was_looked_for():
    copies = replace(example(), families=example().families[1:])
    assert outline.none_found(copies) == (
        "Beyond these copies, no recycled family was found",  # recycled pairs there are
        ["7 pages read, 7 judged for recycled text"],
    )
    (same,) = [pair for pair in copies.pairs if pair.relation == "exact"]
    title, _ = outline.none_found(replace(copies, pairs=(same,)))
    assert title == "Beyond these copies, no recycled text was found"
    assert outline.none_found(replace(copies, settings={"lens": "near-duplicate"})) is None


def test_of_copies_that_could_not_be_judged_nothing_more_is_said():
    copies = replace(example(), families=example().families[1:])
    unjudged = tuple(replace(each, not_judged="too short") for each in copies.documents)
    title, lines = outline.none_found(replace(copies, documents=unjudged))
    assert title == "Beyond these copies, nothing was judged for recycled text"
    assert lines[1].startswith("Too few to judge")


def test_a_collection_too_short_to_judge_is_told_so():
    documents = tuple(replace(each, not_judged="too short") for each in example().documents[3:5])
    report = Report(documents, (), (), (), {}, SETTINGS)
    shown = squeezed(render(report))
    assert shown.startswith("none found: 2 pages, none of them judged for recycled text No family")
    assert "Too few to judge: nothing can be said of recycled text here." in shown
    assert "too short (recycled.min_tokens 100): 2 pages" in shown


def test_pages_on_one_story_are_not_called_distinct():
    on_one_story = [each.id for each in undecided().documents if each.relation == "same-story"]
    assert on_one_story
    assert not {each.id for each in outline.distinct(undecided())} & set(on_one_story)


def test_pages_that_were_not_judged_are_not_called_distinct():
    report = undecided()
    assert [each.id for each in outline.not_judged(report)] == ["news/short.txt", FERRY]
    assert not {each.id for each in outline.distinct(report)} & {"news/short.txt", FERRY}


def test_groups_for_review_have_their_own_section_and_are_not_called_decided():
    shown = squeezed(render(undecided()))
    place = shown.index("For review: 1 group")
    assert shown.index("review-1 · review · 3 members") > place
    assert "for review: p is above 0.05 (recycled.level), at most 0.2 (review_level)" in shown
    assert "Pairs: 2 listed of 3" in shown
    assert "decided: p is at most" not in shown
    assert "keep [" not in shown
    assert "outside any family" not in shown


def test_a_pair_of_copies_in_a_group_for_review_is_shown_in_both():
    report = undecided()
    copies = Family("family-1", "near-duplicate", (BRIDGE, BRIDGE_2), BRIDGE, 0.9)
    pair = Pair(BRIDGE, BRIDGE_2, "near-duplicate", 0.9, 0.9, 0.9, 0.9)
    documents = tuple(
        replace(each, family="family-1") if each.id in copies.members else each
        for each in report.documents
    )
    both = replace(report, documents=documents, pairs=(pair, *report.pairs[1:]), families=(copies,))
    inside = outline.inside(both)
    assert inside["family-1"] == [pair]
    assert [(each.a, each.b) for each in inside["review-1"]] == [
        (BRIDGE, BRIDGE_2),
        (BRIDGE_2, BRIDGE_3),
    ]
    assert outline.outside(both) == []


def test_a_notice_that_both_carry_is_no_evidence_of_one_story():
    report = undecided()
    licence = report.boilerplate[0].text
    first, second = outline.stories(report)
    assert (len(first.passages), len(second.passages)) == (1, 0)
    [_, with_notice] = [pair for pair in report.pairs if pair.relation == "same-story"]
    assert len(with_notice.passages) == 1
    assert squeezed(render(report)).count(licence) == 1
    assert licence[:30] in squeezed(render(replace(report, boilerplate=())))


def test_a_pair_for_review_in_no_group_is_shown_as_a_pair_with_what_is_loosely_alike():
    shown = squeezed(render(undecided()))
    place = shown.index("For review, in no group: 1 listed pair")
    assert shown.index("review-1 · review") < place < shown.index("One story, independently told")
    assert (
        "[1] and [2] share: empty, huddled, ridge, sheep Shared passages single sentence, " in shown
    )
    [pair] = outline.review_pairs(undecided())
    a, b = (Document(id, STORIES[id]) for id in (pair.a, pair.b))
    compared = squeezed(render_pair(pair, a, b, settings=SETTINGS))
    assert "and 0 passages and 1 sentence loosely alike; judged as a group of two" in compared
    assert "own words of both: empty, huddled, ridge, sheep" in compared
    assert "single sentence, reworded, cosine 0.38" in compared


def test_a_pair_that_only_its_family_holds_is_not_called_proved():
    shown = squeezed(render(example()))
    assert "Pairs: 2 proved of 3, 1 in the family, not by itself" in shown
    assert "[2] [3] in the family, not by itself 0.199 0.010 1" in shown
    held = example().pairs[-1]
    for relation, p, by_itself in (
        ("recycled", 0.2, True), ("recycled", 0.21, False), ("recycled", None, True),
        ("near-duplicate", 0.9, True), ("same-story", 0.3, False),
    ):  # fmt: skip
        pair = replace(held, relation=relation, overlap=replace(held.overlap, p=p))
        assert reuse.by_itself(pair) == by_itself


def test_what_p_is_stands_once_and_only_where_a_p_is_shown():
    for report, n in ((example(), 1), (undecided(), 1), (recycled_family(3), 0)):
        for shown in (squeezed(render(report)), render(report, "markdown")):
            assert shown.count(reuse.P_NOTE) == n
            assert shown.count(f"{reuse.P_NOTE}; {reuse.ALL_GROUPS_NOTE}") == n


def test_of_two_members_none_is_the_weakest():
    family = replace(example().families[0], members=(ONE, TWO))
    facts = reuse.reuse_facts(family, {THREE: "[3]"}, SETTINGS)
    assert not any("weakest" in fact for fact in facts)


def test_a_group_on_several_subjects_is_told_that_the_expected_number_leaves_that_out():
    family = example().families[0]
    pairs = [
        replace(pair, overlap=replace(pair.overlap, distance=-0.31)) for pair in example().pairs[2:]
    ]
    assert reuse.reuse_sentence(family, pairs).endswith("and they are not on one subject.")
    assert reuse.reuse_sentence(family, example().pairs).endswith("(p < 0.005).")


@pytest.mark.parametrize("width", range(40, 121, 3))
def test_no_p_value_and_no_bits_are_split_between_lines(width):
    shown = render(example(), width=width) + render(undecided(), width=width)
    assert not re.search(r"\(p\n *[=<]|\(p [=<]\n|\d+\n *bits\b", shown)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Intelligence (AI", "Intelligence"), ("(AI", "AI"), ("AI) hub", "hub"), ("AI)", "AI"),
        ("s journey", "journey"), ("’s journey", "journey"), ("s", "s"), ("so it is", "so it is"),
        ("a (b) c", "a (b) c"), ("b) and (c", "and"), ("(a) b (c", "(a) b"), ("", ""),
    ],
)  # fmt: skip
def test_a_lone_bracket_or_s_is_trimmed(words, shown):
    assert quoting.trimmed(words) == shown


def test_pages_without_a_null_are_told_the_next_step():
    assert "--reference FOLDER" in squeezed(render(undecided()))


def test_one_story_has_its_own_section_with_its_facts():
    shown = squeezed(render(undecided()))
    assert "One story, independently told as far as can be told: 2 listed pairs" in shown
    assert "a b Facts Shared Expected Surplus Distance Brevity Score p [1] [2] 12 1 0.9" in shown
    assert "identical, quotation, cosine 0.93" in shown


def test_boilerplate_is_told_once_with_its_pages():
    shown = squeezed(render(undecided()))
    assert shown.count("in 3 pages, 1,200 characters cut") == 1
    assert "dale/bridge-1.txt · news/flood-a.txt" in shown


def test_the_null_is_named():
    shown = squeezed(render(example()))
    assert "null English · sha256 fedcba987654" in shown
    assert "of reports of one event, answers to one question" in shown
    without = {name: value for name, value in SETTINGS.items() if name != "null"}
    assert "null" not in render(replace(example(), settings=without))


GUILT = re.compile(
    r"\b(plagiar\w*|guilt\w*|cheat\w*|stol\w*|theft|accus\w*|suspect\w*|culprit|fraud\w*|spam\w*|"
    r"machine\w*|robot\w*|bots?|generated|LLM|farm)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("format", ["terminal", "markdown"])
def test_nothing_is_said_of_guilt_or_machines(format):
    for report in (example(), undecided(), recycled_family(5)):
        assert not GUILT.search(render(report, format).replace("farm/", ""))


# --- hostile text --------------------------------------------------------------------------------

PIECES = st.lists(
    st.one_of(st.sampled_from([*HOSTILE, *HOSTILE.split(" ")]), st.characters()), max_size=20
).map("".join)


@given(PIECES, st.sampled_from([40, 61, 80]))
@settings(max_examples=60, deadline=None)
def test_any_text_anywhere_is_harmless_and_keeps_to_the_page(words, width):
    plain = render(hostile(f"x{words}"), width=width)
    assert not set(plain) & HOSTILE_CHARACTERS
    assert max(map(cell_len, plain.splitlines())) <= width


def capped(report: Report, max_partners: object = 3) -> Report:
    """The report with the pairs that are listed when each member lists so many."""
    listed = tuple(pair for pair in report.pairs if pair.a == report.families[0].members[0])
    counts = {"pairs": len(listed), "pairs_not_listed": len(report.pairs) - len(listed)}
    settings = (
        {} if max_partners is None else {"config": {"evidence": {"max_partners": max_partners}}}
    )
    return replace(report, pairs=listed, counts=counts, settings=settings)


@pytest.mark.parametrize("max_partners", [3, None])
def test_a_family_whose_pairs_are_not_all_listed_says_which_are(max_partners):
    assert (
        "Pairs: 4 listed of 10 (the strongest of each member: evidence.max_partners)"
        in squeezed(render(capped(recycled_family(5), max_partners)))
    )


def test_a_family_below_the_cap_says_how_many_pairs_are_proved():
    report = capped(recycled_family(5))
    assert "Pairs: 10 proved of 10" in squeezed(render(recycled_family(5)))
    assert "Pairs: 4 proved of 10" in squeezed(
        render(replace(report, settings={"config": {"evidence": {"max_partners": 5}}}))
    )
    assert "Pairs: 4 proved of 10" in squeezed(
        render(replace(report, counts={"pairs_not_listed": 0}))
    )


def test_sentences_that_were_not_compared_are_told_of_their_pair():
    line = "[1] and [3], not compared: 1,300 sentences beyond evidence.max_sentences"
    assert squeezed(render(example())).count("not compared: ") == 1
    assert line in squeezed(render(example()))
    pair = Pair("a", "b", "distinct", 0, 0, 0, 0, sentences_not_compared=1)
    shown = render_pair(pair, Document("a", "x"), Document("b", "y"), settings={})
    assert "[1] and [2], not compared: 1 sentence beyond evidence.max_sentences" in squeezed(shown)


def test_cohesion_names_the_scores_that_proved_the_pairs():
    family = Family("family-1", "recycled", (ONE, TWO, THREE), ONE, 0.5)
    pairs = [
        Pair(ONE, TWO, relation, 0.6, 0.9, 0.9, 0.7) for relation in ("near-duplicate", "recycled")
    ]
    assert "(mean Jaccard or resemblance of its listed pairs)" in outline.cohesion(family, pairs)
    assert "(mean resemblance of its listed pairs)" in outline.cohesion(family, [])


def test_cohesion_is_of_listed_pairs_unless_all_are_listed():
    pairs = [Pair(a, b, "recycled", 0, 0, 0, 0.5) for a, b in combinations((ONE, TWO, THREE), 2)]
    family = Family("family-1", "recycled", (ONE, TWO, THREE), ONE, 0.5)
    assert outline.cohesion_of(family, pairs) == "mean resemblance of its pairs"
    assert outline.cohesion_of(family, pairs[:2]) == "mean resemblance of its listed pairs"


def test_a_reworded_passage_shows_its_longest_runs_and_no_single_words():
    a = "Boats leave the old pier at noon and pass the light before two."
    b = "At noon boats pass the light; nobody leaves the old pier."
    spans = [
        ("the old pier", "the old pier"),
        ("pass the light", "pass the light"),
        ("noon", "noon"),
    ]
    runs = tuple(
        (a.index(x), a.index(x) + len(x), b.index(y), b.index(y) + len(y)) for x, y in spans
    )
    shared = Passage(0, len(a), 0, len(b), 0.4, "reworded", runs=runs)
    pair = Pair("a", "b", "recycled", 0.1, 0.1, 0.1, 0.2, (shared,))
    shown = render_pair(pair, Document("a", a), Document("b", b), settings={})
    assert "longest runs that stayed: “pass the light”, “the old pier”\n" in shown
    assert quoting.longest_runs(replace(shared, kind="edited"), a) == ""
    assert quoting.longest_runs(replace(shared, runs=runs[2:]), a) == ""
