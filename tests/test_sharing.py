"""Reports for other eyes: what is left out is nowhere left, and every number stays."""

import gzip
import json
import re
from dataclasses import fields, is_dataclass, replace
from typing import get_args, get_type_hints

import pytest

from dupdetect import Config, Document, detect, read_documents
from dupdetect.match.null import shipped
from dupdetect.report import FORMATS, render
from dupdetect.report.sharing import NO_REASON, SHIPPED_NULL, anonymized, known_reason, without_text
from dupdetect.results import (
    Collation,
    Documents,
    HeatMap,
    Occurrence,
    Overlap,
    Phrase,
    Reading,
    Report,
    Skipped,
)
from tests.example_report import example, hostile, undecided

WORDS = 'Quillonby vexed <b onload="zarfing"> the mirkwhistle\u202e of Tarnolith'
NAME = "Ottavia-Brackenshaw <i> & Söhne"
SOURCE = "/srv/Dunmarrow/confidential"
REASON = f'field "Fernhollow{NAME}" holds null, not text'
SECRETS = {
    "text": ("quillonby", "vexed", "zarfing", "mirkwhistle", "tarnolith"),
    "names": ("ottavia", "brackenshaw", "söhne", "dunmarrow", "confidential", "fernhollow"),
}


def walk(value, place=()):
    """Every plain value in a report, with its place; of a field, its class and name as well."""
    if is_dataclass(value):
        for each in fields(value):
            yield from walk(getattr(value, each.name), (*place, (type(value), each.name)))
    elif isinstance(value, dict):
        for name, each in value.items():
            yield (*place, "key", name), name
            yield from walk(each, (*place, name))
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from walk(each, (*place, number))
    else:
        yield place, value


def field_of(place):
    kind, name = next(each for each in reversed(place) if isinstance(each, tuple))
    return f"{kind.__name__}.{name}"


def mapped(value, change):
    """A report with every string in it changed, but for those of its settings."""
    if is_dataclass(value):
        return replace(
            value,
            **{
                each.name: mapped(getattr(value, each.name), change)
                for each in fields(value)
                if each.name not in ("settings", "counts")
            },
        )
    if isinstance(value, tuple):
        return tuple(mapped(each, change) for each in value)
    return change(value) if isinstance(value, str) else value


def planted():
    """A report with a secret in each place that a text or a name can reach."""
    report = hostile(WORDS)
    names = {each.id: f"{NAME} {number}" for number, each in enumerate(report.documents)}
    report = mapped(report, lambda each: names.get(each, each))
    places = tuple(Reading(id, 0, 9, ((0, 3),)) for id in list(names.values())[:2])
    family = replace(
        report.families[0],
        collations=(Collation(places[0].id, places, "edited", 3, 9),),
        n_collations=1,
    )
    documents = tuple(
        replace(
            each,
            source=f"{SOURCE}/{number}",
            encoding="utf-8",
            not_judged=REASON,
            signals=tuple(replace(signal, reason=REASON) for signal in each.signals),
        )
        for number, each in enumerate(report.documents)
    )
    return replace(
        report,
        documents=documents,
        families=(family,),
        skipped=(Skipped(SOURCE, REASON), Skipped(f"{SOURCE}:2", "empty"), Skipped(SOURCE, "x")),
        heat_map=HeatMap(tuple(each.id for each in documents[:2]), ((), (0.5,)), 3),
        settings={
            "digest": "0123456789ab",
            "lens": "all",
            "config": {
                "recycled": {"level": 0.05},
                "reading": {"text_field": NAME, "id_field": NAME, "encoding": "cp1252"},
            },
            "null": {
                "name": NAME,
                "sha256": "0" * 64,
                "expected_rate": 0.01,
                "background": "reference",
                "strata": [NAME, f"{NAME} 2"],
                "sources": {NAME: "1" * 64},
            },
        },
    )


