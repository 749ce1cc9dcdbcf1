"""From findings to a report: the one place where rows become ids.

In: the texts of one run, and what the stages found, on rows. Out: the Report, on ids, with all
evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from dupdetect.config import EvidenceConfig
from dupdetect.evidence.passages import PassageFinder
from dupdetect.evidence.phrases import shared_phrases
from dupdetect.evidence.signals import count_over_family, find_signals
from dupdetect.match.candidates import strongest_partners
from dupdetect.match.copies import Related
from dupdetect.match.families import Edge, Group
from dupdetect.match.resemblance import Windows, window_resemblance
from dupdetect.match.verify import verify_pairs
from dupdetect.results import (
    RELATIONS,
    DocumentReport,
    Family,
    Pair,
    Relation,
    Report,
    Signal,
    Skipped,
    strongest,
    weakest,
)
from dupdetect.sketch.shingles import ShingleSets
from dupdetect.text.prepare import PreparedText


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """The texts of one run, and what the stages look at.

    Attributes:
        rows: the documents, prepared; the better keeper before the worse.
        folded: rows of exact copies of one another; each row is in one of these groups.
        originals: the first row of each group. Its number in this array is the row of the text in
            everything below, and in the findings; shape (n_originals,).
        shingles: word shingles of the originals.
        windows: windows of the originals.
        passages: finds what two of `rows` share.
        kernels: the module that does the work; it changes nothing but the time.
    """

    rows: Sequence[PreparedText]
    folded: Sequence[tuple[int, ...]]
    originals: NDArray[np.int64]
    shingles: ShingleSets
    windows: Windows
    passages: PassageFinder
    kernels: ModuleType


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What the stages found; rows count originals.

    Attributes:
        copies: near-duplicates and contained texts.
        recycled: recycled pairs.
        groups: every original in one group.
    """

    copies: Related
    recycled: Related
    groups: Sequence[Group]


def assemble(
    texts: Texts,
    findings: Findings,
    skipped: tuple[Skipped, ...],
    config: EvidenceConfig,
    settings: Mapping[str, object],
) -> Report:
    """The report of one run.

    Args:
        texts: the texts.
        findings: what the stages found.
        skipped: inputs that gave no document.
        config: how much of the evidence is listed.
        settings: what ran, as it is shown.
    """
    pairs = _pairs(_listed_pairs(texts.folded, findings, config.max_partners), texts)
    families = _families(findings.groups, texts, pairs, config)
    counts = {
        "documents": len(texts.rows),
        "skipped": len(skipped),
        "exact_copies": len(texts.rows) - len(texts.folded),
        **findings.copies.counts,
        **findings.recycled.counts,
        "pairs": len(pairs),
        "pairs_not_listed": _n_related(texts.folded, findings) - len(pairs),
        "sentences_not_compared": texts.passages.n_not_compared,
        "families": len(families),
    }
    return Report(
        documents=_document_reports(texts.rows, pairs, families),
        pairs=pairs,
        families=families,
        skipped=skipped,
        counts=counts,
        settings=settings,
    )


@dataclass(frozen=True, slots=True)
class _Listed:
    """A pair to list: its rows in `texts`, the originals they stand for, its relation."""

    texts: Edge
    originals: Edge
    relation: Relation


def _listed_pairs(
    folded: Sequence[tuple[int, ...]], findings: Findings, max_partners: int
) -> list[_Listed]:
    """The pairs to list: of each text the strongest, and every one with a group's keeper.

    A thousand copies make half a million pairs, which nobody reads and no memory holds. Of a group
    of exact copies so many are listed with one another, and the others with the first; a pair of
    different texts is listed for each copy of the one with the first of the other.
    """
    listed = []
    for number, copies in enumerate(folded):
        shown, beyond = copies[:max_partners], copies[max_partners:]
        listed += [
            _Listed(edge, (number, number), "exact")
            for edge in [*combinations(shown, 2), *product(copies[:1], beyond)]
        ]
    keeper_of = {row: group.keeper for group in findings.groups for row in group.members}
    for found in (findings.copies, findings.recycled):
        shown_edges = strongest_partners(found.pairs, found.scores, max_partners).tolist()
        for (i, j), relation, is_shown in zip(
            found.edges(), found.relations, shown_edges, strict=True
        ):
            if is_shown or keeper_of[i] == j or keeper_of[j] == i:
                listed += [
                    _Listed((a, b), (i, j), relation)
                    for a, b in _star(folded[i][:max_partners], folded[j][:max_partners])
                ]
    return listed


