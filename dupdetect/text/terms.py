"""Terms: what words are compared by, in scripts with and without spaces between words.

In: folded words, as `dupdetect.text.tokens` cuts them. Out: terms.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from dupdetect.text.tokens import is_unspaced


def terms_of(words: Sequence[str]) -> list[str]:
    """What words are compared by: themselves; of scripts without spaces, short runs of characters.

    A single letter of Thai or Kana says nothing. Two Han characters are about a word, three letters
    of the others about half of one.

    >>> terms_of(["in", "香", "港", "市", "now"])
    ['in', '香港', '港市', 'now']
    """
    if all(word.isascii() for word in words):
        return list(words)
    terms = []
    for unspaced, run in itertools.groupby(words, is_unspaced):
        characters = list(run)
        if not unspaced:
            terms += characters
            continue
        size = min(len(characters), 2 if any(map(_is_han, characters)) else 3)
        terms += ["".join(characters[i : i + size]) for i in range(len(characters) - size + 1)]
    return terms


def _is_han(character: str) -> bool:
    return "\u3400" <= character[0] <= "\u9fff" or character[0] >= "\U00020000"
