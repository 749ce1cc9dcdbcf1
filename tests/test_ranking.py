"""The ranking of passages: what recycles most words first, each with all of its places."""

from collections import defaultdict
from dataclasses import replace
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.report import html
from dupdetect.report.ranking import MAX_PLACES, QUOTE_CHARS, ranked_passages
from dupdetect.results import (
    Boilerplate,
    Collation,
    DocumentReport,
    Family,
    Occurrence,
    Pair,
    Passage,
    Reading,
    Report,
)
from tests.example_report import example, undecided

ALL = 10**6


def document(id, text, family=None):
    return DocumentReport(id, "", "", text, len(text), len(text.split()), "recycled", family)


def shared(*span, kept=5, kind="edited", quotation=False):
    return Passage(*span, 0.9, kind, quotation, kept, kept)


def pair(a, b, *passages, relation="contained"):
    return Pair(a, b, relation, 0.5, 0.5, 0.5, 0.5, passages)


def report(texts, *, families=(), pairs=(), **more):
    family_of = {id: each.id for each in families for id in each.members}
    documents = tuple(document(id, text, family_of.get(id)) for id, text in texts.items())
    return Report(documents, tuple(pairs), tuple(families), (), {}, {}, **more)


def places(passage):
    return [(each.id, each.start, each.end) for each in passage.places.items]


WORDS = "one two three four five six seven eight nine ten"


# What is a passage, and how many words it recycles.


def test_of_a_sentence_the_words_that_each_reading_has_are_counted():
    text = "aaaa bbbb cccc dddd"
    readings = (
        Reading("a", 0, 19, ((0, 19),)),
        Reading("b", 0, 19, ((0, 19),)),
        Reading("c", 5, 9, ((5, 9),)),  # 4 of 19 code points: about one of four words
    )
    collation = Collation("b", readings, "edited", 4, 4)
    family = Family("family-1", "recycled", ("a", "b", "c"), "a", 0.3, collations=(collation,))
    (found,) = ranked_passages(report(dict.fromkeys("abc", text), families=[family]), ALL).items
    assert (found.origin, found.n_recycled, found.n_documents) == ("sentence", 5, 3)
    assert (found.group, found.pairs) == ("family-1", ())
    assert places(found) == [("b", 0, 19), ("a", 0, 19), ("c", 5, 9)]


def test_exact_copies_recycle_their_whole_text():
    family = Family("family-1", "exact", ("a", "b", "c"), "b", 1.0)
    (found,) = ranked_passages(report(dict.fromkeys("abc", WORDS), families=[family]), ALL).items
    assert (found.origin, found.kind, found.n_recycled) == ("whole text", "identical", 20)
    assert places(found) == [(id, 0, len(WORDS)) for id in "bac"]


def test_near_duplicates_recycle_the_share_that_they_have_in_common():
    family = Family("family-1", "near-duplicate", ("a", "b"), "b", 0.8)
    (found,) = ranked_passages(report({"a": WORDS, "b": WORDS}, families=[family]), ALL).items
    assert (found.origin, found.kind, found.n_recycled) == ("whole text", "edited", 8)


def test_boilerplate_counts_beyond_its_longest_use():
    texts = {"a": f"{WORDS} x", "b": f"y {WORDS}", "c": "z one two"}
    uses = (Occurrence("a", 0, 48), Occurrence("b", 2, 50), Occurrence("c", 2, 9))
    notice = Boilerplate(WORDS, ("a", "b", "c"), uses)
    (found,) = ranked_passages(report(texts, boilerplate=(notice,)), ALL).items
    assert (found.origin, found.quote, found.n_documents) == ("boilerplate", WORDS, 3)
    assert found.n_recycled == round(11 * 48 / 50 + 3 * 7 / 9)
    assert places(found) == [("a", 0, 48), ("b", 2, 50), ("c", 2, 9)]


