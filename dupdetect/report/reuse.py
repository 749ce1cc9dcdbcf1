"""What documents recycle, in words and numbers: found against expected, phrases, covering sets.

In: a family, or the pairs of one. Out: sentences and rows for people. Every p-value stands beside
what was found and what independent texts share; the parts of a score add up to the score as shown.
Texts are spoken of, and what they share: not who wrote them, or how, or why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from math import fsum

from dupdetect.report.lists import count, first, fixed, listing, percent, setting, signed
from dupdetect.report.quoting import BRACES, excerpt, shorten, trimmed
from dupdetect.report.safe_text import literal, prose
from dupdetect.results import (
    Coverage,
    DocumentReport,
    Family,
    Occurrence,
    Overlap,
    Pair,
    Phrase,
    Relation,
    Reuse,
    Signal,
)

MAX_PHRASES = 12
MAX_WORDS = 12  # own words of the strongest pair of several
MAX_COVER = 6
MAX_ALIGNED = 4  # places of one anchor, and of the words around it
MAX_CONTEXT = 24  # code points shown on either side of an anchor

COVERAGE_TITLE = "How much of each member stayed in sentences shared with others"
COVERAGE_NOTE = (
    "Share of its words that stayed in sentences of others, and a few others that together have "
    "90% of them"
)
ANCHORS_TITLE = "Inserted anchors, aligned"
OVERLAPS_TITLE = "Own words, found against expected"
OVERLAPS_NOTE = (
    "Own words are uncommon ones outside names, figures and quotations, used once or twice; "
    "Surplus + Distance + Brevity = Score."
)
#: Where a sentence speaks of own words, it stands below it.
OWN_WORDS_NOTE = (
    "Own words: uncommon words outside names, figures and quotations, used once or twice."
)
P_NOTE = "p: how often honest writing on one subject shows a group or pair this strong"
#: Follows it where p is that of groups.
ALL_GROUPS_NOTE = "that of a group counts all groups of this run, after Benjamini and Hochberg"
AS_A_GROUP = "judged as a group of two, which is stricter than p alone"
#: What a pair of a family is called that would be found in no other way.
NOT_BY_ITSELF = "in the family, not by itself"
BITS_NOTE = "bits: how rare its words are in English at large, 40 at most"

#: Smaller p-values are shown as less than this one: below it they follow an exponential that no
#: collection of the null supports. The JSON report keeps their digits.
LEAST_P = 0.005
# Above this p, a pair of a family is as common among honest texts as one in five.
_MOST_P_BY_ITSELF = 0.2
# From here down the distance says that two texts are on different subjects, about which the
# expected number of shared words knows nothing.
_LEAST_DISTANCE = -0.3
#: Relations that rest on own words; copies share all words, and their scores say nothing more.
BY_OWN_WORDS: frozenset[Relation] = frozenset({"recycled", "review", "same-story", "distinct"})


def reuse_sentence(family: Family, pairs: Sequence[Pair] = ()) -> str:
    """What a family shares, in one sentence: recycled text against what honest writing shares.

    Args:
        family: of which.
        pairs: its pairs; the mean of their distances tells whether it is on one subject, and of
            copies their scores are said.

    >>> from dupdetect.results import Reuse
    >>> reuse = Reuse(0.0004, 0.0005, 1.6, 5, 31.2, 4.8, "d", 0.9)
    >>> reuse_sentence(Family("family-1", "recycled", tuple("abcd"), "a", 0.3, reuse=reuse))[:60]
    'These 4 documents share 31 of their own words a pair where i'
    """
    reuse = family.reuse
    n = len(family.members)
    if reuse is None:
        return _copies_sentence(family, pairs)
    shared = f"These {n:,} documents share {_about(reuse.shared_words)} of their own words"
    distances = [pair.overlap.distance for pair in pairs if pair.overlap is not None]
    distance = fsum(distances) / len(distances) if distances else 0.0
    found = expectation(reuse.expected_words, reuse.p_adjusted, distance)
    return f"{shared}{' a pair' * (n > 2)} {found}."


_COPIES: dict[Relation, str] = {
    "exact": "have the same words",
    "near-duplicate": "are nearly the same text",
    "contained": "are parts of one another",
}


def _copies_sentence(family: Family, pairs: Sequence[Pair]) -> str:
    """What copies are to each other, with the range of the score that says so; "" of others.

    >>> pair = Pair("a", "b", "near-duplicate", 0.771, 0.9, 0.9, 0.9)
    >>> _copies_sentence(Family("family-1", "near-duplicate", ("a", "b"), "b", 0.9), [pair])
    'These 2 pages are nearly the same text (Jaccard 0.77).'
    """
    if family.relation not in _COPIES:
        return ""
    n = len(family.members)
    said = f"These {n:,} pages {_COPIES[family.relation]}"
    if family.relation == "exact" or not pairs:
        return f"{said}."
    if family.relation == "contained":
        name, scores = (
            "containment",
            [max(each.containment_a, each.containment_b) for each in pairs],
        )
    else:
        name, scores = "Jaccard", [each.jaccard for each in pairs]
    low, high = fixed(min(scores), 2), fixed(max(scores), 2)
    listed = " of listed pairs" * (len(pairs) < n * (n - 1) // 2)
    return f"{said} ({name} {low}{f' to {high}' * (low != high)}{listed})."


def expectation(expected_words: float, p: float | None, distance: float) -> str:
    """What independent texts share, the p-value, and whether that speaks of these texts.

    >>> expectation(4.8, 0.6, -0.7)[-50:]
    'about 5 (p = 0.6), and they are not on one subject'
    """
    where = "where independent articles of their length on one subject share about"
    elsewhere = ", and they are not on one subject" * (distance < _LEAST_DISTANCE)
    return f"{where} {_about(expected_words)} ({p_value(p)}){elsewhere}"


def why_kept(group: Family, pairs: Sequence[Pair], documents: Mapping[str, DocumentReport]) -> str:
    """Why the keeper is the one to keep, in words, as far as the report can tell.

    It is the one that fits most of the others; then the one with more words, more sentences, fewer
    repairs, and then the characters decide. A report does not have the number of sentences.

    Args:
        group: a family that is decided.
        pairs: its pairs.
        documents: the entries of its members, by id.

    >>> pair = Pair("a", "b", "near-duplicate", 0.9, 0.9, 0.9, 0.9)
    >>> why_kept(Family("family-1", "near-duplicate", ("a", "b", "c"), "b", 0.9), [pair], {})
    'most of the others match it (1 of 2)'
    """
    others = [id for id in group.members if id != group.keeper]
    if group.relation == "exact":
        return f"all have the same words; {_of_equals(group.keeper, others, documents)}"
    if group.reuse is not None:
        if len(others) == 1:
            return f"of two, {_of_equals(group.keeper, others, documents)}"
        found = [pair.overlap for pair in pairs if group.keeper in (pair.a, pair.b)]
        scores = [overlap.score for overlap in found if overlap is not None]
        if len(scores) < len(others):
            return "it is most like the others"
        return f"it is most like the others (mean score {signed(fsum(scores) / len(scores))})"
    fitting: dict[str, int] = dict.fromkeys(group.members, 0)
    for pair in pairs:
        for id in _wholes(pair):
            fitting[id] += 1
    n = fitting[group.keeper]
    if n < len(others):
        return f"most of the others match it ({n:,} of {len(others):,})"
    equals = [id for id in others if fitting[id] >= n]
    if len(others) == 1:
        best = f"of two that match, {_of_equals(group.keeper, equals, documents)}"
        return best if equals else "most of the other is in it"
    fits = "each of the others matches it"
    return f"{fits}; {_of_equals(group.keeper, equals, documents)}" if equals else fits


def _wholes(pair: Pair) -> tuple[str, ...]:
    """Which of two copies may stand for the other: of a part only the whole."""
    if pair.relation in ("exact", "near-duplicate"):
        return (pair.a, pair.b)
    if pair.relation != "contained":
        return ()
    return (pair.b,) if pair.containment_a >= pair.containment_b else (pair.a,)


def _of_equals(keeper: str, others: Sequence[str], documents: Mapping[str, DocumentReport]) -> str:
    """What the keeper has before others that fit as well, as far as the report can tell.

    >>> def text(id: str, n_tokens: int) -> DocumentReport:
    ...     return DocumentReport(id, "", "", "", 0, n_tokens, "exact", None)
    >>> _of_equals("a", ["b"], {"a": text("a", 12), "b": text("b", 9)})
    'it has more words (12 against 9)'
    >>> _of_equals("a", ["b"], {"a": text("a", 9), "b": text("b", 9)})
    'none has more words; more sentences, fewer repairs, and then the characters decide'
    """
    in_doubt = "more sentences, fewer repairs, and then the characters decide"
    known = [documents[id] for id in others if id in documents]
    if not known or keeper not in documents:
        return f"more words, {in_doubt}"
    kept, most = documents[keeper], max(each.n_tokens for each in known)
    if kept.n_tokens > most:
        return f"it has more words ({kept.n_tokens:,} against {most:,})"
    if kept.n_tokens < most:
        return f"more words, {in_doubt}"
    n_repairs = len(kept.repairs)
    least = min(len(each.repairs) for each in known if each.n_tokens == most)
    if n_repairs < least:
        return f"none has more words, and it has fewer repairs ({n_repairs:,} against {least:,})"
    return f"none has more words; {in_doubt}"


def by_itself(pair: Pair) -> bool:
    """Whether a pair would be seen without the others of its family, by relation and p."""
    if pair.relation in ("review", "same-story", "distinct"):
        return False
    if pair.relation != "recycled" or pair.overlap is None or pair.overlap.p is None:
        return True
    return pair.overlap.p <= _MOST_P_BY_ITSELF


def _about(words: float) -> str:
    """A mean number of words: whole from 2 on.

    >>> [_about(words) for words in (31.4, 2.0, 1.26, 0.0)]
    ['31', '2', '1.3', '0.0']
    """
    return f"{words:,.0f}" if words >= 2 else f"{words:.1f}"


def p_value(p: float | None) -> str:
    """A p-value in two digits, rounded up: it is never made to look rarer than it is.

    >>> [p_value(p) for p in (0.0061, 0.05041, 1.0, 0.0004, None)]
    ['p = 0.0061', 'p = 0.051', 'p = 1', 'p < 0.005', 'not judged']
    """
    if p is None:
        return "not judged"
    if p < LEAST_P:
        return f"p < {LEAST_P}"
    exact = Decimal(repr(float(p)))
    digit = Decimal(1).scaleb(exact.adjusted() - 1)
    shown = format(exact.quantize(digit, ROUND_CEILING), "f")
    return f"p = {shown.rstrip('0').rstrip('.') if '.' in shown else shown}"


def reuse_facts(
    family: Family, alias: Mapping[str, str], settings: Mapping[str, object]
) -> list[str]:
    """How a family was decided, how strong its evidence is, and which member is weakest in it.

    >>> from dupdetect.results import Reuse
    >>> reuse = Reuse(0.006, 0.012, 1.6, 5, 31.2, 4.8, "d", 0.9)
    >>> family = Family("family-1", "recycled", tuple("abcd"), "a", 0.3, reuse=reuse)
    >>> config = {"recycled": {"level": 0.05}}
    >>> for fact in reuse_facts(family, {"d": "[4]"}, {"config": config}):
    ...     print(fact)
    decided: p is at most 0.05 (recycled.level)
    p counts all groups of this run (this one alone: p = 0.006)
    evidence +1.60 (from the scores of its pairs)
    5 pages on its subject
    weakest member [4]: mean score +0.90
    """
    reuse = family.reuse
    if reuse is None:
        return []
    alone = f" (this one alone: {p_value(reuse.p)})" * differs_alone(reuse)
    facts = [
        _level(family.relation, settings),
        f"p counts all groups of this run{alone}",
        f"evidence {signed(reuse.evidence)} (from the scores of its pairs)",
        f"{count(reuse.n_on_subject, 'page')} on its subject",
    ]
    if len(family.members) > 2:  # of two, each is as weak as the other
        score = signed(reuse.weakest_score)
        facts.append(f"weakest member {alias[reuse.weakest]}: mean score {score}")
    return facts


def differs_alone(reuse: Reuse) -> bool:
    """Whether the p-value of a group alone is shown otherwise than that with all groups counted."""
    return p_value(reuse.p) != p_value(reuse.p_adjusted)


def _level(relation: Relation, settings: Mapping[str, object]) -> str:
    level = setting(settings, "recycled", "level")
    if relation != "review":
        return "decided" if level is None else f"decided: p is at most {level} (recycled.level)"
    most = setting(settings, "recycled", "review_level")
    if level is None or most is None:
        return "for review"
    return f"for review: p is above {level} (recycled.level), at most {most} (review_level)"


def shown_parts(overlap: Overlap) -> tuple[str, str, str, str]:
    """Surplus, distance, brevity and score in hundredths, such that the parts add up as shown.

    Each is rounded; what is then missing from the sum goes to the part that was rounded most.

    >>> shown_parts(Overlap(31, 4.8, 2, 0.5, 1.854, 0.0, -0.114, 1.74, 0.002))
    ('+1.85', '0.00', '-0.11', '+1.74')
    """
    exact = (overlap.surplus, overlap.distance, overlap.brevity)
    parts = [round(100 * part) for part in exact]
    score = round(100 * overlap.score)
    missing = score - sum(parts)
    owed = sorted(range(3), key=lambda place: (parts[place] - 100 * exact[place]) * missing)
    for place in owed[: abs(missing)]:
        parts[place] += 1 if missing > 0 else -1
    surplus, distance, brevity = (f"{part / 100:+.2f}" if part else "0.00" for part in parts)
    return surplus, distance, brevity, f"{score / 100:+.2f}" if score else "0.00"


def parts_line(overlap: Overlap) -> str:
    """The parts of a score, and its p-value.

    >>> parts_line(Overlap(31, 4.8, 2, 0.5, 1.86, 0.0, -0.11, 1.75, 0.002))
    'surplus +1.86, distance 0.00, brevity -0.11 = score +1.75, p < 0.005'
    """
    surplus, distance, brevity, score = shown_parts(overlap)
    parts = f"surplus {surplus}, distance {distance}, brevity {brevity}"
    return f"{parts} = score {score}, {p_value(overlap.p)}"


def overlap_lines(overlap: Overlap) -> list[str]:
    """What was measured of two documents that are compared alone."""
    return [
        f"own words: {overlap.shared_words:,} shared, {overlap.expected_words:.1f} expected; "
        f"names, figures and quotations: {count(overlap.shared_facts, 'word')} shared; "
        f"closeness {overlap.closeness:.2f}",
        parts_line(overlap),
    ]


def overlap_rows(pairs: Sequence[Pair], alias: Mapping[str, str]) -> list[list[str]]:
    """A header and a row for each pair that own words were measured of; nothing without any.

    Copies have none: see `BY_OWN_WORDS`.
    """
    facts = any(pair.relation == "same-story" for pair in pairs)
    parts = ["Surplus", "Distance", "Brevity", "Score", "p"]
    rows = [["a", "b", *(["Facts"] * facts), "Shared", "Expected", *parts]]
    for pair in pairs:
        if (found := pair.overlap) is not None and pair.relation in BY_OWN_WORDS:
            p = p_value(found.p).removeprefix("p ").removeprefix("= ").replace("< ", "<")
            counts = [f"{found.shared_words:,}", f"{found.expected_words:.1f}"]
            n_facts = [f"{found.shared_facts:,}"] * facts
            rows.append([alias[pair.a], alias[pair.b], *n_facts, *counts, *shown_parts(found), p])
    return rows if len(rows) > 1 else []


def own_words(overlap: Overlap, cap: int) -> tuple[list[str], str]:
    """The first own words that two texts share, and how many of how many these are.

    >>> own_words(Overlap(3, 0.5, 0, 0.5, 1.0, 0.0, -0.1, 0.9, 0.01, ("dusk", "quay", "tar")), 2)
    (['dusk', 'quay'], '2 of 3; --format json lists 3')
    >>> own_words(Overlap(1, 0.5, 0, 0.5, 0.1, 0.0, -0.1, 0.0, 0.5, ("quay",)), 2)
    (['quay'], '')
    """
    shown = list(overlap.words[:cap])
    n_listed = len(overlap.words)
    if not shown or len(shown) == overlap.shared_words:
        return shown, ""
    of = f"{len(shown):,} of {overlap.shared_words:,}"
    return shown, f"{of}; --format json lists {n_listed:,}" if n_listed > len(shown) else of


def strongest_pair(pairs: Sequence[Pair]) -> tuple[Pair, Overlap] | None:
    """Of pairs that rest on own words, the one with the highest score and words to show."""
    found = [
        (pair, pair.overlap)
        for pair in pairs
        if pair.overlap is not None and pair.relation in BY_OWN_WORDS and pair.overlap.words
    ]
    return max(found, key=lambda each: each[1].score, default=None)


def carriers(members: Iterable[str], family: Family, room: int) -> str:
    """Who carries something, "1 2 . 4"; in a family too large for the room, how many do."""
    carrying = set(members)
    matrix = " ".join(
        str(number) if id in carrying else "." * len(str(number))
        for number, id in enumerate(family.members, 1)
    )
    return matrix if len(matrix) <= room else f"{len(carrying):,} of {len(family.members):,}"


def phrases_title(family: Family) -> str:
    """How many of a family's phrases are shown."""
    n_shown = min(len(family.phrases), MAX_PHRASES)
    n = max(len(family.phrases), family.n_phrases)
    return f"Phrases several members carry: {n_shown:,} of {n:,}"


