"""Both texts of a pair as they are drawn: every code point once, in its own state."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.report.safe_text import BOX_CHARS, Box, pieces
from dupdetect.report.views import boxes
from dupdetect.report.views.pair import pair_view
from dupdetect.report.views.texts import (
    KEPT_OF_BARE,
    MAX_BARE,
    MAX_BRIEF,
    MAX_SHOWN,
    Stretch,
)
from dupdetect.results import DocumentReport, Pair, Passage, Repair, Signal


def document(id, text, *, n_chars=None, **more):
    n_chars = len(text) if n_chars is None else n_chars
    return DocumentReport(
        id, "", "utf-8", text, n_chars, len(text.split()), "recycled", None, **more
    )


def pair(passages=(), relation="recycled", **more):
    return Pair("a", "b", relation, 0.1, 0.2, 0.3, 0.4, tuple(passages), **more)


def view_of(passages, a, b, settings=None, **more):
    a, b = (
        each if isinstance(each, DocumentReport) else document(id, each)
        for id, each in zip("ab", (a, b), strict=True)
    )
    return pair_view(pair(passages, **more), "/pairs/3", a, b, settings or {})


def stretches(pane):
    return [each for paragraph in pane.paragraphs for each in paragraph.stretches]


def rebuilt(pane, text):
    """The text from what is drawn, the gaps between paragraphs, and the ranges that were cut."""
    said = ""
    for paragraph in pane.paragraphs:
        for each in paragraph.stretches:
            said += text[each.start : each.end] if each.cut else _words(each)
        said += paragraph.gap
    return said


def _words(stretch: Stretch) -> str:
    return "".join(piece.text for piece in stretch.pieces)


def drawn_states(pane):
    """For every code point that is drawn: its passages, its mark, and its box."""
    states = {}
    for each in stretches(pane):
        at = each.start
        for piece in each.pieces:
            for _ in piece.text:
                states[at] = (each.passages, piece.mark, piece.box)
                at += 1
        assert each.cut or at == each.end
    return states


# --- a slow twin ---------------------------------------------------------------------------------


def slow_states(view, side, text, marked=()):
    """The same, code point by code point."""
    spans = []
    for row in view.passages:
        one = row.passage
        first, last = (one.a_start, one.a_end) if side == "a" else (one.b_start, one.b_end)
        runs = [run[:2] if side == "a" else run[2:] for run in one.runs]
        spans.append((row.number, first, last, one.kind, runs))
    inside = [[span for span in spans if span[1] <= at < span[2]] for at in range(len(text))]
    marks = []
    for at, here in enumerate(inside):
        kinds = {kind for _, _, _, kind, _ in here}
        stayed = any(start <= at < end for *_, runs in here for start, end in runs)
        if "identical" in kinds or not any(runs for *_, runs in here):
            marks.append("")
        elif "edited" in kinds:
            marks.append("" if stayed else "differs")
        else:
            marks.append("stayed" if stayed else "")
    for start, end in _equal(marks):
        while start < end and unicodedata.category(text[start])[0] in "PZCS":
            marks[start] = ""
            start += 1
        while start < end and unicodedata.category(text[end - 1])[0] in "PZCS":
            end -= 1
            marks[end] = ""
    hidden = []
    for part in pieces(text):
        boxed = isinstance(part, Box)
        hidden += ["hidden" if boxed else ""] * len(part.text if boxed else part)
    return {
        at: (
            tuple(number for number, *_ in inside[at]),
            marks[at],
            next((kind for kind, start, end in marked if start <= at < end), hidden[at]),
        )
        for at in range(len(text))
    }


def _equal(marks):
    start = 0
    for at in range(1, len(marks) + 1):
        if at == len(marks) or marks[at] != marks[start]:
            yield start, at
            start = at


TEXT = st.text("ab é1.-  \n\r\u202e\xa0香", min_size=1, max_size=60)


def span_in(text):
    return st.tuples(st.integers(0, len(text) - 1), st.integers(1, 20)).map(
        lambda each: (each[0], min(len(text), each[0] + each[1]))
    )


@st.composite
def marked_texts(draw):
    """Two texts, passages that overlap as they like, with runs, and repairs and anchors in a."""
    a, b = draw(TEXT), draw(TEXT)
    passages = []
    for _ in range(draw(st.integers(0, 5))):
        sides = (*draw(span_in(a)), *draw(span_in(b)))
        runs = [
            (
                sides[0] + x,
                min(sides[1], sides[0] + x + n),
                sides[2] + y,
                min(sides[3], sides[2] + y + n),
            )
            for x, y, n in draw(
                st.lists(
                    st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(1, 4)), max_size=3
                )
            )
            if sides[0] + x < sides[1] and sides[2] + y < sides[3]
        ]
        kind = draw(st.sampled_from(("identical", "edited", "reworded")))
        passages.append(Passage(*sides, 0.5, kind, draw(st.booleans()), 1, 2, tuple(runs)))
    repairs, signals, at = [], [], 0
    for start, end in sorted(draw(st.lists(span_in(a), max_size=4))):
        if start >= at + 1:  # apart from the last one: touching repairs are one box
            repairs.append(
                Repair("mojibake", start, end, a[start:end], draw(st.sampled_from("x ")))
            )
            at = end
    if draw(st.booleans()):
        start, end = draw(span_in(a))
        if all(end <= each.start or start >= each.end for each in repairs):
            signals.append(Signal("inserted-anchor", start, end, a[start:end], "it breaks"))
    return (
        document("a", a, repairs=tuple(repairs), signals=tuple(signals)),
        document("b", b),
        passages,
    )


@given(marked_texts())
@settings(max_examples=150, deadline=None)
def test_each_code_point_is_drawn_once_in_its_own_state(case):
    a, b, passages = case
    view = view_of(passages, a, b)
    marked = [("repair", each.start, each.end) for each in a.repairs]
    marked += [("anchor", each.start, each.end) for each in a.signals]
    for side, text, pane, boxed in (
        ("a", a.text, view.panes[0], marked),
        ("b", b.text, view.panes[1], []),
    ):
        assert rebuilt(pane, text) == text
        slow = slow_states(view, side, text, boxed)
        drawn = drawn_states(pane)
        assert drawn == {at: slow[at] for at in drawn}
        # What is not drawn is line breaks, and blank lines between them.
        assert not "".join(text[at] for at in range(len(text)) if at not in drawn).strip()


@given(marked_texts())
@settings(max_examples=60, deadline=None)
def test_each_passage_begins_once_where_it_is_drawn(case):
    a, b, passages = case
    view = view_of(passages, a, b, relation="contained")
    assert [row.number for row in view.passages] == list(range(1, len(passages) + 1))
    for side, pane in zip("ab", view.panes, strict=True):
        starts = [n for each in stretches(pane) for n in each.starts]
        assert len(starts) == len(set(starts))
        assert set(starts) == {row.number for row in view.passages if row.is_in(side)}
        assert set(starts) == {n for each in stretches(pane) for n in each.passages}
        for each in stretches(pane):
            assert set(each.starts) <= {*each.coloured, *each.only_numbered}


def place_of(passage):
    return passage.a_start, passage.a_end, passage.b_start, passage.b_end


@given(marked_texts())
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_passages_in_the_report_changes_no_more_than_their_pointers(case):
    a, b, passages = case
    passages = list({place_of(each): each for each in passages}.values())
    one, other = view_of(passages, a, b), view_of(passages[::-1], a, b)
    assert [row.passage for row in one.passages] == [row.passage for row in other.passages]
    assert one.panes == other.panes
    assert one.map.stayed == other.map.stayed if passages else one.map is other.map is None


# --- passages ------------------------------------------------------------------------------------

A = "Rain fell on the old town. Nobody came to the fair, and the band went home."
B = "Nobody came to the town fair; the band went home. Rain fell on the old town."


def test_in_an_edited_passage_words_that_differ_are_marked_and_punctuation_is_not():
    runs = ((27, 45, 0, 18), (46, 50, 24, 28), (56, 74, 30, 48))
    view = view_of([Passage(27, 75, 0, 49, 0.7, "edited", False, 9, 10, runs)], A, B)
    marked = [
        [piece.text for each in stretches(pane) for piece in each.pieces if piece.mark == "differs"]
        for pane in view.panes
    ]
    assert marked == [["and"], ["town"]]
    assert view.marks == ("differs",)


def test_in_a_reworded_passage_the_words_that_stayed_are_marked():
    view = view_of([Passage(0, 26, 50, 76, 0.4, "reworded", runs=((13, 25, 63, 75),))], A, B)
    assert [p.text for p in stretches(view.panes[0])[0].pieces if p.mark] == ["the old town"]
    assert view.marks == ("stayed",)


def test_a_passage_without_runs_has_no_marked_words():
    assert view_of([Passage(0, 26, 50, 76, 0.9, "edited")], A, B).marks == ()


def test_passages_that_overlap_nest_and_are_all_numbered():
    passages = [Passage(0, 26 - n, 50, 76, 0.5, "reworded") for n in range(5)]
    view = view_of(passages, A, B)
    (first, *_), notes = stretches(view.panes[0]), view.panes[0].notes
    assert first.passages == (1, 2, 3, 4, 5)
    assert (first.coloured, first.only_numbered) == ((1, 2, 3), (4, 5))
    assert notes == ("Where more than 3 passages overlap, the first 3 are coloured.",)


# --- cuts ----------------------------------------------------------------------------------------


def words(n):
    return " ".join(f"w{number}" for number in range(n))


def test_a_long_stretch_without_a_passage_is_cut_to_its_ends_between_words():
    text = f"{words(1000)} shared end {words(1000)}"
    start = text.index("shared")
    passage = Passage(start, start + 10, 0, 10, 1.0, "identical")
    pane = view_of([passage], text, "shared end").panes[0]
    cuts = [each for each in stretches(pane) if each.cut]
    assert rebuilt(pane, text) == text
    assert [each.cut for each in cuts] == [
        f"{each.end - each.start:,} characters without a shared passage" for each in cuts
    ]
    assert len(cuts) == 2
    for each in cuts:
        assert text[each.start] == " "
        assert text[each.end - 1] == " "
    shown = sum(each.end - each.start for each in stretches(pane) if not each.cut)
    assert shown < 10 + 4 * 250
    assert pane.notes == ()


@pytest.mark.parametrize(("n", "n_cut"), [(MAX_BARE, 0), (MAX_BARE + 1, 1)])
def test_a_stretch_is_cut_when_it_is_longer_than_the_most(n, n_cut):
    pane = view_of([Passage(0, 1, 0, 1, 1.0, "identical")], "x" * (n + 1), "x").panes[0]
    assert sum(bool(each.cut) for each in stretches(pane)) == n_cut


def test_beyond_the_characters_shown_the_passages_are_counted():
    a = "one two three four. " * 2000
    step = 20 * 100
    passages = [Passage(n * step, (n + 1) * step - 1, n, n + 1, 1.0, "edited") for n in range(20)]
    view = view_of(passages, a, "x" * 20)
    pane = view.panes[0]
    assert rebuilt(pane, a) == a
    assert sum(each.end - each.start for each in stretches(pane) if not each.cut) == MAX_SHOWN
    assert pane.notes == ("10 of 20 passages lie beyond the 20,000 characters shown.",)
    assert stretches(pane)[-1].cut == "20,000 more characters"
    assert [row.in_a for row in view.passages] == [True] * 10 + [False] * 10
    assert all(row.in_b for row in view.passages)
    assert len(view.rows.items) == 20


def test_a_word_of_a_megabyte_is_shown_as_far_as_the_most():
    a = "x" * 1_000_000
    view = view_of([Passage(0, len(a), 0, len(a), 1.0, "edited")], a, a)
    assert [len(_words(each)) for each in stretches(view.panes[0])] == [MAX_SHOWN, 0]


def test_of_a_long_copy_runs_that_are_the_same_are_folded_to_their_ends():
    """So that what differs at its end is seen in both."""
    same = words(4000)
    for tail in ("", " more"):
        a, b = f"{same} old {same}", f"{same} newer {same}{tail}"
        n = len(same)
        runs = ((0, n, 0, n), (n + 5, len(a), n + 7, n + 7 + n))
        shared = Passage(0, len(a), 0, len(b), 1.0, "edited", False, 8000, 8001, runs)
        view = view_of([shared], a, b, relation="near-duplicate")
        for pane, text, word in zip(view.panes, (a, b), ("old", "newer"), strict=True):
            assert rebuilt(pane, text) == text
            cuts = [each.cut for each in stretches(pane) if each.cut]
            assert len(cuts) == 2
            assert all(each.endswith(" characters the same") for each in cuts)
            assert pane.n_drawn < 1_000
            marked = [p.text for each in stretches(pane) for p in each.pieces if p.mark]
            assert marked[0] == word
            assert [each.starts for each in stretches(pane) if each.starts] == [(1,)]


def test_a_copy_that_can_be_shown_whole_is_not_folded():
    text = words(4000)[:MAX_SHOWN]
    shared = Passage(0, len(text), 0, len(text), 1.0, "identical")
    whole, folded = view_of([shared], text, text), view_of([shared], text, f"{text} x")
    assert not [each.cut for each in stretches(whole.panes[0]) if each.cut]
    assert len([each.cut for each in stretches(folded.panes[0]) if each.cut]) == 1
    assert whole.map.stayed == ("100%", "100%")


def test_in_brief_the_passages_are_shown_and_a_line_around_them():
    text = f"{words(200)} shared end {words(200)}"
    start = text.index("shared")
    a, b = document("a", text), document("b", "shared end")
    passage = Passage(start, start + 10, 0, 10, 1.0, "identical")
    whole = pair_view(pair([passage]), "/pairs/3", a, b, {}, room=10_000)
    brief = pair_view(pair([passage]), "/pairs/3", a, b, {}, room=whole.n_drawn - 1)
    assert (whole.cut, brief.n_drawn) == ("", 0)
    assert "2,000 characters of each text at most" in brief.cut
    shown = [each for each in stretches(brief.panes[0]) if not each.cut]
    assert rebuilt(brief.panes[0], text) == text
    assert sum(each.end - each.start for each in shown) < 10 + 4 * 80
    assert [each.starts for each in shown if each.starts] == [(1,)]
    assert all(row.in_a and row.in_b for row in brief.passages)
    assert brief.map == whole.map


def test_in_brief_a_text_is_shown_as_far_as_the_most():
    a = document("a", "x" * 50_000)
    view = pair_view(
        pair([Passage(0, 50_000, 0, 50_000, 1.0, "edited")]), "/pairs/3", a, a, {}, room=0
    )
    assert [len(_words(each)) for each in stretches(view.panes[0])] == [MAX_BRIEF, 0]


def test_boxes_take_the_room_of_several_characters():
    text = "\u200b\u200c" * 50_000
    pane = view_of([], text, "b").panes[0]
    whole, rest = stretches(pane)[0], stretches(pane)[-1]
    assert len(whole.pieces) == KEPT_OF_BARE
    assert rest.cut == ""
    passage = Passage(0, len(text), 0, 1, 1.0, "edited")
    pane = view_of([passage], text, "b").panes[0]
    assert pane.n_drawn == MAX_SHOWN
    assert len(stretches(pane)[0].pieces) == MAX_SHOWN // BOX_CHARS
    assert rebuilt(pane, text) == text


# --- boxes ---------------------------------------------------------------------------------------


def boxed(text, *, repairs=(), signals=(), passages=()):
    view = view_of(
        passages, document("a", text, repairs=tuple(repairs), signals=tuple(signals)), "b"
    )
    return [
        (piece.box, piece.text, piece.note)
        for each in stretches(view.panes[0])
        for piece in each.pieces
        if piece.box
    ]


def test_a_repair_shows_what_was_read_and_what_it_became():
    text = "HongĀ\xa0Kong and cafÃ©"
    repairs = [
        Repair("mojibake", 4, 6, "Ā\xa0", " "),
        Repair("mojibake", 18, 20, "Ã©", "é"),
    ]
    assert boxed(text, repairs=repairs) == [
        ("repair", "Ā\xa0", "→ space"),
        ("repair", "Ã©", "→ “é”"),
    ]


def test_repairs_that_touch_are_one_box_and_one_of_a_place_stands_in_it():
    text = "Ð¿Ñ€ x"
    repairs = [Repair("mojibake", 0, 2, "Ð¿", "п"), Repair("mojibake", 2, 4, "Ñ€", "р")]
    assert boxed(text, repairs=repairs) == [("repair", "Ð¿Ñ€", "→ “пр”")]
    insertion = Repair("surrogate", 5, 5, "", "y")
    assert boxed(text, repairs=[insertion]) == [("repair", "", "→ “y”")]


def test_a_repair_across_the_end_of_a_passage_says_its_note_once():
    repair = Repair("mojibake", 2, 6, "cdef", "x")
    passage = Passage(0, 4, 0, 1, 0.5, "reworded")
    assert boxed("abcdefgh", repairs=[repair], passages=[passage]) == [
        ("repair", "cd", ""),
        ("repair", "ef", "→ “x”"),
    ]


def test_more_repairs_than_are_boxed_are_counted(monkeypatch):
    monkeypatch.setattr(boxes, "MAX_REPAIRS", 2)
    repairs = tuple(Repair("mojibake", 2 * n, 2 * n + 1, "a", "b") for n in range(5))
    view = view_of([], document("a", "a " * 5, repairs=repairs), "b")
    assert view.panes[0].notes == ("3 more repairs in this text, not marked.",)


def test_an_inserted_anchor_is_boxed_with_its_count():
    reason = "a foreign-script run breaks the sentence; in at least 3 of 4 members of family-1"
    signals = [Signal("inserted-anchor", 3, 7, "香港AI", reason)]
    assert boxed("an 香港AI hub", signals=signals) == [
        ("anchor", "香港AI", "in at least 3 of 4 members")
    ]


def test_a_cut_off_end_is_said_above_the_text_and_where_it_ends():
    reason = "the text ends without a full stop"
    signal = Signal("truncated-end", 0, 11, "As the city", reason)
    assert boxed("As the city\n\n", signals=[signal]) == [("end", "", reason)]
    view = view_of([], document("a", "As the city", signals=(signal,)), "b")
    assert view.panes[0].notes == ("The text ends without a full stop.",)


def test_damage_that_was_repaired_has_one_box():
    repair = Repair("mojibake", 0, 2, "Ã©", "é")
    damage = Signal("encoding-damage", 0, 2, "Ã©", "repaired for matching")
    assert boxed("Ã© x", repairs=[repair], signals=[damage]) == [("repair", "Ã©", "→ “é”")]
    lost = Signal("encoding-damage", 3, 4, "\ufffd", "characters were lost")
    assert boxed("ab \ufffd", signals=[lost]) == [("damage", "\ufffd", "damaged")]


def test_damage_of_no_place_is_said_above_the_text():
    damage = Signal("encoding-damage", 0, 0, "", "3 bytes were replaced")
    assert boxed("ab", signals=[damage]) == []
    view = view_of([], document("a", "ab", signals=(damage,)), "b")
    assert view.panes[0].notes == ("3 bytes were replaced.",)


def test_hidden_characters_are_boxed_and_wide_spaces_are_spaces():
    assert boxed("a\u202eb\xa0c\x00\x00") == [("hidden", "\u202e", ""), ("hidden", "\x00\x00", "")]


def test_lines_and_paragraphs_are_told_apart():
    pane = view_of([], "one\ntwo\r\n\xa0\r\nthree\x0cfour\r\nfive", "b").panes[0]
    assert [(_words(each.stretches[0]), each.parted) for each in pane.paragraphs] == [
        ("one", False),
        ("two", True),
        ("three", False),
        ("four", False),
        ("five", False),
    ]
