"""The Markdown report: the same order of things, valid tables, nothing live from documents."""

import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from dupdetect.report import render
from dupdetect.report.markdown import render_pair
from dupdetect.results import Document, Pair, Passage, Report, Skipped
from tests.example_report import GOLDEN, HOSTILE_CHARACTERS, example, hostile

PARSER = MarkdownIt("commonmark").enable("table")


def tokens(markdown):
    for block in PARSER.parse(markdown):
        yield block
        yield from block.children or []


def headings(markdown):
    blocks = PARSER.parse(markdown)
    return [blocks[i + 1].content for i, each in enumerate(blocks) if each.type == "heading_open"]


def test_the_golden_report_is_unchanged():
    assert render(example(), "markdown") == (GOLDEN / "example.md").read_text("utf-8")


def test_the_answer_is_the_first_heading_and_evidence_follows_in_order():
    found = headings(render(example(), "markdown"))
    assert found[0].startswith("1 family of 2 exact copies, 1 family of 3 recycled pages")
    assert found[1:] == [
        "family-1: recycled, 3 members",
        "Shared passages ({…} marks words that differ)",
        "Phrases several members carry: 3 of 5",
        "family-2: exact, 2 members",
        "1 pair outside the families",
        "Shared passages",
        "1 distinct page",
        "Repaired before comparing",
        "Signals (none is a verdict by itself)",
        "inserted-anchor: 2 in 2 pages",
        "truncated-end: 1 in 1 page",
        "2 inputs skipped",
        "How this was found",
    ]


def test_none_found_is_a_plain_answer():
    assert render(Report((), (), (), (), {}, {}), "markdown").startswith("# nothing to compare")


@pytest.mark.parametrize("report", [example(), hostile()])
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


def test_hostile_text_makes_no_markup_html_links_or_pings():
    written = render(hostile(), "markdown")
    assert not set(written) & HOSTILE_CHARACTERS
    live = re.compile(r"@\w|#\d|://|www\.|GH-\d")
    for token in tokens(written):
        assert token.type not in {"html_inline", "html_block", "link_open", "image"}
        assert token.type != "text" or not live.search(token.content)


def test_hostile_text_opens_no_heading_list_or_quote():
    kinds = {each.type for each in tokens(render(hostile(), "markdown"))}
    assert not kinds & {"blockquote_open", "fence", "code_block", "hr", "hardbreak"}
    assert headings(render(hostile(), "markdown")) == [
        "1 family of 2 recycled pages, 1 pair outside the families, 1 distinct page, "
        "1 input skipped",
        "family-1: recycled, 2 members",
        "Shared passages",
        "Phrases several members carry: 1 of 1",
        "1 pair outside the families",
        "Shared passages",
        "1 distinct page",
        "Repaired before comparing",
        "Signals (none is a verdict by itself)",
        "hidden-characters: 4 in 4 pages",
        "1 input skipped",
        "How this was found",
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
    assert written.startswith("# distinct: no relation of 1 and 2 is proved\n")
    assert "| identical, 1.00 | **1** at 0:8 the same | **2** at 4:12 the same |" in written
    assert "1. `a`, 14 characters\n2. `b`, 12 characters" in written
