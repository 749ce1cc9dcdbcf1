"""Facts about outputs: kept records byte for byte, whole files or none, and errors that help."""

import csv
import errno
import gzip
import json
import os
import resource
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dupdetect.config import ReadingConfig
from dupdetect.corpus import outputs
from dupdetect.corpus.outputs import JsonLinesWriter, prepare_folder, write_kept
from dupdetect.corpus.sources import batches, find_sources
from dupdetect.errors import InputError

CONFIG = ReadingConfig()


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def spans_of(source):
    found = list(batches(source, CONFIG, max_chars=10**6, max_records=10**6))
    names = ("starts", "ends")
    return [np.concatenate([getattr(batch, name) for batch in found]) for name in names]


def keep(folder, *paths, where=lambda source, record: True):
    """Write the records for which `where` holds; the files written by name."""
    out = folder / "out"
    prepare_folder(out)
    sources = find_sources(list(paths) or folder / "in", CONFIG, spool=folder).sources
    spans = {}
    for source in sources:
        starts, ends = spans_of(source)
        chosen = [record for record in range(len(starts)) if where(source.index, record)]
        spans[source.index] = starts[chosen], ends[chosen]
    written = write_kept(sources, spans.__getitem__, out, CONFIG)
    assert sorted(out.iterdir()) == sorted(written)
    return {path.name: path for path in written}


def kept_bytes(folder, *paths, where=lambda source, record: True):
    found = keep(folder, *paths, where=where)
    return {name: path.read_bytes() for name, path in found.items() if path.is_file()}


# JSON lines and tables


def test_kept_lines_are_untouched_and_in_order(tmp_path):
    a = put(tmp_path / "a.jsonl", b'{"text":  "1"}\r\n\n{"text": "\\u0032"}\nbad\n{"text": "3"}')
    b = put(tmp_path / "b.ndjson", b'\xef\xbb\xbf{"text": "4"}\n{"text": "5"}')
    assert kept_bytes(tmp_path, a, b)["kept.jsonl"] == (
        b'{"text":  "1"}\r\n{"text": "\\u0032"}\n{"text": "3"}\n{"text": "4"}\n{"text": "5"}'
    )
    assert kept_bytes(tmp_path, b, a, where=lambda source, record: record == 0)["kept.jsonl"] == (
        b'{"text": "4"}\n{"text":  "1"}\r\n'
    )


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    sizes=st.lists(st.lists(st.integers(1, 60), min_size=1, max_size=8), min_size=1, max_size=3),
    chosen=st.sets(st.tuples(st.integers(0, 2), st.integers(0, 7))),
    block=st.sampled_from([1, 10, 2**20]),
    compress=st.booleans(),
)
def test_any_choice_of_lines_comes_out_as_it_was(
    tmp_path, monkeypatch, sizes, chosen, block, compress
):
    monkeypatch.setattr(outputs, "BLOCK_BYTES", block)
    monkeypatch.setattr("dupdetect.corpus.streams.BLOCK_BYTES", block)
    expected, paths = [], []
    for number, lengths in enumerate(sizes):
        lines = [json.dumps({"text": "x" * length}).encode() for length in lengths]
        data = b"\n".join(lines)
        name = f"{number}.jsonl.gz" if compress else f"{number}.jsonl"
        paths.append(put(tmp_path / name, gzip.compress(data) if compress else data))
        expected += [line for at, line in enumerate(lines) if (number, at) in chosen]
    found = kept_bytes(tmp_path, *paths, where=lambda source, record: (source, record) in chosen)
    ((name, data),) = found.items()
    assert name == ("kept.jsonl.gz" if compress else "kept.jsonl")
    assert (gzip.decompress(data) if compress else data).splitlines() == expected
    (tmp_path / "out" / name).unlink()


def test_runs_of_spans_are_joined_and_large_ones_cut(monkeypatch):
    monkeypatch.setattr(outputs, "BLOCK_BYTES", 2)
    starts, ends = np.array([3, 8, 10, 50]), np.array([8, 10, 30, 51])
    assert outputs._runs(starts, ends) == ([3, 11, 19, 27, 50], [11, 19, 27, 30, 51])
    assert outputs._runs(starts[:0], ends[:0]) == ([], [])


