"""Overlap: what two texts share beyond their facts, and how much of it to expect.

In: prepared texts, and a background that knows how common words are. Out: for pairs of texts, a
score with its parts.

Two honest reports on one event share names, figures and quotations; two articles on one subject
share its terms. Both are set aside. What remains are a text's **own words**: content words that are
uncommon in the language at large, that stand outside facts (and two tokens around them), and that
the text does not repeat: a word used three times is what the text is about. Independent authors
share few of them; texts that recycle one another share many. The score of a pair, in nats:

    surplus    ln of own words found to be shared over those expected of independent articles on
               one subject, both per token and smoothed: shared / sqrt(n_a * n_b) + 0.005
  + distance   0 where the two are on one subject; below a closeness of 0.27 ever less: unrelated
               texts of one trade share its vocabulary
  + brevity    - 0.5 * sqrt(30 / n) for the n tokens of the shorter: small counts scatter

Closeness is the cosine of (1 + ln tf) * max(0, 7.5 - zipf) over content words, facts included. Word
frequencies come from a background that no collection can contaminate; among the documents at hand,
what a family shares would count as common (Robertson's idf would hide it).

The parts and their constants were found on labelled collections; benchmarks/README.md says on
which, and what other collections the null was judged on.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from dupdetect.match.background import Background
from dupdetect.match.joins import TermRows
from dupdetect.text.facts import fact_tokens, widened
from dupdetect.text.prepare import PreparedText
from dupdetect.text.terms import terms_of

Pairs = NDArray[np.int64]

#: A word at or above this Zipf frequency (200 in a million words) is everybody's.
COMMON_ZIPF = 5.3
#: A word that a text uses more often is its subject.
MAX_REPEATS = 2
#: Tokens on both sides of a fact that are set aside with it: "said Mr", "million dollars".
REACH = 2
#: Closeness from which on two texts are on one subject: e^-1.15 - 0.05.
ONE_SUBJECT = 0.267

_SMOOTHING = 0.005
_CLOSENESS_SMOOTHING = 0.05
_DISTANCE_WEIGHT = 2.0
_BREVITY_WEIGHT = 0.5
_BREVITY_TOKENS = 30
# Zipf frequency from which on a word says nothing of a subject.
_SUBJECT_ZIPF = 7.5

# Cells of the table of pairs that are looked at together: 128 MiB of float64 at most.
_CELLS_AT_ONCE = 2**22


@dataclass(frozen=True, slots=True, eq=False)
class Wording:
    """What each of many texts has to share.

    Attributes:
        own: 1 where a text has an own word; shape (n_texts, n_words).
        facts: 1 where a text has a word among its facts; shape (n_texts, n_facts).
        subject: the direction of each text's content words, of length 1; shape (n_texts, n_terms).
        n_tokens: how long each text is, boilerplate left out; shape (n_texts,).
        words: the own word of each column of `own`.
        subject_words: the word of each column of `subject`.
    """

    own: csr_array
    facts: csr_array
    subject: csr_array
    n_tokens: NDArray[np.float64]
    words: tuple[str, ...]
    subject_words: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Overlaps:
    """The overlap of some pairs; each array has shape (n_pairs,).

    Attributes:
        shared_words: own words of both.
        expected_words: how many independent articles of this length on one subject share.
        shared_facts: different words among the facts of both.
        closeness: how much the two are about one thing, in [0, 1].
        surplus: the first part of the score.
        distance: the second, at most 0.
        brevity: the third, below 0.
    """

    shared_words: NDArray[np.int64]
    expected_words: NDArray[np.float64]
    shared_facts: NDArray[np.int64]
    closeness: NDArray[np.float64]
    surplus: NDArray[np.float64]
    distance: NDArray[np.float64]
    brevity: NDArray[np.float64]

    @property
    def scores(self) -> NDArray[np.float64]:
        """The sum of the parts, rounded, so that no order of summation decides a threshold."""
        scores: NDArray[np.float64] = np.round(self.surplus + self.distance + self.brevity, 9)
        return scores


def measure(
    texts: Sequence[PreparedText],
    background: Background,
    masks: Sequence[NDArray[np.bool_]] | None = None,
) -> Wording:
    """What each text has to share.

    Args:
        texts: prepared texts.
        background: how common words are.
        masks: tokens of each text to leave out, such as boilerplate; None: none.

    >>> from dupdetect.match.background import ENGLISH
    >>> from dupdetect.results import Document
    >>> from dupdetect.text.prepare import prepare
    >>> text = "Brisk winds tore tiles from roofs. Nobody in Riga, the mayor said, was hurt."
    >>> measure([prepare(Document("a", text))], ENGLISH).words
    ('brisk', 'hurt', 'roofs', 'tiles', 'tore', 'winds')
    """
    stop_words, zipf = background.stop_words, _Zipf(background)
    own, facts, subject = TermRows(), TermRows(), TermRows()
    n_tokens = []
    chosen: Sequence[NDArray[np.bool_] | None] = [None] * len(texts) if masks is None else masks
    for text, mask in zip(texts, chosen, strict=True):
        parts = _parts(text, mask)
        own.add(dict.fromkeys(_own_words(parts, zipf, stop_words), 1.0))
        facts.add(dict.fromkeys(parts.facts - stop_words, 1.0))
        subject.add(_direction(parts.counts, zipf, stop_words))
        n_tokens.append(max(parts.n_tokens, 1.0))
    own_words, subjects = own.finish(), subject.finish()
    return Wording(
        own=own_words.matrix,
        facts=facts.finish().matrix,
        subject=subjects.matrix,
        n_tokens=np.array(n_tokens),
        words=own_words.vocabulary,
        subject_words=subjects.vocabulary,
    )


def overlaps(pairs: Pairs, wording: Wording, expected_rate: float) -> Overlaps:
    """The overlap of each pair.

    Args:
        pairs: rows of texts, shape (n_pairs, 2).
        wording: of the texts.
        expected_rate: own words a token that independent articles on one subject share.
    """
    left, right = pairs[:, 0], pairs[:, 1]
    return _scored(
        shared_words=_rowwise(wording.own, left, right),
        shared_facts=_rowwise(wording.facts, left, right),
        closeness=_rowwise(wording.subject, left, right),
        lengths=(wording.n_tokens[left], wording.n_tokens[right]),
        expected_rate=expected_rate,
    )


def shared_words(a: int, b: int, wording: Wording) -> tuple[str, ...]:
    """The own words that two texts share, sorted."""
    columns = np.intersect1d(wording.own[[a]].indices, wording.own[[b]].indices)
    return tuple(wording.words[column] for column in columns.tolist())


def pairs_above(
    wording: Wording, rows: NDArray[np.int64], threshold: float, expected_rate: float
) -> Pairs:
    """All pairs of some texts whose score reaches a threshold; nothing is sketched.

    Args:
        wording: of all texts.
        rows: the texts to pair, ascending; shape (n_rows,).
        threshold: least score.
        expected_rate: own words a token that independent articles on one subject share.

    Returns:
        Rows (i, j) with i < j, sorted; shape (n_pairs, 2).
    """
    found = [np.empty((0, 2), dtype=np.int64)]
    for first, scores in score_blocks(wording, rows, expected_rate):
        left, right = np.nonzero(scores >= threshold)
        left = left + first
        kept = left < right
        found.append(np.column_stack((rows[left[kept]], rows[right[kept]])))
    return np.concatenate(found)


def score_blocks(
    wording: Wording, rows: NDArray[np.int64], expected_rate: float
) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """The scores of some texts, all with all, in blocks of bounded size; those of `overlaps`.

    Yields:
        The place of the block's first text among the rows, and the scores of the block's texts
        with all; shape (n_block, n_rows).
    """
    own, subject = wording.own[rows], wording.subject[rows]
    n_tokens = wording.n_tokens[rows]
    own_turned, subject_turned = own.T.tocsr(), subject.T.tocsr()
    step = max(1, _CELLS_AT_ONCE // max(len(rows), 1))
    for first in range(0, len(rows), step):
        block = slice(first, first + step)
        yield (
            first,
            _scored(
                shared_words=(own[block] @ own_turned).toarray(),
                shared_facts=np.zeros(1),
                closeness=(subject[block] @ subject_turned).toarray(),
                lengths=(n_tokens[block][:, None], n_tokens[None, :]),
                expected_rate=expected_rate,
            ).scores,
        )


def scores_on_subject(
    wording: Wording, rows: NDArray[np.int64], closeness: float, expected_rate: float
) -> Iterator[tuple[Pairs, NDArray[np.float64]]]:
    """The pairs of some texts that are so close in subject, in blocks of bounded size.

    Cost: the products of the upper half of the table; scores are had of the close pairs alone.

    Args:
        wording: of all texts.
        rows: the texts to pair, ascending; shape (n_rows,).
        closeness: least closeness, above 0.
        expected_rate: own words a token that independent articles on one subject share.

    Yields:
        Rows (i, j) with i < j in any order, shape (n_pairs, 2), and their scores, those of
        `overlaps`.
    """
    own, subject, n_tokens = wording.own[rows], wording.subject[rows], wording.n_tokens[rows]
    own_turned, subject_turned = own.T.tocsr(), subject.T.tocsr()
    step = max(1, _CELLS_AT_ONCE // max(len(rows), 1))
    for first in range(0, len(rows), step):
        block = slice(first, first + step)
        near = (subject[block] @ subject_turned[:, first:]).tocoo()
        kept = (np.round(near.data, 9) >= closeness) & (near.row < near.col)
        left, right = near.row[kept], near.col[kept]
        shared = (own[block] @ own_turned[:, first:]).toarray()
        yield (
            np.column_stack((rows[left + first], rows[right + first])),
            _scored(
                shared_words=shared[left, right],
                shared_facts=np.zeros(1),
                closeness=near.data[kept],
                lengths=(n_tokens[left + first], n_tokens[right + first]),
                expected_rate=expected_rate,
            ).scores,
        )


def story_pairs(wording: Wording, rows: NDArray[np.int64], min_facts: int) -> Pairs:
    """All pairs of some texts that share so many words among their facts; i < j, sorted."""
    facts = wording.facts[rows]
    turned = facts.T.tocsr()
    step = max(1, _CELLS_AT_ONCE // max(len(rows), 1))
    found = [np.empty((0, 2), dtype=np.int64)]
    for first in range(0, len(rows), step):
        product = facts[first : first + step] @ turned
        product.sort_indices()  # a sparse product leaves the columns of a row in any order
        shared = product.tocoo()
        left, right = shared.row + first, shared.col
        kept = (shared.data >= min_facts) & (left < right)
        found.append(np.column_stack((rows[left[kept]], rows[right[kept]])))
    return np.concatenate(found)


class Subjects:
    """Finds the texts that are on the subject of a group; what many groups need is done once.

    Cost of a group: for each term of each member, the texts that have it.

    Args:
        wording: of all texts.
        rows: the texts to find some of, ascending; shape (n_rows,).
    """

    def __init__(self, wording: Wording, rows: NDArray[np.int64]) -> None:
        self._subject, self._rows = wording.subject, rows
        self._texts_of_term = wording.subject[rows].T.tocsr()

    def near(self, of: Sequence[int], closeness: float) -> NDArray[np.int64]:
        """The rows that are as close in subject to any text of `of`, those included; ascending."""
        members = np.array(of, dtype=np.int64)
        is_near = np.zeros(len(self._rows), dtype=np.bool_)
        step = max(1, _CELLS_AT_ONCE // max(len(self._rows), 1))
        for first in range(0, len(members), step):
            found = self._subject[members[first : first + step]] @ self._texts_of_term
            is_near[found.indices[np.round(found.data, 9) >= closeness]] = True
        return np.union1d(self._rows[is_near], members)


def _scored(
    *,
    shared_words: NDArray[np.float64],
    shared_facts: NDArray[np.float64],
    closeness: NDArray[np.float64],
    lengths: tuple[NDArray[np.float64], NDArray[np.float64]],
    expected_rate: float,
) -> Overlaps:
    closeness = np.clip(np.round(closeness, 9), 0.0, 1.0)
    mean_length = np.sqrt(lengths[0] * lengths[1])
    rate = shared_words / mean_length
    near = np.log(closeness + _CLOSENESS_SMOOTHING) - math.log(ONE_SUBJECT + _CLOSENESS_SMOOTHING)
    shorter = np.minimum(*lengths)
    return Overlaps(
        shared_words=np.rint(shared_words).astype(np.int64),
        expected_words=expected_rate * mean_length,
        shared_facts=np.rint(shared_facts).astype(np.int64),
        closeness=closeness,
        surplus=np.log(rate + _SMOOTHING) - math.log(expected_rate + _SMOOTHING),
        distance=_DISTANCE_WEIGHT * np.minimum(0.0, near),
        brevity=-_BREVITY_WEIGHT * np.sqrt(_BREVITY_TOKENS / shorter),
    )


def _rowwise(
    matrix: csr_array, left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The inner product of each row of `left` with its row of `right`."""
    sums = [np.empty(0)]
    step = 2**14
    for first in range(0, len(left), step):
        part = slice(first, first + step)
        product = matrix[left[part]].multiply(matrix[right[part]])
        sums.append(np.asarray(product.sum(axis=1), dtype=np.float64).ravel())
    return np.concatenate(sums)


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """One text: how often it has each word, words outside facts, words among them, its length."""

    counts: Counter[str]
    wording: set[str]
    facts: set[str]
    n_tokens: float


