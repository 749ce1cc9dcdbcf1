"""A report as tables: what they hold is what the report holds, in columns that stay."""

import sys
from dataclasses import replace

import pytest

from dupdetect.errors import ConfigError
from dupdetect.report.dataframes import TABLES, to_frame
from dupdetect.report.json import to_dict
from dupdetect.report.sharing import without_text
from dupdetect.results import Family, Report
from tests.example_report import example, hostile, undecided

EMPTY = Report((), (), (), (), {}, {})
MAKERS = [example, undecided, hostile]


@pytest.fixture
def pandas():
    return pytest.importorskip("pandas", reason="pandas is no dependency: pip install pandas")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("make", [lambda: EMPTY, *MAKERS, lambda: without_text(example())])
def test_columns_and_their_types_are_those_of_the_table_whatever_is_in_it(pandas, table, make):
    frame = to_frame(make(), table)
    assert dict(frame.dtypes.astype(str)) == TABLES[table].columns
    assert list(frame.index) == list(range(len(frame)))


@pytest.mark.parametrize("table", TABLES)
def test_an_empty_report_gives_empty_tables(pandas, table):
    assert len(to_frame(EMPTY, table)) == 0


@pytest.mark.parametrize("make", MAKERS)
def test_there_is_a_row_for_each_thing(pandas, make):
    report = make()
    rows = {table: len(report.to_pandas(table)) for table in TABLES}
    assert rows == {
        "documents": len(report.documents),
        "pairs": len(report.pairs),
        "families": sum(len(each.members) for each in (*report.families, *report.reviews)),
        "passages": sum(len(each.passages) + len(each.sentences) for each in report.pairs),
    }


@pytest.mark.parametrize("table", ["documents", "pairs"])
@pytest.mark.parametrize("make", MAKERS)
def test_columns_that_the_json_report_has_hold_the_same(pandas, table, make):
    report = make()
    rows = to_frame(report, table).to_dict("records")
    for row, plain in zip(rows, to_dict(report)[table], strict=True):
        plain |= plain.get("overlap") or {}
        common = row.keys() & plain.keys()
        assert len(common) >= 7
        for name in common:
            if isinstance(plain[name], float):
                assert row[name] == pytest.approx(plain[name], abs=1e-6), name
            else:
                assert row[name] == plain[name], name


def test_pairs_are_the_table_unless_another_is_asked_for(pandas):
    pandas.testing.assert_frame_equal(example().to_pandas(), to_frame(example(), "pairs"))


def test_what_was_not_measured_is_missing(pandas):
    pairs = example().to_pandas()
    copies = pairs[pairs.relation == "exact"]
    assert copies[["shared_words", "expected_words", "score", "p"]].isna().all(axis=None)
    recycled = pairs[pairs.relation == "recycled"]
    assert recycled[["shared_words", "expected_words", "score", "p"]].notna().all(axis=None)


def test_a_family_has_one_keeper_and_one_weakest_member(pandas):
    families = example().to_pandas("families").set_index("family")
    one, copies = families.loc["family-1"], families.loc["family-2"]
    assert list(one.member[one.is_keeper]) == ["farm/harbour-1.txt"]
    assert list(one.member[one.is_weakest]) == ["farm/harbour-3.txt"]
    assert list(one.recycled_share) == [0.62264, 0.34, 0.464]
    assert list(one.n_not_compared) == [0, 0, 1]
    assert set(one.p_adjusted) == {0.00082}
    assert copies[["recycled_share", "n_not_compared", "p", "evidence"]].isna().all(axis=None)
    assert not copies.is_weakest.any()


def test_a_member_whose_coverage_is_not_known_has_none(pandas):
    family = replace(example().families[0], coverage=())
    frame = to_frame(replace(example(), families=(family,)), "families")
    assert frame.recycled_share.isna().all()


def test_groups_for_review_are_told_by_their_relation(pandas):
    frame = undecided().to_pandas("families")
    assert set(zip(frame.family, frame.relation, strict=True)) == {("review-1", "review")}


def test_a_passage_names_its_pair_and_quotes_both_texts(pandas):
    report = undecided()
    frame = report.to_pandas("passages")
    for row in frame.itertuples():
        pair = report.pairs[row.pair]
        assert (row.a, row.b, row.relation) == (pair.a, pair.b, pair.relation)
        assert row.a_text == report.document(row.a).text[row.a_start : row.a_end] != ""
        assert row.b_text == report.document(row.b).text[row.b_start : row.b_end] != ""
    assert list(frame.is_sentence) == [bool(report.pairs[each].sentences) for each in frame.pair]


def test_without_texts_offsets_stay_and_quotations_are_empty(pandas):
    frame = without_text(example()).to_pandas("passages")
    assert set(frame.a_text) == {""}
    assert (frame.a_end > frame.a_start).all()


def test_any_text_can_stand_in_it(pandas):
    frame = hostile("lone \ud800 surrogate").to_pandas("documents")
    assert set(frame.text) == {"lone \ud800 surrogate"}


@pytest.mark.parametrize("table", ["", "pair", "reviews", "__class__"])
def test_another_table_is_refused_with_those_there_are(table):
    with pytest.raises(ConfigError, match="allowed: documents, pairs, families, passages"):
        example().to_pandas(table)


def test_without_pandas_the_next_step_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ConfigError, match="pip install pandas"):
        example().to_pandas()


def test_a_member_of_two_groups_has_a_row_in_each(pandas):
    both = (Family("family-1", "exact", ("a", "b"), "a", 1.0),)
    again = (Family("review-1", "review", ("a", "c"), "c", 0.2),)
    frame = to_frame(replace(EMPTY, families=both, reviews=again), "families")
    assert list(frame.family[frame.member == "a"]) == ["family-1", "review-1"]
