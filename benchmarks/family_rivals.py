"""Who is judged on drawn collections: dupdetect, two prototypes, and the rules and tools in use.

In: drawn collections, or documents. Out: the families each method finds in each collection, and a
matrix of pair scores where a method has such scores.

Prototype A: mean of both directions' median best-match 5-character Jaccard over windows of 200
words, 100 apart; average linkage, cut at T. Prototype B: a logistic function of three figures of
the first 400 words (5-character Jaccard; the same without quotations, names inside sentences and
numbers; the share of words left out so), fitted on the labelled texts, cut where the worst null
reaches 5 % of its pairs; average linkage on its probability. Both are written apart from the
detector, so that they stay what they are while it changes.

The tools run with the settings they come with; where a setting is the user's, the usual one: words
in fives, 128 permutations, thresholds 0.5 and 0.8.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.family_draws import Families, LabelledTexts, MiniCorpus, kind_of, nulls
from dupdetect import Config, Document, Report, detect
from dupdetect.match.null import Null as NullTable
from dupdetect.match.null import score_table, shipped
from dupdetect.match.overlap import measure
from dupdetect.sketch.shingles import ShingleSets, char_shingles, word_shingles
from dupdetect.text.prepare import prepare

ROOT = Path(__file__).parent.parent

Matrix = NDArray[np.float64]
FamilyFinder = Callable[[Sequence[MiniCorpus]], list[Families]]
PairScorer = Callable[[Sequence[Document]], Matrix]

_CUTS_A = (0.100, 0.115, 0.130)
_SHARE_B = 0.05
_FIT_DOCUMENTS = 150
_FIT_SEED = 0
_THRESHOLDS = (0.5, 0.8)
_N_PERM = 128
_WORD = re.compile(r"\w+")
_QUOTED = re.compile(r'["\u201c\u201d][^"\u201c\u201d\n]{1,600}["\u201c\u201d]')
_BEGINS = re.compile(r"""(?:\A|[.!?:\n]["'\u201c\u201d\u2018\u2019)]*\s*)["'\u201c\u2018(]*\Z""")
# Texts whose parts are kept: about 200 kB each.
_CACHED = 2048


@dataclass(frozen=True, slots=True)
class Method:
    """Something that is judged.

    Attributes:
        name: for the tables.
        find: the families in each of some collections.
        score: the score of each pair of some documents, higher for more alike; None: it has none.
        missing: why it cannot be run here; None: it can.
        version: of what runs in an interpreter of its own; None: it runs in this one.
    """

    name: str
    find: FamilyFinder
    score: PairScorer | None = None
    missing: str | None = None
    version: str | None = None


# dupdetect


def config_for(changes: Mapping[str, object] | None = None) -> Config:
    """The settings that are judged: the defaults, but for changes.

    Args:
        changes: settings by their path; None: the defaults.

    Raises:
        ConfigError: there is no such setting, or a value is out of range.

    >>> config_for({"recycled.min_tokens": 50, "seed": 7}).recycled.min_tokens
    50
    """
    values: dict[str, Any] = {}
    for path, value in (changes or {}).items():
        section, _, name = path.rpartition(".")
        (values.setdefault(section, {}) if section else values)[name] = value
    return Config.from_dict(values)


def recycled_families(report: Report) -> Families:
    """The families that are called recycled; copies and retold events are other matters."""
    return frozenset(
        frozenset(family.members) for family in report.families if family.relation == "recycled"
    )


def our_pair_scores(documents: Sequence[Document], config: Config, null: NullTable) -> Matrix:
    """What dupdetect orders pairs by; shape (n_documents, n_documents)."""
    wording = measure([prepare(document, config.repair) for document in documents], null.background)
    return score_table(np.arange(len(documents)), wording, null.expected_rate)


def our_pair_p_values(documents: Sequence[Document], config: Config, null: NullTable) -> Matrix:
    """The p-value of each pair against a null; shape (n_documents, n_documents)."""
    scores = our_pair_scores(documents, config, null)
    values = {score: null.pair_p(score) for score in np.unique(scores).tolist()}
    return np.vectorize(values.__getitem__, otypes=[np.float64])(scores)


def ours(config: Config, name: str = "dupdetect", null: NullTable | None = None) -> Method:
    """The detector itself, with some settings and a null; None: the one that is shipped."""
    return Method(
        name,
        lambda corpora: [
            recycled_families(detect(each.documents, config, null=null)) for each in corpora
        ],
        lambda documents: our_pair_scores(documents, config, null or shipped()),
    )


# Groups from a matrix


def linked(ids: Sequence[str], scores: Matrix, cut: float) -> Families:
    """Families by average linkage: groups whose mean score, where they were joined, is the cut.

    >>> alike = np.array([[1, 0.9, 0.1], [0.9, 1, 0.2], [0.1, 0.2, 1]])
    >>> [sorted(family) for family in linked("abc", alike, 0.5)]
    [['a', 'b']]
    """
    if len(ids) < 2:
        return frozenset()
    distances = 1 - scores
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), method="average")
    # The margin absorbs the rounding of 1 - s: a merge at the cut counts.
    return _families(ids, fcluster(tree, t=1 - cut + 1e-9, criterion="distance"))


