"""Sketcher: from texts as read to MinHash rows, digests and shingle sets, many texts at a time.

In: texts. Out: Sketches, or ShingleSets.

Most texts go to the kernels as they are: those that repair leaves alone and whose tokens the tables
of text/alphabet.py tell for certain. The others take the slow path, one at a time, and all of them
get what the slow path gives: `prepare`, then `word_shingles` of the words, then `sign`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dupdetect.config import Config, RepairConfig
from dupdetect.sketch import kernels as numpy_kernels
from dupdetect.sketch.kernels import Int64s, TextSketches
from dupdetect.sketch.shingles import ShingleSets, token_hashes
from dupdetect.sketch.signatures import permutations
from dupdetect.text.alphabet import Alphabet, alphabet, ascii_alphabet
from dupdetect.text.repair import repair_text
from dupdetect.text.tokens import tokenize

Bytes = NDArray[np.uint8]
Int32s = NDArray[np.int32]


class Kernels(Protocol):
    """What a module of kernels has for texts."""

    def sketch_texts(
        self,
        data: Bytes,
        offsets: Int64s,
        alphabet: Alphabet,
        size: int,
        multipliers: NDArray[np.uint32],
        increments: NDArray[np.uint32],
    ) -> TextSketches:
        """See `kernels.sketch_texts`."""

    def shingle_texts(
        self, data: Bytes, offsets: Int64s, alphabet: Alphabet, size: int
    ) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.bool_]]:
        """See `kernels.shingle_texts`."""


@dataclass(frozen=True, slots=True, eq=False)
class Sketches:
    """What is kept of many texts: arrays of one length, compared by identity.

    Attributes:
        rows: the MinHash row of each text; 2**32 - 1 throughout if it has no words to shingle;
            shape (n_texts, num_perm).
        digests: two values, equal for texts of the same tokens in the same order; for others with
            a chance of 2**-64, as each token is hashed to 64 bits first; shape (n_texts, 2).
        n_tokens: how many tokens each text has. A text without any is a copy of nothing.
        n_repairs: how many repairs each text needed.
    """

    rows: NDArray[np.uint32]
    digests: NDArray[np.uint64]
    n_tokens: NDArray[np.int64]
    n_repairs: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.n_tokens)


class Sketcher:
    """Sketches texts under one configuration; many threads may use one at once.

    Args:
        config: shingle size, number of permutations and seed of the near-duplicate lens, and what
            is repaired.
        kernels: the module that does the work, as `engine.load` gives it; None: NumPy's.

    >>> sketches = Sketcher(Config()).sketch(["Rain fell.", "rain, FELL", "", "Caf&eacute;"])
    >>> sketches.rows.shape, sketches.n_tokens.tolist(), sketches.n_repairs.tolist()
    ((4, 128), [2, 2, 0, 1], [0, 0, 0, 1])
    >>> bool((sketches.digests[0] == sketches.digests[1]).all())
    True
    """

    def __init__(self, config: Config, kernels: Kernels | None = None) -> None:
        self._config = config
        self._kernels: Kernels = numpy_kernels if kernels is None else kernels
        near = config.near_duplicate
        self._size = near.shingle_words
        self._multipliers, self._increments = permutations(near.num_perm, config.seed)

    def sketch(self, texts: Sequence[str]) -> Sketches:
        """The sketch of each text, in their order."""
        ready = _repaired(texts, self._config.repair)
        found = self._kernels.sketch_texts(
            *_utf8(ready.texts), self._size, self._multipliers, self._increments
        )
        unsure = np.flatnonzero(found.unsure).tolist()
        self._read_slowly(found, {row: ready.texts[row] for row in unsure})
        return Sketches(found.rows, found.digests, found.n_tokens, ready.n_repairs)

    def shingles(self, texts: Sequence[str]) -> ShingleSets:
        """The shingles of the words of each text, in their order."""
        ready = _repaired(texts, self._config.repair).texts
        hashes, offsets, unsure = self._kernels.shingle_texts(*_utf8(ready), self._size)
        if not unsure.any():
            return ShingleSets(hashes, offsets)
        rows = np.flatnonzero(unsure)
        slow = _Tokenized([ready[row] for row in rows.tolist()]).shingles(self._size)
        slow_sets = ShingleSets(*numpy_kernels.sort_unique(*slow))
        # Both kinds behind each other, then each row taken from where it is.
        together = ShingleSets(
            np.concatenate([hashes, slow_sets.hashes]),
            np.concatenate([offsets, slow_sets.offsets[1:] + offsets[-1]]),
        )
        where = np.arange(len(ready))
        where[rows] = len(ready) + np.arange(len(rows))
        return together.take(where)

    def _read_slowly(self, found: TextSketches, texts: dict[int, str]) -> None:
        """Fills in the texts that the tables could not tell for certain."""
        if not texts:
            return
        rows = list(texts)
        tokenized = _Tokenized(list(texts.values()))
        found.rows[rows] = numpy_kernels.minhash_rows(
            *tokenized.shingles(self._size), self._multipliers, self._increments
        )
        found.digests[rows] = numpy_kernels.digests(tokenized.hashes, tokenized.offsets)
        found.n_tokens[rows] = np.diff(tokenized.offsets)


class _Tokenized:
    """Texts cut by `tokenize`: the hash of each token, and where each text begins in them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.hashes, self.offsets = token_hashes([tokenize(text).words for text in texts])

    def shingles(self, size: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """The windows of the words of each text, in order."""
        return numpy_kernels.window_hashes(self.hashes, self.offsets, size)


@dataclass(frozen=True, slots=True, eq=False)
class _Repaired:
    texts: Sequence[str]
    n_repairs: Int32s


def _repaired(texts: Sequence[str], config: RepairConfig) -> _Repaired:
    n_repairs = np.zeros(len(texts), dtype=np.int32)
    ready: list[str] | None = None
    for number, text in enumerate(texts):
        if not text.isascii() or "&" in text:
            repaired = repair_text(text, config)
            if repaired.repairs:
                ready = list(texts) if ready is None else ready
                ready[number] = repaired.text
                n_repairs[number] = len(repaired.repairs)
    return _Repaired(texts if ready is None else ready, n_repairs)


def _utf8(texts: Sequence[str]) -> tuple[Bytes, NDArray[np.int64], Alphabet]:
    """All texts as UTF-8, one behind the other, where each begins, and the tables they need."""
    together = "".join(texts)
    is_ascii = together.isascii()
    if is_ascii:  # as many bytes as characters
        data = together.encode()
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    else:
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        data = b"".join(encoded)
        lengths = np.fromiter(map(len, encoded), np.int64, len(texts))
    tables = ascii_alphabet() if is_ascii else alphabet()
    return np.frombuffer(data, dtype=np.uint8), numpy_kernels.offsets_of(lengths), tables
