"""Every error this package raises on purpose.

DupdetectError
├─ ConfigError(ValueError)   an option is out of range; lists all faults at once, with their paths
└─ InputError(ValueError)    a document or a collection cannot be used: .source, .line

Each message names the place, the value seen, the values allowed and the next step.
A fault of one input among many is not an error: it is a `Skipped` entry of the result.
"""

from __future__ import annotations

from collections.abc import Sequence


class DupdetectError(Exception):
    """Base of all errors raised by dupdetect; catch it to catch them all."""


class ConfigError(DupdetectError, ValueError):
    """One or more options are out of range; all of them are listed.

    Attributes:
        faults: one line a fault, each beginning with the option's path.

    >>> print(ConfigError(["seed is -1; allowed: a whole number from 0 to 4294967295"]))
    seed is -1; allowed: a whole number from 0 to 4294967295
    """

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class InputError(DupdetectError, ValueError):
    """A document or a collection cannot be used.

    Attributes:
        source: where it was met: a path, or "" for values handed over by a program.
        line: the line in that file, counted from 1, or None.

    >>> print(InputError("no such file or folder", source="seedz/"))
    seedz/: no such file or folder
    >>> print(InputError("not valid JSON", source="a.jsonl", line=3))
    a.jsonl:3: not valid JSON
    """

    def __init__(self, message: str, *, source: str = "", line: int | None = None) -> None:
        self.source = source
        self.line = line
        place = source if line is None else f"{source}:{line}"
        super().__init__(f"{place}: {message}" if place else message)