def rarity(phrase: Phrase) -> str:
    """The bits of a phrase; "" where no background is known."""
    return "" if phrase.bits is None else f"{phrase.bits:.0f}"


def rest_of_phrases(family: Family) -> str:
    """Where the other phrases are: JSON has what the detector listed, the rest was counted."""
    n_listed = len(family.phrases)
    parts = []
    if any(phrase.bits is not None for phrase in family.phrases[:MAX_PHRASES]):
        parts.append(BITS_NOTE)
    if n_listed > MAX_PHRASES:
        parts.append(f"--format json lists {n_listed:,}")
    if family.n_phrases > n_listed:
        parts.append("evidence.max_phrases sets how many are listed")
    return "; ".join(parts)


def covered(coverage: Coverage, alias: Mapping[str, str]) -> str:
    """How much of a member is in others, and in which.

    >>> from dupdetect.results import Cover
    >>> member = Coverage("c", 0.625, (Cover("a", 0.8), Cover("b", 0.913)))
    >>> covered(member, {"a": "[1]", "b": "[2]"})
    '62% shared words; 91% of those are in [1] and [2]'
    """
    at_least = "at least " * bool(coverage.n_not_compared)
    said = f"{at_least}{percent(coverage.recycled_share)} shared words"
    if coverage.cover:
        some = first([alias[each.id] for each in coverage.cover], MAX_COVER)
        names = [*some.items, *([f"{some.n_hidden:,} more"] if some.n_hidden else [])]
        share = percent(coverage.cover[-1].share)
        said += f"; {share} of those are in {listing(names)}"
    if coverage.n_not_compared:
        said += f" ({count(coverage.n_not_compared, 'member')} not compared)"
    return said


