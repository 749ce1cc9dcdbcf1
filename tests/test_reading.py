"""Facts about reading: what files, folders and standard input give, and what is skipped."""

import errno
import gzip
import io
import json
import os
import socket
import time
import tracemalloc
from pathlib import Path

import pytest

from dupdetect.config import Config, ReadingConfig
from dupdetect.errors import ConfigError, InputError
from dupdetect.results import Document, Skipped
from dupdetect.text.reading import FORMATS, SUPPORTED_SUFFIXES, read_documents

TEXT = "One text of some words."


def write(folder, **files):
    """Files by name, with "__" for a dot."""
    for name, content in files.items():
        put(folder / name.replace("__", "."), content)


def put(path, content=TEXT):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(*paths, **config):
    return read_documents(list(paths), ReadingConfig(**config))


def reason(path, **config):
    """Why a path gives no document and one skipped input, which is the path itself."""
    documents = read(path, **config)
    assert documents.items == ()
    (skipped,) = documents.skipped
    assert skipped.source == str(path)
    return skipped.reason


def ids(documents):
    return [each.id for each in documents]


# Files and folders


def test_a_folder_is_read_with_its_subfolders_sorted_by_path(tmp_path):
    for name in ("b.txt", "a/z.md", "a.txt", "a/b/c.txt", "Z.txt", "é.txt", "a-b.txt"):
        put(tmp_path / name)
    documents = read_documents(tmp_path)
    assert ids(documents) == [
        "Z.txt", "a-b.txt", "a.txt", "a/b/c.txt", "a/z.md", "b.txt", "é.txt",
    ]  # fmt: skip
    assert documents[3] == Document("a/b/c.txt", TEXT, str(tmp_path / "a/b/c.txt"), "utf-8")
    assert documents.skipped == ()


def test_a_path_may_be_a_string_or_path_like_alone_or_one_of_many(tmp_path):
    path = put(tmp_path / "a.txt")
    expected = [Document("a.txt", TEXT, str(path), "utf-8")]
    for given in (path, str(path), [path], (str(path),), iter([path])):
        assert list(read_documents(given)) == expected


def test_paths_are_read_in_the_order_given(tmp_path):
    a, b = put(tmp_path / "a.txt"), put(tmp_path / "folder/b.txt")
    assert ids(read(b.parent, a)) == ["b.txt", "a.txt"]


@pytest.mark.parametrize("path", [5, None, b"a.txt"])
def test_a_path_of_another_type_is_a_type_error(path):
    with pytest.raises(TypeError):
        read_documents([path])


def test_sources_are_paths_as_a_person_would_type_them(tmp_path, monkeypatch):
    put(tmp_path / "seeds/a.txt")
    put(tmp_path / "b.jsonl", '{"text": "One."}')
    monkeypatch.chdir(tmp_path)
    assert [each.source for each in read("seeds/", "./b.jsonl")] == [
        str(Path("seeds", "a.txt")),
        "./b.jsonl:1",
    ]


def test_text_is_as_it_stands_in_the_file(tmp_path):
    text = " \ta\r\nb\rc\u2028 \x0c é \n\n"
    assert read(put(tmp_path / "a.txt", text))[0].text == text


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    (document,) = read(put(tmp_path / "a.txt", b"\xef\xbb\xbfa"))
    assert (document.text, document.encoding) == ("a", "utf-8-sig")


def test_hidden_files_and_folders_are_passed_over(tmp_path):
    write(tmp_path, a__txt=TEXT, __b__txt=TEXT, __DS_Store=b"\0")
    put(tmp_path / ".git/config.txt")
    documents = read(tmp_path)
    assert (ids(documents), documents.skipped) == (["a.txt"], ())


def test_a_hidden_file_that_is_named_itself_is_read(tmp_path):
    assert ids(read(put(tmp_path / ".a.txt"))) == [".a.txt"]


