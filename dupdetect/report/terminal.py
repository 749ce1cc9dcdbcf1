"""The report for a terminal: at home in 80 columns, complete without colour.

In: a Report, or one Pair with its documents. Out: text that ends with a line break. Words of
documents reach rich only as `Text`, never as markup, and only after `safe_text`.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from rich.box import Box
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from dupdetect.report import outline
from dupdetect.report.safe_text import literal, prose
from dupdetect.results import Document, Family, Pair, Passage, Relation, Report

# Below the second, passages stand one above the other; above the third, lines are hard to read.
_MIN_WIDTH, _SIDE_BY_SIDE_WIDTH, _MAX_WIDTH = 40, 60, 120
_LINES_A_PASSAGE = 8

_STYLES: dict[Relation, str] = {
    "exact": "bold red",
    "near-duplicate": "bold magenta",
    "contained": "bold yellow",
    "recycled": "bold cyan",
    "distinct": "bold green",
}
# rich draws the first, the middle and the last row with lines 1, 3 and 6.
_DIVIDER = Box("\n".join("  │ " if line in (1, 3, 6) else "    " for line in range(8)))


def render(report: Report, *, width: int = 80, color: bool = False) -> str:
    """The report as text for a terminal.

    Args:
        report: what to show.
        width: columns; 40 to 120 are used.
        color: with ANSI colours; they repeat what the words say.

    >>> print(render(Report((), (), (), (), {"documents": 0}, {})).splitlines()[0])
    nothing to compare: no document was read
    """
    page = _Page(width, color)
    page.line(outline.headline(report), "bold")
    texts = {each.id: each.text for each in report.documents}
    _families(page, report, texts)
    _outside(page, report, texts)
    _distinct(page, report)
    _repairs(page, report)
    _signals(page, report)
    _skipped(page, report)
    _provenance(page, outline.stages(report), report.settings)
    return page.text()


def render_pair(
    pair: Pair,
    a: Document,
    b: Document,
    *,
    settings: Mapping[str, object],
    width: int = 80,
    color: bool = False,
) -> str:
    """One comparison as text for a terminal: the answer, the scores, the passages side by side.

    Args:
        pair: the comparison of a with b.
        a: the first document.
        b: the second document.
        settings: the configuration that was used, with its digest.
        width: columns; 40 to 120 are used.
        color: with ANSI colours.
    """
    page = _Page(width, color)
    page.line(outline.pair_headline(pair, "[1]", "[2]", settings), "bold")
    page.blank()
    for number, document in enumerate((a, b), 1):
        page.hanging(f"[{number}]", literal(document.id), f"{len(document.text):,} characters")
    page.blank()
    alias = {a.id: "[1]", b.id: "[2]"}
    _scores(page, [pair], alias)
    _passages(page, [pair], {a.id: a.text, b.id: b.text}, alias, outline.MAX_PASSAGES_COMPARED)
    _provenance(page, [], settings)
    return page.text()


class _Page:
    """Lines of one width, written from top to bottom."""

    def __init__(self, width: int, color: bool) -> None:
        self.width = max(_MIN_WIDTH, min(width, _MAX_WIDTH))
        self._out = io.StringIO()
        # Each argument is given, so that neither the environment nor the real terminal is asked.
        self._console = Console(
            file=self._out,
            width=self.width,
            height=100,
            color_system="standard" if color else None,
            force_terminal=color,
            force_jupyter=False,
            no_color=not color,
            legacy_windows=False,
            markup=False,
            emoji=False,
            highlight=False,
            _environ={},
        )

    def text(self) -> str:
        """All that was written, without blanks at the ends of lines."""
        lines = (line.rstrip() for line in self._out.getvalue().splitlines())
        return "\n".join(lines) + "\n"

    def blank(self) -> None:
        """An empty line."""
        self._console.print()

    def line(self, words: str, style: str = "", indent: int = 0) -> None:
        """Words, over as many lines as they need."""
        self.put(Text(words, style, overflow="fold"), indent)

    def note(self, words: str, indent: int = 2) -> None:
        """A line in small print; nothing when there is nothing to say."""
        if words:
            self.line(words, "dim", indent)

    def section(self, title: str, style: str = "bold") -> None:
        """A title with a rule behind it, up to the right edge."""
        self.blank()
        self._console.print(
            Rule(Text(title, style, overflow="fold"), align="left", style="dim", characters="─")
        )

    def heading(self, title: str) -> None:
        """The title of a part of a section."""
        self.blank()
        self.line(title, "bold", 2)

    def hanging(self, label: str, words: str, after: str = "", style: str = "") -> None:
        """A label, then words that stay in their own column however long they are."""
        grid = Table.grid(padding=(0, 1))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        body = Text(words, style)
        if after:
            body.append(f"  {after}", "dim")
        grid.add_row(Text(label, "bold"), body)
        self.put(grid, 2)

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Pairs under a header, numbers to the right; too wide for the page: a line a pair."""
        columns = list(zip(*rows, strict=True))
        gap = 2
        needed = sum(max(map(cell_len, column)) + gap for column in columns)
        if needed > self.width:
            for row in rows[1:]:
                scores = zip(rows[0][3:], row[3:], strict=True)
                self.items([" ".join(row[:3]), *map(" ".join, scores)], indent=2)
            return
        table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="dim")
        for name, *cells in columns:
            numbers = any(cell[:1].isdigit() for cell in cells)
            table.add_column(Text(name), justify="right" if numbers else "left")
        for row in rows[1:]:
            table.add_row(*map(Text, row))
        self.put(table, 2)

    def columns(self, left: Sequence[Text], right: Sequence[Text]) -> None:
        """Two columns of equal width with a line between them, row by row."""
        table = Table(box=_DIVIDER, show_header=False, show_edge=False, pad_edge=False, expand=True)
        for _ in range(2):
            table.add_column(ratio=1, overflow="fold")
        for cells in zip(left, right, strict=True):
            table.add_row(*cells)
        self.put(table, 2)

    def items(self, words: Sequence[str], indent: int = 0) -> None:
        """Short items one after another, broken over lines only between them."""
        lines: list[str] = []
        for item in words:
            if lines and cell_len(f"{lines[-1]} · {item}") <= self.width - indent:
                lines[-1] += f" · {item}"
            else:
                lines.append(item)
        for line in lines:
            self.line(line, indent=indent)

    def put(self, what: Text | Table, indent: int) -> None:
        """Anything that rich can set, some columns from the left edge."""
        self._console.print(Padding(what, (0, 0, 0, indent)) if indent else what)