def connected(ids: Sequence[str], edges: Any) -> Families:
    """Families by connected components of a square matrix of truth values.

    >>> [sorted(family) for family in connected("abc", np.eye(3, k=1, dtype=bool))]
    [['a', 'b', 'c']]
    """
    return _families(ids, connected_components(csr_array(edges), directed=False)[1])


def _families(ids: Sequence[str], labels: NDArray[np.integer[Any]]) -> Families:
    groups: dict[int, set[str]] = {}
    for id, label in zip(ids, labels.tolist(), strict=True):
        groups.setdefault(label, set()).add(id)
    return frozenset(frozenset(group) for group in groups.values() if len(group) > 1)


def by_matrix(
    name: str, score: PairScorer, join: Callable[[Sequence[str], Matrix], Families]
) -> Method:
    """A method that scores all pairs of a collection and joins by these scores."""

    def find(corpora: Sequence[MiniCorpus]) -> list[Families]:
        return [
            join([document.id for document in each.documents], score(each.documents))
            for each in corpora
        ]

    return Method(name, find, score)


# Jaccard


def jaccard_matrix(sets: ShingleSets) -> Matrix:
    """The Jaccard of each two sets; shape (n_sets, n_sets). An empty set is like none.

    >>> jaccard_matrix(char_shingles(["abc", "bc", ""], size=1)).round(2).tolist()
    [[1.0, 0.67, 0.0], [0.67, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    vocabulary, columns = np.unique(sets.hashes, return_inverse=True)
    ones = np.ones(len(columns), dtype=np.int32)
    table = csr_array((ones, columns, sets.offsets), shape=(len(sets), max(1, len(vocabulary))))
    shared: Matrix = (table @ table.T).toarray().astype(np.float64)
    union = sets.sizes[:, None] + sets.sizes[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


@lru_cache(maxsize=_CACHED)
def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.lower()))


@lru_cache(maxsize=_CACHED)
def _five_words(text: str) -> ShingleSets:
    return word_shingles([_words(text)], 5)


def jaccard_of_words(documents: Sequence[Document]) -> Matrix:
    """The Jaccard of windows of five words."""
    return jaccard_matrix(ShingleSets.concatenate([_five_words(each.text) for each in documents]))


def jaccard_rule(threshold: float) -> Method:
    """Documents above a Jaccard of five words, and whatever they are connected with."""
    return by_matrix(
        f"Jaccard {threshold}", jaccard_of_words, lambda ids, m: connected(ids, m >= threshold)
    )


# Prototype A


@lru_cache(maxsize=_CACHED)
def _windows(text: str) -> ShingleSets:
    """5-character sets of windows of 200 words, 100 apart; the last ends with the text."""
    words = _words(text)
    starts = list(range(0, max(1, len(words) - 199), 100))
    if starts[-1] + 200 < len(words):
        starts.append(len(words) - 200)
    return char_shingles([" ".join(words[start : start + 200]) for start in starts], 5)


def window_scores(documents: Sequence[Document]) -> Matrix:
    """Prototype A's score of each pair."""
    windows = [_windows(each.text) for each in documents]
    firsts = np.cumsum([0, *map(len, windows)])
    best = np.maximum.reduceat(
        jaccard_matrix(ShingleSets.concatenate(windows)), firsts[:-1], axis=1
    )
    medians = np.stack([np.median(best[a:b], axis=0) for a, b in pairwise(firsts.tolist())])
    scores: Matrix = (medians + medians.T) / 2
    return scores


