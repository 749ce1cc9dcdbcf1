"""Sentences side by side: each word as it was read, variants told from what agrees."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.report.collations import (
    MAX_NAMED,
    MAX_ROWS,
    ROW_CHARS,
    WITHOUT_READING,
    Piece,
    collation_notes,
    collation_views,
    reading_pieces,
    shortened,
)
from dupdetect.results import Collation, DocumentReport, Family, Reading, Repair, Signal
from tests.example_report import TEXTS, example, undecided


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


def anchor(start, end, n_members=3):
    return Signal("inserted-anchor", start, end, "", "", n_members=n_members)


# Sentences with spans of agreement, anchors and repairs.


@st.composite
def readings(draw):
    text = draw(st.text(st.sampled_from("ab é中1., \n\xa0\u202e-"), min_size=1, max_size=60))
    bounds = st.integers(0, len(text))
    start, end = sorted((draw(bounds), draw(bounds)))
    cuts = sorted(draw(st.sets(st.integers(start, end), max_size=10)))
    spans = list(pairwise(cuts))
    agreed = [span for span in spans if draw(st.booleans())]
    signals = []
    for first, last in spans:  # an anchor does not lie across the border of what agrees
        if last - first > 1 and draw(st.integers(0, 3)) == 0:
            signals.append(anchor(first, first + draw(st.integers(1, last - first))))
    steps = sorted(draw(st.sets(bounds, max_size=6)))
    repairs = [
        Repair("mojibake", a, b, text[a:b], " ") for a, b in pairwise(steps) if draw(st.booleans())
    ]
    signals = draw(st.permutations(signals))
    found = document("x", text, signals=tuple(signals), repairs=tuple(repairs))
    return Reading("x", start, end, tuple(agreed)), found


def is_word(character):
    return character.isalnum()  # no combining marks in these texts


def slow_roles(reading, document):
    """The role of each code point, told one by one."""
    anchors = {
        at: number
        for number, each in enumerate(document.signals)
        for at in range(each.start, each.end)
    }
    agreed = {at for start, end in reading.agreed for at in range(start, end)}

    def is_loose(at):
        return reading.start <= at < reading.end and at not in anchors and at not in agreed

    roles = {}
    for at in range(reading.start, reading.end):
        roles[at] = "anchor" if at in anchors else "agreed"
        if is_loose(at):
            left = right = at
            while is_loose(left - 1):
                left -= 1
            while is_loose(right + 1):
                right += 1
            before, behind = document.text[left : at + 1], document.text[at : right + 1]
            if any(map(is_word, before)) and any(map(is_word, behind)):
                roles[at] = "variant"
    return roles


@given(readings())
@settings(max_examples=300, deadline=None)
def test_each_character_of_a_sentence_is_in_one_stretch_of_its_own_role(drawn):
    reading, document = drawn
    expected = slow_roles(reading, document)
    mended = {at for each in document.repairs for at in range(each.start, each.end)}
    seen = {}
    place = reading.start
    for piece in reading_pieces(reading, document, 4):
        assert document.text[piece.start : piece.end] == piece.text
        assert piece.start >= place
        place = piece.end
        for at in range(piece.start, piece.end):
            seen[at] = piece.role
            assert piece.mended == (at in mended)
    shown = {at: role for at, role in expected.items() if not document.text[at].isspace()}
    assert {at: seen.get(at) for at in shown} == shown


@given(readings())
@settings(max_examples=150, deadline=None)
def test_the_stretches_read_as_the_sentence(drawn):
    reading, found = drawn
    found = replace(found, repairs=())
    pieces = reading_pieces(reading, found, 4)
    read = "".join(" " * piece.spaced + piece.text for piece in pieces)
    sentence = found.text[reading.start : reading.end]
    assert re.sub(r"\s+", " ", read).strip() == re.sub(r"\s+", " ", sentence).strip()


def test_shared_words_that_a_reading_lacks_leave_a_mark():
    text = "Ferries sail at dawn."
    reading = Reading("x", 0, len(text), ((0, 7), (8, 12), (13, 20)))
    pieces = list(reading_pieces(reading, document("x", text), 3))
    assert [(each.role, each.text, each.spaced) for each in pieces] == [
        ("agreed", "Ferries", False),
        ("omitted", "", True),
        ("agreed", "sail", True),
        ("omitted", "", True),
        ("agreed", "at dawn.", True),
    ]


def test_points_before_and_behind_the_shared_words_are_no_variants():
    text = "“Ferries sail.” (Fares rise.)"
    pieces = list(reading_pieces(Reading("x", 0, 15, ((1, 13),)), document("x", text), 3))
    assert [(each.role, each.text) for each in pieces] == [("agreed", "“Ferries sail.”")]


def test_an_anchor_is_boxed_with_its_count_and_leaves_no_other_mark():
    text = "Hong 香港AI Kong"
    reading = Reading("x", 0, len(text), ((0, 4), (10, 14)))
    pieces = list(reading_pieces(reading, document("x", text, signals=(anchor(5, 9),)), 4))
    assert [(each.role, each.text, each.note) for each in pieces] == [
        ("agreed", "Hong", ""),
        ("anchor", "香港AI", "in 3 of 4"),
        ("agreed", "Kong", ""),
    ]


def test_anchors_stand_in_the_order_of_the_text_whatever_the_order_of_the_signals():
    text = "Hong 香港 x 澳門 Kong"
    signals = (anchor(10, 12), anchor(5, 7))
    reading = Reading("x", 0, len(text), ((0, 4), (13, 17)))
    pieces = reading_pieces(reading, document("x", text, signals=signals), 4)
    assert [(each.role, each.text) for each in pieces] == [
        ("agreed", "Hong"),
        ("anchor", "香港"),
        ("variant", "x"),
        ("anchor", "澳門"),
        ("agreed", "Kong"),
    ]


# Long sentences.


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 400)), min_size=1, max_size=30))
@settings(max_examples=200, deadline=None)
def test_a_cut_sentence_says_how_much_is_missing(lengths):
    pieces, place = [], 0
    for varies, length in lengths:
        role = "variant" if varies else "agreed"
        pieces.append(Piece(role, place, place + length, "x" * length))
        place += length + 1
    shown = list(shortened(pieces))
    assert [each.start for each in shown] == sorted({each.start for each in shown})
    assert (shown[0].start, shown[-1].end) == (0, place - 1)
    assert all(len(each.text) == each.n_chars for each in shown if each.role != "cut")
    n_shown = sum(each.n_chars for each in shown if each.role != "cut")
    n_cut = sum(each.n_chars for each in shown if each.role == "cut")
    assert n_shown <= ROW_CHARS + 50
    assert n_shown + n_cut >= sum(length for _, length in lengths)
    if sum(length for _, length in lengths) <= ROW_CHARS:
        assert shown == pieces


def test_a_sentence_of_a_million_characters_stays_short():
    text = "x" * 1_000_000
    document_ = document("x", text)
    for agreed in ((), ((0, 1_000_000),), ((0, 500_000),)):
        pieces = reading_pieces(Reading("x", 0, len(text), agreed), document_, 2)
        shown = list(shortened(list(pieces)))
        assert sum(len(each.text) for each in shown) <= ROW_CHARS + 50
        assert any(each.role == "cut" for each in shown)


# Sentences side by side.


def collated(texts, **more):
    """A family of texts that agree in their first word and their last."""
    readings = tuple(
        Reading(id, 0, len(text), ((0, text.index(" ")), (text.rindex(" ") + 1, len(text))))
        for id, text in texts.items()
    )
    base = next(iter(texts))
    collation = Collation(base, readings, "edited", 2, len(texts[base].split()))
    members = tuple(texts)
    family = Family(
        "family-1", "near-duplicate", members, base, 0.8, collations=(collation,), n_collations=9,
        **more,
    )  # fmt: skip
    return family, {id: document(id, text) for id, text in texts.items()}


def test_the_skeleton_has_the_agreed_words_of_the_base_and_a_slot_for_what_varies():
    family, documents = collated({"a": "Rain fell all day.", "b": "Rain came down by day."})
    (found,) = collation_views(family, "/families/0", documents, 12).items
    assert [(each.role, each.text) for each in found.skeleton] == [
        ("agreed", "Rain"),
        ("slot", ""),
        ("agreed", "day."),
    ]


def test_a_skeleton_that_is_a_wording_says_so():
    for night, is_said in (("all", True), ("every", False)):
        family, documents = collated({"a": "Rain fell all day.", "b": f"Rain fell {night} day."})
        agreed = ((0, 18),) if is_said else ((0, 9), (14, 18))
        (one,) = family.collations
        readings = tuple(replace(each, agreed=agreed) for each in one.readings[:1])
        family = replace(family, collations=(replace(one, readings=readings),))
        (found,) = collation_views(family, "/families/0", documents, 12).items
        assert found.is_said_below == is_said


def test_members_with_the_same_wording_share_a_row():
    family, documents = collated(
        {"a": "Rain fell all day.", "b": "Rain fell all night day.", "c": "Rain fell all day."}
    )
    family = replace(family, members=("a", "b", "c", "d"))
    documents["d"] = document("d", "Snow.")
    shown = collation_views(family, "/families/0", documents, 12)
    (found,) = shown.items
    assert [[each.number for each in row.places] for row in found.wordings] == [[1, 3], [2]]
    assert (found.base, found.n_members) == (1, 3)
    assert shown.n_hidden == 8


def test_wordings_and_members_beyond_the_cap_are_counted():
    texts = {f"{n:03}": f"Rain number {'x' * n} day." for n in range(MAX_ROWS + 5)}
    texts |= {f"same-{n:03}": "Rain fell all day." for n in range(MAX_NAMED + 4)}
    family, documents = collated(texts)
    (found,) = collation_views(family, "/families/0", documents, 12).items
    assert (len(found.wordings), found.n_hidden) == (MAX_ROWS, 6)
    few = {id: text for id, text in texts.items() if id.startswith("same")}
    family, documents = collated(few)
    (found,) = collation_views(family, "/families/0", documents, 12).items
    (row,) = found.wordings
    assert (len(row.places), row.n_hidden) == (MAX_NAMED, 4)


@pytest.mark.parametrize(("report", "groups"), [(example(), "families"), (undecided(), "reviews")])
def test_every_reading_has_a_row_with_the_words_of_its_place(report, groups):
    group = getattr(report, groups)[0]
    documents = {each.id: each for each in report.documents}
    shown = collation_views(group, f"/{groups}/0", documents, 12).items
    assert shown
    for each in shown:
        rows = [place.number for row in each.wordings for place in row.places]
        assert each.n_members == len(set(rows)) == len(rows)
        assert set(rows) <= set(range(1, len(group.members) + 1))
        for row in each.wordings:
            text = TEXTS.get(row.places[0].id)
            for piece in row.pieces:
                assert text is None or text[piece.start : piece.end] == piece.text


def test_where_members_have_no_reading_it_is_said_what_that_does_not_mean():
    family, documents = collated({"a": "Rain fell all day.", "b": "Rain fell all night day."})
    shown = collation_views(family, "/families/0", documents, 12)
    assert collation_notes(family, shown.items) == ()
    three = replace(family, members=("a", "b", "c"))
    assert collation_notes(three, shown.items) == (WITHOUT_READING,)


@pytest.mark.parametrize("relation", ["near-duplicate", "contained", "recycled", "review"])
def test_members_not_looked_into_are_counted_and_of_copies_it_is_said_why(relation):
    family = Family("family-1", relation, ("a", "b"), "a", 0.5, n_not_collated=1234)
    (note,) = collation_notes(family, ())
    assert note.startswith("1,234 members were not looked into")
    of_copies = relation in ("near-duplicate", "contained")
    assert ("compared with the keeper only" in note) == of_copies
