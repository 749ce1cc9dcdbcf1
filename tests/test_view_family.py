"""The family view: what it says of a family, and how the page draws it."""

import re
from dataclasses import replace

from dupdetect.report import html, outline
from dupdetect.report.collations import MAX_NAMED
from dupdetect.report.reuse import why_kept
from dupdetect.report.views.family import MAX_COLUMNS, family_view
from dupdetect.results import (
    DocumentReport,
    Family,
    Occurrence,
    Pair,
    Phrase,
    Report,
    Reuse,
)
from tests.example_report import ONE, THREE, TWO, example, undecided


def document(id, text, **more):
    return DocumentReport(
        id=id,
        source="",
        encoding="",
        text=text,
        n_chars=len(text),
        n_tokens=len(text.split()),
        relation="recycled",
        family="family-1",
        **more,
    )


def view_of(report, number=0, groups="families"):
    group = getattr(report, groups)[number]
    index = {id(pair): place for place, pair in enumerate(report.pairs)}
    pairs = [(index[id(pair)], pair) for pair in outline.inside(report)[group.id]]
    documents = {each.id: each for each in report.documents}
    full = outline.full_lists(report)
    return family_view(group, f"/{groups}/{number}", pairs, documents, full, report.settings)


def without_text(report):
    return replace(
        report,
        documents=tuple(replace(each, text="", repairs=()) for each in report.documents),
        settings={**report.settings, "left_out": ["text"]},
    )


# What holds a family together.


def test_the_weakest_link_of_a_recycled_family_is_the_member_least_like_the_others():
    weakest = view_of(example()).weakest
    assert weakest.members == ((3, THREE),)
    assert weakest.pointer == "/families/0/reuse/weakest_score"


def test_the_weakest_link_of_copies_is_the_pair_least_alike_by_what_proved_it():
    family = Family("family-1", "near-duplicate", tuple("abc"), "a", 0.8)
    documents = {id: document(id, f"Rain fell all {id} day.") for id in "abc"}
    pairs = [
        (4, Pair("a", "b", "near-duplicate", 0.9, 1.0, 1.0, 0.1)),
        (7, Pair("a", "c", "contained", 0.2, 0.5, 0.8, 0.1)),
    ]
    weakest = family_view(family, "/families/0", pairs, documents, frozenset(), {}).weakest
    assert (weakest.members, weakest.pointer) == (((1, "a"), (3, "c")), "/pairs/7/containment_b")
    assert weakest.score == "containment"


def test_two_members_or_exact_copies_have_no_weakest_link():
    assert view_of(example(), 1).weakest is None
    family = Family("family-1", "near-duplicate", ("a", "b"), "a", 0.8)
    documents = {id: document(id, "Rain all day.") for id in "ab"}
    pairs = [(0, Pair("a", "b", "near-duplicate", 0.9, 1.0, 1.0, 0.1))]
    assert family_view(family, "/families/0", pairs, documents, frozenset(), {}).weakest is None


def test_the_keeper_is_named_with_its_reason_and_a_group_for_review_has_none():
    view = view_of(example())
    assert view.keeper == (1, ONE)
    assert view.why_kept.startswith("it is most like the others (mean score +1.52); of equals")
    assert [each.is_keeper for each in view.members.items] == [True, False, False]
    review = view_of(undecided(), 0, "reviews")
    assert (review.keeper, review.why_kept) == (None, "")
    assert not any(each.is_keeper for each in review.members.items)


def test_why_a_keeper_is_kept_depends_on_what_holds_the_family_together():
    reuse = Reuse(0.01, 0.01, 1.0, 2, 9.0, 1.0, "b", 1.0)
    two = Family("family-1", "recycled", ("a", "b"), "a", 0.3, reuse=reuse)
    assert why_kept(two, []) == "of two, the longest, then the least damaged"
    exact = replace(two, relation="exact", reuse=None)
    assert why_kept(exact, []) == "all have the same words: the longest, then the least damaged"
    # Not all of its scores are listed: no mean is said.
    assert why_kept(replace(two, members=("a", "b", "c")), []).startswith(
        "it is most like the others; of equals"
    )


