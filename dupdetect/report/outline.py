"""What a report for people says, in which order and how much of it: shared by every such format.

In: a Report. Out: plain values with text still as it was read; each format makes it safe and sets
it. The answer comes first, then its evidence, then what was repaired, noticed, skipped and counted.
Long lists are cut at caps, and whoever cuts says so (`Shown.rest`): JSON is never cut. What is said
of texts is what was measured: not who wrote first, or how, or why.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from dupdetect.report.lists import Shown, count, first, mapping, percent, setting, signed
from dupdetect.report.quoting import keeps_only_facts
from dupdetect.report.reuse import (
    ALL_GROUPS_NOTE,
    AS_A_GROUP,
    BY_OWN_WORDS,
    NOT_BY_ITSELF,
    P_NOTE,
    by_itself,
    expectation,
)
from dupdetect.report.safe_text import prose
from dupdetect.results import (
    RELATIONS,
    Boilerplate,
    DocumentReport,
    Family,
    HeatMap,
    Pair,
    Passage,
    Relation,
    Repair,
    Report,
    Signal,
)

# A screen or two for each: what an editor reads before opening the JSON.
MAX_FAMILIES = 20
MAX_MEMBERS = 40
MAX_PAIRS = 15
MAX_PASSAGES = 6
MAX_PASSAGES_COMPARED = 20
MAX_ANCHORS = 6
MAX_NEAREST = 3
MAX_BOILERPLATE = 10
MAX_REPAIRS = 8
MAX_SIGNALS = 10
MAX_LISTED = 20
MAX_SOURCES = 60  # of inputs skipped for one reason: they stand in rows
MAX_WORD = 20  # code points shown on either side of a repair

CLOSING = "Scores say what texts share, not who wrote it first."

NOT_TOLD = (
    "Who had the words first, and who took them from whom: members of a family may all draw on one "
    "source that is not here, have it by licence, or have one author.",
    "How a text came about, or what anybody meant by it. Similarity is not proof of wrong.",
    "Reuse in other words: texts that share thoughts and hardly any wording are not found, nor are "
    "translations.",
    "Anything of texts that were not given: nothing was looked up elsewhere.",
    "That a page is original: distinct means that no relation to the other pages here was proved, "
    "and a page that was not judged is not cleared.",
    "How often honest writing of a kind that the null does not know looks like this: p-values hold "
    "for the kinds that it names.",
)

_FAMILY_OF: dict[Relation, str] = {
    "exact": "exact copies",
    "near-duplicate": "near-duplicate pages",
    "contained": "contained pages",
    "recycled": "recycled pages",
    "review": "pages for review",
    "same-story": "pages on one story",
    "distinct": "distinct pages",
}

REVIEWS_NOTE = "Near a recycled family, and not decided: a person should look."
REVIEW_PAIRS_TITLE = "For review, in no group"
REVIEW_PAIRS_NOTE = (
    "On one story, with more own words in common than most honest pairs have, or more wording "
    "word for word (a in b, b in a): a person should look."
)
NEAREST_TITLE = "Nearest by their own words; none of them makes a family"
STORIES_TITLE = "One story, independently told as far as can be told"
STORIES_NOTE = "What they share is mostly names, figures and quotations."
BOILERPLATE_NOTE = (
    "Sentences that several pages repeat word for word, such as licences, credits, background "
    "paragraphs. They make no family by themselves."
)

# A passage of which fewer tokens stayed is shown after all others.
_LEAST_KEPT = 4

# So many inputs skipped for one reason still have a line each.
_ALONE = 3


def headline(report: Report) -> str:
    """The answer in one line.

    >>> headline(Report((), (), (), (), {}, {}))
    'nothing to compare: no document was read'
    """
    n_documents, n_not_judged = len(report.documents), len(not_judged(report))
    if n_documents < 2:
        n = "no document was read" if not n_documents else "only 1 document was read"
        parts = [f"nothing to compare: {n}"]
    elif report.pairs or report.families or report.reviews:
        parts = [*_family_phrases(report.families), *_loose_phrases(report)]
    elif n_not_judged:
        which = "none of them" if n_not_judged == n_documents else f"{n_not_judged:,} of them not"
        parts = [f"none found: {n_documents:,} pages, {which} judged for recycled text"]
    else:
        parts = [f"none found: all {n_documents:,} pages are distinct"]
    if report.skipped:
        parts.append(f"{count(len(report.skipped), 'input')} skipped")
    return ", ".join(parts)


def _family_phrases(families: Sequence[Family]) -> list[str]:
    sizes: dict[Relation, list[int]] = defaultdict(list)
    for family in families:
        sizes[family.relation].append(len(family.members))
    return [
        _families_of(sizes[relation], _FAMILY_OF[relation])
        for relation in RELATIONS
        if relation in sizes
    ]


def _families_of(sizes: Sequence[int], what: str) -> str:
    if len(sizes) == 1:
        return f"1 family of {sizes[0]:,} {what}"
    return f"{len(sizes):,} families of {what} ({sum(sizes):,} in all)"


def _loose_phrases(report: Report) -> list[str]:
    phrases = []
    if n_loose := len(outside(report)):
        where = "outside the families" if report.families else "outside any family"
        phrases.append(f"{count(n_loose, 'pair')} {where}")
    for_review = []
    if report.reviews:
        for_review.append(_groups_of([len(each.members) for each in report.reviews]))
    if n_pairs := len(review_pairs(report)):
        for_review.append(count(n_pairs, "pair", "listed "))
    if for_review:
        phrases.append(f"{' and '.join(for_review)} for review")
    if not report.families and not n_loose:
        phrases.insert(0, "no family found")
    if n_distinct := len(distinct(report)):
        phrases.append(count(n_distinct, "page", "distinct "))
    if n_stories := len(stories(report)):
        phrases.append(f"{count(n_stories, 'pair', 'listed ')} on one story")
    if n_not_judged := len(not_judged(report)):
        phrases.append(f"{count(n_not_judged, 'page')} not judged for recycled text")
    return phrases


def _groups_of(sizes: Sequence[int]) -> str:
    if len(sizes) == 1:
        return f"1 group of {sizes[0]:,} pages"
    return f"{len(sizes):,} groups ({sum(sizes):,} pages in all)"


def capital(said: str) -> str:
    """A sentence with a capital first letter.

    >>> capital("none found: all 3 pages are distinct")
    'None found: all 3 pages are distinct'
    """
    return said[:1].upper() + said[1:]


@dataclass(frozen=True, slots=True)
class Shares:
    """How many documents are what: each is counted once, and all of them add up.

    Attributes:
        families: in a family.
        pairs: in no family, but copied or recycled in a pair.
        review: neither, but in a pair for review.
        story: none of these, but in a pair on one story.
        distinct: without a relation, and judged.
        not_judged: without a relation, and not judged.
    """

    families: int
    pairs: int
    review: int
    story: int
    distinct: int
    not_judged: int


def shares(report: Report) -> Shares:
    """How many documents of a report are what.

    >>> shares(Report((), (), (), (), {}, {}))
    Shares(families=0, pairs=0, review=0, story=0, distinct=0, not_judged=0)
    """
    n = Counter(map(_share, report.documents))
    return Shares(**{each: n[each] for each in Shares.__dataclass_fields__})


def _share(document: DocumentReport) -> str:
    if document.family is not None:
        return "families"
    if document.relation == "review":
        return "review"
    if document.relation == "same-story":
        return "story"
    if document.relation != "distinct":
        return "pairs"
    return "not_judged" if document.not_judged else "distinct"


# A longer answer is a paragraph, and no title.
_MAX_TITLE = 90


def short_headline(report: Report) -> str:
    """The answer in a title: the headline, or where that is long, the numbers of pages alone.

    >>> short_headline(Report((), (), (), (), {}, {}))
    'nothing to compare: no document was read'
    """
    whole = headline(report)
    if len(whole) <= _MAX_TITLE:
        return whole
    n, n_documents = shares(report), count(len(report.documents), "page")
    others = [
        (n.pairs, "in other pairs" if report.families else "in pairs"),
        (n.review, "for review"),
    ]
    others = [each for each in others if each[0]]
    if not report.families:
        said = " and ".join(
            f"{n:,}{f' of {n_documents}' * (not place)} {where}"
            for place, (n, where) in enumerate(others)
        )
        return f"no family found: {said}" if said else f"no family found in {n_documents}"
    kinds = {each.relation for each in report.families}
    what = " or ".join(["copied"] * bool(kinds & _COPIED) + ["recycled"] * ("recycled" in kinds))
    said = f"{count(len(report.families), 'family')}: {n.families:,} of {n_documents} are {what}"
    more = [f"{n:,} more {'is' if n == 1 else 'are'} {where}" for n, where in others]
    return "; ".join([said, *more])


# Relations of copies: all but "recycled" that hold a family together.
_COPIED: frozenset[Relation] = frozenset({"exact", "near-duplicate", "contained"})


def distinct(report: Report) -> list[DocumentReport]:
    """Documents without any relation, as far as every lens that was asked could judge them.

    Independent reports on one event are on one story, as their entries in the JSON report say.
    """
    return [
        each
        for each in report.documents
        if each.family is None and each.relation == "distinct" and not each.not_judged
    ]


def not_judged(report: Report) -> list[DocumentReport]:
    """Documents of which the recycled lens says nothing."""
    return [each for each in report.documents if each.not_judged]


def p_note(report: Report) -> str:
    """What p is, where one is shown, and what that of a group counts; else ""."""
    if any(each.reuse is not None for each in (*report.families, *report.reviews)):
        return f"{P_NOTE}; {ALL_GROUPS_NOTE}"
    shown = any(pair.relation in BY_OWN_WORDS and pair_p_note(pair) for pair in report.pairs)
    return P_NOTE * shown


def pair_p_note(pair: Pair) -> str:
    """What p is, where a comparison has one; else ""."""
    return P_NOTE * (pair.overlap is not None and pair.overlap.p is not None)


def outside(report: Report) -> list[Pair]:
    """Pairs with a proved relation whose two documents are in no family or review together."""
    return [pair for pair in _loose(report) if pair.relation not in ("review", "same-story")]


def review_pairs(report: Report) -> list[Pair]:
    """Pairs that a person should decide whose two documents are in no family or review together."""
    return [pair for pair in _loose(report) if pair.relation == "review"]


def stories(report: Report) -> list[Pair]:
    """Pairs on one story whose two documents are in no family or review together.

    Their passages are those that do not lie in boilerplate: a notice that both carry is no sign of
    one story.
    """
    notices: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for boilerplate in report.boilerplate:
        for place in boilerplate.occurrences:
            notices[place.id].append((place.start, place.end))
    return [
        replace(pair, passages=tuple(_outside_notices(pair, notices)))
        for pair in _loose(report)
        if pair.relation == "same-story"
    ]


def _outside_notices(
    pair: Pair, notices: Mapping[str, Sequence[tuple[int, int]]]
) -> Iterator[Passage]:
    """The passages that lie in notices with less than half of either side."""
    for each in pair.passages:
        sides = ((pair.a, each.a_start, each.a_end), (pair.b, each.b_start, each.b_end))
        if not any(
            2 * sum(max(0, min(end, last) - max(start, at)) for at, last in notices.get(id, ()))
            >= end - start
            for id, start, end in sides
        ):
            yield each


def _loose(report: Report) -> list[Pair]:
    family_of = {each.id: each.family for each in report.documents}
    review_of = _group_of(report.reviews)
    return [
        pair
        for pair in report.pairs
        if pair.relation != "distinct"
        and (family_of[pair.a] is None or family_of[pair.a] != family_of[pair.b])
        and (pair.a not in review_of or review_of[pair.a] != review_of.get(pair.b))
    ]


def inside(report: Report) -> dict[str, list[Pair]]:
    """The pairs of each family and review with a relation, by its id, in the order of the report.

    A pair of copies in one family may be in one review as well.
    """
    family_of = {each.id: each.family for each in report.documents}
    review_of = _group_of(report.reviews)
    pairs: dict[str, list[Pair]] = {each.id: [] for each in (*report.families, *report.reviews)}
    for pair in report.pairs:
        for group_of in (family_of, review_of):
            group = group_of.get(pair.a)
            if group is not None and group == group_of.get(pair.b) and pair.relation != "distinct":
                pairs[group].append(pair)
    return pairs


def _group_of(groups: Iterable[Family]) -> dict[str, str]:
    return {id: group.id for group in groups for id in group.members}


def none_found(report: Report) -> tuple[str, list[str]] | None:
    """A title and lines that say that there is no family, or no recycled one; None: there is one.

    The lens must have been asked; and of fewer than two judged documents, it is said that nothing
    can be told of them.
    """
    if len(report.documents) < 2 or any(each.relation == "recycled" for each in report.families):
        return None
    asked = report.settings.get("lens") != "near-duplicate"
    if report.families and not asked:
        return None
    n_documents, n_unjudged = len(report.documents), len(not_judged(report))
    lines = [f"{count(n_documents, 'page')} read"]
    if asked:
        n_judged = n_documents - n_unjudged
        lines = [f"{lines[0]}, {n_judged:,} judged for recycled text"]
        if n_judged < 2:
            lines.append("Too few to judge: nothing can be said of recycled text here.")
    return _none_title(report), lines


def _none_title(report: Report) -> str:
    if not report.families:
        return "No family found"
    if len(report.documents) - len(not_judged(report)) < 2:
        return "Beyond these copies, nothing was judged for recycled text"
    loose = report.reviews or any(pair.relation in ("recycled", "review") for pair in report.pairs)
    return f"Beyond these copies, no recycled {'family' if loose else 'text'} was found"


@dataclass(frozen=True, slots=True)
class Near:
    """Two documents that are in no family together.

    Attributes:
        a: the id that comes first by name.
        b: the other.
        score: of their own words, in nats.
        pointer: to it in the JSON report.
    """

    a: str
    b: str
    score: float
    pointer: str


def nearest(report: Report) -> list[Near]:
    """The pairs with the highest scores of own words, where no family is recycled.

    They are those of the heat map; of a report without one, listed pairs. Two documents of one
    family are left out, and so are copies: they share all words.
    """
    if none_found(report) is None:
        return []
    family_of = {each.id: each.family for each in report.documents}
    copies = {
        frozenset((pair.a, pair.b)) for pair in report.pairs if pair.relation not in BY_OWN_WORDS
    }
    scored = _listed_scores(report) if report.heat_map is None else _heat_scores(report.heat_map)
    found = [
        each
        for each in scored
        if (family_of[each.a] is None or family_of[each.a] != family_of[each.b])
        and frozenset((each.a, each.b)) not in copies
    ]
    return sorted(found, key=lambda each: (-each.score, each.a, each.b))


def _listed_scores(report: Report) -> Iterator[Near]:
    for place, pair in enumerate(report.pairs):
        if pair.overlap is not None:
            a, b = sorted((pair.a, pair.b))
            yield Near(a, b, pair.overlap.score, f"/pairs/{place}/overlap/score")


def _heat_scores(chart: HeatMap) -> Iterator[Near]:
    for row, scores in enumerate(chart.scores):
        for column, score in enumerate(scores):
            a, b = sorted((chart.ids[row], chart.ids[column]))
            yield Near(a, b, score, f"/heat_map/scores/{row}/{column}")


def near_rows(pairs: Sequence[Near], alias: Mapping[str, str]) -> list[list[str]]:
    """A header, and a row for each of the nearest pairs.

    >>> near_rows([Near("x", "y", 0.69, "/heat_map/scores/1/0")], {"x": "1", "y": "2"})
    [['a', 'b', 'Score'], ['1', '2', '+0.69']]
    """
    rows = [[alias[each.a], alias[each.b], signed(each.score)] for each in pairs]
    return [["a", "b", "Score"], *rows]


def full_lists(report: Report) -> frozenset[str]:
    """Documents of which pairs may have been left out: they have all that may be listed of one."""
    if not report.counts.get("pairs_not_listed"):
        return frozenset()
    limit = setting(report.settings, "evidence", "max_partners")
    n_pairs = Counter(id for pair in report.pairs for id in (pair.a, pair.b))
    return frozenset(
        id for id, n in n_pairs.items() if n >= (limit if isinstance(limit, int) else 0)
    )


def pairs_title(family: Family, pairs: Sequence[Pair], full: frozenset[str]) -> str:
    """How many pairs of a family are there, of how many there could be.

    Args:
        family: of which.
        pairs: its pairs.
        full: what `full_lists` gives.
    """
    n = len(family.members)
    n_possible = n * (n - 1) // 2
    if lists_all(family, pairs) or full.isdisjoint(family.members):
        if family.relation == "review":
            return f"Pairs: {len(pairs):,} listed of {n_possible:,}"
        n_proved = sum(map(by_itself, pairs))
        others = f", {len(pairs) - n_proved:,} {NOT_BY_ITSELF}" * (n_proved < len(pairs))
        return f"Pairs: {n_proved:,} proved of {n_possible:,}{others}"
    cut = "the strongest of each member: evidence.max_partners"
    return f"Pairs: {len(pairs):,} listed of {n_possible:,} ({cut})"


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage of a pair, as evidence.

    Attributes:
        pair: whose.
        passage: what the two share.
        loose: whether it is a single sentence of a pair for review, which may be alike by chance.
    """

    pair: Pair
    passage: Passage
    loose: bool = False


