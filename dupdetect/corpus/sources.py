"""Sources: collections of any size, read in bounded memory, as often as needed.

In: paths. Out: `Sources`; of each, batches of records with the place of their bytes, from the
beginning or from where an earlier run stopped; and the texts of some records again.

What is read is what `dupdetect.text.reading` reads, by the same rules, and besides

    .parquet        a record for each row, from a column (extra: parquet)
    .zst            behind every suffix that may have .gz, decompressed (extra: zstd)
    -               JSON lines on standard input, first spooled to a file

    .json           JSON lines, if named itself and its first line is an object; .gz, .zst likewise

Records are the same as there: texts, ids, and reasons of what is skipped. Four things differ,
because files are streamed and records are kept byte for byte: `reading.max_file_size` holds only
for text and HTML files; lines in UTF-16 or UTF-32 are listed as skipped; a text of nothing or only
white space is a record; and files of one name are named by their paths as they were given.
"""

from __future__ import annotations

import codecs
import json
import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from dupdetect.config import ReadingConfig
from dupdetect.corpus.files import FilesReader
from dupdetect.corpus.json_records import JsonLinesReader
from dupdetect.corpus.parquet import ParquetReader, load_pyarrow
from dupdetect.corpus.streams import BLOCK_BYTES, StreamFault, load_zstd, opened
from dupdetect.corpus.tables import TableReader
from dupdetect.corpus.values import (
    Batch,
    Compression,
    Found,
    Member,
    Missed,
    Position,
    Reader,
    Source,
    SourceFormat,
    Sources,
    StoredFile,
)
from dupdetect.corpus.writing import writing
from dupdetect.errors import InputError
from dupdetect.results import Skipped
from dupdetect.text.decoding import Decoder
from dupdetect.text.reading import (
    FORMATS,
    Input,
    Readable,
    find_inputs,
    printable,
    standard_input,
    why,
    why_special,
)

__all__ = [
    "Batch",
    "Position",
    "Source",
    "Sources",
    "batches",
    "find_sources",
    "texts_at",
]

READABLE = Readable(
    {**FORMATS, ".parquet": "parquet"},
    {".gz": "gzip", ".zst": "zstd"},
    plain_only=frozenset({"parquet"}),
)
_ONE_RECORD = ("text", "html")
_FORMATS: dict[str, SourceFormat] = {
    "json-lines": "json-lines",
    "csv": "csv",
    "tsv": "tsv",
    "parquet": "parquet",
}
_COMPRESSIONS: dict[str | None, Compression | None] = {None: None, "gzip": "gzip", "zstd": "zstd"}
_OTHER_COMPRESSIONS = (".bz2", ".xz", ".zip")
_SPOOLED = "stdin.jsonl"
_SPOOL_BLOCK_BYTES = 2**20


def find_sources(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    config: ReadingConfig,
    *,
    spool: Path,
    stdin: BinaryIO | None = None,
    reuse_spooled: bool = False,
    unique_files: bool = True,
) -> Sources:
    """Find what there is to read; nothing but standard input is read yet.

    Text and HTML files that follow each other become one source of many members.

    Args:
        paths: one path or more; "-" is JSON lines on standard input.
        config: the encoding, whose name is checked.
        spool: a folder in which standard input is kept for later passes.
        stdin: read in place of standard input.
        reuse_spooled: take the standard input that an earlier run has spooled, if it has.
        unique_files: refuse two text or HTML files whose copies would have one name; not needed
            where nothing is copied.

    Raises:
        InputError: a path does not exist, a folder holds nothing, a file is given twice, two files
            have one name, an extra is missing, or the spool cannot be written.
        ConfigError: no text encoding has the name `config.encoding`.
        TypeError: a path is neither a string nor an `os.PathLike` of one.
    """
    Decoder(config.encoding)  # a wrong name is told before anything is read
    skipped: list[Skipped] = []
    sources: list[Source] = []
    members: list[Member] = []
    for found in _named_apart(find_inputs(paths, READABLE)):
        input = _refuse_compression(found)
        if isinstance(input, Input) and input.path is None:
            input = _spooled(input, spool, stdin, reuse_spooled)
        file = input if isinstance(input, Skipped) else _stored(input)
        if isinstance(input, Skipped) or isinstance(file, Skipped):
            skipped += [file] if isinstance(file, Skipped) else []
            continue
        if _is_json_lines(input, file, config):
            input = replace(input, format="json-lines")
        if input.format in _ONE_RECORD:
            members.append(Member(input, file))
        else:
            sources += _group(members, len(sources))
            members = []
            sources.append(_source(input, file, len(sources)))
    sources += _group(members, len(sources))
    if unique_files:
        _refuse_equal_names(sources)
    return Sources(tuple(sources), tuple(skipped))


