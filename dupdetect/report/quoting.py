"""Quotations: words of documents, made safe, cut to a width, with what differs marked.

In: texts as they were read, and passages. Out: lines for people. Which words of an edited passage
stayed is told by its runs, the evidence itself; where it has none, by comparing the words.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, zip_longest

from dupdetect.report.lists import count
from dupdetect.report.safe_text import prose
from dupdetect.results import Passage, PassageKind

SKIP_MARK = "[…]"
MARKED = "{…} marks words that differ"
MAX_RUNS = 3  # shown of a reworded passage, longest first
_RUN_CHARS = 60

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
#: Braces of a text itself, boxed.
BRACES = str.maketrans({"{": "⟨U+007B⟩", "}": "⟨U+007D⟩"})

_LONE_S = re.compile(r"^[’']?s(?=\s)\s*")
_SHORT_WORD = 3  # letters of words such as "the" and "and", which stay anywhere
_LAST_ALPHABET = "\u2fff"  # scripts without spaces follow

_Run = tuple[int, int, int, int]


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


def trimmed(words: str) -> str:
    """Words without a lone bracket or a lone "s" at their ends, as runs of words are cut there.

    >>> trimmed("s AI hubs"), trimmed("the University (HKU"), trimmed("plan) of the city")
    ('AI hubs', 'the University', 'of the city')
    >>> trimmed("artificial intelligence (AI)")
    'artificial intelligence (AI)'
    """
    words = _LONE_S.sub("", words.strip())
    if (opening := words.rfind("(")) > words.rfind(")"):
        words = words[:opening].strip() or words[opening + 1 :].strip()
    if (closing := words.find(")")) >= 0 and not 0 <= words.find("(") < closing:
        words = words[closing + 1 :].strip() or words[:closing].strip()
    return words


def keeps_only_facts(passage: Passage, text: str) -> bool:
    """Whether nothing stayed of a passage but names, figures and short words, by their look.

    A word is no fact when it has more than three letters and begins with none that is upper case.
    Without runs nothing can be told.

    Args:
        passage: of which.
        text: text a as it was read.

    >>> text = "In Hong Kong the 31 ferries sail."
    >>> keeps_only_facts(Passage(0, 33, 0, 9, 0.4, "reworded", runs=((3, 19, 0, 9),)), text)
    True
    >>> keeps_only_facts(Passage(0, 33, 0, 9, 0.4, "reworded", runs=((3, 27, 0, 9),)), text)
    False
    """
    words = [word for run in passage.runs for word in _WORD.findall(text[run[0] : run[1]])]
    return bool(words) and not any(_is_plain(word) for word in words)


def _is_plain(word: str) -> bool:
    long = len(word) > _SHORT_WORD or word > _LAST_ALPHABET  # one Han character is a word
    return long and not word[0].isupper() and not any(map(str.isdigit, word))


def quotations(
    kind: PassageKind,
    a: str,
    b: str,
    limit: int,
    width_of: Callable[[str], int] = len,
    runs: Sequence[_Run] = (),
) -> tuple[str, str]:
    """Both texts of a passage, as `excerpt` shows them; edited ones show where they differ.

    There, words that differ stand in braces, and of texts beyond the limit the first differences
    are shown: on both sides the same ones. Which words stayed is told by the runs; without any, by
    the words themselves. Braces of the texts are boxed.

    Args:
        kind: of the passage.
        a: its words in one text.
        b: its words in the other.
        limit: of either side, in the unit of width_of; on top come the braces of a whole text.
        width_of: the width of a text: code points, or cells of a terminal.
        runs: as `relative_runs` gives them.

    >>> quotations("edited", "It cost 14 million.", "It cost 41 million.", 80)
    ('It cost {14} million.', 'It cost {41} million.')
    """
    if kind != "edited":
        return excerpt(a, limit, width_of), excerpt(b, limit, width_of)
    left, right = _word_lists(a, b, runs)
    differs = _first_difference(left, right)
    if differs is None:  # only what stands between words differs
        return excerpt(left.text, limit, width_of), excerpt(right.text, limit, width_of)
    if _fit((left.text, right.text), limit, width_of):
        return _marked(_Side(left, 0, whole=True), _Side(right, 0, whole=True), None, width_of)
    first = _context(left, right, differs, limit // 4, width_of)
    return _marked(_Side(left, first), _Side(right, first), limit, width_of)


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of one text of a passage: equal keys in both texts, the same word.

    Attributes:
        text: the text, its braces boxed.
        spans: where each word stands in it.
        keys: of each word.
    """

    text: str
    spans: list[tuple[int, int]]
    keys: list[Hashable]

    def start(self, number: int) -> int:
        """Where a word starts; of the one behind the last, where the text ends."""
        return self.spans[number][0] if number < len(self.spans) else len(self.text)


