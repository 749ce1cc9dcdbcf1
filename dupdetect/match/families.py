"""Which texts recycle each other: recycled families, each with the chance of its like in a null.

In: what texts share (`Wording`), a null, and a witness that counts the places in which two texts
say the same. Out: families of rows. Every decision of the recycled lens is made here.

    pairs → components → groups by average linkage → p-values → witnesses → families

Components of pairs only bound the work; linkage decides within each. A group is a family when
honest collections on one subject hold its like too rarely (`match/null.py`), all groups of a run
taken together (Benjamini and Hochberg 1995), and when passages in two places stand behind each
member. What does not reach that, but comes near, is put to a person for review.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from dupdetect.config import RecycledConfig
from dupdetect.match.blocks import blocks_of
from dupdetect.match.candidates import strongest_partners
from dupdetect.match.clusters import star_groups
from dupdetect.match.linkage import Candidate, candidates, evidence_of
from dupdetect.match.null import Null, score_table
from dupdetect.match.overlap import Subjects, Wording, overlaps

Level = Literal["decided", "review"]
Pairs = NDArray[np.int64]
Witness = Callable[[Pairs], NDArray[np.int64]]

#: Two texts are on one subject from this closeness on.
SUBJECT_CLOSENESS = 0.2
#: Same story: so many different words among the facts of both, which are this share of what they
#: have in common, in texts so close. Of 120 pairs of reports of one event 0.80 are, of 3,000 pairs
#: of unrelated news 0.001 (benchmarks/README.md).
STORY_FACTS, STORY_SHARE, STORY_CLOSENESS = 10, 0.5, 0.3

# Texts whose full table of scores is held at once: 200 MB.
_MAX_LINKED = 5000
# In blocks, what a pair below `join` counts, and by how much `join` rises for a block that is still
# too large. Of 4,900 public texts a component of 3,472 has 162 families and reviews by its full
# table. In blocks 159 of them are found so, and 6 others; at 0.8 below it is 155 and 13.
_ABSENT_BELOW, _JOIN_STEP = 0.3, 0.25


@dataclass(frozen=True, slots=True)
class RecycledFamily:
    """Texts that share more than honest texts on one subject do.

    Attributes:
        members: rows, ascending.
        evidence: see `linkage.evidence_of`, in nats.
        p: share of honest collections that hold a group as strong.
        p_adjusted: the same, all groups of the run taken together (Benjamini and Hochberg).
        n_on_subject: texts at hand that are on its subject, its members included.
        level: whether it is decided, or put to review.
        pairs: pairs of members with a witness, i < j, sorted; shape (n_pairs, 2).
        central: the member that is most like the others.
    """

    members: tuple[int, ...]
    evidence: float
    p: float
    p_adjusted: float
    n_on_subject: int
    level: Level
    pairs: Pairs = field(compare=False)
    central: int


@dataclass(frozen=True, slots=True, eq=False)
class Families:
    """What the recycled lens found; compared by identity.

    Attributes:
        families: decided ones and those for review, by their first members.
        counts: what each stage did.
    """

    families: tuple[RecycledFamily, ...]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Group:
    """Texts that belong together.

    Attributes:
        members: rows, sorted; one row alone when nothing belongs to it.
        keeper: the row to keep if only one may stay.
        family: the recycled family that holds it together; None: copies, or nothing, do.
    """

    members: tuple[int, ...]
    keeper: int
    family: RecycledFamily | None = None


def find_families(
    pairs: Pairs,
    wording: Wording,
    rows: NDArray[np.int64],
    null: Null,
    config: RecycledConfig,
    witness: Witness,
    max_partners: int,
) -> Families:
    """The families among some texts.

    Args:
        pairs: of `rows`, those whose score reaches `config.join`; shape (n_pairs, 2), i < j.
        wording: of all texts.
        rows: the texts that are judged, ascending.
        null: what honest writing has in common.
        config: levels and thresholds.
        witness: for pairs of rows, in how many different places the two say the same.
        max_partners: of each member, the partners that a witness is sought with; the most alike.
    """
    components, n_split = _components(pairs, wording, null, config.join)
    counts = {"recycled_pairs_joined": len(pairs), "components_split": n_split}
    judge = _Judge(null, Subjects(wording, rows))
    families: list[RecycledFamily] = []
    n_groups = without_witness = 0
    for component in components:
        table = score_table(component, wording, null.expected_rate)

        def stands(group: Candidate, component: NDArray[np.int64] = component) -> bool:
            return judge.reaches(config.level, group.evidence, component[list(group.members)])

        for group in candidates(table, config.join, config.spread, stands):
            n_groups += 1
            members = component[list(group.members)]
            if judge.reaches(config.review_level, group.evidence, members):
                scores = table[np.ix_(group.members, group.members)]
                parts = list(_witnessed(members, scores, config, witness, max_partners))
                without_witness += len(members) - sum(len(part) for part, _ in parts)
                families += [
                    _family(members[part], held, scores[np.ix_(part, part)], judge)
                    for part, held in parts
                ]
    counts["recycled_groups"] = n_groups
    counts["recycled_without_witness"] = without_witness
    adjusted = _benjamini_hochberg([family.p for family in families], max(n_groups, len(families)))
    kept = [
        replace(family, p_adjusted=q, level="decided" if q <= config.level else "review")
        for family, q in zip(families, adjusted, strict=True)
        if q <= config.review_level
    ]
    kept.sort(key=lambda family: family.members)
    return Families(tuple(kept), counts)


def same_story(pairs: Pairs, wording: Wording, null: Null) -> Pairs:
    """Of some pairs those that report one story: what they share is mostly facts."""
    found = overlaps(pairs, wording, null.expected_rate)
    shared = found.shared_facts + found.shared_words
    return pairs[
        (found.shared_facts >= STORY_FACTS)
        & (found.closeness >= STORY_CLOSENESS)
        & (found.shared_facts >= STORY_SHARE * shared)
    ]


def group_texts(
    n_texts: int, *, copies: Iterable[tuple[int, int]], families: Iterable[RecycledFamily]
) -> list[Group]:
    """Every text in one group: stars of copies first, then recycled families of such stars.

    A star of copies stands in the recycled family by its keeper, so that ten copies of one page
    have one voice.

    Args:
        n_texts: rows to group.
        copies: directed links (a, b): a may stand for b, of which it is a copy or the whole.
        families: decided families of keepers.

    Returns:
        Groups by first member; a text that belongs to nothing is alone in its own.

    >>> [group.members for group in group_texts(4, copies=[(0, 2)], families=[])]
    [(0, 2), (1,), (3,)]
    """
    stars = dict(star_groups(copies))
    groups = []
    joined: set[int] = set()
    for family in families:
        members = {row for keeper in family.members for row in stars.get(keeper, (keeper,))}
        joined |= members
        groups.append(Group(tuple(sorted(members)), family.central, family))
    for keeper, copied in stars.items():
        if keeper not in joined:
            joined |= set(copied)
            groups.append(Group(copied, keeper))
    groups += [Group((row,), row) for row in range(n_texts) if row not in joined]
    return sorted(groups, key=lambda group: group.members)


def keepers(n_texts: int, copies: Iterable[tuple[int, int]]) -> NDArray[np.int64]:
    """The rows that stand for themselves: not in a star of copies, or its keeper; ascending."""
    others = {row for keeper, rows in star_groups(copies) for row in rows if row != keeper}
    return np.array([row for row in range(n_texts) if row not in others], dtype=np.int64)


def _components(
    pairs: Pairs, wording: Wording, null: Null, join: float
) -> tuple[list[NDArray[np.int64]], int]:
    """Texts that pairs connect; those of too large components in blocks (`match/blocks.py`).

    Returns:
        Of each component or block its texts, ascending; and how many were too large.
    """
    components = []
    n_split = 0
    for rows in _connected(pairs):
        if len(rows) <= _MAX_LINKED:
            components.append(rows)
            continue
        inside = pairs[np.isin(pairs[:, 0], rows)]
        scores = overlaps(inside, wording, null.expected_rate).scores
        waiting = [(inside, scores, join)]
        while waiting:
            n_split += 1
            edges, scores, threshold = waiting.pop()
            for block in blocks_of(edges, scores, threshold, join - _ABSENT_BELOW):
                if len(block) <= _MAX_LINKED:
                    components.append(block)
                    continue
                kept = np.isin(edges, block).all(axis=1)
                raised = threshold + _JOIN_STEP
                if (scores[kept] >= raised).any():
                    waiting.append((edges[kept], scores[kept], raised))
    return components, n_split


def _connected(pairs: Pairs) -> list[NDArray[np.int64]]:
    """The texts of each connected component, ascending."""
    if not len(pairs):
        return []
    rows, places = np.unique(pairs, return_inverse=True)
    ends = tuple(places.reshape(pairs.shape).T)
    graph = coo_array((np.ones(len(pairs)), ends), shape=(len(rows), len(rows)))
    labels = connected_components(graph, directed=False)[1]
    by_label = rows[np.argsort(labels, kind="stable")]
    return np.split(by_label, np.cumsum(np.bincount(labels))[:-1])


class _Judge:
    """The p-values of groups; how many texts are on the subject of one is found once, if needed.

    Args:
        null: what honest writing has in common.
        subjects: the texts that are judged.
    """

    def __init__(self, null: Null, subjects: Subjects) -> None:
        self._null, self._subjects = null, subjects
        self._n_on_subject: dict[tuple[int, ...], int] = {}

    def reaches(self, level: float, evidence: float, members: NDArray[np.int64]) -> bool:
        """Whether the p-value of a group is a level or less."""
        # No group is rarer among more texts than among its members alone, which need no search.
        if self._null.family_p(evidence, len(members), len(members)) > level:
            return False
        return self.p(evidence, members)[0] <= level

    def p(self, evidence: float, members: NDArray[np.int64]) -> tuple[float, int]:
        """The p-value of a group, and how many texts are on its subject."""
        rows = tuple(members.tolist())
        if rows not in self._n_on_subject:
            self._n_on_subject[rows] = len(self._subjects.near(rows, SUBJECT_CLOSENESS))
        n_on_subject = self._n_on_subject[rows]
        return self._null.family_p(evidence, len(rows), n_on_subject), n_on_subject


def _witnessed(
    members: NDArray[np.int64],
    scores: NDArray[np.float64],
    config: RecycledConfig,
    witness: Witness,
    max_partners: int,
) -> Iterator[tuple[list[int], Pairs]]:
    """The parts of a group that witnessed pairs hold together, usually all of it.

    Args:
        members: rows of the group, ascending.
        scores: of its members, all with all.
        config: the settings.
        witness: as in `find_families`.
        max_partners: as in `find_families`.

    Yields:
        The places of a part's members among those of the group, ascending, and its pairs of rows.
    """
    i, j = np.triu_indices(len(members), 1)
    pairs = np.column_stack((members[i], members[j]))
    asked = strongest_partners(pairs, scores[i, j], max_partners)
    pairs, i, j = pairs[asked], i[asked], j[asked]
    held = witness(pairs) >= config.min_places
    links = coo_array((np.ones(int(held.sum())), (i[held], j[held])), shape=scores.shape)
    labels = connected_components(links, directed=False)[1]
    for label, n in enumerate(np.bincount(labels).tolist()):
        if n > 1:
            yield np.flatnonzero(labels == label).tolist(), pairs[held & (labels[i] == label)]


def _family(
    members: NDArray[np.int64], pairs: Pairs, scores: NDArray[np.float64], judge: _Judge
) -> RecycledFamily:
    evidence = evidence_of(scores)
    p, n_on_subject = judge.p(evidence, members)
    central = int(members[np.argmax(np.round(scores.sum(axis=0), 6))])
    rows = tuple(members.tolist())
    return RecycledFamily(rows, evidence, p, p, n_on_subject, "review", pairs, central)


def _benjamini_hochberg(p_values: Sequence[float], n_decisions: int) -> list[float]:
    """Adjusted p-values; decisions beyond those given count as p = 1.

    >>> _benjamini_hochberg([0.01, 0.04, 0.03], 4)
    [0.04, 0.05333333333333334, 0.05333333333333334]
    """
    order = sorted(range(len(p_values)), key=lambda place: -p_values[place])
    adjusted = [1.0] * len(p_values)
    least = 1.0
    for rank, place in zip(range(len(p_values), 0, -1), order, strict=True):
        least = min(least, p_values[place] * n_decisions / rank)
        adjusted[place] = least
    return adjusted