def batches(
    source: Source,
    config: ReadingConfig,
    *,
    field: str | None = None,
    start: Position = Position(),  # noqa: B008 - frozen
    max_chars: int,
    max_records: int,
) -> Iterator[Batch]:
    """The records of a source, a batch at a time, from a position on.

    The records do not depend on how they are cut into batches, nor on where reading begins. A
    source that gives nothing at all is listed as skipped in its last batch.

    Args:
        source: one of `find_sources`.
        config: which fields hold the text and the id, the encoding, and the limits of size.
        field: a further field whose values are wanted; a dot leads into nested objects.
        start: the position of the last batch of an earlier call.
        max_chars: a batch ends when its texts have so many characters; one text may have more.
        max_records: a batch ends when it has so many records and listed faults.

    Raises:
        InputError: the file is not the one that was found.
    """
    if start.finished:
        return
    draft = _Draft(source, start)
    try:
        for item in _reader(source, config, field).items(start):
            draft.add(item)
            if draft.n_chars >= max_chars or draft.n_results >= max_records:
                yield draft.batch()
                draft = _Draft(source, draft.position())
    except StreamFault as fault:
        behind = "; what stands before the fault was read" if draft.anything else ""
        draft.list_fault(f"{fault}{behind}")
    if not draft.anything:
        draft.list_fault("only white space")
    if draft.n_results:
        yield draft.batch(finished=True)


