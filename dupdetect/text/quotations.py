"""Quotations: the stretches of a text that stand between quotation marks.

In: a text. Out: half-open spans, ascending and disjoint, the marks included.
Method: the paired marks of Unicode's General Punctuation and CJK blocks, and straight marks told
apart by their neighbours. One quotation is open at a time: marks inside it are part of it. One that
is never closed ends with its paragraph, as newspapers mark a quotation of several paragraphs.

Apostrophes part no text: straight single marks are never read as quotation marks, and curly single
ones only where a pair of them stands outside words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dupdetect.text.tokens import is_unspaced

# What closes a quotation, by what opened it. Where a text mixes curly and straight marks, either
# closes the other.
_STRAIGHT, _SINGLE = '"', "‘"
_CLOSERS = {
    _STRAIGHT: '"”',
    "“": '”"',
    "”": '”"',  # Swedish and Finnish open as they close
    "„": '“”"',
    "‟": '”"',
    _SINGLE: "’",
    "‚": "‘’",
    "«": "»",
    "»": "«»",
    "‹": "›",
    "›": "‹›",
    "「": "」",
    "『": "』",
    "｢": "｣",
    "﹁": "﹂",
    "﹃": "﹄",
    "〝": "〞〟",
}
# These open only where they stand before a word and not behind one.
_OPENS_BY_PLACE = frozenset({_STRAIGHT, "”", "»", "›"})
# An unclosed one of these is rather an apostrophe or a comma.
_MUST_CLOSE = frozenset({_SINGLE, "‚", "›", "‹"})
# Doubled marks, and the back-ticks and apostrophes of TeX and the wires, stand for one straight.
_MARK = re.compile("``|''|\"\"?|[“”„‟‘’‚«»‹›「」『』｢｣﹁﹂﹃﹄〝〞〟]")
_BEFORE_NO_OPENING = frozenset(" \t\xa0\u202f\u3000,.;:!?)]}、。，．！？")
_PARAGRAPH_END = re.compile(r"\n[^\S\n]*\n\s*|\r[^\S\r\n]*\r\s*|\u2029\s*")
# A line longer than this was not broken by hand: its end is the paragraph's.
_LONGEST_WRAPPED_LINE = 100


def quotation_spans(text: str) -> NDArray[np.int64]:
    r"""The quotations of a text, as half-open spans of code points; shape (n, 2).

    Ascending, disjoint, the marks included; no span crosses the end of a paragraph. Linear in the
    length of the text.

    >>> text = "“I won’t go,” they said. „Nein“, «non»; the boys' 5\" nail. \"So be it."
    >>> [text[start:end] for start, end in quotation_spans(text)]
    ['“I won’t go,”', '„Nein“', '«non»', '"So be it.']
    """
    if _MARK.search(text) is None:
        return np.empty((0, 2), dtype=np.int64)
    spans = [
        span
        for start, end in pairwise(_paragraph_bounds(text))
        for span in _of_paragraph(text, start, end)
    ]
    return np.array(spans, dtype=np.int64).reshape(-1, 2)


def covered_share(spans: NDArray[np.int64], start: int, end: int) -> float:
    """The share of a stretch that lies inside some disjoint ascending spans, in [0, 1].

    Args:
        spans: the spans; shape (n, 2).
        start: first code point of the stretch.
        end: one past the last; an empty stretch has a share of 0.

    >>> covered_share(np.array([[0, 4], [8, 20]]), 2, 12)
    0.6
    """
    first, last = np.searchsorted(spans[:, 1], start, "right"), np.searchsorted(spans[:, 0], end)
    near = np.clip(spans[first:last], start, end)
    return float((near[:, 1] - near[:, 0]).sum()) / (end - start) if end > start else 0.0


def _paragraph_bounds(text: str) -> Sequence[int]:
    """Where paragraphs begin and end: at blank lines, and at the ends of unwrapped lines."""
    bounds = {0, len(text), *(match.end() for match in _PARAGRAPH_END.finditer(text))}
    position = 0
    for line in text.splitlines(keepends=True):
        position += len(line)
        if len(line) > _LONGEST_WRAPPED_LINE:
            bounds.add(position)
    return sorted(bounds)


def _of_paragraph(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Quotations between two places; those still open end with the last visible character."""
    opened, opening = -1, ""
    for match in _MARK.finditer(text, start, end):
        mark = match.group()[0].replace("`", _STRAIGHT).replace("'", _STRAIGHT)
        before = text[match.start() - 1] if match.start() > start else " "
        after = text[match.end()] if match.end() < end else " "
        if opened >= 0 and mark in _CLOSERS[opening] and _closes(mark, before, after):
            yield opened, match.end()
            opened = -1
        elif (opened < 0 or opening in _MUST_CLOSE) and _opens(mark, before, after):
            opened, opening = match.start(), mark
    if opened >= 0 and opening not in _MUST_CLOSE:
        yield opened, opened + len(text[opened:end].rstrip())


def _opens(mark: str, before: str, after: str) -> bool:
    if mark not in _CLOSERS:
        return False
    if mark in (_SINGLE, "‚", "‹"):
        return not before.isalnum() and not after.isspace()
    if mark not in _OPENS_BY_PLACE:
        return True
    behind_word = before.isalnum() and not is_unspaced(before)
    if mark == _STRAIGHT and before.isspace() and after.isspace():
        return True  # cut into tokens: " so be it "
    return not behind_word and after not in _BEFORE_NO_OPENING and not after.isspace()


def _closes(mark: str, before: str, after: str) -> bool:
    """Whether a mark that can close does so here: an apostrophe, or the next opening, does not."""
    if mark in "’‘":
        return not before.isspace() and not after.isalnum()
    if mark in _OPENS_BY_PLACE:
        return not before.isspace() or after.isspace() or after in _BEFORE_NO_OPENING
    return True
