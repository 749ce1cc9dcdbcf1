"""Parquet: records out of row groups, and kept rows into a new file.

In: a source of any size, read in slices of a row group. Out: records whose spans are row numbers;
and a file of the same schema with the rows asked for.
This module is the only door to pyarrow, which is imported on first use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from dupdetect.config import ReadingConfig
from dupdetect.corpus.streams import (
    HARMLESS_BYTES,
    MAX_EXPANSION,
    StreamFault,
    changed,
    opened_raw,
)
from dupdetect.corpus.values import Found, Missed, Position, Source, StoredFile
from dupdetect.errors import InputError
from dupdetect.text.records import Fault, Row, header_problem, record_of_fields, too_long

# Rows decoded at a time: so many bytes of them, by the average of their row group. A dictionary
# makes one long text a million rows and the average small: so also few rows, for little memory.
_BYTES_AT_ONCE = 16 * 2**20
_ROWS_AT_ONCE = 256
_ROWS_AT_ONCE_COPYING = 1024
_GROUP_BYTES = 64 * 2**20  # of a row group that is written, in memory
_GROUP_ROWS = 2**20

_NO_ROW = Row(0, [])


def load_pyarrow(source: str) -> tuple[Any, Any]:
    """The modules pyarrow and pyarrow.parquet.

    Raises:
        InputError: they are not installed; the message names the extra.
    """
    try:
        import pyarrow
        import pyarrow.compute
        import pyarrow.parquet
    except ImportError:
        message = "reading Parquet needs a package more: pip install 'dupdetect[parquet]'"
        raise InputError(message, source=source) from None
    return pyarrow, pyarrow.parquet


class ParquetReader:
    """Reads one Parquet file.

    Args:
        source: where it is.
        config: which columns hold the text and the id; a dot leads into nested columns.
        field: a further column whose values are wanted, or None. Times come as text (ISO 8601,
            those of a zone in UTC), decimal numbers as floats, nested values as None.
    """

    def __init__(self, source: Source, config: ReadingConfig, field: str | None = None) -> None:
        self._source = source
        self._config = config
        self._field = field

    def items(self, start: Position) -> Iterator[Found | Missed]:
        """Records and faults in order; see `dupdetect.corpus.values.Reader`."""
        config, id_name = self._config, self._config.id_field or "id"
        with _opened(self._source.file) as table:
            if problem := _problem(table, config, self._field):
                yield Missed(Fault(None, problem), 0, 0, is_last=True)
                return
            has_id = config.id_field != "" and _leaf(table, id_name) is not None
            field = self._field
            if field is not None and _leaf(table, field) is None:
                field = None
            names = [config.text_field, *([id_name] if has_id else [])]
            for first, columns in _slices(table, names, field, start.offset):
                values: Sequence[object] = columns[-1] if field else [None] * len(columns[0])
                for row, cells in enumerate(zip(*columns[: len(names)], strict=True), first):
                    yield self._item(row, dict(zip(names, cells, strict=True)), values[row - first])

    def texts(self, starts: list[int], ends: list[int]) -> Iterator[str]:
        """The texts at these spans; see `dupdetect.corpus.values.Reader`."""
        place = 0
        stored = self._source.file
        with _opened(stored) as table:
            try:
                for first, rows, (texts,) in _slices_with(table, [self._config.text_field], starts):
                    for row in rows:
                        yield texts[row - first]
                    place += len(rows)
            except StreamFault as fault:
                raise changed(stored, str(fault)) from None
        if place < len(starts):
            raise changed(stored, "a row is gone")

    def _item(self, row: int, fields: dict[str, object], value: object) -> Found | Missed:
        number = row + 1
        text = fields[self._config.text_field]
        if isinstance(text, str) and 4 * len(text) > self._config.max_line_size:
            size = len(text.encode())
            if size > self._config.max_line_size:
                return Missed(too_long("text", number, size, self._config), number, number)
        record = record_of_fields(number, fields, self._config, blank=True)
        if isinstance(record, Fault):
            return Missed(record, number, number)
        id = record.id if record.id is not None else f"{self._source.id}:{number}"
        return Found(record.text, id, value, number, row, number, number)


# Opening and looking


@contextmanager
def _opened(stored: StoredFile) -> Iterator[Any]:
    """A file as pyarrow.parquet.ParquetFile.

    Raises:
        StreamFault: it is malformed.
        InputError: it has changed.
    """
    _, parquet = load_pyarrow(stored.source)
    with opened_raw(stored) as raw:
        with _faults():
            table = parquet.ParquetFile(raw, buffer_size=2**20)
        yield table


@contextmanager
def _faults() -> Iterator[None]:
    """What pyarrow raises on malformed data, as a StreamFault; only around its own calls."""
    arrow, _ = load_pyarrow("")
    try:
        yield
    except (arrow.ArrowException, OSError, ValueError) as error:
        first_line = str(error).strip().partition("\n")[0]
        raise StreamFault(f"malformed Parquet: {first_line}") from None


def _problem(table: Any, config: ReadingConfig, field: str | None) -> str:  # noqa: ANN401
    """Why no row can be read, or ""."""
    arrow, _ = load_pyarrow("")
    if not table.metadata.num_rows:
        return "no rows"
    id_name = config.id_field if config.id_field is not None else "id"
    text, id = _leaf(table, config.text_field), _leaf(table, id_name) if id_name else None
    nested = [name for name, leaf in ((config.text_field, text), (id_name, id)) if leaf is not None]
    names = table.schema_arrow.names
    header = [*names, *(name for name in nested if name not in names)]
    if problem := header_problem(header, [_NO_ROW], config):
        return problem
    for name in filter(None, (config.text_field, id_name, field)):
        column = name if name in names else name.split(".")[0]
        if (n_times := names.count(column)) > 1:
            return f'column "{column}" stands {n_times} times in the header'
    if not _is_text(text):
        return f'column "{config.text_field}" holds {text}, not text'
    number = id is not None and (arrow.types.is_integer(id) or arrow.types.is_floating(id))
    if id is not None and not number and not _is_text(id):
        return f'column "{id_name}" holds {id}; an id is text or a number'
    return _why_bomb(table.metadata, config.text_field)


def _is_text(type: Any) -> bool:  # noqa: ANN401
    arrow, _ = load_pyarrow("")
    if arrow.types.is_dictionary(type):
        type = type.value_type
    return str(type) in ("string", "large_string", "string_view")


def _leaf(table: Any, name: str) -> Any:  # noqa: ANN401
    """The type of a column, nested or not, or None if there is none."""
    arrow, _ = load_pyarrow("")
    schema = table.schema_arrow
    if name in schema.names:
        return schema.field(schema.names.index(name)).type
    first, *inner = name.split(".")
    if first not in schema.names:
        return None
    type = schema.field(schema.names.index(first)).type
    for part in inner:
        if not arrow.types.is_struct(type) or type.get_field_index(part) < 0:
            return None
        type = type.field(type.get_field_index(part)).type
    return type


def _why_bomb(metadata: Any, text_field: str) -> str:  # noqa: ANN401
    for group in range(metadata.num_row_groups):
        for place in range(metadata.row_group(group).num_columns):
            chunk = metadata.row_group(group).column(place)
            promised, stored = chunk.total_uncompressed_size, chunk.total_compressed_size
            # The page is allocated before it is decompressed.
            if promised > HARMLESS_BYTES and promised > MAX_EXPANSION * stored:
                return (
                    f'column "{chunk.path_in_schema}" of row group {group} promises {promised:,} '
                    f"bytes from {stored:,}; allowed: {MAX_EXPANSION} times as many "
                    "(a decompression bomb?)"
                )
    return ""


# Slices of rows


def _slices(
    table: Any,  # noqa: ANN401
    names: list[str],
    field: str | None,
    first_row: int,
) -> Iterator[tuple[int, list[list[object]]]]:
    """The number of a first row, and columns from there on, as Python values; the field last."""
    columns = _columns(table, [*names, *([field] if field is not None else [])])
    for first, batch in _batches(table, first_row, columns, _ROWS_AT_ONCE):
        with _faults():
            values = [_values(_nested(batch, name)) for name in names]
            if field is not None:
                values.append(_keep_values(_nested(batch, field)))
        yield first, values


def _slices_with(
    table: Any,  # noqa: ANN401
    names: list[str],
    rows: list[int],
) -> Iterator[tuple[int, list[int], list[list[Any]]]]:
    """The slices that hold any of these ascending rows, and which they hold."""
    place = 0
    for _, group_end in _groups(table):
        end = place
        while end < len(rows) and rows[end] < group_end:
            end += 1
        if end == place:
            continue
        columns = _columns(table, names)
        for first, batch in _batches(table, rows[place], columns, _ROWS_AT_ONCE, group_end):
            here = place
            while place < end and rows[place] < first + batch.num_rows:
                place += 1
            if place > here:
                with _faults():
                    values = [_values(_nested(batch, name)) for name in names]
                yield first, rows[here:place], values
            if place == end:
                break


def _groups(table: Any) -> Iterator[tuple[int, int]]:  # noqa: ANN401
    """The first row of each row group, and the first behind it."""
    first = 0
    for group in range(table.metadata.num_row_groups):
        end = first + table.metadata.row_group(group).num_rows
        yield first, end
        first = end


def _batches(
    table: Any,  # noqa: ANN401
    first_row: int,
    columns: list[str] | None,
    max_rows: int,
    end_row: int | None = None,
) -> Iterator[tuple[int, Any]]:
    """Record batches from a row on, of at most `max_rows`, each with its first row's number."""
    for group, (first, end) in enumerate(_groups(table)):
        if end <= first_row or (end_row is not None and first >= end_row):
            continue
        n_fitting = _rows_that_fit(table.metadata.row_group(group), max_rows)
        with _faults():
            batches = table.iter_batches(
                n_fitting, row_groups=[group], columns=columns, use_threads=False
            )
        while True:
            with _faults():
                batch = next(batches, None)
            if batch is None:
                break
            n_rows = batch.num_rows
            if first + n_rows > first_row:
                behind = max(0, first_row - first)
                yield first + behind, batch.slice(behind)
            first += n_rows


