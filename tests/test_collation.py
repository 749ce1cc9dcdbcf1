import random
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect import detect, read_documents
from dupdetect.config import EvidenceConfig
from dupdetect.evidence.collation import collate
from dupdetect.evidence.passages import PassageFinder
from dupdetect.results import Document, Passage
from dupdetect.text.prepare import prepare

SEEDS = Path(__file__).parent.parent / "seeds"
# Every sentence counts, and is matched with whatever is a little like it.
LOOSE = EvidenceConfig(min_cosine=0.05, min_dice=0.05, min_tokens=1)


class Members:
    """Members m0, m1, ... of one family, and the sentences that two of them share."""

    def __init__(self, *texts):
        self.texts = [prepare(Document(f"m{row}", text)) for row, text in enumerate(texts)]
        self.alike = self._alike_in(PassageFinder(self.texts, LOOSE, merge=False))
        self.pairs = list(combinations(range(len(texts)), 2))

    @staticmethod
    def _alike_in(finder):
        return lambda a, b: finder.shared(a, b).sentences

    def collate(self, pairs=None, *, differing_first=False, **options):
        config = replace(LOOSE, **options)
        chosen = self.pairs if pairs is None else pairs
        return collate(self.texts, chosen, self.alike, config, differing_first=differing_first)

    def marked(self, collation):
        """Each reading as a string, agreed words in brackets."""
        return {
            reading.id: marked(self.texts[int(reading.id[1:])].document.text, reading)
            for reading in collation.readings
        }


def marked(text, reading):
    shown, place = "", reading.start
    for start, end in reading.agreed:
        shown += f"{text[place:start]}[{text[start:end]}]"
        place = end
    return shown + text[place : reading.end]


def only(members, **options):
    (found,), n = members.collate(**options)
    assert n == 1
    return found


def test_two_wordings_of_a_sentence_agree_in_the_words_that_both_have():
    members = Members("The old mill burned down.", "The mill was old and burned down.")
    found = only(members)
    assert members.marked(found) == {
        "m0": "[The] old [mill burned down].",
        "m1": "[The mill] was old and [burned down].",
    }
    assert (found.n_tokens_agreed, found.n_tokens, found.base, found.kind) == (
        4,
        7,
        "m1",
        "reworded",
    )


def test_two_of_three_make_the_skeleton():
    members = Members(
        "The mill burned down on Monday night.",
        "The mill burned down on Sunday night.",
        "The barn burned down on Monday morning.",
    )
    assert members.marked(only(members)) == {
        "m0": "[The mill burned down on Monday night].",
        "m1": "[The mill burned down on] Sunday [night].",
        "m2": "[The] barn [burned down on Monday] morning.",
    }


def test_of_four_two_are_not_enough():
    members = Members(
        "The mill burned down on Monday night.",
        "The mill burned down on Sunday night.",
        "The barn burned down on Monday night.",
        "The barn burned down on Sunday night.",
    )
    found = only(members)
    assert found.n_tokens_agreed == 5
    assert members.marked(found)["m0"] == "[The] mill [burned down on] Monday [night]."


def test_a_word_that_a_reading_leaves_out_parts_what_it_has():
    members = Members(
        "The old red mill burned down.",
        "The old red mill burned down.",
        "The old mill burned down.",
    )
    assert members.marked(only(members))["m2"] == "[The old] [mill burned down]."


def test_an_inserted_anchor_parts_agreed_words_and_is_not_among_them():
    members = Members(
        "The old mill 香港AI burned down on Monday.", "The old mill burned down on Monday."
    )
    found = only(members)
    assert members.marked(found) == {
        "m0": "[The old mill] 香港AI [burned down on Monday].",
        "m1": "[The old mill burned down on Monday].",
    }
    assert (found.kind, found.n_tokens_agreed, found.n_tokens) == ("identical", 7, 7)


def test_punctuation_and_letter_case_between_agreed_words_are_part_of_them():
    members = Members("The mill, old as it was, burned.", "THE MILL (old as it was) burned!")
    found = only(members)
    assert members.marked(found) == {
        "m0": "[The mill, old as it was, burned].",
        "m1": "[THE MILL (old as it was) burned]!",
    }
    assert found.kind == "identical"


