"""Facts about JSON lines and tables: what becomes a record, and what is said of the rest."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dupdetect.config import ReadingConfig
from dupdetect.text.decoding import Decoded, Decoder
from dupdetect.text.records import Fault, Record, json_lines, table_rows

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def from_json(data, **config):
    data = data if isinstance(data, bytes) else data.encode()
    return list(json_lines(io.BytesIO(data), ReadingConfig(**config), Decoder().decode))


def from_table(text, delimiter=",", **config):
    return list(table_rows(Decoded(text, "utf-8"), delimiter, ReadingConfig(**config)))


def only_reason(found):
    assert len(found) == 1
    assert isinstance(found[0], Fault)
    return found[0].reason


# JSON lines


def test_each_line_is_a_record_named_by_its_id_or_nothing():
    assert from_json('{"text": "One.", "id": "a"}\r\n\n{"text": " Two.\\n"}') == [
        Record(1, "One.", "a", "utf-8"),
        Record(3, " Two.\n", None, "utf-8"),
    ]


def test_a_broken_line_is_named_and_the_rest_is_read():
    found = from_json('{"text": "One."}\n{"text": "Two}\n{"text": "Three."}\n')
    assert [each.line for each in found] == [1, 2, 3]
    assert found[1].reason.startswith("not valid JSON: Invalid control character")
    assert found[2].text == "Three."


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nonsense", "not valid JSON: Expecting value (column 1)"),
        ("[1, 2]", "the line holds an array, not a JSON object"),
        ('"text"', "the line holds a string, not a JSON object"),
        ("null", "the line holds null, not a JSON object"),
        ("true", "the line holds true or false, not a JSON object"),
        ("NaN", "the line holds a number, not a JSON object"),
        ("[" * 100_000, "not readable JSON: nested too deeply"),
        ('{"text": ' * 100_000, "not readable JSON: nested too deeply"),
        (
            '{"text": "a", "n": %s}' % ("9" * 5000),
            "not readable JSON: a number has too many digits",
        ),
        ('{"text": ["a"]}', 'field "text" holds an array, not text'),
        ('{"text": {"a": 1}}', 'field "text" holds an object, not text'),
        ('{"text": null}', 'field "text" holds null, not text'),
        ('{"text": NaN}', 'field "text" holds a number, not text'),
        ('{"text": false}', 'field "text" holds true or false, not text'),
        ('{"text": ""}', 'field "text" is empty'),
        ('{"text": " \\u00a0\\n"}', 'field "text" holds only white space'),
        (
            '{"body": "long enough", "title": "T"}',
            'no field "text" (found "body", "title"); try --text-field body',
        ),
        (
            '{"id": "a-very-long-identifier", "body": "short"}',
            'no field "text" (found "id", "body"); try --text-field body',
        ),
        (
            '{"lang": "en", "n": 1, "body": "long enough", "url": "x"}',
            'no field "text" (found "lang", "n", "body", "url"); try --text-field body',
        ),
        (
            '{"id": "a1", "n": 1}',
            'no field "text" (found "id", "n"); name another with --text-field',
        ),
        ("{}", 'no field "text" (found none); name another with --text-field'),
        ('{"n": 1}', 'no field "text" (found "n"); name another with --text-field'),
        (
            json.dumps({"a b\x1b" + "x" * 99: "words"}),
            'no field "text" (found "a b\\u001b{0}…"); try --text-field "a b\\u001b{0}…"'.format(
                "x" * 35
            ),
        ),
        (
            json.dumps(dict.fromkeys("abcdefghij", 1)),
            'no field "text" (found "a", "b", "c", "d", "e", "f", "g", "h" and 2 more); '
            "name another with --text-field",
        ),
        ('{"text": "a", "id": ""}', 'field "id" is empty; a document needs an id'),
        ('{"text": "a", "id": " "}', 'field "id" is empty; a document needs an id'),
        ('{"text": "a", "id": null}', 'field "id" holds null; an id is text or a number'),
        ('{"text": "a", "id": {}}', 'field "id" holds an object; an id is text or a number'),
        ('{"text": "a", "id": true}', 'field "id" holds true or false; an id is text or a number'),
        ('{"text": "a", "id": NaN}', 'field "id" holds a number; an id is text or a number'),
        ('{"text": "a", "id": 1e999}', 'field "id" holds a number; an id is text or a number'),
    ],
)
def test_a_line_without_a_document_says_why(line, reason):
    good = '{"text": "One."}'
    assert from_json(f"{good}\n{line}\n{good}\n") == [
        Record(1, "One.", None, "utf-8"),
        Fault(2, reason),
        Record(3, "One.", None, "utf-8"),
    ]


@pytest.mark.parametrize(("value", "id"), [("7", "7"), ("-1.5", "-1.5"), ('" 7"', " 7")])
def test_ids_are_text_or_numbers_as_text(value, id):
    assert from_json(f'{{"text": "a", "id": {value}}}')[0].id == id


def test_nan_in_a_field_that_is_not_used_costs_nothing():
    assert from_json('{"text": "a", "score": NaN}')[0].text == "a"


def test_dots_lead_into_nested_objects():
    line = '{"meta": {"title": {"en": "One."}, "key": 5}}'
    found = from_json(line, text_field="meta.title.en", id_field="meta.key")
    assert found == [Record(1, "One.", "5", "utf-8")]
    assert "no field" in only_reason(from_json(line, text_field="meta.title.de"))
    assert "no field" in only_reason(from_json(line, text_field="meta.key.deeper"))


def test_a_name_with_a_dot_of_its_own_comes_first():
    line = '{"a.b": "literal", "a": {"b": "nested"}}'
    assert from_json(line, text_field="a.b")[0].text == "literal"


def test_an_id_field_that_was_asked_for_must_be_there():
    reason = only_reason(from_json('{"text": "One.", "id": 1}', id_field="key"))
    assert reason == 'no field "key" (found "text", "id"); name another with --id-field'


def test_the_id_field_asked_for_is_not_proposed_for_the_text():
    line = '{"key": "a-very-long-identifier", "id": "another-identifier", "body": "short"}'
    reason = only_reason(from_json(line, id_field="key"))
    assert reason.endswith("; try --text-field body")


def test_lone_surrogates_are_replaced_and_told_and_pairs_are_characters():
    line = r'{"text": "a\ud800b \ud83d\ude00 \udfff", "id": "\ud800"}'
    (record,) = from_json(line)
    assert record.text == "a\ufffdb 😀 \ufffd"
    assert record.note == "lone surrogates replaced by U+FFFD: 2"
    assert record.id == r"\ud800"


def test_lone_surrogates_in_field_names_can_be_written():
    only_reason(from_json(r'{"\ud800": "a"}')).encode("utf-8")


def test_a_byte_order_mark_before_the_first_line_is_no_fault():
    found = from_json(b'\xef\xbb\xbf{"text": "One."}\n{"text": "Two."}')
    assert [each.encoding for each in found] == ["utf-8-sig", "utf-8"]


def test_invalid_utf_8_in_a_line_is_read_and_told():
    line = '{"text": "В чащах юга жил бы цитрус?"}'.encode()
    (record,) = from_json(line.replace(b"?", b"\xff"))
    assert record.text == "В чащах юга жил бы цитрус\ufffd"
    assert record.note == "not valid utf-8: 1 place was replaced by U+FFFD"


def test_a_line_of_the_allowed_size_is_read_and_one_byte_more_is_not():
    line = b'{"text": "One."}'
    assert from_json(line + b"\n" + line, max_line_size=len(line)) == [
        Record(1, "One.", None, "utf-8"),
        Record(2, "One.", None, "utf-8"),
    ]
    assert from_json(line + b" \n" + line, max_line_size=len(line)) == [
        Fault(1, "a line of 17 bytes; allowed: 16 (reading.max_line_size)"),
        Record(2, "One.", None, "utf-8"),
    ]


@given(st.lists(st.tuples(NAMES.filter(str.strip), NAMES.filter(str.strip))), st.booleans())
def test_what_json_writes_comes_back(pairs, ascii_only):
    data = "".join(
        json.dumps({"id": id, "text": text}, ensure_ascii=ascii_only) + "\n" for id, text in pairs
    )
    assert [(each.id, each.text) for each in from_json(data)] == pairs


@given(st.binary(max_size=300))
def test_any_bytes_give_records_and_faults(data):
    for each in from_json(data):
        assert isinstance(each, Fault | Record)


# Tables


def test_each_row_below_the_header_is_a_record():
    assert from_table('id,text\r\n7,"One, ""two"""\r\n\r\nb, three \r\n') == [
        Record(2, 'One, "two"', "7", "utf-8"),
        Record(4, " three ", "b", "utf-8"),
    ]


