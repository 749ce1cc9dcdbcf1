"""The five real pages of the mission, from bytes to evidence: what must be seen on them."""

import hashlib
import json
import random
import shutil
from pathlib import Path

import pytest

from dupdetect import Document, detect, read_documents, render
from dupdetect.text.repair import replay

SEEDS = Path(__file__).parent.parent / "seeds"
SHA256 = {
    "000_f895197852f1219c.txt": "fb7585a8059f8fe2716a11fe54fd0a91074590bebbbc62aa1e9fa9e74a9e4646",
    "001_10808616d23909f3.txt": "a5ab52ad163b239e73c2121c6d48eb9932fd19aafb969caa97c6f8957ddb259b",
    "002_5b9b9534fe69c9a0.txt": "5fc0c46f078e36551c6e188e36393f206d76bdbaded0672d9073451067b0514c",
    "003_2f6e6d31febeafe1.txt": "6f22f1bec72187b88bdd96176a307e75918d3d9c79f90c085bc6488e7e3168db",
    "004_d8a9956017bf6413.txt": "636e45af27653f1e6bd37342dfa7ad1b05fb2eb8146eb1d7ff4f18b0fb060e30",
}
FARM = tuple(sorted(SHA256))[:4]
NEWS = "004_d8a9956017bf6413.txt"


@pytest.fixture(scope="module")
def documents():
    return read_documents(SEEDS)


@pytest.fixture(scope="module")
def report(documents):
    return detect(documents)


@pytest.fixture(scope="module")
def as_json(report):
    return json.loads(render(report, "json"))


def text_of(name):
    """The page as any program reads it."""
    return (SEEDS / name).read_bytes().decode("utf-8")


def by_id(report, id):
    return next(each for each in report["documents"] if each["id"] == id)


def members(found):
    return [family.members for family in found.families]


def test_the_seeds_are_the_five_pages_byte_for_byte_and_nothing_else():
    found = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in SEEDS.iterdir()}
    assert found == SHA256


def test_there_is_exactly_one_family_of_the_four_spun_pages(as_json):
    (family,) = as_json["families"]
    assert family["relation"] == "recycled"
    assert tuple(family["members"]) == FARM
    assert {by_id(as_json, id)["relation"] for id in FARM} == {"recycled"}


def test_the_news_report_is_distinct(as_json):
    news = by_id(as_json, NEWS)
    assert (news["relation"], news["family"]) == ("distinct", None)
    assert news["signals"] == news["repairs"] == []


def test_every_two_members_of_the_family_are_a_proved_pair(as_json):
    assert {(pair["a"], pair["b"]) for pair in as_json["pairs"]} == {
        (a, b) for a in FARM for b in FARM if a < b
    }
    assert all(len(pair["passages"]) >= 2 for pair in as_json["pairs"])


def test_the_mojibake_of_003_is_repaired_and_replayable(report):
    page = report.document(FARM[3])
    assert [(each.before, each.after) for each in page.repairs] == [("Ā\xa0", " ")] * 2
    assert "HongĀ\xa0KongĀ\xa0AI" in page.text
    assert "to Hong Kong AI becoming" in replay(page.text, page.repairs)


def test_the_inserted_anchors_are_signalled_where_they_stand(as_json):
    anchored = {
        page["id"]: [s["text"] for s in page["signals"] if s["name"] == "inserted-anchor"]
        for page in as_json["documents"]
    }
    expected = {id: ["香港AI"] for id in FARM[:3]}
    assert anchored == {**expected, FARM[3]: [], NEWS: []}


def test_the_truncated_ends_are_signalled_and_no_other(as_json):
    truncated = {
        page["id"]
        for page in as_json["documents"]
        if any(signal["name"] == "truncated-end" for signal in page["signals"])
    }
    assert truncated == set(FARM[:3])


@pytest.mark.parametrize(
    ("a", "b", "a_begins", "b_begins", "kind"),
    [
        (1, 3, *["The Hong Kong government has been proactive in "] * 2, "edited"),
        (0, 1, *["These startups span various industries, "] * 2, "reworded"),
        (
            0,
            1,
            "The Hong Kong University of Science and Technology (HKUST), the University of",
            "Renowned universities, such as the University of Hong Kong (HKU), the Hong",
            "reworded",
        ),
    ],
)
def test_slicing_the_files_at_the_offsets_gives_the_known_passages(
    as_json, a, b, a_begins, b_begins, kind
):
    pair = next(p for p in as_json["pairs"] if (p["a"], p["b"]) == (FARM[a], FARM[b]))
    left, right = text_of(FARM[a]), text_of(FARM[b])
    quoted = [
        (left[p["a_start"] : p["a_end"]], right[p["b_start"] : p["b_end"]], p["kind"])
        for p in pair["passages"]
    ]
    assert any(
        x.startswith(a_begins) and y.startswith(b_begins) and which == kind
        for x, y, which in quoted
    )


