"""Signals: what a reader should know about one document; none of them is ever a verdict.

In: a prepared text. Out: signals, each with a span of the text as read and a one-line reason.

Each signal has an honest explanation too: a Chinese name in an English sentence, a page cut by a
crawler, an old export. They are counted over a family, where their agreement may mean something:
the same anchor in several members, or in a sentence that other members have without it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np

from dupdetect.results import Occurrence, Repair, Signal
from dupdetect.text.background import STOP_WORDS
from dupdetect.text.prepare import PreparedText
from dupdetect.text.tokens import INVISIBLE, is_unspaced

INSERTED_ANCHOR = "inserted-anchor"
TRUNCATED_END = "truncated-end"
ENCODING_DAMAGE = "encoding-damage"
HIDDEN_CHARACTERS = "hidden-characters"

#: Signals of one name listed for one document; the last one listed says how many more there are.
MAX_LISTED = 20
#: Equal tokens in a row on one side of an anchor that say that two sentences are one.
MIN_SLOT_TOKENS = 3

_BREAKS = "a foreign-script run breaks the sentence"
# Before what a reason adds about other signals: always its last part.
_MORE = "; and "

# A last line shorter than this may be a heading, a byline or a button.
_MIN_PROSE_WORDS = 10
# Sentence terminals (PropList of Unicode) of living scripts, and what else closes a line of prose.
_TERMINATORS = (
    ".!?…‼⁇⁈⁉:;。！？：；．｡"
    "\u0589\u05c3\u061e\u061f\u06d4\u0700-\u0702\u07f9"  # Armenian, Hebrew, Arabic, Syriac, N'Ko
    "\u0964\u0965\u0f0d\u0f0e\u104a\u104b\u17d4\u17d5"  # Indic, Tibetan, Myanmar, Khmer
    "\u1362\u1367\u1368\u166e\u1803\u1809\u1c7e\u1c7f"  # Ethiopic, Canadian, Mongolian, Ol Chiki
)
_ENDS_WELL = re.compile(f"[{_TERMINATORS}\"'”’»›)\\]}}」』）】》]")
# What may follow the end of a sentence, read backwards so that one match finds all of it: white
# space, the unseen, Markdown, symbols and emoji; footnote marks such as "[12]", keycaps, and tags.
_DRESSING = re.compile(
    f"(?:[\\s{INVISIBLE}*_~`†‡§¹²³⁰⁴-⁹©®™\u2190-\u2328\u232b-\u23ff\u25a0-\u27bf\u2b00-\u2bff"
    "\ue000-\uf8ff\U0001f000-\U0001faff]"
    "|\\][0-9]{1,3}\\[|\u20e3\ufe0f?[0-9#*]|>(?:[A-Za-z0-9]{1,10}/|(?:/ ?)?rb)<)*+"
)
_ADDRESS = re.compile(
    r"\S*(?:://|\bwww\.|\bmailto:)\S+|[^\s@]+@[^\s@]+\.[^\s@]+"
    r"|[\w.-]+\.(?:com|edu|gov|info|io|net|org)(?:/\S*)?",
    re.IGNORECASE,
)
_MAX_ADDRESS_CHARS = 300  # the pattern could try a longer one in too many ways
_THAI_OR_LAO = re.compile("[\u0e00-\u0eff]")
# Variation selectors draw the character before them; the rest of INVISIBLE is looked at.
_HIDDEN = re.compile(f"(?:(?![\ufe00-\ufe0f\U000e0100-\U000e01ef])[{INVISIBLE}])+")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_JOINERS = frozenset("\u200c\u200d")
_WORD_END = "\u200b"  # in scripts written without spaces: a line may end there
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff]")
_BLACK_FLAG = "\U0001f3f4"
# A region of 3 to 6 letters and digits, and the tag that closes it (UTS #51): the flag of Wales.
# A longer run could carry a message.
_FLAG_TAGS = re.compile("[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
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
    return tuple(sorted(found, key=_place))


def count_over_family(
    signals: Mapping[str, Sequence[Signal]], members: Sequence[str], family: str
) -> dict[str, tuple[Signal, ...]]:
    """The members' signals, where an anchor says which members of the family carry it, and where.

    Signals beyond MAX_LISTED are not known here: a count they may add to is said to be the least.

    Args:
        signals: of each document, by id.
        members: ids of the family's members.
        family: its id.
    """
    places: dict[str, list[Occurrence]] = {}
    cut = set()
    for member in sorted(members):
        for signal in _anchors(signals[member]):
            place = Occurrence(member, signal.start, signal.end)
            places.setdefault(signal.text, []).append(place)
            if _MORE in signal.reason:
                cut.add(member)
    # The first place in each member: of equal keys the last one written stays.
    firsts = {
        text: {place.id: place for place in reversed(found)} for text, found in places.items()
    }
    listed = {
        text: tuple(found[id] for id in sorted(found)[:MAX_LISTED])
        for text, found in firsts.items()
    }

    def counted(signal: Signal) -> Signal:
        if signal.name != INSERTED_ANCHOR:
            return signal
        carrying = firsts[signal.text].keys()
        least = "" if cut <= carrying else "at least "
        count = f"in {least}{len(carrying)} of {len(members)} members of {family}"
        return replace(
            signal,
            reason=_with(signal.reason, count),
            occurrences=listed[signal.text],
            n_members=len(carrying),
            n_places=len(places[signal.text]),
        )

    return {member: tuple(map(counted, signals[member])) for member in members}


def align_over_family(
    signals: Mapping[str, Sequence[Signal]], members: Sequence[PreparedText]
) -> dict[str, tuple[Signal, ...]]:
    """The members' signals, where an anchor says which others carry the words around it.

    Taken out of its sentence, an inserted anchor leaves a slot. Another member carries the words
    around it when MIN_SLOT_TOKENS or more of them, directly before the slot or directly after it,
    stand there in the same order, one of them no stop word. Foreign-script runs are stepped over in
    both texts, and the words of both sides are counted on where they follow one another.

    Args:
        signals: of each document, by id.
        members: the family's members.

    >>> from dupdetect.results import Document
    >>> from dupdetect.text.prepare import prepare
    >>> a = prepare(Document("a", "The city is a vibrant 香港AI hub for trade."))
    >>> b = prepare(Document("b", "Once more: it is a vibrant hub."))
    >>> (anchor,) = align_over_family({"a": find_signals(a), "b": ()}, [a, b])["a"]
    >>> anchor.reason
    'a foreign-script run breaks the sentence; the words around it stand in 1 other member'
    >>> b.document.text[anchor.slots[0].start : anchor.slots[0].end]
    'is a vibrant hub'
    """
    sentences = {text.document.id: _native_sentences(text) for text in members}
    slots = {
        (text.document.id, signal): slot
        for text in members
        for signal in _anchors(signals[text.document.id])
        if (slot := _slot(signal, text, sentences[text.document.id]))
    }
    places = _Places(sentences, {side for slot in slots.values() for side, _ in slot.sides})

    def aligned(text: PreparedText, signal: Signal) -> Signal:
        slot = slots.get((text.document.id, signal))
        others = [id for id in places.carriers(slot) if id != text.document.id] if slot else []
        if not slot or not others:
            return signal
        count = f"the words around it stand in {len(others)} other member"
        return replace(
            signal,
            reason=_with(signal.reason, count if len(others) == 1 else f"{count}s"),
            slots=tuple(places.longest(slot, id) for id in others[:MAX_LISTED]),
            n_slots=len(others),
        )

    return {
        text.document.id: tuple(aligned(text, each) for each in signals[text.document.id])
        for text in members
    }


def _with(reason: str, more: str) -> str:
    """A reason with one more part, before what it says of other signals."""
    said, mark, rest = reason.partition(_MORE)
    return f"{said}; {more}{mark}{rest}"


@dataclass(frozen=True, slots=True, eq=False)
class _Sentence:
    """The words of one sentence outside foreign-script runs, and their spans in the text as read.

    Attributes:
        words: the words.
        starts: first code point of each.
        ends: one past the last of each.
    """

    words: tuple[str, ...]
    starts: Sequence[int]
    ends: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where an anchor was taken out: the words of its sentence before and after it."""

    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def sides(self) -> Iterator[tuple[tuple[str, ...], int]]:
        """The words next to it on either side, where there are enough and they say something.

        With the number of words from the first of them to the slot.
        """
        n = MIN_SLOT_TOKENS
        for side, n_to_slot in ((self.before[-n:], n), (self.after[:n], 0)):
            if len(side) == n and not STOP_WORDS.issuperset(side):
                yield side, n_to_slot

    def around(self, sentence: _Sentence, at: int) -> tuple[int, int]:
        """The run of equal words around place `at` of a sentence, as half-open rows."""
        words = sentence.words
        first = last = at
        while first > 0 and at - first < len(self.before):
            if words[first - 1] != self.before[first - at - 1]:
                break
            first -= 1
        while last < len(words) and last - at < len(self.after):
            if words[last] != self.after[last - at]:
                break
            last += 1
        return first, last


