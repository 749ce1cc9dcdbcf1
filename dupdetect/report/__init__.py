"""One report, many forms: terminal, JSON, Markdown, HTML; none of them lets hostile text through.

In: a Report, or one Pair with its two documents. Out: text. The formats are named in `FORMATS`,
which the command line, its help and the guess from a file name read too. A format's module is
imported when it is used: rich, for one, is not needed for JSON or for `--help`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal, Protocol, cast

from dupdetect.errors import ConfigError

if TYPE_CHECKING:
    from dupdetect.results import Document, Pair, Report

FormatName = Literal["terminal", "json", "markdown", "html"]


class Renderer(Protocol):
    """What the module of a format offers."""

    def render(self, report: Report, *, width: int = 80, color: bool = False) -> str:
        """The whole report."""

    def render_pair(
        self,
        pair: Pair,
        a: Document,
        b: Document,
        *,
        settings: Mapping[str, object],
        width: int = 80,
        color: bool = False,
    ) -> str:
        """One comparison."""


@dataclass(frozen=True, slots=True)
class Format:
    """A form a report can take: the file names that ask for it, and the module that writes it."""

    suffixes: tuple[str, ...]
    module: str

    def load(self) -> Renderer:
        """The module, imported on first use."""
        return cast("Renderer", import_module(self.module))


FORMATS: dict[str, Format] = {
    "terminal": Format((".txt",), "dupdetect.report.terminal"),
    "json": Format((".json",), "dupdetect.report.json"),
    "markdown": Format((".md", ".markdown"), "dupdetect.report.markdown"),
    "html": Format((".html", ".htm"), "dupdetect.report.html"),
}


def format_for(filename: str) -> str | None:
    """The format that a file name asks for, or None.

    >>> format_for("report.MD"), format_for("report.pdf")
    ('markdown', None)
    """
    name = filename.lower()
    return next((each for each, form in FORMATS.items() if name.endswith(form.suffixes)), None)


def render(
    report: Report, format: FormatName = "terminal", *, width: int = 80, color: bool = False
) -> str:
    """A report as text, the same for the same report; it ends with a line break.

    Args:
        report: what `detect` returned.
        format: one of FORMATS.
        width: columns of the terminal; other formats pay no heed.
        color: with ANSI colours, in the terminal format.

    Raises:
        ConfigError: there is no such format.

    >>> from dupdetect.results import Report
    >>> print(render(Report((), (), (), (), {}, {}), "markdown").splitlines()[0])
    # Nothing to compare: no document was read
    """
    if format not in FORMATS:
        raise ConfigError([f"format is {format!r}; allowed: {', '.join(FORMATS)}"])
    return FORMATS[format].load().render(report, width=width, color=color)