def test_compression_stays_where_all_inputs_have_it(tmp_path):
    zstd = pytest.importorskip("backports.zstd")
    line = b'{"text": "a"}\n'
    plain = put(tmp_path / "a.jsonl", line)
    gz = put(tmp_path / "b.jsonl.gz", gzip.compress(line))
    zst = put(tmp_path / "c.jsonl.zst", zstd.compress(line))
    table = put(tmp_path / "d.csv.zst", zstd.compress(b"text\nx\n"))
    assert kept_bytes(tmp_path / "1", plain, gz, zst) == {"kept.jsonl": line * 3}
    assert kept_bytes(tmp_path / "2", gz, zst) == {"kept.jsonl": line * 2}
    (data,) = kept_bytes(tmp_path / "3", gz).values()
    assert gzip.decompress(data) == line
    assert kept_bytes(tmp_path / "3", gz) == {"kept.jsonl.gz": data}  # no time in it
    found = kept_bytes(tmp_path / "4", zst, table)
    assert {name: zstd.decompress(data) for name, data in found.items()} == {
        "kept.jsonl.zst": line, "kept.csv.zst": b"text\nx\n",
    }  # fmt: skip


def test_a_lone_return_ends_no_line(tmp_path):
    a = put(tmp_path / "a.jsonl", b'{"text": "1"}\r')
    b = put(tmp_path / "b.jsonl", b'{"text": "2"}\n')
    assert kept_bytes(tmp_path, a, b)["kept.jsonl"] == b'{"text": "1"}\r\n{"text": "2"}\n'


def test_lines_of_different_encodings_become_several(tmp_path):
    text = '{"text": "déjà vu à la crème brûlée"}\n'
    ascii_only = b'{"text": "plain"}\n'
    parts = (text.encode(), text.encode("cp1252"), ascii_only, ascii_only + text.encode("cp1252"))
    paths = [put(tmp_path / f"{n}.jsonl", data) for n, data in enumerate(parts)]
    assert kept_bytes(tmp_path, *paths) == {
        "kept-1.jsonl": parts[0] + parts[2], "kept-2.jsonl": parts[1] + parts[3],
    }  # fmt: skip


def test_tables_of_one_header_become_one_with_one_header(tmp_path):
    a = put(tmp_path / "a.csv", b'\xef\xbb\xbfid,text\r\n1,"two\r\nlines"\r\n2,b')
    b = put(tmp_path / "b.csv", b"id,text\n3,c\n\n4,d\n")
    assert kept_bytes(tmp_path, a, b)["kept.csv"] == (
        b'\xef\xbb\xbfid,text\r\n1,"two\r\nlines"\r\n2,b\n3,c\n4,d\n'
    )


def test_tables_that_do_not_fit_together_become_several(tmp_path):
    folder = tmp_path / "in"
    put(folder / "a.csv", "id,text\n1,a\n")
    put(folder / "b.csv", "text,id\nb,2\n")
    put(folder / "c.csv", "id;text\n3;c\n")
    put(folder / "d.csv", "id,text\n4,d")
    put(folder / "e.csv", "id,text\n5,déjà vu à la crème brûlée\n".encode("cp1252"))
    put(folder / "f.tsv", "id\ttext\n6\tf\n")
    put(folder / "g.csv", "no,usable,column\n1,2,3\n")
    found = kept_bytes(tmp_path)
    assert found == {
        "kept-1.csv": b"id,text\n1,a\n4,d",
        "kept-2.csv": b"text,id\nb,2\n",
        "kept-3.csv": b"id;text\n3;c\n",
        "kept-4.csv": "id,text\n5,déjà vu à la crème brûlée\n".encode("cp1252"),
        "kept.tsv": b"id\ttext\n6\tf\n",
    }