def test_a_word_more_in_one_reading_is_not_identical():
    members = Members("The old mill burned down.", "The old mill burned down again.")
    assert (only(members).kind, only(members).n_tokens) == ("edited", 6)
    short = "The old mill burned down."
    members = Members(short, short, "The old mill burned down again.")
    found = only(members, pairs=[(0, 1), (0, 2)])
    assert (found.base, found.kind, found.n_tokens_agreed, found.n_tokens) == ("m0", "edited", 5, 5)


@pytest.mark.parametrize(("edited", "kind"), [(0.75, "edited"), (0.76, "reworded")])
def test_the_share_of_the_base_that_is_skeleton_tells_edited_from_reworded(edited, kind):
    members = Members("One two three four.", "One two three five.")
    assert only(members, edited=edited).kind == kind


def test_each_reading_matches_its_base_and_no_chain_joins_what_shares_nothing():
    # Each shares two words with the next, and none with the one after.
    members = Members("ash oak elm fir.", "elm fir ivy fern.", "ivy fern moss reed.", "moss reed.")
    found = only(members)
    assert (found.base, [each.id for each in found.readings]) == ("m1", ["m0", "m1", "m2"])


def test_readings_of_which_most_agree_in_no_word_are_no_collation():
    base = "ash oak elm fir ivy fern moss reed rush."
    members = Members(base, "ash oak elm.", "fir ivy fern.", "moss reed rush.")
    assert members.collate() == ((), 0)
    assert len(members.collate(pairs=[(0, 1)])[0]) == 1


def test_a_sentence_of_which_little_stayed_in_order_is_no_reading():
    # One word in order of ten and ten: Dice 0.1. Two of ten and ten: 0.2.
    base = "a b c d e f g h i j."
    assert Members(base, "a q r s t u v w x y.").collate() == ((), 0)
    assert Members(base, "a b r s t u v w x y.").collate()[1] == 1


def test_a_sentence_with_little_of_the_skeleton_is_no_reading():
    shared = "The harbour board plans to renew the old quays"
    stray = "The board of the old mill plans nothing."
    found = only(Members(f"{shared} by spring.", f"{shared} next year.", stray))
    assert [each.id for each in found.readings] == ["m0", "m1"]


def test_of_a_sentence_that_comes_in_several_passages_the_one_with_most_words_kept_counts():
    members = Members("One two three four.", "One two five six. One two three seven.")
    poor = Passage(0, 19, 0, 17, 0.9, "reworded", False, 2, 4, ((0, 7, 0, 7),))
    good = Passage(0, 19, 18, 38, 0.5, "edited", False, 3, 4, ((0, 13, 18, 31),))
    for alike in ([poor, good], [good, poor]):
        (found,), _ = collate(members.texts, [(0, 1)], lambda a, b, alike=alike: alike, LOOSE)
        assert [(each.id, each.start) for each in found.readings] == [("m0", 0), ("m1", 18)]


def test_the_base_is_the_sentence_whose_partners_keep_most_of_it():
    members = Members("a b c d.", "a b c d e f g h.", "e f g h.")
    assert only(members).base == "m1"


def test_of_equal_bases_the_longer_sentence_is_taken_and_of_those_the_first():
    assert only(Members("a b c.", "a b c d.")).base == "m1"
    assert only(Members("a b c.", "a b c.")).base == "m0"


def test_of_equal_bases_the_longer_is_taken_after_a_partner_of_both_was_taken_too():
    # The third takes the fourth and the fifth; the fourth was a partner of the first and second.
    long = "Ash oak elm fir ivy fern moss reed."
    mixed = "Ash oak elm fir ivy fern red sun."
    members = Members("Red sun sky.", "Red sun sky ice.", long, mixed, long)
    found, _ = members.collate([(0, 1), (0, 3), (1, 3), (2, 3), (2, 4)])
    assert [each.base for each in found] == ["m2", "m1"]


def test_those_come_first_whose_readings_agree_in_most_words():
    long = "The old mill burned down once again."
    members = Members(f"Red sun sky. {long}", f"Red sun sky. {long}", "Red sun sky.")
    found, _ = members.collate()
    assert [(len(each.readings), each.n_tokens_agreed) for each in found] == [(2, 7), (3, 3)]