class _Places:
    """Where the members of a family carry some runs of MIN_SLOT_TOKENS words."""

    def __init__(
        self, sentences: Mapping[str, Sequence[_Sentence]], sides: Set[tuple[str, ...]]
    ) -> None:
        self._places: dict[tuple[str, ...], dict[str, list[tuple[_Sentence, int]]]] = {
            side: {} for side in sides
        }
        self._carriers: dict[tuple[tuple[str, ...], ...], list[str]] = {}
        for id, of_member in sentences.items() if sides else ():
            for sentence in of_member:
                for row in range(len(sentence.words) - MIN_SLOT_TOKENS + 1):
                    run = sentence.words[row : row + MIN_SLOT_TOKENS]
                    if run in sides:
                        self._places[run].setdefault(id, []).append((sentence, row))

    def carriers(self, slot: _Slot) -> list[str]:
        """The members that carry words of a slot, by id; one list for all slots of equal sides."""
        sides = tuple(side for side, _ in slot.sides)
        if sides not in self._carriers:
            self._carriers[sides] = sorted({id for side in sides for id in self._places[side]})
        return self._carriers[sides]

    def longest(self, slot: _Slot, id: str) -> Occurrence:
        """The longest run of equal words around a slot in one of its carriers, the first of equals.

        The same words may stand on both sides of a slot, and a run then be found twice.
        """
        runs = []
        for side, n_to_slot in slot.sides:
            for sentence, row in self._places[side].get(id, []):
                first, last = slot.around(sentence, row + n_to_slot)
                runs.append((first - last, sentence.starts[first], sentence.ends[last - 1]))
        _, start, end = min(runs)
        return Occurrence(id, start, end)


