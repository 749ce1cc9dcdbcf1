"""Passages: which sentences of two texts say the same, and how closely.

In: two prepared texts. Out: sentence matches, and passages with spans of both texts as read.
Method: TF-IDF over the sentences of the two texts, cosine and Dice between sentences of different
texts (after Sanchez-Perez, Sidorov and Gelbukh, PAN 2014), one-to-one from the best down.

The inverse document frequency is taken over sentences, never over documents: over documents, what a
whole family shares would count as common and explain nothing. It is taken over the sentences of
these two texts alone, so that a pair has the same passages whatever stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer

from dupdetect.config import EvidenceConfig
from dupdetect.results import Passage, PassageKind
from dupdetect.text.prepare import PreparedText

# Sentences of one text compared with all of the other at once: bounds the block of cosines.
_SENTENCES_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class SentenceMatch:
    """One sentence of each text that belong together.

    Attributes:
        a: which of a's sentences long enough to compare, counted from 0.
        b: the same for b.
        cosine: their TF-IDF cosine, in [0, 1].
        agreeing: tokens that agree in order (longest common subsequence).
        longer: tokens of the longer of the two.
    """

    a: int
    b: int
    cosine: float
    agreeing: int
    longer: int


@dataclass(frozen=True, slots=True, eq=False)
class SharedPassages:
    """What two texts share: matched sentences, and the passages that adjacent ones form.

    Attributes:
        matches: matched sentences, in the order of text a.
        passages: adjacent matches merged; best first.
        n_not_compared: sentences of either text beyond `max_sentences`.
    """

    matches: tuple[SentenceMatch, ...]
    passages: tuple[Passage, ...]
    n_not_compared: int


@dataclass(frozen=True, slots=True, eq=False)
class _Sentences:
    words: list[list[str]]
    spans: NDArray[np.int64]
    n_left_out: int


def shared_passages(
    a: PreparedText, b: PreparedText, config: EvidenceConfig | None = None
) -> SharedPassages:
    """The passages that two texts share, whatever their relation.

    >>> from dupdetect.results import Document
    >>> from dupdetect.text.prepare import prepare
    >>> a = prepare(Document("a", "Rain fell on the old town all day. Nobody came to the fair."))
    >>> b = prepare(Document("b", "The fair was shut. Rain fell on the old town all night."))
    >>> [(p.a_start, p.a_end, p.kind) for p in shared_passages(a, b).passages]
    [(0, 34, 'edited')]
    """
    config = config or EvidenceConfig()
    left, right = _comparable(a, config), _comparable(b, config)
    n_not_compared = left.n_left_out + right.n_left_out
    if not left.words or not right.words:
        return SharedPassages((), (), n_not_compared)
    left_rows, right_rows = _tfidf(left.words, right.words)
    matches = _match_sentences(left, right, left_rows, right_rows, config)
    passages = [
        _passage(run, left, right, left_rows, right_rows, config) for run in _adjacent(matches)
    ]
    passages.sort(key=lambda p: (-p.cosine, p.a_start - p.a_end, p.a_start, p.b_start))
    return SharedPassages(tuple(matches), tuple(passages), n_not_compared)


def _comparable(text: PreparedText, config: EvidenceConfig) -> _Sentences:
    """Sentences with enough words; foreign-script runs are stepped over."""
    tokens = text.tokens
    words, rows = [], []
    for row, (first, last) in enumerate(tokens.sentence_rows.tolist()):
        native = [tokens.words[i] for i in range(first, last) if not tokens.foreign[i]]
        if len(native) >= config.min_tokens:
            words.append(native)
            rows.append(row)
    kept = rows[: config.max_sentences]
    return _Sentences(words[: len(kept)], text.sentence_spans[kept], len(rows) - len(kept))


def _tfidf(left: list[list[str]], right: list[list[str]]) -> tuple[csr_array, csr_array]:
    """TF-IDF rows of both texts' sentences, not normalised: the rows of a merged passage add up."""
    vectorizer = TfidfVectorizer(analyzer=_as_it_is, norm=None)
    rows = csr_array(vectorizer.fit_transform([*left, *right]))
    return rows[: len(left)], rows[len(left) :]


def _as_it_is(words: list[str]) -> list[str]:
    return words


