"""The most recycled passages of a whole collection, each with all its places.

In: a Report. Out: passages, those that recycle most words first. A passage is a sentence that
members of a group have side by side, a notice that pages carry, the whole text of copies, or what
two documents in no group share, with all other documents that share it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from math import fsum
from operator import itemgetter
from typing import Literal, NamedTuple

from dupdetect.report import outline
from dupdetect.report.lists import Shown, first
from dupdetect.report.quoting import shorten
from dupdetect.results import (
    Boilerplate,
    DocumentReport,
    Family,
    Occurrence,
    Pair,
    Passage,
    PassageKind,
    Reading,
    Report,
)

MAX_PLACES = 40
QUOTE_CHARS = 400

RANKED_NOTE = (
    "Longest reuse first: words repeated, added up over all documents after the first, as far as "
    "they have them."
)

Origin = Literal["sentence", "whole text", "boilerplate", "passage"]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage, and where it stands.

    Attributes:
        origin: what it is: a sentence of a group, the whole text of copies, boilerplate, or a
            passage that documents in no group share.
        kind: how far the words agree.
        quotation: whether it is a quotation, as far as all pairs that share it say so.
        quote: its words in the first of its places, as read and shortened; "" where the report has
            no text.
        n_documents: how many documents have it.
        n_recycled: about how many of its words each document beyond the first has, all together:
            what it is ranked by.
        places: where it stands: first the place that is quoted, then by id.
        group: id of the family or review it was found in; "" for none.
        pairs: indices in the report of the pairs it was found in, where it was found in pairs.
    """

    origin: Origin
    kind: PassageKind
    quotation: bool
    quote: str
    n_documents: int
    n_recycled: int
    places: Shown[Occurrence]
    group: str
    pairs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A passage before it is ranked: as `Ranked`, its places in full."""

    origin: Origin
    kind: PassageKind
    places: tuple[Occurrence, ...]
    n_recycled: int
    group: str = ""
    pairs: tuple[int, ...] = ()
    quotation: bool = False
    text: str = ""


def ranked_passages(report: Report, cap: int) -> Shown[Ranked]:
    """The passages of a report, those that recycle most words first.

    Ties go to the passage in more documents, then by its words and its places; ids decide last.

    Args:
        report: what `detect` returned.
        cap: most that are shown; the others are counted.

    >>> ranked_passages(Report((), (), (), (), {}, {}), 3)
    Shown(items=(), n_hidden=0)
    """
    documents = {each.id: each for each in report.documents}
    found = [each for each in _all(report, documents) if each.n_recycled > 0]
    best = nsmallest(cap, found, key=lambda each: _rank(each, documents))
    return Shown(tuple(_ranked(each, documents) for each in best), len(found) - len(best))


def _all(report: Report, documents: Mapping[str, DocumentReport]) -> Iterator[_Found]:
    for notice in report.boilerplate:
        yield _notice(notice, documents)
    for group in (*report.families, *report.reviews):
        if group.relation in ("exact", "near-duplicate"):
            yield _whole(group, documents)
        else:
            yield from _sentences(group)
    yield from _shared(_outside_groups(report), documents)


def _rank(found: _Found, documents: Mapping[str, DocumentReport]) -> tuple[object, ...]:
    base = found.places[0]
    return (
        -found.n_recycled,
        -_n_documents(found.places),
        found.text or documents[base.id].text[base.start : base.end],
        [(each.start, each.end) for each in found.places],
        [each.id for each in found.places],
    )


def _ranked(found: _Found, documents: Mapping[str, DocumentReport]) -> Ranked:
    base = found.places[0]
    text = found.text or documents[base.id].text[base.start : base.end]
    return Ranked(
        origin=found.origin,
        kind=found.kind,
        quotation=found.quotation,
        quote=shorten(text, QUOTE_CHARS),
        n_documents=_n_documents(found.places),
        n_recycled=found.n_recycled,
        places=first(found.places, MAX_PLACES),
        group=found.group,
        pairs=found.pairs,
    )


def _n_documents(places: Iterable[Occurrence]) -> int:
    return len({each.id for each in places})


def _sentences(group: Family) -> Iterator[_Found]:
    """The sentences that members of a group have side by side."""
    for collation in group.collations:
        # The base first: its words are quoted.
        base, *others = sorted(
            collation.readings, key=lambda each: (each.id != collation.base, each.id)
        )
        # Readings may lack words of the skeleton: how many they have is told by their length.
        whole = max(_n_agreed(base), 1)
        shares = (min(1.0, _n_agreed(each) / whole) for each in others)
        yield _Found(
            "sentence",
            collation.kind,
            tuple(Occurrence(each.id, each.start, each.end) for each in (base, *others)),
            max(1, round(collation.n_tokens_agreed * fsum(shares))),
            group.id,
        )


def _n_agreed(reading: Reading) -> int:
    """How many code points of a reading are of the skeleton."""
    return sum(end - start for start, end in reading.agreed)


def _whole(group: Family, documents: Mapping[str, DocumentReport]) -> _Found:
    """The whole text of copies: of near-duplicates the share that they have in common."""
    ids = sorted(group.members, key=lambda id: (id != group.keeper, id))
    share = 1.0 if group.relation == "exact" else min(1.0, group.cohesion)
    return _Found(
        "whole text",
        "identical" if group.relation == "exact" else "edited",
        tuple(Occurrence(id, 0, documents[id].n_chars) for id in ids),
        round((len(ids) - 1) * share * documents[group.keeper].n_tokens),
        group.id,
    )


def _notice(notice: Boilerplate, documents: Mapping[str, DocumentReport]) -> _Found:
    """Boilerplate; of its sentences pages may carry some, so the first use is the longest one."""
    words: dict[str, float] = defaultdict(float)
    for place in notice.occurrences:
        words[place.id] += _n_words(documents[place.id], place.start, place.end)
    longest = max(words.values(), default=0.0)
    # The longest first: its words are quoted.
    places = sorted(
        notice.occurrences, key=lambda each: (each.start - each.end, each.id, each.start)
    )
    rest = sorted(places[1:], key=lambda each: (each.id, each.start, each.end))
    return _Found(
        "boilerplate",
        "identical",
        (*places[:1], *rest),
        round(fsum(words.values()) - longest),
        text=notice.text,
    )


def _n_words(document: DocumentReport, start: int, end: int) -> float:
    """About how many tokens a stretch of a document has, by its length."""
    return document.n_tokens * (end - start) / max(document.n_chars, 1)


def _outside_groups(report: Report) -> Iterator[tuple[int, Pair]]:
    """Pairs of which no group shows what they share, each with its index in the report.

    They are those in no group together, and those of groups of which no sentences were collated.
    """
    index = {(pair.a, pair.b): place for place, pair in enumerate(report.pairs)}
    bare = {
        group.id
        for group in (*report.families, *report.reviews)
        if group.relation not in ("exact", "near-duplicate") and not group.collations
    }
    pairs = [*outline.review_pairs(report), *outline.outside(report), *outline.stories(report)]
    for group, inside in outline.inside(report).items():
        pairs += inside if group in bare else []
    for pair in {(each.a, each.b): each for each in pairs}.values():
        yield index[pair.a, pair.b], pair


class _Side(NamedTuple):
    """A passage of a pair, seen from one of its documents; they sort by where it begins."""

    start: int
    end: int
    number: int
    partner: Occurrence


def _shared(
    pairs: Iterable[tuple[int, Pair]], documents: Mapping[str, DocumentReport]
) -> Iterator[_Found]:
    """What pairs share, each passage with all documents that share it.

    Greedy stars, as collations are made: the passage that kept most words, with all others that are
    about the same stretch of one of its two texts; of the two that with more documents. Along
    chains, passages would meet that share nothing.
    """
    passages = sorted(_seen(pairs, documents), key=lambda each: each.rank)
    sides: dict[str, list[_Side]] = defaultdict(list)
    for number, each in enumerate(passages):
        for place, partner in (each.places, each.places[::-1]):
            sides[place.id].append(_Side(place.start, place.end, number, partner))
    for every in sides.values():
        every.sort(key=lambda side: side[:3])
    used = [False] * len(passages)
    for number, each in enumerate(passages):
        if used[number]:
            continue
        stars = [(base, _star(base, sides, used)) for base in each.places]
        base, star = max(stars, key=lambda found: len(found[1]))
        members = {*(side.number for side in star), *_among([side.partner for side in star], sides)}
        for member in members:
            used[member] = True
        yield _Found(
            "passage",
            max((passages[member].kind for member in members), key=_KINDS.index),
            (base, *sorted((side.partner for side in star), key=lambda place: place.id)),
            sum(passages[side.number].n_kept for side in star),
            pairs=tuple(sorted({passages[member].pair for member in members})),
            quotation=all(passages[member].quotation for member in members),
        )


_KINDS: tuple[PassageKind, ...] = ("identical", "edited", "reworded")


@dataclass(frozen=True, slots=True)
class _Seen:
    """A passage of a pair.

    Attributes:
        pair: its index in the report.
        places: in the two documents.
        n_kept: words that stayed.
        kind: how far the words agree.
        quotation: whether it is one.
    """

    pair: int
    places: tuple[Occurrence, Occurrence]
    n_kept: int
    kind: PassageKind
    quotation: bool

    @property
    def rank(self) -> tuple[int, int, int]:
        """Most words first, then in the order of the report."""
        return -self.n_kept, self.pair, self.places[0].start


def _seen(
    pairs: Iterable[tuple[int, Pair]], documents: Mapping[str, DocumentReport]
) -> Iterator[_Seen]:
    for index, pair in pairs:
        for each in pair.passages:
            places = (
                Occurrence(pair.a, each.a_start, each.a_end),
                Occurrence(pair.b, each.b_start, each.b_end),
            )
            n_kept = _n_kept(pair, each, documents)
            yield _Seen(index, places, n_kept, each.kind, each.quotation)


def _star(
    base: Occurrence, sides: Mapping[str, Sequence[_Side]], used: Sequence[bool]
) -> list[_Side]:
    """Unused passages about one stretch of a document: of each other document the strongest."""
    star: dict[str, _Side] = {}
    about = [side for side in _about(base, sides[base.id]) if not used[side.number]]
    for side in sorted(about, key=lambda side: side.number):
        star.setdefault(side.partner.id, side)
    return list(star.values())


def _among(places: Sequence[Occurrence], sides: Mapping[str, Sequence[_Side]]) -> Iterator[int]:
    """Numbers of passages that two of some places share: they are shown with these places."""
    by_id = {place.id: place for place in places}
    for place in places if len(places) > 1 else ():
        for side in _about(place, sides[place.id]):
            other = by_id.get(side.partner.id)
            if other and _is_about(side.partner.start, side.partner.end, other):
                yield side.number


def _about(place: Occurrence, sides: Sequence[_Side]) -> Iterator[_Side]:
    """Passages that are about one stretch of a document."""
    # What begins farther off than its length has less than half in common.
    low = bisect_left(sides, 2 * place.start - place.end, key=_START)
    high = bisect_right(sides, place.end, key=_START)
    return (side for side in sides[low:high] if _is_about(side.start, side.end, place))


_START = itemgetter(0)


def _is_about(start: int, end: int, place: Occurrence) -> bool:
    """Whether two stretches have half of the longer one in common."""
    common = min(end, place.end) - max(start, place.start)
    return 2 * common >= max(end - start, place.end - place.start)


def _n_kept(pair: Pair, passage: Passage, documents: Mapping[str, DocumentReport]) -> int:
    """Words of a passage that stayed; of one that does not say, by its length."""
    if passage.n_tokens:
        return passage.n_tokens_kept
    return round(_n_words(documents[pair.a], passage.a_start, passage.a_end))
