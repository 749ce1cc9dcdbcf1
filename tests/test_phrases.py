import math
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.config import EvidenceConfig
from dupdetect.evidence.phrases import MAX_BITS, shared_phrases
from dupdetect.results import Document
from dupdetect.text.background import zipf
from dupdetect.text.prepare import prepare

WORDS = "hub city robot river stone light cloud paper".split()
SENTENCES = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9), max_size=4)


def members(*texts):
    return [prepare(Document(f"m{row}", text)) for row, text in enumerate(texts)]


def as_text(sentences):
    return " ".join(" ".join(words).capitalize() + "." for words in sentences)


def reference_phrases(texts):
    """The slow twin: every run of every sentence; then those inside a longer one are dropped."""
    carriers = {}
    for member, sentences in enumerate(texts):
        for words in sentences:
            for start, end in combinations(range(len(words) + 1), 2):
                if end - start >= 3:
                    carriers.setdefault(tuple(words[start:end]), set()).add(member)
    shared = {run: found for run, found in carriers.items() if len(found) > 1}

    def inside(short, long):
        return any(long[i : i + len(short)] == short for i in range(len(long) - len(short) + 1))

    return {
        (" ".join(run), tuple(f"m{row}" for row in sorted(found)))
        for run, found in shared.items()
        if not any(
            len(other) > len(run) and shared[other] == found and inside(run, other)
            for other in shared
        )
    }


@given(st.lists(SENTENCES, min_size=2, max_size=4))
@settings(max_examples=150, deadline=None)
def test_phrases_agree_with_an_enumeration_of_all_runs(texts):
    found, n_phrases = shared_phrases(
        members(*map(as_text, texts)), EvidenceConfig(max_phrases=10**6)
    )
    assert {(each.text.lower(), each.members) for each in found} == reference_phrases(texts)
    assert n_phrases == len(found)


def test_each_occurrence_is_where_its_member_carries_the_phrase():
    texts = ("They built a vibrant tech hub here.", "A Vibrant  tech hub, they said.")
    phrase = shared_phrases(members(*texts))[0][0]
    places = [text[o.start : o.end] for text, o in zip(texts, phrase.occurrences, strict=True)]
    assert places == ["a vibrant tech hub", "A Vibrant  tech hub"]


def test_a_phrase_steps_over_an_inserted_anchor():
    texts = ("A vibrant 香港AI tech hub grew.", "It was a vibrant tech hub.")
    phrase = shared_phrases(members(*texts))[0][0]
    assert phrase.text == "a vibrant tech hub"
    places = [text[o.start : o.end] for text, o in zip(texts, phrase.occurrences, strict=True)]
    assert places == ["A vibrant 香港AI tech hub", "a vibrant tech hub"]


def test_a_closing_bracket_belongs_to_its_phrase():
    texts = ("The central research board (CRB) met.", "Then the central research board (CRB), too.")
    assert shared_phrases(members(*texts))[0][0].text == "The central research board (CRB)"


def test_stop_words_alone_are_no_phrase():
    assert shared_phrases(members("It is as well as it was.", "As well as it was then.")) == ((), 0)


def test_what_one_member_repeats_is_no_shared_phrase():
    texts = ("Blue river stone. Blue river stone.", "Nothing of that kind stands here.")
    assert shared_phrases(members(*texts)) == ((), 0)


def test_phrases_beyond_the_cap_are_counted():
    text = "Blue river stone. Grey paper cloud. Old robot light."
    found, n_phrases = shared_phrases(members(text, text), EvidenceConfig(max_phrases=2))
    assert (len(found), n_phrases) == (2, 3)


def test_one_long_shared_sentence_is_one_phrase():
    sentence = " ".join(f"word{row}" for row in range(120)) + "."
    found, n_phrases = shared_phrases(members(f"First. {sentence}", f"Second. {sentence}"))
    assert n_phrases == 1
    assert found[0].text == sentence[:-1]


def test_phrases_of_more_members_and_more_content_come_first():
    texts = (
        "Blue river stone light. Grey paper cloud.",
        "Blue river stone light. Grey paper cloud.",
    )
    third = "Grey paper cloud."
    found, _ = shared_phrases(members(*texts, third))
    assert [each.text for each in found] == ["Grey paper cloud", "Blue river stone light"]


