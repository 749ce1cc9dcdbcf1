"""The pair view: passages by number, the score by its parts, the map, and the page of one pair."""

from dataclasses import replace
from html.parser import HTMLParser

from dupdetect.report.html import render_pair
from dupdetect.report.views import pair as pair_module
from dupdetect.report.views.pair import pair_view
from dupdetect.results import Document, DocumentReport, Overlap, Pair, Passage


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


# --- passages ------------------------------------------------------------------------------------

A = "Rain fell on the old town. Nobody came to the fair, and the band went home."
B = "Nobody came to the town fair; the band went home. Rain fell on the old town."


def test_passages_are_numbered_in_the_order_of_text_a_and_keep_their_place_in_the_json():
    first, second = Passage(27, 75, 0, 49, 0.7, "edited"), Passage(0, 26, 50, 76, 1.0, "identical")
    loose = Passage(0, 4, 40, 54, 0.2, "reworded")
    view = view_of([first, second], A, B, relation="review", sentences=(loose,))
    assert [(row.pointer, row.words, row.letters) for row in view.passages] == [
        ("/pairs/3/sentences/0", "single sentence, reworded", "R"),
        ("/pairs/3/passages/1", "identical", "I"),
        ("/pairs/3/passages/0", "edited", "E"),
    ]
    assert view.id == "pair-3"
    assert pair_view(pair(), "/pair", document("a", A), document("b", B), {}).id == "pair"


def test_quotations_are_said_with_their_share_of_what_stayed():
    shared = [
        Passage(0, 26, 50, 76, 1.0, "identical", True, 6, 6),
        Passage(27, 75, 0, 49, 0.7, "edited", False, 18, 20),
    ]
    view = view_of(shared, A, B)
    assert view.quoted == "1 of 2 passages is a quotation, with 25% of the tokens that stayed"
    assert [row.letters for row in view.passages] == ["I Q", "E"]
    assert view.kinds == ("identical", "edited", "quotation")
    assert view_of(shared[1:], A, B).quoted == "no quotation among the passages"


def test_a_table_of_too_many_passages_says_how_many_it_leaves_out(monkeypatch):
    monkeypatch.setattr(pair_module, "MAX_ROWS", 3)
    view = view_of([Passage(n, n + 1, n, n + 1, 0.5, "edited") for n in range(5)], A, B)
    assert [row.number for row in view.rows.items] == [1, 2, 3]
    assert view.rows.n_hidden == 2
    assert len(view.map.passages) == 3


def sentence(at, n_kept, runs=(), kind="reworded", n_tokens=9):
    return Passage(at, at + 9, at, at + 9, 0.5, kind, False, n_kept, n_tokens, runs)


def test_passages_of_which_hardly_a_word_stayed_are_counted_and_not_numbered():
    two, together = ((0, 2, 0, 2), (5, 8, 5, 8)), ((0, 8, 0, 8),)
    shared = [
        sentence(0, 3, two),
        sentence(10, 3, together),
        sentence(20, 4, two),
        sentence(30, 2, together),
        sentence(40, 2, together, "identical", 2),
        sentence(50, 0, n_tokens=0),
    ]
    view = view_of(shared, A, B)
    assert [row.passage.a_start for row in view.passages] == [10, 20, 40, 50]
    assert view.left_out == "2 passages of which hardly a word stayed"
    for most in (view_of(shared, A, B, relation="contained"), view_of(shared[:1], A, B)):
        assert most.left_out == ""
        assert len(most.passages) == len(most.pair.passages)


def test_single_sentences_inside_a_passage_are_counted_and_not_numbered():
    inside, across = sentence(12, 5), sentence(38, 5)
    shared = replace(sentence(10, 5), a_end=40, b_end=40)
    view = view_of([shared], A, B, relation="review", sentences=(inside, across))
    assert [row.passage for row in view.passages] == [shared, across]
    assert view.left_out == "1 single sentence inside a passage"


# --- the head ------------------------------------------------------------------------------------

OVERLAP = Overlap(
    52, 4.8, 2, 0.5, 1.854, 0.0, -0.114, 1.74, 0.002, tuple(f"word{n:02}" for n in range(52))
)


def test_the_parts_of_the_score_go_on_from_one_another_and_end_at_the_score():
    own = view_of([], A, B, overlap=OVERLAP).own_words
    surplus, distance, brevity, score = own.parts
    assert [part.shown for part in own.parts] == ["+1.85", "0.00", "-0.11", "+1.74"]
    assert surplus.x == own.zero == score.x
    assert distance.x == surplus.x + surplus.width
    assert (distance.width, brevity.sign) == (0, "less")
    assert abs(brevity.x - (score.x + score.width)) <= 1
    assert all(0 <= part.x <= part.x + part.width <= 1000 for part in own.parts)


def test_of_own_words_the_first_are_named_and_the_others_counted():
    own = view_of([], A, B, overlap=OVERLAP).own_words
    assert len(own.words) == 40
    assert own.rest == "and 12 more (the JSON report lists 52)"


def test_copies_say_nothing_of_own_words():
    assert view_of([], A, B, relation="near-duplicate", overlap=OVERLAP).own_words is None
    assert view_of([], A, B).own_words is None


