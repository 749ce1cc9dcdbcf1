import base64
import hashlib
import re
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import escape

from dupdetect.errors import ConfigError
from dupdetect.evidence.coverage import COVERED_PERCENT
from dupdetect.report import html, outline
from dupdetect.report.html import (
    Numbers,
    boxed,
    environment,
    exact,
    formatted,
    render,
    unmarked,
)
from dupdetect.report.json import to_dict
from dupdetect.report.lists import Limits, fixed, signed
from dupdetect.report.reuse import ALL_GROUPS_NOTE, COVERAGE_NOTE, OWN_WORDS_NOTE, P_NOTE
from dupdetect.report.views import page
from dupdetect.report.views.pairtable import pair_table
from dupdetect.results import DocumentReport, Family, Pair, Report, Reuse
from tests.example_report import (
    BRIDGE,
    BRIDGE_2,
    BRIDGE_3,
    FLOOD_3,
    FLOOD_4,
    example,
    hostile,
    undecided,
)

RELATIONS = st.sampled_from(["exact", "near-duplicate", "recycled"])


def test_a_limit_below_zero_is_refused_and_both_faults_are_listed():
    with pytest.raises(ConfigError, match=r"max_families is -1.*\n.*max_pairs is True"):
        Limits(max_families=-1, max_pairs=True)


@given(st.lists(st.lists(RELATIONS, max_size=5), max_size=5), st.integers(0, 12))
def test_pairs_are_chosen_in_turn_from_every_section(sections, most):
    places = iter(range(1000))
    listed = [
        [(next(places), Pair("a", "b", relation, 0.5, 0.5, 0.5, 0.5)) for relation in relations]
        for relations in sections
    ]
    chosen = page.chosen_pairs(listed, most)
    shown = [[i for i, pair in pairs if pair.relation != "exact"] for pairs in listed]
    assert chosen <= {i for pairs in shown for i in pairs}
    assert len(chosen) == min(most, sum(map(len, shown)))
    taken = [[i for i in pairs if i in chosen] for pairs in shown]
    # The strongest of each come first, and none has two more than another that has pairs left.
    assert all(pairs[: len(some)] == some for pairs, some in zip(shown, taken, strict=True))
    left = [len(some) for pairs, some in zip(shown, taken, strict=True) if len(some) < len(pairs)]
    assert max(map(len, taken), default=0) <= min(left, default=99) + 1


def test_what_is_cut_is_said():
    shown = render(example(), limits=Limits(max_families=1, max_pairs=0), json_name="all.json")
    assert 'id="family-1"' in shown
    assert 'id="family-2"' not in shown
    assert 'id="pair-' not in shown
    assert re.search(r"And \d+ more famil(y|ies): all\.json lists them", shown)
    assert re.search(r">\d+ pairs? of this family without their texts here", shown)


def test_families_of_which_none_is_shown_are_counted_in_their_section():
    for report, section, words in (
        (example(), "families", r"\d+ families, not shown here: --format json lists them"),
        (undecided(), "reviews", r"1 group, not shown here: --format json lists them"),
    ):
        shown = render(report, limits=Limits(max_families=0, max_pairs=0))
        assert f'<section id="{section}"' in shown
        assert f'<a href="#{section}">' in shown
        assert re.search(words, shown)
        assert '<article class="family' not in shown


def test_pairs_of_which_none_is_shown_are_counted_with_their_family_or_section():
    for report in (example(), undecided()):
        shown = render(report, limits=Limits(max_pairs=0))
        n_shown = [int(n) for n in re.findall(r">(\d+) pairs? (?:of this family )?without", shown)]
        assert sum(n_shown) == sum(each.relation != "exact" for each in report.pairs)
        assert "more pairs without" not in shown


