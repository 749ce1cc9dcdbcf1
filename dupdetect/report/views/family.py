"""The view of one family: its members side by side, and what holds them together.

In: a family or a group for review, its pairs, the documents. Out: values for a template; words of
documents are as they were read, numbers that the JSON report has are named by their place in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dupdetect.report import outline, reuse
from dupdetect.report.collations import (
    MAX_NAMED,
    CollationView,
    Place,
    collation_notes,
    collation_views,
    named,
)
from dupdetect.report.lists import Shown, count, first
from dupdetect.report.quoting import shorten, trimmed
from dupdetect.report.views.pairtable import MAX_PAIR_ROWS, PairTable, pair_table
from dupdetect.results import (
    Coverage,
    DocumentReport,
    Family,
    Occurrence,
    Pair,
    Phrase,
    PhraseKind,
    Relation,
)

MAX_MEMBERS = 40
MAX_COLLATIONS = 12
MAX_COLUMNS = 20  # members as columns of the phrase table; beyond, their number is shown
MAX_PHRASES = 50
MAX_ANCHORS = 6
PHRASE_CHARS = 160


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member of the family.

    Attributes:
        number: in the family, from 1.
        id: of the document.
        pointer: to the document in the JSON report.
        is_keeper: whether it is the one to keep.
        notes: what a reader should know: repairs, cut ends, anchors, hidden characters.
    """

    number: int
    id: str
    pointer: str
    is_keeper: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhraseRow:
    """A row of the phrase table.

    Attributes:
        pointer: to the phrase in the JSON report.
        text: its words, shortened.
        kind: phrasing, facts or quotation.
        carried: for each member whether it has the phrase; empty in a family too large for columns.
        n_members: how many have it.
        has_bits: whether it is known how rare its words are.
        places: where the first of them have it.
        n_hidden: places beyond them.
    """

    pointer: str
    text: str
    kind: PhraseKind
    carried: tuple[bool, ...]
    n_members: int
    has_bits: bool
    places: tuple[Place, ...]
    n_hidden: int


@dataclass(frozen=True, slots=True)
class CoverRow:
    """How much of one member is in others.

    Attributes:
        number: of the member.
        pointer: to its coverage in the JSON report.
        width: of a bar that is 100 wide when all of it is in others.
        cover: the members that most of it is in, as words; "" for none.
        last: place of the last of them in the covering set: its share is that of all of them.
        n_not_compared: members it was not compared with.
    """

    number: int
    pointer: str
    width: float
    cover: str
    last: int
    n_not_compared: int


@dataclass(frozen=True, slots=True)
class AnchorPlace:
    """A place of an anchor, or of the words that stand around it elsewhere, without it.

    Attributes:
        place: where the anchor stands, or those words.
        before: words before the anchor; of a place without it, all words.
        spaced: whether white space stands before the anchor, and behind it.
        after: words behind it.
        is_slot: whether this is a place without the anchor.
    """

    place: Place
    before: str
    spaced: tuple[bool, bool]
    after: str
    is_slot: bool


@dataclass(frozen=True, slots=True)
class AnchorView:
    """An inserted anchor that several members carry, or carry the words around.

    Attributes:
        text: the anchor.
        title: in how many members and places it stands.
        places: some of them.
    """

    text: str
    title: str
    places: tuple[AnchorPlace, ...]


@dataclass(frozen=True, slots=True)
class Weakest:
    """The weakest link of a family.

    Attributes:
        title: what it is: of copies it is only known among the pairs that are listed.
        members: numbers and ids: the member that is least like the others, or of copies the pair
            that is least alike.
        pointer: to its score in the JSON report.
        score: what the score is called.
    """

    title: str
    members: tuple[tuple[int, str], ...]
    pointer: str
    score: str


@dataclass(frozen=True, slots=True)
class FamilyView:
    """What the page shows of a family or a group for review.

    Attributes:
        id: of the family; the id of its article.
        pointer: to it in the JSON report.
        relation: that holds it together.
        n_members: how many it has.
        has_text: whether the report has the words of documents.
        sentence: what it shares against what honest writing shares; "" of copies.
        decided: how it was decided; "" of copies.
        has_reuse: whether there is a p-value.
        p_alone: whether its own p-value differs from that of all groups taken together.
        cohesion: what its cohesion is the mean of.
        keeper: number and id of the member to keep; None for a group for review.
        why_kept: why that one.
        weakest: the weakest link; None of exact copies and of a family of two.
        members: the first `MAX_MEMBERS`; hidden are the others.
        collations: the most telling sentences side by side; hidden are all others there are.
        n_collated: how many of the family's collations the JSON report has.
        collation_notes: what a member without a reading does not mean.
        between: index of the pair of two members, by their numbers in either order.
        columns: members as the columns of the phrase table; empty for a family too large.
        phrases: rows of it; hidden are all others there are.
        n_listed_phrases: how many the JSON report has.
        covers: how much of each member is in others.
        anchors: inserted anchors, aligned.
        pairs_title: how many pairs there are of how many.
        pairs: its pairs.
        pair_notes: what was not compared.
        own_words: of its strongest pair: a title and the words; None without any.
    """

    id: str
    pointer: str
    relation: Relation
    n_members: int
    has_text: bool
    sentence: str
    decided: str
    has_reuse: bool
    p_alone: bool
    cohesion: str
    keeper: tuple[int, str] | None
    why_kept: str
    weakest: Weakest | None
    members: Shown[MemberView]
    collations: Shown[CollationView]
    n_collated: int
    collation_notes: tuple[str, ...]
    between: Mapping[tuple[int, int], int]
    columns: tuple[tuple[int, str], ...]
    phrases: Shown[PhraseRow]
    n_listed_phrases: int
    covers: Shown[CoverRow]
    anchors: Shown[AnchorView]
    pairs_title: str
    pairs: PairTable
    pair_notes: tuple[str, ...]
    own_words: tuple[str, tuple[str, ...], str] | None


