"""The exact answer: which texts have the same words, and every pair at or above a Jaccard of 0.3.

In: a Corpus. Out: its Truth, kept in the cache by the sha256 of the corpus and of the tokenizer.
Method: brute force, and another way than the detector's. Words come from the plain Python tokenizer
of dupdetect.text; windows are numbered, never hashed, by joining the numbers of their parts; all
rows are multiplied with all rows (a sparse product), and counts are whole numbers.
"""

from __future__ import annotations

import hashlib
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

import dupdetect.text
from benchmarks.corpora import Corpus, write_whole
from dupdetect.results import Document
from dupdetect.text.prepare import prepare

LEAST_JACCARD = 0.3
SHINGLE_WORDS = 5

# Products of a block of rows: 2**25 of them are about 400 MB at their worst.
_PRODUCTS_AT_ONCE = 2**25


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What is so, for n texts.

    Attributes:
        first: the first row with the same words in the same order, or the row itself; shape (n,).
            A text without words is like no other.
        pairs: rows (i, j), i < j, sorted; each is the first of its words, and the Jaccard of their
            shingle sets is LEAST_JACCARD or more; shape (m, 2).
        jaccard: of these pairs; shape (m,).
        shingles: the numbered shingles of all texts, ascending within a text.
        offsets: where each text begins in them; shape (n + 1,).
    """

    first: NDArray[np.int64]
    pairs: NDArray[np.int64]
    jaccard: NDArray[np.float64]
    shingles: NDArray[np.int64]
    offsets: NDArray[np.int64]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """How many different shingles each text has; shape (n,)."""
        return np.diff(self.offsets)

    def shared(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many shingles the two texts of each pair share, counted anew; shape (n_pairs,)."""
        matrix = _matrix(self.shingles, self.offsets)
        counts = [
            matrix[part[:, 0]].multiply(matrix[part[:, 1]]).sum(axis=1)
            for part in np.array_split(pairs, len(pairs) // 10_000 + 1)
        ]
        return np.concatenate([np.asarray(each).ravel() for each in counts]).astype(np.int64)

    def scores(self, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
        """The Jaccard and both containments of each pair, counted anew; shape (n_pairs, 3)."""
        shared = self.shared(pairs)
        left, right = self.sizes[pairs[:, 0]], self.sizes[pairs[:, 1]]
        wholes = np.stack([left + right - shared, left, right], axis=1)
        return shared[:, None] / np.maximum(wholes, 1)


def truth_of(corpus: Corpus, cache: Path) -> Truth:
    """The truth on a corpus, from the cache if it was found before.

    Args:
        corpus: the texts.
        cache: the folder of all that is kept; this is kept in its folder "truth".
    """
    key = hashlib.sha256(f"{corpus.sha256} {_tokenizer_digest()}".encode()).hexdigest()[:16]
    path = cache / "truth" / f"{corpus.name}-{key}.npz"
    if path.exists():
        with np.load(path, allow_pickle=False) as stored:
            return Truth(**{name: stored[name] for name in Truth.__slots__})
    truth = find_truth(corpus.texts)
    packed = io.BytesIO()
    np.savez(packed, **{name: getattr(truth, name) for name in Truth.__slots__})
    write_whole(path, packed.getvalue())
    return truth


def find_truth(texts: Sequence[str], least: float = LEAST_JACCARD) -> Truth:
    """The truth on some texts, from all pairs.

    Args:
        texts: the texts as read.
        least: pairs with a lower Jaccard are not listed; above 0.

    >>> truth = find_truth(["a b c d e f", "A b c d e, f!", "a b c d e f g", "a b", "", ""])
    >>> truth.first.tolist(), truth.pairs.tolist()
    ([0, 0, 2, 3, 4, 5], [[0, 2]])
    >>> truth.jaccard.round(2).tolist()
    [0.67]
    """
    words_of: list[NDArray[np.int64]] = []
    number: dict[str, int] = {}
    first = np.arange(len(texts))
    seen: dict[tuple[str, ...], int] = {}
    for row, text in enumerate(texts):
        ready = prepare(Document(str(row), text))
        if ready.tokens.words:
            first[row] = seen.setdefault(ready.tokens.words, row)
        numbered = [number.setdefault(word, len(number)) for word in ready.tokens.words]
        words_of.append(np.array(numbered, dtype=np.int64))
    shingles, offsets = number_windows(words_of, SHINGLE_WORDS)
    pairs, jaccard = _all_pairs(shingles, offsets, np.unique(first), least)
    return Truth(first, pairs, jaccard, shingles, offsets)


def number_windows(
    words_of: Sequence[NDArray[np.int64]], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The windows of `size` words of each text, as numbers: equal windows, equal numbers.

    A text shorter than a window is one window of all of it, and equals no longer one.

    Args:
        words_of: the numbered words of each text.
        size: words in a window.

    Returns:
        The windows, ascending and unique within a text, and where each text begins in them.

    >>> windows, offsets = number_windows([np.array(w) for w in ([1, 2, 3], [0, 1, 2], [1])], 2)
    >>> windows.tolist(), offsets.tolist()
    ([1, 2, 0, 1, 3], [0, 2, 4, 5])
    """
    lengths = np.array([len(words) for words in words_of], dtype=np.int64)
    words = np.concatenate([*words_of, np.empty(0, dtype=np.int64)])
    owner = np.repeat(np.arange(len(words_of)), lengths)
    place = np.arange(len(words)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    starts = np.flatnonzero(place + size <= lengths[owner])

    # A window of k + 1 words is a window of k words and a word, numbered as a pair.
    numbers = words[starts]
    for step in range(1, size):
        joined = numbers * (words.max(initial=0) + 1) + words[starts + step]
        numbers = np.unique(joined, return_inverse=True)[1]

    n_windows = int(numbers.max(initial=-1)) + 1
    short: dict[tuple[int, ...], int] = {}
    short_rows = np.flatnonzero((lengths > 0) & (lengths < size))
    short_numbers = [
        n_windows + short.setdefault(tuple(words_of[row].tolist()), len(short))
        for row in short_rows.tolist()
    ]
    rows = np.concatenate([owner[starts], short_rows])
    both = np.stack([rows, np.concatenate([numbers, np.array(short_numbers, dtype=np.int64)])])
    unique = np.unique(both, axis=1) if both.size else both
    offsets = np.searchsorted(unique[0], np.arange(len(words_of) + 1))
    return unique[1], offsets


def _all_pairs(
    shingles: NDArray[np.int64], offsets: NDArray[np.int64], rows: NDArray[np.int64], least: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """All pairs among some rows with at least this Jaccard, by multiplying all with all."""
    matrix = _matrix(shingles, offsets)[rows]
    # A shingle of one text adds to no pair, and most are such.
    matrix = matrix[:, np.flatnonzero(np.bincount(matrix.indices, minlength=matrix.shape[1]) > 1)]
    sizes = np.diff(offsets)[rows]
    frequency = np.bincount(matrix.indices, minlength=matrix.shape[1])
    products = np.add.reduceat(
        np.append(frequency[matrix.indices], 0), matrix.indptr[:-1], dtype=np.int64
    )
    products[np.diff(matrix.indptr) == 0] = 0
    block = np.cumsum(products) // _PRODUCTS_AT_ONCE
    transposed = matrix.T.tocsr()
    found = [(np.empty((0, 2), dtype=np.int64), np.empty(0))]
    for start, end in _runs(block):
        shared = (matrix[start:end] @ transposed).tocoo()
        left, right = shared.row.astype(np.int64) + start, shared.col.astype(np.int64)
        jaccard = shared.data / (sizes[left] + sizes[right] - shared.data)
        wanted = (left < right) & (jaccard >= least)
        found.append((rows[np.stack([left[wanted], right[wanted]], axis=1)], jaccard[wanted]))
    pairs = np.concatenate([each[0] for each in found])
    jaccards = np.concatenate([each[1] for each in found])
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return pairs[order], jaccards[order]


def _runs(values: NDArray[np.int64]) -> list[tuple[int, int]]:
    """The half-open runs of equal neighbours."""
    edges = np.flatnonzero(np.diff(values, prepend=-1, append=-1)).tolist()
    return list(pairwise(edges))


def _matrix(shingles: NDArray[np.int64], offsets: NDArray[np.int64]) -> sparse.csr_array:
    shape = (len(offsets) - 1, int(shingles.max(initial=-1)) + 1)
    return sparse.csr_array((np.ones(len(shingles), dtype=np.int32), shingles, offsets), shape)


def _tokenizer_digest() -> str:
    """Names all that decides the words: the code, the repairs of ftfy, the tables of Unicode."""
    digest = hashlib.sha256()
    for path in sorted(Path(dupdetect.text.__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    versions = (metadata.version("ftfy"), unicodedata.unidata_version, SHINGLE_WORDS, LEAST_JACCARD)
    digest.update(repr(versions).encode())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()
