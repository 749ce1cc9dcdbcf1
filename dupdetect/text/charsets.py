"""The single-byte charsets that Python ships, as tables made from Python's own codecs.

In: nothing but the names. Out: for each charset a way to write text back into bytes, for each
character the charsets that could have made it from a byte of UTF-8, and the spellings in which a
byte was lost. Made on first use (about 15 ms) and kept.
Undefined bytes are read in all three ways found in the wild: as the Latin-1 character, which below
A0 is a C1 control (web browsers); as U+FFFD (errors="replace"); not at all (errors="ignore").
"""

from __future__ import annotations

import codecs
import functools
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

#: Every single-byte charset that Python ships and that keeps ASCII letters and digits in place, the
#: likelier first: order decides only between charsets that explain a text equally well.
CHARSETS = tuple(
    """
    cp1252 iso8859_1 cp1250 cp1251 cp1257 cp1254 cp1253 cp1255 cp1256 cp1258 iso8859_15 iso8859_2
    iso8859_13 iso8859_4 iso8859_10 iso8859_9 iso8859_16 iso8859_14 iso8859_3 iso8859_5 iso8859_6
    iso8859_7 iso8859_8 iso8859_11 mac_roman cp437 cp850 cp858 cp852 cp866 koi8_r koi8_u koi8_t
    mac_latin2 mac_croatian mac_romanian mac_turkish mac_iceland mac_cyrillic mac_greek mac_arabic
    mac_farsi cp720 cp737 cp775 cp855 cp856 cp857 cp860 cp861 cp862 cp863 cp864 cp865 cp869 cp874
    cp1006 cp1125 kz1048 ptcp154 tis_620 hp_roman8 palmos
    """.split()
)

_UNDEFINED = "\ufffe"  # codecs.charmap_build leaves this place of a table out
LOST = 0xFF  # stands for U+FFFD in encoded text; UTF-8 has no such byte

# The characters that news and prose are full of; the first answer to "which one was lost here?".
COMMON = frozenset("‘’“”–—…•\xa0")
# Whatever else is looked for among irregular spellings: Latin-1, Latin Extended-A, punctuation.
TARGETS = (
    [chr(code) for code in range(0xA0, 0x180)]
    + [chr(code) for code in range(0x2010, 0x203B)]
    + ["€", "™", "−", "\u200b", "\ufeff"]
)


@dataclass(frozen=True, slots=True)
class Charset:
    """One charset, ready to write text back into bytes."""

    name: str
    encoding_map: Any  # codecs.charmap_build's own type
    undefined: frozenset[int]  # bytes it cannot read

    def encode(self, text: str) -> bytes:
        """One byte a character; "?" where the charset has no such character."""
        return codecs.charmap_encode(text, "replace", self.encoding_map)[0]


class ByteClasses(NamedTuple):
    """For each character, the charsets (as bits) in which it is a byte of this class."""

    first_of_2: dict[str, int]
    first_of_3: dict[str, int]
    first_of_4: dict[str, int]
    continuation: dict[str, int]
    before_space: dict[str, int]  # C2 or C3, whose no-break space may have become a space


@functools.cache
def charsets() -> tuple[Charset, ...]:
    """All of CHARSETS, in that order."""
    return tuple(_charset(name) for name in CHARSETS)


def _charset(name: str) -> Charset:
    high = bytes(range(0x80, 0xF5)).decode(name, "replace")
    undefined = frozenset(0x80 + at for at, char in enumerate(high) if char == "\ufffd")
    table = decoding_table(name)[:LOST] + ("\ufffd" if undefined else _UNDEFINED)
    return Charset(name, codecs.charmap_build(table), undefined)


def decoding_table(name: str) -> str:
    """The 256 characters of a charset; undefined bytes read as Latin-1, as web browsers do."""
    decoded = bytes(range(256)).decode(name, "replace")
    table = [chr(byte) for byte in range(128)]
    for byte in range(128, 256):
        char = decoded[byte]
        if char == "\ufffd" and chr(byte) not in decoded:
            table.append(chr(byte))
        else:
            table.append(_UNDEFINED if char == "\ufffd" or char.isascii() else char)
    return "".join(table)


@functools.cache
def byte_classes() -> ByteClasses:
    """The classes of all characters, in all charsets."""
    classes = ByteClasses({}, {}, {}, {}, {})
    ranges = ((0xC2, 0xE0), (0xE0, 0xF0), (0xF0, 0xF5), (0x80, 0xC0), (0xC2, 0xC4))
    for bit, charset in enumerate(charsets()):
        table = decoding_table(charset.name)
        for (low, high), bits in zip(ranges, classes, strict=True):
            for char in table[low:high]:
                bits[char] = bits.get(char, 0) | 1 << bit
        if charset.undefined:
            bits = classes.continuation
            bits["\ufffd"] = bits.get("\ufffd", 0) | 1 << bit
    return classes


@functools.cache
def irregular_spellings(name: str) -> tuple[re.Pattern[str] | None, dict[str, str]]:
    """Spellings in which a byte was dropped, or read as ASCII, and what they stand for.

    A spelling of several characters stands for the common one among them, or else for U+FFFD,
    since which it was cannot be known. Spellings of one character are too weak to act on.
    """
    meanings: dict[str, set[str]] = {}
    table = decoding_table(name)
    firsts = {"\ufffd", *table[0xC2:0xF5]}
    for target in TARGETS:
        data = target.encode()
        for errors in ("replace", "ignore"):
            spelling = data.decode(name, errors)
            dropped = len(spelling) < len(data) or spelling[0] == "\ufffd"
            told = len(spelling) > 1 and spelling.count("\ufffd") < len(spelling)
            ascii_inside = any(char.isascii() for char in spelling)
            if told and (dropped or ascii_inside) and spelling[0] in firsts:
                meanings.setdefault(spelling, set()).add(target)
    readings = {spelling: the_one(targets) for spelling, targets in meanings.items()}
    longest_first = sorted(readings, key=lambda spelling: (-len(spelling), spelling))
    pattern = re.compile("|".join(map(re.escape, longest_first))) if readings else None
    return pattern, readings


def the_one(targets: set[str]) -> str:
    """The only target, or the only common one, or U+FFFD."""
    for choice in (targets, targets & COMMON):
        if len(choice) == 1:
            return min(choice)
    return "\ufffd"
