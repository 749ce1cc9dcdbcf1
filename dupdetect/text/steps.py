"""Steps: what repair replaced, replayed, put on top of each other, and followed back.

In: a text and the steps that lead from it. Out: the text they lead to, one list of steps for two,
and, for any span of the repaired text, its span in the text as read.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dupdetect.results import Repair


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text before and after repair, and the steps between.

    Attributes:
        original: the text as read.
        text: the repaired text.
        repairs: the steps, sorted by start, never overlapping; spans are in the text as read.

    >>> repaired = Repaired("AT&amp;T", "AT&T", (Repair("html-entity", 2, 7, "&amp;", "&"),))
    >>> repaired.span_as_read(2, 4), repaired.original[2:8]
    ((2, 8), '&amp;T')
    """

    original: str
    text: str
    repairs: tuple[Repair, ...] = ()
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _ends: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts, ends, shift = [], [], 0
        for repair in self.repairs:
            starts.append(repair.start + shift)
            ends.append(starts[-1] + len(repair.after))
            shift = ends[-1] - repair.end
        object.__setattr__(self, "_starts", tuple(starts))
        object.__setattr__(self, "_ends", tuple(ends))

    def span_as_read(self, start: int, end: int) -> tuple[int, int]:
        """The smallest span of the text as read that covers a span of the repaired text.

        It is found by bisection: O(log n) in the number of repairs.

        Args:
            start: first code point, in the repaired text.
            end: one past the last.

        Raises:
            ValueError: not 0 <= start <= end <= len(text).
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"span {start}:{end} is not within a text of {len(self.text)}")
        last = bisect_right(self._starts, start) - 1
        as_read_start = start
        if last >= 0:
            repair = self.repairs[last]
            inside = start < self._ends[last]
            as_read_start = repair.start if inside else repair.end + start - self._ends[last]
        last = bisect_left(self._starts, end) - 1
        as_read_end = end
        if last >= 0:
            as_read_end = self.repairs[last].end + max(0, end - self._ends[last])
        return as_read_start, as_read_end

    def spans_as_read(
        self, starts: npt.ArrayLike, ends: npt.ArrayLike
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """`span_as_read` for many spans at once.

        Args:
            starts: first code points, in the repaired text.
            ends: one past the last, as many.

        Raises:
            ValueError: a span is not within the text.
        """
        start, end = np.asarray(starts, dtype=np.int64), np.asarray(ends, dtype=np.int64)
        if np.any(start < 0) or np.any(start > end) or np.any(end > len(self.text)):
            raise ValueError(f"a span is not within a text of {len(self.text)}")
        # A repair of nothing at the front stands for "no repair before this place".
        before = np.array([0, *self._starts], dtype=np.int64)
        behind = np.array([0, *self._ends], dtype=np.int64)
        read_start = np.array([0, *(repair.start for repair in self.repairs)], dtype=np.int64)
        read_end = np.array([0, *(repair.end for repair in self.repairs)], dtype=np.int64)
        last = np.searchsorted(before[1:], start, side="right")
        inside = start < behind[last]
        as_read_start = np.where(inside, read_start[last], read_end[last] + start - behind[last])
        last = np.searchsorted(before[1:], end, side="left")
        return as_read_start, read_end[last] + np.maximum(0, end - behind[last])


def replay(text: str, repairs: Sequence[Repair]) -> str:
    """The text with every step done: `replay(original, repairs)` is the repaired text.

    >>> replay("AT&amp;T", [Repair("html-entity", 2, 7, "&amp;", "&")])
    'AT&T'
    """
    parts, at = [], 0
    for repair in repairs:
        parts += [text[at : repair.start], repair.after]
        at = repair.end
    return "".join(parts) + text[at:]


def compose(
    original: str, first: Sequence[Repair], middle: str, second: Sequence[Repair]
) -> list[Repair]:
    """One list of steps for two: `first` leads from original to middle, `second` on from there.

    Steps that overlap in the middle text become one, of the kind of the last.
    """
    if not first:
        return list(second)
    groups = _overlapping(first, second)
    steps, shift = [], 0  # shift: from an offset in middle to one in original
    for low, high, firsts, seconds in groups:
        start = low + shift
        shift += sum(len(step.before) - len(step.after) for step in firsts)
        end = high + shift
        local = [
            Repair(step.kind, step.start - low, step.end - low, step.before, step.after)
            for step in seconds
        ]
        after = replay(middle[low:high], local)
        if after != original[start:end]:
            kind = (seconds or firsts)[-1].kind
            steps.append(Repair(kind, start, end, original[start:end], after))
    return steps


_Group = tuple[int, int, list[Repair], list[Repair]]


def _overlapping(first: Sequence[Repair], second: Sequence[Repair]) -> Iterator[_Group]:
    """Groups of steps that overlap in the middle text, with the span of each group in it."""
    spans: list[tuple[int, int, int, Repair]] = []
    shift = 0
    for step in first:
        start = step.start + shift
        shift += len(step.after) - len(step.before)
        spans.append((start, start + len(step.after), 0, step))
    spans += [(step.start, step.end, 1, step) for step in second]
    spans.sort(key=lambda span: span[:3])
    group: _Group | None = None
    for start, end, which, step in spans:
        if group is None or start >= group[1]:
            if group is not None:
                yield group
            group = (start, end, [], [])
        group = (group[0], max(group[1], end), group[2], group[3])
        group[2 + which].append(step)  # type: ignore[union-attr]
    if group is not None:
        yield group
