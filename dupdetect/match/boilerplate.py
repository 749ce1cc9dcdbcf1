"""Boilerplate: sentences that unrelated texts carry word for word, such as a licence or a footer.

In: prepared texts, and which of them are copies of one another. Out: units of boilerplate with
their places, and for each text a mask of the tokens that belong to them, so that a judgement of
what two texts share can leave them out.

Method: sentences of six words or more are shared when two or more texts carry the same folded
words. Shared sentences that the same texts carry, or that nearly always follow one another, are
one unit: a header and a footer are one boilerplate. A unit is boilerplate when, for each sentence
of it, at least half of the pairs of texts that carry the sentence share none beyond the unit and
other boilerplate of four texts or more: what else could they owe to one another? A patchwork,
whose pages share one block with these pages and another with those, is none. Boilerplate makes
other units boilerplate and never undoes one, so that the answer, the least fixed point, hangs on
no order. Blocks that recur across pages are taken as templates by Bar-Yossef and Rajagopalan 2002,
"Template detection via data mining and its applications"; that their carriers must be unrelated
otherwise is this module's own condition.

Sentences that stand mostly in quotation marks are left out altogether: reports of one event quote
the same words.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from dupdetect.results import Boilerplate, Occurrence
from dupdetect.sketch.kernels import offsets_of, ragged_positions
from dupdetect.text.prepare import PreparedText
from dupdetect.text.quotations import covered_share, quotation_spans

Int64s = NDArray[np.int64]

#: Shorter sentences are shared by chance: "All rights reserved", "He said so".
MIN_WORDS = 6
#: Characters of a unit that are shown; the number of those beyond is given.
MAX_SHOWN_CHARS = 600

# Sentences follow one another as one unit when they do so in this share of the texts that carry
# the commoner one: 7 of 10. From sqrt(1/2) of its carriers on, a footer would hold its header back,
# and the header the footer: half of the pairs that carry the one would share the other.
_LINKED = (7, 10)

# Boilerplate of so many texts, copies counted once, may be shared besides. Of fewer it may not:
# what two texts share with a third and with a fourth would excuse what they share with each other.
_EXCUSED = 4

# A text that shares sentences with so many different sets of texts is no unrelated carrier of one
# notice. It is counted as related to every other; without that, each of its units would have to be
# held against each other one.
_MAX_SETS = 100

# Places in the product of texts and texts that are looked at together: 64 MiB at most.
_PAIRS_AT_ONCE = 2**22

_BETWEEN_BLOCKS = " … "


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """One boilerplate; compared by identity.

    Attributes:
        text: its blocks as one of its texts has them, white space folded, parted by an ellipsis;
            at most MAX_SHOWN_CHARS characters.
        n_chars_cut: characters that were cut from it.
        rows: the texts that carry a sentence of it, ascending; shape (n_carriers,).
        places: where it stands: row, first code point in the text as read, one past the last;
            sorted, shape (n_places, 3). Sentences of fewer than six words part no place.
    """

    text: str
    n_chars_cut: int
    rows: Int64s
    places: Int64s


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The boilerplate of a collection; compared by identity.

    Attributes:
        units: those with the most carriers first.
        masks: for each text, which of its tokens belong to boilerplate.
        counts: "shared_sentences": different sentences that two or more texts carry, quotations
            left out; "texts_of_many_blocks": texts that were taken as related to all others, as
            they share sentences with more than 100 different sets of texts.
    """

    units: tuple[Unit, ...]
    masks: tuple[NDArray[np.bool_], ...]
    counts: dict[str, int] = field(default_factory=dict)