def _match_sentences(
    left: _Sentences,
    right: _Sentences,
    left_rows: csr_array,
    right_rows: csr_array,
    config: EvidenceConfig,
) -> list[SentenceMatch]:
    """One-to-one matches, best cosine first; equal cosines prefer equal places in both texts."""
    candidates = [
        (-cosine, abs(i - j), i + j, i, j)
        for i, j, cosine in _similar(_unit(left_rows), _unit(right_rows), config.min_cosine)
        if _dice(left.words[i], right.words[j]) >= config.min_dice
    ]
    taken_left: set[int] = set()
    taken_right: set[int] = set()
    matches = []
    for negative, _, _, i, j in sorted(candidates):
        if i not in taken_left and j not in taken_right:
            taken_left.add(i)
            taken_right.add(j)
            a, b = left.words[i], right.words[j]
            agreeing = common_subsequence_length(a, b)
            matches.append(SentenceMatch(i, j, -negative, agreeing, max(len(a), len(b))))
    return sorted(matches, key=lambda match: match.a)


def _unit(rows: csr_array) -> csr_array:
    norms = np.sqrt(rows.multiply(rows).sum(axis=1))
    # Divided value by value, not by a matrix product: the same numbers for any set of rows.
    return csr_array(
        (rows.data / np.repeat(norms, np.diff(rows.indptr)), rows.indices, rows.indptr), rows.shape
    )


def _similar(
    left: csr_array, right: csr_array, min_cosine: float
) -> Iterator[tuple[int, int, float]]:
    turned = right.T.tocsr()
    for first in range(0, left.shape[0], _SENTENCES_AT_ONCE):
        block = (left[first : first + _SENTENCES_AT_ONCE] @ turned).tocoo()
        # Rounded, so that the order of summation decides no tie.
        cosines = np.minimum(np.round(block.data, 9), 1.0)
        near = cosines >= min_cosine
        yield from zip(
            (block.row[near] + first).tolist(),
            block.col[near].tolist(),
            cosines[near].tolist(),
            strict=True,
        )


def _dice(left: Sequence[str], right: Sequence[str]) -> float:
    a, b = set(left), set(right)
    return 2 * len(a & b) / (len(a) + len(b))


def common_subsequence_length(left: Sequence[str], right: Sequence[str]) -> int:
    """Length of the longest common subsequence of two token lists.

    Bit-parallel: one machine-word operation for 64 cells of the table (Hyyrö 2004).

    >>> common_subsequence_length("the city has a plan".split(), "the city had one plan".split())
    3
    """
    places: dict[str, int] = {}
    for index, word in enumerate(left):
        places[word] = places.get(word, 0) | 1 << index
    mask = (1 << len(left)) - 1
    state = mask
    for word in right:
        matched = state & places.get(word, 0)
        state = (state + matched) | (state - matched)
        state &= mask
    return len(left) - state.bit_count()


def _adjacent(matches: Sequence[SentenceMatch]) -> Iterator[list[SentenceMatch]]:
    """Runs of matches that follow one another in both texts."""
    run: list[SentenceMatch] = []
    for match in matches:
        if run and (match.a, match.b) != (run[-1].a + 1, run[-1].b + 1):
            yield run
            run = []
        run.append(match)
    if run:
        yield run


def _passage(
    run: Sequence[SentenceMatch],
    left: _Sentences,
    right: _Sentences,
    left_rows: csr_array,
    right_rows: csr_array,
    config: EvidenceConfig,
) -> Passage:
    first, last = run[0], run[-1]
    agreement = sum(match.agreeing for match in run) / sum(match.longer for match in run)
    return Passage(
        a_start=int(left.spans[first.a, 0]),
        a_end=int(left.spans[last.a, 1]),
        b_start=int(right.spans[first.b, 0]),
        b_end=int(right.spans[last.b, 1]),
        cosine=_cosine(left_rows[first.a : last.a + 1], right_rows[first.b : last.b + 1]),
        kind=_kind(agreement, config),
    )


def _cosine(left: csr_array, right: csr_array) -> float:
    a, b = left.sum(axis=0), right.sum(axis=0)
    return min(1.0, round(float(a @ b / np.sqrt((a @ a) * (b @ b))), 9))


def _kind(agreement: float, config: EvidenceConfig) -> PassageKind:
    if agreement >= config.identical:
        return "identical"
    return "edited" if agreement >= config.edited else "reworded"
