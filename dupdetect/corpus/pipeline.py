"""Deduplication of files larger than memory, from records to records, resumable.

    records → sketches → exact copies → candidates → shingles → verified matches → kept and removed

Each stage reads what the one before it left in the working folder, and leaves its own files there,
whole or not at all. So a run that was killed goes on where it was, and what is in memory depends on
a budget: sketches, candidates and shingles are on disk; of each document a few numbers are held.
The order of the stages is that of `dedupe`; each is a function below it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from dupdetect.config import Config
from dupdetect.corpus.decision import Decision, by_preference, decide_in_order
from dupdetect.corpus.definition import definition, digest
from dupdetect.corpus.execution import in_order, peak_mib, usable_cores
from dupdetect.corpus.ingest import (
    check_documents,
    no_document,
    read,
    skipped_records,
    text_bytes,
)
from dupdetect.corpus.opening import (
    Paths,
    begin,
    listed,
    os_errors,
    other_corpus,
    output_folder,
    working_folder,
)
from dupdetect.corpus.outputs import write_kept
from dupdetect.corpus.pairs import ShingleSpool, merged, spooling, verify, write_run
from dupdetect.corpus.removals import Removals
from dupdetect.corpus.run import Progress, Run
from dupdetect.corpus.shards import Shards
from dupdetect.corpus.sources import find_sources, texts_at
from dupdetect.corpus.stages import (
    CAPS,
    candidate_bands,
    caps_of,
    checked,
    checked_threads,
)
from dupdetect.corpus.summaries import (
    CLUSTERS,
    REMOVED,
    own_files,
    read_summary,
    write_skipped,
    write_summary,
)
from dupdetect.corpus.values import Source
from dupdetect.corpus.workdir import read_arrays, write_arrays, write_json
from dupdetect.corpus.writing import JsonLinesWriter
from dupdetect.errors import ConfigError
from dupdetect.match.bands import unpack
from dupdetect.match.exact import originals
from dupdetect.match.keep import KeepPolicy, preference
from dupdetect.match.verify import PairScores
from dupdetect.provenance import settings
from dupdetect.results import DedupeInput, DedupeSummary, Skipped, Stage
from dupdetect.sketch import engine, kernels
from dupdetect.sketch.shingles import ShingleSets

DEFAULT_MEMORY = 2 * 2**30
LEAST_MEMORY = 256 * 2**20

# Bytes that a pair takes while it is verified and decided on, beside the shingles.
_BYTES_PER_PAIR = 256


def dedupe(
    paths: Paths,
    output: str | os.PathLike[str] | None,
    config: Config | None = None,
    *,
    threshold: float | None = None,
    keep: str = "first",
    against: Paths = (),
    memory: int = DEFAULT_MEMORY,
    threads: int | None = None,
    kernel: engine.Kernel = "auto",
    resume: bool = False,
    dry_run: bool = False,
    stdin: BinaryIO | None = None,
    progress: Progress = lambda *_: None,
) -> DedupeSummary:
    """Remove copies and near-duplicates from files, and say of each which kept one it matches.

    Written into the output folder, each file whole or not at all: `kept.*`, in the format and the
    order of the input, every record byte for byte; `removed.jsonl`; `clusters.jsonl`;
    `skipped.jsonl`; and last `summary.json`. A document is removed only for a direct, verified
    match with one that is kept: equal words, or a Jaccard of their word shingles at the threshold
    or above. The result does not depend on memory, threads, kernel or interruptions, nor on the
    order of the input but through what "first" means.

    Args:
        paths: files, folders, or "-" for JSON lines on standard input.
        output: a folder; made if it is missing. With `dry_run` it may be None.
        config: settings, of which `near_duplicate`, `repair`, `reading` and `seed` count; None: the
            defaults with a near-duplicate threshold of 0.8. The threshold of a Config that is given
            is used as it is: 0.55 unless it was set, which is that of `detect`.
        threshold: the least Jaccard of two that match; wins over that of the config.
        keep: which of two is kept: "first", "longest", "newest FIELD", "priority FIELD" (the
            greater number) or "cleanest" (fewer repairs).
        against: another corpus: what it has is removed, and it is not written.
        memory: bytes that the process may take, at least 256 MiB.
        threads: how many run at once; None: one for each core.
        kernel: "numpy", "numba" (extra `fast`), or "auto": numba where the work repays its start.
        resume: go on with a run that was interrupted.
        dry_run: write nothing but the summary that is returned.
        stdin: read in place of standard input.
        progress: called now and then.

    Raises:
        ConfigError: a setting is out of range, or the memory is too little for the documents.
        InputError: a path does not exist, ids are not unique, there is nothing to read, no document
            has the field of `keep`, or the output folder cannot be used; the message names the
            place.
        TypeError: an argument is of the wrong type.
    """
    started = time.perf_counter()
    chosen, banding = checked(config, threshold)
    policy = KeepPolicy.parse(keep)
    threads = checked_threads(usable_cores() if threads is None else threads)
    _check_memory(memory)
    engine.load(kernel, 0)  # a kernel that is missing is told before anything is read
    if dry_run and resume:
        raise ConfigError(["resume is on with dry_run; a dry run leaves nothing to go on with"])
    own, others = listed(paths), listed(against)
    folder = None if dry_run else output_folder(output, [*own, *others])
    with os_errors(folder), working_folder(folder, resume=resume) as work:
        inputs = find_sources(
            own, chosen.reading, spool=work.spool, stdin=stdin, reuse_spooled=resume
        )
        other = other_corpus(others, chosen, inputs, work.spool)
        if not inputs.sources:
            raise no_document(inputs.skipped)
        sources = (*other.sources, *inputs.sources)
        this = definition(chosen, policy, sources, len(other.sources), work.spool)
        if folder is not None and resume and (before := read_summary(folder, digest(this))):
            work.remove()
            return before
        begin(work, this, folder)
        run = Run(
            config=chosen,
            banding=banding,
            policy=policy,
            sources=sources,
            n_against=len(other.sources),
            work=work,
            shards=Shards(work.path),
            kernels=engine.load(kernel, text_bytes(sources)),
            threads=threads,
            memory=memory,
            progress=progress,
        )
        run.stage("read", read)
        check_documents(run)
        run.stage("fold", _fold)
        run.stage("candidates", _propose)
        run.stage("shingles", _spool_shingles)
        run.stage("verify", _verify)
        run.stage("decide", _decide)
        skipped = (*other.skipped, *inputs.skipped, *skipped_records(run))
        if folder is not None:
            run.stage("write", lambda run: _write(run, folder, inputs.sources, skipped))
        summary = _summary(run, skipped, started)
        if folder is not None:  # the summary comes last: where it is, the results are whole
            write_summary(folder, summary)
            work.remove()
    return summary


# The stages


def _fold(run: Run) -> dict[str, int]:
    """Put the documents in order of preference, and find the exact copies."""
    ids = run.shards.ids()
    rank = preference(
        run.policy,
        run.shards.column("values"),
        lambda rows: list(map(ids.__getitem__, rows.tolist())),
        pinned=run.pinned(),
    )
    original = originals(run.shards.column("digests"), run.shards.column("n_tokens"), rank)
    write_arrays(run.file("fold.npz"), rank=rank, original=original)
    return {"exact_copies": int((original != np.arange(len(original))).sum())}


def _propose(run: Run) -> dict[str, int]:
    """Candidate pairs, band by band; a run that was killed goes on after the last band."""
    rank, original = read_arrays(run.file("fold.npz"), "rank", "original")
    first_columns = run.shards.minhash_columns(0, run.banding.rows)
    has_shingles = (first_columns != kernels.EMPTY_SLOT).any(axis=1)
    rows = np.flatnonzero((original == np.arange(len(original))) & has_shingles)
    n_pinned = int(run.pinned().sum())
    missing = [band for band in range(run.banding.bands) if not run.caps_file(band).exists()]
    for band, found in candidate_bands(
        run.banding,
        run.shards.minhash_columns,
        run.shards.minhash_rows,
        rank,
        rows,
        missing,
    ):
        write_run(run.candidates_file(band), by_preference(found.packed, rank, n_pinned))
        write_json(run.caps_file(band), caps_of(found))
        run.progress("candidates", (band + 1) / run.banding.bands, 0)
    caps = [json.loads(run.caps_file(band).read_text()) for band in range(run.banding.bands)]
    totals = {name: sum(each[name] for each in caps) for name in CAPS}
    return {"documents_compared": len(rows), **totals}


def _spool_shingles(run: Run) -> dict[str, int]:
    """Read the documents that are in a candidate pair again, and keep their shingles."""
    (rank,) = read_arrays(run.file("fold.npz"), "rank")
    is_candidate = np.zeros(len(rank), dtype=np.bool_)  # by rank
    n_candidates = 0
    for packed in _candidates(run):
        n_candidates += len(packed)
        is_candidate[unpack(packed, len(rank)).ravel()] = True
    wanted, sketcher = is_candidate[rank], run.sketcher
    n_wanted, n_done = int(wanted.sum()), 0

    def shingles(item: tuple[NDArray[np.int64], list[str]]) -> ShingleSets:
        return sketcher.shingles(item[1])

    with spooling(run.file("shingles.u64")) as spool:
        for (rows, _), sets in in_order(shingles, _texts(run, wanted), run.threads):
            spool.append(rows, sets)
            n_done += len(rows)
            run.progress("shingles", n_done / max(n_wanted, 1), n_done)
    return {"candidates": n_candidates, "documents_in_candidates": n_wanted}


def _verify(run: Run) -> dict[str, int]:
    """Compare the candidates on all their shingles, as far as it matters who is kept."""
    spool = ShingleSpool.open(run.file("shingles.u64"))
    (rank,) = read_arrays(run.file("fold.npz"), "rank")
    n_candidates = max(int(run.work.stages["shingles"]["counts"]["candidates"]), 1)

    def scores_of(pairs: NDArray[np.int64]) -> PairScores:
        return verify(
            pairs, spool, memory=run.budget // 4, threads=run.threads, kernels=run.kernels
        )

    decision, n_matches = decide_in_order(
        _candidates(run),
        scores_of,
        rank,
        least=run.config.near_duplicate.threshold,
        most_pairs=run.budget // (4 * _BYTES_PER_PAIR),
        progress=lambda n_done: run.progress("verify", n_done / n_candidates, 0),
    )
    write_arrays(run.file("matches.npz"), **_as_arrays(decision))
    return {"matches_that_remove": n_matches}


def _decide(run: Run) -> dict[str, int]:
    """Who is kept; exact copies go with their originals."""
    (original,) = read_arrays(run.file("fold.npz"), "original")
    decision = _decision(run, "matches.npz").of_copies(original)
    write_arrays(run.file("decision.npz"), **_as_arrays(decision))
    return _removals(run).counts()


def _write(
    run: Run, folder: Path, inputs: Sequence[Source], skipped: Sequence[Skipped]
) -> dict[str, int]:
    """Write what is kept, and the record of what is not."""
    removals = _removals(run)
    is_kept = removals.is_kept
    starts, ends = run.shards.column("starts"), run.shards.column("ends")
    firsts = run.firsts()

    def spans(index: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        rows = slice(firsts[run.n_against + index], firsts[run.n_against + index + 1])
        return starts[rows][is_kept[rows]], ends[rows][is_kept[rows]]

    kept = write_kept(inputs, spans, folder, run.config.reading)
    for name, records in ((REMOVED, removals.records()), (CLUSTERS, removals.clusters())):
        with JsonLinesWriter(folder / name) as lines:
            for record in records:
                lines.write(record)
    write_skipped(folder, skipped)
    names = own_files(kept, folder)
    write_json(run.file("files.json"), names)
    return {"files": len(names)}


def _removals(run: Run) -> Removals:
    (original,) = read_arrays(run.file("fold.npz"), "original")
    sources, lines = run.shards.column("sources"), run.shards.column("lines")
    return Removals(
        decision=_decision(run, "decision.npz"),
        original=original,
        pinned=run.pinned(),
        policy=run.policy,
        values=run.shards.column("values"),
        ids=run.shards.ids(),
        place=lambda row: run.sources[sources[row]].place(int(lines[row])),
    )


def _decision(run: Run, name: str) -> Decision:
    names = [each.name for each in fields(Decision)]
    return Decision(*read_arrays(run.file(name), *names))


def _as_arrays(decision: Decision) -> dict[str, NDArray[Any]]:
    return {each.name: getattr(decision, each.name) for each in fields(decision)}


def _texts(run: Run, wanted: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.int64], list[str]]]:
    """The texts of some documents, with their rows, in the order of the rows."""
    starts, ends = run.shards.column("starts"), run.shards.column("ends")
    firsts = run.firsts()
    for number, source in enumerate(run.sources):
        rows = slice(firsts[number], firsts[number + 1])
        records = np.flatnonzero(wanted[rows])
        if len(records):
            for found, texts in texts_at(
                source,
                run.config.reading,
                records,
                starts[rows][records],
                ends[rows][records],
                max_chars=run.batch_chars,
            ):
                yield found + firsts[number], texts


def _candidates(run: Run) -> Iterator[NDArray[np.int64]]:
    """All candidate pairs, each once, as ranks, the less preferred first; in chunks that fit."""
    files = [run.candidates_file(band) for band in range(run.banding.bands)]
    return merged(files, run.budget // 8)


def _check_memory(memory: int) -> None:
    if isinstance(memory, bool) or not isinstance(memory, int):
        message = f"memory is {memory!r}; give bytes as a whole number, such as 2 * 2**30"
        raise TypeError(message)
    if memory < LEAST_MEMORY:
        allowed = f"{LEAST_MEMORY // 2**20} MiB ({LEAST_MEMORY:,} bytes) or more"
        raise ConfigError([f"memory is {memory:,} bytes; allowed: {allowed}"])


def _summary(run: Run, skipped: Sequence[Skipped], started: float) -> DedupeSummary:
    stages = tuple(Stage(name, **report) for name, report in run.work.stages.items())
    counts = {name: n for stage in stages for name, n in stage.counts.items()}
    caps = {name: counts.pop(name) for name in CAPS}
    counts["skipped"] = len(skipped)
    names = run.file("files.json")
    return DedupeSummary(
        counts=counts,
        caps=caps,
        stages=stages,
        skipped=tuple(skipped),
        files=tuple(json.loads(names.read_text("utf-8"))) if names.exists() else (),
        settings={
            **settings(run.config, engine.name(run.kernels)),
            "keep": str(run.policy),
            "banding": asdict(run.banding),
            "threads": run.threads,
            "memory_bytes": run.memory,
        },
        elapsed_s=round(time.perf_counter() - started, 3),
        peak_mib=peak_mib(),
        run=digest(run.work.run or {}),
        inputs=_given(run.sources[run.n_against :]),
        against=_given(run.sources[: run.n_against]),
    )


def _given(sources: Sequence[Source]) -> tuple[DedupeInput, ...]:
    return tuple(DedupeInput(each.source, each.size, max(len(each.members), 1)) for each in sources)
