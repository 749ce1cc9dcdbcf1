"""The heat map of a page: the scores of documents, all with all.

In: a Report. Out: the picture as geometry that a template draws as SVG, and what is seen in words.
Labels are safe to show (`safe_text`), and still to be escaped.
"""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from dupdetect.report.lists import Shown, count, first, fixed, signed
from dupdetect.report.safe_text import Box, literal, pieces
from dupdetect.results import Family, HeatMap, Relation, Report

MAX_CELLS_LISTED = 30  # pairs in the table of the heat map, highest scores first
#: Where the steps of the heat map begin, in nats. Half of all honest pairs on one subject score
#: below -0.3 or lower, one in a hundred scores above 1 or lower (match/null.json).
STEPS = (-1.0, -0.5, 0.0, 0.5, 1.0, 1.5)

# Cells of the heat map, in pixels: of so many documents at most.
_CELLS = ((8, 30), (16, 24), (32, 18))
_LEAST_CELL = 14
_VALUES_FROM = 30  # a cell of so many pixels has room for its score
_LABEL_CELLS, _PIXELS_A_CELL = 20, 6.7  # of a monospaced font of 11 pixels
_BRACKET_ROOM = 12
_MAX_ENDS = 200  # code points looked at, at either end of an id


@dataclass(frozen=True, slots=True)
class Cell:
    """Two documents of the heat map, as a row of its table.

    Attributes:
        a: the id that comes first by name.
        b: the other.
        pointer: of their score in the JSON.
        above: whether it reaches the threshold.
        pair: the index of the pair in the report; None: it is not listed there.
    """

    a: str
    b: str
    pointer: str
    above: bool
    pair: int | None


@dataclass(frozen=True, slots=True)
class Label:
    """Writing in the heat map: shortened where it must be, and in full for its title."""

    x: float
    y: float
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Value:
    """A score written into its cell, and the step of the cell."""

    x: float
    y: float
    text: str
    step: int


@dataclass(frozen=True, slots=True)
class Bracket:
    """Neighbouring documents of one group.

    Attributes:
        relation: of the group.
        label: its id, beside the middle of the bracket.
        bracket: the path beside the rows.
        outline: the path around their cells; x and y count cells.
    """

    relation: Relation
    label: Label
    bracket: str
    outline: str


@dataclass(frozen=True, slots=True)
class Step:
    """All cells of one colour.

    Attributes:
        number: of the step, from 0 on.
        words: which scores it has.
        path: around its cells; x and y count cells. "" for none.
    """

    number: int
    words: str
    path: str


@dataclass(frozen=True, slots=True)
class HeatMapPicture:
    """The scores of documents, all with all: the triangle below the diagonal.

    Document number i has row i and column i; its name stands where the two meet.

    Attributes:
        width: of the drawing, in pixels.
        height: in pixels.
        left: where the cells begin, in pixels.
        cell: of one cell, in pixels.
        grid: lines between the cells, as a path; x and y count cells.
        steps: the cells by colour, lowest scores first; all of them, for the legend.
        dots: where a score reaches the threshold, as a path of points; x and y count cells.
        values: the scores, where cells have room for them.
        labels: the names of the documents.
        brackets: groups of which at least two documents are shown.
        description: the picture in words.
        n_documents: shown.
        n_pairs: cells.
        n_above: cells that reach the threshold.
        cells: those with the highest scores.
        n_left_out: documents that are not shown.
    """

    width: float
    height: float
    left: float
    cell: int
    grid: str
    steps: tuple[Step, ...]
    dots: str
    values: tuple[Value, ...]
    labels: tuple[Label, ...]
    brackets: tuple[Bracket, ...]
    description: str
    n_documents: int
    n_pairs: int
    n_above: int
    cells: Shown[Cell]
    n_left_out: int


