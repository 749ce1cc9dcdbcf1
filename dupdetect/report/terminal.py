"""The report for a terminal: at home in 80 columns, complete without colour.

In: a Report, or one Pair with its documents. Out: text that ends with a line break. Words of
documents reach rich only as `Text`, never as markup, and only after `safe_text`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from rich.box import Box
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from dupdetect.report import outline, quoting, reuse
from dupdetect.report.lists import Shown, count, first
from dupdetect.report.safe_text import literal, prose
from dupdetect.results import (
    Document,
    DocumentReport,
    Family,
    Overlap,
    Pair,
    Phrase,
    Relation,
    Report,
)

# Below the second, passages stand one above the other; above the third, lines are hard to read.
_MIN_WIDTH, _SIDE_BY_SIDE_WIDTH, _MAX_WIDTH = 40, 60, 120
_LINES_A_PASSAGE = 8

_STYLES: dict[Relation, str] = {
    "exact": "bold red",
    "near-duplicate": "bold magenta",
    "contained": "bold yellow",
    "recycled": "bold cyan",
    "review": "bold blue",
    "same-story": "bold",
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
    page.note(outline.p_note(report), 0)
    texts = {each.id: each.text for each in report.documents}
    _families(page, report)
    _none_found(page, report)
    _reviews(page, report, texts)
    _outside(page, report, texts)
    _stories(page, report, texts)
    _distinct(page, report)
    _boilerplate(page, report)
    _not_judged(page, report)
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
    page.note(outline.pair_p_note(pair), 0)
    page.blank()
    for number, document in enumerate((a, b), 1):
        page.hanging(f"[{number}]", literal(document.id), f"{len(document.text):,} characters")
    page.blank()
    alias = {a.id: "[1]", b.id: "[2]"}
    page.table(outline.score_rows([pair], alias))
    if pair.overlap is not None:
        page.blank()
        for line in reuse.overlap_lines(pair.overlap):
            page.line(line, indent=2)
        if pair.relation in reuse.BY_OWN_WORDS:
            _own_words(page, "own words of both", pair.overlap, len(pair.overlap.words))
    for line in outline.not_compared([pair], alias):
        page.note(line)
    found = outline.passages_of_pairs([pair], outline.MAX_PASSAGES_COMPARED)
    _passages(page, found, {a.id: a.text, b.id: b.text}, alias)
    _provenance(page, [], settings)
    return page.text()


# Stands for a space where no line may end; safe_text boxes it wherever a text has it.
_GLUE = "\uffff"
_WHOLE = re.compile(r"\(p [=<] [\d.]+\)|\b\d+ bits\b")


def _glued(words: str) -> str:
    """Words of which a p-value, or a number of bits, stays on one line."""
    return _WHOLE.sub(lambda whole: whole.group().replace(" ", _GLUE), words)


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
        written = self._out.getvalue().replace(_GLUE, " ")
        lines = (line.rstrip() for line in written.splitlines())
        return "\n".join(lines) + "\n"

    def blank(self) -> None:
        """An empty line."""
        self._console.print()

    def line(self, words: str, style: str = "", indent: int = 0) -> None:
        """Words, over as many lines as they need."""
        self.put(Text(_glued(words), style, overflow="fold"), indent)

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
        body = Text(_glued(words), style)
        if after:
            body.append(f"  {_glued(after)}", "dim")
        grid.add_row(Text(label, "bold"), body)
        self.put(grid, 2)

    def table(self, rows: Sequence[Sequence[str]], n_words: int = 3) -> None:
        """Pairs under a header, numbers to the right; too wide for the page: a line a pair.

        Args:
            rows: the header, and a row for each pair.
            n_words: the first so many columns name the pair.
        """
        columns = list(zip(*rows, strict=True))
        needed = sum(max(map(cell_len, column)) for column in columns)
        gap = 2 if needed + 2 * len(columns) <= self.width else 1
        if needed + gap * len(columns) > self.width:
            for row in rows[1:]:
                scores = zip(rows[0][n_words:], row[n_words:], strict=True)
                self.items([" ".join(row[:n_words]), *map(" ".join, scores)], indent=2)
            return
        table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="dim")
        for name, *cells in columns:
            numbers = any(cell.lstrip("+-<")[:1].isdigit() for cell in cells)
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


def _families(page: _Page, report: Report) -> None:
    shown = first(report.families, outline.MAX_FAMILIES)
    _groups(page, report, shown.items)
    if shown.n_hidden:
        page.blank()
        page.note(shown.rest("family"), 0)


def _reviews(page: _Page, report: Report, texts: Mapping[str, str]) -> None:
    shown = first(report.reviews, outline.MAX_FAMILIES)
    if shown.items:
        page.section(f"For review: {count(len(report.reviews), 'group')}")
        page.line(outline.REVIEWS_NOTE)
    _groups(page, report, shown.items)
    if shown.n_hidden:
        page.blank()
        page.note(shown.rest("group"), 0)
    if pairs := outline.review_pairs(report):
        page.section(f"{outline.REVIEW_PAIRS_TITLE}: {count(len(pairs), 'pair', 'listed ')}")
        page.line(outline.REVIEW_PAIRS_NOTE)
        _some_pairs(page, pairs, texts)


def _groups(page: _Page, report: Report, groups: Sequence[Family]) -> None:
    pairs, full = outline.inside(report), outline.full_lists(report)
    documents = {each.id: each for each in report.documents}
    for group in groups:
        alias = {id: f"[{number}]" for number, id in enumerate(group.members, 1)}
        _group_head(page, group, pairs[group.id], alias, report.settings)
        _phrases(page, group)
        _coverage(page, group, alias)
        _anchors(page, group, documents, alias)
        page.heading(outline.pairs_title(group, pairs[group.id], full))
        scores = first(pairs[group.id], outline.MAX_PAIRS)
        _scores(page, scores.items, alias)
        page.note(scores.rest("pair"))
        texts = {id: documents[id].text for pair in pairs[group.id] for id in (pair.a, pair.b)}
        found = outline.passages_of_group(pairs[group.id], texts, outline.MAX_PASSAGES)
        _passages(page, found, texts, alias)


def _group_head(
    page: _Page,
    group: Family,
    pairs: Sequence[Pair],
    alias: Mapping[str, str],
    settings: Mapping[str, object],
) -> None:
    """The title, the sentence that says it all, how it was decided, and the members."""
    n, decided = len(group.members), group.relation != "review"
    title = f"{prose(group.id)} · {group.relation} · {n:,} members"
    page.section(title, _STYLES[group.relation])
    if sentence := reuse.reuse_sentence(group, pairs):
        page.line(sentence, "bold")
        page.items(reuse.reuse_facts(group, alias, settings))
    keep = [f"keep {alias[group.keeper]} if only one may stay"] * decided
    page.items([outline.cohesion(group, pairs), *keep])
    members = first(group.members, outline.MAX_MEMBERS)
    for id in members.items:
        page.hanging(alias[id], literal(id), "keeper" * (decided and id == group.keeper))
    page.note(members.rest("member"))


def _coverage(page: _Page, family: Family, alias: Mapping[str, str]) -> None:
    shown = first(family.coverage, outline.MAX_MEMBERS)
    if not shown.items:
        return
    page.heading(reuse.COVERAGE_TITLE)
    for each in shown.items:
        page.hanging(alias[each.id], reuse.covered(each, alias))
    page.note(shown.rest("member"))


def _anchors(
    page: _Page,
    family: Family,
    documents: Mapping[str, DocumentReport],
    alias: Mapping[str, str],
) -> None:
    shown = first(reuse.aligned_anchors(family, documents), outline.MAX_ANCHORS)
    if not shown.items:
        return
    page.heading(reuse.ANCHORS_TITLE)
    for anchor in shown.items:
        carried = reuse.carriers(anchor.carriers, family, page.width // 3)
        page.hanging(carried, _quote(page, anchor.text), reuse.aligned_title(anchor, family, alias))
        places = reuse.alignment(anchor, documents, alias, page.width, cell_len)
        for place, words, around in places:
            page.hanging(f"  {alias[place.id]} at {place.start}:{place.end}", words, around)
    page.note(shown.rest("anchor"))


def _none_found(page: _Page, report: Report) -> None:
    found = outline.none_found(report)
    if found is None:
        return
    title, lines = found
    page.section(title)
    for line in lines:
        page.line(line)
    shown = first(outline.nearest(report), outline.MAX_NEAREST)
    if shown.items:
        alias = _listed_pairs(page, outline.NEAREST_TITLE, shown.items)
        page.table(outline.near_rows(shown.items, alias), n_words=2)


def _listed_pairs(page: _Page, title: str, pairs: Sequence[Pair | outline.Near]) -> dict[str, str]:
    """The documents of some pairs, under a title: the numbers that stand for them."""
    ids = dict.fromkeys(id for pair in pairs for id in (pair.a, pair.b))
    alias = {id: f"[{number}]" for number, id in enumerate(ids, 1)}
    if title:
        page.heading(title)
    for id in ids:
        page.hanging(alias[id], literal(id))
    page.blank()
    return alias


def _scores(page: _Page, pairs: Sequence[Pair], alias: Mapping[str, str]) -> None:
    page.table(outline.score_rows(pairs, alias))
    for line in outline.not_compared(pairs, alias):
        page.note(line)
    if rows := reuse.overlap_rows(pairs, alias):
        page.heading(reuse.OVERLAPS_TITLE)
        page.table(rows, n_words=2)
    if strongest := reuse.strongest_pair(pairs):
        pair, found = strongest
        _own_words(page, f"{alias[pair.a]} and {alias[pair.b]} share", found, reuse.MAX_WORDS)


def _own_words(page: _Page, title: str, overlap: Overlap, cap: int) -> None:
    words, rest = reuse.own_words(overlap, cap)
    if words:
        listed = ", ".join(quoting.excerpt(word, page.width // 2, cell_len) for word in words)
        page.line(f"{title}: {listed}{f' ({rest})' if rest else ''}", indent=2)


def _passages(
    page: _Page,
    shown: Shown[outline.Quote],
    texts: Mapping[str, str],
    alias: Mapping[str, str],
) -> None:
    if not shown.items:
        return
    passages = [quote.passage for quote in shown.items]
    page.heading(quoting.passages_title(passages, shown.n_hidden))
    for number, quote in enumerate(shown.items):
        if number:
            page.blank()
        _passage(page, quote, texts, alias)
    page.note(shown.rest("passage"))


def _passage(
    page: _Page,
    found: outline.Quote,
    texts: Mapping[str, str],
    alias: Mapping[str, str],
) -> None:
    pair, passage = found.pair, found.passage
    side_by_side = page.width >= _SIDE_BY_SIDE_WIDTH
    column = (page.width - 5) // 2 if side_by_side else page.width - 2
    spans = ((pair.a, passage.a_start, passage.a_end), (pair.b, passage.b_start, passage.b_end))
    a, b = (texts[id][start:end] for id, start, end in spans)
    limit, runs = column * _LINES_A_PASSAGE, quoting.relative_runs(passage)
    quotes = quoting.quotations(passage.kind, a, b, limit, cell_len, runs)
    places = [Text(f"{alias[id]} at {start}:{end}", "dim") for id, start, end in spans]
    left, right = _with_common_words(*quotes)
    page.line(quoting.passage_label(passage, loose=found.loose), indent=2)
    page.note(quoting.longest_runs(passage, texts[pair.a]))
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


def _phrases(page: _Page, family: Family) -> None:
    shown = first(family.phrases, reuse.MAX_PHRASES)
    if not shown.items:
        return
    page.heading(reuse.phrases_title(family))
    for phrase in shown.items:
        carried = reuse.carriers(phrase.members, family, page.width // 3)
        bits = reuse.rarity(phrase)
        after = f"{phrase.kind}{f', {bits} bits' if bits else ''}"
        page.hanging(carried, _phrase(page, phrase), after)
    page.note(reuse.rest_of_phrases(family))


def _phrase(page: _Page, phrase: Phrase) -> str:
    return quoting.excerpt(quoting.trimmed(phrase.text), 2 * page.width, cell_len)


def _outside(page: _Page, report: Report, texts: Mapping[str, str]) -> None:
    pairs = outline.outside(report)
    where = "the families" if report.families else "any family"
    if pairs:
        page.section(f"{count(len(pairs), 'pair')} outside {where}")
        _some_pairs(page, pairs, texts)


def _stories(page: _Page, report: Report, texts: Mapping[str, str]) -> None:
    pairs = outline.stories(report)
    if pairs:
        page.section(f"{outline.STORIES_TITLE}: {count(len(pairs), 'pair', 'listed ')}")
        page.line(outline.STORIES_NOTE)
        _some_pairs(page, pairs, texts)


def _some_pairs(page: _Page, pairs: Sequence[Pair], texts: Mapping[str, str]) -> None:
    shown = first(pairs, outline.MAX_PAIRS)
    alias = _listed_pairs(page, "", shown.items)
    _scores(page, shown.items, alias)
    page.note(shown.rest("pair"))
    _passages(page, outline.passages_of_pairs(shown.items, outline.MAX_PASSAGES), texts, alias)


def _distinct(page: _Page, report: Report) -> None:
    shown = first(outline.distinct(report), outline.MAX_LISTED)
    if not shown.items or not report.pairs:
        return
    page.section(count(len(shown.items) + shown.n_hidden, "page", "distinct "))
    for document in shown.items:
        page.hanging("-", literal(document.id))
    page.note(shown.rest("page"))


def _boilerplate(page: _Page, report: Report) -> None:
    shown = first(report.boilerplate, outline.MAX_BOILERPLATE)
    if not shown.items:
        return
    page.section(f"Boilerplate: {count(len(report.boilerplate), 'notice')}")
    page.line(outline.BOILERPLATE_NOTE)
    for notice in shown.items:
        words = quoting.excerpt(notice.text, 3 * page.width, cell_len)
        page.hanging("-", words, outline.boilerplate_line(notice))
        _names(page, notice.members, "page")
    page.note(shown.rest("notice"))


def _not_judged(page: _Page, report: Report) -> None:
    reasons = outline.not_judged_by_reason(report)
    if not reasons:
        return
    n = sum(map(len, reasons.values()))
    of = f"{n:,} of {count(len(report.documents), 'page')}"
    page.section(f"Not judged for recycled text: {of}")
    for reason, ids in reasons.items():
        why = prose(outline.why_not_judged(reason, report.settings))
        page.line(f"{why}: {count(len(ids), 'page')}", indent=2)
        _names(page, ids, "page")


def _names(page: _Page, ids: Sequence[str], noun: str) -> None:
    """Ids in rows, and how many are not shown."""
    some = first(ids, outline.MAX_LISTED)
    page.items([literal(id) for id in some.items], indent=4)
    page.note(some.rest(noun), 4)


def _repairs(page: _Page, report: Report) -> None:
    shown = first(outline.repairs(report), outline.MAX_LISTED)
    if not shown.items:
        return
    page.section("Repaired before comparing")
    for document, every in shown.items:
        page.line(literal(document.id), indent=2)
        some = first(every, outline.MAX_REPAIRS)
        for mended in some.items:
            before, after = (_quote(page, words) for words in (mended.before, mended.after))
            times = f"×{mended.n:,}, first at" if mended.n > 1 else "at"
            place = f"{times} {mended.start}:{mended.end}"
            page.line(f"{prose(mended.kind)}: {before} → {after} {place}", indent=4)
        page.note(some.rest("repair"), 4)
    page.note(shown.rest("document"))


def _quote(page: _Page, words: str) -> str:
    return f"“{quoting.shorten(literal(words), page.width // 2, cell_len)}”"


def _signals(page: _Page, report: Report) -> None:
    found = outline.signals(report)
    if not found:
        return
    page.section("Signals (none is a verdict by itself)")
    for name, reasons in found.items():
        entries = [entry for same in reasons.values() for entry in same]
        pages = count(len({document.id for document, _ in entries}), "page")
        page.line(f"{prose(name)}: {len(entries):,} in {pages}", "bold", 2)
        shown = first(entries, outline.MAX_SIGNALS)
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
    page.section(f"{count(len(report.skipped), 'input')} skipped")
    shown = outline.skipped(report)
    for reason, sources in shown.items:
        if len(sources) == 1:
            page.line(f"{literal(sources[0])}: {prose(reason)}", indent=2)
            continue
        page.line(f"{prose(reason)}: {count(len(sources), 'input')}", indent=2)
        some = first(sources, outline.MAX_SOURCES)
        page.items([literal(source) for source in some.items], indent=4)
        page.note(some.rest("input"), 4)
    page.note(shown.rest("input"))


def _provenance(page: _Page, stages: Sequence[str], settings: Mapping[str, object]) -> None:
    page.section("How this was found")
    page.items(stages)
    page.items(outline.provenance(settings))
    if null := outline.null_facts(settings):
        page.line(" · ".join(null))
        page.line(reuse.OVERLAPS_NOTE)
    page.line(outline.CLOSING)
