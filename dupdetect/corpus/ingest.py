"""Reading: every record sketched, and left in shards; and whether what was read will do.

In: the sources of a run. Out: its shards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import accumulate
from typing import Any

import numpy as np

from dupdetect.corpus.execution import in_order
from dupdetect.corpus.keepvalues import keep_values
from dupdetect.corpus.run import BASE_BYTES, Run
from dupdetect.corpus.shards import Draft
from dupdetect.corpus.sources import batches
from dupdetect.corpus.values import Batch, Position, Source
from dupdetect.errors import ConfigError, InputError
from dupdetect.match.exact import originals
from dupdetect.results import Skipped
from dupdetect.sketch.sketcher import Sketches

_BATCH_RECORDS = 4096

# Measured at a million documents: the arrays of one number a document that are alive together in
# the candidate stage, sorted keys and their pairs among them. Ids of usual length are in it; of
# longer ones there are two copies for a moment.
_BYTES_PER_DOCUMENT = 220
_USUAL_ID_BYTES = 32

# Text takes about so many times the bytes that a compressed file has on disk.
_EXPANSION = 3

_ID_CHARS = 100  # of an id that a message quotes


def read(run: Run) -> dict[str, int]:
    """Sketch every record, shard by shard; a run that was killed goes on after the last one."""
    sketcher, draft, meter = run.sketcher, Draft(), _ReadingMeter(run.sources)
    place: dict[str, Any] = run.shards.position() or {"source": 0, "position": {}}
    items = _batches(run, place["source"], Position(**place["position"]))

    def sketch(item: tuple[int, Batch]) -> Sketches:
        return sketcher.sketch(item[1].texts)

    for (number, batch), sketches in in_order(sketch, items, run.threads):
        n = len(batch.ids)
        draft.add(
            sketches,
            batch.ids,
            sources=np.full(n, number, dtype=np.int32),
            lines=batch.lines,
            starts=batch.starts,
            ends=batch.ends,
            values=keep_values(run.policy, batch.texts, batch.values, sketches),
        )
        draft.skipped += [(each.source, each.reason) for each in batch.skipped]
        place = {"source": number, "position": asdict(batch.position)}
        if draft.is_full:
            run.shards.append(draft, place)
            draft = Draft()
        run.progress("read", meter.done(number, batch), len(run.shards) + len(draft))
    if draft.rows:
        run.shards.append(draft, place)
    columns = {name: run.shards.column(name) for name in ("n_repairs", "n_tokens", "values")}
    is_pinned = run.pinned()
    n_against = int(is_pinned.sum())
    return {
        "documents": len(run.shards) - n_against,
        "documents_against": n_against,
        "repaired": int((columns["n_repairs"] > 0).sum()),
        "without_words": int((columns["n_tokens"] == 0).sum()),
        "without_keep_value": int(np.isnan(columns["values"][~is_pinned]).sum()),
        "skipped": len(run.shards.skipped()),
    }


def _batches(run: Run, number: int, position: Position) -> Iterator[tuple[int, Batch]]:
    """The batches of all sources from a position on, each with the number of its source."""
    for at in range(number, len(run.sources)):
        start = position if at == number else Position()
        if start.finished:
            continue
        for batch in batches(
            run.sources[at],
            run.config.reading,
            field=run.policy.field or None,
            start=start,
            max_chars=run.batch_chars,
            max_records=_BATCH_RECORDS,
        ):
            yield at, batch


def text_bytes(sources: Sequence[Source]) -> int:
    """About how many bytes of text these sources hold, unpacked."""
    files = [
        (file.size, source.format == "parquet" or file.compression is not None)
        for source in sources
        for file in ([member.file for member in source.members] or [source.file])
    ]
    return sum(size * _EXPANSION if is_packed else size for size, is_packed in files)


class _ReadingMeter:
    """How far reading is, by the bytes of the sources on disk."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._sizes = [float(source.size) for source in sources]
        self._behind = [0.0, *accumulate(self._sizes)]
        self._source, self._n_chars = 0, 0

    def done(self, number: int, batch: Batch) -> float:
        """The share that is behind after a batch of this source, in [0, 1]."""
        if number != self._source:
            self._source, self._n_chars = number, 0
        self._n_chars += sum(map(len, batch.texts))
        source = self._sources[number]
        if source.members:
            share = batch.position.offset / len(source.members)
        elif source.compression is None and source.format != "parquet":
            share = batch.position.offset / max(source.size, 1)
        else:
            share = self._n_chars / (_EXPANSION * max(source.size, 1))
        behind = self._behind[number] + min(share, 1.0) * self._sizes[number]
        return behind / max(self._behind[-1], 1.0)


