import random
from collections import defaultdict
from itertools import combinations, pairwise
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dupdetect.match import boilerplate
from dupdetect.match.boilerplate import boilerplate_results, find_boilerplate
from dupdetect.results import Document
from dupdetect.text.prepare import prepare

COOKIES = "We use cookies to make this site work better for you."
LICENCE = (
    "This work may be copied under the terms of the licence. The names stay where they are now."
)
WORDS = "amber brook cedar delta ember fjord grove heath inlet jetty knoll larch marsh".split()


def own(name, number=6):
    """Sentences that no other name has."""
    rng = random.Random(name)
    return [f"{name.title()} {' '.join(rng.sample(WORDS, 8))}." for _ in range(number)]


def prepared(texts):
    return [prepare(Document(f"d{row}", text)) for row, text in enumerate(texts)]


def found_in(texts, copies=()):
    return find_boilerplate(prepared(texts), copies)


def carriers(found):
    return [unit.rows.tolist() for unit in found.units]


def masked_words(text, mask):
    return [word for word, is_masked in zip(text.tokens.words, mask, strict=True) if is_masked]


# The twin: sentences as strings, every pair walked through, one unit after another.

POOL = [f"Stock {word} {' '.join(WORDS[:length])}." for word in WORDS[:7] for length in (4, 7)]
POOL += ['"Spoken words that they all heard said here."', "Too short for one."]
PAGES = st.lists(st.lists(st.sampled_from([*POOL, "own"]), max_size=9), min_size=2, max_size=7).map(
    lambda pages: [
        [
            f"Own {row} {number} {' '.join(WORDS[number:])}." if sentence == "own" else sentence
            for number, sentence in enumerate(page)
        ]
        for row, page in enumerate(pages)
    ]
)
EDGES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=4)


def count_words(sentence):
    return len(sentence.replace('"', "").split())


def twin_units(pages, copies):
    """Sets of sentences, by what carries them and what follows what."""
    holders = {
        sentence: frozenset(row for row, page in enumerate(pages) if sentence in page)
        for page in pages
        for sentence in page
        if count_words(sentence) >= 6 and not sentence.startswith('"')
    }
    holders = {sentence: rows for sentence, rows in holders.items() if len(rows) > 1}
    units = [{rows} for rows in sorted(set(holders.values()), key=sorted)]
    group_of = list(range(len(pages)))
    for i, j in copies:
        group_of = [group_of[i] if group == group_of[j] else group for group in group_of]
    together = defaultdict(set)
    for row, page in enumerate(pages):
        for pair in pairwise(holders[sentence] for sentence in page if sentence in holders):
            together[pair].add(group_of[row])
    for (left, right), rows in together.items():
        most = max(len({group_of[row] for row in carriers}) for carriers in (left, right))
        if left != right and 10 * len(rows) >= 7 * most:
            joined = [unit for unit in units if left in unit or right in unit]
            units = [unit for unit in units if unit not in joined] + [set.union(*joined)]
    return group_of, holders, [{s for s, rows in holders.items() if rows in unit} for unit in units]


