"""Facts: the tokens that any two honest reports on one event share.

In: a repaired text and its tokens. Out: which tokens are quoted, numbers or names.

Two reporters who write about one event use the same names, figures and quotations, because they are
true. What else they share is their phrasing. Measured on reports of 40 events by three outlets
each, 42 tokens in a hundred are such facts, in news in general 30; in essays, abstracts of papers
and articles that language models wrote on one prompt, 6.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dupdetect.text.quotations import quotation_spans
from dupdetect.text.tokens import Tokens

# Words of a sentence from which on capitals throughout are taken for a heading or for shouting;
# shorter ones are as often a string of names.
_LEAST_HEADING = 10


def fact_tokens(text: str, tokens: Tokens) -> NDArray[np.bool_]:
    """Which tokens are facts; shape (n_tokens,).

    A fact is a token inside quotation marks, a token with a digit, or a token that begins with a
    capital though it does not begin its sentence; the pronoun "I" is none. The first word of a
    sentence is a name too where the text writes it with a capital elsewhere, and never without. In
    a long sentence of which two thirds of the words begin with capitals, a heading or shouting,
    capitals say nothing.

    Args:
        text: the repaired text.
        tokens: its tokens.

    >>> from dupdetect.text.tokens import tokenize
    >>> text = 'Rain fell on Riga, said Ozols: "It was 40 mm." Riga slept.'
    >>> tokens = tokenize(text)
    >>> [word for word, fact in zip(tokens.words, fact_tokens(text, tokens)) if fact]
    ['riga', 'ozols', 'it', 'was', '40', 'mm', 'riga']
    """
    starts = tokens.starts.tolist()
    capital = np.fromiter(
        (text[start].isupper() for start in starts), dtype=np.bool_, count=len(starts)
    )
    number = np.fromiter(map(_has_digit, tokens.words), dtype=np.bool_, count=len(starts))
    pronoun = np.fromiter((word == "i" for word in tokens.words), dtype=np.bool_, count=len(starts))
    first = np.zeros(len(starts), dtype=np.bool_)
    first[tokens.sentence_rows[:, 0]] = True
    words = np.array(tokens.words, dtype=object)
    written_small = set(words[~capital])
    capital &= ~_in_headings(capital, tokens)
    inside = capital & ~first & ~pronoun
    names = set(words[inside]) - written_small
    begins_with_name = np.zeros(len(starts), dtype=np.bool_)
    rows = np.flatnonzero(first & capital)
    begins_with_name[rows] = [tokens.words[row] in names for row in rows.tolist()]
    return number | inside | begins_with_name | _quoted(text, tokens)


def widened(marked: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """The marked tokens and all that stand at most `reach` from one.

    >>> widened(np.array([False, False, False, True, False]), 2).tolist()
    [False, True, True, True, True]
    """
    distance = np.zeros(len(marked) + 1, dtype=np.int64)
    rows = np.flatnonzero(marked)
    np.add.at(distance, np.maximum(rows - reach, 0), 1)
    np.add.at(distance, np.minimum(rows + reach + 1, len(marked)), -1)
    return np.cumsum(distance[:-1]) > 0


def _in_headings(capital: NDArray[np.bool_], tokens: Tokens) -> NDArray[np.bool_]:
    """The tokens of sentences that consist of capitalised words; shape (n_tokens,)."""
    n_before = np.concatenate(([0], np.cumsum(capital)))[tokens.sentence_rows]
    lengths = tokens.sentence_rows[:, 1] - tokens.sentence_rows[:, 0]
    mostly = 3 * (n_before[:, 1] - n_before[:, 0]) > 2 * lengths
    heading = mostly & (lengths >= _LEAST_HEADING)
    inside = np.zeros(len(tokens), dtype=np.bool_)
    for first, last in tokens.sentence_rows[heading].tolist():
        inside[first:last] = True
    return inside


def _quoted(text: str, tokens: Tokens) -> NDArray[np.bool_]:
    spans = quotation_spans(text)
    if not len(spans):
        return np.zeros(len(tokens), dtype=np.bool_)
    span = np.searchsorted(spans[:, 0], tokens.starts, side="right") - 1
    quoted: NDArray[np.bool_] = (span >= 0) & (tokens.starts < spans[np.maximum(span, 0), 1])
    return quoted


def _has_digit(word: str) -> bool:
    return not word.isalpha() and any(map(str.isdigit, word))