def test_only_what_the_json_report_lists_is_said_to_be_there(monkeypatch):
    monkeypatch.setattr(page, "MAX_RANKED", 1)
    shown = render(example(), json_name="all.json")
    assert re.search(r'<p class="cut">And \d+ more passages\.</p>', shown)
    assert "nothing cut" not in shown
    assert "all.json</bdi> lists all pairs, families and passages of this run" in shown


def test_texts_beyond_the_room_of_the_page_are_shown_in_brief(monkeypatch):
    report = example()
    whole = page.page(report, Limits())
    drawn = [pair.n_drawn for pair in pairs_of(whole)]
    assert sum(map(bool, drawn)) > 2
    assert not any(pair.cut for pair in pairs_of(whole))
    monkeypatch.setattr(page, "MAX_ON_PAGE", drawn[0] + drawn[1])
    cut = pairs_of(page.page(report, Limits()))
    assert [bool(pair.cut) for pair in cut[:3]] == [False, False, True]
    assert sum(pair.n_drawn for pair in cut) <= drawn[0] + drawn[1]
    assert all(len(pair.panes) == 2 for pair in cut)
    assert "Of these texts the passages are shown, and a line around them" in render(report)


def pairs_of(view):
    groups = (*view.families.items, *view.reviews.items, *view.loose)
    return [pair for group in groups for pair in group.pairs]


def test_a_name_or_a_reason_is_drawn_as_far_as_there_is_room_and_the_cut_is_said():
    cut = '<span class="cut" lang="en">[… 9,500 characters]</span>'
    assert exact("n" * 10_000) == "n" * 500 + cut
    assert exact("n" * 10_000, None) == "n" * 10_000
    assert boxed("\u200b\u200c" * 5_000).count("class=") == 101
    assert boxed("\u200b\u200c" * 5_000).endswith(">[… 9,900 characters]</span>")
    assert unmarked("n" * 10_000, 3) == "nnn[… 9,997 characters]"


def test_a_page_without_json_beside_it_names_the_format():
    shown = render(example(), limits=Limits(max_families=1))
    assert "--format json lists them" in shown