def test_where_nothing_is_kept_there_is_an_empty_file_with_its_header(tmp_path):
    a = put(tmp_path / "a.csv", "id,text\n1,a\n")
    b = put(tmp_path / "b.jsonl", '{"text": "b"}\n')
    assert kept_bytes(tmp_path, a, b, where=lambda source, record: False) == {
        "kept.csv": b"id,text\n", "kept.jsonl": b"",
    }  # fmt: skip


def test_kept_rows_of_a_table_are_read_as_they_were(tmp_path):
    rows = [["id", "text"], ["1", 'a "quoted" word'], ["2", "two\nlines"], ["3", "x,y"]]
    path = tmp_path / "a.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    found = keep(tmp_path, path, where=lambda source, record: record != 1)
    with found["kept.csv"].open(newline="") as file:
        assert list(csv.reader(file)) == [rows[0], rows[1], rows[3]]


# Parquet


def test_kept_parquet_keeps_types_metadata_and_compression(tmp_path, monkeypatch):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    monkeypatch.setattr("dupdetect.corpus.parquet._GROUP_ROWS", 100)
    schema = pa.schema(
        [
            ("text", pa.large_string()),
            ("when", pa.timestamp("ms", "UTC")),
            pa.field("tags", pa.list_(pa.int16()), metadata={"unit": "none"}),
            ("kind", pa.dictionary(pa.int32(), pa.string())),
            ("meta", pa.struct([("a", pa.int8())])),
        ],
        metadata={"origin": "a test"},
    )
    rows = [
        {"text": f"t{n}", "when": n, "tags": [n % 7], "kind": "ab"[n % 2], "meta": {"a": 1}}
        for n in range(500)
    ]
    table = pa.Table.from_pylist(rows, schema)
    codecs = {"text": "zstd", "when": "gzip", "kind": "none", "meta.a": "snappy"}
    codecs["tags.list.element"] = "snappy"
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for path in paths:
        pq.write_table(table, path, row_group_size=150, compression=codecs)
    found = keep(tmp_path, *paths, where=lambda source, record: record % 3 == source)
    kept = pq.ParquetFile(found["kept.parquet"])
    assert kept.schema_arrow.equals(pq.ParquetFile(paths[0]).schema_arrow, check_metadata=True)
    chosen = [[n for n in range(500) if n % 3 == source] for source in (0, 1)]
    expected = pa.concat_tables([table.take(each) for each in chosen])
    assert kept.read().to_pylist() == expected.to_pylist()
    group = kept.metadata.row_group(0)
    assert {
        group.column(at).path_in_schema: group.column(at)
        .compression.lower()
        .replace("uncompressed", "none")
        for at in range(group.num_columns)
    } == codecs
    assert kept.metadata.num_row_groups > 1