def _quotes(pair: Pair) -> list[Quote]:
    """What a pair shares, its passages first; of exact copies the whole text is the passage."""
    if pair.relation == "exact":
        return []
    passages = [Quote(pair, each) for each in pair.passages]
    return [*passages, *(Quote(pair, each, loose=True) for each in pair.sentences)]


def passages_of_pairs(pairs: Sequence[Pair], cap: int) -> Shown[Quote]:
    """The best passage of each pair, then the second of each, and so on.

    So the passages at the top speak for as many pairs as they can.
    """
    rows = zip_longest(*map(_quotes, pairs))
    return first((quote for row in rows for quote in row if quote is not None), cap)


def passages_of_group(pairs: Sequence[Pair], texts: Mapping[str, str], cap: int) -> Shown[Quote]:
    """The best passages of a group, whichever its pair: those that are most alike.

    Passages of which hardly a word stayed come last. Those of which only names and figures stayed
    are not shown where there are others.

    Args:
        pairs: of the group.
        texts: of the documents, by id.
        cap: most that are shown.
    """
    quotes = [quote for pair in pairs for quote in _quotes(pair)]
    telling = [
        quote for quote in quotes if not keeps_only_facts(quote.passage, texts[quote.pair.a])
    ]
    shown = sorted(telling or quotes, key=_by_likeness)[:cap]
    return Shown(tuple(shown), len(quotes) - len(shown))


