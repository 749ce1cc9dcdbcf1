"""Streams: the decompressed bytes of a stored file, forwards, block by block.

In: a `StoredFile`. Out: its bytes from any offset on, or those of ascending spans. A plain file is
sought in; a compressed one is decompressed up to the place.
Truncated and corrupt data, and data that expands beyond reason, end in a `StreamFault`, after all
that stands before. A file that is not the one that was found is an `InputError`.

This module is the only door to zstd: `compression.zstd` of Python 3.14, or `backports.zstd`.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from dupdetect.corpus.values import Compression, StoredFile
from dupdetect.errors import InputError
from dupdetect.text.reading import why, why_special

#: Bytes read at a time: large enough that calls cost nothing, small enough for the L2 cache.
BLOCK_BYTES = 2**20

# A decompression bomb: gzip reaches 1,032 to 1, zstd far more, text without design about 10 to 1.
# Below this size no harm is done whatever the ratio; logs of equal lines have their right, too.
HARMLESS_BYTES = 256 * 2**20
MAX_EXPANSION = 200

_COMPRESSED_BLOCK_BYTES = 2**18
_GZIP_WINDOW = zlib.MAX_WBITS | 16  # with header and check sum
_GZIP_LEVEL = 6  # the default of gzip(1); 9 takes twice the time for 1 % less
_NEAR_BYTES = 2**16  # a gap between two spans that is cheaper to read than to seek over

_CHANGED = "the input changed during the run; start anew when nothing writes to it"


class StreamFault(Exception):
    """The bytes of a file end here before their time; its text is the reason."""


class ByteStream:
    """Decompressed bytes, read forwards.

    Attributes:
        offset: how many bytes are behind.
    """

    def __init__(self, read: Callable[[int], bytes], seek: Callable[[int], object] | None) -> None:
        self._read = read
        self._seek = seek
        self._fault: StreamFault | None = None
        self.offset = 0

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end.

        Raises:
            StreamFault: the data is truncated or corrupt, expands too far, or cannot be read.
        """
        if self._fault is not None:
            raise self._fault
        try:
            data = self._read(size)
        except OSError as error:
            raise StreamFault(why(error)) from None
        self.offset += len(data)
        return data

    def read_all(self, size: int) -> bytes:
        """`size` bytes, or what is left; a fault behind some bytes waits for the next call.

        Raises:
            StreamFault: as in `read`.
        """
        data = self.read(size)
        if len(data) == size or not data:
            return data
        parts = [data]
        missing = size - len(data)
        try:
            while missing and (data := self.read(missing)):
                parts.append(data)
                missing -= len(data)
        except StreamFault as fault:
            self._fault = fault
        return b"".join(parts)

    def skip_to(self, offset: int) -> None:
        """Go forwards to an offset; beyond the end there is nothing to read.

        Raises:
            StreamFault: as in `read`.
        """
        if self._seek is not None:
            self._seek(offset)
            self.offset = offset
            return
        while self.offset < offset and self.read(min(BLOCK_BYTES, offset - self.offset)):
            pass


@contextmanager
def opened(stored: StoredFile) -> Iterator[ByteStream]:
    """The decompressed bytes of a file.

    Raises:
        StreamFault: it cannot be opened, or is no regular file.
        InputError: it is not the file that was found.
    """
    with opened_raw(stored) as file:
        if stored.compression is None:
            yield ByteStream(file.read, file.seek)
        else:
            yield ByteStream(_DECOMPRESSORS[stored.compression](file), None)


@contextmanager
def opened_raw(stored: StoredFile) -> Iterator[io.FileIO]:
    """A file as it stands on disk, unbuffered.

    Raises:
        StreamFault: it cannot be opened, or is no regular file.
        InputError: it is not the file that was found.
    """
    try:
        file = io.FileIO(os.open(stored.path, stored.open_flags), "rb")
    except OSError as error:
        raise StreamFault(why(error)) from None
    with file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode):
            raise StreamFault(why_special(mode))
        _check_unchanged(file, stored)
        yield file
        _check_unchanged(file, stored)


def spans(stored: StoredFile, starts: list[int], ends: list[int]) -> Iterator[bytes]:
    """The bytes of ascending spans; neighbours are read in one go.

    Raises:
        InputError: the file has changed: a span lies beyond its end, or cannot be read any more.
    """
    try:
        with opened(stored) as stream:
            for first, last in _neighbours(starts, ends):
                stream.skip_to(starts[first])
                block = stream.read_all(ends[last - 1] - starts[first])
                if len(block) < ends[last - 1] - starts[first]:
                    raise changed(stored)
                origin = starts[first]
                for start, end in zip(starts[first:last], ends[first:last], strict=True):
                    yield block[start - origin : end - origin]
    except StreamFault as fault:
        raise changed(stored, str(fault)) from None