def test_parquet_files_of_different_schemas_become_several(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    columns = [{"text": ["a"]}, {"text": ["b"], "n": [1]}, {"text": ["c"]}]
    for number, each in enumerate(columns):
        pq.write_table(pa.table(each), tmp_path / f"{number}.parquet")
    put(tmp_path / "9.parquet", b"PAR1 malformed PAR1")
    found = keep(tmp_path, *sorted(tmp_path.glob("*.parquet")))
    assert {name: pq.read_table(path)["text"].to_pylist() for name, path in found.items()} == {
        "kept-1.parquet": ["a", "c"], "kept-2.parquet": ["b"],
    }  # fmt: skip
    none = keep(tmp_path / "b", tmp_path / "0.parquet", where=lambda source, record: False)
    assert pq.read_table(none["kept.parquet"]).num_rows == 0


def test_kept_parquet_of_views_is_written(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    texts = [f"a text that is long enough for no inline view {n}" for n in range(3000)]
    columns = {
        "text": pa.array(texts, pa.string_view()),
        "raw": pa.array([each.encode() for each in texts], pa.binary_view()),
        "n": pa.array(range(3000)),
        "list": pa.array([[each] for each in texts], pa.list_(pa.string_view())),
        "struct": pa.array([{"a": each} for each in texts], pa.struct([("a", pa.string_view())])),
    }
    schema = pa.table(columns).schema
    with pq.ParquetWriter(tmp_path / "a.parquet", schema) as writer:
        for first in range(0, 3000, 500):  # pyarrow writes no more of nested views at once
            part = {
                name: pa.array(column[first : first + 500].to_pylist(), column.type)
                for name, column in columns.items()
            }
            writer.write_table(pa.table(part))
    found = keep(tmp_path, tmp_path / "a.parquet", where=lambda source, record: record % 5 > 1)
    kept = pq.read_table(found["kept.parquet"])
    chosen = [n for n in range(3000) if n % 5 > 1]
    assert kept["n"].to_pylist() == chosen
    assert kept["text"].to_pylist() == [texts[n] for n in chosen]
    assert kept["raw"].to_pylist() == [texts[n].encode() for n in chosen]
    assert kept["list"].to_pylist() == [[texts[n]] for n in chosen]
    assert kept["struct"].to_pylist() == [{"a": texts[n]} for n in chosen]
    assert kept.schema.field("text").type == pa.string_view()


# Text and HTML files


def test_files_of_one_name_are_copied_inside_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(put(tmp_path / "in/y/a.txt", "Y").parent)
    paths = [put(tmp_path / "x/a.txt", "X"), "../y/a.txt", put(tmp_path / "b.txt", "B")]
    found = keep(tmp_path, *paths)
    copies = {each.read_text(): each for each in found["kept"].rglob("*.txt")}
    assert copies["X"] == found["kept"].joinpath(*(tmp_path / "x/a.txt").parts[1:])
    assert copies["Y"] == found["kept"] / "y/a.txt"
    assert copies["B"] == found["kept"] / "b.txt"


def test_kept_files_are_copied_under_their_paths(tmp_path):
    files = {"a.txt": b"One.", "b/c.html": b"<p>Two words.", "b/d.md.gz": gzip.compress(b"Three.")}
    for name, data in files.items():
        put(tmp_path / "in" / name, data)
    put(tmp_path / "in/e.jsonl", '{"text": "e"}\n')
    put(tmp_path / "in/f.txt", "Four.")
    found = keep(tmp_path, where=lambda source, record: source != 2)
    copies = {
        path.relative_to(found["kept"]).as_posix(): path.read_bytes()
        for path in found["kept"].rglob("*")
        if path.is_file()
    }
    assert copies == files
    assert found["kept.jsonl"].read_bytes() == b'{"text": "e"}\n'
    again = keep(tmp_path, where=lambda source, record: source == 2)
    assert [path.name for path in again["kept"].iterdir()] == ["f.txt"]


@pytest.mark.skipif(os.name == "nt", reason="names are characters on Windows")
def test_a_name_that_is_no_utf8_is_kept(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    name = os.fsdecode(b"caf\xe9 \\x.txt")
    (folder / name).write_text("A text.")
    found = keep(tmp_path)
    assert [each.name for each in found["kept"].iterdir()] == [name]


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "a/../../x", "a\0b", "", ".", "//x", "a/.."])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path, name):
    path = put(tmp_path / "in/a.txt", "A text.")
    (source,) = find_sources(path, CONFIG, spool=tmp_path).sources
    (member,) = source.members
    hostile = replace(member, input=replace(member.input, name=name, id=name))
    source = replace(source, members=(hostile,))
    out = tmp_path / "x/out"
    prepare_folder(out)
    with pytest.raises(InputError, match="leads out of the folder") as caught:
        write_kept([source], lambda index: (np.array([0]), np.array([1])), out, CONFIG)
    assert str(path) in str(caught.value)
    assert list(out.iterdir()) == []
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["a.txt", "in", "out", "x"]


def test_an_id_that_looks_like_a_path_is_no_path(tmp_path):
    path = put(
        tmp_path / "a.jsonl", '{"id": "../../x", "text": "a"}\n{"id": "/etc/y", "text": "b"}\n'
    )
    assert kept_bytes(tmp_path, path) == {"kept.jsonl": path.read_bytes()}


