"""Facts about sources: streamed records are those of `read_documents`, with their places."""

import csv
import gzip
import io
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dupdetect.config import ReadingConfig
from dupdetect.corpus import json_records, parquet, streams, tables
from dupdetect.corpus.keepvalues import moment
from dupdetect.corpus.sources import batches, find_sources, texts_at
from dupdetect.corpus.values import Position
from dupdetect.errors import ConfigError, InputError
from dupdetect.results import Skipped
from dupdetect.text.reading import read_documents

CONFIG = ReadingConfig()
START = Position()
TEXT = "One text of some words."
BLANK = ("is empty", "holds only white space")


def put(path, content=TEXT):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def find(path, config=CONFIG, **options):
    paths = path if isinstance(path, list) else [path]
    spool = Path(paths[0]).parent / "spool"
    spool.mkdir(exist_ok=True)
    return find_sources(paths, config, spool=spool, **options)


def only(path, config=CONFIG):
    (source,) = find(path, config).sources
    return source


def read(source, config=CONFIG, *, field=None, start=START, max_chars=10**6, max_records=1000):
    return list(
        batches(
            source, config, field=field, start=start, max_chars=max_chars, max_records=max_records
        )
    )


def joined(found, name):
    return [each for batch in found for each in getattr(batch, name)]


def reasons(path, config=CONFIG):
    return [
        (each.source, each.reason) for each in joined(read(only(path, config), config), "skipped")
    ]


def again(source, found, config=CONFIG, *, max_chars=10):
    """The texts of all records, read by their spans."""
    starts, ends = (
        np.concatenate([getattr(each, name) for each in found]) for name in ("starts", "ends")
    )
    wanted = np.arange(len(starts))
    parts = list(texts_at(source, config, wanted, starts, ends, max_chars=max_chars))
    assert np.concatenate([numbers for numbers, _ in parts]).tolist() == wanted.tolist()
    return [text for _, texts in parts for text in texts]


def agrees_with_read_documents(path, config=CONFIG):
    """That a source gives what reading it whole gives, in one batch or many, and again by spans."""
    source = only(path, config)
    whole = read(source, config)
    one_by_one = read(source, config, max_records=1)
    names = ("texts", "ids", "lines", "starts", "ends", "skipped")
    for name in names:
        assert joined(whole, name) == joined(one_by_one, name)
    for batch in one_by_one:
        rest = read(source, config, start=batch.position)
        place = one_by_one.index(batch) + 1
        for name in names:
            assert joined(rest, name) == joined(one_by_one[place:], name)
    texts, ids = joined(whole, "texts"), joined(whole, "ids")
    if texts:
        assert again(source, whole, config) == texts
        some = [0, len(texts) - 1] if len(texts) > 1 else [0]
        starts = np.array(joined(whole, "starts"))[some]
        ends = np.array(joined(whole, "ends"))[some]
        found = texts_at(source, config, np.array(some), starts, ends, max_chars=10**6)
        assert [text for _, part in found for text in part] == [texts[each] for each in some]
    try:
        expected = read_documents(path, config)
    except InputError:  # two records of one id: that is looked at elsewhere
        return whole
    # A text of nothing is a record here, and none for `report`.
    blanks = {f'field "{config.text_field}" {state}' for state in BLANK}
    blank = {each.source for each in expected.skipped if each.reason in blanks}
    records = [
        (source.place(line), id, text)
        for line, id, text in zip(joined(whole, "lines"), ids, texts, strict=True)
    ]
    assert all(text.strip() or place in blank for place, _, text in records)
    assert [each for each in records if each[0] not in blank] == [
        (each.source, each.id, each.text) for each in expected
    ]
    told = [
        Skipped(each.source, each.reason.partition("; if it is UTF-16")[0])
        for each in expected.skipped
        if each.source not in blank
    ]
    assert [each for each in joined(whole, "skipped") if each.source not in blank] == told
    return whole


# JSON lines

