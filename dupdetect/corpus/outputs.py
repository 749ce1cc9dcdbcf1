"""Outputs: the kept records of a collection, byte for byte, in files of the inputs' formats.

In: sources, and the spans of the records that are kept. Out, in the order of the inputs:

    kept.jsonl      the lines; .gz or .zst where all inputs of JSON lines are so compressed
    kept.csv        the rows under one header; .tsv, .gz and .zst likewise
    kept.parquet    the rows, with the types, the metadata and the compression of the columns
    kept/           copies of text and HTML files, under their paths in the folders given

JSON lines of different encodings, tables of different headers, delimiters or encodings, and Parquet
files of different schemas do not fit in one file: they become kept-1.csv, kept-2.csv and so on, in
the order of the inputs.
Only two things are not as they were: a byte order mark before JSON lines is left out, and a last
line without its end gets one where another follows. Each file is there whole, or not at all.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from dupdetect.config import ReadingConfig
from dupdetect.corpus.json_records import encoding_of_lines
from dupdetect.corpus.parquet import schema_of, write_rows
from dupdetect.corpus.streams import (
    BLOCK_BYTES,
    StreamFault,
    changed,
    compressing,
    opened_raw,
    spans,
)
from dupdetect.corpus.tables import Layout, layout
from dupdetect.corpus.values import Compression, Member, Source, StoredFile
from dupdetect.corpus.writing import JsonLinesWriter, cannot_write, prepare_folder, writing
from dupdetect.errors import InputError

__all__ = ["JsonLinesWriter", "Kept", "prepare_folder", "write_kept"]

#: From the index of a source to the spans of its kept records, ascending: starts and ends.
Kept = Callable[[int], tuple[NDArray[np.int64], NDArray[np.int64]]]

_SUFFIXES = {"json-lines": ".jsonl", "csv": ".csv", "tsv": ".tsv", "parquet": ".parquet"}
_COMPRESSION_SUFFIXES: dict[Compression | None, str] = {None: "", "gzip": ".gz", "zstd": ".zst"}


def write_kept(
    sources: Sequence[Source], kept: Kept, folder: Path, config: ReadingConfig
) -> list[Path]:
    """Write the kept records of all sources.

    A source that cannot be read at all, of which nothing is kept, is passed over.

    Args:
        sources: of `find_sources`, in their order.
        kept: the spans of the records to keep.
        folder: where to; see `prepare_folder`.
        config: as it was for reading.

    Returns:
        The files that were written, and the folder kept/ if there is one.

    Raises:
        InputError: an input has changed, or an output cannot be written.
    """
    written = []
    for format, suffix in _SUFFIXES.items():
        outputs = _outputs([each for each in sources if each.format == format], kept, config)
        for number, output in enumerate(outputs, 1):
            name = f"kept-{number}" if len(outputs) > 1 else "kept"
            path = folder / f"{name}{suffix}{_COMPRESSION_SUFFIXES[output.compression]}"
            with writing(path) as file, compressing(file, output.compression) as target:  # type: ignore[arg-type]
                output.write(target, kept)
            written.append(path)
    if any(source.members for source in sources):
        written.append(_copy_files(sources, kept, folder / "kept"))
    return written


@dataclass(slots=True)
class _Output:
    """One file to be written.

    Attributes:
        key: what all its sources have in common.
        header: the bytes it begins with.
        sources: whose records it takes.
    """

    key: Any
    header: bytes = b""
    sources: list[Source] = field(default_factory=list)

    @property
    def compression(self) -> Compression | None:
        """That of all its sources, or none."""
        found = {source.compression for source in self.sources}
        return found.pop() if len(found) == 1 else None

    def write(self, target: IO[bytes], kept: Kept) -> None:
        """Write the kept records of its sources."""
        if self.sources[0].format == "parquet":
            rows = [(source.file, kept(source.index)[0]) for source in self.sources]
            write_rows(rows, target)  # type: ignore[arg-type]
            return
        target.write(self.header)
        last = self.header[-1:]
        # A lone CR ends a row of a table, but no JSON line.
        lines = self.sources[0].format == "json-lines"
        ends = (b"", b"\n") if lines else (b"", b"\n", b"\r")
        for source in self.sources:
            pieces = _kept_bytes(source.file, *kept(source.index))
            for number, data in enumerate(pieces):
                if number == 0 and last not in ends:
                    target.write(b"\n")
                target.write(data)
                last = data[-1:]


def _outputs(sources: Sequence[Source], kept: Kept, config: ReadingConfig) -> list[_Output]:
    """The outputs that the sources of one format make, in order of their first source."""
    outputs: list[_Output] = []
    for source in sources:
        try:
            draft = _output_of(source, config, alone=len(sources) == 1)
        except StreamFault as fault:
            draft = str(fault)
        if isinstance(draft, str):
            if len(kept(source.index)[0]):
                raise changed(source.file, draft)
            continue
        for output in outputs:
            if output.key == draft.key:
                output.sources.append(source)
                break
        else:
            draft.sources.append(source)
            outputs.append(draft)
    return outputs


def _output_of(source: Source, config: ReadingConfig, *, alone: bool) -> _Output | str:
    """The output a source belongs to, still without it; or why the source cannot be read.

    The encoding of JSON lines costs a pass, which one that is alone is spared.
    """
    if source.format == "parquet":
        return _Output(schema_of(source.file))  # equal to others without their metadata
    if source.format == "json-lines":
        return _Output(None if alone else encoding_of_lines(source, config))
    found = layout(source, config)
    if not isinstance(found, Layout):
        return found.reason
    return _Output((found.header.cells, found.delimiter, found.encoding), found.header_bytes)


def _kept_bytes(
    stored: StoredFile, starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> Iterator[bytes]:
    """The bytes of ascending spans, in pieces of about a block."""
    parts: list[bytes] = []
    size = 0
    for data in spans(stored, *_runs(starts, ends)):
        parts.append(data)
        size += len(data)
        if size >= BLOCK_BYTES:
            yield b"".join(parts) if len(parts) > 1 else data
            parts, size = [], 0
    if parts:
        yield b"".join(parts)


def _runs(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> tuple[list[int], list[int]]:
    """The spans, with those that touch joined, in pieces of at most four blocks.

    >>> _runs(np.array([0, 5, 20]), np.array([5, 9, 30]))
    ([0, 20], [9, 30])
    """
    if not len(starts):
        return [], []
    breaks = np.flatnonzero(starts[1:] != ends[:-1])
    run_starts = starts[np.concatenate([[0], breaks + 1])]
    run_ends = ends[np.concatenate([breaks, [len(ends) - 1]])]
    size = 4 * BLOCK_BYTES
    n_pieces = np.maximum(1, -(-(run_ends - run_starts) // size))
    within = np.arange(n_pieces.sum()) - np.repeat(np.cumsum(n_pieces) - n_pieces, n_pieces)
    piece_starts = np.repeat(run_starts, n_pieces) + within * size
    piece_ends = np.minimum(piece_starts + size, np.repeat(run_ends, n_pieces))
    return piece_starts.tolist(), piece_ends.tolist()


# Text and HTML files


def _copy_files(sources: Sequence[Source], kept: Kept, folder: Path) -> Path:
    """Copies of the kept files in a new folder, which takes its name when all are on disk."""
    draft = folder.with_name(f"{folder.name}.tmp")
    try:
        _remove(draft)
        draft.mkdir()
        for source in sources:
            if source.members:
                for place in kept(source.index)[0].tolist():
                    _copy(source.members[place], draft)
        _to_disk(draft)
        _remove(folder)
        draft.rename(folder)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise cannot_write(folder, error) from None
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return folder


def _copy(member: Member, folder: Path) -> None:
    """A file as it stands on disk, compressed or not, under its name in the folder."""
    target = target_in(folder, member)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _reading(member.file) as read, target.open("xb") as file:
        while block := read(BLOCK_BYTES):
            file.write(block)


@contextmanager
def _reading(stored: StoredFile) -> Iterator[Callable[[int], bytes]]:
    try:
        with opened_raw(stored) as file:
            yield file.read
    except StreamFault as fault:
        raise changed(stored, str(fault)) from None


def target_in(folder: Path, member: Member) -> Path:
    """Where the copy of a file goes: never outside the folder.

    Raises:
        InputError: its name leads out of the folder, or is no name.
    """
    name = member.input.name
    parts = PurePosixPath(name).parts
    hostile = (
        not parts
        or "\0" in name
        or any(part in ("/", "//", ".", "..") for part in parts)
        or any(char in part for part in parts for char in (os.sep, os.altsep or os.sep))
        or Path(name).is_absolute()
        or bool(Path(name).drive)
    )
    if hostile:
        message = f"the name {name!r} leads out of the folder of results; rename the file"
        raise InputError(message, source=member.file.source)
    return folder.joinpath(*parts)


def _remove(path: Path) -> None:
    """Delete a file or folder that may be there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _to_disk(folder: Path) -> None:
    """Have all files of a folder written to disk."""
    if hasattr(os, "sync"):
        os.sync()  # one call: a call for each of 100,000 files takes minutes
        return
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("r+b") as file:
                os.fsync(file.fileno())