def test_containment_says_what_it_counts_and_copies_have_no_resemblance():
    settings = {"config": {"near_duplicate": {"shingle_words": 7}}}
    view = view_of([], A, B, settings)
    assert (view.runs, view_of([], A, B).runs) == ("7-word runs", "Runs of words")
    for relation, n in (("recycled", 1), ("near-duplicate", 0)):
        drawn = render_pair(
            pair(relation=relation), Document("a", A), Document("b", B), settings=settings
        )
        assert "<dt>7-word runs of A also in B</dt>" in drawn
        assert drawn.count("<dt>Resemblance</dt>") == n


def test_a_pair_that_only_its_family_holds_says_so():
    weak = Overlap(6, 0.6, 2, 0.33, 0.8, 0.0, -0.16, 0.64, 0.4)
    assert view_of([], A, B, overlap=weak).note == "in the family, not by itself"
    assert view_of([], A, B, overlap=OVERLAP).note == ""


def test_what_stayed_is_counted_once_and_the_map_lies_within_its_bars():
    passages = [
        Passage(0, 26, 50, 76, 1.0, "identical"),
        Passage(10, 40, 0, 49, 0.7, "edited", runs=((20, 35, 5, 15),)),
        Passage(74, 75, 75, 76, 0.7, "edited"),
    ]
    view = view_of(passages, A, B)
    assert view.map.widths == (round(1000 * len(A) / len(B)), 1000)
    assert view.map.stayed == (f"{100 * 35 // 75}%", f"{100 * 36 // 76}%")
    for each in view.map.passages:
        assert 0 <= each.a < each.a + each.a_width <= 1000
        assert 0 <= each.b < each.b + each.b_width <= 1000


# --- the page ------------------------------------------------------------------------------------


class Texts(HTMLParser):
    """The ids, jumps and classes of a page, and the words of its texts without what is added."""

    def __init__(self, page):
        super().__init__()
        self.ids, self.jumps, self.words, self._open = [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if "id" in values:
            self.ids.append(values["id"])
        self.jumps += [values[name] for name in ("href", "data-partner") if name in values]
        if tag not in ("meta", "input", "br"):
            self._open.append((tag, values.get("class", "")))
        if self._open[-2:-1] == [("div", "text")] and values.get("class") != "cut":
            self.words.append("")

    def handle_endtag(self, tag):
        while self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        added = any(kind == "no" or name in ("a", "small") for name, kind in self._open)
        if (
            {("p", ""), ("p", "line")} & set(self._open)
            and ("div", "text") in self._open
            and not added
        ):
            self.words[-1] += data


def lone_page(pair, a, b):
    return render_pair(pair, Document("a", a), Document("b", b), settings={})


def test_a_page_draws_the_words_as_they_were_read_and_its_jumps_land():
    a, b = f"{A}\n\n  Two  spaces\t<b>&amp;</b>", f"{B}\n\nNothing."
    passages = [
        Passage(27, 75, 0, 49, 0.7, "edited", True, 9, 10, ((27, 45, 0, 18), (46, 50, 24, 28))),
        Passage(0, 26, 50, 76, 1.0, "identical"),
        *(Passage(0, 20 - n, 50, 70, 0.5, "reworded", runs=((0, 4, 50, 54),)) for n in range(4)),
        Passage(10, 30, 0, 20, 0.5, "reworded", runs=((13, 16, 1, 4),)),
    ]
    drawn = Texts(lone_page(pair(passages), a, b))
    assert drawn.words == [A, "  Two  spaces\t<b>&amp;</b>", B, "Nothing."]
    assert len(drawn.ids) == len(set(drawn.ids))
    assert {f"pair-{side}-{n}" for side in "ab" for n in range(1, 8)} <= set(drawn.ids)
    assert {jump.removeprefix("#") for jump in drawn.jumps} <= set(drawn.ids)
    assert {f"#pair-{side}-{n}" for side in "ab" for n in range(1, 8)} <= set(drawn.jumps)
    # What lies in a passage behind its first stretch has no label, and names the partner.
    assert {jump for jump in drawn.jumps if not jump.startswith("#")} < {
        f"pair-{side}-{n}" for side in "ab" for n in range(1, 8)
    }


def test_a_page_links_to_no_passage_that_it_does_not_show():
    a = "one two three four. " * 2000
    passages = [Passage(n * 2000, n * 2000 + 1999, n, n + 1, 1.0, "edited") for n in range(20)]
    drawn = Texts(lone_page(pair(passages), a, "x" * 20))
    assert "pair-a-11" not in drawn.ids
    assert "pair-b-11" in drawn.ids
    assert {jump.removeprefix("#") for jump in drawn.jumps} <= set(drawn.ids)


# --- without texts -------------------------------------------------------------------------------


def test_without_texts_there_are_offsets_and_no_panes():
    passages = [Passage(0, 26, 50, 76, 1.0, "identical")]
    a, b = document("a", "", n_chars=75), document("b", "", n_chars=76)
    for settings_ in ({"left_out": ["text"]}, {}):
        view = view_of(passages, a, b, settings_)
        assert view.panes == ()
        assert not view.passages[0].in_a
        assert (len(view.rows.items), view.map.stayed[0]) == (1, "34%")
