r"""Mojibake: UTF-8 that was read through a single-byte charset, found by the whole text's evidence.

In: text as read. Out: edits, each the few characters that were one character before the damage.
Method: a charset is tried by writing the text back into its bytes and looking for well-formed UTF-8
(Unicode Standard 15.0, table 3-7). Clean text holds such sequences too: "RĪGĀ" and a no-break space
are one in windows-1257, and "там" is one in cp866. So a charset is believed only when a sequence
stands where nobody writes it ("HongĀ\xa0Kong": a capital inside a word) and reads well once
repaired; and what is only likely is repaired only if its first letter never stands for itself.
All that is slow, and most texts are clean: suspects.py tells which charsets are worth the search.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from dupdetect.text.charsets import (
    COMMON,
    LOST,
    TARGETS,
    Charset,
    byte_classes,
    charsets,
    decoding_table,
    irregular_spellings,
    the_one,
)

# Well-formed UTF-8 beyond ASCII. A byte that the charset could not read may be lost (0xFF), and a
# no-break space behind C2 or C3 may have become a space. Each branch has a fixed length: linear.
_CONT = rb"[\x80-\xbf\xff]"
_SEQUENCE = re.compile(
    rb"[\xc2-\xdf]" + _CONT + rb"|[\xc2\xc3] "
    rb"|\xe0[\xa0-\xbf\xff]"
    + _CONT
    + rb"|[\xe1-\xec\xee\xef]"
    + _CONT
    + rb"{2}|\xed[\x80-\x9f\xff]"
    + _CONT
    + rb"|\xf0[\x90-\xbf\xff]"
    + _CONT
    + rb"{2}|[\xf1-\xf3]"
    + _CONT
    + rb"{3}|\xf4[\x80-\x8f\xff]"
    + _CONT
    + rb"{2}"
)
# Looser, and faster: whatever has the length of a sequence.
_LIKE_A_SEQUENCE = re.compile(
    rb"[\xc2-\xf4](?:(?<=[\xc2-\xdf])[\x80-\xbf\xff ]"
    rb"|(?<=[\xe0-\xef])[\x80-\xbf\xff]{2}|(?<=[\xf0-\xf4])[\x80-\xbf\xff]{3})"
)
# Cut at 48: no sequence is longer than 4, and a word of mojibake seldom longer than the cut.
_LONGEST_RUN = 48
_RUN = re.compile(f"[^\x00-\x7f]{{1,{_LONGEST_RUN}}}")
_MAX_WINDOWS = 2000  # a damaged text of 1 MB in English has about 300
_HIGH = re.compile(rb"[\x80-\xfe]")
_LEAD = re.compile(rb"[\xc2-\xf4]")

# Symbols and punctuation that texts hold. Left out on purpose: Braille and the later arrows, which
# Russian words read back as (cp866), and private use.
SYMBOL_RANGES = (
    (0xA0, 0xBF), (0xD7, 0xD7), (0xF7, 0xF7), (0x2000, 0x206F), (0x20A0, 0x20CF), (0x2100, 0x214F),
    (0x2190, 0x22FF), (0x2460, 0x24FF), (0x2580, 0x27BF), (0xFEFF, 0xFEFF), (0xFFFD, 0xFFFD),
    (0x1F000, 0x1FAFF),
)  # fmt: skip
# Latin letters of living orthographies: not IPA, not clicks, which short runs often decode to.
LATIN_RANGES = (
    (0xC0, 0x17F), (0x192, 0x192), (0x1A0, 0x1A1), (0x1AF, 0x1B0), (0x1CD, 0x1DC), (0x218, 0x21B),
    (0x1E00, 0x1EFF),
)  # fmt: skip
# The scripts of single-byte charsets other than Latin, as script_of() names them.
_WORD_SCRIPTS = frozenset({"CYRILLIC", "GREEK", "HEBREW", "ARABIC", "THAI"})
# A letter may well be written before these, at the end of a word.
AFTER_A_WORD = frozenset(" \xa0\u202f®™©°²³¹ªº«»‹›“”„‘’‚–—…•·¡¿")
_WITH_HAN = frozenset({"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"})
OPENING = frozenset("“‘„‚«‹¡¿")
_KINDS = (
    dict.fromkeys(range(ord("a"), ord("z") + 1), "a")
    | dict.fromkeys(range(ord("A"), ord("Z") + 1), "A")
    | dict.fromkeys(range(ord("0"), ord("9") + 1), "0")
)
_GOES_ON = re.compile("[ ]|quele|quela|quilo|s ")


class Edit(NamedTuple):
    """One stretch to replace: text[start:end] becomes after."""

    start: int
    end: int
    after: str


class Verdict(IntEnum):
    """How sure one sequence is to be damage, once its charset is known."""

    AGAINST = 0  # what it decodes to does not belong there
    NEUTRAL = 1  # it decodes to what only its neighbours can vouch for
    LIKELY = 2  # it decodes to what may stand there, but could be meant as it is
    ODD = 3  # nobody writes it so, unless its first character stands elsewhere for itself
    CERTAIN = 4  # nobody writes it so


class _Sequence(NamedTuple):
    """Characters that were the bytes of one character."""

    start: int
    end: int
    raw: str
    target: str


_Judged = Sequence[tuple[_Sequence, Verdict]]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a text says of a charset, and the first characters that stand there for themselves."""

    charset: Charset
    own: frozenset[str]
    scripts: frozenset[str]  # of the foreign words that come out
    trusted: bool  # hardly a letter beyond ASCII stands in the text for itself
    score: int  # 0: not to be believed