def family_view(
    group: Family,
    pointer: str,
    pairs: Sequence[tuple[int, Pair]],
    documents: Mapping[str, DocumentReport],
    full: frozenset[str],
    settings: Mapping[str, object],
) -> FamilyView:
    """What the page shows of a family or a group for review.

    Args:
        group: of which.
        pointer: to it in the JSON report: "/families/0".
        pairs: its pairs, each with its index in the report.
        documents: all documents of the report by id, in its order.
        full: what `outline.full_lists` gives.
        settings: of the report.

    >>> report = Family("family-1", "exact", ("a", "b"), "b", 1.0)
    >>> texts = {
    ...     id: DocumentReport(id, "", "", "One text.", 9, 2, "exact", "family-1") for id in "ab"
    ... }
    >>> view = family_view(report, "/families/0", [], texts, frozenset(), {})
    >>> view.keeper, view.members.items[1].is_keeper, view.pairs_title
    ((2, 'b'), True, 'Pairs: 0 proved of 1')
    """
    numbers = {id: number for number, id in enumerate(group.members, 1)}
    alias = {id: str(number) for id, number in numbers.items()}
    only_pairs = [pair for _, pair in pairs]
    decided = group.relation != "review"
    facts = reuse.reuse_facts(group, alias, settings)
    shown = first(pairs, MAX_PAIR_ROWS)
    scored = [pair for _, pair in shown.items]
    collations = collation_views(group, pointer, documents, MAX_COLLATIONS)
    return FamilyView(
        id=group.id,
        pointer=pointer,
        relation=group.relation,
        n_members=len(group.members),
        has_text=outline.has_text(settings),
        sentence=reuse.reuse_sentence(group, only_pairs),
        decided=facts[0] if facts else "",
        has_reuse=group.reuse is not None,
        p_alone=group.reuse is not None and reuse.differs_alone(group.reuse),
        cohesion=outline.cohesion_of(group, only_pairs),
        keeper=(numbers[group.keeper], group.keeper) if decided else None,
        why_kept=reuse.why_kept(group, only_pairs, documents) if decided else "",
        weakest=_weakest(group, pointer, pairs, numbers),
        members=_members(group, numbers, documents),
        collations=collations,
        n_collated=len(group.collations),
        collation_notes=collation_notes(group, collations.items),
        between={
            (numbers[one], numbers[other]): index
            for index, pair in pairs
            for one, other in ((pair.a, pair.b), (pair.b, pair.a))
        },
        columns=tuple((number, id) for id, number in numbers.items())
        if len(numbers) <= MAX_COLUMNS
        else (),
        phrases=_phrases(group, pointer, numbers),
        n_listed_phrases=len(group.phrases),
        covers=_covers(group, pointer, numbers),
        anchors=_anchors(group, documents, numbers, alias),
        pairs_title=outline.pairs_title(group, only_pairs, full),
        pairs=pair_table(shown.items, alias, shown.n_hidden),
        pair_notes=tuple(outline.not_compared(scored, alias)),
        own_words=_own_words(only_pairs, alias),
    )


def _weakest(
    group: Family, pointer: str, pairs: Sequence[tuple[int, Pair]], numbers: Mapping[str, int]
) -> Weakest | None:
    if len(group.members) < 3 or group.relation == "exact":  # of two, each is as weak as the other
        return None
    if group.reuse is not None:
        weakest = group.reuse.weakest
        return Weakest(
            "Weakest link",
            ((numbers[weakest], weakest),),
            f"{pointer}/reuse/weakest_score",
            "mean score",
        )
    if not pairs:
        return None
    index, pair = min(pairs, key=lambda each: (_proof(each[1])[1], each[0]))
    lists_all = outline.lists_all(group, [pair for _, pair in pairs])
    return Weakest(
        "Weakest link" if lists_all else "Weakest listed pair",
        tuple((numbers[id], id) for id in sorted((pair.a, pair.b), key=numbers.__getitem__)),
        f"/pairs/{index}/{_proof(pair)[0]}",
        _proof(pair)[0].partition("_")[0],
    )