def prototype_a(cut: float) -> Method:
    """Prototype A, cut at T."""
    return by_matrix(f"A {cut:.3f}", window_scores, lambda ids, m: linked(ids, m, cut))


# Prototype B


@dataclass(frozen=True, slots=True)
class _Opening:
    """What prototype B looks at: sets of the first 400 words, with and without facts."""

    whole: ShingleSets
    plain: ShingleSets
    fact_share: float


@lru_cache(maxsize=_CACHED)
def _opening(text: str) -> _Opening:
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    words: list[str] = []
    plain: list[str] = []
    at = 0
    for match in _WORD.finditer(text):
        if len(words) == 400:
            break
        word = match.group()
        while at < len(quoted) and quoted[at][1] <= match.start():
            at += 1
        in_quotes = at < len(quoted) and quoted[at][0] < match.start()
        is_name = word[0].isupper() and not _BEGINS.search(
            text, max(0, match.start() - 8), match.start()
        )
        words.append(word.lower())
        if not (in_quotes or is_name or any(map(str.isdigit, word))):
            plain.append(word.lower())
    return _Opening(
        char_shingles([" ".join(words)], 5),
        char_shingles([" ".join(plain)], 5),
        1 - len(plain) / max(1, len(words)),
    )


def opening_figures(documents: Sequence[Document]) -> NDArray[np.float64]:
    """The three figures of each pair; shape (n_documents, n_documents, 3)."""
    openings = [_opening(each.text) for each in documents]
    shares = np.array([each.fact_share for each in openings])
    return np.stack(
        [
            jaccard_matrix(ShingleSets.concatenate([each.whole for each in openings])),
            jaccard_matrix(ShingleSets.concatenate([each.plain for each in openings])),
            (shares[:, None] + shares[None, :]) / 2,
        ],
        axis=-1,
    )


@dataclass(frozen=True, slots=True)
class FittedB:
    """Prototype B: its model, and the probability at which it cuts."""

    model: Pipeline
    cut: float

    def score(self, documents: Sequence[Document]) -> Matrix:
        """The probability that each pair is recycled."""
        figures = opening_figures(documents)
        chances: Matrix = self.model.predict_proba(figures.reshape(-1, 3))[:, 1]
        return chances.reshape(figures.shape[:2])


def fit_b(texts: LabelledTexts, without: Collection[str] = ()) -> FittedB:
    """Prototype B, fitted on the labelled texts but for some collections.

    Recycled pairs weigh as much as all nulls together, and each null as much as any other.

    Args:
        texts: the labelled texts.
        without: collections left out, such as those it is to be judged on.

    Raises:
        ValueError: no null is left.
    """
    honest = [
        _figures_of_pairs(null.groups)
        for null in nulls(texts, _FIT_SEED, _FIT_DOCUMENTS)
        if null.source not in without
    ]
    recycled = _figures_of_pairs(texts.families.values())
    figures = np.concatenate([recycled, *honest])
    is_recycled = np.arange(len(figures)) < len(recycled)
    weights = [np.full(len(recycled), len(honest) / len(recycled))]
    weights += [np.full(len(null), 1 / len(null)) for null in honest]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1e6, max_iter=1000))
    model.fit(
        figures, is_recycled, logisticregression__sample_weight=np.concatenate(weights) * 1000
    )
    cut = max(
        float(np.quantile(model.predict_proba(null)[:, 1], 1 - _SHARE_B, method="higher"))
        for null in honest
    )
    return FittedB(model, cut)


