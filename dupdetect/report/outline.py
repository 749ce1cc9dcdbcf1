"""What a report for people says, in which order and how much of it: shared by every such format.

In: a Report. Out: plain values with text still as it was read; each format makes it safe and sets
it. The answer comes first, then its evidence, then what was repaired, noticed, skipped and counted.
Long lists are cut at the caps below, and whoever cuts says so (`Shown.rest`): JSON is never cut.
What is said of texts is what was measured: not who wrote first, or how, or why.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Generic, TypeVar

from dupdetect.report.safe_text import prose
from dupdetect.results import (
    RELATIONS,
    DocumentReport,
    Family,
    Pair,
    Passage,
    Phrase,
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
MAX_PHRASES = 12
MAX_REPAIRS = 8
MAX_SIGNALS = 10
MAX_LISTED = 20
MAX_WORD = 20  # code points shown on either side of a repair

SKIP_MARK = "[…]"
CLOSING = "Scores say what texts share, not who wrote it first."

_FAMILY_OF: dict[Relation, str] = {
    "exact": "exact copies",
    "near-duplicate": "near-duplicate pages",
    "contained": "contained pages",
    "recycled": "recycled pages",
    "distinct": "distinct pages",
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shown(Generic[T]):
    """The head of a list, and how many of it are not shown."""

    items: tuple[T, ...]
    n_hidden: int

    def rest(self, noun: str) -> str:
        """The line that owns up to the cut, or "".

        >>> first([1, 2, 3], 1).rest("pair")
        'and 2 more pairs: --format json lists all of them'
        """
        if not self.n_hidden:
            return ""
        return f"and {count(self.n_hidden, noun, 'more ')}: --format json lists all of them"


def first(items: Iterable[T], cap: int) -> Shown[T]:
    """The first items, up to a cap, and the number of the others."""
    every = tuple(items)
    return Shown(every[:cap], max(0, len(every) - cap))


def count(n: int, noun: str, before: str = "") -> str:
    """A number with its noun.

    >>> count(1, "family"), count(2, "family"), count(3, "passage", "more ")
    ('1 family', '2 families', '3 more passages')
    """
    if n != 1:
        noun = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{n:,} {before}{noun}"


def headline(report: Report) -> str:
    """The answer in one line.

    >>> headline(Report((), (), (), (), {}, {}))
    'nothing to compare: no document was read'
    """
    parts = [*_family_phrases(report.families), *_loose_phrases(report)]
    if len(report.documents) < 2:
        n = "no document was read" if not report.documents else "only 1 document was read"
        parts = [f"nothing to compare: {n}"]
    elif not report.pairs and not report.families:
        parts = [f"none found: all {len(report.documents):,} pages are distinct"]
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
    if n_distinct := len(distinct(report)):
        phrases.append(count(n_distinct, "page", "distinct "))
    return phrases


def distinct(report: Report) -> list[DocumentReport]:
    """Documents in no family and no pair."""
    return [
        each for each in report.documents if each.family is None and each.relation == "distinct"
    ]


def outside(report: Report) -> list[Pair]:
    """Pairs with a proved relation whose two documents are not in one family."""
    family_of = {each.id: each.family for each in report.documents}
    return [
        pair
        for pair in report.pairs
        if pair.relation != "distinct"
        and (family_of[pair.a] is None or family_of[pair.a] != family_of[pair.b])
    ]


def inside(report: Report) -> dict[str, list[Pair]]:
    """The proved pairs of each family, by family id, in the order of the report."""
    family_of = {each.id: each.family for each in report.documents}
    pairs: dict[str, list[Pair]] = {family.id: [] for family in report.families}
    for pair in report.pairs:
        family = family_of[pair.a]
        if family is not None and family == family_of[pair.b] and pair.relation != "distinct":
            pairs[family].append(pair)
    return pairs


def full_lists(report: Report) -> frozenset[str]:
    """Documents of which pairs may have been left out: they have all that may be listed of one."""
    if not report.counts.get("pairs_not_listed"):
        return frozenset()
    limit = _setting(report.settings, "evidence", "max_partners")
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
    if len(pairs) == n_possible or full.isdisjoint(family.members):
        return f"Pairs: {len(pairs):,} proved of {n_possible:,}"
    cut = "the strongest of each member: evidence.max_partners"
    return f"Pairs: {len(pairs):,} listed of {n_possible:,} ({cut})"


def best_passages(pairs: Sequence[Pair]) -> list[tuple[Pair, Passage]]:
    """Every passage with its pair: the best of each pair, then the second of each, and so on.

    So the passages at the top speak for as many pairs as they can. Pairs of exact copies give
    none: there the whole text is the passage.
    """
    ranked = [
        [(pair, each) for each in pair.passages] for pair in pairs if pair.relation != "exact"
    ]
    return [found for row in zip_longest(*ranked) for found in row if found is not None]


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


def stages(report: Report) -> list[str]:
    """What each stage did, in the order of the stages.

    >>> stages(Report((), (), (), (), {"near_pairs": 0}, {}))
    ['near pairs 0']
    """
    return [prose(f"{name.replace('_', ' ')} {n:,}") for name, n in report.counts.items()]


def provenance(settings: Mapping[str, object]) -> list[str]:
    """The settings that decide most, and the digest that names them all."""
    versions = _mapping(settings.get("versions"))
    known = {
        "settings": settings.get("digest"),
        "lens": settings.get("lens"),
        "near-duplicate at Jaccard": _setting(settings, "near_duplicate", "threshold"),
        "recycled at resemblance": _setting(settings, "recycled", "threshold"),
        "dupdetect": versions.get("dupdetect"),
        "Python": versions.get("python"),
    }
    return [prose(f"{name} {value}") for name, value in known.items() if value is not None]


def _setting(settings: Mapping[str, object], section: str, name: str) -> object:
    """One setting of the configuration, or None when the settings do not name it."""
    return _mapping(_mapping(settings.get("config")).get(section)).get(name)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def excerpt(text: str, limit: int, width_of: Callable[[str], int] = len) -> str:
    """Prose safe to show, and cut in the middle where it is longer than a limit.

    Args:
        text: as it was read.
        limit: in the unit of width_of.
        width_of: the width of a text: code points, or cells of a terminal.

    >>> excerpt("one two three four five six seven", 20)
    'one two […] seven'
    """
    return shorten(prose(_ends(text, 4 * limit)), limit, width_of)


def _ends(text: str, n: int) -> str:
    """The ends of a text that is far too long to show: a shared passage can be a whole book."""
    return text if len(text) <= 2 * n else f"{text[:n]} {text[-n:]}"


def shorten(shown: str, limit: int, width_of: Callable[[str], int] = len) -> str:
    """A text that is safe to show, cut in the middle, between words where it can be."""
    if width_of(shown) <= limit:
        return shown
    room = max(2, limit - len(SKIP_MARK) - 2)
    start = _whole_words(shown, room // 2, width_of)
    end = _whole_words(shown[::-1], room - room // 2, width_of)[::-1]
    return f"{start} {SKIP_MARK} {end}"


def _whole_words(text: str, room: int, width_of: Callable[[str], int]) -> str:
    """The beginning that fits, up to the last space in it unless that lies far back."""
    end = width = 0
    while end < len(text) and (width := width + width_of(text[end])) <= room:
        end += 1
    space = text.rfind(" ", end // 2, end + 1)
    return text[: space if space > 0 else end].strip()


_SCORE_OF: dict[Relation, str] = {"contained": "containment", "recycled": "resemblance"}


def cohesion(family: Family, pairs: Sequence[Pair]) -> str:
    """How closely a family holds together, with the names of the scores that proved its pairs."""
    relations = [pair.relation for pair in pairs] or [family.relation]
    score = " or ".join(sorted({_SCORE_OF.get(each, "Jaccard") for each in relations}))
    return f"cohesion {family.cohesion:.3f} (mean {score} of its pairs)"


def score_rows(pairs: Sequence[Pair], alias: Mapping[str, str]) -> list[list[str]]:
    """A header and a row a pair; containment only where it says something."""
    contained = any(pair.relation in ("near-duplicate", "contained") for pair in pairs)
    rows = [["a", "b", "Relation", "Resemblance", "Jaccard", "Passages"]]
    rows[0] += ["a in b", "b in a"] * contained
    for pair in pairs:
        n_passages = "all" if pair.relation == "exact" else f"{len(pair.passages):,}"
        scores = [pair.resemblance, pair.jaccard]
        row = [alias[pair.a], alias[pair.b], pair.relation, *(f"{each:.3f}" for each in scores)]
        shares = [f"{pair.containment_a:.3f}", f"{pair.containment_b:.3f}"] * contained
        rows.append([*row, n_passages, *shares])
    return rows


def carriers(phrase: Phrase, family: Family, room: int) -> str:
    """Who carries a phrase, "1 2 . 4"; in a family too large for the room, how many do."""
    carrying = set(phrase.members)
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


def rest_of_phrases(family: Family) -> str:
    """Where the other phrases are: JSON has what the detector listed, the rest was counted."""
    n_listed = len(family.phrases)
    parts = []
    if n_listed > MAX_PHRASES:
        parts.append(f"--format json lists {n_listed:,}")
    if family.n_phrases > n_listed:
        parts.append("evidence.max_phrases sets how many are listed")
    return "; ".join(parts)


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
        inner, outer = (a, b) if pair.containment_a >= pair.containment_b else (b, a)
        # Rounded down: 100% is said of the whole only.
        percent = int(100 * max(pair.containment_a, pair.containment_b) + 1e-9)
        said = f"{percent}% of {inner} is in {outer}"
    elif pair.relation == "recycled":
        score = f"{pair.resemblance:.3f}{_threshold(settings, 'recycled')}"
        passages = count(len(pair.passages), "passage")
        said = f"{both} resemble each other at {score} and share {passages}"
    else:
        said = f"no relation of {both} is proved"
    return f"{pair.relation}: {said}"


def _threshold(settings: Mapping[str, object], lens: str) -> str:
    threshold = _setting(settings, lens, "threshold")
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
