"""Before the first stage: the folders of a run, its sources, and whether it may begin or go on.

In: paths. Out: an output folder, a locked working folder, and sources; or an error that says what
is in the way, before anything was overwritten.
"""

from __future__ import annotations

import contextlib
import errno
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

Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]

_WORK_FOLDER = ".dupdetect-work"


def listed(paths: Paths) -> list[str | Path]:
    """One path or many as a list.

    Raises:
        InputError: a path is empty.
        TypeError: one is no path.
    """
    given = [paths] if isinstance(paths, str | os.PathLike | bytes | int) else list(paths)
    for path in given:
        if not isinstance(path, str | os.PathLike):
            message = f"a path is {path!r}; give a str or an os.PathLike, or several of them"
            raise TypeError(message)
        if path == "":
            raise InputError("a path is empty: is a variable unset?")
    return [path if isinstance(path, str) else Path(path) for path in given]


def output_folder(output: str | os.PathLike[str] | None, paths: Sequence[str | Path]) -> Path:
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
    """A full disk and its kind become messages; whatever was being written is not there.

    Args:
        folder: of the results; None: a dry run, whose files are passing ones.
    """
    try:
        yield
    except OSError as error:
        path = Path(error.filename) if error.filename else folder or Path(tempfile.gettempdir())
        raise _extended(cannot_write(path, error), _way_on(folder, error)) from error
    except InputError as error:  # by what writes results; the system's own error stands behind it
        if isinstance(error.__context__, OSError) and (way := _way_on(folder, error.__context__)):
            raise _extended(error, way) from error
        raise


def _extended(error: InputError, more: str) -> InputError:
    message = str(error).removeprefix(f"{error.source}: ")
    return InputError(message + more, source=error.source)


def _way_on(folder: Path | None, error: OSError) -> str:
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return ""
    if folder is None:
        return "; a dry run has its passing files in the folder that TMPDIR names"
    return "; then go on with --resume"


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
    # It is not written, so its files may have one name.
    other = find_sources(paths, config.reading, spool=spool, unique_files=False)
    own = {file.path.resolve() for source in inputs.sources for file in _files(source)}
    for file in (file for source in other.sources for file in _files(source)):
        if file.path.resolve() in own:
            message = "is to be deduplicated against itself; give it once"
            raise InputError(message, source=file.source)
    return other


def _files(source: Source) -> list[StoredFile]:
    return [member.file for member in source.members] or [source.file]
