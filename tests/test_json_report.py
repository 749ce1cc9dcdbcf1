"""JSON reports: complete, described by the schema, safe to print."""

import json
from dataclasses import replace
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dupdetect.report import render
from dupdetect.report.json import dumps, pair_to_dict, render_pair, to_dict
from dupdetect.results import Document, Overlap, Pair, Passage, Report, Reuse
from tests.example_report import (
    BRIDGE_3,
    FERRY,
    GOLDEN,
    HOSTILE,
    HOSTILE_CHARACTERS,
    ONE,
    REPORTS,
    SETTINGS,
    STORIES,
    TEXTS,
    THREE,
    TWO,
    example,
    hostile,
    overlap,
    undecided,
)

SCHEMA = json.loads(
    resources.files("dupdetect.report").joinpath("schema/report.schema.json").read_text("utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA)
COMPARISON_VALIDATOR = Draft202012Validator(
    {"$schema": SCHEMA["$schema"], "$defs": SCHEMA["$defs"], "$ref": "#/$defs/comparison"}
)


def test_the_schema_is_valid():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "report", [example(), undecided(), hostile(), Report((), (), (), (), {}, {})]
)
def test_every_report_follows_the_schema(report):
    VALIDATOR.validate(json.loads(render(report, "json")))


def test_the_schema_names_every_key_that_is_written():
    plain, other = to_dict(example()), to_dict(undecided())
    parts = {
        "document": plain["documents"][0],
        "repair": plain["documents"][2]["repairs"][0],
        "signal": plain["documents"][0]["signals"][0],
        "pair": plain["pairs"][0],
        "overlap": plain["pairs"][2]["overlap"],
        "passage": plain["pairs"][1]["passages"][0],
        "family": plain["families"][0],
        "reuse": plain["families"][0]["reuse"],
        "coverage": plain["families"][0]["coverage"][0],
        "boilerplate": other["boilerplate"][0],
        "phrase": plain["families"][0]["phrases"][0],
        "occurrence": plain["families"][0]["phrases"][0]["occurrences"][0],
        "collation": plain["families"][0]["collations"][0],
        "reading": plain["families"][0]["collations"][0]["readings"][0],
        "histogram": plain["histogram"],
        "heat_map": plain["heat_map"],
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
        (("families", 0, "relation"), "review"),
        (("families", 0, "reuse", "p"), 0.0),
        (("families", 0, "reuse", "p_adjusted"), 1.5),
        (("families", 0, "coverage", 0, "recycled_share"), 1.5),
        (("families", 0, "coverage", 0, "cover", 0, "share"), None),
        (("families", 0, "phrases", 0, "bits"), -1.0),
        (("families", 0, "phrases", 0, "kind"), "idiom"),
        (("pairs", 2, "overlap", "p"), 0.0),
        (("pairs", 2, "overlap", "closeness"), 1.1),
        (("pairs", 2, "overlap", "words"), ["word"] * 101),
        (("pairs", 2, "sentences"), [{"kind": "edited"}]),
        (("pairs", 2, "passages", 0, "runs"), [[0, 1, 2]]),
        (("pairs", 2, "passages", 0, "quotation"), "yes"),
        (("documents", 0, "not_judged"), None),
        (("documents", 0, "signals", 0, "n_slots"), -1),
        (("settings", "null"), {"name": "English"}),
        (("boilerplate",), [{"text": ""}]),
        (("reviews",), None),
        (("families", 0, "collations", 0, "readings"), []),
        (("families", 0, "collations", 0, "readings", 0, "agreed"), [[0, 1, 2]]),
        (("families", 0, "collations", 0, "kind"), "alike"),
        (("families", 0, "n_not_collated"), -1),
        (("histogram", "counts", 0), -1),
        (("histogram", "expected", 0), -0.5),
        (("histogram", "threshold"), None),
        (("histogram", "level"), 0.0),
        (("heat_map", "ids"), ["alone"]),
        (("heat_map", "scores", 1), 0.5),
        (("heat_map", "n_left_out"), 0.5),
    ],
)
def test_the_schema_refuses_what_no_report_says(path, value):
    plain = to_dict(example())
    place = plain
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert not VALIDATOR.is_valid(plain)


