"""Aligned words: which words of a stretch of one text stayed in a stretch of another.

In: two texts, and sentences of both that are alike, best first. Out: runs of words that agree.
Method: seed, chain, extend. The seeds are the like sentences; inside each pair the words are
chained by the longest common subsequence (bit-parallel, Hyyrö 2004); what lies between two aligned
pairs is aligned in the same way, and words alike beyond either end extend the stretch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dupdetect.evidence.sentences import Sentences

# Cells of one table of the longest common subsequence: 2 MiB of bits. Larger stretches between two
# sentences hold whole chapters: of them only the beginning and the end are aligned.
_MAX_CELLS = 2**24
# A word that alone stayed, more than so many words from the next that did, is there by chance: it
# is mostly "the".
_ISLAND_DISTANCE = 2
# Shortest run between sentences that are not each other's best match.
_MIN_STRAY_RUN = 3
# Shortest run that may be followed beyond the sentences: shorter ones meet by chance.
_MIN_EXTENDED_RUN = 5


@dataclass(frozen=True, slots=True)
class Run:
    """Words that agree, one after another, in both texts.

    Attributes:
        a: first word in text a.
        b: first word in text b.
        n: how many.
    """

    a: int
    b: int
    n: int


@dataclass(frozen=True, slots=True)
class WordRange:
    """A stretch of both texts, as half-open ranges of words."""

    a_first: int
    a_last: int
    b_first: int
    b_last: int


def _states(left: Sequence[str], right: Sequence[str]) -> Iterator[int]:
    """A row of the table for each right word: bit i is 0 where left word i lengthens the LCS.

    Bit-parallel: one machine-word operation for 64 cells of the table (Hyyrö 2004).
    """
    places: dict[str, int] = {}
    for index, word in enumerate(left):
        places[word] = places.get(word, 0) | 1 << index
    mask = (1 << len(left)) - 1
    state = mask
    for word in right:
        matched = state & places.get(word, 0)
        state = ((state + matched) | (state - matched)) & mask
        yield state


def common_runs(left: Sequence[str], right: Sequence[str]) -> list[Run]:
    """The longest common subsequence of two token lists, as runs in order.

    Of two lists too long for a table (`_MAX_CELLS`), only what they begin and end with.

    >>> common_runs("the city has a plan".split(), "the city had one plan".split())
    [Run(a=0, b=0, n=2), Run(a=4, b=4, n=1)]
    """
    shorter = min(len(left), len(right))
    head = 0
    while head < shorter and left[head] == right[head]:
        head += 1
    tail = 0
    while tail < shorter - head and left[-1 - tail] == right[-1 - tail]:
        tail += 1
    a_tail, b_tail = len(left) - tail, len(right) - tail
    pairs = [(i, i) for i in range(head)]
    if (a_tail - head) * (b_tail - head) <= _MAX_CELLS:
        middle = _subsequence(left[head:a_tail], right[head:b_tail])
        pairs += [(head + i, head + j) for i, j in middle]
    pairs += [(a_tail + i, b_tail + i) for i in range(tail)]
    return runs_of(pairs)


def _subsequence(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs of places of one longest common subsequence, traced back from the end."""
    states = list(_states(left, right))
    i, j = len(left) - 1, len(right) - 1
    pairs = []
    while i >= 0 and j >= 0:
        if left[i] == right[j]:
            pairs.append((i, j))
            i, j = i - 1, j - 1
        elif states[j] >> i & 1:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def runs_of(pairs: Iterable[tuple[int, int]]) -> list[Run]:
    """Pairs of places, ascending in the first text, as runs.

    >>> runs_of([(0, 3), (1, 4), (2, 9)])
    [Run(a=0, b=3, n=2), Run(a=2, b=9, n=1)]
    """
    runs: list[Run] = []
    first_a = first_b = n = 0
    for a, b in pairs:
        if n and a == first_a + n and b == first_b + n:
            n += 1
            continue
        if n:
            runs.append(Run(first_a, first_b, n))
        first_a, first_b, n = a, b, 1
    return [*runs, Run(first_a, first_b, n)] if n else []


def without_islands(runs: Sequence[Run]) -> list[Run]:
    """The runs without single words that stand far from every other.

    >>> without_islands([Run(0, 0, 3), Run(4, 4, 1), Run(20, 22, 1)])
    [Run(a=0, b=0, n=3), Run(a=4, b=4, n=1)]
    """
    if len(runs) < 2:
        return list(runs)
    near = [
        max(right.a - left.a - left.n, right.b - left.b - left.n) <= _ISLAND_DISTANCE
        for left, right in pairwise(runs)
    ]
    return [
        run
        for run, before, after in zip(runs, [False, *near], [*near, False], strict=True)
        if run.n > 1 or before or after
    ]


class _Pairing:
    """Which word of text a stayed as which of text b; each word once at most."""

    def __init__(self) -> None:
        self.b_of: dict[int, int] = {}
        self.b_taken = set[int]()

    def add(self, run: Run) -> None:
        """Take the words of a run, none of which is taken."""
        self.b_of.update((run.a + k, run.b + k) for k in range(run.n))
        self.b_taken.update(range(run.b, run.b + run.n))

    def free_a(self, words: range) -> list[int]:
        """Those words of text a that are not taken."""
        return [word for word in words if word not in self.b_of]

    def free_b(self, words: range) -> list[int]:
        """Those words of text b that are not taken."""
        return [word for word in words if word not in self.b_taken]

    def runs(self) -> list[Run]:
        """All that was taken, ascending in text a."""
        return runs_of(sorted(self.b_of.items()))


