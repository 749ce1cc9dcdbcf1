"""One text of a pair as it was read, with what it shares marked in place.

In: the entry of a document, and the numbered passages of the pair. Out: Pane, the text as
paragraphs of stretches, cut where nothing is shared or too much is read.

Nothing is changed in a text: its pieces, with the gaps between paragraphs and what was cut, are the
text as it was read. A piece is one state: which passages it lies in, whether its words stayed or
differ, and what is boxed there.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from dupdetect.report.lists import count
from dupdetect.report.safe_text import BOX_CHARS, Box, drawn, pieces
from dupdetect.report.views.boxes import Boxed, BoxKind, boxes_in
from dupdetect.report.views.numbered import Numbered, Side, runs_of, span_of
from dupdetect.results import DocumentReport

Mark = Literal["", "differs", "stayed"]

#: Characters of one text that are shown: some ten screens. A box counts for several.
MAX_SHOWN = 20_000
#: A longer stretch without a passage is cut to its ends.
MAX_BARE = 600
#: Code points that are kept at either end of such a stretch: two or three lines.
KEPT_OF_BARE = 200
#: Of texts too long to be shown whole, a longer run of the same words is folded to its ends, too:
#: what differs of a copy is worth the room.
MAX_SAME = 1_200
#: The first three of texts that are shown in brief: their passages, and a line around them.
MAX_BRIEF, MAX_BARE_IN_BRIEF, KEPT_IN_BRIEF = 2_000, 240, 80
#: Characters of the texts of all pairs of a page that are shown other than in brief.
MAX_ON_PAGE = 600_000
#: Of passages that overlap in one place, so many are coloured; all are numbered.
MAX_COLOURED = 3

_AT_A_SPACE = 40  # code points by which a cut is moved so that it stands between words

# What ends a line, and the blank lines behind it: from a line break to the last one of the white
# space there, so that a search reads no character more than twice.
_GAP = re.compile(r"[\n-\r](?:[ \t\xa0\u3000\n-\r]*[\n-\r])?")


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of one text in one state.

    Attributes:
        text: the characters as they were read; "" where only a note stands.
        mark: "differs" for words of an edited passage that the other text has not; "stayed" for
            words of a reworded one that it has.
        box: why they are boxed: "hidden" characters, a "repair", "damage" that was not repaired,
            an inserted "anchor", or the "end" of a text that was cut off; "" when they are not.
        title: what the box says of itself.
        note: what stands behind the box; "" where it goes on in the next piece.
    """

    text: str
    mark: Mark = ""
    box: BoxKind = ""
    title: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring pieces in the same passages, or a stretch that was cut.

    Attributes:
        start: first code point, in the text as read.
        end: one past the last.
        passages: numbers of the passages that it lies in, ascending.
        starts: of these, those whose first stretch it is.
        pieces: its characters; empty when it was cut.
        cut: "" when it is shown; else what is said in its place.
    """

    start: int
    end: int
    passages: tuple[int, ...] = ()
    starts: tuple[int, ...] = ()
    pieces: tuple[Piece, ...] = ()
    cut: str = ""

    @property
    def coloured(self) -> tuple[int, ...]:
        """Numbers of the passages it is coloured for, outermost first."""
        return self.passages[:MAX_COLOURED]

    @property
    def only_numbered(self) -> tuple[int, ...]:
        """Numbers of the passages that start here and that it is not coloured for."""
        return tuple(n for n in self.starts if n not in self.coloured)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line or paragraph of a text.

    Attributes:
        stretches: what it consists of; none for an empty line.
        gap: the line breaks behind it, with blank lines: they part paragraphs and are not drawn.
    """

    stretches: tuple[Stretch, ...]
    gap: str = ""

    @property
    def parted(self) -> bool:
        """Whether it ends with more than one line break."""
        return len(self.gap.replace("\r\n", "\n")) > 1


@dataclass(frozen=True, slots=True)
class Pane:
    """One text, as far as it is shown.

    Attributes:
        side: "a" or "b".
        paragraphs: the text.
        notes: sentences on what is not shown, on how the text was decoded, and how it ends.
        n_drawn: characters that are shown, boxes counted as `safe_text.drawn` counts them.
    """

    side: Side
    paragraphs: tuple[Paragraph, ...]
    notes: tuple[str, ...]
    n_drawn: int


@dataclass(frozen=True, slots=True)
class _Extent:
    """How much of a text is shown: see MAX_SHOWN, MAX_BARE and KEPT_OF_BARE."""

    most: int
    bare: int
    kept: int


_IN_FULL = _Extent(MAX_SHOWN, MAX_BARE, KEPT_OF_BARE)
_IN_BRIEF = _Extent(MAX_BRIEF, MAX_BARE_IN_BRIEF, KEPT_IN_BRIEF)


