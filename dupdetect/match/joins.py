"""Joins: which texts of a large collection are worth scoring, by the uncommon words they share.

In: which terms each text has, as a binary sparse matrix, and what each term is worth. Out: pairs of
row numbers, (i, j) with i < j, sorted and unique.

Method: an exact join through an inverted index. Each text is compared with all others at the terms
they share, and keeps the partners with the largest weighted cosine. Terms of very many texts are
not followed: at a document frequency df a term costs df**2 steps and tells little. Where that cap
lies is not set but found: the largest that the budget pays for. The measure of a term's worth must
come from elsewhere (`dupdetect.text.background`): rarity among the texts at hand would weigh least
what a large family shares. Inverted index and cosine as in Zobel and Moffat 2006, "Inverted
files for text search engines".

Which terms: single words, names included. Among 100,000 public texts of 150 to 800 words, of 3,832
pairs of planted machine articles on one prompt, this share had one of the two among the 25 best
partners of the other (weights 7.5 less the Zipf frequency, a budget of 4e9 steps):

    words below a Zipf frequency of 5.5            0.959     below 5.0: 0.954   below 4.0: 0.828
    the same, each worth as much                   0.952
    the same without capitalised words             0.929     those alone: 0.734
    neighbouring content words                     0.867
    content words at most 4 words apart            0.853
    words and neighbouring content words           0.966     2.4 times the entries
    words, a quarter of the budget                 0.943     below 5.0; five times it: 0.953

`python -m benchmarks.family_scale` measures what was chosen.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from dupdetect.errors import ConfigError
from dupdetect.sketch import kernels

# Words from the first frequency on tell nothing; one of the second, "of", would weigh 0.
_MAX_ZIPF, _WEIGHTLESS_ZIPF = 5.5, 7.5
# Weights are counted in thousandths: sums of whole numbers are the same in every order.
_UNITS = 1000
# Scores whose maximum is looked at in place of each: a fifth of the time of a partition of all.
_GROUP = 64


@dataclass(frozen=True, slots=True, eq=False)
class TermMatrix:
    """Which terms each of many texts has; compared by identity.

    Attributes:
        matrix: the value of each term in each text; float64, shape (n_texts, n_terms).
        vocabulary: the term of each column, in the order of code points: sums over what two texts
            share run in one order, whatever other texts there are.
    """

    matrix: csr_array
    vocabulary: tuple[str, ...]


class TermRows:
    """Takes texts one after another and keeps of each the numbers of its terms, nothing else.

    Cost: 12 bytes for each term of each text, and the vocabulary; about twice that for a moment
    when it is finished.

    >>> rows = TermRows()
    >>> rows.add({"rain": 2.0, "fell": 1.0})
    >>> rows.add({"snow": 1.0, "fell": 1.0})
    >>> made = rows.finish()
    >>> made.vocabulary, made.matrix.toarray().tolist()
    (('fell', 'rain', 'snow'), [[1.0, 2.0, 0.0], [1.0, 0.0, 1.0]])
    """

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._numbers = array("i")
        self._values = array("d")
        self._ends = array("q", [0])

    def add(self, terms: Mapping[str, float]) -> None:
        """The next text: its terms and their values."""
        seen = self._seen
        self._numbers.extend([seen.setdefault(term, len(seen)) for term in terms])
        self._values.extend(terms.values())
        self._ends.append(len(self._numbers))

    def finish(self) -> TermMatrix:
        """The matrix of all texts that were added."""
        vocabulary = sorted(self._seen)
        column = np.empty(len(vocabulary), dtype=np.int32)
        column[[self._seen[term] for term in vocabulary]] = np.arange(len(vocabulary))
        matrix = csr_array(
            (
                np.array(self._values),
                column[np.array(self._numbers, dtype=np.int32)],
                np.array(self._ends),
            ),
            shape=(len(self._ends) - 1, len(vocabulary)),
        )
        matrix.sort_indices()
        return TermMatrix(matrix, tuple(vocabulary))


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """Pairs worth scoring, and what was left out; compared by identity.

    Attributes:
        pairs: shape (n_pairs, 2), i < j, sorted, unique.
        n_texts: texts that were joined.
        df_cap: terms of more texts than this were not followed.
        n_terms_capped: how many terms those are.
        depth: partners kept of each text; both texts of a pair may keep it, or one.
        n_partners_cut: pairs that share a followed term and are not in `pairs`.
    """

    pairs: NDArray[np.int64]
    n_texts: int
    df_cap: int
    n_terms_capped: int
    depth: int
    n_partners_cut: int

    @property
    def mean_partners(self) -> float:
        """Candidates of a text in the mean: each pair is one of either of its texts."""
        return 2 * len(self.pairs) / max(self.n_texts, 1)


def term_matrix(texts: Iterable[Iterable[str]]) -> TermMatrix:
    """Texts by terms, 1 where a text has a term; how often it has one does not matter.

    >>> made = term_matrix([["rain", "fell", "rain"], ["snow"]])
    >>> made.matrix.toarray().tolist()
    [[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    rows = TermRows()
    for terms in texts:
        rows.add(dict.fromkeys(terms, 1.0))
    return rows.finish()


def word_weights(frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """What words are worth in a join, by their Zipf frequencies; shape (n,).

    It is 7.5 less the frequency, and 0 from a frequency of 5.5 on: 316 times in a million words,
    which is about that of "company".

    >>> word_weights(np.array([7.73, 5.17, 3.15])).round(2).tolist()
    [0.0, 2.33, 4.35]
    """
    return np.where(frequencies < _MAX_ZIPF, _WEIGHTLESS_ZIPF - frequencies, 0.0)


def join_candidates(
    terms: csr_array, weights: NDArray[np.float64], *, max_partners: int = 50, budget: int
) -> Joined:
    """Of each text the partners that share the most weight with it.

    Two texts a and b that share the followed terms S are alike by

        sum of w over S / sqrt(sum of w over all terms of a * sum of w over all terms of b),

    weights rounded to thousandths. Of each text the same number of partners is kept, the most alike
    first, between equals the lower row; and a pair is proposed if either text keeps the other. The
    number is the largest, up to max_partners, that leaves at most max_partners candidates a text in
    the mean; that is half of max_partners or more.

    Cost: one step for each two texts at each followed term, at most `budget`, and one for each two
    texts: 0.7 ms a text among 100,000. Memory: about 65 bytes for each term of each text while the
    index is made, 16 from then on, and 4 * max_partners for each text.

    Args:
        terms: which terms each text has, shape (n_texts, n_terms); an entry counts if it is not 0.
        weights: what each term is worth, 0 or more; shape (n_terms,). Terms worth less than half a
            thousandth are left out.
        max_partners: candidates of a text in the mean, at the most; 2 or more.
        budget: steps that may be taken, the sum of df**2 over the followed terms, where df is how
            many texts have the term; 1 or more. Higher: more frequent terms are followed.

    Raises:
        ConfigError: an argument is out of range.

    >>> terms = term_matrix(["rain fell here".split(), "rain fell".split(), "snow fell".split()])
    >>> found = join_candidates(terms.matrix, np.array([1.0, 2.0, 5.0, 5.0]), budget=10)
    >>> found.pairs.tolist(), found.df_cap, found.n_terms_capped
    ([[0, 1]], 2, 1)
    """
    _check(terms, weights, max_partners, budget)
    index = _index(terms, weights, budget)
    n_texts = terms.shape[0]
    partners = np.full((n_texts, max_partners), -1, dtype=np.int32)
    n_sharing = 0
    for row in range(n_texts):
        scores = _scores(index, row)
        n_sharing += int(np.count_nonzero(scores))
        strongest = _strongest(scores, max_partners)
        partners[row, : len(strongest)] = strongest
    packed, ranks = _pairs_by_rank(partners)
    n_pairs_within = np.cumsum(np.bincount(ranks, minlength=max_partners))
    depth = int((2 * n_pairs_within <= max_partners * n_texts).sum())
    kept = packed[ranks < depth]
    return Joined(
        pairs=np.stack(np.divmod(kept, max(n_texts, 1)), axis=1),
        n_texts=n_texts,
        df_cap=index.df_cap,
        n_terms_capped=index.n_terms_capped,
        depth=depth,
        n_partners_cut=n_sharing // 2 - len(kept),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Index:
    """The followed terms, by text and by term.

    Attributes:
        term_ends: where the terms of each text begin in `terms`, and where the last one's end.
        terms: the terms of each text, one text after another.
        text_ends: where the texts of each term begin in `texts`, and where the last one's end.
        texts: the texts of each term, one term after another.
        frequencies: how many texts have each term.
        units: the weight of each term in thousandths.
        totals: the weight of all terms of each text, capped ones included; 1 where it is 0.
        df_cap: the largest frequency followed.
        n_terms_capped: terms above it.
    """

    term_ends: NDArray[np.int64]
    terms: NDArray[np.int64]
    text_ends: NDArray[np.int64]
    texts: NDArray[np.int64]
    frequencies: NDArray[np.int64]
    units: NDArray[np.float64]
    totals: NDArray[np.float64]
    df_cap: int
    n_terms_capped: int


def _index(terms: csr_array, weights: NDArray[np.float64], budget: int) -> _Index:
    units = np.rint(weights * _UNITS)
    n_texts, n_terms = terms.shape
    rows, columns = terms.nonzero()
    # As one number, text first: unique, even if the matrix has an entry twice.
    is_worth = units[columns] > 0
    entries = np.unique(rows[is_worth].astype(np.int64) * n_terms + columns[is_worth])
    texts, numbers = entries // max(n_terms, 1), entries % max(n_terms, 1)
    frequencies = np.bincount(numbers, minlength=n_terms)
    df_cap = _df_cap(frequencies, budget)
    totals = np.bincount(texts, units[numbers], n_texts)
    is_followed = (frequencies > 1) & (frequencies <= df_cap)
    kept = is_followed[numbers]
    texts, numbers = texts[kept], (np.cumsum(is_followed) - 1)[numbers[kept]]
    return _Index(
        term_ends=kernels.offsets_of(np.bincount(texts, minlength=n_texts)),
        terms=numbers,
        text_ends=kernels.offsets_of(frequencies[is_followed]),
        texts=texts[np.argsort(numbers, kind="stable")],
        frequencies=frequencies[is_followed],
        units=units[is_followed],
        totals=np.maximum(totals, 1.0),
        df_cap=df_cap,
        n_terms_capped=int((frequencies > df_cap).sum()),
    )


def _df_cap(frequencies: NDArray[np.int64], budget: int) -> int:
    """The largest frequency up to which all terms can be followed within the budget.

    >>> _df_cap(np.array([2, 2, 3, 9]), budget=20), _df_cap(np.array([2, 2]), budget=20)
    (3, 2)
    >>> _df_cap(np.array([5]), budget=20)
    0
    """
    ascending = np.sort(frequencies)
    n_paid = np.searchsorted(np.cumsum(ascending * ascending), budget, side="right")
    if n_paid < len(ascending):  # with the first one that is too much, all its equals go
        ascending = ascending[ascending < ascending[n_paid]]
    return int(ascending.max(initial=0))


def _scores(index: _Index, row: int) -> NDArray[np.float64]:
    """How alike each text is to one of them: the square of the cosine, but for a common factor.

    Squared, it is a ratio of whole numbers, and equal ratios are equal numbers: no tie is broken by
    rounding.
    """
    terms = index.terms[index.term_ends[row] : index.term_ends[row + 1]]
    if len(terms) == 0:
        return np.zeros(len(index.totals))
    starts, ends = index.text_ends[terms], index.text_ends[terms + 1]
    texts = np.concatenate(
        [index.texts[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    )
    shared = np.repeat(index.units[terms], index.frequencies[terms])
    scores = np.asarray(np.bincount(texts, shared, len(index.totals)), dtype=np.float64)
    scores[row] = 0.0
    scores *= scores
    scores /= index.totals
    return scores


def _strongest(scores: NDArray[np.float64], limit: int) -> NDArray[np.int64]:
    """The places of the highest scores above 0, highest first, the lower place between equals.

    >>> _strongest(np.array([0.0, 0.5, 0.9, 0.5, 0.1]), limit=2).tolist()
    [2, 1]
    """
    n_groups = len(scores) // _GROUP
    bound = 0.0
    if n_groups > limit:
        # So many groups reach the bound, and so many scores at least.
        best = scores[: n_groups * _GROUP].reshape(n_groups, _GROUP).max(axis=1)
        bound = np.partition(best, n_groups - limit)[n_groups - limit].item()
    places = np.flatnonzero(scores >= bound) if bound > 0.0 else np.flatnonzero(scores)
    order = np.argsort(-scores[places], kind="stable")[:limit]
    strongest: NDArray[np.int64] = places[order]
    return strongest


def _pairs_by_rank(partners: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All pairs as i * n_texts + j, ascending, and the better of the two ranks of each, from 0."""
    rows, ranks = np.nonzero(partners >= 0)
    others = partners[rows, ranks].astype(np.int64)
    packed = np.minimum(rows, others) * len(partners) + np.maximum(rows, others)
    order = np.lexsort((ranks, packed))
    packed, ranks = packed[order], ranks[order]
    is_first = np.diff(packed, prepend=-1) > 0
    return packed[is_first], ranks[is_first]


def _check(terms: csr_array, weights: NDArray[np.float64], max_partners: int, budget: int) -> None:
    faults = []
    if weights.shape != (terms.shape[1],):
        faults.append(
            f"weights has the shape {weights.shape}; allowed: ({terms.shape[1]},), one for each "
            "column of terms"
        )
    if not (np.isfinite(weights) & (weights >= 0)).all():
        faults.append("weights holds a value below 0 or none at all; allowed: 0 or more")
    if max_partners < 2:
        faults.append(f"max_partners is {max_partners!r}; allowed: a whole number of 2 or more")
    if budget < 1:
        faults.append(f"budget is {budget!r}; allowed: a whole number of 1 or more")
    if faults:
        raise ConfigError(faults)