def find_boilerplate(texts: Sequence[PreparedText], copies: Iterable[tuple[int, int]]) -> Found:
    """What unrelated texts carry word for word, and where.

    A text is no unrelated carrier of a unit that is more than half of its tokens, or that stands in
    it in several places, unless they are two of which one is its first or last sentence, or at most
    half as many as there are texts that carry the unit: a notice has a head and a foot, and what
    two texts share in five places is no notice. Pairs of copies count neither way.

    Cost: linear in the sentences, the copies, and the sentences that both texts of a copy carry.
    Pairs are not walked through: a sentence is decided by counting the texts that carry each other
    one, and only where that leaves the answer open, by a product of the different combinations of
    sentences that texts carry, which at worst takes the square of their number.

    Args:
        texts: the texts.
        copies: pairs of rows that are copies of one another, or part and whole, in either order.

    >>> from dupdetect.results import Document
    >>> from dupdetect.text.prepare import prepare
    >>> notice = "You may copy this under the terms below."
    >>> bodies = ["Rain fell on the town all of Monday.", "Two ships met in the fog at dawn."]
    >>> texts = [prepare(Document(body[:4], f"{body} {notice}")) for body in bodies]
    >>> found = find_boilerplate(texts, copies=[])
    >>> found.units[0].text, found.units[0].rows.tolist()
    ('You may copy this under the terms below.', [0, 1])
    >>> found.masks[0].tolist() == [False] * 8 + [True] * 8
    True
    """
    sentences, n_shared = _shared_sentences(texts)
    edges = sorted({(min(pair), max(pair)) for pair in copies})
    n_tokens = np.array([len(text.tokens) for text in texts], dtype=np.int64)
    units = _units(sentences, n_tokens, _groups(edges, len(texts)))
    chosen = _boilerplate(units, edges)
    masks = tuple(np.zeros(len(text.tokens), dtype=np.bool_) for text in texts)
    unit_of_sentence = units.of_set[sentences.sets]
    kept = np.flatnonzero(chosen[unit_of_sentence])
    for sentence in kept.tolist():
        row = int(sentences.rows[sentence])
        first, last = texts[row].tokens.sentence_rows[sentences.numbers[sentence]]
        masks[row][first:last] = True
    kept = kept[np.argsort(unit_of_sentence[kept], kind="stable")]
    firsts = np.flatnonzero(np.diff(unit_of_sentence[kept], prepend=-1))
    found = [
        _unit(texts, sentences, of_unit) for of_unit in np.split(kept, firsts[1:]) if len(of_unit)
    ]
    found.sort(key=lambda unit: (-len(unit.rows), unit.text, unit.rows.tolist()))
    counts = {"shared_sentences": n_shared, "texts_of_many_blocks": int(units.is_crowded.sum())}
    return Found(tuple(found), masks, counts)


def boilerplate_results(found: Found, ids: Sequence[str]) -> tuple[Boilerplate, ...]:
    """Boilerplate by ids instead of rows: most members first, then by text.

    Args:
        found: what was found.
        ids: the id of each text.

    >>> unit = Unit("A notice.", 0, np.array([0, 1]), np.array([[0, 5, 14], [1, 0, 9]]))
    >>> listed = boilerplate_results(Found((unit,), ()), ["b", "a"])
    >>> listed[0].members, listed[0].occurrences[0]
    (('a', 'b'), Occurrence(id='a', start=0, end=9))
    """
    listed = [
        Boilerplate(
            text=unit.text,
            members=tuple(sorted(ids[row] for row in unit.rows.tolist())),
            occurrences=tuple(
                Occurrence(id, start, end)
                for id, start, end in sorted(
                    (ids[row], start, end) for row, start, end in unit.places.tolist()
                )
            ),
            n_chars_cut=unit.n_chars_cut,
        )
        for unit in found.units
    ]
    listed.sort(key=lambda each: (-len(each.members), each.text, each.members))
    return tuple(listed)


@dataclass(frozen=True, slots=True, eq=False)
class _Sentences:
    """Shared sentences, in the order of the texts; one entry for each place of one.

    Attributes:
        rows: the text it stands in.
        numbers: its number among the sentences of that text.
        ranks: its number among those of six words or more.
        is_end: whether it is the first or the last of those; 1 or 0.
        n_tokens: its tokens.
        sets: which texts carry it; equal numbers are equal sets of texts.
    """

    rows: Int64s
    numbers: Int64s
    ranks: Int64s
    is_end: Int64s
    n_tokens: Int64s
    sets: Int64s


def _shared_sentences(texts: Sequence[PreparedText]) -> tuple[_Sentences, int]:
    """The shared sentences that are no quotations, and how many different ones there are."""
    places, keys = _all_sentences(texts)
    shared = _is_shared(places[0], keys)[keys]
    places, keys = places[:, shared], keys[shared]
    spoken = _is_quotation(texts, places[0], places[1], keys)[keys]
    places, keys = places[:, ~spoken], np.unique(keys[~spoken], return_inverse=True)[1]
    rows, numbers, ranks, is_end, n_tokens = places
    sets = _sets_of_texts(rows, keys)
    return _Sentences(rows, numbers, ranks, is_end, n_tokens, sets), int(keys.max(initial=-1)) + 1