# Start and end in a text, and the passage or passages there.
_Span = tuple[int, int, Numbered]
_Layer = tuple[int, int, tuple[Numbered, ...]]


def pane(
    side: Side,
    document: DocumentReport,
    numbered: Sequence[Numbered],
    *,
    brief: bool = False,
    folded: bool = False,
) -> Pane:
    r"""One text, cut and parted into paragraphs.

    Args:
        side: which of the two it is.
        document: whose text it is.
        numbered: the passages of the pair.
        brief: only the passages are shown, and a line around them.
        folded: of long runs of the same words inside passages the ends are shown.

    >>> shown = pane("a", DocumentReport("a", "", "", "One.\nTwo.", 9, 2, "distinct", None), [])
    >>> [each.stretches[0].pieces[0].text for each in shown.paragraphs]
    ['One.', 'Two.']
    """
    text = document.text
    spans: list[_Span] = [(*span_of(each.passage, side), each) for each in numbered]
    extent = _IN_BRIEF if brief else _IN_FULL
    kept = _kept(text, [(start, end) for start, end, _ in spans], extent)
    folds = list(_folds(text, side, numbered, extent)) if folded else []
    ranges, n_drawn = _up_to(text, _without(folds, kept), extent.most)
    boxes, n_unboxed = boxes_in(document, ranges)
    marked = _Marked(side, text, spans, boxes)
    seen: set[int] = set()
    paragraphs: list[Paragraph] = []
    at = 0
    for start, end in ranges:
        if start > at:
            same = (at, start) in folds
            said = f"{count(start - at, 'character')} "
            said += "the same" if same else "without a shared passage"
            paragraphs.append(Paragraph((Stretch(at, start, cut=said),)))
        paragraphs += marked.paragraphs(start, end, seen)
        at = end
    n_beyond = sum(each.number not in seen for each in numbered)
    if at < len(text):
        said = count(len(text) - at, "character", "more ")
        paragraphs.append(Paragraph((Stretch(at, len(text), cut=said),)))
    crowded = any(
        len(each.passages) > MAX_COLOURED for lines in paragraphs for each in lines.stretches
    )
    notes = [
        *_notes_on_cut(n_beyond, len(numbered), sum(end - start for start, end in ranges)),
        *_notes(document, n_unboxed, crowded=crowded),
    ]
    return Pane(side, tuple(paragraphs), tuple(notes), n_drawn)


def _notes_on_cut(n_beyond: int, n_passages: int, n_shown: int) -> Iterator[str]:
    if n_beyond:
        lie = "lies" if n_beyond == 1 else "lie"
        of = count(n_passages, "passage")
        yield f"{n_beyond:,} of {of} {lie} beyond the {count(n_shown, 'character')} shown."


def _notes(document: DocumentReport, n_unboxed: int, *, crowded: bool) -> Iterator[str]:
    if n_unboxed:
        yield f"{count(n_unboxed, 'repair', 'more ')} in this text, not marked."
    if crowded:
        n = MAX_COLOURED
        yield f"Where more than {n} passages overlap, the first {n} are coloured."
    for each in document.signals:
        nowhere = each.name == "encoding-damage" and each.start == each.end
        if nowhere or each.name == "truncated-end":
            yield f"{each.reason[:1].upper()}{each.reason[1:]}."


def _kept(text: str, spans: Iterable[tuple[int, int]], extent: _Extent) -> list[tuple[int, int]]:
    """What is shown of a text if there is room for it: half-open ranges, ascending.

    Stretches without a passage are cut to their ends where they are longer than the extent has it.
    """
    ranges: list[tuple[int, int]] = []
    start = at = 0
    for next_start, next_end in [*sorted(spans), (len(text), len(text))]:
        if next_start - at > extent.bare:
            ranges.append((start, _before_space(text, at + extent.kept)))
            start = _behind_space(text, next_start - extent.kept)
        at = max(at, next_end)
    ranges.append((start, len(text)))
    return ranges


def _folds(
    text: str, side: Side, numbered: Sequence[Numbered], extent: _Extent
) -> Iterator[tuple[int, int]]:
    """What is left out of long runs of the same words: half-open ranges, ascending and disjoint.

    The ends of each run and passage are kept, with what stands around them.
    """
    same = [
        span
        for each in numbered
        for span in (
            [span_of(each.passage, side)]
            if each.passage.kind == "identical"
            else runs_of(each.passage, side)
        )
    ]
    spans = [span_of(each.passage, side) for each in numbered]
    edges = sorted({place for span in (*same, *spans) for place in span})
    for start, end in _union(same):
        inside = edges[bisect_left(edges, start) : bisect_right(edges, end)]
        for first, last in pairwise(inside):
            if last - first > MAX_SAME:
                yield (
                    _before_space(text, first + extent.kept),
                    _behind_space(text, last - extent.kept),
                )


