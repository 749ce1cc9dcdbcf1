"""Deduplication of texts in memory.

In: texts. Out: for each the text that stands for it, and every verified pair. The same stages as
pipeline.py, which runs them over files larger than memory, and the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from dupdetect.config import Config
from dupdetect.corpus.execution import in_order, usable_cores
from dupdetect.corpus.stages import CAPS, candidate_bands, caps_of, checked, checked_threads
from dupdetect.errors import ConfigError
from dupdetect.match.banding import Banding
from dupdetect.match.bands import unique, unpack
from dupdetect.match.exact import originals
from dupdetect.match.keep import KeepPolicy, decide, preference
from dupdetect.match.verify import PairScores, verify_pairs
from dupdetect.results import Relation
from dupdetect.sketch import engine, kernels
from dupdetect.sketch.shingles import ShingleSets
from dupdetect.sketch.sketcher import Sketcher, Sketches

# Characters handed to a thread at a time: what is made of them stays in a second-level cache, and
# its memory is used again for the next ones; longer arrays come as new pages from the system.
_BATCH_CHARS = 2**18


@dataclass(frozen=True, slots=True, eq=False)
class Deduplication:
    """Which texts stand for which; compared by identity.

    Attributes:
        keeper: the row that stands for each text, its own if it is kept; shape (n,).
        pairs: verified pairs of rows (i, j), i < j, sorted; shape (n_pairs, 2). An exact copy is
            paired with its original, the preferred one of its kind; near-duplicates are pairs of
            originals.
        relations: of each pair, "exact" or "near-duplicate".
        jaccard: of each pair, in [0, 1].
        containment_a: share of the shingles of the first that the second has, in [0, 1].
        containment_b: share of the shingles of the second that the first has, in [0, 1].
        counts: what the stages did, and what caps left out.
        kernel: which kernel ran, "numpy" or "numba"; it changes nothing but the time.
    """

    keeper: NDArray[np.int64]
    pairs: NDArray[np.int64]
    relations: tuple[Relation, ...]
    jaccard: NDArray[np.float64]
    containment_a: NDArray[np.float64]
    containment_b: NDArray[np.float64]
    counts: dict[str, int]
    kernel: str

    @property
    def kept(self) -> NDArray[np.int64]:
        """The rows that are kept, ascending."""
        return np.flatnonzero(self.keeper == np.arange(len(self.keeper)))


def dedupe_texts(
    texts: Sequence[str],
    config: Config | None = None,
    *,
    threshold: float | None = None,
    keep: str = "first",
    threads: int | None = None,
    kernel: engine.Kernel = "auto",
) -> Deduplication:
    """Which of these texts are copies of others, and which one of each is to be kept.

    A text is removed only for a direct, verified match with one that is kept. The answer does not
    depend on threads or kernel, nor on the order of the texts, but through what `first` means and
    for ties, which the lower row wins.

    Args:
        texts: the texts.
        config: settings, of which `near_duplicate`, `repair` and `seed` count; None: the defaults
            with a near-duplicate threshold of 0.8. The threshold of a Config that is given is used
            as it is: 0.55 unless it was set, which is that of `detect`.
        threshold: the least Jaccard of two that match; wins over that of the config.
        keep: "first", "longest" or "cleanest" (with the fewest repairs).
        threads: how many run at once; None: one for each core.
        kernel: "numpy", "numba" (extra `fast`), or "auto": numba where the work repays its start.

    Raises:
        ConfigError: a setting is out of range, or numba was asked for and is missing.
        TypeError: a text is not a string, or another argument is of the wrong type.

    >>> texts = ["One and the same text.", "Another text.", "One and the SAME text!"]
    >>> found = dedupe_texts(texts)
    >>> found.keeper.tolist(), found.pairs.tolist(), found.relations
    ([0, 1, 0], [[0, 2]], ('exact',))
    """
    chosen, banding = checked(config, threshold)
    threads = checked_threads(usable_cores() if threads is None else threads)
    policy = KeepPolicy.parse(keep)
    if policy.field:
        raise ConfigError([f"keep is {keep!r}; texts have no fields: first, longest or cleanest"])
    if isinstance(texts, str):
        raise TypeError("texts is one string; give a sequence of them")
    loaded = engine.load(kernel, sum(map(len, texts)))
    sketcher = Sketcher(chosen, loaded)

    sketches = _sketches(texts, sketcher, threads)
    n = len(texts)
    rank = preference(
        policy,
        _values(policy, texts, sketches),
        lambda rows: [f"{row:020}" for row in rows.tolist()],
        pinned=np.zeros(n, dtype=np.bool_),
    )
    original = originals(sketches.digests, sketches.n_tokens, rank)
    candidates, caps = _candidates(sketches, original, rank, banding, threads)
    matches = _verified(texts, candidates, sketcher, loaded, threads)
    matches = matches.above(chosen.near_duplicate.threshold)
    keeper = decide(matches.pairs, matches.scores.jaccard, rank, pinned=np.zeros(n, dtype=np.bool_))
    counts = {
        "documents": n,
        "exact_copies": int((original != np.arange(n)).sum()),
        "candidates": len(candidates),
        "near_duplicate_pairs": len(matches.pairs),
        **caps,
    }
    return _result(original, matches, keeper[original], counts, engine.name(loaded))


def _batches(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Ranges of neighbouring texts of about so many characters."""
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    return list(kernels.blocks(sizes, _BATCH_CHARS))