def test_other_suffixes_in_a_folder_are_skipped_and_the_supported_ones_named(tmp_path):
    write(tmp_path, a__txt=TEXT, b__pdf=b"x", README=TEXT, c__gz=b"x", d__docx__gz=b"x")
    documents = read(tmp_path)
    assert ids(documents) == ["a.txt"]
    reasons = {each.source.rpartition(os.sep)[2]: each.reason for each in documents.skipped}
    assert list(reasons) == ["README", "b.pdf", "c.gz", "d.docx.gz"]
    assert reasons["b.pdf"].startswith('the suffix ".pdf" is not supported (supported: .txt, .md,')
    assert reasons["README"].startswith("it has no suffix (supported: ")


def test_a_file_that_is_named_itself_is_read_as_text_whatever_its_suffix(tmp_path):
    write(tmp_path, README=TEXT, b__log=TEXT, c__xyz__gz=gzip.compress(TEXT.encode()))
    documents = read(tmp_path / "README", tmp_path / "b.log", tmp_path / "c.xyz.gz")
    assert [each.text for each in documents] == [TEXT] * 3


CONTENT = {
    "text": TEXT,
    "html": f"<nav>Home</nav><p>{TEXT}",
    "json-lines": json.dumps({"text": TEXT}),
    "csv": f"text\n{TEXT}\n",
    "tsv": f"text\tother\n{TEXT}\t\n",
}


@pytest.mark.parametrize("suffix", SUPPORTED_SUFFIXES)
@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_each_supported_suffix_is_read_from_a_folder(tmp_path, suffix, change):
    content = CONTENT[FORMATS[suffix.removesuffix(".gz")]].encode()
    path = tmp_path / change(f"a{suffix}")
    put(path, gzip.compress(content) if suffix.endswith(".gz") else content)
    documents = read(tmp_path)
    assert [each.text for each in documents] == [TEXT]
    assert documents[0].id.startswith(path.name)


def test_the_supported_suffixes_are_those_that_were_promised():
    promised = ".txt .md .html .htm .jsonl .ndjson .csv .tsv".split()
    assert {*promised, *(f"{each}.gz" for each in promised)} <= set(SUPPORTED_SUFFIXES)


# Records


def test_records_are_named_by_id_field_or_by_file_and_line(tmp_path):
    lines = ['{"text": "One.", "id": "a"}', '{"text": "Two."}', "{", "[]", '{"text": "Five."}']
    path = put(tmp_path / "sub/a.jsonl", "\n".join(lines))
    documents = read(tmp_path)
    assert [(each.id, each.source) for each in documents] == [
        ("a", f"{path}:1"),
        ("sub/a.jsonl:2", f"{path}:2"),
        ("sub/a.jsonl:5", f"{path}:5"),
    ]
    assert [each.source for each in documents.skipped] == [f"{path}:3", f"{path}:4"]
    assert documents.skipped[0].reason.startswith("not valid JSON: ")


def test_an_absent_field_is_told_with_the_fields_there_are(tmp_path):
    path = put(tmp_path / "articles.jsonl", '{"body": "Many words.", "title": "T"}\n')
    assert read(path).skipped == (
        Skipped(f"{path}:1", 'no field "text" (found "body", "title"); try --text-field body'),
    )
    assert read(path, text_field="body")[0].text == "Many words."


def test_rows_of_a_table_are_documents(tmp_path):
    path = put(tmp_path / "a.csv", '\ufeffkey,text\nx,"One\nline."\n,Two.\ny,Three.\n')
    documents = read(path, id_field="key")
    assert [(each.id, each.text, each.source) for each in documents] == [
        ("x", "One\nline.", f"{path}:2"),
        ("y", "Three.", f"{path}:5"),
    ]
    assert [each.source for each in documents.skipped] == [f"{path}:4"]


