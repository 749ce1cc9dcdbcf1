"""The working folder of a run: what is done so far, so that a killed run can go on.

In: what defines a run, and what its stages made. Out: the same, after any interruption.

A stage has either all of its files or none: they are written to a temporary name and renamed, and
the manifest, which names the finished stages, is replaced last. The folder is locked while a run
uses it. All files are JSON or NumPy's own format, read without pickle.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from dupdetect.errors import InputError

try:
    import fcntl
except ImportError:  # Windows: two runs in one folder are the user's care there
    fcntl = None  # type: ignore[assignment]

_FORMAT = 1
_MANIFEST = "manifest.json"
_LOCK = "lock"
_SPOOL = "input"


@dataclass(slots=True)
class WorkDir:
    """A locked working folder.

    Attributes:
        path: the folder.
        stages: what each finished stage reported, in order.
        run: what the unfinished run in it is, as JSON; None: there is none yet.
    """

    path: Path
    stages: dict[str, dict[str, Any]]
    run: dict[str, Any] | None

    def file(self, name: str) -> Path:
        """The path of a file in it."""
        return self.path / name

    @property
    def spool(self) -> Path:
        """A folder for input that can be read only once."""
        return self.path / _SPOOL

    def begin(self, run: Mapping[str, Any]) -> None:
        """Note which run this is.

        Args:
            run: all that its result depends on, as JSON.
        """
        self.run = dict(run)
        self._write()

    def finish(self, stage: str, report: Mapping[str, Any]) -> None:
        """Note that a stage is done; its files must be whole by now."""
        self.stages[stage] = dict(report)
        self._write()

    def remove(self) -> None:
        """Delete the folder and all in it; there is no unfinished run any more."""
        # The manifest first: what a kill leaves behind is then nobody's, and cleared by the next.
        self.file(_MANIFEST).unlink(missing_ok=True)
        _clear(self.path, spare={_LOCK})
        self.run = None
        # A network folder may hide the open lock under another name; it goes when it is closed.
        with contextlib.suppress(OSError):
            self.file(_LOCK).unlink()
            self.path.rmdir()

    def _write(self) -> None:
        manifest = {"format": _FORMAT, "run": self.run, "stages": self.stages}
        write_json(self.file(_MANIFEST), manifest)


@contextlib.contextmanager
def opened(path: Path, *, resume: bool) -> Iterator[WorkDir]:
    """The working folder of a run, new or continued.

    If the block fails before a run has begun in it, the folder is deleted again.

    Args:
        path: the folder; made if it is missing.
        resume: go on with what is there, if anything is; if no run has begun, with the input that
            was spooled.

    Raises:
        InputError: another run uses the folder; or an unfinished run is there, and `resume` is off
            or it is of another version.
    """
    path.mkdir(parents=True, exist_ok=True)
    with (path / _LOCK).open("w", encoding="utf-8") as lock:
        _lock(lock, path)
        manifest = path / _MANIFEST
        if not manifest.exists():
            _clear(path, spare={_LOCK, _SPOOL} if resume else {_LOCK})
            work = WorkDir(path, {}, None)
        elif resume:
            work = _resumed(manifest)
        else:
            raise InputError(
                "an unfinished run is here; continue it with --resume (resume=True), or delete the "
                "folder",
                source=str(path),
            )
        work.spool.mkdir(exist_ok=True)
        try:
            yield work
        except BaseException:
            if work.run is None and path.exists():
                work.remove()
            raise


def _clear(path: Path, spare: Set[str]) -> None:
    """Delete what is in a folder, but for some names."""
    for each in path.iterdir():
        if each.name in spare:
            continue
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()


def _lock(lock: IO[str], path: Path) -> None:
    if fcntl is None:
        return
    is_free = True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        is_free = False
    except OSError:  # a file system without locks: two runs are the user's care there, too
        return
    # A run that ends deletes its lock: one that was opened before that locks nobody out.
    if not is_free or not _is_the_same(lock, path / _LOCK):
        raise InputError("another run uses this folder; wait for it", source=str(path))


def _is_the_same(lock: IO[str], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(lock.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _resumed(manifest: Path) -> WorkDir:
    try:
        found = json.loads(manifest.read_text("utf-8"))
        if found["format"] == _FORMAT:
            return WorkDir(manifest.parent, dict(found["stages"]), dict(found["run"]))
    except (ValueError, KeyError, TypeError):
        pass
    message = "not the manifest of a run of this version; delete its folder to begin anew"
    raise InputError(message, source=str(manifest))


def write_json(path: Path, value: object) -> None:
    """A JSON file, whole or not at all."""
    with replacing(path) as file:
        file.write(json.dumps(value, ensure_ascii=True, indent=1).encode() + b"\n")


def write_arrays(path: Path, **arrays: NDArray[Any]) -> None:
    """Named arrays in one .npz file, whole or not at all."""
    with replacing(path) as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def write_array(path: Path, array: NDArray[Any]) -> None:
    """One array in a .npy file, whole or not at all."""
    ordered = np.ascontiguousarray(array)
    with replacing(path) as file:
        # Not np.save: on a full disk it does not tell that the disk is full.
        header = np.lib.format.header_data_from_array_1_0(ordered)
        np.lib.format.write_array_header_1_0(file, header)
        file.write(ordered.reshape(-1).view(np.uint8).data)


def read_arrays(path: Path, *names: str) -> tuple[NDArray[Any], ...]:
    """Some arrays of an .npz file.

    Args:
        path: of the file.
        names: of the arrays.

    Returns:
        The arrays in the order of their names.

    Raises:
        InputError: the file is damaged, or lacks one.
    """
    try:
        # Opened here: np.load does not close a file that is no .npz.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return tuple(arrays[name] for name in names)
    except (ValueError, LookupError, EOFError, zipfile.BadZipFile) as error:
        raise damaged(path, error) from None


def damaged(path: Path, error: Exception) -> InputError:
    """The error that a file of the working folder cannot be used."""
    message = f"damaged ({error}); delete the working folder and run again"
    return InputError(message, source=str(path))


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, which takes its name, and another's place, when all is on disk."""
    draft = path.with_name(f"{path.name}.tmp")
    try:
        with draft.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
