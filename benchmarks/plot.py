"""Log-log plots as SVG, written by hand: lines in panels, each line named at its right end.

In: panels of lines. Out: one SVG document, the same for the same values, with a title and a
description for those who cannot see it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

# Okabe and Ito 2008, "Color universal design": told apart with any kind of colour vision.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000", "#7f7f7f")
_PANEL_WIDTH, _PANEL_HEIGHT = 330, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 110, 64, 56
_FEW_DECADES = 2  # up to here there is room for lines at 2 and 5 too
_LABEL_STEP = 14  # least distance of two line names: their font is 12 high


@dataclass(frozen=True, slots=True)
class Line:
    """Points (x, y), both above 0; a strong line is drawn wider."""

    name: str
    points: tuple[tuple[float, float], ...]
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines that share a y axis."""

    y_label: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class _Axis:
    """Whole decades, from 10**low to 10**high, over so many pixels from a start."""

    low: int
    high: int
    start: float
    length: float

    def place(self, value: float) -> float:
        """The pixel of a value."""
        return self.start + self.length * (math.log10(value) - self.low) / (self.high - self.low)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Values that get a grid line, and how they are written; a short axis has more of them."""
        steps = (1, 2, 5) if self.high - self.low <= _FEW_DECADES else (1,)
        ticks = [
            (step * 10.0**exponent, _written(step, exponent))
            for exponent in range(self.low, self.high)
            for step in steps
        ]
        return [*ticks, (10.0**self.high, _written(1, self.high))]


def log_log_svg(title: str, description: str, x_label: str, panels: Sequence[Panel]) -> str:
    """An SVG document of panels side by side, sharing the x axis.

    Raises:
        ValueError: there is no point, or a value is 0 or less, which has no logarithm.
    """
    points = [point for panel in panels for line in panel.lines for point in line.points]
    if not points or min(min(point) for point in points) <= 0:
        raise ValueError("a log-log plot needs points, and all of their values above 0")
    panel_step = _LEFT + _PANEL_WIDTH + _RIGHT
    width, height = panel_step * len(panels), _TOP + _PANEL_HEIGHT + _BOTTOM
    low_x, high_x = _decades([x for x, _ in points])
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-labelledby="title description" '
        'font-family="sans-serif" font-size="12">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="description">{escape(description)}</desc>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(_LEFT, 24, title, size=15),
    ]
    for number, panel in enumerate(panels):
        x = _Axis(low_x, high_x, panel_step * number + _LEFT, _PANEL_WIDTH)
        low_y, high_y = _decades([value for line in panel.lines for _, value in line.points])
        y = _Axis(low_y, high_y, _TOP + _PANEL_HEIGHT, -_PANEL_HEIGHT)
        parts += [*_grid(x, y), *_drawn(panel.lines, x, y)]
        parts.append(_text(x.start, _TOP - 12, panel.y_label))
        parts.append(_text(x.start + _PANEL_WIDTH / 2, height - 12, x_label, anchor="middle"))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """The whole decades around the values, at least one."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _grid(x: _Axis, y: _Axis) -> list[str]:
    bottom, top = y.start, y.start + y.length
    left, right = x.start, x.start + x.length
    parts = []
    for value, written in x.ticks:
        at = x.place(value)
        parts.append(_segment(at, bottom, at, top, "#dddddd"))
        # "200,000" and its neighbours would touch: of several decades only the tens are written.
        if x.high - x.low == 1 or math.log10(value).is_integer():
            parts.append(_text(at, bottom + 18, written, anchor="middle"))
    for value, written in y.ticks:
        at = y.place(value)
        parts.append(_segment(left, at, right, at, "#dddddd"))
        parts.append(_text(left - 8, at + 4, written, anchor="end"))
    return [*parts, _segment(left, bottom, right, bottom, "#444444")]


def _drawn(lines: Sequence[Line], x: _Axis, y: _Axis) -> list[str]:
    parts = []
    colours = [_COLOURS[number % len(_COLOURS)] for number in range(len(lines))]
    for line, colour in zip(lines, colours, strict=True):
        places = [(x.place(at), y.place(value)) for at, value in line.points]
        path = " ".join(f"{left:.1f},{top:.1f}" for left, top in places)
        wide = 3 if line.strong else 1.5
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{wide}"/>'
        )
        parts += [
            f'<circle cx="{left:.1f}" cy="{top:.1f}" r="{wide + 1}" fill="{colour}"/>'
            for left, top in places
        ]
    ends = [y.place(line.points[-1][1]) for line in lines]
    beside = x.start + x.length
    for line, colour, top in zip(lines, colours, _spread(ends), strict=True):
        # A dot and dark letters: some of the colours are too light to read on white.
        parts.append(f'<circle cx="{beside + 12:.1f}" cy="{top:.1f}" r="4" fill="{colour}"/>')
        parts.append(_text(beside + 20, top + 4, line.name))
    return parts


def _spread(tops: Sequence[float]) -> list[float]:
    """Places near those asked for, none nearer to another than a line of text is high.

    >>> _spread([100.0, 101.0, 200.0])
    [100.0, 114.0, 200.0]
    """
    spread = list(tops)
    order = sorted(range(len(tops)), key=lambda at: tops[at])
    for above, below in pairwise(order):
        spread[below] = max(spread[below], spread[above] + _LABEL_STEP)
    return spread


def _written(step: int, exponent: int) -> str:
    """A round number, step * 10**exponent, as people write it.

    >>> [_written(1, -2), _written(5, 0), _written(2, 3), _written(1, 6)]
    ['0.01', '5', '2,000', '1,000,000']
    """
    if exponent < 0:
        return f"{step * 10.0**exponent:.{-exponent}f}"
    return f"{step * 10**exponent:,}"


def _segment(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{colour}" stroke-width="1"/>'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 12) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#222222" '
        f'font-size="{size}">{escape(text)}</text>'
    )
