"""What a recycler, a bad export or a hasty copy does to a text: seeded, and one function a damage.

In: a text, how much of it is hit, and a random generator. Out: the damaged text. Nothing else is
read, so that one seed gives the same damage everywhere.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from dupdetect.text.sentences import sentence_spans

#: What is put into pages to be found by: advertised names, in the page's script and in others.
ANCHORS = (
    "香港AI",
    "澳門娛樂城",
    "best online casino",
    "AI写作工具",
    "cheap flights 2025",
    "онлайн казино",
    "buy followers now",
    "東京不動産",
    "crypto bonus code",
    "무료 웹툰",
)

# Words and what may stand for them, one line a set; any word may stand for any other of its set.
# Ours, and small: it reaches more than a quarter of the words of a page, most of them little ones.
_SYNONYMS = """
important significant vital
significantly considerably markedly
show demonstrate reveal
shows demonstrates reveals
use employ utilise
used employed utilised
using employing utilising
many numerous
often frequently
however nevertheless yet but
also likewise
because since
although though
while whereas
therefore thus hence
help assist aid
helps assists aids
make render
makes renders
need require
needs requires
change alter modify
changes alterations modifications
big large sizeable
small little minor
begin start commence
began started commenced
end finish conclude
people individuals persons
children youngsters kids
students pupils learners
teachers educators instructors
problem difficulty issue
problems difficulties issues
idea notion concept
ideas notions concepts
way manner fashion
ways manners means
part portion section
parts portions sections
work labour effort
study investigation inquiry
studies investigations inquiries
result outcome finding
results outcomes findings
increase growth rise
decrease decline drop
increased grew rose
method approach technique
methods approaches techniques
believe think feel
said stated remarked
says remarks notes
new novel fresh
good fine sound
better finer superior
different distinct varied
difficult hard tough
easy simple effortless
quickly rapidly swiftly
main chief principal
company firm business
companies firms businesses
country nation state
countries nations states
money cash funds
buy purchase acquire
sell vend trade
job post position
jobs posts positions
world globe earth
life existence
lives existences
support backing assistance
create produce generate
creates produces generates
created produced generated
provide supply offer
provides supplies offers
provided supplied offered
allow permit let
allows permits lets
essential crucial necessary
understanding comprehension grasp
environment surroundings setting
development advancement progress
society community public
challenge obstacle hurdle
challenges obstacles hurdles
complex intricate complicated
role function
in within inside
through via
such like
will shall
may might
must should
can could
very highly extremely
more further additional
most nearly
other alternative
its their
this that
these those
has holds
have hold
is remains
are remain
was stayed
and plus
on upon
with alongside
from off
for towards
a one
only merely solely
over above
when once
about regarding concerning
all every
between among
after following
before preceding
without lacking
first initial
information knowledge data
some certain
to unto
by near
based founded
learning schooling
time moment
recent late
high elevated
being existing
then afterwards
"""


def _sets() -> dict[str, tuple[str, ...]]:
    """For each word, the others of its set."""
    table: dict[str, tuple[str, ...]] = {}
    for line in _SYNONYMS.strip().splitlines():
        words = line.split()
        for word in words:
            table[word] = tuple(other for other in words if other != word)
    return table


SYNONYMS = _sets()

_WORD = re.compile(r"[^\W\d_]+")
_STRETCH = re.compile(r"\S+")
_TYPOGRAPHIC = str.maketrans({"'": "\u2019", '"': "\u201d", "-": "\u2013"})


def insert_anchors(text: str, count: int, rng: random.Random) -> str:
    """The text with this many advertised names between its words.

    >>> insert_anchors("one two", 1, random.Random(3))
    'one 무료 웹툰 two'
    """
    words = _STRETCH.findall(text)
    if not words:
        return text
    gaps = [match.end() for match in _STRETCH.finditer(text)]
    for gap in sorted((rng.choice(gaps) for _ in range(count)), reverse=True):
        text = f"{text[:gap]} {rng.choice(ANCHORS)}{text[gap:]}"
    return text


def mojibake(text: str, share: float, rng: random.Random) -> str:
    r"""The text with this share of its lines decoded from UTF-8 as if they were Windows-1252.

    Quotes, hyphens and every tenth space of such a line are made typographic first, because plain
    ASCII comes through unharmed. Blank lines do not count.

    Args:
        text: the text.
        share: of its lines, in [0, 1]; the number of lines is rounded.
        rng: chooses lines and spaces.

    >>> mojibake("It's a word", 1.0, random.Random(1))
    'Itâ€™s a word'
    """
    lines = text.split("\n")
    filled = [row for row, line in enumerate(lines) if line.strip()]
    for row in rng.sample(filled, round(share * len(filled))):
        spaced = re.sub(" ", lambda _: "\u00a0" if rng.random() < 0.1 else " ", lines[row])
        damaged = spaced.translate(_TYPOGRAPHIC).encode("utf-8")
        # Five bytes mean nothing in Windows-1252; readers that take them anyway give controls.
        lines[row] = "".join(
            chr(byte) if byte in _UNDEFINED else bytes([byte]).decode("cp1252") for byte in damaged
        )
    return "\n".join(lines)


_UNDEFINED = frozenset((0x81, 0x8D, 0x8F, 0x90, 0x9D))


def truncate(text: str, share: float) -> str:
    """The text without this share of its characters, cut off at its end, mid-word or not.

    >>> truncate("0123456789", 0.6)
    '0123'
    """
    return text[: round(len(text) * (1 - share))]


def shuffle_sentences(text: str, rng: random.Random) -> str:
    """The sentences in another order, as one paragraph.

    >>> shuffle_sentences("One. Two. Three.", random.Random(2))
    'Two. Three. One.'
    """
    sentences = _sentences(text)
    rng.shuffle(sentences)
    return " ".join(sentences)


def swap_synonyms(text: str, share: float, rng: random.Random) -> str:
    """The text with this share of its words replaced by others of their set, as far as that goes.

    Where the table knows too few of the words, all that it knows are replaced: `share_swapped`
    tells how many that were.

    Args:
        text: the text.
        share: of its words, in [0, 1].
        rng: chooses words and synonyms.

    >>> swap_synonyms("Important work.", 1.0, random.Random(1))
    'Significant effort.'
    """
    words = list(_WORD.finditer(text))
    known = [word for word in words if word.group().lower() in SYNONYMS]
    chosen = rng.sample(known, min(len(known), round(share * len(words))))
    for word in sorted(chosen, key=lambda match: match.start(), reverse=True):
        other = rng.choice(SYNONYMS[word.group().lower()])
        if word.group()[0].isupper():
            other = other.capitalize()
        text = text[: word.start()] + other + text[word.end() :]
    return text


def share_swapped(before: str, after: str) -> float:
    """The share of words that differ between a text and what `swap_synonyms` made of it.

    >>> share_swapped("Important work here now.", "Vital work here now.")
    0.25
    """
    words, others = _WORD.findall(before), _WORD.findall(after)
    differ = sum(word != other for word, other in zip(words, others, strict=True))
    return float(differ / max(1, len(words)))


def set_length(text: str, n_words: int, donors: Sequence[str] = ()) -> str:
    """The text with others behind it until there are enough words, cut after so many.

    >>> set_length("one two", 3, ["three four"]).split()
    ['one', 'two', 'three']
    """
    for donor in donors:
        if len(_STRETCH.findall(text)) >= n_words:
            break
        text = f"{text}\n\n{donor}"
    ends = [match.end() for match in _STRETCH.finditer(text)]
    return text if len(ends) <= n_words else text[: ends[n_words - 1]]


def spin(one: str, other: str, rng: random.Random) -> str:
    """A text put together from two: sentences of either, synonyms in them, and another order.

    At each place a sentence is taken from the one or the other text, by the toss of a coin; a fifth
    of the words is replaced, as far as the table goes.
    """
    left, right = _sentences(one), _sentences(other)
    length = (len(left) + len(right)) // 2
    mixed = [
        sentences[min(place, len(sentences) - 1)]
        for place in range(length)
        if (sentences := rng.choice((left, right)))
    ]
    # The last sentence of the shorter text may have been taken twice.
    rng.shuffle(once := list(dict.fromkeys(mixed)))
    return swap_synonyms(" ".join(once), 0.2, rng)


def _sentences(text: str) -> list[str]:
    return [" ".join(text[start:end].split()) for start, end in sentence_spans(text)]