def _families(page: _Page, report: Report, texts: Mapping[str, str]) -> None:
    pairs, full = outline.inside(report), outline.full_lists(report)
    shown = outline.first(report.families, outline.MAX_FAMILIES)
    for family in shown.items:
        _family(page, family, pairs[family.id], texts, full)
    if shown.n_hidden:
        page.blank()
        page.note(shown.rest("family"), 0)


def _family(
    page: _Page,
    family: Family,
    pairs: Sequence[Pair],
    texts: Mapping[str, str],
    full: frozenset[str],
) -> None:
    n = len(family.members)
    alias = {id: f"[{number}]" for number, id in enumerate(family.members, 1)}
    title = f"{prose(family.id)} · {family.relation} · {n:,} members"
    page.section(title, _STYLES[family.relation])
    page.items(
        [outline.cohesion(family, pairs), f"keep {alias[family.keeper]} if only one may stay"]
    )
    members = outline.first(family.members, outline.MAX_MEMBERS)
    for id in members.items:
        page.hanging(alias[id], literal(id), "keeper" if id == family.keeper else "")
    page.note(members.rest("member"))
    page.heading(outline.pairs_title(family, pairs, full))
    scores = outline.first(pairs, outline.MAX_PAIRS)
    _scores(page, scores.items, alias)
    page.note(scores.rest("pair"))
    _passages(page, pairs, texts, alias, outline.MAX_PASSAGES)
    _phrases(page, family, alias)


def _scores(page: _Page, pairs: Sequence[Pair], alias: Mapping[str, str]) -> None:
    page.table(outline.score_rows(pairs, alias))
    for line in outline.not_compared(pairs, alias):
        page.note(line)


def _passages(
    page: _Page,
    pairs: Sequence[Pair],
    texts: Mapping[str, str],
    alias: Mapping[str, str],
    cap: int,
) -> None:
    best = outline.best_passages(pairs)
    if not best:
        return
    page.heading(outline.passages_title([passage for _, passage in best], cap))
    shown = outline.first(best, cap)
    for number, (pair, passage) in enumerate(shown.items):
        if number:
            page.blank()
        _passage(page, pair, passage, texts, alias)
    page.note(shown.rest("passage"))


def _passage(
    page: _Page,
    pair: Pair,
    passage: Passage,
    texts: Mapping[str, str],
    alias: Mapping[str, str],
) -> None:
    side_by_side = page.width >= _SIDE_BY_SIDE_WIDTH
    column = (page.width - 5) // 2 if side_by_side else page.width - 2
    spans = ((pair.a, passage.a_start, passage.a_end), (pair.b, passage.b_start, passage.b_end))
    a, b = (texts[id][start:end] for id, start, end in spans)
    quotes = outline.quotations(passage.kind, a, b, column * _LINES_A_PASSAGE, cell_len)
    places = [Text(f"{alias[id]} at {start}:{end}", "dim") for id, start, end in spans]
    left, right = _with_common_words(*quotes)
    page.line(f"{passage.kind}, cosine {passage.cosine:.2f}", indent=2)
    if side_by_side:
        page.columns([places[0], left], [places[1], right])
    else:
        for place, quote in zip(places, (left, right), strict=True):
            page.put(Text.assemble(place, " ", quote, overflow="fold"), 2)


