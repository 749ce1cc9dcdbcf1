"""Slow and obviously right: shingles, candidates, scores and groups by sets and loops."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import combinations, groupby
from typing import NamedTuple

import numpy as np

from dupdetect.match.background import Background
from dupdetect.sketch.kernels import offsets_of
from dupdetect.sketch.shingles import ShingleSets
from dupdetect.text.prepare import PreparedText
from dupdetect.text.quotations import quotation_spans
from dupdetect.text.tokens import is_unspaced

_WORD = 2**64 - 1
_STEP = 0x9E3779B97F4A7C15
_HORNER = 0xD1342543DE82EF95


def mix64(value: int) -> int:
    """The finaliser of splitmix64, in whole numbers."""
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _WORD
    return value ^ (value >> 31)


def token_hash(token: str) -> int:
    """The hash of one token."""
    return code_points_hash([ord(char) for char in token])


def code_points_hash(codes: Sequence[int]) -> int:
    """A polynomial in the characters of a token, mixed after each 64 of them and at the end."""
    value = 0
    for place, code in enumerate(codes):
        if place and place % 64 == 0:
            value = mix64(value)
        value = (value + (code + 1) * pow(_HORNER, place % 64, 2**64)) & _WORD
    return mix64(value)


def digest(items: Sequence[int]) -> list[int]:
    """Two values of a sequence of item hashes."""
    once = [mix64((item + place * _STEP) & _WORD) for place, item in enumerate(items, 1)]
    twice = [(value ^ (value >> 32)) * _HORNER for value in once]
    return [sum(once) & _WORD, sum(twice) & _WORD]


def window_hash(items: Sequence[int]) -> int:
    """The hash of one window of item hashes."""
    value = 0
    for item in items:
        value = (value * _HORNER + item) & _WORD
    return mix64(value)


def windows(items: Sequence[int], size: int) -> list[int]:
    """The hashes of all windows of one sequence, in order; a short one is filled up to one."""
    if not items:
        return []
    filler = code_points_hash([0x110000])
    filled = [*items, *[filler] * (size - len(items))]
    return [window_hash(filled[at : at + size]) for at in range(len(filled) - size + 1)]


def shingles(tokens: Iterable[str], size: int) -> list[int]:
    """The sorted unique shingles of one document."""
    return sorted(set(windows([token_hash(token) for token in tokens], size)))


def shingle_sets(sets: Iterable[Iterable[int]]) -> ShingleSets:
    """Sets of numbers as ShingleSets."""
    ordered = [sorted(set(each)) for each in sets]
    return ShingleSets(
        np.array([value for each in ordered for value in each], dtype=np.uint64),
        offsets_of(np.array([len(each) for each in ordered], dtype=np.int64)),
    )


def containment(part: set[int], whole: set[int]) -> float:
    """The share of one set that another has too; 0 for an empty one."""
    return len(part & whole) / len(part) if part else 0.0


def jaccard(left: set[int], right: set[int]) -> float:
    """Shared over all; 0 for two empty sets."""
    return len(left & right) / len(left | right) if left | right else 0.0


def containing_pairs(
    sets: Sequence[set[int]], min_containment: float, min_shared: int
) -> list[list[int]]:
    """Every pair in which one set has enough of the other."""
    return [
        [i, j]
        for (i, a), (j, b) in combinations(enumerate(sets), 2)
        if len(a & b) >= min_shared and max(containment(a, b), containment(b, a)) >= min_containment
    ]


def pairs_that_share_a_band(rows: np.ndarray, bands: int, size: int) -> list[list[int]]:
    """Every pair of rows that agree in all columns of at least one band."""
    return [
        [i, j]
        for i, j in combinations(range(len(rows)), 2)
        if any(
            (rows[i, band * size : (band + 1) * size] == rows[j, band * size : (band + 1) * size])
            .all()
            .item()
            for band in range(bands)
        )
    ]


def fact_rows(
    text: str, words: Sequence[str], starts: Sequence[int], sentences: Sequence[Sequence[int]]
) -> set[int]:
    """The rows of the tokens that are quoted, numbers or names, one token at a time."""
    quoted = [range(start, end) for start, end in quotation_spans(text).tolist()]
    firsts = {first for first, _ in sentences}
    capital = [text[start].isupper() for start in starts]
    small = {word for row, word in enumerate(words) if not capital[row]}
    for first, last in sentences:
        if last - first >= 10 and Fraction(sum(capital[first:last]), last - first) > Fraction(2, 3):
            capital[first:last] = [False] * (last - first)
    inside = {
        row for row, word in enumerate(words) if capital[row] and row not in firsts and word != "i"
    }
    names = {words[row] for row in inside} - small
    return {
        row
        for row, word in enumerate(words)
        if row in inside
        or any(character.isdigit() for character in word)
        or any(starts[row] in span for span in quoted)
        or (row in firsts and capital[row] and word in names)
    }


def widened(marked: Sequence[bool], reach: int) -> list[bool]:
    """Which places stand at most so many from a marked one."""
    return [any(marked[max(0, at - reach) : at + reach + 1]) for at in range(len(marked))]


def terms(words: Sequence[str]) -> list[str]:
    """Words; of unspaced scripts, runs of two characters where one is Han, else of three."""
    found: list[str] = []
    run: list[str] = []
    for word in [*words, ""]:
        if word and is_unspaced(word):
            run.append(word)
            continue
        if run:
            size = (
                2
                if any(re.match("[\u3400-\u9fff\U00020000-\U0003ffff]", one) for one in run)
                else 3
            )
            found += ["".join(run[at : at + size]) for at in range(max(1, len(run) - size + 1))]
        run = []
        found += [word] if word else []
    return found


class TextParts(NamedTuple):
    """What one text has to share."""

    own: set[str]
    facts: set[str]
    weights: dict[str, float]
    n_tokens: float


def text_parts(text: PreparedText, background: Background, mask: Sequence[bool]) -> TextParts:
    """Own words, words of facts, weights of the content words, and length, by sets and loops."""
    tokens = text.tokens
    sentences = tokens.sentence_rows.tolist()
    facts = fact_rows(text.repaired.text, tokens.words, tokens.starts.tolist(), sentences)
    kept = [row for row in range(len(tokens)) if not tokens.foreign[row] and not mask[row]]
    aside = widened([row in facts for row in kept], 2)

    def terms_at(chosen: Sequence[bool]) -> list[str]:
        found: list[str] = []
        for is_chosen, run in groupby(zip(kept, chosen, strict=True), key=lambda each: each[1]):
            if is_chosen:
                found += terms([tokens.words[row] for row, _ in run])
        return found

    counts = Counter(terms([tokens.words[row] for row in kept]))
    zipf = {word: float(background.zipf([word])[0]) for word in counts}
    content = set(counts) - background.stop_words
    own = {
        word
        for word in set(terms_at([not each for each in aside])) - background.stop_words
        if counts[word] <= 2 and float(background.zipf([word])[0]) < 5.3
    }
    weights = {
        word: (1 + math.log(counts[word])) * (7.5 - zipf[word])
        for word in content
        if zipf[word] < 7.5
    }
    n_tokens = sum(Fraction(1, 3) if tokens.unspaced[row] else 1 for row in kept)
    return TextParts(
        own,
        set(terms_at([row in facts for row in kept])) - background.stop_words,
        weights,
        float(max(n_tokens, 1)),
    )


def closeness(a: TextParts, b: TextParts) -> float:
    """The cosine of the content words of two texts; 0 where one has none."""
    norms = [math.sqrt(sum(value**2 for value in each.weights.values())) for each in (a, b)]
    if not all(norms):
        return 0.0
    shared = a.weights.keys() & b.weights.keys()
    return sum(a.weights[word] * b.weights[word] for word in shared) / (norms[0] * norms[1])


def overlap_score(a: TextParts, b: TextParts, expected_rate: float) -> float:
    """Surplus, distance and brevity of two texts, in nats."""
    rate = len(a.own & b.own) / math.sqrt(a.n_tokens * b.n_tokens)
    surplus = math.log((rate + 0.005) / (expected_rate + 0.005))
    distance = 2 * min(0.0, math.log((closeness(a, b) + 0.05) / (0.267 + 0.05)))
    return surplus + distance - 0.5 * math.sqrt(30 / min(a.n_tokens, b.n_tokens))


def group_evidence(scores: np.ndarray, members: Iterable[int]) -> float:
    """The mean of the better half of the pairs, the middle one included, less 1/4 over their
    number."""
    pairs = sorted((float(scores[i, j]) for i, j in combinations(members, 2)), reverse=True)
    better = pairs[: (len(pairs) + 1) // 2]
    return sum(better) / len(better) - 0.25 / len(pairs)


def linked_groups(
    scores: np.ndarray,
    join: float,
    spread: float,
    large: int,
    accept: Callable[[tuple[int, ...]], bool] | None,
) -> set[tuple[int, ...]]:
    """The groups of average linkage: the two parts most alike on average are merged, and again.

    Two parts with much more evidence each than there is likeness between them are two groups.
    """

    def mean(left: Iterable[int], right: Sequence[int]) -> float:
        values = [float(scores[i, j]) for i in left for j in right]
        return sum(values) / len(values)

    parts = {(row,): None for row in range(len(scores))}  # a part: how it was merged
    while len(parts) > 1:
        left, right = max(combinations(sorted(parts), 2), key=lambda two: mean(*two))
        merged = (mean(left, right), (left, parts.pop(left)), (right, parts.pop(right)))
        parts[tuple(sorted(left + right))] = merged

    def without_strays(members: tuple[int, ...]) -> tuple[int, ...]:
        alike = {row: mean([row], [each for each in members if each != row]) for row in members}
        weakest = min(members, key=lambda row: alike[row])
        if alike[weakest] >= group_evidence(scores, members) - spread:
            return members
        return without_strays(tuple(row for row in members if row != weakest))

    found = set()
    waiting = list(parts.items())
    while waiting:
        members, merged = waiting.pop()
        if merged is None:
            continue
        likeness, left, right = merged
        stands = False
        parts = [left[0], right[0]]
        is_two = all(
            len(part) > 1 and group_evidence(scores, part) > likeness + 1.2 for part in parts
        )
        if likeness >= join and not is_two:
            group = without_strays(members)
            stands = len(members) <= large or (accept is not None and accept(group))
            if stands or accept is None:
                found.add(group)
        if not stands:
            waiting += [left, right]
    return found


def adjusted_p(p_values: Sequence[float], n_decisions: int) -> list[float]:
    """Benjamini and Hochberg: the least of p * n / rank over this and all higher p-values."""
    filled = sorted([*p_values, *[1.0] * (n_decisions - len(p_values))])
    steps = [min(1.0, p * n_decisions / rank) for rank, p in enumerate(filled, 1)]
    return [min(steps[filled.index(p) :]) for p in p_values]
