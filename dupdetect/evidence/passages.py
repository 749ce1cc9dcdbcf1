"""Passages: which sentences of two texts say the same, and how closely.

In: two prepared texts. Out: sentence matches, and passages with spans of both texts as read.
Method: TF-IDF over the sentences of the two texts, cosine and Dice between sentences of different
texts (after Sanchez-Perez, Sidorov and Gelbukh, PAN 2014), one-to-one from the best down.

The inverse document frequency is taken over sentences, never over documents: over documents, what a
whole family shares would count as common and explain nothing. It is taken over the sentences of
these two texts alone, so that a pair has the same passages whatever stands beside it.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import CountVectorizer

from dupdetect.config import EvidenceConfig
from dupdetect.match.candidates import strongest_partners
from dupdetect.results import Passage, PassageKind
from dupdetect.text.prepare import PreparedText
from dupdetect.text.tokens import is_unspaced

# Sentences of one text compared with all of the other at once: bounds the block of cosines.
_SENTENCES_AT_ONCE = 512
# Partners of one sentence that may compete for it.
_PARTNERS = 16


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


class PassageFinder:
    """Finds the passages of any two of some texts; what a single text needs is done once.

    Args:
        texts: the texts, by row.
        config: which sentences count as shared.

    >>> from dupdetect.results import Document
    >>> from dupdetect.text.prepare import prepare
    >>> a = prepare(Document("a", "Rain fell on the old town all day. Nobody came to the fair."))
    >>> b = prepare(Document("b", "The fair was shut. Rain fell on the old town all night."))
    >>> shared = PassageFinder([a, b]).shared(0, 1)
    >>> [(passage.a_start, passage.a_end, passage.kind) for passage in shared.passages]
    [(0, 34, 'edited')]
    """

    def __init__(self, texts: Sequence[PreparedText], config: EvidenceConfig | None = None) -> None:
        self._config = config or EvidenceConfig()
        self._texts = _sentences_of(texts, self._config)
        self._contents = [text.document.text for text in texts]
        self._found: dict[tuple[int, int], SharedPassages] = {}

    @property
    def n_not_compared(self) -> int:
        """Sentences of all texts beyond `max_sentences`, in which no passage is looked for."""
        return sum(text.n_left_out for text in self._texts)

    def shared(self, a: int, b: int) -> SharedPassages:
        """The passages that two texts share, whatever their relation.

        Args:
            a: row of the first text.
            b: row of the second.
        """
        # Always from the same side, so that a pair has the same passages in both directions.
        if self._contents[b] < self._contents[a]:
            return _mirrored(self.shared(b, a))
        if (a, b) not in self._found:
            self._found[a, b] = self._find(a, b)
        return self._found[a, b]

    def _find(self, a: int, b: int) -> SharedPassages:
        left, right = self._texts[a], self._texts[b]
        n_not_compared = left.n_left_out + right.n_left_out
        if not left.words or not right.words:
            return SharedPassages((), (), n_not_compared)
        weights = _Weights(left, right)
        matches = _match_sentences(left, right, weights, self._config)
        passages = [
            _passage(run, left, right, weights, self._config)
            for run in _adjacent(matches, left, right)
        ]
        passages.sort(key=lambda p: (-p.cosine, p.a_start - p.a_end, p.a_start, p.b_start))
        return SharedPassages(tuple(matches), tuple(passages), n_not_compared)


def shared_passages(
    a: PreparedText, b: PreparedText, config: EvidenceConfig | None = None
) -> SharedPassages:
    """The passages that two texts share; `PassageFinder` is for many pairs of texts."""
    return PassageFinder([a, b], config).shared(0, 1)


def _mirrored(shared: SharedPassages) -> SharedPassages:
    matches = [replace(match, a=match.b, b=match.a) for match in shared.matches]
    passages = [
        Passage(p.b_start, p.b_end, p.a_start, p.a_end, p.cosine, p.kind) for p in shared.passages
    ]
    return SharedPassages(
        tuple(sorted(matches, key=lambda match: match.a)), tuple(passages), shared.n_not_compared
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Sentences:
    """The sentences of one text that are long enough to compare.

    Attributes:
        words: the words of each different sentence, foreign-script runs left out.
        terms: what it is compared by: see `_terms`.
        places: where each stands among the sentences, ascending: a text may repeat itself.
        before: the words between each sentence and the one before it, of shorter sentences.
        distinct_of: for each sentence, which of the different ones it is; shape (n,).
        spans: where each sentence is in the text as read; shape (n, 2).
        n_left_out: how many there are beyond the cap.
        vocabulary: the different terms of all, as ascending numbers; shape (n_terms,).
        frequencies: in how many sentences each of them is; shape (n_terms,).
        rows: for each term of each different sentence, the sentence, ascending; shape (n_entries,).
        columns: its place in the vocabulary; shape (n_entries,).
        counts: how often it is there; shape (n_entries,).
    """

    words: list[list[str]]
    terms: list[set[str]]
    places: list[list[int]]
    before: list[tuple[str, ...]]
    distinct_of: NDArray[np.int64]
    spans: NDArray[np.int64]
    n_left_out: int
    vocabulary: NDArray[np.int64]
    frequencies: NDArray[np.int64]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    counts: NDArray[np.int64]


def _sentences_of(texts: Sequence[PreparedText], config: EvidenceConfig) -> list[_Sentences]:
    """The comparable sentences of each text, their terms counted over one vocabulary."""
    comparable = [_comparable(text, config) for text in texts]
    terms = [[_terms(words) for words in each.places] for each in comparable]
    return [
        _counted(text, of_text, of_sentences, counts)
        for text, of_text, of_sentences, counts in zip(
            texts, comparable, terms, _term_counts(terms), strict=True
        )
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Comparable:
    """Sentences with enough words: rows, places of the different ones, and words between them."""

    rows: list[int]
    places: dict[tuple[str, ...], list[int]]
    before: list[tuple[str, ...]]
    n_left_out: int


def _comparable(text: PreparedText, config: EvidenceConfig) -> _Comparable:
    """The sentences that are long enough, up to the cap; foreign-script runs are stepped over."""
    tokens = text.tokens
    native = (~tokens.foreign).tolist()

    def words(first: int, last: int) -> tuple[str, ...]:
        return tuple(tokens.words[i] for i in range(first, last) if native[i])

    weights = tokens.word_weights * ~tokens.foreign
    n_words = np.concatenate(([0.0], np.cumsum(weights)))[tokens.sentence_rows]
    rows = np.flatnonzero(n_words[:, 1] - n_words[:, 0] >= config.min_tokens - 1e-6)
    kept = rows[: config.max_sentences]
    spans = tokens.sentence_rows[kept].tolist()
    places: dict[tuple[str, ...], list[int]] = {}
    for place, (first, last) in enumerate(spans):
        places.setdefault(words(first, last), []).append(place)
    between = [words(end, start) for (_, end), (start, _) in itertools.pairwise(spans)]
    return _Comparable(kept.tolist(), places, [(), *between], len(rows) - len(kept))


def _terms(words: Sequence[str]) -> list[str]:
    """What a sentence is compared by: words; of scripts without spaces, short runs of characters.

    A single letter of Thai or Kana says nothing. Two Han characters are about a word, three letters
    of the others about half of one.

    >>> _terms(["in", "香", "港", "市", "now"])
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