def changed(stored: StoredFile, reason: str = "") -> InputError:
    """The error that a file is no longer what it was when the run began."""
    return InputError(f"{_CHANGED} ({reason})" if reason else _CHANGED, source=stored.source)


def load_zstd(source: str) -> Any:  # noqa: ANN401 - a module
    """The module that reads and writes zstd.

    Raises:
        InputError: there is none; the message names the extra.
    """
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError:
        message = "reading .zst needs a package more: pip install 'dupdetect[zstd]'"
        raise InputError(message, source=source) from None
    return zstd


@contextmanager
def compressing(file: BinaryIO, compression: Compression | None) -> Iterator[BinaryIO]:
    """A file whose bytes are compressed on their way; equal bytes in give equal bytes out."""
    if compression is None:
        yield file
    elif compression == "gzip":
        # No time and no name in the header: two runs must write the same file.
        with gzip.GzipFile("", "wb", _GZIP_LEVEL, file, mtime=0) as writer:
            yield writer  # type: ignore[misc]
    else:
        with load_zstd("").ZstdFile(file, "wb") as writer:
            yield writer


def _neighbours(starts: list[int], ends: list[int]) -> Iterator[tuple[int, int]]:
    """Runs of spans that are near each other and fit a block together, as (first, last + 1)."""
    first = 0
    for place in range(1, len(starts) + 1):
        if (
            place == len(starts)
            or starts[place] - ends[place - 1] > _NEAR_BYTES
            or ends[place] - starts[first] > 4 * BLOCK_BYTES
        ):
            yield first, place
            first = place


def _check_unchanged(file: io.FileIO, stored: StoredFile) -> None:
    status = os.fstat(file.fileno())
    if (status.st_size, status.st_mtime_ns) != (stored.size, stored.mtime_ns):
        raise changed(stored)


# Decompressing


def _gzip_reader(file: io.FileIO) -> Callable[[int], bytes]:
    """A read function over the members of a gzip file.

    Not `gzip.GzipFile`: it reads 8 KiB at a time and does not tell how much it has consumed.
    """
    member = zlib.decompressobj(_GZIP_WINDOW)
    waiting = b""
    n_consumed = n_produced = n_members = 0
    begun = False  # whether the member has got any byte

    def read(size: int) -> bytes:
        nonlocal member, waiting, n_consumed, n_produced, n_members, begun
        while True:
            if not waiting:
                waiting = file.read(_COMPRESSED_BLOCK_BYTES)
                n_consumed += len(waiting)
            if not begun:
                # Padding with zeros is allowed between members and at the end (gzip(1)).
                waiting = waiting.lstrip(b"\0") if n_members else waiting
                if not waiting:
                    if _at_end(file):
                        return b""
                    continue
            elif not waiting:
                raise StreamFault("corrupt gzip: it ends too early")
            begun = True
            try:
                data = member.decompress(waiting, size)
            except zlib.error as error:
                raise StreamFault(f"corrupt gzip: {error}") from None
            waiting = member.unconsumed_tail
            if member.eof:
                waiting = member.unused_data
                member = zlib.decompressobj(_GZIP_WINDOW)
                begun = False
                n_members += 1
            if data:
                n_produced += len(data)
                _refuse_bomb(n_produced, n_consumed)
                return data

    return read


def _at_end(file: io.FileIO) -> bool:
    return file.tell() >= os.fstat(file.fileno()).st_size


def _zstd_reader(file: io.FileIO) -> Callable[[int], bytes]:
    """A read function over the frames of a zstd file."""
    zstd = load_zstd("")
    reader = zstd.ZstdFile(file, "rb")
    n_produced = 0

    def read(size: int) -> bytes:
        nonlocal n_produced
        try:
            data: bytes = reader.read1(size)
        except EOFError:
            raise StreamFault("corrupt zstd: it ends too early") from None
        except zstd.ZstdError as error:
            raise StreamFault(f"corrupt zstd: {error}") from None
        n_produced += len(data)
        _refuse_bomb(n_produced, file.tell())
        return data

    return read


_DECOMPRESSORS: dict[Compression, Callable[[io.FileIO], Callable[[int], bytes]]] = {
    "gzip": _gzip_reader,
    "zstd": _zstd_reader,
}


def _refuse_bomb(n_produced: int, n_consumed: int) -> None:
    if n_produced > HARMLESS_BYTES and n_produced > MAX_EXPANSION * n_consumed:
        message = (
            f"{n_consumed:,} compressed bytes became more than {n_produced:,}; allowed: "
            f"{MAX_EXPANSION} times as many (a decompression bomb?); decompress it yourself if "
            "you trust it"
        )
        raise StreamFault(message)
