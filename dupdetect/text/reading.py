"""Reading: files, folders and standard input become documents.

In: paths. Out: `Documents`: the texts as they were read, and each input that gave none with the
reason. This is the one module of the text stage that touches the file system.

What is read, by the suffix of the name:

    .txt .md .markdown      one document, as it stands
    .html .htm              one document, the main text of the page
    .jsonl .ndjson          a document for each line, from a field of the JSON object
    .csv .tsv               a document for each row below the header, from a column; cells are
                            parted by comma or tab, or by what the header has instead
    each with .gz behind    the same, decompressed
    -                       JSON lines on standard input

A file that is named itself is read as text if its suffix is none of these. In a folder such a file
is listed as skipped, and so are links: they may leave the folder, or lead back into it. What is
hidden (its name begins with a dot) is no part of a folder's content and is passed over. Only
regular files are opened. Of what stands in a file, only a byte order mark is taken away.

Ids: a file in a folder is named by its path in that folder, with "/" on every system; a file that
is named itself by its name; a record by its id field, or else by its file's id, ":" and its line.
Bytes of a file name that are no characters appear in ids as backslash escapes.
"""

from __future__ import annotations

import codecs
import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from dupdetect.config import Config, ReadingConfig
from dupdetect.errors import InputError
from dupdetect.results import Document, Documents, Skipped
from dupdetect.text.decoding import (
    Decoded,
    Decoder,
    byte_order_mark,
    declared_charset,
    why_binary,
)
from dupdetect.text.html import main_text
from dupdetect.text.records import Fault, Record, json_lines, table_delimiter, table_rows

Format = Literal["text", "html", "json-lines", "csv", "tsv"]

FORMATS: dict[str, Format] = {
    ".txt": "text",
    ".md": "text",
    ".markdown": "text",
    ".html": "html",
    ".htm": "html",
    ".jsonl": "json-lines",
    ".ndjson": "json-lines",
    ".csv": "csv",
    ".tsv": "tsv",
}


@dataclass(frozen=True, slots=True)
class Readable:
    """What can be read: the formats and compressions that suffixes stand for.

    Attributes:
        formats: from a suffix to the format; upper and lower case are the same.
        compressions: from a suffix behind that to the compression.
        plain_only: formats that are never compressed as a whole.
    """

    formats: Mapping[str, str]
    compressions: Mapping[str, str]
    plain_only: frozenset[str] = frozenset()

    def format_of(self, name: str) -> tuple[str | None, str | None]:
        """What a file holds, by its name, and how it is compressed; None: neither is known."""
        lower = name.lower()
        suffix = next((each for each in self.compressions if lower.endswith(each)), "")
        found = self.formats.get(Path(lower.removesuffix(suffix)).suffix)
        compression = self.compressions.get(suffix)
        return (None if compression and found in self.plain_only else found), compression

    def __str__(self) -> str:
        plain = [each for each, name in self.formats.items() if name in self.plain_only]
        others = ", ".join(each for each in self.formats if each not in plain)
        with_compression = f"{others}, each also with {' or '.join(self.compressions)}"
        return ", and ".join([with_compression, *plain])


_READABLE = Readable(FORMATS, {".gz": "gzip"})

#: Suffixes of the files that are read from a folder; upper and lower case are the same.
SUPPORTED_SUFFIXES: tuple[str, ...] = (*FORMATS, *(f"{suffix}.gz" for suffix in FORMATS))

_DEFAULT_CONFIG = ReadingConfig()
_BUFFER_BYTES = 2**16

# Without waiting: a file that turned into a pipe since it was listed must not stop the run.
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)

_SPECIAL_FILES = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)

_Path = str | os.PathLike[str]
_Result = Document | Skipped


@dataclass(frozen=True, slots=True)
class Input:
    """A file to be read, or standard input.

    Attributes:
        id: the id of its document, or the first part of those of its records.
        source: where it is, for people.
        path: where it is, for the operating system; None: standard input.
        identity: equal for two inputs that are the same file.
        format: what is in it.
        compression: how it has to be decompressed; None: not at all.
        open_flags: how it is opened.
        name: its path in the folder it was found in, or its name, as the operating system has it.
    """

    id: str
    source: str
    path: Path | None
    identity: str
    format: str
    compression: str | None = None
    open_flags: int = _OPEN_FLAGS
    name: str = ""


class SkipError(Exception):
    """A file gives no documents at all; its text is the reason."""