def test_standard_input_is_json_lines(monkeypatch):
    data = b'{"text": "One.", "id": "a"}\n{"text": "Two."}\n{'
    stdin = io.BytesIO(data)
    documents = read_documents("-", stdin=stdin)
    assert [(each.id, each.source) for each in documents] == [("a", "-:1"), ("stdin:2", "-:2")]
    assert [each.source for each in documents.skipped] == ["-:3"]
    assert not stdin.closed
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert read_documents("-") == documents


def test_standard_input_may_be_empty_or_absent(monkeypatch):
    assert read_documents("-", stdin=io.BytesIO()).skipped == (Skipped("-", "empty"),)
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(InputError, match=r"^-: there is no standard input; give a path$"):
        read_documents("-")


def test_a_file_called_dash_is_read_by_its_path(tmp_path, monkeypatch):
    put(tmp_path / "-")
    monkeypatch.chdir(tmp_path)
    assert read("./-")[0].text == TEXT


# Ids


def test_an_id_used_twice_is_an_error_that_names_both_places(tmp_path):
    path = put(tmp_path / "a.jsonl", '{"text": "One.", "id": 1}\n\n{"text": "Two.", "id": "1"}\n')
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value).startswith(f"duplicate id '1': first at {path}:1, again at {path}:3; ")


def test_two_files_of_one_name_given_by_themselves_are_an_error(tmp_path):
    a, b = put(tmp_path / "x/a.txt"), put(tmp_path / "y/a.txt")
    with pytest.raises(InputError, match=r"duplicate id 'a\.txt': first at .*x.*, again at .*y"):
        read(a, b)
    assert ids(read(tmp_path)) == ["x/a.txt", "y/a.txt"]


@pytest.mark.parametrize("second", ["a.txt", "sub/../a.txt", "link.txt", ".", "-"])
def test_the_same_file_twice_is_an_error_that_names_both(tmp_path, monkeypatch, second):
    put(tmp_path / "a.txt")
    put(tmp_path / "sub/b.txt")
    (tmp_path / "link.txt").symlink_to("a.txt")
    monkeypatch.chdir(tmp_path)
    first = "-" if second == "-" else "a.txt"
    with pytest.raises(InputError, match=r"the same file is given twice: first as .*, again as "):
        read(first, second)


def test_a_folder_and_one_inside_of_it_give_a_file_twice(tmp_path):
    put(tmp_path / "sub/a.txt")
    with pytest.raises(InputError, match="the same file is given twice"):
        read(tmp_path, tmp_path / "sub")


def test_hard_links_are_two_files(tmp_path):
    os.link(put(tmp_path / "a.txt"), tmp_path / "b.txt")
    assert ids(read(tmp_path)) == ["a.txt", "b.txt"]


def test_names_that_are_no_utf_8_or_hold_line_breaks_can_be_written(tmp_path):
    try:
        put(tmp_path / os.fsdecode(b"a\xff.txt"))
        put(tmp_path / os.fsdecode(b"b\xfe.pdf"))
        put(tmp_path / "c\n\x1b[31m.txt")
    except OSError:
        pytest.skip("this file system refuses such names")
    documents = read(tmp_path)
    assert ids(documents) == ["a\\udcff.txt", "c\n\x1b[31m.txt"]
    for each in (*documents, *documents.skipped):
        each.source.encode("utf-8")
    assert "b\\udcfe.pdf" in documents.skipped[0].source
    assert read(documents.skipped[0].source.replace("\\udcfe", "\udcfe"))[0].id == "b\\udcfe.pdf"


# Bad input, one by one


@pytest.mark.parametrize("name", ["missing.txt", "missing/", "file.txt/below", "a\0b", "x" * 5000])
def test_a_missing_path_is_an_error(tmp_path, name):
    put(tmp_path / "file.txt")
    path = f"{tmp_path}/{name}"
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.source == path
    if name.startswith("missing"):
        assert str(caught.value) == (
            f"{path}: no such file or folder; check the path (- stands for standard input)"
        )


