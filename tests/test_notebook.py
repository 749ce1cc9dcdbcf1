"""What a notebook shows of a report: little, and nothing that a document wrote as markup."""

import re
from dataclasses import replace

import html5lib
import pytest

from dupdetect import Document, detect
from dupdetect.report.notebook import MAX_GROUPS, summary
from dupdetect.results import Family, Report
from tests.example_report import FERRY, example, hostile, undecided
from tests.hostile import PAYLOADS

ALLOWED = {"div", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "bdi"}


def parsed(html):
    return html5lib.HTMLParser(namespaceHTMLElements=False).parseFragment(html)


def text_of(html):
    return " ".join(" ".join(parsed(html).itertext()).split())


def family(number, keeper="a"):
    return Family(f"family-{number}", "exact", ("a", "b"), keeper, 1.0)


def test_the_answer_comes_first_and_the_counts_last():
    shown = text_of(summary(example()))
    assert shown.startswith("1 family of 2 exact copies, 1 family of 3 recycled pages, 1 pair ")
    assert shown.endswith(
        "7 documents · 5 pairs listed · 2 families · 0 groups for review · 2 inputs skipped"
    )


def test_a_row_has_the_relation_the_size_the_keeper_and_p():
    rows = [
        ["".join(cell.itertext()) for cell in row] for row in parsed(summary(example())).iter("tr")
    ]
    assert rows == [
        ["Group", "Relation", "Documents", "Keeper", "p"],
        ["family-1", "recycled", "3", "farm/harbour-1.txt", "< 0.005"],
        ["family-2", "exact", "2", "news/council.txt", ""],
    ]


def test_the_first_families_are_said_in_sentences():
    shown = text_of(summary(example()))
    assert "family-1: These 3 documents share 12 of their own words a pair where" in shown
    assert "family-2: These 2 pages have the same words. Group Relation" in shown
    (copies,) = example().families[1:]
    assert "family-2: These" not in text_of(summary(replace(example(), families=(copies,))))


def test_groups_for_review_stand_below_the_families():
    shown = text_of(summary(undecided()))
    assert "review-1 review 3 0.12" in shown  # and none of them is to be kept
    assert "1 group for review" in shown


def test_of_many_groups_the_first_are_shown_and_the_rest_is_counted():
    many = tuple(map(family, range(MAX_GROUPS + 7)))
    shown = summary(replace(example(), families=many))
    assert len(list(parsed(shown).iter("tr"))) == MAX_GROUPS + 1
    assert "and 7 more groups" in shown
    assert "more group" not in summary(replace(example(), families=many[:MAX_GROUPS]))


@pytest.mark.parametrize("payload", [*PAYLOADS.values(), "\ud800\u202e\x00\x1b"])
def test_a_name_never_becomes_markup(payload):
    report = replace(example(), families=(family(payload, f"{payload} kept"),))
    elements = [each for each in parsed(summary(report)).iter() if isinstance(each.tag, str)]
    assert {each.tag for each in elements} <= ALLOWED | {"DOCUMENT_FRAGMENT"}
    attributes = {(name, value) for each in elements for name, value in each.items()}
    assert attributes <= {("lang", "en"), ("scope", "col"), ("scope", "row")}
    assert not {"\ud800", "\u202e", "\x00", "\x1b"} & set(summary(report))


@pytest.mark.parametrize(
    "name", ["'" * 10**6, "\u202e" * 10**6, "\U000e0041\u202e" * 10**5, "香" * 99]
)
def test_it_is_small_whatever_the_names(name):
    groups = tuple(family(f"{name}{number}", name) for number in range(100))
    report = replace(hostile(), families=groups, reviews=groups)
    assert len(summary(report).encode()) < 10_000


def test_of_a_long_name_both_ends_are_shown():
    shown = text_of(summary(replace(example(), families=(family(1, f"start{'-' * 99}end"),))))
    assert "start---" in shown
    assert "---end" in shown
    assert "[…]" in shown
    assert FERRY not in shown


def test_it_has_no_style_and_nothing_that_acts():
    shown = summary(example()).lower()
    for word in ("style", "script", "class=", " id=", "href", "src="):
        assert word not in shown, word
    assert not re.search(r"\son\w+\s*=", shown)


def test_a_notebook_finds_it_on_the_report():
    report = detect([Document("a", "One and the same."), Document("b", "One and the same!")])
    assert report._repr_html_() == summary(report)
    assert Report((), (), (), (), {}, {})._repr_html_().startswith('<div lang="en">')


def test_it_is_the_same_for_the_same_report():
    assert summary(example()) == summary(example())
