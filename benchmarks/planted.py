"""A made corpus with planted copies of known similarity, of any size, the same for the same seed.

In: a number of documents and a seed. Out: texts of 409 to 609 words (mean 509, about 3.1 KB) in
sentences and paragraphs, or JSON lines with the fields id and text; and which documents were made
from which, with their exact Jaccard similarity on sets of five-word shingles.

    python -m benchmarks.planted --documents 1000000 --output corpus.jsonl

Words are drawn from a Zipf vocabulary. Every draw is a function of (seed, document, place), by
splitmix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"), so that
a copy can be made anywhere in the corpus without its source at hand. Planted are:

- exact copies: half of them byte for byte, half in capitals or with other sentence ends;
- near copies: one in a pair, with word edits chosen for similarities spread over 0.3 to 0.99;
- clusters of 2 to 20 documents, all edited from one source, at 0.8 to 0.98 to it;
- chains A, B, C: each is edited from the one before, so that A and C lie below 0.8;
- one template family: 300 words are the same in all, the rest is unlike (0.32 to 0.58).

Words hold only ASCII letters (and some, if asked, accented ones), and stand apart by spaces and
punctuation, so that every tokenizer in the comparison sees the same ones.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from multiprocessing import get_context
from operator import itemgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SHINGLE_WORDS = 5
KINDS = ("original", "exact", "near", "cluster", "chain", "template")

_SHORTEST, _LONGEST = 409, 609  # words; their mean, 509, is that of the documents in the issue
_TEMPLATE_WORDS = 300
_VOCABULARY = 50_000
_ZIPF_EXPONENT = 1.05  # English prose lies near 1
_DRAW_BITS = 20  # 2**20 draws: the rarest word has about one of them
_AT_ONCE = 1024  # documents made together: about 4 MB an array of their words
_PAIRS_AT_ONCE = 20_000  # their shingle sets: at most 160 MB

_CHAIN_JACCARD = 0.88  # two steps of it lead to 0.78: below the usual threshold of 0.8
_CLUSTER_SIZES = range(2, 21)
_EXACT_SIZES = (2, 2, 2, 5)

_COMMON_WORDS = """the of and to in is that for it as was with be by on not he his but at are this
have from or had an they which one you were all her she there would their we him been has when who
will no more if out so up said what its about than into them can only other time new some could
these two may first then do any like my now over such our man me even most made after also did many
""".split()

# What follows a word: nothing, comma, sentence end, paragraph end, dash, end of the document.
_TRAILS = (" ", ", ", ". ", ".\n\n", " \u2014 ", ".")
_COMMA, _STOP, _PARAGRAPH, _DASH, _END = 1, 2, 3, 4, 5
_CASES = (str, str.capitalize, str.upper)
_TRAIL_OF_DRAW = np.repeat(
    np.array([0, _COMMA, _STOP, _PARAGRAPH], dtype=np.int32), [218, 20, 15, 3]
)  # of 256: a sentence has 14 words, a paragraph six sentences

# One number for each kind of draw, so that no two kinds use the same random numbers.
_WORDS, _STYLE, _EDITS, _LENGTH, _TEMPLATE, _ACCENTS = range(1, 7)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_UNPLANTED = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class Shares:
    """How much of the corpus is planted, as shares of all documents, sources included."""

    exact: float = 0.06
    near: float = 0.06
    clusters: float = 0.08
    chains: float = 0.03
    template: float = 0.002

    def __post_init__(self) -> None:
        shares = asdict(self)
        if min(shares.values()) < 0 or sum(shares.values()) > 1:
            raise ValueError(f"shares are {shares}; allowed: 0 or more each, at most 1 together")


@dataclass(frozen=True, slots=True)
class Written:
    """A corpus on disk: its sha256 names it in every results file."""

    path: Path
    n_bytes: int
    sha256: str


@dataclass(frozen=True, eq=False)
class Corpus:
    """The plan of a corpus; texts are made when asked for.

    Attributes:
        seed: equal seeds and sizes give equal texts.
        non_ascii: share of documents with accented letters and dashes.
        kind: of each document, a place in KINDS; shape (n,). A source is an "original".
        parent: the document each was edited or copied from, earlier in the corpus; -1: none.
        group: documents made from one source, directly or not, share a number; -1: alone.
            The template family is not a group: it has no source.
        rate: word edits for each word of the parent; 0 in exact copies.
        style: 0 as the source; 1: capitals; 2: other sentence ends.
    """

    seed: int
    non_ascii: float
    kind: NDArray[np.uint8]
    parent: NDArray[np.int64]
    group: NDArray[np.int64]
    rate: NDArray[np.float64]
    style: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.parent)

    @cached_property
    def root(self) -> NDArray[np.int64]:
        """The source at the begin of each document's line of parents; itself if it has none."""
        root = np.arange(len(self))
        while ((above := self.parent[root]) >= 0).any():
            root = np.where(above >= 0, above, root)
        return root

    def texts(self, rows: Sequence[int] | NDArray[np.int64]) -> list[str]:
        """The texts of some documents, in the order asked for."""
        asked = np.asarray(rows, dtype=np.int64)
        return [
            text
            for start in range(0, len(asked), _AT_ONCE)
            for text in self._texts(asked[start : start + _AT_ONCE])
        ]

    def batches(self) -> Iterator[list[str]]:
        """All texts, some at a time."""
        for start in range(0, len(self), _AT_ONCE):
            yield self._texts(np.arange(start, min(start + _AT_ONCE, len(self))))

    def json_lines(self, start: int) -> bytes:
        """Some documents from one on as JSON lines; ids are those of `document_id`."""
        rows = np.arange(start, min(start + _AT_ONCE, len(self)))
        lines = [
            f'{{"id": "{document_id(row)}", "text": "{_escaped(text)}"}}\n'
            for row, text in zip(rows.tolist(), self._texts(rows), strict=True)
        ]
        return "".join(lines).encode()

    def write(self, path: Path, n_processes: int = 1) -> Written:
        """Writes the corpus as JSON lines, under a temporary name until it is whole."""
        digest, n_bytes = hashlib.sha256(), 0
        unfinished = path.with_name(path.name + ".part")
        with unfinished.open("wb") as file:
            for lines in _in_order(self, n_processes):
                digest.update(lines)
                n_bytes += file.write(lines)
        unfinished.replace(path)
        return Written(path, n_bytes, digest.hexdigest())

    def related_pairs(self) -> NDArray[np.int64]:
        """All pairs of documents made from one source: where every similar pair is.

        Returns:
            Shape (n_pairs, 2), i < j, sorted.
        """
        planted = np.flatnonzero(self.group >= 0)
        order = planted[np.argsort(self.group[planted], kind="stable")]
        firsts = np.flatnonzero(np.diff(self.group[order], prepend=_UNPLANTED))
        sizes = np.diff(firsts, append=len(order))
        found = [np.empty((0, 2), dtype=np.int64)]
        for size in np.unique(sizes).tolist():
            members = order[firsts[sizes == size][:, None] + np.arange(size)]
            left, right = np.triu_indices(size, 1)
            found.append(np.stack([members[:, left].ravel(), members[:, right].ravel()], axis=1))
        pairs = np.concatenate(found)
        return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]

    @cached_property
    def original(self) -> NDArray[np.int64]:
        """For each document the first one with the same words in the same order; shape (n,)."""
        original = np.arange(len(self))
        first: dict[bytes, int] = {}
        planted = np.flatnonzero(self.group >= 0)
        for start in range(0, len(planted), _AT_ONCE):
            rows = planted[start : start + _AT_ONCE]
            words, _, lengths = self._words(rows)
            documents = np.split(words, np.cumsum(lengths)[:-1])
            for row, document in zip(rows.tolist(), documents, strict=True):
                digest = hashlib.blake2b(document.tobytes(), digest_size=16).digest()
                original[row] = first.setdefault(digest, row)
        return original

    def jaccard(self, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
        """The exact similarity of each pair, on sets of five-word shingles; shape (n_pairs,)."""
        found = np.empty(len(pairs))
        # Group by group: the shingles of a document are then made once, or twice at a border.
        order = np.lexsort((pairs[:, 0], self.group[pairs[:, 0]]))
        for start in range(0, len(pairs), _PAIRS_AT_ONCE):
            places = order[start : start + _PAIRS_AT_ONCE]
            sets = self._shingle_sets(np.unique(pairs[places]))
            for place in places.tolist():
                left, right = (sets[row] for row in pairs[place].tolist())
                n_shared = len(np.intersect1d(left, right, assume_unique=True))
                found[place] = n_shared / (len(left) + len(right) - n_shared)
        return found

    def _shingle_sets(self, rows: NDArray[np.int64]) -> dict[int, NDArray[np.uint64]]:
        """Shingles as 64-bit hashes of word numbers: two of a pair meet once in 2**44 pairs."""
        sets = {}
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            words, _, lengths = self._words(some)
            mixed = _mix(words.astype(np.uint64))
            shingles = mixed[: len(words) - SHINGLE_WORDS + 1].copy()
            for place in range(1, SHINGLE_WORDS):
                shingles = _mix(shingles) + mixed[place : place + len(shingles)]
            ends = np.cumsum(lengths)
            for row, first, end in zip(
                some.tolist(), (ends - lengths).tolist(), ends.tolist(), strict=True
            ):
                sets[row] = np.unique(shingles[first : end - SHINGLE_WORDS + 1])
        return sets

    def _texts(self, rows: NDArray[np.int64]) -> list[str]:
        words, trails, lengths = self._words(rows)
        starts = np.cumsum(lengths) - lengths
        accented = self._accented(self.root[rows])
        restyled = self.style[rows] == 2
        if restyled.any():
            of_restyled = np.repeat(restyled, lengths)
            trails[of_restyled] = self._drawn_trails(rows, lengths)[of_restyled]
        case = np.zeros(len(words), dtype=np.int32)
        case[1:] = (trails[:-1] == _STOP) | (trails[:-1] == _PARAGRAPH)
        case[starts] = 1
        case[np.repeat(self.style[rows] == 1, lengths)] = 2
        trails[(trails == _COMMA) & np.repeat(accented, lengths)] = _DASH
        trails[starts + lengths - 1] = _END
        codes = (words * len(_CASES) + case) * len(_TRAILS) + trails
        return [
            "".join(itemgetter(*document.tolist())(_forms(with_accents=has_accents)))
            for document, has_accents in zip(
                np.split(codes, starts[1:]), accented.tolist(), strict=True
            )
        ]

    def _words(
        self, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
        """Word numbers, what follows each word, and how many words each document has."""
        lines = self._lines_of_parents(rows)
        words, lengths = self._drawn_words(lines[0])
        trails = self._drawn_trails(lines[0], lengths)
        for line in lines[1:]:
            words, trails, lengths = self._edited(words, trails, lengths, line)
        return words, trails, lengths

    def _lines_of_parents(self, rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """The sources first, the documents last; -1 where a line is shorter than the longest."""
        lines = [rows]
        while (self.parent[np.maximum(lines[0], 0)][lines[0] >= 0] >= 0).any():
            above = np.where(lines[0] >= 0, self.parent[np.maximum(lines[0], 0)], _UNPLANTED)
            lines.insert(0, above)
        # A line shorter than the longest begins late: its source is moved to the front.
        root = self.root[rows]
        edits = [np.where(line == root, _UNPLANTED, line) for line in lines]
        return [root, *edits[1:]]

    def _drawn_words(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        spread = np.uint64(_LONGEST - _SHORTEST + 1)
        lengths = _SHORTEST + (_mix(_keys(self.seed, _LENGTH, rows)) % spread).astype(np.int64)
        words = _drawn(_draws(_keys(self.seed, _WORDS, rows), lengths))
        in_family = self.kind[rows] == KINDS.index("template")
        if in_family.any():
            shared = np.repeat(in_family, lengths) & (_places(lengths) < _TEMPLATE_WORDS)
            template = _keys(self.seed, _TEMPLATE, np.zeros_like(rows))
            words[shared] = _drawn(_draws(template, lengths)[shared])
        return words, lengths

    def _drawn_trails(
        self, rows: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> NDArray[np.int32]:
        trails: NDArray[np.int32] = _TRAIL_OF_DRAW[
            _draws(_keys(self.seed, _STYLE, rows), lengths) >> np.uint64(56)
        ]
        return trails

    def _edited(
        self,
        words: NDArray[np.int32],
        trails: NDArray[np.int32],
        lengths: NDArray[np.int64],
        rows: NDArray[np.int64],
    ) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
        """Half of the edits replace a word, a quarter each remove one and put one in after it.

        What follows a word goes and stays with it.
        """
        rate = np.where(rows >= 0, self.rate[rows], 0.0)
        if not rate.any():
            return words, trails, lengths
        draws = _draws(_keys(self.seed, _EDITS, rows), lengths)
        is_edit = (draws >> np.uint64(11)) * 2.0**-53 < np.repeat(rate, lengths)
        action = draws & np.uint64(3)
        is_inserted = is_edit & (action == 3)
        n_made = np.ones(len(words), dtype=np.int64)
        n_made[is_edit & (action == 2)] = 0
        n_made[is_inserted] = 2
        made, trails_made = np.repeat(words, n_made), np.repeat(trails, n_made)
        new_words = _drawn(_mix(draws))
        last = np.cumsum(n_made) - 1  # an inserted word is the second of two
        changed = is_edit & (action != 2)
        made[last[changed]] = new_words[changed]
        trails_made[last[is_inserted]] = 0
        return made, trails_made, np.add.reduceat(n_made, np.cumsum(lengths) - lengths)

    def _accented(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        drawn = _mix(_keys(self.seed, _ACCENTS, rows)) >> np.uint64(11)
        return drawn * 2.0**-53 < self.non_ascii


def plant(
    n_documents: int, seed: int = 1, shares: Shares | None = None, non_ascii: float = 0.0
) -> Corpus:
    """The plan of a corpus: which documents are copies of which, at random places in it.

    Args:
        n_documents: documents in all.
        seed: of all random draws.
        shares: how much is planted; None: the defaults of Shares.
        non_ascii: share of documents, in [0, 1], with accented letters and dashes.

    >>> corpus = plant(1000, seed=1)
    >>> len(corpus), int((corpus.parent >= 0).sum())
    (1000, 153)
    >>> copy = int(np.flatnonzero(corpus.kind == KINDS.index("exact"))[0])
    >>> corpus.jaccard(np.array([[corpus.parent[copy], copy]])).tolist()
    [1.0]
    """
    if n_documents < 1 or not 0.0 <= non_ascii <= 1.0:
        raise ValueError(
            f"n_documents is {n_documents}, non_ascii {non_ascii}; allowed: 1 or more, and 0 to 1"
        )
    planting = _Planting(n_documents, seed)
    shares = shares or Shares()
    planting.groups("exact", shares.exact, _EXACT_SIZES, (1.0, 1.0))
    planting.groups("near", shares.near, (2,), (0.3, 0.99))
    planting.groups("cluster", shares.clusters, _CLUSTER_SIZES, (0.8, 0.98))
    planting.groups("chain", shares.chains, (3,), (_CHAIN_JACCARD, _CHAIN_JACCARD))
    planting.template(shares.template)
    return planting.corpus(non_ascii)


def edit_rate(jaccard: float) -> float:
    """Edits a word that lead to this similarity: an edit is met by five shingles of each side.

    >>> round(edit_rate(0.8), 4), edit_rate(1.0)
    (0.0233, 0.0)
    """
    kept = 2 * jaccard / (1 + jaccard)  # share of shingles that no edit meets
    return float(1 - kept ** (1 / SHINGLE_WORDS))


def document_id(row: int) -> str:
    """The id of a document in the JSON lines.

    >>> document_id(17)
    'd0000017'
    """
    return f"d{row:07d}"


def document_row(name: str) -> int:
    """The document of an id.

    >>> document_row("d0000017")
    17
    """
    return int(name[1:])


class _Planting:
    """A plan in the making: rows are handed out from one random order."""

    def __init__(self, n_documents: int, seed: int) -> None:
        self._seed = seed
        self._rng = np.random.default_rng(seed)
        self._free = self._rng.permutation(n_documents)
        self._n_groups = 0
        self._kind = np.zeros(n_documents, dtype=np.uint8)
        self._parent = np.full(n_documents, _UNPLANTED, dtype=np.int64)
        self._group = np.full(n_documents, _UNPLANTED, dtype=np.int64)
        self._rate = np.zeros(n_documents)
        self._style = np.zeros(n_documents, dtype=np.uint8)

    def groups(
        self, kind: str, share: float, sizes: Sequence[int], span: tuple[float, float]
    ) -> None:
        """Groups of the sizes in turn; similarities to the parent spread evenly over the span."""
        rows = self._taken(share)
        low, high = span
        n_groups = 0
        while len(rows) >= sizes[n_groups % len(sizes)]:
            size = sizes[n_groups % len(sizes)]
            members, rows = np.sort(rows[:size]), rows[size:]
            copies = members[1:]
            self._group[members] = self._n_groups
            self._kind[copies] = KINDS.index(kind)
            self._parent[copies] = members[:-1] if kind == "chain" else members[0]
            for copy in copies.tolist():
                self._rate[copy] = edit_rate(self._rng.uniform(low, high))
                if kind == "exact":
                    self._style[copy] = self._rng.choice(3, p=(0.5, 0.25, 0.25))
            self._n_groups += 1
            n_groups += 1

    def template(self, share: float) -> None:
        """The documents of the template family."""
        self._kind[self._taken(share)] = KINDS.index("template")

    def corpus(self, non_ascii: float) -> Corpus:
        """The plan as it stands."""
        return Corpus(
            seed=self._seed,
            non_ascii=non_ascii,
            kind=self._kind,
            parent=self._parent,
            group=self._group,
            rate=self._rate,
            style=self._style,
        )

    def _taken(self, share: float) -> NDArray[np.int64]:
        n_taken = int(share * len(self._kind))
        taken, self._free = self._free[:n_taken], self._free[n_taken:]
        return taken


def _in_order(corpus: Corpus, n_processes: int) -> Iterator[bytes]:
    """The JSON lines of all documents, made by so many processes, at most a window ahead."""
    starts = range(0, len(corpus), _AT_ONCE)
    if n_processes == 1:
        yield from map(corpus.json_lines, starts)
        return
    window = 8 * n_processes
    with ProcessPoolExecutor(
        n_processes, get_context("spawn"), initializer=_adopt, initargs=(corpus,)
    ) as pool:
        for first in range(0, len(starts), window):
            yield from pool.map(_adopted_json_lines, starts[first : first + window])


_adopted: list[Corpus] = []  # in a helper process: the plan, handed over once


def _adopt(corpus: Corpus) -> None:
    _adopted[:] = [corpus]


def _adopted_json_lines(start: int) -> bytes:
    return _adopted[0].json_lines(start)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of splitmix64; a new array."""
    mixed = values ^ (values >> np.uint64(30))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def _keys(seed: int, purpose: int, *numbers: NDArray[np.int64]) -> NDArray[np.uint64]:
    """One key for each document and purpose."""
    keys = np.full(len(numbers[0]), seed * 16 + purpose, dtype=np.uint64)
    for each in numbers:
        keys = _mix(keys * _GOLDEN) + each.astype(np.uint64)
    return _mix(keys * _GOLDEN)


def _places(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of each word in its document, one document after another."""
    return np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def _draws(keys: NDArray[np.uint64], lengths: NDArray[np.int64]) -> NDArray[np.uint64]:
    """64 random bits for each place of each document."""
    counters = _places(lengths).astype(np.uint64)
    counters *= _GOLDEN
    counters += np.repeat(keys, lengths)
    return _mix(counters)


def _drawn(draws: NDArray[np.uint64]) -> NDArray[np.int32]:
    """The word of each draw."""
    words: NDArray[np.int32] = _word_of_draw()[draws >> np.uint64(64 - _DRAW_BITS)]
    return words


@lru_cache(maxsize=1)
def _word_of_draw() -> NDArray[np.int32]:
    """Inverse of the distribution function, at 2**20 points."""
    weights = np.arange(1, _VOCABULARY + 1) ** -_ZIPF_EXPONENT
    points = (np.arange(2**_DRAW_BITS) + 0.5) / 2**_DRAW_BITS
    words: NDArray[np.int32] = np.searchsorted(np.cumsum(weights) / weights.sum(), points).astype(
        np.int32
    )
    return words


@lru_cache(maxsize=1)
def vocabulary() -> tuple[str, ...]:
    """Invented words after the commonest of English, the frequent ones shorter; all lower case."""
    rng = np.random.default_rng(0)  # one vocabulary for all seeds
    onsets = "b c d f g h j k l m n p r s t v w br ch cl dr fl gr pl pr sh sl st th tr".split()
    vowels = "a e i o u a e i o ai ea ee ou".split()
    codas = ["", "", "", *"n r s t l d m ck nd nt ng rd st".split()]
    syllables = [onset + vowel + coda for onset in onsets for vowel in vowels for coda in codas]
    words = dict.fromkeys(_COMMON_WORDS)
    while len(words) < _VOCABULARY:
        # One syllable up to rank 700, two up to 15,000, then three: 6.1 characters a word and what
        # follows it, as in English prose.
        n_syllables = 1 + (len(words) > 700) + (len(words) > 15_000)
        words["".join(syllables[at] for at in rng.integers(0, len(syllables), n_syllables))] = None
    return tuple(words)


@lru_cache(maxsize=2)
def _forms(*, with_accents: bool) -> list[str]:
    """Each word in each case with each trail, at its code."""
    words = map(_with_accent, vocabulary()) if with_accents else vocabulary()
    return [case(word) + trail for word in words for case in _CASES for trail in _TRAILS]


def _with_accent(word: str) -> str:
    """Every long word with an e has an accent: about one word in eight of running text."""
    return word.replace("e", "\u00e9", 1) if len(word) > 5 else word


def _escaped(text: str) -> str:
    """The only character of these texts that JSON escapes is the line break."""
    return text.replace("\n", "\\n")


def main() -> None:
    """Writes a corpus, its sha256 and the planted pairs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--non-ascii", type=float, default=0.0, help="share of documents (0 to 1)")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--output", type=Path, required=True, help="JSON lines")
    parser.add_argument("--pairs", type=Path, help="JSON lines: a, b, kind of b, jaccard")
    options = parser.parse_args()
    corpus = plant(options.documents, options.seed, non_ascii=options.non_ascii)
    start = time.perf_counter()
    written = corpus.write(options.output, options.processes)
    seconds = time.perf_counter() - start
    print(f"{written.path}: {len(corpus)} documents, {written.n_bytes} bytes, {seconds:.1f} s")
    print(f"sha256 {written.sha256}")
    if options.pairs is not None:
        pairs = corpus.related_pairs()
        with options.pairs.open("w", encoding="utf-8") as file:
            for (a, b), jaccard in zip(pairs.tolist(), corpus.jaccard(pairs), strict=True):
                row = {"a": document_id(a), "b": document_id(b), "kind": KINDS[corpus.kind[b]]}
                file.write(json.dumps({**row, "jaccard": float(jaccard)}) + "\n")
        print(f"{options.pairs}: {len(pairs)} pairs")


if __name__ == "__main__":
    main()
