"""Records: the lines of a JSON lines file and the rows of a table.

In: a binary stream of JSON lines, or the text of a CSV or TSV file. Out: for each line or row a
`Record`, which becomes a document, or a `Fault`, which says why it does not; in their order.
Lines without anything on them are no records. One bad line never costs the others.

JSON is read as Python's json module reads it: NaN is let through in fields that are not used, and
of two fields of one name the last counts. A table has a header row; quoting is strictly that of
RFC 4180: a cell that begins with a quote ends with one, and a quote in it is doubled.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
import re
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from dupdetect.config import ReadingConfig
from dupdetect.text.decoding import REPLACEMENT, Decoded

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_NAMES = 8  # field names that a message lists
_MAX_NAME_CHARS = 40  # of one name in a message
_MAX_FIELD_CHARS = 2**31 - 1  # the largest limit that csv takes on every platform


@dataclass(frozen=True, slots=True)
class Record:
    """A line or row that becomes a document.

    Attributes:
        line: the line it begins on, counted from 1.
        text: its text, as it stands there; lone surrogates are replaced by U+FFFD.
        id: its id, or None if it has none and is to be named after its place.
        encoding: what it was decoded with.
        note: what a reader must know of the decoding.
    """

    line: int
    text: str
    id: str | None
    encoding: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line or row, or with no line the whole file, gives no record."""

    line: int | None
    reason: str


class _UnusableError(Exception):
    """A record that cannot become a document; its text is the reason."""


def json_lines(
    stream: BinaryIO, config: ReadingConfig, decode: Callable[[bytes], Decoded]
) -> Iterator[Record | Fault]:
    r"""The records of a stream of JSON lines, one object on each line.

    Not more than one line is held at a time, and of a line beyond `config.max_line_size` nothing.

    Args:
        stream: the bytes; lines end with a line feed.
        config: which fields hold the text and the id, and how long a line may be.
        decode: from the bytes of one line to its characters.

    Raises:
        OSError, EOFError, zlib.error: what the stream itself raises.

    >>> stream = io.BytesIO(b'{"text": "One.", "id": 7}\n{"body": "Two."}\n')
    >>> for each in json_lines(stream, ReadingConfig(), lambda line: Decoded(line.decode(), "")):
    ...     print(each)
    Record(line=1, text='One.', id='7', encoding='', note='')
    Fault(line=2, reason='no field "text" (found "body"); try --text-field body')
    """
    for number, line, size in _lines(stream, config.max_line_size):
        if size > config.max_line_size:
            yield too_long("line", number, size, config)
        elif isinstance(found := json_line(number, decode(line), config), Fault):
            yield found
        elif found:
            yield found[0]


def json_line(
    number: int, decoded: Decoded, config: ReadingConfig, *, blank: bool = False
) -> tuple[Record, Mapping[str, object]] | Fault | None:
    """The record of one JSON line and all its fields; None for a line with nothing on it.

    With `blank`, a text may be empty or only white space; else that is a fault.

    >>> json_line(3, Decoded('{"text": "One.", "year": 2020}', ""), ReadingConfig())[1]
    {'text': 'One.', 'year': 2020}
    """
    if not decoded.text or decoded.text.isspace():
        return None
    try:
        fields = _json_object(decoded.text)
        return _record(number, fields, config, decoded, blank=blank), fields
    except _UnusableError as unusable:
        return Fault(number, str(unusable))


def record_of_fields(
    line: int, fields: Mapping[str, object], config: ReadingConfig, *, blank: bool = False
) -> Record | Fault:
    """The record of fields that are values already; `blank` as for `json_line`.

    >>> record_of_fields(1, {"text": None}, ReadingConfig())
    Fault(line=1, reason='field "text" holds null, not text')
    """
    try:
        return _record(line, fields, config, Decoded("", ""), blank=blank)
    except _UnusableError as unusable:
        return Fault(line, str(unusable))


def field_value(fields: Mapping[str, object], name: str) -> object:
    """The value of a field, or None if it is absent; a dot leads into nested objects.

    >>> field_value({"meta": {"year": 2020}}, "meta.year")
    2020
    """
    value = _field(fields, name)
    return None if value is _ABSENT else value


def without_lone_surrogates(text: str) -> str:
    r"""The text with U+FFFD for each lone surrogate; no encoding can write those.

    >>> without_lone_surrogates("\ud800!")
    '\ufffd!'
    """
    return _LONE_SURROGATE.sub(REPLACEMENT, text)


def too_long(what: str, number: int, size: int, config: ReadingConfig) -> Fault:
    """The fault of a line, row or text beyond `config.max_line_size`.

    >>> too_long("line", 2, 17, ReadingConfig(max_line_size=16)).reason
    'a line of 17 bytes; allowed: 16 (reading.max_line_size)'
    """
    allowed = f"allowed: {config.max_line_size:,} (reading.max_line_size)"
    return Fault(number, f"a {what} of {size:,} bytes; {allowed}")


