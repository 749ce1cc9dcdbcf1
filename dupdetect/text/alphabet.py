r"""Alphabet: what `tokenize` and `fold` do with each code point, as tables for compiled scans.

In: the patterns of tokens.py and the Unicode data of the running Python. Out: Alphabet, made once
a process (about 0.3 s).

Folding works on whole words: NFKC may compose a letter with a mark that follows it, or put marks in
another order. Character by character it is the same wherever neither can happen (Unicode Standard
Annex 15, "Stable code points" and "Detecting normalization forms"), and the tables tell where that
is: a scan that meets a character which may go together with one before it gives the text up, and
`tokenize` does it.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dupdetect.text.tokens import (
    BEGINS,
    EXTENDS,
    INVISIBLE_CHARACTER,
    SPACED,
    fold,
)

N_CODE_POINTS = sys.maxunicode + 1

# An entry, from its lowest bit: 21 bits for a code point, 2 for the class, and one for each flag.
CODE_POINT = 2**21 - 1
CLASS_SHIFT = 21
OTHER, LETTER, SINGLE, EXTENDER = range(4)
#: It folds to no character or to several: the low bits are its place in `expansions`.
EXPANDS = 1 << 23
#: It may be composed with a character before it that has the flag COMPOSES.
IS_COMPOSED = 1 << 24
COMPOSES = 1 << 25
#: Its canonical combining class is not 0: marks before it may have to change places with it.
NONSTARTER = 1 << 26
#: Only the folding of the whole word tells what becomes of it.
DOUBTFUL = 1 << 27

# Hangul syllables are composed by arithmetic (Unicode Standard, section 3.12), not by a table.
_LEADING_JAMO = range(0x1100, 0x1113)
_VOWEL_JAMO = range(0x1161, 0x1176)
_TRAILING_JAMO = range(0x11A8, 0x11C3)
_SYLLABLES_WITHOUT_TRAILING = range(0xAC00, 0xD7A4, 28)


@dataclass(frozen=True, slots=True, eq=False)
class Alphabet:
    """Tables by code point; compared by identity, and never written to.

    Attributes:
        ascii: one more than the folded character of each byte that is part of a word, 0 for the
            others and from 128 on; shape (256,).
        entries: the folded code point, class and flags of each code point; shape (0x110000,).
        expansions: for each that expands, the number of its folded characters and then these.
        leading: the least combining class, above 0, that it begins with when decomposed; 0: none.
        trailing: the greatest combining class that it ends with when decomposed.
    """

    ascii: NDArray[np.uint8]
    entries: NDArray[np.uint32]
    expansions: NDArray[np.uint32]
    leading: NDArray[np.uint8]
    trailing: NDArray[np.uint8]


@lru_cache(maxsize=1)
def alphabet() -> Alphabet:
    """The tables of the running Python; made at the first call.

    >>> tables = alphabet()
    >>> chr(tables.ascii[ord("Q")] - 1), int(tables.ascii[ord("_")])
    ('q', 0)
    >>> chr(tables.entries[ord("Ж")] & CODE_POINT)
    'ж'
    """
    codes = np.arange(N_CODE_POINTS, dtype="<u4")
    everything = codes.tobytes().decode("utf-32-le", "surrogatepass")
    classes = _classes(everything)
    entries = classes.astype(np.uint32) << np.uint32(CLASS_SHIFT)
    entries |= np.arange(N_CODE_POINTS, dtype=np.uint32)
    tables = Alphabet(
        ascii=ascii_alphabet().ascii,
        entries=entries,
        expansions=np.zeros(0, dtype=np.uint32),
        leading=np.zeros(N_CODE_POINTS, dtype=np.uint8),
        trailing=np.zeros(N_CODE_POINTS, dtype=np.uint8),
    )
    characters = [everything[code] for code in np.flatnonzero(classes != OTHER).tolist()]
    expansions = _fold_all(characters, tables)
    return _frozen(tables, expansions)


@lru_cache(maxsize=1)
def ascii_alphabet() -> Alphabet:
    """The tables for texts of ASCII alone, made in no time; all but `ascii` are empty.

    >>> len(ascii_alphabet().entries)
    0
    """
    values = np.zeros(256, dtype=np.uint8)
    for code in np.flatnonzero(_classes("".join(map(chr, range(128)))) != OTHER).tolist():
        values[code] = ord(fold(chr(code))) + 1
    empty = Alphabet(
        ascii=values,
        entries=np.zeros(0, dtype=np.uint32),
        expansions=np.zeros(0, dtype=np.uint32),
        leading=np.zeros(0, dtype=np.uint8),
        trailing=np.zeros(0, dtype=np.uint8),
    )
    return _frozen(empty, [])


def _classes(everything: str) -> NDArray[np.uint8]:
    classes = np.zeros(len(everything), dtype=np.uint8)
    for number, pattern in ((SINGLE, BEGINS), (LETTER, SPACED), (EXTENDER, EXTENDS)):
        for start, end in _runs(pattern, everything):
            classes[start:end] = number
    return classes


def _runs(pattern: str, everything: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in re.finditer(f"(?:{pattern})+", everything))


def _fold_all(characters: list[str], tables: Alphabet) -> list[int]:
    """Fills in the folding and the flags of each; returns the expansions."""
    firsts, seconds = _composed_pairs(characters)
    is_normal = unicodedata.is_normalized
    stable: list[str] = []
    changing: list[str] = []
    for character in characters:
        is_stable = character.casefold() == character and is_normal("NFKD", character)
        (stable if is_stable else changing).append(character)
    _fill_stable(stable, firsts, seconds, tables)
    expansions: list[int] = []
    for character in changing:
        _fold_one(character, _flags(character, firsts, seconds, tables), tables, expansions)
    for character in stable:
        if INVISIBLE_CHARACTER.match(character):
            _fold_one(character, 0, tables, expansions)
    return expansions


def _fill_stable(
    characters: list[str], firsts: set[str], seconds: set[str], tables: Alphabet
) -> None:
    """Those that fold to themselves: only their flags are to be set."""
    entries = tables.entries
    combining = np.fromiter(map(unicodedata.combining, characters), np.uint8, len(characters))
    codes = _codes(characters)
    tables.leading[codes] = tables.trailing[codes] = combining
    entries[codes[combining > 0]] |= np.uint32(NONSTARTER)
    entries[_codes(firsts.intersection(characters))] |= np.uint32(COMPOSES)
    entries[_codes(seconds.intersection(characters))] |= np.uint32(IS_COMPOSED)


def _fold_one(character: str, flags: int, tables: Alphabet, expansions: list[int]) -> None:
    folded, code = fold(character), ord(character)
    kept = (int(tables.entries[code]) & ~CODE_POINT) | flags
    if len(folded) == 1:
        tables.entries[code] = kept | ord(folded)
    else:
        tables.entries[code] = kept | len(expansions) | EXPANDS
        expansions += [len(folded), *map(ord, folded)]


def _codes(characters: Iterable[str]) -> NDArray[np.int64]:
    return np.array([ord(character) for character in characters], dtype=np.int64)


def _flags(character: str, firsts: set[str], seconds: set[str], tables: Alphabet) -> int:
    """The flags of a character that folding changes, and its combining classes.

    It is normalised twice, before and after its case is folded: what may happen in either is told.
    """
    if not fold(character):
        return 0  # taken out before anything is normalised
    composed = unicodedata.normalize("NFKC", character)
    stages = [unicodedata.normalize("NFKD", each) for each in (composed, composed.casefold())]
    leading = {unicodedata.combining(stage[0]) for stage in stages}
    trailing = max(unicodedata.combining(stage[-1]) for stage in stages)
    code = ord(character)
    tables.leading[code], tables.trailing[code] = min(leading), trailing
    flags = 0
    if any(leading):
        flags |= NONSTARTER if all(leading) else DOUBTFUL
    for stage in stages:
        if any(part in firsts for part in stage + unicodedata.normalize("NFKC", stage)):
            flags |= COMPOSES
        if any(part in seconds for part in _beginning(stage)):
            flags |= IS_COMPOSED
    return flags


def _beginning(decomposed: str) -> str:
    """The characters up to the first starter: those that one before them could be composed with."""
    for place, part in enumerate(decomposed):
        if not unicodedata.combining(part):
            return decomposed[: place + 1]
    return decomposed


def _composed_pairs(characters: list[str]) -> tuple[set[str], set[str]]:
    """The first and the second halves of all canonical compositions."""
    firsts = set(map(chr, (*_LEADING_JAMO, *_SYLLABLES_WITHOUT_TRAILING)))
    seconds = set(map(chr, (*_VOWEL_JAMO, *_TRAILING_JAMO)))
    for character in characters:
        decomposition = unicodedata.decomposition(character)
        if decomposition and decomposition[0] != "<" and " " in decomposition:
            first, second = (chr(int(code, 16)) for code in decomposition.split())
            if unicodedata.normalize("NFC", first + second) == character:
                firsts.add(first)
                seconds.add(second)
    return firsts, seconds


def _frozen(tables: Alphabet, expansions: list[int]) -> Alphabet:
    """The tables with their expansions, shared by all who ask and therefore read-only."""
    arrays = (
        tables.ascii,
        tables.entries,
        np.array(expansions, dtype=np.uint32),
        tables.leading,
        tables.trailing,
    )
    for array in arrays:
        array.setflags(write=False)
    return Alphabet(*arrays)