def _figures_of_pairs(groups: Iterable[Sequence[Document]]) -> NDArray[np.float64]:
    """The figures of all pairs inside each group; shape (n_pairs, 3)."""
    tables = (opening_figures(group) for group in groups)
    return np.concatenate([table[np.triu_indices(len(table), 1)] for table in tables])


def prototype_b(fitted: FittedB) -> Method:
    """Prototype B, fitted on all labelled texts."""
    return by_matrix("B", fitted.score, lambda ids, m: linked(ids, m, fitted.cut))


def prototype_b_elsewhere(
    texts: LabelledTexts, source: str = "", name: str = "B, fitted elsewhere"
) -> Method:
    """Prototype B, fitted anew for each kind, without the collections that the kind draws from.

    Args:
        texts: what it is fitted on.
        source: the collection that is left out when pairs are scored; "": none.
        name: for the tables.
    """

    @cache
    def fitted(without: frozenset[str]) -> FittedB:
        return fit_b(texts, without)

    def find(corpora: Sequence[MiniCorpus]) -> list[Families]:
        found = []
        for each in corpora:
            away = fitted(kind_of(each.kind).sources)
            ids = [document.id for document in each.documents]
            found.append(linked(ids, away.score(each.documents), away.cut))
        return found

    return Method(name, find, lambda documents: fitted(frozenset({source})).score(documents))


# Tools


@lru_cache(maxsize=_CACHED)
def _min_hash(text: str) -> Any:
    from datasketch import MinHash

    words = _words(text)
    shingles = {" ".join(words[at : at + 5]).encode() for at in range(len(words) - 4)}
    sketch = MinHash(num_perm=_N_PERM)
    sketch.update_batch(sorted(shingles))
    return sketch


def datasketch_scores(documents: Sequence[Document]) -> Matrix:
    """The Jaccard of five words, as datasketch estimates it."""
    sketches = np.stack([_min_hash(each.text).hashvalues for each in documents])
    scores: Matrix = (sketches[:, None, :] == sketches[None, :, :]).mean(axis=2)
    return scores


def datasketch_rule(threshold: float) -> Method:
    """MinHashLSH with this threshold, as its documentation shows; whatever its answers connect."""

    def find(corpora: Sequence[MiniCorpus]) -> list[Families]:
        from datasketch import MinHashLSH

        found = []
        for each in corpora:
            ids = [document.id for document in each.documents]
            index = MinHashLSH(threshold=threshold, num_perm=_N_PERM)
            for row, document in enumerate(each.documents):
                index.insert(row, _min_hash(document.text))
            edges = np.zeros((len(ids), len(ids)), dtype=np.bool_)
            for row, document in enumerate(each.documents):
                edges[row, index.query(_min_hash(document.text))] = True
            found.append(connected(ids, edges))
        return found

    return Method(f"datasketch {threshold}", find, datasketch_scores)


def near_dupes_rule(threshold: float | None) -> Method:
    """near-dupes with its defaults, or with this threshold."""
    settings: dict[str, Any] = {} if threshold is None else {"threshold": threshold}
    name = "near-dupes" if threshold is None else f"near-dupes {threshold}"
    try:
        from near_dupes import DuplicateFinder
    except ImportError:
        return Method(name, _nothing, missing="near-dupes is not installed")

    def find(corpora: Sequence[MiniCorpus]) -> list[Families]:
        found = []
        for each in corpora:
            ids = [document.id for document in each.documents]
            groups = DuplicateFinder(**settings).find(
                [document.text for document in each.documents]
            )
            found.append(frozenset(frozenset(ids[row] for row in group) for group in groups.groups))
        return found

    def score(documents: Sequence[Document]) -> Matrix:
        # Its lowest threshold above 0, so that it lists every pair that shares anything.
        finder = DuplicateFinder(threshold=1e-6, all_pairs_max=len(documents))
        scores = np.eye(len(documents))
        for i, j, similarity in finder.find([document.text for document in documents]).pairs:
            scores[i, j] = scores[j, i] = similarity
        return scores

    return Method(name, find, score)


def _nothing(corpora: Sequence[MiniCorpus]) -> list[Families]:
    return [frozenset() for _ in corpora]


