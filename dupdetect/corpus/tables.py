r"""Tables as a stream: the rows of CSV and TSV files with the spans of their bytes.

In: a source of any size. Out: the records and faults that `dupdetect.text.records.table_rows` finds
in it, each with its place in the bytes. Cells may hold line ends, so a row takes lines until the
csv module of Python has it whole; the bytes handed over are counted. A row beyond
`config.max_line_size`, as an unclosed quote makes one, is passed over up to the line where its
quotes are even.

A table has one encoding. A first pass tells whether it is UTF-8; if not, it is decided as for a
document, from the whole file or, of a large one, from its first 64 MiB of lines beyond ASCII.
"""

from __future__ import annotations

import codecs
import csv
import functools
import io
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass

from dupdetect.config import ReadingConfig
from dupdetect.corpus.json_records import why_wide
from dupdetect.corpus.streams import BLOCK_BYTES, ByteStream, StreamFault, changed, opened, spans
from dupdetect.corpus.values import Found, Missed, Position, Source
from dupdetect.text.decoding import Decoded, Decoder, byte_order_mark, why_binary
from dupdetect.text.records import (
    Fault,
    Row,
    header_problem,
    table_delimiter,
    table_record,
    too_long,
    unlimited_fields,
    why_malformed,
    without_lone_surrogates,
)

