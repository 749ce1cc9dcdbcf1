"""Collation: a sentence of one member of a family beside what the others have in its place.

In: the prepared members of one family, and for pairs of them the sentences that are alike. Out:
collations, each a base and its readings, with the words of the skeleton marked in all of them.
Method: greedy stars. The sentence whose partners have kept most words in all is taken as the base,
each partner is a reading, and none of them is taken again; then the next. So every reading matches
its base itself: along chains of partners, two sentences would meet that share nothing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import chain

import numpy as np

from dupdetect.config import EvidenceConfig
from dupdetect.evidence.alignment import common_runs
from dupdetect.results import Collation, Passage, PassageKind, Reading
from dupdetect.text.prepare import PreparedText

# Least Dice coefficient of the words that stayed in order. By words in any order, the recycled lens
# finds sentences down to the same number: of some, little more than "the" and "of" stays in place.
_MIN_DICE = 0.2
# A reading has so many words of the skeleton in a row, or half of all: else it has little but names
# and "of the", and would only thin the skeleton that the others share.
_MIN_RUN = 4

# A sentence: its row, and its half-open span in the text as read.
_Sentence = tuple[int, int, int]
# Where words stayed: half-open spans of code points in the base, and in the partner.
_Spans = Sequence[tuple[int, int, int, int]]


def collate(
    texts: Sequence[PreparedText],
    pairs: Iterable[tuple[int, int]],
    alike: Callable[[int, int], Iterable[Passage]],
    config: EvidenceConfig,
    *,
    differing_first: bool = False,
) -> tuple[tuple[Collation, ...], int]:
    """The sentences that members of one family have in wordings of their own, most telling first.

    First come those in which readings have most words of the skeleton in all, the base not counted;
    then by the place of the base. A sentence is in one collation at most, and in none where less
    than a Dice coefficient of 0.2 stayed in order, or where it has of the skeleton neither four
    words in a row nor half of them.

    Args:
        texts: texts, of which the members are some; of sentences that are equally good as a base,
            that of the lower row is taken.
        pairs: rows of two different members, in any order: those that are compared.
        alike: alike(a, b) gives the sentences that rows a and b share, as passages of one sentence
            of each text. Of a sentence that comes in several, the one with most words kept counts.
        config: from which share of agreed words on a collation is "edited"; how many are listed.
        differing_first: sentences in which readings differ come before those that all have alike.

    Returns:
        The first `max_collations`; and how many there are, with those beyond.

    >>> from dupdetect.evidence.passages import PassageFinder
    >>> from dupdetect.results import Document
    >>> from dupdetect.text.prepare import prepare
    >>> texts = [
    ...     prepare(Document("a", "Rain fell on the old town all day.")),
    ...     prepare(Document("b", "Rain fell on the town all night.")),
    ... ]
    >>> finder = PassageFinder(texts, merge=False)
    >>> (found,), n = collate(
    ...     texts, [(0, 1)], lambda a, b: finder.shared(a, b).sentences, EvidenceConfig()
    ... )
    >>> [reading.agreed for reading in found.readings]
    [((0, 16), (21, 29)), ((0, 25),)]
    >>> found.base, found.kind, found.n_tokens_agreed, found.n_tokens, n
    ('a', 'edited', 6, 8, 1)
    """
    edges = sorted({(min(pair), max(pair)) for pair in pairs})
    words = {row: _Words(texts[row]) for row in {row for edge in edges for row in edge}}
    links = _links(edges, alike, words)
    found = [_star(base, partners, words) for base, partners in _stars(links, words)]
    kept = sorted(
        (star for star in found if star.skeleton),
        key=lambda star: (
            differing_first and star.is_identical and not _has_variants(star, texts),
            -star.n_agreed,
            star.base,
        ),
    )
    listed = kept[: config.max_collations]
    return tuple(_collation(star, texts, words, config) for star in listed), len(kept)


class _Words:
    """The words of one text outside foreign-script runs, by their places in the text as read.

    Attributes:
        words: the words, in order.
        starts: first code point of each, in the text as read; repaired together, several words
            may have one span.
        ends: one past the last.
        token_rows: which token of the text each is.
    """

    def __init__(self, text: PreparedText) -> None:
        native = ~text.tokens.foreign
        self.words = text.tokens.native_words
        self.starts: list[int] = text.spans[native, 0].tolist()
        self.ends: list[int] = text.spans[native, 1].tolist()
        self.token_rows: list[int] = np.flatnonzero(native).tolist()

    def inside(self, start: int, end: int) -> range:
        """The words that lie in a span of the text as read."""
        return range(bisect_left(self.starts, start), bisect_right(self.ends, end))


@dataclass(frozen=True, slots=True)
class _Link:
    """What a sentence shares with one of another member.

    Attributes:
        partner: the other sentence.
        n_kept: how many words stayed.
        spans: where they stayed.
    """

    partner: _Sentence
    n_kept: int
    spans: _Spans


def _links(
    edges: Iterable[tuple[int, int]],
    alike: Callable[[int, int], Iterable[Passage]],
    words: Mapping[int, _Words],
) -> dict[_Sentence, list[_Link]]:
    """The links of each sentence: one with each other member at most, the same from both sides."""
    links: dict[_Sentence, list[_Link]] = {}
    for a, b in edges:
        linked = set[_Sentence]()
        for passage in sorted(alike(a, b), key=_most_kept_first):
            left = a, passage.a_start, passage.a_end
            right = b, passage.b_start, passage.b_end
            n_kept = passage.n_tokens_kept
            n_words = _n_words(left, words) + _n_words(right, words)
            if 2 * n_kept < _MIN_DICE * n_words or linked & {left, right}:
                continue
            linked |= {left, right}
            turned = [(*run[2:], *run[:2]) for run in passage.runs]
            links.setdefault(left, []).append(_Link(right, n_kept, passage.runs))
            links.setdefault(right, []).append(_Link(left, n_kept, turned))
    return links


def _n_words(sentence: _Sentence, words: Mapping[int, _Words]) -> int:
    row, start, end = sentence
    return len(words[row].inside(start, end))


def _most_kept_first(passage: Passage) -> tuple[int, float, int, int]:
    return -passage.n_tokens_kept, -passage.cosine, passage.a_start, passage.b_start


def _stars(
    links: Mapping[_Sentence, Sequence[_Link]], words: Mapping[int, _Words]
) -> Iterator[tuple[_Sentence, list[_Link]]]:
    """Bases with their links, greedily; each sentence is in one star at most.

    What a sentence has in all falls only when a partner of it is taken, and it is queued again
    then: the work grows with the links, times the logarithm of their number.
    """
    n_kept = {each: sum(link.n_kept for link in links[each]) for each in links}
    lengths = {each: _n_words(each, words) for each in links}
    queue = [(-n_kept[each], -lengths[each], each) for each in links]
    heapify(queue)
    taken = set[_Sentence]()
    while queue:
        negative, _, base = heappop(queue)
        # Queued before one of its partners was taken: it comes again.
        if base in taken or -negative != n_kept[base]:
            continue
        partners = [link for link in links[base] if link.partner not in taken]
        if not partners:
            continue
        members = [base, *(link.partner for link in partners)]
        taken.update(members)
        for link in (link for member in members for link in links[member]):
            if link.partner not in taken:
                n_kept[link.partner] -= link.n_kept
                entry = -n_kept[link.partner], -lengths[link.partner], link.partner
                heappush(queue, entry)
        yield base, partners


@dataclass(frozen=True, slots=True, eq=False)
class _Star:
    """A base, its readings, and the words that most of them have.

    Attributes:
        base: the sentence that the others are aligned with.
        readings: of each sentence, the base among them, which word each word of the base stayed as.
        skeleton: words of the base that more than half of the readings have, ascending.
        n_tokens: words of the base.
        is_identical: whether all readings have the words of the base and no others.
    """

    base: _Sentence
    readings: dict[_Sentence, dict[int, int]]
    skeleton: list[int]
    n_tokens: int
    is_identical: bool

    @property
    def n_agreed(self) -> int:
        """How many words of the skeleton the readings have, those of the base not counted."""
        stayed = (sum(map(each.__contains__, self.skeleton)) for each in self.readings.values())
        return sum(stayed) - len(self.skeleton)


def _star(base: _Sentence, links: Iterable[_Link], words: Mapping[int, _Words]) -> _Star:
    row, first, last = base
    own = words[row].inside(first, last)
    readings = {base: {word: word for word in own}}
    for link in links:
        readings[link.partner] = _stayed(words[row], words[link.partner[0]], link.spans)
    skeleton = _skeleton(own, readings.values())
    readings = {each: stayed for each, stayed in readings.items() if _is_reading(stayed, skeleton)}
    return _Star(
        base=base,
        readings=readings,
        skeleton=_skeleton(own, readings.values()) if len(readings) > 1 else [],
        n_tokens=len(own),
        is_identical=all(
            len(own) == len(stayed) == len(words[row].inside(start, end))
            for (row, start, end), stayed in readings.items()
        ),
    )


def _skeleton(own: Sequence[int], readings: Collection[Mapping[int, int]]) -> list[int]:
    """The words of the base that more than half of the readings have."""
    n_readings = Counter(chain.from_iterable(readings))
    return [word for word in own if 2 * n_readings[word] > len(readings)]


def _is_reading(stayed: Mapping[int, int], skeleton: Sequence[int]) -> bool:
    """Whether a sentence has enough of a skeleton to stand beside it."""
    agreed = [word for word in skeleton if word in stayed]
    if 2 * len(agreed) >= len(skeleton):
        return True
    longest = length = 0
    for number, word in enumerate(agreed):
        follows = (
            number > 0 and agreed[number - 1] == word - 1 and stayed[word - 1] == stayed[word] - 1
        )
        length = length + 1 if follows else 1
        longest = max(longest, length)
    return longest >= _MIN_RUN


def _stayed(base: _Words, other: _Words, spans: _Spans) -> dict[int, int]:
    """Which word of the other text each word of the base stayed as, ascending in both."""
    stayed: dict[int, int] = {}
    next_a = next_b = 0
    for a_start, a_end, b_start, b_end in sorted(spans):
        a, b = base.inside(a_start, a_end), other.inside(b_start, b_end)
        # Words that were repaired together have one span: it may hold more than those that stayed.
        a, b = range(max(a.start, next_a), a.stop), range(max(b.start, next_b), b.stop)
        left, right = base.words[a.start : a.stop], other.words[b.start : b.stop]
        if left and left == right:
            stayed.update(zip(a, b, strict=True))
            next_a, next_b = a.stop, b.stop
            continue
        for run in common_runs(left, right):
            stayed.update((a[run.a + k], b[run.b + k]) for k in range(run.n))
            next_a, next_b = a[run.a] + run.n, b[run.b] + run.n
    return stayed


def _has_variants(star: _Star, texts: Sequence[PreparedText]) -> bool:
    """Whether readings whose own words agree differ in foreign-script runs."""
    wordings = set[tuple[str, ...]]()
    for row, start, end in star.readings:
        spans = texts[row].spans
        first = np.searchsorted(spans[:, 0], start, side="left")
        last = np.searchsorted(spans[:, 1], end, side="right")
        wordings.add(texts[row].tokens.words[first:last])
    return len(wordings) > 1


def _collation(
    star: _Star,
    texts: Sequence[PreparedText],
    words: Mapping[int, _Words],
    config: EvidenceConfig,
) -> Collation:
    kind: PassageKind = "identical"
    if not star.is_identical:
        agreed_share = len(star.skeleton) / star.n_tokens
        kind = "edited" if agreed_share >= config.edited else "reworded"
    readings = [
        Reading(texts[row].document.id, start, end, _agreed(words[row], stayed, star.skeleton))
        for (row, start, end), stayed in star.readings.items()
    ]
    return Collation(
        base=texts[star.base[0]].document.id,
        readings=tuple(sorted(readings, key=lambda reading: reading.id)),
        kind=kind,
        n_tokens_agreed=len(star.skeleton),
        n_tokens=star.n_tokens,
    )


def _agreed(
    words: _Words, stayed: Mapping[int, int], skeleton: Sequence[int]
) -> tuple[tuple[int, int], ...]:
    """Where a reading has words of the skeleton: as few spans as hold nothing else."""
    spans: list[tuple[int, int]] = []
    shift = token = -1
    for number, word in enumerate(skeleton):
        if word not in stayed:
            continue
        place = stayed[word]
        start, end = words.starts[place], words.ends[place]
        # No word was left out of the skeleton or put between, and no foreign-script run was.
        follows = place - number == shift and words.token_rows[place] == token + 1
        if spans and (follows or start < spans[-1][1]):
            spans[-1] = spans[-1][0], end
        else:
            spans.append((start, end))
        shift, token = place - number, words.token_rows[place]
    return tuple(spans)
