"""From documents to a report: the stages in order, on one page.

    documents → prepared texts → exact copies → copies → boilerplate → recycled → groups → report

Inside, a text is a row number. Rows are in the order of preference as a keeper, which is a matter
of content: so no tie is broken by the order in which documents came, or by their names. Exact
copies are folded at once: the first of each group, its original, goes through the stages and stands
for the others until the report is assembled.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dupdetect.assembly import Findings, Texts, assemble, overlap_values
from dupdetect.config import Config
from dupdetect.errors import InputError
from dupdetect.evidence.proof import Proof
from dupdetect.match.boilerplate import Found, find_boilerplate
from dupdetect.match.copies import Related, copy_relations, exact_groups, find_copies
from dupdetect.match.families import group_texts
from dupdetect.match.null import Null, shipped
from dupdetect.match.recycled import Recycled, find_recycled
from dupdetect.match.resemblance import resemblance_of
from dupdetect.match.verify import verify_pairs
from dupdetect.provenance import settings
from dupdetect.results import Document, Documents, Pair, Relation, Report
from dupdetect.sketch import engine
from dupdetect.sketch.engine import Kernel
from dupdetect.sketch.shingles import word_shingles
from dupdetect.text.prepare import PreparedText, prepare


def detect(
    documents: Iterable[Document],
    config: Config | None = None,
    *,
    kernel: Kernel = "auto",
    null: Null | None = None,
) -> Report:
    """Which of these documents recycle which, with the evidence.

    The answer does not depend on the order of the documents. What `read_documents` skipped is
    carried into the report.

    Args:
        documents: documents with different ids, such as `read_documents` gives.
        config: settings; None: the defaults.
        kernel: "numpy", "numba" (extra `fast`), or "auto": numba where the work repays its start.
            It changes nothing but the time; the settings of the report name it.
        null: what honest, independent writing has in common; None: the table that is shipped, for
            English. `dupdetect.reference.null_from` makes one from an archive of your own.

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
    boilerplate = find_boilerplate(texts.kept, copies.edges())
    recycled = _find_recycled(texts, copies, boilerplate, null or shipped(), config)
    groups = group_texts(
        len(texts.originals),
        copies=copies.links,
        families=recycled.decided if recycled else (),
    )
    findings = Findings(copies, boilerplate, recycled, groups)
    used = settings(config, engine.name(texts.kernels), recycled.null if recycled else None)
    return assemble(texts, findings, collection.skipped, config, used)


def compare(
    a: Document | str,
    b: Document | str,
    config: Config | None = None,
    *,
    null: Null | None = None,
) -> Pair:
    """Two texts, exactly compared; their passages are given whatever the relation.

    `detect` gives the two alone the same relation, unless its sketches miss a copy: the chance is
    `1 - recall` at the most.

    Args:
        a: the first text; a plain string gets the id "a".
        b: the second; a plain string gets the id "b".
        config: settings; None: the defaults.
        null: as in `detect`.

    Raises:
        TypeError: something is neither a Document nor a string.

    >>> pair = compare("Rain fell on the town all day.", "Rain fell on the town all night.")
    >>> pair.relation, pair.jaccard, [passage.kind for passage in pair.passages]
    ('distinct', 0.5, ['edited'])
    """
    config = _config(config)
    both = [
        prepare(
            Document(name, given) if isinstance(given, str) else _document(given), config.repair
        )
        for name, given in (("a", a), ("b", b))
    ]
    words = [text.tokens.words for text in both]
    pair = np.array([[0, 1]])
    shingles = word_shingles(words, config.near_duplicate.shingle_words)
    scores = verify_pairs(pair, shingles)
    proof = Proof(both, config)

    recycled = None
    if config.lens != "near-duplicate":
        recycled = find_recycled(
            both,
            Related.nothing(),
            find_boilerplate(both, ()),
            null or shipped(),
            config,
            proof.n_places,
            lambda pairs: verify_pairs(pairs, shingles).containment,
        )
    relation: Relation = "distinct"
    if len(exact_groups(words)) == 1:
        relation = "exact"
    elif config.lens != "recycled":
        relation = copy_relations(scores, config.near_duplicate)[0]
    if relation == "distinct" and recycled and recycled.related.relations:
        relation = recycled.related.relations[0]
    return Pair(
        a=both[0].document.id,
        b=both[1].document.id,
        relation=relation,
        jaccard=scores.jaccard.item(),
        containment_a=scores.containment_a.item(),
        containment_b=scores.containment_b.item(),
        resemblance=resemblance_of(pair, both, config.recycled).item(),
        passages=proof.passages(0, 1, relation),
        sentences_not_compared=proof.n_not_compared(0, 1),
        overlap=overlap_values(pair, recycled)[0] if recycled else None,
        sentences=proof.sentences(0, 1, relation),
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
    n_bytes = sum(len(text.document.text) for text in kept)
    return Texts(
        rows=rows,
        folded=folded,
        originals=originals,
        # The recycled lens steps over foreign-script runs, which farms insert as anchors; to a
        # copy, they are words like any others: two notices may differ in nothing but a name.
        shingles=word_shingles(words, config.near_duplicate.shingle_words),
        proof=Proof(rows, config),
        kernels=engine.load(kernel, n_bytes),
    )


def _find_copies(texts: Texts, config: Config) -> Related:
    if config.lens == "recycled":
        return Related.nothing()
    return find_copies(texts.shingles, config.near_duplicate, config.seed, texts.kernels)


def _find_recycled(
    texts: Texts, copies: Related, boilerplate: Found, null: Null, config: Config
) -> Recycled | None:
    """Own words against the null, proved by passages; None when the lens is not asked."""
    if config.lens == "near-duplicate":
        return None

    def n_places(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        return texts.proof.n_places(texts.originals[pairs])

    def containment(pairs: NDArray[np.int64]) -> NDArray[np.float64]:
        return verify_pairs(pairs, texts.shingles, texts.kernels).containment

    return find_recycled(texts.kept, copies, boilerplate, null, config, n_places, containment)


def _preference(text: PreparedText) -> tuple[int, int, int, str, str]:
    """Which text is the better keeper: the longer, with more sentences to quote, and less damaged.

    The id decides only between texts that are the same to the character.
    """
    n_sentences, n_repairs = len(text.tokens.sentences), len(text.repaired.repairs)
    document = text.document
    return (-len(text.tokens), -n_sentences, n_repairs, document.text, document.id)
