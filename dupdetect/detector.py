"""From documents to a report: the stages in order, on one page.

    documents → prepared texts → exact copies → copies → recycled pairs → groups → report

Inside, a text is a row number. Documents are sorted by id first, so that no result depends on the
order in which they came. Exact copies are folded at once: the first of each group, its original,
goes through the stages and stands for the others until the report is assembled.
"""

from __future__ import annotations

import platform
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dupdetect import __version__
from dupdetect.assembly import Findings, assemble
from dupdetect.config import Config
from dupdetect.errors import InputError
from dupdetect.evidence.passages import SharedPassages, shared_passages
from dupdetect.match.copies import Copies, copy_relations, exact_groups, find_copies
from dupdetect.match.families import group_texts, is_recycled
from dupdetect.match.resemblance import Windows, cut_windows, propose_pairs, window_resemblance
from dupdetect.match.verify import verify_pairs
from dupdetect.results import Document, Documents, Pair, Relation, Report
from dupdetect.sketch.shingles import ShingleSets, word_shingles
from dupdetect.text.prepare import PreparedText, prepare


def detect(documents: Iterable[Document], config: Config | None = None) -> Report:
    """Which of these documents recycle which, with the evidence.

    The answer does not depend on the order of the documents. What `read_documents` skipped is
    carried into the report.

    Args:
        documents: documents with different ids, such as `read_documents` gives.
        config: settings; None: the defaults.

    Raises:
        InputError: two documents have the same id.
        TypeError: something is not a Document.

    >>> report = detect([Document("a", "One and the same."), Document("b", "One, and the SAME!")])
    >>> [(pair.a, pair.b, pair.relation) for pair in report.pairs]
    [('a', 'b', 'exact')]
    """
    config = config or Config()
    collection = _collection(documents)
    texts = [prepare(document, config.repair) for document in collection]

    folded = exact_groups([text.tokens.words for text in texts])
    originals = [texts[group[0]] for group in folded]
    words = [text.native_words for text in originals]
    shingles = word_shingles(words, config.near_duplicate.shingle_words)
    windows = cut_windows(words, config.recycled)

    copies = _find_copies(shingles, config)
    recycled = _find_recycled(originals, windows, copies, config)
    groups = group_texts(
        len(originals),
        copies=copies.pairs,
        recycled=recycled.pairs,
        resemblance=lambda pairs: window_resemblance(pairs, windows),
        rank=_rank(originals),
        threshold=config.recycled.threshold,
    )
    findings = Findings(
        relations={**copies.relations(), **recycled.relations()},
        groups=groups,
        passages=recycled.passages,
        counts={**copies.counts, **recycled.counts},
    )
    return assemble(
        collection, texts, folded, findings, shingles, windows, config, settings(config)
    )


def compare(a: Document | str, b: Document | str, config: Config | None = None) -> Pair:
    """Two texts, exactly compared; their passages are given whatever the relation.

    The relation is the one that `detect` gives the two alone.

    Args:
        a: the first text; a plain string gets the id "a".
        b: the second; a plain string gets the id "b".
        config: settings; None: the defaults.

    >>> pair = compare("Rain fell on the town all day.", "Rain fell on the town all night.")
    >>> pair.relation, pair.jaccard, [passage.kind for passage in pair.passages]
    ('distinct', 0.5, ['edited'])
    """
    config = config or Config()
    left = prepare(Document("a", a) if isinstance(a, str) else a, config.repair)
    right = prepare(Document("b", b) if isinstance(b, str) else b, config.repair)
    words = [left.native_words, right.native_words]
    both = np.array([[0, 1]])
    scores = verify_pairs(both, word_shingles(words, config.near_duplicate.shingle_words))
    resemblance = window_resemblance(both, cut_windows(words, config.recycled)).item()
    shared = shared_passages(left, right, config.evidence)

    relation: Relation = "distinct"
    if len(exact_groups([left.tokens.words, right.tokens.words])) == 1:
        relation = "exact"
    elif config.lens != "recycled":
        relation = copy_relations(scores, config.near_duplicate)[0]
    if relation == "distinct" and config.lens != "near-duplicate":
        long_enough = min(map(len, words)) >= config.recycled.min_tokens
        if long_enough and is_recycled(resemblance, len(shared.matches), config.recycled):
            relation = "recycled"
    return Pair(
        a=left.document.id,
        b=right.document.id,
        relation=relation,
        jaccard=scores.jaccard.item(),
        containment_a=scores.containment_a.item(),
        containment_b=scores.containment_b.item(),
        resemblance=resemblance,
        passages=shared.passages,
    )