@dataclass(frozen=True, slots=True)
class Aligned:
    """An inserted anchor that members of a family carry, or carry the words around.

    Attributes:
        text: the anchor.
        carriers: the members that are known to carry it.
        n_members: how many carry it.
        n_places: in how many places.
        n_slots: how many other members carry the words around one of them.
        inserted: some of its places: id, start, end, and the words before it and behind it.
        slots: some places of the words around it, the anchor taken out.
        slots_of: the member whose anchor those words are around.
    """

    text: str
    carriers: tuple[str, ...]
    n_members: int
    n_places: int
    n_slots: int
    inserted: tuple[tuple[Occurrence, str, str], ...]
    slots: tuple[Occurrence, ...]
    slots_of: str


def aligned_anchors(family: Family, documents: Mapping[str, DocumentReport]) -> list[Aligned]:
    """Anchors that stand in several members, or whose words around them stand in others.

    Those that most members carry come first. Exact copies have all in common, and give none.

    Args:
        family: of which.
        documents: the entries of its members, by id.
    """
    same: dict[str, list[tuple[str, Signal]]] = defaultdict(list)
    for id in family.members if family.relation != "exact" else ():
        for signal in documents[id].signals if id in documents else ():
            if signal.n_members > 1 or signal.n_slots:
                same[signal.text].append((id, signal))
    found = []
    for text, signals in same.items():
        slots_of, fullest = max(signals, key=lambda each: each[1].n_slots)
        first_of_all = signals[0][1]
        places = first_of_all.occurrences
        found.append(
            Aligned(
                text=text,
                carriers=tuple(each.id for each in places),
                n_members=first_of_all.n_members,
                n_places=first_of_all.n_places,
                n_slots=fullest.n_slots,
                inserted=tuple(_context_of(each, documents) for each in places[:MAX_ALIGNED]),
                slots=fullest.slots[:MAX_ALIGNED],
                slots_of=slots_of,
            )
        )
    return sorted(found, key=lambda each: (-each.n_members, -each.n_slots, each.text))