def test_an_occurrence_is_the_first_place_of_its_member():
    texts = ("Grey paper cloud. Grey paper cloud.", "Grey paper cloud.")
    phrase = shared_phrases(members(*texts))[0][0]
    assert [(o.start, o.end) for o in phrase.occurrences] == [(0, 16), (0, 16)]


def kinds(*texts):
    return {each.text: each.kind for each in shared_phrases(members(*texts))[0]}


def test_bits_are_the_sum_over_all_words_up_to_the_cap():
    # Each sentence is shared; the others make the texts English.
    text = "The people of the city. It was not so. The quixotic harbourmaster."
    found = shared_phrases(members(text, text))[0]
    words = ["the", "people", "of", "the", "city"]
    expected = sum(-math.log2(10 ** (value - 9)) for value in zipf(words).tolist())
    bits = {each.text: each.bits for each in found}
    assert bits["The people of the city"] == pytest.approx(expected, abs=0.051)
    assert bits["The quixotic harbourmaster"] == MAX_BITS


def test_rare_words_come_before_common_ones_of_as_many_members():
    text = "People have many good days. It is what it is. Quixotic harbourmasters sang."
    assert [each.text for each in shared_phrases(members(text, text))[0]] == [
        "Quixotic harbourmasters sang",
        "People have many good days",
    ]


def test_what_all_members_carry_is_not_made_common_by_it():
    alone = "It was at the quixotic harbour that they met."
    many = shared_phrases(members(*[alone] * 9))[0]
    few = shared_phrases(members(alone, alone))[0]
    assert [each.bits for each in many] == [each.bits for each in few]


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("The old bridge needs many repairs.", "phrasing"),
        ("The Riga council has been quick to act.", "phrasing"),
        ("Said Anna Ozola of the Riga Port Authority.", "facts"),
        ("It took 40 days of steady rain.", "facts"),
        ("She said: “The old bridge needs many repairs.”", "quotation"),
    ],
)
def test_a_phrase_is_phrasing_facts_or_a_quotation(sentence, kind):
    assert list(kinds(f"It is so. {sentence}", f"So it was. {sentence}").values()) == [kind]


def test_a_quotation_of_half_of_the_members_is_one():
    said, taken = (
        "“The old bridge needs many repairs,” they said.",
        "The old bridge needs many repairs.",
    )
    assert kinds(said, taken) == {"The old bridge needs many repairs": "quotation"}
    assert kinds(said, taken, taken) == {"The old bridge needs many repairs": "phrasing"}


def test_phrasing_comes_before_facts_and_facts_before_quotations():
    shared = "Anna Ozola of the Riga Port Authority. “Repairs will take years of quixotic effort.”"
    texts = [f"{shared} They had many good days."] * 2
    found = shared_phrases(members(*texts, shared))[0]
    assert [(each.kind, each.n_members) for each in found] == [
        ("phrasing", 2),
        ("facts", 3),
        ("quotation", 3),
    ]


def test_without_a_background_the_number_of_words_decides():
    german = "Der Rat der Stadt tagte am Montag. Die alte Brücke ist marode."
    found = shared_phrases(members(german, german, "Die alte Brücke ist marode."))[0]
    assert {each.bits for each in found} == {None}
    assert found[0].text == "Die alte Brücke ist marode"


def test_a_word_repaired_or_stepped_over_leaves_kinds_at_their_words():
    texts = (
        "It is so. The cityâ€™s council has 香港AI met Anna Ozola today.",
        "The city’s council has met Anna Ozola today, it is said.",
    )
    assert list(kinds(*texts).values()) == ["phrasing"]


@given(st.lists(SENTENCES, min_size=2, max_size=4), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_table_does_not_depend_on_the_order_of_the_members(texts, random):
    texts = members(*(as_text([["it", "is"], *each]) for each in texts))
    shuffled = random.sample(texts, len(texts))

    def table(members):
        found, n_phrases = shared_phrases(members, EvidenceConfig(max_phrases=3))
        rows = [(p.text, sorted(p.members), set(p.occurrences), p.bits, p.kind) for p in found]
        return rows, n_phrases

    assert table(texts) == table(shuffled)