def settings(config: Config) -> dict[str, object]:
    """What a result must name to be repeated: the configuration, its digest, and the versions."""
    packages = ("numpy", "scikit-learn", "datasketch", "ftfy")
    return {
        "digest": config.digest(),
        "lens": config.lens,
        "config": config.to_dict(),
        "versions": {
            "dupdetect": __version__,
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in packages},
            "unicode": unicodedata.unidata_version,
        },
    }


def _collection(documents: Iterable[Document]) -> Documents:
    """The documents by id, checked, with what was skipped on the way to them."""
    skipped = documents.skipped if isinstance(documents, Documents) else ()
    items = tuple(documents)
    for item in items:
        if not isinstance(item, Document):
            raise TypeError(
                f"detect() takes Documents, not {type(item).__name__}; "
                "make one with Document(id=..., text=...), or read files with read_documents(...)"
            )
    ordered = tuple(sorted(items, key=lambda document: document.id))
    for left, right in pairwise(ordered):
        if left.id == right.id:
            places = " and ".join(sorted(repr(each.source or "memory") for each in (left, right)))
            raise InputError(f"two documents have the id {left.id!r}: {places}; rename one of them")
    return Documents(ordered, skipped)


def _find_copies(shingles: ShingleSets, config: Config) -> Copies:
    if config.lens == "recycled":
        return Copies.none()
    return find_copies(shingles, config.near_duplicate, config.seed)


@dataclass(frozen=True, slots=True, eq=False)
class _Recycled:
    """Pairs that are alike beyond the threshold and proved by passages; what each step left."""

    pairs: NDArray[np.int64]
    passages: dict[tuple[int, int], SharedPassages] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def relations(self) -> dict[tuple[int, int], Relation]:
        return dict.fromkeys(self.passages, "recycled")


def _find_recycled(
    texts: Sequence[PreparedText], windows: Windows, copies: Copies, config: Config
) -> _Recycled:
    """Propose by MinHash-LSH, decide by exact resemblance, prove by passages."""
    none = np.empty((0, 2), dtype=np.int64)
    if config.lens == "near-duplicate":
        return _Recycled(none)
    n_tokens = np.array([len(text.native_rows) for text in texts], dtype=np.int64)
    judged = n_tokens >= config.recycled.min_tokens
    proposed = propose_pairs(windows, config.recycled, config.seed, judged=judged)
    known = copies.relations()
    new = [row for row, pair in enumerate(proposed.tolist()) if tuple(pair) not in known]
    candidates = proposed[new]
    scores = window_resemblance(candidates, windows)

    proved = []
    passages = {}
    above = scores >= config.recycled.threshold
    for (i, j), score in zip(candidates[above].tolist(), scores[above].tolist(), strict=True):
        shared = shared_passages(texts[i], texts[j], config.evidence)
        if is_recycled(score, len(shared.matches), config.recycled):
            proved.append((i, j))
            passages[i, j] = shared
    return _Recycled(
        np.array(proved, dtype=np.int64).reshape(-1, 2),
        passages,
        {
            "too_short_for_recycled": int((~judged).sum()),
            "recycled_candidates": len(candidates),
            "recycled_above_threshold": int(above.sum()),
            "recycled_proved": len(proved),
        },
    )


def _rank(texts: Sequence[PreparedText]) -> list[int]:
    """Which text to prefer as a keeper, lower first: the longest; then by text, then by id."""
    order = sorted(
        range(len(texts)),
        key=lambda row: (
            -len(texts[row].tokens),
            texts[row].document.text,
            texts[row].document.id,
        ),
    )
    ranks = [0] * len(texts)
    for rank, row in enumerate(order):
        ranks[row] = rank
    return ranks