def text_dedup_rule(python: str) -> Method:
    """text-dedup's MinHash command with its defaults, in an interpreter that has it."""
    name, code = "text-dedup", "import text_dedup.minhash; print(version('text-dedup'))"
    try:
        asked = subprocess.run(
            [python, "-c", f"from importlib.metadata import version; {code}"],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        return Method(name, _nothing, missing=f"{python} cannot be started: {error.strerror}")
    if asked.returncode:
        return Method(name, _nothing, missing="it is not installed in the interpreter given")
    return Method(
        name,
        lambda corpora: _text_dedup_families(corpora, python),
        version=asked.stdout.strip().splitlines()[-1],
    )


def _text_dedup_families(corpora: Sequence[MiniCorpus], python: str) -> list[Families]:
    """Its clusters in each collection.

    One run takes about a second, so all texts of all collections are clustered together first. Its
    clusters are connected by equal bands of two texts, whatever other texts there are: a collection
    with no two texts in one common cluster has none by itself, and only the others are run alone.
    """
    texts = list(dict.fromkeys(each.text for corpus in corpora for each in corpus.documents))
    clusters = _text_dedup_clusters([texts], python)[0]
    cluster_of = {texts[row]: number for number, rows in enumerate(clusters) for row in rows}
    doubtful = []
    for number, corpus in enumerate(corpora):
        numbers = [cluster_of[each.text] for each in corpus.documents if each.text in cluster_of]
        if len(numbers) > len(set(numbers)):
            doubtful.append(number)
    found = _nothing(corpora)
    alone = [[each.text for each in corpora[number].documents] for number in doubtful]
    for number, groups in zip(doubtful, _text_dedup_clusters(alone, python), strict=True):
        ids = [document.id for document in corpora[number].documents]
        found[number] = frozenset(frozenset(ids[row] for row in group) for group in groups)
    return found


def _text_dedup_clusters(
    collections: Sequence[Sequence[str]], python: str
) -> list[list[list[int]]]:
    """The rows of each cluster of two or more texts, for each collection."""
    if not collections:
        return []
    with tempfile.TemporaryDirectory() as folder:
        asked, answer = Path(folder, "asked.json"), Path(folder, "answer.json")
        asked.write_text(json.dumps(collections), encoding="utf-8")
        ended = subprocess.run(
            [python, "-m", "benchmarks.text_dedup_clusters", str(asked), str(answer)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode:
            lines = ended.stderr.strip().splitlines() or [f"exit code {ended.returncode}"]
            raise RuntimeError(f"text-dedup failed in {python}: {lines[-1]}")
        clusters: list[list[list[int]]] = json.loads(answer.read_text(encoding="utf-8"))
    return clusters


def rivals(texts: LabelledTexts, text_dedup_python: str) -> list[Method]:
    """All that dupdetect is judged beside, in the order of the tables.

    Args:
        texts: what prototype B is fitted on.
        text_dedup_python: an interpreter that may have text-dedup.
    """
    return [
        *(prototype_a(cut) for cut in _CUTS_A),
        prototype_b(fit_b(texts)),
        prototype_b_elsewhere(texts),
        *(jaccard_rule(threshold) for threshold in _THRESHOLDS),
        *(datasketch_rule(threshold) for threshold in _THRESHOLDS),
        text_dedup_rule(text_dedup_python),
        near_dupes_rule(None),
        near_dupes_rule(0.45),
    ]


def pair_rivals(texts: LabelledTexts, source: str) -> list[Method]:
    """Those of the rivals that score pairs, each score once.

    Args:
        texts: what prototype B is fitted on.
        source: the collection that pairs are judged against: B is fitted with and without it.
    """
    return [
        replace(prototype_a(_CUTS_A[0]), name="A"),
        prototype_b(fit_b(texts)),
        prototype_b_elsewhere(texts, source),
        replace(jaccard_rule(_THRESHOLDS[0]), name="Jaccard"),
        replace(datasketch_rule(_THRESHOLDS[0]), name="datasketch"),
        near_dupes_rule(None),
    ]
