"""What is boxed in a text: its repairs, inserted anchors, damage, and where it was cut off.

In: the entry of a document, and the ranges of its text that are shown. Out: boxes that do not
overlap, in the order of the text. Hidden characters are no boxes of this kind: see `safe_text`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from dupdetect.results import DocumentReport, Repair, Signal

BoxKind = Literal["", "hidden", "repair", "damage", "anchor", "end"]

#: Repairs of one text that are boxed in place: of text in the wrong encoding every word is mended.
MAX_REPAIRS = 300
#: Code points of what a repair gave.
MAX_REPAIRED = 80


@dataclass(frozen=True, slots=True)
class Boxed:
    """A box in a text.

    Attributes:
        start: first code point.
        end: one past the last; equal to start where only a note stands.
        kind: of the box.
        title: what it says of itself.
        note: what stands behind it.
    """

    start: int
    end: int
    kind: BoxKind
    title: str
    note: str


def boxes_in(
    document: DocumentReport, ranges: Sequence[tuple[int, int]]
) -> tuple[list[Boxed], int]:
    """The boxes that begin in what is shown, and the number of repairs there that have none.

    Boxes are disjoint: repairs first, then what signals speak of. Hidden characters are boxed
    wherever they stand, by themselves.

    Args:
        document: whose text it is.
        ranges: of the text that are shown: half-open, ascending and disjoint.

    >>> repair = Repair("mojibake", 3, 5, "Ã©", "é")
    >>> document = DocumentReport("a", "", "", "cafÃ©", 5, 1, "distinct", None, repairs=(repair,))
    >>> [(each.start, each.end, each.note) for each in boxes_in(document, [(0, 5)])[0]]
    [(3, 5, '→ “é”')]
    """
    repairs = list(_in_ranges(_repair_boxes(document.repairs), ranges))
    signals = _in_ranges(_signal_boxes(document.signals), ranges)
    boxes: list[Boxed] = []
    at = 0
    for box in sorted([*repairs[:MAX_REPAIRS], *signals], key=_by_place):
        if box.start >= at or box.start == box.end:
            boxes.append(box)
            at = max(at, box.end)
    return boxes, len(repairs[MAX_REPAIRS:])


def _by_place(box: Boxed) -> tuple[int, bool, int]:
    """Where a box begins; of those that begin at one place, repairs first."""
    return box.start, box.kind != "repair", box.end


def _in_ranges(boxes: Iterable[Boxed], ranges: Sequence[tuple[int, int]]) -> Iterator[Boxed]:
    """Those of some boxes, which ascend, that begin in a range or stand at its end."""
    waiting = iter(ranges)
    current = next(waiting, None)
    for box in boxes:
        while current is not None and box.start + (box.end > box.start) > current[1]:
            current = next(waiting, None)
        if current is None:
            return
        if current[0] <= box.start:
            yield box


def _repair_boxes(repairs: Sequence[Repair]) -> Iterator[Boxed]:
    """A box for each repair; repairs that touch are one: a word is mended letter by letter."""
    start = end = -1
    kind, after = "", ""
    for each in sorted(repairs, key=lambda step: (step.start, step.end)):
        if each.start == end and each.kind == kind:
            end, after = each.end, after + each.after
            continue
        if end >= 0:
            yield Boxed(start, end, "repair", kind, _repaired(after))
        start, end, kind, after = each.start, each.end, each.kind, each.after
    if end >= 0:
        yield Boxed(start, end, "repair", kind, _repaired(after))


def _repaired(after: str) -> str:
    """What a repair gave, in words where it has no ink.

    >>> _repaired(" "), _repaired("é"), _repaired("")
    ('→ space', '→ “é”', '→ nothing')
    """
    if not after.strip(" "):
        return f"→ {'space' if after else 'nothing'}"
    if len(after) <= MAX_REPAIRED:
        return f"→ “{after}”"
    return f"→ “{after[:MAX_REPAIRED]}” and {len(after) - MAX_REPAIRED:,} characters more"


def _signal_boxes(signals: Sequence[Signal]) -> list[Boxed]:
    boxes = []
    for each in signals:
        if each.name == "inserted-anchor":
            boxes.append(Boxed(each.start, each.end, "anchor", each.reason, _carried(each)))
        elif each.name == "encoding-damage" and each.start < each.end:
            boxes.append(Boxed(each.start, each.end, "damage", each.reason, "damaged"))
        elif each.name == "truncated-end":
            boxes.append(Boxed(each.end, each.end, "end", "", each.reason))
    return sorted(boxes, key=_by_place)


def _carried(signal: Signal) -> str:
    """In how many members of the family an anchor stands, as its reason says it; else what it does.

    >>> _carried(Signal("inserted-anchor", 0, 1, "x", "it breaks; in 3 of 4 members of family-1"))
    'in 3 of 4 members'
    """
    parts = signal.reason.split("; ")
    counted = next((part for part in parts if part.startswith("in ")), "")
    return counted.rpartition(" of ")[0] or "breaks the sentence"
