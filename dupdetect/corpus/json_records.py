"""JSON lines as a stream: records with the spans of their bytes.

In: a source of JSON lines of any size. Out: the records and faults that
`dupdetect.text.records.json_lines` finds in it, each with its place in the bytes; besides, a text
of nothing or only white space is a record here.
Method: blocks of whole lines; each line is decoded as UTF-8 and scanned by Python's own JSON
scanner. Whatever is odd about a line sends it the careful way, through that function's own steps.
"""

from __future__ import annotations

import codecs
import functools
import json
from collections.abc import Iterator, Mapping

from dupdetect.config import ReadingConfig
from dupdetect.corpus.streams import BLOCK_BYTES, ByteStream, StreamFault, changed, opened, spans
from dupdetect.corpus.values import Found, Missed, Position, Source
from dupdetect.text.decoding import Decoded, Decoder, byte_order_mark, why_binary
from dupdetect.text.records import (
    Fault,
    field_value,
    json_line,
    too_long,
    without_lone_surrogates,
)

_HEAD_BYTES = 2**16  # what tells JSON lines from a file of another kind
_ABSENT = object()
# The scanner that json.loads uses, without its search for white space around the value.
_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


class JsonLinesReader:
    """Reads one source of JSON lines.

    Args:
        source: where it is.
        config: which fields hold the text and the id, the encoding, and the longest line.
        field: a further field whose values are wanted, or None.
    """

    def __init__(self, source: Source, config: ReadingConfig, field: str | None = None) -> None:
        self._source = source
        self._config = config
        self._field = field
        self._id_field = config.id_field if config.id_field is not None else "id"
        # In UTF-8, or nobody said what else: then what is valid UTF-8 is in UTF-8.
        self._is_utf8 = config.encoding is None or codecs.lookup(config.encoding).name == "utf-8"
        self._decoder = _FirstGuessDecoder(source, config)

    def items(self, start: Position) -> Iterator[Found | Missed]:
        """Records and faults in order; see `dupdetect.corpus.values.Reader`."""
        with opened(self._source.file) as stream:
            if start.offset == 0:
                head = stream.read_all(_HEAD_BYTES)
                if reason := _why_unreadable(head, self._config):
                    yield Missed(Fault(None, reason), 0, 0, is_last=True)
                    return
            else:
                head = b""
                stream.skip_to(start.offset)
            yield from self._items(_lines(stream, head, self._config.max_line_size), start)

    def texts(self, starts: list[int], ends: list[int]) -> Iterator[str]:
        """The texts at these spans; see `dupdetect.corpus.values.Reader`."""
        file = self._source.file
        for start, line in zip(starts, spans(file, starts, ends), strict=True):
            if start == len(codecs.BOM_UTF8) and _has_mark(self._source):
                line = codecs.BOM_UTF8 + line  # as it was read the first time
            item = self._item(0, line.removesuffix(b"\n"), start, start + len(line))
            if not isinstance(item, Found):
                raise changed(file, "a record is gone")
            yield item.text

    def _items(
        self, lines: Iterator[tuple[int, bytes | int, int]], start: Position
    ) -> Iterator[Found | Missed]:
        number = start.line
        for offset, line, end in lines:
            number += 1
            if isinstance(line, int):
                yield Missed(too_long("line", number, line, self._config), end, number)
                continue
            item = self._item(number, line, offset, end)
            if item:
                yield item

    def _item(self, number: int, line: bytes, start: int, end: int) -> Found | Missed | None:
        return self._quick_item(number, line, start, end) or self._careful_item(
            number, line, start, end
        )

    def _quick_item(self, number: int, line: bytes, start: int, end: int) -> Found | None:
        """The record of a line with nothing odd about it, else None."""
        config = self._config
        if not self._is_utf8:
            return None
        try:
            decoded = line.decode()
            fields, stop = _scan(decoded, 0)
        except (ValueError, StopIteration, RecursionError):
            return None
        if type(fields) is not dict or (stop != len(decoded) and decoded[stop:] != "\r"):
            return None
        text = fields.get(config.text_field)
        if type(text) is not str:
            return None
        # Only escapes make lone surrogates: "\ud800".
        if not text.isascii() and ("\\ud" in decoded or "\\uD" in decoded):
            text = without_lone_surrogates(text)
        id = fields.get(self._id_field, _ABSENT) if self._id_field else _ABSENT
        if id is _ABSENT and not config.id_field:
            id = f"{self._source.id}:{number}"
        elif type(id) is not str or not id.isascii() or not id or id.isspace():
            return None
        value = field_value(fields, self._field) if self._field else None
        return Found(text, id, value, number, start, end, number)

    def _careful_item(
        self, number: int, line: bytes, start: int, end: int
    ) -> Found | Missed | None:
        line += b"\n" * (end - start - len(line))  # a message may tell what stands there
        decoded = self._decoder.decode(line, start)
        found = json_line(number, decoded, self._config, blank=True)
        if found is None:
            return None
        if isinstance(found, Fault):
            return Missed(found, end, number)
        record, fields = found
        id = record.id if record.id is not None else f"{self._source.id}:{number}"
        value = _value(fields, self._field)
        if line.startswith(codecs.BOM_UTF8) and start == 0:
            start = len(codecs.BOM_UTF8)  # a mark belongs to its file, not to the record
        return Found(record.text, id, value, number, start, end, number)


