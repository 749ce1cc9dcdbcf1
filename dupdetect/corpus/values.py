"""The values that reading a collection hands on: sources, positions, and batches of records.

Everything here is small or bounded: a source is a place to read, never what stands in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from dupdetect.results import Skipped
from dupdetect.text.reading import Input
from dupdetect.text.records import Fault

SourceFormat = Literal["files", "json-lines", "csv", "tsv", "parquet"]
Compression = Literal["gzip", "zstd"]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it was found: where it is, and what tells whether it has changed since.

    Attributes:
        path: where it is, for the operating system.
        source: where it is, for people.
        compression: how its bytes are compressed, or None.
        size: bytes on disk.
        mtime_ns: time of its last change, in nanoseconds.
        open_flags: how it is opened.
    """

    path: Path
    source: str
    compression: Compression | None
    size: int
    mtime_ns: int
    open_flags: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class Member:
    """A text or HTML file, which is one record.

    Attributes:
        input: its id, its format and its path in the folder given.
        file: where it is.
    """

    input: Input
    file: StoredFile


@dataclass(frozen=True, slots=True)
class Source:
    """A file of many records, or a run of files of one record each.

    Attributes:
        index: its place among all sources, from 0.
        id: the first part of the ids of records that have none of their own.
        source: where it is, for people.
        path: where it is, for the operating system; of many files, the first.
        format: what is in it; "files": each member is a record.
        compression: of the whole, or None; members have their own.
        size: bytes on disk, of all members together.
        mtime_ns: time of the last change, in nanoseconds; of many files, the latest.
        identity: equal for two sources that are the same file.
        file: the file itself; of many, the first.
        members: the files of the format "files", else empty.
    """

    index: int
    id: str
    source: str
    path: Path
    format: SourceFormat
    compression: Compression | None
    size: int
    mtime_ns: int
    identity: str
    file: StoredFile = field(repr=False)
    members: tuple[Member, ...] = field(default=(), repr=False)

    def place(self, line: int | None) -> str:
        """Where a record is, for people.

        Args:
            line: its line, row or member number as `Batch.lines` has it; None: the whole source.
        """
        if line is None:
            return self.source
        return self.members[line - 1].file.source if self.members else f"{self.source}:{line}"

    def fingerprint(self) -> str:
        """64 hexadecimal digits that change with the path, size or time of any of its files."""
        files = [member.file for member in self.members] or [self.file]
        states = [(each.source if self.members else "", each.size, each.mtime_ns) for each in files]
        told = (self.identity, self.format, self.compression, states)
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Sources:
    """What is to be read, and what was found but cannot be."""

    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class Position:
    """Where reading a source goes on; all zero: at its beginning.

    Attributes:
        offset: decompressed bytes, Parquet rows or members that are behind.
        line: lines, rows or members that are behind.
        results: records and listed faults that are behind.
        finished: whether there is nothing more.

    >>> from dataclasses import asdict
    >>> Position(**asdict(Position(offset=120, line=3, results=3))).offset
    120
    """

    offset: int = 0
    line: int = 0
    results: int = 0
    finished: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some records of one source, in their order; compared by identity.

    Attributes:
        texts: of each record, as `read_documents` gives them.
        ids: of each record.
        lines: int64; the line it begins on, or its row (Parquet) or member number, from 1.
        starts: int64; where its bytes begin in the decompressed file, its line end among them.
            Parquet and members: its number from 0.
        ends: int64; where they end.
        values: of the field asked for; None where it is absent.
        skipped: what gave no record, with the reason.
        position: where reading goes on after this batch.
    """

    texts: list[str]
    ids: list[str]
    lines: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    values: list[object]
    skipped: list[Skipped]
    position: Position


class Found(NamedTuple):
    """A record, as a reader finds it; `last_line` is the last one that it takes."""

    text: str
    id: str
    value: object
    line: int
    start: int
    end: int
    last_line: int


class Missed(NamedTuple):
    """A line or row that gives no record; `is_last`: nor does anything behind it."""

    fault: Fault
    end: int
    last_line: int
    is_last: bool = False


class Reader(Protocol):
    """What reads the sources of one format."""

    def items(self, start: Position) -> Iterator[Found | Missed]:
        """Records and faults in order, from a position on."""

    def texts(self, starts: list[int], ends: list[int]) -> Iterator[str]:
        """The texts of the records at these ascending spans.

        Raises:
            InputError: there is no record: the source has changed.
        """