def _native_sentences(text: PreparedText) -> list[_Sentence]:
    words, foreign, spans = text.tokens.words, text.tokens.foreign.tolist(), text.spans.tolist()
    sentences = []
    for first, last in text.tokens.sentence_rows.tolist():
        rows = [row for row in range(first, last) if not foreign[row]]
        sentences.append(
            _Sentence(
                tuple(words[row] for row in rows),
                [spans[row][0] for row in rows],
                [spans[row][1] for row in rows],
            )
        )
    return sentences


def _slot(signal: Signal, text: PreparedText, sentences: Sequence[_Sentence]) -> _Slot | None:
    """The words around an anchor in its sentence; None if there are too few on both sides."""
    row = int(np.searchsorted(text.spans[:, 0], signal.start))
    number = int(np.searchsorted(text.tokens.sentence_rows[:, 1], row, side="right"))
    sentence = sentences[number]
    at = bisect_left(sentence.starts, signal.start)
    slot = _Slot(sentence.words[:at], sentence.words[at:])
    return slot if any(slot.sides) else None


def _anchors(signals: Sequence[Signal]) -> Iterator[Signal]:
    return (signal for signal in signals if signal.name == INSERTED_ANCHOR)


def _signal(text: PreparedText, name: str, start: int, end: int, reason: str) -> Signal:
    return Signal(name, start, end, text.document.text[start:end], reason)


def _listed(signals: Iterator[Signal]) -> list[Signal]:
    """The first few of one kind, by place; the last of them tells of the others."""
    every = sorted(signals, key=_place)
    listed = every[:MAX_LISTED]
    if n_more := len(every) - len(listed):
        noun = "signal" if n_more == 1 else "signals"
        rest = f"{_MORE}{n_more:,} more {noun} of this kind in this text"
        listed[-1] = replace(listed[-1], reason=f"{listed[-1].reason}{rest}")
    return listed


def _place(signal: Signal) -> tuple[int, int, str]:
    return signal.start, signal.end, signal.name


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
                yield _signal(text, INSERTED_ANCHOR, start, end, _BREAKS)


def _truncated_end(text: PreparedText) -> Iterator[Signal]:
    """The last line is prose and stops without a full stop, a quotation mark or a bracket.

    Markup, footnote marks and symbols behind it are overlooked. An address ends as it must, and
    Thai and Lao are written without full stops.
    """
    read = text.document.text
    end = len(read.rstrip())
    start = max(read.rfind("\n", 0, end), read.rfind("\r", 0, end)) + 1
    line = read[start:end]
    in_line = (text.spans[:, 0] >= start) & (text.spans[:, 1] <= end)
    if text.tokens.n_words(in_line) < _MIN_PROSE_WORDS or _ends(line):
        return
    spans = text.sentence_spans
    last_start = int(spans[-1, 0]) if len(spans) else start
    reason = "the text ends without a full stop"
    yield _signal(text, TRUNCATED_END, max(start, last_start), end, reason)


def _ends(line: str) -> bool:
    """Whether a line of prose ends as sentences of its script do."""
    dressing = _DRESSING.match(line[::-1])
    bare = line[: len(line) - dressing.end()] if dressing else line
    if not bare or _ENDS_WELL.match(bare[-1]):
        return True
    last_letter = next((character for character in reversed(bare) if character.isalpha()), "")
    return (
        _ADDRESS.fullmatch(bare[-_MAX_ADDRESS_CHARS:].split()[-1]) is not None
        or _THAI_OR_LAO.match(last_letter) is not None
    )


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
        unspaced = len(around) == 2 and all(map(is_unspaced, around))
        if around[:1] == _BLACK_FLAG and (flag := _FLAG_TAGS.match(read, start)):
            start = flag.end()
        hidden = [
            character
            for character in read[start:end]
            if not (character in _JOINERS and _JOINING.search(around))
            and not (character in _BIDI and right_to_left)
            and not (character == _WORD_END and unspaced)
        ]
        if hidden:
            names = " ".join(sorted({f"U+{ord(character):04X}" for character in hidden}))
            plural = "s" if len(hidden) > 1 else ""
            reason = f"{len(hidden)} character{plural} that nobody sees: {names}"
            yield _signal(text, HIDDEN_CHARACTERS, start, end, reason)