# Whole or not at all


def test_an_input_that_changed_leaves_no_half_file(tmp_path):
    path = put(tmp_path / "a.jsonl", '{"text": "a"}\n' * 5)
    sources = find_sources(path, CONFIG, spool=tmp_path).sources
    spans = spans_of(sources[0])
    put(path, '{"text": "b"}\n' * 3)
    out = tmp_path / "out"
    prepare_folder(out)
    with pytest.raises(InputError, match="changed during the run"):
        write_kept(sources, lambda index: spans, out, CONFIG)
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.csv", "a.parquet", "a.txt"])
def test_a_full_disk_leaves_no_half_file_and_says_so(tmp_path, name):
    random = np.random.default_rng(5).bytes(300000).hex()
    data = {
        "a.jsonl": f'{{"text": "{random}"}}\n',
        "a.jsonl.gz": gzip.compress(f'{{"text": "{random}"}}\n'.encode()),
        "a.csv": f"text\n{random}\n",
        "a.txt": random,
    }
    path = tmp_path / name
    if name == "a.parquet":
        pa = pytest.importorskip("pyarrow")
        import pyarrow.parquet as pq

        pq.write_table(pa.table({"text": [random]}), path)
    else:
        put(path, data[name])
    sources = find_sources(path, CONFIG, spool=tmp_path).sources
    spans = spans_of(sources[0])
    out = tmp_path / "out"
    prepare_folder(out)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100000, limits[1]))  # EFBIG, as a quota
    try:
        with pytest.raises(InputError, match="cannot be written: File too large; name another"):
            write_kept(sources, lambda index: spans, out, CONFIG)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(out.iterdir()) == []


def test_an_interrupt_leaves_no_half_file(tmp_path):
    path = put(tmp_path / "a.jsonl", '{"text": "a"}\n')
    sources = find_sources(path, CONFIG, spool=tmp_path).sources
    out = tmp_path / "out"
    prepare_folder(out)

    def interrupt(index):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_kept(sources, interrupt, out, CONFIG)
    assert list(out.iterdir()) == []


def test_lines_are_there_whole_or_not_at_all(tmp_path):
    path = tmp_path / "removed.jsonl"
    with JsonLinesWriter(path) as removed:
        removed.write({"id": "é\ud800", "jaccard": 0.5})
        removed.write({"id": "\u2028"})
        assert not path.exists()
    assert (
        path.read_bytes() == b'{"id": "\\u00e9\\ud800", "jaccard": 0.5}\n{"id": "\xe2\x80\xa8"}\n'
    )

    def interrupted():
        with JsonLinesWriter(path) as removed:
            removed.write({"id": "b"})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes().startswith(b'{"id": "\\u00e9')
    assert [each.name for each in tmp_path.iterdir()] == ["removed.jsonl"]
    with pytest.raises(ValueError, match="not JSON compliant"), JsonLinesWriter(path) as removed:
        removed.write({"x": float("nan")})
    with pytest.raises(RuntimeError, match="not open"):
        JsonLinesWriter(path).write({})


def test_a_folder_is_made_and_tried(tmp_path):
    prepare_folder(tmp_path / "a/b")
    assert list((tmp_path / "a/b").iterdir()) == []
    file = put(tmp_path / "file", "x")
    for folder in (file, file / "inside"):
        with pytest.raises(InputError, match=r"cannot be written: .*; name a folder") as caught:
            prepare_folder(folder)
        assert str(folder) in str(caught.value)
    with pytest.raises(InputError, match="no name of a folder"):
        prepare_folder(Path("a\0b"))


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_refusal_of_the_system_tells_reason_and_next_step(tmp_path, monkeypatch, number):
    def refuse(self, *arguments, **options):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "touch", refuse)
    next_step = "free some space" if number == errno.ENOSPC else "name a folder that"
    with pytest.raises(InputError, match=f"{os.strerror(number)}; {next_step}"):
        prepare_folder(tmp_path)
