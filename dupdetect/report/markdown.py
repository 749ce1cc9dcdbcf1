"""The report as Markdown, for pull requests, tickets and wikis (GitHub flavour: tables).

In: a Report, or one Pair with its documents. Out: text that ends with a line break, in the order of
the HTML page. Whatever comes from documents passes `safe_text`, so that it renders as itself: no
markup, HTML, links, mentions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from dupdetect.report import collations, outline, quoting, ranking, reuse
from dupdetect.report.lists import Shown, count, first, rounded_up, signed
from dupdetect.report.safe_text import literal, markdown_code, markdown_prose, prose
from dupdetect.results import (
    Boilerplate,
    Document,
    DocumentReport,
    Family,
    Overlap,
    Pair,
    Phrase,
    Report,
    Signal,
)

_PASSAGE_CHARS = 400
_PHRASE_CHARS = 120
_QUOTE_CHARS = 60
_MATRIX_CHARS = 60
_MAX_COLLATIONS = 4  # of a family
_MAX_RANKED = 6

_SCORES_FROM = 3  # columns before this one hold words: a, b, relation


def render(report: Report, *, width: int = 80, color: bool = False) -> str:
    """The report as Markdown; width and color are for other formats.

    >>> print(render(Report((), (), (), (), {}, {})).splitlines()[0])
    # Nothing to compare: no document was read
    """
    texts = {each.id: each.text for each in report.documents}
    blocks = [
        f"# {outline.capital(outline.headline(report))}",
        *_none_found(report),
        *_scores_over_null(report),
        *_families(report),
        *_reviews(report, texts),
        *_outside(report, texts),
        *_stories(report, texts),
        *(_note(outline.p_note(report)) if _first_judged(report) is None else []),
        *_ranking(report),
        *_distinct(report),
        *_boilerplate(report),
        *_not_judged(report),
        *_repairs(report),
        *_signals(report),
        *_skipped(report),
        *_provenance(outline.stages(report), report.settings),
        *_not_told(),
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
        f"# {outline.capital(outline.pair_headline(pair, '1', '2', settings))}",
        *_note(outline.pair_p_note(pair)),
        "\n".join(
            f"{alias[each.id]}. {markdown_code(each.id)}, {len(each.text):,} characters"
            for each in (a, b)
        ),
        *_relations([pair], alias),
        *([] if pair.overlap is None else _measured(pair, pair.overlap)),
        *_passages(outline.passages_of_pairs([pair], outline.MAX_PASSAGES_COMPARED), texts, alias),
        *_provenance([], settings),
        *_not_told(),
    ]
    return "\n\n".join(blocks) + "\n"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], numbers_from: int) -> str:
    rule = ["---" if place < numbers_from else "---:" for place in range(len(header))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, rule, *rows))


def _note(words: str) -> list[str]:
    return [f"_{words}_"] if words else []


def _families(report: Report) -> list[str]:
    shown = first(report.families, outline.MAX_FAMILIES)
    return [*_groups(report, shown.items), *_note(shown.rest("family"))]


def _reviews(report: Report, texts: Mapping[str, str]) -> list[str]:
    shown = first(report.reviews, outline.MAX_FAMILIES)
    title = [f"## For review: {count(len(report.reviews), 'group')}", outline.REVIEWS_NOTE]
    blocks = [
        *(title if shown.items else []),
        *_groups(report, shown.items),
        *_note(shown.rest("group")),
    ]
    if pairs := outline.review_pairs(report):
        loose = f"{outline.REVIEW_PAIRS_TITLE}: {count(len(pairs), 'pair', 'listed ')}"
        blocks += [f"## {loose}", outline.REVIEW_PAIRS_NOTE, *_some_pairs(pairs, texts)]
    return blocks


def _groups(report: Report, groups: Sequence[Family]) -> list[str]:
    pairs, full = outline.inside(report), outline.full_lists(report)
    documents = {each.id: each for each in report.documents}
    notes = {_first_judged(report): f"{reuse.OWN_WORDS_NOTE} {outline.p_note(report)}."}
    return [
        block
        for group in groups
        for block in _group(
            group, pairs[group.id], documents, full, report.settings, notes.get(group.id, "")
        )
    ]


def _first_judged(report: Report) -> str | None:
    """The first group that is shown with a p-value: what that is stands below its sentence."""
    shown = (first(each, outline.MAX_FAMILIES).items for each in (report.families, report.reviews))
    return next((each.id for groups in shown for each in groups if each.reuse is not None), None)


def _group(
    group: Family,
    pairs: Sequence[Pair],
    documents: Mapping[str, DocumentReport],
    full: frozenset[str],
    settings: Mapping[str, object],
    note: str,
) -> list[str]:
    alias = {id: str(number) for number, id in enumerate(group.members, 1)}
    scores = first(pairs, outline.MAX_PAIRS)
    texts = {id: documents[id].text for pair in pairs for id in (pair.a, pair.b)}
    return [
        *_group_head(group, pairs, documents, alias, settings, note),
        *_collations(group, documents),
        *_phrases(group),
        *_coverage(group, alias),
        *_anchors(group, documents, alias),
        f"{outline.pairs_title(group, pairs, full)}.",
        *_scores(scores.items, alias),
        *_note(scores.rest("pair")),
        *_passages(outline.passages_of_group(pairs, texts, outline.MAX_PASSAGES), texts, alias),
    ]


def _group_head(
    group: Family,
    pairs: Sequence[Pair],
    documents: Mapping[str, DocumentReport],
    alias: Mapping[str, str],
    settings: Mapping[str, object],
    note: str,
) -> list[str]:
    """The title, the sentence that says it all, how it was decided, and the members."""
    n, decided = len(group.members), group.relation != "review"
    why = reuse.why_kept(group, pairs, documents)
    keep = f"; keep {alias[group.keeper]} if only one may stay: {why}" if decided else ""
    sentence = reuse.reuse_sentence(group, pairs)
    facts = "; ".join(reuse.reuse_facts(group, alias, settings))
    members = first(group.members, outline.MAX_MEMBERS)
    listed = [
        f"{alias[id]}. {markdown_code(id)}, {count(documents[id].n_chars, 'character')}"
        f"{' (keeper)' * (decided and id == group.keeper)}"
        for id in members.items
    ]
    return [
        f"## {markdown_prose(group.id)}: {group.relation}, {n:,} members",
        *([f"**{sentence}**"] if sentence else []),
        *_note(note),
        *([f"{markdown_prose(facts)}."] if facts else []),
        f"{outline.cohesion(group, pairs)}{keep}.",
        "\n".join(listed),
        *_note(members.rest("member")),
    ]


def _collations(family: Family, documents: Mapping[str, DocumentReport]) -> list[str]:
    """Sentences of members side by side: below the words that most share, each wording."""
    shown = collations.collation_views(family, "", documents, _MAX_COLLATIONS)
    if not shown.items:
        return []
    rows = [row for each in shown.items for row in _collation(each, len(family.members))]
    n = len(shown.items)
    hidden: Shown[str] = Shown((), sum(each.n_hidden for each in shown.items))
    return [
        f"### Sentences side by side: {n:,} of {n + shown.n_hidden:,} "
        "({…} marks words of their own, [–] that shared ones are missing in between)",
        *collations.collation_notes(family, shown.items),
        _table(["Members", "Words"], rows, 2),
        *_note(hidden.rest("wording")),
    ]


def _collation(view: collations.CollationView, n_members: int) -> list[list[str]]:
    agreed = f"{view.kind}, {view.n_tokens_agreed:,} of {count(view.n_tokens, 'word')} agree"
    title = f"{agreed}, readings of {view.n_members:,} of {count(n_members, 'member')}"
    rows = [[title, f"**{_words(view.skeleton)}**" if view.skeleton else ""]]
    for wording in view.wordings:
        places = ", ".join(
            f"**{place.number}** at {place.start}:{place.end}" for place in wording.places
        )
        more = f" and {wording.n_hidden:,} more" * bool(wording.n_hidden)
        rows.append([places + more, _words(wording.pieces)])
    return rows


_MARKS = {"slot": "…", "omitted": "[–]", "cut": quoting.SKIP_MARK}


def _words(pieces: Sequence[collations.Piece]) -> str:
    """A wording, its variants and anchors in braces; braces of its own are boxed."""
    shown = ""
    for marked, run in groupby(pieces, key=lambda piece: piece.role in ("variant", "anchor")):
        same = list(run)
        words = "".join(
            " " * piece.spaced + _MARKS.get(piece.role, piece.text.translate(quoting.BRACES))
            for piece in same
        )
        space = " " * same[0].spaced
        shown += f"{space}{{{words.removeprefix(space)}}}" if marked else words
    return markdown_prose(shown, cell=True)


def _coverage(family: Family, alias: Mapping[str, str]) -> list[str]:
    shown = first(family.coverage, outline.MAX_MEMBERS)
    if not shown.items:
        return []
    rows = [[alias[each.id], reuse.covered(each, alias)] for each in shown.items]
    return [
        f"### {reuse.COVERAGE_TITLE}",
        _table(["Member", "Shared words"], rows, 2),
        *_note(shown.rest("member")),
    ]


def _anchors(
    family: Family, documents: Mapping[str, DocumentReport], alias: Mapping[str, str]
) -> list[str]:
    shown = first(reuse.aligned_anchors(family, documents), outline.MAX_ANCHORS)
    if not shown.items:
        return []
    blocks = [f"### {reuse.ANCHORS_TITLE}"]
    for anchor in shown.items:
        carried = markdown_code(reuse.carriers(anchor.carriers, family, _MATRIX_CHARS))
        title = reuse.aligned_title(anchor, family, alias)
        blocks.append(f"{carried} {_quote(anchor.text)} {title}")
        rows = [
            [
                f"**{alias[each.id]}** at {each.start}:{each.end}",
                f"{markdown_code(words, cell=True)} {around}".strip(),
            ]
            for each, words, around in reuse.alignment(anchor, documents, alias, _PHRASE_CHARS)
        ]
        blocks.append(_table(["Member", "Words"], rows, 2))
    return [*blocks, *_note(shown.rest("anchor"))]


def _none_found(report: Report) -> list[str]:
    found = outline.none_found(report)
    if found is None:
        return []
    title, lines = found
    shown = first(outline.nearest(report), outline.MAX_NEAREST)
    blocks = [f"## {title}", *lines]
    if shown.items:
        listed, alias = _listed_ids(shown.items)
        header, *rows = outline.near_rows(shown.items, alias)
        blocks += [f"{outline.NEAREST_TITLE}:", listed, _table(header, rows, 2)]
    return blocks


def _scores_over_null(report: Report) -> list[str]:
    """How many pairs score as hardly any honest ones do, and how many would by chance."""
    found = report.histogram
    if found is None:
        return []
    above = f"{found.n_above:,} at or above {signed(found.threshold)} (p at most {found.level})"
    return [
        f"Scores over the null: {count(found.n_pairs, 'pair')} on one subject, {above}; "
        f"at most {rounded_up(found.expected_above)} expected if all were honest."
    ]


def _scores(pairs: Sequence[Pair], alias: Mapping[str, str]) -> list[str]:
    overlaps = _overlaps(pairs, alias)
    title = [f"{reuse.OVERLAPS_TITLE}:"] * bool(overlaps)
    words = []
    if strongest := reuse.strongest_pair(pairs):
        pair, found = strongest
        words = _own_words(f"{alias[pair.a]} and {alias[pair.b]} share", found, reuse.MAX_WORDS)
    return [*_relations(pairs, alias), *title, *overlaps, *words]


def _measured(pair: Pair, overlap: Overlap) -> list[str]:
    """What was measured of two documents that are compared alone, and what can be checked of it."""
    words = []
    if pair.relation in reuse.BY_OWN_WORDS:
        words = _own_words("own words of both", overlap, len(overlap.words))
    return [*reuse.overlap_lines(overlap), *words]


def _own_words(title: str, overlap: Overlap, cap: int) -> list[str]:
    words, rest = reuse.own_words(overlap, cap)
    listed = ", ".join(markdown_prose(quoting.excerpt(word, _QUOTE_CHARS)) for word in words)
    return [f"{title}: {listed}{f' ({rest})' if rest else ''}"] if words else []


def _relations(pairs: Sequence[Pair], alias: Mapping[str, str]) -> list[str]:
    header, *rows = outline.score_rows(pairs, alias)
    notes = [note for line in outline.not_compared(pairs, alias) for note in _note(line)]
    return [_table(header, rows, _SCORES_FROM), *notes]


def _overlaps(pairs: Sequence[Pair], alias: Mapping[str, str]) -> list[str]:
    rows = reuse.overlap_rows(pairs, alias)
    return [_table(rows[0], [_harmless(row) for row in rows[1:]], 2)] if rows else []


def _harmless(row: Sequence[str]) -> list[str]:
    # "<0.005" would open a tag in some renderers.
    return [cell.replace("<", "&lt;") for cell in row]


def _listed_ids(pairs: Sequence[Pair | outline.Near]) -> tuple[str, dict[str, str]]:
    """The documents of some pairs as a list, and the numbers that stand for them."""
    ids = dict.fromkeys(id for pair in pairs for id in (pair.a, pair.b))
    alias = {id: str(number) for number, id in enumerate(ids, 1)}
    return "\n".join(f"{alias[id]}. {markdown_code(id)}" for id in ids), alias


def _passages(
    shown: Shown[outline.Quote], texts: Mapping[str, str], alias: Mapping[str, str]
) -> list[str]:
    if not shown.items:
        return []
    rows = [_passage(quote, texts, alias) for quote in shown.items]
    title = quoting.passages_title([quote.passage for quote in shown.items], shown.n_hidden)
    header = ["Kind, cosine", "One text", "The other"]
    return [f"### {title}", _table(header, rows, len(header)), *_note(shown.rest("passage"))]


def _passage(quote: outline.Quote, texts: Mapping[str, str], alias: Mapping[str, str]) -> list[str]:
    pair, passage = quote.pair, quote.passage
    spans = ((pair.a, passage.a_start, passage.a_end), (pair.b, passage.b_start, passage.b_end))
    a, b = (texts[id][start:end] for id, start, end in spans)
    runs = quoting.relative_runs(passage)
    quotes = quoting.quotations(passage.kind, a, b, _PASSAGE_CHARS, runs=runs)
    quoted = [
        f"**{alias[id]}** at {start}:{end} {markdown_prose(words, cell=True)}"
        for (id, start, end), words in zip(spans, quotes, strict=True)
    ]
    label = quoting.passage_label(passage, cosine="", loose=quote.loose)
    if stayed := quoting.longest_runs(passage, texts[pair.a]):
        label += f"; {markdown_prose(stayed, cell=True)}"
    return [label, *quoted]


def _phrases(family: Family) -> list[str]:
    shown = first(family.phrases, reuse.MAX_PHRASES)
    if not shown.items:
        return []
    rows = [
        [
            markdown_code(reuse.carriers(phrase.members, family, _MATRIX_CHARS)),
            _phrase(phrase),
            phrase.kind,
            reuse.rarity(phrase),
        ]
        for phrase in shown.items
    ]
    return [
        f"### {reuse.phrases_title(family)}",
        _table(["Members", "Phrase", "Kind", "Bits"], rows, 3),
        *_note(reuse.rest_of_phrases(family)),
    ]


def _phrase(phrase: Phrase) -> str:
    return markdown_prose(quoting.excerpt(quoting.trimmed(phrase.text), _PHRASE_CHARS), cell=True)


def _outside(report: Report, texts: Mapping[str, str]) -> list[str]:
    pairs = outline.outside(report)
    where = "the families" if report.families else "any family"
    title = f"## {count(len(pairs), 'pair')} outside {where}"
    return [title, *_some_pairs(pairs, texts)] if pairs else []


def _stories(report: Report, texts: Mapping[str, str]) -> list[str]:
    pairs = outline.stories(report)
    title = f"## {outline.STORIES_TITLE}: {count(len(pairs), 'pair', 'listed ')}"
    return [title, outline.STORIES_NOTE, *_some_pairs(pairs, texts)] if pairs else []


def _some_pairs(pairs: Sequence[Pair], texts: Mapping[str, str]) -> list[str]:
    shown = first(pairs, outline.MAX_PAIRS)
    listed, alias = _listed_ids(shown.items)
    return [
        listed,
        *_scores(shown.items, alias),
        *_note(shown.rest("pair")),
        *_passages(outline.passages_of_pairs(shown.items, outline.MAX_PASSAGES), texts, alias),
    ]


def _ranking(report: Report) -> list[str]:
    shown = ranking.ranked_passages(report, _MAX_RANKED)
    if not shown.items:
        return []
    n = len(shown.items)
    return [
        f"## Most recycled passages: {n:,} of {n + shown.n_hidden:,}",
        ranking.RANKED_NOTE,
        "\n".join(f"{place}. {_ranked(each)}" for place, each in enumerate(shown.items, 1)),
        *_note(shown.rest("passage")),
    ]


def _ranked(passage: ranking.Ranked) -> str:
    what = [passage.origin, passage.kind, *(["quotation"] * passage.quotation)]
    if passage.group:
        what.append(markdown_prose(passage.group))
    some = first(passage.places.items, outline.MAX_LISTED)
    hidden: Shown[str] = Shown((), some.n_hidden + passage.places.n_hidden)
    places = ", ".join(f"{markdown_code(each.id)} {each.start}:{each.end}" for each in some.items)
    rest = "".join(f"; {note}" for note in _note(hidden.rest("place")))
    words = quoting.excerpt(passage.quote, _PASSAGE_CHARS)
    quote = markdown_prose(words if passage.quotation else f"“{words}”")
    said = f"about {count(passage.n_recycled, 'word')} recycled"
    where = f"{said} in {count(passage.n_documents, 'document')} ({', '.join(what)})"
    return f"{where}: {quote} {places}{rest}"


def _distinct(report: Report) -> list[str]:
    shown = first(outline.distinct(report), outline.MAX_LISTED)
    if not shown.items or not report.pairs:
        return []
    return [
        f"## {count(len(shown.items) + shown.n_hidden, 'page', 'distinct ')}",
        "\n".join(f"- {markdown_code(document.id)}" for document in shown.items),
        *_note(shown.rest("page")),
    ]


def _boilerplate(report: Report) -> list[str]:
    shown = first(report.boilerplate, outline.MAX_BOILERPLATE)
    if not shown.items:
        return []
    return [
        f"## Boilerplate: {count(len(report.boilerplate), 'notice')}",
        outline.BOILERPLATE_NOTE,
        "\n".join(_notice(each) for each in shown.items),
        *_note(shown.rest("notice")),
    ]


def _notice(notice: Boilerplate) -> str:
    words = markdown_prose(quoting.excerpt(notice.text, _PASSAGE_CHARS))
    return f"- {outline.boilerplate_line(notice)}: {_names(notice.members, 'page')}: {words}"


def _not_judged(report: Report) -> list[str]:
    reasons = outline.not_judged_by_reason(report)
    if not reasons:
        return []
    n = sum(map(len, reasons.values()))
    listed = []
    for reason, ids in reasons.items():
        why = markdown_prose(outline.why_not_judged(reason, report.settings))
        listed.append(f"- {why}: {count(len(ids), 'page')}: {_names(ids, 'page')}")
    of = f"{n:,} of {count(len(report.documents), 'page')}"
    return [f"## Not judged for recycled text: {of}", "\n".join(listed)]


def _names(ids: Sequence[str], noun: str) -> str:
    """Ids in a row, and how many are not shown."""
    some = first(ids, outline.MAX_LISTED)
    listed = ", ".join(markdown_code(id) for id in some.items)
    return listed + "".join(f"; {note}" for note in _note(some.rest(noun)))


def _repairs(report: Report) -> list[str]:
    shown = first(outline.repairs(report), outline.MAX_LISTED)
    if not shown.items:
        return []
    blocks = ["## Repaired before comparing"]
    for document, every in shown.items:
        blocks.append(markdown_code(document.id))
        some = first(every, outline.MAX_REPAIRS)
        blocks.append("\n".join(_mended(each) for each in some.items))
        blocks += _note(some.rest("repair"))
    return blocks + _note(shown.rest("document"))


def _mended(mended: outline.Mended) -> str:
    times = f"×{mended.n:,}, first at" if mended.n > 1 else "at"
    change = f"{_quote(mended.before)} → {_quote(mended.after)}"
    return f"- {markdown_prose(mended.kind)}: {change} {times} {mended.start}:{mended.end}"


def _quote(words: str) -> str:
    # Quotation marks inside the code span: a space or nothing at all can be seen between them.
    return markdown_code(f"“{quoting.shorten(literal(words), _QUOTE_CHARS)}”")


def _signals(report: Report) -> list[str]:
    found = outline.signals(report)
    if not found:
        return []
    blocks = ["## Signals (none is a verdict by itself)"]
    for name, reasons in found.items():
        entries = [entry for same in reasons.values() for entry in same]
        shown = first(entries, outline.MAX_SIGNALS)
        pages = count(len({document.id for document, _ in entries}), "page")
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
        f"## {count(len(report.skipped), 'input')} skipped",
        "\n".join(_skipped_for(reason, sources) for reason, sources in shown.items),
        *_note(shown.rest("input")),
    ]


def _skipped_for(reason: str, sources: Sequence[str]) -> str:
    if len(sources) == 1:
        return f"- {markdown_code(sources[0])}: {markdown_prose(reason)}"
    some = first(sources, outline.MAX_SOURCES)
    listed = ", ".join(markdown_code(source) for source in some.items)
    rest = "".join(f"; {note}" for note in _note(some.rest("input")))
    n = count(len(sources), "input")
    return f"- {markdown_prose(reason)}: {n}: {listed}{rest}"


def _provenance(stages: Sequence[str], settings: Mapping[str, object]) -> list[str]:
    null = outline.null_facts(settings)
    facts = (stages, outline.provenance(settings), null)
    lines = [" · ".join(map(prose, each)) for each in facts]
    return [
        "## How this was found",
        *(markdown_prose(line) for line in lines if line),
        *([reuse.OVERLAPS_NOTE] * bool(null)),
        outline.CLOSING,
    ]


def _not_told() -> list[str]:
    return [
        "## What this report does not tell",
        "\n".join(f"- {each}" for each in outline.NOT_TOLD),
    ]
