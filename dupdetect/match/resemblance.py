"""Length-matched resemblance of two texts: how alike is their phrasing, window by window?

In: the words of each text. Out: for pairs of texts, a resemblance in [0, 1].

Texts are cut into windows of equal length, because the share of common character shingles grows
with length: whole books by unrelated authors reach a 5-character Jaccard of 0.36. With J the
Jaccard of two windows' character shingles, the resemblance of texts A and B is

    ( median over A's windows of their best J in B  +  the same with A and B exchanged ) / 2

Two articles on one subject by independent people stay near 0.1; articles spun from one stock of
phrases reach 0.2 to 0.3 (windows of 400 words, shingles of 5 characters). Reports of one event
reach as much, because they share its names and what people said: so it is shown, and decides
nothing (`match/overlap.py` does).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from dupdetect.config import RecycledConfig
from dupdetect.sketch import engine
from dupdetect.sketch import kernels as numpy_kernels
from dupdetect.sketch.shingles import ShingleSets, char_shingles
from dupdetect.text.prepare import PreparedText
from dupdetect.text.tokens import join_words

Pairs = NDArray[np.int64]

# Pairs whose texts are cut into windows together: those of 8,192 articles need 0.7 GiB.
_PAIRS_AT_ONCE = 2**13
# Windows compared with all their partners at once: bounds the dense block of window scores.
_WINDOWS_AT_ONCE = 256


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """The windows of many texts, one text after another.

    Attributes:
        sets: character shingles of each window.
        matrix: the same as a binary matrix, windows by different shingles.
        firsts: row of each text's first window, and the number of windows; shape (n_texts + 1,).
    """

    sets: ShingleSets
    matrix: csr_array
    firsts: NDArray[np.int64]


def cut_windows(texts: Sequence[Sequence[str]], config: RecycledConfig) -> Windows:
    """Windows of `window_tokens` words, `stride_tokens` apart; the last one ends with the text.

    Words stand with a space between them, but for two characters of scripts written without
    spaces: 5 characters are about a word of English or of Thai, and two of Chinese. A text shorter
    than a window is one window. An empty text has one empty window, which resembles nothing.
    """
    pieces: list[str] = []
    firsts = [0]
    for words in texts:
        starts = window_starts(len(words), config.window_tokens, config.stride_tokens)
        pieces.extend(join_words(words[start : start + config.window_tokens]) for start in starts)
        firsts.append(len(pieces))
    sets = char_shingles(pieces, config.shingle_chars)
    return Windows(sets, _binary_matrix(sets), np.array(firsts, dtype=np.int64))


def window_starts(n_tokens: int, window: int, stride: int) -> list[int]:
    """Where the windows of a text begin.

    >>> window_starts(1000, window=400, stride=200), window_starts(450, 400, 200)
    ([0, 200, 400, 600], [0, 50])
    """
    if n_tokens <= window:
        return [0]
    starts = list(range(0, n_tokens - window + 1, stride))
    if starts[-1] + window < n_tokens:
        starts.append(n_tokens - window)
    return starts


def resemblance_of(
    pairs: Pairs,
    texts: Sequence[PreparedText],
    config: RecycledConfig,
    kernels: ModuleType = numpy_kernels,
) -> NDArray[np.float64]:
    """The exact resemblance of each pair of texts; only texts in a pair are cut into windows.

    Pairs are taken in blocks: the windows of 100,000 articles at once would need 8 GiB.

    Args:
        pairs: rows of texts, shape (n_pairs, 2).
        texts: prepared texts.
        config: size of the windows.
        kernels: as in `window_resemblance`.

    Returns:
        Shape (n_pairs,), in [0, 1].
    """
    scores = np.zeros(len(pairs))
    order = _neighbours(pairs, len(texts))
    for first in range(0, len(pairs), _PAIRS_AT_ONCE):
        block = order[first : first + _PAIRS_AT_ONCE]
        rows, places = np.unique(pairs[block], return_inverse=True)
        windows = cut_windows([texts[row].native_words for row in rows.tolist()], config)
        scores[block] = window_resemblance(places.reshape(-1, 2), windows, kernels)
    return scores


def _neighbours(pairs: Pairs, n_texts: int) -> NDArray[np.int64]:
    """An order of the pairs in which those of connected texts are neighbours."""
    graph = coo_array((np.ones(len(pairs)), tuple(pairs.T)), shape=(n_texts, n_texts))
    labels = connected_components(graph, directed=False)[1]
    order: NDArray[np.int64] = np.lexsort((pairs[:, 1], pairs[:, 0], labels[pairs[:, 0]]))
    return order


def window_resemblance(
    pairs: Pairs, windows: Windows, kernels: ModuleType = numpy_kernels
) -> NDArray[np.float64]:
    """The exact resemblance of each pair of texts; shape (n_pairs,), in [0, 1].

    Args:
        pairs: rows of texts, shape (n_pairs, 2).
        windows: of the texts.
        kernels: as `sketch.engine` gives them; numba gives the same bits, sooner.
    """
    if engine.name(kernels) == "numba":
        matrix = windows.matrix
        scores: NDArray[np.float64] = kernels.window_resemblance(
            matrix.indices, matrix.indptr, windows.firsts, matrix.shape[1], pairs
        )
        return scores
    return _product_resemblance(pairs, windows)


def _product_resemblance(pairs: Pairs, windows: Windows) -> NDArray[np.float64]:
    """The same by NumPy.

    Shared shingles of all windows are counted at once, as a product of binary sparse matrices: its
    cost is the number of shared shingles.
    """
    scores = np.zeros(len(pairs))
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    for block in _blocks_of_pairs(pairs[order, 0], windows):
        rows = order[block]
        lefts, left_of = np.unique(pairs[rows, 0], return_inverse=True)
        rights, right_of = np.unique(pairs[rows, 1], return_inverse=True)
        table = _resemblance_table(lefts, rights, windows)
        scores[rows] = table[left_of, right_of]
    return scores


def _binary_matrix(sets: ShingleSets) -> csr_array:
    vocabulary, columns = np.unique(sets.hashes, return_inverse=True)
    ones = np.ones(len(columns), dtype=np.int32)
    return csr_array((ones, columns, sets.offsets), shape=(len(sets), max(1, len(vocabulary))))


def _blocks_of_pairs(lefts: NDArray[np.int64], windows: Windows) -> Iterator[slice]:
    """Slices of pairs, sorted by their left texts, with a bounded number of left windows each."""
    firsts = np.flatnonzero(np.diff(lefts, prepend=-1))
    n_windows = np.diff(windows.firsts)[lefts[firsts]]
    block = (np.cumsum(n_windows) - n_windows) // _WINDOWS_AT_ONCE
    cuts = firsts[np.flatnonzero(np.diff(block, prepend=-1))].tolist()
    for first, last in itertools.pairwise([*cuts, len(lefts)]):
        yield slice(first, last)


def _resemblance_table(
    lefts: NDArray[np.int64], rights: NDArray[np.int64], windows: Windows
) -> NDArray[np.float64]:
    """The resemblance of each left text with each right one; shape (n_lefts, n_rights)."""
    left_rows, left_firsts = _window_rows(lefts, windows.firsts)
    right_rows, right_firsts = _window_rows(rights, windows.firsts)
    turned = windows.matrix[right_rows].T.tocsr()
    best_in_right = np.empty((len(left_rows), len(rights)))
    best_in_left = np.zeros((len(lefts), len(right_rows)))
    left_of = np.repeat(np.arange(len(lefts)), np.diff(left_firsts))
    for first in range(0, len(left_rows), _WINDOWS_AT_ONCE):
        part = slice(first, first + _WINDOWS_AT_ONCE)
        jaccard = _jaccard(left_rows[part], right_rows, turned, windows)
        best_in_right[part] = np.maximum.reduceat(jaccard, right_firsts[:-1], axis=1)
        np.maximum.at(best_in_left, left_of[part], jaccard)
    forth = _medians(best_in_right, left_firsts)
    back = _medians(best_in_left.T, right_firsts).T
    return (forth + back) / 2


def _jaccard(
    left_rows: NDArray[np.int64],
    right_rows: NDArray[np.int64],
    turned: csr_array,
    windows: Windows,
) -> NDArray[np.float64]:
    """The Jaccard of some windows with all those whose turned matrix is given."""
    shared = (windows.matrix[left_rows] @ turned).toarray().astype(np.float64)
    sizes = windows.sets.sizes.astype(np.float64)
    union = sizes[left_rows][:, None] + sizes[right_rows][None, :] - shared
    jaccard: NDArray[np.float64] = np.divide(
        shared, union, out=np.zeros_like(shared), where=union > 0
    )
    return jaccard


def _window_rows(
    texts: NDArray[np.int64], firsts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The windows of some texts, and where each text's begin among them."""
    rows = [np.arange(firsts[text], firsts[text + 1]) for text in texts.tolist()]
    counts = np.diff(firsts)[texts]
    return np.concatenate(rows), np.concatenate(([0], np.cumsum(counts)))


def _medians(best: NDArray[np.float64], firsts: NDArray[np.int64]) -> NDArray[np.float64]:
    """The median over each text's windows (rows of `best`); shape (n_texts, n_columns)."""
    spans = itertools.pairwise(firsts.tolist())
    return np.stack([np.median(best[first:last], axis=0) for first, last in spans])