def check_documents(run: Run) -> None:
    """That there is something to do, that ids are unique, and that the memory will do.

    Raises:
        InputError: there is no document, or two have one id, or none has the field of the keep
            policy: no run can go on from here.
        ConfigError: the memory is too little for so many documents; with more it goes on.
    """
    if not run.work.stages["read"]["counts"]["documents"]:
        skipped = skipped_records(run)
        run.work.remove()
        raise no_document(skipped)
    rows = np.flatnonzero(~run.pinned())
    hashed = run.shards.column("id_digests")[rows]
    first = originals(hashed, np.ones(len(rows), dtype=np.int64), np.arange(len(rows)))
    if (again := np.flatnonzero(first != np.arange(len(rows)))).size:
        message = _repeated_ids(run, int(rows[first[again[0]]]), int(rows[again[0]]), again.size)
        run.work.remove()
        raise InputError(message)
    if run.policy.field and np.isnan(run.shards.column("values")[rows]).all():
        message = _no_keep_value(run, int(rows[0]), len(rows))
        run.work.remove()
        raise InputError(message)
    n_id_bytes = int(run.shards.column("id_sizes").sum())
    n_unusual = max(0, n_id_bytes - _USUAL_ID_BYTES * run.n_documents)
    needed = run.n_documents * _BYTES_PER_DOCUMENT + 2 * n_unusual
    if needed > run.budget:
        least = -(-(needed + BASE_BYTES) // 2**20)
        raise ConfigError(
            [
                f"memory is {run.memory // 2**20:,} MiB, too little for "
                f"{run.n_documents:,} documents; allowed: {least:,} MiB or more; unless it is a "
                "dry run, what was read is kept: go on with --resume (resume=True)"
            ]
        )


def no_document(skipped: Sequence[Skipped]) -> InputError:
    """The error that nothing can be read, with the first reason."""
    message = "there is no document to deduplicate"
    if skipped:
        first = skipped[0]
        message += f"; {len(skipped):,} skipped, the first: {first.source}: {first.reason}"
    return InputError(message)


def _repeated_ids(run: Run, first: int, second: int, n_again: int) -> str:
    id = run.shards.ids()[first]
    shown = repr(id) if len(id) <= _ID_CHARS else f"{id[:_ID_CHARS]!r}..."
    records = f"{n_again:,} records have" if n_again != 1 else "1 record has"
    return (
        f"{records} the id of an earlier one; the first: {shown}, at {_place(run, first)} and "
        f"again at {_place(run, second)}; choose another field with --id-field, or name records by "
        'file and line with --id-field ""'
    )


def _no_keep_value(run: Run, first: int, n_documents: int) -> str:
    what = "a date" if run.policy.name == "newest" else "a number"
    field = run.policy.field
    return (
        f"keep is {str(run.policy)!r}, but no document has {what} in the field {field!r}: none of "
        f"{n_documents:,}, such as {_place(run, first)}; name a field that holds {what}, or choose "
        "another policy"
    )


def _place(run: Run, row: int) -> str:
    source = run.sources[int(run.shards.column("sources")[row])]
    return source.place(int(run.shards.column("lines")[row]))


def skipped_records(run: Run) -> list[Skipped]:
    """What gave no document when it was read."""
    return [Skipped(place, reason) for place, reason in run.shards.skipped()]