def test_members_carry_notes_of_what_a_reader_should_know():
    notes = [each.notes for each in view_of(example()).members.items]
    assert notes == [
        ("1 inserted anchor", "its end is cut off"),
        ("1 inserted anchor",),
        ("2 repairs",),
    ]


def test_numbers_are_named_by_their_place_in_the_json():
    report = example()
    view = view_of(report)
    ids = [each.id for each in report.documents]
    assert [each.pointer for each in view.members.items] == [
        f"/documents/{ids.index(id)}" for id in (ONE, TWO, THREE)
    ]
    assert [each.pointer for each in view.covers.items] == [
        f"/families/0/coverage/{n}" for n in range(3)
    ]


# The phrase table.


def wide_family(n):
    ids = tuple(f"{number:03}" for number in range(n))
    places = tuple(Occurrence(id, 0, 4) for id in ids)
    phrase = Phrase("Rain", ids, places, 12.0)
    family = Family("family-1", "near-duplicate", ids, ids[0], 0.9, (phrase,) * 60, 99)
    return family, {id: document(id, "Rain fell.") for id in ids}


def test_members_are_columns_of_the_phrase_table_while_they_fit():
    family, documents = wide_family(MAX_COLUMNS)
    view = family_view(family, "/families/0", [], documents, frozenset(), {})
    assert len(view.columns) == len(view.phrases.items[0].carried) == MAX_COLUMNS
    family, documents = wide_family(MAX_COLUMNS + 1)
    view = family_view(family, "/families/0", [], documents, frozenset(), {})
    assert view.columns == view.phrases.items[0].carried == ()
    assert view.phrases.items[0].n_members == MAX_COLUMNS + 1


def test_phrases_and_places_beyond_the_caps_are_counted():
    family, documents = wide_family(MAX_COLUMNS)
    view = family_view(family, "/families/0", [], documents, frozenset(), {})
    assert (len(view.phrases.items), view.phrases.n_hidden, view.n_listed_phrases) == (50, 49, 60)
    row = view.phrases.items[0]
    assert (len(row.places), row.n_hidden) == (MAX_NAMED, MAX_COLUMNS - MAX_NAMED)


def test_a_dot_stands_where_a_member_carries_a_phrase():
    carried = [each.carried for each in view_of(example()).phrases.items]
    assert carried == [(True, True, False), (True, False, True), (True, True, True)]


# Without text.


def test_without_text_offsets_stand_in_place_of_words():
    view = view_of(without_text(example()))
    assert not view.has_text
    for each in view.collations.items:
        assert each.skeleton == ()
        assert [len(row.places) for row in each.wordings] == [1] * each.n_members
        for row in each.wordings:
            assert row.pieces == ()
            assert row.agreed.items
    (found,) = view.anchors.items
    slots = [each.place for each in found.places if each.is_slot]
    assert [(each.start, each.end) for each in slots] == [(97, 115)]


# As it is drawn.


def article(report, id):
    page = html.render(report)
    start = page.index(f'id="{id}"')
    return page[start : page.index("</article>", start)]


def test_the_page_marks_variants_and_boxes_anchors_and_repairs():
    drawn = article(example(), "family-1")
    assert '<mark class="variant">strategy</mark>' in drawn
    assert '<bdi>香港AI</bdi><span class="times"> · in 2 of 3</span>' in drawn
    assert 'title="mojibake: repaired to “ ”">Ā<span class="box"' in drawn
    assert '<td class="y">yes</td><td class="y">yes</td><td class="x">no</td>' in drawn
    assert "<b>1</b> <bdi" in drawn


def test_the_page_links_only_to_pairs_that_it_shows():
    page = html.render(example())
    links = set(re.findall(r'href="#(pair-\d+)"', page))
    assert links
    assert links <= set(re.findall(r'id="(pair-\d+)"', page))


def test_the_page_without_text_is_drawn_with_offsets_alone():
    drawn = article(without_text(example()), "family-1")
    assert "<mark" not in drawn
    assert 'shared words at <span class="at">169:229</span>' in drawn


def test_an_empty_report_and_a_family_without_evidence_are_drawn():
    bare = Family("family-1", "recycled", ("a", "b"), "a", 0.3)
    documents = tuple(document(id, "") for id in "ab")
    assert "family-1: recycled, 2 members" in article(
        Report(documents, (), (bare,), (), {}, {}), "family-1"
    )
