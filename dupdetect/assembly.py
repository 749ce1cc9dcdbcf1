"""From findings to a report: the one place where rows become ids.

In: the texts of one run, and what the stages found, on rows. Out: the Report, on ids, with all
evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from dupdetect.config import Config, EvidenceConfig
from dupdetect.evidence.collation import collate
from dupdetect.evidence.coverage import family_coverage
from dupdetect.evidence.phrases import shared_phrases
from dupdetect.evidence.proof import Proof
from dupdetect.evidence.sentences import n_sentences_left_out
from dupdetect.evidence.signals import align_over_family, count_over_family, find_signals
from dupdetect.match.boilerplate import Found, boilerplate_results
from dupdetect.match.candidates import strongest_partners
from dupdetect.match.copies import Related
from dupdetect.match.distribution import Heat, distribution
from dupdetect.match.families import Group, Level, RecycledFamily
from dupdetect.match.null import score_table
from dupdetect.match.overlap import overlaps, shared_words
from dupdetect.match.recycled import Recycled
from dupdetect.match.resemblance import resemblance_of
from dupdetect.match.verify import verify_pairs
from dupdetect.results import (
    RELATIONS,
    Coverage,
    DocumentReport,
    Family,
    HeatMap,
    Overlap,
    Pair,
    Passage,
    Relation,
    Report,
    Reuse,
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
        proof: finds what two of `rows` share.
        kernels: the module that does the work; it changes nothing but the time.
    """

    rows: Sequence[PreparedText]
    folded: Sequence[tuple[int, ...]]
    originals: NDArray[np.int64]
    shingles: ShingleSets
    proof: Proof
    kernels: ModuleType

    @property
    def kept(self) -> list[PreparedText]:
        """The text of each original, in their order."""
        return [self.rows[row] for row in self.originals.tolist()]


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What the stages found; rows count originals.

    Attributes:
        copies: near-duplicates and contained texts.
        boilerplate: notices that many carry.
        recycled: recycled families and pairs; None: not asked.
        groups: every original in one group.
    """

    copies: Related
    boilerplate: Found
    recycled: Recycled | None
    groups: Sequence[Group]

    @property
    def related(self) -> list[Related]:
        """The pairs of each lens that was asked."""
        return [self.copies, *([self.recycled.related] if self.recycled else [])]


def assemble(
    texts: Texts,
    findings: Findings,
    skipped: tuple[Skipped, ...],
    config: Config,
    settings: Mapping[str, object],
) -> Report:
    """The report of one run.

    Args:
        texts: the texts.
        findings: what the stages found.
        skipped: inputs that gave no document.
        config: the settings.
        settings: what ran, as it is shown.
    """
    evidence = config.evidence
    pairs = _pairs(_listed_pairs(texts.folded, findings, evidence), texts, findings, config)
    families = _families(findings, texts, pairs, evidence)
    reviews = _reviews(findings, texts, pairs, evidence)
    original_ids = [text.document.id for text in texts.kept]
    recycled = findings.recycled
    drawn = distribution(recycled, config.recycled.level) if recycled else None
    counts = {
        "documents": len(texts.rows),
        "skipped": len(skipped),
        "exact_copies": len(texts.rows) - len(texts.folded),
        **{name: n for each in findings.related for name, n in each.counts.items()},
        "pairs": len(pairs),
        "pairs_not_listed": _n_related(texts.folded, findings) - len(pairs),
        "sentences_not_compared": sum(n_sentences_left_out(text, evidence) for text in texts.rows),
        "boilerplate": len(findings.boilerplate.units),
        "families": len(families),
        "reviews": len(reviews),
    }
    return Report(
        documents=_document_reports(texts, findings, families),
        pairs=pairs,
        families=families,
        skipped=skipped,
        counts=counts,
        settings=settings,
        reviews=reviews,
        boilerplate=boilerplate_results(findings.boilerplate, original_ids),
        histogram=drawn.histogram if drawn else None,
        heat_map=_heat_map(drawn.heat, texts) if drawn else None,
    )


Edge = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Listed:
    """A pair to list: its rows in `texts`, the originals they stand for, its relation."""

    texts: Edge
    originals: Edge
    relation: Relation


def _listed_pairs(
    folded: Sequence[tuple[int, ...]], findings: Findings, config: EvidenceConfig
) -> list[_Listed]:
    """The pairs to list: of each text the strongest, and every one with a group's keeper.

    A thousand copies make half a million pairs, which nobody reads and no memory holds. Of a group
    of exact copies so many are listed with one another, and the others with the first; a pair of
    different texts is listed for each copy of the one with the first of the other. Of the recycled
    lens's pairs in no family the strongest of the whole collection are listed.
    """
    listed = []
    limit = config.max_partners
    for number, copies in enumerate(folded):
        shown, beyond = copies[:limit], copies[limit:]
        listed += [
            _Listed(edge, (number, number), "exact")
            for edge in [*combinations(shown, 2), *product(copies[:1], beyond)]
        ]
    keeper_of = np.arange(len(folded))
    for group in findings.groups:
        keeper_of[list(group.members)] = group.keeper
    in_family = np.array(
        [edge for each in findings.recycled.families for edge in each.pairs.tolist()]
        if findings.recycled
        else [],
        dtype=np.int64,
    ).reshape(-1, 2)
    for found in findings.related:
        i, j = found.pairs[:, 0], found.pairs[:, 1]
        is_shown = (keeper_of[i] == j) | (keeper_of[j] == i)
        is_loose = np.zeros(len(found.pairs), dtype=np.bool_)
        if found is not findings.copies:
            is_loose = ~np.isin(i * len(folded) + j, in_family @ (len(folded), 1))
        for rows in (np.flatnonzero(~is_loose), _strongest_loose(found, is_loose, config)):
            is_shown[rows] |= strongest_partners(found.pairs[rows], found.scores[rows], limit)
        for row in np.flatnonzero(is_shown).tolist():
            edge = int(i[row]), int(j[row])
            listed += [
                _Listed(texts, edge, found.relations[row])
                for texts in _star(*(folded[each][:limit] for each in edge))
            ]
    return listed


def _strongest_loose(
    found: Related, is_loose: NDArray[np.bool_], config: EvidenceConfig
) -> NDArray[np.int64]:
    """The pairs outside families that are listed: those for review first, then by score."""
    rows = np.flatnonzero(is_loose)
    ranks = np.array([RELATIONS.index(found.relations[row]) for row in rows.tolist()])
    order = np.lexsort((-found.scores[rows], ranks))
    strongest: NDArray[np.int64] = rows[order[: config.max_loose_pairs]]
    return strongest


def _star(left: Sequence[int], right: Sequence[int]) -> list[Edge]:
    """The first of each with all of the other."""
    return [(left[0], right[0]), *product(left[1:], right[:1]), *product(left[:1], right[1:])]


def _n_related(folded: Sequence[tuple[int, ...]], findings: Findings) -> int:
    """How many pairs there would be if every document were listed with everything."""
    among_copies = sum(len(copies) * (len(copies) - 1) // 2 for copies in folded)
    edges = [edge for found in findings.related for edge in found.edges()]
    return among_copies + sum(len(folded[i]) * len(folded[j]) for i, j in edges)


def _pairs(
    listed: Sequence[_Listed], texts: Texts, findings: Findings, config: Config
) -> tuple[Pair, ...]:
    """The listed pairs with their scores and passages; of the two ids the lower is a."""
    ordered = [_by_id(each, texts.rows) for each in listed]
    originals = np.array([each.originals for each in ordered], dtype=np.int64).reshape(-1, 2)
    scores = verify_pairs(originals, texts.shingles)
    resemblances = resemblance_of(originals, texts.kept, config.recycled, texts.kernels)
    shared = overlap_values(originals, findings.recycled)
    pairs = [
        Pair(
            a=texts.rows[each.texts[0]].document.id,
            b=texts.rows[each.texts[1]].document.id,
            relation=each.relation,
            jaccard=scores.jaccard[row].item(),
            containment_a=scores.containment_a[row].item(),
            containment_b=scores.containment_b[row].item(),
            resemblance=resemblances[row].item(),
            passages=texts.proof.passages(*each.texts, each.relation),
            sentences_not_compared=texts.proof.n_not_compared(*each.texts),
            overlap=shared[row],
            sentences=texts.proof.sentences(*each.texts, each.relation),
        )
        for row, each in enumerate(ordered)
    ]
    pairs.sort(key=lambda p: (RELATIONS.index(p.relation), -_rank(p), p.a, p.b))
    return tuple(pairs)


# Own words of a pair that are listed; all are counted.
_MAX_WORDS = 100


def overlap_values(pairs: NDArray[np.int64], recycled: Recycled | None) -> list[Overlap | None]:
    """What the recycled lens measured of each pair; nothing where it did not run."""
    if recycled is None:
        return [None] * len(pairs)
    null, judged = recycled.null, [not reason for reason in recycled.not_judged]
    found = overlaps(pairs, recycled.wording, null.expected_rate)
    scores = found.scores
    return [
        Overlap(
            shared_words=found.shared_words[row].item(),
            expected_words=found.expected_words[row].item(),
            shared_facts=found.shared_facts[row].item(),
            closeness=found.closeness[row].item(),
            surplus=found.surplus[row].item(),
            distance=found.distance[row].item(),
            brevity=found.brevity[row].item(),
            score=scores[row].item(),
            p=null.pair_p(scores[row].item()) if judged[a] and judged[b] else None,
            words=shared_words(a, b, recycled.wording)[:_MAX_WORDS],
        )
        for row, (a, b) in enumerate(pairs.tolist())
    ]


def _by_id(pair: _Listed, rows: Sequence[PreparedText]) -> _Listed:
    (a, b), (i, j) = pair.texts, pair.originals
    if rows[a].document.id < rows[b].document.id:
        return pair
    return _Listed((b, a), (j, i), pair.relation)


def _rank(pair: Pair) -> float:
    """What pairs of one relation are ordered by: of those that own words relate, their score."""
    if pair.relation in ("recycled", "review", "same-story") and pair.overlap is not None:
        return pair.overlap.score
    return deciding_score(pair)


def deciding_score(pair: Pair) -> float:
    """The score that a pair's relation rests on, in [0, 1]."""
    if pair.relation in ("exact", "near-duplicate"):
        return pair.jaccard
    if pair.relation == "contained":
        return max(pair.containment_a, pair.containment_b)
    return pair.resemblance


