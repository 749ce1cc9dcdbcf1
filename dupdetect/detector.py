"""From documents to a report: the stages in order, on one page.

    documents → prepared texts → exact copies → copies → recycled pairs → groups → report

Inside, a text is a row number. Rows are in the order of preference as a keeper, which is a matter
of content: so no tie is broken by the order in which documents came, or by their names. Exact
copies are folded at once: the first of each group, its original, goes through the stages and stands
for the others until the report is assembled.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from dupdetect.assembly import Findings, Texts, assemble
from dupdetect.config import Config
from dupdetect.errors import InputError
from dupdetect.evidence.passages import PassageFinder, shared_passages
from dupdetect.match.candidates import strongest_partners
from dupdetect.match.copies import Related, copy_relations, exact_groups, find_copies
from dupdetect.match.families import group_texts, is_recycled
from dupdetect.match.resemblance import (
    cut_windows,
    kernels_for,
    propose_pairs,
    window_resemblance,
)
from dupdetect.match.verify import verify_pairs
from dupdetect.provenance import settings
from dupdetect.results import Document, Documents, Pair, Relation, Report
from dupdetect.sketch import engine
from dupdetect.sketch.engine import Kernel
from dupdetect.sketch.shingles import word_shingles
from dupdetect.text.prepare import PreparedText, prepare


def detect(
    documents: Iterable[Document], config: Config | None = None, *, kernel: Kernel = "auto"
) -> Report:
    """Which of these documents recycle which, with the evidence.

    The answer does not depend on the order of the documents. What `read_documents` skipped is
    carried into the report.

    Args:
        documents: documents with different ids, such as `read_documents` gives.
        config: settings; None: the defaults.
        kernel: "numpy", "numba" (extra `fast`), or "auto": numba where the work repays its start.
            It changes nothing but the time; the settings of the report name it.

    Raises:
        ConfigError: numba was asked for and is missing.
        InputError: two documents have the same id.
        TypeError: something is not a Document.

    >>> report = detect([Document("a", "One and the same."), Document("b", "One, and the SAME!")])
    >>> [(pair.a, pair.b, pair.relation) for pair in report.pairs]
    [('a', 'b', 'exact')]
    """
    config = _config(config)
    collection = _collection(documents)
    prepared = [prepare(document, config.repair) for document in collection]
    texts = _texts(prepared, config, kernel)

    copies = _find_copies(texts, config)
    recycled = _find_recycled(texts, copies, config)
    groups = group_texts(
        len(texts.originals),
        copies=copies.links,
        recycled=recycled.pairs,
        resemblance=lambda pairs: window_resemblance(pairs, texts.windows, texts.kernels),
        threshold=config.recycled.threshold,
    )
    findings = Findings(copies, recycled, groups)
    used = settings(config, engine.name(texts.kernels))
    return assemble(texts, findings, collection.skipped, config.evidence, used)


def compare(a: Document | str, b: Document | str, config: Config | None = None) -> Pair:
    """Two texts, exactly compared; their passages are given whatever the relation.

    `detect` gives the two alone the same relation, unless its sketches miss them: the chance is
    `1 - recall` at the most, for a recycled pair at the threshold.

    Args:
        a: the first text; a plain string gets the id "a".
        b: the second; a plain string gets the id "b".
        config: settings; None: the defaults.

    Raises:
        TypeError: something is neither a Document nor a string.

    >>> pair = compare("Rain fell on the town all day.", "Rain fell on the town all night.")
    >>> pair.relation, pair.jaccard, [passage.kind for passage in pair.passages]
    ('distinct', 0.5, ['edited'])
    """
    config = _config(config)
    left, right = (
        prepare(
            Document(name, given) if isinstance(given, str) else _document(given), config.repair
        )
        for name, given in (("a", a), ("b", b))
    )
    words = [left.tokens.words, right.tokens.words]
    both = np.array([[0, 1]])
    scores = verify_pairs(both, word_shingles(words, config.near_duplicate.shingle_words))
    windows = cut_windows([left.native_words, right.native_words], config.recycled)
    resemblance = window_resemblance(both, windows).item()
    shared = shared_passages(left, right, config.evidence)

    relation: Relation = "distinct"
    if len(exact_groups(words)) == 1:
        relation = "exact"
    elif config.lens != "recycled":
        relation = copy_relations(scores, config.near_duplicate)[0]
    if relation == "distinct" and config.lens != "near-duplicate":
        n_words = min(left.tokens.n_native_words, right.tokens.n_native_words)
        long_enough = n_words >= config.recycled.min_tokens
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
        sentences_not_compared=shared.n_not_compared,
    )


def _config(config: Config | None) -> Config:
    if config is not None and not isinstance(config, Config):
        raise TypeError(
            f"config is a {type(config).__name__}, not a Config; "
            "make one with Config(...) or Config.from_dict(...)"
        )
    return config or Config()


def _document(given: object) -> Document:
    if not isinstance(given, Document):
        raise TypeError(
            f"expected a Document, not {type(given).__name__}; "
            "make one with Document(id=..., text=...), or read files with read_documents(...)"
        )
    return given


def _collection(documents: Iterable[Document]) -> Documents:
    """The documents by id, checked, with what was skipped on the way to them."""
    skipped = documents.skipped if isinstance(documents, Documents) else ()
    if isinstance(documents, str | bytes) or not isinstance(documents, Iterable):
        _document(documents)
    items = tuple(map(_document, documents))
    ordered = tuple(sorted(items, key=lambda document: document.id))
    for left, right in pairwise(ordered):
        if left.id == right.id:
            places = sorted(repr(each.source or "in memory") for each in (left, right))
            message = f"two documents have the id {left.id!r}: {' and '.join(places)}"
            raise InputError(f"{message}; give one of them another id")
    return Documents(ordered, skipped)


def _texts(prepared: Iterable[PreparedText], config: Config, kernel: Kernel) -> Texts:
    """The texts in their order, exact copies folded, and what all stages look at."""
    rows = sorted(prepared, key=_preference)
    folded = exact_groups([text.tokens.words for text in rows])
    originals = np.array([group[0] for group in folded], dtype=np.int64)
    kept = [rows[row] for row in originals.tolist()]
    words = [text.tokens.words for text in kept]
    # The recycled lens steps over foreign-script runs, which farms insert as anchors; to a copy,
    # they are words like any others: two notices may differ in nothing but a name.
    windows = cut_windows([text.native_words for text in kept], config.recycled)
    return Texts(
        rows=rows,
        folded=folded,
        originals=originals,
        shingles=word_shingles(words, config.near_duplicate.shingle_words),
        windows=windows,
        passages=PassageFinder(rows, config.evidence),
        kernels=kernels_for(windows, kernel),
    )


def _find_copies(texts: Texts, config: Config) -> Related:
    if config.lens == "recycled":
        return Related.nothing()
    return find_copies(texts.shingles, config.near_duplicate, config.seed, texts.kernels)


def _find_recycled(texts: Texts, copies: Related, config: Config) -> Related:
    """Propose by MinHash-LSH, decide by exact resemblance, prove by passages."""
    if config.lens == "near-duplicate":
        return Related.nothing()
    n_words = np.array([texts.rows[row].tokens.n_native_words for row in texts.originals.tolist()])
    judged = n_words >= config.recycled.min_tokens
    proposed = propose_pairs(texts.windows, config.recycled, config.seed, judged=judged)
    known = set(copies.edges())
    new = [row for row, edge in enumerate(map(tuple, proposed.tolist())) if edge not in known]
    candidates = proposed[new]
    scores = window_resemblance(candidates, texts.windows, texts.kernels)
    above = scores >= config.recycled.threshold
    candidates, scores = candidates[above], scores[above]
    examined = strongest_partners(candidates, scores, config.evidence.max_partners)

    proved = [
        row
        for row in np.flatnonzero(examined).tolist()
        if is_recycled(
            scores[row].item(),
            len(texts.passages.shared(*texts.originals[candidates[row]].tolist()).matches),
            config.recycled,
        )
    ]
    relations: list[Relation] = ["recycled"] * len(proved)
    return Related(
        pairs=candidates[proved],
        relations=tuple(relations),
        scores=scores[proved],
        counts={
            "too_short_for_recycled": int((~judged).sum()),
            "recycled_candidates": len(new),
            "recycled_above_threshold": len(candidates),
            "recycled_not_examined": len(candidates) - int(examined.sum()),
            "recycled_proved": len(proved),
        },
    )


def _preference(text: PreparedText) -> tuple[int, int, int, str, str]:
    """Which text is the better keeper: the longer, with more sentences to quote, and less damaged.

    The id decides only between texts that are the same to the character.
    """
    n_sentences, n_repairs = len(text.tokens.sentences), len(text.repaired.repairs)
    document = text.document
    return (-len(text.tokens), -n_sentences, n_repairs, document.text, document.id)