def read_documents(
    paths: _Path | Iterable[_Path],
    config: Config | ReadingConfig = _DEFAULT_CONFIG,
    *,
    stdin: BinaryIO | None = None,
) -> Documents:
    """Read files, folders and standard input.

    Folders are read with all their subfolders, in the order of the paths in them. What cannot be
    read is listed in `Documents.skipped`; the rest is read all the same.

    Args:
        paths: one path or more; "-" is JSON lines on standard input.
        config: which fields to take, the encoding, and the limits of size; of a whole Config, its
            `reading`.
        stdin: read in place of standard input.

    Raises:
        InputError: a path does not exist, a folder holds nothing, a file is given twice, or two
            documents have one id; the message names the places.
        ConfigError: no text encoding has the name `config.encoding`.
        TypeError: a path is neither a string nor an `os.PathLike` of one.

    >>> lines = io.BytesIO(b'{"id": "a", "text": "One text."}')
    >>> read_documents("-", stdin=lines)[0].text
    'One text.'
    """
    if isinstance(config, Config):
        config = config.reading
    Decoder(config.encoding)  # a wrong name is told before anything is read
    found = find_inputs(paths, _READABLE)
    results: list[_Result] = []
    for each in found:
        results.extend([each] if isinstance(each, Skipped) else _read(each, config, stdin))
    documents = tuple(each for each in results if isinstance(each, Document))
    _refuse_equal_ids(documents)
    return Documents(documents, tuple(each for each in results if isinstance(each, Skipped)))


# Finding what there is to read


def find_inputs(paths: _Path | Iterable[_Path], readable: Readable) -> list[Input | Skipped]:
    """What the given paths stand for, in their order; folders sorted by the paths in them.

    Raises:
        InputError: a path does not exist, a folder holds nothing, or a file is given twice.
        TypeError: a path is neither a string nor an `os.PathLike` of one.
    """
    listed = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    found = [each for path in listed for each in _inputs_at(path, readable)]
    _refuse_files_given_twice(found)
    return found


def _inputs_at(given: _Path, readable: Readable) -> list[Input | Skipped]:
    """What one given path stands for."""
    name = os.fspath(given)
    if not name:
        raise InputError("a path is empty: is a variable unset? (. is the current folder)")
    if not isinstance(name, str):
        message = f"a path is {name!r}; it must be a string or an os.PathLike of one"
        raise TypeError(message)
    if name == "-":
        return [Input("stdin", "-", None, "-", "json-lines")]
    path = Path(name)
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise InputError(_why_unreachable(path, error), source=printable(name)) from None
    if stat.S_ISDIR(mode):
        return _inputs_in(path, readable)
    if not stat.S_ISREG(mode):
        return [Skipped(printable(name), why_special(mode))]
    return [_input(path, path.name, name, str(path.resolve()), _OPEN_FLAGS, readable)]


def _inputs_in(folder: Path, readable: Readable) -> list[Input | Skipped]:
    """What a folder and its subfolders hold, sorted by the path in the folder.

    Raises:
        InputError: there is nothing in it.
    """
    found: list[tuple[str, Input | Skipped]] = []
    identity = str(folder.resolve())
    pending = [""]
    while pending:
        inside = pending.pop()
        try:
            with os.scandir(folder / inside) as listing:
                entries = [entry for entry in listing if not entry.name.startswith(".")]
        except OSError as error:
            found.append((inside, Skipped(printable(folder / inside), why(error))))
            continue
        for entry in entries:
            name = f"{inside}/{entry.name}" if inside else entry.name
            if _is_folder(entry):
                pending.append(name)
            else:
                identity_of_file = f"{identity}/{name}"
                found.append((name, _input_in(folder, name, entry, identity_of_file, readable)))
    if not found:
        message = f"the folder is empty; looked for {readable}, not hidden"
        raise InputError(message, source=printable(folder))
    return [each for _, each in sorted(found, key=lambda pair: pair[0])]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:  # what is wrong with it is told when it is looked at as a file
        return False


def _input_in(
    folder: Path, name: str, entry: os.DirEntry[str], identity: str, readable: Readable
) -> Input | Skipped:
    path = folder / name
    source = printable(path)
    try:
        if entry.is_symlink():
            return Skipped(source, _why_link(path))
        if not entry.is_file(follow_symlinks=False):
            return Skipped(source, why_special(entry.stat(follow_symlinks=False).st_mode))
    except OSError as error:
        return Skipped(source, why(error))
    if readable.format_of(name)[0] is None:
        suffix = printable(path.suffix)
        which = f'the suffix "{suffix}" is not supported' if suffix else "it has no suffix"
        reason = f"{which} (supported: {readable}); name the file itself to read it as text"
        return Skipped(source, reason)
    flags = _OPEN_FLAGS | _NO_LINK
    return _input(path, name, str(path), identity, flags, readable)


def _input(
    path: Path, id: str, source: str, identity: str, open_flags: int, readable: Readable
) -> Input:
    format, compression = readable.format_of(path.name)
    shown = (printable(id), printable(source))
    return Input(*shown, path, identity, format or "text", compression, open_flags, name=id)


