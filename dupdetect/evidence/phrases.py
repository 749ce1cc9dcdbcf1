"""Phrases: words that several members of a family carry, in the same order.

In: the prepared members of one family. Out: its phrase table: the longest such phrases, each with
its members, how rare its words are in English at large, and what kind of phrase it is.

Grown word by word, after Apriori: a run of n + 1 words can be shared only if both of its runs of n
words are. A phrase inside a longer one with the same members is left out. Phrases stay within a
sentence and step over foreign-script runs, so an inserted anchor does not hide the words around it.

Rarity is taken from a background, never from the members themselves: there, what all of them share
would be the most common and count least.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dupdetect.config import EvidenceConfig
from dupdetect.results import Occurrence, Phrase, PhraseKind
from dupdetect.text.background import STOP_WORDS, is_english, zipf
from dupdetect.text.facts import fact_tokens
from dupdetect.text.prepare import PreparedText
from dupdetect.text.quotations import quotation_spans

#: A phrase is never said to be rarer: one chance in 10^12 is as good as none, and words that follow
#: one another are not independent, so that a sum over more of them would only be more wrong.
MAX_BITS = 40.0

# A phrase holds at least so many words that are no stop words; for "phrasing", outside its facts.
_MIN_CONTENT_WORDS = 2
# What every honest writer may share comes last: reports of one event have its names and figures in
# common, and the words that its people said.
_KINDS: tuple[PhraseKind, ...] = ("phrasing", "facts", "quotation")


@dataclass(frozen=True, slots=True, eq=False)
class _Stream:
    """The native tokens of all members, one after another; sentences parted by row numbers."""

    word_ids: NDArray[np.int64]
    sentences: NDArray[np.int64]
    members: NDArray[np.int64]
    token_rows: NDArray[np.int64]


def shared_phrases(
    members: Sequence[PreparedText], config: EvidenceConfig | None = None
) -> tuple[tuple[Phrase, ...], int]:
    """The phrases that two or more members carry, most telling first.

    Phrasing comes before facts, and facts before quotations: names, figures and what was said are
    the same in all honest reports of one event. Inside a kind the most telling is what many members
    carry and what is rare: members times bits, and then the rarer and the longer. Where the members
    are not English, words that are no stop words count instead of bits. Phrases with fewer than two
    such words are left out ("as well as the").

    Returns:
        At most `config.max_phrases` phrases, and how many there are in all.

    >>> from dupdetect.results import Document
    >>> from dupdetect.text.prepare import prepare
    >>> a = prepare(Document("a", "There is a vibrant hub 香港 for innovation."))
    >>> b = prepare(Document("b", "It is a vibrant hub for innovation, too."))
    >>> phrases, n_phrases = shared_phrases([a, b])
    >>> phrases[0].text, phrases[0].members, phrases[0].bits, n_phrases
    ('is a vibrant hub for innovation', ('a', 'b'), 40.0, 1)
    """
    config = config or EvidenceConfig()
    stream, words = _stream(members)
    scale = _Scale(members, stream, words)
    scored = []
    for length, places in _maximal_runs(stream, config.min_phrase_tokens):
        first = int(places[0])
        if scale.n_content(first, length) >= _MIN_CONTENT_WORDS:
            run = tuple(words[i] for i in stream.word_ids[first : first + length])
            scored.append((*scale.rank(length, places), run, length, places))
    scored.sort(key=lambda each: each[:4])
    shown = [
        _phrase(length, places, _KINDS[kind], scale.bits(int(places[0]), length), stream, members)
        for kind, _, _, _, length, places in scored[: config.max_phrases]
    ]
    return tuple(shown), len(scored)


class _Scale:
    """What makes phrases of one family telling.

    Sums are of whole numbers: sums of fractions would depend on the order of the members.
    """

    def __init__(
        self, members: Sequence[PreparedText], stream: _Stream, words: Sequence[str]
    ) -> None:
        is_content = np.array([word not in STOP_WORDS for word in words], dtype=np.bool_)
        is_number = np.array([any(map(str.isdigit, word)) for word in words], dtype=np.bool_)
        self._is_content = is_content[stream.word_ids]
        self._is_number = is_number[stream.word_ids]
        self._n_content = _sums(self._is_content)
        self._is_english = is_english(word for text in members for word in text.tokens.words)
        # -log10 of the frequency, in hundredths: zipf is log10 of occurrences per 10^9 words.
        rarity = 900 - np.rint(zipf(words) * 100).astype(np.int64)
        self._rarity = _sums(rarity[stream.word_ids])
        marks = [_marks(text) for text in members]
        self._facts = _of_stream([facts for facts, _ in marks], stream)
        self._quoted = _of_stream([quoted for _, quoted in marks], stream)

    def n_content(self, first: int, length: int) -> int:
        """How many words of a phrase are no stop words."""
        return int(self._n_content[first + length] - self._n_content[first])

    def bits(self, first: int, length: int) -> float | None:
        """How rare the words of a phrase are, capped; None without a background."""
        if not self._is_english:
            return None
        return min(round(self._rare(first, length) / 100 * math.log2(10), 1), MAX_BITS)

    def rank(self, length: int, places: NDArray[np.int64]) -> tuple[int, float, int]:
        """The kind as a number, then how telling a phrase is; lower is more telling."""
        first = int(places[0])
        bits = self.bits(first, length)
        weight = self.n_content(first, length) if bits is None else bits
        return self._kind(length, places), -len(places) * weight, -self._rare(first, length)

    def _rare(self, first: int, length: int) -> int:
        return int(self._rarity[first + length] - self._rarity[first])

    def _kind(self, length: int, places: NDArray[np.int64]) -> int:
        """What half of the members write as a quotation or a name is one: the doubt is theirs.

        A figure makes its neighbours facts ("1.5 million cases"); a name may stand in phrasing
        ("the Hong Kong government has been proactive in").
        """
        rows = places[:, None] + np.arange(length)
        quoting = 2 * self._quoted[rows].sum(axis=1) > length
        if 2 * int(quoting.sum()) >= len(places):
            return _KINDS.index("quotation")
        is_fact = 2 * self._facts[rows].sum(axis=0) >= len(places)
        n_phrasing = int((self._is_content[rows[0]] & ~is_fact).sum())
        if self._is_number[rows[0]].any() or n_phrasing < _MIN_CONTENT_WORDS:
            return _KINDS.index("facts")
        return _KINDS.index("phrasing")


def _sums(values: NDArray[np.bool_] | NDArray[np.int64]) -> NDArray[np.int64]:
    """The sums of the first 0, 1, 2, ... values."""
    return np.concatenate(([0], np.cumsum(values, dtype=np.int64)))


def _marks(text: PreparedText) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which tokens are facts, and which stand between quotation marks."""
    repaired, tokens = text.repaired.text, text.tokens
    spans = quotation_spans(repaired)
    opened = np.searchsorted(spans[:, 0], tokens.starts, side="right")
    closed = np.searchsorted(spans[:, 1], tokens.starts, side="right")
    return fact_tokens(repaired, tokens), opened > closed


