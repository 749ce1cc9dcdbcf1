"""Scales of the pictures: how numbers from 0 on become lengths.

In: the numbers of one axis. Out: the plainest scale on which the smallest can still be seen, and
the round numbers to be named on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

ScaleName = Literal["linear", "square root", "logarithmic"]

# The smallest count must be seen beside the largest: a bar of so many pixels, or another scale.
_LEAST_BAR = 4.0
_TICK_ROOM = 24.0  # pixels between labels of the vertical axis
_MAX_STEPS = 5  # of a linear axis

_SHAPES: dict[ScaleName, Callable[[float], float]] = {
    "linear": float,
    "square root": math.sqrt,
    "logarithmic": math.log1p,
}


@dataclass(frozen=True, slots=True)
class Scale:
    """How numbers from 0 on become lengths.

    Attributes:
        name: what to call it on the axis; "logarithmic" is of one more than the number, so that
            nothing has the length 0.
        top: the number that has the full length.
        length: of the axis.
    """

    name: ScaleName
    top: float
    length: float

    def of(self, value: float) -> float:
        """The length of a number, in the unit of the axis, rounded to two decimals.

        >>> Scale("square root", 100, 200).of(25)
        100.0
        """
        shape = _SHAPES[self.name]
        return round(self.length * shape(value) / shape(self.top), 2)

    def ticks(self) -> tuple[float, ...]:
        """Round numbers to be named on the axis, ascending from 0.

        >>> Scale("linear", 6, 200).ticks(), Scale("logarithmic", 30_000, 200).ticks()
        ((0.0, 2.0, 4.0, 6.0), (0.0, 10.0, 100.0, 1000.0, 10000.0))
        """
        if self.name == "linear":
            step = _linear_step(self.top)
            return tuple(step * n for n in range(int(self.top / step) + 1))
        kept: list[float] = []
        for value in sorted(_round_numbers(self.top, self.name), reverse=True):
            length = self.of(value)
            if length >= _TICK_ROOM and (not kept or self.of(kept[-1]) - length >= _TICK_ROOM):
                kept.append(value)
        return 0.0, *reversed(kept)


def _linear_step(top: float) -> float:
    """The smallest round step from 1 on that gives few ticks."""
    return next(each for each in _round_numbers(math.inf) if top <= _MAX_STEPS * each)


def _round_numbers(top: float, scale: ScaleName = "linear") -> Iterator[float]:
    """1, 2, 5, 10, 20, ... up to a number; on a logarithmic scale the powers of ten alone."""
    power = 1.0
    while power <= top:
        for digit in (1,) if scale == "logarithmic" else (1, 2, 5):
            if digit * power <= top:
                yield digit * power
        power *= 10


def scale_for(counts: Sequence[int], expected: Sequence[float], length: float) -> Scale:
    """The plainest scale on which the smallest count can still be seen beside the largest number.

    Args:
        counts: whole numbers; at least one is above 0.
        expected: other numbers on the same axis, that may be too small to be seen.
        length: of the axis, in pixels.

    >>> [scale_for([1, most], [], 200).name for most in (50, 2500, 100_000)]
    ['linear', 'square root', 'logarithmic']
    """
    least = min(each for each in counts if each)
    top = max(*counts, *expected, 1)
    for name in ("linear", "square root"):
        scale = Scale(name, top, length)
        if scale.of(least) >= _LEAST_BAR:
            break
    else:
        return Scale("logarithmic", top, length)
    if scale.name != "linear":
        return scale
    step = _linear_step(top)
    return Scale("linear", step * math.ceil(top / step), length)