def _term_counts(texts: list[list[list[str]]]) -> Iterator[csr_array]:
    """How often each term is in each sentence of each text; shape (n_sentences, n_terms)."""
    sentences = [terms for text in texts for terms in text]
    counts = csr_array((0, 0), dtype=np.int64)
    if sentences:
        counts = csr_array(CountVectorizer(analyzer=_as_it_is).fit_transform(sentences))
    firsts = itertools.accumulate(map(len, texts), initial=0)
    return (counts[first:last] for first, last in itertools.pairwise(firsts))


def _as_it_is(terms: list[str]) -> list[str]:
    return terms


def _counted(
    text: PreparedText, comparable: _Comparable, terms: list[list[str]], counts: csr_array
) -> _Sentences:
    entries = counts.tocoo()
    vocabulary, columns = np.unique(entries.col, return_inverse=True)
    places = list(comparable.places.values())
    n_times = np.array([len(each) for each in places], dtype=np.float64)
    distinct_of = np.empty(len(comparable.rows), dtype=np.int64)
    for number, each in enumerate(places):
        distinct_of[each] = number
    return _Sentences(
        words=[list(words) for words in comparable.places],
        terms=[set(each) for each in terms],
        places=places,
        before=comparable.before,
        distinct_of=distinct_of,
        spans=text.sentence_spans[comparable.rows],
        n_left_out=comparable.n_left_out,
        vocabulary=vocabulary.astype(np.int64),
        frequencies=np.bincount(columns, n_times[entries.row], len(vocabulary)).astype(np.int64),
        rows=entries.row.astype(np.int64),
        columns=columns,
        counts=entries.data,
    )