LINES = [
    b'{"text": "One."}',
    b'{"text": "Two.", "id": "b"}',
    b'{"text": "\xc3\xa9t\xc3\xa9", "id": "\xc3\xa9"}',
    b'{"text": "\\u00e9 \\ud83d\\ude00 \\ud800 x", "id": "\\ud800"}',
    b'{"text": "\\uD800\xc3\xa9"}',
    b'{"text": "caf\xe9 au lait", "id": "latin"}',
    b'{"text": "d\xe9j\xe0 vu \x93quoted\x94"}',
    b'{"text": "\xe2\x80\x9cquoted\xe2\x80\x9d \xff and \xc3\xa9\xc3\xa8\xc3\xa0\xc3\xb4"}',
    b'{"text": "a", "text": "b", "n": NaN}',
    b'{"text": ""}',
    b'{"text": " \\n"}',
    b'{"text": 5}',
    b'{"body": "A text."}',
    b'{"text": "x", "id": 7}',
    b'{"text": "x", "id": 1.5}',
    b'{"text": "x", "id": 1' + b"0" * 400 + b"}",
    b'{"text": "x", "id": 1' + b"0" * 5000 + b"}",
    b'{"text": "x", "id": true}',
    b'{"text": "x", "id": null}',
    b'{"text": "x", "id": ""}',
    b'{"text": "x", "id": " "}',
    b'{"text": "x", "id": NaN}',
    b'  {"text": "spaced"}  ',
    b'\t{"text": "tabbed"}\r',
    b'{"text": "CR at the end"}\r',
    b'{"text": "two"} {"text": "values"}',
    b'{"text": "cut',
    b'{"text": "tab\tinside"}',
    b'{"text": "nul\\u0000inside"}',
    b'\xef\xbb\xbf{"text": "marked"}',
    b'\xff\xfe{"text": "marked otherwise"}',
    b"[1, 2]",
    b'"text"',
    b"null",
    b"",
    b"  ",
    b"\r",
    b"\xc2\xa0",
    b"\x00",
    b"[" * 3000,
    b'{"text": "' + b"long " * 30 + b'"}',
    b'{"text": {"inner": "deep"}, "text.inner": "dotted"}',
]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lines=st.lists(st.sampled_from(LINES), max_size=8),
    ending=st.sampled_from([b"\n", b"\r\n"]),
    end=st.booleans(),
    block=st.sampled_from([7, 64, 2**20]),
    max_line_size=st.sampled_from([100, 2**20]),
    text_field=st.sampled_from(["text", "text", "text.inner"]),
    id_field=st.sampled_from([None, None, "", "id"]),
)
def test_hostile_lines_give_what_reading_them_whole_gives(
    tmp_path, monkeypatch, lines, ending, end, block, max_line_size, text_field, id_field
):
    assume(not lines or not lines[0].startswith(b"\xff\xfe"))  # UTF-16: see below
    monkeypatch.setattr("dupdetect.corpus.json_records.BLOCK_BYTES", block)
    path = put(tmp_path / "a.jsonl", ending.join(lines) + (ending if end else b""))
    agrees_with_read_documents(
        path, ReadingConfig(max_line_size=max_line_size, text_field=text_field, id_field=id_field)
    )


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii", "gb18030", "utf-8-sig"])
def test_a_named_encoding_is_used_for_lines_and_rows(tmp_path, encoding):
    config = ReadingConfig(encoding=encoding)
    agrees_with_read_documents(put(tmp_path / "a.jsonl", b"\n".join(LINES[:9])), config)
    rows = b"text,id\n" + "é ö,a\nplain,b\n".encode() + b"\xe9t\xe9,c\n"
    agrees_with_read_documents(put(tmp_path / "a.csv", rows), config)


def test_a_guessed_encoding_does_not_depend_on_where_reading_begins(tmp_path):
    russian = "Съешь же ещё этих мягких французских булок, да выпей чаю. " * 5
    lines = [json.dumps({"text": russian}, ensure_ascii=False).encode("cp1251")]
    lines += [
        json.dumps({"text": text}, ensure_ascii=False).encode("cp1251") for text in ("Да", "Чаю")
    ]
    path = put(tmp_path / "a.jsonl", b'{"text": "ASCII"}\n' + b"\n".join(lines))
    found = agrees_with_read_documents(path)
    assert joined(found, "texts")[2:] == ["Да", "Чаю"]
    source = only(path)
    starts, ends = found[0].starts[3:], found[0].ends[3:]
    last = texts_at(source, CONFIG, np.array([3]), starts, ends, max_chars=9)
    assert next(last)[1] == ["Чаю"]


def test_spans_hold_the_line_end_and_not_the_mark_of_the_file(tmp_path):
    data = b'\xef\xbb\xbf{"text": "a"}\r\n\n{"text": "b"}\n{"text": "c"}'
    (batch,) = read(only(put(tmp_path / "a.jsonl", data)))
    spans = zip(batch.starts.tolist(), batch.ends.tolist(), strict=True)
    assert [data[start:end] for start, end in spans] == [
        b'{"text": "a"}\r\n', b'{"text": "b"}\n', b'{"text": "c"}',
    ]  # fmt: skip
    assert batch.lines.tolist() == [1, 3, 4]


def test_the_values_of_a_field_come_raw(tmp_path):
    lines = ('"n": 1', '"n": "2"', '"n": null', '"m": {"n": 3}', '"n": [4]', '"caf\\u00e9": 0')
    path = put(tmp_path / "a.jsonl", "".join(f'{{"text": "x", {each}}}\n' for each in lines))
    assert joined(read(only(path), field="n"), "values") == [1, "2", None, None, [4], None]
    assert joined(read(only(path), field="m.n"), "values") == [None, None, None, 3, None, None]
    assert joined(read(only(path)), "values") == [None] * 6
    table = put(tmp_path / "a.csv", "text,n\nx,1\ny\nz,\n")
    assert joined(read(only(table), field="n"), "values") == ["1", None, ""]


def test_batches_keep_to_their_limits(tmp_path):
    path = put(tmp_path / "a.jsonl", '{"text": "12345"}\n' * 10 + "bad\n" * 6)
    sizes = [len(each.texts) for each in read(only(path), max_chars=12)]
    assert sizes == [3, 3, 3, 1]
    found = read(only(path), max_records=4)
    assert [len(each.texts) + len(each.skipped) for each in found] == [4, 4, 4, 4]


