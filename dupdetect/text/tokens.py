"""Tokens: the words of one text, folded for matching, each with its place.

In: repaired text. Out: Tokens: parallel arrays of folded words and half-open spans.

Spaced scripts give words; scripts written without spaces (Han, Kana, Thai, Lao, Khmer, Myanmar)
give one token a character with its marks. Words are cut first and folded afterwards (NFKC and
casefold, invisible characters dropped), each by itself, so that no folding can move an offset.

A run of a foreign script inside a sentence, such as `香港AI` in English prose, is marked: the
recycled lens and the evidence may then step across it, and signals may name it.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dupdetect.text.sentences import sentence_spans

# Scripts written without spaces between words (Unicode blocks; Scripts.txt).
_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"  # Myanmar
    "\u1780-\u17ff\u19e0-\u19ff"  # Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029"  # Han radicals, iteration mark, numerals
    "\u3040-\u30ff\u31f0-\u31ff"  # Hiragana, Katakana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
    "\uff66-\uff9f"  # half-width Katakana
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff"  # Kana supplement, Han extensions
)

# Default_Ignorable_Code_Point of Unicode: drawn as nothing. They never part a word.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
INVISIBLE_CHARACTER = re.compile(f"[{INVISIBLE}]")
_INVISIBLE = re.compile(f"[{INVISIBLE}]+")


def _marks() -> str:
    """Combining marks as a character class; all of them lie below U+1F000."""
    marks = [chr(c) for c in range(0x300, 0x1F000) if unicodedata.category(chr(c))[0] == "M"]
    return "".join(_ranges(marks))


def _ranges(characters: Sequence[str]) -> Iterator[str]:
    start = previous = characters[0]
    for character in [*characters[1:], chr(sys.maxunicode)]:
        if ord(character) != ord(previous) + 1:
            yield f"{start}-{previous}"
            start = character
        previous = character


#: One letter or digit of a script that parts words by spaces; Hangul fillers are letters, and
#: invisible: alone they are no word.
SPACED = rf"[^\W_{_UNSPACED}{INVISIBLE}]"
#: One character that begins a token.
BEGINS = rf"[^\W_{INVISIBLE}]"
#: One character that goes on with the token before it.
EXTENDS = f"[{_marks()}{INVISIBLE}]"
# The two classes of the first branch are disjoint, so no run can be read in two ways.
_TOKEN = re.compile(rf"{SPACED}+(?:{EXTENDS}+{SPACED}*)*|{BEGINS}{EXTENDS}*")
_BEGINS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_SPACE_BETWEEN_UNSPACED = re.compile(f"(?<=[{_UNSPACED}]) (?=[{_UNSPACED}])")
# One letter of a script other than Latin; texts without one have no foreign runs.
_BEYOND_LATIN = re.compile(r"[^\W\d_\u0000-\u024f\u1e00-\u1eff\ufb00-\ufb06\uff21-\uff5a]")


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The tokens of one text.

    Attributes:
        words: folded tokens, in order.
        starts: first code point of each, in the text given; shape (n,), ascending.
        ends: one past the last; shape (n,).
        foreign: whether the token is part of a foreign-script run; shape (n,).
        unspaced: whether it is a character of a script written without spaces; shape (n,).
        sentences: spans of the sentences that hold tokens, as code points; shape (m, 2).
        sentence_rows: the tokens of each, as half-open rows of the arrays above; shape (m, 2).
            List markers belong to no sentence.
    """

    words: tuple[str, ...]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    foreign: NDArray[np.bool_]
    unspaced: NDArray[np.bool_]
    sentences: NDArray[np.int64]
    sentence_rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.words)

    @property
    def native_words(self) -> list[str]:
        """The words outside foreign-script runs: what the recycled lens cuts into windows."""
        if not self.foreign.any():
            return list(self.words)
        return [word for word, foreign in zip(self.words, self.foreign, strict=True) if not foreign]

    @property
    def word_weights(self) -> NDArray[np.float64]:
        """How much of a word each token is: three unspaced characters are one; shape (n,)."""
        return np.where(self.unspaced, 1 / UNSPACED_PER_WORD, 1.0)

    @property
    def n_native_words(self) -> float:
        """How many words stand outside foreign-script runs."""
        return self.n_words(~self.foreign)

    def n_words(self, chosen: NDArray[np.bool_]) -> float:
        """How many words some of the tokens are.

        Args:
            chosen: which tokens; shape (n,).
        """
        # Rounded: thirty thirds are ten words, whatever their sum in binary.
        return round(float(self.word_weights[chosen].sum()), 6)