def test_the_policy_allows_the_very_style_and_script_of_the_page_and_nothing_else():
    shown = render(example())
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', shown)[1]
    for kind in ("style", "script"):
        code = re.search(rf"<{kind}>(.*?)</{kind}>", shown, flags=re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        assert f"{kind}-src &#39;sha256-{digest}&#39;" in policy
        assert code
    assert policy.startswith("default-src &#39;none&#39;;")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_style_and_script_are_ascii_because_their_hashes_must_hold_in_every_encoding():
    # Printed where the encoding is not UTF-8, a page has character references for all else.
    assert html._style().isascii()
    assert html._script().isascii()


def test_style_and_script_are_those_of_the_files_but_for_notes_and_white_space():
    def told(code):
        without = re.sub(r"/\*.*?\*/", "", code, flags=re.DOTALL)
        return re.sub(r"\s", "", without).replace(";}", "}")

    folder = html._templates()
    names = sorted(path.name for path in (folder / "css").iterdir())
    names.sort(key=lambda name: name != "base.css")
    sheets = "".join((folder / "css" / name).read_text("utf-8") for name in names)
    assert told(html._style()) == told(sheets)
    assert "/*" not in html._style()
    assert len(html._style()) < 0.9 * len(sheets)
    script = (folder / "report.js").read_text("utf-8")
    # White space inside a line of script may mean something, and stays.
    lines = [line.strip() for line in script.splitlines()]
    assert html._script().splitlines() == [
        line for line in lines if line and not line.startswith("//")
    ]


def test_templates_fail_on_a_name_that_is_not_there():
    with pytest.raises(UndefinedError):
        environment().from_string("{{ missing }}").render()


def test_templates_escape_what_they_write():
    template = environment().from_string(
        '<p title="{{ x|plain }}">{{ x|boxed }}{{ x|exact }}{{ x }}'
    )
    shown = template.render(x='"><b onclick=1>&\u202e')
    assert "<b " not in shown
    assert shown.count("U+202E") == 3
    assert shown.count("\u202e") == 1  # where a template forgets a filter, only markup is escaped


def test_no_template_forgets_a_filter_or_marks_a_text_as_safe():
    for path in (html._templates()).iterdir():
        if path.name.endswith(".j2"):
            source = path.read_text("utf-8")
            assert "|safe" not in source.replace(" ", ""), path.name
            assert "style=" not in source, path.name
            assert not re.search(r"\son\w+=", source), path.name
            assert "http://" not in source, path.name
            assert "https://" not in source, path.name


def test_numbers_come_from_the_json_or_not_at_all():
    numbers = Numbers({"a": [{"b/c": 0.25, "d": None, "e": "words", "f": True}]})
    assert numbers("/a/0/b~1c", "%") == '<data value="0.25" data-json="/a/0/b~1c">25%</data>'
    assert numbers("/a/0/d", "p") == '<span data-json="/a/0/d">not judged</span>'
    assert ">so much<" in numbers("/a/0/b~1c", "2f", "so much")
    for pointer in ("/a/0/e", "/a/0/f", "/a/0/x"):
        with pytest.raises(KeyError):
            numbers(pointer, "d")


@given(st.floats(-1000, 1000), st.sampled_from([1, 2, 3]))
def test_a_number_is_shown_rounded_and_never_as_minus_zero(value, digits):
    shown = formatted(value, f"{digits}f")
    assert abs(float(shown) - value) <= 0.5 * 10**-digits + 1e-9
    assert not re.fullmatch(r"[-+]0\.0+", shown)
    signed = formatted(value, f"+{digits}f")
    assert float(signed) == float(shown)
    assert signed[0] in "+-" or float(signed) == 0


@pytest.mark.parametrize(
    ("text", "n_boxes"),
    [
        ("👩\u200d🚀 👩🏽\u200d🚀 ❤️\u200d🔥", 0),
        ("می\u200cخواهم क्\u200dष", 0),
        ("pay\u200dpal pay\u200cpal", 2),
        ("م\u200c\u200cخ م\u200d م\u200dक", 3),
        ("🚀\u200da \u200d🚀", 2),
        ("👩\u200c🚀", 1),
        ("١\u200c٢", 1),
    ],
)
def test_joiners_are_boxed_where_they_join_nothing(text, n_boxes):
    assert str(boxed(text)).count('class="box"') == n_boxes


@given(st.text())
def test_hidden_characters_are_boxed_and_all_others_stay(text):
    box = r'<bdi class="box" title="[^"<>]*">U\+([0-9A-F]{4,6})(?:×(\d+))?</bdi>'
    shown = re.sub(box, lambda m: chr(int(m[1], 16)) * int(m[2] or 1), exact(text))
    assert unescape(shown) == text or re.search("[<>&]", text)
    bare = re.sub(box, "", boxed(text))
    assert not re.search("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\x00-\x08\x7f<>]", bare)


def test_the_empty_report_says_so_and_draws_nothing():
    shown = render(Report((), (), (), (), {}, {}))
    assert "Nothing to compare: no document was read</h1>" in shown
    assert "<table" not in shown


def test_none_found_has_the_counts_of_each_stage_and_the_nearest_pairs():
    report = undecided()
    shown = words_of(section("answer", render(report)))
    assert outline.none_found(report)[0] in shown
    for name, n in zip(outline.stage_names(report), report.counts.values(), strict=True):
        assert f"{name}: {n:,}" in shown
    near = [
        f"{FLOOD_3} and {FLOOD_4}: score +0.69",
        f"{BRIDGE} and {BRIDGE_2}: score +0.65",
        f"{BRIDGE_2} and {BRIDGE_3}: score +0.30",
    ]
    assert f"{outline.NEAREST_TITLE}: {' '.join(near)}" in shown
    assert "/heat_map/scores/6/5" in section("answer", render(report))
    # Without a heat map, the listed pairs are the nearest.
    listed = section("answer", render(replace(report, heat_map=None)))
    assert near[0] in words_of(listed)
    assert "/pairs/1/overlap/score" in listed


def section(id, shown):
    return re.search(rf'<section id="{id}".*?</section>', shown, flags=re.DOTALL)[0]


def words_of(markup):
    return unescape(" ".join(re.sub("<[^>]*>", "", markup).split()))


def recycled_families(n):
    """A report of so many recycled families, and one of copies, which stands first."""
    reuse = Reuse(0.001, 0.002, 1.5, 2, 9.0, 2.0, "a-0", 1.5)
    families = [Family("family-1", "exact", ("copy-a", "copy-b"), "copy-a", 1.0)]
    for number in range(2, n + 2):
        members = (f"a-{number}", f"b-{number}")
        each = replace(reuse, weakest=members[0])
        families.append(
            Family(f"family-{number}", "recycled", members, members[0], 0.5, reuse=each)
        )
    documents = [
        DocumentReport(id, "", "", "Rain.", 5, 1, family.relation, family.id)
        for family in families
        for id in family.members
    ]
    return Report(tuple(documents), (), tuple(families), (), {}, {})


def test_the_first_screen_has_some_recycled_families_in_words_and_counts_the_others():
    shown = section("answer", render(recycled_families(page.MAX_SENTENCES + 2)))
    assert shown.count("These 2 documents share 9 of their own words") == page.MAX_SENTENCES
    assert "And 3 more families below." in shown  # one of them of copies
    few = section("answer", render(recycled_families(page.MAX_SENTENCES - 1)))
    assert few.count("These 2 documents share 9 of their own words") == page.MAX_SENTENCES - 1
    assert "These 2 pages have the same words." in few
    assert "families below" not in few


def test_the_first_screen_links_to_the_families_that_the_page_has_in_full():
    report = recycled_families(3)
    for most in (0, 1, 3, 4):
        shown = render(report, limits=Limits(max_families=most))
        full = set(re.findall(r'<article[^>]* id="(family-\d+)"', shown))
        assert len(full) == most
        assert set(re.findall(r'<a href="#(family-\d+)"', section("answer", shown))) == full


def test_own_words_are_explained_below_the_sentences_that_speak_of_them():
    shown = words_of(section("answer", render(example())))
    assert shown.index("of their own words") < shown.index(OWN_WORDS_NOTE)
    assert OWN_WORDS_NOTE not in section("answer", render(recycled_families(0)))


def test_that_nothing_was_found_is_one_plain_sentence():
    shown = section("answer", render(undecided()))
    assert "<p>No family found: 9 pages read, 7 judged for recycled text.</p>" in shown
    assert 'class="note-box"' in shown
    assert re.search(r"<details>\s*<summary>What each stage counted</summary>", shown)
    (pair,) = [pair for pair in example().pairs if pair.relation == "exact"]
    copies = replace(example(), families=example().families[1:], pairs=(pair,))
    said = "Beyond these copies, no recycled text was found: 7 pages read, 7 judged"
    assert said in section("answer", render(copies))


def tiles(report):
    pattern = "<div><dt>([^<]*)</dt><dd>([0-9,]*)</dd></div>"
    found = re.findall(pattern, section("answer", render(report)))
    return [(name, int(n.replace(",", ""))) for name, n in found]


REPORTS = [example(), undecided(), hostile(), recycled_families(5), Report((), (), (), (), {}, {})]


@pytest.mark.parametrize("report", REPORTS)
def test_the_figures_count_every_document_once(report):
    (_, n_documents), *others = tiles(report)
    assert n_documents == len(report.documents) == sum(n for _, n in others)


@pytest.mark.parametrize("report", REPORTS)
def test_each_figure_is_a_count_of_the_entries_in_the_json_report(report):
    entries = to_dict(report)["documents"]
    alone = [each for each in entries if each["family"] is None]
    related = [each["relation"] for each in alone]
    unrelated = [each for each in alone if each["relation"] == "distinct"]
    counted = {
        "in other pairs": sum(each not in ("review", "same-story", "distinct") for each in related),
        "for review": related.count("review"),
        "on one story": related.count("same-story"),
        "distinct": sum(not each["not_judged"] for each in unrelated),
        "not judged": sum(bool(each["not_judged"]) for each in unrelated),
    }
    (_, (name, n_in_families), *others) = tiles(report)
    n = len(report.families)
    assert name == ("in families" if not n else "in 1 family" if n == 1 else f"in {n} families")
    assert n_in_families == len(entries) - len(alone)
    shown = {name.removeprefix("others "): n for name, n in others}
    assert shown == {name: n for name, n in counted.items() if n or name == "distinct"}


def test_a_long_answer_is_a_paragraph_below_a_short_one():
    report = undecided()
    shown = render(report)
    (title,) = re.findall(r"<h1[^>]*>([^<]*)</h1>", shown)
    assert title == "No family found: 5 of 9 pages for review"
    assert f"<title>{title} " in shown
    assert f'<p class="whole">{outline.capital(outline.headline(report))}.</p>' in shown
    short = Report((), (), (), (), {}, {})
    assert outline.short_headline(short) == outline.headline(short)
    assert 'class="whole"' not in render(short)


def test_the_short_answer_has_the_numbers_of_pages():
    assert len(outline.headline(example())) > 90
    assert outline.short_headline(example()) == (
        "2 families: 5 of 7 pages are copied or recycled; 1 more is in other pairs"
    )
    assert outline.short_headline(hostile()) == (
        "1 family: 2 of 5 pages are recycled; 1 more is in other pairs; 1 more is for review"
    )
    alone = tuple(replace(each, family=None) for each in hostile().documents)
    assert outline.short_headline(replace(hostile(), documents=alone, families=())) == (
        "no family found: 3 of 5 pages in pairs and 1 for review"
    )


def test_pairs_in_no_family_are_called_by_the_names_of_their_documents():
    shown = section("review-pairs", render(undecided()))
    row = re.search(r'<th scope="row">(.*?)</th>', shown)[1]
    assert row.count("<bdi") == 2
    assert '<ol class="members">' not in shown


def test_the_column_of_adjusted_p_values_says_that_all_groups_are_counted():
    shown = section("answer", render(example()))
    assert '<th scope="col" class="n">p, all groups counted</th>' in shown
    assert "/families/0/reuse/p_adjusted" in shown
    assert f"{P_NOTE}; {ALL_GROUPS_NOTE}</caption>" in shown


def test_a_covering_set_is_said_to_have_the_share_that_it_is_made_for():
    assert f"together have {COVERED_PERCENT}% of them" in COVERAGE_NOTE
    assert COVERAGE_NOTE in render(example())


def test_what_other_formats_say_too_stands_on_the_page_in_the_same_words():
    pages = f"{render(example())}{render(undecided())}"
    for name, said in environment().globals["texts"].items():
        assert str(escape(said)) in pages, name


@given(st.floats(-10, 10))
def test_a_score_is_written_alike_wherever_it_stands(score):
    assert formatted(score, "+2f") == signed(score)
    assert formatted(score, "2f") == fixed(score, 2) == signed(score).removeprefix("+")
    assert float(signed(score)) or signed(score) == "0.00"


def test_a_pair_table_has_the_columns_that_say_something():
    pair = Pair("a", "b", "contained", 0.1, 0.9, 0.2, 0.3)
    table = pair_table([(4, pair)], {"a": "1", "b": "2"})
    assert (table.contained, table.facts, table.rows[0].parts) == (True, False, ())
    assert table.rows[0].index == 4
