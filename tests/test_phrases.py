from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.config import EvidenceConfig
from dupdetect.evidence.phrases import shared_phrases
from dupdetect.results import Document
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
