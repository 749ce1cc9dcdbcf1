"""Reports for other eyes: without the words of the documents, or without their names.

In: a Report. Out: a Report with the same numbers, and less to read. Names of documents, of their
files and of a null of one's own become numbers; texts, and whatever quotes them, become "" or
numbered placeholders. Neither hides the other: texts may name people and places, and the name of a
file may say what is in it. `settings["left_out"]` says what was done: "names", "text", or both.

A reason, such as why a file was skipped, may quote a file name, a column or the text itself. Those
that this package writes are known here, and are kept but for what they quote; of others, which come
from programs, nothing is kept.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from dupdetect.report.lists import mapping
from dupdetect.results import (
    Boilerplate,
    Collation,
    Cover,
    Coverage,
    DocumentReport,
    Family,
    HeatMap,
    Occurrence,
    Overlap,
    Pair,
    Phrase,
    Reading,
    Repair,
    Report,
    Reuse,
    Signal,
    Skipped,
)

#: The sha256 of the null that comes with the package: what it is made of is no secret.
SHIPPED_NULL = "59101ba75541721c389b195fa160c835890082e281bd81a2600ee118dd607d03"
#: What stands for a reason that is not known to be harmless.
NO_REASON = "the reason is left out: it may quote a name or a text"

_Change = Callable[[Any], object]
# Of each class, what its fields become; all others stay as they are.
_Changes = Mapping[type, Mapping[str, _Change]]

_DIGITS = 4  # of the number in a name, at least: names of up to 9,999 documents are of one length

# Names that `reference.null_from` gives, to whatever archive.
_OF_A_REFERENCE = frozenset({"reference", "texts of the reference on one subject"})


def without_text(report: Report) -> Report:
    """The report with offsets, lengths and scores only: no word of a document is left.

    Phrases, notices, repairs and signals have a placeholder for their words, the same number for
    the same words, in the order of the report; texts and lists of words are empty.
    Ids, sources and settings stay: use `anonymized` as well where they tell too much.

    >>> page = DocumentReport("a", "a.txt", "", "One text.", 9, 2, "distinct", None)
    >>> found = without_text(Report((page,), (), (), (), {}, {}))
    >>> found.documents[0].text, found.documents[0].n_chars, found.settings
    ('', 9, {'left_out': ['text']})
    """
    numbers = _Numbers("[left out {}]")

    def words(value: str) -> str:
        return numbers.name(value) if value else ""

    changed = _changed(
        report,
        {
            DocumentReport: {"text": _nothing, "not_judged": known_reason},
            Repair: {"before": words, "after": words},
            Signal: {"text": words, "reason": known_reason},
            Overlap: {"words": _no_words},
            Phrase: {"text": words},
            Boilerplate: {"text": words},
            Skipped: {"reason": known_reason},
        },
    )
    return _marked(changed, "text", report.settings)


def anonymized(report: Report) -> Report:
    """The report with numbers in place of names: of documents, their sources, skipped inputs.

    Documents are "document-0001" and so on in the order of the report, by id, and skipped inputs
    "input-0001" in theirs; no document has a source. Of the settings, the fields that text and id
    were read from are left out unless they have the usual names, and so is what a null other than
    the shipped one calls itself, its kinds of writing and its sources. Encodings stay.

    The texts stay, and may name people and places: use `without_text` as well where they do.

    >>> page = DocumentReport("jane-doe.txt", "in/jane-doe.txt", "", "", 0, 0, "distinct", None)
    >>> found = anonymized(Report((page,), (), (), (), {}, {}))
    >>> found.documents[0].id, found.documents[0].source, found.settings
    ('document-0001', '', {'left_out': ['names']})
    """
    # Zeros before the number, so that the order by id stays what it is.
    digits = max(_DIGITS, len(str(len(report.documents))))
    ids = {
        document.id: f"document-{number:0{digits}}"
        for number, document in enumerate(report.documents, 1)
    }
    inputs = _Numbers(f"input-{{:0{max(_DIGITS, len(str(len(report.skipped))))}}}")

    def id(value: str) -> str:
        return ids[value]

    def several(values: Iterable[str]) -> tuple[str, ...]:
        return tuple(ids[each] for each in values)

    changed = _changed(
        report,
        {
            DocumentReport: {"id": id, "source": _nothing, "not_judged": known_reason},
            Signal: {"reason": known_reason},
            Occurrence: {"id": id},
            Pair: {"a": id, "b": id},
            Family: {"members": several, "keeper": id},
            Phrase: {"members": several},
            Boilerplate: {"members": several},
            Coverage: {"id": id},
            Cover: {"id": id},
            Reuse: {"weakest": id},
            Collation: {"base": id},
            Reading: {"id": id},
            HeatMap: {"ids": several},
            Skipped: {"source": inputs.name, "reason": known_reason},
        },
    )
    return _marked(changed, "names", _without_names(report.settings))


class _Numbers:
    """Names by number, in the order in which they are asked for; equal values have one name."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._names: dict[str, str] = {}

    def name(self, value: str) -> str:
        return self._names.setdefault(value, self._pattern.format(len(self._names) + 1))