def _sketches(texts: Sequence[str], sketcher: Sketcher, threads: int) -> Sketches:
    empty = sketcher.sketch([])
    arrays = {each.name: getattr(empty, each.name) for each in fields(empty)}
    whole = {
        name: np.empty((len(texts), *array.shape[1:]), dtype=array.dtype)
        for name, array in arrays.items()
    }

    def sketch(batch: tuple[int, int]) -> None:
        part = sketcher.sketch(texts[slice(*batch)])
        for name, array in whole.items():
            array[slice(*batch)] = getattr(part, name)

    for _ in in_order(sketch, _batches(texts), threads):
        pass
    return Sketches(**whole)


def _values(policy: KeepPolicy, texts: Sequence[str], sketches: Sketches) -> NDArray[np.float64]:
    if policy.name == "cleanest":
        return sketches.n_repairs.astype(np.float64)
    return np.fromiter(map(len, texts), np.float64, len(texts))


def _candidates(
    sketches: Sketches,
    original: NDArray[np.int64],
    rank: NDArray[np.int64],
    banding: Banding,
    threads: int,
) -> tuple[NDArray[np.int64], dict[str, int]]:
    """Candidate pairs of originals, packed, sorted and unique."""
    has_shingles = (sketches.rows[:, : banding.rows] != kernels.EMPTY_SLOT).any(axis=1)
    rows = np.flatnonzero((original == np.arange(len(original))) & has_shingles)
    caps = dict.fromkeys(CAPS, 0)
    found = [np.empty(0, dtype=np.int64)]
    for _, pairs in candidate_bands(
        banding,
        # A copy, so that the lines of all rows are fetched once and not once for each column.
        lambda first, last: np.ascontiguousarray(sketches.rows[:, first:last]),
        lambda asked: sketches.rows[asked],
        rank,
        rows,
        range(banding.bands),
        threads,
    ):
        caps = {name: n + caps[name] for name, n in caps_of(pairs).items()}
        found.append(pairs.packed)
    return unique(np.concatenate(found)), caps


@dataclass(frozen=True, slots=True, eq=False)
class _Matches:
    """Pairs with their scores.

    Attributes:
        pairs: rows (i, j), i < j, sorted; shape (n_pairs, 2).
        scores: of each pair.
    """

    pairs: NDArray[np.int64]
    scores: PairScores

    def above(self, least: float) -> _Matches:
        """Those whose Jaccard is at least the threshold."""
        held = self.scores.jaccard >= least
        values = (getattr(self.scores, each.name)[held] for each in fields(self.scores))
        return _Matches(self.pairs[held], PairScores(*values))


def _verified(
    texts: Sequence[str],
    packed: NDArray[np.int64],
    sketcher: Sketcher,
    loaded: ModuleType,
    threads: int,
) -> _Matches:
    """The candidates, compared on the shingles of their texts."""
    pairs = unpack(packed, len(texts))
    is_asked = np.zeros(len(texts), dtype=np.bool_)
    is_asked[pairs] = True
    rows = np.flatnonzero(is_asked)
    asked = [texts[row] for row in rows.tolist()]

    def shingles(batch: tuple[int, int]) -> ShingleSets:
        return sketcher.shingles(asked[slice(*batch)])

    parts = [part for _, part in in_order(shingles, _batches(asked), threads)]
    sets = ShingleSets.concatenate(parts)
    renumbered = (np.cumsum(is_asked) - 1)[pairs]

    def verify(block: slice) -> PairScores:
        return verify_pairs(renumbered[block], sets, loaded)

    cuts = np.linspace(0, len(pairs), threads + 1).astype(np.int64).tolist()
    scores = [each for _, each in in_order(verify, map(slice, cuts, cuts[1:]), threads)]
    return _Matches(pairs, PairScores.concatenate(scores))


def _result(
    original: NDArray[np.int64],
    matches: _Matches,
    keeper: NDArray[np.int64],
    counts: dict[str, int],
    kernel: str,
) -> Deduplication:
    """Exact copies and near-duplicates as one list of pairs."""
    copies = np.flatnonzero(original != np.arange(len(original)))
    exact = np.sort(np.stack([copies, original[copies]], axis=1), axis=1)
    pairs = np.concatenate([exact, matches.pairs])
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    ones = np.ones(len(copies))
    names: list[Relation] = ["exact", "near-duplicate"]
    return Deduplication(
        keeper=keeper,
        pairs=pairs[order],
        relations=tuple(names[place >= len(copies)] for place in order.tolist()),
        jaccard=np.concatenate([ones, matches.scores.jaccard])[order],
        containment_a=np.concatenate([ones, matches.scores.containment_a])[order],
        containment_b=np.concatenate([ones, matches.scores.containment_b])[order],
        counts=counts,
        kernel=kernel,
    )