def _star(left: Sequence[int], right: Sequence[int]) -> list[Edge]:
    """The first of each with all of the other."""
    return [(left[0], right[0]), *product(left[1:], right[:1]), *product(left[:1], right[1:])]


def _n_related(folded: Sequence[tuple[int, ...]], findings: Findings) -> int:
    """How many pairs there would be if every document were listed with everything."""
    among_copies = sum(len(copies) * (len(copies) - 1) // 2 for copies in folded)
    edges = [*findings.copies.edges(), *findings.recycled.edges()]
    return among_copies + sum(len(folded[i]) * len(folded[j]) for i, j in edges)


def _pairs(listed: Sequence[_Listed], texts: Texts) -> tuple[Pair, ...]:
    """The listed pairs with their scores and passages; of the two ids the lower is a."""
    ordered = [_by_id(each, texts.rows) for each in listed]
    originals = np.array([each.originals for each in ordered], dtype=np.int64).reshape(-1, 2)
    scores = verify_pairs(originals, texts.shingles)
    resemblances = window_resemblance(originals, texts.windows, texts.kernels)
    pairs = []
    for row, each in enumerate(ordered):
        shared = texts.passages.shared(*each.texts)
        pairs.append(
            Pair(
                a=texts.rows[each.texts[0]].document.id,
                b=texts.rows[each.texts[1]].document.id,
                relation=each.relation,
                jaccard=scores.jaccard[row].item(),
                containment_a=scores.containment_a[row].item(),
                containment_b=scores.containment_b[row].item(),
                resemblance=resemblances[row].item(),
                passages=shared.passages,
                sentences_not_compared=shared.n_not_compared,
            )
        )
    pairs.sort(key=lambda p: (RELATIONS.index(p.relation), -deciding_score(p), p.a, p.b))
    return tuple(pairs)


def _by_id(pair: _Listed, rows: Sequence[PreparedText]) -> _Listed:
    (a, b), (i, j) = pair.texts, pair.originals
    if rows[a].document.id < rows[b].document.id:
        return pair
    return _Listed((b, a), (j, i), pair.relation)


def deciding_score(pair: Pair) -> float:
    """The score that a pair's relation rests on, in [0, 1]."""
    if pair.relation in ("exact", "near-duplicate"):
        return pair.jaccard
    if pair.relation == "contained":
        return max(pair.containment_a, pair.containment_b)
    return pair.resemblance


def _families(
    groups: Sequence[Group], texts: Texts, pairs: Sequence[Pair], config: EvidenceConfig
) -> tuple[Family, ...]:
    """Groups of two or more documents, largest first, then by first member."""
    found = [
        _Members(
            sorted(
                (texts.rows[row] for member in group.members for row in texts.folded[member]),
                key=lambda text: text.document.id,
            ),
            keeper=texts.rows[texts.originals[group.keeper]].document.id,
            recycled=group.recycled,
        )
        for group in groups
    ]
    found = [each for each in found if len(each.texts) > 1]
    found.sort(key=lambda each: (-len(each.texts), each.ids))
    inside = _pairs_within([each.ids for each in found], pairs)
    return tuple(
        _family(f"family-{number}", members, of_family, config)
        for number, (members, of_family) in enumerate(zip(found, inside, strict=True), start=1)
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Members:
    """The members of one family, sorted by id."""

    texts: list[PreparedText]
    keeper: str
    recycled: bool

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(text.document.id for text in self.texts)


def _pairs_within(families: Sequence[tuple[str, ...]], pairs: Sequence[Pair]) -> list[list[Pair]]:
    """The pairs inside each family."""
    family_of = {id: number for number, ids in enumerate(families) for id in ids}
    inside: list[list[Pair]] = [[] for _ in families]
    for pair in pairs:
        number = family_of.get(pair.a)
        if number is not None and number == family_of.get(pair.b):
            inside[number].append(pair)
    return inside


def _family(id: str, members: _Members, pairs: Sequence[Pair], config: EvidenceConfig) -> Family:
    links = [pair.relation for pair in pairs if members.keeper in (pair.a, pair.b)]
    relation: Relation = "recycled" if members.recycled else weakest(links)
    phrases, n_phrases = shared_phrases(members.texts, config) if relation != "exact" else ((), 0)
    return Family(
        id=id,
        relation=relation,
        members=members.ids,
        keeper=members.keeper,
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
        for text in sorted(texts, key=lambda text: text.document.id)
        for document in [text.document]
    )