def _by_likeness(quote: Quote) -> tuple[bool, bool, float, int]:
    passage = quote.passage
    few = passage.n_tokens > 0 and passage.n_tokens_kept < _LEAST_KEPT
    return quote.loose, few, -passage.cosine, -passage.n_tokens_kept


@dataclass(frozen=True, slots=True)
class Mended:
    """Words of one document before and after repair, and how often the same was done.

    Attributes:
        kind: what was wrong with them.
        before: the words as they were read.
        after: the words with all repairs that lie in them.
        start: their first place in the text as read.
        end: one past its last code point.
        n: how many places were mended in just this way.
    """

    kind: str
    before: str
    after: str
    start: int
    end: int
    n: int


def repairs(report: Report) -> list[tuple[DocumentReport, list[Mended]]]:
    """Documents that were repaired, each with its mended words in the order of their place."""
    found = []
    for document in report.documents:
        groups: dict[tuple[str, str, str], list[Mended]] = defaultdict(list)
        for mended in _mended(document.text, document.repairs):
            groups[mended.kind, mended.before, mended.after].append(mended)
        if groups:
            every = [replace(same[0], n=len(same)) for same in groups.values()]
            found.append((document, every))
    return found


def _mended(text: str, steps: Sequence[Repair]) -> Iterator[Mended]:
    """Repairs with the rest of their words: "Ā" for a space says little, "HongĀKong" says all."""
    waiting = deque(sorted(steps, key=lambda step: (step.start, step.end)))
    if not text:  # left out: see `has_text`
        yield from (
            Mended(each.kind, each.before, each.after, each.start, each.end, 1) for each in waiting
        )
        return
    while waiting:
        start, end = _word_around(text, waiting[0])
        inside = [waiting.popleft()]
        while waiting and waiting[0].start <= end:
            end = max(end, _word_around(text, waiting[0])[1])
            inside.append(waiting.popleft())
        after, place = [], start
        for step in inside:
            after += [text[place : step.start], step.after]
            place = step.end
        kinds = ", ".join(dict.fromkeys(step.kind for step in inside))
        yield Mended(kinds, text[start:end], "".join(after) + text[place:end], start, end, 1)