def _proof(pair: Pair) -> tuple[str, float]:
    """The score that proved a pair: its name in the JSON, and its value."""
    if pair.relation in ("exact", "near-duplicate"):
        return "jaccard", pair.jaccard
    if pair.relation != "contained":
        return "resemblance", pair.resemblance
    if pair.containment_a >= pair.containment_b:
        return "containment_a", pair.containment_a
    return "containment_b", pair.containment_b


def _members(
    group: Family, numbers: Mapping[str, int], documents: Mapping[str, DocumentReport]
) -> Shown[MemberView]:
    shown = first(group.members, MAX_MEMBERS)
    places = {id: index for index, id in enumerate(documents)}
    decided = group.relation != "review"
    members = tuple(
        MemberView(
            number=numbers[id],
            id=id,
            pointer=f"/documents/{places[id]}",
            is_keeper=decided and id == group.keeper,
            notes=tuple(_notes(documents[id])),
        )
        for id in shown.items
    )
    return Shown(members, shown.n_hidden)


def _notes(document: DocumentReport) -> Iterator[str]:
    n_signals = Counter(signal.name for signal in document.signals)
    if document.repairs:
        yield count(len(document.repairs), "repair")
    if n := n_signals["inserted-anchor"]:
        yield count(n, "inserted anchor")
    if n := n_signals["hidden-characters"]:
        yield f"{count(n, 'run')} of hidden characters"
    if n_signals["truncated-end"]:
        yield "its end is cut off"


def _phrases(group: Family, pointer: str, numbers: Mapping[str, int]) -> Shown[PhraseRow]:
    rows = tuple(
        _phrase(phrase, f"{pointer}/phrases/{place}", numbers)
        for place, phrase in enumerate(group.phrases[:MAX_PHRASES])
    )
    return Shown(rows, max(len(group.phrases), group.n_phrases) - len(rows))


def _phrase(phrase: Phrase, pointer: str, numbers: Mapping[str, int]) -> PhraseRow:
    carrying = set(phrase.members)
    places = first(phrase.occurrences, MAX_NAMED)
    return PhraseRow(
        pointer=pointer,
        text=shorten(trimmed(phrase.text), PHRASE_CHARS),
        kind=phrase.kind,
        carried=tuple(id in carrying for id in numbers) if len(numbers) <= MAX_COLUMNS else (),
        n_members=phrase.n_members,
        has_bits=phrase.bits is not None,
        places=tuple(_place(each, numbers) for each in places.items),
        n_hidden=places.n_hidden,
    )


def _place(place: Occurrence, numbers: Mapping[str, int]) -> Place:
    return Place(numbers[place.id], place.id, place.start, place.end)


def _covers(group: Family, pointer: str, numbers: Mapping[str, int]) -> Shown[CoverRow]:
    shown = first(group.coverage, MAX_MEMBERS)
    rows = tuple(
        _cover(each, f"{pointer}/coverage/{place}", numbers)
        for place, each in enumerate(shown.items)
    )
    return Shown(rows, shown.n_hidden)


def _cover(coverage: Coverage, pointer: str, numbers: Mapping[str, int]) -> CoverRow:
    return CoverRow(
        number=numbers[coverage.id],
        pointer=pointer,
        width=round(100 * coverage.recycled_share, 1),
        cover=named([numbers[each.id] for each in coverage.cover]),
        last=len(coverage.cover) - 1,
        n_not_compared=coverage.n_not_compared,
    )


def _anchors(
    group: Family,
    documents: Mapping[str, DocumentReport],
    numbers: Mapping[str, int],
    alias: Mapping[str, str],
) -> Shown[AnchorView]:
    shown = first(reuse.aligned_anchors(group, documents), MAX_ANCHORS)
    views = tuple(
        AnchorView(
            text=shorten(anchor.text, PHRASE_CHARS),
            title=reuse.aligned_title(anchor, group, alias),
            places=tuple(_anchor_places(anchor, documents, numbers)),
        )
        for anchor in shown.items
    )
    return Shown(views, shown.n_hidden)


def _anchor_places(
    anchor: reuse.Aligned, documents: Mapping[str, DocumentReport], numbers: Mapping[str, int]
) -> Iterator[AnchorPlace]:
    for place, before, after in anchor.inserted:
        spaced = before[-1:].isspace(), after[:1].isspace()
        yield AnchorPlace(_place(place, numbers), before, spaced, after, is_slot=False)
    for place in anchor.slots:
        words = trimmed(documents[place.id].text[place.start : place.end])
        yield AnchorPlace(
            _place(place, numbers), shorten(words, PHRASE_CHARS), (False, False), "", is_slot=True
        )


def _own_words(
    pairs: Sequence[Pair], alias: Mapping[str, str]
) -> tuple[str, tuple[str, ...], str] | None:
    strongest = reuse.strongest_pair(pairs)
    if strongest is None:
        return None
    pair, found = strongest
    words, rest = reuse.own_words(found, reuse.MAX_WORDS)
    shown = tuple(shorten(word, PHRASE_CHARS) for word in words)
    return f"{alias[pair.a]} and {alias[pair.b]} share", shown, rest