def test_a_quotation_in_three_reports_is_one_passage_with_three_places():
    texts = dict.fromkeys("abc", WORDS)
    quote = {"kept": 4, "kind": "identical", "quotation": True}
    pairs = [
        pair("a", "b", shared(0, 20, 10, 30, **quote), relation="same-story"),
        pair("a", "c", shared(0, 21, 5, 26, **quote), relation="same-story"),
        pair("b", "c", shared(11, 30, 5, 25, **quote), relation="same-story"),
    ]
    (found,) = ranked_passages(report(texts, pairs=pairs), ALL).items
    assert (found.origin, found.quotation, found.n_documents) == ("passage", True, 3)
    assert (found.n_recycled, found.pairs) == (8, (0, 1, 2))
    assert places(found) == [("a", 0, 20), ("b", 10, 30), ("c", 5, 26)]


def test_passages_do_not_join_along_chains():
    texts = dict.fromkeys("abc", WORDS)
    pairs = [
        pair("a", "b", shared(0, 20, 0, 20)),
        pair("b", "c", shared(25, 45, 0, 20)),  # another stretch of b
    ]
    found = ranked_passages(report(texts, pairs=pairs), ALL).items
    assert sorted(map(places, found)) == [
        [("a", 0, 20), ("b", 0, 20)],
        [("b", 25, 45), ("c", 0, 20)],
    ]


def test_what_pairs_of_a_group_share_is_shown_by_its_sentences_alone():
    texts = {"a": WORDS, "b": WORDS}
    inside = pair("a", "b", shared(0, 20, 0, 20), relation="recycled")
    readings = tuple(Reading(id, 0, 20, ((0, 20),)) for id in "ab")
    family = Family(
        "family-1", "recycled", ("a", "b"), "a", 0.3,
        collations=(Collation("a", readings, "identical", 4, 4),),
    )  # fmt: skip
    (found,) = ranked_passages(report(texts, families=[family], pairs=[inside]), ALL).items
    assert found.origin == "sentence"
    bare = replace(family, collations=())
    (found,) = ranked_passages(report(texts, families=[bare], pairs=[inside]), ALL).items
    assert (found.origin, found.pairs) == ("passage", (0,))


def test_what_recycles_no_word_is_no_passage():
    pairs = [pair("a", "b", Passage(0, 20, 0, 20, 0.4, "reworded", n_tokens=9))]
    assert ranked_passages(report({"a": WORDS, "b": WORDS}, pairs=pairs), ALL).items == ()


# Order and caps.


def test_more_recycled_words_come_first_and_then_more_documents():
    found = ranked_passages(example(), ALL).items
    assert [each.n_recycled for each in found] == sorted(
        (each.n_recycled for each in found), reverse=True
    )
    texts = {"a": "p " * 5 + WORDS, "b": "q " * 5 + WORDS, "c": "r " * 5 + WORDS}
    pairs = [
        pair("a", "b", shared(0, 9, 0, 9, kept=4), shared(20, 40, 20, 40, kept=2)),
        pair("a", "c", shared(20, 40, 20, 40, kept=2)),
    ]
    assert [
        each.n_documents for each in ranked_passages(report(texts, pairs=pairs), ALL).items
    ] == [
        3,
        2,
    ]


@given(st.permutations("wxyz"))
def test_ties_are_decided_by_words_whatever_the_documents_are_called(names):
    texts = dict(zip(names, ("dd one", "aa one", "cc one", "bb one"), strict=True))
    pairs = [
        pair(names[0], names[1], shared(0, 2, 0, 2)),
        pair(names[2], names[3], shared(0, 2, 0, 2)),
    ]
    found = ranked_passages(report(dict(sorted(texts.items())), pairs=pairs), ALL).items
    assert [each.quote for each in found] == ["cc", "dd"]