def _word_around(text: str, step: Repair) -> tuple[int, int]:
    start, end = step.start, step.end
    while start > 0 and step.start - start < MAX_WORD and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and end - step.end < MAX_WORD and not text[end].isspace():
        end += 1
    return start, end


def signals(report: Report) -> dict[str, dict[str, list[tuple[DocumentReport, Signal]]]]:
    """Signals by name, then by reason, each with its document."""
    found: dict[str, dict[str, list[tuple[DocumentReport, Signal]]]] = {}
    for document in report.documents:
        for signal in document.signals:
            reasons = found.setdefault(signal.name, {})
            reasons.setdefault(signal.reason, []).append((document, signal))
    return dict(sorted(found.items()))


def skipped(report: Report) -> Shown[tuple[str, list[str]]]:
    """Reasons with the sources of inputs skipped for them; hidden are inputs, not reasons.

    Many inputs with one reason are one item, few an item each.
    """
    by_reason: dict[str, list[str]] = defaultdict(list)
    for each in report.skipped:
        by_reason[each.reason].append(each.source)
    entries: list[tuple[str, list[str]]] = []
    for reason, sources in by_reason.items():
        if len(sources) > _ALONE:
            entries.append((reason, sources))
        else:
            entries += [(reason, [source]) for source in sources]
    shown = entries[:MAX_LISTED]
    return Shown(tuple(shown), len(report.skipped) - sum(len(sources) for _, sources in shown))