def table_rows(decoded: Decoded, delimiter: str, config: ReadingConfig) -> Iterator[Record | Fault]:
    r"""The records of a table with a header row.

    Args:
        decoded: the text of the table.
        delimiter: what stands between two cells of a row.
        config: which columns hold the text and the id.

    >>> list(table_rows(Decoded('id,text\na,"One,\ntwo."\n', ""), ",", ReadingConfig()))
    [Record(line=2, text='One,\ntwo.', id='a', encoding='', note='')]
    """
    header, *rows = _csv_rows(decoded.text, delimiter) or [Fault(None, "no header row")]
    if isinstance(header, Fault):
        yield header
    elif problem := header_problem(header.cells, rows, config):
        yield Fault(header.line, problem)
    else:
        for row in rows:
            yield row if isinstance(row, Fault) else table_record(header, row, config, decoded)


def table_delimiter(text: str, usual: str) -> str:
    r"""What parts the cells of a table: the usual delimiter, or one that its header has instead.

    Spreadsheets write ";" where the comma is the decimal mark, and tabs into UTF-16.

    >>> table_delimiter("id;text\na;One, two.", usual=",")
    ';'
    """
    header = text[: text.find("\n") + 1] or text
    return next((each for each in (usual, ";", "\t", ",") if each in header), usual)


def _lines(stream: BinaryIO, max_size: int) -> Iterator[tuple[int, bytes, int]]:
    """Number, content and size of each line; of a line that is too long, only the size."""
    for number in itertools.count(1):
        line = stream.readline(max_size + 1)
        if not line:
            return
        size = len(line.removesuffix(b"\n"))
        if size > max_size:
            line = b""
            while rest := stream.readline(2**16):
                size += len(rest.removesuffix(b"\n"))
                if rest.endswith(b"\n"):
                    break
        yield number, line, size


def _json_object(text: str) -> Mapping[str, object]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        reason = f"not valid JSON: {error.msg} (column {error.colno})"
        raise _UnusableError(reason) from None
    except RecursionError:
        raise _UnusableError("not readable JSON: nested too deeply") from None
    except ValueError:  # a whole number beyond the limit of int()
        raise _UnusableError("not readable JSON: a number has too many digits") from None
    if not isinstance(value, dict):
        raise _UnusableError(f"the line holds {_kind(value)}, not a JSON object")
    return value


def _record(
    line: int,
    fields: Mapping[str, object],
    config: ReadingConfig,
    decoded: Decoded,
    *,
    blank: bool,
) -> Record:
    text, n_replaced = _text(fields, config.text_field, config.id_field, blank=blank)
    notes = [decoded.note] if decoded.note else []
    if n_replaced:
        notes.append(f"lone surrogates replaced by U+FFFD: {n_replaced:,}")
    return Record(line, text, _id(fields, config.id_field), decoded.encoding, note="; ".join(notes))


_ABSENT = object()


def _field(fields: Mapping[str, object], name: str) -> object:
    """The value of a field; a dot leads into nested objects, unless a name has the dot itself."""
    if name in fields:
        return fields[name]
    value: object = fields
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return _ABSENT
        value = value[part]
    return value


def _text(
    fields: Mapping[str, object], name: str, id_field: str | None, *, blank: bool
) -> tuple[str, int]:
    """The text of a record, and how many lone surrogates in it were replaced."""
    value = _field(fields, name)
    if value is _ABSENT:
        raise _UnusableError(_absent("field", name, fields, "--text-field", {id_field, "id"}))
    if not isinstance(value, str):
        raise _UnusableError(f"field {_quoted(name)} holds {_kind(value)}, not text")
    if not blank and (not value or value.isspace()):
        state = "holds only white space" if value else "is empty"
        raise _UnusableError(f"field {_quoted(name)} {state}")
    if value.isascii():
        return value, 0
    # They come from escapes such as "\ud800", and no encoding can write them.
    return _LONE_SURROGATE.subn(REPLACEMENT, value)