def test_a_missing_path_is_told_before_anything_is_read(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_documents(["-", tmp_path / "missing"], stdin=io.BytesIO(b"{}"))


def test_an_empty_folder_is_an_error_that_names_the_suffixes(tmp_path):
    put(tmp_path / ".hidden.txt")
    (tmp_path / "sub/empty").mkdir(parents=True)
    with pytest.raises(InputError) as caught:
        read(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: the folder is empty; looked for .txt, .md, .markdown, .html, .htm, .jsonl, "
        ".ndjson, .csv, .tsv, each also with .gz, not hidden"
    )


@pytest.mark.parametrize("suffix", SUPPORTED_SUFFIXES)
@pytest.mark.parametrize(
    ("content", "expected"), [(b"", "empty"), (b" \r\n\t\xc2\xa0\n", "only white space")]
)
def test_empty_and_blank_files_are_listed_as_skipped(tmp_path, suffix, content, expected):
    content = gzip.compress(content) if suffix.endswith(".gz") else content
    assert reason(put(tmp_path / f"a{suffix}", content)) == expected


def test_files_of_no_bytes_and_of_a_byte_order_mark_are_empty(tmp_path):
    assert reason(put(tmp_path / "a.txt.gz", b"")) == "empty"
    assert reason(put(tmp_path / "a.txt", b"\xef\xbb\xbf")) == "empty"


@pytest.mark.parametrize("suffix", [*FORMATS, ".dat"])
def test_binary_files_are_listed_as_skipped(tmp_path, suffix):
    path = put(tmp_path / f"a{suffix}", bytes(range(256)) * 8)
    assert reason(path).startswith("binary: 8 of 2,048 bytes are NUL")


def test_a_nul_in_a_short_line_of_json_costs_that_line_only(tmp_path):
    path = put(tmp_path / "a.jsonl", '{"text": "One."}\n{"text": "T\0o."}\n{"text": "Three."}\n')
    documents = read(path)
    assert [each.text for each in documents] == ["One.", "Three."]
    assert [each.source for each in documents.skipped] == [f"{path}:2"]


def test_a_stray_nul_in_a_long_table_is_a_character_of_its_text(tmp_path):
    path = put(tmp_path / "a.csv", "text\n" + "One\0 text.\n" + "Another text.\n" * 100)
    assert read(path)[0].text == "One\0 text."


def test_utf_16_without_a_mark_is_binary_unless_it_is_named(tmp_path):
    path = put(tmp_path / "a.txt", TEXT.encode("utf-16-le"))
    assert reason(path).endswith("; if it is UTF-16, name that as reading.encoding")
    assert read(path, encoding="utf-16-le")[0].text == TEXT


def test_binary_data_behind_a_mark_or_under_a_name_is_still_binary(tmp_path):
    path = put(tmp_path / "a.txt", b"\xef\xbb\xbf" + bytes(range(128)) * 4)
    assert reason(path).startswith("binary: ")
    assert reason(path, encoding="latin-1").startswith("binary: ")


def test_invalid_utf_8_is_read_and_told(tmp_path):
    data = "Größe, Käse, Übermut, Straße".encode()
    (document,) = read(put(tmp_path / "a.txt", data.replace(b"K", b"\xffK")))
    assert document.text == "Größe, \ufffdKäse, Übermut, Straße"
    assert document.decoding_note == "not valid utf-8: 1 place was replaced by U+FFFD"


def test_a_page_is_decoded_as_it_declares(tmp_path):
    markup = "<meta charset=windows-1257><p>Rīgā šodien".encode("cp1257")
    (document,) = read(put(tmp_path / "a.html", markup))
    assert (document.text, document.encoding) == ("Rīgā šodien", "cp1257")


def test_what_is_known_of_the_markup_stands_in_the_note(tmp_path):
    (document,) = read(put(tmp_path / "a.html", f"<nav>Home<p>{TEXT}"))
    assert document.decoding_note == "never closed, so its text was kept: <nav>"


def test_a_page_without_text_is_listed_as_skipped(tmp_path):
    assert reason(put(tmp_path / "a.html", "<title>T</title><img>")) == "no text in the page"


def test_an_unknown_encoding_is_a_configuration_error(tmp_path):
    with pytest.raises(ConfigError, match=r"^reading\.encoding is 'klingon'"):
        read(put(tmp_path / "a.txt"), encoding="klingon")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "cp037"])