def twin_boilerplate(pages, copies, max_sets):
    """The units that are boilerplate, found one after another."""
    group_of, holders, units = twin_units(pages, copies)
    copies = {frozenset(edge) for edge in copies}
    crowded = {
        row
        for row, page in enumerate(pages)
        if len({holders[sentence] for sentence in page if sentence in holders}) > max_sets
    }

    def is_free(row, unit):
        page = pages[row]
        n_inside = sum(count_words(sentence) for sentence in page if sentence in unit)
        inside = [sentence in unit for sentence in page if count_words(sentence) >= 6]
        n_places = sum(b and not a for a, b in pairwise([False, *inside]))
        n_carriers = len({row for sentence in unit for row in holders[sentence]})
        n_allowed = max(2 if inside[0] or inside[-1] else 1, n_carriers // 2)
        n_words = sum(map(count_words, page))
        small_enough = 2 * n_inside <= n_words or n_carriers > 2
        return row not in crowded and small_enough and n_places <= n_allowed

    def is_notice(sentence, unit, known):
        pairs = [
            pair
            for pair in combinations(sorted(holders[sentence]), 2)
            if frozenset(pair) not in copies
        ]
        unrelated = [
            (i, j)
            for i, j in pairs
            if is_free(i, unit)
            and is_free(j, unit)
            and not (set(pages[i]) & set(pages[j]) & set(holders)) - unit - known
        ]
        return bool(unrelated) and 2 * len(unrelated) >= len(pairs)

    def is_boilerplate(unit, known):
        return all(is_notice(sentence, unit, known) for sentence in unit)

    chosen, known = [], set()
    while new := [unit for unit in units if unit not in chosen and is_boilerplate(unit, known)]:
        chosen.append(new[-1])
        if len({group_of[row] for sentence in new[-1] for row in holders[sentence]}) >= 4:
            known |= new[-1]
    return chosen


@given(PAGES, EDGES, st.sampled_from([2, 4, 100]))
def test_boilerplate_is_that_of_the_twin_that_walks_all_pairs(pages, edges, max_sets):
    copies = [(i, j) for i, j in edges if i != j and max(i, j) < len(pages)]
    texts = prepared(map(" ".join, pages))
    with mock.patch.object(boilerplate, "_MAX_SETS", max_sets):
        found = find_boilerplate(texts, copies)
    expected = twin_boilerplate(pages, copies, max_sets)
    rows = [{row for row, page in enumerate(pages) if unit & set(page)} for unit in expected]
    assert sorted(carriers(found)) == sorted(map(sorted, rows))
    inside = set().union(*expected)
    for page, mask in zip(pages, found.masks, strict=True):
        assert mask.tolist() == [s in inside for s in page for _ in range(count_words(s))]


@given(PAGES, EDGES, st.randoms(use_true_random=False))
def test_boilerplate_depends_on_no_order(pages, edges, rng):
    copies = [(i, j) for i, j in edges if i != j and max(i, j) < len(pages)]
    texts = prepared(map(" ".join, pages))
    expected = find_boilerplate(texts, copies)
    order = list(range(len(texts)))
    rng.shuffle(order)
    turned = [(order.index(j), order.index(i)) for i, j in reversed(copies)]
    found = find_boilerplate([texts[row] for row in order], turned)
    ids = [text.document.id for text in texts]
    assert boilerplate_results(found, [ids[row] for row in order]) == boilerplate_results(
        expected, ids
    )
    for row, mask in zip(order, found.masks, strict=True):
        assert mask.tolist() == expected.masks[row].tolist()


@given(PAGES)
def test_places_hold_the_masked_tokens_and_the_shown_text_is_in_a_text(pages):
    texts = prepared(map(" ".join, pages))
    found = find_boilerplate(texts, [])
    inside = [np.zeros(len(text.tokens), dtype=bool) for text in texts]
    for unit in found.units:
        assert sorted(set(unit.places[:, 0].tolist())) == unit.rows.tolist()
        assert unit.places.tolist() == sorted(unit.places.tolist())
        blocks = {}
        for row, start, end in unit.places.tolist():
            spans = texts[row].spans
            inside[row] |= (spans[:, 0] >= start) & (spans[:, 1] <= end)
            blocks.setdefault(row, []).append(texts[row].document.text[start:end])
        assert unit.text in [" … ".join(of_text) for of_text in blocks.values()]
    for mask, held in zip(found.masks, inside, strict=True):
        assert not (mask & ~held).any()


def test_a_licence_under_two_articles_is_boilerplate():
    texts = [" ".join([*own(name), LICENCE]) for name in ("ann", "bob")]
    found = found_in(texts)
    assert [unit.text for unit in found.units] == [LICENCE]
    for text, mask in zip(prepared(texts), found.masks, strict=True):
        assert " ".join(masked_words(text, mask)) == LICENCE.lower().replace(".", "")


def test_a_cookie_notice_and_a_licence_on_ten_pages_are_one_boilerplate():
    texts = ["\n\n".join([COOKIES, " ".join(own(f"page{n}")), LICENCE]) for n in range(10)]
    found = found_in(texts)
    assert carriers(found) == [list(range(10))]
    assert found.units[0].text == f"{COOKIES} … {LICENCE}"
    assert len(found.units[0].places) == 20


def test_a_footer_that_is_missing_here_and_there_holds_no_header_back():
    pages = [[COOKIES, *own(f"page{n}")] for n in range(10)]
    for n_with_footer in range(2, 11):
        texts = [
            " ".join([*page, *([LICENCE] if n < n_with_footer else [])])
            for n, page in enumerate(pages)
        ]
        shown = sorted(unit.text for unit in found_in(texts).units)
        whole = f"{COOKIES} … {LICENCE}"
        assert shown == ([whole] if n_with_footer >= 7 else sorted([COOKIES, LICENCE]))


@pytest.mark.parametrize("seed", range(5))
def test_farm_pages_patched_from_stock_paragraphs_carry_no_boilerplate(seed):
    stock = [" ".join(own(f"stock{n}", 2)) for n in range(20)]
    rng = random.Random(seed)
    pages = [rng.sample(range(20), 8) for _ in range(4)]
    while any(len(set(a) & set(b)) < 2 for a, b in combinations(pages, 2)):
        pages = [rng.sample(range(20), 8) for _ in range(4)]
    found = found_in("\n\n".join(stock[n] for n in page) for page in pages)
    assert found.units == ()
    assert not any(mask.any() for mask in found.masks)


def test_the_cookie_notice_of_a_farm_among_other_pages_is_boilerplate_and_its_stock_is_not():
    stock = [own(f"stock{n}", 1)[0] for n in range(6)]
    farm = [[0, 1, 2, 3], [0, 1, 4, 5], [2, 3, 4, 5], [0, 2, 4, 1]]
    pages = [[stock[n] for n in page] for page in farm]
    pages += [own(f"other{n}", 4) for n in range(6)]
    found = found_in(" ".join([COOKIES, *page]) for page in pages)
    assert [unit.text for unit in found.units] == [COOKIES]


def test_what_two_texts_share_with_others_excuses_nothing_between_them():
    # Each of the first two blocks is boilerplate for two of its three pairs.
    stock = own("stock", 3)
    pages = [[0, 1, 2], [0, 1, 2], [0], [1]]
    texts = [
        " ".join([s for n in page for s in (stock[n], *own(f"page{row}{n}"))])
        for row, page in enumerate(pages)
    ]
    found = found_in(texts)
    assert sorted(carriers(found)) == [[0, 1, 2], [0, 1, 3]]


@pytest.mark.parametrize("n_others", [2, 3])
def test_boilerplate_of_four_texts_copies_counted_once_excuses_what_is_shared_besides(n_others):
    article = own("article", 8)
    texts = [" ".join([COOKIES, *article]), " ".join([COOKIES, *article[1:]])]
    texts += [
        " ".join([COOKIES, *own(f"page{n}", 4), *([LICENCE] if n < 2 else []), *own(f"end{n}")])
        for n in range(n_others)
    ]
    found = found_in(texts, copies=[(0, 1)])
    shown = [unit.text for unit in found.units]
    assert shown == ([COOKIES] if n_others == 2 else [COOKIES, LICENCE])


@pytest.mark.parametrize("n_pages", [5, 6])
def test_a_unit_may_stand_in_half_as_many_places_as_texts_carry_it(n_pages):
    stock = own("stock", 3)
    texts = []
    for n in range(n_pages):
        page = own(f"page{n}", 8)
        texts.append(
            " ".join([*page[:2], stock[0], page[2], stock[1], page[3], stock[2], *page[4:]])
        )
    assert bool(found_in(texts).units) == (n_pages == 6)


def test_what_copies_share_is_no_boilerplate():
    article = own("article", 8)
    texts = [" ".join([*article[:3], *own(name, 5)]) for name in ("ann", "bob")]
    assert len(found_in(texts).units) == 1
    assert found_in(texts, copies=[(1, 0), (0, 1)]).units == ()


def test_a_licence_of_two_copies_and_a_third_text_is_boilerplate_by_the_third():
    article = own("article", 8)
    texts = [" ".join([*article, LICENCE]), " ".join([*article[1:], LICENCE])]
    texts.append(" ".join([*own("other"), LICENCE]))
    found = found_in(texts, copies=[(0, 1)])
    assert [unit.text for unit in found.units] == [LICENCE]
    assert carriers(found) == [[0, 1, 2]]


def test_two_near_copies_that_nobody_names_so_share_too_much_for_boilerplate():
    article = own("article", 8)
    assert found_in([" ".join(article), " ".join([*article[:6], *own("end", 2)])]).units == ()


def test_one_page_that_is_all_notice_hides_it_in_no_other():
    texts = [" ".join([*own(f"page{n}"), COOKIES]) for n in range(5)]
    found = found_in([*texts, COOKIES])
    assert carriers(found) == [list(range(6))]
    assert found.masks[5].all()


@pytest.mark.parametrize("at_the_end", [False, True])
@pytest.mark.parametrize("n_places", [1, 2, 3])
def test_two_texts_share_boilerplate_in_one_place_or_in_two_if_one_is_at_an_end(
    n_places, at_the_end
):
    shared = own("shared", 3)[:n_places]
    texts = []
    for name in ("ann", "bob"):
        page = own(name, 10)
        parts = [sentence for pair in zip(page, shared, strict=False) for sentence in pair]
        texts.append(" ".join([*page[5:], *parts, *([] if at_the_end else page[3:5])]))
    assert bool(found_in(texts).units) == (n_places <= 1 + at_the_end)


@pytest.mark.parametrize("marks", ['""', "“”", "„“", "«»"])
def test_a_quotation_in_two_reports_is_no_boilerplate(marks):
    quoted = f"{marks[0]}We will not let this town go dark.{marks[1]}"
    texts = [" ".join([*own(name), quoted]) for name in ("ann", "bob")]
    assert found_in(texts).units == ()
    assert found_in([texts[0], texts[1].translate(dict.fromkeys(map(ord, marks)))]).units == ()
    assert found_in(text.translate(dict.fromkeys(map(ord, marks))) for text in texts).units


def test_a_shared_quotation_relates_no_texts():
    quoted = '"We will not let this town go dark."'
    texts = [" ".join([*own(name), quoted, LICENCE]) for name in ("ann", "bob")]
    assert [unit.text for unit in found_in(texts).units] == [LICENCE]


def test_sentences_of_five_words_are_too_short():
    texts = [" ".join([*own(name), "All our rights are reserved."]) for name in ("ann", "bob")]
    assert found_in(texts).units == ()
    assert len(found_in(text.replace("All our", "All of our") for text in texts).units) == 1


def test_case_typography_damage_and_anchors_part_no_boilerplate_and_places_are_as_read():
    notices = [
        "The town’s café may share this page with all.",
        "THE TOWN'S CAFÉ MAY SHARE THIS PAGE WITH ALL!",
        "The townâ€™s cafÃ© may share this page with all.",
        "The town’s café may share 香港 this page with all.",
    ]
    texts = [" ".join([*own(f"page{n}"), notice]) for n, notice in enumerate(notices)]
    found = found_in(texts)
    assert carriers(found) == [[0, 1, 2, 3]]
    places = [texts[row][start:end] for row, start, end in found.units[0].places.tolist()]
    assert places == notices
    anchored = prepared(texts)[3]
    assert "香" in masked_words(anchored, found.masks[3])


def test_a_chinese_notice_is_boilerplate_from_eighteen_characters_on():
    for n_characters, is_boilerplate in ((17, False), (18, True)):
        notice = "本网站使用曲奇以改善您的浏览体验请同意继续"[:n_characters] + "。"
        texts = [f"{body}。{notice}" for body in ("香港今天下大雨" * 6, "北京昨天刮大风" * 6)]
        assert bool(found_in(texts).units) is is_boilerplate


def test_a_long_boilerplate_is_shortened_and_the_cut_is_counted():
    terms = " ".join(own("terms", 20))
    texts = [" ".join([*own(name, 25), terms]) for name in ("ann", "bob")]
    unit = found_in(texts).units[0]
    assert len(unit.text) == boilerplate.MAX_SHOWN_CHARS
    assert terms.startswith(unit.text)
    assert unit.n_chars_cut == len(terms) - len(unit.text) > 0
    listed = boilerplate_results(found_in(texts), ["b", "a"])[0]
    assert listed.members == ("a", "b")
    assert [texts[1][each.start : each.end] for each in listed.occurrences[:1]] == [terms]


def test_a_crowd_under_one_notice_is_decided_without_a_product_of_texts():
    texts = [f"{COOKIES} {' '.join(own(f'page{n}', 2))}" for n in range(2000)]
    with mock.patch.object(boilerplate, "_alike", side_effect=AssertionError):
        assert len(found_in(texts).units[0].rows) == 2000


@given(
    st.lists(st.sets(st.integers(0, 8), min_size=1, max_size=4), min_size=1, max_size=14),
    st.sampled_from([1, 2**22]),
)
def test_pairs_that_share_a_set_are_counted_as_if_walked_through(memberships, pairs_at_once):
    n_sharing = sum(not a.isdisjoint(b) for a, b in combinations(memberships, 2))
    owners = np.repeat(np.arange(len(memberships)), [len(each) for each in memberships])
    sets = np.array([number for each in memberships for number in sorted(each)])
    with mock.patch.object(boilerplate, "_PAIRS_AT_ONCE", pairs_at_once):
        for limit in range(n_sharing + 3):
            assert boilerplate._at_most_share(owners, sets, limit) == (n_sharing <= limit)


def test_texts_of_many_blocks_are_counted_and_make_no_boilerplate():
    stock = [own(f"stock{n}", 1)[0] for n in range(102)]
    # One short page for each sentence, so that each is carried by another set of texts.
    pages = [" ".join(stock)] * 2 + [
        " ".join([each, *own(f"p{n}")]) for n, each in enumerate(stock)
    ]
    found = found_in(pages, copies=[(0, 1)])
    assert found.counts == {"shared_sentences": 102, "texts_of_many_blocks": 2}
    assert found.units == ()


@pytest.mark.parametrize("texts", [[], [""], ["", ""], ["Hi.", "Hi."]])
def test_texts_without_sentences_carry_no_boilerplate(texts):
    found = found_in(texts)
    assert found.units == ()
    assert [len(mask) for mask in found.masks] == [len(t.tokens) for t in prepared(texts)]
    assert found.counts == {"shared_sentences": 0, "texts_of_many_blocks": 0}
