"""Sentences: half-open spans of one text, in order, without overlap.

In: a text. Out: spans. Blank lines, list items and unwrapped line ends part sentences, and so do
the terminators of Latin, Arabic, Indic and East Asian scripts. Boundaries only shape what is shown
and compared: copied sentences are cut alike in both texts.

The scan is linear in the length of the text: each pattern is one run of one character class, and
what follows a run is looked at in Python, never by a pattern that could try again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

#: Longer stretches without a terminator are parted at white space: a table or a log is not one
#: sentence, and no comparison may be made to weigh a megabyte at once.
MAX_SENTENCE_CHARS = 1000

_LIST_MARKER = re.compile(r"[ \t\xa0\u3000]*(?:[-*+•‣◦▪●·–—]|\(?[0-9]{1,3}[.)]|\(?[A-Za-z][.)])\s+")
_CLOSERS = "\"'”’»›)\\]}」』）】》"
# The atomic groups (Python 3.11) never give back what they took.
_TERMINATOR = re.compile(
    rf"(?>[.!?…‼⁇⁈⁉؟۔።]+)(?>[{_CLOSERS}]*)|(?>[。！？｡．।॥။៕]+)(?>[{_CLOSERS}]*)"
)
_NEEDS_SPACE = frozenset(".!?…‼⁇⁈⁉")
_LAST_WORD = re.compile(r"[^\W\d_](?:[^\W_]|\.(?=[^\W_]))*\Z")

# Lower-cased words that a full stop follows inside a sentence. Missing ones cost a shorter passage,
# never a wrong one.
_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr prof rev hon st sr jr gen col sgt capt lt cmdr sen rep gov pres mt ft vs etc inc
    ltd corp co no nos vol fig figs eq ed eds pp ch sec art al cf e.g i.e viz approx dept est univ
    assn jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun u.s u.k u.n
    p.m a.m bzw usw z.b d.h ca nr str abs mme mlle m av dra sra ud uds
    """.split()
)

# A block is taken as hard-wrapped, and its line ends as spaces, when all its lines but the last are
# about as long as one another: 45 to 100 characters, at most 30 apart.
_WRAPPED_MIN_CHARS, _WRAPPED_MAX_CHARS, _WRAPPED_SPREAD = 45, 100, 30


def sentence_spans(text: str) -> list[Span]:
    r"""The sentences of a text, as half-open spans of code points, in order.

    White space and list markers around a sentence belong to none.

    >>> text = "1. One thing, said by Dr. Wu. Another!\n\n香港很大。人很多。"
    >>> [text[start:end] for start, end in sentence_spans(text)]
    ['One thing, said by Dr. Wu.', 'Another!', '香港很大。', '人很多。']
    """
    spans: list[Span] = []
    for block in _blocks(text):
        for sentence in _split_at_terminators(text, block):
            spans.extend(_parts(text, sentence))
    return spans


def _blocks(text: str) -> Iterator[Span]:
    """Stretches that no sentence crosses: paragraphs, list items, headings, unwrapped lines."""
    paragraph: list[Span] = []
    for line in _lines(text):
        if line[0] == line[1]:
            yield from _paragraph_blocks(text, paragraph)
            paragraph = []
        else:
            paragraph.append(line)
    yield from _paragraph_blocks(text, paragraph)


def _lines(text: str) -> Iterator[Span]:
    """Each line without the white space around it; a blank one is an empty span."""
    position = 0
    for line in text.splitlines(keepends=True):
        start = position + len(line) - len(line.lstrip())
        position += len(line)
        yield (start, start + len(line.strip()))


def _paragraph_blocks(text: str, lines: list[Span]) -> Iterator[Span]:
    wrapped = _is_wrapped(lines)
    start = end = None
    for line_start, line_end in lines:
        marker = _LIST_MARKER.match(text, line_start, line_end)
        if start is not None and end is not None and (marker or not wrapped):
            yield (start, end)
            start = None
        if start is None:
            start = marker.end() if marker else line_start
        end = line_end
    if start is not None and end is not None:
        yield (start, end)


def _is_wrapped(lines: list[Span]) -> bool:
    lengths = [end - start for start, end in lines[:-1]]
    return (
        bool(lengths)
        and min(lengths) >= _WRAPPED_MIN_CHARS
        and max(lengths) <= _WRAPPED_MAX_CHARS
        and max(lengths) - min(lengths) <= _WRAPPED_SPREAD
    )


def _split_at_terminators(text: str, block: Span) -> Iterator[Span]:
    start, end = block
    for match in _TERMINATOR.finditer(text, start, end):
        if _ends_sentence(text, match, start, end):
            yield (start, match.end())
            start = match.end()
            while start < end and text[start].isspace():
                start += 1
    if start < end:
        yield (start, end)


def _ends_sentence(text: str, match: re.Match[str], start: int, end: int) -> bool:
    mark = match.group()
    after = match.end()
    if mark[0] not in _NEEDS_SPACE:
        return True
    if after < end and not text[after].isspace():
        return False
    while after < end and text[after].isspace():
        after += 1
    if after < end and text[after].islower():
        return False
    if mark[0] != "." or mark[:2] == "..":
        return True
    word = _LAST_WORD.search(text, max(start, match.start() - 24), match.start())
    if word is None:
        return True
    name = word.group().lower()
    is_initial = len(name) == 1 and word.group().isupper()
    return not is_initial and name not in _ABBREVIATIONS


def _parts(text: str, sentence: Span) -> Iterator[Span]:
    """The sentence itself, or, when it is too long to be one, parts that end at white space."""
    start, end = sentence
    while end - start > MAX_SENTENCE_CHARS:
        cut = max(
            (text.rfind(space, start, start + MAX_SENTENCE_CHARS) for space in " \n\t"), default=-1
        )
        if cut <= start:
            cut = start + MAX_SENTENCE_CHARS
        yield (start, cut)
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        yield (start, end)
