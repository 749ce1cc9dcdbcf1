"""Phrases: words that several members of a family carry, in the same order.

In: the prepared members of one family. Out: the longest such phrases, each with its members.

Grown word by word, after Apriori: a run of n + 1 words can be shared only if both of its runs of n
words are. A phrase inside a longer one with the same members is left out. Phrases stay within a
sentence and step over foreign-script runs, so an inserted anchor does not hide the words around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from dupdetect.config import EvidenceConfig
from dupdetect.results import Occurrence, Phrase
from dupdetect.text.prepare import PreparedText


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

    Most telling: many members, many words that are no stop words. Phrases with fewer than two such
    words are left out ("as well as the").

    Returns:
        At most `config.max_phrases` phrases, and how many there are in all.

    >>> from dupdetect.results import Document
    >>> from dupdetect.text.prepare import prepare
    >>> a = prepare(Document("a", "A vibrant hub 香港 for innovation."))
    >>> b = prepare(Document("b", "It is a vibrant hub for innovation, too."))
    >>> phrases, n_phrases = shared_phrases([a, b])
    >>> phrases[0].text, phrases[0].members, n_phrases
    ('a vibrant hub for innovation', ('a', 'b'), 1)
    """
    config = config or EvidenceConfig()
    stream, words = _stream(members)
    is_content = np.array([word not in ENGLISH_STOP_WORDS for word in words], dtype=np.int64)
    n_content_before = np.concatenate(([0], np.cumsum(is_content[stream.word_ids])))
    scored = []
    for length, places in _maximal_runs(stream, config.min_phrase_tokens):
        first = int(places[0])
        n_content = int(n_content_before[first + length] - n_content_before[first])
        if n_content >= 2:
            run = tuple(words[i] for i in stream.word_ids[first : first + length])
            scored.append((-len(places) * n_content, -length, run, places))
    scored.sort(key=lambda each: each[:3])
    shown = [
        _phrase(-minus_length, places, stream, members)
        for _, minus_length, _, places in scored[: config.max_phrases]
    ]
    return tuple(shown), len(scored)


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
    length: int, places: NDArray[np.int64], stream: _Stream, members: Sequence[PreparedText]
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
    )


def _with_closing_bracket(text: str, start: int, end: int) -> int:
    """The end of a phrase, moved over the bracket that closes one opened in it."""
    opened = text.count("(", start, end) > text.count(")", start, end)
    return end + 1 if opened and text.startswith(")", end) else end