def _with_common_words(a: str, b: str) -> tuple[Text, Text]:
    """Both quotes, with what they share in bold: two words or more, in the same order."""
    left, right = a.split(" "), b.split(" ")
    blocks = [
        block
        for block in SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
        if block.size > 1
    ]
    return (
        _marked(left, {block.a + i for block in blocks for i in range(block.size)}),
        _marked(right, {block.b + i for block in blocks for i in range(block.size)}),
    )


def _marked(words: Sequence[str], common: set[int]) -> Text:
    text = Text()
    for place, word in enumerate(words):
        text.append(" " if place else "").append(word, "bold" if place in common else None)
    return text


def _phrases(page: _Page, family: Family, alias: Mapping[str, str]) -> None:
    shown = outline.first(family.phrases, outline.MAX_PHRASES)
    if not shown.items:
        return
    page.heading(outline.phrases_title(family))
    for phrase in shown.items:
        carried = outline.carriers(phrase, family, page.width // 3)
        page.hanging(carried, outline.excerpt(phrase.text, 2 * page.width, cell_len))
    page.note(outline.rest_of_phrases(family))


def _outside(page: _Page, report: Report, texts: Mapping[str, str]) -> None:
    shown = outline.first(outline.outside(report), outline.MAX_PAIRS)
    if not shown.items:
        return
    n = len(shown.items) + shown.n_hidden
    where = "the families" if report.families else "any family"
    page.section(f"{outline.count(n, 'pair')} outside {where}")
    ids = dict.fromkeys(id for pair in shown.items for id in (pair.a, pair.b))
    alias = {id: f"[{number}]" for number, id in enumerate(ids, 1)}
    for id in ids:
        page.hanging(alias[id], literal(id))
    page.blank()
    _scores(page, shown.items, alias)
    page.note(shown.rest("pair"))
    _passages(page, shown.items, texts, alias, outline.MAX_PASSAGES)


def _distinct(page: _Page, report: Report) -> None:
    shown = outline.first(outline.distinct(report), outline.MAX_LISTED)
    if not shown.items or not report.pairs:
        return
    page.section(outline.count(len(shown.items) + shown.n_hidden, "page", "distinct "))
    for document in shown.items:
        page.hanging("-", literal(document.id))
    page.note(shown.rest("page"))


def _repairs(page: _Page, report: Report) -> None:
    shown = outline.first(outline.repairs(report), outline.MAX_LISTED)
    if not shown.items:
        return
    page.section("Repaired before comparing")
    for document, every in shown.items:
        page.line(literal(document.id), indent=2)
        some = outline.first(every, outline.MAX_REPAIRS)
        for mended in some.items:
            before, after = (_quote(page, words) for words in (mended.before, mended.after))
            times = f"×{mended.n:,}, first at" if mended.n > 1 else "at"
            place = f"{times} {mended.start}:{mended.end}"
            page.line(f"{prose(mended.kind)}: {before} → {after} {place}", indent=4)
        page.note(some.rest("repair"), 4)
    page.note(shown.rest("document"))


def _quote(page: _Page, words: str) -> str:
    return f"“{outline.shorten(literal(words), page.width // 2, cell_len)}”"


def _signals(page: _Page, report: Report) -> None:
    found = outline.signals(report)
    if not found:
        return
    page.section("Signals (none is a verdict by itself)")
    for name, reasons in found.items():
        entries = [entry for same in reasons.values() for entry in same]
        pages = outline.count(len({document.id for document, _ in entries}), "page")
        page.line(f"{prose(name)}: {len(entries):,} in {pages}", "bold", 2)
        shown = outline.first(entries, outline.MAX_SIGNALS)
        reason = None
        for document, signal in shown.items:
            if signal.reason != reason:
                reason = signal.reason
                page.line(prose(reason), indent=4)
            place = f"{literal(document.id)} {signal.start}:{signal.end}"
            page.line(f"{place} {_quote(page, signal.text)}", indent=6)
        page.note(shown.rest("signal"), 4)


def _skipped(page: _Page, report: Report) -> None:
    if not report.skipped:
        return
    page.section(f"{outline.count(len(report.skipped), 'input')} skipped")
    shown = outline.skipped(report)
    for reason, sources in shown.items:
        if len(sources) == 1:
            page.line(f"{literal(sources[0])}: {prose(reason)}", indent=2)
            continue
        page.line(f"{prose(reason)}: {outline.count(len(sources), 'input')}", indent=2)
        some = outline.first(sources, outline.MAX_SOURCES)
        page.items([literal(source) for source in some.items], indent=4)
        page.note(some.rest("input"), 4)
    page.note(shown.rest("input"))


def _provenance(page: _Page, stages: Sequence[str], settings: Mapping[str, object]) -> None:
    page.section("How this was found")
    page.items(stages)
    page.items(outline.provenance(settings))
    page.line(outline.CLOSING)