@functools.lru_cache(maxsize=1024)
def encoding_of_lines(source: Source, config: ReadingConfig) -> str:
    """What the lines of a source are decoded with: of ASCII and UTF-8, "utf-8".

    Raises:
        InputError: it has changed.
    """
    if config.encoding:
        return codecs.lookup(config.encoding).name
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with opened(source.file) as stream:
            while block := stream.read(BLOCK_BYTES):
                if not block.isascii() or decoder.getstate()[0]:
                    decoder.decode(block)
    except UnicodeDecodeError:
        line = _first_guessed_line(source, config)
        return Decoder().decode(line).encoding if line else "utf-8"
    except StreamFault:
        pass  # what stands behind the fault is never read
    return "utf-8"


class _FirstGuessDecoder:
    """Decodes lines as one `Decoder` that had read the source from its beginning.

    A guess of the encoding is made from the first line that needs one, and holds for the rest: a
    reader that begins in the middle goes back to find that line.
    """

    def __init__(self, source: Source, config: ReadingConfig) -> None:
        self._source = source
        self._config = config
        self._decoder = Decoder(config.encoding)
        self._primed = config.encoding is not None

    def decode(self, line: bytes, offset: int) -> Decoded:
        if not self._primed and not byte_order_mark(line) and not _is_utf8(line):
            self._primed = True
            if offset and (first := _first_guessed_line(self._source, self._config)):
                self._decoder.decode(first)
        return self._decoder.decode(line)


@functools.lru_cache(maxsize=16)
def _first_guessed_line(source: Source, config: ReadingConfig) -> bytes | None:
    """The first line whose encoding has to be guessed."""
    try:
        with opened(source.file) as stream:
            for start, line, end in _lines(stream, b"", config.max_line_size):
                if isinstance(line, int) or _is_utf8(line):
                    continue
                line += b"\n" * (end - start - len(line))
                if Decoder().decode(line).note.startswith("encoding guessed"):
                    return line
    except StreamFault:
        return None  # what stands behind the fault is never read
    return None


@functools.lru_cache(maxsize=64)
def _has_mark(source: Source) -> bool:
    """Whether the source begins with a byte order mark of UTF-8."""
    with opened(source.file) as stream:
        return stream.read_all(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _value(fields: Mapping[str, object], field: str | None) -> object:
    return field_value(fields, field) if field else None


def _why_unreadable(head: bytes, config: ReadingConfig) -> str:
    """Why a source that begins so gives no records at all, or ""."""
    if not head:
        return "empty"
    if reason := why_wide(head, config):
        return reason
    is_json = head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{")
    return "" if is_json or config.encoding else why_binary(head)


def why_wide(head: bytes, config: ReadingConfig) -> str:
    """Why a file in UTF-16 or its kind cannot be read as lines of bytes, or "".

    A record of it could not be kept byte for byte beside those of other files.
    """
    name = config.encoding or byte_order_mark(head)
    wide = name and "\n".encode(name.removesuffix("-sig")) != b"\n"
    if not wide:
        return ""
    return f"its encoding is {name}: records are kept byte for byte; convert it to UTF-8 first"


def _lines(
    stream: ByteStream, head: bytes, max_size: int
) -> Iterator[tuple[int, bytes | int, int]]:
    """Each line: where it begins, its bytes, and where it ends, its line feed with it.

    Of a line that is too long, the number of its bytes stands in their place.

    Args:
        stream: the bytes.
        head: what was read of it already.
        max_size: of a line, without its line feed.
    """
    offset = stream.offset - len(head)
    parts: list[bytes] = []  # of a line that is not whole yet
    size = 0
    block = head or stream.read(BLOCK_BYTES)
    while block:
        first = block.find(b"\n")
        if first >= 0 and size:
            size += first
            line = b"".join([*parts, block[:first]]) if size <= max_size else size
            yield offset, line, offset + size + 1
            offset += size + 1
            block = block[first + 1 :]
            parts, size = [], 0
        lines = block.split(b"\n")
        rest = lines.pop()
        for each in lines:
            end = offset + len(each) + 1
            yield offset, each if len(each) <= max_size else len(each), end
            offset = end
        if rest:
            size += len(rest)
            parts.append(rest)
            if size > max_size:
                parts.clear()
        block = stream.read(BLOCK_BYTES)
    if size:
        yield offset, b"".join(parts) if size <= max_size else size, offset + size