@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".txt", ".html"])
def test_encodings_that_do_not_extend_ascii_are_read_in_every_format(tmp_path, encoding, suffix):
    content = {".jsonl": '{"text": "Oné."}\n{"text": "Two."}', ".csv": "text\nOné.\nTwo.\n"}
    data = content.get(suffix, "Oné.").encode(encoding)
    documents = read(put(tmp_path / f"a{suffix}", data), encoding=encoding)
    assert [each.text for each in documents] == ["Oné.", "Two."][: len(documents)]
    assert {each.encoding for each in documents} == {encoding}


def test_json_lines_in_utf_16_with_a_mark_are_read(tmp_path):
    (document,) = read(put(tmp_path / "a.jsonl", '{"text": "Oné."}\r\n'.encode("utf-16")))
    assert (document.text, document.encoding) == ("Oné.", "utf-16")


def test_an_unreadable_file_is_listed_and_the_others_are_read(tmp_path, monkeypatch):
    secret, _ = put(tmp_path / "a.txt"), put(tmp_path / "b.txt")
    really_open = os.open

    def refuse(path, *arguments, **options):
        if path == secret:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return really_open(path, *arguments, **options)

    monkeypatch.setattr(os, "open", refuse)
    documents = read(tmp_path)
    assert ids(documents) == ["b.txt"]
    assert documents.skipped == (Skipped(str(secret), "cannot be read: Permission denied"),)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_files_and_folders_without_permission_are_listed(tmp_path):
    put(tmp_path / "a.txt").chmod(0)
    put(tmp_path / "b/c.txt").parent.chmod(0)
    skipped = read(tmp_path).skipped
    (tmp_path / "b").chmod(0o700)
    assert [each.reason for each in skipped] == ["cannot be read: Permission denied"] * 2


def test_an_unreadable_folder_is_listed_and_the_others_are_read(tmp_path, monkeypatch):
    put(tmp_path / "a/x.txt")
    put(tmp_path / "b/y.txt")
    really_scan = os.scandir

    def refuse(path):
        if path == tmp_path / "a":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return really_scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    documents = read(tmp_path)
    assert ids(documents) == ["b/y.txt"]
    assert documents.skipped == (Skipped(str(tmp_path / "a"), "cannot be read: Permission denied"),)


def test_a_file_that_vanishes_after_it_was_listed_is_skipped(tmp_path, monkeypatch):
    path = put(tmp_path / "a.txt")
    really_open = os.open

    def vanish(*arguments, **options):
        path.unlink()
        return really_open(*arguments, **options)

    monkeypatch.setattr(os, "open", vanish)
    assert reason(path) == "cannot be read: No such file or directory"


def test_a_file_that_turns_into_a_pipe_after_it_was_listed_stops_nothing(tmp_path, monkeypatch):
    path = put(tmp_path / "a.txt")
    really_open = os.open

    def swap(*arguments, **options):
        path.unlink()
        os.mkfifo(path)
        return really_open(*arguments, **options)

    monkeypatch.setattr(os, "open", swap)
    assert reason(path) == "a named pipe; only regular files are read"


def test_a_fault_of_the_stream_is_listed_and_what_came_before_is_kept():
    class Broken(io.BytesIO):
        def read(self, size=-1):
            if data := super().read(20):
                return data
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    documents = read_documents("-", stdin=Broken(b'{"text": "One."}\n{"text": "Two."}\n'))
    assert ids(documents) == ["stdin:1", "stdin:2"]
    assert documents.skipped == (
        Skipped("-", "cannot be read: Input/output error; what stands before the fault was read"),
    )


