"""Backgrounds: how common words are, from a source that the collection cannot contaminate.

English has one at hand (`dupdetect.text.background`). For any other language, and for a register
of its own, a background is counted in reference texts that somebody vouches for.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dupdetect.text import background as english

# A word on the Zipf scale occurs 10^value times in so many words.
_PER = 10**9
# Zipf frequency of a counted word that is taken for a function word: 1 in 300 words.
_STOP_ZIPF = 6.5


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """How common words are; compared by identity.

    Attributes:
        name: "wordfreq en", or what the words were counted in.
        stop_words: function words, which say nothing of a text.
        frequencies: Zipf frequency of each counted word; None: those of English.
    """

    name: str
    stop_words: frozenset[str]
    frequencies: Mapping[str, float] | None = field(default=None, repr=False)

    def zipf(self, words: Sequence[str]) -> NDArray[np.float64]:
        """log10 of occurrences in 10^9 words, 0 for a word that is not known; shape (n_words,).

        >>> ENGLISH.zipf(["the", "harbour"])
        array([7.73, 3.98])
        """
        if self.frequencies is None:
            return english.zipf(words)
        return np.array([self.frequencies.get(word, 0.0) for word in words])


ENGLISH = Background("wordfreq en", english.STOP_WORDS)


def counted(name: str, texts: Iterable[Iterable[str]]) -> Background:
    """A background of the terms of some texts.

    >>> background = counted("two notes", [["rain", "fell"], ["rain", "again"]])
    >>> background.zipf(["rain", "snow"])
    array([8.7, 0. ])
    """
    counts = Counter[str]()
    for words in texts:
        counts.update(words)
    total = sum(counts.values())
    zipf = {word: round(math.log10(n * _PER / total), 2) for word, n in sorted(counts.items())}
    stop_words = frozenset(word for word, value in zipf.items() if value >= _STOP_ZIPF)
    return Background(name, stop_words, zipf)
