"""The pair view: what was measured of two texts, and both side by side with what they share.

In: a pair and the entries of its two documents. Out: PairView, plain values that a template draws:
the scores, the parts of the score, the passages numbered in the order of text a, a map of both
texts, and the texts themselves (`texts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Literal, get_args

from dupdetect.report.lists import Shown, count, first, percent, setting
from dupdetect.report.outline import has_text, pair_headline
from dupdetect.report.reuse import BY_OWN_WORDS, NOT_BY_ITSELF, by_itself, shown_parts
from dupdetect.report.views.numbered import (
    Numbered,
    Numbering,
    Side,
    numbered_passages,
    runs_of,
    span_of,
)
from dupdetect.report.views.texts import MAX_BRIEF, MAX_ON_PAGE, MAX_SHOWN, Pane, pane
from dupdetect.results import DocumentReport, Overlap, Pair, Passage, PassageKind

#: Rows of the table of passages.
MAX_ROWS = 400
#: Own words of both texts that are named.
MAX_OWN_WORDS = 40
#: What is said where texts are shown in brief.
IN_BRIEF = (
    f"Of these texts the passages are shown, and a line around them, {MAX_BRIEF:,} characters of "
    f"each text at most: the page has room for {MAX_ON_PAGE:,} characters of all pairs."
)

_LEAST_MAPPED = 4  # thousandths of a text: a narrower bar could not be seen, or hit
_AXIS = (-1.0, 3.0)  # nats that the axis of the parts shows at least: scores stay comparable


@dataclass(frozen=True, slots=True)
class Mapped:
    """A passage on the map of both texts, in thousandths of the longer one.

    Attributes:
        row: the passage.
        a: where it begins in text a.
        a_width: how wide it is there.
        b: where it begins in text b.
        b_width: how wide it is there.
    """

    row: Numbered
    a: int
    a_width: int
    b: int
    b_width: int


@dataclass(frozen=True, slots=True)
class Map:
    """Both texts as bars, with their passages on them.

    Attributes:
        widths: of text a and of text b, in thousandths of the longer one.
        passages: in the order of text a.
        stayed: share of each text that stayed word for word in them, as it is written.
    """

    widths: tuple[int, int]
    passages: tuple[Mapped, ...]
    stayed: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a score, or the score itself, as a bar.

    Attributes:
        name: the key of the overlap in JSON.
        shown: its value as it is written; the parts add up to the score as written.
        x: where its bar begins, in thousandths of the axis.
        width: how wide it is, in the same unit.
        sign: "more" when it raises the score, "less" when it lowers it.
    """

    name: str
    shown: str
    x: int
    width: int
    sign: Literal["more", "less"]


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What two texts share beyond their facts.

    Attributes:
        parts: surplus, distance, brevity and the score: each part begins where the last one ended.
        zero: where 0 stands on their axis, in thousandths.
        words: the first own words of both.
        rest: how many more there are, and where; "" when all are named.
    """

    parts: tuple[Part, ...]
    zero: int
    words: tuple[str, ...]
    rest: str


@dataclass(frozen=True, slots=True)
class PairView:
    """Two texts side by side.

    Attributes:
        id: of the view in the page: "pair-3", or "pair" for a lone comparison.
        pointer: of the pair in the JSON report.
        pair: what was measured.
        a: entry of the first document.
        b: entry of the second.
        headline: the answer in one line; "A" and "B" are the two.
        note: what a reader must know of the relation; "" mostly.
        runs: what containment counts: runs of words of the length that the settings have.
        own_words: None where own words were not measured, or say nothing: copies share all.
        passages: the passages, then those of `pair.sentences`, numbered.
        rows: those that the table lists.
        left_out: passages of the pair that are neither numbered nor listed, and why; "" mostly.
        quoted: how much of what they share stands in quotations; "" without passages.
        map: None without passages.
        panes: both texts; empty where the texts were left out of the report.
        cut: that the texts are shown in brief, and why; "" where they are not.
        kinds: of the passages, and "quotation", as far as there are any: the legend.
        marks: which of "differs", "stayed", "repair" and "anchor" stand in the panes: the same.
    """

    id: str
    pointer: str
    pair: Pair
    a: DocumentReport
    b: DocumentReport
    headline: str
    note: str
    runs: str
    own_words: OwnWords | None
    passages: tuple[Numbered, ...]
    rows: Shown[Numbered]
    left_out: str
    quoted: str
    map: Map | None
    panes: tuple[Pane, ...]
    cut: str
    kinds: tuple[str, ...]
    marks: tuple[str, ...]

    @property
    def n_drawn(self) -> int:
        """Characters of its texts that take room on the page: those shown in brief do not."""
        return 0 if self.cut else sum(each.n_drawn for each in self.panes)


def pair_view(
    pair: Pair,
    pointer: str,
    a: DocumentReport,
    b: DocumentReport,
    settings: Mapping[str, object],
    room: int = MAX_ON_PAGE,
) -> PairView:
    """The view of one pair.

    Args:
        pair: what was measured of two documents.
        pointer: where the pair stands in the JSON report: "/pairs/3", or "/pair" alone.
        a: the entry of pair.a.
        b: the entry of pair.b.
        settings: of the report.
        room: characters that the page has room for; texts that need more are shown in brief.

    >>> text = "Rain fell all day."
    >>> a, b = (DocumentReport(id, "", "", text, 18, 4, "recycled", None) for id in "ab")
    >>> shared = Passage(0, 18, 0, 18, 1.0, "identical", n_tokens_kept=4, n_tokens=4)
    >>> pair = Pair("a", "b", "recycled", 1.0, 1.0, 1.0, 1.0, (shared,))
    >>> view = pair_view(pair, "/pairs/0", a, b, {})
    >>> view.id, [(row.number, row.letters) for row in view.passages]
    ('pair-0', [(1, 'I')])
    >>> [piece.text for piece in view.panes[0].paragraphs[0].stretches[0].pieces]
    ['Rain fell all day.']
    """
    numbering = numbered_passages(pair, pointer)
    numbered = numbering.rows
    panes = _panes(a, b, numbered) if _have_texts(a, b, settings) else ()
    brief = sum(each.n_drawn for each in panes) > room
    if brief:
        panes = _panes(a, b, numbered, brief=True)
    shown_in = [_shown_numbers(pane) for pane in panes] or [frozenset(), frozenset()]
    passages = tuple(
        replace(each, in_a=each.number in shown_in[0], in_b=each.number in shown_in[1])
        for each in numbered
    )
    alone = pair.relation == "recycled" and not by_itself(pair)
    n_words = setting(settings, "near_duplicate", "shingle_words")
    return PairView(
        id=pointer.strip("/").replace("pairs/", "pair-"),
        pointer=pointer,
        pair=pair,
        a=a,
        b=b,
        headline=pair_headline(pair, "A", "B", settings),
        note=NOT_BY_ITSELF * alone,
        runs=f"{n_words}-word runs" if isinstance(n_words, int) else "Runs of words",
        own_words=_own_words(pair),
        passages=passages,
        rows=first(passages, MAX_ROWS),
        left_out=_left_out(numbering),
        quoted=_quoted([each.passage for each in passages]),
        map=_map(passages, a.n_chars, b.n_chars) if passages else None,
        panes=panes,
        cut=IN_BRIEF * brief,
        kinds=_kinds_of(passages),
        marks=_marks_in(panes),
    )


def _panes(
    a: DocumentReport, b: DocumentReport, numbered: Sequence[Numbered], *, brief: bool = False
) -> tuple[Pane, Pane]:
    folded = max(a.n_chars, b.n_chars) > (MAX_BRIEF if brief else MAX_SHOWN)
    return (
        pane("a", a, numbered, brief=brief, folded=folded),
        pane("b", b, numbered, brief=brief, folded=folded),
    )


def _have_texts(a: DocumentReport, b: DocumentReport, settings: Mapping[str, object]) -> bool:
    """Whether the texts are in the report: a report to be shared may hold offsets only."""
    return has_text(settings) and all(len(each.text) == each.n_chars for each in (a, b))


def _own_words(pair: Pair) -> OwnWords | None:
    overlap = pair.overlap
    if overlap is None or pair.relation not in BY_OWN_WORDS:
        return None
    zero, parts = _parts(overlap)
    words = overlap.words[:MAX_OWN_WORDS]
    return OwnWords(
        parts=parts,
        zero=zero,
        words=words,
        rest=_rest_of_words(len(words), overlap),
    )


def _rest_of_words(n_named: int, overlap: Overlap) -> str:
    """How many own words are not named; without any, they were left out of the report."""
    n_more = overlap.shared_words - n_named
    if n_more <= 0 or not n_named:
        return ""
    n_listed = len(overlap.words)
    where = f" (the JSON report lists {n_listed:,})" if n_listed > n_named else ""
    return f"and {n_more:,} more{where}"


def _parts(overlap: Overlap) -> tuple[int, tuple[Part, ...]]:
    """Zero on the axis, and the bars: each part goes on from the last, the score starts at zero."""
    names = ("surplus", "distance", "brevity", "score")
    values = (overlap.surplus, overlap.distance, overlap.brevity)
    spans = [*pairwise(accumulate(values, initial=0.0)), (0.0, overlap.score)]
    low = min(_AXIS[0], *(min(span) for span in spans))
    high = max(_AXIS[1], *(max(span) for span in spans))

    def place(value: float) -> int:
        return round(1000 * (value - low) / (high - low))

    bars = [
        Part(
            name=name,
            shown=shown,
            x=place(min(span)),
            width=place(max(span)) - place(min(span)),
            sign="more" if span[1] >= span[0] else "less",
        )
        for name, shown, span in zip(names, shown_parts(overlap), spans, strict=True)
    ]
    return place(0.0), tuple(bars)


def _left_out(numbering: Numbering) -> str:
    """What of a pair's passages has no number.

    >>> _left_out(Numbering((), 3, 1))
    '3 passages of which hardly a word stayed and 1 single sentence inside a passage'
    """
    hardly = f"{count(numbering.n_hardly, 'passage')} of which hardly a word stayed"
    inside = f"{count(numbering.n_inside, 'single sentence')} inside a passage"
    said = [hardly] * (numbering.n_hardly > 0) + [inside] * (numbering.n_inside > 0)
    return " and ".join(said)


def _quoted(passages: Sequence[Passage]) -> str:
    """How many passages are quotations, and how much of what stayed stands in them.

    >>> shared = Passage(0, 9, 0, 9, 1.0, "edited", n_tokens_kept=2)
    >>> _quoted([replace(shared, quotation=True), replace(shared, n_tokens_kept=0)])
    '1 of 2 passages is a quotation, with 100% of the tokens that stayed'
    """
    if not passages:
        return ""
    quotations = [each for each in passages if each.quotation]
    if not quotations:
        return "no quotation among the passages"
    said = f"{len(quotations):,} of {count(len(passages), 'passage')} "
    said += "is a quotation" if len(quotations) == 1 else "are quotations"
    kept = sum(each.n_tokens_kept for each in passages)
    if not kept:
        return said
    share = sum(each.n_tokens_kept for each in quotations) / kept
    return f"{said}, with {percent(share)} of the tokens that stayed"


def _map(passages: Sequence[Numbered], n_a: int, n_b: int) -> Map:
    longest = max(n_a, n_b, 1)
    spans_a, spans_b = (
        [span_of(each.passage, side) for each in passages] for side in get_args(Side)
    )
    mapped = zip(passages[:MAX_ROWS], spans_a, spans_b, strict=False)
    return Map(
        widths=(_thousandths(n_a, longest), _thousandths(n_b, longest)),
        passages=tuple(
            Mapped(row, *_mapped(a, longest), *_mapped(b, longest)) for row, a, b in mapped
        ),
        stayed=(
            percent(_covered(_stayed(passages, "a")) / max(n_a, 1)),
            percent(_covered(_stayed(passages, "b")) / max(n_b, 1)),
        ),
    )


def _mapped(span: tuple[int, int], longest: int) -> tuple[int, int]:
    """Where a span begins on the map, and how wide it is: wide enough to be seen and hit.

    >>> _mapped((0, 250), 1000), _mapped((999, 1000), 1000)
    ((0, 250), (996, 4))
    """
    width = max(_LEAST_MAPPED, _thousandths(span[1] - span[0], longest))
    return min(_thousandths(span[0], longest), 1000 - width), width


def _thousandths(n: int, whole: int) -> int:
    return round(1000 * n / whole)


def _stayed(passages: Iterable[Numbered], side: Side) -> Iterator[tuple[int, int]]:
    """Where the words of some passages stayed: all of an identical one, the runs of another."""
    for each in passages:
        if each.passage.kind == "identical":
            yield span_of(each.passage, side)
        else:
            yield from runs_of(each.passage, side)


def _covered(spans: Iterable[tuple[int, int]]) -> int:
    """Code points in at least one span.

    >>> _covered([(0, 4), (8, 9), (2, 6)])
    7
    """
    n, last = 0, 0
    for start, end in sorted(spans):
        n += max(0, end - max(start, last))
        last = max(last, end)
    return n


def _shown_numbers(pane: Pane) -> frozenset[int]:
    """Numbers of the passages whose beginning is shown."""
    return frozenset(
        n
        for paragraph in pane.paragraphs
        for stretch in paragraph.stretches
        for n in stretch.starts
    )


def _kinds_of(passages: Sequence[Numbered]) -> tuple[str, ...]:
    found = {each.passage.kind for each in passages}
    quotation = any(each.passage.quotation for each in passages)
    return (*(kind for kind in get_args(PassageKind) if kind in found), *["quotation"] * quotation)


def _marks_in(panes: Sequence[Pane]) -> tuple[str, ...]:
    """The marks and boxes that stand in the panes and need a legend, in a fixed order."""
    found = {
        word
        for pane in panes
        for paragraph in pane.paragraphs
        for stretch in paragraph.stretches
        for piece in stretch.pieces
        for word in (piece.mark, piece.box)
    }
    return tuple(word for word in ("differs", "stayed", "repair", "anchor") if word in found)
