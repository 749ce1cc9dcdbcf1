"""The terminal report: the answer first, at home in 80 columns, complete without colour."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from dupdetect.report import outline, render
from dupdetect.report.terminal import render_pair
from dupdetect.results import Document, Family, Pair, Passage, Phrase, Report, Skipped
from tests.example_report import (
    COPY,
    COUNCIL,
    FERRY,
    GOLDEN,
    HOSTILE_CHARACTERS,
    ONE,
    SHORT,
    TEXTS,
    THREE,
    TWO,
    document,
    example,
    hostile,
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


def test_the_golden_report_is_unchanged():
    assert render(example()) == (GOLDEN / "example.txt").read_text("utf-8")


@pytest.mark.parametrize("width", [40, 44, 59, 60, 72, 80, 100, 120])
def test_no_line_is_wider_than_the_page(width):
    for report in (example(), hostile(), recycled_family(12, 30)):
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
    assert lines[place - 1].strip() == "edited, cosine 0.87"
    left, right = lines[place + 1].split("│")
    assert left.strip() == right.strip() == "The harbour has been quick to welcome"


def test_on_a_narrow_page_passages_stand_one_above_the_other():
    shown = squeezed(render(example(), width=50))
    assert "│" not in shown
    assert "[1] at 0:69 The harbour has been quick" in shown


def test_the_best_passage_of_each_pair_comes_before_the_second_of_any():
    pairs = recycled_family(3).pairs
    shown = outline.best_passages(pairs)
    assert [pair for pair, _ in shown[:3]] == list(pairs)
    assert [passage.cosine for _, passage in shown] == [0.9, 0.9, 0.9, 0.8, 0.8, 0.8]


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
    marked = outline.quotations("edited", "The old, red town HALL.", "The new town hall burnt.", 80)
    assert marked == ("The {old, red} town HALL.", "The {new} town hall {burnt}.")


def test_a_difference_too_long_to_show_is_cut_within_its_braces():
    a, b = "Rain fell. " + "One more word. " * 500 + "End.", "Rain fell. End."
    left, right = outline.quotations("edited", a, b, 80)
    assert left.startswith("Rain fell. {One more word. ")
    assert left.endswith("} […]")
    assert left.count("[…]") == 2
    assert len(left) <= 80
    assert right == "Rain fell. {End}"


def test_han_is_marked_by_the_character():
    marked = outline.quotations("edited", "新渡輪將於下月投入。", "新渡輪將於本月投入。", 80)
    assert marked == ("新渡輪將於{下}月投入。", "新渡輪將於{本}月投入。")


def test_braces_of_a_text_are_not_taken_for_marks():
    marked = outline.quotations("edited", "{see} a", "{see} b", 80)
    assert marked == ("⟨U+007B⟩see⟨U+007D⟩ {a}", "⟨U+007B⟩see⟨U+007D⟩ {b}")


@pytest.mark.parametrize("kind", ["identical", "reworded"])
def test_only_edited_passages_are_marked(kind):
    assert outline.quotations(kind, "a {b} c", "a {b} d", 80) == ("a {b} c", "a {b} d")


def test_edited_texts_whose_words_agree_are_cut_as_others_are():
    a, b = "same words, " * 50, "Same  words " * 50
    assert outline.quotations("edited", a, b, 80) == (
        outline.excerpt(a, 80),
        outline.excerpt(b, 80),
    )


WORDS = st.lists(st.sampled_from(["a", "bb", "漢字", "x" * 90, "{", ".", "\u200b", "é"])).map(
    " ".join
)


@given(WORDS, WORDS, st.integers(24, 120))
@settings(max_examples=150)
def test_an_excerpt_has_the_first_difference_of_both_texts_and_keeps_its_limit(a, b, limit):
    left, right = outline.quotations("edited", a, b, limit, cell_len)
    whole = outline.quotations("edited", a, b, 10**6, cell_len)
    assert ("{" in left + right) == ("{" in whole[0] + whole[1])
    for shown, text, marked in ((left, a, whole[0]), (right, b, whole[1])):
        assert shown.count("{") == shown.count("}")
        if cell_len(outline.prose(a)) > limit or cell_len(outline.prose(b)) > limit:
            assert cell_len(shown) <= limit
        plain = marked.replace("{", "").replace("}", "")
        own = text.replace("{", "⟨U+007B⟩")
        assert plain == outline.prose(own)


@pytest.mark.parametrize("limit", [8, 20, 33, 80])
def test_a_cut_text_keeps_its_limit_in_cells_and_its_ends(limit):
    for text in ("漢字" * 100, "one two three " * 30, "x" * 500, "ab " + "y" * 300):
        cut = outline.shorten(text, limit, cell_len)
        assert cell_len(cut) <= limit
        start, end = cut.split(f" {outline.SKIP_MARK} ")
        assert text.startswith(start)
        assert text.endswith(end) or text.strip().endswith(end)


def test_a_text_within_its_limit_is_not_cut():
    assert outline.excerpt("漢字", 4, cell_len) == "漢字"


def test_repairs_are_shown_with_their_words_and_hidden_characters():
    shown = squeezed(render(example()))
    assert "mojibake: “hereĀ⟨U+00A0⟩and” → “here and” at 16:25" in shown


def test_neighbouring_repairs_are_shown_as_one_and_equal_ones_are_counted():
    text = "HongĀ\xa0KongĀ\xa0AI grows. Now HongĀ\xa0KongĀ\xa0AI rests."
    steps = tuple(
        outline.Repair("mojibake", at, at + 2, "Ā\xa0", " ")
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
    assert escapes <= set(re.findall(r"\x1b.{0,6}?m", render(example(), color=True)))


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


@pytest.mark.parametrize(
    ("pair", "answer"),
    [
        (Pair("a", "b", "near-duplicate", 0.63, 0.9, 0.9, 0.9), "Jaccard 0.630 (threshold 0.55)"),
        (
            Pair("a", "b", "recycled", 0.1, 0.1, 0.1, 0.287),
            "at 0.287 (threshold 0.18) and share 0 passages",
        ),
    ],
)
def test_a_comparison_names_the_threshold_it_was_held_against(pair, answer):
    shown = render_pair(pair, Document("a", "x"), Document("b", "y"), settings=example().settings)
    assert answer in squeezed(shown)


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
    assert "(mean Jaccard or resemblance of its pairs)" in outline.cohesion(family, pairs)
    assert "(mean resemblance of its pairs)" in outline.cohesion(family, [])