def not_judged_by_reason(report: Report) -> dict[str, list[str]]:
    """Ids of the documents that the recycled lens did not judge, by reason."""
    found: dict[str, list[str]] = defaultdict(list)
    for document in not_judged(report):
        found[document.not_judged].append(document.id)
    return dict(sorted(found.items()))


def why_not_judged(reason: str, settings: Mapping[str, object]) -> str:
    """The reason, with the setting that decides what is too short.

    >>> why_not_judged("too short", {"config": {"recycled": {"min_tokens": 100}}})
    'too short (recycled.min_tokens 100)'
    >>> why_not_judged("no null for its script", {})
    'no null for its script (make one of honest texts of that kind: --reference FOLDER)'
    """
    if reason.startswith("no null for its "):
        return f"{reason} (make one of honest texts of that kind: --reference FOLDER)"
    least = setting(settings, "recycled", "min_tokens")
    return f"{reason} (recycled.min_tokens {least})" if reason == "too short" and least else reason


def stages(report: Report) -> list[str]:
    """What each stage did, in the order of the stages.

    >>> stages(Report((), (), (), (), {"near_pairs": 0}, {}))
    ['near pairs 0']
    """
    return [
        f"{name} {n:,}" for name, n in zip(stage_names(report), report.counts.values(), strict=True)
    ]


