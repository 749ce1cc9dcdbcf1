"""Writing files whole or not at all, with an error a person can act on.

In: a path, and what writes to it. Out: the file under its name, on disk; or no trace of it.
"""

from __future__ import annotations

import contextlib
import errno
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO

from dupdetect.corpus.workdir import replacing
from dupdetect.errors import InputError
from dupdetect.text.reading import printable

_NEXT_STEPS = {
    errno.ENOSPC: "free some space, or name a folder on another disk",
    errno.EDQUOT: "free some space, or name a folder on another disk",
    errno.EROFS: "name a folder that can be written",
    errno.EACCES: "name a folder that you may write",
    errno.EPERM: "name a folder that you may write",
    errno.ENOTDIR: "name a folder",
    errno.EEXIST: "name a folder",
}


@contextlib.contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write; it takes its name when all of it is on disk, and else leaves nothing.

    Raises:
        InputError: the system refuses; the message tells its reason and the next step.
    """
    try:
        with replacing(path) as file:
            yield file
    except OSError as error:
        raise cannot_write(path, error) from None


def cannot_write(path: Path, error: OSError) -> InputError:
    """The error that a file or folder cannot be written, from what the system raised."""
    next_step = _NEXT_STEPS.get(error.errno or 0, "name another folder")
    message = f"cannot be written: {error.strerror or error}; {next_step}"
    return InputError(message, source=printable(path))


def prepare_folder(folder: Path) -> None:
    """Make a folder for results, and see that files can be made in it.

    Raises:
        InputError: they cannot; the message tells the system's reason and the next step.
    """
    probe = folder / ".dupdetect-probe"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise cannot_write(folder, error) from None
    except ValueError as error:  # a NUL in the name
        raise InputError(f"no name of a folder: {error}", source=printable(folder)) from None


class JsonLinesWriter:
    r"""Writes JSON lines to a file that is there whole, or not at all.

    Use it in a with statement: without an exception in it, the file takes its name at the end.

    Args:
        path: of the file.

    Raises:
        InputError: the system refuses.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "removed.jsonl"
    >>> with JsonLinesWriter(path) as removed:
    ...     removed.write({"id": "a", "kept": "b"})
    >>> path.read_text()
    '{"id": "a", "kept": "b"}\n'
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stack = contextlib.ExitStack()
        self._file: IO[bytes] | None = None

    def __enter__(self) -> JsonLinesWriter:
        self._file = self._stack.enter_context(writing(self.path))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, traceback)

    def write(self, record: Mapping[str, object]) -> None:
        """Append one object, as UTF-8; escaped where a string has a lone surrogate.

        Raises:
            ValueError: a number in it is not finite, which JSON cannot hold.
            RuntimeError: outside a with statement.
        """
        if self._file is None:
            message = f"{self.path} is not open; write to it in a with statement"
            raise RuntimeError(message)
        line = json.dumps(record, ensure_ascii=False, allow_nan=False)
        try:
            data = line.encode()
        except UnicodeEncodeError:
            data = json.dumps(record, allow_nan=False).encode()
        self._file.write(data + b"\n")