def _context_of(
    place: Occurrence, documents: Mapping[str, DocumentReport]
) -> tuple[Occurrence, str, str]:
    text = documents[place.id].text
    start = max(0, place.start - MAX_CONTEXT)
    before, behind = text[start : place.start], text[place.end : place.end + MAX_CONTEXT]
    # Whole words: the context begins and ends at a space, where it has one.
    if start and " " in before:
        before = before[before.index(" ") :]
    if place.end + MAX_CONTEXT < len(text) and " " in behind:
        behind = behind[: behind.rindex(" ") + 1]
    return place, before, behind


def alignment(
    anchor: Aligned,
    documents: Mapping[str, DocumentReport],
    alias: Mapping[str, str],
    limit: int,
    width_of: Callable[[str], int] = len,
) -> Iterator[tuple[Occurrence, str, str]]:
    """Places of an anchor, in braces among its words, and of the same words in other members.

    The last of each says whose anchor the words are around, where they have none themselves.

    Args:
        anchor: what is shown.
        alias: what the members are called.
        documents: the entries of the family's members, by id.
        limit: of the words of one place, in the unit of width_of.
        width_of: the width of a text: code points, or cells of a terminal.
    """
    inserted = shorten(literal(anchor.text.translate(BRACES)), limit // 2, width_of)
    for place, before, behind in anchor.inserted:
        left, right = (prose(words.translate(BRACES)) for words in (before, behind))
        spaced = " " * before[-1:].isspace(), " " * behind[:1].isspace()
        yield place, f"{left}{spaced[0]}{{{inserted}}}{spaced[1]}{right}", ""
    for place in anchor.slots:
        words = documents[place.id].text[place.start : place.end]
        whole = trimmed(words)
        start = place.start + words.index(whole)
        place = Occurrence(place.id, start, start + len(whole))
        around = f"around the anchor of {alias[anchor.slots_of]}"
        yield place, excerpt(whole.translate(BRACES), limit, width_of), around


def aligned_title(anchor: Aligned, family: Family, alias: Mapping[str, str]) -> str:
    """In how many members an anchor stands, and in how many others the words around one of them."""
    said = (
        f"in {anchor.n_members:,} of {len(family.members):,} members, "
        f"{count(anchor.n_places, 'place')}"
    )
    if anchor.n_slots:
        others = count(anchor.n_slots, "member", "other ")
        said += f"; the words around that of {alias[anchor.slots_of]} stand in {others}"
    return said