def test_passages_places_and_words_beyond_the_caps_are_counted_or_cut():
    ids = [f"{n:03}" for n in range(MAX_PLACES + 7)]
    family = Family("family-1", "exact", tuple(ids), ids[0], 1.0)
    many = report(dict.fromkeys(ids, "word " * 500), families=[family])
    (found,) = ranked_passages(many, 1).items
    assert (len(found.places.items), found.places.n_hidden) == (MAX_PLACES, 7)
    assert found.n_documents == MAX_PLACES + 7
    assert len(found.quote) <= QUOTE_CHARS
    assert "[…]" in found.quote
    shown = ranked_passages(undecided(), 1)
    assert (len(shown.items), shown.n_hidden) == (1, 2)


def test_without_text_the_same_passages_have_places_and_no_words():
    whole = ranked_passages(undecided(), ALL).items
    bare = replace(
        undecided(),
        documents=tuple(replace(each, text="") for each in undecided().documents),
        boilerplate=(replace(undecided().boilerplate[0], text=""),),
    )
    found = ranked_passages(bare, ALL).items
    assert {each.quote for each in found} == {""}
    assert [(each.n_recycled, places(each)) for each in found] == [
        (each.n_recycled, places(each)) for each in whole
    ]


# A slow twin of the passages that pairs share.


@st.composite
def loose_pairs(draw):
    made = []
    for a, b in combinations("abcd", 2):
        passages = []
        for _ in range(draw(st.integers(0, 3))):
            spans = [
                sorted(draw(st.sets(st.integers(0, 12), min_size=2, max_size=2))) for _ in "ab"
            ]
            passages.append(shared(*spans[0], *spans[1], kept=draw(st.integers(1, 6))))
        if passages:
            made.append(pair(a, b, *passages))
    return made


def about(x, y):
    common = len(set(range(*x)) & set(range(*y)))
    return 2 * common >= max(x[1] - x[0], y[1] - y[0])


def slow_passages(pairs):
    """Each step over all passages: the strongest that is left, and what is about the same."""
    every = []
    for index, each in enumerate(pairs):
        for found in each.passages:
            span_a, span_b = (found.a_start, found.a_end), (found.b_start, found.b_end)
            every.append(
                (-found.n_tokens_kept, index, found.a_start, {each.a: span_a, each.b: span_b})
            )
    every.sort(key=lambda found: found[:3])
    left = list(range(len(every)))
    while left:
        first_of_all = every[left[0]][3]
        best = None
        for id, span in first_of_all.items():
            star = {}
            for number in left:
                sides = every[number][3]
                if id in sides and about(sides[id], span):
                    (partner,) = sides.keys() - {id}
                    star.setdefault(partner, number)
            if best is None or len(star) > len(best[2]):
                best = id, span, star
        id, span, star = best
        stands = {id: span} | {partner: every[n][3][partner] for partner, n in star.items()}
        n_kept = -sum(every[number][0] for number in star.values())
        yield n_kept, frozenset((each, *found) for each, found in stands.items())
        others = stands.keys() - {id}
        left = [
            number
            for number in left
            if number not in star.values()
            and not all(
                each in others and about(found, stands[each])
                for each, found in every[number][3].items()
            )
        ]


@given(loose_pairs())
@settings(max_examples=200, deadline=None)
def test_shared_passages_agree_with_a_slow_twin(pairs):
    texts = {id: f"{id}{WORDS}" for id in "abcd"}
    found = ranked_passages(report(texts, pairs=pairs), ALL).items
    seen, expected = defaultdict(int), defaultdict(int)
    for each in found:
        seen[each.n_recycled, frozenset(places(each))] += 1
    for each in slow_passages(pairs):
        expected[each] += 1
    assert seen == expected


# As it is drawn.


def test_the_page_has_each_passage_with_its_places_and_links_that_land():
    page = html.render(undecided())
    section = page[page.index('id="passages"') :]
    section = section[: section.index("</section>")]
    assert section.count("<blockquote") == len(ranked_passages(undecided(), ALL).items) == 3
    assert '<a href="#review-1">review-1</a>' in section
    assert 'id="review-1"' in page
    assert "boilerplate, <span" in section