def heat_map(chart: HeatMap, report: Report) -> HeatMapPicture:
    """The heat map of a report.

    Args:
        chart: the scores of it; of at least two documents.
        report: that it is of.

    >>> shown = heat_map(HeatMap(("a", "b"), ((), (1.2,))), Report((), (), (), (), {}, {}))
    >>> shown.n_pairs, [step.path for step in shown.steps if step.path]
    (1, ['M0 1h1v1h-1z'])
    """
    n = len(chart.ids)
    cell = next((size for most, size in _CELLS if n <= most), _LEAST_CELL)
    names = [short_name(id) for id in chart.ids]
    runs = list(_runs(chart.ids, (*report.families, *report.reviews)))
    left = round(max((_width(each.id) for each, _, _ in runs), default=0) * _PIXELS_A_CELL, 2)
    left += _BRACKET_ROOM if runs else 1
    by_step, above = _by_step(chart, report)
    n_above = len(above)
    reach = max(at * cell + 6 + _width(name) * _PIXELS_A_CELL for at, name in enumerate(names))
    return HeatMapPicture(
        width=round(left + max(reach, n * cell) + 2, 2),
        height=n * cell + 2,
        left=left,
        cell=cell,
        grid="".join(f"M0 {at}H{at}M{at} {at}V{n}" for at in range(1, n)),
        steps=tuple(
            Step(number, words, _path(by_step[number]))
            for number, words in enumerate(_step_words())
        ),
        dots=_dots(above, in_corner=cell >= _VALUES_FROM),
        values=tuple(_values(chart, cell, left)) if cell >= _VALUES_FROM else (),
        labels=tuple(
            Label(round(left + at * cell + 5, 2), (at + 0.5) * cell, name, _full_name(id))
            for at, (id, name) in enumerate(zip(chart.ids, names, strict=True))
        ),
        brackets=tuple(_bracket(*run, cell, left) for run in runs),
        description=_heat_words(chart, n_above, report),
        n_documents=n,
        n_pairs=n * (n - 1) // 2,
        n_above=n_above,
        cells=_highest(chart, report, frozenset(above)),
        n_left_out=chart.n_left_out,
    )


def _full_name(id: str) -> str:
    """An id that is safe to show, its middle left out where it is far too long to read.

    >>> len(_full_name("x" * 1_000_000))
    401
    """
    if len(id) <= 2 * _MAX_ENDS:
        return literal(id)
    return f"{literal(id[:_MAX_ENDS])}…{literal(id[-_MAX_ENDS:])}"