def _families(
    findings: Findings, texts: Texts, pairs: Sequence[Pair], config: EvidenceConfig
) -> tuple[Family, ...]:
    """Groups of two or more documents, largest first, then by first member."""
    found = [
        _members(group.members, group.keeper, group.family, texts, findings.recycled)
        for group in findings.groups
    ]
    return _listed_families("family", found, texts, pairs, config)


def _reviews(
    findings: Findings, texts: Texts, pairs: Sequence[Pair], config: EvidenceConfig
) -> tuple[Family, ...]:
    """The groups that are for a person to decide, largest first, then by first member."""
    if findings.recycled is None:
        return ()
    found = [
        _members(family.members, family.central, family, texts, findings.recycled)
        for family in findings.recycled.reviews
    ]
    return _listed_families("review", found, texts, pairs, config)


def _listed_families(
    name: str,
    found: Sequence[_Members],
    texts: Texts,
    pairs: Sequence[Pair],
    config: EvidenceConfig,
) -> tuple[Family, ...]:
    ordered = [each for each in found if len(each.texts) > 1]
    ordered.sort(key=lambda each: (-len(each.texts), each.ids))
    inside = _pairs_within([each.ids for each in ordered], pairs)
    return tuple(
        _family(f"{name}-{number}", members, of_family, texts, config)
        for number, (members, of_family) in enumerate(zip(ordered, inside, strict=True), start=1)
    )