# Links and special files


def test_links_in_a_folder_are_listed_and_not_followed(tmp_path):
    put(tmp_path / "outside/secret.txt")
    folder = tmp_path / "folder"
    put(folder / "a.txt")
    (folder / "to-file.txt").symlink_to("../outside/secret.txt")
    (folder / "to-folder").symlink_to("../outside")
    (folder / "broken.txt").symlink_to("nowhere")
    documents = read(folder)
    assert ids(documents) == ["a.txt"]
    assert {each.source.rpartition(os.sep)[2]: each.reason for each in documents.skipped} == {
        "broken.txt": "a broken link: nowhere cannot be reached",
        "to-file.txt": (
            "a link, not followed; to read ../outside/secret.txt, name it, or the link, itself"
        ),
        "to-folder": "a link, not followed; to read ../outside, name it, or the link, itself",
    }


def test_a_link_loop_ends(tmp_path):
    put(tmp_path / "sub/a.txt")
    (tmp_path / "sub/loop").symlink_to(tmp_path)
    (tmp_path / "sub/itself").symlink_to("itself")
    documents = read(tmp_path)
    assert ids(documents) == ["sub/a.txt"]
    assert len(documents.skipped) == 2


def test_a_link_that_is_named_itself_is_followed(tmp_path):
    put(tmp_path / "folder/a.txt")
    (tmp_path / "link").symlink_to("folder")
    (tmp_path / "file.txt").symlink_to("folder/a.txt")
    assert ids(read(tmp_path / "link")) == ["a.txt"]
    assert ids(read(tmp_path / "file.txt")) == ["file.txt"]


def test_a_broken_link_that_is_named_itself_is_an_error(tmp_path):
    (tmp_path / "broken.txt").symlink_to("nowhere")
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    with pytest.raises(InputError, match="a link to nowhere, which does not exist; mend the link"):
        read(tmp_path / "broken.txt")
    with pytest.raises(InputError, match="Too many levels of symbolic links; check the path"):
        read(tmp_path / "loop.txt")


def test_pipes_sockets_and_devices_are_listed_and_never_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    os.mkfifo("a.txt")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("b.txt")
        expected = [
            "a named pipe; only regular files are read",
            "a socket; only regular files are read",
        ]
        assert [each.reason for each in read(".").skipped] == expected
        assert [each.reason for each in read("a.txt", "b.txt").skipped] == expected
    assert reason("/dev/zero") == "a device; only regular files are read"


# Sizes


def test_a_file_of_the_allowed_size_is_read_and_one_byte_more_is_not(tmp_path):
    path = put(tmp_path / "a.txt")
    assert read(path, max_file_size=len(TEXT))[0].text == TEXT
    assert reason(path, max_file_size=len(TEXT) - 1) == ("23 bytes; allowed: 22 (--max-file-size)")