def _parts(text: PreparedText, left_out: NDArray[np.bool_] | None) -> _Parts:
    """Foreign-script runs, which farms insert as anchors, are stepped over."""
    tokens = text.tokens
    kept = ~tokens.foreign if left_out is None else ~tokens.foreign & ~left_out
    rows = np.flatnonzero(kept)
    words = [tokens.words[row] for row in rows.tolist()]
    facts = fact_tokens(text.repaired.text, tokens)[rows]
    aside = widened(facts, REACH)
    unspaced = bool(tokens.unspaced[rows].any())
    return _Parts(
        counts=Counter(terms_of(words) if unspaced else words),
        wording=set(_terms_where(words, ~aside, unspaced)),
        facts=set(_terms_where(words, facts, unspaced)),
        n_tokens=tokens.n_words(kept),
    )


def _own_words(
    parts: _Parts, zipf: Mapping[str, float], stop_words: frozenset[str]
) -> Iterator[str]:
    """Uncommon content words outside facts that the text does not repeat."""
    for word in parts.wording:
        if (
            parts.counts[word] <= MAX_REPEATS
            and word not in stop_words
            and zipf[word] < COMMON_ZIPF
        ):
            yield word


def _terms_where(words: Sequence[str], where: NDArray[np.bool_], unspaced: bool) -> Iterable[str]:
    """The words at the chosen places; of scripts without spaces, terms of unbroken runs."""
    if not unspaced:
        return (words[row] for row in np.flatnonzero(where).tolist())
    return (term for run in _runs(words, where) for term in terms_of(run))


def _runs(words: Sequence[str], where: NDArray[np.bool_]) -> Iterator[Sequence[str]]:
    bounds = np.flatnonzero(np.diff(np.concatenate(([0], where.astype(np.int8), [0]))))
    for first, last in bounds.reshape(-1, 2).tolist():
        yield words[first:last]


class _Zipf(dict[str, float]):
    """The Zipf frequency of a word, looked up once."""

    def __init__(self, background: Background) -> None:
        self._background = background

    def __missing__(self, word: str) -> float:
        value = float(self._background.zipf([word])[0])
        self[word] = value
        return value


def _direction(
    counts: Mapping[str, int], zipf: Mapping[str, float], stop_words: frozenset[str]
) -> dict[str, float]:
    """What a text is about, as a vector of length 1."""
    weights = {
        word: (1 + math.log(count)) * (_SUBJECT_ZIPF - zipf[word])
        for word, count in counts.items()
        if word not in stop_words and zipf[word] < _SUBJECT_ZIPF
    }
    # fsum: the same to the last bit in every order of the words.
    length = math.sqrt(math.fsum(weight * weight for weight in weights.values()))
    return {word: weight / length for word, weight in weights.items()}