def find_mojibake(text: str, suspected: int | None = None) -> list[Edit]:
    r"""Edits that undo one layer of one charset, or none; sorted, never overlapping.

    A no-break space that comes back is written as a plain space: it was typed for the line break,
    and copies that were never damaged mostly have the space.

    Args:
        text: text as read.
        suspected: the charsets to try, as bits (`suspected_charsets`); None for all that can be
            tried. The answer is the same.

    >>> find_mojibake("the Hong\u0100\xa0Kong government")
    [Edit(start=8, end=10, after=' ')]
    >>> find_mojibake("R\u012aG\u0100\xa0IR SKAISTI")
    []
    """
    if suspected is None:
        suspected = _candidates(_windows(text))
    candidates = [charset for bit, charset in enumerate(charsets()) if suspected >> bit & 1]
    candidates = _without_scripts(text, candidates) if candidates else []
    if not candidates:
        return []
    windows = _windows(text)
    reading = _best_reading(windows, candidates)
    return list(_edits(text, reading)) if reading and reading.score else []


# --- which charset ------------------------------------------------------------------------------


def _windows(text: str) -> list[str]:
    """The commonest runs beyond ASCII, each with two characters before it and one behind.

    ASCII letters and digits are reduced to their kind, so that a long text has few windows; runs
    are cut, and windows are capped, so that no text takes long.
    """
    runs = Counter(
        (text[max(0, run.start() - 2) : run.start()], run[0], text[run.end() : run.end() + 1])
        for run in _RUN.finditer(text)
    )
    windows: Counter[str] = Counter()
    for (before, run, behind), count in runs.items():
        before = before if before.isascii() else before[-1:]
        windows[before.translate(_KINDS) + run + behind.translate(_KINDS)] += count
    commonest = sorted(windows, key=lambda window: (-windows[window], window))
    return commonest[:_MAX_WINDOWS]


def _candidates(windows: Sequence[str]) -> int:
    """The charsets (as bits) in which some window holds a well-formed sequence."""
    first_of_2, first_of_3, first_of_4, continuation, before_space = byte_classes()
    seen = 0
    for window in windows:
        follows = 0  # charsets in which the character behind is a continuation
        third = fourth = 0
        for char in reversed(window):
            seen |= first_of_2.get(char, 0) & follows
            seen |= first_of_3.get(char, 0) & follows & third
            seen |= first_of_4.get(char, 0) & follows & third & fourth
            fourth, third, follows = third, follows, continuation.get(char, 0)
        if window[-1] == " " and len(window) > 1:
            seen |= before_space.get(window[-2], 0)
    return seen


def _best_reading(windows: Sequence[str], candidates: Sequence[Charset]) -> _Reading | None:
    """The reading that explains most; of two equals the earlier charset."""
    joined = "\0\0".join(windows)
    readings = [_read(joined, charset) for charset in candidates]
    return max(readings, key=lambda reading: reading.score, default=None)