def test_a_quoted_text_keeps_its_line_breaks_and_lines_stay_counted():
    found = from_table('text\n"a\r\nb\n\nc\u2028d"\ne\n')
    assert found == [
        Record(2, "a\r\nb\n\nc\u2028d", None, "utf-8"),
        Record(6, "e", None, "utf-8"),
    ]


def test_a_tsv_has_tabs():
    assert from_table("id\ttext\na\tOne, two.\n", "\t") == [Record(2, "One, two.", "a", "utf-8")]


def test_a_table_without_the_text_column_says_so_once():
    found = from_table("id,headline,body\n1,Short,Quite long.\n2,Short,Longer still.\n")
    assert found == [
        Fault(1, 'no column "text" (found "id", "headline", "body"); try --text-field body')
    ]


def test_an_id_column_is_not_proposed_for_the_text():
    (fault,) = from_table("id,body\na-very-long-identifier,short\n")
    assert fault.reason == 'no column "text" (found "id", "body"); try --text-field body'
    (fault,) = from_table("key,body\na-very-long-identifier,short\n", id_field="key")
    assert fault.reason == 'no column "text" (found "key", "body"); try --text-field body'


def test_a_table_without_the_id_column_asked_for_says_so_once():
    found = from_table("text\na\nb\n", id_field="key")
    assert only_reason(found) == 'no column "key" (found "text"); name another with --id-field'