def test_of_equal_collations_those_come_first_whose_base_does():
    members = Members(*["Red sun sky. The old mill."] * 2)
    assert [each.readings[0].start for each in members.collate()[0]] == [0, 13]


def test_of_copies_those_that_differ_come_first_an_inserted_anchor_too():
    members = Members(
        "The old mill burned. Red sun sky. Ice day sea.",
        "The old mill burned. Red sun set. Ice 香港 day sea.",
    )
    copies = members.collate(differing_first=True)[0]
    assert [each.readings[0].start for each in copies] == [34, 21, 0]
    assert [each.readings[0].start for each in members.collate()[0]] == [0, 34, 21]


def test_collations_beyond_the_cap_are_counted():
    members = Members(*["Red sun sky. The old mill. Ice day sea."] * 2)
    for cap in (0, 2, 3, 9):
        found, n = members.collate(max_collations=cap)
        assert (len(found), n) == (min(cap, 3), 3)
        assert found == members.collate()[0][:cap]


def test_no_pairs_and_no_shared_sentences_give_no_collations():
    members = Members("red sun sky.", "the old mill.", "")
    assert members.collate(pairs=[]) == members.collate() == ((), 0)


def test_agreed_words_are_found_through_what_was_repaired():
    members = Members("The cityâ€™s cafÃ© burned &amp; fell.", "The city’s café burned and fell.")
    assert members.marked(only(members)) == {
        "m0": "[The cityâ€™s cafÃ© burned &amp; fell].",
        "m1": "[The city’s café burned] and [fell].",
    }


def test_words_that_were_repaired_together_are_marked_together():
    broken = "日本語".encode().decode("cp1252")
    members = Members(broken, "日本語", "日本人")
    assert members.marked(only(members)) == {
        "m0": f"[{broken}]",
        "m1": "[日本語]",
        "m2": "[日本]人",
    }
    broken = "文化日本語".encode().decode("cp1252")
    members = Members(broken, "文化日語")
    assert members.marked(only(members)) == {"m0": f"[{broken}]", "m1": "[文化日語]"}


@pytest.mark.parametrize("broken", [0, 1])
def test_each_of_some_words_that_were_repaired_together_stayed_once(broken):
    texts = ["日本日文化", "日人日文化"]
    texts[broken] = texts[broken].encode().decode("cp1252")
    assert only(Members(*texts)).n_tokens_agreed == 4


WORDS = ["red", "sun", "Sky", "ice", "day", "café", "cafÃ©", "香港AI", "(sea)", "日本語", "æ—¥æœ¬"]
SENTENCES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)
# Half of the sentences of a collection are drawn from few, so that members share some.
COLLECTIONS = st.lists(SENTENCES, min_size=1, max_size=4).flatmap(
    lambda common: st.lists(
        st.lists(st.one_of(st.sampled_from(common), SENTENCES), max_size=4).map(
            lambda sentences: "".join(f"{each}.\n\n" for each in sentences)
        ),
        min_size=2,
        max_size=5,
    )
)


def tokens_of(text, start, end):
    """Tokens inside a span, foreign ones among them: folded word, span, whether it is foreign."""
    tokens = zip(text.tokens.words, text.spans.tolist(), text.tokens.foreign.tolist(), strict=True)
    return [
        (word, *span, foreign)
        for word, span, foreign in tokens
        if start <= span[0] and span[1] <= end
    ]


def native(text, start, end):
    return [token for token in tokens_of(text, start, end) if not token[3]]


def slow_collate(members, differing_first):
    """The slow twin for texts in which each word has a span of its own: all sums made anew."""
    texts = members.texts
    links = {}
    for a, b in members.pairs:
        for p in members.alike(a, b):
            one, other = (a, p.a_start, p.a_end), (b, p.b_start, p.b_end)
            n_words = sum(len(native(texts[row], *span)) for row, *span in (one, other))
            if 2 * p.n_tokens_kept >= 0.2 * n_words:
                links[one, other] = p.n_tokens_kept, p.runs
                links[other, one] = p.n_tokens_kept, [(*run[2:], *run[:2]) for run in p.runs]
    unused = sorted({one for one, _ in links})
    stars = []
    while True:

        def gain(one, unused=tuple(unused)):
            return sum(links[one, other][0] for other in unused if (one, other) in links)

        best = max(
            (each for each in unused if gain(each)),
            key=lambda each: (
                gain(each),
                len(native(texts[each[0]], *each[1:])),
                *(-x for x in each),
            ),
            default=None,
        )
        if best is None:
            break
        star = [best, *(other for other in unused if (best, other) in links)]
        unused = [each for each in unused if each not in star]
        stars.append(slow_star(texts, star, links))
    stars = [each for each in stars if each["n_agreed"]]
    stars.sort(key=lambda s: (differing_first and s["same"], -s["gain"], s["base"]))
    return stars