def stage_names(report: Report) -> list[str]:
    """What each stage counts, in words."""
    return [prose(_STAGES.get(name, name.replace("_", " "))) for name in report.counts]


def has_text(settings: Mapping[str, object]) -> bool:
    """Whether the words of documents were left in a report; see `report/sharing.py`.

    >>> has_text({}), has_text({"left_out": ["text"]})
    (True, False)
    """
    left_out = settings.get("left_out")
    return not (isinstance(left_out, Sequence) and "text" in left_out)


# Of a group of exact copies one text goes through the stages; pairs are listed of all of them.
_STAGES = {
    "recycled_proved": "recycled pairs of different texts",
    "for_review": "for review, pairs of different texts",
    "same_story": "on one story, pairs of different texts",
    "pairs": "pairs listed",
}


def provenance(settings: Mapping[str, object]) -> list[str]:
    """The settings that decide most, and the digest that names them all."""
    versions = mapping(settings.get("versions"))
    known = {
        "settings": settings.get("digest"),
        "lens": settings.get("lens"),
        "near-duplicate at Jaccard": setting(settings, "near_duplicate", "threshold"),
        "recycled at p": setting(settings, "recycled", "level"),
        "review at p": setting(settings, "recycled", "review_level"),
        "dupdetect": versions.get("dupdetect"),
        "Python": versions.get("python"),
    }
    return [prose(f"{name} {value}") for name, value in known.items() if value is not None]