def _nothing(_: str) -> str:
    return ""


def _no_words(_: object) -> tuple[str, ...]:
    return ()


def _changed(value: Any, changes: _Changes) -> Any:  # noqa: ANN401 - any value of a report
    """A value of a report with its fields changed, and those of all values in it."""
    if isinstance(value, tuple):
        if not value or not is_dataclass(value[0]):
            return value
        return tuple(_changed(each, changes) for each in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    own = changes.get(type(value), {})
    new = {}
    for each in fields(value):
        before = getattr(value, each.name)
        after = own[each.name](before) if each.name in own else _changed(before, changes)
        if after is not before:
            new[each.name] = after
    return replace(value, **new) if new else value


def _marked(report: Report, what: str, settings: Mapping[str, object]) -> Report:
    """The report with these settings, which say what was left out of it."""
    before = settings.get("left_out")
    left_out = list(before) if isinstance(before, list | tuple) else []
    left_out += [what] * (what not in left_out)
    return replace(report, settings={**settings, "left_out": left_out})


def _without_names(settings: Mapping[str, object]) -> dict[str, object]:
    """The settings without names of fields, and of a null of one's own."""
    shown = dict(settings)
    config, null = mapping(settings.get("config")), mapping(settings.get("null"))
    if "reading" in config:
        shown["config"] = {**config, "reading": _without_fields(mapping(config["reading"]))}
    if null and null.get("sha256") != SHIPPED_NULL:
        shown["null"] = _without_sources(null)
    return shown


def _without_fields(reading: Mapping[str, object]) -> dict[str, object]:
    usual = {"text_field": ("text",), "id_field": (None, "", "id")}
    return {
        name: value if value in usual.get(name, (value,)) else "left out"
        for name, value in reading.items()
    }


def _without_sources(null: Mapping[str, object]) -> dict[str, object]:
    strata, sources = null.get("strata"), mapping(null.get("sources"))
    return {
        **null,
        "name": _called(null.get("name"), "left out"),
        "strata": [
            _called(each, f"kind of writing {number}")
            for number, each in enumerate(strata if isinstance(strata, list | tuple) else (), 1)
        ],
        "sources": {
            _called(name, f"source-{number}"): digest
            for number, (name, digest) in enumerate(sources.items(), 1)
        },
    }


def _called(name: object, otherwise: str) -> str:
    return str(name) if name in _OF_A_REFERENCE else otherwise


# Reasons

_OS_ERROR = "|".join(re.escape(os.strerror(code)) for code in sorted(errno.errorcode))
_FAULT = "(?:; what stands before the fault was read)?"
_VALUE = "(?:null|true or false|a number|a string|an array|an object)"

# What this package says that quotes nothing, and is kept as it is.
_KEPT = (
    # Files (text/reading.py, cli.py)
    "empty|only white space|no text in the page|the report is written to this file",
    "a (?:folder|named pipe|socket|device|special file); only regular files are read",
    f"cannot be read: (?:{_OS_ERROR}){_FAULT}",
    f"corrupt gzip: it ends too early{_FAULT}",
    r"binary: [\d,]+ of [\d,]+ bytes are (?:NUL|control characters)"
    r"(?:; if it is UTF-16, name that as reading\.encoding)?",
    rf"(?:more than )?[\d,]+ bytes; allowed: [\d,]+ \(--max-file-size\){_FAULT}",
    # Records (text/records.py)
    r"a [a-z]+ of [\d,]+ bytes; allowed: [\d,]+ \(reading\.max_line_size\)",
    "not readable JSON: (?:nested too deeply|a number has too many digits)",
    f"the line holds {_VALUE}, not a JSON object",
    "no header row|no rows below the header",
    r"\d+ cells, but the header has \d+; is a text with a delimiter in it not quoted\?",
    # Why a document was not judged (match/recycled.py)
    "too short|no null for its (?:script|language)",
    "too little wording of its own beside facts and quotations",
)

# What quotes a name, a column or the text, and what is kept of it: such a reason again.
_SHORTENED = (
    (f"cannot be read.*?({_FAULT})", r"cannot be read\1"),
    (f"corrupt gzip.*?({_FAULT})", r"corrupt gzip\1"),
    ("a broken link.*", "a broken link"),
    ("a link, not followed.*", "a link, not followed"),
    (r"the suffix (?:.*is|is) not supported(?: \(supported: .*)?", "the suffix is not supported"),
    (r"it has no suffix(?: \(supported: .*)?", "it has no suffix"),
    (r"not valid JSON(?:: .*)?( \(column \d+\))", r"not valid JSON\1"),
    ('no (field|column) (?:".*|as asked for)', r"no \1 as asked for"),
    (f'(?:field ".*"|a field) (holds {_VALUE}, not text)', r"a field \1"),
    (f'(?:field ".*"|a field) (holds {_VALUE}; an id is text or a number)', r"a field \1"),
    ('(?:field ".*"|a field) (holds only white space|is empty)', r"a field \1"),
    ('(?:field ".*"|a field) (is empty; a document needs an id)', r"a field \1"),
    (r'(?:column ".*"|a column) (stands \d+ times in the header)', r"a column \1"),
    (r'no cell for (?:column ".*"|a column): (\d+ of \d+ cells)', r"no cell for a column: \1"),
    (
        r"not valid CSV(?:: .*)?(, in lines? \d+(?: to \d+)?; a quote in a quoted cell must be "
        r"doubled)",
        r"not valid CSV\1",
    ),
)

# The parts of what is said of a document's signals, and of its decoding and its markup
# (evidence/signals.py, text/decoding.py, text/html.py).
_PARTS_KEPT = (
    "a foreign-script run breaks the sentence",
    r"in (?:at least )?\d+ of \d+ members of (?:family|review)-\d+",
    r"the words around it stand in \d+ other members?",
    r"and [\d,]+ more signals? of this kind in this text",
    "the text ends without a full stop|characters lost when the text was decoded",
    "decoded with the wrong character encoding|surrogate|repaired for matching",
    r"\d+ characters? that nobody sees: U\+[0-9A-F]+(?: U\+[0-9A-F]+)*",
    r"encoding guessed: [\w-]+",
    r"not valid [\w-]+: (?:1 place was|[\d,]+ places were) replaced by U\+FFFD",
    r"lone surrogates replaced by U\+FFFD: [\d,]+",
    "no main text was found, so the whole page was read",
    "broken in many places, so that from one of them on the tags were read as text",
)
_PARTS_SHORTENED = (
    # Tags follow, or what looked like one and may be a word of the page.
    ("never closed, so its text was kept.*", "never closed, so its text was kept"),
)


def known_reason(reason: str) -> str:
    """A reason without what it quotes, or NO_REASON if it is not one that this package gives.

    >>> known_reason('no field "text" (found "body"); try --text-field body')
    'no field as asked for'
    >>> known_reason("not valid utf-8: 3 places were replaced by U+FFFD")
    'not valid utf-8: 3 places were replaced by U+FFFD'
    >>> known_reason("lost by Jane Doe")
    'the reason is left out: it may quote a name or a text'
    """
    if reason in ("", NO_REASON):
        return reason
    whole = _harmless(reason, _REASONS)
    if whole is not None:
        return whole
    parts = [_harmless(part, _PARTS) for part in reason.split("; ")]
    known = [part for part in parts if part is not None]
    return "; ".join(known) if len(known) == len(parts) else NO_REASON


_Known = tuple[tuple[re.Pattern[str], str], ...]


def _known(kept: Iterable[str], shortened: Iterable[tuple[str, str]]) -> _Known:
    """What is known, the whole of it first, each with what is kept of it."""
    every = [*((pattern, r"\g<0>") for pattern in kept), *shortened]
    return tuple((re.compile(pattern, re.DOTALL | re.ASCII), left) for pattern, left in every)


_REASONS, _PARTS = _known(_KEPT, _SHORTENED), _known(_PARTS_KEPT, _PARTS_SHORTENED)


def _harmless(text: str, known: _Known) -> str | None:
    """What is kept of a reason or of a part of one; None: it is not known."""
    for pattern, kept in known:
        if match := pattern.fullmatch(text):
            return match.expand(kept)
    return None
