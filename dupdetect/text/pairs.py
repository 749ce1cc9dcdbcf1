"""Pairs of characters: does a text hold two neighbours that a table has marked?

In: marks, each with what must stand beside the pair. Out: the places where one holds, at some 10 ns
a character. What the marks mean is up to those who set them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from enum import IntFlag

import numpy as np
import numpy.typing as npt

_TOLD_APART = 0x10000  # characters of the Basic Multilingual Plane
_MAY_BE_LATIN = ((0, 0x3400), (0xA000, 0xAC00), (0xD7B0, 0x10000))  # not Han, not Hangul
_BLOCK = 1 << 16  # characters looked at in one go: a bound on memory, no more


class Beside(IntFlag):
    """What must stand beside a pair of characters for its mark to count."""

    ANYTHING = 1 << 0
    SMALL_BEFORE = 1 << 1  # a small letter
    LATIN_BEFORE = 1 << 2
    LATIN_BEHIND = 1 << 3
    LATIN_NEXT_BUT_ONE = 1 << 4
    WORD_BEHIND = 1 << 5  # a letter, a digit or "_"
    STOP_BEFORE = 1 << 6  # . , ; : ! ? or )
    BYTE_BEHIND = 1 << 7  # what is a byte of UTF-8 in some charset, beyond ASCII
    LOW_BEHIND = 1 << 8  # what is one of the bytes 80 to 87
    SYMBOL_BEHIND = 1 << 9  # a later byte, and no letter
    CHAINED_SYMBOL_BEHIND = 1 << 10  # the same, for a mark to be told from it
    STRANGER_BEHIND = 1 << 11  # a later byte, and a letter, but no small Latin one
    TYPOGRAPHY = 1 << 12  # anything, as ANYTHING, for a mark to be told from it
    ACCENT_BEFORE = 1 << 13  # these two are ftfy's: see repair.py
    CAPITAL_BEFORE = 1 << 14
    LATER_BYTE_BEFORE = 1 << 15  # what is not the first byte in some charset


class PairTable:
    r"""Marks on pairs of characters, and a quick search for them.

    A mark is a set of conditions, of which one must hold. All characters that no mark names are
    one, and so are the ASCII letters.

    Attributes:
        letters: the characters that can be told apart, the first for all others, then "a", " ".

    >>> table = PairTable("Ā\xa0Б")
    >>> table.mark("Ā", "\xa0", Beside.SMALL_BEFORE)
    >>> at, found = table.search("HongĀ\xa0Kong, RĪGĀ\xa0IR")
    >>> at.tolist(), found.tolist() == [Beside.SMALL_BEFORE]
    ([4], True)
    """

    def __init__(self, letters: Iterable[str]) -> None:
        self.letters = "\0a " + "".join(sorted({char for char in letters if not char.isascii()}))
        self._place = np.zeros(_TOLD_APART, dtype=np.int64)
        for place, char in enumerate(self.letters):
            self._place[ord(char)] = place
        for first, last in ("AZ", "az"):
            self._place[ord(first) : ord(last) + 1] = 1
        self._marks = np.zeros((len(self.letters), len(self.letters)), dtype=np.uint16)
        self._before, self._behind, self._next_but_one = _surroundings()

    def places(self, chars: Iterable[str]) -> npt.NDArray[np.int64]:
        """Where characters stand in `letters`; 0 for one that stands for all others."""
        codes = np.frombuffer("".join(chars).encode("utf-32-le"), dtype="<u4")
        return self._place.take(codes, mode="clip")

    def mark(self, first: Iterable[str], second: Iterable[str], beside: Beside) -> None:
        """Mark every pair of one of `first` and one of `second`."""
        self.mark_places(self.places(first), self.places(second), beside)

    def mark_places(
        self,
        first: npt.NDArray[np.int64],
        second: npt.NDArray[np.int64],
        beside: int | npt.NDArray[np.uint16],
    ) -> None:
        """The same by places; `beside` may be of shape (len(first), len(second))."""
        self._marks[np.ix_(first, second)] |= np.asarray(beside, dtype=np.uint16)

    def fulfil_before(self, chars: Iterable[str], condition: Beside) -> None:
        """Let characters fulfil a condition when they stand before a pair."""
        self._before[[ord(char) for char in chars]] |= np.uint16(condition)

    def fulfil_behind(self, chars: Iterable[str], condition: Beside) -> None:
        """Let characters fulfil a condition when they stand behind a pair."""
        self._behind[[ord(char) for char in chars]] |= np.uint16(condition)

    def search(self, text: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint16]]:
        """Where marked pairs stand in a text, and which of their conditions hold.

        Time is linear in the text.

        Returns:
            Offsets into the text, and for each the conditions, of which there is one or more.

        Raises:
            UnicodeEncodeError: half of a UTF-16 pair stands alone.
        """
        if len(text) <= _BLOCK:
            return self._search(text, 0)
        # One character before a block is seen again, and four behind it: a pair and two more.
        starts = range(0, len(text), _BLOCK)
        blocks = [(max(0, start - 1), start + _BLOCK + 3) for start in starts]
        found = [self._search(text[start:end], start) for start, end in blocks]
        at, beside = (np.concatenate(part) for part in zip(*found, strict=True))
        return at, beside

    def _search(
        self, text: str, offset: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint16]]:
        codes = np.frombuffer(f"\0{text}\0\0\0".encode("utf-32-le"), dtype="<u4")
        # No charset has one beyond the Basic Multilingual Plane: all are taken for its last.
        places = self._place.take(codes, mode="clip")
        pairs = places[:-1] * len(self.letters)
        pairs += places[1:]
        marks = self._marks.take(pairs)
        at = marks.nonzero()[0]
        if not len(at):
            return at, marks[:0]
        # What would stand before the first character or behind the last is padding as well.
        beside = self._before.take(codes.take(at - 1), mode="clip")
        beside |= self._behind.take(codes.take(at + 2, mode="clip"), mode="clip")
        beside |= self._next_but_one.take(codes.take(at + 3, mode="clip"), mode="clip")
        beside &= marks.take(at)
        holds = beside.nonzero()[0]
        return at.take(holds) + (offset - 1), beside.take(holds)


_Conditions = npt.NDArray[np.uint16]


def _surroundings() -> tuple[_Conditions, _Conditions, _Conditions]:
    """What each character fulfils before a pair, behind it, and next but one behind it."""
    size = _TOLD_APART
    chars = list(map(chr, range(size)))
    latin = np.zeros(size, dtype=bool)
    small = np.fromiter(map(str.islower, chars), dtype=bool, count=size)
    word = np.fromiter(map(str.isalnum, chars), dtype=bool, count=size)
    for low, high in _MAY_BE_LATIN:
        for code in np.flatnonzero(word[low:high]) + low:
            char = chars[code]
            latin[code] = char.isalpha() and unicodedata.name(char, "").startswith("LATIN ")
    word[ord("_")] = True
    stop = np.zeros(size, dtype=bool)
    stop[[ord(char) for char in ".,;:!?)"]] = True
    before = small * np.uint16(Beside.SMALL_BEFORE)
    before += latin * np.uint16(Beside.LATIN_BEFORE)
    before += stop * np.uint16(Beside.STOP_BEFORE)
    before += np.uint16(Beside.ANYTHING | Beside.TYPOGRAPHY)
    behind = latin * np.uint16(Beside.LATIN_BEHIND)
    behind += word * np.uint16(Beside.WORD_BEHIND)
    next_but_one = latin * np.uint16(Beside.LATIN_NEXT_BUT_ONE)
    for conditions in (before, behind, next_but_one):
        conditions[-1] = 0xFFFF  # stands for all characters behind it, which may be anything
    return before, behind, next_but_one