def null_facts(settings: Mapping[str, object]) -> list[str]:
    """What the recycled lens held the texts against; nothing where it did not run.

    >>> null = {"name": "English", "sha256": "0123456789abcdef", "expected_rate": 0.0092}
    >>> null_facts({"null": null | {"strata": ["essays", "news"]}})[1:]
    ['sha256 0123456789ab', 'of essays, news', 'expects 9.2 own words shared in 1,000']
    """
    null = mapping(settings.get("null"))
    if not null:
        return []
    facts = [f"null {null.get('name')}", f"sha256 {str(null.get('sha256'))[:12]}"]
    strata, rate = null.get("strata"), null.get("expected_rate")
    if isinstance(strata, Sequence) and not isinstance(strata, str):
        facts.append(f"of {', '.join(map(str, strata))}")
    if isinstance(rate, int | float):
        facts.append(f"expects {1000 * rate:.1f} own words shared in 1,000")
    return [prose(fact) for fact in facts]


def boilerplate_line(boilerplate: Boilerplate) -> str:
    """In how many pages boilerplate stands, and how much of it is not shown."""
    said = f"in {count(len(boilerplate.members), 'page')}"
    if boilerplate.n_chars_cut:
        said += f", {count(boilerplate.n_chars_cut, 'character')} cut"
    return said


_SCORE_OF: dict[Relation, str] = {
    "contained": "containment",
    "recycled": "resemblance",
    "review": "resemblance",
    "same-story": "resemblance",
}


def cohesion(family: Family, pairs: Sequence[Pair]) -> str:
    """How closely a family holds together, with the names of the scores that proved its pairs.

    >>> cohesion(Family("family-1", "exact", ("a", "b", "c"), "a", 1.0), [])
    'cohesion 1.000 (mean Jaccard of its listed pairs)'
    """
    return f"cohesion {family.cohesion:.3f} ({cohesion_of(family, pairs)})"


def cohesion_of(family: Family, pairs: Sequence[Pair]) -> str:
    """What the cohesion of a family is the mean of: of its listed pairs, where not all are."""
    relations = [pair.relation for pair in pairs] or [family.relation]
    score = " or ".join(sorted({_SCORE_OF.get(each, "Jaccard") for each in relations}))
    return f"mean {score} of its {'' if lists_all(family, pairs) else 'listed '}pairs"


def lists_all(family: Family, pairs: Sequence[Pair]) -> bool:
    """Whether a report has all pairs that there could be of a family.

    Args:
        family: of which.
        pairs: those that it has.
    """
    n = len(family.members)
    return len(pairs) == n * (n - 1) // 2


# What may rest on containment; of reports of one story, on whole runs of the same words.
_BY_CONTAINMENT: frozenset[Relation] = frozenset({"near-duplicate", "contained", "review"})


def score_rows(pairs: Sequence[Pair], alias: Mapping[str, str]) -> list[list[str]]:
    """A header and a row a pair; containment only where it says something."""
    contained = any(pair.relation in _BY_CONTAINMENT for pair in pairs)
    rows = [["a", "b", "Relation", "Resemblance", "Jaccard", "Passages"]]
    rows[0] += ["a in b", "b in a"] * contained
    for pair in pairs:
        n_passages = "all" if pair.relation == "exact" else f"{len(pair.passages):,}"
        scores = [pair.resemblance, pair.jaccard]
        held = pair.relation == "recycled" and not by_itself(pair)
        relation = NOT_BY_ITSELF if held else pair.relation
        row = [alias[pair.a], alias[pair.b], relation, *(f"{each:.3f}" for each in scores)]
        shares = [f"{pair.containment_a:.3f}", f"{pair.containment_b:.3f}"] * contained
        rows.append([*row, n_passages, *shares])
    return rows