def _rows_that_fit(group: Any, max_rows: int) -> int:  # noqa: ANN401
    """How many rows of a row group make about 16 MiB: at least 1, at most `max_rows`."""
    fitting = _BYTES_AT_ONCE * group.num_rows // max(1, group.total_byte_size)
    return int(min(max(1, fitting), max_rows))


def _columns(table: Any, names: list[str]) -> list[str]:  # noqa: ANN401
    """The columns of the file that these names lead into."""
    whole = table.schema_arrow.names
    return sorted({name if name in whole else name.split(".")[0] for name in names})


def _nested(batch: Any, name: str) -> Any:  # noqa: ANN401
    """One column of a batch, by a name that may lead into nested ones."""
    import pyarrow.compute

    if name in batch.schema.names:
        return batch.column(name)
    first, *inner = name.split(".")
    return pyarrow.compute.struct_field(batch.column(first), inner)


def _values(array: Any) -> list[Any]:  # noqa: ANN401
    """Values as JSON knows them; U+FFFD where a string is not valid UTF-8."""
    arrow, _ = load_pyarrow("")
    types = arrow.types
    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    try:
        values: list[Any] = array.to_pylist()
    except UnicodeDecodeError:
        if "view" in str(array.type):
            array = array.cast(arrow.binary_view()).cast(arrow.large_binary())
        cells = array.cast(arrow.large_binary()).to_pylist()
        values = [None if each is None else each.decode("utf-8", "replace") for each in cells]
    return values


