"""Signals: what a reader should know about one document; none of them is ever a verdict.

In: a prepared text. Out: signals, each with a span of the text as read and a one-line reason.

Each signal has an honest explanation too: a Chinese name in an English sentence, a page cut by a
crawler, an old export. They are counted over a family, where their agreement may mean something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from dupdetect.results import Repair, Signal
from dupdetect.text.prepare import PreparedText
from dupdetect.text.tokens import INVISIBLE

INSERTED_ANCHOR = "inserted-anchor"
TRUNCATED_END = "truncated-end"
ENCODING_DAMAGE = "encoding-damage"
HIDDEN_CHARACTERS = "hidden-characters"

#: Signals of one name listed for one document; the last one listed says how many more there are.
MAX_LISTED = 20

# A last line shorter than this may be a heading, a byline or a button.
_MIN_PROSE_TOKENS = 10
_ENDS_WELL = re.compile("[.!?…‼⁇⁈⁉؟۔।॥。！？｡．។៕:;\"'”’»›)\\]}」』）】》]\\Z")
# Variation selectors draw the character before them; the rest of INVISIBLE is looked at.
_HIDDEN = re.compile(f"(?:(?![\ufe00-\ufe0f\U000e0100-\U000e01ef])[{INVISIBLE}])+")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_JOINERS = frozenset("\u200c\u200d")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff]")
# Scripts, and emoji, in which joiners are spelling: Arabic, Indic, Sinhala, Mongolian, ...
_JOINING = re.compile("[\u0600-\u0dff\u0f00-\u109f\u1780-\u18af\u2190-\u2bff\U0001f000-\U0001faff]")


def find_signals(text: PreparedText) -> tuple[Signal, ...]:
    """All signals of one document, in the order of their places.

    >>> from dupdetect.results import Document
    >>> from dupdetect.text.prepare import prepare
    >>> page = prepare(Document("a", "Investors in 香港AI startups hope for more."))
    >>> [(each.name, each.text) for each in find_signals(page)]
    [('inserted-anchor', '香港AI')]
    """
    found = [
        *_listed(_inserted_anchors(text)),
        *_listed(_encoding_damage(text)),
        *_listed(_hidden_characters(text)),
        *_truncated_end(text),
    ]
    return tuple(sorted(found, key=lambda signal: (signal.start, signal.end, signal.name)))


def count_over_family(
    signals: Mapping[str, Sequence[Signal]], members: Sequence[str], family: str
) -> dict[str, tuple[Signal, ...]]:
    """The members' signals, where an anchor says how many members of the family carry it.

    Args:
        signals: of each document, by id.
        members: ids of the family's members.
        family: its id.
    """
    carriers: dict[str, set[str]] = {}
    for member in members:
        for signal in signals[member]:
            if signal.name == INSERTED_ANCHOR:
                carriers.setdefault(signal.text, set()).add(member)
    return {
        member: tuple(
            replace(
                signal,
                reason=f"{signal.reason}; in {len(carriers[signal.text])} of {len(members)} "
                f"members of {family}",
            )
            if signal.name == INSERTED_ANCHOR
            else signal
            for signal in signals[member]
        )
        for member in members
    }


def _signal(text: PreparedText, name: str, start: int, end: int, reason: str) -> Signal:
    return Signal(name, start, end, text.document.text[start:end], reason)


def _listed(signals: Iterator[Signal]) -> list[Signal]:
    """The first few of one kind; the last of them tells of the others."""
    listed: list[Signal] = []
    n_more = 0
    for signal in signals:
        if len(listed) < MAX_LISTED:
            listed.append(signal)
        else:
            n_more += 1
    if n_more:
        listed[-1] = replace(listed[-1], reason=f"{listed[-1].reason}; and {n_more} more like it")
    return listed


def _inserted_anchors(text: PreparedText) -> Iterator[Signal]:
    """Foreign-script runs with a word of the sentence directly before and after them."""
    tokens, read = text.tokens, text.document.text
    for first, last in tokens.sentence_rows.tolist():
        row = first
        while row < last:
            run = row
            while row < last and tokens.foreign[row]:
                row += 1
            if run == row:
                row += 1
                continue
            start, end = int(text.spans[run, 0]), int(text.spans[row - 1, 1])
            # Brackets, quotation marks or a comma would set a name or a gloss apart.
            breaks = (
                first < run
                and row < last
                and read[int(text.spans[run - 1, 1]) : start].isspace()
                and read[end : int(text.spans[row, 0])].isspace()
            )
            if breaks:
                yield _signal(
                    text, INSERTED_ANCHOR, start, end, "a foreign-script run breaks the sentence"
                )


def _truncated_end(text: PreparedText) -> Iterator[Signal]:
    """The last line is prose and stops without a full stop, a quotation mark or a bracket."""
    read = text.document.text
    end = len(read.rstrip())
    start = max(read.rfind("\n", 0, end), read.rfind("\r", 0, end)) + 1
    line = read[start:end]
    n_tokens = int(((text.spans[:, 0] >= start) & (text.spans[:, 1] <= end)).sum())
    if n_tokens < _MIN_PROSE_TOKENS or _ENDS_WELL.search(line):
        return
    spans = text.sentence_spans
    last_start = int(spans[-1, 0]) if len(spans) else start
    yield _signal(text, TRUNCATED_END, max(start, last_start), end, "the last sentence has no end")


def _encoding_damage(text: PreparedText) -> Iterator[Signal]:
    if note := text.document.decoding_note:
        yield _signal(text, ENCODING_DAMAGE, 0, 0, note)
    for repair in text.repaired.repairs:
        if repair.kind != "html-entity":
            yield _signal(text, ENCODING_DAMAGE, repair.start, repair.end, _repair_reason(repair))
    repaired = {
        place for repair in text.repaired.repairs for place in range(repair.start, repair.end)
    }
    for match in re.finditer("\ufffd+", text.document.text):
        start, end = match.span()
        if repaired.isdisjoint(range(start, end)):
            reason = "characters lost when the text was decoded"
            yield _signal(text, ENCODING_DAMAGE, start, end, reason)


def _repair_reason(repair: Repair) -> str:
    if repair.kind == "mojibake":
        return "decoded with the wrong character encoding; repaired for matching"
    return f"{repair.kind}; repaired for matching"


def _hidden_characters(text: PreparedText) -> Iterator[Signal]:
    """Characters that are drawn as nothing, where spelling does not call for them."""
    read = text.document.text
    right_to_left = _RIGHT_TO_LEFT.search(read) is not None
    for match in _HIDDEN.finditer(read):
        start, end = match.span()
        around = read[max(0, start - 1) : start] + read[end : end + 1]
        hidden = [
            character
            for character in match.group()
            if not (character in _JOINERS and _JOINING.search(around))
            and not (character in _BIDI and right_to_left)
        ]
        if hidden:
            names = " ".join(sorted({f"U+{ord(character):04X}" for character in hidden}))
            plural = "s" if len(hidden) > 1 else ""
            reason = f"{len(hidden)} character{plural} that nobody sees: {names}"
            yield _signal(text, HIDDEN_CHARACTERS, start, end, reason)