def _read(joined: str, charset: Charset) -> _Reading:
    """What the windows say of a charset."""
    if not _irregular_in(joined, charset) and _is_written_in(charset, joined, joined):
        return _Reading(charset, frozenset(), frozenset(), trusted=False, score=0)
    chains = list(_chains(_sequences(joined, charset)))
    verdicts = [_verdicts(joined, chain) for chain in chains]
    judged = list(zip(itertools.chain(*chains), itertools.chain(*verdicts), strict=True))
    if not _may_prove([verdict for _, verdict in judged]):
        return _Reading(charset, frozenset(), frozenset(), trusted=False, score=0)
    scripts = frozenset(_writing(chain[0].target) for chain in chains if _is_foreign_word(chain))
    rest = _rest(joined, charset, judged)
    own = _standing_alone(joined, rest, judged)
    trusted = _is_trusted(joined, rest, judged)
    if trusted is None:
        return _Reading(charset, own, scripts, trusted=False, score=0)
    score = _score(judged, own, trusted)
    if not score and trusted and _explains_everything(joined, judged, own):
        score = 1
    if score and trusted:
        score += sum("\ufffd" in spelling for spelling in _irregular_in(joined, charset))
    return _Reading(charset, own, scripts, trusted, score)


def _without_scripts(text: str, candidates: Sequence[Charset]) -> list[Charset]:
    """The candidates less those in whose script the text is written, told before any window is.

    Every run is in a window whole, unless windows are capped.
    """
    runs = _RUN.findall(text)
    if len(runs) > _MAX_WINDOWS:
        return list(candidates)
    cuts = sum(len(run) == _LONGEST_RUN for run in runs)
    least = "".join(f"{run} " for run in set(runs))  # a space may be the rest of a sequence
    told: dict[tuple[bytes, tuple[bytes, ...]], bool] = {}  # Python has Thai three times
    left = []
    for charset in candidates:
        key = charset.encode(text), _bytes_of_scripts(charset.name)
        if key not in told:
            told[key] = _is_written_in(charset, text, least, cuts)
        if not told[key] or _irregular_in(text, charset):
            left.append(charset)
    return left


def _is_written_in(charset: Charset, everything: str, least: str, cuts: int = 0) -> bool:
    """Whether `_is_trusted` would answer None: told from bytes, long before there are verdicts.

    All sequences must begin with the script in question. So the first that is likely has a
    character of it, and if none is, nothing is proved either. The most that can be explained is
    whatever resembles a sequence, the least that stands for itself is what does not. No irregular
    spelling may be in the text.

    Args:
        charset: one that the text may have been read through.
        everything: holds every sequence that the windows hold.
        least: holds nothing that stands for itself but what the windows hold as well.
        cuts: how many runs were cut. A cut run may lose three characters at each end to a sequence
            across the cut, and that sequence, of at most four, is in two windows.
    """
    sequences = _LIKE_A_SEQUENCE.findall(charset.encode(everything))
    leads = bytes({each[0] for each in sequences})
    for members in _bytes_of_scripts(charset.name):
        if leads and not leads.translate(None, members):
            rest = _LIKE_A_SEQUENCE.sub(b"", charset.encode(least))
            strangers = len(rest) - len(rest.translate(None, members))
            return 4 * (strangers - 6 * cuts) > sum(map(len, sequences)) + 4 * cuts
    return False


@functools.cache
def _bytes_of_scripts(name: str) -> tuple[bytes, ...]:
    """The bytes beyond ASCII of each script that words are written in, in one charset."""
    found: dict[str, list[int]] = {}
    for byte, char in enumerate(decoding_table(name)):
        if 0x80 <= byte < LOST and script_of(char) in _WORD_SCRIPTS:
            found.setdefault(script_of(char), []).append(byte)
    return tuple(map(bytes, found.values()))


def _may_prove(verdicts: Sequence[Verdict]) -> bool:
    """Whether to look closer: most charsets end here, and most clean texts."""
    best = max(verdicts, default=Verdict.AGAINST)
    return best > Verdict.LIKELY or (best is Verdict.LIKELY and min(verdicts) is best)


