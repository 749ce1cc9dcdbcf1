r"""Repair: what reading, copying and saving broke, undone in steps that can be replayed.

In: text as read. Out: Repaired: the repaired text, the steps that lead to it, and a map from any
span of it back to the text as read.
Method: damage that the whole text gives away is undone first (mojibake.py); the rest goes through
ftfy, line by line, with every option named. ftfy comes second because it judges each line alone
and, where it cannot name the charset, rewrites the very characters that would have named it (C1
controls become Windows-1252). What only matching needs (curly quotes, ligatures, width, Unicode
normalisation) is not done here: a report quotes the text as it is.

This is the only module that knows ftfy.
"""

from __future__ import annotations

import functools
import itertools
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import ftfy
import numpy as np
from ftfy import TextFixerConfig, fixes
from ftfy.badness import MOJIBAKE_CATEGORIES, is_bad

from dupdetect.config import RepairConfig
from dupdetect.results import Repair
from dupdetect.text.mojibake import find_mojibake, script_of
from dupdetect.text.pairs import Beside, PairTable
from dupdetect.text.steps import Repaired, compose, replay
from dupdetect.text.suspects import letters_of_charsets, mark_suspects, suspected_charsets

__all__ = ["REPAIR_KINDS", "Repaired", "repair_text", "replay"]

#: What each kind of step undoes.
REPAIR_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "mojibake": "text decoded with the wrong character encoding",
        "html-entity": "a character written as an HTML entity or character reference",
        "surrogate": "half of a UTF-16 pair standing alone, or a pair that was not joined",
    }
)

# "explain" must be on: without it ftfy 6.3 does not hand the options below to its inner step.
# "unescape_html" and "fix_surrogates" are done one by one, so that each gives a step of its own;
# both then depend on nothing but the entity itself, so two copies of a text are repaired alike.
# The length is a bound on time (see _ENDLESS), and is applied here, where lines are cut.
_FTFY = TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_encoding=True,
    restore_byte_a0=True,
    replace_lossy_sequences=True,
    decode_inconsistent_utf8=True,
    fix_c1_controls=True,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
    max_decode_length=1024,
    explain=True,
)

# "&amp;lt;" takes two rounds; text decoded wrongly twice takes two. More is an attack, not a text:
# ftfy peels "&amp;amp;amp;…" one layer a pass, which is quadratic.
_MAX_ROUNDS = 4

_ENTITY = re.compile("&#?[0-9A-Za-z]{1,24};")
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")
# Every pattern of ftfy's badness test needs one of these: two characters beyond ASCII in a row, a
# C1 control, or one of four letters before ASCII. Tests hold this against ftfy on all case files.
_FTFY_MAY_ACT = re.compile("[^\x00-\x7f]{2}|[\x80-\x9fÂÃŒœ]")
# The pairs without which ftfy's badness test fails, and what must stand beside them; of a longer
# pattern, its rarest two characters. Names in braces are ftfy's own categories. C1 controls are
# marked by mojibake.py, and "œ" before anything but an ASCII letter in _suspects(). Tests hold this
# against ftfy, pattern by pattern.
_ACCENTED = "{lower_accented}{upper_accented}"
_MARKS = "{start_punctuation}{end_punctuation}"
_MEASURES = "{currency}{numeric}{law}"
_BEFORE_TWO_MARKS = _ACCENTED + _MEASURES + "{box}{end_punctuation}"
_LEADING_CAPITALS = "ВГРСΒΓΞΟ"
_BAD_PAIRS = (
    (_ACCENTED + _MARKS + _MEASURES + "{bad}{box}", "{bad}", Beside.ANYTHING),
    ("{bad}", _ACCENTED + _MARKS + _MEASURES + "{box}", Beside.ANYTHING),
    ("{lower_common}{upper_common}", "{bad}", Beside.LATIN_BEFORE),
    (
        "{lower_accented}{lower_common}{box}{end_punctuation}{currency}{numeric}",
        "{upper_accented}",
        Beside.ANYTHING,
    ),
    ("{box}{end_punctuation}{currency}{numeric}", "{lower_accented}", Beside.ANYTHING),
    (_ACCENTED + "{box}{end_punctuation}", "{currency}", Beside.ANYTHING),
    ("{upper_accented}{box}", "{numeric}{law}", Beside.ANYTHING),
    ("{start_punctuation}", "{numeric}", Beside.ACCENT_BEFORE),
    ("{end_punctuation}", "{start_punctuation}", Beside.ACCENT_BEFORE),
    ("{currency}{numeric}{box}", "{start_punctuation}", Beside.ANYTHING),
    ("{upper_accented}", "{start_punctuation}", Beside.SMALL_BEFORE),
    ("{box}", "{kaomoji}{end_punctuation}", Beside.ANYTHING),
    (_ACCENTED + _MARKS + _MEASURES, "{box}", Beside.ANYTHING),
    (_ACCENTED, _MARKS, Beside.WORD_BEHIND),
    ("{upper_accented}×", "°²³", Beside.ANYTHING),
    ("ÂÃÎÐ", "€œŠš¢£Ÿž\xa0\xad®©°·»–—´¡" + _MARKS, Beside.ANYTHING),
    ("ÂÃ", " ", Beside.ANYTHING),
    ("ØÙ", "{common}{currency}{bad}{numeric}{start_punctuation}ŸŠ®°µ»", Beside.ANYTHING),
    ("à", "²µ¹¼½¾", Beside.ANYTHING),
    ("√", "±∂†≠®™´≤≥¥µø", Beside.ANYTHING),
    ("≈", "°¢", Beside.ANYTHING),
    ("Ä", "ìîïòôúùû†°¢π", Beside.ANYTHING),
    ("âó", "àä°ê", Beside.ANYTHING),
    ("Г", "ў", Beside.ANYTHING),
    ("вβā", "Ђ€", Beside.ANYTHING),
    (_MARKS + "{bad}{currency}°µ", _LEADING_CAPITALS, Beside.CAPITAL_BEFORE),
)
_BAD_CONDITIONS = functools.reduce(operator.or_, {beside for _, _, beside in _BAD_PAIRS})
_LONGEST_BAD = 8  # characters, at least as many as the longest of ftfy's patterns has
# ftfy peels one layer a pass, over the whole segment: "ÂÂÂÂ…©" of n letters takes n passes. Nobody
# writes six such letters in a row, nor a pair of characters beyond ASCII three times over.
_ENDLESS = re.compile("[ÂВΒĀ¬┬]{6}|([^\x00-\x7f])([^\x00-\x7f])(?:\\1\\2){2}")

