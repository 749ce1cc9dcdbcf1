"""Sentences that can be compared: what they consist of, and how alike those of two texts are.

In: prepared texts. Out: the sentences of each that are long enough, and TF-IDF cosines between
those of two texts.
Method: term frequency, inverse sentence frequency (after Sanchez-Perez, Sidorov and Gelbukh,
PAN 2014).

The inverse document frequency is taken over sentences, never over documents: over documents, what a
whole family shares would count as common and explain nothing. It is taken over the sentences of
these two texts alone, so that a pair has the same passages whatever stands beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from sklearn.feature_extraction.text import CountVectorizer

from dupdetect.config import EvidenceConfig
from dupdetect.match.candidates import strongest_partners
from dupdetect.text.prepare import PreparedText
from dupdetect.text.terms import terms_of

# Sentences of one text compared with all of the other at once: bounds the block of cosines.
_SENTENCES_AT_ONCE = 512
# Partners of one sentence that may compete for it.
_PARTNERS = 16
# So many words of sentences too short to compare part two others as far as one sentence does.
_SHORT_WORDS_PER_SENTENCE = 12


@dataclass(frozen=True, slots=True, eq=False)
class Sentences:
    """The sentences of one text that are long enough to compare.

    Words are those outside foreign-script runs; they are numbered through the text.

    Attributes:
        words: all words of the text, in order.
        word_spans: where each is in the text as read; shape (n_words, 2).
        token_rows: which token of the text each is; shape (n_words,).
        n_words_before: how many words stand before each place, three unspaced characters as one;
            shape (n_words + 1,).
        ranges: the words of each sentence, half-open; shape (n, 2).
        spans: where each sentence is in the text as read; shape (n, 2).
        positions: how far into the text each is, in sentences, ascending; shape (n,).
        n_left_out: how many there are beyond the cap.
        distinct_of: for each sentence, which of the different ones it is; shape (n,).
        places: where each different one stands among the sentences, ascending: a text may repeat
            itself.
        terms: what each different one is compared by: see `terms_of`.
        vocabulary: the different terms of all, as ascending numbers; shape (n_terms,).
        frequencies: in how many sentences each of them is; shape (n_terms,).
        rows: for each term of each different sentence, the sentence, ascending; shape (n_entries,).
        columns: its place in the vocabulary; shape (n_entries,).
        counts: how often it is there; shape (n_entries,).
    """

    words: Sequence[str]
    word_spans: NDArray[np.int64]
    token_rows: NDArray[np.int64]
    n_words_before: NDArray[np.float64]
    ranges: NDArray[np.int64]
    spans: NDArray[np.int64]
    positions: NDArray[np.int64]
    n_left_out: int
    distinct_of: NDArray[np.int64]
    places: list[list[int]]
    terms: list[set[str]]
    vocabulary: NDArray[np.int64]
    frequencies: NDArray[np.int64]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    counts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ranges)

    def word_range(self, first: int, last: int) -> tuple[int, int]:
        """The words of some sentences and of what is between them, half-open."""
        return int(self.ranges[first, 0]), int(self.ranges[last - 1, 1])

    def n_words(self, first: int, last: int) -> float:
        """How many words some sentences have, with what is between them."""
        start, end = self.word_range(first, last)
        return float(self.n_words_before[end] - self.n_words_before[start])


def comparable_sentences(
    text: PreparedText, config: EvidenceConfig, vocabulary: dict[str, int]
) -> Sentences:
    """The sentences of a text that are long enough, and their terms.

    Args:
        text: the text.
        config: which sentences are long enough.
        vocabulary: the number of each term that was met so far; new ones are added. Texts can be
            compared that were counted with the same vocabulary.
    """
    comparable = _comparable(text, config)
    terms = [terms_of(words) for words in comparable.places]
    return _counted(comparable, terms, _term_counts(terms, vocabulary))


def n_sentences_left_out(text: PreparedText, config: EvidenceConfig) -> int:
    """Sentences that are long enough, but beyond `max_sentences`."""
    if len(text.tokens.sentence_rows) <= config.max_sentences:
        return 0
    return _comparable(text, config).n_left_out


@dataclass(frozen=True, slots=True, eq=False)
class _Comparable:
    """The same as in `Sentences`, before terms are counted; places by the words of a sentence."""

    words: Sequence[str]
    word_spans: NDArray[np.int64]
    token_rows: NDArray[np.int64]
    n_words_before: NDArray[np.float64]
    ranges: NDArray[np.int64]
    spans: NDArray[np.int64]
    n_left_out: int
    places: dict[tuple[str, ...], list[int]]


def _comparable(text: PreparedText, config: EvidenceConfig) -> _Comparable:
    """The sentences that are long enough, up to the cap; foreign-script runs are stepped over."""
    tokens = text.tokens
    native = ~tokens.foreign
    words = tokens.words if native.all() else tuple(tokens.native_words)
    place = np.concatenate(([0], np.cumsum(native)))
    n_words_before = np.concatenate(([0.0], np.cumsum(tokens.word_weights[native])))
    ranges = place[tokens.sentence_rows]
    # Thirty thirds are ten words, whatever their sum in binary.
    long_enough = np.diff(n_words_before[ranges])[:, 0] >= config.min_tokens - 1e-6
    rows = np.flatnonzero(long_enough)
    kept = rows[: config.max_sentences]
    places: dict[tuple[str, ...], list[int]] = {}
    for number, (first, last) in enumerate(ranges[kept].tolist()):
        places.setdefault(tuple(words[first:last]), []).append(number)
    return _Comparable(
        words=words,
        word_spans=text.spans[native],
        token_rows=np.flatnonzero(native),
        n_words_before=n_words_before,
        ranges=ranges[kept],
        spans=text.sentence_spans[kept],
        n_left_out=len(rows) - len(kept),
        places=places,
    )


def _term_counts(sentences: list[list[str]], vocabulary: dict[str, int]) -> coo_array:
    """How often each term is in each sentence; shape (n_sentences, n_terms), by row, then term."""
    if not any(sentences):
        return coo_array((len(sentences), len(vocabulary)), dtype=np.int64)
    counter = CountVectorizer(analyzer=_as_it_is)
    counts = counter.fit_transform(sentences)
    numbers = np.array(
        [vocabulary.setdefault(term, len(vocabulary)) for term in counter.get_feature_names_out()],
        dtype=np.int64,
    )
    entries = counts.tocoo()
    order = np.lexsort((numbers[entries.col], entries.row))
    places = (entries.row[order], numbers[entries.col][order])
    return coo_array((entries.data[order], places), shape=(len(sentences), len(vocabulary)))


def _as_it_is(terms: list[str]) -> list[str]:
    return terms


def _counted(comparable: _Comparable, terms: list[list[str]], entries: coo_array) -> Sentences:
    vocabulary, columns = np.unique(entries.col, return_inverse=True)
    places = list(comparable.places.values())
    n_times = np.array([len(each) for each in places], dtype=np.float64)
    distinct_of = np.empty(len(comparable.ranges), dtype=np.int64)
    for number, each in enumerate(places):
        distinct_of[each] = number
    return Sentences(
        words=comparable.words,
        word_spans=comparable.word_spans,
        token_rows=comparable.token_rows,
        n_words_before=comparable.n_words_before,
        ranges=comparable.ranges,
        spans=comparable.spans,
        positions=_positions(comparable.ranges),
        n_left_out=comparable.n_left_out,
        distinct_of=distinct_of,
        places=places,
        terms=[set(each) for each in terms],
        vocabulary=vocabulary.astype(np.int64),
        frequencies=np.bincount(columns, n_times[entries.row], len(vocabulary)).astype(np.int64),
        rows=entries.row.astype(np.int64),
        columns=columns,
        counts=entries.data,
    )


def _positions(ranges: NDArray[np.int64]) -> NDArray[np.int64]:
    """One step a sentence, and one for each dozen words of the shorter ones between them."""
    lengths = ranges[:, 1] - ranges[:, 0]
    n_short_before = ranges[:, 0] - (np.cumsum(lengths) - lengths)
    positions: NDArray[np.int64] = (
        np.arange(len(ranges)) + n_short_before // _SHORT_WORDS_PER_SENTENCE
    )
    return positions


class Weights:
    """TF-IDF weights of the different sentences of two texts, and cosines between them.

    The weight of a term is its count times scikit-learn's smoothed ln((1 + n) / (1 + df)) + 1, over
    the n sentences of both texts. Cosines are rounded, so that no order of summation, which hangs
    on the other words of a collection, decides a tie or a threshold.

    Args:
        left: sentences of the first text; at least one.
        right: those of the second, counted over the same vocabulary; at least one.
    """

    def __init__(self, left: Sentences, right: Sentences) -> None:
        _, in_left, in_right = np.intersect1d(
            left.vocabulary, right.vocabulary, assume_unique=True, return_indices=True
        )
        n_sentences = len(left) + len(right)
        self._sides = (
            _Side(left, in_left, right.frequencies[in_right], n_sentences),
            _Side(right, in_right, left.frequencies[in_left], n_sentences),
        )

    def similar(self, min_cosine: float) -> tuple[list[tuple[int, int, float]], int]:
        """Different sentences of the first text and of the second, and their cosine.

        Of each sentence the `_PARTNERS` best: in a text of a thousand variations of one sentence,
        each is like every other.

        Returns:
            The pairs, and how many others reach the cosine.
        """
        left, right = (side.unit_rows() for side in self._sides)
        turned = right.T.tocsr()
        pairs, cosines = [np.empty((0, 2), dtype=np.int64)], [np.empty(0)]
        n_near = 0
        for first in range(0, left.shape[0], _SENTENCES_AT_ONCE):
            block = (left[first : first + _SENTENCES_AT_ONCE] @ turned).tocoo()
            values = np.minimum(np.round(block.data, 9), 1.0)
            near = values >= min_cosine
            n_near += int(near.sum())
            pairs.append(np.column_stack((block.row + first, block.col + left.shape[0]))[near])
            cosines.append(values[near])
            best = strongest_partners(pairs[-1], cosines[-1], _PARTNERS)
            pairs[-1], cosines[-1] = pairs[-1][best], cosines[-1][best]
        all_pairs, all_cosines = np.concatenate(pairs), np.concatenate(cosines)
        best = strongest_partners(all_pairs, all_cosines, _PARTNERS)
        rows, columns = all_pairs[best].T
        kept = zip(
            rows.tolist(),
            (columns - left.shape[0]).tolist(),
            all_cosines[best].tolist(),
            strict=True,
        )
        return list(kept), n_near - len(rows)

    def cosine(self, left: tuple[int, int], right: tuple[int, int]) -> float:
        """Between two half-open ranges of sentences, each taken as one."""
        (a, a_norm), (b, b_norm) = (
            side.sum(*rows) for side, rows in zip(self._sides, (left, right), strict=True)
        )
        return min(1.0, round(float(a @ b) / (a_norm * b_norm), 9))


class _Side:
    """The weights of one of the two texts."""

    def __init__(
        self,
        text: Sentences,
        common: NDArray[np.int64],
        other_frequencies: NDArray[np.int64],
        n_sentences: int,
    ) -> None:
        frequencies = text.frequencies.copy()
        frequencies[common] += other_frequencies
        idf = np.log((1 + n_sentences) / (1 + frequencies)) + 1
        self._text = text
        self._common = common
        self._values = text.counts * idf[text.columns]
        self._firsts = np.searchsorted(text.rows, np.arange(len(text.places) + 1))

    def unit_rows(self) -> csr_array:
        """Each sentence at length 1, over the words that both texts have."""
        text = self._text
        n_rows = len(text.places)
        norms = np.sqrt(np.bincount(text.rows, self._values**2, n_rows))
        place = np.full(len(text.vocabulary), -1)
        place[self._common] = np.arange(len(self._common))
        columns = place[text.columns]
        both = columns >= 0
        offsets = np.concatenate(([0], np.cumsum(np.bincount(text.rows[both], minlength=n_rows))))
        values = (self._values / norms[text.rows])[both]
        return csr_array((values, columns[both], offsets), shape=(n_rows, len(self._common)))

    def sum(self, first: int, last: int) -> tuple[NDArray[np.float64], float]:
        """The sum of some sentences over the terms that both texts have, and its full length."""
        text = self._text
        total = np.zeros(len(text.vocabulary))
        for row in text.distinct_of[first:last].tolist():
            # No term comes twice in one row, so no addition is lost.
            entries = slice(self._firsts[row], self._firsts[row + 1])
            total[text.columns[entries]] += self._values[entries]
        return total[self._common], float(np.sqrt(total @ total))
