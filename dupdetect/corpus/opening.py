"""Before the first stage: the folders of a run, its sources, and whether it may begin or go on.

In: paths. Out: an output folder, a locked working folder, and sources; or an error that says what
is in the way, before anything was overwritten.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dupdetect.config import Config
from dupdetect.corpus.definition import differences
from dupdetect.corpus.sources import find_sources
from dupdetect.corpus.summaries import refuse_results
from dupdetect.corpus.values import Source, Sources, StoredFile
from dupdetect.corpus.workdir import WorkDir, opened
from dupdetect.corpus.writing import cannot_write, prepare_folder
from dupdetect.errors import InputError

Paths = str | Path | Sequence[str | Path]

_WORK_FOLDER = ".dupdetect-work"


def listed(paths: Paths) -> list[str | Path]:
    """One path or many as a list."""
    return [paths] if isinstance(paths, str | Path) else list(paths)


def output_folder(output: str | Path | None, paths: Sequence[str | Path]) -> Path:
    """The output folder, made and tried.

    Raises:
        InputError: it cannot be used, or lies in a folder that is read.
    """
    if output is None or not str(output):
        message = "there is no output folder; name one with -o (output=), or make it a dry run"
        raise InputError(message)
    folder = Path(output)
    if "\0" not in str(folder):  # else it is told below
        for path in map(str, paths):
            if path != "-" and Path(path).is_dir() and _is_inside(folder, path):
                message = f"lies in {path!r}, which is read; choose a folder outside of it"
                raise InputError(message, source=str(folder))
    prepare_folder(folder)
    return folder


def _is_inside(folder: Path, other: str) -> bool:
    return Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(other))


@contextlib.contextmanager
def working_folder(folder: Path | None, *, resume: bool) -> Iterator[WorkDir]:
    """Where the stages leave their files: in the output folder, or for a dry run a passing one."""
    if folder is None:
        with (
            tempfile.TemporaryDirectory(prefix="dupdetect-") as passing,
            opened(Path(passing) / _WORK_FOLDER, resume=False) as work,
        ):
            yield work
        return
    with opened(folder / _WORK_FOLDER, resume=resume) as work:
        if work.run is None and not resume:
            refuse_results(folder)
        yield work


def begin(work: WorkDir, this: dict[str, Any], folder: Path | None) -> None:
    """Note which run this is; one that is continued must be the same.

    Raises:
        InputError: the unfinished run is another one, or there are results of another run.
    """
    if work.run is None:
        if folder is not None:
            refuse_results(folder)
        work.begin(this)
    elif found := differences(work.run, this):
        raise InputError(
            f"the unfinished run here is another: {'; '.join(found)}; give what it was given, or "
            "delete its folder to begin anew",
            source=str(work.path),
        )


@contextlib.contextmanager
def os_errors(folder: Path | None) -> Iterator[None]:
    """A full disk and its kind become messages; whatever was being written is not there."""
    try:
        yield
    except OSError as error:
        path = Path(error.filename) if error.filename else folder or Path(tempfile.gettempdir())
        raise cannot_write(path, error) from error


def other_corpus(
    paths: Sequence[str | Path], config: Config, inputs: Sources, spool: Path
) -> Sources:
    """The other corpus.

    Raises:
        InputError: it is standard input, or a file is in both.
    """
    if not paths:
        return Sources(())
    if any(str(path) == "-" for path in paths):
        raise InputError("the other corpus cannot be standard input; give files")
    other = find_sources(paths, config.reading, spool=spool)
    own = {file.path.resolve() for source in inputs.sources for file in _files(source)}
    for file in (file for source in other.sources for file in _files(source)):
        if file.path.resolve() in own:
            message = "is to be deduplicated against itself; give it once"
            raise InputError(message, source=file.source)
    return other


def _files(source: Source) -> list[StoredFile]:
    return [member.file for member in source.members] or [source.file]