def _members(
    members: Sequence[int],
    keeper: int,
    family: RecycledFamily | None,
    texts: Texts,
    recycled: Recycled | None,
) -> _Members:
    """A group of originals with their exact copies, by id."""
    rows = [row for member in members for row in texts.folded[member]]
    rows.sort(key=lambda row: texts.rows[row].document.id)
    return _Members(
        rows=rows,
        texts=[texts.rows[row] for row in rows],
        keeper=texts.rows[texts.originals[keeper]].document.id,
        level=None if family is None else family.level,
        reuse=None if family is None or recycled is None else _reuse(family, texts, recycled),
    )


def _reuse(family: RecycledFamily, texts: Texts, recycled: Recycled) -> Reuse:
    rows = np.array(family.members, dtype=np.int64)
    i, j = np.triu_indices(len(rows), 1)
    null = recycled.null
    found = overlaps(np.column_stack((rows[i], rows[j])), recycled.wording, null.expected_rate)
    means = score_table(rows, recycled.wording, null.expected_rate).sum(axis=0) / (len(rows) - 1)
    weakest = int(np.argmin(np.round(means, 9)))
    return Reuse(
        p=family.p,
        p_adjusted=family.p_adjusted,
        evidence=family.evidence,
        n_on_subject=family.n_on_subject,
        shared_words=float(found.shared_words.mean()),
        expected_words=float(found.expected_words.mean()),
        weakest=texts.rows[texts.originals[rows[weakest]]].document.id,
        weakest_score=float(means[weakest]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Members:
    """The members of one family, sorted by id, with their rows among all documents."""

    rows: list[int]
    texts: list[PreparedText]
    keeper: str
    level: Level | None
    reuse: Reuse | None

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


def _family(
    id: str, members: _Members, pairs: Sequence[Pair], texts: Texts, config: EvidenceConfig
) -> Family:
    links = [pair.relation for pair in pairs if members.keeper in (pair.a, pair.b)]
    relation = weakest(links) if members.level is None else _RELATION_OF[members.level]
    phrases, n_phrases = shared_phrases(members.texts, config) if relation != "exact" else ((), 0)
    compared = _compared(members, pairs, relation, texts, config)
    # Of a group for review, too, by sentences: they are what it is to be decided on.
    alike = {edge: texts.proof.passages(*edge, "recycled") for edge in compared}
    collations, n_collations = collate(
        texts.rows,
        compared,
        lambda a, b: alike[a, b],
        config,
        differing_first=members.level is None,
    )
    n_collated = len({row for edge in compared for row in edge})
    return Family(
        id=id,
        relation=relation,
        members=members.ids,
        keeper=members.keeper,
        cohesion=sum(map(deciding_score, pairs)) / len(pairs),
        phrases=phrases,
        n_phrases=n_phrases,
        reuse=members.reuse,
        coverage=_coverage(members, alike, texts, config) if members.reuse else (),
        collations=collations,
        n_collations=n_collations,
        n_not_collated=len(members.rows) - n_collated if relation != "exact" else 0,
    )


_RELATION_OF: dict[Level, Relation] = {"decided": "recycled", "review": "review"}


def _compared(
    members: _Members,
    pairs: Sequence[Pair],
    relation: Relation,
    texts: Texts,
    config: EvidenceConfig,
) -> list[Edge]:
    """Of a family, the rows whose sentences are shown side by side, the lower one first.

    Of recycled texts those of all listed pairs. Copies say the same all over: of them those of the
    keeper with the best others, and none where every word is the same.
    """
    row_of = dict(zip(members.ids, members.rows, strict=True))
    if members.level is not None:
        edges = [(row_of[pair.a], row_of[pair.b]) for pair in pairs]
        return [(min(edge), max(edge)) for edge in edges]
    if relation == "exact":
        return []
    keeper = row_of[members.keeper]
    others = np.sort([row for row in members.rows if row != keeper])
    # Exact copies of a member come last: they have nothing to show that it does not.
    others = others[np.argsort(~np.isin(others, texts.originals), kind="stable")]
    chosen = others[: config.max_partners - 1].tolist()
    return [(min(keeper, row), max(keeper, row)) for row in chosen]


def _coverage(
    members: _Members,
    alike: Mapping[Edge, Sequence[Passage]],
    texts: Texts,
    config: EvidenceConfig,
) -> tuple[Coverage, ...]:
    """How much of each member stayed in sentences of the listed pairs, and in which others."""
    spans: dict[Edge, list[tuple[int, int]]] = {}
    partners: dict[int, list[int]] = {row: [] for row in members.rows}
    for (a, b), passages in alike.items():
        runs = [run for each in passages for run in each.runs]
        spans[a, b] = [(a_start, a_end) for a_start, a_end, _, _ in runs]
        spans[b, a] = [(b_start, b_end) for _, _, b_start, b_end in runs]
        partners[a].append(b)
        partners[b].append(a)
    return family_coverage(
        texts.rows,
        members.rows,
        lambda a, b: spans.get((a, b), []),
        config.max_partners,
        partners,
    )


def _heat_map(heat: Heat, texts: Texts) -> HeatMap:
    """A heat map by id; an original stands for its copies."""
    ids = tuple(texts.rows[texts.originals[row]].document.id for row in heat.rows)
    return HeatMap(ids, heat.scores, len(texts.rows) - len(ids))


def _strongest_relations(texts: Texts, findings: Findings) -> dict[str, Relation]:
    """The strongest relation that was found of each document, whether its pair is listed or not."""
    found: list[set[Relation]] = [{"exact"} if copies[1:] else set() for copies in texts.folded]
    for related in findings.related:
        for (i, j), relation in zip(related.edges(), related.relations, strict=True):
            found[i].add(relation)
            found[j].add(relation)
    return {
        texts.rows[row].document.id: strongest(tuple(relations))
        for copies, relations in zip(texts.folded, found, strict=True)
        for row in copies
    }


def _document_reports(
    texts: Texts, findings: Findings, families: Sequence[Family]
) -> tuple[DocumentReport, ...]:
    relations = _strongest_relations(texts, findings)
    family_of = {member: family.id for family in families for member in family.members}
    return tuple(
        DocumentReport(
            id=document.id,
            source=document.source,
            encoding=document.encoding,
            text=document.text,
            n_chars=len(document.text),
            n_tokens=len(text.tokens),
            relation=relations[document.id],
            family=family_of.get(document.id),
            repairs=text.repaired.repairs,
            signals=signals,
            not_judged=reason,
        )
        for text, signals, reason in _told(texts, findings, families)
        for document in [text.document]
    )


def _told(
    texts: Texts, findings: Findings, families: Sequence[Family]
) -> Iterator[tuple[PreparedText, tuple[Signal, ...], str]]:
    """Each text by id, with its signals, and why the recycled lens did not judge it."""
    signals = {text.document.id: find_signals(text) for text in texts.rows}
    by_id = {text.document.id: text for text in texts.rows}
    for family in families:
        signals |= count_over_family(signals, family.members, family.id)
        signals |= align_over_family(signals, [by_id[id] for id in family.members])
    reason_of = dict.fromkeys(by_id, "")
    if findings.recycled is not None:
        for copies, reason in zip(texts.folded, findings.recycled.not_judged, strict=True):
            reason_of |= {texts.rows[row].document.id: reason for row in copies}
    for id in sorted(by_id):
        yield by_id[id], signals[id], reason_of[id]