def slow_star(texts, star, links):
    base, *others = star
    own = native(texts[base[0]], *base[1:])
    stayed = {base: {token[1:3]: token[1:3] for token in own}}
    for other in others:
        stayed[other] = {
            left[1:3]: right[1:3]
            for a_start, a_end, b_start, b_end in links[base, other][1]
            for left, right in zip(
                native(texts[base[0]], a_start, a_end),
                native(texts[other[0]], b_start, b_end),
                strict=True,
            )
        }

    def majority():
        return [
            token[1:3]
            for token in own
            if sum(token[1:3] in each for each in stayed.values()) > len(stayed) / 2
        ]

    places = {token[1:3]: n for n, token in enumerate(own)}
    skeleton = majority()
    for row, *span in others:
        kept = stayed[row, *span]
        theirs = {t[1:3]: n for n, t in enumerate(native(texts[row], *span))}
        agreed = {(places[each], theirs[kept[each]]) for each in skeleton if each in kept}
        in_a_row = any({(x + n, y + n) for n in range(4)} <= agreed for x, y in agreed)
        if not in_a_row and len(agreed) < len(skeleton) / 2:
            del stayed[row, *span]
    star = list(stayed)
    skeleton = majority() if len(star) > 1 else []
    readings = []
    for row, start, end in star:
        place_of = stayed[row, start, end]
        number_of = {place_of[span]: n for n, span in enumerate(skeleton) if span in place_of}
        spans, before = [], None
        for _, first, last, _ in tokens_of(texts[row], start, end):
            number = number_of.get((first, last))
            if number is not None:
                if before is not None and number == before + 1:
                    spans[-1] = (spans[-1][0], last)
                else:
                    spans.append((first, last))
            before = number
        readings.append((f"m{row}", start, end, tuple(spans)))
    words = {tuple(token[0] for token in native(texts[row], *span)) for row, *span in star}
    wordings = {tuple(token[0] for token in tokens_of(texts[row], *span)) for row, *span in star}
    return {
        "base": base,
        "readings": sorted(readings),
        "n_agreed": len(skeleton),
        "n_tokens": len(own),
        "kind": "identical"
        if len(words) == 1
        else "edited"
        if len(skeleton) >= 0.7 * len(own)
        else "reworded",
        "same": len(wordings) == 1,
        "gain": sum(span in each for each in stayed.values() for span in skeleton) - len(skeleton),
    }


@given(COLLECTIONS, st.booleans())
@settings(deadline=None, max_examples=40)
def test_collations_agree_with_the_slow_twin(collection, differing_first):
    members = Members(*(text.replace("æ—¥æœ¬", "日本") for text in collection))
    found, n = members.collate(differing_first=differing_first, max_collations=10**6)
    expected = slow_collate(members, differing_first)
    assert n == len(found) == len(expected)
    for fast, slow in zip(found, expected, strict=True):
        readings = [(each.id, each.start, each.end, each.agreed) for each in fast.readings]
        assert readings == slow["readings"]
        assert (fast.base, fast.kind) == (f"m{slow['base'][0]}", slow["kind"])
        assert (fast.n_tokens_agreed, fast.n_tokens) == (slow["n_agreed"], slow["n_tokens"])