KINDS = {
    "text": (without_text, ("text",)),
    "names": (anonymized, ("names",)),
    "both": (lambda report: without_text(anonymized(report)), ("text", "names")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_is_left_out_stays_anywhere_in_the_report(kind):
    share, left_out = KINDS[kind]
    values = [value.lower() for _, value in walk(share(planted())) if isinstance(value, str)]
    assert values
    for secret in (each for name in left_out for each in SECRETS[name]):
        assert not [value for value in values if secret in value]


# Reports without texts are for two forms only: the others quote them.
@pytest.mark.parametrize(
    ("kind", "format"),
    [
        (kind, each)
        for kind in KINDS
        for each in FORMATS
        if kind == "names" or each in ("html", "json")
    ],
)
def test_nothing_that_is_left_out_is_shown_in_any_form(kind, format):
    share, left_out = KINDS[kind]
    page = render(share(planted()), format).lower()
    for secret in (each for name in left_out for each in SECRETS[name]):
        assert secret not in page
    # The secrets are ones that would be seen.
    assert all(each in render(planted(), format).lower() for each in ("ottavia", "mirkwhistle"))


@pytest.mark.parametrize("format", ["html", "json"])
@pytest.mark.parametrize("make", [example, undecided])
def test_a_report_without_texts_is_shown_with_no_sentence_of_theirs(make, format):
    page = render(without_text(make()), format)
    sentences = [each[:30] for each in (document.text for document in make().documents)]
    assert not [each for each in sentences if each in page]


@pytest.mark.parametrize("make", [planted, example, undecided, hostile])
@pytest.mark.parametrize("kind", KINDS)
def test_all_numbers_stay_what_they_were_in_their_places(make, kind):
    def numbers(report):
        return [
            (place, value)
            for place, value in walk(replace(report, settings={}))
            if isinstance(value, int | float)
        ]

    assert numbers(make())
    assert numbers(KINDS[kind][0](make())) == numbers(make())


# What changes, and what cannot hold a word of a document or the name of one. A field of text that
# is new in the results must be put into one of the three.
TEXTS = {
    "DocumentReport.text", "Repair.before", "Repair.after", "Signal.text", "Overlap.words",
    "Phrase.text", "Boilerplate.text",
}  # fmt: skip
NAMES = {
    "DocumentReport.id", "DocumentReport.source", "Pair.a", "Pair.b", "Family.members",
    "Family.keeper", "Phrase.members", "Boilerplate.members", "Occurrence.id", "Coverage.id",
    "Cover.id", "Reuse.weakest", "Collation.base", "Reading.id", "HeatMap.ids", "Skipped.source",
}  # fmt: skip
REASONS = {"DocumentReport.not_judged", "Signal.reason", "Skipped.reason"}
PLAIN = {
    "DocumentReport.encoding", "DocumentReport.relation", "DocumentReport.family", "Repair.kind",
    "Signal.name", "Pair.relation", "Passage.kind", "Phrase.kind", "Collation.kind", "Family.id",
    "Family.relation",
}  # fmt: skip


def classes_in(kind, found):
    """All dataclasses that a type names, and those in them."""
    if is_dataclass(kind) and kind not in found:
        found.add(kind)
        for each in get_type_hints(kind).values():
            classes_in(each, found)
    for each in get_args(kind):
        classes_in(each, found)
    return found


def holds_text(kind):
    literal = any(isinstance(each, str) for each in get_args(kind))
    return kind is str or literal or any(map(holds_text, get_args(kind)))


def test_every_field_of_text_in_a_report_is_one_that_was_thought_of():
    with_text = {
        f"{kind.__name__}.{name}"
        for kind in classes_in(Report, set())
        for name, type_ in get_type_hints(kind).items()
        if holds_text(type_)
    }
    assert with_text - {"Report.counts", "Report.settings"} == TEXTS | NAMES | REASONS | PLAIN


@pytest.mark.parametrize(
    ("share", "left_out"), [(without_text, TEXTS), (anonymized, NAMES)], ids=["text", "names"]
)
def test_what_was_thought_of_is_left_out_and_nothing_else(share, left_out):
    before, after = planted(), share(planted())
    kept = dict(walk(replace(after, settings={})))
    changed = {
        field_of(place)
        for place, value in walk(replace(before, settings={}))
        if kept.get(place) != value
    }
    assert changed == left_out | REASONS


# Without text


def test_equal_words_have_one_placeholder_by_their_first_place_in_the_report():
    found = without_text(example())
    words, again = (found.documents[number].repairs[0] for number in (2, 2))
    assert words == again
    three = next(each for each in found.documents if each.repairs)
    assert [(each.before, each.after) for each in three.repairs] == [
        ("[left out 3]", "[left out 4]"),
        ("[left out 3]", "[left out 4]"),
    ]
    anchors = [s.text for d in found.documents for s in d.signals if s.name == "inserted-anchor"]
    assert anchors == ["[left out 1]", "[left out 1]"]
    assert [each.text for each in found.families[0].phrases] == [
        "[left out 5]", "[left out 6]", "[left out 7]",
    ]  # fmt: skip


def test_what_was_empty_stays_empty():
    repairs = without_text(hostile()).documents[0].repairs
    assert repairs[1].before == ""
    assert repairs[1].after.startswith("[left out ")


def test_the_json_report_has_offsets_and_scores_but_no_slices():
    plain = json.loads(render(without_text(example()), "json"))
    before = json.loads(render(example(), "json"))
    [first, *_] = (p for pair in plain["pairs"] for p in pair["passages"])
    assert (first["a_text"], first["b_text"]) == ("", "")
    assert first["a_end"] > first["a_start"]
    assert [each["n_chars"] for each in plain["documents"]] == [
        each["n_chars"] for each in before["documents"]
    ]
    assert plain["settings"]["left_out"] == ["text"]


# Without names


def test_documents_are_numbered_in_the_order_of_the_report():
    report = anonymized(example())
    ids = [each.id for each in report.documents]
    assert ids == [f"document-{number:04}" for number in range(1, 8)]
    assert ids == sorted(ids)
    texts = {each.id: each.text for each in example().documents}
    for pair, renamed in zip(example().pairs, report.pairs, strict=True):
        assert report.document(renamed.a).text == texts[pair.a]
        assert report.document(renamed.b).text == texts[pair.b]


def test_numbers_are_as_long_as_the_longest_so_that_the_order_by_id_holds():
    one = replace(example().documents[0], signals=())
    many = tuple(replace(one, id=f"{number:05}") for number in range(10_000))
    ids = [each.id for each in anonymized(Report(many, (), (), (), {}, {})).documents]
    assert ids == sorted(ids)
    assert (ids[0], ids[-1]) == ("document-00001", "document-10000")


def test_skipped_inputs_are_numbered_one_number_a_source():
    shown = [(each.source, each.reason) for each in anonymized(planted()).skipped]
    assert shown == [
        ("input-0001", "a field holds null, not text"),
        ("input-0002", "empty"),
        ("input-0001", NO_REASON),
    ]


def test_a_null_of_ones_own_is_not_named():
    null = anonymized(planted()).settings["null"]
    assert null["name"] == "left out"
    assert null["strata"] == ["kind of writing 1", "kind of writing 2"]
    assert null["sources"] == {"source-1": "1" * 64}
    assert (null["sha256"], null["expected_rate"]) == ("0" * 64, 0.01)


def test_the_shipped_null_and_the_names_of_any_reference_are_no_secret():
    assert shipped().sha256 == SHIPPED_NULL
    report = detect([Document("a", "One text."), Document("b", "Two texts.")])
    assert anonymized(report).settings == {**report.settings, "left_out": ["names"]}
    own = {"name": "reference", "strata": ["texts of the reference on one subject"], "sources": {}}
    null = anonymized(Report((), (), (), (), {}, {"null": own})).settings["null"]
    assert null == own


def test_fields_have_their_usual_names_or_none():
    reading = anonymized(planted()).settings["config"]["reading"]
    assert reading == {"text_field": "left out", "id_field": "left out", "encoding": "cp1252"}
    usual = Config().to_dict()
    settings = anonymized(Report((), (), (), (), {}, {"config": usual})).settings
    assert settings["config"] == usual


def test_without_settings_there_is_nothing_to_leave_out_of_them():
    assert anonymized(Report((), (), (), (), {}, {})).settings == {"left_out": ["names"]}


# Both


@pytest.mark.parametrize("kind", KINDS)
def test_to_leave_out_twice_is_to_leave_out_once(kind):
    share = KINDS[kind][0]
    assert share(share(planted())) == share(planted())


def test_what_was_left_out_is_said_in_the_order_in_which_it_was():
    assert without_text(anonymized(planted())).settings["left_out"] == ["names", "text"]
    assert "left_out" not in planted().settings


def test_the_order_of_leaving_out_changes_nothing_but_the_order_it_is_said_in():
    one, other = without_text(anonymized(planted())), anonymized(without_text(planted()))
    assert replace(one, settings={}) == replace(other, settings={})


# Reasons


def test_every_reason_of_a_reader_is_known_and_quotes_nothing_when_it_is_kept(tmp_path):
    secret = "ottavia-brackenshaw"
    folder = tmp_path / secret
    folder.mkdir()
    files = {
        "empty.txt": b"",
        "white.txt": b" \n",
        "page.html": f"<nav>{secret}</nav>".encode(),
        "markup.html": f"<p>One text, <{secret} two texts.<nav>".encode() * 3,
        "binary.txt": b"PK\x03\x04\x00\x00",
        "wide.txt": "a wide text".encode("utf-16-le"),
        "controls.txt": b"\x01\x02\x03 text",
        "large.txt": b"x" * 3000,
        "gone.gz": b"x",
        f"report.{secret}": b"x",
        "noname": b"x",
        "half.txt.gz": gzip.compress(b"some text " * 99)[:-9],
        "broken.txt.gz": f"{secret}".encode(),
        "flipped.txt.gz": gzip.compress(b"one")[:12] + b"\xff\xff\xff" + b"\0" * 9,
        "bomb.txt.gz": gzip.compress(b"x" * 9000),
        "faults.jsonl.gz": gzip.compress(b'{"text": "One."}\n' * 99)[:-9],
        "lines.jsonl": "\n".join(
            [
                f'{{"{secret}": "no text"}}',
                f'{{"text": null, "{secret}": 1}}',
                '{"text": ""}', '{"text": " "}', '{"text": "One.", "id": []}',
                '{"text": "One.", "id": ""}', f"[{secret}", "3", "[" * 90000, "1" * 9000,
                f'{{"text": "{secret}" "x"}}', '{"text": "\\ud800 one"}',
                '{"text": "' + "x" * 2000 + '"}',
            ]
        ).encode(),
        "header.csv": f"{secret},other\n1,2\n".encode(),
        "alone.csv": b"text,other\n",
        "twice.csv": b"text,text\n1,2\n",
        "cells.csv": f'text,other\n1,2,{secret}\n"{secret}"x,2\n"never {secret}\n'.encode(),
        "few.csv": b"other,text\n1\n",
        "none.csv": b"\n\n",
        "bytes.txt": b"caf\xe9 " * 30,
    }  # fmt: skip
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / f"broken {secret}").symlink_to(tmp_path / secret / "nowhere")
    (folder / f"link {secret}").symlink_to(tmp_path / secret / "empty.txt")
    config = Config.from_dict({"reading": {"max_file_size": 2500, "max_line_size": 1000}})
    small = replace(config.reading, max_file_size=20_000_000)
    read = [read_documents([folder], config), read_documents([folder / "lines.jsonl"], small)]
    skipped = tuple(each for documents in read for each in documents.skipped)
    notes = {each.decoding_note for documents in read for each in documents} - {""}
    assert len({each.reason.split("(")[0] for each in skipped}) > 25
    assert len(notes) >= 2
    for reason in (*(each.reason for each in skipped), *notes):
        kept = known_reason(reason)
        assert kept not in ("", NO_REASON), reason
        assert not re.search("ottavia|brackenshaw", kept, re.IGNORECASE), reason
        assert known_reason(kept) == kept


def test_every_reason_of_a_detector_is_known():
    told = (
        "The city is a vibrant 香港AI hub for trade, and it wants to stay one for many years. "
        "A bank\u200b there says so\ufffd again, caf&eacute; by cafÃ© and cafÃ©s by cafÃ©"
    )
    documents = Documents(
        (
            Document("a", f"{told} 香港AI once more", decoding_note="encoding guessed: cp1252"),
            Document("b", told.replace("香港AI ", "")),
            Document("c", told),
            Document("d", f"{told} or not " + "and 香港AI again " * 25),
            Document("e", "新渡輪服務將於下月投入運作，連接舊碼頭與機場。" * 15),
            Document("f", "Le vieux pont de la ville est fermé depuis hier soir. " * 12),
        )
    )
    report = detect(documents)
    reasons = {signal.reason for each in report.documents for signal in each.signals}
    reasons |= {each.not_judged for each in report.documents} - {""}
    assert len(reasons) >= 9
    assert {each for each in reasons if known_reason(each) != each} == set()


def test_a_reason_of_a_program_is_left_out_whole():
    for reason in (
        "lost by Ottavia",
        "the text ends without a full stop; says Ottavia",
        "encoding guessed: Ottavia Brackenshaw",
        "empty Ottavia",
        "empty\n",
    ):
        assert known_reason(reason) == NO_REASON


def test_a_reason_of_any_length_is_read_in_one_go():
    for start in ("the suffix ", 'field "', "cannot be read", "not valid CSV: ", "corrupt gzip: "):
        assert known_reason(start + '" is not "; ' * 100_000) in (NO_REASON, start.rstrip(": "))


# Values


def test_lists_of_words_go_and_their_number_stays():
    overlap = Overlap(2, 0.1, 0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.1, ("mirkwhistle", "tarnolith"))
    pair = replace(example().pairs[2], overlap=overlap)
    report = replace(example(), pairs=(pair,))
    assert without_text(report).pairs[0].overlap == replace(overlap, words=())


def test_a_report_is_not_changed_by_sharing_it():
    before = planted()
    without_text(anonymized(before))
    assert before == planted()


def test_places_follow_their_documents():
    report = example()
    phrase = Phrase("x", ("news/council.txt",), (Occurrence("news/council.txt", 1, 2),))
    family = replace(report.families[0], phrases=(phrase,))
    shared = anonymized(replace(report, families=(family,))).families[0].phrases[0]
    number = [each.id for each in report.documents].index("news/council.txt") + 1
    assert shared.members == (f"document-{number:04}",)
    assert shared.occurrences[0].id == shared.members[0]
