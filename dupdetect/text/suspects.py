"""Suspects: is a text worth the search for mojibake, and through which charsets?

In: a text. Out: the charsets that `find_mojibake` must try; for most texts none. The search is slow
and most texts are clean, so that what it would ask of a sequence is asked here of pairs of
neighbours, in all charsets at once. One charset too many may be named, but never one too few.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dupdetect.text.charsets import COMMON, byte_classes, charsets, decoding_table
from dupdetect.text.mojibake import (
    AFTER_A_WORD,
    LATIN_RANGES,
    OPENING,
    SYMBOL_RANGES,
    Verdict,
    fit,
    script_of,
)
from dupdetect.text.pairs import Beside, PairTable

# Conditions that prove nothing, but let a text be believed if its sequences explain it all.
_MAY_EXPLAIN = Beside.STOP_BEFORE | Beside.TYPOGRAPHY
# Conditions of a foreign word, which is two sequences or more.
_MAY_CHAIN = (
    Beside.BYTE_BEHIND | Beside.LATER_BYTE_BEFORE | Beside.LOW_BEHIND | Beside.CHAINED_SYMBOL_BEHIND
)
_SMALL_ASCII_BEFORE = re.compile("[a-z]{2}[^\x00-\x7f]")  # "aa" in windows: _explains_everything

_CHAINS_AT_ONCE = 1 << 14  # a bound on memory: 12 places and masks of 8 bytes each

_Bools = npt.NDArray[np.bool_]


def letters_of_charsets() -> frozenset[str]:
    """Every character beyond ASCII that a charset reads a byte of UTF-8 as."""
    tables = (decoding_table(charset.name)[0x80:0xF5] for charset in charsets())
    return frozenset("\ufffd".join(tables)) - {"\ufffe"}


def suspected_charsets(
    table: PairTable, text: str, at: npt.NDArray[np.int64], found: npt.NDArray[np.uint16]
) -> int:
    """The charsets that a text could be believed to have been read through.

    Args:
        table: one that `mark_suspects` marked.
        text: the text.
        at: where the table found something in it.
        found: which conditions held there.

    Returns:
        As bits, in the order of CHARSETS; 0 if `find_mojibake` would answer [].
    """
    wanted = ~int(_MAY_EXPLAIN | _MAY_CHAIN)
    if (found & np.uint16(_MAY_EXPLAIN)).any() and _SMALL_ASCII_BEFORE.search(text):
        wanted = ~int(_MAY_CHAIN)
    proofs = found & np.uint16(wanted & 0xFFFF) != 0
    suspected = 0
    for start in at[proofs].tolist():
        suspected |= _readers(text, start)
    chained = at[~proofs & (found & np.uint16(_MAY_CHAIN) != 0)]
    if len(chained):
        padded = f"\0\0\0\0{text}\0\0\0\0\0\0\0"
        for first in range(0, len(chained), _CHAINS_AT_ONCE):
            starts = chained[first : first + _CHAINS_AT_ONCE].tolist()
            nearby = table.places(padded[start : start + 12] for start in starts)
            suspected |= _readers_of_symbol_chains(table, nearby.reshape(-1, 12).T)
    return suspected


def _readers(text: str, start: int) -> int:
    """The charsets in which a sequence begins here, or shortly before a byte that was lost here."""
    classes = byte_classes()
    follows = text[start + 1 : start + 2]
    if follows == " ":
        return classes.before_space.get(text[start], 0)
    readers = 0
    for lead in range(max(0, start - 2) if follows == "\ufffd" else start, start + 1):
        begins = -1
        firsts = (classes.first_of_2, classes.first_of_3, classes.first_of_4)
        for place, first in enumerate(firsts, start=lead + 1):
            begins &= classes.continuation.get(text[place : place + 1], 0)
            readers |= begins & first.get(text[lead], 0)
    return readers


def _readers_of_symbol_chains(table: PairTable, nearby: npt.NDArray[np.int64]) -> int:
    """The charsets in which a sequence that has a symbol in it touches another one.

    The very last character of the two does not count as a symbol.

    Args:
        table: where the letters are.
        nearby: their places, of shape (12, n): four before a sequence, and eight from its first.
    """
    bits = _bits_of_letters(table.letters)
    later = bits.continuation[nearby]
    of_2 = later[1:10]
    of_3 = of_2 & later[2:11]
    of_4 = of_3 & later[3:12]
    of_2 = of_2 & bits.first_of_2[nearby[:9]]
    of_3 = of_3 & bits.first_of_3[nearby[:9]]
    of_4 = of_4 & bits.first_of_4[nearby[:9]]
    begins = of_2 | of_3 | of_4
    ends_before = of_2[2] | of_3[1] | of_4[0]
    symbols = np.logical_or.accumulate(bits.symbol[nearby[4:8]], axis=0)
    found = np.zeros(nearby.shape[1], dtype=np.uint64)
    for length, here in enumerate((of_2[4], of_3[4], of_4[4]), start=2):
        found |= here & begins[4 + length] * symbols[length - 1]
        found |= here & ends_before * symbols[length - 2]
    return int(np.bitwise_or.reduce(found))


class _Bits(NamedTuple):
    """ByteClasses of the letters of a table, each of shape (number of letters,)."""

    first_of_2: npt.NDArray[np.uint64]
    first_of_3: npt.NDArray[np.uint64]
    first_of_4: npt.NDArray[np.uint64]
    continuation: npt.NDArray[np.uint64]
    symbol: npt.NDArray[np.bool_]


@functools.cache
def _bits_of_letters(letters: str) -> _Bits:
    first_of_2, first_of_3, first_of_4, continuation, _ = (
        np.array([bits.get(char, 0) for char in letters], dtype=np.uint64)
        for bits in byte_classes()
    )
    symbol = np.array([not char.isalpha() for char in letters])
    return _Bits(first_of_2, first_of_3, first_of_4, continuation, symbol)


def mark_suspects(table: PairTable) -> None:
    """Mark the pairs of characters without which `find_mojibake` answers [].

    An answer needs a verdict above LIKELY, or only likely ones that explain everything. What a
    verdict asks of the characters in and around a sequence is asked here of its first two, in any
    of the charsets, and of the two behind; where more would have to be known, the worst is assumed.

    Args:
        table: one that has `letters_of_charsets()`.
    """
    letters = _Letters.of(table)
    for charset in charsets():
        codes = np.frombuffer(charset.encode(table.letters), dtype=np.uint8)
        _mark_sequences(table, letters, codes)
        _mark_lost_spaces(table, letters, codes)
    everything = np.arange(len(table.letters))
    controls = table.places(map(chr, range(0x80, 0xA0)))
    table.mark_places(everything, controls, Beside.ANYTHING)
    table.mark_places(controls, everything, Beside.ANYTHING)
    table.mark_places(everything[3:], table.places("\ufffd"), Beside.ANYTHING)
    leads, later, low = (
        frozenset("".join(decoding_table(charset.name)[start:end] for charset in charsets()))
        for start, end in ((0xC2, 0xF5), (0x80, 0xC0), (0x80, 0x88))
    )
    symbols = {char for char in later if not char.isalpha()}
    strangers = {char for char in later if not (char.islower() and script_of(char) == "LATIN")}
    table.fulfil_before(later, Beside.LATER_BYTE_BEFORE)
    table.fulfil_behind(leads | later, Beside.BYTE_BEHIND)
    table.fulfil_behind(low, Beside.LOW_BEHIND)
    table.fulfil_behind(symbols, Beside.SYMBOL_BEHIND | Beside.CHAINED_SYMBOL_BEHIND)
    table.fulfil_behind(strangers - symbols, Beside.STRANGER_BEHIND)


@dataclass(frozen=True, slots=True)
class _Letters:
    """What is asked of the letters of a table, each of shape (number of letters,)."""

    alphabetic: _Bools
    latin: _Bools  # and alphabetic
    upper: _Bools
    lower: _Bools
    opening: _Bools
    after_a_word: _Bools  # with a word behind it, it is odd

    @classmethod
    def of(cls, table: PairTable) -> _Letters:
        def each(test: Callable[[str], bool]) -> _Bools:
            return np.array([test(char) for char in table.letters])

        return cls(
            alphabetic=each(str.isalpha),
            latin=each(lambda char: char.isalpha() and script_of(char) == "LATIN"),
            upper=each(str.isupper),
            lower=each(str.islower),
            opening=each(OPENING.__contains__),
            after_a_word=each(AFTER_A_WORD.__contains__),
        )


def _mark_sequences(table: PairTable, letters: _Letters, codes: npt.NDArray[np.uint8]) -> None:
    """Mark the pairs that begin a sequence in one charset.

    Args:
        table: the table.
        letters: what is asked of its letters.
        codes: the bytes of its letters in the charset.
    """
    first = np.flatnonzero((codes >= 0xC2) & (codes < 0xF5))
    second = np.flatnonzero((codes >= 0x80) & (codes < 0xC0))
    shapes = _shapes()
    at = np.ix_(codes[first], codes[second])
    pair = shapes.pair[at]
    longer = shapes.longer[at]
    symbol = ~letters.alphabetic[first][:, None] | ~letters.alphabetic[second]
    latin = letters.latin[first][:, None]
    upper = letters.upper[first][:, None]
    marks = np.zeros(pair.shape, dtype=np.uint16)

    def mark(where: _Bools, beside: Beside) -> None:
        marks[np.broadcast_to(where, marks.shape)] |= np.uint16(beside)

    # What is likely behind a full stop, and the pieces of typography: _explains_everything.
    mark(shapes.valid[at], Beside.STOP_BEFORE)
    mark(shapes.typography[at], Beside.TYPOGRAPHY)
    # _never_written, for sequences that may be LIKELY; C1 controls are marked for all charsets.
    mark((pair | longer) & upper, Beside.SMALL_BEFORE)
    mark(longer & symbol, Beside.ANYTHING)
    mark(longer, Beside.SYMBOL_BEHIND)
    # _hardly_written, for a first character that is no Latin letter.
    spaces = np.isin(second, table.places("\xa0\u202f"))
    mark((pair | longer) & ~latin, Beside.LATIN_BEFORE)
    mark(pair & ~latin & ~spaces, Beside.LATIN_BEHIND)
    mark(longer & ~latin, Beside.LATIN_NEXT_BUT_ONE)
    mark(shapes.four[at], Beside.ANYTHING)
    # The same for one that is.
    turns = letters.lower[first][:, None] & letters.upper[second]
    mark(longer & latin & (~letters.latin[second] | turns), Beside.ANYTHING)
    mark(longer & latin, Beside.STRANGER_BEHIND)
    opening, after = letters.opening[second], letters.after_a_word[second]
    ends = after & ~spaces & ~np.isin(second, table.places("’"))
    mark(pair & latin & (opening | ends), Beside.WORD_BEHIND)
    mark(pair & latin & ~(opening | after | letters.alphabetic[second]), Beside.ANYTHING)
    # A foreign word with a symbol in it: _verdicts.
    mark((shapes.foreign_pair | shapes.foreign_longer)[at] & symbol, Beside.BYTE_BEHIND)
    symbol_first = ~letters.alphabetic[first][:, None]
    mark(shapes.foreign_pair[at] & symbol_first, Beside.LATER_BYTE_BEFORE)
    mark(shapes.foreign_longer[at], Beside.CHAINED_SYMBOL_BEHIND)
    mark(shapes.foreign_four[at], Beside.BYTE_BEHIND)
    mark(shapes.foreign_high[at], Beside.LOW_BEHIND)
    table.mark_places(first, second, marks)


def _mark_lost_spaces(table: PairTable, letters: _Letters, codes: npt.NDArray[np.uint8]) -> None:
    """Mark what was C2 or C3 before a no-break space, in one charset, and now is before a space."""
    first = np.flatnonzero((codes == 0xC2) | (codes == 0xC3))
    space = table.places(" ")
    table.mark_places(first, space, Beside.STOP_BEFORE)
    table.mark_places(first[letters.upper[first]], space, Beside.SMALL_BEFORE)
    table.mark_places(first[~letters.latin[first]], space, Beside.LATIN_BEFORE)


@dataclass(frozen=True, slots=True)
class _Shapes:
    """What two bytes are or begin, each of shape (256, 256): first byte, second byte."""

    valid: _Bools  # a sequence
    pair: _Bools  # one of two bytes that may be LIKELY
    longer: _Bools  # one of three or four that may be LIKELY
    four: _Bools  # one of four that may be LIKELY
    typography: _Bools  # one of three, for a common character
    foreign_pair: _Bools  # one of two, for a letter of a foreign word
    foreign_longer: _Bools  # one of three or four that may be a letter of a foreign word
    foreign_four: _Bools  # one of four, in planes 1 to 3
    foreign_high: _Bools  # one of four, in plane 14, whose third byte is 80 to 87


@functools.cache
def _shapes() -> _Shapes:
    def starts(codes: Iterable[int], length: int) -> _Bools:
        found = np.zeros((256, 256), dtype=bool)
        for code in codes:
            data = chr(code).encode()
            if len(data) == length:
                found[data[0], data[1]] = True
        return found

    # Of the characters that share their first two bytes, one is enough. Surrogates are none; planes
    # 4 to 13 are empty, and plane 14 ends at U+E01EF.
    heads = [code for code in range(0x800, 0x10000, 64) if not 0xD800 <= code < 0xE000]
    heads += range(0x10000, 0x110000, 64 * 64)
    ranges = itertools.chain.from_iterable(
        range(low, high + 1) for low, high in SYMBOL_RANGES + LATIN_RANGES
    )
    likely = [code for code in ranges if fit("", chr(code), "") is Verdict.LIKELY]
    foreign = [code for code in range(0x80, 0x800) if _may_be_foreign(chr(code))]
    low_planes = [code for code in heads if 0x10000 <= code < 0x40000]
    plane_14 = [code for code in heads if code == 0xE0000]
    longer_likely = starts(likely, 3) | starts(likely, 4)
    return _Shapes(
        valid=starts(range(0x80, 0x800), 2) | starts(heads, 3) | starts(heads, 4),
        pair=starts(likely, 2),
        longer=longer_likely,
        four=starts(likely, 4),
        typography=starts(map(ord, COMMON), 3),
        foreign_pair=starts(foreign, 2),
        foreign_longer=starts(heads, 3) | starts(low_planes, 4),
        foreign_four=starts(low_planes, 4),
        foreign_high=starts(plane_14, 4),
    )


def _may_be_foreign(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM" and script_of(char) != "LATIN"
