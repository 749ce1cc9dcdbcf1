"""What a report for people says, in which order and how much of it: shared by every such format.

In: a Report. Out: plain values with text still as it was read; each format makes it safe and sets
it. The answer comes first, then its evidence, then what was repaired, noticed, skipped and counted.
Long lists are cut at the caps below, and whoever cuts says so (`Shown.rest`): JSON is never cut.
What is said of texts is what was measured: not who wrote first, or how, or why.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import islice, zip_longest
from typing import Generic, TypeVar

from dupdetect.report.safe_text import prose
from dupdetect.results import (
    RELATIONS,
    DocumentReport,
    Family,
    Pair,
    Passage,
    PassageKind,
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
MAX_SOURCES = 60  # of inputs skipped for one reason: they stand in rows
MAX_WORD = 20  # code points shown on either side of a repair

SKIP_MARK = "[…]"
MARKED = "{…} marks words that differ"
CLOSING = "Scores say what texts share, not who wrote it first."

_FAMILY_OF: dict[Relation, str] = {
    "exact": "exact copies",
    "near-duplicate": "near-duplicate pages",
    "contained": "contained pages",
    "recycled": "recycled pages",
    "distinct": "distinct pages",
}

# So many inputs skipped for one reason still have a line each.
_ALONE = 3
# Words before the first difference, and words compared from there: more than a quotation shows.
_CONTEXT_WORDS = 12
_WORDS_COMPARED = 400

_HAN_KANA = (
    r"\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_PUNCTUATION = (
    r"\s!-/:-@\[-`{-~\x7f-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf"
    r"\u060c\u061b\u061f\u0964\u0965\u2000-\u206f\u3000-\u3003\u3008-\u3020\u30fb"
    r"\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
# What is marked as one word: a run without punctuation; of Han and Kana, one character.
_WORD = re.compile(rf"[{_HAN_KANA}][\u3099\u309a]*|[^{_PUNCTUATION}{_HAN_KANA}]+")
_BRACES = str.maketrans({"{": "⟨U+007B⟩", "}": "⟨U+007D⟩"})

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


def passages_title(passages: Sequence[Passage], cap: int) -> str:
    """How many passages are shown, and what the braces in them are.

    >>> passages_title([Passage(0, 9, 0, 9, 0.9, "edited")], 6)
    'Shared passages ({…} marks words that differ)'
    """
    n = len(passages)
    title = "Shared passages" if n <= cap else f"Best {cap} of {n:,} passages"
    edited = any(passage.kind == "edited" for passage in passages[:cap])
    return f"{title} ({MARKED})" if edited else title


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


def quotations(
    kind: PassageKind, a: str, b: str, limit: int, width_of: Callable[[str], int] = len
) -> tuple[str, str]:
    """Both texts of a passage, as `excerpt` shows them; edited ones show where they differ.

    There, words that differ stand in braces, and of texts beyond the limit the first differences
    are shown: on both sides the same ones. Braces of the texts themselves are boxed.

    Args:
        kind: of the passage.
        a: its words in one text.
        b: its words in the other.
        limit: of either side, in the unit of width_of; on top come the braces of a whole text.
        width_of: the width of a text: code points, or cells of a terminal.

    >>> quotations("edited", "It cost 14 million.", "It cost 41 million.", 80)
    ('It cost {14} million.', 'It cost {41} million.')
    """
    if kind != "edited":
        return excerpt(a, limit, width_of), excerpt(b, limit, width_of)
    a, b = a.translate(_BRACES), b.translate(_BRACES)
    places = _first_difference(a, b)
    if places is None:  # only what stands between words differs
        return excerpt(a, limit, width_of), excerpt(b, limit, width_of)
    if _fit((a, b), limit, width_of):
        return _marked(_Side(a, 0), _Side(b, 0), None, width_of)
    start_a, start_b = _context(a, b, places, limit // 4, width_of)
    return _marked(_Side(a, start_a), _Side(b, start_b), limit, width_of)


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold()


def _first_difference(a: str, b: str) -> deque[tuple[int, int]] | None:
    """Where the last equal words start in both texts, and then the first that differ."""
    places: deque[tuple[int, int]] = deque(maxlen=_CONTEXT_WORDS + 1)
    for x, y in zip_longest(_WORD.finditer(a), _WORD.finditer(b)):
        places.append((x.start() if x else len(a), y.start() if y else len(b)))
        if not (x and y and _folded(x.group()) == _folded(y.group())):
            return places
    return None


def _context(
    a: str,
    b: str,
    places: Sequence[tuple[int, int]],
    room: int,
    width_of: Callable[[str], int],
) -> tuple[int, int]:
    """The earliest of the places from which the last is near enough in both texts."""
    last_a, last_b = places[-1]
    return next(
        (in_a, in_b)
        for in_a, in_b in places
        if _fit((a[in_a:last_a], b[in_b:last_b]), room, width_of) or in_a == last_a
    )


def _fit(texts: Iterable[str], room: int, width_of: Callable[[str], int]) -> bool:
    """Whether each text has room enough; one that is far longer is not even measured."""
    return all(len(text) <= 4 * room and width_of(prose(text)) <= room for text in texts)


class _Side:
    """One text from some place on, word by word."""

    def __init__(self, text: str, start: int) -> None:
        spans = [word.span() for word in islice(_WORD.finditer(text, start), _WORDS_COMPARED)]
        self.words = [_folded(text[first:end]) for first, end in spans]
        self._text, self._spans = text, [*spans, (len(text), len(text))]
        self.before = f"{SKIP_MARK} " if start else text[: self._spans[0][0]]

    def quote(self, first: int, end: int) -> tuple[str, str]:
        """Words, and what stands between the last of them and the next: nothing for no words."""
        if first == end:
            return "", ""
        behind = self._spans[end - 1][1]
        return self._text[self._spans[first][0] : behind], self._text[behind : self._spans[end][0]]


def _marked(
    left: _Side, right: _Side, limit: int | None, width_of: Callable[[str], int]
) -> tuple[str, str]:
    """Both sides, stretch by stretch together, until one of them has reached the limit."""
    shown = [left.before, right.before]
    room = None if limit is None else limit - len(SKIP_MARK) - 1
    n_left = n_right = 0
    marked = False
    for differs, end_left, end_right in _stretches(left.words, right.words):
        quotes = left.quote(n_left, end_left), right.quote(n_right, end_right)
        longer = [
            before + (f"{{{words}}}" if differs and words else words) + behind
            for before, (words, behind) in zip(shown, quotes, strict=True)
        ]
        if room is not None and not _fit(longer, room, width_of):
            if not marked:  # the first difference alone is too long
                shown = [
                    _squeezed(before, *quote, room, width_of)
                    for before, quote in zip(shown, quotes, strict=True)
                ]
                n_left, n_right = end_left, end_right
            break
        shown, n_left, n_right = longer, end_left, end_right
        marked = marked or differs
    more = (n_left < len(left.words), n_right < len(right.words))
    a, b = (f"{text} {SKIP_MARK}" if rest else text for text, rest in zip(shown, more, strict=True))
    return prose(a), prose(b)


def _squeezed(
    before: str, words: str, behind: str, room: int, width_of: Callable[[str], int]
) -> str:
    """Differing words, cut in the middle to the room that is left behind others."""
    if not words:
        return before
    rest = f" {SKIP_MARK}" if _WORD.search(behind) else ""  # words beyond those compared
    left = room - width_of(prose(before)) - len(" {}")
    return f"{before}{{{excerpt(words, left, width_of)}}}{rest}"


def _stretches(a: Sequence[str], b: Sequence[str]) -> Iterator[tuple[bool, int, int]]:
    """Words that differ, all in one, and words that are equal, one by one: where each ends."""
    for tag, start_a, end_a, start_b, end_b in SequenceMatcher(
        None, a, b, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            for n in range(1, end_a - start_a + 1):
                yield False, start_a + n, start_b + n
        else:
            yield True, end_a, end_b


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