def test_a_family_for_review_stands_among_the_reviews_only():
    plain = to_dict(undecided())
    assert [each["id"] for each in plain["reviews"]] == ["review-1"]
    assert plain["reviews"][0]["reuse"]["weakest"] == BRIDGE_3
    assert VALIDATOR.is_valid(plain)
    assert not VALIDATOR.is_valid(plain | {"families": plain["reviews"]})
    assert not VALIDATOR.is_valid(plain | {"reviews": to_dict(example())["families"]})


@pytest.mark.parametrize("name", list(REPORTS))
def test_the_golden_report_is_unchanged(name):
    assert render(REPORTS[name](), "json") == (GOLDEN / f"{name}.json").read_text("utf-8")


def test_offsets_lead_to_the_words_of_each_passage():
    texts = TEXTS | STORIES
    pairs = [*to_dict(example())["pairs"], *to_dict(undecided())["pairs"]]
    for pair in pairs:
        for each in [*pair["passages"], *pair["sentences"]]:
            assert texts[pair["a"]][each["a_start"] : each["a_end"]] == each["a_text"] != ""
            assert texts[pair["b"]][each["b_start"] : each["b_end"]] == each["b_text"] != ""


def test_own_words_and_loose_sentences_are_written_so_that_they_can_be_checked():
    pair = next(each for each in to_dict(undecided())["pairs"] if each["sentences"])
    assert pair["relation"] == "review"
    assert pair["overlap"]["words"] == ["empty", "huddled", "ridge", "sheep"]
    assert pair["overlap"]["shared_words"] == 4
    [sentence] = pair["sentences"]
    start, end, _, _ = sentence["runs"][0]
    assert STORIES[pair["a"]][start:end] == "sheep huddled"


def test_runs_lie_within_their_passage():
    passages = [each for pair in to_dict(example())["pairs"] for each in pair["passages"]]
    assert sum(len(each["runs"]) for each in passages) == 4
    for each in passages:
        for a_start, a_end, b_start, b_end in each["runs"]:
            assert each["a_start"] <= a_start < a_end <= each["a_end"]
            assert each["b_start"] <= b_start < b_end <= each["b_end"]


def test_where_an_anchor_stands_and_where_its_sentence_stands_without_it_is_written():
    [anchor, _] = to_dict(example())["documents"][0]["signals"]
    assert (anchor["n_members"], anchor["n_places"], anchor["n_slots"]) == (2, 2, 1)
    assert [TEXTS[at["id"]][at["start"] : at["end"]] for at in anchor["occurrences"]] == [
        "香港AI",
        "香港AI",
    ]
    assert [TEXTS[at["id"]][at["start"] : at["end"]] for at in anchor["slots"]] == [
        "to renew the quays"
    ]


def agreed_words(collation):
    texts = TEXTS | STORIES
    return {
        each["id"]: [texts[each["id"]][start:end] for start, end in each["agreed"]]
        for each in collation["readings"]
    }


def test_what_the_readings_of_a_sentence_agree_in_is_written_so_that_it_can_be_checked():
    [plan, welcome] = to_dict(example())["families"][0]["collations"]
    assert agreed_words(plan)[TWO] == ["The “Harbour Plan", "outlines a", "the", "quays"]
    assert agreed_words(welcome)[THREE] == ["The harbour has", "electric ferries of every size"]
    [sags] = to_dict(undecided())["reviews"][0]["collations"]
    assert agreed_words(sags)[BRIDGE_3] == ["A little more each winter"]
    for collation in (plan, welcome, sags):
        assert collation["base"] in agreed_words(collation)
        for each in collation["readings"]:
            ends = [each["start"], *(place for span in each["agreed"] for place in span)]
            assert sorted([*ends, each["end"]]) == [*ends, each["end"]]


