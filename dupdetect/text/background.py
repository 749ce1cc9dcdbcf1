"""Background: how common a word is in the English of the world, not of the collection.

In: folded tokens, as `dupdetect.text.tokens` cuts them. Out: their frequencies on the Zipf scale,
and whether tokens are English.

Source: wordfreq (Speer 2022), whose data ends in 2021: no collection that is looked at today can
have contaminated it. This is the only door to it.

The large list, of 321,000 words, is taken: of the word types of English prose it lacks 7%, the
small one 46%, and every word that it lacks would weigh as if it were never written. It costs 0.4 s
and 57 MB once, at the first use. Its table is read directly: `zipf_frequency` would cut each word
anew, and takes seven times as long. Numbers get the share of their shape that wordfreq estimates;
contractions count for the parts that our tokens are ("don't": don, t).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

#: English function words: articles, pronouns, prepositions, conjunctions, auxiliaries, particles,
#: and the parts that contractions leave ("don't" gives "don" and "t"). "Won" is none of them: in
#: news it is mostly a victory.
STOP_WORDS = frozenset(
    """
    a an the this that these those
    i me my mine myself you your yours yourself yourselves he him his himself she her hers herself
    it its itself we us our ours ourselves they them their theirs themselves one
    who whom whose which what where when why how whether
    and or but nor so yet if because as until while since although though than unless
    of at by for with about against between into through during before after above below to from
    up down in out on off over under upon within without towards toward among across along around
    behind beyond per via onto near
    be am is are was were been being have has had having do does did doing done
    can could will would shall should may might must cannot
    not no any some all both each every either neither few more most much many other another such
    own same only just also too very again further then once here there now ever even still
    d don ll m re s t ve aren couldn didn doesn hadn hasn haven isn mustn needn shouldn wasn weren
    wouldn
    """.split()
)

#: Least share of function words in English. The lowest of 2,721 English texts of six kinds, from
#: essays to abstracts of research papers, is 0.23; of 6,633 stretches of 200 tokens none is below
#: 0.15, of 14,016 of 100 tokens four are. By wordfreq's own lists 0.45 of English are such words,
#: and of the other 41 languages 0.064 at most (Dutch).
MIN_ENGLISH_SHARE = 0.15

# Where wordfreq keeps one word and our tokens are several: "don't", "u.s".
_JOINTS = str.maketrans("'.", "  ")


def zipf(words: Sequence[str]) -> NDArray[np.float64]:
    """How common words are: log10 of occurrences per 10^9 words of English; shape (n,).

    Between 1.0 and 7.8 in steps of 0.01, as wordfreq's large list has them, and 0 for a word that
    is not in it.

    Args:
        words: folded tokens.

    >>> zipf(["the", "harbour", "香", "qwrtz"])
    array([7.73, 3.98, 0.  , 0.  ])
    """
    table = _table()
    found = (table[word] if word in table else _zipf_of_number(word) for word in words)
    return np.fromiter(found, dtype=np.float64, count=len(words))


def is_english(words: Iterable[str]) -> bool:
    """Whether tokens are running English: at least MIN_ENGLISH_SHARE of them are function words.

    >>> is_english("it was the best of times".split()), is_english("es war die beste".split())
    (True, False)
    """
    return english_share(words) >= MIN_ENGLISH_SHARE


def english_share(words: Iterable[str]) -> float:
    """The share of tokens that are English function words, in [0, 1]; 0 of none.

    Words of one letter are left out: "a" and "s" are words of a dozen languages, and with them the
    most that another language reaches is twice as high.

    >>> english_share("it was a hat".split())
    0.5
    """
    known = [len(word) > 1 and word in STOP_WORDS for word in words]
    return sum(known) / len(known) if known else 0.0


@lru_cache(maxsize=1)
def _table() -> dict[str, float]:
    """Zipf values of all listed words, and of the parts of contractions."""
    from wordfreq import get_frequency_list

    buckets = get_frequency_list("en", "large")
    # A bucket's number is the negative of its words' frequency in hundredths of log10.
    table = {word: (900 - row) / 100 for row, words in enumerate(buckets) for word in words}
    get_frequency_list.cache_clear()  # what it keeps is not needed again
    added: dict[str, float] = {}
    for word, value in table.items():
        if not word.isalnum() and word[0].isalpha():
            for part in word.translate(_JOINTS).split():
                added[part] = added.get(part, 0.0) + 10**value
    for part, occurrences in added.items():
        table[part] = _rounded(occurrences + 10 ** table.get(part, -math.inf))
    return table


@lru_cache(maxsize=1 << 16)
def _zipf_of_number(word: str) -> float:
    """The value of a token that is not listed as it is: wordfreq lists numbers by their shape."""
    from wordfreq.numbers import digit_freq, smash_numbers

    shape = smash_numbers(word)
    if shape == word or shape not in _table():
        return 0.0
    return max(0.0, _rounded(10 ** _table()[shape] * digit_freq(word)))


def _rounded(occurrences: float) -> float:
    """On the grid of the list: the last bit of a logarithm is not the same on all machines."""
    return round(math.log10(occurrences), 2)