class _Weights:
    """TF-IDF weights of the different sentences of two texts, and cosines between them.

    The weight of a term is its count times scikit-learn's smoothed ln((1 + n) / (1 + df)) + 1, over
    the n sentences of both texts. Cosines are rounded, so that no order of summation, which hangs
    on the other words of a collection, decides a tie or a threshold.
    """

    def __init__(self, left: _Sentences, right: _Sentences) -> None:
        _, in_left, in_right = np.intersect1d(
            left.vocabulary, right.vocabulary, assume_unique=True, return_indices=True
        )
        n_sentences = len(left.distinct_of) + len(right.distinct_of)
        self._sides = (
            _Side(left, in_left, right.frequencies[in_right], n_sentences),
            _Side(right, in_right, left.frequencies[in_left], n_sentences),
        )

    def similar(self, min_cosine: float) -> Iterator[tuple[int, int, float]]:
        """Different sentences of the first text and of the second, and their cosine.

        Of each sentence the `_PARTNERS` best: in a text of a thousand variations of one sentence,
        each is like every other.
        """
        left, right = (side.unit_rows() for side in self._sides)
        turned = right.T.tocsr()
        pairs, cosines = [np.empty((0, 2), dtype=np.int64)], [np.empty(0)]
        for first in range(0, left.shape[0], _SENTENCES_AT_ONCE):
            block = (left[first : first + _SENTENCES_AT_ONCE] @ turned).tocoo()
            values = np.minimum(np.round(block.data, 9), 1.0)
            near = values >= min_cosine
            pairs.append(np.column_stack((block.row + first, block.col + left.shape[0]))[near])
            cosines.append(values[near])
            best = strongest_partners(pairs[-1], cosines[-1], _PARTNERS)
            pairs[-1], cosines[-1] = pairs[-1][best], cosines[-1][best]
        all_pairs, all_cosines = np.concatenate(pairs), np.concatenate(cosines)
        best = strongest_partners(all_pairs, all_cosines, _PARTNERS)
        rows, columns = all_pairs[best].T
        return zip(
            rows.tolist(),
            (columns - left.shape[0]).tolist(),
            all_cosines[best].tolist(),
            strict=True,
        )

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
        text: _Sentences,
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

    def unit_rows(self) -> csr_array:
        """Each sentence at length 1, over the words that both texts have."""
        text = self._text
        n_rows = len(text.words)
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
        n_times = np.bincount(text.distinct_of[first:last], minlength=len(text.words))
        weights = self._values * n_times[text.rows]
        total = np.bincount(text.columns, weights, len(text.vocabulary)).astype(np.float64)
        return total[self._common], float(np.sqrt(total @ total))


def _match_sentences(
    left: _Sentences, right: _Sentences, weights: _Weights, config: EvidenceConfig
) -> list[SentenceMatch]:
    """One-to-one matches, best cosine first; equal cosines prefer equal places in both texts.

    Equal sentences are paired in their order.
    """
    candidates = [
        (-cosine, abs(left.places[u][0] - right.places[v][0]), left.places[u][0], u, v)
        for u, v, cosine in weights.similar(config.min_cosine)
        if _dice(left.terms[u], right.terms[v]) >= config.min_dice
    ]
    free_left = [deque(places) for places in left.places]
    free_right = [deque(places) for places in right.places]
    matches = []
    for negative, _, _, u, v in sorted(candidates):
        a, b = left.words[u], right.words[v]
        n_pairs = min(len(free_left[u]), len(free_right[v]))
        if n_pairs:
            agreeing = len(a) if a == b else common_subsequence_length(a, b)
            longer = max(len(a), len(b))
            matches += [
                SentenceMatch(
                    free_left[u].popleft(), free_right[v].popleft(), -negative, agreeing, longer
                )
                for _ in range(n_pairs)
            ]
    return sorted(matches, key=lambda match: match.a)


def _dice(left: set[str], right: set[str]) -> float:
    return 2 * len(left & right) / (len(left) + len(right))


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


def _adjacent(
    matches: Sequence[SentenceMatch], left: _Sentences, right: _Sentences
) -> Iterator[list[SentenceMatch]]:
    """Runs of matches that follow one another in both texts, with nothing unlike between them."""
    run: list[SentenceMatch] = []
    for match in matches:
        follows = run and (match.a, match.b) == (run[-1].a + 1, run[-1].b + 1)
        if run and not (follows and left.before[match.a] == right.before[match.b]):
            yield run
            run = []
        run.append(match)
    if run:
        yield run


def _passage(
    run: Sequence[SentenceMatch],
    left: _Sentences,
    right: _Sentences,
    weights: _Weights,
    config: EvidenceConfig,
) -> Passage:
    first, last = run[0], run[-1]
    agreement = sum(match.agreeing for match in run) / sum(match.longer for match in run)
    cosine = first.cosine
    if len(run) > 1:
        cosine = weights.cosine((first.a, last.a + 1), (first.b, last.b + 1))
    return Passage(
        a_start=int(left.spans[first.a, 0]),
        a_end=int(left.spans[last.a, 1]),
        b_start=int(right.spans[first.b, 0]),
        b_end=int(right.spans[last.b, 1]),
        cosine=cosine,
        kind=_kind(agreement, config),
    )


def _kind(agreement: float, config: EvidenceConfig) -> PassageKind:
    if agreement == 1:
        return "identical"
    return "edited" if agreement >= config.edited else "reworded"