_ANCHOR = re.compile("[\t-\r!->@-~]+")  # ASCII that ftfy never takes for a damaged byte
# A capital may end a word before these, so that ftfy's two-character sequences are no proof:
# "AMANHÃ" before a no-break space, “IRMÔ before a closing quotation mark.
_SPACES = " \xa0"
_PUNCTUATION = "“”„‘’‚«»‹›–—…•·®™©°"
_LAST_LATIN = 0x24F  # end of Latin Extended-B


def repair_text(text: str, config: RepairConfig = RepairConfig()) -> Repaired:  # noqa: B008 (frozen)
    r"""Undo mojibake, HTML entities and broken surrogate pairs.

    What could be meant as it is stays: Latvian, Vietnamese, French or Portuguese words in capitals
    before a no-break space are not repaired, and a genuine no-break space is not touched. One that
    was mojibake becomes a plain space, whether found here or by ftfy: it was there to bind a line,
    and the copies that were never damaged mostly have the space.

    >>> repaired = repair_text("the Hong\u0100\xa0Kong government")
    >>> repaired.text
    'the Hong Kong government'
    >>> repaired.repairs
    (Repair(kind='mojibake', start=8, end=10, before='Ā\xa0', after=' '),)
    """
    repairs: list[Repair] = []
    current = text
    suspicion = functools.cache(_suspicion)
    if not _may_be_damaged(text, config, suspicion):
        return Repaired(text, text)
    for find_steps, rounds in _stages(text, config, suspicion):
        for _ in range(rounds):
            steps = find_steps(current, repairs)
            if not steps:
                break
            repairs = compose(text, repairs, current, steps)
            current = replay(current, steps)
    return Repaired(text, current, tuple(repairs))


_Steps = Callable[[str, list[Repair]], list[Repair]]


def _may_be_damaged(
    text: str, config: RepairConfig, suspicion: Callable[[str], _Suspicion]
) -> bool:
    """Whether any stage may act. Hardly a clean text is taken for a damaged one."""
    if config.html_entities and "&" in text and _ENTITY.search(text):
        return True
    return config.encoding and suspicion(text) != _NONE


class _Suspicion(NamedTuple):
    """What may change a text."""

    charsets: int  # that this package may undo, as bits
    ftfy: bool


_NONE = _Suspicion(0, ftfy=False)
_ALL = _Suspicion(-1, ftfy=True)