def _id(fields: Mapping[str, object], name: str | None) -> str | None:
    if name == "":
        return None
    value = _field(fields, name or "id")
    if value is _ABSENT:
        if name is None:
            return None
        raise _UnusableError(_absent("field", name, fields, "--id-field", set()))
    whole = isinstance(value, int) and not isinstance(value, bool)
    if whole or (isinstance(value, float) and math.isfinite(value)):
        return str(value)
    if not isinstance(value, str):
        reason = f"field {_quoted(name or 'id')} holds {_kind(value)}; an id is text or a number"
        raise _UnusableError(reason)
    if not value or value.isspace():
        raise _UnusableError(f"field {_quoted(name or 'id')} is empty; a document needs an id")
    return value.encode("utf-8", "backslashreplace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row, and the line it begins on."""

    line: int
    cells: list[str]


def _csv_rows(text: str, delimiter: str) -> list[Row | Fault]:
    """The rows of a table, without empty ones.

    Strictly: a lenient reader takes the quotes of '"Yes," she said' away, and of a quote that never
    closes it makes one cell with all that follows.
    """
    rows: list[Row | Fault] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    with unlimited_fields():
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return rows
            except csv.Error as error:
                rows.append(Fault(line, why_malformed(error, line, reader.line_num)))
            else:
                if cells:
                    rows.append(Row(line, cells))


def why_malformed(error: csv.Error, first: int, last: int) -> str:
    """Why csv could not read the row on these lines."""
    lines = f"line {last}" if first == last else f"lines {first} to {last}"
    return f"not valid CSV: {error}, in {lines}; a quote in a quoted cell must be doubled"


@contextmanager
def unlimited_fields() -> Iterator[None]:
    """Let csv read fields of any size; its limit belongs to the process, so put it back.

    Threads may read tables side by side: the last one to leave puts it back.
    """
    with _FIELD_LIMIT.lock:
        if not _FIELD_LIMIT.users:
            _FIELD_LIMIT.before = csv.field_size_limit(_MAX_FIELD_CHARS)
        _FIELD_LIMIT.users += 1
    try:
        yield
    finally:
        with _FIELD_LIMIT.lock:
            _FIELD_LIMIT.users -= 1
            if not _FIELD_LIMIT.users:
                csv.field_size_limit(_FIELD_LIMIT.before)


@dataclass(slots=True)
class _FieldLimit:
    """Who is reading tables now, and the limit of csv that was found by the first of them."""

    lock: threading.Lock
    users: int = 0
    before: int = 0


_FIELD_LIMIT = _FieldLimit(threading.Lock())


def header_problem(
    header: Sequence[str], rows: Sequence[Row | Fault], config: ReadingConfig
) -> str:
    """Why no row of the table can be read, or ""."""
    example = next((row.cells[: len(header)] for row in rows if isinstance(row, Row)), [])
    columns = dict(itertools.zip_longest(header, example, fillvalue=""))
    for name, option in ((config.text_field, "--text-field"), (config.id_field, "--id-field")):
        if name and name not in columns:
            return _absent("column", name, columns, option, {config.id_field, "id"})
    for name in (config.text_field, config.id_field or "id"):
        if header.count(name) > 1:
            return f"column {_quoted(name)} stands {header.count(name)} times in the header"
    return "" if rows else "no rows below the header"


def table_record(
    header: Row, row: Row, config: ReadingConfig, decoded: Decoded, *, blank: bool = False
) -> Record | Fault:
    """The record of one row of a table; `blank` as for `json_line`."""
    try:
        fields = _cells_by_column(header.cells, row.cells, config)
        return _record(row.line, fields, config, decoded, blank=blank)
    except _UnusableError as unusable:
        return Fault(row.line, str(unusable))


def _cells_by_column(
    header: Sequence[str], cells: Sequence[str], config: ReadingConfig
) -> dict[str, str]:
    """The cells of a row by column; a short row lacks the last ones."""
    if any(cells[len(header) :]):
        raise _UnusableError(
            f"{len(cells)} cells, but the header has {len(header)}; "
            "is a text with a delimiter in it not quoted?"
        )
    row = dict(zip(header, cells, strict=False))
    for name in (config.text_field, config.id_field):
        if name and name not in row:
            reason = f"no cell for column {_quoted(name)}: {len(cells)} of {len(header)} cells"
            raise _UnusableError(reason)
    return row


def _absent(
    noun: str, name: str, fields: Mapping[str, object], option: str, ids: Collection[str | None]
) -> str:
    """That a field is not there, what is, and which of it may be meant: none of the ids."""
    found = ", ".join(_quoted(each) for each in itertools.islice(fields, _MAX_NAMES))
    more = f" and {len(fields) - _MAX_NAMES:,} more" if len(fields) > _MAX_NAMES else ""
    message = f"no {noun} {_quoted(name)} (found {found or 'none'}{more})"
    # The longest string is the likeliest text; for an id no guess is better than another.
    texts = {
        each: len(value)
        for each, value in fields.items()
        if isinstance(value, str) and each not in ids
    }
    if option == "--text-field" and texts:
        likeliest = max(texts, key=lambda each: texts[each])
        plain = likeliest if re.fullmatch(r"[\w.-]{1,40}", likeliest) else _quoted(likeliest)
        return f"{message}; try {option} {plain}"
    return f"{message}; name another with {option}"


def _quoted(name: str) -> str:
    """A name in double quotes, shortened, with control characters escaped."""
    short = name if len(name) <= _MAX_NAME_CHARS else f"{name[: _MAX_NAME_CHARS - 1]}…"
    quoted = json.dumps(short, ensure_ascii=False)
    return quoted.encode("utf-8", "backslashreplace").decode("utf-8")


def _kind(value: object) -> str:
    """What a JSON value is, with its article."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "an object"