def test_a_position_is_plain_json(tmp_path):
    path = put(tmp_path / "a.jsonl", '{"text": "a"}\n{"text": "b"}\n')
    first, *_ = read(only(path), max_records=1)
    position = Position(**json.loads(json.dumps(asdict(first.position))))
    assert joined(read(only(path), start=position), "ids") == ["a.jsonl:2"]
    assert read(only(path), start=Position(finished=True)) == []


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.jsonl", b"", "empty"),
        ("a.jsonl", b" \n\n", "only white space"),
        ("a.jsonl", b"\0\1\2\3" * 9, "binary: 9 of 36 bytes are NUL"),
        ("a.csv", b"", "empty"),
        ("a.csv", b"\n \n", "only white space"),
        ("a.csv", b"text\n", "no rows below the header"),
        ("a.csv", b"body\nA text.\n", 'no column "text" (found "body"); try --text-field body'),
        ("a.tsv", b"text\ttext\nx\ty\n", 'column "text" stands 2 times in the header'),
    ],
)  # fmt: skip
def test_a_source_without_any_record_is_listed(tmp_path, name, data, reason):
    path = put(tmp_path / name, data)
    ((place, found),) = reasons(path)
    assert (place.removesuffix(":1"), found) == (str(path), reason)
    agrees_with_read_documents(path)


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_wide_encodings_are_listed_with_what_to_do(tmp_path, name, encoding):
    path = put(tmp_path / name, '{"text": "a"}\n'.encode(encoding))
    ((_, reason),) = reasons(path)
    assert reason.startswith(f"its encoding is {encoding}")
    assert reason.endswith("convert it to UTF-8 first")
    assert reasons(path, ReadingConfig(encoding="utf-16-le"))[0][1].startswith(
        "its encoding is utf"
    )


# Tables

CELLS = st.sampled_from(
    ["plain", '"quoted, with comma"', '"two\nlines"', '"CR\r\nLF"', '"doubled ""quote"""', "",
     'stray " quote', '"open', '"closed" early', "é", "7", " ", "a;b", '"nul\0"'],
)  # fmt: skip


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.lists(CELLS, max_size=4), max_size=6),
    header=st.sampled_from(["text,id,n", "id,text", '"text"', "text;id", "\n\ntext,id", "id"]),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    end=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
    block=st.sampled_from([5, 2**20]),
    name=st.sampled_from(["a.csv", "a.tsv"]),
)
def test_hostile_tables_give_what_reading_them_whole_gives(
    tmp_path, monkeypatch, rows, header, ending, end, encoding, block, name
):
    monkeypatch.setattr("dupdetect.corpus.tables.BLOCK_BYTES", block)
    text = ending.join([header, *(",".join(row) for row in rows)]) + (ending if end else "")
    tables.layout.cache_clear()
    agrees_with_read_documents(put(tmp_path / name, text.encode(encoding)))


def test_the_spans_of_rows_hold_all_their_lines(tmp_path):
    data = b'\xef\xbb\xbfid,text\r\na,"One,\r\ntwo"\r\n\r\nb,Three'
    (batch,) = read(only(put(tmp_path / "a.csv", data)))
    spans = zip(batch.starts.tolist(), batch.ends.tolist(), strict=True)
    assert [data[start:end] for start, end in spans] == [b'a,"One,\r\ntwo"\r\n', b"b,Three"]
    assert batch.lines.tolist() == [2, 5]


@pytest.mark.parametrize("block", [10, 2**20])
def test_a_quote_that_never_closes_takes_no_more_memory_than_a_row_may(
    tmp_path, monkeypatch, block
):
    monkeypatch.setattr("dupdetect.corpus.tables.BLOCK_BYTES", block)
    tables.layout.cache_clear()
    config = ReadingConfig(max_line_size=50)
    rows = 'text\nfirst\n"open\n' + "line\n" * 20 + 'end"\nlast\n"never closed\n' + "x\n" * 40
    path = put(tmp_path / "a.csv", rows)
    found = read(only(path, config), config)
    assert joined(found, "texts") == ["first", "last"]
    assert joined(found, "lines") == [2, 25]
    assert [each.reason.split(";")[0] for each in joined(found, "skipped")] == [
        "a row of 111 bytes", "a row of 94 bytes",
    ]  # fmt: skip
    assert [each.source for each in joined(found, "skipped")] == [f"{path}:3", f"{path}:26"]


def test_a_line_without_an_end_takes_no_more_memory_than_a_line_may(tmp_path, monkeypatch):
    monkeypatch.setattr("dupdetect.corpus.tables.BLOCK_BYTES", 10)
    config = ReadingConfig(max_line_size=50)
    path = put(tmp_path / "a.csv", b"text\nfirst\n" + b"x" * 1000 + b"\nlast\n" + b"y" * 80)
    found = read(only(path, config), config)
    assert joined(found, "texts") == ["first", "last"]
    assert joined(found, "lines") == [2, 4]


def test_a_table_in_another_encoding_is_decided_as_a_whole(tmp_path):
    rows = "text\n" + "déjà vu à la crème brûlée\n" * 5
    data = rows.encode("cp1252") + "é\n".encode()
    found = agrees_with_read_documents(put(tmp_path / "a.csv", data))
    assert joined(found, "texts")[-1] != "é"


def test_the_limit_of_csv_is_put_back_when_several_tables_were_read_at_once(tmp_path):
    before = csv.field_size_limit()
    path = put(tmp_path / "a.csv", "text\na\nb\n")
    one = batches(only(path), CONFIG, max_chars=1, max_records=1)
    other = batches(only(path), CONFIG, max_chars=1, max_records=1)
    next(one), next(other)
    one.close()
    assert csv.field_size_limit() > before
    other.close()
    assert csv.field_size_limit() == before


