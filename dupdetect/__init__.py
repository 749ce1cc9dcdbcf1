"""Find texts that recycle each other, and prove it passage by passage.

>>> from dupdetect import Document, detect
>>> report = detect([Document("a", "One and the same."), Document("b", "One and the SAME!")])
>>> [family.relation for family in report.families]
['exact']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from dupdetect.config import Config
    from dupdetect.corpus.memory import Deduplication, dedupe_texts
    from dupdetect.corpus.pipeline import dedupe
    from dupdetect.detector import compare, detect
    from dupdetect.errors import ConfigError, DupdetectError, InputError
    from dupdetect.report import render
    from dupdetect.results import (
        DedupeSummary,
        Document,
        Documents,
        Family,
        Pair,
        Passage,
        Report,
    )
    from dupdetect.text.reading import read_documents

__all__ = [
    "Config",
    "ConfigError",
    "DedupeSummary",
    "Deduplication",
    "Document",
    "Documents",
    "DupdetectError",
    "Family",
    "InputError",
    "Pair",
    "Passage",
    "Report",
    "compare",
    "dedupe",
    "dedupe_texts",
    "detect",
    "read_documents",
    "render",
]

# Resolved on first use, so that `dupdetect --help` starts without numpy and scikit-learn.
_HOMES = {
    "Config": "config",
    "ConfigError": "errors",
    "DedupeSummary": "results",
    "Deduplication": "corpus.memory",
    "Document": "results",
    "Documents": "results",
    "DupdetectError": "errors",
    "Family": "results",
    "InputError": "errors",
    "Pair": "results",
    "Passage": "results",
    "Report": "results",
    "compare": "detector",
    "dedupe": "corpus.pipeline",
    "dedupe_texts": "corpus.memory",
    "detect": "detector",
    "read_documents": "text.reading",
    "render": "report",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- a module attribute may be anything
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