def _without(
    folds: Sequence[tuple[int, int]], ranges: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Ranges less what is folded; each fold lies in one of them.

    >>> list(_without([(2, 4), (7, 8)], [(0, 5), (6, 9)]))
    [(0, 2), (4, 5), (6, 7), (8, 9)]
    """
    starts = [start for start, _ in folds]
    for start, end in ranges:
        inside = folds[bisect_left(starts, start) : bisect_left(starts, end)]
        yield from _holes(inside, start, end)


def _up_to(
    text: str, ranges: Iterable[tuple[int, int]], most: int
) -> tuple[list[tuple[int, int]], int]:
    """The ranges as far as there is room for what is drawn of them, and how much that is."""
    shown, n_drawn = [], 0
    for start, end in ranges:
        if n_drawn >= most:
            break
        found, n = drawn(text[start : min(end, start + most - n_drawn)], most - n_drawn)
        n_drawn += sum(BOX_CHARS if isinstance(each, Box) else len(each) for each in found)
        shown.append((start, start + n))
        if start + n < end:
            break
    return shown, n_drawn


def _before_space(text: str, place: int) -> int:
    """The last space shortly before a place, so that a cut does not part a word."""
    space = text.rfind(" ", place - _AT_A_SPACE, place)
    return place if space < 0 else space


def _behind_space(text: str, place: int) -> int:
    space = text.find(" ", place, place + _AT_A_SPACE)
    return place if space < 0 else space + 1


class _Marked:
    """One text with all that is marked in it.

    Args:
        side: which of the two it is.
        text: as read.
        spans: start, end, and the passage.
        boxes: ascending and disjoint.
    """

    def __init__(
        self, side: Side, text: str, spans: Sequence[_Span], boxes: Sequence[Boxed]
    ) -> None:
        self._text = text
        self._spans = sorted(spans, key=lambda span: (span[0], span[2].number))
        self._runs = {each.number: sorted(runs_of(each.passage, side)) for _, _, each in spans}
        self._boxes = boxes
        self._box_starts = [box.start for box in boxes]

    def paragraphs(self, start: int, end: int, seen: set[int]) -> Iterator[Paragraph]:
        """The paragraphs of a range of the text.

        Args:
            start: first code point.
            end: one past the last.
            seen: numbers of the passages that were begun; those that begin here are added.
        """
        bodies = list(_bodies(self._text, start, end))
        edges = [place for body in bodies for place in body[:2]]
        layers = self._layers(start, end, edges)
        marks = _Marks(self._marks(layers))
        rows = deque(layers)
        for first, last, behind in bodies:
            stretches = []
            while rows and rows[0][1] <= last:
                at, to, passages = rows.popleft()
                if at < first:  # a gap, which is not drawn
                    continue
                numbers = tuple(each.number for each in passages)
                starts = tuple(n for n in numbers if n not in seen)
                seen.update(starts)
                pieces = tuple(self._pieces(at, to, marks, opens=at == first))
                stretches.append(Stretch(at, to, numbers, starts, pieces))
            yield Paragraph(tuple(stretches), self._text[last:behind])

    def _layers(self, start: int, end: int, edges: Iterable[int]) -> list[_Layer]:
        """A range, parted wherever a passage begins or ends, and at some edges.

        Returns:
            start, end, and the passages there, by number; ascending, without holes.
        """
        inside = [
            (max(start, first), min(end, last), each)
            for first, last, each in self._spans
            if max(start, first) < min(end, last)
        ]
        places = sorted({start, end, *edges, *(place for each in inside for place in each[:2])})
        waiting = deque(inside)
        here: list[_Span] = []
        layers = []
        for first, last in pairwise(places):
            here = [each for each in here if each[1] > first]
            while waiting and waiting[0][0] <= first:
                here.append(waiting.popleft())
            passages = sorted((each for _, _, each in here), key=lambda each: each.number)
            layers.append((first, last, tuple(passages)))
        return layers

    def _marks(self, layers: Sequence[_Layer]) -> Iterator[tuple[int, int, Mark]]:
        """Where words differ or stayed; ascending and disjoint.

        Where passages overlap, the closest kind tells which of the two is marked, and a word that
        stayed in one of them stayed. A passage without runs tells nothing.
        """
        joined: list[tuple[int, int, Mark]] = []
        for start, end, passages in layers:
            kept = self._kept_in(start, end, passages)
            mark = _marked_in(passages)
            if not mark:
                continue
            for first, last in _holes(kept, start, end) if mark == "differs" else kept:
                if joined and joined[-1][1:] == (first, mark):
                    joined[-1] = (joined[-1][0], last, mark)
                else:
                    joined.append((first, last, mark))
        for first, last, mark in joined:
            first, last = _words_of(self._text, first, last)
            if first < last:
                yield first, last, mark

    def _kept_in(self, start: int, end: int, passages: Iterable[Numbered]) -> list[tuple[int, int]]:
        """The parts of a range that lie in a run of one of its passages; ascending, disjoint."""
        found = []
        for each in passages:
            runs = self._runs[each.number]
            row = max(0, bisect_right(runs, (start, start)) - 1)
            while row < len(runs) and runs[row][0] < end:
                found.append((max(start, runs[row][0]), min(end, runs[row][1])))
                row += 1
        return _union(found)

    def _pieces(self, start: int, end: int, marks: _Marks, *, opens: bool) -> Iterator[Piece]:
        """The pieces of a stretch.

        Args:
            start: first code point.
            end: one past the last.
            marks: of the text.
            opens: whether notes that stand at its very beginning are its own.
        """
        first = bisect_left(self._box_starts, start)
        if first and self._boxes[first - 1].end > start:  # it began in the stretch before
            first -= 1
        boxes = self._boxes[first : bisect_right(self._box_starts, end)]
        notes = [box for box in boxes if box.start == box.end]
        boxes = [box for box in boxes if box.start < box.end and box.start < end]
        edges = [place for box in boxes for place in (box.start, box.end)]
        edges += [box.start for box in notes]
        places = {start, end, *marks.edges(start, end), *edges}
        if opens:
            yield from _notes_at(start, notes)
        waiting = deque(boxes)
        for first, last in pairwise(sorted(place for place in places if start <= place <= end)):
            while waiting and waiting[0].end <= first:
                waiting.popleft()
            words, mark = self._text[first:last], marks.at(first)
            if waiting and waiting[0].start <= first:
                box = waiting[0]
                note = box.note if last == box.end else ""
                yield Piece(words, mark, box.kind, box.title, note)
            else:
                yield from _plain_and_hidden(words, mark)
            yield from _notes_at(last, notes)


def _notes_at(place: int, notes: Iterable[Boxed]) -> Iterator[Piece]:
    for box in notes:
        if box.start == place:
            yield Piece("", "", box.kind, box.title, box.note)


def _plain_and_hidden(words: str, mark: Mark) -> Iterator[Piece]:
    """Words, with characters that nobody would see in pieces of their own.

    Spaces are left as they are, however wide: a text can have one behind every word.
    """
    for each in pieces(words):
        if isinstance(each, Box):
            yield Piece(each.text, mark, "hidden")
        else:
            yield Piece(each, mark)


def _bodies(text: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The paragraphs of a range: first code point, one past the last, and one past the gap."""
    at = start
    for gap in _GAP.finditer(text, start, end):
        yield at, gap.start(), gap.end()
        at = gap.end()
    if at < end:
        yield at, end, end


def _marked_in(passages: Sequence[Numbered]) -> Mark:
    """Which words are marked where some passages overlap.

    Of edited passages those that differ, which are few; of reworded ones those that stayed.
    """
    kinds = {each.passage.kind for each in passages}
    if "identical" in kinds or not any(each.passage.runs for each in passages):
        return ""
    return "differs" if "edited" in kinds else "stayed"


def _union(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The code points of some spans as spans that are ascending and disjoint."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _holes(spans: Iterable[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, int]]:
    """What spans, ascending and disjoint, leave of a range."""
    at = start
    for first, last in spans:
        if first > at:
            yield at, first
        at = last
    if end > at:
        yield at, end


def _words_of(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without the spaces and punctuation at its ends, which no token holds."""
    while start < end and _is_between_words(text[start]):
        start += 1
    while start < end and _is_between_words(text[end - 1]):
        end -= 1
    return start, end


def _is_between_words(character: str) -> bool:
    return unicodedata.category(character)[0] in "PZCS"


class _Marks:
    """Marks of one text, to be asked for by place.

    Args:
        spans: start, end, mark; ascending and disjoint.
    """

    def __init__(self, spans: Iterable[tuple[int, int, Mark]]) -> None:
        self._spans = list(spans)
        self._ends = [end for _, end, _ in self._spans]

    def edges(self, start: int, end: int) -> Iterator[int]:
        """Where marks begin or end inside a range."""
        for first, last, _ in self._spans[bisect_right(self._ends, start) :]:
            if first >= end:
                return
            yield from (place for place in (first, last) if start < place < end)

    def at(self, place: int) -> Mark:
        """The mark of one code point."""
        row = bisect_right(self._ends, place)
        if row < len(self._spans) and self._spans[row][0] <= place:
            return self._spans[row][2]
        return ""
