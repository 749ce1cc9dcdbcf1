import random
from pathlib import Path

import pytest

from dupdetect import Config, Document, detect, read_documents
from dupdetect.config import EvidenceConfig, RecycledConfig

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


FACTS = (
    "The river rose by three metres in a single night.",
    "Farmers along the eastern bank moved their cattle uphill.",
    "No one in the town could remember such a flood.",
    "The council will meet again on Thursday to discuss repairs.",
    "Two bridges remain closed to all traffic until further notice.",
    "Volunteers filled sandbags beside the school until dawn.",
)


def edits(n):
    """Copies of one text, each with a word of its own in one sentence."""
    return [
        Document(f"edit-{row}", " ".join(FACTS).replace(" single ", f" {name} "))
        for row, name in enumerate(words("edits", n))
    ]


def collated(documents, **evidence):
    (family,) = detect(documents, Config(evidence=EvidenceConfig(**evidence))).families
    return family


def test_of_copies_the_sentences_of_the_keeper_are_collated_those_that_differ_first():
    family = collated(edits(3))
    assert {each.base for each in family.collations} == {family.keeper}
    assert [each.kind for each in family.collations] == ["edited", *["identical"] * 5]
    assert [each.id for each in family.collations[0].readings] == list(family.members)
    assert (family.n_collations, family.n_not_collated) == (6, 0)


@pytest.mark.parametrize(("max_partners", "n_left_out"), [(1, 4), (2, 2), (3, 1), (4, 0)])
def test_members_of_copies_beyond_the_bound_are_not_collated_and_counted(max_partners, n_left_out):
    family = collated(edits(4), max_partners=max_partners)
    assert family.n_not_collated == n_left_out
    assert {len(each.readings) for each in family.collations} <= {4 - n_left_out}


def test_an_edit_is_collated_before_an_exact_copy_of_the_keeper():
    documents = edits(2)
    documents.append(Document("an exact copy of edit-0", documents[0].text))
    documents.append(Document("an exact copy of edit-1", documents[1].text))
    family = collated(documents, max_partners=2)
    assert family.collations[0].kind == "edited"


def test_exact_copies_have_no_collations_and_nothing_was_left_out_of_them():
    family = collated([Document(id, " ".join(FACTS)) for id in "abc"])
    assert (family.collations, family.n_collations, family.n_not_collated) == ((), 0, 0)


def test_collations_beyond_the_cap_are_counted():
    family = collated(edits(3), max_collations=2)
    assert (len(family.collations), family.n_collations) == (2, 6)


SEEDS = Path(__file__).parent.parent / "seeds"


@pytest.mark.parametrize("level", ["recycled", "review"])
def test_recycled_texts_are_collated_over_all_their_pairs_for_review_too(level):
    lens = RecycledConfig() if level == "recycled" else RecycledConfig(level=1e-6)
    report = detect(read_documents(SEEDS), Config(recycled=lens))
    (family,) = [each for each in (*report.families, *report.reviews) if each.relation == level]
    assert family.n_not_collated == 0
    assert {each.base for each in family.collations} == set(family.members)
    assert {reading.id for each in family.collations for reading in each.readings} == set(
        family.members
    )
