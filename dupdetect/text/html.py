"""The main text of an HTML page.

In: markup, decoded. Out: `MainText`: the text a reader came for, and what to know of it.
Method: the standard library's `HTMLParser`, and a stack of open elements with the rules of the
HTML standard (section 13.1.2.4) for end tags that are left out.

Left out are script, style, nav, header, footer and aside, and what no reader sees as prose:
noscript and template, controls and graphics, hidden elements, comments. The title is left out too:
it mostly repeats the headline and carries the name of the site, which all its pages share. Block
elements become line breaks, paragraphs and headings stand between empty lines, table cells between
tabs. White space folds as in a browser, outside of <pre>.

Broken markup loses no text silently. An element that is to be left out, but does not end with its
own end tag, keeps its text, and the note says so: otherwise one unclosed <nav> would swallow the
article. A page that has text only in what is left out is read as a whole, and the note says so.

`HTMLParser` is held in two ways. Its close() searches the rest of the page anew for the end of each
construct that has none: 25 kB of "<a " took Python 3.11.7 5 s, with quadratic growth. So close() is
never called: feed() stops at such a construct, and it is passed here, a bounded number of times.
And its releases differ in what they make of marked sections (3.11.7 raises AssertionError for
"<![<") and of odd comments: these are first rewritten to forms on which all releases agree.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import NamedTuple

# Gaps between stretches of text, the stronger one wins: what stands between them.
_CELL, _LINE, _PARAGRAPH = 1, 2, 3
_SEPARATORS = {_CELL: "\t", _LINE: "\n", _PARAGRAPH: "\n\n"}

_BLOCKS = {
    **dict.fromkeys("td th".split(), _CELL),
    **dict.fromkeys("body dd div dt html legend li tbody tfoot thead tr".split(), _LINE),
    **dict.fromkeys(
        "address article aside blockquote caption center details dialog dir dl fieldset figcaption "
        "figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr main menu nav ol p pre search "
        "section summary table ul".split(),
        _PARAGRAPH,
    ),
}

# Elements without content or end tag.
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())

# Their content is no markup: it ends at the first end tag of that name, whatever stands before.
_RAW = ("iframe", "noembed", "noframes", "script", "style", "textarea", "title")

# Left out even from a page that is read as a whole.
_NOT_PROSE = frozenset((*_RAW, *"audio canvas datalist select svg template video".split()))
_NOT_MAIN = _NOT_PROSE | frozenset("aside footer header nav noscript".split())

# Elements whose end tag may be left out, with the start tags that end them.
_ENDED_BY = {
    "li": frozenset({"li"}),
    **dict.fromkeys("dt dd".split(), frozenset({"dt", "dd"})),
    **dict.fromkeys("td th".split(), frozenset({"td", "th", "tr", "tbody", "tfoot"})),
    "tr": frozenset({"tr", "tbody", "tfoot"}),
    **dict.fromkeys("thead tbody tfoot".split(), frozenset({"tbody", "tfoot"})),
    "p": frozenset(_BLOCKS),
}

_SPACE = re.compile(r"[ \t\n\r\f]+")

# What releases of HTMLParser read in different ways, and what it is replaced by before.
_REWRITTEN = (
    # A marked section ends at the first ">", as a processing instruction does in all of them.
    (re.compile(r"<!\["), "<?["),
    # An empty comment, and one with "--!>", end there.
    (re.compile(r"<!---?>"), "<!---->"),
    (re.compile(r"(?<!<!)--!>"), "-->"),
    # An end tag with attributes ends a script.
    (re.compile(rf"</({'|'.join(_RAW)})[\s/][^<>]*>", re.ASCII | re.IGNORECASE), r"</\1>"),
    # Decimal digits are handed to int(), which refuses more than 4,300 of them.
    (re.compile(r"&#[0-9]{1000,};?"), "\ufffd"),
)

_MAX_FEEDS = 20  # of one page; a construct that never ends costs two, and each may be a whole scan
_GIVEN_UP = "broken in many places, so that from one of them on the tags were read as text"
_NEVER_ENDS = re.compile(r"(<(?:!--|[a-zA-Z][a-zA-Z0-9]{0,20}))(?:[^<>]*>)?")

_Attributes = list[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class MainText:
    """The main text of a page.

    Attributes:
        text: the text; "" when the page has none.
        note: what a reader must know of it; "" when the markup was sound.
    """

    text: str
    note: str = ""


def main_text(markup: str) -> MainText:
    r"""The main text of an HTML page; time and memory linear in its length.

    >>> main_text("<nav>Home</nav><h1>News</h1><p>Tea &amp; talk<br>at four.").text
    'News\n\nTea & talk\nat four.'
    >>> main_text("<nav>Home<p>News")
    MainText(text='Home\n\nNews', note='never closed, so its text was kept: <nav>')
    """
    try:
        page = _parse(markup, _Page(_NOT_MAIN, drop_hidden=True))
        text, notes = page.text(), page.notes()
        if not text.strip():
            page = _parse(markup, _Page(_NOT_PROSE, drop_hidden=False))
            text = page.text()
            if text.strip():
                notes = ["no main text was found, so the whole page was read", *page.notes()]
    except AssertionError:  # how HTMLParser refuses what it did not expect
        return MainText(markup, "the markup could not be parsed, so the tags were read as text")
    return MainText(text, "; ".join(notes))


def _parse(markup: str, page: _Page) -> _Page:
    """Hand the texts and tags of the markup to the page, in order."""
    for pattern, replacement in _REWRITTEN:
        markup = pattern.sub(replacement, markup)
    parser = _Parser(page)
    for _ in range(_MAX_FEEDS):
        parser.feed(markup)
        rest = parser.rawdata  # from the first construct that never ends
        parser.reset()  # the next feed parses the content of a script that never ends
        if "<" not in rest:
            page.add_text(html.unescape(rest))
            break
        markup = rest if len(rest) < len(markup) else _pass_construct(rest, page)
    else:
        page.add_text(html.unescape(markup))
        page.given_up = True
    page.finish()
    return page


def _pass_construct(markup: str, page: _Page) -> str:
    """Pass the construct that begins the markup and never ends; what is left of the markup."""
    construct = _NEVER_ENDS.match(markup)
    if construct:
        page.keep(construct[1])
        if construct[0].endswith(">"):  # the shape of a tag, such as <a href="x>
            return markup[construct.end() :]
    page.add_text("<")
    return markup[1:]


class _Parser(HTMLParser):
    """Hands what it parses to a page."""

    # Not every release knows all of them. Typed as final, but read through self in every release.
    CDATA_CONTENT_ELEMENTS = _RAW  # type: ignore[misc]

    def __init__(self, page: _Page) -> None:
        super().__init__(convert_charrefs=True)
        self._page = page

    def handle_data(self, data: str) -> None:
        self._page.add_text(data)

    def handle_starttag(self, tag: str, attrs: _Attributes) -> None:
        self._page.start(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._page.end(tag)


class _Element(NamedTuple):
    """An open element, and how many pieces, texts and kept elements the page had before it."""

    name: str
    left_out: bool
    n_pieces: int
    n_texts: int
    n_kept: int


class _Piece(NamedTuple):
    """A stretch of text, or a gap."""

    text: str
    gap: int = 0
    preformatted: bool = False


_BREAK = _Piece("<br>", _LINE)


class _Page:
    """What has been read of a page: pieces of text and gaps, and the elements still open."""

    def __init__(self, left_out: frozenset[str], *, drop_hidden: bool) -> None:
        self.given_up = False  # whether the markup was too broken to be parsed to its end
        self._kept: list[str] = []  # elements that were to be left out, but never ended
        self._left_out = left_out
        self._drop_hidden = drop_hidden
        self._pieces: list[_Piece] = []
        self._n_texts = 0  # pieces that are more than white space
        self._open: list[_Element] = []
        self._places: dict[str, list[int]] = {}  # of each name, its indices in _open
        self._blocks: list[int] = []  # indices in _open that an inline end tag cannot pass

    def keep(self, what: str) -> None:
        """Note that something was to be left out, but never ended."""
        self._kept.append(what)

    def add_text(self, raw: str) -> None:
        """Take over characters between tags, their entities decoded."""
        preformatted = bool(self._places.get("pre"))
        self._pieces.append(_Piece(raw if preformatted else _SPACE.sub(" ", raw), 0, preformatted))
        self._n_texts += bool(raw.strip())

    def start(self, name: str, attributes: _Attributes) -> None:
        """Take over a start tag."""
        if name == "br":
            self._pieces.append(_BREAK)
        if name in _VOID:
            self._add_gap(name)
            return
        while self._blocks and name in _ENDED_BY.get(self._open[self._blocks[-1]].name, ()):
            self._close_down_to(self._blocks[-1])
        hidden = self._drop_hidden and _is_hidden(attributes)
        left_out = hidden or name in self._left_out
        element = _Element(name, left_out, len(self._pieces), self._n_texts, len(self._kept))
        self._places.setdefault(name, []).append(len(self._open))
        if name in _BLOCKS or name in self._left_out:
            self._blocks.append(len(self._open))
        self._open.append(element)
        self._add_gap(name)

    def end(self, name: str) -> None:
        """Take over an end tag: it closes what is open inside of its element too."""
        places = self._places.get(name)
        if places:
            if self._blocks and places[-1] < self._blocks[-1] and name not in _BLOCKS:
                return  # </b> does not end the paragraph around which <b> was opened
            self._close_down_to(places[-1])
        self._add_gap(name)

    def finish(self) -> None:
        """Close what is still open at the end of the page."""
        while self._open:
            self._close_last(ended=False)

    def notes(self) -> list[str]:
        """What a reader must know of the markup."""
        kept = ", ".join(sorted(set(self._kept)))
        notes = [f"never closed, so its text was kept: {kept}"] if kept else []
        return [*notes, _GIVEN_UP] if self.given_up else notes

    def text(self) -> str:
        """The pieces in one string: spaces folded, gaps as line breaks and tabs."""
        out: list[str] = []
        gap = _PARAGRAPH  # at the start: no space, and nothing to separate
        previous = _Piece("")
        for piece in self._pieces:
            if piece.gap:
                # Two line breaks in a row are how old pages end a paragraph.
                doubled = piece is _BREAK and previous is _BREAK
                gap = max(gap, _PARAGRAPH if doubled else piece.gap)
                previous = piece
                continue
            text = piece.text
            if piece.preformatted:
                text = text.removeprefix("\n") if gap else text
            elif gap or out[-1].endswith((" ", "\n")):
                text = text.lstrip(" ")
            if not text:
                continue
            if gap and out:
                out[-1] = out[-1].rstrip(" \n")
                out.append(_SEPARATORS[gap])
            out.append(text)
            gap, previous = 0, piece
        return "".join(out).rstrip(" \n\t")

    def _add_gap(self, name: str) -> None:
        if gap := _BLOCKS.get(name):
            self._pieces.append(_Piece("", gap))

    def _close_down_to(self, place: int) -> None:
        while len(self._open) > place + 1:
            self._close_last(ended=False)
        self._close_last(ended=True)

    def _close_last(self, *, ended: bool) -> None:
        """Close the innermost element; if it was to be left out and truly ended, drop its text."""
        element = self._open.pop()
        name = element.name
        self._places[name].pop()
        if self._blocks and self._blocks[-1] == len(self._open):
            self._blocks.pop()
        if not element.left_out:
            return
        if ended or name in _ENDED_BY:
            del self._pieces[element.n_pieces :]
            del self._kept[element.n_kept :]
            self._n_texts = element.n_texts
            self._add_gap(name)
        elif self._n_texts > element.n_texts:
            self.keep(f"<{name}>" if name in self._left_out else "a hidden element")


def _is_hidden(attributes: _Attributes) -> bool:
    """Whether an element is hidden from readers, or marked as no content for them."""
    # Of attributes with one name the first counts.
    values = {name: (value or "").strip().lower() for name, value in reversed(attributes)}
    # hidden="until-found" is content that a browser unfolds when a search finds it.
    return values.get("hidden", "until-found") != "until-found" or (
        values.get("aria-hidden") == "true"
    )
