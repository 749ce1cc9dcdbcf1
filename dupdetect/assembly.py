"""From findings to a report: the one place where rows become ids.

In: what the stages found, on rows of originals. Out: the Report, on ids, with all evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from dupdetect.config import Config, EvidenceConfig
from dupdetect.evidence.passages import SharedPassages, shared_passages
from dupdetect.evidence.phrases import shared_phrases
from dupdetect.evidence.signals import count_over_family, find_signals
from dupdetect.match.families import Group
from dupdetect.match.resemblance import Windows, window_resemblance
from dupdetect.match.verify import verify_pairs
from dupdetect.results import (
    RELATIONS,
    DocumentReport,
    Documents,
    Family,
    Pair,
    Relation,
    Report,
    Signal,
    strongest,
    weakest,
)
from dupdetect.sketch.shingles import ShingleSets
from dupdetect.text.prepare import PreparedText

Edge = tuple[int, int]

# Of one group of exact copies, so many are listed with everything that they relate to; the others
# with the first of their group only. A thousand copies would make half a million pairs.
MAX_COPIES_LISTED = 20


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What the stages found; rows count originals.

    Attributes:
        relations: each related pair of different texts, i < j.
        groups: every original in one group.
        passages: passages that were needed to decide, by pair.
        counts: what each stage did.
    """

    relations: Mapping[Edge, Relation]
    groups: Sequence[Group]
    passages: Mapping[Edge, SharedPassages]
    counts: Mapping[str, int]


def assemble(
    collection: Documents,
    texts: Sequence[PreparedText],
    folded: Sequence[tuple[int, ...]],
    findings: Findings,
    shingles: ShingleSets,
    windows: Windows,
    config: Config,
    settings: Mapping[str, object],
) -> Report:
    """The report of one run.

    Args:
        collection: the documents, sorted by id, and what was skipped.
        texts: the same documents, prepared.
        folded: rows of `texts` that are exact copies of one another; the first of each group is
            the original, and its number here is its row in the findings.
        findings: what the stages found.
        shingles: word shingles of the originals.
        windows: windows of the originals.
        config: the settings that ran.
        settings: the same as they are shown.
    """
    listed = list(_listed_pairs(folded, findings.relations))
    pairs, n_not_compared = _pairs(
        listed, texts, folded, findings, shingles, windows, config.evidence
    )
    families = _families(findings.groups, folded, texts, pairs, config.evidence)
    counts = {
        "documents": len(texts),
        "skipped": len(collection.skipped),
        "exact_copies": len(texts) - len(folded),
        **findings.counts,
        "pairs": len(pairs),
        "pairs_of_copies_not_listed": _n_related(folded, findings.relations) - len(pairs),
        "sentences_not_compared": n_not_compared,
        "families": len(families),
    }
    return Report(
        documents=_document_reports(texts, pairs, families),
        pairs=pairs,
        families=families,
        skipped=collection.skipped,
        counts=counts,
        settings=settings,
    )


def _listed_pairs(
    folded: Sequence[tuple[int, ...]], relations: Mapping[Edge, Relation]
) -> Iterator[tuple[Edge, Edge, Relation]]:
    """Each pair to list: its rows in `texts`, its originals, its relation."""
    for number, copies in enumerate(folded):
        listed = copies[:MAX_COPIES_LISTED]
        beyond = copies[MAX_COPIES_LISTED:]
        for pair in [*combinations(listed, 2), *product(copies[:1], beyond)]:
            yield pair, (number, number), "exact"
    for (i, j), relation in relations.items():
        for a, b in product(folded[i][:MAX_COPIES_LISTED], folded[j][:MAX_COPIES_LISTED]):
            yield ((a, b), (i, j), relation) if a < b else ((b, a), (j, i), relation)