def _keep_values(array: Any) -> list[Any]:  # noqa: ANN401
    """Values of a further field; None for what no policy can compare, or Python cannot hold."""
    arrow, _ = load_pyarrow("")
    types = arrow.types
    try:
        if types.is_dictionary(array.type):
            array = array.dictionary_decode()
        if types.is_nested(array.type):
            return [None] * len(array)
        if types.is_timestamp(array.type) and array.type.tz is not None:
            # Stored as moments of UTC. The name of a zone would need a database of zones.
            moments = array.view(arrow.timestamp(array.type.unit)).cast(arrow.string())
            return [None if each is None else f"{each}Z" for each in moments.to_pylist()]
        if types.is_temporal(array.type):
            array = array.cast(arrow.string())
        elif types.is_decimal(array.type):
            array = array.cast(arrow.float64())
        return _values(array)
    except (arrow.ArrowException, ValueError, OverflowError, KeyError):
        return [None] * len(array)


# Writing


def schema_of(stored: StoredFile) -> Any:  # noqa: ANN401
    """The schema of a file, which compares equal to another without its metadata.

    Raises:
        StreamFault: it is malformed.
    """
    with _opened(stored) as table:
        return table.schema_arrow


def write_rows(kept: Sequence[tuple[StoredFile, NDArray[np.int64]]], output: BinaryIO) -> None:
    """Write the rows of some files of one schema, in their order.

    Types, metadata and the compression of each column are those of the first file. Row groups are
    rewritten, of about 64 MiB; these and about 16 MiB that are read are in memory, more only where
    a dictionary makes of one long text many rows, or where one row is longer.

    Args:
        kept: files, each with ascending row numbers.
        output: where to.

    Raises:
        InputError: a file has changed.
        OSError: the output cannot be written.
    """
    arrow, parquet = load_pyarrow(kept[0][0].source)
    with _unchanged(kept[0][0]), _opened(kept[0][0]) as first:
        schema, compression = first.schema_arrow, _compression(first.metadata)
    with parquet.ParquetWriter(output, schema, compression=compression) as writer:
        pending: list[Any] = []
        n_bytes = n_rows = 0
        for stored, rows in kept:
            for batch in _rows_of(stored, rows, schema):
                pending.append(batch)
                n_bytes += batch.nbytes
                n_rows += batch.num_rows
                if n_bytes >= _GROUP_BYTES or n_rows >= _GROUP_ROWS:
                    writer.write_table(arrow.Table.from_batches(pending, schema), 2 * _GROUP_ROWS)
                    pending, n_bytes, n_rows = [], 0, 0
        if pending:
            writer.write_table(arrow.Table.from_batches(pending, schema), 2 * _GROUP_ROWS)