def pair_headline(pair: Pair, a: str, b: str, settings: Mapping[str, object]) -> str:
    """The answer about two documents, named as the caller likes: what was measured, no more.

    >>> pair_headline(Pair("x", "y", "contained", 0.5, 0.94, 0.5, 0.6), "[1]", "[2]", {})
    'contained: 94% of [1] is in [2]'
    """
    both = f"{a} and {b}"
    if pair.relation == "exact":
        said = f"{both} have the same words in the same order, once repaired"
    elif pair.relation == "near-duplicate":
        share = "most" if pair.jaccard >= 0.5 else "much"  # thresholds below 0.5 can be set
        threshold = _threshold(settings, "near_duplicate")
        said = (
            f"{share} of the wording of {both} is the same: Jaccard {pair.jaccard:.3f}{threshold}"
        )
    elif pair.relation == "contained":
        said = _containment(pair, a, b)
    elif pair.relation == "distinct":
        said = f"no relation of {both} is proved{_own_words(pair, ': they')}"
        if pair.overlap is not None and pair.overlap.p is None:
            said += "; whether they recycle each other was not judged"
        elif pair.overlap is not None:
            said += f"; {AS_A_GROUP}"
    elif pair.relation == "same-story":
        said = f"{both} tell one story, independently as far as can be told{_facts(pair)}"
    else:
        passages = count(len(pair.passages), "passage")
        if pair.sentences:
            passages += f" and {count(len(pair.sentences), 'sentence')} loosely alike"
        measured = _own_words(pair, "")
        said = f"{both} resemble each other at {pair.resemblance:.3f} and share {passages}"
        if measured:
            said = f"{both}{measured}, and {passages}; {AS_A_GROUP}"
        if pair.relation == "review":
            said += f"; {_containment(pair, a, b)} word for word; a person should look"
    return f"{pair.relation}: {said}"


def _containment(pair: Pair, a: str, b: str) -> str:
    """How much of one is in the other: the larger share of the two."""
    inner, outer = (a, b) if pair.containment_a >= pair.containment_b else (b, a)
    return f"{percent(max(pair.containment_a, pair.containment_b))} of {inner} is in {outer}"


def _own_words(pair: Pair, before: str) -> str:
    """What two documents share beyond their facts; "" where it was not measured or judged."""
    found = pair.overlap
    if found is None or found.p is None:
        return ""
    shared = f"{before} share {found.shared_words:,} of their own words"
    return f"{shared} {expectation(found.expected_words, found.p, found.distance)}"


def _facts(pair: Pair) -> str:
    """What two documents on one story share, facts first; "" where it was not measured."""
    found = pair.overlap
    if found is None:
        return ""
    facts = f"{count(found.shared_facts, 'word')} of names, figures and quotations"
    expected = expectation(found.expected_words, found.p, found.distance)
    return f": they share {facts}, and {found.shared_words:,} own words {expected}"


def _threshold(settings: Mapping[str, object], lens: str) -> str:
    threshold = setting(settings, lens, "threshold")
    return "" if threshold is None else f" (threshold {threshold})"


def not_compared(pairs: Sequence[Pair], alias: Mapping[str, str]) -> list[str]:
    """Which of the pairs were not looked through to their ends.

    >>> pair = Pair("x", "y", "recycled", 0.1, 0.1, 0.1, 0.3, (), 1300)
    >>> not_compared([pair], {"x": "[1]", "y": "[2]"})
    ['[1] and [2], not compared: 1,300 sentences beyond evidence.max_sentences']
    """
    return [
        f"{alias[pair.a]} and {alias[pair.b]}, not compared: "
        f"{count(pair.sentences_not_compared, 'sentence')} beyond evidence.max_sentences"
        for pair in pairs
        if pair.sentences_not_compared
    ]