def relative_runs(passage: Passage) -> list[_Run]:
    """The runs of a passage, counted from where the passage starts in each text.

    >>> relative_runs(Passage(10, 20, 5, 15, 0.9, "edited", runs=((12, 15, 5, 8),)))
    [(2, 5, 0, 3)]
    """
    a, b = passage.a_start, passage.b_start
    return [(run[0] - a, run[1] - a, run[2] - b, run[3] - b) for run in passage.runs]


def longest_runs(passage: Passage, text: str) -> str:
    """The longest runs of a reworded passage in text a, where whole quotations show too little.

    Args:
        passage: of which.
        text: text a as it was read.

    >>> text = "A vibrant hub is now a key player in the field."
    >>> passage = Passage(0, 47, 0, 9, 0.4, "reworded", runs=((2, 13, 0, 5), (21, 40, 6, 9)))
    >>> longest_runs(passage, text)
    'longest runs that stayed: “a key player in the”, “vibrant hub”'
    """
    if passage.kind != "reworded":
        return ""
    spans = [run[:2] for run in passage.runs if " " in text[run[0] : run[1]].strip()]
    spans.sort(key=lambda span: (span[0] - span[1], span))
    quotes = [
        f"“{excerpt(trimmed(text[start:end]), _RUN_CHARS)}”" for start, end in spans[:MAX_RUNS]
    ]
    return f"longest runs that stayed: {', '.join(quotes)}" if quotes else ""


def _word_lists(a: str, b: str, runs: Sequence[_Run]) -> tuple[_Words, _Words]:
    text_a, text_b = a.translate(BRACES), b.translate(BRACES)
    spans_a, spans_b = ([m.span() for m in _WORD.finditer(text)] for text in (text_a, text_b))
    words_a = [_folded(text_a[first:last]) for first, last in spans_a]
    words_b = [_folded(text_b[first:last]) for first, last in spans_b]
    if not runs:
        return _Words(text_a, spans_a, [*words_a]), _Words(text_b, spans_b, [*words_b])
    runs_a = _in_runs(a, spans_a, [run[:2] for run in runs])
    runs_b = _in_runs(b, spans_b, [run[2:] for run in runs])
    sizes_a, sizes_b = Counter(runs_a), Counter(runs_b)
    alike = {run for run, n in sizes_a.items() if n == sizes_b[run]}
    return (
        _Words(text_a, spans_a, _run_keys("a", words_a, runs_a, alike)),
        _Words(text_b, spans_b, _run_keys("b", words_b, runs_b, alike)),
    )


def _in_runs(
    text: str, spans: Sequence[tuple[int, int]], runs: Sequence[tuple[int, int]]
) -> list[int | None]:
    """The run that each word starts in.

    Args:
        text: as it was read, its braces bare.
        spans: of its words, where its braces are boxed.
        runs: half-open ranges of the text; they do not overlap.
    """
    ordered = sorted(range(len(runs)), key=lambda number: runs[number])
    starts = [runs[number][0] for number in ordered]
    box = len("{".translate(BRACES)) - 1
    shift = [0, *accumulate(box * (character in "{}") for character in text)]
    moved = [place + shift[place] for place in range(len(text) + 1)] if shift[-1] else None
    found: list[int | None] = []
    for start, _ in spans:
        place = start if moved is None else bisect_right(moved, start) - 1
        at = bisect_right(starts, place) - 1
        inside = at >= 0 and place < runs[ordered[at]][1]
        found.append(ordered[at] if inside else None)
    return found