def test_every_span_of_the_report_is_a_place_in_its_file(as_json):
    for page in as_json["documents"]:
        text = text_of(page["id"])
        assert page["n_chars"] == len(text)
        for each in page["repairs"]:
            assert text[each["start"] : each["end"]] == each["before"]
        for each in page["signals"]:
            assert text[each["start"] : each["end"]] == each["text"]


def test_phrases_are_where_their_members_carry_them(report):
    (family,) = report.families
    assert family.phrases
    for phrase in family.phrases:
        assert set(phrase.members) <= set(FARM)
        for place in phrase.occurrences:
            quoted = report.document(place.id).text[place.start : place.end]
            # Words alone: case and typography may differ from member to member.
            assert len(quoted.split()) >= 2
    assert any("Hong Kong’s journey into the realm of" in each.text for each in family.phrases)


@pytest.mark.parametrize("absent", FARM)
def test_without_one_of_the_four_the_other_three_are_still_one_family(documents, absent):
    rest = [document for document in documents if document.id != absent]
    assert members(detect(rest)) == [tuple(id for id in FARM if id != absent)]


@pytest.mark.parametrize("absent", FARM)
def test_without_two_of_the_four_the_others_are_still_a_family_or_nothing(documents, absent):
    for other in FARM:
        rest = [each for each in documents if each.id not in (absent, other)]
        for family in detect(rest).families:
            assert NEWS not in family.members


@pytest.mark.parametrize("seed", range(3))
def test_shuffling_and_renaming_the_files_gives_the_same_answer(tmp_path, report, seed):
    names = [f"{'zyxwv'[row]}.txt" for row in range(5)]
    random.Random(seed).shuffle(names)
    renamed = dict(zip(SHA256, names, strict=True))
    for old, new in renamed.items():
        shutil.copy(SEEDS / old, tmp_path / new)
    again = detect(read_documents(tmp_path))
    assert members(again) == [tuple(sorted(renamed[id] for id in FARM))]
    assert again.families[0].keeper == renamed[report.families[0].keeper]
    assert {
        (frozenset((p.a, p.b)), p.relation, round(p.resemblance, 9), len(p.passages))
        for p in again.pairs
    } == {
        (
            frozenset((renamed[p.a], renamed[p.b])),
            p.relation,
            round(p.resemblance, 9),
            len(p.passages),
        )
        for p in report.pairs
    }


def lossy(codec, errors):
    return text_of(NEWS).encode().decode(codec, errors=errors)


def undefined_as_controls(codec):
    """What browsers do with a byte that a code page leaves undefined."""
    return "".join(
        bytes([byte]).decode(codec, errors="ignore") or chr(byte) for byte in text_of(NEWS).encode()
    )


@pytest.mark.parametrize("codec", ["cp1252", "cp1257"])
@pytest.mark.parametrize("undefined", ["replace", "ignore", "control"])
def test_a_copy_of_the_news_saved_through_a_wrong_codec_is_exact(documents, codec, undefined):
    damaged = undefined_as_controls(codec) if undefined == "control" else lossy(codec, undefined)
    found = detect([*documents, Document("copy", damaged)])
    (pair,) = [each for each in found.pairs if "copy" in (each.a, each.b)]
    assert (pair.a, pair.b, pair.relation) == (NEWS, "copy", "exact")
    assert len(found.document("copy").repairs) >= 10
    assert (NEWS, "copy") in members(found)
    assert FARM in members(found)


@pytest.mark.parametrize("seed", range(5))
def test_the_news_with_one_word_in_twenty_changed_is_a_near_duplicate(documents, seed):
    words = text_of(NEWS).split(" ")
    for place in random.Random(seed).sample(range(len(words)), len(words) // 20):
        words[place] = "elsewhere"
    found = detect([*documents, Document("edited", " ".join(words))])
    (pair,) = [each for each in found.pairs if "edited" in (each.a, each.b)]
    assert (pair.a, pair.relation) == (NEWS, "near-duplicate")


def test_the_first_half_of_the_news_is_contained_in_it(documents):
    text = text_of(NEWS)
    found = detect([*documents, Document("half", text[: len(text) // 2])])
    (pair,) = [each for each in found.pairs if "half" in (each.a, each.b)]
    assert (pair.a, pair.relation) == (NEWS, "contained")
    assert pair.containment_b > 0.95