def _standing_alone(joined: str, rest: bytes | bytearray, judged: _Judged) -> frozenset[str]:
    """First characters of sequences that stand in the text for themselves.

    One in ten may be a sequence that was cut: by the end of the text, or by a careless edit.
    """
    alone = Counter(joined[match.start()] for match in _LEAD.finditer(rest))
    leading = Counter(each.raw[0] for each, _ in judged)
    return frozenset(char for char, count in alone.items() if 10 * count > leading[char])


def _is_trusted(joined: str, rest: bytes | bytearray, judged: _Judged) -> bool | None:
    """Whether hardly a letter stands outside all sequences; None if the text is in that script.

    A charset of another script than Latin is out of the question when more than one letter in five
    of that script stands for itself: the text is written in it.
    """
    strangers = Counter(script_of(joined[match.start()]) for match in _HIGH.finditer(rest))
    explained = Counter(
        script_of(char)
        for each, verdict in judged
        if verdict >= Verdict.LIKELY
        for char in each.raw
    )
    foreign = _WORD_SCRIPTS & explained.keys()
    if any(4 * strangers[script] > explained[script] for script in foreign):
        return None
    n_strangers = sum(strangers[script] for script in (*_WORD_SCRIPTS, "LATIN"))
    return 2 * n_strangers <= explained.total()


def _is_foreign_word(chain: Sequence[_Sequence]) -> bool:
    """Two or more letters of one script, not Latin, in a row; one alone comes out by chance."""
    writings = {_writing(each.target) for each in chain}
    if len(chain) < 2 or len(writings) > 1:
        return False
    letters = all(unicodedata.category(each.target)[0] in "LM" for each in chain)
    return writings == {"CJK"} or (letters and writings != {"LATIN"})


def _writing(char: str) -> str:
    """The script of a character, where Han and Kana are one."""
    script = script_of(char)
    return "CJK" if script in _WITH_HAN else script


def _irregular_in(joined: str, charset: Charset) -> list[str]:
    pattern, _ = irregular_spellings(charset.name)
    return pattern.findall(joined) if pattern else []


def _score(judged: _Judged, own: frozenset[str], trusted: bool) -> int:
    """How well a charset explains the windows; 0 without proof."""
    points = Counter(
        Verdict.CERTAIN if verdict is Verdict.ODD else verdict
        for each, verdict in judged
        if verdict is Verdict.CERTAIN or (trusted and each.raw[0] not in own)
    )
    proofs = points[Verdict.CERTAIN]
    if not proofs or points[Verdict.AGAINST] > proofs + points[Verdict.LIKELY]:
        return 0
    explained = 8 * proofs + 4 * points[Verdict.LIKELY] + points[Verdict.NEUTRAL]
    return max(1, explained - 8 * points[Verdict.AGAINST])


def _rest(joined: str, charset: Charset, judged: _Judged) -> bytearray:
    """The windows as bytes, blank where a sequence or an irregular spelling explains them."""
    rest = bytearray(charset.encode(joined))
    for each, verdict in judged:
        # "Ã " is a Portuguese word's end as well as a sequence: it vouches for neither.
        if verdict > Verdict.AGAINST and (each.raw[-1] != " " or verdict is Verdict.CERTAIN):
            rest[each.start : each.end] = bytes(each.end - each.start)
    pattern, _ = irregular_spellings(charset.name)
    for match in pattern.finditer(joined) if pattern else ():
        rest[match.start() : match.end()] = bytes(len(match[0]))
    return rest


def _explains_everything(joined: str, judged: _Judged, own: frozenset[str]) -> bool:
    """No proof, but every letter beyond ASCII is in a likely sequence, in a text of small letters.

    Then two different pieces of typography are enough, or a no-break space behind a full stop,
    where no word ends in the capital that precedes it.
    """
    likely = [each for each, verdict in judged if verdict is Verdict.LIKELY]
    if not likely or own or len(likely) < len(judged) or "aa" not in joined:
        return False
    gaps = _gaps(joined, likely)
    if any(char.isalpha() and not char.isascii() for gap in gaps for char in gap):
        return False
    typography = {each.raw for each in likely if len(each.raw) > 2 and each.target in COMMON}
    behind_stop = any(joined[each.start - 1 : each.start] in tuple(".,;:!?)") for each in likely)
    return len(typography) > 1 or behind_stop