def _all_sentences(texts: Sequence[PreparedText]) -> tuple[Int64s, Int64s]:
    """The sentences of six words or more: the first five fields of `_Sentences`, and a name each.

    Equal names are equal folded words.
    """
    places: list[tuple[int, int, int, int, int]] = []
    keys: list[int] = []
    names: dict[bytes, int] = {}
    for row, text in enumerate(texts):
        numbers = _long_sentences(text).tolist()
        for rank, number in enumerate(numbers):
            first, last = text.tokens.sentence_rows[number].tolist()
            is_end = rank in (0, len(numbers) - 1)
            places.append((row, number, rank, int(is_end), last - first))
            keys.append(names.setdefault(_digest(text, first, last), len(names)))
    columns = np.array(places, dtype=np.int64).reshape(-1, 5).T
    return columns, np.array(keys, dtype=np.int64)


def _long_sentences(text: PreparedText) -> Int64s:
    """The numbers of the sentences of six words or more, foreign-script runs not counted."""
    tokens = text.tokens
    weights = np.where(tokens.foreign, 0.0, tokens.word_weights)
    before = np.concatenate(([0.0], np.cumsum(weights)))
    n_words = before[tokens.sentence_rows[:, 1]] - before[tokens.sentence_rows[:, 0]]
    # Half a third of slack: eighteen thirds are six words, whatever their sum in binary.
    return np.flatnonzero(n_words > MIN_WORDS - 1 / 6)


def _digest(text: PreparedText, first: int, last: int) -> bytes:
    """128 bits that stand for the folded words of a sentence, foreign-script runs left out."""
    words: Sequence[str] = text.tokens.words[first:last]
    foreign = text.tokens.foreign[first:last]
    if foreign.any():
        words = [word for word, is_foreign in zip(words, foreign, strict=True) if not is_foreign]
    data = " ".join(words).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=16).digest()


def _is_shared(rows: Int64s, keys: Int64s) -> NDArray[np.bool_]:
    """For each key, whether two or more texts carry it."""
    first = np.zeros(int(keys.max(initial=-1)) + 1, dtype=np.int64)
    first[keys[::-1]] = rows[::-1]
    shared = np.zeros(len(first), dtype=np.bool_)
    shared[keys[rows != first[keys]]] = True
    return shared


def _is_quotation(
    texts: Sequence[PreparedText], rows: Int64s, numbers: Int64s, keys: Int64s
) -> NDArray[np.bool_]:
    """For each key, whether half of its places are quotations: some texts may lack the marks."""
    quoted = _quoted_share(texts, rows, numbers) > 0.5
    return np.bincount(keys, weights=quoted) * 2 >= np.bincount(keys)


def _quoted_share(
    texts: Sequence[PreparedText], rows: Int64s, numbers: Int64s
) -> NDArray[np.float64]:
    """For each sentence, the share of it that stands in quotation marks; rows ascend."""
    shares = np.zeros(len(rows))
    firsts = np.flatnonzero(np.diff(rows, prepend=-1))
    for places in np.split(np.arange(len(rows)), firsts[1:]):
        if len(places):
            text = texts[rows[places[0]]]
            quotations = quotation_spans(text.repaired.text)
            if len(quotations):
                shares[places] = [
                    covered_share(quotations, int(start), int(end))
                    for start, end in text.tokens.sentences[numbers[places]].tolist()
                ]
    return shares


def _sets_of_texts(rows: Int64s, keys: Int64s) -> Int64s:
    """For each sentence, a number of the set of texts that carry it."""
    carried, owners = _unique_rows(keys, rows)
    offsets = offsets_of(np.bincount(carried))
    names: dict[bytes, int] = {}
    of_key = [
        names.setdefault(owners[first:last].tobytes(), len(names))
        for first, last in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
    ]
    return np.array(of_key, dtype=np.int64)[keys]