def _refuse_files_given_twice(found: Iterable[Input | Skipped]) -> None:
    first: dict[str, str] = {}
    for each in found:
        if isinstance(each, Skipped):
            continue
        if each.identity in first:
            message = (
                f"the same file is given twice: first as {first[each.identity]}, again as "
                f"{each.source}; give it once"
            )
            raise InputError(message)
        first[each.identity] = each.source


def _refuse_equal_ids(documents: Iterable[Document]) -> None:
    first: dict[str, str] = {}
    for document in documents:
        if document.id in first:
            message = (
                f"duplicate id {document.id!r}: first at {first[document.id]}, again at "
                f"{document.source}; rename one, give the folder above both, choose another field "
                'with --id-field, or name records by file and line with --id-field ""'
            )
            raise InputError(message)
        first[document.id] = document.source


# Reading one input


def _read(source: Input, config: ReadingConfig, stdin: BinaryIO | None) -> list[_Result]:
    """The documents of one input, and what of it was skipped."""
    try:
        with _opened(source, config.max_file_size, stdin) as stream:
            return read_stream(source, stream, config)
    except SkipError as skip:
        return [Skipped(source.source, str(skip))]
    except _FAULTS as error:
        return [Skipped(source.source, why(error))]


def read_stream(source: Input, stream: io.BufferedReader, config: ReadingConfig) -> list[_Result]:
    """The documents in the decompressed bytes of an input, and what of it was skipped.

    Raises:
        SkipError: there is none; its text is the reason.
    """
    return _READERS[source.format](source, stream, config)


def capped(read: Callable[[int], bytes], max_bytes: int) -> io.BufferedReader:
    """A stream over a read function, with a SkipError in place of more than `max_bytes`."""
    return io.BufferedReader(_Capped(read, max_bytes), _BUFFER_BYTES)