def _gaps(text: str, sequences: Sequence[_Sequence]) -> Iterator[str]:
    at = 0
    for each in sequences:
        yield text[at : each.start]
        at = each.end
    yield text[at:]


# --- which sequences ----------------------------------------------------------------------------


def _sequences(text: str, charset: Charset) -> Iterator[_Sequence]:
    meaning: dict[bytes, str] = {}
    for match in _SEQUENCE.finditer(charset.encode(text)):
        data = match[0]
        if data not in meaning:
            meaning[data] = _decode(data, charset)
        yield _Sequence(
            match.start(), match.end(), text[match.start() : match.end()], meaning[data]
        )


def _decode(data: bytes, charset: Charset) -> str:
    if data.endswith(b" "):
        return (data[:1] + b"\xa0").decode()
    if LOST not in data:
        return data.decode()
    return the_one({each for each in TARGETS if _could_be(each.encode(), data, charset)})


def _could_be(whole: bytes, lossy: bytes, charset: Charset) -> bool:
    return len(whole) == len(lossy) and all(
        seen == byte or (seen == LOST and byte in charset.undefined)
        for byte, seen in zip(whole, lossy, strict=True)
    )


def _chains(sequences: Iterable[_Sequence]) -> Iterator[list[_Sequence]]:
    """Sequences that touch each other, together."""
    chain: list[_Sequence] = []
    for each in sequences:
        if chain and chain[-1].end != each.start:
            yield chain
            chain = []
        chain.append(each)
    if chain:
        yield chain


def _verdicts(text: str, chain: Sequence[_Sequence]) -> list[Verdict]:
    """One verdict for each sequence of a chain.

    Whether a character fits is asked of its neighbours as they will read; whether somebody wrote
    the sequence, of the text around the chain as it is.
    """
    start, end = chain[0].start, chain[-1].end
    before, left, behind = (
        text[max(0, start - 2) : start],
        text[start - 1 : start],
        text[end : end + 1],
    )
    verdicts = []
    for at, each in enumerate(chain):
        last = at == len(chain) - 1
        follows = behind if last else chain[at + 1].target
        verdict = _verdict(before, left, each.raw, each.target, follows, behind if last else "")
        if verdict is Verdict.AGAINST and len(chain) > 1 and _is_assigned(each.target):
            verdict = Verdict.NEUTRAL  # the next layer may read well
        verdicts.append(verdict)
        before, left = before[-1:] + each.target, ""
    if max(verdicts) is Verdict.NEUTRAL and _is_foreign_word(chain):
        # The last character is left out: it may be a quotation mark that closes a genuine word.
        odd = not "".join(each.raw for each in chain)[:-1].isalpha()
        return [Verdict.ODD if odd else Verdict.LIKELY] * len(chain)
    return verdicts


@functools.lru_cache(maxsize=4096)
def _verdict(before: str, left: str, raw: str, target: str, follows: str, right: str) -> Verdict:
    fitting = fit(before, target, follows)
    if fitting is not Verdict.LIKELY:
        return fitting
    if _never_written(left, raw, target):
        return Verdict.CERTAIN
    return Verdict.ODD if _hardly_written(left, raw, right) else Verdict.LIKELY


def fit(before: str, target: str, follows: str) -> Verdict:
    """Whether the repaired character may stand between its neighbours."""
    if _within(target, SYMBOL_RANGES):
        return Verdict.LIKELY
    category = unicodedata.category(target)
    if category in ("Cc", "Mn") or (category[0] in "LP" and script_of(target) != "LATIN"):
        return Verdict.NEUTRAL
    if not _within(target, LATIN_RANGES):
        return Verdict.AGAINST
    left = before[-1:]
    shouted = len(before) == 2 and before.isalpha() and before.isupper()
    wrong_case = (left.islower() and target.isupper()) or (shouted and target.islower())
    foreign = any(script_of(char) in _WORD_SCRIPTS for char in left + follows)
    return Verdict.AGAINST if wrong_case or foreign else Verdict.LIKELY