def _run_keys(
    side: str, words: Sequence[str], runs: Sequence[int | None], alike: Set[int | None]
) -> list[Hashable]:
    """Words of one run are the same in their order, even where one of them was misread.

    Where a run has more words on one side, such as an anchor that was stepped over, they are told
    apart by their letters. Outside the runs no word stayed.
    """
    nth = Counter[int | None]()
    keys: list[Hashable] = []
    for number, (word, run) in enumerate(zip(words, runs, strict=True)):
        if run is None:
            keys.append((side, number))
        else:
            keys.append((run, nth[run]) if run in alike else (run, word))
            nth[run] += 1
    return keys


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold()


def _first_difference(left: _Words, right: _Words) -> int | None:
    """The number of the first word that differs, or None."""
    for number, (x, y) in enumerate(zip_longest(left.keys, right.keys)):
        if x != y:
            return number
    return None


def _context(
    left: _Words, right: _Words, differs: int, room: int, width_of: Callable[[str], int]
) -> int:
    """The earliest of the last equal words from which the first that differs is near enough."""
    ends = left.start(differs), right.start(differs)
    return next(
        number
        for number in range(max(0, differs - _CONTEXT_WORDS), differs + 1)
        if number == differs
        or _fit(
            (left.text[left.start(number) : ends[0]], right.text[right.start(number) : ends[1]]),
            room,
            width_of,
        )
    )


def _fit(texts: Iterable[str], room: int, width_of: Callable[[str], int]) -> bool:
    """Whether each text has room enough; one that is far longer is not even measured."""
    return all(len(text) <= 4 * room and width_of(prose(text)) <= room for text in texts)


class _Side:
    """One text from some word on."""

    def __init__(self, words: _Words, first: int, *, whole: bool = False) -> None:
        last = first + _WORDS_COMPARED
        self.keys = words.keys[first:last]
        self._text = words.text
        self._spans = [*words.spans[first:last], (len(words.text), len(words.text))]
        start = words.start(first)
        skipped = f"{SKIP_MARK} " if start else ""
        self.before = words.text[:start] if whole else skipped

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
    for differs, end_left, end_right in _stretches(left.keys, right.keys):
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
    more = (n_left < len(left.keys), n_right < len(right.keys))
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


def _stretches(a: Sequence[Hashable], b: Sequence[Hashable]) -> Iterator[tuple[bool, int, int]]:
    """Words that differ, all in one, and words that are equal, one by one: where each ends."""
    for tag, start_a, end_a, start_b, end_b in SequenceMatcher(
        None, a, b, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            for n in range(1, end_a - start_a + 1):
                yield False, start_a + n, start_b + n
        else:
            yield True, end_a, end_b


def passages_title(shown: Sequence[Passage], n_hidden: int = 0) -> str:
    """How many passages are shown, and what the braces in them are.

    >>> passages_title([Passage(0, 9, 0, 9, 0.9, "edited")])
    'Shared passages ({…} marks words that differ)'
    """
    n = len(shown)
    title = f"Best {n:,} of {n + n_hidden:,} passages" if n_hidden else "Shared passages"
    return f"{title} ({MARKED})" if any(each.kind == "edited" for each in shown) else title


def passage_label(passage: Passage, cosine: str = "cosine ", *, loose: bool = False) -> str:
    """What kind of passage it is, its cosine, named as the caller likes, and how much stayed.

    >>> passage_label(Passage(0, 9, 0, 9, 0.87, "edited", n_tokens_kept=9, n_tokens=12))
    'edited, cosine 0.87, 9 of 12 tokens stayed'
    """
    said = "single sentence, " * loose
    said += f"{passage.kind}{', quotation' * passage.quotation}, {cosine}{passage.cosine:.2f}"
    if passage.n_tokens and passage.kind != "identical":
        said += f", {passage.n_tokens_kept:,} of {count(passage.n_tokens, 'token')} stayed"
    return said
