"""JSON reports: complete, described by the schema, safe to print."""

import json
from dataclasses import replace
from importlib import resources

import pytest
from jsonschema import Draft202012Validator

from dupdetect.report import render
from dupdetect.report.json import dumps, pair_to_dict, render_pair, to_dict
from dupdetect.results import Document, Pair, Passage, Report
from tests.example_report import GOLDEN, HOSTILE_CHARACTERS, TEXTS, example, hostile

SCHEMA = json.loads(
    resources.files("dupdetect.report").joinpath("schema/report.schema.json").read_text("utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA)
COMPARISON_VALIDATOR = Draft202012Validator(
    {"$schema": SCHEMA["$schema"], "$defs": SCHEMA["$defs"], "$ref": "#/$defs/comparison"}
)


def test_the_schema_is_valid():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("report", [example(), hostile(), Report((), (), (), (), {}, {})])
def test_every_report_follows_the_schema(report):
    VALIDATOR.validate(json.loads(render(report, "json")))


def test_the_schema_names_every_key_that_is_written():
    plain = to_dict(example())
    parts = {
        "document": plain["documents"][0],
        "repair": plain["documents"][2]["repairs"][0],
        "signal": plain["documents"][0]["signals"][0],
        "pair": plain["pairs"][0],
        "passage": plain["pairs"][1]["passages"][0],
        "family": plain["families"][0],
        "phrase": plain["families"][0]["phrases"][0],
        "occurrence": plain["families"][0]["phrases"][0]["occurrences"][0],
        "skipped": plain["skipped"][0],
    }
    assert list(plain) == list(SCHEMA["properties"]) == SCHEMA["required"]
    for name, part in parts.items():
        described = SCHEMA["$defs"][name]
        assert list(part) == list(described["properties"]) == described["required"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema_version",), "2.0"),
        (("surprise",), 1),
        (("pairs", 0, "jaccard"), 1.5),
        (("pairs", 0, "relation"), "distinct"),
        (("pairs", 0, "sentences_not_compared"), -1),
        (("pairs", 1, "passages", 0, "kind"), "alike"),
        (("documents", 0, "n_chars"), -1),
        (("documents", 0, "relation"), "similar"),
        (("families", 0, "members"), ["alone"]),
        (("families", 0, "cohesion"), None),
        (("skipped", 0, "reason"), ""),
    ],
)
def test_the_schema_refuses_what_no_report_says(path, value):
    plain = to_dict(example())
    place = plain
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert not VALIDATOR.is_valid(plain)


def test_the_golden_report_is_unchanged():
    assert render(example(), "json") == (GOLDEN / "example.json").read_text("utf-8")


def test_offsets_lead_to_the_words_of_each_passage():
    for pair in to_dict(example())["pairs"]:
        for each in pair["passages"]:
            assert TEXTS[pair["a"]][each["a_start"] : each["a_end"]] == each["a_text"] != ""
            assert TEXTS[pair["b"]][each["b_start"] : each["b_end"]] == each["b_text"] != ""


def test_scores_are_rounded_to_six_decimals():
    pair = to_dict(example())["pairs"][2]
    assert (pair["jaccard"], pair["resemblance"]) == (0.084337, 0.412346)


def test_sentences_that_were_not_compared_are_counted_in_their_pair():
    found = [pair["sentences_not_compared"] for pair in to_dict(example())["pairs"]]
    assert found == [0, 0, 0, 1300, 0]


def test_nothing_is_cut_however_long():
    pairs = tuple(Pair(f"d{i:04}", "d9999", "recycled", 0.1, 0.1, 0.1, 0.2) for i in range(1000))
    documents = tuple(
        replace(example().documents[0], id=id, family=None)
        for id in [*(pair.a for pair in pairs), "d9999"]
    )
    plain = json.loads(render(replace(example(), documents=documents, pairs=pairs), "json"))
    assert len(plain["pairs"]) == 1000
    assert len(plain["documents"]) == 1001


def test_hostile_characters_are_escapes_and_come_back_unharmed():
    written = render(hostile(), "json")
    assert not set(written) & HOSTILE_CHARACTERS
    assert written.encode("utf-8")
    assert json.loads(written) == to_dict(hostile())


def test_it_ends_with_one_line_break():
    written = render(example(), "json")
    assert written.endswith("}\n")
    assert not written.endswith("\n\n")


def test_a_number_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        dumps({"jaccard": float("nan")})


def test_a_comparison_follows_the_schema_with_its_passages():
    shared = Passage(0, 8, 4, 12, cosine=1.0, kind="identical")
    pair = Pair("a", "b", "distinct", 0.1, 0.2, 0.3, 0.4, (shared,))
    a, b = Document("a", "the same words"), Document("b", "not the same")
    written = render_pair(pair, a, b, settings={"digest": "0123456789ab"})
    plain = json.loads(written)
    COMPARISON_VALIDATOR.validate(plain)
    assert plain["pair"] == pair_to_dict(pair, a.text, b.text)
    assert plain["pair"]["passages"][0]["b_text"] == "the same"
    assert [each["n_chars"] for each in plain["documents"]] == [14, 12]