def _suspicion(text: str) -> _Suspicion:
    """What may change a text; whatever is not named would not."""
    if text.isascii():
        return _NONE
    table = _suspects()
    try:
        at, found = table.search(text)
    except UnicodeEncodeError:  # half of a UTF-16 pair: there is a stage for it
        return _ALL
    if not len(at):
        return _NONE
    bad = at[found & np.uint16(_BAD_CONDITIONS) != 0].tolist()
    charsets = suspected_charsets(table, text, at, found)
    return _Suspicion(charsets, ftfy=any(_is_bad_at(text, start) for start in bad))


def _is_bad_at(text: str, start: int) -> bool:
    """Whether ftfy's badness test may succeed around two characters, in a line or a part of one."""
    if text[start : start + 2] in ("Â ", "Ã "):  # bad where a segment begins
        return True
    return is_bad(text[max(0, start - _LONGEST_BAD) : start + _LONGEST_BAD + 2])


@functools.cache
def _suspects() -> PairTable:
    """Pairs of characters without which neither this package nor ftfy changes a text."""
    classes = {name: f"[{chars}]" for name, chars in MOJIBAKE_CATEGORIES.items()}
    categorised = re.findall("|".join(classes.values()), "".join(map(chr, range(0x80, 0x10000))))
    named = "".join(itertools.chain.from_iterable(pair[:2] for pair in _BAD_PAIRS))
    table = PairTable(letters_of_charsets() | set(categorised) | set(named))
    mark_suspects(table)
    members = {name: "".join(re.findall(each, table.letters)) for name, each in classes.items()}
    for first, second, beside in _BAD_PAIRS:
        table.mark(first.format(**members), second.format(**members), beside)
    table.mark("Œœ", table.letters.replace("a", ""), Beside.ANYTHING)
    table.fulfil_before(_BEFORE_TWO_MARKS.format(**members), Beside.ACCENT_BEFORE)
    table.fulfil_before(_LEADING_CAPITALS, Beside.CAPITAL_BEFORE)
    return table


def _stages(
    original: str, config: RepairConfig, suspicion: Callable[[str], _Suspicion]
) -> Iterator[tuple[_Steps, int]]:
    """What is done, in order, and how often at most."""
    before_ftfy = ""

    def ftfy_steps(text: str, done: list[Repair]) -> list[Repair]:
        nonlocal before_ftfy
        before_ftfy = text
        return _ftfy_steps(original, text, done) if suspicion(text).ftfy else []

    def mojibake_steps(text: str, _done: list[Repair]) -> list[Repair]:
        edits = find_mojibake(text, suspicion(text).charsets)
        return [
            Repair("mojibake", start, end, text[start:end], after) for start, end, after in edits
        ]

    def mojibake_steps_if_changed(text: str, done: list[Repair]) -> list[Repair]:
        return [] if text == before_ftfy else mojibake_steps(text, done)

    if config.encoding:
        yield _surrogate_steps, 1
    if config.html_entities:
        yield _entity_steps, _MAX_ROUNDS
    if config.encoding:
        yield mojibake_steps, _MAX_ROUNDS
        yield ftfy_steps, 1
        yield mojibake_steps_if_changed, 1


def _surrogate_steps(text: str, _done: list[Repair]) -> list[Repair]:
    return [
        Repair("surrogate", found.start(), found.end(), found[0], fixes.fix_surrogates(found[0]))
        for found in _SURROGATES.finditer(text)
    ]


def _entity_steps(text: str, _done: list[Repair]) -> list[Repair]:
    """Entities that stand for a character; one that stands for none is left as it is."""
    steps = []
    for found in _ENTITY.finditer(text):
        char = fixes.unescape_html(found[0])
        if char and char != found[0]:
            steps.append(Repair("html-entity", found.start(), found.end(), found[0], char))
    return steps


# --- ftfy ---------------------------------------------------------------------------------------


def _ftfy_steps(original: str, text: str, done: list[Repair]) -> list[Repair]:
    """What ftfy changes, less what could be meant as it is."""
    steps = [step for start, end in _segments(text) for step in _segment_steps(text, start, end)]
    words = {script_of(step.after[0]) for step in steps if len(step.after) > 1}
    doubtful = [
        step for step in steps if _could_be_meant(text, step) or _reads_foreign(step, words)
    ]
    if not doubtful:
        return steps
    own = _has_letters_of_its_own(original, compose(original, done, text, steps))
    meant = {step.start for step in doubtful if _is_meant(text, step, own)}
    return [step for step in steps if step.start not in meant]


