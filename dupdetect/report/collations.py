"""Sentences of a family side by side: the words that most share, and each wording below them.

In: a family and its documents. Out: for each sentence a skeleton, with slots where wordings differ,
and each wording as stretches that agree or vary; words are as they were read. The HTML page and
Markdown show the same.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from dupdetect.report.lists import Shown, count, first, listing
from dupdetect.results import (
    Collation,
    DocumentReport,
    Family,
    PassageKind,
    Reading,
    Repair,
    Signal,
)

MAX_ROWS = 12  # wordings of one sentence
MAX_SPANS = 12  # offsets shown in place of words
MAX_NAMED = 12  # members in a row of numbers
ROW_CHARS = 600  # code points of one wording

# Of a long stretch that agrees, so much is shown at either end of the cut.
_AGREED_ENDS = 60
# A cut that takes out less would save no room: the words that own up to it are as long.
_LEAST_CUT = 40

# White space of any width; controls that Python takes for spaces are shown as boxes.
_SPACES = " \t\n\x0b\x0c\r\xa0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))

# Sentences are joined greedily and each is shown once, so what has no reading is not known to lack.
WITHOUT_READING = "A member without a reading may have the sentence elsewhere or in other words."

Role = Literal["agreed", "variant", "anchor", "omitted", "slot", "cut"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sentence.

    Attributes:
        role: "agreed": words of the skeleton and what stands between them; "variant": other words;
            "anchor": an inserted anchor; "omitted": words of the skeleton are not here; "slot": in
            a skeleton, where wordings differ; "cut": stretches that are not shown.
        start: its first code point in the text as read.
        end: one past the last.
        text: text[start:end] without white space at its ends; "" of the last three roles.
        spaced: whether white space stands before it.
        note: of an anchor in how many members it stands, of repaired characters the repair.
        mended: whether its characters were repaired.
    """

    role: Role
    start: int
    end: int
    text: str = ""
    spaced: bool = False
    note: str = ""
    mended: bool = False

    @property
    def n_chars(self) -> int:
        """Its length in code points."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Place:
    """Where a member has some words: its number in the family, its id, offsets as read."""

    number: int
    id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of a sentence, and the members that have it, letter for letter.

    Attributes:
        places: of the members, at most `MAX_NAMED`.
        n_hidden: members beyond them.
        pieces: of the sentence of the first of them; empty where the report has no text.
        agreed: where the first has words of the skeleton, where the report has no text.
    """

    places: tuple[Place, ...]
    n_hidden: int
    pieces: tuple[Piece, ...]
    agreed: Shown[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class CollationView:
    """A sentence in the wordings of its members.

    Attributes:
        pointer: to it in the JSON report.
        kind: how far the wordings agree.
        base: the number of the member whose words the skeleton is made of.
        skeleton: those words, with slots where the wordings differ; empty without text.
        wordings: each wording once, in the order of members.
        n_hidden: wordings beyond `MAX_ROWS`.
        n_tokens_agreed: words of the skeleton.
        n_tokens: words of the base's sentence.
        n_members: how many members have a reading; the others may have the sentence elsewhere.
    """

    pointer: str
    kind: PassageKind
    base: int
    skeleton: tuple[Piece, ...]
    wordings: tuple[Wording, ...]
    n_hidden: int
    n_tokens_agreed: int
    n_tokens: int
    n_members: int

    @property
    def is_said_below(self) -> bool:
        """Whether the skeleton is a wording, word for word."""
        words = [(each.role, each.text) for each in self.skeleton]
        return any([(each.role, each.text) for each in w.pieces] == words for w in self.wordings)


def collation_views(
    group: Family, pointer: str, documents: Mapping[str, DocumentReport], cap: int
) -> Shown[CollationView]:
    """The most telling sentences of a family side by side.

    Args:
        group: of which.
        pointer: to it in the JSON report.
        documents: the entries of its members, by id.
        cap: most that are shown; all others that there are, are counted.
    """
    numbers = {id: number for number, id in enumerate(group.members, 1)}
    shown = tuple(
        _collation(each, f"{pointer}/collations/{place}", numbers, documents)
        for place, each in enumerate(group.collations[:cap])
    )
    return Shown(shown, max(len(group.collations), group.n_collations) - len(shown))


def collation_notes(group: Family, shown: Sequence[CollationView]) -> tuple[str, ...]:
    """What a member without a reading does not mean; to be read before the sentences.

    Args:
        group: of which.
        shown: its sentences that are shown.

    >>> views = collation_views(Family("family-1", "contained", ("a", "b"), "a", 0.9), "", {}, 1)
    >>> collation_notes(Family("family-1", "contained", ("a", "b"), "a", 0.9), views.items)
    ()
    >>> cut = Family("family-1", "contained", tuple("abcd"), "a", 0.9, n_not_collated=2)
    >>> collation_notes(cut, views.items)
    ('2 members were not looked into; copies are compared with the keeper only.',)
    """
    notes = []
    if any(each.n_members < len(group.members) for each in shown):
        notes.append(WITHOUT_READING)
    if group.n_not_collated:
        were = "was" if group.n_not_collated == 1 else "were"
        left_out = f"{count(group.n_not_collated, 'member')} {were} not looked into"
        copies = group.relation in ("near-duplicate", "contained")
        notes.append(f"{left_out}{'; copies are compared with the keeper only' * copies}.")
    return tuple(notes)


def _collation(
    collation: Collation,
    pointer: str,
    numbers: Mapping[str, int],
    documents: Mapping[str, DocumentReport],
) -> CollationView:
    by_wording: dict[object, list[tuple[Reading, tuple[Piece, ...]]]] = {}
    skeleton: tuple[Piece, ...] = ()
    for reading in collation.readings:
        document = documents[reading.id]
        pieces = tuple(reading_pieces(reading, document, len(numbers)))
        if reading.id == collation.base:
            skeleton = tuple(_skeleton(pieces))
        shown = tuple((each.role, each.text, each.spaced, each.note) for each in pieces)
        by_wording.setdefault(shown or reading.id, []).append((reading, pieces))
    wordings = first(by_wording.values(), MAX_ROWS)
    return CollationView(
        pointer=pointer,
        kind=collation.kind,
        base=numbers[collation.base],
        skeleton=tuple(shortened(skeleton)),
        wordings=tuple(_wording(same, numbers) for same in wordings.items),
        n_hidden=wordings.n_hidden,
        n_tokens_agreed=collation.n_tokens_agreed,
        n_tokens=collation.n_tokens,
        n_members=len(collation.readings),
    )


def _wording(
    same: Sequence[tuple[Reading, tuple[Piece, ...]]], numbers: Mapping[str, int]
) -> Wording:
    reading, pieces = same[0]
    places = first(
        (Place(numbers[each.id], each.id, each.start, each.end) for each, _ in same), MAX_NAMED
    )
    return Wording(
        places=places.items,
        n_hidden=places.n_hidden,
        pieces=tuple(shortened(pieces)),
        agreed=Shown((), 0) if pieces else first(reading.agreed, MAX_SPANS),
    )


def named(numbers: Sequence[int]) -> str:
    """Numbers of members as words, `MAX_NAMED` of them at most.

    >>> named([1, 2, 4]), named(range(1, 16))
    ('1, 2 and 4', '1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 3 more')
    """
    some = first(numbers, MAX_NAMED)
    names = [str(number) for number in some.items]
    return listing([*names, *([f"{some.n_hidden:,} more"] if some.n_hidden else [])])


def reading_pieces(reading: Reading, document: DocumentReport, n_members: int) -> Iterator[Piece]:
    """A sentence as it was read, stretch by stretch; nothing where the report has no text.

    All of its characters but white space are in one stretch each, in their order.

    Args:
        reading: the sentence, and where it has the words of the skeleton.
        document: whose.
        n_members: how many members the family has.

    >>> text = "It was a very old bridge."
    >>> reading = Reading("a", 0, 25, agreed=((0, 8), (14, 24)))
    >>> document = DocumentReport("a", "", "", text, 25, 6, "recycled", "family-1")
    >>> [(each.role, each.text) for each in reading_pieces(reading, document, 2)]
    [('agreed', 'It was a'), ('variant', 'very'), ('agreed', 'old bridge.')]
    """
    if reading.end > len(document.text):  # a report without text
        return
    roles = _joined(_roles(reading, document, n_members))
    spaced = False
    for piece in _with_repairs(roles, document.repairs):
        whole = document.text[piece.start : piece.end]
        # Of repaired characters the spaces count, too.
        words = whole if piece.mended else whole.strip(_SPACES)
        if not words and piece.role != "omitted":
            spaced = True
            continue
        start = piece.start + whole.index(words)
        end = start + len(words)
        yield replace(piece, start=start, end=end, text=words, spaced=spaced or start > piece.start)
        spaced = end < piece.end or (spaced and piece.role == "omitted")


def _roles(reading: Reading, document: DocumentReport, n_members: int) -> Iterator[Piece]:
    """The sentence without gaps, as stretches of one role each."""
    text = document.text
    anchors = [
        signal
        for signal in sorted(document.signals, key=lambda signal: signal.start)
        if signal.name == "inserted-anchor"
        and signal.start < reading.end
        and signal.end > reading.start
    ]
    place = reading.start
    for start, end in (*reading.agreed, (reading.end, reading.end)):
        if place < start:
            gap = list(_gap(text, place, start, anchors, n_members))
            yield from gap
            inside = reading.start < place and start < reading.end
            if inside and all(each.role == "agreed" for each in gap):
                # Nothing but spaces and points divides the two: what the others have is not here.
                yield Piece("omitted", start, start)
        yield from _around_anchors(text, start, end, anchors, n_members, "agreed")
        place = max(place, end)


def _gap(
    text: str, start: int, end: int, anchors: Sequence[Signal], n_members: int
) -> Iterator[Piece]:
    """What stands between words of the skeleton: variants, and points and spaces around them."""
    for piece in _around_anchors(text, start, end, anchors, n_members, "variant"):
        if piece.role == "anchor":
            yield piece
            continue
        words = [at for at in range(piece.start, piece.end) if _is_of_word(text[at])]
        if not words:
            yield replace(piece, role="agreed")
            continue
        inner = words[0], words[-1] + 1
        yield Piece("agreed", piece.start, inner[0])
        yield Piece("variant", *inner)
        yield Piece("agreed", inner[1], piece.end)


def _is_of_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"  # letters, their marks, numbers


def _around_anchors(
    text: str, start: int, end: int, anchors: Sequence[Signal], n_members: int, role: Role
) -> Iterator[Piece]:
    """A stretch, its inserted anchors taken out of it."""
    place = start
    for signal in anchors:
        if place <= signal.start and signal.end <= end:
            yield Piece(role, place, signal.start)
            n_carriers = f"in {signal.n_members:,} of {n_members:,}" * (signal.n_members > 1)
            yield Piece("anchor", signal.start, signal.end, note=n_carriers)
            place = signal.end
    yield Piece(role, place, end)


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Neighbours of one role as one stretch; empty ones are left out."""
    full = (each for each in pieces if each.n_chars or each.role == "omitted")
    for (role, note), same in groupby(full, key=lambda each: (each.role, each.note)):
        run = list(same)
        if role == "anchor":
            yield from run
        else:
            yield Piece(role, run[0].start, run[-1].end, note=note)


def _with_repairs(pieces: Iterable[Piece], repairs: Sequence[Repair]) -> Iterator[Piece]:
    """The same, with stretches of their own for characters that were repaired."""
    steps = sorted((each for each in repairs if each.start < each.end), key=lambda each: each.start)
    ends = [each.end for each in steps]
    for piece in pieces:
        place = piece.start
        # Steps do not overlap: the first that ends behind the start is the first one in the piece.
        for at in range(bisect_right(ends, piece.start), len(steps)):
            step = steps[at]
            start, end = max(step.start, place), min(step.end, piece.end)
            if start >= end:
                break
            if place < start:
                yield replace(piece, start=place, end=start)
            note = f"{step.kind}: repaired to “{step.after}”"
            yield replace(piece, start=start, end=end, note=note, mended=True)
            place = end
        if place < piece.end or not piece.n_chars:
            yield replace(piece, start=place)


def _skeleton(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The skeleton after the pieces of the base: one slot for whatever stands between its words."""
    for piece in pieces:
        if piece.role == "variant":
            yield replace(piece, role="slot", text="", note="", mended=False)
        elif piece.role == "agreed":
            yield piece


def shortened(pieces: Sequence[Piece], limit: int = ROW_CHARS) -> Iterator[Piece]:
    """Pieces of a long sentence, cut around its variants: each cut says how much it takes out.

    Args:
        pieces: of one sentence, in order.
        limit: code points that are shown, about: of a piece that is too long both ends are.

    >>> long = Piece("agreed", 0, 900, "x" * 900)
    >>> [(each.role, each.n_chars) for each in shortened([long, Piece("variant", 901, 904, "old")])]
    [('agreed', 60), ('cut', 780), ('agreed', 60), ('variant', 3)]
    """
    if sum(each.n_chars for each in pieces) <= limit:
        yield from pieces
        return
    room = limit
    for piece in pieces:
        if room <= 0:
            yield Piece("cut", piece.start, pieces[-1].end, spaced=True)
            return
        ends = max(1, min(room // 2, _AGREED_ENDS if piece.role == "agreed" else room))
        if piece.n_chars <= 2 * ends + _LEAST_CUT:
            yield piece
            room -= piece.n_chars
            continue
        first_end, last_start = piece.start + ends, piece.end - ends
        yield replace(piece, end=first_end, text=piece.text[:ends])
        yield Piece("cut", first_end, last_start, spaced=True)
        yield replace(piece, start=last_start, text=piece.text[-ends:], spaced=True)
        room -= 2 * ends