def tokenize(text: str) -> Tokens:
    r"""Cut a text into folded tokens with offsets; linear in its length.

    >>> tokens = tokenize("Power ＡＩ in 香港AI: don't")
    >>> tokens.words
    ('power', 'ai', 'in', '香', '港', 'ai', 'don', 't')
    >>> tokens.native_words
    ['power', 'ai', 'in', 'don', 't']
    >>> text = "Café\u200b s"
    >>> [text[a:b] for a, b in zip(tokenize(text).starts, tokenize(text).ends)]
    ['Café\u200b', 's']
    """
    matches = list(_TOKEN.finditer(text))
    spans = np.array([match.span() for match in matches], dtype=np.int64).reshape(-1, 2)
    words = tuple(fold(match.group()) for match in matches)
    starts, ends = spans[:, 0].copy(), spans[:, 1].copy()
    sentences = np.array(sentence_spans(text), dtype=np.int64).reshape(-1, 2)
    rows = np.searchsorted(starts, sentences)
    with_tokens = rows[:, 1] > rows[:, 0]
    sentences, rows = sentences[with_tokens], rows[with_tokens]
    foreign = _foreign(text, words, starts, ends, rows)
    unspaced = np.zeros(len(words), dtype=np.bool_)
    if _BEGINS_UNSPACED.search(text):
        unspaced[:] = [is_unspaced(word) for word in words]
    return Tokens(words, starts, ends, foreign, unspaced, sentences, rows)


#: About so many characters of Chinese, Japanese, Thai and their kind say what one word says.
UNSPACED_PER_WORD = 3


def is_unspaced(word: str) -> bool:
    """Whether a token is a character of a script written without spaces.

    >>> is_unspaced("香"), is_unspaced("hong"), is_unspaced("한국")
    (True, False, False)
    """
    return not word.isascii() and _BEGINS_UNSPACED.match(word) is not None


def join_words(words: Sequence[str]) -> str:
    """Words as running text: a space between them, but not inside a run of unspaced characters.

    >>> join_words(["the", "香", "港", "ai", "boom"])
    'the 香港 ai boom'
    """
    joined = " ".join(words)
    return joined if joined.isascii() else _SPACE_BETWEEN_UNSPACED.sub("", joined)


# Words repeat: one string for each common one, in place of one for each token, takes a third
# off the memory of prepared texts, and no time.
@lru_cache(maxsize=2**16)
def fold(word: str) -> str:
    r"""One word as it is matched: NFKC, casefold, invisible characters dropped.

    >>> fold("Ｈong\u00adＫＯＮＧ"), fold("ﬁne"), fold("Straße")
    ('hongkong', 'fine', 'strasse')
    """
    if word.isascii():
        return word.lower()
    visible = _INVISIBLE.sub("", word)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())


def _foreign(
    text: str,
    words: Sequence[str],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    sentence_rows: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Marks runs without a gap that hold a script other than their sentence's main one.

    Latin is foreign to no sentence: names and terms in it stand in prose of every script. A single
    foreign letter is a symbol: "5 µm", "the α particle".
    """
    foreign = np.zeros(len(words), dtype=np.bool_)
    if _BEYOND_LATIN.search(text) is None:
        return foreign
    scripts = [_script(word) for word in words]
    for first, last in sentence_rows.tolist():
        counts = Counter[str]()
        for row in range(first, last):
            counts[scripts[row]] += len(words[row])
        del counts[""]
        if len(counts) < 2:
            continue
        main = max(counts, key=lambda script: (counts[script], script))
        for run_first, run_last in _runs_without_gap(starts, ends, first, last):
            n_letters = sum(
                sum(map(str.isalpha, words[row]))
                for row in range(run_first, run_last)
                if scripts[row] not in (main, "LATIN", "")
            )
            foreign[run_first:run_last] = n_letters >= _MIN_FOREIGN_LETTERS
    return foreign


def _runs_without_gap(
    starts: NDArray[np.int64], ends: NDArray[np.int64], first: int, last: int
) -> Iterator[tuple[int, int]]:
    run_first = first
    for row in range(first + 1, last + 1):
        if row == last or starts[row] != ends[row - 1]:
            yield run_first, row
            run_first = row


def main_script(words: Sequence[str]) -> str:
    """The script that most letters of some words are in; "" without letters.

    >>> main_script(["in", "hong", "kong"]), main_script(["香", "港", "人", "工", "ai"])
    ('LATIN', 'EAST ASIAN')
    """
    counts = Counter[str]()
    for word, n in Counter(words).items():
        counts["LATIN" if word.isascii() and word.isalpha() else _script(word)] += n * len(word)
    del counts[""]
    return max(counts, key=lambda script: (counts[script], script), default="")


_MIN_FOREIGN_LETTERS = 2

# Chinese, Japanese and Korean mix these freely: none is foreign to another.
_EAST_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "IDEOGRAPHIC", "BOPOMOFO"})


@lru_cache(maxsize=4096)
def _script_of_character(character: str) -> str:
    """The script of a letter by its Unicode name, East Asian ones as one; "" for what is none.

    >>> _script_of_character("ж"), _script_of_character("港"), _script_of_character("7")
    ('CYRILLIC', 'EAST ASIAN', '')
    """
    if not character.isalpha() or unicodedata.category(character) == "Lm":
        return ""  # a modifier letter, such as the ʻokina, is at home in every script
    name = unicodedata.name(character, "").partition(" ")[0].partition("-")[0]
    return "EAST ASIAN" if name in _EAST_ASIAN else name


def _script(word: str) -> str:
    """The script of a word's first letter, by its Unicode name; "" for a number."""
    for character in word:
        if script := _script_of_character(character):
            return script
    return ""