class Aligner:
    """Aligns stretches of two texts word by word.

    Inside one stretch each word is aligned once at most, and no stretch grows into another.

    Args:
        left: the first text.
        right: the second.
        stretches: the words of all stretches that will be aligned.
    """

    def __init__(self, left: Sentences, right: Sentences, stretches: Iterable[WordRange]) -> None:
        self._left, self._right = left, right
        self._in_a_stretch = bytearray(len(left.words)), bytearray(len(right.words))
        for each in stretches:
            self._mark(each)

    def _mark(self, words: WordRange) -> None:
        in_a, in_b = self._in_a_stretch
        in_a[words.a_first : words.a_last] = b"\1" * (words.a_last - words.a_first)
        in_b[words.b_first : words.b_last] = b"\1" * (words.b_last - words.b_first)

    def align(
        self, words: WordRange, alike: Iterable[tuple[int, int]], *, extend: bool = True
    ) -> tuple[WordRange, list[Run]]:
        """The runs of words that stayed, ascending in the first text.

        Args:
            words: the stretch.
            alike: pairs of sentences inside it that are alike, the best first.
            extend: whether it may grow.

        Returns:
            The stretch, longer where the words beyond it go on agreeing; and its runs.
        """
        pairing = _Pairing()
        self._align_between(self._align_sentences(alike, pairing), pairing)
        longer = self._extended(words, pairing) if extend else words
        self._mark(longer)
        return longer, pairing.runs()

    def _align_sentences(
        self, alike: Iterable[tuple[int, int]], pairing: _Pairing
    ) -> list[tuple[int, int]]:
        """Align pair after pair what is still free; returns each sentence's best, one to one."""
        best = []
        a_seen, b_seen = set[int](), set[int]()
        for a, b in alike:
            a_words = range(*self._left.ranges[a].tolist())
            b_words = range(*self._right.ranges[b].tolist())
            if a not in a_seen and b not in b_seen:
                best.append((a, b))
                self._align(a_words, b_words, 1, pairing)
            else:
                self._align(
                    pairing.free_a(a_words), pairing.free_b(b_words), _MIN_STRAY_RUN, pairing
                )
            a_seen.add(a)
            b_seen.add(b)
        return sorted(best)

    def _align_between(self, best: Sequence[tuple[int, int]], pairing: _Pairing) -> None:
        """Align what is between neighbouring pairs that stand in the same order in both texts."""
        for (a, b), (next_a, next_b) in pairwise(best):
            if next_b > b:
                a_words = range(int(self._left.ranges[a, 1]), int(self._left.ranges[next_a, 0]))
                b_words = range(int(self._right.ranges[b, 1]), int(self._right.ranges[next_b, 0]))
                neighbours = (next_a, next_b) == (a + 1, b + 1)
                self._align(
                    pairing.free_a(a_words),
                    pairing.free_b(b_words),
                    1 if neighbours else _MIN_STRAY_RUN,
                    pairing,
                )

    def _align(
        self, a_words: Sequence[int], b_words: Sequence[int], min_run: int, pairing: _Pairing
    ) -> None:
        """Pair those words of two ascending lists that agree in order."""
        if min(len(a_words), len(b_words)) < min_run:
            return
        found = common_runs(
            [self._left.words[i] for i in a_words], [self._right.words[j] for j in b_words]
        )
        runs = runs_of((a_words[r.a + k], b_words[r.b + k]) for r in found for k in range(r.n))
        for run in without_islands(runs) if min_run == 1 else runs:
            if run.n >= min_run:
                pairing.add(run)

    def _extended(self, words: WordRange, pairing: _Pairing) -> WordRange:
        """The stretch with the words before and behind it that go on with its outermost runs."""
        long_runs = [run for run in pairing.runs() if run.n >= _MIN_EXTENDED_RUN]
        for run in long_runs:
            if run.a == words.a_first or run.b == words.b_first:
                self._follow(run.a - 1, run.b - 1, -1, words, pairing)
                break
        for run in reversed(long_runs):
            if run.a + run.n == words.a_last or run.b + run.n == words.b_last:
                self._follow(run.a + run.n, run.b + run.n, 1, words, pairing)
                break
        return WordRange(
            min(words.a_first, min(pairing.b_of, default=words.a_first)),
            max(words.a_last, max(pairing.b_of, default=-1) + 1),
            min(words.b_first, min(pairing.b_taken, default=words.b_first)),
            max(words.b_last, max(pairing.b_taken, default=-1) + 1),
        )

    def _follow(self, a: int, b: int, step: int, words: WordRange, pairing: _Pairing) -> None:
        """Pair word after word, from one place of each text on, while they agree and are free."""
        while self._is_free(a, b, words, pairing) and self._left.words[a] == self._right.words[b]:
            pairing.add(Run(a, b, 1))
            a, b = a + step, b + step

    def _is_free(self, a: int, b: int, words: WordRange, pairing: _Pairing) -> bool:
        if not (0 <= a < len(self._left.words) and 0 <= b < len(self._right.words)):
            return False
        in_a, in_b = self._in_a_stretch
        a_free = a not in pairing.b_of if words.a_first <= a < words.a_last else not in_a[a]
        b_free = b not in pairing.b_taken if words.b_first <= b < words.b_last else not in_b[b]
        return a_free and b_free