def _segments(text: str) -> Iterator[tuple[int, int]]:
    """Lines, and long lines cut behind a space that follows ASCII; ftfy's time is per segment."""
    start, limit = 0, _FTFY.max_decode_length
    while start < len(text):
        end = text.find("\n", start, start + limit) + 1 or min(len(text), start + limit)
        if end < len(text) and text[end - 1] != "\n":
            space = text.rfind(" ", start + limit // 2, end) + 1
            while space and not text[space - 2].isascii():
                space = text.rfind(" ", start + limit // 2, space - 1) + 1
            end = space or end
        yield start, end
        start = end


def _segment_steps(text: str, start: int, end: int) -> Iterator[Repair]:
    if not _FTFY_MAY_ACT.search(text, start, end) or _ENDLESS.search(text, start, end):
        return
    before = text[start:end]
    after = ftfy.fix_encoding_and_explain(before, _FTFY).text
    if before != after:
        for at, old, new in _differences(before, after):
            left, old, new = _trimmed(old, new)
            if not _ANCHOR.search(old):  # in a whole segment, some may be genuine
                new = new.replace("\xa0", " ")
            if old != new:
                at += left
                yield Repair("mojibake", start + at, start + at + len(old), old, new)


def _differences(before: str, after: str) -> Iterator[tuple[int, str, str]]:
    """Where two versions of a segment differ: offset, old and new, neither of them empty.

    ASCII words survive ftfy, so they are the fixed points. Where they do not match, or nothing
    would be left of a difference, the whole segment is one.
    """
    old_gaps, new_gaps = _ANCHOR.split(before), _ANCHOR.split(after)
    if _ANCHOR.findall(before) != _ANCHOR.findall(after):
        yield 0, before, after
        return
    found: list[tuple[int, str, str]] = []
    at = 0
    for old, new, anchor in zip(old_gaps, new_gaps, [*_ANCHOR.findall(before), ""], strict=True):
        if old != new:
            found += [(at + offset, was, now) for offset, was, now in _parts(old, new)]
        at += len(old) + len(anchor)
    yield from found if all(old and new for _, old, new in found) else [(0, before, after)]


def _parts(old: str, new: str) -> Iterator[tuple[int, str, str]]:
    """Differences between two anchors, cut at spaces where both have as many."""
    old_parts, new_parts = old.split(" "), new.split(" ")
    if len(old_parts) != len(new_parts):
        yield 0, old, new
        return
    at = 0
    for before, after in zip(old_parts, new_parts, strict=True):
        if before != after:
            yield at, before, after
        at += len(before) + 1


def _trimmed(old: str, new: str) -> tuple[int, str, str]:
    """A difference without what is equal at its ends, as long as both sides keep a character."""
    left = 0
    while left < min(len(old), len(new)) - 1 and old[left] == new[left]:
        left += 1
    right = 0
    while right < min(len(old), len(new)) - left - 1 and old[-1 - right] == new[-1 - right]:
        right += 1
    return left, old[left : len(old) - right], new[left : len(new) - right]


def _could_be_meant(text: str, step: Repair) -> bool:
    """Capitals, each before a space or a mark that may end a word: "Â", "Ã" before "”"."""
    left, right = text[step.start - 1 : step.start], text[step.end : step.end + 1]
    characters = step.before if len(step.before) > 1 else step.before + right
    return not left.islower() and all(
        char.isupper() or char in _SPACES or char in _PUNCTUATION for char in characters
    )


def _reads_foreign(step: Repair, scripts_of_words: set[str]) -> bool:
    """One single letter of a script in which no word came out: "ć”“" is no Chinese."""
    letter = step.after
    foreign = len(letter) == 1 and letter.isalpha() and ord(letter) > _LAST_LATIN
    return foreign and script_of(letter) not in scripts_of_words


def _is_meant(text: str, step: Repair, has_letters_of_its_own: bool) -> bool:
    """Of what could be meant: what ends a word in capitals, or stands in a text of such letters."""
    if has_letters_of_its_own:
        return True
    before_a_mark = any(char in _PUNCTUATION for char in step.before)
    ends_a_word = text[step.start - 1 : step.start].isupper()
    return _could_be_meant(text, step) and (before_a_mark or ends_a_word)


def _has_letters_of_its_own(original: str, repairs: Sequence[Repair]) -> bool:
    """Whether letters beyond ASCII stand outside all repairs: the text has such a language."""
    at = 0
    for start, end in [*((repair.start, repair.end) for repair in repairs), (len(original), 0)]:
        if any(char.isalpha() and not char.isascii() for char in original[at:start]):
            return True
        at = end
    return False
