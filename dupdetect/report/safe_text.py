r"""Text from documents, made harmless for the place where it is shown.

In: any text: passages, ids, file names, reasons. Out: the same words, with every character that
could hide, reorder, move a cursor, open a link or start markup either boxed (U+202E becomes
"⟨U+202E⟩") or escaped.

A terminal obeys C0 and C1 controls (a title, a clipboard, a colour: CWE-150), a reader is fooled by
bidirectional controls ("Trojan Source", CVE-2021-42574) and by characters without ink, and a ticket
system pings whoever stands after an "@". What is shown is for people: the exact characters are in
the JSON report, which writes the same characters as \uXXXX escapes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# Characters without ink of their own, by Unicode's Default_Ignorable_Code_Point and Bidi_Control,
# with controls, lone surrogates, noncharacters and private use, whose look nobody can foretell.
# U+FE0E and U+FE0F are left out: after an emoji they only choose its look, and are everywhere.
_HIDDEN = (
    r"\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef"
    r"\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(2**16, 2**20, 2**16))
)
_TIGHT_SPACES = r"\t\n\x0b\x0c\r"
_WIDE_SPACES = r"\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"

# One match a run of equal characters: a thousand zero-width spaces make one box.
_HIDDEN_RUN = re.compile(rf"([{_HIDDEN}])\1*")
_UNPLAIN_RUN = re.compile(rf"([{_HIDDEN}{_TIGHT_SPACES}{_WIDE_SPACES}])\1*")
# Nine marks on one letter and more are written by nobody: they are drawn over the lines around.
_PILE = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{9,}"
_BOXED = re.compile(rf"{_HIDDEN_RUN.pattern}|{_PILE}")
_BOXED_EXACT = re.compile(rf"{_UNPLAIN_RUN.pattern}|{_PILE}")
_SPACE_RUN = re.compile(rf"[ {_TIGHT_SPACES}{_WIDE_SPACES}]+")

# Blocks of scripts in whose words joiners choose the shape of letters: Arabic and Syriac, and those
# of India and Sri Lanka, one by one.
_JOINED = [
    ("\u0620", "\u06d3"),
    ("\u0710", "\u077f"),
    *((chr(start), chr(start + 0x65)) for start in range(0x0900, 0x0E00, 0x80)),
]

_JSON_UNSAFE = re.compile(rf"[{_HIDDEN}]")
_NON_ASCII = re.compile(r"[^\x00-\x7f]")

#: Characters that a box stands for where the room for a text is counted: it is wider than one, and
#: written in more.
BOX_CHARS = 20

# What GitHub, GitLab and Forgejo turn into a link, a notification or a picture after Markdown is
# rendered, so that a backslash does not stop them: mentions and mail addresses, addresses of
# pages, #123, !123, GH-123, commit hashes, :emoji:. In a code span all of them stay text.
_LIVE = re.compile(
    r"@\w|#\w|!\d|\bGH-\d|://|\bwww\.|\b(?:mailto|xmpp):|:[a-z_+-][\w+-]*:|\b[0-9a-f]{7,40}\b",
    re.IGNORECASE,
)
_MARKDOWN_PUNCTUATION = re.compile(r"[\\`*_\[\]|~$]")
# A heading, list item, rule or definition would begin here: the backslash goes behind \1.
_MARKDOWN_OPENING = re.compile(r"^(\d{1,9}(?=[.)](?: |$))|(?=[#+=:-]))")
_BACKTICKS = re.compile(r"`+")

_ASCII_FORMS = str.maketrans(
    {
        "─": "-",
        "│": "|",
        "·": "-",
        "…": "...",
        "→": "->",
        "×": "x",
        "≥": ">=",
        "⟨": "<",
        "⟩": ">",
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
        "–": "-",
        "—": "-",
    }
)


def _box(run: re.Match[str]) -> str:
    return f"⟨{_code(run)}⟩"


def _code(run: re.Match[str]) -> str:
    times = len(run.group())
    return f"U+{ord(run.group(1)):04X}{f'×{times}' if times > 1 else ''}"


@dataclass(frozen=True, slots=True)
class Box:
    """A run of one hidden character, or a pile of marks on one letter, as a box can show it.

    Attributes:
        code: which character, and how often: "U+202E", "U+200B×3"; "12 combining marks".
        name: by Unicode; of controls, which have none, "CONTROL CHARACTER".
        text: the characters themselves.
    """

    code: str
    name: str
    text: str


def pieces(text: str, *, exact: bool = False) -> Iterator[str | Box]:
    r"""Text as harmless stretches, and boxes for the characters between them.

    Args:
        text: what to show.
        exact: each character counts, so only plain spaces stay bare; else all white space is shown
            as it is, for the place that shows it to fold, and hidden characters alone are boxed.
            Joiners that make one sign of two emoji, or shape a word of a script that needs them,
            are none: what they do is seen.

    >>> list(pieces("a\u202eb"))
    ['a', Box(code='U+202E', name='RIGHT-TO-LEFT OVERRIDE', text='\u202e'), 'b']
    >>> [each.code for each in pieces("Z" + "\u0301" * 12) if isinstance(each, Box)]
    ['12 combining marks']
    """
    place = 0
    for run in (_BOXED_EXACT if exact else _BOXED).finditer(text):
        if not exact and _joins(text, run):
            continue
        if run.start() > place:
            yield text[place : run.start()]
        if run.group(1) is None:
            yield Box(f"{len(run.group()):,} combining marks", "COMBINING MARKS", run.group())
        else:
            yield Box(_code(run), unicodedata.name(run.group(1), "CONTROL CHARACTER"), run.group())
        place = run.end()
    if place < len(text):
        yield text[place:]


def _joins(text: str, run: re.Match[str]) -> bool:
    r"""Whether a run is one joiner between two emoji, or inside a word of a script that needs it.

    >>> [_joins(text, re.search("\u200d", text)) for text in ("क्\u200dष", "a\u200db", "क\u200d")]
    [True, False, False]
    """
    if run.group() not in ("\u200c", "\u200d") or run.start() == 0 or run.end() == len(text):
        return False
    before, after = text[run.start() - 1], text[run.end()]
    if unicodedata.category(after) == "So" and run.group() == "\u200d":
        return before == "\ufe0f" or unicodedata.category(before) in ("So", "Sk")
    if not (unicodedata.category(before)[0] in "LM" and unicodedata.category(after)[0] == "L"):
        return False
    return any(
        block[0] <= min(before, after) and max(before, after) <= block[1] for block in _JOINED
    )


def drawn(text: str, most: int | None, *, exact: bool = False) -> tuple[list[str | Box], int]:
    r"""The beginning of a text as it is drawn, and how many code points of it that are.

    Args:
        text: what to show.
        most: characters that may be drawn, of which a box counts for `BOX_CHARS`; None: all.
        exact: as for `pieces`.

    >>> drawn("name", 3)
    (['nam'], 3)
    >>> shown, n = drawn("\u200b\u200c" * 1000, 60)
    >>> [each.code for each in shown], n
    (['U+200B', 'U+200C', 'U+200B'], 3)
    """
    shown: list[str | Box] = []
    n = 0
    room = len(text) * BOX_CHARS if most is None else most
    # More than there can be room for, unless it is one character over and over.
    for each in pieces(text[: 4 * room], exact=exact):
        if room <= 0:
            break
        part = each if isinstance(each, Box) else each[:room]
        shown.append(part)
        n += len(part.text if isinstance(part, Box) else part)
        room -= BOX_CHARS if isinstance(part, Box) else len(part)
    return shown, n


def prose(text: str) -> str:
    r"""Text for one line or paragraph of a terminal: white space folded, hidden characters boxed.

    >>> prose("two\n words \x1b[31m")
    'two words ⟨U+001B⟩[31m'
    """
    return _HIDDEN_RUN.sub(_box, folded(text)).strip()


def folded(text: str) -> str:
    r"""Text with each run of white space as one space; line separators are none, but hidden.

    >>> folded("two\n\xa0words")
    'two words'
    """
    return _SPACE_RUN.sub(" ", text)


def literal(text: str) -> str:
    r"""Text where each character counts (ids, file names, repairs): only plain spaces stay bare.

    >>> literal("a\xa0b\n")
    'a⟨U+00A0⟩b⟨U+000A⟩'
    """
    return _UNPLAIN_RUN.sub(_box, text)


def markdown_code(text: str, *, cell: bool = False) -> str:
    r"""Text as a Markdown code span, in which nothing is markup, a link or a mention.

    Args:
        text: what to show; each character counts, as in `literal`.
        cell: it stands in a table, where a bare "|" would end the cell.

    >>> markdown_code("a`b")
    '``a`b``'
    >>> markdown_code("a|b", cell=True)
    '`a\\|b`'
    """
    shown = literal(text)
    if cell:
        # Renderers disagree on "\\|" in a code span of a table: there the pipe gets a box.
        shown = shown.replace("\\|", "\\⟨U+007C⟩").replace("|", "\\|")
    longest = max(map(len, _BACKTICKS.findall(shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if not shown.strip() or shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def markdown_prose(text: str, *, cell: bool = False) -> str:
    r"""Text as Markdown that renders as that text: no markup, HTML, link, mention or reference.

    Words that a ticket system would act upon become code spans.

    Args:
        text: what to show; white space is folded.
        cell: it stands in a table.

    >>> markdown_prose("# *Ask* @ann <b>")
    '\\# \\*Ask\\* `@ann` &lt;b&gt;'
    """
    words = prose(text).split(" ")
    shown = " ".join(
        markdown_code(word, cell=cell) if _LIVE.search(word) else _escape_markdown(word)
        for word in words
    )
    return _MARKDOWN_OPENING.sub(r"\1\\", shown)


def _escape_markdown(word: str) -> str:
    escaped = _MARKDOWN_PUNCTUATION.sub(r"\\\g<0>", word)
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_json(serialised: str, *, ascii_only: bool = False) -> str:
    r"""Serialised JSON with unsafe characters as \uXXXX: the same data, safe to print.

    Outside its strings JSON is ASCII, so replacing characters anywhere keeps its meaning. A lone
    surrogate, which UTF-8 cannot hold, becomes its escape too.

    Args:
        serialised: JSON without raw line breaks inside strings.
        ascii_only: escape every character beyond ASCII.

    >>> escape_json('"\u202e\U000e0041"')
    '"\\u202e\\udb40\\udc41"'
    """
    return (_NON_ASCII if ascii_only else _JSON_UNSAFE).sub(_json_escape, serialised)


def _json_escape(character: re.Match[str]) -> str:
    units = character.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def ascii_lines(text: str) -> str:
    """The signs of our own layout as ASCII, for an output that cannot show them.

    >>> ascii_lines("[1] × [2] ──")
    '[1] x [2] --'
    """
    return text.translate(_ASCII_FORMS)
