"""Shingles: the overlapping windows of a text, hashed to 64 bits.

In: tokens or texts, already folded. Out: ShingleSets, the sorted unique shingles of many documents.
Method: Broder 1997, "On the resemblance and containment of documents".

A shingle has the same hash in every process, on every machine, and in every batch. A text shorter
than one window is one shingle of all of it, which equals a window of a longer text only if two
64-bit hashes collide (chance 2**-64); an empty text has none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count

import numpy as np
from numpy.typing import NDArray

from dupdetect.errors import ConfigError
from dupdetect.sketch import kernels


@dataclass(frozen=True, slots=True, eq=False)
class ShingleSets:
    """The shingles of many documents, as one ragged array; compared by identity.

    Attributes:
        hashes: the shingles of all documents, one document after another; those of one document
            are sorted ascending and unique.
        offsets: where each document begins in them; one entry more than there are documents.

    >>> sets = char_shingles(["banana", "", "an"], size=2)
    >>> len(sets), sets.sizes.tolist()  # "ba", "an", "na"; nothing; "an"
    (3, [3, 0, 1])
    >>> sets[2].item() in sets[0]
    True
    """

    hashes: NDArray[np.uint64]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> NDArray[np.uint64]:
        number = range(len(self))[row]  # raises IndexError, and counts from the end below 0
        return self.hashes[self.offsets[number] : self.offsets[number + 1]]

    def __iter__(self) -> Iterator[NDArray[np.uint64]]:
        return (self[row] for row in range(len(self)))

    @property
    def sizes(self) -> NDArray[np.int64]:
        """How many shingles each document has."""
        return np.diff(self.offsets)

    @classmethod
    def concatenate(cls, parts: Sequence[ShingleSets]) -> ShingleSets:
        """The sets of several collections, one collection after another.

        >>> one, other = char_shingles(["ab"], size=1), char_shingles(["c", ""], size=1)
        >>> ShingleSets.concatenate([one, other]).sizes.tolist()
        [2, 1, 0]
        """
        hashes = [np.empty(0, dtype=np.uint64), *(part.hashes for part in parts)]
        sizes = [np.empty(0, dtype=np.int64), *(part.sizes for part in parts)]
        return cls(np.concatenate(hashes), kernels.offsets_of(np.concatenate(sizes)))

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> ShingleSets:
        """The sets of some documents, in the order asked for; a document may come twice.

        Args:
            rows: row numbers, counted from 0.

        Raises:
            IndexError: there is no such row.

        >>> char_shingles(["a", "bc"], size=1).take([1, 1, 0]).sizes.tolist()
        [2, 2, 1]
        """
        chosen = np.arange(len(self))[np.asarray(rows, dtype=np.int64)]
        lengths = self.sizes[chosen]
        places = kernels.ragged_positions(self.offsets[chosen], lengths)
        return ShingleSets(self.hashes[places], kernels.offsets_of(lengths))


def word_shingles(documents: Sequence[Sequence[str]], size: int) -> ShingleSets:
    """The windows of `size` tokens of each document; their order within a window matters.

    Each distinct token is hashed once a batch, over its code points; any str is a token.

    Args:
        documents: the folded tokens of each document.
        size: tokens in a window.

    Raises:
        ConfigError: size is below 1.

    >>> word_shingles([["a", "b", "c", "d"], ["b", "c", "d"], ["b"], []], size=3).sizes.tolist()
    [2, 1, 1, 0]
    """
    _check_size(size)
    return _shingle_sets(*token_hashes(documents), size)


def token_hashes(
    documents: Sequence[Sequence[str]],
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The hash of each token of each document, and where each document begins in them."""
    offsets = kernels.offsets_of(_lengths(documents))
    # A dictionary costs as much as hashing every occurrence would, about 65 us for 500 words: most
    # of that is Python touching each string. With it, the arrays grow with the vocabulary only.
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    tokens = np.fromiter(
        map(numbers.__getitem__, chain.from_iterable(documents)), np.int64, int(offsets[-1])
    )
    vocabulary = list(numbers)  # in the order of their numbers
    hashes = kernels.token_hashes(
        _code_points(vocabulary), kernels.offsets_of(_lengths(vocabulary))
    )
    return hashes[tokens], offsets


def char_shingles(texts: Sequence[str], size: int) -> ShingleSets:
    """The windows of `size` code points of each text; their order within a window matters.

    A character has the hash of the one-character token, so that these are the word shingles of
    the texts spelled out.

    Args:
        texts: folded texts.
        size: code points in a window.

    Raises:
        ConfigError: size is below 1.

    >>> char_shingles(["abcde", "bcd"], size=3).sizes.tolist()
    [3, 1]
    """
    _check_size(size)
    hashes = kernels.character_hashes(_code_points(texts))
    return _shingle_sets(hashes, kernels.offsets_of(_lengths(texts)), size)


def _shingle_sets(items: NDArray[np.uint64], offsets: NDArray[np.int64], size: int) -> ShingleSets:
    return ShingleSets(*kernels.sort_unique(*kernels.window_hashes(items, offsets, size)))


def _check_size(size: int) -> None:
    if size < 1:
        raise ConfigError([f"the shingle size is {size}; allowed: a whole number of 1 or more"])


def _lengths(sequences: Sequence[Sequence[str]]) -> NDArray[np.int64]:
    return np.fromiter(map(len, sequences), np.int64, len(sequences))


def _code_points(texts: Iterable[str]) -> NDArray[np.uint32]:
    """The code points of all texts, in order; a lone surrogate is one like any other."""
    encoded = "".join(texts).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(encoded, dtype="<u4").astype(np.uint32, copy=False)
