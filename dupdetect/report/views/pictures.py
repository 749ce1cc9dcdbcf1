"""The pictures of a page as geometry: scores over the null, a heat map, the sizes of families.

In: a Report. Out: values that a template draws as SVG, with the sentences that say what is seen.
Along an axis that grows with the page, places are percentages of the drawing; all others are pixels
at a width that CSS does not scale, so that writing stays readable on a phone. Both are rounded to
two decimals.
"""

from __future__ import annotations

from dataclasses import dataclass

from dupdetect.report.views.heatmap import HeatMapPicture, heat_map
from dupdetect.report.views.histogram import HistogramPicture, histogram, no_histogram
from dupdetect.report.views.sizes import SizesPicture, sizes
from dupdetect.results import Report


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of a report; None where there is nothing to draw.

    Attributes:
        histogram: the scores over the null.
        no_histogram: why there is none; "" where there is one.
        heat_map: the scores, all with all.
        sizes: of families.
    """

    histogram: HistogramPicture | None
    no_histogram: str
    heat_map: HeatMapPicture | None
    sizes: SizesPicture | None


def pictures(report: Report) -> Pictures:
    """All pictures of a report.

    >>> shown = pictures(Report((), (), (), (), {}, {}))
    >>> shown.heat_map, shown.sizes, shown.no_histogram
    (None, None, 'There are no scores to draw: fewer than two different texts were judged.')
    """
    chart, heat = report.histogram, report.heat_map
    why = no_histogram(report)
    return Pictures(
        histogram=None if why or chart is None else histogram(chart, report),
        no_histogram=why,
        heat_map=None if heat is None or len(heat.ids) < 2 else heat_map(heat, report),
        sizes=sizes(report),
    )