def _n_related(folded: Sequence[tuple[int, ...]], relations: Mapping[Edge, Relation]) -> int:
    """How many pairs there would be if every copy were listed with everything."""
    among_copies = sum(len(copies) * (len(copies) - 1) // 2 for copies in folded)
    return among_copies + sum(len(folded[i]) * len(folded[j]) for i, j in relations)


def _pairs(
    listed: Sequence[tuple[Edge, Edge, Relation]],
    texts: Sequence[PreparedText],
    folded: Sequence[tuple[int, ...]],
    findings: Findings,
    shingles: ShingleSets,
    windows: Windows,
    config: EvidenceConfig,
) -> tuple[tuple[Pair, ...], int]:
    """The listed pairs with their scores and passages; and the sentences not compared for them."""
    numbers = np.array([originals for _, originals, _ in listed], dtype=np.int64).reshape(-1, 2)
    scores = verify_pairs(numbers, shingles)
    resemblances = window_resemblance(numbers, windows)
    pairs = []
    n_not_compared = 0
    for row, ((a, b), (i, j), relation) in enumerate(listed):
        known = findings.passages.get((i, j)) if (folded[i][0], folded[j][0]) == (a, b) else None
        shared = known or shared_passages(texts[a], texts[b], config)
        n_not_compared += shared.n_not_compared
        pairs.append(
            Pair(
                a=texts[a].document.id,
                b=texts[b].document.id,
                relation=relation,
                jaccard=scores.jaccard[row].item(),
                containment_a=scores.containment_a[row].item(),
                containment_b=scores.containment_b[row].item(),
                resemblance=resemblances[row].item(),
                passages=shared.passages,
            )
        )
    pairs.sort(key=lambda p: (RELATIONS.index(p.relation), -deciding_score(p), p.a, p.b))
    return tuple(pairs), n_not_compared


def deciding_score(pair: Pair) -> float:
    """The score that a pair's relation rests on, in [0, 1]."""
    if pair.relation in ("exact", "near-duplicate"):
        return pair.jaccard
    if pair.relation == "contained":
        return max(pair.containment_a, pair.containment_b)
    return pair.resemblance


def _families(
    groups: Sequence[Group],
    folded: Sequence[tuple[int, ...]],
    texts: Sequence[PreparedText],
    pairs: Sequence[Pair],
    config: EvidenceConfig,
) -> tuple[Family, ...]:
    """Groups of two or more documents, largest first, then by first member."""
    found = []
    for group in groups:
        rows = sorted(row for member in group.members for row in folded[member])
        if len(rows) > 1:
            found.append((rows, folded[group.keeper][0], group.recycled))
    found.sort(key=lambda each: (-len(each[0]), each[0]))
    pairs_of = _pairs_within(found, texts, pairs)
    return tuple(
        _family(
            f"family-{number}",
            [texts[row] for row in rows],
            texts[keeper],
            recycled,
            inside,
            config,
        )
        for number, ((rows, keeper, recycled), inside) in enumerate(
            zip(found, pairs_of, strict=True), start=1
        )
    )


def _pairs_within(
    found: Sequence[tuple[list[int], int, bool]],
    texts: Sequence[PreparedText],
    pairs: Sequence[Pair],
) -> list[list[Pair]]:
    """The pairs inside each family."""
    family_of = {
        texts[row].document.id: number for number, (rows, _, _) in enumerate(found) for row in rows
    }
    inside: list[list[Pair]] = [[] for _ in found]
    for pair in pairs:
        number = family_of.get(pair.a)
        if number is not None and number == family_of.get(pair.b):
            inside[number].append(pair)
    return inside


def _family(
    id: str,
    members: Sequence[PreparedText],
    keeper: PreparedText,
    recycled: bool,
    pairs: Sequence[Pair],
    config: EvidenceConfig,
) -> Family:
    kept = keeper.document.id
    links: list[Relation] = [pair.relation for pair in pairs if kept in (pair.a, pair.b)]
    relation: Relation = "recycled" if recycled else weakest(links)
    phrases, n_phrases = shared_phrases(members, config) if relation != "exact" else ((), 0)
    return Family(
        id=id,
        relation=relation,
        members=tuple(member.document.id for member in members),
        keeper=kept,
        cohesion=sum(map(deciding_score, pairs)) / len(pairs),
        phrases=phrases,
        n_phrases=n_phrases,
    )


def _document_reports(
    texts: Sequence[PreparedText], pairs: Sequence[Pair], families: Sequence[Family]
) -> tuple[DocumentReport, ...]:
    relations: dict[str, list[Relation]] = {}
    for pair in pairs:
        relations.setdefault(pair.a, []).append(pair.relation)
        relations.setdefault(pair.b, []).append(pair.relation)
    family_of = {member: family.id for family in families for member in family.members}
    signals: dict[str, tuple[Signal, ...]] = {
        text.document.id: find_signals(text) for text in texts
    }
    for family in families:
        signals |= count_over_family(signals, family.members, family.id)
    return tuple(
        DocumentReport(
            id=document.id,
            source=document.source,
            encoding=document.encoding,
            text=document.text,
            n_chars=len(document.text),
            n_tokens=len(text.tokens),
            relation=strongest(relations.get(document.id, [])),
            family=family_of.get(document.id),
            repairs=text.repaired.repairs,
            signals=signals[document.id],
        )
        for text in texts
        for document in [text.document]
    )
