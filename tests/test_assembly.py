import random

import pytest

from dupdetect import Config, Document, detect
from dupdetect.config import EvidenceConfig

SYLLABLES = ("ba", "de", "ki", "lo", "mu", "na", "po", "ri", "su", "te")
COMMON = (
    "the of and to in that was it for on with he as is at by had not from but they this".split()
)


def words(seed, n):
    """Words of no language, those of one seed unlike those of another."""
    random_ = random.Random(seed)
    return ["".join(random_.choices(SYLLABLES, k=6)) for _ in range(n)]


def reports(event, n_words):
    """Articles that have the names of one event in common, and no other uncommon word.

    Brevity alone tells their scores apart.
    """
    names = [name.capitalize() for name in words(event, 24)]
    found = []
    for row, n in enumerate(n_words):
        random_ = random.Random(f"{event} {row}")
        own = words(f"{event} {row}", n)
        sentences = []
        for place, word in enumerate(own):
            common = " ".join(random_.choices(COMMON, k=6))
            sentences.append(f"The {word} {common} {names[place % 24]} {random_.choice(COMMON)}.")
        found.append(Document(f"{event}-{row}", " ".join(sentences)))
    return found


EVENTS = [*reports("fire", (24, 29, 36, 45)), *reports("flood", (26, 32, 40, 51))]
N_PAIRS = 2 * 6


def listing(n):
    return detect(EVENTS, Config(evidence=EvidenceConfig(max_loose_pairs=n)))


def test_all_pairs_in_no_family_are_listed_where_there_are_few():
    report = listing(N_PAIRS)
    assert [pair.relation for pair in report.pairs] == ["same-story"] * N_PAIRS
    assert report.counts["pairs_not_listed"] == 0
    assert report.families == ()


@pytest.mark.parametrize("n", [0, 1, 5])
def test_of_pairs_in_no_family_the_strongest_of_the_collection_are_listed(n):
    scores = sorted((pair.overlap.score for pair in listing(N_PAIRS).pairs), reverse=True)
    report = listing(n)
    assert [pair.overlap.score for pair in report.pairs] == scores[:n]
    assert report.counts["pairs_not_listed"] == N_PAIRS - n


def test_a_document_has_its_relation_though_its_pair_is_not_listed():
    assert {each.relation for each in listing(0).documents} == {"same-story"}


def test_pairs_of_copies_and_in_families_do_not_count_among_those_in_none():
    copies = [Document("copy", EVENTS[0].text), Document("edit", EVENTS[4].text[:-60])]
    report = detect([*EVENTS, *copies], Config(evidence=EvidenceConfig(max_loose_pairs=0)))
    assert [pair.relation for pair in report.pairs] == ["exact", "near-duplicate"]