def _rows_of(stored: StoredFile, rows: NDArray[np.int64], schema: Any) -> Iterator[Any]:  # noqa: ANN401
    """The record batches of some rows of a file."""
    arrow, _ = load_pyarrow(stored.source)
    if not len(rows):
        return
    found = 0
    with _unchanged(stored), _opened(stored) as table:
        for first, batch in _batches(table, int(rows[0]), None, _ROWS_AT_ONCE_COPYING):
            here, end = np.searchsorted(rows, (first, first + batch.num_rows)).tolist()
            if end > here:
                inside = arrow.array(rows[here:end] - first)
                columns = [_taken(column, inside) for column in batch.columns]
                yield arrow.RecordBatch.from_arrays(columns, schema=schema)
            found = end
            if found == len(rows):
                break
        if found < len(rows):
            raise changed(stored, "a row is gone")


def _without_views(type: Any) -> Any:  # noqa: ANN401
    """The type with strings and bytes in place of views of them, of which no rows can be taken."""
    arrow, _ = load_pyarrow("")
    types = arrow.types
    if str(type) in ("string_view", "binary_view"):
        return arrow.large_string() if str(type) == "string_view" else arrow.large_binary()
    if types.is_struct(type):
        fields = [type.field(place) for place in range(type.num_fields)]
        return arrow.struct([each.with_type(_without_views(each.type)) for each in fields])
    if types.is_list(type) or types.is_large_list(type):
        inner = type.value_field.with_type(_without_views(type.value_type))
        return arrow.large_list(inner) if types.is_large_list(type) else arrow.list_(inner)
    return type


def _taken(column: Any, rows: Any) -> Any:  # noqa: ANN401
    """Some rows of a column; strings that are no UTF-8 stay as they are."""
    plain = _without_views(column.type)
    if plain == column.type:
        return column.take(rows)
    return column.cast(plain, safe=False).take(rows).cast(column.type, safe=False)


@contextmanager
def _unchanged(stored: StoredFile) -> Iterator[None]:
    try:
        yield
    except StreamFault as fault:
        raise changed(stored, str(fault)) from None


def _compression(metadata: Any) -> dict[str, str]:  # noqa: ANN401
    """The codec of each column, as the writer names them."""
    if not metadata.num_row_groups:
        return {}
    group = metadata.row_group(0)
    chunks = [group.column(place) for place in range(group.num_columns)]
    codecs = {each.path_in_schema: each.compression.lower() for each in chunks}
    return {path: "none" if name == "uncompressed" else name for path, name in codecs.items()}
