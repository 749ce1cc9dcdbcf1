"""Passages: which stretches of two texts say the same, how closely, and which words stayed.

In: two prepared texts. Out: sentence matches, one to one; passages, with spans of both texts as
read; and the matches that no passage holds.
Method: sentences by TF-IDF cosine and Dice (`sentences`), stretches of them (`stretches`), words
aligned inside (`alignment`).

Two readers, two lists. A passage is long or close enough to prove reuse by itself. A match of one
sentence proves little alone, but several in different places do; so matches are counted, and those
outside every passage are listed by themselves.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dupdetect.config import EvidenceConfig
from dupdetect.evidence.alignment import Aligner, Run, WordRange
from dupdetect.evidence.sentences import Sentences, Weights, comparable_sentences
from dupdetect.evidence.stretches import Stretch, find_stretches, nearby, seeds_of
from dupdetect.results import Passage, PassageKind
from dupdetect.text.prepare import PreparedText
from dupdetect.text.quotations import covered_share, quotation_spans

# A passage is a quotation when more than half of either side lies between quotation marks.
_QUOTED_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class SentenceMatch:
    """One sentence of each text that belong together.

    Attributes:
        a: which of a's sentences long enough to compare, counted from 0.
        b: the same for b.
        cosine: their TF-IDF cosine, in [0, 1].
    """

    a: int
    b: int
    cosine: float


@dataclass(frozen=True, slots=True, eq=False)
class SharedPassages:
    """What two texts share: matched sentences, and the passages they are in.

    Attributes:
        matches: matched sentences, one to one, in the order of text a.
        passages: stretches in which most sentences are alike, best first. Where one text sums up
            the other, most sentences of the shorter side are.
        sentences: the matches outside every passage, each by itself, best first: too short and too
            loose to prove something alone.
        n_not_compared: sentences of either text beyond `max_sentences`.
        n_seeds_left_out: pairs of sentences alike, which passages could have been made of, beyond
            the strongest of each sentence.
        left: the sentences of text a.
        right: those of text b.
        max_gap: unlike sentences that may lie between two matches of one place.
    """

    matches: tuple[SentenceMatch, ...]
    passages: tuple[Passage, ...]
    sentences: tuple[Passage, ...]
    n_not_compared: int
    n_seeds_left_out: int
    left: Sentences
    right: Sentences
    max_gap: int

    @property
    def n_places(self) -> int:
        """How many different places the matches come from.

        Matches near one another in both texts are one place, and so are places that say the same.
        Counted when asked: of most pairs nobody asks.
        """
        return _n_places(self.matches, self.left, self.right, self.max_gap)


class PassageFinder:
    """Finds the passages of any two of some texts; what one text needs is done once, when asked.

    Args:
        texts: the texts, by row.
        config: which sentences count as shared.
        merge: whether sentences form passages; else each match is shown by itself.

    >>> from dupdetect.results import Document
    >>> from dupdetect.text.prepare import prepare
    >>> a = prepare(Document("a", "Rain fell on the old town all day. Nobody came to the fair."))
    >>> b = prepare(Document("b", "The fair was shut. Rain fell on the old town all night."))
    >>> shared = PassageFinder([a, b]).shared(0, 1)
    >>> [(passage.a_start, passage.a_end, passage.kind) for passage in shared.passages]
    [(0, 34, 'edited')]
    >>> shared.passages[0].runs
    ((0, 29, 19, 48),)
    """

    def __init__(
        self,
        texts: Sequence[PreparedText],
        config: EvidenceConfig | None = None,
        *,
        merge: bool = True,
    ) -> None:
        self._config = config or EvidenceConfig()
        self._merge = merge
        self._texts = texts
        self._parts = _Parts(texts, self._config)
        self._found: dict[tuple[int, int], SharedPassages] = {}

    def sharing(self, config: EvidenceConfig, *, merge: bool) -> PassageFinder:
        """A finder of other passages in the same texts; what one text needs is done once for both.

        Args:
            config: which sentences count as shared; those that are long enough are the same.
            merge: as for the finder itself.

        Raises:
            ValueError: `min_tokens` or `max_sentences` differ: other sentences are long enough.
        """
        if _which_sentences(config) != _which_sentences(self._config):
            raise ValueError(
                "finders that differ in min_tokens or max_sentences share no sentences"
            )
        finder = PassageFinder(self._texts, config, merge=merge)
        finder._parts = self._parts
        return finder

    def shared(self, a: int, b: int) -> SharedPassages:
        """The passages that two texts share, whatever their relation.

        Args:
            a: row of the first text.
            b: row of the second.
        """
        # Always from the same side, so that a pair has the same passages in both directions.
        if self._texts[b].document.text < self._texts[a].document.text:
            return _mirrored(self.shared(b, a))
        if (a, b) not in self._found:
            self._found[a, b] = self._find(a, b)
        return self._found[a, b]

    def _find(self, a: int, b: int) -> SharedPassages:
        left, right = self._parts.sentences_of(a), self._parts.sentences_of(b)
        config = self._config
        n_not_compared = left.n_left_out + right.n_left_out
        if not len(left) or not len(right):
            return SharedPassages((), (), (), n_not_compared, 0, left, right, config.max_gap)
        weights = Weights(left, right)
        candidates, n_seeds_left_out = weights.similar(config.min_cosine)
        alike = [
            (u, v, cosine)
            for u, v, cosine in candidates
            if _dice(left.terms[u], right.terms[v]) >= config.min_dice
        ]
        matches = _match_sentences(left, right, alike)
        seeds = seeds_of(alike, left, right, n_seeds_left_out)
        stretches = find_stretches(left, right, seeds, weights, config) if self._merge else []
        alone = [_lone(match) for match in _outside(matches, stretches)]
        quotations = self._parts.quotations_of(a), self._parts.quotations_of(b)
        return SharedPassages(
            matches=tuple(matches),
            passages=_passages(stretches, left, right, quotations, config, extend=True),
            sentences=_passages(alone, left, right, quotations, config, extend=self._merge),
            n_not_compared=n_not_compared,
            n_seeds_left_out=seeds.n_left_out,
            left=left,
            right=right,
            max_gap=config.max_gap,
        )


class _Parts:
    """What each of some texts is compared by; done once, when asked.

    Args:
        texts: the texts, by row.
        config: which sentences are long enough.
    """

    def __init__(self, texts: Sequence[PreparedText], config: EvidenceConfig) -> None:
        self._texts, self._config = texts, config
        self._vocabulary: dict[str, int] = {}
        self._sentences: dict[int, Sentences] = {}
        self._quotations: dict[int, NDArray[np.int64]] = {}

    def sentences_of(self, row: int) -> Sentences:
        """The sentences of a text, counted over one vocabulary for all."""
        if row not in self._sentences:
            self._sentences[row] = comparable_sentences(
                self._texts[row], self._config, self._vocabulary
            )
        return self._sentences[row]

    def quotations_of(self, row: int) -> NDArray[np.int64]:
        """Where a text as read quotes; found in the repaired text, whose marks are marks."""
        if row not in self._quotations:
            repaired = self._texts[row].repaired
            spans = quotation_spans(repaired.text)
            self._quotations[row] = np.column_stack(
                repaired.spans_as_read(spans[:, 0], spans[:, 1])
            )
        return self._quotations[row]


def _which_sentences(config: EvidenceConfig) -> tuple[int, int]:
    """The settings that the sentences of a text depend on."""
    return config.min_tokens, config.max_sentences


def _mirrored(shared: SharedPassages) -> SharedPassages:
    matches = [replace(match, a=match.b, b=match.a) for match in shared.matches]
    return replace(
        shared,
        matches=tuple(sorted(matches, key=lambda match: match.a)),
        passages=tuple(map(_mirrored_passage, shared.passages)),
        sentences=tuple(map(_mirrored_passage, shared.sentences)),
        left=shared.right,
        right=shared.left,
    )


def _mirrored_passage(passage: Passage) -> Passage:
    return replace(
        passage,
        a_start=passage.b_start,
        a_end=passage.b_end,
        b_start=passage.a_start,
        b_end=passage.a_end,
        runs=tuple(sorted((c, d, a, b) for a, b, c, d in passage.runs)),
    )


def _dice(left: set[str], right: set[str]) -> float:
    return 2 * len(left & right) / (len(left) + len(right))


def _match_sentences(
    left: Sentences, right: Sentences, alike: Iterable[tuple[int, int, float]]
) -> list[SentenceMatch]:
    """One-to-one matches, best cosine first; equal cosines prefer equal places in both texts.

    Equal sentences are paired in their order.
    """
    candidates = [
        (-cosine, abs(left.places[u][0] - right.places[v][0]), left.places[u][0], u, v)
        for u, v, cosine in alike
    ]
    free_left = [deque(places) for places in left.places]
    free_right = [deque(places) for places in right.places]
    matches = []
    for negative, _, _, u, v in sorted(candidates):
        matches += [
            SentenceMatch(free_left[u].popleft(), free_right[v].popleft(), -negative)
            for _ in range(min(len(free_left[u]), len(free_right[v])))
        ]
    return sorted(matches, key=lambda match: match.a)


def _n_places(matches: Sequence[SentenceMatch], left: Sentences, right: Sentences, gap: int) -> int:
    """How many different places the matches come from.

    A notice that stands above and below a text is two places that say the same: it counts once.
    """
    a = np.array([match.a for match in matches], dtype=np.int64)
    b = np.array([match.b for match in matches], dtype=np.int64)
    labels = nearby(left.positions[a], right.positions[b], (gap, gap)).tolist()
    said: dict[int, set[tuple[int, int]]] = {}
    for label, u, v in zip(
        labels, left.distinct_of[a].tolist(), right.distinct_of[b].tolist(), strict=True
    ):
        said.setdefault(label, set()).add((u, v))
    return len({frozenset(pairs) for pairs in said.values()})


def _lone(match: SentenceMatch) -> Stretch:
    """A match as a stretch of its own."""
    pair = (match.a, match.b)
    return Stretch((match.a, match.a + 1), (match.b, match.b + 1), match.cosine, [pair])


def _outside(matches: Sequence[SentenceMatch], stretches: Iterable[Stretch]) -> list[SentenceMatch]:
    """The matches that no stretch holds on both sides."""
    places = [match.a for match in matches]
    inside = set[int]()
    for stretch in stretches:
        first, last = (bisect_left(places, place) for place in stretch.a)
        b_first, b_last = stretch.b
        inside.update(row for row in range(first, last) if b_first <= matches[row].b < b_last)
    return [match for row, match in enumerate(matches) if row not in inside]


def _passages(
    stretches: Sequence[Stretch],
    left: Sentences,
    right: Sentences,
    quotations: tuple[NDArray[np.int64], NDArray[np.int64]],
    config: EvidenceConfig,
    *,
    extend: bool,
) -> tuple[Passage, ...]:
    """The passages of some stretches, best first."""
    ranges = [
        WordRange(*left.word_range(*each.a), *right.word_range(*each.b)) for each in stretches
    ]
    aligner = Aligner(left, right, ranges)
    passages = []
    for stretch, words in zip(stretches, ranges, strict=True):
        if not extend and len(stretch.alike) == 1 and _is_same(words, left, right):
            # All of it stayed: there is nothing to align.
            longer, runs = words, [Run(words.a_first, words.b_first, words.a_last - words.a_first)]
        else:
            longer, runs = aligner.align(words, stretch.alike, extend=extend)
        spans = _spans(stretch, words, longer, left, right)
        n_tokens = max(longer.a_last - longer.a_first, longer.b_last - longer.b_first)
        passages.append(
            Passage(
                *spans,
                cosine=stretch.cosine,
                kind=_kind(longer, runs, left, right, config),
                quotation=_is_quotation(spans, quotations),
                n_tokens_kept=sum(run.n for run in runs),
                n_tokens=n_tokens,
                runs=tuple(_run_spans(runs, left, right)),
            )
        )
    return tuple(
        sorted(passages, key=lambda p: (-p.cosine, p.a_start - p.a_end, p.a_start, p.b_start))
    )


def _spans(
    stretch: Stretch, words: WordRange, longer: WordRange, left: Sentences, right: Sentences
) -> tuple[int, int, int, int]:
    """A stretch in both texts as read: whole sentences, and the words that go on beyond them."""
    a, b = left.spans[slice(*stretch.a)], right.spans[slice(*stretch.b)]
    more_a, more_b = left.word_spans, right.word_spans
    return (
        int(a[0, 0] if longer.a_first == words.a_first else more_a[longer.a_first, 0]),
        int(a[-1, 1] if longer.a_last == words.a_last else more_a[longer.a_last - 1, 1]),
        int(b[0, 0] if longer.b_first == words.b_first else more_b[longer.b_first, 0]),
        int(b[-1, 1] if longer.b_last == words.b_last else more_b[longer.b_last - 1, 1]),
    )


def _kind(
    words: WordRange,
    runs: Sequence[Run],
    left: Sentences,
    right: Sentences,
    config: EvidenceConfig,
) -> PassageKind:
    if _is_same(words, left, right):
        return "identical"
    longer = max(words.a_last - words.a_first, words.b_last - words.b_first)
    kept = sum(run.n for run in runs) / longer
    return "edited" if kept >= config.edited else "reworded"


def _is_same(words: WordRange, left: Sentences, right: Sentences) -> bool:
    """Whether a stretch has the same words in both texts."""
    a = left.words[words.a_first : words.a_last]
    return a == right.words[words.b_first : words.b_last]


def _is_quotation(
    spans: tuple[int, int, int, int], quotations: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> bool:
    sides = zip(quotations, (spans[:2], spans[2:]), strict=True)
    return all(len(own) and covered_share(own, *span) > _QUOTED_SHARE for own, span in sides)


def _run_spans(
    runs: Iterable[Run], left: Sentences, right: Sentences
) -> Iterator[tuple[int, int, int, int]]:
    """Each run in both texts as read, parted where a foreign-script run was stepped over."""
    a_rows, b_rows, a_spans, b_spans = (
        left.token_rows,
        right.token_rows,
        left.word_spans,
        right.word_spans,
    )
    for run in runs:
        cuts: list[int] = []
        a_last, b_last = run.a + run.n - 1, run.b + run.n - 1
        if max(a_rows[a_last] - a_rows[run.a], b_rows[b_last] - b_rows[run.b]) >= run.n:
            a_steps = np.diff(a_rows[run.a : a_last + 1])
            b_steps = np.diff(b_rows[run.b : b_last + 1])
            cuts = (np.flatnonzero((a_steps > 1) | (b_steps > 1)) + 1).tolist()
        for first, last in pairwise([0, *cuts, run.n]):
            yield (
                int(a_spans[run.a + first, 0]),
                int(a_spans[run.a + last - 1, 1]),
                int(b_spans[run.b + first, 0]),
                int(b_spans[run.b + last - 1, 1]),
            )
