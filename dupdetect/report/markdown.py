"""The report as Markdown, for pull requests, tickets and wikis (GitHub flavour: tables).

In: a Report, or one Pair with its documents. Out: text that ends with a line break. Whatever comes
from documents passes `safe_text`, so that it renders as itself: no markup, HTML, links, mentions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dupdetect.report import outline
from dupdetect.report.safe_text import literal, markdown_code, markdown_prose, prose
from dupdetect.results import Document, DocumentReport, Family, Pair, Passage, Report, Signal

_PASSAGE_CHARS = 400
_PHRASE_CHARS = 120
_QUOTE_CHARS = 60
_MATRIX_CHARS = 60

_SCORES_FROM = 3  # columns before this one hold words: a, b, relation


def render(report: Report, *, width: int = 80, color: bool = False) -> str:
    """The report as Markdown; width and color are for other formats.

    >>> print(render(Report((), (), (), (), {}, {})).splitlines()[0])
    # nothing to compare: no document was read
    """
    texts = {each.id: each.text for each in report.documents}
    blocks = [
        f"# {outline.headline(report)}",
        *_families(report, texts),
        *_outside(report, texts),
        *_distinct(report),
        *_repairs(report),
        *_signals(report),
        *_skipped(report),
        *_provenance(outline.stages(report), report.settings),
    ]
    return "\n\n".join(blocks) + "\n"


def render_pair(
    pair: Pair,
    a: Document,
    b: Document,
    *,
    settings: Mapping[str, object],
    width: int = 80,
    color: bool = False,
) -> str:
    """One comparison as Markdown; width and color are for other formats.

    Args:
        pair: the comparison of a with b.
        a: the first document.
        b: the second document.
        settings: the configuration that was used, with its digest.
        width: not used.
        color: not used.
    """
    alias = {a.id: "1", b.id: "2"}
    texts = {a.id: a.text, b.id: b.text}
    blocks = [
        f"# {outline.pair_headline(pair, '1', '2', settings)}",
        "\n".join(
            f"{alias[each.id]}. {markdown_code(each.id)}, {len(each.text):,} characters"
            for each in (a, b)
        ),
        *_scores([pair], alias),
        *_passages([pair], texts, alias, outline.MAX_PASSAGES_COMPARED),
        *_provenance([], settings),
    ]
    return "\n\n".join(blocks) + "\n"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], numbers_from: int) -> str:
    rule = ["---" if place < numbers_from else "---:" for place in range(len(header))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, rule, *rows))


def _note(words: str) -> list[str]:
    return [f"_{words}_"] if words else []


def _families(report: Report, texts: Mapping[str, str]) -> list[str]:
    pairs, full = outline.inside(report), outline.full_lists(report)
    shown = outline.first(report.families, outline.MAX_FAMILIES)
    blocks = [
        block for family in shown.items for block in _family(family, pairs[family.id], texts, full)
    ]
    return blocks + _note(shown.rest("family"))


def _family(
    family: Family, pairs: Sequence[Pair], texts: Mapping[str, str], full: frozenset[str]
) -> list[str]:
    n = len(family.members)
    alias = {id: str(number) for number, id in enumerate(family.members, 1)}
    members = outline.first(family.members, outline.MAX_MEMBERS)
    listed = [
        f"{alias[id]}. {markdown_code(id)}{' (keeper)' if id == family.keeper else ''}"
        for id in members.items
    ]
    scores = outline.first(pairs, outline.MAX_PAIRS)
    return [
        f"## {markdown_prose(family.id)}: {family.relation}, {n:,} members",
        f"{outline.cohesion(family, pairs)}; keep {alias[family.keeper]} if only one may stay.",
        "\n".join(listed),
        *_note(members.rest("member")),
        f"{outline.pairs_title(family, pairs, full)}.",
        *_scores(scores.items, alias),
        *_note(scores.rest("pair")),
        *_passages(pairs, texts, alias, outline.MAX_PASSAGES),
        *_phrases(family),
    ]


def _scores(pairs: Sequence[Pair], alias: Mapping[str, str]) -> list[str]:
    header, *rows = outline.score_rows(pairs, alias)
    notes = [note for line in outline.not_compared(pairs, alias) for note in _note(line)]
    return [_table(header, rows, _SCORES_FROM), *notes]


def _passages(
    pairs: Sequence[Pair], texts: Mapping[str, str], alias: Mapping[str, str], cap: int
) -> list[str]:
    best = outline.best_passages(pairs)
    if not best:
        return []
    shown = outline.first(best, cap)
    rows = [_passage(pair, passage, texts, alias) for pair, passage in shown.items]
    title = outline.passages_title([passage for _, passage in best], cap)
    header = ["Kind, cosine", "One text", "The other"]
    return [f"### {title}", _table(header, rows, len(header)), *_note(shown.rest("passage"))]


def _passage(
    pair: Pair, passage: Passage, texts: Mapping[str, str], alias: Mapping[str, str]
) -> list[str]:
    spans = ((pair.a, passage.a_start, passage.a_end), (pair.b, passage.b_start, passage.b_end))
    a, b = (texts[id][start:end] for id, start, end in spans)
    quotes = outline.quotations(passage.kind, a, b, _PASSAGE_CHARS)
    quoted = [
        f"**{alias[id]}** at {start}:{end} {markdown_prose(words, cell=True)}"
        for (id, start, end), words in zip(spans, quotes, strict=True)
    ]
    return [f"{passage.kind}, {passage.cosine:.2f}", *quoted]


def _phrases(family: Family) -> list[str]:
    shown = outline.first(family.phrases, outline.MAX_PHRASES)
    if not shown.items:
        return []
    rows = [
        [
            markdown_code(outline.carriers(phrase, family, _MATRIX_CHARS)),
            markdown_prose(outline.excerpt(phrase.text, _PHRASE_CHARS), cell=True),
        ]
        for phrase in shown.items
    ]
    return [
        f"### {outline.phrases_title(family)}",
        _table(["Members", "Phrase"], rows, 2),
        *_note(outline.rest_of_phrases(family)),
    ]


def _outside(report: Report, texts: Mapping[str, str]) -> list[str]:
    shown = outline.first(outline.outside(report), outline.MAX_PAIRS)
    if not shown.items:
        return []
    where = "the families" if report.families else "any family"
    ids = dict.fromkeys(id for pair in shown.items for id in (pair.a, pair.b))
    alias = {id: str(number) for number, id in enumerate(ids, 1)}
    return [
        f"## {outline.count(len(shown.items) + shown.n_hidden, 'pair')} outside {where}",
        "\n".join(f"{alias[id]}. {markdown_code(id)}" for id in ids),
        *_scores(shown.items, alias),
        *_note(shown.rest("pair")),
        *_passages(shown.items, texts, alias, outline.MAX_PASSAGES),
    ]


def _distinct(report: Report) -> list[str]:
    shown = outline.first(outline.distinct(report), outline.MAX_LISTED)
    if not shown.items or not report.pairs:
        return []
    return [
        f"## {outline.count(len(shown.items) + shown.n_hidden, 'page', 'distinct ')}",
        "\n".join(f"- {markdown_code(document.id)}" for document in shown.items),
        *_note(shown.rest("page")),
    ]


def _repairs(report: Report) -> list[str]:
    shown = outline.first(outline.repairs(report), outline.MAX_LISTED)
    if not shown.items:
        return []
    blocks = ["## Repaired before comparing"]
    for document, every in shown.items:
        blocks.append(markdown_code(document.id))
        some = outline.first(every, outline.MAX_REPAIRS)
        blocks.append("\n".join(_mended(each) for each in some.items))
        blocks += _note(some.rest("repair"))
    return blocks + _note(shown.rest("document"))


def _mended(mended: outline.Mended) -> str:
    times = f"×{mended.n:,}, first at" if mended.n > 1 else "at"
    change = f"{_quote(mended.before)} → {_quote(mended.after)}"
    return f"- {markdown_prose(mended.kind)}: {change} {times} {mended.start}:{mended.end}"


def _quote(words: str) -> str:
    # Quotation marks inside the code span: a space or nothing at all can be seen between them.
    return markdown_code(f"“{outline.shorten(literal(words), _QUOTE_CHARS)}”")


def _signals(report: Report) -> list[str]:
    found = outline.signals(report)
    if not found:
        return []
    blocks = ["## Signals (none is a verdict by itself)"]
    for name, reasons in found.items():
        entries = [entry for same in reasons.values() for entry in same]
        shown = outline.first(entries, outline.MAX_SIGNALS)
        pages = outline.count(len({document.id for document, _ in entries}), "page")
        blocks.append(f"### {markdown_prose(name)}: {len(entries):,} in {pages}")
        blocks.append("\n".join(_signal(document, signal) for document, signal in shown.items))
        blocks += _note(shown.rest("signal"))
    return blocks


def _signal(document: DocumentReport, signal: Signal) -> str:
    place = f"{markdown_code(document.id)} {signal.start}:{signal.end}"
    return f"- {place} {_quote(signal.text)}: {markdown_prose(signal.reason)}"


def _skipped(report: Report) -> list[str]:
    if not report.skipped:
        return []
    shown = outline.skipped(report)
    return [
        f"## {outline.count(len(report.skipped), 'input')} skipped",
        "\n".join(_skipped_for(reason, sources) for reason, sources in shown.items),
        *_note(shown.rest("input")),
    ]


def _skipped_for(reason: str, sources: Sequence[str]) -> str:
    if len(sources) == 1:
        return f"- {markdown_code(sources[0])}: {markdown_prose(reason)}"
    some = outline.first(sources, outline.MAX_SOURCES)
    listed = ", ".join(markdown_code(source) for source in some.items)
    rest = "".join(f"; {note}" for note in _note(some.rest("input")))
    n = outline.count(len(sources), "input")
    return f"- {markdown_prose(reason)}: {n}: {listed}{rest}"


def _provenance(stages: Sequence[str], settings: Mapping[str, object]) -> list[str]:
    lines = [" · ".join(map(prose, each)) for each in (stages, outline.provenance(settings))]
    return [
        "## How this was found",
        *(markdown_prose(line) for line in lines if line),
        outline.CLOSING,
    ]
