"""The Markdown report: the same order of things, valid tables, nothing live from documents."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dupdetect.report import collations, render, reuse
from dupdetect.report.markdown import render_pair
from dupdetect.results import (
    Collation,
    Document,
    DocumentReport,
    Family,
    Pair,
    Passage,
    Reading,
    Report,
    Skipped,
)
from tests.example_report import (
    GOLDEN,
    HOSTILE,
    HOSTILE_CHARACTERS,
    REPORTS,
    SETTINGS,
    example,
    hostile,
    overlap,
    undecided,
)

PARSER = MarkdownIt("commonmark").enable("table")


def tokens(markdown):
    for block in PARSER.parse(markdown):
        yield block
        yield from block.children or []


def headings(markdown):
    blocks = PARSER.parse(markdown)
    return [blocks[i + 1].content for i, each in enumerate(blocks) if each.type == "heading_open"]


@pytest.mark.parametrize("name", list(REPORTS))
def test_the_golden_report_is_unchanged(name):
    written = render(REPORTS[name](), "markdown")
    assert written == (GOLDEN / f"{name}.md").read_text("utf-8")


def test_the_answer_is_the_first_heading_and_evidence_follows_in_order():
    found = headings(render(example(), "markdown"))
    assert found[0].startswith("1 family of 2 exact copies, 1 family of 3 recycled pages")
    assert found[1:] == [
        "family-1: recycled, 3 members",
        "Sentences side by side: 2 of 3 ({…} marks words of their own, [–] that shared ones "
        "are missing in between)",
        "Phrases several members carry: 3 of 5",
        "How much of each member stayed in sentences shared with others",
        "Inserted anchors, aligned",
        "Best 3 of 4 passages ({…} marks words that differ)",
        "family-2: exact, 2 members",
        "1 pair outside the families",
        "Shared passages",
        "Most recycled passages: 4 of 4",
        "1 distinct page",
        "Repaired before comparing",
        "Signals (none is a verdict by itself)",
        "inserted-anchor: 2 in 2 pages",
        "truncated-end: 1 in 1 page",
        "2 inputs skipped",
        "How this was found",
        "What this report does not tell",
    ]


def test_what_is_not_decided_follows_in_sections_of_its_own():
    found = headings(render(undecided(), "markdown"))
    assert found == [
        "No family found, 1 group of 3 pages and 1 listed pair for review, "
        "2 listed pairs on one story, 2 pages not judged for recycled text",
        "No family found",
        "For review: 1 group",
        "review-1: review, 3 members",
        "Sentences side by side: 1 of 1 ({…} marks words of their own, [–] that shared ones "
        "are missing in between)",
        "Phrases several members carry: 1 of 1",
        "How much of each member stayed in sentences shared with others",
        "Shared passages ({…} marks words that differ)",
        "For review, in no group: 1 listed pair",
        "Shared passages",
        "One story, independently told as far as can be told: 2 listed pairs",
        "Shared passages",
        "Most recycled passages: 3 of 3",
        "Boilerplate: 1 notice",
        "Not judged for recycled text: 2 of 9 pages",
        "How this was found",
        "What this report does not tell",
    ]


def test_what_p_and_own_words_are_stands_below_the_first_sentence_that_has_them():
    for report in (example(), undecided()):
        written = render(report, "markdown")
        note = f"_{reuse.OWN_WORDS_NOTE} {reuse.P_NOTE}; {reuse.ALL_GROUPS_NOTE}._"
        before, behind = written.split(note)
        assert before.rstrip().endswith(".**")
        assert before.count("of their own words") == 1
        assert reuse.P_NOTE not in behind
    pairs = replace(undecided(), reviews=())
    written = render(pairs, "markdown")
    assert written.count(reuse.P_NOTE) == 1
    assert written.index("| Score | p |") < written.index(reuse.P_NOTE)


def test_a_recycled_family_leads_with_what_is_shared_against_what_is_expected():
    written = render(example(), "markdown")
    sentence = (
        "**These 3 documents share 12 of their own words a pair where independent articles of "
        "their length on one subject share about 0.8 (p < 0.005).**"
    )
    title = written.index("## family-1: recycled, 3 members")
    assert title < written.index(sentence) < written.index("decided: p is at most 0.05")
    assert "| `1 2 .` | quick to welcome electric ferries | phrasing | 31 |" in written
    assert "| 2 | 34% shared words; 91% of those are in 1 |" in written
    assert "| 2 | 3 | in the family, not by itself | 0.199 |" in written
    assert "\n1 and 2 share: electric, ferries, " in written
    assert "| **3** at 97:115 | `to renew the quays` around the anchor of 1 |" in written
    assert "| **1** at 242:246 | `strategy to {香港AI} renew the quays. As` |" in written
    assert "| 1 | 2 | 14 | 1.1 | +1.86 | 0.00 | -0.12 | +1.74 | &lt;0.005 |" in written


def test_sentences_stand_side_by_side_with_what_varies_in_braces():
    written = render(example(), "markdown")
    skeleton = "launched in 2017, outlines a comprehensive … to renew the quays.** |"
    one = "| **1** at 169:263 | The Harbour Plan, launched in 2017, outlines a comprehensive "
    assert (
        "edited, 13 of 14 words agree, readings of 3 of 3 members | **The Harbour Plan, " in written
    )
    assert written.index(skeleton) < written.index(f"{one}{{strategy}} to {{香港AI}} renew the")
    assert "Harbour Plan” \\[–\\] outlines a {strategic vision for} the {香港AI} quays" in written


def test_braces_of_a_text_are_no_marks():
    text = "Ferries {sail} at dawn."
    readings = tuple(Reading(id, 0, 23, ((0, 7), (15, 22))) for id in "ab")
    family = Family(
        "family-1", "near-duplicate", ("a", "b"), "a", 0.9,
        collations=(Collation("a", readings, "edited", 3, 4),),
    )  # fmt: skip
    documents = tuple(
        DocumentReport(id, "", "", text, 23, 4, "near-duplicate", "family-1") for id in "ab"
    )
    written = render(Report(documents, (), (family,), (), {}, {}), "markdown")
    row = "| **1** at 0:23, **2** at 0:23 | Ferries ⟨U+007B⟩{sail}⟨U+007D⟩ at dawn. |"
    assert row in written


def test_scores_over_the_null_are_one_line_before_the_families():
    written = render(example(), "markdown")
    line = (
        "Scores over the null: 4 pairs on one subject, 2 at or above +0.64 (p at most 0.05); at "
        "most 0.20 expected if all were honest.\n"
    )
    assert written.index(line) < written.index("## family-1")
    assert "Scores over" not in render(replace(example(), histogram=None), "markdown")


def test_what_is_expected_above_the_threshold_is_rounded_up_as_on_the_page():
    chart = replace(example().histogram, expected_above=12.34)
    report = replace(example(), histogram=chart)
    assert "at most 13 expected if all were honest" in render(report, "markdown")
    assert ">13</data> would" in render(report, "html")


def test_a_member_without_a_reading_is_not_said_to_lack_the_sentence():
    report = example()
    family = report.families[0]
    plan, *others = family.collations
    fewer = replace(plan, readings=plan.readings[:2])
    cut = replace(family, collations=(fewer, *others), n_not_collated=1)
    written = render(replace(report, families=(cut, *report.families[1:])), "markdown")
    assert "agree, readings of 2 of 3 members |" in written
    note = f"{collations.WITHOUT_READING}\n\n1 member was not looked into.\n\n| Members | Words |"
    assert note in written
    assert collations.WITHOUT_READING not in render(report, "markdown")


def test_the_most_recycled_passages_have_all_their_places():
    written = render(example(), "markdown")
    assert (
        "3. about 15 words recycled in 2 documents (whole text, identical, family-2): “The council "
        "met on Monday and agreed to mend the clock of the town hall.” `news/council.txt` 0:72, "
        "`news/council (copy).txt` 0:72\n"
    ) in written


def test_a_comparison_has_the_parts_of_its_score():
    found = overlap(31, 4.8, 2, 0.5, (1.86, 0.0, -0.11), 0.0021)
    pair = Pair("a", "b", "recycled", 0.1, 0.1, 0.1, 0.3, overlap=found)
    written = render_pair(pair, Document("a", "x"), Document("b", "y"), settings=SETTINGS)
    assert "surplus +1.86, distance 0.00, brevity -0.11 = score +1.75, p < 0.005\n" in written
    assert "null English · sha256 `fedcba987654` · of reports of one event" in written


def test_none_found_is_a_plain_answer():
    assert render(Report((), (), (), (), {}, {}), "markdown").startswith("# Nothing to compare")


@pytest.mark.parametrize("report", [example(), undecided(), hostile()])
def test_every_row_has_the_cells_of_its_header(report):
    kinds = [each.type for each in tokens(render(report, "markdown"))]
    written = render(report, "markdown")
    n_rows = sum(line.startswith("| ") for line in written.splitlines())
    assert kinds.count("tr_open") + kinds.count("table_open") == n_rows  # plus each rule
    for table in re.findall(r"(?:^\| .*\n)+", written, re.MULTILINE):
        widths = {
            len(re.findall(r"(?:\\.|[^|\\])+", line.strip()[1:-1])) for line in table.splitlines()
        }
        assert len(widths) == 1


LIVE = re.compile(r"@\w|#\d|://|\bwww\.|\bGH-\d")


def assert_harmless(written):
    assert not set(written) & HOSTILE_CHARACTERS
    for token in tokens(written):
        assert token.type not in {"html_inline", "html_block", "link_open", "image"}
        assert token.type != "text" or not LIVE.search(token.content)


def test_hostile_text_makes_no_markup_html_links_or_pings():
    assert_harmless(render(hostile(), "markdown"))


PIECES = st.lists(
    st.one_of(st.sampled_from([*HOSTILE, *HOSTILE.split(" ")]), st.characters()), max_size=20
).map("".join)


@given(PIECES)
@settings(max_examples=60, deadline=None)
def test_any_text_anywhere_is_harmless_and_leaves_the_order_of_things(words):
    written = render(hostile(f"x{words}"), "markdown")
    assert_harmless(written)
    assert headings(written) == headings(render(hostile(), "markdown"))


def test_hostile_text_opens_no_heading_list_or_quote():
    kinds = {each.type for each in tokens(render(hostile(), "markdown"))}
    assert not kinds & {"blockquote_open", "fence", "code_block", "hr", "hardbreak"}
    assert headings(render(hostile(), "markdown")) == [
        "1 family of 2 recycled pages, 1 pair outside the families, 1 group of 2 pages and 1 "
        "listed pair for review, 1 listed pair on one story, 5 pages not judged for recycled text, "
        "1 input skipped",
        "family-1: recycled, 2 members",
        "Sentences side by side: 1 of 4 ({…} marks words of their own, [–] that shared ones "
        "are missing in between)",
        "Phrases several members carry: 1 of 1",
        "How much of each member stayed in sentences shared with others",
        "Inserted anchors, aligned",
        "Shared passages ({…} marks words that differ)",
        "For review: 1 group",
        "review-1: review, 2 members",
        "Phrases several members carry: 1 of 1",
        "How much of each member stayed in sentences shared with others",
        "Shared passages",
        "For review, in no group: 1 listed pair",
        "Shared passages",
        "1 pair outside the families",
        "Shared passages",
        "One story, independently told as far as can be told: 1 listed pair",
        "Shared passages",
        "Most recycled passages: 4 of 4",
        "Boilerplate: 1 notice",
        "Not judged for recycled text: 5 of 5 pages",
        "Repaired before comparing",
        "Signals (none is a verdict by itself)",
        "hidden-characters: 5 in 5 pages",
        "inserted-anchor: 1 in 1 page",
        "1 input skipped",
        "How this was found",
        "What this report does not tell",
    ]


def test_what_was_not_listed_or_not_compared_is_told_beside_the_scores():
    report = example()
    written = render(
        replace(
            report,
            pairs=report.pairs[:4],
            counts={"pairs_not_listed": 1},
            settings={"config": {"evidence": {"max_partners": 1}}},
        ),
        "markdown",
    )
    listed = "Pairs: 2 listed of 3 (the strongest of each member: evidence.max_partners).\n"
    not_compared = "_1 and 3, not compared: 1,300 sentences beyond evidence.max_sentences_"
    assert written.index(listed) < written.index(not_compared) < written.index("### Shared")


def test_a_reason_many_inputs_share_is_said_once_before_all_of_them():
    alike = tuple(Skipped(f"{i}.png", "not *text*") for i in range(70))
    written = render(replace(example(), skipped=alike), "markdown")
    assert written.count("not \\*text\\*") == 1
    assert "- not \\*text\\*: 70 inputs: `0.png`, `1.png`, " in written
    assert "`59.png`; _and 10 more inputs: --format json lists all of them_\n" in written


def test_words_that_differ_are_marked_and_stay_harmless():
    a, b = "Ask @ann *now* | or http://x.example", "Ask @bob *then* | or https://x.example"
    pair = Pair("a", "b", "near-duplicate", 0.9, 0.9, 0.9, 0.9, (
        Passage(0, len(a), 0, len(b), 0.9, "edited"),
    ))  # fmt: skip
    written = render_pair(pair, Document("a", a), Document("b", b), settings={})
    assert "Ask @{ann \\*now}\\*" in written
    live = re.compile(r"@\w|://")
    assert not any(live.search(each.content) for each in tokens(written) if each.type == "text")


def test_a_comparison_shows_both_texts():
    shared = Passage(0, 8, 4, 12, cosine=1.0, kind="identical")
    pair = Pair("a", "b", "distinct", 0.1, 0.2, 0.3, 0.4, (shared,))
    written = render_pair(
        pair, Document("a", "the same words"), Document("b", "not the same"), settings={}
    )
    assert written.startswith("# Distinct: no relation of 1 and 2 is proved\n")
    assert "| identical, 1.00 | **1** at 0:8 the same | **2** at 4:12 the same |" in written
    assert "1. `a`, 14 characters\n2. `b`, 12 characters" in written
