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
    Repair,
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
    assert weakest.title == "Weakest listed pair"  # b and c are no pair of the report
    pairs.append((9, Pair("b", "c", "near-duplicate", 0.8, 0.9, 0.9, 0.1)))
    all_listed = family_view(family, "/families/0", pairs, documents, frozenset(), {})
    assert all_listed.weakest.title == "Weakest link"
    assert all_listed.cohesion == "mean Jaccard or containment of its pairs"


def test_two_members_or_exact_copies_have_no_weakest_link():
    assert view_of(example(), 1).weakest is None
    family = Family("family-1", "near-duplicate", ("a", "b"), "a", 0.8)
    documents = {id: document(id, "Rain all day.") for id in "ab"}
    pairs = [(0, Pair("a", "b", "near-duplicate", 0.9, 1.0, 1.0, 0.1))]
    assert family_view(family, "/families/0", pairs, documents, frozenset(), {}).weakest is None


def test_the_keeper_is_named_with_its_reason_and_a_group_for_review_has_none():
    view = view_of(example())
    assert view.keeper == (1, ONE)
    assert view.why_kept.startswith("it is most like the others (mean score +1.52)")
    assert [each.is_keeper for each in view.members.items] == [True, False, False]
    review = view_of(undecided(), 0, "reviews")
    assert (review.keeper, review.why_kept) == (None, "")
    assert not any(each.is_keeper for each in review.members.items)


def text(id, n_tokens, n_repairs=0):
    repairs = (Repair("html", 0, 0, "", ""),) * n_repairs
    return DocumentReport(id, "", "", "", 0, n_tokens, "exact", "family-1", repairs)


def texts(**n_tokens):
    return {id: text(id, n) for id, n in n_tokens.items()}


def test_why_a_keeper_is_kept_depends_on_what_holds_the_family_together():
    reuse = Reuse(0.01, 0.01, 1.0, 2, 9.0, 1.0, "b", 1.0)
    two = Family("family-1", "recycled", ("a", "b"), "a", 0.3, reuse=reuse)
    longer = texts(a=90, b=80)
    assert why_kept(two, [], longer) == "of two, it has more words (90 against 80)"
    # Not all of its scores are listed: no mean is said.
    three = replace(two, members=("a", "b", "c"))
    assert why_kept(three, [], longer) == "it is most like the others"
    part = Pair("a", "b", "contained", 0.5, 0.6, 0.9, 0.1)
    contained = replace(two, relation="contained", keeper="a", reuse=None)
    assert why_kept(contained, [part], longer) == "most of the other is in it"


def test_the_keeper_is_never_called_longer_than_another_that_is_as_long():
    exact = Family("family-1", "exact", ("a", "b", "c"), "a", 1.0)
    as_long = texts(a=90, b=90, c=90)
    assert why_kept(exact, [], as_long) == (
        "all have the same words; none has more words; more sentences, fewer repairs, and then "
        "the characters decide"
    )
    less_damaged = {"a": text("a", 90, 1), "b": text("b", 90, 3), "c": text("c", 90, 2)}
    assert why_kept(exact, [], less_damaged) == (
        "all have the same words; none has more words, and it has fewer repairs (1 against 2)"
    )


def test_of_copies_that_fit_as_many_others_the_words_decide():
    near = Family("family-1", "near-duplicate", ("a", "b", "c"), "b", 0.9)
    to_all = [Pair(a, "b", "near-duplicate", 0.9, 0.9, 0.9, 0.9) for a in ("a", "c")]
    lengths = texts(a=95, b=90, c=85)
    assert why_kept(near, to_all, lengths) == "each of the others matches it"
    all_alike = [*to_all, Pair("a", "c", "near-duplicate", 0.9, 0.9, 0.9, 0.9)]
    assert why_kept(near, all_alike, texts(a=85, b=90, c=85)) == (
        "each of the others matches it; it has more words (90 against 85)"
    )
    assert why_kept(near, to_all[:1], lengths) == "most of the others match it (1 of 2)"


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
    assert '<bdi>香港AI</bdi><span class="times" dir="ltr"> · in 2 of 3</span>' in drawn
    assert 'title="mojibake: repaired to “ ”">Ā<bdi class="box"' in drawn
    assert '<td class="y">yes<td class="y">yes<td class="x">no<td' in drawn
    assert "<b>1</b> <bdi" in drawn


def test_each_offset_of_a_reading_leads_to_its_member_beside_the_base():
    view = view_of(example())
    drawn = html.render(example())
    n_links = 0
    for each in view.collations.items:
        for place in (place for wording in each.wordings for place in wording.places):
            index = view.between.get((place.number, each.base))
            at = f"{place.start}:{place.end}</a>"
            if index is None:  # the base itself
                assert place.number == each.base
                continue
            title = f"Members {place.number} and {each.base} side by side"
            assert f'<a class="at" href="#pair-{index}" title="{title}">{at}' in drawn
            assert f'id="pair-{index}"' in drawn
            n_links += 1
    assert n_links > 3


def test_each_family_leads_to_the_next_one():
    ids = []
    for section in html.render(example()).split("<section ")[1:]:
        shown = re.findall(r'<article class="family [^"]*" id="([^"]+)"', section)
        assert re.findall(r'<p class="next"><a href="#([^"]+)"', section) == shown[1:]
        ids += shown[1:]
    assert ids


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