def test_a_text_column_twice_is_ambiguous_and_others_are_not():
    assert (
        only_reason(from_table("text,text\na,b\n")) == 'column "text" stands 2 times in the header'
    )
    assert (
        only_reason(from_table("id,text,id\na,b,c\n")) == 'column "id" stands 2 times in the header'
    )
    assert from_table("x,text,x\na,b,c\n") == [Record(2, "b", None, "utf-8")]


def test_a_header_alone_is_a_fault():
    assert from_table("id,text\n") == [Fault(1, "no rows below the header")]


def test_a_short_row_lacks_its_last_columns():
    assert from_table("id,text\na\nb,Two.\n") == [
        Fault(2, 'no cell for column "text": 1 of 2 cells'),
        Record(3, "Two.", "b", "utf-8"),
    ]


def test_a_row_with_too_many_cells_is_not_cut_short():
    assert from_table("id,text\na,One, two.\nb,Three.,,\n") == [
        Fault(2, "3 cells, but the header has 2; is a text with a delimiter in it not quoted?"),
        Record(3, "Three.", "b", "utf-8"),
    ]


def test_an_empty_cell_is_a_fault():
    assert [each.reason for each in from_table("id,text\na,\n,One.\n")] == [
        'field "text" is empty',
        'field "id" is empty; a document needs an id',
    ]


def test_a_quote_that_never_closes_is_told_with_what_it_swallows():
    assert from_table('id,text\na,One.\nb,"Two.\nc,Three.\n') == [
        Record(2, "One.", "a", "utf-8"),
        Fault(
            3,
            "not valid CSV: unexpected end of data, in lines 3 to 4; "
            "a quote in a quoted cell must be doubled",
        ),
    ]


def test_a_quote_that_is_not_doubled_is_told_and_the_rest_is_read():
    found = from_table('id\ttext\na\t"Yes," she said.\nb\tShe said "yes".\n', "\t")
    assert isinstance(found[0], Fault)
    assert found[0].reason.startswith("not valid CSV: '\t' expected after '\"', in line 2; ")
    assert found[1:] == [Record(3, 'She said "yes".', "b", "utf-8")]


def test_a_malformed_header_is_a_fault():
    assert only_reason(from_table('"id"x,text\na,One.\n')).startswith("not valid CSV: ")
    assert only_reason(from_table("")) == "no header row"


def test_a_malformed_first_row_does_not_hide_that_the_column_is_absent():
    assert only_reason(from_table('body\n"a"b\nOne.\n')) == (
        'no column "text" (found "body"); try --text-field body'
    )


def test_nul_characters_are_characters():
    assert from_table("text\na\0b\n") == [Record(2, "a\0b", None, "utf-8")]


def test_a_large_field_is_read_and_the_limit_of_the_process_is_as_before():
    before = csv.field_size_limit()
    assert from_table(f"text\n{'x' * (before + 1)}\n")[0].text == "x" * (before + 1)
    assert csv.field_size_limit() == before


@given(st.lists(st.tuples(NAMES.filter(str.strip), NAMES.filter(str.strip)), min_size=1))
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_what_csv_writes_comes_back(delimiter, pairs):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("id", "text"), *pairs])
    assert [(each.id, each.text) for each in from_table(out.getvalue(), delimiter)] == pairs


@given(st.text(st.sampled_from('a",\n\r\t\0 ')))
def test_no_table_is_too_broken(rows):
    for each in from_table("text\n" + rows):
        assert isinstance(each, Fault | Record)