@contextmanager
def _opened(source: Input, max_bytes: int, stdin: BinaryIO | None) -> Iterator[io.BufferedReader]:
    """The bytes of an input, decompressed, with an error in place of more than `max_bytes`."""
    if source.path is None:
        stream = stdin if stdin is not None else standard_input()
        yield capped(stream.read, max_bytes)
        return
    with os.fdopen(os.open(source.path, source.open_flags), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise SkipError(why_special(status.st_mode))
        if status.st_size > max_bytes and not source.compression:
            raise SkipError(f"{status.st_size:,} bytes; {_allowed(max_bytes)}")
        # read1, not read: what stands before a fault in the compressed data is not lost.
        yield capped(
            gzip.GzipFile(fileobj=file).read1 if source.compression else file.read, max_bytes
        )


def standard_input() -> BinaryIO:
    """The bytes of standard input.

    Raises:
        InputError: the process has none.
    """
    if sys.stdin is None:
        message = "there is no standard input; give a path"
        raise InputError(message, source="-")
    return sys.stdin.buffer


class _Capped(io.RawIOBase):
    """Bytes from a read function, up to a number; a decompression bomb ends here."""

    def __init__(self, read: Callable[[int], bytes], max_bytes: int) -> None:
        self._read = read
        self._max_bytes = max_bytes
        self._n_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._read(len(buffer))
        self._n_bytes += len(data)
        if self._n_bytes > self._max_bytes:
            raise SkipError(f"more than {self._max_bytes:,} bytes; {_allowed(self._max_bytes)}")
        buffer[: len(data)] = data
        return len(data)


def _read_text(source: Input, stream: io.BufferedReader, config: ReadingConfig) -> list[_Result]:
    decoded = _decode_file(stream.read(), config)
    return [Document(source.id, decoded.text, source.source, decoded.encoding, decoded.note)]


def _read_html(source: Input, stream: io.BufferedReader, config: ReadingConfig) -> list[_Result]:
    data = stream.read()
    decoded = _decode_file(data, config, declared_charset(data))
    main = main_text(decoded.text)
    if not main.text or main.text.isspace():
        raise SkipError("no text in the page")
    note = "; ".join(filter(None, (decoded.note, main.note)))
    return [Document(source.id, main.text, source.source, decoded.encoding, note)]


def _read_csv(source: Input, stream: io.BufferedReader, config: ReadingConfig) -> list[_Result]:
    return _read_table(source, stream, config, ",")


def _read_tsv(source: Input, stream: io.BufferedReader, config: ReadingConfig) -> list[_Result]:
    return _read_table(source, stream, config, "\t")


def _read_table(
    source: Input, stream: io.BufferedReader, config: ReadingConfig, usual: str
) -> list[_Result]:
    decoded = _decode_file(stream.read(), config)
    delimiter = table_delimiter(decoded.text, usual)
    return [_result(source, each) for each in table_rows(decoded, delimiter, config)]


def _read_json_lines(
    source: Input, stream: io.BufferedReader, config: ReadingConfig
) -> list[_Result]:
    """The records of JSON lines; those before a fault in the stream are kept."""
    head = stream.peek(_BUFFER_BYTES)
    if not head:
        raise SkipError("empty")
    lines, decode = _lines_in_ascii_superset(head, stream, config)
    results: list[_Result] = []
    try:
        for each in json_lines(lines, config, decode):
            results.append(_result(source, each))  # noqa: PERF401 - those before a fault are kept
    except _FAULTS as error:
        reason = f"{why(error)}; what stands before the fault was read"
        results.append(Skipped(source.source, reason))
    if not results:
        raise SkipError("only white space")
    return results


def _lines_in_ascii_superset(
    head: bytes, stream: io.BufferedReader, config: ReadingConfig
) -> tuple[BinaryIO, Callable[[bytes], Decoded]]:
    """A stream whose lines end with the byte of a line feed, and how to decode one of them.

    UTF-16, which some shells write by default, and its kind are decoded whole and written anew.
    """
    if config.encoding:
        wide = "\n".encode(config.encoding) != b"\n"
    else:
        wide = byte_order_mark(head) in ("utf-16", "utf-32")
    if not wide:
        is_json = head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{")
        if not is_json and not config.encoding and (reason := why_binary(head)):
            raise SkipError(reason)
        return stream, Decoder(config.encoding).decode
    whole = _decode_file(stream.read(), config)

    def decode(line: bytes) -> Decoded:
        return Decoded(line.decode("utf-8", "surrogatepass"), whole.encoding, whole.note)

    return io.BytesIO(whole.text.encode("utf-8", "surrogatepass")), decode


_READERS: dict[str, Callable[[Input, io.BufferedReader, ReadingConfig], list[_Result]]] = {
    "text": _read_text,
    "html": _read_html,
    "json-lines": _read_json_lines,
    "csv": _read_csv,
    "tsv": _read_tsv,
}


def _decode_file(data: bytes, config: ReadingConfig, declared: str | None = None) -> Decoded:
    """The characters of a whole file.

    Raises:
        SkipError: it is empty, or holds only white space, or is no text.
    """
    told = bool(config.encoding or byte_order_mark(data))
    if not told and (reason := why_binary(data)):
        hint = "; if it is UTF-16, name that as reading.encoding" if b"\0" in data else ""
        raise SkipError(f"{reason}{hint}")
    decoded = Decoder(config.encoding).decode(data, declared)
    if not decoded.text:
        raise SkipError("empty")
    if decoded.text.isspace():
        raise SkipError("only white space")
    # An encoding such as UTF-16 makes NUL bytes of common letters: look at its characters.
    if told and (reason := why_binary(decoded.text.encode("utf-8", "surrogatepass"))):
        raise SkipError(reason)
    return decoded


def _result(source: Input, each: Record | Fault) -> _Result:
    """A record as a document, a fault as a skipped input."""
    place = source.source if each.line is None else f"{source.source}:{each.line}"
    if isinstance(each, Fault):
        return Skipped(place, each.reason)
    id = each.id if each.id is not None else f"{source.id}:{each.line}"
    return Document(id, each.text, place, each.encoding, each.note)


# Saying why

# What opening, reading and decompressing a file can raise. BadGzipFile is an OSError.
_FAULTS = (OSError, EOFError, zlib.error)


def why(error: Exception) -> str:
    """Why a file or folder could not be read, from what reading it raised."""
    if isinstance(error, gzip.BadGzipFile | zlib.error):
        return f"corrupt gzip: {error}"
    if isinstance(error, EOFError):
        return "corrupt gzip: it ends too early"
    text = error.strerror if isinstance(error, OSError) else None
    return f"cannot be read: {text or error}"


def _why_unreachable(path: Path, error: Exception) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        if path.is_symlink():
            return f"a link to {printable(path.readlink())}, which does not exist; mend the link"
        return "no such file or folder; check the path (- stands for standard input)"
    return f"{why(error)}; check the path"


def _why_link(path: Path) -> str:
    target = printable(path.readlink())
    try:
        path.stat()
    except OSError:
        return f"a broken link: {target} cannot be reached"
    return f"a link, not followed; to read {target}, name it, or the link, itself"


def why_special(mode: int) -> str:
    """Why a file of this mode is not read."""
    kind = next((name for is_kind, name in _SPECIAL_FILES if is_kind(mode)), "a special file")
    return f"{kind}; only regular files are read"


def _allowed(max_bytes: int) -> str:
    return f"allowed: {max_bytes:,} (--max-file-size)"


def printable(path: _Path) -> str:
    """A path that can be written as UTF-8: bytes that are no characters become escapes."""
    return os.fspath(path).encode("utf-8", "backslashreplace").decode("utf-8")