@given(COLLECTIONS)
@settings(deadline=None, max_examples=40)
def test_every_collation_is_as_it_is_documented(collection):
    members = Members(*collection)
    text_of = {text.document.id: text for text in members.texts}
    seen = set()
    for each in members.collate(max_collations=10**6)[0]:
        ids = [reading.id for reading in each.readings]
        assert ids == sorted(set(ids))
        assert len(ids) > 1
        assert 0 < each.n_tokens_agreed <= each.n_tokens
        for reading in each.readings:
            assert (reading.id, reading.start) not in seen
            seen.add((reading.id, reading.start))
            edges = [reading.start, *(edge for span in reading.agreed for edge in span)]
            assert edges == sorted(edges)
            assert all(start < end for start, end in reading.agreed)
            assert edges[-1] <= reading.end
            assert not any(
                token[3] and start <= token[1] < end
                for token in tokens_of(text_of[reading.id], reading.start, reading.end)
                for start, end in reading.agreed
            )
        (base,) = (reading for reading in each.readings if reading.id == each.base)
        skeleton = agreed_words(text_of[base.id], base)
        for reading in each.readings:
            assert is_subsequence(agreed_words(text_of[reading.id], reading), skeleton)


def agreed_words(text, reading):
    return [token[0] for span in reading.agreed for token in native(text, *span)]


def is_subsequence(words, of):
    rest = iter(of)
    return all(word in rest for word in words)


@given(COLLECTIONS, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=30)
def test_neither_the_order_of_pairs_nor_their_direction_nor_repetition_changes_anything(
    collection, random_
):
    members = Members(*collection)
    repeated = random_.sample(members.pairs, len(members.pairs) // 2)
    pairs = [random_.choice([pair, pair[::-1]]) for pair in members.pairs + repeated]
    random_.shuffle(pairs)
    assert members.collate(pairs) == members.collate()


@given(COLLECTIONS, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=30)
def test_other_names_change_nothing_but_the_names(collection, random_):
    members, renamed = Members(*collection), Members(*collection)
    names = [f"n{row}" for row in range(len(collection))]
    random_.shuffle(names)
    renamed.texts = [
        replace(text, document=replace(text.document, id=name))
        for text, name in zip(renamed.texts, names, strict=True)
    ]
    name_of = {f"m{row}": name for row, name in enumerate(names)}
    expected = [
        replace(
            each,
            base=name_of[each.base],
            readings=tuple(
                sorted(
                    (replace(reading, id=name_of[reading.id]) for reading in each.readings),
                    key=lambda reading: reading.id,
                )
            ),
        )
        for each in members.collate()[0]
    ]
    assert list(renamed.collate()[0]) == expected


def test_a_crowd_that_shares_every_sentence_is_collated_at_once():
    # 40 members, all pairs: 780 pairs of 30 sentences. Sums made anew for each star took a minute.
    random_ = random.Random(1)
    vocabulary = [f"w{number}" for number in range(500)]
    sentences = [" ".join(random_.choices(vocabulary, k=8)) + "." for _ in range(30)]
    text = " ".join(sentences)
    members = Members(*[text] * 40)
    starts = [text.index(each) for each in sentences]
    shared = [
        Passage(
            start,
            start + len(each),
            start,
            start + len(each),
            1.0,
            "identical",
            False,
            8,
            8,
            ((start, start + len(each) - 1) * 2,),
        )
        for start, each in zip(starts, sentences, strict=True)
    ]
    found, n = collate(members.texts, members.pairs, lambda a, b: shared, LOOSE)
    assert n == 30
    assert {len(each.readings) for each in found} == {40}


@pytest.fixture(scope="module")
def farm():
    report = detect(read_documents(SEEDS))
    return report, report.families[0]


def test_the_spun_pages_have_sentences_in_wordings_of_their_own(farm):
    report, family = farm
    assert family.n_collations == len(family.collations) == 23
    shown = [
        {each.id[:3]: marked(report.document(each.id).text, each) for each in c.readings}
        for c in family.collations
    ]
    assert {
        "001": "[The Hong Kong government has been proactive in] fostering "
        "[an environment conducive to AI development].",
        "003": "[The Hong Kong government has been proactive in] creating "
        "[an environment conducive to AI development].",
    } in shown
    assert sorted(shown[0]) == ["000", "001", "002", "003"]


def test_no_anchor_of_the_spun_pages_is_among_the_agreed_words(farm):
    report, family = farm
    texts = [
        report.document(each.id).text[each.start : each.end]
        for c in family.collations
        for each in c.readings
    ]
    assert any("香港AI" in text for text in texts)
    agreed = [
        report.document(each.id).text[start:end]
        for c in family.collations
        for each in c.readings
        for start, end in each.agreed
    ]
    assert not any("香" in text for text in agreed)