def _never_written(left: str, raw: str, target: str) -> bool:
    """A C1 control, a capital inside a word, or letter and symbols in a knot."""
    if any("\x80" <= char <= "\x9f" for char in raw):
        return True
    if left.islower() and raw[0].isupper():
        return True
    knot = len(raw) > 2 and not all(char.isalpha() or char == "\ufffd" for char in raw)
    return knot and not target.isalpha()


def _hardly_written(left: str, raw: str, right: str) -> bool:
    """A foreign letter or a symbol inside a word, or a symbol where a letter belongs."""
    first, last = raw[0], raw[-1]
    if not first.isalpha() or script_of(first) != "LATIN":
        neighbours = left if last in " \xa0\u202f" else left + right
        return any(char.isalpha() and script_of(char) == "LATIN" for char in neighbours)
    if len(raw) > 2:
        scripts = {script_of(char) for char in raw if char.isalpha()}
        small_first = any(a.islower() and b.isupper() for a, b in itertools.pairwise(raw))
        return len(scripts) > 1 or small_first or "\ufffd" in raw
    if last in OPENING:
        return right.isalpha()
    if last in AFTER_A_WORD:
        return right.isalpha() and not left.isupper() and last not in " \xa0\u202f’"
    return not last.isalpha()


def script_of(char: str) -> str:
    """The first word of a character's Unicode name: its script, for letters.

    >>> script_of("д"), script_of("é")
    ('CYRILLIC', 'LATIN')
    """
    return unicodedata.name(char, "").partition(" ")[0]


def _is_assigned(char: str) -> bool:
    return unicodedata.category(char) not in ("Cn", "Co", "Cs")


def _within(char: str, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(low <= ord(char) <= high for low, high in ranges)


# --- edits --------------------------------------------------------------------------------------


def _edits(text: str, reading: _Reading) -> Iterator[Edit]:
    regular = sorted(_regular_edits(text, reading))
    covered = bytearray(len(text))
    for edit in regular:
        covered[edit.start : edit.end] = b"\1" * (edit.end - edit.start)
    pattern, meanings = irregular_spellings(reading.charset.name)
    irregular = [
        Edit(match.start(), match.end(), meanings[match[0]])
        for match in (pattern.finditer(text) if pattern and reading.trusted else ())
        if match[0][0] not in reading.own and not any(covered[match.start() : match.end()])
    ]
    for start, end, after in sorted(regular + irregular):
        yield Edit(start, end, after.replace("\xa0", " "))


def _regular_edits(text: str, reading: _Reading) -> Iterator[Edit]:
    for chain in _chains(_sequences(text, reading.charset)):
        verdicts = _verdicts(text, chain)
        if max(verdicts) is Verdict.CERTAIN or (
            reading.trusted
            and not any(each.raw[0] in reading.own for each in chain)
            and (len(chain) > 1 or _is_vouched_for(chain[0], verdicts[0], reading))
        ):
            edits = [
                _edit(text, each)
                for each, verdict in zip(chain, verdicts, strict=True)
                if verdict > Verdict.AGAINST
            ]
            if _is_foreign_word(chain) and len(edits) == len(chain):
                # One step a word: letter by letter nobody could read it.
                word = "".join(edit.after for edit in edits)
                edits = [Edit(chain[0].start, edits[-1].end, word)]
            yield from edits


def _is_vouched_for(sequence: _Sequence, verdict: Verdict, reading: _Reading) -> bool:
    """A sequence by itself reads well, or is a letter of a script that has words here."""
    return verdict > Verdict.NEUTRAL or _writing(sequence.target) in reading.scripts


def _edit(text: str, sequence: _Sequence) -> Edit:
    """The edit for one sequence; where a space stood for the no-break space, mind the next word.

    "Ã la" was "à la" before two spaces became one; in "Ã s", "Ã quele" the word goes on. The rule
    is the one ftfy has.
    """
    a_with_space = sequence.target == "à" and sequence.raw[-1] == " "
    if a_with_space and not _GOES_ON.match(text, sequence.end):
        return Edit(sequence.start, sequence.end - 1, "à")
    return Edit(sequence.start, sequence.end, sequence.target)
