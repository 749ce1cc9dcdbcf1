"""Phrases: words that several members of a family carry, in the same order.

In: the prepared members of one family. Out: the longest such phrases, each with its members.

Grown word by word, after Apriori: a run of n + 1 words can be shared only if both of its runs of n
words are. A phrase inside a longer one with the same members is left out. Phrases stay within a
sentence and step over foreign-script runs, so an inserted anchor does not hide the words around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from dupdetect.config import EvidenceConfig
from dupdetect.results import Occurrence, Phrase
from dupdetect.text.prepare import PreparedText

# Longer common runs are copies, not phrases: passages show them.
_MAX_PHRASE_TOKENS = 40


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
    ('A vibrant hub 香港 for innovation', ('a', 'b'), 1)
    """
    config = config or EvidenceConfig()
    stream, words = _stream(members)
    runs = _maximal_runs(stream, config.min_phrase_tokens)
    scored = []
    for length, positions in runs:
        run = [words[i] for i in stream.word_ids[positions[0] : positions[0] + length]]
        n_content = sum(word not in ENGLISH_STOP_WORDS for word in run)
        if n_content >= 2:
            n_members = len(np.unique(stream.members[positions]))
            scored.append((-n_members * n_content, -length, tuple(run), positions))
    scored.sort(key=lambda each: each[:3])
    shown = [
        _phrase(-minus_length, positions, stream, members)
        for _, minus_length, _, positions in scored[: config.max_phrases]
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


def _maximal_runs(stream: _Stream, min_length: int) -> list[tuple[int, NDArray[np.int64]]]:
    """Shared runs as (length, positions), without those that a longer run accounts for."""
    runs: list[tuple[int, NDArray[np.int64]]] = []
    names = stream.word_ids.copy()  # names[p]: which run of `length` words begins at p; -1: none
    previous: dict[int, NDArray[np.int64]] = {}
    for length in range(1, _MAX_PHRASE_TOKENS + 1):
        names, groups = _shared_runs(names, stream, length)
        subsumed = _subsumed(previous, groups, stream) if previous else set()
        if length > min_length:
            runs.extend((length - 1, p) for name, p in previous.items() if name not in subsumed)
        previous = groups
        if not groups:
            break
    runs.extend((length, p) for p in previous.values())
    return runs


def _shared_runs(
    names: NDArray[np.int64], stream: _Stream, length: int
) -> tuple[NDArray[np.int64], dict[int, NDArray[np.int64]]]:
    """Names runs of `length` words, and keeps those that two or more members carry."""
    n = len(stream.word_ids)
    if length == 1:
        positions = np.arange(n)
        keys = names
    else:
        starts = np.arange(max(0, n - length + 1))
        whole = (
            (stream.sentences[starts] == stream.sentences[starts + length - 1])
            & (names[starts] >= 0)
            & (names[starts + 1] >= 0)
        )
        positions = starts[whole]
        keys = names[positions] * (n + 1) + names[positions + 1]
    _, labels = np.unique(keys, return_inverse=True)
    order = np.argsort(labels, kind="stable")
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    named = np.full(n, -1, dtype=np.int64)
    groups: dict[int, NDArray[np.int64]] = {}
    for group in np.split(positions[order], cuts):
        if len(group) > 1 and stream.members[group[0]] != stream.members[group[-1]]:
            named[group] = len(groups)
            groups[len(groups)] = group
    return named, groups


def _subsumed(
    shorter: dict[int, NDArray[np.int64]], longer: dict[int, NDArray[np.int64]], stream: _Stream
) -> set[int]:
    """Which of the shorter runs a longer one holds in all the same members."""
    name_at = {int(p): name for name, positions in shorter.items() for p in positions}
    members = {name: frozenset(stream.members[p].tolist()) for name, p in shorter.items()}
    found: set[int] = set()
    for positions in longer.values():
        carriers = frozenset(stream.members[positions].tolist())
        for part in (int(positions[0]), int(positions[0]) + 1):
            name = name_at[part]
            if members[name] == carriers:
                found.add(name)
    return found


def _phrase(
    length: int, positions: NDArray[np.int64], stream: _Stream, members: Sequence[PreparedText]
) -> Phrase:
    first_places: dict[int, int] = {}
    for position in reversed(positions.tolist()):
        first_places[int(stream.members[position])] = position
    occurrences = []
    for member, position in sorted(first_places.items()):
        text = members[member]
        first, last = stream.token_rows[position], stream.token_rows[position + length - 1]
        start, end = int(text.spans[first, 0]), int(text.spans[last, 1])
        end = _with_closing_bracket(text.document.text, start, end)
        occurrences.append(Occurrence(text.document.id, start, end))
    place = occurrences[0]
    quoted = members[min(first_places)].document.text[place.start : place.end]
    carriers = tuple(each.id for each in occurrences)
    return Phrase(" ".join(quoted.split()), carriers, tuple(occurrences))


def _with_closing_bracket(text: str, start: int, end: int) -> int:
    """The end of a phrase, moved over the bracket that closes one opened in it."""
    opened = text.count("(", start, end) > text.count(")", start, end)
    return end + 1 if opened and text.startswith(")", end) else end