def _of_stream(of_members: Sequence[NDArray[np.bool_]], stream: _Stream) -> NDArray[np.bool_]:
    """What is said of the tokens of each member, for the tokens of the stream."""
    if not of_members:
        return np.zeros(0, dtype=np.bool_)
    firsts = np.cumsum([0, *map(len, of_members)])[:-1]
    return np.concatenate(of_members)[firsts[stream.members] + stream.token_rows]


def _stream(members: Sequence[PreparedText]) -> tuple[_Stream, list[str]]:
    vocabulary: dict[str, int] = {}
    ids: list[int] = []
    sentences: list[int] = []
    owners: list[int] = []
    rows: list[int] = []
    n_sentences = 0
    for member, text in enumerate(members):
        for first, last in text.tokens.sentence_rows.tolist():
            n_sentences += 1
            for row in range(first, last):
                if not text.tokens.foreign[row]:
                    word = text.tokens.words[row]
                    ids.append(vocabulary.setdefault(word, len(vocabulary)))
                    sentences.append(n_sentences)
                    owners.append(member)
                    rows.append(row)
    arrays = (np.array(each, dtype=np.int64) for each in (ids, sentences, owners, rows))
    return _Stream(*arrays), list(vocabulary)


@dataclass(frozen=True, slots=True, eq=False)
class _Runs:
    """The shared runs of one length; a run is a row.

    Attributes:
        names: for each place in the stream, the run that begins there, or -1.
        n_members: how many members carry each run.
        firsts: the first place in each member that carries it, one run after another.
        offsets: where those of each run begin; one more than there are runs.
    """

    names: NDArray[np.int64]
    n_members: NDArray[np.int64]
    firsts: NDArray[np.int64]
    offsets: NDArray[np.int64]

    @property
    def some_place(self) -> NDArray[np.int64]:
        """One place of each run: its first in the first member that carries it."""
        return self.firsts[self.offsets[:-1]]


