"""The summary of a run: put together at its end, written, and read again.

In: what the stages reported. Out: `summary.json`, which is written last: where it is, the results
are whole. What was skipped stands in `skipped.jsonl`, which may be long, and in the value in
memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from dupdetect.corpus.workdir import write_json
from dupdetect.corpus.writing import JsonLinesWriter
from dupdetect.errors import InputError
from dupdetect.results import DedupeInput, DedupeSummary, Skipped, Stage

SUMMARY = "summary.json"
REMOVED, CLUSTERS, SKIPPED = "removed.jsonl", "clusters.jsonl", "skipped.jsonl"


def refuse_results(folder: Path) -> None:
    """See that a new run would overwrite nothing.

    Raises:
        InputError: the folder has files by the names of results, such as an input `kept.jsonl`.
    """
    names = {REMOVED, CLUSTERS, SKIPPED, SUMMARY}
    found = sorted(
        each.name
        for each in folder.iterdir()
        # Without regard to case: on many disks KEPT.jsonl and kept.jsonl are one file.
        if (name := each.name.casefold()).removesuffix(".tmp") in names
        or name.startswith(("kept.", "kept-"))
        or name == "kept"
    )
    if found:
        message = f"holds {', '.join(found)} already; choose another folder, or empty it"
        raise InputError(message, source=str(folder))


def write_skipped(folder: Path, skipped: Iterable[Skipped]) -> None:
    """Write what gave no document, and why."""
    with JsonLinesWriter(folder / SKIPPED) as lines:
        for each in skipped:
            lines.write(asdict(each))


def write_summary(folder: Path, summary: DedupeSummary) -> None:
    """Write a summary but for what was skipped, which has a file of its own."""
    values = asdict(replace(summary, skipped=()))
    del values["skipped"]
    write_json(folder / SUMMARY, values)


def read_summary(folder: Path, run: str) -> DedupeSummary | None:
    """The summary in a folder, if all its files are there and it is that of this run.

    Args:
        folder: of the results.
        run: the digest of the run.
    """
    try:
        values = json.loads((folder / SUMMARY).read_text("utf-8"))
        with (folder / SKIPPED).open("rb") as lines:
            skipped = tuple(Skipped(**json.loads(line)) for line in lines)
        summary = DedupeSummary(
            **{
                **values,
                "stages": tuple(Stage(**stage) for stage in values["stages"]),
                "skipped": skipped,
                "files": tuple(values["files"]),
                "inputs": tuple(DedupeInput(**each) for each in values["inputs"]),
                "against": tuple(DedupeInput(**each) for each in values["against"]),
            }
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    is_whole = all((folder / name).exists() for name in summary.files)
    return summary if is_whole and summary.run == run else None


def own_files(kept: Sequence[Path], folder: Path) -> list[str]:
    """The names of all files of the results, relative to their folder."""
    names = [path.relative_to(folder).as_posix() for path in kept]
    return [*names, REMOVED, CLUSTERS, SKIPPED, SUMMARY]
