"""The histogram of a page: scores of pairs on one subject, drawn over what the null expects.

In: a Report. Out: the picture as geometry that a template draws as SVG, and what is seen in words.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dupdetect.report.lists import count, rounded_up, signed
from dupdetect.report.reuse import LEAST_P, p_value
from dupdetect.report.views.scale import Scale, scale_for
from dupdetect.results import Report, ScoreHistogram

PLOT_HEIGHT = 200


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis, and what it is called."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """The pairs of one bin.

    Attributes:
        x: where it begins, in percent of the width.
        width: in percent.
        height: of all its pairs, in pixels from the base line up.
        family_height: of those whose two documents are in one decided family; they are counted from
            the base line, too, not put on top.
        title: the bin and its numbers in words.
    """

    x: float
    width: float
    height: float
    family_height: float
    title: str


@dataclass(frozen=True, slots=True)
class HistogramPicture:
    """The scores of pairs on one subject, drawn over the null.

    Attributes:
        scale: of the vertical axis; it goes up from the base line.
        bars: bin by bin; those without pairs, too.
        expected: the stepped line of what honest texts would have, as a path: x in percent of the
            width, y in pixels from above.
        x_ticks: on the horizontal axis, in percent.
        y_ticks: on the vertical axis, in pixels from above.
        threshold_x: of the threshold line, in percent.
        threshold_lines: what stands beside it.
        threshold_left: whether that stands to the left of it.
        expected_above: of as many pairs of honest texts, those above it, in digits.
        description: the picture in words.
        expected_families: of the decided recycled families, how many there would be by chance at
            most, in words; "" where there are none.
        n_families: decided recycled families.
    """

    scale: Scale
    bars: tuple[Bar, ...]
    expected: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    threshold_x: float
    threshold_lines: tuple[str, ...]
    threshold_left: bool
    expected_above: str
    description: str
    expected_families: str
    n_families: int


def histogram(chart: ScoreHistogram, report: Report) -> HistogramPicture:
    """The histogram of a report.

    Args:
        chart: the numbers of it; at least one pair is on one subject.
        report: that it is of.

    >>> chart = ScoreHistogram((0.0, 1.0, 2.0), (3, 1), (0, 1), (3.5, 0.5), 4, 0, 0.05, 1.0, 1, 0.2)
    >>> [bar.height for bar in histogram(chart, Report((), (), (), (), {}, {})).bars]
    [150.0, 50.0]
    """
    scale = scale_for(chart.counts, chart.expected, PLOT_HEIGHT)
    across = _across(chart.edges)
    threshold_x = across(chart.threshold)
    expected = rounded_up(chart.expected_above)
    n_families = sum(each.reuse is not None for each in report.families)
    return HistogramPicture(
        scale=scale,
        bars=tuple(_bars(chart, scale, across)),
        expected=_stepped(chart, scale, across),
        x_ticks=tuple(Tick(across(each), f"{each:g}") for each in _whole_numbers(chart.edges)),
        y_ticks=tuple(
            Tick(round(PLOT_HEIGHT - scale.of(each), 2), f"{each:,.0f}") for each in scale.ticks()
        ),
        threshold_x=threshold_x,
        threshold_lines=(
            f"threshold {signed(chart.threshold)}",
            f"{count(chart.n_above, 'pair')} at or above",
            f"honest texts: {expected} at most",
        ),
        threshold_left=threshold_x > 50,
        expected_above=expected,
        description=(
            f"Scores from {chart.edges[0]:g} to {chart.edges[-1]:g} nats across, pairs upwards "
            f"({scale.name} scale). Of {count(chart.n_pairs, 'pair')} on one subject "
            f"{chart.n_above:,} reach the threshold of {signed(chart.threshold)}; of honest texts "
            f"at most {expected} would. Most pairs, {max(chart.counts):,}, are in the bin "
            f"{_bin_words(chart, chart.counts.index(max(chart.counts)))}."
        ),
        expected_families=expected_words(report),
        n_families=n_families,
    )


def no_histogram(report: Report) -> str:
    """Why a report has no histogram; "" where it has one.

    >>> no_histogram(Report((), (), (), (), {}, {"lens": "near-duplicate"}))
    'There are no scores to draw: recycled text was not looked for (lens).'
    """
    if report.histogram is None:
        if report.settings.get("lens") == "near-duplicate":
            return "There are no scores to draw: recycled text was not looked for (lens)."
        if report.heat_map is None:
            return "There are no scores to draw: fewer than two different texts were judged."
        return "There is no histogram: no score is as rare in the null as recycled.level asks."
    if not report.histogram.n_pairs:
        n = count(report.histogram.n_other_pairs, "pair")
        return f"There is no histogram: no two documents are known to be on one subject ({n})."
    return ""


def expected_false_families(report: Report) -> float | None:
    """How many of the decided recycled families would be there by chance, at most.

    Of groups that Benjamini and Hochberg's method accepts at a level, that share at most is false
    on average; the level that accepted these is the largest of their adjusted p-values. None where
    no recycled family was decided.

    >>> from dupdetect.results import Family, Reuse
    >>> def family(p: float) -> Family:
    ...     reuse = Reuse(p, p, 1.5, 2, 9.0, 2.0, "a", 1.5)
    ...     return Family("family-1", "recycled", ("a", "b"), "a", 0.5, reuse=reuse)
    >>> expected_false_families(Report((), (), (family(0.002), family(0.01)), (), {}, {}))
    0.02
    """
    adjusted = [each.reuse.p_adjusted for each in report.families if each.reuse is not None]
    return len(adjusted) * max(adjusted) if adjusted else None


def expected_words(report: Report) -> str:
    """The same in words, rounded up to two digits; "" where no recycled family was decided.

    Where their p-values lie below the least that is shown, it is as many times that one.

    >>> expected_words(Report((), (), (), (), {}, {}))
    ''
    """
    expected = expected_false_families(report)
    if expected is None:
        return ""
    n_families = sum(each.reuse is not None for each in report.families)
    least = n_families * LEAST_P
    if expected < least:
        return f"fewer than {least:.10g}"
    return f"at most {p_value(expected).removeprefix('p = ')}"


def _across(edges: Sequence[float]) -> Callable[[float], float]:
    """Scores as percent of the width; what lies beyond an end is put there."""
    low, high = edges[0], edges[-1]

    def place(score: float) -> float:
        return round(100 * (min(max(score, low), high) - low) / (high - low), 2)

    return place


def _whole_numbers(edges: Sequence[float]) -> Iterable[int]:
    return range(math.ceil(edges[0]), math.floor(edges[-1]) + 1)


def _bars(chart: ScoreHistogram, scale: Scale, across: Callable[[float], float]) -> Iterator[Bar]:
    rows = zip(pairwise(chart.edges), chart.counts, chart.recycled, chart.expected, strict=True)
    for number, ((low, high), n, n_family, expected) in enumerate(rows):
        within = f", {n_family:,} of them in a family" if n_family else ""
        yield Bar(
            x=across(low),
            width=round(across(high) - across(low), 2),
            height=scale.of(n),
            family_height=scale.of(n_family),
            title=(
                f"{_bin_words(chart, number)}: {count(n, 'pair')}{within}; "
                f"{expected:,.2f} expected of honest texts"
            ),
        )


def _bin_words(chart: ScoreHistogram, number: int) -> str:
    """A bin in words; the first and the last have what lies beyond them, too."""
    low, high = chart.edges[number], chart.edges[number + 1]
    if number == 0:
        return f"below {high:g}"
    if number == len(chart.counts) - 1:
        return f"{low:g} or more"
    return f"{low:g} to {high:g}"


def _stepped(chart: ScoreHistogram, scale: Scale, across: Callable[[float], float]) -> str:
    """The outline of the expected numbers, from the base line to the base line."""
    parts = [f"M{across(chart.edges[0]):g} {PLOT_HEIGHT}"]
    for high, expected in zip(chart.edges[1:], chart.expected, strict=True):
        parts.append(f"V{round(PLOT_HEIGHT - scale.of(expected), 2):g}H{across(high):g}")
    return "".join([*parts, f"V{PLOT_HEIGHT}"])