def texts_at(
    source: Source,
    config: ReadingConfig,
    wanted: NDArray[np.int64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    *,
    max_chars: int,
) -> Iterator[tuple[NDArray[np.int64], list[str]]]:
    """The texts of some records again, the same as in `batches`.

    A plain file is sought in, a compressed one decompressed up to the last record wanted, and of a
    Parquet file only the row groups that hold any are read.

    Args:
        source: one of `find_sources`.
        config: as for `batches`.
        wanted: record numbers, ascending; they are only handed back.
        starts: of these records, as `Batch.starts` had them; shape as `wanted`.
        ends: of these records, as `Batch.ends` had them.
        max_chars: texts are handed out when they have so many characters.

    Returns:
        Runs of record numbers, each with its texts.

    Raises:
        InputError: the file has changed.
    """
    if not len(wanted):
        return
    texts: list[str] = []
    n_chars = first = 0
    for text in _reader(source, config, None).texts(starts.tolist(), ends.tolist()):
        texts.append(text)
        n_chars += len(text)
        if n_chars >= max_chars:
            yield wanted[first : first + len(texts)], texts
            first += len(texts)
            texts, n_chars = [], 0
    if texts:
        yield wanted[first:], texts


class _Draft:
    """Records and faults that will become a batch."""

    def __init__(self, source: Source, start: Position) -> None:
        self._source = source
        self._start = start
        self._found: list[Found] = []
        self._skipped: list[Skipped] = []
        self._behind = (start.offset, start.line)
        self._finished = False
        self.n_chars = 0

    @property
    def n_results(self) -> int:
        return len(self._found) + len(self._skipped)

    @property
    def anything(self) -> bool:
        """Whether the source has given any record or fault so far."""
        return bool(self._start.results or self.n_results)

    def add(self, item: Found | Missed) -> None:
        if isinstance(item, Found):
            self._found.append(item)
            self.n_chars += len(item.text)
        else:
            place = self._source.place(item.fault.line)
            self._skipped.append(Skipped(place, item.fault.reason))
            self._finished = item.is_last
        self._behind = (item.end, item.last_line)

    def list_fault(self, reason: str) -> None:
        self._skipped.append(Skipped(self._source.source, reason))

    def position(self, *, finished: bool = False) -> Position:
        results = self._start.results + self.n_results
        return Position(*self._behind, results, finished or self._finished)

    def batch(self, *, finished: bool = False) -> Batch:
        columns = list(zip(*self._found, strict=True)) or [()] * len(Found._fields)
        texts, ids, values, lines, starts, ends, _ = columns
        position = self.position(finished=finished)
        return Batch(
            list(texts),
            list(ids),
            np.array(lines, dtype=np.int64),
            np.array(starts, dtype=np.int64),
            np.array(ends, dtype=np.int64),
            list(values),
            self._skipped,
            position,
        )


def _reader(source: Source, config: ReadingConfig, field: str | None) -> Reader:
    if source.format == "files":
        return FilesReader(source, config)
    if source.format == "parquet":
        return ParquetReader(source, config, field)
    if source.format == "json-lines":
        return JsonLinesReader(source, config, field)
    return TableReader(source, config, field)


# Finding


def _stored(input: Input) -> StoredFile | Skipped:
    """An input as it is on disk now, with the packages it needs at hand."""
    assert input.path is not None
    if input.format == "parquet":
        load_pyarrow(input.source)
    if input.compression == "zstd":
        load_zstd(input.source)
    try:
        status = input.path.stat()
    except OSError as error:
        return Skipped(input.source, why(error))
    if not stat.S_ISREG(status.st_mode):
        return Skipped(input.source, why_special(status.st_mode))
    compression = _COMPRESSIONS[input.compression]
    size, mtime_ns = status.st_size, status.st_mtime_ns
    return StoredFile(input.path, input.source, compression, size, mtime_ns, input.open_flags)


def _source(input: Input, file: StoredFile, index: int) -> Source:
    format = _FORMATS[input.format]
    return Source(
        index,
        input.id,
        input.source,
        file.path,
        format,
        file.compression,
        file.size,
        file.mtime_ns,
        printable(input.identity),
        file,
    )


def _group(members: list[Member], index: int) -> list[Source]:
    """One source of these files, or none."""
    if not members:
        return []
    first, last = members[0], members[-1]
    name = first.file.source
    if len(members) > 1:
        name = f"{len(members):,} files from {name} to {last.file.source}"
    source = Source(
        index,
        first.input.id,
        name,
        first.file.path,
        "files",
        None,
        sum(each.file.size for each in members),
        max(each.file.mtime_ns for each in members),
        printable(f"{first.input.identity}\n{last.input.identity}"),
        first.file,
        tuple(members),
    )
    return [source]


def _named_apart(found: list[Input | Skipped]) -> Iterator[Input | Skipped]:
    """Inputs of which those of one id are named by their paths as they were given."""
    count = Counter(each.id for each in found if isinstance(each, Input))
    for each in found:
        if isinstance(each, Skipped) or each.path is None or count[each.id] == 1:
            yield each
            continue
        # The copy stays within its folder: no drive or root before it, and no way up.
        parts = [part for part in each.path.parts if part not in (each.path.anchor, "..")]
        yield replace(each, id=printable(each.path.as_posix()), name="/".join(parts))


def _refuse_compression(input: Input | Skipped) -> Input | Skipped:
    """What is compressed in a way that is not read is skipped, with what to do."""
    suffix = next((each for each in _OTHER_COMPRESSIONS if input.source.lower().endswith(each)), "")
    if not suffix or (isinstance(input, Skipped) and "is not supported" not in input.reason):
        return input
    reason = f"{suffix} is not read; decompress it, or compress what is in it as .gz or .zst"
    return Skipped(input.source, reason)


def _is_json_lines(input: Input, file: StoredFile, config: ReadingConfig) -> bool:
    """Whether a .json file, which is read as text else, begins with a line that is an object."""
    name = input.name.lower().removesuffix(".gz").removesuffix(".zst")
    if input.format != "text" or not name.endswith(".json"):
        return False
    head = b""
    try:
        with opened(file) as stream:
            while b"\n" not in head and len(head) <= config.max_line_size:
                if not (block := stream.read(BLOCK_BYTES)):
                    break
                head = (head + block).removeprefix(codecs.BOM_UTF8).lstrip()
                if head and not head.startswith(b"{"):
                    return False
        # Any encoding will do to tell an object: its marks are ASCII.
        return isinstance(json.loads(head.partition(b"\n")[0].decode("latin-1")), dict)
    except (StreamFault, ValueError, RecursionError):
        return False


def _refuse_equal_names(sources: Iterable[Source]) -> None:
    """No two files of one record may have one name, or their copies would be one."""
    first: dict[str, str] = {}
    for member in (member for source in sources for member in source.members):
        name, place = printable(member.input.name), member.file.source
        if name in first:
            message = (
                f"duplicate name {name!r}: first at {first[name]}, again at {place}; rename one, "
                "or give the folder above both"
            )
            raise InputError(message)
        first[name] = place


def _spooled(input: Input, spool: Path, stdin: BinaryIO | None, reuse: bool) -> Input:
    """Standard input as a file, which can be read again."""
    path = spool / _SPOOLED
    if not (reuse and path.exists()):
        stream = stdin if stdin is not None else standard_input()
        with writing(path) as file:
            while block := stream.read(_SPOOL_BLOCK_BYTES):
                file.write(block)
    return replace(input, path=path, identity=str(path.resolve()))