# Compression

BODY = b"".join(
    json.dumps({"text": f"Text {n} é", "id": f"i{n}"}).encode() + b"\n" for n in range(999)
)


def compressed(kind, data):
    if kind == "gz":
        return gzip.compress(data, mtime=0)
    zstd = pytest.importorskip("backports.zstd")
    return zstd.compress(data)


@pytest.mark.parametrize("kind", ["gz", "zst"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.html", "a.TXT"])
def test_every_format_may_be_compressed(tmp_path, kind, name):
    body = {"jsonl": BODY, "csv": b"text\nx\ny\n"}.get(name[2:], b"<p>A text of words.</p>" * 9)
    plain = read(only(put(tmp_path / name, body)))
    source = only(put(tmp_path / f"{name}.{kind}", compressed(kind, body)))
    found = read(source, max_records=100)
    assert joined(found, "texts") == joined(plain, "texts")
    assert joined(found, "starts") == joined(plain, "starts")
    assert again(source, found) == joined(plain, "texts")
    if len(found) > 1:
        rest = read(source, start=found[3].position)
        assert joined(rest, "ids") == joined(found[4:], "ids")


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_members_one_behind_the_other_are_one_stream(tmp_path, kind):
    line = b'{"text": "a"}\n'
    data = compressed(kind, line) + compressed(kind, b"") + compressed(kind, line * 2)
    assert len(joined(read(only(put(tmp_path / f"a.jsonl.{kind}", data))), "texts")) == 3
    padded = put(
        tmp_path / "b.jsonl.gz", gzip.compress(b"") + bytes(99) + gzip.compress(line) + bytes(9)
    )
    assert len(joined(read(only(padded)), "texts")) == 1


@pytest.mark.parametrize("kind", ["gz", "zst"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_what_stands_before_a_fault_is_read(tmp_path, monkeypatch, kind, name):
    monkeypatch.setattr(streams, "_COMPRESSED_BLOCK_BYTES", 64)
    random = np.random.default_rng(7)
    words = ["".join(map(chr, random.integers(97, 122, 40))) for _ in range(5000)]
    if name == "a.csv":
        body = "text\n" + "\n".join(words) + "\n"
    else:
        body = "".join(f'{{"text": "{word}"}}\n' for word in words)
    whole = compressed(kind, body.encode())
    label = {"gz": "gzip", "zst": "zstd"}[kind]
    for data, why in (
        (whole[: 2 * len(whole) // 3], f"corrupt {label}: it ends too early"),
        (whole + b"rubbish", f"corrupt {label}: "),
    ):
        source = only(put(tmp_path / f"{len(data)}-{name}.{kind}", data))
        found = read(source)
        texts = joined(found, "texts")
        assert texts == words[: len(texts)]
        assert len(texts) > 500
        (skipped,) = joined(found, "skipped")
        assert skipped.reason.startswith(why)
        assert skipped.reason.endswith("; what stands before the fault was read")
        assert read(source, start=found[-1].position) == []
        assert again(source, found) == texts


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_a_file_that_is_not_compressed_at_all_is_listed(tmp_path, kind):
    if kind == "zst":
        pytest.importorskip("backports.zstd")
    ((_, reason),) = reasons(put(tmp_path / f"a.jsonl.{kind}", b'{"text": "a"}\n'))
    assert reason.startswith("corrupt ")


@pytest.mark.parametrize("kind", ["gz", "zst"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_a_decompression_bomb_is_stopped(tmp_path, monkeypatch, kind, name):
    monkeypatch.setattr(streams, "HARMLESS_BYTES", 2**23)
    head = b"text\nfirst\n" if name == "a.csv" else b'{"text": "first"}\n'
    data = compressed(kind, head + b" " * 2**25)
    found = read(only(put(tmp_path / f"{name}.{kind}", data)))
    assert joined(found, "texts") == ["first"]
    (skipped,) = joined(found, "skipped")
    assert "allowed: 200 times as many" in skipped.reason
    assert "bomb" in skipped.reason


def test_equal_lines_may_be_compressed_well(tmp_path):
    data = gzip.compress(b'{"text": "a"}\n' * 10**5)
    assert (
        len(joined(read(only(put(tmp_path / "a.jsonl.gz", data)), max_records=10**5), "texts"))
        == 10**5
    )


def test_a_text_file_beyond_the_limit_is_listed_and_a_line_source_is_not(tmp_path):
    config = ReadingConfig(max_file_size=20)
    put(tmp_path / "in/a.txt", "x" * 21)
    put(tmp_path / "in/b.txt.gz", gzip.compress(b"y" * 21))
    put(tmp_path / "in/c.txt")
    put(tmp_path / "in/d.jsonl", '{"text": "a text of many words"}')
    files, lines = find(tmp_path / "in", config).sources
    reason = "allowed: 20 (--max-file-size)"
    assert [each.reason for each in read(files, config)[0].skipped] == [
        f"21 bytes; {reason}", f"more than 20 bytes; {reason}", f"23 bytes; {reason}",
    ]  # fmt: skip
    assert joined(read(lines, config), "texts") == ["a text of many words"]


# Text and HTML files


def test_files_that_follow_each_other_are_one_source(tmp_path):
    for name in ("a.txt", "b/c.html", "d.md.gz", "e.jsonl", "f.txt", ".hidden.txt", "g.pdf"):
        content = gzip.compress(TEXT.encode()) if name.endswith("gz") else TEXT
        put(tmp_path / "in" / name, '{"text": "a"}' if name == "e.jsonl" else content)
    found = find(tmp_path / "in")
    assert [len(each.members) for each in found.sources] == [3, 0, 1]
    assert [each.index for each in found.sources] == [0, 1, 2]
    assert [each.source for each in found.skipped] == [str(tmp_path / "in/g.pdf")]
    assert ".parquet" in found.skipped[0].reason
    expected = read_documents(tmp_path / "in")
    all_found = [each for source in found.sources for each in read(source, max_records=2)]
    assert joined(all_found, "ids") == [each.id for each in expected]
    assert joined(all_found, "texts") == [each.text for each in expected]
    first = found.sources[0]
    assert [first.place(n) for n in (1, 2, 3)] == [each.source for each in expected[:3]]
    assert again(first, read(first)) == [each.text for each in expected[:3]]


def test_files_of_one_name_are_named_by_their_paths_as_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ("x/a.jsonl", "y/a.jsonl", "x/a.txt", "y/a.txt", "y/b.txt")
    for name in names:
        put(tmp_path / name, '{"text": "a"}\n')
    sources = find([f"./{name}" for name in names]).sources
    ids = [id for source in sources for id in joined(read(source), "ids")]
    assert ids == ["x/a.jsonl:1", "y/a.jsonl:1", "x/a.txt", "y/a.txt", "b.txt"]
    assert [each.input.name for each in sources[2].members] == ["x/a.txt", "y/a.txt", "b.txt"]
    assert joined(read(find("x/a.jsonl").sources[0]), "ids") == ["a.jsonl:1"]
    absolute = find([tmp_path / "x/a.txt", "y/../y/a.txt"]).sources[0].members
    assert absolute[0].input.id == (tmp_path / "x/a.txt").as_posix()
    assert not absolute[0].input.name.startswith("/")
    assert absolute[1].input.name == "y/y/a.txt"


def test_two_files_whose_copies_would_have_one_name_are_refused(tmp_path, monkeypatch):
    put(tmp_path / "a/x.txt")
    put(tmp_path / "in/a/x.txt")
    monkeypatch.chdir(tmp_path / "in")
    paths = ["a/x.txt", "../a/x.txt"]
    with pytest.raises(
        InputError, match=r"duplicate name 'a/x.txt': first at a/x.txt, again at ../a/x.txt"
    ):
        find(paths)
    (source,) = find(paths, unique_files=False).sources
    assert joined(read(source), "ids") == paths


@pytest.mark.parametrize("name", ["a.JSON", "a.json.gz", "a.json.zst"])
@pytest.mark.parametrize(
    ("data", "ids"),
    [
        (b'\xef\xbb\xbf \n{"text": "a", "id": "i"}\n{"text": "b"}', ["i", ":3"]),
        (b'{"text": "one line"}', [":1"]),
        (b'{\n  "text": "a"\n}\n', [""]),
        (b'[{"text": "a"}]', [""]),
        (b"{no json}\n", [""]),
    ],
)
def test_json_is_read_as_lines_if_its_first_line_is_an_object(tmp_path, name, data, ids):
    packed = compressed(name[-3:].lstrip("."), data) if name != "a.JSON" else data
    source = only(put(tmp_path / name, packed))
    expected = [f"{name}{id}" if id != "i" else id for id in ids]
    assert joined(read(source), "ids") == expected


@pytest.mark.parametrize("suffix", [".bz2", ".xz", ".ZIP"])
def test_other_compressions_are_listed_with_what_to_do(tmp_path, suffix):
    path = put(tmp_path / f"in/a.jsonl{suffix}", "x")
    for named in (path, path.parent):
        found = find(named)
        assert found.sources == ()
        ((place, reason),) = [(each.source, each.reason) for each in found.skipped]
        assert place == str(path)
        assert "decompress it, or compress what is in it as .gz or .zst" in reason


def test_texts_of_nothing_are_records(tmp_path):
    lines = b'{"text": ""}\n{"text": " \\n"}\n{"text": null}\n{"id": "a"}\n{"text": "x"}\n'
    table = b'text,id\n"",a\n" ",b\nx,c\n'
    texts = ["", " \n", "x"]
    path = put(tmp_path / "a.jsonl", lines)
    found = agrees_with_read_documents(path)
    assert joined(found, "texts") == texts
    assert len(joined(found, "skipped")) == 2
    assert joined(agrees_with_read_documents(put(tmp_path / "a.csv", table)), "texts") == [
        "", " ", "x",
    ]  # fmt: skip
    rows = {"text": ["", None, " \n", "x"]}
    source = only(write_parquet(tmp_path / "a.parquet", rows))
    found = read(source)
    assert joined(found, "texts") == texts == again(source, found)
    assert len(joined(found, "skipped")) == 1


def test_text_files_of_nothing_are_records_and_empty_pages_are_not(tmp_path):
    for name, data in (("a.txt", b""), ("b.md", b"\xef\xbb\xbf \n"), ("c.html", b" ")):
        put(tmp_path / "in" / name, data)
    source = only(tmp_path / "in")
    found = read(source)
    assert joined(found, "texts") == ["", " \n"] == again(source, found)
    assert joined(found, "ids") == ["a.txt", "b.md"]
    assert [each.reason for each in joined(found, "skipped")] == ["only white space"]


@pytest.mark.skipif(os.name == "nt", reason="names are characters on Windows")
def test_a_name_that_is_no_utf8_is_escaped_in_ids_and_read(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    path = os.fsencode(folder) + b"/caf\xe9.txt"
    Path(os.fsdecode(path)).write_text(TEXT)
    Path(os.fsdecode(path.replace(b"txt", b"jsonl"))).write_text('{"text": "a"}')
    found = find(folder)
    assert joined([*read(found.sources[0]), *read(found.sources[1])], "ids") == [
        "caf\\udce9.jsonl:1", "caf\\udce9.txt",
    ]  # fmt: skip
    assert all(len(each.fingerprint()) == 64 for each in found.sources)


# Standard input


def test_standard_input_is_spooled_and_read_as_often_as_needed(tmp_path):
    spool = tmp_path / "spool"
    spool.mkdir()
    stdin = io.BytesIO(b'{"text": "a"}\n{"text": "b"}\n')
    (source,) = find_sources("-", CONFIG, spool=spool, stdin=stdin).sources
    assert (source.id, source.source) == ("stdin", "-")
    for _ in range(2):
        assert joined(read(source), "ids") == ["stdin:1", "stdin:2"]
    assert source.place(2) == "-:2"
    assert [each.name for each in spool.iterdir()] == ["stdin.jsonl"]
    later = find_sources("-", CONFIG, spool=spool, stdin=io.BytesIO(b"other"), reuse_spooled=True)
    assert later.sources[0].fingerprint() == source.fingerprint()


def test_a_spool_that_cannot_be_written_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        find_sources("-", CONFIG, spool=tmp_path / "missing", stdin=io.BytesIO(b"x"))


# Finding


def test_a_path_that_is_not_there_or_given_twice_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="no such file or folder"):
        find(tmp_path / "missing.jsonl")
    path = put(tmp_path / "a.jsonl", "{}")
    with pytest.raises(InputError, match="given twice"):
        find([path, path])


def test_an_unknown_encoding_is_told_before_anything_is_read(tmp_path):
    with pytest.raises(ConfigError, match="reading"):
        find(tmp_path / "missing", ReadingConfig(encoding="utf-9"))


def test_a_fingerprint_changes_with_size_time_and_members(tmp_path):
    path = put(tmp_path / "in/a.txt")
    other = put(tmp_path / "in/b.txt")
    seen = {only(tmp_path / "in").fingerprint()}
    assert only(tmp_path / "in").fingerprint() in seen
    os.utime(path, ns=(1, 1))
    seen.add(only(tmp_path / "in").fingerprint())
    put(other, "longer than it was before now")
    seen.add(only(tmp_path / "in").fingerprint())
    other.unlink()
    seen.add(only(tmp_path / "in").fingerprint())
    seen.add(only(put(tmp_path / "in/a.jsonl", TEXT)).fingerprint())
    assert len(seen) == 5


@pytest.mark.parametrize(
    ("module", "name", "extra"),
    [
        ("pyarrow", "a.parquet", "dupdetect[parquet]"),
        ("backports", "a.jsonl.zst", "dupdetect[zstd]"),
    ],
)
def test_a_missing_extra_is_named(tmp_path, monkeypatch, module, name, extra):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr("sys.version_info", (3, 11))
    with pytest.raises(InputError) as caught:
        find(put(tmp_path / name))
    assert extra in str(caught.value)
    assert str(tmp_path / name) in str(caught.value)


# Changes during the run


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.txt", "a.jsonl.gz"])
def test_a_file_that_changed_is_an_input_error(tmp_path, name):
    body = b'text\n{"text": "a"}\n' if name == "a.csv" else b'{"text": "a"}\n'
    path = put(tmp_path / name, gzip.compress(body) if name.endswith("gz") else body)
    source = only(path)
    found = read(source)
    put(path, path.read_bytes() + body)
    with pytest.raises(InputError, match="changed during the run"):
        read(source)
    with pytest.raises(InputError, match="changed during the run"):
        again(source, found)
    path.unlink()
    with pytest.raises(InputError, match=r"changed during the run.*No such file"):
        again(source, found)


@pytest.mark.parametrize(
    ("name", "now"),
    [
        ("a.jsonl", b'{"text": 123}\n'),
        ("a.csv", b'text\n"abcd\nabcdef'),
        ("a.csv", b"text\n\n\n\n\n\n\n\n\n\n\n\n"),
    ],
)
def test_a_record_that_is_gone_is_an_input_error_even_if_the_file_looks_the_same(
    tmp_path, name, now
):
    before = (b'{"text": "a"}\n' if name == "a.jsonl" else b"text\nabcde\nabcdef").ljust(len(now))
    path = put(tmp_path / name, before)
    source = only(path)
    found = read(source)
    times = path.stat()
    put(path, now.ljust(len(before)))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    with pytest.raises(InputError, match="changed during the run"):
        again(source, found)


def test_a_span_beyond_the_end_is_an_input_error(tmp_path):
    source = only(put(tmp_path / "a.jsonl", '{"text": "a"}\n'))
    with pytest.raises(InputError, match="changed during the run"):
        list(texts_at(source, CONFIG, *map(np.array, ([0], [99], [120])), max_chars=9))


def test_a_file_that_vanished_since_it_was_found_is_listed(tmp_path):
    path = put(tmp_path / "a.jsonl", '{"text": "a"}\n')
    source = only(path)
    path.unlink()
    assert "No such file" in joined(read(source), "skipped")[0].reason


# Parquet


def write_parquet(path, columns, **options):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    pq.write_table(table, path, **options)
    return path


def test_parquet_rows_are_records(tmp_path):
    texts = [f"text {n}" for n in range(1000)]
    columns = {"text": texts, "id": list(range(1000)), "n": [n / 2 for n in range(1000)]}
    source = only(write_parquet(tmp_path / "a.parquet", columns, row_group_size=300))
    found = read(source, field="n", max_records=77)
    assert joined(found, "texts") == texts
    assert joined(found, "ids") == [str(n) for n in range(1000)]
    assert joined(found, "values") == columns["n"]
    assert joined(found, "lines") == list(range(1, 1001))
    assert joined(found, "starts") == list(range(1000))
    for each in (0, 3, 12):
        rest = read(source, start=found[each].position, field="n")
        assert joined(rest, "ids") == joined(found[each + 1 :], "ids")
    assert again(source, found) == texts
    wanted = np.array([0, 299, 300, 555, 999])
    parts = list(texts_at(source, CONFIG, wanted, wanted, wanted + 1, max_chars=10))
    assert [text for _, part in parts for text in part] == [texts[n] for n in wanted]


def test_parquet_values_of_many_types_are_read(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import datetime

    when = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    types = {"dictionary": pa.dictionary(pa.int32(), pa.string()), "large": pa.large_string()}
    for name, kind in types.items():
        columns = {
            "text": pa.array(["a", None, "b", "é"], kind),
            "when": pa.array([when] * 4, pa.timestamp("ns", "UTC")),
            "price": pa.array([1, 2, None, 4], pa.decimal128(5, 2)),
            "meta": pa.array([{"id": "x", "n": {"k": 5}}] * 4),
        }
        path = write_parquet(tmp_path / f"{name}.parquet", columns)
        (batch,) = read(only(path), field="when")
        assert batch.texts == ["a", "b", "é"]
        assert batch.values[0].startswith("2026-01-02 03:04:05")
        assert [each.reason for each in batch.skipped] == ['field "text" holds null, not text']
        assert batch.ids == [f"{name}.parquet:{row}" for row in (1, 3, 4)]
        assert joined(read(only(path), field="price"), "values") == [1.0, None, 4.0]
        config = ReadingConfig(text_field="meta.id", id_field="")
        assert joined(read(only(path), config, field="meta.n.k"), "values") == [5] * 4
        assert again(only(path), [batch]) == batch.texts


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "No/Such_Zone", "+05:30"])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_of_any_zone_are_values_in_utc(tmp_path, zone, unit):
    pa = pytest.importorskip("pyarrow")
    factor = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    when = pa.array([86400 * factor, None], pa.timestamp(unit)).view(pa.timestamp(unit, zone))
    columns = {"text": ["a", "b"], "when": when, "nested": [[1], [2]]}
    path = write_parquet(tmp_path / "a.parquet", columns)
    value, missing = joined(read(only(path), field="when"), "values")
    assert (moment(value), missing) == (86400.0, None)
    assert value.endswith("Z")
    assert joined(read(only(path), field="nested"), "values") == [None, None]


def test_a_value_that_python_cannot_hold_is_none(tmp_path):
    pa = pytest.importorskip("pyarrow")
    broken = pa.array([b"caf\xe9", b"fine"], pa.binary()).view(pa.string())
    far = pa.array([2**62, 0], pa.duration("us"))
    path = write_parquet(tmp_path / "a.parquet", {"text": ["a", "b"], "s": broken, "d": far})
    assert joined(read(only(path), field="s"), "values") == ["caf\ufffd", "fine"]
    assert joined(read(only(path), field="d"), "texts") == ["a", "b"]


def test_a_column_that_stands_twice_is_listed(tmp_path):
    pa = pytest.importorskip("pyarrow")
    arrays = [pa.array(["a"]), pa.array([{"k": 1}]), pa.array([{"k": 2}])]
    table = pa.Table.from_arrays(arrays, ["text", "n", "n"])
    source = only(write_parquet(tmp_path / "a.parquet", table))
    for field in ("n", "n.k"):
        (skipped,) = joined(read(source, field=field), "skipped")
        assert skipped.reason == 'column "n" stands 2 times in the header'
    assert joined(read(source), "texts") == ["a"]


def test_parquet_of_views_is_read(tmp_path):
    pa = pytest.importorskip("pyarrow")
    column = pa.array(["a", "a text that is no short one"], pa.string_view())
    source = only(write_parquet(tmp_path / "a.parquet", {"text": column}))
    found = read(source)
    assert joined(found, "texts") == column.to_pylist() == again(source, found)


def test_few_rows_of_long_texts_are_in_memory_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "_BYTES_AT_ONCE", 2**16)
    texts = [os.urandom(2**14).hex() for _ in range(40)] + ["short"] * 600
    path = write_parquet(
        tmp_path / "a.parquet", {"text": texts}, row_group_size=40, use_dictionary=False
    )
    with parquet._opened(only(path).file) as table:
        sizes = [batch.num_rows for _, batch in parquet._batches(table, 0, None, 30)]
    assert sizes[:39] == [1] * 39
    assert max(sizes[40:]) == 30
    assert sum(sizes) == 640
    assert joined(read(only(path)), "texts") == texts


def test_strings_of_parquet_that_are_no_utf8_are_read_with_replacements(tmp_path):
    pa = pytest.importorskip("pyarrow")
    broken = pa.array([b"caf\xe9", b"fine"], pa.binary()).view(pa.string())
    source = only(write_parquet(tmp_path / "a.parquet", {"text": broken}))
    found = read(source)
    assert joined(found, "texts") == ["caf\ufffd", "fine"] == again(source, found)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"body": ["a"], "n": [1]}, 'no column "text" (found "body", "n"); try --text-field body'),
        ({"text": [1]}, 'column "text" holds int64, not text'),
        ({"text": [b"a"]}, 'column "text" holds binary, not text'),
        ({"text": ["a"], "id": [[1]]}, "an id is text or a number"),
        ({"text": []}, "no rows"),
    ],
)  # fmt: skip
def test_parquet_that_cannot_be_read_is_listed(tmp_path, columns, reason):
    path = write_parquet(tmp_path / "a.parquet", columns)
    ((place, found),) = reasons(path)
    assert place == str(path)
    assert reason in found


def test_malformed_parquet_is_listed_and_what_stands_before_is_read(tmp_path):
    texts = [os.urandom(50).hex() for _ in range(2000)]
    path = write_parquet(
        tmp_path / "a.parquet", {"text": texts}, row_group_size=1000, compression="none"
    )
    whole = path.read_bytes()
    for data in (b"", b"PAR1", whole[:-1], b"no parquet", whole[: len(whole) // 2]):
        ((_, reason),) = reasons(put(path, data))
        assert reason.startswith("malformed Parquet: ")
    n_spoilt = len(whole) // 3
    put(path, whole[: -n_spoilt - 5000] + bytes(n_spoilt) + whole[-5000:])
    found = read(only(path), max_records=10**4)
    assert joined(found, "texts")[:1000] == texts[:1000]


def test_a_parquet_text_beyond_the_limit_is_listed(tmp_path):
    path = write_parquet(tmp_path / "a.parquet", {"text": ["short", "é" * 40]})
    ((place, reason),) = reasons(path, ReadingConfig(max_line_size=50))
    assert (place, reason) == (
        f"{path}:2",
        "a text of 80 bytes; allowed: 50 (reading.max_line_size)",
    )


def test_a_parquet_column_that_promises_too_much_is_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "HARMLESS_BYTES", 2**20)
    texts = ["x" * 10**6] * 20
    path = write_parquet(
        tmp_path / "a.parquet", {"text": texts}, use_dictionary=False, compression="zstd"
    )
    ((_, reason),) = reasons(path)
    assert "decompression bomb" in reason


def test_a_parquet_file_that_changed_is_an_input_error(tmp_path):
    path = write_parquet(tmp_path / "a.parquet", {"text": ["a", "b"]})
    source = only(path)
    found = read(source)
    write_parquet(path, {"text": ["a", "b", "c" * 100]})
    with pytest.raises(InputError, match="changed during the run"):
        again(source, found)
    gone = np.array([7])
    with pytest.raises(InputError, match="a row is gone"):
        list(texts_at(only(path), CONFIG, gone, gone, gone + 1, max_chars=9))


def test_gzip_streams_agree_with_gzip(tmp_path):
    data = np.random.default_rng(3).bytes(300) * 2000
    path = put(tmp_path / "a.jsonl.gz", gzip.compress(data[:70000]) + gzip.compress(data[70000:]))
    with streams.opened(only(path).file) as stream:
        assert b"".join(iter(lambda: stream.read(12345), b"")) == data


@given(
    data=st.lists(st.sampled_from([b"\n", b"a", b"bcd", b"x" * 20]), max_size=30).map(b"".join),
    block=st.integers(1, 30),
    n_head=st.integers(0, 30),
    max_size=st.integers(1, 40),
)
def test_lines_do_not_depend_on_blocks(data, block, n_head, max_size):
    stream = streams.ByteStream(io.BytesIO(data).read, None)
    head = stream.read(n_head) if n_head else b""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_records, "BLOCK_BYTES", block)
        found = list(json_records._lines(stream, head, max_size))
    expected, offset = [], 0
    for line in io.BytesIO(data):
        content = line.removesuffix(b"\n")
        told = content if len(content) <= max_size else len(content)
        expected.append((offset, told, offset + len(line)))
        offset += len(line)
    assert found == expected


@given(
    data=st.lists(st.sampled_from([b"\n", b"\r", b"a", b"x" * 9]), max_size=30).map(b"".join),
    block=st.integers(1, 12),
)
def test_pieces_of_lines_do_not_depend_on_blocks(data, block):
    stream = streams.ByteStream(io.BytesIO(data).read, None)
    lines = [b""]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "BLOCK_BYTES", block)
        for piece, whole in tables._pieces(stream):
            lines[-1] += piece
            lines += [b""] if whole else []
    assert lines == [*data.splitlines(keepends=True), b""]