@dataclass(frozen=True, slots=True, eq=False)
class _Units:
    """Units, the sets of texts that carry their sentences, and the texts in those.

    Attributes:
        of_set: the unit of each set of texts.
        is_common: for each unit, whether four texts carry it, copies counted once.
        carriers: the texts in each set, ascending, one set after another.
        offsets: where those of each set begin; one more than there are sets.
        is_free: for each of `carriers`, whether it can be an unrelated carrier of the set's unit.
        sets: the sets that each text is in, ascending, one text after another.
        set_offsets: where those of each text begin; one more than there are texts.
        is_crowded: for each text, whether it is in too many sets.
    """

    of_set: Int64s
    is_common: NDArray[np.bool_]
    carriers: Int64s
    offsets: Int64s
    is_free: NDArray[np.bool_]
    sets: Int64s
    set_offsets: Int64s
    is_crowded: NDArray[np.bool_]

    def sets_of(self, rows: Int64s) -> tuple[Int64s, Int64s]:
        """The sets that some texts are in: the number of the text among them, and the set."""
        lengths = self.set_offsets[rows + 1] - self.set_offsets[rows]
        sets = self.sets[ragged_positions(self.set_offsets[rows], lengths)]
        return np.repeat(np.arange(len(rows)), lengths), sets


def _units(sentences: _Sentences, n_tokens: Int64s, group_of: Int64s) -> _Units:
    """Sentences joined to units.

    Args:
        sentences: shared sentences.
        n_tokens: tokens of each text.
        group_of: a number of the copies that each text belongs to.
    """
    owners, sets = _unique_rows(sentences.rows, sentences.sets)
    n_sets = int(sets.max(initial=-1)) + 1
    n_carriers = np.bincount(sets, minlength=n_sets)
    of_set = _joined_sets(sentences, group_of)
    set_of_carrier, carriers = _unique_rows(sets, owners)
    n_sets_of_text = np.bincount(owners, minlength=len(n_tokens))
    is_crowded = n_sets_of_text > _MAX_SETS
    is_notice = _may_be_notice(sentences, of_set, n_tokens)
    return _Units(
        of_set=of_set,
        is_common=np.bincount(_unique_rows(of_set[sets], group_of[owners])[0]) >= _EXCUSED,
        carriers=carriers,
        offsets=offsets_of(n_carriers),
        is_free=is_notice(of_set[set_of_carrier], carriers) & ~is_crowded[carriers],
        sets=sets,
        set_offsets=offsets_of(n_sets_of_text),
        is_crowded=is_crowded,
    )


def _groups(edges: Sequence[tuple[int, int]], n_texts: int) -> Int64s:
    """For each text, a number of the connected copies that it belongs to."""
    left, right = np.array(edges, dtype=np.int64).reshape(-1, 2).T
    return _components(left, right, n_texts)


def _components(left: Int64s, right: Int64s, n: int) -> Int64s:
    """For each of n numbers, which connected component it is in."""
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n, n))
    labels: Int64s = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels


def _joined_sets(sentences: _Sentences, group_of: Int64s) -> Int64s:
    """The unit of each set: those whose sentences nearly always follow one another are joined.

    What follows is the next shared sentence of the text, whatever unshared ones stand between.
    Copies are one text here: in them the licence always follows the end of the article.

    Args:
        sentences: shared sentences.
        group_of: a number of the copies that each text belongs to.
    """
    groups = group_of[sentences.rows]
    n_sets = int(sentences.sets.max(initial=-1)) + 1
    n_carriers = np.bincount(_unique_rows(sentences.sets, groups)[0], minlength=n_sets)
    same_text = sentences.rows[1:] == sentences.rows[:-1]
    steps = sentences.sets[:-1] * n_sets + sentences.sets[1:]
    steps_of_texts = _unique_rows(steps[same_text], groups[1:][same_text])[0]
    links, counts = np.unique(steps_of_texts, return_counts=True)
    left, right = links // max(n_sets, 1), links % max(n_sets, 1)
    share, whole = _LINKED
    linked = counts * whole >= np.maximum(n_carriers[left], n_carriers[right]) * share
    left, right = left[linked], right[linked]
    return _components(left, right, n_sets)