def short_name(id: str, most: int = _LABEL_CELLS) -> str:
    r"""An id that is safe to show, cut in the middle: neither a box nor the end of a name is lost.

    Args:
        id: as it was read.
        most: cells of a monospaced font; East Asian characters take two.

    >>> short_name("news/harbour-ferries-2.txt"), short_name("渡輪.txt"), short_name("a\u202eb")
    ('news/har…rries-2.txt', '渡輪.txt', 'a⟨U+202E⟩b')
    """
    ends = id if len(id) <= 2 * _MAX_ENDS else id[:_MAX_ENDS] + id[-_MAX_ENDS:]
    atoms = [
        atom
        for piece in pieces(ends, exact=True)
        for atom in ([f"⟨{piece.code}⟩"] if isinstance(piece, Box) else piece)
    ]
    if len(ends) == len(id) and _width("".join(atoms)) <= most:
        return "".join(atoms)
    room = most - 1
    head = _fitting(atoms, room * 2 // 5 + 1)
    tail = _fitting(atoms[::-1], room - sum(map(_width, head)))[::-1]
    return f"{''.join(head)}…{''.join(tail)}"


def _fitting(atoms: Sequence[str], room: int) -> list[str]:
    kept: list[str] = []
    for atom in atoms:
        room -= _width(atom)
        if room < 0:
            break
        kept.append(atom)
    return kept


def _width(text: str) -> int:
    """Cells of a monospaced font, at most: of the marks on a letter the first alone is free."""
    return sum(
        1 + (unicodedata.east_asian_width(each) in "WF")
        for before, each in pairwise(f"\u0301{text}")
        if unicodedata.combining(before) or not unicodedata.combining(each)
    )


def _by_step(
    chart: HeatMap, report: Report
) -> tuple[dict[int, list[tuple[int, int]]], list[tuple[int, int]]]:
    """The cells of each step, and those that reach the threshold: rows and columns, ascending."""
    threshold = math.inf if report.histogram is None else report.histogram.threshold
    by_step: dict[int, list[tuple[int, int]]] = {step: [] for step in range(len(STEPS) + 1)}
    above = []
    for row, scores in enumerate(chart.scores):
        for column, score in enumerate(scores):
            by_step[bisect_right(STEPS, score)].append((row, column))
            if score >= threshold:
                above.append((row, column))
    return by_step, above


def _step_words() -> Iterator[str]:
    """What is written beside the steps.

    >>> list(_step_words())[0], list(_step_words())[-1]
    ('below -1', '1.5 or more')
    """
    yield f"below {STEPS[0]:g}"
    yield from (f"{low:g} to {high:g}" for low, high in pairwise(STEPS))
    yield f"{STEPS[-1]:g} or more"


def _path(cells: Sequence[tuple[int, int]]) -> str:
    """Cells as one path; neighbours in a row are one rectangle.

    >>> _path([(2, 0), (2, 1), (3, 1)])
    'M0 2h2v1h-2zM1 3h1v1h-1z'
    """
    parts = []
    start = 0
    for place, (row, column) in enumerate(cells):
        if place + 1 < len(cells) and cells[place + 1] == (row, column + 1):
            continue
        n = place + 1 - start
        parts.append(f"M{cells[start][1]} {row}h{n}v1h-{n}z")
        start = place + 1
    return "".join(parts)


def _dots(cells: Iterable[tuple[int, int]], *, in_corner: bool) -> str:
    """A point in each cell: in its middle, or in a corner where the middle has the score."""
    x, y = (0.85, 0.15) if in_corner else (0.5, 0.5)
    return "".join(f"M{column + x:g} {row + y:g}h0" for row, column in cells)


def _values(chart: HeatMap, cell: int, left: float) -> Iterator[Value]:
    for row, scores in enumerate(chart.scores):
        for column, score in enumerate(scores):
            text = fixed(score, 1)
            x, y = round(left + (column + 0.5) * cell, 2), (row + 0.5) * cell
            yield Value(x, y, text, bisect_right(STEPS, score))


def _runs(ids: Sequence[str], groups: Iterable[Family]) -> Iterator[tuple[Family, int, int]]:
    """Neighbouring documents of one group: the group, and its first and last row there.

    Groups of which one document alone is shown, such as copies, are left out; of two groups a
    document counts for the first.
    """
    shown = frozenset(ids)
    group_of: dict[str, Family] = {}
    for group in groups:
        members = shown.intersection(group.members)
        if len(members) > 1:
            group_of |= dict.fromkeys(members - group_of.keys(), group)
    row = 0
    for group_id, run in groupby(ids, key=lambda id: group_of[id].id if id in group_of else ""):
        start, row = row, row + len(list(run))
        if group_id:
            yield group_of[ids[start]], start, row - 1


def _bracket(group: Family, first_row: int, last_row: int, cell: int, left: float) -> Bracket:
    upper, lower = first_row * cell + 2, (last_row + 1) * cell - 2
    x = round(left - 6, 2)
    stairs = "".join(f"H{row}V{row + 1}" for row in range(first_row + 1, last_row + 1))
    return Bracket(
        relation=group.relation,
        label=Label(round(x - 4, 2), (upper + lower) / 2, group.id, ""),
        bracket=f"M{x + 4:g} {upper}H{x:g}V{lower}H{x + 4:g}",
        outline=f"M{first_row} {first_row + 1}{stairs}H{first_row}Z" if stairs else "",
    )


def _heat_words(chart: HeatMap, n_above: int, report: Report) -> str:
    n = len(chart.ids)
    said = f"{n:,} documents, {count(n * (n - 1) // 2, 'pair')}"
    if report.histogram is not None:
        threshold = signed(report.histogram.threshold)
        said += f", {n_above:,} of them at or above the threshold of {threshold}"
    score, row, column = max(
        (score, -row, -column)
        for row, scores in enumerate(chart.scores)
        for column, score in enumerate(scores)
    )
    a, b = sorted((chart.ids[-row], chart.ids[-column]))
    return f"{said}. The highest score is {signed(score)}: {short_name(a)} and {short_name(b)}."


def _highest(chart: HeatMap, report: Report, above: frozenset[tuple[int, int]]) -> Shown[Cell]:
    listed: Mapping[tuple[str, str], int] = {
        (min(pair.a, pair.b), max(pair.a, pair.b)): index for index, pair in enumerate(report.pairs)
    }
    ordered = sorted(
        (-score, row, column)
        for row, scores in enumerate(chart.scores)
        for column, score in enumerate(scores)
    )
    shown = first(ordered, MAX_CELLS_LISTED)
    cells = []
    for _, row, column in shown.items:
        a, b = sorted((chart.ids[row], chart.ids[column]))
        pointer = f"/heat_map/scores/{row}/{column}"
        cells.append(Cell(a, b, pointer, (row, column) in above, listed.get((a, b))))
    return Shown(tuple(cells), shown.n_hidden)