def test_a_file_beyond_the_limit_is_not_opened(tmp_path):
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.truncate(2**36)  # a hole of 64 GiB
    start = time.perf_counter()
    assert reason(path) == "68,719,476,736 bytes; allowed: 67,108,864 (--max-file-size)"
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize("name", ["bomb.txt.gz", "bomb.jsonl.gz", "bomb.csv.gz", "bomb.html.gz"])
def test_a_decompression_bomb_stops_at_the_limit(tmp_path, name):
    path = put(tmp_path / name, gzip.compress(b'{"text": "a"}\n' + b" " * 2**26 + b"\n", 6))
    assert path.stat().st_size < 2**17
    tracemalloc.start()
    found = reason(path, max_file_size=2**20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == "more than 1,048,576 bytes; allowed: 1,048,576 (--max-file-size)"
    assert peak < 8 * 2**20


def test_standard_input_stops_at_the_limit_too():
    stdin = io.BytesIO(b'{"text": "One."}\n' * 100)
    (skipped,) = read_documents("-", ReadingConfig(max_file_size=1000), stdin=stdin).skipped
    assert skipped == Skipped("-", "more than 1,000 bytes; allowed: 1,000 (--max-file-size)")


def test_a_line_of_50_mb_is_skipped_with_its_size_and_the_rest_is_read(tmp_path):
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(b'{"text": "One."}\n{"text": "')
        for _ in range(50):
            file.write(b"x" * 2**20)
        file.write(b'"}\n{"text": "Three."}\n')
    start = time.perf_counter()
    tracemalloc.start()
    documents = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.perf_counter() - start < 2
    assert [each.source for each in documents] == [f"{path}:1", f"{path}:3"]
    assert documents.skipped == (
        Skipped(
            f"{path}:2",
            "a line of 52,428,812 bytes; allowed: 16,777,216 (reading.max_line_size)",
        ),
    )
    assert peak < 3 * 16 * 2**20


# Compressed files


def damaged(data):
    middle = len(data) // 2
    return data[:middle] + bytes(255 - each for each in data[middle : middle + 40])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda data: data[:-12], "corrupt gzip: it ends too early"),
        (lambda data: b"no gzip at all", "corrupt gzip: Not a gzipped file (b'no')"),
        (lambda data: data[:-8] + b"\0" * 8, "corrupt gzip: CRC check failed "),
        (damaged, "corrupt gzip: "),
    ],
)
def test_a_document_in_a_corrupt_gzip_is_listed_as_skipped(tmp_path, change, expected):
    data = gzip.compress("".join(f"{n} words and more " for n in range(999)).encode())
    assert reason(put(tmp_path / "a.txt.gz", change(data))).startswith(expected)


def test_records_before_a_fault_in_a_gzip_are_kept_and_the_fault_is_listed(tmp_path):
    lines = "".join(json.dumps({"text": f"Text {n**5}."}) + "\n" for n in range(20_000))
    data = gzip.compress(lines.encode())
    path = put(tmp_path / "a.jsonl.gz", data[: len(data) // 2])
    documents = read(path)
    assert 8_000 < len(documents) < 12_000
    assert [each.text for each in documents] == [f"Text {n**5}." for n in range(len(documents))]
    assert documents.skipped == (
        Skipped(
            str(path), "corrupt gzip: it ends too early; what stands before the fault was read"
        ),
    )


def test_members_of_a_gzip_are_read_one_after_another(tmp_path):
    path = put(tmp_path / "a.txt.gz", gzip.compress(b"One. ") + gzip.compress(b"Two."))
    assert read(path)[0].text == "One. Two."


@pytest.mark.parametrize("name", ["rows.csv", "rows.tsv"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_read_with_the_delimiter_that_its_header_has(tmp_path, name, delimiter):
    rows = f'id{delimiter}text\na{delimiter}"One, two; three."\n'
    documents = read(put(tmp_path / name, rows.encode()))
    assert [(each.id, each.text) for each in documents] == [("a", "One, two; three.")]


def test_records_of_shards_are_named_by_file_and_line_when_asked(tmp_path):
    for shard in (0, 1):
        put(tmp_path / f"part-{shard}.jsonl", b'{"id": 0, "text": "One text."}\n')
    with pytest.raises(InputError, match='--id-field ""'):
        read(tmp_path)
    assert ids(read(tmp_path, id_field="")) == ["part-0.jsonl:1", "part-1.jsonl:1"]


def test_an_empty_path_is_an_error():
    with pytest.raises(InputError, match="a path is empty"):
        read_documents("")


def test_a_whole_config_is_taken_for_its_reading_part(tmp_path):
    put(tmp_path / "a.jsonl", b'{"id": "a", "body": "One text."}\n')
    config = Config(reading=ReadingConfig(text_field="body"))
    assert ids(read_documents(tmp_path, config)) == ["a"]