def test_sentences_beyond_the_cap_and_members_not_looked_into_are_counted():
    families = [*to_dict(example())["families"], *to_dict(hostile())["families"]]
    counted = [
        (len(each["collations"]), each["n_collations"], each["n_not_collated"]) for each in families
    ]
    assert counted == [(2, 3, 0), (0, 0, 0), (1, 4, 1)]


def test_the_scores_of_pairs_are_written_beside_those_that_are_expected():
    histogram = to_dict(example())["histogram"]
    assert len(histogram["edges"]) == len(histogram["counts"]) + 1
    assert sum(histogram["counts"]) == histogram["n_pairs"] == 4
    assert histogram["expected"] == [0.08, 1.2, 1.32, 0.64, 0.28, 0.06, 0.02]
    assert (histogram["threshold"], histogram["n_above"]) == (0.645, 2)


def test_the_scores_of_documents_are_written_as_a_triangle_rounded():
    heat_map = to_dict(example())["heat_map"]
    assert [len(scores) for scores in heat_map["scores"]] == [0, 1, 2, 3, 4]
    assert heat_map["scores"][3] == [-1.614, -1.1, -1.403722]
    assert heat_map["ids"][1:3] == [ONE, TWO]


def test_where_nothing_was_compared_histogram_and_heat_map_are_null():
    plain = to_dict(replace(example(), histogram=None, heat_map=None))
    assert (plain["histogram"], plain["heat_map"]) == (None, None)
    VALIDATOR.validate(plain)


def test_why_a_document_was_not_judged_is_written():
    said = {each["id"]: each["not_judged"] for each in to_dict(undecided())["documents"]}
    assert said["news/short.txt"] == "too short"
    assert said[FERRY] == "no null for its script"
    assert set(said.values()) == {"", "too short", "no null for its script"}


def test_the_null_is_named_with_its_hash_and_its_strata():
    null = to_dict(example())["settings"]["null"]
    assert null["sha256"] == SETTINGS["null"]["sha256"]
    assert null["strata"] == ["reports of one event", "answers to one question"]


PARTS = st.floats(-20, 20)


@given(PARTS, PARTS, PARTS, st.floats(1e-6, 1.0))
def test_parts_add_up_and_no_p_value_is_rounded_to_none(surplus, distance, brevity, p):
    found = overlap(1, 1.0, 1, 0.5, (surplus, distance, brevity), p)
    plain = pair_to_dict(Pair("a", "b", "recycled", 0, 0, 0, 0, overlap=found), "", "")["overlap"]
    parts = plain["surplus"] + plain["distance"] + plain["brevity"]
    assert parts == pytest.approx(plain["score"], abs=3e-6)
    assert plain["p"] == pytest.approx(p, rel=1e-5)


def test_no_overlap_and_no_p_value_are_null():
    unjudged = Overlap(1, 1.0, 1, 0.5, 0.0, -0.0, 0.0, 0.0, None)
    pair = Pair("a", "b", "exact", 1, 1, 1, 1)
    assert pair_to_dict(pair, "", "")["overlap"] is None
    plain = pair_to_dict(replace(pair, overlap=unjudged), "", "")["overlap"]
    assert plain["p"] is None
    assert str(plain["distance"]) == "0.0"


def test_a_p_value_below_six_decimals_keeps_its_digits():
    reuse = Reuse(0.00000123456789, 0.0000025, 1.0, 2, 3.0, 0.5, "a", 0.1)
    report = example()
    family = replace(report.families[0], reuse=reuse)
    plain = to_dict(replace(report, families=(family,)))["families"][0]["reuse"]
    assert (plain["p"], plain["p_adjusted"]) == (0.00000123457, 0.0000025)


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


PIECES = st.lists(
    st.one_of(st.sampled_from([*HOSTILE, *HOSTILE.split(" ")]), st.characters()), max_size=20
).map("".join)


@given(PIECES)
@settings(max_examples=60, deadline=None)
def test_any_text_anywhere_is_harmless_and_comes_back(words):
    report = hostile(f"x{words}")
    written = render(report, "json")
    assert not set(written) & HOSTILE_CHARACTERS
    assert json.loads(written) == to_dict(report)
    VALIDATOR.validate(json.loads(written))


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