_USUAL_DELIMITERS = {"csv": ",", "tsv": "\t"}
_SAMPLE_BYTES = 64 * 2**20  # from which the encoding of a large table is decided
_HEAD_BYTES = 2**20  # what tells a table from a file of another kind


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is to be read.

    Attributes:
        encoding: of its rows.
        delimiter: what stands between two cells.
        header: the names of its columns.
        header_bytes: the header as it stands there, with a byte order mark and its line end.
        rows: where its rows begin.
    """

    encoding: str
    delimiter: str
    header: Row
    header_bytes: bytes
    rows: Position


@functools.lru_cache(maxsize=64)
def layout(source: Source, config: ReadingConfig) -> Layout | Fault:
    """How a table is to be read, or why it cannot be.

    Raises:
        StreamFault: it cannot be read so far.
        InputError: it has changed.
    """
    encoding, reason = _encoding(source, config)
    if reason:
        return Fault(None, reason)
    with opened(source.file) as stream:
        head = stream.read_all(len(codecs.BOM_UTF8))
        mark = codecs.BOM_UTF8 if head == codecs.BOM_UTF8 and encoding == "utf-8" else b""
        first = _first_line(stream, head.removeprefix(mark), config)
    usual = _USUAL_DELIMITERS[source.format]
    delimiter = table_delimiter(_decoded(first, encoding), usual)
    begin = Position(offset=len(mark))
    with closing(_rows(source, config, encoding, delimiter, begin)) as rows:
        row, start, end, last_line = next(rows, (Fault(None, "no header row"), 0, 0, 0))
        if isinstance(row, Fault):
            return row
        below: list[Row | Fault] = []
        for each, *_ in rows:
            below = [each]
            if isinstance(each, Row):
                break  # an example, which a message may need
    if problem := header_problem(row.cells, below, config):
        return Fault(row.line, problem)
    (header_bytes,) = spans(source.file, [start], [end])
    return Layout(encoding, delimiter, row, mark + header_bytes, Position(end, last_line))


class TableReader:
    """Reads one table.

    Args:
        source: where it is.
        config: which columns hold the text and the id, the encoding, and the longest row.
        field: a further column whose cells are wanted, or None.
    """

    def __init__(self, source: Source, config: ReadingConfig, field: str | None = None) -> None:
        self._source = source
        self._config = config
        self._field = field

    def items(self, start: Position) -> Iterator[Found | Missed]:
        """Records and faults in order; see `dupdetect.corpus.values.Reader`."""
        found = layout(self._source, self._config)
        if isinstance(found, Fault):
            yield Missed(found, 0, 0, is_last=True)
            return
        begin = start if start.offset else found.rows
        rows = _rows(self._source, self._config, found.encoding, found.delimiter, begin)
        columns = {name: place for place, name in enumerate(found.header.cells)}
        n_columns = len(found.header.cells)
        text_column = columns[self._config.text_field]
        id_column = columns.get("id") if self._config.id_field is None else None
        if self._config.id_field:
            id_column = columns[self._config.id_field]
        value_column = columns.get(self._field) if self._field else None
        for row, begins, ends, last_line in rows:
            if isinstance(row, Fault):
                yield Missed(row, ends, last_line)
                continue
            cells = row.cells
            value = _cell(cells, value_column)
            text = cells[text_column] if len(cells) == n_columns else None
            id = _cell(cells, id_column)
            named = id_column is None or (id and id.isascii() and not id.isspace())
            if text is not None and named:  # nothing odd about it
                text = text if text.isascii() else without_lone_surrogates(text)
            else:
                record = table_record(found.header, row, self._config, Decoded("", ""), blank=True)
                if isinstance(record, Fault):
                    yield Missed(record, ends, last_line)
                    continue
                text, id = record.text, record.id
            id = id if id is not None else f"{self._source.id}:{row.line}"
            yield Found(text, id, value, row.line, begins, ends, last_line)

    def texts(self, starts: list[int], ends: list[int]) -> Iterator[str]:
        """The texts at these spans; see `dupdetect.corpus.values.Reader`."""
        file = self._source.file
        found = layout(self._source, self._config)
        if isinstance(found, Fault):
            raise changed(file, found.reason)
        column = found.header.cells.index(self._config.text_field)
        for data in spans(file, starts, ends):
            text = io.StringIO(_decoded(data, found.encoding), newline="")
            with unlimited_fields():
                try:
                    rows = list(csv.reader(text, delimiter=found.delimiter, strict=True))
                except csv.Error:
                    rows = []
            if len(rows) != 1 or len(rows[0]) <= column:
                raise changed(file, "a record is gone")
            yield without_lone_surrogates(rows[0][column])


def _cell(cells: list[str], column: int | None) -> str | None:
    return cells[column] if column is not None and column < len(cells) else None


# Rows


def _rows(
    source: Source, config: ReadingConfig, encoding: str, delimiter: str, start: Position
) -> Generator[tuple[Row | Fault, int, int, int], None, None]:
    """Each row that is not empty, or why it is none; where it begins and ends; its last line."""
    with unlimited_fields(), opened(source.file) as stream:
        stream.skip_to(start.offset)
        lines = _Lines(stream, encoding, config.max_line_size, start.line)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            first = lines.number + 1
            begins = lines.begin_row()
            row: Row | Fault
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                row = Fault(first, why_malformed(error, first, lines.number))
            except _RowTooLongError:
                row = too_long("row", first, lines.pass_over_row(), config)
                reader = csv.reader(lines, delimiter=delimiter, strict=True)
            else:
                if not cells:
                    continue
                row = Row(first, cells)
            yield row, begins, lines.offset, lines.number


class _RowTooLongError(Exception):
    """A row is larger than may be held."""


class _Lines(Iterator[str]):
    """The decoded lines of a table, handed out one by one to csv.

    Attributes:
        number: lines that were handed out, those before the start of the stream with them.
        offset: where the last of them ends.
    """

    def __init__(self, stream: ByteStream, encoding: str, max_row: int, number: int) -> None:
        self._pieces = _pieces(stream)
        self._encoding = encoding
        self._max_row = max_row
        self.number = number
        self.offset = stream.offset
        self._begin = stream.offset
        self._n_quotes = 0
        self._within_line = False

    def begin_row(self) -> int:
        """Note that a row begins here; its offset."""
        self._begin = self.offset
        self._n_quotes = 0
        return self._begin

    def __next__(self) -> str:
        piece = self._next_piece()
        if not self._within_line and self.offset - self._begin <= self._max_row:
            return _decoded(piece, self._encoding)
        parts = [piece]
        while self._within_line and self.offset - self._begin <= self._max_row:
            parts.append(self._next_piece())
        if self.offset - self._begin > self._max_row:
            raise _RowTooLongError
        return _decoded(b"".join(parts), self._encoding)

    def pass_over_row(self) -> int:
        """Go on to the end of a line at which the quotes of the row are even; its bytes."""
        try:
            while self._within_line or self._n_quotes % 2:
                self._next_piece()
        except StopIteration:
            pass
        return self.offset - self._begin

    def _next_piece(self) -> bytes:
        piece, whole = next(self._pieces)
        if not self._within_line:
            self.number += 1
        self._within_line = not whole
        self.offset += len(piece)
        self._n_quotes += piece.count(b'"')
        return piece


def _pieces(stream: ByteStream) -> Iterator[tuple[bytes, bool]]:
    """Lines with their ends, and of lines longer than a block the pieces; whether a line is over.

    Lines end as in text files of any system: with LF, CR, or both. The part of a line before a
    fault in the stream is not handed out.
    """
    rest = b""
    whole = True
    while block := stream.read(BLOCK_BYTES):
        lines = (rest + block).splitlines(keepends=True)
        # A CR at the end may be the first half of a line end.
        rest = b"" if lines[-1].endswith(b"\n") else lines.pop()
        for line in lines:
            yield line, True
            whole = True
        if len(rest) > BLOCK_BYTES:
            held_back = rest[-1:] if rest.endswith(b"\r") else b""
            yield rest.removesuffix(held_back), False
            rest = held_back
            whole = False
    if rest or not whole:
        yield rest, True


def _first_line(stream: ByteStream, head: bytes, config: ReadingConfig) -> bytes:
    """The bytes up to the first line feed, or as many as a row may have."""
    line = head
    while (
        b"\n" not in line
        and len(line) < config.max_line_size
        and (more := stream.read(BLOCK_BYTES))
    ):
        line += more
    return line[: line.find(b"\n") + 1] or line


# Encodings


def _decoded(data: bytes, encoding: str) -> str:
    if encoding == "utf-8":
        return data.decode("utf-8", "replace")
    return Decoder(encoding).decode(data).text


def _encoding(source: Source, config: ReadingConfig) -> tuple[str, str]:
    """What the rows of a table are decoded with; or "" and why it is no table."""
    head, is_utf8, is_blank = _survey(source)
    told = config.encoding or byte_order_mark(head)
    if not head.removeprefix(codecs.BOM_UTF8):
        return "", "empty"
    if reason := why_wide(head, config):
        return "", reason
    if reason := why_binary(head.removeprefix(codecs.BOM_UTF8)):
        return "", reason
    if is_blank:
        return "", "only white space"
    if config.encoding:
        name = codecs.lookup(config.encoding).name
        return ("utf-8" if name in ("utf-8", "utf-8-sig") else config.encoding), ""
    if told or is_utf8:
        return "utf-8", ""
    return Decoder().decode(_sample(source)).encoding, ""


def _survey(source: Source) -> tuple[bytes, bool, bool]:
    """The first block; whether all is UTF-8; whether all is white space: by one pass."""
    head = b""
    is_blank = True
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with opened(source.file) as stream:
            block = head = stream.read_all(_HEAD_BYTES)
            while block:
                is_blank = is_blank and (not block.strip() or block == codecs.BOM_UTF8)
                if not block.isascii() or decoder.getstate()[0]:
                    decoder.decode(block)
                block = stream.read(BLOCK_BYTES)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return head, False, False
    except StreamFault:
        if not head:
            raise  # else it is told when the rows are read up to there
    return head, True, is_blank


def _sample(source: Source) -> bytes:
    """What a table's encoding is decided from."""
    first: list[bytes] = []  # all of a small file
    beyond: list[bytes] = []  # lines beyond ASCII, all through a large one
    n_first = n_beyond = 0
    with suppress(StreamFault), opened(source.file) as stream:
        for piece, _ in _pieces(stream):
            if n_first < _SAMPLE_BYTES:
                first.append(piece)
                n_first += len(piece)
            if not piece.isascii() and n_beyond < _SAMPLE_BYTES:
                beyond.append(piece)
                n_beyond += len(piece)
            elif n_first >= _SAMPLE_BYTES <= n_beyond:
                break
    return b"".join(beyond if n_first >= _SAMPLE_BYTES else first)