def _maximal_runs(stream: _Stream, min_length: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Shared runs that no longer run accounts for: length, and first place in each member."""
    runs = _shared_runs(np.arange(len(stream.word_ids)), stream.word_ids, stream)
    length = 1
    while len(runs.n_members):
        longer = _longer_runs(runs, stream, length)
        if length >= min_length:
            maximal = np.ones(len(runs.n_members), dtype=np.bool_)
            for shift in (0, 1):
                # The members of a longer run carry the shorter one too: as many are the same.
                inside = runs.names[longer.some_place + shift]
                maximal[inside[runs.n_members[inside] == longer.n_members]] = False
            for run in np.flatnonzero(maximal).tolist():
                yield length, runs.firsts[runs.offsets[run] : runs.offsets[run + 1]]
        runs, length = longer, length + 1


def _longer_runs(runs: _Runs, stream: _Stream, length: int) -> _Runs:
    """The shared runs that are one word longer, from the two shorter runs that each consists of."""
    starts = np.flatnonzero(runs.names >= 0)
    starts = starts[starts + length < len(stream.word_ids)]
    whole = (runs.names[starts + 1] >= 0) & (
        stream.sentences[starts] == stream.sentences[starts + length]
    )
    starts = starts[whole]
    keys = runs.names[starts] * (len(runs.n_members) + 1) + runs.names[starts + 1]
    return _shared_runs(starts, keys, stream)


def _shared_runs(places: NDArray[np.int64], keys: NDArray[np.int64], stream: _Stream) -> _Runs:
    """Places with equal keys are one run; those that two or more members carry are kept."""
    order = np.argsort(keys, kind="stable")
    places, keys = places[order], keys[order]
    members = stream.members[places]
    new_run = np.diff(keys, prepend=-1) != 0
    # Places of one run are ascending, and members stand one after another in the stream.
    new_member = new_run | (np.diff(members, prepend=-1) != 0)
    run = np.cumsum(new_run) - 1
    n_members = np.bincount(run[new_member])
    shared = n_members > 1
    number = np.cumsum(shared) - 1
    names = np.full(len(stream.word_ids), -1, dtype=np.int64)
    is_shared = shared[run]
    names[places[is_shared]] = number[run[is_shared]]
    counts = n_members[shared]
    return _Runs(
        names,
        counts,
        places[new_member & is_shared],
        np.concatenate(([0], np.cumsum(counts))),
    )


def _phrase(
    length: int,
    places: NDArray[np.int64],
    kind: PhraseKind,
    bits: float | None,
    stream: _Stream,
    members: Sequence[PreparedText],
) -> Phrase:
    """The phrase as it is shortest: an anchor that one member inserted is no part of it."""
    occurrences = []
    forms = []
    for place in places.tolist():
        text = members[stream.members[place]]
        first, last = stream.token_rows[place], stream.token_rows[place + length - 1]
        start, end = int(text.spans[first, 0]), int(text.spans[last, 1])
        end = _with_closing_bracket(text.document.text, start, end)
        occurrences.append(Occurrence(text.document.id, start, end))
        forms.append(" ".join(text.document.text[start:end].split()))
    return Phrase(
        text=min(forms, key=lambda form: (len(form), form)),
        members=tuple(each.id for each in occurrences),
        occurrences=tuple(occurrences),
        bits=bits,
        kind=kind,
    )


def _with_closing_bracket(text: str, start: int, end: int) -> int:
    """The end of a phrase, moved over the bracket that closes one opened in it."""
    opened = text.count("(", start, end) > text.count(")", start, end)
    return end + 1 if opened and text.startswith(")", end) else end