def _may_be_notice(
    sentences: _Sentences, of_set: Int64s, n_tokens: Int64s
) -> Callable[[Int64s, Int64s], NDArray[np.bool_]]:
    """Tells, for units and texts that carry them, whether the one may be a notice in the other.

    Args:
        sentences: shared sentences.
        of_set: the unit of each set of texts.
        n_tokens: tokens of each text.
    """
    unit = of_set[sentences.sets]
    order = np.lexsort((sentences.ranks, sentences.rows, unit))
    packed = (unit * (len(n_tokens) + 1) + sentences.rows)[order]
    is_new = np.diff(packed, prepend=-1) != 0
    is_place = is_new | (np.diff(sentences.ranks[order], prepend=-2) > 1)
    carrier = np.cumsum(is_new) - 1
    n_places = np.bincount(carrier[is_place])
    n_inside, n_ends = (np.zeros(len(n_places), dtype=np.int64) for _ in range(2))
    np.add.at(n_inside, carrier, sentences.n_tokens[order])
    np.add.at(n_ends, carrier, sentences.is_end[order])
    known = packed[is_new]
    units, rows = np.divmod(known, len(n_tokens) + 1)
    n_carriers = np.bincount(units)[units]
    allowed = np.maximum(np.where(n_ends > 0, 2, 1), n_carriers // 2)
    # A long notice is more than half of a short page; in two texts alone it may be the page itself.
    small_enough = (n_inside * 2 <= n_tokens[rows]) | (n_carriers > 2)
    may_be = small_enough & (n_places <= allowed)
    return lambda units, rows: may_be[np.searchsorted(known, units * (len(n_tokens) + 1) + rows)]


def _boilerplate(units: _Units, edges: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    """Which units are boilerplate: the least fixed point, in rounds.

    After a round only those are looked at again whose texts carry what it found.
    """
    copies_of = _copies_of(units, edges)
    n_units = len(units.is_common)
    sets_of_unit = np.split(
        np.argsort(units.of_set, kind="stable"), np.cumsum(np.bincount(units.of_set))[:-1]
    )
    found = np.zeros(n_units, dtype=np.bool_)
    waiting = np.arange(n_units)
    while len(waiting):
        new = [
            unit
            for unit in waiting.tolist()
            if all(
                _is_notice(each, units, copies_of.get(each, []), found)
                for each in sets_of_unit[unit].tolist()
            )
        ]
        found[new] = True
        sets = np.flatnonzero(np.isin(units.of_set, new))
        rows = np.unique(
            units.carriers[ragged_positions(units.offsets[sets], np.diff(units.offsets)[sets])]
        )
        waiting = np.unique(units.of_set[units.sets_of(rows)[1]])
        waiting = waiting[~found[waiting]]
    return found


def _copies_of(units: _Units, edges: Sequence[tuple[int, int]]) -> dict[int, list[tuple[int, int]]]:
    """The pairs of copies that are in each set."""
    copies_of: dict[int, list[tuple[int, int]]] = defaultdict(list)
    sets_of = {
        row: frozenset(units.sets_of(np.array([row]))[1].tolist())
        for row in {row for edge in edges for row in edge}
    }
    for i, j in edges:
        for each in sets_of[i] & sets_of[j]:
            copies_of[each].append((i, j))
    return copies_of


def _is_notice(
    number: int, units: _Units, copies: Sequence[tuple[int, int]], found: NDArray[np.bool_]
) -> bool:
    """Whether half of the pairs of a set that are no copies share nothing that counts.

    Args:
        number: the set in question.
        units: all units.
        copies: pairs of copies in the set.
        found: which units are known to be boilerplate.
    """
    inside = slice(int(units.offsets[number]), int(units.offsets[number + 1]))
    rows = units.carriers[inside]
    free = rows[units.is_free[inside]]
    owners, sets = units.sets_of(free)
    unit_of = units.of_set[sets]
    counted = (unit_of != units.of_set[number]) & ~(found & units.is_common)[unit_of]
    owners, sets = owners[counted], sets[counted]
    n_unrelated_copies = _n_unrelated(copies, free, owners, sets)
    n_pairs = _n_pairs(len(rows)) - len(copies)
    n_needed = max(1, (n_pairs + 1) // 2)
    n_may_share = _n_pairs(len(free)) - n_unrelated_copies - n_needed
    return n_may_share >= 0 and _at_most_share(owners, sets, n_may_share)


def _n_unrelated(
    copies: Sequence[tuple[int, int]], rows: Int64s, owners: Int64s, sets: Int64s
) -> int:
    """How many pairs of copies are among some texts and are in no set together."""
    if not copies:
        return 0
    sets_of: dict[int, set[int]] = {row: set() for row in rows.tolist()}
    for row, number in zip(rows[owners].tolist(), sets.tolist(), strict=True):
        sets_of[row].add(number)
    return sum(
        i in sets_of and j in sets_of and sets_of[i].isdisjoint(sets_of[j]) for i, j in copies
    )


def _at_most_share(owners: Int64s, sets: Int64s, limit: int) -> bool:
    """Whether at most so many pairs of texts are in a set together.

    Args:
        owners: the text of each membership, ascending.
        sets: the set of each membership; those of one text ascending.
        limit: pairs allowed.
    """
    pairs_of_set = [_n_pairs(n) for n in np.unique(sets, return_counts=True)[1].tolist()]
    if sum(pairs_of_set) <= limit:
        return True
    if max(pairs_of_set) > limit:
        return False
    memberships, n_alike = _alike(owners, sets)
    # Each pair twice, and each text with itself.
    n_ordered, allowed = 0, 2 * limit + int(n_alike.sum())
    n_rows = max(1, _PAIRS_AT_ONCE // len(n_alike))
    for first in range(0, len(n_alike), n_rows):
        together = (memberships[first : first + n_rows] @ memberships.T).tocoo()
        n_ordered += int((n_alike[first + together.row] * n_alike[together.col]).sum())
        if n_ordered > allowed:
            return False
    return True


def _alike(owners: Int64s, sets: Int64s) -> tuple[csr_array, Int64s]:
    """Different combinations of sets, as rows of a matrix, and how many texts have each."""
    _, sets = np.unique(sets, return_inverse=True)
    firsts = np.flatnonzero(np.diff(owners, prepend=-1))
    n_alike: dict[bytes, int] = defaultdict(int)
    for of_text in np.split(sets.astype(np.int64), firsts[1:]):
        n_alike[of_text.tobytes()] += 1
    combinations = [np.frombuffer(each, dtype=np.int64) for each in n_alike]
    columns = np.concatenate(combinations)
    offsets = offsets_of(np.array([len(each) for each in combinations], dtype=np.int64))
    matrix = csr_array((np.ones(len(columns), dtype=np.int64), columns, offsets))
    return matrix, np.array(list(n_alike.values()), dtype=np.int64)


def _unit(texts: Sequence[PreparedText], sentences: _Sentences, of_unit: Int64s) -> Unit:
    """One unit, from its sentences in the order of the texts."""
    rows, ranks = sentences.rows[of_unit], sentences.ranks[of_unit]
    is_new = np.diff(rows, prepend=-1) != 0
    begins = np.flatnonzero(is_new | (np.diff(ranks, prepend=-2) > 1))
    ends = np.append(begins[1:], len(of_unit)) - 1
    places = []
    for row, first, last in zip(
        rows[begins].tolist(),
        sentences.numbers[of_unit[begins]].tolist(),
        sentences.numbers[of_unit[ends]].tolist(),
        strict=True,
    ):
        spans = texts[row].sentence_spans
        places.append((row, int(spans[first, 0]), int(spans[last, 1])))
    carriers = rows[is_new]
    n_tokens = np.zeros(len(carriers), dtype=np.int64)
    np.add.at(n_tokens, np.cumsum(is_new) - 1, sentences.n_tokens[of_unit])
    whole = set(carriers[n_tokens == n_tokens.max()].tolist())
    text = min(_forms(texts, places, whole), key=lambda form: (len(form), form))
    return Unit(
        text=text[:MAX_SHOWN_CHARS],
        n_chars_cut=max(0, len(text) - MAX_SHOWN_CHARS),
        rows=carriers,
        places=np.array(places, dtype=np.int64),
    )


def _forms(
    texts: Sequence[PreparedText], places: Sequence[tuple[int, int, int]], chosen: set[int]
) -> Iterator[str]:
    """The unit as some texts have it, white space folded."""
    blocks: dict[int, list[str]] = defaultdict(list)
    for row, start, end in places:
        if row in chosen:
            blocks[row].append(" ".join(texts[row].document.text[start:end].split()))
    for of_text in blocks.values():
        yield _BETWEEN_BLOCKS.join(of_text)


def _unique_rows(first: Int64s, second: Int64s) -> tuple[Int64s, Int64s]:
    """Pairs of numbers of 0 or more, sorted, each once."""
    width = int(second.max(initial=0)) + 1
    packed = np.unique(first * width + second)
    return packed // width, packed % width


def _n_pairs(n: int) -> int:
    return n * (n - 1) // 2
